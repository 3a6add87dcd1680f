/* engine_send_test.c - from approval to outcome: saved before it is sent, sent at most once, and taken up again after a kill. */
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

static void expect_posted_as_stored(void)
{
    rb_request *request = stored(&w, id);
    ck_assert_uint_eq(request->n_attempts, count_resets(&w));
    for (uint32_t i = 0; i < request->n_attempts; i++)
        ck_assert_str_eq(nth_call(&w, true, RB_DEVICE_RESET, i)->guid, request->attempts[i].client_request_id);
    free(request);
}

/* ---- the way to the POST ------------------------------------------------------------------------------------------ */

START_TEST(a_request_goes_from_command_to_done)
{
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, RB_MINUTE_MS);

    EXPECT_STATE(&w, id, RB_STATE_DONE);
    ck_assert_uint_eq(count_resets(&w), 1);
    ck_assert_uint_eq(count_rows(&w), 0);
    need_said(&w, "Intune reports the passcode removed");
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}
END_TEST

START_TEST(R2_SENDING_is_on_disk_before_the_POST_is_handed_out)
{
    w.is_held[true][RB_DEVICE_RESET] = true;
    press_on_card(&w, "U0ARVID", 'a', id);

    seen_call *post = nth_call(&w, true, RB_DEVICE_RESET, 0);
    ck_assert_str_eq(post->text, PHONE);
    EXPECT_STATE(&w, id, RB_STATE_SENDING);
    expect_posted_as_stored();
}
END_TEST

START_TEST(R2_no_POST_leaves_while_the_commit_of_SENDING_is_not_back)
{
    w.is_worker_held = true;
    deliver(&w, a_press_on_card(&w, "U0ARVID", 'a', id));
    size_t n = 0;
    while (w.n_jobs > 0 || answer_once(&w)) {
        settle(&w); /* answers alone */
        if (count_resets(&w) > 0)
            break;
        if (w.n_jobs > 0)
            ck_assert(work_once(&w));
        n++;
    }
    ck_assert_uint_gt(n, 2);
    ck_assert_uint_eq(count_resets(&w), 1);
    EXPECT_STATE(&w, id, RB_STATE_SENDING); /* as the disk says at the moment of the call */
}
END_TEST

static void posts_and_answers(rb_post_outcome outcome, size_t n_posts, rb_state state)
{
    w.post = outcome;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, 9 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_resets(&w), n_posts);
    EXPECT_STATE(&w, id, state);
    expect_posted_as_stored();
}

START_TEST(R2_one_call_an_attempt_and_at_most_five)
{
    static const rb_post_outcome did_not_act[] = {RB_POST_UNAUTHORISED, RB_POST_THROTTLED, RB_POST_NEVER_LEFT};

    posts_and_answers(did_not_act[_i], RB_POST_ATTEMPTS_MAX, RB_STATE_FAILED);
    for (size_t i = 1; i < RB_POST_ATTEMPTS_MAX; i++)
        ck_assert_str_ne(nth_call(&w, true, RB_DEVICE_RESET, i)->guid,
                         nth_call(&w, true, RB_DEVICE_RESET, i - 1)->guid);
}
END_TEST

START_TEST(R2_an_unclear_POST_is_looked_up_and_never_repeated)
{
    posts_and_answers(RB_POST_UNCLEAR, 1, RB_STATE_SENDING);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

START_TEST(R2_a_refused_POST_is_never_repeated)
{
    posts_and_answers(RB_POST_REFUSED, 1, RB_STATE_FAILED);
}
END_TEST

START_TEST(R2_intunes_own_approval_ends_it)
{
    posts_and_answers(RB_POST_TENANT_APPROVAL, 1, RB_STATE_NEEDS_TENANT_APPROVAL);
}
END_TEST

START_TEST(R3_a_204_is_never_called_done)
{
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    need_said(&w, "queued, not done yet");
    ck_assert_ptr_null(said(&w, "done: Intune"));
}
END_TEST

START_TEST(R4_no_trace_ends_unknown_after_a_quarter_of_an_hour)
{
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, 14 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    pass(&w, 2 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_UNKNOWN);
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

START_TEST(R4_intune_away_for_an_hour_lapses_without_a_POST)
{
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_LAPSED);
    ck_assert_uint_eq(count_resets(&w), 0);
}
END_TEST

START_TEST(R4_nobody_decides_then_it_expires_and_its_buttons_go)
{
    pass(&w, 30 * RB_MINUTE_MS + 5 * RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    ck_assert_ptr_null(strstr(last_call(&w, RB_CHAT_UPDATE)->payload, "\"1.a."));
    need_said(&w, "Ask again");
}
END_TEST

START_TEST(approvers_are_reminded_once_at_half_time)
{
    size_t before = count_calls(&w, false, RB_CHAT_DIRECT);
    pass(&w, 14 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DIRECT), before);
    pass(&w, 2 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DIRECT), before + 2);
    need_said(&w, "Half of the time is over");
    pass(&w, 10 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DIRECT), before + 2);
}
END_TEST

/* ---- the last look before the POST -------------------------------------------------------------------------------- */

static void expect_stale(void)
{
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_STALE);
    ck_assert_uint_eq(count_resets(&w), 0);
}

START_TEST(S2_a_device_that_changed_hands_after_approval_is_not_reset)
{
    KIT_TEXT(w.phone.upn, "berit@contoso.com");
    expect_stale();
}
END_TEST

START_TEST(S2_a_deleted_device_is_not_reset)
{
    w.read_outcome = RB_DEVICE_NOT_FOUND;
    expect_stale();
}
END_TEST

START_TEST(S2_a_check_in_between_is_no_difference)
{
    w.phone.last_sync_utc_ms = w.now.utc_ms;
    KIT_TEXT(w.phone.os_version, "17.6");
    KIT_TEXT(w.phone.compliance, "noncompliant");
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
}
END_TEST

START_TEST(S2_a_reset_queued_by_somebody_else_is_not_doubled)
{
    given_result(&w, RB_ACTION_PENDING);
    expect_stale();
}
END_TEST

START_TEST(S3_a_role_taken_away_after_the_click_stops_it)
{
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_APPROVED);
    w.policy.roles[RB_ROLE_APPROVER] = (rb_policy_role){.users = world_approvers + 1, .n_users = 1};
    w.read_outcome = RB_DEVICE_OK;
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_STALE);
    ck_assert_uint_eq(count_resets(&w), 0);
}
END_TEST

/* When the person, or a group that could give them the role, was last read before the POST. */
static int64_t rights_age_at_post(const char *user)
{
    const seen_call *reset = nth_call(&w, true, RB_DEVICE_RESET, 0);
    int64_t read_ms = INT64_MIN / 2;
    for (const seen_call *call = w.calls; call < reset; call++)
        if (!call->is_device && call->kind == RB_CHAT_PERSON && strcmp(call->user, user) == 0)
            read_ms = call->at_boot_ms;
    return reset->at_boot_ms - read_ms;
}

START_TEST(S3_rights_are_at_most_60_s_old_at_the_POST)
{
    w.is_held[true][RB_DEVICE_READ] = true; /* Graph is slow */
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, 50 * RB_SECOND_MS);
    w.is_held[true][RB_DEVICE_READ] = false;
    w.is_worker_held = true; /* and then the disk */
    pass(&w, 10 * RB_SECOND_MS);
    w.is_worker_held = false;
    pass(&w, 30 * RB_SECOND_MS);

    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    ck_assert_int_le(rights_age_at_post("U0ARVID"), RB_RIGHTS_FRESH_MS);
    ck_assert_int_le(rights_age_at_post("U0HANNA"), RB_RIGHTS_FRESH_MS);
}
END_TEST

START_TEST(S3_neither_requester_nor_owner_nor_stranger_decides)
{
    static const char *const users[] = {"U0HANNA", "U0ADELE", "U0NOBODY"};
    static char all[][RB_CHAT_ID_CAP] = {"U0ARVID", "U0BERIT", "U0HANNA", "U0ADELE"};

    w.policy.roles[RB_ROLE_APPROVER] = (rb_policy_role){.users = all, .n_users = 4};
    press_on_card(&w, users[_i], 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
}
END_TEST

START_TEST(S4_a_decision_counts_only_from_the_stored_card)
{
    rb_delivery *delivery = a_press_on_card(&w, "U0ARVID", 'a', id);
    if (_i == 0)
        KIT_TEXT(delivery->message_ts, "1772460000.999999");
    if (_i == 1)
        KIT_TEXT(delivery->channel, DESK);
    if (_i == 2)
        delivery->is_private_message = true;
    if (_i == 3)
        delivery->value[strlen(delivery->value) - 1] ^= 1;
    deliver(&w, delivery);
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 1);
    need_said(&w, "not in my records");
}
END_TEST

START_TEST(S4_typed_approve_decides_nothing_and_its_buttons_are_ones_own)
{
    type(&w, "U0ARVID", "approve");
    char text[64];
    (void)snprintf(text, sizeof text, "approve %s", id);
    type(&w, "U0ARVID", text);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    press(&w, "U0BERIT", 'a');
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    press(&w, "U0ARVID", 'a');
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
}
END_TEST

START_TEST(a_second_click_changes_nothing_and_is_answered)
{
    rb_delivery *second = a_press_on_card(&w, "U0BERIT", 'a', id);
    press_on_card(&w, "U0ARVID", 'a', id);
    deliver(&w, second);
    settle(&w);
    need_said(&w, "already decided");
    ck_assert_uint_eq(count_resets(&w), 1);
    ck_assert_uint_eq(count_records(&w, "click_without_effect"), 1);
}
END_TEST

START_TEST(of_simultaneous_decisions_exactly_one_wins)
{
    rb_delivery *second = a_press_on_card(&w, "U0BERIT", 'a', id);
    w.is_worker_held = true;
    deliver(&w, a_press_on_card(&w, "U0ARVID", 'a', id));
    deliver(&w, second);
    w.is_worker_held = false;
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    ck_assert_uint_eq(count_resets(&w), 1);
    rb_request *request = stored(&w, id);
    ck_assert_uint_eq(request->n_approvals, 1);
    free(request);
}
END_TEST

START_TEST(a_second_request_for_the_device_is_shown_the_first)
{
    type(&w, "U0HANNA", "reset adele@contoso.com again");
    press(&w, "U0HANNA", 's');
    need_said(&w, "is already open for this device");
    ck_assert_uint_eq(count_records(&w, "asked"), 1);
}
END_TEST

/* ---- a new policy ------------------------------------------------------------------------------------------------- */

START_TEST(a_policy_reload_renews_the_buttons)
{
    char before[RB_BOUND_CAP];
    char after[RB_BOUND_CAP];
    rb_policy newer = w.policy;
    KIT_TEXT(newer.version, "00000000000000b2");
    rb_delivery *old = a_press_on_card(&w, "U0ARVID", 'a', id);

    button(&w, 'a', before);
    rb_engine_set_policy(w.engine, &newer);
    pass(&w, 2 * RB_SECOND_MS);
    button(&w, 'a', after);
    ck_assert_str_ne(before, after);
    deliver(&w, old); /* S4: of an older policy */
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    rb_engine_set_policy(w.engine, &w.policy);
}
END_TEST

START_TEST(a_policy_reload_that_forbids_it_makes_it_stale)
{
    rb_policy newer = w.policy;
    static char never[][RB_SERIAL_CAP] = {PHONE};
    KIT_TEXT(newer.version, "00000000000000b2");
    newer.never_devices = never;
    newer.n_never_devices = 1;
    rb_engine_set_policy(w.engine, &newer);
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_STALE);
    rb_engine_set_policy(w.engine, &w.policy);
}
END_TEST

START_TEST(a_policy_changed_while_the_bot_was_stopped_counts_too)
{
    static char never[][RB_SERIAL_CAP] = {PHONE};
    die(&w, STORE_FAILS);
    KIT_TEXT(w.policy.version, "00000000000000b2");
    w.policy.never_devices = never;
    w.policy.n_never_devices = 1;
    restart(&w);
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_STALE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_send");
    TCase *tests = tcase_create("send");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_request_goes_from_command_to_done);
    tcase_add_test(tests, R2_SENDING_is_on_disk_before_the_POST_is_handed_out);
    tcase_add_test(tests, R2_no_POST_leaves_while_the_commit_of_SENDING_is_not_back);
    tcase_add_loop_test(tests, R2_one_call_an_attempt_and_at_most_five, 0, 3);
    tcase_add_test(tests, R2_an_unclear_POST_is_looked_up_and_never_repeated);
    tcase_add_test(tests, R2_a_refused_POST_is_never_repeated);
    tcase_add_test(tests, R2_intunes_own_approval_ends_it);
    tcase_add_test(tests, R3_a_204_is_never_called_done);
    tcase_add_test(tests, R4_no_trace_ends_unknown_after_a_quarter_of_an_hour);
    tcase_add_test(tests, R4_intune_away_for_an_hour_lapses_without_a_POST);
    tcase_add_test(tests, R4_nobody_decides_then_it_expires_and_its_buttons_go);
    tcase_add_test(tests, approvers_are_reminded_once_at_half_time);
    tcase_add_test(tests, S2_a_device_that_changed_hands_after_approval_is_not_reset);
    tcase_add_test(tests, S2_a_deleted_device_is_not_reset);
    tcase_add_test(tests, S2_a_check_in_between_is_no_difference);
    tcase_add_test(tests, S2_a_reset_queued_by_somebody_else_is_not_doubled);
    tcase_add_test(tests, S3_a_role_taken_away_after_the_click_stops_it);
    tcase_add_test(tests, S3_rights_are_at_most_60_s_old_at_the_POST);
    tcase_add_loop_test(tests, S3_neither_requester_nor_owner_nor_stranger_decides, 0, 3);
    tcase_add_loop_test(tests, S4_a_decision_counts_only_from_the_stored_card, 0, 4);
    tcase_add_test(tests, S4_typed_approve_decides_nothing_and_its_buttons_are_ones_own);
    tcase_add_test(tests, a_second_click_changes_nothing_and_is_answered);
    tcase_add_test(tests, of_simultaneous_decisions_exactly_one_wins);
    tcase_add_test(tests, a_second_request_for_the_device_is_shown_the_first);
    tcase_add_test(tests, a_policy_reload_renews_the_buttons);
    tcase_add_test(tests, a_policy_reload_that_forbids_it_makes_it_stale);
    tcase_add_test(tests, a_policy_changed_while_the_bot_was_stopped_counts_too);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
