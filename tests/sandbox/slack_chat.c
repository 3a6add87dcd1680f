/* chat.* (contract: slack_api.h). */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_api.h"
#include "slack_blocks.h"
#include "slack_elements.h"
#include "slack_world.h"

#define TEXT_MAX 40000       /* characters; longer is cut, with the warning message_truncated */
#define UPDATE_TEXT_MAX 4000 /* chat.update and chat.postEphemeral answer msg_too_long */
#define METADATA_MAX 8192    /* bytes of event_payload */

/* ---- reading a message out of the arguments -------------------------------------------------------------------- */

/* Bytes of the first max characters. */
static size_t prefix_of(const char *text, size_t max)
{
    size_t at = 0;
    for (size_t count = 0; text[at]; at++) {
        bool starts = ((unsigned char)text[at] & 0xC0) != 0x80;
        if (starts && count++ == max)
            return at;
    }
    return at;
}

static const char *read_text(sk_call *call, bool is_strict, json_object *message)
{
    const char *text = sk_arg(call, "text");
    size_t kept = prefix_of(text, is_strict ? UPDATE_TEXT_MAX : TEXT_MAX);
    bool is_long = text[kept] != '\0';
    if (is_long && is_strict)
        return "msg_too_long";
    if (is_long)
        sj_add_text(call->warnings, "message_truncated");
    json_object_object_add(message, "text", json_object_new_string_len(text, (int)kept));
    return NULL;
}

static const char *read_blocks(sk_call *call, json_object *message)
{
    if (!sk_has_arg(call, "blocks"))
        return NULL;
    json_object *blocks = sk_arg_tree(call, "blocks");
    if (!sj_is(blocks, json_type_array))
        return "invalid_blocks_format";
    if (sk_check_blocks(blocks, SK_SURFACE_MESSAGE, call->messages))
        return "invalid_blocks";
    json_object *copy = sj_clone(blocks);
    sk_fill_ids(copy);
    json_object_object_add(message, "blocks", copy);
    return NULL;
}

static const char *read_metadata(sk_call *call, json_object *message)
{
    if (!sk_has_arg(call, "metadata"))
        return NULL;
    json_object *metadata = sk_arg_tree(call, "metadata");
    if (!sj_is(metadata, json_type_object))
        return "invalid_metadata_format";
    if (!*sj_str(metadata, "event_type") || !sj_is(sj_get(metadata, "event_payload"), json_type_object))
        return "invalid_metadata_schema";
    if (strlen(sj_dump(metadata)) > METADATA_MAX)
        return "metadata_too_large";
    json_object_object_add(message, "metadata", sj_clone(metadata));
    return NULL;
}

static json_object *bot_message(void)
{
    json_object *profile =
        sj_pack("id:s app_id:s name:s deleted:b team_id:s", SK_BOT_ID, SK_APP, "resetbot", false, SK_TEAM);
    return sj_pack("user:s bot_id:s app_id:s team:s bot_profile:o", SK_BOT_USER, SK_BOT_ID, SK_APP, SK_TEAM, profile);
}

/* The whole content; *out_message is the caller's on NULL. */
static const char *read_message(sk_call *call, bool is_strict, json_object *start, json_object **out_message)
{
    const char *error = read_text(call, is_strict, start);
    if (!error)
        error = read_blocks(call, start);
    if (!error)
        error = read_metadata(call, start);
    bool has_attachments = sj_len(sk_arg_tree(call, "attachments")) > 0;
    bool is_empty = !*sj_str(start, "text") && !sj_len(sj_get(start, "blocks")) && !has_attachments;
    if (!error && is_empty)
        error = "no_text";
    if (has_attachments)
        sj_put(start, "attachments:o", sj_clone(sk_arg_tree(call, "attachments")));
    if (error) {
        json_object_put(start);
        return error;
    }
    *out_message = start;
    return NULL;
}

/* ---- where it goes ----------------------------------------------------------------------------------------------- */

/* A channel id, a "#name", or a user id (their direct message). */
static sk_channel *named_channel(const char *name)
{
    json_object *user = *name == 'U' || *name == 'W' ? sk_user(name) : NULL;
    bool is_reachable =
        user && !sj_bool(user, "deleted") && !sj_bool(user, "is_bot") && !strcmp(sj_str(user, "team_id"), SK_TEAM);
    if (is_reachable)
        return sk_channel_im(name);
    for (size_t i = 0; *name == '#' && i < sk_channel_count(); i++)
        if (!strcmp(sk_channel_at(i)->name, name + 1))
            return sk_channel_at(i);
    return sk_channel_find(name);
}

static const char *check_postable(sk_call *call, sk_channel *channel)
{
    if (!channel || (channel->is_private && !sk_is_member(channel, SK_BOT_USER)))
        return "channel_not_found";
    if (channel->is_archived)
        return "is_archived";
    const char *needed = call->needed;
    bool may_anywhere = !channel->is_private && sk_has_scope(call, "chat:write.public");
    call->needed = needed;
    return sk_is_member(channel, SK_BOT_USER) || may_anywhere ? NULL : "not_in_channel";
}

static const char *check_thread(sk_call *call, const sk_channel *channel)
{
    const char *thread_ts = sk_arg(call, "thread_ts");
    if (!*thread_ts)
        return NULL;
    const sk_message *parent = sk_message_find(channel, thread_ts);
    if (!parent)
        return "thread_not_found"; /* [INFER]: the documented list has no name for it */
    bool is_reply = *parent->thread_ts && strcmp(parent->thread_ts, parent->ts) != 0;
    return is_reply ? "cannot_reply_to_message" : NULL;
}

/* ---- the methods --------------------------------------------------------------------------------------------------- */

static int64_t lateness_ms(sk_call *call)
{
    json_object *value = NULL;
    if (!sb_fault_in("slack.chat.postMessage.late", sj_dump(call->args), &value))
        return 0;
    return value ? json_object_get_int64(value) : 3000;
}

const char *sk_chat_post(sk_call *call)
{
    sk_channel *channel = named_channel(sk_arg(call, "channel"));
    const char *error = check_postable(call, channel);
    if (!error)
        error = check_thread(call, channel);
    json_object *json = NULL;
    if (!error)
        error = read_message(call, false, bot_message(), &json);
    if (error)
        return error;
    const char *thread_ts = sk_arg(call, "thread_ts");
    if (*thread_ts && sk_arg_bool(call, "reply_broadcast"))
        sj_put(json, "subtype:s", "thread_broadcast");
    sk_message *message = sk_message_add(channel, json, thread_ts, lateness_ms(call));
    json_object *shown = sj_clone(message->json);
    sj_put(call->out, "channel:s ts:s message:o", channel->id, message->ts, shown);
    return NULL;
}

/* Our own message named by channel and ts. */
static const char *own_message(sk_call *call, const char *refusal, sk_message **out_message)
{
    sk_channel *channel = named_channel(sk_arg(call, "channel"));
    if (!channel)
        return "channel_not_found";
    sk_message *message = sk_message_find(channel, sk_arg(call, "ts"));
    if (!message)
        return "message_not_found";
    if (strcmp(sj_str(message->json, "bot_id"), SK_BOT_ID) != 0)
        return refusal;
    *out_message = message;
    return NULL;
}

/* An update without blocks, metadata or attachments: blocks go when text is given, metadata stays. */
static json_object *edit_of(sk_call *call, json_object *content, const char *ts)
{
    if (!sj_get(content, "blocks") && sk_has_arg(call, "text"))
        json_object_object_add(content, "blocks", NULL);
    sj_put(content, "edited:o", sj_pack("user:s ts:s", SK_BOT_USER, ts));
    return content;
}

const char *sk_chat_update(sk_call *call)
{
    sk_message *message = NULL;
    const char *error = own_message(call, "cant_update_message", &message);
    if (!error && message->channel->is_archived)
        error = "is_inactive";
    json_object *content = NULL;
    if (!error)
        error = read_message(call, true, json_object_new_object(), &content);
    if (error)
        return error;
    char ts[SK_TS_CAP];
    sk_next_ts(ts);
    sk_message_edit(message, edit_of(call, content, ts));
    sj_put(call->out, "channel:s ts:s text:s message:o", message->channel->id, message->ts,
           sj_str(message->json, "text"), sj_clone(message->json));
    return NULL;
}

const char *sk_chat_ephemeral(sk_call *call)
{
    sk_channel *channel = named_channel(sk_arg(call, "channel"));
    const char *error = check_postable(call, channel);
    if (error)
        return error;
    const char *user = sk_arg(call, "user");
    if (!sk_is_member(channel, user) || sj_bool(sk_user(user), "deleted"))
        return "user_not_in_channel";
    json_object *json = NULL;
    error = read_message(call, true, bot_message(), &json);
    if (error)
        return error;
    const sk_message *message = sk_private_add(channel, user, json, sk_arg(call, "thread_ts"));
    sj_put(call->out, "message_ts:s", message->ts);
    return NULL;
}

const char *sk_chat_delete(sk_call *call)
{
    sk_message *message = NULL;
    const char *error = own_message(call, "cant_delete_message", &message);
    if (error)
        return error;
    sk_message_delete(message);
    sj_put(call->out, "channel:s ts:s", message->channel->id, message->ts);
    return NULL;
}

const char *sk_chat_permalink(sk_call *call)
{
    sk_channel *channel = sk_channel_find(sk_arg(call, "channel"));
    if (!channel)
        return "channel_not_found";
    const sk_message *message = sk_message_find(channel, sk_arg(call, "message_ts"));
    if (!message)
        return "message_not_found";
    const char *dot = strchr(message->ts, '.');
    bool is_reply = *message->thread_ts && strcmp(message->thread_ts, message->ts) != 0;
    char *tail = is_reply ? sb_strf("?thread_ts=%s&cid=%s", message->thread_ts, channel->id) : sb_strdup("");
    char *link = sb_strf("https://" SK_DOMAIN ".slack.com/archives/%s/p%.*s%s%s", channel->id, (int)(dot - message->ts),
                         message->ts, dot + 1, tail);
    sj_put(call->out, "channel:s permalink:s", channel->id, link);
    free(tail);
    free(link);
    return NULL;
}
