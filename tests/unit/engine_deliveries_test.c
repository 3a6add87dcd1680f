/* engine_deliveries_test.c - R1: what was acknowledged is on disk, or the acknowledgement itself says that nothing was done. */
#include "engine_story.h"

static world w;

static void setup(void)
{
    given_world(&w);
}

static void teardown(void)
{
    fini_world(&w);
}

/* ---- save, then ack ----------------------------------------------------------------------------------------------- */

START_TEST(R1_an_ack_comes_only_after_the_commit)
{
    w.is_worker_held = true;
    type_only(&w, "U0HANNA", "help");
    ck_assert_uint_eq(w.n_acks, 0);

    size_t before = w.n_commits;
    ck_assert(work_once(&w));

    ck_assert_uint_eq(w.n_acks, 1);
    ck_assert_uint_eq(w.acks[0].commits, before + 1);
    ck_assert_int_eq(w.acks[0].kind, RB_ACK_PLAIN);
}
END_TEST

START_TEST(R1_a_repeated_delivery_is_acknowledged_and_not_acted_on)
{
    type(&w, "U0HANNA", "reset adele@contoso.com locked out");
    size_t calls = w.n_calls;
    w.n_deliveries = 0; /* the same key again */
    type(&w, "U0HANNA", "reset adele@contoso.com locked out");

    ck_assert_uint_eq(w.n_acks, 2);
    ck_assert_int_eq(w.acks[1].kind, RB_ACK_PLAIN);
    ck_assert_uint_eq(w.n_calls, calls); /* nobody is asked, nobody is told, no form opens */
    ck_assert_uint_eq(count_records(&w, "drafted"), 1);
}
END_TEST

START_TEST(a_burst_of_200_costs_few_commits)
{
    w.is_worker_held = true;
    for (int i = 0; i < 200; i++)
        type_only(&w, "U0HANNA", "help");
    size_t before = w.n_commits;
    ck_assert(work_once(&w)); /* the first was handed out alone */
    ck_assert(work_once(&w)); /* the other 199 together */

    ck_assert_uint_eq(w.n_acks, 200);
    ck_assert_uint_le(w.n_commits - before, 2);
    w.is_worker_held = false;
    settle(&w);
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}
END_TEST

/* ---- the store is slow -------------------------------------------------------------------------------------------- */

static void slow_store_gives_up(rb_delivery *delivery)
{
    w.is_worker_held = true;
    deliver(&w, delivery);
    pass(&w, RB_ACK_LIMIT_MS - 1);
    ck_assert_uint_eq(w.n_acks, 0);
    pass(&w, 1);
    ck_assert_uint_eq(w.n_acks, 1);
    w.is_worker_held = false;
    settle(&w);
    ck_assert_uint_eq(w.n_acks, 1);
    ck_assert_uint_eq(count_records(&w, "abandoned"), 1);
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}

START_TEST(R1_a_command_saved_too_late_says_so_and_never_acts)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_COMMAND, "U0HANNA");
    KIT_TEXT(delivery->text, "reset adele@contoso.com");
    slow_store_gives_up(delivery);

    ck_assert_int_eq(w.acks[0].kind, RB_ACK_TEXT);
    ck_assert_ptr_nonnull(strstr(w.acks[0].text, "Nothing was done"));
    ck_assert_uint_eq(count_records(&w, "drafted"), 0);

    die(&w, STORE_FAILS);
    restart(&w);
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_records(&w, "drafted"), 0);
    ck_assert_ptr_null(said(&w, "restarted"));
}
END_TEST

START_TEST(R1_a_form_saved_too_late_stays_open_and_says_so)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_FORM, "U0HANNA");
    KIT_TEXT(delivery->callback, RB_FORM_RESET);
    add_field(delivery, RB_FIELD_TARGET, "adele@contoso.com");
    slow_store_gives_up(delivery);

    ck_assert_int_eq(w.acks[0].kind, RB_ACK_FORM_ERROR);
    ck_assert_str_eq(w.acks[0].field, RB_FIELD_TARGET);
    ck_assert_ptr_nonnull(strstr(w.acks[0].text, "Nothing was done"));
}
END_TEST

START_TEST(R1_a_click_saved_too_late_is_told_by_its_response_url)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_CLICK, "U0HANNA");
    KIT_TEXT(delivery->value, "1.x.R-0000.1.-.-.aaaaaaaa.b");
    slow_store_gives_up(delivery);

    ck_assert_int_eq(w.acks[0].kind, RB_ACK_PLAIN);
    ck_assert_int_eq(need_said(&w, "Nothing was done")->kind, RB_CHAT_RESPOND);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 0);
}
END_TEST

START_TEST(R1_given_up_then_killed_stays_undone)
{
    w.is_worker_held = true;
    type_only(&w, "U0HANNA", "reset adele@contoso.com");
    pass(&w, RB_ACK_LIMIT_MS);
    ck_assert_uint_eq(w.n_acks, 1);
    die(&w, STORE_DIES_AFTER); /* RECEIVED reached the disk, ABANDONED did not */
    w.is_worker_held = false;
    restart(&w);
    pass(&w, RB_MINUTE_MS);

    ck_assert_uint_eq(count_records(&w, "drafted"), 0);
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}
END_TEST

/* ---- the store fails ---------------------------------------------------------------------------------------------- */

START_TEST(R1_a_failed_commit_ends_the_process_without_any_ack)
{
    w.mode = STORE_FAILS;
    type(&w, "U0HANNA", "help");
    type(&w, "U0HANNA", "help");
    pass(&w, RB_MINUTE_MS);

    ck_assert_int_eq(w.n_fatal, 1);
    ck_assert_uint_eq(w.n_acks, 0);
    ck_assert_uint_eq(w.n_calls, 0);
}
END_TEST

START_TEST(R1_a_failed_commit_of_a_step_is_told_nobody_and_frees_all)
{
    type(&w, "U0HANNA", "reset adele@contoso.com locked out");
    size_t before = w.n_calls;
    w.mode = STORE_FAILS;
    press(&w, "U0HANNA", 'x');

    ck_assert_int_eq(w.n_fatal, 1);
    ck_assert_uint_eq(w.n_calls, before);
}
END_TEST

START_TEST(R1_a_failed_commit_while_a_step_is_saved_frees_all)
{
    type(&w, "U0HANNA", "reset adele@contoso.com locked out");
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_CLICK, "U0HANNA");
    button(&w, 'x', delivery->value);
    delivery->is_private_message = true;
    w.is_worker_held = true;
    deliver(&w, delivery);
    ck_assert(work_once(&w)); /* the click is saved and acknowledged; its step waits to be */
    ck_assert_uint_eq(w.n_jobs, 1);
    w.mode = STORE_FAILS;
    settle(&w);
    ck_assert(work_once(&w));

    ck_assert_int_eq(w.n_fatal, 1);
    ck_assert_uint_eq(w.n_acks, 2);
}
END_TEST

START_TEST(R1_a_save_that_the_store_refuses_is_not_acknowledged_as_done)
{
    w.refusal = RB_E_INTERNAL;
    type(&w, "U0HANNA", "reset adele@contoso.com");

    ck_assert_uint_eq(w.n_acks, 1);
    ck_assert_int_eq(w.acks[0].kind, RB_ACK_TEXT);
    ck_assert_ptr_nonnull(strstr(w.acks[0].text, "Nothing was done"));
}
END_TEST

/* ---- restarts ----------------------------------------------------------------------------------------------------- */

START_TEST(R1_a_command_cut_off_by_a_kill_is_told_that_nothing_was_done)
{
    w.is_held[true][RB_DEVICE_FIND_BY_USER] = true;
    type(&w, "U0HANNA", "reset adele@contoso.com locked out");
    ck_assert_uint_eq(w.n_acks, 1);
    die(&w, STORE_FAILS);
    w.is_held[true][RB_DEVICE_FIND_BY_USER] = false;
    restart(&w);
    pass(&w, RB_SECOND_MS);

    seen_call *answer = need_said(&w, "nothing was done");
    ck_assert_int_eq(answer->kind, RB_CHAT_RESPOND);
    ck_assert_str_eq(answer->url, URL);
    ck_assert_uint_eq(count_records(&w, "drafted"), 0);
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}
END_TEST

START_TEST(R1_a_read_only_command_cut_off_by_a_kill_is_answered)
{
    w.is_held[false][RB_CHAT_PERSON] = true;
    type(&w, "U0HANNA", "list");
    die(&w, STORE_FAILS);
    w.is_held[false][RB_CHAT_PERSON] = false;
    restart(&w);
    pass(&w, RB_SECOND_MS);

    need_said(&w, "Nothing is open");
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}
END_TEST

START_TEST(R1_an_answer_that_does_not_fit_is_told_instead_of_lost)
{
    w.n_unrendered = 1;
    type(&w, "U0HANNA", "list");
    need_said(&w, "does not fit into one message");
}
END_TEST

/* 1,100 people ask for a request at the same time, and the disk is slow. */
START_TEST(R1_more_questions_than_the_worker_takes_do_not_end_the_process)
{
    const size_t n = RB_WORKER_QUEUE_MAX + 76;
    w.is_worker_bounded = true;
    w.is_held[false][RB_CHAT_PERSON] = true;
    for (size_t i = 0; i < n; i++)
        type(&w, "U0HANNA", "status R-7K3F");
    w.is_held[false][RB_CHAT_PERSON] = false;
    w.is_worker_held = true;
    settle(&w); /* all of them ask the store */
    type_only(&w, "U0HANNA", "help");
    w.is_worker_held = false;
    settle(&w);

    ck_assert_int_eq(w.n_fatal, 0);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), n + 1);
}
END_TEST

START_TEST(R1_while_stopping_nothing_is_taken_and_people_are_told)
{
    rb_engine_stop(w.engine);
    type(&w, "U0HANNA", "reset adele@contoso.com");

    ck_assert_int_eq(w.acks[0].kind, RB_ACK_TEXT);
    ck_assert_ptr_nonnull(strstr(w.acks[0].text, "Nothing was done"));
    ck_assert(rb_engine_is_quiet(w.engine));
    ck_assert_uint_eq(w.n_changes, 0);
}
END_TEST

/* ---- clocks ------------------------------------------------------------------------------------------------------- */

START_TEST(a_jump_of_the_wall_clock_is_recorded)
{
    w.now.utc_ms += RB_CLOCK_JUMP_MS - 1;
    pass(&w, RB_SECOND_MS);
    ck_assert_uint_eq(count_records(&w, "clock_jump"), 0);
    w.now.utc_ms += RB_CLOCK_JUMP_MS;
    pass(&w, RB_SECOND_MS);
    ck_assert_uint_eq(count_records(&w, "clock_jump"), 1);
    w.now.utc_ms -= RB_CLOCK_JUMP_MS;
    pass(&w, RB_SECOND_MS);
    ck_assert_uint_eq(count_records(&w, "clock_jump"), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_deliveries");
    TCase *tests = tcase_create("deliveries");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, R1_an_ack_comes_only_after_the_commit);
    tcase_add_test(tests, R1_a_repeated_delivery_is_acknowledged_and_not_acted_on);
    tcase_add_test(tests, a_burst_of_200_costs_few_commits);
    tcase_add_test(tests, R1_a_command_saved_too_late_says_so_and_never_acts);
    tcase_add_test(tests, R1_a_form_saved_too_late_stays_open_and_says_so);
    tcase_add_test(tests, R1_a_click_saved_too_late_is_told_by_its_response_url);
    tcase_add_test(tests, R1_given_up_then_killed_stays_undone);
    tcase_add_test(tests, R1_a_failed_commit_ends_the_process_without_any_ack);
    tcase_add_test(tests, R1_a_failed_commit_of_a_step_is_told_nobody_and_frees_all);
    tcase_add_test(tests, R1_a_failed_commit_while_a_step_is_saved_frees_all);
    tcase_add_test(tests, R1_a_save_that_the_store_refuses_is_not_acknowledged_as_done);
    tcase_add_test(tests, R1_a_command_cut_off_by_a_kill_is_told_that_nothing_was_done);
    tcase_add_test(tests, R1_a_read_only_command_cut_off_by_a_kill_is_answered);
    tcase_add_test(tests, R1_an_answer_that_does_not_fit_is_told_instead_of_lost);
    tcase_add_test(tests, R1_more_questions_than_the_worker_takes_do_not_end_the_process);
    tcase_add_test(tests, R1_while_stopping_nothing_is_taken_and_people_are_told);
    tcase_add_test(tests, a_jump_of_the_wall_clock_is_recorded);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
