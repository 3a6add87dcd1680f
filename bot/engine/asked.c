/* Those who were asked to decide by direct message are told in the same message that it is decided, and by whom; those who
 * looked at it privately are told below it. */
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"

static bool is_decided(const rb_request *request)
{
    return request->state != RB_STATE_DRAFT && request->state != RB_STATE_PENDING;
}

/* Each reads their own language, also when it was read long ago. */
static bool need_readers(rb_task *task, const slot *item)
{
    bool is_ready = true;
    for (uint32_t i = 0; i < item->n_told_over; i++) {
        const rb_chat_result *person = NULL;
        is_ready = engine_need_person(task, item->asked[i].user, &person) && is_ready;
    }
    return is_ready;
}

static rb_words words_of(rb_task *task, const char *user)
{
    const rb_chat_result *person = NULL;
    bool is_read = engine_need_person(task, user, &person) && person->outcome == RB_CHAT_OK;
    return rb_task_words_for(task, is_read ? person->person.locale : "");
}

/* Edits ping nobody: an unread message is simply never a question. */
static rb_progress run_decided(rb_task *task)
{
    const rb_request *request = NULL;
    if (!rb_need_request(task, task->subject, &request)) {
        return RB_WAIT;
    }
    slot *item = engine_slot(task->engine, task->subject);
    if (!request || !item || !is_decided(request)) {
        return RB_FINISHED;
    }
    if (!need_readers(task, item)) {
        return RB_WAIT;
    }
    for (uint32_t i = 0; i < item->n_told_over; i++) {
        const asking *asked = &item->asked[i];
        rb_words words = words_of(task, asked->user);
        rb_message *message = rb_task_message(task);
        rb_word_decided(&words, request, message);
        uint32_t before = task->change->n_out_put;
        rb_task_direct(task, asked->user, request->id, RB_NOTE_ASKED, message);
        if (task->change->n_out_put > before) {
            rb_copy_fit(task->outs[before]->channel, sizeof task->outs[before]->channel, asked->channel);
            rb_copy_fit(task->outs[before]->ts, sizeof task->outs[before]->ts, asked->ts);
        }
    }
    return RB_FINISHED;
}

/* Whether it could be saved or not: an edit that is lost leaves a message whose link leads to what is true. */
static void decided_over(rb_task *task)
{
    slot *item = engine_slot(task->engine, task->subject);
    if (!item) {
        return;
    }
    item->n_asked -= item->n_told_over;
    memmove(item->asked, item->asked + item->n_told_over, item->n_asked * sizeof *item->asked);
    item->n_told_over = 0;
    engine_tell_decided(task->engine, item); /* those that arrived meanwhile */
}

/* ---- who looked privately ------------------------------------------------------------------------------------------------ */

void rb_task_shows_card(rb_task *task, const rb_request *request)
{
    slot *item = engine_slot(task->engine, request->id);
    const rb_delivery *delivery = task->delivery;
    if (!item) {
        return;
    }
    uint32_t at = 0;
    while (at < item->n_lookers && strcmp(item->lookers[at].user, delivery->who.user) != 0) {
        at++;
    }
    if (at == LOOKING_MAX) { /* the oldest one goes */
        memmove(item->lookers, item->lookers + 1, (LOOKING_MAX - 1) * sizeof *item->lookers);
        at--;
    }
    item->n_lookers = at < item->n_lookers ? item->n_lookers : at + 1;
    looking *looker = &item->lookers[at];
    looker->at_boot_ms = engine_now(task->engine).boot_ms;
    rb_copy_fit(looker->user, sizeof looker->user, delivery->who.user);
    rb_copy_fit(looker->channel, sizeof looker->channel, delivery->channel);
    rb_copy_fit(looker->response_url, sizeof looker->response_url, delivery->response_url);
}

/* Whoever decided knows; and a message is added only where theirs stands, while that may be. */
static bool is_told(const rb_task *task, const rb_request *request, const looking *looker)
{
    int64_t age_ms = engine_now(task->engine).boot_ms - looker->at_boot_ms;
    bool is_theirs = strcmp(request->closer.person.user, looker->user) == 0;
    for (uint32_t i = 0; i < request->n_approvals; i++) {
        is_theirs = is_theirs || strcmp(request->approvals[i].person.user, looker->user) == 0;
    }
    return !is_theirs && looker->response_url[0] && age_ms < RB_RESPONSE_URL_LIFE_MS;
}

static void tell_looker(rb_task *task, const rb_request *request, const looking *looker)
{
    rb_words words = words_of(task, looker->user);
    rb_message *message = rb_task_message(task);
    rb_word_decided(&words, request, message);
    rb_out *out = engine_out_new(task->engine, RB_OUT_ANSWER, "");
    rb_copy_fit(out->channel, sizeof out->channel, looker->channel);
    rb_copy_fit(out->user, sizeof out->user, looker->user);
    rb_copy_fit(out->response_url, sizeof out->response_url, looker->response_url);
    if (engine_render(task->engine, message, out)) {
        engine_task_add_out_take(task, out);
    } else {
        rb_out_free(out);
    }
}

static rb_progress run_looked(rb_task *task)
{
    const rb_request *request = NULL;
    bool is_ready = rb_need_request(task, task->subject, &request);
    slot *item = engine_slot(task->engine, task->subject);
    for (uint32_t i = 0; item && i < item->n_lookers; i++) {
        const rb_chat_result *person = NULL;
        is_ready = engine_need_person(task, item->lookers[i].user, &person) && is_ready;
    }
    if (!is_ready) {
        return RB_WAIT;
    }
    for (uint32_t i = 0; request && item && i < item->n_lookers; i++) {
        if (is_told(task, request, &item->lookers[i])) {
            tell_looker(task, request, &item->lookers[i]);
        }
    }
    return RB_FINISHED;
}

/* Saved or not: a button that is pressed later answers too. */
static void looked_over(rb_task *task)
{
    slot *item = engine_slot(task->engine, task->subject);
    if (item) {
        item->n_lookers = 0;
        item->is_telling_lookers = false;
    }
}

static void tell_lookers(rb_engine *engine, slot *item)
{
    if (item->n_lookers == 0 || item->is_telling_lookers) {
        return;
    }
    item->is_telling_lookers = true;
    rb_task *task = engine_own_task(engine, "looked", run_looked, item->request.id);
    task->on_end = looked_over;
    engine_task_run(task);
}

/* ---- both ------------------------------------------------------------------------------------------------------------------ */

void engine_tell_decided(rb_engine *engine, slot *item)
{
    char id[RB_REQUEST_ID_CAP];
    if (!is_decided(&item->request)) {
        return;
    }
    rb_copy_fit(id, sizeof id, item->request.id);
    tell_lookers(engine, item);
    item = engine_slot(engine, id);
    if (!item || item->n_asked == 0 || item->n_told_over > 0) {
        return;
    }
    item->n_told_over = item->n_asked;
    rb_task *task = engine_own_task(engine, "decided", run_decided, id);
    task->on_end = decided_over;
    engine_task_run(task);
}

void engine_asked(rb_engine *engine, const rb_out *out, const rb_chat_result *result)
{
    slot *item = engine_slot(engine, out->request);
    bool is_known = out->is_asking && item && result->channel[0] && result->ts[0];
    if (!is_known) {
        return;
    }
    if (item->n_asked == ASKING_MAX) { /* its link leads to what is true */
        rb_log(RB_LOG_WARN, "event=asked_not_followed request=%s user=%s limit=%d", out->request, out->user,
               ASKING_MAX);
        return;
    }
    asking *asked = &item->asked[item->n_asked++];
    rb_copy_fit(asked->user, sizeof asked->user, out->user);
    rb_copy_fit(asked->channel, sizeof asked->channel, result->channel);
    rb_copy_fit(asked->ts, sizeof asked->ts, result->ts);
    engine_tell_decided(engine, item); /* decided while it was on its way */
}
