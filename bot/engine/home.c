/* Home tabs of those who opened them lately: drawn one at a time, when nothing more urgent waits, and only when they differ. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"

#define PAUSE_MIN_MS (5 * RB_SECOND_MS)
#define UNSURE_MS RB_RIGHTS_FRESH_MS /* a group could not be read: looked at again */
/* Then each drawing asks for it anew: far fewer than the 20 calls a minute that Slack takes (domain/slack.md 3, Tier 2), which
 * are needed for commands and for the rights before the POST. */
#define UNSURE_GAP_MS (15 * RB_SECOND_MS)

/* ---- who has one --------------------------------------------------------------------------------------------------- */

static home_tab *find(const rb_engine *engine, const rb_person *who)
{
    for (home_tab *item = engine->homes.items; item; item = item->next) {
        if (rb_person_equal(&item->who, who)) {
            return item;
        }
    }
    return NULL;
}

/* Out of the list, not freed. */
static void unlink_home(rb_engine *engine, const home_tab *gone)
{
    for (home_tab **link = &engine->homes.items; *link; link = &(*link)->next) {
        if (*link == gone) {
            *link = gone->next;
            engine->homes.n--;
            return;
        }
    }
}

static void put_first(rb_engine *engine, home_tab *item)
{
    item->next = engine->homes.items;
    engine->homes.items = item;
    engine->homes.n++;
}

/* The list is in the order of opening: those opened longest ago stand last. */
static void forget_old(rb_engine *engine, size_t most)
{
    int64_t now = engine_now(engine).boot_ms;
    home_tab **link = &engine->homes.items;
    for (size_t i = 0; *link; i++) {
        if (i >= most || now - (*link)->opened_boot_ms >= RB_HOME_WATCH_MS) {
            home_tab *gone = *link;
            *link = gone->next;
            engine->homes.n--;
            free(gone);
        } else {
            link = &(*link)->next;
        }
    }
}

void engine_homes_fini(rb_engine *engine)
{
    forget_old(engine, 0);
}

static void mark(home_tab *item, int64_t now)
{
    if (!item->is_stale) {
        item->is_stale = true;
        item->stale_boot_ms = now;
    }
}

void engine_home_opened(rb_engine *engine, const rb_delivery *delivery)
{
    int64_t now = engine_now(engine).boot_ms;
    home_tab *item = find(engine, &delivery->who);
    bool is_repeated = item && strcmp(item->key, delivery->key) == 0;
    bool is_outside =
        delivery->is_other_workspace || (engine->team[0] && strcmp(delivery->who.team, engine->team) != 0);
    if (is_repeated || is_outside || engine->is_stopping) {
        return;
    }
    if (item) {
        unlink_home(engine, item);
    } else {
        item = calloc(1, sizeof *item);
        assert(item && "out of memory for a Home tab");
        item->who = delivery->who;
        item->may_decide = true; /* until it is known */
        item->end_boot_ms = INT64_MAX;
    }
    rb_copy_fit(item->key, sizeof item->key, delivery->key);
    if (!delivery->view_id[0]) {
        item->shown[0] = '\0'; /* nothing stands there */
    }
    if (!engine->homes.is_pause_asked) {
        engine->homes.pause_boot_ms = 0; /* the platform is there */
    }
    item->opened_boot_ms = now;
    item->is_opened = true;
    mark(item, now);
    put_first(engine, item);
    forget_old(engine, RB_HOMES_MAX);
}

/* ---- what changed --------------------------------------------------------------------------------------------------- */

static bool is_waiting(const rb_request *request)
{
    return request && request->state == RB_STATE_PENDING;
}

static bool is_of(const rb_request *request, const home_tab *item)
{
    return request && rb_person_equal(&request->requester.person, &item->who);
}

void engine_homes_changed(rb_engine *engine, const rb_request *before, const rb_request *after)
{
    int64_t now = engine_now(engine).boot_ms;
    bool is_to_decide = is_waiting(before) || is_waiting(after);
    for (home_tab *item = engine->homes.items; item; item = item->next) {
        if (is_of(before, item) || is_of(after, item) || (is_to_decide && item->may_decide)) {
            mark(item, now);
        }
    }
}

void engine_homes_all_changed(rb_engine *engine)
{
    for (home_tab *item = engine->homes.items; item; item = item->next) {
        mark(item, engine_now(engine).boot_ms);
    }
}

/* ---- drawing --------------------------------------------------------------------------------------------------------- */

/* The platform is away, or asked for a pause: what is stale stays so. */
static void drawn_in_vain(rb_engine *engine, int64_t retry_after_ms)
{
    home_tabs *homes = &engine->homes;
    int64_t now = engine_now(engine).boot_ms;
    int64_t wait = PAUSE_MIN_MS << (homes->n_failed < 4 ? homes->n_failed : 4);
    home_tab *item = find(engine, &homes->drawn);
    homes->n_failed++;
    homes->is_pause_asked = retry_after_ms > 0;
    homes->pause_boot_ms = now + (homes->is_pause_asked ? retry_after_ms : wait);
    if (item) {
        mark(item, now);
    }
}

static void published(rb_engine *engine, void *context, const rb_chat_result *result)
{
    home_tab *item = find(engine, &engine->homes.drawn);
    (void)context;
    engine->homes.is_drawing = false;
    if (result->outcome == RB_CHAT_LATER || result->outcome == RB_CHAT_UNCLEAR) {
        drawn_in_vain(engine, result->retry_after_ms);
        return;
    }
    engine->homes.n_failed = 0;
    if (result->outcome == RB_CHAT_REFUSED) { /* no Home tab in the app, perhaps: nothing waits for it */
        rb_log(RB_LOG_WARN, "event=home_refused user=%s error=%s", engine->homes.drawn.user, result->error);
    }
    if (item) {
        rb_copy_fit(item->shown, sizeof item->shown, result->outcome == RB_CHAT_OK ? engine->homes.drawn_as : "");
    }
}

/* The scratch message, if it differs from what stands there; true: it is on its way. */
static bool publish(rb_engine *engine, const home_tab *item)
{
    rb_buf payload;
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_err err = engine->config.chat.render(engine->config.chat.self, engine->message, &payload);
    if (err == RB_OK) {
        rb_sha256_hex(rb_buf_str(&payload), engine->homes.drawn_as);
    } else {
        rb_log(RB_LOG_ERROR, "event=home_not_rendered user=%s error=%s", item->who.user, rb_err_name(err));
    }
    bool is_new = err == RB_OK && strcmp(item->shown, engine->homes.drawn_as) != 0;
    if (is_new) {
        rb_chat_call call = {.kind = RB_CHAT_HOME, .user = item->who.user, .payload = rb_buf_str(&payload)};
        engine_call_chat(engine, &call, published, NULL);
    }
    rb_buf_fini(&payload);
    return is_new;
}

static rb_progress run_draw(rb_task *task)
{
    rb_engine *engine = task->engine;
    home_seen seen;
    if (!engine_need_home(task, &seen)) {
        return RB_WAIT;
    }
    home_tab *item = find(engine, &task->reader);
    engine->homes.is_drawing = false;
    if (!item) {
        return RB_FINISHED;
    }
    if (!seen.is_known) {
        drawn_in_vain(engine, 0);
        return RB_FINISHED;
    }
    item->may_decide = seen.may_decide;
    item->end_boot_ms = seen.end_boot_ms;
    if (seen.is_unsure) {
        mark(item, engine_now(engine).boot_ms);
        item->not_before_boot_ms = engine_now(engine).boot_ms + UNSURE_MS;
        engine->homes.not_before_boot_ms = engine_now(engine).boot_ms + UNSURE_GAP_MS;
    }
    engine->homes.is_drawing = publish(engine, item);
    return RB_FINISHED;
}

/* What changes from here on makes it stale again. */
static void draw(rb_engine *engine, home_tab *item, rb_now now)
{
    item->is_opened = false;
    item->is_stale = false;
    item->not_before_boot_ms = now.boot_ms + RB_HOME_AGAIN_MS;
    engine->homes.not_before_boot_ms = now.boot_ms + RB_HOME_GAP_MS;
    engine->homes.is_drawing = true;
    engine->homes.drawn = item->who;
    rb_task *task = engine_task_new(engine, "home", run_draw);
    task->reader = item->who;
    engine_task_run(task);
}

/* ---- whose turn it is -------------------------------------------------------------------------------------------------- */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Who has just opened theirs looks at it; all others come after the cards. */
static int64_t due_of(const rb_engine *engine, const home_tab *item, bool has_cards)
{
    int64_t due = later(item->not_before_boot_ms, engine->homes.pause_boot_ms);
    if (!item->is_stale) {
        return item->end_boot_ms;
    }
    if (!item->is_opened) {
        due = later(due, engine->homes.not_before_boot_ms);
        due = has_cards ? later(due, item->stale_boot_ms + RB_HOME_PATIENCE_MS) : due;
    }
    return due;
}

static bool goes_before(const home_tab *item, const home_tab *other)
{
    if (item->is_opened != other->is_opened) {
        return item->is_opened;
    }
    return item->stale_boot_ms < other->stale_boot_ms;
}

int64_t engine_homes_due(rb_engine *engine, rb_now now)
{
    home_tab *next = NULL;
    int64_t due = INT64_MAX;
    if (engine->is_stopping || engine->homes.is_drawing || !engine->homes.items) {
        return INT64_MAX; /* an answer or the end of the drawing wakes the engine */
    }
    forget_old(engine, RB_HOMES_MAX);
    bool has_cards = outbox_has_cards(engine);
    for (home_tab *item = engine->homes.items; item; item = item->next) {
        if (item->end_boot_ms <= now.boot_ms) {
            item->end_boot_ms = INT64_MAX;
            mark(item, now.boot_ms);
        }
        int64_t when = due_of(engine, item, has_cards);
        if (when <= now.boot_ms && (!next || goes_before(item, next))) {
            next = item;
        }
        due = when > now.boot_ms && when < due ? when : due;
    }
    if (next) {
        draw(engine, next, now);
        return engine->homes.is_drawing ? INT64_MAX : now.boot_ms; /* the others, once this one is done */
    }
    return due;
}
