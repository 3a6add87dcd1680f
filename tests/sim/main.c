/* resetbot-sim: the simulator's command line. Each subcommand ends with one line of what it did, and exit code 0 or 1. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crash.h"
#include "day.h"
#include "same.h"
#include "scenario.h"
#include "sim.h"

typedef struct {
    const char *only;
    uint64_t seed;
    int seconds;
    int share;
    int cuts;
    uint64_t ways;
    int days;
    bool is_verbose;
} options;

static const char usage[] =
    "usage: resetbot-sim COMMAND [options]\n"
    "  scenarios          plays each once, undisturbed\n"
    "  crash              each again for each point where the bot's process can die\n"
    "  torture            the golden ones again, each fallible call failing: memory, disk, SQL, JSON, network; spoiled "
    "texts\n"
    "  power              each again for each sync at which the power can fail\n"
    "  days               random days with random faults\n"
    "  same               one seed is one run: a day and some scenarios twice, compared in all that can be seen\n"
    "  list               the scenarios' names\n"
    "  --only NAME        one scenario\n"
    "  --seed N           decides everything (default: a fresh one, printed)\n"
    "  --share N          crash, torture: percent of the points; power: of the syncs of long stories (default 100)\n"
    "  --point N          crash, power, torture: only this place, and what happens from there on is told\n"
    "  --ways N           power: at each sync all ways to lose what was not synced, when they are no more; else a "
    "sample\n"
    "                     (default 500)\n"
    "  --kind NAME        torture: one of memory, disk, SQL, JSON, exchanges, sockets, texts\n"
    "  --cuts N           power: so many drawn ones are played at each, besides one for each content (default 2)\n"
    "  --lie END          power: syncs of files that end so do nothing (\"-wal\": as with synchronous NORMAL; \"\": "
    "with OFF)\n"
    "  --seconds N, --days N   days: how long, or how many from this seed on (default 10 s)\n"
    "  --verbose          what happens, on stderr\n";

static bool read_options(int argc, char **argv, options *out)
{
    static const struct option known[] = {
        {"only", required_argument, NULL, 'o'},    {"seed", required_argument, NULL, 's'},
        {"share", required_argument, NULL, 'h'},   {"cuts", required_argument, NULL, 'c'},
        {"ways", required_argument, NULL, 'w'},    {"lie", required_argument, NULL, 'l'},
        {"seconds", required_argument, NULL, 't'}, {"kind", required_argument, NULL, 'k'},
        {"days", required_argument, NULL, 'd'},    {"point", required_argument, NULL, 'p'},
        {"verbose", no_argument, NULL, 'v'},       {NULL, 0, NULL, 0}};
    for (int option = 0; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'o': out->only = optarg; break;
        case 's': out->seed = strtoull(optarg, NULL, 10); break;
        case 'h': out->share = (int)strtol(optarg, NULL, 10); break;
        case 'c': out->cuts = (int)strtol(optarg, NULL, 10); break;
        case 'w': out->ways = strtoull(optarg, NULL, 10); break;
        case 'l': disk_lie(optarg); break;
        case 't': out->seconds = (int)strtol(optarg, NULL, 10); break;
        case 'd': out->days = (int)strtol(optarg, NULL, 10); break;
        case 'k':
            if (!sim_torture_only(optarg))
                return false;
            break;
        case 'p': sim_explore_at(strtoull(optarg, NULL, 10)); break;
        case 'v': out->is_verbose = true; break;
        default: return false;
        }
    }
    return optind == argc - 1;
}

static int play_all(const options *given)
{
    uint64_t count = 0;
    for (size_t i = 0; i < sim_scenarios(); i++) {
        const sim_scenario *scenario = &SIM_SCENARIOS[i];
        if (given->only && strcmp(given->only, scenario->name) != 0)
            continue;
        count++;
        if (!sim_fork())
            continue;
        char text[1200];
        sim_verbose(given->is_verbose);
        bool is_well = sim_play(scenario, given->seed);
        snprintf(text, sizeof text, "%s: %s", scenario->name, is_well ? "" : sim_check_broken());
        sim_child_ends(is_well ? NULL : text);
    }
    bool is_well = sim_reap_all() && count > 0;
    printf("scenarios: %llu played, seed %llu: %s\n", (unsigned long long)count, (unsigned long long)given->seed,
           is_well ? "all promises kept" : "BROKEN");
    return is_well ? 0 : 1;
}

static int tell(const char *what, const options *given, const sim_tally *tally, bool is_well)
{
    is_well = is_well && tally->plays > 0;
    printf("%s: %llu scenarios, %llu points, %llu played, seed %llu: %s\n", what, (unsigned long long)tally->scenarios,
           (unsigned long long)tally->points, (unsigned long long)tally->plays, (unsigned long long)given->seed,
           is_well ? "all promises kept" : "BROKEN");
    return is_well ? 0 : 1;
}

static int play_power(const options *given)
{
    sim_tally tally = {0};
    sim_power_tally power = {0};
    sim_power_wanted wanted = {.ways = given->ways, .cuts = given->cuts, .share = given->share};
    bool is_well = sim_power(given->only, given->seed, &wanted, &tally, &power) && tally.plays > 0;
    printf("power: %llu scenarios, %llu of %llu sync boundaries; where something was not synced %llu in every way and "
           "torn "
           "at each 512 bytes from both ends, %llu from one, %llu in every subset of the writes, %llu by a sample; "
           "%llu cuts opened, %llu contents, %llu played, seed %llu: %s\n",
           (unsigned long long)tally.scenarios, (unsigned long long)power.boundaries, (unsigned long long)tally.points,
           (unsigned long long)power.by_ways[WAYS_TORN], (unsigned long long)power.by_ways[WAYS_FIRST_PARTS],
           (unsigned long long)power.by_ways[WAYS_WRITES], (unsigned long long)power.by_ways[WAYS_SAMPLE],
           (unsigned long long)power.cuts, (unsigned long long)power.contents, (unsigned long long)tally.plays,
           (unsigned long long)given->seed, is_well ? "all promises kept" : "BROKEN");
    return is_well ? 0 : 1;
}

static int play_torture(const options *given)
{
    sim_tally tally = {0};
    torture_tally kinds = {0};
    bool is_well = sim_torture(given->only, given->seed, given->share, &tally, &kinds) && tally.plays > 0;
    printf("torture: %llu scenarios, %llu points; failed of those met:", (unsigned long long)tally.scenarios,
           (unsigned long long)tally.points);
    for (size_t i = 0; i < TORTURE_KINDS; i++)
        printf(" %s %llu of %llu,", torture_word((torture_kind)i), (unsigned long long)kinds.failed[i],
               (unsigned long long)kinds.hit[i]);
    printf("%s %llu played, seed %llu: %s\n", sim_can_fail_memory() ? "" : " (memory does not fail in this build)",
           (unsigned long long)tally.plays, (unsigned long long)given->seed, is_well ? "all promises kept" : "BROKEN");
    return is_well ? 0 : 1;
}

static int run(const char *command, const options *given)
{
    sim_tally tally = {0};
    if (!strcmp(command, "scenarios"))
        return play_all(given);
    if (!strcmp(command, "crash"))
        return tell("crash", given, &tally, sim_crash(given->only, given->seed, given->share, &tally));
    if (!strcmp(command, "torture"))
        return play_torture(given);
    if (!strcmp(command, "power"))
        return play_power(given);
    if (!strcmp(command, "same"))
        return sim_same(given->seed) ? 0 : 1;
    sim_verbose(given->is_verbose);
    if (!strcmp(command, "days"))
        return sim_days(given->seed, given->days, given->seconds) ? 0 : 1;
    for (size_t i = 0; !strcmp(command, "list") && i < sim_scenarios(); i++)
        printf("%s\n", SIM_SCENARIOS[i].name);
    return strcmp(command, "list") ? 2 : 0;
}

int main(int argc, char **argv)
{
    options given = {.share = 100, .cuts = 2, .ways = 500, .seconds = 10};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    given.seed = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    bool is_good = read_options(argc, argv, &given);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    sim_set_jobs(processors > 0 ? (int)processors : 1);
    int code = is_good ? run(argv[optind], &given) : 2;
    if (code == 2)
        fputs(usage, stderr);
    return code;
}
