/* slack_fake.h - a world for the Slack session: time moves when the test says so, peers answer when they are told to.
 *
 * Every socket of the session is a peer here: one that answers pings (unless silent), says hello when told, and keeps what
 * it was sent. HTTP requests wait until the test answers them; those of the session itself are answered at once while
 * world.is_open is set. Nothing ever comes back from inside a call of the io table: that is checked. */
#ifndef UNIT_SLACK_FAKE_H
#define UNIT_SLACK_FAKE_H

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack_session.h"
#include "resetbot/log.h"
#include "resetbot/str.h"

#define API "https://slack.example.com/api/"
#define PEERS_MAX 4096
#define HTTP_MAX 16384
#define KEPT_MAX 4096
#define DELIVERIES_KEPT 8

/* Not every test needs every helper. */
#define HELPER static __attribute__((unused))

/* Check writes a record for every assertion that holds: too slow for what happens at each ping. */
#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            ck_abort_msg("broken: %s", #condition);                                                                    \
    } while (0)

typedef struct {
    uint64_t conn;
    char url[256];
    bool is_up;
    bool said_hello;
    bool is_silent;     /* answers no pings */
    bool is_close_sent; /* by the session */
    int close_code;
    bool is_gone; /* dropped by the session, or closed by the test */
    bool was_dropped;
    int64_t opened_ms;
    int64_t close_sent_ms;
    int64_t gone_ms;
    unsigned pings;
    int64_t pinged_ms;
    unsigned sent; /* text messages */
    char last[4096];
} peer;

typedef struct {
    uint64_t tag;
    char method[8];
    char url[512];
    char type[64];
    char token[128];
    char body[16384];
    bool is_once;
    bool is_secret;
    int64_t at_ms;
    bool is_answered;
} http_kept;

typedef struct {
    uint64_t tag;
    rb_chat_result result;
    char items[64][RB_CHAT_ID_CAP];
    size_t n_items;
} result_kept;

static struct {
    int gaps_told;
    int64_t gap_told_ms;
    rb_slack *slack;
    rb_chat_port port;
    rb_secret *app_token;
    rb_secret *bot_token;
    rb_now now;
    int64_t timer_ms;
    uint64_t seed;
    bool is_open;        /* auth.test and apps.connections.open are answered well at once, and hello is said */
    bool acks_at_once;   /* each delivery is acked from inside on_delivery */
    unsigned life_s;     /* approximate_connection_time in hello; 0: said as 0 */
    int num_connections; /* in hello; -1: as many as the world has */
    peer *peers;
    size_t n_peers;
    http_kept *https;
    size_t n_https;
    size_t first_waiting; /* all before it are answered */
    size_t first_held;    /* all peers before it are gone */
    rb_delivery *deliveries;
    size_t n_deliveries;
    result_kept *results;
    size_t n_results;
    unsigned ready;
    char team[64];
    bool is_inside;      /* of a call of the port: no result may come */
    size_t most_opening; /* most sockets at once without hello */
    size_t most_held;    /* most sockets at once */
} world;

/* ---- the io table ------------------------------------------------------------------------------------------------ */

HELPER void world_count(void)
{
    size_t held = 0;
    size_t opening = 0;

    while (world.first_held < world.n_peers && world.peers[world.first_held].is_gone)
        world.first_held++;
    for (size_t i = world.first_held; i < world.n_peers; i++) {
        held += !world.peers[i].is_gone;
        opening += !world.peers[i].is_gone && !world.peers[i].said_hello && !world.peers[i].is_close_sent;
    }
    world.most_held = held > world.most_held ? held : world.most_held;
    world.most_opening = opening > world.most_opening ? opening : world.most_opening;
}

HELPER peer *world_peer(uint64_t conn)
{
    for (size_t i = world.first_held; i < world.n_peers; i++)
        if (world.peers[i].conn == conn)
            return &world.peers[i];
    ck_abort_msg("no such connection: %" PRIu64, conn);
    return NULL;
}

HELPER void io_http(void *self, uint64_t tag, const rb_http_request *request)
{
    (void)self;
    NEED(world.n_https < HTTP_MAX);
    NEED(tag != 0);
    http_kept *kept = &world.https[world.n_https++];
    *kept = (http_kept){.tag = tag, .is_once = request->once, .is_secret = request->secret, .at_ms = world.now.boot_ms};
    (void)snprintf(kept->method, sizeof kept->method, "%s", request->method);
    (void)snprintf(kept->url, sizeof kept->url, "%s", request->url);
    NEED(request->body.len < sizeof kept->body);
    memcpy(kept->body, request->body.ptr, request->body.len);
    for (size_t i = 0; i < request->n_headers; i++) {
        if (strcmp(request->headers[i].name, "Content-Type") == 0)
            (void)snprintf(kept->type, sizeof kept->type, "%s", request->headers[i].value);
        if (strcmp(request->headers[i].name, "Authorization") == 0)
            (void)snprintf(kept->token, sizeof kept->token, "%s", request->headers[i].value);
    }
}

HELPER void io_ws_open(void *self, uint64_t conn, const char *url)
{
    (void)self;
    NEED(world.n_peers < PEERS_MAX);
    for (size_t i = 0; i < world.n_peers; i++) /* never used twice */
        NEED(world.peers[i].conn != conn);
    peer *to = &world.peers[world.n_peers++];
    *to = (peer){.conn = conn, .opened_ms = world.now.boot_ms};
    (void)snprintf(to->url, sizeof to->url, "%s", url);
    world_count();
}

HELPER void io_ws_send(void *self, uint64_t conn, rb_str text)
{
    peer *to = world_peer(conn);

    (void)self;
    NEED(!to->is_gone && !to->is_close_sent && to->is_up);
    to->sent++;
    NEED(text.len < sizeof to->last);
    memcpy(to->last, text.ptr, text.len);
    to->last[text.len] = '\0';
}

HELPER void io_ws_ping(void *self, uint64_t conn, rb_str payload)
{
    peer *to = world_peer(conn);

    (void)self;
    NEED(!to->is_gone && !to->is_close_sent && to->is_up);
    NEED(payload.len > 0);
    NEED(payload.len <= 125);
    to->pings++;
    to->pinged_ms = world.now.boot_ms;
}

HELPER void io_ws_close(void *self, uint64_t conn, int code)
{
    peer *to = world_peer(conn);

    (void)self;
    NEED(!to->is_gone && !to->is_close_sent);
    to->is_close_sent = true;
    to->close_code = code;
    to->close_sent_ms = world.now.boot_ms;
}

HELPER void io_ws_drop(void *self, uint64_t conn)
{
    peer *to = world_peer(conn);

    (void)self;
    NEED(!to->is_gone);
    to->is_gone = to->was_dropped = true;
    to->gone_ms = world.now.boot_ms;
}

HELPER void io_timer(void *self, int64_t boot_ms)
{
    (void)self;
    world.timer_ms = boot_ms;
}

/* ---- what the engine would see ----------------------------------------------------------------------------------- */

/* The n-th delivery: only the latest few are kept, for they are large. */
HELPER rb_delivery *delivered(size_t n)
{
    return &world.deliveries[n % DELIVERIES_KEPT];
}

HELPER void on_delivery(void *self, const rb_delivery *delivery)
{
    static const rb_ack plain = {.kind = RB_ACK_PLAIN};

    (void)self;
    memcpy(delivered(world.n_deliveries++), delivery, sizeof *delivery);
    if (world.acks_at_once)
        world.port.ack(world.port.self, delivery, &plain);
}

HELPER void on_result(void *self, uint64_t tag, const rb_chat_result *result)
{
    (void)self;
    ck_assert(!world.is_inside);
    ck_assert_uint_lt(world.n_results, KEPT_MAX);
    result_kept *kept = &world.results[world.n_results++];
    *kept = (result_kept){.tag = tag, .result = *result, .n_items = result->n_items};
    for (size_t i = 0; i < result->n_items && i < 64; i++)
        memcpy(kept->items[i], result->items[i], RB_CHAT_ID_CAP);
}

HELPER void on_ready(void *self, const char *team, const char *bot_user)
{
    (void)self;
    (void)bot_user;
    world.ready++;
    (void)snprintf(world.team, sizeof world.team, "%s", team);
}

HELPER void on_gap(void *self, int64_t gap_ms)
{
    (void)self;
    world.gaps_told++;
    world.gap_told_ms = gap_ms;
}

/* ---- time and chance --------------------------------------------------------------------------------------------- */

HELPER uint32_t world_random(void)
{
    world.seed = world.seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(world.seed >> 33);
}

HELPER void random_fill(void *self, void *out_bytes, size_t len)
{
    (void)self;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out_bytes)[i] = (unsigned char)world_random();
}

HELPER rb_now clock_now(void *self)
{
    (void)self;
    return world.now;
}

/* ---- replies ----------------------------------------------------------------------------------------------------- */

HELPER void reply(http_kept *to, const rb_http_reply *with)
{
    ck_assert(!to->is_answered);
    to->is_answered = true;
    rb_slack_http_done(world.slack, to->tag, with, world.now);
}

HELPER rb_http_reply http_reply(int status, const char *body)
{
    return (rb_http_reply){.status = status, .body = rb_str_of(body), .error = ""};
}

HELPER void reply_json(http_kept *to, const char *json)
{
    rb_http_reply with = http_reply(200, json);

    reply(to, &with);
}

HELPER bool is_call(const http_kept *kept, const char *method)
{
    return strncmp(kept->url, API, strlen(API)) == 0 && strcmp(kept->url + strlen(API), method) == 0;
}

/* The oldest unanswered request to a method; NULL when there is none. */
HELPER http_kept *find_waiting(const char *method)
{
    while (world.first_waiting < world.n_https && world.https[world.first_waiting].is_answered)
        world.first_waiting++;
    for (size_t i = world.first_waiting; i < world.n_https; i++)
        if (!world.https[i].is_answered && is_call(&world.https[i], method))
            return &world.https[i];
    return NULL;
}

HELPER http_kept *waiting(const char *method)
{
    http_kept *kept = find_waiting(method);

    ck_assert_msg(kept != NULL, "no request waits at %s", method);
    return kept;
}

HELPER unsigned count_calls(const char *method)
{
    unsigned n = 0;

    for (size_t i = 0; i < world.n_https; i++)
        n += is_call(&world.https[i], method);
    return n;
}

#define AUTH_OK                                                                                                        \
    "{\"ok\":true,\"url\":\"https://x.slack.com/"                                                                      \
    "\",\"team\":\"X\",\"user\":\"bot\",\"team_id\":\"T111\",\"user_id\":\"UBOT\","                                    \
    "\"bot_id\":\"BBOT\"}"
#define OPEN_OK "{\"ok\":true,\"url\":\"wss://wss.example.com/link/?ticket=1&app_id=2\"}"

/* ---- peers ------------------------------------------------------------------------------------------------------- */

HELPER void frame_from(peer *from, const char *text)
{
    NEED(!from->is_gone);
    rb_slack_ws_frame(world.slack, from->conn, rb_str_of(text), world.now);
}

HELPER int held_by_world(void)
{
    int n = 0;

    for (size_t i = world.first_held; i < world.n_peers; i++)
        n += !world.peers[i].is_gone;
    return n;
}

HELPER void come_up(peer *to)
{
    to->is_up = true;
    rb_slack_ws_up(world.slack, to->conn, world.now);
}

HELPER void say_hello(peer *from)
{
    char text[256];
    int num = world.num_connections >= 0 ? world.num_connections : held_by_world();

    if (!from->is_up)
        come_up(from);
    from->said_hello = true;
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"hello\",\"num_connections\":%d,\"debug_info\":{\"approximate_connection_time\":%u}}",
                   num, world.life_s);
    frame_from(from, text);
}

HELPER void say_disconnect(peer *from, const char *reason)
{
    char text[128];

    (void)snprintf(text, sizeof text, "{\"type\":\"disconnect\",\"reason\":\"%s\"}", reason);
    frame_from(from, text);
}

/* The peer closes, or its upgrade was refused. */
HELPER void hang_up(peer *from, int code, int http_status)
{
    from->is_gone = true;
    from->gone_ms = world.now.boot_ms;
    rb_slack_ws_closed(world.slack, from->conn, code, http_status, "told by the test", world.now);
}

static unsigned envelopes_made;

HELPER void send_command(peer *from)
{
    char text[512];

    envelopes_made++;
    (void)snprintf(
        text, sizeof text,
        "{\"envelope_id\":\"env-%u\",\"type\":\"slash_commands\",\"payload\":{\"team_id\":\"T111\",\"user_id\":\"U1\","
        "\"command\":\"/passcode\",\"text\":\"help\",\"trigger_id\":\"t.%u\"}}",
        envelopes_made, envelopes_made);
    frame_from(from, text);
}

HELPER void ack_latest(void)
{
    static const rb_ack plain = {.kind = RB_ACK_PLAIN};

    world.port.ack(world.port.self, delivered(world.n_deliveries - 1), &plain);
}

HELPER peer *latest(void)
{
    ck_assert_uint_gt(world.n_peers, 0);
    return &world.peers[world.n_peers - 1];
}

/* The n-th peer that was ever opened. */
HELPER peer *nth(size_t n)
{
    ck_assert_uint_lt(n, world.n_peers);
    return &world.peers[n];
}

/* ---- time -------------------------------------------------------------------------------------------------------- */

/* What well-meaning peers and Slack do by themselves. */
HELPER bool react(void)
{
    bool did = false;

    for (size_t i = world.first_held; i < world.n_peers; i++) {
        peer *one = &world.peers[i];
        if (one->is_gone || one->is_silent || !one->is_up)
            continue;
        if (one->pinged_ms > 0) {
            one->pinged_ms = 0;
            rb_slack_ws_pong(world.slack, one->conn, world.now);
            did = true;
        }
    }
    if (!world.is_open)
        return did;
    http_kept *auth = find_waiting("auth.test");
    http_kept *open = find_waiting("apps.connections.open");
    if (auth)
        reply_json(auth, AUTH_OK);
    if (open) {
        reply_json(open, OPEN_OK);
        say_hello(latest());
    }
    return did || auth || open;
}

HELPER void settle_world(void)
{
    while (react())
        ;
    world_count();
}

/* Lets time pass, from timer to timer, until boot_ms. */
HELPER void advance_to(int64_t boot_ms)
{
    settle_world();
    while (world.timer_ms <= boot_ms) {
        int64_t step_ms = world.timer_ms > world.now.boot_ms ? world.timer_ms - world.now.boot_ms : 0;
        world.now.boot_ms += step_ms;
        world.now.utc_ms += step_ms;
        world.timer_ms = INT64_MAX;
        rb_slack_timer(world.slack, world.now);
        settle_world();
    }
    world.now.utc_ms += boot_ms - world.now.boot_ms;
    world.now.boot_ms = boot_ms;
}

HELPER void advance(int64_t ms)
{
    advance_to(world.now.boot_ms + ms);
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

HELPER void *take(size_t n, size_t size)
{
    void *memory = calloc(n, size);

    ck_assert_ptr_nonnull(memory);
    return memory;
}

HELPER void make_session(uint32_t connections)
{
    static const rb_io io = {.http_start = io_http,
                             .ws_open = io_ws_open,
                             .ws_send = io_ws_send,
                             .ws_ping = io_ws_ping,
                             .ws_close = io_ws_close,
                             .ws_drop = io_ws_drop,
                             .timer_set = io_timer};
    const rb_chat_events events = {
        .on_delivery = on_delivery, .on_result = on_result, .on_ready = on_ready, .on_gap = on_gap};
    rb_slack_config config = {.api_url = API,
                              .app_token = world.app_token,
                              .bot_token = world.bot_token,
                              .connections = connections,
                              .command = "/passcode"};

    rb_errbuf errbuf = {.text = ""};
    rb_err err = rb_slack_new(&config, &io, (rb_clock){.now = clock_now}, (rb_random){.fill = random_fill}, &events,
                              &world.slack, &errbuf);
    ck_assert_msg(err == RB_OK, "%s", errbuf.text);
    world.port = rb_slack_port(world.slack);
}

HELPER void world_init(void)
{
    memset(&world, 0, sizeof world);
    rb_log_set_level((rb_log_level)-1); /* faults are meant here */
    world.peers = take(PEERS_MAX, sizeof *world.peers);
    world.https = take(HTTP_MAX, sizeof *world.https);
    world.deliveries = take(DELIVERIES_KEPT, sizeof *world.deliveries);
    world.results = take(KEPT_MAX, sizeof *world.results);
    world.now = (rb_now){.utc_ms = 1772460130000, .boot_ms = 1000000};
    world.timer_ms = INT64_MAX;
    world.seed = 1;
    world.life_s = 18060;
    world.num_connections = -1;
    world.app_token = rb_secret_new(RB_STR("xapp-1-A1-test"));
    world.bot_token = rb_secret_new(RB_STR("xoxb-test"));
}

HELPER void world_fini(void)
{
    rb_slack_free(world.slack);
    rb_secret_free(world.app_token);
    rb_secret_free(world.bot_token);
    free(world.peers);
    free(world.https);
    free(world.deliveries);
    free(world.results);
}

/* A session whose sockets are all live. */
HELPER void given_live(uint32_t connections)
{
    make_session(connections);
    world.is_open = true;
    rb_slack_start(world.slack, world.now);
    advance(5000);
    ck_assert_uint_eq(rb_slack_status_of(world.slack).live, connections);
}

/* A live session whose replacement attempts go unanswered until the test answers them. */
HELPER void given_manual(uint32_t connections)
{
    given_live(connections);
    advance(100000);
    world.is_open = false;
}

HELPER rb_slack_status status(void)
{
    return rb_slack_status_of(world.slack);
}

/* ---- suites ------------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    void (*add)(TCase *tcase);
} suite_part;

/* Each test in a world of its own, made by set_up. The exit code of the program. */
HELPER int run_suite_with(const char *name, const suite_part *parts, size_t n, void (*set_up)(void))
{
    Suite *suite = suite_create(name);

    for (size_t i = 0; i < n; i++) {
        TCase *tcase = tcase_create(parts[i].name);
        tcase_set_timeout(tcase, 60);
        tcase_add_checked_fixture(tcase, set_up, world_fini);
        parts[i].add(tcase);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

HELPER int run_suite(const char *name, const suite_part *parts, size_t n)
{
    return run_suite_with(name, parts, n, world_init);
}

#endif
