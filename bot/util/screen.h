/* screen.h - what a person's terminal shows: how wide it is, colour, progress, and text that cannot drive it.
 *
 * A pipe or a file is no terminal: nothing is cut, coloured or drawn there. Colour never says anything alone. */
#ifndef UTIL_SCREEN_H
#define UTIL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "resetbot/str.h"

typedef enum { RB_PAINT_PLAIN, RB_PAINT_HEAD, RB_PAINT_GOOD, RB_PAINT_WARN, RB_PAINT_BAD, RB_PAINT_QUIET } rb_paint;

typedef struct {
    FILE *to;
    size_t columns;  /* 0: no terminal */
    bool has_cursor; /* a line can be drawn anew: not with TERM=dumb or unset */
    bool has_colour; /* that, and NO_COLOR is not set (no-color.org, read 2026-11) */
} rb_screen;

/* Looks at the file, its window and the environment. */
rb_screen rb_screen_of(FILE *to);

/* Cells that a text takes: two for wide characters, none for combining ones. The process's LC_CTYPE must be of UTF-8, else
 * every character counts as one cell. */
size_t rb_screen_width(rb_str text);
/* How many bytes at the start of text fit into so many cells; combining characters stay with theirs. */
size_t rb_screen_fit(rb_str text, size_t cells);

void rb_screen_paint(const rb_screen *screen, rb_paint paint, rb_str text);
/* A line, made inert (rb_text_clean). */
void rb_screen_line(FILE *to, const char *text);
/* As fprintf of a whole line, made inert (rb_text_clean): for what is said on stderr. The line break is added. */
void rb_screen_say(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* How long lines of prose are: the terminal's width, but at most 100, which is also that of a pipe. */
size_t rb_screen_prose_width(FILE *to);
/* The words of text in such lines, each behind so many blanks. Text is ours: it is printed as it is. */
void rb_screen_prose(FILE *to, size_t indent, const char *text);
/* One line of JSON, its value as it is: what a terminal would obey, hide or reorder by is written as \uXXXX, and bytes that
 * are no UTF-8 as \ufffd. */
void rb_screen_json(FILE *to, rb_str json);

/* ---- progress: one line that is drawn anew, on a terminal alone ------------------------------------------------------- */

typedef struct {
    rb_screen screen;
    bool is_drawn;
} rb_working;

rb_working rb_working_on(FILE *to);
void rb_working_say(rb_working *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes the line away: before anything else is written, and at the end. */
void rb_working_clear(rb_working *progress);

#endif
