/* slack_plan.h - the set of Socket Mode connections as data (slack_sockets.h says how they live): how many are held, when they are opened and replaced: renewals apart from each other, pauses after
 * failures. */
#ifndef RB_CHAT_SLACK_PLAN_H
#define RB_CHAT_SLACK_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/clock.h"
#include "resetbot/io.h"
#include "resetbot/limits.h"
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

uint32_t rb_slack_plan_count(const rb_slack_sockets *set, rb_slack_socket_state state);
/* Sockets that are LIVE and stay. */
uint32_t rb_slack_plan_count_good(const rb_slack_sockets *set);
/* One is to be opened, and none is on its way. */
bool rb_slack_plan_lacks_one(const rb_slack_sockets *set);
/* One more than are wanted is held at most: a replacement beside its predecessor. */
bool rb_slack_plan_has_room(const rb_slack_sockets *set);
/* When a draining socket goes (boot_ms): RB_SLACK_QUIET_MS after its last envelope when nothing is unacked, after
 * RB_SLACK_DRAIN_MS in any case; sooner when a replacement waits for its place. */
int64_t rb_slack_plan_drained(const rb_slack_sockets *set, const rb_slack_socket *socket);

/* The renewal (boot_ms) of a socket that said hello now and is to live about life_ms: at nine tenths of it, or as much
 * earlier as keeps it a fifth of life_ms away from the renewals of all other sockets (issue "Socket Mode"). Where that many
 * do not fit into one life, the distance is halved until they do. */
int64_t rb_slack_plan_renewal(const rb_slack_sockets *set, int64_t life_ms, rb_now now);

#define RB_SLACK_SPREAD_MS 1000 /* between sockets: opened at once they are refused with 409 (domain/slack.md 1.1) */

/* How long to wait after a failure, when `failures` came before it: back-off with full jitter, 1 s doubling to 30 s; for a
 * lasting fault RB_SLACK_SLOW_MS and jitter that doubles to 4 minutes. Never less than wait_ms, which the peer asked for. */
int64_t rb_slack_plan_pause(const rb_random *random, bool is_lasting, uint32_t failures, int64_t wait_ms);

/* Sockets that are sent away are replaced at once, but a peer that sends each new one away must not make us run in circles:
 * more were opened in the last minute than planned renewals explain, and apps.connections.open is rate limited. */
bool rb_slack_plan_is_hectic(const rb_slack_sockets *set, rb_now now);

#endif
