/* scenario.h - the stories that are played again and again: undisturbed, with a death at every seam, with power cuts, with every
 * call failing once. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "sim.h"

#define SIM_BIT(state) (UINT32_C(1) << (state))

typedef struct {
    const char *name;
    const char *before[4]; /* deeds (deed.h) before anybody does anything */
    sim_wish wishes[2];    /* requester NULL: none */
    struct {
        rb_state when; /* as soon as the first wish's request is in that state */
        int64_t after_ms;
        const char *deed;
    } then[4];        /* deed NULL: none */
    int64_t lasts_ms; /* then all is healed, and everything comes to rest */
    uint32_t ends;    /* SIM_BIT of each state that the first request may end in when nobody disturbs it */
    bool is_long;     /* days of polling: not played with deaths */
} sim_scenario;

extern const sim_scenario SIM_SCENARIOS[];
size_t sim_scenarios(void);

/* Plays it from an empty world, brings it to rest and checks everything. true: all promises are kept. The end of the first
 * request is checked against ends unless it was disturbed. Once a process: fork for more. */
bool sim_play(const sim_scenario *scenario, uint64_t seed);
/* From inside a play: somebody disturbs it, so that its end may be another. */
void sim_play_disturbed(void);

#endif
