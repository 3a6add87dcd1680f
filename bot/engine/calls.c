/* Calls to chat, device manager and store, each answered once, and the facts that tasks remember of them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"

#define FACT_TRIES_MAX 4
/* For what another task reads just now. */
#define JOIN_WAIT_MS (2 * RB_SECOND_MS)
#define QUERIES_MAX (RB_WORKER_QUEUE_MAX - 8) /* questions and commits share a worker: a commit always finds a place */

/* ---- tags --------------------------------------------------------------------------------------------------------- */

static uint64_t remember(rb_engine *engine, outstanding call)
{
    if (engine->n_calls == engine->calls_cap) {
        size_t cap = engine->calls_cap ? engine->calls_cap * 2 : 64;
        outstanding *grown = reallocarray(engine->calls, cap, sizeof *grown);
        assert(grown && "out of memory for a call");
        engine->calls = grown;
        engine->calls_cap = cap;
    }
    call.tag = ++engine->last_tag;
    engine->calls[engine->n_calls++] = call;
    return call.tag;
}

static bool take(rb_engine *engine, uint64_t tag, outstanding *out_call)
{
    for (size_t i = 0; i < engine->n_calls; i++) {
        if (engine->calls[i].tag == tag) {
            *out_call = engine->calls[i];
            engine->calls[i] = engine->calls[--engine->n_calls];
            return true;
        }
    }
    return false;
}

uint64_t engine_call_chat(rb_engine *engine, const rb_chat_call *call,
                          void (*on_chat)(rb_engine *engine, void *context, const rb_chat_result *result),
                          void *context)
{
    uint64_t tag = remember(engine, (outstanding){.context = context, .on_chat = on_chat});
    engine->config.chat.call(engine->config.chat.self, tag, call);
    return tag;
}

uint64_t engine_call_device(rb_engine *engine, const rb_device_call *call,
                            void (*on_device)(rb_engine *engine, void *context, rb_device_result *result),
                            void *context)
{
    uint64_t tag = remember(engine, (outstanding){.context = context, .on_device = on_device});
    engine->config.device.call(engine->config.device.self, tag, call);
    return tag;
}

static void on_chat_result(void *self, uint64_t tag, const rb_chat_result *result)
{
    rb_engine *engine = self;
    outstanding call;
    if (take(engine, tag, &call) && !engine->is_dead) {
        outbox_chat_said(engine, result);
        call.on_chat(engine, call.context, result);
        engine_wake(engine);
    }
}

static void on_device_result(void *self, uint64_t tag, rb_device_result *result)
{
    rb_engine *engine = self;
    outstanding call;
    if (take(engine, tag, &call) && !engine->is_dead) {
        call.on_device(engine, call.context, result);
        engine_wake(engine);
    } else {
        rb_secret_free(result->code);
        result->code = NULL;
    }
}

void engine_calls_fini(rb_engine *engine)
{
    free(engine->calls);
    while (engine->cache) {
        cached *next = engine->cache->next;
        free(engine->cache->chat.items);
        free(engine->cache);
        engine->cache = next;
    }
}

/* ---- deep copies ------------------------------------------------------------------------------------------------------ */

static void copy_chat(rb_chat_result *to, const rb_chat_result *from)
{
    *to = *from;
    to->items = NULL;
    if (from->n_items) {
        to->items = calloc(from->n_items, sizeof *to->items);
        assert(to->items && "out of memory for a result");
        memcpy(to->items, from->items, from->n_items * sizeof *to->items);
    }
}

static void copy_device(rb_device_result *to, rb_device_result *from)
{
    *to = *from;
    to->devices = NULL; /* borrowed */
    to->results = NULL;
    to->people = NULL;
    from->code = NULL; /* taken */
    if (from->n_devices) {
        rb_device *devices = calloc(from->n_devices, sizeof *devices);
        assert(devices && "out of memory for a result");
        memcpy(devices, from->devices, from->n_devices * sizeof *devices);
        to->devices = devices;
    }
    if (from->n_people) {
        rb_directory_person *people = calloc(from->n_people, sizeof *people);
        assert(people && "out of memory for a result");
        memcpy(people, from->people, from->n_people * sizeof *people);
        to->people = people;
    }
    if (from->results) {
        rb_action_results *results = malloc(sizeof *results);
        assert(results && "out of memory for a result");
        *results = *from->results;
        to->results = results;
    }
}

void fact_free(fact *item)
{
    free(item->chat.items);
    free((void *)(uintptr_t)item->device.devices);
    free((void *)(uintptr_t)item->device.results);
    free((void *)(uintptr_t)item->device.people);
    rb_secret_free(item->device.code);
    rb_query_fini(&item->query);
    free(item->asked_device);
    free(item);
}

/* ---- facts --------------------------------------------------------------------------------------------------------------- */

static fact *find_fact(rb_task *task, const char *key)
{
    for (fact *item = task->facts; item; item = item->next) {
        if (strcmp(item->key, key) == 0) {
            return item;
        }
    }
    return NULL;
}

bool engine_has_fact(rb_task *task, const char *key)
{
    return find_fact(task, key) != NULL;
}

void engine_fact_drop(rb_task *task, const char *key)
{
    for (fact **link = &task->facts; *link; link = &(*link)->next) {
        fact *item = *link;
        if (strcmp(item->key, key) == 0) {
            assert(item->tag == 0);
            *link = item->next;
            fact_free(item);
            return;
        }
    }
}

static fact *new_fact(rb_task *task, fact_kind kind, const char *key)
{
    fact *item = calloc(1, sizeof *item);
    assert(item && "out of memory for a fact");
    item->kind = kind;
    item->task = task;
    item->retry_boot_ms = INT64_MAX;
    rb_copy_fit(item->key, sizeof item->key, key);
    item->next = task->facts;
    task->facts = item;
    return item;
}

static bool is_cacheable(rb_chat_call_kind kind)
{
    return kind == RB_CHAT_PERSON || kind == RB_CHAT_GROUP || kind == RB_CHAT_DM_CHANNEL;
}

static void cache_put(rb_engine *engine, const fact *item)
{
    cached **link = &engine->cache;
    int64_t now = engine_now(engine).boot_ms;
    while (*link) {
        cached *entry = *link;
        if (now - entry->at_boot_ms >= RB_RIGHTS_FRESH_MS || strcmp(entry->key, item->key) == 0) {
            *link = entry->next;
            free(entry->chat.items);
            free(entry);
        } else {
            link = &entry->next;
        }
    }
    cached *entry = calloc(1, sizeof *entry);
    if (entry) {
        rb_copy_fit(entry->key, sizeof entry->key, item->key);
        entry->at_boot_ms = item->at_boot_ms;
        copy_chat(&entry->chat, &item->chat);
        entry->next = engine->cache;
        engine->cache = entry;
    }
}

static bool cache_get(rb_engine *engine, fact *item)
{
    int64_t now = engine_now(engine).boot_ms;
    for (cached *entry = engine->cache; entry; entry = entry->next) {
        if (strcmp(entry->key, item->key) == 0 && now - entry->at_boot_ms < RB_RIGHTS_FRESH_MS) {
            copy_chat(&item->chat, &entry->chat);
            item->at_boot_ms = entry->at_boot_ms;
            item->is_ready = true;
            return true;
        }
    }
    return false;
}

bool engine_facts_are_fresh(const rb_task *task, int64_t read_ms, int64_t margin_ms)
{
    int64_t now = engine_now(task->engine).boot_ms + margin_ms;
    for (const fact *item = task->facts; item; item = item->next) {
        bool is_right = item->kind == FACT_CHAT && is_cacheable(item->call.kind);
        if (is_right && now - item->at_boot_ms >= RB_RIGHTS_FRESH_MS) {
            return false;
        }
        if (item->kind == FACT_DEVICE && now - item->at_boot_ms >= read_ms) {
            return false;
        }
    }
    return true;
}

static bool is_same_call(const fact *item, const fact *other)
{
    return item != other && item->kind == FACT_CHAT && !item->is_ready && strcmp(item->key, other->key) == 0;
}

/* A burst of commands asks once for a person or group: Slack lets a group be read 20 times a minute. */
static bool is_being_read(const rb_engine *engine, const fact *wanted)
{
    for (const rb_task *task = engine->tasks; task; task = task->next) {
        for (const fact *item = task->facts; item; item = item->next) {
            if (item->tag != 0 && is_same_call(item, wanted)) {
                return true;
            }
        }
    }
    return false;
}

/* Those that wait for the same look at once: into the cache; the ones that never asked ask themselves after a failure. */
static void hurry_others(rb_engine *engine, const fact *read)
{
    bool is_known = read->chat.outcome == RB_CHAT_OK;
    for (rb_task *task = engine->tasks; task; task = task->next) {
        for (fact *item = task->facts; item; item = item->next) {
            bool is_waiting = item->retry_boot_ms != INT64_MAX && (is_known || item->tries == 0);
            if (is_waiting && is_same_call(item, read)) {
                item->retry_boot_ms = 0;
            }
        }
    }
}

static void fact_on_chat(rb_engine *engine, void *context, const rb_chat_result *result)
{
    fact *item = context;
    item->tag = 0;
    /* no second try: the trigger dies in 3 s, and the content (a code, maybe) was not kept */
    bool is_form = item->call.kind == RB_CHAT_FORM_OPEN || item->call.kind == RB_CHAT_FORM_UPDATE;
    if (result->outcome == RB_CHAT_LATER && item->tries < FACT_TRIES_MAX && !is_form) {
        int64_t wait = result->retry_after_ms > 0 ? result->retry_after_ms : (RB_SECOND_MS << item->tries);
        item->retry_boot_ms = engine_now(engine).boot_ms + wait;
        return;
    }
    copy_chat(&item->chat, result);
    item->at_boot_ms = engine_now(engine).boot_ms;
    item->is_ready = true;
    if (result->outcome == RB_CHAT_OK && is_cacheable(item->call.kind)) {
        cache_put(engine, item);
    }
    if (is_cacheable(item->call.kind)) {
        hurry_others(engine, item);
    }
    engine_task_run(item->task);
}

static void fact_ask_chat(rb_engine *engine, fact *item)
{
    item->tries++;
    item->retry_boot_ms = INT64_MAX;
    item->tag = engine_call_chat(engine, &item->call, fact_on_chat, item);
}

static const char *keep(fact *item, size_t n, const char *text)
{
    if (!text) {
        return NULL;
    }
    rb_copy_fit(item->strings[n], sizeof item->strings[n], text);
    return item->strings[n];
}

bool rb_need_chat(rb_task *task, const char *key, const rb_chat_call *call, const rb_chat_result **out_result)
{
    fact *item = find_fact(task, key);
    if (!item) {
        item = new_fact(task, FACT_CHAT, key);
        item->call = *call;
        item->call.channel = keep(item, 0, call->channel);
        item->call.user = keep(item, 1, call->user);
        item->call.ts = keep(item, 2, call->ts);
        item->call.group = keep(item, 3, call->group);
        item->call.text = keep(item, 4, call->text);
        item->call.trigger_id = keep(item, 5, call->trigger_id);
        bool is_shared = is_cacheable(call->kind);
        if (is_shared && !cache_get(task->engine, item) && is_being_read(task->engine, item)) {
            item->retry_boot_ms = engine_now(task->engine).boot_ms + JOIN_WAIT_MS;
        } else if (!item->is_ready) {
            fact_ask_chat(task->engine, item);
        }
        item->call.payload = (rb_str){0}; /* borrowed for the first call; forms are never retried */
    }
    *out_result = &item->chat;
    return item->is_ready;
}

static void fact_on_device(rb_engine *engine, void *context, rb_device_result *result)
{
    fact *item = context;
    item->tag = 0;
    item->at_boot_ms = engine_now(engine).boot_ms;
    copy_device(&item->device, result);
    item->is_ready = true;
    engine_task_run(item->task);
}

bool rb_need_device(rb_task *task, const char *key, const rb_device_call *call, rb_device_result **out_result)
{
    fact *item = find_fact(task, key);
    if (!item) {
        item = new_fact(task, FACT_DEVICE, key);
        item->tag = engine_call_device(task->engine, call, fact_on_device, item);
    }
    *out_result = &item->device;
    return item->is_ready;
}

/* ---- store queries ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    rb_job job; /* first */
    rb_engine *engine;
    rb_store_port store;
    fact *item;
    rb_err err;
    rb_errbuf errbuf;
} query_job;

static void query_work(rb_job *job)
{
    query_job *work = (query_job *)job;
    work->err = work->store.query(work->store.self, &work->item->query, &work->errbuf);
}

static void query_done(rb_job *job)
{
    query_job *work = (query_job *)job;
    rb_engine *engine = work->engine;
    fact *item = work->item;
    engine->n_queries--;
    if (work->err != RB_OK && !engine->is_dead) {
        engine->is_dead = true;
        engine->config.fatal(engine->config.host, work->err, work->errbuf.text);
    }
    free(work);
    if (!engine->is_dead) {
        item->tag = 0;
        item->is_ready = true;
        engine_task_run(item->task);
        engine_tasks_wake_waiting(engine);
        engine_wake(engine);
    }
}

/* Strings and structs of the question are the caller's for the call only. */
static void keep_question(fact *item, const rb_query *query)
{
    item->query = *query;
    if (query->id) {
        rb_copy_fit(item->asked_id, sizeof item->asked_id, query->id);
        item->query.id = item->asked_id;
    }
    if (query->person) {
        item->asked_person = *query->person;
        item->query.person = &item->asked_person;
    }
    if (query->device) {
        item->asked_device = malloc(sizeof *item->asked_device);
        assert(item->asked_device && "out of memory for a query");
        *item->asked_device = *query->device;
        item->query.device = item->asked_device;
    }
}

bool rb_need_query(rb_task *task, const char *key, const rb_query *query, const rb_query **out_query)
{
    fact *item = find_fact(task, key);
    if (!item) {
        item = new_fact(task, FACT_QUERY, key);
        keep_question(item, query);
        item->tag = UINT64_MAX; /* under way: the task must not be freed */
        query_job *work = calloc(1, sizeof *work);
        assert(work && "out of memory for a query");
        *work = (query_job){.job = {.work = query_work, .done = query_done},
                            .engine = task->engine,
                            .store = task->engine->config.store,
                            .item = item};
        rb_executor executor = task->engine->config.store_executor;
        bool is_full = task->engine->n_queries >= QUERIES_MAX;
        if (is_full || executor.submit(executor.self, &work->job) != RB_OK) {
            free(work);
            task->facts = item->next;
            fact_free(item);
            rb_log(RB_LOG_WARN, "event=store_queue_full");
            task->is_waiting_for_slot = true; /* asked again when a query or commit is back */
            return false;
        }
        task->engine->n_queries++;
    }
    *out_query = &item->query;
    return item->is_ready;
}

/* ---- retries --------------------------------------------------------------------------------------------------------------------- */

/* true: another task has read it meanwhile, and this one goes on. */
static bool ask_again(rb_engine *engine, fact *item)
{
    if (is_cacheable(item->call.kind) && cache_get(engine, item)) {
        item->retry_boot_ms = INT64_MAX;
        item->task->is_waiting_for_slot = true;
        return true;
    }
    fact_ask_chat(engine, item);
    return false;
}

int64_t engine_facts_due(rb_engine *engine, rb_now now)
{
    int64_t due = INT64_MAX;
    bool is_any_known = false;
    for (rb_task *task = engine->tasks; task; task = task->next) {
        for (fact *item = task->facts; item; item = item->next) {
            if (item->retry_boot_ms <= now.boot_ms) {
                is_any_known = ask_again(engine, item) || is_any_known;
            }
        }
    }
    if (is_any_known) {
        engine_tasks_wake_waiting(engine);
    }
    for (rb_task *task = engine->tasks; task; task = task->next) {
        for (fact *item = task->facts; item; item = item->next) {
            due = item->retry_boot_ms < due ? item->retry_boot_ms : due;
        }
    }
    return due;
}

rb_chat_events rb_engine_chat_events(rb_engine *engine)
{
    return (rb_chat_events){engine, engine_on_delivery, on_chat_result, engine_on_ready, engine_on_gap};
}

rb_device_events rb_engine_device_events(rb_engine *engine)
{
    return (rb_device_events){engine, on_device_result};
}
