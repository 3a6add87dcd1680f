#include "crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scenario.h"
#include "sim.h"

#define PLAY_MAX_S 60 /* then something waits for ever: SIGALRM ends it, which is told */

/* A scenario's undisturbed play, and where it is in it. The children inherit a copy. */
static struct {
    const sim_scenario *scenario;
    uint64_t seed;
    int share; /* percent */
    int cuts;
    bool is_power;
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
    if (!strcmp(what, "store query"))
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

/* Power goes at a sync: before it, and when it is done. */
static void at_sync(void *self, const char *what, sim_phase phase)
{
    (void)self;
    if (strncmp(what, "disk sync", 9) != 0)
        return;
    exploring.points++;
    if (exploring.only_point && exploring.points != exploring.only_point)
        return;
    for (int cut = 0; cut < exploring.cuts; cut++) {
        /* of the place, so that the place alone can be played again */
        uint64_t seed = cut < 2 ? (uint64_t)cut : (exploring.seed ^ (exploring.points << 20) ^ (uint64_t)cut) | 2;
        if (cut >= 2 && disk_pending() == 0)
            return; /* nothing to choose from */
        exploring.plays++;
        snprintf(exploring.where, sizeof exploring.where, "%s: power lost %s %s, cut %llu (point %llu)",
                 exploring.scenario->name, phase == SIM_BEFORE ? "before" : "after", what, (unsigned long long)seed,
                 (unsigned long long)exploring.points);
        if (!sim_fork())
            continue;
        disk_power_cut(seed);
        die_in_child();
    }
}

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
    sim_watch(exploring.is_power ? at_sync : at_seam, NULL);
    bool is_well = sim_play(scenario, exploring.seed);
    finish();
    bool are_children_well = sim_reap_all();
    __atomic_fetch_add(&shared->points, exploring.points, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&shared->plays, exploring.plays, __ATOMIC_SEQ_CST);
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
        if ((only && strcmp(only, SIM_SCENARIOS[i].name) != 0) || (SIM_SCENARIOS[i].is_long && !only))
            continue;
        shared->scenarios++;
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

bool sim_power(const char *only, uint64_t seed, int cuts, sim_tally *out)
{
    exploring.seed = seed;
    exploring.cuts = cuts;
    exploring.is_power = true;
    return explore_all(only, out);
}
