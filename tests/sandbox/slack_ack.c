#include "slack_ack.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_blocks.h"
#include "slack_response.h"
#include "world.h"

static void done(sk_act *act, const char *state, const char *shown)
{
    sj_put(act->entry, "state:s", state);
    if (shown)
        sj_put(act->entry, "error:s", shown);
    sb_journal("act_done", sj_pack("act:o", sj_clone(act->entry)));
    json_object_put(act->entry);
    free(act);
}

static void ack_is_wrong(sk_act *act, const char *error, json_object *messages)
{
    sb_journal("ack_invalid", sj_pack("id:s error:s messages:r", sj_str(act->entry, "id"), error, messages));
}

void sk_command_acked(void *arg, json_object *payload)
{
    sk_act *act = arg;
    bool says_something = *sj_str(payload, "text") || sj_len(sj_get(payload, "blocks"));
    const char *error = NULL;
    json_object *messages = json_object_new_array();
    if (says_something)
        error = sk_respond(sj_str(act->entry, "user"), act->channel, NULL, payload, messages);
    if (error)
        ack_is_wrong(act, error, messages);
    json_object_put(messages);
    done(act, "acked", NULL);
}

void sk_click_acked(void *arg, json_object *payload)
{
    if (payload)
        ack_is_wrong(arg, "payload_not_accepted", NULL);
    done(arg, "acked", NULL);
}

/* What the person reads; Slack's own words for commands, ours for the warning mark on a button. */
void sk_act_failed(void *arg, const char *why)
{
    sk_act *act = arg;
    const char *kind = sj_str(act->entry, "kind");
    char *shown;
    if (!strcmp(kind, "command")) {
        const char *typed = sj_str(act->entry, "what");
        shown = sb_strf("%.*s failed with the error \"%s\"", (int)strcspn(typed, " "), typed, why);
    } else if (!strcmp(kind, "submit") || !strcmp(kind, "shortcut")) {
        shown = sb_strf("We had some trouble connecting. Try again? (%s)", why);
    } else {
        shown = sb_strf("warning mark on \"%s\" (%s)", sj_str(act->entry, "what"), why);
    }
    if (act->view && act->view->is_open) {
        free(act->view->trouble);
        act->view->trouble = sb_strdup(why);
    }
    done(act, "failed", shown);
    free(shown);
}

/* ---- submissions --------------------------------------------------------------------------------------------------- */

/* errors may name only input blocks of the view; else the client shows a general error. */
static const char *show_errors(sk_view *view, json_object *errors, json_object *messages)
{
    if (!sj_is(errors, json_type_object) || !json_object_object_length(errors))
        return "no_errors_given";
    json_object_object_foreach(errors, block_id, sentence)
    {
        bool is_input = false;
        json_object *blocks = sj_get(view->json, "blocks");
        for (size_t i = 0; i < sj_len(blocks); i++)
            is_input |= !strcmp(sj_str(sj_at(blocks, i), "block_id"), block_id) &&
                        !strcmp(sj_str(sj_at(blocks, i), "type"), "input");
        if (!is_input || !sj_is(sentence, json_type_string)) {
            sj_add_text(messages, block_id);
            return "error_for_no_input_block";
        }
    }
    json_object_put(view->errors);
    view->errors = sj_clone(errors);
    return NULL;
}

static const char *change_view(sk_view *view, const char *action, json_object *content, json_object *messages)
{
    if (sk_check_view(content, messages) || strcmp(sj_str(content, "type"), "modal") != 0)
        return "invalid_view";
    if (!strcmp(action, "update")) {
        sk_view_replace(view, content);
        return NULL;
    }
    if (sk_view_depth(view->user) >= SK_VIEW_STACK_MAX)
        return "push_limit_reached";
    sk_view_open(view->user, content, true);
    return NULL;
}

static const char *obey(sk_view *view, json_object *payload, json_object *messages)
{
    const char *action = sj_str(payload, "response_action");
    if (!*action) {
        sk_view_close(view);
        return payload ? "no_response_action" : NULL;
    }
    if (!strcmp(action, "clear")) {
        sk_views_close_all(view->user);
        return NULL;
    }
    if (!strcmp(action, "errors"))
        return show_errors(view, sj_get(payload, "errors"), messages);
    if (!strcmp(action, "update") || !strcmp(action, "push"))
        return change_view(view, action, sj_get(payload, "view"), messages);
    return "unknown_response_action";
}

void sk_submit_acked(void *arg, json_object *payload)
{
    sk_act *act = arg;
    sk_view *view = act->view;
    json_object *messages = json_object_new_array();
    json_object_put(view->errors);
    view->errors = NULL;
    free(view->trouble);
    view->trouble = NULL;
    const char *error = view->is_open ? obey(view, payload, messages) : NULL;
    if (error) {
        ack_is_wrong(act, error, messages);
        view->trouble = sb_strdup(error);
    }
    json_object_put(messages);
    done(act, "acked", NULL);
}
