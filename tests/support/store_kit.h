/* store_kit.h - for the store's tests: a folder of its own, a clock that the test sets, and changes in one line each.
 * Header-only, as each test is one file. */
#ifndef TESTS_STORE_KIT_H
#define TESTS_STORE_KIT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resetbot/store_port.h"
#include "store/sqlite_store.h"

#define KIT __attribute__((unused)) static

/* 2026-03-02 14:00:00 UTC */
#define KIT_NOW INT64_C(1772460000000)

typedef struct {
    char folder[64];
    char path[96];
    char url[112];
    int64_t utc_ms; /* the clock */
    rb_sqlite *store;
    rb_store_port port;
    rb_errbuf errbuf;
} kit;

KIT rb_now kit_now(void *self)
{
    const kit *k = self;

    return (rb_now){.utc_ms = k->utc_ms, .boot_ms = k->utc_ms - KIT_NOW};
}

KIT rb_clock kit_clock(kit *k)
{
    return (rb_clock){.self = k, .now = kit_now};
}

/* Opens, and gives the error back for tests of refusal. */
KIT rb_err kit_try_open(kit *k)
{
    rb_err err = rb_sqlite_open(k->url, kit_clock(k), &k->store, &k->errbuf);

    if (err == RB_OK)
        k->port = rb_sqlite_port(k->store);
    return err;
}

KIT void kit_open(kit *k)
{
    rb_err err = kit_try_open(k);

    ck_assert_msg(err == RB_OK, "open: %s: %s", rb_err_name(err), k->errbuf.text);
}

KIT void kit_close(kit *k)
{
    rb_sqlite_close(k->store);
    k->store = NULL;
}

KIT void kit_reopen(kit *k)
{
    kit_close(k);
    kit_open(k);
}

/* A new folder with no store in it yet: in memory where there is such a file system, as thousands of real syncs show no more. */
KIT void kit_init(kit *k)
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    memset(k, 0, sizeof *k);
    (void)snprintf(k->folder, sizeof k->folder, "%s/rb-store-XXXXXX", base);
    ck_assert_ptr_nonnull(mkdtemp(k->folder));
    (void)snprintf(k->path, sizeof k->path, "%s/store.db", k->folder);
    (void)snprintf(k->url, sizeof k->url, "sqlite:%s", k->path);
    k->utc_ms = KIT_NOW;
}

KIT void kit_fini(kit *k)
{
    static const char *const names[] = {"store.db",     "store.db-wal", "store.db-shm", "store.db.lock",
                                        "acknowledged", "cut.db",       "cut.db-wal",   "cut.db-shm"};
    char path[160];

    kit_close(k);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", k->folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(k->folder);
}

/* ---- changes ---------------------------------------------------------------------------------------------------- */

KIT rb_err kit_commit(kit *k, rb_change *change)
{
    rb_change *const changes[] = {change};

    return k->port.commit(k->port.self, changes, 1, &k->errbuf);
}

/* Commits, and demands that the commit as a whole went well; the change's own result is returned. */
KIT rb_err kit_apply(kit *k, rb_change *change)
{
    rb_err err = kit_commit(k, change);

    ck_assert_msg(err == RB_OK, "commit: %s", k->errbuf.text);
    return change->result;
}

KIT void kit_text(char *to, size_t cap, const char *text)
{
    rb_copy_fit(to, cap, text);
}
#define KIT_TEXT(field, text) kit_text((field), sizeof(field), (text))

KIT rb_delivery *kit_delivery(const char *key, const char *text)
{
    rb_delivery *delivery = calloc(1, sizeof *delivery);

    ck_assert_ptr_nonnull(delivery);
    KIT_TEXT(delivery->key, key);
    KIT_TEXT(delivery->text, text);
    KIT_TEXT(delivery->who.team, "T1");
    KIT_TEXT(delivery->who.user, "U02");
    KIT_TEXT(delivery->command, "/passcode");
    delivery->received_utc_ms = KIT_NOW;
    return delivery;
}

KIT rb_err kit_op(kit *k, rb_delivery_op op, const char *key)
{
    rb_delivery *delivery = kit_delivery(key, "reset adele@contoso.com");
    rb_change change = {.delivery_op = op, .delivery = delivery};
    rb_err err = kit_apply(k, &change);

    free(delivery);
    return err;
}

KIT rb_request *kit_request(const char *id, const char *device_id)
{
    rb_request *request = calloc(1, sizeof *request);

    ck_assert_ptr_nonnull(request);
    KIT_TEXT(request->id, id);
    KIT_TEXT(request->device.id, device_id);
    KIT_TEXT(request->requester.person.team, "T1");
    KIT_TEXT(request->requester.person.user, "U02");
    request->version = 1;
    request->state = RB_STATE_PENDING;
    request->created_utc_ms = request->state_utc_ms = KIT_NOW;
    return request;
}

/* Saves the request as the next version of itself. */
KIT rb_err kit_put(kit *k, const rb_request *request)
{
    rb_change change = {.request = request};

    return kit_apply(k, &change);
}

KIT void kit_attempt(rb_request *request, const char *client_request_id, int64_t at_utc_ms)
{
    rb_attempt *attempt = &request->attempts[request->n_attempts++];

    KIT_TEXT(attempt->client_request_id, client_request_id);
    attempt->at_utc_ms = at_utc_ms;
}

KIT void kit_note(rb_change *change, const char *request, const char *kind, const char *text)
{
    rb_record *record = &change->records[change->n_records++];

    record->at_utc_ms = KIT_NOW;
    KIT_TEXT(record->request, request);
    KIT_TEXT(record->kind, kind);
    KIT_TEXT(record->who.team, "T1");
    KIT_TEXT(record->who.user, "U02");
    KIT_TEXT(record->who_name, "hanna");
    KIT_TEXT(record->text, text);
}

KIT rb_out *kit_out(uint64_t id, const char *payload)
{
    rb_out *out = calloc(1, sizeof *out);

    ck_assert_ptr_nonnull(out);
    out->id = id;
    out->payload = payload ? strdup(payload) : NULL;
    return out;
}

/* ---- questions -------------------------------------------------------------------------------------------------- */

KIT void kit_ask(kit *k, rb_query *query)
{
    rb_err err = k->port.query(k->port.self, query, &k->errbuf);

    ck_assert_msg(err == RB_OK, "query: %s", k->errbuf.text);
}

/* How many deliveries wait to be consumed. */
KIT size_t kit_waiting(kit *k)
{
    rb_query query = {.kind = RB_QUERY_RECEIVED};

    kit_ask(k, &query);
    size_t n = query.n_deliveries;
    rb_query_fini(&query);
    return n;
}

/* A copy of the stored request, or NULL. */
KIT rb_request *kit_load(kit *k, const char *id)
{
    rb_query query = {.kind = RB_QUERY_REQUEST, .id = id};
    rb_request *copy = NULL;

    kit_ask(k, &query);
    if (query.n_requests == 1) {
        copy = malloc(sizeof *copy);
        ck_assert_ptr_nonnull(copy);
        *copy = query.requests[0];
    }
    rb_query_fini(&query);
    return copy;
}

/* ---- the program ------------------------------------------------------------------------------------------------ */

KIT int kit_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

#endif
