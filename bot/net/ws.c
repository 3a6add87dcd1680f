#include "net/ws.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#include "net/loop_lws.h"
#include "net/net_timer.h"
#include "net/tls_fault.h"
#include "net/url.h"
#include "net/ws_lws.h"
#include "net/ws_queue.h"
#include "resetbot/limits.h"

#define CLOSE_NONE 1006     /* RFC 6455 7.1.5: no close frame was received */
#define WRITES_PER_TURN 64  /* frames; then the other sockets have their turn */
#define PATH_MAX_BYTES 2000 /* lws 4.1 writes the request line into 2048 bytes */

typedef enum {
    CONN_NAME,       /* waiting for the resolver */
    CONN_CONNECTING, /* TCP, proxy, TLS, upgrade */
    CONN_UP,
    CONN_ENDED,   /* closed is still to be told */
    CONN_DROPPED, /* memory still to be freed */
} conn_step;

typedef struct conn {
    rb_ws *ws;
    struct conn *next;
    const rb_ws_calls *calls;
    void *arg;
    uint64_t id;
    conn_step step;
    struct lws *wsi; /* NULL: none, or already given up */
    rb_url url;
    const rb_url *peer; /* who is connected to: url or the proxy */
    rb_lookup lookup;
    rb_addrs addrs;
    size_t addr_tried; /* addresses used up */
    rb_timer timer;
    int64_t deadline_boot_ms;
    rb_ws_queue queue;
    rb_buf message; /* fragments of one message */
    bool is_close_sent;
    int tls_fault;
    int close_code;
    int http_status;
    rb_errbuf reason;
} conn;

struct rb_ws {
    rb_loop *loop;
    rb_resolver *resolver;
    struct lws_vhost *direct;
    struct lws_vhost *proxied; /* NULL without a proxy */
    rb_url proxy_url;
    bool loopback_only;
    conn *conns;
    size_t n_conns;
};

/* ---- the end of a connection --------------------------------------------------------------------------- */

static void give_up_wsi(conn *owner)
{
    struct lws *wsi = owner->wsi;
    owner->wsi = NULL;
    rb_ws_lws_give_up(wsi);
}

static void stop_waiting(conn *each)
{
    if (each->step == CONN_NAME)
        rb_resolver_cancel(each->ws->resolver, &each->lookup);
}

/* Told from the timer, in the next turn; the first reason stays. */
static void end_later(conn *ended)
{
    if (ended->step == CONN_ENDED || ended->step == CONN_DROPPED)
        return;
    stop_waiting(ended);
    ended->step = CONN_ENDED;
    rb_net_timer_set(ended->ws->loop, &ended->timer, 0);
}

static void free_conn(conn *gone)
{
    rb_ws *ws = gone->ws;
    conn **link = &ws->conns;
    while (*link != gone)
        link = &(*link)->next;
    *link = gone->next;
    ws->n_conns--;
    rb_net_timer_set(ws->loop, &gone->timer, INT64_MAX);
    stop_waiting(gone);
    give_up_wsi(gone);
    rb_ws_queue_fini(&gone->queue);
    rb_buf_wipe(&gone->message);
    free(gone);
}

static void tell_closed(conn *ended)
{
    rb_ws_end end = {.code = ended->close_code, .http_status = ended->http_status, .reason = ended->reason.text};
    give_up_wsi(ended);
    ended->step = CONN_DROPPED; /* whatever the owner calls about it now comes too late */
    ended->calls->closed(ended->arg, ended->id, &end);
    free_conn(ended);
}

/* ---- connecting ---------------------------------------------------------------------------------------- */

static struct lws *connect_one(conn *owner, const char *ip)
{
    rb_ws *ws = owner->ws;
    if (owner->peer == &owner->url)
        return rb_ws_lws_connect(ws->loop, ws->direct, &owner->url, ip, 0, owner);
    return rb_ws_lws_connect(ws->loop, ws->proxied, &owner->url, ip, owner->peer->port, owner);
}

static void connect_next(conn *owner)
{
    give_up_wsi(owner);
    owner->step = CONN_CONNECTING;
    while (owner->wsi == NULL && owner->addr_tried < owner->addrs.n)
        owner->wsi = connect_one(owner, owner->addrs.text[owner->addr_tried++]);
    if (owner->wsi == NULL) {
        (void)rb_fail(&owner->reason, RB_E_IO, "no connection to %s: no address accepts one", owner->peer->host);
        end_later(owner);
        return;
    }
    int64_t due = rb_net_boot_ms() + RB_WS_ADDRESS_MS;
    if (due > owner->deadline_boot_ms || owner->addr_tried == owner->addrs.n)
        due = owner->deadline_boot_ms;
    rb_net_timer_set(owner->ws->loop, &owner->timer, due);
}

static void on_timer(rb_timer *timer, rb_now now)
{
    conn *owner = timer->owner;
    switch (owner->step) {
    case CONN_ENDED: tell_closed(owner); return;
    case CONN_DROPPED: free_conn(owner); return;
    case CONN_NAME:
    case CONN_CONNECTING: break;
    case CONN_UP: return;
    }
    if (owner->step == CONN_CONNECTING && now.boot_ms < owner->deadline_boot_ms) {
        connect_next(owner);
        return;
    }
    (void)rb_fail(&owner->reason, RB_E_IO, "no websocket to %s within %lld ms: waited for %s", owner->url.host,
                  (long long)RB_WS_OPEN_MS, owner->step == CONN_NAME ? "its address" : "its answer");
    end_later(owner);
}

static void on_address(rb_lookup *lookup, const rb_addrs *addrs, const char *error)
{
    conn *owner = lookup->owner;
    owner->step = CONN_CONNECTING;
    if (addrs != NULL) {
        owner->addrs = *addrs;
        connect_next(owner);
        return;
    }
    (void)rb_fail(&owner->reason, RB_E_IO, "no address found for %s: %s", owner->peer->host, error);
    end_later(owner);
}

static rb_err take_url(conn *opened, const char *url)
{
    rb_ws *ws = opened->ws;
    if (ws->n_conns > RB_WS_CONNECTIONS_MAX)
        return rb_fail(&opened->reason, RB_E_LIMIT, "too many websockets at once");
    rb_err err = rb_url_parse(url, &opened->url, &opened->reason);
    if (err != RB_OK)
        return err;
    if (!opened->url.is_ws || (ws->loopback_only && !opened->url.is_loopback))
        return rb_fail(&opened->reason, RB_E_REFUSED, "a websocket to %s is refused: not for this client",
                       opened->url.host);
    /* lws 4.1 takes the text up to the first colon for the name in the certificate. */
    if (opened->url.is_tls && strchr(opened->url.host, ':') != NULL)
        return rb_fail(&opened->reason, RB_E_REFUSED,
                       "a wss address must be a name or IPv4: the certificate of %s "
                       "cannot be checked",
                       opened->url.host);
    if (strlen(opened->url.path) > PATH_MAX_BYTES)
        return rb_fail(&opened->reason, RB_E_LIMIT, "the websocket address at %s is too long", opened->url.host);
    opened->peer = ws->proxied != NULL && !opened->url.is_loopback ? &ws->proxy_url : &opened->url;
    return RB_OK;
}

static rb_err find_address(conn *opened)
{
    rb_resolver *resolver = opened->ws->resolver;
    if (rb_resolver_knows(resolver, opened->peer->host, &opened->addrs)) {
        connect_next(opened);
        return RB_OK;
    }
    rb_err err = rb_resolver_ask(resolver, opened->peer->host, &opened->lookup);
    if (err == RB_OK) {
        opened->step = CONN_NAME;
        return RB_OK;
    }
    return rb_fail(&opened->reason, err, "too many names are being looked up");
}

void rb_ws_open(rb_ws *ws, const rb_ws_calls *calls, void *arg, uint64_t id, const char *url)
{
    conn *opened = calloc(1, sizeof *opened);
    /* Nothing is left to tell the owner with, and a session that never hears again would be deaf. */
    if (opened == NULL)
        abort();
    *opened = (conn){.ws = ws, .next = ws->conns, .calls = calls, .arg = arg, .id = id, .step = CONN_CONNECTING};
    opened->close_code = CLOSE_NONE;
    opened->timer = (rb_timer){.fire = on_timer, .owner = opened};
    opened->lookup = (rb_lookup){.done = on_address, .owner = opened};
    opened->deadline_boot_ms = rb_net_boot_ms() + RB_WS_OPEN_MS;
    rb_buf_init(&opened->message, RB_FRAME_MAX);
    ws->conns = opened;
    ws->n_conns++;
    rb_net_timer_set(ws->loop, &opened->timer, opened->deadline_boot_ms);
    if (take_url(opened, url) != RB_OK || find_address(opened) != RB_OK)
        end_later(opened);
}

/* ---- what lws reports ---------------------------------------------------------------------------------- */

static void on_tls_fault(void *opaque_user_data, int x509_error)
{
    conn *owner = opaque_user_data;
    if (owner->tls_fault == 0)
        owner->tls_fault = x509_error;
}

static void on_refused(conn *owner, struct lws *wsi, const char *text, size_t len)
{
    const char *host = owner->url.host;
    int status = (int)lws_http_client_http_response(wsi);
    owner->wsi = NULL; /* lws frees it after this callback */
    lws_set_opaque_user_data(wsi, NULL);
    if (owner->step != CONN_CONNECTING)
        return;
    if (owner->tls_fault != 0) {
        rb_tls_fault_text(host, owner->tls_fault, &owner->reason);
    } else if (status != 0 && status != 101) {
        owner->http_status = status;
        (void)rb_fail(&owner->reason, RB_E_IO, "%s answers HTTP %d instead of a websocket", host, status);
    } else if (owner->addr_tried < owner->addrs.n) {
        rb_net_timer_set(owner->ws->loop, &owner->timer, 0); /* the next address, in the next turn */
        return;
    } else {
        (void)rb_fail(&owner->reason, RB_E_IO, "no websocket to %s: %.*s", host, text == NULL ? 0 : (int)len,
                      text == NULL ? "" : text);
    }
    end_later(owner);
}

static void on_up(conn *owner)
{
    if (owner->step != CONN_CONNECTING) /* its time was over in this very turn */
        return;
    owner->step = CONN_UP;
    rb_net_timer_set(owner->ws->loop, &owner->timer, INT64_MAX);
    owner->calls->up(owner->arg, owner->id);
}

static int fail_message(conn *owner, struct lws *wsi)
{
    lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
    (void)rb_fail(&owner->reason, RB_E_LIMIT, "%s sent a message longer than %d bytes", owner->url.host, RB_FRAME_MAX);
    end_later(owner);
    return -1;
}

static int on_bytes(conn *owner, struct lws *wsi, rb_str bytes)
{
    bool is_whole = lws_is_final_fragment(wsi) != 0 && lws_remaining_packet_payload(wsi) == 0;
    bool is_first = lws_is_first_fragment(wsi) != 0;
    if (owner->step != CONN_UP)
        return 0;
    if (is_first)
        rb_buf_clear(&owner->message);
    if (is_first && is_whole && bytes.len <= RB_FRAME_MAX) {
        if (!lws_frame_is_binary(wsi))
            owner->calls->frame(owner->arg, owner->id, bytes);
        return 0;
    }
    rb_buf_add(&owner->message, bytes);
    if (owner->message.err != RB_OK)
        return fail_message(owner, wsi);
    if (is_whole && !lws_frame_is_binary(wsi))
        owner->calls->frame(owner->arg, owner->id, rb_buf_str(&owner->message));
    return 0;
}

static int write_one(conn *owner, struct lws *wsi, rb_ws_out *take_out)
{
    int result = rb_ws_lws_write(wsi, take_out);
    owner->is_close_sent = take_out->kind == RB_WS_CLOSE;
    free(take_out);
    return result;
}

/* Only the first write of a turn is sure of room. Whether there is room for one more, and nothing is left over of the one
 * before, lws_send_pipe_choked tells (its author: github.com/warmcat/libwebsockets/issues/852). */
static int write_some(conn *owner, struct lws *wsi)
{
    for (int i = 0; i < WRITES_PER_TURN && (i == 0 || !lws_send_pipe_choked(wsi)); i++) {
        rb_ws_out *out = owner->is_close_sent ? NULL : rb_ws_queue_take(&owner->queue);
        if (out == NULL)
            return 0;
        if (write_one(owner, wsi, out) != 0)
            return -1;
    }
    lws_callback_on_writable(wsi);
    return 0;
}

/* Non-zero closes TCP at once: right when our own close frame is out already, since lws would send a second one. */
static int on_peer_close(conn *owner, const unsigned char *bytes, size_t len)
{
    if (len >= 2)
        owner->close_code = bytes[0] << 8 | bytes[1];
    if (len > 2)
        (void)rb_fail(&owner->reason, RB_E_IO, "closed by %s: %.*s", owner->url.host, (int)len - 2,
                      (const char *)bytes + 2);
    return owner->is_close_sent ? -1 : 0;
}

static void on_gone(conn *owner, struct lws *wsi)
{
    lws_set_opaque_user_data(wsi, NULL);
    owner->wsi = NULL;
    if (owner->reason.text[0] == '\0')
        (void)rb_fail(&owner->reason, RB_E_IO,
                      owner->close_code == CLOSE_NONE ? "the connection to %s broke off" : "closed by %s",
                      owner->url.host);
    end_later(owner);
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    conn *owner = lws_get_opaque_user_data(wsi);
    (void)user;
    if (owner == NULL || owner->ws == NULL)
        return 0;
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: on_refused(owner, wsi, in, len); return 0;
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: return rb_ws_lws_add_user_agent(in, len);
    case LWS_CALLBACK_CLIENT_ESTABLISHED: on_up(owner); return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE: return on_bytes(owner, wsi, (rb_str){in, len});
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        if (owner->step == CONN_UP)
            owner->calls->pong(owner->arg, owner->id, (rb_str){in, len});
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE: return write_some(owner, wsi);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return on_peer_close(owner, in, len);
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY: /* all that lws 4.1.6 tells when a peer never answers the upgrade */
        if (owner->wsi == wsi)
            on_gone(owner, wsi);
        return 0;
    default: return 0;
    }
}

/* ---- what the owner asks for --------------------------------------------------------------------------- */

static conn *find(const rb_ws *ws, const void *arg, uint64_t id)
{
    conn *each = ws->conns;
    while (each != NULL && (each->arg != arg || each->id != id))
        each = each->next;
    return each;
}

static void queue_up(rb_ws *ws, const void *arg, uint64_t id, rb_ws_kind kind, rb_str payload)
{
    conn *owner = find(ws, arg, id);
    if (owner == NULL || owner->step != CONN_UP || owner->is_close_sent)
        return;
    if (rb_ws_queue_add(&owner->queue, kind, payload) != RB_OK) {
        (void)rb_fail(&owner->reason, RB_E_LIMIT, "%s does not read: more than %d bytes wait for it", owner->url.host,
                      RB_WS_QUEUE_MAX);
        end_later(owner);
        return;
    }
    lws_callback_on_writable(owner->wsi);
}

void rb_ws_send(rb_ws *ws, const void *arg, uint64_t id, rb_str text)
{
    queue_up(ws, arg, id, RB_WS_TEXT, text);
}

void rb_ws_ping(rb_ws *ws, const void *arg, uint64_t id, rb_str payload)
{
    assert(payload.len <= RB_WS_PING_MAX);
    queue_up(ws, arg, id, RB_WS_PING, payload);
}

void rb_ws_close(rb_ws *ws, const void *arg, uint64_t id, int code)
{
    const char bytes[2] = {(char)(code >> 8 & 0xff), (char)(code & 0xff)};
    queue_up(ws, arg, id, RB_WS_CLOSE, (rb_str){bytes, sizeof bytes});
}

/* The memory goes in the next turn: the owner may call from inside one of the connection's own callbacks. */
static void drop(conn *dropped)
{
    stop_waiting(dropped);
    give_up_wsi(dropped);
    if (dropped->step == CONN_DROPPED)
        return;
    dropped->step = CONN_DROPPED;
    rb_net_timer_set(dropped->ws->loop, &dropped->timer, 0);
}

void rb_ws_drop(rb_ws *ws, const void *arg, uint64_t id)
{
    conn *owner = find(ws, arg, id);
    if (owner != NULL)
        drop(owner);
}

void rb_ws_forget(rb_ws *ws, const void *arg)
{
    for (conn *each = ws->conns; each != NULL; each = each->next)
        if (each->arg == arg)
            drop(each);
}

/* ---- life ---------------------------------------------------------------------------------------------- */

static const struct lws_protocols protocols[] = {
    {.name = "resetbot-ws", .callback = on_lws, .per_session_data_size = sizeof(char)},
    {.name = NULL},
};

static rb_err open_vhosts(rb_ws *ws, const rb_net_config *config, rb_errbuf *errbuf)
{
    const char *ca_file = config->ca_file != NULL && config->ca_file[0] != '\0' ? config->ca_file : RB_NET_SYSTEM_CA;
    rb_err err = rb_tls_check_ca_file(ca_file, errbuf);
    if (err != RB_OK)
        return err;
    ws->direct = rb_ws_lws_open_vhost(ws->loop, "resetbot-ws", ca_file, protocols);
    bool is_proxied = config->proxy_url != NULL && config->proxy_url[0] != '\0';
    if (is_proxied) {
        err = rb_url_parse_proxy(config->proxy_url, &ws->proxy_url, errbuf);
        if (err != RB_OK)
            return err;
        ws->proxied = rb_ws_lws_open_vhost(ws->loop, "resetbot-ws-proxy", ca_file, protocols);
    }
    if (ws->direct == NULL || (is_proxied && ws->proxied == NULL))
        return rb_fail(errbuf, RB_E_NOMEM, "websockets cannot start: lws refuses a vhost");
    return RB_OK;
}

rb_err rb_ws_new(rb_loop *loop, rb_resolver *resolver, const rb_net_config *config, rb_ws **out_ws, rb_errbuf *errbuf)
{
    rb_ws *ws = calloc(1, sizeof *ws);
    if (ws == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "websockets cannot start: out of memory");
    ws->loop = loop;
    ws->resolver = resolver;
    ws->loopback_only = config->loopback_only;
    rb_err err = open_vhosts(ws, config, errbuf);
    if (err != RB_OK) {
        rb_ws_free(ws);
        return err;
    }
    rb_loop_lws_on_tls_fault(loop, on_tls_fault);
    *out_ws = ws;
    return RB_OK;
}

/* The vhosts live on in the loop's lws context and end with it. */
void rb_ws_free(rb_ws *ws)
{
    if (ws == NULL)
        return;
    rb_loop_lws_on_tls_fault(ws->loop, NULL);
    while (ws->conns != NULL)
        free_conn(ws->conns);
    free(ws);
}
