/* wording_limits_test.c - the longest and the nastiest values in every message: it fits Block Kit, and nothing comes alive (S7). */
#include "wording_given.h"

static rb_device devices[RB_DEVICES_SHOWN_MAX];
static rb_pick picks[RB_DEVICES_SHOWN_MAX];

/* Fills a text field to its last byte. */
static void fill(char *field, size_t cap, const char *unit)
{
    size_t len = strlen(unit);

    field[0] = '\0';
    for (size_t at = 0; at + len < cap; at += len)
        memcpy(field + at, unit, len + 1);
}

#define FILL(field, unit) fill((field), sizeof(field), (unit))

static void fill_device(rb_device *device, const char *unit)
{
    FILL(device->serial, unit);
    FILL(device->name, unit);
    FILL(device->model, unit);
    FILL(device->os, unit);
    FILL(device->os_version, unit);
    FILL(device->upn, unit);
    FILL(device->user_name, unit);
    FILL(device->ownership, unit);
    FILL(device->compliance, unit);
    FILL(device->enrolled_by, "z");
}

static void fill_actor(rb_actor *actor, const char *unit)
{
    FILL(actor->name, unit);
    FILL(actor->person.user, "U");
}

static void fill_request(const char *unit)
{
    fill_device(&request.device, unit);
    fill_actor(&request.requester, unit);
    /* a reason has at most 500 characters, of up to 4 bytes each */
    fill(request.reason, strlen(unit) * RB_REASON_CHARS_MAX + 1, unit);
    fill(request.closer_reason, strlen(unit) * RB_REASON_CHARS_MAX + 1, unit);
    FILL(request.ticket, unit);
    FILL(request.target, unit);
    FILL(request.earlier, unit);
    FILL(request.detail, unit);
    FILL(request.closer.name, unit);
    FILL(request.id, "R");
    request.n_approvals = RB_APPROVALS_MAX;
    for (size_t i = 0; i < RB_APPROVALS_MAX; i++) {
        FILL(request.approvals[i].name, unit);
        FILL(request.approvals[i].person.user, "U");
    }
    request.owner_told = RB_OWNER_NOT_TOLD;
    request.lock = RB_LOCK_WORK_PROFILE;
}

static const char *const UNITS[] = {"W", "\u00f6", "\U0001f512", "&", "<"};

/* More approvers than a card mentions, and groups. */
static void given_many_approvers(void)
{
    static char many[100][RB_CHAT_ID_CAP];
    static char many_groups[40][RB_CHAT_ID_CAP];

    for (size_t i = 0; i < 100; i++)
        (void)snprintf(many[i], sizeof many[i], "U0ARVID%04zu", i);
    for (size_t i = 0; i < 40; i++)
        (void)snprintf(many_groups[i], sizeof many_groups[i], "S0MOBILE%04zu", i);
    policy.roles[RB_ROLE_APPROVER] =
        (rb_policy_role){.users = many, .n_users = 100, .groups = many_groups, .n_groups = 40};
}

START_TEST(the_longest_values_fit_every_message)
{
    given_many_approvers();
    for (size_t unit = 0; unit < sizeof UNITS / sizeof *UNITS; unit++) {
        for (int why = 0; why <= RB_WHY_LOST_MODE; why += 5) {
            given((rb_state)_i);
            request.support = WORK;
            request.support.why = (rb_support_why)why;
            request.support.verdict = RB_SUPPORT_MAYBE;
            fill_request(UNITS[unit]);
            for (int n = 0; see_each(n); n++)
                ck_assert_msg(rendered == RB_OK, "state %s, message %d of %s: %s", rb_state_name(request.state), n,
                              UNITS[unit], rb_err_name(rendered));
        }
    }
}
END_TEST

/* ---- nasty names -------------------------------------------------------------------------------------------------- */

/* No element of the rendered message but the approvers' own mentions may ping or lead anywhere. */
static void expect_inert(json_object *node)
{
    if (json_object_is_type(node, json_type_array))
        for (size_t i = 0; i < json_object_array_length(node); i++)
            expect_inert(json_object_array_get_idx(node, i));
    if (!json_object_is_type(node, json_type_object))
        return;
    json_object *type = json_object_object_get(node, "type");
    const char *kind = type ? json_object_get_string(type) : "";
    ck_assert_str_ne(kind, "broadcast");
    ck_assert_str_ne(kind, "mrkdwn");
    ck_assert_str_ne(kind, "emoji");
    ck_assert_str_ne(kind, "channel");
    if (strcmp(kind, "user") == 0) {
        const char *user = json_object_get_string(json_object_object_get(node, "user_id"));
        ck_assert(strcmp(user, "U0ARVID") == 0 || strcmp(user, "U0BERIT") == 0);
    }
    if (strcmp(kind, "link") == 0)
        ck_assert_str_eq(json_object_get_string(json_object_object_get(node, "url")),
                         "https://example.slack.com/archives/C0CARDS/p1");
    json_object_object_foreach(node, key, value)
    {
        (void)key;
        expect_inert(value);
    }
}

static void render_inert(void)
{
    rb_buf payload;

    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    ck_assert_int_eq(rb_slack_render(message, &payload), RB_OK);
    json_object *root = json_tokener_parse(rb_buf_cstr(&payload));
    ck_assert_ptr_nonnull(root);
    expect_inert(root);
    const char *text = json_object_get_string(json_object_object_get(root, "text"));
    ck_assert_ptr_null(strstr(text, "<!channel"));
    ck_assert_ptr_null(strstr(text, "<@UEVIL"));
    ck_assert_ptr_null(strstr(text, "<http://evil"));
    json_object_put(root);
    rb_buf_fini(&payload);
    rb_message_init(message);
}

START_TEST(S7_nasty_names_are_inert)
{
    static const char nasty[] = "<!channel> <@UEVIL> <http://evil.example|a> *b* _i_ `c` @here :bomb:";
    rb_card_buttons buttons = {.approve = "1.a", .deny = "1.d"};
    SET(request.requester.name, nasty);
    SET(request.device.model, nasty);
    SET(request.device.user_name, nasty);
    SET(request.reason, nasty);
    SET(request.closer.name, nasty);
    SET(request.closer_reason, nasty);
    SET(request.earlier, nasty);
    rb_word_card(&words, &request, &buttons, true, message);
    render_inert();
    rb_word_line(&words, &request, RB_NOTE_ASKED, message);
    render_inert();
    rb_word_tell_owner(&words, &request, RB_NOTE_ASKED, message);
    render_inert();
    rb_word_tell_approver(&words, &request, RB_NOTE_ASKED, "https://example.slack.com/archives/C0CARDS/p1", message);
    render_inert();
    request.state = RB_STATE_DENIED;
    rb_word_line(&words, &request, RB_NOTE_DENIED, message);
    render_inert();
    rb_word_lookup(&words, RB_DEVICE_NOT_FOUND, nasty, true, nasty, message);
    render_inert();
}
END_TEST

START_TEST(S7_a_name_cannot_be_a_template)
{
    SET(request.device.model, "{owner} {root} {id}");
    SET(request.requester.name, "{device}");
    see_owner(RB_NOTE_ASKED);
    ck_assert_ptr_nonnull(strstr(shown, "{owner} {root} {id}"));
    ck_assert_ptr_nonnull(strstr(shown, "{device} of the helpdesk"));
}
END_TEST

/* ---- pick lists --------------------------------------------------------------------------------------------------- */

static void given_picks(size_t n, size_t n_allowed)
{
    static char values[RB_DEVICES_SHOWN_MAX][16];

    for (size_t i = 0; i < n; i++) {
        devices[i] = request.device;
        (void)snprintf(devices[i].serial, sizeof devices[i].serial, "SERIAL%04zu", i);
        (void)snprintf(values[i], sizeof values[i], "1.p.%zu", i);
        picks[i] = (rb_pick){.device = &devices[i], .support = APPLE, .value = values[i]};
        if (i >= n_allowed) {
            picks[i].denial = RB_NO_UNSUPPORTED;
            picks[i].support = (rb_support){.why = RB_WHY_WINDOWS_PC};
        }
    }
}

static uint32_t count_buttons(const char *prefix)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < message->n_controls; i++)
        n += strncmp(rb_message_at(message, message->controls[i].value), prefix, strlen(prefix)) == 0;
    return n;
}

START_TEST(a_pick_list_has_eight_a_page)
{
    given_picks(RB_DEVICES_SHOWN_MAX, 20);
    static const size_t firsts[] = {0, 8, 16};
    static const uint32_t buttons[] = {8, 8, 4};
    rb_word_picks(&words, &request, picks, RB_DEVICES_SHOWN_MAX, firsts[_i], _i < 2 ? "1.m" : NULL, "1.x", message);
    ck_assert_uint_eq(count_buttons("1.p."), buttons[_i]);
    ck_assert_uint_eq(count_buttons("1.m"), _i < 2);
    char serial[16];
    (void)snprintf(serial, sizeof serial, "…%04zu", firsts[_i]);
    see();
    EXPECT_RENDERED();
    ck_assert_msg(strstr(shown, serial) != NULL, "%s", shown);
}
END_TEST

START_TEST(devices_that_cannot_be_reset_are_folded_with_reasons)
{
    given_picks(4, 2);
    rb_word_picks(&words, &request, picks, 4, 0, NULL, "1.x", message);
    ck_assert_uint_eq(count_buttons("1.p."), 2);
    see();
    ck_assert_ptr_nonnull(strstr(shown, "Not possible here: "));
    ck_assert_ptr_nonnull(strstr(shown, "…0002"));
    ck_assert_ptr_nonnull(strstr(shown, "…0003"));
    ck_assert_ptr_nonnull(strstr(shown, "I forgot my PIN"));
}
END_TEST

START_TEST(what_is_folded_away_for_want_of_room_is_counted)
{
    given_picks(RB_DEVICES_SHOWN_MAX, 2);
    rb_word_picks(&words, &request, picks, RB_DEVICES_SHOWN_MAX, 0, NULL, "1.x", message);
    see();
    EXPECT_RENDERED();
    size_t named = 0;
    for (const char *at = shown; (at = strstr(at, "…00")) != NULL; at++)
        named++;
    char more[32];
    (void)snprintf(more, sizeof more, "and %zu more", RB_DEVICES_SHOWN_MAX - named);
    ck_assert_msg(named == RB_DEVICES_SHOWN_MAX || strstr(shown, more) != NULL, "%zu named: %s", named, shown);
}
END_TEST

START_TEST(the_longest_pick_list_fits)
{
    for (size_t unit = 0; unit < sizeof UNITS / sizeof *UNITS; unit++) {
        given_picks(RB_DEVICES_SHOWN_MAX, _i == 0 ? 20 : 0);
        for (size_t i = 0; i < RB_DEVICES_SHOWN_MAX; i++)
            fill_device(&devices[i], UNITS[unit]);
        if (_i == 0)
            rb_word_picks(&words, &request, picks, RB_DEVICES_SHOWN_MAX, 0, "1.m", "1.x", message);
        else
            rb_word_devices(&words, "adele@contoso.com", picks, RB_DEVICES_SHOWN_MAX, message);
        see();
        ck_assert_msg(rendered == RB_OK, "%s: %s", UNITS[unit], rb_err_name(rendered));
    }
}
END_TEST

START_TEST(the_longest_list_of_people_fits)
{
    static char name[RB_NAME_CAP], upn[RB_UPN_CAP], part[RB_TARGET_CAP];
    rb_found_person people[RB_PEOPLE_FOUND_MAX];

    for (size_t unit = 0; unit < sizeof UNITS / sizeof *UNITS; unit++) {
        fill(name, sizeof name, UNITS[unit]);
        size_t allowed = strlen(UNITS[unit]) * 113 + 1; /* Entra's limit; the other case has more */
        fill(upn, _i == 0 || allowed > sizeof upn ? sizeof upn : allowed, UNITS[unit]);
        fill(part, sizeof part, UNITS[unit]);
        for (size_t i = 0; i < RB_PEOPLE_FOUND_MAX; i++)
            people[i] = (rb_found_person){name, upn, name, "1.u"};
        const rb_people_found found = {.verb = "devices",
                                       .part = part,
                                       .request = "R-7K3F",
                                       .cancel = "1.x",
                                       .people = people,
                                       .n = RB_PEOPLE_FOUND_MAX,
                                       .has_more = true};
        rb_word_people(&words, &found, message);
        ck_assert_uint_eq(count_buttons("1.u"), RB_PEOPLE_FOUND_MAX);
        see();
        ck_assert_msg(rendered == RB_OK, "%s: %s", UNITS[unit], rb_err_name(rendered));
        rb_word_nobody(&words, &found, message);
        see();
        ck_assert_msg(rendered == RB_OK, "%s: %s", UNITS[unit], rb_err_name(rendered));
    }
}
END_TEST

/* _i: so many of the 50 devices can be reset. */
static void the_longest_form(const char *unit, size_t allowed)
{
    static char name[RB_NAME_CAP], upn[RB_UPN_CAP], part[RB_TARGET_CAP];
    rb_found_person people[RB_PEOPLE_FOUND_MAX];
    rb_message *note = calloc(1, sizeof *note);
    char ids[RB_DEVICES_SHOWN_MAX][RB_GUID_CAP];

    ck_assert_ptr_nonnull(note);
    rb_message_init(note);
    fill(name, sizeof name, unit);
    fill(upn, sizeof upn, unit);
    fill(part, sizeof part, unit);
    given_picks(RB_DEVICES_SHOWN_MAX, allowed);
    for (size_t i = 0; i < RB_DEVICES_SHOWN_MAX; i++) {
        fill_device(&devices[i], unit);
        (void)snprintf(ids[i], sizeof ids[i], "20000000-0000-4000-8000-%012zu", i);
        SET(devices[i].id, ids[i]);
    }
    for (size_t i = 0; i < RB_PEOPLE_FOUND_MAX; i++)
        people[i] = (rb_found_person){name, upn, name, ids[i]};
    rb_word_lookup(&words, RB_DEVICE_REFUSED, part, true, request.detail, note);
    const rb_people_found found = {.part = part, .people = people, .n = RB_PEOPLE_FOUND_MAX, .has_more = true};
    const rb_reset_form form = {.private_data = "1.f",
                                .target = "x",
                                .note = note,
                                .is_reason_secret = true,
                                .picks = picks,
                                .n_picks = RB_DEVICES_SHOWN_MAX,
                                .picks_of = part,
                                .device_block = "device_1",
                                .people = allowed ? NULL : &found, /* never both */
                                .person_block = "person_1"};
    rb_word_reset_form(&words, &form, message);
    free(note);
    see();
    ck_assert_msg(rendered == RB_OK, "%zu %s: %s", allowed, unit, rb_err_name(rendered));
}

START_TEST(the_longest_form_fits)
{
    static const size_t allowed[] = {0, 1, 25, RB_DEVICES_SHOWN_MAX};

    for (size_t unit = 0; unit < sizeof UNITS / sizeof *UNITS; unit++) {
        fill(request.detail, sizeof request.detail, UNITS[unit]);
        for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
            the_longest_form(UNITS[unit], allowed[i]);
    }
}
END_TEST

START_TEST(devices_says_what_a_reset_would_do_there)
{
    given_picks(3, 2);
    rb_word_devices(&words, "Adele Vance", picks, 3, message);
    see();
    EXPECT_RENDERED();
    ck_assert_ptr_nonnull(strstr(shown, "possible: the passcode is cleared"));
    ck_assert_ptr_nonnull(strstr(shown, "not possible: a Windows PC"));
    ck_assert_ptr_nonnull(strstr(shown, "/passcode remove SERIAL0000"));
}
END_TEST

/* ---- lists of requests -------------------------------------------------------------------------------------------- */

START_TEST(a_list_of_requests_stops_before_it_is_too_long)
{
    given((rb_state)_i);
    for (size_t unit = 0; unit < sizeof UNITS / sizeof *UNITS; unit++) {
        size_t n = 0;
        fill_request(unit ? UNITS[unit] : "x");
        SET(request.detail, "");
        if (unit == 0)
            given((rb_state)_i); /* ordinary ones */
        for (; n < 1000 && rb_word_has_room(message); n++)
            rb_word_status(&words, &request, message);
        rb_word_say(&words, message, "And {n} more: {root} status <request> shows any of them.",
                    (rb_arg[]){{"n", "1000"}, {"root", "/passcode"}, {NULL, NULL}});
        see();
        EXPECT_RENDERED();
        ck_assert_uint_ge(n, unit == 0 ? 8 : 4);
    }
}
END_TEST

/* ---- forms -------------------------------------------------------------------------------------------------------- */

START_TEST(forms_fit_with_the_longest_values)
{
    fill_request(UNITS[_i]);
    rb_word_reset_form(&words, &(rb_reset_form){.private_data = "1.f"}, message);
    see();
    EXPECT_RENDERED();
    rb_word_deny_form(&words, &request, "1.e", message);
    see();
    EXPECT_RENDERED();
    rb_word_code_fetching(&words, &request, message);
    see();
    EXPECT_RENDERED();
    rb_word_code_gone(&words, &request, "Five minutes are over.", message);
    see();
    EXPECT_RENDERED();
}
END_TEST

START_TEST(S6_the_code_is_shown_and_spelled_out_in_its_form_alone)
{
    rb_word_code(&words, &request, RB_STR("0Ol1-\u00e5"), message);
    ck_assert_uint_ne(message->title, 0); /* a form: no message of any kind */
    ck_assert_uint_eq(message->submit, 0);
    see();
    EXPECT_RENDERED();
    static const char *const parts[] = {
        "0Ol1-\u00e5",     "0 = digit 0",         "O = capital Oscar",        "l = small Lima",
        "1 = digit 1",     "- = the sign itself", "\u00e5 = the sign itself", "Do not paste or photograph this",
        "It holds letters"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ck_assert_msg(strstr(shown, parts[i]) != NULL, "%s is not in: %s", parts[i], shown);
    rb_word_code(&words, &request, RB_STR("4711"), message);
    see();
    ck_assert_ptr_null(strstr(shown, "It holds letters"));
}
END_TEST

START_TEST(S6_a_code_of_any_length_is_shown_whole)
{
    char code[513];
    size_t lens[] = {1, 16, 128, 512};
    memset(code, 'a', sizeof code - 1);
    code[lens[_i]] = '\0';
    rb_word_code(&words, &request, rb_str_of(code), message);
    see();
    EXPECT_RENDERED();
    ck_assert_ptr_nonnull(strstr(shown, code));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wording_limits");
    TCase *tests = tcase_create("limits");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, the_longest_values_fit_every_message, RB_STATE_PENDING, RB_STATES);
    tcase_add_test(tests, S7_nasty_names_are_inert);
    tcase_add_test(tests, S7_a_name_cannot_be_a_template);
    tcase_add_loop_test(tests, a_pick_list_has_eight_a_page, 0, 3);
    tcase_add_test(tests, devices_that_cannot_be_reset_are_folded_with_reasons);
    tcase_add_test(tests, what_is_folded_away_for_want_of_room_is_counted);
    tcase_add_loop_test(tests, the_longest_pick_list_fits, 0, 2);
    tcase_add_loop_test(tests, the_longest_list_of_people_fits, 0, 2);
    tcase_add_test(tests, the_longest_form_fits);
    tcase_add_test(tests, devices_says_what_a_reset_would_do_there);
    tcase_add_loop_test(tests, a_list_of_requests_stops_before_it_is_too_long, RB_STATE_PENDING, RB_STATE_DONE);
    tcase_add_loop_test(tests, forms_fit_with_the_longest_values, 0, sizeof UNITS / sizeof *UNITS);
    tcase_add_test(tests, S6_the_code_is_shown_and_spelled_out_in_its_form_alone);
    tcase_add_loop_test(tests, S6_a_code_of_any_length_is_shown_whole, 0, 4);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
