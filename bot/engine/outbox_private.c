/* What one person sees: direct messages, private answers; and the deletion of our own duplicates. None of it can be read
 * back: repeated once when unclear, and then not while the platform is away. */
#include "engine/outbox.h"

#define ROADS 3 /* of an answer: response_url, in the channel, direct */

/* The one repetition of a message that cannot be read back is not wasted on a platform that is away. */
static void probed(row *item, const rb_chat_result *result, rb_now now)
{
    bool is_away = result->outcome == RB_CHAT_LATER || result->outcome == RB_CHAT_UNCLEAR;
    item->is_probing = false;
    item->must_probe = is_away;
    if (is_away) {
        outbox_later(item, result);
    } else {
        outbox_again_at(item, now.boot_ms);
    }
}

/* An owner who may not know counts as not told. */
static bool is_owner_asked(const row *item)
{
    return item->out->is_owner && item->out->note == RB_NOTE_ASKED;
}

static void unclear(row *item, rb_now now)
{
    item->n_unclear++;
    if (item->out->kind == RB_OUT_DELETE || item->n_unclear < 2) { /* a message may be repeated once */
        item->must_probe = item->out->user[0];
        item->road +=
            item->out->kind == RB_OUT_ANSWER && item->road + 1 < ROADS; /* a url that fails may go on failing */
        outbox_again_at(item, now.boot_ms + RB_SECOND_MS);
    } else if (is_owner_asked(item)) {
        outbox_end_with_event(item, RB_EV_OWNER, "", "", RB_OWNER_NOT_TOLD);
    } else {
        outbox_end_row(item, "message_unclear", RB_T("may not have arrived"));
    }
}

static void refused(row *item, const rb_chat_result *result, rb_now now)
{
    if (outbox_goes_plain(item, result)) {
        return;
    }
    switch (item->out->kind) {
    case RB_OUT_CARD: /* never: outbox_channel.c */
    case RB_OUT_LINE: return;
    case RB_OUT_DIRECT:
        if (item->out->is_owner) {
            outbox_end_with_event(item, RB_EV_OWNER, "", "", RB_OWNER_NOT_TOLD);
        } else {
            outbox_end_row(item, "direct_message_refused", result->error);
        }
        return;
    case RB_OUT_ANSWER:
        item->road++;
        if (item->road < ROADS) {
            outbox_again_at(item, now.boot_ms);
        } else {
            outbox_end_row(item, "answer_refused", result->error);
        }
        return;
    case RB_OUT_DELETE:
        outbox_end_row(item, NULL, NULL); /* message_not_found: gone already */
        return;
    }
}

static void done(row *item, const rb_chat_result *result)
{
    if (is_owner_asked(item)) {
        outbox_end_with_event(item, RB_EV_OWNER, "", "", RB_OWNER_TOLD);
    } else if (item->out->kind == RB_OUT_DELETE) {
        outbox_end_row(item, "duplicate_deleted", item->out->ts);
    } else {
        engine_asked(item->engine, item->out, result);
        outbox_end_row(item, NULL, NULL);
    }
}

void outbox_private_result(row *item, const rb_chat_result *result, rb_now now)
{
    if (item->is_probing) {
        probed(item, result, now);
        return;
    }
    if (item->is_editing) {
        outbox_edited(item, result, now);
        item->is_editing = false;
    }
    switch (result->outcome) {
    case RB_CHAT_OK: done(item, result); break;
    case RB_CHAT_LATER: outbox_later(item, result); break;
    case RB_CHAT_UNCLEAR: unclear(item, now); break;
    case RB_CHAT_REFUSED: refused(item, result, now); break;
    }
}

static void send_answer(row *item, rb_now now)
{
    const rb_out *out = item->out;
    int64_t age = now.utc_ms - out->created_utc_ms; /* by either clock: the wall clock may have been set */
    bool is_old =
        age < 0 || age > RB_RESPONSE_URL_LIFE_MS || now.boot_ms - item->added_boot_ms > RB_RESPONSE_URL_LIFE_MS;
    bool is_url_dead = !out->response_url[0] || is_old;
    if (item->road == 0 && is_url_dead) {
        item->road = 1;
    }
    if (item->road == 1 && !out->channel[0]) {
        item->road = 2;
    }
    if (item->road == 0) {
        outbox_call(
            item, (rb_chat_call){.kind = RB_CHAT_RESPOND, .url = out->response_url, .is_replacing = out->is_replacing});
    } else if (item->road == 1) {
        outbox_call(item, (rb_chat_call){.kind = RB_CHAT_PRIVATE, .channel = out->channel, .user = out->user});
    } else {
        outbox_call(item, (rb_chat_call){.kind = RB_CHAT_DIRECT, .user = out->user});
    }
}

bool outbox_is_private_edit(const row *item)
{
    return item->out->kind == RB_OUT_DIRECT && item->out->ts[0];
}

int64_t outbox_private_send(row *item, rb_now now)
{
    const rb_out *out = item->out;
    if (item->must_probe) {
        item->is_probing = true;
        outbox_call(item, (rb_chat_call){.kind = RB_CHAT_DM_CHANNEL, .user = out->user});
    } else if (outbox_is_private_edit(item)) {
        return outbox_edit(item, out->channel, out->ts, now);
    } else if (out->kind == RB_OUT_DIRECT) {
        outbox_call(item, (rb_chat_call){.kind = RB_CHAT_DIRECT, .user = out->user});
    } else if (out->kind == RB_OUT_DELETE) {
        outbox_call(item, (rb_chat_call){.kind = RB_CHAT_DELETE, .channel = out->channel, .ts = out->ts});
    } else {
        send_answer(item, now);
    }
    return INT64_MAX;
}
