/* slack_views.h - views: each person's stack of forms, and their Home tab. */
#ifndef SANDBOX_SLACK_VIEWS_H
#define SANDBOX_SLACK_VIEWS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SK_VIEW_STACK_MAX 3      /* docs.slack.dev/surfaces/modals */
#define SK_HOME_VERSIONS_MAX 100 /* contents of a Home tab that the transcript still knows */

typedef struct {
    char *id;
    char *user;
    bool is_open;
    bool is_home; /* the Home tab: in no stack, never closed */
    int64_t updated_ms;
    json_object *json;     /* as Slack answers it, without state */
    json_object *chosen;   /* block_id -> action_id -> entry: what the person entered */
    json_object *errors;   /* block_id -> sentence, or NULL */
    char *trouble;         /* "operation_timeout" ... shown in the form, or NULL */
    json_object *versions; /* [{"at","ts","view"}]: each content the person saw, the current one last */
} sk_view;

/* Opens over nothing (is_push false: an open stack goes away) or over the person's top view. view: what the app sent,
 * checked before. */
sk_view *sk_view_open(const char *user, json_object *view, bool is_push);
/* New content. What was entered, or not entered, stays where block_id, action_id and type stay, also against a new initial
 * value or other options (the page of views.update; bolt-python#572, #1064). */
void sk_view_replace(sk_view *view, json_object *content);
/* The person's Home tab; NULL when nothing was published for them. The second makes or changes it. */
sk_view *sk_home(const char *user);
sk_view *sk_home_publish(const char *user, json_object *content);
/* The person sees the one below, if any. */
void sk_view_close(sk_view *view);
void sk_views_close_all(const char *user);

/* All of these but top and depth know Home tabs too. */
sk_view *sk_view_find(const char *id);
sk_view *sk_view_find_external(const char *external_id);
sk_view *sk_view_top(const char *user);
size_t sk_view_depth(const char *user);
size_t sk_view_count(void);
sk_view *sk_view_at(size_t place);

/* The view with state.values, as in payloads; the caller's. */
json_object *sk_view_json(const sk_view *view);
void sk_views_fini(void);

#endif
