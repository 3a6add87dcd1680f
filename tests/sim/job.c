/* One reset that people want: they look now and then, do what there is to do, and do it again when nothing came of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "resetbot/wording.h"
#include "sim.h"
#include "slack_act.h"
#include "slack_views.h"

#define TRIES_MAX 8
#define DEEDS_MAX 40      /* then somebody goes for lunch */
#define TOLD_MS 8000      /* after Slack's own error */
#define PATIENCE_MS 25000 /* before somebody does the same thing again */
#define STORY_MAX 4000
#define ASK_FIRST_MS (45 * 60 * 1000)

struct sim_job {
    sim_wish wish;
    char request[RB_REQUEST_ID_CAP];
    int64_t began_ms;
    int64_t pending_since_ms; /* -1: not seen yet */
    int64_t acted_ms;         /* the last thing done */
    const char *last_deed;
    int act; /* under way; 0: none */
    int tries, n_deeds;
    size_t n_approved; /* presses of wish.approvers so far */
    bool has_cancelled, has_asked_again, has_pressed_late, is_over;
    const char *before; /* who had it before the colleague took it over */
    char story[STORY_MAX];
};

/* ---- keeping the story ---------------------------------------------------------------------------------------------------- */

static void tell(sim_job *job, const char *deed)
{
    size_t len = strlen(job->story);
    snprintf(job->story + len, sizeof job->story - len, " %lld:%s", (long long)(sim_ms() / 1000), deed);
}

/* May this be done now: it was not done just before. */
static bool may(sim_job *job, const char *deed)
{
    bool is_refused_form =
        job->last_deed && !strcmp(job->last_deed, "submit") && sim_ms() - job->acted_ms < PATIENCE_MS;
    if (is_refused_form && !strncmp(deed, "reset", 5))
        return false; /* the answer is still to come */
    if (++job->n_deeds > DEEDS_MAX) {
        tell(job, "gives up");
        job->is_over = true;
        return false;
    }
    if (job->last_deed && !strcmp(job->last_deed, deed)) {
        if (sim_ms() - job->acted_ms < PATIENCE_MS) {
            job->n_deeds--;
            return false;
        }
        if (++job->tries > TRIES_MAX) {
            tell(job, "gives up");
            job->is_over = true;
            return false;
        }
    } else {
        job->tries = 0;
    }
    job->last_deed = deed;
    job->acted_ms = sim_ms();
    tell(job, deed);
    return true;
}

/* ---- before there is a request ------------------------------------------------------------------------------------------------ */

static void answer_and_send(sim_job *job, const sim_button *send)
{
    sim_button no;
    if (job->wish.want == WANT_NO_DRAFT && sim_sees_button(job->wish.requester, 'x', send->request, &no)) {
        if (may(job, "cancel the draft"))
            job->act = sim_presses(&no);
        return;
    }
    if (!may(job, "send"))
        return;
    (void)sim_chooses(send, RB_FIELD_VERIFIED, "called_back");
    (void)sim_chooses(send, RB_FIELD_HOLDS, "yes");
    const rb_request *draft = sim_check_request(send->request);
    if (draft && draft->support.scope == RB_SCOPE_WORK_PROFILE)
        (void)sim_chooses(send, RB_FIELD_LOCK, "work_profile");
    job->act = sim_presses(send);
}

static bool is_my_draft(const sim_job *job, const char *id)
{
    const rb_request *draft = sim_check_request(id);
    return draft && draft->state == RB_STATE_DRAFT && !strcmp(draft->device.id, job->wish.device);
}

static void fill_form(sim_job *job, const char *view)
{
    char text[160];
    char values[512];
    char block[64];
    char chosen[160] = "";
    snprintf(text, sizeof text, "%s", job->wish.text);
    text[strcspn(text, " ")] = '\0';
    bool is_offered = job->wish.by_look_up && sim_form_offers(view, job->wish.device, block);
    if (job->wish.by_look_up && !is_offered && job->tries < 2) {
        if (may(job, "look up"))
            job->act = sim_looks_up(job->wish.requester, view, text);
        return;
    }
    if (!may(job, "submit"))
        return;
    if (is_offered)
        snprintf(chosen, sizeof chosen, ",\"%s\":\"%s\"", block, job->wish.device);
    snprintf(values, sizeof values, "{\"%s\":\"%s\",\"%s\":\"locked out\"%s}", RB_FIELD_TARGET, text, RB_FIELD_REASON,
             chosen);
    job->act = sim_submits(job->wish.requester, view, values);
}

/* A preview of ours, a list to pick from, a form to fill: or typing. */
static void ask(sim_job *job)
{
    sim_button button;
    char view[16];
    char text[256];
    if (sim_sees_button(job->wish.requester, 's', "", &button) && is_my_draft(job, button.request)) {
        snprintf(job->request, sizeof job->request, "%s", button.request);
        answer_and_send(job, &button);
    } else if (sim_sees_button(job->wish.requester, 'p', job->wish.device, &button)) {
        if (may(job, "pick"))
            job->act = sim_presses(&button);
    } else if (job->wish.by_form && sim_sees_form(job->wish.requester, RB_FORM_RESET, view)) {
        fill_form(job, view);
    } else if (job->wish.by_form && job->tries < 3) {
        if (may(job, "reset (form)"))
            job->act = sim_types(job->wish.requester, "C0HELPDESK", "reset");
    } else if (may(job, "reset")) {
        snprintf(text, sizeof text, "reset %s", job->wish.text);
        job->act = sim_types(job->wish.requester, "C0HELPDESK", text);
    }
    if (sim_ms() - job->began_ms > ASK_FIRST_MS && !job->request[0])
        job->is_over = true;
}

/* ---- while it is open ----------------------------------------------------------------------------------------------------------- */

static void press(sim_job *job, const char *user, char kind, const char *deed)
{
    sim_button button;
    if (sim_sees_button(user, kind, job->request, &button) && may(job, deed))
        job->act = sim_presses(&button);
}

static void approve(sim_job *job, const rb_request *request)
{
    static const char *const DEEDS[] = {"approve", "approve (2)", "approve (3)"};
    sim_button button;
    if (job->wish.both_press_at_once && job->last_deed != DEEDS[0]) {
        /* both in the same moment, and the first one twice */
        const char *other = job->wish.approvers[1] ? job->wish.approvers[1] : job->wish.approvers[0];
        if (sim_sees_button(other, 'a', job->request, &button) &&
            sim_sees_button(job->wish.approvers[0], 'a', job->request, &button))
            (void)sim_presses(&button);
        if (sim_sees_button(other, 'a', job->request, &button))
            (void)sim_presses(&button);
    }
    uint32_t n = request->n_approvals;
    if (n < 3 && job->wish.approvers[n])
        press(job, job->wish.approvers[n], 'a', DEEDS[n]);
}

static void deny(sim_job *job)
{
    char view[16];
    char values[128];
    const char *user = job->wish.approvers[0];
    if (!sim_sees_form(user, RB_FORM_DENY, view)) {
        press(job, user, 'd', "deny");
        return;
    }
    if (!may(job, "deny (reason)"))
        return;
    snprintf(values, sizeof values, "{\"%s\":\"not today\"}", RB_FIELD_REASON);
    job->act = sim_submits(user, view, values);
}

static void cancel(sim_job *job)
{
    char text[64];
    snprintf(text, sizeof text, "cancel %s", job->request);
    if (may(job, "cancel"))
        job->act = sim_types(job->wish.requester, "C0HELPDESK", text);
}

static void pending(sim_job *job, const rb_request *request)
{
    if (job->pending_since_ms < 0)
        job->pending_since_ms = sim_ms();
    if (sim_ms() - job->pending_since_ms < job->wish.decide_after_ms)
        return;
    switch (job->wish.want) {
    case WANT_APPROVAL:
    case WANT_LATE_CANCEL: approve(job, request); return;
    case WANT_DENIAL: deny(job); return;
    case WANT_CANCEL: cancel(job); return;
    case WANT_NO_DRAFT:
    case WANT_NOTHING: return;
    }
}

static void draft(sim_job *job)
{
    sim_button button;
    char text[64];
    if (sim_sees_button(job->wish.requester, 's', job->request, &button)) {
        answer_and_send(job, &button);
    } else if (may(job, "status")) {
        snprintf(text, sizeof text, "status %s", job->request);
        job->act = sim_types(job->wish.requester, "C0HELPDESK", text);
    }
}

/* ---- somebody else goes on with it ------------------------------------------------------------------------------------------------ */

/* Typed, let, and from then on it is the colleague's. true: something of it is still to be done. */
static bool take(sim_job *job, const rb_request *request)
{
    char text[64];
    sim_button button;
    char kind = 't';
    if (!job->wish.taker || job->before || request->state != job->wish.taken_in)
        return false;
    if (!strcmp(request->requester.person.user, job->wish.taker)) {
        job->before = job->wish.requester;
        job->wish.requester = job->wish.taker;
        return false;
    }
    kind = !strcmp(job->wish.let_by, job->wish.requester) ? 'h' : kind;
    if (sim_sees_button(job->wish.let_by, kind, job->request, &button)) {
        if (may(job, "let take"))
            job->act = sim_presses(&button);
    } else if (may(job, "take")) {
        snprintf(text, sizeof text, "take %s", job->request);
        job->act = sim_types(job->wish.taker, "C0HELPDESK", text);
    }
    return true;
}

/* Who had it presses Show once more: that shows nothing (check.c). */
static bool press_late(sim_job *job)
{
    sim_button button;
    if (!job->before || job->has_pressed_late || !sim_sees_button(job->before, 'w', job->request, &button))
        return false;
    job->has_pressed_late = true;
    tell(job, "show, of before");
    job->act = sim_presses(&button);
    return true;
}

/* ---- at the end ------------------------------------------------------------------------------------------------------------------ */

static void open_code(sim_job *job, const rb_request *request)
{
    if (request->n_shown > 0) {
        sk_views_close_all(job->wish.requester);
        job->is_over = true;
        return;
    }
    press(job, job->wish.requester, 'w', "show");
    if (rb_instant_age_ms(&request->ended, sim_bot_now(), sim_boot()) > RB_HOUR_MS)
        job->is_over = true;
}

static void final(sim_job *job, const rb_request *request)
{
    bool may_ask_again = request->state == RB_STATE_EXPIRED || request->state == RB_STATE_LAPSED;
    if (may_ask_again && job->wish.asks_again && !job->has_asked_again) {
        sim_button button;
        if (sim_sees_button(job->wish.requester, 'g', job->request, &button)) {
            tell(job, "ask again");
            job->has_asked_again = true;
            job->began_ms = sim_ms();
            job->act = sim_presses(&button);
            job->request[0] = '\0';
            job->pending_since_ms = -1;
            job->last_deed = NULL;
            if (job->wish.want == WANT_NOTHING)
                job->wish.want = WANT_APPROVAL;
            return;
        }
        if (rb_instant_age_ms(&request->ended, sim_bot_now(), sim_boot()) < RB_HOUR_MS)
            return;
    }
    if (request->state == RB_STATE_DONE && job->wish.has_code && request->has_code && press_late(job))
        return;
    if (request->state == RB_STATE_DONE && job->wish.has_code && request->has_code)
        open_code(job, request);
    else
        job->is_over = true;
}

/* ---- looking ------------------------------------------------------------------------------------------------------------------------ */

static void look(sim_job *job)
{
    if (job->act && sim_act(job->act) == SIM_ACT_SENT)
        return;
    if (job->act && sim_act(job->act) == SIM_ACT_FAILED) { /* they were told so: again soon, and with new patience */
        job->acted_ms = sim_ms() - PATIENCE_MS + TOLD_MS;
        job->tries = 0;
    }
    job->act = 0;
    const rb_request *request = job->request[0] ? sim_check_request(job->request) : NULL;
    if (!request)
        ask(job);
    else if (request->state == RB_STATE_DRAFT)
        draft(job);
    else if (take(job, request))
        return;
    else if (request->state == RB_STATE_PENDING)
        pending(job, request);
    else if (rb_state_is_final(request->state))
        final(job, request);
    else if (job->wish.want == WANT_LATE_CANCEL && request->n_attempts && !job->has_cancelled) {
        job->has_cancelled = true;
        cancel(job);
    }
}

static void fire_look(void *arg)
{
    sim_job *job = arg;
    if (job->is_over)
        return;
    look(job);
    sim_after(job->wish.lazy_ms, fire_look, job);
}

sim_job *sim_job_new(const sim_wish *wish)
{
    sim_job *job = sb_alloc(sizeof *job);
    *job = (sim_job){.wish = *wish, .began_ms = sim_ms(), .pending_since_ms = -1};
    if (job->wish.lazy_ms <= 0)
        job->wish.lazy_ms = 2000;
    sim_after(0, fire_look, job);
    return job;
}

const char *sim_job_request(const sim_job *job)
{
    return job->request;
}

rb_state sim_job_state(const sim_job *job)
{
    const rb_request *request = job->request[0] ? sim_check_request(job->request) : NULL;
    return request ? request->state : RB_STATE_DRAFT;
}

bool sim_job_is_over(const sim_job *job)
{
    return job->is_over;
}

const char *sim_job_story(const sim_job *job)
{
    return job->story;
}
