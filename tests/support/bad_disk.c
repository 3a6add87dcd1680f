/* bad_disk.c - preloaded into the bot by tests: the disk under its store is slow, full or broken, as a control file says.
 *
 * BAD_DISK names the file. "slow 1900" delays the next sync by so many milliseconds, once; "full" fails each write with
 * ENOSPC and "broken" each sync with EIO, until the file says otherwise. Only positioned writes count: those are SQLite's. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int fdatasync(int fd);
int fsync(int fd);
ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at);

/* What the control file holds now; "" when it is absent. */
static void read_word(char *out, size_t cap)
{
    const char *path = getenv("BAD_DISK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t n = fd < 0 ? 0 : read(fd, out, cap - 1);

    out[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        (void)close(fd);
}

static bool is_word(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static void sleep_once(const char *text)
{
    long ms = strtol(text + strlen("slow "), NULL, 10);
    struct timespec wait = {ms / 1000, ms % 1000 * 1000000};

    if (truncate(getenv("BAD_DISK"), 0) == 0)
        (void)nanosleep(&wait, NULL);
}

static int sync_by(long call, int fd)
{
    char text[32];

    read_word(text, sizeof text);
    if (is_word(text, "broken")) {
        errno = EIO;
        return -1;
    }
    if (is_word(text, "slow "))
        sleep_once(text);
    return (int)syscall(call, fd);
}

int fdatasync(int fd)
{
    return sync_by(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return sync_by(SYS_fsync, fd);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
    char text[32];

    read_word(text, sizeof text);
    if (is_word(text, "full")) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, data, len, at);
}
