#include "slack_app.h"

#include <string.h>

#include "json.h"
#include "slack_act.h"
#include "slack_payload.h"
#include "slack_socket.h"
#include "slack_views.h"
#include "slack_world.h"
#include "world.h"

/* ---- what the manifest declares ------------------------------------------------------------------------------------ */

static const struct {
    const char *command;
    const char *usage_hint;
    const char *description;
} commands[] = {{"/passcode", "reset USER|SERIAL|DEVICE-ID [reason] [ticket] · help",
                 "Reset or remove the passcode of a managed phone"}};

static const struct {
    const char *name;
    const char *callback_id;
} shortcuts[] = {{"Reset a passcode", "reset_from_message"}};

#define N_SHORTCUTS (sizeof shortcuts / sizeof shortcuts[0])

json_object *sk_app_commands(void)
{
    json_object *all = json_object_new_array();
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        json_object_array_add(all, sj_pack("command:s usage_hint:s description:s", commands[i].command,
                                           commands[i].usage_hint, commands[i].description));
    return all;
}

json_object *sk_app_shortcuts(void)
{
    json_object *all = json_object_new_array();
    for (size_t i = 0; i < N_SHORTCUTS; i++)
        json_object_array_add(
            all, sj_pack("name:s callback_id:s type:s", shortcuts[i].name, shortcuts[i].callback_id, "message"));
    return all;
}

/* ---- the Home tab -------------------------------------------------------------------------------------------------- */

/* docs.slack.dev/reference/events/app_home_opened: sent each time, with the view once one was published. */
static json_object *opened_event(const char *user, const sk_view *home)
{
    char ts[SK_TS_CAP];
    sk_next_ts(ts);
    json_object *event = sj_pack("type:s user:s channel:s tab:s event_ts:s", "app_home_opened", user,
                                 sk_channel_im(user)->id, "home", ts);
    if (home)
        sj_put(event, "view:o", sk_view_json(home));
    return event;
}

const char *sk_app_home(json_object *arguments, json_object *out)
{
    const char *user = sj_str(arguments, "user");
    const char *error = sk_act_check_person(user);
    if (!error && !sb_setting("home_tab", 1))
        error = "the app has no Home tab";
    if (error)
        return error;
    const sk_view *home = sk_home(user);
    sb_journal("home_open", sj_pack("user:s view_id:s", user, home ? home->id : NULL));
    sk_deliver_event(opened_event(user, home));
    sj_put(out, "view_id:s", home ? home->id : NULL);
    return NULL;
}

/* ---- message shortcuts --------------------------------------------------------------------------------------------- */

const char *sk_app_shortcut(json_object *arguments, json_object *out)
{
    const char *user = sj_str(arguments, "user");
    const char *error = sk_act_check_person(user);
    if (error)
        return error;
    const sk_message *message = sk_act_message_seen(user, arguments);
    /* Slack offers shortcuts in the menu of messages that are kept (bolt-js, about message shortcuts) */
    if (!message || message->only_for)
        return "that person sees no such message, or it is a private one";
    size_t wanted = 0;
    while (wanted < N_SHORTCUTS && strcmp(shortcuts[wanted].callback_id, sj_str(arguments, "callback_id")) != 0)
        wanted++;
    if (wanted == N_SHORTCUTS)
        return "the app has no shortcut of that callback_id";
    sk_act *act = sk_act_new("shortcut", user, message->channel->id, shortcuts[wanted].name, out);
    sk_deliver("interactive", sk_payload_shortcut(user, message, shortcuts[wanted].callback_id), false,
               &(sk_outcome){.acked = sk_click_acked, .failed = sk_act_failed, .arg = act});
    return NULL;
}
