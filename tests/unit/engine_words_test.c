/* engine_words_test.c - what people read when something failed: what is known, what to do, what not to do (R1, R3, R4). */
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

/* The newest direct message to Hanna; fails when one of the words is missing in it. */
static void expect_told(const char *const *words, size_t n)
{
    const seen_call *told = NULL;
    for (size_t i = 0; i < w.n_calls; i++) {
        const seen_call *call = &w.calls[i];
        if (!call->is_device && call->is_ok && call->kind == RB_CHAT_DIRECT && strcmp(call->user, "U0HANNA") == 0)
            told = call;
    }
    ck_assert_msg(told != NULL, "Hanna was told nothing");
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(strstr(told->payload, words[i]) != NULL, "not told: %s\n%s", words[i], told->payload);
}

#define EXPECT_TOLD(...)                                                                                               \
    expect_told((const char *const[]){__VA_ARGS__}, sizeof(const char *const[]){__VA_ARGS__} / sizeof(char *))

/* ---- the bot was restarted ---------------------------------------------------------------------------------------- */

static void dies_before_it_works(rb_delivery *delivery)
{
    w.is_held[false][RB_CHAT_PERSON] = true;
    deliver(&w, delivery);
    settle(&w);
    die(&w, STORE_FAILS);
    w.is_held[false][RB_CHAT_PERSON] = false;
    w.boot = 2; /* and nothing is in the cache */
    restart(&w);
    settle(&w);
}

START_TEST(R1_after_a_restart_the_command_to_type_again_is_named)
{
    static const char *const typed[] = {"reset adele@contoso.com locked out INC0012345",
                                        "reset adele@contoso.com " RB_SECRET_MARK};
    static const char *const again[] = {"/passcode reset adele@contoso.com locked out INC0012345\"",
                                        "/passcode reset adele@contoso.com\""};
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_COMMAND, "U0HANNA");
    KIT_TEXT(delivery->text, typed[_i]);
    dies_before_it_works(delivery);
    seen_call *answer = need_said(&w, "nothing was done. To do it again, type:");
    ck_assert_ptr_nonnull(strstr(answer->payload, again[_i]));
}
END_TEST

START_TEST(R1_after_a_restart_a_press_names_the_command_that_brings_it_back)
{
    char words[96];
    asks_and_card(&w, id);
    pass(&w, 2 * RB_MINUTE_MS); /* what was read of people is old */
    dies_before_it_works(a_press_on_card(&w, "U0ARVID", 'a', id));
    (void)snprintf(words, sizeof words, "/passcode approve %s", id);
    need_said(&w, "nothing was done. To do it again, type:");
    need_said(&w, words);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
}
END_TEST

static size_t count_record_texts(const char *kind, const char *words)
{
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = ""};
    size_t n = 0;

    kit_ask(&w.store, &query);
    for (size_t i = 0; i < query.n_records; i++)
        n += strcmp(query.records[i].kind, kind) == 0 && strstr(query.records[i].text, words);
    rb_query_fini(&query);
    return n;
}

START_TEST(R1_a_restart_while_a_code_is_opened_does_not_claim_that_nothing_was_done)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    w.results.items[0].has_code = true;
    pass(&w, RB_MINUTE_MS);
    w.is_held[true][RB_DEVICE_CODE] = true;
    press(&w, "U0HANNA", 'w');
    rb_request *request = stored(&w, id);
    ck_assert_uint_eq(request->n_shown, 1);
    free(request);
    die(&w, STORE_FAILS);
    restart(&w);
    settle(&w);
    need_said(&w, "Press Show again: the showing may have counted");
    ck_assert_ptr_null(said(&w, "nothing was done. To do it again"));
    ck_assert_uint_eq(count_record_texts("abandoned", "restarted before it was finished"), 1); /* the record neither */
    ck_assert_uint_eq(count_record_texts("abandoned", "nothing was done"), 0);
}
END_TEST

START_TEST(R2_a_restart_while_it_was_sent_tells_the_requester_what_not_to_do)
{
    asks_and_card(&w, id);
    w.is_held[true][RB_DEVICE_RESET] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_SENDING);
    die(&w, STORE_FAILS);
    restart(&w);
    pass(&w, RB_SECOND_MS);
    EXPECT_TOLD("I was restarted while this was being sent to Intune", "I never send it again",
                "do not tell the caller that it is done", "do not press reset in Intune");
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_UNKNOWN);
    EXPECT_TOLD("Device action status", "do not tell the caller that it is done", "do not press reset in Intune");
}
END_TEST

START_TEST(a_request_that_ended_while_the_bot_was_down_says_so)
{
    asks_and_card(&w, id);
    die(&w, STORE_FAILS);
    at(&w, w.now.boot_ms + RB_HOUR_MS);
    restart(&w);
    pass(&w, 10 * RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    EXPECT_TOLD("the bot was not running, or was being restarted, when its time was over", "Ask again");
}
END_TEST

START_TEST(a_reboot_that_ended_the_sending_window_says_so)
{
    asks_and_card(&w, id);
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    press_on_card(&w, "U0ARVID", 'a', id);
    die(&w, STORE_FAILS);
    w.boot = 2;
    restart(&w);
    pass(&w, 10 * RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_LAPSED);
    EXPECT_TOLD("the bot's machine was restarted in between", "Ask again");
}
END_TEST

/* ---- the chat was away -------------------------------------------------------------------------------------------- */

static void chat_goes_away(void)
{
    for (int kind = 0; kind < CHAT_KINDS; kind++)
        chat_answers(&w, (rb_chat_call_kind)kind, RB_CHAT_LATER, "no_reply", SIZE_MAX);
}

static void chat_comes_back(void)
{
    for (int kind = 0; kind < CHAT_KINDS; kind++)
        w.n_next[kind] = 0;
}

START_TEST(an_approval_that_expired_while_the_chat_was_away_says_so_when_it_is_back)
{
    asks_and_card(&w, id);
    chat_goes_away();
    pass(&w, _i == 0 ? RB_HOUR_MS : RB_DAY_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    chat_comes_back();
    pass(&w, 10 * RB_SECOND_MS);
    EXPECT_TOLD("expired: nobody decided in time", "the chat could not be reached from", "Ask again");
    press(&w, "U0HANNA", 'g');
    need_said(&w, "How did you make sure who is calling?"); /* a new preview */
}
END_TEST

START_TEST(approvers_are_reminded_once_the_chat_is_back)
{
    asks_and_card(&w, id);
    size_t before = count_calls(&w, false, RB_CHAT_DIRECT);
    chat_goes_away();
    pass(&w, 20 * RB_MINUTE_MS); /* past half time */
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DIRECT), before);
    chat_comes_back();
    pass(&w, 2 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DIRECT), before + 2); /* Arvid and Berit */
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_DIRECT)->payload, "Half of the time is over"));
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
}
END_TEST

/* Whoever types the command sees the request without the card, and an unclear card may stand there: no more is said. */
START_TEST(an_approval_whose_card_was_never_confirmed_says_so_and_no_more)
{
    char typed[64];
    chat_answers(&w, RB_CHAT_POST, _i == 0 ? RB_CHAT_LATER : RB_CHAT_UNCLEAR, "no_reply", SIZE_MAX);
    asks(&w, id);
    (void)snprintf(typed, sizeof typed, "approve %s", id);
    type(&w, "U0ARVID", typed);
    need_said(&w, "\"1.a.");
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    EXPECT_TOLD("its card was not confirmed in the request channel)", "Ask again");
    ck_assert_ptr_null(said(&w, "no approver saw it"));
}
END_TEST

START_TEST(nothing_is_blamed_when_nothing_was_away)
{
    asks_and_card(&w, id);
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    EXPECT_TOLD("nothing was sent to Intune\"");
}
END_TEST

/* ---- Intune was away ---------------------------------------------------------------------------------------------- */

START_TEST(a_request_that_lapsed_names_what_was_in_the_way)
{
    asks_and_card(&w, id);
    w.policy.frozen = _i == 1;
    w.read_outcome = _i == 0 ? RB_DEVICE_UNAVAILABLE : RB_DEVICE_OK;
    KIT_TEXT(w.read_detail, _i == 0 ? "Intune did not answer in time." : "");
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_LAPSED);
    EXPECT_TOLD("lapsed: approved, but it could not be sent in time; nothing was sent to Intune",
                _i == 0 ? "Intune did not answer in time." : "all sending is frozen by the policy", "Ask again");
}
END_TEST

START_TEST(R3_after_attempts_that_did_not_act_it_does_not_say_that_nothing_was_sent)
{
    asks_and_card(&w, id);
    w.post = RB_POST_THROTTLED;
    w.is_held[true][RB_DEVICE_RESET] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    w.is_held[true][RB_DEVICE_RESET] = false;
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_LAPSED);
    EXPECT_TOLD("Intune did not take it in time; nothing was changed on the device");
}
END_TEST

static void given_throttled_once(void)
{
    asks_and_card(&w, id);
    w.post = RB_POST_THROTTLED;
    w.is_held[true][RB_DEVICE_RESET] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    w.is_held[true][RB_DEVICE_RESET] = false;
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_resets(&w), 1);
}

START_TEST(R3_after_attempts_a_cancelled_or_stale_request_does_not_say_that_nothing_was_sent)
{
    char typed[64];
    given_throttled_once();
    if (_i == 0) {
        (void)snprintf(typed, sizeof typed, "cancel %s", id);
        type(&w, "U0HANNA", typed);
        ck_assert_int_eq(need_said(&w, "is cancelled. Intune took none of the attempts to send it.")->kind,
                         RB_CHAT_RESPOND);
    } else {
        w.read_outcome = RB_DEVICE_NOT_FOUND;
    }
    pass(&w, 2 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, _i == 0 ? RB_STATE_CANCELLED : RB_STATE_STALE);
    need_said(&w, _i == 0 ? "(U0HANNA); Intune took none of the attempts to send it"
                          : "stale: the device is no longer in Intune; Intune took none of the attempts to send it");
    ck_assert_ptr_null(said(&w, "othing was sent"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_words");
    TCase *tests = tcase_create("words");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, R1_after_a_restart_the_command_to_type_again_is_named, 0, 2);
    tcase_add_test(tests, R1_after_a_restart_a_press_names_the_command_that_brings_it_back);
    tcase_add_test(tests, R1_a_restart_while_a_code_is_opened_does_not_claim_that_nothing_was_done);
    tcase_add_test(tests, R2_a_restart_while_it_was_sent_tells_the_requester_what_not_to_do);
    tcase_add_test(tests, a_request_that_ended_while_the_bot_was_down_says_so);
    tcase_add_test(tests, a_reboot_that_ended_the_sending_window_says_so);
    tcase_add_loop_test(tests, an_approval_that_expired_while_the_chat_was_away_says_so_when_it_is_back, 0, 2);
    tcase_add_test(tests, approvers_are_reminded_once_the_chat_is_back);
    tcase_add_loop_test(tests, an_approval_whose_card_was_never_confirmed_says_so_and_no_more, 0, 2);
    tcase_add_test(tests, nothing_is_blamed_when_nothing_was_away);
    tcase_add_loop_test(tests, a_request_that_lapsed_names_what_was_in_the_way, 0, 2);
    tcase_add_test(tests, R3_after_attempts_that_did_not_act_it_does_not_say_that_nothing_was_sent);
    tcase_add_loop_test(tests, R3_after_attempts_a_cancelled_or_stale_request_does_not_say_that_nothing_was_sent, 0, 2);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
