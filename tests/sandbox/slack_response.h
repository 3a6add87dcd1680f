/* slack_response.h - trigger ids (3 s, once) and response URLs (5 uses, 30 minutes). */
#ifndef SANDBOX_SLACK_RESPONSE_H
#define SANDBOX_SLACK_RESPONSE_H

#include <stdbool.h>

#include "slack_world.h"
#include "world.h"

/* A new trigger for that person; view_id: the view it came from, or "". The text is the caller's. */
char *sk_trigger_new(const char *user, const char *view_id);
/* NULL and *out_user, *out_view_id (borrowed), or "expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id". */
const char *sk_trigger_use(const char *id, const char **out_user, const char **out_view_id);

/* A new URL for that person in that channel. kind is a part of it: "commands", "actions" (message: whose button was
 * pressed; it can be replaced and deleted), "app-actions" (a shortcut). Caller's. */
char *sk_response_url_new(const char *kind, const char *user, sk_channel *channel, sk_message *message);
/* POST to a response URL; false when the path is none. */
bool sk_response_handle(const sb_request *request, sb_reply *reply);

/* Does what a response body (or a slash command's ack) says: a new private or public message, a replacement, a
 * deletion. NULL, or an error name with sentences in messages (may be NULL). */
const char *sk_respond(const char *user, sk_channel *channel, sk_message *origin, json_object *body,
                       json_object *messages);
/* How many commands were answered by their URL, each counted once. */
int64_t sk_commands_answered(void);
void sk_response_fini(void);

#endif
