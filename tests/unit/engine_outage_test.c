/* engine_outage_test.c - the chat is away, refuses, or the request channel changes: nothing is lost, nothing stands twice. */
#include "engine_story.h"

#define NEW_CARDS "C0NEW"

static world w;
static char id[RB_REQUEST_ID_CAP];
static char text[96];
static rb_policy moved; /* the same with another request channel */
static char world_admins[][RB_CHAT_ID_CAP] = {"U0ADMIN"};

static void setup(void)
{
    given_world(&w);
    w.is_channel_real = true;
    w.policy.roles[RB_ROLE_ADMIN] = (rb_policy_role){.users = world_admins, .n_users = 1};
    moved = w.policy;
    KIT_TEXT(moved.request_channel, NEW_CARDS);
    KIT_TEXT(moved.version, "00000000000000b2");
}

static void teardown(void)
{
    fini_world(&w);
}

static void cancel(void)
{
    (void)snprintf(text, sizeof text, "cancel %s", id);
    type(&w, "U0HANNA", text);
    EXPECT_STATE(&w, id, RB_STATE_CANCELLED);
}

static void every_call_ends(rb_chat_outcome outcome, const char *error, size_t n)
{
    for (int kind = 0; kind < CHAT_KINDS; kind++) {
        chat_answers(&w, (rb_chat_call_kind)kind, outcome, error, n);
        w.next_chat[kind].retry_after_ms = outcome == RB_CHAT_LATER ? 2 * RB_SECOND_MS : 0;
    }
}

static void chat_goes_away(void)
{
    every_call_ends(RB_CHAT_LATER, "no_reply", SIZE_MAX);
}

static void chat_comes_back(void)
{
    every_call_ends(RB_CHAT_OK, "", 0);
}

static size_t count_posted(const char *channel, bool is_card)
{
    size_t n = 0;
    for (size_t i = 0; i < w.n_calls; i++) {
        const seen_call *call = &w.calls[i];
        n += !call->is_device && call->kind == RB_CHAT_POST && call->has_acted && strcmp(call->channel, channel) == 0 &&
             (call->thread[0] == '\0') == is_card;
    }
    return n;
}

static size_t count_told(const char *user, const char *words)
{
    size_t n = 0;
    for (size_t i = 0; i < w.n_calls; i++)
        n += !w.calls[i].is_device && w.calls[i].is_ok && w.calls[i].kind == RB_CHAT_DIRECT &&
             strcmp(w.calls[i].user, user) == 0 && strstr(w.calls[i].payload, words);
    return n;
}

/* ---- another request channel -------------------------------------------------------------------------------------- */

START_TEST(a_card_that_is_not_posted_yet_goes_to_the_channel_that_the_policy_names_now)
{
    if (_i == 0)
        chat_answers(&w, RB_CHAT_POST, RB_CHAT_LATER, "no_reply", SIZE_MAX);
    else
        chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "is_archived", 1);
    asks(&w, id);
    settle(&w);
    rb_engine_set_policy(w.engine, &moved);
    chat_comes_back();
    pass(&w, 2 * RB_MINUTE_MS);

    ck_assert_uint_eq(count_posted(NEW_CARDS, true), 1);
    ck_assert_uint_eq(count_posted(NEW_CARDS, false), 1);
    ck_assert_uint_eq(count_posted(CARDS, true) + count_posted(CARDS, false), 0);
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
}
END_TEST

START_TEST(the_new_channel_is_read_before_a_card_goes_there)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "is_archived", 1);
    asks(&w, id);
    rb_engine_set_policy(w.engine, &moved);
    w.next_chat[RB_CHAT_CHANNEL] = (rb_chat_result){
        .outcome = RB_CHAT_OK, .info = {.exists = true, .is_bot_member = true, .is_shared_outside = true}};
    w.n_next[RB_CHAT_CHANNEL] = SIZE_MAX;
    pass(&w, 5 * RB_MINUTE_MS);
    ck_assert_str_eq(last_call(&w, RB_CHAT_CHANNEL)->channel, NEW_CARDS);
    ck_assert_uint_eq(count_posted(NEW_CARDS, true), 0);
    w.n_next[RB_CHAT_CHANNEL] = 0;
    pass(&w, 2 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_posted(NEW_CARDS, true), 1);
}
END_TEST

START_TEST(the_new_channel_is_read_also_when_the_card_has_new_words)
{
    char typed[RB_REQUEST_ID_CAP + 8];
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_LATER, "ratelimited", 1);
    w.next_chat[RB_CHAT_POST].retry_after_ms = 20 * RB_SECOND_MS;
    asks(&w, id);
    settle(&w);
    rb_engine_set_policy(w.engine, &moved);
    w.next_chat[RB_CHAT_CHANNEL] = (rb_chat_result){
        .outcome = RB_CHAT_OK, .info = {.exists = true, .is_bot_member = true, .is_shared_outside = true}};
    w.n_next[RB_CHAT_CHANNEL] = SIZE_MAX;
    (void)snprintf(typed, sizeof typed, "cancel %s", id);
    type(&w, "U0HANNA", typed);
    EXPECT_STATE(&w, id, RB_STATE_CANCELLED);
    pass(&w, 50 * RB_SECOND_MS); /* the old channel was read within the minute */
    ck_assert_str_eq(last_call(&w, RB_CHAT_CHANNEL)->channel, NEW_CARDS);
    ck_assert_uint_eq(count_posted(NEW_CARDS, true) + count_posted(CARDS, true), 0);
}
END_TEST

START_TEST(a_card_stays_where_it_was_posted_and_its_lines_with_it)
{
    asks_and_card(&w, id);
    rb_engine_set_policy(w.engine, &moved);
    pass(&w, 10 * RB_SECOND_MS);
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, RB_MINUTE_MS);

    ck_assert_uint_eq(count_posted(CARDS, true), 1);
    ck_assert_uint_gt(count_posted(CARDS, false), 2);
    ck_assert_uint_eq(count_posted(NEW_CARDS, true) + count_posted(NEW_CARDS, false), 0);
    ck_assert_str_eq(last_call(&w, RB_CHAT_UPDATE)->channel, CARDS);
}
END_TEST

START_TEST(U1_an_unclear_card_is_looked_for_where_it_was_tried)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    asks(&w, id);
    settle(&w);
    nth_call(&w, false, RB_CHAT_POST, 0)->has_acted = _i == 0; /* it took effect */
    KIT_TEXT(nth_call(&w, false, RB_CHAT_POST, 0)->posted_ts, "1772460001.000001");
    rb_engine_set_policy(w.engine, &moved);
    settle(&w); /* its buttons are renewed: a newer row of the card */
    pass(&w, RB_MINUTE_MS);

    ck_assert_str_eq(nth_call(&w, false, RB_CHAT_FIND, 0)->channel, CARDS);
    ck_assert_uint_eq(count_posted(CARDS, true) + count_posted(NEW_CARDS, true), 1);
    rb_request *request = stored(&w, id);
    ck_assert_str_eq(request->card_channel, CARDS);
    free(request);
}
END_TEST

/* ---- refused for its form ----------------------------------------------------------------------------------------- */

#define IS_TEXT "stands in the request channel as text"
#define IS_NOT_POSTED "I cannot post its card"

static bool is_text_alone(const seen_call *call)
{
    return strstr(call->payload, "\"blocks\":[]") != NULL;
}

START_TEST(A3_a_card_that_Slack_refuses_goes_out_as_text)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "invalid_blocks", 1);
    asks(&w, id);
    pass(&w, 10 * RB_SECOND_MS);

    seen_call *card = nth_call(&w, false, RB_CHAT_POST, 1);
    ck_assert_str_eq(card->thread, "");
    ck_assert(is_text_alone(card));
    ck_assert_ptr_nonnull(strstr(card->payload, "iPhone 14 (…4F2K) of Adele Vance"));
    ck_assert_ptr_nonnull(strstr(card->payload, "\"metadata\""));
    ck_assert_uint_eq(count_posted(CARDS, true), 1);
    ck_assert_uint_eq(count_posted(CARDS, false), 1);
    ck_assert_uint_eq(count_records(&w, "sent_as_text"), 1);
    ck_assert_uint_eq(count_told("U0HANNA", "approve R-"), 1);
    ck_assert_uint_eq(count_told("U0ADMIN", "approve R-"), 1);
    (void)snprintf(text, sizeof text, "approve %s", id);
    type(&w, "U0ARVID", text);
    press(&w, "U0ARVID", 'a');
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
}
END_TEST

START_TEST(A3_lines_and_edits_that_Slack_refuses_go_out_as_text)
{
    asks_and_card(&w, id);
    size_t lines = count_posted(CARDS, false);
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "msg_blocks_too_long", 1);
    chat_answers(&w, RB_CHAT_UPDATE, RB_CHAT_REFUSED, "invalid_blocks", 1);
    cancel();
    pass(&w, RB_MINUTE_MS);

    ck_assert_uint_eq(count_posted(CARDS, false), lines + 1);
    ck_assert(is_text_alone(last_call(&w, RB_CHAT_POST)));
    ck_assert(is_text_alone(last_call(&w, RB_CHAT_UPDATE)));
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_UPDATE)->payload, "cancelled by"));
    ck_assert_uint_eq(count_records(&w, "sent_as_text"), 2);
    ck_assert_uint_eq(count_told("U0HANNA", IS_TEXT) + count_told("U0ADMIN", IS_TEXT),
                      0); /* nobody decides it any more */
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(R1_an_answer_that_Slack_refuses_goes_out_as_text)
{
    chat_answers(&w, RB_CHAT_RESPOND, RB_CHAT_REFUSED, "invalid_blocks", 1);
    type(&w, "U0HANNA", "list");
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), 2);
    ck_assert(is_text_alone(last_call(&w, RB_CHAT_RESPOND)));
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(a_card_refused_also_as_text_is_told_and_tried_until_it_ends)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "invalid_blocks", SIZE_MAX);
    asks(&w, id);
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    ck_assert_uint_lt(count_calls(&w, false, RB_CHAT_POST), 40);
    ck_assert_uint_eq(count_rows(&w), 0);
    ck_assert_uint_eq(count_told("U0HANNA", IS_NOT_POSTED), 1);
    ck_assert_uint_eq(count_told("U0ADMIN", IS_NOT_POSTED), 1);
    ck_assert_uint_eq(count_records(&w, "card_not_posted"), 1);
    ck_assert_uint_eq(count_told("U0HANNA", IS_TEXT) + count_told("U0ADMIN", IS_TEXT), 0);
}
END_TEST

START_TEST(A3_that_a_card_stands_as_text_is_told_once_it_does)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "invalid_blocks", 2); /* the text too, once */
    asks(&w, id);
    pass(&w, 10 * RB_SECOND_MS);
    ck_assert_uint_eq(count_told("U0HANNA", IS_NOT_POSTED), 1);
    ck_assert_uint_eq(count_told("U0HANNA", IS_TEXT), 0);
    pass(&w, 2 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_posted(CARDS, true), 1);
    ck_assert_uint_eq(count_told("U0HANNA", IS_NOT_POSTED), 1);
    ck_assert_uint_eq(count_told("U0HANNA", IS_TEXT), 1);
    ck_assert_uint_eq(count_told("U0ADMIN", IS_TEXT), 1);
}
END_TEST

START_TEST(A3_a_card_of_text_that_was_found_again_is_told)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "invalid_blocks", 1);
    asks(&w, id);
    settle(&w);
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    pass(&w, 2 * RB_SECOND_MS);
    ck_assert_uint_eq(count_told("U0HANNA", IS_TEXT), 0); /* not known yet */
    nth_call(&w, false, RB_CHAT_POST, 1)->has_acted = true;
    KIT_TEXT(nth_call(&w, false, RB_CHAT_POST, 1)->posted_ts, "1772460001.000001");
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_posted(CARDS, true), 1);
    ck_assert_uint_eq(count_told("U0HANNA", IS_TEXT), 1);
}
END_TEST

START_TEST(R5_an_edit_waits_for_a_channel_that_comes_back)
{
    asks_and_card(&w, id);
    chat_answers(&w, RB_CHAT_UPDATE, RB_CHAT_REFUSED, "is_archived", 3);
    cancel();
    pass(&w, 5 * RB_MINUTE_MS);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_UPDATE)->payload, "cancelled by"));
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_UPDATE), 4);
    ck_assert_uint_eq(count_records(&w, "edit_refused"), 0);
}
END_TEST

START_TEST(an_edit_of_a_deleted_card_ends)
{
    asks_and_card(&w, id);
    chat_answers(&w, RB_CHAT_UPDATE, RB_CHAT_REFUSED, "message_not_found", SIZE_MAX);
    cancel();
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_UPDATE), 1);
    ck_assert_uint_eq(count_records(&w, "edit_refused"), 1);
}
END_TEST

/* ---- away --------------------------------------------------------------------------------------------------------- */

static const int64_t OUTAGES[] = {10 * RB_MINUTE_MS, RB_HOUR_MS, RB_DAY_MS};

START_TEST(R5_after_an_outage_the_card_converges_and_nothing_stands_twice)
{
    const int64_t outage = OUTAGES[_i / 4] + _i % 4 * 7 * RB_SECOND_MS; /* at any phase of the tries */
    asks_and_card(&w, id);
    chat_goes_away();
    size_t before = w.n_calls;
    cancel();
    pass(&w, outage);
    ck_assert_uint_le(w.n_calls - before, (size_t)(outage / RB_MINUTE_MS) * 16 + 40);
    ck_assert_uint_gt(count_rows(&w), 2);
    chat_comes_back();
    pass(&w, 5 * RB_SECOND_MS);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_UPDATE)->payload, "cancelled by"));
    pass(&w, 10 * RB_SECOND_MS);

    ck_assert_uint_eq(count_posted(CARDS, true), 1);
    ck_assert_uint_eq(count_posted(CARDS, false), 2);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(R5_many_rows_do_not_hammer_a_platform_that_is_away)
{
    char ids[20][RB_REQUEST_ID_CAP];
    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(w.phone.id, sizeof w.phone.id, "20000000-0000-4000-8000-0000000001%02u", i);
        asks_and_card(&w, ids[i]);
    }
    chat_goes_away();
    pass(&w, 2 * RB_HOUR_MS); /* all of them expire */
    size_t before = w.n_calls;
    pass(&w, RB_HOUR_MS);
    size_t rows = count_rows(&w);
    ck_assert_uint_gt(rows, 60);
    ck_assert_uint_le(w.n_calls - before, 60 * rows + 720);
    chat_comes_back();
    pass(&w, 5 * RB_SECOND_MS + 20 * 1300);

    for (unsigned i = 0; i < 20; i++)
        EXPECT_STATE(&w, ids[i], RB_STATE_EXPIRED);
    size_t edited = 0;
    for (size_t i = 0; i < count_calls(&w, false, RB_CHAT_UPDATE); i++)
        edited += nth_call(&w, false, RB_CHAT_UPDATE, i)->at_boot_ms > w.now.boot_ms - 31 * RB_SECOND_MS;
    ck_assert_uint_ge(edited, 20);
    pass(&w, 2 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(a_frame_from_the_platform_ends_the_wait)
{
    asks_and_card(&w, id);
    chat_goes_away();
    cancel();
    pass(&w, RB_HOUR_MS);
    chat_comes_back();
    size_t before = count_calls(&w, false, RB_CHAT_UPDATE);
    type_only(&w, "U0HANNA", "list"); /* no time passes, nothing is answered */
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_UPDATE), before + 1);
}
END_TEST

START_TEST(R1_an_answer_older_than_its_url_goes_privately)
{
    chat_goes_away();
    type(&w, "U0HANNA", "list");
    if (_i == 1)
        w.now.utc_ms -= RB_DAY_MS; /* the wall clock is set back: the url dies all the same */
    pass(&w, 31 * RB_MINUTE_MS);
    size_t urls = count_calls(&w, false, RB_CHAT_RESPOND);
    chat_comes_back();
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), urls);
    ck_assert_str_eq(last_call(&w, RB_CHAT_PRIVATE)->user, "U0HANNA");
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(R1_nothing_is_lost_while_the_token_is_replaced)
{
    asks_and_card(&w, id);
    every_call_ends(RB_CHAT_REFUSED, "token_revoked", SIZE_MAX);
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    chat_comes_back();
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_ge(count_told("U0HANNA", "expired"), 1);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_UPDATE)->payload, "expired"));
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(U1_posts_that_time_out_for_an_hour_leave_one_card)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", SIZE_MAX);
    asks(&w, id);
    pass(&w, 20 * RB_MINUTE_MS);
    ck_assert_uint_lt(count_calls(&w, false, RB_CHAT_POST), 40);
    chat_comes_back();
    pass(&w, 2 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_posted(CARDS, true), 1);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(R4_intune_away_ends_by_the_deadlines)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    pass(&w, OUTAGES[_i]);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    w.read_outcome = RB_DEVICE_OK;
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

/* Below 10 s it is in the record alone. */
START_TEST(R6_a_gap_is_recorded_and_a_long_one_told)
{
    static char admins[][RB_CHAT_ID_CAP] = {"U0ADMIN"};
    static const int64_t GAPS[] = {9999, 10000, 61500};
    rb_chat_events events = rb_engine_chat_events(w.engine);

    w.policy.roles[RB_ROLE_ADMIN] = (rb_policy_role){.users = admins, .n_users = 1};
    events.on_gap(events.self, GAPS[_i]);
    pass(&w, 5 * RB_SECOND_MS);
    ck_assert_uint_eq(count_records(&w, "chat_gap"), 1);
    seen_call *told = said(&w, "nothing reached me");
    if (_i == 0) {
        ck_assert_ptr_null(told);
        return;
    }
    ck_assert_str_eq(told->user, "U0ADMIN");
    ck_assert_ptr_nonnull(strstr(told->payload, _i == 1 ? "For 10.000 seconds" : "For 61.500 seconds"));
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_outage");
    TCase *tests = tcase_create("outage");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_card_that_is_not_posted_yet_goes_to_the_channel_that_the_policy_names_now, 0, 2);
    tcase_add_test(tests, the_new_channel_is_read_before_a_card_goes_there);
    tcase_add_test(tests, the_new_channel_is_read_also_when_the_card_has_new_words);
    tcase_add_test(tests, a_card_stays_where_it_was_posted_and_its_lines_with_it);
    tcase_add_loop_test(tests, U1_an_unclear_card_is_looked_for_where_it_was_tried, 0, 2);
    tcase_add_test(tests, A3_a_card_that_Slack_refuses_goes_out_as_text);
    tcase_add_test(tests, A3_lines_and_edits_that_Slack_refuses_go_out_as_text);
    tcase_add_test(tests, R1_an_answer_that_Slack_refuses_goes_out_as_text);
    tcase_add_test(tests, a_card_refused_also_as_text_is_told_and_tried_until_it_ends);
    tcase_add_test(tests, A3_that_a_card_stands_as_text_is_told_once_it_does);
    tcase_add_test(tests, A3_a_card_of_text_that_was_found_again_is_told);
    tcase_add_test(tests, R5_an_edit_waits_for_a_channel_that_comes_back);
    tcase_add_test(tests, an_edit_of_a_deleted_card_ends);
    tcase_add_loop_test(tests, R5_after_an_outage_the_card_converges_and_nothing_stands_twice, 0, 12);
    tcase_add_test(tests, R5_many_rows_do_not_hammer_a_platform_that_is_away);
    tcase_add_test(tests, a_frame_from_the_platform_ends_the_wait);
    tcase_add_loop_test(tests, R1_an_answer_older_than_its_url_goes_privately, 0, 2);
    tcase_add_test(tests, R1_nothing_is_lost_while_the_token_is_replaced);
    tcase_add_test(tests, U1_posts_that_time_out_for_an_hour_leave_one_card);
    tcase_add_loop_test(tests, R4_intune_away_ends_by_the_deadlines, 0, 3);
    tcase_add_loop_test(tests, R6_a_gap_is_recorded_and_a_long_one_told, 0, 3);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
