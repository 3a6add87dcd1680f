/* engine_edges_test.c - between two requests, two clocks, two commits (R2, R3, R4, U1). */
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

/* ---- a slow disk -------------------------------------------------------------------------------------------------- */

START_TEST(R2_a_POST_whose_commit_came_back_too_late_does_not_leave)
{
    asks_and_card(&w, id);
    w.is_worker_held = true;
    deliver(&w, a_press_on_card(&w, "U0ARVID", 'a', id));
    for (int n = 0; n < 100 && state_of(&w, id) != RB_STATE_INTENT; n++) {
        settle(&w);
        ck_assert(work_once(&w));
    }
    for (int n = 0; n < 100 && state_of(&w, id) == RB_STATE_INTENT; n++) {
        settle(&w);
        if (w.n_jobs == 0)
            break;
        rb_job *job = w.jobs[0];
        memmove(w.jobs, w.jobs + 1, --w.n_jobs * sizeof *w.jobs);
        job->work(job);
        if (state_of(&w, id) == RB_STATE_SENDING) /* it is on disk, and its commit comes back late */
            at(&w, w.now.boot_ms + (_i == 0 ? 11 * RB_MINUTE_MS : 2 * RB_MINUTE_MS));
        job->done(job);
    }
    ck_assert_uint_eq(count_resets(&w), 0);
    w.is_worker_held = false;
    pass(&w, RB_MINUTE_MS);

    EXPECT_STATE(&w, id, _i == 0 ? RB_STATE_LAPSED : RB_STATE_ACCEPTED); /* or everything was read again */
    ck_assert_uint_eq(count_resets(&w), _i == 0 ? 0 : 1);
    rb_request *request = stored(&w, id);
    ck_assert_int_eq(request->attempts[0].outcome, RB_ATTEMPT_NEVER_LEFT);
    free(request);
}
END_TEST

/* ---- two requests for one device ------------------------------------------------------------------------------------ */

START_TEST(R3_what_a_later_request_brought_about_is_not_found_by_an_earlier_one)
{
    char later[RB_REQUEST_ID_CAP];
    asks_and_card(&w, id);
    w.post = RB_POST_UNCLEAR;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_UNKNOWN); /* no trace */
    w.post = RB_POST_ACCEPTED;
    if (_i == 0) {
        asks_and_card(&w, later);
        press_on_card(&w, "U0ARVID", 'a', later);
        EXPECT_STATE(&w, later, RB_STATE_ACCEPTED);
    }
    given_result(&w, RB_ACTION_DONE);
    w.results.items[0].has_code = true;
    pass(&w, 3 * RB_HOUR_MS);

    if (_i == 0)
        EXPECT_STATE(&w, later, RB_STATE_DONE);
    rb_request *request = stored(&w, id);
    ck_assert_int_eq(request->is_found_later, _i == 1); /* without the later one it is found */
    ck_assert_int_eq(request->has_code, _i == 1);
    free(request);
}
END_TEST

/* A request as the store has it: made and sent at these times, and over. */
static void put_request(const char *other, const char *device_id, int64_t created_utc_ms, int64_t sent_utc_ms)
{
    rb_request *request = kit_request(other, device_id);
    request->state = RB_STATE_DONE;
    request->created_utc_ms = created_utc_ms;
    request->device.n_owners = 1;
    KIT_TEXT(request->device.owners[0], ADELE);
    kit_attempt(request, other, sent_utc_ms);
    ck_assert_int_eq(kit_put(&w.store, request), RB_OK);
    free(request);
}

/* What an UNKNOWN request must, or must not, take for its own. The store gives its 20 newest to such a question. */
START_TEST(R3_S6_which_of_two_requests_a_result_belongs_to_goes_by_when_they_were_sent)
{
    enum { NOTHING, SENT_LATER_BEHIND_A_CROWD, DRAFTED_BEFORE_SENT_LATER, SENT_BEFORE, A_CROWD_OF_OTHER_PHONES };
    asks_and_card(&w, id);
    w.post = RB_POST_UNCLEAR;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_UNKNOWN);
    rb_request *request = stored(&w, id);
    int64_t created = request->created_utc_ms;
    int64_t sent = request->attempts[request->n_attempts - 1].at_utc_ms;
    free(request);
    if (_i == SENT_LATER_BEHIND_A_CROWD)
        put_request("R-LATER", PHONE, created + 20 * RB_MINUTE_MS, sent + 25 * RB_MINUTE_MS);
    if (_i == DRAFTED_BEFORE_SENT_LATER)
        put_request("R-LATER", PHONE, created - 10 * RB_MINUTE_MS, sent + 18 * RB_MINUTE_MS);
    if (_i == SENT_BEFORE)
        put_request("R-FIRST", PHONE, created - 10 * RB_MINUTE_MS, sent - 5 * RB_MINUTE_MS);
    for (int n = 0; (_i == SENT_LATER_BEHIND_A_CROWD || _i == A_CROWD_OF_OTHER_PHONES) && n < 30; n++) {
        char other[RB_REQUEST_ID_CAP];
        (void)snprintf(other, sizeof other, "R-CROWD%d", n);
        put_request(other, other, created + (40 + n) * RB_MINUTE_MS, sent + (41 + n) * RB_MINUTE_MS);
    }
    given_result(&w, RB_ACTION_DONE);
    w.results.items[0].has_code = true;
    pass(&w, 3 * RB_HOUR_MS);

    bool is_its_own = _i == NOTHING || _i == SENT_BEFORE || _i == A_CROWD_OF_OTHER_PHONES;
    request = stored(&w, id);
    ck_assert_int_eq(request->is_found_later, is_its_own);
    ck_assert_int_eq(request->has_code, is_its_own);
    free(request);
}
END_TEST

/* ---- deadlines ------------------------------------------------------------------------------------------------------ */

START_TEST(R4_a_reminder_that_waits_for_the_chat_does_not_delay_the_deadline)
{
    asks_and_card(&w, id);
    rb_request *request = stored(&w, id);
    int64_t deadline = request->deadline.boot_ms;
    free(request);
    w.is_held[false][RB_CHAT_PERSON] = true; /* no answer at all */
    pass(&w, deadline - w.now.boot_ms - 1);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    pass(&w, 1);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
}
END_TEST

/* ---- looking for a post ----------------------------------------------------------------------------------------------- */

START_TEST(U1_a_wall_clock_that_is_wrong_by_a_day_does_not_hide_a_post)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    int64_t right = w.now.utc_ms;
    w.now.utc_ms += RB_DAY_MS;
    asks(&w, id);
    pass(&w, 10 * RB_SECOND_MS);
    ck_assert_int_lt(nth_call(&w, false, RB_CHAT_FIND, 0)->since_utc_ms, right);
}
END_TEST

START_TEST(U1_a_look_that_is_refused_does_not_mean_absent)
{
    w.is_channel_real = true;
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    chat_answers(&w, RB_CHAT_FIND, RB_CHAT_REFUSED, "too_many_pages", 1);
    asks(&w, id);
    settle(&w);
    nth_call(&w, false, RB_CHAT_POST, 0)->has_acted = true;
    KIT_TEXT(nth_call(&w, false, RB_CHAT_POST, 0)->posted_ts, "1772460001.000001");
    pass(&w, 2 * RB_MINUTE_MS);
    size_t cards = 0;
    for (size_t i = 0; i < count_calls(&w, false, RB_CHAT_POST); i++)
        cards += nth_call(&w, false, RB_CHAT_POST, i)->thread[0] == '\0';
    ck_assert_uint_eq(cards, 1);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(R1_a_look_that_is_always_refused_does_not_keep_the_card_away)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    chat_answers(&w, RB_CHAT_FIND, RB_CHAT_REFUSED, "missing_scope", SIZE_MAX);
    asks(&w, id);
    pass(&w, 5 * RB_MINUTE_MS);
    rb_request *request = stored(&w, id);
    ck_assert_uint_gt(strlen(request->card_ts), 0);
    free(request);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_edges");
    TCase *tests = tcase_create("edges");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, R2_a_POST_whose_commit_came_back_too_late_does_not_leave, 0, 2);
    tcase_add_loop_test(tests, R3_what_a_later_request_brought_about_is_not_found_by_an_earlier_one, 0, 2);
    tcase_add_loop_test(tests, R3_S6_which_of_two_requests_a_result_belongs_to_goes_by_when_they_were_sent, 0, 5);
    tcase_add_test(tests, R4_a_reminder_that_waits_for_the_chat_does_not_delay_the_deadline);
    tcase_add_test(tests, U1_a_wall_clock_that_is_wrong_by_a_day_does_not_hide_a_post);
    tcase_add_test(tests, U1_a_look_that_is_refused_does_not_mean_absent);
    tcase_add_test(tests, R1_a_look_that_is_always_refused_does_not_keep_the_card_away);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
