/* slack_told_test.c - what the codec makes of a form before it is sent, of a message shortcut, and of the Home tab. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack_codec.h"

static const rb_slack_self SELF = {.team = "T111", .enterprise = "E111", .bot_user = "UBOT", .bot_id = "BBOT"};
static const rb_now NOW = {.utc_ms = 1772460130000, .boot_ms = 5000};

static rb_slack_frame *frame;

static void set_up(void)
{
    frame = calloc(1, sizeof *frame);
    ck_assert_ptr_nonnull(frame);
}

static void tear_down(void)
{
    free(frame);
}

static const rb_delivery *read_payload(const char *payload)
{
    rb_buf text;

    rb_buf_init(&text, RB_FRAME_MAX);
    rb_buf_addf(&text, "{\"envelope_id\":\"e-1\",\"type\":\"interactive\",\"payload\":%s}", payload);
    rb_slack_decode(rb_buf_str(&text), &SELF, 7, NOW, frame);
    rb_buf_fini(&text);
    return &frame->delivery;
}

/* ---- what a form tells before it is sent --------------------------------------------------------------------------- */

#define VIEW_HEAD(TYPE)                                                                                                \
    "{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\",\"team_id\":\"T111\"},\"team\":{\"id\":\"T111\"},"            \
    "\"container\":{\"type\":\"view\",\"view_id\":\"V1\"},\"trigger_id\":\"9.9.t\",\"view\":{\"id\":\"V1\",\"type\":"  \
    "\"" TYPE "\",\"callback_id\":\"reset\",\"private_metadata\":\"1.f\",\"state\":{\"values\":{\"target_2\":{"        \
    "\"target\":{\"type\":"                                                                                            \
    "\"plain_text_input\",\"value\":\"adele@contoso.com\"}},\"reason\":{\"reason\":{\"type\":\"plain_text_input\","    \
    "\"value\":\"her PIN is 4711\"}}}}},"

START_TEST(enter_in_a_form_is_delivered_with_the_forms_data)
{
    const rb_delivery *out =
        read_payload(VIEW_HEAD("modal") "\"actions\":[{\"type\":\"plain_text_input\",\"action_id\":\"target\","
                                        "\"block_id\":\"target_2\",\"value\":\"adele@contoso.com\","
                                        "\"action_ts\":\"17.02\"}]}");

    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_int_eq(out->kind, RB_DELIVERY_CLICK);
    ck_assert_str_eq(out->action_id, "target");
    ck_assert_str_eq(out->view_id, "V1");
    ck_assert_str_eq(out->private_data, "1.f");
    ck_assert_str_eq(out->key, "click:U1::V1:17.02");
    ck_assert_uint_eq(out->n_fields, 2);
    ck_assert_str_eq(out->fields[0].name, "target");
    ck_assert_str_eq(out->fields[0].block, "target_2");
    ck_assert_str_eq(out->fields[0].value, "adele@contoso.com");
}
END_TEST

START_TEST(S7_a_passcode_in_a_form_does_not_leave_the_codec_with_a_press)
{
    /* also not where it is the value of what was entered */
    read_payload(VIEW_HEAD("modal") "\"actions\":[{\"type\":\"plain_text_input\",\"action_id\":\"reason\","
                                    "\"value\":\"her PIN is 4711\",\"action_ts\":\"17.02\"}]}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_str_eq(frame->delivery.fields[1].value, RB_SECRET_MARK);
    for (size_t i = 0; i + 4 <= sizeof frame->delivery; i++)
        ck_assert(memcmp((const char *)&frame->delivery + i, "4711", 4) != 0);
}
END_TEST

START_TEST(choosing_is_told_in_a_form_and_nowhere_else)
{
    static const char chosen[] = "\"actions\":[{\"type\":\"radio_buttons\",\"action_id\":\"person\","
                                 "\"selected_option\":{\"value\":\"x\"},\"action_ts\":\"17.02\"}]}";
    char text[2048];

    (void)snprintf(text, sizeof text, "%s%s", VIEW_HEAD("modal"), chosen);
    read_payload(text);
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_str_eq(frame->delivery.value, "");
    (void)snprintf(text, sizeof text, "%s%s", VIEW_HEAD("home"), chosen);
    read_payload(text);
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
}
END_TEST

START_TEST(a_block_that_cannot_be_ours_is_left_out)
{
    char text[1024];

    for (int len = RB_ACTION_ID_CAP - 1; len <= RB_ACTION_ID_CAP; len++) {
        (void)snprintf(
            text, sizeof text,
            "{\"type\":\"view_submission\",\"user\":{\"id\":\"U1\",\"team_id\":\"T111\"},\"view\":{\"id\":\"V1\","
            "\"state\":{\"values\":{\"%0*d\":{\"reason\":{\"type\":\"plain_text_input\",\"value\":\"x\"}}}}}}",
            len, 1);
        const rb_delivery *out = read_payload(text);
        ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
        ck_assert_uint_eq(strlen(out->fields[0].block), len < RB_ACTION_ID_CAP ? (size_t)len : 0);
    }
}
END_TEST

/* ---- shortcuts ----------------------------------------------------------------------------------------------------- */

/* message is what stands in the message besides its type. */
static const rb_delivery *read_shortcut(const char *callback, const char *message)
{
    char text[4096];

    (void)snprintf(
        text, sizeof text,
        "{\"type\":\"message_action\",\"token\":\"x\",\"callback_id\":\"%s\",\"trigger_id\":\"9.9.t\","
        "\"response_url\":\"https://hooks.slack.com/app/1\",\"action_ts\":\"17.02\",\"message_ts\":"
        "\"17.01\",\"user\":{\"id\":\"U1\",\"name\":\"bob\",\"team_id\":\"T111\"},\"team\":{\"id\":\"T111\"},"
        "\"channel\":{\"id\":\"C1\",\"name\":\"desk\"},\"message\":{\"type\":\"message\",%s}}",
        callback, message);
    return read_payload(text);
}

#define OURS "reset_from_message"

START_TEST(a_shortcut_is_delivered_with_whom_its_message_names)
{
    const rb_delivery *out = read_shortcut(OURS, "\"user\":\"U5\",\"text\":\"<@U7|adele> cannot get in, see a@b.se\"");

    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_int_eq(out->kind, RB_DELIVERY_SHORTCUT);
    ck_assert_str_eq(out->who.user, "U1");
    ck_assert_str_eq(out->who.team, "T111");
    ck_assert_str_eq(out->channel, "C1");
    ck_assert_str_eq(out->trigger_id, "9.9.t");
    ck_assert_str_eq(out->response_url, "https://hooks.slack.com/app/1");
    ck_assert_str_eq(out->callback, OURS);
    ck_assert_str_eq(out->key, "shortcut:U1:C1:17.01:17.02");
    ck_assert_str_eq(out->text, "<@U7>");
}
END_TEST

START_TEST(a_shortcut_names_a_mention_then_an_address_then_the_author)
{
    static const struct {
        const char *message, *named;
    } cases[] = {
        {"\"user\":\"U5\",\"text\":\"<@UBOT> mail a.b@c.se, or <@U7>: please\"", "<@U7>"},
        {"\"user\":\"U5\",\"text\":\"(<mailto:adele@contoso.com|adele@contoso.com>).\"", "adele@contoso.com"},
        {"\"user\":\"U5\",\"text\":\"write to adele.v@contoso.com.\"", "adele.v@contoso.com"},
        {"\"user\":\"U5\",\"text\":\"locked out @ noon, P@ss, @adele\"", "<@U5>"},
        {"\"user\":\"U5\"", "<@U5>"},
        {"\"user\":\"U5\",\"text\":\"&lt;@U7&gt; is how it is written\"", "<@U5>"},
        {"\"user\":\"U5\",\"bot_id\":\"B1\",\"text\":\"a ticket\"", ""},
        {"\"bot_id\":\"B1\",\"text\":\"<@U7> has a ticket\"", "<@U7>"},
        {"\"text\":\"nobody\"", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const rb_delivery *out = read_shortcut(OURS, cases[i].message);
        ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
        ck_assert_msg(strcmp(out->text, cases[i].named) == 0, "%s: %s", cases[i].message, out->text);
    }
}
END_TEST

START_TEST(S7_nothing_else_of_a_shortcuts_message_leaves_the_codec)
{
    read_shortcut(OURS, "\"user\":\"U5\",\"text\":\"her PIN is 4711\"");
    for (size_t i = 0; i + 4 <= sizeof frame->delivery; i++)
        ck_assert(memcmp((const char *)&frame->delivery + i, "4711", 4) != 0);
}
END_TEST

START_TEST(a_shortcut_that_is_not_ours_is_acked_and_no_more)
{
    read_shortcut("other", "\"user\":\"U5\"");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
}
END_TEST

/* ---- the Home tab ------------------------------------------------------------------------------------------------- */

START_TEST(a_button_in_the_home_tab_says_so_and_names_no_place)
{
    const rb_delivery *out = read_payload(
        "{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\",\"team_id\":\"T111\"},\"team\":{\"id\":\"T111\"},"
        "\"trigger_id\":\"9.9.t\",\"container\":{\"type\":\"view\",\"view_id\":\"V1\"},\"view\":{\"id\":\"V1\","
        "\"type\":"
        "\"home\",\"callback_id\":\"\",\"private_metadata\":\"\",\"state\":{\"values\":{}}},"
        "\"actions\":[{\"type\":\"button\",\"action_id\":\"show\",\"value\":\"x\",\"action_ts\":\"17.02\"}]}");

    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert(out->is_home);
    ck_assert_str_eq(out->view_id, "V1");
    ck_assert_str_eq(out->channel, "");
    ck_assert_str_eq(out->response_url, "");
    ck_assert_str_eq(out->trigger_id, "9.9.t");
    out = read_payload(
        "{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\",\"team_id\":\"T111\"},\"team\":{\"id\":\"T111\"},"
        "\"container\":{\"type\":\"view\",\"view_id\":\"V2\"},\"view\":{\"id\":\"V2\",\"type\":\"modal\"},\"actions\":["
        "{\"type\":\"button\","
        "\"action_id\":\"show\",\"value\":\"x\",\"action_ts\":\"17.02\"}]}");
    ck_assert(!out->is_home);
}
END_TEST

static void read_opening(const char *team, const char *tab, const char *more)
{
    char text[512];

    (void)snprintf(
        text, sizeof text,
        "{\"envelope_id\":\"e-1\",\"type\":\"events_api\",\"retry_attempt\":1,\"payload\":{\"type\":"
        "\"event_callback\",\"team_id\":\"%s\",\"event_id\":\"Ev01\",\"event\":{\"type\":\"app_home_opened\","
        "\"user\":\"U1\",\"channel\":\"D1\",\"tab\":\"%s\"%s}}}",
        team, tab, more);
    rb_slack_decode(rb_str_of(text), &SELF, 7, NOW, frame);
}

START_TEST(an_opening_of_the_home_tab_is_delivered)
{
    const rb_delivery *out = &frame->delivery;

    read_opening("T111", "home", "");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_int_eq(out->kind, RB_DELIVERY_HOME);
    ck_assert_str_eq(out->who.team, "T111");
    ck_assert_str_eq(out->who.user, "U1");
    ck_assert_str_eq(out->key, "home:Ev01");
    ck_assert_str_eq(out->envelope_id, "e-1");
    ck_assert_str_eq(out->view_id, "");
    ck_assert(!out->is_other_workspace);
    read_opening("T111", "home", ",\"view\":{\"id\":\"V1\",\"type\":\"home\"}");
    ck_assert_str_eq(out->view_id, "V1");
}
END_TEST

START_TEST(S1_an_opening_in_another_workspace_is_flagged)
{
    read_opening("T999", "home", "");
    ck_assert(frame->delivery.is_other_workspace);
}
END_TEST

START_TEST(an_opening_of_the_messages_tab_or_without_a_person_is_acked_and_no_more)
{
    read_opening("T111", "messages", "");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
    read_opening("", "home", "");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
    ck_assert_str_eq(frame->envelope_id, "e-1");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slack_told");
    TCase *tcase = tcase_create("slack_told");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, enter_in_a_form_is_delivered_with_the_forms_data);
    tcase_add_test(tcase, S7_a_passcode_in_a_form_does_not_leave_the_codec_with_a_press);
    tcase_add_test(tcase, choosing_is_told_in_a_form_and_nowhere_else);
    tcase_add_test(tcase, a_block_that_cannot_be_ours_is_left_out);
    tcase_add_test(tcase, a_shortcut_is_delivered_with_whom_its_message_names);
    tcase_add_test(tcase, a_shortcut_names_a_mention_then_an_address_then_the_author);
    tcase_add_test(tcase, S7_nothing_else_of_a_shortcuts_message_leaves_the_codec);
    tcase_add_test(tcase, a_shortcut_that_is_not_ours_is_acked_and_no_more);
    tcase_add_test(tcase, a_button_in_the_home_tab_says_so_and_names_no_place);
    tcase_add_test(tcase, an_opening_of_the_home_tab_is_delivered);
    tcase_add_test(tcase, S1_an_opening_in_another_workspace_is_flagged);
    tcase_add_test(tcase, an_opening_of_the_messages_tab_or_without_a_person_is_acked_and_no_more);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
