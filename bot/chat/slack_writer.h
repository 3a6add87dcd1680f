/* slack_writer.h - the pieces of a Block Kit payload. */
#ifndef RB_CHAT_SLACK_WRITER_H
#define RB_CHAT_SLACK_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/err.h"
#include "resetbot/message.h"
#include "resetbot/str.h"

/* One rendering: the first failure stays, as in rb_buf. */
typedef struct {
    const rb_message *message;
    rb_buf *out;
    bool is_form;
    bool is_tight; /* the plain text has no room for escapes */
    rb_err err;
} rb_slack_writer;

void rb_slack_fail(rb_slack_writer *to, rb_err err);
/* The message's text at a pool offset. */
const char *rb_slack_at(const rb_slack_writer *to, uint32_t offset);
void rb_slack_add(rb_slack_writer *to, const char *json);
/* Starts the next element of a list. */
void rb_slack_add_comma(rb_slack_writer *to, bool *is_first);
/* "name":"text" of at most max characters. */
void rb_slack_add_string(rb_slack_writer *to, const char *name, const char *text, size_t max);
/* "name":{plain_text}, not empty: no reference, format or emoji is read in there. */
void rb_slack_add_plain(rb_slack_writer *to, const char *name, const char *text, size_t max);

#endif
