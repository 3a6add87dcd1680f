/* log.c - see resetbot/log.h. One write(2) a line, so that lines of several threads do not mix. */
#include "resetbot/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resetbot/text.h"
#include "util/utf8.h"

/* longest line with its prefix and newline: what is longer is cut and says so */
#define LINE_CAP 2048

static _Atomic int max_level = RB_LOG_INFO;

void rb_log_set_level(rb_log_level level)
{
    atomic_store(&max_level, (int)level);
}

/* sd-daemon(3): <3> is an error ... <7> debug */
static const char *journal_prefix(rb_log_level level)
{
    switch (level) {
    case RB_LOG_ERROR: return "<3>";
    case RB_LOG_WARN: return "<4>";
    case RB_LOG_INFO: return "<6>";
    case RB_LOG_DEBUG: return "<7>";
    }
    return "<6>";
}

/* systemd.exec(5): JOURNAL_STREAM is "device:inode" of the journal's socket. It is inherited by children whose stderr
 * was redirected elsewhere, so it counts only when it names our stderr. */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char own[64];
    struct stat st;

    if (!stream || fstat(STDERR_FILENO, &st) != 0)
        return false;
    (void)snprintf(own, sizeof own, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
    for (size_t i = 0; own[i] == stream[i]; i++)
        if (own[i] == '\0')
            return true;
    return false;
}

/* A line break or escape sequence in a value could forge a line or drive a terminal; what reorders or hides text could make
 * it read otherwise. Each byte of it becomes a question mark, as do bytes that are no UTF-8. */
static void make_inert(char *line, size_t len)
{
    rb_str rest = {line, len};

    while (rest.len > 0) {
        size_t at = len - rest.len;
        uint32_t code = rb_utf8_take(&rest);
        size_t taken = len - rest.len - at;
        bool is_broken = code == RB_UTF8_REPLACEMENT && taken == 1;
        if (is_broken || !rb_text_is_shown(code))
            memset(line + at, '?', taken);
    }
}

void rb_log(rb_log_level level, const char *format, ...)
{
    static const char cut[] = " cut=1";
    char line[LINE_CAP];
    const size_t room = sizeof line - 1; /* one byte is the newline's */
    va_list args;

    if ((int)level > atomic_load(&max_level))
        return;
    int start = snprintf(line, room, "%s", is_journal() ? journal_prefix(level) : "");
    size_t len = start > 0 ? (size_t)start : 0;
    va_start(args, format);
    int more = vsnprintf(line + len, room - len, format, args);
    va_end(args);
    if (more < 0)
        return;
    if ((size_t)more < room - len) {
        len += (size_t)more;
    } else {
        len = room - sizeof cut;
        len += (size_t)snprintf(line + len, sizeof cut, "%s", cut);
    }
    make_inert(line, len);
    line[len++] = '\n';
    /* nowhere is left to say that stderr is gone */
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written;
}
