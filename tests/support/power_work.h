/* power_work.h - for power_test: a long random sequence of commits, and what a store must hold after each. Header-only.
 *
 * The model is a few counters: deliveries are received and consumed in order, outbox rows are put and deleted in order, and a
 * request is wholly made from its number and version. What the store holds is counted in the same way, and as a digest of
 * every column of every row. */
#ifndef TESTS_POWER_WORK_H
#define TESTS_POWER_WORK_H

#include <sqlite3.h>

#include "resetbot/limits.h"
#include "store/sqlite_db.h"
#include "support/store_kit.h"

#define WORK_REQUESTS_MAX 200
#define WORK_CHANGES_MAX 40
#define WORK_VERSION_SENT 3 /* from this version on a request has an attempt */

/* ---- chance ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    uint64_t state;
} work_chance;

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled") */
KIT uint64_t work_draw(work_chance *chance)
{
    chance->state ^= chance->state >> 12;
    chance->state ^= chance->state << 25;
    chance->state ^= chance->state >> 27;
    return chance->state * UINT64_C(0x2545f4914f6cdd1d);
}

KIT uint64_t work_below(work_chance *chance, uint64_t n)
{
    return (work_draw(chance) >> 11) % n;
}

/* ---- the model ---------------------------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t first_waiting, next_delivery;
    uint32_t n_requests;
    uint8_t versions[WORK_REQUESTS_MAX];
    uint32_t n_records;
    uint32_t first_out, next_out; /* ids, from 1 */
} work_model;

/* The same, counted in a store. */
typedef struct {
    int64_t waiting, over, requests, versions, attempts, records, outs, first_out;
} work_counts;

KIT work_counts work_expected(const work_model *model)
{
    work_counts counts = {.waiting = model->next_delivery - model->first_waiting,
                          .over = model->first_waiting,
                          .requests = model->n_requests,
                          .records = model->n_records,
                          .outs = model->next_out - model->first_out,
                          .first_out = model->next_out > model->first_out ? model->first_out : 0};

    for (uint32_t i = 0; i < model->n_requests; i++) {
        counts.versions += model->versions[i];
        counts.attempts += model->versions[i] >= WORK_VERSION_SENT;
    }
    return counts;
}

KIT bool work_same(const work_counts *a, const work_counts *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* ---- changes ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    rb_change change;
    rb_err expected;
    rb_delivery *delivery;
    rb_request *request;
    rb_out *outs[2];
} work_item;

typedef struct {
    work_item items[WORK_CHANGES_MAX];
    rb_change *changes[WORK_CHANGES_MAX];
    size_t n;
} work_commit;

KIT void work_free(work_commit *commit)
{
    for (size_t i = 0; i < commit->n; i++) {
        work_item *item = &commit->items[i];
        free(item->delivery);
        free(item->request);
        rb_out_free(item->outs[0]);
        rb_out_free(item->outs[1]);
    }
    commit->n = 0;
}

KIT char *work_text(work_chance *chance, char *text, size_t longest)
{
    size_t len = (size_t)work_below(chance, longest);

    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + (char)work_below(chance, 26));
    text[len] = '\0';
    return text;
}

KIT void work_deliver(work_item *item, rb_delivery_op op, uint32_t n, const char *text)
{
    char key[32];

    (void)snprintf(key, sizeof key, "d:%u", n);
    item->delivery = kit_delivery(key, text);
    item->change.delivery = item->delivery;
    item->change.delivery_op = op;
}

KIT void work_request(work_item *item, uint32_t n, uint8_t version)
{
    static const rb_state states[] = {RB_STATE_DRAFT, RB_STATE_PENDING, RB_STATE_SENDING, RB_STATE_ACCEPTED};
    char text[32];

    (void)snprintf(text, sizeof text, "R-%u", n);
    item->request = kit_request(text, text);
    item->request->version = version;
    item->request->state = version <= 4 ? states[version - 1] : RB_STATE_DONE;
    item->request->device.n_owners = 1;
    (void)snprintf(text, sizeof text, "owner-%u-%u", n, version);
    KIT_TEXT(item->request->device.owners[0], text);
    (void)snprintf(text, sizeof text, "guid-%u", n);
    if (version >= WORK_VERSION_SENT)
        kit_attempt(item->request, text, KIT_NOW);
    item->change.request = item->request;
}

KIT void work_note(work_item *item, work_model *model, const char *text)
{
    kit_note(&item->change, item->request ? item->request->id : "", "asked", text);
    model->n_records++;
}

KIT void work_put_out(work_item *item, uint64_t id, const char *payload)
{
    uint32_t n = item->change.n_out_put++;

    item->outs[n] = kit_out(id, payload);
    item->change.out_put[n] = item->outs[n];
}

/* ---- one of each kind --------------------------------------------------------------------------------------------------- */

KIT void work_receive(work_item *item, work_model *model, work_chance *chance, char *text)
{
    work_deliver(item, RB_DELIVERY_OP_RECEIVE, model->next_delivery++, work_text(chance, text, 9000));
    if (work_below(chance, 4) == 0)
        work_note(item, model, "a delivery");
}

KIT void work_consume(work_item *item, work_model *model, work_chance *chance, char *text)
{
    work_deliver(item, work_below(chance, 6) ? RB_DELIVERY_OP_CONSUME : RB_DELIVERY_OP_ABANDON, model->first_waiting++,
                 "");
    if (model->n_requests < WORK_REQUESTS_MAX) {
        model->versions[model->n_requests] = 1;
        work_request(item, model->n_requests++, 1);
    }
    work_note(item, model, "asked");
    work_note(item, model, "card posted");
    work_put_out(item, model->next_out++, work_text(chance, text, 5000));
    work_put_out(item, model->next_out++, work_text(chance, text, 500));
}

KIT void work_step(work_item *item, work_model *model, work_chance *chance, char *text)
{
    uint32_t n = (uint32_t)work_below(chance, model->n_requests);

    if (model->versions[n] < 9)
        work_request(item, n, ++model->versions[n]);
    work_note(item, model, "a step");
    if (model->first_out < model->next_out)
        item->change.out_delete[item->change.n_out_delete++] = model->first_out++;
    if (model->first_out < model->next_out)
        work_put_out(item, model->next_out - 1, work_text(chance, text, 3000));
}

/* Fails late, after it has written all kinds of rows: nothing of it may be there. */
KIT void work_fail(work_item *item, const work_model *model, work_chance *chance, char *text)
{
    work_model spoilt = *model;

    if (work_below(chance, 2) && model->next_delivery > 0) {
        work_deliver(item, RB_DELIVERY_OP_RECEIVE, model->next_delivery - 1, "seen before");
        item->expected = RB_E_EXISTS;
        work_note(item, &spoilt, "never");
        return;
    }
    work_deliver(item, RB_DELIVERY_OP_RECEIVE, model->next_delivery, work_text(chance, text, 3000));
    if (model->n_requests < WORK_REQUESTS_MAX)
        work_request(item, model->n_requests, 1);
    work_note(item, &spoilt, "never");
    work_put_out(item, model->next_out, text);
    work_put_out(item, 0, "no row has this number");
    item->expected = RB_E_INTERNAL;
}

KIT void work_add(work_commit *commit, work_model *model, work_chance *chance)
{
    static char text[RB_COMMAND_TEXT_CAP];
    work_item *item = &commit->items[commit->n];
    bool has_waiting = model->first_waiting < model->next_delivery;

    memset(item, 0, sizeof *item);
    text[0] = '\0';
    commit->changes[commit->n++] = &item->change;
    uint64_t kind = work_below(chance, 10);
    if (kind < 3 && has_waiting)
        work_consume(item, model, chance, text);
    else if (kind < 7 && model->n_requests > 0)
        work_step(item, model, chance, text);
    else if (kind == 7)
        work_fail(item, model, chance, text);
    else if (kind == 8)
        work_note(item, model, "a word");
    else
        work_receive(item, model, chance, text);
}

/* ---- what a store holds ------------------------------------------------------------------------------------------------- */

KIT int64_t work_number(struct sqlite3 *db, const char *sql)
{
    struct sqlite3_stmt *row = NULL;
    int64_t number = -1;

    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW)
        number = sqlite3_column_int64(row, 0);
    (void)sqlite3_finalize(row);
    return number;
}

KIT work_counts work_count(struct sqlite3 *db)
{
    return (work_counts){
        .waiting = work_number(db, "SELECT count(*) FROM delivery WHERE state = 'received'"),
        .over = work_number(db, "SELECT count(*) FROM delivery WHERE state <> 'received'"),
        .requests = work_number(db, "SELECT count(*) FROM request"),
        .versions = work_number(db, "SELECT coalesce(sum(version), 0) FROM request"),
        .attempts = work_number(db, "SELECT count(*) FROM attempt"),
        .records = work_number(db, "SELECT count(*) FROM record"),
        .outs = work_number(db, "SELECT count(*) FROM outbox"),
        .first_out = work_number(db, "SELECT coalesce(min(id), 0) FROM outbox"),
    };
}

/* After FNV-1a (RFC 9923), eight bytes at a time: against accidents, not attackers. */
KIT void work_mix(uint64_t *digest, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    *digest = (*digest ^ len) * UINT64_C(0x100000001b3);
    while (len > 0) {
        uint64_t word = 0;
        size_t n = len < sizeof word ? len : sizeof word;
        memcpy(&word, at, n);
        *digest = (*digest ^ word ^ (*digest >> 29)) * UINT64_C(0x100000001b3);
        at += n;
        len -= n;
    }
}

/* Every column of every row; 0 when something cannot be read. */
KIT uint64_t work_digest(struct sqlite3 *db)
{
    static const char *const tables[] = {"SELECT * FROM meta WHERE name <> 'is_running' ORDER BY name",
                                         "SELECT * FROM request ORDER BY id",
                                         "SELECT * FROM request_owner ORDER BY request, entra",
                                         "SELECT * FROM attempt ORDER BY request, n",
                                         "SELECT * FROM record ORDER BY seq",
                                         "SELECT * FROM outbox ORDER BY id",
                                         "SELECT * FROM delivery ORDER BY id"};
    uint64_t digest = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct sqlite3_stmt *row = NULL;
        int rc = sqlite3_prepare_v2(db, tables[i], -1, &row, NULL);
        while (rc == SQLITE_OK && (rc = sqlite3_step(row)) == SQLITE_ROW) {
            for (int column = 0; column < sqlite3_column_count(row); column++) {
                const void *text = sqlite3_column_text(row, column);
                work_mix(&digest, text, (size_t)sqlite3_column_bytes(row, column));
            }
            rc = SQLITE_OK;
        }
        (void)sqlite3_finalize(row);
        if (rc != SQLITE_DONE)
            return 0;
    }
    return digest;
}

#endif
