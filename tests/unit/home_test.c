/* home_test.c - the Home tab as its reader sees it: within Slack's limits however much there is, each list with what belongs to
 * it, nothing cut silently, and no decision made there. */
#include "golden_given.h"
#include "resetbot/bind.h"
#include "sandbox/slack_blocks.h"

#define MANY 10

static rb_request requests[MANY];
static rb_home_item items[MANY];
static json_object *root;
static char *said_all; /* every text of it */

static void set_up(void)
{
    setup();
    words.catalogue = rb_catalogue_english();
    root = NULL;
    said_all = NULL;
}

static void tear_down(void)
{
    json_object_put(root);
    free(said_all);
    teardown();
}

static void add_texts(json_object *node, rb_buf *out)
{
    if (json_object_is_type(node, json_type_array))
        for (size_t i = 0; i < json_object_array_length(node); i++)
            add_texts(json_object_array_get_idx(node, i), out);
    if (!json_object_is_type(node, json_type_object))
        return;
    json_object *text = json_object_object_get(node, "text");
    if (json_object_is_type(text, json_type_string))
        rb_buf_adds(out, json_object_get_string(text));
    json_object_object_foreach(node, key, value)
    {
        (void)key;
        add_texts(value, out);
    }
}

/* Rendered, taken by Slack, and read. */
static const char *draw(const rb_home *home)
{
    rb_buf payload;
    rb_buf all;
    json_object *faults = json_object_new_array();

    rb_message_init(message);
    rb_word_home(&words, home, message);
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_err err = rb_slack_render(message, &payload);
    ck_assert_msg(err == RB_OK, "%s, %u bytes of text, %u blocks", rb_err_name(err), message->pool_len,
                  message->n_blocks);
    json_object_put(root);
    root = json_tokener_parse(rb_buf_cstr(&payload));
    ck_assert_ptr_nonnull(root);
    ck_assert_str_eq(json_object_get_string(json_object_object_get(root, "type")), "home");
    size_t n = sk_check_view(root, faults);
    ck_assert_msg(n == 0, "%s", json_object_to_json_string(faults));
    json_object_put(faults);
    rb_buf_init(&all, 4 * RB_PAYLOAD_MAX);
    add_texts(root, &all);
    free(said_all);
    ck_assert_int_eq(rb_buf_take(&all, &said_all), RB_OK);
    rb_buf_fini(&payload);
    return said_all;
}

#define EXPECT(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "no \"%s\" in: %s", (part), (text))
#define EXPECT_NOT(text, part) ck_assert_msg(strstr((text), (part)) == NULL, "\"%s\" in: %s", (part), (text))

/* So many requests in that state, with a button each. */
static rb_home_list given_list(rb_state state, size_t n, size_t n_more)
{
    for (size_t i = 0; i < n; i++) {
        given_named(state);
        (void)snprintf(request.id, sizeof request.id, "R-%04zu", i);
        requests[i] = request;
        items[i] = (rb_home_item){.request = &requests[i], .link = LINK};
    }
    return (rb_home_list){items, n, n_more};
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        n++;
    return n;
}

/* ---- limits ------------------------------------------------------------------------------------------------------- */

static void fill(char *field, size_t cap, const char *part)
{
    field[0] = '\0';
    while (strlen(field) + strlen(part) < cap)
        memcpy(field + strlen(field), part, strlen(part) + 1);
}

#define FILL(field, part) fill((field), sizeof(field), (part))

/* Everything at its longest: four bytes a character, or one that JSON writes as two. */
static rb_home_list longest(const char *part, size_t n)
{
    static char value[RB_BOUND_CAP];
    rb_home_list list = given_list(RB_STATE_DENIED, n, 50);

    fill(value, sizeof value, "v");
    for (size_t i = 0; i < n; i++) {
        FILL(requests[i].requester.name, part);
        FILL(requests[i].reason, part);
        FILL(requests[i].ticket, part);
        FILL(requests[i].closer.name, part);
        FILL(requests[i].closer_reason, part);
        FILL(requests[i].device.model, part);
        FILL(requests[i].device.user_name, part);
        FILL(requests[i].device.serial, part);
        items[i].preview = items[i].cancel = items[i].show = items[i].again = value;
    }
    return list;
}

START_TEST(S7_lists_of_the_longest_texts_fit_and_the_rest_is_counted)
{
    static const char *const parts[] = {"\xF0\x9F\x93\xB1", "\"", "\\", "&", "m"};
    rb_home_list list = longest(parts[_i], MANY);
    rb_home home = {.is_helpdesk = true, .is_approver = true, .form = "1.form"};

    home.to_decide = home.codes = home.mine = home.finished = list;
    const char *text = draw(&home);
    size_t n_shown = count(text, "R-00");
    size_t counted = 0;
    for (const char *at = text; (at = strstr(at, "And ")) != NULL; at++)
        counted += strtoul(at + 4, NULL, 10);
    /* a cancel button's dialog names its request too, and so does the command that shows the first left out */
    size_t in_dialogs = count(text, "ends here, and its card says so");
    size_t in_commands = count(text, "status R-00");
    ck_assert_uint_ge(in_commands, 1);
    ck_assert_uint_eq(n_shown - in_dialogs - in_commands + counted, 4 * (MANY + 50));
    ck_assert_uint_le(json_object_array_length(json_object_object_get(root, "blocks")), RB_HOME_BLOCKS_MAX);
}
END_TEST

START_TEST(ordinary_full_lists_are_shown_whole)
{
    rb_home home = {.is_helpdesk = true, .is_approver = true, .form = "1.form"};

    home.to_decide = given_list(RB_STATE_PENDING, MANY, 0);
    home.codes = home.to_decide;
    home.codes.n = 5;
    home.mine = home.to_decide;
    home.mine.n = 8;
    home.finished = home.to_decide;
    const char *text = draw(&home);
    EXPECT_NOT(text, " more. ");
    ck_assert_uint_eq(count(text, "R-0000"), 4);
    EXPECT(text, "R-0009");
}
END_TEST

/* ---- what stands there --------------------------------------------------------------------------------------------------- */

START_TEST(an_approver_sees_who_asks_why_until_when_and_the_way_to_the_card)
{
    rb_home home = {.is_approver = true};

    home.to_decide = given_list(RB_STATE_PENDING, 1, 12);
    const char *text = draw(&home);
    EXPECT(text, "R-0000 · Remove passcode · iPhone 14");
    EXPECT(text, "Asked by Hanna Berg (U0HANNA) · INC0012345 · \"locked out after the update\"");
    EXPECT(text, "waiting for 1 approval until ");
    EXPECT(text, "open the card");
    EXPECT(text, "And 12 more. /passcode list shows them.");
    ck_assert_ptr_nonnull(strstr(json_object_to_json_string(root), "\"type\": \"date\""));
    ck_assert_ptr_nonnull(strstr(json_object_to_json_string_ext(root, JSON_C_TO_STRING_NOSLASHESCAPE), LINK));
}
END_TEST

START_TEST(a_card_that_cannot_be_linked_is_named_by_a_command)
{
    rb_home home = {.is_approver = true};

    home.to_decide = given_list(RB_STATE_PENDING, 1, 0);
    items[0].link = "";
    EXPECT(draw(&home), "/passcode approve R-0000 shows it to you with its buttons.");
}
END_TEST

START_TEST(S4_nothing_is_decided_in_the_home_tab)
{
    make_home(true, true);
    ck_assert_uint_gt(message->n_controls, 0);
    for (uint32_t i = 0; i < message->n_controls; i++) {
        const char *id = rb_message_at(message, message->controls[i].id);
        bool is_known = strcmp(id, "form") == 0 || strcmp(id, "show") == 0 || strcmp(id, "preview") == 0 ||
                        strcmp(id, "cancel") == 0 || strcmp(id, "again") == 0;
        ck_assert_msg(is_known, "%s", id);
    }
}
END_TEST

START_TEST(an_open_request_is_cancelled_after_a_question_and_a_draft_at_once)
{
    rb_home home = {.is_helpdesk = true};

    home.mine = given_list(RB_STATE_PENDING, 1, 0);
    items[0].cancel = "1.x";
    EXPECT(draw(&home), "Cancel this request?");
    home.mine = given_list(RB_STATE_DRAFT, 1, 0);
    items[0].cancel = "1.x";
    EXPECT_NOT(draw(&home), "Cancel this request?");
}
END_TEST

START_TEST(a_code_is_offered_once)
{
    rb_home home = {.is_helpdesk = true};

    home.codes = home.finished = given_list(RB_STATE_DONE, 1, 0);
    items[0].show = "1.w";
    ck_assert_uint_eq(count(draw(&home), "R-0000"), 2);
    ck_assert_uint_eq(message->n_controls, 1);
}
END_TEST

START_TEST(a_draft_without_a_device_offers_its_pick_list)
{
    rb_home home = {.is_helpdesk = true};

    home.mine = given_list(RB_STATE_DRAFT, 1, 0);
    items[0].preview = "1.v";
    EXPECT(draw(&home), "Preview");
    requests[0].device.id[0] = '\0';
    SET(requests[0].target, "adele@contoso.com");
    EXPECT(draw(&home), "R-0000 · choosing a device of adele@contoso.com");
    EXPECT(said_all, "Choose a device");
}
END_TEST

/* ---- who may do nothing ----------------------------------------------------------------------------------------------------- */

START_TEST(U2_a_person_without_a_role_reads_whom_to_ask)
{
    static char helpdesk[][RB_CHAT_ID_CAP] = {"S0HELPDESK"};
    static char admins[][RB_CHAT_ID_CAP] = {"U0ADMIN"};
    rb_home home = {0};

    EXPECT_NOT(draw(&home), ":"); /* there is nobody to name */
    policy.roles[RB_ROLE_HELPDESK] = (rb_policy_role){.groups = helpdesk, .n_groups = 1};
    policy.roles[RB_ROLE_ADMIN] = (rb_policy_role){.users = admins, .n_users = 1};
    EXPECT(draw(&home), "You have no role here");
    EXPECT(said_all, "Ask the helpdesk");
    const char *json = json_object_to_json_string(root);
    ck_assert_ptr_nonnull(strstr(json, "S0HELPDESK"));
    ck_assert_ptr_nonnull(strstr(json, "U0ADMIN"));
    ck_assert_ptr_null(strstr(json, "actions"));
}
END_TEST

START_TEST(a_guest_sees_nothing_of_anybody)
{
    rb_home home = {.member = RB_NO_GUEST, .is_helpdesk = true, .is_approver = true, .form = "1.form"};

    home.to_decide = home.mine = home.finished = given_list(RB_STATE_PENDING, 1, 0);
    EXPECT(draw(&home), "guests of the workspace may not do this");
    EXPECT_NOT(said_all, "R-0000");
    ck_assert_uint_eq(message->n_controls, 0);
}
END_TEST

START_TEST(a_role_without_effect_says_why)
{
    rb_home home = {.hindered = RB_NO_PEOPLE_ENTRY};

    EXPECT(draw(&home), "Your role has no effect yet: your chat account is not in the people table");
    EXPECT_NOT(said_all, "You have no role here");
    home.hindered = RB_NO_GROUP_UNREADABLE;
    EXPECT(draw(&home), "Something may be missing here");
}
END_TEST

START_TEST(who_reads_the_record_is_led_to_the_channel)
{
    rb_home home = {.is_looking_on = true};

    SET(policy.request_channel, "C0CARDS");
    EXPECT(draw(&home), "in the threads of this channel:");
    ck_assert_ptr_nonnull(strstr(json_object_to_json_string(root), "C0CARDS"));
}
END_TEST

START_TEST(a_freeze_is_said)
{
    rb_home home = {.is_helpdesk = true};

    policy.frozen = true;
    EXPECT(draw(&home), "All sending is frozen by the policy");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("home");
    TCase *tests = tcase_create("home");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, S7_lists_of_the_longest_texts_fit_and_the_rest_is_counted, 0, 5);
    tcase_add_test(tests, ordinary_full_lists_are_shown_whole);
    tcase_add_test(tests, an_approver_sees_who_asks_why_until_when_and_the_way_to_the_card);
    tcase_add_test(tests, a_card_that_cannot_be_linked_is_named_by_a_command);
    tcase_add_test(tests, S4_nothing_is_decided_in_the_home_tab);
    tcase_add_test(tests, an_open_request_is_cancelled_after_a_question_and_a_draft_at_once);
    tcase_add_test(tests, a_code_is_offered_once);
    tcase_add_test(tests, a_draft_without_a_device_offers_its_pick_list);
    tcase_add_test(tests, U2_a_person_without_a_role_reads_whom_to_ask);
    tcase_add_test(tests, a_guest_sees_nothing_of_anybody);
    tcase_add_test(tests, a_role_without_effect_says_why);
    tcase_add_test(tests, who_reads_the_record_is_led_to_the_channel);
    tcase_add_test(tests, a_freeze_is_said);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
