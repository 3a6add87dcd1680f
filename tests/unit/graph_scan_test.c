/* graph_scan_test.c - the strict reader, and secrets that are gone before json-c sees a reply (design: S6). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "device/json.h"
#include "device/scan.h"
#include "device/scrub.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static rb_err scan(const char *text)
{
    rb_str value;

    return rb_scan_document(rb_str_of(text), &value);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

START_TEST(documents_are_read_as_the_standard_says)
{
    static const char *const good[] = {"{}",
                                       "[]",
                                       "\"\"",
                                       "0",
                                       "-0.5e+10",
                                       "1E9",
                                       "true",
                                       "false",
                                       "null",
                                       " \t\r\n{ } ",
                                       "{\"a\":[1,2,{\"b\":null}] , \"c\" : \"\\u00e9\\n\"}",
                                       "[[],[[]]]",
                                       "\"\xFF\""};
    static const char *const bad[] = {
        "",       " ",   "{",     "}",     "{]", "[1,]", "{\"a\"}", "{\"a\":}",          "{\"a\":1,}", "{a:1}",
        "01",     "-",   "1.",    ".5",    "1e", "+1",   "\"",      "\"\\x\"",           "\"\\u12\"",  "\"a\nb\"",
        "tru",    "nul", "[1 2]", "{} {}", "1x", "[,1]", "'a'",     "{\"a\":1 \"b\":2}", "\"\\\"",     "NaN",
        "/*x*/1", "[1}"};

    for (size_t i = 0; i < COUNT(good); i++)
        ck_assert_msg(scan(good[i]) == RB_OK, "refused: %s", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(scan(bad[i]) == RB_E_SYNTAX, "accepted: %s", bad[i]);
}
END_TEST

START_TEST(nesting_ends_at_its_limit)
{
    char text[2 * (RB_SCAN_DEPTH_MAX + 1) + 1];

    for (size_t extra = 0; extra < 2; extra++) {
        size_t depth = RB_SCAN_DEPTH_MAX + extra;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = '\0';
        ck_assert_int_eq(scan(text), extra ? RB_E_LIMIT : RB_OK);
    }
}
END_TEST

START_TEST(members_are_found_by_their_resolved_name_and_the_last_counts)
{
    rb_str root;
    const char *text = "{ \"a\" : 1, \"b\":{\"x\":[]}, \"\\u0061\": \"two\" }";

    ck_assert_int_eq(rb_scan_document(rb_str_of(text), &root), RB_OK);
    ck_assert(rb_str_equal(rb_scan_get(root, "a"), RB_STR("\"two\"")));
    ck_assert(rb_str_equal(rb_scan_get(root, "b"), RB_STR("{\"x\":[]}")));
    ck_assert_uint_eq(rb_scan_get(root, "c").len, 0);
    ck_assert_uint_eq(rb_scan_get(RB_STR("[1]"), "a").len, 0);
    ck_assert_uint_eq(rb_scan_get(RB_STR(""), "a").len, 0);
}
END_TEST

static void expect_text(const char *string, const char *expected)
{
    rb_buf text;

    rb_buf_init(&text, 100);
    ck_assert_int_eq(rb_scan_text(rb_str_of(string), &text), RB_OK);
    ck_assert_str_eq(rb_buf_cstr(&text), expected);
    ck_assert(rb_scan_text_is(rb_str_of(string), rb_str_of(expected), false));
    ck_assert(!rb_scan_text_is(rb_str_of(string), RB_STR("else"), false));
    rb_buf_fini(&text);
}

START_TEST(strings_are_resolved)
{
    rb_buf text;

    expect_text("\"plain\"", "plain");
    expect_text("\"\"", "");
    expect_text("\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\"", "a\"b\\c/d\b\f\n\r\t");
    expect_text("\"\\u00e5\\u20AC\\ud83d\\ude00\"", "\xC3\xA5\xE2\x82\xAC\xF0\x9F\x98\x80");
    ck_assert(rb_scan_text_is(RB_STR("\"PassCode\""), RB_STR("passcode"), true));
    ck_assert(!rb_scan_text_is(RB_STR("\"passcodes\""), RB_STR("passcode"), true));
    ck_assert(!rb_scan_text_is(RB_STR("\"passcod\""), RB_STR("passcode"), true));
    rb_buf_init(&text, 100);
    ck_assert_int_eq(rb_scan_text(RB_STR("\"\\ud83d\""), &text), RB_E_SYNTAX);
    ck_assert_int_eq(rb_scan_text(RB_STR("\"\\ude00x\""), &text), RB_E_SYNTAX);
    ck_assert_int_eq(rb_scan_text(RB_STR("\"\\ud83d\\u0041\""), &text), RB_E_SYNTAX);
    rb_buf_fini(&text);
}
END_TEST

/* ---- scrubbing -------------------------------------------------------------------------------------------------- */

static bool scrubbed_holds(const char *body, const char *part)
{
    rb_buf copy;

    rb_buf_init(&copy, 10000);
    ck_assert_int_eq(rb_scrub_copy(rb_str_of(body), &copy), RB_OK);
    ck_assert_int_eq(scan(rb_buf_cstr(&copy)), RB_OK);
    bool holds = strstr(rb_buf_cstr(&copy), part) != NULL;
    rb_buf_wipe(&copy);
    return holds;
}

START_TEST(S6_secrets_are_blanked_wherever_and_however_they_are_written)
{
    static const char *const bodies[] = {
        "{\"passcode\":\"CANARY\"}",
        "{\"PassCode\" : \"CANARY\" , \"a\":1}",
        "{\"\\u0070ass\\u0063ode\":\"CANARY\"}",
        "{\"a\":[{\"b\":{\"passcode\":\"CANARY\"}}]}",
        "{\"unlockPin\":\"CANARY\"}",
        "{\"activationLockBypassCode\":\"CANARY\"}",
        "{\"access_token\":\"CANARY\",\"refresh_token\":\"CANARY\",\"id_token\":\"CANARY\"}",
        "{\"passcode\":{\"value\":\"CANARY\"}}",
        "{\"passcode\":[\"CANARY\"]}",
        "{\"passcode\":\"CANARY\",\"passcode\":\"CANARY\"}",
        "{\"passcode\":\"x\\\"CANARY\"}",
        "[{\"passcode\":\"CANARY\"}]"};

    for (size_t i = 0; i < COUNT(bodies); i++)
        ck_assert_msg(!scrubbed_holds(bodies[i], "CANARY"), "left in: %s", bodies[i]);
    ck_assert(scrubbed_holds("{\"passcodes\":\"kept\",\"name\":\"passcode\"}", "kept"));
}
END_TEST

START_TEST(that_there_was_a_secret_can_still_be_read)
{
    static const struct {
        const char *body;
        bool has_content;
    } bodies[] = {{"{\"passcode\":\"a1B2\"}", true}, {"{\"passcode\":1234}", true},   {"{\"passcode\":\"\"}", false},
                  {"{\"passcode\":null}", false},    {"{\"passcode\":false}", false}, {"{}", false},
                  {"{\"passcode\":\"1\"}", true}};

    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct json_object *root = NULL;
        ck_assert_int_eq(rb_djson_parse_body(rb_str_of(bodies[i].body), &root), RB_OK);
        ck_assert_msg(rb_djson_has_content(root, "passcode") == bodies[i].has_content, "%s", bodies[i].body);
        rb_djson_free(root);
    }
}
END_TEST

START_TEST(S6_a_body_that_is_no_json_is_not_kept)
{
    rb_buf copy;

    rb_buf_init(&copy, 10000);
    ck_assert_int_eq(rb_scrub_copy(RB_STR("{\"passcode\":\"CANARY\""), &copy), RB_E_SYNTAX);
    ck_assert_int_eq(rb_scrub_copy(RB_STR("CANARY"), &copy), RB_E_SYNTAX);
    ck_assert_uint_eq(copy.len, 0);
    rb_buf_wipe(&copy);
    rb_buf_init(&copy, 10);
    ck_assert_int_eq(rb_scrub_copy(RB_STR("[1,2,3,4,5,6]"), &copy), RB_E_LIMIT);
    ck_assert_uint_eq(copy.len, 0);
    rb_buf_wipe(&copy);
}
END_TEST

/* ---- values ----------------------------------------------------------------------------------------------------- */

START_TEST(values_of_another_type_are_not_taken_for_texts)
{
    struct json_object *root = NULL;
    char text[16] = "before";
    const char *body = "{\"n\":7,\"s\":\"seven\",\"z\":null,\"d\":\"42\",\"neg\":-3,\"g\":\"not a guid\",\"zero\":"
                       "\"00000000-0000-0000-0000-000000000000\",\"long\":\"0123456789abcdef\"}";

    ck_assert_int_eq(rb_djson_parse_body(rb_str_of(body), &root), RB_OK);
    ck_assert_int_eq(rb_djson_copy(root, "n", text, sizeof text), RB_E_SYNTAX);
    ck_assert_int_eq(rb_djson_copy(root, "long", text, sizeof text), RB_E_LIMIT);
    ck_assert_str_eq(text, "before");
    ck_assert_int_eq(rb_djson_copy(root, "s", text, sizeof text), RB_OK);
    ck_assert_str_eq(text, "seven");
    ck_assert_int_eq(rb_djson_copy(root, "z", text, sizeof text), RB_OK);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(rb_djson_int(root, "d", 1), 42);
    ck_assert_int_eq(rb_djson_int(root, "neg", 1), -3);
    ck_assert_int_eq(rb_djson_int(root, "s", 1), 1);
    ck_assert_int_eq(rb_djson_guid(root, "g", text, sizeof text), RB_E_SYNTAX);
    ck_assert_int_eq(rb_djson_guid(root, "zero", text, sizeof text), RB_OK);
    ck_assert_str_eq(text, "");
    ck_assert(rb_djson_is_null(root, "z"));
    ck_assert(!rb_djson_is_null(root, "absent"));
    rb_djson_free(root);
    ck_assert_int_eq(rb_djson_parse_body(RB_STR("[]"), &root), RB_E_SYNTAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph scan");
    TCase *cases = tcase_create("graph scan");

    tcase_add_test(cases, documents_are_read_as_the_standard_says);
    tcase_add_test(cases, nesting_ends_at_its_limit);
    tcase_add_test(cases, members_are_found_by_their_resolved_name_and_the_last_counts);
    tcase_add_test(cases, strings_are_resolved);
    tcase_add_test(cases, S6_secrets_are_blanked_wherever_and_however_they_are_written);
    tcase_add_test(cases, that_there_was_a_secret_can_still_be_read);
    tcase_add_test(cases, S6_a_body_that_is_no_json_is_not_kept);
    tcase_add_test(cases, values_of_another_type_are_not_taken_for_texts);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
