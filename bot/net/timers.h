/* timers.h - a heap of rb_timer, earliest first; knows no clock and no event loop. */
#ifndef NET_TIMERS_H
#define NET_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include "resetbot/loop.h"

/* Timers set at one moment: a few per session, one per HTTP transfer and per websocket. Room is made once, so that
 * setting a timer cannot fail; one more than this is our bug. */
#define RB_TIMERS_MAX 4096

typedef struct {
    rb_timer **heap; /* RB_TIMERS_MAX places */
    size_t n;
} rb_timers;

rb_err rb_timers_init(rb_timers *timers) RB_MUST_CHECK;
void rb_timers_fini(rb_timers *timers);

/* Sets or moves; INT64_MAX takes the timer out. The timer is in this heap or in none. */
void rb_timers_set(rb_timers *timers, rb_timer *timer, int64_t boot_ms);
/* When the earliest is due; INT64_MAX when none is set. */
int64_t rb_timers_next(const rb_timers *timers);
/* Fires what is due, earliest first, at most as many as were set before the call: a timer that keeps setting itself
 * to the past cannot hold the loop. */
void rb_timers_fire(rb_timers *timers, rb_now now);

#endif
