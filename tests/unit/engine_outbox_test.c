/* engine_outbox_test.c - what reaches the channel: in order, once, and read back where it is not known (U1, R5). */
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

/* The n-th post to the request channel. */
static seen_call *post(size_t n)
{
    return nth_call(&w, false, RB_CHAT_POST, n);
}

static size_t count_posts(void)
{
    return count_calls(&w, false, RB_CHAT_POST);
}

static size_t count_cards(void)
{
    size_t cards = 0;
    for (size_t i = 0; i < count_posts(); i++)
        cards += post(i)->thread[0] == '\0';
    return cards;
}

/* ---- order -------------------------------------------------------------------------------------------------------- */

START_TEST(the_card_comes_before_its_lines_and_these_in_order)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, RB_MINUTE_MS);

    static const char *const lines[] = {"1 · ", "2 · ", "3 · ", "4 · ", "5 · "};
    rb_request *request = stored(&w, id);
    ck_assert_uint_eq(count_cards(), 1);
    ck_assert_str_eq(post(0)->channel, CARDS);
    ck_assert_str_eq(post(0)->thread, "");
    ck_assert_uint_eq(count_posts(), 6);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_str_eq(post(i + 1)->thread, request->card_ts);
        ck_assert_ptr_nonnull(strstr(post(i + 1)->payload, lines[i]));
    }
    free(request);
}
END_TEST

START_TEST(one_post_a_second_and_edits_in_a_lane_of_their_own)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    int64_t decided = w.now.boot_ms;
    pass(&w, RB_MINUTE_MS);

    for (size_t i = 1; i < count_posts(); i++)
        ck_assert_int_ge(post(i)->at_boot_ms - post(i - 1)->at_boot_ms, RB_SECOND_MS);
    size_t edits = count_calls(&w, false, RB_CHAT_UPDATE);
    for (size_t i = 1; i < edits; i++)
        ck_assert_int_ge(nth_call(&w, false, RB_CHAT_UPDATE, i)->at_boot_ms -
                             nth_call(&w, false, RB_CHAT_UPDATE, i - 1)->at_boot_ms,
                         1200);
    ck_assert_int_le(nth_call(&w, false, RB_CHAT_UPDATE, 0)->at_boot_ms - decided, 5 * RB_SECOND_MS);
}
END_TEST

START_TEST(R5_many_changes_of_a_card_become_its_newest)
{
    asks_and_card(&w, id);
    w.is_held[false][RB_CHAT_UPDATE] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_UPDATE), 1); /* the first is still on its way */
    w.is_held[false][RB_CHAT_UPDATE] = false;
    pass(&w, 5 * RB_SECOND_MS);

    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_UPDATE), 2);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_UPDATE)->payload, "passcode removed"));
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

/* Approved, sent and accepted at once: two edits are in the queue when the first has to wait, and then it is done. */
START_TEST(R5_a_card_ends_with_its_newest_words_also_when_an_edit_has_to_wait)
{
    asks_and_card(&w, id);
    w.next_chat[RB_CHAT_UPDATE] =
        (rb_chat_result){.outcome = _i == 0 ? RB_CHAT_LATER : RB_CHAT_UNCLEAR, .retry_after_ms = 30 * RB_SECOND_MS};
    KIT_TEXT(w.next_chat[RB_CHAT_UPDATE].error, _i == 0 ? "ratelimited" : "no_reply");
    w.n_next[RB_CHAT_UPDATE] = 1;
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, 2 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_UPDATE)->payload, "passcode removed"));
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(R5_decided_cards_are_edited_first)
{
    char ids[8][RB_REQUEST_ID_CAP];
    rb_policy newer = w.policy;
    KIT_TEXT(newer.version, "00000000000000b2");
    for (unsigned i = 0; i < 8; i++) {
        (void)snprintf(w.phone.id, sizeof w.phone.id, "20000000-0000-4000-8000-0000000001%02u", i);
        asks_and_card(&w, ids[i]);
    }
    char text[64];
    (void)snprintf(text, sizeof text, "cancel %s", ids[_i]); /* the first in the queue, or the last */
    rb_engine_set_policy(w.engine, &newer);                  /* all buttons are renewed */
    settle(&w);
    size_t before = count_calls(&w, false, RB_CHAT_UPDATE);
    type(&w, "U0HANNA", text);
    pass(&w, 5 * RB_SECOND_MS);

    EXPECT_STATE(&w, ids[_i], RB_STATE_CANCELLED);
    rb_request *request = stored(&w, ids[_i]);
    bool is_soon = false;
    for (size_t i = before; i < before + 2; i++)
        is_soon = is_soon || strcmp(nth_call(&w, false, RB_CHAT_UPDATE, i)->ts, request->card_ts) == 0;
    ck_assert(is_soon);
    pass(&w, 20 * RB_SECOND_MS);
    ck_assert_uint_eq(count_rows(&w), 0);
    free(request);
    rb_engine_set_policy(w.engine, &w.policy);
}
END_TEST

START_TEST(a_line_waits_until_its_card_is_there)
{
    w.is_held[false][RB_CHAT_POST] = true;
    asks(&w, id);
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_posts(), 1);
    w.is_held[false][RB_CHAT_POST] = false;
    pass(&w, 5 * RB_SECOND_MS);
    ck_assert_uint_eq(count_posts(), 2);
}
END_TEST

START_TEST(LATER_is_respected)
{
    w.next_chat[RB_CHAT_POST] = (rb_chat_result){.outcome = RB_CHAT_LATER, .retry_after_ms = 30 * RB_SECOND_MS};
    w.n_next[RB_CHAT_POST] = 1;
    asks(&w, id);
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_posts(), 3); /* the refused one, the card, its line */
    ck_assert_int_ge(post(1)->at_boot_ms - post(0)->at_boot_ms, 30 * RB_SECOND_MS);
    ck_assert_str_eq(post(1)->thread, "");
}
END_TEST

/* ---- unclear posts ------------------------------------------------------------------------------------------------ */

START_TEST(U1_an_unclear_card_is_found_and_adopted)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "", 1);
    KIT_TEXT(w.found[0], "1772460001.000001");
    w.n_found = 1;
    asks(&w, id);
    pass(&w, RB_UNCLEAR_WAIT_MS - 1);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FIND), 0);
    pass(&w, 10 * RB_SECOND_MS);

    seen_call *find = nth_call(&w, false, RB_CHAT_FIND, 0);
    ck_assert_str_eq(find->channel, CARDS);
    ck_assert_str_eq(find->marker, id);
    ck_assert_uint_eq(find->seq, 0);
    rb_request *request = stored(&w, id);
    ck_assert_str_eq(request->card_ts, "1772460001.000001");
    free(request);
    ck_assert_uint_eq(count_cards(), 1);
    ck_assert_str_eq(post(1)->thread, "1772460001.000001");
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DELETE), 0);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

/* Slack is away for the look too: it is made again, and nothing is posted before it was answered. */
START_TEST(U1_a_look_that_fails_is_made_again)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "", 1);
    chat_answers(&w, RB_CHAT_FIND, _i == 0 ? RB_CHAT_LATER : RB_CHAT_UNCLEAR, "ratelimited", 3);
    KIT_TEXT(w.found[0], "1772460001.000001");
    w.n_found = 1;
    asks(&w, id);
    pass(&w, 2 * RB_MINUTE_MS);

    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FIND), 4);
    ck_assert_uint_eq(count_cards(), 1);
    rb_request *request = stored(&w, id);
    ck_assert_str_eq(request->card_ts, "1772460001.000001");
    free(request);
}
END_TEST

/* Not seen is not absent: somebody may have taken the right to look away for a moment. */
START_TEST(U1_a_look_that_is_refused_does_not_mean_absent)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "", 1);
    chat_answers(&w, RB_CHAT_FIND, RB_CHAT_REFUSED, "missing_scope", 2);
    KIT_TEXT(w.found[0], "1772460001.000001");
    w.n_found = 1;
    asks(&w, id);
    pass(&w, 5 * RB_MINUTE_MS);

    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FIND), 3);
    ck_assert_uint_eq(count_cards(), 1);
    rb_request *request = stored(&w, id);
    ck_assert_str_eq(request->card_ts, "1772460001.000001");
    free(request);
}
END_TEST

START_TEST(U1_an_unclear_line_is_found_and_not_posted_again)
{
    w.is_held[false][RB_CHAT_POST] = true;
    asks(&w, id);
    settle(&w);
    w.is_held[false][RB_CHAT_POST] = false;
    settle(&w); /* the card is posted */
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "", 1);
    KIT_TEXT(w.found[0], "1772460001.000001");
    w.n_found = 1;
    pass(&w, RB_MINUTE_MS);

    ck_assert_uint_eq(count_posts(), 2);
    seen_call *find = nth_call(&w, false, RB_CHAT_FIND, 0);
    ck_assert_uint_eq(find->seq, 1);
    ck_assert_str_eq(find->thread, post(1)->thread);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(U1_an_unclear_card_that_is_absent_is_posted_again_and_a_late_double_is_deleted)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "", 1);
    asks(&w, id);
    pass(&w, 8 * RB_SECOND_MS);
    rb_request *request = stored(&w, id);
    ck_assert_uint_gt(strlen(request->card_ts), 0); /* the second */
    KIT_TEXT(w.found[0], "1772460000.000000");      /* the first shows up after all */
    KIT_TEXT(w.found[1], request->card_ts);
    w.n_found = 2;
    pass(&w, RB_MINUTE_MS - 10 * RB_SECOND_MS);

    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DELETE), 1);
    ck_assert_str_eq(last_call(&w, RB_CHAT_DELETE)->ts, "1772460000.000000");
    ck_assert_uint_eq(count_records(&w, "duplicate_found"), 1);
    ck_assert_uint_eq(count_records(&w, "duplicate_deleted"), 1);
    ck_assert_uint_eq(count_rows(&w), 0);
    free(request);
}
END_TEST

START_TEST(U1_a_card_changed_while_it_was_unclear_is_edited_not_posted_twice)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "", 1);
    asks(&w, id);
    char text[64];
    (void)snprintf(text, sizeof text, "cancel %s", id);
    w.is_held[false][RB_CHAT_FIND] = true;
    pass(&w, 6 * RB_SECOND_MS);
    type(&w, "U0HANNA", text);
    EXPECT_STATE(&w, id, RB_STATE_CANCELLED);
    if (_i == 0) {
        KIT_TEXT(w.found[0], "1772460001.000001");
        w.n_found = 1;
    }
    w.is_held[false][RB_CHAT_FIND] = false;
    pass(&w, RB_MINUTE_MS);

    ck_assert_uint_eq(count_cards(), _i == 0 ? 1 : 2); /* the unclear one, and again when it is absent */
    need_said(&w, "cancelled by");
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(U1_while_a_cards_place_is_being_saved_no_other_card_is_posted)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "", 1);
    asks(&w, id);
    char text[64];
    (void)snprintf(text, sizeof text, "cancel %s", id);
    w.is_held[false][RB_CHAT_FIND] = true;
    pass(&w, 6 * RB_SECOND_MS);
    type(&w, "U0HANNA", text); /* a second row of the card */
    w.is_worker_held = true;
    w.is_held[false][RB_CHAT_FIND] = false;
    if (_i == 0) {
        KIT_TEXT(w.found[0], "1772460001.000001");
        w.n_found = 1;
    }
    pass(&w, 10 * RB_SECOND_MS); /* a slow disk */
    w.is_worker_held = false;
    pass(&w, 10 * RB_SECOND_MS);
    ck_assert_uint_eq(count_cards(), _i == 0 ? 1 : 2);
    need_said(&w, "cancelled by");
}
END_TEST

START_TEST(U1_a_kill_while_the_card_is_posted_leaves_one_card)
{
    w.is_held[false][RB_CHAT_POST] = true;
    asks(&w, id);
    ck_assert_uint_eq(count_posts(), 1);
    die(&w, STORE_FAILS);
    w.is_held[false][RB_CHAT_POST] = false;
    if (_i == 0) { /* it took effect */
        KIT_TEXT(w.found[0], "1772460001.000001");
        w.n_found = 1;
    }
    restart(&w);
    pass(&w, RB_MINUTE_MS);

    rb_request *request = stored(&w, id);
    ck_assert_uint_ge(count_calls(&w, false, RB_CHAT_FIND), 1);
    if (_i == 0)
        ck_assert_str_eq(request->card_ts, "1772460001.000001");
    ck_assert_uint_eq(count_posts(), _i == 0 ? 2 : 3); /* the killed one, the card again, its line */
    ck_assert_uint_gt(strlen(request->card_ts), 0);
    free(request);
}
END_TEST

START_TEST(U1_a_post_that_shows_up_late_after_a_kill_is_deleted)
{
    w.is_held[false][RB_CHAT_POST] = true;
    asks(&w, id);
    die(&w, STORE_FAILS);
    w.is_held[false][RB_CHAT_POST] = false;
    restart(&w);
    pass(&w, 8 * RB_SECOND_MS);
    rb_request *request = stored(&w, id);
    KIT_TEXT(w.found[0], "1772460000.000000");
    KIT_TEXT(w.found[1], request->card_ts);
    w.n_found = 2;
    pass(&w, RB_MINUTE_MS - 10 * RB_SECOND_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DELETE), 1);
    ck_assert_str_eq(last_call(&w, RB_CHAT_DELETE)->ts, "1772460000.000000");
    free(request);
}
END_TEST

/* ---- private answers ---------------------------------------------------------------------------------------------- */

START_TEST(an_answer_whose_url_is_dead_goes_privately_then_directly)
{
    chat_answers(&w, RB_CHAT_RESPOND, RB_CHAT_REFUSED, "used_url", 1);
    if (_i > 0)
        chat_answers(&w, RB_CHAT_PRIVATE, RB_CHAT_REFUSED, "user_not_in_channel", 1);
    type(&w, "U0HANNA", "list");

    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_PRIVATE), 1);
    ck_assert_str_eq(last_call(&w, RB_CHAT_PRIVATE)->user, "U0HANNA");
    ck_assert_str_eq(last_call(&w, RB_CHAT_PRIVATE)->channel, DESK);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DIRECT), (size_t)_i);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

/* On the next road: an address that fails may go on failing. */
START_TEST(R1_an_unclear_answer_is_repeated_once_another_way)
{
    chat_answers(&w, RB_CHAT_RESPOND, RB_CHAT_UNCLEAR, "", 9);
    chat_answers(&w, RB_CHAT_PRIVATE, RB_CHAT_UNCLEAR, "", _i ? 9 : 0);
    type(&w, "U0HANNA", "list");
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), 1);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_PRIVATE), 1);
    ck_assert_uint_eq(count_records(&w, "message_unclear"), (size_t)_i);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(R1_an_answer_that_slack_asks_to_wait_with_is_sent_later)
{
    w.next_chat[RB_CHAT_RESPOND] = (rb_chat_result){.outcome = RB_CHAT_LATER, .retry_after_ms = 30 * RB_SECOND_MS};
    w.n_next[RB_CHAT_RESPOND] = 1;
    type(&w, "U0HANNA", "list");
    pass(&w, 29 * RB_SECOND_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), 1);
    ck_assert_uint_eq(count_rows(&w), 1);
    pass(&w, 2 * RB_SECOND_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), 2);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(an_answer_replaces_only_the_private_message_it_came_from)
{
    type(&w, "U0HANNA", "reset adele@contoso.com");
    ck_assert(!last_call(&w, RB_CHAT_RESPOND)->is_replacing);
    press(&w, "U0HANNA", 's');
    ck_assert(last_call(&w, RB_CHAT_RESPOND)->is_replacing);
}
END_TEST

START_TEST(a_list_of_many_requests_is_answered)
{
    for (unsigned i = 0; i < 40; i++) {
        (void)snprintf(w.phone.id, sizeof w.phone.id, "20000000-0000-4000-8000-0000000001%02u", i);
        asks(&w, id);
        pass(&w, 3 * RB_SECOND_MS);
    }
    type(&w, "U0HANNA", "list");
    seen_call *answer = need_said(&w, "more.\\u000aNext: /passcode status R-");
    ck_assert_int_eq(answer->kind, RB_CHAT_RESPOND);
}
END_TEST

/* ---- the card cannot be posted ------------------------------------------------------------------------------------ */

START_TEST(a_refused_card_is_told_its_requester_once_and_tried_again)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "not_in_channel", 2);
    asks(&w, id);
    settle(&w);
    seen_call *told = need_said(&w, "I cannot post its card");
    ck_assert_int_eq(told->kind, RB_CHAT_DIRECT);
    ck_assert_str_eq(told->user, "U0HANNA");
    pass(&w, 3 * RB_MINUTE_MS);

    rb_request *request = stored(&w, id);
    ck_assert_uint_gt(strlen(request->card_ts), 0);
    ck_assert_uint_eq(count_records(&w, "card_not_posted"), 1);
    free(request);
}
END_TEST

START_TEST(a_card_that_is_refused_for_ever_leaves_nothing_behind)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "is_archived", 1000);
    asks(&w, id);
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(an_owner_who_may_not_have_been_told_shows_on_the_card)
{
    chat_answers(&w, RB_CHAT_DIRECT, RB_CHAT_UNCLEAR, "no_reply", 2);
    asks(&w, id);
    pass(&w, RB_MINUTE_MS);
    need_said(&w, "owner not told");
}
END_TEST

START_TEST(lines_that_are_refused_for_ever_end_too)
{
    asks_and_card(&w, id);
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "thread_not_found", 100000);
    press_on_card(&w, "U0BERIT", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
    ck_assert_uint_gt(count_rows(&w), 0); /* the channel may come back */
    pass(&w, 26 * RB_HOUR_MS);
    ck_assert_uint_eq(count_rows(&w), 0);
    ck_assert_uint_gt(count_records(&w, "post_refused"), 0);
}
END_TEST

START_TEST(approvers_outside_the_channel_are_told_directly_once_the_card_is_there)
{
    w.n_members = 1; /* Arvid alone */
    asks(&w, id);
    pass(&w, 5 * RB_SECOND_MS);

    seen_call *told = NULL;
    for (size_t i = 0; i < count_calls(&w, false, RB_CHAT_DIRECT); i++) {
        seen_call *call = nth_call(&w, false, RB_CHAT_DIRECT, i);
        ck_assert_str_ne(call->user, "U0ARVID");
        told = strcmp(call->user, "U0BERIT") == 0 ? call : told;
    }
    ck_assert_ptr_nonnull(told);
    ck_assert_ptr_nonnull(strstr(told->payload, "iPhone 14"));
    ck_assert_ptr_nonnull(strstr(told->payload, "https://example.slack.com/archives/"));
    ck_assert(told > post(0));
}
END_TEST

START_TEST(the_owner_is_told_and_a_failure_shows_on_the_card)
{
    if (_i == 1)
        chat_answers(&w, RB_CHAT_DIRECT, RB_CHAT_REFUSED, "cannot_dm_bot", 1);
    asks(&w, id);
    pass(&w, 10 * RB_SECOND_MS);
    rb_request *request = stored(&w, id);
    ck_assert_int_eq(request->owner_told, _i == 1 ? RB_OWNER_NOT_TOLD : RB_OWNER_TOLD);
    ck_assert((said(&w, "owner not told") != NULL) == (_i == 1));
    free(request);
}
END_TEST

START_TEST(at_the_end_no_slot_stays_and_everybody_was_told)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, RB_MINUTE_MS);
    bool is_owner_told = false;
    bool is_requester_told = false;
    for (size_t i = 0; i < count_calls(&w, false, RB_CHAT_DIRECT); i++) {
        const seen_call *call = nth_call(&w, false, RB_CHAT_DIRECT, i);
        bool is_end = strstr(call->payload, "passcode removed") != NULL;
        is_owner_told = is_owner_told || (is_end && strcmp(call->user, "U0ADELE") == 0);
        is_requester_told = is_requester_told || (is_end && strcmp(call->user, "U0HANNA") == 0);
    }
    ck_assert(is_owner_told);
    ck_assert(is_requester_told);
    ck_assert_int_eq(w.timer_boot_ms, INT64_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_outbox");
    TCase *tests = tcase_create("outbox");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_card_comes_before_its_lines_and_these_in_order);
    tcase_add_test(tests, one_post_a_second_and_edits_in_a_lane_of_their_own);
    tcase_add_test(tests, R5_many_changes_of_a_card_become_its_newest);
    tcase_add_loop_test(tests, R5_a_card_ends_with_its_newest_words_also_when_an_edit_has_to_wait, 0, 2);
    tcase_add_loop_test(tests, R5_decided_cards_are_edited_first, 0, 8);
    tcase_add_test(tests, a_line_waits_until_its_card_is_there);
    tcase_add_test(tests, LATER_is_respected);
    tcase_add_test(tests, U1_an_unclear_card_is_found_and_adopted);
    tcase_add_loop_test(tests, U1_a_look_that_fails_is_made_again, 0, 2);
    tcase_add_test(tests, U1_a_look_that_is_refused_does_not_mean_absent);
    tcase_add_test(tests, U1_an_unclear_line_is_found_and_not_posted_again);
    tcase_add_test(tests, U1_an_unclear_card_that_is_absent_is_posted_again_and_a_late_double_is_deleted);
    tcase_add_loop_test(tests, U1_a_card_changed_while_it_was_unclear_is_edited_not_posted_twice, 0, 2);
    tcase_add_loop_test(tests, U1_while_a_cards_place_is_being_saved_no_other_card_is_posted, 0, 2);
    tcase_add_loop_test(tests, U1_a_kill_while_the_card_is_posted_leaves_one_card, 0, 2);
    tcase_add_test(tests, U1_a_post_that_shows_up_late_after_a_kill_is_deleted);
    tcase_add_loop_test(tests, an_answer_whose_url_is_dead_goes_privately_then_directly, 0, 2);
    tcase_add_loop_test(tests, R1_an_unclear_answer_is_repeated_once_another_way, 0, 2);
    tcase_add_test(tests, R1_an_answer_that_slack_asks_to_wait_with_is_sent_later);
    tcase_add_test(tests, an_answer_replaces_only_the_private_message_it_came_from);
    tcase_add_test(tests, a_list_of_many_requests_is_answered);
    tcase_add_test(tests, a_refused_card_is_told_its_requester_once_and_tried_again);
    tcase_add_test(tests, a_card_that_is_refused_for_ever_leaves_nothing_behind);
    tcase_add_test(tests, an_owner_who_may_not_have_been_told_shows_on_the_card);
    tcase_add_test(tests, lines_that_are_refused_for_ever_end_too);
    tcase_add_test(tests, approvers_outside_the_channel_are_told_directly_once_the_card_is_there);
    tcase_add_loop_test(tests, the_owner_is_told_and_a_failure_shows_on_the_card, 0, 2);
    tcase_add_test(tests, at_the_end_no_slot_stays_and_everybody_was_told);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
