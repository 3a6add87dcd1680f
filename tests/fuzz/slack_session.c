/* slack_session.c - fuzz target: the bytes are a world. Each tells the session that something happened: time passed, a socket
 * came up, said hello or goodbye, brought a command, went away; a request was answered. Whatever the order: nothing is sent
 * on a socket that is not open, no more than ten are held, one at a time is opened, every call is answered at most once. */
#include <stdlib.h>
#include <string.h>

#include "chat/slack_session.h"
#include "resetbot/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define SOCKETS_MAX 10
#define REQUESTS_MAX 64
#define CALLS_MAX 64

typedef struct {
    uint64_t conn; /* 0: free */
    bool is_up;
    bool said_hello;
    bool is_closing;
} socket_seen;

static struct {
    rb_slack *slack;
    rb_chat_port port;
    rb_now now;
    int64_t timer_ms;
    uint64_t last_conn;
    socket_seen sockets[SOCKETS_MAX];
    uint64_t requests[REQUESTS_MAX]; /* tags */
    size_t n_requests;
    bool are_open[CALLS_MAX]; /* by the caller's tag */
    unsigned n_calls;
    unsigned n_envelopes;
    uint32_t seed;
} world;

static void need(bool holds)
{
    if (!holds)
        abort();
}

static socket_seen *seen(uint64_t conn)
{
    for (size_t i = 0; i < SOCKETS_MAX; i++)
        if (world.sockets[i].conn == conn)
            return &world.sockets[i];
    return NULL;
}

/* ---- what the session asks for ------------------------------------------------------------------------------------- */

static void http_start(void *self, uint64_t tag, const rb_http_request *request)
{
    (void)self;
    need(tag != 0 && request->n_headers > 0 && request->timeout_ms > 0);
    need(world.n_requests < REQUESTS_MAX);
    world.requests[world.n_requests++] = tag;
}

static void ws_open(void *self, uint64_t conn, const char *url)
{
    (void)self;
    need(strncmp(url, "wss://", 6) == 0 && conn > world.last_conn);
    world.last_conn = conn;
    for (size_t i = 0; i < SOCKETS_MAX; i++)
        need(world.sockets[i].conn == 0 || world.sockets[i].said_hello || world.sockets[i].is_closing);
    socket_seen *room = seen(0);
    need(room != NULL);
    *room = (socket_seen){.conn = conn};
}

static void ws_send(void *self, uint64_t conn, rb_str text)
{
    const socket_seen *to = seen(conn);

    (void)self;
    need(to && to->said_hello && !to->is_closing && text.len > 0);
}

static void ws_ping(void *self, uint64_t conn, rb_str payload)
{
    need(payload.len <= 125);
    ws_send(self, conn, payload);
}

static void ws_close(void *self, uint64_t conn, int code)
{
    socket_seen *to = seen(conn);

    (void)self;
    need(to && !to->is_closing && code >= 1000);
    to->is_closing = true;
}

static void ws_drop(void *self, uint64_t conn)
{
    socket_seen *to = seen(conn);

    (void)self;
    need(to != NULL);
    *to = (socket_seen){.conn = 0};
}

static void timer_set(void *self, int64_t boot_ms)
{
    (void)self;
    world.timer_ms = boot_ms;
}

static void on_delivery(void *self, const rb_delivery *delivery)
{
    static const rb_ack plain = {.kind = RB_ACK_PLAIN};

    (void)self;
    if (world.seed++ % 3 != 0)
        world.port.ack(world.port.self, delivery, &plain);
}

static void on_result(void *self, uint64_t tag, const rb_chat_result *result)
{
    (void)self;
    (void)result;
    need(tag < CALLS_MAX && world.are_open[tag]);
    world.are_open[tag] = false;
}

static void on_ready(void *self, const char *team, const char *bot_user)
{
    (void)self;
    need(team[0] != '\0' && bot_user[0] != '\0');
}

static rb_now now(void *self)
{
    (void)self;
    return world.now;
}

static void fill(void *self, void *out_bytes, size_t len)
{
    (void)self;
    for (size_t i = 0; i < len; i++) {
        world.seed = world.seed * 1664525u + 1013904223u;
        ((uint8_t *)out_bytes)[i] = (uint8_t)(world.seed >> 24);
    }
}

/* ---- what happens -------------------------------------------------------------------------------------------------- */

static void pass_time(unsigned by)
{
    static const int64_t steps_ms[] = {1, 100, 999, 2000, 5000, 13000, 60000, 3600000};
    int64_t step_ms = steps_ms[by % 8];

    if (by >= 8 && world.timer_ms != INT64_MAX)
        step_ms = world.timer_ms > world.now.boot_ms ? world.timer_ms - world.now.boot_ms : 0;
    world.now.boot_ms += step_ms;
    world.now.utc_ms += step_ms;
    rb_slack_timer(world.slack, world.now);
}

#define COMMAND                                                                                                        \
    "{\"envelope_id\":\"e\",\"type\":\"slash_commands\",\"payload\":{\"team_id\":\"T1\",\"user_id\":\"U1\","           \
    "\"command\":\"/p\"}}"

static void bring_frame(socket_seen *from, unsigned what)
{
    static const char *const frames[] = {
        "{\"type\":\"disconnect\",\"reason\":\"warning\"}",
        "{\"type\":\"disconnect\",\"reason\":\"refresh_requested\"}",
        "{\"type\":\"disconnect\",\"reason\":\"link_disabled\"}",
        "{\"type\":\"disconnect\",\"reason\":\"too_many_websockets\",\"num_connections\":11}",
        (COMMAND),
        "{\"envelope_id\":\"e\",\"type\":\"events_api\",\"payload\":{}}",
        "garbage",
    };

    rb_slack_ws_frame(world.slack, from->conn, rb_str_of(frames[what % 7]), world.now);
}

static void stir_socket(socket_seen *one, unsigned what)
{
    uint64_t conn = one->conn;

    if (conn == 0)
        return;
    if (!one->is_up && what < 12) {
        one->is_up = true;
        rb_slack_ws_up(world.slack, conn, world.now);
    } else if (what >= 12) {
        *one = (socket_seen){.conn = 0};
        rb_slack_ws_closed(world.slack, conn, 1006, what == 13 ? 408 : 0, "gone", world.now);
    } else if (what >= 9) {
        one->said_hello = true;
        rb_slack_ws_frame(
            world.slack, conn,
            RB_STR("{\"type\":\"hello\",\"num_connections\":1,\"debug_info\":{\"approximate_connection_time\":360}}"),
            world.now);
    } else if (what >= 7) {
        rb_slack_ws_pong(world.slack, conn, world.now);
    } else {
        bring_frame(one, what);
    }
}

#define GOOD "{\"ok\":true,\"team_id\":\"T1\",\"user_id\":\"U0\",\"url\":\"wss://h/l\","

static void answer_request(unsigned what)
{
    static const char *const bodies[] = {
        GOOD "\"members\":[\"U1\"],\"response_metadata\":{\"next_cursor\":\"c\"}}",
        GOOD "\"members\":[\"U1\"]}",
        GOOD "\"members\":[]}",
        "{\"ok\":false,\"error\":\"invalid_auth\"}",
        "{\"ok\":false,\"error\":\"internal_error\"}",
        "",
    };
    rb_http_reply reply = {.status = what == 7 ? 429 : 200, .body = rb_str_of(bodies[what % 6]), .error = ""};

    if (world.n_requests == 0)
        return;
    if (what == 6)
        reply = (rb_http_reply){.err = RB_E_IO, .never_left = true, .error = "no route"};
    size_t index = what % world.n_requests;
    uint64_t tag = world.requests[index];
    world.requests[index] = world.requests[--world.n_requests];
    rb_slack_http_done(world.slack, tag, &reply, world.now);
    rb_slack_http_done(world.slack, tag, &reply, world.now); /* a second answer is nobody's */
}

static void make_call(unsigned what)
{
    rb_chat_call call = {.kind = what % 2 ? RB_CHAT_MEMBERS : RB_CHAT_POST,
                         .channel = "C1",
                         .payload = what > 8 ? RB_STR("{}") : RB_STR("{\"text\":\"x\"}")};

    if (world.n_calls == CALLS_MAX || world.n_requests > REQUESTS_MAX - 4)
        return;
    world.are_open[world.n_calls] = true;
    world.port.call(world.port.self, world.n_calls++, &call);
}

static void stir(uint8_t byte)
{
    unsigned who = byte >> 4;
    unsigned what = byte & 15;

    if (who < SOCKETS_MAX)
        stir_socket(&world.sockets[who], what);
    else if (who < 13)
        pass_time(what);
    else if (who < 15)
        answer_request(what & 7);
    else if (what == 15)
        rb_slack_stop(world.slack, world.now);
    else
        make_call(what);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const rb_io io = {.http_start = http_start,
                             .ws_open = ws_open,
                             .ws_send = ws_send,
                             .ws_ping = ws_ping,
                             .ws_close = ws_close,
                             .ws_drop = ws_drop,
                             .timer_set = timer_set};
    const rb_chat_events events = {.on_delivery = on_delivery, .on_result = on_result, .on_ready = on_ready};
    rb_secret *app = rb_secret_new(RB_STR("xapp-1"));
    rb_secret *bot = rb_secret_new(RB_STR("xoxb-1"));
    rb_slack_config config = {.api_url = "https://h/api/",
                              .app_token = app,
                              .bot_token = bot,
                              .connections = len > 0 ? 1 + bytes[0] % 8u : 1};

    rb_log_set_level((rb_log_level)-1); /* faults are meant here */
    memset(&world, 0, sizeof world);
    world.now = (rb_now){.utc_ms = 1772460130000, .boot_ms = 1000};
    world.timer_ms = INT64_MAX;
    need(rb_slack_new(&config, &io, (rb_clock){.now = now}, (rb_random){.fill = fill}, &events, &world.slack, NULL) ==
         RB_OK);
    world.port = rb_slack_port(world.slack);
    rb_slack_start(world.slack, world.now);
    for (size_t i = 1; i < len; i++) {
        stir(bytes[i]);
        rb_slack_status status = rb_slack_status_of(world.slack);
        need(status.live <= SOCKETS_MAX && status.opening <= 1);
    }
    rb_slack_free(world.slack);
    rb_secret_free(app);
    rb_secret_free(bot);
    return 0;
}
