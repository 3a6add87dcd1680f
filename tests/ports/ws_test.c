/* ws_test.c - timing: websocket connections that are up: messages, pings, closes, drops. */
#include <check.h>
#include <stdlib.h>

#include "net/ws_queue.h"
#include "resetbot/limits.h"
#include "ws_client.h"

/* ---- what works ------------------------------------------------------------------------------------------ */

START_TEST(texts_and_pings_go_out_masked_and_come_back)
{
    static transcript seen;
    peer *server = peer_start(echo, &seen);
    client self = {.react = send_echo_and_ping};
    client_open(&self);
    open_port(&self, 7, server->port);

    (void)await(&self, 'f', 2);
    const event *pong = await(&self, 'p', 1);

    ck_assert_str_eq(pong->text, "id:17");
    ck_assert_uint_eq(pong->conn, 7);
    ck_assert_int_eq(self.events[0].what, 'u');
    ck_assert_str_eq(seen.kinds, "ptt"); /* the ping overtakes what waits */
    ck_assert(seen.was_masked);
    ck_assert_int_eq(strncmp(server->last_request, "GET /link/?ticket=t1 HTTP/1.1\r\n", 31), 0);
    char host[64];
    (void)snprintf(host, sizeof host, "\r\nHost: 127.0.0.1:%d\r\n", server->port);
    ck_assert_ptr_nonnull(strstr(server->last_request, host));
    ck_assert_ptr_null(strcasestr(server->last_request, "Sec-WebSocket-Extensions"));
    ck_assert_ptr_nonnull(strstr(server->last_request, "\r\nUser-Agent: resetbot/"));
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_close_of_ours_is_sent_once_and_the_answer_told)
{
    static transcript seen;
    peer *server = peer_start(echo, &seen);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'u', 1);

    rb_ws_send(self.ws, &self, 1, RB_STR("last words"));
    rb_ws_close(self.ws, &self, 1, 1000);
    const event *closed = await(&self, 'c', 1);
    rb_ws_send(self.ws, &self, 1, RB_STR("too late"));
    run_for(&self.bench, 100);

    ck_assert_int_eq(closed->code, 1000);
    ck_assert_str_eq(seen.kinds, "tc");
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* After our close frame two more messages are on their way before its own. */
static void talk_after_close(peer *self, int fd, int nth)
{
    ws_in in;
    (void)nth;
    if (!ws_accept(self, fd) || !ws_read(fd, &in))
        return;
    ck_assert_int_eq(in.opcode, WS_CLOSE);
    (void)ws_write_text(fd, "late one");
    peer_sleep_ms(100);
    (void)ws_write_text(fd, "late two");
    (void)ws_write_close(fd, 1000, "");
    self->n_requests = ws_read(fd, &in) ? 99 : 1; /* nothing may follow our close frame */
}

START_TEST(what_the_peer_sends_after_our_close_is_still_heard)
{
    peer *server = peer_start(talk_after_close, NULL);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'u', 1);
    rb_ws_close(self.ws, &self, 1, 1000);

    (void)await(&self, 'c', 1);

    ck_assert_int_eq(self.n_events, 4);
    ck_assert_str_eq(self.events[1].text, "late one");
    ck_assert_str_eq(self.events[2].text, "late two");
    peer_sleep_ms(50);
    ck_assert_int_eq(server->n_requests, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

static void close_with_words(peer *self, int fd, int nth)
{
    ws_in in;
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    (void)ws_write_close(fd, 4001, "go away");
    self->n_requests = ws_read(fd, &in) && in.opcode == WS_CLOSE ? 1 : 99;
}

START_TEST(a_close_of_the_peer_is_answered_and_told_with_its_words)
{
    peer *server = peer_start(close_with_words, NULL);
    client self = {0};
    client_open(&self);

    const event *closed = await_closed(&self, server->port);

    ck_assert_int_eq(closed->code, 4001);
    ck_assert_str_eq(closed->text, "closed by 127.0.0.1: go away");
    peer_sleep_ms(50);
    ck_assert_int_eq(server->n_requests, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* ---- messages in pieces ---------------------------------------------------------------------------------- */

static void write_in_pieces(peer *self, int fd, int nth)
{
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    (void)ws_write(fd, WS_TEXT, "frag", 4);
    (void)ws_write(fd, WS_FIN | WS_PING, "between", 7);
    (void)ws_write(fd, WS_CONT, "", 0);
    (void)ws_write(fd, WS_CONT, "men", 3);
    (void)ws_write(fd, WS_FIN | WS_CONT, "ted", 3);
    (void)ws_write(fd, WS_FIN | WS_BINARY, "binary", 6);
    (void)ws_write(fd, WS_BINARY, "bin", 3);
    (void)ws_write(fd, WS_FIN | WS_CONT, "ary", 3);
    const char bytes[] = "\x81\x05"
                         "hello"
                         "\x81\x00"
                         "\x81\x02"
                         "ok";
    for (size_t i = 0; i + 1 < sizeof bytes; i++) {
        (void)peer_write(fd, bytes + i, 1);
        peer_sleep_ms(5);
    }
    ws_in in;
    self->n_requests = ws_read(fd, &in) && in.opcode == WS_PONG && strcmp(in.payload, "between") == 0 ? 1 : 99;
    peer_stay_silent(fd);
}

START_TEST(fragments_become_whole_messages_and_binary_ones_are_ignored)
{
    peer *server = peer_start(write_in_pieces, NULL);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);

    (void)await(&self, 'f', 4);

    ck_assert_str_eq(self.events[1].text, "fragmented");
    ck_assert_str_eq(self.events[2].text, "hello");
    ck_assert_uint_eq(self.events[3].len, 0);
    ck_assert_str_eq(self.events[4].text, "ok");
    peer_sleep_ms(20);
    ck_assert_int_eq(server->n_requests, 1); /* its ping was answered */
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* arg: how many bytes over RB_FRAME_MAX; each message once in one frame and once in fragments of 100,000. */
static void write_long(peer *self, int fd, int nth)
{
    size_t len = RB_FRAME_MAX + (size_t)(intptr_t)self->arg;
    char *text = malloc(len);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + i % 23);
    if (ws_accept(self, fd)) {
        if (nth == 0)
            (void)ws_write(fd, WS_FIN | WS_TEXT, text, len);
        for (size_t at = 0; nth == 1 && at < len; at += 100000) {
            size_t n = len - at < 100000 ? len - at : 100000;
            (void)ws_write(fd, (at == 0 ? WS_TEXT : WS_CONT) | (at + n == len ? WS_FIN : 0), text + at, n);
        }
        peer_stay_silent(fd);
    }
    free(text);
}

START_TEST(a_message_of_one_mebibyte_is_whole)
{
    peer *server = peer_start(write_long, NULL);
    client self = {0};
    client_open(&self);
    for (uint64_t conn = 1; conn <= 2; conn++) {
        open_port(&self, conn, server->port);

        const event *frame = await(&self, 'f', (int)conn);

        ck_assert_uint_eq(frame->len, RB_FRAME_MAX);
        for (size_t i = 0; i < frame->len; i += 997)
            ck_assert_int_eq(self.long_text[i], (char)('a' + i % 23));
    }
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_message_one_byte_longer_ends_the_connection_and_says_so)
{
    peer *server = peer_start(write_long, (void *)(intptr_t)1);
    client self = {0};
    client_open(&self);
    for (uint64_t conn = 1; conn <= 2; conn++) {
        open_port(&self, conn, server->port);

        const event *closed = await(&self, 'c', (int)conn);

        ck_assert_str_eq(closed->text, "127.0.0.1 sent a message longer than 1048576 bytes");
    }
    for (int i = 0; i < self.n_events; i++)
        ck_assert_int_ne(self.events[i].what, 'f');
    client_close(&self);
    peer_stop(server);
}
END_TEST

static void break_rules(peer *self, int fd, int nth)
{
    static const struct {
        const char *bytes;
        size_t len;
    } broken[] = {{"\xc1\x01x", 3},
                  {"\x83\x01x", 3},
                  {"\x80\x01x", 3},
                  {"\x89\x7e\x00\x80", 4},
                  {"\x01\x01x\x81\x01x", 6},
                  {"\x09\x01x", 3},
                  {"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10}};
    if (!ws_accept(self, fd))
        return;
    (void)peer_write(fd, broken[nth].bytes, broken[nth].len);
    peer_stay_silent(fd);
}

START_TEST(frames_that_break_the_protocol_end_the_connection)
{
    peer *server = peer_start(break_rules, NULL);
    client self = {0};
    client_open(&self);
    for (int nth = 0; nth < 7; nth++) {
        open_port(&self, (uint64_t)nth, server->port);
        (void)await(&self, 'c', nth + 1);
    }
    for (int i = 0; i < self.n_events; i++)
        ck_assert_int_ne(self.events[i].what, 'f');
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* ---- the queue ------------------------------------------------------------------------------------------- */

START_TEST(the_queue_holds_its_limit_and_not_one_byte_more)
{
    rb_ws_queue queue = {0};
    char *text = calloc(1, RB_WS_QUEUE_MAX);
    ck_assert_int_eq(rb_ws_queue_add(&queue, RB_WS_TEXT, (rb_str){text, RB_WS_QUEUE_MAX - 1}), RB_OK);
    ck_assert_int_eq(rb_ws_queue_add(&queue, RB_WS_TEXT, (rb_str){text, 2}), RB_E_LIMIT);
    ck_assert_int_eq(rb_ws_queue_add(&queue, RB_WS_TEXT, (rb_str){text, 1}), RB_OK);
    free(rb_ws_queue_take(&queue));
    ck_assert_int_eq(rb_ws_queue_add(&queue, RB_WS_TEXT, (rb_str){text, 2}), RB_OK);
    rb_ws_queue_fini(&queue);
    free(text);
}
END_TEST

/* ---- dropping and half-open peers ------------------------------------------------------------------------ */

static void drop_at_once(client *self, const event *told)
{
    if (told->what == 'f')
        rb_ws_drop(self->ws, self, told->conn);
}

static void greet_and_wait(peer *self, int fd, int nth)
{
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    (void)ws_write_text(fd, "hello");
    (void)ws_write_text(fd, "more");
    peer_stay_silent(fd);
    self->n_requests++; /* we saw the end of the connection */
}

START_TEST(a_connection_dropped_from_inside_its_own_callback_is_silent)
{
    peer *server = peer_start(greet_and_wait, NULL);
    client self = {.react = drop_at_once};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'f', 1);

    run_for(&self.bench, 200);

    ck_assert_int_eq(self.n_events, 2); /* up, one frame */
    ck_assert_int_eq(server->n_requests, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_connection_dropped_while_opening_is_silent)
{
    peer *server = peer_start(stay_silent, NULL);
    static client self = {.names_hang_ms = 50};
    client_open(&self);
    open_port(&self, 1, server->port);
    open_url(&self, 2, "wss://slow.test/");
    open_url(&self, 3, "nonsense");
    for (uint64_t conn = 1; conn <= 3; conn++)
        rb_ws_drop(self.ws, &self, conn);

    run_for(&self.bench, 200);

    ck_assert_int_eq(self.n_events, 0);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(an_owner_that_goes_takes_all_its_connections_along)
{
    peer *server = peer_start(greet_and_wait, NULL);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    open_port(&self, 2, server->port);
    (void)await(&self, 'f', 4);
    int before = self.n_events;

    rb_ws_forget(self.ws, &self);
    run_for(&self.bench, 200);

    ck_assert_int_eq(self.n_events, before);
    ck_assert_int_eq(server->n_requests, 2); /* both saw their end */
    client_close(&self);
    peer_stop(server);
}
END_TEST

static void accept_and_stop_reading(peer *self, int fd, int nth)
{
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    while (!self->is_stopping)
        peer_sleep_ms(10);
}

START_TEST(a_peer_that_stops_reading_ends_the_connection_at_the_limit_of_the_queue)
{
    static char text[60000];
    memset(text, 'x', sizeof text);
    peer *server = peer_start(accept_and_stop_reading, NULL);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'u', 1);

    for (int i = 0; i < 400 && self.n_events == 1; i++) {
        rb_ws_send(self.ws, &self, 1, (rb_str){text, sizeof text});
        if (i % 4 == 0)
            (void)bench_runs(&self.bench, 2);
    }
    const event *closed = await(&self, 'c', 1);

    ck_assert_str_eq(closed->text, "127.0.0.1 does not read: more than 1048576 bytes wait for it");
    client_close(&self);
    peer_stop(server);
}
END_TEST

/* A peer that is gone without a word answers no ping: nothing is told, and the session's own time-out drops it. */
START_TEST(a_half_open_peer_gives_no_pong_and_can_be_dropped)
{
    peer *server = peer_start(accept_and_stop_reading, NULL);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'u', 1);
    rb_ws_ping(self.ws, &self, 1, RB_STR("anybody?"));
    run_for(&self.bench, 100);

    rb_ws_drop(self.ws, &self, 1);
    run_for(&self.bench, 100);

    ck_assert_int_eq(self.n_events, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

static void hang_up_after_hello(peer *self, int fd, int nth)
{
    (void)nth;
    if (ws_accept(self, fd))
        (void)ws_write_text(fd, "hello");
}

START_TEST(a_connection_that_breaks_off_is_told_after_its_last_frame)
{
    peer *server = peer_start(hang_up_after_hello, NULL);
    client self = {0};
    client_open(&self);

    const event *closed = await_closed(&self, server->port);

    ck_assert_int_eq(self.events[1].what, 'f');
    ck_assert_int_eq(closed->code, 1006);
    ck_assert_str_eq(closed->text, "the connection to 127.0.0.1 broke off");
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(one_connection_too_many_is_refused_by_name)
{
    peer *server = peer_start(accept_and_stop_reading, NULL);
    client self = {0};
    client_open(&self);
    for (uint64_t conn = 0; conn <= RB_WS_CONNECTIONS_MAX; conn++)
        open_port(&self, conn, server->port);

    const event *closed = await(&self, 'c', 1);

    ck_assert_uint_eq(closed->conn, RB_WS_CONNECTIONS_MAX);
    ck_assert_str_eq(closed->text, "too many websockets at once");
    (void)await(&self, 'u', RB_WS_CONNECTIONS_MAX);
    client_close(&self);
    peer_stop(server);
}
END_TEST

static TCase *tests_of(const char *name, const TTest *const *tests, size_t n)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 40);
    for (size_t i = 0; i < n; i++)
        tcase_add_test(tcase, tests[i]);
    return tcase;
}

#define TESTS(name, array) tests_of((name), (array), sizeof(array) / sizeof(array)[0])

int main(void)
{
    const TTest *const works[] = {
        texts_and_pings_go_out_masked_and_come_back,
        a_close_of_ours_is_sent_once_and_the_answer_told,
        what_the_peer_sends_after_our_close_is_still_heard,
        a_close_of_the_peer_is_answered_and_told_with_its_words,
    };
    const TTest *const messages[] = {
        fragments_become_whole_messages_and_binary_ones_are_ignored,
        a_message_of_one_mebibyte_is_whole,
        a_message_one_byte_longer_ends_the_connection_and_says_so,
        frames_that_break_the_protocol_end_the_connection,
        the_queue_holds_its_limit_and_not_one_byte_more,
    };
    const TTest *const ending[] = {
        a_connection_dropped_from_inside_its_own_callback_is_silent,
        a_connection_dropped_while_opening_is_silent,
        an_owner_that_goes_takes_all_its_connections_along,
        a_peer_that_stops_reading_ends_the_connection_at_the_limit_of_the_queue,
        a_half_open_peer_gives_no_pong_and_can_be_dropped,
        a_connection_that_breaks_off_is_told_after_its_last_frame,
        one_connection_too_many_is_refused_by_name,
    };
    Suite *suite = suite_create("ws");
    suite_add_tcase(suite, TESTS("works", works));
    suite_add_tcase(suite, TESTS("messages", messages));
    suite_add_tcase(suite, TESTS("ending", ending));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
