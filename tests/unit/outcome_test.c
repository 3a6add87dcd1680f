/* outcome_test.c - from SENDING on: at most one POST that may have acted, which result is ours, when it ends, and the code. */
#include "request_given.h"

#define TYPE "removeDevicePasscode"

/* ---- just before the POST ----------------------------------------------------------------------------------------- */

static void expect_stale(const char *why)
{
    results.read_utc_ms = now.utc_ms;
    need(happens(RB_EV_PREPARED));
    EXPECT_STATE(RB_STATE_STALE);
    ck_assert_msg(strstr(request.detail, why) != NULL, "%s", request.detail);
}

START_TEST(S2_each_difference_makes_it_stale)
{
    given_approved();
    SET(read_device.upn, "berit@contoso.com");
    expect_stale("changed since it was approved");
    given_approved();
    read_device.owners[0][0] = '9';
    expect_stale("changed since it was approved");
    given_approved();
    read_support.verdict = RB_SUPPORT_NO;
    expect_stale("can no longer be reset");
    given_approved();
    read_support.scope = RB_SCOPE_WORK_PROFILE;
    expect_stale("can no longer be reset");
}
END_TEST

START_TEST(R2_a_reset_of_somebody_else_makes_it_stale)
{
    given_approved();
    shows(TYPE, UTC - RB_DAY_MS, RB_ACTION_PENDING);
    expect_stale("already queued");
    given_approved();
    shows(TYPE, UTC - RB_DAY_MS, RB_ACTION_ACTIVE);
    expect_stale("already queued");
    given_approved();
    shows(TYPE, request.created_utc_ms, RB_ACTION_DONE); /* after the request was made: guards a restored database */
    expect_stale("after this request was made");
    given_approved();
    shows(TYPE, request.created_utc_ms - 1, RB_ACTION_DONE);
    prepare_again();
    EXPECT_STATE(RB_STATE_INTENT);
    ck_assert_uint_eq(request.n_snapshot, 1);
}
END_TEST

START_TEST(a_snapshot_without_graphs_clock_does_not_count)
{
    given_approved();
    results.read_utc_ms = 0;
    ck_assert_int_eq(happens(RB_EV_PREPARED), RB_STEP_NOTHING);
    EXPECT_STATE(RB_STATE_APPROVED);
}
END_TEST

START_TEST(R4_the_sending_window_is_ten_minutes_by_the_boot_clock)
{
    given_approved();
    pass(RB_SEND_WINDOW_MS - 1);
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
    prepare_again();
    need(happens(RB_EV_GO));
    EXPECT_STATE(RB_STATE_SENDING);

    given_intent();
    pass(RB_SEND_WINDOW_MS - RB_SECOND_MS + _i);
    ck_assert_int_eq(happens(RB_EV_GO), RB_STEP_TOO_LATE);
    ck_assert_int_eq(happens(RB_EV_PREPARED), RB_STEP_TOO_LATE);
    need(happens(RB_EV_TIME));
    EXPECT_STATE(RB_STATE_LAPSED);
    ck_assert_uint_eq(request.n_attempts, 0);
}
END_TEST

START_TEST(R4_a_wall_jump_lapses_nothing_but_sends_nothing)
{
    given_intent();
    now.utc_ms += RB_SEND_WINDOW_MS;
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
    ck_assert_int_eq(happens(RB_EV_GO), RB_STEP_TOO_LATE);
    EXPECT_STATE(RB_STATE_INTENT);
}
END_TEST

START_TEST(R4_a_reboot_lapses_what_was_not_sent)
{
    if (_i == 0)
        given_approved();
    else
        given_intent();
    reboot();
    ck_assert_int_eq(happens(RB_EV_GO), RB_STEP_TOO_LATE);
    need(happens(RB_EV_RESTARTED));
    EXPECT_STATE(RB_STATE_LAPSED);
}
END_TEST

/* ---- attempts ----------------------------------------------------------------------------------------------------- */

START_TEST(R2_what_did_not_act_is_tried_again_five_times_at_most)
{
    static const rb_post_outcome outcomes[] = {RB_POST_UNAUTHORISED, RB_POST_THROTTLED, RB_POST_NEVER_LEFT};

    given_intent();
    for (uint32_t i = 1; i <= RB_POST_ATTEMPTS_MAX; i++) {
        need(happens(RB_EV_GO));
        ck_assert_uint_eq(request.n_attempts, i);
        ck_assert_uint_eq(count_effects(RB_FX_POST), 1);
        need(posted(outcomes[_i]));
        EXPECT_STATE(i < RB_POST_ATTEMPTS_MAX ? RB_STATE_INTENT : RB_STATE_FAILED);
        ck_assert_int_eq(request.posted.utc_ms, 0);
        pass(RB_SECOND_MS);
        if (i < RB_POST_ATTEMPTS_MAX)
            prepare_again(); /* a new snapshot */
    }
    ck_assert_int_eq(happens(RB_EV_GO), RB_STEP_NOTHING);
}
END_TEST

START_TEST(R2_retry_after_is_waited_out)
{
    given_sending();
    rb_event event = event_of(RB_EV_POSTED);
    event.outcome = RB_POST_THROTTLED;
    event.retry_after_ms = 20 * RB_SECOND_MS;
    need(step(&event));
    pass(20 * RB_SECOND_MS - 1);
    ck_assert_int_eq(happens(RB_EV_GO), RB_STEP_NOTHING);
    pass(1);
    need(happens(RB_EV_GO));
}
END_TEST

START_TEST(R2_an_outcome_counts_once)
{
    given_sending();
    need(posted(RB_POST_UNCLEAR));
    EXPECT_STATE(RB_STATE_SENDING);
    for (int outcome = 0; outcome <= RB_POST_UNCLEAR; outcome++)
        ck_assert_int_eq(posted((rb_post_outcome)outcome), RB_STEP_NOTHING);
    ck_assert_int_eq(happens(RB_EV_GO), RB_STEP_NOTHING);
}
END_TEST

START_TEST(R2_a_restart_in_SENDING_only_looks)
{
    given_sending();
    need(happens(RB_EV_RESTARTED));
    EXPECT_STATE(RB_STATE_SENDING);
    ck_assert(has_effect(RB_FX_LINE, RB_NOTE_RECOVERED));
    ck_assert_uint_eq(count_effects(RB_FX_POST), 0);
    ck_assert_int_eq(happens(RB_EV_RESTARTED), RB_STEP_NOTHING);
    ck_assert_int_eq(happens(RB_EV_GO), RB_STEP_NOTHING);
    ck_assert_int_eq(rb_request_next(&request, now, boot).work, RB_WORK_RESULTS);
    shows(TYPE, now.utc_ms, RB_ACTION_PENDING);
    need(reads());
    EXPECT_STATE(RB_STATE_ACCEPTED);
}
END_TEST

START_TEST(R2_while_the_POST_runs_nothing_is_read_into_it)
{
    given_sending();
    shows(TYPE, now.utc_ms, RB_ACTION_DONE);
    ck_assert_int_eq(reads(), RB_STEP_NOTHING);
    pass(8 * RB_DAY_MS);
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
    ck_assert_int_eq(rb_request_next(&request, now, boot).work, RB_WORK_NONE);
}
END_TEST

START_TEST(R3_accepted_is_not_done)
{
    given_accepted();
    EXPECT_STATE(RB_STATE_ACCEPTED);
    ck_assert(has_effect(RB_FX_LINE, RB_NOTE_ACCEPTED));
    ck_assert_uint_eq(count_effects(RB_FX_TELL_REQUESTER), 0);
    static const rb_action_state not_final[] = {RB_ACTION_NONE, RB_ACTION_PENDING, RB_ACTION_ACTIVE, RB_ACTION_OTHER};
    for (size_t i = 0; i < 4; i++) {
        shows_nothing();
        shows(TYPE, request.snapshot_utc_ms, not_final[i]);
        (void)reads();
        ck_assert(!rb_state_is_final(request.state));
    }
}
END_TEST

START_TEST(too_late_to_cancel_once_it_may_have_left)
{
    given((rb_state)_i);
    ck_assert_int_eq(happens(RB_EV_CANCEL), RB_STEP_TOO_LATE_SENT);
}
END_TEST

/* ---- which result is ours ----------------------------------------------------------------------------------------- */

START_TEST(R3_a_stale_done_from_last_week_is_not_ours)
{
    given_approved();
    shows(TYPE, UTC - 7 * RB_DAY_MS, RB_ACTION_DONE);
    prepare_again();
    need(happens(RB_EV_GO));
    need(posted(RB_POST_ACCEPTED));
    need(reads()); /* the first read is noted */
    EXPECT_STATE(RB_STATE_ACCEPTED);
    ck_assert_str_eq(request.ours.type, "");
    pass(RB_NO_TRACE_MS);
    need(reads());
    EXPECT_STATE(RB_STATE_UNKNOWN);
}
END_TEST

START_TEST(R3_an_old_done_that_the_snapshot_missed_is_not_ours)
{
    given_accepted();
    shows(TYPE, request.snapshot_utc_ms - 1, RB_ACTION_DONE);
    need(reads());
    EXPECT_STATE(RB_STATE_ACCEPTED);
    shows_nothing();
    shows(TYPE, request.snapshot_utc_ms, RB_ACTION_DONE);
    need(reads());
    EXPECT_STATE(RB_STATE_DONE);
}
END_TEST

START_TEST(a_sentinel_date_absent_from_the_snapshot_is_ours)
{
    given_accepted();
    shows(TYPE, 0, RB_ACTION_PENDING);
    need(reads());
    ck_assert_str_eq(request.ours.type, TYPE);
    shows_nothing();
    shows(TYPE, now.utc_ms, RB_ACTION_DONE); /* it got its date later */
    need(reads());
    EXPECT_STATE(RB_STATE_DONE);
}
END_TEST

START_TEST(a_sentinel_date_in_the_snapshot_is_not_ours)
{
    given_approved();
    shows(TYPE, 0, RB_ACTION_DONE);
    prepare_again();
    need(happens(RB_EV_GO));
    need(posted(RB_POST_ACCEPTED));
    need(reads());
    EXPECT_STATE(RB_STATE_ACCEPTED);
}
END_TEST

START_TEST(R3_two_new_results_are_ambiguous_and_show_no_code)
{
    given_accepted();
    shows(TYPE, now.utc_ms, RB_ACTION_DONE);
    shows("resetPasscode", now.utc_ms, RB_ACTION_DONE);
    results.items[0].has_code = results.items[1].has_code = true;
    need(reads());
    EXPECT_STATE(RB_STATE_UNKNOWN);
    ck_assert_msg(strstr(request.detail, "ambiguous") != NULL, "%s", request.detail);
    ck_assert(!request.has_code);
    ck_assert_int_eq(by(RB_EV_SHOW, "U0HANNA", HANNA), RB_STEP_NO_MORE);
    results.n = 1; /* one goes away: it stays ambiguous */
    pass(RB_HOUR_MS);
    ck_assert_int_eq(reads(), RB_STEP_NOTHING);
    ck_assert_int_eq(rb_request_next(&request, now, boot).work, RB_WORK_NONE);
}
END_TEST

START_TEST(R3_another_result_in_place_of_ours_is_ambiguous)
{
    given_accepted();
    shows(TYPE, now.utc_ms, RB_ACTION_PENDING);
    need(reads());
    shows_nothing();
    pass(RB_MINUTE_MS);
    shows(TYPE, now.utc_ms, RB_ACTION_DONE);
    need(reads());
    EXPECT_STATE(RB_STATE_UNKNOWN);
}
END_TEST

START_TEST(a_type_that_is_named_later_stays_ours)
{
    given_accepted();
    int64_t started = now.utc_ms;
    shows("", started, RB_ACTION_PENDING);
    (void)reads();
    shows_nothing();
    pass(RB_MINUTE_MS);
    shows(TYPE, started, RB_ACTION_DONE);
    need(reads());
    EXPECT_STATE(RB_STATE_DONE);
}
END_TEST

START_TEST(final_results_end_it)
{
    static const struct {
        rb_action_state action;
        rb_state state;
    } ends[] = {{RB_ACTION_DONE, RB_STATE_DONE},
                {RB_ACTION_FAILED, RB_STATE_FAILED},
                {RB_ACTION_NOT_SUPPORTED, RB_STATE_NOT_SUPPORTED},
                {RB_ACTION_CANCELED, RB_STATE_CANCELED}};
    given_ended(ends[_i].action);
    EXPECT_STATE(ends[_i].state);
    ck_assert_uint_eq(count_effects(RB_FX_TELL_REQUESTER), 1);
    ck_assert_uint_eq(count_effects(RB_FX_TELL_OWNER), 1);
    ck_assert_uint_eq(count_effects(RB_FX_LINE), 1);
    ck_assert_uint_eq(count_effects(RB_FX_CARD), 1);
}
END_TEST

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
    Suite *suite = suite_create("outcome");
    TCase *tests = tcase_create("from SENDING on");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, S2_each_difference_makes_it_stale);
    tcase_add_test(tests, R2_a_reset_of_somebody_else_makes_it_stale);
    tcase_add_test(tests, a_snapshot_without_graphs_clock_does_not_count);
    tcase_add_loop_test(tests, R4_the_sending_window_is_ten_minutes_by_the_boot_clock, 0, 2);
    tcase_add_test(tests, R4_a_wall_jump_lapses_nothing_but_sends_nothing);
    tcase_add_loop_test(tests, R4_a_reboot_lapses_what_was_not_sent, 0, 2);
    tcase_add_loop_test(tests, R2_what_did_not_act_is_tried_again_five_times_at_most, 0, 3);
    tcase_add_test(tests, R2_retry_after_is_waited_out);
    tcase_add_test(tests, R2_an_outcome_counts_once);
    tcase_add_test(tests, R2_a_restart_in_SENDING_only_looks);
    tcase_add_test(tests, R2_while_the_POST_runs_nothing_is_read_into_it);
    tcase_add_test(tests, R3_accepted_is_not_done);
    tcase_add_loop_test(tests, too_late_to_cancel_once_it_may_have_left, RB_STATE_SENDING, RB_STATE_DONE);
    tcase_add_test(tests, R3_a_stale_done_from_last_week_is_not_ours);
    tcase_add_test(tests, R3_an_old_done_that_the_snapshot_missed_is_not_ours);
    tcase_add_test(tests, a_sentinel_date_absent_from_the_snapshot_is_ours);
    tcase_add_test(tests, a_sentinel_date_in_the_snapshot_is_not_ours);
    tcase_add_test(tests, R3_two_new_results_are_ambiguous_and_show_no_code);
    tcase_add_test(tests, R3_another_result_in_place_of_ours_is_ambiguous);
    tcase_add_test(tests, a_type_that_is_named_later_stays_ours);
    tcase_add_loop_test(tests, final_results_end_it, 0, 4);
    tcase_add_test(tests, R4_no_trace_counts_from_the_first_good_read);
    tcase_add_loop_test(tests, R4_after_24_hours_one_line_after_seven_days_unknown, 0, 2);
    tcase_add_test(tests, the_watch_finds_it_later_once);
    tcase_add_test(tests, S6_the_code_is_shown_four_times_at_most);
    tcase_add_loop_test(tests, S6_the_code_is_shown_for_30_minutes_after_the_first_and_7_days_after_the_end, 0, 2);
    tcase_add_test(tests, an_unopened_code_is_reminded_once);
    tcase_add_test(tests, polls_come_as_the_design_says);
    tcase_add_test(tests, R4_every_state_that_is_not_final_has_something_to_wait_for);
    tcase_add_loop_test(tests, R4_following_the_schedule_ends_every_request, RB_STATE_DRAFT, RB_STATE_DONE);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
