/* slack_limits_test.c - every limit of Block Kit: what is at it is rendered, what is one past it is refused. */
#include "unit/slack_rendered.h"

static void make_plain_text(size_t n)
{
    rb_message_say(message, chars(n));
}

static void make_small(size_t n)
{
    rb_message_small(message);
    rb_message_text(message, chars(n));
}

static void make_button_label(size_t n)
{
    rb_message_say(message, "x");
    rb_message_button(message, "go", chars(n), "v", RB_BUTTON_PLAIN);
}

static void make_button_value(size_t n)
{
    rb_message_say(message, "x");
    rb_message_button(message, "go", "Go", chars(n), RB_BUTTON_PLAIN);
}

static void make_action_id(size_t n)
{
    char id[256];

    memset(id, 'a', n);
    id[n] = '\0';
    rb_message_say(message, "x");
    rb_message_button(message, id, "Go", "v", RB_BUTTON_PLAIN);
}

static void make_buttons(size_t n)
{
    char id[24];

    rb_message_say(message, "x");
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(id, sizeof id, "b%zu", i);
        rb_message_button(message, id, "Go", "v", RB_BUTTON_PLAIN);
    }
}

static void make_confirm_title(size_t n)
{
    make_button_label(1);
    rb_message_confirm(message, &message->controls[0], chars(n), "x", "y", "n");
}

static void make_confirm_text(size_t n)
{
    make_button_label(1);
    rb_message_confirm(message, &message->controls[0], "x", chars(n), "y", "n");
}

static void make_confirm_yes(size_t n)
{
    make_button_label(1);
    rb_message_confirm(message, &message->controls[0], "x", "y", chars(n), "n");
}

static void make_confirm_no(size_t n)
{
    make_button_label(1);
    rb_message_confirm(message, &message->controls[0], "x", "y", "y", chars(n));
}

static void make_option_label(size_t n)
{
    rb_message_say(message, "x");
    rb_message_choice(message, "c", "Choose", NULL, NULL);
    rb_message_option(message, "v", chars(n));
}

static void make_option_value(size_t n)
{
    rb_message_say(message, "x");
    rb_message_choice(message, "c", "Choose", NULL, NULL);
    rb_message_option(message, chars(n), "x");
}

static void make_hint(size_t n)
{
    rb_message_say(message, "x");
    rb_message_choice(message, "c", "Choose", chars(n), NULL);
    for (int i = 0; i < 5; i++)
        rb_message_option(message, "v", "x");
}

static void make_choice_label(size_t n)
{
    rb_message_say(message, "x");
    rb_message_choice(message, "c", chars(n), NULL, NULL);
    rb_message_option(message, "v", "x");
}

static void start_form(void)
{
    rb_message_form(message, "f", "Form", "Send", "Close", "p");
}

static void make_title(size_t n)
{
    rb_message_form(message, "f", chars(n), "Send", "Close", "p");
}

static void make_submit(size_t n)
{
    rb_message_form(message, "f", "Form", chars(n), "Close", "p");
}

static void make_close(size_t n)
{
    rb_message_form(message, "f", "Form", "Send", chars(n), "p");
}

static void make_private(size_t n)
{
    rb_message_form(message, "f", "Form", "Send", "Close", chars(n));
}

static void make_callback(size_t n)
{
    rb_message_form(message, chars(n), "Form", "Send", "Close", "p");
}

static void make_input_label(size_t n)
{
    start_form();
    rb_message_input(message, "i", chars(n), NULL, NULL, 10, false, false);
}

static void make_form_choice_label(size_t n)
{
    start_form();
    rb_message_choice(message, "c", chars(n), NULL, NULL);
    rb_message_option(message, "v", "x");
}

static void make_input_hint(size_t n)
{
    start_form();
    rb_message_input(message, "i", "Label", chars(n), NULL, 10, false, false);
}

static void make_input_max(size_t n)
{
    start_form();
    rb_message_input(message, "i", "Label", NULL, NULL, (uint32_t)n, false, false);
}

static void make_initial(size_t n)
{
    start_form();
    rb_message_input(message, "i", "Label", NULL, chars(n), 40, false, false);
}

static void make_url(size_t n)
{
    char url[4000] = "https://x/";

    memset(url + 10, 'a', n - 10);
    url[n] = '\0';
    start_form(); /* in a message the plain text holds it too, and is full before */
    rb_message_link(message, url, "label");
}

static void make_blocks(size_t n)
{
    for (size_t i = 0; i < n; i++)
        rb_message_say(message, "x");
}

static const struct {
    const char *name;
    void (*make)(size_t n);
    size_t max;
} LIMITS[] = {
    {"plain text of a message", make_plain_text, RB_MESSAGE_TEXT_MAX},
    {"small text", make_small, RB_SLACK_TEXT_MAX},
    {"button label", make_button_label, RB_SLACK_BUTTON_LABEL_MAX},
    {"button value", make_button_value, RB_SLACK_BUTTON_VALUE_MAX},
    {"action id", make_action_id, RB_ACTION_ID_CAP - 1},
    {"buttons in a row", make_buttons, RB_SLACK_BUTTONS_MAX},
    {"confirm title", make_confirm_title, RB_SLACK_CONFIRM_TITLE_MAX},
    {"confirm text", make_confirm_text, RB_SLACK_CONFIRM_TEXT_MAX},
    {"confirm yes", make_confirm_yes, RB_SLACK_CONFIRM_BUTTON_MAX},
    {"confirm no", make_confirm_no, RB_SLACK_CONFIRM_BUTTON_MAX},
    {"option label", make_option_label, RB_SLACK_OPTION_TEXT_MAX},
    {"option value", make_option_value, RB_SLACK_OPTION_VALUE_MAX},
    {"placeholder of a list", make_hint, RB_SLACK_HINT_MAX},
    {"label of a choice", make_choice_label, RB_SLACK_TEXT_MAX},
    {"form title", make_title, RB_SLACK_TITLE_MAX},
    {"form submit", make_submit, RB_SLACK_TITLE_MAX},
    {"form close", make_close, RB_SLACK_TITLE_MAX},
    {"private metadata", make_private, RB_SLACK_PRIVATE_MAX},
    {"callback id", make_callback, RB_SLACK_CALLBACK_MAX},
    {"input label", make_input_label, RB_SLACK_INPUT_LABEL_MAX},
    {"label of a choice in a form", make_form_choice_label, RB_SLACK_INPUT_LABEL_MAX},
    {"placeholder of an input", make_input_hint, RB_SLACK_HINT_MAX},
    {"longest input", make_input_max, RB_SLACK_INPUT_MAX},
    {"initial text", make_initial, 40},
    {"link", make_url, RB_SLACK_URL_MAX},
    {"blocks", make_blocks, RB_MESSAGE_BLOCKS_MAX},
};
#define N_LIMITS (int)(sizeof LIMITS / sizeof *LIMITS)

START_TEST(a_limit_is_kept_and_one_past_it_is_refused)
{
    LIMITS[_i].make(LIMITS[_i].max);
    ck_assert_msg(render_and_forget() == RB_OK, "%s at its limit", LIMITS[_i].name);
    LIMITS[_i].make(LIMITS[_i].max + 1);
    ck_assert_msg(render_and_forget() == RB_E_LIMIT, "%s past its limit", LIMITS[_i].name);
}
END_TEST

/* 50 paragraphs of 60 characters that need six bytes each as JSON. */
START_TEST(a_payload_beyond_our_own_limit_is_refused)
{
    char text[1001];

    memset(text, '\x01', 1000);
    text[1000] = '\0';
    start_form();
    for (int i = 0; i < 10; i++)
        rb_message_say(message, text);
    ck_assert_int_eq(render(), RB_OK);
    rb_message_say(message, text);
    ck_assert_int_eq(render(), RB_E_LIMIT);
}
END_TEST

START_TEST(a_message_that_did_not_fit_is_not_rendered_in_part)
{
    rb_message_say(message, "x");
    message->is_full = true;
    ck_assert_int_eq(render(), RB_E_LIMIT);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(a_buffer_that_is_too_small_says_so)
{
    rb_buf small;

    rb_message_say(message, "some text");
    rb_buf_init(&small, 20);
    ck_assert_int_eq(rb_slack_render(message, &small), RB_E_LIMIT);
    rb_buf_fini(&small);
}
END_TEST

static void add_limit_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_limit_is_kept_and_one_past_it_is_refused, 0, N_LIMITS);
    tcase_add_test(tcase, a_payload_beyond_our_own_limit_is_refused);
    tcase_add_test(tcase, a_message_that_did_not_fit_is_not_rendered_in_part);
    tcase_add_test(tcase, a_buffer_that_is_too_small_says_so);
}

int main(void)
{
    static const rendered_part parts[] = {{"limits", add_limit_tests}};

    return run_rendered("slack_limits", parts, sizeof parts / sizeof *parts);
}
