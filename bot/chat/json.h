/* json.h - reading and writing JSON for the chat codecs: strict, bounded, always valid UTF-8. json-c stays in json.c. */
#ifndef RB_CHAT_JSON_H
#define RB_CHAT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

/* ---- reading -------------------------------------------------------------------------------------------------- */

/* A parsed value. The root owns all others: rb_json_free it alone. */
typedef struct json_object rb_json;

/* One whole value and nothing after it but white space; strict (no comments, no trailing commas), at most 32 levels deep.
 * NULL when the text is anything else, or memory is out. */
rb_json *rb_json_parse(rb_str text);
void rb_json_free(rb_json *root);

bool rb_json_is_object(const rb_json *value);
bool rb_json_is_array(const rb_json *value);
bool rb_json_is_string(const rb_json *value);

/* Every getter takes NULL for "no such value" and answers with the empty one, so that look-ups chain. */
rb_json *rb_json_get(const rb_json *object, const char *name); /* member; NULL when absent, null or not an object */
size_t rb_json_count(const rb_json *array);                    /* 0 when not an array */
rb_json *rb_json_at(const rb_json *array, size_t index);       /* NULL past the end */
bool rb_json_true(const rb_json *object, const char *name);    /* member is true */
/* Member as a number; fallback when it is none. Fractions are cut off. */
int64_t rb_json_int(const rb_json *object, const char *name, int64_t fallback);
/* Member's string, or "" when it is none. Bytes as parsed (may hold NULs or invalid UTF-8); lives as long as the root. */
rb_str rb_json_str(const rb_json *object, const char *name);
rb_str rb_json_text(const rb_json *value);
/* Member's string into a fixed array, with NULs left out and bad UTF-8 made U+FFFD. An absent member gives "".
 * RB_E_LIMIT when it does not fit: dst is then "". */
rb_err rb_json_copy(const rb_json *object, const char *name, char *dst, size_t cap) RB_MUST_CHECK;
rb_err rb_json_copy_text(const rb_json *value, char *dst, size_t cap) RB_MUST_CHECK;

/* Calls each(arg, name, member) for every member; false stops the walk. Returns false when stopped. */
bool rb_json_each(const rb_json *object, bool (*each)(void *arg, const char *name, const rb_json *member), void *arg);

/* ---- looking without parsing ------------------------------------------------------------------------------------ */

/* The raw text of a top-level member of an object, found without copying anything: for replies that echo a secret.
 * Empty when absent or when the text is no JSON object as far as it was read. A string keeps its quotes. */
rb_str rb_json_peek(rb_str text, const char *name);

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* text as valid UTF-8: NULs left out, bad bytes made U+FFFD. */
void rb_json_valid(rb_buf *out, rb_str text);
/* "text" with quotes, escaped, made valid. */
void rb_json_write(rb_buf *out, rb_str text);
/* "name":"text" */
void rb_json_write_member(rb_buf *out, const char *name, const char *text);

#endif
