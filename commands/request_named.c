#include "commands.h"

bool command_need_request(rb_task *task, const rb_request **out_request, rb_progress *out_progress)
{
    const rb_intent *intent = rb_task_intent(task);
    rb_words words = rb_task_words(task);
    if (intent->target_kind != RB_TARGET_REQUEST) {
        rb_task_say_next(task,
                         "Which request? Name it, such as {root} {verb} R-7K3F. The list has what is open. Nothing was "
                         "done.",
                         (rb_arg[]){{"root", words.root}, {"verb", intent->verb}, {NULL, NULL}}, "list", "");
        *out_progress = RB_FINISHED;
        return false;
    }
    *out_progress = RB_WAIT;
    if (!rb_need_request(task, intent->target, out_request)) {
        return false;
    }
    if (!*out_request) {
        rb_task_say_next(task, "I have no request {id}. The list has what is open. Nothing was done.",
                         (rb_arg[]){{"id", intent->target}, {NULL, NULL}}, "list", "");
        *out_progress = RB_FINISHED;
        return false;
    }
    return true;
}
