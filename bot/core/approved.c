/* APPROVED and INTENT: the sending window, the snapshot, and the one way into SENDING (R2, S2). */
#include <stdio.h>

#include "core/step.h"
#include "resetbot/catalogue.h"

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
            return RB_T("a passcode reset is already queued for this device by somebody else");
        }
        if (item->started_utc_ms >= request->created_utc_ms) {
            return RB_T("somebody else reset this device's passcode after this request was made");
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
        snprintf(detail, sizeof detail,
                 RB_T("the device changed since it was approved: it is not what the approver saw") " (%s)", field);
        rb_step_end(step, RB_STATE_STALE, RB_NOTE_STALE, detail);
        return RB_STEP_APPLIED;
    }
    if (event->support->verdict == RB_SUPPORT_NO || event->support->scope != request->support.scope) {
        rb_step_end(step, RB_STATE_STALE, RB_NOTE_STALE,
                    RB_T("the device changed since it was approved: it can no longer be reset this way"));
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
        request->sender = request->requester.person;
        rb_step_tell_thread(step, RB_NOTE_SENT);
    } else {
        rb_step_emit(step, RB_FX_RECORD, RB_NOTE_SENT);
    }
    rb_step_emit(step, RB_FX_CARD, RB_NOTE_SENT); /* since the last attempt it says "about to be sent" */
    rb_step_emit(step, RB_FX_POST, RB_NOTE_SENT);
    return RB_STEP_APPLIED;
}

rb_step_result rb_step_approved(rb_step *step)
{
    switch (step->event->kind) {
    case RB_EV_CANCEL: return rb_step_cancel(step);
    case RB_EV_TIME:
    case RB_EV_RESTARTED:
        if (is_window_over(step->request, step->event)) {
            bool is_rebooted = step->request->deadline.boot != step->event->boot;
            rb_step_end(step, RB_STATE_LAPSED, RB_NOTE_LAPSED,
                        is_rebooted ? RB_T("the bot's machine was restarted in between") : step->event->text);
            return RB_STEP_APPLIED;
        }
        return RB_STEP_NOTHING;
    case RB_EV_PREPARED: return prepared(step);
    case RB_EV_GO: return go(step);
    case RB_EV_NOT_ALLOWED: return rb_step_not_allowed(step);
    case RB_EV_ALLOWED: return rb_step_still_allowed(step);
    case RB_EV_APPROVE:
    case RB_EV_DENY:
    case RB_EV_SEND: return RB_STEP_ALREADY_DECIDED;
    case RB_EV_PICK:
    case RB_EV_POSTED:
    case RB_EV_RESULTS:
    case RB_EV_SHOW:
    case RB_EV_OWNER:
    case RB_EV_CARD:
    case RB_EV_TAKE: return RB_STEP_NOTHING;
    }
    return RB_STEP_NOTHING;
}
