/* slack_trouble_test.c - Socket Mode when things go wrong: faults by name, acks without a socket, days of chance. */
#include "unit/slack_fake.h"

/* ---- faults by name ---------------------------------------------------------------------------------------------- */

START_TEST(link_disabled_is_tried_again_after_a_minute_or_more)
{
    given_manual(1);
    say_disconnect(latest(), "link_disabled");
    hang_up(latest(), 1000, 0);
    unsigned before = count_calls("apps.connections.open");
    advance(59999);
    ck_assert_uint_eq(count_calls("apps.connections.open"), before);
    advance(3000);
    ck_assert_uint_eq(count_calls("apps.connections.open"), before + 1);
    ck_assert(status().is_deaf);
    reply_json(waiting("apps.connections.open"), "{\"ok\":false,\"error\":\"link_disabled\"}");
    advance(59999);
    ck_assert_uint_eq(count_calls("apps.connections.open"), before + 1);
    advance(10000);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    say_hello(latest());
    ck_assert(!status().is_deaf);
    ck_assert_int_ge(status().last_gap_ms, 120000);
}
END_TEST

START_TEST(too_many_websockets_does_not_loop)
{
    given_manual(2);
    say_disconnect(nth(1), "too_many_websockets");
    unsigned before = count_calls("apps.connections.open");
    advance(59999);
    ck_assert_uint_eq(count_calls("apps.connections.open"), before);
    ck_assert(nth(1)->is_gone); /* it makes room at once, the other is live */
    ck_assert_uint_eq(status().live, 1);
    advance(3000);
    ck_assert_uint_eq(count_calls("apps.connections.open"), before + 1);
}
END_TEST

START_TEST(the_only_socket_is_kept_although_there_are_too_many)
{
    given_manual(1);
    say_disconnect(nth(0), "too_many_websockets");
    advance(50000);
    ck_assert(!nth(0)->is_close_sent);
    send_command(nth(0));
    ack_latest();
    ck_assert_uint_eq(nth(0)->sent, 1);
}
END_TEST

START_TEST(a_disconnect_before_hello_is_a_failed_try)
{
    given_manual(1);
    say_disconnect(nth(0), "refresh_requested");
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    peer *second = latest();
    come_up(second);
    say_disconnect(second, "warning");
    ck_assert(second->is_close_sent);
    ck_assert(!nth(0)->is_close_sent);
    advance(1500);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    say_hello(latest());
    advance(5000);
    ck_assert(nth(0)->is_gone);
    ck_assert(second->is_gone);
    ck_assert_uint_eq(status().live, 1);
}
END_TEST

/* Slack sends every new socket away before its hello: the old one serves, and nobody hammers at the door. */
START_TEST(disconnects_before_hello_are_failures_with_growing_pauses)
{
    given_manual(1);
    say_disconnect(nth(0), "warning");
    int64_t begin_ms = world.now.boot_ms;
    for (int n = 0; n < 8; n++) {
        for (int waited = 0; waited < 400 && !find_waiting("apps.connections.open"); waited++)
            advance(100);
        reply_json(waiting("apps.connections.open"), OPEN_OK);
        peer *next = latest();
        come_up(next);
        say_disconnect(next, "warning");
        hang_up(next, 1000, 0);
    }
    ck_assert_int_ge(world.now.boot_ms - begin_ms, 10000);
    ck_assert(!nth(0)->is_close_sent);
    ck_assert(!status().is_deaf);
}
END_TEST

START_TEST(a_refused_upgrade_is_tried_again_with_a_fresh_address)
{
    static const int statuses[] = {408, 409, 404, 500, 0};

    given_manual(1);
    hang_up(latest(), 1006, 0);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        advance(40000);
        reply_json(waiting("apps.connections.open"), OPEN_OK);
        hang_up(latest(), 1006, statuses[i]);
    }
    ck_assert_ptr_null(find_waiting("apps.connections.open"));
    advance(40000);
    ck_assert_ptr_nonnull(find_waiting("apps.connections.open"));
}
END_TEST

START_TEST(a_proxy_that_answers_200_is_tried_slowly)
{
    given_manual(1);
    say_disconnect(latest(), "warning");
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    hang_up(latest(), 1006, 200);
    unsigned before = count_calls("apps.connections.open");
    advance(59999);
    ck_assert_uint_eq(count_calls("apps.connections.open"), before);
}
END_TEST

START_TEST(retry_after_of_a_rate_limit_is_kept)
{
    rb_http_reply limited = http_reply(429, "{\"ok\":false,\"error\":\"ratelimited\"}");

    given_manual(1);
    (void)snprintf(limited.retry_after, sizeof limited.retry_after, "30");
    say_disconnect(latest(), "warning");
    reply(waiting("apps.connections.open"), &limited);
    unsigned before = count_calls("apps.connections.open");
    advance(29999);
    ck_assert_uint_eq(count_calls("apps.connections.open"), before);
    advance(1001);
    ck_assert_uint_eq(count_calls("apps.connections.open"), before + 1);
}
END_TEST

START_TEST(pauses_grow_with_failures_and_stay_below_30_s)
{
    int64_t longest_ms = 0;
    int64_t sum_ms = 0;

    given_manual(1);
    hang_up(latest(), 1006, 0);
    for (int i = 0; i < 40; i++) {
        int64_t from_ms = world.now.boot_ms;
        for (int k = 0; k < 3001 && !find_waiting("apps.connections.open"); k++)
            advance(10);
        int64_t pause_ms = world.now.boot_ms - from_ms;
        reply_json(waiting("apps.connections.open"), "{\"ok\":false,\"error\":\"internal_error\"}");
        longest_ms = pause_ms > longest_ms ? pause_ms : longest_ms;
        sum_ms += i >= 10 ? pause_ms : 0;
        ck_assert_int_le(pause_ms, i == 0 ? 10 : i < 5 ? 2000 << i : 33000);
    }
    ck_assert_int_gt(longest_ms, 15000);
    /* full jitter: the mean of the long ones is about half of 30 s */
    ck_assert_int_gt(sum_ms / 30, 7000);
    ck_assert_int_lt(sum_ms / 30, 22000);
}
END_TEST

START_TEST(sockets_that_die_at_once_are_not_reopened_in_a_hot_loop)
{
    given_live(1);
    unsigned before = count_calls("apps.connections.open");
    for (int i = 0; i < 600; i++) {
        if (!latest()->is_gone)
            hang_up(latest(), 1006, 0);
        advance(500);
    }
    /* five minutes */
    ck_assert_uint_le(count_calls("apps.connections.open") - before, 40);
}
END_TEST

START_TEST(refreshes_right_after_hello_do_not_make_a_hot_loop)
{
    given_live(1);
    unsigned before = count_calls("apps.connections.open");
    for (int i = 0; i < 600; i++) {
        if (!latest()->is_gone)
            say_disconnect(latest(), "refresh_requested");
        advance(500);
    }
    ck_assert_uint_le(count_calls("apps.connections.open") - before, 60);
    ck_assert_uint_eq(world.most_held, 2);
    ck_assert_uint_eq(status().gaps, 0);
}
END_TEST

START_TEST(more_connections_than_ours_are_an_alarm)
{
    given_manual(1);
    ck_assert_uint_eq(status().extra_connections, 0);
    world.num_connections = 10;
    say_disconnect(latest(), "warning");
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    say_hello(latest());
    ck_assert_uint_eq(status().num_connections, 10);
    ck_assert_uint_eq(status().extra_connections, 8);
}
END_TEST

START_TEST(a_socket_of_ours_that_has_just_gone_is_no_alarm)
{
    given_manual(1);
    hang_up(latest(), 1006, 0);
    advance(0);
    world.num_connections = 2;
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    say_hello(latest());
    ck_assert_uint_eq(status().extra_connections, 0);
}
END_TEST

START_TEST(a_socket_that_went_long_ago_does_not_hide_a_stranger)
{
    given_manual(1);
    hang_up(latest(), 1006, 0);
    for (int i = 0; i < 20; i++) {
        advance(10000);
        if (find_waiting("apps.connections.open"))
            reply_json(waiting("apps.connections.open"), "{\"ok\":false,\"error\":\"internal_error\"}");
    }
    advance(40000);
    world.num_connections = 2;
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    say_hello(latest());
    ck_assert_uint_eq(status().extra_connections, 1);
}
END_TEST

START_TEST(a_minute_of_life_ends_a_row_of_failures)
{
    given_manual(1);
    hang_up(latest(), 1006, 0);
    for (int i = 0; i < 12; i++) {
        advance(31000);
        reply_json(waiting("apps.connections.open"), "{\"ok\":false,\"error\":\"internal_error\"}");
    }
    advance(31000);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    say_hello(latest());
    advance(60000);
    hang_up(latest(), 1006, 0);
    advance(0);
    reply_json(waiting("apps.connections.open"), "{\"ok\":false,\"error\":\"internal_error\"}");
    advance(1000);
    ck_assert_ptr_nonnull(find_waiting("apps.connections.open"));
}
END_TEST

START_TEST(a_time_without_a_socket_is_measured)
{
    given_manual(2);
    hang_up(nth(0), 1006, 0);
    ck_assert(!status().is_deaf);
    hang_up(nth(1), 1006, 0);
    ck_assert(status().is_deaf);
    advance(4321);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    ck_assert(status().is_deaf);
    say_hello(latest());
    ck_assert(!status().is_deaf);
    ck_assert_uint_eq(status().gaps, 1);
    ck_assert_int_eq(status().last_gap_ms, 4321);
    ck_assert_int_eq(world.gaps_told, 1);
    ck_assert_int_eq(world.gap_told_ms, 4321);
}
END_TEST

START_TEST(R6_a_gap_is_told_from_the_last_sign_of_life_on)
{
    given_manual(2);
    advance(2000);
    frame_from(nth(1), "{\"type\":\"weather\"}");
    nth(1)->is_silent = true;
    advance(1000);
    frame_from(nth(0), "{\"type\":\"weather\"}");
    nth(0)->is_silent = true;
    int64_t heard_ms = world.now.boot_ms;
    advance(12999);               /* RB_SLACK_DEAD_MS is 13000 */
    ck_assert(!status().is_deaf); /* the second is given up, the first not yet */
    advance(1);
    ck_assert(status().is_deaf);
    advance(3000);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    say_hello(latest());
    ck_assert(!status().is_deaf);
    ck_assert_int_eq(status().last_gap_ms, world.now.boot_ms - heard_ms);
    ck_assert_int_eq(world.gap_told_ms, world.now.boot_ms - heard_ms);
}
END_TEST

START_TEST(garbage_is_ignored_and_the_socket_stays)
{
    static const char *const texts[] = {
        "", "{", "[]", "null", "{\"type\":\"weather\"}", "\xff\xfe\xfd", "{\"type\":7}"};

    given_live(1);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        frame_from(latest(), texts[i]);
    advance(5000);
    ck_assert_uint_eq(status().live, 1);
    ck_assert_uint_eq(world.n_peers, 1);
    ck_assert_uint_eq(latest()->sent, 0);
}
END_TEST

START_TEST(inputs_for_what_is_gone_are_ignored)
{
    rb_http_reply late = http_reply(200, OPEN_OK);

    given_live(1);
    hang_up(latest(), 1006, 0);
    rb_slack_ws_frame(world.slack, latest()->conn, RB_STR("{\"type\":\"hello\"}"), world.now);
    rb_slack_ws_pong(world.slack, 4711, world.now);
    rb_slack_ws_closed(world.slack, latest()->conn, 1000, 0, "", world.now);
    rb_slack_http_done(world.slack, world.https[1].tag, &late, world.now);
    rb_slack_http_done(world.slack, 0, &late, world.now);
    rb_slack_http_done(world.slack, UINT64_MAX, &late, world.now);
    ck_assert_uint_eq(world.n_peers, 1);
    advance(5000);
    ck_assert_uint_eq(status().live, 1);
}
END_TEST

/* ---- acknowledgements -------------------------------------------------------------------------------------------- */

START_TEST(an_ack_goes_out_on_the_socket_of_its_envelope)
{
    given_live(3);
    for (size_t i = 0; i < 3; i++) {
        send_command(nth(i));
        ack_latest();
        ck_assert_uint_eq(nth(i)->sent, 1);
        ck_assert_ptr_nonnull(strstr(nth(i)->last, delivered(i)->envelope_id));
    }
}
END_TEST

START_TEST(an_ack_whose_socket_is_gone_goes_out_on_another)
{
    given_live(2);
    send_command(nth(0));
    hang_up(nth(0), 1006, 0);
    ack_latest();
    ck_assert_uint_eq(nth(1)->sent, 1);
}
END_TEST

START_TEST(an_ack_sent_just_as_the_peer_closed_is_sent_again)
{
    given_live(2);
    send_command(nth(0));
    ack_latest();
    advance(600);
    send_command(nth(0));
    ack_latest();
    send_command(nth(1));
    ack_latest();
    ck_assert_uint_eq(nth(1)->sent, 1);
    advance(499);
    hang_up(nth(0), 1001, 0);
    ck_assert_uint_eq(nth(1)->sent, 2); /* the second: the first was read for sure, the third was not on that socket */
    ck_assert_ptr_nonnull(strstr(nth(1)->last, delivered(1)->envelope_id));
    hang_up(nth(1), 1001, 0);
    ck_assert_uint_eq(status().acks_waiting, 1); /* the third; the second was repeated once */
}
END_TEST

START_TEST(an_ack_waits_for_a_socket_for_three_seconds)
{
    given_manual(1);
    send_command(latest());
    hang_up(latest(), 1006, 0);
    ack_latest();
    ck_assert_uint_eq(status().acks_waiting, 1);
    advance(2900);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    say_hello(latest());
    ck_assert_uint_eq(latest()->sent, 1);
    ck_assert_uint_eq(status().acks_waiting, 0);
    ck_assert_uint_eq(status().acks_lost, 0);
}
END_TEST

START_TEST(an_ack_that_comes_too_late_is_counted_as_lost)
{
    given_manual(1);
    send_command(latest());
    hang_up(latest(), 1006, 0);
    ack_latest();
    advance(3000);
    ck_assert_uint_eq(status().acks_waiting, 0);
    ck_assert_uint_eq(status().acks_lost, 1);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    say_hello(latest());
    ck_assert_uint_eq(latest()->sent, 0);
}
END_TEST

START_TEST(waiting_acks_are_bounded)
{
    given_manual(1);
    send_command(latest());
    hang_up(latest(), 1006, 0);
    for (int i = 0; i < RB_SLACK_ACKS_MAX; i++)
        ack_latest();
    ck_assert_uint_eq(status().acks_waiting, RB_SLACK_ACKS_MAX);
    ck_assert_uint_eq(status().acks_lost, 0);
    ack_latest();
    ck_assert_uint_eq(status().acks_waiting, RB_SLACK_ACKS_MAX);
    ck_assert_uint_eq(status().acks_lost, 1);
}
END_TEST

START_TEST(a_waiting_ack_does_not_put_off_what_is_due_before_it)
{
    rb_chat_call call = {.kind = RB_CHAT_POST, .payload = RB_STR("no JSON")};

    given_manual(1);
    send_command(latest());
    hang_up(latest(), 1006, 0);
    world.port.call(world.port.self, 7, &call);
    ack_latest();
    advance(0);
    ck_assert_uint_eq(world.n_results, 1);
    ck_assert_uint_eq(status().acks_waiting, 1);
}
END_TEST

START_TEST(what_is_not_delivered_is_acked_at_once)
{
    given_live(1);
    frame_from(latest(), "{\"envelope_id\":\"ev\",\"type\":\"events_api\",\"payload\":{}}");
    ck_assert_str_eq(latest()->last, "{\"envelope_id\":\"ev\"}");
    ck_assert_uint_eq(world.n_deliveries, 0);
}
END_TEST

START_TEST(another_apps_command_is_answered_with_ours)
{
    given_live(1);
    frame_from(
        latest(),
        "{\"envelope_id\":\"e\",\"type\":\"slash_commands\",\"payload\":{\"team_id\":\"T111\",\"user_id\":\"U1\","
        "\"command\":\"/weather\",\"text\":\"\"}}");
    ck_assert_ptr_nonnull(strstr(latest()->last, "/passcode"));
    ck_assert_ptr_nonnull(strstr(latest()->last, "Nothing was done"));
    ck_assert_uint_eq(world.n_deliveries, 0);
}
END_TEST

/* ---- a day of trouble ----------------------------------------------------------------------------------------- */

static peer *some_live_peer(void)
{
    size_t start = world.n_peers > 20 ? world.n_peers - 20 : 0;

    for (int tries = 0; tries < 40; tries++) {
        peer *one = nth(start + world_random() % (world.n_peers - start));
        if (!one->is_gone && one->said_hello)
            return one;
    }
    return NULL;
}

static void make_trouble(void)
{
    static const char *const reasons[] = {"warning", "refresh_requested", "too_many_websockets", "link_disabled",
                                          "odd"};
    peer *one = some_live_peer();
    unsigned kind = world_random() % 10;

    if (!one)
        return;
    if (kind < 5 && one->is_up)
        say_disconnect(one, reasons[kind]);
    else if (kind < 7)
        hang_up(one, 1006, 0);
    else if (kind < 8)
        one->is_silent = true;
    else
        send_command(one);
}

/* Each envelope is acked, on a socket that is open then (io_ws_send checks), or is counted as lost; once, but for those
 * whose socket was closed by the peer right after. */
static void check_acks(void)
{
    unsigned sent = 0;

    for (size_t i = 0; i < world.n_peers; i++)
        sent += nth(i)->sent;
    ck_assert_uint_le(world.n_deliveries, sent + status().acks_waiting + status().acks_lost);
}

START_TEST(whatever_happens_for_a_day_it_comes_back)
{
    world.seed = (uint64_t)_i + 1;
    world.acks_at_once = true;
    given_live(1 + (uint32_t)_i % 8);
    for (int i = 0; i < 1000; i++) {
        make_trouble();
        advance((int64_t)(world_random() % 172800));
        check_acks();
    }
    ck_assert_uint_eq(world.most_opening, 1);
    ck_assert_uint_le(world.most_held, 2 + (size_t)_i % 8);
    advance(40 * 60000);
    ck_assert_uint_eq(status().live, 1 + (uint32_t)_i % 8);
    ck_assert_uint_eq(status().opening, 0);
    ck_assert(!status().is_deaf);
}
END_TEST

static void add_faults(TCase *tcase)
{
    tcase_add_test(tcase, link_disabled_is_tried_again_after_a_minute_or_more);
    tcase_add_test(tcase, too_many_websockets_does_not_loop);
    tcase_add_test(tcase, the_only_socket_is_kept_although_there_are_too_many);
    tcase_add_test(tcase, a_disconnect_before_hello_is_a_failed_try);
    tcase_add_test(tcase, disconnects_before_hello_are_failures_with_growing_pauses);
    tcase_add_test(tcase, a_refused_upgrade_is_tried_again_with_a_fresh_address);
    tcase_add_test(tcase, a_proxy_that_answers_200_is_tried_slowly);
    tcase_add_test(tcase, retry_after_of_a_rate_limit_is_kept);
    tcase_add_test(tcase, pauses_grow_with_failures_and_stay_below_30_s);
    tcase_add_test(tcase, sockets_that_die_at_once_are_not_reopened_in_a_hot_loop);
    tcase_add_test(tcase, refreshes_right_after_hello_do_not_make_a_hot_loop);
    tcase_add_test(tcase, more_connections_than_ours_are_an_alarm);
    tcase_add_test(tcase, a_socket_of_ours_that_has_just_gone_is_no_alarm);
    tcase_add_test(tcase, a_socket_that_went_long_ago_does_not_hide_a_stranger);
    tcase_add_test(tcase, a_minute_of_life_ends_a_row_of_failures);
    tcase_add_test(tcase, a_time_without_a_socket_is_measured);
    tcase_add_test(tcase, R6_a_gap_is_told_from_the_last_sign_of_life_on);
    tcase_add_test(tcase, garbage_is_ignored_and_the_socket_stays);
    tcase_add_test(tcase, inputs_for_what_is_gone_are_ignored);
}

static void add_acks(TCase *tcase)
{
    tcase_add_test(tcase, an_ack_goes_out_on_the_socket_of_its_envelope);
    tcase_add_test(tcase, an_ack_whose_socket_is_gone_goes_out_on_another);
    tcase_add_test(tcase, an_ack_sent_just_as_the_peer_closed_is_sent_again);
    tcase_add_test(tcase, an_ack_waits_for_a_socket_for_three_seconds);
    tcase_add_test(tcase, an_ack_that_comes_too_late_is_counted_as_lost);
    tcase_add_test(tcase, waiting_acks_are_bounded);
    tcase_add_test(tcase, a_waiting_ack_does_not_put_off_what_is_due_before_it);
    tcase_add_test(tcase, what_is_not_delivered_is_acked_at_once);
    tcase_add_test(tcase, another_apps_command_is_answered_with_ours);
}

static void add_trouble(TCase *tcase)
{
    tcase_add_loop_test(tcase, whatever_happens_for_a_day_it_comes_back, 0, 8);
}

int main(void)
{
    static const suite_part parts[] = {{"faults", add_faults}, {"acks", add_acks}, {"trouble", add_trouble}};
    return run_suite("slack_trouble", parts, sizeof parts / sizeof *parts);
}
