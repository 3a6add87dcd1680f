/* json_shape.c - see json_shape.h. */
#include "json_shape.h"

#include <stdbool.h>
#include <string.h>

#include <json-c/json.h>

/* request > device > owners is the deepest document that we write */
#define DEPTH_MAX 8

/* Enums are read and written as unsigned ints (gcc and clang on every ABI that we build for, unless packed). */
typedef enum { SOME_VALUE } some_enum;
_Static_assert(sizeof(some_enum) == sizeof(unsigned), "an enum is stored like an unsigned int");

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* A value, or NULL with why in *err: RB_OK means that it is a default, and left out. */
typedef struct json_object *(*write_fn)(const rb_shape_field *field, const void *at, rb_err *err);

static struct json_object *write_object(const rb_shape *shape, const void *from, rb_err *err);

static struct json_object *made(struct json_object *value, rb_err *err)
{
    if (!value)
        *err = RB_E_NOMEM;
    return value;
}

static struct json_object *write_text(const rb_shape_field *field, const void *at, rb_err *err)
{
    size_t len = strnlen(at, field->size);

    if (len == field->size) {
        *err = RB_E_INTERNAL;
        return NULL;
    }
    return made(json_object_new_string_len(at, (int)len), err);
}

static struct json_object *write_word(const rb_shape_field *field, const void *at, rb_err *err)
{
    unsigned value = 0;

    memcpy(&value, at, sizeof value);
    if (value >= field->words->n) {
        *err = RB_E_INTERNAL;
        return NULL;
    }
    return made(json_object_new_string(field->words->word(value)), err);
}

/* Adds value to the array; takes it over in any case. */
static void append_take(struct json_object *array, struct json_object *value, rb_err *err)
{
    if (value && json_object_array_add(array, value) != 0) {
        json_object_put(value);
        *err = RB_E_NOMEM;
    }
}

static struct json_object *write_set(const rb_shape_field *field, const void *at, rb_err *err)
{
    const bool *is_member = at;
    struct json_object *array = made(json_object_new_array(), err);

    for (unsigned i = 0; array && i < field->words->n; i++)
        if (is_member[i])
            append_take(array, made(json_object_new_string(field->words->word(i)), err), err);
    return array;
}

static struct json_object *write_number(const rb_shape_field *field, const void *at, rb_err *err)
{
    int32_t i32 = 0;
    uint32_t u32 = 0;
    int64_t i64 = 0;
    uint64_t u64 = 0;

    switch ((int)field->kind) {
    case RB_SHAPE_I32: memcpy(&i32, at, sizeof i32); return made(json_object_new_int64(i32), err);
    case RB_SHAPE_U32: memcpy(&u32, at, sizeof u32); return made(json_object_new_int64((int64_t)u32), err);
    case RB_SHAPE_I64: memcpy(&i64, at, sizeof i64); return made(json_object_new_int64(i64), err);
    default: memcpy(&u64, at, sizeof u64); return made(json_object_new_uint64(u64), err);
    }
}

static struct json_object *write_element(const rb_shape_field *field, const void *at, rb_err *err)
{
    switch (field->kind) {
    case RB_SHAPE_TEXT: return write_text(field, at, err);
    case RB_SHAPE_BOOL: return made(json_object_new_boolean(*(const bool *)at), err);
    case RB_SHAPE_I32:
    case RB_SHAPE_U32:
    case RB_SHAPE_I64:
    case RB_SHAPE_U64: return write_number(field, at, err);
    case RB_SHAPE_WORD: return write_word(field, at, err);
    case RB_SHAPE_SET: return write_set(field, at, err);
    case RB_SHAPE_OBJECT: return write_object(field->shape, at, err);
    }
    *err = RB_E_INTERNAL;
    return NULL;
}

/* A text is empty when its first byte is NUL, whatever lies behind; other fields when all their bytes are zero. */
static bool is_default(const rb_shape_field *field, const char *at)
{
    if (field->kind == RB_SHAPE_WORD)
        return false;
    if (field->kind == RB_SHAPE_TEXT)
        return *at == '\0';
    for (size_t i = 0; i < field->size; i++)
        if (at[i])
            return false;
    return true;
}

static struct json_object *write_array(const rb_shape_field *field, const char *from, rb_err *err)
{
    uint32_t n = 0;

    memcpy(&n, from + field->count_offset, sizeof n);
    if (n == 0)
        return NULL;
    if (n > field->max) {
        *err = RB_E_INTERNAL;
        return NULL;
    }
    struct json_object *array = made(json_object_new_array_ext((int)n), err);
    for (uint32_t i = 0; array && *err == RB_OK && i < n; i++)
        append_take(array, write_element(field, from + field->offset + i * field->size, err), err);
    return array;
}

static struct json_object *write_field(const rb_shape_field *field, const char *from, rb_err *err)
{
    if (field->max > 0)
        return write_array(field, from, err);
    if (is_default(field, from + field->offset))
        return NULL;
    return write_element(field, from + field->offset, err);
}

static struct json_object *write_object(const rb_shape *shape, const void *from, rb_err *err)
{
    struct json_object *object = made(json_object_new_object(), err);

    for (size_t i = 0; object && *err == RB_OK && i < shape->n_fields; i++) {
        const rb_shape_field *field = &shape->fields[i];
        struct json_object *value = write_field(field, from, err);
        /* the names are ours, each once, and outlive the object */
        unsigned flags = JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY;
        if (value && json_object_object_add_ex(object, field->name, value, flags) != 0) {
            json_object_put(value);
            *err = RB_E_NOMEM;
        }
    }
    return object;
}

rb_err rb_shape_write(const rb_shape *shape, const void *from, rb_buf *out)
{
    rb_err err = RB_OK;
    struct json_object *object = write_object(shape, from, &err);

    if (err == RB_OK) {
        size_t len = 0;
        const char *text =
            json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
        rb_buf_add(out, text ? (rb_str){text, len} : rb_str_of(""));
        err = text ? out->err : RB_E_NOMEM;
    }
    json_object_put(object);
    return err;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static rb_err read_object(const rb_shape *shape, struct json_object *object, char *to, rb_errbuf *errbuf);

static rb_err bad_type(const rb_shape_field *field, const char *wanted, rb_errbuf *errbuf)
{
    return rb_fail(errbuf, RB_E_SYNTAX, "field %s is not %s", field->name, wanted);
}

static rb_err read_text(const rb_shape_field *field, struct json_object *value, char *to, rb_errbuf *errbuf)
{
    if (!json_object_is_type(value, json_type_string))
        return bad_type(field, "a text", errbuf);
    rb_str text = {json_object_get_string(value), (size_t)json_object_get_string_len(value)};
    if (memchr(text.ptr, '\0', text.len))
        return bad_type(field, "a text without NUL", errbuf);
    if (rb_copy(to, field->size, text) != RB_OK)
        return rb_fail(errbuf, RB_E_SYNTAX, "field %s is longer than %zu bytes", field->name, field->size - 1);
    return RB_OK;
}

static rb_err find_word(const rb_shape_field *field, struct json_object *value, unsigned *out_value, rb_errbuf *errbuf)
{
    if (!json_object_is_type(value, json_type_string))
        return bad_type(field, "a word", errbuf);
    const char *word = json_object_get_string(value);
    for (unsigned i = 0; i < field->words->n; i++)
        if (strcmp(field->words->word(i), word) == 0) {
            *out_value = i;
            return RB_OK;
        }
    return rb_fail(errbuf, RB_E_SYNTAX, "field %s holds a word that this version does not know", field->name);
}

static rb_err read_set(const rb_shape_field *field, struct json_object *value, char *to, rb_errbuf *errbuf)
{
    rb_err err = RB_OK;

    if (!json_object_is_type(value, json_type_array))
        return bad_type(field, "a list", errbuf);
    for (size_t i = 0; err == RB_OK && i < json_object_array_length(value); i++) {
        unsigned member = 0;
        err = find_word(field, json_object_array_get_idx(value, i), &member, errbuf);
        if (err == RB_OK)
            to[member * sizeof(bool)] = true;
    }
    return err;
}

/* json-c clamps what does not fit, so both readings are needed to see it. */
static rb_err read_number(const rb_shape_field *field, struct json_object *value, char *to, rb_errbuf *errbuf)
{
    if (!json_object_is_type(value, json_type_int))
        return bad_type(field, "a whole number", errbuf);
    int64_t number = json_object_get_int64(value);
    uint64_t large = json_object_get_uint64(value);
    int32_t i32 = (int32_t)number;
    uint32_t u32 = (uint32_t)number;
    bool fits = true;

    switch ((int)field->kind) {
    case RB_SHAPE_I32:
        fits = number == i32;
        memcpy(to, &i32, sizeof i32);
        break;
    case RB_SHAPE_U32:
        fits = number == (int64_t)u32;
        memcpy(to, &u32, sizeof u32);
        break;
    case RB_SHAPE_I64:
        fits = large <= INT64_MAX;
        memcpy(to, &number, sizeof number);
        break;
    default:
        fits = number >= 0;
        memcpy(to, &large, sizeof large);
        break;
    }
    return fits ? RB_OK : bad_type(field, "a number in its range", errbuf);
}

static rb_err read_bool(const rb_shape_field *field, struct json_object *value, char *to, rb_errbuf *errbuf)
{
    if (!json_object_is_type(value, json_type_boolean))
        return bad_type(field, "true or false", errbuf);
    bool is_true = json_object_get_boolean(value);
    memcpy(to, &is_true, sizeof is_true);
    return RB_OK;
}

static rb_err read_word(const rb_shape_field *field, struct json_object *value, char *to, rb_errbuf *errbuf)
{
    unsigned number = 0;
    rb_err err = find_word(field, value, &number, errbuf);

    memcpy(to, &number, sizeof number);
    return err;
}

static rb_err read_element(const rb_shape_field *field, struct json_object *value, char *to, rb_errbuf *errbuf)
{
    switch (field->kind) {
    case RB_SHAPE_TEXT: return read_text(field, value, to, errbuf);
    case RB_SHAPE_BOOL: return read_bool(field, value, to, errbuf);
    case RB_SHAPE_I32:
    case RB_SHAPE_U32:
    case RB_SHAPE_I64:
    case RB_SHAPE_U64: return read_number(field, value, to, errbuf);
    case RB_SHAPE_WORD: return read_word(field, value, to, errbuf);
    case RB_SHAPE_SET: return read_set(field, value, to, errbuf);
    case RB_SHAPE_OBJECT: return read_object(field->shape, value, to, errbuf);
    }
    return rb_fail(errbuf, RB_E_INTERNAL, "field %s has no kind", field->name);
}

static rb_err read_array(const rb_shape_field *field, struct json_object *value, char *to, rb_errbuf *errbuf)
{
    rb_err err = RB_OK;

    if (!json_object_is_type(value, json_type_array))
        return bad_type(field, "a list", errbuf);
    size_t n = json_object_array_length(value);
    if (n > field->max)
        return rb_fail(errbuf, RB_E_SYNTAX, "field %s has more than %zu elements", field->name, field->max);
    for (size_t i = 0; err == RB_OK && i < n; i++)
        err = read_element(field, json_object_array_get_idx(value, i), to + field->offset + i * field->size, errbuf);
    uint32_t count = (uint32_t)n;
    memcpy(to + field->count_offset, &count, sizeof count);
    return err;
}

static rb_err read_field(const rb_shape *shape, const char *key, struct json_object *value, char *to, rb_errbuf *errbuf)
{
    for (size_t i = 0; i < shape->n_fields; i++) {
        const rb_shape_field *field = &shape->fields[i];
        if (strcmp(field->name, key) != 0)
            continue;
        return field->max > 0 ? read_array(field, value, to, errbuf)
                              : read_element(field, value, to + field->offset, errbuf);
    }
    return rb_fail(errbuf, RB_E_SYNTAX, "field %.40s is not known to this version", key);
}

/* A word must be there: absent, it would read as the enum's first value. */
static rb_err need_words(const rb_shape *shape, struct json_object *object, rb_errbuf *errbuf)
{
    for (size_t i = 0; i < shape->n_fields; i++)
        if (shape->fields[i].kind == RB_SHAPE_WORD && !json_object_object_get_ex(object, shape->fields[i].name, NULL))
            return rb_fail(errbuf, RB_E_SYNTAX, "field %s is missing", shape->fields[i].name);
    return RB_OK;
}

static rb_err read_object(const rb_shape *shape, struct json_object *object, char *to, rb_errbuf *errbuf)
{
    if (!json_object_is_type(object, json_type_object))
        return rb_fail(errbuf, RB_E_SYNTAX, "an object is missing");
    rb_err err = need_words(shape, object, errbuf);
    struct json_object_iterator at = json_object_iter_begin(object);
    struct json_object_iterator end = json_object_iter_end(object);
    for (; err == RB_OK && !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
        err = read_field(shape, json_object_iter_peek_name(&at), json_object_iter_peek_value(&at), to, errbuf);
    return err;
}

rb_err rb_shape_read(const rb_shape *shape, rb_str text, void *out_to, rb_errbuf *errbuf)
{
    struct json_object *object = NULL;
    rb_err err = RB_OK;

    memset(out_to, 0, shape->size);
    if (text.len > INT32_MAX)
        return rb_fail(errbuf, RB_E_SYNTAX, "the document is too long");
    struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
    if (!tokener)
        return rb_fail(errbuf, RB_E_NOMEM, "out of memory while reading a document");
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    object = json_tokener_parse_ex(tokener, text.ptr, (int)text.len);
    if (!object || json_tokener_get_parse_end(tokener) != text.len)
        err = rb_fail(errbuf, RB_E_SYNTAX, "the document is not one JSON object");
    else
        err = read_object(shape, object, out_to, errbuf);
    json_object_put(object);
    json_tokener_free(tokener);
    return err;
}
