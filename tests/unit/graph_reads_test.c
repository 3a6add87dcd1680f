/* graph_reads_test.c - looking up and reading devices through the Graph session, in a simulated world (design: S2, S3, S6). */
#include "unit/graph_bodies.h"

/* ---- lists ------------------------------------------------------------------------------------------------------ */

START_TEST(a_users_devices_are_found_by_their_name)
{
    find("adele@contoso.com");
    fake_exchange("GET", LIST, 200, PEOPLE(ADELES_ROW));

    fake_expect_outcome(RB_DEVICE_OK);
    const fake_answer *answer = fake_only_answer();
    ck_assert_uint_eq(answer->result.n_devices, 1);
    ck_assert_str_eq(answer->device.id, PHONE);
    ck_assert_str_eq(answer->device.name, "Phone");
    ck_assert_int_eq(answer->device.last_sync_utc_ms, 1772459880123);
    ck_assert(!answer->device.is_beta_known);
}
END_TEST

START_TEST(a_request_bears_the_token_and_the_headers_that_graph_wants)
{
    find("adele@contoso.com");
    const fake_request *request = fake_expect("GET", LIST);

    ck_assert_ptr_nonnull(strstr(request->headers, "Authorization: Bearer T0KEN\n"));
    ck_assert_ptr_nonnull(strstr(request->headers, "Accept: application/json\n"));
    ck_assert_ptr_nonnull(strstr(request->headers, "User-Agent: resetbot/"));
    ck_assert_ptr_nonnull(strstr(request->headers, "client-request-id: "));
    ck_assert_ptr_nonnull(strstr(request->headers, "Prefer: include-unknown-enum-members\n"));
    ck_assert(request->secret);
}
END_TEST

START_TEST(S2_a_row_of_somebody_else_stops_the_look_up)
{
    find("adele@contoso.com");
    fake_exchange("GET", LIST, 200, PEOPLE(ADELES_ROW "," ROW(OTHER_PHONE, "berit@contoso.com", "X")));

    fake_expect_outcome(RB_DEVICE_SURPRISE);
    ck_assert_uint_eq(fake_only_answer()->result.n_devices, 0);
}
END_TEST

START_TEST(S2_a_foreign_row_on_a_later_page_stops_the_look_up_too)
{
    find("adele@contoso.com");
    fake_exchange("GET", LIST, 200, "{\"value\":[" ADELES_ROW "],\"@odata.nextLink\":\"" GRAPH LIST "?$skiptoken=a\"}");
    fake_exchange("GET", LIST, 200, PEOPLE(ROW(OTHER_PHONE, "adele@contoso.com.example", "X")));

    fake_expect_outcome(RB_DEVICE_SURPRISE);
    ck_assert_uint_eq(fake_only_answer()->result.n_devices, 0);
}
END_TEST

START_TEST(S2_a_row_without_its_name_is_foreign)
{
    find("adele@contoso.com");
    fake_exchange("GET", LIST, 200, PEOPLE("{\"id\":\"" PHONE "\",\"userPrincipalName\":null}"));

    fake_expect_outcome(RB_DEVICE_SURPRISE);
}
END_TEST

START_TEST(S2_rows_of_a_serial_number_are_compared_too)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_FIND_BY_SERIAL, .text = "f2lx4f2k"});
    ck_assert_ptr_nonnull(strstr(fake_expect("GET", LIST)->url, "$filter=serialNumber%20eq%20'f2lx4f2k'"));
    fake_exchange("GET", LIST, 200, PEOPLE(ADELES_ROW "," ROW(OTHER_PHONE, "a@b.c", "F2LX4F2")));

    fake_expect_outcome(RB_DEVICE_SURPRISE);
}
END_TEST

START_TEST(a_serial_number_is_found_in_any_case)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_FIND_BY_SERIAL, .text = " f2lx4f2k "});
    fake_exchange("GET", LIST, 200, PEOPLE(ADELES_ROW));

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert_str_eq(fake_only_answer()->device.serial, "F2LX4F2K");
}
END_TEST

START_TEST(S2_nothing_is_ever_asked_with_an_empty_literal)
{
    const rb_device_call calls[] = {{.kind = RB_DEVICE_FIND_BY_USER, .text = ""},
                                    {.kind = RB_DEVICE_FIND_BY_USER, .text = "   "},
                                    {.kind = RB_DEVICE_FIND_BY_USER, .text = NULL},
                                    {.kind = RB_DEVICE_FIND_BY_USER, .text = "adele"},
                                    {.kind = RB_DEVICE_FIND_BY_SERIAL, .text = ""},
                                    {.kind = RB_DEVICE_FIND_BY_SERIAL, .text = " \t"},
                                    {.kind = RB_DEVICE_FIND_BY_SERIAL, .text = NULL},
                                    {.kind = RB_DEVICE_USER, .text = ""},
                                    {.kind = RB_DEVICE_READ, .id = ""},
                                    {.kind = RB_DEVICE_READ, .id = "../wipe"},
                                    {.kind = RB_DEVICE_RESULTS, .id = NULL}};
    const size_t n = sizeof calls / sizeof *calls;

    for (size_t i = 0; i < n; i++)
        fake_ask(calls[i]);
    fake_pass(0);

    ck_assert_uint_eq(fake.n_answers, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(fake.answers[i].result.outcome, RB_DEVICE_NOT_FOUND);
    ck_assert_uint_eq(fake.n_requests, 0);
}
END_TEST

START_TEST(a_serial_number_that_no_filter_can_hold_is_not_found)
{
    char serial[200];

    memset(serial, 'A', sizeof serial - 1);
    serial[sizeof serial - 1] = '\0';
    fake_ask((rb_device_call){.kind = RB_DEVICE_FIND_BY_SERIAL, .text = serial});
    fake_answer_token();
    fake_pass(0);

    fake_expect_outcome(RB_DEVICE_NOT_FOUND);
}
END_TEST

START_TEST(pages_are_followed_unchanged_to_the_end)
{
    const char *link = GRAPH LIST "?$filter=x&$skiptoken=abc%2Fdef";

    find("adele@contoso.com");
    fake_exchange("GET", LIST, 200,
                  "{\"value\":[" ADELES_ROW "],\"@odata.nextLink\":\"" GRAPH LIST "?$filter=x&$skiptoken=abc%2Fdef\"}");
    ck_assert_str_eq(fake_expect("GET", LIST)->url, link);
    fake_exchange("GET", LIST, 200, PEOPLE(ADELES_ROW "," ROW(OTHER_PHONE, "ADELE@contoso.com", "X")));

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert_uint_eq(fake_only_answer()->result.n_devices, 2);
}
END_TEST

START_TEST(S5_a_link_to_another_address_is_not_followed)
{
    static const char *const links[] = {"https://graph.example.com.evil.example" LIST "?$skiptoken=a",
                                        "http://graph.example.com" LIST "?$skiptoken=a",
                                        "https://graph.example.com:8443" LIST "?$skiptoken=a",
                                        "https://graph.example.com@evil.example" LIST "?a",
                                        GRAPH "/v1.0/users?$skiptoken=a",
                                        GRAPH ONE "/wipe?a",
                                        GRAPH LIST "/../users?a",
                                        GRAPH LIST "?a#b",
                                        "//evil.example" LIST "?a",
                                        LIST "?a"};

    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        char body[512];
        (void)snprintf(body, sizeof body, "{\"value\":[],\"@odata.nextLink\":\"%s\"}", links[i]);
        find("adele@contoso.com");
        fake_exchange("GET", LIST, 200, body);
        ck_assert_uint_eq(fake.n_answers, i + 1);
        ck_assert_msg(fake.answers[i].result.outcome == RB_DEVICE_SURPRISE, "followed %s", links[i]);
        ck_assert_ptr_null(fake_waiting());
    }
}
END_TEST

START_TEST(a_list_that_never_ends_is_left)
{
    find("adele@contoso.com");
    for (size_t i = 0; i < 50 && fake.n_answers == 0; i++)
        fake_exchange("GET", LIST, 200,
                      "{\"value\":[" ADELES_ROW "],\"@odata.nextLink\":\"" GRAPH LIST "?$skiptoken=a\"}");

    fake_expect_outcome(RB_DEVICE_SURPRISE);
    ck_assert_uint_eq(fake_count("GET", LIST), 8);
}
END_TEST

static char *many_rows(size_t n)
{
    size_t cap = n * 256 + 64;
    char *body = malloc(cap);
    size_t len = (size_t)snprintf(body, cap, "{\"value\":[");

    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(body + len, cap - len,
                                "%s{\"id\":\"d0000000-0000-4000-8000-%012zu\",\"userPrincipalName\":\"a@b.c\"}",
                                i ? "," : "", i);
    (void)snprintf(body + len, cap - len, "]}");
    return body;
}

START_TEST(as_many_devices_as_allowed_are_listed_and_one_more_is_too_many)
{
    for (size_t extra = 0; extra < 2; extra++) {
        char *body = many_rows(RB_DEVICES_MAX + extra);
        find("a@b.c");
        fake_exchange("GET", LIST, 200, body);
        free(body);
    }

    ck_assert_int_eq(fake.answers[0].result.outcome, RB_DEVICE_OK);
    ck_assert_uint_eq(fake.answers[0].result.n_devices, RB_DEVICES_MAX);
    ck_assert_int_eq(fake.answers[1].result.outcome, RB_DEVICE_TOO_MANY);
    ck_assert_uint_eq(fake.answers[1].result.n_devices, 0);
}
END_TEST

START_TEST(an_object_id_is_turned_into_a_name_first_because_userId_is_no_safe_filter)
{
    find(ADELE);
    fake_exchange("GET", "/v1.0/users/" ADELE, 200, PERSON(ADELE, "adele@contoso.com"));
    ck_assert_ptr_nonnull(
        strstr(fake_expect("GET", LIST)->url, "$filter=userPrincipalName%20eq%20'adele%40contoso.com'"));
    fake_exchange("GET", LIST, 200, PEOPLE(ADELES_ROW));

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert_uint_eq(fake_count("GET", "userId%20eq"), 0);
}
END_TEST

START_TEST(another_user_than_the_one_asked_for_is_a_surprise)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_USER, .text = "adele@contoso.com"});
    fake_exchange("GET", "/v1.0/users/adele%40contoso.com", 200, PERSON(BERIT, "berit@contoso.com"));

    fake_expect_outcome(RB_DEVICE_SURPRISE);
}
END_TEST

START_TEST(a_user_is_resolved_or_not_found)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_USER, .text = "adele@contoso.com"});
    fake_exchange("GET", "/v1.0/users/adele%40contoso.com", 200, PERSON(ADELE, "Adele@contoso.com"));
    fake_ask((rb_device_call){.kind = RB_DEVICE_USER, .text = "nobody@contoso.com"});
    fake_exchange("GET", "/v1.0/users/nobody%40contoso.com", 404,
                  "{\"error\":{\"code\":\"Request_ResourceNotFound\"}}");

    ck_assert_int_eq(fake.answers[0].result.outcome, RB_DEVICE_OK);
    ck_assert_str_eq(fake.answers[0].result.user_id, ADELE);
    ck_assert_str_eq(fake.answers[0].result.upn, "Adele@contoso.com");
    ck_assert_int_eq(fake.answers[1].result.outcome, RB_DEVICE_NOT_FOUND);
}
END_TEST

/* ---- one device ------------------------------------------------------------------------------------------------- */

START_TEST(a_device_is_read_whole)
{
    read_phone();
    ck_assert(fake_expect("GET", ONE)->secret);
    fake_exchange("GET", ONE, 200, WHOLE(ACTION("done", "2026-01-15T10:00:00.5Z", ",\"passcode\":\"a1B2\"")));
    fake_exchange("GET", USERS, 200, PEOPLE(PERSON(ADELE, "adele@contoso.com")));
    fake_exchange("GET", BETA, 200, KIND("\"ADELE@contoso.com\""));

    fake_expect_outcome(RB_DEVICE_OK);
    const fake_answer *answer = fake_only_answer();
    ck_assert_str_eq(answer->device.enrollment, "appleBulkWithUser");
    ck_assert_str_eq(answer->device.kind, "iPhone");
    ck_assert(answer->device.is_beta_known);
    ck_assert(answer->device.are_owners_known);
    ck_assert_uint_eq(answer->device.n_owners, 1);
    ck_assert_int_eq(answer->device.last_sync_utc_ms, 0);
    ck_assert_uint_eq(answer->actions.n, 1);
    ck_assert_int_eq(answer->actions.read_utc_ms, DATE_MS);
    ck_assert(answer->actions.items[0].has_code);
    ck_assert_str_eq(answer->result.detail, "");
}
END_TEST

START_TEST(the_documented_wrapping_of_a_device_is_understood)
{
    read_phone();
    fake_exchange("GET", ONE, 200, "{\"value\":" WHOLE("") "}");
    fake_exchange("GET", USERS, 200, PEOPLE(""));
    fake_exchange("GET", BETA, 200, "{\"value\":" KIND("null") "}");

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert_str_eq(fake_only_answer()->device.serial, "F2LX4F2K");
}
END_TEST

START_TEST(S2_another_device_than_the_one_asked_for_is_a_surprise)
{
    read_phone();
    fake_exchange("GET", ONE, 200, "{\"id\":\"" OTHER_PHONE "\",\"deviceActionResults\":[]}");

    fake_expect_outcome(RB_DEVICE_SURPRISE);
}
END_TEST

START_TEST(S3_the_enrolling_user_is_an_owner_too)
{
    read_phone();
    fake_exchange("GET", ONE, 200, WHOLE(""));
    fake_exchange("GET", USERS, 200, PEOPLE(PERSON(ADELE, "adele@contoso.com")));
    fake_exchange("GET", BETA, 200, KIND("\"berit@contoso.com\""));
    fake_exchange("GET", "/v1.0/users/berit%40contoso.com", 200, PERSON(BERIT, "berit@contoso.com"));

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert_uint_eq(fake_only_answer()->device.n_owners, 2);
    ck_assert(rb_device_is_owned_by(&fake_only_answer()->device, BERIT));
    ck_assert(fake_only_answer()->device.are_owners_known);
}
END_TEST

START_TEST(S3_an_enrolling_user_who_is_gone_leaves_the_owners_unknown)
{
    read_phone();
    fake_exchange("GET", ONE, 200, WHOLE(""));
    fake_exchange("GET", USERS, 200, PEOPLE(PERSON(ADELE, "adele@contoso.com")));
    fake_exchange("GET", BETA, 200, KIND("\"gone@contoso.com\""));
    fake_exchange("GET", "/v1.0/users/gone%40contoso.com", 404, "");

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert(!fake_only_answer()->device.are_owners_known);
    ck_assert(fake_only_answer()->device.is_beta_known);
}
END_TEST

START_TEST(S3_a_name_without_an_id_is_resolved)
{
    read_phone();
    fake_exchange("GET", ONE, 200,
                  "{\"id\":\"" PHONE
                  "\",\"userId\":\"\",\"userPrincipalName\":\"berit@contoso.com\",\"deviceActionResults\":[]}");
    fake_exchange("GET", USERS, 200, PEOPLE(""));
    fake_exchange("GET", BETA, 200, KIND("\"berit@contoso.com\""));
    fake_exchange("GET", "/v1.0/users/berit%40contoso.com", 200, PERSON(BERIT, "berit@contoso.com"));

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert_uint_eq(fake_only_answer()->device.n_owners, 1);
    ck_assert_uint_eq(fake_count("GET", "/v1.0/users/"), 1);
}
END_TEST

START_TEST(S3_a_primary_user_who_is_not_the_devices_user_is_an_owner_too)
{
    read_phone();
    fake_exchange("GET", ONE, 200, WHOLE(""));
    fake_exchange("GET", USERS, 200, PEOPLE(PERSON(BERIT, "berit@contoso.com")));
    fake_exchange("GET", BETA, 200, KIND("null"));

    ck_assert_uint_eq(fake_only_answer()->device.n_owners, 2);
    ck_assert(fake_only_answer()->device.are_owners_known);
}
END_TEST

START_TEST(users_that_cannot_be_read_leave_the_owners_unknown)
{
    static const char *const bodies[] = {"no JSON", "{\"value\":7}", "{\"value\":[{\"id\":\"x\"}]}",
                                         "{\"value\":[],\"@odata.nextLink\":\"" GRAPH "/v1.0/more\"}"};

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        read_phone();
        fake_exchange("GET", ONE, 200, WHOLE(""));
        fake_exchange("GET", USERS, 200, bodies[i]);
        fake_exchange("GET", BETA, 200, KIND("null"));
        ck_assert_uint_eq(fake.n_answers, i + 1);
        ck_assert_int_eq(fake.answers[i].result.outcome, RB_DEVICE_OK);
        ck_assert_msg(!fake.answers[i].device.are_owners_known, "%s", bodies[i]);
    }
}
END_TEST

START_TEST(S3_users_that_are_refused_leave_the_owners_unknown_and_the_device_readable)
{
    read_phone();
    fake_exchange("GET", ONE, 200, WHOLE(""));
    fake_exchange("GET", USERS, 403, "{\"error\":{\"code\":\"Forbidden\"}}");
    fake_exchange("GET", BETA, 200, KIND("null"));
    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert(!fake_only_answer()->device.are_owners_known);
}
END_TEST

START_TEST(a_kind_that_beta_does_not_tell_is_unknown_and_no_error)
{
    static const struct {
        int status;
        const char *body;
    } replies[] = {{404, ""},
                   {403, "{}"},
                   {200, "<html>"},
                   {200, "{\"id\":\"" OTHER_PHONE "\",\"deviceEnrollmentType\":\"userEnrollment\"}"},
                   {200, "{\"id\":\"" PHONE "\",\"deviceEnrollmentType\":null}"},
                   {200, "{\"id\":\"" PHONE "\",\"deviceEnrollmentType\":7}"}};

    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        read_phone();
        fake_exchange("GET", ONE, 200, WHOLE(""));
        fake_exchange("GET", USERS, 200, PEOPLE(""));
        fake_exchange("GET", BETA, replies[i].status, replies[i].body);
        ck_assert_uint_eq(fake.n_answers, i + 1);
        ck_assert_int_eq(fake.answers[i].result.outcome, RB_DEVICE_OK);
        ck_assert(!fake.answers[i].device.is_beta_known);
        /* who enrolled it is then unknown, too */
        ck_assert(!fake.answers[i].device.are_owners_known);
        ck_assert_str_eq(fake.answers[i].device.enrollment, "");
    }
}
END_TEST

START_TEST(a_beta_that_fails_is_tried_again_and_then_done_without)
{
    read_phone();
    fake_exchange("GET", ONE, 200, WHOLE(""));
    fake_exchange("GET", USERS, 200, PEOPLE(""));
    for (int i = 0; i < 10 && fake.n_answers == 0; i++) {
        fake_exchange("GET", BETA, 500, "");
        fake_pass(5000);
    }

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert(!fake_only_answer()->device.is_beta_known);
    ck_assert_uint_eq(fake_count("GET", "/beta/"), 4);
}
END_TEST

START_TEST(a_device_that_is_gone_is_not_found)
{
    read_phone();
    fake_exchange("GET", ONE, 404, "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"x\"}}");

    fake_expect_outcome(RB_DEVICE_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(fake_only_answer()->result.detail, "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa"));
}
END_TEST

START_TEST(ids_and_words_that_do_not_fit_are_a_surprise_never_cut)
{
    char body[1024];
    char serial[RB_SERIAL_CAP + 1];

    memset(serial, 'S', RB_SERIAL_CAP);
    serial[RB_SERIAL_CAP] = '\0';
    for (int extra = 0; extra < 2; extra++) {
        (void)snprintf(body, sizeof body, "{\"id\":\"" PHONE "\",\"serialNumber\":\"%s\",\"deviceActionResults\":[]}",
                       serial + 1 - extra);
        read_phone();
        fake_exchange("GET", ONE, 200, body);
        if (extra == 0) {
            fake_exchange("GET", USERS, 200, PEOPLE(""));
            fake_exchange("GET", BETA, 200, KIND("null"));
        }
    }

    ck_assert_int_eq(fake.answers[0].result.outcome, RB_DEVICE_OK);
    ck_assert_str_eq(fake.answers[0].device.serial, serial + 1);
    ck_assert_int_eq(fake.answers[1].result.outcome, RB_DEVICE_SURPRISE);
}
END_TEST

/* ---- results and the code --------------------------------------------------------------------------------------- */

START_TEST(only_passcode_entries_are_results)
{
    read_results();
    fake_exchange("GET", ONE, 200,
                  RESULTS("{\"actionName\":\"remoteLock\",\"actionState\":\"done\",\"startDateTime\":\"2026-01-15T10:"
                          "00:00Z\",\"unlockPin\":\"1234\"},"
                          "{\"actionName\":\"removeDevicePasscode\",\"actionState\":\"pending\",\"startDateTime\":"
                          "\"0001-01-01T00:00:00Z\"}," ACTION("notSupported", "2026-01-15T10:00:00Z",
                                                              ",\"errorCode\":-5,\"passcode\":null")));

    fake_expect_outcome(RB_DEVICE_OK);
    const rb_action_results *actions = &fake_only_answer()->actions;
    ck_assert_uint_eq(actions->n, 2);
    ck_assert_str_eq(actions->items[0].type, "removeDevicePasscode");
    ck_assert_int_eq(actions->items[0].started_utc_ms, 0);
    ck_assert_str_eq(actions->items[0].started, "0001-01-01T00:00:00Z");
    ck_assert_int_eq(actions->items[0].state, RB_ACTION_PENDING);
    ck_assert_str_eq(actions->items[1].type, "resetPasscode");
    ck_assert_int_eq(actions->items[1].state, RB_ACTION_NOT_SUPPORTED);
    ck_assert_int_eq(actions->items[1].error_code, -5);
    ck_assert(!actions->items[1].has_code);
}
END_TEST

START_TEST(an_entrys_key_stays_when_its_type_appears_at_the_end)
{
    static const char *const entries[] = {RESULTS("{\"actionName\":\"resetPasscode\",\"actionState\":\"pending\","
                                                  "\"startDateTime\":\"2026-01-15T10:00:00Z\"}"),
                                          RESULTS(ACTION("done", "2026-01-15T10:00:00Z", ",\"passcode\":\"X1\""))};

    for (size_t i = 0; i < 2; i++) {
        read_results();
        fake_exchange("GET", ONE, 200, entries[i]);
    }
    ck_assert_str_eq(fake.answers[0].actions.items[0].type, fake.answers[1].actions.items[0].type);
    ck_assert_str_eq(fake.answers[0].actions.items[0].started, fake.answers[1].actions.items[0].started);
}
END_TEST

START_TEST(an_entry_without_a_name_is_known_by_its_type)
{
    read_results();
    fake_exchange("GET", ONE, 200,
                  RESULTS("{\"@odata.type\":\"#microsoft.graph.resetPasscodeActionResult\",\"actionName\":\" "
                          "\",\"actionState\":\"active\"}"));

    ck_assert_uint_eq(fake_only_answer()->actions.n, 1);
    ck_assert_str_eq(fake_only_answer()->actions.items[0].type, "microsoft.graph.resetPasscodeActionResult");
    ck_assert_str_eq(fake_only_answer()->actions.items[0].started, "");
}
END_TEST

START_TEST(a_state_that_nobody_knows_yet_is_not_final)
{
    read_results();
    fake_exchange("GET", ONE, 200, RESULTS(ACTION("unknownFutureValue", "2026-01-15T10:00:00Z", "")));

    ck_assert_int_eq(fake_only_answer()->actions.items[0].state, RB_ACTION_OTHER);
}
END_TEST

START_TEST(a_reply_without_the_list_of_actions_shows_nothing_and_is_a_surprise)
{
    read_results();
    fake_exchange("GET", ONE, 200, "{\"id\":\"" PHONE "\"}");

    fake_expect_outcome(RB_DEVICE_SURPRISE);
}
END_TEST

START_TEST(more_passcode_entries_than_the_limit_are_an_error)
{
    for (size_t extra = 0; extra < 2; extra++) {
        char *body = malloc(64 * 1024);
        size_t len = (size_t)snprintf(body, 64 * 1024, "{\"id\":\"" PHONE "\",\"deviceActionResults\":[");
        for (size_t i = 0; i < RB_ACTIONS_MAX + extra; i++)
            len += (size_t)snprintf(body + len, 64 * 1024 - len, "%s" ACTION("done", "2026-01-15T10:00:00Z", ""),
                                    i ? "," : "");
        (void)snprintf(body + len, 64 * 1024 - len, "]}");
        read_results();
        fake_exchange("GET", ONE, 200, body);
        free(body);
    }

    ck_assert_int_eq(fake.answers[0].result.outcome, RB_DEVICE_OK);
    ck_assert_uint_eq(fake.answers[0].actions.n, RB_ACTIONS_MAX);
    ck_assert_int_eq(fake.answers[1].result.outcome, RB_DEVICE_SURPRISE);
}
END_TEST

START_TEST(a_read_without_graphs_clock_says_so)
{
    read_results();
    fake_request *request = fake_expect("GET", ONE);
    rb_http_reply reply = fake_reply(200, RESULTS(""));
    reply.date[0] = '\0';
    fake_answer_with(request, &reply);

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert_int_eq(fake_only_answer()->actions.read_utc_ms, 0);
}
END_TEST

START_TEST(S6_the_code_of_exactly_that_reset_is_taken)
{
    ask_code("2026-03-02T14:03:00Z");
    ck_assert(fake_expect("GET", ONE)->secret);
    fake_exchange("GET", ONE, 200,
                  RESULTS(ACTION("done", "2026-02-20T10:00:00Z", ",\"passcode\":\"OLD1\"") "," ACTION(
                      "done", "2026-03-02T14:03:00Z", ",\"pass\\u0063ode\":\"n\\u00e9W\\\"2\"")));

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert_str_eq(fake_only_answer()->code, "n\xC3\xA9W\"2");
}
END_TEST

START_TEST(S6_no_code_is_taken_from_another_reset)
{
    ask_code("2026-03-02T14:03:00Z");
    fake_exchange("GET", ONE, 200, RESULTS(ACTION("done", "2026-02-20T10:00:00Z", ",\"passcode\":\"OLD1\"")));

    fake_expect_outcome(RB_DEVICE_NOT_FOUND);
    ck_assert_str_eq(fake_only_answer()->code, "");
}
END_TEST

START_TEST(S6_two_resets_with_one_key_give_no_code)
{
    ask_code("2026-03-02T14:03:00Z");
    fake_exchange("GET", ONE, 200,
                  RESULTS(ACTION("done", "2026-03-02T14:03:00Z", ",\"passcode\":\"ONE\"") "," ACTION(
                      "done", "2026-03-02T14:03:00Z", ",\"passcode\":\"TWO\"")));

    fake_expect_outcome(RB_DEVICE_SURPRISE);
    ck_assert_ptr_null(fake_only_answer()->result.code);
}
END_TEST

START_TEST(S6_a_code_of_another_device_is_not_taken)
{
    ask_code("2026-03-02T14:03:00Z");
    fake_exchange("GET", ONE, 200,
                  "{\"id\":\"" OTHER_PHONE
                  "\",\"deviceActionResults\":[" ACTION("done", "2026-03-02T14:03:00Z", ",\"passcode\":\"X\"") "]}");

    fake_expect_outcome(RB_DEVICE_SURPRISE);
}
END_TEST

START_TEST(a_reset_without_a_code_has_none_to_show)
{
    ask_code("2026-03-02T14:03:00Z");
    fake_exchange("GET", ONE, 200, RESULTS(ACTION("done", "2026-03-02T14:03:00Z", ",\"passcode\":null")));

    fake_expect_outcome(RB_DEVICE_NOT_FOUND);
}
END_TEST

/* ---- program ---------------------------------------------------------------------------------------------------- */

int main(void)
{
    const TTest *const tests[] = {
        a_users_devices_are_found_by_their_name,
        a_request_bears_the_token_and_the_headers_that_graph_wants,
        S2_a_row_of_somebody_else_stops_the_look_up,
        S2_a_foreign_row_on_a_later_page_stops_the_look_up_too,
        S2_a_row_without_its_name_is_foreign,
        S2_rows_of_a_serial_number_are_compared_too,
        a_serial_number_is_found_in_any_case,
        S2_nothing_is_ever_asked_with_an_empty_literal,
        a_serial_number_that_no_filter_can_hold_is_not_found,
        pages_are_followed_unchanged_to_the_end,
        S5_a_link_to_another_address_is_not_followed,
        a_list_that_never_ends_is_left,
        as_many_devices_as_allowed_are_listed_and_one_more_is_too_many,
        an_object_id_is_turned_into_a_name_first_because_userId_is_no_safe_filter,
        another_user_than_the_one_asked_for_is_a_surprise,
        a_user_is_resolved_or_not_found,
        a_device_is_read_whole,
        the_documented_wrapping_of_a_device_is_understood,
        S2_another_device_than_the_one_asked_for_is_a_surprise,
        S3_the_enrolling_user_is_an_owner_too,
        S3_an_enrolling_user_who_is_gone_leaves_the_owners_unknown,
        S3_a_name_without_an_id_is_resolved,
        S3_a_primary_user_who_is_not_the_devices_user_is_an_owner_too,
        users_that_cannot_be_read_leave_the_owners_unknown,
        S3_users_that_are_refused_leave_the_owners_unknown_and_the_device_readable,
        a_kind_that_beta_does_not_tell_is_unknown_and_no_error,
        a_beta_that_fails_is_tried_again_and_then_done_without,
        a_device_that_is_gone_is_not_found,
        ids_and_words_that_do_not_fit_are_a_surprise_never_cut,
        only_passcode_entries_are_results,
        an_entrys_key_stays_when_its_type_appears_at_the_end,
        an_entry_without_a_name_is_known_by_its_type,
        a_state_that_nobody_knows_yet_is_not_final,
        a_reply_without_the_list_of_actions_shows_nothing_and_is_a_surprise,
        more_passcode_entries_than_the_limit_are_an_error,
        a_read_without_graphs_clock_says_so,
        S6_the_code_of_exactly_that_reset_is_taken,
        S6_no_code_is_taken_from_another_reset,
        S6_two_resets_with_one_key_give_no_code,
        S6_a_code_of_another_device_is_not_taken,
        a_reset_without_a_code_has_none_to_show,
    };

    return fake_main("graph reads", tests, sizeof tests / sizeof *tests);
}
