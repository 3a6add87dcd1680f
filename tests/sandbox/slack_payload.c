#include "slack_payload.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_elements.h"
#include "slack_response.h"
#include "world.h"

static void put_trigger(json_object *payload, const char *user, const char *view_id)
{
    char *trigger = sk_trigger_new(user, view_id);
    sj_put(payload, "trigger_id:s", trigger);
    free(trigger);
}

json_object *sk_payload(const char *type, const char *user)
{
    json_object *person = sk_user(user);
    const char *team = *sj_str(person, "team_id") ? sj_str(person, "team_id") : SK_TEAM;
    const char *name = sj_str(person, "name");
    return sj_pack("type:s team:o user:o api_app_id:s token:s enterprise:o is_enterprise_install:b", type,
                   sj_pack("id:s domain:s", SK_TEAM, SK_DOMAIN),
                   sj_pack("id:s username:s name:s team_id:s", user, name, name, team), SK_APP, "sandbox-verification",
                   NULL, false);
}

/* As commands and shortcuts name a conversation. */
static const char *name_of_channel(const sk_channel *channel)
{
    return channel->im_user ? "directmessage" : channel->is_private ? "privategroup" : channel->name;
}

json_object *sk_payload_command(const char *user, sk_channel *channel, const char *command, const char *text)
{
    char *typed = sb_setting("should_escape", 1) ? sk_escape_typed(text, true) : sb_strdup(text);
    char *url = sk_response_url_new("commands", user, channel, NULL);
    const char *team = sj_str(sk_user(user), "team_id");
    json_object *payload =
        sj_pack("token:s team_id:s team_domain:s channel_id:s channel_name:s user_id:s user_name:s command:s text:s "
                "api_app_id:s is_enterprise_install:s response_url:s",
                "sandbox-verification", *team ? team : SK_TEAM, SK_DOMAIN, channel->id, name_of_channel(channel), user,
                sj_str(sk_user(user), "name"), command, typed, SK_APP, "false", url);
    put_trigger(payload, user, "");
    free(typed);
    free(url);
    return payload;
}

static void put_action(json_object *payload, json_object *take_action)
{
    char ts[SK_TS_CAP];
    sk_next_ts(ts);
    sj_put(take_action, "action_ts:s", ts);
    json_object *actions = json_object_new_array();
    json_object_array_add(actions, take_action);
    sj_put(payload, "actions:o", actions);
}

json_object *sk_payload_message_action(const char *user, sk_message *message, json_object *take_action)
{
    json_object *payload = sk_payload("block_actions", user);
    json_object *container = sj_pack("type:s message_ts:s channel_id:s is_ephemeral:b", "message", message->ts,
                                     message->channel->id, message->only_for != NULL);
    if (*message->thread_ts)
        sj_put(container, "thread_ts:s", message->thread_ts);
    const char *name = message->channel->im_user ? "directmessage" : message->channel->name;
    char *url = sk_response_url_new("actions", user, message->channel, message);
    json_object *values = sk_state(sj_get(message->json, "blocks"), sj_get(message->states, user));
    sj_put(payload, "container:o channel:o state:o response_url:s", container,
           sj_pack("id:s name:s", message->channel->id, name), sj_pack("values:o", values), url);
    /* whether Slack sends a private message's content back is not in the sources: both can be had */
    if (!message->only_for || sb_setting("ephemeral_message_in_payload", 0))
        sj_put(payload, "message:o", sj_clone(message->json));
    put_trigger(payload, user, "");
    put_action(payload, take_action);
    free(url);
    return payload;
}

/* Fields: docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload; message_ts, action_ts and the
 * team of the user as in the official clients' types (bolt-js src/types/shortcuts/message-shortcut.ts). */
json_object *sk_payload_shortcut(const char *user, const sk_message *message, const char *callback_id)
{
    json_object *payload = sk_payload("message_action", user);
    char *url = sk_response_url_new("app-actions", user, message->channel, NULL);
    char ts[SK_TS_CAP];
    sk_next_ts(ts);
    sj_put(payload, "callback_id:s response_url:s action_ts:s message_ts:s channel:o message:o", callback_id, url, ts,
           message->ts, sj_pack("id:s name:s", message->channel->id, name_of_channel(message->channel)),
           sj_clone(message->json));
    put_trigger(payload, user, "");
    free(url);
    return payload;
}

json_object *sk_payload_view_action(const sk_view *view, json_object *take_action)
{
    json_object *payload = sk_payload("block_actions", view->user);
    sj_put(payload, "container:o view:o", sj_pack("type:s view_id:s", "view", view->id), sk_view_json(view));
    put_trigger(payload, view->user, view->id);
    put_action(payload, take_action);
    return payload;
}

json_object *sk_payload_submission(const sk_view *view)
{
    json_object *payload = sk_payload("view_submission", view->user);
    /* an outsider's submission names their own workspace (samples/interaction/view_submission.slack_connect.json) */
    const char *team = sj_str(sk_user(view->user), "team_id");
    if (*team && strcmp(team, SK_TEAM) != 0)
        sj_put(payload, "team:o", sj_pack("id:s domain:s", team, "partner"));
    sj_put(payload, "view:o response_urls:o", sk_view_json(view), json_object_new_array());
    put_trigger(payload, view->user, view->id);
    return payload;
}

json_object *sk_payload_closed(const sk_view *view, bool is_cleared)
{
    json_object *payload = sk_payload("view_closed", view->user);
    sj_put(payload, "view:o is_cleared:b", sk_view_json(view), is_cleared);
    return payload;
}

/* ---- should_escape ----------------------------------------------------------------------------------------------- */

static void add_escaped(sb_bytes *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char *entity = text[i] == '&' ? "&amp;" : text[i] == '<' ? "&lt;" : text[i] == '>' ? "&gt;" : NULL;
        if (entity)
            sb_bytes_adds(out, entity);
        else
            sb_bytes_add(out, text + i, 1);
    }
}

/* "@hanna" or "#random": true when such a person, group or channel exists. */
static bool add_mention(sb_bytes *out, const char *word, size_t len, bool with_names)
{
    json_object *tables[] = {*word == '@' ? sk_users() : NULL, *word == '@' ? sk_groups() : NULL};
    static const struct {
        const char *name_key;
        const char *format;
    } kinds[] = {{"name", "<@"}, {"handle", "<!subteam^"}};
    for (size_t kind = 0; kind < 2 && tables[kind]; kind++) {
        json_object_object_foreach(tables[kind], id, thing)
        {
            const char *name = sj_str(thing, kinds[kind].name_key);
            if (strlen(name) != len - 1 || strncmp(name, word + 1, len - 1) != 0)
                continue;
            sb_bytes_addf(out, "%s%s", kinds[kind].format, id);
            if (with_names)
                sb_bytes_addf(out, "|%s%s", kind ? "@" : "", name);
            sb_bytes_adds(out, ">");
            return true;
        }
    }
    for (size_t i = 0; *word == '#' && i < sk_channel_count(); i++) {
        const sk_channel *channel = sk_channel_at(i);
        if (strlen(channel->name) != len - 1 || strncmp(channel->name, word + 1, len - 1) != 0)
            continue;
        sb_bytes_addf(out, "<#%s|%s>", channel->id, with_names ? channel->name : "");
        return true;
    }
    return false;
}

static bool is_address(const char *word, size_t len)
{
    const char *at = memchr(word, '@', len);
    bool has_dot = at && memchr(at, '.', len - (size_t)(at - word));
    return at && at > word && has_dot && isalnum((unsigned char)word[len - 1]);
}

/* "<@U0ADELE>" and the like: a test gives what Slack would send. */
static bool is_token(const char *word, size_t len)
{
    bool is_kind = word[1] == '@' || word[1] == '#' || word[1] == '!' || !strncmp(word + 1, "http", 4) ||
                   !strncmp(word + 1, "mailto:", 7);
    return *word == '<' && word[len - 1] == '>' && is_kind;
}

static void add_word(sb_bytes *out, const char *word, size_t len, bool with_names)
{
    if (is_token(word, len)) {
        sb_bytes_add(out, word, len);
    } else if (len > 1 && (*word == '@' || *word == '#') && add_mention(out, word, len, with_names)) {
        return;
    } else if (!strncmp(word, "http://", 7) || !strncmp(word, "https://", 8)) {
        sb_bytes_adds(out, "<");
        add_escaped(out, word, len);
        sb_bytes_adds(out, ">");
    } else if (is_address(word, len) && sb_setting("escape_mail", 1)) {
        sb_bytes_addf(out, "<mailto:%.*s|%.*s>", (int)len, word, (int)len, word);
    } else {
        add_escaped(out, word, len);
    }
}

char *sk_escape_typed(const char *text, bool with_names)
{
    sb_bytes out = {0};
    for (const char *at = text; *at;) {
        size_t blank = strspn(at, " \n\t");
        sb_bytes_add(&out, at, blank);
        at += blank;
        size_t len = strcspn(at, " \n\t");
        if (len)
            add_word(&out, at, len, with_names);
        at += len;
    }
    return sb_bytes_take(&out);
}
