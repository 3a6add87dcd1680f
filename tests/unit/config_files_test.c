/* config_files_test.c - secrets of the configuration, its help and its example file. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

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

static char *printed(void (*print)(FILE *))
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    print(to);
    ck_assert_int_eq(fclose(to), 0);
    return text;
}

/* ---- S6: secrets ------------------------------------------------------------------------------------------------------ */

START_TEST(S6_no_fault_shows_a_value_wherever_a_secret_was_put)
{
    char content[300];

    for (size_t i = 0; i < RB_CONFIG_KEYS.n; i++) {
        const rb_key *key = &RB_CONFIG_KEYS.keys[i];
        const char *dot = strchr(key->name, '.');
        const char *second = dot ? strchr(dot + 1, '.') : NULL;
        if (second)
            (void)snprintf(content, sizeof content, "chat: {slack: {%s: xoxb-canary and more}}\n", second + 1);
        else if (dot)
            (void)snprintf(content, sizeof content, "%.*s: {%s: xoxb-canary and more}\n", (int)(dot - key->name),
                           key->name, dot + 1);
        else
            (void)snprintf(content, sizeof content, "%s: xoxb-canary and more\n", key->name);
        ck_assert_int_eq(parse(content), RB_E_CONFIG);
        for (size_t line = 0; line < faults.n; line++)
            ck_assert_ptr_null(strstr(rb_faults_line(&faults, line), "canary"));
        rb_faults_fini(&faults);
    }
}
END_TEST

START_TEST(S6_a_secret_in_the_place_of_a_reference_is_refused)
{
    ck_assert_int_eq(
        parse("chat: {slack: {app_token: xapp-1-A0-1-f, bot_token: 'file:/b'}}\n"
              "intune: {tenant: a.b, client_id: 30000000-0000-4000-8000-00000000000c, credential: 'env:C'}\n"),
        RB_E_CONFIG);
    expect_one(":1:27: chat.slack.app_token is not a secret reference: write file:PATH, credential:NAME or env:NAME, "
               "never the "
               "secret itself");
}
END_TEST

static void given_environment(const char *app, const char *bot, const char *credential)
{
    ck_assert_int_eq(setenv("A", app, 1), 0);
    ck_assert_int_eq(setenv("B", bot, 1), 0);
    ck_assert_int_eq(setenv("C", credential, 1), 0);
}

START_TEST(secrets_are_loaded_by_their_references)
{
    rb_config_secrets secrets = {0};

    given_environment("xapp-1", "xoxb-1", "s3cret");
    ck_assert_int_eq(parse_with("", "", ""), RB_OK);
    ck_assert_int_eq(rb_config_load_secrets(&config, &secrets, &faults), RB_OK);
    ck_assert(rb_str_equal(rb_secret_reveal(secrets.app_token), RB_STR("xapp-1")));
    ck_assert(rb_str_equal(rb_secret_reveal(secrets.bot_token), RB_STR("xoxb-1")));
    ck_assert(rb_str_equal(rb_secret_reveal(secrets.credential), RB_STR("s3cret")));
    ck_assert_ptr_null(secrets.approval_key);
    rb_config_secrets_fini(&secrets);
}
END_TEST

START_TEST(missing_secrets_and_tokens_of_the_wrong_kind_are_all_told)
{
    rb_config_secrets secrets = {0};

    given_environment("xoxb-1", "xapp-1", "");
    ck_assert_int_eq(setenv("K", "0123", 1), 0);
    ck_assert_int_eq(parse_with("", "", "approval: {key: 'env:K'}\n"), RB_OK);
    ck_assert_int_eq(rb_config_load_secrets(&config, &secrets, &faults), RB_E_CONFIG);
    ck_assert_uint_eq(faults.n, 4);
    expect_line(0, FILE_NAME
                ":1:16: chat.slack.app_token is a token of another kind: put the one there that begins with xapp-");
    expect_line(1, FILE_NAME
                ":1:36: chat.slack.bot_token is a token of another kind: put the one there that begins with xoxb-");
    expect_line(2, FILE_NAME ":2:80: intune.credential: env:C is not set: set it, or use file:PATH");
    expect_line(3,
                FILE_NAME ":3:12: approval.key is not a key: put 64 hexadecimal digits there (openssl rand -hex 32)");
    ck_assert_ptr_null(secrets.app_token);
}
END_TEST

START_TEST(an_approval_key_is_loaded_and_one_that_is_missing_is_one_fault)
{
    rb_config_secrets secrets = {0};

    given_environment("xapp-1", "xoxb-1", "s3cret");
    ck_assert_int_eq(setenv("K", "0123456789abcdef0123456789abcdef", 1), 0);
    ck_assert_int_eq(parse_with("", "", "approval: {key: 'env:K'}\n"), RB_OK);
    ck_assert_int_eq(rb_config_load_secrets(&config, &secrets, &faults), RB_OK);
    ck_assert_uint_eq(rb_secret_reveal(secrets.approval_key).len, 32);
    rb_config_secrets_fini(&secrets);
    ck_assert_int_eq(unsetenv("K"), 0);
    ck_assert_int_eq(rb_config_load_secrets(&config, &secrets, &faults), RB_E_CONFIG);
    expect_one("approval.key: env:K is not set");
}
END_TEST

START_TEST(an_approval_key_is_hexadecimal_or_raw)
{
    static const char hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1dA0FF";
    static const char *const bad[] = {"",
                                      "0",
                                      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e0",
                                      "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff",
                                      "0g0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff",
                                      "0000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"};
    uint8_t bytes[RB_MAC_KEY_LEN];
    rb_secret *secret = rb_secret_new(RB_STR(hex));

    ck_assert_int_eq(rb_config_approval_key(secret, bytes), RB_OK);
    ck_assert_uint_eq(bytes[1], 1);
    ck_assert_uint_eq(bytes[30], 0xA0);
    ck_assert_uint_eq(bytes[31], 255);
    rb_secret_free(secret);
    secret = rb_secret_new(RB_STR("0123456789abcdef0123456789abcdeF"));
    ck_assert_int_eq(rb_config_approval_key(secret, bytes), RB_OK);
    ck_assert_uint_eq(bytes[31], 'F');
    rb_secret_free(secret);
    for (size_t i = 0; i < COUNT(bad); i++) {
        secret = rb_secret_new(rb_str_of(bad[i]));
        ck_assert_int_eq(rb_config_approval_key(secret, bytes), RB_E_CONFIG);
        rb_secret_free(secret);
    }
}
END_TEST

/* ---- the example ------------------------------------------------------------------------------------------------------ */

/* A file of config/, as the source tree has it. */
static rb_buf source_file(const char *name)
{
    const char *source = getenv("RESETBOT_SOURCE");
    char path[4096];
    rb_buf content;

    (void)snprintf(path, sizeof path, "%s/config/%s", source ? source : ".", name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s", path);
    rb_buf_init(&content, 100000);
    for (int c = fgetc(file); c != EOF; c = fgetc(file))
        rb_buf_add(&content, (rb_str){&(char){(char)c}, 1});
    ck_assert_int_eq(fclose(file), 0);
    return content;
}

START_TEST(the_example_file_is_what_the_table_prints)
{
    rb_buf content = source_file("resetbot.yaml");
    char *text = printed(rb_config_print_example);

    ck_assert_str_eq(rb_buf_cstr(&content), text);
    free(text);
    rb_buf_fini(&content);
}
END_TEST

START_TEST(the_example_can_be_used_also_with_every_comment_opened)
{
    char *text = printed(rb_config_print_example);

    ck_assert_int_eq(parse(text), RB_OK);
    /* "#key: value" is a setting, "# words" is for people */
    for (char *at = strchr(text, '#'); at; at = strchr(at + 1, '#'))
        if (at[1] != ' ')
            memmove(at, at + 1, strlen(at));
    rb_err err = parse(text);
    ck_assert_msg(err == RB_OK, "%s", rb_faults_line(&faults, 0));
    ck_assert_uint_eq(faults.n, 0);
    for (size_t i = 0; i < RB_CONFIG_KEYS.n; i++)
        ck_assert_msg(config.places[i].line > 0, "%s", RB_CONFIG_KEYS.keys[i].name);
    free(text);
}
END_TEST

START_TEST(the_systemd_unit_hands_over_the_credentials_that_the_example_asks_for)
{
    rb_buf unit = source_file("resetbot.service");
    char *text = printed(rb_config_print_example);
    char line[200];

    ck_assert_int_eq(parse(text), RB_OK);
    const char *references[] = {config.slack.app_token, config.slack.bot_token, config.intune.credential};
    for (size_t i = 0; i < COUNT(references); i++) {
        ck_assert_int_eq(strncmp(references[i], "credential:", 11), 0);
        (void)snprintf(line, sizeof line, "\nLoadCredential=%s:/etc/", references[i] + 11);
        ck_assert_ptr_nonnull(strstr(rb_buf_cstr(&unit), line));
    }
    ck_assert_ptr_nonnull(strstr(rb_buf_cstr(&unit), "\nLimitCORE=0\n"));
    free(text);
    rb_buf_fini(&unit);
}
END_TEST

START_TEST(the_help_names_every_key)
{
    char *text = printed(rb_config_print_help);

    for (size_t i = 0; i < RB_CONFIG_KEYS.n; i++)
        ck_assert_ptr_nonnull(strstr(text, RB_CONFIG_KEYS.keys[i].name));
    ck_assert_ptr_nonnull(strstr(text, "1 to 8; default 2"));
    free(text);
}
END_TEST

START_TEST(every_beginning_of_the_example_is_taken_or_refused)
{
    char *text = printed(rb_config_print_example);
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        rb_err err = rb_config_parse((rb_str){text, i}, FILE_NAME, &config, &faults);
        ck_assert(err == RB_OK ? faults.n_errors == 0 : faults.n_errors > 0);
        rb_faults_fini(&faults);
    }
    free(text);
}
END_TEST

START_TEST(a_file_is_read_from_disk)
{
    char path[] = "/tmp/resetbot-config-XXXXXX";
    char *text = printed(rb_config_print_example);
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(rb_config_load(path, &config, &faults), RB_OK);
    ck_assert_str_eq(config.policy, "/tmp/policy.yaml");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rb_config_load(path, &config, &faults), RB_E_CONFIG);
    expect_one(": cannot be opened (No such file or directory)");
    free(text);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, S6_no_fault_shows_a_value_wherever_a_secret_was_put);
    tcase_add_test(tests, S6_a_secret_in_the_place_of_a_reference_is_refused);
    tcase_add_test(tests, secrets_are_loaded_by_their_references);
    tcase_add_test(tests, missing_secrets_and_tokens_of_the_wrong_kind_are_all_told);
    tcase_add_test(tests, an_approval_key_is_loaded_and_one_that_is_missing_is_one_fault);
    tcase_add_test(tests, an_approval_key_is_hexadecimal_or_raw);
    tcase_add_test(tests, the_example_file_is_what_the_table_prints);
    tcase_add_test(tests, the_example_can_be_used_also_with_every_comment_opened);
    tcase_add_test(tests, the_systemd_unit_hands_over_the_credentials_that_the_example_asks_for);
    tcase_add_test(tests, the_help_names_every_key);
    tcase_add_test(tests, every_beginning_of_the_example_is_taken_or_refused);
    tcase_add_test(tests, a_file_is_read_from_disk);
}

int main(void)
{
    Suite *suite = suite_create("config_files");
    TCase *tests = tcase_create("config_files");

    tcase_add_checked_fixture(tests, setup, teardown);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
