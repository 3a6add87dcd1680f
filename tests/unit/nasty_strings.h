/* nasty_strings.h - the strings of tests/golden/nasty.txt and unit/nasty_more.txt, and where each may stand. */
#ifndef TESTS_NASTY_STRINGS_H
#define TESTS_NASTY_STRINGS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/text.h"

#define STRINGS_MAX 320
#define LONG_CHARS 4000
#define STRING_CAP (LONG_CHARS * 4 + 64)

typedef struct {
    char *bytes;
    size_t len;
} nasty;

static nasty strings[STRINGS_MAX];
static size_t n_strings;

/* ---- the file ----------------------------------------------------------------------------------------------------- */

/* Before the first test: Check's own asserts work within tests alone. */
static inline void must(bool is_so, const char *what)
{
    if (!is_so) {
        fprintf(stderr, "nasty strings: %s\n", what);
        exit(1);
    }
}

static inline size_t put_utf8(unsigned long code, char *out)
{
    if (code < 0x80)
        return (size_t)snprintf(out, 8, "%c", (int)code);
    if (code < 0x800)
        return (size_t)snprintf(out, 8, "%c%c", (int)(0xC0 | code >> 6), (int)(0x80 | (code & 0x3F)));
    if (code < 0x10000)
        return (size_t)snprintf(out, 8, "%c%c%c", (int)(0xE0 | code >> 12), (int)(0x80 | (code >> 6 & 0x3F)),
                                (int)(0x80 | (code & 0x3F)));
    return (size_t)snprintf(out, 8, "%c%c%c%c", (int)(0xF0 | code >> 18), (int)(0x80 | (code >> 12 & 0x3F)),
                            (int)(0x80 | (code >> 6 & 0x3F)), (int)(0x80 | (code & 0x3F)));
}

/* One escape off the line. */
static inline size_t put_escape(char **line, char *out)
{
    char kind = *(*line)++;
    char *end = *line;
    switch (kind) {
    case 'x':
        *out = (char)strtol((char[]){(*line)[0], (*line)[1], '\0'}, NULL, 16);
        *line += 2;
        return 1;
    case 'u': {
        unsigned long code = strtoul(*line + 1, &end, 16);
        *line = end + 1;
        return put_utf8(code, out);
    }
    case 'n': *out = '\n'; return 1;
    case 'r': *out = '\r'; return 1;
    case 't': *out = '\t'; return 1;
    default: *out = kind; return 1;
    }
}

static inline void add_string(char *line)
{
    must(n_strings < STRINGS_MAX, "more strings than there is room for");
    nasty *string = &strings[n_strings++];
    string->bytes = calloc(1, STRING_CAP);
    must(string->bytes != NULL, "no memory");
    while (*line) {
        char *to = string->bytes + string->len;
        if (*line == '\\') {
            line++;
            string->len += put_escape(&line, to);
        } else {
            *to = *line++;
            string->len++;
        }
    }
}

static inline void read_file(const char *name)
{
    char path[1024];
    char line[1024];
    const char *root = getenv("RESETBOT_SOURCE");

    (void)snprintf(path, sizeof path, "%s/tests/%s", root ? root : ".", name);
    FILE *file = fopen(path, "r");
    must(file != NULL, path);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        bool is_comment = line[0] == '#' && line[1] == ' ';
        if (line[0] && !is_comment)
            add_string(line);
    }
    fclose(file);
}

static inline bool is_same(const nasty *a, const nasty *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Each is another one. */
static inline void read_strings(void)
{
    read_file("golden/nasty.txt");
    read_file("unit/nasty_more.txt");
    for (size_t i = 0; i < n_strings; i++)
        for (size_t k = 0; k < i; k++)
            must(!is_same(&strings[i], &strings[k]), strings[i].bytes);
}

/* Alone, among words and touching one, and to 4,000 characters. */
enum { ALONE, AMONG_WORDS, LONG, PLACINGS };

static inline nasty placed(const nasty *string, int placing)
{
    rb_buf all;
    nasty made;
    rb_str text = {string->bytes, string->len};

    rb_buf_init(&all, STRING_CAP);
    if (placing == AMONG_WORDS)
        rb_buf_adds(&all, "adele");
    rb_buf_add(&all, text);
    if (placing == AMONG_WORDS)
        rb_buf_adds(&all, " vance");
    while (placing == LONG && rb_text_chars(rb_buf_str(&all)) + rb_text_chars(text) <= LONG_CHARS)
        rb_buf_add(&all, text);
    ck_assert_int_eq(all.err, RB_OK);
    made = (nasty){calloc(1, all.len + 1), all.len};
    ck_assert_ptr_nonnull(made.bytes);
    memcpy(made.bytes, rb_buf_cstr(&all), all.len);
    rb_buf_fini(&all);
    return made;
}

#endif
