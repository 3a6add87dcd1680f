/* grammar_test.c - what people type, understood: verb, target, reason, ticket. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/delivery.h"
#include "resetbot/grammar.h"

static rb_intent intent;

static void parse(const char *text)
{
    rb_grammar_parse(rb_str_of(text), &intent);
}

#define EXPECT_TARGET(expected_kind, expected)                                                                         \
    do {                                                                                                               \
        ck_assert_int_eq(intent.target_kind, expected_kind);                                                           \
        ck_assert_str_eq(intent.target, expected);                                                                     \
    } while (0)

static void parse_repeated(const char *head, const char *unit, size_t n)
{
    rb_buf text;

    rb_buf_init(&text, RB_COMMAND_TEXT_CAP * 2);
    rb_buf_adds(&text, head);
    for (size_t i = 0; i < n; i++)
        rb_buf_adds(&text, unit);
    ck_assert_int_eq(text.err, RB_OK);
    rb_grammar_parse(rb_buf_str(&text), &intent);
    rb_buf_fini(&text);
}

/* ---- understood --------------------------------------------------------------------------------------------------- */

START_TEST(a_whole_command)
{
    parse("reset adele@contoso.com locked out after the update INC0012345");
    ck_assert_str_eq(intent.verb, "reset");
    EXPECT_TARGET(RB_TARGET_USER, "adele@contoso.com");
    ck_assert_str_eq(intent.reason, "locked out after the update");
    ck_assert_str_eq(intent.ticket, "INC0012345");
    parse("reset adele@contoso.com INC0012345 locked out");
    ck_assert_str_eq(intent.reason, "locked out");
    ck_assert_str_eq(intent.ticket, "INC0012345");
    parse("reset adele@contoso.com before INC0012345 after");
    ck_assert_str_eq(intent.reason, "before after");
}
END_TEST

START_TEST(targets_of_every_kind)
{
    static const struct {
        const char *text;
        rb_target_kind kind;
        const char *target;
    } cases[] = {
        {"reset", RB_TARGET_NONE, ""},
        {"", RB_TARGET_NONE, ""},
        {"   ", RB_TARGET_NONE, ""},
        {"reset \"\"", RB_TARGET_NONE, ""},
        {"reset <@U0ADELE>", RB_TARGET_MENTION, "U0ADELE"},
        {"reset <@U0ADELE|adele>", RB_TARGET_MENTION, "U0ADELE"},
        {"reset <@>", RB_TARGET_USER, "<@>"},
        {"reset F2LXK4QQ4F2K", RB_TARGET_SERIAL, "F2LXK4QQ4F2K"},
        {"reset 20000000-0000-4000-8000-00000000000A", RB_TARGET_DEVICE_ID, "20000000-0000-4000-8000-00000000000a"},
        {"status R-7K3F", RB_TARGET_REQUEST, "R-7K3F"},
        {"status r-7k3f", RB_TARGET_REQUEST, "R-7K3F"},
        {"status R-OIL0", RB_TARGET_REQUEST, "R-0110"},
        {"status R-7K3FAB", RB_TARGET_REQUEST, "R-7K3FAB"},
        {"reset R-7K", RB_TARGET_SERIAL, "R-7K"},
        {"reset R-7K3F-9", RB_TARGET_SERIAL, "R-7K3F-9"},
        {"reset Adele@Contoso.com", RB_TARGET_USER, "Adele@Contoso.com"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse(cases[i].text);
        ck_assert_msg(intent.target_kind == cases[i].kind && strcmp(intent.target, cases[i].target) == 0,
                      "%s: %d \"%s\"", cases[i].text, (int)intent.target_kind, intent.target);
    }
}
END_TEST

START_TEST(part_of_a_name_is_letters_without_a_digit)
{
    static const struct {
        const char *text;
        rb_target_kind kind;
        const char *target;
        const char *reason;
    } cases[] = {
        {"reset adele locked out after leave", RB_TARGET_NAME, "adele", "locked out after leave"},
        {"reset Adele", RB_TARGET_NAME, "Adele", ""},
        {"devices o'brien", RB_TARGET_NAME, "o'brien", ""},
        {"reset adele.vance locked out", RB_TARGET_NAME, "adele.vance", "locked out"},
        {"reset \u00e5sa l\u00e5st", RB_TARGET_NAME, "\u00e5sa", "l\u00e5st"},
        {"reset \"adele vance\" locked out", RB_TARGET_NAME, "adele vance", "locked out"},
        {"reset \u201cadele vance\u201d \"locked out\"", RB_TARGET_NAME, "adele vance", "locked out"},
        {"reset  'Pat  O\u2019Brien'  locked", RB_TARGET_NAME, "Pat O\u2019Brien", "locked"},
        {"reset \"adele vance\"", RB_TARGET_NAME, "adele vance", ""},
        {"reset \" adele \" locked", RB_TARGET_NONE, "", "adele \" locked"}, /* word by word, as ever */
        {"reset \"adele vance locked", RB_TARGET_NAME, "adele", "vance locked"},
        {"reset \"adele\" \"locked out\"", RB_TARGET_NAME, "adele", "locked out"},
        {"reset \"adele@contoso.com locked\" out", RB_TARGET_USER, "adele@contoso.com", "locked\" out"},
        {"reset \"F2LXK4QQ4F2K locked\" out", RB_TARGET_SERIAL, "F2LXK4QQ4F2K", "locked\" out"},
        {"reset adele2", RB_TARGET_SERIAL, "adele2", ""},
        {"reset ---", RB_TARGET_SERIAL, "---", ""},
        {"status R-ADEL", RB_TARGET_REQUEST, "R-ADE1", ""},
        {"reset r-x locked", RB_TARGET_SERIAL, "r-x", "locked"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse(cases[i].text);
        bool is_same = intent.target_kind == cases[i].kind && strcmp(intent.target, cases[i].target) == 0 &&
                       strcmp(intent.reason, cases[i].reason) == 0;
        ck_assert_msg(is_same, "%s: %d \"%s\" because \"%s\"", cases[i].text, (int)intent.target_kind, intent.target,
                      intent.reason);
    }
}
END_TEST

START_TEST(a_serial_number_without_digits_may_look_like_a_name)
{
    static const struct {
        const char *text;
        bool may_be;
    } cases[] = {{"reset FVFXQABCDEFG", true}, {"reset AB-CD", true},          {"reset adele", true},
                 {"reset adele.v", false},     {"reset \u00e5sa", false},      {"reset \"adele vance\"", false},
                 {"reset o'brien", false},     {"reset a@contoso.com", false}, {"reset F2LX", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse(cases[i].text);
        ck_assert_msg(rb_grammar_may_be_serial(&intent) == cases[i].may_be, "%s", cases[i].text);
    }
}
END_TEST

START_TEST(words_behind_a_name_belong_to_it_where_no_reason_is_asked_for)
{
    parse("devices adele vance");
    rb_grammar_whole_name(&intent);
    EXPECT_TARGET(RB_TARGET_NAME, "adele vance");
    ck_assert_str_eq(intent.reason, "");
    parse("devices adele 7");
    rb_grammar_whole_name(&intent);
    EXPECT_TARGET(RB_TARGET_NAME, "adele");
    parse("devices adele@contoso.com vance");
    rb_grammar_whole_name(&intent);
    EXPECT_TARGET(RB_TARGET_USER, "adele@contoso.com");
    parse_repeated("devices adele ", "x", RB_TARGET_CAP);
    rb_grammar_whole_name(&intent);
    EXPECT_TARGET(RB_TARGET_NAME, "adele");
}
END_TEST

START_TEST(keyboards_and_copies_of_all_sorts)
{
    static const char *const same[] = {
        "RESET adele@contoso.com locked out",
        "  reset   adele@contoso.com   locked   out  ",
        "reset\u00a0adele@contoso.com\u00a0locked\u00a0out",
        "reset\u2003adele@contoso.com\u3000locked\u202fout",
        "reset \u201cadele@contoso.com\u201d locked out",
        "reset \u201eadele@contoso.com\u201c locked out",
        "reset 'adele@contoso.com' \"locked out\"",
        "reset \u00abadele@contoso.com\u00bb \u2018locked out\u2019",
        "reset `adele@contoso.com` locked out",
        "reset\tadele@contoso.com\nlocked\r\nout",
        "re\u200bset ad\u200dele@contoso.com locked out",
        "\u202ereset adele@contoso.com\u202c locked out",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        parse(same[i]);
        ck_assert_str_eq(intent.verb, "reset");
        EXPECT_TARGET(RB_TARGET_USER, "adele@contoso.com");
        ck_assert_str_eq(intent.reason, "locked out");
    }
}
END_TEST

START_TEST(other_languages_and_apostrophes)
{
    parse("reset \u00e5sa.\u00f6berg@contoso.com l\u00e5st ute \u65e5\u672c\u8a9e");
    EXPECT_TARGET(RB_TARGET_USER, "\u00e5sa.\u00f6berg@contoso.com");
    ck_assert_str_eq(intent.reason, "l\u00e5st ute \u65e5\u672c\u8a9e");
    parse("reset o\u2019brien@contoso.com");
    EXPECT_TARGET(RB_TARGET_USER, "o'brien@contoso.com");
}
END_TEST

START_TEST(invalid_bytes_become_signs_and_nothing_else)
{
    parse("reset ad\xff"
          "ele@contoso.com lock\xc3");
    EXPECT_TARGET(RB_TARGET_USER, "ad\xef\xbf\xbd"
                                  "ele@contoso.com");
    ck_assert_str_eq(intent.reason, "lock\xef\xbf\xbd");
}
END_TEST

/* ---- limits ------------------------------------------------------------------------------------------------------- */

START_TEST(a_reason_at_its_limit_and_one_past_it)
{
    static const char *const units[] = {"x", "\u00f6", "\U0001f512"};
    for (size_t i = 0; i < 3; i++) {
        parse_repeated("reset a@b ", units[i], RB_REASON_CHARS_MAX);
        ck_assert(!intent.is_reason_too_long);
        ck_assert_uint_eq(strlen(intent.reason), strlen(units[i]) * RB_REASON_CHARS_MAX);
        parse_repeated("reset a@b ", units[i], RB_REASON_CHARS_MAX + 1);
        ck_assert(intent.is_reason_too_long);
        ck_assert_str_eq(intent.reason, "");
        parse_repeated("reset a@b ", units[i], 3000);
        ck_assert(intent.is_reason_too_long);
    }
}
END_TEST

START_TEST(a_target_at_its_limit_and_one_past_it)
{
    parse_repeated("reset ", "x", RB_TARGET_CAP - 1);
    ck_assert(!intent.is_target_too_long);
    ck_assert_uint_eq(strlen(intent.target), RB_TARGET_CAP - 1);
    parse_repeated("reset ", "x", RB_TARGET_CAP);
    ck_assert(intent.is_target_too_long);
    ck_assert_str_eq(intent.target, "");
    ck_assert_int_ne(intent.target_kind, RB_TARGET_NONE); /* no form opens: it is said to be too long */
}
END_TEST

START_TEST(a_verb_too_long_is_no_command)
{
    parse_repeated("", "x", RB_WORD_CAP - 1);
    ck_assert_uint_eq(strlen(intent.verb), RB_WORD_CAP - 1);
    parse_repeated("", "x", RB_WORD_CAP);
    ck_assert_str_eq(intent.verb, "?");
}
END_TEST

START_TEST(a_request_id_too_long_is_none)
{
    parse_repeated("status R-", "A", RB_REQUEST_ID_CAP - 3);
    ck_assert_int_eq(intent.target_kind, RB_TARGET_REQUEST);
    ck_assert_uint_eq(strlen(intent.target), RB_REQUEST_ID_CAP - 1);
    parse_repeated("status R-", "A", RB_REQUEST_ID_CAP - 2);
    ck_assert_int_eq(intent.target_kind, RB_TARGET_SERIAL);
}
END_TEST

/* ---- secrets ------------------------------------------------------------------------------------------------------ */

START_TEST(S7_the_mark_of_a_passcode_left_out_is_seen_and_no_reason_kept)
{
    parse("reset adele@contoso.com " RB_SECRET_MARK);
    ck_assert(intent.is_reason_secret);
    ck_assert_str_eq(intent.reason, "");
    EXPECT_TARGET(RB_TARGET_USER, "adele@contoso.com");
    parse("reset adele@contoso.com locked out");
    ck_assert(!intent.is_reason_secret);
}
END_TEST

/* ---- the nearest name --------------------------------------------------------------------------------------------- */

START_TEST(a_slip_of_the_finger_is_guessed)
{
    static const char *const names[] = {"reset", "remove", "status", "list", "help", NULL};
    ck_assert_str_eq(rb_grammar_nearest("rest", names), "reset");
    ck_assert_str_eq(rb_grammar_nearest("reset", names), "reset");
    ck_assert_str_eq(rb_grammar_nearest("staus", names), "status");
    ck_assert_str_eq(rb_grammar_nearest("hlep", names), "help");
    ck_assert_ptr_null(rb_grammar_nearest("wipe-everything", names));
    char longest[512];
    memset(longest, 'r', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    ck_assert_ptr_null(rb_grammar_nearest(longest, names));
}
END_TEST

START_TEST(a_request_id_is_known_by_less_than_all_of_it)
{
    static const struct {
        const char *word;
        size_t distance;
    } all[] = {{"R-7K3F", 0},        {"r-7k3f", 0},
               {"7k3f", 0},          {"R7K3F", 0},
               {"R-7K3", 1},         {"R-7K4F", 1},
               {"K73F", 1},          {"R-7O3F", 1},
               {"7K", SIZE_MAX},     {"", SIZE_MAX},
               {"R-", SIZE_MAX},     {"F2LXK4QQ4F2K", SIZE_MAX},
               {"R-ABCD", SIZE_MAX}, {"\xff\xff\xff\xff", SIZE_MAX}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ck_assert_msg(rb_grammar_id_distance(rb_str_of(all[i].word), "R-7K3F") == all[i].distance, "%s", all[i].word);
}
END_TEST

/* ---- any bytes ---------------------------------------------------------------------------------------------------- */

/* Each prefix of hard inputs: never too much, always terminated (sanitizers look on). */
START_TEST(every_prefix_of_hard_inputs_is_read)
{
    static const char *const hard[] = {"reset <@U0|\xff\xff> \u201c\u201d ```'''\"\"\" \xf0\x9f\x94",
                                       "\"\"\"\"\" <@<@|>> R-OOOO INC0012345INC0012345 INC0012345",
                                       "\xe2\x80\x99\xe2\x80\x99@\xe2\x80\x99 \xe2\x80\x99 \xe2\x80"};
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
        for (size_t len = 0; len <= strlen(hard[i]); len++) {
            char *exact = malloc(len + 1);
            ck_assert_ptr_nonnull(exact);
            memcpy(exact, hard[i], len);
            exact[len] = '\0';
            rb_grammar_parse((rb_str){exact, len}, &intent);
            free(exact);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grammar");
    TCase *tests = tcase_create("typed");

    tcase_add_test(tests, a_whole_command);
    tcase_add_test(tests, targets_of_every_kind);
    tcase_add_test(tests, part_of_a_name_is_letters_without_a_digit);
    tcase_add_test(tests, a_serial_number_without_digits_may_look_like_a_name);
    tcase_add_test(tests, words_behind_a_name_belong_to_it_where_no_reason_is_asked_for);
    tcase_add_test(tests, keyboards_and_copies_of_all_sorts);
    tcase_add_test(tests, other_languages_and_apostrophes);
    tcase_add_test(tests, invalid_bytes_become_signs_and_nothing_else);
    tcase_add_test(tests, a_reason_at_its_limit_and_one_past_it);
    tcase_add_test(tests, a_target_at_its_limit_and_one_past_it);
    tcase_add_test(tests, a_verb_too_long_is_no_command);
    tcase_add_test(tests, a_request_id_too_long_is_none);
    tcase_add_test(tests, S7_the_mark_of_a_passcode_left_out_is_seen_and_no_reason_kept);
    tcase_add_test(tests, a_slip_of_the_finger_is_guessed);
    tcase_add_test(tests, a_request_id_is_known_by_less_than_all_of_it);
    tcase_add_test(tests, every_prefix_of_hard_inputs_is_read);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
