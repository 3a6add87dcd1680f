/* torture_faults.c - exchanges, websockets, messages, the disk, SQLite and json-c fail, once and from then on. */
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "calls.h"
#include "sim.h"
#include "torture.h"

#define WELL 0 /* nothing fails */
#define EVER 1000000

static struct {
    const char *name; /* the function that goes on failing */
    int result;
    bool is_healed;
    unsigned n_alike;
} failing;

bool torture_lacks_memory(void)
{
    return failing.result == SQLITE_NOMEM;
}

void torture_heal(void)
{
    failing.is_healed = true;
    sim_net_heal();
    disk_heal();
}

/* ---- exchanges --------------------------------------------------------------------------------------------------------------- */

static const char *fault_word(int fault)
{
    static const char *const WORDS[SIM_NET_SPOILED] = {"no connection", "no name", "no room",    "no trust", "unsent",
                                                       "broken off",    "silence", "reply lost", "too long"};
    return fault < (int)SIM_NET_SPOILED ? WORDS[fault] : spoil_word((spoil)(fault - (int)SIM_NET_SPOILED + SPOIL_CUT));
}

static void fail_exchange(const char *what)
{
    char text[140];
    for (int fault = 0; fault < (int)SIM_NET_FAULTS; fault++) {
        torture_kind kind = fault < (int)SIM_NET_SPOILED ? TORTURE_HTTP : TORTURE_TEXT;
        for (int is_lasting = 0; is_lasting <= 1; is_lasting++) {
            if (!torture_is_drawn(kind))
                continue;
            snprintf(text, sizeof text, "%.100s, %s,", what, fault_word(fault));
            if (!torture_forks(kind, text, is_lasting))
                continue;
            sim_net_fail((sim_net_fault)fault, is_lasting ? EVER : 1);
            torture_heals_later();
            return;
        }
    }
}

/* ---- websockets ---------------------------------------------------------------------------------------------------------------- */

static void fail_socket(const char *what)
{
    static const char *const WORDS[SIM_WS_FAULTS] = {"the connection ends", "the connection hangs"};
    static unsigned n_pings;
    unsigned alike = strcmp(what, "ws ping") ? 0 : n_pings++;
    char text[140];
    for (int fault = 0; fault < (int)SIM_WS_FAULTS; fault++) {
        for (int is_lasting = 0; is_lasting <= 1; is_lasting++) {
            if (!torture_is_drawn_of(TORTURE_SOCKET, alike))
                continue;
            snprintf(text, sizeof text, "%.40s, %s,", what, WORDS[fault]);
            if (!torture_forks(TORTURE_SOCKET, text, is_lasting))
                continue;
            sim_net_ws_fail((sim_ws_fault)fault, is_lasting ? EVER : 1);
            torture_heals_later();
            return;
        }
    }
}

static void fail_frame(void)
{
    char text[140];
    for (int how = SPOIL_CUT; how < (int)SPOILS; how++) {
        for (int is_lasting = 0; is_lasting <= 1; is_lasting++) {
            if (!torture_is_drawn(TORTURE_TEXT))
                continue;
            snprintf(text, sizeof text, "a frame, %s,", spoil_word((spoil)how));
            if (!torture_forks(TORTURE_TEXT, text, is_lasting))
                continue;
            sim_bot_spoil_frames((spoil)how, is_lasting ? EVER : 1);
            torture_heals_later();
            return;
        }
    }
}

/* ---- the disk -------------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    disk_op op;
    int rc[2]; /* what SQLite is told; 0: no other */
} OPS[] = {{"disk write", DISK_WRITE, {SQLITE_FULL, SQLITE_IOERR_WRITE}},
           {"disk sync", DISK_SYNC, {SQLITE_IOERR_FSYNC, 0}},
           {"disk truncate", DISK_TRUNCATE, {SQLITE_IOERR_TRUNCATE, 0}},
           {"disk open", DISK_OPEN, {SQLITE_CANTOPEN, 0}},
           {"disk delete", DISK_DELETE, {SQLITE_IOERR_DELETE, 0}},
           {"look read", DISK_READ, {SQLITE_IOERR_READ, SQLITE_IOERR_CORRUPTFS}},
           {"look size", DISK_SIZE, {SQLITE_IOERR_FSTAT, 0}},
           {"look access", DISK_ACCESS, {SQLITE_IOERR_ACCESS, 0}},
           {"look lock", DISK_LOCK, {SQLITE_BUSY, SQLITE_IOERR_LOCK}},
           {"look shm_map", DISK_SHM_MAP, {SQLITE_IOERR_SHMMAP, SQLITE_NOMEM}},
           {"look shm_lock", DISK_SHM_LOCK, {SQLITE_BUSY, SQLITE_IOERR_SHMLOCK}}};

static void fail_op(const char *what, size_t op)
{
    char text[140];
    for (int i = 0; i < 4; i++) {
        int rc = OPS[op].rc[i / 2];
        bool is_lasting = i % 2;
        if (!rc || !torture_is_drawn(TORTURE_DISK))
            continue;
        snprintf(text, sizeof text, "%.100s, %s,", what, sqlite3_errstr(rc));
        if (!torture_forks(TORTURE_DISK, text, is_lasting))
            continue;
        disk_fail(OPS[op].op, rc, 0, is_lasting ? -1 : 1);
        torture_heals_later();
        return;
    }
}

static void fail_disk(const char *what)
{
    for (size_t i = 0; i < sizeof OPS / sizeof OPS[0]; i++) {
        if (strncmp(what, OPS[i].word, strlen(OPS[i].word)) != 0)
            continue;
        fail_op(what, i);
        return;
    }
}

/* ---- SQLite and json-c ------------------------------------------------------------------------------------------------------------- */

/* Want of memory comes first: calls that know no other failure have it alone. */
static const int CODES[] = {SQLITE_NOMEM, SQLITE_ERROR, SQLITE_BUSY, SQLITE_CORRUPT, SQLITE_FULL};
#define N_CODES (sizeof CODES / sizeof CODES[0])

static uint64_t number_of(const char *name, const char *detail)
{
    uint64_t hash = 1469598103934665603u; /* FNV-1a */
    for (int i = 0; i < 2; i++)
        for (const char *at = i ? detail : name; *at; at++)
            hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    return hash;
}

/* True in the child: result is the call's. */
static bool call_forks(torture_kind kind, const char *name, int result, bool is_lasting)
{
    char text[140];
    snprintf(text, sizeof text, "%.60s, %s,", name, kind == TORTURE_SQL ? sqlite3_errstr(result) : "no memory");
    if (!torture_forks(kind, text, is_lasting))
        return false;
    failing.name = name;
    failing.result = result;
    torture_heals_later();
    return true;
}

static int fail_everywhere(torture_kind kind, const char *name, size_t n_codes)
{
    for (size_t i = 0; i < 2 * n_codes; i++)
        if (torture_is_drawn(kind) && call_forks(kind, name, CODES[i / 2], i % 2))
            return failing.result;
    return WELL;
}

/* The same place, later in the story: one error of all, in turn. */
static int fail_again(torture_kind kind, const char *name, size_t n_codes)
{
    unsigned n = failing.n_alike++;
    if (!torture_is_drawn_of(kind, n))
        return WELL;
    n = n * 2654435761u >> 8; /* neither error nor duration goes by the place */
    return call_forks(kind, name, CODES[n / 2 % n_codes], n % 2) ? failing.result : WELL;
}

static int call_fails(call_kind call, const char *name, const char *detail)
{
    torture_kind kind = call == CALL_SQL ? TORTURE_SQL : TORTURE_JSON;
    size_t n_codes = call == CALL_SQL && strcmp(name, "sqlite3_column_text") ? N_CODES : 1;
    if (torture_is_child())
        return torture_is_lasting(kind) && !failing.is_healed && !strcmp(name, failing.name) ? failing.result : WELL;
    return torture_is_new_place(number_of(name, detail)) ? fail_everywhere(kind, name, n_codes)
                                                         : fail_again(kind, name, n_codes);
}

/* ---- all -------------------------------------------------------------------------------------------------------------------------- */

static void at_seam(void *self, const char *what, sim_phase phase)
{
    (void)self;
    if (phase != SIM_BEFORE)
        return;
    if (!strncmp(what, "http ", 5))
        fail_exchange(what);
    else if (!strncmp(what, "ws ", 3) &&
             strcmp(what, "ws drop") != 0) /* a drop cannot fail: the kernel takes it back */
        fail_socket(what);
    else if (!strcmp(what, "event ws frame"))
        fail_frame();
    else
        fail_disk(what);
}

void torture_watch(void)
{
    calls_gate(call_fails);
    sim_watch(at_seam, NULL);
}
