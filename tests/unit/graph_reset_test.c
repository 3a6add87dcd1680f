/* graph_reset_test.c - the one POST, the token, and retries within limits, in a simulated world (design: R2, S5). */
#include "unit/graph_fake.h"

#define ONE "/v1.0/deviceManagement/managedDevices/" PHONE
#define POST ONE "/resetPasscode"
#define EMPTY "{\"id\":\"" PHONE "\",\"deviceActionResults\":[]}"

static void reset_phone(void)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_RESET, .id = PHONE, .client_request_id = CRID});
}

static void read_results(void)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_RESULTS, .id = PHONE});
}

static void expect_post(rb_post_outcome post)
{
    const fake_answer *answer = &fake.answers[fake.n_answers - 1];

    ck_assert_int_eq(answer->result.outcome, RB_DEVICE_OK);
    ck_assert_msg(answer->result.post == post, "post %d instead of %d: %s", (int)answer->result.post, (int)post,
                  answer->result.detail);
}

/* The whole life of the process from here on: nothing may be POSTed again. */
static void expect_posts_for_ever(size_t n)
{
    fake_pass(8 * RB_DAY_MS);
    ck_assert_uint_eq(fake_count("POST", "/resetPasscode"), n);
}

/* ---- the POST --------------------------------------------------------------------------------------------------- */

START_TEST(R2_the_post_goes_once_with_its_own_id_and_no_body)
{
    reset_phone();
    const fake_request *request = fake_expect("POST", POST);

    ck_assert(request->once);
    ck_assert_str_eq(request->body, "");
    ck_assert_str_eq(request->url, GRAPH POST);
    ck_assert_ptr_nonnull(strstr(request->headers, "client-request-id: " CRID "\n"));
    fake_exchange("POST", POST, 204, "");
    expect_post(RB_POST_ACCEPTED);
    ck_assert_str_eq(fake_only_answer()->result.detail, "");
    expect_posts_for_ever(1);
}
END_TEST

START_TEST(R2_whatever_the_answer_it_is_never_posted_again)
{
    static const struct {
        int status;
        rb_post_outcome post;
    } replies[] = {
        {204, RB_POST_ACCEPTED},     {200, RB_POST_UNCLEAR},   {202, RB_POST_UNCLEAR}, {206, RB_POST_UNCLEAR},
        {100, RB_POST_UNCLEAR},      {301, RB_POST_REFUSED},   {307, RB_POST_REFUSED}, {400, RB_POST_REFUSED},
        {401, RB_POST_UNAUTHORISED}, {403, RB_POST_REFUSED},   {404, RB_POST_REFUSED}, {405, RB_POST_REFUSED},
        {408, RB_POST_UNCLEAR},      {409, RB_POST_REFUSED},   {411, RB_POST_REFUSED}, {412, RB_POST_REFUSED},
        {423, RB_POST_REFUSED},      {429, RB_POST_THROTTLED}, {499, RB_POST_UNCLEAR}, {500, RB_POST_UNCLEAR},
        {501, RB_POST_UNCLEAR},      {502, RB_POST_UNCLEAR},   {503, RB_POST_UNCLEAR}, {504, RB_POST_UNCLEAR},
        {0, RB_POST_UNCLEAR},        {700, RB_POST_UNCLEAR}};
    const size_t n = sizeof replies / sizeof *replies;

    for (size_t i = 0; i < n; i++) {
        reset_phone();
        fake_exchange("POST", POST, replies[i].status, "{\"error\":{\"code\":\"x\",\"message\":\"y\"}}");
        ck_assert_uint_eq(fake.n_answers, i + 1);
        expect_post(replies[i].post);
        fake_pass(RB_MINUTE_MS);
    }
    expect_posts_for_ever(n);
}
END_TEST

START_TEST(R2_a_post_without_a_reply_is_unclear_unless_it_provably_never_left)
{
    static const rb_err errs[] = {RB_E_IO, RB_E_LIMIT, RB_E_AUTH, RB_E_AGAIN};

    for (size_t i = 0; i < sizeof errs / sizeof *errs; i++)
        for (int never_left = 0; never_left < 2; never_left++) {
            rb_http_reply reply = {.err = errs[i], .never_left = never_left != 0, .error = "the connection was closed"};
            reset_phone();
            fake_answer_with(fake_expect("POST", POST), &reply);
            expect_post(never_left ? RB_POST_NEVER_LEFT : RB_POST_UNCLEAR);
            ck_assert_ptr_nonnull(strstr(fake.answers[fake.n_answers - 1].result.detail, "the connection was closed"));
            fake_pass(RB_MINUTE_MS);
        }
    expect_posts_for_ever(8);
}
END_TEST

START_TEST(tenant_approval_is_told_from_other_refusals)
{
    static const struct {
        int status;
        const char *body;
        const char *header;
        rb_post_outcome post;
    } replies[] = {
        {403, "{\"error\":{\"code\":\"ApprovalRequired\",\"message\":\"x-msft-approval-code: abcd-1\"}}", "",
         RB_POST_TENANT_APPROVAL},
        {403, "{\"error\":{\"code\":\"Forbidden\"}}", "abcd-1", RB_POST_TENANT_APPROVAL},
        {409, "{\"error\":{\"code\":\"approvalrequired\"}}", "", RB_POST_TENANT_APPROVAL},
        {412, "{\"error\":{\"code\":\"x\",\"message\":\"{\\\"ErrorCode\\\":\\\"ApprovalRequired\\\"}\"}}", "",
         RB_POST_TENANT_APPROVAL},
        {403, "{\"error\":{\"code\":\"Forbidden\",\"message\":\"ApprovalRequired\"}}", "", RB_POST_REFUSED},
        {400, "{\"error\":{\"code\":\"ApprovalRequired\"}}", "", RB_POST_REFUSED},
        {500, "{\"error\":{\"code\":\"ApprovalRequired\"}}", "", RB_POST_UNCLEAR},
    };

    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        rb_http_reply reply = fake_reply(replies[i].status, replies[i].body);
        rb_copy_fit(reply.approval_code, sizeof reply.approval_code, replies[i].header);
        reset_phone();
        fake_answer_with(fake_expect("POST", POST), &reply);
        expect_post(replies[i].post);
        fake_pass(RB_MINUTE_MS);
    }
    ck_assert_ptr_nonnull(strstr(fake.answers[0].result.detail, "approval code abcd-1"));
}
END_TEST

START_TEST(a_throttled_post_says_when_to_try_again)
{
    static const struct {
        const char *header;
        int64_t wait_ms;
    } waits[] = {{"7", 7000},
                 {"0", 0},
                 {"Mon, 02 Mar 2026 14:02:40 GMT", 30000},
                 {"", RB_SECOND_MS * 10},
                 {"soon", RB_SECOND_MS * 10},
                 {"99999999999999999999", RB_HOUR_MS},
                 {"Fri, 31 Dec 9999 23:59:59 GMT", RB_HOUR_MS}};

    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        rb_http_reply reply = fake_reply(429, "");
        rb_copy_fit(reply.retry_after, sizeof reply.retry_after, waits[i].header);
        /* our clock is wrong by a day: theirs counts */
        fake.now.utc_ms += RB_DAY_MS;
        reset_phone();
        fake_answer_with(fake_expect("POST", POST), &reply);
        expect_post(RB_POST_THROTTLED);
        ck_assert_int_eq(fake.answers[i].result.retry_after_ms, waits[i].wait_ms);
        fake_pass(RB_MINUTE_MS);
    }
}
END_TEST

START_TEST(a_refusal_is_our_sentence_with_the_ids_for_microsofts_support)
{
    reset_phone();
    fake_exchange("POST", POST, 400,
                  "{\"error\":{\"code\":\"BadRequest\",\"message\":\"{\\r\\n \\\"_version\\\": 3,\\r\\n "
                  "\\\"Message\\\": \\\"An error has occurred - "
                  "Operation ID: 0 - Activity ID: bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb - Url: "
                  "https://fef.manage.example/x\\\"}\","
                  "\"innerError\":{\"client-request-id\":\"" CRID "\"}}}");

    expect_post(RB_POST_REFUSED);
    const char *detail = fake_only_answer()->result.detail;
    ck_assert_ptr_nonnull(strstr(detail, "does not support"));
    ck_assert_ptr_nonnull(strstr(detail, "status 400"));
    ck_assert_ptr_nonnull(strstr(detail, "Activity ID bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb"));
    ck_assert_ptr_nonnull(strstr(detail, "client-request-id " CRID));
    ck_assert_ptr_null(strstr(detail, "fef.manage"));
    ck_assert_ptr_null(strstr(detail, "An error"));
}
END_TEST

START_TEST(R2_a_post_that_cannot_be_sent_in_time_never_left)
{
    reset_phone();
    /* the token's reply does not come */
    ck_assert(fake_is_token(fake_waiting()));
    fake_pass(29999);
    ck_assert_uint_eq(fake.n_answers, 0);
    fake_pass(1);
    expect_post(RB_POST_NEVER_LEFT);
    fake_answer_token();
    expect_posts_for_ever(0);
}
END_TEST

START_TEST(a_post_for_what_is_no_device_is_refused_without_a_request)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_RESET, .id = "x/wipe", .client_request_id = CRID});
    fake_ask((rb_device_call){.kind = RB_DEVICE_RESET, .id = PHONE, .client_request_id = "a\r\nX: y"});
    fake_pass(0);

    ck_assert_uint_eq(fake.n_answers, 2);
    ck_assert_int_eq(fake.answers[0].result.post, RB_POST_REFUSED);
    ck_assert_int_eq(fake.answers[1].result.post, RB_POST_REFUSED);
    ck_assert_uint_eq(fake.n_requests, 0);
}
END_TEST

/* ---- the token -------------------------------------------------------------------------------------------------- */

START_TEST(the_token_is_asked_for_with_the_secret_encoded_and_wiped)
{
    read_results();
    const fake_request *request = fake_waiting();

    ck_assert_ptr_nonnull(request);
    ck_assert_str_eq(request->url, LOGIN "/" TENANT "/oauth2/v2.0/token");
    ck_assert_str_eq(request->body, "grant_type=client_credentials&client_id=" CLIENT
                                    "&scope=https%3A%2F%2Fgraph.example.com%2F.default&client_secret=s3cret%2B%26");
    ck_assert(request->secret);
    ck_assert_ptr_nonnull(strstr(request->headers, "Content-Type: application/x-www-form-urlencoded\n"));
}
END_TEST

START_TEST(one_token_request_serves_all_who_wait)
{
    for (int i = 0; i < 5; i++)
        read_results();
    ck_assert_uint_eq(fake.n_requests, 1);
    fake_answer_token();
    ck_assert_uint_eq(fake_count("GET", ONE), 5);
    ck_assert_uint_eq(fake_count("POST", "/oauth2/"), 1);
}
END_TEST

START_TEST(a_token_is_renewed_five_minutes_before_its_end_while_the_old_one_serves)
{
    read_results();
    fake_exchange("GET", ONE, 200, EMPTY);
    fake_pass(3599 * RB_SECOND_MS - 5 * RB_MINUTE_MS - 1);
    read_results();
    fake_exchange("GET", ONE, 200, EMPTY);
    ck_assert_uint_eq(fake_count("POST", "/oauth2/"), 1);
    fake_pass(1);
    read_results();
    ck_assert_uint_eq(fake_count("GET", ONE), 3);
    ck_assert_uint_eq(fake_count("POST", "/oauth2/"), 2);
}
END_TEST

static void answer_token_with(int status, const char *body, const char *retry_after)
{
    rb_http_reply reply = fake_reply(status, body);

    ck_assert(fake_is_token(fake_waiting()));
    rb_copy_fit(reply.retry_after, sizeof reply.retry_after, retry_after);
    fake_answer_with(fake_waiting(), &reply);
}

START_TEST(a_short_lived_token_is_renewed_at_half_its_life)
{
    read_results();
    answer_token_with(200, "{\"token_type\":\"Bearer\",\"expires_in\":\"60\",\"access_token\":\"T\"}", "");
    fake_exchange("GET", ONE, 200, EMPTY);
    fake_pass(29999);
    read_results();
    fake_exchange("GET", ONE, 200, EMPTY);
    ck_assert_uint_eq(fake_count("POST", "/oauth2/"), 1);
    fake_pass(1);
    read_results();
    ck_assert_uint_eq(fake_count("POST", "/oauth2/"), 2);
}
END_TEST

START_TEST(a_token_that_ended_is_not_used)
{
    read_results();
    fake_exchange("GET", ONE, 200, EMPTY);
    fake_pass(RB_HOUR_MS);
    read_results();
    ck_assert(fake_is_token(fake_waiting()));
    ck_assert_uint_eq(fake_count("GET", ONE), 1);
}
END_TEST

START_TEST(a_throttled_token_endpoint_without_json_is_waited_for)
{
    read_results();
    answer_token_with(429, "Too Many Requests", "2");
    fake_pass(1999);
    ck_assert_ptr_null(fake_waiting());
    fake_pass(1);
    fake_exchange("GET", ONE, 200, EMPTY);

    fake_expect_outcome(RB_DEVICE_OK);
}
END_TEST

START_TEST(a_token_endpoint_that_asks_for_a_long_pause_is_told_at_once_and_left_alone)
{
    read_results();
    answer_token_with(429, "Too Many Requests", "60");
    fake_expect_outcome(RB_DEVICE_UNAVAILABLE);
    ck_assert_int_eq(fake_only_answer()->result.retry_after_ms, 60000);

    fake_pass(59000);
    reset_phone();
    fake_pass(0);
    expect_post(RB_POST_NEVER_LEFT);
    ck_assert_uint_eq(fake.n_requests, 1);
    fake_pass(1000);
    read_results();
    ck_assert_uint_eq(fake.n_requests, 2);
}
END_TEST

START_TEST(R2_without_a_token_a_post_never_left_and_an_administrator_is_named_the_fix)
{
    reset_phone();
    read_results();
    answer_token_with(401,
                      "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000222: The provided client secret "
                      "keys for app 'x' are expired.\","
                      "\"error_codes\":[7000222],\"trace_id\":\"cccccccc-3333-4333-8333-cccccccccccc\"}",
                      "");

    ck_assert_uint_eq(fake.n_answers, 2);
    ck_assert_int_eq(fake.answers[0].result.post, RB_POST_NEVER_LEFT);
    ck_assert_int_eq(fake.answers[1].result.outcome, RB_DEVICE_REFUSED);
    ck_assert_ptr_nonnull(strstr(fake.answers[1].result.detail, "expired"));
    ck_assert_ptr_nonnull(strstr(fake.answers[1].result.detail, "AADSTS7000222"));
    ck_assert_ptr_nonnull(strstr(fake.answers[1].result.detail, "cccccccc-3333-4333-8333-cccccccccccc"));
    ck_assert_ptr_null(strstr(fake.answers[1].result.detail, "keys for app"));
    expect_posts_for_ever(0);
}
END_TEST

START_TEST(a_token_endpoint_that_keeps_failing_is_given_up_after_a_few_tries)
{
    read_results();
    for (int i = 0; i < 10 && fake.n_answers == 0; i++) {
        answer_token_with(503, "", "");
        fake_pass(4000);
    }

    ck_assert_uint_eq(fake_count("POST", "/oauth2/"), 3);
    ck_assert_int_eq(fake_only_answer()->result.outcome, RB_DEVICE_UNAVAILABLE);
}
END_TEST

START_TEST(a_page_instead_of_a_token_is_a_surprise)
{
    read_results();
    answer_token_with(200, "<html>sign in to the wireless network</html>", "");

    fake_expect_outcome(RB_DEVICE_SURPRISE);
}
END_TEST

START_TEST(a_token_that_could_smuggle_a_header_is_not_used)
{
    read_results();
    answer_token_with(200, "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"T\\r\\nX: y\"}", "");

    fake_expect_outcome(RB_DEVICE_SURPRISE);
}
END_TEST

START_TEST(a_rejected_token_is_renewed_once)
{
    read_results();
    fake_exchange("GET", ONE, 401, "{\"error\":{\"code\":\"InvalidAuthenticationToken\"}}");
    fake_exchange("GET", ONE, 200, EMPTY);

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert_uint_eq(fake_count("POST", "/oauth2/"), 2);
}
END_TEST

START_TEST(a_new_token_that_is_rejected_too_is_a_refusal)
{
    read_results();
    fake_exchange("GET", ONE, 401, "");
    fake_exchange("GET", ONE, 401, "");

    fake_expect_outcome(RB_DEVICE_REFUSED);
    ck_assert_uint_eq(fake_count("GET", ONE), 2);
}
END_TEST

START_TEST(many_rejections_of_one_token_bring_one_new_one)
{
    for (int i = 0; i < 3; i++)
        read_results();
    fake_answer_token();
    for (int i = 0; i < 3; i++) {
        rb_http_reply reply = fake_reply(401, "");
        fake_answer_with(&fake.requests[1 + i], &reply);
    }
    ck_assert_uint_eq(fake_count("POST", "/oauth2/"), 2);
    for (int i = 0; i < 3; i++)
        fake_exchange("GET", ONE, 200, EMPTY);
    ck_assert_uint_eq(fake.n_answers, 3);
    ck_assert_uint_eq(fake_count("POST", "/oauth2/"), 2);
}
END_TEST

START_TEST(a_late_rejection_of_the_old_token_does_not_cost_the_new_one)
{
    rb_http_reply reply = fake_reply(401, "");

    read_results();
    read_results();
    fake_answer_token();
    fake_answer_with(&fake.requests[1], &reply);
    rb_http_reply token = fake_reply(200, "{\"expires_in\":3599,\"access_token\":\"NEW\"}");
    fake_answer_with(&fake.requests[3], &token);
    fake_answer_with(&fake.requests[2], &reply);
    ck_assert_uint_eq(fake_count("POST", "/oauth2/"), 2);
    ck_assert_uint_eq(fake_count("GET", ONE), 4);
}
END_TEST

START_TEST(a_rejected_post_drops_the_token)
{
    reset_phone();
    fake_exchange("POST", POST, 401, "");
    expect_post(RB_POST_UNAUTHORISED);
    reset_phone();
    ck_assert(fake_is_token(fake_waiting()));
}
END_TEST

/* ---- retries and limits ----------------------------------------------------------------------------------------- */

START_TEST(a_failing_read_is_tried_again_and_heals)
{
    read_results();
    fake_exchange("GET", ONE, 503, "");
    fake_pass(1000);
    rb_http_reply broken = {.err = RB_E_IO, .error = "reset by peer"};
    fake_answer_with(fake_expect("GET", ONE), &broken);
    fake_pass(2000);
    fake_exchange("GET", ONE, 200, EMPTY);

    fake_expect_outcome(RB_DEVICE_OK);
}
END_TEST

START_TEST(a_read_that_keeps_failing_is_unavailable_within_ten_seconds_of_waiting)
{
    int64_t start_ms = fake.now.boot_ms;

    read_results();
    while (fake.n_answers == 0) {
        ck_assert_int_lt(fake.now.boot_ms - start_ms, 11000);
        if (fake_waiting())
            fake_exchange("GET", ONE, 503, "");
        fake_pass(fake.n_answers == 0 ? 50 : 0);
    }

    fake_expect_outcome(RB_DEVICE_UNAVAILABLE);
    ck_assert_uint_eq(fake_count("GET", ONE), 4);
    ck_assert_int_gt(fake_only_answer()->result.retry_after_ms, 0);
}
END_TEST

START_TEST(a_read_waits_as_long_as_it_is_asked_to_and_no_shorter)
{
    read_results();
    rb_http_reply reply = fake_reply(429, "");
    rb_copy_fit(reply.retry_after, sizeof reply.retry_after, "3");
    fake_answer_with(fake_expect("GET", ONE), &reply);
    fake_pass(2999);
    ck_assert_ptr_null(fake_waiting());
    fake_pass(1);
    fake_exchange("GET", ONE, 200, EMPTY);

    fake_expect_outcome(RB_DEVICE_OK);
}
END_TEST

START_TEST(a_read_that_is_sent_back_at_once_again_and_again_ends_too)
{
    rb_http_reply reply = fake_reply(429, "");

    rb_copy_fit(reply.retry_after, sizeof reply.retry_after, "0");
    read_results();
    for (int i = 0; i < 20 && fake.n_answers == 0; i++)
        fake_answer_with(fake_expect("GET", ONE), &reply);

    fake_expect_outcome(RB_DEVICE_UNAVAILABLE);
    ck_assert_uint_eq(fake_count("GET", ONE), 4);
}
END_TEST

START_TEST(a_read_that_must_wait_too_long_is_answered_at_once)
{
    read_results();
    rb_http_reply reply = fake_reply(429, "");
    rb_copy_fit(reply.retry_after, sizeof reply.retry_after, "30");
    fake_answer_with(fake_expect("GET", ONE), &reply);

    fake_expect_outcome(RB_DEVICE_UNAVAILABLE);
    ck_assert_int_eq(fake_only_answer()->result.retry_after_ms, 30000);
}
END_TEST

START_TEST(a_permanent_fault_is_not_tried_again)
{
    static const struct {
        int status;
        rb_device_outcome outcome;
    } replies[] = {{400, RB_DEVICE_SURPRISE}, {403, RB_DEVICE_REFUSED},  {404, RB_DEVICE_NOT_FOUND},
                   {302, RB_DEVICE_SURPRISE}, {204, RB_DEVICE_SURPRISE}, {418, RB_DEVICE_SURPRISE}};

    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        read_results();
        fake_exchange("GET", ONE, replies[i].status, "");
        ck_assert_uint_eq(fake.n_answers, i + 1);
        ck_assert_int_eq(fake.answers[i].result.outcome, replies[i].outcome);
        ck_assert_ptr_null(fake_waiting());
    }
}
END_TEST

/* The most requests of a method that started within any 20 s. */
static size_t most_in_20_s(const char *method)
{
    size_t most = 0;

    for (size_t i = 0; i < fake.n_requests; i++) {
        size_t n = 0;
        for (size_t j = i; j < fake.n_requests; j++)
            n += strcmp(fake.requests[j].method, method) == 0 && !fake_is_token(&fake.requests[j]) &&
                 fake.requests[j].at_ms < fake.requests[i].at_ms + 20 * RB_SECOND_MS;
        most = n > most ? n : most;
    }
    return most;
}

static void drain(const char *method, const char *path, int status, const char *body, size_t n)
{
    for (int turn = 0; turn < 10000 && fake.n_answers < n; turn++) {
        while (fake_waiting())
            fake_exchange(method, path, status, body);
        fake_pass(10);
    }
    ck_assert_uint_eq(fake.n_answers, n);
}

START_TEST(reads_stay_far_below_microsofts_limit)
{
    for (int i = 0; i < 1100; i++)
        read_results();
    drain("GET", ONE, 200, EMPTY, 1100);
    ck_assert_uint_le(most_in_20_s("GET"), 921);
    ck_assert_uint_ge(most_in_20_s("GET"), 900);
}
END_TEST

START_TEST(posts_stay_far_below_microsofts_limit_and_the_late_ones_never_left)
{
    for (int i = 0; i < 120; i++)
        reset_phone();
    drain("POST", POST, 204, "", 120);
    size_t posts = fake_count("POST", "/resetPasscode");
    size_t never_left = 0;

    for (size_t i = 0; i < fake.n_answers; i++)
        never_left += fake.answers[i].result.post == RB_POST_NEVER_LEFT;
    ck_assert_uint_eq(posts + never_left, 120);
    ck_assert_uint_ge(posts, 90);
    ck_assert_uint_gt(never_left, 0);
    ck_assert_uint_le(most_in_20_s("POST"), 66);
    expect_posts_for_ever(posts);
}
END_TEST

START_TEST(no_more_than_sixteen_reads_are_under_way_and_a_post_need_not_wait_for_them)
{
    for (int i = 0; i < 30; i++)
        read_results();
    fake_answer_token();
    ck_assert_uint_eq(fake_count("GET", ONE), 16);
    reset_phone();
    ck_assert_uint_eq(fake_count("POST", POST), 1);
    fake_exchange("GET", ONE, 200, EMPTY);
    ck_assert_uint_eq(fake_count("GET", ONE), 17);
}
END_TEST

START_TEST(a_question_from_inside_an_answer_is_answered_too)
{
    fake.again_id = PHONE;
    read_results();
    fake_exchange("GET", ONE, 200, EMPTY);
    fake_exchange("GET", ONE, 200, EMPTY);
    ck_assert_uint_eq(fake.n_answers, 2);

    fake.again_id = "no id: answered without a request";
    read_results();
    fake_exchange("GET", ONE, 200, EMPTY);
    fake_pass(0);
    ck_assert_uint_eq(fake.n_answers, 4);
    ck_assert_int_eq(fake.answers[3].result.outcome, RB_DEVICE_NOT_FOUND);
}
END_TEST

START_TEST(replies_that_nobody_waits_for_are_ignored)
{
    rb_http_reply reply = fake_reply(200, EMPTY);

    read_results();
    fake_exchange("GET", ONE, 200, EMPTY);
    rb_graph_http_done(fake.graph, 0, &reply, fake.now);
    rb_graph_http_done(fake.graph, fake.requests[1].tag, &reply, fake.now);
    rb_graph_http_done(fake.graph, 999, &reply, fake.now);
    rb_graph_timer(fake.graph, fake.now);
    ck_assert_uint_eq(fake.n_answers, 1);
}
END_TEST

START_TEST(a_configuration_that_cannot_work_is_refused_with_its_key)
{
    static const struct {
        const char *login, *graph, *tenant, *client, *key;
    } wrong[] = {{"https://l.example", "http://g.example", TENANT, CLIENT, "intune.graph_url"},
                 {"https://l.example", "https://g.example/v1.0", TENANT, CLIENT, "intune.graph_url"},
                 {"ftp://l.example", "https://g.example", TENANT, CLIENT, "intune.login_url"},
                 {"https://l.example", "https://g.example", "common", CLIENT, "intune.tenant"},
                 {"https://l.example", "https://g.example", "a.b/../x", CLIENT, "intune.tenant"},
                 {"https://l.example", "https://g.example", TENANT, "me", "intune.client_id"}};
    rb_io io = {.http_start = fake_http_start, .timer_set = fake_timer_set};
    rb_device_events events = {.on_result = fake_on_result};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        rb_graph *graph = NULL;
        rb_errbuf errbuf = {""};
        rb_graph_config config = {.login_url = wrong[i].login,
                                  .graph_url = wrong[i].graph,
                                  .tenant = wrong[i].tenant,
                                  .client_id = wrong[i].client,
                                  .credential = {RB_ENTRA_CLIENT_SECRET, fake.secret}};
        rb_err err = rb_graph_new(&config, &io, (rb_clock){.now = fake_now}, (rb_random){.fill = fake_fill}, &events,
                                  &graph, &errbuf);
        ck_assert_int_eq(err, RB_E_CONFIG);
        ck_assert_msg(strstr(errbuf.text, wrong[i].key) != NULL, "%s", errbuf.text);
    }
}
END_TEST

/* ---- program ---------------------------------------------------------------------------------------------------- */

int main(void)
{
    const TTest *const tests[] = {
        R2_the_post_goes_once_with_its_own_id_and_no_body,
        R2_whatever_the_answer_it_is_never_posted_again,
        R2_a_post_without_a_reply_is_unclear_unless_it_provably_never_left,
        tenant_approval_is_told_from_other_refusals,
        a_throttled_post_says_when_to_try_again,
        a_refusal_is_our_sentence_with_the_ids_for_microsofts_support,
        R2_a_post_that_cannot_be_sent_in_time_never_left,
        a_post_for_what_is_no_device_is_refused_without_a_request,
        the_token_is_asked_for_with_the_secret_encoded_and_wiped,
        one_token_request_serves_all_who_wait,
        a_token_is_renewed_five_minutes_before_its_end_while_the_old_one_serves,
        a_short_lived_token_is_renewed_at_half_its_life,
        a_token_that_ended_is_not_used,
        a_throttled_token_endpoint_without_json_is_waited_for,
        a_token_endpoint_that_asks_for_a_long_pause_is_told_at_once_and_left_alone,
        R2_without_a_token_a_post_never_left_and_an_administrator_is_named_the_fix,
        a_token_endpoint_that_keeps_failing_is_given_up_after_a_few_tries,
        a_page_instead_of_a_token_is_a_surprise,
        a_token_that_could_smuggle_a_header_is_not_used,
        a_rejected_token_is_renewed_once,
        a_new_token_that_is_rejected_too_is_a_refusal,
        many_rejections_of_one_token_bring_one_new_one,
        a_late_rejection_of_the_old_token_does_not_cost_the_new_one,
        a_rejected_post_drops_the_token,
        a_failing_read_is_tried_again_and_heals,
        a_read_that_keeps_failing_is_unavailable_within_ten_seconds_of_waiting,
        a_read_waits_as_long_as_it_is_asked_to_and_no_shorter,
        a_read_that_is_sent_back_at_once_again_and_again_ends_too,
        a_read_that_must_wait_too_long_is_answered_at_once,
        a_permanent_fault_is_not_tried_again,
        reads_stay_far_below_microsofts_limit,
        posts_stay_far_below_microsofts_limit_and_the_late_ones_never_left,
        no_more_than_sixteen_reads_are_under_way_and_a_post_need_not_wait_for_them,
        a_question_from_inside_an_answer_is_answered_too,
        replies_that_nobody_waits_for_are_ignored,
        a_configuration_that_cannot_work_is_refused_with_its_key,
    };

    return fake_main("graph reset", tests, sizeof tests / sizeof *tests);
}
