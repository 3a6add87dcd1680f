/* graph_entra_test.c - asking Entra for a token, its answers, what a token lacks, and when to try again. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/entra.h"
#include "device/retry.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char token_body[] =
    "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,\"access_token\":\"aaa.bbb.ccc\"}";

static rb_entra_answer answer_to(int status, rb_str body)
{
    rb_http_reply reply = {.status = status, .body = body, .error = ""};
    rb_entra_answer answer;

    rb_entra_read(&reply, 0, &answer);
    return answer;
}

static rb_entra_answer answer_to_text(int status, const char *body)
{
    return answer_to(status, rb_str_of(body));
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

START_TEST(a_token_cut_anywhere_is_no_token)
{
    for (size_t len = 0; len < sizeof token_body - 1; len++) {
        char *heap = malloc(len + 1);
        memcpy(heap, token_body, len);
        rb_entra_answer answer = answer_to(200, (rb_str){heap, len});
        ck_assert_int_eq(answer.outcome, RB_ENTRA_SURPRISE);
        ck_assert_ptr_null(answer.token);
        free(heap);
    }
    rb_entra_answer whole = answer_to_text(200, token_body);
    ck_assert_int_eq(whole.outcome, RB_ENTRA_TOKEN);
    ck_assert(rb_str_equal(rb_secret_reveal(whole.token), RB_STR("aaa.bbb.ccc")));
    rb_secret_free(whole.token);
}
END_TEST

START_TEST(lives_are_numbers_or_strings_and_bounded)
{
    static const struct {
        const char *expires;
        int64_t lifetime_ms;
    } lives[] = {{"3599", 3599000},    {"\"3599\"", 3599000},      {"null", 300000},
                 {"\"soon\"", 300000}, {"999999999999", 86400000}, {"1", 1000}};
    char body[200];

    for (size_t i = 0; i < COUNT(lives); i++) {
        (void)snprintf(body, sizeof body, "{\"access_token\":\"T\",\"expires_in\":%s}", lives[i].expires);
        rb_entra_answer answer = answer_to_text(200, body);
        ck_assert_msg(answer.lifetime_ms == lives[i].lifetime_ms, "%s", lives[i].expires);
        rb_secret_free(answer.token);
    }
}
END_TEST

START_TEST(what_is_no_bearer_token_is_a_surprise)
{
    static const char *const bodies[] = {"{\"access_token\":\"\"}",
                                         "{\"access_token\":7}",
                                         "{\"access_token\":null}",
                                         "{}",
                                         "[]",
                                         "{\"access_token\":\"T\",\"token_type\":\"pop\"}",
                                         "{\"access_token\":\"T\",\"expires_in\":0}",
                                         "{\"access_token\":\"T\",\"expires_in\":-1}",
                                         "{\"access_token\":\"a b\"}",
                                         "{\"access_token\":\"a\\u00e5\"}",
                                         "{\"access_token\":\"a\\n\"}"};

    for (size_t i = 0; i < COUNT(bodies); i++)
        ck_assert_msg(answer_to_text(200, bodies[i]).outcome == RB_ENTRA_SURPRISE, "%s", bodies[i]);
}
END_TEST

START_TEST(faults_that_pass_are_told_from_those_that_an_administrator_mends)
{
    static const struct {
        int status;
        const char *body;
        rb_entra_outcome outcome;
    } replies[] = {{429, "Too Many Requests", RB_ENTRA_LATER},
                   {500, "", RB_ENTRA_LATER},
                   {503, "<html>", RB_ENTRA_LATER},
                   {400, "{\"error\":\"temporarily_unavailable\"}", RB_ENTRA_LATER},
                   {400, "{\"error\":\"invalid_request\"}", RB_ENTRA_REFUSED},
                   {401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: x\"}", RB_ENTRA_REFUSED},
                   {401, "", RB_ENTRA_SURPRISE},
                   {302, "", RB_ENTRA_SURPRISE},
                   {204, "", RB_ENTRA_SURPRISE},
                   {404, "<html>", RB_ENTRA_SURPRISE}};

    for (size_t i = 0; i < COUNT(replies); i++) {
        rb_entra_answer answer = answer_to_text(replies[i].status, replies[i].body);
        ck_assert_msg(answer.outcome == replies[i].outcome, "%d %s", replies[i].status, replies[i].body);
        ck_assert_str_ne(answer.detail, "");
    }
}
END_TEST

START_TEST(refusals_are_our_sentences_and_never_entras_text)
{
    static const struct {
        const char *code;
        const char *part;
    } codes[] = {{"7000215", "not its id"},
                 {"7000222", "expired"},
                 {"700016", "intune.client_id"},
                 {"90002", "intune.tenant"},
                 {"700027", "certificate"},
                 {"70011", "intune.graph_url"},
                 {"700024", "clock"},
                 {"123456", "An administrator must check"}};
    char body[300];

    for (size_t i = 0; i < COUNT(codes); i++) {
        (void)snprintf(body, sizeof body,
                       "{\"error\":\"x\",\"error_description\":\"AADSTS%s: CANARY s3cret\",\"trace_id\":\"CANARY\"}",
                       codes[i].code);
        rb_entra_answer answer = answer_to_text(401, body);
        ck_assert_msg(strstr(answer.detail, codes[i].part) != NULL, "%s: %s", codes[i].code, answer.detail);
        ck_assert_ptr_nonnull(strstr(answer.detail, codes[i].code));
        ck_assert_ptr_null(strstr(answer.detail, "CANARY"));
    }
}
END_TEST

/* ---- roles ------------------------------------------------------------------------------------------------------ */

static void add_base64url(rb_buf *out, const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0;
    unsigned n_bits = 0;

    for (; *text; text++) {
        bits = (bits << 8 | (unsigned char)*text) & 0xFFFF;
        for (n_bits += 8; n_bits >= 6; n_bits -= 6)
            rb_buf_add(out, (rb_str){&digits[bits >> (n_bits - 6) & 63], 1});
    }
    if (n_bits > 0)
        rb_buf_add(out, (rb_str){&digits[bits << (6 - n_bits) & 63], 1});
}

/* missing: NULL when the token cannot be read */
static void expect_missing(const char *claims, const char *missing)
{
    rb_buf token;
    rb_buf roles;

    rb_buf_init(&token, 4096);
    rb_buf_init(&roles, 4096);
    rb_buf_adds(&token, "eyJ9.");
    add_base64url(&token, claims);
    rb_buf_adds(&token, ".sig");
    ck_assert(rb_entra_missing_roles(rb_buf_str(&token), &roles) == (missing != NULL));
    ck_assert_str_eq(rb_buf_cstr(&roles), missing ? missing : "");
    rb_buf_fini(&token);
    rb_buf_fini(&roles);
}

START_TEST(missing_app_roles_are_named)
{
    rb_buf roles;

    expect_missing("{\"roles\":[\"DeviceManagementManagedDevices.Read.All\",\"User.Read.All\","
                   "\"DeviceManagementManagedDevices.PrivilegedOperations.All\"]}",
                   "");
    expect_missing("{\"roles\":[\"DeviceManagementManagedDevices.ReadWrite.All\",\"Directory.Read.All\"]}",
                   "DeviceManagementManagedDevices.PrivilegedOperations.All");
    expect_missing("{\"aud\":\"x\"}", "DeviceManagementManagedDevices.Read.All,DeviceManagementManagedDevices."
                                      "PrivilegedOperations.All,User.Read.All");
    expect_missing("{\"roles\":\"User.Read.All\"}",
                   "DeviceManagementManagedDevices.Read.All,DeviceManagementManagedDevices.PrivilegedOperations.All,"
                   "User.Read.All");
    expect_missing("no JSON", NULL);
    rb_buf_init(&roles, 100);
    ck_assert(!rb_entra_missing_roles(RB_STR("opaque"), &roles));
    ck_assert(!rb_entra_missing_roles(RB_STR(""), &roles));
    ck_assert(!rb_entra_missing_roles(RB_STR("a.b"), &roles));
    ck_assert(!rb_entra_missing_roles(RB_STR("a.*.c"), &roles));
    ck_assert_uint_eq(roles.len, 0);
    rb_buf_fini(&roles);
}
END_TEST

/* ---- when to try again ------------------------------------------------------------------------------------------ */

static void fill_high(void *self, void *out_bytes, size_t len)
{
    (void)self;
    memset(out_bytes, 0xFF, len);
}

static void fill_low(void *self, void *out_bytes, size_t len)
{
    static unsigned char counter;

    (void)self;
    memset(out_bytes, 0x80, len);
    memset(out_bytes, counter++, 1);
}

START_TEST(back_off_doubles_within_its_jitter_up_to_a_minute)
{
    static const int64_t full_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
    const rb_random high = {.fill = fill_high};
    const rb_random low = {.fill = fill_low};

    for (unsigned tries = 1; tries <= COUNT(full_ms); tries++) {
        int64_t a_ms = rb_retry_backoff_ms(tries, &high);
        int64_t b_ms = rb_retry_backoff_ms(tries, &low);
        ck_assert_int_ge(a_ms, full_ms[tries - 1] / 2);
        ck_assert_int_le(a_ms, full_ms[tries - 1]);
        ck_assert_int_ge(b_ms, full_ms[tries - 1] / 2);
        ck_assert_int_le(b_ms, full_ms[tries - 1]);
    }
    ck_assert_int_le(rb_retry_backoff_ms(4000000000u, &high), 60000);
}
END_TEST

START_TEST(a_bucket_gives_its_burst_and_then_its_rate)
{
    rb_bucket bucket;
    unsigned taken = 0;

    rb_bucket_init(&bucket, 3, 5, 1000);
    for (int i = 0; i < 10; i++)
        taken += rb_bucket_take(&bucket, 1000);
    ck_assert_uint_eq(taken, 5);
    ck_assert_int_eq(rb_bucket_ready_ms(&bucket), 1334);
    ck_assert(!rb_bucket_take(&bucket, 1333));
    ck_assert(rb_bucket_take(&bucket, 1334));
    /* a clock that stands or steps back gives nothing away */
    ck_assert(!rb_bucket_take(&bucket, 0));
    ck_assert(!rb_bucket_take(&bucket, 1334));
    for (taken = 0; rb_bucket_take(&bucket, INT64_MAX / 2);)
        taken++;
    ck_assert_uint_eq(taken, 5);
}
END_TEST

START_TEST(waiting_until_ready_is_never_in_vain)
{
    rb_bucket bucket;
    int64_t now_ms = 0;

    rb_bucket_init(&bucket, 7, 1, now_ms);
    for (int i = 0; i < 1000; i++) {
        now_ms = rb_bucket_ready_ms(&bucket) > now_ms ? rb_bucket_ready_ms(&bucket) : now_ms;
        ck_assert(rb_bucket_take(&bucket, now_ms));
        ck_assert(!rb_bucket_take(&bucket, now_ms));
    }
    ck_assert_int_ge(now_ms, 999 * 1000 / 7);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph entra");
    TCase *cases = tcase_create("graph entra");

    tcase_add_test(cases, a_token_cut_anywhere_is_no_token);
    tcase_add_test(cases, lives_are_numbers_or_strings_and_bounded);
    tcase_add_test(cases, what_is_no_bearer_token_is_a_surprise);
    tcase_add_test(cases, faults_that_pass_are_told_from_those_that_an_administrator_mends);
    tcase_add_test(cases, refusals_are_our_sentences_and_never_entras_text);
    tcase_add_test(cases, missing_app_roles_are_named);
    tcase_add_test(cases, back_off_doubles_within_its_jitter_up_to_a_minute);
    tcase_add_test(cases, a_bucket_gives_its_burst_and_then_its_rate);
    tcase_add_test(cases, waiting_until_ready_is_never_in_vain);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
