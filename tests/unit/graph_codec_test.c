/* graph_codec_test.c - Graph's replies byte for byte: cut short anywhere, hostile, and in Microsoft's own words. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/graph_code.h"
#include "device/graph_codec.h"
#include "device/graph_fault.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ID "d0000001-0000-4000-8000-000000000001"
#define ADELE "00000007-0000-4000-8000-000000000007"

static const char device_body[] =
    "{\"@odata.context\":\"x\",\"id\":\"" ID "\",\"userId\":\"" ADELE "\",\"userPrincipalName\":\"adele@contoso.com\","
    "\"deviceName\":\"Adele\\u2019s\\nphone\",\"serialNumber\":\"F2LX\",\"operatingSystem\":\"iOS\",\"imei\":null,"
    "\"isSupervised\":true,"
    "\"enrolledDateTime\":\"2024-03-11T08:30:00+01:00\",\"lastSyncDateTime\":\"9999-12-31T23:59:59Z\","
    "\"deviceActionResults\":["
    "{\"@odata.type\":\"#microsoft.graph.resetPasscodeActionResult\",\"actionName\":\"resetPasscode\",\"actionState\":"
    "\"done\","
    "\"startDateTime\":\"2026-01-15T10:00:00Z\",\"errorCode\":0,\"passcode\":\"a1B2c3D4\"}]}";

/* A copy of exactly that many bytes, so that the sanitizer sees one read too many. */
static rb_str cut(const char *text, size_t len, char **out_heap)
{
    *out_heap = malloc(len > 0 ? len : 1);
    memcpy(*out_heap, text, len);
    return (rb_str){*out_heap, len};
}

/* ---- cut short -------------------------------------------------------------------------------------------------- */

START_TEST(a_reply_that_was_cut_anywhere_is_never_read)
{
    const rb_action_key key = {"resetPasscode", "2026-01-15T10:00:00Z"};
    static rb_action_results results;

    for (size_t len = 0; len < sizeof device_body - 1; len++) {
        char *heap = NULL;
        rb_str body = cut(device_body, len, &heap);
        rb_device device;
        rb_graph_rows rows = {0};
        rb_graph_user user;
        rb_secret *code = NULL;
        rb_buf link;
        rb_buf_init(&link, 100);
        ck_assert_int_eq(rb_graph_read_device(body, ID, &device), RB_E_SYNTAX);
        ck_assert_int_eq(rb_graph_read_results(body, ID, 1, &results), RB_E_SYNTAX);
        ck_assert_int_eq(rb_graph_read_user(body, &user), RB_E_SYNTAX);
        ck_assert_int_eq(rb_graph_read_page(body, RB_GRAPH_MATCH_UPN, RB_STR("a@b.c"), &rows, &link), RB_E_SYNTAX);
        ck_assert_int_eq(rb_graph_take_code(body, ID, &key, &code), RB_E_SYNTAX);
        ck_assert_ptr_null(code);
        rb_graph_rows_fini(&rows);
        rb_buf_fini(&link);
        free(heap);
    }
}
END_TEST

START_TEST(the_whole_reply_is_read)
{
    const rb_action_key key = {"resetPasscode", "2026-01-15T10:00:00Z"};
    static rb_action_results results;
    rb_device device;
    rb_secret *code = NULL;

    ck_assert_int_eq(rb_graph_read_device(rb_str_of(device_body), ID, &device), RB_OK);
    ck_assert_str_eq(device.name, "Adele\xE2\x80\x99s phone");
    ck_assert_str_eq(device.enrolled_at, "2024-03-11T08:30:00+01:00");
    ck_assert_int_eq(device.last_sync_utc_ms, 0);
    ck_assert_uint_eq(device.n_owners, 1);
    ck_assert_int_eq(rb_graph_read_results(rb_str_of(device_body), ID, 5, &results), RB_OK);
    ck_assert_uint_eq(results.n, 1);
    ck_assert_int_eq(results.items[0].started_utc_ms, 1768471200000);
    ck_assert_int_eq(results.read_utc_ms, 5);
    ck_assert_int_eq(rb_graph_take_code(rb_str_of(device_body), ID, &key, &code), RB_OK);
    ck_assert(rb_str_equal(rb_secret_reveal(code), RB_STR("a1B2c3D4")));
    rb_secret_free(code);
}
END_TEST

START_TEST(one_changed_byte_never_crashes_and_never_gives_another_device)
{
    char body[sizeof device_body];
    static const char bytes[] = {'"', '{', '}', '[', ']', ',', ':', '\\', '0', '\0', '\n', '\x80', '\xFF'};
    static rb_action_results results;
    rb_device device;

    for (size_t at = 0; at < sizeof device_body - 1; at++)
        for (size_t i = 0; i < COUNT(bytes); i++) {
            memcpy(body, device_body, sizeof body);
            body[at] = bytes[i];
            rb_str text = {body, sizeof body - 1};
            if (rb_graph_read_device(text, ID, &device) == RB_OK)
                ck_assert_str_eq(device.id, ID);
            (void)!rb_graph_read_results(text, ID, 1, &results);
        }
}
END_TEST

/* ---- hostile ---------------------------------------------------------------------------------------------------- */

START_TEST(values_of_the_wrong_type_are_refused_where_they_matter)
{
    static const char *const bodies[] = {"{\"id\":7}",
                                         "{\"id\":null}",
                                         "{\"id\":\"x\"}",
                                         "{\"id\":\"" ID "\",\"serialNumber\":7}",
                                         "{\"id\":\"" ID "\",\"userId\":\"adele\"}",
                                         "{\"id\":\"" ID "\",\"userId\":[]}",
                                         "{\"id\":\"" ID "\",\"operatingSystem\":{}}",
                                         "[]",
                                         "\"" ID "\"",
                                         "null"};
    rb_device device;

    for (size_t i = 0; i < COUNT(bodies); i++)
        ck_assert_msg(rb_graph_read_device(rb_str_of(bodies[i]), ID, &device) != RB_OK, "read: %s", bodies[i]);
}
END_TEST

START_TEST(names_are_cleaned_and_cut_and_words_are_not)
{
    char body[2048];
    char name[400];
    rb_device device;

    memset(name, 'N', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    (void)snprintf(body, sizeof body, "{\"id\":\"" ID "\",\"deviceName\":\"%s\",\"model\":\"\\u202eevil\\u0007\"}",
                   name);
    ck_assert_int_eq(rb_graph_read_device(rb_str_of(body), ID, &device), RB_OK);
    ck_assert_uint_le(strlen(device.name), RB_NAME_CAP - 1);
    ck_assert_ptr_nonnull(strstr(device.name, "\xE2\x80\xA6"));
    ck_assert_str_eq(device.model, "evil");
    (void)snprintf(body, sizeof body, "{\"id\":\"" ID "\",\"operatingSystem\":\"%s\"}", name);
    ck_assert_int_eq(rb_graph_read_device(rb_str_of(body), ID, &device), RB_E_LIMIT);
}
END_TEST

START_TEST(S2_two_spellings_do_not_become_one_by_cleaning)
{
    rb_graph_rows rows = {0};
    rb_buf link;

    rb_buf_init(&link, 100);
    ck_assert_int_eq(rb_graph_read_page(
                         RB_STR("{\"value\":[{\"id\":\"" ID "\",\"userPrincipalName\":\"ade\\u200ble@contoso.com\"}]}"),
                         RB_GRAPH_MATCH_UPN, RB_STR("adele@contoso.com"), &rows, &link),
                     RB_OK);
    ck_assert_uint_eq(rows.n, 0);
    ck_assert_uint_eq(rows.n_foreign, 1);
    rb_graph_rows_fini(&rows);
    rb_buf_fini(&link);
}
END_TEST

START_TEST(owners_are_distinct_and_end_at_their_limit)
{
    rb_device device = {0};
    char id[RB_GUID_CAP];

    for (unsigned i = 0; i < RB_OWNERS_MAX; i++) {
        (void)snprintf(id, sizeof id, "0000000a-0000-4000-8000-%012u", i);
        ck_assert_int_eq(rb_graph_add_owner(&device, id), RB_OK);
        ck_assert_int_eq(rb_graph_add_owner(&device, id), RB_OK);
    }
    ck_assert_uint_eq(device.n_owners, RB_OWNERS_MAX);
    id[0] = '1';
    ck_assert_int_eq(rb_graph_add_owner(&device, id), RB_E_LIMIT);
}
END_TEST

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static void tell(int status, const char *body, char out_detail[RB_DETAIL_CAP])
{
    rb_http_reply reply = {.status = status, .body = rb_str_of(body), .error = ""};
    rb_graph_fault fault;

    rb_graph_fault_read(&reply, &fault);
    rb_graph_fault_tell(RB_GRAPH_RESET, status, &fault, out_detail);
}

START_TEST(errors_are_read_to_three_levels_and_never_shown)
{
    static const char *const bodies[] = {
        "{\"error\":{\"code\":\"Forbidden\",\"message\":\"RAW Activity ID: abc-1 RAW\"}}",
        "{\"error\":{\"code\":\"UnknownError\",\"message\":\"{\\\"ErrorCode\\\":\\\"Forbidden\\\",\\\"Message\\\":"
        "\\\"RAW Activity ID: abc-1 RAW\\\"}\"}}",
        ("{\"error\":{\"code\":\"UnknownError\",\"message\":\"{\\\"ErrorCode\\\":\\\"Forbidden\\\",\\\"Message\\\":"
         "\\\"{\\\\\\\"Message\\\\\\\":"
         "\\\\\\\"RAW Activity ID: abc-1 RAW\\\\\\\"}\\\"}\"}}")};
    char detail[RB_DETAIL_CAP];

    for (size_t i = 0; i < COUNT(bodies); i++) {
        tell(403, bodies[i], detail);
        ck_assert_msg(strstr(detail, "Activity ID abc-1") != NULL, "level %zu: %s", i + 1, detail);
        ck_assert_ptr_null(strstr(detail, "RAW"));
        ck_assert_ptr_nonnull(strstr(detail, "PrivilegedOperations"));
    }
}
END_TEST

START_TEST(a_refusal_names_what_an_administrator_must_look_at)
{
    char detail[RB_DETAIL_CAP];

    tell(403, "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Tenant is not licensed\"}}", detail);
    ck_assert_ptr_nonnull(strstr(detail, "licence"));
    tell(403, "{\"error\":{\"code\":\"AccessDenied\",\"message\":\"blocked by Conditional Access\"}}", detail);
    ck_assert_ptr_nonnull(strstr(detail, "Conditional Access policy"));
    tell(404, "", detail);
    ck_assert_ptr_nonnull(strstr(detail, "Look it up again"));
    tell(423, "", detail);
    ck_assert_ptr_nonnull(strstr(detail, "locked by another action"));
}
END_TEST

START_TEST(ids_that_could_format_or_mention_are_left_out)
{
    rb_http_reply reply = {
        .status = 400, .body = RB_STR("{\"error\":{\"message\":\"Activity ID: <!channel>\"}}"), .error = ""};
    rb_graph_fault fault;

    rb_copy_fit(reply.request_id, sizeof reply.request_id, "<@U1>");
    rb_copy_fit(reply.client_request_id, sizeof reply.client_request_id, "ok-1");
    rb_graph_fault_read(&reply, &fault);
    ck_assert_str_eq(fault.request_id, "");
    ck_assert_str_eq(fault.activity_id, "");
    ck_assert_str_eq(fault.client_request_id, "ok-1");
}
END_TEST

START_TEST(an_error_that_is_no_json_still_has_its_sentence)
{
    static const char *const bodies[] = {"",  "<html>", "{", "{\"error\":7}", "{\"error\":{\"code\":7,\"message\":[]}}",
                                         "[]"};
    char detail[RB_DETAIL_CAP];

    for (size_t i = 0; i < COUNT(bodies); i++) {
        tell(400, bodies[i], detail);
        ck_assert_ptr_nonnull(strstr(detail, "Intune refused"));
        ck_assert_ptr_nonnull(strstr(detail, "(status 400)"));
    }
}
END_TEST

START_TEST(the_longest_sentence_with_all_ids_fits)
{
    rb_graph_fault fault = {.is_approval_required = true};
    char *const ids[] = {fault.request_id, fault.client_request_id, fault.activity_id, fault.approval_code};
    static const int statuses[] = {302, 400, 401, 403, 404, 409, 423, 429, 500, 418};

    for (size_t i = 0; i < COUNT(ids); i++)
        rb_copy_fit(ids[i], RB_GRAPH_ID_CAP, "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa");
    for (int approval = 0; approval < 2; approval++)
        for (size_t i = 0; i < COUNT(statuses); i++)
            for (int call = 0; call < RB_GRAPH_CALLS; call++) {
                char detail[RB_DETAIL_CAP];
                fault.is_approval_required = approval != 0;
                rb_graph_fault_tell((rb_graph_call)call, statuses[i], &fault, detail);
                ck_assert_int_eq(detail[strlen(detail) - 1], ')');
            }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph codec");
    TCase *cases = tcase_create("graph codec");

    tcase_add_test(cases, a_reply_that_was_cut_anywhere_is_never_read);
    tcase_add_test(cases, the_whole_reply_is_read);
    tcase_add_test(cases, one_changed_byte_never_crashes_and_never_gives_another_device);
    tcase_add_test(cases, values_of_the_wrong_type_are_refused_where_they_matter);
    tcase_add_test(cases, names_are_cleaned_and_cut_and_words_are_not);
    tcase_add_test(cases, S2_two_spellings_do_not_become_one_by_cleaning);
    tcase_add_test(cases, owners_are_distinct_and_end_at_their_limit);
    tcase_add_test(cases, errors_are_read_to_three_levels_and_never_shown);
    tcase_add_test(cases, a_refusal_names_what_an_administrator_must_look_at);
    tcase_add_test(cases, ids_that_could_format_or_mention_are_left_out);
    tcase_add_test(cases, an_error_that_is_no_json_still_has_its_sentence);
    tcase_add_test(cases, the_longest_sentence_with_all_ids_fits);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
