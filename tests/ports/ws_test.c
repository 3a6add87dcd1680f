/* ws_test.c - timing: websocket connections to servers that behave, and to many that do not. */
#include <check.h>
#include <stdlib.h>

#include "bench_loop.h"
#include "net/ws.h"
#include "net/ws_queue.h"
#include "resetbot/limits.h"
#include "tls_peer.h"
#include "ws_peer.h"

/* ---- a client that writes down what it is told -------------------------------------------------------------------- */

#define EVENTS_MAX 64

typedef struct {
    char what; /* u(p), f(rame), p(ong), c(losed) */
    uint64_t conn;
    size_t len;
    char text[256]; /* its first bytes, or the reason */
    int code, http_status;
    int64_t at_ms; /* since the first open */
} event;

typedef struct client {
    bench_loop bench;
    rb_resolver *resolver;
    rb_ws *ws;
    rb_net_config config;
    event events[EVENTS_MAX];
    int n_events;
    char stop_on;                                        /* stops the loop at the n-th event of this kind */
    int stop_nth;
    void (*react)(struct client *self, const event *told); /* from inside the callback */
    char *long_text;                                     /* the last frame, when longer than an event's text */
    bool is_inside_call;
    int64_t opened_boot_ms;
    atomic_int n_names_asked;
    int names_hang_ms;
    rb_addrs addrs; /* what names resolve to; 127.0.0.1 when empty */
} client;

static void note(client *self, event told)
{
    ck_assert_msg(!self->is_inside_call, "called back from inside a call");
    ck_assert_int_lt(self->n_events, EVENTS_MAX);
    told.at_ms = rb_net_boot_ms() - self->opened_boot_ms;
    self->events[self->n_events++] = told;
    if (self->react != NULL)
        self->react(self, &told);
    if (told.what == self->stop_on && --self->stop_nth == 0)
        rb_loop_stop(self->bench.loop);
}

static void on_up(void *arg, uint64_t conn)
{
    note(arg, (event){.what = 'u', .conn = conn});
}

static void on_frame(void *arg, uint64_t conn, rb_str text)
{
    client *self = arg;
    event told = {.what = 'f', .conn = conn, .len = text.len};
    (void)snprintf(told.text, sizeof told.text, "%.*s", (int)text.len, text.ptr);
    if (text.len >= sizeof told.text) {
        free(self->long_text);
        self->long_text = strndup(text.ptr, text.len);
    }
    note(self, told);
}

static void on_pong(void *arg, uint64_t conn, rb_str payload)
{
    event told = {.what = 'p', .conn = conn, .len = payload.len};
    (void)snprintf(told.text, sizeof told.text, "%.*s", (int)payload.len, payload.ptr);
    note(arg, told);
}

static void on_closed(void *arg, uint64_t conn, const rb_ws_end *end)
{
    event told = {.what = 'c', .conn = conn, .code = end->code, .http_status = end->http_status};
    (void)snprintf(told.text, sizeof told.text, "%s", end->reason);
    note(arg, told);
}

static const rb_ws_calls calls = {.up = on_up, .frame = on_frame, .pong = on_pong, .closed = on_closed};

static rb_err answer_names(void *self, const char *host, rb_addrs *out_addrs, rb_errbuf *errbuf)
{
    client *owner = self;
    owner->n_names_asked++;
    peer_sleep_ms(owner->names_hang_ms);
    if (strstr(host, "unknown") != NULL)
        return rb_fail(errbuf, RB_E_IO, "no such name");
    *out_addrs = owner->addrs.n > 0 ? owner->addrs : (rb_addrs){.n = 1, .text = {"127.0.0.1"}};
    return RB_OK;
}

static void client_open(client *self)
{
    rb_errbuf errbuf = {0};
    rb_resolve hook = {.self = self, .resolve = answer_names};
    bench_open(&self->bench, rb_clock_system());
    ck_assert_int_eq(rb_resolver_new(self->bench.loop, &hook, &self->resolver, &errbuf), RB_OK);
    ck_assert_msg(rb_ws_new(self->bench.loop, self->resolver, &self->config, &self->ws, &errbuf) == RB_OK, "%s",
                  errbuf.text);
}

static void client_close(client *self)
{
    rb_ws_free(self->ws);
    rb_resolver_free(self->resolver);
    bench_close(&self->bench);
    free(self->long_text);
}

static void open_url(client *self, uint64_t conn, const char *url)
{
    if (self->opened_boot_ms == 0)
        self->opened_boot_ms = rb_net_boot_ms();
    self->is_inside_call = true;
    rb_ws_open(self->ws, &calls, self, conn, url);
    self->is_inside_call = false;
}

static void open_port(client *self, uint64_t conn, int port)
{
    char url[64];
    (void)snprintf(url, sizeof url, "ws://127.0.0.1:%d/link/?ticket=t1", port);
    open_url(self, conn, url);
}

/* Runs until the n-th event of this kind, and gives the last one. */
static const event *await(client *self, char what, int nth)
{
    self->stop_on = what;
    self->stop_nth = nth;
    for (int i = 0; i < self->n_events; i++)
        if (self->events[i].what == what)
            self->stop_nth--;
    if (self->stop_nth > 0)
        run_until_stopped(&self->bench);
    for (int i = self->n_events - 1; i >= 0; i--)
        if (self->events[i].what == what)
            return &self->events[i];
    ck_abort_msg("no such event");
    return NULL;
}

static const event *await_closed(client *self, int port)
{
    open_port(self, 1, port);
    return await(self, 'c', 1);
}

/* ---- what works ------------------------------------------------------------------------------------------------- */

/* Answers each text with itself, each ping with a pong, a close with its own code; tells all in the transcript. */
typedef struct {
    char kinds[64]; /* opcodes in order of arrival: t p c */
    atomic_int n;
    ws_in last;
    bool was_masked;
} transcript;

static void echo(peer *self, int fd, int nth)
{
    transcript *seen = self->arg;
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    while (ws_read(fd, &seen->last)) {
        ws_in *in = &seen->last;
        seen->was_masked = in->is_masked;
        seen->kinds[seen->n] = in->opcode == WS_TEXT ? 't' : in->opcode == WS_PING ? 'p' : in->opcode == WS_PONG ? 'o' : 'c';
        seen->n++;
        if (in->opcode == WS_PING)
            (void)ws_write(fd, WS_FIN | WS_PONG, in->payload, in->len);
        if (in->opcode == WS_TEXT)
            (void)ws_write(fd, WS_FIN | WS_TEXT, in->payload, in->len);
        if (in->opcode == WS_CLOSE) {
            (void)ws_write(fd, WS_FIN | WS_CLOSE, in->payload, in->len);
            return;
        }
    }
}

static void send_echo_and_ping(client *self, const event *told)
{
    if (told->what != 'u')
        return;
    rb_ws_send(self->ws, self, told->conn, RB_STR("one"));
    rb_ws_send(self->ws, self, told->conn, RB_STR("two"));
    rb_ws_ping(self->ws, self, told->conn, RB_STR("id:17"));
}

START_TEST(texts_and_pings_go_out_masked_and_come_back)
{
    static transcript seen;
    peer *server = peer_start(echo, &seen);
    client self = {.react = send_echo_and_ping};
    client_open(&self);
    open_port(&self, 7, server->port);

    (void)await(&self, 'f', 2);
    const event *pong = await(&self, 'p', 1);

    ck_assert_str_eq(pong->text, "id:17");
    ck_assert_uint_eq(pong->conn, 7);
    ck_assert_int_eq(self.events[0].what, 'u');
    ck_assert_str_eq(seen.kinds, "ptt"); /* the ping overtakes what waits */
    ck_assert(seen.was_masked);
    ck_assert_int_eq(strncmp(server->last_request, "GET /link/?ticket=t1 HTTP/1.1\r\n", 31), 0);
    char host[64];
    (void)snprintf(host, sizeof host, "\r\nHost: 127.0.0.1:%d\r\n", server->port);
    ck_assert_ptr_nonnull(strstr(server->last_request, host));
    ck_assert_ptr_null(strcasestr(server->last_request, "Sec-WebSocket-Extensions"));
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_close_of_ours_is_sent_once_and_the_answer_told)
{
    static transcript seen;
    peer *server = peer_start(echo, &seen);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'u', 1);

    rb_ws_send(self.ws, &self, 1, RB_STR("last words"));
    rb_ws_close(self.ws, &self, 1, 1000);
    const event *closed = await(&self, 'c', 1);
    rb_ws_send(self.ws, &self, 1, RB_STR("too late"));
    run_for(&self.bench, 100);

    ck_assert_int_eq(closed->code, 1000);
    ck_assert_str_eq(seen.kinds, "tc");
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* After our close frame two more messages are on their way before its own. */
static void talk_after_close(peer *self, int fd, int nth)
{
    ws_in in;
    (void)nth;
    if (!ws_accept(self, fd) || !ws_read(fd, &in))
        return;
    ck_assert_int_eq(in.opcode, WS_CLOSE);
    (void)ws_write_text(fd, "late one");
    peer_sleep_ms(100);
    (void)ws_write_text(fd, "late two");
    (void)ws_write_close(fd, 1000, "");
    self->n_requests = ws_read(fd, &in) ? 99 : 1; /* nothing may follow our close frame */
}

START_TEST(what_the_peer_sends_after_our_close_is_still_heard)
{
    peer *server = peer_start(talk_after_close, NULL);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'u', 1);
    rb_ws_close(self.ws, &self, 1, 1000);

    (void)await(&self, 'c', 1);

    ck_assert_int_eq(self.n_events, 4);
    ck_assert_str_eq(self.events[1].text, "late one");
    ck_assert_str_eq(self.events[2].text, "late two");
    peer_sleep_ms(50);
    ck_assert_int_eq(server->n_requests, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

static void close_with_words(peer *self, int fd, int nth)
{
    ws_in in;
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    (void)ws_write_close(fd, 4001, "go away");
    self->n_requests = ws_read(fd, &in) && in.opcode == WS_CLOSE ? 1 : 99;
}

START_TEST(a_close_of_the_peer_is_answered_and_told_with_its_words)
{
    peer *server = peer_start(close_with_words, NULL);
    client self = {0};
    client_open(&self);

    const event *closed = await_closed(&self, server->port);

    ck_assert_int_eq(closed->code, 4001);
    ck_assert_str_eq(closed->text, "closed by 127.0.0.1: go away");
    peer_sleep_ms(50);
    ck_assert_int_eq(server->n_requests, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* ---- messages in pieces -------------------------------------------------------------------------------------------- */

static void write_in_pieces(peer *self, int fd, int nth)
{
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    (void)ws_write(fd, WS_TEXT, "frag", 4);
    (void)ws_write(fd, WS_FIN | WS_PING, "between", 7);
    (void)ws_write(fd, WS_CONT, "", 0);
    (void)ws_write(fd, WS_CONT, "men", 3);
    (void)ws_write(fd, WS_FIN | WS_CONT, "ted", 3);
    (void)ws_write(fd, WS_FIN | WS_BINARY, "binary", 6);
    (void)ws_write(fd, WS_BINARY, "bin", 3);
    (void)ws_write(fd, WS_FIN | WS_CONT, "ary", 3);
    const char bytes[] = "\x81\x05" "hello" "\x81\x00" "\x81\x02" "ok";
    for (size_t i = 0; i + 1 < sizeof bytes; i++) {
        (void)peer_write(fd, bytes + i, 1);
        peer_sleep_ms(5);
    }
    ws_in in;
    self->n_requests = ws_read(fd, &in) && in.opcode == WS_PONG && strcmp(in.payload, "between") == 0 ? 1 : 99;
    peer_stay_silent(fd);
}

START_TEST(fragments_become_whole_messages_and_binary_ones_are_ignored)
{
    peer *server = peer_start(write_in_pieces, NULL);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);

    (void)await(&self, 'f', 4);

    ck_assert_str_eq(self.events[1].text, "fragmented");
    ck_assert_str_eq(self.events[2].text, "hello");
    ck_assert_uint_eq(self.events[3].len, 0);
    ck_assert_str_eq(self.events[4].text, "ok");
    peer_sleep_ms(20);
    ck_assert_int_eq(server->n_requests, 1); /* its ping was answered */
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* arg: how many bytes over RB_FRAME_MAX; each message once in one frame and once in fragments of 100,000. */
static void write_long(peer *self, int fd, int nth)
{
    size_t len = RB_FRAME_MAX + (size_t)(intptr_t)self->arg;
    char *text = malloc(len);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + i % 23);
    if (ws_accept(self, fd)) {
        if (nth == 0)
            (void)ws_write(fd, WS_FIN | WS_TEXT, text, len);
        for (size_t at = 0; nth == 1 && at < len; at += 100000) {
            size_t n = len - at < 100000 ? len - at : 100000;
            (void)ws_write(fd, (at == 0 ? WS_TEXT : WS_CONT) | (at + n == len ? WS_FIN : 0), text + at, n);
        }
        peer_stay_silent(fd);
    }
    free(text);
}

START_TEST(a_message_of_one_mebibyte_is_whole)
{
    peer *server = peer_start(write_long, NULL);
    client self = {0};
    client_open(&self);
    for (uint64_t conn = 1; conn <= 2; conn++) {
        open_port(&self, conn, server->port);

        const event *frame = await(&self, 'f', (int)conn);

        ck_assert_uint_eq(frame->len, RB_FRAME_MAX);
        for (size_t i = 0; i < frame->len; i += 997)
            ck_assert_int_eq(self.long_text[i], (char)('a' + i % 23));
    }
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_message_one_byte_longer_ends_the_connection_and_says_so)
{
    peer *server = peer_start(write_long, (void *)(intptr_t)1);
    client self = {0};
    client_open(&self);
    for (uint64_t conn = 1; conn <= 2; conn++) {
        open_port(&self, conn, server->port);

        const event *closed = await(&self, 'c', (int)conn);

        ck_assert_str_eq(closed->text, "127.0.0.1 sent a message longer than 1048576 bytes");
    }
    for (int i = 0; i < self.n_events; i++)
        ck_assert_int_ne(self.events[i].what, 'f');
    client_close(&self);
    peer_stop(server);
}
END_TEST

static void break_rules(peer *self, int fd, int nth)
{
    static const struct {
        const char *bytes;
        size_t len;
    } broken[] = {{"\xc1\x01x", 3}, {"\x83\x01x", 3}, {"\x80\x01x", 3}, {"\x89\x7e\x00\x80", 4}, {"\x01\x01x\x81\x01x", 6},
                  {"\x09\x01x", 3}, {"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10}};
    if (!ws_accept(self, fd))
        return;
    (void)peer_write(fd, broken[nth].bytes, broken[nth].len);
    peer_stay_silent(fd);
}

START_TEST(frames_that_break_the_protocol_end_the_connection)
{
    peer *server = peer_start(break_rules, NULL);
    client self = {0};
    client_open(&self);
    for (int nth = 0; nth < 7; nth++) {
        open_port(&self, (uint64_t)nth, server->port);
        (void)await(&self, 'c', nth + 1);
    }
    for (int i = 0; i < self.n_events; i++)
        ck_assert_int_ne(self.events[i].what, 'f');
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* ---- the upgrade ---------------------------------------------------------------------------------------------------- */

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
    union { const char *in; void *out; } text = {.in = reply};
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
    (void)snprintf(reply, sizeof reply, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n",
                   target->port);
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

static void stay_silent(peer *self, int fd, int nth)
{
    (void)self;
    (void)nth;
    peer_stay_silent(fd);
}

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
    static const char *const urls[] = {"ws://example.test/", "ws://192.0.2.1/", "http://127.0.0.1/", "nonsense",
                                       "wss://user@example.test/", "ws://127.0.0.1/#x"};
    client self = {0};
    client_open(&self);
    for (int i = 0; i < 6; i++) {
        open_url(&self, (uint64_t)i, urls[i]);
        const event *closed = await(&self, 'c', i + 1);
        ck_assert_uint_gt(strlen(closed->text), 20);
    }
    ck_assert_int_eq(self.n_names_asked, 0);
    client_close(&self);
}
END_TEST

/* ---- names ------------------------------------------------------------------------------------------------------------ */

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

/* ---- dropping and half-open peers ---------------------------------------------------------------------------------------- */

static void drop_at_once(client *self, const event *told)
{
    if (told->what == 'f')
        rb_ws_drop(self->ws, self, told->conn);
}

static void greet_and_wait(peer *self, int fd, int nth)
{
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    (void)ws_write_text(fd, "hello");
    (void)ws_write_text(fd, "more");
    peer_stay_silent(fd);
    self->n_requests++; /* we saw the end of the connection */
}

START_TEST(a_connection_dropped_from_inside_its_own_callback_is_silent)
{
    peer *server = peer_start(greet_and_wait, NULL);
    client self = {.react = drop_at_once};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'f', 1);

    run_for(&self.bench, 200);

    ck_assert_int_eq(self.n_events, 2); /* up, one frame */
    ck_assert_int_eq(server->n_requests, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_connection_dropped_while_opening_is_silent)
{
    peer *server = peer_start(stay_silent, NULL);
    static client self = {.names_hang_ms = 50};
    client_open(&self);
    open_port(&self, 1, server->port);
    open_url(&self, 2, "wss://slow.test/");
    open_url(&self, 3, "nonsense");
    for (uint64_t conn = 1; conn <= 3; conn++)
        rb_ws_drop(self.ws, &self, conn);

    run_for(&self.bench, 200);

    ck_assert_int_eq(self.n_events, 0);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(an_owner_that_goes_takes_all_its_connections_along)
{
    peer *server = peer_start(greet_and_wait, NULL);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    open_port(&self, 2, server->port);
    (void)await(&self, 'f', 4);
    int before = self.n_events;

    rb_ws_forget(self.ws, &self);
    run_for(&self.bench, 200);

    ck_assert_int_eq(self.n_events, before);
    ck_assert_int_eq(server->n_requests, 2); /* both saw their end */
    client_close(&self);
    peer_stop(server);
}
END_TEST

static void accept_and_stop_reading(peer *self, int fd, int nth)
{
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    while (!self->is_stopping)
        peer_sleep_ms(10);
}

START_TEST(a_peer_that_stops_reading_ends_the_connection_at_the_limit_of_the_queue)
{
    static char text[60000];
    memset(text, 'x', sizeof text);
    peer *server = peer_start(accept_and_stop_reading, NULL);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'u', 1);

    for (int i = 0; i < 400 && self.n_events == 1; i++) {
        rb_ws_send(self.ws, &self, 1, (rb_str){text, sizeof text});
        if (i % 4 == 0)
            (void)bench_runs(&self.bench, 2);
    }
    const event *closed = await(&self, 'c', 1);

    ck_assert_str_eq(closed->text, "127.0.0.1 does not read: more than 1048576 bytes wait for it");
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* A peer that is gone without a word answers no ping: nothing is told, and the session's own time-out drops it. */
START_TEST(a_half_open_peer_gives_no_pong_and_can_be_dropped)
{
    peer *server = peer_start(accept_and_stop_reading, NULL);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'u', 1);
    rb_ws_ping(self.ws, &self, 1, RB_STR("anybody?"));
    run_for(&self.bench, 100);

    rb_ws_drop(self.ws, &self, 1);
    run_for(&self.bench, 100);

    ck_assert_int_eq(self.n_events, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

static void hang_up_after_hello(peer *self, int fd, int nth)
{
    (void)nth;
    if (ws_accept(self, fd))
        (void)ws_write_text(fd, "hello");
}

START_TEST(a_connection_that_breaks_off_is_told_after_its_last_frame)
{
    peer *server = peer_start(hang_up_after_hello, NULL);
    client self = {0};
    client_open(&self);

    const event *closed = await_closed(&self, server->port);

    ck_assert_int_eq(self.events[1].what, 'f');
    ck_assert_int_eq(closed->code, 1006);
    ck_assert_str_eq(closed->text, "the connection to 127.0.0.1 broke off");
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(one_connection_too_many_is_refused_by_name)
{
    static transcript seen;
    peer *server = peer_start(echo, &seen);
    client self = {0};
    client_open(&self);
    for (uint64_t conn = 0; conn <= RB_WS_CONNECTIONS_MAX; conn++)
        open_port(&self, conn, server->port);

    const event *closed = await(&self, 'c', 1);

    ck_assert_uint_eq(closed->conn, RB_WS_CONNECTIONS_MAX);
    ck_assert_str_eq(closed->text, "too many websockets at once");
    (void)await(&self, 'u', RB_WS_CONNECTIONS_MAX);
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* ---- the queue ------------------------------------------------------------------------------------------------------------ */

START_TEST(the_queue_holds_its_limit_and_not_one_byte_more)
{
    rb_ws_queue queue = {0};
    char *text = calloc(1, RB_WS_QUEUE_MAX);
    ck_assert_int_eq(rb_ws_queue_add(&queue, RB_WS_TEXT, (rb_str){text, RB_WS_QUEUE_MAX - 1}), RB_OK);
    ck_assert_int_eq(rb_ws_queue_add(&queue, RB_WS_TEXT, (rb_str){text, 2}), RB_E_LIMIT);
    ck_assert_int_eq(rb_ws_queue_add(&queue, RB_WS_TEXT, (rb_str){text, 1}), RB_OK);
    free(rb_ws_queue_take(&queue));
    ck_assert_int_eq(rb_ws_queue_add(&queue, RB_WS_TEXT, (rb_str){text, 2}), RB_OK);
    rb_ws_queue_fini(&queue);
    free(text);
}
END_TEST

/* ---- certificates and proxies ------------------------------------------------------------------------------------------------ */

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

/* Says yes to CONNECT, and carries bytes to the port in arg. */
static void tunnel(peer *self, int fd, int nth)
{
    (void)nth;
    if (!peer_take_request(self, fd) || !peer_write_text(fd, "HTTP/1.1 200 OK\r\n\r\n"))
        return;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
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
    const TTest *const works[] = {texts_and_pings_go_out_masked_and_come_back, a_close_of_ours_is_sent_once_and_the_answer_told,
        what_the_peer_sends_after_our_close_is_still_heard, a_close_of_the_peer_is_answered_and_told_with_its_words,
        fragments_become_whole_messages_and_binary_ones_are_ignored, a_message_of_one_mebibyte_is_whole,
        a_message_one_byte_longer_ends_the_connection_and_says_so, frames_that_break_the_protocol_end_the_connection,
        the_queue_holds_its_limit_and_not_one_byte_more};
    const TTest *const opening[] = {a_refused_upgrade_is_told_with_its_status,
        a_proxy_that_answers_the_upgrade_with_a_page_is_told_as_200, a_redirect_of_the_upgrade_is_not_followed,
        an_upgrade_with_the_wrong_proof_is_refused, a_peer_that_hangs_up_on_the_upgrade_is_told,
        a_refused_connection_is_told_later_and_at_once, a_peer_that_never_answers_the_upgrade_ends_after_ten_seconds,
        addresses_that_may_not_be_used_are_refused, a_name_that_hangs_delays_no_frame_of_another_connection,
        an_unknown_name_is_told, one_connection_too_many_is_refused_by_name, a_proxy_in_the_environment_is_not_looked_at};
    const TTest *const ending[] = {a_connection_dropped_from_inside_its_own_callback_is_silent,
        a_connection_dropped_while_opening_is_silent, an_owner_that_goes_takes_all_its_connections_along,
        a_peer_that_stops_reading_ends_the_connection_at_the_limit_of_the_queue,
        a_half_open_peer_gives_no_pong_and_can_be_dropped, a_connection_that_breaks_off_is_told_after_its_last_frame};
    const TTest *const tls[] = {a_configured_authority_is_accepted, an_unknown_authority_is_refused_and_named,
        a_wrong_name_is_refused_and_named, an_expired_certificate_is_refused_and_named,
        a_certificate_of_the_future_is_refused_and_named, the_next_address_is_tried_when_one_refuses,
        the_configured_proxy_carries_a_connection_to_a_name_it_looks_up_itself};
    Suite *suite = suite_create("ws");
    suite_add_tcase(suite, TESTS("works", works));
    suite_add_tcase(suite, TESTS("opening", opening));
    suite_add_tcase(suite, TESTS("ending", ending));
    suite_add_tcase(suite, TESTS("tls", tls));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
