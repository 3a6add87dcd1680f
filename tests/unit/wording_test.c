/* wording_test.c - what people read about a request: facts first, what next, and never more than is true (R3, U2, U3, S6, S7). */
#include "wording_given.h"

/* ---- every state, every message ----------------------------------------------------------------------------------- */

START_TEST(every_message_in_every_state_says_something)
{
    given((rb_state)_i);
    for (int n = 0; see_each(n); n++) {
        ck_assert_msg(rendered == RB_OK, "state %s, message %d: %s", rb_state_name(request.state), n,
                      rb_err_name(rendered));
        ck_assert_msg(strlen(shown) > 20, "state %s, message %d: \"%s\"", rb_state_name(request.state), n, shown);
    }
}
END_TEST

/* The first 80 characters, as a phone's notification shows them. */
static void expect_first_80(const char *text, const char *what)
{
    char first[400];
    size_t len = 0;

    ck_assert_msg(rendered == RB_OK, "%s", what);
    for (size_t chars = 0; text[len] && len < sizeof first - 1; len++) {
        bool is_start = ((unsigned char)text[len] & 0xC0) != 0x80;
        if (is_start && chars++ == 80)
            break;
    }
    memcpy(first, text, len);
    first[len] = '\0';
    const char *action = rb_word_action(&words, request.support.word);
    bool is_good = strstr(first, request.id) && strstr(first, action) && strstr(first, request.device.model) &&
                   strstr(first, request.device.user_name);
    ck_assert_msg(is_good, "%s, %s: \"%s\"", what, rb_state_name(request.state), first);
}

START_TEST(U3_the_first_80_characters_hold_id_action_model_and_owner)
{
    given((rb_state)_i);
    for (int round = 0; round < 2; round++) {
        expect_first_80(see_card(), "card");
        expect_first_80(see_requester(RB_NOTE_DONE), "to the requester");
        expect_first_80(see_owner(RB_NOTE_ASKED), "to the owner at first");
        expect_first_80(see_owner(RB_NOTE_DONE), "to the owner at the end");
        expect_first_80(see_approver(RB_NOTE_ASKED), "to an approver");
        expect_first_80(see_status(), "status");
        SET(request.device.model, "Galaxy Tab Active4 Pro");
        SET(request.device.user_name, "Charlotte Lindqvist");
    }
}
END_TEST

START_TEST(U3_the_open_card_holds_every_fact)
{
    SET(request.reason, "locked out after the update");
    SET(request.ticket, "INC0012345");
    SET(request.device.os, "iOS");
    SET(request.device.os_version, "17.5.1");
    SET(request.device.ownership, "company");
    SET(request.device.compliance, "noncompliant");
    request.device.last_sync_utc_ms = UTC - RB_MINUTE_MS;
    SET(request.earlier, "R-0000 done 2026-03-01 10:00:00 UTC");
    SET(request.device.enrolled_by, "berit@contoso.com");
    request.owner_told = RB_OWNER_NOT_TOLD;
    static const char *const facts[] = {"U0HANNA",
                                        "INC0012345",
                                        "locked out after the update",
                                        "Called back on the number on record",
                                        "owner holds the device",
                                        "iOS 17.5.1",
                                        "company",
                                        "not compliant",
                                        "2026-03-02 13:59 UTC",
                                        "the passcode is cleared",
                                        "waiting for 1 approval",
                                        "2026-03-02 14:30 UTC",
                                        "R-0000 done",
                                        "berit@contoso.com",
                                        "owner not told",
                                        "4F2K"};
    see_card();
    EXPECT_RENDERED();
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        ck_assert_msg(strstr(shown, facts[i]) != NULL, "%s is not in: %s", facts[i], shown);
    rb_word_line(&words, &request, RB_NOTE_ASKED, message);
    see();
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        ck_assert_msg(i == 10 || i == 11 || strstr(shown, facts[i]) != NULL, "line 1 lacks %s: %s", facts[i], shown);
    ck_assert_ptr_nonnull(strstr(shown, PHONE)); /* A3 */
}
END_TEST

START_TEST(every_line_has_its_number_date_and_time)
{
    given_accepted();
    words.now = now;
    see_line(RB_NOTE_ACCEPTED);
    ck_assert_msg(strncmp(shown, "4 · 2026-03-02 14:01:04 UTC · ", 32) == 0, "%s", shown);
}
END_TEST

/* ---- never more than is true -------------------------------------------------------------------------------------- */

START_TEST(R3_nothing_before_DONE_says_done)
{
    static const rb_state waiting[] = {RB_STATE_SENDING, RB_STATE_ACCEPTED, RB_STATE_IN_PROGRESS, RB_STATE_UNKNOWN};
    static const rb_note notes[] = {RB_NOTE_SENT,      RB_NOTE_ACCEPTED,     RB_NOTE_UNCLEAR,
                                    RB_NOTE_RECOVERED, RB_NOTE_STILL_QUEUED, RB_NOTE_IN_PROGRESS};
    given(waiting[_i]);
    for (size_t i = 0; i < 6; i++) {
        see_line(notes[i]);
        ck_assert_ptr_null(strstr(shown, "done: "));
        ck_assert_ptr_null(strstr(shown, "passcode removed"));
    }
    see_card();
    ck_assert_ptr_null(strstr(shown, "done: "));
    see_owner(RB_NOTE_DONE);
    ck_assert_ptr_null(strstr(shown, "done: "));
}
END_TEST

/* Kept as text with seconds in UTC (rb_need_earlier); read by people, each in their own time. */
START_TEST(earlier_requests_have_the_readers_own_time)
{
    static const struct {
        const char *kept, *said;
        uint32_t n_times;
    } all[] = {
        {"R-0001 done 2026-03-01 10:00:07 UTC", "Earlier, within 7 days: R-0001 done 2026-03-01 10:00 UTC", 1},
        {"R-0001 expired 2026-03-01 10:00:07 UTC; R-0002 denied 2026-02-28 09:12:59 UTC",
         "R-0001 expired 2026-03-01 10:00 UTC; R-0002 denied 2026-02-28 09:12 UTC", 2},
        {"R-0001 done yesterday; <@U0ARVID>", "Earlier, within 7 days: R-0001 done yesterday; <@U0ARVID>", 0},
        {"R-0001 done 2026-13-41 10:00:07 UTC", "Earlier, within 7 days: R-0001 done 2026-13-41 10:00:07 UTC", 0},
        {"; ;", "Earlier, within 7 days: ", 0}};
    uint32_t n = 0;
    rb_card_buttons none = {0};
    SET(request.earlier, "");
    rb_word_card(&words, &request, &none, false, message);
    uint32_t others = 0;
    for (uint32_t i = 0; i < message->n_runs; i++)
        others += message->runs[i].kind == RB_RUN_TIME;
    rb_message_init(message);
    SET(request.earlier, all[_i].kept);
    rb_word_card(&words, &request, &none, false, message);
    for (uint32_t i = 0; i < message->n_runs; i++)
        n += message->runs[i].kind == RB_RUN_TIME;
    see();
    ck_assert_uint_eq(n, others + all[_i].n_times);
    ck_assert_msg(strstr(shown, all[_i].said) != NULL, "%s", shown);
}
END_TEST

START_TEST(R3_accepted_says_that_it_is_not_done_yet)
{
    given_accepted();
    see_line(RB_NOTE_ACCEPTED);
    ck_assert_ptr_nonnull(strstr(shown, "queued, not done yet"));
    see_status();
    ck_assert_ptr_nonnull(strstr(shown, "not done yet"));
}
END_TEST

START_TEST(R4_unknown_says_what_to_check_by_hand)
{
    given(RB_STATE_UNKNOWN);
    see_line(RB_NOTE_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(shown, "Intune admin center: Devices > the device > Device action status"));
    see_requester(RB_NOTE_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(shown, "Intune admin center: Devices > the device > Device action status"));
    ck_assert_ptr_nonnull(strstr(shown, "do not tell the caller that it is done, do not press reset in Intune"));
}
END_TEST

START_TEST(what_was_never_sent_says_so)
{
    static const rb_state unsent[] = {RB_STATE_CANCELLED, RB_STATE_EXPIRED, RB_STATE_LAPSED, RB_STATE_STALE};
    given(unsent[_i]);
    see_card();
    ck_assert_msg(strstr(shown, "nothing was sent to Intune") != NULL, "%s", shown);
    see_requester(RB_NOTE_EXPIRED);
    ck_assert_msg(strstr(shown, "nothing was sent to Intune") != NULL, "%s", shown);
}
END_TEST

/* ---- the platform's own words ------------------------------------------------------------------------------------- */

static void expect_never(const char *const *phrases, size_t n_phrases)
{
    for (int state = RB_STATE_PENDING; state < RB_STATES; state++) {
        rb_support support = request.support;
        given((rb_state)state);
        request.support = support;
        for (int n = 0; see_each(n); n++)
            for (size_t i = 0; i < n_phrases; i++)
                ck_assert_msg(!rb_str_contains_nocase(rb_str_of(shown), rb_str_of(phrases[i])), "%s, message %d: %s",
                              rb_state_name((rb_state)state), n, shown);
    }
}

START_TEST(apple_devices_lose_their_passcode_and_get_none)
{
    static const char *const never[] = {"reset passcode", "passcode reset", "temporary"};
    request.support = APPLE;
    expect_never(never, 3);
    given_ended(RB_ACTION_DONE);
    see_card();
    ck_assert_ptr_nonnull(strstr(shown, "Remove passcode"));
    ck_assert_ptr_nonnull(strstr(shown, "passcode removed"));
}
END_TEST

START_TEST(android_devices_get_a_temporary_passcode)
{
    static const char *const never[] = {"remove passcode", "passcode removed", "Touch ID", "Apple"};
    request.support = ANDROID;
    expect_never(never, 4);
    given_ended(RB_ACTION_DONE);
    request.support = ANDROID;
    see_card();
    ck_assert_ptr_nonnull(strstr(shown, "Reset passcode"));
    see_line(RB_NOTE_DONE);
    ck_assert_ptr_nonnull(strstr(shown, "temporary passcode"));
}
END_TEST

START_TEST(a_work_profile_is_said_in_preview_card_and_last_line)
{
    request.support = WORK;
    request.lock = RB_LOCK_WORK_PROFILE;
    static const char stays[] = "the phone's own screen lock stays";
    ck_assert_ptr_nonnull(strstr(see_card(), stays));
    ck_assert_ptr_nonnull(strstr(see_preview(), stays));
    given_ended(RB_ACTION_DONE);
    request.support = WORK;
    ck_assert_ptr_nonnull(strstr(see_line(RB_NOTE_DONE), stays));
    ck_assert_ptr_nonnull(strstr(see_card(), stays));
}
END_TEST

START_TEST(nobody_is_told_to_restart_the_phone)
{
    static const char *const never[] = {"restart the phone", "restart the device", "restart it", "reboot",
                                        "switch it off and", "turn it off and"};
    static const rb_support all[] = {
        {RB_SUPPORT_YES, RB_WHY_APPLE, RB_SCOPE_DEVICE, RB_WORD_REMOVE, false},
        {RB_SUPPORT_YES, RB_WHY_FULLY_MANAGED, RB_SCOPE_DEVICE, RB_WORD_RESET, true},
        {RB_SUPPORT_YES, RB_WHY_PERSONAL_WORK_PROFILE, RB_SCOPE_WORK_PROFILE, RB_WORD_RESET, true},
        {RB_SUPPORT_MAYBE, RB_WHY_WINDOWS_MOBILE, RB_SCOPE_DEVICE, RB_WORD_PIN, true}};
    request.support = all[_i];
    expect_never(never, 6);
}
END_TEST

/* ---- refusals ----------------------------------------------------------------------------------------------------- */

START_TEST(U2_every_denial_says_why_who_can_help_and_that_nothing_was_done)
{
    rb_denial denial = (rb_denial)_i;
    const char *why = rb_word_denial_short(&words, denial);
    request.support.verdict = RB_SUPPORT_NO;
    request.support.why = RB_WHY_WINDOWS_PC;
    see_denial(denial);

    EXPECT_RENDERED();
    ck_assert_uint_gt(strlen(why), 10);
    ck_assert_ptr_nonnull(strstr(shown, why));
    ck_assert_ptr_nonnull(strstr(shown, "Nothing was done."));
    ck_assert_ptr_nonnull(strstr(shown, request.id));
    static const char *const help[] = {"dministrator", "Ask ",      "Try again", "/passcode", "Answer it",       "Wait",
                                       "Use ",         "The owner", "the owner", "A person",  "Another approver"};
    bool is_helped = false;
    for (size_t i = 0; i < sizeof help / sizeof *help; i++)
        is_helped = is_helped || strstr(shown, help[i]);
    ck_assert_msg(is_helped, "%s", shown);
    for (int other = 1; other < _i; other++)
        ck_assert_str_ne(why, rb_word_denial_short(&words, (rb_denial)other));
}
END_TEST

START_TEST(every_kind_of_device_has_its_sentence)
{
    rb_support support = {.why = (rb_support_why)_i};
    const char *text = rb_word_support(&words, &support);
    ck_assert_uint_gt(strlen(text), 20);
    ck_assert_int_ne(text[strlen(text) - 1], '.');
}
END_TEST

START_TEST(every_look_up_that_failed_says_what_next)
{
    for (int is_user = 0; is_user < 2; is_user++) {
        rb_word_lookup(&words, (rb_device_outcome)_i, "adele@contoso.com", is_user, "the reason.", message);
        see();
        EXPECT_RENDERED();
        ck_assert_ptr_nonnull(strstr(shown, "Nothing was done."));
    }
}
END_TEST

START_TEST(every_press_without_effect_is_answered)
{
    given(RB_STATE_DENIED);
    rb_word_step(&words, (rb_step_result)_i, &request, message);
    see();
    EXPECT_RENDERED();
    ck_assert_ptr_nonnull(strstr(shown, "R-7K3F"));
}
END_TEST

START_TEST(too_late_to_cancel_says_what_can_still_be_done)
{
    given_accepted();
    rb_word_step(&words, RB_STEP_TOO_LATE_SENT, &request, message);
    see();
    ck_assert_ptr_nonnull(strstr(shown, "next check-in"));
    ck_assert_ptr_nonnull(strstr(shown, "lock or wipe"));
}
END_TEST

START_TEST(the_owner_is_told_whom_to_call)
{
    see_owner(RB_NOTE_ASKED);
    ck_assert_ptr_nonnull(strstr(shown, "This was not you?"));
    ck_assert_ptr_nonnull(strstr(shown, "U0HANNA"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wording");
    TCase *tests = tcase_create("about a request");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, every_message_in_every_state_says_something, RB_STATE_PENDING, RB_STATES);
    tcase_add_loop_test(tests, U3_the_first_80_characters_hold_id_action_model_and_owner, RB_STATE_PENDING, RB_STATES);
    tcase_add_test(tests, U3_the_open_card_holds_every_fact);
    tcase_add_test(tests, every_line_has_its_number_date_and_time);
    tcase_add_loop_test(tests, R3_nothing_before_DONE_says_done, 0, 4);
    tcase_add_loop_test(tests, earlier_requests_have_the_readers_own_time, 0, 5);
    tcase_add_test(tests, R3_accepted_says_that_it_is_not_done_yet);
    tcase_add_test(tests, R4_unknown_says_what_to_check_by_hand);
    tcase_add_loop_test(tests, what_was_never_sent_says_so, 0, 4);
    tcase_add_test(tests, apple_devices_lose_their_passcode_and_get_none);
    tcase_add_test(tests, android_devices_get_a_temporary_passcode);
    tcase_add_test(tests, a_work_profile_is_said_in_preview_card_and_last_line);
    tcase_add_loop_test(tests, nobody_is_told_to_restart_the_phone, 0, 4);
    tcase_add_loop_test(tests, U2_every_denial_says_why_who_can_help_and_that_nothing_was_done, RB_NO_UNKNOWN_PERSON,
                        RB_DENIALS);
    tcase_add_loop_test(tests, every_kind_of_device_has_its_sentence, 0, RB_WHY_LOST_MODE + 1);
    tcase_add_loop_test(tests, every_look_up_that_failed_says_what_next, 0, RB_DEVICE_SURPRISE + 1);
    tcase_add_loop_test(tests, every_press_without_effect_is_answered, 0, RB_STEP_NO_MORE + 1);
    tcase_add_test(tests, too_late_to_cancel_says_what_can_still_be_done);
    tcase_add_test(tests, the_owner_is_told_whom_to_call);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
