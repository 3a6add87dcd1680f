/* http_client.h - an HTTP client with an inbox, and servers, for the tests of http.h. */
#ifndef TEST_HTTP_CLIENT_H
#define TEST_HTTP_CLIENT_H

#include <check.h>
#include <stdlib.h>

#include "bench_loop.h"
#include "net/http.h"
#include "peer.h"

/* ---- a client with an inbox ------------------------------------------------------------------------------ */

#define REPLIES_MAX 300

typedef struct {
    rb_http_reply reply; /* body and error point below */
    uint64_t tag;
    char body[8192];
    char error[512];
    int64_t took_ms;
} received;

typedef struct {
    bench_loop bench;
    rb_resolver *resolver;
    rb_http *http;
    rb_net_config config;
    received *inbox;
    int n_received, n_awaited;
    bool is_inside_start;
    int64_t started_boot_ms;
    /* the test's name service */
    atomic_int n_names_asked;
    int names_hang_ms;
} client;

static inline rb_err answer_names(void *self, const char *host, rb_addrs *out_addrs, rb_errbuf *errbuf)
{
    client *owner = self;
    owner->n_names_asked++;
    peer_sleep_ms(owner->names_hang_ms);
    if (strstr(host, "unknown") != NULL)
        return rb_fail(errbuf, RB_E_IO, "no such name");
    *out_addrs = (rb_addrs){.n = 1, .text = {"127.0.0.1"}};
    return RB_OK;
}

static inline void client_open(client *self)
{
    rb_errbuf errbuf = {0};
    rb_resolve hook = {.self = self, .resolve = answer_names};
    self->inbox = calloc(REPLIES_MAX, sizeof *self->inbox);
    bench_open(&self->bench, rb_clock_system());
    ck_assert_int_eq(rb_resolver_new(self->bench.loop, &hook, &self->resolver, &errbuf), RB_OK);
    ck_assert_msg(rb_http_new(self->bench.loop, self->resolver, &self->config, &self->http, &errbuf) == RB_OK, "%s",
                  errbuf.text);
}

static inline void client_close(client *self)
{
    rb_http_free(self->http);
    rb_resolver_free(self->resolver);
    bench_close(&self->bench);
    free(self->inbox);
}

static inline void on_done(void *arg, uint64_t tag, const rb_http_reply *reply)
{
    client *self = arg;
    ck_assert_msg(!self->is_inside_start, "the reply came back from inside the call");
    received *got = &self->inbox[self->n_received++];
    *got = (received){.reply = *reply, .tag = tag, .took_ms = rb_net_boot_ms() - self->started_boot_ms};
    (void)snprintf(got->body, sizeof got->body, "%.*s", (int)reply->body.len,
                   reply->body.ptr == NULL ? "" : reply->body.ptr);
    (void)snprintf(got->error, sizeof got->error, "%s", reply->error);
    if (self->n_received == self->n_awaited)
        rb_loop_stop(self->bench.loop);
}

static inline void start(client *self, const rb_http_request *request)
{
    self->started_boot_ms = rb_net_boot_ms();
    self->n_awaited++;
    self->is_inside_start = true;
    rb_http_start(self->http, (uint64_t)self->n_awaited, request, on_done, self);
    self->is_inside_start = false;
}

/* GET with a timeout of two seconds, unless the test changes what is returned. */
static inline rb_http_request request_of(const char *url)
{
    return (rb_http_request){.method = "GET", .url = url, .timeout_ms = 2000, .reply_max = 4096};
}

static inline const char *url_of(int port, const char *path)
{
    static char url[300];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d%s", port, path);
    return url;
}

static inline const received *exchange(client *self, const rb_http_request *request)
{
    start(self, request);
    run_until_stopped(&self->bench);
    return &self->inbox[self->n_received - 1];
}

static inline const received *get(client *self, int port)
{
    rb_http_request request = request_of(url_of(port, "/"));
    return exchange(self, &request);
}

/* ---- servers --------------------------------------------------------------------------------------------- */

/* arg: the reply to every request, on a connection that is kept. */
static inline void serve_text(peer *self, int fd, int nth)
{
    (void)nth;
    while (peer_take_request(self, fd))
        if (!peer_write_text(fd, self->arg))
            return;
}

static inline void read_and_hang_up(peer *self, int fd, int nth)
{
    (void)nth;
    (void)peer_take_request(self, fd);
}

/* The first request of a connection is answered; then it is read and the connection closed. */
static inline void answer_once_then_hang_up(peer *self, int fd, int nth)
{
    (void)nth;
    if (!peer_take_request(self, fd) || strncmp(self->last_request, "POST", 4) == 0)
        return;
    (void)peer_write_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    (void)peer_take_request(self, fd);
}

static inline void stay_silent(peer *self, int fd, int nth)
{
    (void)nth;
    if (peer_take_request(self, fd))
        peer_stay_silent(fd);
}

static inline void hang_up_at_once(peer *self, int fd, int nth)
{
    (void)self;
    (void)fd;
    (void)nth;
}

/* One byte every 20 ms. */
static inline void drip(peer *self, int fd, int nth)
{
    (void)nth;
    if (!peer_take_request(self, fd))
        return;
    for (const char *text = self->arg; *text != '\0'; text++) {
        peer_sleep_ms(20);
        if (!peer_write(fd, text, 1))
            return;
    }
}

#define OK_TEXT "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static inline peer *serving(const char *text)
{
    union {
        const char *in;
        void *out;
    } cast = {.in = text};
    return peer_start(serve_text, cast.out);
}

#endif
