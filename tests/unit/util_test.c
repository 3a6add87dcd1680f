/* util_test.c - the words every module speaks: errors, strings, log lines, secrets, MACs. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resetbot/err.h"
#include "resetbot/log.h"
#include "resetbot/mac.h"
#include "resetbot/secret.h"
#include "resetbot/str.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void expect_str(rb_str got, const char *expected)
{
    ck_assert_msg(rb_str_equal(got, rb_str_of(expected)), "\"%.*s\" instead of \"%s\"", (int)got.len, got.ptr,
                  expected);
}

/* ---- err -------------------------------------------------------------------------------------------------------- */

START_TEST(failing_keeps_the_error_and_writes_the_sentence)
{
    rb_errbuf errbuf;
    char long_text[RB_ERRTEXT_CAP * 2];

    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    ck_assert_int_eq(rb_fail(&errbuf, RB_E_IO, "%s: try %d", "no route", 2), RB_E_IO);
    ck_assert_str_eq(errbuf.text, "no route: try 2");
    ck_assert_int_eq(rb_fail(&errbuf, RB_E_LIMIT, "%s", long_text), RB_E_LIMIT);
    ck_assert_uint_eq(strlen(errbuf.text), RB_ERRTEXT_CAP - 1);
    ck_assert_int_eq(rb_fail(NULL, RB_E_AUTH, "%s", "x"), RB_E_AUTH);
}
END_TEST

START_TEST(each_error_has_a_name_of_its_own)
{
    for (int a = RB_OK; a <= RB_E_INTERNAL; a++)
        for (int b = RB_OK; b < a; b++)
            ck_assert_str_ne(rb_err_name((rb_err)a), rb_err_name((rb_err)b));
    ck_assert_str_eq(rb_err_name(RB_E_LIMIT), "limit");
    ck_assert_str_eq(rb_err_name((rb_err)99), "unknown");
}
END_TEST

/* ---- str -------------------------------------------------------------------------------------------------------- */

START_TEST(views_compare_by_content)
{
    ck_assert(rb_str_equal(rb_str_of(NULL), RB_STR("")));
    ck_assert(rb_str_equal((rb_str){NULL, 0}, RB_STR("")));
    ck_assert(rb_str_equal(RB_STR("ab"), rb_str_of("ab")));
    ck_assert(!rb_str_equal(RB_STR("ab"), RB_STR("aB")));
    ck_assert(!rb_str_equal(RB_STR("ab"), RB_STR("abc")));
    ck_assert(rb_str_equal_nocase(RB_STR("aB@[z"), RB_STR("Ab@[Z")));
    ck_assert(!rb_str_equal_nocase(RB_STR("@["), RB_STR("`{"))); /* 32 apart, but no letters */
    ck_assert(!rb_str_equal_nocase(RB_STR("\xC3\x85"), RB_STR("\xC3\xA5")));
}
END_TEST

START_TEST(prefixes_and_parts_are_found)
{
    ck_assert(rb_str_starts(RB_STR("reset x"), RB_STR("reset")));
    ck_assert(!rb_str_starts(RB_STR("res"), RB_STR("reset")));
    ck_assert(!rb_str_starts(RB_STR("Reset"), RB_STR("reset")));
    ck_assert(rb_str_starts_nocase(RB_STR("RESET"), RB_STR("reset")));
    ck_assert(rb_str_contains_nocase(RB_STR("an Approval Required"), RB_STR("approvalrequired")) == false);
    ck_assert(rb_str_contains_nocase(RB_STR("xxApprovalRequired"), RB_STR("APPROVALREQUIRED")));
    ck_assert(rb_str_contains_nocase(RB_STR("x"), RB_STR("")));
    ck_assert(!rb_str_contains_nocase(RB_STR(""), RB_STR("x")));
}
END_TEST

START_TEST(words_are_taken_one_by_one)
{
    rb_str text = RB_STR(" \treset  adele@contoso.com\nlocked ");

    expect_str(rb_str_trim(text), "reset  adele@contoso.com\nlocked");
    expect_str(rb_str_word(&text), "reset");
    expect_str(rb_str_word(&text), "adele@contoso.com");
    expect_str(rb_str_word(&text), "locked");
    expect_str(rb_str_word(&text), "");
    expect_str(rb_str_word(&text), "");
    ck_assert_uint_eq(text.len, 0);
}
END_TEST

START_TEST(numbers_are_digits_alone_and_bounded)
{
    unsigned long long value = 7;

    ck_assert_int_eq(rb_str_to_uint(RB_STR("007"), 10, &value), RB_OK);
    ck_assert_uint_eq(value, 7);
    ck_assert_int_eq(rb_str_to_uint(RB_STR("10"), 10, &value), RB_OK);
    ck_assert_uint_eq(value, 10);
    ck_assert_int_eq(rb_str_to_uint(RB_STR("11"), 10, &value), RB_E_LIMIT);
    ck_assert_int_eq(rb_str_to_uint(RB_STR("18446744073709551615"), ~0ULL, &value), RB_OK);
    ck_assert_uint_eq(value, ~0ULL);
    ck_assert_int_eq(rb_str_to_uint(RB_STR("18446744073709551616"), ~0ULL, &value), RB_E_LIMIT);
    ck_assert_int_eq(rb_str_to_uint(RB_STR("5"), 3, &value), RB_E_LIMIT);
    ck_assert_uint_eq(value, ~0ULL); /* untouched on failure */
}
END_TEST

START_TEST(what_is_no_number_is_a_syntax_error)
{
    static const char *const wrong[] = {"", " 1", "1 ", "-1", "+1", "0x1", "1.0", "99999999999999999999x", "１"};
    unsigned long long value = 7;

    for (size_t i = 0; i < COUNT(wrong); i++)
        ck_assert_int_eq(rb_str_to_uint(rb_str_of(wrong[i]), 10, &value), RB_E_SYNTAX);
    ck_assert_uint_eq(value, 7);
}
END_TEST

START_TEST(a_guid_is_36_characters_with_dashes_in_place)
{
    ck_assert(rb_str_is_guid(RB_STR("3f2504e0-4f89-11d3-9A0C-0305E82C3301")));
    ck_assert(!rb_str_is_guid(RB_STR("3f2504e0-4f89-11d3-9a0c-0305e82c330")));
    ck_assert(!rb_str_is_guid(RB_STR("3f2504e0-4f89-11d3-9a0c-0305e82c33011")));
    ck_assert(!rb_str_is_guid(RB_STR("3f2504e0-4f89-11d3-9a0c-0305e82c330g")));
    ck_assert(!rb_str_is_guid(RB_STR("3f2504e04-f89-11d3-9a0c-0305e82c3301")));
    ck_assert(!rb_str_is_guid(RB_STR("{f2504e0-4f89-11d3-9a0c-0305e82c330}")));
}
END_TEST

START_TEST(a_copy_fits_or_changes_nothing)
{
    char dst[4] = "old";

    ck_assert_int_eq(rb_copy(dst, sizeof dst, RB_STR("four")), RB_E_LIMIT);
    ck_assert_str_eq(dst, "old");
    ck_assert_int_eq(rb_copy(dst, sizeof dst, RB_STR("thr")), RB_OK);
    ck_assert_str_eq(dst, "thr");
    ck_assert_int_eq(rb_copy(dst, sizeof dst, (rb_str){NULL, 0}), RB_OK);
    ck_assert_str_eq(dst, "");
    ck_assert_int_eq(rb_copy(dst, 0, RB_STR("")), RB_E_LIMIT);
}
END_TEST

START_TEST(a_copy_that_must_fit_and_does_not_aborts)
{
    char dst[4];

    rb_copy_fit(dst, sizeof dst, "four");
}
END_TEST

START_TEST(a_buffer_grows_to_its_ceiling_and_not_further)
{
    rb_buf buf;

    rb_buf_init(&buf, 100);
    expect_str(rb_buf_str(&buf), "");
    for (int i = 0; i < 10; i++)
        rb_buf_addf(&buf, "%s%d", "123456789", i);
    ck_assert_int_eq(buf.err, RB_OK);
    ck_assert_uint_eq(buf.len, 100);
    ck_assert_uint_eq(strlen(rb_buf_cstr(&buf)), 100);
    rb_buf_adds(&buf, "");
    ck_assert_int_eq(buf.err, RB_OK);
    rb_buf_adds(&buf, "x");
    ck_assert_int_eq(buf.err, RB_E_LIMIT);
    ck_assert_uint_eq(buf.len, 100);
    rb_buf_fini(&buf);
}
END_TEST

START_TEST(a_failed_buffer_stays_failed_until_cleared)
{
    rb_buf buf;
    char *text = NULL;

    rb_buf_init(&buf, 3);
    rb_buf_adds(&buf, "abcd");
    rb_buf_adds(&buf, "a");
    ck_assert_uint_eq(buf.len, 0);
    ck_assert_int_eq(rb_buf_take(&buf, &text), RB_E_LIMIT);
    ck_assert_ptr_null(text);
    rb_buf_adds(&buf, "abc"); /* empty again, with its old ceiling */
    ck_assert_int_eq(buf.err, RB_OK);
    rb_buf_addf(&buf, "%d", 1);
    ck_assert_int_eq(buf.err, RB_E_LIMIT);
    rb_buf_clear(&buf);
    rb_buf_addf(&buf, "%d", 12);
    expect_str(rb_buf_str(&buf), "12");
    rb_buf_wipe(&buf);
    ck_assert_ptr_null(buf.ptr);
}
END_TEST

START_TEST(taking_an_empty_buffer_gives_an_empty_string)
{
    rb_buf buf;
    char *text = NULL;

    rb_buf_init(&buf, 3);
    ck_assert_int_eq(rb_buf_take(&buf, &text), RB_OK);
    ck_assert_str_eq(text, "");
    free(text);
    rb_buf_adds(&buf, "abc");
    ck_assert_int_eq(rb_buf_take(&buf, &text), RB_OK);
    ck_assert_str_eq(text, "abc");
    ck_assert_ptr_null(buf.ptr);
    free(text);
    rb_buf_fini(&buf);
}
END_TEST

/* ---- log -------------------------------------------------------------------------------------------------------- */

/* stderr into a pipe, so that a test can read what was logged. The tests run in processes of their own. */
static int catch_stderr(void)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    (void)close(ends[1]);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    (void)unsetenv("JOURNAL_STREAM");
    return ends[0];
}

static void expect_logged(int fd, const char *expected)
{
    char line[4096] = "";
    ssize_t len = read(fd, line, sizeof line - 1);

    line[len > 0 ? len : 0] = '\0';
    ck_assert_str_eq(line, expected);
}

START_TEST(a_line_is_logged_at_its_level_or_dropped)
{
    int fd = catch_stderr();

    rb_log(RB_LOG_INFO, "event=%s count=%d", "start", 2);
    expect_logged(fd, "event=start count=2\n");
    rb_log(RB_LOG_DEBUG, "event=quiet");
    expect_logged(fd, "");
    rb_log_set_level(RB_LOG_ERROR);
    rb_log(RB_LOG_WARN, "event=quiet");
    expect_logged(fd, "");
    rb_log(RB_LOG_ERROR, "event=loud");
    expect_logged(fd, "event=loud\n");
}
END_TEST

START_TEST(a_value_cannot_forge_a_line_or_drive_a_terminal)
{
    int fd = catch_stderr();

    rb_log(RB_LOG_INFO, "event=name value=\"%s\"", "a\nevent=forged\x1b[2J\x7f\xC2\x9B.å");
    expect_logged(fd, "event=name value=\"a?event=forged?[2J???.å\"\n");
    rb_log(RB_LOG_INFO, "event=name value=\"%s\"", "a\u202eb\u200b\xff.å\U0001F512");
    expect_logged(fd, "event=name value=\"a???b????.å\U0001F512\"\n");
}
END_TEST

START_TEST(a_line_that_is_too_long_is_cut_and_says_so)
{
    int fd = catch_stderr();
    char value[5000];
    char line[4096];

    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    rb_log(RB_LOG_INFO, "event=long value=%s", value);
    ssize_t len = read(fd, line, sizeof line - 1);
    ck_assert_int_gt(len, 100);
    ck_assert_int_le(len, 2048);
    line[len] = '\0';
    ck_assert_str_eq(line + len - 7, " cut=1\n");
}
END_TEST

START_TEST(lines_for_the_journal_bear_their_level)
{
    int fd = catch_stderr();
    struct stat st;
    char stream[64];

    ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
    (void)snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
    ck_assert_int_eq(setenv("JOURNAL_STREAM", stream, 1), 0);
    rb_log(RB_LOG_WARN, "event=careful");
    expect_logged(fd, "<4>event=careful\n");
    ck_assert_int_eq(setenv("JOURNAL_STREAM", "1:2", 1), 0);
    rb_log(RB_LOG_WARN, "event=careful");
    expect_logged(fd, "event=careful\n");
}
END_TEST

/* ---- secret ----------------------------------------------------------------------------------------------------- */

/* A file in a folder of its own, removed by remove_file. */
static char folder[] = "resetbot-util-XXXXXX";
static char path[64];

static void write_file(const void *bytes, size_t len, mode_t mode)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/secret", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    (void)close(fd);
}

static void remove_file(void)
{
    (void)unlink(path);
    (void)rmdir(folder);
}

static void expect_loaded(const char *reference, const char *expected)
{
    rb_secret *secret = NULL;
    rb_errbuf errbuf = {""};

    ck_assert_msg(rb_secret_load(reference, &secret, &errbuf) == RB_OK, "%s", errbuf.text);
    expect_str(rb_secret_reveal(secret), expected);
    rb_secret_free(secret);
}

/* Refused with a sentence that holds `mention` and, where given, never the value. */
static void expect_refused(const char *reference, const char *mention, const char *value)
{
    rb_secret *secret = NULL;
    rb_errbuf errbuf = {""};

    ck_assert_int_eq(rb_secret_load(reference, &secret, &errbuf), RB_E_CONFIG);
    ck_assert_ptr_null(secret);
    ck_assert_msg(strstr(errbuf.text, mention) != NULL, "\"%s\" does not mention %s", errbuf.text, mention);
    ck_assert_msg(!value || !strstr(errbuf.text, value), "the value is in the error");
}

START_TEST(a_secret_is_a_copy_and_freeing_nothing_is_fine)
{
    char text[] = "xoxb-1";
    rb_secret *secret = rb_secret_new(rb_str_of(text));

    text[0] = '#';
    expect_str(rb_secret_reveal(secret), "xoxb-1");
    rb_secret_free(secret);
    rb_secret_free(NULL);
    expect_str(rb_secret_reveal(NULL), "");
}
END_TEST

START_TEST(wiping_overwrites_every_byte)
{
    char text[] = "1234";

    rb_wipe(text, sizeof text);
    for (size_t i = 0; i < sizeof text; i++)
        ck_assert_int_eq(text[i], 0);
    rb_wipe(NULL, 0);
}
END_TEST

START_TEST(a_secret_is_read_from_a_private_file_without_its_newline)
{
    char reference[80];

    write_file("geheim\n\n", 8, 0600);
    (void)snprintf(reference, sizeof reference, "file:%s", path);
    expect_loaded(reference, "geheim\n");
    remove_file();
}
END_TEST

START_TEST(a_file_that_others_can_read_is_refused)
{
    char reference[80];

    write_file("geheim", 6, 0640);
    (void)snprintf(reference, sizeof reference, "file:%s", path);
    expect_refused(reference, "chmod 600", "geheim");
    ck_assert_int_eq(chmod(path, 0604), 0);
    expect_refused(reference, path, "geheim");
    remove_file();
}
END_TEST

START_TEST(empty_missing_large_and_odd_files_are_refused)
{
    static char large[64 * 1024 + 1];
    char reference[80];

    write_file("\n", 1, 0600);
    (void)snprintf(reference, sizeof reference, "file:%s", path);
    expect_refused(reference, "empty", NULL);
    (void)unlink(path);
    expect_refused(reference, "cannot be opened", NULL);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    expect_refused(reference, "not a plain file", NULL);
    remove_file();
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    write_file(large, sizeof large, 0600);
    (void)snprintf(reference, sizeof reference, "file:%s", path);
    expect_refused(reference, "larger", NULL);
    remove_file();
}
END_TEST

START_TEST(a_credential_is_read_from_systemds_folder)
{
    write_file("geheim\n", 7, 0440);
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    expect_refused("credential:secret", "CREDENTIALS_DIRECTORY", NULL);
    ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    expect_loaded("credential:secret", "geheim");
    expect_refused("credential:../secret", "without /", NULL);
    expect_refused("credential:..", "without /", NULL);
    expect_refused("credential:other", "credential:other", NULL);
    remove_file();
}
END_TEST

START_TEST(a_secret_is_read_from_the_environment)
{
    ck_assert_int_eq(setenv("RESETBOT_UTIL_TEST", "geheim", 1), 0);
    expect_loaded("env:RESETBOT_UTIL_TEST", "geheim");
    ck_assert_int_eq(setenv("RESETBOT_UTIL_TEST", "", 1), 0);
    expect_refused("env:RESETBOT_UTIL_TEST", "env:RESETBOT_UTIL_TEST", NULL);
}
END_TEST

START_TEST(a_secret_written_where_a_reference_belongs_is_not_echoed)
{
    expect_refused("xoxb-123-geheim", "file:PATH", "geheim");
    expect_refused("geheim:1", "file:PATH", "geheim");
    expect_refused("file:", "file:PATH", NULL);
    expect_refused("", "file:PATH", NULL);
    expect_refused(NULL, "file:PATH", NULL);
}
END_TEST

/* ---- mac -------------------------------------------------------------------------------------------------------- */

START_TEST(hashes_are_those_of_the_standard)
{
    char hex[65];

    /* FIPS 180-4, the examples for "abc" and the empty message */
    rb_sha256_hex(RB_STR("abc"), hex);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    rb_sha256_hex(RB_STR(""), hex);
    ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(macs_are_those_of_the_standard_in_base64url)
{
    uint8_t bytes[RB_MAC_KEY_LEN] = {0};
    rb_mac_key key;
    char text[RB_MAC_TEXT_CAP];

    /* RFC 4231 case 1: a key of twenty 0x0b, which HMAC pads with zeroes to the block just as 32 bytes are padded */
    memset(bytes, 0x0b, 20);
    rb_mac_key_init(&key, bytes);
    rb_mac(&key, RB_STR("Hi There"), text);
    ck_assert_str_eq(text, "sDRMYdjbOFNcqK_OrwvxK4gdwgDJgz2nJuk3bC4yz_c");
}
END_TEST

START_TEST(macs_can_stand_in_a_url)
{
    rb_mac_key key;
    uint8_t bytes[RB_MAC_KEY_LEN] = {7};

    rb_mac_key_init(&key, bytes);
    for (unsigned char i = 0; i < 50; i++) {
        char text[RB_MAC_TEXT_CAP];
        rb_mac(&key, (rb_str){(const char *)&i, 1}, text);
        ck_assert_uint_eq(strlen(text), RB_MAC_TEXT_CAP - 1);
        ck_assert_uint_eq(strcspn(text, "+/="), RB_MAC_TEXT_CAP - 1);
    }
}
END_TEST

START_TEST(a_key_is_named_by_its_hash_and_another_key_gives_another_mac)
{
    uint8_t bytes[RB_MAC_KEY_LEN] = {0};
    rb_mac_key key;
    rb_mac_key other;
    char hex[65];
    char a[RB_MAC_TEXT_CAP];
    char b[RB_MAC_TEXT_CAP];

    rb_mac_key_init(&key, bytes);
    rb_sha256_hex((rb_str){(const char *)bytes, sizeof bytes}, hex);
    ck_assert_int_eq(strncmp(key.id, hex, 8), 0);
    ck_assert_uint_eq(strlen(key.id), 8);
    bytes[31] = 1;
    rb_mac_key_init(&other, bytes);
    ck_assert_str_ne(key.id, other.id);
    rb_mac(&key, RB_STR("R-7K3F"), a);
    rb_mac(&other, RB_STR("R-7K3F"), b);
    ck_assert(!rb_mac_equal(a, b));
    rb_mac(&key, RB_STR("R-7K3F"), b);
    ck_assert(rb_mac_equal(a, b));
}
END_TEST

START_TEST(macs_differ_at_any_place_and_in_length)
{
    ck_assert(rb_mac_equal("", ""));
    ck_assert(rb_mac_equal("abc", "abc"));
    ck_assert(!rb_mac_equal("abc", "abd"));
    ck_assert(!rb_mac_equal("abc", "xbc"));
    ck_assert(!rb_mac_equal("abc", "ab"));
    ck_assert(!rb_mac_equal("ab", "abc"));
    ck_assert(!rb_mac_equal("abc", ""));
    ck_assert(!rb_mac_equal("", "abc"));
}
END_TEST

/* ---- program ---------------------------------------------------------------------------------------------------- */

static TCase *str_case(void)
{
    TCase *tcase = tcase_create("str");

    tcase_add_test(tcase, failing_keeps_the_error_and_writes_the_sentence);
    tcase_add_test(tcase, each_error_has_a_name_of_its_own);
    tcase_add_test(tcase, views_compare_by_content);
    tcase_add_test(tcase, prefixes_and_parts_are_found);
    tcase_add_test(tcase, words_are_taken_one_by_one);
    tcase_add_test(tcase, numbers_are_digits_alone_and_bounded);
    tcase_add_test(tcase, what_is_no_number_is_a_syntax_error);
    tcase_add_test(tcase, a_guid_is_36_characters_with_dashes_in_place);
    tcase_add_test(tcase, a_copy_fits_or_changes_nothing);
    tcase_add_test_raise_signal(tcase, a_copy_that_must_fit_and_does_not_aborts, SIGABRT);
    tcase_add_test(tcase, a_buffer_grows_to_its_ceiling_and_not_further);
    tcase_add_test(tcase, a_failed_buffer_stays_failed_until_cleared);
    tcase_add_test(tcase, taking_an_empty_buffer_gives_an_empty_string);
    return tcase;
}

static TCase *secret_case(void)
{
    TCase *tcase = tcase_create("secret");

    tcase_add_test(tcase, a_line_is_logged_at_its_level_or_dropped);
    tcase_add_test(tcase, a_value_cannot_forge_a_line_or_drive_a_terminal);
    tcase_add_test(tcase, a_line_that_is_too_long_is_cut_and_says_so);
    tcase_add_test(tcase, lines_for_the_journal_bear_their_level);
    tcase_add_test(tcase, a_secret_is_a_copy_and_freeing_nothing_is_fine);
    tcase_add_test(tcase, wiping_overwrites_every_byte);
    tcase_add_test(tcase, a_secret_is_read_from_a_private_file_without_its_newline);
    tcase_add_test(tcase, a_file_that_others_can_read_is_refused);
    tcase_add_test(tcase, empty_missing_large_and_odd_files_are_refused);
    tcase_add_test(tcase, a_credential_is_read_from_systemds_folder);
    tcase_add_test(tcase, a_secret_is_read_from_the_environment);
    tcase_add_test(tcase, a_secret_written_where_a_reference_belongs_is_not_echoed);
    tcase_add_test(tcase, hashes_are_those_of_the_standard);
    tcase_add_test(tcase, macs_are_those_of_the_standard_in_base64url);
    tcase_add_test(tcase, macs_can_stand_in_a_url);
    tcase_add_test(tcase, a_key_is_named_by_its_hash_and_another_key_gives_another_mac);
    tcase_add_test(tcase, macs_differ_at_any_place_and_in_length);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("util");

    suite_add_tcase(suite, str_case());
    suite_add_tcase(suite, secret_case());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
