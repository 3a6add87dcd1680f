/* The network between the bot's sessions and the sandbox's handlers: late by chance, and as bad as it is told to be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "bytes.h"
#include "net_parts.h"
#include "sim.h"
#include "slack_api.h"
#include "slack_response.h"
#include "slack_socket.h"
#include "timely.h"
#include "world.h"

#define LOSSES_MAX 32

const char *const SIM_PEER_WORDS[SIM_PEERS] = {"slack", "entra", "graph"};
const char *const SIM_WEATHER_WORDS[SIM_WEATHERS] = {"up", "refused", "no_name", "bad_tls", "silent"};

/* ---- weather ---------------------------------------------------------------------------------------------------------- */

static struct {
    sim_weather weather[SIM_PEERS];
    struct {
        sim_loss loss;
        char part[96];
        int64_t ms;
        bool is_on;
    } losses[LOSSES_MAX];
    sim_net_fault fault; /* of the next n_faults exchanges */
    int n_faults;
    struct exchange *held;
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

void sim_net_fail(sim_net_fault fault, int n)
{
    net.fault = fault;
    net.n_faults = n;
}

void sim_net_heal(void)
{
    net.n_faults = 0;
    sim_net_ws_fail(SIM_WS_BROKEN, 0);
    sim_bot_spoil_frames(SPOIL_NOT, 0);
    for (size_t i = 0; i < SIM_PEERS; i++)
        net.weather[i] = SIM_UP;
    for (size_t i = 0; i < LOSSES_MAX; i++)
        net.losses[i].is_on = false;
    sim_net_frames(SIM_FRAME_DROP, 0, 0);
}

int64_t net_travel_ms(void)
{
    return sim_between(SIM_NET, 1, 30);
}

sim_weather net_weather_of(sim_peer peer)
{
    return net.weather[peer];
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
    sim_net_fault fault; /* SIM_NET_FAULTS: none */
    bool is_over;        /* told, or given up by the timeout: what comes later is dropped */
    int users;           /* events under way */
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

static rb_str body_of(const exchange *each)
{
    rb_str body = {each->reply.body ? each->reply.body : "", each->reply.body_len};
    if (each->fault < SIM_NET_SPOILED || each->fault >= SIM_NET_FAULTS || body.len == 0)
        return body;
    return spoil_text((spoil)(each->fault - SIM_NET_SPOILED + SPOIL_CUT), body, each->reply_max);
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
    reply.body = body_of(each);
    if (each->fault == SIM_NET_BROKEN)
        tell_failure(each, RB_E_IO, false, "the exchange broke off");
    else if (each->loses_reply || each->fault == SIM_NET_LOST)
        sim_say("http: the reply to %s %s is lost", each->method, each->url);
    else if (from->body_len > each->reply_max || each->fault == SIM_NET_TOO_LONG)
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
        sim_after(net_travel_ms(), fire_broken, each);
    else
        sim_after(reply->delay_ms + net_travel_ms(), fire_reply, each);
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
    bool never_left = net.weather[peer_of(each)] == SIM_NO_NAME || each->fault == SIM_NET_NO_NAME;
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

static void fire_no_room(void *arg)
{
    tell_failure(arg, RB_E_NOMEM, true, "out of memory");
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
    int64_t ms = net_travel_ms();
    char *what = sb_strf("%s %s", each->method, each->url);
    for (size_t i = 0; i < LOSSES_MAX; i++) {
        if (!net.losses[i].is_on || !strstr(what, net.losses[i].part))
            continue;
        net.losses[i].is_on = false;
        static const char *const WORDS[] = {"lose request", "lose reply", "late"};
        sim_counted()->faults++;
        if (each->is_slack)
            timely_trouble();
        sim_say("http: %s: %s", WORDS[net.losses[i].loss], what);
        sim_happened("%s %s", WORDS[net.losses[i].loss], net.losses[i].part);
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

/* The weather, and what sim_net_fail makes of it. */
static sim_weather faulty(exchange *each)
{
    sim_weather weather = net.weather[peer_of(each)];
    each->fault = net.n_faults > 0 ? net.fault : SIM_NET_FAULTS;
    net.n_faults -= net.n_faults > 0;
    switch ((int)each->fault) {
    case SIM_NET_REFUSED: return SIM_REFUSED;
    case SIM_NET_NO_NAME: return SIM_NO_NAME;
    case SIM_NET_BAD_TLS: return SIM_BAD_TLS;
    case SIM_NET_SILENT: return SIM_SILENT;
    default: return weather;
    }
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
    sim_weather weather = faulty(each);
    sim_happened("http %s %s", request->method, request->url);
    if (is_slack && (weather != SIM_UP || each->fault != SIM_NET_FAULTS))
        timely_trouble();
    if (weather != SIM_UP)
        sim_happened("weather %s %s", SIM_PEER_WORDS[peer_of(each)], SIM_WEATHER_WORDS[weather]);
    if (each->fault == SIM_NET_NO_ROOM) {
        sim_after(0, fire_no_room, each);
    } else if (each->fault == SIM_NET_UNSENT) {
        note_post(each);
        sim_after(net_travel_ms(), fire_broken, each);
    } else if (weather == SIM_REFUSED) {
        sim_after(net_travel_ms(), fire_refused, each);
    } else if (weather == SIM_BAD_TLS) {
        sim_after(net_travel_ms(), fire_bad_tls, each);
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

/* ---- the sessions' tables ----------------------------------------------------------------------------------------------- */

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
                   .ws_open = net_ws_open,
                   .ws_send = net_ws_send,
                   .ws_ping = net_ws_ping,
                   .ws_close = net_ws_close,
                   .ws_drop = net_ws_drop,
                   .timer_set = slack_timer};
}

rb_io sim_net_graph(void)
{
    return (rb_io){.http_start = graph_start, .timer_set = graph_timer};
}
