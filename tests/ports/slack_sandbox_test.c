/* slack_sandbox_test.c - timing: the Slack adapter over the real network against the sandbox, with everything going wrong. */
#include "bench_loop.h"
#include "chat/json.h"
#include "chat/slack_session.h"
#include "net/net_init.h"
#include "net/net_io.h"
#include "support/sandbox_kit.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define BEAT_MS 25

static struct {
    bench_loop bench;
    rb_net *net;
    rb_net_io *net_io;
    rb_secret *app_token;
    rb_secret *bot_token;
    rb_slack *slack;
    rb_chat_port port;
    char api_url[64];
    unsigned n_deliveries;
    rb_delivery delivery; /* the latest */
    bool is_holding;      /* acks are the test's business */
    uint64_t last_tag;
    bool is_answered;
    rb_chat_result result; /* the latest; its items are not kept */
    size_t n_items;
    char first_item[RB_CHAT_ID_CAP];
    unsigned stop_after; /* deliveries; 0: never */
    rb_timer beat;       /* one command each */
    unsigned beats_left;
    rb_timer watch; /* looks whether it is_there */
    bool (*is_there)(void);
} bot;

/* ---- the adapter between network and test --------------------------------------------------------------------------- */

static void ws_up(void *self, uint64_t conn, rb_now now)
{
    (void)self;
    rb_slack_ws_up(bot.slack, conn, now);
}

static void ws_frame(void *self, uint64_t conn, rb_str text, rb_now now)
{
    (void)self;
    rb_slack_ws_frame(bot.slack, conn, text, now);
}

static void ws_pong(void *self, uint64_t conn, rb_str payload, rb_now now)
{
    (void)self;
    (void)payload;
    rb_slack_ws_pong(bot.slack, conn, now);
}

static void ws_closed(void *self, uint64_t conn, const rb_ws_end *end, rb_now now)
{
    (void)self;
    rb_slack_ws_closed(bot.slack, conn, end->code, end->http_status, end->reason, now);
}

static void http_done(void *self, uint64_t tag, const rb_http_reply *reply, rb_now now)
{
    (void)self;
    rb_slack_http_done(bot.slack, tag, reply, now);
}

static void timer(void *self, rb_now now)
{
    (void)self;
    rb_slack_timer(bot.slack, now);
}

static void on_delivery(void *self, const rb_delivery *delivery)
{
    static const rb_ack plain = {.kind = RB_ACK_PLAIN};

    (void)self;
    memcpy(&bot.delivery, delivery, sizeof *delivery);
    bot.n_deliveries++;
    if (!bot.is_holding)
        bot.port.ack(bot.port.self, delivery, &plain);
    if (bot.n_deliveries == bot.stop_after)
        rb_loop_stop(bot.bench.loop);
}

static void on_result(void *self, uint64_t tag, const rb_chat_result *result)
{
    (void)self;
    ck_assert_uint_eq(tag, bot.last_tag);
    bot.is_answered = true;
    bot.result = *result;
    bot.n_items = result->n_items;
    bot.first_item[0] = '\0';
    if (result->n_items > 0)
        rb_copy_fit(bot.first_item, sizeof bot.first_item, result->items[0]);
    rb_loop_stop(bot.bench.loop);
}

static void on_ready(void *self, const char *team, const char *bot_user)
{
    (void)self;
    ck_assert_str_eq(team, "T0SANDBOX");
    ck_assert_str_eq(bot_user, "U0RESETBOT");
}

/* ---- given ----------------------------------------------------------------------------------------------------------- */

static void make_slack(uint32_t connections)
{
    rb_errbuf errbuf = {""};
    const rb_chat_events events = {.on_delivery = on_delivery, .on_result = on_result, .on_ready = on_ready};
    rb_slack_config config = {.api_url = bot.api_url,
                              .app_token = bot.app_token,
                              .bot_token = bot.bot_token,
                              .connections = connections,
                              .command = "/passcode"};
    rb_io io = rb_net_io_table(bot.net_io);

    ck_assert_msg(rb_slack_new(&config, &io, rb_clock_system(), rb_random_system(), &events, &bot.slack, &errbuf) ==
                      RB_OK,
                  "%s", errbuf.text);
    bot.port = rb_slack_port(bot.slack);
}

static void setup(void)
{
    rb_errbuf errbuf = {""};
    const rb_net_config net_config = {.loopback_only = true};
    const rb_net_calls calls = {.ws_up = ws_up,
                                .ws_frame = ws_frame,
                                .ws_pong = ws_pong,
                                .ws_closed = ws_closed,
                                .http_done = http_done,
                                .timer = timer};

    memset(&bot, 0, sizeof bot);
    kit_start();
    ck_assert_int_eq(rb_net_init(&errbuf), RB_OK);
    bench_open(&bot.bench, rb_clock_system());
    ck_assert_msg(rb_net_new(bot.bench.loop, &net_config, NULL, &bot.net, &errbuf) == RB_OK, "%s", errbuf.text);
    ck_assert_int_eq(rb_net_io_new(bot.net, &calls, &bot, &bot.net_io), RB_OK);
    bot.app_token = rb_secret_new(RB_STR("xapp-sandbox"));
    bot.bot_token = rb_secret_new(RB_STR("xoxb-sandbox"));
    (void)snprintf(bot.api_url, sizeof bot.api_url, "http://127.0.0.1:%d/api/", kit.port);
}

static void teardown(void)
{
    rb_slack_free(bot.slack);
    rb_net_io_free(bot.net_io);
    rb_net_free(bot.net);
    rb_secret_free(bot.app_token);
    rb_secret_free(bot.bot_token);
    bench_close(&bot.bench);
    kit_stop();
}

static rb_slack_status status(void)
{
    return rb_slack_status_of(bot.slack);
}

static void look(rb_timer *self, rb_now now)
{
    if (bot.is_there())
        rb_loop_stop(bot.bench.loop);
    else
        rb_loop_timer_set(bot.bench.loop, self, now.boot_ms + 10);
}

/* Runs until the condition holds; fails after limit_ms. */
static void run_until(bool (*is_there)(void), int64_t limit_ms)
{
    bot.is_there = is_there;
    bot.watch = (rb_timer){.fire = look};
    rb_loop_timer_set(bot.bench.loop, &bot.watch, rb_loop_now(bot.bench.loop).boot_ms);
    ck_assert_msg(bench_runs(&bot.bench, limit_ms), "it did not come about in %lld ms", (long long)limit_ms);
    rb_loop_timer_set(bot.bench.loop, &bot.watch, INT64_MAX);
}

static bool are_all_live(void)
{
    return status().live == status().wanted && status().opening == 0;
}

static bool is_settled(void)
{
    return are_all_live() && status().going == 0;
}

static void connect_with(uint32_t connections)
{
    make_slack(connections);
    rb_slack_start(bot.slack, rb_loop_now(bot.bench.loop));
    run_until(are_all_live, 10000);
}

/* ---- when ------------------------------------------------------------------------------------------------------------- */

static void say_command(const char *text)
{
    char body[512];

    (void)snprintf(body, sizeof body, "{\"user\":\"U0HANNA\",\"channel\":\"C0HELPDESK\",\"text\":\"%s\"}", text);
    kit_do("command", body);
}

static const rb_chat_result *call(rb_chat_call what)
{
    bot.is_answered = false;
    bot.last_tag++;
    bot.port.call(bot.port.self, bot.last_tag, &what);
    ck_assert_msg(bench_runs(&bot.bench, 20000), "no result");
    ck_assert(bot.is_answered);
    return &bot.result;
}

static void call_fine(rb_chat_call what)
{
    const rb_chat_result *result = call(what);

    ck_assert_msg(result->outcome == RB_CHAT_OK, "kind %d: %d %s", (int)what.kind, (int)result->outcome, result->error);
}

static rb_message message;
static rb_buf payload;

/* Everything that a message can hold. */
static void build_message(uint32_t seq)
{
    rb_message_init(&message);
    rb_message_para(&message);
    rb_message_bold(&message, "R-7K3F");
    rb_message_text(&message, " <!channel> *x* & asked by ");
    rb_message_user(&message, "U0HANNA");
    rb_message_code(&message, "INC0012345");
    rb_message_group(&message, "S0APPROVERS");
    rb_message_channel(&message, "C0HELPDESK");
    rb_message_link(&message, "https://example.com/a?b=1&c=2", "the card");
    rb_message_rule(&message);
    rb_message_small(&message);
    rb_message_text(&message, "less prominent <@U0ARVID>");
    rb_message_choice(&message, "holds", "Does the owner hold the device?", "Choose", "no");
    rb_message_option(&message, "yes", "Yes");
    rb_message_option(&message, "no", "No");
    rb_message_choice(&message, "verified", "How was the caller verified?", "Choose", NULL);
    for (int i = 0; i < 6; i++) {
        char value[8];
        (void)snprintf(value, sizeof value, "v%d", i);
        rb_message_option(&message, value, value);
    }
    rb_control *approve = rb_message_button(&message, "approve", "Approve", "v1.x", RB_BUTTON_PRIMARY);
    rb_message_confirm(&message, approve, "Approve?", "iPhone 14", "Yes", "No");
    rb_message_button(&message, "deny", "Deny", "v1.y", RB_BUTTON_DANGER);
    (void)snprintf(message.marker_request, sizeof message.marker_request, "R-7K3F");
    message.marker_seq = seq;
}

static void build_form(void)
{
    rb_message_init(&message);
    rb_message_form(&message, "deny", "Deny R-7K3F", "Deny", "Back", "private");
    rb_message_say(&message, "Why is it denied?");
    rb_message_input(&message, "reason", "Reason", "What was wrong", "", 500, true, false);
    rb_message_choice(&message, "holds", "Does the owner hold the device?", NULL, NULL);
    rb_message_option(&message, "yes", "Yes");
    rb_message_option(&message, "no", "No");
}

static rb_str rendered(void)
{
    rb_buf_fini(&payload);
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    ck_assert_int_eq(bot.port.render(bot.port.self, &message, &payload), RB_OK);
    return rb_buf_str(&payload);
}

/* ---- messages --------------------------------------------------------------------------------------------------------- */

START_TEST(a_command_comes_in_and_its_ack_is_shown)
{
    static const rb_ack ack = {.kind = RB_ACK_TEXT, .text = "Not now: nothing was done & \"nothing\" is lost."};

    connect_with(2);
    bot.is_holding = true;
    bot.stop_after = 1;
    say_command("reset @adele her pin is 4711");
    run_until_stopped(&bot.bench);
    ck_assert_str_eq(bot.delivery.text, "reset <@U0ADELE> " RB_SECRET_MARK);
    ck_assert_str_eq(bot.delivery.who.user, "U0HANNA");
    ck_assert(!bot.delivery.is_other_workspace);
    bot.port.ack(bot.port.self, &bot.delivery, &ack);
    run_for(&bot.bench, 300);
    ck_assert_uint_eq(kit_journal("ack"), 1);
    ck_assert_uint_eq(kit_journal("ack_invalid"), 0);
    ck_assert(kit_transcript_has("Not now: nothing was done & "));
}
END_TEST

START_TEST(every_kind_of_message_is_taken)
{
    connect_with(1);
    build_message(0);
    call_fine((rb_chat_call){.kind = RB_CHAT_POST, .channel = "C0HELPDESK", .payload = rendered()});
    char ts[RB_CHAT_TS_CAP];
    rb_copy_fit(ts, sizeof ts, bot.result.ts);
    build_message(1);
    call_fine((rb_chat_call){.kind = RB_CHAT_POST, .channel = "C0HELPDESK", .thread_ts = ts, .payload = rendered()});
    call_fine((rb_chat_call){.kind = RB_CHAT_UPDATE, .channel = "C0HELPDESK", .ts = ts, .payload = rendered()});
    call_fine(
        (rb_chat_call){.kind = RB_CHAT_PRIVATE, .channel = "C0HELPDESK", .user = "U0HANNA", .payload = rendered()});
    call_fine((rb_chat_call){.kind = RB_CHAT_DIRECT, .user = "U0HANNA", .payload = rendered()});
    ck_assert_str_eq(bot.result.channel, "D0HANNA");
    call_fine((rb_chat_call){.kind = RB_CHAT_PERMALINK, .channel = "C0HELPDESK", .ts = ts});
    ck_assert_ptr_nonnull(strstr(bot.result.url, "C0HELPDESK"));
    call_fine((rb_chat_call){.kind = RB_CHAT_DELETE, .channel = "C0HELPDESK", .ts = ts});
    call_fine((rb_chat_call){.kind = RB_CHAT_DELETE, .channel = "C0HELPDESK", .ts = ts}); /* gone is gone */
}
END_TEST

START_TEST(a_command_is_answered_by_its_url_and_opens_a_form_that_comes_back)
{
    connect_with(1);
    bot.stop_after = 1;
    say_command("help");
    run_until_stopped(&bot.bench);
    build_message(0);
    call_fine((rb_chat_call){.kind = RB_CHAT_RESPOND, .url = bot.delivery.response_url, .payload = rendered()});
    build_form();
    call_fine((rb_chat_call){.kind = RB_CHAT_FORM_OPEN, .trigger_id = bot.delivery.trigger_id, .payload = rendered()});
    ck_assert_str_ne(bot.result.view_id, "");
    bot.stop_after = 2;
    kit_do("submit", "{\"user\":\"U0HANNA\",\"values\":{\"reason\":\"wrong person\",\"holds\":\"yes\"}}");
    run_until_stopped(&bot.bench);
    ck_assert_int_eq(bot.delivery.kind, RB_DELIVERY_FORM);
    ck_assert_str_eq(bot.delivery.callback, "deny");
    ck_assert_str_eq(bot.delivery.private_data, "private");
    ck_assert_uint_eq(bot.delivery.n_fields, 2);
    ck_assert_str_eq(bot.delivery.fields[0].value, "wrong person");
    ck_assert_str_eq(bot.delivery.fields[1].value, "yes");
}
END_TEST

START_TEST(a_button_brings_the_choices_beside_it)
{
    char body[256];

    connect_with(1);
    build_message(0);
    call_fine((rb_chat_call){.kind = RB_CHAT_POST, .channel = "C0HELPDESK", .payload = rendered()});
    (void)snprintf(
        body, sizeof body,
        "{\"user\":\"U0ARVID\",\"channel\":\"C0HELPDESK\",\"ts\":\"%s\",\"action_id\":\"verified\",\"value\":\"v3\"}",
        bot.result.ts);
    kit_do("select", body);
    run_for(&bot.bench, 300);
    ck_assert_uint_eq(bot.n_deliveries, 0);
    ck_assert_uint_eq(kit_journal("ack"), 1);
    bot.stop_after = 1;
    (void)snprintf(body, sizeof body,
                   "{\"user\":\"U0ARVID\",\"channel\":\"C0HELPDESK\",\"ts\":\"%s\",\"action_id\":\"deny\"}",
                   bot.result.ts);
    kit_do("click", body);
    run_until_stopped(&bot.bench);
    ck_assert_str_eq(bot.delivery.value, "v1.y");
    ck_assert_str_eq(bot.delivery.message_ts, bot.result.ts);
    const char *chosen = "";
    for (uint32_t i = 0; i < bot.delivery.n_fields; i++)
        if (strcmp(bot.delivery.fields[i].name, "verified") == 0)
            chosen = bot.delivery.fields[i].value;
    ck_assert_str_eq(chosen, "v3");
}
END_TEST

START_TEST(R1_a_post_that_went_unanswered_is_found_by_its_marker)
{
    rb_now now;

    connect_with(1);
    now = rb_loop_now(bot.bench.loop);
    build_message(0);
    kit_do("fault", "{\"name\":\"slack.chat.postMessage.close_after\"}");
    const rb_chat_result *result =
        call((rb_chat_call){.kind = RB_CHAT_POST, .channel = "C0HELPDESK", .payload = rendered()});
    ck_assert_int_eq(result->outcome, RB_CHAT_UNCLEAR);
    kit_do("settings", "{\"page_max\":1}");
    rb_chat_call find = {.kind = RB_CHAT_FIND,
                         .channel = "C0HELPDESK",
                         .since_utc_ms = now.utc_ms,
                         .marker_request = "R-7K3F",
                         .marker_seq = 0};
    call_fine(find);
    ck_assert_uint_eq(bot.n_items, 1); /* once: libcurl did not post it again */
    char ts[RB_CHAT_TS_CAP];
    rb_copy_fit(ts, sizeof ts, bot.first_item);
    build_message(1);
    call_fine((rb_chat_call){.kind = RB_CHAT_POST, .channel = "C0HELPDESK", .thread_ts = ts, .payload = rendered()});
    char line_ts[RB_CHAT_TS_CAP];
    rb_copy_fit(line_ts, sizeof line_ts, bot.result.ts);
    find.thread_ts = ts;
    find.marker_seq = 1;
    call_fine(find);
    ck_assert_uint_eq(bot.n_items, 1);
    ck_assert_str_eq(bot.first_item, line_ts);
    find.marker_seq = 2;
    call_fine(find);
    ck_assert_uint_eq(bot.n_items, 0);
}
END_TEST

START_TEST(people_groups_and_channels_are_known)
{
    connect_with(1);
    call_fine((rb_chat_call){.kind = RB_CHAT_PERSON, .user = "U0HANNA"});
    ck_assert(bot.result.person.exists && !bot.result.person.is_outside && !bot.result.person.is_guest);
    ck_assert_str_eq(bot.result.person.email, "hanna@contoso.com");
    call_fine((rb_chat_call){.kind = RB_CHAT_PERSON, .user = "U0GUEST"});
    ck_assert(bot.result.person.is_guest);
    call_fine((rb_chat_call){.kind = RB_CHAT_PERSON, .user = "U0OUTSIDE"});
    ck_assert(bot.result.person.is_outside);
    call_fine((rb_chat_call){.kind = RB_CHAT_PERSON, .user = "U0GONE"});
    ck_assert(bot.result.person.is_deactivated);
    call_fine((rb_chat_call){.kind = RB_CHAT_PERSON, .user = "U0NOBODY"});
    ck_assert(!bot.result.person.exists);
    call_fine((rb_chat_call){.kind = RB_CHAT_BY_EMAIL, .text = "adele@contoso.com"});
    ck_assert_str_eq(bot.result.person.person.user, "U0ADELE");
    call_fine((rb_chat_call){.kind = RB_CHAT_GROUP, .group = "S0APPROVERS"});
    ck_assert_uint_eq(bot.n_items, 2);
    kit_do("settings", "{\"page_max\":2}");
    call_fine((rb_chat_call){.kind = RB_CHAT_MEMBERS, .channel = "C0HELPDESK"});
    ck_assert_uint_gt(bot.n_items, 4);
    call_fine((rb_chat_call){.kind = RB_CHAT_CHANNEL, .channel = "C0HELPDESK"});
    ck_assert(bot.result.info.exists && bot.result.info.is_bot_member && !bot.result.info.is_shared_outside);
    call_fine((rb_chat_call){.kind = RB_CHAT_CHANNEL, .channel = "C0SHARED"});
    ck_assert(bot.result.info.is_shared_outside);
    call_fine((rb_chat_call){.kind = RB_CHAT_CHANNEL, .channel = "C0ARCHIVED"});
    ck_assert(bot.result.info.is_archived);
    call_fine((rb_chat_call){.kind = RB_CHAT_CHANNEL, .channel = "C0RANDOM"});
    ck_assert(!bot.result.info.is_bot_member);
    call_fine((rb_chat_call){.kind = RB_CHAT_DM_CHANNEL, .user = "U0HANNA"});
    ck_assert_str_eq(bot.result.channel, "D0HANNA");
    ck_assert_int_eq(
        call((rb_chat_call){.kind = RB_CHAT_DIRECT, .user = "U0NOBODY", .payload = RB_STR("{\"text\":\"x\"}")})
            ->outcome,
        RB_CHAT_REFUSED);
}
END_TEST

START_TEST(a_rate_limit_is_told_with_its_wait)
{
    connect_with(1);
    kit_do("fault", "{\"name\":\"slack.users.info.429\",\"value\":7}");
    ck_assert_int_eq(call((rb_chat_call){.kind = RB_CHAT_PERSON, .user = "U0HANNA"})->outcome, RB_CHAT_LATER);
    ck_assert_int_eq(bot.result.retry_after_ms, 7000);
}
END_TEST

/* ---- connections ------------------------------------------------------------------------------------------------------ */

static void on_beat(rb_timer *self, rb_now now)
{
    say_command("help");
    if (--bot.beats_left > 0)
        rb_loop_timer_set(bot.bench.loop, self, now.boot_ms + BEAT_MS);
}

static bool are_beats_over(void)
{
    return bot.beats_left == 0;
}

/* A command every BEAT_MS while Slack sends all sockets away: none undelivered, none unacked. */
static void check_commands_across(const char *refresh, uint32_t connections, int deliver_to)
{
    char body[64];
    const unsigned beats = 80;

    connect_with(connections);
    run_for(&bot.bench, 1200);
    (void)snprintf(body, sizeof body, "{\"deliver_to\":%d}", deliver_to);
    kit_do("settings", body);
    bot.beat = (rb_timer){.fire = on_beat};
    bot.beats_left = beats;
    rb_loop_timer_set(bot.bench.loop, &bot.beat, rb_loop_now(bot.bench.loop).boot_ms);
    run_for(&bot.bench, 500);
    kit_do("refresh", refresh);
    run_until(are_beats_over, 20000);
    run_for(&bot.bench, 500);
    ck_assert_uint_eq(bot.n_deliveries, beats);
    ck_assert_uint_eq(kit_journal("ack") + kit_journal("ack_elsewhere"),
                      beats); /* ack_again may come: closed under it */
    ck_assert_uint_eq(kit_journal("undeliverable") + kit_journal("unacked") + kit_journal("ack_late"), 0);
    ck_assert_uint_eq(kit_journal("ack_unknown") + kit_journal("ack_invalid"), 0);
    ck_assert_uint_eq(status().gaps, 0);
    run_until(is_settled, 30000);
}

START_TEST(R6_no_command_is_lost_when_slack_sends_sockets_away)
{
    static const char *const refreshes[] = {"{\"which\":\"all\"}", "{\"which\":\"all\",\"reason\":\"warning\"}"};

    check_commands_across(refreshes[_i], 1 + (uint32_t)_i, 2 * _i);
}
END_TEST

START_TEST(R6_a_half_open_socket_is_noticed_within_15_s)
{
    connect_with(1);
    kit_do("freeze_sockets", "{}");
    int64_t frozen_ms = rb_loop_now(bot.bench.loop).boot_ms;
    uint32_t before = status().opened;
    while (status().opened == before) {
        (void)bench_runs(&bot.bench, 100);
        ck_assert_int_le(rb_loop_now(bot.bench.loop).boot_ms - frozen_ms, 15000);
    }
    bot.stop_after = 1;
    kit_do("settings", "{\"deliver_to\":1}");
    say_command("help");
    run_until_stopped(&bot.bench);
    /* Slack still counts the frozen one; so do we, for it has only just gone */
    ck_assert_uint_eq(status().extra_connections, 0);
}
END_TEST

START_TEST(sockets_that_break_are_opened_again)
{
    static const char *const verbs[] = {"drop_sockets", "drop_sockets", "close_sockets"};
    static const char *const bodies[] = {"{}", "{\"reset\":true}", "{\"code\":1012}"};

    connect_with(1);
    for (size_t i = 0; i < COUNT(verbs); i++) {
        kit_do(verbs[i], bodies[i]);
        run_for(&bot.bench, 100);
        run_until(is_settled, 20000);
    }
    ck_assert_uint_eq(status().opened, 4);
    ck_assert_uint_eq(status().gaps, 3);
    ck_assert_int_gt(status().last_gap_ms, 0);
}
END_TEST

START_TEST(a_refused_upgrade_is_tried_again)
{
    static const char *const faults[] = {"{\"name\":\"slack.link.status\",\"value\":408}",
                                         "{\"name\":\"slack.link.status\",\"value\":409}",
                                         "{\"name\":\"slack.link.reset\"}"};

    kit_do("fault", faults[_i]);
    make_slack(1);
    rb_slack_start(bot.slack, rb_loop_now(bot.bench.loop));
    run_until(are_all_live, 30000);
    ck_assert_uint_ge(kit_journal("upgrade_refused") + kit_journal("fault"), 1); /* so it was met */
}
END_TEST

START_TEST(messages_in_fragments_of_one_byte_are_whole)
{
    kit_do("settings", "{\"fragment_bytes\":1}");
    connect_with(1);
    bot.stop_after = 1;
    say_command("help");
    run_until_stopped(&bot.bench);
    ck_assert_str_eq(bot.delivery.text, "help");
}
END_TEST

START_TEST(a_stopped_bot_says_goodbye_on_every_socket)
{
    connect_with(3);
    rb_slack_stop(bot.slack, rb_loop_now(bot.bench.loop));
    run_for(&bot.bench, 1500);
    ck_assert(rb_slack_is_stopped(bot.slack));
    ck_assert_uint_eq(kit_journal("close_frame"), 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slack sandbox");
    TCase *cases = tcase_create("slack sandbox");

    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_command_comes_in_and_its_ack_is_shown);
    tcase_add_test(cases, every_kind_of_message_is_taken);
    tcase_add_test(cases, a_command_is_answered_by_its_url_and_opens_a_form_that_comes_back);
    tcase_add_test(cases, a_button_brings_the_choices_beside_it);
    tcase_add_test(cases, R1_a_post_that_went_unanswered_is_found_by_its_marker);
    tcase_add_test(cases, people_groups_and_channels_are_known);
    tcase_add_test(cases, a_rate_limit_is_told_with_its_wait);
    tcase_add_loop_test(cases, R6_no_command_is_lost_when_slack_sends_sockets_away, 0, 2);
    tcase_add_test(cases, R6_a_half_open_socket_is_noticed_within_15_s);
    tcase_add_test(cases, sockets_that_break_are_opened_again);
    tcase_add_loop_test(cases, a_refused_upgrade_is_tried_again, 0, 3);
    tcase_add_test(cases, messages_in_fragments_of_one_byte_are_whole);
    tcase_add_test(cases, a_stopped_bot_says_goodbye_on_every_socket);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
