#include "slack_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "http.h"
#include "json.h"
#include "slack_args.h"
#include "slack_world.h"

/* Requests a minute of Slack's tiers 1 to 4; "special" ones bear several hundred. docs.slack.dev/apis/web-api/rate-limits */
enum { T1 = 1, T2 = 20, T3 = 50, T4 = 100, SPECIAL = 600 };

/* The sandbox app's scopes: those of the manifest that resetbot asks for. */
#define SCOPES                                                                                                         \
    "commands,chat:write,users:read,users:read.email,usergroups:read,channels:read,groups:read,channels:history,"      \
    "groups:history,im:write"

static const sk_entry entries[] = {
    {"auth.test", sk_auth_test, "", "", SPECIAL, true},
    /* the documentation says tier 3, both official SDKs treat it as tier 1 */
    {"apps.connections.open", sk_connections_open, "", "", T3, true},
    {"chat.postMessage", sk_chat_post, "chat:write", "channel", SPECIAL, true},
    {"chat.update", sk_chat_update, "chat:write", "channel ts", T3, true},
    {"chat.postEphemeral", sk_chat_ephemeral, "chat:write", "channel user", T4, true},
    {"chat.delete", sk_chat_delete, "chat:write", "channel ts", T3, true},
    {"chat.getPermalink", sk_chat_permalink, "", "channel message_ts", SPECIAL, false},
    {"conversations.open", sk_conversations_open, "im:write", "", T3, true},
    {"conversations.info", sk_conversations_info, "", "channel", T3, false},
    {"conversations.list", sk_conversations_list, "channels:read", "", T2, false},
    {"conversations.members", sk_conversations_members, "", "channel", T4, false},
    {"conversations.history", sk_conversations_history, "", "channel", T3, true},
    {"conversations.replies", sk_conversations_replies, "", "channel ts", T3, false},
    {"users.info", sk_users_info, "users:read", "user", T4, false},
    {"users.list", sk_users_list, "users:read", "", T2, false},
    {"users.lookupByEmail", sk_users_lookup, "users:read.email", "email", T3, false},
    {"usergroups.list", sk_groups_list, "usergroups:read", "", T2, false},
    {"usergroups.users.list", sk_groups_users, "usergroups:read", "usergroup", T2, false},
    {"views.open", sk_views_open, "", "view", T4, true},
    {"views.push", sk_views_push, "", "view", T4, true},
    {"views.update", sk_views_update, "", "view", T4, true},
    {"views.publish", sk_views_publish, "", "user_id view", T4, true}};

const char *sk_method_name(size_t i)
{
    return i < sizeof entries / sizeof entries[0] ? entries[i].name : NULL;
}

static struct {
    char *scopes;
    char *bot_token; /* NULL: any */
    char *app_token;
} api;

/* ---- tokens and scopes --------------------------------------------------------------------------------------- */

const char *sk_scopes(void)
{
    return api.scopes ? api.scopes : SCOPES;
}

void sk_set_scopes(const char *scopes)
{
    free(api.scopes);
    api.scopes = sb_strdup(scopes);
}

void sk_set_tokens(const char *bot_token, const char *app_token)
{
    free(api.bot_token);
    free(api.app_token);
    api.bot_token = bot_token ? sb_strdup(bot_token) : NULL;
    api.app_token = app_token ? sb_strdup(app_token) : NULL;
}

bool sk_has_scope(sk_call *call, const char *scope)
{
    size_t len = strlen(scope);
    for (const char *at = sk_scopes(); *at;) {
        size_t word = strcspn(at, ",");
        if (word == len && !strncmp(at, scope, len))
            return true;
        at += word + (at[word] == ',');
    }
    call->needed = scope;
    return !len;
}

static bool is_token(const char *token, const char *prefix, const char *only)
{
    return only ? !strcmp(token, only) : !strncmp(token, prefix, strlen(prefix));
}

static const char *check_token(const sk_entry *entry, const sb_request *request, sk_call *call)
{
    bool is_app_method = !strcmp(entry->name, "apps.connections.open");
    const char *header = request->header(request->self, "authorization");
    const char *token = strncasecmp(header, "bearer ", 7) ? "" : header + 7;
    if (!*token && !is_app_method)
        token = sk_arg(call, "token");
    if (!*token)
        return "not_authed";
    json_object *value = NULL;
    if (sb_fault("slack.token", &value))
        return value ? json_object_get_string(value) : "invalid_auth";
    bool is_bot = is_token(token, "xoxb-", api.bot_token);
    bool is_app = is_token(token, "xapp-", api.app_token);
    if (!is_bot && !is_app)
        return "invalid_auth";
    if (is_app != is_app_method)
        return "not_allowed_token_type";
    return is_app_method || sk_has_scope(call, entry->scope) ? NULL : "missing_scope";
}

static const char *check_required(const sk_entry *entry, sk_call *call)
{
    size_t n_missing = 0;
    for (const char *at = entry->required; *at;) {
        size_t len = strcspn(at, " ");
        char *name = sb_strf("%.*s", (int)len, at);
        if (!sk_has_arg(call, name)) {
            char *sentence = sb_strf("[ERROR] missing required field: %s", name);
            sj_add_text(call->messages, sentence);
            free(sentence);
            n_missing++;
        }
        free(name);
        at += len + (at[len] == ' ');
    }
    return n_missing ? "invalid_arguments" : NULL;
}

/* ---- limits and faults ----------------------------------------------------------------------------------------- */

static void too_many(sb_reply *reply, int64_t retry_after_s)
{
    sb_reply_json(reply, 429, sj_pack("ok:b error:s", false, "ratelimited"));
    if (retry_after_s >= 0)
        snprintf(reply->headers, sizeof reply->headers, "Retry-After: %lld\r\n", (long long)retry_after_s);
}

static bool over_limit(const sk_entry *entry, sk_call *call, sb_reply *reply)
{
    int wait_s = 0;
    int64_t per_minute = entry->per_minute * sb_setting("tier_factor", 1);
    int64_t burst = entry->run == sk_chat_update ? sb_setting("edit_burst", per_minute) : per_minute;
    if (per_minute > 0)
        wait_s = sk_limit(entry->name, burst, 60 * 1000 / per_minute);
    if (!wait_s && entry->run == sk_chat_post) {
        char *key = sb_strf("post %s", sk_arg(call, "channel"));
        wait_s = sk_limit(key, sb_setting("post_burst", 1), sb_setting("post_interval_ms", 1000));
        free(key);
    }
    if (wait_s)
        too_many(reply, wait_s);
    return wait_s > 0;
}

/* True when the fault slack.METHOD.KIND (or slack.any.KIND) bites this call. */
static bool bites(sk_call *call, const char *kind, json_object **out_value)
{
    char *name = sb_strf("slack.%s.%s", call->method, kind);
    char *any = sb_strf("slack.any.%s", kind);
    const char *text = sj_dump(call->args);
    bool does = sb_fault_in(name, text, out_value) || sb_fault_in(any, text, out_value);
    free(name);
    free(any);
    return does;
}

static bool bitten_before(sk_call *call, sb_reply *reply)
{
    json_object *value = NULL;
    if (sb_fault("slack.down", NULL)) {
        sb_reply_text(reply, 503, "text/plain; charset=utf-8",
                      "upstream connect error or disconnect/reset before headers");
    } else if (bites(call, "500_before", NULL)) {
        sb_reply_text(reply, 500, "text/html; charset=utf-8", "<html>Server Error</html>");
    } else if (bites(call, "reset_before", NULL)) {
        reply->how = SB_REPLY_RESET;
    } else if (bites(call, "hang_before", NULL)) {
        reply->how = SB_REPLY_HANG;
    } else if (bites(call, "429", &value)) {
        too_many(reply, value ? json_object_get_int64(value) : 1);
    } else if (bites(call, "rate_limited", NULL)) {
        sb_reply_json(reply, 200, sj_pack("ok:b error:s", false, "rate_limited"));
    } else if (bites(call, "error", &value)) {
        sb_reply_json(reply, 200,
                      sj_pack("ok:b error:s", false, value ? json_object_get_string(value) : "fatal_error"));
    } else {
        return false;
    }
    return true;
}

static void bitten_after(sk_call *call, sb_reply *reply)
{
    json_object *value = NULL;
    if (bites(call, "500_after", NULL))
        sb_reply_text(reply, 500, "text/html; charset=utf-8", "<html>Server Error</html>");
    if (bites(call, "error_after", &value))
        sb_reply_json(reply, 200,
                      sj_pack("ok:b error:s", false, value ? json_object_get_string(value) : "internal_error"));
    if (bites(call, "close_after", NULL))
        reply->how = SB_REPLY_CLOSE;
    if (bites(call, "reset_after", NULL))
        reply->how = SB_REPLY_RESET;
    if (bites(call, "hang", NULL))
        reply->how = SB_REPLY_HANG;
    if (bites(call, "slow", &value))
        reply->delay_ms = value ? json_object_get_int64(value) : 2000;
}

/* ---- the call -------------------------------------------------------------------------------------------------- */

static void add_metadata(sk_call *call)
{
    if (sj_len(call->warnings)) {
        sj_put(call->out, "warning:s", json_object_get_string(sj_at(call->warnings, 0)));
    }
    if (!sj_len(call->warnings) && !sj_len(call->messages))
        return;
    json_object *metadata = sj_get(call->out, "response_metadata");
    if (!metadata) {
        metadata = json_object_new_object();
        json_object_object_add(call->out, "response_metadata", metadata);
    }
    if (sj_len(call->messages))
        sj_put(metadata, "messages:r", call->messages);
    if (sj_len(call->warnings))
        sj_put(metadata, "warnings:r", call->warnings);
}

static void answer(const sk_entry *entry, sk_call *call, const char *error, sb_reply *reply)
{
    json_object *body = sj_pack("ok:b", !error);
    if (error) {
        json_object_put(call->out);
        call->out = json_object_new_object();
        sj_put(body, "error:s", error);
    }
    if (error && !strcmp(error, "missing_scope"))
        sj_put(body, "needed:s provided:s", call->needed, sk_scopes());
    add_metadata(call);
    sj_merge(body, call->out);
    sb_reply_json(reply, 200, body);
    bool is_app = !strcmp(entry->name, "apps.connections.open");
    snprintf(reply->headers, sizeof reply->headers, "x-oauth-scopes: %s\r\nx-accepted-oauth-scopes: %s\r\n",
             is_app ? "connections:write" : sk_scopes(), is_app ? "connections:write" : entry->scope);
}

static json_object *args_for_journal(sk_call *call)
{
    json_object *args = sj_clone(call->args);
    json_object_object_del(args, "token");
    return args;
}

/* Where the token was, never what it was. */
static const char *place_of_token(const sb_request *request, sk_call *call)
{
    if (*request->header(request->self, "authorization"))
        return "header";
    return sk_has_arg(call, "token") ? "argument" : "";
}

static void note(const sb_request *request, sk_call *call, const char *error, const sb_reply *reply)
{
    json_object *entry =
        sj_pack("method:s ok:b error:s status:d sent:b args:o", call->method, !error && reply->status == 200, error,
                reply->status, reply->how == SB_REPLY_NORMAL, args_for_journal(call));
    sj_put(entry, "http:s content_type:s token:s", request->method, request->header(request->self, "content-type"),
           place_of_token(request, call));
    if (sj_len(call->messages)) /* what was wrong with the arguments, with json-pointers for blocks */
        sj_put(entry, "messages:r", call->messages);
    sb_journal("api", entry);
}

static void run(const sk_entry *entry, const sb_request *request, sk_call *call, sb_reply *reply)
{
    const char *error = sk_read_args(request, entry->takes_json, call->args, call->warnings);
    if (bitten_before(call, reply) || over_limit(entry, call, reply)) {
        note(request, call, reply->status == 429 ? "ratelimited" : "fault", reply);
        return;
    }
    if (!error)
        error = check_token(entry, request, call);
    if (!error)
        error = check_required(entry, call);
    if (!error)
        error = entry->run(call);
    answer(entry, call, error, reply);
    bitten_after(call, reply);
    note(request, call, error, reply);
}

static const sk_entry *entry_of(const char *name)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        if (!strcmp(entries[i].name, name))
            return &entries[i];
    return NULL;
}

bool sk_api_handle(const sb_request *request, sb_reply *reply)
{
    if (strncmp(request->path, "/api/", 5) != 0)
        return false;
    const char *name = request->path + 5;
    const sk_entry *entry = entry_of(name);
    if (!entry) {
        sb_reply_json(reply, 200, sj_pack("ok:b error:s req_method:s", false, "unknown_method", name));
        sb_journal("api", sj_pack("method:s ok:b error:s", name, false, "unknown_method"));
        return true;
    }
    sk_call call = {.method = entry->name,
                    .args = json_object_new_object(),
                    .out = json_object_new_object(),
                    .messages = json_object_new_array(),
                    .warnings = json_object_new_array(),
                    .tls = request->tls};
    run(entry, request, &call, reply);
    json_object_put(call.args);
    json_object_put(call.out);
    json_object_put(call.messages);
    json_object_put(call.warnings);
    return true;
}

void sk_api_fini(void)
{
    free(api.scopes);
    sk_set_tokens(NULL, NULL);
    sk_limits_fini();
}
