/* slack_text.c - see slack_text.h. */
#include "chat/slack_text.h"

#include <string.h>

#include "chat/json.h"
#include "resetbot/chat_port.h"
#include "resetbot/secret.h"
#include "resetbot/text.h"

typedef struct {
    rb_str escaped;
    rb_str plain;
} entity;

/* docs.slack.dev/messaging/formatting-message-text (read 2026-11): these three and nothing else */
static const entity ENTITIES[] = {
    {{"&amp;", 5}, {"&", 1}},
    {{"&lt;", 4}, {"<", 1}},
    {{"&gt;", 4}, {">", 1}},
};
#define N_ENTITIES (sizeof ENTITIES / sizeof *ENTITIES)

static void skip(rb_str *text, size_t len)
{
    text->ptr += len;
    text->len -= len;
}

/* One character, or one entity, off the front of text. */
static void unescape_next(rb_buf *out, rb_str *text)
{
    for (size_t i = 0; *text->ptr == '&' && i < N_ENTITIES; i++) {
        if (!rb_str_starts(*text, ENTITIES[i].escaped))
            continue;
        rb_buf_add(out, ENTITIES[i].plain);
        skip(text, ENTITIES[i].escaped.len);
        return;
    }
    rb_buf_add(out, (rb_str){text->ptr, 1});
    skip(text, 1);
}

static void unescape_plain(rb_buf *out, rb_str text)
{
    while (text.len > 0)
        unescape_next(out, &text);
}

bool rb_slack_is_id(rb_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return false;
    }
    return text.len > 0;
}

/* Splits "target|label"; without a bar the label is empty. */
static rb_str split_label(rb_str *target)
{
    const char *bar = memchr(target->ptr, '|', target->len);
    rb_str label = {"", 0};

    if (bar) {
        size_t len = (size_t)(bar - target->ptr);
        label = (rb_str){bar + 1, target->len - len - 1};
        target->len = len;
    }
    return label;
}

/* The label with the sign that people see before it, which some labels hold already. */
static void add_signed(rb_buf *out, const char *sign, rb_str name)
{
    if (!rb_str_starts(name, rb_str_of(sign)))
        rb_buf_adds(out, sign);
    unescape_plain(out, name);
}

/* What stood between < and >. */
static void add_reference(rb_buf *out, rb_str inside)
{
    rb_str target = inside;
    rb_str label = split_label(&target);
    char first = target.len > 0 ? *target.ptr : '\0';
    rb_str id = {target.ptr + (target.len > 0), target.len - (target.len > 0)};

    if (first == '@' && rb_slack_is_id(id)) {
        rb_buf_add(out, RB_STR("<@"));
        rb_buf_add(out, id);
        rb_buf_add(out, RB_STR(">"));
        return;
    }
    if (first == '#')
        add_signed(out, "#", label.len > 0 ? label : id);
    else if (first == '!' && rb_str_starts(id, RB_STR("date^")) && label.len > 0)
        unescape_plain(out, label);
    else if (first == '!')
        add_signed(out, "@", label.len > 0 ? label : id);
    else
        unescape_plain(out, label.len > 0 ? label : target);
}

/* Length of "<...>" at the start; 0 when it is none: a lone < is only a character. */
static size_t reference_len(rb_str text)
{
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] == '>')
            return i > 1 ? i + 1 : 0;
        if (text.ptr[i] == '<')
            return 0;
    }
    return 0;
}

void rb_slack_unescape(rb_buf *out, rb_str text)
{
    rb_buf raw;

    rb_buf_init(&raw, text.len);
    while (text.len > 0) {
        size_t len = *text.ptr == '<' ? reference_len(text) : 0;
        if (len > 0) {
            add_reference(&raw, (rb_str){text.ptr + 1, len - 2});
            skip(&text, len);
        } else {
            unescape_next(&raw, &text);
        }
    }
    if (raw.err && !out->err)
        out->err = raw.err;
    rb_json_valid(out, rb_buf_str(&raw));
    rb_buf_fini(&raw);
}

/* For each of & < > what stands for it. */
static void put_for(rb_buf *out, rb_str text, const char *ampersand, const char *less, const char *more)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '&')
            rb_buf_adds(out, ampersand);
        else if (c == '<')
            rb_buf_adds(out, less);
        else if (c == '>')
            rb_buf_adds(out, more);
        else
            rb_buf_add(out, (rb_str){&c, 1});
    }
}

/* ---- whom a message names ------------------------------------------------------------------------------------------ */

/* The id of the first mention in text as Slack sends it, <@U1> or <@U1|name>; what people typed to look like one is escaped. */
static rb_str first_mention(rb_str text, rb_str but_not)
{
    for (; text.len > 0; skip(&text, 1)) {
        size_t len = rb_str_starts(text, RB_STR("<@")) ? reference_len(text) : 0;
        if (len < 4)
            continue;
        rb_str id = {text.ptr + 2, len - 3};
        (void)split_label(&id);
        if (rb_slack_is_id(id) && !rb_str_equal(id, but_not))
            return id;
    }
    return (rb_str){"", 0};
}

static bool is_alnum(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* What a user principal name may hold (Graph, user resource: A-Z, a-z, 0-9 and ' . - _ ! # ^ ~), '+' of mail besides. */
static bool is_of_address(char c)
{
    return is_alnum(c) || (c != '\0' && strchr("'.-_!#^~+@", c));
}

/* name@domain.word */
static bool is_address(rb_str word)
{
    const char *at = memchr(word.ptr, '@', word.len);
    size_t name_len = at ? (size_t)(at - word.ptr) : 0;
    rb_str domain = {at ? at + 1 : "", at ? word.len - name_len - 1 : 0};
    size_t last_dot = 0;

    for (size_t i = 0; i < domain.len; i++) {
        if (!is_alnum(domain.ptr[i]) && domain.ptr[i] != '-' && domain.ptr[i] != '.')
            return false;
        last_dot = domain.ptr[i] == '.' ? i : last_dot;
    }
    return name_len > 0 && last_dot > 0 && domain.len - last_dot > 2;
}

static rb_str first_address(rb_str text)
{
    while (text.len > 0) {
        size_t len = 0;
        while (len < text.len && is_of_address(text.ptr[len]))
            len++;
        rb_str word = {text.ptr, len};
        while (word.len > 0 && !is_alnum(word.ptr[word.len - 1])) /* the sentence's full stop */
            word.len--;
        while (word.len > 0 && !is_alnum(*word.ptr))
            skip(&word, 1);
        if (is_address(word))
            return word;
        skip(&text, len > 0 ? len : 1);
    }
    return (rb_str){"", 0};
}

void rb_slack_named(rb_str text, const char *but_not, char *out_named, size_t cap)
{
    rb_buf plain;
    rb_buf named;
    rb_str mention = first_mention(text, rb_str_of(but_not));

    rb_buf_init(&plain, text.len);
    rb_buf_init(&named, cap - 1);
    if (mention.len > 0) {
        rb_buf_addf(&named, "<@%.*s>", (int)mention.len, mention.ptr);
    } else {
        rb_slack_unescape(&plain, text);
        rb_buf_add(&named, first_address(rb_buf_str(&plain)));
    }
    if (named.err || plain.err || rb_copy(out_named, cap, rb_buf_str(&named)) != RB_OK)
        out_named[0] = '\0';
    rb_buf_wipe(&plain);
    rb_buf_fini(&named);
}

/* ---- the other way ------------------------------------------------------------------------------------------------- */

void rb_slack_escape(rb_buf *out, rb_str text)
{
    put_for(out, text, "&amp;", "&lt;", "&gt;");
}

void rb_slack_replace(rb_buf *out, rb_str text)
{
    put_for(out, text, "\xEF\xBC\x86", "\xE2\x80\xB9", "\xE2\x80\xBA");
}

/* The command's name was forgotten: an address, a mention, a serial number or a device id stands first, and no name of a
 * command has an @ or a digit. */
static bool is_no_verb(rb_str word)
{
    bool has_digit = false;

    for (size_t i = 0; i < word.len; i++)
        has_digit = has_digit || (word.ptr[i] >= '0' && word.ptr[i] <= '9');
    return has_digit || (word.len > 0 && memchr(word.ptr, '@', word.len));
}

/* "verb target [left out ...]" in place of text. */
static void keep_two_words(char *text, size_t cap, rb_str verb, rb_str target)
{
    rb_buf kept;

    rb_buf_init(&kept, cap - 1);
    rb_buf_add(&kept, verb);
    rb_buf_add(&kept, RB_STR(" "));
    rb_buf_add(&kept, target);
    rb_buf_add(&kept, RB_STR(" " RB_SECRET_MARK));
    rb_wipe(text, strlen(text));
    /* no room for the mark: then nothing of the text is kept, and the command answers with its help */
    if (kept.err || rb_copy(text, cap, rb_buf_str(&kept)) != RB_OK)
        text[0] = '\0';
    rb_buf_fini(&kept);
}

bool rb_slack_drop_secret(char *text, size_t cap)
{
    rb_buf cleaned;

    /* cleaned first: words joined by odd spaces would else count as one, and hide the reason in the verb */
    rb_buf_init(&cleaned, cap);
    rb_text_clean(&cleaned, rb_str_of(text));
    rb_str rest = rb_buf_str(&cleaned);
    rb_str verb = rb_str_word(&rest);
    rb_str target = is_no_verb(verb) ? RB_STR("") : rb_str_word(&rest);
    /* what could not be looked at is not kept either */
    bool is_secret = cleaned.err || rb_text_looks_secret(rb_str_trim(rest));
    if (is_secret)
        keep_two_words(text, cap, verb, target);
    rb_buf_wipe(&cleaned);
    return is_secret;
}
