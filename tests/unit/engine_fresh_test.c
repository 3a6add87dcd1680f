/* engine_fresh_test.c - what was read before the POST is fresh when the POST goes. */
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

/* The requester could not be looked up for 90 s: by then the device and the approver's role were read too long ago. */
START_TEST(S2_S3_what_was_read_long_ago_is_read_again_before_the_POST)
{
    pass(&w, 2 * RB_MINUTE_MS);
    type(&w, "U0ARVID", "help"); /* he is known for a minute now */
    w.is_held[false][RB_CHAT_PERSON] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, 90 * RB_SECOND_MS);
    ck_assert_uint_eq(count_resets(&w), 0);
    size_t before = count_calls(&w, true, RB_DEVICE_READ);
    w.is_held[false][RB_CHAT_PERSON] = false;
    pass(&w, RB_MINUTE_MS);

    ck_assert_uint_eq(count_resets(&w), 1);
    seen_call *post = nth_call(&w, true, RB_DEVICE_RESET, 0);
    seen_call *read = nth_call(&w, true, RB_DEVICE_READ, before);
    ck_assert_int_le(post->at_boot_ms - read->at_boot_ms, 30 * RB_SECOND_MS);
    ck_assert_int_ge(post->at_boot_ms, read->at_boot_ms);
    rb_request *request = stored(&w, id);
    ck_assert_uint_eq(request->n_attempts, 1); /* no attempt was spent on what was old */
    free(request);
}
END_TEST

/* Runs the disk's jobs; each takes a second by the boot clock. */
static void work_slowly(void)
{
    for (int n = 0; n < 100 && state_of(&w, id) != RB_STATE_ACCEPTED && w.n_jobs > 0; n++) {
        at(&w, w.now.boot_ms + RB_SECOND_MS);
        ck_assert(work_once(&w));
        settle(&w);
    }
}

/* Fresh enough when SENDING is saved, and too old once it is on disk: that would be an attempt for nothing. */
START_TEST(R2_what_is_almost_too_old_costs_no_attempt)
{
    for (int64_t age = 40; age < 60; age++) {
        fini_world(&w);
        setup();
        pass(&w, 2 * RB_MINUTE_MS);
        type(&w, "U0ARVID", "help"); /* he is known for a minute now */
        pass(&w, age * RB_SECOND_MS);
        w.is_worker_held = true;
        press_on_card(&w, "U0ARVID", 'a', id);
        work_slowly();
        w.is_worker_held = false;
        pass(&w, RB_MINUTE_MS);

        EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
        rb_request *request = stored(&w, id);
        ck_assert_msg(request->n_attempts == 1, "known for %d s: %u attempts", (int)age, (unsigned)request->n_attempts);
        free(request);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_fresh");
    TCase *tests = tcase_create("fresh");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, S2_S3_what_was_read_long_ago_is_read_again_before_the_POST);
    tcase_add_test(tests, R2_what_is_almost_too_old_costs_no_attempt);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
