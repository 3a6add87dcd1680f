/* bind_test.c - S4: a value in a button does what it was made for, for whom, on exactly that, in time; or nothing. */
#include "request_given.h"
#include "resetbot/bind.h"

static rb_mac_key keys[2];
static rb_bound bound;
static char value[RB_BOUND_CAP];

static const char ALL_KINDS[] = "pmosxadewgfvuhtk";

static void setup(void)
{
    static const uint8_t present[RB_MAC_KEY_LEN] = {1, 2, 3};
    static const uint8_t previous[RB_MAC_KEY_LEN] = {9, 9, 9};

    rb_mac_key_init(&keys[0], present);
    rb_mac_key_init(&keys[1], previous);
    given_pending();
    SET(request.reason, "locked out");
    SET(request.ticket, "INC0012345");
    bound = (rb_bound){.kind = RB_BIND_APPROVE, .expiry_utc_s = UTC / 1000 + 1800};
    SET(bound.request, "R-7K3F");
    rb_bind(&keys[0], &bound, &request, value);
}

static rb_bound_verdict verdict_of(const char *text, const char *person)
{
    return rb_bound_check(keys, 2, rb_str_of(text), &request, person, UTC);
}

static void bind_for(const char *person)
{
    SET(bound.person, person);
    rb_bind(&keys[0], &bound, &request, value);
}

/* ---- good --------------------------------------------------------------------------------------------------------- */

START_TEST(S4_what_was_bound_is_read_back_and_good)
{
    for (size_t i = 0; ALL_KINDS[i]; i++) {
        rb_bound read;
        bound.kind = (rb_bind_kind)ALL_KINDS[i];
        SET(bound.extra, PHONE);
        bind_for("U0HANNA");
        ck_assert_int_eq(rb_bound_read(rb_str_of(value), &read), RB_OK);
        ck_assert_int_eq(read.kind, bound.kind);
        ck_assert_str_eq(read.request, bound.request);
        ck_assert_str_eq(read.person, "U0HANNA");
        ck_assert_str_eq(read.extra, PHONE);
        ck_assert_int_eq(read.expiry_utc_s, bound.expiry_utc_s);
        ck_assert_int_eq(verdict_of(value, "U0HANNA"), RB_BOUND_GOOD);
    }
}
END_TEST

START_TEST(S4_the_longest_fields_fit)
{
    memset(bound.request, 'R', sizeof bound.request - 1);
    memset(bound.person, 'U', sizeof bound.person - 1);
    memset(bound.extra, 'e', sizeof bound.extra - 1);
    bound.expiry_utc_s = INT64_MAX / 1000;
    rb_bind(&keys[0], &bound, NULL, value);
    ck_assert_uint_lt(strlen(value), RB_BOUND_CAP);
    ck_assert_int_eq(rb_bound_check(keys, 1, rb_str_of(value), NULL, bound.person, UTC), RB_BOUND_GOOD);
}
END_TEST

START_TEST(S4_the_longest_request_fits_its_terms)
{
    memset(request.reason, 'x', sizeof request.reason - 1);
    memset(request.ticket, 'x', sizeof request.ticket - 1);
    memset(request.device.serial, 'x', sizeof request.device.serial - 1);
    memset(request.device.upn, 'x', sizeof request.device.upn - 1);
    memset(request.device.ownership, 'x', sizeof request.device.ownership - 1);
    memset(request.device.management_state, 'x', sizeof request.device.management_state - 1);
    memset(request.device.enrollment, 'x', sizeof request.device.enrollment - 1);
    rb_bind(&keys[0], &bound, &request, value);
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_GOOD);
}
END_TEST

START_TEST(S4_the_previous_key_is_accepted_and_no_third)
{
    static const uint8_t older[RB_MAC_KEY_LEN] = {7};
    rb_mac_key third;

    rb_bind(&keys[1], &bound, &request, value);
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_GOOD);
    ck_assert_int_eq(rb_bound_check(keys, 1, rb_str_of(value), &request, "U0ARVID", UTC), RB_BOUND_FORGED);
    rb_mac_key_init(&third, older);
    rb_bind(&third, &bound, &request, value);
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_FORGED);
    ck_assert_int_eq(rb_bound_check(keys, 0, rb_str_of(value), &request, "U0ARVID", UTC), RB_BOUND_FORGED);
}
END_TEST

/* ---- changed ------------------------------------------------------------------------------------------------------ */

START_TEST(S4_one_byte_changed_anywhere_is_forged)
{
    char changed[RB_BOUND_CAP];

    bind_for("U0ARVID");
    for (size_t i = 0; value[i]; i++) {
        for (int c = 1; c < 256; c++) {
            memcpy(changed, value, sizeof changed);
            changed[i] = (char)c;
            bool is_same = strcmp(changed, value) == 0;
            ck_assert_msg(is_same || verdict_of(changed, "U0ARVID") == RB_BOUND_FORGED, "byte %zu as %d", i, c);
        }
    }
}
END_TEST

START_TEST(S4_a_byte_more_or_less_is_forged)
{
    char changed[2 * RB_BOUND_CAP];
    size_t len = strlen(value);

    for (size_t i = 0; i < len; i++) {
        (void)snprintf(changed, sizeof changed, "%.*s%s", (int)i, value, value + i + 1);
        ck_assert_int_eq(verdict_of(changed, "U0ARVID"), RB_BOUND_FORGED);
        (void)snprintf(changed, sizeof changed, "%.*s%c%s", (int)i, value, value[i], value + i);
        ck_assert_int_eq(verdict_of(changed, "U0ARVID"), RB_BOUND_FORGED);
        ck_assert_int_eq(rb_bound_check(keys, 2, (rb_str){value, i}, &request, "U0ARVID", UTC), RB_BOUND_FORGED);
    }
    ck_assert_int_eq(rb_bound_check(keys, 2, (rb_str){value, len + 1}, &request, "U0ARVID", UTC), RB_BOUND_FORGED);
}
END_TEST

START_TEST(S4_the_same_written_another_way_is_forged)
{
    char changed[2 * RB_BOUND_CAP];
    const char *expiry = strchr(value + 4, '.') + 1;

    (void)snprintf(changed, sizeof changed, "%.*s0%s", (int)(expiry - value), value, expiry);
    ck_assert_int_eq(verdict_of(changed, "U0ARVID"), RB_BOUND_FORGED);
    (void)snprintf(changed, sizeof changed, "%s=", value);
    ck_assert_int_eq(verdict_of(changed, "U0ARVID"), RB_BOUND_FORGED);
}
END_TEST

START_TEST(S4_garbage_is_forged_and_never_read)
{
    static const char *const garbage[] = {"",
                                          ".",
                                          ".......",
                                          "........",
                                          "1",
                                          "1.a",
                                          "2.a.R-7K3F.1.-.-.aaaaaaaa.x",
                                          "1.z.R-7K3F.1.-.-.aaaaaaaa.x",
                                          "1.aa.R-7K3F.1.-.-.aaaaaaaa.x",
                                          "1.a.R-7K3F.-1.-.-.aaaaaaaa.x",
                                          "1.a.R-7K3F.99999999999999999999.-.-.aaaaaaaa.x",
                                          "1.a.R-7K3F.x.-.-.aaaaaaaa.x",
                                          "1..R-7K3F.1.-.-.aaaaaaaa.x"};
    rb_bound untouched = {.kind = RB_BIND_PICK};
    rb_bound read = untouched;

    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        ck_assert_int_eq(rb_bound_read(rb_str_of(garbage[i]), &read), RB_E_SYNTAX);
        ck_assert_int_eq(verdict_of(garbage[i], "U0ARVID"), RB_BOUND_FORGED);
    }
    ck_assert_int_eq(memcmp(&read, &untouched, sizeof read), 0);
    char longest[3000];
    memset(longest, '.', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    ck_assert_int_eq(verdict_of(longest, "U0ARVID"), RB_BOUND_FORGED);
    ck_assert_int_eq(rb_bound_read((rb_str){NULL, 0}, &read), RB_E_SYNTAX);
}
END_TEST

/* ---- moved -------------------------------------------------------------------------------------------------------- */

START_TEST(S4_replayed_on_another_request_it_is_forged)
{
    SET(request.device.id, "20000000-0000-4000-8000-000000000002");
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_FORGED);
    ck_assert_int_eq(rb_bound_check(keys, 2, rb_str_of(value), NULL, "U0ARVID", UTC), RB_BOUND_FORGED);
}
END_TEST

/* A decision, in any of its three forms. */
static void decision(int i)
{
    static const rb_bind_kind decisions[] = {RB_BIND_APPROVE, RB_BIND_DENY, RB_BIND_DENY_FORM};

    setup();
    bound.kind = decisions[i];
    rb_bind(&keys[0], &bound, &request, value);
}

#define CHANGES(field)                                                                                                 \
    do {                                                                                                               \
        decision(_i);                                                                                                  \
        request.field[0] = request.field[0] == 'Z' ? 'Y' : 'Z';                                                        \
        ck_assert_msg(verdict_of(value, "U0ARVID") == RB_BOUND_FORGED, "a changed %s went unnoticed", #field);         \
    } while (0)

START_TEST(S4_a_decision_holds_for_exactly_what_was_shown)
{
    CHANGES(requester.person.team);
    CHANGES(requester.person.user);
    CHANGES(requester.entra);
    CHANGES(device.id);
    CHANGES(device.serial);
    CHANGES(device.user_id);
    CHANGES(device.upn);
    CHANGES(device.ownership);
    CHANGES(device.management_state);
    CHANGES(device.enrollment);
    CHANGES(device.os);
    CHANGES(device.enrolled_at);
    CHANGES(reason);
    CHANGES(ticket);
    CHANGES(policy_version);
    decision(_i);
    request.support.word = RB_WORD_RESET;
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_FORGED);
    decision(_i);
    request.support.scope = RB_SCOPE_WORK_PROFILE;
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_FORGED);
    decision(_i);
    request.verified = RB_VERIFIED_VIDEO;
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_FORGED);
    decision(_i);
    request.holds = RB_HOLDS_UNKNOWN;
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_FORGED);
    decision(_i);
    request.lock = RB_LOCK_PHONE;
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_FORGED);
}
END_TEST

/* What is sent or shown later is bound to the device at least. */
START_TEST(S4_send_and_show_hold_for_that_device_alone)
{
    static const rb_bind_kind kinds[] = {RB_BIND_SEND, RB_BIND_SHOW};

    setup();
    bound.kind = kinds[_i];
    rb_bind(&keys[0], &bound, &request, value);
    ck_assert_int_eq(verdict_of(value, "U0HANNA"), RB_BOUND_GOOD);
    request.device.serial[0] = 'Z';
    ck_assert_int_eq(verdict_of(value, "U0HANNA"), RB_BOUND_FORGED);
}
END_TEST

/* Whatever a field is ended by: nothing, or a sign that the text holds too. */
START_TEST(S4_text_moved_between_two_fields_is_forged)
{
    static const char *const signs[] = {"", "|", ":", "|1:", ".", " "};
    const char *sign = signs[_i];

    (void)snprintf(request.reason, sizeof request.reason, "a%sb", sign);
    SET(request.ticket, "c");
    rb_bind(&keys[0], &bound, &request, value);
    SET(request.reason, "a");
    (void)snprintf(request.ticket, sizeof request.ticket, "b%sc", sign);
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_FORGED);
}
END_TEST

START_TEST(S4_a_check_in_and_an_approval_leave_it_good)
{
    request.device.last_sync_utc_ms = UTC;
    SET(request.device.os_version, "17.6");
    SET(request.device.compliance, "noncompliant");
    request.n_approvals = 1;
    request.version = 7;
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_GOOD);
}
END_TEST

START_TEST(S4_another_kind_is_forged)
{
    char *kind = value + 2;
    for (size_t i = 0; ALL_KINDS[i]; i++) {
        *kind = ALL_KINDS[i];
        ck_assert(verdict_of(value, "U0ARVID") == (*kind == 'a' ? RB_BOUND_GOOD : RB_BOUND_FORGED));
    }
}
END_TEST

/* ---- for whom, until when ----------------------------------------------------------------------------------------- */

START_TEST(S4_a_personal_value_is_for_that_person_alone)
{
    bind_for("U0ARVID");
    ck_assert_int_eq(verdict_of(value, "U0ARVID"), RB_BOUND_GOOD);
    ck_assert_int_eq(verdict_of(value, "U0BERIT"), RB_BOUND_NOT_YOURS);
    ck_assert_int_eq(verdict_of(value, "U0ARVI"), RB_BOUND_NOT_YOURS);
    ck_assert_int_eq(verdict_of(value, ""), RB_BOUND_NOT_YOURS);
    bind_for("");
    ck_assert_int_eq(verdict_of(value, "U0BERIT"), RB_BOUND_GOOD);
}
END_TEST

/* Its requester gave it away: what was bound before does nothing any more, and is known for what it was. */
START_TEST(S4_a_value_from_before_a_take_is_good_for_nothing)
{
    for (size_t i = 0; ALL_KINDS[i]; i++) {
        setup();
        bound.kind = (rb_bind_kind)ALL_KINDS[i];
        bind_for("U0HANNA");
        ck_assert_ptr_null(rb_bound_before_take(keys, 2, rb_str_of(value), &request));
        request.past_requesters[0] = (rb_decision){.person = request.requester.person};
        SET(request.past_requesters[0].entra, request.requester.entra);
        request.n_past_requesters = request.n_takes = 1;
        request.requester = actor_of("U0HENRY", BERIT);
        ck_assert_int_eq(verdict_of(value, "U0HANNA"), RB_BOUND_FORGED);
        ck_assert_ptr_eq(rb_bound_before_take(keys, 2, rb_str_of(value), &request), &request.past_requesters[0]);
        value[strlen(value) - 1] ^= 1; /* and a changed one is not */
        ck_assert_ptr_null(rb_bound_before_take(keys, 2, rb_str_of(value), &request));
    }
}
END_TEST

START_TEST(S4_it_ends_at_its_second)
{
    int64_t end = bound.expiry_utc_s * 1000;
    rb_str text = rb_str_of(value);

    ck_assert_int_eq(rb_bound_check(keys, 2, text, &request, "U0ARVID", end - 1), RB_BOUND_GOOD);
    ck_assert_int_eq(rb_bound_check(keys, 2, text, &request, "U0ARVID", end), RB_BOUND_EXPIRED);
    ck_assert_int_eq(rb_bound_check(keys, 2, text, &request, "U0ARVID", end + 1), RB_BOUND_EXPIRED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bind");
    TCase *tests = tcase_create("bound values");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, S4_what_was_bound_is_read_back_and_good);
    tcase_add_test(tests, S4_the_longest_fields_fit);
    tcase_add_test(tests, S4_the_longest_request_fits_its_terms);
    tcase_add_test(tests, S4_the_previous_key_is_accepted_and_no_third);
    tcase_add_test(tests, S4_one_byte_changed_anywhere_is_forged);
    tcase_add_test(tests, S4_a_byte_more_or_less_is_forged);
    tcase_add_test(tests, S4_the_same_written_another_way_is_forged);
    tcase_add_test(tests, S4_garbage_is_forged_and_never_read);
    tcase_add_test(tests, S4_replayed_on_another_request_it_is_forged);
    tcase_add_loop_test(tests, S4_a_decision_holds_for_exactly_what_was_shown, 0, 3);
    tcase_add_loop_test(tests, S4_send_and_show_hold_for_that_device_alone, 0, 2);
    tcase_add_loop_test(tests, S4_text_moved_between_two_fields_is_forged, 0, 6);
    tcase_add_test(tests, S4_a_check_in_and_an_approval_leave_it_good);
    tcase_add_test(tests, S4_another_kind_is_forged);
    tcase_add_test(tests, S4_a_personal_value_is_for_that_person_alone);
    tcase_add_test(tests, S4_a_value_from_before_a_take_is_good_for_nothing);
    tcase_add_test(tests, S4_it_ends_at_its_second);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
