/* Group commit: while one transaction is being synced, changes gather; the next one takes them all. */
#include <stdlib.h>

#include "engine/internal.h"
#include "resetbot/log.h"

#define BATCH_MAX 256
#define NO_MEMORY "out of memory while saving: restart with more memory"

typedef struct {
    rb_job job; /* first: the executor hands this back */
    rb_engine *engine;
    rb_store_port store;
    commit_item *items;
    rb_change *changes[BATCH_MAX];
    size_t n;
    rb_err err;
    rb_errbuf errbuf;
} batch;

static void start_batch(rb_engine *engine);

rb_change *engine_change_new(void)
{
    return calloc(1, sizeof(rb_change));
}

void engine_commit_item_free(commit_item *item)
{
    rb_out_free(item->out);
    free(item->change);
    free(item);
}

static void batch_work(rb_job *job)
{
    batch *work = (batch *)job;
    work->err = work->store.commit(work->store.self, work->changes, work->n, &work->errbuf);
}

void engine_die(rb_engine *engine, rb_err err, const char *sentence)
{
    if (!engine->is_dead) {
        engine->is_dead = true;
        engine->config.fatal(engine->config.host, err, sentence);
    }
}

/* A change that was refused for want of memory would leave its delivery without an answer (R1): the next start gives one. */
static bool lacks_memory(const batch *work)
{
    for (size_t i = 0; i < work->n; i++) {
        if (work->changes[i]->result == RB_E_NOMEM) {
            return true;
        }
    }
    return false;
}

static void batch_done(rb_job *job)
{
    batch *work = (batch *)job;
    rb_engine *engine = work->engine;
    engine->is_committing = false;
    if (work->err != RB_OK) {
        engine_die(engine, work->err, work->errbuf.text);
    }
    if (lacks_memory(work)) {
        engine_die(engine, RB_E_NOMEM, NO_MEMORY);
    }
    for (commit_item *item = work->items; item;) {
        commit_item *next = item->next;
        if (!engine->is_dead) {
            item->out = NULL; /* the outbox takes it */
            item->done(engine, item->context, item->change);
        }
        engine_commit_item_free(item);
        item = next;
    }
    free(work);
    if (!engine->is_dead) {
        engine_tasks_wake_waiting(engine);
        start_batch(engine);
        engine_wake(engine);
    }
}

static void take_items(rb_engine *engine, batch *work)
{
    commit_item **tail = &work->items;
    while (engine->commits && work->n < BATCH_MAX) {
        commit_item *item = engine->commits;
        engine->commits = item->next;
        item->next = NULL;
        *tail = item;
        tail = &item->next;
        work->changes[work->n++] = item->change;
        engine->n_waiting_commits--;
    }
    if (!engine->commits) {
        engine->commits_tail = &engine->commits;
    }
}

static void start_batch(rb_engine *engine)
{
    if (engine->is_committing || engine->is_dead || !engine->commits) {
        return;
    }
    batch *work = calloc(1, sizeof *work);
    if (!work) {
        engine_die(engine, RB_E_NOMEM, NO_MEMORY);
        return;
    }
    work->job = (rb_job){.work = batch_work, .done = batch_done};
    work->engine = engine;
    work->store = engine->config.store;
    take_items(engine, work);
    engine->is_committing = true;
    rb_err err = engine->config.store_executor.submit(engine->config.store_executor.self, &work->job);
    if (err != RB_OK) {
        /* one batch at a time: a full queue here is our bug */
        engine_die(engine, RB_E_INTERNAL, "the store's worker took no more work: please report this");
    }
}

static void append(rb_engine *engine, commit_item made)
{
    commit_item *item = calloc(1, sizeof *item);
    if (!item) {
        engine_die(engine, RB_E_NOMEM, NO_MEMORY);
        rb_out_free(made.out);
        free(made.change);
        return;
    }
    *item = made;
    *engine->commits_tail = item;
    engine->commits_tail = &item->next;
    engine->n_waiting_commits++;
    start_batch(engine);
}

void engine_commit_take(rb_engine *engine, rb_change *change,
                        void (*done)(rb_engine *engine, void *context, rb_change *change), void *context)
{
    append(engine, (commit_item){.change = change, .done = done, .context = context});
}

static void out_saved(rb_engine *engine, void *context, rb_change *change)
{
    (void)change;
    outbox_add_take(engine, context);
}

void engine_commit_out_take(rb_engine *engine, rb_change *change, rb_out *out)
{
    change->out_put[change->n_out_put++] = out;
    append(engine, (commit_item){.change = change, .done = out_saved, .context = out, .out = out});
}
