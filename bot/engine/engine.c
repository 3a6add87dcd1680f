#include "resetbot/engine.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/internal.h"
#include "resetbot/log.h"
#include "resetbot/text.h"

#define NOT_DONE "Nothing was done: I could not save your request in time. Please do it again."
#define NOT_SAVED "Nothing was done: I could not save your request. Please do it again; if it stays so, tell an administrator."
#define STOPPING "Nothing was done: I am restarting. Please do it again in a minute."
#define TOO_BUSY "Nothing was done: I am handling too many requests at once. Please do it again in a minute."

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

static void free_arriving(arriving *item)
{
    free(item->delivery);
    free(item);
}

void rb_engine_free(rb_engine *engine)
{
    if (!engine) {
        return;
    }
    while (engine->tasks) {
        engine_task_free(engine->tasks);
    }
    while (engine->slots) {
        slot *next = engine->slots->next;
        free(engine->slots);
        engine->slots = next;
    }
    while (engine->arriving) {
        arriving *next = engine->arriving->next;
        free_arriving(engine->arriving);
        engine->arriving = next;
    }
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

/* ---- requests in memory ---------------------------------------------------------------------------------------------------- */

slot *engine_slot(rb_engine *engine, const char *request)
{
    for (slot *item = engine->slots; item; item = item->next) {
        if (strcmp(item->request.id, request) == 0) {
            return item;
        }
    }
    return NULL;
}

static bool is_worth_keeping(const rb_request *request, rb_now now, uint64_t boot)
{
    bool has_code = request->has_code && (request->state == RB_STATE_DONE || request->is_found_later);
    bool is_watched = request->state == RB_STATE_UNKNOWN && request->posted.utc_ms != 0;
    if (!rb_state_is_final(request->state)) {
        return true;
    }
    return (has_code || is_watched) && rb_instant_age_ms(&request->ended, now, boot) < RB_WATCH_MS;
}

void engine_reschedule(rb_engine *engine, slot *item, rb_now now)
{
    rb_want want = rb_request_next(&item->request, now, engine->config.boot);
    item->time_boot_ms = want.time_boot_ms;
    item->work = want.work;
    item->work_boot_ms = want.work_boot_ms;
    int64_t not_before = now.boot_ms + item->failure_wait_ms;
    if (item->failure_wait_ms && item->work_boot_ms < not_before) {
        item->work_boot_ms = not_before;
    }
}

slot *engine_put(rb_engine *engine, const rb_request *request)
{
    slot *item = engine_slot(engine, request->id);
    rb_now now = engine_now(engine);
    if (!item) {
        item = calloc(1, sizeof *item);
        assert(item && "out of memory for a request");
        item->next = engine->slots;
        engine->slots = item;
    }
    item->request = *request;
    engine_reschedule(engine, item, now);
    return item;
}

/* A final request stays while its last messages are on their way: they need its card. */
static bool has_rows(const rb_engine *engine, const char *request)
{
    for (const row *item = engine->rows; item; item = item->next) {
        if (strcmp(item->out->request, request) == 0) {
            return true;
        }
    }
    return false;
}

static void forget_finished(rb_engine *engine, rb_now now)
{
    for (slot **link = &engine->slots; *link;) {
        slot *item = *link;
        bool is_idle = !item->is_busy && !item->is_working && !item->is_time_task;
        if (is_idle && !is_worth_keeping(&item->request, now, engine->config.boot) &&
            !has_rows(engine, item->request.id) && !engine_has_blank(engine, item->request.id)) {
            *link = item->next;
            free(item);
        } else {
            link = &item->next;
        }
    }
}

/* ---- deliveries: save, then ack ---------------------------------------------------------------------------------------------- */

const rb_command *engine_find_command(const rb_engine *engine, const char *verb)
{
    for (size_t i = 0; engine->config.commands[i]; i++) {
        const rb_command *command = engine->config.commands[i];
        if (strcmp(command->name, verb) == 0) {
            return command;
        }
        for (const char *const *alias = command->aliases; alias && *alias; alias++) {
            if (strcmp(*alias, verb) == 0) {
                return command;
            }
        }
    }
    return NULL;
}

static void ack_text(rb_engine *engine, const rb_delivery *delivery, const char *text)
{
    rb_ack ack = {.kind = RB_ACK_PLAIN};
    if (delivery->kind == RB_DELIVERY_COMMAND) {
        ack = (rb_ack){.kind = RB_ACK_TEXT, .text = text};
    } else if (delivery->kind == RB_DELIVERY_FORM && delivery->n_fields) {
        ack = (rb_ack){.kind = RB_ACK_FORM_ERROR, .text = text, .field = delivery->fields[0].name};
    }
    engine->config.chat.ack(engine->config.chat.self, delivery, &ack);
}

/* A click cannot be told in its ack: by its response_url, without the outbox (nothing was saved). */
static void ignore_result(rb_engine *engine, void *context, const rb_chat_result *result)
{
    (void)engine;
    (void)context;
    (void)result;
}

static void tell_clicker(rb_engine *engine, const rb_delivery *delivery, const char *text)
{
    if (delivery->kind != RB_DELIVERY_CLICK || !delivery->response_url[0]) {
        return;
    }
    rb_buf payload;
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_message_init(engine->message);
    rb_message_say(engine->message, text);
    if (engine->config.chat.render(engine->config.chat.self, engine->message, &payload) == RB_OK) {
        rb_chat_call call = {
            .kind = RB_CHAT_RESPOND, .url = delivery->response_url, .payload = rb_buf_str(&payload)};
        engine_call_chat(engine, &call, ignore_result, NULL);
    }
    rb_buf_fini(&payload);
}

void engine_start_delivery_take(rb_engine *engine, rb_delivery *delivery)
{
    rb_progress (*run)(rb_task *task) = delivery->kind == RB_DELIVERY_COMMAND ? engine_run_command
                                        : delivery->kind == RB_DELIVERY_CLICK ? engine_run_click
                                                                                   : engine_run_form;
    rb_task *task = engine_task_new(engine, "delivery", run);
    task->delivery = delivery;
    if (delivery->kind == RB_DELIVERY_COMMAND) {
        rb_grammar_parse(rb_str_of(delivery->text), &task->intent);
        task->command = engine_find_command(engine, task->intent.verb);
    }
    engine_task_run(task);
}

static void unlink_arriving(rb_engine *engine, const arriving *item)
{
    for (arriving **link = &engine->arriving; *link; link = &(*link)->next) {
        if (*link == item) {
            *link = item->next;
            return;
        }
    }
}

static void nothing_more(rb_engine *engine, void *context, rb_change *change)
{
    (void)change;
    unlink_arriving(engine, context);
    free_arriving(context);
}

/* Acknowledged as "nothing was done": the row can never act, also after a crash (R1). */
static void abandon(rb_engine *engine, arriving *item)
{
    rb_change *change = engine_change_new();
    assert(change && "out of memory for a change");
    item->next = engine->arriving; /* it stays until that is saved too */
    engine->arriving = item;
    change->delivery_op = RB_DELIVERY_OP_ABANDON;
    change->delivery = item->delivery;
    engine_record(engine, change, "abandoned", "", &item->delivery->who, item->delivery->user_name,
                  "could not be saved in time; the person was told that nothing was done");
    engine_commit_take(engine, change, nothing_more, item);
}

static void received(rb_engine *engine, void *context, rb_change *change)
{
    arriving *item = context;
    rb_ack ack = {.kind = RB_ACK_PLAIN};
    unlink_arriving(engine, item);
    if (item->is_abandoned) {
        if (change->result == RB_OK) {
            abandon(engine, item);
            return;
        }
        free_arriving(item);
        return;
    }
    if (change->result != RB_OK && change->result != RB_E_EXISTS) {
        rb_log(RB_LOG_ERROR, "event=receive_refused error=%s", rb_err_name(change->result));
        ack_text(engine, item->delivery, NOT_SAVED);
        tell_clicker(engine, item->delivery, NOT_SAVED);
        free_arriving(item);
        return;
    }
    engine->config.chat.ack(engine->config.chat.self, item->delivery, &ack);
    if (change->result == RB_OK) { /* EXISTS: delivered again, changes nothing */
        engine_start_delivery_take(engine, item->delivery);
        item->delivery = NULL;
    }
    free_arriving(item);
}

static bool is_read_only(const rb_engine *engine, const rb_delivery *delivery)
{
    rb_intent intent;
    if (delivery->kind != RB_DELIVERY_COMMAND) {
        return false;
    }
    rb_grammar_parse(rb_str_of(delivery->text), &intent);
    const rb_command *command = engine_find_command(engine, intent.verb);
    return !command || command->is_read_only;
}

static void save(rb_engine *engine, const rb_delivery *delivery)
{
    arriving *item = calloc(1, sizeof *item);
    rb_delivery *copy = malloc(sizeof *copy);
    rb_change *change = engine_change_new();
    assert(item && copy && change && "out of memory for a delivery");
    *copy = *delivery;
    *item = (arriving){.engine = engine,
                       .delivery = copy,
                       .is_read_only = is_read_only(engine, delivery),
                       .give_up_boot_ms = delivery->received_boot_ms + RB_ACK_LIMIT_MS,
                       .next = engine->arriving};
    engine->arriving = item;
    change->delivery_op = RB_DELIVERY_OP_RECEIVE;
    change->delivery = copy;
    change->is_read_only = item->is_read_only;
    engine_commit_take(engine, change, received, item);
}

void engine_on_delivery(void *self, const rb_delivery *delivery)
{
    rb_engine *engine = self;
    const char *field = NULL;
    if (engine->is_dead) {
        return; /* people see the platform's own time-out (design: Traps) */
    }
    if (engine->is_stopping || engine->n_tasks >= RB_TASKS_MAX) {
        const char *text = engine->is_stopping ? STOPPING : TOO_BUSY;
        ack_text(engine, delivery, text);
        tell_clicker(engine, delivery, text);
        return;
    }
    const char *fault = delivery->kind == RB_DELIVERY_FORM ? engine_form_fault(delivery, &field) : NULL;
    if (fault) {
        rb_ack ack = {.kind = RB_ACK_FORM_ERROR, .text = fault, .field = field};
        engine->config.chat.ack(engine->config.chat.self, delivery, &ack);
        return;
    }
    save(engine, delivery);
    engine_wake(engine);
}

/* ---- time ---------------------------------------------------------------------------------------------------------------------- */

static int64_t give_up_late_saves(rb_engine *engine, rb_now now)
{
    int64_t due = INT64_MAX;
    for (arriving *item = engine->arriving; item; item = item->next) {
        if (item->is_abandoned) {
            continue;
        }
        if (item->give_up_boot_ms <= now.boot_ms) {
            item->is_abandoned = true;
            rb_log(RB_LOG_WARN, "event=save_too_slow limit_ms=%d", RB_ACK_LIMIT_MS);
            ack_text(engine, item->delivery, NOT_DONE);
            tell_clicker(engine, item->delivery, NOT_DONE);
        } else if (item->give_up_boot_ms < due) {
            due = item->give_up_boot_ms;
        }
    }
    return due;
}

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
    engine_record(engine, change, "clock_jump", "", NULL, "", jump > 0 ? "the wall clock jumped forward" : "the wall clock jumped back");
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
    int64_t due = give_up_late_saves(engine, now);
    due = smaller(due, run_due_requests(engine, now));
    due = smaller(due, engine_facts_due(engine, now));
    due = smaller(due, engine_blanks_due(engine, now));
    due = smaller(due, outbox_pump(engine, now));
    forget_finished(engine, now);
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
