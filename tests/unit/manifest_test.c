/* manifest_test.c - the Slack app asks for what the bot uses, and for nothing else. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "chat/slack_codec.h"
#include "chat/slack_method.h"
#include "config/keys.h"
#include "config/yaml_tree.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define PATH_CAP 1024

/* Why each scope is there: method-docs name the scopes of a method, but not which of them a bot needs that works in public
 * and private channels, nor that an address is left out of a user without users:read.email (docs.slack.dev, users.lookupByEmail). */
static const struct {
    const char *scope;
    const char *methods;
} NEEDS[] = {
    {"chat:write", "chat.postMessage chat.update chat.delete chat.postEphemeral"},
    {"users:read", "users.info"},
    {"users:read.email", "users.lookupByEmail"},
    {"usergroups:read", "usergroups.users.list"},
    {"channels:read", "conversations.info conversations.members"},
    {"groups:read", "conversations.info conversations.members"},
    {"channels:history", "conversations.history conversations.replies"},
    {"groups:history", "conversations.history conversations.replies"},
    {"im:write", "conversations.open"},
};

static rb_yaml_tree *tree;
static rb_buf content;

static void setup(void)
{
    const char *source = getenv("RESETBOT_SOURCE");
    char path[PATH_CAP];
    rb_faults faults = {0};

    (void)snprintf(path, sizeof path, "%s/config/slack-manifest.yaml", source ? source : ".");
    ck_assert_int_eq(rb_yaml_read_file(path, &faults, &content), RB_OK);
    rb_err err = rb_yaml_parse(rb_buf_str(&content), path, &faults, &tree);
    ck_assert_msg(err == RB_OK, "%s", rb_faults_line(&faults, 0));
}

static void teardown(void)
{
    rb_yaml_free(tree);
    rb_buf_fini(&content);
}

/* The node at "a b c"; NULL when absent. */
static const rb_yaml_node *at(const char *names)
{
    rb_str rest = rb_str_of(names);
    const rb_yaml_node *node = rb_yaml_root(tree);

    for (rb_str name = rb_str_word(&rest); name.len > 0 && node; name = rb_str_word(&rest))
        node = rb_yaml_get(node, name);
    return node;
}

static bool says(const char *names, const char *value)
{
    const rb_yaml_node *node = at(names);

    return node && node->kind == RB_YAML_SCALAR && rb_str_equal(node->text, rb_str_of(value));
}

static bool has_scope(const char *scope)
{
    for (const rb_yaml_node *item = at("oauth_config scopes bot")->first; item; item = item->next)
        if (rb_str_equal(item->text, rb_str_of(scope)))
            return true;
    return false;
}

static bool has_word(const char *words, rb_str wanted)
{
    rb_str rest = rb_str_of(words);

    for (rb_str word = rb_str_word(&rest); word.len > 0; word = rb_str_word(&rest))
        if (rb_str_equal(word, wanted))
            return true;
    return false;
}

/* The i-th method that the bot calls; "" for a call that is none; NULL past the end. */
static const char *method_at(size_t i)
{
    static const char *const besides[] = {"auth.test", "apps.connections.open", "conversations.replies"};
    size_t n_calls = (size_t)RB_CHAT_PERMALINK + 1;

    if (i >= n_calls)
        return i - n_calls < COUNT(besides) ? besides[i - n_calls] : NULL;
    const rb_slack_method *method = rb_slack_method_of((rb_chat_call_kind)i);
    return method->name && method->body != RB_SLACK_BODY_HOOK ? method->name : "";
}

static bool is_called(rb_str wanted)
{
    const char *method;

    for (size_t i = 0; (method = method_at(i)); i++)
        if (rb_str_equal(rb_str_of(method), wanted))
            return true;
    return false;
}

/* ---- tests ------------------------------------------------------------------------------------------------------------ */

START_TEST(the_app_has_a_command_a_shortcut_forms_a_home_tab_and_sockets_and_nothing_else)
{
    ck_assert(says("settings socket_mode_enabled", "true"));
    ck_assert(says("settings interactivity is_enabled", "true"));
    ck_assert(says("features app_home home_tab_enabled", "true"));
    ck_assert(says("features app_home messages_tab_enabled", "true"));
    ck_assert_uint_eq(at("settings event_subscriptions bot_events")->count, 1);
    ck_assert(rb_str_equal(at("settings event_subscriptions bot_events")->first->text, RB_STR("app_home_opened")));
    ck_assert_uint_eq(at("settings event_subscriptions")->count, 1);
    ck_assert_ptr_null(at("settings interactivity request_url"));
    ck_assert_ptr_null(at("oauth_config scopes user"));
    ck_assert_ptr_null(at("oauth_config redirect_urls"));
}
END_TEST

START_TEST(the_command_is_the_configurations_default_and_escapes_mentions)
{
    const rb_yaml_node *commands = at("features slash_commands");
    const char *fallback = NULL;

    for (size_t i = 0; i < RB_CONFIG_KEYS.n; i++)
        if (strcmp(RB_CONFIG_KEYS.keys[i].name, "chat.slack.command") == 0)
            fallback = RB_CONFIG_KEYS.keys[i].fallback;
    ck_assert_uint_eq(commands->count, 1);
    ck_assert(rb_str_equal(rb_yaml_get(commands->first, RB_STR("command"))->text, rb_str_of(fallback)));
    ck_assert(rb_str_equal(rb_yaml_get(commands->first, RB_STR("should_escape"))->text, RB_STR("true")));
    ck_assert_ptr_null(rb_yaml_get(commands->first, RB_STR("url")));
}
END_TEST

START_TEST(the_shortcut_is_that_of_a_message_and_has_the_name_that_the_bot_knows)
{
    const rb_yaml_node *shortcuts = at("features shortcuts");

    ck_assert_uint_eq(shortcuts->count, 1);
    ck_assert(rb_str_equal(rb_yaml_get(shortcuts->first, RB_STR("type"))->text, RB_STR("message")));
    ck_assert(rb_str_equal(rb_yaml_get(shortcuts->first, RB_STR("callback_id"))->text, rb_str_of(RB_SLACK_SHORTCUT)));
}
END_TEST

START_TEST(S5_each_scope_is_needed_by_a_method_that_the_bot_calls)
{
    ck_assert(has_scope("commands"));
    ck_assert_uint_eq(at("oauth_config scopes bot")->count, COUNT(NEEDS) + 1);
    for (size_t i = 0; i < COUNT(NEEDS); i++) {
        rb_str rest = rb_str_of(NEEDS[i].methods);
        ck_assert_msg(has_scope(NEEDS[i].scope), "%s", NEEDS[i].scope);
        for (rb_str method = rb_str_word(&rest); method.len > 0; method = rb_str_word(&rest))
            ck_assert_msg(is_called(method), "%.*s is not called", (int)method.len, method.ptr);
    }
}
END_TEST

/* The bot scopes that Slack's own description of a method names; NULL when it needs none. */
static struct json_object *scopes_of(const char *method, struct json_object **out_document)
{
    const char *contracts = getenv("RESETBOT_CONTRACTS");
    const char *source = getenv("RESETBOT_SOURCE");
    char path[PATH_CAP];
    struct json_object *scope;
    struct json_object *bot = NULL;

    (void)snprintf(path, sizeof path, "%s%s/slack/method-docs/%s.json",
                   contracts ? contracts
                   : source  ? source
                             : ".",
                   contracts ? "" : "/../shared/contracts", method);
    *out_document = access(path, R_OK) == 0 ? json_object_from_file(path) : NULL;
    if (*out_document && json_object_object_get_ex(*out_document, "scope", &scope))
        (void)json_object_object_get_ex(scope, "bot", &bot);
    return bot;
}

static void expect_one_of(const char *method, struct json_object *scopes)
{
    bool is_good = false;
    bool is_listed = false;

    for (size_t i = 0; i < json_object_array_length(scopes); i++) {
        const char *scope = json_object_get_string(json_object_array_get_idx(scopes, i));
        is_good = is_good || has_scope(scope);
        for (size_t j = 0; j < COUNT(NEEDS); j++)
            is_listed =
                is_listed || (strcmp(NEEDS[j].scope, scope) == 0 && has_word(NEEDS[j].methods, rb_str_of(method)));
    }
    ck_assert_msg(is_good, "no scope for %s", method);
    ck_assert_msg(is_listed, "%s is not in the table of reasons", method);
}

START_TEST(each_method_that_the_bot_calls_has_one_of_its_scopes)
{
    struct json_object *document = NULL;
    const char *method;

    (void)scopes_of("auth.test", &document);
    if (!document && !getenv("RESETBOT_NEED_CONTRACTS")) {
        (void)puts("skipped: no descriptions of Slack's methods (set RESETBOT_CONTRACTS)");
        return;
    }
    json_object_put(document);
    for (size_t i = 0; (method = method_at(i)); i++) {
        struct json_object *scopes = *method ? scopes_of(method, &document) : NULL;
        ck_assert_msg(!*method || document, "%s is not described", method);
        if (scopes)
            expect_one_of(method, scopes);
        json_object_put(*method ? document : NULL);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("manifest");
    TCase *tests = tcase_create("manifest");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_app_has_a_command_a_shortcut_forms_a_home_tab_and_sockets_and_nothing_else);
    tcase_add_test(tests, the_command_is_the_configurations_default_and_escapes_mentions);
    tcase_add_test(tests, the_shortcut_is_that_of_a_message_and_has_the_name_that_the_bot_knows);
    tcase_add_test(tests, S5_each_scope_is_needed_by_a_method_that_the_bot_calls);
    tcase_add_test(tests, each_method_that_the_bot_calls_has_one_of_its_scopes);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
