/* slack_sockets.h - the set of Socket Mode connections: which are open, when the next is opened, when an old one goes.
 *
 * Sans-I/O. The session tells it what happened, asks it for the connection to answer on, and opens an address for it
 * whenever rb_slack_sockets_wants_url says so. Life of one socket:
 *
 *   OPENING --hello--> LIVE --(replaced)--> DRAINING --(quiet)--> CLOSING --> gone
 *
 * OPENING: from ws_open until hello, at most 10 s. LIVE: read, acked on, pinged every 5 s. A LIVE socket that was told to
 * go, or is old, is `leaving`: it stays LIVE until another has said hello. DRAINING: still read and acked on, until 2 s
 * without an envelope and nothing unacked, at most 10 s; sooner when its place is needed. CLOSING: a close frame was sent;
 * what still arrives is read, but answered elsewhere; dropped after 1 s. One socket is OPENING at a time, and one more than
 * are wanted is held at most. */
#ifndef RB_CHAT_SLACK_SOCKETS_H
#define RB_CHAT_SLACK_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "chat/slack_codec.h"
#include "resetbot/clock.h"
#include "resetbot/io.h"
#include "resetbot/random.h"

#define RB_SLACK_SOCKETS_MAX 10 /* docs.slack.dev/apis/events-api/using-socket-mode (read 2026-11): 10 an app */
#define RB_SLACK_HELLO_MS 10000 /* connect, upgrade and hello */
#define RB_SLACK_PING_MS 5000
#define RB_SLACK_DEAD_MS 13000 /* without a sign of life; 15 s is the promise (R6), the rest is for late timers */
#define RB_SLACK_QUIET_MS 2000
#define RB_SLACK_DRAIN_MS 10000
#define RB_SLACK_CLOSE_MS 1000
#define RB_SLACK_SLOW_MS 60000    /* at least, between tries after a fault that a person must mend */
#define RB_SLACK_LIFE_MS 18060000 /* when hello does not say: what Slack said in every capture */

#define RB_SLACK_TRIES_KEPT 32

typedef enum {
    RB_SLACK_SOCKET_NONE,
    RB_SLACK_SOCKET_OPENING,
    RB_SLACK_SOCKET_LIVE,
    RB_SLACK_SOCKET_DRAINING,
    RB_SLACK_SOCKET_CLOSING
} rb_slack_socket_state;

typedef struct {
    rb_slack_socket_state state;
    uint64_t conn;
    int64_t since_ms; /* when the state began; all times are boot_ms */
    int64_t hello_ms;
    int64_t heard_ms; /* last sign of life */
    int64_t pinged_ms;
    int64_t envelope_ms; /* last envelope */
    int64_t renew_ms;    /* when it is to be replaced without being told */
    uint32_t unacked;
    bool is_leaving;
} rb_slack_socket;

typedef struct {
    const rb_io *io;
    const rb_random *random;
    uint32_t wanted;
    rb_slack_socket items[RB_SLACK_SOCKETS_MAX];
    uint64_t last_conn;
    bool is_started;
    bool is_asking;    /* apps.connections.open is under way */
    int64_t ask_at_ms; /* not before */
    uint32_t failures; /* since a socket last proved itself */
    uint64_t proving;  /* the youngest socket, until it has lived a minute */
    int64_t due_ms;    /* when run was to be called next */
    bool had_hello;
    bool is_deaf;        /* no socket is open although one was */
    int64_t read_ms;     /* until when the sockets that went were surely read */
    int64_t deaf_ms;     /* since when: the last sign of life, not when it was noticed */
    int64_t last_gap_ms; /* length of the last such time; 0: never */
    uint32_t gaps;
    uint32_t opened;                       /* sockets that said hello, ever */
    uint32_t num_connections;              /* as Slack said last */
    uint32_t extra_connections;            /* of these, not ours at the last hello */
    int64_t gone_ms[RB_SLACK_SOCKETS_MAX]; /* when the latest sockets went: Slack counts them for a while */
    uint32_t n_gone;
    int64_t tried_ms[RB_SLACK_TRIES_KEPT]; /* when the latest sockets were opened */
    uint32_t n_tried;
} rb_slack_sockets;

void rb_slack_sockets_init(rb_slack_sockets *set, const rb_io *io, const rb_random *random, uint32_t wanted);
/* From now on sockets are wanted. */
void rb_slack_sockets_start(rb_slack_sockets *set, rb_now now);
/* Close frames everywhere; nothing is opened any more. */
void rb_slack_sockets_stop(rb_slack_sockets *set, rb_now now);

/* Lets time pass: pings, deadlines, renewals. Call it after every input and at the time it returns (boot_ms). */
int64_t rb_slack_sockets_run(rb_slack_sockets *set, rb_now now);

/* True when an address is to be fetched now; it then counts as asked for until _opened or _refused is called. */
bool rb_slack_sockets_wants_url(rb_slack_sockets *set, rb_now now);
void rb_slack_sockets_opened(rb_slack_sockets *set, const char *url, rb_now now);
/* word: why there is no address. At least wait_ms pass before the next try. */
void rb_slack_sockets_refused(rb_slack_sockets *set, const char *word, int64_t wait_ms, rb_now now);

/* Any frame, ping or pong of a connection: false when it is not ours (any more). */
bool rb_slack_sockets_heard(rb_slack_sockets *set, uint64_t conn, rb_now now);
void rb_slack_sockets_hello(rb_slack_sockets *set, uint64_t conn, const rb_slack_frame *hello, rb_now now);
void rb_slack_sockets_bye(rb_slack_sockets *set, uint64_t conn, const rb_slack_frame *bye, rb_now now);
/* The peer closed, or the upgrade was refused with http_status. */
void rb_slack_sockets_closed(rb_slack_sockets *set, uint64_t conn, int code, int http_status, const char *reason,
                             rb_now now);

/* An envelope arrived that is to be acked; it was acked. */
void rb_slack_sockets_received(rb_slack_sockets *set, uint64_t conn, rb_now now);
void rb_slack_sockets_acked(rb_slack_sockets *set, uint64_t conn);
/* The connection to answer on: the preferred one if it is open, else another; 0 when none is. */
uint64_t rb_slack_sockets_best(const rb_slack_sockets *set, uint64_t preferred);

uint32_t rb_slack_sockets_count(const rb_slack_sockets *set, rb_slack_socket_state state);

#endif
