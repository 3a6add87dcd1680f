/* The network between the bot's sessions and the sandbox's handlers: late by chance, and as bad as it is told to be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "bytes.h"
#include "http.h"
#include "server.h"
#include "sim.h"
#include "slack_api.h"
#include "slack_response.h"
#include "slack_socket.h"
#include "world.h"
#include "ws.h"

#define LOSSES_MAX 32

/* ---- weather ---------------------------------------------------------------------------------------------------------- */

static struct {
    sim_weather weather[SIM_PEERS];
    struct {
        sim_loss loss;
        char part[96];
        int64_t ms;
        bool is_on;
    } losses[LOSSES_MAX];
    sim_frame_fault frame_fault;
    int n_frame_faults;
    int64_t frame_ms;
    struct exchange *held;
    struct sb_conn *conns;
} net;

void sim_net_weather(sim_peer peer, sim_weather weather)
{
    if (net.weather[peer] != weather)
        sim_say("weather: peer %d is %d", (int)peer, (int)weather);
    net.weather[peer] = weather;
    if (peer == SIM_SLACK && weather != SIM_UP)
        (void)sk_drop_sockets("all", true);
}

void sim_net_lose(sim_loss loss, const char *part, int64_t ms)
{
    for (size_t i = 0; i < LOSSES_MAX; i++) {
        if (net.losses[i].is_on)
            continue;
        net.losses[i].loss = loss;
        net.losses[i].ms = ms;
        net.losses[i].is_on = true;
        snprintf(net.losses[i].part, sizeof net.losses[i].part, "%s", part);
        return;
    }
}

void sim_net_frames(sim_frame_fault fault, int n, int64_t ms)
{
    net.frame_fault = fault;
    net.n_frame_faults = n;
    net.frame_ms = ms;
}

void sim_net_heal(void)
{
    for (size_t i = 0; i < SIM_PEERS; i++)
        net.weather[i] = SIM_UP;
    for (size_t i = 0; i < LOSSES_MAX; i++)
        net.losses[i].is_on = false;
    net.n_frame_faults = 0;
}

static int64_t travel_ms(void)
{
    return sim_between(SIM_NET, 1, 30);
}

/* ---- HTTP -------------------------------------------------------------------------------------------------------------- */

typedef struct exchange {
    bool is_slack;
    unsigned generation;
    uint64_t tag;
    char *method, *url, *body;
    size_t body_len;
    char *names[RB_HTTP_HEADERS_MAX + 2], *values[RB_HTTP_HEADERS_MAX + 2];
    size_t n_headers;
    int64_t timeout_ms;
    size_t reply_max;
    bool loses_reply;
    bool is_over; /* told, or given up by the timeout: what comes later is dropped */
    int users;    /* events under way */
    sb_reply reply;
    struct exchange *next_held;
} exchange;

static void release(exchange *each)
{
    if (--each->users > 0)
        return;
    for (size_t i = 0; i < each->n_headers; i++) {
        free(each->names[i]);
        free(each->values[i]);
    }
    free(each->method);
    free(each->url);
    free(each->body);
    free(each->reply.body);
    free(each);
}

static void tell(exchange *each, const rb_http_reply *reply)
{
    if (each->is_over)
        return;
    each->is_over = true;
    if (each->generation == sim_generation())
        sim_bot_http(each->is_slack, each->tag, reply);
}

static void tell_failure(exchange *each, rb_err err, bool never_left, const char *why)
{
    rb_http_reply reply = {.err = err, .never_left = never_left, .error = why};
    tell(each, &reply);
}

static sim_peer peer_of(const exchange *each)
{
    return each->is_slack ? SIM_SLACK : strstr(each->url, "/oauth2/") ? SIM_ENTRA : SIM_GRAPH;
}

static const char *header_of(const void *self, const char *name)
{
    const exchange *each = self;
    for (size_t i = 0; i < each->n_headers; i++)
        if (!strcasecmp(each->names[i], name))
            return each->values[i];
    return "";
}

static void copy_reply_header(const sb_reply *from, const char *name, char *out, size_t cap)
{
    size_t len = strlen(name);
    for (const char *line = from->headers; *line;) {
        size_t line_len = strcspn(line, "\r\n");
        if (line_len > len + 1 && !strncasecmp(line, name, len) && line[len] == ':') {
            const char *value = line + len + 1 + strspn(line + len + 1, " ");
            size_t value_len = (size_t)(line + line_len - value);
            if (value_len < cap) {
                memcpy(out, value, value_len);
                out[value_len] = '\0';
            }
            return;
        }
        line += line_len + strspn(line + line_len, "\r\n");
    }
}

static void fire_reply(void *arg)
{
    exchange *each = arg;
    sb_reply *from = &each->reply;
    rb_http_reply reply = {.err = RB_OK, .status = from->status, .error = ""};
    time_t now = (time_t)(sim_utc_ms() / 1000);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(reply.date, sizeof reply.date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    snprintf(reply.content_type, sizeof reply.content_type, "%s", from->content_type);
    copy_reply_header(from, "retry-after", reply.retry_after, sizeof reply.retry_after);
    copy_reply_header(from, "request-id", reply.request_id, sizeof reply.request_id);
    copy_reply_header(from, "client-request-id", reply.client_request_id, sizeof reply.client_request_id);
    copy_reply_header(from, "x-msft-approval-code", reply.approval_code, sizeof reply.approval_code);
    reply.body = (rb_str){from->body ? from->body : "", from->body_len};
    if (each->loses_reply)
        sim_say("http: the reply to %s %s is lost", each->method, each->url);
    else if (from->body_len > each->reply_max)
        tell_failure(each, RB_E_LIMIT, false, "the reply is too long");
    else
        tell(each, &reply);
    release(each);
}

static void fire_broken(void *arg)
{
    exchange *each = arg;
    tell_failure(each, RB_E_IO, false, "the exchange broke off");
    release(each);
}

static void carry_out(exchange *each)
{
    sb_reply *reply = &each->reply;
    if (*reply->hold) {
        each->next_held = net.held;
        net.held = each;
        each->users++;
        return;
    }
    if (reply->how == SB_REPLY_HANG)
        return; /* the timeout tells */
    each->users++;
    if (reply->how == SB_REPLY_CLOSE || reply->how == SB_REPLY_RESET)
        sim_after(travel_ms(), fire_broken, each);
    else
        sim_after(reply->delay_ms + travel_ms(), fire_reply, each);
}

size_t sb_release(const char *hold)
{
    size_t count = 0;
    for (exchange **at = &net.held; *at;) {
        exchange *each = *at;
        if (strcmp(each->reply.hold, hold) != 0) {
            at = &each->next_held;
            continue;
        }
        *at = each->next_held;
        *each->reply.hold = '\0';
        carry_out(each);
        release(each);
        count++;
    }
    return count;
}

/* path and query of an absolute URL, cut in place. */
static void cut_url(char *url, const char **out_path, const char **out_query)
{
    char *path = strstr(url, "://");
    path = path ? strchr(path + 3, '/') : NULL;
    char *query = path ? strchr(path, '?') : NULL;
    if (query)
        *query++ = '\0';
    *out_path = path ? path : "/";
    *out_query = query ? query : "";
}

static void handle(const sb_request *request, sb_reply *reply)
{
    if (sk_api_handle(request, reply) || sk_response_handle(request, reply) || graph_handle(request, reply) ||
        entra_handle(request, reply))
        return;
    sb_reply_text(reply, 404, "text/plain", "nothing is here");
}

static void fire_request(void *arg)
{
    exchange *each = arg;
    char *url = sb_strdup(each->url);
    const char *path;
    const char *query;
    cut_url(url, &path, &query);
    sb_request request = {.method = each->method,
                          .path = path,
                          .query = query,
                          .body = each->body,
                          .body_len = each->body_len,
                          .header = header_of,
                          .self = each,
                          .tls = true};
    each->reply = (sb_reply){.status = 200};
    handle(&request, &each->reply);
    carry_out(each);
    free(url);
    release(each);
}

static void fire_timeout(void *arg)
{
    exchange *each = arg;
    bool never_left = net.weather[peer_of(each)] == SIM_NO_NAME;
    tell_failure(each, RB_E_IO, never_left, "no answer in time");
    release(each);
}

static void fire_refused(void *arg)
{
    tell_failure(arg, RB_E_IO, true, "no connection");
    release(arg);
}

static void fire_bad_tls(void *arg)
{
    tell_failure(arg, RB_E_AUTH, true, "the certificate is not trusted");
    release(arg);
}

static exchange *copied(const rb_http_request *request)
{
    exchange *each = sb_alloc(sizeof *each);
    *each = (exchange){.timeout_ms = request->timeout_ms, .reply_max = request->reply_max, .users = 1};
    each->method = sb_strdup(request->method);
    each->url = sb_strdup(request->url);
    each->body = sb_alloc(request->body.len + 1);
    memcpy(each->body, request->body.len ? request->body.ptr : "", request->body.len);
    each->body[request->body.len] = '\0';
    each->body_len = request->body.len;
    for (size_t i = 0; i < request->n_headers; i++) {
        each->names[i] = sb_strdup(request->headers[i].name);
        each->values[i] = sb_strdup(request->headers[i].value);
    }
    each->n_headers = request->n_headers;
    const char *host = strstr(request->url, "://");
    host = host ? host + 3 : "";
    each->names[each->n_headers] = sb_strdup("host"); /* libcurl adds these two */
    each->values[each->n_headers++] = sb_strf("%.*s", (int)strcspn(host, "/"), host);
    if (!strcmp(request->method, "POST")) {
        each->names[each->n_headers] = sb_strdup("content-length");
        each->values[each->n_headers++] = sb_strf("%zu", request->body.len);
    }
    return each;
}

/* What the weather and the losses do to it: how long the request travels, -1 when it does not arrive. */
static int64_t fate_of(exchange *each)
{
    int64_t ms = travel_ms();
    char *what = sb_strf("%s %s", each->method, each->url);
    for (size_t i = 0; i < LOSSES_MAX; i++) {
        if (!net.losses[i].is_on || !strstr(what, net.losses[i].part))
            continue;
        net.losses[i].is_on = false;
        sim_counted()->faults++;
        sim_say("http: %s is %s", what, net.losses[i].loss == SIM_LATE ? "late" : "lost");
        if (net.losses[i].loss == SIM_LOSE_REQUEST)
            ms = -1;
        else if (net.losses[i].loss == SIM_LOSE_REPLY)
            each->loses_reply = true;
        else
            ms += net.losses[i].ms;
        break;
    }
    free(what);
    return ms;
}

/* device of ".../managedDevices/ID/resetPasscode", for the check */
static void note_post(const exchange *each)
{
    const char *tail = strstr(each->url, "/resetPasscode");
    const char *start = strstr(each->url, "/managedDevices/");
    if (strcmp(each->method, "POST") != 0 || !tail || !start)
        return;
    char device[64];
    snprintf(device, sizeof device, "%.*s", (int)(tail - start - 16), start + 16);
    sim_check_post_leaves(device, header_of(each, "client-request-id"));
}

static void start(bool is_slack, uint64_t tag, const rb_http_request *request)
{
    const char *host = strstr(request->url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    sim_seam(SIM_BEFORE, "http %s %.*s", request->method, path ? (int)strcspn(path, "?") : 0, path ? path : "");
    exchange *each = copied(request);
    each->is_slack = is_slack;
    each->tag = tag;
    each->generation = sim_generation();
    sim_weather weather = net.weather[peer_of(each)];
    if (weather == SIM_REFUSED) {
        sim_after(travel_ms(), fire_refused, each);
    } else if (weather == SIM_BAD_TLS) {
        sim_after(travel_ms(), fire_bad_tls, each);
    } else {
        if (weather == SIM_UP || weather == SIM_SILENT)
            note_post(each);
        int64_t ms = weather == SIM_UP ? fate_of(each) : -1;
        if (ms >= 0) {
            each->users++;
            sim_after(ms, fire_request, each);
        }
        sim_after(each->timeout_ms, fire_timeout, each);
    }
    sim_seam(SIM_AFTER, "http %s %.*s", request->method, path ? (int)strcspn(path, "?") : 0, path ? path : "");
}

static void slack_start(void *self, uint64_t tag, const rb_http_request *request)
{
    (void)self;
    start(true, tag, request);
}

static void graph_start(void *self, uint64_t tag, const rb_http_request *request)
{
    (void)self;
    start(false, tag, request);
}

/* ---- websockets ----------------------------------------------------------------------------------------------------------- */

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

int sim_net_sockets(void)
{
    int count = 0;
    for (const sb_conn *conn = net.conns; conn; conn = conn->next)
        count += conn->link && !conn->is_client_gone && conn->generation == sim_generation();
    return count;
}

static sb_conn *conn_of(uint64_t number)
{
    for (sb_conn *conn = net.conns; conn; conn = conn->next)
        if (conn->number == number && conn->generation == sim_generation() && !conn->is_client_gone)
            return conn;
    return NULL;
}

static void conn_release_some(sb_conn *conn, int users)
{
    conn->users -= users;
    if (conn->users > 0)
        return;
    for (sb_conn **at = &net.conns; *at; at = &(*at)->next) {
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
    sim_after(travel_ms(), fire_to_server, echo);
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
                sim_after(travel_ms(), fire_to_server, packet_new(conn, WS_PONG, each->data, each->len));
            sim_bot_ws_pong(conn->number);
        }
    }
    packet_free(each);
}

static void send_to_bot(packet *each, int64_t late_ms)
{
    int64_t due_ms = sim_ms() + travel_ms() + late_ms;
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
    bool is_hit = opcode == WS_TEXT && net.n_frame_faults > 0 && is_envelope(data, len);
    if (is_hit) {
        net.n_frame_faults--;
        sim_counted()->faults++;
        sim_say("frame fault %d", (int)net.frame_fault);
    }
    if (is_hit && net.frame_fault == SIM_FRAME_DROP)
        return;
    send_to_bot(packet_new(conn, opcode, data, len), is_hit && net.frame_fault == SIM_FRAME_LATE ? net.frame_ms : 0);
    if (is_hit && net.frame_fault == SIM_FRAME_TWICE)
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
    if (conn->is_client_gone || net.weather[SIM_SLACK] != SIM_UP) {
        if (net.weather[SIM_SLACK] == SIM_REFUSED || net.weather[SIM_SLACK] == SIM_BAD_TLS)
            send_to_bot(packet_new(conn, -1, "", 0), 0);
        conn_release(conn);
        return;
    }
    sb_request request = {.method = "GET", .path = "/link/", .query = conn->query, .body = "", .header = no_header, .tls = true};
    sb_reply reply = {.status = 404};
    void *link = sk_link_upgrade(&request, &reply);
    if (!link) {
        refused(conn, &reply);
        return;
    }
    conn->link = link; /* keeps the reference of this event */
    send_to_bot(packet_new(conn, WS_CONTINUATION, "", 0), 0); /* the upgrade's answer */
    sk_link_up(link, conn);
}

static void ws_open(void *self, uint64_t number, const char *url)
{
    (void)self;
    sim_seam(SIM_BEFORE, "ws open");
    sb_conn *conn = sb_alloc(sizeof *conn);
    const char *query = strchr(url, '?');
    *conn = (sb_conn){.number = number, .generation = sim_generation(), .query = sb_strdup(query ? query + 1 : ""), .users = 1};
    conn->next = net.conns;
    net.conns = conn;
    sim_after(travel_ms(), fire_upgrade, conn);
    sim_seam(SIM_AFTER, "ws open");
}

static void send_to_server(uint64_t number, int opcode, const char *data, size_t len)
{
    sb_conn *conn = conn_of(number);
    if (conn)
        sim_after(travel_ms(), fire_to_server, packet_new(conn, opcode, data, len));
}

static void ws_send(void *self, uint64_t number, rb_str text)
{
    (void)self;
    sim_seam(SIM_BEFORE, "ws send");
    send_to_server(number, WS_TEXT, text.ptr, text.len);
    sim_seam(SIM_AFTER, "ws send");
}

static void ws_ping(void *self, uint64_t number, rb_str payload)
{
    (void)self;
    send_to_server(number, WS_PING, payload.ptr, payload.len);
}

static void ws_close(void *self, uint64_t number, int code)
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
    sim_after(travel_ms(), fire_server_end, conn);
}

static void ws_drop(void *self, uint64_t number)
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
    for (sb_conn *conn = net.conns; conn; conn = conn->next)
        drop(conn);
}

static void slack_timer(void *self, int64_t boot_ms)
{
    (void)self;
    sim_bot_timer(true, boot_ms);
}

static void graph_timer(void *self, int64_t boot_ms)
{
    (void)self;
    sim_bot_timer(false, boot_ms);
}

rb_io sim_net_slack(void)
{
    return (rb_io){.http_start = slack_start,
                   .ws_open = ws_open,
                   .ws_send = ws_send,
                   .ws_ping = ws_ping,
                   .ws_close = ws_close,
                   .ws_drop = ws_drop,
                   .timer_set = slack_timer};
}

rb_io sim_net_graph(void)
{
    return (rb_io){.http_start = graph_start, .timer_set = graph_timer};
}
