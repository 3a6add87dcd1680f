/* slack_render_test.c - messages and forms become Block Kit: inert, and complete in plain text. */
#include "unit/slack_rendered.h"

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

/* 2026-03-02 14:02:10 UTC */
#define MOMENT INT64_C(1772460130000)

START_TEST(a_time_is_the_readers_own_in_blocks_and_utc_in_plain_text)
{
    rb_message_say(message, "until ");
    rb_message_time(message, MOMENT, RB_TIME_MINUTE);
    rb_message_text(message, ", since ");
    rb_message_time(message, MOMENT, RB_TIME_SECOND);
    rb_message_text(message, ", on ");
    rb_message_time(message, MOMENT, RB_TIME_DAY);
    ck_assert_str_eq(rendered(),
                     "{\"text\":\"until 2026-03-02 14:02 UTC, since 2026-03-02 14:02:10 UTC, on 2026-03-02 UTC\","
                     "\"blocks\":[{\"type\":\"rich_text\",\"elements\":[{\"type\":\"rich_text_section\",\"elements\":["
                     "{\"type\":\"text\",\"text\":\"until \"},"
                     "{\"type\":\"date\",\"timestamp\":1772460130,\"format\":\"{date_short_pretty} {time}\","
                     "\"fallback\":\"2026-03-02 14:02 UTC\"},"
                     "{\"type\":\"text\",\"text\":\", since \"},"
                     "{\"type\":\"date\",\"timestamp\":1772460130,\"format\":\"{date_num} {time_secs}\","
                     "\"fallback\":\"2026-03-02 14:02:10 UTC\"},"
                     "{\"type\":\"text\",\"text\":\", on \"},"
                     "{\"type\":\"date\",\"timestamp\":1772460130,\"format\":\"{date_short_pretty}\","
                     "\"fallback\":\"2026-03-02 UTC\"}]}]}]}");
}
END_TEST

START_TEST(what_is_to_be_copied_stands_in_a_frame_of_its_own)
{
    rb_message_say(message, "Send this on:");
    rb_message_copy(message);
    rb_message_text(message, "one\n");
    rb_message_text(message, "two & <three>");
    (void)rendered();
    check_str(root, "text", "Send this on:\none\ntwo &amp; &lt;three&gt;");
    const rb_json *frame = rb_json_at(rb_json_get(block(1), "elements"), 0);
    check_str(frame, "type", "rich_text_preformatted");
    check_str(rb_json_at(rb_json_get(frame, "elements"), 1), "text", "two & <three>");
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

static void add_text_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_paragraph_is_rich_text_and_said_in_plain_text);
    tcase_add_test(tcase, a_time_is_the_readers_own_in_blocks_and_utc_in_plain_text);
    tcase_add_test(tcase, what_is_to_be_copied_stands_in_a_frame_of_its_own);
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

int main(void)
{
    static const rendered_part parts[] = {{"text", add_text_tests}, {"controls", add_control_tests}};

    return run_rendered("slack_render", parts, sizeof parts / sizeof *parts);
}
