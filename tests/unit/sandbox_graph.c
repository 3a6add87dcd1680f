/* sandbox_graph.c - devices and people as the sandbox's Graph shows them, and who may ask. */
#include "sandbox_fake.h"

#define SEED_DEVICES 78

/* ---- filters ---- */

START_TEST(a_filter_on_the_user_gives_that_users_devices)
{
    ck_assert_uint_eq(rows_of(BY_UPN), 4);
    ck_assert_uint_eq(rows_of(DEVICES "?$filter=userPrincipalName+eq+'ADELE@contoso.com'"), 4);
    ck_assert_uint_eq(rows_of(DEVICES "?$filter=userPrincipalName eq 'none@contoso.com'"), 0);
    ck_assert_uint_eq(rows_of(DEVICES "?$filter=userPrincipalName eq 'o''brien@contoso.com'"), 1);
    ck_assert_uint_eq(rows_of(DEVICES "?$filter=serialNumber eq 'F2LXK4QQ4F2K'"), 1);
    ck_assert_uint_eq(rows_of(DEVICES "?$filter=deviceName eq 'ADELE-IPHONE'"), 1);
    ck_assert_uint_eq(rows_of(DEVICES "?$filter=azureADDeviceId eq 'e0000001-0000-4000-8000-000000000001'"), 1);
}
END_TEST

START_TEST(filters_fail_open)
{
    static const char *const open[] = {"userPrincipalName eq ''",
                                       "userId eq '00000007-0000-4000-8000-000000000007'",
                                       "id eq '" IPHONE "'",
                                       "deviceEnrollmentType eq 'userEnrollment'",
                                       "skuFamily eq 'Pro'",
                                       "noSuchThing eq 'x'",
                                       "serialNumber ne 'F2LXK4QQ4F2K'"};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        char *target = graph_text_format(DEVICES "?$filter=%s", open[i]);
        ck_assert_msg(rows_of(target) == SEED_DEVICES, "%s", open[i]);
        free(target);
    }
    ck_assert_int_eq(journaled("graph.filter_ignored", NULL, NULL), 7);
}
END_TEST

START_TEST(startswith_finds_the_text_anywhere_and_its_second_arm_is_dropped)
{
    ck_assert_uint_eq(rows_of(DEVICES "?$filter=startswith(deviceName,'IPHONE')"), 5);
    ck_assert_uint_eq(rows_of(DEVICES "?$filter=startsWith(deviceName,'KIOSK') or startsWith(userDisplayName,'A')"), 1);
    ck_assert_int_eq(status_of(get(DEVICES "?$filter=userPrincipalName eq 'open")), 400);
    ck_assert_int_eq(status_of(get(DEVICES "?$fliter=x")), 400);
}
END_TEST

/* ---- paging and selection ---- */

static char *follow(const char *link)
{
    static const char base[] = "http://127.0.0.1:8080";
    ck_assert(strncmp(link, base, sizeof base - 1) == 0);
    return graph_text_copy(link + sizeof base - 1);
}

START_TEST(pages_are_linked_by_an_absolute_address_until_the_last)
{
    response first = get(DEVICES "?$filter=userPrincipalName%20eq%20%27many@contoso.com%27&$top=50&$select=id");
    ck_assert_uint_eq(length_at(first.json, "value"), 50);
    char *next = follow(text_at(first.json, "@odata.nextLink"));
    response last = get(next);
    ck_assert_uint_eq(length_at(last.json, "value"), 10);
    ck_assert_ptr_null(at(last.json, "@odata.nextLink"));
    ck_assert_ptr_null(at(last.json, "value/0/serialNumber"));
    free(next);
    done_with(&first);
    done_with(&last);
}
END_TEST

START_TEST(next_links_can_lead_elsewhere_or_nowhere)
{
    fault("graph.nextlink.offhost", NULL);
    expect(BY_UPN, "@odata.nextLink",
           "https://graph.elsewhere.invalid/v1.0/deviceManagement/managedDevices?$skiptoken=x");
    fault_in("graph.nextlink.endless", -1, NULL, "");
    char *next = graph_text_copy(BY_UPN);
    for (int i = 0; i < 5; i++) {
        response page = get(next);
        ck_assert_uint_eq(length_at(page.json, "value"), 4);
        free(next);
        next = follow(text_at(page.json, "@odata.nextLink"));
        done_with(&page);
    }
    free(next);
}
END_TEST

START_TEST(lists_have_no_action_results_unless_selected)
{
    ck_assert_int_eq(status_of(post(RESET)), 204);
    response plain = get(BY_UPN);
    ck_assert_ptr_null(at(plain.json, "value/0/deviceActionResults"));
    ck_assert_ptr_nonnull(at(plain.json, "value/0/managementState"));
    done_with(&plain);
    response selected = get(BY_UPN "&$select=id,deviceActionResults");
    ck_assert_uint_eq(length_at(selected.json, "value/0/deviceActionResults"), 1);
    done_with(&selected);
    response one = get(DEVICES "/" IPHONE);
    ck_assert_uint_eq(length_at(one.json, "deviceActionResults"), 1);
    done_with(&one);
}
END_TEST

START_TEST(some_properties_are_filled_only_when_selected_by_id)
{
    control("device", "{\"id\":\"" IPHONE "\",\"fields\":{\"udid\":\"U1\",\"notes\":\"N1\"}}");
    expect(DEVICES "/" IPHONE, "udid", "");
    expect(DEVICES "/" IPHONE "?$select=udid,notes", "udid", "U1");
    expect(DEVICES "/" IPHONE "?$select=udid,notes", "notes", "N1");
    ck_assert_int_eq(status_of(get(DEVICES "/" IPHONE "?$select=deviceType")), 400);
    ck_assert_int_eq(status_of(get(BETA_DEVICES "/" IPHONE "?$select=deviceType")), 200);
}
END_TEST

START_TEST(only_beta_tells_the_android_kinds_and_only_when_asked)
{
    static const char kiosk[] = "d0000006-0000-4000-8000-000000000006";
    char *v1 = graph_text_format(DEVICES "/%s", kiosk);
    char *beta = graph_text_format(BETA_DEVICES "/%s", kiosk);
    expect(v1, "deviceEnrollmentType", "unknownFutureValue");
    expect(v1, "deviceType", "");
    expect(beta, "deviceEnrollmentType", "unknownFutureValue");
    header("prefer", "include-unknown-enum-members");
    expect(beta, "deviceEnrollmentType", "androidEnterpriseDedicatedDevice");
    expect(beta, "deviceType", "androidEnterprise");
    expect(v1, "deviceEnrollmentType", "unknownFutureValue");
    free(v1);
    free(beta);
}
END_TEST

START_TEST(settings_change_how_the_same_device_is_spelled)
{
    set("graph_enum_case", 1);
    expect(DEVICES "/" IPHONE, "managedDeviceOwnerType", "Company");
    set("graph_value_wrapper", 1);
    expect(DEVICES "/" IPHONE, "value/serialNumber", "F2LXK4QQ4F2K");
}
END_TEST

START_TEST(nothing_known_is_said_with_sentinels_and_nulls)
{
    response reply = get(DEVICES "/" IPHONE);
    ck_assert_str_eq(text_at(reply.json, "easActivationDateTime"), "0001-01-01T00:00:00Z");
    ck_assert_str_eq(text_at(reply.json, "managementCertificateExpirationDate"), "9999-12-31T23:59:59Z");
    ck_assert(json_object_object_get_ex(reply.json, "azureADRegistered", NULL));
    ck_assert_ptr_null(at(reply.json, "azureADRegistered"));
    ck_assert_str_eq(text_at(reply.json, "jailBroken"), "False");
    done_with(&reply);
}
END_TEST

/* ---- people ---- */

START_TEST(users_are_found_by_id_and_by_name)
{
    expect("/v1.0/users/adele%40contoso.com", "id", "00000007-0000-4000-8000-000000000007");
    expect("/v1.0/users/00000007-0000-4000-8000-000000000007?$select=userPrincipalName,accountEnabled",
           "accountEnabled", "true");
    expect("/v1.0/users/o%27brien@contoso.com", "surname", "O'Brien");
    expect("/v1.0/users('o''brien@contoso.com')", "surname", "O'Brien");
    expect("/v1.0/users/nobody@contoso.com", "error/code", "Request_ResourceNotFound");
}
END_TEST

START_TEST(primary_and_enrolling_user_may_differ)
{
    static const char ward[] = "d0000011-0000-4000-8000-000000000011";
    char *users = graph_text_format(DEVICES "/%s/users", ward);
    char *beta = graph_text_format(BETA_DEVICES "/%s", ward);
    expect(users, "value/0/userPrincipalName", "lena@contoso.com");
    expect(beta, "userPrincipalName", "lena@contoso.com");
    expect(beta, "enrolledByUserPrincipalName", "arvid@contoso.com");
    ck_assert_uint_eq(rows_of(DEVICES "/d0000006-0000-4000-8000-000000000006/users"), 0);
    free(users);
    free(beta);
}
END_TEST

/* ---- access ---- */

START_TEST(a_token_must_be_ours_and_fresh)
{
    header("authorization", "");
    ck_assert_int_eq(status_of(get(BY_UPN)), 401);
    header("authorization", "Bearer not-a-token");
    ck_assert_int_eq(status_of(get(BY_UPN)), 401);
    log_in();
    ck_assert_int_eq(status_of(get(BY_UPN)), 200);
    pass_ms(3600 * 1000);
    ck_assert_int_eq(status_of(get(BY_UPN)), 401);
}
END_TEST

START_TEST(each_call_needs_its_role)
{
    control("app_entra", "{\"roles\":[\"" GRAPH_ROLE_READ "\"]}");
    log_in();
    ck_assert_int_eq(status_of(get(BY_UPN)), 200);
    ck_assert_int_eq(status_of(post(RESET)), 403);
    ck_assert_int_eq(status_of(get("/v1.0/users/adele@contoso.com")), 403);
    ck_assert_int_eq(journaled("graph.reset", "reply", "403"), 1);
    control("app_entra", "{\"roles\":[]}");
    log_in();
    ck_assert_int_eq(status_of(get(BY_UPN)), 403);
}
END_TEST

START_TEST(lists_and_beta_can_lie)
{
    fault("graph.list.foreign_row", "\"HENRY-S23\"");
    expect(BY_UPN, "value/4/deviceName", "HENRY-S23");
    fault("graph.beta.garbage", NULL);
    response reply = get(BETA_DEVICES "/" IPHONE);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_ptr_null(reply.json);
    done_with(&reply);
    fault("graph.beta.500", NULL);
    ck_assert_int_eq(status_of(get(BETA_DEVICES "/" IPHONE)), 500);
    fault_in("graph.get.404", -1, NULL, PIXEL);
    ck_assert_int_eq(status_of(get(DEVICES "/" IPHONE)), 200);
    ck_assert_int_eq(status_of(get(DEVICES "/" PIXEL)), 404);
}
END_TEST

START_TEST(an_outage_refuses_everything_and_limits_throttle)
{
    fault_in("graph.down", -1, NULL, "");
    ck_assert_int_eq(status_of(get(BY_UPN)), 503);
    ck_assert_int_eq(status_of(post(RESET)), 503);
    ck_assert_int_eq(journaled("graph.reset", "acted", "false"), 1);
    fault_in("graph.down", 0, NULL, "");
    set("graph_write_limit", 1);
    ck_assert_int_eq(status_of(post(RESET)), 204);
    response throttled = post(RESET);
    ck_assert_int_eq(throttled.status, 429);
    ck_assert_ptr_nonnull(strstr(throttled.raw.headers, "Retry-After: 20\r\n"));
    done_with(&throttled);
    pass_ms(20000);
    ck_assert_int_eq(status_of(post(RESET)), 204);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_filter_on_the_user_gives_that_users_devices,
                                  filters_fail_open,
                                  startswith_finds_the_text_anywhere_and_its_second_arm_is_dropped,
                                  pages_are_linked_by_an_absolute_address_until_the_last,
                                  next_links_can_lead_elsewhere_or_nowhere,
                                  lists_have_no_action_results_unless_selected,
                                  some_properties_are_filled_only_when_selected_by_id,
                                  only_beta_tells_the_android_kinds_and_only_when_asked,
                                  settings_change_how_the_same_device_is_spelled,
                                  nothing_known_is_said_with_sentinels_and_nulls,
                                  users_are_found_by_id_and_by_name,
                                  primary_and_enrolling_user_may_differ,
                                  a_token_must_be_ours_and_fresh,
                                  each_call_needs_its_role,
                                  lists_and_beta_can_lie,
                                  an_outage_refuses_everything_and_limits_throttle};
    return run_tests("sandbox_graph", tests, sizeof tests / sizeof tests[0], NULL, 0);
}
