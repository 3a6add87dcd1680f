/* /passcode devices <user or part of a name> */
#include "commands.h"

static rb_progress run(rb_task *task, const rb_actor *actor)
{
    rb_intent intent = *rb_task_intent(task);
    rb_words words = rb_task_words(task);
    bool is_named = intent.target_kind != RB_TARGET_NONE && intent.target_kind != RB_TARGET_REQUEST;
    if (!is_named || intent.is_target_too_long) {
        rb_task_say(task, "Whose devices? Type {root} devices name@example.com, or a serial number.",
                    (rb_arg[]){{"root", words.root}, {NULL, NULL}});
        return RB_FINISHED;
    }
    rb_grammar_whole_name(&intent);
    return rb_flow_show_devices(task, actor, &intent);
}

const rb_command RB_COMMAND_DEVICES = {
    .name = "devices",
    .usage = RB_T("<user or part of a name>"),
    .summary = RB_T("The user's devices, each with what a reset would do there, or why it cannot."),
    .example = "devices adele@contoso.com",
    .roles = {[RB_ROLE_HELPDESK] = true},
    .is_read_only = true,
    .run = run,
};
