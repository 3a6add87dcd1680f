/* engine_status_test.c - what was lost comes back: previews, pick lists, lists with their buttons, Ask again; also after a
 * restart (U2). */
#include "engine_story.h"

static world w;
static char id[RB_REQUEST_ID_CAP];
static rb_device tablet;

static void setup(void)
{
    given_world(&w);
}

static void teardown(void)
{
    fini_world(&w);
}

static const char *answer(void)
{
    return last_call(&w, RB_CHAT_RESPOND)->payload;
}

#define EXPECT_SAID(text) ck_assert_msg(strstr(answer(), (text)) != NULL, "lacks \"%s\": %s", (text), answer())
#define EXPECT_NOT_SAID(text) ck_assert_msg(strstr(answer(), (text)) == NULL, "has \"%s\": %s", (text), answer())

static void typed(const char *user, const char *verb)
{
    char text[RB_DETAIL_CAP];
    (void)snprintf(text, sizeof text, "%s %s", verb, id);
    type(&w, user, text);
}

/* Hanna's draft: of one device, or before she has chosen one. */
static void drafts(bool has_two)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;
    if (has_two) {
        tablet = w.phone;
        KIT_TEXT(tablet.id, "20000000-0000-4000-8000-000000000002");
        KIT_TEXT(tablet.serial, "DMPXK9TT9T9T");
        KIT_TEXT(tablet.name, "TABLET");
        w.namesake = &tablet;
    }
    type(&w, "U0HANNA", "reset adele@contoso.com locked out");
    button(&w, 'x', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    rb_copy_fit(id, sizeof id, bound.request);
    EXPECT_STATE(&w, id, RB_STATE_DRAFT);
}

static void restarts(void)
{
    die(&w, STORE_FAILS);
    restart(&w);
    pass(&w, RB_SECOND_MS);
}

/* ---- drafts ------------------------------------------------------------------------------------------------------- */

START_TEST(U2_a_lost_preview_or_pick_list_comes_back_by_status)
{
    bool is_list = _i % 2;
    drafts(is_list);
    if (_i >= 2)
        restarts();
    typed("U0HANNA", "status");
    EXPECT_SAID(is_list ? "which device of" : "Send for approval");
    EXPECT_SAID(id);
    press(&w, "U0HANNA", is_list ? 'p' : 's');
    EXPECT_STATE(&w, id, is_list ? RB_STATE_DRAFT : RB_STATE_PENDING);
    if (is_list)
        EXPECT_SAID("Send for approval");
}
END_TEST

START_TEST(U2_list_has_buttons_for_each_own_draft)
{
    bool is_list = _i % 2;
    drafts(is_list);
    if (_i >= 2)
        restarts();
    type(&w, "U0HANNA", "list");
    EXPECT_SAID(is_list ? "\"Choose a device\"" : "\"Preview\"");
    EXPECT_SAID("\"Cancel\"");
    press(&w, "U0HANNA", 'v');
    EXPECT_SAID(is_list ? "which device of" : "Send for approval");
    type(&w, "U0HANNA", "list");
    press(&w, "U0HANNA", 'x');
    EXPECT_STATE(&w, id, RB_STATE_CANCELLED);
    EXPECT_SAID("is cancelled. Nothing was done.");
}
END_TEST

START_TEST(S4_the_buttons_of_a_list_are_its_readers_alone)
{
    drafts(false);
    type(&w, "U0HANNA", "list");
    press(&w, "U0ARVID", 'x');
    EXPECT_SAID("not in my records");
    press(&w, "U0ARVID", 'v');
    EXPECT_SAID("not in my records");
    EXPECT_STATE(&w, id, RB_STATE_DRAFT);
    type(&w, "U0ARVID", "list");
    EXPECT_NOT_SAID(id);
    typed("U0ARVID", "status");
    EXPECT_SAID("somebody else's draft");
}
END_TEST

/* ---- open requests ------------------------------------------------------------------------------------------------- */

START_TEST(U2_open_requests_are_listed_with_a_link_to_their_card)
{
    asks_and_card(&w, id);
    type(&w, "U0ARVID", _i == 0 ? "list" : "status");
    EXPECT_SAID("open the card");
    EXPECT_NOT_SAID("\"Cancel\""); /* not his */
    typed("U0ARVID", "status");
    EXPECT_SAID("open the card");
    char next[RB_DETAIL_CAP];
    (void)snprintf(next, sizeof next, "/passcode approve %s", id);
    EXPECT_SAID(next);
    typed("U0HANNA", "status");
    EXPECT_NOT_SAID(next);
    press(&w, "U0HANNA", 'x');
    EXPECT_STATE(&w, id, RB_STATE_CANCELLED);
    EXPECT_SAID("Nothing was sent to Intune.");
}
END_TEST

START_TEST(U2_a_list_is_given_when_no_link_can_be_had)
{
    asks_and_card(&w, id);
    chat_answers(&w, RB_CHAT_PERMALINK, RB_CHAT_REFUSED, "message_not_found", 1);
    type(&w, "U0ARVID", "list");
    EXPECT_SAID(id);
    EXPECT_NOT_SAID("open the card");
}
END_TEST

START_TEST(A1_a_cancel_that_comes_too_late_is_recorded)
{
    asks_and_card(&w, id);
    typed("U0HANNA", "status");
    press_on_card(&w, "U0ARVID", 'a', id);
    pass(&w, RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    press(&w, "U0HANNA", 'x');
    EXPECT_SAID("Too late");
    ck_assert_uint_eq(count_records(&w, rb_note_name(RB_NOTE_CANCEL_TOO_LATE)), 1);
}
END_TEST

/* ---- what is over ---------------------------------------------------------------------------------------------------- */

START_TEST(U2_what_expired_or_lapsed_can_be_asked_for_again_from_its_status)
{
    asks_and_card(&w, id);
    if (_i == 1) {
        w.read_outcome = RB_DEVICE_UNAVAILABLE;
        press_on_card(&w, "U0ARVID", 'a', id);
    }
    pass(&w, RB_HOUR_MS);
    w.read_outcome = RB_DEVICE_OK;
    EXPECT_STATE(&w, id, _i == 1 ? RB_STATE_LAPSED : RB_STATE_EXPIRED);
    typed("U0ARVID", "status");
    EXPECT_NOT_SAID("Ask again\"");
    typed("U0HANNA", "status");
    EXPECT_SAID("\"Ask again\"");
    press(&w, "U0ARVID", 'g');
    EXPECT_SAID("not in my records");
    typed("U0HANNA", "status");
    press(&w, "U0HANNA", 'g');
    EXPECT_SAID("Send for approval");
    EXPECT_SAID("locked out");
    EXPECT_SAID("How did you make sure who is calling?"); /* a new draft, with new answers */
}
END_TEST

START_TEST(U2_after_a_week_it_is_not_offered_any_more)
{
    asks_and_card(&w, id);
    pass(&w, _i == 0 ? 6 * RB_DAY_MS : 8 * RB_DAY_MS);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
    typed("U0HANNA", "status");
    if (_i == 0)
        EXPECT_SAID("\"Ask again\"");
    else
        EXPECT_NOT_SAID("\"Ask again\"");
}
END_TEST

static TCase *cases(const char *name)
{
    TCase *made = tcase_create(name);
    tcase_add_checked_fixture(made, setup, teardown);
    return made;
}

int main(void)
{
    Suite *suite = suite_create("status");
    TCase *found = cases("drafts");
    TCase *open = cases("open requests");
    TCase *over = cases("what is over");

    tcase_add_loop_test(found, U2_a_lost_preview_or_pick_list_comes_back_by_status, 0, 4);
    tcase_add_loop_test(found, U2_list_has_buttons_for_each_own_draft, 0, 4);
    tcase_add_test(found, S4_the_buttons_of_a_list_are_its_readers_alone);
    tcase_add_loop_test(open, U2_open_requests_are_listed_with_a_link_to_their_card, 0, 2);
    tcase_add_test(open, U2_a_list_is_given_when_no_link_can_be_had);
    tcase_add_test(open, A1_a_cancel_that_comes_too_late_is_recorded);
    tcase_add_loop_test(over, U2_what_expired_or_lapsed_can_be_asked_for_again_from_its_status, 0, 2);
    tcase_add_loop_test(over, U2_after_a_week_it_is_not_offered_any_more, 0, 2);
    suite_add_tcase(suite, found);
    suite_add_tcase(suite, open);
    suite_add_tcase(suite, over);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
