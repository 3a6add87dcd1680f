/* store_fault_test.c - a disk that fails, fills up or loses its power. */
#include "support/fault_vfs.h"
#include "support/store_kit.h"

static kit k;

static void set_up(void)
{
    fault_install();
    kit_init(&k);
}

static void tear_down(void)
{
    fault_clear();
    kit_fini(&k);
    fault_remove();
}

static rb_err receive(const char *key)
{
    rb_delivery *delivery = kit_delivery(key, "reset adele@contoso.com");
    rb_change change = {.delivery_op = RB_DELIVERY_OP_RECEIVE, .delivery = delivery};
    rb_err err = kit_commit(&k, &change);

    ck_assert_int_eq(err, change.result);
    free(delivery);
    return err;
}

/* ---- a failing disk --------------------------------------------------------------------------------------------- */

static void expect_broken_for_good(const char *said)
{
    ck_assert_int_eq(receive("b"), RB_E_DISK);
    ck_assert_msg(strstr(k.errbuf.text, said) && !strstr(k.errbuf.text, "Success") && !strstr(k.errbuf.text, "errno"),
                  "it says \"%s\"", k.errbuf.text);
    fault_clear();
    /* the disk works again, but what the kernel kept of the failed write is not known */
    ck_assert_int_eq(receive("c"), RB_E_DISK);
    int syncs = fault.syncs;
    kit_close(&k);
    ck_assert_int_eq(fault.syncs, syncs);
    kit_open(&k);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_CONSUME, "a"), RB_OK);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_CONSUME, "c"), RB_E_CONFLICT);
}

START_TEST(R1_a_sync_that_fails_is_never_tried_again)
{
    kit_open(&k);
    ck_assert_int_eq(receive("a"), RB_OK);
    fault.fail_sync_at = fault.syncs;
    expect_broken_for_good("the store cannot commit: disk I/O error (a sync failed, SQLite's code 1034");
}
END_TEST

START_TEST(R1_a_write_that_fails_ends_the_store)
{
    kit_open(&k);
    ck_assert_int_eq(receive("a"), RB_OK);
    fault.fail_write_at = fault.writes;
    expect_broken_for_good("disk I/O error (a write failed, SQLite's code 778");
}
END_TEST

START_TEST(R1_a_full_disk_ends_the_store)
{
    kit_open(&k);
    ck_assert_int_eq(receive("a"), RB_OK);
    fault.fail_write_at = fault.writes + 1;
    fault.fail_write_rc = SQLITE_FULL;
    expect_broken_for_good("database or disk is full (SQLite's code 13)");
}
END_TEST

START_TEST(R1_when_the_disk_fails_every_change_of_the_commit_says_so)
{
    rb_delivery *a = kit_delivery("a", "x");
    rb_delivery *b = kit_delivery("b", "y");
    rb_change first = {.delivery_op = RB_DELIVERY_OP_RECEIVE, .delivery = a};
    rb_change second = {.delivery_op = RB_DELIVERY_OP_CONSUME, .delivery = b};
    rb_change *const changes[] = {&first, &second};

    kit_open(&k);
    fault.fail_sync_at = fault.syncs;
    ck_assert_int_eq(k.port.commit(k.port.self, changes, 2, &k.errbuf), RB_E_DISK);
    ck_assert_int_eq(first.result, RB_E_DISK);
    ck_assert_int_eq(second.result, RB_E_DISK);
    free(a);
    free(b);
}
END_TEST

START_TEST(R1_a_sync_of_the_database_that_fails_is_not_kept_quiet)
{
    char key[32];
    int n = 0;
    rb_err err = RB_OK;

    kit_open(&k);
    /* a commit syncs the log once: the second sync within one call is the move into the database */
    while (err == RB_OK && n < 5000) {
        (void)snprintf(key, sizeof key, "k:%d", n++);
        fault.fail_sync_at = fault.syncs + 1;
        err = receive(key);
    }
    ck_assert_int_eq(err, RB_E_DISK);
    /* that commit itself was safe in the log */
    ck_assert_int_gt(n, 100);
    fault_clear();
    kit_reopen(&k);
    ck_assert_uint_eq(kit_waiting(&k), (size_t)n - 1);
}
END_TEST

START_TEST(every_failing_write_or_sync_leaves_a_store_that_opens_and_lies_about_nothing)
{
    for (int at = 0; at < 60; at++) {
        bool is_there[3] = {false};
        kit_open(&k);
        fault.fail_write_at = fault.writes + at;
        fault.fail_sync_at = fault.syncs + at / 3;
        fault.fail_write_rc = at % 2 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        char key[3][32];
        for (int i = 0; i < 3; i++) {
            (void)snprintf(key[i], sizeof key[i], "k:%d:%d", at, i);
            is_there[i] = receive(key[i]) == RB_OK;
        }
        kit_close(&k);
        fault_clear();
        kit_open(&k);
        for (int i = 0; i < 3; i++)
            if (is_there[i])
                ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_CONSUME, key[i]), RB_OK);
        kit_close(&k);
    }
}
END_TEST

START_TEST(a_burst_of_two_hundred_is_one_sync)
{
    static rb_change changes[200];
    rb_change *list[200];
    char key[32];

    kit_open(&k);
    for (size_t i = 0; i < 200; i++) {
        (void)snprintf(key, sizeof key, "k:%zu", i);
        changes[i] = (rb_change){.delivery_op = RB_DELIVERY_OP_RECEIVE, .delivery = kit_delivery(key, "help")};
        list[i] = &changes[i];
    }
    int before = fault.syncs;
    ck_assert_int_eq(k.port.commit(k.port.self, list, 200, &k.errbuf), RB_OK);
    ck_assert_int_eq(fault.syncs, before + 1);
    ck_assert_uint_eq(kit_waiting(&k), 200);
    for (size_t i = 0; i < 200; i++) {
        rb_delivery *delivery = NULL;
        memcpy(&delivery, &changes[i].delivery, sizeof delivery);
        free(delivery);
    }
}
END_TEST

START_TEST(A2_a_change_that_fails_late_takes_its_records_back)
{
    rb_out *unsound = kit_out(0, "{}");
    rb_change bad = {.out_put = {unsound}, .n_out_put = 1};
    rb_change good = {0};
    uint64_t first_bad = 9;

    kit_open(&k);
    kit_note(&bad, "R-1", "asked", "never happened");
    kit_note(&good, "R-2", "asked", "happened");
    ck_assert_int_eq(kit_apply(&k, &bad), RB_E_INTERNAL);
    ck_assert_int_eq(kit_apply(&k, &good), RB_OK);
    ck_assert_int_eq(rb_sqlite_verify(k.store, &first_bad, &k.errbuf), RB_OK);
    ck_assert_uint_eq(first_bad, 0);
    rb_out_free(unsound);
}
END_TEST

/* ---- a power cut ------------------------------------------------------------------------------------------------ */

static char cut_path[96];
static int n_acknowledged;
static int n_acknowledged_at_cut;
static unsigned cut_seed;

static void cut(void)
{
    char from[160];
    char to[160];

    fault_write_cut(k.path, cut_path, cut_seed);
    (void)snprintf(from, sizeof from, "%s-wal", k.path);
    (void)snprintf(to, sizeof to, "%s-wal", cut_path);
    fault_write_cut(from, to, cut_seed / 2);
    n_acknowledged_at_cut = n_acknowledged;
}

/* What the disk held at the cut, opened as after the restart. */
static void expect_all_acknowledged(void)
{
    kit after = k;
    char key[32];
    uint64_t first_bad = 0;

    (void)snprintf(after.path, sizeof after.path, "%s", cut_path);
    (void)snprintf(after.url, sizeof after.url, "sqlite:%s", cut_path);
    kit_open(&after);
    for (int i = 0; i < n_acknowledged_at_cut; i++) {
        (void)snprintf(key, sizeof key, "k:%d", i);
        ck_assert_msg(kit_op(&after, RB_DELIVERY_OP_CONSUME, key) == RB_OK, "%s is lost (seed %u)", key, cut_seed);
    }
    /* the commit under way may be there as a whole; nothing after it */
    ck_assert_uint_le(kit_waiting(&after), 1);
    ck_assert_int_eq(rb_sqlite_verify(after.store, &first_bad, &after.errbuf), RB_OK);
    ck_assert_uint_eq(first_bad, 0);
    kit_close(&after);
}

START_TEST(R1_what_was_acknowledged_survives_a_power_cut)
{
    static char text[RB_COMMAND_TEXT_CAP];
    char key[32];

    cut_seed = (unsigned)_i;
    (void)snprintf(cut_path, sizeof cut_path, "%s/cut.db", k.folder);
    memset(text, 'x', 9000);
    fault.is_tracking = true;
    kit_open(&k);
    n_acknowledged = 0;
    fault.on_cut = cut;
    fault.cut_at = fault.writes + fault.syncs + 40 + 347 * _i;
    for (int i = 0; i < 600 && fault.cut_at >= 0; i++) {
        (void)snprintf(key, sizeof key, "k:%d", i);
        rb_delivery *delivery = kit_delivery(key, text);
        rb_change change = {.delivery_op = RB_DELIVERY_OP_RECEIVE, .delivery = delivery};
        kit_note(&change, "", "received", key);
        ck_assert_int_eq(kit_apply(&k, &change), RB_OK);
        n_acknowledged++;
        free(delivery);
    }
    ck_assert_int_lt(fault.cut_at, 0);
    expect_all_acknowledged();
    fault.is_tracking = false;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_fault");
    TCase *one = tcase_create("store_fault");

    tcase_set_timeout(one, 60);
    tcase_add_checked_fixture(one, set_up, tear_down);
    tcase_add_test(one, R1_a_sync_that_fails_is_never_tried_again);
    tcase_add_test(one, R1_a_write_that_fails_ends_the_store);
    tcase_add_test(one, R1_a_full_disk_ends_the_store);
    tcase_add_test(one, R1_when_the_disk_fails_every_change_of_the_commit_says_so);
    tcase_add_test(one, R1_a_sync_of_the_database_that_fails_is_not_kept_quiet);
    tcase_add_test(one, every_failing_write_or_sync_leaves_a_store_that_opens_and_lies_about_nothing);
    tcase_add_test(one, a_burst_of_two_hundred_is_one_sync);
    tcase_add_test(one, A2_a_change_that_fails_late_takes_its_records_back);
    tcase_add_loop_test(one, R1_what_was_acknowledged_survives_a_power_cut, 0, 12);
    suite_add_tcase(suite, one);
    return kit_run(suite);
}
