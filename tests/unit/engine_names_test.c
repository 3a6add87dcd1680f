/* engine_names_test.c - part of a name: people are listed, and nobody is picked before somebody presses (issue 4; S2, S4). */
#include "engine_story.h"

#define BERGMAN "10000000-0000-4000-8000-00000000000e"

static world w;
static char id[RB_REQUEST_ID_CAP];
static const rb_directory_person adeles[] = {{ADELE, "Adele Vance", "adele@contoso.com", "Retail"},
                                             {BERGMAN, "Adele Bergman", "adele.bergman@contoso.com", ""}};

static void setup(void)
{
    given_world(&w);
    w.people = adeles;
    w.n_people = 2;
    KIT_TEXT(w.user_upn, "adele@contoso.com");
}

static void teardown(void)
{
    fini_world(&w);
}

static size_t count_device(int kind)
{
    return count_calls(&w, true, kind);
}

/* The draft that the newest list waits in. */
static void remember_draft(void)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;

    button(&w, 'u', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    rb_copy_fit(id, sizeof id, bound.request);
}

static void expect_target(const char *target, const char *device)
{
    rb_request *draft = stored(&w, id);

    ck_assert_str_eq(draft->target, target);
    ck_assert_str_eq(draft->device.id, device);
    ck_assert_str_eq(draft->reason, "locked out");
    ck_assert_str_eq(draft->ticket, "INC0012345");
    free(draft);
}

static void looks_for_adele(void)
{
    type(&w, "U0HANNA", "reset adele locked out INC0012345");
    remember_draft();
}

static void expect_list(void)
{
    const seen_call *list = need_said(&w, "Nobody is chosen yet");

    ck_assert_ptr_nonnull(strstr(list->payload, "Adele Vance"));
    ck_assert_ptr_nonnull(strstr(list->payload, "adele@contoso.com · Retail"));
    ck_assert_ptr_nonnull(strstr(list->payload, "/passcode reset adele.bergman@contoso.com"));
}

/* ---- listed ------------------------------------------------------------------------------------------------------- */

START_TEST(S2_part_of_a_name_lists_people_and_no_device)
{
    looks_for_adele();
    expect_list();
    ck_assert_ptr_null(said(&w, "iPhone"));
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_BY_USER) + count_device(RB_DEVICE_READ), 0);
    EXPECT_STATE(&w, id, RB_STATE_DRAFT);
    expect_target("adele", "");
}
END_TEST

START_TEST(S2_not_even_a_single_person_is_picked_by_itself)
{
    w.n_people = 1;
    looks_for_adele();
    need_said(&w, "Nobody is chosen yet");
    type(&w, "U0HANNA", "devices adele");
    need_said(&w, "Show devices");
    pass(&w, RB_MINUTE_MS);
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_BY_USER) + count_device(RB_DEVICE_READ), 0);
    ck_assert_uint_eq(count_device(RB_DEVICE_USER), 0);
}
END_TEST

START_TEST(the_record_does_not_tell_who_was_found)
{
    looks_for_adele();
    type(&w, "U0HANNA", "devices adele");
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = ""};
    kit_ask(&w.store, &query);
    ck_assert_uint_gt(query.n_records, 0);
    for (size_t i = 0; i < query.n_records; i++)
        ck_assert_msg(!strstr(query.records[i].text, "Bergman") && !strstr(query.records[i].text, "@contoso.com"), "%s",
                      query.records[i].text);
    rb_query_fini(&query);
}
END_TEST

START_TEST(a_name_of_several_words_is_quoted_or_typed_to_the_end)
{
    type(&w, "U0HANNA", "reset \"adele vance\" locked out INC0012345");
    remember_draft();
    ck_assert_str_eq(nth_call(&w, true, RB_DEVICE_FIND_PEOPLE, 0)->text, "adele vance");
    expect_target("adele vance", "");
    type(&w, "U0HANNA", "devices adele vance");
    ck_assert_str_eq(nth_call(&w, true, RB_DEVICE_FIND_PEOPLE, 1)->text, "adele vance");
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_BY_SERIAL), 0);
    press(&w, "U0HANNA", 'x');
    need_said(&w, "/passcode reset \\\"adele vance\\\"");
}
END_TEST

START_TEST(more_people_than_fit_are_said)
{
    w.has_more_people = true;
    looks_for_adele();
    need_said(&w, "There are more people than these");
    w.n_people = 0;
    type(&w, "U0HANNA", "devices adele");
    need_said(&w, "fits more people than I can look through");
}
END_TEST

START_TEST(nobody_found_says_what_to_try)
{
    w.n_people = 0;
    type(&w, "U0HANNA", "reset adele locked out");
    need_said(&w, "Nobody has adele in their name or user name, and no device has it as its serial number");
    need_said(&w, "/passcode reset name@example.com");
    type(&w, "U0HANNA", "devices adele vance");
    need_said(&w, "Nobody has adele vance in their name or user name. Check the spelling");
    need_said(&w, "/passcode devices name@example.com");
    ck_assert_uint_eq(count_records(&w, "lookup_failed"), 2);
    ck_assert_uint_eq(count_records(&w, "drafted"), 0);
}
END_TEST

START_TEST(one_letter_asks_for_two)
{
    type(&w, "U0HANNA", "reset a locked out");
    need_said(&w, "Type at least two letters");
    type(&w, "U0HANNA", "devices \u00e5");
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_PEOPLE) + count_device(RB_DEVICE_FIND_BY_SERIAL), 0);
    type(&w, "U0HANNA", "devices ad");
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_PEOPLE), 1);
}
END_TEST

START_TEST(a_directory_that_cannot_be_asked_is_said)
{
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    KIT_TEXT(w.read_detail, "Microsoft Graph failed (status 503)");
    type(&w, "U0HANNA", "reset \"adele vance\" locked out");
    need_said(&w, "could not be asked just now: Microsoft Graph failed");
    ck_assert_uint_eq(count_records(&w, "lookup_failed"), 1);
}
END_TEST

/* ---- serial numbers without digits -------------------------------------------------------------------------------- */

START_TEST(a_serial_number_of_letters_alone_still_works)
{
    KIT_TEXT(w.phone.serial, "FVFXQABCDEFG");
    type(&w, "U0HANNA", "reset FVFXQABCDEFG locked out");
    need_said(&w, "Send for approval");
    type(&w, "U0HANNA", "devices FVFXQABCDEFG");
    need_said(&w, "Devices of FVFXQABCDEFG");
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_PEOPLE), 0);
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_BY_SERIAL), 2); /* each asked once */
}
END_TEST

START_TEST(a_serial_number_that_cannot_be_asked_for_is_not_taken_for_a_name)
{
    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    type(&w, "U0HANNA", "reset adele locked out");
    need_said(&w, "could not be asked just now");
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_PEOPLE), 0);
}
END_TEST

/* ---- chosen ------------------------------------------------------------------------------------------------------- */

START_TEST(the_chosen_person_is_looked_up_again_by_their_id)
{
    looks_for_adele();
    KIT_TEXT(w.user_upn, "adele.married@contoso.com");
    press(&w, "U0HANNA", 'u');
    ck_assert_str_eq(nth_call(&w, true, RB_DEVICE_USER, 0)->text, ADELE);
    ck_assert_str_eq(nth_call(&w, true, RB_DEVICE_FIND_BY_USER, 0)->text, "adele.married@contoso.com");
    need_said(&w, "Send for approval");
    expect_target("adele.married@contoso.com", PHONE);
    press(&w, "U0HANNA", 's');
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    ck_assert_uint_eq(count_records(&w, "drafted"), 1);
}
END_TEST

START_TEST(devices_are_shown_of_whoever_is_pressed)
{
    type(&w, "U0HANNA", "devices adele");
    press(&w, "U0HANNA", 'u');
    ck_assert_str_eq(nth_call(&w, true, RB_DEVICE_USER, 0)->text, ADELE);
    need_said(&w, "Devices of adele@contoso.com");
    ck_assert_uint_eq(count_records(&w, "drafted"), 0);
    ck_assert(!need_said(&w, "Devices of adele@contoso.com")->is_replacing); /* another one may be looked at */
}
END_TEST

START_TEST(several_devices_of_the_chosen_person_are_a_pick_list_of_theirs)
{
    rb_device other = w.phone;
    KIT_TEXT(other.id, "20000000-0000-4000-8000-000000000009");
    w.namesake = &other;
    looks_for_adele();
    press(&w, "U0HANNA", 'u');
    need_said(&w, "which device of adele@contoso.com?");
    expect_target("adele@contoso.com", "");
    size_t n = count_device(RB_DEVICE_FIND_BY_USER);
    char text[RB_WORD_CAP];
    snprintf(text, sizeof text, "status %s", id);
    type(&w, "U0HANNA", text); /* the newest list comes back, not the one before */
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_BY_USER), n + 1);
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_PEOPLE), 1);
    press(&w, "U0HANNA", 'p');
    press(&w, "U0HANNA", 's');
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    expect_target("adele@contoso.com", PHONE);
}
END_TEST

START_TEST(another_person_may_be_chosen_and_the_old_preview_sends_nothing)
{
    char send[RB_BOUND_CAP];
    rb_device other = w.phone;
    KIT_TEXT(other.id, "20000000-0000-4000-8000-000000000009");
    looks_for_adele();
    press(&w, "U0HANNA", 'u');
    button(&w, 's', send);
    w.namesake = &other;
    KIT_TEXT(w.user_upn, "adele.bergman@contoso.com");
    press(&w, "U0HANNA", 'u'); /* the list is still there, as old messages are */
    expect_target("adele.bergman@contoso.com", "");
    rb_delivery *late = a_delivery(&w, RB_DELIVERY_CLICK, "U0HANNA");
    KIT_TEXT(late->value, send);
    late->is_private_message = true;
    add_field(late, RB_FIELD_VERIFIED, "called_back");
    add_field(late, RB_FIELD_HOLDS, "yes");
    deliver(&w, late);
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_DRAFT);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 1);
}
END_TEST

START_TEST(a_lost_list_comes_back_by_status_also_after_a_restart)
{
    char text[RB_WORD_CAP];
    looks_for_adele();
    die(&w, STORE_WORKS);
    restart(&w);
    settle(&w);
    snprintf(text, sizeof text, "status %s", id);
    type(&w, "U0HANNA", text);
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_PEOPLE), 2);
    expect_list();
    press(&w, "U0HANNA", 'u');
    need_said(&w, "Send for approval");
    expect_target("adele@contoso.com", PHONE);
}
END_TEST

START_TEST(a_person_who_is_gone_meanwhile_is_said)
{
    looks_for_adele();
    KIT_TEXT(w.user_upn, "");
    press(&w, "U0HANNA", 'u');
    need_said(&w, "The directory does not know this person any more");
    ck_assert_uint_eq(count_device(RB_DEVICE_FIND_BY_USER), 0);
    expect_target("adele", "");
}
END_TEST

/* ---- refused ------------------------------------------------------------------------------------------------------ */

START_TEST(S4_a_list_is_of_use_to_nobody_but_whom_it_was_made_for)
{
    looks_for_adele();
    press(&w, "U0ARVID", 'u');
    ck_assert_uint_eq(count_records(&w, "bad_value"), 1);
    type(&w, "U0HANNA", "devices adele");
    press(&w, "U0ARVID", 'u');
    ck_assert_uint_eq(count_records(&w, "bad_value"), 2);
    ck_assert_uint_eq(count_device(RB_DEVICE_USER), 0);
    need_said(&w, "That is not in my records");
}
END_TEST

START_TEST(S4_another_persons_id_cannot_be_put_in)
{
    looks_for_adele();
    rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_CLICK, "U0HANNA");
    button(&w, 'u', delivery->value);
    char *at = strstr(delivery->value, ADELE);
    ck_assert_ptr_nonnull(at);
    memcpy(at, BERGMAN, strlen(BERGMAN));
    delivery->is_private_message = true;
    deliver(&w, delivery);
    settle(&w);
    ck_assert_uint_eq(count_records(&w, "bad_value"), 1);
    ck_assert_uint_eq(count_device(RB_DEVICE_USER), 0);
}
END_TEST

START_TEST(S3_rights_are_asked_anew_when_a_person_is_pressed)
{
    type(&w, "U0HANNA", "devices adele");
    w.policy.roles[RB_ROLE_HELPDESK].n_users = 0;
    press(&w, "U0HANNA", 'u');
    ck_assert_uint_eq(count_records(&w, "refused"), 1);
    ck_assert_uint_eq(count_device(RB_DEVICE_USER), 0);
}
END_TEST

START_TEST(S4_a_list_older_than_its_draft_does_nothing)
{
    looks_for_adele();
    rb_delivery *late = a_delivery(&w, RB_DELIVERY_CLICK, "U0HANNA");
    button(&w, 'u', late->value);
    late->is_private_message = true;
    pass(&w, RB_DRAFT_LIFE_MS + RB_SECOND_MS);
    deliver(&w, late);
    settle(&w);
    ck_assert_uint_eq(count_device(RB_DEVICE_USER), 0);
    EXPECT_STATE(&w, id, RB_STATE_EXPIRED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_names");
    TCase *tests = tcase_create("part of a name");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, S2_part_of_a_name_lists_people_and_no_device);
    tcase_add_test(tests, S2_not_even_a_single_person_is_picked_by_itself);
    tcase_add_test(tests, the_record_does_not_tell_who_was_found);
    tcase_add_test(tests, a_name_of_several_words_is_quoted_or_typed_to_the_end);
    tcase_add_test(tests, more_people_than_fit_are_said);
    tcase_add_test(tests, nobody_found_says_what_to_try);
    tcase_add_test(tests, one_letter_asks_for_two);
    tcase_add_test(tests, a_directory_that_cannot_be_asked_is_said);
    tcase_add_test(tests, a_serial_number_of_letters_alone_still_works);
    tcase_add_test(tests, a_serial_number_that_cannot_be_asked_for_is_not_taken_for_a_name);
    tcase_add_test(tests, the_chosen_person_is_looked_up_again_by_their_id);
    tcase_add_test(tests, devices_are_shown_of_whoever_is_pressed);
    tcase_add_test(tests, several_devices_of_the_chosen_person_are_a_pick_list_of_theirs);
    tcase_add_test(tests, another_person_may_be_chosen_and_the_old_preview_sends_nothing);
    tcase_add_test(tests, a_lost_list_comes_back_by_status_also_after_a_restart);
    tcase_add_test(tests, a_person_who_is_gone_meanwhile_is_said);
    tcase_add_test(tests, S4_a_list_is_of_use_to_nobody_but_whom_it_was_made_for);
    tcase_add_test(tests, S4_another_persons_id_cannot_be_put_in);
    tcase_add_test(tests, S3_rights_are_asked_anew_when_a_person_is_pressed);
    tcase_add_test(tests, S4_a_list_older_than_its_draft_does_nothing);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
