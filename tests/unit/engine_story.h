/* engine_story.h - what people do in the tests of the engine: type, press, look. */
#ifndef TESTS_ENGINE_STORY_H
#define TESTS_ENGINE_STORY_H

#include "engine_kit.h"

/* ---- looking ------------------------------------------------------------------------------------------------------ */

KIT size_t count_calls(world *w, bool is_device, int kind)
{
    size_t n = 0;

    for (size_t i = 0; i < w->n_calls; i++)
        n += w->calls[i].is_device == is_device && w->calls[i].kind == kind;
    return n;
}

/* The n-th call of the kind, which there must be (0: the first). */
KIT seen_call *nth_call(world *w, bool is_device, int kind, size_t n)
{
    size_t i = 0;

    ck_assert_msg(count_calls(w, is_device, kind) > n, "kind %d has no call %zu", kind, n);
    for (;; i++)
        if (w->calls[i].is_device == is_device && w->calls[i].kind == kind && n-- == 0)
            return &w->calls[i];
}

KIT seen_call *last_call(world *w, int kind)
{
    size_t n = w->n_calls;

    while (n > 0 && (w->calls[n - 1].is_device || w->calls[n - 1].kind != kind))
        n--;
    ck_assert_msg(n > 0, "no call of kind %d", kind);
    return &w->calls[n - 1];
}

KIT size_t count_resets(world *w)
{
    return count_calls(w, true, RB_DEVICE_RESET);
}

/* The newest call with the text in its payload; NULL when there is none. */
KIT seen_call *said(world *w, const char *text)
{
    for (size_t i = w->n_calls; i > 0; i--)
        if (w->calls[i - 1].payload && strstr(w->calls[i - 1].payload, text))
            return &w->calls[i - 1];
    return NULL;
}

KIT seen_call *need_said(world *w, const char *text)
{
    seen_call *call = said(w, text);

    ck_assert_msg(call != NULL, "nobody was told: %s", text);
    return call;
}

/* The newest button of the kind ('s' send, 'a' approve ...) that anybody was shown. */
KIT void button(world *w, char kind, char out_value[RB_BOUND_CAP])
{
    char start[16];

    (void)snprintf(start, sizeof start, "\"1.%c.", kind);
    const char *at = strstr(need_said(w, start)->payload, start) + 1;
    size_t len = strcspn(at, "\"");
    ck_assert_uint_lt(len, RB_BOUND_CAP);
    memcpy(out_value, at, len);
    out_value[len] = '\0';
}

KIT rb_request *stored(world *w, const char *id)
{
    rb_request *request = kit_load(&w->store, id);

    ck_assert_msg(request != NULL, "no request %s", id);
    return request;
}

KIT rb_state state_of(world *w, const char *id)
{
    rb_request *request = stored(w, id);
    rb_state state = request->state;

    free(request);
    return state;
}

#define EXPECT_STATE(w, id, expected) ck_assert_str_eq(rb_state_name(state_of(w, id)), rb_state_name(expected))

KIT size_t count_records(world *w, const char *kind)
{
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = ""};
    size_t n = 0;

    kit_ask(&w->store, &query);
    for (size_t i = 0; i < query.n_records; i++)
        n += strcmp(query.records[i].kind, kind) == 0;
    rb_query_fini(&query);
    return n;
}

KIT size_t count_rows(world *w)
{
    rb_query query = {.kind = RB_QUERY_OUTBOX};

    kit_ask(&w->store, &query);
    size_t n = query.n_outs;
    rb_query_fini(&query);
    return n;
}

/* ---- doing -------------------------------------------------------------------------------------------------------- */

KIT rb_delivery *a_delivery(world *w, rb_delivery_kind kind, const char *user)
{
    rb_delivery *delivery = calloc(1, sizeof *delivery);

    ck_assert_ptr_nonnull(delivery);
    delivery->kind = kind;
    (void)snprintf(delivery->key, sizeof delivery->key, "key-%u", ++w->n_deliveries);
    KIT_TEXT(delivery->who.team, TEAM);
    KIT_TEXT(delivery->who.user, user);
    KIT_TEXT(delivery->user_name, user);
    KIT_TEXT(delivery->channel, DESK);
    KIT_TEXT(delivery->command, "/passcode");
    KIT_TEXT(delivery->response_url, URL);
    KIT_TEXT(delivery->trigger_id, "1.2.3");
    delivery->received_boot_ms = w->now.boot_ms;
    delivery->received_utc_ms = w->now.utc_ms;
    return delivery;
}

/* Hands it to the engine and frees it; nothing is settled. */
KIT void deliver(world *w, rb_delivery *delivery)
{
    rb_chat_events events = rb_engine_chat_events(w->engine);

    events.on_delivery(events.self, delivery);
    free(delivery);
}

KIT void type_only(world *w, const char *user, const char *text)
{
    rb_delivery *delivery = a_delivery(w, RB_DELIVERY_COMMAND, user);

    KIT_TEXT(delivery->text, text);
    deliver(w, delivery);
}

KIT void type(world *w, const char *user, const char *text)
{
    type_only(w, user, text);
    settle(w);
}

KIT void add_field(rb_delivery *delivery, const char *name, const char *value)
{
    rb_field *field = &delivery->fields[delivery->n_fields++];

    KIT_TEXT(field->name, name);
    KIT_TEXT(field->value, value);
}

/* A press on a private message: Send, Cancel, Show ... */
KIT void press(world *w, const char *user, char kind)
{
    rb_delivery *delivery = a_delivery(w, RB_DELIVERY_CLICK, user);

    button(w, kind, delivery->value);
    delivery->is_private_message = true;
    add_field(delivery, RB_FIELD_VERIFIED, "called_back");
    add_field(delivery, RB_FIELD_HOLDS, "yes");
    deliver(w, delivery);
    settle(w);
}

KIT rb_delivery *a_press_on_card(world *w, const char *user, char kind, const char *id)
{
    rb_delivery *delivery = a_delivery(w, RB_DELIVERY_CLICK, user);
    rb_request *request = stored(w, id);

    button(w, kind, delivery->value);
    KIT_TEXT(delivery->channel, request->card_channel);
    KIT_TEXT(delivery->message_ts, request->card_ts);
    free(request);
    return delivery;
}

KIT void press_on_card(world *w, const char *user, char kind, const char *id)
{
    deliver(w, a_press_on_card(w, user, kind, id));
    settle(w);
}

/* ---- stories ------------------------------------------------------------------------------------------------------ */

/* Hanna asks for Adele's phone and sends the preview; the request's id is given back. Nothing is posted yet. */
KIT void asks(world *w, char out_id[RB_REQUEST_ID_CAP])
{
    char value[RB_BOUND_CAP];
    rb_bound bound;

    type(w, "U0HANNA", "reset adele@contoso.com locked out INC0012345");
    button(w, 's', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    rb_copy_fit(out_id, RB_REQUEST_ID_CAP, bound.request);
    press(w, "U0HANNA", 's');
    EXPECT_STATE(w, out_id, RB_STATE_PENDING);
}

/* ... and the card with its first line is in the channel. */
KIT void asks_and_card(world *w, char out_id[RB_REQUEST_ID_CAP])
{
    asks(w, out_id);
    pass(w, 5 * RB_SECOND_MS);
    rb_request *request = stored(w, out_id);
    ck_assert_str_eq(request->card_channel, CARDS);
    ck_assert_uint_gt(strlen(request->card_ts), 0);
    free(request);
}

KIT void given_result(world *w, rb_action_state state)
{
    rb_action_result *item = &w->results.items[0];

    w->results.n = 1;
    *item = (rb_action_result){.started_utc_ms = w->now.utc_ms, .state = state};
    KIT_TEXT(item->type, "removeDevicePasscode");
    rb_time_iso(w->now.utc_ms, item->started);
}

#endif
