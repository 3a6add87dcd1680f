/* Two approvers, a requester, the engine's own steps, the clock and one crash, in every order. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "walk/walk.h"

#define DEPTH_MAX 8

typedef enum {
    DOES_APPROVE_1,
    DOES_APPROVE_2,
    DOES_DENY_2,
    DOES_CANCEL,
    DOES_GO_ON,      /* the engine's next step, answered well */
    DOES_FALL_BACK,  /* the same, answered badly: it did not act, or may no longer */
    DOES_BLUR,       /* the same, answered so that nobody can tell */
    DOES_WAIT,       /* until the next moment that counts */
    DOES_CRASH,      /* after the last commit: its effects may or may not have gone out */
    DOES_CRASH_LOST, /* before the last step was committed: as if it never was */
    DOES_MAX
} deed;

static const char *const WORDS[DOES_MAX] = {"approver 1 approves",
                                            "approver 2 approves",
                                            "approver 2 denies",
                                            "cancel",
                                            "next, good",
                                            "next, did not act",
                                            "next, unclear",
                                            "waits",
                                            "crash",
                                            "crash, step lost"};

/* What was before a step, and what is after it, one a level. */
typedef struct {
    walk *all;
    int depth;
    walk_place places[DEPTH_MAX + 1];
    deed way[DEPTH_MAX];
    const char *start;
    walk_event event;
} story;

/* ---- which event a deed is --------------------------------------------------------------------------------------------- */

static const walk_case *engine(rb_event_kind kind, int variant)
{
    return walk_find(kind, WHO_ENGINE, variant);
}

static bool is_post_running(const rb_request *request)
{
    return request->state == RB_STATE_SENDING && request->attempts[request->n_attempts - 1].outcome == RB_ATTEMPT_OPEN;
}

static const walk_case *goes_on(const rb_request *request)
{
    if (request->state == RB_STATE_DRAFT)
        return walk_find(RB_EV_SEND, WHO_REQUESTER, 1); /* two approvals */
    if (request->state == RB_STATE_APPROVED)
        return engine(RB_EV_PREPARED, FOUND_SAME);
    if (request->state == RB_STATE_INTENT)
        return engine(RB_EV_GO, 0);
    if (is_post_running(request))
        return engine(RB_EV_POSTED, RB_POST_ACCEPTED);
    if (request->state == RB_STATE_DONE)
        return walk_find(RB_EV_SHOW, WHO_REQUESTER, 0);
    return request->state == RB_STATE_PENDING ? engine(RB_EV_CARD, 0) : engine(RB_EV_RESULTS, SEEN_DONE_CODE);
}

static const walk_case *event_of(deed does, const rb_request *request)
{
    bool is_before_post = request->state <= RB_STATE_INTENT;

    switch (does) {
    case DOES_APPROVE_1: return walk_find(RB_EV_APPROVE, WHO_APPROVER_1, 0);
    case DOES_APPROVE_2: return walk_find(RB_EV_APPROVE, WHO_APPROVER_2, 0);
    case DOES_DENY_2: return walk_find(RB_EV_DENY, WHO_APPROVER_2, 0);
    case DOES_CANCEL: return walk_find(RB_EV_CANCEL, WHO_REQUESTER, 0);
    case DOES_GO_ON: return goes_on(request);
    case DOES_FALL_BACK: return is_before_post ? engine(RB_EV_NOT_ALLOWED, 0) : engine(RB_EV_POSTED, RB_POST_THROTTLED);
    case DOES_BLUR:
        return is_post_running(request) ? engine(RB_EV_POSTED, RB_POST_UNCLEAR) : engine(RB_EV_RESULTS, SEEN_TWO);
    case DOES_WAIT: return engine(RB_EV_TIME, 0);
    case DOES_CRASH:
    case DOES_CRASH_LOST: return engine(RB_EV_RESTARTED, 0);
    case DOES_MAX: break;
    }
    abort();
}

/* ---- one step ------------------------------------------------------------------------------------------------------------ */

static void wait(walk_place *place, deed does)
{
    walk_moment moments[WALK_MOMENTS_MAX];
    size_t n = walk_moments(&place->request, place->boot, moments);
    int64_t ms = INT64_MAX;

    for (size_t i = 0; i < n && does == DOES_WAIT; i++) {
        int64_t until = walk_until(&moments[i], place->now);
        ms = until > 0 && until < ms ? until : ms;
    }
    ms = ms == INT64_MAX ? RB_SECOND_MS : ms;
    place->now.utc_ms += ms;
    place->now.boot_ms += ms;
}

static void note(story *s, const char *promise, int level)
{
    char text[512];
    size_t len = (size_t)snprintf(text, sizeof text, "%s", s->start);

    for (int i = 0; i <= level; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "; %s", WORDS[s->way[i]]);
    walk_note_broken(s->all, promise, text);
}

/* Does it to `after`, whose row is as before. True: it is another row now. */
static bool happens(story *s, int level, const walk_place *before, walk_place *after)
{
    rb_effects effects;
    const walk_case *one = event_of(s->way[level], &before->request);

    if (!walk_fill(one, after, &s->event))
        return false;
    rb_step_result result = rb_request_step(&after->request, &s->event.event, &effects);
    if (result == RB_STEP_APPLIED)
        walk_remember(after, &before->request, &s->event.event, &effects);
    walk_step step = {before, &s->event.event, one, result, &effects, after};
    const char *broken = walk_broken(&step);
    if (broken)
        note(s, broken, level);
    return result == RB_STEP_APPLIED || broken;
}

/* ---- every order ---------------------------------------------------------------------------------------------------------- */

/* `lost` is the row before the last step that was applied: what the disk holds when that step's commit never came back. */
static void tell(story *s, int level, const walk_place *lost, bool has_crashed)
{
    const walk_place *here = &s->places[level];
    walk_place *after = &s->places[level + 1];
    int n_deeds = has_crashed ? DOES_CRASH : DOES_MAX;

    if (level == s->depth)
        return;
    *after = *here;
    for (int one = 0; one < n_deeds; one++) {
        bool is_lost = one == DOES_CRASH_LOST;
        const walk_place *before = is_lost ? lost : here;
        if (is_lost)
            *after = *lost;
        after->now = here->now;
        s->way[level] = (deed)one;
        wait(after, (deed)one);
        s->all->n_interleavings++;
        bool is_changed = happens(s, level, before, after);
        tell(s, level + 1, is_changed ? here : lost, has_crashed || one >= DOES_CRASH);
        if (is_changed || is_lost)
            *after = *here;
    }
}

/* ---- where it starts ------------------------------------------------------------------------------------------------------ */

static void reach(story *s, const walk_case *const *way, size_t n)
{
    walk_start_draft(PHONE_WORK, WHO_REQUESTER, 0, &s->places[0]);
    for (size_t i = 0; i < n; i++) {
        s->places[1] = s->places[0];
        wait(&s->places[1], DOES_GO_ON);
        if (walk_fill(way[i], &s->places[1], &s->event)) {
            rb_effects effects;
            (void)rb_request_step(&s->places[1].request, &s->event.event, &effects);
            walk_remember(&s->places[1], &s->places[0].request, &s->event.event, &effects);
        }
        s->places[0] = s->places[1];
    }
}

void walk_interleave(walk *all, int depth)
{
    const walk_case *const one[] = {
        walk_find(RB_EV_SEND, WHO_REQUESTER, 0), walk_find(RB_EV_APPROVE, WHO_APPROVER_1, 0),
        engine(RB_EV_PREPARED, FOUND_SAME_OLD_RESET), engine(RB_EV_GO, 0), engine(RB_EV_POSTED, RB_POST_ACCEPTED)};
    const walk_case *const two[] = {walk_find(RB_EV_SEND, WHO_REQUESTER, 1)};
    story *s = calloc(1, sizeof *s);

    assert(s && depth <= DEPTH_MAX && "a story fits into its places");
    s->all = all;
    s->depth = depth;
    for (size_t n = 0; n <= sizeof one / sizeof *one; n++) {
        reach(s, one, n);
        s->start = rb_state_name(s->places[0].request.state);
        tell(s, 0, &s->places[0], false);
    }
    reach(s, two, 1);
    s->start = "pending, two approvals needed";
    tell(s, 0, &s->places[0], false);
    free(s);
}
