/* Every fallible call of the bot fails: memory here, all others in torture_faults.c. */
#include <assert.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crash.h"
#include "memory.h"
#include "scenario.h"
#include "sim.h"
#include "torture.h"

#define PLAY_MAX_S 10 /* then something waits for ever: SIGALRM ends it, which is told */

#define ALIKE 8 /* of points that are alike each so many-th is one */

/* OpenSSL 3.0 keeps what it had of a name when the rest of it fails. */
#define OPENSSL_KEEPS 2
#define FRAMES 10 /* of the stack, which name a place */
#define PLACES (1u << 16)
#define FROM_THEN_ON_MS                                                                                                \
    30000 /* what fails from then on is well again, as an administrator or a provider would see to it */

static const char *const GOLDEN[] = {"apple",  "android, the code is opened", "work profile, from the list",
                                     "denied", "the POST's reply is lost",    "SIGTERM in the middle",
                                     NULL};

static struct {
    const sim_scenario *scenario;
    uint64_t seed;
    int share;
    uint64_t places[PLACES]; /* hashes that were met; open addressing */
    bool is_child, is_lasting;
    torture_kind kind; /* what fails in the child */
    bool is_one_kind;
    torture_kind only_kind;
    unsigned generation; /* of the process whose memory fails */
    unsigned failures;
    char where[200];
    uint64_t points, hit[TORTURE_KINDS], failed[TORTURE_KINDS];
    size_t tolerated;
    size_t baseline; /* allocations that an undisturbed play leaves */
} torture;

const char *torture_word(torture_kind kind)
{
    static const char *const WORDS[TORTURE_KINDS] = {"memory", "disk", "SQL", "JSON", "exchanges", "sockets", "texts"};
    return WORDS[kind];
}

bool sim_torture_only(const char *word)
{
    torture.is_one_kind = true;
    for (torture.only_kind = 0; torture.only_kind < TORTURE_KINDS; torture.only_kind++)
        if (!strcmp(word, torture_word(torture.only_kind)))
            return true;
    return false;
}

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

static bool has_no_memory(void)
{
    return torture.is_child && (torture.kind == TORTURE_MEMORY || torture_lacks_memory());
}

/* The bot's and its libraries' way out, taken for want of memory. The C library does not come here when it finds its heap
 * damaged: that ends in SIGABRT, and is a crash. */
__attribute__((noreturn)) void abort(void)
{
    if (sim_is_inside() && has_no_memory())
        sim_die();
    (void)raise(SIGABRT);
    _exit(1);
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

bool torture_is_drawn(torture_kind kind)
{
    return torture_is_drawn_of(kind, 0);
}

bool torture_is_drawn_of(torture_kind kind, unsigned n)
{
    if (torture.is_child || n % ALIKE)
        return false;
    torture.points++;
    torture.hit[kind]++;
    bool is_in_share = sim_between(SIM_PLAN, 1, 100) <= torture.share;
    if (torture.is_one_kind && torture.only_kind != kind)
        return false;
    return sim_explored_point() ? sim_explored_point() == torture.points : is_in_share;
}

bool torture_is_child(void)
{
    return torture.is_child;
}

bool torture_is_lasting(torture_kind kind)
{
    return torture.is_lasting && torture.kind == kind;
}

static void fire_heal(void *arg)
{
    (void)arg;
    torture_heal();
}

void torture_heals_later(void)
{
    sim_after(FROM_THEN_ON_MS, fire_heal, NULL);
}

bool torture_forks(torture_kind kind, const char *what, bool is_lasting)
{
    torture.failed[kind]++;
    snprintf(torture.where, sizeof torture.where, "%s: %s fails %s (point %llu)", torture.scenario->name, what,
             is_lasting ? "from then on" : "once", (unsigned long long)torture.points);
    if (!sim_fork())
        return false;
    torture.is_child = true;
    torture.kind = kind;
    signal(SIGALRM, on_end);
    signal(SIGSEGV, on_end);
    signal(SIGBUS, on_end);
    signal(SIGABRT, on_end);
    torture.is_lasting = is_lasting;
    torture.generation = sim_generation();
    sim_play_disturbed();
    sim_verbose(sim_explored_point() > 0);
    (void)alarm(PLAY_MAX_S);
    sim_watch(NULL, NULL);
    return true;
}

/* ---- memory ----------------------------------------------------------------------------------------------------------------------- */

/* Does that library ask for the memory? malloc's caller decides, or who called the C library (strdup and such). */
static bool is_asked_by(const char *library, const void *caller)
{
    void *frames[FRAMES] = {0};
    int n = backtrace(frames, FRAMES);
    int at = 0;
    while (at < n && frames[at] != caller)
        at++;
    for (; at < n; at++) {
        Dl_info info;
        if (!dladdr(frames[at], &info) || !info.dli_fname)
            return false;
        if (!strstr(info.dli_fname, "/libc.so"))
            return strstr(info.dli_fname, library) != NULL;
    }
    return false;
}

bool torture_is_new_place(uint64_t number)
{
    void *frames[FRAMES] = {0};
    int n = backtrace(frames, FRAMES);
    uint64_t hash = 1469598103934665603u ^ number; /* FNV-1a */
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

static bool memory_fails(const void *caller)
{
    if (torture.is_child)
        return torture_is_lasting(TORTURE_MEMORY) && torture.generation == sim_generation() &&
               ++torture.failures < 100000;
    /* json-c 0.16 does not survive that its own allocations fail (json_object_object_add_ex copies a key without looking):
     * there is nothing of ours to see there. torture_faults.c lets its functions fail as a whole instead. */
    if (!torture_is_new_place(0) || is_asked_by("libjson-c", caller) || !torture_is_drawn(TORTURE_MEMORY))
        return false;
    torture.tolerated = is_asked_by("libcrypto", caller) ? OPENSSL_KEEPS : 0;
    if (sim_explored_point()) { /* the report shows where */
        void *frames[24];
        (void)backtrace_symbols_fd(frames, backtrace(frames, 24), STDERR_FILENO);
    }
    bool fails =
        torture_forks(TORTURE_MEMORY, "an allocation", false) || torture_forks(TORTURE_MEMORY, "an allocation", true);
    if (!fails)
        torture.tolerated = 0;
    return fails;
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
    torture_tally kinds;
    size_t baseline[8];
} torture_shared;

static bool never_fails(const void *caller)
{
    (void)caller;
    return false;
}

static void add(uint64_t *to, uint64_t n)
{
    __atomic_fetch_add(to, n, __ATOMIC_SEQ_CST);
}

static void tell_parent(sim_tally *tally, torture_tally *kinds)
{
    add(&tally->points, torture.points);
    for (size_t i = 0; i < TORTURE_KINDS; i++) {
        add(&tally->plays, torture.failed[i]);
        add(&kinds->hit[i], torture.hit[i]);
        add(&kinds->failed[i], torture.failed[i]);
    }
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
    torture_watch();
    is_well = sim_play(scenario, torture.seed) && is_well;
    if (torture.is_child)
        finish();
    is_well = sim_reap_all() && is_well;
    tell_parent(&shared->tally, &shared->kinds);
    sim_child_ends(is_well ? NULL : scenario->name);
}

bool sim_torture(const char *only, uint64_t seed, int share, sim_tally *out, torture_tally *out_kinds)
{
    torture_shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort();
    torture.seed = seed;
    torture.share = share;
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
    *out_kinds = shared->kinds;
    munmap(shared, sizeof *shared);
    return is_well;
}
