/* engine_reads_test.c - people and groups are read once for all who ask at the same time. */
#include "engine_story.h"

#define BURST 50

static world w;

static void setup(void)
{
    given_world(&w);
}

static void teardown(void)
{
    fini_world(&w);
}

static void type_burst(void)
{
    for (int i = 0; i < BURST; i++)
        type_only(&w, "U0HANNA", "help");
    settle(&w);
}

/* Answers that name a command for helpdesk staff alone. */
static size_t count_whole_answers(void)
{
    size_t n = 0;

    for (size_t i = 0; i < w.n_calls; i++)
        n += w.calls[i].kind == RB_CHAT_RESPOND && w.calls[i].payload && strstr(w.calls[i].payload, "/passcode reset ");
    return n;
}

START_TEST(a_burst_reads_a_person_once)
{
    w.is_held[false][RB_CHAT_PERSON] = true;
    type_burst();
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_PERSON), 1);

    w.is_held[false][RB_CHAT_PERSON] = false;
    settle(&w);

    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_PERSON), 1);
    ck_assert_uint_eq(count_whole_answers(), BURST);
}
END_TEST

START_TEST(a_burst_that_meets_a_rate_limit_is_answered_like_any_other)
{
    chat_answers(&w, RB_CHAT_PERSON, RB_CHAT_LATER, "ratelimited", 3);
    type_burst();
    ck_assert_uint_eq(count_whole_answers(), 0);

    pass(&w, RB_MINUTE_MS);

    ck_assert_uint_eq(count_whole_answers(), BURST);
}
END_TEST

START_TEST(a_burst_whose_read_is_refused_ends_at_once)
{
    chat_answers(&w, RB_CHAT_PERSON, RB_CHAT_REFUSED, "missing_scope", BURST);
    type_burst();

    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), BURST);
    ck_assert_uint_eq(count_whole_answers(), 0);
}
END_TEST

START_TEST(a_read_that_does_not_come_back_holds_others_for_2_s)
{
    w.is_held[false][RB_CHAT_PERSON] = true;
    type_burst();
    nth_call(&w, false, RB_CHAT_PERSON, 0)->is_answered = true; /* never */
    w.is_held[false][RB_CHAT_PERSON] = false;

    pass(&w, 2 * RB_SECOND_MS);

    ck_assert_uint_eq(count_whole_answers(), BURST - 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_reads");
    TCase *tests = tcase_create("reads");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_burst_reads_a_person_once);
    tcase_add_test(tests, a_burst_that_meets_a_rate_limit_is_answered_like_any_other);
    tcase_add_test(tests, a_burst_whose_read_is_refused_ends_at_once);
    tcase_add_test(tests, a_read_that_does_not_come_back_holds_others_for_2_s);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
