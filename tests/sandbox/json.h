/* json.h - short words for json-c: reading with defaults, building in one line. */
#ifndef SANDBOX_JSON_H
#define SANDBOX_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Readers accept NULL and wrong types; what they return is borrowed. */
json_object *sj_get(json_object *object, const char *key);
const char *sj_str(json_object *object, const char *key); /* "" when absent or no string */
int64_t sj_int(json_object *object, const char *key, int64_t fallback);
bool sj_bool(json_object *object, const char *key);
/* "view.state.values": keys only, no array places. */
json_object *sj_path(json_object *object, const char *dotted);
size_t sj_len(json_object *array);
json_object *sj_at(json_object *array, size_t place);
bool sj_has_text(json_object *array, const char *text);
bool sj_is(json_object *object, json_type type);

/* Builds {"key":value,...} from "key:T other:T": s const char * (NULL: null), d int, i int64_t, b bool,
 * o json_object * taken (NULL: null), r json_object * borrowed (one more reference). */
json_object *sj_pack(const char *format, ...);
/* The same into an object that exists; replaces keys. */
void sj_put(json_object *object, const char *format, ...);
/* Copies all keys of from into object (references). */
void sj_merge(json_object *object, json_object *from);
json_object *sj_clone(json_object *object);
json_object *sj_text(const char *text);
void sj_add_text(json_object *array, const char *text);
void sj_remove_text(json_object *array, const char *text);
/* NULL when text is not JSON as a whole. */
json_object *sj_parse(const char *text, size_t len);
const char *sj_dump(json_object *object); /* valid while the object is unchanged */

#endif
