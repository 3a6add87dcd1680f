/* auth.test, apps.connections.open, users.*, usergroups.* (contract: slack_api.h). */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_api.h"
#include "slack_socket.h"
#include "slack_world.h"

const char *sk_auth_test(sk_call *call)
{
    sj_put(call->out, "url:s team:s user:s team_id:s user_id:s bot_id:s is_enterprise_install:b",
           "https://" SK_DOMAIN ".slack.com/", "Sandbox", "resetbot", SK_TEAM, SK_BOT_USER, SK_BOT_ID, false);
    return NULL;
}

const char *sk_connections_open(sk_call *call)
{
    char *url = sk_ticket_url(call->tls);
    sj_put(call->out, "url:s", url);
    free(url);
    return NULL;
}

/* Without users:read.email the address is silently absent; the locale comes only to those who ask for it. */
static json_object *user_for(sk_call *call, json_object *user, bool may_have_locale)
{
    json_object *copy = sj_clone(user);
    const char *needed = call->needed;
    if (!sk_has_scope(call, "users:read.email"))
        json_object_object_del(sj_get(copy, "profile"), "email");
    call->needed = needed;
    json_object_object_del(copy, "away");
    if (!may_have_locale || !sk_arg_bool(call, "include_locale"))
        json_object_object_del(copy, "locale");
    return copy;
}

const char *sk_users_info(sk_call *call)
{
    json_object *user = sk_user(sk_arg(call, "user"));
    if (!user)
        return "user_not_found";
    if (sj_bool(user, "is_hidden"))
        return "user_not_visible";
    sj_put(call->out, "user:o", user_for(call, user, true));
    return NULL;
}

const char *sk_users_list(sk_call *call)
{
    json_object *members = json_object_new_array();
    json_object_object_foreach(sk_users(), id, user)
    {
        (void)id;
        json_object_array_add(members, user_for(call, user, true));
    }
    sj_put(call->out, "members:o cache_ts:i response_metadata:o", members, sb_now_ms() / 1000,
           sj_pack("next_cursor:s", ""));
    return NULL;
}

const char *sk_users_lookup(sk_call *call)
{
    if (!sk_has_scope(call, "users:read"))
        return "missing_scope";
    json_object *user = sk_user_by_email(sk_arg(call, "email"));
    if (!user)
        return "users_not_found";
    /* no argument of this method asks for the locale (docs.slack.dev/reference/methods/users.lookupByEmail) */
    sj_put(call->out, "user:o", user_for(call, user, false));
    return NULL;
}

static json_object *active_users_of(json_object *group, bool with_disabled)
{
    json_object *active = json_object_new_array();
    json_object *users = sj_get(group, "users");
    for (size_t i = 0; i < sj_len(users); i++) {
        const char *id = json_object_get_string(sj_at(users, i));
        if (with_disabled || !sj_bool(sk_user(id), "deleted"))
            sj_add_text(active, id);
    }
    return active;
}

/* User groups need a paid plan. */
static const char *check_plan(void)
{
    return sb_setting("free_plan", 0) ? "plan_upgrade_required" : NULL;
}

const char *sk_groups_list(sk_call *call)
{
    const char *error = check_plan();
    if (error)
        return error;
    json_object *groups = json_object_new_array();
    json_object_object_foreach(sk_groups(), id, group)
    {
        (void)id;
        if (sj_int(group, "date_delete", 0) && !sk_arg_bool(call, "include_disabled"))
            continue;
        json_object *copy = sj_clone(group);
        json_object *users = active_users_of(group, false);
        if (sk_arg_bool(call, "include_count"))
            sj_put(copy, "user_count:d", (int)sj_len(users));
        json_object_object_del(copy, "users");
        if (sk_arg_bool(call, "include_users"))
            sj_put(copy, "users:r", users);
        json_object_put(users);
        json_object_array_add(groups, copy);
    }
    sj_put(call->out, "usergroups:o", groups);
    return NULL;
}

const char *sk_groups_users(sk_call *call)
{
    const char *error = check_plan();
    if (error)
        return error;
    json_object *group = sj_get(sk_groups(), sk_arg(call, "usergroup"));
    bool with_disabled = sk_arg_bool(call, "include_disabled");
    if (!group || (sj_int(group, "date_delete", 0) && !with_disabled))
        return "no_such_subteam";
    sj_put(call->out, "users:o", active_users_of(group, with_disabled));
    return NULL;
}
