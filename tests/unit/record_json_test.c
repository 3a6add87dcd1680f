/* record_json_test.c - every field of a stored struct comes back exactly, and nothing else is taken for one.
 *
 * The tables are static in their file, so this test takes that file in: it is the only way to fill every field. */
#include "store/record_json.c"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t seed;

/* A small generator of its own, so that a failure can be repeated from its seed. */
static uint32_t dice(uint32_t bound)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % bound;
}

/* ---- filling ---------------------------------------------------------------------------------------------------- */

static void fill(const rb_shape *shape, char *to);

/* Any bytes but NUL: control characters, quotes and broken UTF-8 too. Often as long as fits. */
static void fill_text(char *to, size_t cap)
{
    size_t len = dice(3) == 0 ? cap - 1 : dice((uint32_t)cap);

    for (size_t i = 0; i < len; i++)
        to[i] = (char)(1 + dice(255));
}

static void fill_number(const rb_shape_field *field, char *to)
{
    static const uint64_t edges[] = {0,          1,         0x7fffffff,          0x80000000,
                                     0xffffffff, INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX};
    uint64_t value = edges[dice(sizeof edges / sizeof *edges)];

    memcpy(to, &value, field->size);
}

static void fill_element(const rb_shape_field *field, char *to)
{
    unsigned word = 0;

    switch (field->kind) {
    case RB_SHAPE_TEXT: fill_text(to, field->size); break;
    case RB_SHAPE_BOOL: *to = (char)dice(2); break;
    case RB_SHAPE_I32:
    case RB_SHAPE_U32:
    case RB_SHAPE_I64:
    case RB_SHAPE_U64: fill_number(field, to); break;
    case RB_SHAPE_WORD:
        word = dice(field->words->n);
        memcpy(to, &word, sizeof word);
        break;
    case RB_SHAPE_SET:
        for (unsigned i = 0; i < field->words->n; i++)
            to[i] = (char)dice(2);
        break;
    case RB_SHAPE_OBJECT: fill(field->shape, to); break;
    }
}

static void fill(const rb_shape *shape, char *to)
{
    for (size_t i = 0; i < shape->n_fields; i++) {
        const rb_shape_field *field = &shape->fields[i];
        uint32_t n = field->max > 0 ? dice((uint32_t)field->max + 1) : 1;
        for (uint32_t j = 0; j < n; j++)
            fill_element(field, to + field->offset + j * field->size);
        if (field->max > 0)
            memcpy(to + field->count_offset, &n, sizeof n);
    }
}

static void expect_round_trip(const rb_shape *shape, uint32_t start)
{
    char *before = calloc(1, shape->size);
    char *after = malloc(shape->size);
    rb_errbuf errbuf = {0};
    rb_buf text;

    seed = start;
    fill(shape, before);
    rb_buf_init(&text, RB_DOCUMENT_MAX);
    ck_assert_int_eq(rb_shape_write(shape, before, &text), RB_OK);
    ck_assert_msg(rb_shape_read(shape, rb_buf_str(&text), after, &errbuf) == RB_OK, "seed %u: %s", start, errbuf.text);
    ck_assert_msg(memcmp(before, after, shape->size) == 0, "seed %u", start);
    rb_buf_fini(&text);
    free(before);
    free(after);
}

START_TEST(every_field_comes_back_exactly)
{
    for (uint32_t start = 0; start < 300; start++) {
        expect_round_trip(&request_shape, start);
        expect_round_trip(&delivery_shape, start);
        expect_round_trip(&out_shape, start);
    }
}
END_TEST

START_TEST(an_empty_request_comes_back_empty)
{
    rb_request *before = calloc(1, sizeof *before);
    rb_request *after = malloc(sizeof *after);
    rb_buf text;

    rb_buf_init(&text, RB_DOCUMENT_MAX);
    ck_assert_int_eq(rb_request_to_json(before, &text), RB_OK);
    ck_assert_int_eq(rb_request_from_json(rb_buf_str(&text), after, NULL), RB_OK);
    ck_assert_int_eq(memcmp(before, after, sizeof *before), 0);
    rb_buf_fini(&text);
    free(before);
    free(after);
}
END_TEST

/* ---- no member is forgotten ------------------------------------------------------------------------------------- */

static char *read_header(const char *name)
{
    const char *root = getenv("RESETBOT_SOURCE");
    char path[512];
    char *text = calloc(1, 64 * 1024);

    ck_assert_ptr_nonnull(text);
    (void)snprintf(path, sizeof path, "%s/include/resetbot/%s", root ? root : ".", name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s: set RESETBOT_SOURCE", path);
    ck_assert_uint_gt(fread(text, 1, 64 * 1024 - 1, file), 0);
    (void)fclose(file);
    return text;
}

static bool has_field(const rb_shape *shape, const char *name, size_t len)
{
    for (size_t i = 0; i < shape->n_fields; i++)
        if (strlen(shape->fields[i].name) == len && memcmp(shape->fields[i].name, name, len) == 0)
            return true;
    return false;
}

static bool is_listed(const char *list, const char *name, size_t len)
{
    for (const char *at = strstr(list, " "); at; at = strstr(at + 1, " "))
        if (strncmp(at + 1, name, len) == 0 && at[1 + len] == ' ')
            return true;
    return false;
}

/* Checks each declarator of "type a, b[N];": the word before a comma, a semicolon or a bracket. */
static void expect_declared(const rb_shape *shape, const char *line, const char *left_out)
{
    const char *end = strchr(line, ';');
    const char *at = line;

    while (end && at < end) {
        size_t skip = strcspn(at, ",;[");
        const char *last = at + skip;
        const char *first = last;
        while (first > line && strchr(" *", first[-1]) == NULL)
            first--;
        size_t len = (size_t)(last - first);
        ck_assert_msg(has_field(shape, first, len) || is_listed(left_out, first, len), "%.*s is not stored", (int)len,
                      first);
        at = last + strcspn(last, ",;");
        at += *at == ',' ? 1 : 0;
        if (*at == ';')
            break;
    }
}

/* The struct's members as the header declares them; left_out: " a b " are stored elsewhere, or not at all. */
static void expect_all_stored(const rb_shape *shape, const char *header, const char *type, const char *left_out)
{
    char *text = read_header(header);
    char closing[64];
    int n_members = 0;

    (void)snprintf(closing, sizeof closing, "} %s;", type);
    char *end = strstr(text, closing);
    ck_assert_msg(end != NULL, "%s is not in %s", type, header);
    *end = '\0';
    char *start = text;
    for (char *at = strstr(text, "typedef struct"); at; at = strstr(at + 1, "typedef struct"))
        start = at;
    for (char *line = strchr(start, '\n'); line; line = strchr(line + 1, '\n'), n_members++) {
        char *comment = strstr(line, "/*");
        char *semicolon = strchr(line, ';');
        if (semicolon && (!comment || semicolon < comment))
            expect_declared(shape, line + 1, left_out);
    }
    ck_assert_int_gt(n_members, 1);
    free(text);
}

START_TEST(every_member_that_a_header_declares_is_stored)
{
    expect_all_stored(&request_shape, "request.h", "rb_request",
                      " n_past_requesters n_approvals n_snapshot n_attempts n_shown ");
    expect_all_stored(&decision_shape, "request.h", "rb_decision", " ");
    expect_all_stored(&attempt_shape, "request.h", "rb_attempt", " ");
    expect_all_stored(&key_shape, "request.h", "rb_action_key", " ");
    expect_all_stored(&instant_shape, "request.h", "rb_instant", " ");
    expect_all_stored(&actor_shape, "person.h", "rb_actor", " ");
    expect_all_stored(&person_shape, "person.h", "rb_person", " ");
    expect_all_stored(&device_shape, "device.h", "rb_device", " n_owners ");
    expect_all_stored(&support_shape, "device.h", "rb_support", " ");
    expect_all_stored(&delivery_shape, "delivery.h", "rb_delivery",
                      " n_fields conn trigger_id is_home received_boot_ms ");
    expect_all_stored(&form_field_shape, "delivery.h", "rb_field", " ");
    expect_all_stored(&out_shape, "store_port.h", "rb_out", " id payload ");
}
END_TEST

static void expect_words(const rb_shape_words *words)
{
    for (unsigned i = 0; i < words->n; i++) {
        ck_assert_str_ne(words->word(i), "");
        for (unsigned j = 0; j < i; j++)
            ck_assert_str_ne(words->word(i), words->word(j));
    }
}

START_TEST(no_two_values_share_a_word)
{
    static const rb_shape_words *const all[] = {&verified_words, &holds_words, &lock_words,          &owner_told_words,
                                                &outcome_words,  &role_words,  &verdict_words,       &scope_words,
                                                &action_words,   &why_words,   &delivery_kind_words, &out_kind_words,
                                                &state_words,    &note_words};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        expect_words(all[i]);
}
END_TEST

/* ---- reading is strict ------------------------------------------------------------------------------------------ */

#define SOUND                                                                                                          \
    "\"state\":\"pending\",\"verified\":\"video\",\"holds\":\"yes\",\"lock\":\"phone\",\"owner_told\":\"nobody\""

START_TEST(what_is_not_known_is_refused_with_the_name_of_its_field)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {"{" SOUND ",\"state\":\"sleeping\"}", "state"},
        {"{\"state\":\"pending\"}", "verified"},
        {"{" SOUND ",\"colour\":\"red\"}", "colour"},
        {"{" SOUND ",\"id\":\"R-ABCDEFGHIJKLMNO\"}", "id"},
        {"{" SOUND ",\"id\":\"R\\u0000-1\"}", "id"},
        {"{" SOUND ",\"id\":7}", "id"},
        {"{" SOUND ",\"id\":null}", "id"},
        {"{" SOUND ",\"n_lines\":4294967296}", "n_lines"},
        {"{" SOUND ",\"n_lines\":-1}", "n_lines"},
        {"{" SOUND ",\"n_lines\":1.5}", "n_lines"},
        {"{" SOUND ",\"n_lines\":\"1\"}", "n_lines"},
        {"{" SOUND ",\"version\":-1}", "version"},
        {"{" SOUND ",\"created_utc_ms\":9223372036854775808}", "created_utc_ms"},
        {"{" SOUND ",\"has_code\":1}", "has_code"},
        {"{" SOUND ",\"shown_utc_ms\":[1,2,3,4,5]}", "shown_utc_ms"},
        {"{" SOUND ",\"shown_utc_ms\":1}", "shown_utc_ms"},
        {"{" SOUND ",\"attempts\":[{\"outcome\":\"great\"}]}", "outcome"},
        {"{" SOUND ",\"attempts\":[7]}", "object"},
        {"{" SOUND ",\"requester\":{\"roles\":[\"king\"]}}", "roles"},
        {"{" SOUND ",\"device\":[]}", "object"},
        {"{" SOUND "} x", "JSON"},
        {"[]", "object"},
        {"null", "JSON"},
        {"", "JSON"},
    };
    rb_request *request = malloc(sizeof *request);

    ck_assert_int_eq(rb_request_from_json(RB_STR("{" SOUND "}"), request, NULL), RB_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rb_errbuf errbuf = {0};
        ck_assert_msg(rb_request_from_json(rb_str_of(cases[i].text), request, &errbuf) == RB_E_SYNTAX, "%s",
                      cases[i].text);
        ck_assert_msg(strstr(errbuf.text, cases[i].said) != NULL, "%s: %s", cases[i].text, errbuf.text);
    }
    free(request);
}
END_TEST

START_TEST(a_document_cut_anywhere_is_refused)
{
    rb_request *request = calloc(1, sizeof *request);
    rb_buf text;

    seed = 7;
    fill(&request_shape, (char *)request);
    rb_buf_init(&text, RB_DOCUMENT_MAX);
    ck_assert_int_eq(rb_request_to_json(request, &text), RB_OK);
    for (size_t len = 0; len < text.len; len += 1 + len / 100)
        ck_assert_int_eq(rb_request_from_json((rb_str){text.ptr, len}, request, NULL), RB_E_SYNTAX);
    rb_buf_fini(&text);
    free(request);
}
END_TEST

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static rb_err try_write(const rb_request *request, size_t max)
{
    rb_buf text;

    rb_buf_init(&text, max);
    rb_err err = rb_request_to_json(request, &text);
    rb_buf_fini(&text);
    return err;
}

START_TEST(an_unsound_struct_is_not_written)
{
    rb_request *request = calloc(1, sizeof *request);

    ck_assert_int_eq(try_write(request, RB_DOCUMENT_MAX), RB_OK);
    ck_assert_int_eq(try_write(request, 10), RB_E_LIMIT);
    memset(request->id, 'x', sizeof request->id);
    ck_assert_int_eq(try_write(request, RB_DOCUMENT_MAX), RB_E_INTERNAL);
    request->id[0] = '\0';
    request->n_shown = RB_SHOWINGS_MAX + 1;
    ck_assert_int_eq(try_write(request, RB_DOCUMENT_MAX), RB_E_INTERNAL);
    request->n_shown = 0;
    request->state = RB_STATES;
    ck_assert_int_eq(try_write(request, RB_DOCUMENT_MAX), RB_E_INTERNAL);
    free(request);
}
END_TEST

START_TEST(the_longest_delivery_fits_a_document)
{
    rb_delivery *delivery = calloc(1, sizeof *delivery);
    rb_buf text;

    /* a control character takes six bytes, the most of any */
    memset(delivery->text, 1, sizeof delivery->text - 1);
    memset(delivery->value, 1, sizeof delivery->value - 1);
    memset(delivery->private_data, 1, sizeof delivery->private_data - 1);
    delivery->n_fields = RB_FORM_FIELDS_MAX;
    for (size_t i = 0; i < RB_FORM_FIELDS_MAX; i++)
        memset(delivery->fields[i].value, 1, sizeof delivery->fields[i].value - 1);
    rb_buf_init(&text, RB_DOCUMENT_MAX);
    ck_assert_int_eq(rb_delivery_to_json(delivery, &text), RB_OK);
    rb_buf_fini(&text);
    free(delivery);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_json");
    TCase *one = tcase_create("record_json");

    tcase_add_test(one, every_field_comes_back_exactly);
    tcase_add_test(one, an_empty_request_comes_back_empty);
    tcase_add_test(one, every_member_that_a_header_declares_is_stored);
    tcase_add_test(one, no_two_values_share_a_word);
    tcase_add_test(one, what_is_not_known_is_refused_with_the_name_of_its_field);
    tcase_add_test(one, a_document_cut_anywhere_is_refused);
    tcase_add_test(one, an_unsound_struct_is_not_written);
    tcase_add_test(one, the_longest_delivery_fits_a_document);
    suite_add_tcase(suite, one);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
