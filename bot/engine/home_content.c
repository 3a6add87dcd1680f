/* What one person sees in their Home tab. Rights as they are read now; from the engine's memory and one question to the store,
 * without any call to Intune. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"

#define DECIDE_SHOWN 10
#define CODES_SHOWN 5
#define MINE_SHOWN 8
#define FINISHED_SHOWN 10
#define FINISHED_ASKED 40 /* drafts that were never sent are among them, and are not shown */
#define LIST_MAX 10

/* A list as it is gathered: the first of them, in order, and how many there are. */
typedef struct {
    const rb_request *requests[LIST_MAX];
    size_t n, n_all, most;
    int64_t (*order)(const rb_request *request);
} gathered;

typedef struct {
    rb_home_item items[LIST_MAX];
    rb_item_values values[LIST_MAX];
} list_of_items;

typedef struct {
    gathered to_decide, codes, mine, finished;
    list_of_items lists[4];
    char form[RB_BOUND_CAP];
    rb_home home;
} content;

/* ---- which requests -------------------------------------------------------------------------------------------------- */

static int64_t by_deadline(const rb_request *request)
{
    return request->deadline.utc_ms;
}

static int64_t by_newest(const rb_request *request)
{
    return -request->created_utc_ms;
}

static int64_t by_last_end(const rb_request *request)
{
    return -request->ended.utc_ms;
}

static int64_t as_found(const rb_request *request)
{
    (void)request;
    return 0;
}

static bool comes_before(const gathered *list, const rb_request *request, const rb_request *other)
{
    int64_t first = list->order(request);
    int64_t second = list->order(other);
    return first != second ? first < second : list->order != as_found && strcmp(request->id, other->id) < 0;
}

static void gather(gathered *list, const rb_request *request)
{
    size_t at = list->n;
    list->n_all++;
    while (at > 0 && comes_before(list, request, list->requests[at - 1])) {
        at--;
    }
    if (at == list->most) {
        return;
    }
    size_t kept = list->n < list->most ? list->n : list->most - 1;
    memmove(&list->requests[at + 1], &list->requests[at], (kept - at) * sizeof *list->requests);
    list->requests[at] = request;
    list->n = kept + 1;
}

/* As the step itself will judge it (outcome.c); the press asks again. */
static bool can_be_shown(const rb_task *task, const rb_request *request)
{
    rb_now now = engine_now(task->engine);
    uint64_t boot = task->engine->config.boot;
    bool is_there = request->has_code && (request->state == RB_STATE_DONE || request->is_found_later);
    bool is_over = request->n_shown > 0 && rb_instant_age_ms(&request->first_shown, now, boot) >= RB_SHOW_WINDOW_MS;
    return is_there && !is_over && request->n_shown < RB_SHOWINGS_MAX &&
           rb_instant_age_ms(&request->ended, now, boot) < RB_WATCH_MS;
}

static void gather_all(rb_task *task, const rb_actor *actor, content *made)
{
    const rb_policy *policy = task->engine->policy;
    for (const rb_request *request = rb_task_each_request(task, NULL); request;
         request = rb_task_each_request(task, request)) {
        bool is_theirs = rb_person_equal(&request->requester.person, &actor->person);
        if (is_theirs && !rb_state_is_final(request->state)) {
            gather(&made->mine, request);
        }
        if (is_theirs && made->home.is_helpdesk && can_be_shown(task, request)) {
            gather(&made->codes, request);
        }
        if (request->state == RB_STATE_PENDING && rb_policy_may_decide(policy, actor, request) == RB_ALLOWED) {
            gather(&made->to_decide, request);
        }
    }
}

/* A draft that nobody was asked to decide left nothing to read about. */
static void gather_finished(const rb_query *ended, gathered *list)
{
    for (size_t i = 0; i < ended->n_requests && list->n < list->most; i++) {
        if (ended->requests[i].n_lines > 0) {
            gather(list, &ended->requests[i]);
        }
    }
}

/* ---- their values ------------------------------------------------------------------------------------------------------ */

/* A value that is the same in each drawing, or every drawing would differ: it ends when the request or its week does. */
static void bind(const rb_task *task, rb_bind_kind kind, const rb_request *request, const char *user,
                 char out_value[RB_BOUND_CAP])
{
    bool has_deadline = request->state == RB_STATE_DRAFT || request->state == RB_STATE_PENDING;
    int64_t end = has_deadline ? request->deadline.utc_ms : request->state_utc_ms + RB_WATCH_MS;
    rb_bound bound = {.kind = kind, .expiry_utc_s = end / RB_SECOND_MS};
    rb_copy_fit(bound.request, sizeof bound.request, request->id);
    rb_copy_fit(bound.person, sizeof bound.person, user);
    rb_bind(&task->engine->config.keys[0], &bound, request, out_value);
}

/* For as long as a Home tab may stand there without being opened, which draws it anew; the same all day. */
static void bind_form(const rb_task *task, const char *user, char out_value[RB_BOUND_CAP])
{
    int64_t days = engine_now(task->engine).utc_ms / RB_DAY_MS + 8;
    rb_bound bound = {.kind = RB_BIND_FORM, .expiry_utc_s = days * (RB_DAY_MS / RB_SECOND_MS)};
    rb_copy_fit(bound.person, sizeof bound.person, user);
    rb_bind(&task->engine->config.keys[0], &bound, NULL, out_value);
}

static bool may_be_cancelled(const rb_request *request)
{
    return request->state == RB_STATE_DRAFT || request->state == RB_STATE_PENDING ||
           request->state == RB_STATE_APPROVED || request->state == RB_STATE_INTENT;
}

/* As long as the button would live; a draft without a device has nothing to ask for again. */
static bool is_asked_again(const rb_task *task, const rb_request *request)
{
    bool is_over = request->state == RB_STATE_EXPIRED || request->state == RB_STATE_LAPSED;
    return is_over && request->device.id[0] && engine_now(task->engine).utc_ms < request->state_utc_ms + RB_WATCH_MS;
}

void rb_task_item_values(const rb_task *task, const rb_person *reader, bool is_helpdesk, rb_home_item *item,
                         rb_item_values *values)
{
    const rb_request *request = item->request;
    const char *user = reader->user;
    if (!rb_person_equal(&request->requester.person, reader)) {
        return;
    }
    if (may_be_cancelled(request)) {
        bind(task, RB_BIND_CANCEL, request, user, values->second);
        item->cancel = values->second;
    }
    if (!is_helpdesk) {
        return;
    }
    if (request->state == RB_STATE_DRAFT) {
        bind(task, RB_BIND_PREVIEW, request, user, values->first);
        item->preview = values->first;
    } else if (can_be_shown(task, request)) {
        bind(task, RB_BIND_SHOW, request, user, values->first);
        item->show = values->first;
    } else if (is_asked_again(task, request)) {
        bind(task, RB_BIND_AGAIN, request, user, values->first);
        item->again = values->first;
    }
}

static bool need_items(rb_task *task, const content *made, const gathered *list, bool has_links, list_of_items *to,
                       rb_home_list *out)
{
    bool is_ready = true;
    for (size_t i = 0; i < list->n; i++) {
        rb_home_item *item = &to->items[i];
        *item = (rb_home_item){.request = list->requests[i], .link = ""};
        is_ready = (!has_links || rb_need_card_link(task, item->request, &item->link)) && is_ready;
        rb_task_item_values(task, &task->reader, made->home.is_helpdesk, item, &to->values[i]);
    }
    *out = (rb_home_list){to->items, list->n, list->n_all - list->n};
    return is_ready;
}

/* ---- who ------------------------------------------------------------------------------------------------------------------ */

static void judge_role(const rb_policy *policy, const rb_actor *actor, rb_role role, bool *out_has, rb_home *out)
{
    rb_denial denial = rb_policy_role_of(policy, actor, role);
    *out_has = denial == RB_ALLOWED;
    if (denial == RB_NO_PEOPLE_ENTRY && actor->roles[role]) {
        out->hindered = denial;
    }
}

static void judge(const rb_policy *policy, const rb_actor *actor, rb_home *out)
{
    bool is_reader = false;
    bool is_admin = false;
    out->member = rb_policy_member(actor);
    if (actor->group_unreadable) {
        out->hindered = RB_NO_GROUP_UNREADABLE;
    }
    judge_role(policy, actor, RB_ROLE_HELPDESK, &out->is_helpdesk, out);
    judge_role(policy, actor, RB_ROLE_APPROVER, &out->is_approver, out);
    judge_role(policy, actor, RB_ROLE_AUDIT, &is_reader, out);
    judge_role(policy, actor, RB_ROLE_ADMIN, &is_admin, out);
    out->is_looking_on = is_reader || is_admin;
}

/* ---- all of it -------------------------------------------------------------------------------------------------------------- */

static bool need_content(rb_task *task, const rb_actor *actor, content *made)
{
    const rb_query *ended = NULL;
    rb_query query = {.kind = RB_QUERY_FINISHED,
                      .person = &task->reader,
                      .since_utc_ms = engine_now(task->engine).utc_ms - RB_WATCH_MS,
                      .max = FINISHED_ASKED};
    if (made->home.member != RB_ALLOWED) {
        return true;
    }
    if (!rb_need_query(task, "finished", &query, &ended)) {
        return false;
    }
    gather_all(task, actor, made);
    gather_finished(ended, &made->finished);
    bool is_ready = need_items(task, made, &made->to_decide, true, &made->lists[0], &made->home.to_decide);
    is_ready = need_items(task, made, &made->codes, false, &made->lists[1], &made->home.codes) && is_ready;
    is_ready = need_items(task, made, &made->mine, true, &made->lists[2], &made->home.mine) && is_ready;
    is_ready = need_items(task, made, &made->finished, false, &made->lists[3], &made->home.finished) && is_ready;
    if (made->home.is_helpdesk && !task->engine->policy->frozen) {
        bind_form(task, task->reader.user, made->form);
        made->home.form = made->form;
    }
    return is_ready;
}

/* The next end of the time in which a code that was shown before can be shown again: nothing is committed then. */
static int64_t next_end(const rb_task *task, const gathered *codes)
{
    rb_now now = engine_now(task->engine);
    int64_t end = INT64_MAX;
    for (size_t i = 0; i < codes->n; i++) {
        const rb_request *request = codes->requests[i];
        int64_t left = RB_SHOW_WINDOW_MS - rb_instant_age_ms(&request->first_shown, now, task->engine->config.boot);
        if (request->n_shown > 0 && now.boot_ms + left < end) {
            end = now.boot_ms + left;
        }
    }
    return end;
}

static bool need_drawn(rb_task *task, const rb_actor *actor, content *made, home_seen *out_seen)
{
    made->to_decide = (gathered){.most = DECIDE_SHOWN, .order = by_deadline};
    made->codes = (gathered){.most = CODES_SHOWN, .order = by_last_end};
    made->mine = (gathered){.most = MINE_SHOWN, .order = by_newest};
    made->finished = (gathered){.most = FINISHED_SHOWN, .order = as_found};
    judge(task->engine->policy, actor, &made->home);
    if (!need_content(task, actor, made)) {
        return false;
    }
    rb_words words = rb_task_words_for(task, actor->locale);
    rb_word_home(&words, &made->home, rb_task_message(task));
    *out_seen = (home_seen){.is_known = true,
                            .is_unsure = made->home.hindered == RB_NO_GROUP_UNREADABLE,
                            .may_decide = made->home.is_approver || made->home.hindered != RB_ALLOWED,
                            .end_boot_ms = next_end(task, &made->codes)};
    return true;
}

bool engine_need_home(rb_task *task, home_seen *out_seen)
{
    const rb_chat_result *person = NULL;
    rb_actor actor;
    *out_seen = (home_seen){.end_boot_ms = INT64_MAX};
    bool is_ready = engine_need_person(task, task->reader.user, &person);
    is_ready = rb_need_actor(task, &task->reader, &actor) && is_ready;
    if (!is_ready) {
        return false;
    }
    if (person->outcome != RB_CHAT_OK) { /* not "I do not know you" in the place of what stands there */
        return true;
    }
    content *made = calloc(1, sizeof *made);
    assert(made && "out of memory for a Home tab");
    is_ready = need_drawn(task, &actor, made, out_seen);
    free(made);
    return is_ready;
}
