/* sim_disk_test.c - the simulator's disk keeps, loses and fails as a disk does, and the store lives on it. */
#include <sqlite3.h>

#include "sim/disk.h"
#include "store/store_file.h"
#include "support/store_kit.h"

#define DB "store.db"
#define WAL "store.db-wal"

static kit k;

static void set_up(void)
{
    disk_install();
    disk_clear();
    memset(&k, 0, sizeof k);
    KIT_TEXT(k.path, DB);
    KIT_TEXT(k.url, "sqlite:" DB);
    k.utc_ms = KIT_NOW;
}

static void tear_down(void)
{
    kit_close(&k);
    disk_clear();
}

/* The process is gone: its store is abandoned, never closed. Kept in reach, so that no leak is reported. */
static void abandon(void)
{
    static rb_sqlite *abandoned[2000];
    static size_t n;

    ck_assert_uint_lt(n, sizeof abandoned / sizeof *abandoned);
    abandoned[n++] = k.store;
    k.store = NULL;
}

static void die(void)
{
    disk_process_died();
    abandon();
}

static void cut(uint64_t seed)
{
    disk_power_cut(seed);
    abandon();
}

static rb_err receive(const char *key)
{
    rb_delivery *delivery = kit_delivery(key, "reset adele@contoso.com");
    rb_change change = {.delivery_op = RB_DELIVERY_OP_RECEIVE, .delivery = delivery};
    rb_err err = kit_commit(&k, &change);

    free(delivery);
    return err;
}

/* ---- a store on it -------------------------------------------------------------------------------------------------- */

START_TEST(a_store_closed_is_there_when_opened_again)
{
    kit_open(&k);
    ck_assert_int_eq(receive("a"), RB_OK);
    kit_close(&k);
    ck_assert_uint_eq(disk_size(WAL), 0);
    kit_open(&k);
    ck_assert_uint_eq(kit_waiting(&k), 1);
    ck_assert_int_ne(access(DB, F_OK), 0);
}
END_TEST

START_TEST(a_process_that_dies_loses_nothing_that_it_wrote)
{
    kit_open(&k);
    for (int i = 0; i < 3; i++) {
        char key[] = {(char)('a' + i), '\0'};
        ck_assert_int_eq(receive(key), RB_OK);
        die();
        kit_open(&k);
        ck_assert_uint_eq(kit_waiting(&k), (size_t)i + 1);
    }
}
END_TEST

START_TEST(what_was_synced_survives_a_power_cut_whatever_else_does)
{
    kit_open(&k);
    for (uint64_t seed = 0; seed < 60; seed++) {
        char key[32];
        (void)snprintf(key, sizeof key, "k:%u", (unsigned)seed);
        ck_assert_int_eq(receive(key), RB_OK);
        cut(seed);
        kit_open(&k);
        ck_assert_uint_eq(kit_waiting(&k), (size_t)seed + 1);
    }
}
END_TEST

START_TEST(a_reader_beside_the_store_sees_every_commit)
{
    rb_sqlite *reader = NULL;
    rb_query query = {.kind = RB_QUERY_RECEIVED};

    kit_open(&k);
    ck_assert_int_eq(receive("a"), RB_OK);
    ck_assert_int_eq(rb_sqlite_open_reader(k.url, kit_clock(&k), &reader, &k.errbuf), RB_OK);
    ck_assert_int_eq(receive("b"), RB_OK);
    rb_store_port port = rb_sqlite_port(reader);
    ck_assert_int_eq(port.query(port.self, &query, &k.errbuf), RB_OK);
    ck_assert_uint_eq(query.n_deliveries, 2);
    rb_query_fini(&query);
    rb_sqlite_close(reader);
    ck_assert_int_eq(receive("c"), RB_OK);
}
END_TEST

START_TEST(a_reader_of_a_dead_bots_store_changes_nothing)
{
    rb_sqlite *reader = NULL;
    rb_query query = {.kind = RB_QUERY_RECEIVED};

    kit_open(&k);
    ck_assert_int_eq(receive("a"), RB_OK);
    die();
    size_t size = disk_size(WAL);
    uint64_t writes = disk_count(DISK_WRITE);
    ck_assert_int_eq(rb_sqlite_open_reader(k.url, kit_clock(&k), &reader, &k.errbuf), RB_OK);
    rb_store_port port = rb_sqlite_port(reader);
    ck_assert_int_eq(port.query(port.self, &query, &k.errbuf), RB_OK);
    ck_assert_uint_eq(query.n_deliveries, 1);
    rb_query_fini(&query);
    rb_sqlite_close(reader);
    ck_assert_uint_eq(disk_size(WAL), size);
    ck_assert_uint_eq(disk_count(DISK_WRITE), writes);
}
END_TEST

START_TEST(a_second_writer_waits_no_real_time_and_is_refused)
{
    sqlite3 *db = NULL;

    kit_open(&k);
    ck_assert_int_eq(sqlite3_open(DB, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(receive("a"), RB_E_DISK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST

START_TEST(the_same_seed_writes_the_same_bytes)
{
    static const char *const keys[] = {"a", "b", "c"};
    char salts[2][8];

    for (int i = 0; i < 2; i++) {
        disk_clear();
        kit_open(&k);
        for (size_t at = 0; at < 3; at++)
            ck_assert_int_eq(receive(keys[at]), RB_OK);
        sqlite3_file *log = NULL;
        sqlite3 *db = NULL;
        ck_assert_int_eq(sqlite3_open(DB, &db), SQLITE_OK);
        ck_assert_int_eq(sqlite3_exec(db, "SELECT * FROM meta", NULL, NULL, NULL), SQLITE_OK);
        ck_assert_int_eq(sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log), SQLITE_OK);
        ck_assert_int_eq(log->pMethods->xRead(log, salts[i], 8, 16), SQLITE_OK);
        ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
        kit_close(&k);
    }
    ck_assert_mem_eq(salts[0], salts[1], 8);
}
END_TEST

/* ---- a start upon what the process before left ------------------------------------------------------------------------- */

static size_t waiting_at_a_start(void)
{
    kit after = {.utc_ms = KIT_NOW};

    KIT_TEXT(after.url, "sqlite:" DB);
    kit_open(&after);
    size_t n = kit_waiting(&after);
    disk_try_cut(0);
    kit again = {.utc_ms = KIT_NOW};
    KIT_TEXT(again.url, "sqlite:" DB);
    kit_open(&again);
    ck_assert_uint_eq(kit_waiting(&again), n);
    kit_close(&again);
    disk_try_end();
    kit_close(&after);
    return n;
}

static void start_before_the_sync(void *self, disk_op op, const char *name, size_t len, bool is_done, bool is_half)
{
    size_t *n = self;

    (void)name;
    (void)len;
    (void)is_half;
    if (op != DISK_SYNC || is_done)
        return;
    disk_try_death();
    *n = waiting_at_a_start();
    disk_try_end();
}

START_TEST(R1_what_a_start_reads_is_on_the_disk_before_anything_is_done_upon_it)
{
    size_t n = 0;

    kit_open(&k);
    ck_assert_int_eq(receive("a"), RB_OK);
    disk_watch(start_before_the_sync, &n);
    ck_assert_int_eq(receive("b"), RB_OK);
    disk_watch(NULL, NULL);
    ck_assert_uint_eq(n, 2);
}
END_TEST

START_TEST(R1_nothing_is_written_behind_a_log_whose_sync_failed)
{
    kit_open(&k);
    ck_assert_int_eq(receive("a"), RB_OK);
    disk_fail(DISK_SYNC, SQLITE_IOERR_FSYNC, 0, 1);
    ck_assert_int_eq(receive("b"), RB_E_DISK);
    kit_close(&k);
    disk_heal();
    /* the kernel still shows it, and holds it for written */
    kit_open(&k);
    ck_assert_uint_eq(kit_waiting(&k), 2);
    ck_assert_int_eq(receive("c"), RB_OK);
    cut(0);
    kit_open(&k);
    ck_assert_uint_eq(kit_waiting(&k), 3);
}
END_TEST

/* ---- the disk itself ---------------------------------------------------------------------------------------------------- */

static sqlite3_file *open_file(const char *name)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find("sim");
    sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
    int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(vfs->xOpen(vfs, name, file, flags, NULL), SQLITE_OK);
    return file;
}

static void write_to(sqlite3_file *file, const char *text, int len, sqlite3_int64 at)
{
    ck_assert_int_eq(file->pMethods->xWrite(file, text, len, at), SQLITE_OK);
}

static void expect(const char *name, const char *text, size_t len)
{
    sqlite3_file *file = open_file(name);
    sqlite3_int64 size = -1;
    char *bytes = calloc(1, len + 1);

    ck_assert_int_eq(file->pMethods->xFileSize(file, &size), SQLITE_OK);
    ck_assert_int_eq(size, (sqlite3_int64)len);
    ck_assert_int_eq(file->pMethods->xRead(file, bytes, (int)len, 0), SQLITE_OK);
    ck_assert_mem_eq(bytes, text, len);
    (void)file->pMethods->xClose(file);
    free(bytes);
    free(file);
}

/* A file "a" that holds "old" for sure, with its entry. */
static sqlite3_file *given_old(void)
{
    sqlite3_file *file = open_file("a");

    write_to(file, "old", 3, 0);
    ck_assert_int_eq(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    ck_assert_uint_eq(disk_pending(), 1);
    ck_assert_int_eq(rb_store_file_prepare("a", NULL), RB_OK);
    ck_assert_uint_eq(disk_pending(), 0);
    return file;
}

START_TEST(a_write_is_lost_kept_or_torn_and_a_truncation_likewise)
{
    sqlite3_file *file = given_old();

    write_to(file, "new", 3, 0);
    ck_assert_int_eq(file->pMethods->xTruncate(file, 2), SQLITE_OK);
    ck_assert_uint_eq(disk_pending(), 2);
    static const struct {
        const char *text;
        size_t len;
    } after[] = {{"old", 3}, {"new", 3}, {"ol", 2}, {"ne", 2}};
    for (uint64_t kept = 0; kept < 4; kept++) {
        disk_try_subset(kept);
        expect("a", after[kept].text, after[kept].len);
        disk_try_end();
    }
    size_t torn = 0;
    for (uint64_t seed = 2; seed < 40; seed++) {
        torn += disk_try_cut(seed);
        disk_try_end();
    }
    ck_assert_uint_gt(torn, 0);
    expect("a", "ne", 2);
    (void)file->pMethods->xClose(file);
    free(file);
}
END_TEST

START_TEST(each_block_of_a_write_is_a_piece)
{
    static char bytes[2000];
    sqlite3_file *file = given_old();

    write_to(file, bytes, 512, 512);
    ck_assert_uint_eq(disk_pending(), 1);
    write_to(file, bytes, 512, 100);
    ck_assert_uint_eq(disk_pending(), 3);
    write_to(file, bytes, 2000, 1);
    ck_assert_uint_eq(disk_pending(), 7);
    (void)file->pMethods->xClose(file);
    free(file);
}
END_TEST

START_TEST(an_entry_is_not_there_for_sure_before_its_folder_is_synced)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find("sim");
    sqlite3_file *file = open_file("b");

    write_to(file, "x", 1, 0);
    ck_assert_int_eq(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    disk_try_cut(0);
    ck_assert_uint_eq(disk_size("b"), 0);
    disk_try_end();
    ck_assert_int_eq(rb_store_file_prepare("b", NULL), RB_OK);
    (void)file->pMethods->xClose(file);
    ck_assert_int_eq(vfs->xDelete(vfs, "b", 0), SQLITE_OK);
    ck_assert_uint_eq(disk_size("b"), 0);
    disk_try_cut(0);
    ck_assert_uint_eq(disk_size("b"), 1);
    disk_try_end();
    ck_assert_int_eq(rb_store_file_prepare("c", NULL), RB_OK);
    disk_power_cut(0);
    ck_assert_uint_eq(disk_size("b"), 0);
    free(file);
}
END_TEST

START_TEST(what_a_failed_sync_was_to_save_is_lost_for_good)
{
    sqlite3_file *file = given_old();

    write_to(file, "new", 3, 0);
    disk_fail(DISK_SYNC, SQLITE_IOERR_FSYNC, 0, 1);
    ck_assert_int_eq(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_IOERR_FSYNC);
    write_to(file, "er", 2, 3);
    ck_assert_int_eq(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    expect("a", "newer", 5);
    disk_power_cut(0);
    expect("a", "older", 5);
    free(file);
}
END_TEST

START_TEST(a_write_whose_sync_failed_does_not_come_back_over_a_newer_one)
{
    sqlite3_file *file = given_old();

    write_to(file, "gone!", 5, 0);
    disk_fail(DISK_SYNC, SQLITE_IOERR_FSYNC, 0, 1);
    ck_assert_int_eq(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_IOERR_FSYNC);
    write_to(file, "new", 3, 0);
    ck_assert_int_eq(file->pMethods->xTruncate(file, 3), SQLITE_OK);
    ck_assert_int_eq(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    for (uint64_t seed = 0; seed < 30; seed++) {
        disk_try_cut(seed);
        expect("a", "new", 3);
        disk_try_end();
    }
    (void)file->pMethods->xClose(file);
    free(file);
}
END_TEST

START_TEST(a_full_disk_may_have_written_a_part)
{
    sqlite3_file *file = given_old();

    disk_fail(DISK_WRITE, SQLITE_FULL, 1, 1);
    write_to(file, "1", 1, 0);
    ck_assert_int_eq(file->pMethods->xWrite(file, "1234", 4, 0), SQLITE_FULL);
    expect("a", "12d", 3);
    write_to(file, "1234", 4, 0);
    expect("a", "1234", 4);
    (void)file->pMethods->xClose(file);
    free(file);
}
END_TEST

static const struct {
    disk_op op;
    int rc;
} LOOKS[] = {{DISK_READ, SQLITE_IOERR_READ},
             {DISK_SIZE, SQLITE_IOERR_FSTAT},
             {DISK_LOCK, SQLITE_IOERR_LOCK},
             {DISK_SHM_MAP, SQLITE_IOERR_SHMMAP},
             {DISK_SHM_LOCK, SQLITE_IOERR_SHMLOCK}};

START_TEST(a_store_that_cannot_be_read_or_locked_does_not_open_and_is_not_harmed)
{
    rb_errbuf errbuf = {""};

    kit_open(&k);
    ck_assert_int_eq(receive("a"), RB_OK);
    kit_close(&k);
    disk_fail(LOOKS[_i].op, LOOKS[_i].rc, 0, -1);
    rb_sqlite *store = NULL;
    ck_assert_int_ne(rb_sqlite_open(k.url, kit_clock(&k), &store, &errbuf), RB_OK);
    ck_assert_ptr_null(store);
    disk_hold_faults(true);
    kit_open(&k);
    kit_close(&k);
    disk_hold_faults(false);
    disk_heal();
    kit_open(&k);
    ck_assert_uint_eq(kit_waiting(&k), 1);
}
END_TEST

START_TEST(a_dead_process_reads_and_writes_no_more)
{
    sqlite3_file *file = given_old();
    char byte = 0;

    disk_process_died();
    ck_assert_int_eq(file->pMethods->xWrite(file, "x", 1, 0), SQLITE_IOERR_WRITE);
    ck_assert_int_eq(file->pMethods->xRead(file, &byte, 1, 0), SQLITE_IOERR_READ);
    ck_assert_int_eq(file->pMethods->xClose(file), SQLITE_OK);
    expect("a", "old", 3);
    ck_assert(disk_holds("old", 3));
    ck_assert(!disk_holds("new", 3));
    free(file);
}
END_TEST

/* ---- the seam ----------------------------------------------------------------------------------------------------------- */

static char told[400];

static void tell(void *self, disk_op op, const char *name, size_t len, bool is_done, bool is_half)
{
    size_t at = strlen(told);

    (void)self;
    (void)snprintf(told + at, sizeof told - at, "%s %s %zu%s; ", disk_op_name(op), name, len,
                   is_half   ? " half"
                   : is_done ? " done"
                             : "");
}

START_TEST(every_change_is_told_before_half_way_and_after)
{
    sqlite3_file *file = given_old();

    disk_watch(tell, NULL);
    disk_fail(DISK_TRUNCATE, SQLITE_IOERR_TRUNCATE, 0, -1);
    ck_assert_int_eq(file->pMethods->xTruncate(file, 1), SQLITE_IOERR_TRUNCATE);
    write_to(file, "new", 3, 0);
    ck_assert_int_eq(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    ck_assert_str_eq(told, "truncate a 0; write a 3; write a 3 half; write a 3 done; sync a 0; sync a 0 done; ");
    disk_watch(NULL, NULL);
    (void)file->pMethods->xClose(file);
    free(file);
}
END_TEST

static void look_half_way(void *self, disk_op op, const char *name, size_t len, bool is_done, bool is_half)
{
    int *n = self;

    (void)op;
    (void)name;
    (void)is_done;
    if (!is_half)
        return;
    ck_assert_uint_eq(len, 2);
    disk_try_cut(1);
    expect("a", "nld", 3);
    disk_try_end();
    (*n)++;
}

START_TEST(half_of_a_write_is_there_half_way)
{
    sqlite3_file *file = given_old();
    int n = 0;

    disk_watch(look_half_way, &n);
    write_to(file, "ne", 2, 0);
    disk_watch(NULL, NULL);
    ck_assert_int_eq(n, 1);
    expect("a", "ned", 3);
    (void)file->pMethods->xClose(file);
    free(file);
}
END_TEST

START_TEST(a_dump_is_a_database_for_others)
{
    char folder[] = "/tmp/rb-disk-XXXXXX";
    char path[64];

    kit_open(&k);
    ck_assert_int_eq(receive("a"), RB_OK);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert(disk_dump(folder));
    (void)snprintf(path, sizeof path, "%s/%s", folder, DB);
    ck_assert_int_eq(unlink(path), 0);
    (void)snprintf(path, sizeof path, "%s/%s", folder, WAL);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim_disk");
    TCase *one = tcase_create("sim_disk");

    tcase_set_timeout(one, 60);
    tcase_add_checked_fixture(one, set_up, tear_down);
    tcase_add_test(one, a_store_closed_is_there_when_opened_again);
    tcase_add_test(one, a_process_that_dies_loses_nothing_that_it_wrote);
    tcase_add_test(one, what_was_synced_survives_a_power_cut_whatever_else_does);
    tcase_add_test(one, a_reader_beside_the_store_sees_every_commit);
    tcase_add_test(one, a_reader_of_a_dead_bots_store_changes_nothing);
    tcase_add_test(one, a_second_writer_waits_no_real_time_and_is_refused);
    tcase_add_test(one, the_same_seed_writes_the_same_bytes);
    tcase_add_test(one, R1_what_a_start_reads_is_on_the_disk_before_anything_is_done_upon_it);
    tcase_add_test(one, R1_nothing_is_written_behind_a_log_whose_sync_failed);
    tcase_add_test(one, a_write_is_lost_kept_or_torn_and_a_truncation_likewise);
    tcase_add_test(one, each_block_of_a_write_is_a_piece);
    tcase_add_test(one, an_entry_is_not_there_for_sure_before_its_folder_is_synced);
    tcase_add_test(one, what_a_failed_sync_was_to_save_is_lost_for_good);
    tcase_add_test(one, a_write_whose_sync_failed_does_not_come_back_over_a_newer_one);
    tcase_add_test(one, a_full_disk_may_have_written_a_part);
    tcase_add_loop_test(one, a_store_that_cannot_be_read_or_locked_does_not_open_and_is_not_harmed, 0,
                        sizeof LOOKS / sizeof LOOKS[0]);
    tcase_add_test(one, a_dead_process_reads_and_writes_no_more);
    tcase_add_test(one, every_change_is_told_before_half_way_and_after);
    tcase_add_test(one, half_of_a_write_is_there_half_way);
    tcase_add_test(one, a_dump_is_a_database_for_others);
    suite_add_tcase(suite, one);
    return kit_run(suite);
}
