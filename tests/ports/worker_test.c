/* worker_test.c - timing: jobs off the loop, and back. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench_loop.h"
#include "net/resolver.h"
#include "net/worker.h"

typedef struct {
    rb_job job;
    bench_loop *bench;
    rb_executor executor;
    int id;
    int sleep_ms;
    bool stops;
    bool submits_again;
    rb_err again; /* what the second submit answered */
    pthread_t worked_on, done_on;
    bool is_worked;
} task;

static int done_ids[2048];
static int n_done;
static atomic_int n_discarded;

static void wait_ms(int ms)
{
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&wait, NULL);
}

static void work(rb_job *job)
{
    task *each = (task *)job;
    wait_ms(each->sleep_ms);
    each->worked_on = pthread_self();
    each->is_worked = true;
}

static void done(rb_job *job)
{
    task *each = (task *)job;
    ck_assert(each->is_worked);
    each->done_on = pthread_self();
    done_ids[n_done++] = each->id;
    if (each->submits_again) {
        each->submits_again = false;
        each->again = each->executor.submit(each->executor.self, job);
        return;
    }
    if (each->stops)
        rb_loop_stop(each->bench->loop);
}

static void discard(rb_job *job)
{
    (void)job;
    n_discarded++;
}

static rb_worker *worker_on(bench_loop *bench)
{
    rb_worker *worker = NULL;
    rb_errbuf errbuf = {0};
    bench_open(bench, rb_clock_system());
    ck_assert_msg(rb_worker_new(bench->loop, "rb-test", &worker, &errbuf) == RB_OK, "%s", errbuf.text);
    return worker;
}

static rb_err submit(rb_worker *worker, bench_loop *bench, task *each)
{
    each->job = (rb_job){.work = work, .done = done};
    each->bench = bench;
    each->executor = rb_worker_executor(worker);
    return each->executor.submit(each->executor.self, &each->job);
}

START_TEST(jobs_are_worked_on_in_order_elsewhere_and_done_on_the_loop)
{
    bench_loop bench;
    rb_worker *worker = worker_on(&bench);
    task tasks[3] = {{.id = 0, .sleep_ms = 30}, {.id = 1}, {.id = 2, .stops = true}};
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(submit(worker, &bench, &tasks[i]), RB_OK);

    run_until_stopped(&bench);

    ck_assert_int_eq(n_done, 3);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(done_ids[i], i);
        ck_assert(pthread_equal(tasks[i].done_on, pthread_self()));
        ck_assert(!pthread_equal(tasks[i].worked_on, pthread_self()));
    }
    rb_worker_close(worker);
    bench_close(&bench);
}
END_TEST

START_TEST(a_job_can_be_submitted_again_from_its_own_done)
{
    bench_loop bench;
    rb_worker *worker = worker_on(&bench);
    task one = {.stops = true, .submits_again = true};
    ck_assert_int_eq(submit(worker, &bench, &one), RB_OK);

    run_until_stopped(&bench);

    ck_assert_int_eq(n_done, 2);
    rb_worker_close(worker);
    bench_close(&bench);
}
END_TEST

START_TEST(the_queue_takes_its_limit_and_not_one_more)
{
    static task tasks[RB_WORKER_QUEUE_MAX + 1];
    bench_loop bench;
    rb_worker *worker = worker_on(&bench);
    tasks[0].sleep_ms = 50;
    for (int i = 0; i < RB_WORKER_QUEUE_MAX; i++)
        ck_assert_int_eq(submit(worker, &bench, &tasks[i]), RB_OK);

    ck_assert_int_eq(submit(worker, &bench, &tasks[RB_WORKER_QUEUE_MAX]), RB_E_AGAIN);

    tasks[RB_WORKER_QUEUE_MAX - 1].stops = true;
    run_until_stopped(&bench);
    ck_assert_int_eq(n_done, RB_WORKER_QUEUE_MAX);
    ck_assert_int_eq(submit(worker, &bench, &tasks[RB_WORKER_QUEUE_MAX]), RB_OK);
    rb_worker_close(worker);
    ck_assert_int_eq(n_done, RB_WORKER_QUEUE_MAX + 1);
    bench_close(&bench);
}
END_TEST

START_TEST(closing_waits_for_every_job_and_tells_each)
{
    bench_loop bench;
    rb_worker *worker = worker_on(&bench);
    task tasks[3] = {{.id = 0, .sleep_ms = 50}, {.id = 1, .sleep_ms = 50}, {.id = 2}};
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(submit(worker, &bench, &tasks[i]), RB_OK);

    rb_worker_close(worker);

    ck_assert_int_eq(n_done, 3);
    bench_close(&bench);
}
END_TEST

START_TEST(a_worker_that_closes_takes_no_more_jobs)
{
    bench_loop bench;
    rb_worker *worker = worker_on(&bench);
    task one = {.submits_again = true};
    ck_assert_int_eq(submit(worker, &bench, &one), RB_OK);

    rb_worker_close(worker);

    ck_assert_int_eq(n_done, 1);
    ck_assert_int_eq(one.again, RB_E_AGAIN);
    bench_close(&bench);
}
END_TEST

START_TEST(abandoning_waits_for_nothing_and_discards_each_job_once)
{
    static task tasks[3] = {{.sleep_ms = 300}, {.id = 1}, {.id = 2}};
    bench_loop bench;
    rb_worker *worker = worker_on(&bench);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(submit(worker, &bench, &tasks[i]), RB_OK);
    wait_ms(50); /* the first is at work */
    int64_t before = rb_net_boot_ms();

    rb_worker_abandon(worker, discard);

    ck_assert_int_lt(rb_net_boot_ms() - before, 100);
    ck_assert_int_eq(n_discarded, 2);
    for (int i = 0; i < 40 && n_discarded < 3; i++)
        wait_ms(25);
    ck_assert_int_eq(n_discarded, 3);
    ck_assert_int_eq(n_done, 0);
    bench_close(&bench);
}
END_TEST

START_TEST(closing_or_abandoning_nothing_is_fine)
{
    rb_worker_close(NULL);
    rb_worker_abandon(NULL, discard);
}
END_TEST

/* ---- names ----------------------------------------------------------------------------------------------------- */

typedef struct {
    atomic_int n_asked;
    int sleep_ms;
} names;

static rb_err resolve(void *self, const char *host, rb_addrs *out_addrs, rb_errbuf *errbuf)
{
    names *given = self;
    given->n_asked++;
    wait_ms(given->sleep_ms);
    if (host[0] == 'x')
        return rb_fail(errbuf, RB_E_IO, "no such name");
    *out_addrs = (rb_addrs){.n = 1, .text = {"192.0.2.7"}};
    return RB_OK;
}

typedef struct {
    rb_lookup lookup;
    bench_loop *bench;
    int n_done;
    bool stops;
    rb_addrs addrs;
    char error[64];
} asker;

static void on_address(rb_lookup *lookup, const rb_addrs *addrs, const char *error)
{
    asker *each = lookup->owner;
    each->n_done++;
    if (addrs != NULL)
        each->addrs = *addrs;
    (void)snprintf(each->error, sizeof each->error, "%s", error);
    if (each->stops)
        rb_loop_stop(each->bench->loop);
}

static rb_resolver *resolver_on(bench_loop *bench, names *given)
{
    rb_resolver *resolver = NULL;
    rb_errbuf errbuf = {0};
    rb_resolve hook = {.self = given, .resolve = resolve};
    bench_open(bench, rb_clock_system());
    ck_assert_int_eq(rb_resolver_new(bench->loop, &hook, &resolver, &errbuf), RB_OK);
    return resolver;
}

static void ask(rb_resolver *resolver, bench_loop *bench, asker *each, const char *host)
{
    each->bench = bench;
    each->lookup = (rb_lookup){.done = on_address, .owner = each};
    ck_assert_int_eq(rb_resolver_ask(resolver, host, &each->lookup), RB_OK);
}

START_TEST(numbers_and_localhost_need_no_look_up)
{
    bench_loop bench;
    names given = {0};
    rb_resolver *resolver = resolver_on(&bench, &given);
    rb_addrs addrs;

    ck_assert(rb_resolver_knows(resolver, "192.0.2.1", &addrs));
    ck_assert_str_eq(addrs.text[0], "192.0.2.1");
    ck_assert(rb_resolver_knows(resolver, "2001:db8::1", &addrs));
    ck_assert(rb_resolver_knows(resolver, "localhost", &addrs));
    ck_assert_str_eq(addrs.text[0], "127.0.0.1");
    ck_assert(!rb_resolver_knows(resolver, "example.test", &addrs));

    rb_resolver_free(resolver);
    ck_assert_int_eq(given.n_asked, 0);
    bench_close(&bench);
}
END_TEST

START_TEST(one_look_up_answers_all_askers_and_is_remembered)
{
    bench_loop bench;
    names given = {.sleep_ms = 20};
    rb_resolver *resolver = resolver_on(&bench, &given);
    asker one = {.stops = true}, two = {0}, cancelled = {0};
    rb_addrs addrs;
    ask(resolver, &bench, &one, "example.test");
    ask(resolver, &bench, &two, "example.test");
    ask(resolver, &bench, &cancelled, "example.test");
    rb_resolver_cancel(resolver, &cancelled.lookup);

    run_until_stopped(&bench);
    run_for(&bench, 20);

    ck_assert_int_eq(given.n_asked, 1);
    ck_assert_int_eq(one.n_done + two.n_done, 2);
    ck_assert_int_eq(cancelled.n_done, 0);
    ck_assert_str_eq(two.addrs.text[0], "192.0.2.7");
    ck_assert(rb_resolver_knows(resolver, "example.test", &addrs));
    rb_resolver_free(resolver);
    bench_close(&bench);
}
END_TEST

START_TEST(a_failed_look_up_says_why_and_is_not_remembered)
{
    bench_loop bench;
    names given = {0};
    rb_resolver *resolver = resolver_on(&bench, &given);
    asker one = {.stops = true};
    rb_addrs addrs;
    ask(resolver, &bench, &one, "x.test");

    run_until_stopped(&bench);

    ck_assert_uint_eq(one.addrs.n, 0);
    ck_assert_str_eq(one.error, "no such name");
    ck_assert(!rb_resolver_knows(resolver, "x.test", &addrs));
    rb_resolver_free(resolver);
    bench_close(&bench);
}
END_TEST

START_TEST(a_look_up_that_hangs_does_not_hold_up_the_end)
{
    bench_loop bench;
    static names given = {.sleep_ms = 1000};
    rb_resolver *resolver = resolver_on(&bench, &given);
    asker one = {0};
    ask(resolver, &bench, &one, "example.test");
    run_for(&bench, 50);
    int64_t before = rb_net_boot_ms();

    rb_resolver_free(resolver);

    ck_assert_int_lt(rb_net_boot_ms() - before, 200);
    wait_ms(1200); /* the thread ends by itself, and touches nothing that is gone */
    ck_assert_int_eq(one.n_done, 0);
    bench_close(&bench);
}
END_TEST

START_TEST(the_systems_resolver_answers_in_numbers)
{
    bench_loop bench;
    rb_resolver *resolver = NULL;
    rb_errbuf errbuf = {0};
    bench_open(&bench, rb_clock_system());
    ck_assert_int_eq(rb_resolver_new(bench.loop, NULL, &resolver, &errbuf), RB_OK);
    asker one = {.stops = true};
    ask(resolver, &bench, &one, "localhost");

    run_until_stopped(&bench);

    ck_assert_uint_ge(one.addrs.n, 1);
    ck_assert(strcmp(one.addrs.text[0], "127.0.0.1") == 0 || strcmp(one.addrs.text[0], "::1") == 0);
    rb_resolver_free(resolver);
    bench_close(&bench);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worker");
    TCase *tcase = tcase_create("worker");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, jobs_are_worked_on_in_order_elsewhere_and_done_on_the_loop);
    tcase_add_test(tcase, a_job_can_be_submitted_again_from_its_own_done);
    tcase_add_test(tcase, the_queue_takes_its_limit_and_not_one_more);
    tcase_add_test(tcase, closing_waits_for_every_job_and_tells_each);
    tcase_add_test(tcase, a_worker_that_closes_takes_no_more_jobs);
    tcase_add_test(tcase, abandoning_waits_for_nothing_and_discards_each_job_once);
    tcase_add_test(tcase, closing_or_abandoning_nothing_is_fine);
    tcase_add_test(tcase, numbers_and_localhost_need_no_look_up);
    tcase_add_test(tcase, one_look_up_answers_all_askers_and_is_remembered);
    tcase_add_test(tcase, a_failed_look_up_says_why_and_is_not_remembered);
    tcase_add_test(tcase, a_look_up_that_hangs_does_not_hold_up_the_end);
    tcase_add_test(tcase, the_systems_resolver_answers_in_numbers);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
