/* store_kill_test.c - timing: a writer is killed at random moments; what it acknowledged is there, and nothing is torn.
 *
 * Each case n is three commits: its delivery is received; consumed with a request, two records and an outbox row; sent,
 * with an attempt and a third record. The writer says how far it came only after a commit is back. */
#include "support/store_kit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define KILLS 30
#define STEPS 3

static kit k;

/* ---- the writer ------------------------------------------------------------------------------------------------- */

static void must(const rb_change *change)
{
    if (change->result != RB_OK)
        _exit(3);
}

static void commit_or_die(rb_change *const *changes, size_t n)
{
    if (k.port.commit(k.port.self, changes, n, &k.errbuf) != RB_OK)
        _exit(2);
    for (size_t i = 0; i < n; i++)
        must(changes[i]);
}

static void write_received(uint32_t n)
{
    char key[32];

    (void)snprintf(key, sizeof key, "d:%u", n);
    rb_delivery *delivery = kit_delivery(key, "reset adele@contoso.com locked out INC0012345");
    rb_change change = {.delivery_op = RB_DELIVERY_OP_RECEIVE, .delivery = delivery};
    commit_or_die((rb_change *[]){&change}, 1);
    free(delivery);
}

static void write_asked(uint32_t n)
{
    char text[32];

    (void)snprintf(text, sizeof text, "d:%u", n);
    rb_delivery *delivery = kit_delivery(text, "");
    (void)snprintf(text, sizeof text, "R-%u", n);
    rb_request *request = kit_request(text, text);
    rb_out *card = kit_out(n + 1, "{\"text\":\"a card\"}");
    rb_change change = {.delivery_op = RB_DELIVERY_OP_CONSUME,
                        .delivery = delivery,
                        .request = request,
                        .out_put = {card},
                        .n_out_put = 1};
    kit_note(&change, text, "asked", "every fact of the card");
    kit_note(&change, text, "card_posted", "");
    rb_change alone = {0}; /* a second one in the same commit */
    kit_note(&alone, "", "refused", "somebody else");
    commit_or_die((rb_change *[]){&change, &alone}, 2);
    rb_out_free(card);
    free(request);
    free(delivery);
}

static void write_sent(uint32_t n)
{
    char text[32];

    (void)snprintf(text, sizeof text, "R-%u", n);
    rb_request *request = kit_request(text, text);
    request->version = 2;
    request->state = RB_STATE_SENDING;
    rb_change change = {.request = request, .out_delete = {n + 1}, .n_out_delete = 1};
    kit_note(&change, text, "sent", "client-request-id");
    (void)snprintf(text, sizeof text, "guid-%u", n);
    kit_attempt(request, text, KIT_NOW);
    commit_or_die((rb_change *[]){&change}, 1);
    free(request);
}

/* Never returns: is killed. step counts from 0 over all cases and restarts. */
static void run_writer(uint32_t step, int to)
{
    if (kit_try_open(&k) != RB_OK)
        _exit(4);
    for (;; step++) {
        switch (step % STEPS) {
        case 0: write_received(step / STEPS); break;
        case 1: write_asked(step / STEPS); break;
        default: write_sent(step / STEPS); break;
        }
        uint32_t done = step + 1;
        if (write(to, &done, sizeof done) != sizeof done)
            _exit(5);
    }
}

/* ---- the judge -------------------------------------------------------------------------------------------------- */

static bool is_waiting(uint32_t n)
{
    rb_query query = {.kind = RB_QUERY_RECEIVED};
    char key[32];
    bool is_found = false;

    (void)snprintf(key, sizeof key, "d:%u", n);
    kit_ask(&k, &query);
    for (size_t i = 0; i < query.n_deliveries; i++)
        is_found |= strcmp(query.deliveries[i].key, key) == 0;
    rb_query_fini(&query);
    return is_found;
}

static bool has_out(uint64_t id)
{
    rb_query query = {.kind = RB_QUERY_OUTBOX};
    bool is_found = false;

    kit_ask(&k, &query);
    for (size_t i = 0; i < query.n_outs; i++)
        is_found |= query.outs[i]->id == id;
    rb_query_fini(&query);
    return is_found;
}

static size_t count_records(const char *id)
{
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = id};

    kit_ask(&k, &query);
    size_t n = query.n_records;
    rb_query_fini(&query);
    return n;
}

/* How many of its steps case n has made; demands that each is there as a whole. */
static uint32_t steps_of(uint32_t n)
{
    char id[32];

    (void)snprintf(id, sizeof id, "R-%u", n);
    rb_request *request = kit_load(&k, id);
    if (!request) {
        ck_assert_uint_eq(count_records(id), 0);
        ck_assert(!has_out(n + 1));
        return is_waiting(n) ? 1 : 0;
    }
    uint32_t version = (uint32_t)request->version;
    ck_assert(!is_waiting(n));
    ck_assert_uint_eq(count_records(id), version == 1 ? 2 : 3);
    ck_assert_uint_eq(request->n_attempts, version == 1 ? 0 : 1);
    ck_assert_int_eq(has_out(n + 1), version == 1);
    free(request);
    return version + 1;
}

/* Opens what the killed writer left. Gives the step to go on with. */
static uint32_t judge(uint32_t n_acknowledged)
{
    uint64_t first_bad = 0;
    uint32_t n_steps = 0;

    kit_open(&k);
    /* all older cases were judged before, so the last few are enough */
    uint32_t n = n_acknowledged / STEPS;
    for (uint32_t i = n > 20 ? n - 20 : 0; i < n; i++)
        ck_assert_uint_eq(steps_of(i), STEPS);
    n_steps = n * STEPS + steps_of(n);
    /* acknowledged is there; at most the commit under way may be there too */
    ck_assert_uint_ge(n_steps, n_acknowledged);
    ck_assert_uint_le(n_steps, n_acknowledged + 1);
    ck_assert_int_eq(rb_sqlite_verify(k.store, &first_bad, &k.errbuf), RB_OK);
    ck_assert_uint_eq(first_bad, 0);
    kit_close(&k);
    return n_steps;
}

/* Lets a writer run for that long, kills it, and gives the last step that it acknowledged. */
static uint32_t run_and_kill(uint32_t step, long run_us)
{
    int ends[2];
    uint32_t done = 0;
    uint32_t last = step;
    struct timespec wait = {run_us / 1000000, run_us % 1000000 * 1000};

    ck_assert_int_eq(pipe(ends), 0);
    pid_t writer = fork();
    if (writer == 0)
        run_writer(step, ends[1]);
    (void)close(ends[1]);
    (void)nanosleep(&wait, NULL);
    ck_assert_int_eq(kill(writer, SIGKILL), 0);
    int status = 0;
    ck_assert_int_eq(waitpid(writer, &status, 0), writer);
    ck_assert_msg(WIFSIGNALED(status), "the writer ended by itself: %d", WEXITSTATUS(status));
    while (read(ends[0], &done, sizeof done) == sizeof done)
        last = done;
    (void)close(ends[0]);
    return last;
}

START_TEST(R1_what_was_acknowledged_survives_kill_9_and_nothing_is_torn)
{
    uint32_t step = 0;
    unsigned seed = (unsigned)time(NULL);

    kit_init(&k);
    for (int i = 0; i < KILLS; i++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t done = run_and_kill(step, 1000 + (long)(seed >> 8) % 40000);
        ck_assert_uint_ge(done, step);
        step = judge(done);
    }
    /* else the writer never came to work, and nothing was shown */
    ck_assert_uint_gt(step, KILLS);
    kit_fini(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_kill");
    TCase *one = tcase_create("store_kill");

    tcase_set_timeout(one, 100);
    tcase_add_test(one, R1_what_was_acknowledged_survives_kill_9_and_nothing_is_torn);
    suite_add_tcase(suite, one);
    return kit_run(suite);
}
