/* screen.c - see screen.h. */
#include "util/screen.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "resetbot/text.h"
#include "util/utf8.h"

#define SENTENCE_CAP 4096     /* of one sentence that is said */
#define COLUMNS_UNKNOWN 80    /* of a terminal that does not say, such as a serial line */
#define COLUMNS_LEAST 20      /* below, nothing readable can be made */
#define PROSE_MAX 100         /* longer lines are hard to read */
#define CLEAR_LINE "\r\033[K" /* ECMA-48: EL */

/* ---- what there is ---------------------------------------------------------------------------------------------------- */

static bool is_set(const char *name)
{
    const char *value = getenv(name);

    return value && value[0] != '\0';
}

static size_t columns_of(int fd)
{
    struct winsize window = {0};

    if (ioctl(fd, TIOCGWINSZ, &window) != 0 || window.ws_col == 0)
        return COLUMNS_UNKNOWN;
    return window.ws_col < COLUMNS_LEAST ? COLUMNS_LEAST : window.ws_col;
}

rb_screen rb_screen_of(FILE *to)
{
    rb_screen screen = {.to = to};
    int fd = fileno(to); /* -1 for a stream in memory */

    if (fd < 0 || !isatty(fd))
        return screen;
    screen.columns = columns_of(fd);
    screen.has_cursor = is_set("TERM") && strcmp(getenv("TERM"), "dumb") != 0;
    screen.has_colour = screen.has_cursor && !is_set("NO_COLOR");
    return screen;
}

/* ---- width ------------------------------------------------------------------------------------------------------------ */

static size_t cells_of(uint32_t code)
{
    int cells = wcwidth((wchar_t)code);

    return cells < 0 ? 1 : (size_t)cells;
}

size_t rb_screen_width(rb_str text)
{
    size_t cells = 0;

    while (text.len > 0)
        cells += cells_of(rb_utf8_take(&text));
    return cells;
}

size_t rb_screen_fit(rb_str text, size_t cells)
{
    rb_str rest = text;
    size_t used = 0;

    while (rest.len > 0) {
        rb_str after = rest;
        used += cells_of(rb_utf8_take(&after));
        if (used > cells)
            break;
        rest = after;
    }
    return text.len - rest.len;
}

/* ---- writing ---------------------------------------------------------------------------------------------------------- */

void rb_screen_paint(const rb_screen *screen, rb_paint paint, rb_str text)
{
    /* ECMA-48: SGR; the eight colours that every terminal has */
    static const char *const codes[] = {[RB_PAINT_PLAIN] = "",  [RB_PAINT_HEAD] = "1",   [RB_PAINT_GOOD] = "32",
                                        [RB_PAINT_WARN] = "33", [RB_PAINT_BAD] = "1;31", [RB_PAINT_QUIET] = "2"};
    bool is_painted = screen->has_colour && codes[paint][0] != '\0' && text.len > 0;

    if (is_painted)
        (void)fprintf(screen->to, "\033[%sm", codes[paint]);
    (void)fwrite(text.ptr, 1, text.len, screen->to);
    if (is_painted)
        (void)fputs("\033[0m", screen->to);
}

static void clean(rb_buf *out, const char *text)
{
    rb_buf_init(out, 4 * strlen(text) + 1); /* bytes that are no UTF-8 become three each */
    rb_text_clean(out, rb_str_of(text));
}

void rb_screen_line(FILE *to, const char *text)
{
    rb_buf line;

    clean(&line, text);
    (void)fprintf(to, "%s\n", rb_buf_cstr(&line));
    rb_buf_fini(&line);
}

void rb_screen_say(FILE *to, const char *format, ...)
{
    char sentence[SENTENCE_CAP];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    rb_screen_line(to, len < 0 ? "" : sentence);
}

size_t rb_screen_prose_width(FILE *to)
{
    size_t columns = rb_screen_of(to).columns;

    return columns == 0 || columns > PROSE_MAX ? PROSE_MAX : columns;
}

void rb_screen_prose(FILE *to, size_t indent, const char *text)
{
    size_t width = rb_screen_prose_width(to);
    rb_str rest = rb_str_of(text);
    size_t col = 0;

    for (rb_str word = rb_str_word(&rest); word.len > 0; word = rb_str_word(&rest)) {
        size_t cells = rb_screen_width(word);
        if (col > 0 && col + 1 + cells > width) {
            (void)fputc('\n', to);
            col = 0;
        }
        (void)fprintf(to, "%*s%.*s", (int)(col == 0 ? indent : 1), "", (int)word.len, word.ptr);
        col += (col == 0 ? indent : 1) + cells;
    }
    if (col > 0)
        (void)fputc('\n', to);
}

/* UTF-16 code units, as JSON has them (RFC 8259, 7). */
static void print_escaped(FILE *to, uint32_t code)
{
    if (code <= 0xFFFF)
        (void)fprintf(to, "\\u%04x", (unsigned)code);
    else
        (void)fprintf(to, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((code - 0x10000) >> 10)),
                      (unsigned)(0xDC00 + ((code - 0x10000) & 0x3FF)));
}

void rb_screen_json(FILE *to, rb_str json)
{
    while (json.len > 0) {
        rb_str before = json;
        uint32_t code = rb_utf8_take(&json);
        size_t len = before.len - json.len;
        bool is_broken = code == RB_UTF8_REPLACEMENT && len == 1;
        if (is_broken || !rb_text_is_shown(code))
            print_escaped(to, code);
        else
            (void)fwrite(before.ptr, 1, len, to);
    }
    (void)fputc('\n', to);
}

/* ---- progress --------------------------------------------------------------------------------------------------------- */

rb_working rb_working_on(FILE *to)
{
    return (rb_working){.screen = rb_screen_of(to)};
}

void rb_working_say(rb_working *progress, const char *format, ...)
{
    char sentence[SENTENCE_CAP];
    va_list args;
    rb_buf line;

    if (!progress->screen.has_cursor)
        return;
    va_start(args, format);
    int len = vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    clean(&line, len < 0 ? "" : sentence);
    /* the last cell stays free: some terminals wrap as soon as it is written */
    size_t shown = rb_screen_fit(rb_buf_str(&line), progress->screen.columns - 1);
    (void)fprintf(progress->screen.to, CLEAR_LINE "%.*s", (int)shown, rb_buf_cstr(&line));
    (void)fflush(progress->screen.to);
    progress->is_drawn = true;
    rb_buf_fini(&line);
}

void rb_working_clear(rb_working *progress)
{
    if (!progress->is_drawn)
        return;
    (void)fputs(CLEAR_LINE, progress->screen.to);
    (void)fflush(progress->screen.to);
    progress->is_drawn = false;
}
