#include "clockwork.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "bytes.h"
#include "server.h"
#include "world.h"

#define COME_BACK_MAX_MS (3600 * 1000)

/* Kept in the order of insertion; the sandbox has few. */
typedef struct alarm_clock {
    int64_t due_ms;
    bool is_real; /* due_ms counts clockwork_real_ms, else sb_now_ms */
    void (*fire)(void *arg);
    void *arg;
    struct alarm_clock *next;
} alarm_clock;

static alarm_clock *alarms;
static int64_t offset_ms;

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

static void add_alarm(int64_t due_ms, bool is_real, void (*fire)(void *arg), void *arg)
{
    alarm_clock *alarm = sb_alloc(sizeof *alarm);
    *alarm = (alarm_clock){.due_ms = due_ms, .is_real = is_real, .fire = fire, .arg = arg};
    alarm_clock **end = &alarms;
    while (*end)
        end = &(*end)->next;
    *end = alarm;
    server_wake();
}

void sb_at(int64_t utc_ms, void (*fire)(void *arg), void *arg)
{
    add_alarm(utc_ms, false, fire, arg);
}

void clockwork_after(int64_t real_ms, void (*fire)(void *arg), void *arg)
{
    add_alarm(clockwork_real_ms() + real_ms, true, fire, arg);
}

static int64_t left_ms(const alarm_clock *alarm)
{
    return alarm->due_ms - (alarm->is_real ? clockwork_real_ms() : sb_now_ms());
}

/* The due one that was due first: sandbox events keep their order when time jumps over several. */
static alarm_clock *take_due(void)
{
    alarm_clock **first = NULL;
    for (alarm_clock **at = &alarms; *at; at = &(*at)->next)
        if (left_ms(*at) <= 0 && (!first || left_ms(*at) < left_ms(*first)))
            first = at;
    if (!first)
        return NULL;
    alarm_clock *due = *first;
    *first = due->next;
    return due;
}

int64_t clockwork_run(void)
{
    for (alarm_clock *due = take_due(); due; due = take_due()) {
        due->fire(due->arg);
        free(due);
    }
    int64_t least_ms = COME_BACK_MAX_MS;
    for (const alarm_clock *alarm = alarms; alarm; alarm = alarm->next)
        if (left_ms(alarm) < least_ms)
            least_ms = left_ms(alarm);
    return least_ms > 0 ? least_ms : 1;
}
