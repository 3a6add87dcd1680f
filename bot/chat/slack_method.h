/* slack_method.h - which Web API method serves which call, and what may be assumed of it. */
#ifndef RB_CHAT_SLACK_METHOD_H
#define RB_CHAT_SLACK_METHOD_H

#include <stdbool.h>

#include "chat/slack_reply.h"
#include "resetbot/chat_port.h"

typedef enum {
    RB_SLACK_BODY_JSON,
    RB_SLACK_BODY_FORM,
    RB_SLACK_BODY_HOOK /* JSON to a response_url, without token */
} rb_slack_body;

typedef struct {
    const char *name;
    rb_slack_body body;
    rb_slack_effect effect;
    bool is_once; /* the HTTP library must not repeat it either */
} rb_slack_method;

const rb_slack_method *rb_slack_method_of(rb_chat_call_kind kind);

#endif
