/* /passcode approve R-..., /passcode deny R-...: typed words decide nothing (S4). They answer with the whole card, privately,
 * with buttons that work for this person alone. */
#include "commands.h"

static rb_progress run(rb_task *task, const rb_actor *actor)
{
    const rb_request *request = NULL;
    rb_progress progress;
    if (!command_need_request(task, &request, &progress)) {
        return progress;
    }
    if (request->state == RB_STATE_DRAFT) {
        rb_task_say_next(task, "{id} is a draft that its requester has not sent yet. Nothing was done.",
                         (rb_arg[]){{"id", request->id}, {NULL, NULL}}, "list", "");
        return RB_FINISHED;
    }
    if (request->state != RB_STATE_PENDING) {
        rb_words words = rb_task_words(task);
        rb_message *message = rb_task_message(task);
        rb_word_step(&words, RB_STEP_ALREADY_DECIDED, request, message);
        rb_task_answer(task, message, false);
        return RB_FINISHED;
    }
    rb_denial denial = rb_policy_may_decide(rb_task_policy(task), actor, request);
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, &request->device, &request->support, request);
        return RB_FINISHED;
    }
    char approve[RB_BOUND_CAP];
    char deny[RB_BOUND_CAP];
    rb_task_bind(task, RB_BIND_APPROVE, request, actor->person.user, NULL, approve);
    rb_task_bind(task, RB_BIND_DENY, request, actor->person.user, NULL, deny);
    rb_card_buttons buttons = {.approve = approve, .deny = deny};
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_card(&words, request, &buttons, false, message);
    rb_task_answer(task, message, false);
    rb_task_shows_card(task, request);
    return RB_FINISHED;
}

const rb_command RB_COMMAND_APPROVE = {
    .name = "approve",
    .usage = RB_T("<request>"),
    .summary = RB_T("See a request again, privately, with its buttons. Typing alone approves nothing."),
    .example = "approve R-7K3F",
    .roles = {[RB_ROLE_APPROVER] = true},
    .is_read_only = true,
    .run = run,
};

const rb_command RB_COMMAND_DENY = {
    .name = "deny",
    .usage = RB_T("<request>"),
    .summary = RB_T("See a request again, privately, with its buttons. Typing alone denies nothing."),
    .example = "deny R-7K3F",
    .roles = {[RB_ROLE_APPROVER] = true},
    .is_read_only = true,
    .run = run,
};
