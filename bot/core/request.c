#include "resetbot/request.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/step.h"
#include "resetbot/text.h"

/* ---- helpers of all states --------------------------------------------------------------------------------------- */

void rb_step_emit(rb_step *step, rb_effect_kind kind, rb_note note)
{
    assert(step->effects->n < RB_EFFECTS_MAX);
    step->effects->items[step->effects->n++] = (rb_effect){kind, note};
}

void rb_step_tell_thread(rb_step *step, rb_note note)
{
    rb_request *request = step->request;
    rb_step_emit(step, RB_FX_RECORD, note);
    /* design 4: at most 10 lines; from line 9 on only what ends the story */
    uint32_t room = rb_state_is_final(request->state) ? RB_LINES_MAX : RB_LINES_MAX - 2;
    if (request->n_lines < room) {
        request->n_lines++;
        rb_step_emit(step, RB_FX_LINE, note);
    }
}

rb_instant rb_step_now(const rb_event *event)
{
    return (rb_instant){event->now.utc_ms, event->now.boot_ms, event->boot};
}

void rb_step_enter(rb_step *step, rb_state state)
{
    rb_request *request = step->request;
    request->state = state;
    request->state_utc_ms = step->event->now.utc_ms;
    if (rb_state_is_final(state)) {
        request->ended = rb_step_now(step->event);
    }
}

void rb_step_set_detail(rb_request *request, const char *detail)
{
    rb_text_clip(request->detail, sizeof request->detail, rb_str_of(detail));
}

void rb_step_end(rb_step *step, rb_state state, rb_note note, const char *detail)
{
    rb_step_enter(step, state);
    if (detail) {
        rb_step_set_detail(step->request, detail);
    }
    rb_step_tell_thread(step, note);
    rb_step_emit(step, RB_FX_CARD, note);
    const rb_actor *actor = step->event->actor;
    if (!actor || !rb_person_equal(&actor->person, &step->request->requester.person)) {
        rb_step_emit(step, RB_FX_TELL_REQUESTER, note);
    }
    if (step->request->owner_told != RB_OWNER_NOBODY) {
        rb_step_emit(step, RB_FX_TELL_OWNER, note);
    }
}

static rb_instant after(const rb_event *event, int64_t ms)
{
    return (rb_instant){event->now.utc_ms + ms, event->now.boot_ms + ms, event->boot};
}

static rb_decision decision_of(const rb_event *event)
{
    rb_decision decision = {.person = event->actor->person, .at_utc_ms = event->now.utc_ms};
    rb_copy_fit(decision.entra, sizeof decision.entra, event->actor->entra);
    rb_copy_fit(decision.name, sizeof decision.name, event->actor->name);
    return decision;
}

/* ---- DRAFT --------------------------------------------------------------------------------------------------------- */

static rb_step_result draft_pick(rb_step *step)
{
    rb_request *request = step->request;
    request->device = *step->event->device;
    request->support = *step->event->support;
    rb_text_clip(request->earlier, sizeof request->earlier, rb_str_of(step->event->text));
    rb_step_emit(step, RB_FX_RECORD, RB_NOTE_PICKED);
    return RB_STEP_APPLIED;
}

/* S3, and the answers that the preview asks for: refused here too, whatever the caller checked. */
static bool may_send(const rb_request *request, const rb_event *event)
{
    bool is_lock_answered =
        request->support.scope != RB_SCOPE_WORK_PROFILE || event->lock == RB_LOCK_WORK_PROFILE;
    return request->device.id[0] && request->requester.entra[0] && request->support.verdict != RB_SUPPORT_NO &&
           !rb_device_is_owned_by(&request->device, request->requester.entra) &&
           event->verified != RB_VERIFIED_UNANSWERED && event->holds == RB_HOLDS_YES && is_lock_answered &&
           event->approvals_needed >= 1 && event->approvals_needed <= RB_APPROVALS_MAX;
}

static rb_step_result draft_send(rb_step *step)
{
    rb_request *request = step->request;
    const rb_event *event = step->event;
    if (rb_instant_is_past(&request->deadline, event->now, event->boot)) {
        return RB_STEP_TOO_LATE;
    }
    if (!may_send(request, event)) {
        return RB_STEP_NOT_ALLOWED;
    }
    request->verified = event->verified;
    request->holds = event->holds;
    request->lock = event->lock;
    request->approvals_needed = event->approvals_needed;
    rb_text_clip(request->earlier, sizeof request->earlier, rb_str_of(event->text));
    rb_copy_fit(request->policy_version, sizeof request->policy_version, event->policy_version);
    rb_copy_fit(request->owner_chat_user, sizeof request->owner_chat_user, event->owner_chat_user);
    request->owner_told = !event->has_owner ? RB_OWNER_NOBODY
                          : request->owner_chat_user[0] ? RB_OWNER_TO_TELL
                                                        : RB_OWNER_NOT_TOLD;
    request->deadline = after(event, event->expiry_ms);
    rb_step_enter(step, RB_STATE_PENDING);
    rb_step_tell_thread(step, RB_NOTE_ASKED);
    rb_step_emit(step, RB_FX_CARD, RB_NOTE_ASKED);
    rb_step_emit(step, RB_FX_TELL_APPROVERS, RB_NOTE_ASKED);
    if (request->owner_told == RB_OWNER_TO_TELL) {
        rb_step_emit(step, RB_FX_TELL_OWNER, RB_NOTE_ASKED);
    }
    return RB_STEP_APPLIED;
}

/* A draft ends in silence: nobody but its requester ever saw it. */
static rb_step_result draft_end(rb_step *step, rb_state state, rb_note note)
{
    rb_step_enter(step, state);
    rb_step_emit(step, RB_FX_RECORD, note);
    return RB_STEP_APPLIED;
}

static rb_step_result in_draft(rb_step *step)
{
    const rb_event *event = step->event;
    switch (event->kind) {
    case RB_EV_PICK:
        return draft_pick(step);
    case RB_EV_SEND:
        return draft_send(step);
    case RB_EV_CANCEL:
        return draft_end(step, RB_STATE_CANCELLED, RB_NOTE_CANCELLED);
    case RB_EV_TIME:
    case RB_EV_RESTARTED:
        if (rb_instant_is_past(&step->request->deadline, event->now, event->boot)) {
            return draft_end(step, RB_STATE_EXPIRED, RB_NOTE_EXPIRED);
        }
        return RB_STEP_NOTHING;
    case RB_EV_APPROVE:
    case RB_EV_DENY:
    case RB_EV_PREPARED:
    case RB_EV_GO:
    case RB_EV_POSTED:
    case RB_EV_RESULTS:
    case RB_EV_NOT_ALLOWED:
    case RB_EV_ALLOWED:
    case RB_EV_SHOW:
    case RB_EV_OWNER:
    case RB_EV_CARD:
        return RB_STEP_NOTHING;
    }
    return RB_STEP_NOTHING;
}

/* ---- PENDING ------------------------------------------------------------------------------------------------------- */

static bool has_approved(const rb_request *request, const char *entra)
{
    for (uint32_t i = 0; i < request->n_approvals; i++) {
        if (strcmp(request->approvals[i].entra, entra) == 0) {
            return true;
        }
    }
    return false;
}

/* S3: three different people, as Entra object ids. */
static bool may_decide(const rb_request *request, const rb_actor *actor)
{
    return actor->entra[0] && strcmp(actor->entra, request->requester.entra) != 0 &&
           !rb_person_equal(&actor->person, &request->requester.person) &&
           !rb_device_is_owned_by(&request->device, actor->entra);
}

static rb_step_result pending_approve(rb_step *step)
{
    rb_request *request = step->request;
    if (rb_instant_is_past(&request->deadline, step->event->now, step->event->boot)) {
        return RB_STEP_TOO_LATE;
    }
    if (!may_decide(request, step->event->actor) || request->n_approvals >= RB_APPROVALS_MAX) {
        return RB_STEP_NOT_ALLOWED;
    }
    if (has_approved(request, step->event->actor->entra)) {
        return RB_STEP_ALREADY_DECIDED;
    }
    request->approvals[request->n_approvals++] = decision_of(step->event);
    if (request->n_approvals < request->approvals_needed) {
        rb_step_tell_thread(step, RB_NOTE_APPROVED_PARTLY);
        rb_step_emit(step, RB_FX_CARD, RB_NOTE_APPROVED_PARTLY);
        return RB_STEP_APPLIED;
    }
    rb_step_enter(step, RB_STATE_APPROVED);
    request->deadline = after(step->event, RB_SEND_WINDOW_MS);
    rb_step_tell_thread(step, RB_NOTE_APPROVED);
    rb_step_emit(step, RB_FX_CARD, RB_NOTE_APPROVED);
    rb_step_emit(step, RB_FX_TELL_REQUESTER, RB_NOTE_APPROVED);
    return RB_STEP_APPLIED;
}

static rb_step_result pending_deny(rb_step *step)
{
    rb_request *request = step->request;
    if (rb_instant_is_past(&request->deadline, step->event->now, step->event->boot)) {
        return RB_STEP_TOO_LATE;
    }
    if (!may_decide(request, step->event->actor)) {
        return RB_STEP_NOT_ALLOWED;
    }
    request->closer = decision_of(step->event);
    rb_text_clip(request->closer_reason, sizeof request->closer_reason, rb_str_of(step->event->text));
    rb_step_end(step, RB_STATE_DENIED, RB_NOTE_DENIED, NULL);
    return RB_STEP_APPLIED;
}

static rb_step_result cancel(rb_step *step)
{
    step->request->closer = decision_of(step->event);
    rb_step_end(step, RB_STATE_CANCELLED, RB_NOTE_CANCELLED, NULL);
    return RB_STEP_APPLIED;
}

static rb_step_result not_allowed(rb_step *step)
{
    rb_step_end(step, RB_STATE_STALE, RB_NOTE_STALE, step->event->text);
    return RB_STEP_APPLIED;
}

static bool is_half_time(const rb_request *request, const rb_event *event)
{
    if (request->deadline.boot == event->boot) {
        return event->now.boot_ms >= rb_step_half_time(request);
    }
    return event->now.utc_ms >= request->state_utc_ms + (request->deadline.utc_ms - request->state_utc_ms) / 2;
}

static rb_step_result pending_time(rb_step *step)
{
    rb_request *request = step->request;
    if (rb_instant_is_past(&request->deadline, step->event->now, step->event->boot)) {
        rb_step_end(step, RB_STATE_EXPIRED, RB_NOTE_EXPIRED, NULL);
        return RB_STEP_APPLIED;
    }
    if (!request->is_reminded && is_half_time(request, step->event)) {
        request->is_reminded = true;
        rb_step_emit(step, RB_FX_RECORD, RB_NOTE_HALF_TIME);
        rb_step_emit(step, RB_FX_TELL_APPROVERS, RB_NOTE_HALF_TIME);
        return RB_STEP_APPLIED;
    }
    return RB_STEP_NOTHING;
}

static rb_step_result still_allowed(rb_step *step)
{
    rb_request *request = step->request;
    if (strcmp(request->policy_version, step->event->policy_version) == 0) {
        return RB_STEP_NOTHING;
    }
    rb_copy_fit(request->policy_version, sizeof request->policy_version, step->event->policy_version);
    if (request->state == RB_STATE_PENDING) { /* a renewed card still waits for somebody, also when fewer are needed now */
        uint32_t least = request->n_approvals + 1;
        request->approvals_needed = step->event->approvals_needed > least ? step->event->approvals_needed : least;
    }
    rb_step_emit(step, RB_FX_RECORD, RB_NOTE_RENEWED);
    rb_step_emit(step, RB_FX_CARD, RB_NOTE_RENEWED);
    return RB_STEP_APPLIED;
}

static rb_step_result in_pending(rb_step *step)
{
    switch (step->event->kind) {
    case RB_EV_APPROVE:
        return pending_approve(step);
    case RB_EV_DENY:
        return pending_deny(step);
    case RB_EV_CANCEL:
        return cancel(step);
    case RB_EV_TIME:
    case RB_EV_RESTARTED:
        return pending_time(step);
    case RB_EV_NOT_ALLOWED:
        return not_allowed(step);
    case RB_EV_ALLOWED:
        return still_allowed(step);
    case RB_EV_SEND:
        return RB_STEP_ALREADY_DECIDED;
    case RB_EV_PICK:
    case RB_EV_PREPARED:
    case RB_EV_GO:
    case RB_EV_POSTED:
    case RB_EV_RESULTS:
    case RB_EV_SHOW:
    case RB_EV_OWNER:
    case RB_EV_CARD:
        return RB_STEP_NOTHING;
    }
    return RB_STEP_NOTHING;
}

/* ---- APPROVED, INTENT ------------------------------------------------------------------------------------------------ */

/* The sending window counts CLOCK_BOOTTIME alone: a reboot ends it (design: Clocks). */
static bool is_window_over(const rb_request *request, const rb_event *event)
{
    return request->deadline.boot != event->boot || event->now.boot_ms >= request->deadline.boot_ms;
}

static const char *foreign_reset(const rb_request *request, const rb_action_results *results)
{
    for (uint32_t i = 0; i < results->n; i++) {
        const rb_action_result *item = &results->items[i];
        if (item->state == RB_ACTION_PENDING || item->state == RB_ACTION_ACTIVE) {
            return "a passcode reset is already queued for this device by somebody else";
        }
        if (item->started_utc_ms >= request->created_utc_ms) {
            return "somebody else reset this device's passcode after this request was made";
        }
    }
    return NULL;
}

static void save_snapshot(rb_request *request, const rb_action_results *results)
{
    request->n_snapshot = results->n;
    request->snapshot_utc_ms = results->read_utc_ms;
    for (uint32_t i = 0; i < results->n; i++) {
        rb_copy_fit(request->snapshot[i].type, sizeof request->snapshot[i].type, results->items[i].type);
        rb_copy_fit(request->snapshot[i].started, sizeof request->snapshot[i].started, results->items[i].started);
    }
}

static rb_step_result prepared(rb_step *step)
{
    rb_request *request = step->request;
    const rb_event *event = step->event;
    char detail[RB_DETAIL_CAP];
    if (is_window_over(request, event)) {
        return RB_STEP_TOO_LATE;
    }
    if (event->results->read_utc_ms == 0) {
        return RB_STEP_NOTHING; /* without Graph's clock the snapshot says nothing */
    }
    const char *field = rb_device_difference(&request->device, event->device);
    if (field) {
        snprintf(detail, sizeof detail, "the device changed since it was approved: %s is not what the approver saw", field);
        rb_step_end(step, RB_STATE_STALE, RB_NOTE_STALE, detail);
        return RB_STEP_APPLIED;
    }
    if (event->support->verdict == RB_SUPPORT_NO || event->support->scope != request->support.scope) {
        rb_step_end(step, RB_STATE_STALE, RB_NOTE_STALE, "the device changed since it was approved: it can no longer be reset this way");
        return RB_STEP_APPLIED;
    }
    const char *foreign = foreign_reset(request, event->results);
    if (foreign) {
        rb_step_end(step, RB_STATE_STALE, RB_NOTE_STALE, foreign);
        return RB_STEP_APPLIED;
    }
    save_snapshot(request, event->results);
    rb_step_enter(step, RB_STATE_INTENT);
    rb_step_emit(step, RB_FX_RECORD, RB_NOTE_SNAPSHOT);
    return RB_STEP_APPLIED;
}

static rb_step_result go(rb_step *step)
{
    rb_request *request = step->request;
    const rb_event *event = step->event;
    bool is_early = event->now.boot_ms < request->not_before_boot_ms;
    if (is_window_over(request, event) || rb_instant_is_past(&request->deadline, event->now, event->boot)) {
        return RB_STEP_TOO_LATE;
    }
    if (request->state != RB_STATE_INTENT || is_early || request->n_attempts >= RB_POST_ATTEMPTS_MAX) {
        return RB_STEP_NOTHING;
    }
    rb_attempt *attempt = &request->attempts[request->n_attempts++];
    *attempt = (rb_attempt){.at_utc_ms = event->now.utc_ms, .outcome = RB_ATTEMPT_OPEN};
    rb_copy_fit(attempt->client_request_id, sizeof attempt->client_request_id, event->client_request_id);
    request->posted = rb_step_now(event);
    request->first_read = (rb_instant){0};
    rb_step_enter(step, RB_STATE_SENDING);
    if (request->n_attempts == 1) {
        rb_step_tell_thread(step, RB_NOTE_SENT);
        rb_step_emit(step, RB_FX_CARD, RB_NOTE_SENT);
    } else {
        rb_step_emit(step, RB_FX_RECORD, RB_NOTE_SENT);
    }
    rb_step_emit(step, RB_FX_POST, RB_NOTE_SENT);
    return RB_STEP_APPLIED;
}

static rb_step_result in_approved(rb_step *step)
{
    switch (step->event->kind) {
    case RB_EV_CANCEL:
        return cancel(step);
    case RB_EV_TIME:
    case RB_EV_RESTARTED:
        if (is_window_over(step->request, step->event)) {
            rb_step_end(step, RB_STATE_LAPSED, RB_NOTE_LAPSED, NULL);
            return RB_STEP_APPLIED;
        }
        return RB_STEP_NOTHING;
    case RB_EV_PREPARED:
        return prepared(step);
    case RB_EV_GO:
        return go(step);
    case RB_EV_NOT_ALLOWED:
        return not_allowed(step);
    case RB_EV_ALLOWED:
        return still_allowed(step);
    case RB_EV_APPROVE:
    case RB_EV_DENY:
    case RB_EV_SEND:
        return RB_STEP_ALREADY_DECIDED;
    case RB_EV_PICK:
    case RB_EV_POSTED:
    case RB_EV_RESULTS:
    case RB_EV_SHOW:
    case RB_EV_OWNER:
    case RB_EV_CARD:
        return RB_STEP_NOTHING;
    }
    return RB_STEP_NOTHING;
}

/* ---- final states that only answer ---------------------------------------------------------------------------------- */

static rb_step_result in_final(rb_step *step)
{
    switch (step->event->kind) {
    case RB_EV_SEND:
    case RB_EV_APPROVE:
    case RB_EV_DENY:
    case RB_EV_CANCEL:
        return RB_STEP_ALREADY_DECIDED;
    case RB_EV_SHOW:
        return RB_STEP_NO_MORE;
    case RB_EV_PICK:
    case RB_EV_TIME:
    case RB_EV_PREPARED:
    case RB_EV_GO:
    case RB_EV_POSTED:
    case RB_EV_RESULTS:
    case RB_EV_RESTARTED:
    case RB_EV_NOT_ALLOWED:
    case RB_EV_ALLOWED:
    case RB_EV_OWNER:
    case RB_EV_CARD:
        return RB_STEP_NOTHING;
    }
    return RB_STEP_NOTHING;
}

/* ---- what every state takes the same way ------------------------------------------------------------------------------ */

static rb_step_result owner_told(rb_step *step)
{
    if (step->request->owner_told == step->event->owner_told) {
        return RB_STEP_NOTHING;
    }
    step->request->owner_told = step->event->owner_told;
    rb_step_emit(step, RB_FX_RECORD, RB_NOTE_OWNER_TOLD);
    if (step->request->owner_told == RB_OWNER_NOT_TOLD) {
        rb_step_emit(step, RB_FX_CARD, RB_NOTE_OWNER_TOLD);
    }
    return RB_STEP_APPLIED;
}

static rb_step_result card_posted(rb_step *step)
{
    rb_copy_fit(step->request->card_channel, sizeof step->request->card_channel, step->event->channel);
    rb_copy_fit(step->request->card_ts, sizeof step->request->card_ts, step->event->ts);
    rb_step_emit(step, RB_FX_RECORD, RB_NOTE_CARD_POSTED);
    return RB_STEP_APPLIED;
}

static rb_step_result step_by_state(rb_step *step)
{
    switch (step->request->state) {
    case RB_STATE_DRAFT:
        return in_draft(step);
    case RB_STATE_PENDING:
        return in_pending(step);
    case RB_STATE_APPROVED:
    case RB_STATE_INTENT:
        return in_approved(step);
    case RB_STATE_SENDING:
        return rb_step_sending(step);
    case RB_STATE_ACCEPTED:
    case RB_STATE_IN_PROGRESS:
        return rb_step_waiting(step);
    case RB_STATE_DONE:
        return rb_step_done(step);
    case RB_STATE_UNKNOWN:
        return rb_step_unknown(step);
    case RB_STATE_FAILED:
    case RB_STATE_NOT_SUPPORTED:
    case RB_STATE_CANCELED:
    case RB_STATE_DENIED:
    case RB_STATE_CANCELLED:
    case RB_STATE_EXPIRED:
    case RB_STATE_LAPSED:
    case RB_STATE_STALE:
    case RB_STATE_NEEDS_TENANT_APPROVAL:
        return in_final(step);
    case RB_STATES:
        break;
    }
    return RB_STEP_NOTHING;
}

rb_step_result rb_request_step(rb_request *request, const rb_event *event, rb_effects *out_effects)
{
    rb_step step = {request, event, out_effects};
    out_effects->n = 0;
    if (event->kind == RB_EV_OWNER) {
        return owner_told(&step);
    }
    if (event->kind == RB_EV_CARD) {
        return card_posted(&step);
    }
    return step_by_state(&step);
}
