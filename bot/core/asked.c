/* DRAFT and PENDING: what its requester and the approvers may do with a request, and until when. */
#include "core/step.h"

#include <string.h>

#include "resetbot/catalogue.h"
#include "resetbot/str.h"
#include "resetbot/text.h"

/* ---- DRAFT --------------------------------------------------------------------------------------------------------- */

static rb_step_result draft_pick(rb_step *step)
{
    static const rb_device none;
    rb_request *request = step->request;
    const rb_event *event = step->event;
    const rb_device *device = event->device ? event->device : &none;
    if (event->target) {
        rb_text_clip(request->target, sizeof request->target, rb_str_of(event->target));
    }
    if (strcmp(request->device.id, device->id) != 0 && request->device.id[0]) {
        request->holds = RB_HOLDS_UNANSWERED; /* what a form said of another device */
        request->lock = RB_LOCK_UNANSWERED;
    }
    /* a person alone: the device that was picked before is no longer meant, and its Send does nothing any more */
    request->device = *device;
    request->support = event->device ? *event->support : (rb_support){.verdict = RB_SUPPORT_NO};
    rb_text_clip(request->earlier, sizeof request->earlier, rb_str_of(event->device ? event->text : ""));
    rb_step_emit(step, RB_FX_RECORD, RB_NOTE_PICKED);
    return RB_STEP_APPLIED;
}

/* S3, and the answers that the preview asks for: refused here too, whatever the caller checked. */
static bool may_send(const rb_request *request, const rb_event *event)
{
    bool is_lock_answered = request->support.scope != RB_SCOPE_WORK_PROFILE || event->lock == RB_LOCK_WORK_PROFILE;
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
    rb_copy_fit(request->owner_locale, sizeof request->owner_locale, event->owner_locale ? event->owner_locale : "");
    request->owner_told = !event->has_owner             ? RB_OWNER_NOBODY
                          : request->owner_chat_user[0] ? RB_OWNER_TO_TELL
                                                        : RB_OWNER_NOT_TOLD;
    request->deadline = rb_step_after(event, event->expiry_ms);
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

rb_step_result rb_step_draft(rb_step *step)
{
    const rb_event *event = step->event;
    switch (event->kind) {
    case RB_EV_PICK: return draft_pick(step);
    case RB_EV_SEND: return draft_send(step);
    case RB_EV_CANCEL: return draft_end(step, RB_STATE_CANCELLED, RB_NOTE_CANCELLED);
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
    case RB_EV_TAKE: return RB_STEP_NOTHING;
    }
    return RB_STEP_NOTHING;
}

/* ---- PENDING ------------------------------------------------------------------------------------------------------- */

/* Entra ids are written in either case: one person stays one. */
static bool is_same_id(const char *a, const char *b)
{
    return rb_str_equal_nocase(rb_str_of(a), rb_str_of(b));
}

static bool has_approved(const rb_request *request, const char *entra)
{
    for (uint32_t i = 0; i < request->n_approvals; i++) {
        if (is_same_id(request->approvals[i].entra, entra)) {
            return true;
        }
    }
    return false;
}

/* S3: three different people, as Entra object ids; who had it before is none of those who decide. */
static bool may_decide(const rb_request *request, const rb_actor *actor)
{
    return actor->entra[0] && !is_same_id(actor->entra, request->requester.entra) &&
           !rb_person_equal(&actor->person, &request->requester.person) &&
           !rb_request_had_it(request, &actor->person, actor->entra) &&
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
    request->approvals[request->n_approvals++] = rb_step_decision(step->event);
    if (request->n_approvals < request->approvals_needed) {
        rb_step_tell_thread(step, RB_NOTE_APPROVED_PARTLY);
        rb_step_emit(step, RB_FX_CARD, RB_NOTE_APPROVED_PARTLY);
        return RB_STEP_APPLIED;
    }
    rb_step_enter(step, RB_STATE_APPROVED);
    request->deadline = rb_step_after(step->event, RB_SEND_WINDOW_MS);
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
    request->closer = rb_step_decision(step->event);
    rb_text_clip(request->closer_reason, sizeof request->closer_reason, rb_str_of(step->event->text));
    rb_step_end(step, RB_STATE_DENIED, RB_NOTE_DENIED, NULL);
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
        bool is_at_start = step->event->kind == RB_EV_RESTARTED;
        rb_step_end(step, RB_STATE_EXPIRED, RB_NOTE_EXPIRED,
                    is_at_start ? RB_T("the bot was not running, or was being restarted, when its time was over")
                                : step->event->text);
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

rb_step_result rb_step_pending(rb_step *step)
{
    switch (step->event->kind) {
    case RB_EV_APPROVE: return pending_approve(step);
    case RB_EV_DENY: return pending_deny(step);
    case RB_EV_CANCEL: return rb_step_cancel(step);
    case RB_EV_TIME:
    case RB_EV_RESTARTED: return pending_time(step);
    case RB_EV_NOT_ALLOWED: return rb_step_not_allowed(step);
    case RB_EV_ALLOWED: return rb_step_still_allowed(step);
    case RB_EV_SEND: return RB_STEP_ALREADY_DECIDED;
    case RB_EV_PICK:
    case RB_EV_PREPARED:
    case RB_EV_GO:
    case RB_EV_POSTED:
    case RB_EV_RESULTS:
    case RB_EV_SHOW:
    case RB_EV_OWNER:
    case RB_EV_CARD:
    case RB_EV_TAKE: return RB_STEP_NOTHING;
    }
    return RB_STEP_NOTHING;
}
