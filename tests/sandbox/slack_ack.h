/* slack_ack.h - what an acknowledgement, or its absence, does to the person who acted. */
#ifndef SANDBOX_SLACK_ACK_H
#define SANDBOX_SLACK_ACK_H

#include <json-c/json.h>

#include "slack_views.h"
#include "slack_world.h"

/* One act under way; freed when its outcome is in. */
typedef struct {
    json_object *entry; /* of sk_acts(), one reference */
    sk_channel *channel;
    sk_view *view;
} sk_act;

/* Outcomes for sk_deliver; arg is a sk_act. */
void sk_command_acked(void *arg, json_object *payload);
void sk_click_acked(void *arg, json_object *payload);
void sk_submit_acked(void *arg, json_object *payload);
void sk_act_failed(void *arg, const char *why);

#endif
