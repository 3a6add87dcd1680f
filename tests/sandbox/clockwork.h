/* clockwork.h - sandbox time and what is due at it (sb_now_ms, sb_at of world.h), and real-time timers. */
#ifndef SANDBOX_CLOCKWORK_H
#define SANDBOX_CLOCKWORK_H

#include <stdint.h>

/* Moves sandbox time on; what becomes due fires in the next turn of the loop. */
void clockwork_advance(int64_t ms);
int64_t clockwork_offset_ms(void);

/* CLOCK_MONOTONIC in ms: for limits that a moved clock must not touch. */
int64_t clockwork_real_ms(void);
/* Calls fire(arg) after real_ms of real time. */
void clockwork_after(int64_t real_ms, void (*fire)(void *arg), void *arg);

/* For the loop: fires what is due, then says in how many real ms to come back (at most 1 hour). */
int64_t clockwork_run(void);
/* Forgets what is still to come. */
void clockwork_fini(void);

#endif
