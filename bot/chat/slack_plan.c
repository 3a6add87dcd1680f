/* slack_plan.c - see slack_plan.h. */
#include "chat/slack_plan.h"

/* A hello that promises less is not believed: renewals would use up the rate limit of apps.connections.open. */
#define LIFE_MIN_MS (60 * RB_SECOND_MS)
#define LIFE_MAX_MS RB_DAY_MS

_Static_assert(RB_CONNECTIONS_MAX < RB_SLACK_SOCKETS_MAX, "each can be replaced before it goes");

#define HECTIC_MS 60000
#define HECTIC_OPENS(wanted) (4 + 2 * (wanted)) /* all of them twice, and a few */
_Static_assert(HECTIC_OPENS(RB_CONNECTIONS_MAX) < RB_SLACK_TRIES_KEPT, "as many tries must be remembered");

/* The next replacement waits for this place, and Slack closes its predecessor 10 s after the warning. */
#define HURRY_QUIET_MS 250
#define HURRY_MS 2000

#define PAUSE_BASE_MS 1000
#define PAUSE_MAX_MS 30000 /* nobody can reset a passcode meanwhile: not longer */
#define SLOW_SPREAD_MS 240000

/* LIVE, and nobody has told it to go. */
static bool is_good(const rb_slack_socket *socket)
{
    return socket->state == RB_SLACK_SOCKET_LIVE && !socket->is_leaving;
}

/* ---- how many ------------------------------------------------------------------------------------------------------ */

uint32_t rb_slack_plan_count(const rb_slack_sockets *set, rb_slack_socket_state state)
{
    uint32_t n = 0;

    for (size_t i = 0; i < RB_SLACK_SOCKETS_MAX; i++)
        n += set->items[i].state == state;
    return n;
}

uint32_t rb_slack_plan_count_good(const rb_slack_sockets *set)
{
    uint32_t n = 0;

    for (size_t i = 0; i < RB_SLACK_SOCKETS_MAX; i++)
        n += is_good(&set->items[i]);
    return n;
}

bool rb_slack_plan_lacks_one(const rb_slack_sockets *set)
{
    return set->is_started && !set->is_asking && rb_slack_plan_count(set, RB_SLACK_SOCKET_OPENING) == 0 &&
           rb_slack_plan_count_good(set) < set->wanted;
}

bool rb_slack_plan_has_room(const rb_slack_sockets *set)
{
    return RB_SLACK_SOCKETS_MAX - rb_slack_plan_count(set, RB_SLACK_SOCKET_NONE) < set->wanted + 1;
}

int64_t rb_slack_plan_drained(const rb_slack_sockets *set, const rb_slack_socket *socket)
{
    bool is_awaited = rb_slack_plan_lacks_one(set) && !rb_slack_plan_has_room(set);
    int64_t calm_ms = socket->envelope_ms > socket->since_ms ? socket->envelope_ms : socket->since_ms;
    int64_t quiet_ms = calm_ms + (is_awaited ? HURRY_QUIET_MS : RB_SLACK_QUIET_MS);
    int64_t end_ms = socket->since_ms + (is_awaited ? HURRY_MS : RB_SLACK_DRAIN_MS);

    return socket->unacked == 0 && quiet_ms < end_ms ? quiet_ms : end_ms;
}

/* ---- when ---------------------------------------------------------------------------------------------------------- */

/* A planned renewal within `distance` of at_ms; 0 when there is none. */
static int64_t find_near(const rb_slack_sockets *set, int64_t at_ms, int64_t distance_ms)
{
    for (size_t i = 0; i < RB_SLACK_SOCKETS_MAX; i++) {
        const rb_slack_socket *other = &set->items[i];
        int64_t apart_ms = other->renew_ms > at_ms ? other->renew_ms - at_ms : at_ms - other->renew_ms;
        if (is_good(other) && apart_ms < distance_ms)
            return other->renew_ms;
    }
    return 0;
}

int64_t rb_slack_plan_renewal(const rb_slack_sockets *set, int64_t life_ms, rb_now now)
{
    if (life_ms < LIFE_MIN_MS)
        life_ms = LIFE_MIN_MS;
    if (life_ms > LIFE_MAX_MS)
        life_ms = LIFE_MAX_MS;
    const int64_t latest_ms = now.boot_ms + life_ms / 10 * 9;
    const int64_t soonest_ms = now.boot_ms + life_ms / 20;
    for (int64_t distance_ms = life_ms / 5; distance_ms > 0; distance_ms /= 2) {
        int64_t at_ms = latest_ms;
        int64_t near_ms = find_near(set, at_ms, distance_ms);
        while (near_ms != 0 && at_ms >= soonest_ms) {
            at_ms = near_ms - distance_ms;
            near_ms = find_near(set, at_ms, distance_ms);
        }
        if (at_ms >= soonest_ms)
            return at_ms;
    }
    return latest_ms;
}

static int64_t jitter(const rb_random *random, uint32_t failures, int64_t max_ms)
{
    int64_t bound_ms = PAUSE_BASE_MS;

    for (uint32_t i = 0; i < failures && bound_ms < max_ms; i++)
        bound_ms *= 2;
    return (int64_t)rb_random_below(random, (uint32_t)(bound_ms < max_ms ? bound_ms : max_ms));
}

int64_t rb_slack_plan_pause(const rb_random *random, bool is_lasting, uint32_t failures, int64_t wait_ms)
{
    int64_t pause_ms = is_lasting ? RB_SLACK_SLOW_MS + jitter(random, failures, SLOW_SPREAD_MS)
                                  : jitter(random, failures, PAUSE_MAX_MS);

    return pause_ms >= wait_ms ? pause_ms : wait_ms + rb_random_below(random, RB_SLACK_SPREAD_MS);
}

bool rb_slack_plan_is_hectic(const rb_slack_sockets *set, rb_now now)
{
    uint32_t n = 0;

    for (size_t i = 0; i < RB_SLACK_TRIES_KEPT && i < set->n_tried; i++)
        n += now.boot_ms - set->tried_ms[i] < HECTIC_MS;
    return n > HECTIC_OPENS(set->wanted);
}
