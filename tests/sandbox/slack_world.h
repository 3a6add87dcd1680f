/* slack_world.h - the workspace: people, groups, channels, messages and private messages, with the seed that all
 * tests know. Everything returned is borrowed and lives until the sandbox ends. */
#ifndef SANDBOX_SLACK_WORLD_H
#define SANDBOX_SLACK_WORLD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SK_TEAM "T0SANDBOX"
#define SK_DOMAIN "sandbox"
#define SK_APP "A0RESETBOT"
#define SK_BOT_USER "U0RESETBOT"
#define SK_BOT_ID "B0RESETBOT"
#define SK_LOCALE "en-US"   /* of people of whom nobody said another */
#define SK_DEVICE "desktop" /* the device a person has from the start */
#define SK_TS_CAP 24

typedef struct {
    char *id;
    char *name;
    char *im_user; /* the person of a direct message, else NULL */
    bool is_private;
    bool is_archived;
    bool is_ext_shared;
    int64_t created_s;
    json_object *members; /* array of user ids */
} sk_channel;

typedef struct {
    sk_channel *channel;
    char ts[SK_TS_CAP];
    char thread_ts[SK_TS_CAP]; /* "": not in a thread */
    char *only_for;            /* user id of a private (ephemeral) message, else NULL */
    json_object *devices;      /* private: names of the devices that still show it */
    json_object *json;         /* as conversations.history gives it, with metadata */
    json_object *versions;     /* array: what json was before each edit */
    json_object *version_ts;   /* array: when each content, the present one too, was first shown */
    json_object *states;       /* user -> block_id -> action_id -> chosen value */
    int64_t visible_ms;        /* history and people see it from then on */
    bool is_deleted;
} sk_message;

void sk_world_init(void);
void sk_world_fini(void);

/* ---- people and groups ---- */
json_object *sk_users(void);                      /* id -> user object */
json_object *sk_user(const char *id);             /* NULL when unknown */
json_object *sk_user_by_email(const char *email); /* active people only, case ignored */
json_object *sk_groups(void);                     /* id -> user group object with "users" */
json_object *sk_devices(const char *user);        /* array of names */
void sk_device_seen(const char *user, const char *device);

/* ---- channels ---- */
size_t sk_channel_count(void);
sk_channel *sk_channel_at(size_t place);
sk_channel *sk_channel_find(const char *id);
/* The bot's direct message with a person; made when absent. */
sk_channel *sk_channel_im(const char *user);
sk_channel *sk_channel_add(const char *id, const char *name);
bool sk_is_member(const sk_channel *channel, const char *user);
/* Adds or changes by {"id","name","is_private","is_archived","is_ext_shared","members"}. */
void sk_channel_set(json_object *fields);

/* ---- messages ---- */
/* Takes json (without ts); thread_ts "" for the channel itself. visible_after_ms: 0, or later. */
sk_message *sk_message_add(sk_channel *channel, json_object *take_json, const char *thread_ts,
                           int64_t visible_after_ms);
sk_message *sk_private_add(sk_channel *channel, const char *user, json_object *take_json, const char *thread_ts);
size_t sk_message_count(void);
sk_message *sk_message_at(size_t place);
/* A public message that is not deleted; NULL else. */
sk_message *sk_message_find(const sk_channel *channel, const char *ts);
/* A private message of that person that at least one of their devices shows. */
sk_message *sk_private_find(const sk_channel *channel, const char *user, const char *ts);
/* Keeps the old version and merges the fields in (a null value removes a key). */
void sk_message_edit(sk_message *message, json_object *take_fields);
void sk_message_delete(sk_message *message);
bool sk_is_visible(const sk_message *message);
/* Private messages of the person vanish from that device. */
void sk_reload(const char *user, const char *device);

/* ---- names ---- */
/* Unique, growing "seconds.micros". */
void sk_next_ts(char out_ts[SK_TS_CAP]);
/* prefix and a number in base 36, e.g. "V0001A"; the caller's. */
char *sk_next_id(const char *prefix);
/* A random GUID; hex digits. */
void sk_guid(char out_guid[37]);
void sk_hex(char *out_text, size_t n_digits);

#endif
