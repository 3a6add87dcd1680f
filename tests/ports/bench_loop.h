/* bench_loop.h - a loop to run tests on: it ends when a test says so, and fails the test when that takes too long. */
#ifndef TEST_BENCH_LOOP_H
#define TEST_BENCH_LOOP_H

#include <check.h>

#include "net/net_timer.h"
#include "resetbot/loop.h"

/* A clock that stands still until the test moves it. */
static inline rb_now still_now(void *self)
{
    return *(const rb_now *)self;
}

typedef struct {
    rb_loop *loop;
    rb_timer guard;
    bool is_late;
} bench_loop;

static inline void bench_on_guard(rb_timer *timer, rb_now now)
{
    bench_loop *bench = timer->owner;
    (void)now;
    bench->is_late = true;
    rb_loop_stop(bench->loop);
}

static inline void bench_open(bench_loop *bench, rb_clock clock)
{
    rb_errbuf errbuf = {0};
    *bench = (bench_loop){0};
    ck_assert_msg(rb_loop_new(clock, &bench->loop, &errbuf) == RB_OK, "%s", errbuf.text);
    bench->guard = (rb_timer){.fire = bench_on_guard, .owner = bench};
}

static inline void bench_close(bench_loop *bench)
{
    rb_net_timer_set(bench->loop, &bench->guard, INT64_MAX);
    rb_loop_free(bench->loop);
}

/* Runs until rb_loop_stop; false when limit_ms pass first. */
static inline bool bench_runs(bench_loop *bench, int64_t limit_ms)
{
    bench->is_late = false;
    rb_net_timer_set(bench->loop, &bench->guard, rb_net_boot_ms() + limit_ms);
    rb_loop_run(bench->loop);
    rb_net_timer_set(bench->loop, &bench->guard, INT64_MAX);
    return !bench->is_late;
}

#define run_until_stopped(bench) ck_assert_msg(bench_runs((bench), 20000), "the loop was not stopped in time")
static inline void run_for(bench_loop *bench, int64_t ms)
{
    ck_assert_msg(!bench_runs(bench, ms), "the loop was stopped before its time");
}

#endif
