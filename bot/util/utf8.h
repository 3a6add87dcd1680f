/* utf8.h - one code point at a time, for the text functions. */
#ifndef RB_UTIL_UTF8_H
#define RB_UTIL_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "resetbot/str.h"

#define RB_UTF8_MAX 4 /* bytes of one code point */
#define RB_UTF8_REPLACEMENT 0xFFFDu

/* Takes one code point off *text, which is not empty. A byte that begins nothing valid (also overlong forms, surrogates,
 * and what is cut off) gives RB_UTF8_REPLACEMENT and is taken alone. */
uint32_t rb_utf8_take(rb_str *text);
/* Writes a valid code point; the number of bytes, 1 to 4. */
size_t rb_utf8_put(uint32_t code, char out_bytes[RB_UTF8_MAX]);

#endif
