/* What must reach the chat platform: rows and their turns. What becomes of a card or line is in outbox_channel.c, of what
 * one person sees in outbox_private.c, and when the platform is away or refuses a form in outbox_trouble.c. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/outbox.h"

/* ---- rows and lanes ----------------------------------------------------------------------------------------------- */

static row *find_row(rb_engine *engine, uint64_t id)
{
    for (row *item = engine->rows; item; item = item->next) {
        if (item->out->id == id) {
            return item;
        }
    }
    return NULL;
}

lane *outbox_lane(rb_engine *engine, const char *channel)
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

const char *outbox_card_of(rb_engine *engine, const char *request)
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
        if (strcmp(item->out->channel, out->channel) !=
            0) { /* nothing that was read or saved of the old one holds there */
            item->looked_boot_ms = 0;
            item->is_marked = false;
        }
        rb_out_free(item->out);
        item->out = out;
        item->is_reserved = false;
        item->plain_error[0] = '\0'; /* the newer payload is not the text */
        return;
    }
    item = calloc(1, sizeof *item);
    assert(item && "out of memory for a row");
    item->out = out;
    item->engine = engine;
    item->added_boot_ms = engine_now(engine).boot_ms;
    item->looked_boot_ms = item->added_boot_ms; /* Send has just read the channel */
    append(engine, item);
}

void outbox_load_take(rb_engine *engine, rb_out *out)
{
    outbox_add_take(engine, out);
    row *item = find_row(engine, out->id);
    assert(item);
    item->looked_boot_ms = 0;
    outbox_channel_loaded(item, engine_now(engine));
}

/* The last one in the queue: words put into an earlier one would be overwritten by what stands behind it (R5). */
static row *newest_card(rb_engine *engine, const char *request)
{
    row *newest = NULL;
    for (row *item = engine->rows; item; item = item->next) {
        if (item->out->kind == RB_OUT_CARD && !item->is_posted && strcmp(item->out->request, request) == 0) {
            newest = item;
        }
    }
    return newest;
}

void outbox_reserve_card(rb_engine *engine, rb_out *out)
{
    row *item = newest_card(engine, out->request);
    if (!item || item->state != ROW_IDLE || item->is_reserved) {
        return;
    }
    out->id = item->out->id;
    out->attempted_utc_ms = item->out->attempted_utc_ms;
    out->attempts = item->out->attempts;
    if (outbox_may_be_there(item)) { /* tried there, and to be looked for there, whatever a newer policy says */
        rb_copy_fit(out->channel, sizeof out->channel, item->out->channel);
    }
    item->is_reserved = true;
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

void outbox_not_ended(rb_engine *engine, uint64_t id)
{
    row *item = find_row(engine, id);
    if (item && outbox_is_channel_post(item)) {
        item->must_find = true;
        item->n_unclear++;
        outbox_again_at(item, engine_now(engine).boot_ms + RB_MINUTE_MS);
    }
}

bool outbox_is_card_on_its_way(const rb_engine *engine, const char *request, const char *channel)
{
    for (const row *item = engine->rows; item; item = item->next) {
        bool is_card = item->out->kind == RB_OUT_CARD && strcmp(item->out->request, request) == 0;
        if (is_card && strcmp(item->out->channel, channel) == 0) {
            return true;
        }
    }
    return false;
}

bool outbox_has_rows(const rb_engine *engine, const char *request)
{
    for (const row *item = engine->rows; item; item = item->next) {
        if (strcmp(item->out->request, request) == 0) {
            return true;
        }
    }
    return false;
}

bool outbox_has_cards(const rb_engine *engine)
{
    for (const row *item = engine->rows; item; item = item->next) {
        if (item->out->kind == RB_OUT_CARD && !item->is_posted && item->state != ROW_ENDING) {
            return true;
        }
    }
    return false;
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

/* ---- ends --------------------------------------------------------------------------------------------------------- */

static void ended(rb_engine *engine, void *context, rb_change *change)
{
    (void)change;
    remove_row(engine, context);
}

void outbox_end_row(row *item, const char *record_kind, const char *text)
{
    rb_engine *engine = item->engine;
    rb_change *change = engine_change_new();
    assert(change && "out of memory for a change");
    item->state = ROW_ENDING;
    change->out_delete[change->n_out_delete++] = item->out->id;
    if (record_kind) {
        engine_record_sentence(engine, change, record_kind, item->out->request, NULL, "", text);
    }
    engine_commit_take(engine, change, ended, item);
}

void outbox_end_with_event(row *item, rb_event_kind kind, const char *channel, const char *ts, rb_owner_told told)
{
    item->state = ROW_ENDING;
    engine_start_event(item->engine, item->out->request, kind, channel, ts, told, item->out->id);
}

void outbox_delete_duplicate(rb_engine *engine, const char *request, const char *channel, const char *ts)
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

/* ---- calls -------------------------------------------------------------------------------------------------------- */

bool outbox_is_channel_post(const row *item)
{
    return item->out->kind == RB_OUT_CARD || item->out->kind == RB_OUT_LINE;
}

void outbox_again_at(row *item, int64_t boot_ms)
{
    item->state = ROW_IDLE;
    item->not_before_boot_ms = boot_ms;
}

static void on_result(rb_engine *engine, void *context, const rb_chat_result *result)
{
    row *item = context;
    rb_chat_result judged = *result;
    if (result->outcome == RB_CHAT_REFUSED && outbox_is_about_app(result->error)) {
        judged.outcome = RB_CHAT_LATER;
    } else if (result->outcome == RB_CHAT_REFUSED) {
        outbox_chat_is_there(engine);
    }
    if (outbox_is_channel_post(item)) {
        outbox_channel_result(item, &judged, engine_now(engine));
    } else {
        outbox_private_result(item, &judged, engine_now(engine));
    }
}

void outbox_call(row *item, rb_chat_call request)
{
    item->state = ROW_BUSY;
    request.payload = rb_str_of(item->out->payload);
    engine_call_chat(item->engine, &request, on_result, item);
}

/* ---- whose turn it is --------------------------------------------------------------------------------------------- */

/* Cards of one request go in order, and so do its lines. */
static bool is_behind_another(const rb_engine *engine, const row *item)
{
    if (!outbox_is_channel_post(item)) {
        return false;
    }
    for (const row *other = engine->rows; other != item; other = other->next) {
        bool is_out = other->is_posted && outbox_card_of(item->engine, item->out->request)[0]; /* its place is saved */
        if (other->out->kind == item->out->kind && !is_out && strcmp(other->out->request, item->out->request) == 0) {
            return true;
        }
    }
    return false;
}

/* R5: what was decided is edited before cards whose buttons were only renewed; what else is edited comes last. */
typedef enum { TURN_DECIDED_CARDS, TURN_MOST, TURN_PRIVATE_EDITS, TURNS } turn;

static turn turn_of(rb_engine *engine, const row *item)
{
    const slot *target = item->out->kind == RB_OUT_CARD ? engine_slot(engine, item->out->request) : NULL;
    if (target && target->request.state != RB_STATE_PENDING) {
        return TURN_DECIDED_CARDS;
    }
    return outbox_is_private_edit(item) ? TURN_PRIVATE_EDITS : TURN_MOST;
}

static int64_t send_row(row *item, rb_now now)
{
    if (outbox_is_channel_post(item)) {
        return outbox_channel_send(item, now);
    }
    return outbox_private_send(item, now);
}

static int64_t pump(rb_engine *engine, rb_now now, turn whose)
{
    int64_t due = INT64_MAX;
    for (row *item = engine->rows; item; item = item->next) {
        int64_t next = INT64_MAX;
        if (item->state != ROW_IDLE || item->is_reserved || turn_of(engine, item) != whose ||
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
    int64_t due = INT64_MAX;
    for (int whose = 0; whose < TURNS; whose++) {
        int64_t next = pump(engine, now, (turn)whose);
        due = next < due ? next : due;
    }
    return due;
}
