/* ws_open_test.c - timing: websocket connections on their way up: upgrades, names, certificates, proxies. */
#include <check.h>
#include <stdlib.h>

#include "resetbot/limits.h"
#include "tls_peer.h"
#include "ws_client.h"

/* ---- the upgrade ----------------------------------------------------------------------------------------- */

/* arg: the reply to the upgrade. */
static void answer_upgrade(peer *self, int fd, int nth)
{
    (void)nth;
    if (peer_take_request(self, fd)) {
        (void)peer_write_text(fd, self->arg);
        peer_stay_silent(fd);
    }
}

static void expect_refusal(const char *reply, int http_status)
{
    union {
        const char *in;
        void *out;
    } text = {.in = reply};
    peer *server = peer_start(answer_upgrade, text.out);
    client self = {0};
    client_open(&self);

    const event *closed = await_closed(&self, server->port);

    ck_assert_int_eq(closed->http_status, http_status);
    ck_assert_int_eq(closed->code, 1006);
    ck_assert_int_lt(closed->at_ms, 1000);
    char words[64];
    (void)snprintf(words, sizeof words, "answers HTTP %d", http_status);
    if (http_status != 0)
        ck_assert_msg(strstr(closed->text, words) != NULL, "%s", closed->text);
    ck_assert_int_eq(self.n_events, 1);
    client_close(&self);
    peer_stop(server);
}

START_TEST(a_refused_upgrade_is_told_with_its_status)
{
    expect_refusal("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", 408);
    expect_refusal("HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}", 409);
    expect_refusal("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n", 401);
    expect_refusal("HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n", 503);
}
END_TEST

START_TEST(a_proxy_that_answers_the_upgrade_with_a_page_is_told_as_200)
{
    expect_refusal("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>", 200);
}
END_TEST

START_TEST(a_redirect_of_the_upgrade_is_not_followed)
{
    static transcript seen;
    peer *target = peer_start(echo, &seen);
    char reply[200];
    (void)snprintf(reply, sizeof reply,
                   "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n", target->port);
    expect_refusal(reply, 302);
    ck_assert_int_eq(target->n_conns, 0);
    peer_stop(target);
}
END_TEST

START_TEST(an_upgrade_with_the_wrong_proof_is_refused)
{
    expect_refusal("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
                   0);
}
END_TEST

static void hang_up_on_upgrade(peer *self, int fd, int nth)
{
    (void)nth;
    (void)peer_take_request(self, fd);
}

START_TEST(a_peer_that_hangs_up_on_the_upgrade_is_told)
{
    peer *server = peer_start(hang_up_on_upgrade, NULL);
    client self = {0};
    client_open(&self);

    const event *closed = await_closed(&self, server->port);

    ck_assert_int_eq(closed->http_status, 0);
    ck_assert_int_lt(closed->at_ms, 1000);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_refused_connection_is_told_later_and_at_once)
{
    int port, fd = peer_listen(&port);
    close(fd);
    client self = {0};
    client_open(&self);

    const event *closed = await_closed(&self, port);

    ck_assert_int_lt(closed->at_ms, 500);
    ck_assert_ptr_nonnull(strstr(closed->text, "127.0.0.1"));
    client_close(&self);
}
END_TEST

START_TEST(a_peer_that_never_answers_the_upgrade_ends_after_ten_seconds)
{
    peer *server = peer_start(stay_silent, NULL);
    client self = {0};
    client_open(&self);

    const event *closed = await_closed(&self, server->port);

    ck_assert_int_ge(closed->at_ms, 10000);
    ck_assert_int_lt(closed->at_ms, 10500);
    ck_assert_str_eq(closed->text, "no websocket to 127.0.0.1 within 10000 ms: waited for its answer");
    run_for(&self.bench, 100);
    ck_assert_int_eq(self.n_events, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(addresses_that_may_not_be_used_are_refused)
{
    static const char *const urls[] = {"ws://example.test/",       "ws://192.0.2.1/",   "http://127.0.0.1/", "nonsense",
                                       "wss://user@example.test/", "ws://127.0.0.1/#x", "wss://[::1]/"};
    client self = {0};
    client_open(&self);
    for (int i = 0; i < 7; i++) {
        open_url(&self, (uint64_t)i, urls[i]);
        const event *closed = await(&self, 'c', i + 1);
        ck_assert_uint_gt(strlen(closed->text), 20);
    }
    ck_assert_int_eq(self.n_names_asked, 0);
    client_close(&self);
}
END_TEST

/* ---- names ----------------------------------------------------------------------------------------------- */

START_TEST(a_name_that_hangs_delays_no_frame_of_another_connection)
{
    static transcript seen;
    peer *server = peer_start(echo, &seen);
    static client self = {.names_hang_ms = 30000, .react = send_echo_and_ping};
    client_open(&self);
    open_url(&self, 1, "wss://slow.test/");
    run_for(&self.bench, 50);
    int64_t before = rb_net_boot_ms();

    open_port(&self, 2, server->port);
    (void)await(&self, 'f', 2);

    ck_assert_int_lt(rb_net_boot_ms() - before, 150);
    rb_ws_drop(self.ws, &self, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(an_unknown_name_is_told)
{
    client self = {0};
    client_open(&self);
    open_url(&self, 1, "wss://unknown.test/");

    ck_assert_str_eq(await(&self, 'c', 1)->text, "no address found for unknown.test: no such name");

    client_close(&self);
}
END_TEST

/* ---- certificates and proxies ---------------------------------------------------------------------------- */

static const event *open_tls(client *self, const tls_peer *server, const char *ca_name)
{
    static char ca_file[TLS_PATH_CAP * 2], url[128];
    tls_path(ca_file, server->folder, ca_name);
    self->config.ca_file = ca_file;
    client_open(self);
    (void)snprintf(url, sizeof url, "wss://example.test:%d/", server->port);
    open_url(self, 1, url);
    return await(self, 'c', 1);
}

/* s_server speaks HTTP only: its 200 shows that TLS was accepted. */
START_TEST(a_configured_authority_is_accepted)
{
    tls_peer server = tls_peer_start("DNS:example.test", -60, 3600);
    client self = {0};

    const event *closed = open_tls(&self, &server, "ca.pem");

    ck_assert_msg(closed->http_status == 200, "%s", closed->text);
    client_close(&self);
    tls_peer_stop(&server);
}
END_TEST

/* What the server says in clear to one client: several frames at once, and a long one. */
static void *talk_in_clear(void *arg)
{
    static peer self;
    static char text[RB_FRAME_MAX];
    const tls_peer *server = arg;
    ws_in in;
    pthread_mutex_init(&self.lock, NULL);
    memset(text, 'x', sizeof text);
    if (!ws_accept(&self, server->fd))
        return NULL;
    (void)peer_write(server->fd, "\x81\x03one\x81\x03two\x81\x05three", 17);
    while (ws_read(server->fd, &in) && in.opcode == WS_TEXT)
        (void)ws_write(server->fd, WS_FIN | WS_TEXT, text, sizeof text);
    return NULL;
}

START_TEST(frames_pass_over_tls_several_at_once_and_long_ones)
{
    tls_peer server = tls_peer_start_clear("DNS:example.test");
    pthread_t talker;
    ck_assert_int_eq(pthread_create(&talker, NULL, talk_in_clear, &server), 0);
    client self = {0};
    char ca_file[TLS_PATH_CAP * 2], url[128];
    tls_path(ca_file, server.folder, "ca.pem");
    self.config.ca_file = ca_file;
    client_open(&self);
    (void)snprintf(url, sizeof url, "wss://example.test:%d/link", server.port);
    open_url(&self, 1, url);

    const event *third = await(&self, 'f', 3);
    ck_assert_str_eq(third->text, "three");
    for (int i = 0; i < 3; i++)
        rb_ws_send(self.ws, &self, 1, RB_STR("again"));
    ck_assert_uint_eq(await(&self, 'f', 6)->len, RB_FRAME_MAX);

    client_close(&self);
    shutdown(server.fd, SHUT_RDWR);
    pthread_join(talker, NULL);
    tls_peer_stop(&server);
}
END_TEST

static void expect_tls_fault(const char *names, long from_s, long to_s, const char *ca_name, const char *words)
{
    tls_peer server = tls_peer_start(names, from_s, to_s);
    client self = {0};

    const event *closed = open_tls(&self, &server, ca_name);

    ck_assert_int_eq(closed->http_status, 0);
    ck_assert_msg(strstr(closed->text, words) != NULL, "%s", closed->text);
    ck_assert_int_eq(self.n_events, 1);
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

START_TEST(the_next_address_is_tried_when_one_refuses)
{
    tls_peer server = tls_peer_start("DNS:example.test", -60, 3600);
    client self = {.addrs = {.n = 2, .text = {"127.0.0.2", "127.0.0.1"}}}; /* s_server listens on the second only */

    const event *closed = open_tls(&self, &server, "ca.pem");

    ck_assert_msg(closed->http_status == 200, "%s", closed->text);
    client_close(&self);
    tls_peer_stop(&server);
}
END_TEST

/* Accepted by the kernel, and never by anybody else. */
static int listen_in_silence(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1), .sin_port = htons((uint16_t)port)};
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    return fd;
}

START_TEST(the_next_address_is_tried_after_three_seconds_of_silence)
{
    tls_peer server = tls_peer_start("DNS:example.test", -60, 3600);
    int silent_fd = listen_in_silence(server.port);
    client self = {.addrs = {.n = 2, .text = {"127.0.0.2", "127.0.0.1"}}};

    const event *closed = open_tls(&self, &server, "ca.pem");

    ck_assert_msg(closed->http_status == 200, "%s", closed->text);
    ck_assert_int_ge(closed->at_ms, RB_WS_ADDRESS_MS);
    ck_assert_int_lt(closed->at_ms, RB_WS_ADDRESS_MS + 1000);
    ck_assert_int_eq(self.n_events, 1);
    client_close(&self);
    close(silent_fd);
    tls_peer_stop(&server);
}
END_TEST

/* Says yes to CONNECT, and carries bytes to the port in arg. */
static void tunnel(peer *self, int fd, int nth)
{
    (void)nth;
    if (!peer_take_request(self, fd) || !peer_write_text(fd, "HTTP/1.1 200 OK\r\n\r\n"))
        return;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)(intptr_t)self->arg)};
    int to = socket(AF_INET, SOCK_STREAM, 0);
    struct pollfd both[2] = {{.fd = fd, .events = POLLIN}, {.fd = to, .events = POLLIN}};
    bool is_open = connect(to, (struct sockaddr *)&address, sizeof address) == 0;
    while (is_open && poll(both, 2, -1) > 0)
        for (int i = 0; i < 2 && is_open; i++) {
            char bytes[4096];
            ssize_t n = both[i].revents == 0 ? 0 : recv(both[i].fd, bytes, sizeof bytes, 0);
            is_open = both[i].revents == 0 || (n > 0 && peer_write(both[1 - i].fd, bytes, (size_t)n));
        }
    close(to);
}

START_TEST(the_configured_proxy_carries_a_connection_to_a_name_it_looks_up_itself)
{
    tls_peer server = tls_peer_start("DNS:example.test", -60, 3600);
    peer *proxy = peer_start(tunnel, (void *)(intptr_t)server.port);
    char proxy_url[64];
    (void)snprintf(proxy_url, sizeof proxy_url, "http://127.0.0.1:%d", proxy->port);
    client self = {.config.proxy_url = proxy_url};

    const event *closed = open_tls(&self, &server, "ca.pem");

    ck_assert_msg(closed->http_status == 200, "%s", closed->text);
    ck_assert_int_eq(strncmp(proxy->last_request, "CONNECT example.test:", 21), 0);
    ck_assert_int_eq(self.n_names_asked, 0);
    client_close(&self);
    peer_stop(proxy);
    tls_peer_stop(&server);
}
END_TEST

START_TEST(a_proxy_in_the_environment_is_not_looked_at)
{
    static transcript seen;
    peer *server = peer_start(echo, &seen);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);

    (void)await(&self, 'u', 1);

    client_close(&self);
    peer_stop(server);
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
    const TTest *const upgrade[] = {
        a_refused_upgrade_is_told_with_its_status,
        a_proxy_that_answers_the_upgrade_with_a_page_is_told_as_200,
        a_redirect_of_the_upgrade_is_not_followed,
        an_upgrade_with_the_wrong_proof_is_refused,
        a_peer_that_hangs_up_on_the_upgrade_is_told,
        a_refused_connection_is_told_later_and_at_once,
        a_peer_that_never_answers_the_upgrade_ends_after_ten_seconds,
        addresses_that_may_not_be_used_are_refused,
    };
    const TTest *const names[] = {
        a_name_that_hangs_delays_no_frame_of_another_connection,
        an_unknown_name_is_told,
    };
    const TTest *const tls[] = {
        a_configured_authority_is_accepted,
        frames_pass_over_tls_several_at_once_and_long_ones,
        an_unknown_authority_is_refused_and_named,
        a_wrong_name_is_refused_and_named,
        an_expired_certificate_is_refused_and_named,
        a_certificate_of_the_future_is_refused_and_named,
        the_next_address_is_tried_when_one_refuses,
        the_next_address_is_tried_after_three_seconds_of_silence,
        the_configured_proxy_carries_a_connection_to_a_name_it_looks_up_itself,
        a_proxy_in_the_environment_is_not_looked_at,
    };
    Suite *suite = suite_create("ws_open");
    suite_add_tcase(suite, TESTS("upgrade", upgrade));
    suite_add_tcase(suite, TESTS("names", names));
    suite_add_tcase(suite, TESTS("tls", tls));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
