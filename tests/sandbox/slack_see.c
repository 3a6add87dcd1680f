#include "slack_see.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "slack_act.h"
#include "slack_elements.h"
#include "slack_views.h"
#include "slack_world.h"

/* ---- one person's screen ----------------------------------------------------------------------------------------- */

static json_object *seen_message(const sk_message *message, const char *user)
{
    json_object *json = sj_clone(message->json);
    json_object *values = sk_state(sj_get(json, "blocks"), sj_get(message->states, user));
    sj_put(json, "state:o edits:d", sj_pack("values:o", values), (int)sj_len(message->versions));
    if (message->only_for)
        sj_put(json, "only_for:s", message->only_for);
    return json;
}

static bool is_reply(const sk_message *message)
{
    return *message->thread_ts && strcmp(message->thread_ts, message->ts) != 0;
}

static json_object *replies_to(const sk_message *parent, const char *user)
{
    json_object *replies = json_object_new_array();
    for (size_t i = 0; i < sk_message_count(); i++) {
        const sk_message *each = sk_message_at(i);
        bool is_ours = each->channel == parent->channel && !each->only_for && is_reply(each);
        if (is_ours && sk_is_visible(each) && !strcmp(each->thread_ts, parent->ts))
            json_object_array_add(replies, seen_message(each, user));
    }
    return replies;
}

static json_object *messages_in(const sk_channel *channel, const char *user)
{
    json_object *messages = json_object_new_array();
    for (size_t i = 0; i < sk_message_count(); i++) {
        const sk_message *each = sk_message_at(i);
        if (each->channel != channel || each->only_for || is_reply(each) || !sk_is_visible(each))
            continue;
        json_object *json = seen_message(each, user);
        sj_put(json, "replies:o", replies_to(each, user));
        json_object_array_add(messages, json);
    }
    return messages;
}

static json_object *privates_in(const sk_channel *channel, const char *user, const char *device)
{
    json_object *messages = json_object_new_array();
    for (size_t i = 0; i < sk_message_count(); i++) {
        const sk_message *each = sk_message_at(i);
        bool is_theirs = each->channel == channel && each->only_for && !strcmp(each->only_for, user);
        if (is_theirs && !each->is_deleted && sj_has_text(each->devices, device))
            json_object_array_add(messages, seen_message(each, user));
    }
    return messages;
}

static json_object *channels_of(const char *user, const char *device)
{
    json_object *channels = json_object_new_array();
    for (size_t i = 0; i < sk_channel_count(); i++) {
        const sk_channel *each = sk_channel_at(i);
        if (!sk_is_member(each, user))
            continue;
        json_object_array_add(
            channels, sj_pack("id:s name:s is_im:b is_private:b is_archived:b is_ext_shared:b has_bot:b messages:o "
                              "private:o",
                              each->id, each->name, each->im_user != NULL, each->is_private, each->is_archived,
                              each->is_ext_shared, sk_is_member(each, SK_BOT_USER), messages_in(each, user),
                              privates_in(each, user, device)));
    }
    return channels;
}

static json_object *views_of(const char *user)
{
    json_object *views = json_object_new_array();
    for (size_t i = 0; i < sk_view_count(); i++) {
        const sk_view *each = sk_view_at(i);
        if (!each->is_open || each->is_home || strcmp(each->user, user) != 0)
            continue;
        json_object *json = sk_view_json(each);
        sj_put(json, "errors:r trouble:s", each->errors, each->trouble);
        json_object_array_add(views, json);
    }
    return views;
}

/* What their Home tab of the app shows; NULL while nothing was published. */
static json_object *home_of(const char *user)
{
    const sk_view *home = sk_home(user);
    if (!home)
        return NULL;
    json_object *json = sk_view_json(home);
    sj_put(json, "updated_ms:i", home->updated_ms);
    return json;
}

json_object *sk_state_of(const char *user, const char *device)
{
    sk_device_seen(user, device);
    json_object *acts = json_object_new_array();
    json_object *errors = json_object_new_array();
    for (size_t i = 0; i < sj_len(sk_acts()); i++) {
        json_object *act = sj_at(sk_acts(), i);
        if (strcmp(sj_str(act, "user"), user) != 0)
            continue;
        json_object_array_add(acts, json_object_get(act));
        if (*sj_str(act, "error"))
            json_object_array_add(errors, sj_pack("id:s at:i kind:s text:s", sj_str(act, "id"), sj_int(act, "at", 0),
                                                  sj_str(act, "kind"), sj_str(act, "error")));
    }
    return sj_pack("user:s device:s channels:o views:o home:o acts:o errors:o", user, device, channels_of(user, device),
                   views_of(user), home_of(user), acts, errors);
}
