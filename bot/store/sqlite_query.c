/* sqlite_query.c - see sqlite_query.h. */
#include "sqlite_query.h"

#include <stdlib.h>
#include <string.h>

#include "record_json.h"
#include "sqlite_chain.h"

#define FIRST_ROWS ((size_t)8)

void rb_out_free(rb_out *out)
{
    if (!out)
        return;
    free(out->payload);
    free(out);
}

void rb_query_fini(rb_query *query)
{
    if (!query)
        return;
    for (size_t i = 0; i < query->n_outs; i++)
        rb_out_free(query->outs[i]);
    free(query->requests);
    free(query->outs);
    free(query->deliveries);
    free(query->are_read_only);
    free(query->records);
    query->requests = NULL;
    query->outs = NULL;
    query->deliveries = NULL;
    query->are_read_only = NULL;
    query->records = NULL;
    query->n_requests = query->n_outs = query->n_deliveries = query->n_records = 0;
}

/* Makes room for one more element in *rows, which holds n: sizes double from FIRST_ROWS on. */
static bool make_room(void **rows, size_t n, size_t size)
{
    bool is_full = n == 0 || (n >= FIRST_ROWS && (n & (n - 1)) == 0);

    if (!is_full)
        return true;
    void *more = reallocarray(*rows, n < FIRST_ROWS ? FIRST_ROWS : 2 * n, size);
    if (!more)
        return false;
    *rows = more;
    return true;
}

static rb_err no_memory(rb_errbuf *errbuf)
{
    return rb_fail(errbuf, RB_E_IO, "out of memory while reading the store");
}

/* ---- one row each ----------------------------------------------------------------------------------------------- */

/* A row's reader: makes room, reads the present row and counts it. */
typedef rb_err (*row_fn)(struct sqlite3_stmt *row, rb_query *query, rb_errbuf *errbuf);

static rb_err add_request(struct sqlite3_stmt *row, rb_query *query, rb_errbuf *errbuf)
{
    const char *id = rb_sql_text(row, 0);
    rb_errbuf why = {0};
    void *rows = query->requests;

    if (!make_room(&rows, query->n_requests, sizeof *query->requests))
        return no_memory(errbuf);
    query->requests = rows;
    rb_request *request = &query->requests[query->n_requests];
    rb_err err = rb_request_from_json(rb_str_of(rb_sql_text(row, 3)), request, &why);
    /* the columns decide what is found, the document what is done: they must be of one mind */
    if (err == RB_OK && (strcmp(request->id, id) != 0 || request->version != (uint64_t)rb_sql_number(row, 1) ||
                         strcmp(rb_state_name(request->state), rb_sql_text(row, 2)) != 0))
        err = rb_fail(&why, RB_E_SYNTAX, "its document is of another request or state");
    if (err != RB_OK)
        return rb_fail(errbuf, RB_E_IO, "request %.20s in the store cannot be read: %s: restore a backup", id,
                       why.text);
    query->n_requests++;
    return RB_OK;
}

static rb_err add_out(struct sqlite3_stmt *row, rb_query *query, rb_errbuf *errbuf)
{
    rb_errbuf why = {0};
    void *rows = query->outs;

    if (!make_room(&rows, query->n_outs, sizeof *query->outs))
        return no_memory(errbuf);
    query->outs = rows;
    rb_out *out = calloc(1, sizeof *out);
    if (!out)
        return no_memory(errbuf);
    rb_err err = rb_out_from_json(rb_str_of(rb_sql_text(row, 1)), out, &why);
    out->id = (uint64_t)rb_sql_number(row, 0);
    if (err == RB_OK && !rb_sql_is_null(row, 2)) {
        out->payload = strdup(rb_sql_text(row, 2));
        err = out->payload ? RB_OK : rb_fail(&why, RB_E_NOMEM, "out of memory");
    }
    if (err != RB_OK) {
        rb_fail(errbuf, RB_E_IO, "outbox row %llu in the store cannot be read: %s: restore a backup",
                (unsigned long long)out->id, why.text);
        rb_out_free(out);
        return RB_E_IO;
    }
    query->outs[query->n_outs++] = out;
    return RB_OK;
}

static rb_err add_delivery(struct sqlite3_stmt *row, rb_query *query, rb_errbuf *errbuf)
{
    const char *key = rb_sql_text(row, 0);
    rb_errbuf why = {0};
    void *rows = query->deliveries;
    void *flags = query->are_read_only;

    if (!make_room(&rows, query->n_deliveries, sizeof *query->deliveries))
        return no_memory(errbuf);
    query->deliveries = rows;
    if (!make_room(&flags, query->n_deliveries, sizeof *query->are_read_only))
        return no_memory(errbuf);
    query->are_read_only = flags;
    rb_delivery *delivery = &query->deliveries[query->n_deliveries];
    rb_err err = rb_delivery_from_json(rb_str_of(rb_sql_text(row, 2)), delivery, &why);
    if (err == RB_OK && strcmp(delivery->key, key) != 0)
        err = rb_fail(&why, RB_E_SYNTAX, "its document is of another delivery");
    if (err != RB_OK)
        return rb_fail(errbuf, RB_E_IO, "delivery %.80s in the store cannot be read: %s: restore a backup", key,
                       why.text);
    query->are_read_only[query->n_deliveries++] = rb_sql_number(row, 1) != 0;
    return RB_OK;
}

static rb_err add_record(struct sqlite3_stmt *row, rb_query *query, rb_errbuf *errbuf)
{
    rb_chain_row read;
    bool fits = true;
    void *rows = query->records;

    if (!make_room(&rows, query->n_records, sizeof *query->records))
        return no_memory(errbuf);
    query->records = rows;
    rb_chain_read(row, &read, &fits);
    query->records[query->n_records++] = read.record;
    return RB_OK;
}

static rb_err set_counts(struct sqlite3_stmt *row, rb_query *query, rb_errbuf *errbuf)
{
    (void)errbuf;
    query->counts = (rb_counts){.device_day = (uint32_t)rb_sql_number(row, 0),
                                .requester_hour = (uint32_t)rb_sql_number(row, 1),
                                .all_hour = (uint32_t)rb_sql_number(row, 2)};
    return RB_OK;
}

/* ---- the questions ---------------------------------------------------------------------------------------------- */

static rb_err ask(rb_sqlite *store, rb_sql which, const rb_sql_arg *args, size_t n_args, row_fn add_row,
                  rb_query *query, rb_errbuf *errbuf)
{
    struct sqlite3_stmt *rows = rb_sql_start(store, which, args, n_args);
    bool has_row = false;

    rb_err err = rb_sql_next(store, rows, &has_row, errbuf);
    while (err == RB_OK && has_row) {
        err = add_row(rows, query, errbuf);
        if (err == RB_OK)
            err = rb_sql_next(store, rows, &has_row, errbuf);
    }
    rb_sql_end(rows);
    return err;
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static rb_err ask_counts(rb_sqlite *store, rb_query *query, rb_errbuf *errbuf)
{
    static const rb_person nobody;
    const rb_person *person = query->person ? query->person : &nobody;

    return ask(store, RB_SQL_COUNTS,
               RB_ARGS(RB_ARG_T(query->device ? query->device->id : ""), RB_ARG_T(person->team), RB_ARG_T(person->user),
                       RB_ARG_I(query->now_utc_ms - RB_DAY_MS), RB_ARG_I(query->now_utc_ms - RB_HOUR_MS)),
               set_counts, query, errbuf);
}

static rb_err ask_earlier(rb_sqlite *store, rb_query *query, rb_errbuf *errbuf)
{
    const rb_device *device = query->device;
    rb_sql_arg args[5 + RB_OWNERS_MAX];
    size_t n = 0;

    if (!device)
        return rb_fail(errbuf, RB_E_IO, "earlier requests were asked for without a device");
    args[n++] = RB_ARG_I(query->since_utc_ms);
    args[n++] = RB_ARG_T(text_or_empty(query->id));
    args[n++] = RB_ARG_T(device->id);
    args[n++] = RB_ARG_T(device->serial);
    /* nobody's id is "", so unused places match no owner */
    for (uint32_t i = 0; i < RB_OWNERS_MAX; i++)
        args[n++] = RB_ARG_T(i < device->n_owners ? device->owners[i] : "");
    args[n++] = RB_ARG_I(RB_EARLIER_MAX);
    return ask(store, RB_SQL_REQUEST_EARLIER, args, n, add_request, query, errbuf);
}

/* From its draft to its end no request takes longer: half an hour, a day for the approvers (bot/config/keys.c, expiry_s), ten
 * minutes, and RB_WATCH_MS. */
#define LONGEST_LIFE_MS (RB_WATCH_MS + 2 * RB_DAY_MS)

static rb_err ask_finished(rb_sqlite *store, rb_query *query, rb_errbuf *errbuf)
{
    const rb_person *person = query->person;
    size_t max = query->max < INT32_MAX ? query->max : INT32_MAX;

    if (!person)
        return rb_fail(errbuf, RB_E_IO, "finished requests were asked for without a person");
    return ask(store, RB_SQL_REQUEST_FINISHED,
               RB_ARGS(RB_ARG_I(query->since_utc_ms - LONGEST_LIFE_MS), RB_ARG_T(person->team), RB_ARG_T(person->user),
                       RB_ARG_I(query->since_utc_ms), RB_ARG_I(max)),
               add_request, query, errbuf);
}

static rb_err ask_records(rb_sqlite *store, rb_query *query, rb_errbuf *errbuf)
{
    size_t max = query->max > 0 && query->max < INT32_MAX ? query->max : RB_RECORDS_DEFAULT_MAX;
    bool is_all = !query->id || !query->id[0];

    return ask(store, is_all ? RB_SQL_RECORD_NEWEST : RB_SQL_RECORD_LIST,
               RB_ARGS(RB_ARG_T(text_or_empty(query->id)), RB_ARG_I(query->since_utc_ms), RB_ARG_I(max)), add_record,
               query, errbuf);
}

static rb_err ask_last_utc(rb_sqlite *store, rb_query *query, rb_errbuf *errbuf)
{
    rb_meta meta = {0};
    rb_err err = rb_meta_get(store, RB_META_LAST_UTC, &meta, errbuf);

    if (err == RB_OK)
        query->last_utc_ms = meta.number;
    return err;
}

static rb_err answer(rb_sqlite *store, rb_query *query, rb_errbuf *errbuf)
{
    switch (query->kind) {
    case RB_QUERY_LIVE:
        return ask(store, RB_SQL_REQUEST_LIVE, RB_ARGS(RB_ARG_I(query->since_utc_ms)), add_request, query, errbuf);
    case RB_QUERY_REQUEST:
        return ask(store, RB_SQL_REQUEST_GET, RB_ARGS(RB_ARG_T(text_or_empty(query->id))), add_request, query, errbuf);
    case RB_QUERY_COUNTS: return ask_counts(store, query, errbuf);
    case RB_QUERY_EARLIER: return ask_earlier(store, query, errbuf);
    case RB_QUERY_FINISHED: return ask_finished(store, query, errbuf);
    case RB_QUERY_OUTBOX: return ask(store, RB_SQL_OUT_LIST, NULL, 0, add_out, query, errbuf);
    case RB_QUERY_RECEIVED: return ask(store, RB_SQL_DELIVERY_LIST, NULL, 0, add_delivery, query, errbuf);
    case RB_QUERY_RECORDS: return ask_records(store, query, errbuf);
    case RB_QUERY_LAST_UTC: return ask_last_utc(store, query, errbuf);
    }
    return rb_fail(errbuf, RB_E_IO, "the store was asked an unknown question");
}

rb_err rb_sqlite_query(void *self, rb_query *query, rb_errbuf *errbuf)
{
    rb_err err = answer(self, query, errbuf);

    /* half an answer must not be taken for a whole one */
    if (err != RB_OK)
        rb_query_fini(query);
    return err;
}
