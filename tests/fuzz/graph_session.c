/* graph_session.c - fuzz target: a world that answers the Graph session as the input says, in any order and at any time.
 *
 * Each step is two bytes, what happens and its size; replies take their body from the input. However it goes: no RESET is
 * POSTed twice (R2), no address but the six is asked (S5), and in the end every call was answered once. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "device/graph_session.h"
#include "resetbot/log.h"

#define GRAPH "http://127.0.0.1:1"
#define TENANT "11111111-1111-4111-8111-111111111111"
#define ID "d0000001-0000-4000-8000-000000000001"
#define UNDER_WAY_MAX 64
#define CALLS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct {
    uint64_t tags[UNDER_WAY_MAX];
    size_t n_under_way;
    unsigned answered[CALLS_MAX];
    unsigned posted[CALLS_MAX];
    uint64_t n_calls;
    int64_t timer_ms;
    rb_now now;
    uint8_t counter;
} world;

/* ---- the world -------------------------------------------------------------------------------------------------- */

static bool is_allowed(const rb_http_request *request)
{
    rb_str url = rb_str_of(request->url);

    if (strcmp(request->method, "POST") == 0)
        return rb_str_equal(url, RB_STR(GRAPH "/v1.0/deviceManagement/managedDevices/" ID "/resetPasscode")) ||
               rb_str_equal(url, RB_STR(GRAPH "/" TENANT "/oauth2/v2.0/token"));
    return rb_str_starts_nocase(url, RB_STR(GRAPH "/v1.0/deviceManagement/managedDevices")) ||
           rb_str_starts(url, RB_STR(GRAPH "/v1.0/users/")) ||
           rb_str_starts(url, RB_STR(GRAPH "/v1.0/users?$search=%22")) ||
           rb_str_starts(url, RB_STR(GRAPH "/beta/deviceManagement/managedDevices/" ID "?"));
}

/* A RESET's client-request-id carries the number of its call. */
static void count_post(const rb_http_request *request)
{
    assert(request->once);
    for (size_t i = 0; i < request->n_headers; i++) {
        unsigned long long call = 0;
        if (strcmp(request->headers[i].name, "client-request-id") != 0)
            continue;
        rb_err err = rb_str_to_uint((rb_str){request->headers[i].value + 24, 12}, CALLS_MAX - 1, &call);
        assert(err == RB_OK);
        world.posted[call]++;
        assert(world.posted[call] == 1);
    }
}

static void http_start(void *self, uint64_t tag, const rb_http_request *request)
{
    (void)self;
    assert(is_allowed(request));
    if (strstr(request->url, "/resetPasscode"))
        count_post(request);
    assert(world.n_under_way < UNDER_WAY_MAX);
    world.tags[world.n_under_way++] = tag;
}

static void timer_set(void *self, int64_t boot_ms)
{
    (void)self;
    world.timer_ms = boot_ms;
}

static rb_now now(void *self)
{
    (void)self;
    return world.now;
}

static void fill(void *self, void *out_bytes, size_t len)
{
    (void)self;
    memset(out_bytes, world.counter++, len);
}

static void on_result(void *self, uint64_t tag, rb_device_result *result)
{
    (void)self;
    assert(tag > 0 && tag <= world.n_calls);
    world.answered[tag - 1]++;
    assert(world.answered[tag - 1] == 1);
    for (size_t i = 0; i < result->n_devices; i++)
        assert(result->devices[i].id[0] != '\0');
    for (size_t i = 0; i < result->n_people; i++)
        assert(result->people[i].id[0] != '\0');
    rb_secret_free(result->code);
}

/* ---- what happens ----------------------------------------------------------------------------------------------- */

static void ask(rb_device_port port, uint8_t what)
{
    const rb_action_key key = {"resetPasscode", "2026-01-15T10:00:00Z"};
    char request_id[RB_GUID_CAP] = "c0000000-0000-4000-8000-000000000000";

    if (world.n_calls == CALLS_MAX)
        return;
    uint64_t number = world.n_calls++;
    request_id[35] = (char)('0' + number % 10);
    request_id[34] = (char)('0' + number / 10);
    rb_device_call call = {.kind = (rb_device_call_kind)(what % (RB_DEVICE_FIND_PEOPLE + 1)),
                           .text = what & 0x80 ? ID : "a@b.c",
                           .id = ID,
                           .client_request_id = request_id,
                           .key = &key};
    port.call(port.self, number + 1, &call);
}

static void answer(rb_graph *graph, uint8_t what, rb_str body)
{
    static const int statuses[] = {200, 200, 200, 204, 401, 403, 404, 429, 500, 409, 400, 302, 202};
    rb_http_reply reply = {.body = body, .error = "broken"};

    if (world.n_under_way == 0)
        return;
    if (what >= 240)
        reply.err = RB_E_IO;
    else
        reply.status = statuses[what % (sizeof statuses / sizeof *statuses)];
    reply.never_left = what >= 250;
    rb_copy_fit(reply.retry_after, sizeof reply.retry_after, what % 3 == 0 ? "2" : "");
    size_t at = what % world.n_under_way;
    uint64_t tag = world.tags[at];
    world.tags[at] = world.tags[--world.n_under_way];
    rb_graph_http_done(graph, tag, &reply, world.now);
}

static void pass(rb_graph *graph, int64_t ms)
{
    int64_t end_ms = world.now.boot_ms + ms;

    for (int fired = 0; world.timer_ms <= end_ms; fired++) {
        assert(fired < 10000);
        world.now.boot_ms = world.timer_ms > world.now.boot_ms ? world.timer_ms : world.now.boot_ms;
        world.timer_ms = INT64_MAX;
        rb_graph_timer(graph, world.now);
    }
    world.now.boot_ms = end_ms;
}

static void give_token(rb_graph *graph)
{
    answer(graph, 0, RB_STR("{\"access_token\":\"T\",\"expires_in\":3599}"));
}

static void play(rb_graph *graph, const uint8_t *data, size_t len)
{
    rb_device_port port = rb_graph_port(graph);

    while (len >= 2) {
        uint8_t what = data[0];
        uint8_t size = data[1];
        data += 2;
        len -= 2;
        if (what % 4 == 0)
            ask(port, size);
        else if (what % 4 == 1)
            pass(graph, (int64_t)size * 100);
        else if (what % 4 == 2)
            give_token(graph);
        else {
            size_t body_len = (size_t)size * 4 < len ? (size_t)size * 4 : len;
            answer(graph, what, (rb_str){(const char *)data, body_len});
            data += body_len;
            len -= body_len;
        }
    }
}

/* The world falls silent: every request fails, and time goes on. */
static void end(rb_graph *graph)
{
    for (int turn = 0; turn < 200; turn++) {
        while (world.n_under_way > 0)
            answer(graph, 240, RB_STR(""));
        pass(graph, 2000);
    }
    for (uint64_t i = 0; i < world.n_calls; i++)
        assert(world.answered[i] == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    rb_secret *secret = rb_secret_new(RB_STR("s"));
    rb_graph *graph = NULL;
    rb_graph_config config = {.login_url = GRAPH,
                              .graph_url = GRAPH,
                              .tenant = TENANT,
                              .client_id = TENANT,
                              .credential = {.kind = RB_ENTRA_CLIENT_SECRET, .secret = secret}};
    rb_io io = {.http_start = http_start, .timer_set = timer_set};
    rb_device_events events = {.on_result = on_result};

    rb_log_set_level((rb_log_level)-1); /* every surprise would be a line */
    memset(&world, 0, sizeof world);
    world.timer_ms = INT64_MAX;
    world.now.boot_ms = 1000;
    rb_err err = rb_graph_new(&config, &io, (rb_clock){.now = now}, (rb_random){.fill = fill}, &events, &graph, NULL);
    assert(err == RB_OK);
    play(graph, data, len);
    end(graph);
    rb_graph_free(graph);
    rb_secret_free(secret);
    return 0;
}
