/* json.h - reading Graph's JSON through json-c: the few verbs that the codecs need. */
#ifndef DEVICE_JSON_H
#define DEVICE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

struct json_object;

/* Parses a scrubbed body (scrub.h); end it with rb_djson_free. RB_E_SYNTAX when it is not one JSON object. */
rb_err rb_djson_parse(rb_str scrubbed, struct json_object **out_root) RB_MUST_CHECK;
/* body scrubbed, parsed, and the copy wiped. */
rb_err rb_djson_parse_body(rb_str body, struct json_object **out_root) RB_MUST_CHECK;
void rb_djson_free(struct json_object *root);

/* Members of an object, borrowed from it; NULL when absent, null or of another type. */
struct json_object *rb_djson_object(struct json_object *object, const char *name);
struct json_object *rb_djson_array(struct json_object *object, const char *name);
size_t rb_djson_len(struct json_object *array);
struct json_object *rb_djson_item(struct json_object *array, size_t index); /* NULL unless an object */

/* The text as sent; empty when absent, null or not a string. */
rb_str rb_djson_text(struct json_object *object, const char *name);
/* The member is there; it is there and null. */
bool rb_djson_has(struct json_object *object, const char *name);
bool rb_djson_is_null(struct json_object *object, const char *name);
/* Absent, null, or a string: what a text may be. */
bool rb_djson_may_be_text(struct json_object *object, const char *name);
/* Whether the member is there at all and not null, "" or false: for values that were scrubbed. */
bool rb_djson_has_content(struct json_object *object, const char *name);
/* The boolean true, and nothing else. */
bool rb_djson_is_true(struct json_object *object, const char *name);
/* A number, or a string of digits (Entra's expires_in comes as either); fallback else. */
int64_t rb_djson_int(struct json_object *object, const char *name, int64_t fallback);

/* Cleaned text (text.h) into a fixed array, "" when absent or null. The first is for ids and words: RB_E_LIMIT when it does not
 * fit, RB_E_SYNTAX when it is no text. The second is for showing only: what does not fit is cut and ends in an ellipsis. */
rb_err rb_djson_copy(struct json_object *object, const char *name, char *dst, size_t cap) RB_MUST_CHECK;
void rb_djson_clip(struct json_object *object, const char *name, char *dst, size_t cap);
/* A GUID; "" when absent, null, empty or all zeros. RB_E_SYNTAX for any other text. */
rb_err rb_djson_guid(struct json_object *object, const char *name, char *dst, size_t cap) RB_MUST_CHECK;

#endif
