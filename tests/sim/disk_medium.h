/* disk_medium.h - inside the simulator's disk: files and their one folder, what of them is durable, what a power cut leaves.
 *
 * A file has two contents: the cache, which is what processes read and write, and the durable one. Between them lie its
 * pending operations; a sync carries them out on the durable content. The folder likewise: what is there, what is there for
 * sure, and the pending changes of entries. A cut makes a medium of its own out of what is durable and some of the pending. */
#ifndef SIM_DISK_MEDIUM_H
#define SIM_DISK_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_NAME_CAP 128
#define DISK_BLOCK 512

typedef struct {
    unsigned char *bytes;
    size_t len, cap;
} disk_bytes;

typedef struct {
    bool is_truncate;
    bool is_lost; /* its sync failed: in the cache for now, and never written by a later sync */
    size_t at;    /* truncate: the new length */
    size_t len;
    size_t data; /* where its bytes begin in the file's pending_data */
} disk_pending_op;

struct disk_handle;
struct disk_shm;

/* A file without regard to its name; freed when no entry, pending change or handle needs it. */
typedef struct disk_file {
    struct disk_file *next;
    unsigned refs;
    disk_bytes cache;
    disk_bytes durable;
    disk_pending_op *ops;
    size_t n_ops, cap_ops;
    disk_bytes pending_data;
    struct disk_handle *handles; /* of the living process: disk_vfs.c */
    unsigned n_handles;
    struct disk_shm *shm;   /* disk_shm.c */
    struct disk_file *twin; /* while a copy is made */
} disk_file;

typedef struct disk_entry {
    struct disk_entry *next;
    char name[DISK_NAME_CAP];
    disk_file *now;     /* NULL: not there */
    disk_file *durable; /* what the folder holds for sure */
} disk_entry;

typedef struct {
    disk_entry *entry;
    disk_file *file; /* NULL: gone */
} disk_entry_op;

typedef struct {
    disk_file *files; /* oldest last */
    disk_entry *entries;
    disk_entry_op *ops;
    size_t n_ops, cap_ops;
    unsigned process; /* the n-th one: handles of an earlier one are dead */
} disk_medium;

disk_medium *medium_new(void);
void medium_free(disk_medium *medium);

/* ---- the folder -------------------------------------------------------------------------------------------------------- */

disk_file *medium_find(const disk_medium *medium, const char *name); /* NULL: not there */
disk_file *medium_create(disk_medium *medium, const char *name);     /* must not be there */
void medium_remove(disk_medium *medium, const char *name);           /* must be there; handles keep the file */
void medium_sync_folder(disk_medium *medium);

/* ---- files ------------------------------------------------------------------------------------------------------------- */

disk_file *medium_create_temporary(disk_medium *medium); /* without a name */
void file_ref(disk_file *file);
void file_unref(disk_medium *medium, disk_file *file);
void file_write(disk_file *file, const void *bytes, size_t len, size_t at);
/* Forgets the newest write, of which the next one is the whole. */
void file_take_back(disk_file *file);
void file_truncate(disk_file *file, size_t len);
/* How many bytes there were; the rest of `to` is zeroed. */
size_t file_read(const disk_file *file, void *to, size_t len, size_t at);
void file_sync(disk_file *file);
/* Its sync failed: the kernel takes the written pages for clean. Lengths and entries are the file system's own, and stay. */
void file_lose(disk_file *file);

/* ---- a power cut --------------------------------------------------------------------------------------------------------- */

typedef struct {
    uint64_t seed;   /* 0: all dropped, 1: all kept, else see disk_medium.c */
    bool is_by_mask; /* piece i is kept when bit i of mask is set, none is torn */
    bool is_whole;   /* a write is one piece, however many blocks it touches */
    uint64_t mask;
    /* answer */
    size_t n_torn;
    /* inside */
    uint64_t chance;
    unsigned style;
    size_t n, next, special;
} disk_cut;

size_t medium_pending(const disk_medium *medium, bool is_whole);
disk_medium *medium_cut(const disk_medium *medium, disk_cut *cut);
/* The same, pending operations and all, without a process. */
disk_medium *medium_copy(disk_medium *medium);
/* Takes `other`'s contents over and frees it. */
void medium_become(disk_medium *medium, disk_medium *other);

#endif
