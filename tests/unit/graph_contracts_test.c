/* graph_contracts_test.c - Microsoft's own samples, and real replies that people published, go through the codecs without a
 * wrong reading. They are read from $RESETBOT_CONTRACTS; without them the program is skipped (exit 77). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/entra.h"
#include "device/graph_code.h"
#include "device/graph_codec.h"
#include "device/graph_fault.h"

#define SKIPPED 77
#define FILE_MAX (256 * 1024)
#define SAMPLE_ID "705c034c-034c-705c-4c03-5c704c035c70"
#define ANDROID_ID "11111111-2222-3333-4444-555555555555"
#define IPHONE_ID "aaaaaaaa-2222-3333-4444-555555555555"
#define SOMEBODY "00000007-0000-4000-8000-000000000007"

static char text[FILE_MAX];

/* ---- given -------------------------------------------------------------------------------------------------------- */

static void sample_path(const char *name, char out_path[1024])
{
    const char *contracts = getenv("RESETBOT_CONTRACTS");
    const char *source = getenv("RESETBOT_SOURCE");

    (void)snprintf(out_path, 1024, "%s%s/graph/samples/%s",
                   contracts ? contracts
                   : source  ? source
                             : ".",
                   contracts ? "" : "/../shared/contracts", name);
}

/* Borrowed until the next sample. */
static const char *sample(const char *name)
{
    char path[1024];

    sample_path(name, path);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "cannot read %s", path);
    size_t len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[len] = '\0';
    return text;
}

/* The documentation puts words where the service puts ids: what is nothing but a placeholder becomes an id, in place. */
static const char *with_an_id_for(const char *body, const char *placeholder)
{
    static char filled[FILE_MAX + RB_GUID_CAP];
    const char *at = strstr(body, placeholder);

    ck_assert_ptr_nonnull(at);
    (void)snprintf(filled, sizeof filled, "%.*s%s%s", (int)(at - body), body, SOMEBODY, at + strlen(placeholder));
    return filled;
}

static rb_http_reply reply_of(int status, const char *body)
{
    return (rb_http_reply){.status = status, .body = rb_str_of(body), .error = ""};
}

/* ---- devices ------------------------------------------------------------------------------------------------------ */

START_TEST(the_documented_device_is_read_once_its_placeholder_is_an_id)
{
    rb_device device;
    static rb_action_results results;
    const char *body = sample("docs-manageddevice-get.json");

    ck_assert_int_eq(rb_graph_read_device(rb_str_of(body), SAMPLE_ID, &device), RB_E_SYNTAX);
    body = with_an_id_for(body, "User Id value");
    ck_assert_int_eq(rb_graph_read_device(rb_str_of(body), SAMPLE_ID, &device), RB_OK);
    ck_assert_str_eq(device.serial, "Serial Number value");
    ck_assert_str_eq(device.upn, "User Principal Name value");
    ck_assert_str_eq(device.ownership, "company");
    ck_assert_str_eq(device.compliance, "compliant");
    ck_assert_str_eq(device.enrolled_at, "2016-12-31T23:59:43.797191-08:00");
    ck_assert_int_eq(device.last_sync_utc_ms, 1483257769320);
    ck_assert_str_eq(device.user_id, SOMEBODY);
    ck_assert_int_eq(rb_graph_read_results(rb_str_of(body), SAMPLE_ID, 1, &results), RB_OK);
    ck_assert_uint_eq(results.n, 0);
}
END_TEST

START_TEST(the_documented_list_is_read_and_its_row_checked)
{
    rb_graph_rows rows = {0};
    rb_buf link;
    const char *body = with_an_id_for(sample("docs-manageddevice-list.json"), "User Id value");

    rb_buf_init(&link, 100);
    ck_assert_int_eq(
        rb_graph_read_page(rb_str_of(body), RB_GRAPH_MATCH_SERIAL, RB_STR("serial number VALUE"), &rows, &link), RB_OK);
    ck_assert_uint_eq(rows.n, 1);
    ck_assert_uint_eq(rows.n_foreign, 0);
    ck_assert_str_eq(rows.items[0].id, SAMPLE_ID);
    ck_assert_int_eq(rb_graph_read_page(rb_str_of(body), RB_GRAPH_MATCH_SERIAL, RB_STR("another"), &rows, &link),
                     RB_OK);
    ck_assert_uint_eq(rows.n_foreign, 1);
    ck_assert_uint_eq(link.len, 0);
    rb_graph_rows_fini(&rows);
    rb_buf_fini(&link);
}
END_TEST

START_TEST(the_documented_action_result_is_a_passcode_entry)
{
    static char body[FILE_MAX + 256];
    static rb_action_results results;

    (void)snprintf(body, sizeof body, "{\"id\":\"" SAMPLE_ID "\",\"deviceActionResults\":[%s]}",
                   sample("docs-resetpasscodeactionresult.json"));
    ck_assert_int_eq(rb_graph_read_results(rb_str_of(body), SAMPLE_ID, 1, &results), RB_OK);
    ck_assert_uint_eq(results.n, 1);
    ck_assert_str_eq(results.items[0].type, "String");
    ck_assert_int_eq(results.items[0].state, RB_ACTION_OTHER);
    ck_assert_int_eq(results.items[0].started_utc_ms, 0);
    ck_assert(results.items[0].has_code);
}
END_TEST

static rb_action_result only_result(const char *name, const char *id)
{
    static rb_action_results results;

    ck_assert_int_eq(rb_graph_read_results(rb_str_of(sample(name)), id, 1, &results), RB_OK);
    ck_assert_uint_eq(results.n, 1);
    return results.items[0];
}

START_TEST(our_own_samples_of_results_are_read)
{
    rb_action_result done = only_result("synthetic/manageddevice-get-android-reset-done.json", ANDROID_ID);
    rb_action_result refused = only_result("synthetic/manageddevice-get-android-notsupported.json", ANDROID_ID);
    rb_action_result pending = only_result("synthetic/manageddevice-get-ios-pending.json", IPHONE_ID);

    ck_assert_int_eq(done.state, RB_ACTION_DONE);
    ck_assert(done.has_code);
    ck_assert_int_eq(done.started_utc_ms, 1768471200000);
    ck_assert_int_eq(refused.state, RB_ACTION_NOT_SUPPORTED);
    ck_assert(!refused.has_code);
    ck_assert_int_eq(pending.state, RB_ACTION_PENDING);
    ck_assert_str_eq(pending.type, "resetPasscode");
}
END_TEST

START_TEST(the_code_of_our_own_sample_is_taken)
{
    const rb_action_key key = {"resetPasscode", "2026-01-15T10:00:00Z"};
    rb_secret *code = NULL;

    ck_assert_int_eq(rb_graph_take_code(rb_str_of(sample("synthetic/manageddevice-get-android-reset-done.json")),
                                        ANDROID_ID, &key, &code),
                     RB_OK);
    ck_assert(rb_str_equal(rb_secret_reveal(code), RB_STR("a1B2c3D4")));
    rb_secret_free(code);
}
END_TEST

/* ---- errors ------------------------------------------------------------------------------------------------------- */

START_TEST(intunes_nested_error_becomes_our_sentence)
{
    rb_http_reply reply = reply_of(400, sample("live-error-400-remotelock-unsupported.json"));
    rb_graph_fault fault;
    char detail[RB_DETAIL_CAP];

    rb_graph_fault_read(&reply, &fault);
    ck_assert_str_eq(fault.code, "BadRequest");
    ck_assert_str_eq(fault.request_id, "redacted");
    ck_assert_str_eq(fault.activity_id, "redacted");
    ck_assert(!fault.is_approval_required);
    rb_graph_fault_tell(RB_GRAPH_RESET, 400, &fault, detail);
    ck_assert_ptr_null(strstr(detail, "http"));
    ck_assert_ptr_null(strstr(detail, "An error has occurred"));
}
END_TEST

START_TEST(the_documented_tenant_approval_is_known)
{
    rb_http_reply reply = reply_of(403, sample("docs-error-403-maa-approval-required.json"));
    rb_graph_fault fault;

    rb_graph_fault_read(&reply, &fault);
    ck_assert(fault.is_approval_required);
    ck_assert_str_eq(fault.approval_code, "aabb1234-5678-9012-abcd-ef0123456789");
}
END_TEST

START_TEST(the_documented_error_is_no_tenant_approval)
{
    rb_http_reply reply = reply_of(416, sample("docs-error-generic.json"));
    rb_graph_fault fault;

    rb_graph_fault_read(&reply, &fault);
    ck_assert_str_eq(fault.code, "invalidRange");
    ck_assert_str_eq(fault.request_id, "request-id");
    ck_assert(!fault.is_approval_required);
}
END_TEST

/* ---- tokens ------------------------------------------------------------------------------------------------------- */

static rb_entra_answer entra(int status, const char *body)
{
    rb_http_reply reply = reply_of(status, body);
    rb_entra_answer answer;

    rb_entra_read(&reply, 0, &answer);
    return answer;
}

START_TEST(documented_tokens_are_read_with_numbers_and_with_strings)
{
    rb_entra_answer plain = entra(200, sample("docs-token-success.json"));
    rb_entra_answer strings = entra(200, sample("docs-imds-token-success.json"));

    ck_assert_int_eq(plain.outcome, RB_ENTRA_TOKEN);
    ck_assert_int_eq(plain.lifetime_ms, 3599000);
    ck_assert(rb_str_starts(rb_secret_reveal(plain.token), RB_STR("eyJ0eXAi")));
    ck_assert_int_eq(strings.outcome, RB_ENTRA_TOKEN);
    ck_assert_int_eq(strings.lifetime_ms, 3599000);
    rb_secret_free(plain.token);
    rb_secret_free(strings.token);
}
END_TEST

START_TEST(documented_and_live_token_errors_name_the_fix)
{
    rb_entra_answer scope = entra(400, sample("docs-token-error-invalid-scope.json"));
    rb_entra_answer grant = entra(400, sample("live-token-error-invalid-grant.json"));

    ck_assert_int_eq(scope.outcome, RB_ENTRA_REFUSED);
    ck_assert_ptr_nonnull(strstr(scope.detail, "scope"));
    ck_assert_ptr_nonnull(strstr(scope.detail, "AADSTS70011, trace 255d1aef-8c98-452f-ac51-23d051240864"));
    ck_assert_int_eq(grant.outcome, RB_ENTRA_REFUSED);
    ck_assert_ptr_nonnull(strstr(grant.detail, "AADSTS9002313"));
}
END_TEST

START_TEST(the_live_429_is_no_json_and_is_waited_for)
{
    const char *http = sample("live-token-error-429-nonjson.http");
    rb_http_reply reply = {.status = 429, .error = ""};
    rb_entra_answer answer;

    ck_assert(rb_str_starts(rb_str_of(http), RB_STR("HTTP/1.1 429 ")));
    const char *body = strstr(http, "\n\n");
    body = body ? body + 2 : strstr(http, "\r\n\r\n") + 4;
    const char *wait = strstr(http, "Retry-After: ") + strlen("Retry-After: ");
    ck_assert_int_eq(rb_copy(reply.retry_after, sizeof reply.retry_after, (rb_str){wait, strspn(wait, "0123456789")}),
                     RB_OK);
    reply.body = rb_str_of(body);
    rb_entra_read(&reply, 0, &answer);
    ck_assert_int_eq(answer.outcome, RB_ENTRA_LATER);
    ck_assert_int_eq(answer.retry_after_ms, 60000);
}
END_TEST

/* ---- program ------------------------------------------------------------------------------------------------------ */

int main(void)
{
    char path[1024];
    Suite *suite = suite_create("graph contracts");
    TCase *cases = tcase_create("graph contracts");

    sample_path("README.md", path);
    if (access(path, R_OK) != 0 && !getenv("RESETBOT_NEED_CONTRACTS")) {
        (void)puts("skipped: no contract samples (set RESETBOT_CONTRACTS)");
        suite_add_tcase(suite, cases);
        srunner_free(srunner_create(suite));
        return SKIPPED;
    }
    tcase_add_test(cases, the_documented_device_is_read_once_its_placeholder_is_an_id);
    tcase_add_test(cases, the_documented_list_is_read_and_its_row_checked);
    tcase_add_test(cases, the_documented_action_result_is_a_passcode_entry);
    tcase_add_test(cases, our_own_samples_of_results_are_read);
    tcase_add_test(cases, the_code_of_our_own_sample_is_taken);
    tcase_add_test(cases, intunes_nested_error_becomes_our_sentence);
    tcase_add_test(cases, the_documented_tenant_approval_is_known);
    tcase_add_test(cases, the_documented_error_is_no_tenant_approval);
    tcase_add_test(cases, documented_tokens_are_read_with_numbers_and_with_strings);
    tcase_add_test(cases, documented_and_live_token_errors_name_the_fix);
    tcase_add_test(cases, the_live_429_is_no_json_and_is_waited_for);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
