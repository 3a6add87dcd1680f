/* store_test.c - what the store promises about one change, and about many committed together. */
#include "support/store_kit.h"

#include <sqlite3.h>

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

/* By other means than the bot's: a second connection, as the sqlite3 shell would. */
static int by_hand(const char *sql)
{
    sqlite3 *db = NULL;

    ck_assert_int_eq(sqlite3_open(k.path, &db), SQLITE_OK);
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    (void)sqlite3_close(db);
    return rc;
}

/* ---- R1: deliveries --------------------------------------------------------------------------------------------- */

START_TEST(R1_a_received_delivery_comes_back_after_a_restart)
{
    rb_query query = {.kind = RB_QUERY_RECEIVED};
    rb_delivery *sent = kit_delivery("trigger:1", "reset \"adele\" l\xc3\xb6st \x01 \\ /");
    rb_change change = {.delivery_op = RB_DELIVERY_OP_RECEIVE, .delivery = sent, .is_read_only = true};

    KIT_TEXT(sent->response_url, "https://hooks.example/commands/1");
    KIT_TEXT(sent->fields[0].name, "how");
    KIT_TEXT(sent->fields[0].value, "video");
    sent->n_fields = 1;
    ck_assert_int_eq(kit_apply(&k, &change), RB_OK);
    kit_reopen(&k);
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_deliveries, 1);
    ck_assert(query.are_read_only[0]);
    ck_assert_int_eq(memcmp(&query.deliveries[0], sent, sizeof *sent), 0);
    rb_query_fini(&query);
    free(sent);
}
END_TEST

START_TEST(R1_trigger_connection_and_boot_time_are_not_stored)
{
    rb_query query = {.kind = RB_QUERY_RECEIVED};
    rb_delivery *sent = kit_delivery("trigger:1", "help");
    rb_change change = {.delivery_op = RB_DELIVERY_OP_RECEIVE, .delivery = sent};

    KIT_TEXT(sent->trigger_id, "37053613634.26768298162");
    sent->conn = 7;
    sent->received_boot_ms = 99;
    ck_assert_int_eq(kit_apply(&k, &change), RB_OK);
    kit_ask(&k, &query);
    ck_assert_str_eq(query.deliveries[0].trigger_id, "");
    ck_assert_uint_eq(query.deliveries[0].conn, 0);
    ck_assert_int_eq(query.deliveries[0].received_boot_ms, 0);
    ck_assert(!query.are_read_only[0]);
    rb_query_fini(&query);
    free(sent);
}
END_TEST

START_TEST(R1_a_repeated_delivery_is_seen_whatever_became_of_it)
{
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_OK);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_E_EXISTS);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_CONSUME, "a"), RB_OK);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_E_EXISTS);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "b"), RB_OK);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_ABANDON, "b"), RB_OK);
    kit_reopen(&k);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "b"), RB_E_EXISTS);
    ck_assert_uint_eq(kit_waiting(&k), 0);
}
END_TEST

START_TEST(R1_a_delivery_is_consumed_once)
{
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_CONSUME, "a"), RB_E_CONFLICT);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_OK);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_CONSUME, "a"), RB_OK);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_CONSUME, "a"), RB_E_CONFLICT);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_ABANDON, "a"), RB_E_CONFLICT);
}
END_TEST

START_TEST(R1_an_abandoned_delivery_can_never_act)
{
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_OK);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_ABANDON, "a"), RB_OK);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_CONSUME, "a"), RB_E_CONFLICT);
    ck_assert_uint_eq(kit_waiting(&k), 0);
}
END_TEST

START_TEST(R1_a_delivery_abandoned_before_it_was_saved_is_not_saved_later)
{
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_ABANDON, "late"), RB_OK);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "late"), RB_E_EXISTS);
}
END_TEST

/* Runs a query that gives one number, by hand. */
static int64_t number_by_hand(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;

    ck_assert_int_eq(sqlite3_open(k.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(row, 0);
    (void)sqlite3_finalize(row);
    (void)sqlite3_close(db);
    return number;
}

START_TEST(a_delivery_that_is_over_keeps_its_key_alone)
{
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "a"), RB_OK);
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_CONSUME, "a"), RB_OK);
    ck_assert_int_eq(number_by_hand("SELECT count(*) FROM delivery WHERE doc IS NOT NULL"), 0);
}
END_TEST

START_TEST(keys_are_kept_a_day_and_then_go_in_small_steps)
{
    char key[32];

    for (int i = 0; i < 100; i++) {
        (void)snprintf(key, sizeof key, "old:%d", i);
        ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_ABANDON, key), RB_OK);
    }
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "waiting"), RB_OK);
    k.utc_ms += RB_DAY_MS;
    ck_assert_int_eq(kit_op(&k, RB_DELIVERY_OP_RECEIVE, "old:0"), RB_E_EXISTS);
    k.utc_ms += 1;
    rb_change nothing = {0};
    ck_assert_int_eq(kit_apply(&k, &nothing), RB_OK);
    int64_t left = number_by_hand("SELECT count(*) FROM delivery");
    ck_assert_int_gt(left, 1);
    ck_assert_int_lt(left, 101);
    ck_assert_int_eq(kit_apply(&k, &nothing), RB_OK);
    ck_assert_int_eq(number_by_hand("SELECT count(*) FROM delivery"), 1);
    ck_assert_uint_eq(kit_waiting(&k), 1);
}
END_TEST

/* ---- requests --------------------------------------------------------------------------------------------------- */

START_TEST(R1_a_request_is_saved_only_upon_the_version_it_was_made_from)
{
    rb_request *request = kit_request("R-1", "dev-1");

    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    request->version = 3;
    ck_assert_int_eq(kit_put(&k, request), RB_E_CONFLICT);
    request->version = 2;
    request->state = RB_STATE_APPROVED;
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    kit_reopen(&k);
    rb_request *stored = kit_load(&k, "R-1");
    ck_assert_int_eq(memcmp(stored, request, sizeof *request), 0);
    free(stored);
    free(request);
}
END_TEST

START_TEST(a_new_request_whose_id_is_taken_is_told_so)
{
    rb_request *first = kit_request("R-1", "dev-1");
    rb_request *second = kit_request("R-1", "dev-2");
    rb_change change = {.request = second};

    ck_assert_int_eq(kit_put(&k, first), RB_OK);
    ck_assert_int_eq(kit_apply(&k, &change), RB_E_EXISTS);
    ck_assert_str_eq(change.taken_by, "");
    rb_request *stored = kit_load(&k, "R-1");
    ck_assert_str_eq(stored->device.id, "dev-1");
    free(stored);
    free(first);
    free(second);
}
END_TEST

START_TEST(a_device_has_one_open_request_and_the_second_is_told_which)
{
    rb_request *first = kit_request("R-1", "5b07b0dd-aaaa");
    rb_request *second = kit_request("R-2", "5B07B0DD-AAAA");
    rb_change change = {.request = second};

    ck_assert_int_eq(kit_put(&k, first), RB_OK);
    ck_assert_int_eq(kit_apply(&k, &change), RB_E_EXISTS);
    ck_assert_str_eq(change.taken_by, "R-1");
    ck_assert_ptr_null(kit_load(&k, "R-2"));
    first->version = 2;
    first->state = RB_STATE_DENIED;
    ck_assert_int_eq(kit_put(&k, first), RB_OK);
    ck_assert_int_eq(kit_apply(&k, &change), RB_OK);
    ck_assert_str_eq(change.taken_by, "");
    free(first);
    free(second);
}
END_TEST

START_TEST(a_draft_reserves_nothing_until_it_is_sent)
{
    rb_request *first = kit_request("R-1", "dev-1");
    rb_request *draft = kit_request("R-2", "dev-1");

    draft->state = RB_STATE_DRAFT;
    ck_assert_int_eq(kit_put(&k, draft), RB_OK);
    ck_assert_int_eq(kit_put(&k, first), RB_OK);
    draft->version = 2;
    draft->state = RB_STATE_PENDING;
    rb_change change = {.request = draft};
    ck_assert_int_eq(kit_apply(&k, &change), RB_E_EXISTS);
    ck_assert_str_eq(change.taken_by, "R-1");
    free(first);
    free(draft);
}
END_TEST

START_TEST(drafts_that_picked_no_device_are_not_in_each_others_way)
{
    rb_request *first = kit_request("R-1", "");
    rb_request *second = kit_request("R-2", "");

    ck_assert_int_eq(kit_put(&k, first), RB_OK);
    ck_assert_int_eq(kit_put(&k, second), RB_OK);
    free(first);
    free(second);
}
END_TEST

/* ---- R2: attempts ----------------------------------------------------------------------------------------------- */

START_TEST(R2_each_attempt_is_a_row_whose_outcome_alone_changes)
{
    rb_request *request = kit_request("R-1", "dev-1");

    kit_attempt(request, "guid-1", KIT_NOW);
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    request->version = 2;
    request->attempts[0].outcome = RB_ATTEMPT_THROTTLED;
    kit_attempt(request, "guid-2", KIT_NOW + 1);
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    ck_assert_int_eq(number_by_hand("SELECT count(*) FROM attempt WHERE request = 'R-1'"), 2);
    ck_assert_int_eq(number_by_hand("SELECT outcome = 'throttled' FROM attempt WHERE n = 1"), 1);
    request->version = 3;
    KIT_TEXT(request->attempts[0].client_request_id, "guid-x");
    ck_assert_int_eq(kit_put(&k, request), RB_E_INTERNAL);
    free(request);
}
END_TEST

START_TEST(R2_an_attempt_is_never_forgotten)
{
    rb_request *request = kit_request("R-1", "dev-1");

    kit_attempt(request, "guid-1", KIT_NOW);
    ck_assert_int_eq(kit_put(&k, request), RB_OK);
    request->version = 2;
    request->n_attempts = 0;
    memset(request->attempts, 0, sizeof request->attempts);
    ck_assert_int_eq(kit_put(&k, request), RB_E_INTERNAL);
    ck_assert_int_ne(by_hand("DELETE FROM attempt"), SQLITE_OK);
    free(request);
}
END_TEST

START_TEST(R2_two_attempts_never_share_a_client_request_id)
{
    rb_request *first = kit_request("R-1", "dev-1");
    rb_request *second = kit_request("R-2", "dev-2");

    kit_attempt(first, "guid-1", KIT_NOW);
    kit_attempt(second, "guid-1", KIT_NOW);
    ck_assert_int_eq(kit_put(&k, first), RB_OK);
    ck_assert_int_eq(kit_put(&k, second), RB_E_INTERNAL);
    ck_assert_ptr_null(kit_load(&k, "R-2"));
    free(first);
    free(second);
}
END_TEST

/* ---- many changes together -------------------------------------------------------------------------------------- */

START_TEST(one_failing_change_fails_alone_and_leaves_nothing)
{
    rb_request *taken = kit_request("R-1", "dev-1");
    rb_request *second = kit_request("R-2", "dev-1");
    rb_delivery *a = kit_delivery("a", "x");
    rb_delivery *b = kit_delivery("b", "y");
    rb_out *line = kit_out(9, "{}");
    rb_change good = {.delivery_op = RB_DELIVERY_OP_RECEIVE, .delivery = a};
    rb_change bad = {
        .delivery_op = RB_DELIVERY_OP_RECEIVE, .delivery = b, .request = second, .out_put = {line}, .n_out_put = 1};
    rb_change last = {0};
    rb_change *const changes[] = {&good, &bad, &last};
    uint64_t first_bad = 9;

    ck_assert_int_eq(kit_put(&k, taken), RB_OK);
    kit_note(&good, "", "received", "good");
    kit_note(&bad, "R-2", "asked", "bad");
    kit_note(&last, "", "received", "last");
    ck_assert_int_eq(k.port.commit(k.port.self, changes, 3, &k.errbuf), RB_OK);
    ck_assert_int_eq(good.result, RB_OK);
    ck_assert_int_eq(bad.result, RB_E_EXISTS);
    ck_assert_int_eq(last.result, RB_OK);
    ck_assert_uint_eq(kit_waiting(&k), 1);
    ck_assert_int_eq(number_by_hand("SELECT count(*) FROM outbox"), 0);
    ck_assert_int_eq(number_by_hand("SELECT count(*) FROM record"), 2);
    ck_assert_int_eq(rb_sqlite_verify(k.store, &first_bad, &k.errbuf), RB_OK);
    ck_assert_uint_eq(first_bad, 0);
    rb_out_free(line);
    free(taken);
    free(second);
    free(a);
    free(b);
}
END_TEST

/* ---- A1, A2: the record ----------------------------------------------------------------------------------------- */

START_TEST(A1_a_refused_change_leaves_no_record)
{
    rb_request *request = kit_request("R-1", "dev-1");
    rb_change change = {.request = request};

    request->version = 5;
    kit_note(&change, "R-1", "approved", "by nobody");
    ck_assert_int_eq(kit_apply(&k, &change), RB_E_CONFLICT);
    ck_assert_int_eq(number_by_hand("SELECT count(*) FROM record"), 0);
    free(request);
}
END_TEST

START_TEST(A1_a_change_and_its_records_are_saved_together_and_in_order)
{
    rb_request *request = kit_request("R-1", "dev-1");
    rb_change change = {.request = request};
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = "R-1", .max = 10};

    kit_note(&change, "R-1", "asked", "every fact");
    kit_note(&change, "R-1", "owner_told", "");
    kit_note(&change, "", "clock_jump", "not of this request");
    ck_assert_int_eq(kit_apply(&k, &change), RB_OK);
    kit_reopen(&k);
    kit_ask(&k, &query);
    ck_assert_uint_eq(query.n_records, 2);
    ck_assert_int_eq(memcmp(query.records, change.records, 2 * sizeof *query.records), 0);
    rb_query_fini(&query);
    free(request);
}
END_TEST

static void write_five_records(void)
{
    for (int i = 0; i < 5; i++) {
        rb_change change = {0};
        kit_note(&change, "R-1", "asked", "text");
        ck_assert_int_eq(kit_apply(&k, &change), RB_OK);
    }
}

static uint64_t first_bad_seq(void)
{
    uint64_t seq = 99;

    ck_assert_int_eq(rb_sqlite_verify(k.store, &seq, &k.errbuf), RB_OK);
    return seq;
}

START_TEST(A2_an_untouched_record_verifies_across_restarts)
{
    ck_assert_uint_eq(first_bad_seq(), 0);
    write_five_records();
    ck_assert_uint_eq(first_bad_seq(), 0);
    kit_reopen(&k);
    write_five_records();
    ck_assert_uint_eq(first_bad_seq(), 0);
}
END_TEST

START_TEST(A2_the_record_refuses_updates_and_deletes)
{
    write_five_records();
    ck_assert_int_ne(by_hand("UPDATE record SET text = 'x' WHERE seq = 3"), SQLITE_OK);
    ck_assert_int_ne(by_hand("DELETE FROM record WHERE seq = 3"), SQLITE_OK);
    ck_assert_int_ne(by_hand("INSERT OR REPLACE INTO record SELECT seq, at_utc_ms, request, kind, team, user, who_name,"
                             " 'x', hash FROM record WHERE seq = 3"),
                     SQLITE_OK);
    ck_assert_uint_eq(first_bad_seq(), 0);
}
END_TEST

START_TEST(A2_tampering_is_seen_at_the_first_record_that_is_wrong)
{
    static const struct {
        const char *sql;
        uint64_t seq;
    } deeds[] = {
        {"UPDATE record SET text = 'x' WHERE seq = 3", 3},
        {"UPDATE record SET at_utc_ms = at_utc_ms + 1 WHERE seq = 1", 1},
        {"UPDATE record SET user = 'U03' WHERE seq = 5", 5},
        {"UPDATE record SET team = 'T1U', user = '02' WHERE seq = 2", 2},
        {"UPDATE record SET hash = 'x' WHERE seq = 4", 4},
        {"DELETE FROM record WHERE seq = 2", 2},
        {"DELETE FROM record WHERE seq = 5", 5},
        {"DELETE FROM record WHERE seq >= 4", 4},
        {"DELETE FROM record", 1},
        {"UPDATE record SET seq = 9 WHERE seq = 5", 5},
        {"INSERT INTO record SELECT 6, at_utc_ms, request, kind, team, user, who_name, text, hash FROM record WHERE "
         "seq = 5",
         6},
    };

    write_five_records();
    ck_assert_int_eq(
        by_hand("DROP TRIGGER record_stays; DROP TRIGGER record_kept; CREATE TABLE kept AS SELECT * FROM record"),
        SQLITE_OK);
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        ck_assert_int_eq(by_hand(deeds[i].sql), SQLITE_OK);
        ck_assert_msg(first_bad_seq() == deeds[i].seq, "%s", deeds[i].sql);
        ck_assert_int_eq(by_hand("DELETE FROM record; INSERT INTO record SELECT * FROM kept"), SQLITE_OK);
        ck_assert_uint_eq(first_bad_seq(), 0);
    }
}
END_TEST

/* Readers cut a text that is too long: what stands behind the longest that fits must not go unseen. */
START_TEST(A2_words_behind_the_longest_text_are_tampering)
{
    char longest[RB_RECORD_TEXT_CAP];
    rb_change change = {0};

    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    kit_note(&change, "R-1", "asked", longest);
    ck_assert_int_eq(kit_apply(&k, &change), RB_OK);
    ck_assert_uint_eq(first_bad_seq(), 0);
    ck_assert_int_eq(by_hand("DROP TRIGGER record_stays; UPDATE record SET text = text || ' and denied' WHERE seq = 1"),
                     SQLITE_OK);
    ck_assert_uint_eq(first_bad_seq(), 1);
}
END_TEST

START_TEST(A2_a_record_cut_off_stays_visible_after_the_bot_went_on)
{
    write_five_records();
    kit_close(&k);
    ck_assert_int_eq(by_hand("DROP TRIGGER record_kept; DELETE FROM record WHERE seq = 5"), SQLITE_OK);
    kit_open(&k);
    write_five_records();
    ck_assert_uint_eq(first_bad_seq(), 5);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("store");
    TCase *one = tcase_create("store");

    tcase_add_checked_fixture(one, set_up, tear_down);
    tcase_add_test(one, R1_a_received_delivery_comes_back_after_a_restart);
    tcase_add_test(one, R1_trigger_connection_and_boot_time_are_not_stored);
    tcase_add_test(one, R1_a_repeated_delivery_is_seen_whatever_became_of_it);
    tcase_add_test(one, R1_a_delivery_is_consumed_once);
    tcase_add_test(one, R1_an_abandoned_delivery_can_never_act);
    tcase_add_test(one, R1_a_delivery_abandoned_before_it_was_saved_is_not_saved_later);
    tcase_add_test(one, a_delivery_that_is_over_keeps_its_key_alone);
    tcase_add_test(one, keys_are_kept_a_day_and_then_go_in_small_steps);
    tcase_add_test(one, R1_a_request_is_saved_only_upon_the_version_it_was_made_from);
    tcase_add_test(one, a_new_request_whose_id_is_taken_is_told_so);
    tcase_add_test(one, a_device_has_one_open_request_and_the_second_is_told_which);
    tcase_add_test(one, a_draft_reserves_nothing_until_it_is_sent);
    tcase_add_test(one, drafts_that_picked_no_device_are_not_in_each_others_way);
    tcase_add_test(one, R2_each_attempt_is_a_row_whose_outcome_alone_changes);
    tcase_add_test(one, R2_an_attempt_is_never_forgotten);
    tcase_add_test(one, R2_two_attempts_never_share_a_client_request_id);
    tcase_add_test(one, one_failing_change_fails_alone_and_leaves_nothing);
    tcase_add_test(one, A1_a_refused_change_leaves_no_record);
    tcase_add_test(one, A1_a_change_and_its_records_are_saved_together_and_in_order);
    tcase_add_test(one, A2_an_untouched_record_verifies_across_restarts);
    tcase_add_test(one, A2_the_record_refuses_updates_and_deletes);
    tcase_add_test(one, A2_tampering_is_seen_at_the_first_record_that_is_wrong);
    tcase_add_test(one, A2_words_behind_the_longest_text_are_tampering);
    tcase_add_test(one, A2_a_record_cut_off_stays_visible_after_the_bot_went_on);
    suite_add_tcase(all, one);
    return all;
}

int main(void)
{
    return kit_run(suite());
}
