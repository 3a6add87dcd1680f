/* points.h - names the moments at which a traced process touches its store or its sockets.
 *
 * A point is "THREAD|DESCRIPTOR|CALL|N": the N-th such call by a thread of that role on descriptors of that role. The role of
 * a descriptor is the file's place relative to the store ("store", "store-wal"), or what the socket's last request asked
 * for ("slack chat.postMessage", "graph POST resetPasscode", "websocket 1"): connections come and go and are shared, what is
 * asked on them is the same in every playing. Left out: the log, the store's shared memory, the test clock's own
 * connection, and reads that find nothing to read. */
#ifndef CRASH_POINTS_H
#define CRASH_POINTS_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/types.h>

#define POINT_CAP 256

typedef struct points points;

/* store: the database's path. pidfd: the traced process. NULL: out of memory. */
points *points_new(pid_t pid, int pidfd, const char *store);
void points_free(points *all);

/* The program for seccomp(2) that stops the traced process at the calls in question and at no others. It also answers
 * prctl(PR_SET_DUMPABLE, 0) with success and leaves the process as it is: otherwise only root may look at its memory. */
struct sock_fprog points_filter(void);

/* At the entry of a call: true when it is a point, whose name without its number goes to out_name (POINT_CAP). Must see
 * every call from the start, for it learns from the requests what each socket is for. */
bool points_name(points *all, pid_t tid, const struct __ptrace_syscall_info *info, char *out_name);

/* How often this name was counted, this time included. */
unsigned points_count(points *all, const char *name);

#endif
