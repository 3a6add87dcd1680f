/* /passcode take R-...: typing takes nothing. Its requester or an approver presses, and then everything is checked again. */
#include "commands.h"

static rb_progress run(rb_task *task, const rb_actor *actor)
{
    const rb_request *request = NULL;
    rb_progress progress;
    if (!command_need_request(task, &request, &progress)) {
        return progress;
    }
    bool is_own = rb_person_equal(&request->requester.person, &actor->person);
    if (request->state == RB_STATE_DRAFT && !is_own) { /* nobody else knows that it is there */
        return command_no_such_request(task) ? RB_FINISHED : RB_WAIT;
    }
    return rb_flow_take(task, actor, request);
}

const rb_command RB_COMMAND_TAKE = {
    .name = "take",
    .usage = RB_T("<request>"),
    .summary = RB_T("Go on with a colleague's request, after they hand it over or an approver lets you."),
    .example = "take R-7K3F",
    .roles = {[RB_ROLE_HELPDESK] = true},
    .run = run,
};
