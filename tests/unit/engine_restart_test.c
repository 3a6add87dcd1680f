/* engine_restart_test.c - a process that dies in any state is taken up where it was, and never sends twice (R2, R4). */
#include "engine_story.h"

static world w;
static char id[RB_REQUEST_ID_CAP];

static void setup(void)
{
    given_world(&w);
    asks_and_card(&w, id);
}

static void teardown(void)
{
    fini_world(&w);
}

START_TEST(R2_a_restart_in_PENDING_keeps_its_deadline)
{
    pass(&w, 20 * RB_MINUTE_MS);
    die(&w, STORE_FAILS);
    restart(&w);
    pass(&w, 9 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    pass(&w, 2 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
}
END_TEST

/* Runs until the disk holds the state, then the process dies. */
static void dies_in(rb_state state)
{
    w.is_held[true][RB_DEVICE_RESET] = true;
    w.is_worker_held = true;
    deliver(&w, a_press_on_card(&w, "U0ARVID", 'a', id));
    for (int n = 0; n < 100 && state_of(&w, id) != state; n++) {
        settle(&w);
        if (w.n_jobs > 0)
            ck_assert(work_once(&w));
    }
    EXPECT_STATE(&w, id, state);
    die(&w, STORE_FAILS);
    w.is_held[true][RB_DEVICE_RESET] = false;
    w.is_worker_held = false;
}

START_TEST(R2_a_restart_in_INTENT_goes_on)
{
    dies_in(RB_STATE_INTENT);
    ck_assert_uint_eq(count_resets(&w), 0);
    restart(&w);
    pass(&w, RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

START_TEST(R2_a_restart_in_SENDING_never_posts_and_looks_up)
{
    dies_in(RB_STATE_SENDING);
    size_t before = count_resets(&w);
    restart(&w);
    if (_i == 0)
        given_result(&w, RB_ACTION_DONE);
    pass(&w, 20 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, _i == 0 ? RB_STATE_DONE : RB_STATE_UNKNOWN);
    ck_assert_uint_eq(count_resets(&w), before);
    ck_assert_uint_le(before, 1);
    need_said(&w, "the bot was restarted while this was being sent");
}
END_TEST

START_TEST(R2_a_kill_between_the_commit_of_SENDING_and_its_answer_never_posts)
{
    w.is_worker_held = true;
    deliver(&w, a_press_on_card(&w, "U0ARVID", 'a', id));
    for (int n = 0; n < 100 && state_of(&w, id) != RB_STATE_INTENT; n++) {
        settle(&w);
        if (w.n_jobs > 0)
            ck_assert(work_once(&w));
    }
    settle(&w);
    while (w.n_jobs > 0 && state_of(&w, id) == RB_STATE_INTENT) {
        rb_job *job = w.jobs[0];
        w.mode = STORE_DIES_AFTER;
        memmove(w.jobs, w.jobs + 1, --w.n_jobs * sizeof *w.jobs);
        job->work(job);
        if (state_of(&w, id) == RB_STATE_INTENT)
            w.mode = STORE_WORKS;
        job->done(job);
        settle(&w);
    }
    die(&w, STORE_FAILS);
    w.is_worker_held = false;
    restart(&w);
    pass(&w, 20 * RB_MINUTE_MS);
    ck_assert_uint_le(count_resets(&w), 1);
}
END_TEST

START_TEST(R4_a_reboot_ends_the_sending_window)
{
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    press_on_card(&w, "U0ARVID", 'a', id);
    die(&w, STORE_FAILS);
    w.boot = 2;
    w.now.boot_ms = RB_MINUTE_MS;
    w.read_outcome = RB_DEVICE_OK;
    restart(&w);
    pass(&w, RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_LAPSED);
    ck_assert_uint_eq(count_resets(&w), 0);
}
END_TEST

START_TEST(a_clock_that_went_back_over_a_restart_bars_sending)
{
    die(&w, STORE_FAILS);
    w.now.utc_ms -= RB_HOUR_MS;
    restart(&w);
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, 5 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_APPROVED);
    ck_assert_uint_eq(count_resets(&w), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_restart");
    TCase *tests = tcase_create("restart");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, R2_a_restart_in_PENDING_keeps_its_deadline);
    tcase_add_test(tests, R2_a_restart_in_INTENT_goes_on);
    tcase_add_loop_test(tests, R2_a_restart_in_SENDING_never_posts_and_looks_up, 0, 2);
    tcase_add_test(tests, R2_a_kill_between_the_commit_of_SENDING_and_its_answer_never_posts);
    tcase_add_test(tests, R4_a_reboot_ends_the_sending_window);
    tcase_add_test(tests, a_clock_that_went_back_over_a_restart_bars_sending);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
