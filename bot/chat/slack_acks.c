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
    acks->waiting[acks->n++] = (rb_slack_kept_ack){.text = owned, .at_ms = until_ms};
}

/* Takes the text. Without memory it is simply not remembered: it was sent. */
static void remember(rb_slack_acks *acks, rb_buf *text, uint64_t conn, rb_now now)
{
    rb_slack_kept_ack *place = &acks->sent[acks->n_sent++ % RB_SLACK_ACKS_KEPT];
    char *owned = NULL;

    free(place->text);
    *place = (rb_slack_kept_ack){.text = NULL};
    if (rb_buf_take(text, &owned) == RB_OK)
        *place = (rb_slack_kept_ack){.text = owned, .conn = conn, .at_ms = now.boot_ms};
}

void rb_slack_acks_send(rb_slack_acks *acks, rb_slack_sockets *sockets, const rb_io *io, const rb_delivery *delivery,
                        const rb_ack *ack, rb_now now)
{
    uint64_t conn = rb_slack_sockets_best(sockets, delivery->conn);
    rb_buf text;

    rb_buf_init(&text, ACK_BYTES_MAX);
    rb_slack_write_ack(&text, delivery, ack);
    if (text.err) {
        lose(acks, rb_err_name(text.err));
    } else if (conn != 0) {
        io->ws_send(io->self, conn, rb_buf_str(&text));
        remember(acks, &text, conn, now);
    } else {
        keep(acks, &text, delivery->received_boot_ms + RB_SLACK_ACK_LIFE_MS);
    }
    rb_slack_sockets_acked(sockets, delivery->conn);
    rb_buf_fini(&text);
}

static void send_again(rb_slack_acks *acks, const rb_slack_sockets *sockets, const rb_io *io, const char *text,
                       rb_now now)
{
    uint64_t conn = rb_slack_sockets_best(sockets, 0);
    rb_buf copy;

    if (conn != 0) {
        io->ws_send(io->self, conn, rb_str_of(text));
        return;
    }
    rb_buf_init(&copy, ACK_BYTES_MAX);
    rb_buf_adds(&copy, text);
    keep(acks, &copy, now.boot_ms + RB_SLACK_ACK_LIFE_MS - RB_SLACK_ACK_DOUBT_MS);
    rb_buf_fini(&copy);
}

void rb_slack_acks_repeat(rb_slack_acks *acks, const rb_slack_sockets *sockets, const rb_io *io, uint64_t conn,
                          rb_now now)
{
    for (uint32_t i = 0; i < RB_SLACK_ACKS_KEPT; i++) {
        rb_slack_kept_ack *sent = &acks->sent[(acks->n_sent + i) % RB_SLACK_ACKS_KEPT];
        if (!sent->text || sent->conn != conn)
            continue;
        if (now.boot_ms - sent->at_ms < RB_SLACK_ACK_DOUBT_MS)
            send_again(acks, sockets, io, sent->text, now);
        free(sent->text);
        *sent = (rb_slack_kept_ack){.text = NULL};
    }
}

/* Takes the first out. */
static void drop_first(rb_slack_acks *acks)
{
    free(acks->waiting[0].text);
    acks->n--;
    for (uint32_t i = 0; i < acks->n; i++)
        acks->waiting[i] = acks->waiting[i + 1];
}

void rb_slack_acks_flush(rb_slack_acks *acks, const rb_slack_sockets *sockets, const rb_io *io, rb_now now)
{
    uint64_t conn = acks->n > 0 ? rb_slack_sockets_best(sockets, 0) : 0;

    while (acks->n > 0 && (conn != 0 || acks->waiting[0].at_ms <= now.boot_ms)) {
        if (acks->waiting[0].at_ms <= now.boot_ms)
            lose(acks, "too_old");
        else
            io->ws_send(io->self, conn, rb_str_of(acks->waiting[0].text));
        drop_first(acks);
    }
}

int64_t rb_slack_acks_due(const rb_slack_acks *acks)
{
    int64_t due_ms = INT64_MAX;

    for (uint32_t i = 0; i < acks->n; i++)
        if (acks->waiting[i].at_ms < due_ms)
            due_ms = acks->waiting[i].at_ms;
    return due_ms;
}

void rb_slack_acks_fini(rb_slack_acks *acks)
{
    for (uint32_t i = 0; i < acks->n; i++)
        free(acks->waiting[i].text);
    for (uint32_t i = 0; i < RB_SLACK_ACKS_KEPT; i++)
        free(acks->sent[i].text);
    *acks = (rb_slack_acks){.n = 0};
}
