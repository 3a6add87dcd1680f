/* What a step's effects become: records, and rows of the outbox, rendered as the request stands after the step. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/internal.h"
#include "resetbot/text.h"

/* ---- the record ---------------------------------------------------------------------------------------------------- */

static void fill(const rb_words *words, const char *english, const rb_arg *args, rb_buf *out)
{
    rb_text_fill(out, rb_word_text(words, english), args);
}

static void state_and_detail(const rb_words *words, const rb_request *request, rb_buf *out)
{
    fill(words, RB_T("state {state}"), (rb_arg[]){{"state", rb_state_name(request->state)}, {NULL, NULL}}, out);
    if (request->detail[0]) {
        rb_buf_adds(out, ": ");
        rb_word_stored(words, request->detail, out);
    }
}

static void what_else(const rb_words *words, const rb_request *request, rb_note note, rb_buf *out)
{
    char n[RB_WORD_CAP];
    char max[RB_WORD_CAP];
    snprintf(n, sizeof n, "%u", (unsigned)(note == RB_NOTE_SENT ? request->n_attempts : request->n_shown));
    snprintf(max, sizeof max, "%d", RB_SHOWINGS_MAX);
    const char *sent_as = request->n_attempts ? request->attempts[request->n_attempts - 1].client_request_id : "";
    rb_arg args[] = {{"reason", request->closer_reason}, {"n", n}, {"max", max}, {"id", sent_as}, {NULL, NULL}};
    if (note == RB_NOTE_DENIED) {
        fill(words, RB_T("; reason: {reason}"), args, out);
    }
    if (note == RB_NOTE_SHOWN) {
        fill(words, RB_T("; showing {n} of {max}"), args, out);
    }
    if (note == RB_NOTE_TAKEN) {
        rb_buf_adds(out, "; ");
        rb_word_taken(words, request, out);
    }
    if (note == RB_NOTE_SENT) {
        fill(words, RB_T("; attempt {n}, client-request-id {id}"), args, out);
    }
}

static void record_note(rb_task *task, const rb_request *request, rb_note note, const rb_actor *actor)
{
    rb_words words = rb_task_record_words(task);
    rb_buf text;
    rb_buf_init(&text, RB_RECORD_TEXT_CAP - 1);
    if (note == RB_NOTE_ASKED) {
        rb_word_facts(&words, request, &text);
    } else {
        state_and_detail(&words, request, &text);
        what_else(&words, request, note, &text);
    }
    const rb_delivery *delivery = task->delivery;
    engine_record(task->engine, task->change, rb_note_name(note), request->id,
                  actor      ? &actor->person
                  : delivery ? &delivery->who
                             : NULL,
                  actor ? actor->name : "", rb_buf_cstr(&text));
    rb_buf_fini(&text);
}

/* ---- the channel ------------------------------------------------------------------------------------------------------ */

static void add_card(rb_task *task, const rb_request *request)
{
    rb_engine *engine = task->engine;
    rb_words words = rb_task_record_words(task);
    char approve[RB_BOUND_CAP];
    char deny[RB_BOUND_CAP];
    rb_card_buttons buttons = {0};
    if (request->state == RB_STATE_PENDING) {
        rb_task_bind(task, RB_BIND_APPROVE, request, "", NULL, approve);
        rb_task_bind(task, RB_BIND_DENY, request, "", NULL, deny);
        buttons.approve = approve;
        buttons.deny = deny;
    }
    rb_out *out = engine_out_new(engine, RB_OUT_CARD, request->id);
    rb_copy_fit(out->channel, sizeof out->channel,
                request->card_channel[0] ? request->card_channel : engine->policy->request_channel);
    outbox_reserve_card(engine, out);
    bool is_pinging = request->state == RB_STATE_PENDING && !request->card_ts[0];
    rb_message *message = rb_task_message(task);
    rb_word_card(&words, request, &buttons, is_pinging, message);
    rb_copy_fit(message->marker_request, sizeof message->marker_request, request->id);
    message->marker_seq = 0;
    if (engine_render(engine, message, out)) {
        engine_task_add_out_take(task, out);
    } else {
        outbox_release_card(engine, out);
        rb_out_free(out);
    }
}

static void add_line(rb_task *task, const rb_request *request, rb_note note)
{
    rb_words words = rb_task_record_words(task);
    rb_out *out = engine_out_new(task->engine, RB_OUT_LINE, request->id);
    out->seq = request->n_lines;
    out->note = note;
    rb_copy_fit(out->channel, sizeof out->channel,
                request->card_channel[0] ? request->card_channel : task->engine->policy->request_channel);
    rb_message *message = rb_task_message(task);
    rb_word_line(&words, request, note, message);
    rb_copy_fit(message->marker_request, sizeof message->marker_request, request->id);
    message->marker_seq = request->n_lines;
    if (engine_render(task->engine, message, out)) {
        engine_task_add_out_take(task, out);
    } else {
        rb_out_free(out);
    }
}

/* ---- people -------------------------------------------------------------------------------------------------------------- */

static void tell_requester(rb_task *task, const rb_request *request, rb_note note)
{
    rb_words words = rb_task_words_for(task, request->requester.locale);
    rb_words owner_words = rb_task_words_for(task, request->owner_locale);
    const char *user = request->requester.person.user;
    char show[RB_BOUND_CAP];
    char again[RB_BOUND_CAP];
    rb_card_buttons buttons = {0};
    bool is_code_there = request->has_code && (request->state == RB_STATE_DONE || request->is_found_later);
    if (is_code_there) {
        rb_task_bind(task, RB_BIND_SHOW, request, user, NULL, show);
        buttons.show = show;
    }
    if (request->state == RB_STATE_EXPIRED || request->state == RB_STATE_LAPSED) {
        rb_task_bind(task, RB_BIND_AGAIN, request, user, NULL, again);
        buttons.again = again;
    }
    rb_message *message = rb_task_message(task);
    rb_word_tell_requester(&words, &owner_words, request, note, &buttons, message);
    rb_task_direct(task, user, request->id, note, message);
}

static void tell_past(rb_task *task, const rb_request *request, rb_note note)
{
    const rb_decision *past = rb_request_last_past(request);
    assert(past);
    rb_words words = engine_words_of(task->engine, past->person.user);
    rb_message *message = rb_task_message(task);
    rb_word_tell_past(&words, request, message);
    rb_task_direct(task, past->person.user, request->id, note, message);
}

static void tell_owner(rb_task *task, const rb_request *request, rb_note note)
{
    if (!request->owner_chat_user[0]) {
        return;
    }
    rb_words words = rb_task_words_for(task, request->owner_locale);
    rb_message *message = rb_task_message(task);
    rb_word_tell_owner(&words, request, note, message);
    uint32_t before = task->change->n_out_put;
    rb_task_direct(task, request->owner_chat_user, request->id, note, message);
    if (task->change->n_out_put > before) {
        task->outs[before]->is_owner = true;
    }
}

void effects_apply(rb_task *task, const rb_request *request, const rb_effects *effects, const rb_actor *actor)
{
    for (uint32_t i = 0; i < effects->n; i++) {
        rb_note note = effects->items[i].note;
        switch (effects->items[i].kind) {
        case RB_FX_RECORD: record_note(task, request, note, actor); break;
        case RB_FX_CARD: add_card(task, request); break;
        case RB_FX_LINE: add_line(task, request, note); break;
        case RB_FX_TELL_REQUESTER: tell_requester(task, request, note); break;
        case RB_FX_TELL_OWNER: tell_owner(task, request, note); break;
        case RB_FX_TELL_PAST: tell_past(task, request, note); break;
        case RB_FX_TELL_APPROVERS: /* needs facts: work.c */
        case RB_FX_POST: /* work.c, once the commit is back */ break;
        }
    }
}
