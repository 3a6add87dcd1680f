/* /passcode devices <user or part of a name> */
#include "commands.h"

static rb_progress run(rb_task *task, const rb_actor *actor)
{
    rb_intent intent = *rb_task_intent(task);
    bool is_named = intent.target_kind != RB_TARGET_NONE && intent.target_kind != RB_TARGET_REQUEST;
    if (!is_named || intent.is_target_too_long) {
        rb_task_say_next(
            task, "Whose devices? Name their user, part of the user's name, or a serial number. Nothing was done.",
            (rb_arg[]){{NULL, NULL}}, "devices", "name@example.com");
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
