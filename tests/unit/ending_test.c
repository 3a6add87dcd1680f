/* ending_test.c - R4: everything ends. Waiting for Intune, the watch afterwards, the code's showings, the schedule of polls. */
#include "request_given.h"

#define TYPE "removeDevicePasscode"

/* ---- the end of waiting ------------------------------------------------------------------------------------------- */

START_TEST(R4_no_trace_counts_from_the_first_good_read)
{
    given_accepted();
    pass(6 * RB_HOUR_MS); /* Graph was away */
    need(reads());
    EXPECT_STATE(RB_STATE_ACCEPTED);
    pass(RB_NO_TRACE_MS - 1);
    ck_assert_int_eq(reads(), RB_STEP_NOTHING);
    pass(1);
    need(reads());
    EXPECT_STATE(RB_STATE_UNKNOWN);
    ck_assert_msg(strstr(request.detail, "no trace") != NULL, "%s", request.detail);
}
END_TEST

START_TEST(R4_after_24_hours_one_line_after_seven_days_unknown)
{
    given_accepted();
    if (_i == 0) {
        shows(TYPE, now.utc_ms, RB_ACTION_PENDING);
        need(reads());
    }
    int64_t posted_utc = request.posted.utc_ms;
    pass(posted_utc + RB_DAY_MS - now.utc_ms - 1);
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
    pass(1);
    need(happens(RB_EV_TIME));
    ck_assert(has_effect(RB_FX_LINE, RB_NOTE_STILL_QUEUED));
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
    pass(6 * RB_DAY_MS - 1);
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
    pass(1);
    need(happens(RB_EV_TIME));
    EXPECT_STATE(RB_STATE_UNKNOWN);
    ck_assert_str_eq(request.detail, _i == 0 ? "still queued after 7 days" : "Intune could not be asked for 7 days");
}
END_TEST

START_TEST(what_the_watch_finds_is_said_as_it_is)
{
    static const struct {
        rb_action_state state;
        const char *words;
    } found[] = {{RB_ACTION_DONE, "Intune now reports it done"},
                 {RB_ACTION_FAILED, "Intune now reports that it failed"},
                 {RB_ACTION_NOT_SUPPORTED, "Intune now reports it as not supported"},
                 {RB_ACTION_CANCELED, "Intune now reports it canceled"}};

    given(RB_STATE_UNKNOWN);
    shows(TYPE, request.snapshot_utc_ms, found[_i].state);
    results.items[0].has_code = true;
    need(reads());
    ck_assert_str_eq(request.detail, found[_i].words);
    ck_assert_int_eq(request.has_code, found[_i].state == RB_ACTION_DONE);
}
END_TEST

START_TEST(the_watch_finds_it_later_once)
{
    given(RB_STATE_UNKNOWN);
    ck_assert_int_eq(rb_request_next(&request, now, boot).work, RB_WORK_RESULTS);
    pass(RB_HOUR_MS);
    shows(TYPE, request.snapshot_utc_ms, RB_ACTION_PENDING);
    ck_assert_int_eq(reads(), RB_STEP_NOTHING);
    results.items[0].state = RB_ACTION_DONE;
    results.items[0].has_code = true;
    need(reads());
    EXPECT_STATE(RB_STATE_UNKNOWN); /* said once, and it stays */
    ck_assert(has_effect(RB_FX_LINE, RB_NOTE_FOUND_LATER));
    ck_assert(has_effect(RB_FX_TELL_REQUESTER, RB_NOTE_FOUND_LATER));
    need(by(RB_EV_SHOW, "U0HANNA", HANNA));
    ck_assert_int_eq(reads(), RB_STEP_NOTHING);
    ck_assert_int_eq(rb_request_next(&request, now, boot).work, RB_WORK_NONE);
}
END_TEST

/* ---- the code ----------------------------------------------------------------------------------------------------- */

static void given_done_with_code(void)
{
    given_accepted();
    shows("resetPasscode", now.utc_ms, RB_ACTION_DONE);
    results.items[0].has_code = true;
    need(reads());
    EXPECT_STATE(RB_STATE_DONE);
}

START_TEST(S6_the_code_is_shown_four_times_at_most)
{
    given_done_with_code();
    for (uint32_t i = 1; i <= RB_SHOWINGS_MAX; i++) {
        need(happens(RB_EV_SHOW));
        ck_assert_uint_eq(request.n_shown, i);
        ck_assert(has_effect(RB_FX_RECORD, RB_NOTE_SHOWN));
        ck_assert(has_effect(RB_FX_LINE, RB_NOTE_SHOWN));
    }
    ck_assert_int_eq(happens(RB_EV_SHOW), RB_STEP_NO_MORE);
}
END_TEST

START_TEST(S6_the_code_is_shown_for_30_minutes_after_the_first_and_7_days_after_the_end)
{
    given_done_with_code();
    pass(RB_WATCH_MS - 1);
    need(happens(RB_EV_SHOW));
    given_done_with_code();
    pass(RB_WATCH_MS + _i);
    ck_assert_int_eq(happens(RB_EV_SHOW), RB_STEP_NO_MORE);
    given_done_with_code();
    need(happens(RB_EV_SHOW));
    pass(RB_SHOW_WINDOW_MS - 1);
    need(happens(RB_EV_SHOW));
    pass(1 + _i);
    ck_assert_int_eq(happens(RB_EV_SHOW), RB_STEP_NO_MORE);
}
END_TEST

START_TEST(an_unopened_code_is_reminded_once)
{
    given_done_with_code();
    pass(RB_UNOPENED_CODE_MS - 1);
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
    pass(1);
    need(happens(RB_EV_TIME));
    ck_assert(has_effect(RB_FX_TELL_REQUESTER, RB_NOTE_CODE_UNOPENED));
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
    given_done_with_code();
    need(happens(RB_EV_SHOW));
    pass(RB_HOUR_MS);
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
}
END_TEST

/* ---- the schedule ------------------------------------------------------------------------------------------------- */

START_TEST(polls_come_as_the_design_says)
{
    static const int64_t first[] = {5, 15, 35, 75, 135, 195};
    int64_t since = 0;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        since = rb_poll_after(since);
        ck_assert_int_eq(since, first[i] * RB_SECOND_MS);
    }
    int64_t previous = since;
    int n = 0;
    for (; since != INT64_MAX; n++, previous = since, since = rb_poll_after(since)) {
        int64_t most = since <= 15 * RB_MINUTE_MS ? RB_MINUTE_MS : since <= RB_DAY_MS ? 15 * RB_MINUTE_MS : RB_HOUR_MS;
        ck_assert_int_le(since - previous, most);
        ck_assert_int_gt(rb_poll_after(since), since);
        ck_assert_int_le(n, 1000);
    }
    ck_assert_int_eq(previous, RB_WATCH_MS);
    ck_assert_int_eq(rb_poll_after(RB_WATCH_MS - 1), RB_WATCH_MS);
}
END_TEST

/* The clock was set back: the deadline of this boot still holds. After a reboot only the date is left. */
START_TEST(R4_a_clock_set_back_puts_no_deadline_off)
{
    given(_i == 0 ? RB_STATE_DRAFT : RB_STATE_PENDING);
    request.is_reminded = true;
    int64_t end_ms = request.deadline.boot_ms;
    ck_assert_int_eq(rb_request_next(&request, now, boot).time_boot_ms, end_ms);
    now.utc_ms -= RB_HOUR_MS;
    ck_assert_int_eq(rb_request_next(&request, now, boot).time_boot_ms, end_ms);
    now.utc_ms += RB_HOUR_MS;
    reboot();
    ck_assert_int_eq(rb_request_next(&request, now, boot).time_boot_ms,
                     now.boot_ms + request.deadline.utc_ms - now.utc_ms);
    request.deadline.boot_ms = 0; /* of a boot that is over */
    ck_assert_int_gt(rb_request_next(&request, now, boot).time_boot_ms, now.boot_ms);
}
END_TEST

START_TEST(R4_every_state_that_is_not_final_has_something_to_wait_for)
{
    for (int state = RB_STATE_DRAFT; state < RB_STATES; state++) {
        given((rb_state)state);
        rb_want want = rb_request_next(&request, now, boot);
        bool waits = want.time_boot_ms != INT64_MAX || want.work != RB_WORK_NONE;
        bool is_posting = state == RB_STATE_SENDING; /* the call itself ends it */
        ck_assert_msg(waits || is_posting || rb_state_is_final((rb_state)state), "%s", rb_state_name((rb_state)state));
    }
}
END_TEST

/* Nothing but time and Intune's silence: each state ends, and the schedule itself leads there. */
START_TEST(R4_following_the_schedule_ends_every_request)
{
    given((rb_state)_i);
    if (request.state == RB_STATE_SENDING)
        need(posted(RB_POST_UNCLEAR));
    for (int n = 0; n < 3000 && !rb_state_is_final(request.state); n++) {
        rb_want want = rb_request_next(&request, now, boot);
        bool is_work = want.work == RB_WORK_RESULTS && want.work_boot_ms < want.time_boot_ms;
        int64_t at = is_work ? want.work_boot_ms : want.time_boot_ms;
        ck_assert_int_ne(at, INT64_MAX);
        pass(at > now.boot_ms ? at - now.boot_ms : 0);
        if (is_work)
            (void)reads();
        else
            (void)happens(RB_EV_TIME);
        ck_assert_int_le(now.utc_ms - UTC, 8 * RB_DAY_MS);
    }
    ck_assert_msg(rb_state_is_final(request.state), "%s never ends", rb_state_name(request.state));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ending");
    TCase *tests = tcase_create("the end");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, R4_no_trace_counts_from_the_first_good_read);
    tcase_add_loop_test(tests, R4_after_24_hours_one_line_after_seven_days_unknown, 0, 2);
    tcase_add_test(tests, the_watch_finds_it_later_once);
    tcase_add_loop_test(tests, what_the_watch_finds_is_said_as_it_is, 0, 4);
    tcase_add_test(tests, S6_the_code_is_shown_four_times_at_most);
    tcase_add_loop_test(tests, S6_the_code_is_shown_for_30_minutes_after_the_first_and_7_days_after_the_end, 0, 2);
    tcase_add_test(tests, an_unopened_code_is_reminded_once);
    tcase_add_test(tests, polls_come_as_the_design_says);
    tcase_add_loop_test(tests, R4_a_clock_set_back_puts_no_deadline_off, 0, 2);
    tcase_add_test(tests, R4_every_state_that_is_not_final_has_something_to_wait_for);
    tcase_add_loop_test(tests, R4_following_the_schedule_ends_every_request, RB_STATE_DRAFT, RB_STATE_DONE);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
