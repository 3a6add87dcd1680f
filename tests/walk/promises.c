/* What must hold of every single step, whatever state it is taken in. Judged by the design's words, not by the core's code. */
#include <string.h>

#include "walk/walk.h"

/* ---- helpers ------------------------------------------------------------------------------------------------------ */

static uint32_t count(const rb_effects *effects, rb_effect_kind kind)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < effects->n; i++)
        n += effects->items[i].kind == kind;
    return n;
}

void walk_remember(walk_place *place, const rb_request *before, const rb_event *event, const rb_effects *effects)
{
    walk_past *past = &place->past;
    rb_state state = place->request.state;
    bool did_not_act =
        event->kind == RB_EV_POSTED && event->outcome != RB_POST_ACCEPTED && event->outcome != RB_POST_UNCLEAR;

    if (state == RB_STATE_APPROVED && before->state == RB_STATE_PENDING)
        past->approved = (rb_instant){event->now.utc_ms, event->now.boot_ms, event->boot};
    if (event->kind == RB_EV_SEND || (event->kind == RB_EV_ALLOWED && state == RB_STATE_PENDING))
        past->wanted = (uint8_t)event->approvals_needed;
    if (count(effects, RB_FX_POST)) {
        past->n_posts++;
        past->may_have_acted = true;
    } else if (before->state == RB_STATE_SENDING && did_not_act) {
        past->may_have_acted = false;
    }
}

/* ---- refused or nothing to do ------------------------------------------------------------------------------------- */

static const char *broken_when_refused(const walk_step *step)
{
    if (step->effects->n)
        return "an event that was not applied has effects";
    if (memcmp(&step->before->request, &step->after->request, sizeof(rb_request)) != 0)
        return "an event that was not applied changed the row";
    return NULL;
}

/* ---- R2 and S3: the POST ------------------------------------------------------------------------------------------- */

static bool is_past(const walk_step *step, const rb_instant *from, int64_t ms)
{
    const rb_event *event = step->event;
    return from->boot != event->boot || event->now.boot_ms - from->boot_ms >= ms ||
           event->now.utc_ms - from->utc_ms >= ms;
}

static bool same(const char *a, const char *b)
{
    return rb_str_equal_nocase(rb_str_of(a), rb_str_of(b));
}

static const char *broken_three_people(const walk_step *step)
{
    const rb_request *request = &step->after->request;
    uint32_t n = 0;

    for (uint32_t i = 0; i < request->n_approvals; i++) {
        const char *entra = request->approvals[i].entra;
        bool is_new = entra[0] != '\0';
        for (uint32_t j = 0; j < i; j++)
            is_new = is_new && !same(entra, request->approvals[j].entra);
        if (same(entra, request->requester.entra))
            return "S3: sent with the requester's own approval";
        if (rb_device_is_owned_by(&request->device, entra))
            return "S3: sent with the approval of the device's owner";
        for (uint32_t j = 0; j < request->n_past_requesters; j++)
            if (same(entra, request->past_requesters[j].entra))
                return "S3: sent with the approval of somebody whose request it was";
        n += is_new;
    }
    if (rb_device_is_owned_by(&request->device, request->requester.entra) || !request->requester.entra[0])
        return "S3: sent for an owner, or for nobody";
    return n < step->before->past.wanted || n < 1 ? "S3: sent with too few different approvers" : NULL;
}

static const char *broken_post(const walk_step *step)
{
    const walk_place *before = step->before;
    const rb_request *after = &step->after->request;
    uint32_t posts = count(step->effects, RB_FX_POST);
    bool is_entered = before->request.state != RB_STATE_SENDING && after->state == RB_STATE_SENDING;

    if (posts != (is_entered ? 1u : 0u))
        return "R2: a POST that does not come with entering SENDING, or SENDING without one";
    if (!posts)
        return after->n_attempts != before->request.n_attempts ? "R2: an attempt without a POST" : NULL;
    if (before->request.state != RB_STATE_INTENT || after->n_attempts != before->request.n_attempts + 1)
        return "R2: a POST without a row of its own";
    if (after->attempts[after->n_attempts - 1].outcome != RB_ATTEMPT_OPEN ||
        !after->attempts[after->n_attempts - 1].client_request_id[0])
        return "R2: an attempt that is not marked as under way";
    if (before->past.may_have_acted)
        return "R2: a second POST after one that may have acted";
    if (before->past.n_posts >= RB_POST_ATTEMPTS_MAX)
        return "R2: more than 5 attempts";
    if (is_past(step, &before->past.approved, RB_SEND_WINDOW_MS))
        return "R2: an attempt outside the window";
    if (step->event->now.boot_ms < before->request.not_before_boot_ms)
        return "R2: an attempt before Retry-After was over";
    return broken_three_people(step);
}

/* ---- R3: done ------------------------------------------------------------------------------------------------------ */

static bool is_in_snapshot(const rb_request *request, const rb_action_result *item)
{
    for (uint32_t i = 0; i < request->n_snapshot; i++)
        if (strcmp(request->snapshot[i].type, item->type) == 0 &&
            strcmp(request->snapshot[i].started, item->started) == 0)
            return true;
    return false;
}

/* The only entry that is new since the snapshot; NULL when there is none, or more than one. */
static const rb_action_result *only_new(const rb_request *request, const rb_action_results *results)
{
    const rb_action_result *found = NULL;

    for (uint32_t i = 0; i < results->n; i++) {
        const rb_action_result *item = &results->items[i];
        bool is_new = !is_in_snapshot(request, item) &&
                      (!item->started_utc_ms || item->started_utc_ms >= request->snapshot_utc_ms);
        if (is_new && found)
            return NULL;
        found = is_new ? item : found;
    }
    return found;
}

static const char *broken_done(const walk_step *step)
{
    const rb_request *before = &step->before->request, *after = &step->after->request;
    bool is_done = after->state == RB_STATE_DONE && before->state != RB_STATE_DONE;
    bool is_found = after->is_found_later && !before->is_found_later;
    bool gets_code = after->has_code && !before->has_code;

    if (!is_done && !is_found && !gets_code)
        return NULL;
    if (step->event->kind != RB_EV_RESULTS || !step->before->past.may_have_acted)
        return "R3: done, or a code, without Intune's word";
    const rb_action_result *item = only_new(before, step->event->results);
    if (!item || !step->event->results->read_utc_ms)
        return "R3: done by a result that is not surely ours";
    if (is_done && item->state != RB_ACTION_DONE)
        return "R3: done before Intune says so";
    if (gets_code && (item->state != RB_ACTION_DONE || !item->has_code))
        return "S6: a code without a result that is done and has one";
    if (strcmp(after->ours.type, item->type) != 0 || strcmp(after->ours.started, item->started) != 0)
        return "R3: done without adopting the result";
    return NULL;
}

/* ---- final states --------------------------------------------------------------------------------------------------- */

static bool may_follow_the_end(const walk_step *step)
{
    rb_event_kind kind = step->event->kind;
    bool is_done = step->before->request.state == RB_STATE_DONE,
         is_unknown = step->before->request.state == RB_STATE_UNKNOWN;
    return kind == RB_EV_OWNER || kind == RB_EV_CARD || (kind == RB_EV_SHOW && (is_done || is_unknown)) ||
           (kind == RB_EV_TAKE && (is_done || is_unknown)) || (kind == RB_EV_TIME && is_done) ||
           (kind == RB_EV_RESULTS && is_unknown);
}

static const char *broken_end(const walk_step *step)
{
    const rb_request *before = &step->before->request, *after = &step->after->request;

    if (rb_state_is_final(before->state)) {
        bool is_same = after->state == before->state && memcmp(&after->ended, &before->ended, sizeof after->ended) == 0;
        return is_same && may_follow_the_end(step) ? NULL : "a final state did not stay as it was";
    }
    if (!rb_state_is_final(after->state))
        return NULL;
    if (after->ended.utc_ms != step->event->now.utc_ms || after->ended.boot != step->event->boot)
        return "R4: an end without its moment";
    if (before->state == RB_STATE_DRAFT)
        return NULL; /* nobody but its requester ever saw it */
    const rb_actor *actor = step->event->actor;
    bool knows = actor && rb_person_equal(&actor->person, &after->requester.person);
    if (!count(step->effects, RB_FX_CARD) || count(step->effects, RB_FX_TELL_REQUESTER) != (knows ? 0u : 1u))
        return "R4: an end that the card or the requester does not learn";
    return count(step->effects, RB_FX_LINE) || before->n_lines >= RB_LINES_MAX + before->n_takes
               ? NULL
               : "R4: an end without a line";
}

/* ---- A1 and what no step may touch ----------------------------------------------------------------------------------- */

static const char *broken_record(const walk_step *step)
{
    const rb_request *before = &step->before->request, *after = &step->after->request;
    bool is_quiet =
        step->event->kind == RB_EV_RESULTS && before->state == after->state; /* a first read, a first trace */
    const rb_effects *effects = step->effects;

    if (count(effects, RB_FX_RECORD) != 1)
        return is_quiet && effects->n == 0 ? NULL : "A1: a step that was applied is not recorded once";
    for (uint32_t i = 1; i < effects->n; i++)
        if (effects->items[i].note != effects->items[0].note)
            return "A1: the record and what people are told tell different things";
    if (count(effects, RB_FX_LINE) != after->n_lines - before->n_lines)
        return "A1: lines and their count differ";
    return after->n_lines > RB_LINES_MAX + after->n_takes ? "more than 10 lines, and one for each take" : NULL;
}

static const char *broken_rest(const walk_step *step)
{
    const rb_request *before = &step->before->request, *after = &step->after->request;
    bool is_taken = step->event->kind == RB_EV_TAKE;
    bool is_same = strcmp(before->id, after->id) == 0 && before->version == after->version &&
                   (is_taken || memcmp(&before->requester, &after->requester, sizeof before->requester) == 0) &&
                   before->created_utc_ms == after->created_utc_ms;

    if (!is_same)
        return "a step touched what is not its own";
    if (step->event->kind != RB_EV_PICK && memcmp(&before->device, &after->device, sizeof before->device) != 0)
        return "S2: the device changed without being picked";
    if (after->n_approvals < before->n_approvals)
        return "an approval was forgotten";
    if (after->n_past_requesters < before->n_past_requesters ||
        (!is_taken && after->n_past_requesters != before->n_past_requesters))
        return "S3: who had it was forgotten, or made up";
    return NULL;
}

/* Whom the core lets decide, the policy lets decide too: neither alone guards the three people. */
static const char *broken_policy(const walk_step *step)
{
    bool is_decision = step->event->kind == RB_EV_APPROVE || step->event->kind == RB_EV_DENY;

    if (!is_decision || step->result != RB_STEP_APPLIED)
        return NULL;
    rb_denial denial = rb_policy_may_decide(walk_policy(), step->event->actor, &step->before->request);
    bool is_second_word = denial == RB_NO_APPROVED_BEFORE && step->event->kind == RB_EV_DENY;
    return denial == RB_ALLOWED || is_second_word ? NULL : "S3: the core let somebody decide whom the policy refuses";
}

/* ---- S3 and S6: who has it ------------------------------------------------------------------------------------------- */

static bool is_among(const rb_decision *people, uint32_t n, const rb_actor *one)
{
    for (uint32_t i = 0; i < n; i++)
        if (same(people[i].entra, one->entra))
            return true;
    return false;
}

/* It changes hands and nothing else; requester, approvers and owner stay different people; both learn of it. */
static const char *broken_take(const walk_step *step)
{
    const rb_request *before = &step->before->request, *after = &step->after->request;
    const rb_actor *taker = step->event->actor, *other = step->event->other;
    bool is_own = other && rb_person_equal(&other->person, &before->requester.person);

    if (step->event->kind == RB_EV_SHOW && !rb_person_equal(&taker->person, &before->requester.person))
        return "S6: a code is shown to somebody who does not have the request";
    if (step->event->kind != RB_EV_TAKE)
        return NULL;
    if (after->n_takes != before->n_takes + 1 || after->n_takes > RB_TAKES_MAX || !count(step->effects, RB_FX_LINE) ||
        !rb_person_equal(&rb_request_last_past(after)->person, &before->requester.person))
        return "A1: taken over, and the thread or the record does not say from whom";
    if (after->state != before->state || !rb_person_equal(&after->requester.person, &taker->person) ||
        !is_among(after->past_requesters, after->n_past_requesters, &before->requester))
        return "S3: taken over, and who has or had it is not said";
    if (rb_policy_may_take(walk_policy(), taker, before) != RB_ALLOWED ||
        is_among(before->approvals, before->n_approvals, taker))
        return "S3: the core let somebody take it over whom the policy refuses";
    if (!is_own && rb_policy_may_let_take(walk_policy(), other, taker, before) != RB_ALLOWED)
        return "S3: the core let it be taken over by the word of somebody whom the policy refuses";
    if (count(step->effects, RB_FX_TELL_REQUESTER) != 1 || count(step->effects, RB_FX_TELL_PAST) != (is_own ? 0u : 1u))
        return "U1: taken over, and one of the two does not learn it";
    return count(step->effects, RB_FX_CARD) ? NULL : "S4: taken over, and the card's buttons are not renewed";
}

const char *walk_broken(const walk_step *step)
{
    static const char *(*const checks[])(const walk_step *) = {broken_post, broken_done,   broken_end, broken_record,
                                                               broken_rest, broken_policy, broken_take};

    if (step->result != RB_STEP_APPLIED)
        return broken_when_refused(step);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        const char *broken = checks[i](step);
        if (broken)
            return broken;
    }
    return NULL;
}
