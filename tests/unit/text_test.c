/* text_test.c - text from strangers becomes inert, and reasons that give a secret away are recognised. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void expect_clean(const char *text, size_t len, const char *expected)
{
    rb_buf out;

    rb_buf_init(&out, 4096);
    rb_text_clean(&out, (rb_str){text, len});
    ck_assert_int_eq(out.err, RB_OK);
    ck_assert_str_eq(rb_buf_cstr(&out), expected);
    rb_buf_fini(&out);
}

#define EXPECT_CLEAN(text, expected) expect_clean(text, sizeof(text) - 1, expected)

/* ---- clean ------------------------------------------------------------------------------------------------------ */

START_TEST(white_space_of_any_kind_becomes_one_space)
{
    EXPECT_CLEAN("  locked\t\tout\r\nafter\xC2\xA0the\xE2\x80\xA8update\xE3\x80\x80 ", "locked out after the update");
    EXPECT_CLEAN("\n \t", "");
    EXPECT_CLEAN("", "");
}
END_TEST

START_TEST(control_characters_go)
{
    EXPECT_CLEAN("a\0b\x01"
                 "c\x1b[31md\x7f"
                 "e",
                 "abc[31mde");
    EXPECT_CLEAN("a\xC2\x9B"
                 "b",
                 "ab");
}
END_TEST

START_TEST(bidi_zero_width_tag_and_filler_characters_go)
{
    EXPECT_CLEAN("ad\xE2\x80\xAE"
                 "ele",
                 "adele"); /* right-to-left override */
    EXPECT_CLEAN("ad\xE2\x80\x8B\xE2\x81\xA6\xEF\xBB\xBF"
                 "ele",
                 "adele");
    EXPECT_CLEAN("a\xF3\xA0\x81\xA1"
                 "b",
                 "ab"); /* tag letter */
    EXPECT_CLEAN("a\xE3\x85\xA4"
                 "b",
                 "ab"); /* Hangul filler */
    EXPECT_CLEAN("a\xEF\xB8\x8F"
                 "b",
                 "ab"); /* variation selector */
    EXPECT_CLEAN("a\xEF\xBF\xBE"
                 "b",
                 "ab"); /* noncharacter */
}
END_TEST

START_TEST(a_space_beside_an_invisible_character_stays_one_space)
{
    EXPECT_CLEAN("a \xE2\x80\x8B b", "a b");
    EXPECT_CLEAN("\xE2\x80\x8B a", "a");
}
END_TEST

START_TEST(letters_of_other_languages_and_emoji_stay)
{
    EXPECT_CLEAN("Åsa Öberg 山田 👍", "Åsa Öberg 山田 👍");
}
END_TEST

START_TEST(bytes_that_are_no_utf8_become_replacement_characters)
{
    EXPECT_CLEAN("a\xFF"
                 "b",
                 "a\xEF\xBF\xBD"
                 "b");
    EXPECT_CLEAN("\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"); /* overlong slash */
    EXPECT_CLEAN("\xE0\x80\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_CLEAN("\xF0\x80\x80\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_CLEAN("\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"); /* surrogate */
    EXPECT_CLEAN("\xE2\x80", "\xEF\xBF\xBD\xEF\xBF\xBD");                 /* cut off */
    EXPECT_CLEAN("\xF5\x80\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_CLEAN("\xEF\xBF\xBD", "\xEF\xBF\xBD"); /* one that was there before is one */
}
END_TEST

START_TEST(cleaning_twice_changes_nothing_more)
{
    unsigned seed = 7;

    for (int round = 0; round < 2000; round++) {
        char text[64];
        char once[256];
        char twice[256];
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = (char)(seed >> 16);
        }
        ck_assert_int_eq(rb_text_clean_copy(once, sizeof once, (rb_str){text, sizeof text}), RB_OK);
        ck_assert_int_eq(rb_text_clean_copy(twice, sizeof twice, rb_str_of(once)), RB_OK);
        ck_assert_str_eq(once, twice);
    }
}
END_TEST

START_TEST(a_copy_fits_to_the_last_byte_and_one_more_is_an_error)
{
    char dst[6] = "kept";

    ck_assert_int_eq(rb_text_clean_copy(dst, sizeof dst, RB_STR("abcdef")), RB_E_LIMIT);
    ck_assert_str_eq(dst, "kept");
    ck_assert_int_eq(rb_text_clean_copy(dst, sizeof dst, RB_STR("  abcde ")), RB_OK);
    ck_assert_str_eq(dst, "abcde");
    ck_assert_int_eq(rb_text_clean_copy(dst, 0, RB_STR("")), RB_E_LIMIT);
}
END_TEST

START_TEST(clipping_ends_in_an_ellipsis_at_a_character)
{
    char dst[9];

    rb_text_clip(dst, sizeof dst, RB_STR("12345678"));
    ck_assert_str_eq(dst, "12345678");
    rb_text_clip(dst, sizeof dst, RB_STR("123456789"));
    ck_assert_str_eq(dst, "12345…");
    rb_text_clip(dst, sizeof dst,
                 RB_STR("1234\xC3\xA5"
                        "6789"));
    ck_assert_str_eq(dst, "1234…");
    rb_text_clip(dst, sizeof dst, RB_STR("ab\xE2\x80\x8B\n\n"));
    ck_assert_str_eq(dst, "ab");
}
END_TEST

START_TEST(clipping_into_almost_nothing_stays_inside)
{
    for (size_t cap = 0; cap < 8; cap++) {
        char dst[16];
        memset(dst, '#', sizeof dst);
        rb_text_clip(dst, cap, RB_STR("abcdefghij"));
        ck_assert_int_eq(dst[cap], '#');
        ck_assert(cap == 0 || strlen(dst) < cap);
    }
}
END_TEST

START_TEST(characters_are_counted_not_bytes)
{
    ck_assert_uint_eq(rb_text_chars(RB_STR("Åsa 山")), 5);
    ck_assert_uint_eq(rb_text_chars(RB_STR("a\xFF\xFE")), 3);
    ck_assert_uint_eq(rb_text_chars(RB_STR("")), 0);
}
END_TEST

/* ---- secrets ---------------------------------------------------------------------------------------------------- */

static const char *const SECRETS[] = {
    "pin 1234",
    "PIN: 0000",
    "the pin is 4821",
    "code: a1B2c3",
    "Code=x9",
    "password is hunter",
    "her password: correct horse",
    "passcode was Sommar",
    "pass: geheim",
    "pwd = Blomma",
    "koden är 1234",
    "kod 1234",
    "lösenordet är sommar",
    "LÖSENORD: sommar",
    "pinkod 4711",
    "pinkoden är 4711",
    "upplåsningskoden: katt",
    "1234",
    "482913",
    "123456789012",
    "try 482913 it used to work",
    "locked out (482913)",
    "it was \"482913\".",
    "a1B2c3D4",
    "please use a1b2c3d4e5 then",
    "A1B2C3",
    "P@ssw0rd",
    "he typed Summer2024! five times",
    "pin1234",
    "kod-4711",
    "PIN-1234",
    "pin - 1234",
    "code to unlock 1234",
    "code 12 34",
    "pin 1 2 3 4",
    "1-2-3-4",
    "4 8 2 9",
    "12 34 56",
    "123-456",
    "passcode adele99",
    "password is Summer2024",
    "p\xE2\x80\x8Bin 1234",
    ("pin\xC2\xA0"
     "1234"),
    "pin: １２３４",
    "١٢٣٤",
    "“4829”",
    "lo\xCC\x88senord: katt",
    "passcode – 4829",
};

static const char *const HARMLESS[] = {
    "",
    "locked out after the update",
    "forgot the passcode",
    "forgot his passcode, INC0012345",
    "passcode forgotten",
    "password is forgotten",
    "the passcode is not accepted",
    "pin locked",
    "code does not work",
    "passcode reset needed",
    "passcode INC0012345",
    "code: INC0012345",
    "INC0012345",
    "inc0012345",
    "JIRA-123 phone locked",
    "CHG0001 RITM00123",
    "called back on +46 70 123 45 67",
    "called back on +46701234567",
    "phone 0701234567",
    "tel: 0701234567",
    "iPhone 14",
    "iPhone15Pro",
    "passcode on iPhone14 forgotten",
    "pin iPhone14",
    "Galaxy S23",
    "SM-G991B/DS",
    "Pixel 7a",
    "iOS 17.5.1",
    "iPadOS 17.5 on iPad13,4",
    "Android 14",
    "windows 2019",
    "version 22631",
    "since 2026-03-02",
    "since 02/03/2026 14:02",
    "locked since 2026",
    "2.3.2026",
    "asked at 14:02 UTC",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "passcode 3F2504E0-4F89-11D3-9A0C-0305E82C3301",
    "serial DMPXK4F2KJ",
    "DMPXK4F2KJ",
    "serial dmpxk4f2kj",
    "00008101-000a1b2c3d4e5f60",
    "356938035643809",
    "adele1990@contoso.com",
    "error code 53003",
    "felkod 50012",
    "error 53003",
    "room 1234",
    "ticket 4711234",
    "ärende: 4711234",
    "R-7K3F again",
    "5 wrong attempts",
    "6 digit passcode required",
    "passcode must have 6 digits",
    "koden är bortglömd",
    "lösenordet fungerar inte",
    "new passcode for the iPad",
    "koden till telefonen",
};

START_TEST(a_reason_that_gives_a_secret_away_is_recognised)
{
    for (size_t i = 0; i < COUNT(SECRETS); i++)
        ck_assert_msg(rb_text_looks_secret(rb_str_of(SECRETS[i])), "let through: %s", SECRETS[i]);
}
END_TEST

START_TEST(an_ordinary_reason_is_not_taken_for_a_secret)
{
    for (size_t i = 0; i < COUNT(HARMLESS); i++)
        ck_assert_msg(!rb_text_looks_secret(rb_str_of(HARMLESS[i])), "refused: %s", HARMLESS[i]);
}
END_TEST

START_TEST(a_secret_is_recognised_wherever_it_stands_in_a_sentence)
{
    static const char *const fillers[] = {"locked out", "INC0012345", "after the update,", "Åsa ringde", "iOS 17.5.1."};

    for (size_t i = 0; i < COUNT(fillers); i++)
        for (size_t j = 0; j < COUNT(fillers); j++) {
            rb_buf text;
            rb_buf_init(&text, 256);
            rb_buf_addf(&text, "%s pin 4829 %s", fillers[i], fillers[j]);
            ck_assert_msg(rb_text_looks_secret(rb_buf_str(&text)), "let through: %s", rb_buf_cstr(&text));
            rb_buf_fini(&text);
        }
}
END_TEST

START_TEST(any_bytes_can_be_judged)
{
    unsigned seed = 11;

    for (int round = 0; round < 2000; round++) {
        char text[80];
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = (char)(seed >> 16);
        }
        (void)rb_text_looks_secret((rb_str){text, seed % sizeof text});
        (void)rb_text_find_ticket((rb_str){text, seed % sizeof text});
    }
}
END_TEST

/* ---- tickets ---------------------------------------------------------------------------------------------------- */

static void expect_ticket(const char *text, const char *expected)
{
    rb_str found = rb_text_find_ticket(rb_str_of(text));

    ck_assert_msg(rb_str_equal(found, rb_str_of(expected)), "in \"%s\": \"%.*s\"", text, (int)found.len, found.ptr);
}

START_TEST(a_ticket_is_found_as_a_whole_word)
{
    expect_ticket("locked out INC0012345", "INC0012345");
    expect_ticket("(chg0001), asap", "chg0001");
    expect_ticket("RITM00123", "RITM00123");
    expect_ticket("see JIRA-123.", "JIRA-123");
    expect_ticket("INC0012345 and JIRA-123", "INC0012345");
}
END_TEST

START_TEST(what_only_resembles_a_ticket_is_none)
{
    expect_ticket("", "");
    expect_ticket("locked out", "");
    expect_ticket("xINC0012345y", "");
    expect_ticket("INC0012345-7", "");
    expect_ticket("summer2024", "");
    expect_ticket("iPhone14", "");
    expect_ticket("IOS17", "");
    expect_ticket("R-7K3F", "");
    expect_ticket("PIN-1234", "");
    expect_ticket("PIN1234", "");
    expect_ticket("INC", "");
    expect_ticket("3f2504e0-4f89-11d3-9a0c-0305e82c3301", "");
    expect_ticket("ÅINC0012345", "");
}
END_TEST

/* ---- templates -------------------------------------------------------------------------------------------------- */

static const rb_arg ARGS[] = {{"who", "arvid"}, {"at", "14:03 UTC"}, {"odd", "{who}"}, {NULL, NULL}};

START_TEST(a_template_is_filled)
{
    rb_buf out;

    rb_buf_init(&out, 256);
    rb_text_fill(&out, "{who} approved at {at}, {who}!", ARGS);
    rb_text_fill(&out, "", ARGS);
    ck_assert_str_eq(rb_buf_cstr(&out), "arvid approved at 14:03 UTC, arvid!");
    rb_buf_fini(&out);
}
END_TEST

START_TEST(a_value_that_looks_like_a_template_is_put_in_as_it_is)
{
    rb_buf out;

    rb_buf_init(&out, 256);
    rb_text_fill(&out, "<{odd}>", ARGS);
    ck_assert_str_eq(rb_buf_cstr(&out), "<{who}>");
    rb_buf_fini(&out);
}
END_TEST

START_TEST(a_template_with_an_unknown_name_aborts)
{
    rb_buf out;

    rb_buf_init(&out, 256);
    rb_text_fill(&out, "{nobody}", ARGS);
}
END_TEST

/* ---- program ---------------------------------------------------------------------------------------------------- */

static TCase *clean_case(void)
{
    TCase *tcase = tcase_create("clean");

    tcase_add_test(tcase, white_space_of_any_kind_becomes_one_space);
    tcase_add_test(tcase, control_characters_go);
    tcase_add_test(tcase, bidi_zero_width_tag_and_filler_characters_go);
    tcase_add_test(tcase, a_space_beside_an_invisible_character_stays_one_space);
    tcase_add_test(tcase, letters_of_other_languages_and_emoji_stay);
    tcase_add_test(tcase, bytes_that_are_no_utf8_become_replacement_characters);
    tcase_add_test(tcase, cleaning_twice_changes_nothing_more);
    tcase_add_test(tcase, a_copy_fits_to_the_last_byte_and_one_more_is_an_error);
    tcase_add_test(tcase, clipping_ends_in_an_ellipsis_at_a_character);
    tcase_add_test(tcase, clipping_into_almost_nothing_stays_inside);
    tcase_add_test(tcase, characters_are_counted_not_bytes);
    return tcase;
}

static TCase *meaning_case(void)
{
    TCase *tcase = tcase_create("meaning");

    tcase_add_test(tcase, a_reason_that_gives_a_secret_away_is_recognised);
    tcase_add_test(tcase, an_ordinary_reason_is_not_taken_for_a_secret);
    tcase_add_test(tcase, a_secret_is_recognised_wherever_it_stands_in_a_sentence);
    tcase_add_test(tcase, any_bytes_can_be_judged);
    tcase_add_test(tcase, a_ticket_is_found_as_a_whole_word);
    tcase_add_test(tcase, what_only_resembles_a_ticket_is_none);
    tcase_add_test(tcase, a_template_is_filled);
    tcase_add_test(tcase, a_value_that_looks_like_a_template_is_put_in_as_it_is);
    tcase_add_test_raise_signal(tcase, a_template_with_an_unknown_name_aborts, 6 /* SIGABRT */);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("text");

    suite_add_tcase(suite, clean_case());
    suite_add_tcase(suite, meaning_case());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
