/* engine_form_test.c - the form of `reset`, and the message shortcut that opens it: saved like clicks, for one person, and what
 * is chosen there counts only as far as a look-up of that moment bears it out. */
#include "engine_story.h"

static world w;

static void setup(void)
{
    given_world(&w);
    KIT_TEXT(w.user_upn, "adele@contoso.com");
}

static void teardown(void)
{
    fini_world(&w);
}

/* ---- doing -------------------------------------------------------------------------------------------------------- */

/* What is pressed or sent in Hanna's form; it has no place and no response_url. */
static rb_delivery *in_form(rb_delivery_kind kind, const char *user, const char *target)
{
    rb_delivery *delivery = a_delivery(&w, kind, user);

    delivery->channel[0] = '\0';
    delivery->response_url[0] = '\0';
    KIT_TEXT(delivery->callback, RB_FORM_RESET);
    KIT_TEXT(delivery->view_id, "V1");
    KIT_TEXT(delivery->action_id, kind == RB_DELIVERY_CLICK ? RB_ACTION_LOOK_UP : "");
    button(&w, 'f', delivery->private_data);
    add_field(delivery, RB_FIELD_TARGET, target);
    return delivery;
}

static void opens(void)
{
    type(&w, "U0HANNA", "reset");
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_OPEN), 1);
}

static void looks_up(const char *user, const char *target)
{
    deliver(&w, in_form(RB_DELIVERY_CLICK, user, target));
    settle(&w);
}

/* A choice stands in the block that the look-up of the target made. */
static rb_delivery *sent_with_device(const char *target, const char *device)
{
    rb_delivery *delivery = in_form(RB_DELIVERY_FORM, "U0HANNA", target);
    rb_field *field = &delivery->fields[delivery->n_fields];
    const char *form = last_call(&w, RB_CHAT_FORM_UPDATE)->payload;

    add_field(delivery, RB_FIELD_DEVICE, device);
    const char *block = strstr(form, "\"" RB_FIELD_DEVICE "_");
    ck_assert_ptr_nonnull(block++);
    (void)snprintf(field->block, sizeof field->block, "%.*s", (int)strcspn(block, "\""), block);
    return delivery;
}

static rb_delivery *a_shortcut(const char *user, const char *named)
{
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_SHORTCUT, user);

    KIT_TEXT(delivery->callback, "reset_from_message");
    KIT_TEXT(delivery->text, named);
    return delivery;
}

static size_t device_calls(void)
{
    size_t n = 0;

    for (size_t i = 0; i < w.n_calls; i++)
        n += w.calls[i].is_device;
    return n;
}

/* ---- looking up --------------------------------------------------------------------------------------------------- */

START_TEST(a_look_up_fills_the_form_in_and_leaves_the_rest_of_it_alone)
{
    opens();
    looks_up("U0HANNA", "adele@contoso.com");
    const seen_call *update = last_call(&w, RB_CHAT_FORM_UPDATE);

    ck_assert_str_eq(update->text, "V1");
    ck_assert_ptr_nonnull(strstr(update->payload, "iPhone 14"));
    ck_assert_ptr_nonnull(strstr(update->payload, "\"block_id\":\"target\""));
    ck_assert_ptr_nonnull(strstr(update->payload, "\"block_id\":\"reason\""));
    ck_assert_ptr_null(strstr(update->payload, "initial_value"));
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND) + count_calls(&w, false, RB_CHAT_PRIVATE), 0);
    ck_assert_uint_eq(count_records(&w, "drafted"), 0);
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}
END_TEST

START_TEST(R1_a_look_up_is_acknowledged_after_its_commit)
{
    opens();
    size_t acks = w.n_acks;
    w.is_worker_held = true;
    deliver(&w, in_form(RB_DELIVERY_CLICK, "U0HANNA", "adele@contoso.com"));
    ck_assert_uint_eq(w.n_acks, acks);
    size_t commits = w.n_commits;
    ck_assert(work_once(&w));
    ck_assert_uint_eq(w.n_acks, acks + 1);
    ck_assert_uint_eq(w.acks[acks].commits, commits + 1);
    w.is_worker_held = false;
    settle(&w);
}
END_TEST

START_TEST(R1_a_look_up_that_a_restart_cut_off_is_done_again)
{
    opens();
    w.is_held[1][RB_DEVICE_FIND_BY_USER] = true;
    looks_up("U0HANNA", "adele@contoso.com");
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_UPDATE), 0);
    die(&w, STORE_FAILS);
    w.is_held[1][RB_DEVICE_FIND_BY_USER] = false;
    restart(&w);
    pass(&w, RB_SECOND_MS);

    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "iPhone 14"));
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
    ck_assert_ptr_null(said(&w, "restarted"));
}
END_TEST

START_TEST(R1_a_look_up_saved_too_late_is_told_directly)
{
    opens();
    size_t acks = w.n_acks;
    w.is_worker_held = true;
    deliver(&w, in_form(RB_DELIVERY_CLICK, "U0HANNA", "adele@contoso.com"));
    pass(&w, RB_ACK_LIMIT_MS);
    ck_assert_uint_eq(w.n_acks, acks + 1);
    w.is_worker_held = false;
    settle(&w);

    ck_assert_int_eq(need_said(&w, "Nothing was done")->kind, RB_CHAT_DIRECT);
    ck_assert_uint_eq(device_calls(), 0);
    ck_assert_uint_eq(count_records(&w, "abandoned"), 1);
}
END_TEST

START_TEST(R1_what_the_form_no_longer_shows_is_told)
{
    opens();
    chat_answers(&w, RB_CHAT_FORM_UPDATE, RB_CHAT_REFUSED, "not_found", 1);
    looks_up("U0HANNA", "adele@contoso.com");
    pass(&w, RB_SECOND_MS);

    const seen_call *told = need_said(&w, "could not be shown");
    ck_assert_str_eq(told->user, "U0HANNA");
    ck_assert_str_eq(told->channel, DESK);
}
END_TEST

START_TEST(S3_a_look_up_asks_for_the_role_of_this_moment)
{
    opens();
    w.policy.roles[RB_ROLE_HELPDESK].n_users = 0;
    pass(&w, RB_RIGHTS_FRESH_MS + 1);
    looks_up("U0HANNA", "adele@contoso.com");

    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "your role does not allow it"));
    ck_assert_uint_eq(device_calls(), 0);
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
}
END_TEST

START_TEST(S7_what_looks_like_a_passcode_is_not_looked_up)
{
    opens();
    looks_up("U0HANNA", RB_SECRET_MARK);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "looks like a passcode"));
    ck_assert_uint_eq(device_calls(), 0);
}
END_TEST

START_TEST(S4_somebody_elses_form_looks_nothing_up)
{
    opens();
    looks_up("U0ARVID", "adele@contoso.com");
    deliver(&w, in_form(RB_DELIVERY_FORM, "U0ARVID", "adele@contoso.com"));
    settle(&w);

    ck_assert_uint_eq(device_calls(), 0);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_UPDATE), 0);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 2);
    need_said(&w, "not mine");
}
END_TEST

START_TEST(S4_a_form_ends_after_half_an_hour)
{
    opens();
    pass(&w, RB_DRAFT_LIFE_MS + RB_SECOND_MS);
    looks_up("U0HANNA", "adele@contoso.com");

    ck_assert_uint_eq(device_calls(), 0);
    need_said(&w, "too old");
    ck_assert_uint_eq(count_records(&w, "bad_value"), 1);
}
END_TEST

START_TEST(S4_a_changed_form_value_looks_nothing_up)
{
    opens();
    rb_delivery *delivery = in_form(RB_DELIVERY_CLICK, "U0HANNA", "adele@contoso.com");
    char *place = strstr(delivery->private_data, DESK);
    ck_assert_ptr_nonnull(place);
    memcpy(place, "C0CAFE", 6);
    deliver(&w, delivery);
    settle(&w);

    ck_assert_uint_eq(device_calls(), 0);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 1);
}
END_TEST

START_TEST(choosing_a_person_takes_their_user_name_of_this_moment)
{
    opens();
    rb_delivery *delivery = in_form(RB_DELIVERY_CLICK, "U0HANNA", "adele");
    KIT_TEXT(delivery->action_id, RB_FIELD_PERSON);
    add_field(delivery, RB_FIELD_PERSON, ADELE);
    KIT_TEXT(w.user_upn, "adele.married@contoso.com");
    deliver(&w, delivery);
    settle(&w);

    ck_assert_str_eq(nth_call(&w, true, RB_DEVICE_USER, 0)->text, ADELE);
    ck_assert_str_eq(nth_call(&w, true, RB_DEVICE_FIND_BY_USER, 0)->text, "adele.married@contoso.com");
    const char *form = last_call(&w, RB_CHAT_FORM_UPDATE)->payload;
    ck_assert_ptr_nonnull(strstr(form, "\"initial_value\":\"adele.married@contoso.com\""));
    ck_assert_ptr_nonnull(strstr(form, "\"block_id\":\"target_"));
}
END_TEST

static void block_of_target(char out_block[RB_ACTION_ID_CAP])
{
    const char *block = strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "\"target_");
    ck_assert_ptr_nonnull(block++);
    (void)snprintf(out_block, RB_ACTION_ID_CAP, "%.*s", (int)strcspn(block, "\""), block);
}

/* The platform keeps what was typed in a block that it knows: a new one each time, else nobody gets out of the list. */
START_TEST(a_person_who_is_chosen_twice_is_in_the_field_twice)
{
    char blocks[3][RB_ACTION_ID_CAP] = {RB_FIELD_TARGET};
    opens();
    for (size_t i = 1; i < 3; i++) {
        rb_delivery *delivery = in_form(RB_DELIVERY_CLICK, "U0HANNA", "adele");
        KIT_TEXT(delivery->fields[0].block, blocks[i - 1]);
        KIT_TEXT(delivery->action_id, RB_FIELD_PERSON);
        add_field(delivery, RB_FIELD_PERSON, ADELE);
        deliver(&w, delivery);
        settle(&w);
        block_of_target(blocks[i]);
        ck_assert_str_ne(blocks[i], blocks[i - 1]);
    }
}
END_TEST

START_TEST(S4_a_person_that_is_no_id_is_not_asked_for)
{
    opens();
    rb_delivery *delivery = in_form(RB_DELIVERY_CLICK, "U0HANNA", "R-7K3F");
    KIT_TEXT(delivery->action_id, RB_FIELD_PERSON);
    add_field(delivery, RB_FIELD_PERSON, "../me");
    deliver(&w, delivery);
    settle(&w);

    ck_assert_uint_eq(device_calls(), 0);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_UPDATE)->payload, "That is a request"));
}
END_TEST

/* ---- sent --------------------------------------------------------------------------------------------------------- */

START_TEST(what_was_answered_in_the_form_counts_when_the_preview_is_sent)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;

    opens();
    looks_up("U0HANNA", "adele@contoso.com");
    rb_delivery *form = sent_with_device("adele@contoso.com", PHONE);
    add_field(form, RB_FIELD_REASON, "locked out");
    add_field(form, RB_FIELD_VERIFIED, "video");
    add_field(form, RB_FIELD_HOLDS, "yes");
    deliver(&w, form);
    settle(&w);
    ck_assert_ptr_nonnull(strstr(need_said(&w, "Send for approval")->payload, "\"initial_option\""));

    /* nothing is touched on the preview */
    rb_delivery *send = a_delivery(&w, RB_DELIVERY_CLICK, "U0HANNA");
    button(&w, 's', value);
    KIT_TEXT(send->value, value);
    send->is_private_message = true;
    deliver(&w, send);
    settle(&w);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    EXPECT_STATE(&w, bound.request, RB_STATE_PENDING);
    rb_request *request = stored(&w, bound.request);
    ck_assert_int_eq(request->verified, RB_VERIFIED_VIDEO);
    ck_assert_int_eq(request->holds, RB_HOLDS_YES);
    free(request);
}
END_TEST

START_TEST(S4_a_device_that_is_not_the_targets_does_nothing)
{
    opens();
    looks_up("U0HANNA", "adele@contoso.com");
    deliver(&w, sent_with_device("adele@contoso.com", "20000000-0000-4000-8000-0000000000ff"));
    settle(&w);

    need_said(&w, "not among those of");
    ck_assert_uint_eq(count_records(&w, "bad_value"), 1);
    ck_assert_uint_eq(count_records(&w, "drafted"), 0);
}
END_TEST

START_TEST(a_device_of_another_target_is_an_error_at_the_field)
{
    opens();
    looks_up("U0HANNA", "adele@contoso.com");
    size_t acks = w.n_acks;
    deliver(&w, sent_with_device("berit@contoso.com", PHONE));
    settle(&w);

    ck_assert_int_eq(w.acks[acks].kind, RB_ACK_FORM_ERROR);
    ck_assert_str_eq(w.acks[acks].field, RB_FIELD_TARGET);
    ck_assert_ptr_nonnull(strstr(w.acks[acks].text, "press Look up again"));
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}
END_TEST

/* ---- from a message ----------------------------------------------------------------------------------------------- */

START_TEST(a_form_is_open_before_intune_says_who_was_named)
{
    w.is_held[1][RB_DEVICE_USER] = true;
    deliver(&w, a_shortcut("U0HANNA", "<@U0ADELE>"));
    settle(&w);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_OPEN), 1);
    ck_assert_ptr_null(strstr(last_call(&w, RB_CHAT_FORM_OPEN)->payload, "plain_text_input"));
    w.is_held[1][RB_DEVICE_USER] = false;
    settle(&w);

    ck_assert_str_eq(nth_call(&w, true, RB_DEVICE_USER, 0)->text, ADELE);
    const seen_call *update = last_call(&w, RB_CHAT_FORM_UPDATE);
    ck_assert_str_eq(update->text, "V1");
    ck_assert_ptr_nonnull(strstr(update->payload, "\"initial_value\":\"adele@contoso.com\""));
    ck_assert_uint_eq(count_calls(&w, true, RB_DEVICE_FIND_BY_USER), 0);
}
END_TEST

START_TEST(an_address_is_in_the_form_at_once)
{
    deliver(&w, a_shortcut("U0HANNA", "adele@contoso.com"));
    settle(&w);
    ck_assert_ptr_nonnull(strstr(last_call(&w, RB_CHAT_FORM_OPEN)->payload, "\"initial_value\":\"adele@contoso.com\""));
    ck_assert_uint_eq(device_calls() + count_calls(&w, false, RB_CHAT_FORM_UPDATE), 0);
}
END_TEST

START_TEST(S1_a_shortcut_asks_who_and_where_as_the_command_does)
{
    rb_delivery *elsewhere = a_shortcut("U0HANNA", "adele@contoso.com");
    rb_delivery *outside = a_shortcut("U0HANNA", "adele@contoso.com");

    deliver(&w, a_shortcut("U0ARVID", "adele@contoso.com"));
    KIT_TEXT(elsewhere->channel, "C0LUNCH");
    deliver(&w, elsewhere);
    KIT_TEXT(outside->who.team, "T9");
    deliver(&w, outside);
    settle(&w);

    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_OPEN), 0);
    ck_assert_uint_eq(count_records(&w, "refused"), 3);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_RESPOND), 3);
}
END_TEST

START_TEST(R1_a_shortcut_that_a_restart_cut_off_is_told_with_what_to_type)
{
    w.is_held[0][RB_CHAT_PERSON] = true;
    deliver(&w, a_shortcut("U0HANNA", "adele@contoso.com"));
    settle(&w);
    ck_assert_uint_eq(w.n_acks, 1);
    die(&w, STORE_FAILS);
    w.is_held[0][RB_CHAT_PERSON] = false;
    restart(&w);
    pass(&w, RB_SECOND_MS);

    const seen_call *told = need_said(&w, "restarted");
    ck_assert_ptr_nonnull(strstr(told->payload, "/passcode reset adele@contoso.com"));
    ck_assert_str_eq(told->url, URL);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_OPEN), 0);
    ck_assert_uint_eq(kit_waiting(&w.store), 0);
}
END_TEST

START_TEST(R1_a_shortcut_saved_too_late_is_told)
{
    w.is_worker_held = true;
    deliver(&w, a_shortcut("U0HANNA", "adele@contoso.com"));
    pass(&w, RB_ACK_LIMIT_MS);
    w.is_worker_held = false;
    settle(&w);

    ck_assert_int_eq(need_said(&w, "Nothing was done")->kind, RB_CHAT_RESPOND);
    ck_assert_uint_eq(count_calls(&w, false, RB_CHAT_FORM_OPEN), 0);
}
END_TEST

START_TEST(a_form_that_cannot_be_opened_in_time_is_told_with_a_button)
{
    char value[RB_BOUND_CAP];

    chat_answers(&w, RB_CHAT_FORM_OPEN, RB_CHAT_REFUSED, "expired_trigger_id", 1);
    deliver(&w, a_shortcut("U0HANNA", "<@U0ADELE>"));
    settle(&w);
    need_said(&w, "could not be opened in time");
    button(&w, 'f', value);
    ck_assert_uint_eq(device_calls(), 0);
}
END_TEST

static void add_looks(TCase *tcase)
{
    tcase_add_test(tcase, a_look_up_fills_the_form_in_and_leaves_the_rest_of_it_alone);
    tcase_add_test(tcase, R1_a_look_up_is_acknowledged_after_its_commit);
    tcase_add_test(tcase, R1_a_look_up_that_a_restart_cut_off_is_done_again);
    tcase_add_test(tcase, R1_a_look_up_saved_too_late_is_told_directly);
    tcase_add_test(tcase, R1_what_the_form_no_longer_shows_is_told);
    tcase_add_test(tcase, S3_a_look_up_asks_for_the_role_of_this_moment);
    tcase_add_test(tcase, S7_what_looks_like_a_passcode_is_not_looked_up);
    tcase_add_test(tcase, S4_somebody_elses_form_looks_nothing_up);
    tcase_add_test(tcase, S4_a_form_ends_after_half_an_hour);
    tcase_add_test(tcase, S4_a_changed_form_value_looks_nothing_up);
    tcase_add_test(tcase, choosing_a_person_takes_their_user_name_of_this_moment);
    tcase_add_test(tcase, a_person_who_is_chosen_twice_is_in_the_field_twice);
    tcase_add_test(tcase, S4_a_person_that_is_no_id_is_not_asked_for);
}

static void add_rest(TCase *tcase)
{
    tcase_add_test(tcase, what_was_answered_in_the_form_counts_when_the_preview_is_sent);
    tcase_add_test(tcase, S4_a_device_that_is_not_the_targets_does_nothing);
    tcase_add_test(tcase, a_device_of_another_target_is_an_error_at_the_field);
    tcase_add_test(tcase, a_form_is_open_before_intune_says_who_was_named);
    tcase_add_test(tcase, an_address_is_in_the_form_at_once);
    tcase_add_test(tcase, S1_a_shortcut_asks_who_and_where_as_the_command_does);
    tcase_add_test(tcase, R1_a_shortcut_that_a_restart_cut_off_is_told_with_what_to_type);
    tcase_add_test(tcase, R1_a_shortcut_saved_too_late_is_told);
    tcase_add_test(tcase, a_form_that_cannot_be_opened_in_time_is_told_with_a_button);
}

int main(void)
{
    static void (*const adders[])(TCase *) = {add_looks, add_rest};
    static const char *const names[] = {"looking up", "sending and opening"};
    Suite *suite = suite_create("engine_form");

    for (size_t i = 0; i < sizeof adders / sizeof *adders; i++) {
        TCase *tcase = tcase_create(names[i]);
        tcase_add_checked_fixture(tcase, setup, teardown);
        adders[i](tcase);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
