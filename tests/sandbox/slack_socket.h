/* slack_socket.h - Socket Mode: tickets, connections, envelopes and their acknowledgements. */
#ifndef SANDBOX_SLACK_SOCKET_H
#define SANDBOX_SLACK_SOCKET_H

#include <json-c/json.h>
#include <stdbool.h>

#include "server.h"
#include "world.h"

/* The URLs that listeners answer at, told by main.c: "127.0.0.1:PORT" by plain and by TLS; either may be "". */
void sk_socket_listens(const char *plain_host, const char *tls_host);
/* "http://127.0.0.1:PORT" of the listener the bot uses (TLS when its newest socket came that way). */
const char *sk_base_url(void);
/* A single-use ws:// or wss:// address with ticket; the caller's. */
char *sk_ticket_url(bool by_tls);
void sk_socket_fini(void);

/* How a delivery ended. payload: of the ack, NULL without one. */
typedef struct {
    void (*acked)(void *arg, json_object *payload);
    /* "operation_timeout": delivered, no ack in time; "dispatch_failed": no connection. */
    void (*failed)(void *arg, const char *why);
    void *arg;
} sk_outcome;

/* Wraps the payload (taken) in an envelope and sends it on one live connection. type: "slash_commands",
 * "interactive", "events_api". outcome may be NULL. Answers come later, or at once when there is no connection. */
void sk_deliver(const char *type, json_object *take_payload, bool accepts_payload, const sk_outcome *outcome);
/* An event: retried at once, after 1 and after 5 minutes. */
void sk_deliver_event(json_object *take_event);
/* Sends the object as it is (for forged and repeated envelopes); false without a connection. */
bool sk_deliver_raw(json_object *envelope);
/* A text that is no envelope, or binary. */
bool sk_send_raw(const char *text, bool is_binary);
/* An envelope sent before, by its id; NULL when unknown. Borrowed. */
json_object *sk_envelope_sent(const char *envelope_id);

/* Control. which: "all", "newest", "oldest" or a connection's number. Each returns the number of connections meant. */
int sk_refresh(const char *reason, const char *which);
int sk_drop_sockets(const char *which, bool with_reset);
int sk_freeze_sockets(const char *which);
int sk_close_sockets(const char *which, int code);
/* [{"n","tls","hello","frozen","refreshing","closing","opened_at"}] */
json_object *sk_sockets(void);
/* Adds slowest_ack_ms (real time, of those in time) and acks_with_payload. */
void sk_ack_counts(json_object *out);

/* Of server_calls. */
void *sk_link_upgrade(const sb_request *request, sb_reply *reply);
void sk_link_up(void *link, sb_conn *conn);
void sk_link_message(void *link, int opcode, const char *data, size_t len);
void sk_link_gone(void *link);

#endif
