#include "core/step.h"

#include <assert.h>
#include <string.h>

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
    /* design 4: at most 10 lines; from line 9 on only what ends the story. A take's own line takes no other's place. */
    uint32_t room = (rb_state_is_final(request->state) ? RB_LINES_MAX : RB_LINES_MAX - 2) + request->n_takes;
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

rb_instant rb_step_after(const rb_event *event, int64_t ms)
{
    return (rb_instant){event->now.utc_ms + ms, event->now.boot_ms + ms, event->boot};
}

rb_decision rb_step_decision(const rb_event *event)
{
    rb_decision decision = {.person = event->actor->person, .at_utc_ms = event->now.utc_ms};
    rb_copy_fit(decision.entra, sizeof decision.entra, event->actor->entra);
    rb_copy_fit(decision.name, sizeof decision.name, event->actor->name);
    return decision;
}

/* ---- what every state before the POST takes the same way ---------------------------------------------------------- */

rb_step_result rb_step_cancel(rb_step *step)
{
    step->request->closer = rb_step_decision(step->event);
    rb_step_end(step, RB_STATE_CANCELLED, RB_NOTE_CANCELLED, NULL);
    return RB_STEP_APPLIED;
}

rb_step_result rb_step_not_allowed(rb_step *step)
{
    rb_step_end(step, RB_STATE_STALE, RB_NOTE_STALE, step->event->text);
    return RB_STEP_APPLIED;
}

rb_step_result rb_step_still_allowed(rb_step *step)
{
    rb_request *request = step->request;
    if (strcmp(request->policy_version, step->event->policy_version) == 0) {
        return RB_STEP_NOTHING;
    }
    rb_copy_fit(request->policy_version, sizeof request->policy_version, step->event->policy_version);
    /* a renewed card still waits for somebody, also when fewer are needed now */
    if (request->state == RB_STATE_PENDING) {
        uint32_t least = request->n_approvals + 1;
        request->approvals_needed = step->event->approvals_needed > least ? step->event->approvals_needed : least;
    }
    rb_step_emit(step, RB_FX_RECORD, RB_NOTE_RENEWED);
    rb_step_emit(step, RB_FX_CARD, RB_NOTE_RENEWED);
    return RB_STEP_APPLIED;
}
