/* slack_session.h - Slack as a chat port: Socket Mode in, Web API out. Sans-I/O: bytes, time and replies are fed in, and
 * everything it wants of the world goes through rb_io, so that a simulator can run it.
 *
 * Start: auth.test names the workspace and the bot (on_ready), then connections are opened one by one. Every input takes
 * the time; inputs for connections or tags that are gone are ignored. Inputs call the chat events from inside; these may
 * call the port again, but none of the functions below. */
#ifndef RB_CHAT_SLACK_SESSION_H
#define RB_CHAT_SLACK_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/chat_port.h"
#include "resetbot/clock.h"
#include "resetbot/err.h"
#include "resetbot/io.h"
#include "resetbot/limits.h"
#include "resetbot/random.h"
#include "resetbot/secret.h"

#define RB_SLACK_CALLS_MAX (RB_TASKS_MAX + 512) /* calls under way: one a task, and the outbox's */
#define RB_SLACK_ACKS_MAX 256                   /* acks that wait for a socket, for at most RB_SLACK_ACK_LIFE_MS */
#define RB_SLACK_ACK_LIFE_MS 3000               /* docs.slack.dev (read 2026-11): after 3 s Slack has told the person */
#define RB_SLACK_AUTH_WAIT_MS 60000             /* between two tries of auth.test that a person must mend */

typedef struct {
    const char *api_url;        /* ends in "/api/"; https, or http to a loopback address; copied */
    const rb_secret *app_token; /* xapp-...; borrowed until rb_slack_free */
    const rb_secret *bot_token; /* xoxb-...; the same */
    uint32_t connections;       /* 1 to RB_CONNECTIONS_MAX */
    const char *command;        /* "/passcode": others are answered with its name; NULL: any. Copied */
} rb_slack_config;

typedef struct rb_slack rb_slack;

/* io, clock, random and events are copied (their selves borrowed). RB_E_CONFIG with a sentence for a wrong value, also
 * for a token of the wrong kind; RB_E_NOMEM. */
rb_err rb_slack_new(const rb_slack_config *config, const rb_io *io, rb_clock clock, rb_random random,
                    const rb_chat_events *events, rb_slack **out_slack, rb_errbuf *errbuf) RB_MUST_CHECK;
/* Calls under way are forgotten: nothing may be fed in any more. NULL is fine. */
void rb_slack_free(rb_slack *slack);

/* Valid until rb_slack_free. No call is answered from inside; with RB_SLACK_CALLS_MAX under way the answer is LATER,
 * "too_many_calls". */
rb_chat_port rb_slack_port(rb_slack *slack);

void rb_slack_start(rb_slack *slack, rb_now now);
/* Sends close frames everywhere and opens nothing more; sockets are dropped a second later. Calls go on. */
void rb_slack_stop(rb_slack *slack, rb_now now);
/* After stop: no socket is left. */
bool rb_slack_is_stopped(const rb_slack *slack);

/* ---- inputs: what rb_io was asked for ------------------------------------------------------------------------------ */

void rb_slack_ws_up(rb_slack *slack, uint64_t conn, rb_now now);                 /* the upgrade was answered with 101 */
void rb_slack_ws_frame(rb_slack *slack, uint64_t conn, rb_str text, rb_now now); /* one whole text message */
void rb_slack_ws_pong(rb_slack *slack, uint64_t conn, rb_now now);               /* a pong, or a ping of the peer */
/* The connection is gone. http_status: of a refused upgrade, else 0. reason: "" or what is known, for the log. */
void rb_slack_ws_closed(rb_slack *slack, uint64_t conn, int code, int http_status, const char *reason, rb_now now);
void rb_slack_http_done(rb_slack *slack, uint64_t tag, const rb_http_reply *reply, rb_now now);
void rb_slack_timer(rb_slack *slack, rb_now now);

/* ---- for status and metrics ---------------------------------------------------------------------------------------- */

typedef struct {
    bool is_ready;   /* auth.test went well */
    uint32_t wanted; /* connections */
    uint32_t live;
    uint32_t opening;
    uint32_t going;  /* draining or closing */
    uint32_t opened; /* sockets that said hello, ever */
    uint32_t gaps;   /* times without a live socket after the first hello */
    int64_t last_gap_ms;
    bool is_deaf;               /* in such a time now */
    uint32_t num_connections;   /* as Slack counts them */
    uint32_t extra_connections; /* of these, not ours: somebody else has the token, or ghosts. An alarm */
    uint32_t calls;             /* under way */
    uint32_t acks_waiting;
    uint64_t acks_lost; /* too old before a socket was open */
} rb_slack_status;

rb_slack_status rb_slack_status_of(const rb_slack *slack);

#endif
