/* slack_codec_test.c - Socket Mode frames become deliveries; acknowledgements become frames. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/json.h"
#include "chat/slack_codec.h"
#include "chat/slack_text.h"

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

static const rb_delivery *read_frame(const char *text)
{
    rb_slack_decode(rb_str_of(text), &SELF, 7, NOW, frame);
    return &frame->delivery;
}

/* An interactive envelope around a payload. */
static const rb_delivery *read_payload(const char *payload)
{
    rb_buf text;

    rb_buf_init(&text, RB_FRAME_MAX);
    rb_buf_addf(&text, "{\"envelope_id\":\"e-1\",\"type\":\"interactive\",\"payload\":%s}", payload);
    read_frame(rb_buf_cstr(&text));
    rb_buf_fini(&text);
    return &frame->delivery;
}

static void make_command(rb_buf *out, const char *text)
{
    rb_buf_init(out, RB_FRAME_MAX);
    rb_buf_adds(out,
                "{\"envelope_id\":\"e-1\",\"type\":\"slash_commands\",\"payload\":{\"team_id\":\"T111\",\"user_id\":"
                "\"U1\",\"user_name\":\"hanna\",\"command\":\"/passcode\",\"channel_id\":\"C1\",\"trigger_id\":"
                "\"1.2.abc\",\"response_url\":\"https://hooks.slack.com/commands/T111/1/x\",\"text\":");
    rb_json_write(out, rb_str_of(text));
    rb_buf_adds(out, "}}");
}

static const rb_delivery *read_command(const char *text)
{
    rb_buf json;

    make_command(&json, text);
    read_frame(rb_buf_cstr(&json));
    rb_buf_fini(&json);
    return &frame->delivery;
}

/* ---- frames that are no envelopes -------------------------------------------------------------------------------- */

START_TEST(hello_says_how_many_connections_and_how_long_they_live)
{
    read_frame("{\"type\":\"hello\",\"num_connections\":4,\"debug_info\":{\"host\":\"a\",\"approximate_connection_"
               "time\":18060},"
               "\"connection_info\":{\"app_id\":\"A1\"}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_HELLO);
    ck_assert_uint_eq(frame->num_connections, 4);
    ck_assert_int_eq(frame->life_ms, 18060000);
}
END_TEST

START_TEST(a_hello_with_odd_numbers_says_nothing)
{
    read_frame("{\"type\":\"hello\",\"num_connections\":-4,\"debug_info\":{\"approximate_connection_time\":\"long\"}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_HELLO);
    ck_assert_uint_eq(frame->num_connections, 0);
    ck_assert_int_eq(frame->life_ms, 0);
}
END_TEST

START_TEST(each_reason_to_disconnect_is_told_apart)
{
    static const struct {
        const char *reason;
        rb_slack_bye bye;
    } rows[] = {{"warning", RB_SLACK_BYE_WARNING},
                {"refresh_requested", RB_SLACK_BYE_REFRESH},
                {"link_disabled", RB_SLACK_BYE_LINK_DISABLED},
                {"too_many_websockets", RB_SLACK_BYE_TOO_MANY},
                {"spring_cleaning", RB_SLACK_BYE_OTHER}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "{\"type\":\"disconnect\",\"reason\":\"%s\"}", rows[i].reason);
        read_frame(text);
        ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DISCONNECT);
        ck_assert_int_eq(frame->bye, rows[i].bye);
        ck_assert_str_eq(frame->what, rows[i].reason);
    }
}
END_TEST

START_TEST(what_is_no_json_object_is_garbage)
{
    static const char *const texts[] = {"",
                                        "null",
                                        "[]",
                                        "\"hello\"",
                                        "{\"type\":\"hello\"",
                                        "{} {}",
                                        "{\"a\":1,}",
                                        "\xff\xfe",
                                        "{\"type\":\"hello\"}x"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        read_frame(texts[i]);
        ck_assert_msg(frame->kind == RB_SLACK_FRAME_GARBAGE, "%s", texts[i]);
    }
}
END_TEST

START_TEST(nesting_without_end_is_garbage)
{
    char text[20001];

    memset(text, '[', 20000);
    text[20000] = '\0';
    read_frame(text);
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_GARBAGE);
}
END_TEST

START_TEST(a_type_from_the_future_is_unknown_and_its_envelope_is_acked)
{
    read_frame("{\"type\":\"weather\",\"payload\":{}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_UNKNOWN);
    read_frame("{\"envelope_id\":\"e-1\",\"type\":\"weather\",\"payload\":{}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
    ck_assert_str_eq(frame->envelope_id, "e-1");
}
END_TEST

START_TEST(events_and_shortcuts_are_acked_and_no_more)
{
    read_frame("{\"envelope_id\":\"e-1\",\"type\":\"events_api\",\"payload\":{\"type\":\"event_callback\"}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
    read_payload("{\"type\":\"shortcut\",\"user\":{\"id\":\"U1\"}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
    read_payload("{\"type\":\"view_closed\",\"user\":{\"id\":\"U1\"}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
}
END_TEST

START_TEST(an_envelope_id_that_does_not_fit_is_not_cut)
{
    char text[256];

    (void)snprintf(text, sizeof text, "{\"envelope_id\":\"%064d\",\"type\":\"slash_commands\",\"payload\":{}}", 1);
    read_frame(text);
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_UNKNOWN);
}
END_TEST

/* ---- commands ---------------------------------------------------------------------------------------------------- */

START_TEST(a_command_is_delivered_whole)
{
    const rb_delivery *out = read_command("reset adele@contoso.com locked out INC0012345");

    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_int_eq(out->kind, RB_DELIVERY_COMMAND);
    ck_assert_str_eq(out->text, "reset adele@contoso.com locked out INC0012345");
    ck_assert_str_eq(out->command, "/passcode");
    ck_assert_str_eq(out->who.team, "T111");
    ck_assert_str_eq(out->who.user, "U1");
    ck_assert_str_eq(out->user_name, "hanna");
    ck_assert_str_eq(out->channel, "C1");
    ck_assert_str_eq(out->trigger_id, "1.2.abc");
    ck_assert_str_eq(out->response_url, "https://hooks.slack.com/commands/T111/1/x");
    ck_assert_str_eq(out->envelope_id, "e-1");
    ck_assert_str_eq(out->key, "slash:1.2.abc");
    ck_assert_uint_eq(out->conn, 7);
    ck_assert_int_eq(out->received_boot_ms, 5000);
    ck_assert_int_eq(out->received_utc_ms, 1772460130000);
    ck_assert(!out->is_other_workspace);
}
END_TEST

START_TEST(escaped_text_reads_as_it_was_typed)
{
    static const char *const rows[][2] = {
        {"a &amp; b &lt;c&gt; &amp;lt; &nbsp; &", "a & b <c> &lt; &nbsp; &"},
        {"reset <@U012AB3CD|adele>", "reset <@U012AB3CD>"},
        {"reset <@U012AB3CD>", "reset <@U012AB3CD>"},
        {"<mailto:adele@contoso.com|adele@contoso.com> x", "adele@contoso.com x"},
        {"<https://contoso.com|contoso.com>", "contoso.com"},
        {"<https://contoso.com/a?b&amp;c>", "https://contoso.com/a?b&c"},
        {"<#C012|help&amp;desk> <#C012>", "#help&desk #C012"},
        {"<!here> <!subteam^S1|@desk> <!subteam^S1>", "@here @desk @subteam^S1"},
        {"<!date^1392734382^{date}|Feb 18>", "Feb 18"},
        {"a < b", "a < b"},
        {"<>", "<>"},
        {"<<@U1>", "<<@U1>"},
        {"<@U1|<b>", "<@U1|b"},
        {"<@../etc>", "@../etc"},
        {"caf\xc3\xa9 \xe2\x80\x9cquoted\xe2\x80\x9d", "caf\xc3\xa9 \xe2\x80\x9cquoted\xe2\x80\x9d"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rb_buf out;
        rb_buf_init(&out, 1000);
        rb_slack_unescape(&out, rb_str_of(rows[i][0]));
        ck_assert_str_eq(rb_buf_cstr(&out), rows[i][1]);
        rb_buf_fini(&out);
    }
}
END_TEST

START_TEST(bad_utf8_becomes_replacement_characters)
{
    rb_buf json;

    rb_buf_init(&json, 4000);
    rb_buf_adds(&json,
                "{\"envelope_id\":\"e-1\",\"type\":\"slash_commands\",\"payload\":{\"team_id\":\"T111\",\"user_id\":"
                "\"U1\",\"command\":\"/passcode\",\"text\":\"a\xff\xc3(\\u0000b \\ud800c\"}}");
    read_frame(rb_buf_cstr(&json));
    rb_buf_fini(&json);
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_str_eq(frame->delivery.text, "a\xef\xbf\xbd\xef\xbf\xbd(b \xef\xbf\xbd"
                                           "c");
}
END_TEST

/* 4,000 characters of four bytes each. */
START_TEST(text_at_the_limit_is_delivered_and_one_past_it_is_refused)
{
    static char text[RB_COMMAND_TEXT_CAP + 8];

    for (size_t i = 0; i < RB_COMMAND_TEXT_CAP - 1; i += 4)
        memcpy(text + i, "\xf0\x9f\x94\x92", 4);
    ck_assert_uint_eq(strlen(read_command(text)->text), RB_COMMAND_TEXT_CAP - 1);
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    text[RB_COMMAND_TEXT_CAP - 1] = 'x';
    read_command(text);
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_REFUSED);
    ck_assert_int_eq(frame->refusal.kind, RB_ACK_TEXT);
    ck_assert_ptr_nonnull(strstr(frame->refusal.text, "Nothing was done"));
    ck_assert_str_eq(frame->delivery.text, "");
}
END_TEST

START_TEST(S7_a_passcode_in_a_commands_reason_does_not_leave_the_codec)
{
    ck_assert_str_eq(read_command("reset adele@contoso.com her pin is 4711")->text,
                     "reset adele@contoso.com " RB_SECRET_MARK);
    /* what is behind the mark must not hold it either: the delivery is copied as a whole */
    for (size_t i = 0; i + 4 <= sizeof frame->delivery.text; i++)
        ck_assert(memcmp(frame->delivery.text + i, "4711", 4) != 0);
}
END_TEST

START_TEST(S7_odd_spaces_do_not_hide_a_passcode)
{
    ck_assert_str_eq(read_command("reset\xc2\xa0"
                                  "adele@contoso.com\xc2\xa0"
                                  "code:\xe2\x80\x83"
                                  "a1B2c3D4")
                         ->text,
                     "reset adele@contoso.com " RB_SECRET_MARK);
}
END_TEST

START_TEST(S7_an_ordinary_reason_and_a_serial_number_stay)
{
    ck_assert_str_eq(read_command("reset 990001862471854 locked out INC0012345")->text,
                     "reset 990001862471854 locked out INC0012345");
    ck_assert_str_eq(read_command("reset  two  spaces")->text, "reset  two  spaces");
}
END_TEST

START_TEST(a_command_of_another_workspace_is_flagged)
{
    read_frame(
        "{\"envelope_id\":\"e-1\",\"type\":\"slash_commands\",\"payload\":{\"team_id\":\"T999\",\"user_id\":\"U1\","
        "\"command\":\"/passcode\",\"text\":\"help\"}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert(frame->delivery.is_other_workspace);
    ck_assert_str_eq(frame->delivery.key, "slash:e-1");
}
END_TEST

START_TEST(R1_a_command_that_cannot_be_read_is_not_acked)
{
    static const char *const texts[] = {
        "{\"envelope_id\":\"e-1\",\"type\":\"slash_commands\",\"payload\":{\"team_id\":\"T1\",\"command\":\"/p\"}}",
        "{\"envelope_id\":\"e-1\",\"type\":\"slash_commands\",\"payload\":{\"team_id\":null,\"user_id\":\"U1\"}}",
        "{\"envelope_id\":\"e-1\",\"type\":\"slash_commands\",\"payload\":{\"team_id\":\"T1\",\"user_id\":[\"U1\"]}}",
        "{\"envelope_id\":\"e-1\",\"type\":\"slash_commands\",\"payload\":\"text\"}",
        "{\"envelope_id\":\"e-1\",\"type\":\"slash_commands\"}",
        ("{\"envelope_id\":\"e-1\",\"type\":\"slash_commands\",\"payload\":{\"team_id\":\"T1\",\"user_id\":"
         "\"U12345678901234567890123456789012\"}}"),
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        read_frame(texts[i]);
        ck_assert_msg(frame->kind == RB_SLACK_FRAME_UNREADABLE, "%s", texts[i]);
    }
}
END_TEST

START_TEST(R1_what_does_not_say_what_it_is_is_not_acked)
{
    static const char *const texts[] = {
        "{\"envelope_id\":\"e-1\",\"payload\":{}}",
        "{\"envelope_id\":\"e-1\",\"type\":7,\"payload\":{\"team_id\":\"T1\",\"user_id\":\"U1\",\"command\":\"/p\"}}",
        "{\"envelope_id\":\"e-1\",\"type\":\"interactive\",\"payload\":{\"type\":7,\"user\":{\"id\":\"U1\"}}}",
        ("{\"envelope_id\":\"e-1\",\"type\":\"interactive\",\"payload\":{\"type\":\"block_actions\",\"user\":{\"id\":"
         "\"U1\"},"
         "\"actions\":7}}"),
        ("{\"envelope_id\":\"e-1\",\"type\":\"interactive\",\"payload\":{\"type\":\"block_actions\",\"user\":{\"id\":"
         "\"U1\"},"
         "\"actions\":[{\"type\":7,\"value\":\"v\"}]}}"),
        ("{\"envelope_id\":\"e-1\",\"type\":\"interactive\",\"payload\":{\"type\":\"view_submission\",\"user\":7,"
         "\"view\":{\"id\":\"V1\"}}}"),
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        read_frame(texts[i]);
        ck_assert_msg(frame->kind == RB_SLACK_FRAME_UNREADABLE, "%s", texts[i]);
    }
}
END_TEST

/* ---- clicks ------------------------------------------------------------------------------------------------------ */

#define CLICK_HEAD                                                                                                     \
    "{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\",\"name\":\"bob\",\"team_id\":\"T111\"},\"team\":{\"id\":"     \
    "\"T111\"},"                                                                                                       \
    "\"trigger_id\":\"9.9.t\",\"response_url\":\"https://hooks.slack.com/actions/1\","                                 \
    "\"container\":{\"type\":\"message\",\"message_ts\":\"17.01\",\"channel_id\":\"C1\",\"is_ephemeral\":true},"

START_TEST(a_button_is_delivered_with_the_state_of_its_message)
{
    const rb_delivery *out =
        read_payload(CLICK_HEAD "\"state\":{\"values\":{\"verified\":{\"verified\":{\"type\":\"radio_buttons\","
                                "\"selected_option\":{\"value\":\"video\"}}},"
                                "\"holds\":{\"holds\":{\"type\":\"static_select\",\"selected_option\":null}}}},"
                                "\"actions\":[{\"type\":\"button\",\"action_id\":\"send\",\"block_id\":\"b\",\"value\":"
                                "\"v1.R-7K3F\",\"action_ts\":\"17.02\"}]}");

    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_int_eq(out->kind, RB_DELIVERY_CLICK);
    ck_assert_str_eq(out->action_id, "send");
    ck_assert_str_eq(out->value, "v1.R-7K3F");
    ck_assert_str_eq(out->message_ts, "17.01");
    ck_assert_str_eq(out->channel, "C1");
    ck_assert(out->is_private_message);
    ck_assert_str_eq(out->key, "click:U1:C1:17.01:17.02");
    ck_assert_str_eq(out->trigger_id, "9.9.t");
    ck_assert_uint_eq(out->n_fields, 2);
    ck_assert_str_eq(out->fields[0].name, "verified");
    ck_assert_str_eq(out->fields[0].value, "video");
    ck_assert_str_eq(out->fields[1].name, "holds");
    ck_assert_str_eq(out->fields[1].value, "");
    ck_assert(!out->is_other_workspace);
}
END_TEST

START_TEST(choosing_in_a_list_is_acked_and_not_delivered)
{
    read_payload(CLICK_HEAD
                 "\"actions\":[{\"type\":\"static_select\",\"action_id\":\"holds\",\"selected_option\":{\"value\":"
                 "\"yes\"},\"action_ts\":\"17.02\"}]}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
    read_payload(CLICK_HEAD "\"actions\":[{\"type\":\"radio_buttons\",\"action_id\":\"holds\"}]}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
    read_payload(CLICK_HEAD "\"actions\":[]}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_IDLE);
}
END_TEST

START_TEST(S1_a_click_by_an_outsider_is_flagged)
{
    const rb_delivery *out = read_payload(
        "{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\",\"team_id\":\"T999\"},\"team\":{\"id\":\"T111\"},"
        "\"container\":{\"message_ts\":\"17.01\",\"channel_id\":\"C1\"},"
        "\"actions\":[{\"type\":\"button\",\"action_id\":\"approve\",\"value\":\"x\",\"action_ts\":\"17.02\"}]}");

    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert(out->is_other_workspace);
    ck_assert_str_eq(out->who.team, "T999");
}
END_TEST

START_TEST(a_button_in_a_form_carries_the_forms_data)
{
    const rb_delivery *out = read_payload(
        "{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\",\"team_id\":\"T111\"},\"team\":null,\"container\":{"
        "\"type\":\"view\","
        "\"view_id\":\"V1\"},\"view\":{\"id\":\"V1\",\"callback_id\":\"code\",\"private_metadata\":\"p\",\"state\":{"
        "\"values\":{}}},"
        "\"actions\":[{\"type\":\"button\",\"action_id\":\"blank\",\"value\":\"x\",\"action_ts\":\"17.02\"}]}");

    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_str_eq(out->view_id, "V1");
    ck_assert_str_eq(out->callback, "code");
    ck_assert_str_eq(out->private_data, "p");
    ck_assert_str_eq(out->key, "click:U1::V1:17.02");
}
END_TEST

START_TEST(a_button_value_at_the_limit_is_whole_and_a_longer_one_is_not_delivered)
{
    rb_buf payload;

    for (size_t extra = 0; extra < 2; extra++) {
        rb_buf_init(&payload, 20000);
        rb_buf_adds(&payload, CLICK_HEAD
                    "\"actions\":[{\"type\":\"button\",\"action_id\":\"a\",\"action_ts\":\"1.2\",\"value\":\"");
        for (size_t i = 0; i < RB_ACTION_VALUE_CAP - 1 + extra; i++)
            rb_buf_adds(&payload, "v");
        rb_buf_adds(&payload, "\"}]}");
        read_payload(rb_buf_cstr(&payload));
        ck_assert_int_eq(frame->kind, extra ? RB_SLACK_FRAME_UNREADABLE : RB_SLACK_FRAME_DELIVERY);
        rb_buf_fini(&payload);
    }
}
END_TEST

/* ---- forms ------------------------------------------------------------------------------------------------------- */

/* values is the content of state.values. */
static const rb_delivery *read_form(const char *values)
{
    rb_buf payload;

    rb_buf_init(&payload, RB_FRAME_MAX);
    rb_buf_addf(
        &payload,
        "{\"type\":\"view_submission\",\"user\":{\"id\":\"U1\",\"team_id\":\"T111\"},\"team\":{\"id\":\"T111\"},"
        "\"trigger_id\":\"9.9.t\",\"view\":{\"id\":\"V1\",\"callback_id\":\"deny\",\"private_metadata\":\"R-7K3F\","
        "\"hash\":\"16.h\",\"app_installed_team_id\":\"T111\",\"state\":{\"values\":{%s}}}}",
        values);
    read_payload(rb_buf_cstr(&payload));
    rb_buf_fini(&payload);
    return &frame->delivery;
}

START_TEST(a_form_is_delivered_with_its_fields)
{
    const rb_delivery *out =
        read_form("\"reason\":{\"reason\":{\"type\":\"plain_text_input\",\"value\":\"not the owner\"}},"
                  "\"note\":{\"note\":{\"type\":\"plain_text_input\",\"value\":null}}");

    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_int_eq(out->kind, RB_DELIVERY_FORM);
    ck_assert_str_eq(out->callback, "deny");
    ck_assert_str_eq(out->private_data, "R-7K3F");
    ck_assert_str_eq(out->view_id, "V1");
    ck_assert_str_eq(out->key, "form:V1:16.h:9.9.t");
    ck_assert_uint_eq(out->n_fields, 2);
    ck_assert_str_eq(out->fields[0].value, "not the owner");
    ck_assert_str_eq(out->fields[0].block, "reason");
    ck_assert_str_eq(out->fields[1].name, "note");
    ck_assert_str_eq(out->fields[1].value, "");
}
END_TEST

START_TEST(S7_a_passcode_in_a_forms_reason_does_not_leave_the_codec)
{
    const rb_delivery *out =
        read_form("\"reason\":{\"reason\":{\"type\":\"plain_text_input\",\"value\":\"her PIN is 4711\"}}");

    ck_assert_str_eq(out->fields[0].value, RB_SECRET_MARK);
    for (size_t i = 0; i + 4 <= sizeof frame->delivery; i++)
        ck_assert(memcmp((const char *)&frame->delivery + i, "4711", 4) != 0);
}
END_TEST

START_TEST(a_field_that_is_too_long_is_refused_at_that_field)
{
    rb_buf values;

    for (size_t extra = 0; extra < 2; extra++) {
        rb_buf_init(&values, 20000);
        rb_buf_adds(&values, "\"why\":{\"reason\":{\"type\":\"plain_text_input\",\"value\":\"");
        for (size_t i = 0; i < RB_FORM_VALUE_CAP - 1 + extra; i++)
            rb_buf_adds(&values, "v");
        rb_buf_adds(&values, "\"}}");
        read_form(rb_buf_cstr(&values));
        ck_assert_int_eq(frame->kind, extra ? RB_SLACK_FRAME_REFUSED : RB_SLACK_FRAME_DELIVERY);
        rb_buf_fini(&values);
    }
    ck_assert_int_eq(frame->refusal.kind, RB_ACK_FORM_ERROR);
    ck_assert_str_eq(frame->refusal.field, "why");
}
END_TEST

START_TEST(more_fields_than_ours_ever_have_are_refused)
{
    rb_buf values;

    for (int extra = 0; extra < 2; extra++) {
        rb_buf_init(&values, 20000);
        for (int i = 0; i < RB_FORM_FIELDS_MAX + extra; i++)
            rb_buf_addf(&values, "%s\"b%d\":{\"f%d\":{\"type\":\"plain_text_input\",\"value\":\"x\"}}", i ? "," : "", i,
                        i);
        read_form(rb_buf_cstr(&values));
        ck_assert_int_eq(frame->kind, extra ? RB_SLACK_FRAME_REFUSED : RB_SLACK_FRAME_DELIVERY);
        rb_buf_fini(&values);
    }
}
END_TEST

/* Found by fuzzing: names went out as they came. */
START_TEST(a_field_whose_name_is_no_id_of_ours_is_refused)
{
    read_form("\"b\":{\"\xff\xff\":{\"type\":\"plain_text_input\",\"value\":\"x\"}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_REFUSED);
    read_form("\"b\":{\"na\\nme\":{\"type\":\"plain_text_input\",\"value\":\"x\"}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_REFUSED);
}
END_TEST

START_TEST(S1_a_form_from_another_workspace_is_flagged)
{
    read_payload(
        "{\"type\":\"view_submission\",\"user\":{\"id\":\"U1\",\"team_id\":\"T999\"},\"team\":{\"id\":\"T999\"},"
        "\"view\":{\"id\":\"V1\",\"app_installed_team_id\":\"T111\",\"state\":{\"values\":{}}}}");
    ck_assert_int_eq(frame->kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert(frame->delivery.is_other_workspace);
}
END_TEST

START_TEST(a_key_that_would_be_too_long_is_hashed_and_stays_unique)
{
    char first[RB_KEY_CAP];
    char text[512];

    for (int i = 0; i < 2; i++) {
        (void)snprintf(
            text, sizeof text,
            "{\"envelope_id\":\"e\",\"type\":\"interactive\",\"payload\":{\"type\":\"view_submission\",\"user\":{"
            "\"id\":"
            "\"U1\",\"team_id\":\"T1\"},\"trigger_id\":\"%0120d\",\"view\":{\"id\":\"V1\",\"hash\":\"%060d\"}}}",
            i, 1);
        read_frame(text);
        ck_assert_uint_eq(strlen(frame->delivery.key), 64);
        if (i == 0)
            (void)snprintf(first, sizeof first, "%s", frame->delivery.key);
    }
    ck_assert_str_ne(first, frame->delivery.key);
}
END_TEST

/* ---- acknowledgements -------------------------------------------------------------------------------------------- */

static rb_buf written;

static const char *write_ack(rb_ack_kind kind, const char *text, const char *field)
{
    rb_ack ack = {.kind = kind, .text = text, .field = field};

    rb_buf_fini(&written);
    rb_buf_init(&written, RB_FRAME_MAX);
    rb_slack_write_ack(&written, &frame->delivery, &ack);
    return rb_buf_cstr(&written);
}

START_TEST(acks_are_written_as_slack_reads_them)
{
    read_form("\"why\":{\"reason\":{\"type\":\"plain_text_input\",\"value\":\"x\"}}");
    ck_assert_str_eq(write_ack(RB_ACK_PLAIN, NULL, NULL), "{\"envelope_id\":\"e-1\"}");
    ck_assert_str_eq(write_ack(RB_ACK_FORM_ERROR, "Say \"why\".", "why"),
                     "{\"envelope_id\":\"e-1\",\"payload\":{\"response_action\":\"errors\",\"errors\":{\"why\":\"Say "
                     "\\\"why\\\".\"}}}");
    rb_buf_fini(&written);
}
END_TEST

START_TEST(a_form_error_without_a_field_goes_to_the_first_one)
{
    read_form("\"why\":{\"reason\":{\"type\":\"plain_text_input\",\"value\":\"x\"}}");
    ck_assert_ptr_nonnull(strstr(write_ack(RB_ACK_FORM_ERROR, "Not now.", NULL), "\"errors\":{\"why\":\"Not now.\"}"));
    frame->delivery.n_fields = 0;
    ck_assert_str_eq(write_ack(RB_ACK_FORM_ERROR, "Not now.", ""), "{\"envelope_id\":\"e-1\"}");
    rb_buf_fini(&written);
}
END_TEST

START_TEST(a_form_error_goes_to_the_block_in_which_its_field_stands)
{
    read_form("\"note\":{\"note\":{\"type\":\"plain_text_input\",\"value\":\"x\"}},"
              "\"target_2\":{\"target\":{\"type\":\"plain_text_input\",\"value\":\"x\"}}");
    ck_assert_ptr_nonnull(
        strstr(write_ack(RB_ACK_FORM_ERROR, "Which?", "target"), "\"errors\":{\"target_2\":\"Which?\"}"));
    rb_buf_fini(&written);
}
END_TEST

START_TEST(S7_the_text_of_an_ack_cannot_mention_or_format)
{
    read_command("help");
    rb_json *root = rb_json_parse(rb_str_of(write_ack(RB_ACK_TEXT, "<!channel> *bold* & \"x\"\n\x01", NULL)));
    const rb_json *payload = rb_json_get(root, "payload");
    const rb_json *block = rb_json_at(rb_json_get(payload, "blocks"), 0);

    ck_assert(rb_str_equal(rb_json_str(payload, "text"), RB_STR("&lt;!channel&gt; *bold* &amp; \"x\"\n\x01")));
    ck_assert(rb_str_equal(rb_json_str(payload, "response_type"), RB_STR("ephemeral")));
    ck_assert(rb_str_equal(rb_json_str(rb_json_get(block, "text"), "type"), RB_STR("plain_text")));
    ck_assert(rb_str_equal(rb_json_str(rb_json_get(block, "text"), "text"), RB_STR("<!channel> *bold* & \"x\"\n\x01")));
    rb_json_free(root);
    rb_buf_fini(&written);
}
END_TEST

static void add_frames(TCase *tcase)
{
    tcase_add_test(tcase, hello_says_how_many_connections_and_how_long_they_live);
    tcase_add_test(tcase, a_hello_with_odd_numbers_says_nothing);
    tcase_add_test(tcase, each_reason_to_disconnect_is_told_apart);
    tcase_add_test(tcase, what_is_no_json_object_is_garbage);
    tcase_add_test(tcase, nesting_without_end_is_garbage);
    tcase_add_test(tcase, a_type_from_the_future_is_unknown_and_its_envelope_is_acked);
    tcase_add_test(tcase, events_and_shortcuts_are_acked_and_no_more);
    tcase_add_test(tcase, an_envelope_id_that_does_not_fit_is_not_cut);
}

static void add_commands(TCase *tcase)
{
    tcase_add_test(tcase, a_command_is_delivered_whole);
    tcase_add_test(tcase, escaped_text_reads_as_it_was_typed);
    tcase_add_test(tcase, bad_utf8_becomes_replacement_characters);
    tcase_add_test(tcase, text_at_the_limit_is_delivered_and_one_past_it_is_refused);
    tcase_add_test(tcase, S7_a_passcode_in_a_commands_reason_does_not_leave_the_codec);
    tcase_add_test(tcase, S7_odd_spaces_do_not_hide_a_passcode);
    tcase_add_test(tcase, S7_an_ordinary_reason_and_a_serial_number_stay);
    tcase_add_test(tcase, a_command_of_another_workspace_is_flagged);
    tcase_add_test(tcase, R1_a_command_that_cannot_be_read_is_not_acked);
    tcase_add_test(tcase, R1_what_does_not_say_what_it_is_is_not_acked);
}

static void add_clicks_and_forms(TCase *tcase)
{
    tcase_add_test(tcase, a_button_is_delivered_with_the_state_of_its_message);
    tcase_add_test(tcase, choosing_in_a_list_is_acked_and_not_delivered);
    tcase_add_test(tcase, S1_a_click_by_an_outsider_is_flagged);
    tcase_add_test(tcase, a_button_in_a_form_carries_the_forms_data);
    tcase_add_test(tcase, a_button_value_at_the_limit_is_whole_and_a_longer_one_is_not_delivered);
    tcase_add_test(tcase, a_form_is_delivered_with_its_fields);
    tcase_add_test(tcase, S7_a_passcode_in_a_forms_reason_does_not_leave_the_codec);
    tcase_add_test(tcase, a_field_that_is_too_long_is_refused_at_that_field);
    tcase_add_test(tcase, more_fields_than_ours_ever_have_are_refused);
    tcase_add_test(tcase, a_field_whose_name_is_no_id_of_ours_is_refused);
    tcase_add_test(tcase, S1_a_form_from_another_workspace_is_flagged);
    tcase_add_test(tcase, a_key_that_would_be_too_long_is_hashed_and_stays_unique);
}

static void add_acks(TCase *tcase)
{
    tcase_add_test(tcase, acks_are_written_as_slack_reads_them);
    tcase_add_test(tcase, a_form_error_without_a_field_goes_to_the_first_one);
    tcase_add_test(tcase, a_form_error_goes_to_the_block_in_which_its_field_stands);
    tcase_add_test(tcase, S7_the_text_of_an_ack_cannot_mention_or_format);
}

int main(void)
{
    static void (*const adders[])(TCase *) = {add_frames, add_commands, add_clicks_and_forms, add_acks};
    static const char *const names[] = {"frames", "commands", "clicks and forms", "acks"};
    Suite *suite = suite_create("slack_codec");

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
