/* Cards and thread lines: one post at a time a channel, one edit at a time, read back when a post's effect is unknown (design 3,
 * Store). */
#include <assert.h>
#include <string.h>

#include "engine/outbox.h"
#include "resetbot/log.h"

#define POST_GAP_MS 1050        /* one message a second a channel (domain/slack.md 3) */
#define EDIT_GAP_MS 1250        /* chat.update is Tier 3: 50 a minute; design R5 says 1.3 s a card */
#define DUPLICATE_LOOK_MS 20000 /* a duplicate lives at most 60 s (design U1) */
#define REFUSED_GAP_MS 60000

#define UNCLEAR_DOUBLINGS 3 /* 5, 10, 20, 40 s: a platform that times out is not asked faster and faster */
#define FINDS_REFUSED_MAX 3
#define FIND_MARGIN_MS (RB_DAY_MS + RB_HOUR_MS) /* the wall clock at the attempt may have been wrong by a day */
#define LOOK_FRESH_MS RB_RIGHTS_FRESH_MS

/* ---- where a card is ---------------------------------------------------------------------------------------------- */

/* Is its card there already? Then what is left to do is an edit. */
static bool is_edit(const row *item)
{
    return item->out->kind == RB_OUT_CARD && outbox_card_of(item->engine, item->out->request)[0];
}

static void card_is_at(row *item, const char *channel, const char *ts, bool is_over)
{
    rb_engine *engine = item->engine;
    if (is_over) {
        outbox_end_with_event(item, RB_EV_CARD, channel, ts, RB_OWNER_NOBODY);
    } else {
        engine_start_event(engine, item->out->request, RB_EV_CARD, channel, ts, RB_OWNER_NOBODY, 0);
    }
}

static void look_saved(rb_engine *engine, void *context, rb_change *change)
{
    (void)change;
    outbox_again_at(context, engine_now(engine).boot_ms + DUPLICATE_LOOK_MS);
}

/* Posted again after an unclear one: the first may still show up. That it is there is saved before where the card is, so
 * that a restart does not take the row for one that waits, and its old words for news. */
static void look_for_duplicate_later(row *item, const char *ts)
{
    rb_change *change = engine_change_new();
    assert(change && "out of memory for a change");
    item->is_posted = true;
    item->must_find = true;
    item->state = ROW_MARKING;
    rb_copy_fit(item->posted_ts, sizeof item->posted_ts, ts);
    rb_copy_fit(item->out->ts, sizeof item->out->ts, ts);
    change->out_put[change->n_out_put++] = item->out;
    engine_commit_take(item->engine, change, look_saved, item);
}

static void posted(row *item, const rb_chat_result *result)
{
    bool is_card = item->out->kind == RB_OUT_CARD;
    if (item->n_unclear == 0) {
        if (is_card) {
            card_is_at(item, result->channel, result->ts, true);
        } else {
            outbox_end_row(item, NULL, NULL);
        }
        return;
    }
    look_for_duplicate_later(item, result->ts);
    if (is_card) {
        card_is_at(item, result->channel, result->ts, false);
    }
}

static void found(row *item, const rb_chat_result *result, rb_now now)
{
    rb_engine *engine = item->engine;
    bool is_card = item->out->kind == RB_OUT_CARD;
    item->is_finding = false;
    if (result->outcome == RB_CHAT_LATER || result->outcome == RB_CHAT_UNCLEAR) {
        outbox_later(item, result);
        return;
    }
    if (result->outcome == RB_CHAT_REFUSED && ++item->n_finds_refused < FINDS_REFUSED_MAX) {
        outbox_again_at(item, now.boot_ms + REFUSED_GAP_MS); /* not seen is not absent */
        return;
    }
    if (is_card && item->is_posted && strcmp(outbox_card_of(engine, item->out->request), item->posted_ts) != 0) {
        /* killed after the post was saved and before its place was */
        card_is_at(item, item->out->channel, item->posted_ts, false);
        outbox_again_at(item, now.boot_ms + DUPLICATE_LOOK_MS);
        return;
    }
    const char *kept = item->is_posted ? item->posted_ts : result->n_items ? result->items[0] : "";
    for (size_t i = 0; i < result->n_items; i++) {
        if (strcmp(result->items[i], kept) != 0) {
            outbox_delete_duplicate(engine, item->out->request, item->out->channel, result->items[i]);
        }
    }
    item->must_find = false;
    if (!kept[0]) { /* absent: post again */
        outbox_again_at(item, now.boot_ms);
    } else if (!is_card || item->is_posted) {
        outbox_end_row(item, NULL, NULL);
    } else { /* adopted; what it shows may be old by now: edit it */
        if (strcmp(outbox_card_of(engine, item->out->request), kept) != 0) {
            rb_copy_fit(item->posted_ts, sizeof item->posted_ts, kept);
            card_is_at(item, item->out->channel, kept, false);
        }
        outbox_again_at(item, now.boot_ms);
    }
}

void outbox_channel_loaded(row *item, rb_now now)
{
    const rb_out *out = item->out;
    item->is_marked = out->attempted_utc_ms != 0;
    item->must_find = item->is_marked;
    item->is_posted = item->is_marked && out->ts[0];
    if (item->is_posted) { /* posted again: its words may be old by now, only the look for a duplicate is left */
        rb_copy_fit(item->posted_ts, sizeof item->posted_ts, out->ts);
        bool is_place_known = strcmp(outbox_card_of(item->engine, out->request), out->ts) == 0;
        item->not_before_boot_ms = is_place_known || out->kind != RB_OUT_CARD ? now.boot_ms + DUPLICATE_LOOK_MS : 0;
    } else if (item->must_find) { /* the last process may have been killed while it posted: as after an unclear post */
        int64_t since = now.utc_ms - out->attempted_utc_ms;
        bool is_fresh = since >= 0 && since < RB_UNCLEAR_WAIT_MS;
        item->n_unclear = 1;
        item->not_before_boot_ms = is_fresh ? now.boot_ms + RB_UNCLEAR_WAIT_MS - since : 0;
    }
}

/* ---- unclear and refused ------------------------------------------------------------------------------------------ */

static void unclear(row *item, rb_now now)
{
    if (item->is_editing) { /* may be repeated */
        outbox_away(item, 0);
        return;
    }
    uint32_t doublings = item->n_unclear < UNCLEAR_DOUBLINGS ? item->n_unclear : UNCLEAR_DOUBLINGS;
    item->n_unclear++;
    item->must_find = true;
    outbox_again_at(item, now.boot_ms + ((int64_t)RB_UNCLEAR_WAIT_MS << doublings));
}

/* A final request whose card cannot be posted: its lines have no thread to go to. */
static void end_lines_without_card(rb_engine *engine, const char *request)
{
    for (row *item = engine->rows; item; item = item->next) {
        bool is_line = item->out->kind == RB_OUT_LINE && item->state == ROW_IDLE;
        if (is_line && strcmp(item->out->request, request) == 0) {
            outbox_end_row(item, NULL, NULL);
        }
    }
}

/* What an edit can never do again: its message is gone, or Slack lets nobody change it (docs, chat.update). */
static bool is_edit_over(const char *error)
{
    return strcmp(error, "message_not_found") == 0 || strcmp(error, "cant_update_message") == 0 ||
           strcmp(error, "edit_window_closed") == 0;
}

/* By both clocks: the wall clock may have been set. */
static bool is_a_day_old(const row *item, rb_now now)
{
    return now.utc_ms - item->out->created_utc_ms > RB_DAY_MS && now.boot_ms - item->added_boot_ms > RB_HOUR_MS;
}

/* The card cannot be posted: requester and administrators are told the fix, once; tries go on until the request ends. */
static void card_refused(row *item, const char *error, rb_now now)
{
    rb_engine *engine = item->engine;
    slot *target = engine_slot(engine, item->out->request);
    if (!item->is_problem_told && target) {
        item->is_problem_told = true;
        engine_start_post_problem(engine, item->out->request, error, false);
    }
    if (target && rb_state_is_final(target->request.state)) {
        outbox_end_row(item, "post_refused", error);
        end_lines_without_card(engine, item->out->request);
        return;
    }
    item->is_marked = false; /* surely not there: it may go to another channel once the policy names one */
    item->must_find = false;
    item->n_unclear = 0;
    item->looked_boot_ms = 0;
    outbox_again_at(item, now.boot_ms + REFUSED_GAP_MS);
}

static void post_refused(row *item, const rb_chat_result *result, rb_now now)
{
    slot *target = engine_slot(item->engine, item->out->request);
    bool is_final = !target || rb_state_is_final(target->request.state);
    rb_log(RB_LOG_ERROR, "event=post_refused request=%s error=%s", item->out->request, result->error);
    if (outbox_goes_plain(item, result)) {
        return;
    }
    if (item->out->kind == RB_OUT_CARD && !item->is_editing) {
        card_refused(item, result->error, now);
    } else if ((item->is_editing && is_edit_over(result->error)) || (is_final && is_a_day_old(item, now))) {
        /* its card was deleted, or the channel is gone for good */
        outbox_end_row(item, item->is_editing ? "edit_refused" : "post_refused", result->error);
    } else {
        outbox_again_at(item, now.boot_ms + REFUSED_GAP_MS);
    }
}

/* ---- results ------------------------------------------------------------------------------------------------------ */

static void done(row *item, const rb_chat_result *result)
{
    outbox_plain_stands(item);
    if (item->is_editing) {
        outbox_end_row(item, NULL, NULL);
    } else {
        posted(item, result);
    }
}

void outbox_edited(row *item, const rb_chat_result *result, rb_now now)
{
    rb_engine *engine = item->engine;
    int64_t wait = result->outcome == RB_CHAT_LATER ? result->retry_after_ms : 0;
    engine->is_editing = false;
    engine->edit_boot_ms = now.boot_ms + (wait > EDIT_GAP_MS ? wait : EDIT_GAP_MS);
}

static void release_lane(row *item, const rb_chat_result *result, rb_now now)
{
    if (item->is_editing) {
        outbox_edited(item, result, now);
        return;
    }
    lane *way = outbox_lane(item->engine, item->out->channel);
    int64_t wait = result->outcome == RB_CHAT_LATER ? result->retry_after_ms : 0;
    way->is_posting = false;
    way->post_boot_ms = now.boot_ms + (wait > POST_GAP_MS ? wait : POST_GAP_MS);
}

/* The request channel, read before a card goes there that was not sent just now, or goes elsewhere than it was sent to. */
static void looked(row *item, const rb_chat_result *result, rb_now now)
{
    item->is_looking = false;
    const char *fault = engine_channel_fault(result);
    if (result->outcome == RB_CHAT_LATER || result->outcome == RB_CHAT_UNCLEAR) {
        outbox_later(item, result);
    } else if (fault) {
        rb_log(RB_LOG_ERROR, "event=card_not_posted request=%s why=\"%s\"", item->out->request, fault);
        card_refused(item, fault, now);
    } else {
        item->looked_boot_ms = now.boot_ms;
        outbox_again_at(item, now.boot_ms);
    }
}

void outbox_channel_result(row *item, const rb_chat_result *result, rb_now now)
{
    if (item->is_looking) {
        looked(item, result, now);
        return;
    }
    if (item->is_finding) {
        found(item, result, now);
        return;
    }
    release_lane(item, result, now);
    switch (result->outcome) {
    case RB_CHAT_OK: done(item, result); break;
    case RB_CHAT_LATER: outbox_later(item, result); break;
    case RB_CHAT_UNCLEAR: unclear(item, now); break;
    case RB_CHAT_REFUSED: post_refused(item, result, now); break;
    }
}

/* ---- sending ------------------------------------------------------------------------------------------------------ */

static void start_find(row *item, const char *thread_ts)
{
    item->is_finding = true;
    outbox_call(item, (rb_chat_call){.kind = RB_CHAT_FIND,
                                     .channel = item->out->channel,
                                     .thread_ts = thread_ts,
                                     .since_utc_ms = item->out->attempted_utc_ms - FIND_MARGIN_MS,
                                     .marker_request = item->out->request,
                                     .marker_seq = item->out->seq});
}

static void start_post(row *item)
{
    const char *thread = item->out->kind == RB_OUT_LINE ? outbox_card_of(item->engine, item->out->request) : "";
    outbox_call(item, (rb_chat_call){.kind = RB_CHAT_POST, .channel = item->out->channel, .thread_ts = thread});
}

static void marked(rb_engine *engine, void *context, rb_change *change)
{
    row *item = context;
    (void)engine;
    (void)change;
    item->is_marked = true;
    start_post(item);
}

/* The time of the attempt is saved first: after a crash the channel is read back from then on. */
static void mark_then_post(row *item, rb_now now)
{
    rb_change *change = engine_change_new();
    assert(change && "out of memory for a change");
    item->state = ROW_MARKING;
    item->out->attempted_utc_ms = now.utc_ms;
    item->out->attempts++;
    change->out_put[change->n_out_put++] = item->out;
    engine_commit_take(item->engine, change, marked, item);
}

bool outbox_may_be_there(const row *item)
{
    return item->must_find || item->n_unclear > 0;
}

/* A card stays where it was posted, and its lines with it; one that is surely nowhere goes where the policy says now. */
static void choose_channel(row *item)
{
    rb_out *out = item->out;
    const slot *target = engine_slot(item->engine, out->request);
    const char *channel = target && target->request.card_channel[0] ? target->request.card_channel
                          : outbox_may_be_there(item)               ? out->channel
                                                                    : item->engine->policy->request_channel;
    if (strcmp(channel, out->channel) != 0) {
        item->looked_boot_ms = 0;
        item->is_marked = false;
        rb_copy_fit(out->channel, sizeof out->channel, channel);
    }
}

static bool must_look(const row *item, rb_now now)
{
    bool is_old = !item->looked_boot_ms || now.boot_ms - item->looked_boot_ms > LOOK_FRESH_MS;
    return item->out->kind == RB_OUT_CARD && is_old;
}

int64_t outbox_edit(row *item, const char *channel, const char *ts, rb_now now)
{
    rb_engine *engine = item->engine;
    if (engine->is_editing || engine->edit_boot_ms > now.boot_ms) {
        return engine->is_editing ? INT64_MAX : engine->edit_boot_ms;
    }
    engine->is_editing = true;
    item->is_editing = true;
    outbox_call(item, (rb_chat_call){.kind = RB_CHAT_UPDATE, .channel = channel, .ts = ts});
    return INT64_MAX;
}

static void post_now(row *item, lane *way, rb_now now)
{
    if (must_look(item, now)) {
        item->is_looking = true;
        outbox_call(item, (rb_chat_call){.kind = RB_CHAT_CHANNEL, .channel = item->out->channel});
        return;
    }
    way->is_posting = true;
    item->is_editing = false;
    if (item->is_marked) {
        start_post(item);
    } else {
        mark_then_post(item, now);
    }
}

int64_t outbox_channel_send(row *item, rb_now now)
{
    const char *card = outbox_card_of(item->engine, item->out->request);
    if (item->out->kind == RB_OUT_LINE && !card[0]) {
        return INT64_MAX; /* the card comes first */
    }
    choose_channel(item);
    if (item->must_find) {
        start_find(item, item->out->kind == RB_OUT_LINE ? card : "");
        return INT64_MAX;
    }
    if (item->posted_ts[0] && !card[0]) {
        return INT64_MAX; /* adopted: its place is being saved, then it is edited */
    }
    if (is_edit(item)) {
        return outbox_edit(item, item->out->channel, card, now);
    }
    lane *way = outbox_lane(item->engine, item->out->channel);
    if (way->is_posting || way->post_boot_ms > now.boot_ms) {
        return way->is_posting ? INT64_MAX : way->post_boot_ms;
    }
    post_now(item, way, now);
    return INT64_MAX;
}
