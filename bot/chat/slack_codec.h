/* slack_codec.h - Socket Mode frames into what they mean, and acknowledgements into frames. Pure. */
#ifndef RB_CHAT_SLACK_CODEC_H
#define RB_CHAT_SLACK_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/chat_port.h"
#include "resetbot/clock.h"
#include "resetbot/err.h"
#include "resetbot/str.h"

typedef enum {
    RB_SLACK_FRAME_HELLO,
    RB_SLACK_FRAME_DISCONNECT,
    RB_SLACK_FRAME_DELIVERY, /* delivery is for the engine, which acks it */
    RB_SLACK_FRAME_REFUSED,  /* not delivered: ack with `refusal`, which says that nothing was done */
    RB_SLACK_FRAME_IDLE,     /* an envelope we have no use for: ack it, no more */
    /* somebody's doing, perhaps, that cannot be read: no ack, so that Slack tells them that nothing came of it (R1) */
    RB_SLACK_FRAME_UNREADABLE,
    RB_SLACK_FRAME_UNKNOWN, /* JSON of a type we do not know: nothing to do */
    RB_SLACK_FRAME_GARBAGE  /* no JSON object */
} rb_slack_frame_kind;

/* Why the peer says goodbye (domain/slack.md 1.2). OTHER: a reason that we do not know is taken as a planned renewal. */
typedef enum {
    RB_SLACK_BYE_WARNING,
    RB_SLACK_BYE_REFRESH,
    RB_SLACK_BYE_LINK_DISABLED,
    RB_SLACK_BYE_TOO_MANY,
    RB_SLACK_BYE_OTHER
} rb_slack_bye;

/* About 40 kB: keep one on the heap. */
typedef struct {
    rb_slack_frame_kind kind;
    uint32_t num_connections;             /* HELLO, and DISCONNECT when it says so; 0: not said */
    int64_t life_ms;                      /* HELLO: approximate_connection_time; 0: not said */
    rb_slack_bye bye;                     /* DISCONNECT */
    char envelope_id[RB_ENVELOPE_ID_CAP]; /* DELIVERY, REFUSED, IDLE */
    char what[RB_WORD_CAP]; /* for the log: type of the frame, reason of a disconnect; letters, digits, '_', '.' */
    rb_delivery delivery;   /* DELIVERY; REFUSED: kind and fields as far as needed for the ack */
    rb_ack refusal;         /* REFUSED: its strings are static or point into delivery */
} rb_slack_frame;

/* What the payloads are compared with: the installation's own ids, "" until known. */
typedef struct {
    char team[RB_CHAT_ID_CAP];
    char enterprise[RB_CHAT_ID_CAP];
    char bot_user[RB_CHAT_ID_CAP];
    char bot_id[RB_CHAT_ID_CAP];
} rb_slack_self;

/* What the manifest calls our shortcut. */
#define RB_SLACK_SHORTCUT "reset_from_message"

/* Reads one whole text message. Never fails: what cannot be used is IDLE, UNKNOWN or GARBAGE. */
void rb_slack_decode(rb_str text, const rb_slack_self *self, uint64_t conn, rb_now now, rb_slack_frame *out_frame);

/* {"envelope_id":...[,"payload":...]}. A form error without a field goes to the delivery's first field. */
void rb_slack_write_ack(rb_buf *out, const rb_delivery *delivery, const rb_ack *ack);

#endif
