/* slack_reply.h - the first look at a Web API reply: did it happen, and what did the platform say. Pure. */
#ifndef RB_CHAT_SLACK_REPLY_H
#define RB_CHAT_SLACK_REPLY_H

#include <stdbool.h>

#include "chat/json.h"
#include "resetbot/chat_port.h"
#include "resetbot/io.h"

/* Is doubt about the call harmful (a second message would appear), or may it simply be done again? */
typedef enum { RB_SLACK_REPEATABLE, RB_SLACK_ONCE_ONLY } rb_slack_effect;

/* Sets outcome, retry_after_ms and error of *out_result (all else zeroed). For OK returns the parsed body (free it with
 * rb_json_free; NULL for a reply that is not to be parsed), else NULL. */
rb_json *rb_slack_reply_read(const rb_http_reply *reply, rb_slack_effect effect, rb_chat_result *out_result);

/* The same for a reply that echoes a secret: nothing of it is copied but the platform's word. */
void rb_slack_reply_peek(const rb_http_reply *reply, rb_slack_effect effect, rb_chat_result *out_result);

/* The same for a response_url, which answers "ok" or JSON or a bare word. */
void rb_slack_reply_hook(const rb_http_reply *reply, rb_chat_result *out_result);

#endif
