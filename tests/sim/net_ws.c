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

/* Of the bot's next calls. */
static struct {
    sim_ws_fault kind;
    int n;
} call_faults;

void sim_net_ws_fail(sim_ws_fault fault, int n)
{
    call_faults.kind = fault;
    call_faults.n = n;
}

/* One connection, both ends. */
struct sb_conn {
    uint64_t number; /* the session's */
    unsigned generation;
    void *link;          /* the sandbox's end; NULL before the upgrade and after its end */
    bool is_client_gone; /* the bot's end: dropped, closed or dead */
    bool is_frozen;
    int64_t last_ms;     /* frames of one connection never overtake each other */
    int64_t first_ms;    /* but for control frames, which may come between the parts of a message (RFC 6455, 5.4) */
    struct packet *held; /* a message that the next one overtakes */
    unsigned n_held;
    char *query;
    int users;
    sb_conn *next;
};

typedef struct packet {
    sb_conn *conn;
    int opcode;
    char *data;
    size_t len;
    int status;     /* with opcode -1: the connection ended; of a refused upgrade */
    int n_parts;    /* still to come after the next; the sessions are given whole messages (io.h) */
    int64_t gap_ms; /* between two parts */
    bool is_cut;    /* the connection ends before the last part */
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

static void hand_over(packet *each)
{
    sb_conn *conn = each->conn;
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

/* A part that is not the last tells the bot nothing. When the connection dies or hangs before the last one comes, the message
 * was never there. */
static void fire_to_bot(void *arg)
{
    packet *each = arg;
    sb_conn *conn = each->conn;
    bool is_alive = is_ours(conn) && !(each->n_parts && conn->is_frozen);
    if (!is_alive && each->n_parts)
        sim_say("the rest of a message never comes");
    if (is_alive && each->n_parts) {
        each->n_parts--;
        bool is_last_cut = each->is_cut && !each->n_parts;
        if (is_last_cut) {
            server_ws_drop(conn, true);
            packet_free(each);
        } else {
            sim_after(each->gap_ms, fire_to_bot, each);
        }
        return;
    }
    if (is_alive)
        hand_over(each);
    packet_free(each);
}

static void send_to_bot(packet *each, int64_t late_ms)
{
    sb_conn *conn = each->conn;
    bool is_control = each->opcode != WS_TEXT;
    int64_t due_ms = sim_ms() + net_travel_ms() + late_ms;
    int64_t least_ms = is_control ? conn->first_ms : conn->last_ms;
    if (due_ms < least_ms)
        due_ms = least_ms;
    int64_t end_ms = due_ms + each->n_parts * each->gap_ms;
    conn->first_ms = due_ms;
    if (conn->last_ms < end_ms)
        conn->last_ms = end_ms;
    sim_after(due_ms - sim_ms(), fire_to_bot, each);
}

/* ---- faults of frames ---- */

static bool is_envelope(const char *data, size_t len)
{
    return len > 20 && memmem(data, len, "\"envelope_id\"", 13);
}

typedef struct {
    sb_conn *conn;
    unsigned turn;
} holding;

static void let_go(sb_conn *conn)
{
    packet *held = conn->held;
    conn->held = NULL;
    if (held && conn->link && !conn->is_frozen)
        send_to_bot(held, 0);
    else if (held)
        packet_free(held);
}

static void fire_let_go(void *arg)
{
    holding *held = arg;
    if (held->conn->held && held->conn->n_held == held->turn)
        let_go(held->conn);
    conn_release(held->conn);
    free(held);
}

/* Until the next message of that connection was sent, or for ms when none comes. */
static void hold_back(sb_conn *conn, packet *each, int64_t ms)
{
    holding *held = sb_alloc(sizeof *held);
    *held = (holding){conn, ++conn->n_held};
    conn->held = each;
    conn->users++;
    sim_after(ms, fire_let_go, held);
}

/* ms: how long the whole of it takes; the parts are few, since only the time between them is seen. */
static void split(packet *each, int n_parts, int64_t ms)
{
    each->n_parts = n_parts > 8 ? 7 : n_parts - 1;
    each->gap_ms = each->n_parts ? ms / each->n_parts : 0;
}

static void send_faulty(sb_conn *conn, const char *data, size_t len)
{
    static const char *const WORDS[] = {"drop", "twice", "late", "split", "cut", "swap"};
    sim_frame_fault kind = frame_faults.kind;
    packet *each = packet_new(conn, WS_TEXT, data, len);
    int n_parts;
    frame_faults.n--;
    sim_counted()->faults++;
    sim_say("frame fault: %s", WORDS[kind]);
    sim_happened("frame %s", WORDS[kind]);
    switch (kind) {
    case SIM_FRAME_DROP: packet_free(each); return;
    case SIM_FRAME_TWICE:
        send_to_bot(each, 0);
        send_to_bot(packet_new(conn, WS_TEXT, data, len), 0);
        return;
    case SIM_FRAME_LATE: send_to_bot(each, frame_faults.ms); return;
    case SIM_FRAME_SPLIT:
    case SIM_FRAME_CUT:
        n_parts = (int)sim_between(SIM_NET, 2, 5);
        each->is_cut = kind == SIM_FRAME_CUT;
        split(each, n_parts, sim_between(SIM_NET, 1, frame_faults.ms));
        send_to_bot(each, 0);
        return;
    case SIM_FRAME_SWAP: hold_back(conn, each, frame_faults.ms); return;
    }
}

void server_ws_send(sb_conn *conn, int opcode, const char *data, size_t len, size_t fragment_bytes)
{
    if (conn->is_frozen)
        return;
    packet *overtaken = opcode == WS_TEXT ? conn->held : NULL;
    if (overtaken)
        conn->held = NULL;
    if (opcode == WS_TEXT && frame_faults.n > 0 && !overtaken && is_envelope(data, len)) {
        send_faulty(conn, data, len);
        return;
    }
    packet *each = packet_new(conn, opcode, data, len);
    if (opcode == WS_TEXT && fragment_bytes && fragment_bytes < len)
        split(each, (int)((len - 1) / fragment_bytes) + 1, sim_between(SIM_NET, 0, 200));
    send_to_bot(each, 0);
    if (overtaken)
        send_to_bot(overtaken, 0);
}

static void fire_server_end(void *arg)
{
    sb_conn *conn = arg;
    void *link = conn->link;
    conn->link = NULL;
    let_go(conn);
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
    sim_happened("socket dropped");
    end_tcp(conn);
}

void server_ws_freeze(sb_conn *conn)
{
    sim_happened("socket frozen");
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

/* True: what the bot asked for is not done. */
static bool call_fails(sb_conn *conn)
{
    if (call_faults.n <= 0)
        return false;
    call_faults.n--;
    if (call_faults.kind == SIM_WS_BROKEN)
        end_tcp(conn);
    else
        conn->is_frozen = true;
    return true;
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
    if (call_fails(conn))
        conn_release(conn); /* no upgrade is under way */
    else
        sim_after(net_travel_ms(), fire_upgrade, conn);
    sim_seam(SIM_AFTER, "ws open");
}

static void send_to_server(uint64_t number, int opcode, const char *data, size_t len)
{
    sb_conn *conn = conn_of(number);
    if (conn && !call_fails(conn))
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
    sim_seam(SIM_BEFORE, "ws ping");
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
