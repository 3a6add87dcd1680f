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

/* of /proc/locks: about 60 today */
#define LINE_CAP 256

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

/* "1: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF". The device is not compared: on layered file systems it is another. */
static bool is_listed(FILE *locks, ino_t inode)
{
    char line[LINE_CAP];

    while (fgets(line, sizeof line, locks)) {
        unsigned long long found = 0;
        if (sscanf(line, "%*d: FLOCK %*s %*s %*d %*x:%*x:%llu", &found) == 1 && found == (unsigned long long)inode)
            return true;
    }
    return false;
}

bool rb_lock_is_held(const char *store_path, long *out_pid)
{
    char path[PATH_MAX];
    char pid[PID_CAP] = "";
    struct stat st;

    int len = snprintf(path, sizeof path, "%s.lock", store_path);
    int fd = len < 0 || (size_t)len >= sizeof path ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    FILE *locks = fstat(fd, &st) == 0 ? fopen("/proc/locks", "re") : NULL;
    bool is_held = locks && is_listed(locks, st.st_ino);
    if (is_held && pread(fd, pid, sizeof pid - 1, 0) > 0)
        *out_pid = strtol(pid, NULL, 10);
    if (locks)
        (void)fclose(locks);
    (void)close(fd);
    return is_held;
}

void rb_lock_close(rb_lock *lock)
{
    if (!lock)
        return;
    if (lock->fd >= 0)
        (void)close(lock->fd);
    free(lock);
}
