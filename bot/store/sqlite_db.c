/* sqlite_db.c - see sqlite_db.h. */
#include "sqlite_db.h"

#include <assert.h>
#include <string.h>

#include <sqlite3.h>

#include "resetbot/log.h"
#include "resetbot/str.h"

static const char *const texts[RB_SQL_COUNT] = {
    /* IMMEDIATE: the write lock first, so that what a change reads is what it writes upon */
    [RB_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [RB_SQL_BEGIN_READ] = "BEGIN",
    [RB_SQL_COMMIT] = "COMMIT",
    [RB_SQL_ROLLBACK] = "ROLLBACK",
    [RB_SQL_SAVEPOINT] = "SAVEPOINT one_change",
    [RB_SQL_RELEASE] = "RELEASE one_change",
    [RB_SQL_ROLLBACK_TO] = "ROLLBACK TO one_change",
    [RB_SQL_META_SET] = "INSERT INTO meta (name, number, text) VALUES (?1, ?2, ?3)"
                        " ON CONFLICT (name) DO UPDATE SET number = ?2, text = ?3",
    [RB_SQL_META_GET] = "SELECT number, text FROM meta WHERE name = ?1",
    [RB_SQL_DELIVERY_RECEIVE] = "INSERT INTO delivery (key, state, is_read_only, doc, changed_utc_ms)"
                                " VALUES (?1, 'received', ?2, ?3, ?4)",
    [RB_SQL_DELIVERY_CONSUME] = "UPDATE delivery SET state = 'consumed', doc = NULL, changed_utc_ms = ?2"
                                " WHERE key = ?1 AND state = 'received'",
    [RB_SQL_DELIVERY_ABANDON] = "INSERT INTO delivery (key, state, is_read_only, doc, changed_utc_ms)"
                                " VALUES (?1, 'abandoned', 0, NULL, ?2)"
                                " ON CONFLICT (key) DO UPDATE SET state = 'abandoned', doc = NULL, changed_utc_ms = ?2"
                                " WHERE state = 'received'",
    [RB_SQL_DELIVERY_PRUNE] = "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery"
                              " WHERE state <> 'received' AND changed_utc_ms < ?1 LIMIT ?2)",
    [RB_SQL_DELIVERY_LIST] = "SELECT key, is_read_only, doc FROM delivery WHERE state = 'received' ORDER BY id",
    [RB_SQL_REQUEST_INSERT] =
        "INSERT INTO request (id, version, state, is_open, is_final, device_id, serial, requester_team, requester_user,"
        " requester_entra, created_utc_ms, state_utc_ms, ended_utc_ms, has_code, doc)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT (id) DO NOTHING",
    [RB_SQL_REQUEST_UPDATE] =
        "UPDATE request SET version = ?2, state = ?3, is_open = ?4, is_final = ?5, device_id = ?6, serial = ?7,"
        " requester_team = ?8, requester_user = ?9, requester_entra = ?10, created_utc_ms = ?11, state_utc_ms = ?12,"
        " ended_utc_ms = ?13, has_code = ?14, doc = ?15 WHERE id = ?1 AND version = ?2 - 1",
    [RB_SQL_REQUEST_TAKEN] = "SELECT id FROM request WHERE device_id = ?1 AND device_id <> '' AND is_open = 1",
    [RB_SQL_REQUEST_GET] = "SELECT id, version, state, doc FROM request WHERE id = ?1",
    [RB_SQL_REQUEST_LIVE] =
        "SELECT id, version, state, doc FROM request WHERE is_final = 0"
        " UNION ALL SELECT id, version, state, doc FROM request WHERE state = 'unknown' AND state_utc_ms >= ?1"
        " UNION ALL SELECT id, version, state, doc FROM request WHERE state = 'done' AND has_code = 1 AND ended_utc_ms "
        ">= ?1",
    [RB_SQL_REQUEST_EARLIER] =
        "SELECT id, version, state, doc FROM request WHERE state <> 'draft' AND created_utc_ms >= ?1 AND id <> ?2"
        " AND ((?3 <> '' AND device_id = ?3) OR (?4 <> '' AND serial = ?4) OR id IN (SELECT request FROM request_owner"
        " WHERE entra IN (?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)))"
        " ORDER BY created_utc_ms DESC, id DESC LIMIT ?21",
    /* when it was created is indexed, and bounds what is read */
    [RB_SQL_REQUEST_FINISHED] =
        "SELECT id, version, state, doc FROM request WHERE created_utc_ms >= ?1 AND is_final = 1 AND requester_team = "
        "?2"
        " AND requester_user = ?3 AND state_utc_ms >= ?4 ORDER BY state_utc_ms DESC, id DESC LIMIT ?5",
    [RB_SQL_OWNER_CLEAR] = "DELETE FROM request_owner WHERE request = ?1",
    [RB_SQL_OWNER_ADD] = "INSERT INTO request_owner (request, entra) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    /* an attempt's row never changes but for its outcome: another id or time at the same place is refused by a trigger */
    [RB_SQL_ATTEMPT_PUT] = "INSERT INTO attempt (request, n, client_request_id, at_utc_ms, outcome)"
                           " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (request, n) DO UPDATE SET"
                           " client_request_id = ?3, at_utc_ms = ?4, outcome = ?5"
                           " WHERE client_request_id <> ?3 OR at_utc_ms <> ?4 OR outcome <> ?5",
    [RB_SQL_ATTEMPT_COUNT] = "SELECT count(*) FROM attempt WHERE request = ?1",
    /* ?1 device, ?2 team, ?3 user, ?4 a day ago, ?5 an hour ago; the later of a day and an hour ago is the hour. Whoever takes
     * a request over, it counts against who sent it: in doc, and in rows from before that was kept the requester. */
    [RB_SQL_COUNTS] =
        "SELECT count(DISTINCT CASE WHEN r.device_id = ?1 THEN r.id END),"
        " count(DISTINCT CASE WHEN a.at_utc_ms > ?5"
        " AND coalesce(nullif(json_extract(r.doc, '$.sender.team'), ''), r.requester_team) = ?2"
        " AND coalesce(nullif(json_extract(r.doc, '$.sender.user'), ''), r.requester_user) = ?3 THEN r.id END),"
        " count(DISTINCT CASE WHEN a.at_utc_ms > ?5 THEN r.id END)"
        " FROM attempt AS a JOIN request AS r ON r.id = a.request WHERE a.at_utc_ms > ?4",
    [RB_SQL_RECORD_ADD] = "INSERT INTO record (seq, at_utc_ms, request, kind, team, user, who_name, text, hash)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [RB_SQL_RECORD_LAST] = "SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1",
    /* the newest ?3, oldest first */
    [RB_SQL_RECORD_LIST] =
        "SELECT seq, at_utc_ms, request, kind, team, user, who_name, text, hash FROM (SELECT * FROM record"
        " WHERE request = ?1 AND at_utc_ms >= ?2 ORDER BY seq DESC LIMIT ?3) ORDER BY seq",
    [RB_SQL_RECORD_NEWEST] =
        "SELECT seq, at_utc_ms, request, kind, team, user, who_name, text, hash FROM (SELECT * FROM record"
        " WHERE ?1 = '' AND at_utc_ms >= ?2 ORDER BY seq DESC LIMIT ?3) ORDER BY seq",
    [RB_SQL_RECORD_WALK] = "SELECT seq, at_utc_ms, request, kind, team, user, who_name, text, hash FROM record WHERE "
                           "seq >= ?1 ORDER BY seq",
    [RB_SQL_OUT_PUT] = "INSERT INTO outbox (id, doc, payload) VALUES (?1, ?2, ?3)"
                       " ON CONFLICT (id) DO UPDATE SET doc = ?2, payload = ?3",
    [RB_SQL_OUT_DELETE] = "DELETE FROM outbox WHERE id = ?1",
    [RB_SQL_OUT_LIST] = "SELECT id, doc, payload FROM outbox ORDER BY id",
};

rb_err rb_sql_prepare(rb_sqlite *store, rb_errbuf *errbuf)
{
    for (size_t i = 0; i < RB_SQL_COUNT; i++) {
        assert(texts[i]);
        int rc = sqlite3_prepare_v3(store->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL);
        if (rc != SQLITE_OK)
            return rb_fail(errbuf, RB_E_CONFIG, "the store does not have the expected tables (%s): restore a backup",
                           sqlite3_errmsg(store->db));
    }
    return RB_OK;
}

void rb_sql_finalize(rb_sqlite *store)
{
    for (size_t i = 0; i < RB_SQL_COUNT; i++) {
        (void)sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
}

/* What the disk was to do, by SQLite's extended codes (sqlite.org/rescode.html); its message says "disk I/O error" for all. */
static const char *failed_operation(int rc)
{
    switch (rc) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC: return "a sync failed, ";
    case SQLITE_IOERR_WRITE: return "a write failed, ";
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ: return "a read failed, ";
    case SQLITE_IOERR_TRUNCATE: return "a truncation failed, ";
    default: return "";
    }
}

rb_err rb_sql_break(rb_sqlite *store, const char *what, int rc)
{
    /* 0 when it was no system call that failed; for a full disk too, which SQLite's message names */
    int number = sqlite3_system_errno(store->db);

    if (!store->is_broken)
        (void)rb_fail(&store->why_broken, RB_E_DISK,
                      "the store cannot %s: %s (%sSQLite's code %d%s%s): free space or mend the disk, then start again",
                      what, sqlite3_errmsg(store->db), failed_operation(rc), rc, number ? ": " : "",
                      number ? strerror(number) : "");
    store->is_broken = true;
    return RB_E_DISK;
}

static int bind(struct sqlite3_stmt *statement, const rb_sql_arg *args, size_t n_args)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; rc == SQLITE_OK && i < n_args; i++) {
        int place = (int)i + 1;
        if (args[i].is_number)
            rc = sqlite3_bind_int64(statement, place, args[i].number);
        else
            rc = sqlite3_bind_text(statement, place, args[i].text, -1, SQLITE_STATIC);
    }
    return rc;
}

/* SQLite's extended codes: the low byte is the primary one. */
static rb_err sort_failure(rb_sqlite *store, rb_sql which, int rc)
{
    if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
        return RB_E_EXISTS;
    if ((rc & 0xff) != SQLITE_CONSTRAINT)
        return rb_sql_break(store, which == RB_SQL_COMMIT ? "commit" : "write", rc);
    rb_log(RB_LOG_ERROR, "event=store_change_refused statement=%d why=\"%s\"", (int)which, sqlite3_errmsg(store->db));
    return RB_E_INTERNAL;
}

rb_err rb_sql_run(rb_sqlite *store, rb_sql which, const rb_sql_arg *args, size_t n_args, int *out_changes)
{
    struct sqlite3_stmt *statement = store->statements[which];
    rb_err err = RB_OK;

    int rc = bind(statement, args, n_args);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc != SQLITE_DONE)
        err = sort_failure(store, which, rc);
    else if (out_changes)
        *out_changes = sqlite3_changes(store->db);
    rb_sql_end(statement);
    return err;
}

rb_err rb_sql_do(rb_sqlite *store, rb_sql which)
{
    return rb_sql_run(store, which, NULL, 0, NULL);
}

void rb_sql_rollback(rb_sqlite *store)
{
    struct sqlite3_stmt *statement = store->statements[RB_SQL_ROLLBACK];

    if (sqlite3_get_autocommit(store->db))
        return;
    /* what cannot be rolled back now is rolled back at the next open */
    (void)sqlite3_step(statement);
    rb_sql_end(statement);
}

struct sqlite3_stmt *rb_sql_start(rb_sqlite *store, rb_sql which, const rb_sql_arg *args, size_t n_args)
{
    struct sqlite3_stmt *statement = store->statements[which];

    /* out of memory while binding: NULL makes the first rb_sql_next fail */
    if (bind(statement, args, n_args) == SQLITE_OK)
        return statement;
    rb_sql_end(statement);
    return NULL;
}

rb_err rb_sql_next(rb_sqlite *store, struct sqlite3_stmt *statement, bool *out_has_row, rb_errbuf *errbuf)
{
    if (!statement)
        return rb_fail(errbuf, RB_E_IO, "out of memory while asking the store");
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return rb_fail(errbuf, RB_E_IO, "the store cannot be read: %s (%d): check the disk", sqlite3_errmsg(store->db),
                       rc);
    *out_has_row = rc == SQLITE_ROW;
    return RB_OK;
}

void rb_sql_end(struct sqlite3_stmt *statement)
{
    if (!statement)
        return;
    /* the result repeats the failure of the step, which was handled */
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
}

const char *rb_sql_text(struct sqlite3_stmt *statement, int column)
{
    bool is_null = sqlite3_column_type(statement, column) == SQLITE_NULL;
    const unsigned char *text = sqlite3_column_text(statement, column);

    /* taken for empty it would be acted on: a line left out, a chain begun anew (sqlite.org/c3ref/column_blob.html, read 2026-11) */
    if (!text && !is_null)
        rb_out_of_memory("a text of the store");
    return text ? (const char *)text : "";
}

int64_t rb_sql_number(struct sqlite3_stmt *statement, int column)
{
    return sqlite3_column_int64(statement, column);
}

bool rb_sql_is_null(struct sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL;
}

rb_err rb_meta_get(rb_sqlite *store, const char *name, rb_meta *out_meta, rb_errbuf *errbuf)
{
    struct sqlite3_stmt *row = rb_sql_start(store, RB_SQL_META_GET, RB_ARGS(RB_ARG_T(name)));
    rb_meta meta = {0};
    bool has_row = false;

    rb_err err = rb_sql_next(store, row, &has_row, errbuf);
    if (err == RB_OK && has_row) {
        meta.number = rb_sql_number(row, 0);
        if (rb_copy(meta.text, sizeof meta.text, rb_str_of(rb_sql_text(row, 1))) != RB_OK)
            err = rb_fail(errbuf, RB_E_IO, "the store's value %s is too long: restore a backup", name);
    }
    rb_sql_end(row);
    if (err == RB_OK)
        *out_meta = meta;
    return err;
}

rb_err rb_meta_set(rb_sqlite *store, const char *name, int64_t number, const char *text)
{
    return rb_sql_run(store, RB_SQL_META_SET, RB_ARGS(RB_ARG_T(name), RB_ARG_I(number), RB_ARG_T(text)), NULL);
}
