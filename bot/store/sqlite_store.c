/* sqlite_store.c - see sqlite_store.h. */
#include "sqlite_store.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "resetbot/log.h"
#include "sqlite_chain.h"
#include "sqlite_commit.h"
#include "sqlite_db.h"
#include "sqlite_query.h"
#include "sqlite_schema.h"
#include "store_file.h"

/* how long to wait for another program's write lock, such as a backup's */
#define BUSY_TIMEOUT_MS 5000
/* the log is written again in pieces of that many bytes */
#define LOG_STEP 16384
/* "is_running" is 1 while a bot has the store open: found at a start, the end before was not clean */
#define RUNNING "is_running"

const char *rb_sqlite_path(const char *url)
{
    static const char scheme[] = "sqlite:";

    if (!url || strncmp(url, scheme, sizeof scheme - 1) != 0)
        return NULL;
    const char *path = url + sizeof scheme - 1;
    /* ":memory:" would lose everything, and "file:" names are SQLite's own URLs */
    bool is_plain = *path && *path != ':' && strncmp(path, "file:", 5) != 0 && strlen(path) < PATH_MAX;
    return is_plain ? path : NULL;
}

/* ---- the connection --------------------------------------------------------------------------------------------- */

static int note_wal_pages(void *self, struct sqlite3 *db, const char *name, int pages)
{
    rb_sqlite *store = self;

    (void)db;
    (void)name;
    store->wal_pages = pages;
    return SQLITE_OK;
}

static rb_err connect_db(rb_sqlite *store, const char *path, rb_errbuf *errbuf)
{
    int flags = SQLITE_OPEN_FULLMUTEX | (store->is_reader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    int rc = sqlite3_open_v2(path, &store->db, flags, NULL);

    if (rc != SQLITE_OK)
        return rb_fail(errbuf, RB_E_CONFIG, "%s cannot be opened: %s", path,
                       store->db ? sqlite3_errmsg(store->db) : "out of memory");
    (void)sqlite3_extended_result_codes(store->db, 1);
    (void)sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    /* a damaged or foreign file cannot make us run functions, nor can a slip of ours write to the schema */
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* also takes SQLite's own automatic checkpoint away: see checkpoint() in sqlite_commit.c */
    (void)sqlite3_wal_hook(store->db, note_wal_pages, store);
    return RB_OK;
}

/* The first column of the first row is the wanted text. */
static bool says(struct sqlite3 *db, const char *sql, const char *wanted)
{
    struct sqlite3_stmt *row = NULL;
    bool is_same = false;

    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW)
        is_same = strcmp(rb_sql_text(row, 0), wanted) == 0;
    (void)sqlite3_finalize(row);
    return is_same;
}

static rb_err set_up(rb_sqlite *store, rb_errbuf *errbuf)
{
    static const char settings[] = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST;"
                                   "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;";
    int rc = sqlite3_exec(store->db, settings, NULL, NULL, NULL);

    if (rc != SQLITE_OK)
        return rb_fail(errbuf, RB_E_DISK, "the store cannot be set up: %s (%d)", sqlite3_errmsg(store->db), rc);
    return RB_OK;
}

/* Before the first write: a file of another program, or of a newer resetbot, stays untouched. */
static rb_err turn_on_wal(rb_sqlite *store, rb_errbuf *errbuf)
{
    if (!says(store->db, "PRAGMA journal_mode = WAL", "wal"))
        return rb_fail(errbuf, RB_E_DISK,
                       "the store cannot keep a write-ahead log: %s: use a local disk, no network share",
                       sqlite3_errmsg(store->db));
    return RB_OK;
}

/* In place, so that a power cut half-way leaves what was there. */
static int write_again(struct sqlite3_file *log)
{
    unsigned char bytes[LOG_STEP];
    sqlite3_int64 len = 0;
    int rc = log->pMethods->xFileSize(log, &len);

    for (sqlite3_int64 at = 0; rc == SQLITE_OK && at < len; at += LOG_STEP) {
        int n = (int)(len - at < LOG_STEP ? len - at : LOG_STEP);
        rc = log->pMethods->xRead(log, bytes, n, at);
        if (rc == SQLITE_OK)
            rc = log->pMethods->xWrite(log, bytes, n, at);
    }
    return rc == SQLITE_OK && len > 0 ? log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) : rc;
}

/* What the process before wrote to the log may be read now and yet not be on the disk: it was killed before the sync, or the
 * sync failed, and then the kernel takes the pages for clean and no later sync writes them (Linux:
 * wiki.postgresql.org/wiki/Fsync_Errors, read 2026-11). Nothing is done upon it or written behind it before it is there. */
static rb_err secure_log(rb_sqlite *store, rb_errbuf *errbuf)
{
    struct sqlite3_file *log = NULL;
    int rc = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log);
    if (rc == SQLITE_OK && log->pMethods)
        rc = write_again(log);
    (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return RB_OK;
    store->is_broken = true;        /* no further sync, at closing neither */
    if ((rc & 0xff) == SQLITE_BUSY) /* the low byte is the primary code */
        return rb_fail(errbuf, RB_E_DISK,
                       "the store's log cannot be secured: another program is writing to the store: end it,"
                       " then start again");
    return rb_fail(errbuf, RB_E_DISK, "the store's log cannot be secured: %s (%d): mend the disk, then start again",
                   sqlite3_errstr(rc), rc);
}

rb_err rb_sqlite_check(rb_sqlite *store, rb_errbuf *errbuf)
{
    /* not quick_check: in SQLite 3.40.1 it finds NULLs that are none where a primary key WITHOUT ROWID names its columns in
     * another order than the table (seen with request_owner, whose entra then counted as NULL) */
    if (!says(store->db, "PRAGMA integrity_check(1)", "ok"))
        return rb_fail(errbuf, RB_E_DISK, "the store is damaged: keep the file, restore a backup, then start again");
    return RB_OK;
}

static rb_err check_after_crash(rb_sqlite *store, rb_errbuf *errbuf)
{
    rb_meta running = {0};
    rb_err err = rb_meta_get(store, RUNNING, &running, errbuf);

    if (err != RB_OK || running.number == 0)
        return err;
    rb_log(RB_LOG_WARN, "event=store_not_closed_cleanly do=check");
    return rb_sqlite_check(store, errbuf);
}

/* A transaction of its own; a failure breaks the store. */
static rb_err set_running(rb_sqlite *store, bool is_running, rb_errbuf *errbuf)
{
    rb_err err = rb_meta_set(store, RUNNING, is_running, "");

    return err == RB_OK ? RB_OK : rb_fail(errbuf, RB_E_DISK, "%s", store->why_broken.text);
}

static rb_err load_last_utc(rb_sqlite *store, rb_errbuf *errbuf)
{
    rb_meta last = {0};
    rb_err err = rb_meta_get(store, RB_META_LAST_UTC, &last, errbuf);

    store->last_utc_ms = last.number;
    return err;
}

static rb_err open_writer(rb_sqlite *store, const char *path, rb_errbuf *errbuf)
{
    rb_err err = rb_store_file_prepare(path, errbuf);

    if (err == RB_OK)
        err = connect_db(store, path, errbuf);
    if (err == RB_OK)
        err = rb_schema_refuse(store->db, rb_schema_n_steps, errbuf);
    if (err == RB_OK)
        err = turn_on_wal(store, errbuf);
    if (err == RB_OK)
        err = secure_log(store, errbuf);
    if (err == RB_OK)
        err = set_up(store, errbuf);
    if (err == RB_OK)
        err = rb_schema_apply(store->db, rb_schema_steps, rb_schema_n_steps, errbuf);
    if (err == RB_OK)
        err = rb_sql_prepare(store, errbuf);
    if (err == RB_OK)
        err = check_after_crash(store, errbuf);
    if (err == RB_OK)
        err = rb_chain_load(store, errbuf);
    if (err == RB_OK)
        err = load_last_utc(store, errbuf);
    if (err == RB_OK)
        err = set_running(store, true, errbuf);
    return err;
}

static rb_err open_reader(rb_sqlite *store, const char *path, rb_errbuf *errbuf)
{
    rb_err err = connect_db(store, path, errbuf);

    if (err == RB_OK)
        err = rb_schema_check(store->db, rb_schema_n_steps, errbuf);
    if (err == RB_OK)
        err = rb_sql_prepare(store, errbuf);
    return err;
}

/* ---- the contract ----------------------------------------------------------------------------------------------- */

static void discard(rb_sqlite *store)
{
    rb_sql_finalize(store);
    /* closing folds the log into the file, and syncs: on a disk that failed, not again */
    if (store->is_broken)
        (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_close(store->db);
    free(store);
}

static rb_err open_store(const char *url, rb_clock clock, bool is_reader, rb_sqlite **out_store, rb_errbuf *errbuf)
{
    const char *path = rb_sqlite_path(url);

    if (!path)
        return rb_fail(errbuf, RB_E_CONFIG, "store.url is not sqlite:PATH with the path of a file: write it that way");
    rb_sqlite *store = calloc(1, sizeof *store);
    if (!store)
        return rb_fail(errbuf, RB_E_NOMEM, "out of memory while opening the store");
    store->clock = clock;
    store->is_reader = is_reader;
    rb_err err = is_reader ? open_reader(store, path, errbuf) : open_writer(store, path, errbuf);
    if (err == RB_OK)
        *out_store = store;
    else
        discard(store);
    return err;
}

rb_err rb_sqlite_open(const char *url, rb_clock clock, rb_sqlite **out_store, rb_errbuf *errbuf)
{
    return open_store(url, clock, false, out_store, errbuf);
}

rb_err rb_sqlite_open_reader(const char *url, rb_clock clock, rb_sqlite **out_store, rb_errbuf *errbuf)
{
    return open_store(url, clock, true, out_store, errbuf);
}

void rb_sqlite_close(rb_sqlite *store)
{
    rb_errbuf errbuf;

    if (!store)
        return;
    /* a broken store is left as it is, and the next start checks it */
    if (!store->is_reader && !store->is_broken && set_running(store, false, &errbuf) != RB_OK)
        rb_log(RB_LOG_ERROR, "event=store_close_failed why=\"%s\"", errbuf.text);
    discard(store);
}

void rb_sqlite_trust_clock(rb_sqlite *store)
{
    store->last_utc_ms = 0;
}

rb_store_port rb_sqlite_port(rb_sqlite *store)
{
    return (rb_store_port){.self = store, .commit = rb_sqlite_commit, .query = rb_sqlite_query};
}

rb_err rb_sqlite_verify(rb_sqlite *store, uint64_t *out_first_bad_seq, rb_errbuf *errbuf)
{
    rb_chain_check check = {0};
    rb_err err = rb_chain_walk(store, NULL, NULL, &check, errbuf);

    if (err == RB_OK)
        *out_first_bad_seq = (uint64_t)check.first_bad_seq;
    return err;
}
