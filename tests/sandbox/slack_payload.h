/* slack_payload.h - interaction payloads as Slack builds them (domain/slack.md section 2). */
#ifndef SANDBOX_SLACK_PAYLOAD_H
#define SANDBOX_SLACK_PAYLOAD_H

#include <json-c/json.h>
#include <stdbool.h>

#include "slack_views.h"
#include "slack_world.h"

/* type, team, user, api_app_id, token and the rest that all interactive payloads share. */
json_object *sk_payload(const char *type, const char *user);
json_object *sk_payload_command(const char *user, sk_channel *channel, const char *command, const char *text);
/* action: the one entry of "actions" (taken). */
json_object *sk_payload_message_action(const char *user, sk_message *message, json_object *take_action);
/* A message shortcut: type message_action. */
json_object *sk_payload_shortcut(const char *user, const sk_message *message, const char *callback_id);
json_object *sk_payload_view_action(const sk_view *view, json_object *take_action);
json_object *sk_payload_submission(const sk_view *view);
json_object *sk_payload_closed(const sk_view *view, bool is_cleared);

/* text as Slack passes it on: & < > escaped, @names, #channels, addresses and links as <...>. Commands get names
 * beside the ids (should_escape), messages the ids alone. The caller's. */
char *sk_escape_typed(const char *text, bool with_names);

#endif
