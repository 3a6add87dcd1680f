/* /passcode devices <user> */
#include "commands.h"

static rb_progress run(rb_task *task, const rb_actor *actor)
{
    rb_intent intent = *rb_task_intent(task);
    rb_words words = rb_task_words(task);
    rb_pick *picks = NULL;
    size_t n = 0;
    rb_progress progress;
    bool is_named = intent.target_kind != RB_TARGET_NONE && intent.target_kind != RB_TARGET_REQUEST;
    if (!is_named || intent.is_target_too_long) {
        rb_task_say(task, "Whose devices? Type {root} devices name@example.com, or a serial number.",
                    (rb_arg[]){{"root", words.root}, {NULL, NULL}});
        return RB_FINISHED;
    }
    if (!rb_flow_devices(task, actor, &intent, &picks, &n, &progress)) {
        return progress;
    }
    rb_message *message = rb_task_message(task);
    rb_word_devices(&words, intent.target, picks, n, message);
    rb_task_answer(task, message, false);
    return RB_FINISHED;
}

const rb_command RB_COMMAND_DEVICES = {
    .name = "devices",
    .usage = RB_T("<user>"),
    .summary = RB_T("The user's devices, each with what a reset would do there, or why it cannot."),
    .example = "devices adele@contoso.com",
    .roles = {[RB_ROLE_HELPDESK] = true},
    .is_read_only = true,
    .run = run,
};
