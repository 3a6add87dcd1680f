/* policy_device_test.c - which devices, how many, and who may call it off. */
#include "unit/policy_given.h"

/* ---- devices ------------------------------------------------------------------------------------------------------ */

START_TEST(a_never_user_is_refused_by_entra_id_and_by_name_in_any_case)
{
    given_never_user("Adele@Contoso.COM");
    expect_asks(hanna(), RB_NO_NEVER_USER);
    given_never_user(ADELE);
    expect_asks(hanna(), RB_NO_NEVER_USER);
    given_never_user("adele@contoso.co");
    expect_asks(hanna(), RB_ALLOWED);
}
END_TEST

START_TEST(a_never_user_is_refused_as_second_owner_and_as_the_one_who_enrolled)
{
    given_second_owner(BERIT);
    given_never_user(BERIT);
    expect_asks(hanna(), RB_NO_NEVER_USER);
    rb_copy_fit(device.enrolled_by, sizeof device.enrolled_by, "boss@contoso.com");
    given_never_user("BOSS@contoso.com");
    expect_asks(hanna(), RB_NO_NEVER_USER);
}
END_TEST

START_TEST(a_never_device_is_refused_by_id_and_by_serial_in_any_case)
{
    given_never_device("c02xy4f2k");
    expect_asks(hanna(), RB_NO_NEVER_DEVICE);
    given_never_device(DEVICE);
    expect_asks(hanna(), RB_NO_NEVER_DEVICE);
    given_never_device("C02XY4F2");
    expect_asks(hanna(), RB_ALLOWED);
}
END_TEST

START_TEST(a_device_without_serial_matches_no_never_entry_by_accident)
{
    device.serial[0] = '\0';
    given_never_device("");
    expect_asks(hanna(), RB_ALLOWED);
}
END_TEST

START_TEST(an_unsupported_device_is_refused_whatever_policy_allows)
{
    policy.allow_unconfirmed = true;
    support.verdict = RB_SUPPORT_NO;
    expect_asks(hanna(), RB_NO_UNSUPPORTED);
}
END_TEST

START_TEST(an_unconfirmed_device_needs_allow_unconfirmed)
{
    support.verdict = RB_SUPPORT_MAYBE;
    expect_asks(hanna(), RB_NO_UNCONFIRMED);
    policy.allow_unconfirmed = true;
    expect_asks(hanna(), RB_ALLOWED);
}
END_TEST

START_TEST(the_answer_about_the_device_alone_ignores_people_and_counts)
{
    counts.all_hour = 1000;
    ck_assert_int_eq(rb_policy_device(&policy, &device, &support), RB_ALLOWED);
    given_never_device(DEVICE);
    ck_assert_int_eq(rb_policy_device(&policy, &device, &support), RB_NO_NEVER_DEVICE);
}
END_TEST

/* ---- frozen and ceilings ------------------------------------------------------------------------------------------ */

START_TEST(a_frozen_policy_refuses_requests_and_still_lets_people_deny_and_cancel)
{
    policy.frozen = true;
    expect_asks(hanna(), RB_NO_FROZEN);
    expect_decides(arvid(), RB_ALLOWED);
    expect_cancels(hanna(), RB_ALLOWED);
}
END_TEST

START_TEST(the_last_request_below_a_ceiling_is_allowed)
{
    counts = (rb_counts){0, 9, 29};
    expect_asks(hanna(), RB_ALLOWED);
}
END_TEST

START_TEST(a_request_at_a_ceiling_is_refused)
{
    counts = (rb_counts){.device_day = 1};
    expect_asks(hanna(), RB_NO_CEILING_DEVICE);
    counts = (rb_counts){.requester_hour = 10};
    expect_asks(hanna(), RB_NO_CEILING_REQUESTER);
    counts = (rb_counts){.all_hour = 30};
    expect_asks(hanna(), RB_NO_CEILING_ALL);
}
END_TEST

START_TEST(a_request_past_a_ceiling_is_refused)
{
    counts = (rb_counts){.device_day = 2};
    expect_asks(hanna(), RB_NO_CEILING_DEVICE);
    counts = (rb_counts){.requester_hour = 11};
    expect_asks(hanna(), RB_NO_CEILING_REQUESTER);
    counts = (rb_counts){.all_hour = UINT32_MAX};
    expect_asks(hanna(), RB_NO_CEILING_ALL);
}
END_TEST

/* ---- cancel ------------------------------------------------------------------------------------------------------- */

START_TEST(the_requester_may_cancel_also_after_losing_the_role)
{
    policy.roles[RB_ROLE_HELPDESK].n_users = 0;
    expect_cancels(hanna(), RB_ALLOWED);
}
END_TEST

START_TEST(an_approver_may_cancel_and_a_stranger_may_not)
{
    expect_cancels(arvid(), RB_ALLOWED);
    expect_cancels(actor_of("U0STRANGER", ""), RB_NO_NOT_YOURS);
}
END_TEST

START_TEST(a_group_that_cannot_be_read_does_not_let_anybody_cancel)
{
    rb_actor actor = actor_of("U0STRANGER", ADELE);

    actor.group_unreadable = true;
    policy.roles[RB_ROLE_APPROVER].groups = groups;
    policy.roles[RB_ROLE_APPROVER].n_groups = 1;
    expect_cancels(actor, RB_NO_GROUP_UNREADABLE);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, a_never_user_is_refused_by_entra_id_and_by_name_in_any_case);
    tcase_add_test(tests, a_never_user_is_refused_as_second_owner_and_as_the_one_who_enrolled);
    tcase_add_test(tests, a_never_device_is_refused_by_id_and_by_serial_in_any_case);
    tcase_add_test(tests, a_device_without_serial_matches_no_never_entry_by_accident);
    tcase_add_test(tests, an_unsupported_device_is_refused_whatever_policy_allows);
    tcase_add_test(tests, an_unconfirmed_device_needs_allow_unconfirmed);
    tcase_add_test(tests, the_answer_about_the_device_alone_ignores_people_and_counts);
    tcase_add_test(tests, a_frozen_policy_refuses_requests_and_still_lets_people_deny_and_cancel);
    tcase_add_test(tests, the_last_request_below_a_ceiling_is_allowed);
    tcase_add_test(tests, a_request_at_a_ceiling_is_refused);
    tcase_add_test(tests, a_request_past_a_ceiling_is_refused);
    tcase_add_test(tests, the_requester_may_cancel_also_after_losing_the_role);
    tcase_add_test(tests, an_approver_may_cancel_and_a_stranger_may_not);
    tcase_add_test(tests, a_group_that_cannot_be_read_does_not_let_anybody_cancel);
}

int main(void)
{
    Suite *suite = suite_create("policy_device");
    TCase *tests = tcase_create("policy_device");

    tcase_add_checked_fixture(tests, setup, NULL);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
