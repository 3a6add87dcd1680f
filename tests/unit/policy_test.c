/* policy_test.c - who may do what, each test named after its promise (design: S1 right person, S3 two people). */
#include "unit/policy_given.h"

/* ---- S1: right person --------------------------------------------------------------------------------------------- */

START_TEST(helpdesk_may_ask_and_an_approver_may_decide)
{
    expect_asks(hanna(), RB_ALLOWED);
    expect_decides(arvid(), RB_ALLOWED);
}
END_TEST

START_TEST(S1_an_empty_policy_allows_nobody_anything)
{
    rb_actor actor = hanna();

    policy = (rb_policy){0};
    for (int role = 0; role < RB_ROLES; role++)
        actor.roles[role] = true; /* whatever was gathered before */
    for (int role = 0; role < RB_ROLES; role++)
        ck_assert_int_ne(rb_policy_role_of(&policy, &actor, (rb_role)role), RB_ALLOWED);
    expect_asks(actor, RB_NO_ROLE);
    expect_decides(actor, RB_NO_ROLE);
    ck_assert(!rb_policy_allows_channel(&policy, "C0DESK"));
    ck_assert(!rb_policy_allows_channel(&policy, ""));
    ck_assert_ptr_null(rb_policy_entra(&policy, &actor.person));
}
END_TEST

START_TEST(S1_a_policy_with_roles_but_without_ceilings_sends_nothing)
{
    policy.ceiling_all_hour = 0;
    expect_asks(hanna(), RB_NO_CEILING_ALL);
}
END_TEST

START_TEST(S1_somebody_unknown_to_the_chat_is_refused)
{
    rb_actor actor = hanna();

    actor.exists = false;
    expect_asks(actor, RB_NO_UNKNOWN_PERSON);
    actor = hanna();
    actor.person.user[0] = '\0';
    expect_asks(actor, RB_NO_UNKNOWN_PERSON);
}
END_TEST

START_TEST(S1_guests_bots_deactivated_and_outside_people_are_refused)
{
    rb_actor actor = hanna();

    actor.is_guest = true;
    expect_asks(actor, RB_NO_GUEST);
    actor = hanna();
    actor.is_bot = true;
    expect_asks(actor, RB_NO_BOT);
    actor = hanna();
    actor.is_deactivated = true;
    expect_asks(actor, RB_NO_DEACTIVATED);
    actor = hanna();
    actor.is_outside = true;
    expect_asks(actor, RB_NO_OUTSIDE);
}
END_TEST

START_TEST(S1_a_guest_may_neither_decide_nor_cancel)
{
    rb_actor actor = arvid();

    actor.is_guest = true;
    expect_decides(actor, RB_NO_GUEST);
    expect_cancels(actor, RB_NO_GUEST);
}
END_TEST

START_TEST(S1_the_same_user_id_in_another_team_is_somebody_else)
{
    rb_actor actor = arvid();

    rb_copy_fit(actor.person.team, sizeof actor.person.team, "T0OTHER");
    expect_decides(actor, RB_NO_PEOPLE_ENTRY);
    ck_assert(!rb_person_equal(&actor.person, &people[1].person));
}
END_TEST

START_TEST(S1_two_unknown_people_are_not_the_same_person)
{
    rb_person nobody = {"", ""};

    ck_assert(!rb_person_equal(&nobody, &nobody));
    ck_assert_ptr_null(rb_policy_entra(&policy, &nobody));
    ck_assert(!rb_policy_lists(&policy, RB_ROLE_HELPDESK, ""));
}
END_TEST

START_TEST(S1_an_entry_with_team_goes_before_one_without)
{
    rb_policy_person two[] = {{{"", "U0ARVID"}, HANNA}, {{"T0TEAM", "U0ARVID"}, ARVID}};
    rb_actor actor = arvid();

    policy.people = two;
    policy.n_people = 2;
    ck_assert_str_eq(rb_policy_entra(&policy, &actor.person), ARVID);
}
END_TEST

START_TEST(S1_without_the_role_nothing_is_allowed)
{
    expect_asks(arvid(), RB_NO_ROLE);
    expect_decides(actor_of("U0STRANGER", ADELE), RB_NO_ROLE);
}
END_TEST

START_TEST(S1_a_role_given_by_a_chat_group_counts)
{
    rb_actor actor = arvid();

    policy.roles[RB_ROLE_HELPDESK].groups = groups;
    policy.roles[RB_ROLE_HELPDESK].n_groups = 1;
    actor.roles[RB_ROLE_HELPDESK] = true;
    expect_asks(actor, RB_ALLOWED);
}
END_TEST

START_TEST(S1_a_role_that_no_rule_of_this_policy_gives_does_not_count)
{
    rb_actor actor = arvid();

    actor.roles[RB_ROLE_HELPDESK] = true; /* gathered before the policy was reloaded */
    expect_asks(actor, RB_NO_ROLE);
}
END_TEST

START_TEST(S1_a_group_that_cannot_be_read_allows_nobody_and_is_named)
{
    rb_actor actor = arvid();

    actor.group_unreadable = true;
    policy.roles[RB_ROLE_HELPDESK].groups = groups;
    policy.roles[RB_ROLE_HELPDESK].n_groups = 1;
    expect_asks(actor, RB_NO_GROUP_UNREADABLE);
}
END_TEST

START_TEST(S1_an_unreadable_group_does_not_matter_to_whom_is_listed_or_where_no_group_counts)
{
    rb_actor listed = hanna();
    rb_actor other = arvid();

    listed.group_unreadable = true;
    other.group_unreadable = true;
    expect_asks(listed, RB_ALLOWED);
    expect_asks(other, RB_NO_ROLE);
}
END_TEST

START_TEST(S1_commands_work_in_listed_channels_only)
{
    ck_assert(rb_policy_allows_channel(&policy, "C0DESK"));
    ck_assert(!rb_policy_allows_channel(&policy, "C0DESK2"));
    ck_assert(!rb_policy_allows_channel(&policy, "c0desk"));
}
END_TEST

START_TEST(audit_readers_need_no_people_entry)
{
    rb_actor actor = actor_of("U0NOBODY", "");

    ck_assert_int_eq(rb_policy_role_of(&policy, &actor, RB_ROLE_AUDIT), RB_ALLOWED);
    ck_assert_int_eq(rb_policy_role_of(&policy, &actor, RB_ROLE_ADMIN), RB_NO_ROLE);
}
END_TEST

/* ---- S3: two people ----------------------------------------------------------------------------------------------- */

START_TEST(S3_an_approver_or_requester_without_people_entry_is_refused)
{
    expect_decides(actor_of("U0NOBODY", ""), RB_NO_PEOPLE_ENTRY);
    expect_decides(actor_of("U0NOBODY", BERIT), RB_NO_PEOPLE_ENTRY); /* an id that the table does not give */
    expect_asks(actor_of("U0HANNA", ""), RB_NO_PEOPLE_ENTRY);
}
END_TEST

START_TEST(S3_an_entra_id_gathered_under_an_older_people_table_is_refused)
{
    expect_asks(actor_of("U0HANNA", BERIT), RB_NO_PEOPLE_ENTRY);
}
END_TEST

START_TEST(S3_the_requester_may_not_approve)
{
    expect_decides(hanna(), RB_NO_APPROVER_IS_REQUESTER);
}
END_TEST

START_TEST(S3_the_requester_may_not_approve_by_a_second_account)
{
    expect_decides(actor_of("U0HANNA2", HANNA), RB_NO_APPROVER_IS_REQUESTER);
}
END_TEST

START_TEST(S3_the_second_account_is_seen_also_when_the_table_learnt_of_it_after_the_request)
{
    rb_copy_fit(request.requester.entra, sizeof request.requester.entra, BERIT); /* as the table was then */
    expect_decides(actor_of("U0HANNA2", HANNA), RB_NO_APPROVER_IS_REQUESTER);
    expect_decides(actor_of("U0BERIT", BERIT), RB_NO_APPROVER_IS_REQUESTER);
}
END_TEST

START_TEST(S3_a_new_people_entry_does_not_make_an_account_somebody_else)
{
    rb_policy_person changed[] = {{{"", "U0HANNA"}, BERIT}, {{"", "U0ARVID"}, ADELE}};

    policy.people = changed;
    policy.n_people = 2;
    expect_decides(actor_of("U0HANNA", BERIT), RB_NO_APPROVER_IS_REQUESTER);
    given_approval("U0ARVID", ARVID);
    request.device.user_id[0] = '\0';
    request.device.n_owners = 0;
    expect_decides(actor_of("U0ARVID", ADELE), RB_NO_APPROVED_BEFORE);
}
END_TEST

START_TEST(S3_a_request_whose_requester_maps_to_nobody_is_decided_by_nobody)
{
    request.requester.entra[0] = '\0';
    expect_decides(arvid(), RB_NO_PEOPLE_ENTRY);
}
END_TEST

START_TEST(S3_the_owner_may_not_ask)
{
    expect_asks(actor_of("U0ADELE", ADELE), RB_NO_SELF_OWNER);
}
END_TEST

START_TEST(S3_the_owner_may_not_approve)
{
    expect_decides(actor_of("U0ADELE", ADELE), RB_NO_APPROVER_IS_OWNER);
}
END_TEST

START_TEST(S3_every_user_that_intune_names_is_an_owner)
{
    given_second_owner(ARVID);
    expect_decides(arvid(), RB_NO_APPROVER_IS_OWNER);
    given_second_owner(HANNA);
    expect_asks(hanna(), RB_NO_SELF_OWNER);
}
END_TEST

START_TEST(S3_the_user_of_the_device_is_an_owner_also_when_the_list_lacks_them)
{
    rb_copy_fit(device.user_id, sizeof device.user_id, HANNA);
    expect_asks(hanna(), RB_NO_SELF_OWNER);
}
END_TEST

START_TEST(S3_entra_ids_compare_without_case)
{
    char upper[] = "ABCDEFAB-0000-4000-8000-00000000000A";
    rb_policy_person one[] = {{{"", "U0ARVID"}, "abcdefab-0000-4000-8000-00000000000a"}};

    policy.people = one;
    policy.n_people = 1;
    given_second_owner(upper);
    expect_decides(actor_of("U0ARVID", upper), RB_NO_APPROVER_IS_OWNER);
}
END_TEST

START_TEST(S3_a_device_without_user_needs_allow_ownerless)
{
    device.n_owners = 0;
    device.user_id[0] = '\0';
    expect_asks(hanna(), RB_NO_OWNERLESS);
    policy.allow_ownerless = true;
    expect_asks(hanna(), RB_ALLOWED);
}
END_TEST

START_TEST(S3_a_device_whose_users_are_not_known_needs_allow_ownerless)
{
    device.are_owners_known = false; /* also when some are */
    expect_asks(hanna(), RB_NO_OWNERS_UNKNOWN);
    policy.allow_ownerless = true;
    expect_asks(hanna(), RB_ALLOWED);
}
END_TEST

START_TEST(S3_owners_that_are_known_stay_refused_under_allow_ownerless)
{
    policy.allow_ownerless = true;
    device.are_owners_known = false;
    expect_asks(actor_of("U0ADELE", ADELE), RB_NO_SELF_OWNER);
}
END_TEST

START_TEST(S3_nobody_approves_twice_by_any_account)
{
    given_approval("U0ARVID", ARVID);
    expect_decides(arvid(), RB_NO_APPROVED_BEFORE);
    expect_decides(actor_of("U0BERIT", BERIT), RB_ALLOWED);
    given_approval("U0BERIT2", BERIT);
    expect_decides(actor_of("U0BERIT", BERIT), RB_NO_APPROVED_BEFORE);
}
END_TEST

START_TEST(S3_empty_entra_ids_never_make_two_people_one)
{
    given_approval("U0OTHER", "");
    expect_decides(arvid(), RB_ALLOWED);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, helpdesk_may_ask_and_an_approver_may_decide);
    tcase_add_test(tests, S1_an_empty_policy_allows_nobody_anything);
    tcase_add_test(tests, S1_a_policy_with_roles_but_without_ceilings_sends_nothing);
    tcase_add_test(tests, S1_somebody_unknown_to_the_chat_is_refused);
    tcase_add_test(tests, S1_guests_bots_deactivated_and_outside_people_are_refused);
    tcase_add_test(tests, S1_a_guest_may_neither_decide_nor_cancel);
    tcase_add_test(tests, S1_the_same_user_id_in_another_team_is_somebody_else);
    tcase_add_test(tests, S1_two_unknown_people_are_not_the_same_person);
    tcase_add_test(tests, S1_an_entry_with_team_goes_before_one_without);
    tcase_add_test(tests, S1_without_the_role_nothing_is_allowed);
    tcase_add_test(tests, S1_a_role_given_by_a_chat_group_counts);
    tcase_add_test(tests, S1_a_role_that_no_rule_of_this_policy_gives_does_not_count);
    tcase_add_test(tests, S1_a_group_that_cannot_be_read_allows_nobody_and_is_named);
    tcase_add_test(tests, S1_an_unreadable_group_does_not_matter_to_whom_is_listed_or_where_no_group_counts);
    tcase_add_test(tests, S1_commands_work_in_listed_channels_only);
    tcase_add_test(tests, audit_readers_need_no_people_entry);
    tcase_add_test(tests, S3_an_approver_or_requester_without_people_entry_is_refused);
    tcase_add_test(tests, S3_an_entra_id_gathered_under_an_older_people_table_is_refused);
    tcase_add_test(tests, S3_the_requester_may_not_approve);
    tcase_add_test(tests, S3_the_requester_may_not_approve_by_a_second_account);
    tcase_add_test(tests, S3_the_second_account_is_seen_also_when_the_table_learnt_of_it_after_the_request);
    tcase_add_test(tests, S3_a_new_people_entry_does_not_make_an_account_somebody_else);
    tcase_add_test(tests, S3_a_request_whose_requester_maps_to_nobody_is_decided_by_nobody);
    tcase_add_test(tests, S3_the_owner_may_not_ask);
    tcase_add_test(tests, S3_the_owner_may_not_approve);
    tcase_add_test(tests, S3_every_user_that_intune_names_is_an_owner);
    tcase_add_test(tests, S3_the_user_of_the_device_is_an_owner_also_when_the_list_lacks_them);
    tcase_add_test(tests, S3_entra_ids_compare_without_case);
    tcase_add_test(tests, S3_a_device_without_user_needs_allow_ownerless);
    tcase_add_test(tests, S3_a_device_whose_users_are_not_known_needs_allow_ownerless);
    tcase_add_test(tests, S3_owners_that_are_known_stay_refused_under_allow_ownerless);
    tcase_add_test(tests, S3_nobody_approves_twice_by_any_account);
    tcase_add_test(tests, S3_empty_entra_ids_never_make_two_people_one);
}

int main(void)
{
    Suite *suite = suite_create("policy");
    TCase *tests = tcase_create("policy");

    tcase_add_checked_fixture(tests, setup, NULL);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
