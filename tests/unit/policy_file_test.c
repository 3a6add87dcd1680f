/* policy_file_test.c - the policy file: ids checked, duplicates named, all or nothing. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "config/policy_file.h"
#include "resetbot/mac.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define E1 "10000000-0000-4000-8000-000000000001"
#define E2 "10000000-0000-4000-8000-00000000000a"

static rb_faults faults;
static rb_policy *policy;

static void setup(void)
{
    faults = (rb_faults){0};
    policy = NULL;
}

static void teardown(void)
{
    rb_policy_free(policy);
    rb_faults_fini(&faults);
}

static rb_err parse(const char *content)
{
    rb_policy_free(policy);
    policy = NULL;
    rb_faults_fini(&faults);
    return rb_policy_parse(rb_str_of(content), "p", &policy, &faults);
}

static void given(const char *content)
{
    rb_err err = parse(content);

    ck_assert_msg(err == RB_OK, "%s", rb_faults_line(&faults, 0));
}

/* content is refused by one error, whose line holds `text`. */
static void expect_error(const char *content, const char *text)
{
    const char *line;

    ck_assert_msg(parse(content) == RB_E_CONFIG, "%s", content);
    line = rb_faults_line(&faults, 0);
    ck_assert_msg(strstr(line, text), "%s\nexpected: %s", line, text);
    ck_assert_msg(faults.n_errors == 1, "%s", rb_faults_line(&faults, 1));
    ck_assert_ptr_null(policy);
}

static bool has_line(const char *expected)
{
    for (size_t i = 0; i < faults.n; i++)
        if (strcmp(rb_faults_line(&faults, i), expected) == 0)
            return true;
    return false;
}

static char *example(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    rb_policy_print_example(to);
    ck_assert_int_eq(fclose(to), 0);
    return text;
}

/* ---- what is read ----------------------------------------------------------------------------------------------------- */

static const char WHOLE[] = "people:\n"
                            "  - {slack: T0TEAM/U0HANNA, entra: " E1 "}\n"
                            "  - {slack: W0ARVID, entra: 10000000-0000-4000-8000-00000000000A}\n"
                            "roles:\n"
                            "  helpdesk: {users: [U0HANNA], groups: [S0DESK, S0NIGHT]}\n"
                            "  approvers: {users: [W0ARVID]}\n"
                            "  audit: {users: [U0AUDIT]}\n"
                            "  admins: {users: [U0ADMIN]}\n"
                            "channels: {allowed: [C0DESK, G0DESK], request: C0CARDS}\n"
                            "approvals: 1\n"
                            "expiry_s: 60\n"
                            "allow_unconfirmed: true\n"
                            "allow_ownerless: true\n"
                            "never: {users: [Boss@Contoso.com, " E1 "], devices: [C02XY, " E2 "]}\n"
                            "frozen: true\n"
                            "ceilings: {device_day: 2, requester_hour: 20, all_hour: 40}\n";

START_TEST(every_key_lands_in_the_policy)
{
    given(WHOLE);
    ck_assert_uint_eq(faults.n, 0);
    ck_assert_uint_eq(policy->n_people, 2);
    ck_assert_str_eq(policy->people[0].person.team, "T0TEAM");
    ck_assert_str_eq(policy->people[0].person.user, "U0HANNA");
    ck_assert_str_eq(policy->people[0].entra, E1);
    ck_assert_str_eq(policy->people[1].person.team, "");
    ck_assert_str_eq(policy->people[1].person.user, "W0ARVID");
    ck_assert_str_eq(policy->people[1].entra, E2); /* lower case */
    ck_assert_uint_eq(policy->roles[RB_ROLE_HELPDESK].n_groups, 2);
    ck_assert_str_eq(policy->roles[RB_ROLE_HELPDESK].groups[1], "S0NIGHT");
    ck_assert_str_eq(policy->roles[RB_ROLE_APPROVER].users[0], "W0ARVID");
    ck_assert_str_eq(policy->roles[RB_ROLE_AUDIT].users[0], "U0AUDIT");
    ck_assert_str_eq(policy->roles[RB_ROLE_ADMIN].users[0], "U0ADMIN");
    ck_assert_uint_eq(policy->n_channels, 2);
    ck_assert_str_eq(policy->channels[1], "G0DESK");
    ck_assert_str_eq(policy->request_channel, "C0CARDS");
    ck_assert_uint_eq(policy->approvals, 1);
    ck_assert_int_eq(policy->expiry_ms, 60000);
    ck_assert(policy->allow_unconfirmed && policy->allow_ownerless && policy->frozen);
    ck_assert_uint_eq(policy->n_never_users, 2);
    ck_assert_str_eq(policy->never_users[0], "Boss@Contoso.com");
    ck_assert_uint_eq(policy->n_never_devices, 2);
    ck_assert_str_eq(policy->never_devices[0], "C02XY");
    ck_assert_uint_eq(policy->ceiling_device_day, 2);
    ck_assert_uint_eq(policy->ceiling_requester_hour, 20);
    ck_assert_uint_eq(policy->ceiling_all_hour, 40);
}
END_TEST

START_TEST(what_is_left_out_has_its_default)
{
    given("approvals: 2\n");
    ck_assert_uint_eq(policy->approvals, 2);
    ck_assert_int_eq(policy->expiry_ms, 1800000);
    ck_assert(!policy->allow_unconfirmed && !policy->allow_ownerless && !policy->frozen);
    ck_assert_uint_eq(policy->ceiling_device_day, 1);
    ck_assert_uint_eq(policy->ceiling_requester_hour, 10);
    ck_assert_uint_eq(policy->ceiling_all_hour, 30);
}
END_TEST

START_TEST(S1_an_empty_file_is_a_policy_that_allows_nobody_and_warns)
{
    rb_actor actor = {.person = {"T0TEAM", "U0HANNA"}, .exists = true, .roles = {true, true, true, true}};
    static const char *const empty[] = {
        "", "# nothing yet\n", "{}\n", "~\n", "people:\nroles: {audit: {users: ~}}\n", "people: []\nroles:\n"};

    for (size_t i = 0; i < COUNT(empty); i++) {
        given(empty[i]);
        for (int role = 0; role < RB_ROLES; role++)
            ck_assert_int_eq(rb_policy_role_of(policy, &actor, (rb_role)role), RB_NO_ROLE);
        ck_assert_uint_eq(faults.n, 3);
        ck_assert_uint_eq(faults.n_errors, 0);
    }
    ck_assert(has_line("p:2:1: warning: roles.helpdesk is empty, so nobody may ask: list users or groups"));
    ck_assert(has_line("p:2:1: warning: roles.approvers is empty, so nobody may approve: list users or groups"));
    ck_assert(has_line("p:1:1: warning: channels.request is missing, so no request can be posted: write its id"));
}
END_TEST

START_TEST(the_version_is_of_the_content)
{
    char hash[65];
    char version[17];

    given("approvals: 1\n");
    rb_sha256_hex(RB_STR("approvals: 1\n"), hash);
    ck_assert_uint_eq(strlen(policy->version), 16);
    ck_assert_int_eq(strncmp(policy->version, hash, 16), 0);
    memcpy(version, policy->version, sizeof version);
    given("approvals: 1 \n");
    ck_assert_str_ne(policy->version, version);
}
END_TEST

START_TEST(thousands_of_people_are_read_quickly)
{
    rb_buf text;

    rb_buf_init(&text, 4 * 1024 * 1024);
    rb_buf_adds(&text, "people:\n");
    for (unsigned i = 0; i < 5000; i++)
        rb_buf_addf(&text, "  - {slack: U%09u, entra: 10000000-0000-4000-8000-%012x}\n", i, i);
    given(rb_buf_cstr(&text));
    ck_assert_uint_eq(policy->n_people, 5000);
    ck_assert_str_eq(policy->people[4999].person.user, "U000004999");
    rb_buf_fini(&text);
}
END_TEST

/* ---- what is refused -------------------------------------------------------------------------------------------------- */

START_TEST(a_policy_with_a_fault_is_refused_whole)
{
    rb_policy *old = policy;

    ck_assert_int_eq(parse("approvals: 1\nfrozn: true\n"), RB_E_CONFIG);
    ck_assert_ptr_eq(policy, old);
    ck_assert_str_eq(rb_faults_line(&faults, 0), "p:2:1: frozn is not a known key: did you mean frozen?");
}
END_TEST

START_TEST(ids_of_the_wrong_form_are_faults_at_their_place)
{
    static const struct {
        const char *content;
        const char *fault;
    } cases[] = {
        {"roles: {helpdesk: {users: [hanna]}}", "p:1:28: roles.helpdesk.users has an item that is not a Slack user id"},
        {"roles: {helpdesk: {users: [u0123]}}", "is not a Slack user id"},
        {"roles: {helpdesk: {users: ['@hanna']}}", "is not a Slack user id"},
        {"roles: {helpdesk: {users: [S0GROUP]}}", "is not a Slack user id"},
        {"roles: {helpdesk: {users: [U]}}", "is not a Slack user id"},
        {"roles: {helpdesk: {users: [U01234567890123456789012345678901]}}", "is not a Slack user id"},
        {"roles: {approvers: {groups: [U0HANNA]}}",
         "roles.approvers.groups has an item that is not a Slack user group id"},
        {"channels: {allowed: ['#helpdesk']}", "channels.allowed has an item that is not a Slack channel id"},
        {"channels: {request: D0123}", "p:1:21: channels.request is not a Slack channel id"},
        {"people: [{slack: U0, entra: hanna@contoso.com}]", "p:1:29: entra is not an id of the form"},
        {"people: [{slack: U0, entra: 10000000-0000-4000-8000-00000000000}]", "entra is not an id of the form"},
        {"people: [{slack: T0/S0, entra: " E1 "}]", "slack is not a Slack person"},
        {"people: [{slack: T0/U0/U1, entra: " E1 "}]", "slack is not a Slack person"},
        {"people: [{slack: /U0, entra: " E1 "}]", "slack is not a Slack person"},
        {"people: [{slack: U0/U0, entra: " E1 "}]", "slack is not a Slack person"},
        {"people: [{slack: 'U0 ', entra: " E1 "}]", "slack is not a Slack person"},
        {"people: [{slack: U0}]", "p:1:10: entra is missing: add it (id (GUID))"},
        {"people: [{slack: U0, entra: " E1 ", name: x}]", "name is not a known key"},
        {"people: [U0]", "p:1:10: keys are expected here"},
        {"people: U0", "p:1:9: people is not a list"},
        {"people: {U0: " E1 "}", "people is not a list"},
        {"never: {users: [boss]}",
         "never.users has an item that is neither an Entra object id nor a user principal name"},
        {"never: {users: ['@contoso.com']}", "never.users has an item"},
        {"never: {users: [boss@]}", "never.users has an item"},
        {"never: {users: [a@b@c]}", "never.users has an item"},
        {"never: {users: [null]}", "never.users has an item that is no single value"},
        {"never: {devices: ['C02 XY']}", "never.devices has an item that is neither a device id nor a serial number"},
        {"never: {devices: ['']}", "never.devices has an item"},
        {"never: {devices: [[C02]]}", "never.devices has an item that is no single value"},
        {"never: {devices: C02}", "p:1:18: never.devices is not a list"},
        {"frozen: yes", "p:1:9: frozen is neither true nor false: write one of them"},
        {"frozen: 'true'", "frozen is text: remove the quotes"},
        {"expiry_s: '60'", "expiry_s is text: remove the quotes"},
        {"approvals: '1'", "approvals is text: remove the quotes"},
        {"frozen: True", "frozen is neither true nor false"},
        {"frozen:", "frozen is empty"},
        {"frozen: true\nfrozen: false", "p:2:1: this key stands here twice"},
        {"role: {helpdesk: {users: [U0]}}", "role is not a known key: did you mean roles?"},
        {"roles: {helpdesc: {users: [U0]}}", "roles.helpdesc is not a known key: did you mean roles.helpdesk?"},
        {"--- {}\n--- {}\n", "a second document begins"},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        expect_error(cases[i].content, cases[i].fault);
}
END_TEST

START_TEST(numbers_are_taken_at_their_limits_and_not_past_them)
{
    static const char *const good[] = {"approvals: 1",
                                       "approvals: 8",
                                       "expiry_s: 10",
                                       "expiry_s: 86400",
                                       "ceilings: {device_day: 0}",
                                       "ceilings: {all_hour: 10000}"};
    static const char *const bad[] = {"approvals: 0",
                                      "approvals: 9",
                                      "expiry_s: 9",
                                      "expiry_s: 86401",
                                      "ceilings: {device_day: -1}",
                                      "ceilings: {all_hour: 10001}"};

    for (size_t i = 0; i < COUNT(good); i++)
        given(good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        expect_error(bad[i], " is not a whole number from ");
}
END_TEST

START_TEST(a_list_is_taken_at_its_limit_and_not_past_it)
{
    rb_buf text;

    rb_buf_init(&text, 1024 * 1024);
    rb_buf_adds(&text, "never:\n  devices:\n");
    for (int i = 0; i < RB_LIST_MAX; i++)
        rb_buf_addf(&text, "  - S%d\n", i);
    given(rb_buf_cstr(&text));
    ck_assert_uint_eq(policy->n_never_devices, RB_LIST_MAX);
    rb_buf_adds(&text, "  - more\n");
    expect_error(rb_buf_cstr(&text), "never.devices has 4097 items, more than 4096: shorten it");
    rb_buf_fini(&text);
}
END_TEST

START_TEST(the_most_people_are_taken_and_one_more_is_not)
{
    static const char line[] = "- {slack: U%06d, entra: 10000000-0000-4000-8000-000000000001}\n";
    size_t cap = (sizeof line + 8) * (RB_PEOPLE_MAX + 2); /* numbers are wider than their %06d */
    char *text = malloc(cap);
    size_t len = (size_t)snprintf(text, cap, "people:\n");

    for (int i = 0; i < RB_PEOPLE_MAX; i++)
        len += (size_t)snprintf(text + len, cap - len, line, i);
    given(text);
    ck_assert_uint_eq(policy->n_people, RB_PEOPLE_MAX);
    (void)snprintf(text + len, cap - len, line, RB_PEOPLE_MAX);
    expect_error(text, "p:2:1: people is not a list of at most 50000");
    free(text);
}
END_TEST

/* ---- duplicates ------------------------------------------------------------------------------------------------------- */

START_TEST(S3_one_slack_account_with_two_entra_ids_is_a_fault_that_names_both_lines)
{
    expect_error("people:\n- {slack: U0A, entra: " E1 "}\n- {slack: U0B, entra: " E1 "}\n- {slack: U0A, entra: " E2
                 "}\n",
                 "p:4:3: people has U0A with another Entra id in line 2: keep the right one");
    expect_error("people:\n- {slack: T1/U0A, entra: " E1 "}\n- {slack: T1/U0A, entra: " E2 "}\n",
                 "p:3:3: people has U0A with another");
    expect_error("people:\n- {slack: T1/U0A, entra: " E1 "}\n- {slack: U0A, entra: " E2 "}\n",
                 "p:3:3: people has U0A with another");
    /* without team it may be either account */
    ck_assert_int_eq(parse("people:\n- {slack: T2/U0A, entra: " E2 "}\n- {slack: T1/U0A, entra: " E1
                           "}\n- {slack: U0A, entra: " E1 "}\n"),
                     RB_E_CONFIG);
    ck_assert(has_line("p:4:3: people has U0A with another Entra id in line 2: keep the right one"));
    ck_assert(has_line("p:4:3: warning: people has U0A already in line 3: remove one"));
}
END_TEST

START_TEST(the_same_user_id_in_two_teams_is_two_accounts)
{
    given("people:\n- {slack: T1/U0A, entra: " E1 "}\n- {slack: T2/U0A, entra: " E2 "}\n");
    ck_assert_uint_eq(policy->n_people, 2);
}
END_TEST

START_TEST(a_person_with_two_accounts_is_allowed)
{
    given("people:\n- {slack: U0A, entra: " E1 "}\n- {slack: U0B, entra: " E1 "}\n");
    for (size_t i = 0; i < faults.n; i++)
        ck_assert_ptr_null(strstr(rb_faults_line(&faults, i), "people has"));
}
END_TEST

START_TEST(repetitions_that_change_nothing_are_warnings)
{
    given("people:\n- {slack: U0A, entra: " E1 "}\n- {slack: U0A, entra: " E1
          "}\nroles: {audit: {users: [U0A, U0B, U0A]}}\n");
    ck_assert(has_line("p:3:3: warning: people has U0A already in line 2: remove one"));
    ck_assert(has_line("p:4:35: warning: roles.audit.users lists U0A twice: remove one"));
}
END_TEST

/* ---- sense ------------------------------------------------------------------------------------------------------------ */

START_TEST(staff_without_a_people_line_are_named)
{
    given("people: [{slack: U0A, entra: " E1 "}]\n"
          "roles: {helpdesk: {users: [U0A, U0B]}, approvers: {users: [U0C]}, audit: {users: [U0D]}}\nchannels: "
          "{request: C0}\n");
    ck_assert(has_line("p:2:9: warning: roles.helpdesk lists U0B, who has no line in people and is refused: add one"));
    ck_assert(
        has_line("p:2:40: warning: roles.approvers lists U0C, who has no line in people and is refused: add one"));
    ck_assert(has_line(
        "p:1:1: warning: approvals is 1, but roles.approvers has 0 different people with a line in people: add some"));
    ck_assert_uint_eq(faults.n, 3);
}
END_TEST

START_TEST(too_few_approvers_are_told_and_second_accounts_count_once)
{
    given("people: [{slack: U0A, entra: " E1 "}, {slack: U0B, entra: " E1 "}]\n"
          "roles: {helpdesk: {users: [U0A]}, approvers: {users: [U0A, U0B]}}\nchannels: {request: C0}\napprovals: 2\n");
    ck_assert_uint_eq(faults.n, 1);
    ck_assert(has_line(
        "p:4:1: warning: approvals is 2, but roles.approvers has 1 different people with a line in people: add some"));
    given("people: [{slack: U0A, entra: " E1 "}]\nroles: {helpdesk: {users: [U0A]}, approvers: {groups: [S0]}}\n"
          "channels: {request: C0}\napprovals: 2\n");
    ck_assert_uint_eq(faults.n, 0); /* who is in a group is known only to Slack */
}
END_TEST

START_TEST(a_ceiling_of_zero_is_told)
{
    given("ceilings: {all_hour: 0}\n");
    ck_assert(has_line("p:1:12: warning: ceilings.all_hour is 0, so nothing is ever sent: write 1 or more"));
}
END_TEST

/* ---- the example ------------------------------------------------------------------------------------------------------ */

START_TEST(the_example_file_is_what_the_table_prints)
{
    const char *source = getenv("RESETBOT_SOURCE");
    char path[4096];
    char *text = example();
    char *content = calloc(1, 100000);

    (void)snprintf(path, sizeof path, "%s/config/policy.yaml", source ? source : ".");
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s", path);
    ck_assert_uint_lt(fread(content, 1, 99999, file), 99999);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_str_eq(content, text);
    free(content);
    free(text);
}
END_TEST

START_TEST(the_example_allows_nobody_and_its_samples_are_good)
{
    char *text = example();

    given(text);
    ck_assert_uint_eq(policy->n_people, 0);
    for (int role = 0; role < RB_ROLES; role++)
        ck_assert_uint_eq(policy->roles[role].n_users + policy->roles[role].n_groups, 0);
    free(text);
    given("people:\n  - {slack: T0123456789/U0123456789, entra: 00000000-0000-0000-0000-000000000000}\n"
          "channels: {allowed: [C0123456789]}\nnever: {users: [ceo@contoso.com], devices: [C02XY4F2K]}\n");
}
END_TEST

START_TEST(every_beginning_of_a_policy_is_taken_or_refused)
{
    for (size_t len = 0; len < sizeof WHOLE; len++) {
        rb_policy *part = NULL;
        rb_faults_fini(&faults);
        rb_err err = rb_policy_parse((rb_str){WHOLE, len}, "p", &part, &faults);
        ck_assert((err == RB_OK) == (faults.n_errors == 0));
        ck_assert((err == RB_OK) == (part != NULL));
        rb_policy_free(part);
    }
}
END_TEST

START_TEST(a_file_that_is_not_there_is_a_fault)
{
    ck_assert_int_eq(rb_policy_load("/nonexistent/policy.yaml", &policy, &faults), RB_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(rb_faults_line(&faults, 0), "/nonexistent/policy.yaml: cannot be opened"));
    rb_policy_free(NULL);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, every_key_lands_in_the_policy);
    tcase_add_test(tests, what_is_left_out_has_its_default);
    tcase_add_test(tests, S1_an_empty_file_is_a_policy_that_allows_nobody_and_warns);
    tcase_add_test(tests, the_version_is_of_the_content);
    tcase_add_test(tests, thousands_of_people_are_read_quickly);
    tcase_add_test(tests, a_policy_with_a_fault_is_refused_whole);
    tcase_add_test(tests, ids_of_the_wrong_form_are_faults_at_their_place);
    tcase_add_test(tests, numbers_are_taken_at_their_limits_and_not_past_them);
    tcase_add_test(tests, the_most_people_are_taken_and_one_more_is_not);
    tcase_add_test(tests, a_list_is_taken_at_its_limit_and_not_past_it);
    tcase_add_test(tests, S3_one_slack_account_with_two_entra_ids_is_a_fault_that_names_both_lines);
    tcase_add_test(tests, the_same_user_id_in_two_teams_is_two_accounts);
    tcase_add_test(tests, a_person_with_two_accounts_is_allowed);
    tcase_add_test(tests, repetitions_that_change_nothing_are_warnings);
    tcase_add_test(tests, staff_without_a_people_line_are_named);
    tcase_add_test(tests, too_few_approvers_are_told_and_second_accounts_count_once);
    tcase_add_test(tests, a_ceiling_of_zero_is_told);
    tcase_add_test(tests, the_example_file_is_what_the_table_prints);
    tcase_add_test(tests, the_example_allows_nobody_and_its_samples_are_good);
    tcase_add_test(tests, every_beginning_of_a_policy_is_taken_or_refused);
    tcase_add_test(tests, a_file_that_is_not_there_is_a_fault);
}

int main(void)
{
    Suite *suite = suite_create("policy_file");
    TCase *tests = tcase_create("policy_file");

    tcase_add_checked_fixture(tests, setup, teardown);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
