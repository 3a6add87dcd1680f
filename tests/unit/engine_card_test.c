/* engine_card_test.c - cards and lines over kills, waits and changes at once: each once, in order, with the newest words
 * (U1, R5). Each case is a fault that the other tests had let through (tests/mutants). */
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

static size_t count_posts(void)
{
    return count_calls(&w, false, RB_CHAT_POST);
}

/* Posts of the card of this request, as far as the bot knows. */
static size_t count_cards(const char *request)
{
    size_t cards = 0;

    for (size_t i = 0; i < count_posts(); i++) {
        const seen_call *call = nth_call(&w, false, RB_CHAT_POST, i);
        cards += call->thread[0] == '\0' && strstr(call->payload, request) != NULL;
    }
    return cards;
}

static void cancels(const char *request)
{
    char text[64];

    (void)snprintf(text, sizeof text, "cancel %s", request);
    type(&w, "U0HANNA", text);
}

/* Posted twice, decided, and killed before the look for the first post: the row has old words. */
START_TEST(R5_a_kill_before_the_look_for_a_duplicate_does_not_bring_old_words_back)
{
    w.is_channel_real = true;
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    asks(&w, id);
    pass(&w, 8 * RB_SECOND_MS);
    ck_assert_uint_eq(count_cards(id), 2);
    cancels(id);
    pass(&w, 5 * RB_SECOND_MS);
    size_t edits = count_calls(&w, false, RB_CHAT_UPDATE);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_UPDATE)->payload, "cancelled"));
    ck_assert_uint_gt(count_rows(&w), 0);
    die(&w, STORE_FAILS);
    restart(&w);
    pass(&w, 2 * RB_MINUTE_MS);

    for (size_t i = edits; i < count_calls(&w, false, RB_CHAT_UPDATE); i++)
        ck_assert_ptr_nonnull(strstr(nth_call(&w, false, RB_CHAT_UPDATE, i)->payload, "cancelled"));
    ck_assert_uint_eq(count_cards(id), 2);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

/* That it was posted again is on disk, where it stands is not yet: the row knows. */
START_TEST(U1_a_kill_before_the_place_of_a_card_posted_again_is_saved)
{
    w.is_channel_real = true;
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    asks(&w, id);
    w.is_held[false][RB_CHAT_FIND] = true;
    pass(&w, 6 * RB_SECOND_MS);
    w.is_held[false][RB_CHAT_FIND] = false;
    w.is_worker_held = true;
    pass(&w, RB_SECOND_MS); /* looked for, absent, posted again; saving begins */
    for (int n = 0; n < 20 && count_cards(id) < 2; n++) {
        ck_assert(work_once(&w));
        settle(&w);
    }
    ck_assert_uint_eq(count_cards(id), 2);
    ck_assert(work_once(&w));
    die(&w, STORE_FAILS);
    w.is_worker_held = false;
    rb_request *request = stored(&w, id);
    ck_assert_str_eq(request->card_ts, "");
    free(request);
    restart(&w);
    pass(&w, 2 * RB_MINUTE_MS);

    request = stored(&w, id);
    ck_assert_uint_gt(strlen(request->card_ts), 0);
    ck_assert_uint_eq(count_cards(id), 2);
    ck_assert_uint_eq(count_rows(&w), 0);
    free(request);
}
END_TEST

/* A card that may be there gets new words while it waits for the look; that it may be there is not forgotten with the old. */
START_TEST(U1_new_words_for_an_unclear_card_and_a_kill_leave_one_card)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    asks(&w, id);
    pass(&w, 1000);
    rb_policy newer = w.policy;
    KIT_TEXT(newer.version, "00000000000000b2");
    if (_i == 0)
        cancels(id);
    else
        rb_engine_set_policy(w.engine, &newer); /* the buttons are renewed */
    settle(&w);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FIND), 0);
    die(&w, STORE_FAILS);
    KIT_TEXT(w.found[0], "1772460001.000001");
    w.n_found = 1;
    restart(&w);
    pass(&w, RB_MINUTE_MS);

    rb_request *request = stored(&w, id);
    ck_assert_uint_eq(count_cards(id), 1);
    ck_assert_str_eq(request->card_ts, "1772460001.000001");
    free(request);
}
END_TEST

/* What left just before the kill may show up a little later, as after an unclear post. */
START_TEST(U1_after_a_kill_a_post_has_its_time_to_show_up)
{
    w.is_held[false][RB_CHAT_POST] = true;
    asks(&w, id);
    int64_t posted_ms = nth_call(&w, false, RB_CHAT_POST, 0)->at_boot_ms;
    pass(&w, 1000);
    die(&w, STORE_FAILS);
    restart(&w);
    pass(&w, RB_MINUTE_MS);
    ck_assert_int_ge(nth_call(&w, false, RB_CHAT_FIND, 0)->at_boot_ms - posted_ms, RB_UNCLEAR_WAIT_MS);
}
END_TEST

/* Where it was tried it is looked for, whatever channel a newer policy names. */
START_TEST(U1_an_unclear_card_is_looked_for_where_it_was_tried)
{
    rb_policy newer = w.policy;

    KIT_TEXT(newer.version, "00000000000000b2");
    KIT_TEXT(newer.request_channel, "C0OTHER");
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    asks(&w, id);
    KIT_TEXT(w.found[0], "1772460001.000001");
    w.n_found = 1;
    pass(&w, 1000);
    rb_engine_set_policy(w.engine, &newer);
    pass(&w, RB_MINUTE_MS);

    rb_request *request = stored(&w, id);
    ck_assert_str_eq(nth_call(&w, false, RB_CHAT_FIND, 0)->channel, CARDS);
    ck_assert_str_eq(request->card_channel, CARDS);
    ck_assert_uint_eq(count_cards(id), 1);
    free(request);
}
END_TEST

/* A request that has ended is not open any more; what is still to be said of it needs its card's place all the same. */
START_TEST(R5_what_a_request_that_has_ended_has_left_to_say_survives_a_kill)
{
    asks_and_card(&w, id);
    w.is_held[false][RB_CHAT_UPDATE] = true;
    w.is_held[false][RB_CHAT_POST] = true;
    cancels(id);
    pass(&w, 2 * RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_CANCELLED);
    die(&w, STORE_FAILS);
    w.is_held[false][RB_CHAT_UPDATE] = false;
    w.is_held[false][RB_CHAT_POST] = false;
    size_t edits = count_calls(&w, false, RB_CHAT_UPDATE);
    restart(&w);
    pass(&w, RB_MINUTE_MS);

    rb_request *request = stored(&w, id);
    ck_assert_uint_gt(count_calls(&w, false, RB_CHAT_UPDATE), edits);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_UPDATE)->payload, "cancelled"));
    ck_assert_str_eq(last_call(&w, RB_CHAT_UPDATE)->ts, request->card_ts);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_POST)->payload, "2 · "));
    ck_assert_uint_eq(count_rows(&w), 0);
    free(request);
}
END_TEST

/* Rows are numbered over restarts: a new one never takes the place of one that waits. */
START_TEST(R1_what_waits_to_be_said_survives_what_is_added_after_a_restart)
{
    w.is_held[false][RB_CHAT_POST] = true;
    w.is_held[false][RB_CHAT_DIRECT] = true;
    asks(&w, id);
    size_t waiting = count_rows(&w);
    ck_assert_uint_gt(waiting, 1);
    die(&w, STORE_FAILS);
    restart(&w);
    w.is_held[false][RB_CHAT_RESPOND] = true;
    for (size_t i = 0; i < waiting; i++)
        type(&w, "U0HANNA", "list");
    ck_assert_uint_eq(count_rows(&w), 2 * waiting);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), waiting + 2); /* preview and "sent" came before */
}
END_TEST

/* The platform counts messages by channel: what it said of one holds for the next (domain/slack.md 3). */
START_TEST(LATER_holds_for_the_whole_channel)
{
    char other[RB_REQUEST_ID_CAP];

    w.next_chat[RB_CHAT_POST] = (rb_chat_result){.outcome = RB_CHAT_LATER, .retry_after_ms = 30 * RB_SECOND_MS};
    KIT_TEXT(w.next_chat[RB_CHAT_POST].error, "ratelimited");
    w.n_next[RB_CHAT_POST] = 1;
    asks(&w, id);
    KIT_TEXT(w.phone.id, "20000000-0000-4000-8000-000000000102");
    asks(&w, other);
    pass(&w, RB_MINUTE_MS);
    ck_assert_int_ge(nth_call(&w, false, RB_CHAT_POST, 1)->at_boot_ms -
                         nth_call(&w, false, RB_CHAT_POST, 0)->at_boot_ms,
                     30 * RB_SECOND_MS);
    ck_assert_uint_eq(count_posts(), 5); /* the refused one, two cards, a line each */
}
END_TEST

/* The thread tells the story in its order: no line overtakes one that is being looked for. */
START_TEST(a_line_waits_for_the_unclear_one_before_it)
{
    asks_and_card(&w, id);
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    w.is_held[true][RB_DEVICE_RESET] = true;
    size_t before = count_posts();
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_MINUTE_MS);

    ck_assert_uint_eq(count_posts(), before + 3);
    ck_assert_ptr_nonnull(strstr(nth_call(&w, false, RB_CHAT_POST, before)->payload, "2 · "));
    ck_assert_ptr_nonnull(strstr(nth_call(&w, false, RB_CHAT_POST, before + 1)->payload, "2 · "));
    ck_assert_ptr_nonnull(strstr(nth_call(&w, false, RB_CHAT_POST, before + 2)->payload, "3 · "));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_card");
    TCase *tests = tcase_create("card");

    tcase_set_timeout(tests, 20);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, R5_a_kill_before_the_look_for_a_duplicate_does_not_bring_old_words_back);
    tcase_add_test(tests, U1_a_kill_before_the_place_of_a_card_posted_again_is_saved);
    tcase_add_loop_test(tests, U1_new_words_for_an_unclear_card_and_a_kill_leave_one_card, 0, 2);
    tcase_add_test(tests, U1_after_a_kill_a_post_has_its_time_to_show_up);
    tcase_add_test(tests, U1_an_unclear_card_is_looked_for_where_it_was_tried);
    tcase_add_test(tests, R5_what_a_request_that_has_ended_has_left_to_say_survives_a_kill);
    tcase_add_test(tests, R1_what_waits_to_be_said_survives_what_is_added_after_a_restart);
    tcase_add_test(tests, LATER_holds_for_the_whole_channel);
    tcase_add_test(tests, a_line_waits_for_the_unclear_one_before_it);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
