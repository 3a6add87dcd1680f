/* /passcode status [request], /passcode list */
#include "commands.h"

static bool is_own_draft(const rb_request *request, const rb_actor *actor)
{
    return request->state == RB_STATE_DRAFT && rb_person_equal(&request->requester.person, &actor->person);
}

#define LINKS_MAX 12 /* in one list; each may be a call */

static bool is_helpdesk(const rb_task *task, const rb_actor *actor)
{
    return rb_policy_role_of(rb_task_policy(task), actor, RB_ROLE_HELPDESK) == RB_ALLOWED;
}

static bool is_listed(const rb_request *request, const rb_actor *actor)
{
    return is_own_draft(request, actor) || rb_state_is_open(request->state);
}

/* first: the id of the first one that found no room. */
static void count_left_out(const rb_words *words, size_t left_out, const char *first, rb_message *message)
{
    char count[RB_WORD_CAP];
    rb_buf text;
    rb_buf_init(&text, sizeof count - 1);
    rb_buf_addf(&text, "%zu", left_out);
    rb_copy_fit(count, sizeof count, rb_buf_cstr(&text));
    rb_buf_fini(&text);
    rb_word_say(words, message, "And {n} more.", (rb_arg[]){{"n", count}, {NULL, NULL}});
    rb_word_next_filled(words, message, "status", first);
}

/* The links of the first ones; false: not yet. */
static bool need_links(rb_task *task, const rb_actor *actor)
{
    size_t n = 0;
    bool is_ready = true;
    for (const rb_request *request = rb_task_each_request(task, NULL); request && n < LINKS_MAX;
         request = rb_task_each_request(task, request)) {
        const char *link = "";
        if (is_listed(request, actor)) {
            is_ready = rb_need_card_link(task, request, &link) && is_ready;
            n++;
        }
    }
    return is_ready;
}

static void add_item(rb_task *task, const rb_words *words, const rb_actor *actor, const rb_request *request,
                     bool has_link, rb_message *message)
{
    rb_item_values values;
    rb_home_item item = {.request = request, .link = ""};
    if (has_link && !rb_need_card_link(task, request, &item.link)) {
        item.link = ""; /* never: it was read */
    }
    rb_task_item_values(task, &actor->person, is_helpdesk(task, actor), &item, &values);
    rb_word_status_item(words, &item, message);
}

static rb_progress all(rb_task *task, const rb_actor *actor)
{
    size_t shown = 0;
    size_t left_out = 0;
    const char *first_left_out = "";
    if (!need_links(task, actor)) {
        return RB_WAIT;
    }
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    for (const rb_request *request = rb_task_each_request(task, NULL); request;
         request = rb_task_each_request(task, request)) {
        if (!is_listed(request, actor)) {
            continue;
        }
        if (left_out == 0 && rb_word_has_room(message)) {
            add_item(task, &words, actor, request, shown < LINKS_MAX, message);
            shown++;
        } else {
            first_left_out = left_out++ ? first_left_out : request->id;
        }
    }
    if (shown == 0) {
        rb_word_say(&words, message, "Nothing is open, and you have no draft.", (rb_arg[]){{NULL, NULL}});
        rb_word_next(&words, message, is_helpdesk(task, actor) ? "reset name@example.com" : "help");
    }
    if (left_out) {
        count_left_out(&words, left_out, first_left_out, message);
    }
    rb_task_answer(task, message, false);
    return RB_FINISHED;
}

static rb_progress run_list(rb_task *task, const rb_actor *actor)
{
    return all(task, actor);
}

static rb_progress somebody_elses(rb_task *task, const rb_request *draft)
{
    rb_task_say_next(task, "{id} is somebody else's draft; only they see it. Nothing was done.",
                     (rb_arg[]){{"id", draft->id}, {NULL, NULL}}, "list", "");
    return RB_FINISHED;
}

static rb_progress one(rb_task *task, const rb_actor *actor, const rb_request *request)
{
    const char *link = "";
    if (!rb_need_card_link(task, request, &link)) {
        return RB_WAIT;
    }
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    add_item(task, &words, actor, request, true, message);
    if (rb_person_equal(&request->requester.person, &actor->person)) {
        rb_words owner_words = rb_task_words_for(task, request->owner_locale);
        rb_word_for_owner(&words, &owner_words, request, message);
    }
    bool may_decide =
        request->state == RB_STATE_PENDING && rb_policy_may_decide(rb_task_policy(task), actor, request) == RB_ALLOWED;
    rb_message_para(message);
    rb_word_next_filled(&words, message, may_decide ? "approve" : "list", may_decide ? request->id : "");
    rb_task_answer(task, message, false);
    return RB_FINISHED;
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
    if (request->state == RB_STATE_DRAFT) {
        return is_own_draft(request, actor) ? rb_flow_draft(task, request) : somebody_elses(task, request);
    }
    return one(task, actor, request);
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
