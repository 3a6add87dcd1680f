#include "slack_act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_ack.h"
#include "slack_blocks.h"
#include "slack_elements.h"
#include "slack_payload.h"
#include "slack_socket.h"
#include "slack_views.h"
#include "slack_world.h"
#include "world.h"

static json_object *acts;

json_object *sk_acts(void)
{
    if (!acts)
        acts = json_object_new_array();
    return acts;
}

void sk_act_fini(void)
{
    json_object_put(acts);
}

/* ---- the record of one act ------------------------------------------------------------------------------------- */

sk_act *sk_act_new(const char *kind, const char *user, const char *channel, const char *what, json_object *out)
{
    sk_act *act = sb_alloc(sizeof *act);
    char *id = sk_next_id("A");
    char ts[SK_TS_CAP];
    sk_next_ts(ts);
    act->entry = sj_pack("id:s at:i ts:s kind:s user:s channel:s what:s state:s", id, sb_now_ms(), ts, kind, user,
                         channel, what, "sent");
    json_object_array_add(sk_acts(), json_object_get(act->entry));
    sj_put(out, "id:s", id);
    sb_journal("act", sj_pack("act:o", sj_clone(act->entry)));
    free(id);
    return act;
}

const char *sk_act_check_person(const char *user)
{
    json_object *person = sk_user(user);
    if (!person)
        return "no such person";
    return sj_bool(person, "deleted") ? "that person's account is deactivated" : NULL;
}

/* ---- typing ------------------------------------------------------------------------------------------------------ */

const char *sk_act_command(json_object *arguments, json_object *out)
{
    const char *user = sj_str(arguments, "user");
    sk_channel *channel = sk_channel_find(sj_str(arguments, "channel"));
    const char *error = sk_act_check_person(user);
    if (!error && !channel && !strcmp(sj_str(arguments, "channel"), "dm"))
        channel = sk_channel_im(user);
    if (!error && !channel)
        error = "no such channel";
    if (!error && !sk_is_member(channel, user))
        error = "not a member of that channel";
    if (error)
        return error;
    const char *command = *sj_str(arguments, "command") ? sj_str(arguments, "command") : "/passcode";
    const char *text = sj_str(arguments, "text");
    char *typed = sb_strf("%s%s%s", command, *text ? " " : "", text);
    sk_act *act = sk_act_new("command", user, channel->id, typed, out);
    act->channel = channel;
    free(typed);
    json_object *payload = sk_payload_command(user, channel, command, text);
    sk_deliver("slash_commands", payload, true,
               &(sk_outcome){.acked = sk_command_acked, .failed = sk_act_failed, .arg = act});
    return NULL;
}

static bool mentions_bot(const char *text)
{
    return strstr(text, "<@" SK_BOT_USER) != NULL;
}

const char *sk_act_say(json_object *arguments, json_object *out)
{
    const char *user = sj_str(arguments, "user");
    const char *error = sk_act_check_person(user);
    const char *name = sj_str(arguments, "channel");
    sk_channel *channel = strcmp(name, "dm") ? sk_channel_find(name) : sk_channel_im(user);
    if (!error && (!channel || !sk_is_member(channel, user)))
        error = "not a member of that channel";
    if (error)
        return error;
    const char *text = sj_str(arguments, "text");
    char *escaped = sk_escape_typed(text, false);
    sk_message *message = sk_message_add(channel, sj_pack("user:s text:s team:s", user, escaped, SK_TEAM),
                                         sj_str(arguments, "thread_ts"), 0);
    json_object *event = sj_clone(message->json);
    sj_put(event, "channel:s event_ts:s", channel->id, message->ts);
    if (channel->im_user && sb_setting("message_events", 0)) {
        sj_put(event, "channel_type:s", "im");
        sk_deliver_event(json_object_get(event));
    } else if (mentions_bot(escaped) && sb_setting("mention_events", 1) && sk_is_member(channel, SK_BOT_USER)) {
        sj_put(event, "type:s", "app_mention");
        sk_deliver_event(json_object_get(event));
    }
    json_object_put(event);
    sj_put(out, "ts:s channel:s", message->ts, channel->id);
    sb_journal("say", sj_pack("user:s channel:s ts:s", user, channel->id, message->ts));
    free(escaped);
    return NULL;
}

/* ---- elements of messages and views --------------------------------------------------------------------------------- */

/* What a click or choice is about. */
typedef struct {
    const char *user;
    sk_message *message; /* or */
    sk_view *view;
    json_object *block;
    json_object *element;
} act_target;

sk_message *sk_act_message_seen(const char *user, json_object *arguments)
{
    sk_channel *channel = sk_channel_find(sj_str(arguments, "channel"));
    if (!channel && !strcmp(sj_str(arguments, "channel"), "dm"))
        channel = sk_channel_im(user);
    const char *ts = sj_str(arguments, "ts");
    sk_message *message = channel ? sk_private_find(channel, user, ts) : NULL;
    if (!message && channel && sk_is_member(channel, user))
        message = sk_message_find(channel, ts);
    return message;
}

static const char *find_target(json_object *arguments, act_target *out)
{
    *out = (act_target){.user = sj_str(arguments, "user")};
    const char *error = sk_act_check_person(out->user);
    if (error)
        return error;
    json_object *blocks = NULL;
    if (*sj_str(arguments, "view_id")) {
        out->view = sk_view_find(sj_str(arguments, "view_id"));
        if (!out->view || !out->view->is_open || strcmp(out->view->user, out->user) != 0)
            return "that person has no such form open";
        blocks = sj_get(out->view->json, "blocks");
    } else {
        out->message = sk_act_message_seen(out->user, arguments);
        if (!out->message)
            return "that person sees no such message";
        blocks = sj_get(out->message->json, "blocks");
    }
    out->element = sk_element_find(blocks, sj_str(arguments, "action_id"), sj_str(arguments, "block_id"), &out->block);
    return out->element ? NULL : "no element with that action_id is there";
}

static void send_action(const act_target *target, json_object *take_action, const char *kind, json_object *out)
{
    json_object *labelled =
        sj_get(take_action, "selected_option") ? sj_get(take_action, "selected_option") : target->element;
    const char *label = sj_str(sj_get(labelled, "text"), "text");
    const char *what = *label ? label : sj_str(target->element, "action_id");
    const char *channel = target->message ? target->message->channel->id : target->view->id;
    sk_act *act = sk_act_new(kind, target->user, channel, what, out);
    json_object *payload = target->message ? sk_payload_message_action(target->user, target->message, take_action)
                                           : sk_payload_view_action(target->view, take_action);
    sk_deliver("interactive", payload, false,
               &(sk_outcome){.acked = sk_click_acked, .failed = sk_act_failed, .arg = act});
}

const char *sk_act_click(json_object *arguments, json_object *out)
{
    act_target target;
    const char *error = find_target(arguments, &target);
    if (!error && strcmp(sj_str(target.element, "type"), "button") != 0)
        error = "that element is no button";
    if (error)
        return error;
    json_object *action = sj_clone(target.element);
    json_object_object_del(action, "confirm");
    json_object_object_del(action, "accessibility_label");
    sj_put(action, "block_id:s", sj_str(target.block, "block_id"));
    if (sj_get(arguments, "value"))
        sj_put(action, "value:s", sj_str(arguments, "value"));
    send_action(&target, action, "click", out);
    return NULL;
}

/* Keeps the choice where state.values is built from. */
static void keep(const act_target *target, json_object *take_entry)
{
    json_object *chosen = target->view ? target->view->chosen : sj_get(target->message->states, target->user);
    if (!chosen) {
        chosen = json_object_new_object();
        json_object_object_add(target->message->states, target->user, chosen);
    }
    sk_choose(chosen, sj_str(target->block, "block_id"), sj_str(target->element, "action_id"), take_entry);
}

const char *sk_act_select(json_object *arguments, json_object *out)
{
    act_target target;
    const char *error = find_target(arguments, &target);
    if (error)
        return error;
    json_object *entry = sk_chosen(target.element, sj_get(arguments, "value"), &error);
    if (!entry)
        return error;
    keep(&target, json_object_get(entry));
    sb_journal("choose", sj_pack("user:s action_id:s", target.user, sj_str(target.element, "action_id")));
    bool is_input = !strcmp(sj_str(target.block, "type"), "input");
    if (is_input && !sj_bool(target.block, "dispatch_action")) {
        json_object_put(entry);
        return NULL;
    }
    sj_put(entry, "action_id:s block_id:s", sj_str(target.element, "action_id"), sj_str(target.block, "block_id"));
    send_action(&target, entry, "select", out);
    return NULL;
}

/* ---- forms ------------------------------------------------------------------------------------------------------- */

static const char *open_view(json_object *arguments, sk_view **out_view)
{
    const char *error = sk_act_check_person(sj_str(arguments, "user"));
    if (error)
        return error;
    const char *id = sj_str(arguments, "view_id");
    sk_view *view = *id ? sk_view_find(id) : sk_view_top(sj_str(arguments, "user"));
    if (!view || !view->is_open || strcmp(view->user, sj_str(arguments, "user")) != 0)
        return "that person has no such form open";
    *out_view = view;
    return NULL;
}

/* Values on their way into a form. */
typedef struct {
    sk_view *view;
    bool is_entered; /* the person presses Enter after each */
    int n_sent;
    json_object *out;
} form_filling;

static bool is_text_input(json_object *element)
{
    return sk_is_allowed(sj_str(element, "type"), "plain_text_input email_text_input url_text_input number_input");
}

/* Whether the app is told of that entry before the form is submitted. Without a dispatch_action_config, Enter tells it
 * (docs.slack.dev/reference/block-kit/composition-objects/dispatch-action-configuration-object); Enter in a field of
 * several lines is a new line. */
static bool is_sent_at_once(const form_filling *filling, json_object *block, json_object *element)
{
    if (!strcmp(sj_str(block, "type"), "input") && !sj_bool(block, "dispatch_action"))
        return false;
    bool is_entered = filling->is_entered && !sj_bool(element, "multiline");
    json_object *triggers = sj_path(element, "dispatch_action_config.trigger_actions_on");
    if (!is_text_input(element) || !triggers)
        return is_entered;
    return sj_has_text(triggers, "on_character_entered") || (is_entered && sj_has_text(triggers, "on_enter_pressed"));
}

static const char *fill_element(form_filling *filling, json_object *block, json_object *element, json_object *value)
{
    const char *error = "the form has no such element";
    json_object *entry = element ? sk_chosen(element, value, &error) : NULL;
    if (!entry)
        return error;
    const act_target target = {.user = filling->view->user, .view = filling->view, .block = block, .element = element};
    keep(&target, entry);
    if (!is_sent_at_once(filling, block, element))
        return NULL;
    json_object *action = sj_clone(entry);
    sj_put(action, "action_id:s block_id:s", sj_str(element, "action_id"), sj_str(block, "block_id"));
    send_action(&target, action, "fill", filling->out);
    filling->n_sent++;
    return NULL;
}

/* value is the one element's of an input or section block, or {"action_id": value} for an actions block. */
static const char *fill_block(form_filling *filling, const char *block_id, json_object *value)
{
    json_object *blocks = sj_get(filling->view->json, "blocks");
    json_object *block = sk_block_find(blocks, block_id);
    if (!sj_is(value, json_type_object)) {
        json_object *element = sj_get(block, "element") ? sj_get(block, "element") : sj_get(block, "accessory");
        return fill_element(filling, block, element, value);
    }
    json_object_object_foreach(value, action_id, each)
    {
        const char *error = fill_element(filling, block, sk_element_find(blocks, action_id, block_id, NULL), each);
        if (error)
            return error;
    }
    return NULL;
}

const char *sk_act_fill(json_object *arguments, json_object *out)
{
    form_filling filling = {.is_entered = sj_bool(arguments, "dispatch"), .out = out};
    const char *error = open_view(arguments, &filling.view);
    json_object *values = sj_get(arguments, "values");
    if (error || !sj_is(values, json_type_object))
        return error;
    json_object_object_foreach(values, block_id, value)
    {
        error = fill_block(&filling, block_id, value);
        if (error)
            return error;
    }
    return filling.is_entered && !filling.n_sent ? "Enter sends nothing there: no dispatch_action" : NULL;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static bool is_empty(json_object *entry)
{
    static const char *const keys[] = {
        "value",         "selected_option",       "selected_user",    "selected_date",
        "selected_time", "selected_conversation", "selected_channel", "selected_date_time"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (sj_get(entry, keys[i]) && *json_object_get_string(sj_get(entry, keys[i])))
            return false;
    return !sj_len(sj_get(entry, "selected_options"));
}

/* What the client checks before it sends: required fields and lengths. */
static const char *client_refuses(const sk_view *view)
{
    json_object *blocks = sj_get(view->json, "blocks");
    json_object *values = sk_state(blocks, view->chosen);
    const char *why = NULL;
    for (size_t i = 0; i < sj_len(blocks) && !why; i++) {
        json_object *block = sj_at(blocks, i);
        json_object *element = sj_get(block, "element");
        if (strcmp(sj_str(block, "type"), "input") != 0)
            continue;
        json_object *entry = sj_get(sj_get(values, sj_str(block, "block_id")), sj_str(element, "action_id"));
        size_t len = characters(sj_str(entry, "value"));
        if (is_empty(entry)) {
            why = sj_bool(block, "optional") ? NULL : "the client refuses: a required field is empty";
        } else if ((int64_t)len > sj_int(element, "max_length", 3000) ||
                   (int64_t)len < sj_int(element, "min_length", 0)) {
            why = "the client refuses: too long or too short";
        }
    }
    json_object_put(values);
    return why;
}

const char *sk_act_submit(json_object *arguments, json_object *out)
{
    sk_view *view = NULL;
    const char *error = open_view(arguments, &view);
    if (!error)
        error = sk_act_fill(arguments, out);
    if (!error && !sj_get(view->json, "submit"))
        error = "the form has no submit button";
    if (!error && !sj_bool(arguments, "force"))
        error = client_refuses(view);
    if (error)
        return error;
    sk_act *act = sk_act_new("submit", view->user, view->id, sj_str(sj_get(view->json, "title"), "text"), out);
    act->view = view;
    sk_deliver("interactive", sk_payload_submission(view), true,
               &(sk_outcome){.acked = sk_submit_acked, .failed = sk_act_failed, .arg = act});
    return NULL;
}

const char *sk_act_close_view(json_object *arguments, json_object *out)
{
    sk_view *view = NULL;
    const char *error = open_view(arguments, &view);
    if (!error && view->is_home)
        error = "a Home tab cannot be closed";
    if (error)
        return error;
    bool tells = sj_bool(view->json, "notify_on_close");
    json_object *payload = tells ? sk_payload_closed(view, sj_bool(arguments, "clear")) : NULL;
    sk_view_close(view);
    if (sj_bool(arguments, "clear") || sj_bool(view->json, "clear_on_close"))
        sk_views_close_all(view->user);
    if (!tells)
        return NULL;
    sk_act *act = sk_act_new("close_view", view->user, view->id, sj_str(sj_get(view->json, "title"), "text"), out);
    sk_deliver("interactive", payload, false,
               &(sk_outcome){.acked = sk_click_acked, .failed = sk_act_failed, .arg = act});
    return NULL;
}
