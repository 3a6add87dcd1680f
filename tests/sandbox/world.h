/* world.h - what all parts of the sandbox share: a request, a reply, the clock, faults.
 *
 * server.c speaks HTTP and websockets and hands whole requests to the parts: slack_*.c (/api, /link, response
 * URLs), graph_*.c (/v1.0, /beta) and entra.c (token endpoint), control.c (/_sandbox), page.c (/). One thread. */
#ifndef SANDBOX_WORLD_H
#define SANDBOX_WORLD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A whole HTTP request; everything is borrowed for the call. */
typedef struct {
    const char *method; /* "GET", "POST" */
    const char *path;   /* percent-decoding not applied: "/v1.0/deviceManagement/..." */
    const char *query;  /* after '?', not decoded, "" when absent */
    const char *body;   /* NUL-terminated */
    size_t body_len;
    const char *(*header)(const void *self, const char *name); /* "" when absent; name in lower case */
    const void *self;
    bool tls;
    bool timed_out; /* the handler answered SB_REPLY_WAIT before, and the wait is over: answer now */
} sb_request;

/* How the server treats the connection of this reply: faults are told this way. */
typedef enum {
    SB_REPLY_NORMAL,
    SB_REPLY_CLOSE, /* close the connection without a byte of reply */
    SB_REPLY_RESET, /* the same with RST */
    SB_REPLY_HANG,  /* never answer; closed when the sandbox ends */
    SB_REPLY_WAIT,  /* ask the handler again after each change of the journal or clock, for delay_ms at most */
    SB_REPLY_STREAM /* server-sent events: one "data: N" for each change of the journal */
} sb_reply_how;

typedef struct {
    int status;
    char content_type[64];
    char headers[1024]; /* extra header lines "Name: value\r\n" */
    char *body;         /* heap, freed by the server; may be NULL */
    size_t body_len;
    int64_t delay_ms; /* real time before the reply is sent */
    sb_reply_how how;
    char hold
        [32]; /* not empty: the reply waits until sb_release(hold), however long; a peer that goes away is forgotten */
} sb_reply;

/* Fills a JSON reply (takes the object). */
void sb_reply_json(sb_reply *reply, int status, json_object *take_object);
void sb_reply_text(sb_reply *reply, int status, const char *content_type, const char *text);

/* Sends every reply held under this name; returns how many. */
size_t sb_release(const char *hold);

/* Sandbox time, UTC in ms: the system's plus what the control interface moved it by. */
int64_t sb_now_ms(void);

/* Calls fire(arg) once sandbox time passes utc_ms (moving time on makes it due at once). */
void sb_at(int64_t utc_ms, void (*fire)(void *arg), void *arg);

/* Random bytes: ids, tickets, passcodes. */
void sb_random(void *out_bytes, size_t len);

/* ---- faults and settings ---------------------------------------------------------------------------------
 * A fault is switched on by POST /_sandbox/fault {"name":"graph.reset.close","times":1,"value":{...}}; times -1: until
 * cleared; "skip":N lets N askings pass first. A part asks at the place where the fault would bite; asking uses one up.
 * out_value may be NULL; *out_value is borrowed (valid until that fault is set or cleared again), NULL without a value. */
bool sb_fault(const char *name, json_object **out_value);
/* The same where the fault may bear "match": it bites only when text holds it. */
bool sb_fault_in(const char *name, const char *text, json_object **out_value);
/* Numbers by name, set by POST /_sandbox/settings {"ack_limit_ms":3000,...}. */
int64_t sb_setting(const char *name, int64_t fallback);

/* Everything that happened, in order, for tests and the page: appended as {"n":1,"at":ms,"kind":kind,...take_fields}. */
void sb_journal(const char *kind, json_object *take_fields);

/* ---- parts -------------------------------------------------------------------------------------------------
 * handle returns false when the path is not theirs. control: verbs of POST /_sandbox/VERB, false when unknown. */
void graph_init(void);
bool graph_handle(const sb_request *request, sb_reply *reply);
bool graph_control(const char *verb, json_object *arguments, sb_reply *reply);
bool entra_handle(const sb_request *request, sb_reply *reply);
/* A fresh view of the devices for the page and tests: array. */
json_object *graph_devices(void);

#endif
