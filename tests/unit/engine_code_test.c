/* engine_code_test.c - the temporary passcode: who may see it, how often, and that it goes from the screen again. */
#include "engine_story.h"

static world w;
static char id[RB_REQUEST_ID_CAP];

/* Adele's phone was reset and Intune holds a code. */
static void setup(void)
{
    given_world(&w);
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    w.results.items[0].has_code = true;
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
}

static void teardown(void)
{
    fini_world(&w);
}

static uint32_t count_shown(void)
{
    rb_request *request = stored(&w, id);
    uint32_t n = request->n_shown;
    free(request);
    return n;
}

/* Forms that bear the code of engine_kit.h. */
static size_t count_codes(void)
{
    size_t n = 0;
    for (size_t i = 0; i < w.n_calls; i++)
        n += w.calls[i].payload && strstr(w.calls[i].payload, "84c1Zq") != NULL;
    return n;
}

START_TEST(S6_the_code_is_shown_in_a_form_and_blanked_after_five_minutes)
{
    press(&w, "U0HANNA", 'w');
    ck_assert_uint_eq(count_codes(), 1);
    ck_assert_str_eq(last_call(&w, RB_CHAT_FORM_UPDATE)->text, "V1");

    pass(&w, 6 * RB_MINUTE_MS);
    seen_call *last = last_call(&w, RB_CHAT_FORM_UPDATE);
    ck_assert_ptr_null(strstr(last->payload, "84c1Zq"));
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_UPDATE), 2);
    ck_assert_uint_eq(count_shown(), 1);
}
END_TEST

START_TEST(S6_the_code_is_shown_four_times_at_most)
{
    for (int i = 0; i < 6; i++)
        press(&w, "U0HANNA", 'w');
    ck_assert_uint_eq(count_codes(), 4);
    ck_assert_uint_eq(count_shown(), 4);
}
END_TEST

START_TEST(S3_a_role_taken_away_stops_the_code)
{
    char nobody[1][RB_CHAT_ID_CAP] = {"U0BERIT"};
    w.policy.roles[RB_ROLE_HELPDESK].users = nobody;

    press(&w, "U0HANNA", 'w');

    ck_assert_uint_eq(count_codes(), 0);
    ck_assert_uint_eq(count_shown(), 0);
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
}
END_TEST

static void expect_told_and_not_repeated(rb_chat_outcome outcome)
{
    chat_answers(&w, RB_CHAT_FORM_UPDATE, outcome, "ratelimited", 1);
    press(&w, "U0HANNA", 'w');
    pass(&w, RB_MINUTE_MS);

    ck_assert_uint_eq(count_codes(), 1);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_UPDATE), 1); /* never again, and never without content */
    need_said(&w, "may not have reached the form");
    ck_assert_uint_eq(count_shown(), 1);
}

START_TEST(a_form_that_could_not_be_filled_is_told)
{
    expect_told_and_not_repeated(RB_CHAT_REFUSED);
}
END_TEST

START_TEST(S6_a_form_with_the_code_is_not_sent_again_when_slack_is_busy)
{
    expect_told_and_not_repeated(RB_CHAT_LATER);
}
END_TEST

START_TEST(S6_a_form_is_blanked_also_when_slack_is_busy)
{
    press(&w, "U0HANNA", 'w');
    chat_answers(&w, RB_CHAT_FORM_UPDATE, RB_CHAT_LATER, "ratelimited", 2);
    pass(&w, 6 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_UPDATE), 4); /* the code; twice in vain; blank */
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "no longer shown"));
    ck_assert(rb_engine_is_quiet(w.engine));
}
END_TEST

START_TEST(S6_a_form_is_blanked_also_when_its_request_was_just_forgotten)
{
    pass(&w, 7 * RB_DAY_MS - 3 * RB_MINUTE_MS);
    press(&w, "U0HANNA", 'w');
    pass(&w, 4 * RB_MINUTE_MS);
    type(&w, "U0HANNA", "help"); /* the bot looks around, and its week is over */
    pass(&w, 6 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_codes(), 1);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "no longer shown"));
}
END_TEST

/* ---- nowhere else ------------------------------------------------------------------------------------------------- */

START_TEST(S6_the_call_that_bears_the_code_is_marked_secret_and_no_other)
{
    press(&w, "U0HANNA", 'w');
    for (size_t i = 0; i < w.n_calls; i++) {
        bool has_code = w.calls[i].payload && strstr(w.calls[i].payload, "84c1Zq") != NULL;
        ck_assert_int_eq(w.calls[i].is_secret, has_code);
    }
}
END_TEST

START_TEST(S6_the_code_is_in_no_record_and_in_no_row)
{
    w.is_held[false][RB_CHAT_FORM_UPDATE] = true; /* it is on its way */
    press(&w, "U0HANNA", 'w');
    ck_assert_uint_eq(count_codes(), 1);
    rb_query records = {.kind = RB_QUERY_RECORDS, .id = ""};
    rb_query rows = {.kind = RB_QUERY_OUTBOX};
    kit_ask(&w.store, &records);
    kit_ask(&w.store, &rows);
    ck_assert_uint_gt(records.n_records, 0);
    for (size_t i = 0; i < records.n_records; i++)
        ck_assert_msg(!strstr(records.records[i].text, "84c1Zq"), "record %s", records.records[i].kind);
    for (size_t i = 0; i < rows.n_outs; i++)
        ck_assert_msg(!strstr(rows.outs[i]->payload, "84c1Zq"), "a row of the outbox");
    rb_query_fini(&records);
    rb_query_fini(&rows);
}
END_TEST

/* How often the text stands in what was written to the file. */
static size_t count_in(FILE *file, const char *text)
{
    static char bytes[256 * 1024];
    size_t n = 0;

    rewind(file);
    size_t len = fread(bytes, 1, sizeof bytes - 1, file);
    ck_assert_uint_lt(len, sizeof bytes - 1);
    bytes[len] = '\0';
    for (const char *at = strstr(bytes, text); at; at = strstr(at + 1, text))
        n++;
    return n;
}

START_TEST(S6_the_code_is_in_no_line_of_the_log)
{
    FILE *log = tmpfile();
    int terminal = dup(STDERR_FILENO);

    ck_assert_ptr_nonnull(log);
    ck_assert_int_ge(dup2(fileno(log), STDERR_FILENO), 0);
    rb_log_set_level(RB_LOG_DEBUG);
    if (_i == 1)
        chat_answers(&w, RB_CHAT_FORM_UPDATE, RB_CHAT_REFUSED, "not_found", 1);
    press(&w, "U0HANNA", 'w');
    pass(&w, 6 * RB_MINUTE_MS);
    rb_log(RB_LOG_DEBUG, "event=looked_here");
    ck_assert_int_ge(dup2(terminal, STDERR_FILENO), 0);
    close(terminal);

    ck_assert_uint_eq(count_codes(), 1);
    ck_assert_uint_eq(count_in(log, "event=looked_here"), 1);
    ck_assert_uint_eq(count_in(log, "84c1Zq"), 0);
    (void)fclose(log);
}
END_TEST

START_TEST(S6_the_end_waits_until_no_code_is_on_a_screen)
{
    w.is_held[false][RB_CHAT_FORM_UPDATE] = true;
    press(&w, "U0HANNA", 'w'); /* the code is on its way */
    rb_engine_stop(w.engine);
    settle(&w);
    ck_assert(!rb_engine_is_quiet(w.engine));
    w.is_held[false][RB_CHAT_FORM_UPDATE] = false;
    settle(&w);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "no longer shown"));
    ck_assert(rb_engine_is_quiet(w.engine));
}
END_TEST

START_TEST(S6_a_code_on_a_screen_is_blanked_at_once_when_the_bot_ends)
{
    press(&w, "U0HANNA", 'w');
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_codes(), 1);
    rb_engine_stop(w.engine);
    ck_assert(!rb_engine_is_quiet(w.engine));
    settle(&w);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "no longer shown"));
    ck_assert(rb_engine_is_quiet(w.engine));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_code");
    TCase *tests = tcase_create("code");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, S6_the_code_is_shown_in_a_form_and_blanked_after_five_minutes);
    tcase_add_test(tests, S6_the_code_is_shown_four_times_at_most);
    tcase_add_test(tests, S3_a_role_taken_away_stops_the_code);
    tcase_add_test(tests, a_form_that_could_not_be_filled_is_told);
    tcase_add_test(tests, S6_a_form_with_the_code_is_not_sent_again_when_slack_is_busy);
    tcase_add_test(tests, S6_a_form_is_blanked_also_when_slack_is_busy);
    tcase_add_test(tests, S6_a_form_is_blanked_also_when_its_request_was_just_forgotten);
    tcase_add_test(tests, S6_the_call_that_bears_the_code_is_marked_secret_and_no_other);
    tcase_add_test(tests, S6_the_code_is_in_no_record_and_in_no_row);
    tcase_add_loop_test(tests, S6_the_code_is_in_no_line_of_the_log, 0, 2);
    tcase_add_test(tests, S6_the_end_waits_until_no_code_is_on_a_screen);
    tcase_add_test(tests, S6_a_code_on_a_screen_is_blanked_at_once_when_the_bot_ends);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
