/* Chance from one seed: splitmix64 (Steele, Lea, Flood 2014), a stream each for the world, the network, the bot and the plan. */
#include <string.h>

#include "sim.h"
#include "world.h"

static uint64_t streams[SIM_STREAMS];

static uint64_t mix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void sim_seed(uint64_t seed)
{
    uint64_t state = seed;
    for (size_t i = 0; i < SIM_STREAMS; i++)
        streams[i] = mix(&state);
}

uint64_t sim_draw(sim_stream stream)
{
    return mix(&streams[stream]);
}

int64_t sim_between(sim_stream stream, int64_t least, int64_t most)
{
    return least + (int64_t)(sim_draw(stream) % (uint64_t)(most - least + 1));
}

bool sim_chance(sim_stream stream, int percent)
{
    return sim_between(stream, 1, 100) <= percent;
}

void sb_random(void *out_bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out_bytes)[i] = (unsigned char)(sim_draw(SIM_WORLD) >> 32);
}
