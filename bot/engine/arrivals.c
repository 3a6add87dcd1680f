/* Deliveries: save, then ack; what cannot be saved in time is told to its sender, and can never act (R1). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"

#define NOT_DONE RB_T("Nothing was done: I could not save your request in time. Please do it again.")
#define NOT_SAVED                                                                                                      \
    RB_T("Nothing was done: I could not save your request. Please do it again; if it stays so, tell an "               \
         "administrator.")
#define STOPPING RB_T("Nothing was done: I am restarting. Please do it again in a minute.")
#define TOO_BUSY RB_T("Nothing was done: I am handling too many requests at once. Please do it again in a minute.")

static void free_arriving(arriving *item)
{
    item->engine->n_arriving--;
    free(item->delivery);
    free(item);
}

/* In its sender's language, as far as it is known: nothing can be asked any more. */
static const char *said_to(const rb_engine *engine, const rb_delivery *delivery, const char *english)
{
    rb_words words = engine_words_of(engine, delivery->who.user);
    return rb_word_text(&words, english);
}

static void ack_text(rb_engine *engine, const rb_delivery *delivery, const char *english)
{
    const char *text = said_to(engine, delivery, english);
    rb_ack ack = {.kind = RB_ACK_PLAIN};
    if (delivery->kind == RB_DELIVERY_COMMAND) {
        ack = (rb_ack){.kind = RB_ACK_TEXT, .text = text};
    } else if (delivery->kind == RB_DELIVERY_FORM && delivery->n_fields) {
        ack = (rb_ack){.kind = RB_ACK_FORM_ERROR, .text = text, .field = delivery->fields[0].name};
    }
    engine->config.chat.ack(engine->config.chat.self, delivery, &ack);
}

static void ignore_result(rb_engine *engine, void *context, const rb_chat_result *result)
{
    (void)engine;
    (void)context;
    (void)result;
}

/* A click or shortcut cannot be told in its ack: by its response_url, or directly where there is none (in a form, in the Home
 * tab), without the outbox (nothing was saved). */
static void tell_clicker(rb_engine *engine, const rb_delivery *delivery, const char *english)
{
    if (delivery->kind != RB_DELIVERY_CLICK && delivery->kind != RB_DELIVERY_SHORTCUT) {
        return;
    }
    rb_buf payload;
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_message_init(engine->message);
    rb_message_say(engine->message, said_to(engine, delivery, english));
    if (engine->config.chat.render(engine->config.chat.self, engine->message, &payload) == RB_OK) {
        rb_chat_call call = {.kind = RB_CHAT_DIRECT, .user = delivery->who.user, .payload = rb_buf_str(&payload)};
        if (delivery->response_url[0]) {
            call =
                (rb_chat_call){.kind = RB_CHAT_RESPOND, .url = delivery->response_url, .payload = rb_buf_str(&payload)};
        }
        engine_call_chat(engine, &call, ignore_result, NULL);
    }
    rb_buf_fini(&payload);
}

void engine_start_delivery_take(rb_engine *engine, rb_delivery *delivery)
{
    static rb_progress (*const runs[])(rb_task * task) = {[RB_DELIVERY_COMMAND] = engine_run_command,
                                                          [RB_DELIVERY_CLICK] = engine_run_click,
                                                          [RB_DELIVERY_FORM] = engine_run_form,
                                                          [RB_DELIVERY_SHORTCUT] = engine_run_shortcut};
    rb_task *task = engine_task_new(engine, "delivery", runs[delivery->kind]);
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
    engine_record_sentence(engine, change, "abandoned", "", &item->delivery->who, item->delivery->user_name,
                           RB_T("could not be saved in time; the person was told that nothing was done"));
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
        return engine_is_look_up(delivery);
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
    engine->n_arriving++;
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
    if (delivery->kind == RB_DELIVERY_HOME) {
        engine->config.chat.ack(engine->config.chat.self, delivery, &(rb_ack){.kind = RB_ACK_PLAIN});
        engine_home_opened(engine, delivery);
        engine_wake(engine);
        return;
    }
    if (engine->is_stopping || engine->n_tasks + engine->n_arriving >= RB_TASKS_MAX) {
        const char *text = engine->is_stopping ? STOPPING : TOO_BUSY;
        ack_text(engine, delivery, text);
        tell_clicker(engine, delivery, text);
        return;
    }
    outbox_chat_is_there(engine);
    const char *fault = delivery->kind == RB_DELIVERY_FORM ? engine_form_fault(delivery, &field) : NULL;
    if (fault) {
        rb_ack ack = {.kind = RB_ACK_FORM_ERROR, .text = said_to(engine, delivery, fault), .field = field};
        engine->config.chat.ack(engine->config.chat.self, delivery, &ack);
        return;
    }
    save(engine, delivery);
    engine_wake(engine);
}

int64_t engine_arrivals_due(rb_engine *engine, rb_now now)
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

void engine_arrivals_fini(rb_engine *engine)
{
    while (engine->arriving) {
        arriving *next = engine->arriving->next;
        free_arriving(engine->arriving);
        engine->arriving = next;
    }
}
