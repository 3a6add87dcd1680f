/* sqlite_chain.h - inside the SQLite store: the record, append-only and chained by hash (A2).
 *
 * hash = SHA-256 of the text `resetbot-record-1`, the previous row's hash (64 zeros before the first) and every column, each
 * written as its length in bytes, a colon, its bytes and a comma, so that no two rows have the same text. Where the chain
 * ends is kept apart, so that rows cut off its end are missed too. */
#ifndef RB_STORE_SQLITE_CHAIN_H
#define RB_STORE_SQLITE_CHAIN_H

#include "resetbot/store_port.h"
#include "sqlite_db.h"

/* Loads where the chain ends from the newest row; logs when that is not where it was left. */
rb_err rb_chain_load(rb_sqlite *store, rb_errbuf *errbuf) RB_MUST_CHECK;

/* Appends within the open transaction and moves store->chain; the caller puts that back when it rolls back. */
rb_err rb_chain_append(rb_sqlite *store, const rb_record *record) RB_MUST_CHECK;
/* Writes down where the chain ends; before each COMMIT that appended. */
rb_err rb_chain_mark(rb_sqlite *store) RB_MUST_CHECK;

/* The number of the newest record as it was left, 0 without one: how far a walk will go. RB_E_IO: not readable. */
rb_err rb_chain_newest(rb_sqlite *store, int64_t *out_seq, rb_errbuf *errbuf) RB_MUST_CHECK;

/* One row of the record as read back. */
typedef struct {
    int64_t seq;
    rb_record record;
    char hash[65];
    bool is_linked; /* walks only: it is as it was written, and comes right after the row before */
} rb_chain_row;

/* Reads the present row of a statement that selects the record's columns in order. A text that is too long was not written
 * by us: it is cut, *out_fits false, and the chain does not match. */
void rb_chain_read(struct sqlite3_stmt *statement, rb_chain_row *out_row, bool *out_fits);

typedef struct {
    uint64_t n_records;
    int64_t first_bad_seq; /* 0: unbroken */
    char head[65];         /* hash of the newest row that fits; 64 zeros when empty */
} rb_chain_check;

/* Walks the whole record in order within one read transaction. row_fn (may be NULL) sees each row. RB_E_IO: not readable. */
typedef void (*rb_chain_row_fn)(void *self, const rb_chain_row *row);
rb_err rb_chain_walk(rb_sqlite *store, rb_chain_row_fn row_fn, void *self, rb_chain_check *out_check,
                     rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
