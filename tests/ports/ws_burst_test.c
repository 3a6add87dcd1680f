/* timing: ws_burst_test.c - many frames at once on one websocket: they leave together, whole and in order. */
#include <check.h>
#include <stdlib.h>

#include "net/ws_queue.h"
#include "ws_client.h"

#define BURST 60
#define BIG_LEN 60000
#define N_BIG (RB_WS_QUEUE_MAX / BIG_LEN)

/* What the peer read; it begins when it may. */
typedef struct {
    atomic_bool may_read;
    atomic_int n;
    atomic_bool is_disordered;
    ws_in last;
} reading;

/* Each text begins with its number in four digits. */
static void read_in_order(peer *self, int fd, int nth)
{
    reading *seen = self->arg;
    (void)nth;
    if (!ws_accept(self, fd))
        return;
    while (!seen->may_read)
        peer_sleep_ms(5);
    while (ws_read(fd, &seen->last) && seen->last.opcode == WS_TEXT) {
        if (atoi((char[]){seen->last.payload[0], seen->last.payload[1], seen->last.payload[2], seen->last.payload[3],
                          '\0'}) != seen->n)
            seen->is_disordered = true;
        seen->n++;
    }
}

static void send_numbered(client *self, int number, size_t len)
{
    static char text[BIG_LEN];
    memset(text, 'x', len);
    text[0] = (char)('0' + number / 1000 % 10);
    text[1] = (char)('0' + number / 100 % 10);
    text[2] = (char)('0' + number / 10 % 10);
    text[3] = (char)('0' + number % 10);
    rb_ws_send(self->ws, self, 1, (rb_str){text, len});
}

static bool has_read(const reading *seen, int n, int limit_ms)
{
    for (int i = 0; i < limit_ms / 5 && seen->n < n; i++)
        peer_sleep_ms(5);
    return seen->n == n;
}

START_TEST(acks_that_wait_together_leave_together)
{
    static reading seen = {.may_read = true};
    peer *server = peer_start(read_in_order, &seen);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'u', 1);

    for (int i = 0; i < BURST; i++)
        send_numbered(&self, i, 100);
    for (int turn = 0; turn < 3; turn++)
        (void)bench_runs(&self.bench, 0);

    ck_assert_msg(has_read(&seen, BURST, 2000), "%d of %d frames left in three turns", seen.n, BURST);
    ck_assert(!seen.is_disordered);
    client_close(&self);
    peer_stop(server);
}
END_TEST

START_TEST(a_peer_that_reads_late_gets_all_of_a_burst_in_order)
{
    static reading seen;
    peer *server = peer_start(read_in_order, &seen);
    client self = {0};
    client_open(&self);
    open_port(&self, 1, server->port);
    (void)await(&self, 'u', 1);

    int n_sent = 0;
    for (int round = 0; round < 8; round++) { /* more than the kernel takes at once, with what waits below the limit */
        for (int i = 0; i < N_BIG / 2; i++)
            send_numbered(&self, n_sent++, BIG_LEN);
        (void)bench_runs(&self.bench, 5);
        seen.may_read = round >= 1;
        (void)bench_runs(&self.bench, 200);
    }
    for (int i = 0; i < 100 && seen.n < n_sent; i++)
        (void)bench_runs(&self.bench, 20);

    ck_assert_int_eq(seen.n, n_sent);
    ck_assert(!seen.is_disordered);
    ck_assert_int_eq(self.n_events, 1);
    client_close(&self);
    peer_stop(server);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ws_burst");
    TCase *tcase = tcase_create("burst");
    tcase_set_timeout(tcase, 40);
    tcase_add_test(tcase, acks_that_wait_together_leave_together);
    tcase_add_test(tcase, a_peer_that_reads_late_gets_all_of_a_burst_in_order);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
