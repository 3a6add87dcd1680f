/* sandbox_people.c - what people of the stand-in see and do: private messages, buttons, choices, forms, answers. */
#include "support/sandbox_kit.h"

#define COMMAND "{\"user\":\"U0HANNA\",\"channel\":\"C0HELPDESK\",\"text\":\"help\"}"
#define PRIVATE "{\"channel\":\"C0HELPDESK\",\"user\":\"U0HANNA\",\"text\":\"for hanna\"}"
#define CARD                                                                                                           \
    "{\"channel\":\"C0HELPDESK\",\"text\":\"card\",\"blocks\":[{\"type\":\"actions\",\"block_id\":\"b\",\"elements\":" \
    "["                                                                                                                \
    "{\"type\":\"button\",\"action_id\":\"go\",\"value\":\"v1\",\"text\":{\"type\":\"plain_text\",\"text\":\"Go\"}},"  \
    "{\"type\":\"static_select\",\"action_id\":\"pick\",\"options\":[{\"text\":{\"type\":\"plain_text\",\"text\":"     \
    "\"One\"},"                                                                                                        \
    "\"value\":\"1\"},{\"text\":{\"type\":\"plain_text\",\"text\":\"Two\"},\"value\":\"2\"}]}]}]}"
#define VIEW                                                                                                           \
    "{\"type\":\"modal\",\"callback_id\":\"f\",\"notify_on_close\":true,\"title\":{\"type\":\"plain_text\",\"text\":"  \
    "\"Form\"},\"submit\":{\"type\":\"plain_text\",\"text\":\"Go\"},\"blocks\":[{\"type\":\"input\",\"block_id\":"     \
    "\"b\","                                                                                                           \
    "\"label\":{\"type\":\"plain_text\",\"text\":\"L\"},\"element\":{\"type\":\"plain_text_input\",\"action_id\":"     \
    "\"a\","                                                                                                           \
    "\"max_length\":5}}]}"

static int fd;

static void setup(void)
{
    kit_start();
    fd = kit_socket();
}

static void teardown(void)
{
    close(fd);
    kit_stop();
}

/* Types a command and acks it; the payload is the caller's. */
static json_object *command(void)
{
    kit_do("command", COMMAND);
    json_object *envelope = kit_message(fd);
    kit_ack(fd, envelope, NULL);
    json_object *payload = json_object_get(kit_at(envelope, "/payload"));
    json_object_put(envelope);
    return payload;
}

/* The path of a URL of the sandbox; heap. */
static char *path_of(const char *url)
{
    return strdup(strchr(strstr(url, "://") + 3, '/'));
}

/* views.open with the trigger of a fresh command; the view's id, heap. */
static char *open_form(void)
{
    json_object *payload = command();
    char *json = NULL;
    ck_assert_int_ge(asprintf(&json, "{\"trigger_id\":\"%s\",\"view\":" VIEW "}", kit_text(payload, "/trigger_id")), 0);
    kit_answer answer = kit_call("views.open", json);
    ck_assert_str_eq(kit_text(answer.json, "/error"), "");
    char *id = strdup(kit_text(answer.json, "/view/id"));
    kit_answer_free(&answer);
    json_object_put(payload);
    free(json);
    return id;
}

static size_t privates_on(const char *device)
{
    char sight[96];
    snprintf(sight, sizeof sight, "state?user=U0HANNA&device=%s", device);
    kit_answer answer = kit_see(sight);
    size_t count = kit_count(answer.json, "/channels/0/private");
    kit_answer_free(&answer);
    return count;
}

/* ---- private messages ------------------------------------------------------------------------------------------------ */

START_TEST(a_private_message_vanishes_on_reload_and_follows_to_no_other_device)
{
    kit_expect(kit_call("chat.postEphemeral", PRIVATE), "");
    ck_assert_uint_eq(privates_on("desktop"), 1);
    ck_assert_uint_eq(privates_on("phone"), 0);
    kit_expect(kit_call("chat.postEphemeral", PRIVATE), "");
    ck_assert_uint_eq(privates_on("phone"), 1);
    kit_do("reload", "{\"user\":\"U0HANNA\"}");
    ck_assert_uint_eq(privates_on("desktop"), 0);
    ck_assert_uint_eq(privates_on("phone"), 1);
}
END_TEST

START_TEST(a_private_message_to_somebody_away_is_answered_and_seen_nowhere)
{
    kit_do("user", "{\"id\":\"U0HANNA\",\"fields\":{\"away\":true}}");
    kit_expect(kit_call("chat.postEphemeral", PRIVATE), "");
    ck_assert_uint_eq(privates_on("desktop"), 0);
}
END_TEST

START_TEST(a_private_message_is_in_no_history)
{
    kit_expect(kit_call("chat.postEphemeral", PRIVATE), "");
    kit_answer history = kit_call("conversations.history", "{\"channel\":\"C0HELPDESK\"}");
    ck_assert_uint_eq(kit_count(history.json, "/messages"), 0);
    kit_answer_free(&history);
    kit_answer public = kit_see("transcript?private=0");
    ck_assert_ptr_null(strstr(public.body, "for hanna"));
    kit_answer_free(&public);
    ck_assert(kit_transcript_has("(only hanna sees this)"));
}
END_TEST

/* ---- response URLs ----------------------------------------------------------------------------------------------------- */

START_TEST(a_response_url_works_five_times)
{
    json_object *payload = command();
    char *path = path_of(kit_text(payload, "/response_url"));
    for (int i = 0; i < 6; i++) {
        kit_answer answer = kit_ask("POST", path, KIT_JSON, "{\"text\":\"again\"}");
        ck_assert_int_eq(answer.status, i < 5 ? 200 : 404);
        ck_assert_str_eq(i < 5 ? answer.body : kit_text(answer.json, "/error"), i < 5 ? "ok" : "used_url");
        kit_answer_free(&answer);
    }
    ck_assert_uint_eq(privates_on("desktop"), 5);
    json_object_put(payload);
    free(path);
}
END_TEST

START_TEST(a_response_url_ends_after_thirty_minutes)
{
    json_object *payload = command();
    char *path = path_of(kit_text(payload, "/response_url"));
    kit_do("time", "{\"advance_ms\":1799000}");
    kit_expect(kit_ask("POST", path, KIT_JSON, "{}"), "no_text");
    kit_do("time", "{\"advance_ms\":2000}");
    kit_expect(kit_ask("POST", path, KIT_JSON, "{\"text\":\"late\"}"), "expired_url");
    json_object_put(payload);
    free(path);
}
END_TEST

/* ---- buttons and choices ------------------------------------------------------------------------------------------------ */

static char *post_card(void)
{
    kit_answer answer = kit_call("chat.postMessage", CARD);
    char *ts = strdup(kit_text(answer.json, "/ts"));
    kit_answer_free(&answer);
    return ts;
}

static kit_answer act(const char *verb, const char *user, const char *ts, const char *rest)
{
    char json[512];
    snprintf(json, sizeof json, "{\"user\":\"%s\",\"channel\":\"C0HELPDESK\",\"ts\":\"%s\",%s}", user, ts, rest);
    return kit_control(verb, json);
}

START_TEST(a_click_carries_value_message_and_person)
{
    char *ts = post_card();
    kit_expect(act("click", "U0ARVID", ts, "\"action_id\":\"go\""), "");
    json_object *envelope = kit_message(fd);
    ck_assert_str_eq(kit_text(envelope, "/payload/type"), "block_actions");
    ck_assert_str_eq(kit_text(envelope, "/payload/actions/0/value"), "v1");
    ck_assert_str_eq(kit_text(envelope, "/payload/user/id"), "U0ARVID");
    ck_assert_str_eq(kit_text(envelope, "/payload/user/team_id"), "T0SANDBOX");
    ck_assert_str_eq(kit_text(envelope, "/payload/container/message_ts"), ts);
    ck_assert_str_eq(kit_text(envelope, "/payload/message/text"), "card");
    kit_ack(fd, envelope, NULL);
    kit_await("act_done");
    json_object_put(envelope);
    free(ts);
}
END_TEST

START_TEST(a_value_can_be_forged_and_a_button_only_pressed_by_who_sees_it)
{
    char *ts = post_card();
    kit_expect(act("click", "U0ARVID", ts, "\"action_id\":\"go\",\"value\":\"forged\""), "");
    json_object *envelope = kit_message(fd);
    ck_assert_str_eq(kit_text(envelope, "/payload/actions/0/value"), "forged");
    json_object_put(envelope);
    kit_expect(act("click", "U0GUEST", ts, "\"action_id\":\"go\""), "that person sees no such message");
    kit_expect(act("click", "U0GONE", ts, "\"action_id\":\"go\""), "that person's account is deactivated");
    kit_expect(act("click", "U0ARVID", ts, "\"action_id\":\"none\""), "no element with that action_id is there");
    free(ts);
}
END_TEST

START_TEST(a_choice_is_kept_for_its_person_and_sent_with_the_next_click)
{
    char *ts = post_card();
    kit_expect(act("select", "U0ARVID", ts, "\"action_id\":\"pick\",\"value\":\"Two\""), "");
    json_object *chosen = kit_message(fd);
    ck_assert_str_eq(kit_text(chosen, "/payload/actions/0/selected_option/value"), "2");
    json_object_put(chosen);
    kit_expect(act("click", "U0ARVID", ts, "\"action_id\":\"go\""), "");
    json_object *his = kit_message(fd);
    ck_assert_str_eq(kit_text(his, "/payload/state/values/b/pick/selected_option/value"), "2");
    json_object_put(his);
    kit_expect(act("click", "U0AGNES", ts, "\"action_id\":\"go\""), "");
    json_object *hers = kit_message(fd);
    ck_assert_ptr_nonnull(kit_at(hers, "/payload/state/values/b/pick"));
    ck_assert_ptr_null(kit_at(hers, "/payload/state/values/b/pick/selected_option"));
    json_object_put(hers);
    kit_expect(act("select", "U0ARVID", ts, "\"action_id\":\"pick\",\"value\":\"Three\""), "no such option");
    free(ts);
}
END_TEST

START_TEST(a_click_nobody_acks_leaves_a_warning_mark)
{
    kit_do("settings", "{\"ack_limit_ms\":50}");
    char *ts = post_card();
    kit_expect(act("click", "U0ARVID", ts, "\"action_id\":\"go\""), "");
    kit_await("unacked");
    ck_assert(kit_transcript_has("warning mark on \"Go\""));
    free(ts);
}
END_TEST

/* ---- forms -------------------------------------------------------------------------------------------------------------- */

START_TEST(a_trigger_opens_one_form_within_three_seconds)
{
    json_object *payload = command();
    char *json = NULL;
    ck_assert_int_ge(asprintf(&json, "{\"trigger_id\":\"%s\",\"view\":" VIEW "}", kit_text(payload, "/trigger_id")), 0);
    kit_expect(kit_call("views.open", json), "");
    kit_expect(kit_call("views.open", json), "exchanged_trigger_id");
    json_object_put(payload);
    free(json);
    payload = command();
    ck_assert_int_ge(asprintf(&json, "{\"trigger_id\":\"%s\",\"view\":" VIEW "}", kit_text(payload, "/trigger_id")), 0);
    kit_do("time", "{\"advance_ms\":3100}");
    kit_expect(kit_call("views.open", json), "expired_trigger_id");
    kit_expect(kit_call("views.open", "{\"trigger_id\":\"1.2.3\",\"view\":" VIEW "}"), "invalid_trigger_id");
    json_object_put(payload);
    free(json);
}
END_TEST

START_TEST(a_view_is_checked)
{
    kit_answer answer = kit_call("views.open", "{\"trigger_id\":\"x\",\"view\":{\"type\":\"modal\",\"blocks\":[]}}");
    ck_assert_str_eq(kit_text(answer.json, "/error"), "invalid_arguments");
    ck_assert_ptr_nonnull(strstr(answer.body, "missing required field: title"));
    kit_answer_free(&answer);
}
END_TEST

/* Submits value and gives the envelope. */
static json_object *submit(const char *view_id, const char *value)
{
    char json[256];
    snprintf(json, sizeof json, "{\"user\":\"U0HANNA\",\"view_id\":\"%s\",\"values\":{\"b\":\"%s\"}}", view_id, value);
    kit_do("submit", json);
    return kit_message(fd);
}

START_TEST(a_submission_carries_values_and_obeys_the_ack)
{
    char *id = open_form();
    json_object *envelope = submit(id, "wrong");
    ck_assert_str_eq(kit_text(envelope, "/payload/type"), "view_submission");
    ck_assert_str_eq(kit_text(envelope, "/payload/view/state/values/b/a/value"), "wrong");
    kit_ack(fd, envelope, "{\"response_action\":\"errors\",\"errors\":{\"b\":\"no good\"}}");
    kit_await("act_done");
    kit_answer hers = kit_see("state?user=U0HANNA");
    ck_assert_str_eq(kit_text(hers.json, "/views/0/errors/b"), "no good");
    kit_answer_free(&hers);
    json_object_put(envelope);
    envelope = submit(id, "right");
    kit_ack(fd, envelope, NULL);
    kit_await("view_close");
    hers = kit_see("state?user=U0HANNA");
    ck_assert_uint_eq(kit_count(hers.json, "/views"), 0);
    kit_answer_free(&hers);
    json_object_put(envelope);
    free(id);
}
END_TEST

START_TEST(errors_for_a_block_that_is_no_input_show_trouble)
{
    char *id = open_form();
    json_object *envelope = submit(id, "x");
    kit_ack(fd, envelope, "{\"response_action\":\"errors\",\"errors\":{\"nowhere\":\"no good\"}}");
    kit_await("ack_invalid");
    kit_answer hers = kit_see("state?user=U0HANNA");
    ck_assert_str_eq(kit_text(hers.json, "/views/0/trouble"), "error_for_no_input_block");
    kit_answer_free(&hers);
    json_object_put(envelope);
    free(id);
}
END_TEST

START_TEST(the_client_itself_refuses_empty_and_long_answers)
{
    char *id = open_form();
    char json[256];
    static const char *const values[] = {"", "longer than five"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(json, sizeof json, "{\"user\":\"U0HANNA\",\"view_id\":\"%s\",\"values\":{\"b\":\"%s\"}}", id,
                 values[i]);
        kit_answer answer = kit_control("submit", json);
        ck_assert_int_eq(answer.status, 400);
        kit_answer_free(&answer);
    }
    free(id);
}
END_TEST

/* The answer to views.update; hash "" for none. */
static kit_answer update_form(const char *id, const char *hash)
{
    char *json = NULL;
    ck_assert_int_ge(asprintf(&json, "{\"view_id\":\"%s\",\"hash\":\"%s\",\"view\":" VIEW "}", id, hash), 0);
    kit_answer answer = kit_call("views.update", json);
    free(json);
    return answer;
}

START_TEST(an_update_with_an_old_hash_is_refused)
{
    char *id = open_form();
    kit_answer first = update_form(id, "");
    char *hash = strdup(kit_text(first.json, "/view/hash"));
    kit_answer_free(&first);
    kit_expect(update_form(id, hash), "");
    kit_expect(update_form(id, hash), "hash_conflict");
    free(hash);
    free(id);
}
END_TEST

START_TEST(a_closed_form_is_told_of_and_cannot_be_updated)
{
    char *id = open_form();
    char close_it[96];
    snprintf(close_it, sizeof close_it, "{\"user\":\"U0HANNA\",\"view_id\":\"%s\"}", id);
    kit_do("close_view", close_it);
    json_object *envelope = kit_message(fd);
    ck_assert_str_eq(kit_text(envelope, "/payload/type"), "view_closed");
    json_object_put(envelope);
    kit_expect(update_form(id, ""), "not_found");
    free(id);
}
END_TEST

/* ---- typed text ---------------------------------------------------------------------------------------------------------- */

START_TEST(typed_names_and_addresses_come_escaped)
{
    kit_do("command",
           "{\"user\":\"U0HANNA\",\"channel\":\"C0HELPDESK\",\"text\":\"reset @adele adele@contoso.com <&> #random\"}");
    json_object *envelope = kit_message(fd);
    ck_assert_str_eq(
        kit_text(envelope, "/payload/text"),
        "reset <@U0ADELE|adele> <mailto:adele@contoso.com|adele@contoso.com> &lt;&amp;&gt; <#C0RANDOM|random>");
    json_object_put(envelope);
}
END_TEST

START_TEST(only_members_type_in_a_channel)
{
    kit_expect(kit_control("command", "{\"user\":\"U0GUEST\",\"channel\":\"C0HELPDESK\",\"text\":\"help\"}"),
               "not a member of that channel");
    kit_do("member", "{\"channel\":\"C0HELPDESK\",\"user\":\"U0GUEST\"}");
    kit_do("command", "{\"user\":\"U0GUEST\",\"channel\":\"C0HELPDESK\",\"text\":\"help\"}");
}
END_TEST

START_TEST(an_act_can_be_awaited_by_its_id)
{
    kit_answer typed = kit_control("command", COMMAND);
    char sight[96];
    snprintf(sight, sizeof sight, "act?id=%s&wait_ms=50", kit_text(typed.json, "/id"));
    kit_answer open = kit_see(sight);
    ck_assert_str_eq(kit_text(open.json, "/state"), "sent");
    kit_answer_free(&open);
    json_object *envelope = kit_message(fd);
    kit_ack(fd, envelope, NULL);
    snprintf(sight, sizeof sight, "act?id=%s&wait_ms=5000", kit_text(typed.json, "/id"));
    kit_answer done = kit_see(sight);
    ck_assert_str_eq(kit_text(done.json, "/state"), "acked");
    kit_answer_free(&done);
    kit_answer_free(&typed);
    json_object_put(envelope);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("sandbox_people");
    TCase *people = tcase_create("people");
    tcase_add_checked_fixture(people, setup, teardown);
    tcase_set_timeout(people, 30);
    tcase_add_test(people, a_private_message_vanishes_on_reload_and_follows_to_no_other_device);
    tcase_add_test(people, a_private_message_to_somebody_away_is_answered_and_seen_nowhere);
    tcase_add_test(people, a_private_message_is_in_no_history);
    tcase_add_test(people, a_response_url_works_five_times);
    tcase_add_test(people, a_response_url_ends_after_thirty_minutes);
    tcase_add_test(people, a_click_carries_value_message_and_person);
    tcase_add_test(people, a_value_can_be_forged_and_a_button_only_pressed_by_who_sees_it);
    tcase_add_test(people, a_choice_is_kept_for_its_person_and_sent_with_the_next_click);
    tcase_add_test(people, a_click_nobody_acks_leaves_a_warning_mark);
    tcase_add_test(people, a_trigger_opens_one_form_within_three_seconds);
    tcase_add_test(people, a_view_is_checked);
    tcase_add_test(people, a_submission_carries_values_and_obeys_the_ack);
    tcase_add_test(people, errors_for_a_block_that_is_no_input_show_trouble);
    tcase_add_test(people, the_client_itself_refuses_empty_and_long_answers);
    tcase_add_test(people, an_update_with_an_old_hash_is_refused);
    tcase_add_test(people, a_closed_form_is_told_of_and_cannot_be_updated);
    tcase_add_test(people, typed_names_and_addresses_come_escaped);
    tcase_add_test(people, only_members_type_in_a_channel);
    tcase_add_test(people, an_act_can_be_awaited_by_its_id);
    suite_add_tcase(all, people);
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
