/* Moments, and what a request waits for: derived from its state, so that a restart needs nothing but the row. */
#include "core/step.h"

/* ---- moments -------------------------------------------------------------------------------------------------------- */

bool rb_instant_is_past(const rb_instant *deadline, rb_now now, uint64_t boot)
{
    return now.utc_ms >= deadline->utc_ms || (boot == deadline->boot && now.boot_ms >= deadline->boot_ms);
}

int64_t rb_instant_age_ms(const rb_instant *then, rb_now now, uint64_t boot)
{
    bool is_same_boot = boot == then->boot;
    int64_t age = is_same_boot ? now.boot_ms - then->boot_ms : now.utc_ms - then->utc_ms;
    if (age >= 0) {
        return age; /* also on another machine that took over the store, however long that one is up */
    }
    /* the wall clock was set back over a reboot: at least as old as this boot, so that nothing waits for that clock */
    return is_same_boot ? 0 : now.boot_ms;
}

int64_t rb_step_half_time(const rb_request *request)
{
    return request->deadline.boot_ms - (request->deadline.utc_ms - request->state_utc_ms) / 2;
}

/* ---- what a request waits for ------------------------------------------------------------------------------------------ */

int64_t rb_poll_after(int64_t since_ms)
{
    /* design 3, Polling: gaps of 5, 10, 20, 40, then 60 s to 15 min; each 15 min to 24 h; hourly to 7 days */
    static const int64_t FIRST[] = {5000, 15000, 35000, 75000};
    for (size_t i = 0; i < sizeof FIRST / sizeof FIRST[0]; i++) {
        if (since_ms < FIRST[i]) {
            return FIRST[i];
        }
    }
    if (since_ms < 15 * RB_MINUTE_MS) {
        int64_t next = 75000 + ((since_ms - 75000) / RB_MINUTE_MS + 1) * RB_MINUTE_MS;
        return next < 15 * RB_MINUTE_MS ? next : 15 * RB_MINUTE_MS;
    }
    if (since_ms < RB_DAY_MS) {
        return (since_ms / (15 * RB_MINUTE_MS) + 1) * 15 * RB_MINUTE_MS;
    }
    if (since_ms < RB_WATCH_MS) {
        return (since_ms / RB_HOUR_MS + 1) * RB_HOUR_MS;
    }
    return INT64_MAX;
}

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* When `then` is `age_ms` old, on this boot's clock. */
static int64_t boot_ms_at_age(const rb_instant *then, int64_t age_ms, rb_now now, uint64_t boot)
{
    return now.boot_ms + later_of(0, age_ms - rb_instant_age_ms(then, now, boot));
}

static int64_t deadline_boot_ms(const rb_instant *deadline, rb_now now, uint64_t boot)
{
    int64_t by_utc = now.boot_ms + later_of(0, deadline->utc_ms - now.utc_ms);
    return boot == deadline->boot && deadline->boot_ms < by_utc ? deadline->boot_ms : by_utc;
}

static rb_want next_poll(const rb_request *request, rb_now now, uint64_t boot)
{
    int64_t since = rb_instant_age_ms(&request->posted, now, boot);
    int64_t poll = rb_poll_after(since);
    rb_want want = {.time_boot_ms = INT64_MAX, .work = RB_WORK_RESULTS, .work_boot_ms = INT64_MAX};
    if (poll == INT64_MAX) {
        want.work = RB_WORK_NONE;
    } else {
        want.work_boot_ms = now.boot_ms + (poll - since);
    }
    /* "no trace" is judged by a read made once 15 minutes are over */
    if (!request->ours.type[0] && request->first_read.utc_ms && want.work == RB_WORK_RESULTS) {
        int64_t judged = boot_ms_at_age(&request->first_read, RB_NO_TRACE_MS, now, boot);
        if (judged > now.boot_ms && judged < want.work_boot_ms) {
            want.work_boot_ms = judged;
        }
    }
    return want;
}

static rb_want next_after_post(const rb_request *request, rb_now now, uint64_t boot)
{
    rb_want want = next_poll(request, now, boot);
    want.time_boot_ms =
        boot_ms_at_age(&request->posted, request->is_told_still_queued ? RB_WATCH_MS : RB_DAY_MS, now, boot);
    bool is_post_running =
        request->state == RB_STATE_SENDING && request->attempts[request->n_attempts - 1].outcome == RB_ATTEMPT_OPEN;
    if (is_post_running) {
        want = (rb_want){.time_boot_ms = INT64_MAX, .work = RB_WORK_NONE};
    }
    return want;
}

static rb_want next_before_post(const rb_request *request, rb_now now, uint64_t boot)
{
    bool is_same_boot = request->deadline.boot == boot;
    return (rb_want){
        .time_boot_ms = is_same_boot ? request->deadline.boot_ms : now.boot_ms,
        .work = RB_WORK_PREPARE,
        .work_boot_ms = is_same_boot ? request->not_before_boot_ms : now.boot_ms,
    };
}

static rb_want next_pending(const rb_request *request, rb_now now, uint64_t boot)
{
    rb_want want = {.time_boot_ms = deadline_boot_ms(&request->deadline, now, boot), .work = RB_WORK_NONE};
    if (!request->is_reminded) {
        int64_t half = (request->deadline.utc_ms - request->state_utc_ms) / 2;
        int64_t at = boot == request->deadline.boot
                         ? rb_step_half_time(request)
                         : now.boot_ms + later_of(0, request->state_utc_ms + half - now.utc_ms);
        want.time_boot_ms = at < want.time_boot_ms ? at : want.time_boot_ms;
    }
    return want;
}

rb_want rb_request_next(const rb_request *request, rb_now now, uint64_t boot)
{
    rb_want nothing = {.time_boot_ms = INT64_MAX, .work = RB_WORK_NONE};
    switch (request->state) {
    case RB_STATE_DRAFT: nothing.time_boot_ms = deadline_boot_ms(&request->deadline, now, boot); return nothing;
    case RB_STATE_PENDING: return next_pending(request, now, boot);
    case RB_STATE_APPROVED:
    case RB_STATE_INTENT: return next_before_post(request, now, boot);
    case RB_STATE_SENDING:
    case RB_STATE_ACCEPTED:
    case RB_STATE_IN_PROGRESS: return next_after_post(request, now, boot);
    case RB_STATE_UNKNOWN:
        return request->is_found_later || request->is_ambiguous || !request->posted.utc_ms
                   ? nothing
                   : next_poll(request, now, boot);
    case RB_STATE_DONE:
        if (request->has_code && request->n_shown == 0 && !request->is_code_reminded) {
            nothing.time_boot_ms = boot_ms_at_age(&request->ended, RB_UNOPENED_CODE_MS, now, boot);
        }
        return nothing;
    case RB_STATE_FAILED:
    case RB_STATE_NOT_SUPPORTED:
    case RB_STATE_CANCELED:
    case RB_STATE_DENIED:
    case RB_STATE_CANCELLED:
    case RB_STATE_EXPIRED:
    case RB_STATE_LAPSED:
    case RB_STATE_STALE:
    case RB_STATE_NEEDS_TENANT_APPROVAL:
    case RB_STATES: return nothing;
    }
    return nothing;
}
