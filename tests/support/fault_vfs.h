/* fault_vfs.h - a disk for SQLite that fails when told, and that can be cut off the power. Header-only.
 *
 * fault_install() puts it in front of SQLite's own file layer for every store opened afterwards. It counts writes and syncs,
 * fails them from a given count on, and keeps for each file what was there at its last sync: after a power cut a disk
 * holds that, with any of the later blocks written or not. */
#ifndef TESTS_FAULT_VFS_H
#define TESTS_FAULT_VFS_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#define FAULT __attribute__((unused)) static
#define FAULT_FILES 8
#define FAULT_BLOCK 512

typedef struct {
    char path[256];
    unsigned char *synced; /* content at the last sync */
    sqlite3_int64 synced_len;
    sqlite3_int64 dirty_from; /* written since: from here to before dirty_to */
    sqlite3_int64 dirty_to;
} fault_file_state;

/* The test's controls. A count of -1 means never. */
static struct {
    int writes; /* done so far */
    int syncs;
    int fail_write_at; /* this and each later write fails with fail_write_rc */
    int fail_write_rc;
    int fail_sync_at;
    int fail_sync_rc;
    int delay_ms; /* of each sync */
    bool is_tracking;
    int cut_at; /* power goes before this write or sync (writes + syncs) */
    void (*on_cut)(void);
    fault_file_state files[FAULT_FILES];
    sqlite3_vfs *below;
    sqlite3_vfs vfs;
} fault;

typedef struct {
    sqlite3_file base;
    fault_file_state *state; /* NULL: not tracked */
    sqlite3_file *below;
} fault_file;

FAULT sqlite3_file *fault_below(sqlite3_file *file)
{
    return ((fault_file *)(void *)file)->below;
}

/* ---- what a disk holds ------------------------------------------------------------------------------------------ */

FAULT fault_file_state *fault_state_of(const char *path)
{
    for (int i = 0; i < FAULT_FILES; i++) {
        fault_file_state *state = &fault.files[i];
        if (state->path[0] == '\0')
            (void)snprintf(state->path, sizeof state->path, "%s", path);
        if (strcmp(state->path, path) == 0)
            return state;
    }
    return NULL;
}

FAULT unsigned char *fault_read_file(const char *path, sqlite3_int64 *out_len)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = NULL;

    *out_len = 0;
    if (!file)
        return NULL;
    (void)fseek(file, 0, SEEK_END);
    long len = ftell(file);
    rewind(file);
    bytes = malloc((size_t)len + 1);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(fread(bytes, 1, (size_t)len, file), (size_t)len);
    (void)fclose(file);
    *out_len = len;
    return bytes;
}

FAULT void fault_note_write(fault_file_state *state, sqlite3_int64 at, int n)
{
    bool is_first = state->dirty_to == 0;

    state->dirty_from = is_first || at < state->dirty_from ? at : state->dirty_from;
    state->dirty_to = at + n > state->dirty_to ? at + n : state->dirty_to;
}

/* Brings the kept content up to what the file holds now, by what was written since the last time. */
FAULT void fault_keep_synced(fault_file_state *state)
{
    FILE *file = fopen(state->path, "rb");

    ck_assert_ptr_nonnull(file);
    (void)fseek(file, 0, SEEK_END);
    sqlite3_int64 len = ftell(file);
    sqlite3_int64 from = state->dirty_from < len ? state->dirty_from : len;
    sqlite3_int64 to = state->dirty_to < len ? state->dirty_to : len;
    unsigned char *bytes = realloc(state->synced, (size_t)len + 1);
    ck_assert_ptr_nonnull(bytes);
    (void)fseek(file, (long)from, SEEK_SET);
    if (to > from)
        ck_assert_uint_eq(fread(bytes + from, 1, (size_t)(to - from), file), (size_t)(to - from));
    (void)fclose(file);
    state->synced = bytes;
    state->synced_len = len;
    state->dirty_from = state->dirty_to = 0;
}

/* Writes to `to` what a disk may hold of `path` after a power cut: each block as it was at the last sync, or as it is now. */
FAULT void fault_write_cut(const char *path, const char *to, unsigned seed)
{
    fault_file_state *state = fault_state_of(path);
    sqlite3_int64 now_len = 0;
    unsigned char *now = fault_read_file(path, &now_len);
    FILE *file = fopen(to, "wb");

    ck_assert_ptr_nonnull(file);
    sqlite3_int64 len = seed % 2 ? now_len : state->synced_len;
    for (sqlite3_int64 at = 0; at < len; at += FAULT_BLOCK) {
        unsigned char block[FAULT_BLOCK] = {0};
        seed = seed * 1664525u + 1013904223u;
        bool is_new = (seed >> 16) % 2 && at < now_len;
        const unsigned char *from = is_new ? now : state->synced;
        sqlite3_int64 from_len = is_new ? now_len : state->synced_len;
        sqlite3_int64 n = from_len - at < FAULT_BLOCK ? from_len - at : FAULT_BLOCK;
        if (n > 0)
            memcpy(block, from + at, (size_t)n);
        (void)fwrite(block, 1, len - at < FAULT_BLOCK ? (size_t)(len - at) : FAULT_BLOCK, file);
    }
    (void)fclose(file);
    free(now);
}

/* ---- the file methods ------------------------------------------------------------------------------------------- */

FAULT void fault_maybe_cut(void)
{
    if (fault.cut_at >= 0 && fault.writes + fault.syncs >= fault.cut_at && fault.on_cut) {
        fault.cut_at = -1;
        fault.on_cut();
    }
}

FAULT int fault_close(sqlite3_file *file)
{
    return fault_below(file)->pMethods->xClose(fault_below(file));
}

FAULT int fault_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
    return fault_below(file)->pMethods->xRead(fault_below(file), to, n, at);
}

FAULT int fault_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    fault_file *self = (fault_file *)(void *)file;

    fault_maybe_cut();
    if (fault.fail_write_at >= 0 && fault.writes >= fault.fail_write_at)
        return fault.fail_write_rc;
    fault.writes++;
    if (self->state)
        fault_note_write(self->state, at, n);
    return fault_below(file)->pMethods->xWrite(fault_below(file), from, n, at);
}

FAULT int fault_truncate(sqlite3_file *file, sqlite3_int64 len)
{
    return fault_below(file)->pMethods->xTruncate(fault_below(file), len);
}

FAULT int fault_sync(sqlite3_file *file, int flags)
{
    fault_file *self = (fault_file *)(void *)file;
    struct timespec delay = {fault.delay_ms / 1000, (fault.delay_ms % 1000) * 1000000L};

    fault_maybe_cut();
    if (fault.fail_sync_at >= 0 && fault.syncs >= fault.fail_sync_at)
        return fault.fail_sync_rc;
    fault.syncs++;
    if (fault.delay_ms > 0)
        (void)nanosleep(&delay, NULL);
    if (self->state)
        fault_keep_synced(self->state);
    return fault_below(file)->pMethods->xSync(fault_below(file), flags);
}

FAULT int fault_size(sqlite3_file *file, sqlite3_int64 *out_len)
{
    return fault_below(file)->pMethods->xFileSize(fault_below(file), out_len);
}

FAULT int fault_lock(sqlite3_file *file, int level)
{
    return fault_below(file)->pMethods->xLock(fault_below(file), level);
}

FAULT int fault_unlock(sqlite3_file *file, int level)
{
    return fault_below(file)->pMethods->xUnlock(fault_below(file), level);
}

FAULT int fault_check_lock(sqlite3_file *file, int *out_is_locked)
{
    return fault_below(file)->pMethods->xCheckReservedLock(fault_below(file), out_is_locked);
}

FAULT int fault_control(sqlite3_file *file, int op, void *arg)
{
    return fault_below(file)->pMethods->xFileControl(fault_below(file), op, arg);
}

FAULT int fault_sector(sqlite3_file *file)
{
    return fault_below(file)->pMethods->xSectorSize(fault_below(file));
}

/* None: no promise about blocks, which is what a cut disk keeps. */
FAULT int fault_characteristics(sqlite3_file *file)
{
    (void)file;
    return 0;
}

FAULT int fault_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
    return fault_below(file)->pMethods->xShmMap(fault_below(file), region, size, extend, out);
}

FAULT int fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return fault_below(file)->pMethods->xShmLock(fault_below(file), offset, n, flags);
}

FAULT void fault_shm_barrier(sqlite3_file *file)
{
    fault_below(file)->pMethods->xShmBarrier(fault_below(file));
}

FAULT int fault_shm_unmap(sqlite3_file *file, int is_delete)
{
    return fault_below(file)->pMethods->xShmUnmap(fault_below(file), is_delete);
}

/* Version 2: shared memory, but no memory map, which would go round the counting. */
static const sqlite3_io_methods fault_methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_lock,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_characteristics,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

FAULT int fault_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out_flags)
{
    fault_file *self = (fault_file *)(void *)file;

    (void)vfs;
    self->base.pMethods = NULL;
    self->below = (sqlite3_file *)(void *)(self + 1);
    self->state = NULL;
    int rc = fault.below->xOpen(fault.below, name, self->below, flags, out_flags);
    if (rc != SQLITE_OK)
        return rc;
    self->base.pMethods = &fault_methods;
    if (fault.is_tracking && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        self->state = fault_state_of(name);
    return SQLITE_OK;
}

/* ---- the test's side -------------------------------------------------------------------------------------------- */

/* No more faults from here on. */
FAULT void fault_clear(void)
{
    fault.fail_write_at = fault.fail_sync_at = fault.cut_at = -1;
    fault.fail_write_rc = SQLITE_IOERR_WRITE;
    fault.fail_sync_rc = SQLITE_IOERR_FSYNC;
    fault.delay_ms = 0;
}

/* Once a process, before the first store is opened. */
FAULT void fault_install(void)
{
    fault_clear();
    fault.below = sqlite3_vfs_find(NULL);
    ck_assert_ptr_nonnull(fault.below);
    fault.vfs = *fault.below;
    fault.vfs.zName = "fault";
    fault.vfs.szOsFile = (int)sizeof(fault_file) + fault.below->szOsFile;
    fault.vfs.xOpen = fault_open;
    ck_assert_int_eq(sqlite3_vfs_register(&fault.vfs, 1), SQLITE_OK);
}

/* Call after the stores are closed. */
FAULT void fault_remove(void)
{
    (void)sqlite3_vfs_unregister(&fault.vfs);
    for (int i = 0; i < FAULT_FILES; i++)
        free(fault.files[i].synced);
    memset(fault.files, 0, sizeof fault.files);
}

#endif
