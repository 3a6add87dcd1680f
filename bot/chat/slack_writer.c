/* slack_writer.c - see slack_writer.h. */
#include "chat/slack_writer.h"

#include "chat/json.h"
#include "resetbot/text.h"

void rb_slack_fail(rb_slack_writer *to, rb_err err)
{
    if (!to->err)
        to->err = err;
}

const char *rb_slack_at(const rb_slack_writer *to, uint32_t offset)
{
    return offset < RB_MESSAGE_POOL ? to->message->pool + offset : "";
}

void rb_slack_add(rb_slack_writer *to, const char *json)
{
    rb_buf_adds(to->out, json);
}

void rb_slack_add_comma(rb_slack_writer *to, bool *is_first)
{
    if (!*is_first)
        rb_slack_add(to, ",");
    *is_first = false;
}

static void check_chars(rb_slack_writer *to, const char *text, size_t max)
{
    if (rb_text_chars(rb_str_of(text)) > max)
        rb_slack_fail(to, RB_E_LIMIT);
}

void rb_slack_add_string(rb_slack_writer *to, const char *name, const char *text, size_t max)
{
    check_chars(to, text, max);
    rb_json_write_member(to->out, name, text);
}

void rb_slack_add_plain(rb_slack_writer *to, const char *name, const char *text, size_t max)
{
    if (text[0] == '\0')
        rb_slack_fail(to, RB_E_SYNTAX);
    rb_json_write(to->out, rb_str_of(name));
    rb_slack_add(to, ":{\"type\":\"plain_text\",\"emoji\":false,");
    rb_slack_add_string(to, "text", text, max);
    rb_slack_add(to, "}");
}
