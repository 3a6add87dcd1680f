/* policy_take_test.c - who may go on with a colleague's request, who may let them, and that who had it decides no more. */
#include "policy_given.h"

static void given_past(const char *user, const char *entra)
{
    rb_decision *past = &request.past_requesters[request.n_past_requesters++];
    request.n_takes++;

    rb_copy_fit(past->person.team, sizeof past->person.team, "T0TEAM");
    rb_copy_fit(past->person.user, sizeof past->person.user, user);
    rb_copy_fit(past->entra, sizeof past->entra, entra);
}

/* Hanna has asked; Berit is of the helpdesk too. */
static rb_actor berit(void)
{
    static char desk[][RB_CHAT_ID_CAP] = {"U0HANNA", "U0BERIT", "U0ARVID", "U0ADELE", "U0HANNA2"};

    policy.roles[RB_ROLE_HELPDESK] = (rb_policy_role){.users = desk, .n_users = 5};
    return actor_of("U0BERIT", BERIT);
}

static void expect_takes(rb_actor actor, rb_denial expected)
{
    ck_assert_int_eq(rb_policy_may_take(&policy, &actor, &request), expected);
}

static void expect_lets(rb_actor actor, rb_denial expected)
{
    rb_actor taker = berit();
    ck_assert_int_eq(rb_policy_may_let_take(&policy, &actor, &taker, &request), expected);
}

/* What cannot be read never allows. */
START_TEST(S3_a_group_that_cannot_be_read_lets_nobody_take_it)
{
    rb_actor stranger = actor_of("U0BERIT", BERIT);
    policy.roles[RB_ROLE_HELPDESK] = (rb_policy_role){.groups = groups, .n_groups = 1};
    stranger.group_unreadable = true;
    expect_takes(stranger, RB_NO_GROUP_UNREADABLE);
}
END_TEST

START_TEST(S3_a_colleague_of_the_helpdesk_may_take_it)
{
    expect_takes(berit(), RB_ALLOWED);
    policy.roles[RB_ROLE_HELPDESK].n_users = 1;
    expect_takes(actor_of("U0BERIT", BERIT), RB_NO_ROLE);
}
END_TEST

START_TEST(a_frozen_policy_lets_it_change_hands)
{
    rb_actor taker = berit();
    policy.frozen = true;
    expect_takes(taker, RB_ALLOWED);
}
END_TEST

START_TEST(S3_nobody_takes_what_is_theirs_by_any_account)
{
    (void)berit();
    expect_takes(hanna(), RB_NO_TAKER_HAS_IT);
    expect_takes(actor_of("U0HANNA2", HANNA), RB_NO_TAKER_HAS_IT);
}
END_TEST

START_TEST(S3_the_owner_and_who_approved_it_do_not_take_it)
{
    rb_actor taker = berit();
    expect_takes(actor_of("U0ADELE", ADELE), RB_NO_SELF_OWNER);
    given_approval("U0BERIT2", BERIT);
    expect_takes(taker, RB_NO_TAKER_APPROVED);
}
END_TEST

START_TEST(S3_it_changes_hands_as_often_as_is_remembered)
{
    static const char *const before[RB_TAKES_MAX] = {"U0A", "U0B", "U0C", "U0D"};
    rb_actor taker = berit();

    for (size_t i = 0; i < RB_TAKES_MAX; i++)
        given_past(before[i], "");
    expect_takes(taker, RB_NO_TAKEN_TOO_OFTEN);
}
END_TEST

START_TEST(S3_who_had_it_decides_no_more_by_any_account)
{
    given_past("U0ARVID", ARVID);
    expect_decides(arvid(), RB_NO_WAS_REQUESTER);
    rb_copy_fit(request.past_requesters[0].entra, RB_GUID_CAP, BERIT); /* as the table was then */
    expect_decides(arvid(), RB_NO_WAS_REQUESTER);
    expect_decides(actor_of("U0BERIT", BERIT), RB_NO_WAS_REQUESTER);
    expect_lets(arvid(), RB_NO_WAS_REQUESTER);
}
END_TEST

START_TEST(S3_an_approver_lets_somebody_else_take_it)
{
    expect_lets(arvid(), RB_ALLOWED);
    expect_lets(hanna(), RB_NO_APPROVER_IS_REQUESTER);
    expect_lets(berit(), RB_NO_TAKER_LETS);
    expect_lets(actor_of("U0ADELE", ADELE), RB_NO_APPROVER_IS_OWNER);
    given_approval("U0ARVID", ARVID);
    expect_lets(arvid(), RB_ALLOWED); /* approving it and letting it change hands go together */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy_take");
    TCase *tests = tcase_create("policy_take");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, S3_a_group_that_cannot_be_read_lets_nobody_take_it);
    tcase_add_test(tests, S3_a_colleague_of_the_helpdesk_may_take_it);
    tcase_add_test(tests, a_frozen_policy_lets_it_change_hands);
    tcase_add_test(tests, S3_nobody_takes_what_is_theirs_by_any_account);
    tcase_add_test(tests, S3_the_owner_and_who_approved_it_do_not_take_it);
    tcase_add_test(tests, S3_it_changes_hands_as_often_as_is_remembered);
    tcase_add_test(tests, S3_who_had_it_decides_no_more_by_any_account);
    tcase_add_test(tests, S3_an_approver_lets_somebody_else_take_it);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
