#include "slack_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "json.h"
#include "slack_seed.h"
#include "world.h"

static struct {
    json_object *users;
    json_object *groups;
    json_object *devices; /* user -> array */
    sk_channel **channels;
    size_t n_channels;
    sk_message **messages;
    size_t n_messages;
    int64_t last_us;
    unsigned next_id;
} slack;

/* ---- names ---- */

void sk_next_ts(char out_ts[SK_TS_CAP])
{
    int64_t now_us = sb_now_ms() * 1000;
    slack.last_us = now_us > slack.last_us ? now_us : slack.last_us + 1;
    snprintf(out_ts, SK_TS_CAP, "%lld.%06d", (long long)(slack.last_us / 1000000), (int)(slack.last_us % 1000000));
}

char *sk_next_id(const char *prefix)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    unsigned number = ++slack.next_id;
    char tail[6] = {0};
    for (size_t i = 5; i-- > 0; number /= 36)
        tail[i] = digits[number % 36];
    return sb_strf("%s%s", prefix, tail);
}

void sk_hex(char *out_text, size_t n_digits)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n_digits; i++) {
        unsigned char byte = 0;
        sb_random(&byte, 1);
        out_text[i] = digits[byte & 15];
    }
    out_text[n_digits] = '\0';
}

void sk_guid(char out_guid[37])
{
    sk_hex(out_guid, 36);
    out_guid[8] = out_guid[13] = out_guid[18] = out_guid[23] = '-';
    out_guid[14] = '4';
    out_guid[19] = 'a';
}

/* ---- people and groups ---- */

json_object *sk_users(void)
{
    return slack.users;
}

json_object *sk_user(const char *id)
{
    return sj_get(slack.users, id);
}

json_object *sk_user_by_email(const char *email)
{
    json_object_object_foreach(slack.users, id, user)
    {
        (void)id;
        const char *theirs = sj_str(sj_get(user, "profile"), "email");
        if (*theirs && !strcasecmp(theirs, email) && !sj_bool(user, "deleted"))
            return user;
    }
    return NULL;
}

json_object *sk_groups(void)
{
    return slack.groups;
}

json_object *sk_devices(const char *user)
{
    json_object *devices = sj_get(slack.devices, user);
    if (!devices) {
        devices = json_object_new_array();
        sj_add_text(devices, SK_DEVICE);
        json_object_object_add(slack.devices, user, devices);
    }
    return devices;
}

void sk_device_seen(const char *user, const char *device)
{
    if (!sj_has_text(sk_devices(user), device))
        sj_add_text(sk_devices(user), device);
}

/* ---- channels ---- */

size_t sk_channel_count(void)
{
    return slack.n_channels;
}

sk_channel *sk_channel_at(size_t place)
{
    return slack.channels[place];
}

sk_channel *sk_channel_find(const char *id)
{
    for (size_t i = 0; i < slack.n_channels; i++)
        if (!strcmp(slack.channels[i]->id, id))
            return slack.channels[i];
    return NULL;
}

static void *grow(void *array, size_t count, size_t size)
{
    if (count & (count - 1))
        return array; /* room is made at each power of two */
    void *grown = realloc(array, (count ? count * 2 : 1) * size);
    if (!grown)
        abort();
    return grown;
}

sk_channel *sk_channel_add(const char *id, const char *name)
{
    slack.channels = grow(slack.channels, slack.n_channels, sizeof *slack.channels);
    sk_channel *channel = sb_alloc(sizeof *channel);
    channel->id = sb_strdup(id);
    channel->name = sb_strdup(name);
    channel->created_s = sb_now_ms() / 1000;
    channel->members = json_object_new_array();
    slack.channels[slack.n_channels++] = channel;
    return channel;
}

sk_channel *sk_channel_im(const char *user)
{
    char *id = sb_strf("D%s", user + 1);
    sk_channel *channel = sk_channel_find(id);
    if (!channel) {
        channel = sk_channel_add(id, "directmessage");
        channel->im_user = sb_strdup(user);
        sj_add_text(channel->members, user);
        sj_add_text(channel->members, SK_BOT_USER);
    }
    free(id);
    return channel;
}

bool sk_is_member(const sk_channel *channel, const char *user)
{
    return sj_has_text(channel->members, user);
}

void sk_channel_set(json_object *fields)
{
    const char *id = sj_str(fields, "id");
    sk_channel *channel = sk_channel_find(id);
    if (!channel)
        channel = sk_channel_add(id, *sj_str(fields, "name") ? sj_str(fields, "name") : id);
    if (sj_get(fields, "is_private"))
        channel->is_private = sj_bool(fields, "is_private");
    if (sj_get(fields, "is_archived"))
        channel->is_archived = sj_bool(fields, "is_archived");
    if (sj_get(fields, "is_ext_shared"))
        channel->is_ext_shared = sj_bool(fields, "is_ext_shared");
    if (sj_is(sj_get(fields, "members"), json_type_array)) {
        json_object_put(channel->members);
        channel->members = sj_clone(sj_get(fields, "members"));
    }
}

/* ---- messages ---- */

static sk_message *message_new(sk_channel *channel, json_object *take_json, const char *thread_ts)
{
    slack.messages = grow(slack.messages, slack.n_messages, sizeof *slack.messages);
    sk_message *message = sb_alloc(sizeof *message);
    message->channel = channel;
    sk_next_ts(message->ts);
    snprintf(message->thread_ts, sizeof message->thread_ts, "%s", thread_ts);
    message->json = take_json;
    message->versions = json_object_new_array();
    message->version_ts = json_object_new_array();
    sj_add_text(message->version_ts, message->ts);
    message->states = json_object_new_object();
    sj_put(take_json, "type:s ts:s", "message", message->ts);
    if (*thread_ts)
        sj_put(take_json, "thread_ts:s", thread_ts);
    slack.messages[slack.n_messages++] = message;
    return message;
}

/* What Slack adds to the first message of a thread. */
static void count_reply(const sk_channel *channel, const sk_message *reply)
{
    sk_message *parent = sk_message_find(channel, reply->thread_ts);
    if (!parent)
        return;
    json_object *repliers = sj_get(parent->json, "reply_users");
    repliers = repliers ? json_object_get(repliers) : json_object_new_array();
    if (!sj_has_text(repliers, sj_str(reply->json, "user")))
        sj_add_text(repliers, sj_str(reply->json, "user"));
    sj_put(parent->json, "thread_ts:s reply_count:i reply_users_count:d latest_reply:s reply_users:o", parent->ts,
           sj_int(parent->json, "reply_count", 0) + 1, (int)sj_len(repliers), reply->ts, repliers);
    sj_put(reply->json, "parent_user_id:s", sj_str(parent->json, "user"));
}

sk_message *sk_message_add(sk_channel *channel, json_object *take_json, const char *thread_ts, int64_t visible_after_ms)
{
    sk_message *message = message_new(channel, take_json, thread_ts);
    message->visible_ms = sb_now_ms() + visible_after_ms;
    if (*thread_ts)
        count_reply(channel, message);
    return message;
}

sk_message *sk_private_add(sk_channel *channel, const char *user, json_object *take_json, const char *thread_ts)
{
    sk_message *message = message_new(channel, take_json, thread_ts);
    message->only_for = sb_strdup(user);
    message->devices = sj_bool(sk_user(user), "away") ? json_object_new_array() : sj_clone(sk_devices(user));
    sj_put(take_json, "is_ephemeral:b", true);
    return message;
}

size_t sk_message_count(void)
{
    return slack.n_messages;
}

sk_message *sk_message_at(size_t place)
{
    return slack.messages[place];
}

sk_message *sk_message_find(const sk_channel *channel, const char *ts)
{
    for (size_t i = slack.n_messages; i-- > 0;) {
        sk_message *each = slack.messages[i];
        if (each->channel == channel && !each->only_for && !each->is_deleted && !strcmp(each->ts, ts))
            return each;
    }
    return NULL;
}

sk_message *sk_private_find(const sk_channel *channel, const char *user, const char *ts)
{
    for (size_t i = slack.n_messages; i-- > 0;) {
        sk_message *each = slack.messages[i];
        bool is_theirs = each->channel == channel && each->only_for && !strcmp(each->only_for, user);
        if (is_theirs && !each->is_deleted && sj_len(each->devices) && !strcmp(each->ts, ts))
            return each;
    }
    return NULL;
}

void sk_message_edit(sk_message *message, json_object *take_fields)
{
    char ts[SK_TS_CAP];
    sk_next_ts(ts);
    sj_add_text(message->version_ts, ts);
    json_object_array_add(message->versions, sj_clone(message->json));
    json_object_object_foreach(take_fields, key, value)
    {
        if (value)
            json_object_object_add(message->json, key, json_object_get(value));
        else
            json_object_object_del(message->json, key);
    }
    json_object_put(take_fields);
}

void sk_message_delete(sk_message *message)
{
    message->is_deleted = true;
    sk_message *parent = *message->thread_ts ? sk_message_find(message->channel, message->thread_ts) : NULL;
    if (parent)
        sj_put(parent->json, "reply_count:i", sj_int(parent->json, "reply_count", 1) - 1);
}

bool sk_is_visible(const sk_message *message)
{
    return !message->is_deleted && message->visible_ms <= sb_now_ms();
}

void sk_reload(const char *user, const char *device)
{
    for (size_t i = 0; i < slack.n_messages; i++)
        if (slack.messages[i]->only_for && !strcmp(slack.messages[i]->only_for, user))
            sj_remove_text(slack.messages[i]->devices, device);
}

/* ---- beginning and end ---- */

void sk_world_init(void)
{
    slack.users = json_object_new_object();
    slack.groups = json_object_new_object();
    slack.devices = json_object_new_object();
    sk_seed(slack.users, slack.groups);
}

static void message_free(sk_message *message)
{
    json_object_put(message->json);
    json_object_put(message->versions);
    json_object_put(message->version_ts);
    json_object_put(message->states);
    json_object_put(message->devices);
    free(message->only_for);
    free(message);
}

void sk_world_fini(void)
{
    for (size_t i = 0; i < slack.n_messages; i++)
        message_free(slack.messages[i]);
    for (size_t i = 0; i < slack.n_channels; i++) {
        json_object_put(slack.channels[i]->members);
        free(slack.channels[i]->id);
        free(slack.channels[i]->name);
        free(slack.channels[i]->im_user);
        free(slack.channels[i]);
    }
    free(slack.messages);
    free(slack.channels);
    json_object_put(slack.users);
    json_object_put(slack.groups);
    json_object_put(slack.devices);
}
