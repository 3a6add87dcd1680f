/* The moments that a step may look at, computed from the row by the rules of the design, on each clock that counts. */
#include <string.h>

#include "walk/walk.h"

typedef struct {
    walk_moment *items;
    size_t n;
    uint64_t boot;
} list;

static void add(list *all, walk_moment_id id, bool is_boot, int64_t at_ms)
{
    all->items[all->n++] = (walk_moment){id, is_boot, at_ms, INT64_MAX};
}

/* Deadlines: either clock; across a reboot the wall clock alone. */
static void add_deadline(list *all, walk_moment_id id, const rb_instant *at, int64_t earlier_ms)
{
    add(all, id, false, at->utc_ms - earlier_ms);
    if (at->boot == all->boot)
        add(all, id, true, at->boot_ms - earlier_ms);
}

/* Ages: the boot clock within one boot, else the wall clock; while that is before the moment itself, this boot's length. */
static void add_age(list *all, walk_moment_id id, const rb_instant *then, int64_t age_ms)
{
    if (then->boot == all->boot)
        add(all, id, true, then->boot_ms + age_ms);
    else
        all->items[all->n++] = (walk_moment){id, false, then->utc_ms + age_ms, age_ms};
}

static void add_waiting(list *all, const rb_request *request)
{
    /* a POST under way may come back as one that did not act: then the window counts again */
    if (request->state == RB_STATE_SENDING && request->attempts[request->n_attempts - 1].outcome == RB_ATTEMPT_OPEN) {
        add_deadline(all, MOMENT_WINDOW, &request->deadline, 0);
        return;
    }
    if (!request->is_told_still_queued)
        add_age(all, MOMENT_DAY, &request->posted, RB_DAY_MS);
    add_age(all, MOMENT_WEEK, &request->posted, RB_WATCH_MS);
    if (request->first_read.utc_ms && !request->ours.type[0])
        add_age(all, MOMENT_NO_TRACE, &request->first_read, RB_NO_TRACE_MS);
}

static void add_code(list *all, const rb_request *request)
{
    if (!request->has_code || request->n_shown >= RB_SHOWINGS_MAX)
        return;
    add_age(all, MOMENT_WATCH, &request->ended, RB_WATCH_MS);
    if (request->n_shown)
        add_age(all, MOMENT_SHOWING, &request->first_shown, RB_SHOW_WINDOW_MS);
    else if (request->state == RB_STATE_DONE && !request->is_code_reminded)
        add_age(all, MOMENT_UNOPENED, &request->ended, RB_UNOPENED_CODE_MS);
}

size_t walk_moments(const rb_request *request, uint64_t boot, walk_moment out_moments[WALK_MOMENTS_MAX])
{
    list all = {out_moments, 0, boot};

    switch (request->state) {
    case RB_STATE_DRAFT: add_deadline(&all, MOMENT_DEADLINE, &request->deadline, 0); break;
    case RB_STATE_PENDING:
        add_deadline(&all, MOMENT_DEADLINE, &request->deadline, 0);
        /* half time is one clock's affair: the boot's while it lasts */
        if (!request->is_reminded && request->deadline.boot == boot)
            add(&all, MOMENT_HALF, true, request->deadline.boot_ms - WALK_EXPIRY_MS / 2);
        else if (!request->is_reminded)
            add(&all, MOMENT_HALF, false, request->deadline.utc_ms - WALK_EXPIRY_MS / 2);
        break;
    case RB_STATE_APPROVED:
    case RB_STATE_INTENT:
        add_deadline(&all, MOMENT_WINDOW, &request->deadline, 0);
        if (request->not_before_boot_ms)
            add(&all, MOMENT_RETRY, true, request->not_before_boot_ms);
        break;
    case RB_STATE_SENDING:
    case RB_STATE_ACCEPTED:
    case RB_STATE_IN_PROGRESS: add_waiting(&all, request); break;
    case RB_STATE_UNKNOWN:
        if (!request->is_found_later && request->posted.utc_ms)
            add_age(&all, MOMENT_WEEK, &request->posted, RB_WATCH_MS);
        add_code(&all, request);
        break;
    case RB_STATE_DONE: add_code(&all, request); break;
    case RB_STATE_FAILED:
    case RB_STATE_NOT_SUPPORTED:
    case RB_STATE_CANCELED:
    case RB_STATE_DENIED:
    case RB_STATE_CANCELLED:
    case RB_STATE_EXPIRED:
    case RB_STATE_LAPSED:
    case RB_STATE_STALE:
    case RB_STATE_NEEDS_TENANT_APPROVAL:
    case RB_STATES: break;
    }
    return all.n;
}

int64_t walk_until(const walk_moment *moment, rb_now now)
{
    int64_t until = moment->at_ms - (moment->is_boot ? now.boot_ms : now.utc_ms);
    if (moment->or_boot_ms == INT64_MAX)
        return until;
    /* by the boot clock only if the wall clock will still be before the moment that the age counts from */
    int64_t until_boot = moment->or_boot_ms - now.boot_ms;
    bool is_still_before = now.utc_ms + until_boot < moment->at_ms - moment->or_boot_ms;
    return is_still_before && until_boot < until ? until_boot : until;
}
