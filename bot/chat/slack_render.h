/* slack_render.h - an rb_message into Block Kit, so that nobody's text can mention, link or format (S7, U3). Pure. */
#ifndef RB_CHAT_SLACK_RENDER_H
#define RB_CHAT_SLACK_RENDER_H

#include "resetbot/err.h"
#include "resetbot/message.h"
#include "resetbot/str.h"

/* Slack's limits, in characters (docs.slack.dev/reference/block-kit, read 2026-11; domain/slack.md, Block Kit limits). */
#define RB_SLACK_TEXT_MAX 3000  /* one text object or text element */
#define RB_SLACK_BUTTONS_MAX 25 /* elements of one actions block */
#define RB_SLACK_BUTTON_LABEL_MAX 75
#define RB_SLACK_BUTTON_VALUE_MAX 2000
#define RB_SLACK_CONFIRM_TITLE_MAX 100
#define RB_SLACK_CONFIRM_TEXT_MAX 300
#define RB_SLACK_CONFIRM_BUTTON_MAX 30
#define RB_SLACK_OPTIONS_MAX 100
#define RB_SLACK_RADIO_MAX 4 /* ours: up to here all options show at once; Slack allows 10 */
#define RB_SLACK_OPTION_TEXT_MAX 75
#define RB_SLACK_OPTION_VALUE_MAX 75
#define RB_SLACK_HINT_MAX 150 /* placeholder */
#define RB_SLACK_INPUT_LABEL_MAX 2000
#define RB_SLACK_INPUT_MAX 3000 /* max_length, and initial text */
#define RB_SLACK_TITLE_MAX 24   /* title, submit and close of a modal */
#define RB_SLACK_PRIVATE_MAX 3000
#define RB_SLACK_CALLBACK_MAX 255
#define RB_SLACK_URL_MAX 3000

/* Appends {"text","blocks"[,"metadata"]} for a message, {"type":"modal",...} for a form (title set), {"type":"home",...} for a
 * Home tab. The plain text is
 * all runs, a line a block, with & < > escaped or, where only that makes it too long, replaced by look-alikes; labels of
 * controls are not in it. RB_E_LIMIT when a limit of Slack's or RB_PAYLOAD_MAX is passed or the message is_full;
 * RB_E_SYNTAX for what cannot be said in Slack (no text at all, an input outside a form, an id of a mention that is none,
 * two controls of one id in a place, a link that is not http or https). On failure out is failed or holds a part: throw
 * it away. */
rb_err rb_slack_render(const rb_message *message, rb_buf *out) RB_MUST_CHECK;

#endif
