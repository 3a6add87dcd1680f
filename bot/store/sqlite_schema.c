/* sqlite_schema.c - see sqlite_schema.h. */
#include "sqlite_schema.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <sqlite3.h>

/* "rbot": marks the file as ours in its header (sqlite.org/fileformat2.html, application id) */
#define APPLICATION_ID 0x72626f74

static const char version_1[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL) STRICT, WITHOUT "
    "ROWID;"

    /* requests: what is asked about is a column, the whole is doc. Graph's ids are GUIDs: case does not tell them apart */
    "CREATE TABLE request ("
    " id TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,"
    " is_open INTEGER NOT NULL, is_final INTEGER NOT NULL,"
    " device_id TEXT NOT NULL COLLATE NOCASE, serial TEXT NOT NULL COLLATE NOCASE,"
    " requester_team TEXT NOT NULL, requester_user TEXT NOT NULL, requester_entra TEXT NOT NULL COLLATE NOCASE,"
    " created_utc_ms INTEGER NOT NULL, state_utc_ms INTEGER NOT NULL, ended_utc_ms INTEGER NOT NULL,"
    " has_code INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX request_one_open_a_device ON request (device_id) WHERE is_open = 1 AND device_id <> '';"
    "CREATE INDEX request_not_final ON request (created_utc_ms) WHERE is_final = 0;"
    "CREATE INDEX request_unknown ON request (state_utc_ms) WHERE state = 'unknown';"
    "CREATE INDEX request_with_code ON request (ended_utc_ms) WHERE state = 'done' AND has_code = 1;"
    "CREATE INDEX request_created ON request (created_utc_ms);"
    "CREATE TABLE request_owner ("
    " entra TEXT NOT NULL COLLATE NOCASE, request TEXT NOT NULL REFERENCES request (id),"
    " PRIMARY KEY (request, entra)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX request_owner_entra ON request_owner (entra);"

    /* R2: each attempt is a row before its POST leaves, and stays what it was */
    "CREATE TABLE attempt ("
    " request TEXT NOT NULL REFERENCES request (id), n INTEGER NOT NULL CHECK (n BETWEEN 1 AND 5),"
    " client_request_id TEXT NOT NULL UNIQUE, at_utc_ms INTEGER NOT NULL, outcome TEXT NOT NULL,"
    " PRIMARY KEY (request, n)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX attempt_at ON attempt (at_utc_ms);"
    "CREATE TRIGGER attempt_stays BEFORE UPDATE ON attempt WHEN OLD.request <> NEW.request OR OLD.n <> NEW.n"
    " OR OLD.client_request_id <> NEW.client_request_id OR OLD.at_utc_ms <> NEW.at_utc_ms"
    " BEGIN SELECT RAISE (ABORT, 'an attempt cannot be changed'); END;"
    "CREATE TRIGGER attempt_kept BEFORE DELETE ON attempt"
    " BEGIN SELECT RAISE (ABORT, 'an attempt cannot be removed'); END;"

    /* A2: append-only, and chained by hash so that a change by other means is seen */
    "CREATE TABLE record ("
    " seq INTEGER PRIMARY KEY NOT NULL, at_utc_ms INTEGER NOT NULL, request TEXT NOT NULL, kind TEXT NOT NULL,"
    " team TEXT NOT NULL, user TEXT NOT NULL, who_name TEXT NOT NULL, text TEXT NOT NULL, hash TEXT NOT NULL) STRICT;"
    "CREATE INDEX record_request ON record (request, seq);"
    "CREATE TRIGGER record_stays BEFORE UPDATE ON record BEGIN SELECT RAISE (ABORT, 'the record cannot be changed'); "
    "END;"
    "CREATE TRIGGER record_kept BEFORE DELETE ON record BEGIN SELECT RAISE (ABORT, 'the record cannot be removed'); "
    "END;"

    /* replacing a row runs no DELETE trigger */
    "CREATE TRIGGER record_grows BEFORE INSERT ON record WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM record)"
    " BEGIN SELECT RAISE (ABORT, 'the record only grows'); END;"

    "CREATE TABLE outbox (id INTEGER PRIMARY KEY NOT NULL, doc TEXT NOT NULL, payload TEXT) STRICT;"

    /* doc is there only while state is 'received' */
    "CREATE TABLE delivery ("
    " id INTEGER PRIMARY KEY NOT NULL, key TEXT NOT NULL UNIQUE, state TEXT NOT NULL, is_read_only INTEGER NOT NULL,"
    " doc TEXT, changed_utc_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX delivery_received ON delivery (id) WHERE state = 'received';"
    "CREATE INDEX delivery_over ON delivery (changed_utc_ms) WHERE state <> 'received';";

const char *const rb_schema_steps[] = {version_1};
const size_t rb_schema_n_steps = sizeof rb_schema_steps / sizeof *rb_schema_steps;

static rb_err ask_number(struct sqlite3 *db, const char *sql, int64_t *out_number, rb_errbuf *errbuf)
{
    struct sqlite3_stmt *row = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &row, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(row);
    if (rc == SQLITE_ROW)
        *out_number = sqlite3_column_int64(row, 0);
    (void)sqlite3_finalize(row);
    if (rc == SQLITE_ROW)
        return RB_OK;
    if (rc == SQLITE_NOTADB)
        return rb_fail(errbuf, RB_E_CONFIG,
                       "the file is not a database: name another in store.url, or restore a backup");
    return rb_fail(errbuf, RB_E_DISK, "the store cannot be read: %s (%d)", sqlite3_errmsg(db), rc);
}

static rb_err run_step(struct sqlite3 *db, const char *step, size_t version, rb_errbuf *errbuf)
{
    char mark[128];

    (void)snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %zu", APPLICATION_ID, version);
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, step, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, mark, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return RB_OK;
    rb_err err =
        rb_fail(errbuf, RB_E_DISK, "the store could not be brought to schema %zu: %s (%d): it is as it was before",
                version, sqlite3_errmsg(db), rc);
    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

/* The version of the file; 0 for an empty one. */
static rb_err read_version(struct sqlite3 *db, size_t n_steps, size_t *out_version, rb_errbuf *errbuf)
{
    int64_t version = 0;
    int64_t application = 0;
    int64_t tables = 0;

    rb_err err = ask_number(db, "PRAGMA user_version", &version, errbuf);
    if (err == RB_OK)
        err = ask_number(db, "PRAGMA application_id", &application, errbuf);
    if (err == RB_OK)
        err = ask_number(db, "SELECT count(*) FROM sqlite_schema", &tables, errbuf);
    if (err != RB_OK)
        return err;
    bool is_empty = version == 0 && application == 0 && tables == 0;
    if (!is_empty && (application != APPLICATION_ID || version < 1))
        return rb_fail(errbuf, RB_E_CONFIG, "the file is another program's database: name another in store.url");
    if (version > (int64_t)n_steps)
        return rb_fail(errbuf, RB_E_CONFIG,
                       "the store was written by a newer resetbot (schema %lld, this one knows %zu):"
                       " run that version",
                       (long long)version, n_steps);
    *out_version = (size_t)version;
    return RB_OK;
}

rb_err rb_schema_apply(struct sqlite3 *db, const char *const *steps, size_t n_steps, rb_errbuf *errbuf)
{
    size_t version = 0;

    rb_err err = read_version(db, n_steps, &version, errbuf);
    for (; err == RB_OK && version < n_steps; version++)
        err = run_step(db, steps[version], version + 1, errbuf);
    return err;
}

rb_err rb_schema_refuse(struct sqlite3 *db, size_t n_steps, rb_errbuf *errbuf)
{
    size_t version = 0;

    return read_version(db, n_steps, &version, errbuf);
}

rb_err rb_schema_check(struct sqlite3 *db, size_t n_steps, rb_errbuf *errbuf)
{
    size_t version = 0;

    rb_err err = read_version(db, n_steps, &version, errbuf);
    if (err == RB_OK && version != n_steps)
        return rb_fail(errbuf, RB_E_CONFIG,
                       "the store has schema %zu, this resetbot reads %zu: let resetbot run bring it"
                       " up to date",
                       version, n_steps);
    return err;
}
