/* sandbox_graph_reset.c - resets and what becomes of them: devices that check in or do not, faults before and after the
 * effect, other hands at the same device. */
#include "sandbox_fake.h"

/* Where a device's n-th action result says key: two arguments of expect. */
#define RESULT(device, n, key) DEVICES "/" device "?$select=deviceActionResults", "deviceActionResults/" #n "/" key

/* The same, copied; caller frees. */
static char *field_of(const char *target, const char *path)
{
    response reply = get(target);
    char *text = graph_text_copy(text_at(reply.json, path));
    done_with(&reply);
    return text;
}

START_TEST(a_reset_is_queued_then_active_then_done)
{
    ck_assert_int_eq(status_of(post(RESET)), 204);
    expect(RESULT(IPHONE, 0, "actionState"), "pending");
    pass_ms(2999);
    expect(RESULT(IPHONE, 0, "actionState"), "pending");
    pass_ms(1);
    expect(RESULT(IPHONE, 0, "actionState"), "active");
    pass_ms(500);
    expect(RESULT(IPHONE, 0, "actionState"), "done");
    expect(RESULT(IPHONE, 0, "startDateTime"), "2026-01-01T10:00:00.0000000Z");
    expect(RESULT(IPHONE, 0, "passcode"), "");
    expect(DEVICES "/" IPHONE, "lastSyncDateTime", "2026-01-01T10:00:03.0000000Z");
}
END_TEST

START_TEST(an_android_reset_shows_its_code_when_done_and_not_before)
{
    control("passcode", "{\"device\":\"" PIXEL "\",\"text\":\"canary7Kx\"}");
    ck_assert_int_eq(status_of(post(RESET_PIXEL)), 204);
    expect(RESULT(PIXEL, 0, "passcode"), "");
    expect(RESULT(PIXEL, 0, "%40odata.type"), "#microsoft.graph.resetPasscodeActionResult");
    pass_ms(3500);
    expect(RESULT(PIXEL, 0, "passcode"), "canary7Kx");
    expect(RESULT(PIXEL, 0, "errorCode"), "0");
}
END_TEST

START_TEST(each_reset_makes_another_code)
{
    ck_assert_int_eq(status_of(post(RESET_PIXEL)), 204);
    ck_assert_int_eq(status_of(post(RESET_PIXEL)), 204);
    pass_ms(3500);
    char *first = field_of(RESULT(PIXEL, 0, "passcode"));
    char *second = field_of(RESULT(PIXEL, 1, "passcode"));
    ck_assert_uint_eq(strlen(first), 8);
    ck_assert_str_ne(first, second);
    free(first);
    free(second);
}
END_TEST

START_TEST(an_offline_device_waits_until_it_is_back)
{
    control("offline", "{\"device\":\"F2LXK4QQ4F2K\",\"on\":true}");
    ck_assert_int_eq(status_of(post(RESET)), 204);
    pass_ms(7LL * 24 * 3600 * 1000);
    log_in();
    expect(RESULT(IPHONE, 0, "actionState"), "pending");
    control("offline", "{\"device\":\"F2LXK4QQ4F2K\",\"on\":false}");
    pass_ms(3500);
    expect(RESULT(IPHONE, 0, "actionState"), "done");
}
END_TEST

START_TEST(a_device_that_goes_away_before_its_check_in_stays_queued)
{
    ck_assert_int_eq(status_of(post(RESET)), 204);
    control("offline", "{\"device\":\"" IPHONE "\"}");
    pass_ms(10000);
    expect(RESULT(IPHONE, 0, "actionState"), "pending");
}
END_TEST

START_TEST(a_check_in_by_hand_ends_as_told)
{
    set("device_checkin_ms", -1);
    ck_assert_int_eq(status_of(post(RESET)), 204);
    control("checkin", "{\"device\":\"" IPHONE "\",\"result\":\"active\"}");
    expect(RESULT(IPHONE, 0, "actionState"), "active");
    control("checkin", "{\"device\":\"" IPHONE "\",\"result\":\"failed\"}");
    expect(RESULT(IPHONE, 0, "actionState"), "failed");
    control("device", "{\"id\":\"" PIXEL "\",\"result\":\"notSupported\"}");
    ck_assert_int_eq(status_of(post(RESET_PIXEL)), 204);
    control("checkin", "{\"device\":\"" PIXEL "\"}");
    expect(RESULT(PIXEL, 0, "actionState"), "notSupported");
}
END_TEST

START_TEST(kinds_without_a_reset_get_the_opaque_refusal)
{
    static const char *const refused[] = {"3", "4", "a"}; /* user enrolled iPad, PC, Mac */
    for (size_t i = 0; i < 3; i++) {
        char *target =
            graph_text_format(DEVICES "/d000000%s-0000-4000-8000-00000000000%s/resetPasscode", refused[i], refused[i]);
        response reply = post(target);
        ck_assert_int_eq(reply.status, 400);
        json_object *inside = json_tokener_parse(text_at(reply.json, "error/message"));
        ck_assert_int_eq(json_object_get_int(at(inside, "_version")), 3);
        json_object_put(inside);
        done_with(&reply);
        free(target);
    }
    ck_assert_int_eq(journaled("graph.reset", "acted", "false"), 3);
}
END_TEST

START_TEST(every_reset_is_journaled_with_its_id_and_whether_it_acted)
{
    header("client-request-id", "7f0c0000-0000-4000-8000-000000000001");
    response reply = post(RESET);
    ck_assert_ptr_nonnull(strstr(reply.raw.headers, "client-request-id: 7f0c0000-0000-4000-8000-000000000001\r\n"));
    done_with(&reply);
    ck_assert_int_eq(journaled("graph.reset", "client_request_id", "7f0c0000-0000-4000-8000-000000000001"), 1);
    ck_assert_int_eq(journaled("graph.reset", "acted", "true"), 1);
    ck_assert_int_eq(journaled("graph.call", "status", "204"), 1);
}
END_TEST

/* Each fault: whether the device was reset, the status, how the connection ended. */
static const struct {
    const char *name, *value;
    bool acted;
    int status;
    sb_reply_how how;
    const char *code;
} reset_faults[] = {{"close_before", NULL, false, 0, SB_REPLY_CLOSE, ""},
                    {"close_after", NULL, true, 0, SB_REPLY_CLOSE, ""},
                    {"rst_after", NULL, true, 0, SB_REPLY_RESET, ""},
                    {"hang_after", NULL, true, 0, SB_REPLY_HANG, ""},
                    {"500_before", NULL, false, 500, SB_REPLY_NORMAL, "InternalServerError"},
                    {"500_after", NULL, true, 500, SB_REPLY_NORMAL, "InternalServerError"},
                    {"502_after", NULL, true, 502, SB_REPLY_NORMAL, ""},
                    {"no_effect", NULL, false, 204, SB_REPLY_NORMAL, ""},
                    {"400", NULL, false, 400, SB_REPLY_NORMAL, "BadRequest"},
                    {"401", NULL, false, 401, SB_REPLY_NORMAL, "InvalidAuthenticationToken"},
                    {"403_role", NULL, false, 403, SB_REPLY_NORMAL, "Forbidden"},
                    {"403_nested", NULL, false, 403, SB_REPLY_NORMAL, "UnknownError"},
                    {"403_deep", NULL, false, 403, SB_REPLY_NORMAL, "UnknownError"},
                    {"403_approval", NULL, false, 403, SB_REPLY_NORMAL, "ApprovalRequired"},
                    {"403_conditional", NULL, false, 403, SB_REPLY_NORMAL, "AccessDenied"},
                    {"404", NULL, false, 404, SB_REPLY_NORMAL, "ResourceNotFound"},
                    {"409", NULL, false, 409, SB_REPLY_NORMAL, "Conflict"},
                    {"409_approval", NULL, false, 409, SB_REPLY_NORMAL, "ApprovalRequired"},
                    {"412_approval", NULL, false, 412, SB_REPLY_NORMAL, "ApprovalRequired"},
                    {"412", NULL, false, 412, SB_REPLY_NORMAL, "PreconditionFailed"},
                    {"423", NULL, false, 423, SB_REPLY_NORMAL, "Locked"},
                    {"429", "7", false, 429, SB_REPLY_NORMAL, "TooManyRequests"}};

START_TEST(a_reset_fault_bites_once_before_or_after_the_effect)
{
    char *name = graph_text_format("graph.reset.%s", reset_faults[_i].name);
    fault(name, reset_faults[_i].value);
    response reply = post(RESET);
    ck_assert_int_eq(reply.status, reset_faults[_i].status);
    ck_assert_int_eq((int)reply.raw.how, (int)reset_faults[_i].how);
    ck_assert_str_eq(text_at(reply.json, "error/code"), reset_faults[_i].code);
    bool has_code = strstr(reply.raw.headers, "x-msft-approval-code: ") != NULL;
    ck_assert_int_eq(has_code, strstr(name, "approval") != NULL);
    done_with(&reply);
    response device = get(DEVICES "/" IPHONE);
    ck_assert_uint_eq(length_at(device.json, "deviceActionResults"), reset_faults[_i].acted);
    done_with(&device);
    ck_assert_int_eq(journaled("graph.reset", "acted", reset_faults[_i].acted ? "true" : "false"), 1);
    ck_assert_int_eq(status_of(post(RESET)), 204);
    free(name);
}
END_TEST

START_TEST(a_reset_without_a_length_or_with_a_body_is_refused)
{
    header("content-length", "");
    ck_assert_int_eq(status_of(post(RESET)), 411);
    header("content-length", "2");
    ck_assert_int_eq(status_of(ask(graph_handle, "POST", RESET, "{\"keep\":true}")), 400);
    ck_assert_int_eq(journaled("graph.reset", "acted", "false"), 2);
    ck_assert_int_eq(status_of(ask(graph_handle, "POST", RESET, "{}")), 204);
}
END_TEST

START_TEST(a_held_reset_has_acted_and_waits_for_its_release)
{
    control("hold", "{\"times\":1}");
    response held = post(RESET);
    ck_assert_str_eq(held.raw.hold, "graph.reset");
    ck_assert_int_eq(journaled("graph.reset", "reply", "held"), 1);
    done_with(&held);
    expect(RESULT(IPHONE, 0, "actionState"), "pending");
    response second = post(RESET);
    ck_assert_str_eq(second.raw.hold, "");
    done_with(&second);
    control("release", "{}");
    ck_assert_uint_eq(fake.held, 0);
}
END_TEST

START_TEST(others_reset_too)
{
    control("stale_done", "{\"device\":\"" PIXEL "\",\"passcode\":\"old1\"}");
    control("portal_reset", "{\"device\":\"" PIXEL "\"}");
    expect(RESULT(PIXEL, 0, "actionState"), "done");
    expect(RESULT(PIXEL, 0, "passcode"), "old1");
    expect(RESULT(PIXEL, 0, "startDateTime"), "2025-12-25T10:00:00.0000000Z");
    expect(RESULT(PIXEL, 1, "actionState"), "pending");
    ck_assert_int_eq(journaled("graph.reset", NULL, NULL), 0);
}
END_TEST

START_TEST(things_happen_just_before_or_just_after_one_call)
{
    fault("graph.get.then", "{\"verb\":\"portal_reset\",\"arguments\":{\"device\":\"ADELE-IPHONE\"}}");
    expect(RESULT(IPHONE, 0, "actionState"), "");
    expect(RESULT(IPHONE, 0, "actionState"), "pending");
    fault("graph.reset.first", "{\"verb\":\"device_remove\",\"arguments\":{\"device\":\"ADELE-IPHONE\"}}");
    ck_assert_int_eq(status_of(post(RESET)), 404);
    fault("graph.reset.first", "{\"verb\":\"no such verb\"}");
    ck_assert_int_eq(status_of(post(RESET_PIXEL)), 204);
    ck_assert_int_eq(journaled("graph.meanwhile", "done", "true"), 2);
    ck_assert_int_eq(journaled("graph.meanwhile", "done", "false"), 1);
}
END_TEST

START_TEST(a_device_can_change_hands_or_disappear)
{
    control("device",
            "{\"id\":\"" IPHONE "\",\"fields\":{\"owner\":\"henry@contoso.com\",\"managementState\":\"wipePending\"}}");
    expect(DEVICES "/" IPHONE, "userId", "00000002-0000-4000-8000-000000000002");
    expect(DEVICES "/" IPHONE "/users", "value/0/id", "00000002-0000-4000-8000-000000000002");
    expect(DEVICES "/" IPHONE, "managementState", "wipePending");
    control("device_remove", "{\"device\":\"" IPHONE "\"}");
    ck_assert_int_eq(status_of(get(DEVICES "/" IPHONE)), 404);
    ck_assert_int_eq(status_of(post(RESET)), 404);
    ck_assert_uint_eq(rows_of(BY_UPN), 3);
    control("device_add", "{\"like\":\"HENRY-S23\",\"fields\":{\"serialNumber\":\"NEW1\"}}");
    ck_assert_uint_eq(rows_of(DEVICES "?$filter=serialNumber eq 'NEW1'"), 1);
}
END_TEST

START_TEST(actions_a_reset_bot_never_calls_are_told_apart)
{
    ck_assert_int_eq(status_of(post(DEVICES "/" IPHONE "/wipe")), 204);
    ck_assert_int_eq(status_of(post(DEVICES "/" IPHONE "/syncDevice")), 204);
    ck_assert_int_eq(status_of(ask(graph_handle, "DELETE", DEVICES "/" IPHONE, "")), 204);
    ck_assert_int_eq(journaled("graph.forbidden", NULL, NULL), 3);
    ck_assert_int_eq(journaled("graph.call", "allowed", "false"), 3);
    ck_assert_int_eq(status_of(get("/v1.0/groups")), 400);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_reset_is_queued_then_active_then_done,
                                  an_android_reset_shows_its_code_when_done_and_not_before,
                                  each_reset_makes_another_code,
                                  an_offline_device_waits_until_it_is_back,
                                  a_device_that_goes_away_before_its_check_in_stays_queued,
                                  a_check_in_by_hand_ends_as_told,
                                  kinds_without_a_reset_get_the_opaque_refusal,
                                  every_reset_is_journaled_with_its_id_and_whether_it_acted,
                                  a_reset_without_a_length_or_with_a_body_is_refused,
                                  a_held_reset_has_acted_and_waits_for_its_release,
                                  others_reset_too,
                                  things_happen_just_before_or_just_after_one_call,
                                  a_device_can_change_hands_or_disappear,
                                  actions_a_reset_bot_never_calls_are_told_apart};
    return run_tests("sandbox_graph_reset", tests, sizeof tests / sizeof tests[0],
                     a_reset_fault_bites_once_before_or_after_the_effect,
                     (int)(sizeof reset_faults / sizeof reset_faults[0]));
}
