/* engine_record_test.c - what an auditor finds years later: the record alone tells who, what, why, and to which device. */
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

/* The newest record of the kind holds the text. */
static void expect_recorded(const char *kind, const char *text)
{
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = ""};
    const char *found = "";

    kit_ask(&w.store, &query);
    for (size_t i = 0; i < query.n_records; i++)
        if (strcmp(query.records[i].kind, kind) == 0)
            found = query.records[i].text;
    ck_assert_msg(strstr(found, text) != NULL, "the record of %s lacks \"%s\": %s", kind, text, found);
    rb_query_fini(&query);
}

START_TEST(A1_the_longest_reason_in_any_script_leaves_no_fact_out_of_the_record)
{
    rb_buf text;

    rb_buf_init(&text, RB_COMMAND_TEXT_CAP);
    rb_buf_adds(&text, "reset adele@contoso.com INC0012345 ");
    for (int i = 0; i < 125; i++)
        rb_buf_adds(&text, "\xF0\xA0\xAE\xB7\xF0\xA0\xAE\xB7\xF0\xA0\xAE\xB7 "); /* four-byte characters */
    type(&w, "U0HANNA", rb_buf_cstr(&text));
    rb_buf_fini(&text);
    press(&w, "U0HANNA", 's');

    expect_recorded("asked", PHONE);
    expect_recorded("asked", "serial F2LXK4QQ4F2K");
}
END_TEST

START_TEST(A1_why_it_was_denied_is_recorded)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'd', id);
    rb_delivery *form = a_delivery(&w, RB_DELIVERY_FORM, "U0ARVID");
    button(&w, 'e', form->private_data);
    KIT_TEXT(form->callback, RB_FORM_DENY);
    add_field(form, RB_FIELD_REASON, "the caller hung up");
    deliver(&w, form);
    settle(&w);

    EXPECT_STATE(&w, id, RB_STATE_DENIED);
    expect_recorded("denied", "the caller hung up");
}
END_TEST

/* The history of a request is found by its id, each step once, with who did it. */
START_TEST(A1_each_step_is_in_the_history_of_its_request_with_who_did_it)
{
    static const struct {
        const char *kind;
        const char *user; /* "": the bot itself */
    } steps[] = {{"drafted", "U0HANNA"}, {"asked", "U0HANNA"}, {"card_posted", ""}, {"approved", "U0ARVID"},
                 {"snapshot", ""},       {"sent", ""},         {"accepted", ""},    {"done", ""}};
    const size_t n_steps = sizeof steps / sizeof *steps;
    size_t at = 0;

    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, RB_MINUTE_MS);
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = id};
    kit_ask(&w.store, &query);
    for (size_t i = 0; i < query.n_records; i++) {
        const rb_record *record = &query.records[i];
        ck_assert_str_eq(record->request, id);
        if (at == n_steps || strcmp(record->kind, steps[at].kind) != 0)
            continue;
        ck_assert_str_eq(record->who.user, steps[at].user);
        ck_assert_int_gt(record->at_utc_ms, 0);
        at++;
    }
    rb_query_fini(&query);
    ck_assert_msg(at == n_steps, "the history lacks %s", steps[at < n_steps ? at : 0].kind);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_record");
    TCase *tests = tcase_create("record");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, A1_the_longest_reason_in_any_script_leaves_no_fact_out_of_the_record);
    tcase_add_test(tests, A1_why_it_was_denied_is_recorded);
    tcase_add_test(tests, A1_each_step_is_in_the_history_of_its_request_with_who_did_it);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
