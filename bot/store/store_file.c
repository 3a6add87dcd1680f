/* store_file.c - see store_file.h. */
#include "store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resetbot/log.h"

static rb_err close_rights(int fd, const char *path, rb_errbuf *errbuf)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return rb_fail(errbuf, RB_E_CONFIG, "%s is not a plain file: name another in store.url", path);
    if (!(st.st_mode & (S_IRWXG | S_IRWXO)))
        return RB_OK;
    if (fchmod(fd, S_IRUSR | S_IWUSR) != 0)
        return rb_fail(errbuf, RB_E_CONFIG,
                       "%s can be read by others (mode %03o) and that cannot be changed: %s: make it"
                       " belong to the bot's user",
                       path, st.st_mode & 0777U, strerror(errno));
    rb_log(RB_LOG_WARN, "event=store_was_readable_by_others path=\"%s\" mode=%03o now=600", path, st.st_mode & 0777U);
    return RB_OK;
}

/* A new file is not safe before its folder's entry is. */
static rb_err sync_folder(const char *path, rb_errbuf *errbuf)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int failed = fd < 0 ? -1 : fsync(fd);

    rb_err err =
        failed ? rb_fail(errbuf, RB_E_DISK, "the folder of %s cannot be synced: %s", path, strerror(errno)) : RB_OK;
    if (fd >= 0)
        (void)close(fd);
    free(folder);
    return err;
}

/* SQLite would make the file with the umask's rights, and only look at it later. */
rb_err rb_store_file_prepare(const char *path, rb_errbuf *errbuf)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, S_IRUSR | S_IWUSR);

    if (fd < 0)
        return rb_fail(errbuf, RB_E_CONFIG,
                       "%s cannot be opened: %s: check store.url, and that the bot's user may write"
                       " in that folder",
                       path, strerror(errno));
    rb_err err = close_rights(fd, path, errbuf);
    (void)close(fd);
    return err == RB_OK ? sync_folder(path, errbuf) : err;
}
