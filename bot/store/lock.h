/* lock.h - one bot a store: an exclusive lock on a file beside it, held as long as the process lives. */
#ifndef RB_STORE_LOCK_H
#define RB_STORE_LOCK_H

#include <stdbool.h>

#include "resetbot/err.h"

typedef struct rb_lock rb_lock;

/* Locks store_path + ".lock" (made 0600, never removed: removing would let two processes lock two files of one name).
 * RB_E_AGAIN: another process has it, the sentence names its pid. RB_E_CONFIG: the file cannot be made. */
rb_err rb_lock_open(const char *store_path, rb_lock **out_lock, rb_errbuf *errbuf) RB_MUST_CHECK;

/* Whether a process has the lock, without touching it: /proc/locks, proc(5). *out_pid: as that process wrote it, 0 when
 * unknown. False also where the system does not say. */
bool rb_lock_is_held(const char *store_path, long *out_pid);

/* Gives the lock back; NULL is fine. The end of the process does the same. */
void rb_lock_close(rb_lock *lock);

#endif
