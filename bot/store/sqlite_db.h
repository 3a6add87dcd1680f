/* sqlite_db.h - inside the SQLite store: the connection, its prepared statements, and what its errors mean.
 *
 * Statements are prepared once, at open. Errors sort into three: a broken uniqueness (fails one change), our own bug in
 * one change, and everything else, which means that the disk or the file cannot be trusted any more. */
#ifndef RB_STORE_SQLITE_DB_H
#define RB_STORE_SQLITE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/clock.h"
#include "resetbot/err.h"

struct sqlite3;
struct sqlite3_stmt;

typedef enum {
    RB_SQL_BEGIN,
    RB_SQL_BEGIN_READ,
    RB_SQL_COMMIT,
    RB_SQL_ROLLBACK,
    RB_SQL_SAVEPOINT,
    RB_SQL_RELEASE,
    RB_SQL_ROLLBACK_TO,
    RB_SQL_META_SET,
    RB_SQL_META_GET,
    RB_SQL_DELIVERY_RECEIVE,
    RB_SQL_DELIVERY_CONSUME,
    RB_SQL_DELIVERY_ABANDON,
    RB_SQL_DELIVERY_PRUNE,
    RB_SQL_DELIVERY_LIST,
    RB_SQL_REQUEST_INSERT,
    RB_SQL_REQUEST_UPDATE,
    RB_SQL_REQUEST_TAKEN,
    RB_SQL_REQUEST_GET,
    RB_SQL_REQUEST_LIVE,
    RB_SQL_REQUEST_EARLIER,
    RB_SQL_REQUEST_FINISHED,
    RB_SQL_OWNER_CLEAR,
    RB_SQL_OWNER_ADD,
    RB_SQL_ATTEMPT_PUT,
    RB_SQL_ATTEMPT_COUNT,
    RB_SQL_COUNTS,
    RB_SQL_RECORD_ADD,
    RB_SQL_RECORD_LAST,
    RB_SQL_RECORD_LIST,
    RB_SQL_RECORD_NEWEST,
    RB_SQL_RECORD_WALK,
    RB_SQL_OUT_PUT,
    RB_SQL_OUT_DELETE,
    RB_SQL_OUT_LIST,
    RB_SQL_COUNT
} rb_sql;

/* Where the record's chain ends. */
typedef struct {
    int64_t seq; /* 0: no record yet */
    char hash[65];
} rb_chain;

typedef struct rb_sqlite {
    struct sqlite3 *db;
    struct sqlite3_stmt *statements[RB_SQL_COUNT];
    rb_clock clock;
    rb_chain chain;
    int64_t last_utc_ms; /* of the newest commit, see rb_sqlite_trust_clock */
    int wal_pages;       /* in the log after the newest commit */
    bool is_reader;      /* opened for looking only */
    bool is_broken;      /* a write failed: nothing is written any more */
    rb_errbuf why_broken;
} rb_sqlite;

/* One bound parameter. A NULL text is SQL's NULL. Texts are borrowed until the statement is reset. */
typedef struct {
    bool is_number;
    int64_t number;
    const char *text;
} rb_sql_arg;

#define RB_ARG_I(value) ((rb_sql_arg){.is_number = true, .number = (int64_t)(value)})
#define RB_ARG_T(value) ((rb_sql_arg){.text = (value)})
#define RB_ARGS(...) ((const rb_sql_arg[]){__VA_ARGS__}), sizeof((const rb_sql_arg[]){__VA_ARGS__}) / sizeof(rb_sql_arg)

/* Prepares every statement. RB_E_CONFIG with a sentence when the schema does not fit. */
rb_err rb_sql_prepare(rb_sqlite *store, rb_errbuf *errbuf) RB_MUST_CHECK;
void rb_sql_finalize(rb_sqlite *store);

/* Runs a statement that gives no rows. out_changes (may be NULL): rows touched. RB_E_EXISTS: a unique value is taken;
 * RB_E_INTERNAL: another rule of the schema refused it (logged); RB_E_DISK: the store is now broken, why_broken says why. */
rb_err rb_sql_run(rb_sqlite *store, rb_sql which, const rb_sql_arg *args, size_t n_args,
                  int *out_changes) RB_MUST_CHECK;
rb_err rb_sql_do(rb_sqlite *store, rb_sql which) RB_MUST_CHECK; /* without parameters */

/* Ends the open transaction without effect; nothing when there is none (SQLite ends it itself after some failures). */
void rb_sql_rollback(rb_sqlite *store);

/* Starts a statement that gives rows; NULL-safe rb_sql_end after the last row is a must. */
struct sqlite3_stmt *rb_sql_start(rb_sqlite *store, rb_sql which, const rb_sql_arg *args, size_t n_args);
/* *out_has_row false: no more. RB_E_IO with a sentence on a failed read. */
rb_err rb_sql_next(rb_sqlite *store, struct sqlite3_stmt *statement, bool *out_has_row,
                   rb_errbuf *errbuf) RB_MUST_CHECK;
void rb_sql_end(struct sqlite3_stmt *statement);

/* Columns of the present row, borrowed until the next rb_sql_next or rb_sql_end. NULL reads as "" and 0. A text
 * for which there is no memory ends the process. */
const char *rb_sql_text(struct sqlite3_stmt *statement, int column);
int64_t rb_sql_number(struct sqlite3_stmt *statement, int column);
bool rb_sql_is_null(struct sqlite3_stmt *statement, int column);

/* Marks the store as broken for good, with the connection's own message. Returns RB_E_DISK. */
rb_err rb_sql_break(rb_sqlite *store, const char *what, int rc);

#define RB_META_LAST_UTC "last_utc_ms"

/* Named values: RB_META_LAST_UTC, "is_running", "record_head". Absent: number 0 and text "". */
typedef struct {
    int64_t number;
    char text[65];
} rb_meta;
rb_err rb_meta_get(rb_sqlite *store, const char *name, rb_meta *out_meta, rb_errbuf *errbuf) RB_MUST_CHECK;
rb_err rb_meta_set(rb_sqlite *store, const char *name, int64_t number, const char *text) RB_MUST_CHECK;

#endif
