/* engine_asked_test.c - who was asked to decide by direct message sees there who decided. */
#include "engine_story.h"

static world w;
static char id[RB_REQUEST_ID_CAP];

static void setup(void)
{
    given_world(&w);
    asks_and_card(&w, id);
    pass(&w, 16 * RB_MINUTE_MS);
    need_said(&w, "Half of the time is over");
}

static void teardown(void)
{
    fini_world(&w);
}

/* The edits of messages that lie elsewhere than the card: how many, and what the last one says. */
static size_t count_edits(const char *text)
{
    size_t n = 0;
    for (size_t i = 0; i < w.n_calls; i++) {
        const seen_call *call = &w.calls[i];
        bool is_edit = !call->is_device && call->kind == RB_CHAT_UPDATE && call->payload;
        n += is_edit && strstr(call->payload, "Nothing is left for you to decide") && strstr(call->payload, text);
    }
    return n;
}

START_TEST(each_who_was_asked_sees_who_approved)
{
    size_t before = count_calls(&w, false, RB_CHAT_DIRECT);
    ck_assert_uint_eq(count_edits(id), 0);
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_edits("Approved by"), 2);
    ck_assert_uint_eq(count_edits(id), 2);
    ck_assert_uint_eq(count_rows(&w), 0);
    ck_assert_uint_ge(count_calls(&w, false, RB_CHAT_DIRECT), before); /* the requester's: nobody else's */
    ck_assert_ptr_null(strstr(last_call(&w, RB_CHAT_DIRECT)->payload, "left for you to decide"));
}
END_TEST

static bool is_edit_of_card(const seen_call *call)
{
    return !call->is_device && call->kind == RB_CHAT_UPDATE && call->payload &&
           !strstr(call->payload, "Nothing is left for you to decide");
}

/* 50 edits a minute are the whole workspace's: what is told to single people never takes a card's turn. */
START_TEST(R5_direct_messages_are_edited_one_at_a_time_after_the_card)
{
    size_t first = w.n_calls;
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_SECOND_MS);
    while (first < w.n_calls && (w.calls[first].is_device || w.calls[first].kind != RB_CHAT_UPDATE))
        first++;
    ck_assert_uint_lt(first, w.n_calls);
    ck_assert(is_edit_of_card(&w.calls[first]));
    ck_assert_uint_eq(count_edits(id), 0);
    for (int i = 0; i < 60; i++) {
        size_t before = count_edits(id);
        pass(&w, RB_SECOND_MS);
        ck_assert_uint_le(count_edits(id), before + 1);
    }
    ck_assert_uint_eq(count_edits(id), 2);
}
END_TEST

START_TEST(each_who_was_asked_sees_that_nobody_decided)
{
    pass(&w, 15 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    pass(&w, 10 * RB_SECOND_MS);
    ck_assert_uint_eq(count_edits("expired: nobody decided in time"), 2);
}
END_TEST

/* ---- who looked privately ----------------------------------------------------------------------------------------- */

/* Private answers that say that it is decided. */
static size_t count_told(const char *text)
{
    size_t n = 0;
    for (size_t i = 0; i < w.n_calls; i++) {
        const seen_call *call = &w.calls[i];
        bool is_answer = !call->is_device && call->kind == RB_CHAT_RESPOND && call->payload;
        n += is_answer && strstr(call->payload, "Nothing is left for you to decide") && strstr(call->payload, text);
    }
    return n;
}

static void looks(const char *user)
{
    char text[RB_DETAIL_CAP];
    (void)snprintf(text, sizeof text, "approve %s", id);
    type(&w, user, text);
}

/* Of the card as it was posted: the newest button is soon another one. */
static void presses(rb_delivery *press)
{
    press->received_boot_ms = w.now.boot_ms;
    press->received_utc_ms = w.now.utc_ms;
    deliver(&w, press);
    settle(&w);
}

START_TEST(U2_who_looked_privately_is_told_who_decided)
{
    enum { APPROVED, CANCELLED, EXPIRED };
    rb_delivery *press = a_press_on_card(&w, "U0ARVID", 'a', id);
    looks("U0BERIT");
    looks("U0BERIT"); /* told once all the same */
    ck_assert_uint_eq(count_told(id), 0);
    if (_i == APPROVED) {
        presses(press);
    } else {
        free(press);
    }
    if (_i == CANCELLED) {
        char text[RB_DETAIL_CAP];
        (void)snprintf(text, sizeof text, "cancel %s", id);
        type(&w, "U0HANNA", text);
    }
    pass(&w, 20 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_told(id), 1);
    ck_assert_uint_eq(count_told(_i == APPROVED ? "Approved by" : _i == EXPIRED ? "xpired" : "ancelled"), 1);
    pass(&w, RB_HOUR_MS);
    ck_assert_uint_eq(count_told(id), 1);
    ck_assert_uint_eq(count_rows(&w), 0);
}
END_TEST

START_TEST(U2_who_decides_from_the_private_card_is_not_told_again)
{
    looks("U0BERIT");
    press(&w, "U0BERIT", 'a');
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_told(id), 0);
    need_said(&w, "approved");
}
END_TEST

/* A response_url lives for 30 minutes: whoever looked before has a button that answers by itself. */
START_TEST(U2_an_old_look_is_not_told)
{
    char text[RB_DETAIL_CAP];
    (void)snprintf(text, sizeof text, "cancel %s", id);
    type(&w, "U0HANNA", text);
    w.policy.expiry_ms = 2 * RB_HOUR_MS;
    asks_and_card(&w, id);
    rb_delivery *press = a_press_on_card(&w, "U0ARVID", 'a', id);
    looks("U0BERIT");
    pass(&w, _i == 0 ? 29 * RB_MINUTE_MS : 30 * RB_MINUTE_MS);
    presses(press);
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_told(id), _i == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_asked");
    TCase *tests = tcase_create("direct messages to approvers");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, each_who_was_asked_sees_who_approved);
    tcase_add_test(tests, R5_direct_messages_are_edited_one_at_a_time_after_the_card);
    tcase_add_test(tests, each_who_was_asked_sees_that_nobody_decided);
    tcase_add_loop_test(tests, U2_who_looked_privately_is_told_who_decided, 0, 3);
    tcase_add_test(tests, U2_who_decides_from_the_private_card_is_not_told_again);
    tcase_add_loop_test(tests, U2_an_old_look_is_not_told, 0, 2);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
