/* The bot's process in the simulator: put together as bot/run.c does it, with the simulator's seams in place of sockets, worker
 * and clock. Its death is a longjmp out of whatever it was doing; its memory is abandoned, as a kernel would take it away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "bot_parts.h"
#include "bytes.h"
#include "chat/slack_session.h"
#include "config/policy_file.h"
#include "device/graph_session.h"
#include "resetbot/engine.h"
#include "resetbot/log.h"
#include "sim.h"
#include "store/sqlite_store.h"
#include "timely.h"

#define STORE_URL "sqlite:resetbot.db"
#define STOP_LOOK_MS 50
#define STOP_LIMIT_MS 35000 /* as bot/run.c */

typedef struct {
    rb_sqlite *store;
    rb_store_port inner; /* the real store; the engine gets a port around it */
    rb_policy *policy;
    rb_engine *engine;
    rb_slack *slack;
    rb_graph *graph;
    int64_t timers[3]; /* engine, slack, graph: boot_ms; INT64_MAX: none */
    uint64_t timer_turns[3];
    bool is_fatal;
    int64_t stop_limit_ms; /* 0: not stopping */
} process;

static struct {
    process *process; /* NULL: dead */
    unsigned generation;
    unsigned starts;
    bool is_inside;
    bool is_stopped_for_good;
    sigjmp_buf death;
    sim_watcher watcher;
    void *watcher_self;
    char *policy_text;
    int64_t restart_after_ms;
    bool is_restart_due;
    rb_secret *secrets[3];
} life = {.restart_after_ms = 2000};

enum { TIMER_ENGINE, TIMER_SLACK, TIMER_GRAPH };

/* ---- seams ------------------------------------------------------------------------------------------------------------ */

void sim_watch(sim_watcher watcher, void *self)
{
    life.watcher = watcher;
    life.watcher_self = self;
}

void sim_seam(sim_phase phase, const char *format, ...)
{
    char what[160];
    va_list arguments;
    if (!life.watcher || !life.is_inside)
        return;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    life.watcher(life.watcher_self, what, phase);
}

static void disk_seam(void *self, disk_op op, const char *name, size_t len, bool is_done, bool is_half)
{
    (void)self;
    (void)len;
    if (strstr(name, "-shm"))
        return; /* memory of the process, not a file of the disk */
    sim_seam(is_half ? SIM_HALF : is_done ? SIM_AFTER : SIM_BEFORE, "disk %s %s", disk_op_name(op), name);
}

static void look_seam(void *self, disk_op op, const char *name)
{
    (void)self;
    sim_seam(SIM_BEFORE, "look %s %s", disk_op_name(op), name);
}

_Noreturn void sim_die(void)
{
    siglongjmp(life.death, 1);
}

bool sim_is_inside(void)
{
    return life.is_inside;
}

unsigned sim_generation(void)
{
    return life.generation;
}

unsigned sim_bot_starts(void)
{
    return life.starts;
}

bool sim_bot_is_up(void)
{
    return life.process != NULL;
}

void sim_bot_restart_after(int64_t ms)
{
    life.restart_after_ms = ms;
}

/* ---- death ------------------------------------------------------------------------------------------------------------- */

static void fire_start(void *arg)
{
    (void)arg;
    life.is_restart_due = false;
    if (!life.process && !life.is_stopped_for_good)
        (void)sim_bot_start();
}

static void restart_later(void)
{
    if (life.restart_after_ms < 0 || life.is_restart_due)
        return;
    life.is_restart_due = true;
    sim_after(life.restart_after_ms, fire_start, NULL);
}

static void buried(void)
{
    sim_say("the bot is dead");
    timely_unwell();
    sim_net_bot_died();
    disk_process_died();
    life.process = NULL; /* abandoned */
    life.generation++;
    sim_counted()->deaths++;
    restart_later();
}

static void closed(process *all);

bool sim_in_bot(void (*fn)(void *arg), void *arg)
{
    if (!life.process)
        return false;
    if (sigsetjmp(life.death, 0) != 0) {
        life.is_inside = false;
        buried();
        return false;
    }
    life.is_inside = true;
    fn(arg);
    life.is_inside = false;
    if (life.process->is_fatal)
        closed(life.process);
    return life.process != NULL;
}

void sim_bot_kill(void)
{
    if (life.process)
        buried();
}

/* ---- store ------------------------------------------------------------------------------------------------------------------ */

static rb_err watched_commit(void *self, rb_change *const *changes, size_t n, rb_errbuf *errbuf)
{
    process *all = self;
    sim_seam(SIM_BEFORE, "store commit");
    rb_err err = all->inner.commit(all->inner.self, changes, n, errbuf);
    for (size_t i = 0; err == RB_OK && i < n; i++)
        if (changes[i]->result == RB_OK)
            sim_check_committed(changes[i]);
    if (err != RB_OK) {
        timely_unwell();
        sim_happened("store fails");
    }
    sim_seam(SIM_AFTER, "store commit");
    return err;
}

static rb_err watched_query(void *self, rb_query *query, rb_errbuf *errbuf)
{
    process *all = self;
    sim_seam(SIM_BEFORE, "store query");
    return all->inner.query(all->inner.self, query, errbuf);
}

static void look(rb_err (*ask)(rb_sqlite *store, void *arg, rb_errbuf *errbuf), void *arg)
{
    rb_sqlite *store = NULL;
    rb_errbuf errbuf = {""};
    rb_clock clock = {NULL, NULL};
    bool was_inside = life.is_inside;
    life.is_inside = false;
    disk_hold_faults(true);
    rb_err err = rb_sqlite_open_reader(STORE_URL, clock, &store, &errbuf);
    if (err == RB_OK)
        err = ask(store, arg, &errbuf);
    rb_sqlite_close(store);
    disk_hold_faults(false);
    if (err != RB_OK)
        sim_check_fail("store: it cannot be read: %s", errbuf.text);
    life.is_inside = was_inside;
}

static rb_err ask_query(rb_sqlite *store, void *arg, rb_errbuf *errbuf)
{
    rb_store_port port = rb_sqlite_port(store);
    return port.query(port.self, arg, errbuf);
}

void sim_query(rb_query *query)
{
    look(ask_query, query);
}

static rb_err ask_record(rb_sqlite *store, void *arg, rb_errbuf *errbuf)
{
    return rb_sqlite_verify(store, arg, errbuf);
}

uint64_t sim_first_bad_record(void)
{
    uint64_t first_bad_seq = 0;
    look(ask_record, &first_bad_seq);
    return first_bad_seq;
}

/* ---- inputs of the sessions --------------------------------------------------------------------------------------------------- */

typedef struct {
    enum { IN_HTTP, IN_UP, IN_FRAME, IN_PONG, IN_CLOSED, IN_TIMER } kind;
    bool is_slack;
    int timer;
    uint64_t number;
    const rb_http_reply *reply;
    rb_str text;
    int code, http_status;
} input;

static void timer_due(process *all, int timer, rb_now now)
{
    if (timer == TIMER_ENGINE)
        rb_engine_timer(all->engine);
    else if (timer == TIMER_SLACK)
        rb_slack_timer(all->slack, now);
    else
        rb_graph_timer(all->graph, now);
}

static struct {
    spoil how;
    int n;
} frame_spoils;

void sim_bot_spoil_frames(spoil how, int n)
{
    frame_spoils.how = how;
    frame_spoils.n = n;
}

static rb_str spoiled(rb_str text)
{
    if (frame_spoils.n <= 0)
        return text;
    frame_spoils.n--;
    return spoil_text(frame_spoils.how, text, RB_FRAME_MAX);
}

static void feed(void *arg)
{
    static const char *const NAMES[] = {"http reply", "ws up", "ws frame", "ws pong", "ws closed", "timer"};
    const input *in = arg;
    process *all = life.process;
    rb_now now = sim_bot_now();
    sim_seam(SIM_BEFORE, "event %s", NAMES[in->kind]);
    switch (in->kind) {
    case IN_HTTP:
        if (in->is_slack)
            rb_slack_http_done(all->slack, in->number, in->reply, now);
        else
            rb_graph_http_done(all->graph, in->number, in->reply, now);
        return;
    case IN_UP: rb_slack_ws_up(all->slack, in->number, now); return;
    case IN_FRAME: rb_slack_ws_frame(all->slack, in->number, spoiled(in->text), now); return;
    case IN_PONG: rb_slack_ws_pong(all->slack, in->number, now); return;
    case IN_CLOSED: rb_slack_ws_closed(all->slack, in->number, in->code, in->http_status, "", now); return;
    case IN_TIMER: timer_due(all, in->timer, now); return;
    }
}

void sim_bot_http(bool is_slack, uint64_t tag, const rb_http_reply *reply)
{
    (void)sim_in_bot(feed, &(input){.kind = IN_HTTP, .is_slack = is_slack, .number = tag, .reply = reply});
}

void sim_bot_ws_up(uint64_t conn)
{
    (void)sim_in_bot(feed, &(input){.kind = IN_UP, .number = conn});
}

void sim_bot_ws_frame(uint64_t conn, rb_str text)
{
    (void)sim_in_bot(feed, &(input){.kind = IN_FRAME, .number = conn, .text = text});
}

void sim_bot_ws_pong(uint64_t conn)
{
    (void)sim_in_bot(feed, &(input){.kind = IN_PONG, .number = conn});
}

void sim_bot_ws_closed(uint64_t conn, int code, int http_status)
{
    (void)sim_in_bot(feed, &(input){.kind = IN_CLOSED, .number = conn, .code = code, .http_status = http_status});
}

/* ---- timers --------------------------------------------------------------------------------------------------------------------- */

typedef struct {
    unsigned generation;
    int timer;
    uint64_t turn;
} timer_turn;

static void fire_timer(void *arg)
{
    timer_turn *turn = arg;
    process *all = life.process;
    if (turn->generation == life.generation && all && all->timer_turns[turn->timer] == turn->turn) {
        all->timers[turn->timer] = INT64_MAX;
        (void)sim_in_bot(feed, &(input){.kind = IN_TIMER, .timer = turn->timer});
    }
    free(turn);
}

static void set_timer(process *all, int timer, int64_t boot_ms)
{
    if (all->timers[timer] == boot_ms)
        return;
    all->timers[timer] = boot_ms;
    all->timer_turns[timer]++;
    if (boot_ms == INT64_MAX)
        return;
    timer_turn *turn = sb_alloc(sizeof *turn);
    *turn = (timer_turn){life.generation, timer, all->timer_turns[timer]};
    sim_after(boot_ms - sim_bot_now().boot_ms, fire_timer, turn);
}

void sim_bot_timer(bool is_slack, int64_t boot_ms)
{
    if (life.process)
        set_timer(life.process, is_slack ? TIMER_SLACK : TIMER_GRAPH, boot_ms);
}

static void host_timer_set(void *host, int64_t boot_ms)
{
    set_timer(host, TIMER_ENGINE, boot_ms);
}

static void host_fatal(void *host, rb_err err, const char *sentence)
{
    process *all = host;
    (void)err;
    sim_say("fatal: %s", sentence);
    all->is_fatal = true;
}

/* ---- putting it together ---------------------------------------------------------------------------------------------------------- */

static rb_now clock_now(void *self)
{
    (void)self;
    return sim_bot_now();
}

static void fill(void *self, void *out_bytes, size_t len)
{
    (void)self;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out_bytes)[i] = (unsigned char)(sim_draw(SIM_BOT) >> 32);
}

/* The engine's events, found anew each time: it is made after the sessions' ports are known. */
static void on_delivery(void *self, const rb_delivery *delivery)
{
    rb_chat_events events = rb_engine_chat_events(((process *)self)->engine);
    events.on_delivery(events.self, delivery);
}

static void on_chat_result(void *self, uint64_t tag, const rb_chat_result *result)
{
    rb_chat_events events = rb_engine_chat_events(((process *)self)->engine);
    events.on_result(events.self, tag, result);
}

static void on_ready(void *self, const char *team, const char *bot_user)
{
    rb_chat_events events = rb_engine_chat_events(((process *)self)->engine);
    events.on_ready(events.self, team, bot_user);
}

static void on_gap(void *self, int64_t gap_ms)
{
    rb_chat_events events = rb_engine_chat_events(((process *)self)->engine);
    events.on_gap(events.self, gap_ms);
}

static rb_policy *policy_now(void)
{
    rb_policy *policy = NULL;
    rb_faults faults = {0};
    if (rb_policy_parse(rb_str_of(life.policy_text), "policy.yaml", &policy, &faults) != RB_OK) {
        if (sim_is_verbose())
            rb_faults_print(&faults, stderr);
        if (life.is_inside)
            sim_die(); /* out of memory: the texts themselves are good */
        abort();
    }
    rb_faults_fini(&faults);
    return policy;
}

static const rb_secret *secret(int number, const char *text)
{
    if (!life.secrets[number])
        life.secrets[number] = rb_secret_new(rb_str_of(text));
    return life.secrets[number];
}

static rb_err make_engine(process *all, rb_clock clock, rb_random random)
{
    static const uint8_t key[RB_MAC_KEY_LEN] = {7};
    rb_engine_config config = {.clock = clock,
                               .random = random,
                               .store = {all, watched_commit, watched_query},
                               .store_executor = worker_executor(),
                               .languages = rb_languages_english(),
                               .root = "/passcode",
                               .commands = RB_COMMANDS,
                               .n_keys = 1,
                               .boot = sim_boot(),
                               .host = all,
                               .timer_set = host_timer_set,
                               .fatal = host_fatal};
    rb_mac_key_init(&config.keys[0], key);
    return rb_engine_new(&config, all->policy, &all->engine);
}

static rb_err make_sessions(process *all, rb_clock clock, rb_random random, rb_errbuf *errbuf)
{
    rb_slack_config slack = {.api_url = "https://slack.sim/api/",
                             .app_token = secret(0, "xapp-sandbox"),
                             .bot_token = secret(1, "xoxb-sandbox"),
                             .connections = 2,
                             .command = "/passcode"};
    rb_graph_config graph = {.login_url = "https://127.0.0.1:1",
                             .graph_url = "https://127.0.0.1:1",
                             .tenant = "contoso.com",
                             .client_id = "22222222-2222-4222-8222-222222222222",
                             .credential = {RB_ENTRA_CLIENT_SECRET, secret(2, "sandbox-secret")}};
    rb_chat_events chat_events = {all, on_delivery, on_chat_result, on_ready, on_gap};
    rb_device_events device_events = rb_engine_device_events(all->engine);
    rb_io slack_io = sim_net_slack();
    rb_io graph_io = sim_net_graph();
    rb_err err = rb_slack_new(&slack, &slack_io, clock, random, &chat_events, &all->slack, errbuf);
    if (err == RB_OK)
        err = rb_graph_new(&graph, &graph_io, clock, random, &device_events, &all->graph, errbuf);
    return err;
}

static void begin(void *arg)
{
    process *all = arg;
    rb_errbuf errbuf = {""};
    rb_clock clock = {NULL, clock_now};
    rb_random random = {NULL, fill};
    rb_err err = rb_sqlite_open(STORE_URL, clock, &all->store, &errbuf);
    if (err == RB_OK) {
        all->inner = rb_sqlite_port(all->store);
        all->policy = policy_now();
        err = make_engine(all, clock, random);
    }
    if (err == RB_OK)
        err = make_sessions(all, clock, random, &errbuf);
    if (err == RB_OK) {
        rb_engine_connect(all->engine, rb_slack_port(all->slack), rb_graph_port(all->graph));
        err = rb_engine_load(all->engine, &errbuf);
    }
    if (err != RB_OK) {
        sim_say("it does not start: %s", errbuf.text);
        all->is_fatal = true;
        return;
    }
    rb_slack_start(all->slack, sim_bot_now());
    rb_engine_timer(all->engine);
}

bool sim_bot_start(void)
{
    process *all = sb_alloc(sizeof *all);
    *all = (process){.timers = {INT64_MAX, INT64_MAX, INT64_MAX}};
    worker_begin();
    life.process = all;
    life.starts++;
    disk_watch(disk_seam, NULL);
    disk_watch_looks(look_seam, NULL);
    sim_say("the bot starts");
    if (life.starts > 1)
        timely_unwell();
    sim_check_restarted();
    return sim_in_bot(begin, all);
}

/* ---- the end, as bot/run.c's close_all --------------------------------------------------------------------------------------------- */

static void close_all(void *arg)
{
    process *all = arg;
    if (all->engine)
        rb_engine_halt(all->engine);
    worker_finish();
    rb_slack_free(all->slack);
    rb_graph_free(all->graph);
    if (all->engine)
        rb_engine_free(all->engine);
    rb_sqlite_close(all->store);
    rb_policy_free(all->policy);
}

static void closed(process *all)
{
    all->is_fatal = false;
    if (!sim_in_bot(close_all, all))
        return;
    sim_say("the bot has ended");
    timely_unwell();
    sim_net_bot_died();
    disk_process_died();
    life.process = NULL;
    life.generation++;
    free(all);
    restart_later();
}

static void fire_stop_look(void *arg)
{
    process *all = life.process;
    if (!all || !all->stop_limit_ms)
        return;
    if ((rb_engine_is_quiet(all->engine) && rb_slack_is_stopped(all->slack)) || sim_ms() >= all->stop_limit_ms)
        closed(all);
    else
        sim_after(STOP_LOOK_MS, fire_stop_look, arg);
}

static void begin_stop(void *arg)
{
    process *all = arg;
    rb_engine_stop(all->engine);
    rb_slack_stop(all->slack, sim_bot_now());
}

void sim_bot_stop(void)
{
    process *all = life.process;
    if (!all || all->stop_limit_ms)
        return;
    all->stop_limit_ms = sim_ms() + STOP_LIMIT_MS;
    sim_say("SIGTERM");
    if (sim_in_bot(begin_stop, all))
        sim_after(STOP_LOOK_MS, fire_stop_look, NULL);
}

static void reload(void *arg)
{
    process *all = arg;
    rb_policy *policy = policy_now(); /* the old one stays: sentences being made may still point into it */
    rb_engine_set_policy(all->engine, policy);
    all->policy = policy;
}

void sim_bot_policy(const char *yaml)
{
    free(life.policy_text);
    life.policy_text = sb_strdup(yaml);
    sim_say("the policy changes");
    if (life.process)
        (void)sim_in_bot(reload, life.process);
}

const char *sim_policy_text(void)
{
    return life.policy_text;
}
