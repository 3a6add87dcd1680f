/* slack_plain_test.c - a message as text alone: every fact, formatting nothing (S7, U3). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack_plain.h"
#include "chat/slack_render.h"
#include "resetbot/limits.h"

static rb_err plain_of(const char *payload, char out_text[4096])
{
    rb_buf out;

    rb_buf_init(&out, RB_PAYLOAD_MAX);
    rb_err err = rb_slack_plain(rb_str_of(payload), &out);
    if (err == RB_OK)
        ck_assert_uint_lt(out.len, 4096);
    (void)snprintf(out_text, 4096, "%s", err == RB_OK ? rb_buf_cstr(&out) : "");
    rb_buf_fini(&out);
    return err;
}

static void expect_text(const char *text, const char *expected)
{
    char payload[1024];
    char whole[1024];
    char out[4096];

    (void)snprintf(payload, sizeof payload, "{\"text\":\"%s\",\"blocks\":[{\"type\":\"divider\"}]}", text);
    (void)snprintf(whole, sizeof whole, "{\"text\":\"%s\",\"blocks\":[]}", expected);
    ck_assert_int_eq(plain_of(payload, out), RB_OK);
    ck_assert_str_eq(out, whole);
}

START_TEST(S7_names_format_nothing_in_it)
{
    expect_text("*bold* ~gone~ `code` _slanted_", "∗bold∗ ∼gone∼ ʹcodeʹ ˍslantedˍ");
    expect_text("a :warning: b", "a ∶warning: b");
    expect_text("see https://evil.example", "see https∶//evil.example");
}
END_TEST

START_TEST(facts_stay_as_they_are)
{
    expect_text("first_last@contoso.com at 14:03 UTC: R-7K3F", "first_last@contoso.com at 14:03 UTC: R-7K3F");
    expect_text("a &amp; b &lt;c&gt;", "a &amp; b &lt;c&gt;");
    expect_text("ask <!subteam^S0_A> <@U0ARVID> <https://slack.example/a_b_|open>",
                "ask <!subteam^S0_A> <@U0ARVID> <https://slack.example/a_b_|open>");
}
END_TEST

START_TEST(a_rendered_card_keeps_its_text_and_its_marker)
{
    rb_message *message = malloc(sizeof *message);
    rb_buf payload;
    char out[4096];

    ck_assert_ptr_nonnull(message);
    rb_message_init(message);
    rb_message_say(message, "R-7K3F · Remove passcode");
    rb_message_button(message, "approve", "Approve", "1.a.x", RB_BUTTON_PRIMARY);
    strcpy(message->marker_request, "R-7K3F");
    message->marker_seq = 3;
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    ck_assert_int_eq(rb_slack_render(message, &payload), RB_OK);
    ck_assert_int_eq(plain_of(rb_buf_cstr(&payload), out), RB_OK);

    ck_assert_str_eq(out,
                     "{\"text\":\"R-7K3F · Remove passcode\",\"blocks\":[],\"metadata\":{\"event_type\":\"resetbot\","
                     "\"event_payload\":{\"request\":\"R-7K3F\",\"seq\":3}}}");
    char again[4096];
    ck_assert_int_eq(plain_of(out, again), RB_E_REFUSED); /* it is text alone already */
    rb_buf_fini(&payload);
    free(message);
}
END_TEST

START_TEST(what_is_no_message_is_refused)
{
    char out[4096];

    ck_assert_int_eq(plain_of("{}", out), RB_E_SYNTAX);
    ck_assert_int_eq(plain_of("", out), RB_E_SYNTAX);
    ck_assert_int_eq(plain_of("{\"text\":", out), RB_E_SYNTAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slack_plain");
    TCase *tests = tcase_create("plain");

    tcase_add_test(tests, S7_names_format_nothing_in_it);
    tcase_add_test(tests, facts_stay_as_they_are);
    tcase_add_test(tests, a_rendered_card_keeps_its_text_and_its_marker);
    tcase_add_test(tests, what_is_no_message_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
