/* text.c - see resetbot/text.h. */
#include "resetbot/text.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* ---- UTF-8 ------------------------------------------------------------------------------------------------------ */

#define REPLACEMENT 0xFFFDu
#define UTF8_MAX 4

/* Takes one code point off *text (not empty). A byte that begins nothing valid is REPLACEMENT, and one byte long. */
static uint32_t take_char(rb_str *text)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text->ptr;
    size_t len = bytes[0] < 0x80 ? 1 : bytes[0] < 0xC2 ? 0 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : bytes[0] < 0xF5 ? 4 : 0;
    uint32_t code = len == 1 ? bytes[0] : len == 0 ? REPLACEMENT : bytes[0] & (0x7Fu >> len);

    if (len > text->len)
        len = 0;
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            len = 0;
            break;
        }
        code = code << 6 | (bytes[i] & 0x3Fu);
    }
    /* overlong forms and surrogates would let one text have two spellings */
    if (len == 0 || code < smallest[len] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        len = 1;
        code = REPLACEMENT;
    }
    *text = (rb_str){text->ptr + len, text->len - len};
    return code;
}

static size_t put_char(uint32_t code, char out_bytes[UTF8_MAX])
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

size_t rb_text_chars(rb_str text)
{
    size_t count = 0;

    for (; text.len > 0; count++)
        (void)take_char(&text);
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
static const range INVISIBLE[] = {{0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x034F, 0x034F},
                                  {0x061C, 0x061C},   {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
                                  {0x200B, 0x200F},   {0x202A, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},
                                  {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
                                  {0xFFF0, 0xFFFB},   {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
                                  {0xE0000, 0xE0FFF}};

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

/* A walk over the visible characters of a text. */
typedef struct {
    rb_str rest;
    bool is_started;
} visible;

/* The next visible character, with one space before it where the text had any: at most 1 + UTF8_MAX bytes; 0 at the end. */
static size_t next_visible(visible *walk, char out_bytes[1 + UTF8_MAX])
{
    bool is_apart = false;

    while (walk->rest.len > 0) {
        uint32_t code = take_char(&walk->rest);
        if (is_in(code, SPACES, COUNT(SPACES))) {
            is_apart = walk->is_started;
            continue;
        }
        if (is_invisible(code))
            continue;
        walk->is_started = true;
        out_bytes[0] = ' ';
        return is_apart + put_char(code, out_bytes + is_apart);
    }
    return 0;
}

void rb_text_clean(rb_buf *out, rb_str text)
{
    visible at = {.rest = text};
    char bytes[1 + UTF8_MAX];

    for (size_t len = next_visible(&at, bytes); len > 0; len = next_visible(&at, bytes))
        rb_buf_add(out, (rb_str){bytes, len});
}

rb_err rb_text_clean_copy(char *dst, size_t cap, rb_str text)
{
    char bytes[1 + UTF8_MAX];
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
    char bytes[1 + UTF8_MAX];
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

/* "INC0012345": 2 to 8 capitals or a known prefix in any case, then 4 to 12 digits; "JIRA-123": capitals, dash, 1 to 8. */
static bool is_ticket(rb_str word)
{
    static const char *const known[] = {"INC", "CHG", "RITM", "REQ", "PRB", "TASK", "SCTASK", "CTASK", "CASE", "CRQ"};
    size_t letters = 0;
    bool is_known = false;

    while (letters < word.len && is_letter(word.ptr[letters]))
        letters++;
    size_t dash = letters < word.len && word.ptr[letters] == '-';
    size_t digits = word.len - letters - dash;
    for (size_t i = letters + dash; i < word.len; i++)
        if (!is_digit(word.ptr[i]))
            return false;
    for (size_t i = 0; i < COUNT(known); i++)
        is_known = is_known || rb_str_equal_nocase((rb_str){word.ptr, letters}, rb_str_of(known[i]));
    for (size_t i = 0; i < letters && !is_known; i++)
        if (!is_upper(word.ptr[i]))
            return false;
    return letters >= 2 && letters <= 10 && digits >= (dash ? 1 : 4) && digits <= 12;
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

/* ---- secrets ---------------------------------------------------------------------------------------------------- */

/* Words that announce a secret. */
static const char *const KEYS[] = {"pin",      "pincode",  "pinkod",   "pinkoden", "passcode",   "password",     "passwd",
                                   "pwd",      "passphrase", "code",   "kod",      "koden",      "lösenord",     "lösenordet",
                                   "lösenkod", "lösenkoden", "puk"};

/* Words between the announcement and the secret. */
static const char *const LINKS[] = {"is", "was", "=", "är", "var", "till", "to", "now", "nu", "number", "nr"};

static bool is_one_of(rb_str word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rb_str_equal_nocase(word, rb_str_of(words[i])))
            return true;
    return false;
}

static rb_str strip_punctuation(rb_str word)
{
    static const char marks[] = ".,;:!?()[]\"'`<>*_~";

    while (word.len > 0 && memchr(marks, word.ptr[0], sizeof marks - 1))
        word = (rb_str){word.ptr + 1, word.len - 1};
    while (word.len > 0 && memchr(marks, word.ptr[word.len - 1], sizeof marks - 1))
        word.len--;
    return word;
}

static bool has_digit(rb_str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (is_digit(word.ptr[i]))
            return true;
    return false;
}

static bool is_digits(rb_str word, size_t min, size_t max)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_digit(word.ptr[i]))
            return false;
    return word.len >= min && word.len <= max;
}

/* Letters and digits in turn, three changes or more, six characters or more: "a1B2c3D4", not "iPhone15Pro". */
static bool is_mixed_run(rb_str word)
{
    size_t changes = 0;
    bool has_lower = false;

    for (size_t i = 0; i < word.len; i++) {
        if (!is_letter(word.ptr[i]) && !is_digit(word.ptr[i]))
            return false;
        has_lower = has_lower || is_lower(word.ptr[i]);
        if (i > 0 && is_digit(word.ptr[i]) != is_digit(word.ptr[i - 1]))
            changes++;
    }
    return has_lower && word.len >= 6 && changes >= 3;
}

bool rb_text_looks_secret(rb_str text)
{
    bool is_announced = false;
    bool is_linked = false;

    for (rb_str raw = rb_str_word(&text); raw.len > 0; raw = rb_str_word(&text)) {
        rb_str word = strip_punctuation(raw);
        if (is_announced && is_one_of(word, LINKS, COUNT(LINKS))) {
            is_linked = true;
            continue;
        }
        if (is_announced && word.len > 0 && !is_ticket(word) && (is_linked || (has_digit(word) && word.len >= 4)))
            return true;
        is_linked = false;
        is_announced = is_one_of(word, KEYS, COUNT(KEYS));
        if (is_announced && word.ptr + word.len < raw.ptr + raw.len)
            is_linked = raw.ptr[raw.len - 1] == ':' || raw.ptr[raw.len - 1] == '=';
        if (is_digits(word, 4, 12) || is_mixed_run(word))
            return true;
    }
    return false;
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
    while (*format) {
        const char *open = strchr(format, '{');
        size_t plain = open ? (size_t)(open - format) : strlen(format);
        rb_buf_add(out, (rb_str){format, plain});
        format += plain;
        if (!open)
            break;
        const char *close = strchr(open, '}');
        assert(close);
        const char *value = find_arg((rb_str){open + 1, (size_t)(close - open) - 1}, args);
        assert(value);
        rb_buf_adds(out, value);
        format = close + 1;
    }
}
