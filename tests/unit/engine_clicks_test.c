/* engine_clicks_test.c - clicks and forms: what cannot be taken is told where its person looks, and rights are asked at the
 * form as at the button (R1, S3). Each case is a fault that the other tests had let through (tests/mutants). */
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

/* ---- clicks that are not taken ------------------------------------------------------------------------------------ */

/* A click's ack can say nothing: its response_url must (design 3, step 3). */
START_TEST(R1_a_click_that_is_not_taken_is_told_by_its_response_url)
{
    if (_i == 0)
        w.refusal = RB_E_INTERNAL; /* the store does not take it */
    else
        rb_engine_stop(w.engine);
    press_on_card(&w, "U0ARVID", 'a', id);

    ck_assert_int_eq(w.acks[w.n_acks - 1].kind, RB_ACK_PLAIN);
    seen_call *told = need_said(&w, "Nothing was done");
    ck_assert_int_eq(told->kind, RB_CHAT_RESPOND);
    ck_assert_str_eq(told->url, URL);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
}
END_TEST

/* ---- the form of a denial ----------------------------------------------------------------------------------------- */

static void opens_deny_form(const char *user)
{
    press_on_card(&w, user, 'd', id);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_OPEN), 1);
}

static void sends_deny_form(const char *user)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_FORM, user);

    button(&w, 'e', delivery->private_data);
    KIT_TEXT(delivery->callback, RB_FORM_DENY);
    add_field(delivery, RB_FIELD_REASON, "not the owner");
    deliver(&w, delivery);
    settle(&w);
}

START_TEST(S3_who_lost_the_role_after_opening_the_form_does_not_deny)
{
    opens_deny_form("U0ARVID");
    if (_i == 1)
        w.policy.roles[RB_ROLE_APPROVER] = (rb_policy_role){.users = world_approvers + 1, .n_users = 1};
    sends_deny_form("U0ARVID");
    EXPECT_STATE(&w, id, _i == 0 ? RB_STATE_DENIED : RB_STATE_PENDING);
    ck_assert_uint_eq(count_records(&w, "refused"), _i == 0 ? 0 : 1);
}
END_TEST

START_TEST(S4_a_form_of_somebody_else_does_not_deny)
{
    opens_deny_form("U0ARVID");
    sends_deny_form("U0BERIT");
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_clicks");
    TCase *tests = tcase_create("clicks");

    tcase_set_timeout(tests, 20);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, R1_a_click_that_is_not_taken_is_told_by_its_response_url, 0, 2);
    tcase_add_loop_test(tests, S3_who_lost_the_role_after_opening_the_form_does_not_deny, 0, 2);
    tcase_add_test(tests, S4_a_form_of_somebody_else_does_not_deny);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
