/* net_io_test.c - timing: what a session sees of the network through rb_io, and the clock of the test programs. */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>

#include "bench_loop.h"
#include "net/net_io.h"
#include "net/test_clock.h"
#include "ws_peer.h"

/* ---- a session that writes down what it is told --------------------------------------------------------------------- */

typedef struct {
    bench_loop bench;
    rb_net *net;
    rb_net_io *net_io;
    rb_io io;
    char log[256]; /* one letter an event: u f p c h t */
    int n;
    char last_text[128];
    uint64_t last_id;
    rb_now last_now;
    char stop_on;
} session;

static void note(session *self, char what, uint64_t id, rb_str text, rb_now now)
{
    self->log[self->n++] = what;
    self->last_id = id;
    self->last_now = now;
    (void)snprintf(self->last_text, sizeof self->last_text, "%.*s", (int)text.len, text.len == 0 ? "" : text.ptr);
    if (what == self->stop_on)
        rb_loop_stop(self->bench.loop);
}

static void ws_up(void *self, uint64_t conn, rb_now now)
{
    note(self, 'u', conn, RB_STR(""), now);
}

static void ws_frame(void *self, uint64_t conn, rb_str text, rb_now now)
{
    note(self, 'f', conn, text, now);
}

static void ws_pong(void *self, uint64_t conn, rb_str payload, rb_now now)
{
    note(self, 'p', conn, payload, now);
}

static void ws_closed(void *self, uint64_t conn, const rb_ws_end *end, rb_now now)
{
    note(self, 'c', conn, rb_str_of(end->reason), now);
}

static void http_done(void *self, uint64_t tag, const rb_http_reply *reply, rb_now now)
{
    note(self, 'h', tag, reply->body, now);
}

static void timer(void *self, rb_now now)
{
    note(self, 't', 0, RB_STR(""), now);
}

static const rb_net_calls calls = {ws_up, ws_frame, ws_pong, ws_closed, http_done, timer};

static void session_open(session *self, rb_clock clock)
{
    rb_errbuf errbuf = {0};
    rb_net_config config = {.loopback_only = true};
    bench_open(&self->bench, clock);
    ck_assert_msg(rb_net_new(self->bench.loop, &config, NULL, &self->net, &errbuf) == RB_OK, "%s", errbuf.text);
    ck_assert_int_eq(rb_net_io_new(self->net, &calls, self, &self->net_io), RB_OK);
    self->io = rb_net_io_table(self->net_io);
}

static void session_close(session *self)
{
    rb_net_io_free(self->net_io);
    rb_net_free(self->net);
    bench_close(&self->bench);
}

static void run_until(session *self, char what)
{
    self->stop_on = what;
    run_until_stopped(&self->bench);
}

static void echo(peer *self, int fd, int nth)
{
    ws_in in;
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    while (ws_read(fd, &in) && in.opcode != WS_CLOSE)
        (void)ws_write(fd, WS_FIN | (in.opcode == WS_PING ? WS_PONG : in.opcode), in.payload, in.len);
    if (in.opcode == WS_CLOSE)
        (void)ws_write(fd, WS_FIN | WS_CLOSE, in.payload, in.len);
}

static void answer(peer *self, int fd, int nth)
{
    (void)nth;
    while (peer_take_request(self, fd))
        (void)peer_write_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

START_TEST(a_session_speaks_websocket_and_http_and_is_told_with_the_time)
{
    peer *sockets = peer_start(echo, NULL), *server = peer_start(answer, NULL);
    session self = {0};
    rb_now test_now = {.utc_ms = 5000, .boot_ms = 7000};
    session_open(&self, (rb_clock){.self = &test_now, .now = still_now});
    char url[64];
    (void)snprintf(url, sizeof url, "ws://localhost:%d/", sockets->port);

    self.io.ws_open(self.io.self, 3, url);
    ck_assert_int_eq(self.n, 0);
    run_until(&self, 'u');
    ck_assert_int_eq(self.last_now.boot_ms, 7000);
    self.io.ws_send(self.io.self, 3, RB_STR("hello"));
    run_until(&self, 'f');
    ck_assert_str_eq(self.last_text, "hello");
    self.io.ws_ping(self.io.self, 3, RB_STR("p1"));
    run_until(&self, 'p');
    ck_assert_str_eq(self.last_text, "p1");
    self.io.ws_close(self.io.self, 3, 1000);
    run_until(&self, 'c');
    ck_assert_uint_eq(self.last_id, 3);
    (void)snprintf(url, sizeof url, "http://localhost:%d/", server->port);
    rb_http_request request = {.method = "GET", .url = url, .timeout_ms = 2000, .reply_max = 100};
    self.io.http_start(self.io.self, 9, &request);
    run_until(&self, 'h');
    ck_assert_uint_eq(self.last_id, 9);
    ck_assert_str_eq(self.last_text, "ok");

    ck_assert_str_eq(self.log, "ufpch");
    session_close(&self);
    peer_stop(sockets);
    peer_stop(server);
}
END_TEST

START_TEST(the_timer_of_a_session_moves_and_follows_the_clock_it_is_given)
{
    session self = {0};
    rb_now test_now = {.utc_ms = 0, .boot_ms = 1000};
    session_open(&self, (rb_clock){.self = &test_now, .now = still_now});
    self.io.timer_set(self.io.self, 1000 + RB_DAY_MS);
    self.io.timer_set(self.io.self, 1000 + RB_HOUR_MS);
    run_for(&self.bench, 30);
    ck_assert_int_eq(self.n, 0);

    test_now.boot_ms += RB_HOUR_MS;
    rb_loop_clock_changed(self.bench.loop);
    run_until(&self, 't');
    run_for(&self.bench, 30);

    ck_assert_str_eq(self.log, "t");
    session_close(&self);
}
END_TEST

START_TEST(two_sessions_may_use_the_same_numbers)
{
    peer *sockets = peer_start(echo, NULL);
    session self = {0}, other = {0};
    session_open(&self, rb_clock_system());
    other.bench = self.bench;
    ck_assert_int_eq(rb_net_io_new(self.net, &calls, &other, &other.net_io), RB_OK);
    other.io = rb_net_io_table(other.net_io);
    char url[64];
    (void)snprintf(url, sizeof url, "ws://127.0.0.1:%d/", sockets->port);
    self.io.ws_open(self.io.self, 1, url);
    run_until(&self, 'u');
    other.stop_on = 'u';
    other.io.ws_open(other.io.self, 1, url);
    run_until_stopped(&self.bench);

    other.stop_on = 'f';
    other.io.ws_send(other.io.self, 1, RB_STR("to the other"));
    run_until_stopped(&self.bench);

    ck_assert_str_eq(self.log, "u");
    ck_assert_str_eq(other.log, "uf");
    rb_net_io_free(other.net_io);
    session_close(&self);
    peer_stop(sockets);
}
END_TEST

START_TEST(a_session_that_ends_hears_nothing_more)
{
    peer *sockets = peer_start(echo, NULL), *server = peer_start(answer, NULL);
    session self = {0};
    session_open(&self, rb_clock_system());
    char url[64];
    (void)snprintf(url, sizeof url, "ws://127.0.0.1:%d/", sockets->port);
    self.io.ws_open(self.io.self, 1, url);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/", server->port);
    rb_http_request request = {.method = "GET", .url = url, .timeout_ms = 2000, .reply_max = 100};
    self.io.http_start(self.io.self, 1, &request);
    self.io.timer_set(self.io.self, rb_loop_now(self.bench.loop).boot_ms + 20);

    rb_net_io_free(self.net_io);
    self.net_io = NULL;
    run_for(&self.bench, 150);

    ck_assert_int_eq(self.n, 0);
    session_close(&self);
    peer_stop(sockets);
    peer_stop(server);
}
END_TEST

/* ---- the test clock ---------------------------------------------------------------------------------------------------- */

/* The sandbox: broken at first, then offset 0, then an hour, asked for as the bot asks. */
static void tell_time(peer *self, int fd, int nth)
{
    (void)nth;
    while (peer_take_request(self, fd)) {
        static const char *const bodies[] = {"{}", "{\"utc_ms\":1,\"offset_ms\":0}",
                                             "{\"utc_ms\":1, \"offset_ms\": 3600000}"};
        int n = self->n_requests - 1;
        char reply[256];
        if (n > 2) {
            peer_stay_silent(fd);
            return;
        }
        const char *wanted = n < 2 ? "GET /_sandbox/clock HTTP" : "GET /_sandbox/clock?offset_not=0&wait_ms=";
        ck_assert_msg(strncmp(self->last_request, wanted, strlen(wanted)) == 0, "%s", self->last_request);
        (void)snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(bodies[n]),
                       bodies[n]);
        peer_sleep_ms(n == 2 ? 100 : 0);
        (void)peer_write_text(fd, reply);
    }
}

static int n_first;

static void on_first(void *arg)
{
    session *self = arg;
    n_first++;
    self->io.timer_set(self->io.self, rb_loop_now(self->bench.loop).boot_ms + 50 * RB_MINUTE_MS);
}

START_TEST(the_test_clock_follows_the_sandbox_and_fires_what_became_due)
{
    peer *sandbox = peer_start(tell_time, NULL);
    rb_test_clock *clock = rb_test_clock_new();
    session self = {0};
    session_open(&self, rb_test_clock_port(clock));
    rb_now before = rb_loop_now(self.bench.loop);
    char url[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/_sandbox/clock", sandbox->port);

    rb_test_clock_follow(clock, self.bench.loop, rb_net_http(self.net), url, on_first, &self);
    ck_assert_int_eq(n_first, 0);
    run_until(&self, 't');

    ck_assert_int_eq(n_first, 1);
    ck_assert_int_ge(self.last_now.boot_ms, before.boot_ms + RB_HOUR_MS);
    ck_assert_int_lt(self.last_now.boot_ms, before.boot_ms + RB_HOUR_MS + 5000);
    ck_assert_int_ge(self.last_now.utc_ms, before.utc_ms + RB_HOUR_MS);
    rb_net_io_free(self.net_io);
    rb_net_free(self.net);
    bench_close(&self.bench);
    rb_test_clock_free(clock);
    peer_stop(sandbox);
}
END_TEST

START_TEST(an_offset_is_read_or_refused)
{
    static const struct {
        const char *body;
        rb_err err;
        int64_t offset_ms;
    } cases[] = {{"{\"utc_ms\":12,\"offset_ms\":34}", RB_OK, 34},
                 {"{ \"offset_ms\" : -7 , \"utc_ms\" : 1 }", RB_OK, -7},
                 {"{\"offset_ms\":0}", RB_OK, 0},
                 {"", RB_E_SYNTAX, 0},
                 {"{\"utc_ms\":12}", RB_E_SYNTAX, 0},
                 {"{\"offset_ms\"", RB_E_SYNTAX, 0},
                 {"{\"offset_ms\":", RB_E_SYNTAX, 0},
                 {"{\"offset_ms\":-", RB_E_SYNTAX, 0},
                 {"{\"offset_ms\":\"1\"}", RB_E_SYNTAX, 0},
                 {"{\"offset_ms\":99999999999999999999}", RB_E_LIMIT, 0},
                 {"{\"offset_ms\":34560000000}", RB_OK, 34560000000},
                 {"{\"offset_ms\":34560000001}", RB_E_LIMIT, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t offset_ms = 0;
        ck_assert_msg(rb_test_clock_parse(rb_str_of(cases[i].body), &offset_ms) == cases[i].err, "%s", cases[i].body);
        ck_assert_int_eq(offset_ms, cases[i].offset_ms);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("net_io");
    TCase *tcase = tcase_create("net_io");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, a_session_speaks_websocket_and_http_and_is_told_with_the_time);
    tcase_add_test(tcase, the_timer_of_a_session_moves_and_follows_the_clock_it_is_given);
    tcase_add_test(tcase, two_sessions_may_use_the_same_numbers);
    tcase_add_test(tcase, a_session_that_ends_hears_nothing_more);
    tcase_add_test(tcase, the_test_clock_follows_the_sandbox_and_fires_what_became_due);
    tcase_add_test(tcase, an_offset_is_read_or_refused);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
