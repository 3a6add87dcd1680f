/* lock.c - see lock.h. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* a pid in decimal, newline and NUL */
#define PID_CAP 24

struct rb_lock {
    int fd;
};

/* Whose lock it is, for the sentence only: the pid may be of a process in another container. */
static rb_err refuse(int fd, const char *path, rb_errbuf *errbuf)
{
    char pid[PID_CAP] = "";
    ssize_t len = pread(fd, pid, sizeof pid - 1, 0);
    size_t digits = len > 0 ? strspn(pid, "0123456789") : 0;

    pid[digits] = '\0';
    return rb_fail(errbuf, RB_E_AGAIN, "another resetbot (pid %s) uses this store (%s is locked): stop it first",
                   digits > 0 ? pid : "unknown", path);
}

static rb_err take(int fd, const char *path, rb_errbuf *errbuf)
{
    char pid[PID_CAP];

    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK
                   ? refuse(fd, path, errbuf)
                   : rb_fail(errbuf, RB_E_CONFIG, "%s cannot be locked: %s: use a local disk", path, strerror(errno));
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || len < 0 || pwrite(fd, pid, (size_t)len, 0) != len)
        return rb_fail(errbuf, RB_E_CONFIG, "%s cannot be written: %s: free space on the disk", path, strerror(errno));
    return RB_OK;
}

rb_err rb_lock_open(const char *store_path, rb_lock **out_lock, rb_errbuf *errbuf)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s.lock", store_path);

    if (len < 0 || (size_t)len >= sizeof path)
        return rb_fail(errbuf, RB_E_CONFIG, "the path of the store is too long: choose a shorter one");
    rb_lock *lock = malloc(sizeof *lock);
    if (!lock)
        return rb_fail(errbuf, RB_E_NOMEM, "out of memory while locking the store");
    lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    rb_err err = lock->fd < 0 ? rb_fail(errbuf, RB_E_CONFIG,
                                        "%s cannot be opened: %s: check store.url, and that the bot's"
                                        " user may write in that folder",
                                        path, strerror(errno))
                              : take(lock->fd, path, errbuf);
    if (err == RB_OK)
        *out_lock = lock;
    else
        rb_lock_close(lock);
    return err;
}

void rb_lock_close(rb_lock *lock)
{
    if (!lock)
        return;
    if (lock->fd >= 0)
        (void)close(lock->fd);
    free(lock);
}
