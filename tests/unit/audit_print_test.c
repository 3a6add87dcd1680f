/* audit_print_test.c - the record is printed for people and for tools, and says itself whether it can be trusted. */
#include "support/store_kit.h"

#include <fcntl.h>
#include <unistd.h>

#include <json-c/json.h>
#include <sqlite3.h>

#include "store/audit_print.h"

static kit k;
static char *printed;
static size_t printed_len;
static bool is_unbroken;

static void set_up(void)
{
    rb_change change = {0};

    kit_init(&k);
    kit_open(&k);
    kit_note(&change, "R-1", "asked", "Adele's \"iPhone 14\" \xc2\xb7 INC0012345");
    kit_note(&change, "R-2", "asked", "another");
    kit_note(&change, "R-1", "sent", "client-request-id 7f0c");
    kit_note(&change, "", "clock_jump", "");
    memset(&change.records[2].who, 0, sizeof change.records[2].who);
    ck_assert_int_eq(kit_apply(&k, &change), RB_OK);
}

static void tear_down(void)
{
    free(printed);
    printed = NULL;
    kit_fini(&k);
}

static void by_hand(const char *sql)
{
    sqlite3 *db = NULL;

    ck_assert_int_eq(sqlite3_open(k.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

static void print(const char *request, rb_audit_form form)
{
    FILE *to = open_memstream(&printed, &printed_len);

    ck_assert_ptr_nonnull(to);
    ck_assert_int_eq(rb_audit_print(k.store, request, form, to, NULL, &is_unbroken, &k.errbuf), RB_OK);
    (void)fclose(to);
}

static size_t count_lines(void)
{
    size_t n = 0;

    for (const char *at = printed; *at; at++)
        n += *at == '\n';
    return n;
}

static void expect(const char *part)
{
    ck_assert_msg(strstr(printed, part) != NULL, "%s is not in:\n%s", part, printed);
}

START_TEST(text_gives_each_record_of_the_request_and_the_chain)
{
    print("R-1", RB_AUDIT_TEXT);
    ck_assert_uint_eq(count_lines(), 4);
    expect("NO  AT                       REQUEST  WHAT   WHO           TEXT\n");
    expect("1   2026-03-02 14:00:00 UTC  R-1      asked  T1/U02 hanna  Adele's \"iPhone 14\" \xc2\xb7 INC0012345\n");
    expect("3   2026-03-02 14:00:00 UTC  R-1      sent   resetbot      client-request-id 7f0c\n");
    expect("4 records, chain unbroken, newest ");
    ck_assert(is_unbroken);
}
END_TEST

/* A2: whoever noted the newest hash last year finds it again; a record cut off at the end would show by it. */
START_TEST(A2_the_newest_hash_is_the_last_records)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    char said[128];

    ck_assert_int_eq(sqlite3_open(k.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT hash FROM record ORDER BY seq DESC LIMIT 1", -1, &row, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
    (void)snprintf(said, sizeof said, "newest %s\n", (const char *)sqlite3_column_text(row, 0));
    (void)sqlite3_finalize(row);
    (void)sqlite3_close(db);
    ck_assert_uint_eq(strlen(said), strlen("newest \n") + 64);
    print("R-1", RB_AUDIT_TEXT);
    expect(said);
}
END_TEST

START_TEST(without_a_request_all_records_are_printed)
{
    print(NULL, RB_AUDIT_TEXT);
    ck_assert_uint_eq(count_lines(), 6);
    expect("  -        clock_jump  ");
}
END_TEST

START_TEST(a_broken_chain_is_said_also_when_the_broken_record_is_of_another_request)
{
    by_hand("DROP TRIGGER record_stays; UPDATE record SET text = 'quiet' WHERE seq = 2");
    print("R-1", RB_AUDIT_TEXT);
    expect("chain BROKEN at record 2");
    ck_assert(!is_unbroken);
    free(printed);
    print("R-2", RB_AUDIT_TEXT);
    expect("quiet [does not follow from the record before]");
}
END_TEST

START_TEST(a_tampered_record_cannot_drive_a_terminal)
{
    by_hand("DROP TRIGGER record_stays; UPDATE record SET text = char(27) || '[2Jgone' || char(10) || '9  forged' "
            "WHERE seq = 2");
    print("R-2", RB_AUDIT_TEXT);
    ck_assert_ptr_null(strchr(printed, 27));
    ck_assert_uint_eq(count_lines(), 3);
}
END_TEST

START_TEST(each_json_line_is_one_object_with_the_text_as_stored)
{
    size_t n = 0;

    print("", RB_AUDIT_JSON);
    for (const char *line = printed; *line; line = strchr(line, '\n') + 1, n++) {
        json_object *object = json_tokener_parse(line);
        ck_assert_ptr_nonnull(object);
        const char *text = json_object_get_string(json_object_object_get(object, "text"));
        ck_assert(n > 0 || strcmp(text, "Adele's \"iPhone 14\" \xc2\xb7 INC0012345") == 0);
        ck_assert(n == 4 || json_object_get_boolean(json_object_object_get(object, "is_linked")));
        ck_assert(n == 4 || json_object_get_int64(json_object_object_get(object, "at_utc_ms")) == KIT_NOW);
        json_object_put(object);
    }
    ck_assert_uint_eq(n, 5);
}
END_TEST

START_TEST(the_last_json_line_is_the_verdict)
{
    print("R-1", RB_AUDIT_JSON);
    ck_assert_uint_eq(count_lines(), 3);
    expect("{\"chain\":\"unbroken\",\"records\":4,\"head\":\"");
    free(printed);
    by_hand("DROP TRIGGER record_kept; DELETE FROM record WHERE seq = 4");
    print("R-1", RB_AUDIT_JSON);
    expect("{\"chain\":\"broken\",\"records\":3,\"first_bad_seq\":4,\"head\":\"");
    ck_assert(!is_unbroken);
}
END_TEST

/* A terminal on which progress is drawn; what it drew is read from *out_other_end. */
static rb_working progress_on_terminal(FILE **out_terminal, int *out_other_end)
{
    *out_other_end = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_eq(grantpt(*out_other_end), 0);
    ck_assert_int_eq(unlockpt(*out_other_end), 0);
    *out_terminal = fopen(ptsname(*out_other_end), "w");
    ck_assert_ptr_nonnull(*out_terminal);
    ck_assert_int_eq(setenv("TERM", "xterm", 1), 0);
    return rb_working_on(*out_terminal);
}

START_TEST(many_records_say_how_far_it_is_on_one_line_that_goes)
{
    FILE *terminal = NULL;
    FILE *memory = open_memstream(&printed, &printed_len);
    char drawn[512] = "";
    int other_end = -1;

    by_hand("WITH RECURSIVE n(i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < 5001)"
            " INSERT INTO record SELECT i, 0, 'R-9', 'asked', '', '', '', '', '' FROM n");
    rb_working progress = progress_on_terminal(&terminal, &other_end);
    ck_assert_int_eq(rb_audit_print(k.store, "R-1", RB_AUDIT_TEXT, memory, &progress, &is_unbroken, &k.errbuf), RB_OK);
    static const char expected[] = "\r\033[Kchecking the record: 5000 of 4\r\033[K";
    for (size_t len = 0; len < sizeof expected - 1;) { /* a terminal gives what has come, not all of it */
        ssize_t got = read(other_end, drawn + len, sizeof drawn - 1 - len);
        ck_assert_int_gt(got, 0);
        len += (size_t)got;
    }
    ck_assert_str_eq(drawn, expected);
    (void)fclose(memory);
    (void)fclose(terminal);
    (void)close(other_end);
}
END_TEST

START_TEST(an_output_that_fails_is_an_error)
{
    FILE *full = fopen("/dev/full", "w");

    ck_assert_ptr_nonnull(full);
    ck_assert_int_eq(rb_audit_print(k.store, "", RB_AUDIT_TEXT, full, NULL, &is_unbroken, &k.errbuf), RB_E_IO);
    (void)fclose(full);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("audit_print");
    TCase *one = tcase_create("audit_print");

    tcase_add_checked_fixture(one, set_up, tear_down);
    tcase_add_test(one, text_gives_each_record_of_the_request_and_the_chain);
    tcase_add_test(one, A2_the_newest_hash_is_the_last_records);
    tcase_add_test(one, without_a_request_all_records_are_printed);
    tcase_add_test(one, a_broken_chain_is_said_also_when_the_broken_record_is_of_another_request);
    tcase_add_test(one, a_tampered_record_cannot_drive_a_terminal);
    tcase_add_test(one, each_json_line_is_one_object_with_the_text_as_stored);
    tcase_add_test(one, the_last_json_line_is_the_verdict);
    tcase_add_test(one, many_records_say_how_far_it_is_on_one_line_that_goes);
    tcase_add_test(one, an_output_that_fails_is_an_error);
    suite_add_tcase(suite, one);
    return kit_run(suite);
}
