/* utf8.c - see utf8.h. */
#include "util/utf8.h"

/* How long the form that begins with this byte is; 0 when none does. C0, C1 and F5 to FF begin no valid form. */
static size_t form_len(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* The code point of the first len bytes, or RB_UTF8_REPLACEMENT. */
static uint32_t decode(const unsigned char *bytes, size_t len)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code = len == 1 ? bytes[0] : bytes[0] & (0x7Fu >> len);

    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return RB_UTF8_REPLACEMENT;
        code = code << 6 | (bytes[i] & 0x3Fu);
    }
    /* overlong forms and surrogates would give one text two spellings */
    if (code < smallest[len] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return RB_UTF8_REPLACEMENT;
    return code;
}

uint32_t rb_utf8_take(rb_str *text)
{
    const unsigned char *bytes = (const unsigned char *)text->ptr;
    size_t len = form_len(bytes[0]);
    uint32_t code = len > 0 && len <= text->len ? decode(bytes, len) : RB_UTF8_REPLACEMENT;

    /* U+FFFD may also stand in the text itself, as EF BF BD */
    bool is_real = code != RB_UTF8_REPLACEMENT || (len == 3 && text->len >= 3 && bytes[1] == 0xBF && bytes[2] == 0xBD);
    if (!is_real)
        len = 1;
    *text = (rb_str){text->ptr + len, text->len - len};
    return code;
}

size_t rb_utf8_put(uint32_t code, char out_bytes[RB_UTF8_MAX])
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
