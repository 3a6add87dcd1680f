/* engine_after_test.c - what changes after the click that approved, and what a restart must take up besides what is open
 * (S2, S3, R3, R4). Each case is a fault that the other tests had let through (tests/mutants). */
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

/* Its user is the same; but one more owns it now, who asked for the reset or approved it. */
START_TEST(S3_an_owner_more_stops_the_POST)
{
    KIT_TEXT(w.phone.owners[w.phone.n_owners++], _i == 0 ? ARVID : HANNA);
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_STALE);
    ck_assert_uint_eq(count_resets(&w), 0);
}
END_TEST

/* A read that fails in part is no difference and no permission: it is made again. */
START_TEST(S2_a_device_that_is_read_in_part_is_read_again_before_the_POST)
{
    rb_device whole = w.phone;

    if (_i == 0) {
        w.phone.is_beta_known = false;
        KIT_TEXT(w.phone.enrollment, "");
    } else {
        w.phone.are_owners_known = false;
    }
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_APPROVED);
    ck_assert_uint_eq(count_resets(&w), 0);
    w.phone = whole;
    pass(&w, 2 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

/* SENDING is on disk within the window, and that is learnt after it: what was read is fresh, the window is over. */
START_TEST(R2_a_window_that_ends_while_SENDING_is_saved_stops_the_POST)
{
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    press_on_card(&w, "U0ARVID", 'a', id);
    int64_t end_ms = w.now.boot_ms + 10 * RB_MINUTE_MS;
    pass(&w, 9 * RB_MINUTE_MS);
    w.is_held[true][RB_DEVICE_READ] = true;
    pass(&w, 55 * RB_SECOND_MS);
    w.is_held[true][RB_DEVICE_READ] = false;
    w.read_outcome = RB_DEVICE_OK;
    w.is_worker_held = true;
    for (int n = 0; n < 100 && state_of(&w, id) != RB_STATE_SENDING && w.now.boot_ms < end_ms; n++) {
        settle(&w);
        if (w.n_jobs == 0) {
            at(&w, w.now.boot_ms + 100);
            rb_engine_timer(w.engine);
            continue;
        }
        rb_job *job = w.jobs[0];
        memmove(w.jobs, w.jobs + 1, --w.n_jobs * sizeof *w.jobs);
        job->work(job);
        if (state_of(&w, id) == RB_STATE_SENDING)
            at(&w, end_ms);
        job->done(job);
    }
    ck_assert_uint_eq(count_resets(&w), 0);
    w.is_worker_held = false;
    rb_request *request = stored(&w, id);
    ck_assert_uint_eq(request->n_attempts, 1); /* it was on disk */
    free(request);
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_LAPSED);
    ck_assert_uint_eq(count_resets(&w), 0);
}
END_TEST

/* A bot that is told to stop lets a POST under way be answered: what came of it is then no riddle. */
START_TEST(R3_the_end_waits_for_the_answer_of_a_POST)
{
    w.is_held[true][RB_DEVICE_RESET] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_SENDING);
    rb_engine_stop(w.engine);
    settle(&w);
    ck_assert(!rb_engine_is_quiet(w.engine));
    w.is_held[true][RB_DEVICE_RESET] = false;
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    ck_assert(rb_engine_is_quiet(w.engine));
}
END_TEST

/* At once, not only when Intune can be read again: approvers and requester must not wait for what cannot be sent. */
START_TEST(S3_a_policy_that_asks_for_more_approvals_ends_an_approved_request_at_once)
{
    rb_policy newer = w.policy;

    KIT_TEXT(newer.version, "00000000000000b2");
    newer.approvals = 2;
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    press_on_card(&w, "U0ARVID", 'a', id);
    rb_engine_set_policy(w.engine, &newer);
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_STALE);
    rb_engine_set_policy(w.engine, &w.policy);
}
END_TEST

/* The chat may be ready more than once; who was cut off is told once. */
START_TEST(R1_what_was_cut_off_is_told_once_however_often_the_chat_is_ready)
{
    w.is_held[true][RB_DEVICE_FIND_BY_USER] = true;
    type(&w, "U0HANNA", "reset adele@contoso.com locked out");
    die(&w, STORE_FAILS);
    size_t before = count_calls(&w, false, RB_CHAT_RESPOND);
    restart(&w);
    rb_chat_events events = rb_engine_chat_events(w.engine);
    events.on_ready(events.self, TEAM, "U0BOT");
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), before + 1);
    ck_assert_uint_eq(count_records(&w, "abandoned"), 1);
}
END_TEST

/* UNKNOWN is an end, and yet it is watched for seven days, whoever was restarted. */
START_TEST(R3_what_Intune_says_later_is_told_also_after_a_restart)
{
    w.post = RB_POST_UNCLEAR;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, 30 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_UNKNOWN);
    die(&w, STORE_FAILS);
    restart(&w);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, 12 * RB_HOUR_MS);
    need_said(&w, "Intune now reports it done");
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_after");
    TCase *tests = tcase_create("after");

    tcase_set_timeout(tests, 20);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, S3_an_owner_more_stops_the_POST, 0, 2);
    tcase_add_loop_test(tests, S2_a_device_that_is_read_in_part_is_read_again_before_the_POST, 0, 2);
    tcase_add_test(tests, R2_a_window_that_ends_while_SENDING_is_saved_stops_the_POST);
    tcase_add_test(tests, R3_the_end_waits_for_the_answer_of_a_POST);
    tcase_add_test(tests, R1_what_was_cut_off_is_told_once_however_often_the_chat_is_ready);
    tcase_add_test(tests, S3_a_policy_that_asks_for_more_approvals_ends_an_approved_request_at_once);
    tcase_add_test(tests, R3_what_Intune_says_later_is_told_also_after_a_restart);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
