/* slack_acks.c - see slack_acks.h. */
#include "chat/slack_acks.h"

#include <inttypes.h>
#include <stdlib.h>

#include "chat/slack_codec.h"
#include "resetbot/log.h"

/* the longest text we ever answer with, said twice, escaped */
#define ACK_BYTES_MAX RB_PAYLOAD_MAX

static void lose(rb_slack_acks *acks, const char *why)
{
    acks->lost++;
    rb_log(RB_LOG_WARN, "event=slack_ack_lost why=%s total=%" PRIu64, why, acks->lost);
}

static void keep(rb_slack_acks *acks, rb_buf *text, int64_t until_ms)
{
    char *owned = NULL;

    if (acks->n == RB_SLACK_ACKS_MAX || rb_buf_take(text, &owned) != RB_OK) {
        lose(acks, "no_room");
        return;
    }
    acks->items[acks->n++] = (rb_slack_waiting_ack){.text = owned, .until_ms = until_ms};
}

void rb_slack_acks_send(rb_slack_acks *acks, rb_slack_sockets *sockets, const rb_io *io, const rb_delivery *delivery,
                        const rb_ack *ack)
{
    uint64_t conn = rb_slack_sockets_best(sockets, delivery->conn);
    rb_buf text;

    rb_buf_init(&text, ACK_BYTES_MAX);
    rb_slack_write_ack(&text, delivery, ack);
    if (text.err)
        lose(acks, rb_err_name(text.err));
    else if (conn != 0)
        io->ws_send(io->self, conn, rb_buf_str(&text));
    else
        keep(acks, &text, delivery->received_boot_ms + RB_SLACK_ACK_LIFE_MS);
    rb_slack_sockets_acked(sockets, delivery->conn);
    rb_buf_fini(&text);
}

/* Takes the first out. */
static void drop_first(rb_slack_acks *acks)
{
    free(acks->items[0].text);
    acks->n--;
    for (uint32_t i = 0; i < acks->n; i++)
        acks->items[i] = acks->items[i + 1];
}

void rb_slack_acks_flush(rb_slack_acks *acks, const rb_slack_sockets *sockets, const rb_io *io, rb_now now)
{
    uint64_t conn = acks->n > 0 ? rb_slack_sockets_best(sockets, 0) : 0;

    while (acks->n > 0 && (conn != 0 || acks->items[0].until_ms <= now.boot_ms)) {
        if (acks->items[0].until_ms <= now.boot_ms)
            lose(acks, "too_old");
        else
            io->ws_send(io->self, conn, rb_str_of(acks->items[0].text));
        drop_first(acks);
    }
}

int64_t rb_slack_acks_due(const rb_slack_acks *acks)
{
    int64_t due_ms = INT64_MAX;

    for (uint32_t i = 0; i < acks->n; i++)
        if (acks->items[i].until_ms < due_ms)
            due_ms = acks->items[i].until_ms;
    return due_ms;
}

void rb_slack_acks_fini(rb_slack_acks *acks)
{
    for (uint32_t i = 0; i < acks->n; i++)
        free(acks->items[i].text);
    *acks = (rb_slack_acks){.n = 0};
}
