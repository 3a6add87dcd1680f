/* scan.c - see scan.h. */
#include "device/scan.h"

#include <stdint.h>
#include <string.h>

#define BAD_CHAR UINT32_MAX

/* ---- bytes ------------------------------------------------------------------------------------------------------ */

static void skip(rb_str *rest, size_t len)
{
    *rest = (rb_str){rest->ptr + len, rest->len - len};
}

static void skip_space(rb_str *rest)
{
    size_t len = 0;

    while (len < rest->len && memchr(" \t\r\n", rest->ptr[len], 4))
        len++;
    skip(rest, len);
}

static bool starts_with(rb_str rest, char c)
{
    return rest.len > 0 && rest.ptr[0] == c;
}

/* Takes c and the space around it. */
static bool take_mark(rb_str *rest, char c)
{
    skip_space(rest);
    if (!starts_with(*rest, c))
        return false;
    skip(rest, 1);
    skip_space(rest);
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- strings ---------------------------------------------------------------------------------------------------- */

/* Four hex digits; BAD_CHAR when they are not. */
static uint32_t hex4(rb_str text)
{
    uint32_t code = 0;

    if (text.len < 4)
        return BAD_CHAR;
    for (size_t i = 0; i < 4; i++) {
        char c = text.ptr[i];
        uint32_t digit = is_digit(c)              ? (uint32_t)(c - '0')
                         : (c >= 'a' && c <= 'f') ? (uint32_t)(c - 'a') + 10
                         : (c >= 'A' && c <= 'F') ? (uint32_t)(c - 'A') + 10
                                                  : 16;
        if (digit > 15)
            return BAD_CHAR;
        code = code << 4 | digit;
    }
    return code;
}

static bool is_high(uint32_t code)
{
    return code >= 0xD800 && code <= 0xDBFF;
}

static bool is_low(uint32_t code)
{
    return code >= 0xDC00 && code <= 0xDFFF;
}

/* Takes an escape (rest begins behind the backslash); BAD_CHAR when it is none. */
static uint32_t take_escape(rb_str *rest)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";

    if (rest->len == 0)
        return BAD_CHAR;
    char kind = rest->ptr[0];
    skip(rest, 1);
    const char *at = kind ? strchr(names, kind) : NULL;
    if (at)
        return (uint32_t)(unsigned char)values[at - names];
    uint32_t code = kind == 'u' ? hex4(*rest) : BAD_CHAR;
    if (code == BAD_CHAR)
        return BAD_CHAR;
    skip(rest, 4);
    if (!is_high(code) || rest->len < 6 || rest->ptr[0] != '\\' || rest->ptr[1] != 'u')
        return code;
    uint32_t low = hex4((rb_str){rest->ptr + 2, 4});
    if (low == BAD_CHAR || !is_low(low))
        return code;
    skip(rest, 6);
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

static size_t put_utf8(uint32_t code, char out_bytes[4])
{
    if (code < 0x80) {
        out_bytes[0] = (char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out_bytes[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out_bytes[0] = (char)((0xF00u >> len & 0xFF) | code);
    return len;
}

/* The next piece of a string's inside: a run without escapes, or one resolved escape in bytes. Empty at the end. */
static rb_str next_piece(rb_str *inside, char bytes[4], bool *out_is_bad)
{
    size_t len = 0;

    while (len < inside->len && inside->ptr[len] != '\\')
        len++;
    rb_str run = {inside->ptr, len};
    skip(inside, len);
    if (len > 0 || inside->len == 0)
        return run;
    skip(inside, 1);
    uint32_t code = take_escape(inside);
    *out_is_bad = code == BAD_CHAR || is_high(code) || is_low(code);
    if (*out_is_bad)
        return (rb_str){"", 0};
    return (rb_str){bytes, put_utf8(code, bytes)};
}

rb_err rb_scan_text(rb_str string, rb_buf *out)
{
    rb_str inside = rb_scan_inside(string);
    bool is_bad = false;
    char bytes[4];

    for (rb_str piece = next_piece(&inside, bytes, &is_bad); piece.len > 0; piece = next_piece(&inside, bytes, &is_bad))
        rb_buf_add(out, piece);
    return is_bad ? RB_E_SYNTAX : RB_OK;
}

bool rb_scan_text_is(rb_str string, rb_str expected, bool nocase)
{
    rb_str inside = rb_scan_inside(string);
    bool is_bad = false;
    char bytes[4];

    for (rb_str piece = next_piece(&inside, bytes, &is_bad); piece.len > 0;
         piece = next_piece(&inside, bytes, &is_bad)) {
        if (!(nocase ? rb_str_starts_nocase(expected, piece) : rb_str_starts(expected, piece)))
            return false;
        skip(&expected, piece.len);
    }
    return !is_bad && expected.len == 0;
}

static bool take_string(rb_str *rest)
{
    if (!starts_with(*rest, '"'))
        return false;
    skip(rest, 1);
    while (rest->len > 0 && rest->ptr[0] != '"') {
        bool is_escape = rest->ptr[0] == '\\';
        if ((unsigned char)rest->ptr[0] < 0x20)
            return false;
        skip(rest, 1);
        if (is_escape && take_escape(rest) == BAD_CHAR)
            return false;
    }
    if (rest->len == 0)
        return false;
    skip(rest, 1);
    return true;
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

static bool take_digits(rb_str *rest)
{
    size_t len = 0;

    while (len < rest->len && is_digit(rest->ptr[len]))
        len++;
    skip(rest, len);
    return len > 0;
}

static bool take_number(rb_str *rest)
{
    if (starts_with(*rest, '-'))
        skip(rest, 1);
    if (starts_with(*rest, '0'))
        skip(rest, 1);
    else if (!take_digits(rest))
        return false;
    if (starts_with(*rest, '.')) {
        skip(rest, 1);
        if (!take_digits(rest))
            return false;
    }
    if (!starts_with(*rest, 'e') && !starts_with(*rest, 'E'))
        return true;
    skip(rest, 1);
    if (starts_with(*rest, '+') || starts_with(*rest, '-'))
        skip(rest, 1);
    return take_digits(rest);
}

static bool take_plain(rb_str *rest)
{
    static const rb_str words[] = {{"true", 4}, {"false", 5}, {"null", 4}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (rb_str_starts(*rest, words[i])) {
            skip(rest, words[i].len);
            return true;
        }
    return starts_with(*rest, '"') ? take_string(rest) : take_number(rest);
}

static rb_err take_value(rb_str *rest, unsigned depth);

static rb_err take_items(rb_str *rest, unsigned depth, char close)
{
    skip(rest, 1);
    if (take_mark(rest, close))
        return RB_OK;
    do {
        if (close == '}' && (!take_string(rest) || !take_mark(rest, ':')))
            return RB_E_SYNTAX;
        rb_err err = take_value(rest, depth - 1);
        if (err)
            return err;
    } while (take_mark(rest, ','));
    if (!starts_with(*rest, close))
        return RB_E_SYNTAX;
    skip(rest, 1);
    return RB_OK;
}

/* Recursion is bounded by depth. */
static rb_err take_value(rb_str *rest, unsigned depth)
{
    bool is_object = starts_with(*rest, '{');

    if (!is_object && !starts_with(*rest, '['))
        return take_plain(rest) ? RB_OK : RB_E_SYNTAX;
    if (depth == 0)
        return RB_E_LIMIT;
    return take_items(rest, depth, is_object ? '}' : ']');
}

static rb_str taken(rb_str before, rb_str after)
{
    return (rb_str){before.ptr, before.len - after.len};
}

rb_err rb_scan_document(rb_str text, rb_str *out_value)
{
    /* an empty view may have no pointer, and pointers below are moved */
    if (text.len == 0)
        return RB_E_SYNTAX;
    skip_space(&text);
    rb_str rest = text;
    rb_err err = take_value(&rest, RB_SCAN_DEPTH_MAX);
    if (err)
        return err;
    rb_str value = taken(text, rest);
    skip_space(&rest);
    if (rest.len > 0)
        return RB_E_SYNTAX;
    *out_value = value;
    return RB_OK;
}

/* ---- walks ------------------------------------------------------------------------------------------------------ */

bool rb_scan_is_object(rb_str value)
{
    return starts_with(value, '{');
}

bool rb_scan_is_array(rb_str value)
{
    return starts_with(value, '[');
}

bool rb_scan_is_string(rb_str value)
{
    return starts_with(value, '"');
}

rb_str rb_scan_inside(rb_str value)
{
    return value.len < 2 ? (rb_str){"", 0} : (rb_str){value.ptr + 1, value.len - 2};
}

bool rb_scan_next_item(rb_str *walk, rb_str *out_value)
{
    rb_str rest = *walk;

    skip_space(&rest);
    rb_str start = rest;
    if (rest.len == 0 || take_value(&rest, RB_SCAN_DEPTH_MAX))
        return false;
    *out_value = taken(start, rest);
    (void)take_mark(&rest, ',');
    *walk = rest;
    return true;
}

bool rb_scan_next_member(rb_str *walk, rb_str *out_key, rb_str *out_value)
{
    rb_str rest = *walk;

    skip_space(&rest);
    rb_str start = rest;
    if (!take_string(&rest))
        return false;
    rb_str key = taken(start, rest);
    if (!take_mark(&rest, ':') || !rb_scan_next_item(&rest, out_value))
        return false;
    *out_key = key;
    *walk = rest;
    return true;
}

rb_str rb_scan_get(rb_str object, const char *name)
{
    rb_str walk = rb_scan_inside(object);
    rb_str found = {"", 0};
    rb_str key;
    rb_str value;

    if (!rb_scan_is_object(object))
        return found;
    while (rb_scan_next_member(&walk, &key, &value))
        if (rb_scan_text_is(key, rb_str_of(name), false))
            found = value;
    return found;
}
