#include "net/timers.h"

#include <assert.h>
#include <stdlib.h>

rb_err rb_timers_init(rb_timers *timers)
{
    rb_timer **heap = calloc(RB_TIMERS_MAX, sizeof(rb_timer *));
    if (heap == NULL)
        return RB_E_NOMEM;
    *timers = (rb_timers){.heap = heap};
    return RB_OK;
}

void rb_timers_fini(rb_timers *timers)
{
    for (size_t i = 0; i < timers->n; i++)
        timers->heap[i]->slot = 0;
    free(timers->heap);
    *timers = (rb_timers){0};
}

static void put(rb_timers *timers, size_t place, rb_timer *timer)
{
    timers->heap[place] = timer;
    timer->slot = (int)place + 1;
}

static void sift_up(rb_timers *timers, size_t place)
{
    rb_timer *timer = timers->heap[place];
    while (place > 0) {
        size_t parent = (place - 1) / 2;
        if (timers->heap[parent]->boot_ms <= timer->boot_ms)
            break;
        put(timers, place, timers->heap[parent]);
        place = parent;
    }
    put(timers, place, timer);
}

static void sift_down(rb_timers *timers, size_t place)
{
    rb_timer *timer = timers->heap[place];
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= timers->n)
            break;
        if (child + 1 < timers->n && timers->heap[child + 1]->boot_ms < timers->heap[child]->boot_ms)
            child++;
        if (timers->heap[child]->boot_ms >= timer->boot_ms)
            break;
        put(timers, place, timers->heap[child]);
        place = child;
    }
    put(timers, place, timer);
}

static void take_out(rb_timers *timers, rb_timer *timer)
{
    size_t place = (size_t)timer->slot - 1;
    rb_timer *last = timers->heap[--timers->n];
    timer->slot = 0;
    if (last == timer)
        return;
    put(timers, place, last);
    sift_up(timers, place);
    sift_down(timers, (size_t)last->slot - 1);
}

void rb_timers_set(rb_timers *timers, rb_timer *timer, int64_t boot_ms)
{
    if (timer->slot != 0) {
        assert(timers->heap[timer->slot - 1] == timer);
        take_out(timers, timer);
    }
    timer->boot_ms = boot_ms;
    if (boot_ms == INT64_MAX)
        return;
    assert(timers->n < RB_TIMERS_MAX);
    timers->heap[timers->n] = timer;
    sift_up(timers, timers->n++);
}

int64_t rb_timers_next(const rb_timers *timers)
{
    return timers->n == 0 ? INT64_MAX : timers->heap[0]->boot_ms;
}

/* The budget is what was set before: timers set from within may use it up, but never add to it. */
void rb_timers_fire(rb_timers *timers, rb_now now)
{
    size_t budget = timers->n;
    while (budget-- > 0 && rb_timers_next(timers) <= now.boot_ms) {
        rb_timer *timer = timers->heap[0];
        take_out(timers, timer);
        timer->fire(timer, now);
    }
}
