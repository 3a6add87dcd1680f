/* http_fault_test.c - timing: HTTP servers that hang up, fall silent, talk too much or show bad certificates. */
#include <check.h>
#include <stdlib.h>

#include "http_client.h"
#include "tls_peer.h"

/* ---- what must not be repeated --------------------------------------------------------------------------- */

START_TEST(a_post_that_goes_once_is_seen_once_when_a_warm_connection_dies)
{
    peer *server = peer_start(answer_once_then_hang_up, NULL);
    client self = {0};
    client_open(&self);
    ck_assert_int_eq(get(&self, server->port)->reply.status, 200);
    server->n_requests = 0;
    rb_http_request request = request_of(url_of(server->port, "/resetPasscode"));
    request.method = "POST";
    request.once = true;

    const received *got = exchange(&self, &request);
    peer_sleep_ms(50);

    ck_assert_int_eq(server->n_requests, 1);
    ck_assert_int_eq(got->reply.err, RB_E_IO);
    ck_assert(!got->reply.never_left);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_post_that_was_read_and_dropped_may_have_acted)
{
    peer *server = peer_start(read_and_hang_up, NULL);
    client self = {0};
    client_open(&self);
    rb_http_request request = request_of(url_of(server->port, "/"));
    request.method = "POST";
    request.once = true;

    const received *got = exchange(&self, &request);

    ck_assert_int_eq(got->reply.err, RB_E_IO);
    ck_assert(!got->reply.never_left);
    ck_assert_int_eq(server->n_requests, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_refused_connection_provably_sent_nothing)
{
    int port, fd = peer_listen(&port);
    close(fd);
    client self = {0};
    client_open(&self);

    const received *got = get(&self, port);

    ck_assert_int_eq(got->reply.err, RB_E_IO);
    ck_assert(got->reply.never_left);
    ck_assert_ptr_nonnull(strstr(got->error, "no connection to 127.0.0.1"));
    client_close(&self);
}
END_TEST

START_TEST(a_tls_handshake_that_breaks_off_provably_sent_nothing)
{
    peer *server = peer_start(hang_up_at_once, NULL);
    client self = {0};
    client_open(&self);
    char url[64];
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%d/", server->port);
    rb_http_request request = request_of(url);

    const received *got = exchange(&self, &request);

    ck_assert_int_eq(got->reply.err, RB_E_IO);
    ck_assert(got->reply.never_left);
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* ---- silence and half answers ---------------------------------------------------------------------------- */

START_TEST(silence_ends_at_the_timeout_and_may_have_acted)
{
    peer *server = peer_start(stay_silent, NULL);
    client self = {0};
    client_open(&self);
    rb_http_request request = request_of(url_of(server->port, "/"));
    request.timeout_ms = 300;

    const received *got = exchange(&self, &request);

    ck_assert_int_eq(got->reply.err, RB_E_IO);
    ck_assert(!got->reply.never_left);
    ck_assert_ptr_nonnull(strstr(got->error, "within 300 ms: waited for its reply"));
    ck_assert_int_ge(got->took_ms, 300);
    ck_assert_int_lt(got->took_ms, 800);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_silent_tls_peer_ends_at_the_timeout_with_nothing_sent)
{
    peer *server = peer_start(stay_silent, NULL);
    client self = {0};
    client_open(&self);
    char url[64];
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%d/", server->port);
    rb_http_request request = request_of(url);
    request.timeout_ms = 300;

    const received *got = exchange(&self, &request);

    ck_assert(got->reply.never_left);
    ck_assert_ptr_nonnull(strstr(got->error, "waited for a connection"));
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_reply_that_drips_past_the_timeout_is_an_error)
{
    union {
        const char *in;
        void *out;
    } text = {.in = OK_TEXT};
    peer *server = peer_start(drip, text.out);
    client self = {0};
    client_open(&self);
    rb_http_request request = request_of(url_of(server->port, "/"));
    request.timeout_ms = 200;

    ck_assert_int_eq(exchange(&self, &request)->reply.err, RB_E_IO);

    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_reply_cut_short_is_an_error)
{
    union {
        const char *in;
        void *out;
    } text = {.in = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"};
    peer *server = peer_start(drip, text.out);
    client self = {0};
    client_open(&self);

    const received *got = get(&self, server->port);

    ck_assert_int_eq(got->reply.err, RB_E_IO);
    ck_assert(!got->reply.never_left);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(bytes_that_are_not_http_are_an_error)
{
    peer *server = serving("hello\r\n\r\n");
    client self = {0};
    client_open(&self);

    ck_assert_int_eq(get(&self, server->port)->reply.err, RB_E_IO);

    client_close(&self);
    peer_stop(server);
}
END_TEST

/* A reply of `len` bytes, told by its length or in chunks. */
static char *reply_of(size_t len, bool is_chunked)
{
    char *text = malloc(len + 200), *at = text;
    at += is_chunked ? sprintf(at, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n", len)
                     : sprintf(at, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
    memset(at, 'x', len);
    at += len;
    (void)sprintf(at, "%s", is_chunked ? "\r\n0\r\n\r\n" : "");
    return text;
}

START_TEST(a_reply_at_the_limit_is_whole_and_one_byte_more_is_an_error)
{
    for (int is_chunked = 0; is_chunked < 2; is_chunked++)
        for (size_t over = 0; over < 2; over++) {
            char *text = reply_of(4096 + over, is_chunked != 0);
            peer *server = serving(text);
            client self = {0};
            client_open(&self);

            const received *got = get(&self, server->port);

            ck_assert_int_eq(got->reply.err, over == 0 ? RB_OK : RB_E_LIMIT);
            ck_assert(!got->reply.never_left);
            if (over == 0)
                ck_assert_uint_eq(strlen(got->body), 4096);
            client_close(&self);
            peer_stop(server);
            free(text);
        }
}
END_TEST

/* ---- certificates ---------------------------------------------------------------------------------------- */

static const received *get_tls(client *self, const tls_peer *server, const char *ca_name, const char *host)
{
    char ca_file[TLS_PATH_CAP * 2], url[128];
    tls_path(ca_file, server->folder, ca_name);
    self->config.ca_file = ca_file;
    client_open(self);
    (void)snprintf(url, sizeof url, "https://%s:%d/", host, server->port);
    rb_http_request request = request_of(url);
    request.reply_max = 65536;
    return exchange(self, &request);
}

START_TEST(a_configured_authority_is_accepted)
{
    tls_peer server = tls_peer_start("DNS:example.test", -60, 3600);
    client self = {0};

    const received *got = get_tls(&self, &server, "ca.pem", "example.test");

    ck_assert_msg(got->reply.err == RB_OK, "%s", got->error);
    ck_assert_int_eq(got->reply.status, 200);
    client_close(&self);
    tls_peer_stop(&server);
}
END_TEST

static void expect_tls_fault(const char *names, long from_s, long to_s, const char *ca_name, const char *words)
{
    tls_peer server = tls_peer_start(names, from_s, to_s);
    client self = {0};

    const received *got = get_tls(&self, &server, ca_name, "example.test");

    ck_assert_int_eq(got->reply.err, RB_E_AUTH);
    ck_assert(got->reply.never_left);
    ck_assert_msg(strstr(got->error, words) != NULL, "%s", got->error);
    client_close(&self);
    tls_peer_stop(&server);
}

START_TEST(an_unknown_authority_is_refused_and_named)
{
    expect_tls_fault("DNS:example.test", -60, 3600, "other.pem", "unknown authority");
}
END_TEST

START_TEST(a_wrong_name_is_refused_and_named)
{
    expect_tls_fault("DNS:other.test", -60, 3600, "ca.pem", "wrong name");
}
END_TEST

START_TEST(an_expired_certificate_is_refused_and_named)
{
    expect_tls_fault("DNS:example.test", -3600, -60, "ca.pem", "expired");
}
END_TEST

START_TEST(a_certificate_of_the_future_is_refused_and_named)
{
    expect_tls_fault("DNS:example.test", 3000, 3600, "ca.pem", "not valid yet");
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
    const TTest *const once[] = {
        a_post_that_goes_once_is_seen_once_when_a_warm_connection_dies,
        a_post_that_was_read_and_dropped_may_have_acted,
        a_refused_connection_provably_sent_nothing,
        a_tls_handshake_that_breaks_off_provably_sent_nothing,
    };
    const TTest *const silence[] = {
        silence_ends_at_the_timeout_and_may_have_acted,
        a_silent_tls_peer_ends_at_the_timeout_with_nothing_sent,
        a_reply_that_drips_past_the_timeout_is_an_error,
        a_reply_cut_short_is_an_error,
        bytes_that_are_not_http_are_an_error,
        a_reply_at_the_limit_is_whole_and_one_byte_more_is_an_error,
    };
    const TTest *const tls[] = {
        a_configured_authority_is_accepted,
        an_unknown_authority_is_refused_and_named,
        a_wrong_name_is_refused_and_named,
        an_expired_certificate_is_refused_and_named,
        a_certificate_of_the_future_is_refused_and_named,
    };
    Suite *suite = suite_create("http_fault");
    suite_add_tcase(suite, TESTS("once", once));
    suite_add_tcase(suite, TESTS("silence", silence));
    suite_add_tcase(suite, TESTS("tls", tls));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
