/* taken_test.c - TAKE in the core: who may go on with a request, who may let them, what is kept and who is told. */
#include "request_given.h"

#define HENRY "10000000-0000-4000-8000-000000000010"
#define AGNES "10000000-0000-4000-8000-000000000011"

static rb_step_result takes(const char *user, const char *entra, const char *let_user, const char *let_entra)
{
    rb_actor taker = actor_of(user, entra);
    rb_actor other = actor_of(let_user, let_entra);
    rb_event event = event_of(RB_EV_TAKE);

    event.actor = &taker;
    event.other = &other;
    return step(&event);
}

static rb_step_result handed_over_to(const char *user, const char *entra)
{
    return takes(user, entra, request.requester.person.user, request.requester.entra);
}

START_TEST(S3_who_had_it_is_kept_and_who_has_it_is_the_taker)
{
    given(RB_STATE_PENDING);
    need(handed_over_to("U0HENRY", HENRY));
    EXPECT_STATE(RB_STATE_PENDING);
    ck_assert_str_eq(request.requester.person.user, "U0HENRY");
    ck_assert_uint_eq(request.n_past_requesters, 1);
    ck_assert_str_eq(request.past_requesters[0].person.user, "U0HANNA");
    ck_assert_int_eq(request.past_requesters[0].at_utc_ms, now.utc_ms);
    ck_assert_str_eq(request.let_by.person.user, "U0HANNA");
    ck_assert_ptr_eq(rb_request_last_past(&request), &request.past_requesters[0]);
    ck_assert(has_effect(RB_FX_RECORD, RB_NOTE_TAKEN));
    ck_assert(has_effect(RB_FX_LINE, RB_NOTE_TAKEN));
    ck_assert(has_effect(RB_FX_CARD, RB_NOTE_TAKEN));
    ck_assert(has_effect(RB_FX_TELL_REQUESTER, RB_NOTE_TAKEN));
    ck_assert(!has_effect(RB_FX_TELL_PAST, RB_NOTE_TAKEN)); /* she did it herself */
}
END_TEST

START_TEST(S3_let_by_an_approver_tells_who_had_it)
{
    given(RB_STATE_PENDING);
    need(takes("U0HENRY", HENRY, "U0ARVID", ARVID));
    ck_assert_str_eq(request.let_by.person.user, "U0ARVID");
    ck_assert(has_effect(RB_FX_TELL_PAST, RB_NOTE_TAKEN));
}
END_TEST

START_TEST(S3_who_had_it_decides_no_more_by_any_account)
{
    given(RB_STATE_PENDING);
    need(handed_over_to("U0HENRY", HENRY));
    ck_assert_int_eq(by(RB_EV_APPROVE, "U0HANNA", HANNA), RB_STEP_NOT_ALLOWED);
    ck_assert_int_eq(by(RB_EV_APPROVE, "U0HANNA2", HANNA), RB_STEP_NOT_ALLOWED);
    ck_assert_int_eq(by(RB_EV_DENY, "U0HANNA", AGNES), RB_STEP_NOT_ALLOWED); /* mapped anew meanwhile */
    ck_assert_int_eq(by(RB_EV_APPROVE, "U0HENRY", HENRY), RB_STEP_NOT_ALLOWED);
    need(by(RB_EV_APPROVE, "U0ARVID", ARVID));
    EXPECT_STATE(RB_STATE_APPROVED);
}
END_TEST

static const struct {
    const char *user, *entra, *let_user, *let_entra;
} REFUSED[] = {
    {"U0HANNA", HANNA, "U0ARVID", ARVID},  /* hers already */
    {"U0HANNA2", HANNA, "U0ARVID", ARVID}, /* by another account */
    {"U0ADELE", ADELE, "U0HANNA", HANNA},  /* the owner */
    {"U0HENRY", "", "U0HANNA", HANNA},     /* nobody knows who that is */
    {"U0HENRY", HENRY, "U0HENRY", HENRY},  /* lets themself */
    {"U0HENRY", HENRY, "U0HENRY2", HENRY}, /* by another account */
    {"U0HENRY", HENRY, "U0ADELE", ADELE},  /* let by the owner */
    {"U0HENRY", HENRY, "U0HANNA2", HANNA}, /* let by its requester's other account */
    {"U0HENRY", HENRY, "U0NOBODY", ""},    /* let by nobody knows whom */
};

START_TEST(S3_requester_approver_and_owner_stay_different_people)
{
    given(RB_STATE_PENDING);
    ck_assert_int_eq(takes(REFUSED[_i].user, REFUSED[_i].entra, REFUSED[_i].let_user, REFUSED[_i].let_entra),
                     RB_STEP_NOT_ALLOWED);
    ck_assert_uint_eq(request.n_past_requesters, 0);
    ck_assert_uint_eq(effects.n, 0);
}
END_TEST

START_TEST(S3_who_approved_it_cannot_take_it)
{
    given(RB_STATE_APPROVED);
    ck_assert_int_eq(handed_over_to("U0ARVID", ARVID), RB_STEP_NOT_ALLOWED);
    ck_assert_int_eq(handed_over_to("U0ARVID2", ARVID), RB_STEP_NOT_ALLOWED);
    need(handed_over_to("U0HENRY", HENRY));
}
END_TEST

START_TEST(S3_who_had_it_lets_nobody_take_it_later)
{
    given(RB_STATE_PENDING);
    need(handed_over_to("U0HENRY", HENRY));
    ck_assert_int_eq(takes("U0AGNES", AGNES, "U0HANNA", HANNA), RB_STEP_NOT_ALLOWED);
    need(takes("U0AGNES", AGNES, "U0ARVID", ARVID));
}
END_TEST

/* Four are remembered; a fifth would push somebody out who could then approve. */
START_TEST(S3_nobody_who_had_it_is_forgotten)
{
    char user[16];
    char entra[RB_GUID_CAP];

    given(RB_STATE_PENDING);
    for (int i = 0; i < RB_TAKES_MAX; i++) {
        (void)snprintf(user, sizeof user, "U0NEW%d", i);
        (void)snprintf(entra, sizeof entra, "90000000-0000-4000-8000-00000000000%d", i);
        need(handed_over_to(user, entra));
    }
    ck_assert_int_eq(handed_over_to("U0HENRY", HENRY), RB_STEP_NOT_ALLOWED);
    ck_assert_uint_eq(request.n_past_requesters, RB_TAKES_MAX);
    ck_assert_int_eq(by(RB_EV_APPROVE, "U0HANNA", HANNA), RB_STEP_NOT_ALLOWED);
}
END_TEST

START_TEST(S3_taken_back_it_is_theirs_and_nobody_is_listed_twice)
{
    given(RB_STATE_PENDING);
    need(handed_over_to("U0HENRY", HENRY));
    need(handed_over_to("U0HANNA", HANNA));
    need(handed_over_to("U0HENRY", HENRY));
    need(handed_over_to("U0HANNA", HANNA));
    ck_assert_uint_eq(request.n_past_requesters, 2);
    ck_assert_str_eq(request.requester.person.user, "U0HANNA");
    ck_assert_int_eq(by(RB_EV_APPROVE, "U0HENRY", HENRY), RB_STEP_NOT_ALLOWED);
}
END_TEST

/* Back and forth is a take each time: the thread has a line for each, and keeps its last two for the end. */
START_TEST(A1_takes_are_bounded_and_use_up_no_line)
{
    given(RB_STATE_PENDING);
    request.n_lines = RB_LINES_MAX - 2;
    for (int i = 0; i < RB_TAKES_MAX; i++) {
        need(i % 2 ? handed_over_to("U0HANNA", HANNA) : handed_over_to("U0HENRY", HENRY));
        ck_assert(has_effect(RB_FX_LINE, RB_NOTE_TAKEN));
    }
    ck_assert_int_eq(handed_over_to("U0HENRY", HENRY), RB_STEP_NOT_ALLOWED);
    ck_assert_int_eq(handed_over_to("U0AGNES", AGNES), RB_STEP_NOT_ALLOWED);
    ck_assert_uint_eq(request.n_takes, RB_TAKES_MAX);
    need(by(RB_EV_DENY, "U0ARVID", ARVID));
    ck_assert(has_effect(RB_FX_LINE, RB_NOTE_DENIED));
    ck_assert_uint_eq(request.n_lines, RB_LINES_MAX - 1 + RB_TAKES_MAX);
}
END_TEST

START_TEST(A1_a_clock_set_back_names_nobody_wrong)
{
    given(RB_STATE_PENDING);
    need(handed_over_to("U0HENRY", HENRY));
    now.utc_ms -= 5 * RB_MINUTE_MS;
    need(handed_over_to("U0AGNES", AGNES));
    ck_assert_str_eq(rb_request_last_past(&request)->person.user, "U0HENRY");
    need(handed_over_to("U0HANNA", HANNA));
    ck_assert_str_eq(rb_request_last_past(&request)->person.user, "U0AGNES");
    need(handed_over_to("U0HENRY", HENRY)); /* hers is the first place of the list */
    ck_assert_str_eq(rb_request_last_past(&request)->person.user, "U0HANNA");
    ck_assert_str_eq(request.past_requesters[0].person.user, "U0HANNA");
}
END_TEST

START_TEST(S6_only_who_has_it_is_shown_the_code)
{
    given(RB_STATE_DONE);
    request.has_code = true;
    need(by(RB_EV_SHOW, "U0HANNA", HANNA));
    need(handed_over_to("U0HENRY", HENRY));
    ck_assert_int_eq(by(RB_EV_SHOW, "U0HANNA", HANNA), RB_STEP_NOT_ALLOWED);
    need(by(RB_EV_SHOW, "U0HENRY", HENRY));
    ck_assert_uint_eq(request.n_shown, 2); /* the showings stay bounded for both together */
}
END_TEST

/* Handed over, back, and on to somebody else, in every state in which it may be: nothing but hands changes. */
START_TEST(S3_it_comes_back_and_goes_on_in_every_open_state)
{
    rb_state state = (rb_state)_i;

    if (!rb_state_is_open(state))
        return;
    given(state);
    uint32_t n_attempts = request.n_attempts;
    need(handed_over_to("U0HENRY", HENRY));
    need(handed_over_to("U0HANNA", HANNA));
    need(takes("U0AGNES", AGNES, "U0BERIT", BERIT));
    EXPECT_STATE(state);
    ck_assert_str_eq(request.requester.person.user, "U0AGNES");
    ck_assert_str_eq(rb_request_last_past(&request)->person.user, "U0HANNA");
    ck_assert_uint_eq(request.n_takes, 3);
    ck_assert_uint_eq(request.n_past_requesters, 2);
    ck_assert_uint_eq(request.n_attempts, n_attempts);
    ck_assert_int_eq(takes("U0LENA", "10000000-0000-4000-8000-000000000012", "U0HENRY", HENRY), RB_STEP_NOT_ALLOWED);
}
END_TEST

START_TEST(what_is_over_is_not_taken)
{
    bool is_open = rb_state_is_open((rb_state)_i);

    given((rb_state)_i);
    rb_step_result result = handed_over_to("U0HENRY", HENRY);
    ck_assert_int_eq(result, _i == RB_STATE_DRAFT ? RB_STEP_NOTHING
                             : is_open            ? RB_STEP_APPLIED
                                                  : RB_STEP_ALREADY_DECIDED);
}
END_TEST

START_TEST(a_code_whose_time_is_over_leaves_nothing_to_take)
{
    given(RB_STATE_DONE);
    request.has_code = true;
    ck_assert(rb_request_may_be_taken(&request, now, boot));
    pass(RB_WATCH_MS);
    ck_assert(!rb_request_may_be_taken(&request, now, boot));
    ck_assert_int_eq(handed_over_to("U0HENRY", HENRY), RB_STEP_ALREADY_DECIDED);
}
END_TEST

START_TEST(R4_what_is_past_its_deadline_is_not_taken)
{
    given(RB_STATE_PENDING);
    pass(30 * RB_MINUTE_MS);
    ck_assert_int_eq(handed_over_to("U0HENRY", HENRY), RB_STEP_TOO_LATE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("taken");
    TCase *tests = tcase_create("taken");

    tcase_add_test(tests, S3_who_had_it_is_kept_and_who_has_it_is_the_taker);
    tcase_add_test(tests, S3_let_by_an_approver_tells_who_had_it);
    tcase_add_test(tests, S3_who_had_it_decides_no_more_by_any_account);
    tcase_add_loop_test(tests, S3_requester_approver_and_owner_stay_different_people, 0,
                        (int)(sizeof REFUSED / sizeof *REFUSED));
    tcase_add_test(tests, S3_who_approved_it_cannot_take_it);
    tcase_add_test(tests, S3_who_had_it_lets_nobody_take_it_later);
    tcase_add_test(tests, S3_nobody_who_had_it_is_forgotten);
    tcase_add_test(tests, S3_taken_back_it_is_theirs_and_nobody_is_listed_twice);
    tcase_add_test(tests, A1_takes_are_bounded_and_use_up_no_line);
    tcase_add_test(tests, A1_a_clock_set_back_names_nobody_wrong);
    tcase_add_test(tests, S6_only_who_has_it_is_shown_the_code);
    tcase_add_loop_test(tests, S3_it_comes_back_and_goes_on_in_every_open_state, 0, RB_STATES);
    tcase_add_loop_test(tests, what_is_over_is_not_taken, 0, RB_STATES);
    tcase_add_test(tests, a_code_whose_time_is_over_leaves_nothing_to_take);
    tcase_add_test(tests, R4_what_is_past_its_deadline_is_not_taken);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
