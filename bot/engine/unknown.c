/* What is no command: the nearest one that this person may use, as they would have to type it. */
#include <string.h>

#include "engine/internal.h"
#include "resetbot/text.h"

#define NAMES_MAX 64

/* Every word that begins a command of theirs: names and aliases, ended by NULL. */
static void names_of(const rb_task *task, const rb_actor *actor, const char *out_names[NAMES_MAX])
{
    const rb_command *const *commands = task->engine->config.commands;
    size_t n = 0;
    for (size_t i = 0; commands[i]; i++) {
        bool may = engine_may_use(task->engine->policy, actor, commands[i]) == RB_ALLOWED;
        const char *const *alias = commands[i]->aliases;
        for (const char *name = commands[i]->name; may && name && n < NAMES_MAX - 1; name = alias ? *alias++ : NULL) {
            out_names[n++] = name;
        }
    }
    out_names[n] = NULL;
}

static bool has_name(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

/* Somebody, a device or a request alone: the command was left out. A serial number could be any word. */
static const char *left_out(const char *const *names, rb_str first)
{
    rb_intent intent = {0};
    rb_grammar_target(first, &intent);
    bool is_target = intent.target_kind == RB_TARGET_USER || intent.target_kind == RB_TARGET_MENTION ||
                     intent.target_kind == RB_TARGET_DEVICE_ID;
    const char *name = is_target ? "reset" : intent.target_kind == RB_TARGET_REQUEST ? "status" : NULL;
    return name && has_name(names, name) ? name : NULL;
}

/* The command as it may have been meant, with all that was typed behind it; "": no idea. Gives the wrong word, or NULL. */
static const char *add_meant(const rb_task *task, const rb_actor *actor, rb_buf *out)
{
    const char *names[NAMES_MAX];
    rb_buf typed;
    rb_buf_init(&typed, RB_COMMAND_TEXT_CAP);
    names_of(task, actor, names);
    bool is_whole = rb_word_typed(task->delivery->text, &typed);
    rb_str all = rb_buf_str(&typed);
    rb_str rest = all;
    const char *added = left_out(names, rb_str_word(&rest));
    const char *name = added ? added : rb_grammar_nearest(task->intent.verb, names);
    rb_str behind = rb_str_trim(added ? all : rest);
    rb_buf_adds(out, name ? name : "");
    if (name && is_whole && behind.len) {
        rb_buf_adds(out, " ");
        rb_buf_add(out, behind);
    }
    rb_buf_fini(&typed);
    return name && !added ? task->intent.verb : NULL;
}

rb_progress engine_unknown_command(rb_task *task, const rb_actor *actor)
{
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_buf meant;
    rb_buf_init(&meant, RB_COMMAND_TEXT_CAP + RB_WORD_CAP);
    const char *wrong = add_meant(task, actor, &meant);
    if (wrong) {
        rb_word_say(&words, message, "There is no command {verb}. Nothing was done.",
                    (rb_arg[]){{"verb", wrong}, {NULL, NULL}});
    } else {
        rb_word_say(&words, message, "I do not know that command. Nothing was done.", (rb_arg[]){{NULL, NULL}});
    }
    if (meant.len) {
        rb_word_did_you_mean(&words, message, rb_buf_cstr(&meant), "");
    }
    rb_word_next(&words, message, "help");
    rb_task_answer(task, message, false);
    rb_buf_fini(&meant);
    return RB_FINISHED;
}
