/* disk_vfs.c - SQLite's file layer upon the simulator's disk. Where SQLite leaves a choice it does what its unix VFS does
 * (os_unix.c of 3.40): the folder is synced with the first sync of a journal or log that may be new, an empty file does not
 * exist for xAccess, a write never touches its neighbours (POWERSAFE_OVERWRITE). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "disk_parts.h"

#define TEMPORARY "(temporary)"
#define SECTOR 4096
/* ms from the Julian epoch to 1970 (sqlite.org/lang_datefunc.html) */
#define JULIAN_MS INT64_C(210866760000000)

static disk_handle *handle_of(sqlite3_file *file)
{
    return (disk_handle *)(void *)file;
}

disk_file *handle_file(const disk_handle *handle)
{
    return handle->medium->process == handle->process ? handle->file : NULL;
}

/* ---- reading and writing ----------------------------------------------------------------------------------------------------- */

static int do_read(sqlite3_file *base, void *to, int n, sqlite3_int64 at)
{
    const disk_handle *handle = handle_of(base);
    const disk_file *file = handle_file(handle);

    if (!file)
        return SQLITE_IOERR_READ;
    int rc = disk_look(DISK_READ, handle->name);
    if (rc != SQLITE_OK)
        return rc;
    return file_read(file, to, (size_t)n, (size_t)at) == (size_t)n ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int do_write(sqlite3_file *base, const void *from, int n, sqlite3_int64 at)
{
    disk_handle *handle = handle_of(base);
    disk_file *file = handle_file(handle);
    size_t len = (size_t)n;

    if (!file || handle->is_readonly)
        return SQLITE_IOERR_WRITE;
    int rc = disk_before(DISK_WRITE, handle->name, len);
    if (rc != SQLITE_OK) {
        if (rc == SQLITE_FULL)
            file_write(file, from, len / 2, (size_t)at);
        return rc;
    }
    if (disk_is_watched() && len > 1) {
        file_write(file, from, len / 2, (size_t)at);
        disk_half(DISK_WRITE, handle->name, len);
        file_take_back(file);
    }
    file_write(file, from, len, (size_t)at);
    disk_after(DISK_WRITE, handle->name, len);
    return SQLITE_OK;
}

static int do_truncate(sqlite3_file *base, sqlite3_int64 len)
{
    disk_handle *handle = handle_of(base);
    disk_file *file = handle_file(handle);

    if (!file || handle->is_readonly)
        return SQLITE_IOERR_TRUNCATE;
    int rc = disk_before(DISK_TRUNCATE, handle->name, 0);
    if (rc != SQLITE_OK)
        return rc;
    file_truncate(file, (size_t)len);
    disk_after(DISK_TRUNCATE, handle->name, 0);
    return SQLITE_OK;
}

static int do_sync(sqlite3_file *base, int flags)
{
    disk_handle *handle = handle_of(base);
    disk_file *file = handle_file(handle);

    (void)flags;
    if (!file)
        return SQLITE_IOERR_FSYNC;
    int rc = disk_sync_file(file, handle->name);
    if (rc == SQLITE_OK && handle->syncs_folder) {
        rc = disk_sync_folder(handle->medium);
        handle->syncs_folder = false;
    }
    return rc;
}

static int do_size(sqlite3_file *base, sqlite3_int64 *out_len)
{
    const disk_handle *handle = handle_of(base);
    const disk_file *file = handle_file(handle);

    if (!file)
        return SQLITE_IOERR_FSTAT;
    int rc = disk_look(DISK_SIZE, handle->name);
    if (rc != SQLITE_OK)
        return rc;
    *out_len = (sqlite3_int64)file->cache.len;
    return SQLITE_OK;
}

/* ---- locks ------------------------------------------------------------------------------------------------------------------- */

static int highest_of_others(const disk_handle *handle, const disk_file *file)
{
    int highest = SQLITE_LOCK_NONE;

    for (const disk_handle *other = file->handles; other; other = other->next)
        if (other != handle && other->level > highest)
            highest = other->level;
    return highest;
}

static int do_lock(sqlite3_file *base, int level)
{
    disk_handle *handle = handle_of(base);
    const disk_file *file = handle_file(handle);

    if (!file)
        return SQLITE_IOERR_LOCK;
    if (handle->level >= level)
        return SQLITE_OK;
    /* a write lock needs a descriptor that may write */
    if (level > SQLITE_LOCK_SHARED && handle->is_readonly)
        return SQLITE_IOERR_LOCK;
    int rc = disk_look(DISK_LOCK, handle->name);
    if (rc != SQLITE_OK)
        return rc;
    int others = highest_of_others(handle, file);
    if (level == SQLITE_LOCK_SHARED ? others >= SQLITE_LOCK_PENDING : others >= SQLITE_LOCK_RESERVED)
        return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && others == SQLITE_LOCK_SHARED) {
        handle->level = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
    }
    handle->level = level;
    return SQLITE_OK;
}

static int do_unlock(sqlite3_file *base, int level)
{
    disk_handle *handle = handle_of(base);

    if (handle->level > level)
        handle->level = level;
    return SQLITE_OK;
}

static int do_check_lock(sqlite3_file *base, int *out_is_locked)
{
    const disk_handle *handle = handle_of(base);
    const disk_file *file = handle_file(handle);

    if (!file)
        return SQLITE_IOERR_CHECKRESERVEDLOCK;
    int rc = disk_look(DISK_LOCK, handle->name);
    if (rc != SQLITE_OK)
        return rc;
    *out_is_locked = handle->level >= SQLITE_LOCK_RESERVED || highest_of_others(handle, file) >= SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
}

/* ---- the rest of a file -------------------------------------------------------------------------------------------------------- */

static int do_control(sqlite3_file *base, int op, void *arg)
{
    (void)base;
    if (op == SQLITE_FCNTL_HAS_MOVED) {
        *(int *)arg = 0;
        return SQLITE_OK;
    }
    return SQLITE_NOTFOUND;
}

static int do_sector(sqlite3_file *base)
{
    (void)base;
    return SECTOR;
}

static int do_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int do_close(sqlite3_file *base)
{
    disk_handle *handle = handle_of(base);
    disk_file *file = handle_file(handle);

    if (!file)
        return SQLITE_OK;
    (void)shm_unmap(base, 0);
    for (disk_handle **link = &file->handles; *link; link = &(*link)->next) {
        if (*link != handle)
            continue;
        *link = handle->next;
        file->n_handles--;
        break;
    }
    file_unref(handle->medium, file);
    handle->file = NULL;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = do_close,
    .xRead = do_read,
    .xWrite = do_write,
    .xTruncate = do_truncate,
    .xSync = do_sync,
    .xFileSize = do_size,
    .xLock = do_lock,
    .xUnlock = do_unlock,
    .xCheckReservedLock = do_check_lock,
    .xFileControl = do_control,
    .xSectorSize = do_sector,
    .xDeviceCharacteristics = do_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* ---- the folder ---------------------------------------------------------------------------------------------------------------- */

static disk_file *find_or_create(const char *name, int flags)
{
    disk_medium *medium = disk_here();

    if (!name)
        return medium_create_temporary(medium);
    disk_file *file = medium_find(medium, name);
    if (file && (flags & SQLITE_OPEN_EXCLUSIVE))
        return NULL;
    if (!file && (flags & SQLITE_OPEN_CREATE))
        return medium_create(medium, name);
    return file;
}

static int do_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags)
{
    const int logs = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
    disk_handle *handle = handle_of(base);

    (void)vfs;
    memset(handle, 0, sizeof *handle);
    (void)snprintf(handle->name, sizeof handle->name, "%s", name ? name : TEMPORARY);
    int rc = disk_before(DISK_OPEN, handle->name, 0);
    if (rc != SQLITE_OK)
        return rc;
    disk_file *file = find_or_create(name, flags);
    if (!file)
        return SQLITE_CANTOPEN;
    file_ref(file);
    handle->medium = disk_here();
    handle->process = handle->medium->process;
    handle->file = file;
    handle->is_readonly = flags & SQLITE_OPEN_READONLY;
    handle->syncs_folder = (flags & SQLITE_OPEN_CREATE) && (flags & logs);
    handle->next = file->handles;
    file->handles = handle;
    file->n_handles++;
    handle->base.pMethods = &methods;
    if (out_flags)
        *out_flags = flags;
    disk_after(DISK_OPEN, handle->name, 0);
    return SQLITE_OK;
}

static int do_delete(sqlite3_vfs *vfs, const char *name, int syncs_folder)
{
    disk_medium *medium = disk_here();

    (void)vfs;
    int rc = disk_before(DISK_DELETE, name, 0);
    if (rc != SQLITE_OK)
        return rc;
    if (!medium_find(medium, name))
        return SQLITE_IOERR_DELETE_NOENT;
    medium_remove(medium, name);
    disk_after(DISK_DELETE, name, 0);
    return syncs_folder ? disk_sync_folder(medium) : SQLITE_OK;
}

static int do_access(sqlite3_vfs *vfs, const char *name, int flags, int *out_is)
{
    const disk_file *file = medium_find(disk_here(), name);

    (void)vfs;
    int rc = disk_look(DISK_ACCESS, name);
    if (rc != SQLITE_OK)
        return rc;
    *out_is = file && (flags != SQLITE_ACCESS_EXISTS || file->cache.len > 0);
    return SQLITE_OK;
}

static int do_full_path(sqlite3_vfs *vfs, const char *name, int cap, char *to)
{
    int limit = cap < DISK_NAME_CAP ? cap : DISK_NAME_CAP;

    (void)vfs;
    return snprintf(to, (size_t)limit, "%s", name) < limit ? SQLITE_OK : SQLITE_CANTOPEN;
}

/* ---- chance and time ------------------------------------------------------------------------------------------------------------- */

static int do_randomness(sqlite3_vfs *vfs, int n, char *to)
{
    (void)vfs;
    for (int at = 0; at < n; at += 8) {
        uint64_t next = disk_next_chance();
        memcpy(to + at, &next, n - at < 8 ? (size_t)(n - at) : 8);
    }
    return n;
}

/* Nobody else can give a lock back meanwhile: the busy handler runs through its tries at once. */
static int do_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int do_time_ms(sqlite3_vfs *vfs, sqlite3_int64 *out_ms)
{
    (void)vfs;
    *out_ms = JULIAN_MS + disk_utc_ms();
    return SQLITE_OK;
}

static int do_time(sqlite3_vfs *vfs, double *out_days)
{
    sqlite3_int64 ms = 0;

    (void)do_time_ms(vfs, &ms);
    *out_days = (double)ms / 86400000.0;
    return SQLITE_OK;
}

static int do_last_error(sqlite3_vfs *vfs, int cap, char *to)
{
    (void)vfs;
    (void)cap;
    (void)to;
    return errno;
}

void disk_vfs_register(void)
{
    static sqlite3_vfs vfs = {
        .iVersion = 2,
        .szOsFile = sizeof(disk_handle),
        .mxPathname = DISK_NAME_CAP,
        .zName = "sim",
        .xOpen = do_open,
        .xDelete = do_delete,
        .xAccess = do_access,
        .xFullPathname = do_full_path,
        .xRandomness = do_randomness,
        .xSleep = do_sleep,
        .xCurrentTime = do_time,
        .xGetLastError = do_last_error,
        .xCurrentTimeInt64 = do_time_ms,
    };

    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
        __builtin_trap();
}
