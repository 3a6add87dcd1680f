/* slack_render.h - messages and forms as plain text, as a person reads them. */
#ifndef SANDBOX_SLACK_RENDER_H
#define SANDBOX_SLACK_RENDER_H

#include <json-c/json.h>

#include "bytes.h"

/* mrkdwn with mentions, links and entities made readable. */
void sk_render_text(sb_bytes *out, const char *text);
/* Blocks, one line each or more, each line after indent; values: state.values to show choices, may be NULL. */
void sk_render_blocks(sb_bytes *out, json_object *blocks, json_object *values, const char *indent);
/* Blocks when there are some, else text. */
void sk_render_message(sb_bytes *out, json_object *message, json_object *values, const char *indent);
/* "hanna" for "U0HANNA"; the id itself when unknown. */
const char *sk_name_of(const char *user);

#endif
