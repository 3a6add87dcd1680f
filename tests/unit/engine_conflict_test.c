/* engine_conflict_test.c - the store holds another version of a request than memory: read again, stepped again (R1, R2, R4). */
#include "engine_story.h"

static world w;
static char id[RB_REQUEST_ID_CAP];

static void setup(void)
{
    given_world(&w);
    asks_and_card(&w, id);
}

static void teardown(void)
{
    fini_world(&w);
}

START_TEST(R2_the_answer_of_a_POST_survives_a_version_conflict)
{
    static const rb_post_outcome outcomes[] = {RB_POST_ACCEPTED, RB_POST_REFUSED};
    static const rb_state states[] = {RB_STATE_ACCEPTED, RB_STATE_FAILED};
    w.post = outcomes[_i % 2];
    w.is_held[true][RB_DEVICE_RESET] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_SENDING);
    w.n_raced = _i < 2 ? 1 : 4; /* as often as it is tried again */
    w.is_held[true][RB_DEVICE_RESET] = false;
    pass(&w, RB_SECOND_MS);

    EXPECT_STATE(&w, id, states[_i % 2]);
    ck_assert_uint_eq(w.n_raced, 0);
    ck_assert_uint_eq(count_resets(&w), 1);
    ck_assert_int_eq(w.n_fatal, 0);
}
END_TEST

START_TEST(R2_an_answer_that_cannot_be_saved_ends_the_process_and_is_looked_up)
{
    w.is_held[true][RB_DEVICE_RESET] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    w.n_raced = SIZE_MAX;
    w.is_held[true][RB_DEVICE_RESET] = false;
    pass(&w, RB_SECOND_MS);
    ck_assert_int_eq(w.n_fatal, 1);
    w.n_raced = 0;
    die(&w, STORE_FAILS);
    restart(&w);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, RB_MINUTE_MS);

    EXPECT_STATE(&w, id, RB_STATE_DONE);
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

START_TEST(R1_a_click_whose_request_changed_elsewhere_is_carried_out_on_what_is_stored)
{
    w.n_raced = 1;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}
END_TEST

START_TEST(R1_a_click_that_can_never_be_saved_is_answered)
{
    w.n_raced = 6;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    need_said(&w, "could not be saved, so nothing was done");
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
    ck_assert_int_eq(w.n_fatal, 0);
}
END_TEST

START_TEST(R4_a_deadline_whose_step_is_refused_for_a_while_still_ends_it)
{
    w.n_raced = 20;
    pass(&w, 40 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    ck_assert_int_eq(w.n_fatal, 0);
}
END_TEST

START_TEST(U1_a_cards_place_survives_a_version_conflict)
{
    char other[RB_REQUEST_ID_CAP];
    KIT_TEXT(w.phone.id, "20000000-0000-4000-8000-000000000002");
    w.is_held[false][RB_CHAT_POST] = true;
    asks(&w, other);
    pass(&w, 3 * RB_SECOND_MS);
    w.is_channel_real = true;
    w.n_raced = _i == 0 ? 1 : 6; /* once; or so often that it is left, and found later */
    w.is_held[false][RB_CHAT_POST] = false;
    pass(&w, 2 * RB_MINUTE_MS);

    rb_request *request = stored(&w, other);
    ck_assert_uint_gt(strlen(request->card_ts), 0);
    free(request);
    ck_assert_uint_eq(count_rows(&w), 0);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_POST), 4); /* two cards, a line each */
}
END_TEST

/* The card's row that waits is given back when the change that was to renew it could not be saved. */
START_TEST(R5_a_card_that_waits_is_renewed_also_after_a_version_conflict)
{
    w.next_chat[RB_CHAT_UPDATE] = (rb_chat_result){.outcome = RB_CHAT_LATER, .retry_after_ms = 30 * RB_SECOND_MS};
    KIT_TEXT(w.next_chat[RB_CHAT_UPDATE].error, "ratelimited");
    w.n_next[RB_CHAT_UPDATE] = 1;
    press_on_card(&w, "U0ARVID", 'a', id); /* its edit has to wait */
    given_result(&w, RB_ACTION_DONE);
    w.n_raced = (size_t)_i;
    pass(&w, 2 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
    ck_assert_uint_eq(w.n_raced, 0);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_UPDATE)->payload, "passcode removed"));
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_conflict");
    TCase *tests = tcase_create("conflict");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, R2_the_answer_of_a_POST_survives_a_version_conflict, 0, 4);
    tcase_add_test(tests, R2_an_answer_that_cannot_be_saved_ends_the_process_and_is_looked_up);
    tcase_add_test(tests, R1_a_click_whose_request_changed_elsewhere_is_carried_out_on_what_is_stored);
    tcase_add_test(tests, R1_a_click_that_can_never_be_saved_is_answered);
    tcase_add_test(tests, R4_a_deadline_whose_step_is_refused_for_a_while_still_ends_it);
    tcase_add_loop_test(tests, U1_a_cards_place_survives_a_version_conflict, 0, 2);
    tcase_add_loop_test(tests, R5_a_card_that_waits_is_renewed_also_after_a_version_conflict, 1, 3);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
