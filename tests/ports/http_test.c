/* http_test.c - timing: HTTP requests as they should be, names, and what is never sent. */
#include <check.h>
#include <stdlib.h>

#include "http_client.h"

/* ---- what works ------------------------------------------------------------------------------------------ */

START_TEST(a_reply_comes_back_with_its_status_headers_and_body)
{
    peer *server = serving("HTTP/1.1 429 Too Many\r\nContent-Type: application/json\r\nRETRY-AFTER: 7\r\n"
                           "Date: Mon, 02 Mar 2026 14:02:10 GMT\r\nrequest-id: r1\r\nclient-request-id: c1\r\n"
                           "x-msft-approval-code: a1\r\nContent-Length: 4\r\n\r\nbody");
    client self = {0};
    client_open(&self);

    const received *got = get(&self, server->port);

    ck_assert_int_eq(got->reply.err, RB_OK);
    ck_assert_int_eq(got->reply.status, 429);
    ck_assert_uint_eq(got->tag, 1);
    ck_assert_str_eq(got->body, "body");
    ck_assert_str_eq(got->error, "");
    ck_assert_str_eq(got->reply.content_type, "application/json");
    ck_assert_str_eq(got->reply.retry_after, "7");
    ck_assert_str_eq(got->reply.date, "Mon, 02 Mar 2026 14:02:10 GMT");
    ck_assert_str_eq(got->reply.request_id, "r1");
    ck_assert_str_eq(got->reply.client_request_id, "c1");
    ck_assert_str_eq(got->reply.approval_code, "a1");
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_header_too_long_for_its_place_is_left_out_whole)
{
    peer *server =
        serving("HTTP/1.1 200 OK\r\nrequest-id: 0123456789012345678901234567890123456789012345678901234567890123\r\n"
                "Content-Length: 0\r\n\r\n");
    client self = {0};
    client_open(&self);

    ck_assert_str_eq(get(&self, server->port)->reply.request_id, "");

    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_post_is_sent_as_given)
{
    peer *server = serving(OK_TEXT);
    client self = {0};
    client_open(&self);
    rb_http_request request = request_of(url_of(server->port, "/api/x?a=b"));
    request.method = "POST";
    request.body = RB_STR("text=hi&x=%20");
    request.headers[0] = (rb_http_header){"Authorization", "Bearer abc"};
    request.headers[1] = (rb_http_header){"Content-Type", "application/x-www-form-urlencoded"};
    request.n_headers = 2;

    ck_assert_int_eq(exchange(&self, &request)->reply.status, 200);

    const char *seen = server->last_request;
    ck_assert_int_eq(strncmp(seen, "POST /api/x?a=b HTTP/1.1\r\n", 26), 0);
    ck_assert_ptr_nonnull(strstr(seen, "\r\nAuthorization: Bearer abc\r\n"));
    ck_assert_ptr_nonnull(strstr(seen, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    ck_assert_ptr_nonnull(strstr(seen, "\r\nContent-Length: 13\r\n"));
    ck_assert_ptr_nonnull(strstr(seen, "\r\n\r\ntext=hi&x=%20"));
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(an_empty_post_says_so_and_asks_for_nothing)
{
    peer *server = serving("HTTP/1.1 204 No Content\r\n\r\n");
    client self = {0};
    client_open(&self);
    rb_http_request request = request_of(url_of(server->port, "/"));
    request.method = "POST";
    request.once = true;

    ck_assert_int_eq(exchange(&self, &request)->reply.status, 204);

    ck_assert_ptr_nonnull(strcasestr(server->last_request, "\r\nContent-Length: 0\r\n"));
    ck_assert_ptr_null(strcasestr(server->last_request, "\r\nExpect:"));
    ck_assert_ptr_null(strcasestr(server->last_request, "\r\nContent-Type:"));
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(connections_are_reused_but_not_by_a_request_that_goes_once)
{
    peer *server = serving(OK_TEXT);
    client self = {0};
    client_open(&self);
    (void)get(&self, server->port);
    (void)get(&self, server->port);
    ck_assert_int_eq(server->n_conns, 1);

    rb_http_request request = request_of(url_of(server->port, "/"));
    request.once = true;
    (void)exchange(&self, &request);
    ck_assert_int_eq(server->n_conns, 2);
    (void)get(&self, server->port);

    ck_assert_int_eq(server->n_conns, 2);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_slow_reply_within_the_time_is_whole)
{
    union {
        const char *in;
        void *out;
    } text = {.in = OK_TEXT};
    peer *server = peer_start(drip, text.out);
    client self = {0};
    client_open(&self);

    const received *got = get(&self, server->port);

    ck_assert_int_eq(got->reply.err, RB_OK);
    ck_assert_str_eq(got->body, "ok");
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_redirect_is_an_answer_and_not_followed)
{
    peer *target = serving(OK_TEXT);
    char text[200];
    (void)snprintf(text, sizeof text,
                   "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n", target->port);
    peer *server = serving(text);
    client self = {0};
    client_open(&self);

    ck_assert_int_eq(get(&self, server->port)->reply.status, 302);

    ck_assert_int_eq(target->n_conns, 0);
    client_close(&self);
    peer_stop(server);
    peer_stop(target);
}
END_TEST

/* ---- many ------------------------------------------------------------------------------------------------ */

START_TEST(as_many_transfers_as_the_limit_run_and_the_next_is_refused)
{
    peer *server = peer_start(stay_silent, NULL);
    static client self = {.names_hang_ms = 1500};
    client_open(&self);
    rb_http_request request = request_of("https://slow.test/");
    request.timeout_ms = 400;
    for (int i = 0; i < RB_HTTP_TRANSFERS_MAX + 1; i++)
        start(&self, &request);

    run_until_stopped(&self.bench);

    ck_assert_uint_eq(self.inbox[0].tag, RB_HTTP_TRANSFERS_MAX + 1);
    ck_assert_int_eq(self.inbox[0].reply.err, RB_E_AGAIN);
    ck_assert(self.inbox[0].reply.never_left);
    for (int i = 1; i <= RB_HTTP_TRANSFERS_MAX; i++)
        ck_assert_int_eq(self.inbox[i].reply.err, RB_E_IO);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(many_at_once_all_come_back)
{
    enum { N = 40 };
    peer *server = serving(OK_TEXT);
    client self = {0};
    client_open(&self);
    rb_http_request request = request_of(url_of(server->port, "/"));
    for (int i = 0; i < N; i++)
        start(&self, &request);

    run_until_stopped(&self.bench);

    ck_assert_int_eq(self.n_received, N);
    for (int i = 0; i < N; i++)
        ck_assert_int_eq(self.inbox[i].reply.status, 200);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(forgotten_transfers_are_never_told)
{
    peer *server = peer_start(stay_silent, NULL);
    static client self = {.names_hang_ms = 100};
    client_open(&self);
    rb_http_request silent = request_of(url_of(server->port, "/"));
    silent.timeout_ms = 60;
    rb_http_request named = request_of("https://slow.test/"), wrong = request_of("nonsense");
    start(&self, &silent);
    start(&self, &named);
    start(&self, &wrong);

    rb_http_forget(self.http, &self);
    run_for(&self.bench, 250);

    ck_assert_int_eq(self.n_received, 0);
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* ---- names ----------------------------------------------------------------------------------------------- */

START_TEST(a_name_that_hangs_delays_no_other_request_and_sends_nothing)
{
    peer *server = serving(OK_TEXT);
    static client self = {.names_hang_ms = 30000}; /* the resolver is left hanging in it */
    client_open(&self);
    rb_http_request slow = request_of("https://slow.test/");
    slow.timeout_ms = 500;
    rb_http_request fast = request_of(url_of(server->port, "/"));
    start(&self, &slow);
    start(&self, &fast);

    run_until_stopped(&self.bench);

    ck_assert_uint_eq(self.inbox[0].tag, 2);
    ck_assert_int_eq(self.inbox[0].reply.status, 200);
    ck_assert_int_lt(self.inbox[0].took_ms, 150);
    ck_assert_uint_eq(self.inbox[1].tag, 1);
    ck_assert(self.inbox[1].reply.never_left);
    ck_assert_ptr_nonnull(strstr(self.inbox[1].error, "waited for its address"));
    ck_assert_int_lt(self.inbox[1].took_ms, 1000);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(an_unknown_name_is_said_and_sends_nothing)
{
    client self = {0};
    client_open(&self);
    rb_http_request request = request_of("https://unknown.test/");

    const received *got = exchange(&self, &request);

    ck_assert_int_eq(got->reply.err, RB_E_IO);
    ck_assert(got->reply.never_left);
    ck_assert_str_eq(got->error, "no address found for unknown.test: no such name");
    client_close(&self);
}
END_TEST

/* ---- what is never sent ---------------------------------------------------------------------------------- */

START_TEST(addresses_that_may_not_be_used_are_refused)
{
    static const struct {
        const char *url;
        rb_err err;
    } cases[] = {
        {"http://example.test/", RB_E_REFUSED},
        {"http://192.0.2.1/", RB_E_REFUSED},
        {"http://127.0.0.1.example.test/", RB_E_REFUSED},
        {"http://[2001:db8::1]/", RB_E_REFUSED},
        {"http://127.1/", RB_E_SYNTAX},
        {"http://2130706433/", RB_E_SYNTAX},
        {"http://0x7f.1/", RB_E_SYNTAX},
        {"ftp://127.0.0.1/", RB_E_SYNTAX},
        {"file:///etc/passwd", RB_E_SYNTAX},
        {"http:///x", RB_E_SYNTAX},
        {"http://user@127.0.0.1/", RB_E_SYNTAX},
        {"http://127.0.0.1\\@example.test/", RB_E_SYNTAX},
        {"http://127.0.0.1:0/", RB_E_SYNTAX},
        {"http://127.0.0.1:65536/", RB_E_SYNTAX},
        {"http://127.0.0.1:/", RB_E_SYNTAX},
        {"http://127.0.0.1/a b", RB_E_SYNTAX},
        {"http://127.0.0.1/\r\nX: y", RB_E_SYNTAX},
        {"http://127.0.0.1/#x", RB_E_SYNTAX},
        {"http://127.0.0.1?x", RB_E_SYNTAX},
        {"ws://127.0.0.1/", RB_E_REFUSED},
        {"", RB_E_SYNTAX},
        {"http://[::1/", RB_E_SYNTAX},
        {"http://[::1]x/", RB_E_SYNTAX},
    };
    client self = {0};
    client_open(&self);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rb_http_request request = request_of(cases[i].url);
        const received *got = exchange(&self, &request);
        ck_assert_msg(got->reply.err == cases[i].err, "%s: %s", cases[i].url, got->error);
        ck_assert(got->reply.never_left);
    }
    ck_assert_int_eq(self.n_names_asked, 0);
    client_close(&self);
}
END_TEST

START_TEST(a_test_program_reaches_loopback_only)
{
    client self = {.config.loopback_only = true};
    client_open(&self);
    rb_http_request request = request_of("https://example.test/");

    const received *got = exchange(&self, &request);

    ck_assert_int_eq(got->reply.err, RB_E_REFUSED);
    ck_assert_int_eq(self.n_names_asked, 0);
    client_close(&self);
}
END_TEST

START_TEST(headers_and_methods_that_could_smuggle_are_refused)
{
    client self = {0};
    client_open(&self);
    static const rb_http_header bad[] = {{"X", "a\r\nY: b"}, {"X", "a\nb"}, {"X\r\nY", "a"},
                                         {"X: y\r\nZ", "a"}, {"X:y", "a"},  {"X", "\x01"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rb_http_request request = request_of("http://127.0.0.1:1/");
        request.headers[0] = bad[i];
        request.n_headers = 1;
        ck_assert_int_eq(exchange(&self, &request)->reply.err, RB_E_SYNTAX);
    }
    rb_http_request request = request_of("http://127.0.0.1:1/");
    request.method = "DELETE";
    ck_assert_int_eq(exchange(&self, &request)->reply.err, RB_E_SYNTAX);
    client_close(&self);
}
END_TEST

START_TEST(a_proxy_in_the_environment_is_not_looked_at)
{
    peer *server = serving(OK_TEXT), *proxy = serving(OK_TEXT);
    setenv("http_proxy", url_of(proxy->port, ""), 1);
    setenv("all_proxy", url_of(proxy->port, ""), 1);
    client self = {0};
    client_open(&self);

    ck_assert_int_eq(get(&self, server->port)->reply.status, 200);

    ck_assert_int_eq(proxy->n_conns, 0);
    client_close(&self);
    peer_stop(server);
    peer_stop(proxy);
}
END_TEST

START_TEST(the_configured_proxy_gets_the_name_and_loopback_goes_past_it)
{
    peer *proxy = serving("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), *server = serving(OK_TEXT);
    char proxy_url[64];
    (void)snprintf(proxy_url, sizeof proxy_url, "http://127.0.0.1:%d", proxy->port);
    client self = {.config.proxy_url = proxy_url};
    client_open(&self);
    rb_http_request request = request_of("https://example.test/");

    const received *got = exchange(&self, &request);

    ck_assert_int_eq(got->reply.err, RB_E_IO);
    ck_assert(got->reply.never_left);
    ck_assert_int_eq(strncmp(proxy->last_request, "CONNECT example.test:443 HTTP/1.1\r\n", 35), 0);
    ck_assert_int_eq(self.n_names_asked, 0);
    ck_assert_int_eq(get(&self, server->port)->reply.status, 200);
    ck_assert_int_eq(proxy->n_conns, 1);
    client_close(&self);
    peer_stop(server);
    peer_stop(proxy);
}
END_TEST

START_TEST(a_proxy_or_ca_file_that_cannot_be_used_is_told_at_the_start)
{
    static const rb_net_config bad[] = {{.ca_file = "/nonexistent/ca.pem"},
                                        {.ca_file = "/etc/hostname"},
                                        {.proxy_url = "proxy:3128"},
                                        {.proxy_url = "https://proxy:3128"},
                                        {.proxy_url = "http://proxy:3128/path"}};
    bench_loop bench;
    bench_open(&bench, rb_clock_system());
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rb_http *http = NULL;
        rb_errbuf errbuf = {0};
        ck_assert_int_eq(rb_http_new(bench.loop, NULL, &bad[i], &http, &errbuf), RB_E_CONFIG);
        ck_assert_uint_gt(strlen(errbuf.text), 10);
    }
    bench_close(&bench);
}
END_TEST

static TCase *tests_of(const char *name, const TTest *const *tests, size_t n)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 40);
    for (size_t i = 0; i < n; i++)
        tcase_add_test(tcase, tests[i]);
    return tcase;
}

#define TESTS(name, array) tests_of((name), (array), sizeof(array) / sizeof(array)[0])

int main(void)
{
    const TTest *const works[] = {
        a_reply_comes_back_with_its_status_headers_and_body,
        a_header_too_long_for_its_place_is_left_out_whole,
        a_post_is_sent_as_given,
        an_empty_post_says_so_and_asks_for_nothing,
        connections_are_reused_but_not_by_a_request_that_goes_once,
        a_slow_reply_within_the_time_is_whole,
        a_redirect_is_an_answer_and_not_followed,
        as_many_transfers_as_the_limit_run_and_the_next_is_refused,
        many_at_once_all_come_back,
        forgotten_transfers_are_never_told,
    };
    const TTest *const names[] = {
        a_name_that_hangs_delays_no_other_request_and_sends_nothing,
        an_unknown_name_is_said_and_sends_nothing,
    };
    const TTest *const refusals[] = {
        addresses_that_may_not_be_used_are_refused,
        a_test_program_reaches_loopback_only,
        headers_and_methods_that_could_smuggle_are_refused,
        a_proxy_in_the_environment_is_not_looked_at,
        the_configured_proxy_gets_the_name_and_loopback_goes_past_it,
        a_proxy_or_ca_file_that_cannot_be_used_is_told_at_the_start,
    };
    Suite *suite = suite_create("http");
    suite_add_tcase(suite, TESTS("works", works));
    suite_add_tcase(suite, TESTS("names", names));
    suite_add_tcase(suite, TESTS("refusals", refusals));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
