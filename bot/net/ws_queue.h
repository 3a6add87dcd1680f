/* ws_queue.h - frames waiting to be written on one websocket; pure memory, bounded by bytes. */
#ifndef NET_WS_QUEUE_H
#define NET_WS_QUEUE_H

#include <stddef.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

/* Payload waiting on one connection. Acks are below 1 kB, a form's ack below 100 kB: at this size the peer has not
 * read for a long time. */
#define RB_WS_QUEUE_MAX (1024 * 1024)
/* Room that lws wants in front of a payload for its header and mask; ws.c checks that it is enough. */
#define RB_WS_FRAME_HEADROOM 32

typedef enum { RB_WS_TEXT, RB_WS_PING, RB_WS_CLOSE } rb_ws_kind;

typedef struct rb_ws_out {
    struct rb_ws_out *next;
    rb_ws_kind kind;
    size_t len;
    unsigned char bytes[]; /* headroom, then the payload, writable: lws masks it in place */
} rb_ws_out;

typedef struct {
    rb_ws_out *first;
    size_t n_bytes;
} rb_ws_queue;

/* Copies. Pings go ahead of waiting texts, behind other pings: liveness must not depend on the length of the queue.
 * A close goes last. RB_E_LIMIT: RB_WS_QUEUE_MAX would be passed. */
rb_err rb_ws_queue_add(rb_ws_queue *queue, rb_ws_kind kind, rb_str payload) RB_MUST_CHECK;
/* The next frame, to be freed by the caller; NULL when empty. */
rb_ws_out *rb_ws_queue_take(rb_ws_queue *queue);
void rb_ws_queue_fini(rb_ws_queue *queue);

#endif
