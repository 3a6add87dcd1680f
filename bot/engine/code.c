/* The temporary passcode: a form at once, the showing saved, then the code, then blank (S6). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"
#include "resetbot/text.h"

#define BLANK_TRIES_MAX 10
#define FORM_KEY "open" /* of the fact that the form is open */

/* Said in the form of who had it. */
static const char *const TAKEN_OVER =
    RB_T("Somebody else has just taken this request over: its code is shown to them alone.");

/* ---- the code --------------------------------------------------------------------------------------------------------------------- */

static rb_progress form_says_gone(rb_task *task, const rb_request *request, const char *view, const char *why)
{
    rb_words words = rb_task_words(task);
    rb_buf payload;
    const rb_chat_result *updated = NULL;
    rb_message *message = rb_task_message(task);
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_word_code_gone(&words, request, why, message);
    rb_err err = task->engine->config.chat.render(task->engine->config.chat.self, message, &payload);
    rb_chat_call call = {.kind = RB_CHAT_FORM_UPDATE, .view_id = view, .payload = rb_buf_str(&payload)};
    bool is_ready = err != RB_OK || rb_need_chat(task, why, &call, &updated);
    rb_buf_fini(&payload);
    return is_ready ? RB_FINISHED : RB_WAIT;
}

/* The code goes from Graph's reply to the form, and nowhere else; every buffer on the way is wiped (S6). */
static bool need_code_shown(rb_task *task, const rb_request *request, const char *view, rb_secret *code,
                            const rb_chat_result **out_updated)
{
    rb_words words = rb_task_words(task);
    rb_buf payload;
    rb_message *message = rb_task_message(task);
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_chat_call call = {.kind = RB_CHAT_FORM_UPDATE, .view_id = view, .is_secret = true};
    if (code) {
        rb_word_code(&words, request, rb_secret_reveal(code), message);
        if (task->engine->config.chat.render(task->engine->config.chat.self, message, &payload) == RB_OK) {
            call.payload = rb_buf_str(&payload);
        }
    }
    bool is_ready = rb_need_chat(task, "show", &call, out_updated);
    rb_buf_wipe(&payload);
    rb_wipe(message, sizeof *message);
    rb_message_init(message);
    return is_ready;
}

/* It is on a screen, or may be: blanked later whatever Slack said. */
static rb_progress shown(rb_task *task, const rb_request *request, const char *view, const rb_chat_result *updated)
{
    engine_blank_later(task->engine, request, view, &task->delivery->who);
    if (updated->outcome != RB_CHAT_OK) {
        rb_log(RB_LOG_WARN, "event=code_not_shown request=%s error=%s", request->id, updated->error);
        rb_task_record(task, "code_not_shown", request->id, updated->error);
        rb_task_say_next(
            task,
            "The code of {id} may not have reached the form: it was closed, or Slack did not take it. Press Show "
            "again; this showing counted.",
            (rb_arg[]){{"id", request->id}, {NULL, NULL}}, "status", request->id);
    }
    return RB_FINISHED;
}

/* The form in which it will be shown, opened once. */
static bool need_form(rb_task *task, const rb_request *request, const rb_chat_result **out_opened)
{
    rb_words words = rb_task_words(task);
    rb_buf payload;
    *out_opened = NULL;
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_word_code_fetching(&words, request, rb_task_message(task));
    rb_err err = task->engine->config.chat.render(task->engine->config.chat.self, task->engine->message, &payload);
    rb_chat_call open = {
        .kind = RB_CHAT_FORM_OPEN, .trigger_id = task->delivery->trigger_id, .payload = rb_buf_str(&payload)};
    bool is_ready = err == RB_OK && rb_need_chat(task, FORM_KEY, &open, out_opened);
    rb_buf_fini(&payload);
    return is_ready;
}

rb_progress engine_show_taken(rb_task *task, const rb_request *request)
{
    const rb_chat_result *opened = NULL;
    if (!engine_has_fact(task, FORM_KEY)) {
        return engine_taken_since(task, request);
    }
    if (!need_form(task, request, &opened)) {
        return RB_WAIT;
    }
    rb_task_record(task, "refused", request->id, RB_T("somebody else has taken it over since"));
    return opened->outcome == RB_CHAT_OK ? form_says_gone(task, request, opened->view_id, TAKEN_OVER)
                                         : engine_taken_since(task, request);
}

/* Stage 0: a form at once; stage 1: the showing is on disk (bounded, recorded); then the code is read and shown. */
rb_progress engine_show(rb_task *task, const rb_request *request)
{
    const rb_chat_result *opened = NULL;
    const rb_chat_result *updated = NULL;
    rb_device_result *read = NULL;
    if (!need_form(task, request, &opened)) {
        return RB_WAIT;
    }
    if (opened->outcome != RB_CHAT_OK) {
        rb_task_say_next(
            task, "The form could not be opened in time. Press Show again; this did not count. Nothing was done.",
            (rb_arg[]){{NULL, NULL}}, "status", request->id);
        return RB_FINISHED;
    }
    if (task->stage == 0) {
        rb_actor presser;
        if (!rb_need_actor(task, &task->delivery->who, &presser)) {
            return RB_WAIT;
        }
        rb_event event = {.kind = RB_EV_SHOW, .actor = &presser};
        if (rb_task_step(task, request, &event) == RB_STEP_APPLIED) {
            return RB_COMMIT;
        }
        rb_task_record(task, "refused", request->id, RB_T("no more showings of the code"));
        return form_says_gone(
            task, request, opened->view_id,
            RB_T("The code can no longer be shown here: it is shown at most 4 times, within 30 minutes of "
                 "the first time, in the 7 days after the reset. An administrator can read it in the "
                 "Intune portal for 7 days; or ask for another reset."));
    }
    rb_device_call call = {.kind = RB_DEVICE_CODE, .id = request->device.id, .key = &request->ours};
    if (!rb_need_device(task, "code", &call, &read)) {
        return RB_WAIT;
    }
    if (task->stage == 1 && (read->outcome != RB_DEVICE_OK || !read->code) && !task->is_code_shown) {
        return form_says_gone(
            task, request, opened->view_id,
            RB_T("Intune does not give the code just now. Close this and press Show again in a minute; an "
                 "administrator can also read it in the Intune portal."));
    }
    if (!need_code_shown(task, request, opened->view_id, read->code, &updated)) {
        task->is_code_shown = true;
        rb_secret_free(read->code);
        read->code = NULL;
        return RB_WAIT;
    }
    return shown(task, request, opened->view_id, updated);
}

/* ---- blanking ------------------------------------------------------------------------------------------------------------ */

static void blank_if_taken(rb_engine *engine, blank *item, const rb_request *request)
{
    if (!item->is_taken && !rb_person_equal(&item->reader, &request->requester.person)) {
        item->is_taken = true;
        item->at_boot_ms = engine_now(engine).boot_ms;
    }
}

void engine_blank_taken(rb_engine *engine, const rb_request *request)
{
    for (blank *item = engine->blanks; item; item = item->next) {
        if (strcmp(item->request, request->id) == 0) {
            blank_if_taken(engine, item, request);
        }
    }
}

void engine_blank_later(rb_engine *engine, const rb_request *request, const char *view, const rb_person *reader)
{
    blank *item = calloc(1, sizeof *item);
    assert(item && "out of memory for a form");
    rb_copy_fit(item->request, sizeof item->request, request->id);
    rb_copy_fit(item->view, sizeof item->view, view);
    item->reader = *reader;
    item->at_boot_ms = engine->is_stopping ? 0 : engine_now(engine).boot_ms + RB_FORM_BLANK_MS;
    blank_if_taken(engine, item, request);
    item->next = engine->blanks;
    engine->blanks = item;
}

static void forget(rb_engine *engine, blank *gone)
{
    for (blank **link = &engine->blanks; *link; link = &(*link)->next) {
        if (*link == gone) {
            *link = gone->next;
            free(gone);
            return;
        }
    }
}

static void blanked(rb_engine *engine, void *context, const rb_chat_result *result)
{
    blank *item = context;
    bool is_over = result->outcome == RB_CHAT_OK || result->outcome == RB_CHAT_REFUSED; /* REFUSED: closed already */
    item->is_under_way = false;
    item->at_boot_ms =
        engine_now(engine).boot_ms + (result->retry_after_ms > 0 ? result->retry_after_ms : RB_SECOND_MS);
    if (!is_over && ++item->tries < BLANK_TRIES_MAX) {
        return;
    }
    if (!is_over) {
        rb_log(RB_LOG_WARN, "event=form_not_blanked request=%s error=%s", item->request, result->error);
    }
    forget(engine, item);
}

static bool blank_now(rb_engine *engine, blank *item)
{
    slot *target = engine_slot(engine, item->request);
    if (!target) {
        return false;
    }
    rb_words words = engine_words_of(engine, item->reader.user);
    rb_buf payload;
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_message_init(engine->message);
    rb_word_code_gone(&words, &target->request,
                      item->is_taken
                          ? TAKEN_OVER
                          : RB_T("Five minutes are over: the code is no longer shown here. Show opens it again, as "
                                 "long as showings are left."),
                      engine->message);
    item->is_under_way = engine->config.chat.render(engine->config.chat.self, engine->message, &payload) == RB_OK;
    if (item->is_under_way) {
        rb_chat_call call = {.kind = RB_CHAT_FORM_UPDATE, .view_id = item->view, .payload = rb_buf_str(&payload)};
        engine_call_chat(engine, &call, blanked, item);
    }
    rb_buf_fini(&payload);
    return item->is_under_way;
}

int64_t engine_blanks_due(rb_engine *engine, rb_now now)
{
    int64_t due = INT64_MAX;
    for (blank *item = engine->blanks; item;) {
        blank *next = item->next;
        bool is_due = !item->is_under_way && item->at_boot_ms <= now.boot_ms;
        if (is_due && !blank_now(engine, item)) {
            forget(engine, item);
        } else if (!item->is_under_way && item->at_boot_ms < due) {
            due = item->at_boot_ms;
        }
        item = next;
    }
    return due;
}

bool engine_is_code_in_view(const rb_engine *engine)
{
    for (const rb_task *task = engine->tasks; task; task = task->next) {
        if (task->is_code_shown && !task->is_ended) {
            return true;
        }
    }
    return engine->blanks != NULL;
}

bool engine_has_blank(const rb_engine *engine, const char *request)
{
    for (const blank *item = engine->blanks; item; item = item->next) {
        if (strcmp(item->request, request) == 0) {
            return true;
        }
    }
    return false;
}
