/* loop_test.c - timing: the event loop's timers, descriptors and signals. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bench_loop.h"
#include "net/timers.h"
#include "resetbot/clock.h"

typedef struct {
    rb_timer timer;
    bench_loop *bench;
    int id;
    int n_fired;
    rb_now at;
    bool stops;
    int64_t again_in_ms; /* 0: not again */
} probe;

static int order[16];
static int n_order;

static void on_probe(rb_timer *timer, rb_now now)
{
    probe *fired = timer->owner;
    order[n_order++ % 16] = fired->id;
    fired->n_fired++;
    fired->at = now;
    if (fired->again_in_ms != 0)
        rb_loop_timer_set(fired->bench->loop, timer, now.boot_ms + fired->again_in_ms);
    if (fired->stops)
        rb_loop_stop(fired->bench->loop);
}

static probe probe_of(bench_loop *bench, int id)
{
    return (probe){.bench = bench, .id = id, .timer = {.fire = on_probe}};
}

static void set(probe *each, int64_t boot_ms)
{
    each->timer.owner = each;
    rb_loop_timer_set(each->bench->loop, &each->timer, boot_ms);
}

/* ---- timers ---------------------------------------------------------------------------------------------------- */

START_TEST(timers_fire_in_the_order_of_their_times)
{
    bench_loop bench;
    bench_open(&bench, rb_clock_system());
    probe first = probe_of(&bench, 1), second = probe_of(&bench, 2), third = probe_of(&bench, 3);
    int64_t now = rb_loop_now(bench.loop).boot_ms;
    third.stops = true;
    set(&third, now + 60);
    set(&first, now + 20);
    set(&second, now + 40);

    run_until_stopped(&bench);

    ck_assert_int_eq(n_order, 3);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(order[i], i + 1);
    ck_assert_int_ge(third.at.boot_ms, now + 60);
    ck_assert_int_lt(third.at.boot_ms, now + 60 + 250);
    bench_close(&bench);
}
END_TEST

START_TEST(a_timer_set_again_moves_and_one_set_to_never_is_off)
{
    bench_loop bench;
    bench_open(&bench, rb_clock_system());
    probe moved = probe_of(&bench, 1), off = probe_of(&bench, 2);
    int64_t now = rb_loop_now(bench.loop).boot_ms;
    set(&moved, now + RB_HOUR_MS);
    set(&off, now + 10);
    set(&moved, now + 50);
    set(&off, INT64_MAX);
    moved.stops = true;

    run_until_stopped(&bench);

    ck_assert_int_eq(moved.n_fired, 1);
    ck_assert_int_eq(off.n_fired, 0);
    bench_close(&bench);
}
END_TEST

START_TEST(a_jump_of_the_clock_fires_what_became_due)
{
    bench_loop bench;
    rb_now test_now = {.utc_ms = 1000, .boot_ms = 1000};
    bench_open(&bench, (rb_clock){.self = &test_now, .now = still_now});
    probe in_an_hour = probe_of(&bench, 1), tomorrow = probe_of(&bench, 2);
    in_an_hour.stops = true;
    set(&in_an_hour, 1000 + RB_HOUR_MS);
    set(&tomorrow, 1000 + RB_DAY_MS);

    run_for(&bench, 50);
    ck_assert_int_eq(in_an_hour.n_fired, 0);
    test_now.boot_ms += 2 * RB_HOUR_MS;
    rb_loop_clock_changed(bench.loop);
    run_until_stopped(&bench);

    ck_assert_int_eq(in_an_hour.n_fired, 1);
    ck_assert_int_eq(in_an_hour.at.boot_ms, test_now.boot_ms);
    ck_assert_int_eq(tomorrow.n_fired, 0);
    rb_loop_timer_set(bench.loop, &tomorrow.timer, INT64_MAX);
    bench_close(&bench);
}
END_TEST

START_TEST(network_timers_do_not_follow_a_moved_clock)
{
    bench_loop bench;
    rb_now test_now = {.utc_ms = 1000, .boot_ms = 1000};
    bench_open(&bench, (rb_clock){.self = &test_now, .now = still_now});
    probe network = probe_of(&bench, 1);
    network.timer.owner = &network;
    rb_net_timer_set(bench.loop, &network.timer, rb_net_boot_ms() + 200);

    test_now.boot_ms += 7 * RB_DAY_MS;
    rb_loop_clock_changed(bench.loop);
    run_for(&bench, 50);
    ck_assert_int_eq(network.n_fired, 0);
    network.stops = true;
    run_until_stopped(&bench);

    ck_assert_int_eq(network.n_fired, 1);
    bench_close(&bench);
}
END_TEST

/* ---- descriptors ----------------------------------------------------------------------------------------------- */

typedef struct {
    bench_loop *bench;
    int fd, other_fd; /* other_fd is forgotten when fd is ready; 0: none */
    int n_ready;
} watched;

static void on_ready(void *arg)
{
    watched *each = arg;
    uint64_t count;
    ck_assert_int_eq(read(each->fd, &count, sizeof count), (ssize_t)sizeof count);
    each->n_ready++;
    if (each->other_fd != 0)
        rb_loop_forget(each->bench->loop, each->other_fd);
}

static watched watch_new(bench_loop *bench)
{
    return (watched){.bench = bench, .fd = eventfd(0, EFD_NONBLOCK)};
}

START_TEST(a_timer_that_sets_itself_to_the_past_does_not_hold_the_loop)
{
    bench_loop bench;
    bench_open(&bench, rb_clock_system());
    probe greedy = probe_of(&bench, 1);
    greedy.again_in_ms = -1;
    set(&greedy, 0);
    watched one = watch_new(&bench);
    ck_assert_int_eq(rb_loop_watch(bench.loop, one.fd, on_ready, &one), RB_OK);
    eventfd_write(one.fd, 1);

    run_for(&bench, 30);

    ck_assert_int_eq(one.n_ready, 1);
    ck_assert_int_gt(greedy.n_fired, 1);
    rb_loop_timer_set(bench.loop, &greedy.timer, INT64_MAX);
    rb_loop_forget(bench.loop, one.fd);
    close(one.fd);
    bench_close(&bench);
}
END_TEST

START_TEST(a_forgotten_descriptor_is_silent_even_when_ready_in_the_same_turn)
{
    bench_loop bench;
    bench_open(&bench, rb_clock_system());
    watched one = watch_new(&bench), two = watch_new(&bench);
    one.other_fd = two.fd;
    two.other_fd = one.fd;
    ck_assert_int_eq(rb_loop_watch(bench.loop, one.fd, on_ready, &one), RB_OK);
    ck_assert_int_eq(rb_loop_watch(bench.loop, two.fd, on_ready, &two), RB_OK);
    eventfd_write(one.fd, 1);
    eventfd_write(two.fd, 1);

    run_for(&bench, 30);

    ck_assert_int_eq(one.n_ready + two.n_ready, 1);
    rb_loop_forget(bench.loop, one.fd);
    rb_loop_forget(bench.loop, two.fd);
    close(one.fd);
    close(two.fd);
    bench_close(&bench);
}
END_TEST

START_TEST(a_forgotten_descriptor_stays_open_and_can_be_watched_again)
{
    bench_loop bench;
    bench_open(&bench, rb_clock_system());
    watched one = watch_new(&bench);
    ck_assert_int_eq(rb_loop_watch(bench.loop, one.fd, on_ready, &one), RB_OK);
    rb_loop_forget(bench.loop, one.fd);
    eventfd_write(one.fd, 1);
    run_for(&bench, 20);
    ck_assert_int_eq(one.n_ready, 0);

    ck_assert_int_eq(rb_loop_watch(bench.loop, one.fd, on_ready, &one), RB_OK);
    run_for(&bench, 20);

    ck_assert_int_eq(one.n_ready, 1);
    rb_loop_forget(bench.loop, one.fd);
    close(one.fd);
    bench_close(&bench);
}
END_TEST

START_TEST(one_descriptor_too_many_is_refused_by_name)
{
    bench_loop bench;
    bench_open(&bench, rb_clock_system());
    watched all[33];
    for (int i = 0; i < 33; i++) {
        all[i] = watch_new(&bench);
        rb_err err = rb_loop_watch(bench.loop, all[i].fd, on_ready, &all[i]);
        ck_assert_int_eq(err, i < 32 ? RB_OK : RB_E_LIMIT);
    }
    for (int i = 0; i < 33; i++) {
        rb_loop_forget(bench.loop, all[i].fd);
        close(all[i].fd);
    }
    bench_close(&bench);
}
END_TEST

/* ---- signals --------------------------------------------------------------------------------------------------- */

static int last_signal;

static void on_signal(void *arg, int signo)
{
    bench_loop *bench = arg;
    last_signal = signo;
    rb_loop_stop(bench->loop);
}

START_TEST(a_signal_is_told_on_the_loop_and_ends_nothing)
{
    bench_loop bench;
    bench_open(&bench, rb_clock_system());
    static const int signals[] = {SIGTERM, SIGHUP};
    ck_assert_int_eq(rb_loop_signals(bench.loop, signals, 2, on_signal, &bench), RB_OK);

    kill(getpid(), SIGTERM);
    run_until_stopped(&bench);
    ck_assert_int_eq(last_signal, SIGTERM);
    kill(getpid(), SIGHUP);
    run_until_stopped(&bench);
    ck_assert_int_eq(last_signal, SIGHUP);
    bench_close(&bench);
}
END_TEST

/* ---- the heap -------------------------------------------------------------------------------------------------- */

static int64_t last_due;

static void on_heap_timer(rb_timer *timer, rb_now now)
{
    (void)now;
    ck_assert_int_ge(timer->boot_ms, last_due);
    last_due = timer->boot_ms;
    n_order++;
}

START_TEST(a_heap_with_moved_and_removed_timers_keeps_its_order)
{
    enum { N = 500 };
    static rb_timer all[N];
    rb_timers heap;
    ck_assert_int_eq(rb_timers_init(&heap), RB_OK);
    unsigned seed = 42;
    for (int round = 0; round < 5; round++)
        for (int i = 0; i < N; i++) {
            seed = seed * 1664525u + 1013904223u;
            all[i].fire = on_heap_timer;
            rb_timers_set(&heap, &all[i], seed % 7 == 0 ? INT64_MAX : (int64_t)(seed >> 8));
        }
    int n_set = (int)heap.n;

    rb_timers_fire(&heap, (rb_now){.boot_ms = INT64_MAX - 1});

    ck_assert_int_gt(n_set, N / 2);
    ck_assert_int_eq(n_order, n_set);
    ck_assert_int_eq(rb_timers_next(&heap), INT64_MAX);
    rb_timers_fini(&heap);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loop");
    TCase *tcase = tcase_create("loop");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, timers_fire_in_the_order_of_their_times);
    tcase_add_test(tcase, a_timer_set_again_moves_and_one_set_to_never_is_off);
    tcase_add_test(tcase, a_jump_of_the_clock_fires_what_became_due);
    tcase_add_test(tcase, network_timers_do_not_follow_a_moved_clock);
    tcase_add_test(tcase, a_timer_that_sets_itself_to_the_past_does_not_hold_the_loop);
    tcase_add_test(tcase, a_forgotten_descriptor_is_silent_even_when_ready_in_the_same_turn);
    tcase_add_test(tcase, a_forgotten_descriptor_stays_open_and_can_be_watched_again);
    tcase_add_test(tcase, one_descriptor_too_many_is_refused_by_name);
    tcase_add_test(tcase, a_signal_is_told_on_the_loop_and_ends_nothing);
    tcase_add_test(tcase, a_heap_with_moved_and_removed_timers_keeps_its_order);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
