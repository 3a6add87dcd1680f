/* slack_session_test.c - Socket Mode as a simulated world: never deaf, never too many, nothing lost. */
#include "chat/slack_sockets.h"
#include "unit/slack_fake.h"

/* ---- start ------------------------------------------------------------------------------------------------------- */

START_TEST(start_asks_who_we_are_and_then_opens_sockets_one_by_one)
{
    make_session(2);
    rb_slack_start(world.slack, world.now);
    ck_assert_uint_eq(world.n_https, 1);
    ck_assert_str_eq(waiting("auth.test")->token, "Bearer xoxb-test");
    reply_json(waiting("auth.test"), AUTH_OK);
    ck_assert_uint_eq(world.ready, 1);
    ck_assert_str_eq(world.team, "T111");

    http_kept *open = waiting("apps.connections.open");
    ck_assert_str_eq(open->token, "Bearer xapp-1-A1-test");
    ck_assert_str_eq(open->type, "application/x-www-form-urlencoded");
    ck_assert_str_eq(open->body, "");
    reply_json(open, OPEN_OK);
    ck_assert_uint_eq(world.n_peers, 1);
    ck_assert_str_eq(latest()->url, "wss://wss.example.com/link/?ticket=1&app_id=2");
    advance(3000);
    ck_assert_uint_eq(count_calls("apps.connections.open"), 1);

    say_hello(latest());
    ck_assert_uint_eq(status().live, 1);
    advance(1000);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    say_hello(latest());
    ck_assert_uint_eq(status().live, 2);
    advance(20000);
    ck_assert_ptr_null(find_waiting("apps.connections.open"));
}
END_TEST

START_TEST(tokens_of_the_wrong_kind_are_named_at_once)
{
    static const struct {
        const char *app;
        const char *bot;
        const char *said;
    } rows[] = {{"xoxb-1", "xoxb-1", "app_token is a bot token"},
                {"xapp-1", "xapp-1", "bot_token is an app-level token"},
                {"xapp-1", "xoxp-1", "bot_token is a user token"},
                {"xapp-1", "xoxe.xoxb-1", "bot_token is a rotating bot token"},
                {"", "xoxb-1", "app_token is empty"},
                {"xapp-1", "hunter2", "bot_token is no Slack token"},
                {"xapp-1 2", "xoxb-1", "app_token holds a space"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rb_secret *app = rb_secret_new(rb_str_of(rows[i].app));
        rb_secret *bot = rb_secret_new(rb_str_of(rows[i].bot));
        rb_slack_config config = {.api_url = API, .app_token = app, .bot_token = bot, .connections = 2};
        rb_errbuf errbuf = {.text = ""};
        ck_assert_int_eq(rb_slack_new(&config, &(rb_io){0}, (rb_clock){0}, (rb_random){0}, &(rb_chat_events){0},
                                      &world.slack, &errbuf),
                         RB_E_CONFIG);
        ck_assert_msg(strstr(errbuf.text, rows[i].said) != NULL, "%s", errbuf.text);
        ck_assert_ptr_null(strstr(errbuf.text, "hunter2"));
        rb_secret_free(app);
        rb_secret_free(bot);
    }
}
END_TEST

START_TEST(addresses_and_numbers_that_cannot_work_are_refused)
{
    static const struct {
        const char *url;
        uint32_t connections;
        bool is_fine;
    } rows[] = {{"https://slack.com/api/", 1, true},          {"https://slack.com/api/", 8, true},
                {"http://127.0.0.1:8080/api/", 2, true},      {"http://localhost:1/api/", 2, true},
                {"https://slack.com/api/", 0, false},         {"https://slack.com/api/", 9, false},
                {"https://slack.com/api", 2, false},          {"http://slack.com/api/", 2, false},
                {"http://127.0.0.1.evil.com/api/", 2, false}, {"", 2, false}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rb_slack_config config = {.api_url = rows[i].url,
                                  .app_token = world.app_token,
                                  .bot_token = world.bot_token,
                                  .connections = rows[i].connections};
        rb_slack *slack = NULL;
        rb_err err =
            rb_slack_new(&config, &(rb_io){0}, (rb_clock){0}, (rb_random){0}, &(rb_chat_events){0}, &slack, NULL);
        ck_assert_msg((err == RB_OK) == rows[i].is_fine, "%s %u", rows[i].url, rows[i].connections);
        rb_slack_free(slack);
    }
}
END_TEST

START_TEST(a_refused_bot_token_is_tried_again_slowly_and_opens_nothing)
{
    make_session(2);
    rb_slack_start(world.slack, world.now);
    reply_json(waiting("auth.test"), "{\"ok\":false,\"error\":\"invalid_auth\"}");
    advance(59000);
    ck_assert_uint_eq(count_calls("auth.test"), 1);
    advance(62000);
    ck_assert_uint_eq(count_calls("auth.test"), 2);
    ck_assert_uint_eq(count_calls("apps.connections.open"), 0);
    reply_json(waiting("auth.test"), AUTH_OK);
    ck_assert_ptr_nonnull(find_waiting("apps.connections.open"));
}
END_TEST

START_TEST(a_plain_ws_address_is_not_used)
{
    make_session(1);
    rb_slack_start(world.slack, world.now);
    reply_json(waiting("auth.test"), AUTH_OK);
    reply_json(waiting("apps.connections.open"), "{\"ok\":true,\"url\":\"ws://wss.example.com/link\"}");
    ck_assert_uint_eq(world.n_peers, 0);
    advance(40000);
    ck_assert_uint_eq(count_calls("apps.connections.open"), 2);
}
END_TEST

/* The timer comes then, whatever it was set for. */
static void timer_at(int64_t boot_ms)
{
    world.now.utc_ms += boot_ms - world.now.boot_ms;
    world.now.boot_ms = boot_ms;
    rb_slack_timer(world.slack, world.now);
    settle_world();
}

/* ---- liveness ---------------------------------------------------------------------------------------------------- */

START_TEST(R6_a_dead_peer_is_noticed_within_15_s_and_replaced)
{
    given_live(1);
    advance(7300);
    latest()->is_silent = true;
    int64_t silent_ms = world.now.boot_ms;
    for (int i = 0; i < 150 && world.n_peers == 1; i++)
        advance(100);
    ck_assert_uint_eq(world.n_peers, 2);
    ck_assert_int_le(world.now.boot_ms - silent_ms, 15000);
    ck_assert(nth(0)->is_close_sent);
    advance(2000);
    ck_assert(nth(0)->was_dropped);
    ck_assert_uint_eq(status().live, 1);
}
END_TEST

/* RB_SLACK_DEAD_MS after the last sign of life: 1 ms before, at, 1 ms after. */
START_TEST(R6_a_peer_is_dead_after_13_s_to_the_millisecond)
{
    given_live(1);
    advance(7300);
    frame_from(latest(), "{\"type\":\"weather\"}");
    latest()->is_silent = true;
    int64_t limit_ms = world.now.boot_ms + RB_SLACK_DEAD_MS;
    advance_to(limit_ms - 2);
    ck_assert(!nth(0)->is_close_sent);
    timer_at(limit_ms + _i);
    ck_assert_int_eq(nth(0)->is_close_sent, _i >= 0);
}
END_TEST

START_TEST(R6_a_replacement_does_not_hide_a_dead_peer)
{
    given_live(2);
    advance(7300);
    frame_from(nth(0), "{\"type\":\"weather\"}");
    nth(0)->is_silent = true;
    int64_t silent_ms = world.now.boot_ms;
    advance(12900);
    say_disconnect(nth(1), "warning"); /* its replacement was allowed long ago: that is no late loop */
    settle_world();
    advance_to(silent_ms + 15000);
    ck_assert(nth(0)->is_close_sent);
}
END_TEST

START_TEST(R6_any_frame_is_a_sign_of_life)
{
    given_live(1);
    latest()->is_silent = true;
    for (int i = 0; i < 20; i++) {
        advance(10000);
        frame_from(latest(), "{\"type\":\"weather\"}");
    }
    ck_assert_uint_eq(world.n_peers, 1);
}
END_TEST

START_TEST(pings_go_out_every_five_seconds)
{
    given_live(1);
    unsigned before = latest()->pings;
    advance(60000);
    ck_assert_uint_ge(latest()->pings - before, 11);
    ck_assert_uint_le(latest()->pings - before, 13);
}
END_TEST

START_TEST(a_loop_that_stood_still_does_not_blame_its_peers)
{
    given_live(2);
    world.now.boot_ms += 20000; /* no timer, nothing read */
    rb_slack_timer(world.slack, world.now);
    settle_world();
    advance(10000);
    ck_assert_uint_eq(world.n_peers, 2);
    nth(0)->is_silent = true;
    advance(15000);
    ck_assert_uint_eq(world.n_peers, 3);
}
END_TEST

START_TEST(a_socket_without_hello_is_given_up_after_10_s)
{
    make_session(1);
    rb_slack_start(world.slack, world.now);
    reply_json(waiting("auth.test"), AUTH_OK);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    come_up(latest());
    peer *mute = latest();
    int64_t limit_ms = world.now.boot_ms + RB_SLACK_HELLO_MS;
    advance_to(limit_ms - 2);
    ck_assert(!mute->is_gone);
    timer_at(limit_ms + _i);
    ck_assert_int_eq(mute->was_dropped, _i >= 0);
    advance(1001);
    ck_assert_ptr_nonnull(find_waiting("apps.connections.open"));
}
END_TEST

/* ---- planned reconnects ------------------------------------------------------------------------------------------ */

static void check_overlap(const char *reason)
{
    given_live(1);
    advance(100000);
    world.is_open = false;
    peer *old = latest();
    say_disconnect(old, reason);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    advance(5000);
    /* until hello the old socket is the one that counts */
    send_command(old);
    ack_latest();
    ck_assert_uint_eq(old->sent, 1);
    ck_assert(!old->is_close_sent);

    say_hello(latest());
    send_command(old);
    advance(3000);
    ck_assert(!old->is_close_sent); /* one is unacked */
    ack_latest();
    ck_assert_uint_eq(old->sent, 2);
    send_command(old);
    ack_latest();
    advance(1999);
    ck_assert(!old->is_close_sent);
    advance(1);
    ck_assert(old->is_close_sent);
    ck_assert_int_eq(old->close_code, 1000);
    /* what still arrives is answered on the new one */
    send_command(old);
    ack_latest();
    ck_assert_uint_eq(old->sent, 3);
    ck_assert_uint_eq(latest()->sent, 1);
    ck_assert_ptr_nonnull(strstr(latest()->last, delivered(3)->envelope_id));
    advance(999);
    ck_assert(!old->is_gone);
    advance(1);
    ck_assert(old->was_dropped);
    ck_assert_uint_eq(world.n_deliveries, 4);
    ck_assert_uint_eq(status().gaps, 0);
    ck_assert_uint_eq(world.most_opening, 1);
}

START_TEST(R6_no_gap_and_nothing_lost_at_refresh_requested)
{
    check_overlap("refresh_requested");
}
END_TEST

START_TEST(R6_no_gap_and_nothing_lost_at_a_warning)
{
    check_overlap("warning");
}
END_TEST

START_TEST(R6_no_gap_and_nothing_lost_at_a_reason_from_the_future)
{
    check_overlap("spring_cleaning");
}
END_TEST

START_TEST(R6_sockets_sent_away_right_after_hello_are_replaced_at_once)
{
    given_live(2);
    world.is_open = false;
    for (size_t round = 0; round < 2; round++) {
        say_disconnect(nth(2 * round), "warning");
        say_disconnect(nth(2 * round + 1), "warning");
        for (size_t i = 0; i < 2; i++) {
            advance(1500); /* the one before makes room first: 250 ms without an envelope, a second for its close */
            reply_json(waiting("apps.connections.open"), OPEN_OK);
            say_hello(latest());
        }
    }
    ck_assert_uint_eq(status().gaps, 0);
    ck_assert_uint_eq(world.most_held, 3);
}
END_TEST

START_TEST(a_warning_and_a_refresh_of_one_socket_bring_one_replacement)
{
    given_live(2);
    advance(100000);
    say_disconnect(nth(0), "warning");
    settle_world();
    say_disconnect(nth(0), "refresh_requested");
    advance(30000);
    ck_assert_uint_eq(world.n_peers, 3);
    ck_assert(nth(0)->is_gone);
    ck_assert(!nth(1)->is_gone);
    ck_assert_uint_eq(status().live, 2);
}
END_TEST

START_TEST(draining_ends_after_10_s_even_with_something_unacked)
{
    given_live(1);
    advance(100000);
    peer *old = latest();
    send_command(old); /* never acked */
    say_disconnect(old, "warning");
    settle_world();
    int64_t limit_ms = world.now.boot_ms + RB_SLACK_DRAIN_MS;
    advance_to(limit_ms - 2);
    ck_assert(!old->is_close_sent);
    timer_at(limit_ms + _i);
    ck_assert_int_eq(old->is_close_sent, _i >= 0);
}
END_TEST

START_TEST(draining_ends_when_the_peer_closes)
{
    given_live(1);
    advance(100000);
    peer *old = latest();
    say_disconnect(old, "warning");
    settle_world();
    hang_up(old, 1000, 0);
    advance(20000);
    ck_assert(!old->is_close_sent);
    ck_assert_uint_eq(status().live, 1);
    ck_assert_uint_eq(status().going, 0);
    ck_assert_uint_eq(world.n_peers, 2);
}
END_TEST

START_TEST(all_sockets_sent_away_at_once_are_replaced_one_at_a_time)
{
    given_live(8);
    advance(100000);
    for (size_t i = 0; i < 8; i++)
        say_disconnect(nth(i), "warning");
    advance(60000);
    ck_assert_uint_eq(status().live, 8);
    ck_assert_uint_eq(world.n_peers, 16);
    ck_assert_uint_eq(world.most_opening, 1);
    ck_assert_uint_eq(world.most_held, 9);
    ck_assert_uint_eq(status().gaps, 0);
}
END_TEST

START_TEST(R6_a_replacement_does_not_wait_for_a_busy_socket_that_goes)
{
    given_live(1);
    advance(100000);
    peer *first = latest();
    send_command(first); /* never acked: it would drain for 10 s */
    say_disconnect(first, "warning");
    settle_world();
    peer *second = latest();
    ck_assert_ptr_ne(first, second);
    say_disconnect(second, "warning");
    advance(1999);
    ck_assert_uint_eq(world.n_peers, 2);
    ck_assert(!first->is_close_sent);
    advance(1);
    ck_assert(first->is_close_sent);
    ck_assert(!second->is_close_sent);
    hang_up(first, 1000, 0);
    advance(1000);
    ck_assert_uint_eq(world.n_peers, 3); /* well within the 10 s of the second's warning */
    ck_assert(latest()->said_hello);
    ck_assert_uint_eq(world.most_held, 2);
    ck_assert_uint_eq(status().gaps, 0);
}
END_TEST

START_TEST(the_replacement_of_a_dead_socket_does_not_wait_for_its_close)
{
    given_live(1);
    advance(100000);
    latest()->is_silent = true;
    peer *dead = latest();
    for (int i = 0; i < 150 && !dead->is_close_sent; i++)
        advance(100);
    ck_assert(!dead->is_gone);
    ck_assert_uint_eq(world.n_peers, 2);
}
END_TEST

/* When sockets were opened, after the first `skip`. */
static void check_apart(size_t skip, int64_t least_ms)
{
    for (size_t i = skip + 1; i < world.n_peers; i++)
        ck_assert_int_ge(nth(i)->opened_ms - nth(i - 1)->opened_ms, least_ms);
}

START_TEST(R6_renewals_come_before_slack_asks_and_a_fifth_of_the_life_apart)
{
    for (uint32_t n = 1; n <= 4; n++) {
        given_live(n);
        advance(3 * 18060000LL);
        ck_assert_uint_ge(world.n_peers, 4 * n - 1);
        check_apart(n, 18060000 / 5 - 5000);
        for (size_t i = 0; i + n < world.n_peers; i++)
            ck_assert_int_lt(nth(i)->gone_ms - nth(i)->opened_ms, 18060000);
        ck_assert_uint_eq(status().gaps, 0);
        world_fini();
        world_init();
    }
}
END_TEST

START_TEST(R6_renewals_of_eight_sockets_are_as_far_apart_as_fits)
{
    given_live(8);
    advance(4 * 18060000LL);
    check_apart(8, 18060000 / 12);
    for (size_t i = 0; i + 8 < world.n_peers; i++)
        ck_assert_int_lt(nth(i)->gone_ms - nth(i)->opened_ms, 18060000);
}
END_TEST

START_TEST(a_life_of_no_time_does_not_make_renewals_run_wild)
{
    world.life_s = 1;
    given_live(1);
    advance(10 * 60000);
    ck_assert_uint_le(world.n_peers, 13);
}
END_TEST

/* ---- stop -------------------------------------------------------------------------------------------------------- */

START_TEST(stop_sends_a_close_frame_everywhere_and_opens_nothing)
{
    given_live(3);
    rb_slack_stop(world.slack, world.now);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(nth(i)->close_code, 1000);
    ck_assert(!rb_slack_is_stopped(world.slack));
    hang_up(nth(0), 1000, 0);
    advance(1000);
    ck_assert(rb_slack_is_stopped(world.slack));
    advance(600000);
    ck_assert_uint_eq(world.n_peers, 3);
    ck_assert_int_eq(world.timer_ms, INT64_MAX);
}
END_TEST

START_TEST(an_address_that_arrives_after_stop_is_not_used)
{
    given_manual(1);
    say_disconnect(latest(), "warning");
    rb_slack_stop(world.slack, world.now);
    reply_json(waiting("apps.connections.open"), OPEN_OK);
    ck_assert_uint_eq(world.n_peers, 1);
}
END_TEST

static void add_start(TCase *tcase)
{
    tcase_add_test(tcase, start_asks_who_we_are_and_then_opens_sockets_one_by_one);
    tcase_add_test(tcase, tokens_of_the_wrong_kind_are_named_at_once);
    tcase_add_test(tcase, addresses_and_numbers_that_cannot_work_are_refused);
    tcase_add_test(tcase, a_refused_bot_token_is_tried_again_slowly_and_opens_nothing);
    tcase_add_test(tcase, a_plain_ws_address_is_not_used);
    tcase_add_test(tcase, stop_sends_a_close_frame_everywhere_and_opens_nothing);
    tcase_add_test(tcase, an_address_that_arrives_after_stop_is_not_used);
}

static void add_liveness(TCase *tcase)
{
    tcase_add_test(tcase, R6_a_dead_peer_is_noticed_within_15_s_and_replaced);
    tcase_add_loop_test(tcase, R6_a_peer_is_dead_after_13_s_to_the_millisecond, -1, 2);
    tcase_add_test(tcase, R6_a_replacement_does_not_hide_a_dead_peer);
    tcase_add_test(tcase, R6_any_frame_is_a_sign_of_life);
    tcase_add_test(tcase, pings_go_out_every_five_seconds);
    tcase_add_test(tcase, a_loop_that_stood_still_does_not_blame_its_peers);
    tcase_add_loop_test(tcase, a_socket_without_hello_is_given_up_after_10_s, -1, 2);
}

static void add_renewal(TCase *tcase)
{
    tcase_add_test(tcase, R6_no_gap_and_nothing_lost_at_refresh_requested);
    tcase_add_test(tcase, R6_no_gap_and_nothing_lost_at_a_warning);
    tcase_add_test(tcase, R6_no_gap_and_nothing_lost_at_a_reason_from_the_future);
    tcase_add_test(tcase, R6_sockets_sent_away_right_after_hello_are_replaced_at_once);
    tcase_add_test(tcase, a_warning_and_a_refresh_of_one_socket_bring_one_replacement);
    tcase_add_loop_test(tcase, draining_ends_after_10_s_even_with_something_unacked, -1, 2);
    tcase_add_test(tcase, draining_ends_when_the_peer_closes);
    tcase_add_test(tcase, all_sockets_sent_away_at_once_are_replaced_one_at_a_time);
    tcase_add_test(tcase, R6_a_replacement_does_not_wait_for_a_busy_socket_that_goes);
    tcase_add_test(tcase, the_replacement_of_a_dead_socket_does_not_wait_for_its_close);
    tcase_add_test(tcase, R6_renewals_come_before_slack_asks_and_a_fifth_of_the_life_apart);
    tcase_add_test(tcase, R6_renewals_of_eight_sockets_are_as_far_apart_as_fits);
    tcase_add_test(tcase, a_life_of_no_time_does_not_make_renewals_run_wild);
}

int main(void)
{
    static const suite_part parts[] = {{"start", add_start}, {"liveness", add_liveness}, {"renewal", add_renewal}};
    return run_suite("slack_session", parts, sizeof parts / sizeof *parts);
}
