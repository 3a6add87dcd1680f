#include "crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "power.h"
#include "scenario.h"
#include "sim.h"

#define PLAY_MAX_S 60 /* then something waits for ever: SIGALRM ends it, which is told */

/* What the explorers and their children tell. */
typedef struct {
    sim_power_tally tally;
    sim_power_seen seen[]; /* a slot for each scenario */
} power_board;

/* A scenario's undisturbed play, and where it is in it. The children inherit a copy. */
static struct {
    const sim_scenario *scenario;
    uint64_t seed;
    int share; /* percent */
    int cuts;
    uint64_t ways;
    power_board *power; /* NULL: deaths */
    size_t slot;        /* the scenario's number */
    bool is_broken;
    bool is_child;
    char where[224];
    uint64_t points;
    uint64_t only_point; /* 0: all */
    uint64_t plays;
    bool was_after; /* nothing has left the bot since the last point */
} exploring;

/* What a process that dies before a call leaves behind is what one leaves that dies after the call before, unless it was told
 * something in between; so the places before a call are left out where nothing else happened. */
static bool is_new_place(const char *what, sim_phase phase)
{
    bool is_input = !strncmp(what, "event ", 6);
    if (is_input && (strstr(what, "pong") || strstr(what, "timer")))
        return false;
    if (!strcmp(what, "store query") || !strncmp(what, "look ", 5) || !strcmp(what, "ws ping"))
        return false;
    if (phase == SIM_BEFORE && !is_input) {
        bool is_same = exploring.was_after;
        exploring.was_after = false;
        return !is_same;
    }
    exploring.was_after = phase == SIM_AFTER;
    return true;
}

static void die_in_child(void)
{
    exploring.is_child = true;
    sim_play_disturbed();
    (void)alarm(PLAY_MAX_S);
    sim_verbose(exploring.only_point > 0);
    sim_watch(NULL, NULL);
    sim_die();
}

static void at_seam(void *self, const char *what, sim_phase phase)
{
    static const char *const PHASES[] = {"before", "half-way through", "after"};
    (void)self;
    if (!is_new_place(what, phase))
        return;
    exploring.points++;
    bool is_drawn = sim_between(SIM_PLAN, 1, 100) <= exploring.share;
    if (exploring.only_point ? exploring.points != exploring.only_point : !is_drawn)
        return;
    exploring.plays++;
    snprintf(exploring.where, sizeof exploring.where, "%s: death %s %s (point %llu)", exploring.scenario->name,
             PHASES[phase], what, (unsigned long long)exploring.points);
    if (sim_fork())
        die_in_child();
}

/* ---- power --------------------------------------------------------------------------------------------------------- */

static void play_cut(const sim_cut *cut, const char *what, sim_phase phase)
{
    static const char *const KINDS[] = {"drawn", "pieces", "writes"};
    exploring.plays++;
    snprintf(exploring.where, sizeof exploring.where, "%s: power lost %s %s, %s %llx (point %llu)",
             exploring.scenario->name, phase == SIM_BEFORE ? "before" : "after", what, KINDS[cut->kind],
             (unsigned long long)cut->choice, (unsigned long long)exploring.points);
    if (!sim_fork())
        return;
    sim_power_lose(cut);
    die_in_child();
}

/* In a child: what the bot's SQLite is in the middle of is not touched. */
static const sim_power_seen *look_in_child(uint64_t seed)
{
    sim_power_seen *seen = &exploring.power->seen[exploring.slot];
    seen->cuts = 0;
    if (sim_fork()) {
        sim_power_look(seed, exploring.ways, seen);
        sim_child_ends(NULL);
    }
    exploring.is_broken = !sim_reap_all() || exploring.is_broken;
    return seen;
}

static void add(uint64_t *to, uint64_t n)
{
    __atomic_fetch_add(to, n, __ATOMIC_SEQ_CST);
}

/* Every content that a cut here can leave is played, and a few cuts as drawn: the same rows in other bytes. */
static void cut_here(const char *what, sim_phase phase)
{
    /* of the place, so that the place alone can be played again */
    uint64_t seed = exploring.seed ^ (exploring.points << 20);
    sim_power_tally *tally = &exploring.power->tally;
    add(&tally->boundaries, 1);
    if (disk_pending() == 0) { /* nothing to choose from */
        play_cut(&(sim_cut){CUT_AS_DRAWN, 0}, what, phase);
        return;
    }
    const sim_power_seen *seen = look_in_child(seed);
    add(&tally->by_ways[seen->ways], 1);
    add(&tally->cuts, seen->cuts);
    add(&tally->contents, seen->contents);
    for (uint32_t i = 0; i < seen->contents && i < SIM_CONTENTS_MAX; i++)
        play_cut(&seen->first[i], what, phase);
    for (int i = 0; i < exploring.cuts; i++)
        play_cut(&(sim_cut){CUT_AS_DRAWN, (seed ^ ((uint64_t)i << 4)) | 2}, what, phase);
}

/* Long stories: as many as the share says, the same ones for the same seed. */
static bool is_cut_here(void)
{
    uint64_t mixed = (exploring.points + exploring.seed) * UINT64_C(0x9e3779b97f4a7c15);
    if (exploring.only_point)
        return exploring.points == exploring.only_point;
    return !exploring.scenario->is_long || (int)((mixed >> 33) % 100) < exploring.share;
}

/* Power goes at a sync: before it, and when it is done. */
static void at_sync(void *self, const char *what, sim_phase phase)
{
    (void)self;
    if (strncmp(what, "disk sync", 9) != 0)
        return;
    exploring.points++;
    if (is_cut_here())
        cut_here(what, phase);
}

/* ---- one scenario after the other ------------------------------------------------------------------------------------ */

static void finish(void)
{
    char text[1400];
    if (!exploring.is_child)
        return;
    const char *broken = sim_check_broken();
    snprintf(text, sizeof text, "%s: %s", exploring.where, broken ? broken : "");
    sim_child_ends(broken ? text : NULL);
}

/* In a process of its own, so that the next scenario finds an empty world; it reports by shared memory. */
static void explore(const sim_scenario *scenario, sim_tally *shared)
{
    exploring.scenario = scenario;
    exploring.points = exploring.plays = 0;
    sim_set_jobs(1); /* the explorer of each scenario has one child at a time: explorers run side by side */
    sim_watch(exploring.power ? at_sync : at_seam, NULL);
    bool is_well = sim_play(scenario, exploring.seed);
    finish();
    bool are_children_well = sim_reap_all() && !exploring.is_broken;
    add(&shared->points, exploring.points);
    add(&shared->plays, exploring.plays);
    if (!is_well)
        sim_child_ends(sim_check_broken());
    if (!are_children_well)
        exit(1);
    sim_child_ends(NULL);
}

static bool explore_all(const char *only, sim_tally *out)
{
    sim_tally *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort();
    bool is_well = true;
    for (size_t i = 0; i < sim_scenarios(); i++) {
        bool is_left_out = SIM_SCENARIOS[i].is_long && !only && (!exploring.power || exploring.share == 0);
        if ((only && strcmp(only, SIM_SCENARIOS[i].name) != 0) || is_left_out)
            continue;
        shared->scenarios++;
        exploring.slot = i;
        if (sim_fork())
            explore(&SIM_SCENARIOS[i], shared);
    }
    is_well = sim_reap_all();
    *out = *shared;
    munmap(shared, sizeof *shared);
    return is_well;
}

void sim_explore_at(uint64_t point)
{
    exploring.only_point = point;
}

uint64_t sim_explored_point(void)
{
    return exploring.only_point;
}

bool sim_crash(const char *only, uint64_t seed, int share, sim_tally *out)
{
    exploring.seed = seed;
    exploring.share = share;
    return explore_all(only, out);
}

bool sim_power(const char *only, uint64_t seed, const sim_power_wanted *wanted, sim_tally *out,
               sim_power_tally *out_power)
{
    size_t size = sizeof(power_board) + sim_scenarios() * sizeof(sim_power_seen);
    exploring.power = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (exploring.power == MAP_FAILED)
        abort();
    exploring.seed = seed;
    exploring.cuts = wanted->cuts;
    exploring.ways = wanted->ways;
    exploring.share = wanted->share;
    bool is_well = explore_all(only, out);
    *out_power = exploring.power->tally;
    munmap(exploring.power, size);
    exploring.power = NULL;
    return is_well;
}
