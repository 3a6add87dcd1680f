/* R4: left alone, each state ends at its own moment, and the timer neither oversleeps nor spins. */
#include <stdlib.h>

#include "walk/walk.h"

#define ROUNDS_MAX 64

static rb_step_result happens(walk_place *place, const walk_case *one)
{
    static walk_event event;
    rb_effects effects;

    (void)walk_fill(one, place, &event);
    return rb_request_step(&place->request, &event.event, &effects);
}

static void pass(walk_place *place, int64_t ms)
{
    place->now.utc_ms += ms;
    place->now.boot_ms += ms;
}

static bool is_post_running(const rb_request *request)
{
    return request->state == RB_STATE_SENDING && request->attempts[request->n_attempts - 1].outcome == RB_ATTEMPT_OPEN;
}

/* How long until it must be over, by the moments of the row alone. */
static int64_t longest(const walk_place *place)
{
    walk_moment moments[WALK_MOMENTS_MAX];
    size_t n = walk_moments(&place->request, place->boot, moments);
    bool is_before_post = place->request.state == RB_STATE_APPROVED || place->request.state == RB_STATE_INTENT;
    int64_t least = is_before_post && place->request.deadline.boot != place->boot ? 0 : INT64_MAX;

    for (size_t i = 0; i < n; i++) {
        bool ends = moments[i].id == MOMENT_DEADLINE || moments[i].id == MOMENT_WEEK ||
                    (moments[i].id == MOMENT_WINDOW && moments[i].is_boot); /* the wall clock lapses nothing */
        int64_t until = walk_until(&moments[i], place->now);
        if (ends && until < least)
            least = until > 0 ? until : 0;
    }
    return least;
}

/* Nobody clicks and nothing answers: the clock alone. */
static const char *alone(walk_place *place)
{
    const walk_case *time = walk_find(RB_EV_TIME, WHO_ENGINE, 0);
    int64_t end = place->now.boot_ms + longest(place);

    for (int round = 0; round < ROUNDS_MAX; round++) {
        if (rb_state_is_final(place->request.state))
            return place->now.boot_ms == end ? NULL : "R4: it ends at another moment than its deadline";
        rb_want want = rb_request_next(&place->request, place->now, place->boot);
        if (want.time_boot_ms == INT64_MAX)
            return "R4: nothing will ever end this state";
        if (want.time_boot_ms > place->now.boot_ms)
            pass(place, want.time_boot_ms - place->now.boot_ms);
        (void)happens(place,
                      time); /* after a wall jump it may come once too early: broken_timer sees what would spin */
    }
    return "R4: the timer comes for ever";
}

/* Intune answers each time it is asked, and shows nothing. */
static const char *unseen(walk_place *place)
{
    const walk_case *time = walk_find(RB_EV_TIME, WHO_ENGINE, 0),
                    *nothing = walk_find(RB_EV_RESULTS, WHO_ENGINE, SEEN_NOTHING);
    int64_t start = place->now.boot_ms;

    for (int round = 0; round < ROUNDS_MAX; round++) {
        if (rb_state_is_final(place->request.state))
            return place->now.boot_ms - start <= RB_HOUR_MS + RB_NO_TRACE_MS ? NULL : "R4: no trace is said too late";
        rb_want want = rb_request_next(&place->request, place->now, place->boot);
        bool is_work = want.work == RB_WORK_RESULTS && want.work_boot_ms <= want.time_boot_ms;
        int64_t at = is_work ? want.work_boot_ms : want.time_boot_ms;
        if (at == INT64_MAX)
            return "R4: nobody asks Intune any more";
        pass(place, at > place->now.boot_ms ? at - place->now.boot_ms : 0);
        (void)happens(place, is_work ? nothing : time);
    }
    return "R4: Intune is asked for ever";
}

static const char *broken_timer(const walk_place *place, walk_place *work)
{
    rb_want want = rb_request_next(&place->request, place->now, place->boot);

    *work = *place;
    bool is_due = happens(work, walk_find(RB_EV_TIME, WHO_ENGINE, 0)) == RB_STEP_APPLIED;
    if (is_due && want.time_boot_ms > place->now.boot_ms)
        return "R4: a deadline is over, and the timer is set for later";
    if (!is_due && want.time_boot_ms <= place->now.boot_ms)
        return "R4: the timer is due, and nothing is to be done: it would spin";
    if (want.work == RB_WORK_RESULTS && want.work_boot_ms <= place->now.boot_ms)
        return "R4: polls without a pause";
    if (rb_state_is_final(place->request.state) && want.work == RB_WORK_PREPARE)
        return "R4: a final state works towards a POST";
    return NULL;
}

const char *walk_endless(const walk_place *place)
{
    static walk_place work;
    const char *broken = broken_timer(place, &work);

    if (broken || rb_state_is_final(place->request.state))
        return broken;
    work = *place;
    /* a POST under way ends by its answer, each of which is walked, or with the process */
    if (is_post_running(&work.request) && happens(&work, walk_find(RB_EV_RESTARTED, WHO_ENGINE, 0)) != RB_STEP_APPLIED)
        return "R4: a restart leaves the POST open";
    walk_place restarted = work;
    broken = alone(&work);
    bool is_looked_up = restarted.request.state >= RB_STATE_SENDING && !restarted.request.ours.type[0];
    return broken || !is_looked_up ? broken : unseen(&restarted);
}
