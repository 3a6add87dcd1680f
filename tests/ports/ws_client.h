/* ws_client.h - a websocket client that writes down what it is told, for the tests of ws.h. */
#ifndef TEST_WS_CLIENT_H
#define TEST_WS_CLIENT_H

#include <check.h>
#include <stdlib.h>

#include "bench_loop.h"
#include "net/ws.h"
#include "ws_peer.h"

/* ---- a client that writes down what it is told ----------------------------------------------------------- */

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
    char stop_on; /* stops the loop at the n-th event of this kind */
    int stop_nth;
    void (*react)(struct client *self, const event *told); /* from inside the callback */
    char *long_text;                                       /* the last frame, when longer than an event's text */
    bool is_inside_call;
    int64_t opened_boot_ms;
    atomic_int n_names_asked;
    int names_hang_ms;
    rb_addrs addrs; /* what names resolve to; 127.0.0.1 when empty */
} client;

static inline void note(client *self, event told)
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

static inline void on_up(void *arg, uint64_t conn)
{
    note(arg, (event){.what = 'u', .conn = conn});
}

static inline void on_frame(void *arg, uint64_t conn, rb_str text)
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

static inline void on_pong(void *arg, uint64_t conn, rb_str payload)
{
    event told = {.what = 'p', .conn = conn, .len = payload.len};
    (void)snprintf(told.text, sizeof told.text, "%.*s", (int)payload.len, payload.ptr);
    note(arg, told);
}

static inline void on_closed(void *arg, uint64_t conn, const rb_ws_end *end)
{
    event told = {.what = 'c', .conn = conn, .code = end->code, .http_status = end->http_status};
    (void)snprintf(told.text, sizeof told.text, "%s", end->reason);
    note(arg, told);
}

static const rb_ws_calls calls = {.up = on_up, .frame = on_frame, .pong = on_pong, .closed = on_closed};

static inline rb_err answer_names(void *self, const char *host, rb_addrs *out_addrs, rb_errbuf *errbuf)
{
    client *owner = self;
    owner->n_names_asked++;
    peer_sleep_ms(owner->names_hang_ms);
    if (strstr(host, "unknown") != NULL)
        return rb_fail(errbuf, RB_E_IO, "no such name");
    *out_addrs = owner->addrs.n > 0 ? owner->addrs : (rb_addrs){.n = 1, .text = {"127.0.0.1"}};
    return RB_OK;
}

static inline void client_open(client *self)
{
    rb_errbuf errbuf = {0};
    rb_resolve hook = {.self = self, .resolve = answer_names};
    bench_open(&self->bench, rb_clock_system());
    ck_assert_int_eq(rb_resolver_new(self->bench.loop, &hook, &self->resolver, &errbuf), RB_OK);
    ck_assert_msg(rb_ws_new(self->bench.loop, self->resolver, &self->config, &self->ws, &errbuf) == RB_OK, "%s",
                  errbuf.text);
}

static inline void client_close(client *self)
{
    rb_ws_free(self->ws);
    rb_resolver_free(self->resolver);
    bench_close(&self->bench);
    free(self->long_text);
}

static inline void open_url(client *self, uint64_t conn, const char *url)
{
    if (self->opened_boot_ms == 0)
        self->opened_boot_ms = rb_net_boot_ms();
    self->is_inside_call = true;
    rb_ws_open(self->ws, &calls, self, conn, url);
    self->is_inside_call = false;
}

static inline void open_port(client *self, uint64_t conn, int port)
{
    char url[64];
    (void)snprintf(url, sizeof url, "ws://127.0.0.1:%d/link/?ticket=t1", port);
    open_url(self, conn, url);
}

/* Runs until the n-th event of this kind, and gives the last one. */
static inline const event *await(client *self, char what, int nth)
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

static inline const event *await_closed(client *self, int port)
{
    open_port(self, 1, port);
    return await(self, 'c', 1);
}

/* Answers each text with itself, each ping with a pong, a close with its own code; tells all in the transcript. */
typedef struct {
    char kinds[64]; /* opcodes in order of arrival: t p c */
    atomic_int n;
    ws_in last;
    bool was_masked;
} transcript;

static inline void echo(peer *self, int fd, int nth)
{
    transcript *seen = self->arg;
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    while (ws_read(fd, &seen->last)) {
        ws_in *in = &seen->last;
        seen->was_masked = in->is_masked;
        seen->kinds[seen->n] = in->opcode == WS_TEXT   ? 't'
                               : in->opcode == WS_PING ? 'p'
                               : in->opcode == WS_PONG ? 'o'
                                                       : 'c';
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

static inline void send_echo_and_ping(client *self, const event *told)
{
    if (told->what != 'u')
        return;
    rb_ws_send(self->ws, self, told->conn, RB_STR("one"));
    rb_ws_send(self->ws, self, told->conn, RB_STR("two"));
    rb_ws_ping(self->ws, self, told->conn, RB_STR("id:17"));
}

static inline void stay_silent(peer *self, int fd, int nth)
{
    (void)self;
    (void)nth;
    peer_stay_silent(fd);
}

#endif
