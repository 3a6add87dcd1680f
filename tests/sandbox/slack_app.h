/* slack_app.h - what Slack's own client offers of the app: its commands and shortcuts, as the manifest declares them, and
 * its Home tab. */
#ifndef SANDBOX_SLACK_APP_H
#define SANDBOX_SLACK_APP_H

#include <json-c/json.h>

/* Control verbs, as those of slack_act.h. */
const char *sk_app_home(json_object *arguments, json_object *out);
const char *sk_app_shortcut(json_object *arguments, json_object *out);

/* [{"command","usage_hint","description"}] and [{"name","callback_id","type"}], as config/slack-manifest.yaml
 * declares them; the caller's. */
json_object *sk_app_commands(void);
json_object *sk_app_shortcuts(void);

#endif
