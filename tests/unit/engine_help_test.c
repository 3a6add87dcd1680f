/* engine_help_test.c - help, and what is meant by what is mistyped: only what this person may do, nothing done by itself (U2). */
#include "engine_story.h"

static world w;
static char id[RB_REQUEST_ID_CAP];

static void setup(void)
{
    given_world(&w);
}

static void teardown(void)
{
    fini_world(&w);
}

/* The answer to the last command, as it went to Slack. */
static const char *answer(void)
{
    return last_call(&w, RB_CHAT_RESPOND)->payload;
}

static size_t count_device_calls(void)
{
    size_t n = 0;

    for (size_t i = 0; i < w.n_calls; i++)
        n += w.calls[i].is_device;
    return n;
}

#define EXPECT_SAID(text) ck_assert_msg(strstr(answer(), (text)) != NULL, "lacks \"%s\": %s", (text), answer())
#define EXPECT_NOT_SAID(text) ck_assert_msg(strstr(answer(), (text)) == NULL, "has \"%s\": %s", (text), answer())

/* ---- help --------------------------------------------------------------------------------------------------------- */

START_TEST(U2_help_has_what_this_person_may_do_and_no_more)
{
    static const struct {
        const char *user, *heading, *theirs, *not_theirs;
    } all[] = {{"U0HANNA", "For the helpdesk", "/passcode reset adele@contoso.com locked out", "/passcode approve"},
               {"U0ARVID", "For approvers", "/passcode approve R-7K3F", "/passcode reset"},
               {"U0ADELE", "For everybody", "/passcode help", "/passcode status"}};
    type(&w, all[_i].user, _i == 1 ? "" : "help");
    EXPECT_SAID(all[_i].heading);
    EXPECT_SAID(all[_i].theirs);
    EXPECT_NOT_SAID(all[_i].not_theirs);
}
END_TEST

START_TEST(U2_who_has_no_role_learns_whom_to_ask)
{
    static char admins[][RB_CHAT_ID_CAP] = {"U0BERIT"};
    if (_i == 1)
        w.policy.roles[RB_ROLE_ADMIN] = (rb_policy_role){.users = admins, .n_users = 1};
    type(&w, "U0ADELE", "help");
    EXPECT_SAID("You have no role here yet");
    if (_i == 1)
        EXPECT_SAID("Administrators: BERIT.");
    else
        EXPECT_NOT_SAID("Administrators:");
    EXPECT_NOT_SAID("<@U0BERIT>"); /* named, not called */
}
END_TEST

START_TEST(U2_a_refusal_names_the_administrators)
{
    static char admins[][RB_CHAT_ID_CAP] = {"U0BERIT", "U0ADELE"};
    w.policy.roles[RB_ROLE_ADMIN] = (rb_policy_role){.users = admins, .n_users = 2};
    type(&w, "U0ADELE", "reset adele@contoso.com");
    EXPECT_SAID("your role does not allow it");
    EXPECT_SAID("Administrators: BERIT."); /* not she herself */
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), 1);
}
END_TEST

START_TEST(R1_a_refusal_does_not_wait_for_a_name_that_cannot_be_read)
{
    static char admins[][RB_CHAT_ID_CAP] = {"U0GONE"};
    static char groups[][RB_CHAT_ID_CAP] = {"S0GONE"};
    w.policy.roles[RB_ROLE_ADMIN] =
        (rb_policy_role){.users = admins, .n_users = _i == 0, .groups = groups, .n_groups = _i == 1};
    type(&w, "U0ADELE", "help"); /* she is known now */
    chat_answers(&w, _i == 0 ? RB_CHAT_PERSON : RB_CHAT_GROUP, RB_CHAT_REFUSED, "not_found", 10);
    type(&w, "U0ADELE", "reset adele@contoso.com");
    EXPECT_SAID("Nothing was done.");
}
END_TEST

/* ---- commands ----------------------------------------------------------------------------------------------------- */

static void expect_meant(const char *user, const char *typed, const char *meant)
{
    char whole[RB_DETAIL_CAP];
    type(&w, user, typed);
    (void)snprintf(whole, sizeof whole, "Did you mean: /passcode %s\\u000aNext: /passcode help", meant);
    if (meant[0])
        EXPECT_SAID(whole);
    else
        EXPECT_NOT_SAID("Did you mean");
    EXPECT_SAID("Nothing was done.");
    ck_assert_uint_eq(count_device_calls(), 0);
    ck_assert_uint_eq(count_records(&w, "drafted"), 0);
}

START_TEST(U2_a_typo_gets_the_whole_command_to_copy_and_nothing_is_done)
{
    static const char *const all[][2] = {
        {"rest adele@contoso.com lost phone", "reset adele@contoso.com lost phone"},
        {"  RESETT   adele@contoso.com  INC0012345 ", "reset adele@contoso.com INC0012345"},
        {"remvoe F2LXK4QQ4F2K", "remove F2LXK4QQ4F2K"},
        {"lits", "list"},
        {"\"rset\" adele@contoso.com", "reset adele@contoso.com"},
        {"adele@contoso.com locked out", "reset adele@contoso.com locked out"},
        {"<@U0ADELE> locked out", "reset &lt;@U0ADELE&gt; locked out"},
        {PHONE, "reset " PHONE},
        {"R-7K3F", "status R-7K3F"},
        {"frobnicate the phone", ""},
        {"F2LXK4QQ4F2K", ""}, /* could be any word */
        {"hi", ""},
        {"\u202ersset\u202c adele@contoso.com", "reset adele@contoso.com"},
        {"rest adele@contoso.com " RB_SECRET_MARK, "reset adele@contoso.com"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        expect_meant("U0HANNA", all[i][0], all[i][1]);
}
END_TEST

START_TEST(U2_what_this_person_may_not_do_is_not_what_they_meant)
{
    expect_meant("U0ARVID", "resett adele@contoso.com", "");
    expect_meant("U0ARVID", "adele@contoso.com", "");
    expect_meant("U0ARVID", "aprove R-7K3F", "approve R-7K3F");
    expect_meant("U0HANNA", "aprove R-7K3F", "");
    expect_meant("U0ADELE", "R-7K3F", "");
    expect_meant("U0ADELE", "hepl", "help");
}
END_TEST

START_TEST(U2_a_typo_with_a_long_text_gets_the_command_alone)
{
    char typed[RB_COMMAND_TEXT_CAP];
    memset(typed, 'a', 700);
    memcpy(typed, "rest ", 5);
    typed[700] = '\0';
    expect_meant("U0HANNA", typed, "reset");
}
END_TEST

/* ---- request ids -------------------------------------------------------------------------------------------------- */

static void expect_id_meant(const char *user, const char *verb, const char *typed, bool is_meant)
{
    char text[RB_DETAIL_CAP];
    char whole[RB_DETAIL_CAP];
    (void)snprintf(text, sizeof text, "%s %s", verb, typed);
    (void)snprintf(whole, sizeof whole, "Did you mean: /passcode %s %s", verb, id);
    type(&w, user, text);
    if (is_meant)
        EXPECT_SAID(whole);
    else
        EXPECT_NOT_SAID(id);
    EXPECT_SAID("Nothing was done.");
    EXPECT_SAID("Next: /passcode list");
}

START_TEST(U2_a_mistyped_request_gets_the_nearest_open_one)
{
    char typed[RB_REQUEST_ID_CAP];
    asks_and_card(&w, id);
    rb_copy_fit(typed, sizeof typed, id);
    typed[5] = typed[5] == '9' ? '8' : '9'; /* a wrong letter */
    expect_id_meant("U0HANNA", "status", typed, true);
    expect_id_meant("U0ARVID", "approve", typed, true);
    expect_id_meant("U0HANNA", "cancel", typed, true);
    expect_id_meant("U0HANNA", "status", id + 2, true); /* without "R-" */
    typed[5] = '\0';                                    /* a letter left out */
    expect_id_meant("U0HANNA", "status", typed, true);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
}
END_TEST

START_TEST(U2_what_is_over_or_somebody_elses_draft_is_not_offered)
{
    char typed[RB_REQUEST_ID_CAP];
    char value[RB_BOUND_CAP];
    rb_bound bound;
    type(&w, "U0HANNA", "reset adele@contoso.com locked out");
    button(&w, 's', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    rb_copy_fit(id, sizeof id, bound.request);
    rb_copy_fit(typed, sizeof typed, id);
    typed[5] = typed[5] == '9' ? '8' : '9';
    expect_id_meant("U0ARVID", "status", typed, false);
    expect_id_meant("U0HANNA", "status", typed, true);
    expect_id_meant("U0ADELE", "cancel", typed, false); /* no role at all */
    press(&w, "U0HANNA", 'x');
    EXPECT_STATE(&w, id, RB_STATE_CANCELLED);
    expect_id_meant("U0HANNA", "status", typed, false);
}
END_TEST

/* At most three, the nearest first. */
START_TEST(U2_of_many_near_requests_three_are_offered)
{
    static const char *const ids[] = {"R-AAAA", "R-AAAB", "R-AAAC", "R-AAAD", "R-AABB"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        rb_request *request = kit_request(ids[i], ids[i]);
        KIT_TEXT(request->policy_version, "00000000000000a1");
        KIT_TEXT(request->card_channel, CARDS);
        KIT_TEXT(request->card_ts, "1772460000.000001");
        request->deadline = (rb_instant){w.now.utc_ms + RB_HOUR_MS, w.now.boot_ms + RB_HOUR_MS, w.boot};
        ck_assert_int_eq(kit_put(&w.store, request), RB_OK);
        free(request);
    }
    die(&w, STORE_FAILS);
    restart(&w);
    settle(&w);
    type(&w, "U0HANNA", "status R-AAAX");
    size_t n = 0;
    for (const char *at = strstr(answer(), "/passcode status R-AA"); at; at = strstr(at + 1, "/passcode status R-AA"))
        n++;
    ck_assert_msg(n == 6, "%zu: %s", n, answer()); /* in blocks and in the text */
    EXPECT_NOT_SAID("R-AABB");
}
END_TEST

static TCase *cases(const char *name)
{
    TCase *made = tcase_create(name);
    tcase_add_checked_fixture(made, setup, teardown);
    return made;
}

int main(void)
{
    Suite *suite = suite_create("help");
    TCase *help = cases("help");
    TCase *commands = cases("commands");
    TCase *ids = cases("request ids");

    tcase_add_loop_test(help, U2_help_has_what_this_person_may_do_and_no_more, 0, 3);
    tcase_add_loop_test(help, U2_who_has_no_role_learns_whom_to_ask, 0, 2);
    tcase_add_test(help, U2_a_refusal_names_the_administrators);
    tcase_add_loop_test(help, R1_a_refusal_does_not_wait_for_a_name_that_cannot_be_read, 0, 2);
    tcase_add_test(commands, U2_a_typo_gets_the_whole_command_to_copy_and_nothing_is_done);
    tcase_add_test(commands, U2_what_this_person_may_not_do_is_not_what_they_meant);
    tcase_add_test(commands, U2_a_typo_with_a_long_text_gets_the_command_alone);
    tcase_add_test(ids, U2_a_mistyped_request_gets_the_nearest_open_one);
    tcase_add_test(ids, U2_what_is_over_or_somebody_elses_draft_is_not_offered);
    tcase_add_test(ids, U2_of_many_near_requests_three_are_offered);
    suite_add_tcase(suite, help);
    suite_add_tcase(suite, commands);
    suite_add_tcase(suite, ids);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
