/* engine_timer_test.c - R4: whatever waits for a time is woken by the timer that the engine itself armed, and by nothing else. */
#include "engine_story.h"

static world w;
static char id[RB_REQUEST_ID_CAP];

static void setup(void)
{
    given_world(&w);
}

static void teardown(void)
{
    fini_world(&w);
}

/* As pass() of engine_kit.h, but the engine is never looked at unless it asked to be. */
static void sleeps(int64_t ms)
{
    int64_t end = w.now.boot_ms + ms;

    settle(&w);
    for (int n = 0; w.timer_boot_ms <= end; n++) {
        ck_assert_msg(n < 20000, "timers without end");
        at(&w, w.timer_boot_ms > w.now.boot_ms ? w.timer_boot_ms : w.now.boot_ms);
        w.timer_boot_ms = INT64_MAX;
        rb_engine_timer(w.engine);
        settle(&w);
    }
    at(&w, end);
}

START_TEST(R1_a_save_that_is_late_is_given_up_by_a_timer)
{
    w.is_worker_held = true;
    type_only(&w, "U0HANNA", "reset adele@contoso.com");
    sleeps(RB_ACK_LIMIT_MS);
    ck_assert_uint_eq(w.n_acks, 1);
    ck_assert_ptr_nonnull(strstr(w.acks[0].text, "Nothing was done"));
    w.is_worker_held = false;
    settle(&w);
}
END_TEST

START_TEST(R4_a_draft_ends_by_its_timer)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;

    type(&w, "U0HANNA", "reset adele@contoso.com locked out");
    button(&w, 's', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    sleeps(RB_DRAFT_LIFE_MS);
    EXPECT_STATE(&w, bound.request, RB_STATE_EXPIRED);
}
END_TEST

START_TEST(R4_half_time_and_the_end_of_a_request_come_by_timers)
{
    asks(&w, id);
    sleeps(15 * RB_MINUTE_MS);
    need_said(&w, "Half of the time is over");
    sleeps(15 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    need_said(&w, "Ask again");
}
END_TEST

START_TEST(R4_what_was_approved_and_cannot_be_sent_lapses_by_a_timer)
{
    asks_and_card(&w, id);
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    press_on_card(&w, "U0ARVID", 'a', id);
    sleeps(RB_SEND_WINDOW_MS);
    EXPECT_STATE(&w, id, RB_STATE_LAPSED);
}
END_TEST

START_TEST(R2_the_next_attempt_comes_by_a_timer)
{
    asks_and_card(&w, id);
    w.post = RB_POST_THROTTLED;
    press_on_card(&w, "U0ARVID", 'a', id);
    w.post = RB_POST_ACCEPTED;
    sleeps(5 * RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    ck_assert_uint_eq(count_resets(&w), 2);
}
END_TEST

START_TEST(R3_polls_come_by_timers_until_it_is_done_or_nobody_knows)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    sleeps(RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    if (_i == 0)
        given_result(&w, RB_ACTION_DONE);
    sleeps(_i == 0 ? RB_MINUTE_MS : 15 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, _i == 0 ? RB_STATE_DONE : RB_STATE_UNKNOWN);
}
END_TEST

START_TEST(R5_what_slack_asked_to_wait_with_goes_by_a_timer)
{
    w.next_chat[RB_CHAT_POST] = (rb_chat_result){.outcome = RB_CHAT_LATER, .retry_after_ms = 30 * RB_SECOND_MS};
    w.n_next[RB_CHAT_POST] = 1;
    asks(&w, id);
    sleeps(35 * RB_SECOND_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_POST), 3); /* refused, the card, its line */
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(U1_an_unclear_card_is_looked_for_by_a_timer)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "", 1);
    KIT_TEXT(w.found[0], "1772460001.000001");
    w.n_found = 1;
    asks(&w, id);
    sleeps(RB_UNCLEAR_WAIT_MS + 2 * RB_SECOND_MS);
    rb_request *request = stored(&w, id);
    ck_assert_str_eq(request->card_ts, "1772460001.000001");
    free(request);
}
END_TEST

START_TEST(a_read_that_slack_asked_to_wait_with_is_made_by_a_timer)
{
    w.next_chat[RB_CHAT_PERSON] = (rb_chat_result){.outcome = RB_CHAT_LATER, .retry_after_ms = 20 * RB_SECOND_MS};
    w.n_next[RB_CHAT_PERSON] = 1;
    type(&w, "U0HANNA", "devices adele@contoso.com");
    ck_assert_ptr_null(said(&w, "iPhone 14"));
    sleeps(20 * RB_SECOND_MS);
    need_said(&w, "iPhone 14");
}
END_TEST

START_TEST(S6_the_form_with_the_code_is_blanked_by_a_timer)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    w.results.items[0].has_code = true;
    pass(&w, RB_MINUTE_MS);
    press(&w, "U0HANNA", 'w');
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "84c1"));
    sleeps(RB_FORM_BLANK_MS);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "no longer shown"));
}
END_TEST

START_TEST(an_unopened_code_is_reminded_by_a_timer)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    w.results.items[0].has_code = true;
    sleeps(RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
    sleeps(RB_UNOPENED_CODE_MS);
    ck_assert_uint_eq(count_records(&w, "code_unopened"), 1);
}
END_TEST

/* The same after a restart: what waits is derived from the rows. */
START_TEST(R4_after_a_restart_the_timers_are_armed_again)
{
    asks_and_card(&w, id);
    if (_i > 0)
        press_on_card(&w, "U0ARVID", 'a', id);
    sleeps(10 * RB_SECOND_MS);
    die(&w, STORE_FAILS);
    restart(&w);
    if (_i == 1)
        given_result(&w, RB_ACTION_DONE);
    sleeps(30 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, _i == 0 ? RB_STATE_EXPIRED : _i == 1 ? RB_STATE_DONE : RB_STATE_UNKNOWN);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_timer");
    TCase *tests = tcase_create("timer");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, R1_a_save_that_is_late_is_given_up_by_a_timer);
    tcase_add_test(tests, R4_a_draft_ends_by_its_timer);
    tcase_add_test(tests, R4_half_time_and_the_end_of_a_request_come_by_timers);
    tcase_add_test(tests, R4_what_was_approved_and_cannot_be_sent_lapses_by_a_timer);
    tcase_add_test(tests, R2_the_next_attempt_comes_by_a_timer);
    tcase_add_loop_test(tests, R3_polls_come_by_timers_until_it_is_done_or_nobody_knows, 0, 2);
    tcase_add_test(tests, R5_what_slack_asked_to_wait_with_goes_by_a_timer);
    tcase_add_test(tests, U1_an_unclear_card_is_looked_for_by_a_timer);
    tcase_add_test(tests, a_read_that_slack_asked_to_wait_with_is_made_by_a_timer);
    tcase_add_test(tests, S6_the_form_with_the_code_is_blanked_by_a_timer);
    tcase_add_test(tests, an_unopened_code_is_reminded_by_a_timer);
    tcase_add_loop_test(tests, R4_after_a_restart_the_timers_are_armed_again, 0, 3);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
