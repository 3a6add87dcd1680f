/* message_test.c - a message in the caller's memory: what is put in is there, and what does not fit is never shown. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack_render.h"
#include "resetbot/message.h"

static rb_message *message;

static void setup(void)
{
    message = malloc(sizeof *message);
    ck_assert_ptr_nonnull(message);
    memset(message, 0xAA, sizeof *message); /* init clears all that counts */
    rb_message_init(message);
}

static void teardown(void)
{
    free(message);
}

static rb_err render(void)
{
    rb_buf out;
    rb_buf_init(&out, RB_PAYLOAD_MAX);
    rb_err err = rb_slack_render(message, &out);
    rb_buf_fini(&out);
    return err;
}

static void expect_run(uint32_t n, rb_run_kind kind, const char *text)
{
    ck_assert_uint_lt(n, message->n_runs);
    ck_assert_int_eq(message->runs[n].kind, kind);
    ck_assert_str_eq(rb_message_at(message, message->runs[n].text), text);
}

/* ---- what is put in ----------------------------------------------------------------------------------------------- */

START_TEST(runs_join_the_latest_paragraph)
{
    rb_message_para(message);
    rb_message_bold(message, "a");
    rb_message_text(message, "b");
    rb_message_small(message);
    rb_message_code(message, "c");
    rb_message_link(message, "https://example.com/", "d");
    ck_assert_uint_eq(message->n_blocks, 2);
    ck_assert_uint_eq(message->blocks[0].n, 2);
    ck_assert_int_eq(message->blocks[1].kind, RB_BLOCK_SMALL);
    ck_assert_uint_eq(message->blocks[1].first, 2);
    expect_run(0, RB_RUN_BOLD, "a");
    expect_run(1, RB_RUN_TEXT, "b");
    expect_run(2, RB_RUN_CODE, "c");
    expect_run(3, RB_RUN_LINK, "d");
    ck_assert_str_eq(rb_message_at(message, message->runs[3].extra), "https://example.com/");
}
END_TEST

START_TEST(text_after_buttons_or_a_rule_starts_a_paragraph)
{
    rb_message_say(message, "first");
    rb_message_button(message, "ok", "OK", "v", RB_BUTTON_PRIMARY);
    rb_message_button(message, "no", "No", "w", RB_BUTTON_DANGER);
    rb_message_text(message, "second");
    rb_message_rule(message);
    rb_message_text(message, "third");
    ck_assert_uint_eq(message->n_blocks, 5);
    ck_assert_uint_eq(message->blocks[1].n, 2); /* one row */
    ck_assert_int_eq(message->blocks[2].kind, RB_BLOCK_TEXT);
    ck_assert_int_eq(message->blocks[4].kind, RB_BLOCK_TEXT);
    ck_assert_int_eq(render(), RB_OK);
}
END_TEST

START_TEST(empty_and_missing_texts_are_no_runs)
{
    rb_message_para(message);
    rb_message_text(message, "");
    rb_message_text(message, NULL);
    rb_message_bold(message, NULL);
    ck_assert_uint_eq(message->n_runs, 0);
    ck_assert_str_eq(rb_message_at(message, 0), "");
}
END_TEST

START_TEST(controls_hold_what_they_were_given)
{
    rb_control *button = rb_message_button(message, "approve", "Approve", "1.a", RB_BUTTON_PRIMARY);
    rb_message_confirm(message, button, "Sure?", "iPhone 14", "Yes", "No");
    rb_message_choice(message, "holds", "Held?", "Choose", "yes");
    rb_message_option(message, "yes", "Yes");
    rb_message_option(message, "no", "No");
    rb_message_form(message, "deny", "Deny", "Send", "Back", "1.e");
    rb_message_input(message, "reason", "Why?", "hint", "old", 500, true, false);

    const rb_control *first = &message->controls[0];
    ck_assert_str_eq(rb_message_at(message, first->confirm_text), "iPhone 14");
    const rb_control *choice = &message->controls[1];
    ck_assert_uint_eq(choice->n_options, 2);
    ck_assert_str_eq(rb_message_at(message, message->options[choice->first_option + 1].value), "no");
    const rb_control *input = &message->controls[2];
    ck_assert_uint_eq(input->max_chars, 500);
    ck_assert(input->is_multiline);
    ck_assert_str_eq(rb_message_at(message, input->value), "old");
    ck_assert_str_eq(rb_message_at(message, message->private_data), "1.e");
    ck_assert(!message->is_full);
}
END_TEST

START_TEST(init_forgets_all)
{
    rb_message_button(message, "approve", "Approve", "1.a", RB_BUTTON_PRIMARY);
    rb_message_choice(message, "holds", "Held?", "Choose", "yes");
    rb_message_option(message, "yes", "Yes");
    rb_message_form(message, "deny", "Deny", "Send", "Back", "1.e");
    rb_message_say(message, "x");
    message->marker_seq = 4;
    strcpy(message->marker_request, "R-7K3F");
    message->is_full = true;
    rb_message_init(message);
    ck_assert_uint_eq(message->n_blocks + message->n_runs + message->n_controls + message->n_options, 0);
    ck_assert_uint_eq(message->title + message->callback + message->private_data + message->marker_seq, 0);
    ck_assert_str_eq(message->marker_request, "");
    ck_assert(!message->is_full);
}
END_TEST

/* ---- limits: reaching one is fine, one more is never shown -------------------------------------------------------- */

static void expect_full(void)
{
    ck_assert(message->is_full);
    ck_assert_int_eq(render(), RB_E_LIMIT);
}

START_TEST(blocks_at_their_limit_and_one_past_it)
{
    for (int i = 0; i < RB_MESSAGE_BLOCKS_MAX; i++)
        rb_message_say(message, "x");
    ck_assert(!message->is_full);
    ck_assert_int_eq(render(), RB_OK);
    rb_message_say(message, "x");
    expect_full();
}
END_TEST

START_TEST(runs_at_their_limit_and_one_past_it)
{
    for (int i = 0; i < RB_MESSAGE_RUNS_MAX; i++)
        rb_message_text(message, "x");
    ck_assert(!message->is_full);
    rb_message_text(message, "x");
    expect_full();
}
END_TEST

START_TEST(controls_at_their_limit_and_one_past_it)
{
    rb_message_say(message, "x");
    for (int i = 0; i < RB_MESSAGE_CONTROLS_MAX; i++)
        rb_message_button(message, "b", "x", "v", RB_BUTTON_PLAIN);
    ck_assert(!message->is_full);
    rb_message_button(message, "b", "x", "v", RB_BUTTON_PLAIN);
    expect_full();
}
END_TEST

START_TEST(options_at_their_limit_and_one_past_it)
{
    rb_message_say(message, "x");
    rb_message_choice(message, "c", "x", "y", NULL);
    for (int i = 0; i < RB_MESSAGE_OPTIONS_MAX; i++)
        rb_message_option(message, "v", "x");
    ck_assert(!message->is_full);
    rb_message_option(message, "v", "x");
    expect_full();
}
END_TEST

START_TEST(text_at_its_limit_and_one_past_it)
{
    static char text[RB_MESSAGE_POOL];
    memset(text, 'x', sizeof text - 1);
    rb_message_text(message, text + 1); /* with its NUL, and the empty text at the start: exactly all of it */
    ck_assert(!message->is_full);
    ck_assert_uint_eq(message->pool_len, RB_MESSAGE_POOL);
    rb_message_init(message);
    rb_message_text(message, text);
    expect_full();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("message");
    TCase *tests = tcase_create("message");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, runs_join_the_latest_paragraph);
    tcase_add_test(tests, text_after_buttons_or_a_rule_starts_a_paragraph);
    tcase_add_test(tests, empty_and_missing_texts_are_no_runs);
    tcase_add_test(tests, controls_hold_what_they_were_given);
    tcase_add_test(tests, init_forgets_all);
    tcase_add_test(tests, blocks_at_their_limit_and_one_past_it);
    tcase_add_test(tests, runs_at_their_limit_and_one_past_it);
    tcase_add_test(tests, controls_at_their_limit_and_one_past_it);
    tcase_add_test(tests, options_at_their_limit_and_one_past_it);
    tcase_add_test(tests, text_at_its_limit_and_one_past_it);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
