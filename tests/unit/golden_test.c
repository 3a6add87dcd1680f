/* golden_test.c - every message of every state, kept in tests/golden and read like code: what people see, and what Slack gets.
 *
 * RESETBOT_GOLDEN=write writes the files anew; what changed is then read as a diff. Each message passes the sandbox's Block Kit
 * checks, and its plain text holds every fact of its blocks (U3). */
#include <errno.h>
#include <sys/stat.h>

#include "golden_given.h"
#include "locale/gettext.h"
#include "sandbox/slack_blocks.h"

#define FOLDER "/tests/golden/"

typedef enum { KIND_CARD, KIND_LINE, KIND_REQUESTER, KIND_OWNER, KIND_STATUS, KINDS } golden_kind;

static const char *const KIND_NAMES[KINDS] = {"card", "line", "requester", "owner", "status"};

typedef struct {
    const char *code;
    rb_catalogue catalogue;
} reader;

static reader readers[2];
static size_t n_readers;
static size_t n_kept;

/* ---- files -------------------------------------------------------------------------------------------------------- */

static void path_of(const char *name, const char *language, const char *ending, char out_path[1024])
{
    const char *root = getenv("RESETBOT_SOURCE");
    (void)snprintf(out_path, 1024, "%s" FOLDER "%s.%s.%s", root ? root : ".", name, language, ending);
}

static char *kept_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, RB_PAYLOAD_MAX + 1);

    ck_assert_ptr_nonnull(text);
    if (file) {
        size_t len = fread(text, 1, RB_PAYLOAD_MAX, file);
        text[len] = '\0';
        fclose(file);
    }
    return text;
}

static bool is_writing(void)
{
    const char *how = getenv("RESETBOT_GOLDEN");
    return how && strcmp(how, "write") == 0;
}

/* The text is what the file holds; or, when it is asked for, becomes that. */
static void keep(const char *name, const char *language, const char *ending, const char *text)
{
    char path[1024];
    path_of(name, language, ending, path);
    n_kept++;
    if (is_writing()) {
        FILE *file = fopen(path, "w");
        ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
        fprintf(file, "%s\n", text);
        fclose(file);
        return;
    }
    char *expected = kept_text(path);
    size_t len = strlen(expected);
    if (len > 0)
        expected[len - 1] = '\0'; /* the last line's end */
    size_t same = 0;
    while (expected[same] && expected[same] == text[same])
        same++;
    size_t from = same > 60 ? same - 60 : 0;
    ck_assert_msg(strcmp(expected, text) == 0,
                  "%s differs. Is the new one meant? Then write it: RESETBOT_GOLDEN=write golden_test\n"
                  "kept: ...%.160s\nnow: ...%.160s",
                  path, expected + from, text + from);
    free(expected);
}

/* ---- checks ------------------------------------------------------------------------------------------------------- */

static void expect_valid(const char *name, json_object *root, bool is_form)
{
    json_object *faults = json_object_new_array();
    size_t n = is_form ? sk_check_view(root, faults)
                       : sk_check_blocks(json_object_object_get(root, "blocks"), SK_SURFACE_MESSAGE, faults);
    ck_assert_msg(n == 0, "%s: %s", name, json_object_to_json_string(faults));
    json_object_put(faults);
}

/* Every word of `said` is in the text. */
static void expect_words(const char *name, const char *said, const char *text)
{
    char *words_of = strdup(said);
    char *rest = NULL;

    ck_assert_ptr_nonnull(words_of);
    for (char *word = strtok_r(words_of, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest))
        ck_assert_msg(strstr(text, word) != NULL, "%s: the text lacks \"%s\": %s", name, word, text);
    free(words_of);
}

/* What a reader of blocks learns: text, mentions, links, times. Controls are not facts. */
static void expect_facts(const char *name, json_object *node, const char *text)
{
    static const char *const facts[] = {"text", "fallback", "user_id", "usergroup_id", "channel_id", "url"};

    if (json_object_is_type(node, json_type_array))
        for (size_t i = 0; i < json_object_array_length(node); i++)
            expect_facts(name, json_object_array_get_idx(node, i), text);
    if (!json_object_is_type(node, json_type_object))
        return;
    const char *type = json_object_get_string(json_object_object_get(node, "type"));
    bool is_control = type && (strcmp(type, "actions") == 0 || strcmp(type, "input") == 0 ||
                               strcmp(type, "section") == 0); /* a section is the question before a choice */
    if (is_control)
        return;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        json_object *fact = json_object_object_get(node, facts[i]);
        if (json_object_is_type(fact, json_type_string))
            expect_words(name, json_object_get_string(fact), text);
    }
    json_object_object_foreach(node, key, value)
    {
        (void)key;
        expect_facts(name, value, text);
    }
}

static void expect_title(const char *name, const char *text)
{
    char first[400];
    size_t len = 0;

    for (size_t chars = 0; text[len] && len < sizeof first - 1; len++) {
        bool is_start = ((unsigned char)text[len] & 0xC0) != 0x80;
        if (is_start && chars++ == 80)
            break;
    }
    memcpy(first, text, len);
    first[len] = '\0';
    ck_assert_msg(strstr(first, request.id) && strstr(first, rb_word_action(&words, request.support.word)) &&
                      strstr(first, request.device.model) && strstr(first, request.device.user_name),
                  "%s: \"%s\"", name, first);
}

/* ---- one message -------------------------------------------------------------------------------------------------- */

static void see_golden(const char *name, const char *language, bool is_titled)
{
    rb_buf payload;
    bool is_form = message->title != 0 || message->is_home; /* a view, without a text of its own */

    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    ck_assert_msg(rb_slack_render(message, &payload) == RB_OK, "%s", name);
    json_object *root = json_tokener_parse(rb_buf_cstr(&payload));
    ck_assert_ptr_nonnull(root);
    expect_valid(name, root, is_form);
    json_object *shape = is_form ? root : json_object_object_get(root, "blocks");
    keep(name, language, "blocks.json",
         json_object_to_json_string_ext(shape, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    if (!is_form) {
        char *text = unescaped(json_object_get_string(json_object_object_get(root, "text")));
        keep(name, language, "txt", text);
        expect_facts(name, shape, text);
        if (is_titled)
            expect_title(name, text);
        free(text);
    }
    json_object_put(root);
    rb_buf_fini(&payload);
    rb_message_init(message);
}

/* ---- each state: what entering it brings, and what `status` says of it ----------------------------------------------- */

static bool make_kind(golden_kind kind, const rb_effect *effect)
{
    switch (effect->kind) {
    case RB_FX_CARD:
        if (kind == KIND_CARD)
            make_card();
        break;
    case RB_FX_LINE:
        if (kind == KIND_LINE)
            rb_word_line(&words, &request, effect->note, message);
        break;
    case RB_FX_TELL_REQUESTER:
        if (kind == KIND_REQUESTER)
            tell_requester(effect->note);
        break;
    case RB_FX_TELL_OWNER:
        if (kind == KIND_OWNER)
            rb_word_tell_owner(&words, &request, effect->note, message);
        break;
    case RB_FX_RECORD:
    case RB_FX_TELL_PAST:
    case RB_FX_TELL_APPROVERS:
    case RB_FX_POST: break;
    }
    return message->n_blocks > 0;
}

static void see_kind(rb_state state, golden_kind kind, const char *language)
{
    char name[64];
    bool is_made = false;

    given_named(state);
    (void)snprintf(name, sizeof name, "%s-%s", rb_state_name(state), KIND_NAMES[kind]);
    for (uint32_t i = 0; i < effects.n && !is_made; i++)
        is_made = make_kind(kind, &effects.items[i]);
    if (kind == KIND_STATUS) {
        rb_word_status(&words, &request, message);
        is_made = true;
    }
    if (is_made)
        see_golden(name, language, kind != KIND_LINE);
}

START_TEST(what_each_state_brings_is_as_kept)
{
    for (size_t i = 0; i < n_readers; i++) {
        words.catalogue = readers[i].catalogue;
        for (int kind = 0; kind < KINDS; kind++)
            see_kind((rb_state)_i, (golden_kind)kind, readers[i].code);
    }
    ck_assert_uint_ge(n_kept, 2 * n_readers);
}
END_TEST

START_TEST(what_else_people_see_is_as_kept)
{
    for (size_t i = 0; i < n_readers; i++) {
        words.catalogue = readers[i].catalogue;
        EXTRAS[_i].make();
        see_golden(EXTRAS[_i].name, readers[i].code, EXTRAS[_i].is_titled);
    }
}
END_TEST

/* ---- a phone's screen --------------------------------------------------------------------------------------------- */

static size_t count_lines(const char *text)
{
    size_t n = 1;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

START_TEST(the_fullest_card_has_nine_lines)
{
    make_worst_card();
    const char *text = see();
    ck_assert_msg(count_lines(text) <= 9, "%zu lines: %s", count_lines(text), text);
    static const char *const order[] = {
        "R-7K3F",     "Asked by",      "owner holds the device",
        "Android 14", "What happens:", "Attention:",
        "Earlier",    "Approved by",   "State: waiting for 2 approvals until 2026-03-02 14:30 UTC"};
    const char *at = text;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const char *found = strstr(at, order[i]);
        ck_assert_msg(found != NULL, "%s is not in its place: %s", order[i], text);
        at = found;
    }
    static const char *const flags[] = {"last check-in on 2026-02-18 UTC, more than 7 days before the request",
                                        "personal device",
                                        "not compliant",
                                        "name is used by several devices",
                                        "enrolled by berit@contoso.com, not by its user",
                                        "work profile only",
                                        "not confirmed to work",
                                        "owner not told"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        ck_assert_msg(strstr(text, flags[i]) != NULL, "%s is not in: %s", flags[i], text);
}
END_TEST

START_TEST(an_ordinary_card_warns_of_nothing)
{
    given_named(RB_STATE_PENDING);
    make_card();
    ck_assert_ptr_null(strstr(see(), "Attention"));
}
END_TEST

START_TEST(a_silent_apple_device_may_wait_for_its_first_unlock)
{
    given_named(RB_STATE_PENDING);
    request.device.last_sync_utc_ms = UTC - RB_DAY_MS + _i * RB_MINUTE_MS;
    make_card();
    bool is_said = strstr(see(), "may be waiting for its first unlock after a restart") != NULL;
    ck_assert_int_eq(is_said, _i < 0);
}
END_TEST

START_TEST(a_final_card_is_one_line_without_buttons)
{
    given_named((rb_state)_i);
    if (!rb_state_is_final(request.state))
        return;
    make_card();
    ck_assert_uint_eq(message->n_controls, 0);
    ck_assert_uint_eq(count_lines(see()), 1);
}
END_TEST

/* ---- main --------------------------------------------------------------------------------------------------------- */

static void open_readers(void)
{
    static const char *const others[] = {"sv"};
    const char *build = getenv("RESETBOT_BUILD");
    rb_gettext *languages = NULL; /* for the whole program */
    rb_errbuf errbuf = {0};
    char folder[1024];

    readers[n_readers++] = (reader){"en", rb_catalogue_english()};
    (void)snprintf(folder, sizeof folder, "%s/locale", build ? build : ".");
    if (rb_gettext_open(folder, "en", &languages, &errbuf) != RB_OK)
        return;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        rb_languages port = rb_gettext_port(languages);
        rb_catalogue catalogue = port.of(port.self, others[i]);
        bool is_there = strcmp(catalogue.text(catalogue.self, "Approve"), "Approve") != 0;
        if (is_there) /* else its files would come out in English */
            readers[n_readers++] = (reader){others[i], catalogue};
    }
}

START_TEST(every_reader_has_a_catalogue)
{
    ck_assert_msg(n_readers == sizeof readers / sizeof *readers, "RESETBOT_BUILD/locale holds not every language");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden");
    TCase *tests = tcase_create("messages");

    open_readers();
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_reader_has_a_catalogue);
    tcase_add_loop_test(tests, what_each_state_brings_is_as_kept, RB_STATE_PENDING, RB_STATES);
    tcase_add_loop_test(tests, what_else_people_see_is_as_kept, 0, (int)N_EXTRAS);
    tcase_add_test(tests, the_fullest_card_has_nine_lines);
    tcase_add_test(tests, an_ordinary_card_warns_of_nothing);
    tcase_add_loop_test(tests, a_silent_apple_device_may_wait_for_its_first_unlock, -1, 2);
    tcase_add_loop_test(tests, a_final_card_is_one_line_without_buttons, RB_STATE_PENDING, RB_STATES);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
