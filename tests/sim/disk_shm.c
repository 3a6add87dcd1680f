/* disk_shm.c - the memory that connections to one database share: where its log's index lies. Gone with the last of them. */
#include <stdlib.h>

#include "disk_parts.h"

#define REGIONS_MAX 64 /* each 32 KiB: an index of some 260,000 log pages */

typedef struct disk_shm {
    unsigned char *regions[REGIONS_MAX];
    unsigned users;
} disk_shm;

static disk_handle *handle_of(sqlite3_file *file)
{
    return (disk_handle *)(void *)file;
}

void shm_free(disk_file *file)
{
    if (!file->shm)
        return;
    for (size_t i = 0; i < REGIONS_MAX; i++)
        free(file->shm->regions[i]);
    free(file->shm);
    file->shm = NULL;
}

static disk_shm *shm_of(disk_handle *handle, disk_file *file)
{
    if (!file->shm)
        file->shm = disk_alloc(sizeof *file->shm);
    if (!handle->has_shm)
        file->shm->users++;
    handle->has_shm = true;
    return file->shm;
}

int shm_map(sqlite3_file *file, int region, int size, int extends, void volatile **out_region)
{
    disk_handle *handle = handle_of(file);
    disk_file *database = handle_file(handle);

    *out_region = NULL;
    if (!database)
        return SQLITE_IOERR_SHMMAP;
    if (region >= REGIONS_MAX)
        return SQLITE_FULL;
    int rc = disk_look(DISK_SHM_MAP, handle->name);
    if (rc != SQLITE_OK)
        return rc;
    disk_shm *shm = shm_of(handle, database);
    if (!shm->regions[region] && extends)
        shm->regions[region] = disk_alloc((size_t)size);
    *out_region = shm->regions[region];
    return SQLITE_OK;
}

static bool is_held_by_others(const disk_handle *handle, const disk_file *database, uint16_t mask, bool also_shared)
{
    for (const disk_handle *other = database->handles; other; other = other->next)
        if (other != handle && ((other->shm_exclusive & mask) || (also_shared && (other->shm_shared & mask))))
            return true;
    return false;
}

int shm_lock(sqlite3_file *file, int first, int n, int flags)
{
    disk_handle *handle = handle_of(file);
    disk_file *database = handle_file(handle);
    uint16_t mask = (uint16_t)(((1U << n) - 1U) << first);

    if (!database)
        return SQLITE_IOERR_SHMLOCK;
    if (flags & SQLITE_SHM_UNLOCK) {
        handle->shm_shared &= (uint16_t)~mask;
        handle->shm_exclusive &= (uint16_t)~mask;
        return SQLITE_OK;
    }
    int rc = disk_look(DISK_SHM_LOCK, handle->name);
    if (rc != SQLITE_OK)
        return rc;
    bool is_exclusive = flags & SQLITE_SHM_EXCLUSIVE;
    if (is_held_by_others(handle, database, mask, is_exclusive))
        return SQLITE_BUSY;
    if (is_exclusive)
        handle->shm_exclusive |= mask;
    else
        handle->shm_shared |= mask;
    return SQLITE_OK;
}

void shm_barrier(sqlite3_file *file)
{
    (void)file;
}

int shm_unmap(sqlite3_file *file, int is_delete)
{
    disk_handle *handle = handle_of(file);
    disk_file *database = handle_file(handle);

    (void)is_delete; /* what a file of it held is never read again: the first connection begins anew */
    if (!database || !handle->has_shm)
        return SQLITE_OK;
    handle->has_shm = false;
    handle->shm_shared = handle->shm_exclusive = 0;
    if (--database->shm->users == 0)
        shm_free(database);
    return SQLITE_OK;
}
