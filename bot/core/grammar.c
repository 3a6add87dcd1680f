#include "resetbot/grammar.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/delivery.h"
#include "resetbot/text.h"
#include "util/nearest.h"

/* ---- words ----------------------------------------------------------------------------------------------------------- */

/* Quotes that people's keyboards make: ASCII, curly, low, guillemets. */
static const char *const QUOTES[] = {"\"",     "'",      "\u201c", "\u201d", "\u201e", "\u2018",
                                     "\u2019", "\u201a", "\u00ab", "\u00bb", "`"};

static rb_str without_quotes(rb_str word)
{
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < sizeof QUOTES / sizeof QUOTES[0]; i++) {
            rb_str quote = rb_str_of(QUOTES[i]);
            if (word.len >= quote.len && rb_str_starts(word, quote)) {
                word = (rb_str){word.ptr + quote.len, word.len - quote.len};
                again = true;
            }
            if (word.len >= quote.len && memcmp(word.ptr + word.len - quote.len, quote.ptr, quote.len) == 0) {
                word.len -= quote.len;
                again = true;
            }
        }
    }
    return word;
}

static void lower(char *text)
{
    for (; *text; text++) {
        *text = (char)tolower((unsigned char)*text);
    }
}

static bool is_request_id(rb_str word)
{
    bool is_prefixed = word.len >= 6 && word.len < RB_REQUEST_ID_CAP && (word.ptr[0] == 'R' || word.ptr[0] == 'r') &&
                       word.ptr[1] == '-';
    for (size_t i = 2; is_prefixed && i < word.len; i++) {
        if (!isalnum((unsigned char)word.ptr[i])) {
            return false;
        }
    }
    return is_prefixed;
}

/* Crockford base 32 reads O as 0, I and L as 1. */
static void read_request_id(rb_str word, char *out, size_t cap)
{
    size_t n = word.len < cap ? word.len : cap - 1;
    for (size_t i = 0; i < n; i++) {
        char c = (char)toupper((unsigned char)word.ptr[i]);
        bool is_body = i >= 2;
        out[i] = is_body && c == 'O' ? '0' : is_body && (c == 'I' || c == 'L') ? '1' : c;
    }
    out[n] = '\0';
}

static bool is_mention(rb_str word)
{
    return word.len > 3 && rb_str_starts(word, RB_STR("<@")) && word.ptr[word.len - 1] == '>';
}

static rb_str mentioned(rb_str word)
{
    rb_str inside = {word.ptr + 2, word.len - 3};
    const char *bar = memchr(inside.ptr, '|', inside.len);
    if (bar) {
        inside.len = (size_t)(bar - inside.ptr);
    }
    return inside;
}

/* Phones make o'brien@... curly; of all quotes a user principal name may hold the straight one only (Graph, user resource:
 * A-Z, a-z, 0-9 and ' . - _ ! # ^ ~). */
static void straighten(char *text)
{
    static const char curly[] = "\u2019";
    for (char *at = strstr(text, curly); at; at = strstr(at, curly)) {
        *at = '\'';
        memmove(at + 1, at + sizeof curly - 1, strlen(at + sizeof curly - 1) + 1);
    }
}

/* Letters of any language, and no digit: serial numbers and ids nearly always have one. What begins as a request's id does was
 * meant for one. */
static bool is_name(rb_str text)
{
    bool has_letter = false;
    if (rb_str_starts_nocase(text, RB_STR("r-"))) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (isdigit(c) || c == '@') {
            return false;
        }
        has_letter = has_letter || isalpha(c) || c >= 0x80;
    }
    return has_letter;
}

bool rb_grammar_may_be_serial(const rb_intent *intent)
{
    for (const char *at = intent->target; *at; at++) {
        if (!isalpha((unsigned char)*at) && *at != '-') {
            return false;
        }
    }
    return intent->target_kind == RB_TARGET_NAME;
}

void rb_grammar_target(rb_str word, rb_intent *out_intent)
{
    word = without_quotes(rb_str_trim(word));
    out_intent->target_kind = is_name(word) ? RB_TARGET_NAME : RB_TARGET_SERIAL;
    if (is_mention(word)) {
        word = mentioned(word);
        out_intent->target_kind = RB_TARGET_MENTION;
    } else if (is_request_id(word)) {
        read_request_id(word, out_intent->target, sizeof out_intent->target);
        out_intent->target_kind = RB_TARGET_REQUEST;
        return;
    } else if (rb_str_is_guid(word)) {
        out_intent->target_kind = RB_TARGET_DEVICE_ID;
    } else if (word.len && memchr(word.ptr, '@', word.len)) {
        out_intent->target_kind = RB_TARGET_USER;
    }
    if (rb_text_clean_copy(out_intent->target, sizeof out_intent->target, word) != RB_OK) {
        out_intent->is_target_too_long = true;
        out_intent->target[0] = '\0';
    }
    if (out_intent->target_kind == RB_TARGET_DEVICE_ID) {
        lower(out_intent->target);
    }
    if (out_intent->target_kind == RB_TARGET_USER) {
        straighten(out_intent->target);
    }
    if (!out_intent->target[0] && !out_intent->is_target_too_long) {
        out_intent->target_kind = RB_TARGET_NONE;
    }
}

void rb_grammar_whole_name(rb_intent *intent)
{
    rb_buf whole;
    if (intent->target_kind != RB_TARGET_NAME || !intent->reason[0]) {
        return;
    }
    rb_buf_init(&whole, RB_TARGET_CAP - 1);
    rb_buf_addf(&whole, "%s %s", intent->target, intent->reason);
    if (!whole.err && is_name(rb_buf_str(&whole))) {
        rb_copy_fit(intent->target, sizeof intent->target, rb_buf_cstr(&whole));
        intent->reason[0] = '\0';
    }
    rb_buf_fini(&whole);
}

/* ---- quoted names ------------------------------------------------------------------------------------------------------- */

/* Bytes of the quote that the text begins with; 0: none. */
static size_t quote_len(rb_str text)
{
    for (size_t i = 0; i < sizeof QUOTES / sizeof QUOTES[0]; i++) {
        if (rb_str_starts(text, rb_str_of(QUOTES[i]))) {
            return strlen(QUOTES[i]);
        }
    }
    return 0;
}

/* "adele vance" with its quotes taken off the text; empty when it does not begin with several words of a name in quotes. What
 * else stands in quotes is read word by word. */
static rb_str take_quoted_name(rb_str *text)
{
    const rb_str none = {NULL, 0};
    size_t start = quote_len(*text);
    for (size_t end = start; start && end < text->len; end++) {
        size_t closing = quote_len((rb_str){text->ptr + end, text->len - end});
        size_t after = end + closing;
        if (!closing || (after < text->len && text->ptr[after] != ' ')) {
            continue;
        }
        rb_str name = rb_str_trim((rb_str){text->ptr + start, end - start});
        if (!is_name(name) || !memchr(name.ptr, ' ', name.len)) {
            return none;
        }
        *text = (rb_str){text->ptr + after, text->len - after};
        return name;
    }
    return none;
}

static rb_str take_target(rb_str *rest)
{
    *rest = rb_str_trim(*rest);
    rb_str name = take_quoted_name(rest);
    return name.len ? name : rb_str_word(rest);
}

/* ---- the reason --------------------------------------------------------------------------------------------------------- */

/* The ticket number goes to its own field; what is left, trimmed, is the reason. */
static void read_reason(rb_str rest, rb_intent *intent)
{
    rb_str ticket = rb_text_find_ticket(rest);
    rb_buf reason;
    rb_buf_init(&reason, RB_COMMAND_TEXT_CAP);
    if (ticket.len && ticket.len < sizeof intent->ticket) {
        rb_err err = rb_copy(intent->ticket, sizeof intent->ticket, ticket);
        (void)err; /* fits */
        rb_str before = {rest.ptr, (size_t)(ticket.ptr - rest.ptr)};
        rb_str after = {ticket.ptr + ticket.len, (size_t)(rest.ptr + rest.len - ticket.ptr) - ticket.len};
        rb_text_clean(&reason, before);
        rb_buf_adds(&reason, reason.len ? " " : "");
        rb_text_clean(&reason, after);
    } else {
        rb_text_clean(&reason, rest);
    }
    rb_str text = without_quotes(rb_str_trim(rb_buf_str(&reason)));
    text = rb_str_trim(text);
    bool is_long = rb_text_chars(text) > RB_REASON_CHARS_MAX;
    intent->is_reason_too_long = is_long || rb_copy(intent->reason, sizeof intent->reason, text) != RB_OK;
    rb_buf_fini(&reason);
}

static bool holds_mark(rb_str text)
{
    return rb_str_contains_nocase(text, rb_str_of(RB_SECRET_MARK));
}

void rb_grammar_parse(rb_str text, rb_intent *out_intent)
{
    rb_buf clean;
    memset(out_intent, 0, sizeof *out_intent);
    rb_buf_init(&clean, (size_t)RB_COMMAND_TEXT_CAP * 2);
    rb_text_clean(&clean, text);
    rb_str rest = rb_buf_str(&clean);
    rb_str verb = without_quotes(rb_str_word(&rest));
    if (rb_copy(out_intent->verb, sizeof out_intent->verb, verb) != RB_OK) {
        out_intent->verb[0] = '?';
        out_intent->verb[1] = '\0';
    }
    lower(out_intent->verb);
    rb_grammar_target(take_target(&rest), out_intent);
    out_intent->is_reason_secret = holds_mark(rest);
    if (!out_intent->is_reason_secret) {
        read_reason(rb_str_trim(rest), out_intent);
    }
    rb_buf_fini(&clean);
}

/* ---- what is nearest -------------------------------------------------------------------------------------------------- */

const char *rb_grammar_nearest(const char *word, const char *const *names)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (; *names; names++) {
        size_t d = rb_edit_distance(rb_str_of(word), rb_str_of(*names));
        if (d < best && rb_is_near(d, rb_str_of(*names))) {
            best = d;
            nearest = *names;
        }
    }
    return nearest;
}

/* "R-7K3", "7k3f", "R7K3F" as "R-7K3", "R-7K3F", "R-7K3F": as long as an id, or no id at all. */
static bool read_loose_id(rb_str word, char out[RB_REQUEST_ID_CAP])
{
    bool is_dashed = rb_str_starts_nocase(word, RB_STR("R-"));
    bool has_letter = !is_dashed && word.len > 4 && rb_str_starts_nocase(word, RB_STR("R"));
    size_t skip = is_dashed ? 2 : has_letter ? 1 : 0;
    rb_str body = {word.ptr + skip, word.len - skip};
    char whole[RB_REQUEST_ID_CAP] = "R-";
    if (body.len < 3 || body.len + sizeof "R-" > sizeof whole) {
        return false;
    }
    memcpy(whole + 2, body.ptr, body.len);
    read_request_id((rb_str){whole, body.len + 2}, out, RB_REQUEST_ID_CAP);
    return true;
}

size_t rb_grammar_id_distance(rb_str word, const char *id)
{
    char read[RB_REQUEST_ID_CAP];
    rb_str body = {id + 2, strlen(id) - 2};
    if (!read_loose_id(word, read)) {
        return SIZE_MAX;
    }
    size_t d = rb_edit_distance(rb_str_of(read), rb_str_of(id));
    return rb_is_near(d, body) ? d : SIZE_MAX;
}
