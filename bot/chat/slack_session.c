/* slack_session.c - see slack_session.h. Here sockets (slack_sockets.h), frames (slack_codec.h) and calls meet. */
#include "chat/slack_session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack_acks.h"
#include "chat/slack_calls.h"
#include "chat/slack_codec.h"
#include "chat/slack_config.h"
#include "chat/slack_faults.h"
#include "chat/slack_plain.h"
#include "chat/slack_render.h"
#include "chat/slack_slots.h"
#include "chat/slack_sockets.h"
#include "resetbot/log.h"

struct rb_slack {
    char api_url[RB_SLACK_URL_CAP];
    const rb_secret *app_token;
    const rb_secret *bot_token;
    char command[RB_WORD_CAP];
    bool allow_http;
    rb_io io;
    rb_clock clock;
    rb_random random;
    rb_chat_events events;
    uint32_t gaps_told; /* of sockets.gaps */
    rb_slack_self self;
    bool is_started;
    bool is_ready;
    int64_t auth_at_ms; /* INT64_MAX: not needed */
    rb_slack_sockets sockets;
    rb_slack_acks acks;
    rb_slack_frame frame; /* the one being read */
    rb_slack_slots slots;
    uint32_t n_failed; /* slots whose call never got on its way: the timer answers them */
    uint64_t *refused; /* heap: tags of calls that found no slot; the timer answers these too */
    size_t n_refused;
};

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static void start_http(rb_slack *slack, rb_slack_slot *slot, rb_slack_request *request, const rb_secret *token);

/* Sets the one timer for whatever is due first. */
static void arm(rb_slack *slack)
{
    int64_t due_ms = slack->sockets.due_ms;

    if (due_ms > slack->auth_at_ms)
        due_ms = slack->auth_at_ms;
    if (due_ms > rb_slack_acks_due(&slack->acks))
        due_ms = rb_slack_acks_due(&slack->acks);
    if (slack->n_failed > 0 || slack->n_refused > 0)
        due_ms = slack->clock.now(slack->clock.self).boot_ms;
    slack->io.timer_set(slack->io.self, due_ms);
}

static void ask_for_url(rb_slack *slack, rb_now now)
{
    rb_slack_request request;

    if (rb_slack_plain_request(slack->api_url, "apps.connections.open", &request) == RB_OK)
        start_http(slack, &slack->slots.items[RB_SLACK_SLOT_OPEN], &request, slack->app_token);
    else
        rb_slack_sockets_refused(&slack->sockets, "out_of_memory", 0, now);
}

static void ask_who_we_are(rb_slack *slack, rb_now now)
{
    rb_slack_request request;

    slack->auth_at_ms = now.boot_ms + RB_SECOND_MS;
    if (rb_slack_plain_request(slack->api_url, "auth.test", &request) != RB_OK)
        return;
    slack->auth_at_ms = INT64_MAX;
    start_http(slack, &slack->slots.items[RB_SLACK_SLOT_AUTH], &request, slack->bot_token);
}

/* After every input: what is due is done, and the timer set for the rest. */
static void tell_gap(rb_slack *slack)
{
    if (slack->sockets.is_deaf || slack->sockets.gaps == slack->gaps_told)
        return;
    slack->gaps_told = slack->sockets.gaps;
    if (slack->events.on_gap)
        slack->events.on_gap(slack->events.self, slack->sockets.last_gap_ms);
}

static void settle(rb_slack *slack, rb_now now)
{
    if (slack->is_started && now.boot_ms >= slack->auth_at_ms)
        ask_who_we_are(slack, now);
    (void)rb_slack_sockets_run(&slack->sockets, now);
    if (rb_slack_sockets_wants_url(&slack->sockets, now)) {
        ask_for_url(slack, now);
        (void)rb_slack_sockets_run(&slack->sockets, now);
    }
    rb_slack_acks_flush(&slack->acks, &slack->sockets, &slack->io, now);
    tell_gap(slack);
    arm(slack);
}

/* ---- requests ------------------------------------------------------------------------------------------------------ */

/* Takes the request. */
static void start_http(rb_slack *slack, rb_slack_slot *slot, rb_slack_request *request, const rb_secret *token)
{
    char bearer[sizeof "Bearer " + RB_SLACK_TOKEN_MAX];
    rb_str text = rb_secret_reveal(token);
    rb_http_request http = {.method = "POST",
                            .url = request->url,
                            .headers = {{"Content-Type", request->content_type}, {"Authorization", bearer}},
                            .n_headers = request->needs_token ? 2 : 1,
                            .body = rb_buf_str(&request->body),
                            .timeout_ms = request->timeout_ms,
                            .reply_max = request->reply_max,
                            .once = request->is_once,
                            .secret = request->is_secret};

    /* it fits: rb_slack_config_check */
    (void)snprintf(bearer, sizeof bearer, "Bearer %.*s", (int)text.len, text.ptr);
    slack->io.http_start(slack->io.self, rb_slack_slots_tag(&slack->slots, slot), &http);
    rb_wipe(bearer, sizeof bearer);
    rb_slack_request_fini(request);
}

/* The slot is given back first: the engine may call again from inside. */
static void answer(rb_slack *slack, rb_slack_slot *slot, const rb_chat_result *result)
{
    uint64_t caller_tag = slot->caller_tag;
    rb_slack_job job = slot->job; /* it owns the result's items */

    memset(&slot->job, 0, sizeof slot->job);
    rb_slack_slots_give(&slack->slots, slot);
    slack->events.on_result(slack->events.self, caller_tag, result);
    rb_slack_job_fini(&job);
}

/* Answers must not come from inside the call: the timer brings them. */
static void fail(rb_slack *slack, rb_slack_slot *slot, rb_err err)
{
    slot->failed = err;
    slack->n_failed++;
    arm(slack);
}

static void answer_failed(rb_slack *slack)
{
    for (uint32_t i = RB_SLACK_SLOT_CALLS; slack->n_failed > 0 && i < slack->slots.n_used; i++) {
        rb_slack_slot *slot = &slack->slots.items[i];
        rb_chat_result result = {.outcome = RB_CHAT_REFUSED};
        if (slot->failed == RB_OK)
            continue;
        if (slot->failed == RB_E_NOMEM) {
            result.outcome = RB_CHAT_LATER;
            result.retry_after_ms = RB_SECOND_MS;
        }
        rb_copy_fit(result.error, sizeof result.error, rb_err_name(slot->failed));
        slot->failed = RB_OK;
        slack->n_failed--;
        answer(slack, slot, &result);
    }
}

/* Never from inside a call either: the engine is in the midst of something. */
static void refuse_later(rb_slack *slack, uint64_t tag)
{
    uint64_t *grown = reallocarray(slack->refused, slack->n_refused + 1, sizeof *grown);

    rb_log(RB_LOG_ERROR, "event=slack_too_many_calls max=%d", RB_SLACK_CALLS_MAX);
    if (!grown)
        abort(); /* a call without an answer would wait for ever */
    slack->refused = grown;
    slack->refused[slack->n_refused++] = tag;
    arm(slack);
}

static void answer_refused(rb_slack *slack)
{
    const rb_chat_result full = {.outcome = RB_CHAT_LATER, .retry_after_ms = RB_SECOND_MS, .error = "too_many_calls"};
    uint64_t *tags = slack->refused;
    size_t n = slack->n_refused;

    slack->refused = NULL;
    slack->n_refused = 0;
    for (size_t i = 0; i < n; i++)
        slack->events.on_result(slack->events.self, tags[i], &full);
    free(tags);
}

/* ---- the port ------------------------------------------------------------------------------------------------------ */

static void port_call(void *self, uint64_t tag, const rb_chat_call *call)
{
    rb_slack *slack = self;
    rb_slack_slot *slot = rb_slack_slots_take(&slack->slots, tag);
    rb_slack_request request;

    if (!slot) {
        refuse_later(slack, tag);
        return;
    }
    rb_err err = rb_slack_job_init(&slot->job, call);
    if (err == RB_OK)
        err = rb_slack_job_first(&slot->job, call, slack->api_url, slack->allow_http, &request);
    if (err != RB_OK) {
        rb_log(RB_LOG_ERROR, "event=slack_call_unsendable kind=%d why=%s", (int)call->kind, rb_err_name(err));
        fail(slack, slot, err);
        return;
    }
    start_http(slack, slot, &request, slack->bot_token);
}

static void port_ack(void *self, const rb_delivery *delivery, const rb_ack *ack)
{
    rb_slack *slack = self;

    rb_slack_acks_send(&slack->acks, &slack->sockets, &slack->io, delivery, ack, slack->clock.now(slack->clock.self));
    arm(slack);
}

static rb_err port_render(void *self, const rb_message *message, rb_buf *out)
{
    (void)self;
    return rb_slack_render(message, out);
}

static rb_err port_plain(void *self, rb_str payload, rb_buf *out)
{
    (void)self;
    return rb_slack_plain(payload, out);
}

rb_chat_port rb_slack_port(rb_slack *slack)
{
    return (rb_chat_port){
        .self = slack, .ack = port_ack, .call = port_call, .render = port_render, .plain = port_plain};
}

/* ---- replies ------------------------------------------------------------------------------------------------------- */

/* Errors that concern the installation, not the call: for the administrator. */
static void log_call(const rb_slack_slot *slot, const rb_chat_result *result)
{
    bool is_lasting = rb_slack_is_lasting(result->error);

    if (result->outcome != RB_CHAT_OK)
        rb_log(is_lasting ? RB_LOG_ERROR : RB_LOG_INFO, "event=slack_call_failed kind=%d outcome=%d error=%s%s%s%s",
               (int)slot->job.kind, (int)result->outcome, result->error, is_lasting ? " advice=\"" : "",
               is_lasting ? rb_slack_advice(result->error) : "", is_lasting ? "\"" : "");
}

static void call_done(rb_slack *slack, rb_slack_slot *slot, const rb_http_reply *reply)
{
    rb_chat_result result;
    rb_slack_request request;

    if (rb_slack_job_reply(&slot->job, &slack->self, reply, &result)) {
        log_call(slot, &result);
        answer(slack, slot, &result);
        return;
    }
    rb_err err = rb_slack_job_next(&slot->job, slack->api_url, &request);
    if (err != RB_OK)
        fail(slack, slot, err);
    else
        start_http(slack, slot, &request, slack->bot_token);
}

static void auth_done(rb_slack *slack, const rb_http_reply *reply, rb_now now)
{
    rb_chat_result result;

    if (rb_slack_read_auth(reply, &slack->self, &result) != RB_CHAT_OK) {
        int64_t wait_ms = rb_slack_is_lasting(result.error) ? RB_SLACK_AUTH_WAIT_MS : RB_SECOND_MS;
        wait_ms += (int64_t)rb_random_below(&slack->random, (uint32_t)wait_ms);
        slack->auth_at_ms = now.boot_ms + (wait_ms > result.retry_after_ms ? wait_ms : result.retry_after_ms);
        rb_log(RB_LOG_ERROR, "event=slack_auth_failed token=bot_token error=%s retry_in_ms=%" PRId64 " advice=\"%s\"",
               result.error, slack->auth_at_ms - now.boot_ms, rb_slack_advice(result.error));
        return;
    }
    rb_log(RB_LOG_INFO, "event=slack_ready team=%s bot_user=%s", slack->self.team, slack->self.bot_user);
    slack->is_ready = true;
    slack->events.on_ready(slack->events.self, slack->self.team, slack->self.bot_user);
    if (slack->is_started)
        rb_slack_sockets_start(&slack->sockets, now);
}

/* ws to loopback is for tests; anything else would carry commands in the clear. */
static bool is_socket_url(const rb_slack *slack, const char *url)
{
    rb_str text = rb_str_of(url);

    return rb_str_starts(text, RB_STR("wss://")) || (slack->allow_http && rb_str_starts(text, RB_STR("ws://")));
}

static void open_done(rb_slack *slack, const rb_http_reply *reply, rb_now now)
{
    char url[RB_SLACK_URL_CAP] = "";
    rb_chat_result result;

    if (rb_slack_read_open(reply, url, sizeof url, &result) != RB_CHAT_OK)
        /* only a wait that Slack asked for; else the sockets have their own back-off */
        rb_slack_sockets_refused(&slack->sockets, result.error, reply->status == 429 ? result.retry_after_ms : 0, now);
    else if (!is_socket_url(slack, url))
        rb_slack_sockets_refused(&slack->sockets, "no_wss_url", 0, now);
    else
        rb_slack_sockets_opened(&slack->sockets, url, now);
    rb_wipe(url, sizeof url); /* it holds the ticket */
}

void rb_slack_http_done(rb_slack *slack, uint64_t tag, const rb_http_reply *reply, rb_now now)
{
    rb_slack_slot *slot = rb_slack_slots_find(&slack->slots, tag);

    if (!slot)
        return;
    if (reply->err == RB_E_AUTH) /* the network's sentence says what is wrong with the certificate */
        rb_log(RB_LOG_ERROR, "event=slack_not_trusted why=\"%s\"", reply->error);
    if (slot == &slack->slots.items[RB_SLACK_SLOT_AUTH])
        auth_done(slack, reply, now);
    else if (slot == &slack->slots.items[RB_SLACK_SLOT_OPEN])
        open_done(slack, reply, now);
    else
        call_done(slack, slot, reply);
    settle(slack, now);
}

/* ---- frames -------------------------------------------------------------------------------------------------------- */

/* A command of another name means that the app's manifest and our configuration differ. */
static bool is_other_command(const rb_slack *slack, const rb_delivery *delivery)
{
    return delivery->kind == RB_DELIVERY_COMMAND && slack->command[0] != '\0' &&
           !rb_str_equal_nocase(rb_str_of(delivery->command), rb_str_of(slack->command));
}

static void refuse_other_command(rb_slack *slack, const rb_delivery *delivery)
{
    char text[256];
    rb_ack ack = {.kind = RB_ACK_TEXT, .text = text};

    (void)snprintf(text, sizeof text, "I answer to %s only. Nothing was done: please use that command.",
                   slack->command);
    rb_log(RB_LOG_WARN, "event=slack_other_command advice=\"the app's command and the configured one differ\"");
    port_ack(slack, delivery, &ack);
}

static void ack_frame(rb_slack *slack, const rb_slack_frame *frame)
{
    static const rb_ack plain = {.kind = RB_ACK_PLAIN};

    rb_log(RB_LOG_DEBUG, "event=slack_not_delivered what=%s", frame->what);
    port_ack(slack, &frame->delivery, frame->kind == RB_SLACK_FRAME_REFUSED ? &frame->refusal : &plain);
}

static void envelope(rb_slack *slack, uint64_t conn, rb_now now)
{
    const rb_slack_frame *frame = &slack->frame;

    rb_slack_sockets_received(&slack->sockets, conn, now);
    if (frame->kind != RB_SLACK_FRAME_DELIVERY)
        ack_frame(slack, frame);
    else if (is_other_command(slack, &frame->delivery))
        refuse_other_command(slack, &frame->delivery);
    else
        slack->events.on_delivery(slack->events.self, &frame->delivery);
}

void rb_slack_ws_frame(rb_slack *slack, uint64_t conn, rb_str text, rb_now now)
{
    const rb_slack_frame *frame = &slack->frame;

    if (!rb_slack_sockets_heard(&slack->sockets, conn, now))
        return;
    rb_slack_decode(text, &slack->self, conn, now, &slack->frame);
    switch (frame->kind) {
    case RB_SLACK_FRAME_HELLO: rb_slack_sockets_hello(&slack->sockets, conn, frame, now); break;
    case RB_SLACK_FRAME_DISCONNECT: rb_slack_sockets_bye(&slack->sockets, conn, frame, now); break;
    case RB_SLACK_FRAME_DELIVERY:
    case RB_SLACK_FRAME_REFUSED:
    case RB_SLACK_FRAME_IDLE: envelope(slack, conn, now); break;
    case RB_SLACK_FRAME_UNREADABLE:
    case RB_SLACK_FRAME_UNKNOWN:
    case RB_SLACK_FRAME_GARBAGE:
        rb_log(RB_LOG_WARN, "event=slack_frame_ignored conn=%" PRIu64 " type=%s len=%zu", conn,
               frame->kind == RB_SLACK_FRAME_GARBAGE ? "none" : frame->what, text.len);
        break;
    }
    settle(slack, now);
}

static void sign_of_life(rb_slack *slack, uint64_t conn, rb_now now)
{
    if (rb_slack_sockets_heard(&slack->sockets, conn, now))
        settle(slack, now);
}

void rb_slack_ws_up(rb_slack *slack, uint64_t conn, rb_now now)
{
    sign_of_life(slack, conn, now);
}

void rb_slack_ws_pong(rb_slack *slack, uint64_t conn, rb_now now)
{
    sign_of_life(slack, conn, now);
}

void rb_slack_ws_closed(rb_slack *slack, uint64_t conn, int code, int http_status, const char *reason, rb_now now)
{
    rb_slack_sockets_closed(&slack->sockets, conn, code, http_status, reason, now);
    rb_slack_acks_repeat(&slack->acks, &slack->sockets, &slack->io, conn, now);
    settle(slack, now);
}

void rb_slack_timer(rb_slack *slack, rb_now now)
{
    answer_failed(slack);
    answer_refused(slack);
    settle(slack, now);
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

rb_err rb_slack_new(const rb_slack_config *config, const rb_io *io, rb_clock clock, rb_random random,
                    const rb_chat_events *events, rb_slack **out_slack, rb_errbuf *errbuf)
{
    rb_err err = rb_slack_config_check(config, errbuf);

    if (err != RB_OK)
        return err;
    rb_slack *slack = calloc(1, sizeof *slack);
    if (!slack || rb_slack_slots_init(&slack->slots) != RB_OK) {
        free(slack);
        return rb_fail(errbuf, RB_E_NOMEM, "no memory for the Slack session");
    }
    rb_copy_fit(slack->api_url, sizeof slack->api_url, config->api_url);
    rb_copy_fit(slack->command, sizeof slack->command, config->command);
    slack->app_token = config->app_token;
    slack->bot_token = config->bot_token;
    slack->allow_http = rb_slack_is_loopback(rb_str_of(config->api_url));
    slack->io = *io;
    slack->clock = clock;
    slack->random = random;
    slack->events = *events;
    slack->auth_at_ms = INT64_MAX;
    rb_slack_sockets_init(&slack->sockets, &slack->io, &slack->random, config->connections);
    *out_slack = slack;
    return RB_OK;
}

void rb_slack_free(rb_slack *slack)
{
    if (!slack)
        return;
    free(slack->refused);
    rb_slack_slots_fini(&slack->slots);
    rb_slack_acks_fini(&slack->acks);
    free(slack);
}

void rb_slack_start(rb_slack *slack, rb_now now)
{
    slack->is_started = true;
    slack->auth_at_ms = now.boot_ms;
    settle(slack, now);
}

void rb_slack_stop(rb_slack *slack, rb_now now)
{
    slack->is_started = false;
    slack->auth_at_ms = INT64_MAX;
    rb_slack_sockets_stop(&slack->sockets, now);
    settle(slack, now);
}

bool rb_slack_is_stopped(const rb_slack *slack)
{
    return !slack->is_started && rb_slack_plan_count(&slack->sockets, RB_SLACK_SOCKET_NONE) == RB_SLACK_SOCKETS_MAX;
}

rb_slack_status rb_slack_status_of(const rb_slack *slack)
{
    const rb_slack_sockets *set = &slack->sockets;

    return (rb_slack_status){
        .is_ready = slack->is_ready,
        .wanted = set->wanted,
        .live = rb_slack_plan_count(set, RB_SLACK_SOCKET_LIVE),
        .opening = rb_slack_plan_count(set, RB_SLACK_SOCKET_OPENING),
        .going = rb_slack_plan_count(set, RB_SLACK_SOCKET_DRAINING) + rb_slack_plan_count(set, RB_SLACK_SOCKET_CLOSING),
        .opened = set->opened,
        .gaps = set->gaps,
        .last_gap_ms = set->last_gap_ms,
        .is_deaf = set->is_deaf,
        .num_connections = set->num_connections,
        .extra_connections = set->extra_connections,
        .calls = slack->slots.n_taken,
        .acks_waiting = slack->acks.n,
        .acks_lost = slack->acks.lost,
    };
}
