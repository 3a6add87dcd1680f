/* engine_take_test.c - somebody else of the helpdesk goes on with a request: who is asked, who may let them, who learns of it, and
 * that a code is the new one's alone. */
#include "engine_story.h"

#define HENRY "10000000-0000-4000-8000-000000000005"
#define LENA "10000000-0000-4000-8000-000000000006"

static world w;
static char id[RB_REQUEST_ID_CAP];
static char take[32];

/* Henry, Lena, Arvid and Adele are of the helpdesk too; Hanna, who asks, could approve others' requests. */
static void setup(void)
{
    static rb_policy_person people[] = {{{TEAM, "U0HANNA"}, HANNA}, {{TEAM, "U0ARVID"}, ARVID},
                                        {{TEAM, "U0ADELE"}, ADELE}, {{TEAM, "U0BERIT"}, BERIT},
                                        {{TEAM, "U0HENRY"}, HENRY}, {{TEAM, "U0LENA"}, LENA}};
    static char helpdesk[][RB_CHAT_ID_CAP] = {"U0HANNA", "U0HENRY", "U0LENA", "U0ARVID", "U0ADELE"};
    static char approvers[][RB_CHAT_ID_CAP] = {"U0ARVID", "U0BERIT", "U0HANNA"};

    given_world(&w);
    w.policy.people = people;
    w.policy.n_people = 6;
    w.policy.roles[RB_ROLE_HELPDESK] = (rb_policy_role){.users = helpdesk, .n_users = 5};
    w.policy.roles[RB_ROLE_APPROVER] = (rb_policy_role){.users = approvers, .n_users = 3};
    asks_and_card(&w, id);
    (void)snprintf(take, sizeof take, "take %s", id);
}

static void teardown(void)
{
    fini_world(&w);
}

/* Adele's phone was reset, and Intune holds a code. */
static void given_code(void)
{
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    w.results.items[0].has_code = true;
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
}

/* A press on a button of a direct message. */
static void press_value(const char *user, const char *value)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_CLICK, user);

    KIT_TEXT(delivery->value, value);
    KIT_TEXT(delivery->channel, "D1");
    KIT_TEXT(delivery->message_ts, "1772460000.000999");
    deliver(&w, delivery);
    settle(&w);
}

static void press_direct(const char *user, char kind)
{
    char value[RB_BOUND_CAP];

    button(&w, kind, value);
    press_value(user, value);
}

static void expect_holder(const char *user)
{
    rb_request *request = stored(&w, id);

    ck_assert_str_eq(request->requester.person.user, user);
    free(request);
}

static void expect_direct(const char *user, const char *text)
{
    for (size_t i = 0; i < w.n_calls; i++) {
        const seen_call *call = &w.calls[i];
        if (call->kind == RB_CHAT_DIRECT && !call->is_device && strcmp(call->user, user) == 0 &&
            strstr(call->payload, text))
            return;
    }
    ck_abort_msg("%s was not told: %s", user, text);
}

static size_t count_codes(void)
{
    size_t n = 0;
    for (size_t i = 0; i < w.n_calls; i++)
        n += w.calls[i].payload && strstr(w.calls[i].payload, "84c1Zq") != NULL;
    return n;
}

/* ---- asking ------------------------------------------------------------------------------------------------------- */

START_TEST(S4_typing_takes_nothing_and_asks_its_requester_and_the_approvers)
{
    type(&w, "U0HENRY", take);

    expect_holder("U0HANNA");
    need_said(&w, "Nothing changes until one of them presses");
    expect_direct("U0HANNA", "in your place");
    expect_direct("U0ARVID", "in the place of HANNA (U0HANNA)");
    expect_direct("U0BERIT", "https://example.slack.com/archives/C0CARDS/p1");
    ck_assert_uint_eq(count_records(&w, "take_asked"), 1);
    ck_assert_uint_eq(count_records(&w, "taken_over"), 0);
}
END_TEST

START_TEST(U1_who_asks_twice_pings_nobody_twice)
{
    type(&w, "U0HENRY", take);
    size_t n = count_calls(&w, false, RB_CHAT_DIRECT);
    type(&w, "U0HENRY", take);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DIRECT), n);
    need_said(&w, "less than 5 minutes ago");
    pass(&w, 6 * RB_MINUTE_MS);
    type(&w, "U0HENRY", take);
    ck_assert_uint_gt(count_calls(&w, false, RB_CHAT_DIRECT), n);
    ck_assert_uint_eq(count_records(&w, "refused"), 1); /* A1 */
}
END_TEST

START_TEST(U1_two_who_ask_in_turns_ping_nobody_twice)
{
    type(&w, "U0HENRY", take);
    type(&w, "U0LENA", take);
    size_t n = count_calls(&w, false, RB_CHAT_DIRECT);
    type(&w, "U0HENRY", take);
    type(&w, "U0LENA", take);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DIRECT), n);
}
END_TEST

START_TEST(U1_who_is_told_to_ask_again_can)
{
    type(&w, "U0HENRY", take);
    press_direct("U0HANNA", 'k');
    size_t n = count_calls(&w, false, RB_CHAT_DIRECT);
    type(&w, "U0HENRY", take);
    ck_assert_uint_gt(count_calls(&w, false, RB_CHAT_DIRECT), n);
    press_direct("U0HANNA", 'h');
    type(&w, "U0HANNA", take);
    press_direct("U0HENRY", 'h');
    n = count_calls(&w, false, RB_CHAT_DIRECT);
    type(&w, "U0HENRY", take); /* what was asked before it changed hands is over */
    ck_assert_uint_gt(count_calls(&w, false, RB_CHAT_DIRECT), n);
    ck_assert_uint_eq(count_records(&w, "take_asked"), 4);
}
END_TEST

static const struct {
    const char *user, *why;
} REFUSED[] = {{"U0HANNA", "it is yours already"},
               {"U0ADELE", "this is your own device"},
               {"U0BERIT", "your role does not allow it"}};

START_TEST(S3_who_may_not_is_refused_and_nobody_is_asked)
{
    size_t n = count_calls(&w, false, RB_CHAT_DIRECT);
    type(&w, REFUSED[_i].user, take);
    need_said(&w, REFUSED[_i].why);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_DIRECT), n);
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
    expect_holder("U0HANNA");
}
END_TEST

START_TEST(S3_who_approved_it_does_not_become_its_requester)
{
    w.is_held[true][RB_DEVICE_READ] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    type(&w, "U0ARVID", take);
    need_said(&w, "you have approved it");
    expect_holder("U0HANNA");
}
END_TEST

START_TEST(a_draft_of_somebody_else_is_not_known)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;
    char typed[32];

    KIT_TEXT(w.phone.id, "20000000-0000-4000-8000-000000000009");
    type(&w, "U0HANNA", "reset adele@contoso.com");
    button(&w, 's', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    (void)snprintf(typed, sizeof typed, "take %s", bound.request);
    type(&w, "U0HENRY", typed);
    need_said(&w, "I have no request");
    ck_assert_uint_eq(count_records(&w, "take_asked"), 0);
}
END_TEST

START_TEST(what_is_over_cannot_be_taken)
{
    char typed[32];
    (void)snprintf(typed, sizeof typed, "cancel %s", id);
    type(&w, "U0HANNA", typed);
    type(&w, "U0HENRY", take);
    need_said(&w, "nothing of it is left to go on with");
    ck_assert_uint_eq(count_records(&w, "take_asked"), 0);
    ck_assert_uint_eq(count_records(&w, "refused"), 1); /* A1 */
}
END_TEST

/* ---- pressing ------------------------------------------------------------------------------------------------------ */

START_TEST(S3_handed_over_and_both_are_told)
{
    type(&w, "U0HENRY", take);
    press_direct("U0HANNA", 'h');

    expect_holder("U0HENRY");
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    expect_direct("U0HENRY", "HANNA (U0HANNA) has handed it over to you");
    pass(&w, 5 * RB_SECOND_MS);
    seen_call *edit = need_said(&w, "You have handed it over to HENRY (U0HENRY)");
    ck_assert_int_eq(edit->kind, RB_CHAT_UPDATE);
    ck_assert_str_eq(edit->ts, "1772460000.000999"); /* the question's buttons go */
    need_said(&w, "taken over by HENRY (U0HENRY) from HANNA (U0HANNA), handed over by HANNA (U0HANNA)");
    need_said(&w, "Asked by HANNA (U0HANNA), now with HENRY (U0HENRY)");
    ck_assert_uint_eq(count_records(&w, "taken_over"), 1);
}
END_TEST

START_TEST(S3_an_approver_lets_a_colleague_and_both_are_told)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;

    type(&w, "U0HENRY", take);
    button(&w, 't', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    press_value(bound.person, value);

    expect_holder("U0HENRY");
    expect_direct("U0HENRY", "has let you go on with it in the place of HANNA (U0HANNA)");
    expect_direct("U0HANNA", "HENRY (U0HENRY) goes on with it in your place");
}
END_TEST

START_TEST(what_is_kept_is_kept_and_the_taker_told)
{
    type(&w, "U0HENRY", take);
    press_direct("U0HANNA", 'k');
    expect_holder("U0HANNA");
    expect_direct("U0HENRY", "HANNA (U0HANNA) keeps it");
    ck_assert_uint_eq(count_records(&w, "take_refused"), 1);
}
END_TEST

START_TEST(S3_rights_lost_in_between_count)
{
    type(&w, "U0HENRY", take);
    w.policy.roles[RB_ROLE_HELPDESK].n_users = 1; /* Hanna alone */
    press_direct("U0HANNA", 'h');
    expect_holder("U0HANNA");
    need_said(&w, "HENRY (U0HENRY) may not go on with");
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
}
END_TEST

START_TEST(S3_an_approver_who_lost_the_role_lets_nobody)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;

    type(&w, "U0HENRY", take);
    button(&w, 't', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    w.policy.roles[RB_ROLE_APPROVER].n_users = 0;
    press_value(bound.person, value);
    expect_holder("U0HANNA");
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
}
END_TEST

START_TEST(S4_nobody_elses_button_and_no_changed_one_works)
{
    char value[RB_BOUND_CAP];

    type(&w, "U0HENRY", take);
    button(&w, 'h', value);
    press_value("U0HENRY", value);
    char *extra = strstr(value, "U0HENRY");
    ck_assert_ptr_nonnull(extra);
    memcpy(extra, "U0ARVID", 7);
    press_value("U0HANNA", value);
    expect_holder("U0HANNA");
    ck_assert_uint_eq(count_records(&w, "bad_value"), 2);
}
END_TEST

START_TEST(S4_the_question_is_over_after_half_an_hour)
{
    given_code();
    type(&w, "U0HENRY", take);
    pass(&w, 31 * RB_MINUTE_MS);
    press_direct("U0HANNA", 'h');
    expect_holder("U0HANNA");
    need_said(&w, "older than 30 minutes");
}
END_TEST

START_TEST(S3_of_two_takers_the_second_press_changes_nothing)
{
    char for_henry[RB_BOUND_CAP];
    char for_lena[RB_BOUND_CAP];

    type(&w, "U0HENRY", take);
    button(&w, 'h', for_henry);
    type(&w, "U0LENA", take);
    button(&w, 'h', for_lena);
    press_value("U0HANNA", for_henry);
    press_value("U0HANNA", for_lena);
    press_value("U0HANNA", for_henry);
    expect_holder("U0HENRY");
    need_said(&w, "HENRY (U0HENRY) has taken");
    ck_assert_uint_eq(count_records(&w, "taken_over"), 1);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 0);
}
END_TEST

/* He is the only one who could approve it. */
START_TEST(S3_a_take_that_leaves_nobody_to_approve_is_refused)
{
    type(&w, "U0ARVID", take);
    w.policy.roles[RB_ROLE_APPROVER].n_users = 1; /* Arvid alone */
    press_direct("U0HANNA", 'h');
    expect_holder("U0HANNA");
    need_said(&w, "too few others could then approve it");
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
    press_on_card(&w, "U0ARVID", 'a', id); /* so he approves it */
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

START_TEST(a_taker_at_their_limit_does_not_end_it)
{
    w.is_held[true][RB_DEVICE_READ] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    type(&w, "U0HENRY", take);
    w.policy.ceiling_requester_hour = 0;
    press_direct("U0HANNA", 'h');
    expect_holder("U0HANNA");
    need_said(&w, "has sent as many resets as an hour allows");
    w.policy.ceiling_requester_hour = 4;
    w.is_held[true][RB_DEVICE_READ] = false;
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

/* Handed over and given back: what was asked before is over, although it is hers again. */
START_TEST(S4_an_old_question_is_over_also_when_it_is_back_where_it_was)
{
    char let[RB_BOUND_CAP];
    char keep[RB_BOUND_CAP];
    rb_bound bound;

    type(&w, "U0HENRY", take);
    button(&w, 't', let);
    button(&w, 'k', keep);
    ck_assert_int_eq(rb_bound_read(rb_str_of(let), &bound), RB_OK);
    press_direct("U0HANNA", 'h');
    type(&w, "U0HANNA", take);
    press_direct("U0HENRY", 'h');
    expect_holder("U0HANNA");
    press_value(bound.person, let);
    press_value("U0HANNA", keep);
    expect_holder("U0HANNA");
    need_said(&w, "this button does nothing any more");
    ck_assert_uint_eq(count_records(&w, "taken_over"), 2);
    ck_assert_uint_eq(count_records(&w, "take_refused"), 0);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 0);
}
END_TEST

/* ---- afterwards ----------------------------------------------------------------------------------------------------- */

static void given_taken(void)
{
    type(&w, "U0HENRY", take);
    press_direct("U0HANNA", 'h');
    expect_holder("U0HENRY");
    pass(&w, 5 * RB_SECOND_MS);
}

START_TEST(S3_who_had_it_does_not_approve_it)
{
    given_taken();
    press_on_card(&w, "U0HANNA", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    need_said(&w, "it was yours before somebody took it over");
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

START_TEST(S4_an_older_cards_button_says_who_has_it_now)
{
    char value[RB_BOUND_CAP];
    button(&w, 'a', value);
    given_taken();
    rb_delivery *delivery = a_press_on_card(&w, "U0ARVID", 'a', id);
    KIT_TEXT(delivery->value, value);
    deliver(&w, delivery);
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    need_said(&w, "HENRY (U0HENRY) has taken");
}
END_TEST

START_TEST(S6_only_who_has_it_now_sees_the_code)
{
    char old[RB_BOUND_CAP];

    given_code();
    button(&w, 'w', old);
    given_taken();
    press_value("U0HANNA", old);
    ck_assert_uint_eq(count_codes(), 0);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_OPEN), 0);
    need_said(&w, "HENRY (U0HENRY) has taken");
    press(&w, "U0HENRY", 'w');
    ck_assert_uint_eq(count_codes(), 1);
    pass(&w, 6 * RB_MINUTE_MS);
    ck_assert(rb_engine_is_quiet(w.engine)); /* and it is blanked */
}
END_TEST

/* She pressed Show, and Intune was slow: meanwhile it changed hands. */
START_TEST(S6_a_showing_that_is_overtaken_shows_nothing)
{
    given_code();
    type(&w, "U0HENRY", take);
    w.is_held[true][RB_DEVICE_CODE] = true;
    press(&w, "U0HANNA", 'w');
    press_direct("U0HANNA", 'h');
    expect_holder("U0HENRY");
    w.is_held[true][RB_DEVICE_CODE] = false;
    settle(&w);
    ck_assert_uint_eq(count_codes(), 0);
    need_said(&w, "its code is shown to them alone");
}
END_TEST

/* It was on its way to her form already: it is blanked all the same. */
START_TEST(S6_a_code_on_a_screen_is_blanked_also_when_it_is_taken_over)
{
    given_code();
    type(&w, "U0HENRY", take);
    w.is_held[false][RB_CHAT_FORM_UPDATE] = true;
    press(&w, "U0HANNA", 'w');
    ck_assert_uint_eq(count_codes(), 1);
    press_direct("U0HANNA", 'h');
    expect_holder("U0HENRY");
    w.is_held[false][RB_CHAT_FORM_UPDATE] = false;
    settle(&w);
    pass(&w, RB_SECOND_MS);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "shown to them alone"));
    ck_assert(rb_engine_is_quiet(w.engine));
}
END_TEST

START_TEST(S6_a_form_that_shows_the_code_is_blanked_once_it_is_taken_over)
{
    given_code();
    type(&w, "U0HENRY", take);
    press(&w, "U0HANNA", 'w');
    ck_assert_uint_eq(count_codes(), 1);
    press_direct("U0HANNA", 'h');
    expect_holder("U0HENRY");
    pass(&w, RB_SECOND_MS);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "shown to them alone"));
    press(&w, "U0HENRY", 'w');
    ck_assert_uint_eq(count_codes(), 2);
    pass(&w, 4 * RB_MINUTE_MS);
    ck_assert(!rb_engine_is_quiet(w.engine)); /* his own stays its five minutes */
    pass(&w, 2 * RB_MINUTE_MS);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "no longer shown"));
    ck_assert(rb_engine_is_quiet(w.engine));
}
END_TEST

/* It is blanked also when a policy that was loaded meanwhile takes her role away. */
START_TEST(S6_a_code_on_a_screen_is_blanked_also_when_its_reader_may_no_longer)
{
    given_code();
    w.is_held[false][RB_CHAT_FORM_UPDATE] = true;
    press(&w, "U0HANNA", 'w');
    ck_assert_uint_eq(count_codes(), 1);
    w.policy.roles[RB_ROLE_HELPDESK].n_users = 0;
    w.is_held[false][RB_CHAT_FORM_UPDATE] = false;
    settle(&w);
    pass(&w, 6 * RB_MINUTE_MS);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "no longer shown"));
    ck_assert(rb_engine_is_quiet(w.engine));
}
END_TEST

/* Approved, and Intune is slow: the rights read before the POST are those of who has it by then. */
static void given_taken_on_the_way(void)
{
    w.is_held[true][RB_DEVICE_READ] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_APPROVED);
    given_taken();
}

START_TEST(S3_R2_taken_on_the_way_to_the_post_reads_the_new_ones_rights)
{
    given_taken_on_the_way();
    w.policy.roles[RB_ROLE_HELPDESK].n_users = 1;
    w.is_held[true][RB_DEVICE_READ] = false;
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_resets(&w), 0);
    EXPECT_STATE(&w, id, RB_STATE_STALE);
}
END_TEST

/* The people table is put right after the approval: who asked first and who approved are one person. */
START_TEST(S3_R2_who_asked_first_turns_out_to_be_the_approver)
{
    static rb_policy_person people[6];

    given_taken();
    w.is_held[true][RB_DEVICE_READ] = true;
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_APPROVED);
    memcpy(people, w.policy.people, sizeof people);
    KIT_TEXT(people[0].entra, ARVID); /* Hanna's account */
    w.policy.people = people;
    w.is_held[true][RB_DEVICE_READ] = false;
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_resets(&w), 0);
    EXPECT_STATE(&w, id, RB_STATE_STALE);
}
END_TEST

START_TEST(R2_taken_on_the_way_to_the_post_is_sent_once)
{
    given_taken_on_the_way();
    w.is_held[true][RB_DEVICE_READ] = false;
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_resets(&w), 1);
}
END_TEST

/* Handing over gives no more resets an hour away. */
START_TEST(who_sent_it_has_sent_it_also_after_it_is_taken_over)
{
    given_code();
    given_taken();
    w.policy.ceiling_requester_hour = 1;
    w.policy.ceiling_device_day = 10;
    type(&w, "U0HANNA", "reset adele@contoso.com");
    need_said(&w, "as many resets as an hour allows");
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
    type(&w, "U0HENRY", "reset adele@contoso.com");
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
}
END_TEST

START_TEST(what_follows_is_the_new_ones)
{
    char typed[32];
    given_taken();
    (void)snprintf(typed, sizeof typed, "status %s", id);
    type(&w, "U0LENA", typed);
    need_said(&w, "It is with HENRY (U0HENRY); before: HANNA (U0HANNA)");
    press_on_card(&w, "U0BERIT", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, RB_MINUTE_MS);
    expect_direct("U0HENRY", "done: Intune reports");
    for (size_t i = 0; i < w.n_calls; i++)
        ck_assert(w.calls[i].kind != RB_CHAT_DIRECT || strcmp(w.calls[i].user, "U0HANNA") != 0 ||
                  !strstr(w.calls[i].payload, "done: Intune reports"));
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("engine_take");
    TCase *asking = tcase_create("asking");
    TCase *pressing = tcase_create("pressing");
    TCase *after = tcase_create("afterwards");

    tcase_add_checked_fixture(asking, setup, teardown);
    tcase_add_test(asking, S4_typing_takes_nothing_and_asks_its_requester_and_the_approvers);
    tcase_add_test(asking, U1_who_asks_twice_pings_nobody_twice);
    tcase_add_test(asking, U1_two_who_ask_in_turns_ping_nobody_twice);
    tcase_add_test(asking, U1_who_is_told_to_ask_again_can);
    tcase_add_loop_test(asking, S3_who_may_not_is_refused_and_nobody_is_asked, 0,
                        (int)(sizeof REFUSED / sizeof *REFUSED));
    tcase_add_test(asking, S3_who_approved_it_does_not_become_its_requester);
    tcase_add_test(asking, a_draft_of_somebody_else_is_not_known);
    tcase_add_test(asking, what_is_over_cannot_be_taken);
    suite_add_tcase(all, asking);
    tcase_add_checked_fixture(pressing, setup, teardown);
    tcase_add_test(pressing, S3_handed_over_and_both_are_told);
    tcase_add_test(pressing, S3_an_approver_lets_a_colleague_and_both_are_told);
    tcase_add_test(pressing, what_is_kept_is_kept_and_the_taker_told);
    tcase_add_test(pressing, S3_rights_lost_in_between_count);
    tcase_add_test(pressing, S3_an_approver_who_lost_the_role_lets_nobody);
    tcase_add_test(pressing, S4_nobody_elses_button_and_no_changed_one_works);
    tcase_add_test(pressing, S4_the_question_is_over_after_half_an_hour);
    tcase_add_test(pressing, S3_of_two_takers_the_second_press_changes_nothing);
    tcase_add_test(pressing, S3_a_take_that_leaves_nobody_to_approve_is_refused);
    tcase_add_test(pressing, a_taker_at_their_limit_does_not_end_it);
    tcase_add_test(pressing, S4_an_old_question_is_over_also_when_it_is_back_where_it_was);
    suite_add_tcase(all, pressing);
    tcase_add_checked_fixture(after, setup, teardown);
    tcase_add_test(after, S3_who_had_it_does_not_approve_it);
    tcase_add_test(after, S4_an_older_cards_button_says_who_has_it_now);
    tcase_add_test(after, S6_only_who_has_it_now_sees_the_code);
    tcase_add_test(after, S6_a_showing_that_is_overtaken_shows_nothing);
    tcase_add_test(after, S6_a_code_on_a_screen_is_blanked_also_when_it_is_taken_over);
    tcase_add_test(after, S3_R2_taken_on_the_way_to_the_post_reads_the_new_ones_rights);
    tcase_add_test(after, S6_a_form_that_shows_the_code_is_blanked_once_it_is_taken_over);
    tcase_add_test(after, S6_a_code_on_a_screen_is_blanked_also_when_its_reader_may_no_longer);
    tcase_add_test(after, S3_R2_who_asked_first_turns_out_to_be_the_approver);
    tcase_add_test(after, R2_taken_on_the_way_to_the_post_is_sent_once);
    tcase_add_test(after, who_sent_it_has_sent_it_also_after_it_is_taken_over);
    tcase_add_test(after, what_follows_is_the_new_ones);
    suite_add_tcase(all, after);
    return all;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
