/* store_port.h - what is durable: deliveries, requests, the record, the outbox. Blocking; called on the store's worker.
 *
 * No SQL thinking here: a change is one atomic set, many changes are committed together, each failing only itself. */
#ifndef RESETBOT_STORE_PORT_H
#define RESETBOT_STORE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/chat_port.h"
#include "resetbot/request.h"

/* ---- outbox: what must reach the chat platform, whatever happens ------------------------------------------------- */

typedef enum {
    RB_OUT_CARD,   /* the request's channel message: posted once, edited after; one row a request, the newest wins */
    RB_OUT_LINE,   /* a thread line, in order */
    RB_OUT_DIRECT, /* to a user */
    RB_OUT_ANSWER, /* private: response_url, then in the channel, then direct */
    RB_OUT_DELETE  /* of a duplicate that we posted: channel, ts */
} rb_out_kind;

typedef struct rb_out {
    uint64_t id; /* given by the engine, rising */
    rb_out_kind kind;
    char request[RB_REQUEST_ID_CAP]; /* "" for answers about none */
    uint32_t seq;                    /* marker of CARD (0) and LINE (1..) */
    rb_note note;                    /* what it tells; OWNER_* rows report back by it */
    bool is_owner;                   /* DIRECT to the device's owner */
    bool is_asking;                  /* DIRECT to somebody who may decide: edited once it is decided */
    char channel[RB_CHAT_ID_CAP];
    char user[RB_CHAT_ID_CAP];
    /* DELETE: the message; DIRECT: the one that it edits, "" for a new one; CARD, LINE: posted there again after an unclear post */
    char ts[RB_CHAT_TS_CAP];
    char response_url[RB_CHAT_URL_CAP];
    bool is_replacing; /* ANSWER: replaces the private message it came from */
    int64_t created_utc_ms;
    int64_t attempted_utc_ms; /* 0: never handed out. Saved before a POST leaves, so a restart reads back */
    uint32_t attempts;
    char *payload; /* heap, the platform's, as rendered */
} rb_out;

void rb_out_free(rb_out *out); /* heap row and its payload; NULL is fine */

/* ---- changes ------------------------------------------------------------------------------------------------------ */

typedef enum {
    RB_DELIVERY_OP_NONE,
    RB_DELIVERY_OP_RECEIVE, /* save; RB_E_EXISTS when the key was seen */
    RB_DELIVERY_OP_CONSUME, /* RECEIVED -> consumed; RB_E_CONFLICT when it is not RECEIVED */
    RB_DELIVERY_OP_ABANDON  /* RECEIVED or unknown -> ABANDONED: can never act */
} rb_delivery_op;

typedef struct {
    int64_t at_utc_ms;
    char request[RB_REQUEST_ID_CAP]; /* "" for none */
    char kind[RB_WORD_CAP];          /* note name, "refused", "unauthorised_click", "clock_jump", ... */
    rb_person who;                   /* "" for the bot itself */
    char who_name[RB_NAME_CAP];
    char text[RB_RECORD_TEXT_CAP]; /* cleaned; no secret */
} rb_record;

#define RB_CHANGE_RECORDS_MAX 16
#define RB_CHANGE_OUT_MAX 32

/* One atomic set. Everything but out_put payloads is copied or borrowed until the commit's answer. */
typedef struct rb_change {
    rb_delivery_op delivery_op;
    const rb_delivery *delivery; /* RECEIVE: all of it; else the key counts */
    bool is_read_only;           /* RECEIVE: may be answered again after a restart */
    const rb_request *request;   /* NULL: none. version is what it will be: stored version + 1 */
    rb_record records[RB_CHANGE_RECORDS_MAX];
    uint32_t n_records;
    const rb_out *out_put[RB_CHANGE_OUT_MAX]; /* insert, or replace by id */
    uint32_t n_out_put;
    uint64_t out_delete[RB_CHANGE_OUT_MAX];
    uint32_t n_out_delete;
    rb_err result;                    /* set by commit: RB_OK, EXISTS, CONFLICT, ... */
    char taken_by[RB_REQUEST_ID_CAP]; /* RB_E_EXISTS for a device: the open request that has it */
} rb_change;

/* ---- queries -------------------------------------------------------------------------------------------------------- */

typedef enum {
    RB_QUERY_LIVE,     /* every request that is not final, or is watched (since_utc_ms on state_utc_ms) -> requests */
    RB_QUERY_REQUEST,  /* id -> requests[0] */
    RB_QUERY_COUNTS,   /* device, user (requester), now -> counts: requests with an attempt since */
    RB_QUERY_EARLIER,  /* device, owners' Entra ids in `device`; since -> requests, newest first, at most 20 */
    RB_QUERY_FINISHED, /* person (requester), since (it ended), max -> requests, newest end first */
    RB_QUERY_OUTBOX,   /* -> outs, by id */
    RB_QUERY_RECEIVED, /* deliveries never consumed -> deliveries (with is_read_only) */
    RB_QUERY_RECORDS,  /* id: request or "" -> the newest max records (0: 1,000), oldest of them first */
    RB_QUERY_LAST_UTC  /* -> last_utc_ms: time of the newest commit, 0 when empty */
} rb_query_kind;

typedef struct {
    rb_query_kind kind;
    const char *id;
    const rb_device *device;
    const rb_person *person;
    int64_t since_utc_ms;
    int64_t now_utc_ms;
    size_t max;
    /* answers, heap; freed by rb_query_fini */
    rb_request *requests;
    size_t n_requests;
    rb_counts counts;
    rb_out **outs;
    size_t n_outs;
    rb_delivery *deliveries;
    bool *are_read_only;
    size_t n_deliveries;
    rb_record *records;
    size_t n_records;
    int64_t last_utc_ms;
} rb_query;

void rb_query_fini(rb_query *query);

typedef struct {
    void *self;
    /* All changes in one transaction, each in its own savepoint, result set in each. Anything but RB_OK means that the
     * whole commit failed (RB_E_DISK): nothing of it may be acted on, and the process ends. */
    rb_err (*commit)(void *self, rb_change *const *changes, size_t n, rb_errbuf *errbuf);
    /* RB_OK also when nothing was found. RB_E_IO with a sentence else. */
    rb_err (*query)(void *self, rb_query *query, rb_errbuf *errbuf);
} rb_store_port;

#endif
