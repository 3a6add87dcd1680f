#include "slack_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "clockwork.h"
#include "json.h"
#include "slack_links.h"
#include "slack_world.h"
#include "ws.h"

/* docs.slack.dev, interactivity and slash commands: acknowledge within 3 seconds */
#define ACK_LIMIT_MS 3000

typedef enum { SENT, ACKED, TIMED_OUT } delivery_state;

/* Each envelope ever sent, so that repeats and late acks can be told. */
typedef struct sent_delivery {
    char id[37];
    json_object *envelope;
    sk_outcome outcome;
    delivery_state state;
    int conn;
    int64_t sent_real_ms;
    struct sent_delivery *next;
} sent_delivery;

static sent_delivery *deliveries; /* newest first */
static int64_t slowest_ack_ms;
static int64_t n_acks_with_payload;

static sent_delivery *find(const char *id)
{
    for (sent_delivery *each = deliveries; each; each = each->next)
        if (!strcmp(each->id, id))
            return each;
    return NULL;
}

json_object *sk_envelope_sent(const char *envelope_id)
{
    sent_delivery *found = find(envelope_id);
    return found ? found->envelope : NULL;
}

static void check_ack(void *arg)
{
    sent_delivery *delivery = arg;
    if (delivery->state != SENT)
        return;
    delivery->state = TIMED_OUT;
    sb_journal("unacked", sj_pack("envelope_id:s conn:d type:s", delivery->id, delivery->conn,
                                  sj_str(delivery->envelope, "type")));
    if (delivery->outcome.failed)
        delivery->outcome.failed(delivery->outcome.arg, "operation_timeout");
}

static void send_envelope(sent_delivery *delivery, sk_link *link)
{
    delivery->conn = link->number;
    delivery->sent_real_ms = clockwork_real_ms();
    delivery->state = SENT;
    sb_journal("envelope", sj_pack("envelope_id:s type:s conn:d frozen:b", delivery->id,
                                   sj_str(delivery->envelope, "type"), link->number, link->is_frozen));
    sk_link_text(link, sj_dump(delivery->envelope));
    clockwork_after(sb_setting("ack_limit_ms", ACK_LIMIT_MS), check_ack, delivery);
}

static sent_delivery *delivery_new(json_object *take_envelope, const sk_outcome *outcome)
{
    sent_delivery *fresh = sb_alloc(sizeof *fresh);
    snprintf(fresh->id, sizeof fresh->id, "%s", sj_str(take_envelope, "envelope_id"));
    fresh->envelope = take_envelope;
    if (outcome)
        fresh->outcome = *outcome;
    fresh->next = deliveries;
    deliveries = fresh;
    return fresh;
}

static void deliver(json_object *take_envelope, const sk_outcome *outcome)
{
    sk_link *link = sk_link_choose();
    if (link) {
        send_envelope(delivery_new(take_envelope, outcome), link);
        if (sb_fault("slack.envelope.twice", NULL) && (link = sk_link_choose()))
            sk_link_text(link, sj_dump(deliveries->envelope));
        return;
    }
    sb_journal("undeliverable", sj_pack("type:s", sj_str(take_envelope, "type")));
    json_object_put(take_envelope);
    if (outcome && outcome->failed)
        outcome->failed(outcome->arg, "dispatch_failed");
}

static json_object *wrap(const char *type, json_object *take_payload, bool accepts_payload)
{
    char id[37];
    sk_guid(id);
    return sj_pack("envelope_id:s payload:o type:s accepts_response_payload:b", id, take_payload, type,
                   accepts_payload);
}

void sk_deliver(const char *type, json_object *take_payload, bool accepts_payload, const sk_outcome *outcome)
{
    deliver(wrap(type, take_payload, accepts_payload), outcome);
}

bool sk_deliver_raw(json_object *envelope)
{
    sk_link *link = sk_link_choose();
    if (!link)
        return false;
    sent_delivery *known = find(sj_str(envelope, "envelope_id"));
    if (!known)
        known = delivery_new(sj_clone(envelope), NULL);
    known->conn = link->number;
    known->sent_real_ms = clockwork_real_ms();
    sb_journal("envelope",
               sj_pack("envelope_id:s type:s conn:d raw:b", known->id, sj_str(envelope, "type"), link->number, true));
    sk_link_text(link, sj_dump(envelope));
    return true;
}

bool sk_send_raw(const char *text, bool is_binary)
{
    sk_link *link = sk_link_choose();
    if (!link)
        return false;
    if (is_binary)
        server_ws_send(link->conn, WS_BINARY, text, strlen(text), 0);
    else
        sk_link_text(link, text);
    return true;
}

/* ---- acks ---------------------------------------------------------------------------------------------------- */

static const char *kind_of_ack(const sent_delivery *delivery, const sk_link *link)
{
    if (delivery->state == ACKED)
        return "ack_again";
    if (delivery->state == TIMED_OUT)
        return "ack_late";
    return delivery->conn == link->number ? "ack" : "ack_elsewhere";
}

void sk_take_ack(sk_link *link, const char *text, size_t len)
{
    json_object *ack = sj_parse(text, len);
    sent_delivery *delivery = find(sj_str(ack, "envelope_id"));
    if (!delivery) {
        sb_journal("ack_unknown", sj_pack("conn:d text:s", link->number, text));
        json_object_put(ack);
        return;
    }
    json_object *payload = sj_get(ack, "payload");
    if (sj_is(payload, json_type_object) && !json_object_object_length(payload))
        payload = NULL;
    sb_journal(kind_of_ack(delivery, link), sj_pack("envelope_id:s type:s conn:d latency_ms:i payload:r", delivery->id,
                                                    sj_str(delivery->envelope, "type"), link->number,
                                                    clockwork_real_ms() - delivery->sent_real_ms, payload));
    bool is_first = delivery->state == SENT;
    if (is_first) {
        int64_t took_ms = clockwork_real_ms() - delivery->sent_real_ms;
        slowest_ack_ms = took_ms > slowest_ack_ms ? took_ms : slowest_ack_ms;
        n_acks_with_payload += payload != NULL;
        delivery->state = ACKED;
    }
    if (is_first && delivery->outcome.acked)
        delivery->outcome.acked(delivery->outcome.arg, payload);
    json_object_put(ack);
}

void sk_ack_counts(json_object *out)
{
    sj_put(out, "slowest_ack_ms:i acks_with_payload:i", slowest_ack_ms, n_acks_with_payload);
}

/* ---- events: redelivered --------------------------------------------------------------------------------------- */

typedef struct {
    json_object *payload;
    int attempt; /* 0 first */
} event_try;

static void send_event(void *arg);

static void event_done(void *arg, json_object *payload)
{
    (void)payload;
    event_try *event = arg;
    json_object_put(event->payload);
    free(event);
}

/* Events API: retried nearly at once, after 1 minute, after 5 minutes. */
static void event_failed(void *arg, const char *why)
{
    (void)why;
    event_try *event = arg;
    static const int64_t waits_ms[] = {100, 60 * 1000, 300 * 1000};
    if (event->attempt >= (int)(sizeof waits_ms / sizeof waits_ms[0])) {
        sb_journal("event_lost", sj_pack("event_id:s", sj_str(event->payload, "event_id")));
        event_done(arg, NULL);
        return;
    }
    sb_at(sb_now_ms() + waits_ms[event->attempt++], send_event, event);
}

static void send_event(void *arg)
{
    event_try *event = arg;
    json_object *envelope = wrap("events_api", json_object_get(event->payload), false);
    sj_put(envelope, "retry_attempt:d retry_reason:s", event->attempt, event->attempt ? "timeout" : "");
    deliver(envelope, &(sk_outcome){.acked = event_done, .failed = event_failed, .arg = event});
}

void sk_deliver_event(json_object *take_event)
{
    char *id = sk_next_id("Ev");
    event_try *event = sb_alloc(sizeof *event);
    event->payload = sj_pack("token:s team_id:s context_team_id:s context_enterprise_id:o api_app_id:s event:r type:s "
                             "event_id:s event_time:i authorizations:o is_ext_shared_channel:b event_context:s",
                             "sandbox-verification", SK_TEAM, SK_TEAM, NULL, SK_APP, take_event, "event_callback", id,
                             sb_now_ms() / 1000, json_object_new_array(), false, "4-sandbox");
    json_object_array_add(sj_get(event->payload, "authorizations"),
                          sj_pack("enterprise_id:o team_id:s user_id:s is_bot:b is_enterprise_install:b", NULL, SK_TEAM,
                                  SK_BOT_USER, true, false));
    json_object_put(take_event);
    free(id);
    send_event(event);
}
