#include "heard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "resetbot/bind.h"
#include "resetbot/wording.h"
#include "sim.h"
#include "slack_views.h"
#include "slack_world.h"

typedef enum { COMMAND, CLICK, ANSWER, EFFECT } heard_what;

typedef struct {
    heard_what what;
    char user[16];
    int64_t at_ms; /* of commands and clicks: when it was done; the answer may be there before the ack */
    int act;       /* of a click */
    char kind;     /* of clicks and effects */
    char request[RB_REQUEST_ID_CAP];
    bool is_matched;
} heard;

static heard *items;
static size_t n_items;

static heard *hear(heard_what what, const char *user, int64_t at_ms)
{
    if (!(n_items & (n_items - 1))) { /* room for the next power of two */
        items = realloc(items, (n_items ? n_items * 2 : 1) * sizeof *items);
        if (!items)
            abort();
    }
    heard *last = &items[n_items++];
    *last = (heard){.what = what, .at_ms = at_ms};
    snprintf(last->user, sizeof last->user, "%s", user);
    return last;
}

void heard_answer(const char *user)
{
    (void)hear(ANSWER, user, sim_ms());
}

void heard_click(int act, const char *user, char kind, const char *request)
{
    if (!act)
        return; /* their client would not */
    heard *last = hear(CLICK, user, sim_ms());
    last->act = act;
    last->kind = kind;
    snprintf(last->request, sizeof last->request, "%s", request);
}

static void effect(const rb_request *row, const char *user, rb_bind_kind kind)
{
    heard *last = hear(EFFECT, user, sim_ms());
    last->kind = (char)kind;
    snprintf(last->request, sizeof last->request, "%s", row->id);
}

void heard_committed(const rb_request *before, const rb_request *after)
{
    bool is_new = before->state != after->state;
    if (is_new && before->state == RB_STATE_DRAFT && after->state == RB_STATE_PENDING)
        effect(after, after->requester.person.user, RB_BIND_SEND);
    if (is_new && before->state == RB_STATE_DRAFT && after->state == RB_STATE_CANCELLED)
        effect(after, after->requester.person.user, RB_BIND_CANCEL);
    if (after->n_approvals > before->n_approvals)
        effect(after, after->approvals[after->n_approvals - 1].person.user, RB_BIND_APPROVE);
    if (strcmp(before->requester.person.user, after->requester.person.user) != 0 && after->n_past_requesters) {
        bool is_own = !strcmp(after->let_by.person.user, before->requester.person.user);
        effect(after, after->let_by.person.user, is_own ? RB_BIND_HAND_OVER : RB_BIND_LET_TAKE);
    }
    if (is_new && after->state == RB_STATE_DENIED)
        effect(after, after->closer.person.user, RB_BIND_DENY_FORM);
}

/* "R-7K3F · Remove passcode ...": what became of a request, told without being asked. */
static bool is_news(const char *text)
{
    size_t len = strcspn(text, " ");
    return !strncmp(text, "R-", 2) && !strncmp(text + len, " · ", strlen(" · "));
}

/* What single people are shown: by the command's own address, privately in the channel, directly, or as a form. */
void heard_journal(const char *kind, json_object *fields)
{
    json_object *args = sj_get(fields, "args");
    json_object *act = sj_get(fields, "act");
    const char *method = sj_str(fields, "method");
    if (!strcmp(kind, "act_done") && !strcmp(sj_str(act, "kind"), "command") && !strcmp(sj_str(act, "state"), "acked"))
        (void)hear(COMMAND, sj_str(act, "user"), sim_ms() - (sim_utc_ms() - sj_int(act, "at", 0)));
    const sk_view *updated = strcmp(kind, "view_update") ? NULL : sk_view_find(sj_str(fields, "view_id"));
    bool is_look_up = updated && !strcmp(sj_str(updated->json, "callback_id"), RB_FORM_RESET);
    if ((!strcmp(kind, "response_url") && !*sj_str(fields, "error")) || !strcmp(kind, "view_open") || is_look_up)
        heard_answer(sj_str(fields, "user"));
    if (strcmp(kind, "api") != 0 || !sj_bool(fields, "ok"))
        return;
    if (!strcmp(method, "chat.postEphemeral"))
        heard_answer(sj_str(args, "user"));
    const char *place = sj_str(args, "channel");
    const sk_channel *channel = sk_channel_find(place);
    const char *user = channel ? channel->im_user : sk_user(place) ? place : NULL;
    if (!strcmp(method, "chat.postMessage") && user && !is_news(sj_str(args, "text")))
        heard_answer(user);
}

static bool matches(size_t item, heard_what what)
{
    const heard *asked = &items[item];
    for (size_t i = 0; i < n_items; i++) {
        heard *each = &items[i];
        bool is_for_it =
            each->what == what && !each->is_matched && each->at_ms >= asked->at_ms && !strcmp(each->user, asked->user);
        if (is_for_it && what == EFFECT)
            is_for_it = each->kind == asked->kind && !strcmp(each->request, asked->request);
        if (!is_for_it)
            continue;
        each->is_matched = true;
        return true;
    }
    return false;
}

static size_t unclear_answers(void)
{
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = "", .max = 100000};
    size_t count = 0;
    sim_query(&query);
    for (size_t i = 0; i < query.n_records; i++)
        count += !strcmp(query.records[i].kind, "message_unclear");
    rb_query_fini(&query);
    return count;
}

static bool wants_an_answer(size_t item)
{
    const heard *each = &items[item];
    if (each->what == CLICK)
        return sim_act(each->act) == SIM_ACT_ACKED && !matches(item, EFFECT);
    return each->what == COMMAND;
}

/* The latest first: the earlier ones have more answers to choose from. */
void heard_check(void)
{
    /* design 3: what cannot be read back is repeated once when unclear; that it may not have arrived is in the record */
    size_t lost = 0, may_be_lost = unclear_answers();
    for (size_t i = n_items; i-- > 0;) {
        if (!wants_an_answer(i))
            continue;
        sim_counted()->asked++;
        if (matches(i, ANSWER) || ++lost <= may_be_lost)
            continue;
        if (items[i].what == COMMAND)
            sim_check_fail("R1: %s typed a command at %lld s, it was acknowledged, and nothing came of it",
                           items[i].user, (long long)(items[i].at_ms / 1000));
        else
            sim_check_fail("R1 U2: %s pressed '%c' of %s at %lld s, it was acknowledged, and nothing came of it",
                           items[i].user, items[i].kind, items[i].request, (long long)(items[i].at_ms / 1000));
    }
}
