/* What of a place a step, and what follows from it, can depend on: everything else is left out, so that the walk closes. */
#include <assert.h>

#include "walk/walk.h"

typedef struct {
    walk_key key;
    size_t n;
} maker;

static void put(maker *to, uint64_t value)
{
    if (to->n < sizeof to->key.bytes)
        to->key.bytes[to->n] = (uint8_t)value;
    to->n++;
}

/* Which people approved: two accounts of one Entra id are one. */
static uint64_t approved_by(const rb_request *request)
{
    uint64_t who = 0;

    for (uint32_t i = 0; i < request->n_approvals; i++)
        for (int person = 0; person < WHO_ENGINE; person++) {
            rb_actor actor = walk_person((walk_who)person);
            bool is_same = rb_str_equal_nocase(rb_str_of(request->approvals[i].entra), rb_str_of(actor.entra));
            who += is_same ? (uint64_t)1 << person : 0; /* an account twice would be seen */
        }
    return who;
}

/* Who has it, and which people had it. */
static void put_holders(maker *to, const rb_request *request)
{
    uint64_t had = 0;
    int has = 0;

    for (int person = 0; person < WHO_ENGINE; person++) {
        rb_actor actor = walk_person((walk_who)person);
        has = rb_person_equal(&request->requester.person, &actor.person) ? person : has;
        for (uint32_t i = 0; i < request->n_past_requesters; i++)
            had += rb_person_equal(&request->past_requesters[i].person, &actor.person) ? (uint64_t)1 << person : 0;
    }
    put(to, (uint64_t)has);
    put(to, request->n_past_requesters);
    if (request->state == RB_STATE_PENDING) { /* afterwards nobody decides any more */
        put(to, had);
        put(to, had >> 8);
    }
}

/* To come, 1 ms before, at it, over; and in which order those to come will come. */
static void put_moments(maker *to, const walk_place *place)
{
    walk_moment moments[WALK_MOMENTS_MAX];
    size_t n = walk_moments(&place->request, place->boot, moments);

    for (size_t i = 0; i < n; i++) {
        int64_t until = walk_until(&moments[i], place->now);
        unsigned earlier = 0;
        for (size_t j = 0; j < n; j++)
            earlier +=
                until > 1 && walk_until(&moments[j], place->now) > 1 && walk_until(&moments[j], place->now) < until;
        put(to, (unsigned)moments[i].id * 2u + moments[i].is_boot);
        put(to, until > 1 ? 8 + earlier : until < 0 ? 0 : (uint64_t)(until + 1));
    }
    put(to, 0xff);
}

static void put_draft(maker *to, const rb_request *request)
{
    put(to, request->device.id[0] != '\0');
    put(to, request->support.verdict + 4u * request->support.scope);
    put(to,
        rb_device_is_owned_by(&request->device, request->requester.entra) + 2u * (request->requester.entra[0] != '\0'));
}

static void put_pending(maker *to, const walk_place *place)
{
    const rb_request *request = &place->request;

    put(to, request->approvals_needed);
    put(to, place->past.wanted);
    put(to, approved_by(request));
    put(to, approved_by(request) >> 8);
    put(to, request->is_reminded);
}

/* On the way to the POST, and while it is under way. */
static void put_attempts(maker *to, const walk_place *place)
{
    const rb_request *request = &place->request;
    bool is_first = request->n_attempts == 0;

    put(to, request->n_approvals >= place->past.wanted);
    put(to, request->n_attempts);
    put(to, place->past.n_posts);
    put(to, place->past.may_have_acted +
                2u * (!is_first && request->attempts[request->n_attempts - 1].outcome == RB_ATTEMPT_OPEN));
    put(to, (request->n_snapshot != 0) + 2u * (request->snapshot_utc_ms != 0));
}

static void put_outcome(maker *to, const walk_place *place)
{
    const rb_request *request = &place->request;
    int64_t started = 0;
    bool is_dated =
        rb_time_parse_iso(rb_str_of(request->ours.started), &started) == RB_OK && !rb_time_is_sentinel(started);

    put(to, place->past.may_have_acted + 2u * (request->posted.utc_ms != 0) + 4u * (request->first_read.utc_ms != 0));
    put(to,
        (request->ours.type[0] != '\0') + 2u * (request->ours.type[0] == 'r')); /* nothing, one type, or the other */
    put(to, !is_dated ? 0 : started > request->snapshot_utc_ms ? 2 : 1);
    put(to, request->has_code + 2u * request->is_ambiguous + 4u * request->is_found_later +
                8u * request->is_told_still_queued);
    put(to, request->n_shown + 8u * request->is_code_reminded);
    put(to, request->n_snapshot != 0);
}

walk_key walk_key_of(const walk_place *place)
{
    maker to = {.n = 0};
    const rb_request *request = &place->request;
    rb_state state = request->state;

    put(&to, state);
    put(&to, request->n_lines);
    put(&to, request->owner_told);
    put_holders(&to, request);
    if (state == RB_STATE_DRAFT)
        put_draft(&to, request);
    if (state == RB_STATE_PENDING)
        put_pending(&to, place);
    if (state == RB_STATE_APPROVED || state == RB_STATE_INTENT || state == RB_STATE_SENDING)
        put_attempts(&to, place);
    if ((state >= RB_STATE_SENDING && state <= RB_STATE_DONE) || state == RB_STATE_UNKNOWN)
        put_outcome(&to, place);
    put_moments(&to, place);
    assert(to.n <= sizeof to.key.bytes);
    return to.key;
}
