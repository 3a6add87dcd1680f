/* disk_parts.h - what the files of the simulator's disk share among each other. */
#ifndef SIM_DISK_PARTS_H
#define SIM_DISK_PARTS_H

#include <sqlite3.h>

#include "disk.h"
#include "disk_medium.h"

/* ---- disk_medium.c ------------------------------------------------------------------------------------------------------- */

/* Zeroed; ends the program when there is none. */
void *disk_alloc(size_t size);
void *disk_grow(void *array, size_t needed, size_t *cap, size_t item);
void bytes_resize(disk_bytes *bytes, size_t len);
void bytes_put(disk_bytes *bytes, const void *from, size_t len, size_t at);
void bytes_copy(disk_bytes *to, const disk_bytes *from);
disk_entry *medium_entry(disk_medium *medium, const char *name); /* made when it is not there */

/* ---- disk.c: the seam, faults, lies and counts ----------------------------------------------------------------------------- */

disk_medium *disk_here(void);
/* Tells the watcher; then a fault's result, or SQLITE_OK. */
int disk_before(disk_op op, const char *name, size_t len);
/* The same for what changes nothing: tells the looker. */
int disk_look(disk_op op, const char *name);
void disk_half(disk_op op, const char *name, size_t len);
void disk_after(disk_op op, const char *name, size_t len);
/* DISK_WRITE is to be told half-way. */
bool disk_is_watched(void);
/* Syncs with seam, faults and lies. */
int disk_sync_file(disk_file *file, const char *name);
int disk_sync_folder(disk_medium *medium);
uint64_t disk_next_chance(void);
int64_t disk_utc_ms(void);

/* ---- disk_vfs.c ------------------------------------------------------------------------------------------------------------ */

#define DISK_SHM_LOCKS 8 /* SQLITE_SHM_NLOCK */

/* What SQLite holds of an open file. */
typedef struct disk_handle {
    sqlite3_file base;
    disk_medium *medium;
    unsigned process;
    disk_file *file;
    struct disk_handle *next; /* of the same file */
    char name[DISK_NAME_CAP];
    int level; /* SQLITE_LOCK_NONE ... */
    bool is_readonly;
    bool syncs_folder; /* at its first sync, as SQLite's unix VFS does for a journal or log that it may have made */
    bool has_shm;
    uint16_t shm_shared, shm_exclusive; /* a bit a lock */
} disk_handle;

/* NULL: of a process that is dead. */
disk_file *handle_file(const disk_handle *handle);
void disk_vfs_register(void);

/* ---- disk_shm.c -------------------------------------------------------------------------------------------------------------- */

int shm_map(sqlite3_file *file, int region, int size, int extends, void volatile **out_region);
int shm_lock(sqlite3_file *file, int first, int n, int flags);
void shm_barrier(sqlite3_file *file);
int shm_unmap(sqlite3_file *file, int is_delete);
void shm_free(disk_file *file); /* whoever has it mapped */

#endif
