#include "resetbot/engine.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/internal.h"
#include "resetbot/log.h"

/* ---- life ------------------------------------------------------------------------------------------------------------ */

rb_err rb_engine_new(const rb_engine_config *config, const rb_policy *policy, rb_engine **out_engine)
{
    rb_engine *engine = calloc(1, sizeof *engine);
    rb_message *message = malloc(sizeof *message);
    if (!engine || !message) {
        free(engine);
        free(message);
        return RB_E_NOMEM;
    }
    engine->config = *config;
    engine->policy = policy;
    engine->message = message;
    engine->commits_tail = &engine->commits;
    engine->armed_boot_ms = INT64_MAX;
    engine->last_now = config->clock.now(config->clock.self);
    *out_engine = engine;
    return RB_OK;
}

void rb_engine_connect(rb_engine *engine, rb_chat_port chat, rb_device_port device)
{
    engine->config.chat = chat;
    engine->config.device = device;
}

void rb_engine_free(rb_engine *engine)
{
    if (!engine) {
        return;
    }
    while (engine->tasks) {
        engine_task_free(engine->tasks);
    }
    engine_slots_fini(engine);
    engine_arrivals_fini(engine);
    while (engine->commits) {
        commit_item *next = engine->commits->next;
        engine_commit_item_free(engine->commits);
        engine->commits = next;
    }
    while (engine->blanks) {
        blank *next = engine->blanks->next;
        free(engine->blanks);
        engine->blanks = next;
    }
    engine_homes_fini(engine);
    rb_query_fini(&engine->left_over);
    outbox_fini(engine);
    engine_calls_fini(engine);
    free(engine->message);
    free(engine);
}

rb_now engine_now(const rb_engine *engine)
{
    return engine->config.clock.now(engine->config.clock.self);
}

void engine_on_ready(void *self, const char *team, const char *bot_user)
{
    rb_engine *engine = self;
    rb_copy_fit(engine->team, sizeof engine->team, team);
    rb_copy_fit(engine->bot_user, sizeof engine->bot_user, bot_user);
    outbox_chat_is_there(engine);
    if (!engine->is_taken_up) {
        engine->is_taken_up = true;
        engine_take_up(engine);
        engine_wake(engine);
    }
}

void rb_engine_stop(rb_engine *engine)
{
    engine->is_stopping = true;
    for (blank *item = engine->blanks; item; item = item->next) {
        item->at_boot_ms = 0; /* no code stays on a screen that nobody will blank */
    }
    engine_wake(engine);
}

/* A POST under way: its answer is worth waiting for. */
static bool is_posting(const rb_engine *engine)
{
    for (const slot *item = engine->slots; item; item = item->next) {
        const rb_request *request = &item->request;
        if (request->state == RB_STATE_SENDING &&
            request->attempts[request->n_attempts - 1].outcome == RB_ATTEMPT_OPEN) {
            return true;
        }
    }
    return false;
}

void rb_engine_halt(rb_engine *engine)
{
    if (engine) {
        engine->is_dead = true;
    }
}

bool rb_engine_is_quiet(const rb_engine *engine)
{
    return !engine->is_committing && !engine->commits && !engine->arriving && !engine_is_code_in_view(engine) &&
           !is_posting(engine);
}

/* ---- time ---------------------------------------------------------------------------------------------------------------------- */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t run_due_requests(rb_engine *engine, rb_now now)
{
    int64_t due = INT64_MAX;
    for (slot *item = engine->slots; item; item = item->next) {
        bool is_time_due = item->time_boot_ms <= now.boot_ms && !item->is_time_task;
        bool is_work_due = item->work != RB_WORK_NONE && item->work_boot_ms <= now.boot_ms && !item->is_working;
        if (is_time_due && !item->is_busy) {
            engine_start_time(engine, item);
        }
        if (is_work_due && !item->is_busy && !(item->work == RB_WORK_PREPARE && engine->is_sending_barred)) {
            engine_start_work(engine, item);
        }
        if (!item->is_time_task && item->time_boot_ms > now.boot_ms) {
            due = smaller(due, item->time_boot_ms);
        }
        if (!item->is_working && item->work != RB_WORK_NONE && item->work_boot_ms > now.boot_ms) {
            due = smaller(due, item->work_boot_ms);
        }
    }
    return due;
}

static void jump_recorded(rb_engine *engine, void *context, rb_change *change)
{
    (void)engine;
    (void)context;
    (void)change;
}

/* Design, Clocks: a wall jump over 60 s is recorded. */
static void look_for_clock_jump(rb_engine *engine, rb_now now)
{
    int64_t jump = (now.utc_ms - engine->last_now.utc_ms) - (now.boot_ms - engine->last_now.boot_ms);
    engine->last_now = now;
    if (jump < RB_CLOCK_JUMP_MS && jump > -RB_CLOCK_JUMP_MS) {
        return;
    }
    rb_log(RB_LOG_WARN, "event=clock_jump ms=%lld", (long long)jump);
    rb_change *change = engine_change_new();
    assert(change && "out of memory for a change");
    engine_record_sentence(engine, change, "clock_jump", "", NULL, "",
                           jump > 0 ? RB_T("the wall clock jumped forward") : RB_T("the wall clock jumped back"));
    engine_commit_take(engine, change, jump_recorded, NULL);
}

static void arm(rb_engine *engine, int64_t due)
{
    if (due != engine->armed_boot_ms) {
        engine->armed_boot_ms = due;
        engine->config.timer_set(engine->config.host, due);
    }
}

void engine_wake(rb_engine *engine)
{
    if (engine->is_in_timer || engine->is_dead) {
        return;
    }
    engine->is_in_timer = true;
    rb_now now = engine_now(engine);
    look_for_clock_jump(engine, now);
    int64_t due = engine_arrivals_due(engine, now);
    due = smaller(due, run_due_requests(engine, now));
    due = smaller(due, engine_facts_due(engine, now));
    due = smaller(due, engine_blanks_due(engine, now));
    due = smaller(due, outbox_pump(engine, now));
    due = smaller(due, engine_homes_due(engine, now));
    engine_slots_forget(engine, now);
    engine->is_in_timer = false;
    arm(engine, due);
}

void rb_engine_timer(rb_engine *engine)
{
    engine->armed_boot_ms = INT64_MAX;
    engine_wake(engine);
}

void rb_engine_set_policy(rb_engine *engine, const rb_policy *policy)
{
    engine->policy = policy;
    engine_homes_all_changed(engine);
    for (slot *item = engine->slots; item; item = item->next) {
        bool is_before_post = item->request.state == RB_STATE_PENDING || item->request.state == RB_STATE_APPROVED ||
                              item->request.state == RB_STATE_INTENT;
        if (is_before_post) {
            engine_start_policy_check(engine, item->request.id);
        }
    }
    engine_wake(engine);
}

uint64_t rb_boot_id(void)
{
    char text[64] = "";
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    uint64_t hash = 14695981039346656037ULL; /* FNV-1a: a name, not a secret */
    for (ssize_t i = 0; i < n; i++) {
        hash = (hash ^ (uint8_t)text[i]) * 1099511628211ULL;
    }
    return n > 0 ? hash >> 1 : 0; /* fits a signed column */
}
