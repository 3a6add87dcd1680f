#include "server.h"

#include <libwebsockets.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bytes.h"
#include "clockwork.h"
#include "http.h"
#include "journal.h"
#include "ws.h"

#define WRITE_CHUNK (64 * 1024)
#define FD_LIMIT 1024

typedef enum { CONN_HTTP, CONN_DELAYED, CONN_HELD, CONN_WAITING, CONN_STREAM, CONN_WEBSOCKET, CONN_DEAF } conn_state;

struct sb_conn {
    lws_sorted_usec_list_t timer; /* first: conn_of */
    struct lws *wsi;
    conn_state state;
    sb_bytes in;
    sb_bytes out;
    bool close_when_sent;
    http_request request; /* while DELAYED, HELD or WAITING */
    bool wait_over;
    sb_reply reply;   /* while DELAYED or HELD */
    int64_t streamed; /* journal number last told to a stream */
    void *link;
    sb_bytes message; /* fragments so far */
    int message_opcode;
    sb_conn *next;
};

static struct {
    struct lws_context *context;
    server_calls calls;
    sb_conn *conns;
    lws_sorted_usec_list_t turn;
    volatile sig_atomic_t stopping;
} server;

static void take_requests(sb_conn *conn);

_Static_assert(offsetof(sb_conn, timer) == 0, "conn_of takes a timer for its connection");

static sb_conn *conn_of(lws_sorted_usec_list_t *timer)
{
    return (void *)timer;
}

/* ---- closing ------------------------------------------------------------------------------------------------ */

static void make_reset(const sb_conn *conn)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(lws_get_socket_fd(conn->wsi), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void kill_conn(sb_conn *conn, bool with_reset)
{
    if (with_reset)
        make_reset(conn);
    conn->state = CONN_DEAF;
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static void free_conn(sb_conn *conn)
{
    for (sb_conn **at = &server.conns; *at; at = &(*at)->next) {
        if (*at != conn)
            continue;
        *at = conn->next;
        break;
    }
    lws_sul_cancel(&conn->timer);
    if (conn->link)
        server.calls.link_gone(conn->link);
    http_fini(&conn->request);
    free(conn->reply.body);
    sb_bytes_fini(&conn->in);
    sb_bytes_fini(&conn->out);
    sb_bytes_fini(&conn->message);
    free(conn);
}

/* ---- replies ------------------------------------------------------------------------------------------------ */

static void send_now(sb_conn *conn, sb_reply *reply)
{
    bool keep = conn->request.keep_alive && reply->how == SB_REPLY_NORMAL;
    http_write(&conn->out, reply, keep);
    free(reply->body);
    reply->body = NULL;
    http_fini(&conn->request);
    conn->close_when_sent = !keep && reply->how == SB_REPLY_NORMAL;
    conn->streamed = journal_last();
    conn->state = reply->how == SB_REPLY_STREAM ? CONN_STREAM : CONN_HTTP;
    lws_callback_on_writable(conn->wsi);
}

static void send_delayed(lws_sorted_usec_list_t *timer)
{
    sb_conn *conn = conn_of(timer);
    send_now(conn, &conn->reply);
    take_requests(conn);
}

static const char *header_of(const void *self, const char *name)
{
    return http_header(self, name);
}

static sb_request view_of(const sb_conn *conn)
{
    return (sb_request){.method = conn->request.method,
                        .path = conn->request.path,
                        .query = conn->request.query,
                        .body = conn->request.body,
                        .body_len = conn->request.body_len,
                        .header = header_of,
                        .self = &conn->request,
                        .tls = lws_is_ssl(conn->wsi),
                        .timed_out = conn->wait_over};
}

static void wait_is_over(lws_sorted_usec_list_t *timer);

/* Does with the reply what it says. */
static void carry_out(sb_conn *conn, sb_reply *reply)
{
    if (*reply->hold) {
        conn->reply = *reply;
        conn->state = CONN_HELD;
        return;
    }
    switch (reply->how) {
    case SB_REPLY_CLOSE:
    case SB_REPLY_RESET:
        free(reply->body);
        kill_conn(conn, reply->how == SB_REPLY_RESET);
        return;
    case SB_REPLY_HANG:
        free(reply->body);
        conn->state = CONN_DEAF;
        return;
    case SB_REPLY_WAIT:
        if (conn->state != CONN_WAITING)
            lws_sul_schedule(server.context, 0, &conn->timer, wait_is_over, reply->delay_ms * LWS_US_PER_MS);
        conn->state = CONN_WAITING;
        return;
    case SB_REPLY_NORMAL:
    case SB_REPLY_STREAM: break;
    }
    lws_sul_cancel(&conn->timer);
    if (reply->delay_ms <= 0) {
        send_now(conn, reply);
        return;
    }
    conn->reply = *reply;
    conn->state = CONN_DELAYED;
    lws_sul_schedule(server.context, 0, &conn->timer, send_delayed, reply->delay_ms * LWS_US_PER_MS);
}

size_t sb_release(const char *hold)
{
    size_t count = 0;
    for (sb_conn *conn = server.conns; conn; conn = conn->next) {
        if (conn->state != CONN_HELD || strcmp(conn->reply.hold, hold) != 0)
            continue;
        sb_reply reply = conn->reply;
        *reply.hold = '\0';
        conn->reply = (sb_reply){0};
        carry_out(conn, &reply);
        count++;
    }
    return count;
}

static void ask(sb_conn *conn)
{
    sb_reply reply = {.status = 200};
    sb_request request = view_of(conn);
    server.calls.handle(&request, &reply);
    carry_out(conn, &reply);
}

static void wait_is_over(lws_sorted_usec_list_t *timer)
{
    sb_conn *conn = conn_of(timer);
    conn->wait_over = true;
    ask(conn);
    take_requests(conn);
}

/* ---- websocket ---------------------------------------------------------------------------------------------- */

static void upgrade(sb_conn *conn)
{
    sb_reply reply = {.status = 404};
    sb_request request = view_of(conn);
    void *link = server.calls.link_upgrade(&request, &reply);
    if (!link) {
        conn->request.keep_alive = false;
        carry_out(conn, &reply);
        return;
    }
    char accept[WS_ACCEPT_CAP];
    ws_accept_key(http_header(&conn->request, "sec-websocket-key"), accept);
    sb_bytes_addf(&conn->out,
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Accept: %s\r\n\r\n",
                  accept);
    http_fini(&conn->request);
    conn->state = CONN_WEBSOCKET;
    conn->link = link;
    lws_callback_on_writable(conn->wsi);
    server.calls.link_up(link, conn);
}

static void take_message(sb_conn *conn, const ws_frame *frame)
{
    if (frame->opcode >= WS_CLOSE) {
        server.calls.link_message(conn->link, frame->opcode, frame->payload, frame->len);
        return;
    }
    if (frame->opcode != WS_CONTINUATION)
        conn->message_opcode = frame->opcode;
    sb_bytes_add(&conn->message, frame->payload, frame->len);
    if (!frame->is_final)
        return;
    size_t len = conn->message.len;
    char *text = sb_bytes_take(&conn->message);
    server.calls.link_message(conn->link, conn->message_opcode, text, len);
    free(text);
}

static void take_frames(sb_conn *conn)
{
    while (conn->state == CONN_WEBSOCKET) {
        ws_frame frame;
        ws_taken taken = ws_read(&conn->in, &frame);
        if (taken == WS_BAD)
            kill_conn(conn, false);
        if (taken != WS_FRAME)
            return;
        take_message(conn, &frame);
        sb_bytes_consume(&conn->in, frame.frame_len);
    }
}

void server_ws_send(sb_conn *conn, int opcode, const char *data, size_t len, size_t fragment_bytes)
{
    if (conn->state != CONN_WEBSOCKET)
        return;
    size_t piece = fragment_bytes ? fragment_bytes : len;
    for (size_t at = 0; at + piece < len; at += piece) {
        ws_write(&conn->out, at ? WS_CONTINUATION : opcode, false, data + at, piece);
    }
    size_t sent = len && piece ? (len - 1) / piece * piece : 0;
    ws_write(&conn->out, sent ? WS_CONTINUATION : opcode, true, data + sent, len - sent);
    lws_callback_on_writable(conn->wsi);
}

void server_ws_drop(sb_conn *conn, bool with_reset)
{
    kill_conn(conn, with_reset);
}

void server_ws_freeze(sb_conn *conn)
{
    conn->state = CONN_DEAF;
    lws_rx_flow_control(conn->wsi, 0);
}

/* ---- bytes in and out --------------------------------------------------------------------------------------- */

static void refuse_bytes(sb_conn *conn)
{
    sb_reply reply = {.status = 400};
    sb_reply_text(&reply, 400, "text/plain", "not an HTTP request that the sandbox understands\n");
    carry_out(conn, &reply);
}

static void take_requests(sb_conn *conn)
{
    while (conn->state == CONN_HTTP && !conn->close_when_sent) {
        http_taken taken = http_take(&conn->in, &conn->request);
        if (taken == HTTP_BAD)
            refuse_bytes(conn);
        if (taken != HTTP_WHOLE)
            return;
        conn->wait_over = false;
        if (http_wants_websocket(&conn->request))
            upgrade(conn);
        else
            ask(conn);
    }
    take_frames(conn);
}

static int write_some(sb_conn *conn)
{
    static unsigned char chunk[LWS_PRE + WRITE_CHUNK];
    if (conn->state == CONN_DEAF)
        return 0;
    size_t len = conn->out.len < WRITE_CHUNK ? conn->out.len : WRITE_CHUNK;
    if (len) {
        memcpy(chunk + LWS_PRE, conn->out.ptr, len);
        if (lws_write(conn->wsi, chunk + LWS_PRE, len, LWS_WRITE_RAW) < 0)
            return -1;
        sb_bytes_consume(&conn->out, len);
    }
    if (conn->out.len || lws_partial_buffered(conn->wsi))
        lws_callback_on_writable(conn->wsi);
    else if (conn->close_when_sent)
        return -1;
    return 0;
}

static sb_conn *adopt(struct lws *wsi)
{
    sb_conn *conn = sb_alloc(sizeof *conn);
    conn->wsi = wsi;
    conn->next = server.conns;
    server.conns = conn;
    return conn;
}

static int on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    sb_conn **slot = user;
    switch ((int)reason) {
    case LWS_CALLBACK_RAW_ADOPT: *slot = adopt(wsi); return 0;
    case LWS_CALLBACK_RAW_RX:
        if ((*slot)->state == CONN_DEAF)
            return 0;
        /* lws still counts the seconds that it gave a TLS handshake, and would close in the middle of the talk */
        lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
        sb_bytes_add(&(*slot)->in, in, len);
        take_requests(*slot);
        return 0;
    case LWS_CALLBACK_RAW_WRITEABLE: return write_some(*slot);
    case LWS_CALLBACK_RAW_CLOSE:
        if (*slot)
            free_conn(*slot);
        *slot = NULL;
        return 0;
    default: return 0;
    }
}

/* ---- the loop ----------------------------------------------------------------------------------------------- */

static const struct lws_protocols protocols[] = {
    {.name = "sandbox", .callback = on_socket, .per_session_data_size = sizeof(sb_conn *), .rx_buffer_size = 65536},
    {.name = NULL}};

static void tell_stream(sb_conn *conn)
{
    if (conn->streamed == journal_last())
        return;
    conn->streamed = journal_last();
    sb_bytes_addf(&conn->out, "data: %lld\n\n", (long long)conn->streamed);
    lws_callback_on_writable(conn->wsi);
}

/* One look at everything that a change may have made possible. */
static void turn(lws_sorted_usec_list_t *timer)
{
    int64_t next_ms = clockwork_run();
    for (sb_conn *conn = server.conns; conn; conn = conn->next) {
        if (conn->state == CONN_WAITING) {
            ask(conn);
            take_requests(conn);
        } else if (conn->state == CONN_STREAM) {
            tell_stream(conn);
        }
    }
    /* a wake during this turn has set the timer already */
    if (!timer->list.owner)
        lws_sul_schedule(server.context, 0, timer, turn, next_ms * LWS_US_PER_MS);
}

void server_wake(void)
{
    if (server.context)
        lws_sul_schedule(server.context, 0, &server.turn, turn, 1);
}

bool server_start(const server_calls *calls)
{
    server.calls = *calls;
    struct lws_context_creation_info info = {.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                                                        LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
                                             .pt_serv_buf_size = 65536,
                                             .fd_limit_per_thread = FD_LIMIT};
    lws_set_log_level(LLL_ERR, NULL);
    server.context = lws_create_context(&info);
    return server.context != NULL;
}

bool server_listen(const server_listener *listener, int *out_port)
{
    struct lws_context_creation_info info = {.options = LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG |
                                                        LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
                                             .vhost_name = listener->label,
                                             .iface = "127.0.0.1",
                                             .port = listener->port,
                                             .protocols = protocols,
                                             .listen_accept_role = "raw-skt",
                                             .listen_accept_protocol = "sandbox"};
    if (listener->key_file) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = listener->cert_file;
        info.ssl_private_key_filepath = listener->key_file;
        info.alpn = "http/1.1";
    }
    struct lws_vhost *vhost = lws_create_vhost(server.context, &info);
    if (!vhost || lws_get_vhost_listen_port(vhost) <= 0)
        return false;
    *out_port = lws_get_vhost_listen_port(vhost);
    char *url = sb_strf("%s://127.0.0.1:%d", listener->key_file ? "https" : "http", *out_port);
    world_note_listener(listener->label, url);
    free(url);
    return true;
}

void server_run(void)
{
    server_wake();
    while (!server.stopping && lws_service(server.context, 0) >= 0) {
    }
}

void server_stop(void)
{
    server.stopping = 1;
    if (server.context)
        lws_cancel_service(server.context);
}

void server_end(void)
{
    if (server.context)
        lws_context_destroy(server.context);
    server.context = NULL;
}
