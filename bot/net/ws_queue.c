#include "net/ws_queue.h"

#include <stdlib.h>
#include <string.h>

rb_err rb_ws_queue_add(rb_ws_queue *queue, rb_ws_kind kind, rb_str payload)
{
    if (payload.len > RB_WS_QUEUE_MAX - queue->n_bytes)
        return RB_E_LIMIT;
    rb_ws_out *out = malloc(sizeof *out + RB_WS_FRAME_HEADROOM + payload.len);
    if (out == NULL)
        return RB_E_NOMEM;
    out->kind = kind;
    out->len = payload.len;
    if (payload.len > 0)
        memcpy(out->bytes + RB_WS_FRAME_HEADROOM, payload.ptr, payload.len);
    rb_ws_out **link = &queue->first;
    while (*link != NULL && (kind != RB_WS_PING || (*link)->kind == RB_WS_PING))
        link = &(*link)->next;
    out->next = *link;
    *link = out;
    queue->n_bytes += payload.len;
    return RB_OK;
}

rb_ws_out *rb_ws_queue_take(rb_ws_queue *queue)
{
    rb_ws_out *out = queue->first;
    if (out == NULL)
        return NULL;
    queue->first = out->next;
    queue->n_bytes -= out->len;
    return out;
}

void rb_ws_queue_fini(rb_ws_queue *queue)
{
    for (rb_ws_out *out = rb_ws_queue_take(queue); out != NULL; out = rb_ws_queue_take(queue))
        free(out);
}
