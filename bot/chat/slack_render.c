/* slack_render.c - see slack_render.h. */
#include "chat/slack_render.h"

#include <string.h>

#include "chat/json.h"
#include "chat/slack_controls.h"
#include "chat/slack_text.h"
#include "chat/slack_writer.h"
#include "resetbot/text.h"
#include "util/utf8.h"

/* ---- runs ---------------------------------------------------------------------------------------------------------- */

/* What may stand in a <url|label> and in a link element. */
static bool is_url(rb_str url)
{
    if (!rb_str_starts(url, RB_STR("https://")) && !rb_str_starts(url, RB_STR("http://")))
        return false;
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '|' || c == '"')
            return false;
    }
    return true;
}

/* Bytes of the first RB_SLACK_TEXT_MAX characters. */
static size_t first_part(rb_str text)
{
    rb_str rest = text;

    for (size_t chars = 0; chars < RB_SLACK_TEXT_MAX && rest.len > 0; chars++)
        (void)rb_utf8_take(&rest);
    return text.len - rest.len;
}

/* What is too long for one element is said in several, which show as one. */
static void add_text_element(rb_slack_writer *to, const rb_run *run, const char *style)
{
    rb_str text = rb_str_of(rb_slack_at(to, run->text));
    bool is_first = true;

    while (text.len > 0) {
        size_t len = first_part(text);
        rb_slack_add_comma(to, &is_first);
        rb_slack_add(to, "{\"type\":\"text\",\"text\":");
        rb_json_write(to->out, (rb_str){text.ptr, len});
        if (style)
            rb_buf_addf(to->out, ",\"style\":{\"%s\":true}", style);
        rb_slack_add(to, "}");
        text = (rb_str){text.ptr + len, text.len - len};
    }
}

static void add_reference_element(rb_slack_writer *to, const char *type, const char *key, const char *id)
{
    if (!rb_slack_is_id(rb_str_of(id)))
        rb_slack_fail(to, RB_E_SYNTAX);
    rb_buf_addf(to->out, "{\"type\":\"%s\",", type);
    rb_json_write_member(to->out, key, id);
    rb_slack_add(to, "}");
}

static void add_link_element(rb_slack_writer *to, const rb_run *run)
{
    const char *url = rb_slack_at(to, run->extra);

    if (!is_url(rb_str_of(url)))
        rb_slack_fail(to, RB_E_SYNTAX);
    rb_slack_add(to, "{\"type\":\"link\",");
    rb_slack_add_string(to, "url", url, RB_SLACK_URL_MAX);
    rb_slack_add(to, ",");
    rb_slack_add_string(to, "text", rb_slack_at(to, run->text), RB_SLACK_TEXT_MAX);
    rb_slack_add(to, "}");
}

/* docs.slack.dev/reference/block-kit/block-elements/date-element (read 2026-11): seconds, tokens, a fallback */
static void add_time_element(rb_slack_writer *to, const rb_run *run)
{
    static const char *const formats[] = {[RB_TIME_SECOND] = "{date_num} {time_secs}",
                                          [RB_TIME_MINUTE] = "{date_short_pretty} {time}",
                                          [RB_TIME_DAY] = "{date_short_pretty}"};

    rb_buf_addf(to->out, "{\"type\":\"date\",\"timestamp\":%lld,\"format\":\"%s\",", (long long)(run->utc_ms / 1000),
                formats[run->form]);
    rb_slack_add_string(to, "fallback", rb_slack_at(to, run->text), RB_SLACK_TEXT_MAX);
    rb_slack_add(to, "}");
}

static void add_run(rb_slack_writer *to, const rb_run *run)
{
    switch (run->kind) {
    case RB_RUN_TEXT: add_text_element(to, run, NULL); break;
    case RB_RUN_BOLD: add_text_element(to, run, "bold"); break;
    case RB_RUN_CODE: add_text_element(to, run, "code"); break;
    case RB_RUN_USER: add_reference_element(to, "user", "user_id", rb_slack_at(to, run->text)); break;
    case RB_RUN_GROUP: add_reference_element(to, "usergroup", "usergroup_id", rb_slack_at(to, run->text)); break;
    case RB_RUN_CHANNEL: add_reference_element(to, "channel", "channel_id", rb_slack_at(to, run->text)); break;
    case RB_RUN_LINK: add_link_element(to, run); break;
    case RB_RUN_TIME: add_time_element(to, run); break;
    }
}

/* An empty text element is refused by Slack; an empty value in a sentence is none of its business. */
static bool is_said(const rb_slack_writer *to, const rb_run *run)
{
    return rb_slack_at(to, run->text)[0] != '\0';
}

static bool is_plain(const rb_run *run)
{
    return run->kind == RB_RUN_TEXT || run->kind == RB_RUN_BOLD || run->kind == RB_RUN_CODE;
}

static void add_rich_text(rb_slack_writer *to, const rb_block *block)
{
    const rb_run *runs = to->message->runs + block->first;
    bool is_first = true;

    rb_buf_addf(to->out, "{\"type\":\"rich_text\",\"elements\":[{\"type\":\"%s\",\"elements\":[",
                block->kind == RB_BLOCK_COPY ? "rich_text_preformatted" : "rich_text_section");
    for (uint32_t i = 0; i < block->n; i++) {
        if (!is_said(to, &runs[i]))
            continue;
        rb_slack_add_comma(to, &is_first);
        add_run(to, &runs[i]);
    }
    rb_slack_add(to, "]}]}");
}

/* A context block holds inert plain text; mentions and links exist only in rich text, which is of ordinary size. */
static void add_small(rb_slack_writer *to, const rb_block *block)
{
    const rb_run *runs = to->message->runs + block->first;
    rb_buf text;

    for (uint32_t i = 0; i < block->n; i++)
        if (!is_plain(&runs[i])) {
            add_rich_text(to, block);
            return;
        }
    rb_buf_init(&text, RB_PAYLOAD_MAX);
    for (uint32_t i = 0; i < block->n; i++)
        rb_buf_adds(&text, rb_slack_at(to, runs[i].text));
    if (text.err)
        rb_slack_fail(to, text.err);
    rb_slack_add(to, "{\"type\":\"context\",\"elements\":[{\"type\":\"plain_text\",\"emoji\":false,");
    rb_slack_add_string(to, "text", rb_buf_cstr(&text), RB_SLACK_TEXT_MAX);
    rb_slack_add(to, "}]}");
    rb_buf_wipe(&text);
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

static bool has_block_id(const rb_block *block)
{
    return block->kind == RB_BLOCK_CHOICE || block->kind == RB_BLOCK_INPUT;
}

static void check_block_ids(rb_slack_writer *to)
{
    const rb_message *message = to->message;

    for (uint32_t i = 0; i < message->n_blocks; i++)
        for (uint32_t k = 0; k < i; k++) {
            const rb_block *a = &message->blocks[i];
            const rb_block *b = &message->blocks[k];
            if (has_block_id(a) && has_block_id(b) &&
                strcmp(rb_slack_block_id(to, &message->controls[a->first]),
                       rb_slack_block_id(to, &message->controls[b->first])) == 0)
                rb_slack_fail(to, RB_E_SYNTAX);
        }
}

static void add_block(rb_slack_writer *to, const rb_block *block)
{
    switch (block->kind) {
    case RB_BLOCK_TEXT:
    case RB_BLOCK_COPY: add_rich_text(to, block); break;
    case RB_BLOCK_SMALL: add_small(to, block); break;
    case RB_BLOCK_RULE: rb_slack_add(to, "{\"type\":\"divider\"}"); break;
    case RB_BLOCK_BUTTONS: rb_slack_add_buttons(to, block); break;
    case RB_BLOCK_CHOICE: rb_slack_add_choice(to, block); break;
    case RB_BLOCK_INPUT: rb_slack_add_input(to, block); break;
    }
}

static bool has_runs(const rb_block *block)
{
    return block->kind == RB_BLOCK_TEXT || block->kind == RB_BLOCK_SMALL || block->kind == RB_BLOCK_COPY;
}

/* A paragraph of nothing is left out: Slack refuses empty sections. */
static bool is_empty(const rb_slack_writer *to, const rb_block *block)
{
    if (!has_runs(block))
        return block->kind != RB_BLOCK_RULE && block->n == 0;
    for (uint32_t i = 0; i < block->n; i++)
        if (is_said(to, &to->message->runs[block->first + i]))
            return false;
    return true;
}

static void add_blocks(rb_slack_writer *to)
{
    bool is_first = true;

    check_block_ids(to);
    rb_slack_add(to, "\"blocks\":[");
    for (uint32_t i = 0; i < to->message->n_blocks; i++) {
        const rb_block *block = &to->message->blocks[i];
        if (is_empty(to, block))
            continue;
        rb_slack_add_comma(to, &is_first);
        add_block(to, block);
    }
    rb_slack_add(to, "]");
}

/* ---- the plain text ------------------------------------------------------------------------------------------------ */

static void add_escaped(rb_slack_writer *to, rb_buf *text, uint32_t offset)
{
    rb_str said = rb_str_of(rb_slack_at(to, offset));

    if (to->is_tight)
        rb_slack_replace(text, said);
    else
        rb_slack_escape(text, said);
}

static void say_run(rb_slack_writer *to, rb_buf *text, const rb_run *run)
{
    switch (run->kind) {
    case RB_RUN_TEXT:
    case RB_RUN_BOLD:
    case RB_RUN_CODE:
    case RB_RUN_TIME: add_escaped(to, text, run->text); break;
    case RB_RUN_USER: rb_buf_addf(text, "<@%s>", rb_slack_at(to, run->text)); break;
    case RB_RUN_GROUP: rb_buf_addf(text, "<!subteam^%s>", rb_slack_at(to, run->text)); break;
    case RB_RUN_CHANNEL: rb_buf_addf(text, "<#%s>", rb_slack_at(to, run->text)); break;
    case RB_RUN_LINK:
        rb_buf_adds(text, "<");
        add_escaped(to, text, run->extra);
        rb_buf_adds(text, "|");
        add_escaped(to, text, run->text);
        rb_buf_adds(text, ">");
        break;
    }
}

/* A line a block: what a notification or a screen reader gets holds every fact (U3). */
static void say_blocks(rb_slack_writer *to, rb_buf *text)
{
    for (uint32_t i = 0; i < to->message->n_blocks; i++) {
        const rb_block *block = &to->message->blocks[i];
        if (!has_runs(block) || is_empty(to, block))
            continue;
        if (text->len > 0)
            rb_buf_adds(text, "\n");
        for (uint32_t k = 0; k < block->n; k++)
            if (is_said(to, &to->message->runs[block->first + k]))
                say_run(to, text, &to->message->runs[block->first + k]);
    }
}

static void write_plain_text(rb_slack_writer *to, rb_buf *text)
{
    rb_buf_clear(text);
    say_blocks(to, text);
}

/* Counted as it is sent, escapes and all: the stricter reading of msg_too_long. Where the escapes alone make it too long (a
 * reason of nothing but '&'), look-alikes stand for the three characters; the blocks have them as they are. */
static void add_plain_text(rb_slack_writer *to)
{
    rb_buf text;

    rb_buf_init(&text, RB_PAYLOAD_MAX);
    write_plain_text(to, &text);
    if (text.err || rb_text_chars(rb_buf_str(&text)) > RB_MESSAGE_TEXT_MAX) {
        to->is_tight = true;
        write_plain_text(to, &text);
    }
    if (text.err)
        rb_slack_fail(to, text.err);
    if (text.len == 0)
        rb_slack_fail(to, RB_E_SYNTAX);
    rb_slack_add_string(to, "text", rb_buf_cstr(&text), RB_MESSAGE_TEXT_MAX);
    rb_buf_wipe(&text);
}

/* ---- messages and forms -------------------------------------------------------------------------------------------- */

static void add_message(rb_slack_writer *to)
{
    const rb_message *message = to->message;

    rb_slack_add(to, "{");
    add_plain_text(to);
    rb_slack_add(to, ",");
    add_blocks(to);
    if (message->marker_request[0] != '\0') {
        rb_slack_add(to, ",\"metadata\":{\"event_type\":\"resetbot\",\"event_payload\":{");
        rb_json_write_member(to->out, "request", message->marker_request);
        rb_buf_addf(to->out, ",\"seq\":%u}}", (unsigned)message->marker_seq);
    }
    rb_slack_add(to, "}");
}

static void add_form(rb_slack_writer *to)
{
    const rb_message *message = to->message;

    rb_slack_add(to, "{\"type\":\"modal\",");
    rb_slack_add_string(to, "callback_id", rb_slack_at(to, message->callback), RB_SLACK_CALLBACK_MAX);
    rb_slack_add(to, ",");
    rb_slack_add_string(to, "private_metadata", rb_slack_at(to, message->private_data), RB_SLACK_PRIVATE_MAX);
    rb_slack_add(to, ",");
    rb_slack_add_plain(to, "title", rb_slack_at(to, message->title), RB_SLACK_TITLE_MAX);
    if (message->submit != 0) {
        rb_slack_add(to, ",");
        rb_slack_add_plain(to, "submit", rb_slack_at(to, message->submit), RB_SLACK_TITLE_MAX);
    }
    if (message->close != 0) {
        rb_slack_add(to, ",");
        rb_slack_add_plain(to, "close", rb_slack_at(to, message->close), RB_SLACK_TITLE_MAX);
    }
    rb_slack_add(to, ",");
    add_blocks(to);
    rb_slack_add(to, "}");
}

/* docs.slack.dev/reference/views/home-tab-views (read 2026-11) */
static void add_home(rb_slack_writer *to)
{
    rb_slack_add(to, "{\"type\":\"home\",");
    add_blocks(to);
    rb_slack_add(to, "}");
}

rb_err rb_slack_render(const rb_message *message, rb_buf *out)
{
    rb_slack_writer to = {.message = message, .out = out, .is_form = message->title != 0};
    size_t start = out->len;

    if (message->is_full)
        return RB_E_LIMIT;
    if (message->is_home)
        add_home(&to);
    else if (to.is_form)
        add_form(&to);
    else
        add_message(&to);
    if (out->err)
        return out->err;
    if (out->len - start > RB_PAYLOAD_MAX)
        return RB_E_LIMIT;
    return to.err;
}
