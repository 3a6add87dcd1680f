#include "clockwork.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "server.h"
#include "world.h"

#define COME_BACK_MAX_MS (3600 * 1000)

typedef struct {
    int64_t due_ms;
    uint64_t number; /* those due at the same time fire in the order of setting */
    void (*fire)(void *arg);
    void *arg;
} alarm_clock;

/* A binary heap by due time. */
typedef struct {
    alarm_clock *alarms;
    size_t count;
    size_t cap;
} alarm_heap;

static alarm_heap by_sandbox_time;
static alarm_heap by_real_time;
static int64_t offset_ms;
static uint64_t next_number;

static int64_t read_clock_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t sb_now_ms(void)
{
    return read_clock_ms(CLOCK_REALTIME) + offset_ms;
}

int64_t clockwork_real_ms(void)
{
    return read_clock_ms(CLOCK_MONOTONIC);
}

int64_t clockwork_offset_ms(void)
{
    return offset_ms;
}

void clockwork_advance(int64_t ms)
{
    offset_ms += ms;
    server_wake();
}

static bool is_before(const alarm_clock *a, const alarm_clock *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->number < b->number;
}

static void swap(alarm_heap *heap, size_t a, size_t b)
{
    alarm_clock kept = heap->alarms[a];
    heap->alarms[a] = heap->alarms[b];
    heap->alarms[b] = kept;
}

static void add_alarm(alarm_heap *heap, int64_t due_ms, void (*fire)(void *arg), void *arg)
{
    if (heap->count == heap->cap) {
        heap->cap = heap->cap ? heap->cap * 2 : 64;
        heap->alarms = realloc(heap->alarms, heap->cap * sizeof *heap->alarms);
        if (!heap->alarms)
            abort();
    }
    size_t at = heap->count++;
    heap->alarms[at] = (alarm_clock){.due_ms = due_ms, .number = next_number++, .fire = fire, .arg = arg};
    for (; at && is_before(&heap->alarms[at], &heap->alarms[(at - 1) / 2]); at = (at - 1) / 2)
        swap(heap, at, (at - 1) / 2);
    server_wake();
}

void sb_at(int64_t utc_ms, void (*fire)(void *arg), void *arg)
{
    add_alarm(&by_sandbox_time, utc_ms, fire, arg);
}

void clockwork_after(int64_t real_ms, void (*fire)(void *arg), void *arg)
{
    add_alarm(&by_real_time, clockwork_real_ms() + real_ms, fire, arg);
}

static alarm_clock take_first(alarm_heap *heap)
{
    alarm_clock first = heap->alarms[0];
    heap->alarms[0] = heap->alarms[--heap->count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap->count; child++)
            if (is_before(&heap->alarms[child], &heap->alarms[least]))
                least = child;
        if (least == at)
            return first;
        swap(heap, at, least);
        at = least;
    }
}

/* Fires what is due; then how long the first of the rest has to wait. */
static int64_t run_heap(alarm_heap *heap, int64_t (*now_ms)(void))
{
    while (heap->count && heap->alarms[0].due_ms <= now_ms()) {
        alarm_clock due = take_first(heap);
        due.fire(due.arg);
    }
    return heap->count ? heap->alarms[0].due_ms - now_ms() : COME_BACK_MAX_MS;
}

int64_t clockwork_run(void)
{
    int64_t sandbox_ms = run_heap(&by_sandbox_time, sb_now_ms);
    int64_t real_ms = run_heap(&by_real_time, clockwork_real_ms);
    int64_t least_ms = sandbox_ms < real_ms ? sandbox_ms : real_ms;
    if (least_ms > COME_BACK_MAX_MS)
        return COME_BACK_MAX_MS;
    return least_ms > 0 ? least_ms : 1;
}

void clockwork_fini(void)
{
    free(by_sandbox_time.alarms);
    free(by_real_time.alarms);
    by_sandbox_time = by_real_time = (alarm_heap){0};
}
