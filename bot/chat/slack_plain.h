/* slack_plain.h - a rendered message again as text alone, for when Slack refuses its blocks. Pure. */
#ifndef RB_CHAT_SLACK_PLAIN_H
#define RB_CHAT_SLACK_PLAIN_H

#include "resetbot/err.h"
#include "resetbot/str.h"

/* Appends {"text","blocks":[][,"metadata"]}: the text holds every fact of the blocks (U3), and here it formats nothing, for
 * marks of formatting become look-alikes (S7); our own references stay. RB_E_REFUSED when payload is text alone already,
 * RB_E_SYNTAX when it is no message. */
rb_err rb_slack_plain(rb_str payload, rb_buf *out) RB_MUST_CHECK;

#endif
