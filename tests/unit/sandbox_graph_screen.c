/* sandbox_graph_screen.c - the sandbox's phones as their holders have them: codes that are typed, lost networks. */
#include "sandbox_fake.h"

#define SAMSUNG "d0000005-0000-4000-8000-000000000005"
#define CODE "gT7x42Kq"

/* The text of one field of that device's screen, in the shelf of phones; "" when null. A static buffer. */
static const char *screen(const char *id, const char *field)
{
    static char text[128];
    json_object *rows = graph_devices();
    text[0] = '\0';
    for (size_t i = 0; i < json_object_array_length(rows); i++) {
        json_object *row = json_object_array_get_idx(rows, i);
        json_object *value = json_object_object_get(json_object_object_get(row, "screen"), field);
        if (strcmp(graph_json_text(row, "id"), id) == 0 && value != NULL)
            snprintf(text, sizeof text, "%s", json_object_get_string(value));
    }
    json_object_put(rows);
    return text;
}

/* Status of a control verb; *out_opened: its answer. */
static int act(const char *verb, const char *id, const char *text, bool *out_opened)
{
    json_object *arguments = json_object_new_object();
    graph_json_set_text(arguments, "device", id);
    graph_json_set_text(arguments, "text", text);
    sb_reply reply = {.status = 0};
    ck_assert(graph_control(verb, arguments, &reply));
    json_object *body = json_tokener_parse(reply.body);
    *out_opened = json_object_get_boolean(json_object_object_get(body, "opened"));
    int status = reply.status;
    json_object_put(body);
    json_object_put(arguments);
    free(reply.body);
    return status;
}

static bool opens(const char *id, const char *text)
{
    bool is_opened = false;
    ck_assert_int_eq(act("device_type", id, text, &is_opened), 200);
    return is_opened;
}

static void given_a_reset(const char *id)
{
    char *target = graph_text_format(DEVICES "/%s/resetPasscode", id);
    ck_assert_int_eq(status_of(post(target)), 204);
    free(target);
    pass_ms(4000);
}

START_TEST(a_removed_passcode_opens_the_phone_and_a_forgotten_one_never)
{
    ck_assert_str_eq(screen(IPHONE, "state"), "locked");
    ck_assert_str_eq(screen(IPHONE, "lock"), "phone");
    ck_assert_str_eq(screen(IPHONE, "other_lock"), "");
    ck_assert(!opens(IPHONE, "123456"));
    ck_assert_str_eq(screen(IPHONE, "typed"), "123456");
    ck_assert_str_eq(screen(IPHONE, "wrong_tries"), "1");
    given_a_reset(IPHONE);
    ck_assert_str_eq(screen(IPHONE, "state"), "open");
    ck_assert_str_eq(screen(IPHONE, "typed"), "");
    control("device_lock", "{\"device\":\"" IPHONE "\"}");
    ck_assert_str_eq(screen(IPHONE, "state"), "dark");
    control("device_type", "{\"device\":\"" IPHONE "\",\"text\":\"\",\"enter\":false}"); /* a touch */
    ck_assert_str_eq(screen(IPHONE, "state"), "open");
}
END_TEST

START_TEST(a_temporary_code_opens_the_work_profile_and_no_other_does)
{
    control("passcode", "{\"device\":\"" PIXEL "\",\"text\":\"" CODE "\"}");
    ck_assert_str_eq(screen(PIXEL, "lock"), "work_profile");
    ck_assert_str_eq(screen(PIXEL, "other_lock"), "set");
    ck_assert_str_eq(screen(PIXEL, "keypad"), "full");
    ck_assert(!opens(PIXEL, CODE));
    given_a_reset(PIXEL);
    ck_assert_str_eq(screen(PIXEL, "state"), "locked");
    ck_assert(!opens(PIXEL, "gt7x42kq"));
    ck_assert(opens(PIXEL, CODE));
    ck_assert_str_eq(screen(PIXEL, "state"), "open");
    ck_assert_int_eq(journaled("graph.screen", "what", "opened"), 1);
}
END_TEST

START_TEST(the_code_of_an_old_reset_opens_nothing)
{
    control("stale_done", "{\"device\":\"" PIXEL "\",\"passcode\":\"" CODE "\"}");
    ck_assert(!opens(PIXEL, CODE));
    ck_assert_str_eq(screen(PIXEL, "state"), "locked");
}
END_TEST

START_TEST(a_keypad_of_digits_cannot_type_letters)
{
    bool is_opened = false;
    control("passcode", "{\"device\":\"" SAMSUNG "\",\"text\":\"a7a42b\"}");
    ck_assert_str_eq(screen(SAMSUNG, "keypad"), "numeric");
    ck_assert_str_eq(screen(SAMSUNG, "cannot_type"), "");
    given_a_reset(SAMSUNG);
    ck_assert_str_eq(screen(SAMSUNG, "cannot_type"), "ab");
    ck_assert_int_eq(act("device_type", SAMSUNG, "a7a42b", &is_opened), 400);
    ck_assert_str_eq(screen(SAMSUNG, "state"), "locked");
    control("device", "{\"device\":\"" SAMSUNG "\",\"keypad\":\"full\"}");
    ck_assert_str_eq(screen(SAMSUNG, "cannot_type"), "");
    ck_assert(opens(SAMSUNG, "a7a42b"));
    control("device", "{\"device\":\"" SAMSUNG "\",\"keypad\":\"numeric\"}");
    control("passcode", "{\"device\":\"" SAMSUNG "\",\"text\":\"493817\"}");
    given_a_reset(SAMSUNG);
    ck_assert_str_eq(screen(SAMSUNG, "cannot_type"), "");
    ck_assert(opens(SAMSUNG, "493817"));
}
END_TEST

START_TEST(a_restarted_iphone_on_wifi_hears_nothing_until_it_gets_a_network)
{
    control("device_restart", "{\"device\":\"" IPHONE "\"}");
    ck_assert_str_eq(screen(IPHONE, "before_first_unlock"), "true");
    ck_assert_str_eq(screen(IPHONE, "offline"), "true");
    given_a_reset(IPHONE);
    pass_ms(1800000);
    expect(DEVICES "/" IPHONE, "deviceActionResults/0/actionState", "pending");
    control("offline", "{\"device\":\"" IPHONE "\",\"on\":false}"); /* a tethered Mac */
    pass_ms(4000);
    expect(DEVICES "/" IPHONE, "deviceActionResults/0/actionState", "done");
    ck_assert_str_eq(screen(IPHONE, "before_first_unlock"), "false");
    ck_assert_str_eq(screen(IPHONE, "state"), "open");
}
END_TEST

START_TEST(a_restart_cuts_off_no_phone_with_a_carrier_and_no_android)
{
    control("device", "{\"device\":\"" IPHONE "\",\"fields\":{\"subscriberCarrier\":\"Telia\"}}");
    control("device_restart", "{\"device\":\"" IPHONE "\"}");
    ck_assert_str_eq(screen(IPHONE, "offline"), "false");
    ck_assert_str_eq(screen(IPHONE, "before_first_unlock"), "true");
    control("device_restart", "{\"device\":\"" SAMSUNG "\"}");
    ck_assert_str_eq(screen(SAMSUNG, "offline"), "false");
    given_a_reset(IPHONE);
    expect(DEVICES "/" IPHONE, "deviceActionResults/0/actionState", "done");
}
END_TEST

START_TEST(a_phone_that_is_unlocked_after_a_restart_fetches_what_waits)
{
    given_a_reset(IPHONE);
    control("device_restart", "{\"device\":\"" IPHONE "\"}");
    ck_assert_str_eq(screen(IPHONE, "state"), "locked");
    given_a_reset(IPHONE);
    expect(DEVICES "/" IPHONE, "deviceActionResults/1/actionState", "pending");
    ck_assert(opens(IPHONE, "")); /* its passcode was removed before */
    pass_ms(4000);
    expect(DEVICES "/" IPHONE, "deviceActionResults/1/actionState", "done");
}
END_TEST

START_TEST(what_is_typed_is_seen_before_it_is_entered_and_never_journaled)
{
    control("device_type", "{\"device\":\"" PIXEL "\",\"text\":\"sec\",\"enter\":false}");
    ck_assert_str_eq(screen(PIXEL, "typed"), "sec");
    ck_assert_str_eq(screen(PIXEL, "wrong_tries"), "0");
    ck_assert(!opens(PIXEL, "secret"));
    ck_assert_ptr_null(strstr(json_object_to_json_string(fake.journal), "sec"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_removed_passcode_opens_the_phone_and_a_forgotten_one_never,
                                  a_temporary_code_opens_the_work_profile_and_no_other_does,
                                  the_code_of_an_old_reset_opens_nothing,
                                  a_keypad_of_digits_cannot_type_letters,
                                  a_restarted_iphone_on_wifi_hears_nothing_until_it_gets_a_network,
                                  a_restart_cuts_off_no_phone_with_a_carrier_and_no_android,
                                  a_phone_that_is_unlocked_after_a_restart_fetches_what_waits,
                                  what_is_typed_is_seen_before_it_is_entered_and_never_journaled};
    return run_tests("sandbox_graph_screen", tests, sizeof tests / sizeof tests[0], NULL, 0);
}
