/* slack_act.h - what people do: type, press, choose, submit, close, say; and what their client shows for it. */
#ifndef SANDBOX_SLACK_ACT_H
#define SANDBOX_SLACK_ACT_H

#include <json-c/json.h>

/* Each takes the control verb's arguments and fills out; NULL, or a static sentence saying why the client would not. */
const char *sk_act_command(json_object *arguments, json_object *out);
const char *sk_act_click(json_object *arguments, json_object *out);
const char *sk_act_select(json_object *arguments, json_object *out);
const char *sk_act_fill(json_object *arguments, json_object *out);
const char *sk_act_submit(json_object *arguments, json_object *out);
const char *sk_act_close_view(json_object *arguments, json_object *out);
const char *sk_act_say(json_object *arguments, json_object *out);

/* Everything people did, in order: [{"id","at","ts","kind","user","channel","what","state","error"}]; state is "sent",
 * "acked" or "failed"; error is what their client showed. */
json_object *sk_acts(void);
void sk_act_fini(void);

#endif
