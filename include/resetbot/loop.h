/* loop.h - the one event loop. One thread owns everything and calls these; another one writes to a watched fd instead
 * (bot/net/worker.c). */
#ifndef RESETBOT_LOOP_H
#define RESETBOT_LOOP_H

#include <stdint.h>

#include "resetbot/clock.h"
#include "resetbot/err.h"

typedef struct rb_loop rb_loop;

/* A timer lives in the caller's memory, zeroed before first use. */
typedef struct rb_timer {
    void (*fire)(struct rb_timer *timer, rb_now now);
    void *owner;
    int64_t boot_ms; /* the loop's: when it is due */
    int slot;        /* the loop's: place in its heap + 1, 0 when not set */
} rb_timer;

/* The clock decides when timers fire (a test clock may jump: rb_loop_clock_changed). */
rb_err rb_loop_new(rb_clock clock, rb_loop **out_loop, rb_errbuf *errbuf) RB_MUST_CHECK;
/* Everything adopted must be closed before. NULL is fine. */
void rb_loop_free(rb_loop *loop);
/* Runs until rb_loop_stop. */
void rb_loop_run(rb_loop *loop);
void rb_loop_stop(rb_loop *loop);
rb_now rb_loop_now(const rb_loop *loop);

/* Fires once at or after boot_ms; setting again moves it; INT64_MAX cancels. No allocation once room is made. */
void rb_loop_timer_set(rb_loop *loop, rb_timer *timer, int64_t boot_ms);
/* After the clock jumped: due timers fire in the next turn. */
void rb_loop_clock_changed(rb_loop *loop);

/* Calls ready(arg) on the loop whenever fd is readable. The fd stays the caller's; forget before closing it. */
rb_err rb_loop_watch(rb_loop *loop, int fd, void (*ready)(void *arg), void *arg) RB_MUST_CHECK;
void rb_loop_forget(rb_loop *loop, int fd);

/* Signals by signalfd: blocked for the process, then on_signal(arg, signo) on the loop. Call before threads start. */
rb_err rb_loop_signals(rb_loop *loop, const int *signals, int n, void (*on_signal)(void *arg, int signo),
                       void *arg) RB_MUST_CHECK;

#endif
