/* config_test.c - the configuration file: read whole, every fault told, no secret shown. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "util/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define FILE_NAME "/etc/rb/f.yaml"

/* Three lines that are enough, so that a test's own lines begin at 4. */
#define SLACK "chat: {slack: {app_token: 'env:A', bot_token: 'env:B'%s}}\n"
#define INTUNE "intune: {tenant: contoso.com, client_id: 30000000-0000-4000-8000-00000000000c, credential: 'env:C'%s}\n"

static rb_faults faults;
static rb_config config;

static void setup(void)
{
    faults = (rb_faults){0};
    memset(&config, 0, sizeof config);
}

static void teardown(void)
{
    rb_faults_fini(&faults);
}

static rb_err parse(const char *content)
{
    return rb_config_parse(rb_str_of(content), FILE_NAME, &config, &faults);
}

/* The smallest good file with more put into its Slack map, its Intune map, and below. */
static rb_err parse_with(const char *slack, const char *intune, const char *below)
{
    rb_buf text;

    rb_buf_init(&text, 100000);
    rb_buf_addf(&text, SLACK, slack);
    rb_buf_addf(&text, INTUNE, intune);
    rb_buf_adds(&text, below);
    rb_err err = parse(rb_buf_cstr(&text));
    rb_buf_fini(&text);
    return err;
}

static void expect_line(size_t i, const char *expected)
{
    const char *line = rb_faults_line(&faults, i);

    ck_assert_msg(line && strcmp(line, expected) == 0, "%s\nexpected: %s", line ? line : "(none)", expected);
}

/* One fault, which holds `text`; faults are empty again. */
static void expect_one(const char *text)
{
    const char *line = rb_faults_line(&faults, 0);

    ck_assert_msg(line && strstr(line, text), "%s\nexpected: %s", line ? line : "(none)", text);
    ck_assert_msg(faults.n == 1, "%s", rb_faults_line(&faults, 1));
    rb_faults_fini(&faults);
}

/* ---- what is read ----------------------------------------------------------------------------------------------------- */

START_TEST(what_is_left_out_has_its_default)
{
    ck_assert_int_eq(parse_with("", "", ""), RB_OK);
    ck_assert_str_eq(config.file, FILE_NAME);
    ck_assert_str_eq(config.slack.app_token, "env:A");
    ck_assert_str_eq(config.slack.bot_token, "env:B");
    ck_assert_str_eq(config.slack.api_url, "https://slack.com/api/");
    ck_assert_uint_eq(config.slack.connections, 2);
    ck_assert_str_eq(config.slack.command, "/passcode");
    ck_assert_int_eq(config.intune.cloud, RB_CLOUD_GLOBAL);
    ck_assert_str_eq(config.intune.login_url, "https://login.microsoftonline.com");
    ck_assert_str_eq(config.intune.graph_url, "https://graph.microsoft.com");
    ck_assert_str_eq(config.intune.scope, "https://graph.microsoft.com/.default");
    ck_assert_str_eq(config.store_url, "sqlite:/var/lib/resetbot/resetbot.db");
    ck_assert_str_eq(rb_config_store_path(&config), "/var/lib/resetbot/resetbot.db");
    ck_assert_str_eq(config.policy, "/etc/rb/policy.yaml");
    ck_assert_str_eq(config.approval_key, "");
    ck_assert_str_eq(config.net_ca_file, "");
    ck_assert_str_eq(config.net_proxy, "");
    ck_assert_int_eq(config.log_level, RB_LOG_INFO);
}
END_TEST

START_TEST(every_key_lands_in_its_field)
{
    ck_assert_int_eq(parse_with(", api_url: 'http://127.0.0.1:8080/api/', connections: 8, command: /pin",
                                ", cloud: china, login_url: 'http://localhost:1', graph_url: 'https://[::1]:8443'",
                                "store: {url: 'sqlite:/s.db'}\npolicy: /p.yaml\napproval: {key: 'credential:k'}\n"
                                "net: {ca_file: /ca.pem, proxy: 'http://proxy:3128'}\nlog: {level: debug}\n"),
                     RB_OK);
    ck_assert_str_eq(config.slack.api_url, "http://127.0.0.1:8080/api/");
    ck_assert_uint_eq(config.slack.connections, 8);
    ck_assert_str_eq(config.slack.command, "/pin");
    ck_assert_int_eq(config.intune.cloud, RB_CLOUD_CHINA);
    ck_assert_str_eq(config.intune.tenant, "contoso.com");
    ck_assert_str_eq(config.intune.client_id, "30000000-0000-4000-8000-00000000000c");
    ck_assert_str_eq(config.intune.credential, "env:C");
    ck_assert_str_eq(config.intune.login_url, "http://localhost:1");
    ck_assert_str_eq(config.intune.graph_url, "https://[::1]:8443");
    ck_assert_str_eq(config.intune.scope, "https://microsoftgraph.chinacloudapi.cn/.default");
    ck_assert_str_eq(rb_config_store_path(&config), "/s.db");
    ck_assert_str_eq(config.policy, "/p.yaml");
    ck_assert_str_eq(config.approval_key, "credential:k");
    ck_assert_str_eq(config.net_ca_file, "/ca.pem");
    ck_assert_str_eq(config.net_proxy, "http://proxy:3128");
    ck_assert_int_eq(config.log_level, RB_LOG_DEBUG);
}
END_TEST

START_TEST(relative_paths_start_at_the_file_s_folder)
{
    ck_assert_int_eq(
        parse("chat: {slack: {app_token: 'file:app', bot_token: 'credential:bot'}}\n"
              "intune: {tenant: contoso.com, client_id: 30000000-0000-4000-8000-00000000000c, credential: 'file:/c'}\n"
              "store: {url: 'sqlite:s.db'}\npolicy: sub/p.yaml\nnet: {ca_file: ca.pem}\n"),
        RB_OK);
    ck_assert_str_eq(config.slack.app_token, "file:/etc/rb/app");
    ck_assert_str_eq(config.slack.bot_token, "credential:bot");
    ck_assert_str_eq(config.intune.credential, "file:/c");
    ck_assert_str_eq(config.store_url, "sqlite:/etc/rb/s.db");
    ck_assert_str_eq(config.policy, "/etc/rb/sub/p.yaml");
    ck_assert_str_eq(config.net_ca_file, "/etc/rb/ca.pem");
}
END_TEST

START_TEST(a_file_named_without_folder_leaves_relative_paths_alone)
{
    ck_assert_int_eq(rb_config_parse(RB_STR("chat: {slack: {app_token: 'env:A', bot_token: 'env:B'}}\n"
                                            "intune: {tenant: a.b, client_id: 30000000-0000-4000-8000-00000000000c, "
                                            "credential: 'env:C'}\n"),
                                     "f.yaml", &config, &faults),
                     RB_OK);
    ck_assert_str_eq(config.policy, "policy.yaml");
}
END_TEST

START_TEST(each_cloud_has_its_hosts_and_scope)
{
    ck_assert_int_eq(parse_with("", ", cloud: usgov", ""), RB_OK);
    ck_assert_str_eq(config.intune.login_url, "https://login.microsoftonline.us");
    ck_assert_str_eq(config.intune.graph_url, "https://graph.microsoft.us");
    ck_assert_int_eq(parse_with("", ", cloud: dod", ""), RB_OK);
    ck_assert_str_eq(config.intune.graph_url, "https://dod-graph.microsoft.us");
    ck_assert_str_eq(config.intune.scope, "https://dod-graph.microsoft.us/.default");
    ck_assert_int_eq(parse_with("", ", cloud: china", ""), RB_OK);
    ck_assert_str_eq(config.intune.login_url, "https://login.chinacloudapi.cn");
}
END_TEST

START_TEST(a_section_whose_keys_are_all_comments_is_fine)
{
    ck_assert_int_eq(parse_with("", "", "net:\n  #proxy: http://x:1\nlog:\n"), RB_OK);
}
END_TEST

/* ---- what is refused -------------------------------------------------------------------------------------------------- */

START_TEST(all_faults_are_told_in_one_run_in_the_order_of_the_file)
{
    FILE *nowhere = fopen("/dev/null", "w");

    config.slack.connections = 77;
    ck_assert_int_eq(parse("chat:\n"
                           "  slack:\n"
                           "    app_tokn: env:A\n"
                           "    connections: 9\n"
                           "intune:\n"
                           "  cloud: globl\n"
                           "  graph_url: http://graph.example.com\n"
                           "logs: {level: info}\n"),
                     RB_E_CONFIG);
    rb_faults_print(&faults, nowhere);
    ck_assert_int_eq(fclose(nowhere), 0);
    expect_line(0, FILE_NAME
                ":2:3: chat.slack.app_token is missing: add it (secret reference: file:PATH, credential:NAME or "
                "env:NAME)");
    expect_line(1, FILE_NAME
                ":2:3: chat.slack.bot_token is missing: add it (secret reference: file:PATH, credential:NAME or "
                "env:NAME)");
    expect_line(2, FILE_NAME ":3:5: chat.slack.app_tokn is not a known key: did you mean chat.slack.app_token?");
    expect_line(3, FILE_NAME ":4:18: chat.slack.connections is not a whole number from 1 to 8: write one");
    expect_line(4, FILE_NAME ":5:1: intune.tenant is missing: add it (tenant id or domain)");
    expect_line(5, FILE_NAME ":5:1: intune.client_id is missing: add it (id (GUID))");
    ck_assert_ptr_nonnull(strstr(rb_faults_line(&faults, 6), ":5:1: intune.credential is missing"));
    expect_line(7, FILE_NAME ":6:10: intune.cloud is not one of: global usgov dod china: did you mean global?");
    expect_line(8, FILE_NAME
                ":7:14: intune.graph_url is plain http to another machine, which anybody on the way can read: "
                "use https");
    expect_line(9, FILE_NAME ":8:1: logs is not a known key: did you mean log?");
    ck_assert_uint_eq(faults.n, 10);
    ck_assert_uint_eq(config.slack.connections, 77); /* nothing of it was taken */
}
END_TEST

START_TEST(an_empty_file_is_a_fault)
{
    ck_assert_int_eq(parse("# only comments\n"), RB_E_CONFIG);
    expect_one(":1:1: the file is empty: begin with the example");
    ck_assert_int_eq(parse(""), RB_E_CONFIG);
    expect_one("the file is empty");
}
END_TEST

START_TEST(a_file_that_is_no_map_is_one_fault)
{
    ck_assert_int_eq(parse("- chat\n"), RB_E_CONFIG);
    expect_one(":1:1: keys are expected here");
}
END_TEST

START_TEST(values_of_the_wrong_kind_are_faults)
{
    static const struct {
        const char *below;
        const char *fault;
    } cases[] = {
        {"policy: [a]\n", ":3:9: policy is a list: write one value"},
        {"policy: {a: b}\n", ":3:9: policy has keys of its own"},
        {"policy:\n", "policy is empty: write a value, or remove the line"},
        {"policy: ''\n", "policy is not a path"},
        {"log: debug\n", ":3:6: log holds other keys: put them below it, indented"},
        {"log: [level]\n", ":3:6: log holds other keys"},
        {"log: {level: loud}\n", ":3:14: log.level is not one of: error warn info debug: write one of them"},
        {"log: {level: INFO}\n", "did you mean info?"},
        {"store: {url: 'postgres://x'}\n", "store.url is not a store: write sqlite:PATH"},
        {"store: {url: 'sqlite:'}\n", "store.url is not a store"},
        {"approval: {key: 0123456789abcdef}\n", "approval.key is not a secret reference"},
        {"net: {proxy: 'https://proxy:1'}\n", "net.proxy is not a proxy"},
        {"net: {proxy: 'http://user:word@proxy:1'}\n", "net.proxy is not a proxy"},
        {"net: {ca_file: \"a\\nb\"}\n", "net.ca_file is not a path"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_int_eq(parse_with("", "", cases[i].below), RB_E_CONFIG);
        expect_one(cases[i].fault);
    }
}
END_TEST

START_TEST(a_number_is_taken_at_its_limits_and_not_past_them)
{
    static const char *const bad[] = {"0",   "9",  "02", "2.0", "-1", "1e0", "+2", "0x2", "99999999999999999999",
                                      "two", "2 2"};

    ck_assert_int_eq(parse_with(", connections: 1", "", ""), RB_OK);
    ck_assert_int_eq(parse_with(", connections: 8", "", ""), RB_OK);
    for (size_t i = 0; i < COUNT(bad); i++) {
        char slack[64];
        (void)snprintf(slack, sizeof slack, ", connections: %s", bad[i]);
        ck_assert_int_eq(parse_with(slack, "", ""), RB_E_CONFIG);
        expect_one("chat.slack.connections is not a whole number from 1 to 8");
    }
    ck_assert_int_eq(parse_with(", connections: '2'", "", ""), RB_E_CONFIG);
    expect_one("chat.slack.connections is text: remove the quotes");
}
END_TEST

START_TEST(plain_http_goes_to_loopback_alone)
{
    static const char *const good[] = {"http://localhost",   "http://127.0.0.1:80",         "http://127.9.9.9",
                                       "http://[::1]:65535", "https://graph.microsoft.com", "https://10.0.0.1:8443"};
    static const char *const bad[] = {"http://10.0.0.1",
                                      "http://127.0.0.1.example.com",
                                      "http://localhost.example.com",
                                      "http://127.1",
                                      "http://[::2]",
                                      "http://example.com:80",
                                      "http://128.0.0.1",
                                      "http://0.0.0.0"};
    char intune[200];

    for (size_t i = 0; i < COUNT(good); i++) {
        (void)snprintf(intune, sizeof intune, ", graph_url: '%s'", good[i]);
        ck_assert_int_eq(parse_with("", intune, ""), RB_OK);
        ck_assert(rb_url_is_local(rb_str_of(good[i])) == (i < 4));
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        (void)snprintf(intune, sizeof intune, ", graph_url: '%s'", bad[i]);
        ck_assert_int_eq(parse_with("", intune, ""), RB_E_CONFIG);
        expect_one("intune.graph_url is plain http to another machine");
        ck_assert(!rb_url_is_local(rb_str_of(bad[i])));
    }
}
END_TEST

START_TEST(what_libraries_could_read_differently_is_no_url)
{
    static const char *const bad[] = {
        "graph.microsoft.com",  "ftp://localhost",      "https://",          "https://a@b.com",
        "http://localhost@x.y", "https://a b",          "https://a:0",       "https://a:65536",
        "https://a:",           "https://a:1:2",        "https://[::1",      "https://[]",
        "https://a\\b",         "https://a?x",          "https://a#x",       "HTTPS://a.com",
        "https://-a.com",       "https://\xC3\xA5.com", "https://[::1]x:80", "https://.com"};
    char intune[200];

    for (size_t i = 0; i < COUNT(bad); i++) {
        (void)snprintf(intune, sizeof intune, ", login_url: '%s'", bad[i]);
        ck_assert_int_eq(parse_with("", intune, ""), RB_E_CONFIG);
        expect_one("intune.login_url is not a URL");
    }
    ck_assert_int_eq(parse_with("", ", login_url: 'https://a.com/'", ""), RB_E_CONFIG);
    expect_one("intune.login_url has a path");
}
END_TEST

START_TEST(the_api_url_ends_in_api)
{
    static const char *const bad[] = {"https://slack.com",
                                      "https://slack.com/",
                                      "https://slack.com/api",
                                      "https://slack.com/xapi/",
                                      "https://slack.com/api/?a=/api/",
                                      "https://slack.com/#/api/"};
    char slack[200];

    ck_assert_int_eq(parse_with(", api_url: 'https://a.com/proxy/api/'", "", ""), RB_OK);
    for (size_t i = 0; i < COUNT(bad); i++) {
        (void)snprintf(slack, sizeof slack, ", api_url: '%s'", bad[i]);
        ck_assert_int_eq(parse_with(slack, "", ""), RB_E_CONFIG);
        expect_one("chat.slack.api_url does not end in /api/");
    }
}
END_TEST

START_TEST(tenants_and_commands_have_their_forms)
{
    static const char *const tenants[] = {"common",  "organizations", "consumers",
                                          "a b.com", "contoso",       "x/../common.com"};
    static const char *const commands[] = {"passcode", "/", "/Pin", "/pin code", "/012345678901234567890123456789012"};
    char text[200];

    ck_assert_int_eq(parse_with(", command: /0123456789012345678901234567890", "", ""), RB_OK);
    for (size_t i = 0; i < COUNT(commands); i++) {
        (void)snprintf(text, sizeof text, ", command: '%s'", commands[i]);
        ck_assert_int_eq(parse_with(text, "", ""), RB_E_CONFIG);
        expect_one("chat.slack.command is not a slash command");
    }
    for (size_t i = 0; i < COUNT(tenants); i++) {
        (void)snprintf(text, sizeof text,
                       "chat: {slack: {app_token: 'env:A', bot_token: 'env:B'}}\n"
                       "intune: {tenant: '%s', client_id: 30000000-0000-4000-8000-00000000000c, credential: 'env:C'}\n",
                       tenants[i]);
        ck_assert_int_eq(parse(text), RB_E_CONFIG);
        expect_one("intune.tenant does not name one tenant");
    }
}
END_TEST

START_TEST(a_path_is_taken_at_its_limit_and_not_past_it)
{
    char below[RB_CONFIG_PATH_CAP + 64];

    /* "/etc/rb/" is put before it */
    (void)snprintf(below, sizeof below, "policy: %0*d\n", RB_CONFIG_PATH_CAP - 1 - (int)strlen("/etc/rb/"), 0);
    ck_assert_int_eq(parse_with("", "", below), RB_OK);
    (void)snprintf(below, sizeof below, "policy: %0*d\n", RB_CONFIG_PATH_CAP - (int)strlen("/etc/rb/"), 0);
    ck_assert_int_eq(parse_with("", "", below), RB_E_CONFIG);
    expect_one("policy becomes too long a path: shorten it");
    (void)snprintf(below, sizeof below, "policy: %0*d\n", RB_CONFIG_PATH_CAP, 0);
    ck_assert_int_eq(parse_with("", "", below), RB_E_CONFIG);
    expect_one("policy is longer than 1023 bytes: shorten it");
}
END_TEST

START_TEST(a_key_in_the_wrong_place_is_found)
{
    ck_assert_int_eq(parse_with("", "", "api_url: 'https://slack.com/api/'\n"), RB_E_CONFIG);
    expect_one(":3:1: api_url is not a known key: did you mean chat.slack.api_url?");
    ck_assert_int_eq(parse_with("", "", "something_else: 1\n"), RB_E_CONFIG);
    expect_one("something_else is not a known key: remove it");
}
END_TEST

START_TEST(names_of_unknown_keys_are_shown_without_tricks)
{
    rb_buf text;

    ck_assert_int_eq(parse_with("", "", "\"a\\e[31m\\u202eb\": 1\n"), RB_E_CONFIG);
    expect_one(": a[31mb is not a known key");
    rb_buf_init(&text, 100000);
    for (int i = 0; i < 3000; i++)
        rb_buf_adds(&text, "long");
    rb_buf_adds(&text, ": 1\n");
    ck_assert_int_ne(parse_with("", "", rb_buf_cstr(&text)),
                     RB_OK); /* libyaml takes no key of more than 1,024 characters */
    ck_assert_uint_lt(strlen(rb_faults_line(&faults, 0)), 300);
    rb_buf_fini(&text);
}
END_TEST

START_TEST(nearest_counts_letters_and_swaps)
{
    ck_assert_uint_eq(rb_edit_distance(RB_STR("level"), RB_STR("level")), 0);
    ck_assert_uint_eq(rb_edit_distance(RB_STR("level"), RB_STR("LEVEL")), 0);
    ck_assert_uint_eq(rb_edit_distance(RB_STR("level"), RB_STR("leevl")), 1);
    ck_assert_uint_eq(rb_edit_distance(RB_STR("level"), RB_STR("levl")), 1);
    ck_assert_uint_eq(rb_edit_distance(RB_STR("level"), RB_STR("levels")), 1);
    ck_assert_uint_eq(rb_edit_distance(RB_STR("level"), RB_STR("")), 5);
    ck_assert_uint_eq(rb_edit_distance(RB_STR("abc"), RB_STR("cab")), 2);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, what_is_left_out_has_its_default);
    tcase_add_test(tests, every_key_lands_in_its_field);
    tcase_add_test(tests, relative_paths_start_at_the_file_s_folder);
    tcase_add_test(tests, a_file_named_without_folder_leaves_relative_paths_alone);
    tcase_add_test(tests, each_cloud_has_its_hosts_and_scope);
    tcase_add_test(tests, a_section_whose_keys_are_all_comments_is_fine);
    tcase_add_test(tests, all_faults_are_told_in_one_run_in_the_order_of_the_file);
    tcase_add_test(tests, an_empty_file_is_a_fault);
    tcase_add_test(tests, a_file_that_is_no_map_is_one_fault);
    tcase_add_test(tests, values_of_the_wrong_kind_are_faults);
    tcase_add_test(tests, a_number_is_taken_at_its_limits_and_not_past_them);
    tcase_add_test(tests, plain_http_goes_to_loopback_alone);
    tcase_add_test(tests, what_libraries_could_read_differently_is_no_url);
    tcase_add_test(tests, the_api_url_ends_in_api);
    tcase_add_test(tests, tenants_and_commands_have_their_forms);
    tcase_add_test(tests, a_path_is_taken_at_its_limit_and_not_past_it);
    tcase_add_test(tests, a_key_in_the_wrong_place_is_found);
    tcase_add_test(tests, names_of_unknown_keys_are_shown_without_tricks);
    tcase_add_test(tests, nearest_counts_letters_and_swaps);
}

int main(void)
{
    Suite *suite = suite_create("config");
    TCase *tests = tcase_create("config");

    tcase_add_checked_fixture(tests, setup, teardown);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
