/* /passcode status [request], /passcode list */
#include "commands.h"

static bool is_own_draft(const rb_request *request, const rb_actor *actor)
{
    return request->state == RB_STATE_DRAFT && rb_person_equal(&request->requester.person, &actor->person);
}

static rb_progress all(rb_task *task, const rb_actor *actor)
{
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    size_t shown = 0;
    size_t left_out = 0;
    for (const rb_request *request = rb_task_each_request(task, NULL); request;
         request = rb_task_each_request(task, request)) {
        if (!is_own_draft(request, actor) && !rb_state_is_open(request->state)) {
            continue;
        }
        if (left_out == 0 && rb_word_has_room(message)) {
            rb_word_status(&words, request, message);
            shown++;
        } else {
            left_out++;
        }
    }
    if (shown == 0) {
        rb_word_say(&words, message, "Nothing is open, and you have no draft.", (rb_arg[]){{NULL, NULL}});
        rb_word_next(&words, message, actor->roles[RB_ROLE_HELPDESK] ? "reset name@example.com" : "help");
    }
    if (left_out) {
        char count[RB_WORD_CAP];
        rb_buf text;
        rb_buf_init(&text, sizeof count - 1);
        rb_buf_addf(&text, "%zu", left_out);
        rb_copy_fit(count, sizeof count, rb_buf_cstr(&text));
        rb_buf_fini(&text);
        rb_word_say(&words, message, "And {n} more: {root} status <request> shows any of them.",
                    (rb_arg[]){{"n", count}, {"root", words.root}, {NULL, NULL}});
    }
    rb_task_answer(task, message, false);
    return RB_FINISHED;
}

static rb_progress run_list(rb_task *task, const rb_actor *actor)
{
    return all(task, actor);
}

static rb_progress run_status(rb_task *task, const rb_actor *actor)
{
    const rb_request *request = NULL;
    rb_progress progress;
    if (rb_task_intent(task)->target_kind == RB_TARGET_NONE) {
        return all(task, actor);
    }
    if (!command_need_request(task, &request, &progress)) {
        return progress;
    }
    if (is_own_draft(request, actor)) {
        return rb_flow_draft(task, request);
    }
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    if (request->state == RB_STATE_DRAFT) {
        rb_word_say(&words, message, "{id} is somebody else's draft; only they see it. Nothing was done.",
                    (rb_arg[]){{"id", request->id}, {NULL, NULL}});
        rb_word_next(&words, message, "list");
    } else {
        rb_word_status(&words, request, message);
        if (rb_person_equal(&request->requester.person, &actor->person)) {
            rb_words owner_words = rb_task_words_for(task, request->owner_locale);
            rb_word_for_owner(&words, &owner_words, request, message);
        }
    }
    rb_task_answer(task, message, false);
    return RB_FINISHED;
}

const rb_command RB_COMMAND_STATUS = {
    .name = "status",
    .usage = RB_T("[request]"),
    .summary = RB_T("One request with its next step and deadline; brings a lost preview or pick list back."),
    .example = "status R-7K3F",
    .roles = {[RB_ROLE_HELPDESK] = true, [RB_ROLE_APPROVER] = true},
    .is_read_only = true,
    .run = run_status,
};

const rb_command RB_COMMAND_LIST = {
    .name = "list",
    .usage = "",
    .summary = RB_T("Your drafts and the open requests."),
    .example = "list",
    .roles = {[RB_ROLE_HELPDESK] = true, [RB_ROLE_APPROVER] = true},
    .is_read_only = true,
    .run = run_list,
};
