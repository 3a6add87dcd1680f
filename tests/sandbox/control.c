#include "control.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "clockwork.h"
#include "fault_names.h"
#include "http.h"
#include "journal.h"
#include "json.h"
#include "slack_act.h"
#include "slack_api.h"
#include "slack_app.h"
#include "slack_response.h"
#include "slack_see.h"
#include "slack_socket.h"
#include "slack_typing.h"
#include "slack_world.h"

/* A verb fills out and returns NULL, or a static sentence saying why not. */
typedef const char *(*verb_run)(json_object *arguments, json_object *out);

/* ---- the world --------------------------------------------------------------------------------------------------- */

static const char *verb_fault(json_object *arguments, json_object *out)
{
    (void)out;
    if (!*sj_str(arguments, "name"))
        return "a fault needs a name";
    if (!fault_is_known(sj_str(arguments, "name")))
        return fault_unknown(sj_str(arguments, "name"));
    world_set_fault(arguments);
    if (!strcmp(sj_str(arguments, "name"), "slack.down"))
        sk_drop_sockets("all", true);
    return NULL;
}

static const char *verb_fault_clear(json_object *arguments, json_object *out)
{
    (void)out;
    const char *name = sj_str(arguments, "name");
    if (*name && !fault_is_known(name))
        return fault_unknown(name);
    world_clear_fault(name);
    return NULL;
}

static const char *verb_settings(json_object *arguments, json_object *out)
{
    world_set(arguments);
    sj_put(out, "settings:o", world_settings());
    return NULL;
}

static const char *verb_time(json_object *arguments, json_object *out)
{
    int64_t advance_ms = sj_int(arguments, "advance_ms", 0);
    clockwork_advance(advance_ms);
    sb_journal("time", sj_pack("advance_ms:i offset_ms:i", advance_ms, clockwork_offset_ms()));
    sj_put(out, "utc_ms:i offset_ms:i", sb_now_ms(), clockwork_offset_ms());
    return NULL;
}

static const char *verb_user(json_object *arguments, json_object *out)
{
    const char *id = sj_str(arguments, "id");
    if (!*id)
        return "a user needs an id";
    json_object *user = sk_user(id);
    if (!user) {
        user = sj_pack("id:s team_id:s name:s deleted:b real_name:s locale:s is_bot:b is_restricted:b "
                       "is_ultra_restricted:b profile:o",
                       id, SK_TEAM, id, false, id, SK_LOCALE, false, false, false, json_object_new_object());
        json_object_object_add(sk_users(), id, user);
    }
    json_object *fields = sj_get(arguments, "fields");
    json_object *profile = sj_get(fields, "profile");
    json_object *merged = json_object_get(sj_get(user, "profile"));
    sj_merge(user, fields);
    if (profile) {
        sj_merge(merged, profile);
        sj_put(user, "profile:r", merged);
    }
    json_object_put(merged);
    sj_put(out, "user:r", user);
    return NULL;
}

/* {"id","handle","users":[],"delete":true} */
static const char *verb_group(json_object *arguments, json_object *out)
{
    const char *id = sj_str(arguments, "id");
    if (!*id)
        return "a group needs an id";
    json_object *group = sj_get(sk_groups(), id);
    if (!group) {
        group = sj_pack("id:s team_id:s is_usergroup:b name:s handle:s is_external:b date_delete:d users:o", id,
                        SK_TEAM, true, id, id, false, 0, json_object_new_array());
        json_object_object_add(sk_groups(), id, group);
    }
    if (sj_bool(arguments, "delete"))
        json_object_object_del(sk_groups(), id);
    else
        sj_merge(group, arguments);
    (void)out;
    return NULL;
}

static const char *verb_channel(json_object *arguments, json_object *out)
{
    (void)out;
    if (!*sj_str(arguments, "id"))
        return "a channel needs an id";
    sk_channel_set(arguments);
    return NULL;
}

static const char *verb_member(json_object *arguments, json_object *out)
{
    (void)out;
    sk_channel *channel = sk_channel_find(sj_str(arguments, "channel"));
    if (!channel)
        return "no such channel";
    sj_remove_text(channel->members, sj_str(arguments, "user"));
    if (!sj_get(arguments, "in") || sj_bool(arguments, "in"))
        sj_add_text(channel->members, sj_str(arguments, "user"));
    return NULL;
}

static const char *verb_scopes(json_object *arguments, json_object *out)
{
    (void)out;
    sk_set_scopes(sj_str(arguments, "bot"));
    return NULL;
}

static const char *verb_reload(json_object *arguments, json_object *out)
{
    (void)out;
    const char *device = *sj_str(arguments, "device") ? sj_str(arguments, "device") : SK_DEVICE;
    sk_reload(sj_str(arguments, "user"), device);
    sb_journal("reload", sj_pack("user:s device:s", sj_str(arguments, "user"), device));
    return NULL;
}

static const char *verb_device(json_object *arguments, json_object *out)
{
    (void)out;
    sk_device_seen(sj_str(arguments, "user"), sj_str(arguments, "device"));
    return NULL;
}

/* ---- sockets ----------------------------------------------------------------------------------------------------- */

/* "which" may be a word or a connection's number. */
static char *which_of(json_object *arguments)
{
    json_object *which = sj_get(arguments, "which");
    return sb_strdup(which ? json_object_get_string(which) : "all");
}

static const char *verb_refresh(json_object *arguments, json_object *out)
{
    char *which = which_of(arguments);
    sj_put(out, "count:d", sk_refresh(sj_str(arguments, "reason"), which));
    free(which);
    return NULL;
}

static const char *verb_drop_sockets(json_object *arguments, json_object *out)
{
    char *which = which_of(arguments);
    sj_put(out, "count:d", sk_drop_sockets(which, sj_bool(arguments, "reset")));
    free(which);
    return NULL;
}

static const char *verb_freeze_sockets(json_object *arguments, json_object *out)
{
    char *which = which_of(arguments);
    sj_put(out, "count:d", sk_freeze_sockets(which));
    free(which);
    return NULL;
}

static const char *verb_close_sockets(json_object *arguments, json_object *out)
{
    char *which = which_of(arguments);
    sj_put(out, "count:d", sk_close_sockets(which, (int)sj_int(arguments, "code", 1001)));
    free(which);
    return NULL;
}

static const char *verb_deliver(json_object *arguments, json_object *out)
{
    (void)out;
    if (sj_get(arguments, "text"))
        return sk_send_raw(sj_str(arguments, "text"), sj_bool(arguments, "binary")) ? NULL : "no live connection";
    json_object *envelope = sj_get(arguments, "envelope");
    if (!envelope)
        envelope = sk_envelope_sent(sj_str(arguments, "envelope_id"));
    if (!envelope)
        return "neither an envelope nor the envelope_id of one sent before";
    return sk_deliver_raw(envelope) ? NULL : "no live connection";
}

static const struct {
    const char *name;
    verb_run run;
} verbs[] = {{"command", sk_act_command},
             {"keep_typing", sk_keep_typing},
             {"click", sk_act_click},
             {"select", sk_act_select},
             {"fill", sk_act_fill},
             {"submit", sk_act_submit},
             {"close_view", sk_act_close_view},
             {"say", sk_act_say},
             {"home", sk_app_home},
             {"shortcut", sk_app_shortcut},
             {"reload", verb_reload},
             {"device_seen", verb_device},
             {"fault", verb_fault},
             {"fault_clear", verb_fault_clear},
             {"settings", verb_settings},
             {"time", verb_time},
             {"user", verb_user},
             {"group", verb_group},
             {"channel", verb_channel},
             {"member", verb_member},
             {"scopes", verb_scopes},
             {"refresh", verb_refresh},
             {"drop_sockets", verb_drop_sockets},
             {"freeze_sockets", verb_freeze_sockets},
             {"close_sockets", verb_close_sockets},
             {"deliver", verb_deliver}};

/* ---- looking on -------------------------------------------------------------------------------------------------- */

static int64_t query_int(const char *query, const char *name, int64_t fallback)
{
    char *text = http_query(query, name);
    int64_t value = text ? strtoll(text, NULL, 10) : fallback;
    free(text);
    return value;
}

static char *query_text(const char *query, const char *name, const char *fallback)
{
    char *text = http_query(query, name);
    return text ? text : sb_strdup(fallback);
}

/* True when the answer must wait for a change. */
static bool must_wait(const sb_request *request, sb_reply *reply, bool has_news)
{
    int64_t wait_ms = query_int(request->query, "wait_ms", 0);
    if (has_news || wait_ms <= 0 || request->timed_out)
        return false;
    reply->how = SB_REPLY_WAIT;
    reply->delay_ms = wait_ms;
    return true;
}

static void see_state(const sb_request *request, sb_reply *reply)
{
    char *user = query_text(request->query, "user", "");
    char *device = query_text(request->query, "device", SK_DEVICE);
    if (sk_user(user))
        sb_reply_json(reply, 200, sk_state_of(user, device));
    else
        sb_reply_json(reply, 404, sj_pack("ok:b error:s", false, "no such person"));
    free(user);
    free(device);
}

static void see_transcript(const sb_request *request, sb_reply *reply)
{
    char *channel = query_text(request->query, "channel", "");
    char *text = sk_transcript(channel, query_int(request->query, "private", 1) != 0);
    sb_reply_text(reply, 200, "text/plain; charset=utf-8", text);
    free(channel);
    free(text);
}

static void see_journal(const sb_request *request, sb_reply *reply)
{
    char *kind = query_text(request->query, "kind", "");
    json_object *entries = journal_since(query_int(request->query, "after", 0), kind);
    if (must_wait(request, reply, sj_len(entries) > 0))
        json_object_put(entries);
    else
        sb_reply_json(reply, 200, sj_pack("last:i entries:o", journal_last(), entries));
    free(kind);
}

static void see_counts(const sb_request *request, sb_reply *reply)
{
    (void)request;
    json_object *counts = sj_pack("journal:o commands_answered:i typed_late_ms:i", journal_counts(),
                                  sk_commands_answered(), sk_typing_latest_ms());
    sk_ack_counts(counts);
    sb_reply_json(reply, 200, counts);
}

static void see_clock(const sb_request *request, sb_reply *reply)
{
    char *known = http_query(request->query, "offset_not");
    bool has_news = !known || strtoll(known, NULL, 10) != clockwork_offset_ms();
    free(known);
    if (!must_wait(request, reply, has_news))
        sb_reply_json(reply, 200, sj_pack("utc_ms:i offset_ms:i", sb_now_ms(), clockwork_offset_ms()));
}

/* One act by its id; with wait_ms, when its outcome is in. */
static void see_act(const sb_request *request, sb_reply *reply)
{
    char *id = query_text(request->query, "id", "");
    json_object *act = NULL;
    for (size_t i = sj_len(sk_acts()); i-- > 0 && !act;)
        act = strcmp(sj_str(sj_at(sk_acts(), i), "id"), id) ? NULL : sj_at(sk_acts(), i);
    bool is_open = act && !strcmp(sj_str(act, "state"), "sent");
    if (!must_wait(request, reply, !is_open))
        sb_reply_json(reply, act ? 200 : 404, act ? json_object_get(act) : sj_pack("error:s", "no such act"));
    free(id);
}

static void see_events(const sb_request *request, sb_reply *reply)
{
    (void)request;
    sb_reply_text(reply, 200, "text/event-stream", ": the journal's newest number follows\n\n");
    reply->how = SB_REPLY_STREAM;
}

static void see_people(const sb_request *request, sb_reply *reply)
{
    (void)request;
    json_object *people = json_object_new_array();
    json_object_object_foreach(sk_users(), id, user)
    {
        if (!sj_bool(user, "is_bot"))
            json_object_array_add(people, sj_pack("id:s name:s real_name:s title:s locale:s deleted:b", id,
                                                  sj_str(user, "name"), sj_str(user, "real_name"),
                                                  sj_str(sj_get(user, "profile"), "title"), sj_str(user, "locale"),
                                                  sj_bool(user, "deleted")));
    }
    json_object *world = sj_pack("people:o sockets:o settings:o faults:o groups:r listeners:o", people, sk_sockets(),
                                 world_settings(), world_faults(), sk_groups(), world_listeners());
    sj_put(world, "commands:o shortcuts:o", sk_app_commands(), sk_app_shortcuts());
    sb_reply_json(reply, 200, world);
}

static void see_devices(const sb_request *request, sb_reply *reply)
{
    (void)request;
    sb_reply_json(reply, 200, sj_pack("devices:o", graph_devices()));
}

static const struct {
    const char *name;
    void (*see)(const sb_request *request, sb_reply *reply);
} sights[] = {{"state", see_state},   {"transcript", see_transcript}, {"journal", see_journal},
              {"clock", see_clock},   {"counts", see_counts},         {"act", see_act},
              {"events", see_events}, {"world", see_people},          {"devices", see_devices}};

/* ---- the way in -------------------------------------------------------------------------------------------------- */

static void act(const char *name, json_object *arguments, sb_reply *reply)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, name) != 0)
            continue;
        json_object *out = sj_pack("ok:b", true);
        const char *error = verbs[i].run(arguments, out);
        if (error)
            sj_put(out, "ok:b error:s", false, error);
        sb_reply_json(reply, error ? 400 : 200, out);
        return;
    }
    if (!graph_control(name, arguments, reply))
        sb_reply_json(reply, 404, sj_pack("ok:b error:s verb:s", false, "no such verb", name));
}

static void post(const char *name, const sb_request *request, sb_reply *reply)
{
    json_object *arguments = request->body_len ? sj_parse(request->body, request->body_len) : json_object_new_object();
    if (sj_is(arguments, json_type_object))
        act(name, arguments, reply);
    else
        sb_reply_json(reply, 400, sj_pack("ok:b error:s", false, "the body must be a JSON object"));
    json_object_put(arguments);
}

bool control_handle(const sb_request *request, sb_reply *reply)
{
    if (strncmp(request->path, "/_sandbox/", 10) != 0)
        return false;
    const char *name = request->path + 10;
    if (!strcmp(request->method, "POST")) {
        post(name, request, reply);
        return true;
    }
    for (size_t i = 0; i < sizeof sights / sizeof sights[0]; i++)
        if (!strcmp(sights[i].name, name)) {
            sights[i].see(request, reply);
            return true;
        }
    sb_reply_json(reply, 404, sj_pack("ok:b error:s", false, "no such sight"));
    return true;
}
