/* TAKE: somebody else of the helpdesk goes on with a request, in whatever state it is. Who may is checked here too, whatever
 * the caller checked: requester, approvers and owner stay different people, and nobody who had it decides (S3). */
#include "core/step.h"
#include "resetbot/str.h"

/* Entra ids are written in either case: one person stays one. "" is nobody. */
static bool is_same_id(const char *a, const char *b)
{
    return a[0] && rb_str_equal_nocase(rb_str_of(a), rb_str_of(b));
}

static bool is_decided_by(const rb_decision *decision, const rb_person *person, const char *entra)
{
    return rb_person_equal(&decision->person, person) || is_same_id(decision->entra, entra);
}

bool rb_request_had_it(const rb_request *request, const rb_person *person, const char *entra)
{
    for (uint32_t i = 0; i < request->n_past_requesters; i++) {
        if (is_decided_by(&request->past_requesters[i], person, entra)) {
            return true;
        }
    }
    return false;
}

const rb_decision *rb_request_last_past(const rb_request *request)
{
    const rb_decision *last = NULL;
    for (uint32_t i = 0; i < request->n_past_requesters; i++) {
        const rb_decision *past = &request->past_requesters[i];
        last = !last || past->at_utc_ms >= last->at_utc_ms ? past : last;
    }
    return last;
}

bool rb_request_is_taken_too_often(const rb_request *request)
{
    /* the second: a row from before takes were counted */
    return request->n_takes >= RB_TAKES_MAX || request->n_past_requesters >= RB_TAKES_MAX;
}

bool rb_request_may_be_taken(const rb_request *request, rb_now now, uint64_t boot)
{
    bool is_final = rb_state_is_final(request->state);
    return rb_state_is_open(request->state) || (is_final && rb_request_has_showing(request, now, boot));
}

static bool is_requester(const rb_request *request, const rb_actor *actor)
{
    return rb_person_equal(&actor->person, &request->requester.person) ||
           is_same_id(actor->entra, request->requester.entra);
}

static bool has_approved(const rb_request *request, const rb_actor *actor)
{
    for (uint32_t i = 0; i < request->n_approvals; i++) {
        if (is_decided_by(&request->approvals[i], &actor->person, actor->entra)) {
            return true;
        }
    }
    return false;
}

/* Its present requester among those who had it before: by this very account, so that no other is forgotten. */
static rb_decision *listed(rb_request *request)
{
    for (uint32_t i = 0; i < request->n_past_requesters; i++) {
        rb_decision *past = &request->past_requesters[i];
        if (rb_person_equal(&past->person, &request->requester.person) &&
            is_same_id(past->entra, request->requester.entra)) {
            return past;
        }
    }
    return NULL;
}

static bool may_take(const rb_request *request, const rb_actor *taker)
{
    return !rb_request_is_taken_too_often(request) && taker->entra[0] && !is_requester(request, taker) &&
           !has_approved(request, taker) && !rb_device_is_owned_by(&request->device, taker->entra);
}

/* Its requester, or somebody who is neither the one who takes it, nor had it, nor owns the device. */
static bool may_let(const rb_request *request, const rb_actor *taker, const rb_actor *other)
{
    if (rb_person_equal(&other->person, &request->requester.person)) {
        return true;
    }
    bool is_taker = rb_person_equal(&other->person, &taker->person) || is_same_id(other->entra, taker->entra);
    return other->entra[0] && !is_taker && !is_requester(request, other) &&
           !rb_request_had_it(request, &other->person, other->entra) &&
           !rb_device_is_owned_by(&request->device, other->entra);
}

static rb_decision decision_of(const rb_actor *actor, int64_t at_utc_ms)
{
    rb_decision decision = {.person = actor->person, .at_utc_ms = at_utc_ms};
    rb_copy_fit(decision.entra, sizeof decision.entra, actor->entra);
    rb_copy_fit(decision.name, sizeof decision.name, actor->name);
    return decision;
}

static void change_hands(rb_step *step)
{
    rb_request *request = step->request;
    int64_t now_utc_ms = step->event->now.utc_ms;
    const rb_decision *last = rb_request_last_past(request);
    /* the wall clock may have been set back: the last one stays the last one */
    int64_t at_utc_ms = last && last->at_utc_ms >= now_utc_ms ? last->at_utc_ms + 1 : now_utc_ms;
    rb_decision *past = listed(request);
    if (!past) {
        past = &request->past_requesters[request->n_past_requesters++];
    }
    *past = decision_of(&request->requester, at_utc_ms);
    request->n_takes++;
    request->let_by = decision_of(step->event->other, now_utc_ms);
    request->requester = *step->event->actor;
}

rb_step_result rb_step_take(rb_step *step)
{
    rb_request *request = step->request;
    const rb_event *event = step->event;
    bool has_deadline =
        request->state == RB_STATE_PENDING || request->state == RB_STATE_APPROVED || request->state == RB_STATE_INTENT;
    if (request->state == RB_STATE_DRAFT) { /* nobody but its requester ever saw it */
        return RB_STEP_NOTHING;
    }
    if (!rb_request_may_be_taken(request, event->now, event->boot)) {
        return RB_STEP_ALREADY_DECIDED;
    }
    if (has_deadline && rb_instant_is_past(&request->deadline, event->now, event->boot)) {
        return RB_STEP_TOO_LATE;
    }
    if (!may_take(request, event->actor) || !may_let(request, event->actor, event->other)) {
        return RB_STEP_NOT_ALLOWED;
    }
    bool is_handed_over = rb_person_equal(&event->other->person, &request->requester.person);
    change_hands(step);
    rb_step_tell_thread(step, RB_NOTE_TAKEN);
    rb_step_emit(step, RB_FX_CARD, RB_NOTE_TAKEN); /* its buttons are bound to the requester */
    rb_step_emit(step, RB_FX_TELL_REQUESTER, RB_NOTE_TAKEN);
    if (!is_handed_over) { /* who did it knows */
        rb_step_emit(step, RB_FX_TELL_PAST, RB_NOTE_TAKEN);
    }
    return RB_STEP_APPLIED;
}
