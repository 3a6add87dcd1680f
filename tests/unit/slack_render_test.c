/* slack_render_test.c - messages and forms become Block Kit: inert, complete in plain text, within every limit. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/json.h"
#include "chat/slack_render.h"

static rb_message *message;
static rb_buf out;
static rb_json *root;

static void set_up(void)
{
    message = calloc(1, sizeof *message);
    ck_assert_ptr_nonnull(message);
    rb_message_init(message);
    rb_buf_init(&out, 4 * RB_PAYLOAD_MAX);
    root = NULL;
}

static void tear_down(void)
{
    rb_json_free(root);
    rb_buf_fini(&out);
    free(message);
}

static rb_err render(void)
{
    rb_json_free(root);
    rb_buf_clear(&out);
    rb_err err = rb_slack_render(message, &out);
    root = rb_json_parse(rb_buf_str(&out));
    if (err == RB_OK)
        ck_assert_msg(root != NULL, "%s", rb_buf_cstr(&out));
    return err;
}

static rb_err render_and_forget(void)
{
    rb_err err = render();

    rb_message_init(message);
    return err;
}

/* The whole payload, compact. */
static const char *rendered(void)
{
    ck_assert_int_eq(render(), RB_OK);
    return rb_buf_cstr(&out);
}

static const rb_json *block(size_t index)
{
    return rb_json_at(rb_json_get(root, "blocks"), index);
}

static void check_str(const rb_json *object, const char *name, const char *expected)
{
    rb_str text = rb_json_str(object, name);

    ck_assert_msg(rb_str_equal(text, rb_str_of(expected)), "%s: %.*s", name, (int)text.len, text.ptr);
}

/* A text of n characters, each of two bytes: limits count characters. */
static const char *chars(size_t n)
{
    static char text[20000];

    ck_assert_uint_lt(2 * n, sizeof text);
    for (size_t i = 0; i < n; i++)
        memcpy(text + 2 * i, "\xc3\xb6", 2);
    text[2 * n] = '\0';
    return text;
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

START_TEST(a_paragraph_is_rich_text_and_said_in_plain_text)
{
    rb_message_para(message);
    rb_message_bold(message, "R-7K3F");
    rb_message_text(message, " asked by ");
    rb_message_user(message, "U02AB");
    rb_message_code(message, "INC1");
    rb_message_group(message, "S01");
    rb_message_channel(message, "C01");
    rb_message_link(message, "https://x.slack.com/a?b=1&c", "the card");
    ck_assert_str_eq(
        rendered(),
        "{\"text\":\"R-7K3F asked by <@U02AB>INC1<!subteam^S01><#C01><https://x.slack.com/a?b=1&amp;c|the card>\","
        "\"blocks\":[{\"type\":\"rich_text\",\"elements\":[{\"type\":\"rich_text_section\",\"elements\":["
        "{\"type\":\"text\",\"text\":\"R-7K3F\",\"style\":{\"bold\":true}},"
        "{\"type\":\"text\",\"text\":\" asked by \"},"
        "{\"type\":\"user\",\"user_id\":\"U02AB\"},"
        "{\"type\":\"text\",\"text\":\"INC1\",\"style\":{\"code\":true}},"
        "{\"type\":\"usergroup\",\"usergroup_id\":\"S01\"},"
        "{\"type\":\"channel\",\"channel_id\":\"C01\"},"
        "{\"type\":\"link\",\"url\":\"https://x.slack.com/a?b=1&c\",\"text\":\"the card\"}]}]}]}");
}
END_TEST

START_TEST(S7_strangers_text_stays_text)
{
    static const char evil[] = "<!channel> <@U1> *b* :siren: \"q\\ &amp; <https://evil|bank>\n\x01";

    rb_message_say(message, evil);
    rb_message_small(message);
    rb_message_text(message, evil);
    (void)rendered();
    check_str(root, "text",
              "&lt;!channel&gt; &lt;@U1&gt; *b* :siren: \"q\\ &amp;amp; &lt;https://evil|bank&gt;\n\x01\n"
              "&lt;!channel&gt; &lt;@U1&gt; *b* :siren: \"q\\ &amp;amp; &lt;https://evil|bank&gt;\n\x01");
    const rb_json *section = rb_json_at(rb_json_get(block(0), "elements"), 0);
    const rb_json *element = rb_json_at(rb_json_get(section, "elements"), 0);
    check_str(element, "type", "text");
    check_str(element, "text", evil);
    const rb_json *small = rb_json_at(rb_json_get(block(1), "elements"), 0);
    check_str(block(1), "type", "context");
    check_str(small, "type", "plain_text");
    check_str(small, "text", evil);
    ck_assert_ptr_nonnull(strstr(rb_buf_cstr(&out), "\"emoji\":false"));
    ck_assert_ptr_null(strstr(rb_buf_cstr(&out), "mrkdwn"));
}
END_TEST

START_TEST(S7_bad_utf8_is_made_valid)
{
    rb_message_say(message, "a\xff"
                            "b\xc3");
    (void)rendered();
    check_str(root, "text",
              "a\xef\xbf\xbd"
              "b\xef\xbf\xbd");
}
END_TEST

START_TEST(S7_an_id_that_is_none_is_not_rendered)
{
    static void (*const adders[])(rb_message *, const char *) = {rb_message_user, rb_message_group, rb_message_channel};
    static const char *const ids[] = {"U1><!channel", "U 1", "U1|x", "!here", "U1\n", "@U1"};

    for (size_t i = 0; i < sizeof adders / sizeof *adders; i++)
        for (size_t k = 0; k < sizeof ids / sizeof *ids; k++) {
            rb_message_para(message);
            adders[i](message, ids[k]);
            ck_assert_int_eq(render_and_forget(), RB_E_SYNTAX);
        }
}
END_TEST

START_TEST(S7_a_link_that_is_not_ours_is_not_rendered)
{
    static const char *const urls[] = {"javascript:x", "https://a b",        "https://a|b", "https://a>b", "", "x",
                                       "https://a\"b", "https://\xc3\xb6.se"};

    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        rb_message_para(message);
        rb_message_link(message, urls[i], "label");
        ck_assert_int_eq(render_and_forget(), RB_E_SYNTAX);
    }
}
END_TEST

START_TEST(small_text_with_a_mention_is_rich_text)
{
    rb_message_say(message, "x");
    rb_message_small(message);
    rb_message_text(message, "by ");
    rb_message_user(message, "U1");
    (void)rendered();
    check_str(block(1), "type", "rich_text");
    check_str(root, "text", "x\nby <@U1>");
}
END_TEST

START_TEST(U3_the_plain_text_holds_every_fact_and_no_label)
{
    rb_message_say(message, "one");
    rb_message_rule(message);
    rb_message_small(message);
    rb_message_bold(message, "two ");
    rb_message_text(message, "three");
    rb_message_button(message, "go", "Press me", "v", RB_BUTTON_PLAIN);
    rb_message_say(message, "four");
    (void)rendered();
    check_str(root, "text", "one\ntwo three\nfour");
    check_str(block(1), "type", "divider");
    ck_assert_uint_eq(rb_json_count(rb_json_get(root, "blocks")), 5);
}
END_TEST

START_TEST(a_run_too_long_for_one_element_is_said_in_two)
{
    rb_message_say(message, chars(RB_SLACK_TEXT_MAX));
    (void)rendered();
    const rb_json *elements = rb_json_get(rb_json_at(rb_json_get(block(0), "elements"), 0), "elements");
    ck_assert_uint_eq(rb_json_count(elements), 1);
    rb_message_init(message);
    rb_message_say(message, chars(RB_SLACK_TEXT_MAX + 1));
    (void)rendered();
    elements = rb_json_get(rb_json_at(rb_json_get(block(0), "elements"), 0), "elements");
    ck_assert_uint_eq(rb_json_count(elements), 2);
    check_str(rb_json_at(elements, 0), "text", chars(RB_SLACK_TEXT_MAX));
    check_str(rb_json_at(elements, 1), "text", chars(1));
}
END_TEST

START_TEST(a_text_that_only_escapes_make_too_long_is_said_with_look_alikes)
{
    rb_message_say(message, chars(RB_MESSAGE_TEXT_MAX - 13));
    rb_message_text(message, "&<>");
    (void)rendered();
    ck_assert_ptr_nonnull(strstr(rb_json_str(root, "text").ptr, "&amp;&lt;&gt;"));
    rb_message_text(message, "1");
    (void)rendered();
    ck_assert_ptr_nonnull(strstr(rb_json_str(root, "text").ptr, "\xEF\xBC\x86\xE2\x80\xB9\xE2\x80\xBA"
                                                                "1"));
    ck_assert_ptr_nonnull(strstr(rb_buf_cstr(&out), "{\"type\":\"text\",\"text\":\"&<>\"}"));
    rb_message_text(message, "1234567890");
    ck_assert_int_eq(render(), RB_E_LIMIT);
}
END_TEST

START_TEST(empty_paragraphs_are_left_out)
{
    rb_message_para(message);
    rb_message_say(message, "x");
    rb_message_small(message);
    (void)rendered();
    ck_assert_uint_eq(rb_json_count(rb_json_get(root, "blocks")), 1);
}
END_TEST

START_TEST(a_message_that_says_nothing_is_refused)
{
    ck_assert_int_eq(render(), RB_E_SYNTAX);
    rb_message_button(message, "go", "Go", "v", RB_BUTTON_PLAIN);
    ck_assert_int_eq(render(), RB_E_SYNTAX);
}
END_TEST

START_TEST(the_marker_goes_into_the_metadata)
{
    rb_message_say(message, "x");
    (void)rendered();
    ck_assert_ptr_null(rb_json_get(root, "metadata"));
    (void)snprintf(message->marker_request, sizeof message->marker_request, "R-7K3F");
    message->marker_seq = 3;
    (void)rendered();
    ck_assert_ptr_nonnull(
        strstr(rb_buf_cstr(&out),
               "\"metadata\":{\"event_type\":\"resetbot\",\"event_payload\":{\"request\":\"R-7K3F\",\"seq\":3}}"));
}
END_TEST

/* ---- controls ---------------------------------------------------------------------------------------------------- */

START_TEST(a_button_carries_its_value_and_its_dialog)
{
    rb_message_say(message, "x");
    rb_control *button = rb_message_button(message, "approve", "Approve", "v1.x", RB_BUTTON_PRIMARY);
    rb_message_confirm(message, button, "Approve?", "iPhone 14", "Yes", "No");
    button = rb_message_button(message, "deny", "Deny", "", RB_BUTTON_DANGER);
    rb_message_confirm(message, button, "Deny?", "iPhone 14", "Yes", "No");
    ck_assert_ptr_nonnull(strstr(
        rendered(), "{\"type\":\"actions\",\"elements\":[{\"type\":\"button\",\"action_id\":\"approve\",\"text\":{"
                    "\"type\":\"plain_text\","
                    "\"emoji\":false,\"text\":\"Approve\"},\"value\":\"v1.x\",\"style\":\"primary\",\"confirm\":{"
                    "\"title\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":\"Approve?\"},"
                    "\"text\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":\"iPhone 14\"},"
                    "\"confirm\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":\"Yes\"},"
                    "\"deny\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":\"No\"}}},"
                    "{\"type\":\"button\",\"action_id\":\"deny\",\"text\":{\"type\":\"plain_text\",\"emoji\":false,"
                    "\"text\":\"Deny\"},"
                    "\"style\":\"danger\",\"confirm\":{"));
    const rb_json *deny = rb_json_at(rb_json_get(block(1), "elements"), 1);
    check_str(rb_json_get(deny, "confirm"), "style", "danger");
}
END_TEST

static void add_choice(unsigned n_options, const char *chosen)
{
    rb_message_choice(message, "holds", "Does the owner hold it?", "Choose", chosen);
    for (unsigned i = 0; i < n_options; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "v%u", i);
        rb_message_option(message, value, value);
    }
}

START_TEST(a_choice_of_four_shows_all_and_of_five_is_a_list)
{
    rb_message_say(message, "x");
    add_choice(4, "v2");
    (void)rendered();
    check_str(block(1), "type", "section");
    check_str(block(1), "block_id", "holds");
    check_str(rb_json_get(block(1), "text"), "text", "Does the owner hold it?");
    const rb_json *radio = rb_json_get(block(1), "accessory");
    check_str(radio, "type", "radio_buttons");
    check_str(radio, "action_id", "holds");
    ck_assert_ptr_null(rb_json_get(radio, "placeholder"));
    check_str(rb_json_get(radio, "initial_option"), "value", "v2");
    ck_assert_uint_eq(rb_json_count(rb_json_get(radio, "options")), 4);

    rb_message_init(message);
    rb_message_say(message, "x");
    add_choice(5, NULL);
    (void)rendered();
    const rb_json *list = rb_json_get(block(1), "accessory");
    check_str(list, "type", "static_select");
    check_str(rb_json_get(list, "placeholder"), "text", "Choose");
    ck_assert_ptr_null(rb_json_get(list, "initial_option"));
}
END_TEST

START_TEST(in_a_form_choices_and_inputs_are_answered_with_it)
{
    rb_message_form(message, "reset", "Reset", "Send", "Cancel", "secret state");
    add_choice(3, NULL);
    rb_message_input(message, "reason", "Reason", "Why?", "because", 500, true, true);
    ck_assert_str_eq(
        rendered(),
        "{\"type\":\"modal\",\"callback_id\":\"reset\",\"private_metadata\":\"secret state\","
        "\"title\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":\"Reset\"},"
        "\"submit\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":\"Send\"},"
        "\"close\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":\"Cancel\"},\"blocks\":["
        "{\"type\":\"input\",\"block_id\":\"holds\",\"optional\":false,\"label\":{\"type\":\"plain_text\",\"emoji\":"
        "false,"
        "\"text\":\"Does the owner hold "
        "it?\"},\"element\":{\"type\":\"radio_buttons\",\"action_id\":\"holds\",\"options\":["
        "{\"text\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":\"v0\"},\"value\":\"v0\"},"
        "{\"text\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":\"v1\"},\"value\":\"v1\"},"
        "{\"text\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":\"v2\"},\"value\":\"v2\"}]}},"
        "{\"type\":\"input\",\"block_id\":\"reason\",\"optional\":true,\"label\":{\"type\":\"plain_text\",\"emoji\":"
        "false,"
        "\"text\":\"Reason\"},\"element\":{\"type\":\"plain_text_input\",\"action_id\":\"reason\",\"multiline\":true,"
        "\"max_length\":500,\"initial_value\":\"because\",\"placeholder\":{\"type\":\"plain_text\",\"emoji\":false,"
        "\"text\":\"Why?\"}}}]}");
}
END_TEST

START_TEST(a_form_without_a_send_button_has_no_inputs)
{
    rb_message_form(message, "code", "Code", NULL, "Close", NULL);
    rb_message_say(message, "x");
    (void)rendered();
    ck_assert_ptr_null(rb_json_get(root, "submit"));
    rb_message_input(message, "reason", "Reason", NULL, NULL, 500, false, false);
    ck_assert_int_eq(render(), RB_E_SYNTAX);
}
END_TEST

START_TEST(an_input_outside_a_form_is_refused)
{
    rb_message_say(message, "x");
    rb_message_input(message, "reason", "Reason", NULL, NULL, 500, false, false);
    ck_assert_int_eq(render(), RB_E_SYNTAX);
}
END_TEST

START_TEST(ids_are_distinct_where_slack_wants_them_so)
{
    rb_message_say(message, "x");
    rb_message_button(message, "pick", "One", "1", RB_BUTTON_PLAIN);
    rb_message_say(message, "y");
    rb_message_button(message, "pick", "Two", "2", RB_BUTTON_PLAIN);
    ck_assert_int_eq(render(), RB_OK); /* rows of their own */
    rb_message_button(message, "pick", "Three", "3", RB_BUTTON_PLAIN);
    ck_assert_int_eq(render_and_forget(), RB_E_SYNTAX);

    rb_message_say(message, "x");
    add_choice(2, NULL);
    add_choice(2, NULL);
    ck_assert_int_eq(render_and_forget(), RB_E_SYNTAX);
}
END_TEST

START_TEST(a_choice_without_options_or_with_a_foreign_one_chosen_is_refused)
{
    rb_message_say(message, "x");
    add_choice(0, NULL);
    ck_assert_int_eq(render_and_forget(), RB_E_SYNTAX);
    rb_message_say(message, "x");
    add_choice(2, "v7");
    ck_assert_int_eq(render_and_forget(), RB_E_SYNTAX);
}
END_TEST

/* ---- limits: at the limit, and one past it --------------------------------------------------------------------------- */

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

static void add_text_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_paragraph_is_rich_text_and_said_in_plain_text);
    tcase_add_test(tcase, S7_strangers_text_stays_text);
    tcase_add_test(tcase, S7_bad_utf8_is_made_valid);
    tcase_add_test(tcase, S7_an_id_that_is_none_is_not_rendered);
    tcase_add_test(tcase, S7_a_link_that_is_not_ours_is_not_rendered);
    tcase_add_test(tcase, small_text_with_a_mention_is_rich_text);
    tcase_add_test(tcase, U3_the_plain_text_holds_every_fact_and_no_label);
    tcase_add_test(tcase, a_run_too_long_for_one_element_is_said_in_two);
    tcase_add_test(tcase, a_text_that_only_escapes_make_too_long_is_said_with_look_alikes);
    tcase_add_test(tcase, empty_paragraphs_are_left_out);
    tcase_add_test(tcase, a_message_that_says_nothing_is_refused);
    tcase_add_test(tcase, the_marker_goes_into_the_metadata);
}

static void add_control_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_button_carries_its_value_and_its_dialog);
    tcase_add_test(tcase, a_choice_of_four_shows_all_and_of_five_is_a_list);
    tcase_add_test(tcase, in_a_form_choices_and_inputs_are_answered_with_it);
    tcase_add_test(tcase, a_form_without_a_send_button_has_no_inputs);
    tcase_add_test(tcase, an_input_outside_a_form_is_refused);
    tcase_add_test(tcase, ids_are_distinct_where_slack_wants_them_so);
    tcase_add_test(tcase, a_choice_without_options_or_with_a_foreign_one_chosen_is_refused);
}

static void add_limit_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_limit_is_kept_and_one_past_it_is_refused, 0, N_LIMITS);
    tcase_add_test(tcase, a_payload_beyond_our_own_limit_is_refused);
    tcase_add_test(tcase, a_message_that_did_not_fit_is_not_rendered_in_part);
    tcase_add_test(tcase, a_buffer_that_is_too_small_says_so);
}

int main(void)
{
    static void (*const adders[])(TCase *) = {add_text_tests, add_control_tests, add_limit_tests};
    static const char *const names[] = {"text", "controls", "limits"};
    Suite *suite = suite_create("slack_render");

    for (size_t i = 0; i < sizeof adders / sizeof *adders; i++) {
        TCase *tcase = tcase_create(names[i]);
        tcase_add_checked_fixture(tcase, set_up, tear_down);
        adders[i](tcase);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
