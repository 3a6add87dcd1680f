/* slack_api.h - the Web API: one table of methods; arguments, tokens, scopes, limits and faults around each. */
#ifndef SANDBOX_SLACK_API_H
#define SANDBOX_SLACK_API_H

#include <json-c/json.h>
#include <stdbool.h>

#include "world.h"

/* One call in progress. Methods read with the helpers, fill out, and return NULL or an error name. */
typedef struct {
    const char *method;
    json_object *args;     /* values are texts (form) or JSON (body) */
    json_object *out;      /* the reply's fields besides ok */
    json_object *messages; /* response_metadata.messages */
    json_object *warnings;
    const char *needed; /* the scope that was missing */
    bool tls;
} sk_call;

typedef const char *(*sk_method)(sk_call *call);

typedef struct {
    const char *name;
    sk_method run;
    const char *scope;    /* "" when none */
    const char *required; /* names of arguments, "a b" */
    int per_minute;       /* of the rate tier */
    bool takes_json;
} sk_entry;

/* Argument as text ("" when absent; numbers and booleans too), as tree (NULL when absent or no JSON), as truth. */
const char *sk_arg(sk_call *call, const char *name);
json_object *sk_arg_tree(sk_call *call, const char *name);
bool sk_arg_bool(sk_call *call, const char *name);
bool sk_has_arg(sk_call *call, const char *name);
/* True when the bot's token has that scope; else notes it, and the method returns "missing_scope". */
bool sk_has_scope(sk_call *call, const char *scope);
/* Names of the methods from 0 on, then NULL. */
const char *sk_method_name(size_t i);
/* The scopes, "a,b"; settable. */
const char *sk_scopes(void);
void sk_set_scopes(const char *scopes);
/* Only these tokens are accepted from now on (NULL: any xoxb-, xapp-). */
void sk_set_tokens(const char *bot_token, const char *app_token);

/* /api/METHOD; false when the path is none. */
bool sk_api_handle(const sb_request *request, sb_reply *reply);
void sk_api_fini(void);

/* ---- rate limits (slack_limits.c) ---- */
/* Takes one from the bucket of key (burst tokens, one more every interval_ms); 0, or the seconds to wait. */
int sk_limit(const char *key, int64_t burst, int64_t interval_ms);
void sk_limits_fini(void);

/* ---- the methods: slack_people.c, slack_conversations.c, slack_chat.c, slack_forms.c ---- */
const char *sk_auth_test(sk_call *call);
const char *sk_connections_open(sk_call *call);
const char *sk_users_info(sk_call *call);
const char *sk_users_list(sk_call *call);
const char *sk_users_lookup(sk_call *call);
const char *sk_groups_list(sk_call *call);
const char *sk_groups_users(sk_call *call);
const char *sk_conversations_open(sk_call *call);
const char *sk_conversations_info(sk_call *call);
const char *sk_conversations_list(sk_call *call);
const char *sk_conversations_members(sk_call *call);
const char *sk_conversations_history(sk_call *call);
const char *sk_conversations_replies(sk_call *call);
const char *sk_chat_post(sk_call *call);
const char *sk_chat_update(sk_call *call);
const char *sk_chat_ephemeral(sk_call *call);
const char *sk_chat_delete(sk_call *call);
const char *sk_chat_permalink(sk_call *call);
const char *sk_views_open(sk_call *call);
const char *sk_views_push(sk_call *call);
const char *sk_views_update(sk_call *call);
const char *sk_views_publish(sk_call *call);

#endif
