/* sqlite_commit.c - see sqlite_commit.h. */
#include "sqlite_commit.h"

#include <string.h>

#include <sqlite3.h>

#include "record_json.h"
#include "resetbot/log.h"
#include "sqlite_chain.h"

/* ---- deliveries ------------------------------------------------------------------------------------------------- */

static rb_err receive(rb_sqlite *store, const rb_change *change, int64_t now_utc_ms)
{
    const rb_delivery *delivery = change->delivery;
    rb_buf doc;

    rb_buf_init(&doc, RB_DOCUMENT_MAX);
    rb_err err = rb_delivery_to_json(delivery, &doc);
    if (err == RB_OK)
        err = rb_sql_run(store, RB_SQL_DELIVERY_RECEIVE,
                         RB_ARGS(RB_ARG_T(delivery->key), RB_ARG_I(change->is_read_only), RB_ARG_T(rb_buf_cstr(&doc)),
                                 RB_ARG_I(now_utc_ms)),
                         NULL);
    rb_buf_fini(&doc);
    return err;
}

static rb_err end_delivery(rb_sqlite *store, rb_sql how, const char *key, int64_t now_utc_ms)
{
    int touched = 0;

    rb_err err = rb_sql_run(store, how, RB_ARGS(RB_ARG_T(key), RB_ARG_I(now_utc_ms)), &touched);
    if (err == RB_OK && touched == 0)
        return RB_E_CONFLICT;
    return err;
}

static rb_err apply_delivery(rb_sqlite *store, const rb_change *change, int64_t now_utc_ms)
{
    if (change->delivery_op == RB_DELIVERY_OP_NONE)
        return RB_OK;
    if (!change->delivery || !change->delivery->key[0])
        return RB_E_INTERNAL;
    switch (change->delivery_op) {
    case RB_DELIVERY_OP_NONE: return RB_OK;
    case RB_DELIVERY_OP_RECEIVE: return receive(store, change, now_utc_ms);
    case RB_DELIVERY_OP_CONSUME: return end_delivery(store, RB_SQL_DELIVERY_CONSUME, change->delivery->key, now_utc_ms);
    case RB_DELIVERY_OP_ABANDON: return end_delivery(store, RB_SQL_DELIVERY_ABANDON, change->delivery->key, now_utc_ms);
    }
    return RB_E_INTERNAL;
}

/* ---- requests --------------------------------------------------------------------------------------------------- */

/* The row of an open request that has the device, for a link to it. */
static rb_err find_taker(rb_sqlite *store, const char *device_id, char out_taken_by[RB_REQUEST_ID_CAP])
{
    struct sqlite3_stmt *row = rb_sql_start(store, RB_SQL_REQUEST_TAKEN, RB_ARGS(RB_ARG_T(device_id)));
    rb_errbuf errbuf;
    bool has_row = false;

    rb_err err = rb_sql_next(store, row, &has_row, &errbuf);
    if (err != RB_OK)
        err = rb_sql_break(store, "read", SQLITE_IOERR);
    else if (!has_row || rb_copy(out_taken_by, RB_REQUEST_ID_CAP, rb_str_of(rb_sql_text(row, 0))) != RB_OK)
        err = RB_E_INTERNAL;
    rb_sql_end(row);
    return err;
}

/* Compare-and-set: the row must be absent for version 1 (else its id is taken: RB_E_EXISTS, by no device's open request),
 * and at the version before for later ones. */
static rb_err put_row(rb_sqlite *store, rb_change *change, const char *doc)
{
    const rb_request *request = change->request;
    const rb_person *person = &request->requester.person;
    rb_sql which = request->version == 1 ? RB_SQL_REQUEST_INSERT : RB_SQL_REQUEST_UPDATE;
    int touched = 0;

    rb_err err =
        rb_sql_run(store, which,
                   RB_ARGS(RB_ARG_T(request->id), RB_ARG_I(request->version), RB_ARG_T(rb_state_name(request->state)),
                           RB_ARG_I(rb_state_is_open(request->state)), RB_ARG_I(rb_state_is_final(request->state)),
                           RB_ARG_T(request->device.id), RB_ARG_T(request->device.serial), RB_ARG_T(person->team),
                           RB_ARG_T(person->user), RB_ARG_T(request->requester.entra),
                           RB_ARG_I(request->created_utc_ms), RB_ARG_I(request->state_utc_ms),
                           RB_ARG_I(request->ended.utc_ms), RB_ARG_I(request->has_code), RB_ARG_T(doc)),
                   &touched);
    if (err == RB_OK && touched == 0)
        return request->version == 1 ? RB_E_EXISTS : RB_E_CONFLICT;
    if (err != RB_E_EXISTS)
        return err;
    err = find_taker(store, request->device.id, change->taken_by);
    return err == RB_OK ? RB_E_EXISTS : err;
}

static rb_err put_owners(rb_sqlite *store, const rb_request *request)
{
    rb_err err = rb_sql_run(store, RB_SQL_OWNER_CLEAR, RB_ARGS(RB_ARG_T(request->id)), NULL);

    for (uint32_t i = 0; err == RB_OK && i < request->device.n_owners; i++)
        err = rb_sql_run(store, RB_SQL_OWNER_ADD, RB_ARGS(RB_ARG_T(request->id), RB_ARG_T(request->device.owners[i])),
                         NULL);
    return err;
}

static rb_err count_attempts(rb_sqlite *store, const char *request, int64_t *out_n)
{
    struct sqlite3_stmt *row = rb_sql_start(store, RB_SQL_ATTEMPT_COUNT, RB_ARGS(RB_ARG_T(request)));
    rb_errbuf errbuf;
    bool has_row = false;

    rb_err err = rb_sql_next(store, row, &has_row, &errbuf);
    if (err == RB_OK)
        *out_n = rb_sql_number(row, 0);
    else
        err = rb_sql_break(store, "read", SQLITE_IOERR);
    rb_sql_end(row);
    return err;
}

/* One row an attempt (R2). Attempts are only ever added, and only their outcome changes: anything else is our bug, and
 * is refused rather than letting a POST be forgotten. */
static rb_err put_attempts(rb_sqlite *store, const rb_request *request)
{
    rb_err err = RB_OK;
    int64_t n_stored = 0;

    for (uint32_t i = 0; err == RB_OK && i < request->n_attempts; i++) {
        const rb_attempt *attempt = &request->attempts[i];
        err = rb_sql_run(store, RB_SQL_ATTEMPT_PUT,
                         RB_ARGS(RB_ARG_T(request->id), RB_ARG_I(i + 1), RB_ARG_T(attempt->client_request_id),
                                 RB_ARG_I(attempt->at_utc_ms), RB_ARG_T(rb_attempt_outcome_name(attempt->outcome))),
                         NULL);
    }
    if (err == RB_OK)
        err = count_attempts(store, request->id, &n_stored);
    if (err == RB_E_EXISTS || (err == RB_OK && n_stored != (int64_t)request->n_attempts)) {
        rb_log(RB_LOG_ERROR, "event=store_attempts_differ request=%s", request->id);
        return RB_E_INTERNAL;
    }
    return err;
}

static rb_err apply_request(rb_sqlite *store, rb_change *change)
{
    const rb_request *request = change->request;
    rb_buf doc;

    if (!request)
        return RB_OK;
    if (!request->id[0] || request->version == 0 || request->version > INT64_MAX)
        return RB_E_INTERNAL;
    rb_buf_init(&doc, RB_DOCUMENT_MAX);
    rb_err err = rb_request_to_json(request, &doc);
    if (err == RB_OK)
        err = put_row(store, change, rb_buf_cstr(&doc));
    rb_buf_fini(&doc);
    if (err == RB_OK)
        err = put_owners(store, request);
    if (err == RB_OK)
        err = put_attempts(store, request);
    return err;
}

/* ---- outbox ----------------------------------------------------------------------------------------------------- */

static rb_err put_out(rb_sqlite *store, const rb_out *row)
{
    rb_buf doc;

    if (row->id == 0 || row->id > INT64_MAX)
        return RB_E_INTERNAL;
    rb_buf_init(&doc, RB_DOCUMENT_MAX);
    rb_err err = rb_out_to_json(row, &doc);
    if (err == RB_OK)
        err = rb_sql_run(store, RB_SQL_OUT_PUT,
                         RB_ARGS(RB_ARG_I(row->id), RB_ARG_T(rb_buf_cstr(&doc)), RB_ARG_T(row->payload)), NULL);
    rb_buf_fini(&doc);
    return err;
}

static rb_err apply_outbox(rb_sqlite *store, const rb_change *change)
{
    rb_err err = RB_OK;

    for (uint32_t i = 0; err == RB_OK && i < change->n_out_put; i++)
        err = put_out(store, change->out_put[i]);
    for (uint32_t i = 0; err == RB_OK && i < change->n_out_delete; i++)
        err = rb_sql_run(store, RB_SQL_OUT_DELETE, RB_ARGS(RB_ARG_I(change->out_delete[i])), NULL);
    return err;
}

/* ---- one change ------------------------------------------------------------------------------------------------- */

static rb_err apply(rb_sqlite *store, rb_change *change, int64_t now_utc_ms)
{
    rb_err err = apply_delivery(store, change, now_utc_ms);

    if (err == RB_OK)
        err = apply_request(store, change);
    for (uint32_t i = 0; err == RB_OK && i < change->n_records; i++)
        err = rb_chain_append(store, &change->records[i]);
    if (err == RB_OK)
        err = apply_outbox(store, change);
    return err;
}

/* RB_OK when the transaction can go on, whatever became of this change. */
static rb_err apply_alone(rb_sqlite *store, rb_change *change, int64_t now_utc_ms)
{
    const rb_chain chain = store->chain;

    change->taken_by[0] = '\0';
    rb_err err = rb_sql_do(store, RB_SQL_SAVEPOINT);
    if (err != RB_OK)
        return err;
    change->result = apply(store, change, now_utc_ms);
    if (store->is_broken)
        return RB_E_DISK;
    if (change->result != RB_OK) {
        store->chain = chain;
        err = rb_sql_do(store, RB_SQL_ROLLBACK_TO);
    }
    if (err == RB_OK)
        err = rb_sql_do(store, RB_SQL_RELEASE);
    return err;
}

/* ---- the transaction -------------------------------------------------------------------------------------------- */

static rb_err finish(rb_sqlite *store, int64_t now_utc_ms)
{
    int64_t last_utc_ms = now_utc_ms > store->last_utc_ms ? now_utc_ms : store->last_utc_ms;
    rb_err err = rb_meta_set(store, RB_META_LAST_UTC, last_utc_ms, "");

    store->last_utc_ms = last_utc_ms;
    if (err == RB_OK)
        err = rb_chain_mark(store);
    if (err == RB_OK)
        err = rb_sql_run(store, RB_SQL_DELIVERY_PRUNE,
                         RB_ARGS(RB_ARG_I(now_utc_ms - RB_DELIVERY_KEPT_MS), RB_ARG_I(RB_DELIVERY_PRUNE_MAX)), NULL);
    if (err == RB_OK)
        err = rb_sql_do(store, RB_SQL_COMMIT);
    return err;
}

static rb_err commit_all(rb_sqlite *store, rb_change *const *changes, size_t n)
{
    int64_t now_utc_ms = store->clock.now(store->clock.self).utc_ms;

    rb_err err = rb_sql_do(store, RB_SQL_BEGIN);
    for (size_t i = 0; err == RB_OK && i < n; i++)
        err = apply_alone(store, changes[i], now_utc_ms);
    if (err == RB_OK)
        err = finish(store, now_utc_ms);
    return err;
}

/* Moves the log into the database once it is long. Ours rather than SQLite's automatic one, which keeps quiet about a
 * failed sync: the commit itself is safe in the log, but nothing further may be built on such a disk. */
static void checkpoint(rb_sqlite *store)
{
    if (store->wal_pages < RB_WAL_PAGES_MAX)
        return;
    int rc = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    /* busy: somebody reads the record just now; the next commit tries again */
    if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY)
        (void)rb_sql_break(store, "sync", rc);
}

rb_err rb_sqlite_commit(void *self, rb_change *const *changes, size_t n, rb_errbuf *errbuf)
{
    rb_sqlite *store = self;
    const rb_chain chain = store->chain;

    rb_err err = RB_E_DISK;
    if (!store->is_broken && !store->is_reader)
        err = commit_all(store, changes, n);
    if (err == RB_OK) {
        checkpoint(store);
        return RB_OK;
    }
    rb_sql_rollback(store);
    store->chain = chain;
    for (size_t i = 0; i < n; i++)
        changes[i]->result = RB_E_DISK;
    if (store->is_reader)
        return rb_fail(errbuf, RB_E_DISK, "the store was opened for reading only");
    (void)rb_sql_break(store, "write", SQLITE_ERROR);
    return rb_fail(errbuf, RB_E_DISK, "%s", store->why_broken.text);
}
