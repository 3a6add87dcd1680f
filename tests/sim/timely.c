#include "timely.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "sim.h"
#include "slack_world.h"

#define TICK_MS (10 * RB_SECOND_MS)
#define R5_MS 5000 /* design R5, and 1.3 s for each card */
#define R5_CARD_MS 1300
#define R5_TRAVEL_MS 400 /* of the call, through the network and the worker */
#define CALM_MS (60 * RB_SECOND_MS)
#define R4_SLACK_MS (90 * RB_SECOND_MS) /* the longest that one call under way may take, and a little */
#define DRAFT_MS (30 * RB_MINUTE_MS)    /* design 3, states */
#define WINDOW_MS (10 * RB_MINUTE_MS)
#define WATCH_MS (7 * RB_DAY_MS)
#define EXPIRY_S 1800            /* of the policy, when it says nothing */
#define JUMPS_MS (3 * RB_DAY_MS) /* across a reboot UTC alone counts, and it may have been set back */

/* What is known of a request besides its row. */
typedef struct {
    int64_t changed_ms; /* its last change of state */
    int64_t end_ms;     /* it is over by then */
    uint64_t boot;      /* when that was set */
} timed;

static struct {
    timed *items;
    size_t count;
    int64_t trouble_ms, unwell_ms;
    int64_t expiry_ms, old_expiry_ms, expiry_changed_ms;
} timely;

void timely_trouble(void)
{
    timely.trouble_ms = sim_ms();
}

void timely_unwell(void)
{
    timely.unwell_ms = timely.trouble_ms = sim_ms();
}

/* ---- R4 -------------------------------------------------------------------------------------------------------------------- */

/* The policy may have changed while the Send was under way: then either will do. */
static void read_policy(void)
{
    const char *key = strstr(sim_policy_text(), "expiry_s:");
    int64_t now_ms = (key ? strtoll(key + 9, NULL, 10) : EXPIRY_S) * RB_SECOND_MS;
    if (now_ms == timely.expiry_ms)
        return;
    timely.old_expiry_ms = timely.expiry_ms;
    timely.expiry_ms = now_ms;
    timely.expiry_changed_ms = sim_ms();
}

static int64_t expiry_ms(void)
{
    read_policy();
    bool is_new = sim_ms() - timely.expiry_changed_ms < RB_MINUTE_MS && timely.old_expiry_ms > timely.expiry_ms;
    return is_new ? timely.old_expiry_ms : timely.expiry_ms;
}

/* How long a request may stay from the moment on that it enters a state; 0: the limit before stays. */
static int64_t limit_of(rb_state from, rb_state to)
{
    if (to == RB_STATE_DRAFT)
        return DRAFT_MS;
    if (to == RB_STATE_PENDING)
        return expiry_ms();
    if (to == RB_STATE_APPROVED)
        return WINDOW_MS;
    return to == RB_STATE_SENDING && from == RB_STATE_INTENT ? WATCH_MS : 0;
}

static void check_end(const rb_request *row, const timed *each)
{
    int64_t end_ms = each->end_ms + R4_SLACK_MS + (sim_boot() != each->boot ? JUMPS_MS : 0);
    if (!rb_state_is_final(row->state) && sim_ms() > end_ms)
        sim_check_fail("R4: %s is still %s, %lld s after its deadline", row->id, rb_state_name(row->state),
                       (long long)((sim_ms() - each->end_ms) / 1000));
}

static void fire_tick(void *arg)
{
    read_policy();
    if (!sim_bot_is_up())
        timely_unwell();
    if (sim_ms() - timely.unwell_ms > R4_SLACK_MS)
        for (size_t i = 0; i < timely.count && sim_check_nth(i); i++)
            check_end(sim_check_nth(i), &timely.items[i]);
    sim_after(TICK_MS, fire_tick, arg);
}

/* ---- R5 -------------------------------------------------------------------------------------------------------------------- */

const char *timely_word_of(rb_state state)
{
    static const char *const WORDS[RB_STATES] = {[RB_STATE_PENDING] = "aiting for",
                                                 [RB_STATE_APPROVED] = "approved, about to be sent",
                                                 [RB_STATE_INTENT] = "approved, about to be sent",
                                                 [RB_STATE_SENDING] = "State: being sent to Intune",
                                                 [RB_STATE_ACCEPTED] = "queued by Intune",
                                                 [RB_STATE_IN_PROGRESS] = "the device is working on it",
                                                 [RB_STATE_DONE] = "done: Intune reports",
                                                 [RB_STATE_DENIED] = "denied by",
                                                 [RB_STATE_EXPIRED] = "expired: ",
                                                 [RB_STATE_FAILED] = "failed: ",
                                                 [RB_STATE_NOT_SUPPORTED] = "not supported: ",
                                                 [RB_STATE_CANCELED] = "canceled in Intune",
                                                 [RB_STATE_CANCELLED] = "cancelled by",
                                                 [RB_STATE_LAPSED] = "lapsed: ",
                                                 [RB_STATE_STALE] = "stale: ",
                                                 [RB_STATE_NEEDS_TENANT_APPROVAL] = "multi admin approval",
                                                 [RB_STATE_UNKNOWN] = "outcome unknown"};
    return WORDS[state] ? WORDS[state] : "a state without a word of its own";
}

/* A change of a card that is to be seen. */
typedef struct {
    size_t number;
    int64_t changed_ms;
    int64_t at_ms; /* the same, or later: when the trouble since was over */
} change;

static int64_t cards_since(int64_t ms)
{
    int64_t count = 0;
    for (size_t i = 0; i < timely.count; i++)
        count += timely.items[i].changed_ms >= ms;
    return count;
}

static void check_card(const rb_request *row)
{
    const sk_channel *channel = sk_channel_find(row->card_channel);
    const sk_message *card = channel ? sk_message_find(channel, row->card_ts) : NULL;
    const char *text = card ? sj_str(card->json, "text") : "";
    bool is_looked_up = row->state == RB_STATE_SENDING && strstr(text, "State: sent, but the answer is missing");
    if (!is_looked_up && !strstr(text, timely_word_of(row->state)))
        sim_check_fail("R5: %s is %s, and after more than 5 s its card says: %s", row->id, rb_state_name(row->state),
                       text);
}

static void fire_change(void *arg)
{
    change *each = arg;
    const rb_request *row = sim_check_nth(each->number);
    int64_t due_ms = each->at_ms + R5_MS + R5_TRAVEL_MS + R5_CARD_MS * cards_since(each->at_ms - 2 * R5_MS);
    bool is_calm = sim_bot_is_up() && timely.trouble_ms + CALM_MS < each->at_ms;
    if (timely.items[each->number].changed_ms != each->changed_ms) { /* the next change has its own */
        free(each);
        return;
    }
    if (!is_calm) /* from the trouble on, all over again */
        each->at_ms = timely.trouble_ms + CALM_MS + 1;
    if (!is_calm || sim_ms() < due_ms) {
        sim_after(is_calm ? due_ms - sim_ms() : TICK_MS, fire_change, each);
        return;
    }
    check_card(row);
    sim_counted()->cards++;
    free(each);
}

/* ---- what happens ---------------------------------------------------------------------------------------------------------- */

void timely_committed(size_t number, const rb_request *row, rb_state from)
{
    bool is_new = number >= timely.count;
    while (timely.count <= number) {
        if (!(timely.count & (timely.count - 1)))
            timely.items = realloc(timely.items, (timely.count ? timely.count * 2 : 1) * sizeof *timely.items);
        if (!timely.items)
            abort();
        timely.items[timely.count++] = (timed){.changed_ms = -CALM_MS};
    }
    timed *each = &timely.items[number];
    int64_t limit_ms = is_new || from != row->state ? limit_of(from, row->state) : 0;
    if (limit_ms) {
        each->end_ms = sim_ms() + limit_ms;
        each->boot = sim_boot();
    }
    if (from == row->state || !row->card_ts[0])
        return;
    each->changed_ms = sim_ms();
    change *fresh = sb_alloc(sizeof *fresh);
    *fresh = (change){number, sim_ms(), sim_ms()};
    sim_after(R5_MS, fire_change, fresh);
}

void timely_begin(void)
{
    timely.trouble_ms = timely.unwell_ms = -CALM_MS;
    sim_after(TICK_MS, fire_tick, NULL);
}
