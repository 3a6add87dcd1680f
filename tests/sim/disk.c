/* disk.c - see disk.h: the seam, faults, power, looking. */
#include "disk.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk_parts.h"
#include "resetbot/err.h"
#include "store/store_file.h"

#define FOLDER "."
#define TRIES_MAX 4
#define FIRST_CHANCE 0x5eed

typedef struct {
    int rc; /* 0: no fault */
    int skip;
    int times; /* -1: for ever */
} fault;

/* Everything that a trial has of its own. */
typedef struct {
    disk_medium *medium;
    disk_watcher watcher;
    void *watcher_self;
    disk_looker looker;
    void *looker_self;
    fault faults[DISK_OPS];
    bool are_faults_held;
    uint64_t counts[DISK_OPS];
    bool is_lying;
    char lied_about[DISK_NAME_CAP];
} state;

static state here;
static state outer[TRIES_MAX];
static size_t n_tries;
static uint64_t chance = FIRST_CHANCE;
static int64_t utc_ms;

/* ---- for the other files --------------------------------------------------------------------------------------------------- */

disk_medium *disk_here(void)
{
    return here.medium;
}

/* splitmix64, as in disk_cut.c */
uint64_t disk_next_chance(void)
{
    uint64_t mixed = chance += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

int64_t disk_utc_ms(void)
{
    return utc_ms;
}

/* ---- setting up ------------------------------------------------------------------------------------------------------------ */

void disk_install(void)
{
    if (here.medium)
        return;
    here.medium = medium_new();
    disk_vfs_register();
    disk_seed(FIRST_CHANCE);
}

void disk_clear(void)
{
    assert(n_tries == 0);
    disk_process_died();
    medium_become(here.medium, medium_new());
    disk_medium *medium = here.medium;
    here = (state){.medium = medium};
    disk_seed(FIRST_CHANCE);
}

void disk_seed(uint64_t seed)
{
    chance = seed;
    sqlite3_randomness(0, NULL); /* SQLite's own generator begins anew, with ours */
}

void disk_set_time(int64_t now_utc_ms)
{
    utc_ms = now_utc_ms;
}

/* ---- seam ------------------------------------------------------------------------------------------------------------------ */

const char *disk_op_name(disk_op op)
{
    static const char *const names[DISK_OPS] = {"open", "write",  "truncate", "sync",    "delete",  "read",
                                                "size", "access", "lock",     "shm_map", "shm_lock"};

    return op < DISK_OPS ? names[op] : "?";
}

void disk_watch(disk_watcher watcher, void *self)
{
    here.watcher = watcher;
    here.watcher_self = self;
}

void disk_watch_looks(disk_looker looker, void *self)
{
    here.looker = looker;
    here.looker_self = self;
}

bool disk_is_watched(void)
{
    return here.watcher != NULL;
}

static int fault_of(disk_op op)
{
    fault *next = &here.faults[op];

    if (here.are_faults_held || !next->rc || next->times == 0)
        return SQLITE_OK;
    if (next->skip > 0) {
        next->skip--;
        return SQLITE_OK;
    }
    if (next->times > 0)
        next->times--;
    return next->rc;
}

int disk_before(disk_op op, const char *name, size_t len)
{
    if (here.watcher)
        here.watcher(here.watcher_self, op, name, len, false, false);
    int rc = fault_of(op);
    if (rc != SQLITE_OK)
        errno = rc == SQLITE_FULL ? ENOSPC : EIO;
    return rc;
}

int disk_look(disk_op op, const char *name)
{
    if (here.looker)
        here.looker(here.looker_self, op, name);
    int rc = fault_of(op);
    if (rc != SQLITE_OK)
        errno = (rc & 0xff) == SQLITE_BUSY ? EAGAIN : EIO;
    else
        here.counts[op]++;
    return rc;
}

void disk_half(disk_op op, const char *name, size_t len)
{
    if (here.watcher)
        here.watcher(here.watcher_self, op, name, len, false, true);
}

void disk_after(disk_op op, const char *name, size_t len)
{
    here.counts[op]++;
    if (here.watcher)
        here.watcher(here.watcher_self, op, name, len, true, false);
}

/* The handles' memory may be gone by now: they are counted, not visited. */
void disk_process_died(void)
{
    disk_file *next = NULL;

    here.medium->process++;
    for (disk_file *file = here.medium->files; file; file = next) {
        unsigned n_handles = file->n_handles;
        next = file->next;
        file->handles = NULL;
        file->n_handles = 0;
        shm_free(file);
        while (n_handles--)
            file_unref(here.medium, file);
    }
}

/* ---- syncs ----------------------------------------------------------------------------------------------------------------- */

static bool is_lied_about(const char *name)
{
    size_t len = strlen(name);
    size_t end = strlen(here.lied_about);

    return here.is_lying && len >= end && strcmp(name + len - end, here.lied_about) == 0;
}

int disk_sync_file(disk_file *file, const char *name)
{
    int rc = disk_before(DISK_SYNC, name, 0);

    if (rc != SQLITE_OK) {
        file_lose(file);
        return rc;
    }
    if (!is_lied_about(name))
        file_sync(file);
    disk_after(DISK_SYNC, name, 0);
    return SQLITE_OK;
}

int disk_sync_folder(disk_medium *medium)
{
    int rc = disk_before(DISK_SYNC, FOLDER, 0);

    if (rc != SQLITE_OK)
        return rc;
    if (!is_lied_about(FOLDER))
        medium_sync_folder(medium);
    disk_after(DISK_SYNC, FOLDER, 0);
    return SQLITE_OK;
}

/* In place of bot/store/store_file.c, on this disk: the linker takes this one, which it meets first. */
rb_err rb_store_file_prepare(const char *path, rb_errbuf *errbuf)
{
    if (disk_before(DISK_OPEN, path, 0) != SQLITE_OK)
        return rb_fail(errbuf, RB_E_CONFIG, "%s cannot be opened: %s", path, strerror(errno));
    if (!medium_find(here.medium, path))
        (void)medium_create(here.medium, path);
    disk_after(DISK_OPEN, path, 0);
    if (disk_sync_folder(here.medium) != SQLITE_OK)
        return rb_fail(errbuf, RB_E_DISK, "the folder of %s cannot be synced: %s", path, strerror(errno));
    return RB_OK;
}

/* ---- faults ---------------------------------------------------------------------------------------------------------------- */

void disk_fail(disk_op op, int rc, int skip, int times)
{
    here.faults[op] = (fault){.rc = rc, .skip = skip, .times = times};
}

void disk_hold_faults(bool are_held)
{
    here.are_faults_held = are_held;
}

void disk_heal(void)
{
    memset(here.faults, 0, sizeof here.faults);
}

void disk_lie(const char *name_end)
{
    here.is_lying = name_end != NULL;
    (void)snprintf(here.lied_about, sizeof here.lied_about, "%s", name_end ? name_end : "");
}

/* ---- power ----------------------------------------------------------------------------------------------------------------- */

size_t disk_pending(void)
{
    return medium_pending(here.medium, false);
}

size_t disk_pending_writes(void)
{
    return medium_pending(here.medium, true);
}

void disk_power_cut(uint64_t seed)
{
    disk_cut cut = {.seed = seed};
    disk_medium *left = medium_cut(here.medium, &cut);

    disk_process_died();
    medium_become(here.medium, left);
}

static void begin_trial(disk_medium *left)
{
    assert(n_tries < TRIES_MAX);
    outer[n_tries++] = here;
    here = (state){.medium = left};
}

size_t disk_try_cut(uint64_t seed)
{
    disk_cut cut = {.seed = seed};

    begin_trial(medium_cut(here.medium, &cut));
    return cut.n_torn;
}

void disk_try_subset(uint64_t kept)
{
    disk_cut cut = {.is_by_mask = true, .mask = kept};

    begin_trial(medium_cut(here.medium, &cut));
}

void disk_try_writes(uint64_t kept)
{
    disk_cut cut = {.is_by_mask = true, .is_whole = true, .mask = kept};

    begin_trial(medium_cut(here.medium, &cut));
}

void disk_try_death(void)
{
    begin_trial(medium_copy(here.medium));
}

void disk_try_end(void)
{
    assert(n_tries > 0);
    medium_free(here.medium);
    here = outer[--n_tries];
}

/* ---- looking --------------------------------------------------------------------------------------------------------------- */

uint64_t disk_count(disk_op op)
{
    return here.counts[op];
}

static bool has_bytes(const disk_bytes *in, const void *bytes, size_t len)
{
    return in->len >= len && memmem(in->bytes, in->len, bytes, len) != NULL;
}

bool disk_holds(const void *bytes, size_t len)
{
    for (const disk_file *file = here.medium->files; file; file = file->next)
        if (has_bytes(&file->cache, bytes, len) || has_bytes(&file->durable, bytes, len) ||
            has_bytes(&file->pending_data, bytes, len))
            return true;
    return false;
}

size_t disk_size(const char *name)
{
    const disk_file *file = medium_find(here.medium, name);

    return file ? file->cache.len : 0;
}

static bool dump_file(const char *folder, const disk_entry *entry)
{
    char path[4096];
    const char *slash = strrchr(entry->name, '/');
    int len = snprintf(path, sizeof path, "%s/%s", folder, slash ? slash + 1 : entry->name);
    FILE *to = len > 0 && (size_t)len < sizeof path ? fopen(path, "wb") : NULL;

    if (!to)
        return false;
    size_t wanted = entry->now->cache.len;
    bool is_written = wanted == 0 || fwrite(entry->now->cache.bytes, 1, wanted, to) == wanted;
    return fclose(to) == 0 && is_written;
}

bool disk_dump(const char *folder)
{
    bool is_written = true;

    for (const disk_entry *entry = here.medium->entries; entry; entry = entry->next)
        if (entry->now)
            is_written = dump_file(folder, entry) && is_written;
    return is_written;
}
