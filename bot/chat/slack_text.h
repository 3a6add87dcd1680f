/* slack_text.h - text between Slack's escaped form and plain text. */
#ifndef RB_CHAT_SLACK_TEXT_H
#define RB_CHAT_SLACK_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "resetbot/str.h"

/* Appends the text of a slash command as people meant it (domain/slack.md 2.1; should_escape is on): <@U1|name> becomes
 * <@U1>, a link or mail address its label, a channel #name, other references their label, &amp; &lt; &gt; their
 * characters. Valid UTF-8 without NULs. */
void rb_slack_unescape(rb_buf *out, rb_str text);

/* Whom a message names, out of its text as Slack sends it: the first mention but that of but_not as "<@U1>", else the first
 * e-mail address; "" when there is neither, or it does not fit. */
void rb_slack_named(rb_str text, const char *but_not, char *out_named, size_t cap);

/* Appends text with & < > escaped, so that it holds no reference. */
void rb_slack_escape(rb_buf *out, rb_str text);

/* The same with look-alikes (U+FF06, U+2039, U+203A) instead of escapes: as inert, and no longer in characters. */
void rb_slack_replace(rb_buf *out, rb_str text);

/* Letters and digits only, as user, channel and group ids are: what may stand inside a reference. */
bool rb_slack_is_id(rb_str text);

/* What is left of a command's text when a reason in it must not be kept (S7): verb and target stay, RB_SECRET_MARK stands
 * for the rest. True when text was changed; text has cap bytes. */
bool rb_slack_drop_secret(char *text, size_t cap);

#endif
