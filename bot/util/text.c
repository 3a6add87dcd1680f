/* text.c - see resetbot/text.h. */
#include "resetbot/text.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "util/utf8.h"

size_t rb_text_chars(rb_str text)
{
    size_t count = 0;

    for (; text.len > 0; count++)
        (void)rb_utf8_take(&text);
    return count;
}

/* ---- what may be shown ------------------------------------------------------------------------------------------ */

typedef struct {
    uint32_t first;
    uint32_t last;
} range;

/* Unicode 15: White_Space, and the Braille blank, which looks like one. */
static const range SPACES[] = {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
                               {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                               {0x205F, 0x205F}, {0x2800, 0x2800}, {0x3000, 0x3000}};

/* Unicode 15: Cc, Default_Ignorable_Code_Point (bidi controls, joiners, fillers, variation selectors, tags), the format
 * characters of annotations, shorthand, music and hieroglyphs, and noncharacters. Sorted. */
static const range INVISIBLE[] = {
    {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},      {0x034F, 0x034F}, {0x061C, 0x061C}, {0x115F, 0x1160},
    {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},  {0x202A, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},
    {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},  {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x13430, 0x1343F},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_in(uint32_t code, const range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

static bool is_invisible(uint32_t code)
{
    return is_in(code, INVISIBLE, COUNT(INVISIBLE)) || (code & 0xFFFE) == 0xFFFE;
}

bool rb_text_is_shown(uint32_t code)
{
    return code == ' ' || !(is_invisible(code) || is_in(code, SPACES, COUNT(SPACES)));
}

/* A walk over the visible characters of a text. */
typedef struct {
    rb_str rest;
    bool is_started;
} visible;

/* The next visible character, with one space before it where the text had any: at most 1 + RB_UTF8_MAX bytes; 0 at the end. */
static size_t next_visible(visible *walk, char out_bytes[1 + RB_UTF8_MAX])
{
    bool is_apart = false;

    while (walk->rest.len > 0) {
        uint32_t code = rb_utf8_take(&walk->rest);
        if (is_in(code, SPACES, COUNT(SPACES))) {
            is_apart = walk->is_started;
            continue;
        }
        if (is_invisible(code))
            continue;
        walk->is_started = true;
        out_bytes[0] = ' ';
        return is_apart + rb_utf8_put(code, out_bytes + is_apart);
    }
    return 0;
}

void rb_text_clean(rb_buf *out, rb_str text)
{
    visible at = {.rest = text};
    char bytes[1 + RB_UTF8_MAX];

    for (size_t len = next_visible(&at, bytes); len > 0; len = next_visible(&at, bytes))
        rb_buf_add(out, (rb_str){bytes, len});
}

rb_err rb_text_clean_copy(char *dst, size_t cap, rb_str text)
{
    char bytes[1 + RB_UTF8_MAX];
    size_t need = 0;
    visible measured = {.rest = text};
    visible copied = {.rest = text};

    for (size_t len = next_visible(&measured, bytes); len > 0; len = next_visible(&measured, bytes))
        need += len;
    if (need >= cap)
        return RB_E_LIMIT;
    for (size_t len = next_visible(&copied, bytes); len > 0; len = next_visible(&copied, bytes)) {
        memcpy(dst, bytes, len);
        dst += len;
    }
    *dst = '\0';
    return RB_OK;
}

void rb_text_clip(char *dst, size_t cap, rb_str text)
{
    static const char ellipsis[] = "\xE2\x80\xA6"; /* U+2026 */
    char bytes[1 + RB_UTF8_MAX];
    visible at = {.rest = text};
    size_t used = 0;
    size_t cut = 0; /* the last place where the ellipsis still fits */

    if (cap == 0)
        return;
    for (size_t len = next_visible(&at, bytes); len > 0; len = next_visible(&at, bytes)) {
        if (used + len >= cap) {
            used = cut;
            if (cap >= sizeof ellipsis) {
                memcpy(dst + cut, ellipsis, sizeof ellipsis - 1);
                used += sizeof ellipsis - 1;
            }
            break;
        }
        memcpy(dst + used, bytes, len);
        used += len;
        if (used + sizeof ellipsis <= cap)
            cut = used;
    }
    dst[used] = '\0';
}

/* ---- tickets ---------------------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_letter(char c)
{
    return is_upper(c) || is_lower(c);
}

/* Bytes of other scripts' letters belong to a word too. */
static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

static bool is_one_of(rb_str word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rb_str_equal_nocase(word, rb_str_of(words[i])))
            return true;
    return false;
}

/* The desk systems' own prefixes are known in any case; others must be capitals, or "summer2024" would be a ticket. */
static bool is_ticket_prefix(rb_str letters)
{
    static const char *const known[] = {"INC", "CHG", "RITM", "REQ", "PRB", "TASK", "SCTASK", "CTASK", "CASE", "CRQ"};
    static const char *const secret[] = {"PIN",      "CODE", "KOD", "PASS", "PASSCODE",
                                         "PASSWORD", "PUK",  "PW",  "PWD",  "OTP"};

    if (is_one_of(letters, known, COUNT(known)))
        return true;
    for (size_t i = 0; i < letters.len; i++)
        if (!is_upper(letters.ptr[i]))
            return false;
    return !is_one_of(letters, secret, COUNT(secret));
}

/* "INC0012345": 2 to 10 letters and 4 to 12 digits; "JIRA-123": with a dash one digit is enough. */
static bool is_ticket(rb_str word)
{
    size_t letters = 0;

    while (letters < word.len && is_letter(word.ptr[letters]))
        letters++;
    size_t dash = letters < word.len && word.ptr[letters] == '-';
    size_t digits = word.len - letters - dash;
    for (size_t i = letters + dash; i < word.len; i++)
        if (!is_digit(word.ptr[i]))
            return false;
    if (letters < 2 || letters > 10 || digits < (dash ? 1 : 4) || digits > 12)
        return false;
    return is_ticket_prefix((rb_str){word.ptr, letters});
}

rb_str rb_text_find_ticket(rb_str text)
{
    size_t at = 0;

    while (at < text.len) {
        size_t start = at;
        while (at < text.len && is_word(text.ptr[at]))
            at++;
        rb_str word = {text.ptr + start, at - start};
        if (is_ticket(word))
            return word;
        at += at == start;
    }
    return (rb_str){"", 0};
}

/* ---- templates -------------------------------------------------------------------------------------------------- */

static const char *find_arg(rb_str name, const rb_arg *args)
{
    for (; args->name; args++)
        if (rb_str_equal(name, rb_str_of(args->name)))
            return args->value;
    return NULL;
}

void rb_text_fill(rb_buf *out, const char *format, const rb_arg *args)
{
    const char *open = strchr(format, '{');

    for (; open; open = strchr(format, '{')) {
        const char *close = strchr(open, '}');
        assert(close);
        const char *value = find_arg((rb_str){open + 1, (size_t)(close - open) - 1}, args);
        assert(value);
        rb_buf_add(out, (rb_str){format, (size_t)(open - format)});
        rb_buf_adds(out, value);
        format = close + 1;
    }
    rb_buf_adds(out, format);
}
