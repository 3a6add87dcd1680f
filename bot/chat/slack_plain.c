/* slack_plain.c - see slack_plain.h. */
#include "chat/slack_plain.h"

#include <ctype.h>
#include <stdbool.h>

#include "chat/json.h"
#include "resetbot/limits.h"

static char at(rb_str text, size_t i)
{
    return i < text.len ? text.ptr[i] : ' ';
}

/* Formats only at the edge of a word: first_last@example.com stays what it is. */
static bool is_edge(rb_str text, size_t i)
{
    return i == 0 || !isalnum((unsigned char)at(text, i - 1)) || !isalnum((unsigned char)at(text, i + 1));
}

/* Begins the name of an emoji, or a link. */
static bool begins_name(rb_str text, size_t i)
{
    char next = at(text, i + 1);
    return (next >= 'a' && next <= 'z') || next == '+' || (next == '/' && at(text, i + 2) == '/');
}

/* docs.slack.dev/messaging/formatting-message-text (read 2026-11): what formats in text. NULL: the character itself. */
static const char *look_alike(rb_str text, size_t i)
{
    switch (text.ptr[i]) {
    case '*': return "\xE2\x88\x97";                               /* U+2217 */
    case '~': return "\xE2\x88\xBC";                               /* U+223C */
    case '`': return "\xCA\xB9";                                   /* U+02B9 */
    case '_': return is_edge(text, i) ? "\xCB\x8D" : NULL;         /* U+02CD */
    case ':': return begins_name(text, i) ? "\xE2\x88\xB6" : NULL; /* U+2236 */
    default: return NULL;
    }
}

static void add_inert(rb_buf *out, rb_str text)
{
    bool is_reference = false;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '<')
            is_reference = true; /* ours: that of others is escaped */
        const char *instead = is_reference ? NULL : look_alike(text, i);
        if (instead)
            rb_buf_adds(out, instead);
        else
            rb_buf_add(out, (rb_str){text.ptr + i, 1});
        if (text.ptr[i] == '>')
            is_reference = false;
    }
}

rb_err rb_slack_plain(rb_str payload, rb_buf *out)
{
    rb_buf text;
    rb_str metadata = rb_json_peek(payload, "metadata");

    if (rb_str_equal(rb_json_peek(payload, "blocks"), RB_STR("[]")))
        return RB_E_REFUSED;
    rb_json *root = rb_json_parse(payload);
    rb_str said = rb_json_str(root, "text");
    if (said.len == 0) {
        rb_json_free(root);
        return RB_E_SYNTAX;
    }
    rb_buf_init(&text, RB_PAYLOAD_MAX);
    add_inert(&text, said);
    rb_buf_adds(out, "{\"text\":");
    rb_json_write(out, rb_buf_str(&text));
    /* empty, for an edit without blocks would keep those that are there (docs, chat.update) */
    rb_buf_adds(out, ",\"blocks\":[]");
    if (metadata.len > 0) {
        rb_buf_adds(out, ",\"metadata\":");
        rb_buf_add(out, metadata);
    }
    rb_buf_adds(out, "}");
    rb_err err = text.err ? text.err : out->err;
    rb_buf_wipe(&text);
    rb_json_free(root);
    return err;
}
