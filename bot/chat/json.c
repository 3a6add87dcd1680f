/* json.c - see json.h. */
#include "chat/json.h"

#include <limits.h>
#include <string.h>

#include <json-c/json.h>

#include "util/utf8.h"

/* Slack nests view.state.values.<block>.<action>.selected_option about ten deep; json-c's own default is the same. */
#define DEPTH_MAX 32

/* ---- reading -------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

rb_json *rb_json_parse(rb_str text)
{
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    if (text.len == 0 || text.len > INT_MAX)
        return NULL;
    json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
    if (!tokener)
        return NULL;
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    json_object *root = json_tokener_parse_ex(tokener, text.ptr, (int)text.len);
    bool whole =
        json_tokener_get_error(tokener) == json_tokener_success && json_tokener_get_parse_end(tokener) == text.len;
    json_tokener_free(tokener);
    if (whole)
        return root;
    json_object_put(root);
    return NULL;
}

void rb_json_free(rb_json *root)
{
    json_object_put(root);
}

bool rb_json_is_object(const rb_json *value)
{
    return json_object_is_type(value, json_type_object);
}

bool rb_json_is_array(const rb_json *value)
{
    return json_object_is_type(value, json_type_array);
}

bool rb_json_is_string(const rb_json *value)
{
    return json_object_is_type(value, json_type_string);
}

rb_json *rb_json_get(const rb_json *object, const char *name)
{
    json_object *member = NULL;

    if (!rb_json_is_object(object) || !json_object_object_get_ex(object, name, &member))
        return NULL;
    return member;
}

size_t rb_json_count(const rb_json *array)
{
    return rb_json_is_array(array) ? json_object_array_length(array) : 0;
}

rb_json *rb_json_at(const rb_json *array, size_t index)
{
    return index < rb_json_count(array) ? json_object_array_get_idx(array, index) : NULL;
}

bool rb_json_true(const rb_json *object, const char *name)
{
    const rb_json *member = rb_json_get(object, name);

    return json_object_is_type(member, json_type_boolean) && json_object_get_boolean(member);
}

int64_t rb_json_int(const rb_json *object, const char *name, int64_t fallback)
{
    const rb_json *member = rb_json_get(object, name);

    if (!json_object_is_type(member, json_type_int) && !json_object_is_type(member, json_type_double))
        return fallback;
    return json_object_get_int64(member);
}

/* Some getters of json-c are not const although they change nothing. */
static json_object *mutable_of(const rb_json *value)
{
    json_object *same = NULL;

    memcpy(&same, &value, sizeof same);
    return same;
}

rb_str rb_json_text(const rb_json *value)
{
    if (!rb_json_is_string(value))
        return (rb_str){"", 0};
    json_object *string = mutable_of(value);
    return (rb_str){json_object_get_string(string), (size_t)json_object_get_string_len(value)};
}

rb_str rb_json_str(const rb_json *object, const char *name)
{
    return rb_json_text(rb_json_get(object, name));
}

rb_err rb_json_copy_text(const rb_json *value, char *dst, size_t cap)
{
    rb_buf valid;

    dst[0] = '\0';
    rb_buf_init(&valid, cap - 1);
    rb_json_valid(&valid, rb_json_text(value));
    rb_err err = valid.err ? valid.err : rb_copy(dst, cap, rb_buf_str(&valid));
    rb_buf_fini(&valid);
    return err;
}

rb_err rb_json_copy(const rb_json *object, const char *name, char *dst, size_t cap)
{
    return rb_json_copy_text(rb_json_get(object, name), dst, cap);
}

bool rb_json_each(const rb_json *object, bool (*each)(void *arg, const char *name, const rb_json *member), void *arg)
{
    if (!rb_json_is_object(object))
        return true;
    struct json_object_iterator at = json_object_iter_begin(mutable_of(object));
    struct json_object_iterator end = json_object_iter_end(object);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
        if (!each(arg, json_object_iter_peek_name(&at), json_object_iter_peek_value(&at)))
            return false;
    return true;
}

/* ---- looking without parsing ------------------------------------------------------------------------------------ */

static void skip_blanks(rb_str *text)
{
    while (text->len > 0 && is_blank(*text->ptr)) {
        text->ptr++;
        text->len--;
    }
}

static void skip(rb_str *text, size_t len)
{
    text->ptr += len;
    text->len -= len;
}

static bool take_char(rb_str *text, char c)
{
    skip_blanks(text);
    if (text->len == 0 || *text->ptr != c)
        return false;
    skip(text, 1);
    return true;
}

/* Length of the string literal at the start, quotes included; 0 when it has no end. */
static size_t string_len(rb_str text)
{
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == '"')
            return i + 1;
    }
    return 0;
}

/* Length of the value at the start: up to the comma or bracket that ends it at its own level; 0 when it has no end. */
static size_t value_len(rb_str text)
{
    int depth = 0;

    for (size_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        if (c == '"') {
            size_t len = string_len((rb_str){text.ptr + i, text.len - i});
            if (len == 0)
                return 0;
            i += len;
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']'))
            return i;
        if (c == '{' || c == '[')
            depth++;
        if (c == '}' || c == ']')
            depth--;
        i++;
    }
    return 0;
}

rb_str rb_json_peek(rb_str text, const char *name)
{
    static const rb_str none = {"", 0};

    if (!take_char(&text, '{'))
        return none;
    do {
        skip_blanks(&text);
        size_t key_len = text.len > 0 && *text.ptr == '"' ? string_len(text) : 0;
        if (key_len == 0)
            return none;
        rb_str key = {text.ptr + 1, key_len - 2};
        skip(&text, key_len);
        if (!take_char(&text, ':'))
            return none;
        skip_blanks(&text);
        size_t len = value_len(text);
        if (len == 0)
            return none;
        if (rb_str_equal(key, rb_str_of(name)))
            return rb_str_trim((rb_str){text.ptr, len});
        skip(&text, len);
    } while (take_char(&text, ','));
    return none;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

void rb_json_valid(rb_buf *out, rb_str text)
{
    char bytes[RB_UTF8_MAX];

    while (text.len > 0) {
        uint32_t code = rb_utf8_take(&text);
        if (code != 0)
            rb_buf_add(out, (rb_str){bytes, rb_utf8_put(code, bytes)});
    }
}

static void write_char(rb_buf *out, uint32_t code)
{
    char bytes[RB_UTF8_MAX];

    if (code == '"' || code == '\\')
        rb_buf_addf(out, "\\%c", (char)code);
    else if (code < 0x20)
        rb_buf_addf(out, "\\u%04x", (unsigned)code);
    else
        rb_buf_add(out, (rb_str){bytes, rb_utf8_put(code, bytes)});
}

void rb_json_write(rb_buf *out, rb_str text)
{
    rb_buf_add(out, RB_STR("\""));
    while (text.len > 0) {
        uint32_t code = rb_utf8_take(&text);
        if (code != 0)
            write_char(out, code);
    }
    rb_buf_add(out, RB_STR("\""));
}

void rb_json_write_member(rb_buf *out, const char *name, const char *text)
{
    rb_json_write(out, rb_str_of(name));
    rb_buf_add(out, RB_STR(":"));
    rb_json_write(out, rb_str_of(text));
}
