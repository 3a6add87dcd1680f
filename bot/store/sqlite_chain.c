/* sqlite_chain.c - see sqlite_chain.h. */
#include "sqlite_chain.h"

#include <stdio.h>
#include <string.h>

#include "resetbot/log.h"
#include "resetbot/mac.h"

#define DOMAIN "resetbot-record-1"
#define START "0000000000000000000000000000000000000000000000000000000000000000"
/* every column at its cap, with lengths and separators, stays well below */
#define CANONICAL_MAX ((size_t)8 * 1024)
#define HEAD "record_head"

static void add_text(rb_buf *text, const char *value)
{
    rb_buf_addf(text, "%zu:", strlen(value));
    rb_buf_adds(text, value);
    rb_buf_adds(text, ",");
}

static void add_number(rb_buf *text, int64_t value)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%lld", (long long)value);
    add_text(text, digits);
}

static rb_err hash_row(const char *previous, int64_t seq, const rb_record *record, char out_hash[65])
{
    rb_buf text;

    rb_buf_init(&text, CANONICAL_MAX);
    add_text(&text, DOMAIN);
    add_text(&text, previous);
    add_number(&text, seq);
    add_number(&text, record->at_utc_ms);
    add_text(&text, record->request);
    add_text(&text, record->kind);
    add_text(&text, record->who.team);
    add_text(&text, record->who.user);
    add_text(&text, record->who_name);
    add_text(&text, record->text);
    rb_err err = text.err;
    if (err == RB_OK)
        rb_sha256_hex(rb_buf_str(&text), out_hash);
    rb_buf_fini(&text);
    return err;
}

rb_err rb_chain_load(rb_sqlite *store, rb_errbuf *errbuf)
{
    rb_chain chain = {.hash = START};
    rb_meta head = {0};
    bool has_row = false;

    struct sqlite3_stmt *row = rb_sql_start(store, RB_SQL_RECORD_LAST, NULL, 0);
    rb_err err = rb_sql_next(store, row, &has_row, errbuf);
    if (err == RB_OK && has_row) {
        chain.seq = rb_sql_number(row, 0);
        /* a hash that is not ours breaks the chain here, and the walk says so */
        if (rb_copy(chain.hash, sizeof chain.hash, rb_str_of(rb_sql_text(row, 1))) != RB_OK)
            memcpy(chain.hash, START, sizeof START);
    }
    rb_sql_end(row);
    if (err == RB_OK)
        err = rb_meta_get(store, HEAD, &head, errbuf);
    if (err != RB_OK)
        return err;
    if (head.number != chain.seq || (chain.seq > 0 && strcmp(head.text, chain.hash) != 0)) {
        rb_log(RB_LOG_ERROR, "event=record_end_moved found=%lld expected=%lld do=\"run resetbot audit\"",
               (long long)chain.seq, (long long)head.number);
        /* going on from the later end keeps the gap visible: numbers are never given twice */
        if (head.number > chain.seq) {
            chain.seq = head.number;
            memcpy(chain.hash, head.text, sizeof chain.hash);
        }
    }
    store->chain = chain;
    return RB_OK;
}

rb_err rb_chain_append(rb_sqlite *store, const rb_record *record)
{
    rb_chain next = {.seq = store->chain.seq + 1};

    rb_err err = hash_row(store->chain.hash, next.seq, record, next.hash);
    if (err == RB_OK)
        err = rb_sql_run(store, RB_SQL_RECORD_ADD,
                         RB_ARGS(RB_ARG_I(next.seq), RB_ARG_I(record->at_utc_ms), RB_ARG_T(record->request),
                                 RB_ARG_T(record->kind), RB_ARG_T(record->who.team), RB_ARG_T(record->who.user),
                                 RB_ARG_T(record->who_name), RB_ARG_T(record->text), RB_ARG_T(next.hash)),
                         NULL);
    if (err == RB_OK)
        store->chain = next;
    return err;
}

rb_err rb_chain_mark(rb_sqlite *store)
{
    return rb_meta_set(store, HEAD, store->chain.seq, store->chain.seq > 0 ? store->chain.hash : "");
}

rb_err rb_chain_newest(rb_sqlite *store, int64_t *out_seq, rb_errbuf *errbuf)
{
    rb_meta head = {0};
    rb_err err = rb_meta_get(store, HEAD, &head, errbuf);

    if (err == RB_OK)
        *out_seq = head.number;
    return err;
}

static bool copy_column(struct sqlite3_stmt *statement, int column, char *to, size_t cap)
{
    const char *text = rb_sql_text(statement, column);
    size_t len = strnlen(text, cap - 1);

    memcpy(to, text, len);
    to[len] = '\0';
    return text[len] == '\0';
}

void rb_chain_read(struct sqlite3_stmt *statement, rb_chain_row *out_row, bool *out_fits)
{
    rb_record *record = &out_row->record;
    bool fits = true;

    memset(out_row, 0, sizeof *out_row);
    out_row->seq = rb_sql_number(statement, 0);
    record->at_utc_ms = rb_sql_number(statement, 1);
    fits &= copy_column(statement, 2, record->request, sizeof record->request);
    fits &= copy_column(statement, 3, record->kind, sizeof record->kind);
    fits &= copy_column(statement, 4, record->who.team, sizeof record->who.team);
    fits &= copy_column(statement, 5, record->who.user, sizeof record->who.user);
    fits &= copy_column(statement, 6, record->who_name, sizeof record->who_name);
    fits &= copy_column(statement, 7, record->text, sizeof record->text);
    fits &= copy_column(statement, 8, out_row->hash, sizeof out_row->hash);
    *out_fits = fits;
}

/* Does the row follow the chain as far as walked? Moves the chain on to it. */
static rb_err follow(rb_chain *chain, rb_chain_row *row, bool fits)
{
    char expected[65];
    rb_err err = hash_row(chain->hash, row->seq, &row->record, expected);

    row->is_linked = fits && row->seq == chain->seq + 1 && strcmp(expected, row->hash) == 0;
    chain->seq = row->seq;
    memcpy(chain->hash, row->hash, sizeof chain->hash);
    return err;
}

static rb_err walk_rows(rb_sqlite *store, rb_chain_row_fn row_fn, void *self, rb_chain_check *check, rb_errbuf *errbuf)
{
    rb_chain chain = {.hash = START};
    rb_meta head = {0};
    rb_chain_row row;
    bool has_row = true;

    struct sqlite3_stmt *rows = rb_sql_start(store, RB_SQL_RECORD_WALK, RB_ARGS(RB_ARG_I(INT64_MIN)));
    rb_err err = rb_sql_next(store, rows, &has_row, errbuf);
    while (err == RB_OK && has_row) {
        bool fits = true;
        int64_t wanted_seq = chain.seq + 1;
        rb_chain_read(rows, &row, &fits);
        err = follow(&chain, &row, fits);
        if (!row.is_linked && check->first_bad_seq == 0)
            check->first_bad_seq = wanted_seq;
        check->n_records++;
        if (row_fn)
            row_fn(self, &row);
        if (err == RB_OK)
            err = rb_sql_next(store, rows, &has_row, errbuf);
    }
    rb_sql_end(rows);
    memcpy(check->head, chain.hash, sizeof check->head);
    if (err == RB_OK)
        err = rb_meta_get(store, HEAD, &head, errbuf);
    bool is_end_moved = head.number != chain.seq || (chain.seq > 0 && strcmp(head.text, chain.hash) != 0);
    if (err == RB_OK && check->first_bad_seq == 0 && is_end_moved)
        check->first_bad_seq = (head.number < chain.seq ? head.number : chain.seq) + 1;
    return err;
}

rb_err rb_chain_walk(rb_sqlite *store, rb_chain_row_fn row_fn, void *self, rb_chain_check *out_check, rb_errbuf *errbuf)
{
    rb_chain_check check = {0};

    rb_err err = rb_sql_do(store, RB_SQL_BEGIN_READ);
    if (err != RB_OK)
        return rb_fail(errbuf, RB_E_IO, "%s", store->why_broken.text);
    err = walk_rows(store, row_fn, self, &check, errbuf);
    rb_sql_rollback(store);
    if (err == RB_OK)
        *out_check = check;
    return err;
}
