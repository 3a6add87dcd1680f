/* slack_acks.h - acknowledgements on their way: sent on the best socket, or kept for the few seconds in which they count. */
#ifndef RB_CHAT_SLACK_ACKS_H
#define RB_CHAT_SLACK_ACKS_H

#include <stdint.h>

#include "chat/slack_session.h"
#include "chat/slack_sockets.h"
#include "resetbot/chat_port.h"
#include "resetbot/io.h"

/* An ack that was sent as its peer closed may not have been read: for so long it is remembered, and sent again. */
#define RB_SLACK_ACK_DOUBT_MS 500
#define RB_SLACK_ACKS_KEPT 64

typedef struct {
    char *text;    /* heap; NULL: none */
    uint64_t conn; /* sent: on which connection */
    int64_t at_ms; /* boot_ms; sent: when, waiting: until when it counts */
} rb_slack_kept_ack;

/* Zeroed: empty. */
typedef struct {
    rb_slack_kept_ack waiting[RB_SLACK_ACKS_MAX];
    uint32_t n;
    rb_slack_kept_ack sent[RB_SLACK_ACKS_KEPT]; /* a ring */
    uint32_t n_sent;
    uint64_t lost;
} rb_slack_acks;

/* On the delivery's own connection if it is open, on another if not, else kept until a socket is there or the delivery is
 * RB_SLACK_ACK_LIFE_MS old. Beyond RB_SLACK_ACKS_MAX waiting ones it is lost, counted and logged. */
void rb_slack_acks_send(rb_slack_acks *acks, rb_slack_sockets *sockets, const rb_io *io, const rb_delivery *delivery,
                        const rb_ack *ack, rb_now now);
/* The peer closed this connection: what was sent on it in the last RB_SLACK_ACK_DOUBT_MS is sent again on another. Slack
 * gets an ack twice then, which is as harmless as one that comes too late. */
void rb_slack_acks_repeat(rb_slack_acks *acks, const rb_slack_sockets *sockets, const rb_io *io, uint64_t conn,
                          rb_now now);
/* Sends what waits, if a socket is open, and forgets what is too old. */
void rb_slack_acks_flush(rb_slack_acks *acks, const rb_slack_sockets *sockets, const rb_io *io, rb_now now);
/* When the oldest is forgotten (boot_ms); INT64_MAX when none waits. */
int64_t rb_slack_acks_due(const rb_slack_acks *acks);
void rb_slack_acks_fini(rb_slack_acks *acks);

#endif
