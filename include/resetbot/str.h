/* str.h - borrowed string views and growing buffers with a ceiling. */
#ifndef RESETBOT_STR_H
#define RESETBOT_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "resetbot/err.h"

/* A borrowed view: never outlives the buffer it points into; not NUL-terminated. */
typedef struct {
    const char *ptr;
    size_t len;
} rb_str;

#define RB_STR(literal) ((rb_str){(literal), sizeof(literal) - 1})

/* View of a C string; NULL gives the empty view. */
rb_str rb_str_of(const char *text);
bool rb_str_equal(rb_str a, rb_str b);
/* ASCII letters compare without case; other bytes exactly. */
bool rb_str_equal_nocase(rb_str a, rb_str b);
bool rb_str_starts(rb_str text, rb_str prefix);
bool rb_str_starts_nocase(rb_str text, rb_str prefix);
bool rb_str_contains_nocase(rb_str text, rb_str part);
/* Without ASCII white space at both ends. */
rb_str rb_str_trim(rb_str text);
/* Takes the next word (split at ASCII white space) off *text; empty when none is left. */
rb_str rb_str_word(rb_str *text);
/* Decimal digits only; RB_E_SYNTAX else, RB_E_LIMIT above max. */
rb_err rb_str_to_uint(rb_str text, unsigned long long max, unsigned long long *out_value) RB_MUST_CHECK;
/* A GUID in its 36-character form, any case. */
bool rb_str_is_guid(rb_str text);

/* Copies text and a NUL into dst (cap bytes); RB_E_LIMIT leaves dst untouched. */
rb_err rb_copy(char *dst, size_t cap, rb_str text) RB_MUST_CHECK;
/* The same for values whose source has the same cap: a failure is our bug, and asserts. */
void rb_copy_fit(char *dst, size_t cap, const char *text);

/* A growing buffer that never exceeds max bytes. After the first failure it stays failed and appends do nothing,
 * so that a long build needs one check at its end. Always NUL-terminated once anything was appended. */
typedef struct {
    char *ptr;  /* heap; NULL while empty */
    size_t len; /* bytes, without NUL */
    size_t cap;
    size_t max; /* ceiling of len */
    rb_err err; /* first failure: RB_E_LIMIT. Out of memory ends the process (err.h) */
} rb_buf;

void rb_buf_init(rb_buf *buf, size_t max);
/* Frees; the buffer is then as after init. */
void rb_buf_fini(rb_buf *buf);
/* As fini, but overwrites the content first. */
void rb_buf_wipe(rb_buf *buf);
void rb_buf_clear(rb_buf *buf);
void rb_buf_add(rb_buf *buf, rb_str text);
void rb_buf_adds(rb_buf *buf, const char *text);
void rb_buf_addf(rb_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The content as a view, and as a C string ("" while empty). */
rb_str rb_buf_str(const rb_buf *buf);
const char *rb_buf_cstr(const rb_buf *buf);
/* Gives the content (heap, NUL-terminated, never NULL on RB_OK) to the caller and leaves the buffer empty. */
rb_err rb_buf_take(rb_buf *buf, char **out_text) RB_MUST_CHECK;

/* Overwrites memory in a way that the compiler keeps. */
void rb_wipe(void *bytes, size_t len);

#endif
