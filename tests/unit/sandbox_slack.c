/* sandbox_slack.c - the stand-in's Web API refuses and answers as Slack does, and breaks on demand. */
#include "support/sandbox_kit.h"

#define SECTION "{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"x\"}}"

/* piece, count times; heap. */
static char *repeat(const char *piece, size_t count)
{
    size_t len = strlen(piece);
    char *text = calloc(1, len * count + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * len, piece, len);
    return text;
}

/* ---- tokens, bodies, arguments ----------------------------------------------------------------------------------- */

START_TEST(a_token_counts_by_header_and_by_body)
{
    kit_expect(kit_ask("POST", "/api/auth.test", KIT_BOT KIT_FORM, ""), "");
    kit_expect(kit_ask("POST", "/api/auth.test", KIT_FORM, "token=xoxb-any"), "");
    kit_expect(kit_ask("POST", "/api/auth.test", KIT_JSON, "{\"token\":\"xoxb-any\"}"), "");
}
END_TEST

START_TEST(wrong_tokens_are_named)
{
    kit_expect(kit_ask("POST", "/api/auth.test", KIT_FORM, ""), "not_authed");
    kit_expect(kit_ask("POST", "/api/auth.test", KIT_FORM, "token=nonsense"), "invalid_auth");
    kit_expect(kit_ask("POST", "/api/auth.test", KIT_APP KIT_FORM, ""), "not_allowed_token_type");
    kit_expect(kit_ask("POST", "/api/apps.connections.open", KIT_BOT KIT_FORM, ""), "not_allowed_token_type");
    kit_expect(kit_ask("POST", "/api/apps.connections.open", KIT_FORM, "token=xapp-1"), "not_authed");
}
END_TEST

START_TEST(a_missing_scope_is_named)
{
    kit_do("scopes", "{\"bot\":\"chat:write,users:read\"}");
    kit_answer answer = kit_form("users.lookupByEmail", "email=adele@contoso.com");
    ck_assert_str_eq(kit_text(answer.json, "/error"), "missing_scope");
    ck_assert_str_eq(kit_text(answer.json, "/needed"), "users:read.email");
    ck_assert_str_eq(kit_text(answer.json, "/provided"), "chat:write,users:read");
    ck_assert_ptr_nonnull(strstr(answer.text, "x-oauth-scopes: chat:write,users:read\r\n"));
    kit_answer_free(&answer);
    kit_answer user = kit_form("users.info", "user=U0ADELE");
    ck_assert_ptr_null(kit_at(user.json, "/user/profile/email"));
    kit_answer_free(&user);
}
END_TEST

START_TEST(bodies_that_are_no_json_are_refused)
{
    kit_expect(kit_call("auth.test", "{"), "invalid_json");
    kit_expect(kit_call("auth.test", "[1]"), "json_not_object");
    kit_expect(kit_call("auth.test", ""), "");
    kit_expect(kit_ask("POST", "/api/auth.test", KIT_BOT "Content-Type: application/xml\r\n", "<a/>"),
               "invalid_post_type");
    kit_expect(kit_ask("POST", "/api/auth.test", KIT_BOT "Content-Type: application/json; charset=koi8-r\r\n", "{}"),
               "invalid_charset");
}
END_TEST

START_TEST(a_missing_or_needless_charset_is_warned_of)
{
    kit_answer answer = kit_ask("POST", "/api/auth.test", KIT_BOT "Content-Type: application/json\r\n", "{}");
    ck_assert_str_eq(kit_text(answer.json, "/warning"), "missing_charset");
    kit_answer_free(&answer);
    answer = kit_ask("POST", "/api/auth.test",
                     KIT_BOT "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n", "");
    ck_assert_str_eq(kit_text(answer.json, "/response_metadata/warnings/0"), "superfluous_charset");
    kit_answer_free(&answer);
}
END_TEST

START_TEST(a_method_for_forms_does_not_read_json)
{
    kit_expect(kit_call("users.info", "{\"user\":\"U0ADELE\"}"), "invalid_arguments");
    kit_expect(kit_form("users.info", "user=U0ADELE&team_id=ignored&unknown=too"), "");
}
END_TEST

START_TEST(a_request_may_come_byte_by_byte)
{
    static const char request[] =
        "POST /api/auth.test HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n" KIT_FORM
        "\r\n5\r\ntoken\r\nb\r\n=xoxb-piece\r\n0\r\n\r\n";
    int fd = kit_connect();
    for (size_t i = 0; i < sizeof request - 1; i++)
        kit_send(fd, request + i, 1);
    kit_expect(kit_read(fd), "");
}
END_TEST

START_TEST(a_message_of_a_mebibyte_is_taken)
{
    char *text = repeat("x", 1024 * 1024);
    char *form = NULL;
    ck_assert_int_ge(asprintf(&form, "channel=C0HELPDESK&text=%s", text), 0);
    free(text);
    kit_answer answer = kit_form("chat.postMessage", form);
    ck_assert_str_eq(kit_text(answer.json, "/warning"), "message_truncated");
    ck_assert_uint_eq(strlen(kit_text(answer.json, "/message/text")), 40000);
    kit_answer_free(&answer);
    free(form);
}
END_TEST

/* ---- messages ------------------------------------------------------------------------------------------------------ */

/* Posts and gives the ts; heap. */
static char *post(const char *json)
{
    kit_answer answer = kit_call("chat.postMessage", json);
    ck_assert_str_eq(kit_text(answer.json, "/error"), "");
    char *ts = strdup(kit_text(answer.json, "/ts"));
    kit_answer_free(&answer);
    return ts;
}

START_TEST(channels_that_cannot_be_posted_to_say_why)
{
    kit_expect(kit_call("chat.postMessage", "{\"channel\":\"C0RANDOM\",\"text\":\"x\"}"), "not_in_channel");
    kit_expect(kit_call("chat.postMessage", "{\"channel\":\"C0ARCHIVED\",\"text\":\"x\"}"), "is_archived");
    kit_expect(kit_call("chat.postMessage", "{\"channel\":\"C0NOWHERE\",\"text\":\"x\"}"), "channel_not_found");
    kit_expect(kit_call("chat.postMessage", "{\"channel\":\"C0HELPDESK\"}"), "no_text");
    kit_expect(kit_call("chat.postMessage", "{\"channel\":\"U0GONE\",\"text\":\"x\"}"), "channel_not_found");
    kit_expect(kit_call("chat.postEphemeral", "{\"channel\":\"C0HELPDESK\",\"user\":\"U0GUEST\",\"text\":\"x\"}"),
               "user_not_in_channel");
}
END_TEST

START_TEST(an_update_is_limited_where_a_post_is_cut)
{
    char *ts = post("{\"channel\":\"C0HELPDESK\",\"text\":\"x\"}");
    for (size_t len = 4000; len <= 4001; len++) {
        char *text = repeat("x", len);
        char *json = NULL;
        ck_assert_int_ge(asprintf(&json, "{\"channel\":\"C0HELPDESK\",\"ts\":\"%s\",\"text\":\"%s\"}", ts, text), 0);
        kit_expect(kit_call("chat.update", json), len > 4000 ? "msg_too_long" : "");
        free(json);
        free(text);
    }
    kit_expect(kit_call("chat.update", "{\"channel\":\"C0HELPDESK\",\"ts\":\"1.1\",\"text\":\"x\"}"),
               "message_not_found");
    free(ts);
}
END_TEST

START_TEST(metadata_comes_back_only_when_asked_for)
{
    free(post("{\"channel\":\"C0HELPDESK\",\"text\":\"x\",\"metadata\":{\"event_type\":\"r\",\"event_payload\":{\"id\":"
              "\"R-1\"}}}"));
    kit_answer plain = kit_call("conversations.history", "{\"channel\":\"C0HELPDESK\"}");
    ck_assert_ptr_null(kit_at(plain.json, "/messages/0/metadata"));
    kit_answer_free(&plain);
    kit_answer full = kit_call("conversations.history", "{\"channel\":\"C0HELPDESK\",\"include_all_metadata\":true}");
    ck_assert_str_eq(kit_text(full.json, "/messages/0/metadata/event_payload/id"), "R-1");
    kit_answer_free(&full);
    kit_expect(kit_call("chat.postMessage", "{\"channel\":\"C0HELPDESK\",\"text\":\"x\",\"metadata\":{\"a\":1}}"),
               "invalid_metadata_schema");
}
END_TEST

START_TEST(replies_are_in_their_thread_and_not_in_the_channel)
{
    char *ts = post("{\"channel\":\"C0HELPDESK\",\"text\":\"parent\"}");
    char json[256];
    snprintf(json, sizeof json, "{\"channel\":\"C0HELPDESK\",\"text\":\"reply\",\"thread_ts\":\"%s\"}", ts);
    free(post(json));
    kit_answer history = kit_call("conversations.history", "{\"channel\":\"C0HELPDESK\"}");
    ck_assert_uint_eq(kit_count(history.json, "/messages"), 1);
    ck_assert_str_eq(kit_text(history.json, "/messages/0/reply_count"), "1");
    kit_answer_free(&history);
    snprintf(json, sizeof json, "channel=C0HELPDESK&ts=%s", ts);
    kit_answer replies = kit_form("conversations.replies", json);
    ck_assert_uint_eq(kit_count(replies.json, "/messages"), 2);
    ck_assert_str_eq(kit_text(replies.json, "/messages/1/text"), "reply");
    kit_answer_free(&replies);
    free(ts);
}
END_TEST

START_TEST(a_second_message_within_a_second_is_refused_with_retry_after)
{
    kit_do("settings", "{\"post_interval_ms\":1000,\"post_burst\":1}");
    free(post("{\"channel\":\"C0HELPDESK\",\"text\":\"x\"}"));
    kit_answer answer = kit_call("chat.postMessage", "{\"channel\":\"C0HELPDESK\",\"text\":\"y\"}");
    ck_assert_int_eq(answer.status, 429);
    ck_assert_str_eq(kit_text(answer.json, "/error"), "ratelimited");
    ck_assert_ptr_nonnull(strstr(answer.text, "Retry-After: 1\r\n"));
    kit_answer_free(&answer);
    kit_do("time", "{\"advance_ms\":1000}");
    kit_expect(kit_call("chat.postMessage", "{\"channel\":\"C0HELPDESK\",\"text\":\"y\"}"), "");
}
END_TEST

START_TEST(a_tier_lets_its_number_pass_and_no_more)
{
    kit_do("settings", "{\"tier_factor\":1}");
    for (int i = 0; i < 20; i++)
        kit_expect(kit_form("usergroups.list", ""), "");
    kit_answer answer = kit_form("usergroups.list", "");
    ck_assert_int_eq(answer.status, 429);
    kit_answer_free(&answer);
}
END_TEST

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

static void expect_blocks(const char *blocks, const char *error, const char *sentence)
{
    char *json = NULL;
    ck_assert_int_ge(asprintf(&json, "{\"channel\":\"C0HELPDESK\",\"text\":\"x\",\"blocks\":%s}", blocks), 0);
    kit_answer answer = kit_call("chat.postMessage", json);
    ck_assert_msg(!strcmp(kit_text(answer.json, "/error"), error), "%s: %s", blocks, answer.body);
    ck_assert_msg(strstr(answer.body, sentence) != NULL, "%s: %s", blocks, answer.body);
    kit_answer_free(&answer);
    free(json);
}

START_TEST(blocks_are_checked_field_by_field)
{
    static const struct {
        const char *blocks;
        const char *error;
        const char *sentence;
    } cases[] = {
        {"[" SECTION "]", "", ""},
        {"{}", "invalid_blocks_format", ""},
        {"[{\"type\":\"sektion\"}]", "invalid_blocks", "unsupported type: sektion"},
        {"[{\"type\":\"section\"}]", "invalid_blocks", "missing required field: text or fields"},
        {"[{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"\"}}]", "invalid_blocks",
         "more than 0 characters"},
        {"[{\"type\":\"divider\",\"colour\":1}]", "invalid_blocks", "invalid additional property: colour"},
        {"[{\"type\":\"header\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"x\"}}]", "invalid_blocks", "/blocks/0/text"},
        {"[{\"type\":\"actions\",\"elements\":[]}]", "invalid_blocks", "no fewer than 1"},
        {"[{\"type\":\"actions\",\"elements\":[{\"type\":\"button\",\"action_id\":\"a\",\"text\":{\"type\":\"plain_"
         "text\","
         "\"text\":\"x\"},\"style\":\"warning\"}]}]",
         "invalid_blocks", "must be one of: primary danger"},
        {"[{\"type\":\"section\",\"block_id\":\"b\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"x\"}},{\"type\":"
         "\"divider\","
         "\"block_id\":\"b\"}]",
         "invalid_blocks", "`block_id` already exists: b"},
        {"[{\"type\":\"rich_text\",\"elements\":[{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\","
         "\"text\":\"x\","
         "\"style\":{\"bold\":true}}]}]}]",
         "", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_blocks(cases[i].blocks, cases[i].error, cases[i].sentence);
}
END_TEST

/* A list of count sections. */
static char *sections(size_t count)
{
    char *rest = repeat("," SECTION, count - 1);
    char *blocks = NULL;
    ck_assert_int_ge(asprintf(&blocks, "[" SECTION "%s]", rest), 0);
    free(rest);
    return blocks;
}

START_TEST(fifty_blocks_pass_and_fifty_one_do_not)
{
    char *at_limit = sections(50);
    char *over = sections(51);
    expect_blocks(at_limit, "", "");
    expect_blocks(over, "invalid_blocks", "no more than 50");
    free(at_limit);
    free(over);
}
END_TEST

/* A button whose text has len characters (two bytes each). */
static char *button_of(size_t len)
{
    char *text = repeat("é", len);
    char *blocks = NULL;
    ck_assert_int_ge(asprintf(&blocks,
                              "[{\"type\":\"actions\",\"elements\":[{\"type\":\"button\",\"action_id\":\"a\",\"text\":{"
                              "\"type\":\"plain_text\",\"text\":\"%s\"}}]}]",
                              text),
                     0);
    free(text);
    return blocks;
}

START_TEST(lengths_count_characters_and_not_bytes)
{
    char *at_limit = button_of(75);
    char *over = button_of(76);
    expect_blocks(at_limit, "", "");
    expect_blocks(over, "invalid_blocks", "less than 76");
    free(at_limit);
    free(over);
}
END_TEST

/* ---- faults -------------------------------------------------------------------------------------------------------- */

START_TEST(a_post_may_take_effect_and_still_fail)
{
    kit_do("fault", "{\"name\":\"slack.chat.postMessage.500_after\"}");
    kit_answer answer = kit_call("chat.postMessage", "{\"channel\":\"C0HELPDESK\",\"text\":\"there anyway\"}");
    ck_assert_int_eq(answer.status, 500);
    kit_answer_free(&answer);
    ck_assert(kit_transcript_has("there anyway"));
    kit_do("fault", "{\"name\":\"slack.chat.postMessage.reset_after\"}");
    answer = kit_call("chat.postMessage", "{\"channel\":\"C0HELPDESK\",\"text\":\"also this\"}");
    ck_assert_int_eq(answer.status, -1);
    kit_answer_free(&answer);
    ck_assert(kit_transcript_has("also this"));
}
END_TEST

START_TEST(a_post_may_fail_without_effect)
{
    kit_do("fault", "{\"name\":\"slack.chat.postMessage.500_before\"}");
    kit_answer answer = kit_call("chat.postMessage", "{\"channel\":\"C0HELPDESK\",\"text\":\"never there\"}");
    ck_assert_int_eq(answer.status, 500);
    kit_answer_free(&answer);
    kit_do("fault", "{\"name\":\"slack.chat.postMessage.error\",\"value\":\"fatal_error\"}");
    kit_expect(kit_call("chat.postMessage", "{\"channel\":\"C0HELPDESK\",\"text\":\"never there\"}"), "fatal_error");
    kit_do("fault", "{\"name\":\"slack.chat.postMessage.rate_limited\"}");
    kit_expect(kit_call("chat.postMessage", "{\"channel\":\"C0HELPDESK\",\"text\":\"never there\"}"), "rate_limited");
    ck_assert(!kit_transcript_has("never there"));
}
END_TEST

START_TEST(a_late_message_shows_up_when_its_time_has_come)
{
    kit_do("fault", "{\"name\":\"slack.chat.postMessage.late\",\"value\":60000}");
    free(post("{\"channel\":\"C0HELPDESK\",\"text\":\"slow to appear\"}"));
    kit_answer before = kit_call("conversations.history", "{\"channel\":\"C0HELPDESK\"}");
    ck_assert_uint_eq(kit_count(before.json, "/messages"), 0);
    kit_answer_free(&before);
    kit_do("time", "{\"advance_ms\":60000}");
    kit_answer after = kit_call("conversations.history", "{\"channel\":\"C0HELPDESK\"}");
    ck_assert_uint_eq(kit_count(after.json, "/messages"), 1);
    kit_answer_free(&after);
}
END_TEST

START_TEST(a_fault_bites_so_often_so_late_and_only_where_it_matches)
{
    kit_do("fault", "{\"name\":\"slack.users.info.error\",\"value\":\"fatal_error\",\"times\":2,\"skip\":1}");
    kit_expect(kit_form("users.info", "user=U0ADELE"), "");
    kit_expect(kit_form("users.info", "user=U0ADELE"), "fatal_error");
    kit_expect(kit_form("users.info", "user=U0ADELE"), "fatal_error");
    kit_expect(kit_form("users.info", "user=U0ADELE"), "");
    kit_do("fault",
           "{\"name\":\"slack.users.info.error\",\"value\":\"fatal_error\",\"times\":-1,\"match\":\"U0HANNA\"}");
    kit_expect(kit_form("users.info", "user=U0ADELE"), "");
    kit_expect(kit_form("users.info", "user=U0HANNA"), "fatal_error");
    kit_do("fault_clear", "{}");
    kit_expect(kit_form("users.info", "user=U0HANNA"), "");
}
END_TEST

START_TEST(a_fault_that_nobody_asks_for_is_refused_with_the_nearest_name)
{
    static const char *const rows[][2] = {
        {"slack.chat.postmessage.500_afer", "slack.chat.postMessage.500_after"},
        {"graph.rest.429", "graph.reset.429"},
        {"graph.reset.403_aproval_after", "graph.reset.403_approval_after"},
        {"entra.slowly", "entra.slow"},
        {"slack.hello.delai", "slack.hello.delay"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char fault[128];
        char said[256];
        snprintf(fault, sizeof fault, "{\"name\":\"%s\",\"times\":-1}", rows[i][0]);
        snprintf(said, sizeof said, "no fault is called %s: did you mean %s?", rows[i][0], rows[i][1]);
        kit_expect(kit_control("fault", fault), said);
        kit_expect(kit_control("fault_clear", fault), said);
        snprintf(fault, sizeof fault, "{\"name\":\"%s\"}", rows[i][1]);
        kit_do("fault", fault);
        kit_do("fault_clear", fault);
    }
}
END_TEST

START_TEST(down_means_503_for_every_call)
{
    kit_do("fault", "{\"name\":\"slack.down\",\"times\":-1}");
    kit_answer answer = kit_form("auth.test", "");
    ck_assert_int_eq(answer.status, 503);
    ck_assert_ptr_null(answer.json);
    kit_answer_free(&answer);
}
END_TEST

/* ---- people and channels -------------------------------------------------------------------------------------------- */

START_TEST(members_come_in_pages)
{
    kit_answer first = kit_form("conversations.members", "channel=C0HELPDESK&limit=5");
    ck_assert_uint_eq(kit_count(first.json, "/members"), 5);
    char form[128];
    snprintf(form, sizeof form, "channel=C0HELPDESK&limit=5&cursor=%s",
             kit_text(first.json, "/response_metadata/next_cursor"));
    kit_answer_free(&first);
    kit_answer second = kit_form("conversations.members", form);
    ck_assert_uint_eq(kit_count(second.json, "/members"), 3);
    ck_assert_str_eq(kit_text(second.json, "/response_metadata/next_cursor"), "");
    kit_answer_free(&second);
    kit_expect(kit_form("conversations.members", "channel=C0HELPDESK&cursor=!"), "invalid_cursor");
}
END_TEST

START_TEST(groups_need_a_paid_plan_and_hide_people_who_left)
{
    kit_do("user", "{\"id\":\"U0ARVID\",\"fields\":{\"deleted\":true}}");
    kit_answer users = kit_form("usergroups.users.list", "usergroup=S0APPROVERS");
    ck_assert_uint_eq(kit_count(users.json, "/users"), 1);
    kit_answer_free(&users);
    kit_expect(kit_form("usergroups.users.list", "usergroup=S0NONE"), "no_such_subteam");
    kit_do("settings", "{\"free_plan\":1}");
    kit_expect(kit_form("usergroups.list", ""), "plan_upgrade_required");
}
END_TEST

START_TEST(a_direct_message_opens_once_and_not_with_everybody)
{
    kit_answer first = kit_form("conversations.open", "users=U0ADELE");
    ck_assert_str_eq(kit_text(first.json, "/channel/id"), "D0ADELE");
    ck_assert_ptr_null(kit_at(first.json, "/already_open"));
    kit_answer_free(&first);
    kit_answer again = kit_form("conversations.open", "users=U0ADELE&return_im=true");
    ck_assert(json_object_get_boolean(kit_at(again.json, "/already_open")));
    ck_assert(json_object_get_boolean(kit_at(again.json, "/channel/is_im")));
    kit_answer_free(&again);
    kit_expect(kit_form("conversations.open", "users=U0GONE"), "user_disabled");
    kit_expect(kit_form("conversations.open", "users=U0NOBODY"), "user_not_found");
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("sandbox_slack");
    TCase *calls = tcase_create("calls");
    tcase_add_checked_fixture(calls, kit_start, kit_stop);
    tcase_set_timeout(calls, 30);
    tcase_add_test(calls, a_token_counts_by_header_and_by_body);
    tcase_add_test(calls, wrong_tokens_are_named);
    tcase_add_test(calls, a_missing_scope_is_named);
    tcase_add_test(calls, bodies_that_are_no_json_are_refused);
    tcase_add_test(calls, a_missing_or_needless_charset_is_warned_of);
    tcase_add_test(calls, a_method_for_forms_does_not_read_json);
    tcase_add_test(calls, a_request_may_come_byte_by_byte);
    tcase_add_test(calls, a_message_of_a_mebibyte_is_taken);
    tcase_add_test(calls, channels_that_cannot_be_posted_to_say_why);
    tcase_add_test(calls, an_update_is_limited_where_a_post_is_cut);
    tcase_add_test(calls, metadata_comes_back_only_when_asked_for);
    tcase_add_test(calls, replies_are_in_their_thread_and_not_in_the_channel);
    tcase_add_test(calls, a_second_message_within_a_second_is_refused_with_retry_after);
    tcase_add_test(calls, a_tier_lets_its_number_pass_and_no_more);
    tcase_add_test(calls, blocks_are_checked_field_by_field);
    tcase_add_test(calls, fifty_blocks_pass_and_fifty_one_do_not);
    tcase_add_test(calls, lengths_count_characters_and_not_bytes);
    tcase_add_test(calls, a_post_may_take_effect_and_still_fail);
    tcase_add_test(calls, a_post_may_fail_without_effect);
    tcase_add_test(calls, a_late_message_shows_up_when_its_time_has_come);
    tcase_add_test(calls, a_fault_that_nobody_asks_for_is_refused_with_the_nearest_name);
    tcase_add_test(calls, a_fault_bites_so_often_so_late_and_only_where_it_matches);
    tcase_add_test(calls, down_means_503_for_every_call);
    tcase_add_test(calls, members_come_in_pages);
    tcase_add_test(calls, groups_need_a_paid_plan_and_hide_people_who_left);
    tcase_add_test(calls, a_direct_message_opens_once_and_not_with_everybody);
    suite_add_tcase(all, calls);
    return all;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
