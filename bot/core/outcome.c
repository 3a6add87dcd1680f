/* From SENDING on: what the POST answered, and what Intune says became of it. */
#include <stdio.h>
#include <string.h>

#include "core/step.h"
#include "resetbot/catalogue.h"
#include "resetbot/text.h"

/* ---- which result is ours ------------------------------------------------------------------------------------------- */

typedef enum { FIND_NONE, FIND_ONE, FIND_AMBIGUOUS } find_outcome;

static bool is_key(const rb_action_key *key, const rb_action_result *item)
{
    return strcmp(key->type, item->type) == 0 && strcmp(key->started, item->started) == 0;
}

static bool is_in_snapshot(const rb_request *request, const rb_action_result *item)
{
    for (uint32_t i = 0; i < request->n_snapshot; i++) {
        if (is_key(&request->snapshot[i], item)) {
            return true;
        }
    }
    return false;
}

/* Absent from the snapshot, and started at or after that read by Graph's own clock, or without a date at all. */
static bool is_new(const rb_request *request, const rb_action_result *item)
{
    return !is_in_snapshot(request, item) &&
           (item->started_utc_ms == 0 || item->started_utc_ms >= request->snapshot_utc_ms);
}

static bool is_ours_dated(const rb_request *request)
{
    int64_t started = 0;
    return rb_time_parse_iso(rb_str_of(request->ours.started), &started) == RB_OK && !rb_time_is_sentinel(started);
}

/* A result adopted before must still be the one: if another took its place, nobody can tell which is ours. */
static find_outcome find_ours(const rb_request *request, const rb_action_results *results,
                              const rb_action_result **out_item)
{
    const rb_action_result *found = NULL;
    for (uint32_t i = 0; i < results->n; i++) {
        if (!is_new(request, &results->items[i])) {
            continue;
        }
        if (found) {
            return FIND_AMBIGUOUS;
        }
        found = &results->items[i];
    }
    if (!found) {
        return FIND_NONE;
    }
    /* the same start under another type is still ours: Graph may name the type only once the action is final */
    bool is_same_start = strcmp(request->ours.started, found->started) == 0;
    if (request->ours.type[0] && !is_same_start && is_ours_dated(request)) {
        return FIND_AMBIGUOUS;
    }
    *out_item = found;
    return FIND_ONE;
}

static void adopt(rb_request *request, const rb_action_result *item)
{
    rb_copy_fit(request->ours.type, sizeof request->ours.type, item->type);
    rb_copy_fit(request->ours.started, sizeof request->ours.started, item->started);
    request->has_code = item->has_code && item->state == RB_ACTION_DONE; /* S6: before that it is nobody's to open */
}

/* ---- SENDING, ACCEPTED, IN_PROGRESS ------------------------------------------------------------------------------------- */

static void end_failed(rb_step *step, const rb_action_result *item)
{
    char detail[RB_DETAIL_CAP] = "";
    if (item->error_code != 0) {
        snprintf(detail, sizeof detail, RB_T("Intune gave an error code") " (%d, 0x%08x)", (int)item->error_code,
                 (unsigned)item->error_code);
    }
    rb_step_end(step, RB_STATE_FAILED, RB_NOTE_FAILED, detail);
}

static rb_step_result still_queued(rb_step *step, bool is_first_trace)
{
    if (step->request->state == RB_STATE_SENDING) {
        rb_step_enter(step, RB_STATE_ACCEPTED);
        rb_step_tell_thread(step, RB_NOTE_ACCEPTED);
        rb_step_emit(step, RB_FX_CARD, RB_NOTE_ACCEPTED);
        return RB_STEP_APPLIED;
    }
    return is_first_trace ? RB_STEP_APPLIED : RB_STEP_NOTHING;
}

static rb_step_result in_progress(rb_step *step, bool is_first_trace)
{
    if (step->request->state == RB_STATE_IN_PROGRESS) {
        return is_first_trace ? RB_STEP_APPLIED : RB_STEP_NOTHING;
    }
    rb_step_enter(step, RB_STATE_IN_PROGRESS);
    rb_step_emit(step, RB_FX_RECORD, RB_NOTE_IN_PROGRESS);
    rb_step_emit(step, RB_FX_CARD, RB_NOTE_IN_PROGRESS);
    return RB_STEP_APPLIED;
}

static rb_step_result follow(rb_step *step, const rb_action_result *item, bool is_first_trace)
{
    switch (item->state) {
    case RB_ACTION_DONE: rb_step_end(step, RB_STATE_DONE, RB_NOTE_DONE, ""); return RB_STEP_APPLIED;
    case RB_ACTION_FAILED: end_failed(step, item); return RB_STEP_APPLIED;
    case RB_ACTION_NOT_SUPPORTED:
        rb_step_end(step, RB_STATE_NOT_SUPPORTED, RB_NOTE_NOT_SUPPORTED, "");
        return RB_STEP_APPLIED;
    case RB_ACTION_CANCELED: rb_step_end(step, RB_STATE_CANCELED, RB_NOTE_CANCELED, ""); return RB_STEP_APPLIED;
    case RB_ACTION_ACTIVE: return in_progress(step, is_first_trace);
    case RB_ACTION_NONE:
    case RB_ACTION_PENDING:
    case RB_ACTION_OTHER: return still_queued(step, is_first_trace);
    }
    return RB_STEP_NOTHING;
}

static rb_step_result no_trace(rb_step *step, bool is_first_read)
{
    rb_request *request = step->request;
    bool is_over = rb_instant_age_ms(&request->first_read, step->event->now, step->event->boot) >= RB_NO_TRACE_MS;
    if (!request->ours.type[0] && is_over) {
        rb_step_end(step, RB_STATE_UNKNOWN, RB_NOTE_UNKNOWN, RB_T("no trace: Intune shows no passcode action for it"));
        return RB_STEP_APPLIED;
    }
    return is_first_read ? RB_STEP_APPLIED : RB_STEP_NOTHING;
}

static rb_step_result results_read(rb_step *step)
{
    rb_request *request = step->request;
    const rb_action_result *item = NULL;
    if (step->event->results->read_utc_ms == 0) {
        return RB_STEP_NOTHING;
    }
    bool is_first_read = request->first_read.utc_ms == 0;
    if (is_first_read) {
        request->first_read = rb_step_now(step->event);
    }
    switch (find_ours(request, step->event->results, &item)) {
    case FIND_NONE: return no_trace(step, is_first_read);
    case FIND_AMBIGUOUS:
        request->has_code = false;
        request->is_ambiguous = true;
        rb_step_end(
            step, RB_STATE_UNKNOWN, RB_NOTE_UNKNOWN,
            RB_T("ambiguous: Intune shows more than one new passcode action, so somebody else also reset this device"));
        return RB_STEP_APPLIED;
    case FIND_ONE: break;
    }
    bool is_first_trace = !is_key(&request->ours, item) || is_first_read;
    adopt(request, item);
    return follow(step, item, is_first_trace);
}

static rb_step_result waiting_time(rb_step *step)
{
    rb_request *request = step->request;
    int64_t age = rb_instant_age_ms(&request->posted, step->event->now, step->event->boot);
    if (age >= RB_WATCH_MS) {
        rb_step_end(step, RB_STATE_UNKNOWN, RB_NOTE_UNKNOWN,
                    request->first_read.utc_ms ? RB_T("still queued after 7 days")
                                               : RB_T("Intune could not be asked for 7 days"));
        return RB_STEP_APPLIED;
    }
    if (age >= RB_DAY_MS && !request->is_told_still_queued) {
        request->is_told_still_queued = true;
        rb_step_tell_thread(step, RB_NOTE_STILL_QUEUED);
        return RB_STEP_APPLIED;
    }
    return RB_STEP_NOTHING;
}

rb_step_result rb_step_waiting(rb_step *step)
{
    switch (step->event->kind) {
    case RB_EV_RESULTS: return results_read(step);
    case RB_EV_TIME: return waiting_time(step);
    case RB_EV_CANCEL: return RB_STEP_TOO_LATE_SENT;
    case RB_EV_APPROVE:
    case RB_EV_DENY:
    case RB_EV_SEND: return RB_STEP_ALREADY_DECIDED;
    case RB_EV_PICK:
    case RB_EV_PREPARED:
    case RB_EV_GO:
    case RB_EV_POSTED:
    case RB_EV_RESTARTED:
    case RB_EV_NOT_ALLOWED:
    case RB_EV_ALLOWED:
    case RB_EV_SHOW:
    case RB_EV_OWNER:
    case RB_EV_CARD:
    case RB_EV_TAKE: return RB_STEP_NOTHING;
    }
    return RB_STEP_NOTHING;
}

/* ---- the POST's answer --------------------------------------------------------------------------------------------------- */

/* The attempt did not act (R2): back to INTENT for a new snapshot, as long as attempts are left. */
static rb_step_result try_again(rb_step *step, rb_attempt_outcome outcome)
{
    rb_request *request = step->request;
    request->attempts[request->n_attempts - 1].outcome = outcome;
    request->posted = (rb_instant){0};
    if (request->n_attempts >= RB_POST_ATTEMPTS_MAX) {
        rb_step_end(
            step, RB_STATE_FAILED, RB_NOTE_FAILED,
            RB_T("Intune did not take it in 5 attempts; none of them acted. Nothing was changed on the device"));
        return RB_STEP_APPLIED;
    }
    rb_step_enter(step, RB_STATE_INTENT);
    int64_t wait = step->event->retry_after_ms > RB_SECOND_MS ? step->event->retry_after_ms : RB_SECOND_MS;
    request->not_before_boot_ms = step->event->now.boot_ms + wait;
    rb_step_set_detail(request, step->event->text ? step->event->text : "");
    rb_step_emit(step, RB_FX_RECORD, RB_NOTE_TRY_AGAIN);
    rb_step_emit(step, RB_FX_CARD, RB_NOTE_TRY_AGAIN); /* it said "being sent", and a back-off may take minutes */
    return RB_STEP_APPLIED;
}

static rb_step_result unclear(rb_step *step, rb_note note, const char *detail)
{
    step->request->attempts[step->request->n_attempts - 1].outcome = RB_ATTEMPT_UNCLEAR;
    rb_step_set_detail(step->request, detail ? detail : "");
    rb_step_tell_thread(step, note);
    rb_step_emit(step, RB_FX_CARD, note);
    if (note == RB_NOTE_RECOVERED) { /* who sits with the caller must know what not to do meanwhile */
        rb_step_emit(step, RB_FX_TELL_REQUESTER, note);
    }
    return RB_STEP_APPLIED;
}

static rb_step_result posted(rb_step *step)
{
    rb_request *request = step->request;
    rb_attempt *attempt = &request->attempts[request->n_attempts - 1];
    const char *detail = step->event->text;
    if (attempt->outcome != RB_ATTEMPT_OPEN) {
        return RB_STEP_NOTHING;
    }
    switch (step->event->outcome) {
    case RB_POST_ACCEPTED:
        attempt->outcome = RB_ATTEMPT_ACCEPTED;
        rb_step_enter(step, RB_STATE_ACCEPTED);
        rb_step_tell_thread(step, RB_NOTE_ACCEPTED);
        rb_step_emit(step, RB_FX_CARD, RB_NOTE_ACCEPTED);
        return RB_STEP_APPLIED;
    case RB_POST_UNAUTHORISED: return try_again(step, RB_ATTEMPT_UNAUTHORISED);
    case RB_POST_THROTTLED: return try_again(step, RB_ATTEMPT_THROTTLED);
    case RB_POST_NEVER_LEFT: return try_again(step, RB_ATTEMPT_NEVER_LEFT);
    case RB_POST_REFUSED:
        attempt->outcome = RB_ATTEMPT_REFUSED;
        request->posted = (rb_instant){0};
        rb_step_end(step, RB_STATE_FAILED, RB_NOTE_FAILED, detail);
        return RB_STEP_APPLIED;
    case RB_POST_TENANT_APPROVAL:
        attempt->outcome = RB_ATTEMPT_REFUSED;
        request->posted = (rb_instant){0};
        rb_step_end(step, RB_STATE_NEEDS_TENANT_APPROVAL, RB_NOTE_TENANT_APPROVAL, detail);
        return RB_STEP_APPLIED;
    case RB_POST_UNCLEAR: return unclear(step, RB_NOTE_UNCLEAR, detail);
    }
    return RB_STEP_NOTHING;
}

rb_step_result rb_step_sending(rb_step *step)
{
    bool is_open = step->request->attempts[step->request->n_attempts - 1].outcome == RB_ATTEMPT_OPEN;
    switch (step->event->kind) {
    case RB_EV_POSTED: return posted(step);
    case RB_EV_RESTARTED:
        return is_open ? unclear(step, RB_NOTE_RECOVERED, RB_T("the bot stopped while it was being sent"))
                       : RB_STEP_NOTHING;
    case RB_EV_RESULTS: return is_open ? RB_STEP_NOTHING : results_read(step);
    case RB_EV_TIME: return is_open ? RB_STEP_NOTHING : waiting_time(step);
    case RB_EV_CANCEL:
    case RB_EV_APPROVE:
    case RB_EV_DENY:
    case RB_EV_SEND:
    case RB_EV_PICK:
    case RB_EV_PREPARED:
    case RB_EV_GO:
    case RB_EV_NOT_ALLOWED:
    case RB_EV_ALLOWED:
    case RB_EV_SHOW:
    case RB_EV_OWNER:
    case RB_EV_CARD:
    case RB_EV_TAKE: return rb_step_waiting(step);
    }
    return RB_STEP_NOTHING;
}

/* ---- UNKNOWN: the watch; DONE: the code ------------------------------------------------------------------------------------- */

/* Showings: at most 4, within 30 minutes of the first, none later than 7 days after the end (design 4: the code). */
bool rb_request_has_showing(const rb_request *request, rb_now now, uint64_t boot)
{
    bool is_old = rb_instant_age_ms(&request->ended, now, boot) >= RB_WATCH_MS;
    int64_t since_first_ms = rb_instant_age_ms(&request->first_shown, now, boot);
    bool is_window_over = request->n_shown > 0 && since_first_ms >= RB_SHOW_WINDOW_MS;
    return request->has_code && request->n_shown < RB_SHOWINGS_MAX && !is_old && !is_window_over;
}

static rb_step_result show(rb_step *step)
{
    rb_request *request = step->request;
    const rb_event *event = step->event;
    if (!rb_request_has_showing(request, event->now, event->boot)) {
        return RB_STEP_NO_MORE;
    }
    if (!event->actor || !rb_person_equal(&event->actor->person, &request->requester.person)) {
        return RB_STEP_NOT_ALLOWED; /* S6: it is shown to who has the request, and to nobody who had it */
    }
    if (request->n_shown == 0) {
        request->first_shown = rb_step_now(event);
    }
    request->shown_utc_ms[request->n_shown++] = event->now.utc_ms;
    rb_step_tell_thread(step, RB_NOTE_SHOWN);
    return RB_STEP_APPLIED;
}

static rb_step_result found_later(rb_step *step)
{
    rb_request *request = step->request;
    const rb_action_result *item = NULL;
    if (request->is_found_later || request->is_ambiguous || !request->posted.utc_ms ||
        step->event->results->read_utc_ms == 0 || find_ours(request, step->event->results, &item) != FIND_ONE) {
        return RB_STEP_NOTHING;
    }
    bool is_final = item->state == RB_ACTION_DONE || item->state == RB_ACTION_FAILED ||
                    item->state == RB_ACTION_NOT_SUPPORTED || item->state == RB_ACTION_CANCELED;
    if (!is_final) {
        return RB_STEP_NOTHING;
    }
    adopt(request, item);
    request->is_found_later = true;
    rb_step_set_detail(request, item->state == RB_ACTION_DONE     ? RB_T("Intune now reports it done")
                                : item->state == RB_ACTION_FAILED ? RB_T("Intune now reports that it failed")
                                : item->state == RB_ACTION_NOT_SUPPORTED
                                    ? RB_T("Intune now reports it as not supported")
                                    : RB_T("Intune now reports it canceled"));
    rb_step_tell_thread(step, RB_NOTE_FOUND_LATER);
    rb_step_emit(step, RB_FX_CARD, RB_NOTE_FOUND_LATER);
    rb_step_emit(step, RB_FX_TELL_REQUESTER, RB_NOTE_FOUND_LATER);
    return RB_STEP_APPLIED;
}

static rb_step_result done_time(rb_step *step)
{
    rb_request *request = step->request;
    int64_t age = rb_instant_age_ms(&request->ended, step->event->now, step->event->boot);
    if (!request->has_code || request->n_shown || request->is_code_reminded || age < RB_UNOPENED_CODE_MS) {
        return RB_STEP_NOTHING;
    }
    request->is_code_reminded = true;
    rb_step_emit(step, RB_FX_RECORD, RB_NOTE_CODE_UNOPENED);
    rb_step_emit(step, RB_FX_TELL_REQUESTER, RB_NOTE_CODE_UNOPENED);
    return RB_STEP_APPLIED;
}

rb_step_result rb_step_unknown(rb_step *step)
{
    switch (step->event->kind) {
    case RB_EV_RESULTS: return found_later(step);
    case RB_EV_SHOW: return show(step);
    case RB_EV_CANCEL: return RB_STEP_TOO_LATE_SENT;
    case RB_EV_SEND:
    case RB_EV_APPROVE:
    case RB_EV_DENY: return RB_STEP_ALREADY_DECIDED;
    case RB_EV_PICK:
    case RB_EV_TIME:
    case RB_EV_PREPARED:
    case RB_EV_GO:
    case RB_EV_POSTED:
    case RB_EV_RESTARTED:
    case RB_EV_NOT_ALLOWED:
    case RB_EV_ALLOWED:
    case RB_EV_OWNER:
    case RB_EV_CARD:
    case RB_EV_TAKE: return RB_STEP_NOTHING;
    }
    return RB_STEP_NOTHING;
}

rb_step_result rb_step_done(rb_step *step)
{
    switch (step->event->kind) {
    case RB_EV_SHOW: return show(step);
    case RB_EV_TIME: return done_time(step);
    case RB_EV_CANCEL:
    case RB_EV_SEND:
    case RB_EV_APPROVE:
    case RB_EV_DENY: return RB_STEP_ALREADY_DECIDED;
    case RB_EV_PICK:
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
