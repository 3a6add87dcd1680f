#include "net/net_io.h"

#include <assert.h>
#include <stdlib.h>

struct rb_net {
    rb_loop *loop;
    rb_resolver *resolver;
    rb_http *http;
    rb_ws *ws;
};

struct rb_net_io {
    rb_net *net;
    rb_net_calls calls;
    void *session;
    rb_timer timer;
};

/* ---- the network ----------------------------------------------------------------------------------------- */

rb_err rb_net_new(rb_loop *loop, const rb_net_config *config, const rb_resolve *resolve, rb_net **out_net,
                  rb_errbuf *errbuf)
{
    rb_net *net = calloc(1, sizeof *net);
    if (net == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "the network cannot start: out of memory");
    net->loop = loop;
    rb_err err = rb_resolver_new(loop, resolve, &net->resolver, errbuf);
    if (err == RB_OK)
        err = rb_http_new(loop, net->resolver, config, &net->http, errbuf);
    if (err == RB_OK)
        err = rb_ws_new(loop, net->resolver, config, &net->ws, errbuf);
    if (err != RB_OK) {
        rb_net_free(net);
        return err;
    }
    *out_net = net;
    return RB_OK;
}

void rb_net_free(rb_net *net)
{
    if (net == NULL)
        return;
    rb_ws_free(net->ws);
    rb_http_free(net->http);
    rb_resolver_free(net->resolver);
    free(net);
}

rb_http *rb_net_http(rb_net *net)
{
    return net->http;
}

/* ---- from the network to the session ----------------------------------------------------------------------- */

static void on_up(void *arg, uint64_t conn)
{
    rb_net_io *io = arg;
    io->calls.ws_up(io->session, conn, rb_loop_now(io->net->loop));
}

static void on_frame(void *arg, uint64_t conn, rb_str text)
{
    rb_net_io *io = arg;
    io->calls.ws_frame(io->session, conn, text, rb_loop_now(io->net->loop));
}

static void on_pong(void *arg, uint64_t conn, rb_str payload)
{
    rb_net_io *io = arg;
    io->calls.ws_pong(io->session, conn, payload, rb_loop_now(io->net->loop));
}

static void on_closed(void *arg, uint64_t conn, const rb_ws_end *end)
{
    rb_net_io *io = arg;
    io->calls.ws_closed(io->session, conn, end, rb_loop_now(io->net->loop));
}

static const rb_ws_calls ws_calls = {.up = on_up, .frame = on_frame, .pong = on_pong, .closed = on_closed};

static void on_http(void *arg, uint64_t tag, const rb_http_reply *reply)
{
    rb_net_io *io = arg;
    io->calls.http_done(io->session, tag, reply, rb_loop_now(io->net->loop));
}

static void on_timer(rb_timer *timer, rb_now now)
{
    rb_net_io *io = timer->owner;
    io->calls.timer(io->session, now);
}

/* ---- from the session to the network ----------------------------------------------------------------------- */

static void http_start(void *self, uint64_t tag, const rb_http_request *request)
{
    rb_net_io *io = self;
    assert(tag != 0);
    rb_http_start(io->net->http, tag, request, on_http, io);
}

static void ws_open(void *self, uint64_t conn, const char *url)
{
    rb_net_io *io = self;
    rb_ws_open(io->net->ws, &ws_calls, io, conn, url);
}

static void ws_send(void *self, uint64_t conn, rb_str text)
{
    rb_net_io *io = self;
    rb_ws_send(io->net->ws, io, conn, text);
}

static void ws_ping(void *self, uint64_t conn, rb_str payload)
{
    rb_net_io *io = self;
    rb_ws_ping(io->net->ws, io, conn, payload);
}

static void ws_close(void *self, uint64_t conn, int code)
{
    rb_net_io *io = self;
    rb_ws_close(io->net->ws, io, conn, code);
}

static void ws_drop(void *self, uint64_t conn)
{
    rb_net_io *io = self;
    rb_ws_drop(io->net->ws, io, conn);
}

static void timer_set(void *self, int64_t boot_ms)
{
    rb_net_io *io = self;
    rb_loop_timer_set(io->net->loop, &io->timer, boot_ms);
}

rb_io rb_net_io_table(rb_net_io *io)
{
    return (rb_io){
        .self = io,
        .http_start = http_start,
        .ws_open = ws_open,
        .ws_send = ws_send,
        .ws_ping = ws_ping,
        .ws_close = ws_close,
        .ws_drop = ws_drop,
        .timer_set = timer_set,
    };
}

rb_err rb_net_io_new(rb_net *net, const rb_net_calls *calls, void *self, rb_net_io **out_io)
{
    rb_net_io *io = calloc(1, sizeof *io);
    if (io == NULL)
        return RB_E_NOMEM;
    *io = (rb_net_io){.net = net, .calls = *calls, .session = self};
    io->timer = (rb_timer){.fire = on_timer, .owner = io};
    *out_io = io;
    return RB_OK;
}

void rb_net_io_free(rb_net_io *io)
{
    if (io == NULL)
        return;
    rb_http_forget(io->net->http, io);
    rb_ws_forget(io->net->ws, io);
    rb_loop_timer_set(io->net->loop, &io->timer, INT64_MAX);
    free(io);
}
