/* slack_slots.c - see slack_slots.h. */
#include "chat/slack_slots.h"

#include <stdlib.h>

/* tags: a rising number, and below it the place in the table */
#define PLACE_BITS 13
#define SLOTS (RB_SLACK_SLOT_CALLS + RB_SLACK_CALLS_MAX)
_Static_assert(SLOTS <= 1 << PLACE_BITS, "a place must fit below the number of a tag");

rb_err rb_slack_slots_init(rb_slack_slots *slots)
{
    rb_slack_slot *items = calloc(SLOTS, sizeof *items);

    if (!items)
        return RB_E_NOMEM;
    *slots = (rb_slack_slots){.items = items, .n_used = RB_SLACK_SLOT_CALLS};
    return RB_OK;
}

void rb_slack_slots_fini(rb_slack_slots *slots)
{
    for (uint32_t i = 0; i < slots->n_used; i++)
        rb_slack_job_fini(&slots->items[i].job);
    free(slots->items);
    *slots = (rb_slack_slots){.items = NULL};
}

rb_slack_slot *rb_slack_slots_take(rb_slack_slots *slots, uint64_t caller_tag)
{
    rb_slack_slot *slot = &slots->items[slots->first_free];

    if (slots->first_free != 0)
        slots->first_free = slot->next_free;
    else if (slots->n_used < SLOTS)
        slot = &slots->items[slots->n_used++];
    else
        return NULL;
    slot->caller_tag = caller_tag;
    slot->failed = RB_OK;
    slots->n_taken++;
    return slot;
}

void rb_slack_slots_give(rb_slack_slots *slots, rb_slack_slot *slot)
{
    rb_slack_job_fini(&slot->job);
    slot->tag = 0;
    slot->next_free = slots->first_free;
    slots->first_free = (uint32_t)(slot - slots->items);
    slots->n_taken--;
}

uint64_t rb_slack_slots_tag(rb_slack_slots *slots, rb_slack_slot *slot)
{
    slot->tag = ++slots->last_number << PLACE_BITS | (uint64_t)(slot - slots->items);
    return slot->tag;
}

rb_slack_slot *rb_slack_slots_find(rb_slack_slots *slots, uint64_t tag)
{
    uint64_t place = tag & ((1u << PLACE_BITS) - 1);

    if (tag == 0 || place >= slots->n_used || slots->items[place].tag != tag)
        return NULL;
    slots->items[place].tag = 0;
    return &slots->items[place];
}
