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
        ck_assert(has_effect(RB_FX_RECORD, RB_NOTE_SENT)); /* A1: each attempt */
        ck_assert(has_effect(RB_FX_CARD, RB_NOTE_SENT));   /* R5: it said "about to be sent" */
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

START_TEST(R2_each_attempt_keeps_what_became_of_it)
{
    static const struct {
        rb_post_outcome post;
        rb_attempt_outcome outcome;
    } outcomes[] = {{RB_POST_ACCEPTED, RB_ATTEMPT_ACCEPTED},   {RB_POST_UNAUTHORISED, RB_ATTEMPT_UNAUTHORISED},
                    {RB_POST_THROTTLED, RB_ATTEMPT_THROTTLED}, {RB_POST_NEVER_LEFT, RB_ATTEMPT_NEVER_LEFT},
                    {RB_POST_REFUSED, RB_ATTEMPT_REFUSED},     {RB_POST_TENANT_APPROVAL, RB_ATTEMPT_REFUSED},
                    {RB_POST_UNCLEAR, RB_ATTEMPT_UNCLEAR}};

    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        given_sending();
        ck_assert_int_eq(request.attempts[0].outcome, RB_ATTEMPT_OPEN);
        need(posted(outcomes[i].post));
        ck_assert_int_eq(request.attempts[0].outcome, outcomes[i].outcome);
        bool may_have_acted = outcomes[i].post == RB_POST_ACCEPTED || outcomes[i].post == RB_POST_UNCLEAR;
        ck_assert_int_eq(request.posted.utc_ms != 0, may_have_acted);
    }
}
END_TEST

START_TEST(R2_no_sixth_attempt_whatever_the_row_says)
{
    given_intent();
    request.n_attempts = RB_POST_ATTEMPTS_MAX;
    ck_assert_int_eq(happens(RB_EV_GO), RB_STEP_NOTHING);
    EXPECT_STATE(RB_STATE_INTENT);
}
END_TEST

START_TEST(what_is_known_of_an_unclear_post_is_kept_for_the_card)
{
    given_sending();
    rb_event event = event_of(RB_EV_POSTED);
    event.outcome = RB_POST_UNCLEAR;
    event.text = "the exchange broke off";
    need(step(&event));
    ck_assert_str_eq(request.detail, "the exchange broke off");
    ck_assert(has_effect(RB_FX_CARD, RB_NOTE_UNCLEAR));
    ck_assert(has_effect(RB_FX_LINE, RB_NOTE_UNCLEAR));
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
    ck_assert_int_eq(rb_request_next(&request, now, boot).work, RB_WORK_NONE);
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
    ck_assert_int_eq(request.attempts[0].outcome, RB_ATTEMPT_ACCEPTED);
    ck_assert(has_effect(RB_FX_LINE, RB_NOTE_ACCEPTED));
    ck_assert(has_effect(RB_FX_CARD, RB_NOTE_ACCEPTED));
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

/* Our own clock may be wrong by an hour either way: Graph's dates are compared with Graph's clock alone. */
START_TEST(R3_what_is_ours_is_told_by_graphs_clock_not_by_our_own)
{
    const int64_t ours_is_ahead_ms = _i == 0 ? RB_HOUR_MS : -RB_HOUR_MS;

    given_approved();
    results.read_utc_ms = now.utc_ms - ours_is_ahead_ms;
    need(happens(RB_EV_PREPARED));
    const int64_t snapshot_ms = results.read_utc_ms;
    need(happens(RB_EV_GO));
    need(posted(RB_POST_ACCEPTED));
    shows(TYPE, snapshot_ms - 1, RB_ACTION_DONE); /* somebody else's, which the snapshot missed */
    results.read_utc_ms = snapshot_ms + RB_SECOND_MS;
    need(happens(RB_EV_RESULTS)); /* the first read is noted */
    EXPECT_STATE(RB_STATE_ACCEPTED);
    ck_assert_str_eq(request.ours.type, "");
    shows_nothing();
    shows(TYPE, snapshot_ms, RB_ACTION_DONE);
    results.read_utc_ms = snapshot_ms + RB_SECOND_MS;
    need(happens(RB_EV_RESULTS));
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

START_TEST(R3_a_code_seen_before_it_was_ambiguous_is_not_shown)
{
    given_accepted();
    shows(TYPE, now.utc_ms, RB_ACTION_PENDING);
    results.items[0].has_code = true;
    need(reads());
    shows("resetPasscode", now.utc_ms, RB_ACTION_PENDING);
    need(reads());
    EXPECT_STATE(RB_STATE_UNKNOWN);
    ck_assert_int_eq(by(RB_EV_SHOW, "U0HANNA", HANNA), RB_STEP_NO_MORE);
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

/* ---- what each step leaves behind --------------------------------------------------------------------------------- */

static void approved(void)
{
    given_approved();
}

static void sent(void)
{
    given_sending();
}

static void accepted(void)
{
    given_accepted();
}

static void throttled(void)
{
    given_sending();
    rb_event event = event_of(RB_EV_POSTED);
    event.outcome = RB_POST_THROTTLED;
    event.text = "Microsoft Graph asks the bot to slow down";
    need(step(&event));
    ck_assert_str_eq(request.detail, "Microsoft Graph asks the bot to slow down");
}

static void active(void)
{
    given_accepted();
    shows(TYPE, now.utc_ms, RB_ACTION_ACTIVE);
    need(reads());
}

static void queued_after_an_unclear_post(void)
{
    given_sending();
    need(posted(RB_POST_UNCLEAR));
    shows(TYPE, now.utc_ms, RB_ACTION_PENDING);
    need(reads());
}

static void prepared(void)
{
    given_intent();
}

static void unopened(void)
{
    given_accepted();
    shows(TYPE, now.utc_ms, RB_ACTION_DONE);
    results.items[0].has_code = true;
    need(reads());
    pass(RB_UNOPENED_CODE_MS);
    need(happens(RB_EV_TIME));
}

START_TEST(A1_R5_each_step_on_the_way_is_recorded_and_those_that_matter_are_shown)
{
    static const struct {
        void (*happened)(void);
        rb_note note;
        bool has_card, has_line;
    } steps[] = {
        {approved, RB_NOTE_APPROVED, true, true},   {prepared, RB_NOTE_SNAPSHOT, false, false},
        {sent, RB_NOTE_SENT, true, true},           {throttled, RB_NOTE_TRY_AGAIN, true, false},
        {accepted, RB_NOTE_ACCEPTED, true, true},   {queued_after_an_unclear_post, RB_NOTE_ACCEPTED, true, true},
        {active, RB_NOTE_IN_PROGRESS, true, false}, {unopened, RB_NOTE_CODE_UNOPENED, false, false},
    };

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        steps[i].happened();
        ck_assert_msg(has_effect(RB_FX_RECORD, steps[i].note), "%s is not recorded", rb_note_name(steps[i].note));
        ck_assert_msg(has_effect(RB_FX_CARD, steps[i].note) == steps[i].has_card, "card: %s",
                      rb_note_name(steps[i].note));
        ck_assert_msg(has_effect(RB_FX_LINE, steps[i].note) == steps[i].has_line, "line: %s",
                      rb_note_name(steps[i].note));
    }
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
    tcase_add_test(tests, R2_each_attempt_keeps_what_became_of_it);
    tcase_add_test(tests, R2_no_sixth_attempt_whatever_the_row_says);
    tcase_add_test(tests, what_is_known_of_an_unclear_post_is_kept_for_the_card);
    tcase_add_test(tests, R2_an_outcome_counts_once);
    tcase_add_test(tests, R2_a_restart_in_SENDING_only_looks);
    tcase_add_test(tests, R2_while_the_POST_runs_nothing_is_read_into_it);
    tcase_add_test(tests, R3_accepted_is_not_done);
    tcase_add_loop_test(tests, too_late_to_cancel_once_it_may_have_left, RB_STATE_SENDING, RB_STATE_DONE);
    tcase_add_test(tests, R3_a_stale_done_from_last_week_is_not_ours);
    tcase_add_test(tests, R3_an_old_done_that_the_snapshot_missed_is_not_ours);
    tcase_add_loop_test(tests, R3_what_is_ours_is_told_by_graphs_clock_not_by_our_own, 0, 2);
    tcase_add_test(tests, a_sentinel_date_absent_from_the_snapshot_is_ours);
    tcase_add_test(tests, a_sentinel_date_in_the_snapshot_is_not_ours);
    tcase_add_test(tests, R3_two_new_results_are_ambiguous_and_show_no_code);
    tcase_add_test(tests, R3_a_code_seen_before_it_was_ambiguous_is_not_shown);
    tcase_add_test(tests, R3_another_result_in_place_of_ours_is_ambiguous);
    tcase_add_test(tests, a_type_that_is_named_later_stays_ours);
    tcase_add_loop_test(tests, final_results_end_it, 0, 4);
    tcase_add_test(tests, A1_R5_each_step_on_the_way_is_recorded_and_those_that_matter_are_shown);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
