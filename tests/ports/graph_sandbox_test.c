/* graph_sandbox_test.c - timing: the Graph adapter over the real network against the sandbox, with everything going wrong. */
#include "bench_loop.h"
#include "device/graph_session.h"
#include "net/net_init.h"
#include "net/net_io.h"
#include "support/sandbox_kit.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define IPHONE "d0000001-0000-4000-8000-000000000001"
#define PIXEL "d0000002-0000-4000-8000-000000000002"
#define KIOSK "d0000006-0000-4000-8000-000000000006"
#define MAC "d000000a-0000-4000-8000-00000000000a"
#define WARD "d0000011-0000-4000-8000-000000000011"
#define ARVID_ID "00000003-0000-4000-8000-000000000003"
#define ADELE_ID "00000007-0000-4000-8000-000000000007"
#define LENA_ID "0000000b-0000-4000-8000-00000000000b"

static struct {
    bench_loop bench;
    rb_net *net;
    rb_net_io *net_io;
    rb_secret *secret;
    rb_graph *graph;
    rb_device_port port;
    char url[64];
    uint64_t last_tag;
    unsigned n_posts;
    /* the last answer */
    bool is_answered;
    rb_device_result result; /* its pointers are not kept */
    rb_device devices[RB_DEVICES_MAX];
    rb_action_results actions;
    char code[64];
} bot;

/* ---- the adapter between network and test ------------------------------------------------------------------------- */

static void http_done(void *self, uint64_t tag, const rb_http_reply *reply, rb_now now)
{
    (void)self;
    rb_graph_http_done(bot.graph, tag, reply, now);
}

static void timer(void *self, rb_now now)
{
    (void)self;
    rb_graph_timer(bot.graph, now);
}

static void on_result(void *self, uint64_t tag, rb_device_result *result)
{
    (void)self;
    ck_assert_uint_eq(tag, bot.last_tag);
    bot.is_answered = true;
    bot.result = *result;
    for (size_t i = 0; i < result->n_devices; i++)
        bot.devices[i] = result->devices[i];
    if (result->results)
        bot.actions = *result->results;
    if (result->code)
        ck_assert_int_eq(rb_copy(bot.code, sizeof bot.code, rb_secret_reveal(result->code)), RB_OK);
    rb_secret_free(result->code);
    rb_loop_stop(bot.bench.loop);
}

static void open_bot(void)
{
    rb_errbuf errbuf = {""};
    const rb_net_config net_config = {.loopback_only = true};
    const rb_net_calls calls = {.http_done = http_done, .timer = timer};
    const rb_device_events events = {.on_result = on_result};

    ck_assert_int_eq(rb_net_init(&errbuf), RB_OK);
    bench_open(&bot.bench, rb_clock_system());
    ck_assert_msg(rb_net_new(bot.bench.loop, &net_config, NULL, &bot.net, &errbuf) == RB_OK, "%s", errbuf.text);
    ck_assert_int_eq(rb_net_io_new(bot.net, &calls, &bot, &bot.net_io), RB_OK);
    bot.secret = rb_secret_new(RB_STR("sandbox-secret"));
    (void)snprintf(bot.url, sizeof bot.url, "http://127.0.0.1:%d", kit.port);
    rb_graph_config config = {.login_url = bot.url,
                              .graph_url = bot.url,
                              .tenant = "contoso.com",
                              .client_id = "22222222-2222-4222-8222-222222222222",
                              .credential = {.kind = RB_ENTRA_CLIENT_SECRET, .secret = bot.secret}};
    rb_io io = rb_net_io_table(bot.net_io);
    ck_assert_msg(rb_graph_new(&config, &io, rb_clock_system(), rb_random_system(), &events, &bot.graph, &errbuf) ==
                      RB_OK,
                  "%s", errbuf.text);
    bot.port = rb_graph_port(bot.graph);
}

static void setup(void)
{
    memset(&bot, 0, sizeof bot);
    kit_start();
    open_bot();
}

static void teardown(void)
{
    rb_graph_free(bot.graph);
    rb_net_io_free(bot.net_io);
    rb_net_free(bot.net);
    rb_secret_free(bot.secret);
    bench_close(&bot.bench);
    /* whatever the test was: nothing but the six calls */
    ck_assert_uint_eq(kit_journal("graph.forbidden"), 0);
    kit_stop();
}

/* ---- when ----------------------------------------------------------------------------------------------------------- */

static void ask(rb_device_call call)
{
    bot.is_answered = false;
    bot.port.call(bot.port.self, ++bot.last_tag, &call);
    run_until_stopped(&bot.bench);
    ck_assert(bot.is_answered);
}

static void find_user(const char *upn)
{
    ask((rb_device_call){.kind = RB_DEVICE_FIND_BY_USER, .text = upn});
}

static void read_device(const char *id)
{
    ask((rb_device_call){.kind = RB_DEVICE_READ, .id = id});
}

static void reset(const char *id)
{
    char request_id[RB_GUID_CAP];

    (void)snprintf(request_id, sizeof request_id, "c0000000-0000-4000-8000-%012u", bot.n_posts++);
    ask((rb_device_call){.kind = RB_DEVICE_RESET, .id = id, .client_request_id = request_id});
}

static void fault(const char *name, int times)
{
    char body[256];

    (void)snprintf(body, sizeof body, "{\"name\":\"%s\",\"times\":%d}", name, times);
    kit_do("fault", body);
}

/* ---- then ----------------------------------------------------------------------------------------------------------- */

static void expect(rb_device_outcome outcome)
{
    ck_assert_msg(bot.result.outcome == outcome, "outcome %d instead of %d: %s", (int)bot.result.outcome, (int)outcome,
                  bot.result.detail);
}

static void expect_post(rb_post_outcome post, const char *what)
{
    expect(RB_DEVICE_OK);
    ck_assert_msg(bot.result.post == post, "%s: post %d instead of %d: %s", what, (int)bot.result.post, (int)post,
                  bot.result.detail);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

START_TEST(devices_are_found_by_user_serial_and_object_id)
{
    find_user("adele@contoso.com");
    expect(RB_DEVICE_OK);
    ck_assert_uint_eq(bot.result.n_devices, 4);
    find_user("o'brien@contoso.com");
    expect(RB_DEVICE_OK);
    ck_assert_uint_eq(bot.result.n_devices, 1);
    find_user("none@contoso.com");
    expect(RB_DEVICE_OK);
    ck_assert_uint_eq(bot.result.n_devices, 0);
    find_user(ADELE_ID);
    expect(RB_DEVICE_OK);
    ck_assert_uint_eq(bot.result.n_devices, 4);
    ask((rb_device_call){.kind = RB_DEVICE_FIND_BY_SERIAL, .text = "f2lxk4qq4f2k"});
    expect(RB_DEVICE_OK);
    ck_assert_str_eq(bot.devices[0].id, IPHONE);
    ck_assert_uint_eq(kit_journal("graph.filter_ignored"), 0);
}
END_TEST

START_TEST(a_list_of_more_than_a_page_is_read_to_its_end)
{
    find_user("many@contoso.com");
    expect(RB_DEVICE_OK);
    ck_assert_uint_eq(bot.result.n_devices, 60);
}
END_TEST

START_TEST(S2_a_row_that_nobody_asked_for_stops_the_look_up)
{
    fault("graph.list.foreign_row", 1);
    find_user("adele@contoso.com");
    expect(RB_DEVICE_SURPRISE);
    ck_assert_uint_eq(bot.result.n_devices, 0);
}
END_TEST

START_TEST(S5_links_that_lead_away_or_nowhere_are_left)
{
    fault("graph.nextlink.offhost", 1);
    find_user("many@contoso.com");
    expect(RB_DEVICE_SURPRISE);
    fault("graph.nextlink.endless", 50);
    find_user("adele@contoso.com");
    expect(RB_DEVICE_SURPRISE);
}
END_TEST

START_TEST(each_kind_of_device_is_read_with_its_verdict)
{
    static const struct {
        const char *id;
        rb_support_verdict verdict;
        rb_support_why why;
    } devices[] = {{IPHONE, RB_SUPPORT_YES, RB_WHY_APPLE},
                   {PIXEL, RB_SUPPORT_YES, RB_WHY_PERSONAL_WORK_PROFILE},
                   {"d0000003-0000-4000-8000-000000000003", RB_SUPPORT_NO, RB_WHY_APPLE_USER_ENROLLMENT},
                   {"d0000004-0000-4000-8000-000000000004", RB_SUPPORT_NO, RB_WHY_WINDOWS_PC},
                   {"d0000005-0000-4000-8000-000000000005", RB_SUPPORT_YES, RB_WHY_FULLY_MANAGED},
                   {KIOSK, RB_SUPPORT_YES, RB_WHY_DEDICATED},
                   {"d0000007-0000-4000-8000-000000000007", RB_SUPPORT_YES, RB_WHY_CORPORATE_WORK_PROFILE},
                   {"d0000008-0000-4000-8000-000000000008", RB_SUPPORT_YES, RB_WHY_AOSP},
                   {"d0000009-0000-4000-8000-000000000009", RB_SUPPORT_NO, RB_WHY_DEVICE_ADMIN_NEW},
                   {MAC, RB_SUPPORT_NO, RB_WHY_MAC},
                   {"d000000b-0000-4000-8000-00000000000b", RB_SUPPORT_NO, RB_WHY_BEING_REMOVED},
                   {"d000000c-0000-4000-8000-00000000000c", RB_SUPPORT_NO, RB_WHY_LOST_MODE},
                   {"d000000d-0000-4000-8000-00000000000d", RB_SUPPORT_MAYBE, RB_WHY_WINDOWS_MOBILE},
                   {"d000000e-0000-4000-8000-00000000000e", RB_SUPPORT_MAYBE, RB_WHY_ANDROID_UNKNOWN}};

    for (size_t i = 0; i < COUNT(devices); i++) {
        read_device(devices[i].id);
        expect(RB_DEVICE_OK);
        rb_support support = rb_support_of(&bot.devices[0]);
        ck_assert_msg(support.verdict == devices[i].verdict && support.why == devices[i].why, "%s: verdict %d why %d",
                      devices[i].id, (int)support.verdict, (int)support.why);
        ck_assert(bot.devices[0].are_owners_known);
        ck_assert_int_gt(bot.actions.read_utc_ms, 0);
    }
}
END_TEST

START_TEST(S3_every_user_whom_intune_names_is_an_owner)
{
    read_device(WARD);
    expect(RB_DEVICE_OK);
    ck_assert_uint_eq(bot.devices[0].n_owners, 2);
    ck_assert(rb_device_is_owned_by(&bot.devices[0], ARVID_ID));
    ck_assert(rb_device_is_owned_by(&bot.devices[0], LENA_ID));
    read_device(KIOSK);
    ck_assert_uint_eq(bot.devices[0].n_owners, 0);
    ck_assert(bot.devices[0].are_owners_known);
}
END_TEST

START_TEST(a_beta_that_fails_or_surprises_leaves_the_kind_unknown)
{
    static const char *const faults[] = {"graph.beta.500", "graph.beta.garbage", "graph.beta.other_device",
                                         "graph.beta.404"};

    for (size_t i = 0; i < COUNT(faults); i++) {
        fault(faults[i], 10);
        read_device(IPHONE);
        expect(RB_DEVICE_OK);
        ck_assert_msg(!bot.devices[0].is_beta_known, "%s", faults[i]);
        ck_assert_int_eq(rb_support_of(&bot.devices[0]).verdict, RB_SUPPORT_MAYBE);
        fault(faults[i], 0);
    }
}
END_TEST

START_TEST(faults_of_a_read_are_told_apart)
{
    static const struct {
        const char *name;
        rb_device_outcome outcome;
    } faults[] = {{"graph.get.404", RB_DEVICE_NOT_FOUND},     {"graph.get.403_role", RB_DEVICE_REFUSED},
                  {"graph.get.403_deep", RB_DEVICE_REFUSED},  {"graph.get.403_conditional", RB_DEVICE_REFUSED},
                  {"graph.get.garbage", RB_DEVICE_SURPRISE},  {"graph.get.empty", RB_DEVICE_SURPRISE},
                  {"graph.get.redirect", RB_DEVICE_SURPRISE}, {"graph.get.other_device", RB_DEVICE_SURPRISE},
                  {"graph.get.401", RB_DEVICE_REFUSED}};

    for (size_t i = 0; i < COUNT(faults); i++) {
        fault(faults[i].name, 2);
        read_device(IPHONE);
        ck_assert_msg(bot.result.outcome == faults[i].outcome, "%s: %d %s", faults[i].name, (int)bot.result.outcome,
                      bot.result.detail);
        fault(faults[i].name, 0);
    }
}
END_TEST

START_TEST(a_read_outlives_faults_that_pass)
{
    static const char *const faults[] = {"graph.get.503", "graph.get.429", "graph.get.close",
                                         "graph.get.rst", "graph.get.502", "graph.get.401"};

    for (size_t i = 0; i < COUNT(faults); i++) {
        size_t calls = kit_journal("graph.call");
        fault(faults[i], 1);
        read_device(IPHONE);
        ck_assert_msg(bot.result.outcome == RB_DEVICE_OK, "%s: %s", faults[i], bot.result.detail);
        /* device, users and beta, and one of them once more: the fault was met */
        ck_assert_msg(kit_journal("graph.call") == calls + 4, "%s: %zu calls", faults[i],
                      kit_journal("graph.call") - calls);
    }
}
END_TEST

START_TEST(variants_that_graph_is_known_for_are_read_the_same)
{
    static const char *const settings[] = {"{\"graph_value_wrapper\":1}",   "{\"graph_enum_case\":1}",
                                           "{\"graph_enum_case\":2}",       "{\"graph_v1_android\":2}",
                                           "{\"graph_fraction_digits\":7}", "{\"graph_offset_min\":60}"};
    static rb_device before;

    read_device(PIXEL);
    before = bot.devices[0];
    for (size_t i = 0; i < COUNT(settings); i++) {
        kit_do("settings", settings[i]);
        read_device(PIXEL);
        expect(RB_DEVICE_OK);
        ck_assert_msg(!rb_device_difference(&before, &bot.devices[0]), "%s: %s", settings[i],
                      rb_device_difference(&before, &bot.devices[0]));
        ck_assert_int_eq(rb_support_of(&bot.devices[0]).verdict, RB_SUPPORT_YES);
    }
}
END_TEST

/* ---- the token ------------------------------------------------------------------------------------------------------ */

START_TEST(a_credential_that_is_wrong_or_expired_names_the_fix)
{
    kit_do("app_entra", "{\"secret_expired\":true}");
    find_user("adele@contoso.com");
    expect(RB_DEVICE_REFUSED);
    ck_assert_msg(strstr(bot.result.detail, "expired") != NULL, "%s", bot.result.detail);
}
END_TEST

START_TEST(a_token_endpoint_that_stumbles_is_asked_again)
{
    static const char *const faults[] = {"entra.500", "entra.close"};

    for (size_t i = 0; i < COUNT(faults); i++) {
        kit_do("settings", "{\"entra_token_ttl_s\":1}");
        fault(faults[i], 1);
        find_user("adele@contoso.com");
        expect(RB_DEVICE_OK);
        ck_assert_uint_eq(kit_journal("entra.token"), 2 * (i + 1));
        run_for(&bot.bench, 1100);
    }
}
END_TEST

START_TEST(R2_without_a_token_nothing_is_posted)
{
    kit_do("app_entra", "{\"secret\":\"another\"}");
    reset(IPHONE);
    expect_post(RB_POST_NEVER_LEFT, "wrong secret");
    ck_assert_uint_eq(kit_journal("graph.reset"), 0);
}
END_TEST

/* ---- the POST ------------------------------------------------------------------------------------------------------- */

START_TEST(R2_each_answer_to_the_post_is_understood_and_none_repeats_it)
{
    static const struct {
        const char *name;
        rb_post_outcome post;
    } faults[] = {{"graph.reset.401", RB_POST_UNAUTHORISED},
                  {"graph.reset.400", RB_POST_REFUSED},
                  {"graph.reset.403_role", RB_POST_REFUSED},
                  {"graph.reset.403_licence", RB_POST_REFUSED},
                  {"graph.reset.403_conditional", RB_POST_REFUSED},
                  {"graph.reset.403_nested", RB_POST_REFUSED},
                  {"graph.reset.403_approval", RB_POST_TENANT_APPROVAL},
                  {"graph.reset.404", RB_POST_REFUSED},
                  {"graph.reset.409", RB_POST_REFUSED},
                  {"graph.reset.409_approval", RB_POST_TENANT_APPROVAL},
                  {"graph.reset.412", RB_POST_REFUSED},
                  {"graph.reset.412_approval", RB_POST_TENANT_APPROVAL},
                  {"graph.reset.423", RB_POST_REFUSED},
                  {"graph.reset.429", RB_POST_THROTTLED},
                  {"graph.reset.redirect", RB_POST_REFUSED},
                  {"graph.reset.500_before", RB_POST_UNCLEAR},
                  {"graph.reset.500_after", RB_POST_UNCLEAR},
                  {"graph.reset.502", RB_POST_UNCLEAR},
                  {"graph.reset.503", RB_POST_UNCLEAR},
                  {"graph.reset.504_after", RB_POST_UNCLEAR},
                  {"graph.reset.close_before", RB_POST_UNCLEAR},
                  {"graph.reset.close_after", RB_POST_UNCLEAR},
                  {"graph.reset.rst_after", RB_POST_UNCLEAR},
                  {"graph.reset.no_effect", RB_POST_ACCEPTED}};

    for (size_t i = 0; i < COUNT(faults); i++) {
        fault(faults[i].name, 1);
        reset(IPHONE);
        expect_post(faults[i].post, faults[i].name);
        fault(faults[i].name, 0);
    }
    run_for(&bot.bench, 500);
    ck_assert_uint_eq(kit_journal("graph.reset"), COUNT(faults));
}
END_TEST

START_TEST(R2_a_post_on_a_warm_connection_that_is_closed_is_sent_once)
{
    find_user("adele@contoso.com");
    fault("graph.reset.close_after", 1);
    reset(IPHONE);
    expect_post(RB_POST_UNCLEAR, "closed");
    run_for(&bot.bench, 1000);
    ck_assert_uint_eq(kit_journal("graph.reset"), 1);
}
END_TEST

START_TEST(what_intune_refuses_says_why_with_its_ids)
{
    reset(MAC);
    expect_post(RB_POST_REFUSED, "a Mac");
    ck_assert_ptr_nonnull(strstr(bot.result.detail, "does not support"));
    ck_assert_ptr_nonnull(strstr(bot.result.detail, "request-id"));
    ck_assert_ptr_nonnull(strstr(bot.result.detail, "Activity ID"));
}
END_TEST

START_TEST(nobody_there_is_never_left)
{
    find_user("adele@contoso.com");
    kit_stop();
    reset(IPHONE);
    expect_post(RB_POST_NEVER_LEFT, "nobody there");
    kit_start();
}
END_TEST

/* ---- outcome and code ----------------------------------------------------------------------------------------------- */

/* Polls until the one entry is final. */
static const rb_action_result *await_result(const char *id)
{
    for (int i = 0; i < 100; i++) {
        ask((rb_device_call){.kind = RB_DEVICE_RESULTS, .id = id});
        expect(RB_DEVICE_OK);
        ck_assert_uint_le(bot.actions.n, 1);
        if (bot.actions.n == 1 && bot.actions.items[0].state >= RB_ACTION_DONE)
            return &bot.actions.items[0];
        run_for(&bot.bench, 100);
    }
    ck_abort_msg("no outcome");
    return NULL;
}

START_TEST(an_iphone_ends_done_without_a_code)
{
    reset(IPHONE);
    expect_post(RB_POST_ACCEPTED, "iPhone");
    kit_do("checkin", "{\"device\":\"" IPHONE "\"}");
    const rb_action_result *result = await_result(IPHONE);
    ck_assert_int_eq(result->state, RB_ACTION_DONE);
    ck_assert(!result->has_code);
    ck_assert_int_gt(result->started_utc_ms, 0);
}
END_TEST

START_TEST(S6_an_androids_code_is_shown_to_who_has_its_key)
{
    rb_action_key key = {"", ""};

    kit_do("passcode", "{\"device\":\"" PIXEL "\",\"text\":\"Kx7 \\\"Q\\u00e5\"}");
    reset(PIXEL);
    expect_post(RB_POST_ACCEPTED, "Pixel");
    kit_do("checkin", "{\"device\":\"" PIXEL "\"}");
    const rb_action_result *result = await_result(PIXEL);
    ck_assert(result->has_code);
    rb_copy_fit(key.type, sizeof key.type, result->type);
    rb_copy_fit(key.started, sizeof key.started, result->started);
    ask((rb_device_call){.kind = RB_DEVICE_CODE, .id = PIXEL, .key = &key});
    expect(RB_DEVICE_OK);
    ck_assert_str_eq(bot.code, "Kx7 \"Q\xC3\xA5");
    key.started[0] = '1';
    ask((rb_device_call){.kind = RB_DEVICE_CODE, .id = PIXEL, .key = &key});
    expect(RB_DEVICE_NOT_FOUND);
}
END_TEST

START_TEST(an_entry_keeps_its_key_from_queued_to_done)
{
    static const char *const settings[] = {"{\"graph_type_late\":1}", "{\"graph_action_name\":1}",
                                           "{\"graph_fraction_digits\":7}"};
    static const char *const ids[] = {PIXEL, KIOSK, "d0000005-0000-4000-8000-000000000005"};

    for (size_t i = 0; i < COUNT(settings); i++) {
        rb_action_result queued;
        kit_do("settings", settings[i]);
        reset(ids[i]);
        expect_post(RB_POST_ACCEPTED, settings[i]);
        ask((rb_device_call){.kind = RB_DEVICE_RESULTS, .id = ids[i]});
        ck_assert_uint_eq(bot.actions.n, 1);
        queued = bot.actions.items[0];
        char body[128];
        (void)snprintf(body, sizeof body, "{\"device\":\"%s\"}", ids[i]);
        kit_do("checkin", body);
        const rb_action_result *done = await_result(ids[i]);
        ck_assert_str_eq(done->type, queued.type);
        ck_assert_str_eq(done->started, queued.started);
    }
}
END_TEST

/* ---- program -------------------------------------------------------------------------------------------------------- */

int main(void)
{
    Suite *suite = suite_create("graph sandbox");
    TCase *cases = tcase_create("graph sandbox");
    const TTest *const tests[] = {
        devices_are_found_by_user_serial_and_object_id,
        a_list_of_more_than_a_page_is_read_to_its_end,
        S2_a_row_that_nobody_asked_for_stops_the_look_up,
        S5_links_that_lead_away_or_nowhere_are_left,
        each_kind_of_device_is_read_with_its_verdict,
        S3_every_user_whom_intune_names_is_an_owner,
        a_beta_that_fails_or_surprises_leaves_the_kind_unknown,
        faults_of_a_read_are_told_apart,
        a_read_outlives_faults_that_pass,
        variants_that_graph_is_known_for_are_read_the_same,
        a_credential_that_is_wrong_or_expired_names_the_fix,
        a_token_endpoint_that_stumbles_is_asked_again,
        R2_without_a_token_nothing_is_posted,
        R2_each_answer_to_the_post_is_understood_and_none_repeats_it,
        R2_a_post_on_a_warm_connection_that_is_closed_is_sent_once,
        what_intune_refuses_says_why_with_its_ids,
        nobody_there_is_never_left,
        an_iphone_ends_done_without_a_code,
        S6_an_androids_code_is_shown_to_who_has_its_key,
        an_entry_keeps_its_key_from_queued_to_done,
    };

    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, setup, teardown);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
