/* What a task puts into its change: messages, records, steps, new requests. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"
#include "resetbot/text.h"

/* Crockford base 32: no I, L, O, U (design 4: sayable on the phone). */
static const char ID_ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

rb_message *rb_task_message(rb_task *task)
{
    rb_message_init(task->engine->message);
    return task->engine->message;
}

rb_out *engine_out_new(rb_engine *engine, rb_out_kind kind, const char *request)
{
    rb_out *out = calloc(1, sizeof *out);
    assert(out && "out of memory for a message");
    out->kind = kind;
    out->id = ++engine->last_out_id;
    out->created_utc_ms = engine_now(engine).utc_ms;
    rb_copy_fit(out->request, sizeof out->request, request);
    return out;
}

bool engine_render(rb_engine *engine, const rb_message *message, rb_out *out)
{
    rb_buf payload;
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_err err = engine->config.chat.render(engine->config.chat.self, message, &payload);
    if (err == RB_OK) {
        err = rb_buf_take(&payload, &out->payload);
    }
    rb_buf_fini(&payload);
    if (err != RB_OK) {
        rb_log(RB_LOG_ERROR, "event=message_not_rendered request=%s kind=%d error=%s", out->request, (int)out->kind,
               rb_err_name(err));
    }
    return err == RB_OK;
}

void engine_task_add_out_take(rb_task *task, rb_out *out)
{
    rb_change *change = task->change;
    assert(change->n_out_put < RB_CHANGE_OUT_MAX);
    task->outs[change->n_out_put] = out;
    change->out_put[change->n_out_put++] = out;
}

/* R1: who was acknowledged gets an answer, also when the one that was meant cannot be said in a message. */
static bool render_answer(rb_task *task, const rb_message *message, rb_out *out)
{
    if (engine_render(task->engine, message, out)) {
        return true;
    }
    rb_words words = rb_task_words(task);
    rb_message *instead = rb_task_message(task);
    rb_word_say(
        &words, instead,
        "My answer does not fit into one message. Ask for less: one request, or one device by its serial number. "
        "Tell an administrator, please.",
        (rb_arg[]){{NULL, NULL}});
    rb_word_next(&words, instead, "list");
    return engine_render(task->engine, instead, out);
}

static void add_rendered(rb_task *task, const rb_message *message, rb_out *out)
{
    if (engine_render(task->engine, message, out)) {
        engine_task_add_out_take(task, out);
    } else {
        rb_out_free(out);
    }
}

void rb_task_answer(rb_task *task, const rb_message *message, bool replaces)
{
    const rb_delivery *delivery = task->delivery;
    assert(delivery);
    if (task->is_noting) {
        rb_message_append(task->note, message);
        return;
    }
    rb_out *out = engine_out_new(task->engine, RB_OUT_ANSWER, "");
    rb_copy_fit(out->channel, sizeof out->channel, delivery->channel);
    rb_copy_fit(out->user, sizeof out->user, delivery->who.user);
    rb_copy_fit(out->response_url, sizeof out->response_url, delivery->response_url);
    out->is_replacing = replaces && (delivery->is_private_message || task->is_own_list);
    if (render_answer(task, message, out)) {
        engine_task_add_out_take(task, out);
    } else {
        rb_out_free(out);
    }
}

void rb_task_say_next(rb_task *task, const char *english, const rb_arg *args, const char *verb, const char *what)
{
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_say(&words, message, english, args);
    rb_word_next_filled(&words, message, verb, what);
    rb_task_answer(task, message, false);
}

void rb_task_direct(rb_task *task, const char *user, const char *request, rb_note note, const rb_message *message)
{
    rb_out *out = engine_out_new(task->engine, RB_OUT_DIRECT, request);
    out->note = note;
    rb_copy_fit(out->user, sizeof out->user, user);
    add_rendered(task, message, out);
}

#define ADMINS_TOLD 4

bool engine_need_admins(rb_task *task)
{
    const rb_policy_role *admins = &task->engine->policy->roles[RB_ROLE_ADMIN];
    bool is_ready = true;
    for (size_t i = 0; i < admins->n_users && i < ADMINS_TOLD; i++) {
        const rb_chat_result *person = NULL;
        is_ready = engine_need_person(task, admins->users[i], &person) && is_ready;
    }
    return is_ready;
}

void engine_tell_admins(rb_task *task, const char *request, const char *english, const rb_arg *args, const char *fault)
{
    const rb_policy_role *admins = &task->engine->policy->roles[RB_ROLE_ADMIN];
    for (size_t i = 0; i < admins->n_users && i < ADMINS_TOLD; i++) {
        rb_words words = engine_words_of(task->engine, admins->users[i]);
        rb_arg said[] = {{"fault", fault ? rb_word_text(&words, fault) : ""}, {NULL, NULL}};
        rb_message *message = rb_task_message(task);
        rb_word_say(&words, message, english, fault ? said : args);
        rb_task_direct(task, admins->users[i], request, RB_NOTE_ASKED, message);
    }
}

void engine_record(rb_engine *engine, rb_change *change, const char *kind, const char *request, const rb_person *who,
                   const char *who_name, const char *text)
{
    assert(change->n_records < RB_CHANGE_RECORDS_MAX);
    rb_record *record = &change->records[change->n_records++];
    record->at_utc_ms = engine_now(engine).utc_ms;
    rb_copy_fit(record->kind, sizeof record->kind, kind);
    rb_copy_fit(record->request, sizeof record->request, request ? request : "");
    if (who) {
        record->who = *who;
    }
    rb_text_clip(record->who_name, sizeof record->who_name, rb_str_of(who_name));
    rb_text_clip(record->text, sizeof record->text, rb_str_of(text));
}

void engine_record_sentence(rb_engine *engine, rb_change *change, const char *kind, const char *request,
                            const rb_person *who, const char *who_name, const char *english)
{
    rb_words words = engine_words(engine, "");
    rb_buf said;
    rb_buf_init(&said, RB_RECORD_TEXT_CAP - 1);
    rb_word_stored(&words, english, &said);
    engine_record(engine, change, kind, request, who, who_name, rb_buf_cstr(&said));
    rb_buf_fini(&said);
}

void rb_task_record(rb_task *task, const char *kind, const char *request, const char *english)
{
    const rb_delivery *delivery = task->delivery;
    engine_record_sentence(task->engine, task->change, kind, request, delivery ? &delivery->who : NULL,
                           delivery ? delivery->user_name : "", english);
}

const char *engine_why_not(rb_denial denial)
{
    rb_words english = {.catalogue = rb_catalogue_english()};
    return rb_word_denial_short(&english, denial);
}

void rb_task_refuse(rb_task *task, rb_denial denial, const rb_device *device, const rb_support *support,
                    const rb_request *request)
{
    char names[RB_DETAIL_CAP] = "";
    rb_role role = RB_ROLE_ADMIN;
    if (rb_word_helpers_of(denial, &role) && !rb_need_names(task, role, names)) {
        task->is_waiting_for_names = true;
        return;
    }
    rb_words words = rb_task_words(task);
    words.helpers = names;
    rb_message *message = rb_task_message(task);
    rb_word_denial(&words, denial, device, support, request, message);
    rb_task_answer(task, message, false);
    char text[RB_RECORD_TEXT_CAP];
    const char *why = engine_why_not(denial);
    if (device) {
        snprintf(text, sizeof text, "%s (%s)", why, device->id);
    }
    rb_task_record(task, "refused", request ? request->id : "", device ? text : why);
}

void engine_answer_step(rb_task *task, rb_step_result result, const rb_request *request)
{
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_step(&words, result, request, message);
    rb_task_answer(task, message, false);
    if (result != RB_STEP_APPLIED) {
        char text[RB_DETAIL_CAP];
        snprintf(text, sizeof text, RB_T("pressed too late or twice") " (%s)", rb_state_name(request->state));
        rb_task_record(task, "click_without_effect", request->id, text);
    }
}

rb_step_result rb_task_step(rb_task *task, const rb_request *request, rb_event *event)
{
    assert(!task->has_next && "one step a change");
    rb_effects effects;
    event->now = engine_now(task->engine);
    event->boot = task->engine->config.boot;
    task->next_request = *request;
    rb_step_result result = rb_request_step(&task->next_request, event, &effects);
    if (result == RB_STEP_APPLIED) {
        task->next_request.version = request->version + 1;
        task->has_next = true;
        task->change->request = &task->next_request;
        effects_apply(task, &task->next_request, &effects, event->actor);
    }
    return result;
}

static void new_id(rb_task *task, char out_id[RB_REQUEST_ID_CAP])
{
    /* four characters first; longer ones when those are taken */
    size_t len = 4 + task->id_tries / 4;
    size_t n = 0;
    out_id[n++] = 'R';
    out_id[n++] = '-';
    for (size_t i = 0; i < len; i++) {
        out_id[n++] = ID_ALPHABET[rb_random_below(&task->engine->config.random, sizeof ID_ALPHABET - 1)];
    }
    out_id[n] = '\0';
}

rb_request *rb_task_new_request(rb_task *task)
{
    rb_now now = engine_now(task->engine);
    task->next_request = (rb_request){.version = 1, .state = RB_STATE_DRAFT};
    rb_request *request = &task->next_request;
    do {
        new_id(task, request->id);
    } while (engine_slot(task->engine, request->id) && task->id_tries++ < 20);
    request->created_utc_ms = now.utc_ms;
    request->state_utc_ms = now.utc_ms;
    request->deadline =
        (rb_instant){now.utc_ms + RB_DRAFT_LIFE_MS, now.boot_ms + RB_DRAFT_LIFE_MS, task->engine->config.boot};
    task->has_next = true;
    task->is_draft_new = true;
    task->change->request = request;
    return request;
}

const rb_request *rb_task_next_request(const rb_task *task)
{
    return task->has_next ? &task->next_request : NULL;
}

void rb_task_bind(rb_task *task, rb_bind_kind kind, const rb_request *request, const char *person, const char *extra,
                  char out_value[RB_BOUND_CAP])
{
    rb_bound bound = {.kind = kind};
    int64_t now_s = engine_now(task->engine).utc_ms / RB_SECOND_MS;
    bool is_take = kind == RB_BIND_HAND_OVER || kind == RB_BIND_LET_TAKE || kind == RB_BIND_KEEP;
    if (request) {
        rb_copy_fit(bound.request, sizeof bound.request, request->id);
        bool has_deadline = request->state == RB_STATE_DRAFT || request->state == RB_STATE_PENDING;
        bound.expiry_utc_s =
            has_deadline ? request->deadline.utc_ms / RB_SECOND_MS : now_s + RB_WATCH_MS / RB_SECOND_MS;
    } else {
        bound.expiry_utc_s = now_s + RB_DRAFT_LIFE_MS / RB_SECOND_MS;
    }
    if (is_take) { /* its own: who was asked to give a request away is not asked for a week */
        bound.expiry_utc_s = now_s + RB_TAKE_LIFE_MS / RB_SECOND_MS;
    }
    rb_copy_fit(bound.person, sizeof bound.person, person);
    rb_copy_fit(bound.extra, sizeof bound.extra, extra ? extra : "");
    rb_bind(&task->engine->config.keys[0], &bound, request, out_value);
}
