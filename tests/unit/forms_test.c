/* forms_test.c - what single values must look like, at their limits. */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/forms.h"
#include "resetbot/limits.h"
#include "util/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define GUID "10000000-0000-4000-8000-00000000000a"

static rb_err judge(const rb_form *form, const char *text)
{
    rb_errbuf errbuf = {""};
    rb_err err = form->check(rb_str_of(text), &errbuf);

    /* what is refused is told, with how to mend it */
    ck_assert((err == RB_OK) == (errbuf.text[0] == '\0'));
    ck_assert(err == RB_OK || strchr(errbuf.text, ':'));
    return err;
}

static void expect_good(const rb_form *form, const char *text)
{
    ck_assert_msg(judge(form, text) == RB_OK, "%s", text);
}

static void expect_bad(const rb_form *form, const char *text)
{
    ck_assert_msg(judge(form, text) == RB_E_SYNTAX, "%s", text);
}

/* ---- tests ------------------------------------------------------------------------------------------------------------ */

START_TEST(S6_secrets_are_references_of_three_kinds)
{
    static const char *const good[] = {"file:a", "file:/a b/c", "credential:app", "env:A_B", "file:\xC3\xA5"};
    static const char *const bad[] = {"",          "file:",          "credential:", "env:",           "xoxb-1",
                                      "file",      "FILE:/a",        "file:a\nb",   "credential:a/b", "env:A=B",
                                      "env:A B",   "credential:a b", "env:a/b",     "credential:a=b", "file:a\x7F",
                                      "file:\x1F", " file:a",        "env:\xC3\xA5"};

    for (size_t i = 0; i < COUNT(good); i++)
        expect_good(&RB_FORM_SECRET, good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        expect_bad(&RB_FORM_SECRET, bad[i]);
}
END_TEST

START_TEST(a_host_has_the_letters_and_length_of_one)
{
    char url[400];

    expect_good(&RB_FORM_BASE_URL, "https://a-b.c-d.example");
    expect_good(&RB_FORM_BASE_URL, "https://[2001:db8::1]:8443");
    expect_good(&RB_FORM_BASE_URL, "https://[::]");
    expect_bad(&RB_FORM_BASE_URL, "https://a_b.example");
    expect_bad(&RB_FORM_BASE_URL, "https://[12345::]");
    expect_bad(&RB_FORM_BASE_URL, "https://[a.b.c]");
    expect_bad(&RB_FORM_BASE_URL, "https://[]");
    expect_bad(&RB_FORM_BASE_URL, "https://x::1]");
    expect_bad(&RB_FORM_BASE_URL, "https://[::1");
    expect_bad(&RB_FORM_BASE_URL, "https://{a}");
    (void)snprintf(url, sizeof url, "https://%0253d", 0);
    expect_good(&RB_FORM_BASE_URL, url);
    (void)snprintf(url, sizeof url, "https://%0254d", 0);
    expect_bad(&RB_FORM_BASE_URL, url);
}
END_TEST

START_TEST(an_api_url_has_no_query_and_visible_letters_only)
{
    expect_good(&RB_FORM_API_URL, "https://a/b/api/");
    expect_bad(&RB_FORM_API_URL, "https://a?/api/");
    expect_bad(&RB_FORM_API_URL, "https://a/ /api/");
    expect_bad(&RB_FORM_API_URL, "https://a/\x7F/api/");
    expect_bad(&RB_FORM_API_URL, "https://a/#/api/");
    expect_bad(&RB_FORM_API_URL, "https://a/?/api/");
    expect_bad(&RB_FORM_API_URL, "https://a/api");
    expect_bad(&RB_FORM_API_URL, "https://a");
    expect_bad(&RB_FORM_API_URL, "http://a/api/");
}
END_TEST

START_TEST(a_proxy_is_a_host_and_port_over_plain_http)
{
    expect_good(&RB_FORM_PROXY_URL, "http://10.0.0.1:3128");
    expect_bad(&RB_FORM_PROXY_URL, "http://10.0.0.1:3128/");
    expect_bad(&RB_FORM_PROXY_URL, "https://10.0.0.1:3128");
    expect_bad(&RB_FORM_PROXY_URL, "socks5://10.0.0.1:3128");
    expect_bad(&RB_FORM_PROXY_URL, "10.0.0.1:3128");
}
END_TEST

START_TEST(paths_may_have_blanks_and_no_control_characters)
{
    expect_good(&RB_FORM_PATH, "a b");
    expect_bad(&RB_FORM_PATH, "");
    expect_bad(&RB_FORM_PATH, "a\tb");
    expect_bad(&RB_FORM_PATH, "a\x7F");
    expect_good(&RB_FORM_STORE_URL, "sqlite:a b.db");
    expect_bad(&RB_FORM_STORE_URL, "sqlite:a\nb");
    expect_bad(&RB_FORM_STORE_URL, "a.db");
}
END_TEST

START_TEST(a_slash_command_has_2_to_32_characters)
{
    expect_good(&RB_FORM_COMMAND, "/p");
    expect_good(&RB_FORM_COMMAND, "/a0-_z9bcdefghijklmnopqrstuvwxyz");
    expect_bad(&RB_FORM_COMMAND, "/");
    expect_bad(&RB_FORM_COMMAND, "p");
    expect_bad(&RB_FORM_COMMAND, "pp");
    expect_bad(&RB_FORM_COMMAND, "/a0-_z9bcdefghijklmnopqrstuvwxyz1");
    expect_bad(&RB_FORM_COMMAND, "/{}");
    expect_bad(&RB_FORM_COMMAND, "/P");
}
END_TEST

START_TEST(chat_ids_begin_with_their_letter_and_fit)
{
    static const struct {
        const rb_form *form;
        const char *good;
    } forms[] = {
        {&RB_FORM_CHAT_USER, "UW"}, {&RB_FORM_CHAT_GROUP, "S"}, {&RB_FORM_CHANNEL, "CG"}, {&RB_FORM_CHAT_PERSON, "UW"}};
    char id[RB_CHAT_ID_CAP + 1];

    for (size_t i = 0; i < COUNT(forms); i++)
        for (const char *first = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0"; *first; first++) {
            (void)snprintf(id, sizeof id, "%c%0*d", *first, RB_CHAT_ID_CAP - 2, 0);
            ck_assert_int_eq(judge(forms[i].form, id), strchr(forms[i].good, *first) ? RB_OK : RB_E_SYNTAX);
            (void)snprintf(id, sizeof id, "%c%0*d", *first, RB_CHAT_ID_CAP - 1, 0);
            expect_bad(forms[i].form, id);
        }
    expect_bad(&RB_FORM_CHAT_USER, "");
    expect_bad(&RB_FORM_CHAT_USER, "U");
    expect_good(&RB_FORM_CHAT_USER, "U1");
    expect_bad(&RB_FORM_CHAT_USER, "U0a");
    expect_bad(&RB_FORM_CHAT_USER, "U0_");
    ck_assert_int_eq(RB_FORM_CHAT_USER.check((rb_str){"\0"
                                                      "12",
                                                      3},
                                             NULL),
                     RB_E_SYNTAX);
    ck_assert_int_eq(RB_FORM_CHAT_PERSON.check((rb_str){NULL, 0}, NULL), RB_E_SYNTAX);
}
END_TEST

START_TEST(a_tenant_is_an_id_or_a_domain)
{
    expect_good(&RB_FORM_TENANT, GUID);
    expect_good(&RB_FORM_TENANT, "contoso.com");
    expect_bad(&RB_FORM_TENANT, "common");
    expect_bad(&RB_FORM_TENANT, "");
    expect_bad(&RB_FORM_GUID, "contoso.com");
}
END_TEST

START_TEST(users_and_devices_of_the_never_list_fit)
{
    char text[RB_UPN_CAP + 20];

    ck_assert_uint_lt(RB_SERIAL_CAP, sizeof text);
    (void)snprintf(text, sizeof text, "%0*d@a.b", RB_UPN_CAP - 1 - 4, 0);
    expect_good(&RB_FORM_ENTRA_USER, text);
    (void)snprintf(text, sizeof text, "%0*d@a.b", RB_UPN_CAP - 4, 0);
    expect_bad(&RB_FORM_ENTRA_USER, text);
    (void)snprintf(text, sizeof text, "%0*d", RB_SERIAL_CAP - 1, 0);
    expect_good(&RB_FORM_DEVICE, text);
    (void)snprintf(text, sizeof text, "%0*d", RB_SERIAL_CAP, 0);
    expect_bad(&RB_FORM_DEVICE, text);
    expect_bad(&RB_FORM_ENTRA_USER, "a b@c.d");
    expect_good(&RB_FORM_ENTRA_USER, "o'brien_x#EXT#@c.d");
    expect_good(&RB_FORM_DEVICE, GUID);
    ck_assert_int_eq(RB_FORM_ENTRA_USER.check((rb_str){NULL, 0}, NULL), RB_E_SYNTAX);
}
END_TEST

START_TEST(nearest_is_about_a_quarter_of_a_word)
{
    char a[RB_NEAREST_MAX + 2];

    ck_assert(rb_is_near(1, RB_STR("u")));
    ck_assert(!rb_is_near(2, RB_STR("us")));
    ck_assert(rb_is_near(2, RB_STR("user")));
    ck_assert(!rb_is_near(3, RB_STR("users")));
    ck_assert(rb_is_near(3, RB_STR("username")));
    memset(a, 'a', sizeof a);
    ck_assert_uint_eq(rb_edit_distance((rb_str){a, RB_NEAREST_MAX}, (rb_str){a, RB_NEAREST_MAX - 1}), 1);
    ck_assert_uint_eq(rb_edit_distance((rb_str){a, RB_NEAREST_MAX - 1}, (rb_str){a, RB_NEAREST_MAX}), 1);
    ck_assert_uint_eq(rb_edit_distance((rb_str){a, RB_NEAREST_MAX + 1}, (rb_str){a, 1}), SIZE_MAX);
    ck_assert_uint_eq(rb_edit_distance((rb_str){a, 1}, (rb_str){a, RB_NEAREST_MAX + 1}), SIZE_MAX);
    ck_assert_uint_eq(rb_edit_distance(RB_STR("ab"), RB_STR("ba")), 1);
    ck_assert_uint_eq(rb_edit_distance(RB_STR("ab"), RB_STR("bc")), 2);
    ck_assert_uint_eq(rb_edit_distance(RB_STR("ab"), RB_STR("ca")), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("forms");
    TCase *tests = tcase_create("forms");

    tcase_add_test(tests, S6_secrets_are_references_of_three_kinds);
    tcase_add_test(tests, a_host_has_the_letters_and_length_of_one);
    tcase_add_test(tests, an_api_url_has_no_query_and_visible_letters_only);
    tcase_add_test(tests, a_proxy_is_a_host_and_port_over_plain_http);
    tcase_add_test(tests, paths_may_have_blanks_and_no_control_characters);
    tcase_add_test(tests, a_slash_command_has_2_to_32_characters);
    tcase_add_test(tests, chat_ids_begin_with_their_letter_and_fit);
    tcase_add_test(tests, a_tenant_is_an_id_or_a_domain);
    tcase_add_test(tests, users_and_devices_of_the_never_list_fit);
    tcase_add_test(tests, nearest_is_about_a_quarter_of_a_word);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
