/* io.h - the sans-I/O contract of sessions: what a session may ask of the world.
 *
 * A session (Slack, Graph) is a state machine without sockets, threads or clocks. It is fed by its own functions
 * (ws_up, ws_frame, http_done, timer ... each with `now`), and asks through this table. Answers never come back
 * from inside a call of this table: always later, from the loop. A simulator supplies its own table. */
#ifndef RESETBOT_IO_H
#define RESETBOT_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/clock.h"
#include "resetbot/err.h"
#include "resetbot/str.h"

/* ---- HTTP ------------------------------------------------------------------------------------------------ */

#define RB_HTTP_HEADERS_MAX 8

typedef struct {
    const char *name;  /* without colon */
    const char *value; /* never logged */
} rb_http_header;

typedef struct {
    const char *method; /* "GET" or "POST" */
    const char *url;    /* absolute, http or https */
    rb_http_header headers[RB_HTTP_HEADERS_MAX];
    size_t n_headers;
    rb_str body;        /* POST only; an empty body is sent with Content-Length: 0 */
    int64_t timeout_ms; /* whole transfer */
    size_t reply_max;   /* bytes of body; more is RB_E_LIMIT */
    bool once;          /* must never be repeated by the library: new connection, not reused, HTTP/1.1 */
    bool secret;        /* request and reply buffers are wiped after use */
} rb_http_request;

typedef struct {
    rb_err err;      /* RB_OK: a whole reply was read (any status). RB_E_IO, RB_E_LIMIT, RB_E_AUTH (TLS) else */
    bool never_left; /* err != RB_OK and not one byte of the request was handed to a connection */
    int status;      /* HTTP status, 0 without a reply */
    /* the reply headers that we read; "" when absent */
    char content_type[64];
    char retry_after[64];
    char date[64];
    char request_id[64];        /* request-id (Graph) */
    char client_request_id[64]; /* client-request-id (Graph) */
    char approval_code[64];     /* x-msft-approval-code (Intune multi admin approval) */
    char oauth_scopes[512];     /* x-oauth-scopes (Slack): "chat:write,users:read" */
    rb_str body;                /* borrowed for the call */
    const char *error;          /* borrowed sentence when err != RB_OK, else "" */
} rb_http_reply;

/* ---- the table ------------------------------------------------------------------------------------------- */

typedef struct {
    void *self;
    /* HTTP: everything in request is copied. tag comes back with the reply; never 0. */
    void (*http_start)(void *self, uint64_t tag, const rb_http_request *request);
    /* Websocket connections are numbered by the session, never reused. url: ws or wss, with path and query. */
    void (*ws_open)(void *self, uint64_t conn, const char *url);
    void (*ws_send)(void *self, uint64_t conn, rb_str text);    /* one text message, copied, queued */
    void (*ws_ping)(void *self, uint64_t conn, rb_str payload); /* at most 125 bytes */
    void (*ws_close)(void *self, uint64_t conn, int code);      /* close frame; the peer may still send */
    void (*ws_drop)(void *self, uint64_t conn);                 /* TCP away now; no ws_closed follows */
    /* One timer a session: due at this boot_ms; a later call replaces it; INT64_MAX: none. */
    void (*timer_set)(void *self, int64_t boot_ms);
} rb_io;

#endif
