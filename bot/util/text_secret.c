/* text_secret.c - rb_text_looks_secret of resetbot/text.h: does a reason give a passcode away?
 *
 * It may err: a reason refused by mistake costs one more sentence, a passcode stored by mistake stays for ever. Three
 * things read as a secret: what follows a word that announces one ("pin 1234", "lösenordet är sommar"), a number of 4 to
 * 12 digits that nothing else explains, and a run of mixed letters and digits. */
#include "resetbot/text.h"

#include <stdint.h>
#include <string.h>

#include "util/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define DIGITS_MIN 4 /* the shortest passcode that Apple and Android allow */
#define DIGITS_MAX 12
#define MIXED_MIN 6
#define SYMBOLS_MIN 8
#define SERIAL_MIN 8 /* capitals and digits as long as this are a serial number */

/* All lists are lower case and without accents, as fold() leaves the text. */

/* Words that announce a secret, and ends of Swedish compounds that do ("upplasningskod"). */
static const char *const ANNOUNCING[] = {"pin",       "pincode",    "pinnr",     "passcode", "passkey", "password",
                                         "passwords", "passphrase", "passwd",    "pass",     "pswd",    "pwd",
                                         "pw",        "code",       "puk",       "otp",      "losen",   "pins",
                                         "codes",     "pin-code",   "pass-code", "pin-kod",  "pinen",   "pin-koden"};
static const char *const ANNOUNCING_ENDS[] = {"kod", "koden", "losenord", "losenordet"};

/* Codes that are no secret: "error code 53003". The first list stands before "code" or "kod", the second is a word. */
static const char *const HARMLESS_BEFORE[] = {"error",  "status", "exit",   "qr",       "country", "area", "zip",
                                              "postal", "http",   "result", "response", "fel",     "stop"};
static const char *const HARMLESS_CODES[] = {
    "felkod",    "felkoden", "statuskod", "statuskoden", "landskod", "postkod",
    "streckkod", "qr-kod",   "qr-koden",  "qrkod",       "kallkod",
};

/* After the announcement: these bind what follows, whatever it is. */
static const char *const HARD_LINKS[] = {"is", "was", "are", "=", "==", ":", "ar", "var", "equals"};
/* These only stand between: what follows must have a digit. */
static const char *const SOFT_LINKS[] = {"to", "till", "now", "nu",  "number", "nummer", "nr",
                                         "no", "-",    "of",  "the", "new",    "old"};

/* After a hard link these tell about the secret instead of telling it. */
static const char *const TELLING[] = {
    "not",        "no",           "forgotten", "forgot",  "lost",     "unknown",   "wrong",     "locked",   "expired",
    "incorrect",  "invalid",      "rejected",  "refused", "blocked",  "disabled",  "missing",   "gone",     "needed",
    "required",   "too",          "being",     "still",   "never",    "asked",     "set",       "changed",  "reset",
    "old",        "new",          "known",     "a",       "an",       "the",       "in",        "on",       "at",
    "by",         "from",         "because",   "since",   "after",    "due",       "only",      "always",   "also",
    "see",        "n/a",          "none",      "ok",      "okay",     "yes",       "ask",       "tbd",      "should",
    "must",       "has",          "have",      "had",     "removed",  "working",   "accepted",  "enforced", "stuck",
    "out",        "now",          "broken",    "failing", "failed",   "requested", "different", "longer",   "shorter",
    "numeric",    "alphanumeric", "inte",      "glomt",   "glomd",    "glomda",    "bortglomd", "borta",    "fel",
    "sparrad",    "last",         "okand",     "ogiltig", "utgangen", "ny",        "nytt",      "for",      "ej",
    "bytt",       "andrad",       "andrat",    "tappad",  "med",      "with",      "what",      "unclear",  "user",
    "anvandaren", "he",           "she",       "they",    "han",      "hon",       "to",        "help",     "please"};

/* A number after one of these is explained: tickets, rooms, versions, devices. */
static const char *const NUMBERED[] = {
    "ticket", "case",         "incident",    "request",   "ref",    "reference",
    "arende", "arendenummer", "order",       "serial",    "sn",     "s/n",
    "imei",   "asset",        "employee",    "room",      "rum",    "building",
    "floor",  "desk",         "error",       "version",   "build",  "ios",
    "ipados", "android",      "windows",     "model",     "modell", "felkod",
    "id",     "udid",         "serienummer", "device",    "enhet",  "anstallningsnummer",
    "kb",     "extension",    "ext",         "anknytning"};
/* A number of 7 digits or more after one of these is a telephone number. */
static const char *const PHONED[] = {
    "phone", "tel",    "telephone", "mobile", "mobil",       "cell",          "call", "called", "calling", "telefon",
    "ring",  "ringde", "callback",  "back",   "mobilnummer", "telefonnummer", "on",   "pa",     "at"};
/* A year after one of these is a date. */
static const char *const DATED[] = {
    "since", "in",      "year",     "until", "sedan",  "ar",        "jan",     "feb",      "mar",      "apr",
    "may",   "jun",     "jul",      "aug",   "sep",    "oct",       "nov",     "dec",      "january",  "february",
    "march", "april",   "june",     "july",  "august", "september", "october", "november", "december", "maj",
    "okt",   "januari", "februari", "mars",  "juni",   "juli",      "augusti", "oktober"};
static const char *const MODELS[] = {"iphone", "ipad",    "ipod",    "ios",    "visionos", "android", "galaxy",
                                     "pixel",  "windows", "macbook", "imac",   "xperia",   "oneplus", "nokia",
                                     "huawei", "moto",    "surface", "office", "redmi"};

/* ---- one spelling ----------------------------------------------------------------------------------------------- */

/* Quotes, dashes, full-width forms and digits of other scripts as ASCII; Swedish and other Latin-1 letters without their
 * marks. 0 for marks that stand alone. */
static uint32_t fold(uint32_t code)
{
    static const char latin1[] =
        "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy"; /* U+00C0 to U+00FF */

    if (code >= 0xC0 && code <= 0xFF)
        return (uint32_t)latin1[code - 0xC0];
    if (code >= 0x0300 && code <= 0x036F)
        return 0;
    if (code >= 0x0660 && code <= 0x0669)
        return code - 0x0660 + '0';
    if (code >= 0x06F0 && code <= 0x06F9)
        return code - 0x06F0 + '0';
    if ((code >= 0x2010 && code <= 0x2015) || code == 0x2212)
        return '-';
    if ((code >= 0x2018 && code <= 0x201F) || code == 0xAB || code == 0xBB)
        return '"';
    if (code >= 0xFF01 && code <= 0xFF5E)
        return code - 0xFF01 + '!';
    return code;
}

static void fold_text(rb_buf *out, rb_str text)
{
    char bytes[RB_UTF8_MAX];

    while (text.len > 0) {
        uint32_t code = fold(rb_utf8_take(&text));
        if (code != 0)
            rb_buf_add(out, (rb_str){bytes, rb_utf8_put(code, bytes)});
    }
}

/* ---- words ------------------------------------------------------------------------------------------------------ */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_one_of(rb_str word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rb_str_equal_nocase(word, rb_str_of(words[i])))
            return true;
    return false;
}

#define IS_IN(word, list) is_one_of(word, list, COUNT(list))

static rb_str strip(rb_str word, const char *marks)
{
    while (word.len > 0 && strchr(marks, word.ptr[0]))
        word = (rb_str){word.ptr + 1, word.len - 1};
    while (word.len > 0 && strchr(marks, word.ptr[word.len - 1]))
        word.len--;
    return word;
}

/* The next piece up to a space, or up to a colon or equals sign, which is a piece of its own. */
static rb_str take_piece(rb_str *text)
{
    rb_str rest = rb_str_trim(*text);
    size_t len = 0;

    while (len < rest.len && !strchr(" \t\r\n\v\f:=", rest.ptr[len]))
        len++;
    if (len == 0 && rest.len > 0)
        len = 1;
    *text = (rb_str){rest.ptr + len, rest.len - len};
    return (rb_str){rest.ptr, len};
}

static size_t count_digits(rb_str word)
{
    size_t digits = 0;

    for (size_t i = 0; i < word.len; i++)
        digits += is_digit(word.ptr[i]);
    return digits;
}

static bool is_ticket(rb_str word)
{
    return word.len > 0 && rb_text_find_ticket(word).len == word.len;
}

static bool is_model(rb_str word)
{
    for (size_t i = 0; i < COUNT(MODELS); i++)
        if (rb_str_starts_nocase(word, rb_str_of(MODELS[i])))
            return true;
    return false;
}

/* Digits in groups, parted by one of the marks throughout: dates "2026-03-02", "2/3/2026", versions "17.5.1". */
static bool is_grouped(rb_str word, char mark, size_t min_groups)
{
    size_t groups = 1;

    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == mark)
            groups++;
        else if (!is_digit(word.ptr[i]))
            return false;
    }
    return groups >= min_groups;
}

static bool is_date_or_version(rb_str word)
{
    if (is_grouped(word, '-', 3))
        return word.len >= 8 && word.len <= 10; /* not "1-2-3-4" */
    return is_grouped(word, '/', 2) || is_grouped(word, '.', 2);
}

static bool is_address(rb_str word)
{
    const char *at = word.len > 0 ? memchr(word.ptr, '@', word.len) : NULL;

    return at && memchr(at, '.', word.len - (size_t)(at - word.ptr));
}

/* A GUID, or Apple's device id (8 and 16 hex digits), or 32 hex digits and more. */
static bool is_device_id(rb_str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_digit(word.ptr[i]) && word.ptr[i] != '-' && !strchr("abcdefABCDEF", word.ptr[i]))
            return false;
    return rb_str_is_guid(word) || word.len >= 32 || (word.len == 25 && word.ptr[8] == '-');
}

/* Capitals and digits, or digits alone (IMEI), longer than any passcode people type. */
static bool is_serial(rb_str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_digit(word.ptr[i]) && !is_upper(word.ptr[i]))
            return false;
    return word.len > DIGITS_MAX || (word.len >= SERIAL_MIN && count_digits(word) < word.len);
}

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

/* Letters and digits in turn, at least three changes: "a1B2c3", not "iPhone15Pro". Long capitals are a serial number. */
static bool is_mixed_part(rb_str part)
{
    size_t changes = 0;
    bool has_lower = false;

    for (size_t i = 0; i < part.len; i++) {
        if (!is_digit(part.ptr[i]) && !is_lower(part.ptr[i]) && !is_upper(part.ptr[i]))
            return false;
        has_lower = has_lower || is_lower(part.ptr[i]);
        changes += i > 0 && is_digit(part.ptr[i]) != is_digit(part.ptr[i - 1]);
    }
    return part.len >= MIXED_MIN && changes >= 3 && (has_lower || part.len < SERIAL_MIN);
}

static bool is_mixed_run(rb_str word)
{
    size_t start = 0;

    for (size_t i = 0; i <= word.len; i++) {
        if (i < word.len && word.ptr[i] != '-')
            continue;
        if (is_mixed_part((rb_str){word.ptr + start, i - start}))
            return true;
        start = i + 1;
    }
    return false;
}

/* "P@ssw0rd": both cases, a digit and a symbol. */
static bool has_all_kinds(rb_str word)
{
    bool lower = false;
    bool upper = false;
    bool symbol = false;

    for (size_t i = 0; i < word.len; i++) {
        lower = lower || is_lower(word.ptr[i]);
        upper = upper || is_upper(word.ptr[i]);
        symbol = symbol || strchr("!@#$%^&*+?", word.ptr[i]);
    }
    return word.len >= SYMBOLS_MIN && lower && upper && symbol && count_digits(word) > 0;
}

/* "pin1234", "kod-4711": announcement and secret in one word. */
static bool is_self_announced(rb_str word)
{
    size_t at = 0;

    while (at < word.len && !is_digit(word.ptr[at]))
        at++;
    rb_str name = strip((rb_str){word.ptr, at}, "-#_");
    rb_str number = {word.ptr + at, word.len - at};
    return (IS_IN(name, ANNOUNCING) || IS_IN(name, ANNOUNCING_ENDS)) && count_digits(number) >= DIGITS_MIN;
}

/* ---- the sentence ----------------------------------------------------------------------------------------------- */

typedef enum { QUIET, ANNOUNCED, BOUND } state;

typedef struct {
    state heard;
    rb_str before;     /* the last word that was no link */
    size_t run_groups; /* consecutive groups of digits: "12 34", "1-2-3-4" */
    size_t run_digits;
    bool is_run_announced;
    bool is_other_seen; /* anything but digits */
} sentence;

static bool is_announcing(rb_str word)
{
    if (IS_IN(word, ANNOUNCING))
        return true;
    for (size_t i = 0; i < COUNT(ANNOUNCING_ENDS); i++) {
        rb_str end = rb_str_of(ANNOUNCING_ENDS[i]);
        if (word.len >= end.len && rb_str_equal_nocase((rb_str){word.ptr + word.len - end.len, end.len}, end))
            return !IS_IN(word, HARMLESS_CODES);
    }
    return false;
}

/* What an announcement is followed by. */
static bool is_told(state heard, rb_str word)
{
    if (heard == BOUND)
        return !IS_IN(word, TELLING) && !is_ticket(word) && !is_date_or_version(word);
    return word.len >= DIGITS_MIN && count_digits(word) > 0 && !is_ticket(word) && !is_date_or_version(word) &&
           !is_model(word) && !is_serial(word) && !is_device_id(word) && !is_address(word);
}

/* A number of passcode length that the word before it does not explain. */
static bool is_bare_number(rb_str word, rb_str before)
{
    if (count_digits(word) != word.len || word.len < DIGITS_MIN || word.len > DIGITS_MAX)
        return false;
    if (IS_IN(before, NUMBERED) || IS_IN(before, HARMLESS_BEFORE) || IS_IN(before, HARMLESS_CODES))
        return false;
    if (word.len >= 7 && IS_IN(before, PHONED))
        return false;
    bool is_year = word.len == 4 && (rb_str_starts(word, RB_STR("19")) || rb_str_starts(word, RB_STR("20")));
    return !(is_year && IS_IN(before, DATED));
}

/* Digits written apart: announced, or one by one, or nothing but them (judged at the end). */
static bool is_told_apart(sentence *scan, rb_str word)
{
    size_t digits = count_digits(word);

    if (digits == 0 || !is_grouped(word, '-', 1) || is_date_or_version(word)) {
        scan->run_groups = scan->run_digits = 0;
        scan->is_run_announced = false;
        scan->is_other_seen = true;
        return false;
    }
    for (size_t i = 0; i < word.len; i++)
        scan->run_groups += is_digit(word.ptr[i]) && (i == 0 || !is_digit(word.ptr[i - 1]));
    scan->run_digits += digits;
    scan->is_run_announced = scan->is_run_announced || scan->heard != QUIET;
    bool is_one_by_one = scan->run_groups == scan->run_digits;
    return scan->run_digits >= DIGITS_MIN && (scan->is_run_announced || is_one_by_one);
}

/* Hears one piece; whether a secret has been told with it. */
static bool is_given_away(sentence *scan, rb_str piece)
{
    rb_str word = strip(piece, ".,;!?()[]{}\"'`<>*_~");

    if (scan->heard != QUIET && IS_IN(piece, HARD_LINKS)) {
        scan->heard = BOUND;
        return false;
    }
    /* "ticket: 4711", "phone no 070…": links do not part a number from what explains it */
    if (word.len == 0 || IS_IN(piece, HARD_LINKS) || (scan->heard != BOUND && IS_IN(word, SOFT_LINKS)))
        return false;
    if (is_told_apart(scan, word) || (scan->heard != QUIET && !is_announcing(word) && is_told(scan->heard, word)))
        return true;
    if (is_self_announced(word) || is_bare_number(word, scan->before))
        return true;
    bool is_explained = IS_IN(scan->before, NUMBERED) || is_device_id(word) || is_model(word) || is_address(word);
    if (!is_explained && (is_mixed_run(word) || has_all_kinds(strip(piece, "\"'.,;:()"))))
        return true;
    /* "error code 53003": the word before explains the number */
    if (is_announcing(word) && IS_IN(scan->before, HARMLESS_BEFORE))
        return false;
    scan->heard = is_announcing(word) ? ANNOUNCED : QUIET;
    scan->before = word;
    return false;
}

bool rb_text_looks_secret(rb_str text)
{
    sentence scan = {.before = {"", 0}};
    bool is_secret = false;
    rb_buf cleaned;
    rb_buf folded;

    rb_buf_init(&cleaned, text.len * RB_UTF8_MAX); /* a bad byte becomes three */
    rb_buf_init(&folded, text.len * RB_UTF8_MAX);
    rb_text_clean(&cleaned, text);
    fold_text(&folded, rb_buf_str(&cleaned));
    /* what cannot be judged is not let through */
    if (cleaned.err || folded.err)
        is_secret = true;
    rb_str rest = rb_buf_str(&folded);
    while (!is_secret && rb_str_trim(rest).len > 0)
        is_secret = is_given_away(&scan, take_piece(&rest));
    is_secret = is_secret || (!scan.is_other_seen && scan.run_digits >= DIGITS_MIN && scan.run_digits <= DIGITS_MAX);
    rb_buf_wipe(&cleaned);
    rb_buf_wipe(&folded);
    return is_secret;
}
