/* str.c - see resetbot/str.h. */
#include "resetbot/str.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64

void rb_wipe(void *bytes, size_t len)
{
    if (len > 0)
        explicit_bzero(bytes, len);
}

/* ctype.h depends on the locale, and protocols do not. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

/* ---- views ------------------------------------------------------------------------------------------------------ */

rb_str rb_str_of(const char *text)
{
    return text ? (rb_str){text, strlen(text)} : (rb_str){"", 0};
}

bool rb_str_equal(rb_str a, rb_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool rb_str_equal_nocase(rb_str a, rb_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

bool rb_str_starts(rb_str text, rb_str prefix)
{
    return text.len >= prefix.len && rb_str_equal((rb_str){text.ptr, prefix.len}, prefix);
}

bool rb_str_starts_nocase(rb_str text, rb_str prefix)
{
    return text.len >= prefix.len && rb_str_equal_nocase((rb_str){text.ptr, prefix.len}, prefix);
}

bool rb_str_contains_nocase(rb_str text, rb_str part)
{
    for (size_t at = 0; at + part.len <= text.len; at++)
        if (rb_str_equal_nocase((rb_str){text.ptr + at, part.len}, part))
            return true;
    return part.len == 0;
}

rb_str rb_str_trim(rb_str text)
{
    while (text.len > 0 && is_space(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

rb_str rb_str_word(rb_str *text)
{
    rb_str rest = rb_str_trim(*text);
    size_t len = 0;

    while (len < rest.len && !is_space(rest.ptr[len]))
        len++;
    rb_str word = {rest.ptr, len};
    *text = len > 0 ? (rb_str){rest.ptr + len, rest.len - len} : rest;
    return word;
}

rb_err rb_str_to_uint(rb_str text, unsigned long long max, unsigned long long *out_value)
{
    unsigned long long value = 0;

    if (text.len == 0)
        return RB_E_SYNTAX;
    /* all digits first: "99999x" is a wrong text, not a large number */
    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.ptr[i]))
            return RB_E_SYNTAX;
    for (size_t i = 0; i < text.len; i++) {
        unsigned long long digit = (unsigned long long)(text.ptr[i] - '0');
        if (digit > max || value > (max - digit) / 10)
            return RB_E_LIMIT;
        value = value * 10 + digit;
    }
    *out_value = value;
    return RB_OK;
}

bool rb_str_is_guid(rb_str text)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.ptr[i] != '-' : !is_hex(text.ptr[i]))
            return false;
    }
    return true;
}

rb_err rb_copy(char *dst, size_t cap, rb_str text)
{
    if (text.len >= cap)
        return RB_E_LIMIT;
    if (text.len > 0)
        memmove(dst, text.ptr, text.len);
    dst[text.len] = '\0';
    return RB_OK;
}

void rb_copy_fit(char *dst, size_t cap, const char *text)
{
    rb_err err = rb_copy(dst, cap, rb_str_of(text));

    assert(err == RB_OK);
}

/* ---- buffers ---------------------------------------------------------------------------------------------------- */

void rb_buf_init(rb_buf *buf, size_t max)
{
    *buf = (rb_buf){.max = max};
}

void rb_buf_fini(rb_buf *buf)
{
    free(buf->ptr);
    rb_buf_init(buf, buf->max);
}

void rb_buf_wipe(rb_buf *buf)
{
    if (buf->ptr)
        rb_wipe(buf->ptr, buf->cap);
    rb_buf_fini(buf);
}

void rb_buf_clear(rb_buf *buf)
{
    buf->len = 0;
    buf->err = RB_OK;
    if (buf->ptr)
        buf->ptr[0] = '\0';
}

/* Room for `more` bytes and a NUL. Growing wipes the old block: a buffer may hold a code on its way to a form, and
 * realloc would leave a copy behind. */
static bool reserve(rb_buf *buf, size_t more)
{
    size_t cap = buf->cap ? buf->cap : FIRST_CAP;

    if (buf->err)
        return false;
    if (more > buf->max - buf->len) {
        buf->err = RB_E_LIMIT;
        return false;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return true;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    char *grown = malloc(cap);
    if (!grown)
        rb_out_of_memory("a text");
    if (buf->ptr) {
        memcpy(grown, buf->ptr, buf->len);
        rb_wipe(buf->ptr, buf->cap);
        free(buf->ptr);
    }
    buf->ptr = grown;
    buf->cap = cap;
    return true;
}

void rb_buf_add(rb_buf *buf, rb_str text)
{
    if (!reserve(buf, text.len))
        return;
    if (text.len > 0)
        memcpy(buf->ptr + buf->len, text.ptr, text.len);
    buf->len += text.len;
    buf->ptr[buf->len] = '\0';
}

void rb_buf_adds(rb_buf *buf, const char *text)
{
    rb_buf_add(buf, rb_str_of(text));
}

void rb_buf_addf(rb_buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0 && !buf->err)
        buf->err = RB_E_LIMIT;
    if (len >= 0 && reserve(buf, (size_t)len)) {
        (void)vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

rb_str rb_buf_str(const rb_buf *buf)
{
    return (rb_str){rb_buf_cstr(buf), buf->len};
}

const char *rb_buf_cstr(const rb_buf *buf)
{
    return buf->ptr ? buf->ptr : "";
}

rb_err rb_buf_take(rb_buf *buf, char **out_text)
{
    /* an untouched buffer has no memory yet, and the caller is promised some */
    rb_buf_adds(buf, "");
    rb_err err = buf->err;
    if (err == RB_OK) {
        *out_text = buf->ptr;
        buf->ptr = NULL;
    }
    rb_buf_fini(buf);
    return err;
}
