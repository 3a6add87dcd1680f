#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sample.h"
#include "sandbox/bytes.h"
#include "sandbox/http.h"
#include "sandbox/ws.h"

#define BACKLOG 4096
#define EVENTS_MAX 256
#define READ_CHUNK (64 * 1024)
#define PING_EVERY_NS 5000000000 /* Slack pings too; Bolt leaves a connection that does not (serverPingTimeout 30 s) */

typedef struct conn {
    int fd;
    bool is_socket;
    bool is_dirty;   /* in the list of those with something to send */
    bool is_waiting; /* for room to write */
    bool is_gone;
    sb_bytes in;
    sb_bytes out;
    struct conn *next, *previous, *next_dirty;
} conn;

struct peer {
    peer_events events;
    int listener;
    int epoll;
    char url[64];
    conn *conns;
    conn *dirty;
    conn *turn; /* the socket that was sent to last */
    size_t n_sockets;
    uint64_t pinged_ns;
    char *chunk;
};

/* ---- connections -------------------------------------------------------------------------------------------------- */

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void mark_dirty(peer *server, conn *target)
{
    if (!target->is_dirty) {
        target->is_dirty = true;
        target->next_dirty = server->dirty;
        server->dirty = target;
    }
}

/* Freed at the end of the turn: a round of epoll may still name it. */
static void drop(peer *server, conn *gone)
{
    gone->is_gone = true;
    mark_dirty(server, gone);
}

static void free_conn(peer *server, conn *gone)
{
    *(gone->previous ? &gone->previous->next : &server->conns) = gone->next;
    if (gone->next)
        gone->next->previous = gone->previous;
    if (server->turn == gone)
        server->turn = NULL;
    server->n_sockets -= gone->is_socket;
    close(gone->fd);
    sb_bytes_fini(&gone->in);
    sb_bytes_fini(&gone->out);
    free(gone);
}

static void watch(peer *server, int operation, conn *target, bool for_room)
{
    struct epoll_event event = {.events = EPOLLIN | (for_room ? (uint32_t)EPOLLOUT : 0), .data.ptr = target};
    if (epoll_ctl(server->epoll, operation, target->fd, &event) != 0)
        die("epoll_ctl");
    target->is_waiting = for_room;
}

static void accept_all(peer *server)
{
    for (;;) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        conn *added = sb_alloc(sizeof *added);
        added->fd = fd;
        added->next = server->conns;
        if (server->conns)
            server->conns->previous = added;
        server->conns = added;
        watch(server, EPOLL_CTL_ADD, added, false);
    }
}

static void flush(peer *server, conn *target)
{
    ssize_t n = target->out.len ? send(target->fd, target->out.ptr, target->out.len, MSG_NOSIGNAL) : 0;
    if (n < 0 && errno != EAGAIN) {
        target->is_gone = true;
        return;
    }
    if (n > 0)
        sb_bytes_consume(&target->out, (size_t)n);
    if (target->is_waiting != (target->out.len > 0))
        watch(server, EPOLL_CTL_MOD, target, target->out.len > 0);
}

static void flush_all(peer *server)
{
    while (server->dirty) {
        conn *target = server->dirty;
        server->dirty = target->next_dirty;
        target->is_dirty = false;
        if (!target->is_gone)
            flush(server, target);
        if (target->is_gone)
            free_conn(server, target);
    }
}

/* ---- the Web API ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *path;
    const char *json;
} REPLIES[] = {
    {"/api/auth.test", "{\"ok\":true,\"url\":\"https://bench.slack.com/\",\"team\":\"Bench\",\"user\":\"resetbot\","
                       "\"team_id\":\"T0BENCH\",\"user_id\":\"U0BOT\",\"bot_id\":\"B0BOT\","
                       "\"is_enterprise_install\":false}"},
    {"/api/users.info", "{\"ok\":true,\"user\":{\"id\":\"U0HANNA\",\"team_id\":\"T0BENCH\",\"name\":\"hanna\","
                        "\"deleted\":false,\"is_bot\":false,\"is_restricted\":false,\"is_ultra_restricted\":false,"
                        "\"profile\":{\"real_name\":\"Hanna\",\"email\":\"hanna@contoso.com\"}}}"},
    {"/api/usergroups.users.list", "{\"ok\":true,\"users\":[\"U0HANNA\"]}"},
    {"/api/conversations.open", "{\"ok\":true,\"channel\":{\"id\":\"D0HANNA\"}}"},
};

static void reply(conn *target, const char *type, const char *body)
{
    sb_bytes_addf(&target->out, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", type,
                  strlen(body));
    sb_bytes_adds(&target->out, body);
}

static void answer_api(peer *server, conn *target, const char *path)
{
    for (size_t i = 0; i < sizeof REPLIES / sizeof REPLIES[0]; i++) {
        if (strcmp(path, REPLIES[i].path) == 0) {
            reply(target, "application/json", REPLIES[i].json);
            return;
        }
    }
    if (strcmp(path, "/api/apps.connections.open") == 0) {
        char json[160];
        snprintf(json, sizeof json, "{\"ok\":true,\"url\":\"ws%s/link/?ticket=bench&app_id=A0BENCH\"}",
                 server->url + strlen("http"));
        reply(target, "application/json", json);
    } else if (strstr(path, "/oauth2/v2.0/token")) {
        reply(target, "application/json", "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"bench\"}");
    } else {
        reply(target, "application/json", "{\"ok\":false,\"error\":\"unknown_method\"}");
    }
}

static void upgrade(peer *server, conn *target, const http_request *request)
{
    char accept[WS_ACCEPT_CAP];
    char hello[256];
    ws_accept_key(http_header(request, "sec-websocket-key"), accept);
    sb_bytes_addf(&target->out,
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Accept: %s\r\n\r\n",
                  accept);
    target->is_socket = true;
    server->n_sockets++;
    int len = snprintf(hello, sizeof hello,
                       "{\"type\":\"hello\",\"num_connections\":%zu,\"debug_info\":{\"host\":\"bench\","
                       "\"approximate_connection_time\":18060},\"connection_info\":{\"app_id\":\"A0BENCH\"}}",
                       server->n_sockets);
    ws_write(&target->out, WS_TEXT, true, hello, (size_t)len);
}

static void take_requests(peer *server, conn *target)
{
    static const char RESPONSE[] = "/response/";
    http_request request;
    http_taken taken = HTTP_MORE;
    while (!target->is_socket && (taken = http_take(&target->in, &request)) == HTTP_WHOLE) {
        if (http_wants_websocket(&request)) {
            upgrade(server, target, &request);
        } else if (strncmp(request.path, RESPONSE, sizeof RESPONSE - 1) == 0) {
            reply(target, "text/html", "ok");
            server->events.on_answer(server->events.self, (uint32_t)atol(request.path + sizeof RESPONSE - 1));
        } else {
            answer_api(server, target, request.path);
        }
        mark_dirty(server, target);
        http_fini(&request);
    }
    if (taken == HTTP_BAD)
        drop(server, target);
}

/* ---- Socket Mode ------------------------------------------------------------------------------------------------------ */

/* An ack is {"envelope_id":"bench-N"} and perhaps a payload; in which order, the client decides. */
static void take_ack(peer *server, const ws_frame *frame)
{
    static const char ID[] = "\"bench-";
    const char *id = memmem(frame->payload, frame->len, ID, sizeof ID - 1);
    if (id) {
        bool has_text = memmem(frame->payload, frame->len, "\"text\"", 6) != NULL;
        server->events.on_ack(server->events.self, (uint32_t)strtoul(id + sizeof ID - 1, NULL, 10), has_text);
    }
}

static void take_frames(peer *server, conn *target)
{
    ws_frame frame;
    ws_taken taken;
    while ((taken = ws_read(&target->in, &frame)) == WS_FRAME) {
        if (frame.opcode == WS_TEXT)
            take_ack(server, &frame);
        else if (frame.opcode == WS_PING || frame.opcode == WS_CLOSE)
            ws_write(&target->out, frame.opcode == WS_PING ? WS_PONG : WS_CLOSE, true, frame.payload, frame.len);
        mark_dirty(server, target);
        sb_bytes_consume(&target->in, frame.frame_len);
    }
    if (taken == WS_BAD)
        drop(server, target);
}

static conn *next_socket(peer *server)
{
    conn *target = server->turn ? server->turn->next : server->conns;
    for (;; target = target->next) {
        if (!target)
            target = server->conns;
        if (target->is_socket)
            return server->turn = target;
    }
}

void peer_send_command(peer *server, uint32_t number)
{
    char text[1024];
    int len = snprintf(text, sizeof text,
                       "{\"envelope_id\":\"bench-%u\",\"type\":\"slash_commands\",\"accepts_response_payload\":true,"
                       "\"payload\":{\"token\":\"bench\",\"team_id\":\"T0BENCH\",\"team_domain\":\"bench\","
                       "\"channel_id\":\"C0HELPDESK\",\"channel_name\":\"helpdesk\",\"user_id\":\"U0HANNA\","
                       "\"user_name\":\"hanna\",\"command\":\"/passcode\",\"text\":\"help\",\"api_app_id\":\"A0BENCH\","
                       "\"is_enterprise_install\":\"false\",\"response_url\":\"%s/response/%u\","
                       "\"trigger_id\":\"1.2.%u\"}}",
                       number, server->url, number, number);
    conn *target = next_socket(server);
    ws_write(&target->out, WS_TEXT, true, text, (size_t)len);
    mark_dirty(server, target);
}

static void ping_sockets(peer *server)
{
    uint64_t now = sample_now_ns();
    if (now - server->pinged_ns < PING_EVERY_NS)
        return;
    server->pinged_ns = now;
    for (conn *target = server->conns; target; target = target->next) {
        if (target->is_socket) {
            ws_write(&target->out, WS_PING, true, "bench", 5);
            mark_dirty(server, target);
        }
    }
}

/* ---- the loop ----------------------------------------------------------------------------------------------------------- */

static void read_conn(peer *server, conn *target)
{
    ssize_t n = recv(target->fd, server->chunk, READ_CHUNK, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        drop(server, target);
        return;
    }
    if (n < 0)
        return;
    sb_bytes_add(&target->in, server->chunk, (size_t)n);
    if (!target->is_socket)
        take_requests(server, target);
    if (target->is_socket)
        take_frames(server, target);
}

void peer_turn(peer *server, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    flush_all(server);
    ping_sockets(server);
    int n = epoll_wait(server->epoll, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < n; i++) {
        conn *target = events[i].data.ptr;
        if (!target)
            accept_all(server);
        else if (!target->is_gone && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
            read_conn(server, target);
        if (target && (events[i].events & EPOLLOUT))
            mark_dirty(server, target);
    }
    flush_all(server);
}

static int listen_on_loopback(uint16_t *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        die("listen");
    *out_port = ntohs(address.sin_port);
    return fd;
}

peer *peer_new(peer_events events)
{
    peer *server = sb_alloc(sizeof *server);
    struct epoll_event event = {.events = EPOLLIN};
    uint16_t port = 0;
    server->events = events;
    server->chunk = sb_alloc(READ_CHUNK);
    server->listener = listen_on_loopback(&port);
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    server->pinged_ns = sample_now_ns();
    if (server->epoll < 0 || epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->listener, &event) != 0)
        die("epoll");
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u", port);
    return server;
}

void peer_free(peer *server)
{
    if (!server)
        return;
    for (conn *each = server->conns; each; each = each->next)
        each->is_dirty = false;
    while (server->conns)
        free_conn(server, server->conns);
    close(server->epoll);
    close(server->listener);
    free(server->chunk);
    free(server);
}

const char *peer_url(const peer *server)
{
    return server->url;
}

size_t peer_sockets(const peer *server)
{
    return server->n_sockets;
}
