/* json.c - see json.h. */
#include "device/json.h"

#include <string.h>

#include <json-c/json.h>

#include "device/scan.h"
#include "device/scrub.h"
#include "resetbot/limits.h"
#include "resetbot/text.h"

rb_err rb_djson_parse(rb_str scrubbed, struct json_object **out_root)
{
    if (scrubbed.len > RB_GRAPH_REPLY_MAX)
        return RB_E_LIMIT;
    json_tokener *tokener = json_tokener_new_ex(RB_SCAN_DEPTH_MAX + 1);
    if (!tokener)
        return RB_E_NOMEM;
    json_object *root = json_tokener_parse_ex(tokener, scrubbed.ptr, (int)scrubbed.len);
    bool is_object =
        json_tokener_get_error(tokener) == json_tokener_success && json_object_is_type(root, json_type_object);
    json_tokener_free(tokener);
    if (!is_object) {
        json_object_put(root);
        return RB_E_SYNTAX;
    }
    *out_root = root;
    return RB_OK;
}

rb_err rb_djson_parse_body(rb_str body, struct json_object **out_root)
{
    rb_buf copy;

    rb_buf_init(&copy, RB_GRAPH_REPLY_MAX);
    rb_err err = rb_scrub_copy(body, &copy);
    if (!err)
        err = rb_djson_parse(rb_buf_str(&copy), out_root);
    rb_buf_wipe(&copy);
    return err;
}

void rb_djson_free(struct json_object *root)
{
    json_object_put(root);
}

static json_object *member(json_object *object, const char *name)
{
    json_object *value = NULL;

    if (!json_object_is_type(object, json_type_object) || !json_object_object_get_ex(object, name, &value))
        return NULL;
    return value;
}

static json_object *typed_member(json_object *object, const char *name, json_type type)
{
    json_object *value = member(object, name);

    return value && json_object_is_type(value, type) ? value : NULL;
}

struct json_object *rb_djson_object(struct json_object *object, const char *name)
{
    return typed_member(object, name, json_type_object);
}

struct json_object *rb_djson_array(struct json_object *object, const char *name)
{
    return typed_member(object, name, json_type_array);
}

size_t rb_djson_len(struct json_object *array)
{
    return array ? json_object_array_length(array) : 0;
}

struct json_object *rb_djson_item(struct json_object *array, size_t index)
{
    json_object *item = json_object_array_get_idx(array, index);

    return item && json_object_is_type(item, json_type_object) ? item : NULL;
}

rb_str rb_djson_text(struct json_object *object, const char *name)
{
    json_object *value = typed_member(object, name, json_type_string);

    return value ? (rb_str){json_object_get_string(value), (size_t)json_object_get_string_len(value)} : (rb_str){"", 0};
}

bool rb_djson_has(struct json_object *object, const char *name)
{
    return json_object_is_type(object, json_type_object) && json_object_object_get_ex(object, name, NULL);
}

bool rb_djson_is_null(struct json_object *object, const char *name)
{
    return rb_djson_has(object, name) && !member(object, name);
}

bool rb_djson_may_be_text(struct json_object *object, const char *name)
{
    json_object *value = member(object, name);

    return !value || json_object_is_type(value, json_type_string);
}

bool rb_djson_has_content(struct json_object *object, const char *name)
{
    json_object *value = member(object, name);

    if (!value)
        return false;
    if (json_object_is_type(value, json_type_string))
        return json_object_get_string_len(value) > 0;
    return !json_object_is_type(value, json_type_boolean) || json_object_get_boolean(value);
}

bool rb_djson_is_true(struct json_object *object, const char *name)
{
    json_object *value = member(object, name);

    return value && json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}

int64_t rb_djson_int(struct json_object *object, const char *name, int64_t fallback)
{
    json_object *number = typed_member(object, name, json_type_int);
    unsigned long long digits = 0;

    if (number)
        return json_object_get_int64(number);
    if (rb_str_to_uint(rb_djson_text(object, name), INT64_MAX, &digits))
        return fallback;
    return (int64_t)digits;
}

rb_err rb_djson_copy(struct json_object *object, const char *name, char *dst, size_t cap)
{
    if (!rb_djson_may_be_text(object, name))
        return RB_E_SYNTAX;
    return rb_text_clean_copy(dst, cap, rb_djson_text(object, name));
}

void rb_djson_clip(struct json_object *object, const char *name, char *dst, size_t cap)
{
    rb_text_clip(dst, cap, rb_djson_text(object, name));
}

rb_err rb_djson_guid(struct json_object *object, const char *name, char *dst, size_t cap)
{
    rb_str text = rb_djson_text(object, name);

    if (!rb_djson_may_be_text(object, name))
        return RB_E_SYNTAX;
    if (rb_str_equal(text, RB_STR("00000000-0000-0000-0000-000000000000")))
        text = (rb_str){"", 0};
    if (text.len > 0 && !rb_str_is_guid(text))
        return RB_E_SYNTAX;
    return rb_copy(dst, cap, text);
}
