/* nasty_test.c - the strings of nasty_strings.h as every name, reason and ticket, through every message: nothing comes alive,
 * nothing looks like a fact of ours on a line of its own, and Slack would take it (S7).
 *
 * Each goes the way of real ones: cleaned as the codecs clean, then worded, then rendered. */
#include "chat/slack_plain.h"
#include "golden_given.h"
#include "nasty_strings.h"
#include "sandbox/slack_blocks.h"

/* ---- given: a request of nothing but this -------------------------------------------------------------------------- */

static rb_delivery delivery;

static void call_it(char *field, size_t cap, rb_str text)
{
    rb_text_clip(field, cap, text);
}

#define CALL(field, text) call_it((field), sizeof(field), (text))

static void given_nasty(rb_state state, rb_str text)
{
    given(state);
    words.now = now;
    words.catalogue = rb_catalogue_english();
    rb_device *device = &request.device;
    CALL(device->name, text);
    CALL(device->model, text);
    CALL(device->serial, text);
    CALL(device->os, text);
    CALL(device->os_version, text);
    CALL(device->ownership, text);
    CALL(device->compliance, text);
    CALL(device->upn, text);
    CALL(device->user_name, text);
    CALL(device->enrolled_by, text);
    CALL(request.requester.name, text);
    CALL(request.reason, text);
    CALL(request.ticket, text);
    CALL(request.target, text);
    CALL(request.earlier, text);
    CALL(request.detail, text);
    CALL(request.closer.name, text);
    CALL(request.closer_reason, text);
    for (uint32_t i = 0; i < request.n_approvals; i++)
        CALL(request.approvals[i].name, text);
    device->last_sync_utc_ms = UTC - 9 * RB_DAY_MS;
    if (request.support.gives_code)
        request.has_code = true;
}

/* ---- then --------------------------------------------------------------------------------------------------------- */

/* Ours, whoever wrote the request. */
static bool is_our_reference(const char *at)
{
    static const char *const ours[] = {"<!subteam^S0MOBILE>", "<@U0ARVID>", "<@U0BERIT>", "<" LINK "|open the card>"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strncmp(at, ours[i], strlen(ours[i])) == 0)
            return true;
    return false;
}

/* One character off a text that json-c has found to be UTF-8. */
static uint32_t take(rb_str *rest)
{
    unsigned char first = (unsigned char)*rest->ptr;
    size_t len = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t code = len == 1 ? first : first & (0x7FU >> len);
    for (size_t i = 1; i < len && i < rest->len; i++)
        code = code << 6 | ((unsigned char)rest->ptr[i] & 0x3F);
    len = len < rest->len ? len : rest->len;
    *rest = (rb_str){rest->ptr + len, rest->len - len};
    return code;
}

/* Controls but our own line ends, bidi controls, zero-width and other invisible characters: a list of the test's own. */
static bool is_hidden(uint32_t code)
{
    static const uint32_t hidden[][2] = {{0x00, 0x09},     {0x0B, 0x1F},     {0x7F, 0x9F},      {0xAD, 0xAD},
                                         {0x34F, 0x34F},   {0x61C, 0x61C},   {0x115F, 0x1160},  {0x180B, 0x180F},
                                         {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},  {0x3164, 0x3164},
                                         {0xFDD0, 0xFDEF}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF},  {0xFFA0, 0xFFA0},
                                         {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE0FFF}};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (code >= hidden[i][0] && code <= hidden[i][1])
            return true;
    return false;
}

static void expect_inert_text(const char *what, const char *text)
{
    for (const char *at = text; (at = strchr(at, '<')) != NULL; at++)
        ck_assert_msg(is_our_reference(at), "%s: %s", what, at);
    for (rb_str rest = rb_str_of(text); rest.len > 0;)
        if (is_hidden(take(&rest)))
            ck_abort_msg("%s holds what cannot be seen: %s", what, text);
}

static void expect_inert_style(const char *what, json_object *node)
{
    json_object *style = json_object_object_get(node, "style");
    if (!json_object_is_type(style, json_type_object))
        return;
    json_object_object_foreach(style, key, value)
    {
        (void)value;
        ck_assert_msg(strcmp(key, "bold") == 0 || strcmp(key, "code") == 0, "%s: %s", what, key);
    }
}

static bool is_our_format(const char *format)
{
    return strcmp(format, "{date_num} {time_secs}") == 0 || strcmp(format, "{date_short_pretty} {time}") == 0 ||
           strcmp(format, "{date_short_pretty}") == 0;
}

/* Check reports each assertion that holds, which takes its time: in what is done a million times, only those that do not. */
static void expect_inert_element(const char *what, json_object *node, const char *type)
{
    static const char *const never[] = {"broadcast", "mrkdwn", "emoji", "channel", "color", "team", "image", "video"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strcmp(type, never[i]) == 0)
            ck_abort_msg("%s: %s", what, json_object_to_json_string(node));
    const char *user = json_object_get_string(json_object_object_get(node, "user_id"));
    const char *group = json_object_get_string(json_object_object_get(node, "usergroup_id"));
    const char *url = json_object_get_string(json_object_object_get(node, "url"));
    const char *format = json_object_get_string(json_object_object_get(node, "format"));
    bool is_ours = (!user || strcmp(user, "U0ARVID") == 0 || strcmp(user, "U0BERIT") == 0) &&
                   (!group || strcmp(group, "S0MOBILE") == 0) && (!url || strcmp(url, LINK) == 0) &&
                   (!format || is_our_format(format));
    bool has_emoji = strcmp(type, "plain_text") == 0 && /* else :siren: becomes one */
                     (!json_object_object_get_ex(node, "emoji", NULL) ||
                      json_object_get_boolean(json_object_object_get(node, "emoji")));
    if (!is_ours || has_emoji)
        ck_abort_msg("%s: %s", what, json_object_to_json_string(node));
    expect_inert_style(what, node);
}

static void expect_inert(const char *what, json_object *node)
{
    if (json_object_is_type(node, json_type_array))
        for (size_t i = 0; i < json_object_array_length(node); i++)
            expect_inert(what, json_object_array_get_idx(node, i));
    if (!json_object_is_type(node, json_type_object))
        return;
    json_object *type = json_object_object_get(node, "type");
    if (json_object_is_type(type, json_type_string))
        expect_inert_element(what, node, json_object_get_string(type));
    json_object_object_foreach(node, key, value)
    {
        (void)key;
        expect_inert(what, value);
    }
}

static void expect_taken(const char *what, json_object *root)
{
    json_object *faults = json_object_new_array();
    size_t n = message->title || message->is_home
                   ? sk_check_view(root, faults)
                   : sk_check_blocks(json_object_object_get(root, "blocks"), SK_SURFACE_MESSAGE, faults);
    ck_assert_msg(n == 0, "%s: %s", what, json_object_to_json_string(faults));
    json_object_put(faults);
}

/* What Slack gets where it refuses the blocks: text that formats nothing either. */
static void expect_inert_plain(const char *what, rb_str payload)
{
    rb_buf plain;
    rb_buf_init(&plain, RB_PAYLOAD_MAX);
    if (rb_slack_plain(payload, &plain) == RB_OK) {
        json_object *root = json_tokener_parse(rb_buf_cstr(&plain));
        const char *text = json_object_get_string(json_object_object_get(root, "text"));
        ck_assert_msg(text && !strpbrk(text, "*`~"), "%s: %s", what, text);
        json_object_put(root);
    }
    rb_buf_fini(&plain);
}

static size_t lines_of(const char *text)
{
    size_t n = 1;
    for (; text && *text; text++)
        n += *text == '\n';
    return n;
}

static size_t n_seen;
static size_t lines_seen[128]; /* of each message, with a harmless name */
static bool is_counting;

static void see_inert(const char *what, size_t index)
{
    rb_buf payload;

    ck_assert_uint_lt(index, sizeof lines_seen / sizeof *lines_seen);
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_err err = rb_slack_render(message, &payload);
    ck_assert_msg(err == RB_OK, "%s: %s", what, rb_err_name(err));
    json_object *root = json_tokener_parse(rb_buf_cstr(&payload));
    ck_assert_msg(root != NULL, "%s: %s", what, rb_buf_cstr(&payload));
    expect_taken(what, root);
    expect_inert(what, root);
    if (!message->title && !message->is_home) {
        const char *text = json_object_get_string(json_object_object_get(root, "text"));
        expect_inert_text(what, text);
        expect_inert_plain(what, rb_buf_str(&payload));
        if (is_counting)
            lines_seen[index] = lines_of(text);
        ck_assert_msg(lines_of(text) <= lines_seen[index], "%s has lines of its own: %s", what, text);
    }
    json_object_put(root);
    rb_buf_fini(&payload);
    rb_message_init(message);
    n_seen++;
}

/* ---- every message ------------------------------------------------------------------------------------------------- */

#define SEE(make)                                                                                                      \
    do {                                                                                                               \
        make;                                                                                                          \
        see_inert(#make, index++);                                                                                     \
    } while (0)

static size_t see_of_state(rb_state state, rb_str text, size_t index)
{
    static const rb_note notes[] = {RB_NOTE_ASKED,  RB_NOTE_DENIED,      RB_NOTE_UNCLEAR,
                                    RB_NOTE_FAILED, RB_NOTE_FOUND_LATER, RB_NOTE_ACCEPTED};
    given_nasty(state, text);
    SEE(make_card());
    SEE(tell_requester(RB_NOTE_DONE));
    SEE(rb_word_tell_owner(&words, &request, RB_NOTE_ASKED, message));
    SEE(rb_word_tell_owner(&words, &request, RB_NOTE_DONE, message));
    SEE(rb_word_status(&words, &request, message));
    SEE(rb_word_decided(&words, &request, message));
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        SEE(rb_word_line(&words, &request, notes[i], message));
    if (request.n_approvals > 0)
        SEE(rb_word_line(&words, &request, RB_NOTE_APPROVED, message));
    return index;
}

static size_t see_private(rb_str text, size_t index)
{
    rb_pick picks[2];
    rb_device device;
    const rb_preview_buttons buttons = {"1.send", "1.other", "1.cancel"};

    given_nasty(RB_STATE_PENDING, text);
    device = request.device;
    picks[0] = (rb_pick){.device = &device, .support = APPLE, .value = "1.pick"};
    picks[1] = (rb_pick){.device = &device, .support = {.why = RB_WHY_MAC}, .denial = RB_NO_UNSUPPORTED};
    SEE(rb_word_tell_approver(&words, &request, RB_NOTE_HALF_TIME, LINK, message));
    SEE(rb_word_preview(&words, &request, &buttons, NULL, message));
    SEE(rb_word_picks(&words, &request, picks, 2, 0, "1.more", "1.cancel", message));
    SEE(rb_word_devices(&words, request.target, picks, 2, message));
    const rb_found_person person = {request.requester.name, request.device.upn, request.reason, "1.person"};
    const rb_people_found found = {.verb = "devices", .part = request.target, .request = "", .people = &person, .n = 1};
    SEE(rb_word_people(&words, &found, message));
    SEE(rb_word_nobody(&words, &found, message));
    const rb_reset_form form = {.private_data = "1.form",
                                .target = "x",
                                .picks = picks,
                                .n_picks = 2,
                                .picks_of = request.target,
                                .device_block = "device_1",
                                .people = &found,
                                .person_block = "person_1"};
    SEE(rb_word_reset_form(&words, &form, message));
    SEE(rb_word_denial(&words, RB_NO_UNSUPPORTED, &device, &picks[1].support, &request, message));
    SEE(rb_word_too_few(&words, &request, request.requester.name, request.closer.name, message));
    SEE(rb_word_step(&words, RB_STEP_ALREADY_DECIDED, &request, message));
    SEE(rb_word_lookup(&words, RB_DEVICE_NOT_FOUND, request.target, true, request.detail, message));
    SEE(rb_word_lookup(&words, RB_DEVICE_REFUSED, request.target, false, request.detail, message));
    const rb_request each[4] = {request, request, request, request};
    SEE(put_home(each, true, true));
    SEE(rb_word_deny_form(&words, &request, "1.deny", message));
    SEE(rb_word_code_fetching(&words, &request, message));
    SEE(rb_word_code_gone(&words, &request, "Five minutes are over.", message));
    return index;
}

/* As engine_unknown_command makes it. */
static void make_meant(void)
{
    rb_buf meant;
    rb_buf_init(&meant, sizeof delivery.text);
    bool is_whole = rb_word_typed(delivery.text, &meant);
    rb_word_did_you_mean(&words, message, is_whole ? rb_buf_cstr(&meant) : "reset", "");
    rb_buf_fini(&meant);
}

/* What was typed, said back; and what its sender can press or copy. */
static size_t see_typed(rb_str text, size_t index)
{
    given_nasty(RB_STATE_PENDING, text);
    rb_home_item item = {.request = &request, .link = LINK, .cancel = "1.cancel", .again = "1.again"};
    delivery = (rb_delivery){.kind = RB_DELIVERY_COMMAND};
    (void)snprintf(delivery.text, sizeof delivery.text, "reset %.*s", (int)text.len, text.ptr);
    SEE(rb_word_restarted(&words, &delivery, message));
    words.typed = delivery.text;
    words.helpers = request.requester.name;
    SEE(rb_word_denial(&words, RB_NO_CHANNEL, NULL, NULL, NULL, message));
    SEE(rb_word_denial(&words, RB_NO_FROZEN, &request.device, &request.support, NULL, message));
    SEE(rb_word_denial(&words, RB_NO_APPROVED_BEFORE, &request.device, &request.support, &request, message));
    SEE(rb_word_lookup(&words, RB_DEVICE_UNAVAILABLE, request.target, true, request.detail, message));
    SEE(make_meant());
    SEE(rb_word_status_item(&words, &item, message));
    SEE(rb_word_cancelled(&words, &request, message));
    request.device.id[0] = '\0';
    SEE(rb_word_cancelled(&words, &request, message));
    words.typed = words.helpers = NULL;
    return index;
}

/* Choices have labels, which a menu shows as they are. */
static size_t see_form(rb_str text, size_t index)
{
    given_nasty(RB_STATE_PENDING, text);
    char target[300]; /* as much as the field takes */
    CALL(target, rb_str_of(request.target));
    const rb_pick pick = {.device = &request.device, .support = APPLE, .value = "1.pick"};
    const rb_found_person person = {request.requester.name, request.device.upn, request.reason, "1.person"};
    const rb_people_found found = {.verb = "reset", .part = request.target, .request = "", .people = &person, .n = 1};
    rb_reset_form form = {.private_data = "1.form",
                          .target = target,
                          .picks = &pick,
                          .n_picks = 1,
                          .picks_of = request.target,
                          .device_block = "device"};
    SEE(rb_word_reset_form(&words, &form, message));
    form = (rb_reset_form){.private_data = "1.form", .target = target, .people = &found, .person_block = "person"};
    SEE(rb_word_reset_form(&words, &form, message));
    return index;
}

static void see_all(rb_str text)
{
    static const rb_state states[] = {RB_STATE_PENDING, RB_STATE_DONE, RB_STATE_DENIED, RB_STATE_FAILED};
    size_t index = 0;
    n_seen = 0;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        index = see_of_state(states[i], text, index);
    index = see_private(text, index);
    index = see_typed(text, index);
    index = see_form(text, index);
    ck_assert_uint_eq(n_seen, index);
}

/* ---- tests -------------------------------------------------------------------------------------------------------- */

/* Once, for all strings. */
static void count_lines_of_harmless_ones(void)
{
    setup();
    is_counting = true;
    see_all(RB_STR("harmless"));
    is_counting = false;
    teardown();
}

START_TEST(S7_a_nasty_string_is_inert_wherever_it_stands)
{
    for (int placing = 0; placing < PLACINGS; placing++) {
        nasty string = placed(&strings[_i], placing);
        see_all((rb_str){string.bytes, string.len});
        free(string.bytes);
    }
}
END_TEST

START_TEST(there_are_enough_of_them)
{
    ck_assert_uint_ge(n_strings, 200);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nasty");
    TCase *tests = tcase_create("strings");

    read_strings();
    tcase_set_timeout(tests, 60);
    tcase_add_unchecked_fixture(tests, count_lines_of_harmless_ones, NULL);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, there_are_enough_of_them);
    tcase_add_loop_test(tests, S7_a_nasty_string_is_inert_wherever_it_stands, 0, (int)n_strings);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
