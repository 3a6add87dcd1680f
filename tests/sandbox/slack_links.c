#include "slack_links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "clockwork.h"
#include "http.h"
#include "json.h"
#include "slack_socket.h"
#include "slack_world.h"
#include "ws.h"

#define HOST_CAP 64
/* Lifetime of a real connection in a capture: 5 h 1 min (slack-go's socketmode tests). */
#define CONNECTION_LIFE_S 18060
/* Nobody documents Slack's own ping interval; the official clients' 30 s deadman bounds it. */
#define PING_INTERVAL_MS 10000
#define PONG_LIMIT_MS 30000

typedef struct link_ticket {
    char id[37];
    int64_t until_ms; /* sandbox time */
    bool is_used;
    struct link_ticket *next;
} link_ticket;

static struct {
    char plain_host[HOST_CAP];
    char tls_host[HOST_CAP];
    char base_url[HOST_CAP + 16];
    link_ticket *tickets;
    sk_link *links;
    int n_opened;
    int turn; /* number of the link that got the last envelope */
    bool is_pinging;
} state;

/* ---- addresses and tickets ---------------------------------------------------------------------------------- */

static void use_base(bool by_tls)
{
    bool tls = by_tls && *state.tls_host;
    snprintf(state.base_url, sizeof state.base_url, "%s://%s", tls ? "https" : "http",
             tls ? state.tls_host : state.plain_host);
}

void sk_socket_listens(const char *plain_host, const char *tls_host)
{
    snprintf(state.plain_host, sizeof state.plain_host, "%s", plain_host);
    snprintf(state.tls_host, sizeof state.tls_host, "%s", tls_host);
    use_base(false);
}

const char *sk_base_url(void)
{
    return state.base_url;
}

char *sk_ticket_url(bool by_tls)
{
    link_ticket *fresh = sb_alloc(sizeof *fresh);
    sk_guid(fresh->id);
    fresh->until_ms = sb_now_ms() + sb_setting("ticket_ms", 30000);
    fresh->next = state.tickets;
    state.tickets = fresh;
    char app[65];
    sk_hex(app, 64);
    int64_t other_port = sb_setting("link_port", 0);
    const char *host = by_tls ? state.tls_host : state.plain_host;
    char *elsewhere = other_port ? sb_strf("127.0.0.1:%lld", (long long)other_port) : NULL;
    char *url = sb_strf("%s://%s/link/?ticket=%s&app_id=%s", by_tls ? "wss" : "ws", elsewhere ? elsewhere : host,
                        fresh->id, app);
    free(elsewhere);
    return url;
}

static bool use_ticket(const char *id)
{
    for (link_ticket *each = state.tickets; each; each = each->next) {
        if (strcmp(each->id, id) != 0)
            continue;
        bool is_good = !each->is_used && each->until_ms >= sb_now_ms();
        each->is_used = true;
        return is_good;
    }
    return false;
}

/* ---- the list ----------------------------------------------------------------------------------------------- */

sk_link *sk_links(void)
{
    return state.links;
}

bool sk_link_is_live(const sk_link *link)
{
    bool may_get_more = !link->is_refreshing || sb_setting("deliver_after_refresh", 1);
    return link->conn && link->said_hello && !link->is_closing && may_get_more;
}

int sk_link_count(void)
{
    int count = 0;
    for (const sk_link *link = state.links; link; link = link->next)
        count += link->conn != NULL;
    return count;
}

sk_link *sk_link_numbered(int number)
{
    for (sk_link *link = state.links; link; link = link->next)
        if (link->number == number)
            return link;
    return NULL;
}

static sk_link *live_at(int place)
{
    for (sk_link *link = state.links; link; link = link->next)
        if (sk_link_is_live(link) && place-- == 0)
            return link;
    return NULL;
}

static sk_link *next_in_turn(void)
{
    for (sk_link *link = state.links; link; link = link->next)
        if (sk_link_is_live(link) && link->number > state.turn)
            return link;
    return live_at(0);
}

sk_link *sk_link_choose(void)
{
    int n_live = 0;
    for (const sk_link *link = state.links; link; link = link->next)
        n_live += sk_link_is_live(link);
    if (!n_live)
        return NULL;
    sk_link *chosen;
    unsigned char dice = 0;
    switch (sb_setting("deliver_to", 0)) {
    case 1: chosen = live_at(n_live - 1); break;
    case 2:
        sb_random(&dice, 1);
        chosen = live_at(dice % n_live);
        break;
    case 3: chosen = live_at(0); break;
    default: chosen = next_in_turn();
    }
    if (chosen)
        state.turn = chosen->number;
    return chosen;
}

static void release(sk_link *link)
{
    if (!link->is_gone || link->users > 0)
        return;
    for (sk_link **at = &state.links; *at; at = &(*at)->next) {
        if (*at != link)
            continue;
        *at = link->next;
        free(link);
        return;
    }
}

void sk_link_text(sk_link *link, const char *text)
{
    if (link->conn && !link->is_frozen)
        server_ws_send(link->conn, WS_TEXT, text, strlen(text), (size_t)sb_setting("fragment_bytes", 0));
}

/* ---- opening ------------------------------------------------------------------------------------------------ */

static void *refuse(sb_reply *reply, int status, const char *why)
{
    sb_reply_text(reply, status, "text/plain; charset=utf-8", why);
    sb_journal("upgrade_refused", sj_pack("status:d why:s", status, why));
    return NULL;
}

static bool refused_by_fault(sb_reply *reply)
{
    json_object *value = NULL;
    if (sb_fault("slack.link.status", &value)) {
        refuse(reply, value ? json_object_get_int(value) : 409, "refused by a fault");
        return true;
    }
    if (sb_fault("slack.link.hang", NULL)) {
        reply->how = SB_REPLY_HANG;
        return true;
    }
    if (sb_fault("slack.link.reset", NULL)) {
        reply->how = SB_REPLY_RESET;
        return true;
    }
    return false;
}

void *sk_link_upgrade(const sb_request *request, sb_reply *reply)
{
    if (strcmp(request->path, "/link") != 0 && strcmp(request->path, "/link/") != 0)
        return refuse(reply, 404, "no such websocket");
    if (refused_by_fault(reply))
        return NULL;
    if (sb_fault("slack.down", NULL))
        return refuse(reply, 503, "down");
    char *id = http_query(request->query, "ticket");
    bool is_good = id && use_ticket(id);
    free(id);
    if (!is_good)
        return refuse(reply, 408, "ticket unknown, used or expired");
    sk_link *link = sb_alloc(sizeof *link);
    link->number = ++state.n_opened;
    link->is_tls = request->tls;
    link->opened_ms = sb_now_ms();
    link->pong_real_ms = clockwork_real_ms();
    sk_link **end = &state.links;
    while (*end)
        end = &(*end)->next;
    *end = link;
    use_base(link->is_tls);
    return link;
}

static void say_hello(void *arg)
{
    sk_link *link = arg;
    link->users--;
    if (!link->conn) {
        release(link);
        return;
    }
    link->said_hello = true;
    json_object *hello = sj_pack("type:s num_connections:i debug_info:o connection_info:o", "hello",
                                 sb_setting("num_connections", sk_link_count()),
                                 sj_pack("host:s build_number:d approximate_connection_time:i", "applink-sandbox", 10,
                                         sb_setting("approximate_connection_time", CONNECTION_LIFE_S)),
                                 sj_pack("app_id:s", SK_APP));
    sk_link_text(link, sj_dump(hello));
    sb_journal("hello", sj_pack("conn:d num_connections:i", link->number, sj_int(hello, "num_connections", 0)));
    json_object_put(hello);
}

static void send_disconnect(sk_link *link, const char *reason)
{
    json_object *frame =
        sj_pack("type:s reason:s debug_info:o", "disconnect", reason, sj_pack("host:s", "applink-sandbox"));
    if (!strcmp(reason, "too_many_websockets"))
        sj_put(frame, "num_connections:d connection_info:o", sk_link_count(), sj_pack("app_id:s", SK_APP));
    sk_link_text(link, sj_dump(frame));
    json_object_put(frame);
    sb_journal("disconnect", sj_pack("conn:d reason:s", link->number, reason));
}

static void close_now(sk_link *link, int code)
{
    if (!link->conn || link->is_closing)
        return;
    char payload[2] = {(char)(code >> 8), (char)(code & 0xff)};
    link->is_closing = true;
    sb_journal("server_close", sj_pack("conn:d code:d", link->number, code));
    server_ws_send(link->conn, WS_CLOSE, payload, sizeof payload, 0);
}

static void ping_all(void *arg)
{
    (void)arg;
    state.is_pinging = sk_link_count() > 0;
    if (!state.is_pinging)
        return;
    int64_t interval_ms = sb_setting("ping_interval_ms", PING_INTERVAL_MS);
    static const char payload[] = "Ping from applink-sandbox";
    for (sk_link *link = state.links; link; link = link->next) {
        if (!link->conn)
            continue;
        if (clockwork_real_ms() - link->pong_real_ms > sb_setting("pong_limit_ms", PONG_LIMIT_MS))
            server_ws_drop(link->conn, false);
        else if (!link->is_frozen && interval_ms)
            server_ws_send(link->conn, WS_PING, payload, sizeof payload - 1, 0);
    }
    clockwork_after(interval_ms ? interval_ms : PING_INTERVAL_MS, ping_all, NULL);
}

void sk_link_up(void *arg, sb_conn *conn)
{
    sk_link *link = arg;
    link->conn = conn;
    sb_journal("conn_open", sj_pack("conn:d tls:b", link->number, link->is_tls));
    if (!state.is_pinging) {
        state.is_pinging = true;
        clockwork_after(sb_setting("ping_interval_ms", PING_INTERVAL_MS), ping_all, NULL);
    }
    const char *unwanted = sb_setting("link_disabled", 0)                        ? "link_disabled"
                           : sk_link_count() > sb_setting("max_connections", 10) ? "too_many_websockets"
                                                                                 : NULL;
    if (unwanted) {
        send_disconnect(link, unwanted);
        close_now(link, 1008);
        return;
    }
    link->users++;
    json_object *value = NULL;
    int64_t delay_ms = sb_setting("hello_delay_ms", 0);
    if (sb_fault("slack.hello.delay", &value))
        delay_ms = value ? json_object_get_int64(value) : 3600 * 1000;
    if (delay_ms > 0)
        clockwork_after(delay_ms, say_hello, link);
    else
        say_hello(link);
}

/* ---- frames in ---------------------------------------------------------------------------------------------- */

static void end_tcp(void *arg)
{
    sk_link *link = arg;
    link->users--;
    if (link->conn)
        server_ws_drop(link->conn, false);
    else
        release(link);
}

static void take_close(sk_link *link, const char *data, size_t len)
{
    int code = len >= 2 ? (unsigned char)data[0] << 8 | (unsigned char)data[1] : 1005;
    sb_journal("close_frame", sj_pack("conn:d code:d", link->number, code));
    if (!link->is_closing) {
        link->is_closing = true;
        server_ws_send(link->conn, WS_CLOSE, data, len >= 2 ? 2 : 0, 0);
    }
    /* Slack keeps TCP open after the close handshake (release note of @slack/socket-mode 3.2.0) */
    link->users++;
    clockwork_after(sb_setting("tcp_after_close_ms", 30000), end_tcp, link);
}

void sk_link_message(void *arg, int opcode, const char *data, size_t len)
{
    sk_link *link = arg;
    link->pong_real_ms = clockwork_real_ms();
    if (link->is_frozen)
        return;
    if (opcode == WS_PING && !sb_setting("no_pong", 0))
        server_ws_send(link->conn, WS_PONG, data, len, 0);
    if (opcode == WS_CLOSE)
        take_close(link, data, len);
    if (opcode == WS_TEXT)
        sk_take_ack(link, data, len);
}

void sk_link_gone(void *arg)
{
    sk_link *link = arg;
    sb_journal("conn_close",
               sj_pack("conn:d clean:b lived_ms:i", link->number, link->is_closing, sb_now_ms() - link->opened_ms));
    link->conn = NULL;
    link->is_gone = true;
    release(link);
}

/* ---- control ------------------------------------------------------------------------------------------------ */

static bool is_meant(const sk_link *link, const char *which)
{
    if (!link->conn)
        return false;
    if (!*which || !strcmp(which, "all"))
        return true;
    if (!strcmp(which, "oldest") || !strcmp(which, "newest")) {
        const sk_link *found = NULL;
        for (const sk_link *each = state.links; each; each = each->next)
            if (sk_link_is_live(each) && (!found || !strcmp(which, "newest")))
                found = each;
        return link == found;
    }
    return link->number == (int)strtol(which, NULL, 10);
}

/* What is to be done with a meant link, and one more value for it. */
typedef void (*link_deed)(sk_link *link, const char *text, int number);

static int do_to(const char *which, link_deed deed, const char *text, int number)
{
    int count = 0;
    /* chosen before anything is done: a deed may change who is newest */
    sk_link *meant[64];
    for (sk_link *link = state.links; link && count < 64; link = link->next)
        if (is_meant(link, which))
            meant[count++] = link;
    for (int i = 0; i < count; i++)
        deed(meant[i], text, number);
    return count;
}

static void close_planned(void *arg)
{
    sk_link *link = arg;
    link->users--;
    close_now(link, 1001);
    release(link);
}

static void refresh_one(sk_link *link, const char *reason, int number)
{
    (void)number;
    send_disconnect(link, reason);
    link->is_refreshing = true;
    /* a warning comes about 10 s before the end; so long does the sandbox wait after any of them */
    link->users++;
    clockwork_after(sb_setting("refresh_close_ms", 10000), close_planned, link);
}

static void drop_one(sk_link *link, const char *text, int with_reset)
{
    (void)text;
    link->is_closing = true;
    server_ws_drop(link->conn, with_reset);
}

static void freeze_one(sk_link *link, const char *text, int number)
{
    (void)text;
    (void)number;
    link->is_frozen = true;
    server_ws_freeze(link->conn);
}

static void close_one(sk_link *link, const char *text, int code)
{
    (void)text;
    close_now(link, code);
}

int sk_refresh(const char *reason, const char *which)
{
    return do_to(which, refresh_one, *reason ? reason : "refresh_requested", 0);
}

int sk_drop_sockets(const char *which, bool with_reset)
{
    return do_to(which, drop_one, "", with_reset);
}

int sk_freeze_sockets(const char *which)
{
    return do_to(which, freeze_one, "", 0);
}

int sk_close_sockets(const char *which, int code)
{
    return do_to(which, close_one, "", code);
}

json_object *sk_sockets(void)
{
    json_object *all = json_object_new_array();
    for (const sk_link *link = state.links; link; link = link->next)
        if (link->conn)
            json_object_array_add(all, sj_pack("n:d tls:b hello:b frozen:b refreshing:b closing:b opened_at:i",
                                               link->number, link->is_tls, link->said_hello, link->is_frozen,
                                               link->is_refreshing, link->is_closing, link->opened_ms));
    return all;
}

void sk_socket_fini(void)
{
    while (state.tickets) {
        link_ticket *next = state.tickets->next;
        free(state.tickets);
        state.tickets = next;
    }
    while (state.links) {
        sk_link *next = state.links->next;
        free(state.links);
        state.links = next;
    }
}
