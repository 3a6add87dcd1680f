/* ways.h - each state that can come right after another: what the core's walk found (resetbot-states prints it), so that the days
 * can tell how much of it they saw, and notice what cannot be. tests/unit/core_walk_test.c holds it against the walk. */
#ifndef SIM_WAYS_H
#define SIM_WAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "resetbot/request.h"

static const struct {
    rb_state from, to;
} SIM_WAYS[] = {
    {RB_STATE_DRAFT, RB_STATE_PENDING},
    {RB_STATE_DRAFT, RB_STATE_CANCELLED},
    {RB_STATE_DRAFT, RB_STATE_EXPIRED},
    {RB_STATE_PENDING, RB_STATE_APPROVED},
    {RB_STATE_PENDING, RB_STATE_DENIED},
    {RB_STATE_PENDING, RB_STATE_CANCELLED},
    {RB_STATE_PENDING, RB_STATE_EXPIRED},
    {RB_STATE_PENDING, RB_STATE_STALE},
    {RB_STATE_APPROVED, RB_STATE_CANCELLED},
    {RB_STATE_APPROVED, RB_STATE_LAPSED},
    {RB_STATE_APPROVED, RB_STATE_INTENT},
    {RB_STATE_APPROVED, RB_STATE_STALE},
    {RB_STATE_INTENT, RB_STATE_CANCELLED},
    {RB_STATE_INTENT, RB_STATE_LAPSED},
    {RB_STATE_INTENT, RB_STATE_STALE},
    {RB_STATE_INTENT, RB_STATE_SENDING},
    {RB_STATE_SENDING, RB_STATE_UNKNOWN},
    {RB_STATE_SENDING, RB_STATE_INTENT},
    {RB_STATE_SENDING, RB_STATE_ACCEPTED},
    {RB_STATE_SENDING, RB_STATE_FAILED},
    {RB_STATE_SENDING, RB_STATE_NEEDS_TENANT_APPROVAL},
    {RB_STATE_SENDING, RB_STATE_IN_PROGRESS},
    {RB_STATE_SENDING, RB_STATE_DONE},
    {RB_STATE_SENDING, RB_STATE_NOT_SUPPORTED},
    {RB_STATE_SENDING, RB_STATE_CANCELED},
    {RB_STATE_ACCEPTED, RB_STATE_UNKNOWN},
    {RB_STATE_ACCEPTED, RB_STATE_IN_PROGRESS},
    {RB_STATE_ACCEPTED, RB_STATE_DONE},
    {RB_STATE_ACCEPTED, RB_STATE_FAILED},
    {RB_STATE_ACCEPTED, RB_STATE_NOT_SUPPORTED},
    {RB_STATE_ACCEPTED, RB_STATE_CANCELED},
    {RB_STATE_IN_PROGRESS, RB_STATE_UNKNOWN},
    {RB_STATE_IN_PROGRESS, RB_STATE_DONE},
    {RB_STATE_IN_PROGRESS, RB_STATE_FAILED},
    {RB_STATE_IN_PROGRESS, RB_STATE_NOT_SUPPORTED},
    {RB_STATE_IN_PROGRESS, RB_STATE_CANCELED},
};
#define SIM_N_WAYS (sizeof SIM_WAYS / sizeof SIM_WAYS[0])

static inline bool sim_is_way(rb_state from, rb_state to)
{
    for (size_t i = 0; i < SIM_N_WAYS; i++)
        if (SIM_WAYS[i].from == from && SIM_WAYS[i].to == to)
            return true;
    return false;
}

#endif
