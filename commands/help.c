/* /passcode help: only what this person may do. */
#include <stdio.h>

#include "commands.h"

static bool may_use(const rb_command *command, const rb_actor *actor)
{
    bool needs_role = false;
    for (int role = 0; role < RB_ROLES; role++) {
        if (command->roles[role] && actor->roles[role]) {
            return true;
        }
        needs_role = needs_role || command->roles[role];
    }
    return !needs_role;
}

static rb_progress run(rb_task *task, const rb_actor *actor)
{
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    bool has_role = false;
    for (int role = 0; role < RB_ROLES; role++) {
        has_role = has_role || actor->roles[role];
    }
    for (size_t i = 0; RB_COMMANDS[i]; i++) {
        const rb_command *command = RB_COMMANDS[i];
        if (!may_use(command, actor)) {
            continue;
        }
        char line[RB_DETAIL_CAP];
        char example[RB_DETAIL_CAP];
        snprintf(line, sizeof line, "%s %s %s", words.root, command->name, command->usage);
        snprintf(example, sizeof example, "%s %s", words.root, command->example);
        rb_message_para(message);
        rb_message_bold(message, line);
        rb_message_text(message, "\n");
        rb_message_text(message, rb_word_text(&words, command->summary));
        rb_message_text(message, "\n");
        rb_message_code(message, example);
    }
    if (!has_role) {
        rb_word_say(
            &words, message,
            "You have no role here yet, so you can only read this. Ask an administrator to add you to the policy "
            "(helpdesk or approvers).",
            (rb_arg[]){{NULL, NULL}});
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
