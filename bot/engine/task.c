/* A task: run, commit what it made, go on. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"

#define CONFLICTS_MAX 5 /* somebody else writes the store: more tries would not help */
#define REFUSED_REST_MS RB_MINUTE_MS

/* ---- life ---------------------------------------------------------------------------------------------------------- */

rb_task *engine_task_new(rb_engine *engine, const char *name, rb_progress (*run)(rb_task *task))
{
    rb_task *task = calloc(1, sizeof *task);
    assert(task && "out of memory for a task");
    task->engine = engine;
    task->name = name;
    task->run = run;
    task->next = engine->tasks;
    engine->tasks = task;
    engine->n_tasks++;
    return task;
}

static bool is_call_under_way(const rb_task *task)
{
    for (const fact *item = task->facts; item; item = item->next) {
        if (item->tag != 0) {
            return true;
        }
    }
    return false;
}

static void drop_change(rb_task *task)
{
    for (size_t i = 0; i < RB_CHANGE_OUT_MAX && task->outs[i]; i++) {
        outbox_release_card(task->engine, task->outs[i]);
        rb_out_free(task->outs[i]);
        task->outs[i] = NULL;
    }
    if (!task->is_committing) { /* else it is the committer's */
        free(task->change);
    }
    task->change = NULL;
    task->has_next = false;
    task->is_draft_new = false;
}

void engine_task_free(rb_task *task)
{
    rb_engine *engine = task->engine;
    for (rb_task **link = &engine->tasks; *link; link = &(*link)->next) {
        if (*link == task) {
            *link = task->next;
            engine->n_tasks--;
            break;
        }
    }
    for (fact *item = task->facts; item;) {
        fact *next = item->next;
        fact_free(item);
        item = next;
    }
    drop_change(task);
    free(task->approvers);
    free(task->picks);
    free(task->note);
    free(task->delivery);
    free(task);
}

static void end_task(rb_task *task)
{
    if (!task->is_ended && task->on_end) {
        task->on_end(task);
    }
    task->is_ended = true;
    for (fact *item = task->facts; item; item = item->next) {
        item->retry_boot_ms = INT64_MAX;
    }
    if (!is_call_under_way(task)) {
        engine_task_free(task);
    }
}

/* ---- commit and go on ------------------------------------------------------------------------------------------------- */

static bool is_change_empty(const rb_task *task)
{
    const rb_change *change = task->change;
    return !change->request && change->n_records == 0 && change->n_out_put == 0 && change->n_out_delete == 0 &&
           change->delivery_op == RB_DELIVERY_OP_NONE;
}

static void adopt_committed(rb_task *task)
{
    rb_engine *engine = task->engine;
    for (size_t i = 0; i < RB_CHANGE_OUT_MAX && task->outs[i]; i++) {
        outbox_add_take(engine, task->outs[i]);
        task->outs[i] = NULL;
    }
    if (task->has_next) {
        slot *item = engine_put(engine, &task->next_request);
        if (item) {
            item->is_busy = false;
            engine_tell_decided(engine, item);
        }
    }
}

static void release_slot(rb_task *task)
{
    slot *item = task->has_next ? engine_slot(task->engine, task->next_request.id) : NULL;
    if (item) {
        item->is_busy = false;
    }
}

/* R1: what was acknowledged and then refused by the store gets an answer that says so. */
static rb_progress run_refused(rb_task *task)
{
    rb_task_record(task, "not_saved", "",
                   RB_T("the store refused what it came to; the person is told that nothing was done"));
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_say(
        &words, message,
        "That could not be saved, so nothing was done. Please do it again; if it stays so, tell an administrator.",
        (rb_arg[]){{NULL, NULL}});
    rb_word_next_again(&words, message);
    rb_task_answer(task, message, false);
    return RB_FINISHED;
}

/* Neither a person to tell nor a use in going on. The answer of a POST is never lost: the process ends, and the next one
 * looks up what became of it (R2). Other work on the request rests, and is tried again. */
static void give_up_refused(rb_task *task, rb_err result)
{
    slot *item = engine_slot(task->engine, task->subject);
    task->is_refused = true;
    if (task->run == engine_run_prepare && task->stage == STAGE_POST) {
        engine_die(task->engine, result,
                   "the store refused what Intune answered to a reset: restart, and I look up what became of it");
        return;
    }
    if (item) {
        item->rest_boot_ms = engine_now(task->engine).boot_ms + REFUSED_REST_MS;
    }
    end_task(task);
}

static void change_refused(rb_task *task, rb_err result)
{
    rb_log(RB_LOG_ERROR, "event=change_refused task=%s error=%s", task->name, rb_err_name(result));
    if (task->delivery && task->run != run_refused) {
        task->run = run_refused;
        task->is_refused = true;
        engine_task_run(task);
    } else {
        give_up_refused(task, result);
    }
}

/* Design 3, Loop: a version conflict reloads and steps again. The request stays busy until it is read. */
static void reload_then_run(rb_task *task, const char *request)
{
    slot *item = engine_slot(task->engine, request);
    rb_log(RB_LOG_WARN, "event=version_conflict request=%s task=%s", request, task->name);
    rb_copy_fit(task->reload, sizeof task->reload, request);
    task->n_conflicts++;
    if (item) {
        item->is_busy = true;
    }
    engine_task_run(task);
}

static bool is_reloaded(rb_task *task)
{
    char key[FACT_KEY_CAP];
    char stale[FACT_KEY_CAP];
    const rb_query *answer = NULL;
    rb_query query = {.kind = RB_QUERY_REQUEST, .id = task->reload};
    snprintf(key, sizeof key, "reload:%u", (unsigned)task->n_conflicts);
    if (!rb_need_query(task, key, &query, &answer)) {
        return false;
    }
    snprintf(stale, sizeof stale, "request:%s", task->reload);
    engine_fact_drop(task, stale);
    slot *item =
        answer->n_requests ? engine_put(task->engine, &answer->requests[0]) : engine_slot(task->engine, task->reload);
    if (item) {
        item->is_busy = false;
    }
    task->reload[0] = '\0';
    return true;
}

static void change_back(rb_engine *engine, void *context, rb_change *change)
{
    rb_task *task = context;
    (void)engine;
    task->is_committing = false;
    rb_err result = change->result;
    char taken_by[RB_REQUEST_ID_CAP];
    rb_copy_fit(taken_by, sizeof taken_by, change->taken_by);
    task->change = NULL; /* the committer frees it */
    if (result == RB_OK) {
        adopt_committed(task);
        rb_progress progress = task->progress;
        drop_change(task);
        if (progress == RB_COMMIT) {
            task->stage++;
            engine_task_run(task);
        } else {
            end_task(task);
        }
        return;
    }
    release_slot(task);
    char changed[RB_REQUEST_ID_CAP];
    bool is_stale =
        result == RB_E_CONFLICT && task->has_next && !task->is_draft_new && task->n_conflicts < CONFLICTS_MAX;
    rb_copy_fit(changed, sizeof changed, is_stale ? task->next_request.id : "");
    bool is_id_taken = result == RB_E_EXISTS && task->is_draft_new && !taken_by[0] && task->id_tries < 20;
    drop_change(task);
    if (result == RB_E_EXISTS && taken_by[0] && !task->taken_by[0]) {
        rb_copy_fit(task->taken_by, sizeof task->taken_by, taken_by);
        engine_task_run(task);
    } else if (is_id_taken) {
        task->id_tries++;
        engine_task_run(task);
    } else if (is_stale) {
        reload_then_run(task, changed);
    } else {
        change_refused(task, result);
    }
}

static void commit(rb_task *task)
{
    rb_change *change = task->change;
    if (task->delivery && task->progress == RB_FINISHED) {
        change->delivery_op = RB_DELIVERY_OP_CONSUME;
        change->delivery = task->delivery;
    }
    if (is_change_empty(task)) {
        drop_change(task);
        if (task->progress == RB_COMMIT) {
            task->stage++;
            engine_task_run(task);
        } else {
            end_task(task);
        }
        return;
    }
    if (task->has_next) {
        slot *item = engine_slot(task->engine, task->next_request.id);
        if (item) {
            item->is_busy = true;
        }
    }
    task->is_committing = true;
    engine_commit_take(task->engine, change, change_back, task);
}

/* ---- many at one request ---------------------------------------------------------------------------------------------- */

static rb_progress run_crowded(rb_task *task)
{
    rb_task_say_next(
        task, "Too much is waiting for {request} at this moment, so nothing was done. Please do it again in a minute.",
        (rb_arg[]){{"request", task->subject}, {NULL, NULL}}, "status", task->subject);
    return RB_FINISHED;
}

/* One more than may wait for that request. What has begun to act goes on, and so does the engine's own work. */
static bool is_crowded(const rb_task *task)
{
    size_t n = 0;
    for (const rb_task *other = task->engine->tasks; other; other = other->next) {
        n += !other->is_ended && strcmp(other->waits_for, task->waits_for) == 0;
    }
    return n > RB_WAITING_MAX;
}

static bool must_turn_away(const rb_task *task)
{
    return task->waits_for[0] && task->delivery && task->stage == 0 && task->n_conflicts == 0 && is_crowded(task);
}

void engine_task_run(rb_task *task)
{
    if (task->is_ended) {
        end_task(task);
        return;
    }
    if (task->is_committing || task->is_running || task->engine->is_dead) {
        return;
    }
    task->is_waiting_for_slot = false;
    task->waits_for[0] = '\0';
    task->is_waiting_for_names = false;
    if (task->reload[0] && !is_reloaded(task)) {
        return;
    }
    drop_change(task);
    task->change = engine_change_new();
    assert(task->change && "out of memory for a change");
    task->is_running = true;
    task->is_noting = false;
    task->progress = task->run(task);
    task->is_running = false;
    if (task->progress == RB_WAIT || task->is_waiting_for_names) {
        drop_change(task);
        if (must_turn_away(task)) {
            rb_copy_fit(task->subject, sizeof task->subject, task->waits_for);
            task->run = run_crowded;
            engine_task_run(task);
        }
        return;
    }
    commit(task);
}

static rb_task *next_woken(rb_engine *engine)
{
    for (rb_task *task = engine->tasks; task; task = task->next) {
        if (task->is_woken) {
            return task;
        }
    }
    return NULL;
}

void engine_tasks_wake_waiting(rb_engine *engine)
{
    for (rb_task *task = engine->tasks; task; task = task->next) {
        task->is_woken = task->is_waiting_for_slot && !task->is_committing && !task->is_ended;
    }
    /* a run may free tasks or start new ones: begin again after each */
    for (rb_task *task = next_woken(engine); task; task = next_woken(engine)) {
        task->is_woken = false;
        engine_task_run(task);
    }
}

/* ---- what a task is about ------------------------------------------------------------------------------------------------ */

const rb_intent *rb_task_intent(const rb_task *task)
{
    return &task->intent;
}

const rb_person *rb_task_who(const rb_task *task)
{
    assert(task->delivery);
    return &task->delivery->who;
}

const rb_policy *rb_task_policy(const rb_task *task)
{
    return task->engine->policy;
}

rb_now rb_task_now(const rb_task *task)
{
    return engine_now(task->engine);
}
