#include "same.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "bytes.h"
#include "crash.h"
#include "day.h"
#include "json.h"
#include "scenario.h"
#include "sim.h"
#include "slack_world.h"

/* FNV-1a, 64 bit (Fowler, Noll, Vo) */
#define BASIS UINT64_C(0xCBF29CE484222325)
#define PRIME UINT64_C(0x100000001B3)

typedef struct {
    uint64_t journal, posts, store;
    uint64_t n_events, n_posts, n_rows;
    bool is_well;
} digest;

static struct {
    bool is_on;
    digest now;
} same;

static void take(uint64_t *sum, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        *sum = (*sum ^ ((const unsigned char *)bytes)[i]) * PRIME;
    *sum = (*sum ^ 0xFF) * PRIME; /* the end of each piece counts */
}

static void take_text(uint64_t *sum, const char *text)
{
    take(sum, text, strlen(text));
}

void same_journal(const char *kind, json_object *fields)
{
    int64_t at_ms = sim_ms();
    if (!same.is_on)
        return;
    same.now.n_events++;
    take(&same.now.journal, &at_ms, sizeof at_ms);
    take_text(&same.now.journal, kind);
    take_text(&same.now.journal, sj_dump(fields));
}

/* ---- at the end ------------------------------------------------------------------------------------------------------------ */

static void take_posts(void)
{
    for (size_t i = 0; i < sk_message_count(); i++) {
        const sk_message *message = sk_message_at(i);
        same.now.n_posts++;
        take_text(&same.now.posts, message->channel->id);
        take_text(&same.now.posts, message->only_for ? message->only_for : "");
        take_text(&same.now.posts, message->is_deleted ? "deleted" : "");
        take_text(&same.now.posts, sj_dump(message->json));
        take_text(&same.now.posts, message->versions ? sj_dump(message->versions) : "");
    }
}

static void take_rows(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        abort();
    while (sqlite3_step(statement) == SQLITE_ROW) {
        same.now.n_rows++;
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const void *bytes = sqlite3_column_blob(statement, i); /* numbers become text */
            take(&same.now.store, bytes ? bytes : "", (size_t)sqlite3_column_bytes(statement, i));
        }
    }
    (void)sqlite3_finalize(statement);
}

static void take_store(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *tables = NULL;
    if (sqlite3_open_v2("resetbot.db", &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", -1, &tables,
                           NULL) != SQLITE_OK)
        abort();
    while (sqlite3_step(tables) == SQLITE_ROW) {
        char *sql = sb_strf("SELECT * FROM \"%s\"", (const char *)sqlite3_column_text(tables, 0));
        take_text(&same.now.store, sql);
        take_rows(db, sql);
        free(sql);
    }
    (void)sqlite3_finalize(tables);
    (void)sqlite3_close(db);
}

/* ---- playing --------------------------------------------------------------------------------------------------------------- */

static const char *const PLAYED[] = {NULL, "android, the code is opened", "both approve at once, one of them twice",
                                     "Slack throttles"}; /* NULL: a day */
#define N_PLAYED (sizeof PLAYED / sizeof PLAYED[0])

typedef enum { FIRST, AGAIN, NEXT_SEED, TURNS } turn;

/* What must not be seen is made to differ: whoever reads memory that was never written, an address or the real clock gives itself
 * away. */
static __attribute__((noinline)) void dirty_the_stack(void)
{
    volatile unsigned char bytes[256 * 1024];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = 0x5A;
}

/* The C library's cache of small blocks hands them out as they were: it is off, which only a program's start can do. */
static void begin_without_cache(uint64_t seed)
{
    char number[24];
    if (getenv("GLIBC_TUNABLES"))
        return;
    snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
    if (setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1) == 0)
        (void)execl("/proc/self/exe", "resetbot-sim", "same", "--seed", number, (char *)NULL);
}

static void make_it_differ(void)
{
    struct timespec a_while = {.tv_sec = 1, .tv_nsec = 100 * 1000 * 1000};
    (void)mallopt(M_PERTURB, 0x5A);
    volatile char *moves_the_heap = sb_alloc(123456);
    moves_the_heap[0] = 1;
    dirty_the_stack();
    (void)nanosleep(&a_while, NULL);
}

static const sim_scenario *scenario_of(const char *name)
{
    for (size_t i = 0; i < sim_scenarios(); i++)
        if (!strcmp(SIM_SCENARIOS[i].name, name))
            return &SIM_SCENARIOS[i];
    fprintf(stderr, "sim: no such scenario: %s\n", name);
    abort();
}

static _Noreturn void play(const char *name, uint64_t seed, bool differs, digest *out)
{
    if (differs)
        make_it_differ();
    same.is_on = true;
    same.now = (digest){.journal = BASIS, .posts = BASIS, .store = BASIS};
    same.now.is_well = name ? sim_play(scenario_of(name), seed) : sim_day(seed);
    take_posts();
    take_store();
    *out = same.now;
    sim_child_ends(NULL);
}

static bool are_equal(const digest *a, const digest *b)
{
    return a->journal == b->journal && a->posts == b->posts && a->store == b->store;
}

static bool judge(const char *name, const digest turns[TURNS])
{
    const char *fault =
        !turns[FIRST].n_events || !turns[FIRST].n_posts || !turns[FIRST].n_rows ? "nothing was seen"
        : !are_equal(&turns[FIRST], &turns[AGAIN])                              ? "the same seed gave another run"
        : turns[FIRST].journal == turns[NEXT_SEED].journal || turns[FIRST].store == turns[NEXT_SEED].store
            ? "another seed gave the same run"
            : NULL;
    for (int i = FIRST; i < TURNS; i++)
        if (!turns[i].is_well)
            fault = "a promise was broken: play that seed alone";
    printf("%s%s: %llu events %016llx, %llu posts %016llx, %llu rows %016llx%s%s\n", fault ? "BROKEN  " : "",
           name ? name : "a day", (unsigned long long)turns[FIRST].n_events, (unsigned long long)turns[FIRST].journal,
           (unsigned long long)turns[FIRST].n_posts, (unsigned long long)turns[FIRST].posts,
           (unsigned long long)turns[FIRST].n_rows, (unsigned long long)turns[FIRST].store, fault ? ": " : "",
           fault ? fault : "");
    return !fault;
}

bool sim_same(uint64_t seed)
{
    digest(*digests)[TURNS] =
        mmap(NULL, N_PLAYED * sizeof *digests, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (digests == MAP_FAILED)
        abort();
    begin_without_cache(seed);
    for (size_t i = 0; i < N_PLAYED; i++)
        for (int k = FIRST; k < TURNS; k++)
            if (sim_fork())
                play(PLAYED[i], seed + (k == NEXT_SEED), k == AGAIN, &digests[i][k]);
    bool is_well = sim_reap_all();
    for (size_t i = 0; i < N_PLAYED; i++)
        is_well = judge(PLAYED[i], digests[i]) && is_well;
    printf("same: %zu played twice, seed %llu: %s\n", N_PLAYED, (unsigned long long)seed,
           is_well ? "one seed, one run" : "BROKEN");
    return is_well;
}
