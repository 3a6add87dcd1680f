/* nasty_store_test.c - the strings of nasty_strings.h in the record and on the administrator's terminal: `resetbot audit` and
 * `resetbot status` print lines of their own alone, and nothing that a terminal obeys (S7). */
#include "support/store_kit.h"

#include <json-c/json.h>

#include "nasty_strings.h"
#include "store/audit_print.h"
#include "store/status_print.h"
#include "wording_given.h"

static kit k;
static char *printed;
static size_t printed_len;

static void set_up(void)
{
    setup();
    kit_init(&k);
    kit_open(&k);
}

static void tear_down(void)
{
    free(printed);
    printed = NULL;
    kit_fini(&k);
    teardown();
}

/* ---- given: as the engine would store it --------------------------------------------------------------------------- */

static void call_it(char *field, size_t cap, rb_str text)
{
    rb_text_clip(field, cap, text);
}

#define CALL(field, text) call_it((field), sizeof(field), (text))

/* raw: as if nothing had been cleaned on the way, by another version or another hand. */
static void given_stored(rb_str text, bool is_raw)
{
    rb_change *change = calloc(1, sizeof *change);
    rb_request *made = kit_request("R-7K3F", PHONE);
    char raw[RB_NAME_CAP] = "";
    ck_assert_ptr_nonnull(change);
    memcpy(raw, text.ptr, text.len < sizeof raw ? text.len : sizeof raw - 1);
    kit_note(change, "R-7K3F", "asked", "");
    rb_record *record = &change->records[0];
    if (is_raw) {
        KIT_TEXT(record->who_name, raw);
        KIT_TEXT(record->text, raw);
        KIT_TEXT(made->device.model, raw);
        KIT_TEXT(made->requester.name, raw);
    } else {
        rb_buf facts;
        rb_buf_init(&facts, RB_RECORD_TEXT_CAP - 1);
        CALL(request.reason, text);
        CALL(request.ticket, text);
        CALL(request.device.user_name, text);
        CALL(request.earlier, text);
        rb_word_facts(&words, &request, &facts);
        CALL(record->text, rb_buf_str(&facts));
        CALL(record->who_name, text);
        CALL(made->device.model, text);
        CALL(made->requester.name, text);
        rb_buf_fini(&facts);
    }
    made->state = RB_STATE_PENDING;
    change->request = made;
    ck_assert_int_eq(kit_apply(&k, change), RB_OK);
    free(change);
    free(made);
}

/* ---- when --------------------------------------------------------------------------------------------------------- */

enum { AUDIT_TEXT, AUDIT_JSON, STATUS_TEXT, STATUS_JSON, PRINTS };

static void print(int what)
{
    bool is_unbroken = false;
    free(printed);
    printed = NULL;
    FILE *to = open_memstream(&printed, &printed_len);
    ck_assert_ptr_nonnull(to);
    if (what == AUDIT_TEXT || what == AUDIT_JSON) {
        rb_audit_form form = what == AUDIT_TEXT ? RB_AUDIT_TEXT : RB_AUDIT_JSON;
        ck_assert_int_eq(rb_audit_print(k.store, NULL, form, to, NULL, &is_unbroken, &k.errbuf), RB_OK);
        ck_assert(is_unbroken);
    } else {
        ck_assert_int_eq(rb_status_print(k.port, what == STATUS_JSON, to, &k.errbuf), RB_OK);
    }
    (void)fclose(to);
}

/* ---- then --------------------------------------------------------------------------------------------------------- */

static size_t lines_of_print(void)
{
    size_t n = 0;
    for (const char *at = printed; *at; at++)
        n += *at == '\n';
    return n;
}

/* A list of the test's own: what a terminal obeys, reorders, or does not show. */
static bool is_obeyed(const unsigned char *at)
{
    bool is_control = (at[0] < 0x20 && at[0] != '\n') || at[0] == 0x7F;
    bool is_c1 = at[0] == 0xC2 && at[1] >= 0x80 && at[1] <= 0x9F;
    bool is_mark = at[0] == 0xE2 && ((at[1] == 0x80 && at[2] >= 0x8B && at[2] <= 0x8F) ||
                                     (at[1] == 0x80 && at[2] >= 0xA8 && at[2] <= 0xAE) ||
                                     (at[1] == 0x81 && at[2] >= 0xA0 && at[2] <= 0xAF));
    bool is_bom = at[0] == 0xEF && at[1] == 0xBB && at[2] == 0xBF;
    bool is_tag = at[0] == 0xF3 && at[1] == 0xA0;
    return is_control || is_c1 || is_mark || is_bom || is_tag;
}

static void expect_obeyed_by_none(const char *what)
{
    for (const char *at = printed; *at; at++)
        if (is_obeyed((const unsigned char *)at))
            ck_abort_msg("%s: 0x%02x at %zu of %s", what, (unsigned char)*at, (size_t)(at - printed), printed);
}

static void expect_json(const char *what)
{
    char *rest = NULL;
    char *lines = strdup(printed);
    ck_assert_ptr_nonnull(lines);
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        json_object *object = json_tokener_parse(line);
        ck_assert_msg(json_object_is_type(object, json_type_object), "%s: %s", what, line);
        json_object_put(object);
    }
    free(lines);
}

static size_t lines_seen[PRINTS];

static void expect_inert_prints(rb_str text, bool is_raw)
{
    static const char *const names[] = {"audit", "audit --json", "status", "status --json"};
    given_stored(text, is_raw);
    for (int what = 0; what < PRINTS; what++) {
        bool is_json = what == AUDIT_JSON || what == STATUS_JSON;
        print(what);
        if (lines_seen[what] == 0)
            lines_seen[what] = lines_of_print();
        ck_assert_msg(lines_of_print() == lines_seen[what], "%s has lines of its own: %s", names[what], printed);
        if (is_json && !is_raw)
            expect_json(names[what]);
        if (!is_json || !is_raw) /* JSON tells what is stored: escaped, whatever it is */
            expect_obeyed_by_none(names[what]);
    }
    kit_fini(&k);
    kit_init(&k);
    kit_open(&k);
}

START_TEST(S7_a_nasty_string_is_inert_in_the_record_and_on_a_terminal)
{
    memset(lines_seen, 0, sizeof lines_seen);
    expect_inert_prints(RB_STR("harmless"), false);
    for (int placing = 0; placing < PLACINGS; placing++)
        for (int is_raw = 0; is_raw < 2; is_raw++) {
            nasty string = placed(&strings[_i], placing);
            expect_inert_prints((rb_str){string.bytes, string.len}, is_raw);
            free(string.bytes);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nasty strings stored");
    TCase *tests = tcase_create("strings");

    read_strings();
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, S7_a_nasty_string_is_inert_in_the_record_and_on_a_terminal, 0, (int)n_strings);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
