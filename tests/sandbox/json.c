#include "json.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

/* Large enough for the deepest Block Kit and Graph values, small enough for the stack. */
#define DEPTH_MAX 64

bool sj_is(json_object *object, json_type type)
{
    return object && json_object_is_type(object, type);
}

json_object *sj_get(json_object *object, const char *key)
{
    json_object *value = NULL;
    if (sj_is(object, json_type_object))
        json_object_object_get_ex(object, key, &value);
    return value;
}

const char *sj_str(json_object *object, const char *key)
{
    json_object *value = sj_get(object, key);
    return sj_is(value, json_type_string) ? json_object_get_string(value) : "";
}

int64_t sj_int(json_object *object, const char *key, int64_t fallback)
{
    json_object *value = sj_get(object, key);
    if (sj_is(value, json_type_string))
        return strtoll(json_object_get_string(value), NULL, 10);
    bool is_number = sj_is(value, json_type_int) || sj_is(value, json_type_double) || sj_is(value, json_type_boolean);
    return is_number ? json_object_get_int64(value) : fallback;
}

bool sj_bool(json_object *object, const char *key)
{
    json_object *value = sj_get(object, key);
    if (sj_is(value, json_type_string)) {
        const char *text = json_object_get_string(value);
        return !strcmp(text, "true") || !strcmp(text, "1");
    }
    return value && json_object_get_boolean(value);
}

json_object *sj_path(json_object *object, const char *dotted)
{
    char *copy = sb_strdup(dotted);
    char *rest = copy;
    for (char *key = rest; key && object; key = rest) {
        rest = strchr(key, '.');
        if (rest)
            *rest++ = '\0';
        object = sj_get(object, key);
    }
    free(copy);
    return object;
}

size_t sj_len(json_object *array)
{
    return sj_is(array, json_type_array) ? json_object_array_length(array) : 0;
}

json_object *sj_at(json_object *array, size_t place)
{
    return place < sj_len(array) ? json_object_array_get_idx(array, place) : NULL;
}

static size_t place_of_text(json_object *array, const char *text)
{
    for (size_t i = 0; i < sj_len(array); i++) {
        json_object *each = sj_at(array, i);
        if (sj_is(each, json_type_string) && !strcmp(json_object_get_string(each), text))
            return i;
    }
    return SIZE_MAX;
}

bool sj_has_text(json_object *array, const char *text)
{
    return place_of_text(array, text) != SIZE_MAX;
}

json_object *sj_text(const char *text)
{
    return json_object_new_string(text);
}

void sj_add_text(json_object *array, const char *text)
{
    json_object_array_add(array, sj_text(text));
}

void sj_remove_text(json_object *array, const char *text)
{
    size_t place = place_of_text(array, text);
    if (place != SIZE_MAX)
        json_object_array_del_idx(array, place, 1);
}

static json_object *value_of(char type, va_list *arguments)
{
    const char *text;
    switch (type) {
    case 's': text = va_arg(*arguments, const char *); return text ? json_object_new_string(text) : NULL;
    case 'd': return json_object_new_int(va_arg(*arguments, int));
    case 'i': return json_object_new_int64(va_arg(*arguments, int64_t));
    case 'b': return json_object_new_boolean(va_arg(*arguments, int));
    case 'o': return va_arg(*arguments, json_object *);
    case 'r': return json_object_get(va_arg(*arguments, json_object *));
    default: abort();
    }
}

static void put_all(json_object *object, const char *format, va_list *arguments)
{
    for (const char *at = format; *at;) {
        size_t len = strcspn(at, ":");
        if (at[len] != ':' || !at[len + 1])
            abort();
        char *key = sb_strf("%.*s", (int)len, at);
        json_object_object_add(object, key, value_of(at[len + 1], arguments));
        free(key);
        at += len + 2;
        at += strspn(at, " ");
    }
}

json_object *sj_pack(const char *format, ...)
{
    json_object *object = json_object_new_object();
    va_list arguments;
    va_start(arguments, format);
    put_all(object, format, &arguments);
    va_end(arguments);
    return object;
}

void sj_put(json_object *object, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_all(object, format, &arguments);
    va_end(arguments);
}

void sj_merge(json_object *object, json_object *from)
{
    if (!sj_is(from, json_type_object))
        return;
    json_object_object_foreach(from, key, value)
    {
        json_object_object_add(object, key, json_object_get(value));
    }
}

json_object *sj_clone(json_object *object)
{
    json_object *copy = NULL;
    if (object && json_object_deep_copy(object, &copy, NULL))
        abort();
    return copy;
}

json_object *sj_parse(const char *text, size_t len)
{
    json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
    if (!tokener || len > INT32_MAX) {
        json_tokener_free(tokener);
        return NULL;
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
    /* with the NUL, so that a bare number ends */
    json_object *value = json_tokener_parse_ex(tokener, text, (int)len + 1);
    size_t end = json_tokener_get_parse_end(tokener);
    bool whole = json_tokener_get_error(tokener) == json_tokener_success;
    json_tokener_free(tokener);
    while (whole && end < len)
        whole = strchr(" \t\r\n", text[end++]) != NULL;
    if (whole)
        return value;
    json_object_put(value);
    return NULL;
}

const char *sj_dump(json_object *object)
{
    return json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}
