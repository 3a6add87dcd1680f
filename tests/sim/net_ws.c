/* Websockets between the bot's Slack session and the sandbox's links. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "net_parts.h"
#include "server.h"
#include "sim.h"
#include "slack_socket.h"
#include "world.h"
#include "ws.h"

static sb_conn *conns;

static struct {
    sim_frame_fault kind;
    int n;
    int64_t ms;
} frame_faults;

void sim_net_frames(sim_frame_fault fault, int n, int64_t ms)
{
    frame_faults.kind = fault;
    frame_faults.n = n;
    frame_faults.ms = ms;
}

/* One connection, both ends. */
struct sb_conn {
    uint64_t number; /* the session's */
    unsigned generation;
    void *link;          /* the sandbox's end; NULL before the upgrade and after its end */
    bool is_client_gone; /* the bot's end: dropped, closed or dead */
    bool is_frozen;
    int64_t last_ms; /* frames of one connection never overtake each other */
    char *query;
    int users;
    sb_conn *next;
};

typedef struct {
    sb_conn *conn;
    int opcode;
    char *data;
    size_t len;
    int status; /* with opcode -1: the connection ended; of a refused upgrade */
} packet;

static sb_conn *conn_of(uint64_t number)
{
    for (sb_conn *conn = conns; conn; conn = conn->next)
        if (conn->number == number && conn->generation == sim_generation() && !conn->is_client_gone)
            return conn;
    return NULL;
}

static void conn_release_some(sb_conn *conn, int users)
{
    conn->users -= users;
    if (conn->users > 0)
        return;
    for (sb_conn **at = &conns; *at; at = &(*at)->next) {
        if (*at != conn)
            continue;
        *at = conn->next;
        break;
    }
    free(conn->query);
    free(conn);
}

static void conn_release(sb_conn *conn)
{
    conn_release_some(conn, 1);
}

static packet *packet_new(sb_conn *conn, int opcode, const char *data, size_t len)
{
    packet *each = sb_alloc(sizeof *each);
    *each = (packet){.conn = conn, .opcode = opcode, .data = sb_alloc(len + 1), .len = len};
    memcpy(each->data, len ? data : "", len);
    each->data[len] = '\0';
    conn->users++;
    return each;
}

static void packet_free(packet *each)
{
    conn_release(each->conn);
    free(each->data);
    free(each);
}

static bool is_ours(const sb_conn *conn)
{
    return !conn->is_client_gone && conn->generation == sim_generation();
}

/* ---- to the bot ---- */

static void fire_to_server(void *arg);

static void client_gone(sb_conn *conn, int code, int status)
{
    if (!is_ours(conn))
        return;
    conn->is_client_gone = true;
    sim_bot_ws_closed(conn->number, code, status);
}

static void take_close(packet *each)
{
    sb_conn *conn = each->conn;
    int code = each->len >= 2 ? (unsigned char)each->data[0] << 8 | (unsigned char)each->data[1] : 1005;
    packet *echo = packet_new(conn, WS_CLOSE, each->data, each->len); /* libwebsockets answers a close by itself */
    sim_after(net_travel_ms(), fire_to_server, echo);
    client_gone(conn, code, 0);
}

static void fire_to_bot(void *arg)
{
    packet *each = arg;
    sb_conn *conn = each->conn;
    if (is_ours(conn)) {
        if (each->opcode < 0) {
            client_gone(conn, 1006, each->status);
        } else if (each->opcode == WS_CLOSE) {
            take_close(each);
        } else if (each->opcode == WS_CONTINUATION) { /* the upgrade's answer */
            sim_bot_ws_up(conn->number);
        } else if (each->opcode == WS_TEXT) {
            sim_bot_ws_frame(conn->number, (rb_str){each->data, each->len});
        } else {
            if (each->opcode == WS_PING)
                sim_after(net_travel_ms(), fire_to_server, packet_new(conn, WS_PONG, each->data, each->len));
            sim_bot_ws_pong(conn->number);
        }
    }
    packet_free(each);
}

static void send_to_bot(packet *each, int64_t late_ms)
{
    int64_t due_ms = sim_ms() + net_travel_ms() + late_ms;
    if (due_ms < each->conn->last_ms)
        due_ms = each->conn->last_ms;
    each->conn->last_ms = due_ms;
    sim_after(due_ms - sim_ms(), fire_to_bot, each);
}

static bool is_envelope(const char *data, size_t len)
{
    return len > 20 && memmem(data, len, "\"envelope_id\"", 13);
}

void server_ws_send(sb_conn *conn, int opcode, const char *data, size_t len, size_t fragment_bytes)
{
    (void)fragment_bytes; /* the sessions are given whole messages (io.h) */
    if (conn->is_frozen)
        return;
    bool is_hit = opcode == WS_TEXT && frame_faults.n > 0 && is_envelope(data, len);
    if (is_hit) {
        frame_faults.n--;
        sim_counted()->faults++;
        sim_say("frame fault %d", (int)frame_faults.kind);
    }
    if (is_hit && frame_faults.kind == SIM_FRAME_DROP)
        return;
    send_to_bot(packet_new(conn, opcode, data, len),
                is_hit && frame_faults.kind == SIM_FRAME_LATE ? frame_faults.ms : 0);
    if (is_hit && frame_faults.kind == SIM_FRAME_TWICE)
        send_to_bot(packet_new(conn, opcode, data, len), 0);
}

static void fire_server_end(void *arg)
{
    sb_conn *conn = arg;
    void *link = conn->link;
    conn->link = NULL;
    if (link)
        sk_link_gone(link);
    conn_release_some(conn, link ? 2 : 1); /* the link's, and this event's */
}

static void end_tcp(sb_conn *conn)
{
    conn->users++;
    sim_after(0, fire_server_end, conn); /* never from inside the sandbox's call */
    packet *end = packet_new(conn, -1, "", 0);
    send_to_bot(end, 0);
}

void server_ws_drop(sb_conn *conn, bool with_reset)
{
    (void)with_reset;
    end_tcp(conn);
}

void server_ws_freeze(sb_conn *conn)
{
    conn->is_frozen = true;
}

/* ---- to the sandbox ---- */

static void fire_to_server(void *arg)
{
    packet *each = arg;
    if (each->conn->link && !each->conn->is_frozen)
        sk_link_message(each->conn->link, each->opcode, each->data, each->len);
    packet_free(each);
}

static const char *no_header(const void *self, const char *name)
{
    (void)self;
    (void)name;
    return "";
}

/* A server that hangs says nothing at all: the session has a deadline of its own. */
static void refused(sb_conn *conn, sb_reply *reply)
{
    if (reply->how != SB_REPLY_HANG) {
        packet *end = packet_new(conn, -1, "", 0);
        end->status = reply->how == SB_REPLY_NORMAL ? reply->status : 0;
        send_to_bot(end, 0);
    }
    free(reply->body);
    conn_release(conn);
}

static void fire_upgrade(void *arg)
{
    sb_conn *conn = arg;
    if (conn->is_client_gone || net_weather_of(SIM_SLACK) != SIM_UP) {
        if (net_weather_of(SIM_SLACK) == SIM_REFUSED || net_weather_of(SIM_SLACK) == SIM_BAD_TLS)
            send_to_bot(packet_new(conn, -1, "", 0), 0);
        conn_release(conn);
        return;
    }
    sb_request request = {
        .method = "GET", .path = "/link/", .query = conn->query, .body = "", .header = no_header, .tls = true};
    sb_reply reply = {.status = 404};
    void *link = sk_link_upgrade(&request, &reply);
    if (!link) {
        refused(conn, &reply);
        return;
    }
    conn->link = link;                                        /* keeps the reference of this event */
    send_to_bot(packet_new(conn, WS_CONTINUATION, "", 0), 0); /* the upgrade's answer */
    sk_link_up(link, conn);
}

void net_ws_open(void *self, uint64_t number, const char *url)
{
    (void)self;
    sim_seam(SIM_BEFORE, "ws open");
    sb_conn *conn = sb_alloc(sizeof *conn);
    const char *query = strchr(url, '?');
    *conn = (sb_conn){
        .number = number, .generation = sim_generation(), .query = sb_strdup(query ? query + 1 : ""), .users = 1};
    conn->next = conns;
    conns = conn;
    sim_after(net_travel_ms(), fire_upgrade, conn);
    sim_seam(SIM_AFTER, "ws open");
}

static void send_to_server(uint64_t number, int opcode, const char *data, size_t len)
{
    sb_conn *conn = conn_of(number);
    if (conn)
        sim_after(net_travel_ms(), fire_to_server, packet_new(conn, opcode, data, len));
}

void net_ws_send(void *self, uint64_t number, rb_str text)
{
    (void)self;
    sim_seam(SIM_BEFORE, "ws send");
    send_to_server(number, WS_TEXT, text.ptr, text.len);
    sim_seam(SIM_AFTER, "ws send");
}

void net_ws_ping(void *self, uint64_t number, rb_str payload)
{
    (void)self;
    send_to_server(number, WS_PING, payload.ptr, payload.len);
}

void net_ws_close(void *self, uint64_t number, int code)
{
    (void)self;
    char payload[2] = {(char)(code >> 8), (char)(code & 0xff)};
    sim_seam(SIM_BEFORE, "ws close");
    send_to_server(number, WS_CLOSE, payload, sizeof payload);
    sim_seam(SIM_AFTER, "ws close");
}

static void drop(sb_conn *conn)
{
    if (conn->is_client_gone)
        return;
    conn->is_client_gone = true;
    conn->users++;
    sim_after(net_travel_ms(), fire_server_end, conn);
}

void net_ws_drop(void *self, uint64_t number)
{
    (void)self;
    sim_seam(SIM_BEFORE, "ws drop");
    sb_conn *conn = conn_of(number);
    if (conn)
        drop(conn);
    sim_seam(SIM_AFTER, "ws drop");
}

/* Its kernel closes what it had open. Called while the dead one's generation is still the present one. */
void sim_net_bot_died(void)
{
    for (sb_conn *conn = conns; conn; conn = conn->next)
        drop(conn);
}
