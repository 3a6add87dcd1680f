/* spoil.c - see spoil.h. It works on the characters, so that it can make what no writer of JSON would. */
#include "spoil.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "sim.h"

#define DEPTH 2000 /* brackets; parsers that recurse for each need a limit of their own */

typedef struct {
    spoil how;
    size_t victim; /* of the values: which one; SIZE_MAX: all */
    size_t n_values;
    char *to;
    size_t len;
} spoiling;

const char *spoil_word(spoil how)
{
    static const char *const WORDS[SPOILS] = {
        "as it is", "cut off", "a page", "empty", "all types wrong", "one type wrong", "one value too deep"};
    return WORDS[how];
}

static void put(spoiling *each, const char *bytes, size_t len)
{
    if (each->to)
        memcpy(each->to + each->len, bytes, len);
    each->len += len;
}

/* Of the string, number or word that begins there. */
static size_t value_len(const char *at, const char *end)
{
    const char *next = at + 1;
    if (*at != '"') {
        while (next < end && !strchr(",]} \t\r\n", *next))
            next++;
        return (size_t)(next - at);
    }
    while (next < end && *next != '"')
        next += *next == '\\' && next + 1 < end ? 2 : 1;
    return (size_t)(next < end ? next + 1 - at : end - at);
}

static bool is_key(const char *after, const char *end)
{
    while (after < end && strchr(" \t\r\n", *after))
        after++;
    return after < end && *after == ':';
}

static void put_spoiled(spoiling *each, char first)
{
    if (each->how != SPOIL_DEEP) {
        const char *other = first == '"' ? "7" : strchr("-0123456789", first) ? "\"seven\"" : "[]";
        put(each, other, strlen(other));
        return;
    }
    for (int i = 0; i < DEPTH; i++)
        put(each, "[", 1);
    for (int i = 0; i < DEPTH; i++)
        put(each, "]", 1);
}

/* Copies, with the victims as they are to be; without each->to it counts. */
static void go_through(spoiling *each, rb_str text)
{
    const char *end = text.ptr + text.len;
    each->n_values = each->len = 0;
    for (const char *at = text.ptr; at < end;) {
        if (strchr("{}[]:, \t\r\n", *at)) {
            put(each, at++, 1);
            continue;
        }
        size_t len = value_len(at, end);
        bool is_value = *at != '"' || !is_key(at + len, end);
        if (is_value && (each->victim == SIZE_MAX || each->victim == each->n_values))
            put_spoiled(each, *at);
        else
            put(each, at, len);
        each->n_values += is_value;
        at += len;
    }
}

static rb_str with_values(spoil how, rb_str text, size_t most)
{
    static char *last;
    spoiling each = {.how = how, .victim = SIZE_MAX};
    go_through(&each, text);
    if (each.n_values == 0)
        return RB_STR("[");
    if (how != SPOIL_TYPES)
        each.victim = (size_t)sim_between(SIM_PLAN, 0, (int64_t)each.n_values - 1);
    go_through(&each, text);
    size_t len = each.len;
    free(last);
    each.to = last = sb_alloc(len + 1);
    go_through(&each, text);
    each.to[len] = '\0';
    return (rb_str){last, len < most ? len : most};
}

rb_str spoil_text(spoil how, rb_str text, size_t most)
{
    switch (how) {
    case SPOIL_NOT:
    case SPOILS: return text;
    case SPOIL_CUT: return (rb_str){text.ptr, text.len / 2};
    case SPOIL_WORDS: return RB_STR("<html><body>502 Bad Gateway</body></html>\n");
    case SPOIL_EMPTY: return RB_STR("");
    case SPOIL_TYPES:
    case SPOIL_VALUE:
    case SPOIL_DEEP: return with_values(how, text, most);
    }
    return text;
}
