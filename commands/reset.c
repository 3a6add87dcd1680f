/* /passcode reset <user, name, serial or device id> [reason] [ticket] */
#include "commands.h"

static rb_progress run(rb_task *task, const rb_actor *actor)
{
    const rb_intent *intent = rb_task_intent(task);
    (void)actor;
    if (intent->is_reason_secret) {
        rb_task_say_next(task,
                         "That reason looks like a passcode or password, so I stored nothing of it and did nothing. "
                         "Nobody needs it here: type the command again without it. If others could read it, change it.",
                         (rb_arg[]){{NULL, NULL}}, intent->verb, intent->target);
        rb_task_record(task, "refused", "", RB_T("the reason looked like a passcode; it was not stored"));
        return RB_FINISHED;
    }
    if (intent->is_target_too_long) {
        rb_task_say_next(task, "That is too long for a user name, serial number or device id. Nothing was done.",
                         (rb_arg[]){{NULL, NULL}}, "reset", "name@example.com");
        return RB_FINISHED;
    }
    if (intent->is_reason_too_long) {
        rb_task_say_next(
            task,
            "That is too long: a reason has at most 500 characters. Nothing was done. Shorten it and send it again.",
            (rb_arg[]){{NULL, NULL}}, intent->verb, intent->target);
        return RB_FINISHED;
    }
    if (intent->target_kind == RB_TARGET_NONE) {
        return rb_flow_form(task);
    }
    if (intent->target_kind == RB_TARGET_REQUEST) {
        rb_task_say_next(
            task,
            "{id} is a request, not a device. To reset a device name its user, serial number or device id. "
            "Nothing was done.",
            (rb_arg[]){{"id", intent->target}, {NULL, NULL}}, "status", intent->target);
        return RB_FINISHED;
    }
    return rb_flow_find(task, intent, NULL, 0);
}

static const char *const ALIASES[] = {"remove", "pin", NULL};

const rb_command RB_COMMAND_RESET = {
    .name = "reset",
    .aliases = ALIASES,
    .usage = RB_T("<user, name, serial or device id> [reason] [ticket]"),
    .summary = RB_T("Reset or remove a device passcode: a private preview first, then a request for approval. Without "
                    "arguments a form opens."),
    .example = "reset adele@contoso.com locked out after the update INC0012345",
    .roles = {[RB_ROLE_HELPDESK] = true},
    .run = run,
};
