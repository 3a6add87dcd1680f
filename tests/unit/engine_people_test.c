/* engine_people_test.c - who, where, and with what: refused at each step of the way, whatever was seen or allowed before it. */
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

static rb_delivery *a_command(const char *user, const char *text)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_COMMAND, user);

    KIT_TEXT(delivery->text, text);
    return delivery;
}

static void comes(rb_delivery *delivery)
{
    deliver(&w, delivery);
    settle(&w);
}

static size_t count_device_calls(void)
{
    size_t n = 0;

    for (size_t i = 0; i < w.n_calls; i++)
        n += w.calls[i].is_device;
    return n;
}

/* Answered and recorded as refused, and Intune was not even asked. */
static void expect_refused_at_once(void)
{
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
    ck_assert_uint_eq(count_device_calls(), 0);
    need_said(&w, "Nothing was done");
}

/* Hanna looks at a preview; nothing is sent. */
static void drafts(void)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;

    type(&w, "U0HANNA", "reset adele@contoso.com locked out INC0012345");
    button(&w, 's', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    rb_copy_fit(id, sizeof id, bound.request);
}

static void expect_not_sent(const char *why)
{
    press(&w, "U0HANNA", 's');
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DRAFT);
    need_said(&w, why);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_POST), 0);
}

/* ---- commands ----------------------------------------------------------------------------------------------------- */

START_TEST(S1_commands_of_another_workspace_are_refused)
{
    rb_delivery *delivery = a_command("U0HANNA", "devices adele@contoso.com");
    if (_i == 0)
        delivery->is_other_workspace = true;
    else
        KIT_TEXT(delivery->who.team, "T2");
    comes(delivery);
    expect_refused_at_once();
    need_said(&w, "belongs to another organisation");
}
END_TEST

START_TEST(S1_commands_work_in_listed_channels_and_in_the_bots_direct_messages_only)
{
    rb_delivery *delivery = a_command("U0HANNA", "devices adele@contoso.com");
    KIT_TEXT(delivery->channel, _i == 0 ? "C0LUNCH" : "D1");
    comes(delivery);
    if (_i == 0)
        expect_refused_at_once();
    else
        ck_assert_uint_gt(count_device_calls(), 0);
}
END_TEST

START_TEST(S1_a_command_needs_its_role)
{
    static const char *const commands[] = {"devices adele@contoso.com", "reset adele@contoso.com", "list"};

    comes(a_command("U0ADELE", commands[_i]));
    expect_refused_at_once();
}
END_TEST

START_TEST(S1_a_command_of_somebody_who_is_no_member_is_refused)
{
    rb_chat_result *person = &w.next_chat[RB_CHAT_PERSON];
    rb_actor *who = &person->person;

    *person = (rb_chat_result){.outcome = RB_CHAT_OK, .person = {.exists = _i != 0}};
    who->is_guest = _i == 1;
    who->is_bot = _i == 2;
    who->is_deactivated = _i == 3;
    who->is_outside = _i == 4;
    w.n_next[RB_CHAT_PERSON] = 1;
    comes(a_command("U0HANNA", "devices adele@contoso.com"));
    expect_refused_at_once();
}
END_TEST

/* ---- buttons ------------------------------------------------------------------------------------------------------ */

START_TEST(S1_who_became_a_guest_presses_no_button_any_more)
{
    drafts();
    pass(&w, 2 * RB_MINUTE_MS); /* what was read of her is too old */
    w.next_chat[RB_CHAT_PERSON] = (rb_chat_result){.outcome = RB_CHAT_OK, .person = {.exists = true, .is_guest = true}};
    w.n_next[RB_CHAT_PERSON] = 1;
    press(&w, "U0HANNA", 'x');
    EXPECT_STATE(&w, id, RB_STATE_DRAFT);
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
}
END_TEST

START_TEST(S1_a_press_from_another_workspace_does_nothing)
{
    drafts();
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_CLICK, "U0HANNA");
    button(&w, 'x', delivery->value);
    delivery->is_private_message = true;
    delivery->is_other_workspace = true;
    comes(delivery);
    EXPECT_STATE(&w, id, RB_STATE_DRAFT);
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
}
END_TEST

/* ---- Send: everything is checked again ---------------------------------------------------------------------------- */

START_TEST(S3_what_was_allowed_at_the_preview_is_checked_again_at_send)
{
    static char never[][RB_SERIAL_CAP] = {PHONE};

    drafts();
    if (_i == 0)
        w.policy.frozen = true;
    if (_i == 1)
        w.policy.roles[RB_ROLE_HELPDESK].n_users = 0;
    if (_i == 2)
        w.policy.ceiling_device_day = 0;
    if (_i == 3) {
        w.policy.never_devices = never;
        w.policy.n_never_devices = 1;
    }
    expect_not_sent("not possible");
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
}
END_TEST

START_TEST(S2_a_device_that_changed_since_its_preview_is_shown_again)
{
    drafts();
    KIT_TEXT(w.phone.enrolled_at, "2026-03-01T08:30:00Z");
    expect_not_sent("The device changed since this preview was made");
    press(&w, "U0HANNA", 's'); /* she has seen it now */
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
}
END_TEST

START_TEST(R4_a_request_that_nobody_could_approve_is_not_sent)
{
    static char approvers[][RB_CHAT_ID_CAP] = {"U0HANNA", "U0ADELE", "U0ARVID"};

    drafts();
    w.policy.roles[RB_ROLE_APPROVER] = (rb_policy_role){.users = approvers, .n_users = _i == 0 ? 2 : 3};
    w.policy.approvals = _i == 0 ? 1 : 2;
    expect_not_sent("fewer approvers can be reached than the policy needs");
}
END_TEST

START_TEST(S1_a_card_goes_to_a_channel_of_our_own_that_can_be_read_alone)
{
    static const struct {
        rb_chat_outcome outcome;
        rb_channel_info info;
        const char *why;
    } channels[] = {
        {RB_CHAT_OK,
         {.exists = true, .is_bot_member = true, .is_shared_outside = true},
         "is shared with another organisation"},
        {RB_CHAT_OK, {.exists = true, .is_bot_member = true, .is_archived = true}, "is archived"},
        {RB_CHAT_OK, {.exists = true}, "I am not a member of the request channel"},
        {RB_CHAT_OK, {.exists = false}, "I cannot see the request channel"},
        {RB_CHAT_REFUSED, {.exists = false}, "I cannot see the request channel"},
        {RB_CHAT_UNCLEAR, {.exists = false}, "the request channel could not be read"},
    };

    drafts();
    w.next_chat[RB_CHAT_CHANNEL] = (rb_chat_result){.outcome = channels[_i].outcome, .info = channels[_i].info};
    w.n_next[RB_CHAT_CHANNEL] = 1;
    expect_not_sent(channels[_i].why);
}
END_TEST

/* ---- between approval and POST ------------------------------------------------------------------------------------ */

START_TEST(S3_a_freeze_after_the_approval_holds_the_POST_back)
{
    asks_and_card(&w, id);
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    press_on_card(&w, "U0ARVID", 'a', id);
    w.policy.frozen = true;
    w.read_outcome = RB_DEVICE_OK;
    pass(&w, 5 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_resets(&w), 0);
    ck_assert(!rb_state_is_final(state_of(&w, id)));
    w.policy.frozen = _i == 0;
    pass(&w, 6 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, _i == 0 ? RB_STATE_LAPSED : RB_STATE_ACCEPTED);
    ck_assert_uint_eq(count_resets(&w), _i == 0 ? 0 : 1);
}
END_TEST

/* The chat account that approved, or asked, stands for another person by now. */
START_TEST(S3_a_people_entry_changed_after_the_approval_stops_it)
{
    rb_policy_person people[4];

    asks_and_card(&w, id);
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    press_on_card(&w, "U0ARVID", 'a', id);
    memcpy(people, world_people, sizeof people);
    KIT_TEXT(people[_i].entra, "10000000-0000-4000-8000-000000000009");
    w.policy.people = people;
    w.read_outcome = RB_DEVICE_OK;
    pass(&w, 2 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_STALE);
    ck_assert_uint_eq(count_resets(&w), 0);
    w.policy.people = world_people;
}
END_TEST

/* Gone is an answer; unreadable is none: that waits, and lapses when it lasts. */
START_TEST(S3_an_approver_who_is_gone_stops_it_and_one_who_cannot_be_read_holds_it_back)
{
    asks_and_card(&w, id);
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, 2 * RB_MINUTE_MS); /* what was read of them is too old */
    w.next_chat[RB_CHAT_PERSON] = (rb_chat_result){.outcome = _i == 0 ? RB_CHAT_OK : RB_CHAT_UNCLEAR};
    w.n_next[RB_CHAT_PERSON] = 1000;
    w.read_outcome = RB_DEVICE_OK;
    if (_i == 0) { /* she is known, he is not */
        w.n_next[RB_CHAT_PERSON] = 0;
        type(&w, "U0HANNA", "help");
        w.n_next[RB_CHAT_PERSON] = 1000;
    }
    pass(&w, 9 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, _i == 0 ? RB_STATE_STALE : RB_STATE_LAPSED);
    ck_assert_uint_eq(count_resets(&w), 0);
}
END_TEST

/* People see the card before the bot knows where it stands. */
START_TEST(S4_a_press_that_comes_before_the_cards_place_waits_for_it)
{
    w.is_held[false][RB_CHAT_POST] = true;
    asks(&w, id);
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_CLICK, "U0ARVID");
    button(&w, 'a', delivery->value);
    KIT_TEXT(delivery->channel, CARDS);
    (void)snprintf(delivery->message_ts, sizeof delivery->message_ts, "1772460000.%06u", w.n_posted + 1);
    comes(delivery);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 0);
    w.is_held[false][RB_CHAT_POST] = false;
    pass(&w, 2 * RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
}
END_TEST

/* Approvals are distinct Entra ids: an approver with two accounts gives one. */
START_TEST(S3_two_accounts_of_one_person_are_one_approver)
{
    static rb_policy_person people[] = {
        {{TEAM, "U0HANNA"}, HANNA}, {{TEAM, "U0ARVID"}, ARVID}, {{TEAM, "U0ARVI2"}, ARVID}};
    static char approvers[][RB_CHAT_ID_CAP] = {"U0ARVID", "U0ARVI2"};

    w.policy.people = people;
    w.policy.n_people = sizeof people / sizeof *people;
    w.policy.roles[RB_ROLE_APPROVER] = (rb_policy_role){.users = approvers, .n_users = 2};
    w.policy.approvals = 2;
    drafts();
    press(&w, "U0HANNA", 's');
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DRAFT);
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
}
END_TEST

/* Found by e-mail: an account with the owner's address that is no member's is not the owner's. */
START_TEST(S1_the_owner_is_told_through_a_members_account_only)
{
    static const char OTHER[] = "10000000-0000-4000-8000-000000000009";

    KIT_TEXT(w.phone.user_id, OTHER); /* not in the people table */
    KIT_TEXT(w.phone.owners[0], OTHER);
    drafts();
    w.next_chat[RB_CHAT_BY_EMAIL] = (rb_chat_result){.outcome = RB_CHAT_OK, .person = {.exists = true}};
    rb_actor *found = &w.next_chat[RB_CHAT_BY_EMAIL].person;
    KIT_TEXT(found->person.user, "U0FOUND");
    found->is_guest = _i == 1;
    found->is_outside = _i == 2;
    found->is_deactivated = _i == 3;
    found->is_bot = _i == 4;
    w.n_next[RB_CHAT_BY_EMAIL] = 1;
    press(&w, "U0HANNA", 's');
    pass(&w, 10 * RB_SECOND_MS);

    rb_request *request = stored(&w, id);
    ck_assert_str_eq(request->owner_chat_user, _i == 0 ? "U0FOUND" : "");
    ck_assert_int_eq(request->owner_told, _i == 0 ? RB_OWNER_TOLD : RB_OWNER_NOT_TOLD);
    free(request);
}
END_TEST

/* Whoever waited for the first one's commit is woken by it, and by nothing else. */
START_TEST(R1_the_second_of_two_presses_at_once_is_answered_when_the_first_is_saved)
{
    drafts();
    rb_delivery *presses[2];
    for (int i = 0; i < 2; i++) {
        presses[i] = a_delivery(&w, RB_DELIVERY_CLICK, "U0HANNA");
        button(&w, 'x', presses[i]->value);
        presses[i]->is_private_message = true;
    }
    w.is_held[false][RB_CHAT_RESPOND] = true; /* no answer of Slack's wakes anybody */
    deliver(&w, presses[0]);
    deliver(&w, presses[1]);
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_CANCELLED);
    need_said(&w, "already decided");
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_people");
    TCase *tests = tcase_create("people");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, S1_commands_of_another_workspace_are_refused, 0, 2);
    tcase_add_loop_test(tests, S1_commands_work_in_listed_channels_and_in_the_bots_direct_messages_only, 0, 2);
    tcase_add_loop_test(tests, S1_a_command_needs_its_role, 0, 3);
    tcase_add_loop_test(tests, S1_a_command_of_somebody_who_is_no_member_is_refused, 0, 5);
    tcase_add_test(tests, S1_who_became_a_guest_presses_no_button_any_more);
    tcase_add_test(tests, S1_a_press_from_another_workspace_does_nothing);
    tcase_add_loop_test(tests, S3_what_was_allowed_at_the_preview_is_checked_again_at_send, 0, 4);
    tcase_add_test(tests, S2_a_device_that_changed_since_its_preview_is_shown_again);
    tcase_add_loop_test(tests, R4_a_request_that_nobody_could_approve_is_not_sent, 0, 2);
    tcase_add_loop_test(tests, S1_a_card_goes_to_a_channel_of_our_own_that_can_be_read_alone, 0, 6);
    tcase_add_loop_test(tests, S3_a_freeze_after_the_approval_holds_the_POST_back, 0, 2);
    tcase_add_loop_test(tests, S3_a_people_entry_changed_after_the_approval_stops_it, 0, 2); /* hers, his */
    tcase_add_loop_test(tests, S3_an_approver_who_is_gone_stops_it_and_one_who_cannot_be_read_holds_it_back, 0, 2);
    tcase_add_test(tests, S4_a_press_that_comes_before_the_cards_place_waits_for_it);
    tcase_add_test(tests, R1_the_second_of_two_presses_at_once_is_answered_when_the_first_is_saved);
    tcase_add_test(tests, S3_two_accounts_of_one_person_are_one_approver);
    tcase_add_loop_test(tests, S1_the_owner_is_told_through_a_members_account_only, 0, 5);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
