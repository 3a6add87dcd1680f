/* crash.h - plays scenarios again and again, each time with one disturbance at one place, in a process of its own. */
#ifndef SIM_CRASH_H
#define SIM_CRASH_H

#include <stdbool.h>
#include <stdint.h>

#include "power.h"

typedef struct {
    uint64_t scenarios, points, plays, broken;
} sim_tally;

/* The bot's process dies before, after and, for writes to the disk, half-way through each of its calls to the outside; share:
 * percent of these points, as the seed decides. */
bool sim_crash(const char *only, uint64_t seed, int share, sim_tally *out);
/* From now on only at this place (as a report numbers it), and what happens from there on is told. 0: everywhere. */
void sim_explore_at(uint64_t point);
uint64_t sim_explored_point(void);

/* The power fails at each sync, before and after it, in all ways or many (power.h). */
typedef struct {
    uint64_t ways; /* up to so many at a sync all are opened, else a sample */
    int cuts;      /* cuts as drawn, played at each besides one for each content that was found */
    int share;     /* percent of the syncs of long stories; of the others all */
} sim_power_wanted;
typedef struct {
    uint64_t boundaries, by_ways[WAYS], cuts, contents; /* by_ways: where something was not synced */
} sim_power_tally;
bool sim_power(const char *only, uint64_t seed, const sim_power_wanted *wanted, sim_tally *out,
               sim_power_tally *out_power);

/* In the golden scenarios each fallible call of the bot fails, once and, in another play, from then on: allocations (also those of
 * its libraries) by the place they are made at; each operation of the disk; each exchange and each use of a websocket; calls to
 * SQLite and json-c by place, and again later in the story; and each text from outside comes spoiled. share: percent of these. */
typedef enum {
    TORTURE_MEMORY,
    TORTURE_DISK,
    TORTURE_SQL,
    TORTURE_JSON,
    TORTURE_HTTP, /* with names, connections and TLS */
    TORTURE_SOCKET,
    TORTURE_TEXT,
    TORTURE_KINDS
} torture_kind;
typedef struct {
    uint64_t hit[TORTURE_KINDS], failed[TORTURE_KINDS];
} torture_tally;
const char *torture_word(torture_kind kind);
/* From now on only that kind; false: there is none of that name. */
bool sim_torture_only(const char *word);
bool sim_torture(const char *only, uint64_t seed, int share, sim_tally *out, torture_tally *out_kinds);
/* Whether memory can be made to fail in this build (not under AddressSanitizer, which has its own). */
bool sim_can_fail_memory(void);

/* Waits for a free processor, then forks: true in the child. Used by all that plays many worlds. */
bool sim_fork(void);
/* Of the child: ends it and tells the parent; text NULL: all is well. */
_Noreturn void sim_child_ends(const char *text);
/* Waits for all children. False when one of them was not well; their texts were printed. */
bool sim_reap_all(void);
void sim_set_jobs(int jobs); /* children at a time */

#endif
