/* power.h - the ways in which a power cut at one moment can leave the disk, and what the store holds after each. */
#ifndef SIM_POWER_H
#define SIM_POWER_H

#include <stdbool.h>
#include <stdint.h>

/* One way. */
typedef struct {
    enum { CUT_AS_DRAWN, CUT_PIECES, CUT_WRITES } kind;
    uint64_t choice; /* the seed of disk_power_cut, or what is kept: a bit a piece or a write (disk.h) */
} sim_cut;

/* How far all ways were gone through: each write kept, dropped or torn at each 512 bytes, its first part kept or its last; the same
 * with its first part alone; each write kept or dropped; a sample. */
typedef enum { WAYS_TORN, WAYS_FIRST_PARTS, WAYS_WRITES, WAYS_SAMPLE, WAYS } sim_ways;

#define SIM_CONTENTS_MAX 48

typedef struct {
    sim_ways ways;
    uint64_t cuts;                   /* so many were opened */
    uint32_t contents;               /* so many different ones were found; of the first few, a way that leads to it: */
    sim_cut first[SIM_CONTENTS_MAX]; /* nothing kept and all kept are looked at before all others */
} sim_power_seen;

/* What is not durable now is lost in all ways when there are at most `most`, else in a sample as the seed decides (most 0: in the
 * two ways above alone); each is opened by SQLite, as at a start, and read as a whole. In a process of its own, which must end
 * then. */
void sim_power_look(uint64_t seed, uint64_t most, sim_power_seen *out);
/* The same loss, for good: the bot must die next (sim_die). */
void sim_power_lose(const sim_cut *cut);

#endif
