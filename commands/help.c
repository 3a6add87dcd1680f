/* /passcode help: only what this person may do, grouped by what they are here. */
#include <stdio.h>

#include "commands.h"

/* In the order of help; RB_ROLES: everybody. */
static const struct {
    int role;
    const char *heading;
} GROUPS[] = {
    {RB_ROLE_HELPDESK, RB_T("For the helpdesk")},
    {RB_ROLE_APPROVER, RB_T("For approvers")},
    {RB_ROLE_AUDIT, RB_T("For readers of the record")},
    {RB_ROLE_ADMIN, RB_T("For administrators")},
    {RB_ROLES, RB_T("For everybody")},
};

#define N_GROUPS (sizeof GROUPS / sizeof *GROUPS)

/* The first group of this person that the command belongs to; N_GROUPS: they may not use it. */
static size_t group_of(const rb_command *command, const rb_actor *actor)
{
    bool needs_role = false;
    for (int role = 0; role < RB_ROLES; role++) {
        needs_role = needs_role || command->roles[role];
    }
    for (size_t i = 0; i < N_GROUPS; i++) {
        int role = GROUPS[i].role;
        bool is_theirs = role == RB_ROLES ? !needs_role : command->roles[role] && actor->roles[role];
        if (is_theirs) {
            return i;
        }
    }
    return N_GROUPS;
}

static void add_command(const rb_words *words, const rb_command *command, rb_message *message)
{
    char line[RB_DETAIL_CAP];
    char example[RB_DETAIL_CAP];
    const char *usage = command->usage[0] ? rb_word_text(words, command->usage) : "";
    snprintf(line, sizeof line, "%s %s%s%s", words->root, command->name, usage[0] ? " " : "", usage);
    snprintf(example, sizeof example, "%s %s", words->root, command->example);
    rb_message_para(message);
    rb_message_bold(message, line);
    rb_message_text(message, "\n");
    rb_message_text(message, rb_word_text(words, command->summary));
    rb_message_text(message, "\n");
    rb_message_code(message, example);
}

static void add_group(const rb_words *words, size_t group, const rb_actor *actor, rb_message *message)
{
    bool is_begun = false;
    for (size_t i = 0; RB_COMMANDS[i]; i++) {
        if (group_of(RB_COMMANDS[i], actor) != group) {
            continue;
        }
        if (!is_begun) {
            rb_message_small(message);
            rb_message_text(message, rb_word_text(words, GROUPS[group].heading));
            is_begun = true;
        }
        add_command(words, RB_COMMANDS[i], message);
    }
}

static void whom_to_ask(const rb_words *words, const char *names, rb_message *message)
{
    rb_word_say(words, message,
                "You have no role here yet, so you can only read this. Ask an administrator of resetbot to add you to "
                "the policy file (helpdesk or approvers).",
                (rb_arg[]){{NULL, NULL}});
    if (names[0]) {
        rb_word_say(words, message, "Administrators: {names}.", (rb_arg[]){{"names", names}, {NULL, NULL}});
    }
}

static rb_progress run(rb_task *task, const rb_actor *actor)
{
    rb_words words = rb_task_words(task);
    char names[RB_DETAIL_CAP] = "";
    bool has_role = false;
    for (int role = 0; role < RB_ROLES; role++) {
        has_role = has_role || actor->roles[role];
    }
    if (!has_role && !rb_need_names(task, RB_ROLE_ADMIN, names)) {
        return RB_WAIT;
    }
    rb_message *message = rb_task_message(task);
    for (size_t group = 0; group < N_GROUPS; group++) {
        add_group(&words, group, actor, message);
    }
    if (!has_role) {
        whom_to_ask(&words, names, message);
    }
    rb_task_answer(task, message, false);
    return RB_FINISHED;
}

const rb_command RB_COMMAND_HELP = {
    .name = "help",
    .usage = "",
    .summary = RB_T("What you may do here, with an example each."),
    .example = "help",
    .is_read_only = true,
    .run = run,
};
