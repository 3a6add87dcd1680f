/* slack_calls.h - the Web API: an rb_chat_call into HTTP requests, and their replies into an rb_chat_result. Pure.
 *
 * A job is one call on its way; look-ups of lists take several requests (pages). What a reply means is decided here and
 * nowhere else (domain/slack.md 3):
 *   OK       the platform said ok; also "no such user", "no such channel" where that is the answer to the question
 *   LATER    did not happen: rate limited (Retry-After or a default), or the request never left. Also any doubt about a
 *            read, an edit or a deletion, since repeating those does no harm
 *   REFUSED  did not and will not happen: error is the platform's word, or http_404, no_json, reply_too_large, ...
 *   UNCLEAR  a message, private message, answer or form may have come into being: time-outs, 5xx, fatal_error,
 *            internal_error, replies that cannot be read */
#ifndef RB_CHAT_SLACK_CALLS_H
#define RB_CHAT_SLACK_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chat/slack_codec.h"
#include "resetbot/chat_port.h"
#include "resetbot/io.h"

#define RB_SLACK_URL_CAP 1024                       /* our own URLs: api_url and a method; response_url is shorter */
#define RB_SLACK_CURSOR_CAP 512                     /* a cursor is base64 of some dozen bytes */
#define RB_SLACK_PAGES_MAX 100                      /* requests of one call */
#define RB_SLACK_ITEMS_MAX 20000                    /* members of a channel or group; finds */
#define RB_SLACK_FIND_MARGIN_MS (10 * RB_MINUTE_MS) /* our clock against theirs, when looking for a message of ours */

/* A request but for its token and tag. Strings live as long as the struct. */
typedef struct {
    char url[RB_SLACK_URL_CAP];
    const char *content_type;
    rb_buf body;
    bool needs_token; /* false: response_url, which gets none */
    bool is_once;     /* must not be repeated by the HTTP library */
    bool is_secret;
    int64_t timeout_ms;
    size_t reply_max;
} rb_slack_request;

void rb_slack_request_fini(rb_slack_request *request); /* wipes the body */

typedef struct {
    rb_chat_call_kind kind;
    char channel[RB_CHAT_ID_CAP];
    char user[RB_CHAT_ID_CAP];
    char group[RB_CHAT_ID_CAP];
    char thread_ts[RB_CHAT_TS_CAP];
    char email[RB_UPN_CAP]; /* BY_EMAIL: what was asked for */
    char marker_request[RB_REQUEST_ID_CAP];
    uint32_t marker_seq;
    int64_t since_utc_ms;
    bool is_secret;
    char cursor[RB_SLACK_CURSOR_CAP]; /* of the next page; "" for the first */
    uint32_t pages;                   /* read so far */
    char (*items)[RB_CHAT_ID_CAP];    /* heap */
    size_t n_items;
    size_t cap_items;
} rb_slack_job;

/* Copies what later pages and the reading of replies need. RB_E_LIMIT when an id is too long. */
rb_err rb_slack_job_init(rb_slack_job *job, const rb_chat_call *call) RB_MUST_CHECK;
void rb_slack_job_fini(rb_slack_job *job);

/* The first request of a call. api_url ends in '/'. allow_http: response_urls may be plain http (to loopback, in tests).
 * RB_E_LIMIT when it gets too long, RB_E_SYNTAX when the call lacks what it needs. On failure nothing is to be freed. */
rb_err rb_slack_job_first(const rb_slack_job *job, const rb_chat_call *call, const char *api_url, bool allow_http,
                          rb_slack_request *out_request) RB_MUST_CHECK;
/* The request for the next page. */
rb_err rb_slack_job_next(const rb_slack_job *job, const char *api_url, rb_slack_request *out_request) RB_MUST_CHECK;

/* True: *out_result is the call's result; its items belong to the job. False: another page is to be asked for. */
bool rb_slack_job_reply(rb_slack_job *job, const rb_slack_self *self, const rb_http_reply *reply,
                        rb_chat_result *out_result);

/* ---- the two calls of the session itself --------------------------------------------------------------------------- */

/* auth.test and apps.connections.open: a form POST without arguments. */
rb_err rb_slack_plain_request(const char *api_url, const char *method, rb_slack_request *out_request) RB_MUST_CHECK;

/* outcome, error and retry_after_ms as for a read; on OK *out_self is filled from auth.test. */
rb_chat_outcome rb_slack_read_auth(const rb_http_reply *reply, rb_slack_self *out_self, rb_chat_result *out_result);
/* On OK out_url is the ws(s) address of apps.connections.open. */
rb_chat_outcome rb_slack_read_open(const rb_http_reply *reply, char *out_url, size_t cap, rb_chat_result *out_result);

#endif
