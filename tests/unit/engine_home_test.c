/* engine_home_test.c - Home tabs: drawn when they are opened, anew when something changes in them, for nobody else's eyes, and
 * never in the way of anything. */
#include "engine_story.h"

static world w;
static char id[RB_REQUEST_ID_CAP];
static char two_of_helpdesk[][RB_CHAT_ID_CAP] = {"U0HANNA", "U0BERIT"};

static void setup(void)
{
    given_world(&w);
}

static void teardown(void)
{
    fini_world(&w);
}

/* ---- what people do and see --------------------------------------------------------------------------------------- */

/* view: what Slack says stands there; "" before the first one was published. */
static void open_home_only(const char *user, const char *view)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_HOME, user);

    KIT_TEXT(delivery->view_id, view);
    delivery->channel[0] = delivery->response_url[0] = delivery->trigger_id[0] = '\0';
    deliver(&w, delivery);
}

static void open_home(const char *user)
{
    open_home_only(user, "");
    settle(&w);
}

static size_t count_homes(const char *user)
{
    size_t n = 0;
    for (size_t i = 0; i < w.n_calls; i++)
        n += !w.calls[i].is_device && w.calls[i].kind == RB_CHAT_HOME && strcmp(w.calls[i].user, user) == 0;
    return n;
}

/* The newest that was published for that person. */
static const char *home_of(const char *user)
{
    for (size_t i = w.n_calls; i > 0; i--) {
        const seen_call *call = &w.calls[i - 1];
        if (!call->is_device && call->kind == RB_CHAT_HOME && strcmp(call->user, user) == 0)
            return call->payload;
    }
    return "";
}

#define EXPECT_HOME(user, part)                                                                                        \
    ck_assert_msg(strstr(home_of(user), (part)) != NULL, "%s does not see \"%s\": %s", (user), (part), home_of(user))
#define EXPECT_NOT_HOME(user, part)                                                                                    \
    ck_assert_msg(strstr(home_of(user), (part)) == NULL, "%s sees \"%s\": %s", (user), (part), home_of(user))

/* What is pressed in a Home tab comes without channel and response_url. */
static rb_delivery *a_press_in_home(const char *of, const char *by, char kind)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_CLICK, by);
    char start[16];

    (void)snprintf(start, sizeof start, "\"1.%c.", kind);
    const char *at = strstr(home_of(of), start);
    ck_assert_msg(at != NULL, "%s has no button of kind %c: %s", of, kind, home_of(of));
    size_t len = strcspn(at + 1, "\"");
    memcpy(delivery->value, at + 1, len);
    delivery->channel[0] = delivery->response_url[0] = '\0';
    KIT_TEXT(delivery->view_id, "V1");
    delivery->is_home = true;
    return delivery;
}

static void press_in_home(const char *user, char kind)
{
    deliver(&w, a_press_in_home(user, user, kind));
    settle(&w);
}

/* Adele's phone was reset and Intune holds a code. */
static void given_code(void)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    w.results.items[0].has_code = true;
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
}

static void type_draft(void)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;

    type(&w, "U0HANNA", "reset adele@contoso.com locked out INC0012345");
    button(&w, 's', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    rb_copy_fit(id, sizeof id, bound.request);
}

/* ---- opened ----------------------------------------------------------------------------------------------------------- */

START_TEST(an_opening_is_acknowledged_at_once_and_not_stored)
{
    size_t commits = w.n_commits;

    w.is_worker_held = true;
    open_home_only("U0HANNA", "");
    ck_assert_uint_eq(w.n_acks, 1);
    ck_assert_int_eq(w.acks[0].kind, RB_ACK_PLAIN);
    w.is_worker_held = false;
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(w.n_commits, commits);
    ck_assert_uint_eq(count_homes("U0HANNA"), 1);
    EXPECT_HOME("U0HANNA", "Nothing waits for you.");
    EXPECT_HOME("U0HANNA", "Reset a passcode");
}
END_TEST

START_TEST(an_opening_that_comes_twice_is_drawn_once)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_HOME, "U0HANNA");
    rb_delivery *again = malloc(sizeof *again);

    ck_assert_ptr_nonnull(again);
    *again = *delivery;
    deliver(&w, delivery);
    settle(&w);
    deliver(&w, again);
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(w.n_acks, 2);
    ck_assert_uint_eq(count_homes("U0HANNA"), 1);
}
END_TEST

START_TEST(what_stands_there_already_is_not_sent_again)
{
    open_home("U0HANNA");
    pass(&w, 5 * RB_SECOND_MS);
    open_home_only("U0HANNA", "V1");
    pass(&w, 5 * RB_SECOND_MS);
    ck_assert_uint_eq(count_homes("U0HANNA"), 1);
    open_home_only("U0HANNA", ""); /* Slack shows nothing */
    pass(&w, 5 * RB_SECOND_MS);
    ck_assert_uint_eq(count_homes("U0HANNA"), 2);
}
END_TEST

START_TEST(S1_nothing_is_drawn_for_another_workspace)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_HOME, "U0HANNA");

    delivery->is_other_workspace = true;
    deliver(&w, delivery);
    delivery = a_delivery(&w, RB_DELIVERY_HOME, "U0HANNA");
    KIT_TEXT(delivery->who.team, "T2");
    deliver(&w, delivery);
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(w.n_acks, 2);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_HOME), 0);
}
END_TEST

START_TEST(a_drawing_asks_intune_nothing)
{
    asks_and_card(&w, id);
    size_t before = 0;
    for (int kind = 0; kind < DEVICE_KINDS; kind++)
        before += count_calls(&w, true, kind);
    open_home("U0HANNA");
    open_home("U0ARVID");
    size_t after = 0;
    for (int kind = 0; kind < DEVICE_KINDS; kind++)
        after += count_calls(&w, true, kind);
    ck_assert_uint_eq(after, before);
    EXPECT_HOME("U0ARVID", id);
}
END_TEST

/* ---- live ------------------------------------------------------------------------------------------------------------- */

START_TEST(S4_a_request_shows_to_its_approvers_and_its_requester_and_goes_when_it_is_decided)
{
    open_home("U0ARVID");
    open_home("U0HANNA");
    asks_and_card(&w, id);
    pass(&w, 5 * RB_SECOND_MS);
    EXPECT_HOME("U0ARVID", id);
    EXPECT_HOME("U0ARVID", "https://example.slack.com/archives/C0CARDS/p1");
    EXPECT_HOME("U0HANNA", "waiting for 1 approval until ");
    press_on_card(&w, "U0BERIT", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, 20 * RB_SECOND_MS);
    EXPECT_NOT_HOME("U0ARVID", id);
    EXPECT_HOME("U0HANNA", "Recently finished");
    EXPECT_HOME("U0HANNA", "done: Intune reports the passcode removed");
}
END_TEST

START_TEST(a_deadline_that_passes_is_a_change)
{
    asks_and_card(&w, id);
    open_home("U0ARVID");
    EXPECT_HOME("U0ARVID", id);
    pass(&w, 31 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    EXPECT_NOT_HOME("U0ARVID", id);
}
END_TEST

/* Every step of a request within seconds, and each person's tab at most every two. */
START_TEST(changes_are_gathered_for_two_seconds)
{
    open_home("U0HANNA");
    for (int i = 0; i < 4; i++) {
        asks(&w, id);
        pass(&w, 300);
        char text[64];
        (void)snprintf(text, sizeof text, "cancel %s", id);
        type(&w, "U0HANNA", text);
        pass(&w, 300);
    }
    pass(&w, 10 * RB_SECOND_MS);
    int64_t last = INT64_MIN / 2;
    for (size_t i = 0; i < w.n_calls; i++)
        if (!w.calls[i].is_device && w.calls[i].kind == RB_CHAT_HOME) {
            ck_assert_int_ge(w.calls[i].at_boot_ms - last, RB_HOME_AGAIN_MS);
            last = w.calls[i].at_boot_ms;
        }
    ck_assert_uint_ge(count_homes("U0HANNA"), 2);
    EXPECT_HOME("U0HANNA", "Nothing of yours is open.");
}
END_TEST

START_TEST(a_change_that_nobody_sees_is_not_published)
{
    open_home("U0BERIT");
    pass(&w, 5 * RB_SECOND_MS);
    type_draft(); /* hanna's alone */
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_homes("U0BERIT"), 1);
}
END_TEST

START_TEST(an_hour_after_its_opening_a_tab_is_left_as_it_is)
{
    open_home("U0ARVID");
    pass(&w, 61 * RB_MINUTE_MS);
    size_t before = count_homes("U0ARVID");
    asks_and_card(&w, id);
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_homes("U0ARVID"), before);
}
END_TEST

/* Rights are read anew for each: so a drawing can be counted. */
START_TEST(the_two_hundred_opened_last_are_kept)
{
    char user[RB_CHAT_ID_CAP];

    for (int i = 0; i < RB_HOMES_MAX + 50; i++) {
        (void)snprintf(user, sizeof user, "U1%04d", i);
        open_home(user);
    }
    pass(&w, 2 * RB_RIGHTS_FRESH_MS);
    size_t first = w.n_calls;
    rb_engine_set_policy(w.engine, &w.policy);
    pass(&w, 2 * (RB_HOMES_MAX + 50) * RB_HOME_GAP_MS);
    size_t n = 0;
    for (size_t i = first; i < w.n_calls; i++) {
        bool is_read = !w.calls[i].is_device && w.calls[i].kind == RB_CHAT_PERSON && w.calls[i].user[1] == '1';
        n += is_read;
        if (is_read)
            ck_assert_int_ge(atoi(w.calls[i].user + 2), 50);
    }
    ck_assert_uint_eq(n, RB_HOMES_MAX);
}
END_TEST

START_TEST(after_a_restart_a_tab_is_drawn_when_it_is_opened)
{
    asks_and_card(&w, id);
    open_home("U0ARVID");
    die(&w, STORE_WORKS);
    restart(&w);
    size_t before = count_homes("U0ARVID");
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_homes("U0ARVID"), before);
    open_home_only("U0ARVID", "V1");
    settle(&w);
    ck_assert_uint_eq(count_homes("U0ARVID"), before + 1);
    EXPECT_HOME("U0ARVID", id);
}
END_TEST

/* ---- in nobody's way ------------------------------------------------------------------------------------------------------ */

START_TEST(R5_a_tab_waits_for_cards_but_not_for_ever)
{
    asks_and_card(&w, id);
    open_home("U0ARVID");
    size_t before = count_homes("U0ARVID");
    pass(&w, 5 * RB_SECOND_MS);
    w.is_held[false][RB_CHAT_UPDATE] = true;
    press_on_card(&w, "U0BERIT", 'a', id);
    pass(&w, RB_HOME_PATIENCE_MS - RB_SECOND_MS);
    ck_assert_uint_ge(count_calls(&w, false, RB_CHAT_UPDATE), 1);
    ck_assert_uint_eq(count_homes("U0ARVID"), before);
    pass(&w, 5 * RB_SECOND_MS);
    ck_assert_uint_eq(count_homes("U0ARVID"), before + 1);
    EXPECT_NOT_HOME("U0ARVID", id);
}
END_TEST

START_TEST(a_pause_that_slack_asks_for_is_kept_by_all_tabs)
{
    open_home("U0ARVID");
    pass(&w, 5 * RB_SECOND_MS);
    chat_answers(&w, RB_CHAT_HOME, RB_CHAT_LATER, "ratelimited", 1);
    w.next_chat[RB_CHAT_HOME].retry_after_ms = 30 * RB_SECOND_MS;
    open_home("U0HANNA");
    size_t before = count_calls(&w, false, RB_CHAT_HOME);
    int64_t asked = w.now.boot_ms;
    asks_and_card(&w, id); /* which does not wait */
    open_home("U0BERIT");
    pass(&w, asked + 29 * RB_SECOND_MS - w.now.boot_ms);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_HOME), before);
    pass(&w, 10 * RB_SECOND_MS);
    EXPECT_HOME("U0ARVID", id);
    EXPECT_HOME("U0BERIT", id);
    EXPECT_HOME("U0HANNA", id);
}
END_TEST

START_TEST(while_slack_is_away_tabs_are_tried_ever_less_often_and_drawn_in_the_end)
{
    chat_answers(&w, RB_CHAT_HOME, RB_CHAT_LATER, "no_reply", 8);
    open_home("U0ARVID");
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_le(count_homes("U0ARVID"), 5);
    pass(&w, 20 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_homes("U0ARVID"), 9);
}
END_TEST

START_TEST(a_tab_that_is_refused_is_not_asked_for_again)
{
    chat_answers(&w, RB_CHAT_HOME, RB_CHAT_REFUSED, "not_enabled", 1);
    open_home("U0ARVID");
    pass(&w, 30 * RB_MINUTE_MS);
    ck_assert_uint_eq(count_homes("U0ARVID"), 1);
    asks_and_card(&w, id);
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_gt(count_homes("U0ARVID"), 1);
    EXPECT_HOME("U0ARVID", id);
}
END_TEST

/* "I do not know you" does not take the place of what stands there. */
/* What cannot be read is not remembered: each drawing asks for it, and Slack takes 20 such calls a minute (domain/slack.md 3).
 * Commands and the rights before the POST need them. */
START_TEST(tabs_ask_for_a_group_that_cannot_be_read_a_few_times_a_minute)
{
    static char groups[][RB_CHAT_ID_CAP] = {"S0GONE"};
    const rb_policy_role before = w.policy.roles[RB_ROLE_APPROVER];
    char user[RB_CHAT_ID_CAP];
    w.policy.roles[RB_ROLE_APPROVER].groups = groups;
    w.policy.roles[RB_ROLE_APPROVER].n_groups = 1;
    chat_answers(&w, RB_CHAT_GROUP, RB_CHAT_REFUSED, "no_such_subteam", SIZE_MAX);
    for (int i = 0; i < 30; i++) {
        (void)snprintf(user, sizeof user, "U1%04d", i);
        open_home(user);
    }
    pass(&w, RB_MINUTE_MS);
    size_t first = count_calls(&w, false, RB_CHAT_GROUP);
    for (int i = 0; i < 10; i++) {
        rb_engine_set_policy(w.engine, &w.policy);
        pass(&w, RB_MINUTE_MS);
    }
    size_t n = count_calls(&w, false, RB_CHAT_GROUP) - first;
    ck_assert_uint_gt(n, 0);
    ck_assert_uint_le(n, 10 * 5);
    w.policy.roles[RB_ROLE_APPROVER] = before;
}
END_TEST

START_TEST(a_person_who_cannot_be_read_keeps_what_stands_there)
{
    asks_and_card(&w, id);
    open_home("U0ARVID");
    pass(&w, 2 * RB_RIGHTS_FRESH_MS);
    size_t before = count_homes("U0ARVID");
    type(&w, "U0HANNA", "help");
    chat_answers(&w, RB_CHAT_PERSON, RB_CHAT_UNCLEAR, "no_reply", 1);
    open_home_only("U0ARVID", "V1");
    pass(&w, RB_SECOND_MS);
    ck_assert_uint_eq(count_homes("U0ARVID"), before);
    EXPECT_HOME("U0ARVID", id);
}
END_TEST

START_TEST(a_bot_that_stops_draws_nothing)
{
    open_home("U0ARVID");
    size_t before = count_homes("U0ARVID");
    w.policy.frozen = true;
    rb_engine_set_policy(w.engine, &w.policy); /* which is to be seen there, two seconds later */
    rb_engine_stop(w.engine);
    open_home_only("U0ARVID", "");
    pass(&w, 10 * RB_SECOND_MS);
    ck_assert_uint_eq(count_homes("U0ARVID"), before);
}
END_TEST

/* ---- whose it is ------------------------------------------------------------------------------------------------------------ */

START_TEST(S6_nobody_sees_drafts_codes_or_ends_of_another)
{
    w.policy.roles[RB_ROLE_HELPDESK] = (rb_policy_role){.users = two_of_helpdesk, .n_users = 2};
    open_home("U0BERIT");
    open_home("U0HANNA");
    type_draft();
    pass(&w, 5 * RB_SECOND_MS);
    EXPECT_HOME("U0HANNA", id);
    EXPECT_NOT_HOME("U0BERIT", id);
    given_code();
    open_home("U0BERIT");
    EXPECT_HOME("U0HANNA", "\"1.w.");
    EXPECT_NOT_HOME("U0BERIT", id);
    EXPECT_NOT_HOME("U0BERIT", "\"1.w.");
}
END_TEST

START_TEST(S6_what_is_handed_over_changes_tabs)
{
    char text[64];

    w.policy.roles[RB_ROLE_HELPDESK] = (rb_policy_role){.users = two_of_helpdesk, .n_users = 2};
    given_code();
    open_home("U0HANNA");
    open_home("U0BERIT");
    rb_delivery *late = a_press_in_home("U0HANNA", "U0HANNA", 'w');
    (void)snprintf(text, sizeof text, "take %s", id);
    type(&w, "U0BERIT", text);
    press(&w, "U0HANNA", 'h');
    pass(&w, 5 * RB_SECOND_MS);
    EXPECT_HOME("U0BERIT", "\"1.w.");
    EXPECT_NOT_HOME("U0HANNA", id);
    deliver(&w, late);
    settle(&w);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_OPEN), 0);
}
END_TEST

START_TEST(S6_a_code_is_never_in_a_home_tab)
{
    open_home("U0HANNA");
    given_code();
    pass(&w, 5 * RB_SECOND_MS);
    press_in_home("U0HANNA", 'w');
    pass(&w, RB_MINUTE_MS);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "84c1Zq"));
    for (size_t i = 0; i < w.n_calls; i++)
        if (w.calls[i].kind == RB_CHAT_HOME && !w.calls[i].is_device)
            ck_assert_ptr_null(strstr(w.calls[i].payload, "84c1Zq"));
}
END_TEST

/* No commit says so: half an hour after the first showing the button goes. */
START_TEST(a_code_that_can_no_longer_be_shown_leaves_the_tab)
{
    given_code();
    open_home("U0HANNA");
    press_in_home("U0HANNA", 'w');
    pass(&w, 20 * RB_MINUTE_MS);
    EXPECT_HOME("U0HANNA", "\"1.w.");
    pass(&w, 11 * RB_MINUTE_MS);
    EXPECT_NOT_HOME("U0HANNA", "\"1.w.");
}
END_TEST

START_TEST(S3_a_role_taken_away_takes_its_buttons_and_lists)
{
    char nobody[1][RB_CHAT_ID_CAP] = {"U0ADELE"};

    given_code();
    type_draft();
    open_home("U0HANNA");
    EXPECT_HOME("U0HANNA", "\"1.w.");
    EXPECT_HOME("U0HANNA", "\"1.v.");
    rb_delivery *late = a_press_in_home("U0HANNA", "U0HANNA", 'w');
    w.policy.roles[RB_ROLE_HELPDESK].users = nobody;
    rb_engine_set_policy(w.engine, &w.policy);
    pass(&w, 5 * RB_SECOND_MS);
    EXPECT_NOT_HOME("U0HANNA", "\"1.w.");
    EXPECT_NOT_HOME("U0HANNA", "\"1.f.");
    EXPECT_NOT_HOME("U0HANNA", "\"1.v.");
    EXPECT_HOME("U0HANNA", "\"1.x."); /* stopping one's own needs no role */
    deliver(&w, late);
    settle(&w);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_OPEN), 0);
    w.policy.roles[RB_ROLE_HELPDESK].users = world_helpdesk;
}
END_TEST

START_TEST(S3_an_approver_sees_no_request_that_they_may_not_decide)
{
    rb_policy_person same[4];

    memcpy(same, world_people, sizeof same);
    KIT_TEXT(same[1].entra, ADELE); /* arvid's other account owns the phone */
    w.policy.people = same;
    open_home("U0ARVID");
    open_home("U0BERIT");
    asks_and_card(&w, id);
    pass(&w, 5 * RB_SECOND_MS);
    EXPECT_NOT_HOME("U0ARVID", id);
    EXPECT_HOME("U0BERIT", id);
    w.policy.people = world_people;
}
END_TEST

START_TEST(S4_what_is_in_ones_home_tab_is_of_no_use_to_another)
{
    open_home("U0HANNA");
    asks_and_card(&w, id);
    pass(&w, 5 * RB_SECOND_MS);
    deliver(&w, a_press_in_home("U0HANNA", "U0ARVID", 'x'));
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 1);
    ck_assert_str_eq(last_call(&w, RB_CHAT_DIRECT)->user, "U0ARVID");
}
END_TEST

/* ---- pressed ---------------------------------------------------------------------------------------------------------------- */

START_TEST(cancel_in_the_home_tab_ends_the_request_and_is_answered_directly)
{
    open_home("U0HANNA");
    asks_and_card(&w, id);
    pass(&w, 5 * RB_SECOND_MS);
    press_in_home("U0HANNA", 'x');
    EXPECT_STATE(&w, id, RB_STATE_CANCELLED);
    ck_assert_str_eq(last_call(&w, RB_CHAT_DIRECT)->user, "U0HANNA");
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_DIRECT)->payload, "is cancelled"));
    pass(&w, 5 * RB_SECOND_MS);
    EXPECT_HOME("U0HANNA", "Nothing of yours is open.");
}
END_TEST

START_TEST(preview_in_the_home_tab_brings_the_preview_directly)
{
    open_home("U0HANNA");
    type_draft();
    pass(&w, 5 * RB_SECOND_MS);
    press_in_home("U0HANNA", 'v');
    const seen_call *direct = last_call(&w, RB_CHAT_DIRECT);
    ck_assert_str_eq(direct->user, "U0HANNA");
    ck_assert_ptr_nonnull(strstr(direct->payload, "Send for approval"));
    ck_assert_ptr_nonnull(strstr(direct->payload, id));
}
END_TEST

START_TEST(the_form_opens_from_the_home_tab_a_day_later_too)
{
    open_home("U0HANNA");
    pass(&w, 7 * RB_DAY_MS);
    press_in_home("U0HANNA", 'f');
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_OPEN), 1);
}
END_TEST

START_TEST(ask_again_stands_beside_what_expired)
{
    open_home("U0HANNA");
    asks_and_card(&w, id);
    pass(&w, 31 * RB_MINUTE_MS);
    EXPECT_HOME("U0HANNA", "expired: nobody decided in time");
    press_in_home("U0HANNA", 'g');
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_DIRECT)->payload, "Send for approval"));
}
END_TEST

/* A click that could not be saved in time is told, though there is no response_url. */
START_TEST(R1_a_press_that_cannot_be_saved_is_told_directly)
{
    open_home("U0HANNA");
    type_draft();
    pass(&w, 5 * RB_SECOND_MS);
    w.is_worker_held = true;
    deliver(&w, a_press_in_home("U0HANNA", "U0HANNA", 'x'));
    pass(&w, 3 * RB_SECOND_MS);
    const seen_call *direct = last_call(&w, RB_CHAT_DIRECT);
    ck_assert_str_eq(direct->user, "U0HANNA");
    ck_assert_ptr_nonnull(strstr(direct->payload, "Nothing was done"));
    w.is_worker_held = false;
    pass(&w, RB_SECOND_MS);
    EXPECT_STATE(&w, id, RB_STATE_DRAFT);
}
END_TEST

/* ---- many ------------------------------------------------------------------------------------------------------------------- */

START_TEST(sixty_open_requests_are_counted_and_the_most_urgent_shown)
{
    char text[96];
    char first[RB_REQUEST_ID_CAP] = "";

    for (int i = 0; i < 60; i++) {
        char value[RB_BOUND_CAP];
        rb_bound bound;
        (void)snprintf(text, sizeof text, "reset 20000000-0000-4000-8000-0000000001%02d locked out INC1", i);
        type(&w, "U0HANNA", text);
        button(&w, 's', value);
        ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
        rb_copy_fit(id, sizeof id, bound.request);
        press(&w, "U0HANNA", 's');
        EXPECT_STATE(&w, id, RB_STATE_PENDING);
        if (i == 0)
            rb_copy_fit(first, sizeof first, id);
        at(&w, w.now.boot_ms + RB_SECOND_MS);
    }
    open_home("U0ARVID");
    EXPECT_HOME("U0ARVID", first);
    EXPECT_HOME("U0ARVID", "And 50 more.");
    EXPECT_NOT_HOME("U0ARVID", id);
    open_home("U0HANNA");
    EXPECT_HOME("U0HANNA", "And 52 more.");
    EXPECT_HOME("U0HANNA", id);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_home");
    TCase *tests = tcase_create("Home tabs");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, an_opening_is_acknowledged_at_once_and_not_stored);
    tcase_add_test(tests, an_opening_that_comes_twice_is_drawn_once);
    tcase_add_test(tests, what_stands_there_already_is_not_sent_again);
    tcase_add_test(tests, S1_nothing_is_drawn_for_another_workspace);
    tcase_add_test(tests, a_drawing_asks_intune_nothing);
    tcase_add_test(tests, S4_a_request_shows_to_its_approvers_and_its_requester_and_goes_when_it_is_decided);
    tcase_add_test(tests, a_deadline_that_passes_is_a_change);
    tcase_add_test(tests, changes_are_gathered_for_two_seconds);
    tcase_add_test(tests, a_change_that_nobody_sees_is_not_published);
    tcase_add_test(tests, an_hour_after_its_opening_a_tab_is_left_as_it_is);
    tcase_add_test(tests, the_two_hundred_opened_last_are_kept);
    tcase_add_test(tests, after_a_restart_a_tab_is_drawn_when_it_is_opened);
    tcase_add_test(tests, R5_a_tab_waits_for_cards_but_not_for_ever);
    tcase_add_test(tests, a_pause_that_slack_asks_for_is_kept_by_all_tabs);
    tcase_add_test(tests, while_slack_is_away_tabs_are_tried_ever_less_often_and_drawn_in_the_end);
    tcase_add_test(tests, a_tab_that_is_refused_is_not_asked_for_again);
    tcase_add_test(tests, tabs_ask_for_a_group_that_cannot_be_read_a_few_times_a_minute);
    tcase_add_test(tests, a_person_who_cannot_be_read_keeps_what_stands_there);
    tcase_add_test(tests, a_bot_that_stops_draws_nothing);
    tcase_add_test(tests, S6_nobody_sees_drafts_codes_or_ends_of_another);
    tcase_add_test(tests, S6_what_is_handed_over_changes_tabs);
    tcase_add_test(tests, S6_a_code_is_never_in_a_home_tab);
    tcase_add_test(tests, a_code_that_can_no_longer_be_shown_leaves_the_tab);
    tcase_add_test(tests, S3_a_role_taken_away_takes_its_buttons_and_lists);
    tcase_add_test(tests, S3_an_approver_sees_no_request_that_they_may_not_decide);
    tcase_add_test(tests, S4_what_is_in_ones_home_tab_is_of_no_use_to_another);
    tcase_add_test(tests, cancel_in_the_home_tab_ends_the_request_and_is_answered_directly);
    tcase_add_test(tests, preview_in_the_home_tab_brings_the_preview_directly);
    tcase_add_test(tests, the_form_opens_from_the_home_tab_a_day_later_too);
    tcase_add_test(tests, ask_again_stands_beside_what_expired);
    tcase_add_test(tests, R1_a_press_that_cannot_be_saved_is_told_directly);
    tcase_add_test(tests, sixty_open_requests_are_counted_and_the_most_urgent_shown);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
