/* /passcode cancel R-... */
#include "commands.h"

static void answer_outcome(rb_task *task, rb_step_result result, const rb_request *request)
{
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    if (result == RB_STEP_APPLIED) {
        rb_word_cancelled(&words, request, message);
    } else {
        rb_word_step(&words, result, request, message);
        rb_task_record(task, rb_note_name(RB_NOTE_CANCEL_TOO_LATE), request->id, rb_state_name(request->state));
    }
    rb_task_answer(task, message, false);
}

static rb_progress run(rb_task *task, const rb_actor *actor)
{
    const rb_request *request = NULL;
    rb_progress progress;
    if (!command_need_request(task, &request, &progress)) {
        return progress;
    }
    rb_denial denial = rb_policy_may_cancel(rb_task_policy(task), actor, request);
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, NULL, NULL, request);
        return RB_FINISHED;
    }
    rb_event event = {.kind = RB_EV_CANCEL, .actor = actor};
    answer_outcome(task, rb_task_step(task, request, &event), request);
    return RB_FINISHED;
}

const rb_command RB_COMMAND_CANCEL = {
    .name = "cancel",
    .usage = RB_T("<request>"),
    .summary = RB_T("Take a request back, as long as it is not sent to Intune."),
    .example = "cancel R-7K3F",
    .roles = {[RB_ROLE_HELPDESK] = true, [RB_ROLE_APPROVER] = true},
    .is_for_requester = true,
    .run = run,
};
