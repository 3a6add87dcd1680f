#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *sb_alloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        abort();
    return memory;
}

char *sb_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = sb_alloc(size);
    memcpy(copy, text, size);
    return copy;
}

static void make_room(sb_bytes *bytes, size_t more)
{
    size_t need = bytes->len + more + 1;
    if (need <= bytes->cap)
        return;
    size_t cap = bytes->cap ? bytes->cap : 256;
    while (cap < need)
        cap *= 2;
    char *grown = realloc(bytes->ptr, cap);
    if (!grown)
        abort();
    bytes->ptr = grown;
    bytes->cap = cap;
}

void sb_bytes_add(sb_bytes *bytes, const void *data, size_t len)
{
    make_room(bytes, len);
    if (len)
        memcpy(bytes->ptr + bytes->len, data, len);
    bytes->len += len;
    bytes->ptr[bytes->len] = '\0';
}

void sb_bytes_adds(sb_bytes *bytes, const char *text)
{
    sb_bytes_add(bytes, text, strlen(text));
}

static void add_format(sb_bytes *bytes, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void add_format(sb_bytes *bytes, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    if (len < 0)
        abort();
    make_room(bytes, (size_t)len);
    vsnprintf(bytes->ptr + bytes->len, (size_t)len + 1, format, again);
    bytes->len += (size_t)len;
    va_end(again);
}

void sb_bytes_addf(sb_bytes *bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_format(bytes, format, arguments);
    va_end(arguments);
}

void sb_bytes_consume(sb_bytes *bytes, size_t len)
{
    if (!len)
        return;
    memmove(bytes->ptr, bytes->ptr + len, bytes->len - len);
    bytes->len -= len;
    bytes->ptr[bytes->len] = '\0';
}

const char *sb_bytes_cstr(const sb_bytes *bytes)
{
    return bytes->ptr ? bytes->ptr : "";
}

char *sb_bytes_take(sb_bytes *bytes)
{
    char *text = bytes->ptr ? bytes->ptr : sb_strdup("");
    *bytes = (sb_bytes){0};
    return text;
}

void sb_bytes_fini(sb_bytes *bytes)
{
    free(bytes->ptr);
    *bytes = (sb_bytes){0};
}

char *sb_strf(const char *format, ...)
{
    sb_bytes bytes = {0};
    va_list arguments;
    va_start(arguments, format);
    add_format(&bytes, format, arguments);
    va_end(arguments);
    return sb_bytes_take(&bytes);
}
