/* disk.h - the simulator's disk: SQLite's files in memory, with everything that a real disk and kernel may do to them.
 *
 * One disk a process, the default VFS once installed. It tells apart what the process wrote (the kernel's cache) from what is
 * durable: contents written before the last sync of that file, and directory entries (a file's being there, or gone) from the
 * last sync of the directory. A process that dies loses nothing that it wrote; a power cut may lose, keep or tear each write
 * that was not synced. */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Registers the VFS "sim" as SQLite's default. Once a process, before the first store is opened. */
void disk_install(void);
/* All files gone, faults, lies and watcher off, counts zero, chance as at the first start. Handles that are open are dead. */
void disk_clear(void);
/* What SQLite draws (a log's salts) follows from it. */
void disk_seed(uint64_t seed);
/* What SQLite takes for the time; 1970 when never set. */
void disk_set_time(int64_t utc_ms);

/* ---- seam: every change that reaches the disk ---------------------------------------------------------------------- */

typedef enum {
    DISK_OPEN,
    DISK_WRITE,
    DISK_TRUNCATE,
    DISK_SYNC,
    DISK_DELETE,
    /* these change nothing on the disk: a looker is told of them, no watcher */
    DISK_READ,
    DISK_SIZE,
    DISK_ACCESS,
    DISK_LOCK, /* also: asks whether somebody has it */
    DISK_SHM_MAP,
    DISK_SHM_LOCK,
    DISK_OPS
} disk_op;
const char *disk_op_name(disk_op op);

/* The name is the file's as opened, "." for the folder (DISK_SYNC alone), "(temporary)" for a file without one.
 * Called before the operation is done (is_done false) and after it (is_done true), with the bytes of a write. It may leave by
 * longjmp: the process dies there. Between the two calls of a DISK_WRITE it is also called half-way: is_half, the first half
 * of the bytes are written then. NULL: nobody is told. */
typedef void (*disk_watcher)(void *self, disk_op op, const char *name, size_t len, bool is_done, bool is_half);
void disk_watch(disk_watcher watcher, void *self);
/* Called before a read, a lock or another operation that changes nothing. NULL: nobody is told. */
typedef void (*disk_looker)(void *self, disk_op op, const char *name);
void disk_watch_looks(disk_looker looker, void *self);

/* The process that had files open is no more: locks, shared memory and open files are gone; contents stay. Handles that SQLite
 * still has must not be used any more (the dead process's memory is abandoned). */
void disk_process_died(void);

/* ---- faults -------------------------------------------------------------------------------------------------------- */

/* The next operations of that kind fail after `skip` more that go well: `times` of them, -1 for ever. rc is SQLite's result
 * (SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, ...). A write that fails with SQLITE_FULL may have written a part. */
void disk_fail(disk_op op, int rc, int skip, int times);
/* Syncs of files whose name ends so ("-wal", ".db", "." for the folder, "" for all) say that they went well and make nothing
 * durable; NULL: no more of that. For proving that a test would notice. May be called before disk_install. */
void disk_lie(const char *name_end);
/* While held back no fault hits, and none is used up: somebody else looks at the files. */
void disk_hold_faults(bool are_held);
/* All faults off, not the lies. Writes that a failed sync was to make durable never become so by a later one. */
void disk_heal(void);

/* ---- power --------------------------------------------------------------------------------------------------------- */

/* How many single pieces (writes cut at 512 bytes, truncations, directory entries) are not durable now. */
size_t disk_pending(void);
size_t disk_pending_writes(void); /* the same, with each write as one */
/* The power goes and comes back: each piece is kept, dropped or (a 512-byte block, at a byte in it) torn, as `seed` decides;
 * seed 0 drops all, seed 1 keeps all. The process is dead too (disk_process_died). */
void disk_power_cut(uint64_t seed);

/* The same moment cut in many ways: goes on with what such a cut (or death) would leave, on a disk of its own, without watcher,
 * faults and counts; what is open stays with the disk before, also when SQLite waits inside a call of the watcher. Trials nest,
 * 4 deep. disk_try_end goes back; what was opened in between must be closed before or never used again. Returns the pieces torn. */
size_t disk_try_cut(uint64_t seed);
/* Piece i of disk_pending is kept when bit i is set, and none is torn: for all subsets of up to 64. */
void disk_try_subset(uint64_t kept);
void disk_try_writes(uint64_t kept); /* the same with whole writes, of disk_pending_writes */
/* The process died, the power did not go: everything written is there, and as little of it durable as before. */
void disk_try_death(void);
void disk_try_end(void);

/* ---- looking ------------------------------------------------------------------------------------------------------- */

uint64_t disk_count(disk_op op);
/* Whether these bytes are anywhere on the disk (S6: a code never is). */
bool disk_holds(const void *bytes, size_t len);
/* 0: empty, or not there. */
size_t disk_size(const char *name);
/* Copies all files into a real folder, for a look with the sqlite3 shell. false when that cannot be written. */
bool disk_dump(const char *folder);

#endif
