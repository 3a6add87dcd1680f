/* Every fallible call of the bot fails: memory, exchanges, disk. */
#include <assert.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sqlite3.h>

#include "crash.h"
#include "memory.h"
#include "scenario.h"
#include "sim.h"

#define PLAY_MAX_S 10 /* then something waits for ever: SIGALRM ends it, which is told */

#define OPENSSL_KEEPS 2
#define FRAMES 10 /* of the stack, which name a place */
#define PLACES (1u << 16)
#define FROM_THEN_ON_MS                                                                                                \
    30000 /* what fails from then on is well again, as an administrator or a provider would see to it */

static const char *const GOLDEN[] = {"apple",  "android, the code is opened", "work profile, from the list",
                                     "denied", "the POST's reply is lost",    NULL};

static struct {
    const sim_scenario *scenario;
    uint64_t seed;
    int share;
    uint64_t places[PLACES]; /* hashes that were met; open addressing */
    bool is_child, is_lasting;
    bool is_memory;      /* that is what fails in the child */
    unsigned generation; /* of the process whose memory fails */
    unsigned failures;
    char where[200];
    uint64_t points, plays;
    size_t tolerated;
    size_t baseline; /* allocations that an undisturbed play leaves */
} torture;

bool sim_can_fail_memory(void)
{
    return memory_is_ours();
}

/* ---- a process that ends itself ---------------------------------------------------------------------------------------------- */

/* Out of memory ends the bot, by an assertion that says so or by abort(): its store knows what was to be done. Any other failed
 * assertion is a fault. glibc's assert calls this. */
__attribute__((noreturn)) void __assert_fail(const char *assertion, const char *file, unsigned line,
                                             const char *function)
{
    if (sim_is_inside() && strstr(assertion, "out of memory"))
        sim_die();
    char text[600];
    snprintf(text, sizeof text, "%s: assertion %s in %s, %s:%u", torture.where, assertion, function, file, line);
    sim_child_ends(text);
}

static void on_abort(int number)
{
    sigset_t set;
    (void)number;
    if (!sim_is_inside())
        return; /* abort() goes on */
    sigemptyset(&set);
    sigaddset(&set, SIGABRT);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    sim_die();
}

/* A crash, or a play that never ends: where it is, told by the stack. */
static void on_end(int number)
{
    void *frames[40];
    char text[300];
    memory_gate(NULL);
    (void)backtrace_symbols_fd(frames, backtrace(frames, 40), STDERR_FILENO);
    snprintf(text, sizeof text, "%s: %s", torture.where, number == SIGALRM ? "it hangs" : "it crashes");
    sim_child_ends(text);
}

/* ---- children ------------------------------------------------------------------------------------------------------------------ */

static bool is_drawn(void)
{
    torture.points++;
    bool is_in_share = sim_between(SIM_PLAN, 1, 100) <= torture.share;
    return sim_explored_point() ? sim_explored_point() == torture.points : is_in_share;
}

/* True in the child that is to fail here. */
static bool forks(const char *what, bool is_lasting)
{
    torture.plays++;
    snprintf(torture.where, sizeof torture.where, "%s: %s fails %s (point %llu)", torture.scenario->name, what,
             is_lasting ? "from then on" : "once", (unsigned long long)torture.points);
    if (!sim_fork())
        return false;
    torture.is_child = true;
    signal(SIGALRM, on_end);
    signal(SIGSEGV, on_end);
    signal(SIGBUS, on_end);
    torture.is_lasting = is_lasting;
    torture.generation = sim_generation();
    sim_play_disturbed();
    sim_verbose(sim_explored_point() > 0);
    (void)alarm(PLAY_MAX_S);
    sim_watch(NULL, NULL);
    return true;
}

/* ---- memory ----------------------------------------------------------------------------------------------------------------------- */

/* Does that library ask for the memory? The first frame that is not the C library's or ours decides. */
static bool is_asked_by(const char *library, void *const *frames, int n)
{
    for (int i = 3; i < n; i++) { /* after is_new_stack, memory_fails, is_refused */
        Dl_info info;
        if (!dladdr(frames[i], &info) || !info.dli_fname || strstr(info.dli_fname, "/libc.so"))
            continue;
        if (strstr(info.dli_fname, library))
            return true;
        if (i > 4)
            return false;
    }
    return false;
}

static bool is_new_stack(void)
{
    void *frames[FRAMES] = {0};
    int n = backtrace(frames, FRAMES);
    /* json-c 0.16 does not survive that its own allocations fail (json_object_object_add_ex copies a key without looking):
     * there is nothing of ours to see there. OpenSSL 3.0 keeps what it had of a name when the rest of it fails. */
    if (is_asked_by("libjson-c", frames, n))
        return false;
    torture.tolerated = is_asked_by("libcrypto", frames, n) ? OPENSSL_KEEPS : 0;
    uint64_t hash = 1469598103934665603u; /* FNV-1a */
    for (int i = 0; i < n; i++)
        hash = (hash ^ (uint64_t)(uintptr_t)frames[i]) * 1099511628211u;
    hash |= 1;
    for (size_t at = hash % PLACES;; at = (at + 1) % PLACES) {
        if (torture.places[at] == hash)
            return false;
        if (torture.places[at])
            continue;
        torture.places[at] = hash;
        return true;
    }
}

static bool memory_fails(void)
{
    if (torture.is_child)
        return torture.is_memory && torture.is_lasting && torture.generation == sim_generation() &&
               ++torture.failures < 100000;
    if (!is_new_stack() || !is_drawn())
        return false;
    if (sim_explored_point()) { /* the report shows where */
        void *frames[24];
        (void)backtrace_symbols_fd(frames, backtrace(frames, 24), STDERR_FILENO);
    }
    torture.is_memory = true;
    bool fails = forks("an allocation", false) || forks("an allocation", true);
    torture.is_memory = fails;
    return fails;
}

/* ---- exchanges and disk --------------------------------------------------------------------------------------------------------------- */

static void fire_heal(void *arg)
{
    (void)arg;
    sim_net_heal();
    disk_heal();
}

static void fail_exchange(const char *what)
{
    static const char *const HOW[SIM_NET_FAULTS] = {"no connection", "no trust", "broken off", "no JSON"};
    char text[140];
    for (int fault = 0; fault < SIM_NET_FAULTS; fault++) {
        for (int is_lasting = 0; is_lasting <= 1; is_lasting++) {
            if (!is_drawn())
                continue;
            snprintf(text, sizeof text, "%.100s, %s,", what, HOW[fault]);
            if (!forks(text, is_lasting))
                continue;
            sim_net_fail((sim_net_fault)fault, is_lasting ? 1000000 : 1);
            sim_after(FROM_THEN_ON_MS, fire_heal, NULL);
            return;
        }
    }
}

static void fail_disk(const char *what)
{
    static const struct {
        const char *word;
        disk_op op;
        int rc;
    } OPS[] = {{"disk write", DISK_WRITE, SQLITE_FULL},
               {"disk sync", DISK_SYNC, SQLITE_IOERR_FSYNC},
               {"disk truncate", DISK_TRUNCATE, SQLITE_IOERR_TRUNCATE},
               {"disk open", DISK_OPEN, SQLITE_CANTOPEN},
               {"disk delete", DISK_DELETE, SQLITE_IOERR_DELETE}};
    for (size_t i = 0; i < sizeof OPS / sizeof OPS[0]; i++) {
        if (strncmp(what, OPS[i].word, strlen(OPS[i].word)) != 0)
            continue;
        for (int is_lasting = 0; is_lasting <= 1; is_lasting++) {
            if (!is_drawn() || !forks(what, is_lasting))
                continue;
            disk_fail(OPS[i].op, OPS[i].rc, 0, is_lasting ? -1 : 1);
            sim_after(FROM_THEN_ON_MS, fire_heal, NULL);
            return;
        }
    }
}

static void at_seam(void *self, const char *what, sim_phase phase)
{
    (void)self;
    if (phase != SIM_BEFORE)
        return;
    if (!strncmp(what, "http ", 5))
        fail_exchange(what);
    else if (!strncmp(what, "disk ", 5))
        fail_disk(what);
}

/* ---- one scenario ------------------------------------------------------------------------------------------------------------------------ */

/* What the bot leaves when it ends in peace. A process that ended otherwise took its memory with it. */
static size_t left_over(void)
{
    sim_bot_restart_after(-1);
    sim_bot_stop();
    sim_run(RB_MINUTE_MS);
    return memory_held();
}

static void finish(void)
{
    char text[1400];
    const char *broken = sim_check_broken();
    bool had_peace = torture.generation == sim_generation();
    if (!broken && had_peace) {
        size_t left = left_over();
        if (left > torture.baseline + torture.tolerated)
            sim_check_fail("a leak: %zu allocations are left, %zu when nothing fails", left, torture.baseline);
        broken = sim_check_broken();
    }
    snprintf(text, sizeof text, "%s: %s", torture.where, broken ? broken : "");
    sim_child_ends(broken ? text : NULL);
}

typedef struct {
    sim_tally tally;
    size_t baseline[8];
} torture_shared;

static bool never_fails(void)
{
    return false;
}

static _Noreturn void explore(const sim_scenario *scenario, torture_shared *shared, size_t number)
{
    void *prime[2];
    (void)backtrace(prime, 2); /* loads what it needs, outside of the bot */
    torture.scenario = scenario;
    sim_set_jobs(1);
    if (sim_fork()) {
        memory_gate(never_fails);
        bool is_well = sim_play(scenario, torture.seed);
        shared->baseline[number] = left_over();
        sim_child_ends(is_well ? NULL : sim_check_broken());
    }
    bool is_well = sim_reap_all();
    torture.baseline = shared->baseline[number];
    memory_gate(memory_fails);
    sim_watch(at_seam, NULL);
    is_well = sim_play(scenario, torture.seed) && is_well;
    if (torture.is_child)
        finish();
    is_well = sim_reap_all() && is_well;
    __atomic_fetch_add(&shared->tally.points, torture.points, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&shared->tally.plays, torture.plays, __ATOMIC_SEQ_CST);
    sim_child_ends(is_well ? NULL : scenario->name);
}

bool sim_torture(const char *only, uint64_t seed, int share, sim_tally *out)
{
    torture_shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort();
    torture.seed = seed;
    torture.share = share;
    signal(SIGABRT, on_abort);
    for (size_t i = 0; i < sim_scenarios(); i++) {
        for (size_t k = 0; GOLDEN[k]; k++) {
            bool is_golden = !strcmp(GOLDEN[k], SIM_SCENARIOS[i].name);
            if (!is_golden || (only && strcmp(only, GOLDEN[k]) != 0))
                continue;
            shared->tally.scenarios++;
            if (sim_fork())
                explore(&SIM_SCENARIOS[i], shared, k);
        }
    }
    bool is_well = sim_reap_all();
    *out = shared->tally;
    munmap(shared, sizeof *shared);
    return is_well;
}
