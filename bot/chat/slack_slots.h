/* slack_slots.h - the calls under way, each in a slot, found again by the tag that its request travels with. */
#ifndef RB_CHAT_SLACK_SLOTS_H
#define RB_CHAT_SLACK_SLOTS_H

#include <stdint.h>

#include "chat/slack_calls.h"
#include "chat/slack_session.h"
#include "resetbot/err.h"

/* Two slots are the session's own and never taken. */
typedef enum { RB_SLACK_SLOT_AUTH, RB_SLACK_SLOT_OPEN, RB_SLACK_SLOT_CALLS } rb_slack_slot_place;

typedef struct {
    uint64_t tag;        /* of the request that is out; 0: none */
    uint64_t caller_tag; /* what the caller knows the call by */
    rb_err failed;       /* it never got on its way */
    rb_slack_job job;
    uint32_t next_free;
} rb_slack_slot;

typedef struct {
    rb_slack_slot *items; /* heap; untouched from n_used on, so that they cost nothing before they are needed */
    uint32_t n_used;
    uint32_t first_free; /* of those that were given back; 0: none */
    uint32_t n_taken;
    uint64_t last_number;
} rb_slack_slots;

rb_err rb_slack_slots_init(rb_slack_slots *slots) RB_MUST_CHECK;
void rb_slack_slots_fini(rb_slack_slots *slots);

/* NULL when RB_SLACK_CALLS_MAX are taken. */
rb_slack_slot *rb_slack_slots_take(rb_slack_slots *slots, uint64_t caller_tag);
/* Ends the job and gives the slot back. */
void rb_slack_slots_give(rb_slack_slots *slots, rb_slack_slot *slot);

/* A new tag, never 0 and never used before, for the request that goes out from this slot. */
uint64_t rb_slack_slots_tag(rb_slack_slots *slots, rb_slack_slot *slot);
/* The slot whose request comes back, once; NULL for a tag that is not out. */
rb_slack_slot *rb_slack_slots_find(rb_slack_slots *slots, uint64_t tag);

#endif
