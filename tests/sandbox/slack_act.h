/* slack_act.h - what people do: type, press, choose, submit, close, say; and what their client shows for it. */
#ifndef SANDBOX_SLACK_ACT_H
#define SANDBOX_SLACK_ACT_H

#include <json-c/json.h>

#include "slack_ack.h"

/* Each takes the control verb's arguments and fills out; NULL, or a static sentence saying why the client would not. */
const char *sk_act_command(json_object *arguments, json_object *out);
const char *sk_act_click(json_object *arguments, json_object *out);
const char *sk_act_select(json_object *arguments, json_object *out);
const char *sk_act_fill(json_object *arguments, json_object *out);
const char *sk_act_submit(json_object *arguments, json_object *out);
const char *sk_act_close_view(json_object *arguments, json_object *out);
const char *sk_act_say(json_object *arguments, json_object *out);

/* ---- for other kinds of acts (slack_app.c) ---- */
/* An act that has begun, told in acts and journal; out gets its id. what: the words of the record. */
sk_act *sk_act_new(const char *kind, const char *user, const char *channel, const char *what, json_object *out);
/* Why that person can do nothing; NULL when they can. */
const char *sk_act_check_person(const char *user);
/* The message that arguments' channel and ts name, when that person sees it; NULL else. */
sk_message *sk_act_message_seen(const char *user, json_object *arguments);

/* Everything people did, in order: [{"id","at","ts","kind","user","channel","what","state","error"}]; state is "sent",
 * "acked" or "failed"; error is what their client showed. */
json_object *sk_acts(void);
void sk_act_fini(void);

#endif
