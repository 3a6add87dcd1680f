/* conversations.* (contract: slack_api.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_api.h"
#include "slack_world.h"

static bool is_im_disabled(json_object *user)
{
    return sj_bool(user, "deleted") || sj_bool(user, "is_bot");
}

/* ---- opening and reading channels ---------------------------------------------------------------------------- */

static const char *check_partner(json_object *user)
{
    if (!user)
        return "user_not_found";
    if (strcmp(sj_str(user, "team_id"), SK_TEAM) != 0)
        return "user_not_visible";
    return is_im_disabled(user) ? "user_disabled" : NULL;
}

static json_object *im_json(const sk_channel *channel)
{
    return sj_pack("id:s created:i is_archived:b is_im:b is_org_shared:b context_team_id:s user:s last_read:s latest:o "
                   "unread_count:d unread_count_display:d is_open:b priority:d",
                   channel->id, channel->created_s, false, true, false, SK_TEAM, channel->im_user, "0000000000.000000",
                   NULL, 0, 0, true, 0);
}

const char *sk_conversations_open(sk_call *call)
{
    const char *users = sk_arg(call, "users");
    sk_channel *channel = *users ? NULL : sk_channel_find(sk_arg(call, "channel"));
    if (!*users && (!channel || !channel->im_user))
        return *sk_arg(call, "channel") ? "channel_not_found" : "users_list_not_supplied";
    if (strchr(users, ','))
        return "method_not_supported_for_channel_type"; /* group messages: not covered */
    const char *error = *users ? check_partner(sk_user(users)) : NULL;
    if (error)
        return error;
    char *id = *users ? sb_strf("D%s", users + 1) : NULL;
    bool was_open = !id || sk_channel_find(id);
    free(id);
    if (!channel)
        channel = sk_channel_im(users);
    if (was_open)
        sj_put(call->out, "no_op:b already_open:b", true, true);
    sj_put(call->out, "channel:o", sk_arg_bool(call, "return_im") ? im_json(channel) : sj_pack("id:s", channel->id));
    return NULL;
}

static json_object *channel_json(sk_call *call, const sk_channel *channel)
{
    if (channel->im_user)
        return im_json(channel);
    json_object *teams = json_object_new_array();
    sj_add_text(teams, SK_TEAM);
    if (channel->is_ext_shared)
        sj_add_text(teams, "T0PARTNER");
    json_object *json = sj_pack(
        "id:s name:s is_channel:b is_group:b is_im:b is_mpim:b is_private:b created:i is_archived:b is_general:b "
        "unlinked:d name_normalized:s is_shared:b is_org_shared:b is_ext_shared:b is_pending_ext_shared:b "
        "context_team_id:s creator:s is_member:b shared_team_ids:o previous_names:o",
        channel->id, channel->name, !channel->is_private, channel->is_private, false, false, channel->is_private,
        channel->created_s, channel->is_archived, false, 0, channel->name, channel->is_ext_shared, false,
        channel->is_ext_shared, false, SK_TEAM, "U0ADMIN", sk_is_member(channel, SK_BOT_USER), teams,
        json_object_new_array());
    sj_put(json,
           "is_frozen:b updated:i parent_conversation:o pending_shared:o pending_connected_team_ids:o properties:o",
           false, channel->created_s * 1000, NULL, json_object_new_array(), json_object_new_array(),
           json_object_new_object());
    sj_put(json, "topic:o purpose:o", sj_pack("value:s creator:s last_set:d", "", "", 0),
           sj_pack("value:s creator:s last_set:d", "", "", 0));
    if (sk_arg_bool(call, "include_num_members"))
        sj_put(json, "num_members:d", (int)sj_len(channel->members));
    return json;
}

/* The channel the call names, seen with the scope of its kind: "channels:", "groups:" or "im:" and read or history. */
static const char *readable(sk_call *call, const char *what, sk_channel **out_channel)
{
    sk_channel *channel = sk_channel_find(sk_arg(call, "channel"));
    if (!channel || (channel->is_private && !sk_is_member(channel, SK_BOT_USER)))
        return "channel_not_found";
    static const char *const scopes[3][2] = {
        {"channels:read", "channels:history"}, {"groups:read", "groups:history"}, {"im:read", "im:history"}};
    size_t kind = channel->im_user ? 2 : channel->is_private ? 1 : 0;
    if (!sk_has_scope(call, scopes[kind][!strcmp(what, "history")]))
        return "missing_scope";
    *out_channel = channel;
    return NULL;
}

const char *sk_conversations_info(sk_call *call)
{
    sk_channel *channel = NULL;
    const char *error = readable(call, "read", &channel);
    if (!error)
        sj_put(call->out, "channel:o", channel_json(call, channel));
    return error;
}

const char *sk_conversations_list(sk_call *call)
{
    json_object *channels = json_object_new_array();
    for (size_t i = 0; i < sk_channel_count(); i++) {
        const sk_channel *channel = sk_channel_at(i);
        if (!channel->im_user && !channel->is_private)
            json_object_array_add(channels, channel_json(call, channel));
    }
    sj_put(call->out, "channels:o response_metadata:o", channels, sj_pack("next_cursor:s", ""));
    return NULL;
}

/* ---- pages ----------------------------------------------------------------------------------------------------- */

/* A cursor is the place to go on from, as text. */
static const char *read_page(sk_call *call, long limit_max, size_t *out_from, size_t *out_limit)
{
    const char *cursor = sk_arg(call, "cursor");
    char *end = NULL;
    unsigned long from = *cursor ? strtoul(cursor, &end, 36) : 0;
    if (end && *end)
        return "invalid_cursor";
    long limit = sk_has_arg(call, "limit") ? strtol(sk_arg(call, "limit"), NULL, 10) : 100;
    if (limit < 1 || limit > limit_max)
        return "invalid_limit";
    int64_t forced = sb_setting("page_max", 0);
    *out_limit = (size_t)(forced && forced < limit ? forced : limit);
    *out_from = from;
    return NULL;
}

static void put_page(sk_call *call, const char *key, json_object *all, size_t from, size_t limit)
{
    json_object *page = json_object_new_array();
    size_t end = from + limit < sj_len(all) ? from + limit : sj_len(all);
    for (size_t i = from; i < end; i++)
        json_object_array_add(page, json_object_get(sj_at(all, i)));
    char cursor[32] = "";
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    size_t used = 0;
    if (end < sj_len(all)) {
        char reversed[32];
        size_t n = 0;
        for (size_t rest = end; rest; rest /= 36)
            reversed[n++] = digits[rest % 36];
        while (n)
            cursor[used++] = reversed[--n];
    }
    json_object_object_add(call->out, key, page);
    sj_put(call->out, "has_more:b response_metadata:o", end < sj_len(all), sj_pack("next_cursor:s", cursor));
}

const char *sk_conversations_members(sk_call *call)
{
    sk_channel *channel = NULL;
    size_t from = 0;
    size_t limit = 0;
    const char *error = readable(call, "read", &channel);
    if (!error)
        error = read_page(call, 1000, &from, &limit);
    if (error)
        return error;
    put_page(call, "members", channel->members, from, limit);
    json_object_object_del(call->out, "has_more");
    return NULL;
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

static bool is_between(sk_call *call, const sk_message *message)
{
    const char *oldest = sk_arg(call, "oldest");
    const char *latest = sk_arg(call, "latest");
    bool inclusive = sk_arg_bool(call, "inclusive");
    double ts = strtod(message->ts, NULL);
    double low = *oldest ? strtod(oldest, NULL) : 0;
    double high = *latest && strcmp(latest, "0") != 0 ? strtod(latest, NULL) : 1e18;
    return inclusive ? ts >= low && ts <= high : ts > low && ts < high;
}

static json_object *message_json(sk_call *call, const sk_message *message)
{
    json_object *json = sj_clone(message->json);
    if (!sk_arg_bool(call, "include_all_metadata"))
        json_object_object_del(json, "metadata");
    return json;
}

static const char *history_channel(sk_call *call, sk_channel **out_channel)
{
    const char *error = readable(call, "history", out_channel);
    if (!error && !sk_is_member(*out_channel, SK_BOT_USER))
        return "not_in_channel";
    return error;
}

/* Newest first, without replies (but with broadcast ones). */
const char *sk_conversations_history(sk_call *call)
{
    sk_channel *channel = NULL;
    size_t from = 0;
    size_t limit = 0;
    const char *error = history_channel(call, &channel);
    if (!error)
        error = read_page(call, 999, &from, &limit);
    if (error)
        return error;
    json_object *all = json_object_new_array();
    for (size_t i = sk_message_count(); i-- > 0;) {
        const sk_message *each = sk_message_at(i);
        bool is_reply = *each->thread_ts && strcmp(each->thread_ts, each->ts) != 0;
        bool is_top = !is_reply || !strcmp(sj_str(each->json, "subtype"), "thread_broadcast");
        if (each->channel == channel && !each->only_for && is_top && sk_is_visible(each) && is_between(call, each))
            json_object_array_add(all, message_json(call, each));
    }
    put_page(call, "messages", all, from, limit);
    sj_put(call->out, "pin_count:d", 0);
    json_object_put(all);
    return NULL;
}

/* The parent always first, then its replies, oldest first. */
const char *sk_conversations_replies(sk_call *call)
{
    sk_channel *channel = NULL;
    size_t from = 0;
    size_t limit = 0;
    const char *error = history_channel(call, &channel);
    if (!error)
        error = read_page(call, 1000, &from, &limit);
    if (error)
        return error;
    const sk_message *parent = sk_message_find(channel, sk_arg(call, "ts"));
    if (!parent || !sk_is_visible(parent))
        return "thread_not_found";
    json_object *all = json_object_new_array();
    json_object_array_add(all, message_json(call, parent));
    for (size_t i = 0; i < sk_message_count(); i++) {
        const sk_message *each = sk_message_at(i);
        bool is_reply = each->channel == channel && !each->only_for && !strcmp(each->thread_ts, parent->ts);
        if (is_reply && sk_is_visible(each) && is_between(call, each))
            json_object_array_add(all, message_json(call, each));
    }
    put_page(call, "messages", all, from, limit);
    json_object_put(all);
    return NULL;
}
