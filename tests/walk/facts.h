/* facts.h - what of a row its next state depends on, for the conditions of the table. */
#ifndef TESTS_WALK_FACTS_H
#define TESTS_WALK_FACTS_H

#include "resetbot/request.h"

typedef enum {
    FACT_DEADLINE,
    FACT_HALF,
    FACT_WINDOW,
    FACT_GO_LATE, /* either clock is past the window */
    FACT_NO_TRACE,
    FACT_DAY,
    FACT_WEEK,
    FACT_UNOPENED,
    FACT_SHOWING,
    FACT_APPROVED_BEFORE,
    FACT_LAST_APPROVAL,
    FACT_LAST_ATTEMPT,
    FACT_POSTING,
    FACT_CODE,
    FACT_NOT_ASKABLE, /* of a draft: nothing that could be sent */
    FACT_PHONE,       /* no work profile */
    FACT_HAS_IT,      /* the event's person has the request */
    FACT_HAD_IT,      /* had it before */
    FACT_OURS_GONE,   /* an entry was taken for ours, and is not there any more */
    WALK_FACTS
} walk_fact;

/* Bit i: fact i holds of the row when the event comes. */
uint32_t walk_facts(const rb_request *request, const rb_event *event);

#endif
