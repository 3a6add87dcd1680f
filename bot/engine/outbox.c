/* What must reach the chat platform: per channel one post and one edit at a time, per request in order, read back
 * when a post's effect is unknown (design 3, Store). */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"

#define POST_GAP_MS 1050     /* one message a second a channel (domain/slack.md 3) */
#define EDIT_GAP_MS 1250     /* chat.update is Tier 3: 50 a minute; design R5 says 1.3 s a card */
#define DUPLICATE_LOOK_MS 20000 /* a duplicate lives at most 60 s (design U1) */
#define REFUSED_GAP_MS 60000
#define ROADS 3

/* ---- rows and lanes --------------------------------------------------------------------------------------------------- */

static row *find_row(rb_engine *engine, uint64_t id)
{
    for (row *item = engine->rows; item; item = item->next) {
        if (item->out->id == id) {
            return item;
        }
    }
    return NULL;
}

static lane *lane_of(rb_engine *engine, const char *channel)
{
    for (lane *item = engine->lanes; item; item = item->next) {
        if (strcmp(item->channel, channel) == 0) {
            return item;
        }
    }
    lane *item = calloc(1, sizeof *item);
    assert(item && "out of memory for a lane");
    rb_copy_fit(item->channel, sizeof item->channel, channel);
    item->next = engine->lanes;
    engine->lanes = item;
    return item;
}

static const char *card_of(rb_engine *engine, const char *request)
{
    slot *item = engine_slot(engine, request);
    return item ? item->request.card_ts : "";
}

static void append(rb_engine *engine, row *added)
{
    row **link = &engine->rows;
    while (*link) {
        link = &(*link)->next;
    }
    *link = added;
}

void outbox_add_take(rb_engine *engine, rb_out *out)
{
    row *item = out->kind == RB_OUT_CARD ? find_row(engine, out->id) : NULL;
    if (item) {
        rb_out_free(item->out);
        item->out = out;
        item->is_reserved = false;
        return;
    }
    item = calloc(1, sizeof *item);
    assert(item && "out of memory for a row");
    item->out = out;
    item->engine = engine;
    append(engine, item);
}

void outbox_load_take(rb_engine *engine, rb_out *out)
{
    outbox_add_take(engine, out);
    row *item = find_row(engine, out->id);
    assert(item);
    item->is_marked = out->attempted_utc_ms != 0;
    item->must_find = item->is_marked;
    item->is_posted = item->is_marked && out->ts[0];
    if (item->is_posted) { /* posted again: its words may be old by now, only the look for a duplicate is left */
        rb_copy_fit(item->posted_ts, sizeof item->posted_ts, out->ts);
        bool is_place_known = strcmp(card_of(engine, out->request), out->ts) == 0;
        item->not_before_boot_ms = is_place_known || out->kind != RB_OUT_CARD
                                       ? engine_now(engine).boot_ms + DUPLICATE_LOOK_MS
                                       : 0;
    } else if (item->must_find) { /* the last process may have been killed while it posted: as after an unclear post */
        rb_now now = engine_now(engine);
        int64_t since = now.utc_ms - out->attempted_utc_ms;
        bool is_fresh = since >= 0 && since < RB_UNCLEAR_WAIT_MS;
        item->n_unclear = 1;
        item->not_before_boot_ms = is_fresh ? now.boot_ms + RB_UNCLEAR_WAIT_MS - since : 0;
    }
}

void outbox_reserve_card(rb_engine *engine, rb_out *out)
{
    for (row *item = engine->rows; item; item = item->next) {
        bool is_idle_card = item->out->kind == RB_OUT_CARD && item->state == ROW_IDLE && !item->is_posted &&
                            !item->is_reserved && strcmp(item->out->request, out->request) == 0;
        if (is_idle_card) {
            out->id = item->out->id;
            out->attempted_utc_ms = item->out->attempted_utc_ms;
            out->attempts = item->out->attempts;
            item->is_reserved = true;
            return;
        }
    }
}

void outbox_release_card(rb_engine *engine, const rb_out *out)
{
    row *item = out->kind == RB_OUT_CARD ? find_row(engine, out->id) : NULL;
    if (item) {
        item->is_reserved = false;
    }
}

static void remove_row(rb_engine *engine, row *gone)
{
    for (row **link = &engine->rows; *link; link = &(*link)->next) {
        if (*link == gone) {
            *link = gone->next;
            rb_out_free(gone->out);
            free(gone);
            return;
        }
    }
}

void outbox_end(rb_engine *engine, uint64_t id)
{
    row *item = find_row(engine, id);
    if (item) {
        remove_row(engine, item);
    }
}

void outbox_fini(rb_engine *engine)
{
    while (engine->rows) {
        remove_row(engine, engine->rows);
    }
    while (engine->lanes) {
        lane *next = engine->lanes->next;
        free(engine->lanes);
        engine->lanes = next;
    }
}

/* ---- ends ------------------------------------------------------------------------------------------------------------------ */

static void ended(rb_engine *engine, void *context, rb_change *change)
{
    (void)change;
    remove_row(engine, context);
}

static void end_row(row *item, const char *record_kind, const char *text)
{
    rb_engine *engine = item->engine;
    rb_change *change = engine_change_new();
    assert(change && "out of memory for a change");
    item->state = ROW_ENDING;
    change->out_delete[change->n_out_delete++] = item->out->id;
    if (record_kind) {
        engine_record(engine, change, record_kind, item->out->request, NULL, "", text);
    }
    engine_commit_take(engine, change, ended, item);
}

/* Ends the row together with an event of its request. */
static void end_with_event(row *item, rb_event_kind kind, const char *channel, const char *ts, rb_owner_told told)
{
    item->state = ROW_ENDING;
    engine_start_event(item->engine, item->out->request, kind, channel, ts, told, item->out->id);
}

static void add_delete(rb_engine *engine, const char *request, const char *channel, const char *ts);

/* ---- results --------------------------------------------------------------------------------------------------------------- */

static bool is_channel_post(const row *item)
{
    return item->out->kind == RB_OUT_CARD || item->out->kind == RB_OUT_LINE;
}

static void again_at(row *item, int64_t boot_ms)
{
    item->state = ROW_IDLE;
    item->not_before_boot_ms = boot_ms;
}

static void card_is_at(row *item, const char *channel, const char *ts, bool is_over)
{
    rb_engine *engine = item->engine;
    if (is_over) {
        end_with_event(item, RB_EV_CARD, channel, ts, RB_OWNER_NOBODY);
    } else {
        engine_start_event(engine, item->out->request, RB_EV_CARD, channel, ts, RB_OWNER_NOBODY, 0);
    }
}

static void look_saved(rb_engine *engine, void *context, rb_change *change)
{
    (void)change;
    again_at(context, engine_now(engine).boot_ms + DUPLICATE_LOOK_MS);
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
            end_row(item, NULL, NULL);
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
        int64_t wait = result->retry_after_ms > 0 ? result->retry_after_ms : RB_UNCLEAR_WAIT_MS;
        again_at(item, now.boot_ms + wait);
        return;
    }
    if (is_card && item->is_posted && strcmp(card_of(engine, item->out->request), item->posted_ts) != 0) {
        /* killed after the post was saved and before its place was */
        card_is_at(item, item->out->channel, item->posted_ts, false);
        again_at(item, now.boot_ms + DUPLICATE_LOOK_MS);
        return;
    }
    const char *kept = item->is_posted ? item->posted_ts : result->n_items ? result->items[0] : "";
    for (size_t i = 0; i < result->n_items; i++) {
        if (strcmp(result->items[i], kept) != 0) {
            add_delete(engine, item->out->request, item->out->channel, result->items[i]);
        }
    }
    item->must_find = false;
    if (!kept[0]) { /* absent: post again */
        again_at(item, now.boot_ms);
    } else if (!is_card || item->is_posted) {
        end_row(item, NULL, NULL);
    } else { /* adopted; what it shows may be old by now: edit it */
        if (strcmp(card_of(engine, item->out->request), kept) != 0) {
            rb_copy_fit(item->posted_ts, sizeof item->posted_ts, kept);
            card_is_at(item, item->out->channel, kept, false);
        }
        again_at(item, now.boot_ms);
    }
}

static void unclear(row *item, rb_now now)
{
    item->n_unclear++;
    bool is_edit = item->out->kind == RB_OUT_CARD && card_of(item->engine, item->out->request)[0];
    if (is_channel_post(item) && !is_edit) {
        item->must_find = true;
        again_at(item, now.boot_ms + RB_UNCLEAR_WAIT_MS);
    } else if (is_edit || item->out->kind == RB_OUT_DELETE || item->n_unclear < 2) {
        item->must_probe = !is_edit && item->out->user[0];
        again_at(item, now.boot_ms + RB_SECOND_MS); /* an edit may be repeated; an answer once */
    } else if (item->out->is_owner && item->out->note == RB_NOTE_ASKED) {
        end_with_event(item, RB_EV_OWNER, "", "", RB_OWNER_NOT_TOLD); /* an owner who may not know counts as not told */
    } else {
        end_row(item, "message_unclear", "may not have arrived");
    }
}

/* A final request whose card cannot be posted: its lines have no thread to go to. */
static void end_lines_without_card(rb_engine *engine, const char *request)
{
    for (row *item = engine->rows; item; item = item->next) {
        bool is_line = item->out->kind == RB_OUT_LINE && item->state == ROW_IDLE;
        if (is_line && strcmp(item->out->request, request) == 0) {
            end_row(item, NULL, NULL);
        }
    }
}

/* The card cannot be posted: the requester is told the fix, once; tries go on until the request ends. */
static void post_refused(row *item, const rb_chat_result *result, rb_now now)
{
    rb_engine *engine = item->engine;
    rb_log(RB_LOG_ERROR, "event=post_refused request=%s error=%s", item->out->request, result->error);
    bool is_edit = item->out->kind == RB_OUT_CARD && card_of(engine, item->out->request)[0];
    if (is_edit || strcmp(result->error, "invalid_blocks") == 0) {
        end_row(item, is_edit ? "edit_refused" : "post_refused", result->error);
        return;
    }
    slot *target = engine_slot(engine, item->out->request);
    if (!item->is_problem_told && target && item->out->kind == RB_OUT_CARD) {
        item->is_problem_told = true;
        engine_start_post_problem(engine, item->out->request, result->error);
    }
    bool is_final = target && rb_state_is_final(target->request.state);
    if (is_final && item->out->kind == RB_OUT_CARD) {
        end_row(item, "post_refused", result->error);
        end_lines_without_card(engine, item->out->request);
        return;
    }
    if (is_final && now.utc_ms - item->out->created_utc_ms > RB_DAY_MS) {
        end_row(item, "post_refused", result->error); /* its card was deleted, or the channel is gone for good */
        return;
    }
    again_at(item, now.boot_ms + REFUSED_GAP_MS);
}

static void refused(row *item, const rb_chat_result *result, rb_now now)
{
    switch (item->out->kind) {
    case RB_OUT_CARD:
    case RB_OUT_LINE:
        post_refused(item, result, now);
        return;
    case RB_OUT_DIRECT:
        if (item->out->is_owner) {
            end_with_event(item, RB_EV_OWNER, "", "", RB_OWNER_NOT_TOLD);
        } else {
            end_row(item, "direct_message_refused", result->error);
        }
        return;
    case RB_OUT_ANSWER:
        item->road++;
        if (item->road < ROADS) {
            again_at(item, now.boot_ms);
        } else {
            end_row(item, "answer_refused", result->error);
        }
        return;
    case RB_OUT_DELETE:
        end_row(item, NULL, NULL); /* message_not_found: gone already */
        return;
    }
}

static void done(row *item, const rb_chat_result *result)
{
    bool is_edit = item->out->kind == RB_OUT_CARD && card_of(item->engine, item->out->request)[0];
    if (is_channel_post(item) && !is_edit) {
        posted(item, result);
    } else if (item->out->kind == RB_OUT_DIRECT && item->out->is_owner && item->out->note == RB_NOTE_ASKED) {
        end_with_event(item, RB_EV_OWNER, "", "", RB_OWNER_TOLD);
    } else if (item->out->kind == RB_OUT_DELETE) {
        end_row(item, "duplicate_deleted", item->out->ts);
    } else {
        end_row(item, NULL, NULL);
    }
}

static void release_lane(row *item, const rb_chat_result *result, rb_now now)
{
    if (!is_channel_post(item)) {
        return;
    }
    lane *way = lane_of(item->engine, item->out->channel);
    int64_t wait = result->outcome == RB_CHAT_LATER ? result->retry_after_ms : 0;
    if (item->is_finding) {
        return;
    }
    if (item->out->kind == RB_OUT_CARD && card_of(item->engine, item->out->request)[0]) {
        way->is_editing = false;
        way->edit_boot_ms = now.boot_ms + (wait > EDIT_GAP_MS ? wait : EDIT_GAP_MS);
    } else {
        way->is_posting = false;
        way->post_boot_ms = now.boot_ms + (wait > POST_GAP_MS ? wait : POST_GAP_MS);
    }
}

/* The one repetition of a message that cannot be read back is not wasted on a platform that is away. */
static void probed(row *item, const rb_chat_result *result, rb_now now)
{
    bool is_away = result->outcome == RB_CHAT_LATER || result->outcome == RB_CHAT_UNCLEAR;
    int64_t wait = result->retry_after_ms > 0 ? result->retry_after_ms : RB_SECOND_MS;
    item->is_probing = false;
    item->must_probe = is_away;
    again_at(item, is_away ? now.boot_ms + wait : now.boot_ms);
}

static void on_result(rb_engine *engine, void *context, const rb_chat_result *result)
{
    row *item = context;
    rb_now now = engine_now(engine);
    if (item->is_probing) {
        probed(item, result, now);
        return;
    }
    release_lane(item, result, now);
    if (item->is_finding) {
        found(item, result, now);
        return;
    }
    switch (result->outcome) {
    case RB_CHAT_OK:
        done(item, result);
        break;
    case RB_CHAT_LATER:
        again_at(item, now.boot_ms + (result->retry_after_ms > 0 ? result->retry_after_ms : RB_SECOND_MS));
        break;
    case RB_CHAT_UNCLEAR:
        unclear(item, now);
        break;
    case RB_CHAT_REFUSED:
        refused(item, result, now);
        break;
    }
}

/* ---- sending ------------------------------------------------------------------------------------------------------------------ */

static void call(row *item, rb_chat_call request)
{
    item->state = ROW_BUSY;
    request.payload = rb_str_of(item->out->payload);
    engine_call_chat(item->engine, &request, on_result, item);
}

static void start_find(row *item, const char *thread_ts)
{
    item->is_finding = true;
    call(item, (rb_chat_call){.kind = RB_CHAT_FIND,
                              .channel = item->out->channel,
                              .thread_ts = thread_ts,
                              .since_utc_ms = item->out->attempted_utc_ms,
                              .marker_request = item->out->request,
                              .marker_seq = item->out->seq});
}

static void start_post(row *item)
{
    const char *thread = item->out->kind == RB_OUT_LINE ? card_of(item->engine, item->out->request) : "";
    call(item, (rb_chat_call){.kind = RB_CHAT_POST, .channel = item->out->channel, .thread_ts = thread});
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

static int64_t send_channel(row *item, rb_now now)
{
    const char *card = card_of(item->engine, item->out->request);
    bool is_edit = item->out->kind == RB_OUT_CARD && card[0] && !item->must_find;
    lane *way = lane_of(item->engine, item->out->channel);
    if (item->out->kind == RB_OUT_LINE && !card[0]) {
        return INT64_MAX; /* the card comes first */
    }
    if (item->must_find) {
        start_find(item, item->out->kind == RB_OUT_LINE ? card : "");
        return INT64_MAX;
    }
    if (item->posted_ts[0] && !card[0]) {
        return INT64_MAX; /* adopted: its place is being saved, then it is edited */
    }
    bool is_taken = is_edit ? way->is_editing : way->is_posting;
    int64_t free_at = is_edit ? way->edit_boot_ms : way->post_boot_ms;
    if (is_taken || free_at > now.boot_ms) {
        return is_taken ? INT64_MAX : free_at;
    }
    if (is_edit) {
        way->is_editing = true;
        call(item, (rb_chat_call){.kind = RB_CHAT_UPDATE, .channel = item->out->channel, .ts = card});
        return INT64_MAX;
    }
    way->is_posting = true;
    if (item->is_marked) {
        start_post(item);
    } else {
        mark_then_post(item, now);
    }
    return INT64_MAX;
}

static void send_answer(row *item, rb_now now)
{
    const rb_out *out = item->out;
    bool is_url_dead = !out->response_url[0] || now.utc_ms - out->created_utc_ms > RB_RESPONSE_URL_LIFE_MS;
    if (item->road == 0 && is_url_dead) {
        item->road = 1;
    }
    if (item->road == 1 && !out->channel[0]) {
        item->road = 2;
    }
    if (item->road == 0) {
        call(item, (rb_chat_call){
                       .kind = RB_CHAT_RESPOND, .url = out->response_url, .is_replacing = out->is_replacing});
    } else if (item->road == 1) {
        call(item, (rb_chat_call){.kind = RB_CHAT_PRIVATE, .channel = out->channel, .user = out->user});
    } else {
        call(item, (rb_chat_call){.kind = RB_CHAT_DIRECT, .user = out->user});
    }
}

static int64_t send_row(row *item, rb_now now)
{
    if (item->must_probe) {
        item->is_probing = true;
        call(item, (rb_chat_call){.kind = RB_CHAT_DM_CHANNEL, .user = item->out->user});
        return INT64_MAX;
    }
    switch (item->out->kind) {
    case RB_OUT_CARD:
    case RB_OUT_LINE:
        return send_channel(item, now);
    case RB_OUT_DIRECT:
        call(item, (rb_chat_call){.kind = RB_CHAT_DIRECT, .user = item->out->user});
        return INT64_MAX;
    case RB_OUT_ANSWER:
        send_answer(item, now);
        return INT64_MAX;
    case RB_OUT_DELETE:
        call(item, (rb_chat_call){.kind = RB_CHAT_DELETE, .channel = item->out->channel, .ts = item->out->ts});
        return INT64_MAX;
    }
    return INT64_MAX;
}

/* Cards of one request go in order, and so do its lines. */
static bool is_behind_another(const rb_engine *engine, const row *item)
{
    if (!is_channel_post(item)) {
        return false;
    }
    for (const row *other = engine->rows; other != item; other = other->next) {
        bool is_out = other->is_posted && card_of(item->engine, item->out->request)[0]; /* its place is saved */
        if (other->out->kind == item->out->kind && !is_out && strcmp(other->out->request, item->out->request) == 0) {
            return true;
        }
    }
    return false;
}

/* R5: what was decided is edited before cards whose buttons were only renewed. */
static bool is_decided_card(rb_engine *engine, const row *item)
{
    const slot *target = item->out->kind == RB_OUT_CARD ? engine_slot(engine, item->out->request) : NULL;
    return target && target->request.state != RB_STATE_PENDING;
}

static int64_t pump(rb_engine *engine, rb_now now, bool is_decided)
{
    int64_t due = INT64_MAX;
    for (row *item = engine->rows; item; item = item->next) {
        int64_t next = INT64_MAX;
        if (item->state != ROW_IDLE || item->is_reserved || is_decided_card(engine, item) != is_decided ||
            is_behind_another(engine, item)) {
            continue;
        }
        next = item->not_before_boot_ms > now.boot_ms ? item->not_before_boot_ms : send_row(item, now);
        due = next < due ? next : due;
    }
    return due;
}

int64_t outbox_pump(rb_engine *engine, rb_now now)
{
    int64_t due = pump(engine, now, true);
    int64_t others = pump(engine, now, false);
    return others < due ? others : due;
}

static void add_delete(rb_engine *engine, const char *request, const char *channel, const char *ts)
{
    rb_change *change = engine_change_new();
    assert(change && "out of memory for a change");
    rb_out *out = engine_out_new(engine, RB_OUT_DELETE, request);
    rb_copy_fit(out->channel, sizeof out->channel, channel);
    rb_copy_fit(out->ts, sizeof out->ts, ts);
    rb_buf empty;
    rb_buf_init(&empty, 1);
    rb_err err = rb_buf_take(&empty, &out->payload);
    assert(err == RB_OK);
    engine_record(engine, change, "duplicate_found", request, NULL, "", ts);
    engine_commit_out_take(engine, change, out);
}
