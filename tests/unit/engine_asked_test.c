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

int main(void)
{
    Suite *suite = suite_create("engine_asked");
    TCase *tests = tcase_create("direct messages to approvers");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, each_who_was_asked_sees_who_approved);
    tcase_add_test(tests, R5_direct_messages_are_edited_one_at_a_time_after_the_card);
    tcase_add_test(tests, each_who_was_asked_sees_that_nobody_decided);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
