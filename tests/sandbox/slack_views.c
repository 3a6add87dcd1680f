#include "slack_views.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_elements.h"
#include "slack_world.h"
#include "world.h"

static sk_view **views;
static size_t n_views;

size_t sk_view_count(void)
{
    return n_views;
}

sk_view *sk_view_at(size_t place)
{
    return views[place];
}

sk_view *sk_view_find(const char *id)
{
    for (size_t i = 0; i < n_views; i++)
        if (!strcmp(views[i]->id, id))
            return views[i];
    return NULL;
}

sk_view *sk_view_find_external(const char *external_id)
{
    for (size_t i = 0; i < n_views; i++)
        if (views[i]->is_open && *external_id && !strcmp(sj_str(views[i]->json, "external_id"), external_id))
            return views[i];
    return NULL;
}

static bool is_form_of(const sk_view *view, const char *user)
{
    return view->is_open && !view->is_home && !strcmp(view->user, user);
}

sk_view *sk_view_top(const char *user)
{
    for (size_t i = n_views; i-- > 0;)
        if (is_form_of(views[i], user))
            return views[i];
    return NULL;
}

sk_view *sk_home(const char *user)
{
    for (size_t i = 0; i < n_views; i++)
        if (views[i]->is_home && !strcmp(views[i]->user, user))
            return views[i];
    return NULL;
}

size_t sk_view_depth(const char *user)
{
    size_t depth = 0;
    for (size_t i = 0; i < n_views; i++)
        depth += is_form_of(views[i], user);
    return depth;
}

static void renew_hash(json_object *json)
{
    char tail[9];
    sk_hex(tail, 8);
    char *hash = sb_strf("%lld.%s", (long long)(sb_now_ms() / 1000), tail);
    sj_put(json, "hash:s", hash);
    free(hash);
}

static void remember(sk_view *view)
{
    char ts[SK_TS_CAP];
    sk_next_ts(ts);
    view->updated_ms = sb_now_ms();
    json_object_array_add(view->versions, sj_pack("at:i ts:s view:o", sb_now_ms(), ts, sj_clone(view->json)));
}

/* What the app sent, with Slack's own fields around it. */
static json_object *full_view(const sk_view *view, json_object *content, const char *root_id, const char *previous_id)
{
    json_object *json =
        sj_pack("id:s team_id:s private_metadata:s callback_id:s external_id:s title:o close:o submit:o "
                "clear_on_close:b notify_on_close:b root_view_id:s previous_view_id:s app_id:s "
                "app_installed_team_id:s bot_id:s",
                view->id, SK_TEAM, "", "", "", NULL, NULL, NULL, false, false, root_id, previous_id, SK_APP, SK_TEAM,
                SK_BOT_ID);
    json_object *copy = sj_clone(content);
    sj_merge(json, copy);
    json_object_put(copy);
    sk_fill_ids(sj_get(json, "blocks"));
    renew_hash(json);
    return json;
}

static sk_view *view_new(const char *user)
{
    if (!(n_views & (n_views - 1))) {
        sk_view **grown = realloc(views, (n_views ? n_views * 2 : 1) * sizeof *views);
        if (!grown)
            abort();
        views = grown;
    }
    sk_view *view = sb_alloc(sizeof *view);
    view->id = sk_next_id("V0");
    view->user = sb_strdup(user);
    view->is_open = true;
    view->chosen = json_object_new_object();
    view->versions = json_object_new_array();
    views[n_views++] = view;
    return view;
}

sk_view *sk_view_open(const char *user, json_object *content, bool is_push)
{
    sk_view *below = is_push ? sk_view_top(user) : NULL;
    if (!is_push)
        sk_views_close_all(user);
    sk_view *view = view_new(user);
    const char *root_id = below ? sj_str(below->json, "root_view_id") : view->id;
    view->json = full_view(view, content, root_id, below ? below->id : NULL);
    remember(view);
    sb_journal("view_open", sj_pack("view_id:s user:s push:b", view->id, user, is_push));
    return view;
}

static void put_content(sk_view *view, json_object *content)
{
    json_object *old = view->json;
    const char *previous = sj_str(old, "previous_view_id");
    json_object *old_state = sk_state(sj_get(old, "blocks"), view->chosen);
    view->json = full_view(view, content, sj_str(old, "root_view_id"), *previous ? previous : NULL);
    json_object_put(view->chosen);
    view->chosen = sk_state_kept(sj_get(view->json, "blocks"), old_state);
    json_object_put(old_state);
    json_object_put(old);
    remember(view);
}

sk_view *sk_home_publish(const char *user, json_object *content)
{
    sk_view *view = sk_home(user);
    if (!view) {
        view = view_new(user);
        view->is_home = true;
        view->json = full_view(view, content, view->id, NULL);
        remember(view);
    } else {
        put_content(view, content);
    }
    if (sj_len(view->versions) > SK_HOME_VERSIONS_MAX)
        json_object_array_del_idx(view->versions, 0, 1);
    sb_journal("home_publish", sj_pack("view_id:s user:s hash:s", view->id, user, sj_str(view->json, "hash")));
    return view;
}

static void forget_errors(sk_view *view)
{
    json_object_put(view->errors);
    view->errors = NULL;
    free(view->trouble);
    view->trouble = NULL;
}

void sk_view_replace(sk_view *view, json_object *content)
{
    put_content(view, content);
    forget_errors(view);
    sb_journal("view_update", sj_pack("view_id:s user:s", view->id, view->user));
}

void sk_view_close(sk_view *view)
{
    view->is_open = false;
    forget_errors(view);
    sb_journal("view_close", sj_pack("view_id:s user:s", view->id, view->user));
}

void sk_views_close_all(const char *user)
{
    for (size_t i = 0; i < n_views; i++)
        if (is_form_of(views[i], user))
            sk_view_close(views[i]);
}

json_object *sk_view_json(const sk_view *view)
{
    json_object *json = sj_clone(view->json);
    json_object_object_add(json, "state", sj_pack("values:o", sk_state(sj_get(json, "blocks"), view->chosen)));
    return json;
}

void sk_views_fini(void)
{
    for (size_t i = 0; i < n_views; i++) {
        forget_errors(views[i]);
        json_object_put(views[i]->json);
        json_object_put(views[i]->chosen);
        json_object_put(views[i]->versions);
        free(views[i]->id);
        free(views[i]->user);
        free(views[i]);
    }
    free(views);
    views = NULL;
    n_views = 0;
}
