#include "resetbot/request.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/step.h"
#include "resetbot/text.h"

/* ---- final states that only answer ---------------------------------------------------------------------------------- */

static rb_step_result in_final(rb_step *step)
{
    switch (step->event->kind) {
    case RB_EV_SEND:
    case RB_EV_APPROVE:
    case RB_EV_DENY:
    case RB_EV_CANCEL: return RB_STEP_ALREADY_DECIDED;
    case RB_EV_SHOW: return RB_STEP_NO_MORE;
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
    case RB_EV_TAKE: return RB_STEP_NOTHING;
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
    case RB_STATE_DRAFT: return rb_step_draft(step);
    case RB_STATE_PENDING: return rb_step_pending(step);
    case RB_STATE_APPROVED:
    case RB_STATE_INTENT: return rb_step_approved(step);
    case RB_STATE_SENDING: return rb_step_sending(step);
    case RB_STATE_ACCEPTED:
    case RB_STATE_IN_PROGRESS: return rb_step_waiting(step);
    case RB_STATE_DONE: return rb_step_done(step);
    case RB_STATE_UNKNOWN: return rb_step_unknown(step);
    case RB_STATE_FAILED:
    case RB_STATE_NOT_SUPPORTED:
    case RB_STATE_CANCELED:
    case RB_STATE_DENIED:
    case RB_STATE_CANCELLED:
    case RB_STATE_EXPIRED:
    case RB_STATE_LAPSED:
    case RB_STATE_STALE:
    case RB_STATE_NEEDS_TENANT_APPROVAL: return in_final(step);
    case RB_STATES: break;
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
    if (event->kind == RB_EV_TAKE) {
        return rb_step_take(&step);
    }
    return step_by_state(&step);
}
