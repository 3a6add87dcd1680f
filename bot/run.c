/* `resetbot run`: the adapters, the engine and the loop, put together. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "chat/slack_session.h"
#include "cli.h"
#include "device/graph_session.h"
#include "net/net_init.h"
#include "net/net_io.h"
#include "net/test_clock.h"
#include "net/worker.h"
#include "resetbot/engine.h"
#include "resetbot/log.h"
#include "resetbot/loop.h"
#include "setup.h"
#include "store/lock.h"
#include "store/sqlite_store.h"
#include "util/screen.h"

#define STOP_LOOK_MS 50
#define STOP_LIMIT_MS 35000 /* a POST under way has 30 s (graph_session.h) */

typedef struct {
    rb_config config;
    rb_config_secrets secrets;
    rb_policy *policy;
    rb_gettext *languages;
    rb_policy *old_policy; /* until the engine has let go of it */
    rb_mac_key keys[2];
    size_t n_keys;
    rb_lock *lock;
    rb_sqlite *store;
    rb_clock clock;
#ifdef RESETBOT_TEST_CLOCK
    rb_test_clock *test_clock;
#endif
    rb_loop *loop;
    rb_worker *worker;
    rb_net *net;
    rb_net_io *slack_io;
    rb_net_io *graph_io;
    rb_slack *slack;
    rb_graph *graph;
    rb_engine *engine;
    rb_timer engine_timer;
    rb_timer stop_timer;
    int64_t stop_limit_boot_ms;
    bool is_clock_right;
    int exit_code;
} program;

/* ---- glue: the network's calls to the sessions' inputs ------------------------------------------------------------------ */

static void slack_up(void *self, uint64_t conn, rb_now now)
{
    rb_slack_ws_up(((program *)self)->slack, conn, now);
}

static void slack_frame(void *self, uint64_t conn, rb_str text, rb_now now)
{
    rb_slack_ws_frame(((program *)self)->slack, conn, text, now);
}

static void slack_pong(void *self, uint64_t conn, rb_str payload, rb_now now)
{
    (void)payload;
    rb_slack_ws_pong(((program *)self)->slack, conn, now);
}

static void slack_closed(void *self, uint64_t conn, const rb_ws_end *end, rb_now now)
{
    rb_slack_ws_closed(((program *)self)->slack, conn, end->code, end->http_status, end->reason, now);
}

static void slack_http(void *self, uint64_t tag, const rb_http_reply *reply, rb_now now)
{
    rb_slack_http_done(((program *)self)->slack, tag, reply, now);
}

static void slack_time(void *self, rb_now now)
{
    rb_slack_timer(((program *)self)->slack, now);
}

static void graph_http(void *self, uint64_t tag, const rb_http_reply *reply, rb_now now)
{
    rb_graph_http_done(((program *)self)->graph, tag, reply, now);
}

static void graph_time(void *self, rb_now now)
{
    rb_graph_timer(((program *)self)->graph, now);
}

/* ---- the engine's host ------------------------------------------------------------------------------------------------------ */

static void engine_due(rb_timer *timer, rb_now now)
{
    program *all = timer->owner;
    (void)now;
    rb_engine_timer(all->engine);
}

static void host_timer_set(void *host, int64_t boot_ms)
{
    program *all = host;
    rb_loop_timer_set(all->loop, &all->engine_timer, boot_ms);
}

static void host_fatal(void *host, rb_err err, const char *sentence)
{
    program *all = host;
    (void)err;
    rb_screen_say(stderr, "resetbot: %s", sentence);
    all->exit_code = 1;
    rb_loop_stop(all->loop);
}

static void on_ready(void *self, const char *team, const char *bot_user)
{
    program *all = self;
    rb_chat_events events = rb_engine_chat_events(all->engine);
    events.on_ready(events.self, team, bot_user);
    sd_notify(0, "READY=1\nSTATUS=connected");
    rb_log(RB_LOG_INFO, "event=ready team=%s bot_user=%s", team, bot_user);
}

static void on_delivery(void *self, const rb_delivery *delivery)
{
    program *all = self;
    rb_chat_events events = rb_engine_chat_events(all->engine);
    events.on_delivery(events.self, delivery);
}

static void on_result(void *self, uint64_t tag, const rb_chat_result *result)
{
    program *all = self;
    rb_chat_events events = rb_engine_chat_events(all->engine);
    events.on_result(events.self, tag, result);
}

static void on_gap(void *self, int64_t gap_ms)
{
    program *all = self;
    rb_chat_events events = rb_engine_chat_events(all->engine);
    events.on_gap(events.self, gap_ms);
}

/* ---- signals ------------------------------------------------------------------------------------------------------------------ */

static void stop_look(rb_timer *timer, rb_now now)
{
    program *all = timer->owner;
    bool is_over = rb_engine_is_quiet(all->engine) && rb_slack_is_stopped(all->slack);
    if (is_over || now.boot_ms >= all->stop_limit_boot_ms) {
        rb_loop_stop(all->loop);
        return;
    }
    rb_loop_timer_set(all->loop, timer, now.boot_ms + STOP_LOOK_MS);
}

static void stop(program *all)
{
    rb_now now = rb_loop_now(all->loop);
    if (all->stop_limit_boot_ms) {
        return; /* asked twice, as by two Ctrl-C: its timer is set already */
    }
    sd_notify(0, "STOPPING=1");
    rb_engine_stop(all->engine);
    rb_slack_stop(all->slack, now);
    all->stop_limit_boot_ms = now.boot_ms + STOP_LIMIT_MS;
    all->stop_timer = (rb_timer){.fire = stop_look, .owner = all};
    rb_loop_timer_set(all->loop, &all->stop_timer, now.boot_ms + STOP_LOOK_MS);
}

static void reload(program *all)
{
    rb_policy *policy = NULL;
    if (setup_policy(&all->config, &policy) != RB_OK) {
        rb_log(RB_LOG_ERROR, "event=policy_not_reloaded fix=\"mend the faults above; the old policy stays\"");
        return;
    }
    rb_engine_set_policy(all->engine, policy);
    rb_policy_free(all->old_policy);
    all->old_policy = all->policy; /* sentences being made may still point into it */
    all->policy = policy;
    rb_log(RB_LOG_INFO, "event=policy_reloaded version=%s", policy->version);
}

static void on_signal(void *arg, int signo)
{
    program *all = arg;
    if (signo == SIGHUP) {
        reload(all);
    } else {
        stop(all);
    }
}

/* ---- putting it together -------------------------------------------------------------------------------------------------------- */

static rb_err open_store(program *all, rb_errbuf *errbuf)
{
    rb_err err = rb_lock_open(rb_config_store_path(&all->config), &all->lock, errbuf);
    if (err == RB_OK) {
        err = rb_sqlite_open(all->config.store_url, all->clock, &all->store, errbuf);
    }
    if (err == RB_OK && all->is_clock_right) {
        rb_sqlite_trust_clock(all->store);
    }
    return err == RB_OK ? setup_keys(&all->config, &all->secrets, all->keys, &all->n_keys, errbuf) : err;
}

static rb_err open_loop(program *all, rb_errbuf *errbuf)
{
    static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP};
    bool is_test = false;
#ifdef RESETBOT_TEST_CLOCK
    is_test = true;
#endif
    rb_net_config net = {
        .ca_file = all->config.net_ca_file, .proxy_url = all->config.net_proxy, .loopback_only = is_test};
    rb_err err = rb_loop_new(all->clock, &all->loop, errbuf);
    if (err == RB_OK) {
        err = rb_loop_signals(all->loop, SIGNALS, 3, on_signal, all);
    }
    if (err == RB_OK) {
        err = rb_worker_new(all->loop, "store", &all->worker, errbuf);
    }
    if (err == RB_OK) {
        err = rb_net_new(all->loop, &net, NULL, &all->net, errbuf);
    }
    return err;
}

static rb_err make_engine(program *all)
{
    rb_engine_config config = {.clock = all->clock,
                               .random = rb_random_system(),
                               .store = rb_sqlite_port(all->store),
                               .store_executor = rb_worker_executor(all->worker),
                               .languages = rb_gettext_port(all->languages),
                               .root = all->config.slack.command,
                               .commands = RB_COMMANDS,
                               .keys = {all->keys[0], all->keys[1]},
                               .n_keys = all->n_keys,
                               .boot = rb_boot_id(),
                               .is_clock_trusted = all->is_clock_right,
                               .host = all,
                               .timer_set = host_timer_set,
                               .fatal = host_fatal};
    all->engine_timer = (rb_timer){.fire = engine_due, .owner = all};
    return rb_engine_new(&config, all->policy, &all->engine);
}

static rb_err make_sessions(program *all, rb_errbuf *errbuf)
{
    static const rb_net_calls SLACK_CALLS = {slack_up, slack_frame, slack_pong, slack_closed, slack_http, slack_time};
    static const rb_net_calls GRAPH_CALLS = {.http_done = graph_http, .timer = graph_time};
    rb_slack_config slack = {.api_url = all->config.slack.api_url,
                             .app_token = all->secrets.app_token,
                             .bot_token = all->secrets.bot_token,
                             .connections = all->config.slack.connections,
                             .command = all->config.slack.command};
    rb_graph_config graph = {.login_url = all->config.intune.login_url,
                             .graph_url = all->config.intune.graph_url,
                             .scope = all->config.intune.scope,
                             .tenant = all->config.intune.tenant,
                             .client_id = all->config.intune.client_id,
                             .credential = {RB_ENTRA_CLIENT_SECRET, all->secrets.credential}};
    rb_chat_events chat_events = {all, on_delivery, on_result, on_ready, on_gap};
    rb_device_events device_events = rb_engine_device_events(all->engine);
    rb_err err = rb_net_io_new(all->net, &SLACK_CALLS, all, &all->slack_io);
    if (err == RB_OK) {
        err = rb_net_io_new(all->net, &GRAPH_CALLS, all, &all->graph_io);
    }
    if (err == RB_OK) {
        rb_io io = rb_net_io_table(all->slack_io);
        err = rb_slack_new(&slack, &io, all->clock, rb_random_system(), &chat_events, &all->slack, errbuf);
    }
    if (err == RB_OK) {
        rb_io io = rb_net_io_table(all->graph_io);
        err = rb_graph_new(&graph, &io, all->clock, rb_random_system(), &device_events, &all->graph, errbuf);
    }
    return err;
}

/* Everything is there: what was open is taken up, then Slack is called. */
static void begin(void *arg)
{
    program *all = arg;
    rb_errbuf errbuf = {""};
    rb_engine_connect(all->engine, rb_slack_port(all->slack), rb_graph_port(all->graph));
    rb_err err = rb_engine_load(all->engine, &errbuf);
    if (err != RB_OK) {
        host_fatal(all, err, errbuf.text);
        return;
    }
    rb_slack_start(all->slack, rb_loop_now(all->loop));
    rb_engine_timer(all->engine);
}

static void run_loop(program *all)
{
#ifdef RESETBOT_TEST_CLOCK
    const char *url = getenv("RESETBOT_TEST_CLOCK");
    if (url) {
        rb_test_clock_follow(all->test_clock, all->loop, rb_net_http(all->net), url, begin, all);
        rb_loop_run(all->loop);
        return;
    }
#endif
    begin(all);
    if (all->exit_code == 0) {
        rb_loop_run(all->loop);
    }
}

/* In the reverse order of making; each accepts what was never made. */
static void close_all(program *all)
{
    rb_engine_halt(all->engine);
    rb_worker_close(all->worker); /* what was handed to the store is finished first */
    rb_slack_free(all->slack);
    rb_graph_free(all->graph);
    rb_net_io_free(all->slack_io);
    rb_net_io_free(all->graph_io);
    rb_net_free(all->net);
    rb_engine_free(all->engine);
    rb_loop_free(all->loop);
    rb_sqlite_close(all->store);
    rb_lock_close(all->lock);
    rb_policy_free(all->old_policy);
    rb_policy_free(all->policy);
    rb_gettext_close(all->languages);
    rb_config_secrets_fini(&all->secrets);
#ifdef RESETBOT_TEST_CLOCK
    rb_test_clock_free(all->test_clock);
#endif
    rb_wipe(all->keys, sizeof all->keys);
    free(all);
}

static int fail(program *all, rb_err err, const char *sentence)
{
    rb_screen_say(stderr, "resetbot: %s", sentence[0] ? sentence : rb_err_name(err));
    close_all(all);
    return err == RB_E_CONFIG ? 2 : 1;
}

/* Starts this program anew with every library function looked up at once (ld.so(8)): -z now does that for our own calls,
 * not for those that libcurl, OpenSSL and libwebsockets make. A late look-up saves the vector registers on the stack, and
 * in these lie the bytes that memcpy moved last, such as a code's. The systemd unit has the variable set already. */
static void bind_at_once(const cli_options *options)
{
    if (getenv("LD_BIND_NOW") || setenv("LD_BIND_NOW", "1", 1) != 0) {
        return;
    }
    execl("/proc/self/exe", program_invocation_name, "run", "--config", options->config_file,
          options->is_clock_right ? "--clock-is-right" : NULL, NULL);
}

int cli_run(const cli_options *options)
{
    bind_at_once(options);
    program *all = calloc(1, sizeof *all);
    rb_errbuf errbuf = {""};
    if (!all) {
        return 1;
    }
    setup_harden();
    if (rb_net_init(&errbuf) != RB_OK) { /* before anything touches OpenSSL */
        return fail(all, RB_E_INTERNAL, errbuf.text);
    }
    all->is_clock_right = options->is_clock_right;
    all->clock = rb_clock_system();
#ifdef RESETBOT_TEST_CLOCK
    all->test_clock = rb_test_clock_new();
    if (!all->test_clock) {
        return fail(all, RB_E_NOMEM, "out of memory");
    }
    all->clock = rb_test_clock_port(all->test_clock);
#endif
    if (setup_load(options->config_file, &all->config, &all->policy) != RB_OK ||
        setup_secrets(&all->config, &all->secrets) != RB_OK ||
        setup_languages(&all->config, &all->languages) != RB_OK) {
        return fail(all, RB_E_CONFIG, "the configuration cannot be used: mend the faults above");
    }
    rb_log_set_level(all->config.log_level);
    rb_err err = open_loop(all, &errbuf);
    err = err == RB_OK ? open_store(all, &errbuf) : err;
    err = err == RB_OK ? make_engine(all) : err;
    err = err == RB_OK ? make_sessions(all, &errbuf) : err;
    if (err != RB_OK) {
        return fail(all, err, errbuf.text);
    }
    run_loop(all);
    int code = all->exit_code;
    close_all(all);
    return code;
}
