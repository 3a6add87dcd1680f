/* store_open_test.c - which files are opened, and which are not: rights, schema, damage; readers; the lock. */
#include "support/store_kit.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "store/lock.h"
#include "store/sqlite_schema.h"

static kit k;

static void set_up(void)
{
    kit_init(&k);
}

static void tear_down(void)
{
    kit_fini(&k);
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static unsigned mode_of(const char *path)
{
    struct stat st;

    ck_assert_int_eq(stat(path, &st), 0);
    return st.st_mode & 0777U;
}

START_TEST(the_store_is_for_its_owner_alone)
{
    char wal[160];

    (void)umask(0);
    kit_open(&k);
    (void)snprintf(wal, sizeof wal, "%s-wal", k.path);
    ck_assert_uint_eq(mode_of(k.path), 0600);
    ck_assert_uint_eq(mode_of(wal), 0600);
    kit_close(&k);
    ck_assert_int_eq(chmod(k.path, 0644), 0);
    kit_open(&k);
    ck_assert_uint_eq(mode_of(k.path), 0600);
}
END_TEST

static void by_hand(const char *sql)
{
    sqlite3 *db = NULL;

    ck_assert_int_eq(sqlite3_open(k.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

START_TEST(a_newer_store_is_refused_and_left_alone)
{
    kit_open(&k);
    kit_close(&k);
    by_hand("PRAGMA user_version = 99");
    ck_assert_int_eq(kit_try_open(&k), RB_E_CONFIG);
    ck_assert_msg(strstr(k.errbuf.text, "newer resetbot") != NULL, "%s", k.errbuf.text);
    ck_assert_msg(strstr(k.errbuf.text, "99") != NULL, "%s", k.errbuf.text);
}
END_TEST

START_TEST(another_programs_database_is_refused_and_left_alone)
{
    by_hand("CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES ('x')");
    ck_assert_int_eq(kit_try_open(&k), RB_E_CONFIG);
    ck_assert_msg(strstr(k.errbuf.text, "another program") != NULL, "%s", k.errbuf.text);
    by_hand("SELECT title FROM songs");
}
END_TEST

START_TEST(a_file_that_is_no_database_is_refused)
{
    FILE *file = fopen(k.path, "w");

    for (int i = 0; i < 2000; i++)
        (void)fputs("this is a text file\n", file);
    (void)fclose(file);
    ck_assert_int_eq(kit_try_open(&k), RB_E_CONFIG);
    ck_assert_msg(strstr(k.errbuf.text, "not a database") != NULL, "%s", k.errbuf.text);
}
END_TEST

START_TEST(urls_without_a_plain_path_are_refused)
{
    static const char *const urls[] = {
        "", "sqlite:", "store.db", "sqlite::memory:", "sqlite:file:x?mode=memory", "postgres:x"};

    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        (void)snprintf(k.url, sizeof k.url, "%s", urls[i]);
        ck_assert_int_eq(kit_try_open(&k), RB_E_CONFIG);
    }
    (void)snprintf(k.url, sizeof k.url, "sqlite:%s/no/such/folder/store.db", k.folder);
    ck_assert_int_eq(kit_try_open(&k), RB_E_CONFIG);
    (void)snprintf(k.url, sizeof k.url, "sqlite:%s", k.folder);
    ck_assert_int_eq(kit_try_open(&k), RB_E_CONFIG);
}
END_TEST

/* Leaves the store as a crash does, then overwrites the middle of the file. */
static void crash_and_damage(void)
{
    pid_t child = fork();

    if (child == 0) {
        kit_open(&k);
        for (int i = 0; i < 500; i++) {
            char key[32];
            (void)snprintf(key, sizeof key, "k:%d", i);
            (void)kit_op(&k, RB_DELIVERY_OP_RECEIVE, key);
        }
        by_hand("PRAGMA wal_checkpoint(TRUNCATE)");
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    FILE *file = fopen(k.path, "r+");
    (void)fseek(file, 40 * 4096, SEEK_SET);
    for (int i = 0; i < 8192; i++)
        (void)fputc(0xa5, file);
    (void)fclose(file);
}

START_TEST(a_damaged_store_is_noticed_after_a_crash)
{
    crash_and_damage();
    ck_assert_int_eq(kit_try_open(&k), RB_E_DISK);
    ck_assert_msg(strstr(k.errbuf.text, "damaged") != NULL, "%s", k.errbuf.text);
}
END_TEST

START_TEST(a_store_with_requests_opens_again_after_a_crash)
{
    pid_t child = fork();
    int status = -1;

    if (child == 0) {
        rb_request *request = kit_request("R-7K3F", "dev-1");
        request->device.n_owners = 1;
        rb_copy_fit(request->device.owners[0], sizeof request->device.owners[0],
                    "00000007-0000-4000-8000-000000000007");
        kit_open(&k);
        _exit(kit_put(&k, request) == RB_OK ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_msg(kit_try_open(&k) == RB_OK, "%s", k.errbuf.text);
}
END_TEST

START_TEST(a_row_that_does_not_read_is_named)
{
    rb_request *request = kit_request("R-7K3F", "dev-1");
    rb_query query = {.kind = RB_QUERY_LIVE};

    kit_open(&k);
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    by_hand("UPDATE request SET doc = replace(doc, '\"unanswered\"', '\"maybe\"')");
    ck_assert_int_eq(k.port.query(k.port.self, &query, &k.errbuf), RB_E_IO);
    ck_assert_msg(strstr(k.errbuf.text, "R-7K3F") != NULL, "%s", k.errbuf.text);
    ck_assert_uint_eq(query.n_requests, 0);
    free(request);
}
END_TEST

START_TEST(a_column_that_contradicts_its_document_is_named)
{
    rb_request *request = kit_request("R-7K3F", "dev-1");
    rb_query query = {.kind = RB_QUERY_LIVE};

    kit_open(&k);
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    by_hand("UPDATE request SET state = 'approved'");
    ck_assert_int_eq(k.port.query(k.port.self, &query, &k.errbuf), RB_E_IO);
    ck_assert_msg(strstr(k.errbuf.text, "R-7K3F") != NULL, "%s", k.errbuf.text);
    free(request);
}
END_TEST

START_TEST(a_reader_sees_the_store_of_a_running_bot_and_writes_nothing)
{
    rb_sqlite *reader = NULL;
    rb_query query = {.kind = RB_QUERY_RECEIVED};
    rb_change nothing = {0};
    rb_change *const changes[] = {&nothing};

    kit_open(&k);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_OK);
    ck_assert_int_eq(rb_sqlite_open_reader(k.url, kit_clock(&k), &reader, &k.errbuf), RB_OK);
    rb_store_port port = rb_sqlite_port(reader);
    ck_assert_int_eq(port.query(port.self, &query, &k.errbuf), RB_OK);
    ck_assert_uint_eq(query.n_deliveries, 1);
    ck_assert_int_eq(port.commit(port.self, changes, 1, &k.errbuf), RB_E_DISK);
    rb_query_fini(&query);
    rb_sqlite_close(reader);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "b"), RB_OK);
}
END_TEST

static size_t waiting_for_a_reader(void)
{
    rb_sqlite *reader = NULL;
    rb_query query = {.kind = RB_QUERY_RECEIVED};
    rb_err err = rb_sqlite_open_reader(k.url, kit_clock(&k), &reader, &k.errbuf);

    ck_assert_msg(err == RB_OK, "%s", k.errbuf.text);
    rb_store_port port = rb_sqlite_port(reader);
    ck_assert_int_eq(port.query(port.self, &query, &k.errbuf), RB_OK);
    size_t n = query.n_deliveries;
    rb_query_fini(&query);
    rb_sqlite_close(reader);
    return n;
}

START_TEST(a_reader_sees_what_a_stopped_or_killed_bot_left)
{
    pid_t child = fork();

    if (child == 0) {
        kit_open(&k);
        (void)kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a");
        _exit(0); /* without closing */
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_uint_eq(waiting_for_a_reader(), 1);
    kit_open(&k);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "b"), RB_OK);
    kit_close(&k);
    ck_assert_uint_eq(waiting_for_a_reader(), 2);
    kit_open(&k);
}
END_TEST

START_TEST(a_reader_makes_no_store)
{
    rb_sqlite *reader = NULL;

    ck_assert_int_eq(rb_sqlite_open_reader(k.url, kit_clock(&k), &reader, &k.errbuf), RB_E_CONFIG);
    ck_assert_int_ne(access(k.path, F_OK), 0);
}
END_TEST

/* ---- older and newer schemas ------------------------------------------------------------------------------------ */

/* The tables of now, and a version to come. */
static rb_err apply_with(const char *next_step)
{
    const char *steps[] = {rb_schema_steps[0], next_step};
    sqlite3 *db = NULL;

    ck_assert_uint_eq(rb_schema_n_steps, 1);
    ck_assert_int_eq(sqlite3_open(k.path, &db), SQLITE_OK);
    rb_err err = rb_schema_apply(db, steps, 2, &k.errbuf);
    (void)sqlite3_close(db);
    return err;
}

START_TEST(an_older_store_is_brought_up_to_date_with_what_it_holds)
{
    kit_open(&k);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_OK);
    kit_close(&k);
    ck_assert_int_eq(apply_with("ALTER TABLE delivery ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"), RB_OK);
    by_hand("INSERT INTO delivery (key, state, is_read_only, changed_utc_ms) SELECT key || colour, 'abandoned', 0, 0 "
            "FROM delivery");
    ck_assert_int_eq(kit_try_open(&k), RB_E_CONFIG);
    ck_assert_msg(strstr(k.errbuf.text, "newer") != NULL, "%s", k.errbuf.text);
}
END_TEST

START_TEST(a_step_that_fails_leaves_the_store_as_it_was)
{
    kit_open(&k);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_OK);
    kit_close(&k);
    ck_assert_int_eq(apply_with("DELETE FROM delivery; ALTER TABLE nothing ADD COLUMN colour TEXT"), RB_E_DISK);
    kit_open(&k);
    ck_assert_uint_eq(kit_waiting(&k), 1);
}
END_TEST

START_TEST(opening_twice_makes_the_tables_once)
{
    kit_open(&k);
    kit_reopen(&k);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_OK);
}
END_TEST

/* ---- others ----------------------------------------------------------------------------------------------------- */

/* A process that holds the write lock for that long, as a maintenance script would. */
static pid_t hold_write_lock(long held_ms)
{
    struct timespec held = {held_ms / 1000, held_ms % 1000 * 1000000};
    int ready[2];
    char byte = 0;

    ck_assert_int_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *db = NULL;
        (void)sqlite3_open(k.path, &db);
        (void)sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        (void)!write(ready[1], "y", 1);
        (void)nanosleep(&held, NULL);
        _exit(0);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    return child;
}

START_TEST(a_commit_waits_for_another_programs_write_lock)
{
    kit_open(&k);
    kit_close(&k);
    pid_t child = hold_write_lock(300);
    kit_open(&k);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_OK);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

START_TEST(another_programs_write_lock_is_not_called_a_broken_disk)
{
    kit_open(&k);
    kit_close(&k);
    pid_t child = hold_write_lock(60000);
    ck_assert_int_eq(kit_try_open(&k), RB_E_DISK);
    (void)kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_msg(strstr(k.errbuf.text, "another program is writing to the store: end it") != NULL, "%s",
                  k.errbuf.text);
    ck_assert_msg(strstr(k.errbuf.text, "mend the disk") == NULL, "%s", k.errbuf.text);
    kit_open(&k); /* and nothing is lost */
}
END_TEST

/* ---- the lock --------------------------------------------------------------------------------------------------- */

START_TEST(a_second_bot_is_refused_and_told_the_pid_of_the_first)
{
    rb_lock *first = NULL;
    rb_lock *second = NULL;
    char pid[32];

    ck_assert_int_eq(rb_lock_open(k.path, &first, &k.errbuf), RB_OK);
    ck_assert_int_eq(rb_lock_open(k.path, &second, &k.errbuf), RB_E_AGAIN);
    (void)snprintf(pid, sizeof pid, "pid %ld", (long)getpid());
    ck_assert_msg(strstr(k.errbuf.text, pid) != NULL, "%s", k.errbuf.text);
    rb_lock_close(first);
    ck_assert_int_eq(rb_lock_open(k.path, &second, &k.errbuf), RB_OK);
    rb_lock_close(second);
    rb_lock_close(NULL);
}
END_TEST

START_TEST(a_killed_bot_gives_its_lock_back)
{
    rb_lock *lock = NULL;
    int ready[2];
    char byte = 0;

    ck_assert_int_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        rb_err err = rb_lock_open(k.path, &lock, NULL);
        (void)!write(ready[1], err == RB_OK ? "y" : "n", 1);
        (void)pause();
        _exit(0);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'y');
    ck_assert_int_eq(rb_lock_open(k.path, &lock, &k.errbuf), RB_E_AGAIN);
    (void)kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_int_eq(rb_lock_open(k.path, &lock, &k.errbuf), RB_OK);
    rb_lock_close(lock);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_open");
    TCase *one = tcase_create("store_open");

    tcase_set_timeout(one, 60);
    tcase_add_checked_fixture(one, set_up, tear_down);
    tcase_add_test(one, the_store_is_for_its_owner_alone);
    tcase_add_test(one, a_newer_store_is_refused_and_left_alone);
    tcase_add_test(one, another_programs_database_is_refused_and_left_alone);
    tcase_add_test(one, a_file_that_is_no_database_is_refused);
    tcase_add_test(one, urls_without_a_plain_path_are_refused);
    tcase_add_test(one, a_damaged_store_is_noticed_after_a_crash);
    tcase_add_test(one, a_store_with_requests_opens_again_after_a_crash);
    tcase_add_test(one, a_row_that_does_not_read_is_named);
    tcase_add_test(one, a_column_that_contradicts_its_document_is_named);
    tcase_add_test(one, a_reader_sees_the_store_of_a_running_bot_and_writes_nothing);
    tcase_add_test(one, a_reader_sees_what_a_stopped_or_killed_bot_left);
    tcase_add_test(one, a_reader_makes_no_store);
    tcase_add_test(one, an_older_store_is_brought_up_to_date_with_what_it_holds);
    tcase_add_test(one, a_step_that_fails_leaves_the_store_as_it_was);
    tcase_add_test(one, opening_twice_makes_the_tables_once);
    tcase_add_test(one, a_commit_waits_for_another_programs_write_lock);
    tcase_add_test(one, another_programs_write_lock_is_not_called_a_broken_disk);
    tcase_add_test(one, a_second_bot_is_refused_and_told_the_pid_of_the_first);
    tcase_add_test(one, a_killed_bot_gives_its_lock_back);
    suite_add_tcase(suite, one);
    return kit_run(suite);
}
