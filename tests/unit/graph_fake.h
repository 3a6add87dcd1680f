/* graph_fake.h - a world for the Graph session: requests are kept until the test answers them, time moves when it says so. */
#ifndef UNIT_GRAPH_FAKE_H
#define UNIT_GRAPH_FAKE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/graph_session.h"
#include "resetbot/str.h"

#define GRAPH "https://graph.example.com"
#define LOGIN "https://login.example.com"
#define TENANT "11111111-1111-4111-8111-111111111111"
#define CLIENT "22222222-2222-4222-8222-222222222222"
#define PHONE "d0000001-0000-4000-8000-000000000001"
#define OTHER_PHONE "d0000002-0000-4000-8000-000000000002"
#define ADELE "00000007-0000-4000-8000-000000000007"
#define BERIT "00000008-0000-4000-8000-000000000008"
#define CRID "c0000001-0000-4000-8000-000000000001"
#define DATE_TEXT "Mon, 02 Mar 2026 14:02:10 GMT"
#define DATE_MS ((int64_t)1772460130000)

#define REQUESTS_MAX 1200
#define ANSWERS_MAX 1200

typedef struct {
    uint64_t tag;
    char method[8];
    char url[4200];
    char headers[1024]; /* "Name: value\n" each */
    char body[1024];
    bool once;
    bool secret;
    bool is_answered;
    int64_t at_ms;
} fake_request;

typedef struct {
    uint64_t tag;
    rb_device_result result; /* its pointers are not kept */
    rb_device device;        /* the first one */
    rb_action_results actions;
    rb_directory_person people[RB_PEOPLE_FOUND_MAX];
    char code[64];
} fake_answer;

static struct {
    rb_graph *graph;
    rb_device_port port;
    rb_secret *secret;
    rb_now now;
    int64_t timer_ms;
    uint32_t seed;
    fake_request requests[REQUESTS_MAX];
    size_t n_requests;
    fake_answer answers[ANSWERS_MAX];
    size_t n_answers;
    uint64_t last_tag;
    bool is_inside;       /* of a function of the io table: nothing may come back now */
    const char *again_id; /* on_result asks for this device once more */
} fake;

/* ---- the world -------------------------------------------------------------------------------------------------- */

static inline void fake_http_start(void *self, uint64_t tag, const rb_http_request *request)
{
    (void)self;
    ck_assert_uint_ne(tag, 0);
    ck_assert_uint_lt(fake.n_requests, REQUESTS_MAX);
    fake_request *kept = &fake.requests[fake.n_requests++];
    *kept = (fake_request){.tag = tag, .once = request->once, .secret = request->secret, .at_ms = fake.now.boot_ms};
    rb_copy_fit(kept->method, sizeof kept->method, request->method);
    rb_copy_fit(kept->url, sizeof kept->url, request->url);
    ck_assert_int_eq(rb_copy(kept->body, sizeof kept->body, request->body), RB_OK);
    for (size_t i = 0; i < request->n_headers; i++) {
        size_t len = strlen(kept->headers);
        (void)snprintf(kept->headers + len, sizeof kept->headers - len, "%s: %s\n", request->headers[i].name,
                       request->headers[i].value);
    }
    ck_assert_int_gt(request->timeout_ms, 0);
    ck_assert_uint_gt(request->reply_max, 0);
}

static inline void fake_timer_set(void *self, int64_t boot_ms)
{
    (void)self;
    fake.timer_ms = boot_ms;
}

static inline rb_now fake_now(void *self)
{
    (void)self;
    return fake.now;
}

static inline void fake_fill(void *self, void *out_bytes, size_t len)
{
    unsigned char *bytes = out_bytes;

    (void)self;
    for (size_t i = 0; i < len; i++) {
        fake.seed = fake.seed * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(fake.seed >> 24);
    }
}

static inline uint64_t fake_ask(rb_device_call call)
{
    size_t answers = fake.n_answers;

    fake.port.call(fake.port.self, ++fake.last_tag, &call);
    /* the port: always answered, later */
    ck_assert_uint_eq(fake.n_answers, answers);
    return fake.last_tag;
}

static inline void fake_on_result(void *self, uint64_t tag, rb_device_result *result)
{
    (void)self;
    ck_assert_uint_lt(fake.n_answers, ANSWERS_MAX);
    fake_answer *kept = &fake.answers[fake.n_answers++];
    *kept = (fake_answer){.tag = tag, .result = *result};
    if (result->n_devices > 0)
        kept->device = result->devices[0];
    ck_assert_uint_le(result->n_people, RB_PEOPLE_FOUND_MAX);
    for (size_t i = 0; i < result->n_people; i++)
        kept->people[i] = result->people[i];
    if (result->results)
        kept->actions = *result->results;
    if (result->code)
        ck_assert_int_eq(rb_copy(kept->code, sizeof kept->code, rb_secret_reveal(result->code)), RB_OK);
    rb_secret_free(result->code);
    if (fake.again_id) {
        rb_device_call call = {.kind = RB_DEVICE_RESULTS, .id = fake.again_id};
        fake.again_id = NULL;
        fake.port.call(fake.port.self, ++fake.last_tag, &call);
    }
}

/* ---- given ------------------------------------------------------------------------------------------------------ */

static inline void fake_given(void)
{
    memset(&fake, 0, sizeof fake);
    fake.now = (rb_now){.utc_ms = DATE_MS, .boot_ms = 1000000};
    fake.timer_ms = INT64_MAX;
    fake.secret = rb_secret_new(RB_STR("s3cret+&"));
    rb_graph_config config = {.login_url = LOGIN,
                              .graph_url = GRAPH,
                              .tenant = TENANT,
                              .client_id = CLIENT,
                              .credential = {.kind = RB_ENTRA_CLIENT_SECRET, .secret = fake.secret}};
    rb_io io = {.http_start = fake_http_start, .timer_set = fake_timer_set};
    rb_device_events events = {.on_result = fake_on_result};
    rb_errbuf errbuf = {""};
    rb_err err = rb_graph_new(&config, &io, (rb_clock){.now = fake_now}, (rb_random){.fill = fake_fill}, &events,
                              &fake.graph, &errbuf);
    ck_assert_msg(err == RB_OK, "%s", errbuf.text);
    fake.port = rb_graph_port(fake.graph);
}

static inline void fake_end(void)
{
    rb_graph_free(fake.graph);
    rb_secret_free(fake.secret);
}

/* ---- when ------------------------------------------------------------------------------------------------------- */

/* The oldest request that waits for its answer; NULL when none. */
static inline fake_request *fake_waiting(void)
{
    for (size_t i = 0; i < fake.n_requests; i++)
        if (!fake.requests[i].is_answered)
            return &fake.requests[i];
    return NULL;
}

static inline bool fake_is_token(const fake_request *request)
{
    return request && strstr(request->url, "/oauth2/") != NULL;
}

static inline void fake_answer_with(fake_request *request, const rb_http_reply *reply)
{
    ck_assert_ptr_nonnull(request);
    ck_assert(!request->is_answered);
    request->is_answered = true;
    rb_graph_http_done(fake.graph, request->tag, reply, fake.now);
}

static inline rb_http_reply fake_reply(int status, const char *body)
{
    rb_http_reply reply = {.status = status, .body = rb_str_of(body), .error = ""};

    rb_copy_fit(reply.date, sizeof reply.date, DATE_TEXT);
    rb_copy_fit(reply.request_id, sizeof reply.request_id, "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa");
    return reply;
}

/* Lets time pass, firing the timer whenever it is due. */
static inline void fake_pass(int64_t ms)
{
    int64_t end_ms = fake.now.boot_ms + ms;

    for (int fired = 0; fake.timer_ms <= end_ms; fired++) {
        ck_assert_msg(fired < 10000, "the timer is set to the past for ever");
        if (fake.timer_ms > fake.now.boot_ms) {
            fake.now.utc_ms += fake.timer_ms - fake.now.boot_ms;
            fake.now.boot_ms = fake.timer_ms;
        }
        fake.timer_ms = INT64_MAX;
        rb_graph_timer(fake.graph, fake.now);
    }
    fake.now.utc_ms += end_ms - fake.now.boot_ms;
    fake.now.boot_ms = end_ms;
}

static inline void fake_answer_token(void)
{
    fake_request *request = fake_waiting();

    ck_assert_ptr_nonnull(request);
    ck_assert(fake_is_token(request));
    rb_http_reply reply = fake_reply(200, "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"T0KEN\"}");
    fake_answer_with(request, &reply);
}

/* The oldest request, which must be to this address (after GRAPH, up to its query), is answered. A token is given when asked for. */
static inline fake_request *fake_expect(const char *method, const char *path)
{
    char address[512];

    if (fake_is_token(fake_waiting()))
        fake_answer_token();
    fake_request *request = fake_waiting();
    ck_assert_msg(request != NULL, "no request where %s %s was due", method, path);
    ck_assert_str_eq(request->method, method);
    (void)snprintf(address, sizeof address, GRAPH "%s", path);
    size_t len = strlen(address);
    ck_assert_msg(strncmp(request->url, address, len) == 0 && (request->url[len] == '\0' || request->url[len] == '?'),
                  "%s instead of %s", request->url, address);
    return request;
}

static inline void fake_exchange(const char *method, const char *path, int status, const char *body)
{
    fake_request *request = fake_expect(method, path);
    rb_http_reply reply = fake_reply(status, body);

    fake_answer_with(request, &reply);
}

/* ---- then ------------------------------------------------------------------------------------------------------- */

/* The one answer so far. */
static inline const fake_answer *fake_only_answer(void)
{
    ck_assert_uint_eq(fake.n_answers, 1);
    return &fake.answers[0];
}

static inline void fake_expect_outcome(rb_device_outcome outcome)
{
    const fake_answer *answer = fake_only_answer();

    ck_assert_msg(answer->result.outcome == outcome, "outcome %d instead of %d: %s", (int)answer->result.outcome,
                  (int)outcome, answer->result.detail);
    ck_assert_ptr_null(fake_waiting());
}

static inline size_t fake_count(const char *method, const char *part)
{
    size_t n = 0;

    for (size_t i = 0; i < fake.n_requests; i++)
        n += strcmp(fake.requests[i].method, method) == 0 && strstr(fake.requests[i].url, part) != NULL;
    return n;
}

/* The rest of the program: cases run with this world set up and torn down. */
static inline int fake_main(const char *name, const TTest *const *tests, size_t n)
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);

    tcase_add_checked_fixture(cases, fake_given, fake_end);
    for (size_t i = 0; i < n; i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
