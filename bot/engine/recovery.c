/* At start: what was open goes on where it was; what was acknowledged but never consumed is told that nothing was done. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"

static rb_err load(rb_engine *engine, rb_query *query, rb_errbuf *errbuf)
{
    return engine->config.store.query(engine->config.store.self, query, errbuf);
}

static rb_err load_requests(rb_engine *engine, rb_errbuf *errbuf)
{
    rb_query query = {.kind = RB_QUERY_LIVE, .since_utc_ms = engine_now(engine).utc_ms - RB_WATCH_MS};
    rb_err err = load(engine, &query, errbuf);
    for (size_t i = 0; err == RB_OK && i < query.n_requests; i++) {
        engine_put(engine, &query.requests[i]);
    }
    rb_query_fini(&query);
    return err;
}

/* A message still on its way needs its request for the card's place. */
static rb_err load_request_of(rb_engine *engine, const rb_out *out, rb_errbuf *errbuf)
{
    if (!out->request[0] || engine_slot(engine, out->request)) {
        return RB_OK;
    }
    rb_query query = {.kind = RB_QUERY_REQUEST, .id = out->request};
    rb_err err = load(engine, &query, errbuf);
    if (err == RB_OK && query.n_requests) {
        engine_put(engine, &query.requests[0]);
    }
    rb_query_fini(&query);
    return err;
}

static rb_err load_outbox(rb_engine *engine, rb_errbuf *errbuf)
{
    rb_query query = {.kind = RB_QUERY_OUTBOX};
    rb_err err = load(engine, &query, errbuf);
    for (size_t i = 0; err == RB_OK && i < query.n_outs; i++) {
        rb_out *out = query.outs[i];
        err = load_request_of(engine, out, errbuf);
        engine->last_out_id = out->id > engine->last_out_id ? out->id : engine->last_out_id;
        outbox_load_take(engine, out);
        query.outs[i] = NULL;
    }
    rb_query_fini(&query);
    return err;
}

/* A wall clock before the last commit after a reboot: deadlines cannot be trusted, nothing is sent (design: Clocks). */
static rb_err check_clock(rb_engine *engine, rb_errbuf *errbuf)
{
    rb_query query = {.kind = RB_QUERY_LAST_UTC};
    rb_err err = load(engine, &query, errbuf);
    bool is_back = query.last_utc_ms > engine_now(engine).utc_ms + RB_CLOCK_JUMP_MS;
    if (err == RB_OK && is_back && !engine->config.is_clock_trusted) {
        engine->is_sending_barred = true;
        rb_log(
            RB_LOG_ERROR,
            "event=clock_went_back sending=barred fix=\"set the clock, or start with: resetbot run --clock-is-right\"");
    }
    rb_query_fini(&query);
    return err;
}

static void answer_restarted(rb_engine *engine, const rb_delivery *delivery)
{
    rb_out *out = engine_out_new(engine, RB_OUT_ANSWER, "");
    rb_change *change = engine_change_new();
    assert(change && "out of memory for a change");
    rb_copy_fit(out->channel, sizeof out->channel, delivery->channel);
    rb_copy_fit(out->user, sizeof out->user, delivery->who.user);
    rb_copy_fit(out->response_url, sizeof out->response_url, delivery->response_url);
    out->created_utc_ms = delivery->received_utc_ms;
    change->delivery_op = RB_DELIVERY_OP_ABANDON;
    change->delivery = delivery;
    rb_message_init(engine->message);
    rb_words words = engine_words_of(engine, delivery->who.user);
    rb_word_restarted(&words, delivery, engine->message);
    engine_record_sentence(engine, change, "abandoned", "", &delivery->who, delivery->user_name,
                           RB_T("restarted before it was finished; the person is told what to do"));
    if (engine_render(engine, engine->message, out)) {
        engine_commit_out_take(engine, change, out);
    } else {
        rb_out_free(out);
        free(change);
    }
}

static void run_again(rb_engine *engine, const rb_delivery *delivery)
{
    rb_delivery *copy = malloc(sizeof *copy);
    assert(copy && "out of memory for a delivery");
    *copy = *delivery;
    engine_start_delivery_take(engine, copy);
}

static void requests_go_on(rb_engine *engine)
{
    for (slot *item = engine->slots; item; item = item->next) {
        engine_start_event(engine, item->request.id, RB_EV_RESTARTED, "", "", RB_OWNER_NOBODY, 0);
        if (item->work == RB_WORK_RESULTS) { /* ask at once what became of it */
            item->work_boot_ms = engine_now(engine).boot_ms;
        }
    }
}

/* A policy file that was changed while the bot was stopped counts like one that is read again (design: MAC key). */
static void policy_may_have_changed(rb_engine *engine)
{
    for (slot *item = engine->slots; item; item = item->next) {
        const rb_request *request = &item->request;
        bool is_before_post = request->state == RB_STATE_PENDING || request->state == RB_STATE_APPROVED ||
                              request->state == RB_STATE_INTENT;
        if (is_before_post && strcmp(request->policy_version, engine->policy->version) != 0) {
            engine_start_policy_check(engine, request->id);
        }
    }
}

void engine_take_up(rb_engine *engine)
{
    policy_may_have_changed(engine);
    for (size_t i = 0; i < engine->left_over.n_deliveries; i++) {
        if (engine->left_over.are_read_only[i]) {
            run_again(engine, &engine->left_over.deliveries[i]);
        } else {
            answer_restarted(engine, &engine->left_over.deliveries[i]);
        }
    }
}

rb_err rb_engine_load(rb_engine *engine, rb_errbuf *errbuf)
{
    engine->left_over = (rb_query){.kind = RB_QUERY_RECEIVED};
    rb_err err = load_requests(engine, errbuf);
    if (err == RB_OK) {
        err = load_outbox(engine, errbuf);
    }
    if (err == RB_OK) {
        err = check_clock(engine, errbuf);
    }
    if (err == RB_OK) {
        err = load(engine, &engine->left_over, errbuf);
    }
    if (err == RB_OK) {
        requests_go_on(engine);
    }
    rb_log(RB_LOG_INFO, "event=loaded unfinished_deliveries=%zu", engine->left_over.n_deliveries);
    return err;
}
