/* Breadth first: each event in each state, and each way in which time can pass, until nothing new is found. */
#include "walk/walk.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX (1u << 20)
#define HASH_SLOTS (NODES_MAX * 2)
#define WORDS (sizeof(walk_place) / sizeof(uint64_t))
#define WAY_MAX 64
#define N_WAYS 5000 /* of 60 steps each */

_Static_assert(sizeof(walk_place) % sizeof(uint64_t) == 0, "a place is stored by words");

/* A place, as what differs from the first one: a row has 20 kB, nearly all of it the same everywhere. */
typedef struct {
    walk_key key;
    uint32_t parent;
    char words[60]; /* how it was reached */
    uint32_t n;
    struct {
        uint32_t at;
        uint64_t word;
    } * differences;
} node;

typedef struct {
    walk *all;
    node *nodes;
    uint32_t n;
    uint32_t *slots; /* node + 1 by the hash of its key */
    walk_place *first, *base, *work;
    walk_event event;
    uint32_t at; /* the node being walked */
    uint64_t random;
} search;

/* ---- places ------------------------------------------------------------------------------------------------------- */

static void *need(void *memory)
{
    assert(memory && "out of memory for the walk");
    return memory;
}

static void pack(const walk_place *first, const walk_place *place, node *out)
{
    const uint64_t *a = (const uint64_t *)(const void *)first, *b = (const uint64_t *)(const void *)place;

    for (uint32_t i = 0; i < WORDS; i++)
        out->n += a[i] != b[i];
    out->differences = need(malloc((out->n + 1u) * sizeof *out->differences));
    for (uint32_t i = 0, n = 0; i < WORDS; i++)
        if (a[i] != b[i]) {
            out->differences[n].at = i;
            out->differences[n++].word = b[i];
        }
}

static void unpack(const walk_place *first, const node *from, walk_place *out)
{
    *out = *first;
    for (uint32_t i = 0; i < from->n; i++)
        memcpy((char *)out + from->differences[i].at * sizeof(uint64_t), &from->differences[i].word, sizeof(uint64_t));
}

/* ---- known states --------------------------------------------------------------------------------------------------- */

static uint64_t hash_of(const walk_key *key)
{
    uint64_t hash = 0xcbf29ce484222325u, word;

    for (size_t i = 0; i < sizeof key->bytes; i += sizeof word) {
        memcpy(&word, key->bytes + i, sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    return hash;
}

/* Where the key is, or would be. */
static size_t slot_of(const search *s, const walk_key *key)
{
    size_t slot = hash_of(key) % HASH_SLOTS;

    while (s->slots[slot] && memcmp(&s->nodes[s->slots[slot] - 1].key, key, sizeof *key) != 0)
        slot = (slot + 1) % HASH_SLOTS;
    return slot;
}

static void add(search *s, const walk_place *place, const char *words)
{
    walk_key key = walk_key_of(place);
    size_t slot = slot_of(s, &key);

    if (s->slots[slot])
        return;
    assert(s->n < NODES_MAX && "the walk does not close");
    node *added = &s->nodes[s->n];
    *added = (node){.key = key, .parent = s->at};
    (void)snprintf(added->words, sizeof added->words, "%s", words);
    pack(s->first, place, added);
    s->slots[slot] = ++s->n;
}

/* ---- what was broken ------------------------------------------------------------------------------------------------- */

void walk_note_broken(walk *all, const char *promise, const char *way)
{
    size_t len = strlen(all->broken);

    all->n_broken++;
    if (!strstr(all->broken, promise)) /* each is told once, by its shortest way */
        (void)snprintf(all->broken + len, sizeof all->broken - len, "%s\n    after: %s\n", promise, way);
}

static void note(search *s, const char *promise, const char *last)
{
    uint32_t way[WAY_MAX];
    size_t n = 0;
    char text[2048] = "";

    for (uint32_t at = s->at; at != UINT32_MAX && n < WAY_MAX; at = s->nodes[at].parent)
        way[n++] = at;
    while (n-- > 0) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof text - len, "%s; ", s->nodes[way[n]].words);
    }
    size_t len = strlen(text);
    (void)snprintf(text + len, sizeof text - len, "%s (%s)", last, rb_state_name(s->base->request.state));
    walk_note_broken(s->all, promise, text);
}

/* ---- one state ------------------------------------------------------------------------------------------------------- */

static void try_event(search *s, const walk_case *one)
{
    rb_effects effects;
    char words[60];

    if (!walk_fill(one, s->base, &s->event))
        return;
    rb_step_result result = rb_request_step(&s->work->request, &s->event.event, &effects);
    s->all->n_transitions++;
    if (result == RB_STEP_APPLIED)
        walk_remember(s->work, &s->base->request, &s->event.event, &effects);
    walk_step step = {s->base, &s->event.event, one, result, &effects, s->work};
    const char *broken = walk_broken(&step);
    (void)snprintf(words, sizeof words, "%s: %s", walk_event_words(one->kind), walk_case_words(one));
    if (broken)
        note(s, broken, words);
    walk_table_add(&s->all->table, &step);
    if (result == RB_STEP_APPLIED)
        add(s, s->work, words);
    if (result == RB_STEP_APPLIED || broken)
        *s->work = *s->base;
}

static void at_moment(search *s, int64_t utc_ms, int64_t boot_ms, const char *words)
{
    s->all->n_transitions++;
    s->work->now = (rb_now){s->base->now.utc_ms + utc_ms, s->base->now.boot_ms + boot_ms};
    add(s, s->work, words);
    s->work->now = s->base->now;
}

/* Each moment of the row: 1 ms before, at it, 1 ms after; reached by waiting, and by a wall clock that is set. */
static void pass_time(search *s)
{
    static const char *const offsets[] = {"just before", "at", "just after"};
    static const char *const names[MOMENT_MAX] = {"deadline", "half time", "window",   "retry",   "no trace",
                                                  "day",      "week",      "unopened", "showing", "watch"};
    walk_moment moments[WALK_MOMENTS_MAX];
    size_t n = walk_moments(&s->base->request, s->base->boot, moments);
    char words[60];

    for (size_t i = 0; i < n; i++)
        for (int offset = -1; offset <= 1; offset++) {
            int64_t ms = walk_until(&moments[i], s->base->now) + offset;
            (void)snprintf(words, sizeof words, "%s %s", offsets[offset + 1], names[moments[i].id]);
            if (ms > 0)
                at_moment(s, ms, ms, words);
            (void)snprintf(words, sizeof words, "wall clock set %s %s", offsets[offset + 1], names[moments[i].id]);
            if (!moments[i].is_boot)
                at_moment(s, moments[i].at_ms + offset - s->base->now.utc_ms, 0, words);
        }
    at_moment(s, 1, 1, "1 ms");
    at_moment(s, 8 * RB_DAY_MS, 8 * RB_DAY_MS, "8 days");
    at_moment(s, RB_DAY_MS, 0, "wall clock a day ahead");
    at_moment(s, -RB_DAY_MS, 0, "wall clock a day back");
}

static void reboot(search *s)
{
    rb_now now = {s->base->now.utc_ms + RB_MINUTE_MS, RB_MINUTE_MS};

    s->all->n_transitions++;
    s->work->boot++;
    s->work->now = now;
    add(s, s->work, "reboot");
    s->work->boot = s->base->boot;
    s->work->now = s->base->now;
}

static void walk_one(search *s)
{
    unpack(s->first, &s->nodes[s->at], s->base);
    *s->work = *s->base;
    const char *broken = walk_endless(s->base);
    if (broken)
        note(s, broken, "left alone");
    for (size_t i = 0; i < walk_n_cases; i++)
        try_event(s, &walk_cases[i]);
    pass_time(s);
    reboot(s);
}

/* ---- the walk -------------------------------------------------------------------------------------------------------- */

static const struct {
    walk_phone phone;
    walk_who requester;
    uint32_t n_lines; /* a thread that is nearly full */
    const char *words;
} STARTS[] = {{PHONE_NONE, WHO_REQUESTER, 0, "a draft without a device"},
              {PHONE_WORK, WHO_REQUESTER, 7, "a work profile's draft with a long thread"},
              {PHONE_APPLE, WHO_NOBODY, 0, "a draft of somebody without an Entra id"}};
#define N_STARTS (sizeof STARTS / sizeof *STARTS)

static void add_starts(search *s)
{
    for (size_t i = 0; i < N_STARTS; i++) {
        walk_start_draft(STARTS[i].phone, STARTS[i].requester, STARTS[i].n_lines, s->work);
        if (i == 0)
            *s->first = *s->work;
        s->at = UINT32_MAX;
        add(s, s->work, STARTS[i].words);
    }
}

/* ---- is it everything? ------------------------------------------------------------------------------------------------ */

static uint32_t chance(search *s, uint32_t n)
{
    s->random = s->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(s->random >> 33) % n;
}

/* To somewhere around a moment of the row, a second on, a day off on the wall clock, or over a reboot. */
static void wander_in_time(search *s)
{
    walk_place *place = s->work;
    walk_moment moments[WALK_MOMENTS_MAX];
    uint32_t n = (uint32_t)walk_moments(&place->request, place->boot, moments), kind = chance(s, 8);
    int64_t ms = RB_SECOND_MS;

    if (n && kind < 5)
        ms = walk_until(&moments[chance(s, n)], place->now) + chance(s, 3) - 1;
    if (kind == 5)
        place->now.utc_ms += chance(s, 2) ? RB_DAY_MS : -RB_DAY_MS;
    if (kind == 6) {
        place->boot++;
        place->now.boot_ms = RB_MINUTE_MS;
    }
    place->now.utc_ms += ms > 0 ? ms : 0;
    place->now.boot_ms += ms > 0 ? ms : 0;
}

/* Mostly what moves the request on, so that many ways are long. */
static const walk_case *any_case(search *s, const rb_request *request)
{
    static const rb_event_kind next[RB_STATES] = {
        [RB_STATE_DRAFT] = RB_EV_SEND,       [RB_STATE_PENDING] = RB_EV_APPROVE, [RB_STATE_APPROVED] = RB_EV_PREPARED,
        [RB_STATE_INTENT] = RB_EV_GO,        [RB_STATE_SENDING] = RB_EV_POSTED,  [RB_STATE_ACCEPTED] = RB_EV_RESULTS,
        [RB_STATE_IN_PROGRESS] = RB_EV_TIME, [RB_STATE_DONE] = RB_EV_SHOW,       [RB_STATE_UNKNOWN] = RB_EV_RESULTS,
    };
    rb_event_kind kind = request->device.id[0] ? next[request->state] : RB_EV_PICK;
    bool is_next = chance(s, 10) != 0;

    for (;;) {
        const walk_case *one = &walk_cases[chance(s, (uint32_t)walk_n_cases)];
        if (!is_next || one->kind == kind)
            return one;
    }
}

static void at_once_or_later(search *s)
{
    int64_t ms = chance(s, 3) * RB_SECOND_MS;

    s->work->now.utc_ms += ms;
    s->work->now.boot_ms += ms;
}

/* Long ways by chance, with whole rows and no abstraction: each place on them must have been walked. */
static void wander(search *s, uint32_t n_ways)
{
    rb_effects effects;

    for (uint32_t way = 0; way < n_ways; way++) {
        size_t start = chance(s, N_STARTS);
        walk_start_draft(STARTS[start].phone, STARTS[start].requester, STARTS[start].n_lines, s->work);
        for (int i = 0; i < 60; i++) {
            const walk_case *one = any_case(s, &s->work->request);
            at_once_or_later(s);
            *s->base = *s->work;
            if (chance(s, 6) == 0)
                wander_in_time(s);
            else if (walk_fill(one, s->base, &s->event) &&
                     rb_request_step(&s->work->request, &s->event.event, &effects) == RB_STEP_APPLIED)
                walk_remember(s->work, &s->base->request, &s->event.event, &effects);
            walk_key key = walk_key_of(s->work);
            s->all->n_wandered++;
            if (!s->slots[slot_of(s, &key)])
                walk_note_broken(s->all, "the walk missed a state", rb_state_name(s->work->request.state));
        }
    }
}

void walk_everything(walk *all)
{
    search s = {.all = all};

    s.nodes = need(calloc(NODES_MAX, sizeof *s.nodes));
    s.slots = need(calloc(HASH_SLOTS, sizeof *s.slots));
    s.first = need(calloc(1, sizeof *s.first));
    s.base = need(calloc(1, sizeof *s.base));
    s.work = need(calloc(1, sizeof *s.work));
    add_starts(&s);
    for (s.at = 0; s.at < s.n; s.at++)
        walk_one(&s);
    all->n_states = s.n;
    wander(&s, N_WAYS);
    for (uint32_t i = 0; i < s.n; i++)
        free(s.nodes[i].differences);
    free(s.nodes);
    free(s.slots);
    free(s.first);
    free(s.base);
    free(s.work);
}

walk *walk_new(void)
{
    return need(calloc(1, sizeof(walk)));
}

void walk_free(walk *all)
{
    free(all);
}
