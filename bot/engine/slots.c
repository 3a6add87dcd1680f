/* Requests in memory, each scheduled by what its row waits for. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"

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

/* What half time would wait for is left to its own task: the next moment is the deadline. */
static int64_t time_but_no_reminder(const rb_engine *engine, const slot *item, rb_now now)
{
    rb_request reminded = item->request;
    reminded.is_reminded = true;
    return rb_request_next(&reminded, now, engine->config.boot).time_boot_ms;
}

void engine_reschedule(rb_engine *engine, slot *item, rb_now now)
{
    rb_want want = rb_request_next(&item->request, now, engine->config.boot);
    item->time_boot_ms = want.time_boot_ms;
    if (item->request.state == RB_STATE_PENDING && (item->is_remind_task || item->remind_boot_ms > now.boot_ms)) {
        int64_t end = time_but_no_reminder(engine, item, now);
        int64_t again = item->is_remind_task ? INT64_MAX : item->remind_boot_ms;
        item->time_boot_ms = again < end ? again : end;
    }
    item->work = want.work;
    item->work_boot_ms = want.work_boot_ms;
    int64_t not_before = now.boot_ms + item->failure_wait_ms;
    if (item->failure_wait_ms && item->work_boot_ms < not_before) {
        item->work_boot_ms = not_before;
    }
    if (item->rest_boot_ms > now.boot_ms) {
        item->work_boot_ms = item->rest_boot_ms > item->work_boot_ms ? item->rest_boot_ms : item->work_boot_ms;
        item->time_boot_ms = item->rest_boot_ms > item->time_boot_ms ? item->rest_boot_ms : item->time_boot_ms;
    }
}

slot *engine_put(rb_engine *engine, const rb_request *request)
{
    slot *item = engine_slot(engine, request->id);
    rb_now now = engine_now(engine);
    bool is_new = !item;
    if (is_new) {
        item = calloc(1, sizeof *item);
        assert(item && "out of memory for a request");
        item->next = engine->slots;
        engine->slots = item;
    }
    bool is_taken = !is_new && !rb_person_equal(&item->request.requester.person, &request->requester.person);
    engine_homes_changed(engine, is_new ? NULL : &item->request, request);
    item->request = *request;
    if (is_taken) {
        memset(item->takers, 0, sizeof item->takers); /* what they asked for is over */
        engine_blank_taken(engine, request);
    }
    engine_reschedule(engine, item, now);
    return item;
}

/* A final request stays while its last messages are on their way: they need its card. */
void engine_slots_forget(rb_engine *engine, rb_now now)
{
    for (slot **link = &engine->slots; *link;) {
        slot *item = *link;
        bool is_idle = !item->is_busy && !item->is_working && !item->is_time_task && !item->is_remind_task &&
                       item->n_told_over == 0 && !item->is_telling_lookers;
        if (is_idle && !is_worth_keeping(&item->request, now, engine->config.boot) &&
            !outbox_has_rows(engine, item->request.id) && !engine_has_blank(engine, item->request.id)) {
            *link = item->next;
            free(item);
        } else {
            link = &item->next;
        }
    }
}

void engine_slots_fini(rb_engine *engine)
{
    while (engine->slots) {
        slot *next = engine->slots->next;
        free(engine->slots);
        engine->slots = next;
    }
}
