/* views.* (contract: slack_api.h). */
#include <string.h>

#include "json.h"
#include "slack_api.h"
#include "slack_blocks.h"
#include "slack_response.h"
#include "slack_views.h"
#include "slack_world.h"

#define VIEW_BYTES_MAX (250 * 1024)

static const char *read_view(sk_call *call, json_object **out_view)
{
    json_object *view = sk_arg_tree(call, "view");
    if (!sj_is(view, json_type_object)) {
        sj_add_text(call->messages, "[ERROR] must be a valid JSON object [json-pointer:/view]");
        return "invalid_arguments";
    }
    if (strlen(sj_dump(view)) > VIEW_BYTES_MAX)
        return "view_too_large";
    if (sk_check_view(view, call->messages))
        return "invalid_arguments";
    *out_view = view;
    return NULL;
}

static const char *open_by_trigger(sk_call *call, bool is_push)
{
    const char *trigger =
        *sk_arg(call, "trigger_id") ? sk_arg(call, "trigger_id") : sk_arg(call, "interactivity_pointer");
    if (!*trigger) {
        sj_add_text(call->messages, "[ERROR] missing required field: trigger_id");
        return "invalid_arguments";
    }
    json_object *content = NULL;
    const char *error = read_view(call, &content);
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
    const char *error = read_view(call, &content);
    if (error)
        return error;
    const char *id = sk_arg(call, "view_id");
    sk_view *view = *id ? sk_view_find(id) : sk_view_find_external(sk_arg(call, "external_id"));
    if (!view || !view->is_open)
        return "not_found";
    const char *hash = sk_arg(call, "hash");
    if (*hash && strcmp(hash, sj_str(view->json, "hash")) != 0)
        return "hash_conflict";
    sk_view_replace(view, content);
    sj_put(call->out, "view:o", sk_view_json(view));
    return NULL;
}

/* The Home tab is accepted and answered, but shown nowhere. */
const char *sk_views_publish(sk_call *call)
{
    json_object *content = NULL;
    if (!sk_user(sk_arg(call, "user_id")))
        return "invalid_arguments";
    const char *error = read_view(call, &content);
    if (error)
        return error;
    json_object *view = sj_clone(content);
    sj_put(view, "id:s team_id:s app_id:s bot_id:s", "V0HOME", SK_TEAM, SK_APP, SK_BOT_ID);
    sj_put(call->out, "view:o", view);
    return NULL;
}
