/* views.* (contract: slack_api.h). */
#include <string.h>

#include "json.h"
#include "slack_api.h"
#include "slack_blocks.h"
#include "slack_response.h"
#include "slack_views.h"
#include "slack_world.h"

#define VIEW_BYTES_MAX (250 * 1024)

/* The sentence for one wrong argument. */
static const char *refuse(sk_call *call, const char *sentence)
{
    sj_add_text(call->messages, sentence);
    return "invalid_arguments";
}

/* type: what this method takes, "modal" or "home". */
static const char *read_view(sk_call *call, const char *type, json_object **out_view)
{
    json_object *view = sk_arg_tree(call, "view");
    if (!sj_is(view, json_type_object))
        return refuse(call, "[ERROR] must be a valid JSON object [json-pointer:/view]");
    if (strlen(sj_dump(view)) > VIEW_BYTES_MAX)
        return "view_too_large";
    if (sk_check_view(view, call->messages))
        return "invalid_arguments";
    if (strcmp(sj_str(view, "type"), type) != 0)
        return refuse(call, "[ERROR] this method takes no view of that type [json-pointer:/view/type]");
    *out_view = view;
    return NULL;
}

static const char *open_by_trigger(sk_call *call, bool is_push)
{
    const char *trigger =
        *sk_arg(call, "trigger_id") ? sk_arg(call, "trigger_id") : sk_arg(call, "interactivity_pointer");
    if (!*trigger)
        return refuse(call, "[ERROR] missing required field: trigger_id");
    json_object *content = NULL;
    const char *error = read_view(call, "modal", &content);
    if (!error && sk_view_find_external(sj_str(content, "external_id")))
        error = "duplicate_external_id";
    const char *user = "";
    const char *from_view = "";
    if (!error)
        error = sk_trigger_use(trigger, &user, &from_view);
    if (error)
        return error;
    if (is_push && !sk_view_top(user))
        return "not_found";
    if (is_push && sk_view_depth(user) >= SK_VIEW_STACK_MAX)
        return "push_limit_reached";
    const sk_view *view = sk_view_open(user, content, is_push);
    sj_put(call->out, "view:o", sk_view_json(view));
    return NULL;
}

const char *sk_views_open(sk_call *call)
{
    return open_by_trigger(call, false);
}

const char *sk_views_push(sk_call *call)
{
    return open_by_trigger(call, true);
}

const char *sk_views_update(sk_call *call)
{
    json_object *content = NULL;
    const char *error = read_view(call, "modal", &content);
    if (error)
        return error;
    const char *id = sk_arg(call, "view_id");
    sk_view *view = *id ? sk_view_find(id) : sk_view_find_external(sk_arg(call, "external_id"));
    if (!view || !view->is_open || view->is_home)
        return "not_found";
    const char *hash = sk_arg(call, "hash");
    if (*hash && strcmp(hash, sj_str(view->json, "hash")) != 0)
        return "hash_conflict";
    sk_view_replace(view, content);
    sj_put(call->out, "view:o", sk_view_json(view));
    return NULL;
}

/* hash names the content that the app thinks is there; when nothing is, no hash is right. */
static const char *check_hash(sk_call *call, const sk_view *home)
{
    const char *hash = sk_arg(call, "hash");
    return !*hash || (home && !strcmp(hash, sj_str(home->json, "hash"))) ? NULL : "hash_conflict";
}

const char *sk_views_publish(sk_call *call)
{
    json_object *content = NULL;
    const char *user = sk_arg(call, "user_id");
    if (!sk_user(user))
        return refuse(call, "invalid `user_id`");
    const char *error = read_view(call, "home", &content);
    if (error)
        return error;
    if (!sb_setting("home_tab", 1))
        return "not_enabled";
    sk_view *home = sk_home(user);
    const sk_view *same_name = sk_view_find_external(sj_str(content, "external_id"));
    if (same_name && same_name != home)
        return "duplicate_external_id";
    error = check_hash(call, home);
    if (error)
        return error;
    home = sk_home_publish(user, content);
    sj_put(call->out, "view:o", sk_view_json(home));
    return NULL;
}
