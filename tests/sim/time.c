/* Simulated time: one queue of what will happen. The sandbox's clockwork.h is answered from here too. */
#include <stdlib.h>

#include "clockwork.h"
#include "server.h"
#include "sim.h"
#include "world.h"

#define EPOCH_MS INT64_C(1772438400000) /* 2026-03-02 08:00:00 UTC */
#define FIRST_BOOT_MS (5 * RB_HOUR_MS)

typedef struct {
    int64_t due_ms;
    uint64_t number; /* those due at the same time happen in the order of their making */
    void (*fire)(void *arg);
    void *arg;
} happening;

static struct {
    happening *items; /* binary heap */
    size_t count, cap;
    uint64_t number;
    int64_t now_ms;
    int64_t wall_skew_ms; /* of the bot's machine */
    int64_t boot_start_ms;
    uint64_t boot;
} queue = {.boot_start_ms = -FIRST_BOOT_MS, .boot = 1};

int64_t sim_ms(void)
{
    return queue.now_ms;
}

int64_t sim_utc_ms(void)
{
    return EPOCH_MS + queue.now_ms;
}

rb_now sim_bot_now(void)
{
    return (rb_now){.utc_ms = sim_utc_ms() + queue.wall_skew_ms, .boot_ms = queue.now_ms - queue.boot_start_ms};
}

void sim_bot_wall_jump(int64_t ms)
{
    queue.wall_skew_ms += ms;
}

void sim_bot_reboot(void)
{
    queue.boot_start_ms = queue.now_ms - 20 * RB_SECOND_MS; /* the kernel was up for a while before the bot is */
    queue.boot++;
}

uint64_t sim_boot(void)
{
    return queue.boot;
}

/* ---- the queue -------------------------------------------------------------------------------------------------------- */

static bool is_before(const happening *a, const happening *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->number < b->number;
}

static void swap(size_t a, size_t b)
{
    happening kept = queue.items[a];
    queue.items[a] = queue.items[b];
    queue.items[b] = kept;
}

void sim_after(int64_t ms, void (*fire)(void *arg), void *arg)
{
    if (queue.count == queue.cap) {
        queue.cap = queue.cap ? queue.cap * 2 : 256;
        queue.items = realloc(queue.items, queue.cap * sizeof *queue.items);
        if (!queue.items)
            abort();
    }
    size_t at = queue.count++;
    queue.items[at] = (happening){queue.now_ms + (ms > 0 ? ms : 0), queue.number++, fire, arg};
    for (; at && is_before(&queue.items[at], &queue.items[(at - 1) / 2]); at = (at - 1) / 2)
        swap(at, (at - 1) / 2);
}

static happening take_first(void)
{
    happening first = queue.items[0];
    queue.items[0] = queue.items[--queue.count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < queue.count; child++)
            if (is_before(&queue.items[child], &queue.items[least]))
                least = child;
        if (least == at)
            return first;
        swap(at, least);
        at = least;
    }
}

bool sim_step(void)
{
    if (!queue.count)
        return false;
    happening next = take_first();
    queue.now_ms = next.due_ms;
    next.fire(next.arg);
    return true;
}

void sim_run(int64_t ms)
{
    int64_t end_ms = queue.now_ms + ms;
    while (queue.count && queue.items[0].due_ms <= end_ms)
        (void)sim_step();
    queue.now_ms = end_ms;
}

/* ---- what the sandbox asks ---------------------------------------------------------------------------------------------- */

int64_t sb_now_ms(void)
{
    return sim_utc_ms();
}

void sb_at(int64_t utc_ms, void (*fire)(void *arg), void *arg)
{
    sim_after(utc_ms - sim_utc_ms(), fire, arg);
}

int64_t clockwork_real_ms(void)
{
    return queue.now_ms;
}

int64_t clockwork_offset_ms(void)
{
    return 0;
}

/* Time is moved by sim_run alone. */
void clockwork_advance(int64_t ms)
{
    (void)ms;
    abort();
}

void clockwork_after(int64_t real_ms, void (*fire)(void *arg), void *arg)
{
    sim_after(real_ms, fire, arg);
}

void server_wake(void)
{
}
