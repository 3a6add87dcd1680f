/* power_test.c - the power goes at every sync and in between: what was acknowledged is there, and nothing is torn.
 *
 * A long random sequence of commits, checkpoints, clean ends, failing disks and power cuts runs on the simulator's disk. At
 * each sync, before and after it, and at some of the writes between, the disk is cut in several ways: all that is not
 * durable dropped, all kept, every subset when few pieces are pending, random subsets with torn blocks when many. What each
 * cut leaves is opened as after a restart and compared, row by row, with the last acknowledged commit and the one under way.
 *
 * RESETBOT_POWER_CUTS: so many cuts; RESETBOT_POWER_SEED: replays that run. */
#include <malloc.h>
#include <time.h>

#include "resetbot/log.h"
#include "store/sqlite_commit.h"
#include "support/power_cuts.h"

#define COMMITS_A_PLAY 150
#define FILL_AT 8

#if defined(__SANITIZE_ADDRESS__)
#define IS_SLOW 1
#elif defined(__has_feature)
#define IS_SLOW __has_feature(address_sanitizer)
#else
#define IS_SLOW 0
#endif
#define CUTS (IS_SLOW ? 500 : 1600)
#define WRITES_FOR_ALL_SUBSETS (IS_SLOW ? 8 : 11)

/* ---- the sequence -------------------------------------------------------------------------------------------------------- */

static void open_store(play *p)
{
    (void)snprintf(p->where, sizeof p->where, "start");
    kit_open(&p->k);
    if (p->after_open)
        ck_assert_int_eq(sqlite3_exec(p->k.store->db, p->after_open, NULL, NULL, NULL), SQLITE_OK);
}

/* Of a process that is no more: its memory alone. */
static void bury(play *p)
{
    disk_watch(NULL, NULL);
    close_after(&p->k);
}

/* Opened after a cut or a failure: which of the two is it? Goes on from there. */
static void go_on(play *p)
{
    disk_watch(at_point, p);
    open_store(p);
    p->where[0] = '\0';
    found seen = look(p, &p->k);
    compare(p, &seen);
    if (is_under_way(p, &seen)) {
        p->acknowledged = p->under_way;
        p->digest = seen.digest;
    }
    p->is_committing = false;
    cut_in_all_ways(p);
}

static void prepare(play *p, work_commit *commit, size_t n)
{
    commit->n = 0;
    p->under_way = p->acknowledged;
    for (size_t i = 0; i < n; i++)
        work_add(commit, &p->under_way, &p->chance);
    p->digest_under_way = 0;
    p->is_committing = true;
}

static void acknowledged(play *p, const work_commit *commit)
{
    found seen = {work_count(p->k.store->db), work_digest(p->k.store->db)};

    for (size_t i = 0; i < commit->n; i++)
        ck_assert_int_eq(commit->items[i].change.result, commit->items[i].expected);
    work_counts counts = work_expected(&p->under_way);
    if (!work_same(&seen.counts, &counts) || (p->digest_under_way && p->digest_under_way != seen.digest))
        noticed(p, "a cut left another commit than the one under way");
    p->acknowledged = p->under_way;
    p->digest = seen.digest;
    p->is_committing = false;
    (void)snprintf(p->where, sizeof p->where, "acknowledged");
    cut(p, 0);
    if (disk_pending())
        cut(p, random_seed(p));
}

static void commit_some(play *p)
{
    static work_commit commit;

    prepare(p, &commit, work_below(&p->chance, 12) ? 1 + work_below(&p->chance, 4) : WORK_CHANGES_MAX);
    p->n_commits++;
    rb_err err = p->k.port.commit(p->k.port.self, commit.changes, commit.n, &p->k.errbuf);
    ck_assert_msg(err == RB_OK, "%s", p->k.errbuf.text);
    acknowledged(p, &commit);
    work_free(&commit);
}

static bool is_over(const play *p)
{
    return p->failure[0] || (p->n_cuts >= p->cuts_wanted && p->n_checkpoints > 0);
}

/* Many large commits, then those with which the log is long enough to be moved into the database. */
static void fill_log(play *p)
{
    static work_commit commit;
    size_t before = p->n_checkpoints;

    disk_watch(NULL, NULL);
    while (p->k.store->wal_pages < RB_WAL_PAGES_MAX - 15) {
        prepare(p, &commit, WORK_CHANGES_MAX);
        ck_assert_int_eq(p->k.port.commit(p->k.port.self, commit.changes, commit.n, &p->k.errbuf), RB_OK);
        p->acknowledged = p->under_way;
        p->is_committing = false;
        work_free(&commit);
    }
    p->digest = work_digest(p->k.store->db);
    disk_watch(at_point, p);
    while (p->n_checkpoints == before && !is_over(p))
        commit_some(p);
}

/* The disk fails once, somewhere in a commit; the process ends and is started again, with or without a power cut. */
static void commit_on_a_failing_disk(play *p)
{
    static const int rcs[] = {SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_FULL};
    static work_commit commit;
    size_t which = (size_t)work_below(&p->chance, 3);

    prepare(p, &commit, 1 + work_below(&p->chance, 10));
    disk_fail(which == 0 ? DISK_SYNC : DISK_WRITE, rcs[which], (int)work_below(&p->chance, which == 0 ? 3 : 30), 1);
    rb_err err = p->k.port.commit(p->k.port.self, commit.changes, commit.n, &p->k.errbuf);
    if (err == RB_OK)
        acknowledged(p, &commit);
    p->n_failed += err != RB_OK;
    work_free(&commit);
    kit_close(&p->k);
    disk_heal();
    if (work_below(&p->chance, 2))
        disk_power_cut(random_seed(p));
    go_on(p);
}

static void close_and_open(play *p)
{
    (void)snprintf(p->where, sizeof p->where, "end");
    kit_close(&p->k);
    open_store(p);
}

static void lose_power(play *p)
{
    disk_power_cut(random_seed(p));
    bury(p);
    go_on(p);
}

/* An administrator's script beside the bot; it cuts the log off. */
static void truncate_log(void)
{
    sqlite3 *db = NULL;

    ck_assert_int_eq(sqlite3_open(DB, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void do_something(play *p)
{
    uint64_t what = work_below(&p->chance, 100);

    if (what < 3)
        close_and_open(p);
    else if (what < 6)
        lose_power(p);
    else if (what < 9)
        commit_on_a_failing_disk(p);
    else if (what < 11)
        truncate_log();
    else
        commit_some(p);
}

static void begin(play *p)
{
    disk_clear();
    disk_seed(work_draw(&p->chance));
    memset(&p->acknowledged, 0, sizeof p->acknowledged);
    p->acknowledged.first_out = p->acknowledged.next_out = 1;
    p->is_committing = false;
    p->k = (kit){.utc_ms = KIT_NOW};
    KIT_TEXT(p->k.url, "sqlite:" DB);
    /* an empty store, for comparison */
    kit_open(&p->k);
    p->digest = work_digest(p->k.store->db);
    kit_close(&p->k);
    disk_clear();
    disk_seed(work_draw(&p->chance));
    disk_watch(at_point, p);
    open_store(p);
    disk_lie(p->lie);
}

static void run(play *p, uint64_t seed)
{
    /* disks of some megabytes come and go: the kernel need not have each back */
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 28);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 28);
    disk_install();
    rb_log_set_level(RB_LOG_ERROR);
    p->chance.state = seed * 2 + 1;
    while (!is_over(p)) {
        begin(p);
        for (int i = 0; i < COMMITS_A_PLAY && !is_over(p); i++) {
            if (i % 50 == FILL_AT)
                fill_log(p);
            do_something(p);
        }
        disk_watch(at_point, p);
        kit_close(&p->k);
        disk_watch(NULL, NULL);
    }
    disk_clear();
}

static uint64_t number_in(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* ---- tests ----------------------------------------------------------------------------------------------------------------- */

START_TEST(R1_what_was_acknowledged_survives_a_power_cut_at_every_sync)
{
    play p = {.cuts_wanted = (size_t)number_in("RESETBOT_POWER_CUTS", CUTS)};
    uint64_t seed = number_in("RESETBOT_POWER_SEED", (uint64_t)time(NULL));

    run(&p, seed);
    ck_assert_msg(!p.failure[0], "seed %llu: %s", (unsigned long long)seed, p.failure);
    (void)printf("power: %zu boundaries, %zu cuts, %zu torn, seed %llu\n", p.n_boundaries, p.n_cuts, p.n_torn,
                 (unsigned long long)seed);
    (void)printf(
        "power: %zu commits, %zu failed, %zu checkpoints, %zu points between syncs, %zu second cuts at the restart,"
        " %zu cuts after a restart\n",
        p.n_commits, p.n_failed, p.n_checkpoints, p.n_between, p.n_restarts, p.n_deaths);
    (void)fflush(stdout);
    ck_assert_uint_gt(p.n_torn, 0);
    ck_assert_uint_gt(p.n_checkpoints, 0);
}
END_TEST

/* Before the sync of a commit: every subset of its writes. */
static void at_commit(void *self, disk_op op, const char *name, size_t len, bool is_done, bool is_half)
{
    play *p = self;
    size_t n_writes = disk_pending_writes();

    (void)len;
    (void)is_half;
    if (op != DISK_SYNC || is_done || !p->is_committing || n_writes > WRITES_FOR_ALL_SUBSETS)
        return;
    (void)snprintf(p->where, sizeof p->where, "before sync of %s", name);
    p->n_boundaries++;
    for (uint64_t kept = 0; kept < UINT64_C(1) << n_writes; kept++) {
        disk_try_writes(kept);
        judge(p);
        disk_try_end();
    }
}

START_TEST(R1_every_subset_of_the_writes_of_a_commit_leaves_all_of_it_or_nothing)
{
    static work_commit commit;
    play p = {.cuts_wanted = 1};

    disk_install();
    rb_log_set_level(RB_LOG_ERROR);
    p.chance.state = 1;
    begin(&p);
    disk_watch(at_commit, &p);
    for (int i = 0; i < 40 && p.n_cuts < CUTS; i++) {
        prepare(&p, &commit, 1);
        ck_assert_int_eq(p.k.port.commit(p.k.port.self, commit.changes, commit.n, &p.k.errbuf), RB_OK);
        acknowledged(&p, &commit);
        work_free(&commit);
    }
    disk_watch(NULL, NULL);
    kit_close(&p.k);
    disk_clear();
    ck_assert_msg(!p.failure[0], "%s", p.failure);
    ck_assert_uint_gt(p.n_boundaries, 0);
    (void)printf("power: every subset of the writes of %zu commits, %zu cuts\n", p.n_boundaries, p.n_cuts);
    (void)fflush(stdout);
}
END_TEST

static void expect_noticed(const char *after_open, const char *lie)
{
    play p = {.cuts_wanted = 4000, .after_open = after_open, .lie = lie};

    run(&p, 1);
    ck_assert_msg(p.failure[0], "%zu cuts noticed nothing", p.n_cuts);
    (void)fprintf(stderr, "noticed: %s\n", p.failure);
}

START_TEST(power_loss_is_noticed_with_NORMAL)
{
    expect_noticed("PRAGMA synchronous = NORMAL", NULL);
}
END_TEST

START_TEST(power_loss_is_noticed_with_OFF)
{
    expect_noticed("PRAGMA synchronous = OFF", NULL);
}
END_TEST

START_TEST(power_loss_is_noticed_when_syncs_of_one_file_do_nothing)
{
    static const char *const lies[] = {"-wal", ".db", "."};

    expect_noticed(NULL, lies[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("power");
    TCase *one = tcase_create("power");

    tcase_set_timeout(one, 0);
    tcase_add_test(one, R1_what_was_acknowledged_survives_a_power_cut_at_every_sync);
    tcase_add_test(one, R1_every_subset_of_the_writes_of_a_commit_leaves_all_of_it_or_nothing);
    tcase_add_test(one, power_loss_is_noticed_with_NORMAL);
    tcase_add_test(one, power_loss_is_noticed_with_OFF);
    tcase_add_loop_test(one, power_loss_is_noticed_when_syncs_of_one_file_do_nothing, 0, 3);
    suite_add_tcase(suite, one);
    return kit_run(suite);
}
