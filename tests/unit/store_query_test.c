/* store_query_test.c - timing: what the store answers: live requests, counts, earlier requests, the outbox, the newest time. */
#include "support/store_kit.h"

#include <sqlite3.h>
#include <time.h>

#include "store/sqlite_commit.h"

#define DAY RB_DAY_MS

static kit k;

static void set_up(void)
{
    kit_init(&k);
    kit_open(&k);
}

static void tear_down(void)
{
    kit_fini(&k);
}

/* A request in a state that it entered, and ended in, at that time. */
static void put_state(const char *id, rb_state state, int64_t at_utc_ms, bool has_code)
{
    rb_request *request = kit_request(id, id);

    request->state = state;
    request->created_utc_ms = request->state_utc_ms = request->ended.utc_ms = at_utc_ms;
    request->has_code = has_code;
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    free(request);
}

static bool has_request(const rb_query *query, const char *id)
{
    for (size_t i = 0; i < query->n_requests; i++)
        if (strcmp(query->requests[i].id, id) == 0)
            return true;
    return false;
}

/* ---- live ------------------------------------------------------------------------------------------------------- */

START_TEST(live_are_all_that_are_not_final)
{
    rb_query query = {.kind = RB_QUERY_LIVE, .since_utc_ms = KIT_NOW};
    char id[16];
    size_t n_live = 0;

    for (int state = 0; state < RB_STATES; state++) {
        (void)snprintf(id, sizeof id, "R-%d", state);
        put_state(id, (rb_state)state, KIT_NOW - 30 * DAY, true);
    }
    kit_ask(&k, &query);
    for (int state = 0; state < RB_STATES; state++) {
        (void)snprintf(id, sizeof id, "R-%d", state);
        ck_assert_int_eq(has_request(&query, id), !rb_state_is_final((rb_state)state));
        n_live += !rb_state_is_final((rb_state)state);
    }
    ck_assert_uint_eq(query.n_requests, n_live);
    rb_query_fini(&query);
}
END_TEST

START_TEST(live_are_the_watched_and_those_whose_code_can_be_shown)
{
    rb_query query = {.kind = RB_QUERY_LIVE, .since_utc_ms = KIT_NOW - 7 * DAY};

    put_state("R-1", RB_STATE_UNKNOWN, KIT_NOW - 7 * DAY, false);
    put_state("R-2", RB_STATE_UNKNOWN, KIT_NOW - 7 * DAY - 1, false);
    put_state("R-3", RB_STATE_DONE, KIT_NOW - 7 * DAY, true);
    put_state("R-4", RB_STATE_DONE, KIT_NOW - 7 * DAY - 1, true);
    put_state("R-5", RB_STATE_DONE, KIT_NOW, false);
    put_state("R-6", RB_STATE_FAILED, KIT_NOW, true);
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_requests, 2);
    ck_assert(has_request(&query, "R-1"));
    ck_assert(has_request(&query, "R-3"));
    rb_query_fini(&query);
}
END_TEST

START_TEST(a_request_that_is_not_there_is_no_error)
{
    ck_assert_ptr_null(kit_load(&k, "R-9"));
    ck_assert_ptr_null(kit_load(&k, ""));
}
END_TEST

/* ---- counts ----------------------------------------------------------------------------------------------------- */

static void put_attempt(const char *id, const char *device, const char *user, int64_t at_utc_ms)
{
    static int n;
    char guid[RB_GUID_CAP];
    rb_request *request = kit_request(id, device);

    KIT_TEXT(request->requester.person.user, user);
    request->state = RB_STATE_FAILED;
    (void)snprintf(guid, sizeof guid, "guid-%d", n++);
    kit_attempt(request, guid, at_utc_ms);
    (void)snprintf(guid, sizeof guid, "guid-%d", n++);
    kit_attempt(request, guid, at_utc_ms);
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    free(request);
}

static rb_counts counts_of(const char *device_id, const char *user)
{
    rb_device *device = calloc(1, sizeof *device);
    rb_person person = {.team = "T1"};
    rb_query query = {.kind = RB_QUERY_COUNTS, .device = device, .person = &person, .now_utc_ms = KIT_NOW};

    KIT_TEXT(device->id, device_id);
    KIT_TEXT(person.user, user);
    kit_ask(&k, &query);
    free(device);
    return query.counts;
}

START_TEST(counts_are_of_requests_with_an_attempt_in_the_window)
{
    put_attempt("R-1", "dev-1", "U02", KIT_NOW - RB_DAY_MS + 1);
    put_attempt("R-2", "dev-1", "U02", KIT_NOW - RB_DAY_MS);
    put_attempt("R-3", "dev-2", "U02", KIT_NOW - RB_HOUR_MS + 1);
    put_attempt("R-4", "DEV-1", "U03", KIT_NOW - 1);
    put_attempt("R-5", "dev-3", "U02", KIT_NOW - RB_HOUR_MS);
    rb_request *unsent = kit_request("R-6", "dev-1");
    ck_assert_int_eq(kit_put(&k, unsent), RB_OK);
    free(unsent);
    kit_reopen(&k);
    rb_counts counts = counts_of("dev-1", "U02");
    ck_assert_uint_eq(counts.device_day, 2);
    ck_assert_uint_eq(counts.requester_hour, 1);
    ck_assert_uint_eq(counts.all_hour, 2);
}
END_TEST

/* Handed over after it was sent; and a row from before its sender was kept. */
START_TEST(counts_are_of_who_sent_it)
{
    rb_request *request = kit_request("R-1", "dev-1");

    KIT_TEXT(request->requester.person.user, "U03");
    request->sender = (rb_person){"T1", "U02"};
    request->state = RB_STATE_FAILED;
    kit_attempt(request, "guid-sent", KIT_NOW - 1);
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    free(request);
    ck_assert_uint_eq(counts_of("dev-1", "U02").requester_hour, 1);
    ck_assert_uint_eq(counts_of("dev-1", "U03").requester_hour, 0);
    ck_assert_int_eq(sqlite3_exec(k.store->db, "UPDATE request SET doc = json_remove(doc, '$.sender', '$.n_takes')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_uint_eq(counts_of("dev-1", "U02").requester_hour, 0);
    ck_assert_uint_eq(counts_of("dev-1", "U03").requester_hour, 1);
    request = kit_load(&k, "R-1");
    ck_assert_ptr_nonnull(request);
    ck_assert_str_eq(request->sender.user, "");
    ck_assert_uint_eq(request->n_takes, 0);
    free(request);
}
END_TEST

START_TEST(counts_of_somebody_new_are_zero)
{
    rb_counts counts = counts_of("dev-1", "U02");

    ck_assert_uint_eq(counts.device_day, 0);
    ck_assert_uint_eq(counts.requester_hour, 0);
    ck_assert_uint_eq(counts.all_hour, 0);
}
END_TEST

/* ---- earlier ---------------------------------------------------------------------------------------------------- */

static void put_earlier(const char *id, rb_state state, const char *device, const char *serial, const char *owner,
                        int64_t created_utc_ms)
{
    rb_request *request = kit_request(id, device);

    request->state = state;
    request->created_utc_ms = created_utc_ms;
    KIT_TEXT(request->device.serial, serial);
    KIT_TEXT(request->device.owners[0], owner);
    request->device.n_owners = owner[0] ? 1 : 0;
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    free(request);
}

START_TEST(earlier_are_those_of_the_device_or_an_owner_newest_first)
{
    rb_device *device = calloc(1, sizeof *device);
    rb_query query = {.kind = RB_QUERY_EARLIER, .device = device, .id = "R-7", .since_utc_ms = KIT_NOW - 7 * DAY};

    KIT_TEXT(device->id, "dev-1");
    KIT_TEXT(device->serial, "C02XYZ");
    KIT_TEXT(device->owners[0], "entra-0");
    KIT_TEXT(device->owners[1], "entra-1");
    device->n_owners = 2;
    put_earlier("R-1", RB_STATE_DONE, "dev-1", "", "", KIT_NOW - 3 * DAY);
    put_earlier("R-2", RB_STATE_DENIED, "dev-2", "", "ENTRA-1", KIT_NOW - 1 * DAY);
    put_earlier("R-3", RB_STATE_FAILED, "dev-3", "c02xyz", "", KIT_NOW - 2 * DAY);
    put_earlier("R-4", RB_STATE_DONE, "dev-4", "", "entra-9", KIT_NOW);
    put_earlier("R-5", RB_STATE_DONE, "dev-1", "", "", KIT_NOW - 7 * DAY - 1);
    put_earlier("R-6", RB_STATE_DRAFT, "dev-1", "", "", KIT_NOW);
    put_earlier("R-7", RB_STATE_PENDING, "dev-1", "", "", KIT_NOW);
    put_earlier("R-8", RB_STATE_CANCELLED, "", "", "", KIT_NOW);
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_requests, 3);
    ck_assert_str_eq(query.requests[0].id, "R-2");
    ck_assert_str_eq(query.requests[1].id, "R-3");
    ck_assert_str_eq(query.requests[2].id, "R-1");
    rb_query_fini(&query);
    free(device);
}
END_TEST

START_TEST(earlier_follows_a_change_of_owner_and_ends_at_twenty)
{
    rb_device *device = calloc(1, sizeof *device);
    rb_query query = {.kind = RB_QUERY_EARLIER, .device = device};
    char id[16];

    KIT_TEXT(device->owners[0], "entra-1");
    device->n_owners = 1;
    for (int i = 0; i < 25; i++) {
        (void)snprintf(id, sizeof id, "R-%d", i);
        put_earlier(id, RB_STATE_DONE, id, "", "entra-1", KIT_NOW + i);
    }
    rb_request *moved = kit_load(&k, "R-24");
    KIT_TEXT(moved->device.owners[0], "entra-2");
    moved->version = 2;
    ck_assert_int_eq(kit_put(&k, moved), RB_OK);
    free(moved);
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_requests, 20);
    ck_assert_str_eq(query.requests[0].id, "R-23");
    rb_query_fini(&query);
    free(device);
}
END_TEST

/* ---- finished --------------------------------------------------------------------------------------------------- */

static void put_finished(const char *id, rb_state state, const char *user, int64_t created_utc_ms, int64_t at_utc_ms)
{
    rb_request *request = kit_request(id, id);

    KIT_TEXT(request->requester.person.user, user);
    request->state = state;
    request->created_utc_ms = created_utc_ms;
    request->state_utc_ms = request->ended.utc_ms = at_utc_ms;
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    free(request);
}

START_TEST(S6_finished_are_ones_own_newest_end_first)
{
    rb_person person = {.team = "T1", .user = "U02"};
    rb_query query = {.kind = RB_QUERY_FINISHED, .person = &person, .since_utc_ms = KIT_NOW - 7 * DAY, .max = 3};

    put_finished("R-1", RB_STATE_DONE, "U02", KIT_NOW - 6 * DAY, KIT_NOW - 1);
    put_finished("R-2", RB_STATE_DENIED, "U02", KIT_NOW - 2, KIT_NOW - 2);
    put_finished("R-3", RB_STATE_DONE, "U03", KIT_NOW - 2, KIT_NOW - 2);
    put_finished("R-4", RB_STATE_PENDING, "U02", KIT_NOW - 2, KIT_NOW - 2);
    put_finished("R-5", RB_STATE_DONE, "U02", KIT_NOW - 8 * DAY, KIT_NOW - 7 * DAY - 1);
    put_finished("R-6", RB_STATE_UNKNOWN, "U02", KIT_NOW - 15 * DAY, KIT_NOW - 7 * DAY);
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_requests, 3);
    ck_assert_str_eq(query.requests[0].id, "R-1");
    ck_assert_str_eq(query.requests[1].id, "R-2");
    ck_assert_str_eq(query.requests[2].id, "R-6");
    rb_query_fini(&query);
    query.max = 1;
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_requests, 1);
    ck_assert_str_eq(query.requests[0].id, "R-1");
    rb_query_fini(&query);
    KIT_TEXT(person.team, "T2");
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_requests, 0);
    rb_query_fini(&query);
}
END_TEST

/* ---- outbox ----------------------------------------------------------------------------------------------------- */

START_TEST(R1_outbox_rows_come_back_in_the_order_of_their_ids)
{
    rb_out *card = kit_out(12, "{\"text\":\"l\xc3\xb6s\"}");
    rb_out *line = kit_out(3, NULL);
    rb_change change = {.out_put = {card, line}, .n_out_put = 2};
    rb_query query = {.kind = RB_QUERY_OUTBOX};

    card->kind = RB_OUT_LINE;
    card->note = RB_NOTE_OWNER_TOLD;
    card->is_owner = true;
    card->attempts = 3;
    KIT_TEXT(card->request, "R-1");
    ck_assert_int_eq(kit_apply(&k, &change), RB_OK);
    kit_reopen(&k);
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_outs, 2);
    ck_assert_uint_eq(query.outs[0]->id, 3);
    ck_assert_ptr_null(query.outs[0]->payload);
    ck_assert_uint_eq(query.outs[1]->id, 12);
    ck_assert_str_eq(query.outs[1]->payload, card->payload);
    /* all but the pointer */
    ck_assert_int_eq(memcmp(query.outs[1], card, offsetof(rb_out, payload)), 0);
    rb_query_fini(&query);
    rb_out_free(card);
    rb_out_free(line);
}
END_TEST

START_TEST(an_outbox_row_is_replaced_by_its_id_and_deleted_once)
{
    rb_out *row = kit_out(5, "first");
    rb_out *newer = kit_out(5, "second");
    rb_change put = {.out_put = {row}, .n_out_put = 1};
    rb_change replace = {.out_put = {newer}, .n_out_put = 1};
    rb_change delete = {.out_delete = {5, 77}, .n_out_delete = 2};
    rb_query query = {.kind = RB_QUERY_OUTBOX};

    ck_assert_int_eq(kit_apply(&k, &put), RB_OK);
    ck_assert_int_eq(kit_apply(&k, &replace), RB_OK);
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_outs, 1);
    ck_assert_str_eq(query.outs[0]->payload, "second");
    rb_query_fini(&query);
    ck_assert_int_eq(kit_apply(&k, &delete), RB_OK);
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_outs, 0);
    rb_query_fini(&query);
    rb_out_free(row);
    rb_out_free(newer);
}
END_TEST

/* ---- the record and the newest time ----------------------------------------------------------------------------- */

START_TEST(records_are_the_newest_that_were_asked_for_oldest_first)
{
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = "", .max = 3};
    char text[8];

    for (int i = 0; i < 6; i++) {
        rb_change change = {0};
        (void)snprintf(text, sizeof text, "%d", i);
        kit_note(&change, i % 2 ? "R-1" : "R-2", "asked", text);
        ck_assert_int_eq(kit_apply(&k, &change), RB_OK);
    }
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_records, 3);
    ck_assert_str_eq(query.records[0].text, "3");
    ck_assert_str_eq(query.records[2].text, "5");
    rb_query_fini(&query);
    query = (rb_query){.kind = RB_QUERY_RECORDS, .id = "R-1", .max = 2};
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_records, 2);
    ck_assert_str_eq(query.records[0].text, "3");
    ck_assert_str_eq(query.records[1].text, "5");
    rb_query_fini(&query);
}
END_TEST

START_TEST(the_newest_commit_has_its_time_kept)
{
    rb_query query = {.kind = RB_QUERY_LAST_UTC};
    rb_change nothing = {0};

    kit_ask(&k, &query);
    ck_assert_int_eq(query.last_utc_ms, 0);
    k.utc_ms = KIT_NOW + 17;
    ck_assert_int_eq(kit_apply(&k, &nothing), RB_OK);
    k.utc_ms = KIT_NOW + 99;
    kit_reopen(&k);
    kit_ask(&k, &query);
    ck_assert_int_eq(query.last_utc_ms, KIT_NOW + 17);
}
END_TEST

static int64_t last_utc_after_a_commit(void)
{
    rb_query query = {.kind = RB_QUERY_LAST_UTC};
    rb_change nothing = {0};

    ck_assert_int_eq(kit_apply(&k, &nothing), RB_OK);
    kit_ask(&k, &query);
    return query.last_utc_ms;
}

START_TEST(a_clock_that_went_back_is_still_seen_at_the_next_start)
{
    ck_assert_int_eq(last_utc_after_a_commit(), KIT_NOW);
    k.utc_ms = KIT_NOW - DAY;
    kit_reopen(&k);
    ck_assert_int_eq(last_utc_after_a_commit(), KIT_NOW);
    kit_reopen(&k);
    ck_assert_int_eq(last_utc_after_a_commit(), KIT_NOW);
    rb_sqlite_trust_clock(k.store);
    ck_assert_int_eq(last_utc_after_a_commit(), KIT_NOW - DAY);
}
END_TEST

/* ---- volume ----------------------------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

#define BATCH 100

/* 100 requests with a record and an attempt each, in one commit. */
static void put_batch(int from)
{
    static rb_change changes[BATCH];
    rb_change *list[BATCH];
    char text[RB_GUID_CAP];

    memset(changes, 0, sizeof changes);
    for (int i = 0; i < BATCH; i++) {
        (void)snprintf(text, sizeof text, "R-%d", from + i);
        rb_request *request = kit_request(text, text);
        request->state = i % 100 ? RB_STATE_DENIED : RB_STATE_PENDING;
        (void)snprintf(text, sizeof text, "guid-%d", from + i);
        kit_attempt(request, text, KIT_NOW - from);
        changes[i].request = request;
        kit_note(&changes[i], request->id, "asked", "locked out after the update");
        list[i] = &changes[i];
    }
    ck_assert_int_eq(k.port.commit(k.port.self, list, BATCH, &k.errbuf), RB_OK);
    for (int i = 0; i < BATCH; i++) {
        rb_request *done = NULL;
        ck_assert_int_eq(changes[i].result, RB_OK);
        memcpy(&done, &changes[i].request, sizeof done);
        free(done);
    }
}

/* Bounds are loose: they are there for a missing index, not for a slow machine. */
START_TEST(ten_thousand_requests_are_quick)
{
    rb_query live = {.kind = RB_QUERY_LIVE, .since_utc_ms = KIT_NOW};
    uint64_t first_bad = 1;

    int64_t start_ms = now_ms();
    for (int from = 0; from < 10000; from += BATCH)
        put_batch(from);
    ck_assert_int_lt(now_ms() - start_ms, 20000);
    start_ms = now_ms();
    kit_reopen(&k);
    kit_ask(&k, &live);
    ck_assert_uint_eq(live.n_requests, 100);
    ck_assert_uint_eq(counts_of("R-5", "U02").all_hour, 10000);
    free(kit_load(&k, "R-9999"));
    ck_assert_int_lt(now_ms() - start_ms, 1000);
    ck_assert_int_eq(rb_sqlite_verify(k.store, &first_bad, &k.errbuf), RB_OK);
    ck_assert_uint_eq(first_bad, 0);
    ck_assert_int_lt(now_ms() - start_ms, 5000);
    rb_query_fini(&live);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_query");
    TCase *one = tcase_create("store_query");

    tcase_set_timeout(one, 60);
    tcase_add_checked_fixture(one, set_up, tear_down);
    tcase_add_test(one, live_are_all_that_are_not_final);
    tcase_add_test(one, live_are_the_watched_and_those_whose_code_can_be_shown);
    tcase_add_test(one, a_request_that_is_not_there_is_no_error);
    tcase_add_test(one, counts_are_of_requests_with_an_attempt_in_the_window);
    tcase_add_test(one, counts_are_of_who_sent_it);
    tcase_add_test(one, counts_of_somebody_new_are_zero);
    tcase_add_test(one, earlier_are_those_of_the_device_or_an_owner_newest_first);
    tcase_add_test(one, earlier_follows_a_change_of_owner_and_ends_at_twenty);
    tcase_add_test(one, S6_finished_are_ones_own_newest_end_first);
    tcase_add_test(one, R1_outbox_rows_come_back_in_the_order_of_their_ids);
    tcase_add_test(one, an_outbox_row_is_replaced_by_its_id_and_deleted_once);
    tcase_add_test(one, records_are_the_newest_that_were_asked_for_oldest_first);
    tcase_add_test(one, the_newest_commit_has_its_time_kept);
    tcase_add_test(one, a_clock_that_went_back_is_still_seen_at_the_next_start);
    tcase_add_test(one, ten_thousand_requests_are_quick);
    suite_add_tcase(suite, one);
    return kit_run(suite);
}
