/* The facts that policy and people ask about, made of calls and queries. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/text.h"

#define EARLIER_SHOWN 3

/* ---- people -------------------------------------------------------------------------------------------------------- */

bool engine_need_person(rb_task *task, const char *user, const rb_chat_result **out_result)
{
    char key[FACT_KEY_CAP];
    snprintf(key, sizeof key, "person:%s", user);
    rb_chat_call call = {.kind = RB_CHAT_PERSON, .user = user};
    return rb_need_chat(task, key, &call, out_result);
}

static bool need_group(rb_task *task, const char *group, const rb_chat_result **out_result)
{
    char key[FACT_KEY_CAP];
    snprintf(key, sizeof key, "group:%s", group);
    rb_chat_call call = {.kind = RB_CHAT_GROUP, .group = group};
    return rb_need_chat(task, key, &call, out_result);
}

static bool is_member(const rb_chat_result *group, const char *user)
{
    for (size_t i = 0; i < group->n_items; i++) {
        if (strcmp(group->items[i], user) == 0) {
            return true;
        }
    }
    return false;
}

/* A group that cannot be read never allows (issue: Who may). */
static bool need_role(rb_task *task, rb_role role, rb_actor *actor)
{
    const rb_policy_role *members = &task->engine->policy->roles[role];
    bool is_ready = true;
    actor->roles[role] = rb_policy_lists(task->engine->policy, role, actor->person.user);
    for (size_t i = 0; i < members->n_groups && !actor->roles[role]; i++) {
        const rb_chat_result *group = NULL;
        if (!need_group(task, members->groups[i], &group)) {
            is_ready = false;
        } else if (group->outcome != RB_CHAT_OK) {
            actor->group_unreadable = true;
        } else if (is_member(group, actor->person.user)) {
            actor->roles[role] = true;
        }
    }
    return is_ready;
}

/* From here on the task speaks the language of whoever sent its delivery. */
static void remember_reader(rb_task *task, const rb_actor *actor)
{
    if (task->delivery && strcmp(task->delivery->who.user, actor->person.user) == 0) {
        rb_copy_fit(task->locale, sizeof task->locale, actor->locale);
    }
}

bool rb_need_actor(rb_task *task, const rb_person *who, rb_actor *out_actor)
{
    const rb_chat_result *person = NULL;
    rb_actor actor = {.person = *who};
    bool is_ready = engine_need_person(task, who->user, &person);
    for (int role = 0; role < RB_ROLES; role++) {
        is_ready = need_role(task, (rb_role)role, &actor) && is_ready;
    }
    if (!is_ready) {
        return false;
    }
    if (person->outcome == RB_CHAT_OK) {
        const rb_actor *facts = &person->person;
        actor.exists = facts->exists;
        actor.is_deactivated = facts->is_deactivated;
        actor.is_bot = facts->is_bot;
        actor.is_guest = facts->is_guest;
        actor.is_outside = facts->is_outside;
        rb_copy_fit(actor.name, sizeof actor.name, facts->name);
        rb_copy_fit(actor.email, sizeof actor.email, facts->email);
        rb_copy_fit(actor.locale, sizeof actor.locale, facts->locale);
    }
    remember_reader(task, &actor);
    const char *entra = rb_policy_entra(task->engine->policy, who);
    rb_copy_fit(actor.entra, sizeof actor.entra, entra ? entra : "");
    *out_actor = actor;
    return true;
}

bool rb_need_place(rb_task *task, const char *channel, const char *user, bool *out_is_allowed)
{
    bool is_home = task->delivery && task->delivery->is_home; /* as private as the direct message beside it */
    if (is_home || rb_policy_allows_channel(task->engine->policy, channel)) {
        *out_is_allowed = true;
        return true;
    }
    char key[FACT_KEY_CAP];
    snprintf(key, sizeof key, "dm:%s", user);
    rb_chat_call call = {.kind = RB_CHAT_DM_CHANNEL, .user = user};
    const rb_chat_result *result = NULL;
    if (!rb_need_chat(task, key, &call, &result)) {
        return false;
    }
    *out_is_allowed = result->outcome == RB_CHAT_OK && strcmp(result->channel, channel) == 0;
    return true;
}

bool rb_need_card_link(rb_task *task, const rb_request *request, const char **out_link)
{
    slot *item = engine_slot(task->engine, request->id);
    *out_link = "";
    if (!request->card_ts[0]) {
        return true;
    }
    if (item && strcmp(item->link.ts, request->card_ts) == 0) {
        *out_link = item->link.url;
        return true;
    }
    char key[FACT_KEY_CAP];
    snprintf(key, sizeof key, "link:%s:%s", request->id, request->card_ts);
    rb_chat_call call = {.kind = RB_CHAT_PERMALINK, .channel = request->card_channel, .ts = request->card_ts};
    const rb_chat_result *result = NULL;
    if (!rb_need_chat(task, key, &call, &result)) {
        return false;
    }
    if (result->outcome == RB_CHAT_OK) {
        *out_link = result->url;
    }
    if (result->outcome == RB_CHAT_OK && item) {
        rb_copy_fit(item->link.ts, sizeof item->link.ts, request->card_ts);
        rb_copy_fit(item->link.url, sizeof item->link.url, result->url);
    }
    return true;
}

/* ---- who could approve ------------------------------------------------------------------------------------------------- */

/* taker NULL: to decide about it; else to let the taker go on with it. */
static bool is_reachable(const rb_policy *policy, const rb_actor *actor, const rb_request *request,
                         const rb_actor *taker)
{
    rb_denial denial =
        taker ? rb_policy_may_let_take(policy, actor, taker, request) : rb_policy_may_decide(policy, actor, request);
    return denial == RB_ALLOWED;
}

static bool has_entra(const rb_actor *actors, size_t n, const char *entra)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(actors[i].entra, entra) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds the user when reachable and not counted yet (approvals are distinct Entra ids). false: not known yet. */
static bool consider(rb_task *task, const rb_request *request, const rb_actor *taker, const char *user)
{
    rb_person who = {{0}, {0}};
    rb_actor actor;
    rb_copy_fit(who.team, sizeof who.team, task->engine->team);
    rb_copy_fit(who.user, sizeof who.user, user);
    if (!rb_need_actor(task, &who, &actor)) {
        return false;
    }
    if (is_reachable(task->engine->policy, &actor, request, taker) &&
        !has_entra(task->approvers, task->n_approvers, actor.entra)) {
        rb_actor *grown = reallocarray(task->approvers, task->n_approvers + 1, sizeof *grown);
        assert(grown && "out of memory for approvers");
        task->approvers = grown;
        task->approvers[task->n_approvers++] = actor;
    }
    return true;
}

static bool consider_group(rb_task *task, const rb_request *request, const rb_actor *taker, const char *group,
                           size_t enough, bool *is_unsure)
{
    const rb_chat_result *members = NULL;
    if (!need_group(task, group, &members)) {
        return false;
    }
    *is_unsure = *is_unsure || members->outcome != RB_CHAT_OK;
    for (size_t i = 0; i < members->n_items && task->n_approvers < enough; i++) {
        if (!consider(task, request, taker, members->items[i])) {
            return false;
        }
    }
    return true;
}

static bool need_approvers(rb_task *task, const rb_request *request, const rb_actor *taker, size_t enough,
                           bool *out_is_unsure)
{
    const rb_policy_role *role = &task->engine->policy->roles[RB_ROLE_APPROVER];
    task->n_approvers = 0;
    for (size_t i = 0; i < role->n_users && task->n_approvers < enough; i++) {
        if (!consider(task, request, taker, role->users[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < role->n_groups && task->n_approvers < enough; i++) {
        if (!consider_group(task, request, taker, role->groups[i], enough, out_is_unsure)) {
            return false;
        }
    }
    return true;
}

bool rb_need_approvers(rb_task *task, const rb_request *request, size_t enough, const rb_actor **out_actors,
                       size_t *out_n, bool *out_is_unsure)
{
    bool is_unsure = false;
    if (!need_approvers(task, request, NULL, enough, &is_unsure)) {
        return false;
    }
    *out_actors = task->approvers;
    *out_n = task->n_approvers;
    *out_is_unsure = is_unsure;
    return true;
}

bool engine_need_letters(rb_task *task, const rb_request *request, const rb_actor *taker, size_t enough,
                         const rb_actor **out_actors, size_t *out_n, bool *out_is_unsure)
{
    *out_is_unsure = false;
    if (!need_approvers(task, request, taker, enough, out_is_unsure)) {
        return false;
    }
    *out_actors = task->approvers;
    *out_n = task->n_approvers;
    return true;
}

/* ---- naming them -------------------------------------------------------------------------------------------------------- */

#define NAMES_BYTES_MAX 600 /* more names help nobody */

typedef struct {
    rb_task *task;
    const rb_request *request;
    rb_buf *reachable, *unreachable;
} naming;

static void name_approver(const naming *to, const char *user)
{
    rb_words words = rb_task_words(to->task);
    rb_person who = {{0}, {0}};
    rb_actor actor;
    rb_copy_fit(who.team, sizeof who.team, to->task->engine->team);
    rb_copy_fit(who.user, sizeof who.user, user);
    if (!rb_need_actor(to->task, &who, &actor)) {
        return; /* never: rb_need_approvers has asked */
    }
    rb_denial denial = rb_policy_may_decide(to->task->engine->policy, &actor, to->request);
    rb_buf *out = denial == RB_ALLOWED ? to->reachable : to->unreachable;
    bool is_named = out->len && strstr(rb_buf_cstr(out), user);
    if (is_named || out->len > NAMES_BYTES_MAX) {
        return;
    }
    rb_buf_addf(out, "%s%s (%s)", out->len ? ", " : "", actor.name[0] ? actor.name : "?", user);
    if (denial != RB_ALLOWED) {
        rb_buf_addf(out, ": %s", rb_word_unreachable(&words, denial));
    }
}

void engine_name_approvers(rb_task *task, const rb_request *request, rb_buf *out_reachable, rb_buf *out_unreachable)
{
    const rb_policy_role *role = &task->engine->policy->roles[RB_ROLE_APPROVER];
    naming to = {task, request, out_reachable, out_unreachable};
    for (size_t i = 0; i < role->n_users; i++) {
        name_approver(&to, role->users[i]);
    }
    for (size_t i = 0; i < role->n_groups; i++) {
        const rb_chat_result *members = NULL;
        bool is_ready = need_group(task, role->groups[i], &members);
        for (size_t k = 0; is_ready && k < members->n_items; k++) {
            name_approver(&to, members->items[k]);
        }
    }
}

/* ---- who can help ------------------------------------------------------------------------------------------------------- */

#define HELPERS_NAMED 4

/* Adds a name. false: not known yet. */
static bool name_helper(rb_task *task, const char *user, rb_buf *names, size_t *n)
{
    const rb_chat_result *person = NULL;
    if (*n == HELPERS_NAMED || (task->delivery && strcmp(user, task->delivery->who.user) == 0)) {
        return true;
    }
    if (!engine_need_person(task, user, &person)) {
        return false;
    }
    const rb_actor *who = &person->person;
    if (person->outcome == RB_CHAT_OK && who->name[0] && !who->is_deactivated) {
        rb_buf_addf(names, "%s%s", names->len ? ", " : "", who->name);
        ++*n;
    }
    return true;
}

bool rb_need_names(rb_task *task, rb_role role, char out_names[RB_DETAIL_CAP])
{
    const rb_policy_role *members = &task->engine->policy->roles[role];
    rb_buf names;
    size_t n = 0;
    bool is_ready = true;
    rb_buf_init(&names, RB_DETAIL_CAP * 2);
    for (size_t i = 0; i < members->n_users && is_ready; i++) {
        is_ready = name_helper(task, members->users[i], &names, &n);
    }
    for (size_t i = 0; i < members->n_groups && n < HELPERS_NAMED && is_ready; i++) {
        const rb_chat_result *group = NULL;
        is_ready = need_group(task, members->groups[i], &group);
        for (size_t k = 0; is_ready && k < group->n_items; k++) {
            is_ready = name_helper(task, group->items[k], &names, &n);
        }
    }
    rb_text_clip(out_names, RB_DETAIL_CAP, rb_buf_str(&names));
    rb_buf_fini(&names);
    return is_ready;
}

/* ---- requests and their history --------------------------------------------------------------------------------------------- */

bool rb_need_request(rb_task *task, const char *id, const rb_request **out_request)
{
    slot *item = engine_slot(task->engine, id);
    if (item && item->is_busy) {
        task->is_waiting_for_slot = true;
        rb_copy_fit(task->waits_for, sizeof task->waits_for, id);
        return false;
    }
    if (item) {
        *out_request = &item->request;
        return true;
    }
    char key[FACT_KEY_CAP];
    snprintf(key, sizeof key, "request:%s", id);
    rb_query query = {.kind = RB_QUERY_REQUEST, .id = id};
    const rb_query *answer = NULL;
    if (!rb_need_query(task, key, &query, &answer)) {
        return false;
    }
    *out_request = answer->n_requests ? &answer->requests[0] : NULL;
    return true;
}

bool rb_need_counts(rb_task *task, const rb_device *device, const rb_person *requester, rb_counts *out_counts)
{
    char key[FACT_KEY_CAP];
    snprintf(key, sizeof key, "counts:%d:%s:%s", task->stage, device->id, requester->user);
    rb_query query = {
        .kind = RB_QUERY_COUNTS, .device = device, .person = requester, .now_utc_ms = engine_now(task->engine).utc_ms};
    const rb_query *answer = NULL;
    if (!rb_need_query(task, key, &query, &answer)) {
        return false;
    }
    *out_counts = answer->counts;
    return true;
}

static void add_earlier(rb_buf *text, const rb_request *request)
{
    char when[RB_TIME_CAP];
    rb_time_full(request->state_utc_ms, when);
    rb_buf_addf(text, "%s%s %s %s", text->len ? "; " : "", request->id, rb_state_name(request->state), when);
}

bool rb_need_earlier(rb_task *task, const rb_device *device, const char *but_not, char out_text[RB_DETAIL_CAP])
{
    char key[FACT_KEY_CAP];
    snprintf(key, sizeof key, "earlier:%s", device->id);
    rb_query query = {
        .kind = RB_QUERY_EARLIER, .device = device, .since_utc_ms = engine_now(task->engine).utc_ms - RB_WATCH_MS};
    const rb_query *answer = NULL;
    if (!rb_need_query(task, key, &query, &answer)) {
        return false;
    }
    rb_buf text;
    rb_buf_init(&text, RB_DETAIL_CAP - 1);
    size_t shown = 0;
    for (size_t i = 0; i < answer->n_requests && shown < EARLIER_SHOWN; i++) {
        bool is_other = strcmp(answer->requests[i].id, but_not) != 0;
        if (is_other && answer->requests[i].state != RB_STATE_DRAFT) {
            add_earlier(&text, &answer->requests[i]);
            shown++;
        }
    }
    rb_text_clip(out_text, RB_DETAIL_CAP, rb_buf_str(&text));
    rb_buf_fini(&text);
    return true;
}

const rb_request *rb_task_each_request(const rb_task *task, const rb_request *after)
{
    const slot *item = task->engine->slots;
    if (after) {
        while (item && &item->request != after) {
            item = item->next;
        }
        item = item ? item->next : NULL;
    }
    return item ? &item->request : NULL;
}
