/* People before their screens: what they see is what the sandbox's Slack shows them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "control.h"
#include "heard.h"
#include "json.h"
#include "resetbot/bind.h"
#include "sim.h"
#include "slack_act.h"
#include "slack_elements.h"
#include "slack_views.h"
#include "slack_world.h"

/* ---- verbs ------------------------------------------------------------------------------------------------------------ */

static const char *no_header(const void *self, const char *name)
{
    (void)self;
    (void)name;
    return "";
}

void sim_verb(const char *verb, const char *format, ...)
{
    char body[2048];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(body, sizeof body, format, arguments);
    va_end(arguments);
    char *path = sb_strf("/_sandbox/%s", verb);
    sb_request request = {
        .method = "POST", .path = path, .query = "", .body = body, .body_len = strlen(body), .header = no_header};
    sb_reply reply = {.status = 0};
    bool is_known = control_handle(&request, &reply);
    sim_say("verb: %s %s", verb, body);
    if (!is_known || reply.status != 200) {
        fprintf(stderr, "sim: %s %s: %s\n", verb, body, reply.body ? reply.body : "unknown");
        abort();
    }
    free(reply.body);
    free(path);
}

/* ---- seeing ------------------------------------------------------------------------------------------------------------ */

static bool sees_message(const sk_message *message, const char *user)
{
    if (message->is_deleted)
        return false;
    if (message->only_for)
        return !strcmp(message->only_for, user) && sj_has_text(message->devices, SK_DEVICE);
    return sk_is_visible(message) && sk_is_member(message->channel, user);
}

bool sim_sees(const char *user, const char *text)
{
    for (size_t i = sk_message_count(); i-- > 0;) {
        const sk_message *message = sk_message_at(i);
        if (sees_message(message, user) && strstr(sj_dump(message->json), text))
            return true;
    }
    return false;
}

typedef struct {
    char kind;
    const char *request; /* "": any */
    sim_button *out;
} wanted_button;

static bool is_wanted(void *arg, json_object *block, json_object *element)
{
    const wanted_button *wanted = arg;
    rb_bound bound;
    const char *value = sj_str(element, "value");
    if (strcmp(sj_str(element, "type"), "button") != 0 || rb_bound_read(rb_str_of(value), &bound) != RB_OK ||
        (char)bound.kind != wanted->kind)
        return false;
    if (*wanted->request == 'd' ? strcmp(bound.extra, wanted->request) != 0
                                : *wanted->request && strcmp(bound.request, wanted->request) != 0)
        return false;
    snprintf(wanted->out->action, sizeof wanted->out->action, "%s", sj_str(element, "action_id"));
    snprintf(wanted->out->block, sizeof wanted->out->block, "%s", sj_str(block, "block_id"));
    snprintf(wanted->out->value, sizeof wanted->out->value, "%s", value);
    snprintf(wanted->out->request, sizeof wanted->out->request, "%s", bound.request);
    return true;
}

bool sim_sees_button(const char *user, char kind, const char *request, sim_button *out)
{
    wanted_button wanted = {kind, request, out};
    for (size_t i = sk_message_count(); i-- > 0;) {
        const sk_message *message = sk_message_at(i);
        if (!sj_get(message->json, "blocks") || !sees_message(message, user))
            continue;
        *out = (sim_button){.user = ""};
        bool is_there = false;
        json_object *blocks = sj_get(message->json, "blocks");
        for (size_t n = 0; n < sj_len(blocks) && !is_there; n++) {
            json_object *block = sj_at(blocks, n);
            json_object *elements = sj_get(block, "elements");
            for (size_t e = 0; e < sj_len(elements) && !is_there; e++)
                is_there = is_wanted(&wanted, block, sj_at(elements, e));
            is_there = is_there || is_wanted(&wanted, block, sj_get(block, "accessory"));
        }
        if (!is_there)
            continue;
        snprintf(out->user, sizeof out->user, "%s", user);
        snprintf(out->channel, sizeof out->channel, "%s", message->channel->id);
        snprintf(out->ts, sizeof out->ts, "%s", message->ts);
        return true;
    }
    return false;
}

bool sim_sees_form(const char *user, const char *callback_start, char out_view[16])
{
    const sk_view *view = sk_view_top(user);
    if (!view || !view->is_open ||
        strncmp(sj_str(view->json, "callback_id"), callback_start, strlen(callback_start)) != 0)
        return false;
    snprintf(out_view, 16, "%s", view->id);
    return true;
}

/* ---- doing ---------------------------------------------------------------------------------------------------------------- */

/* The number of the act in sk_acts(), plus one; 0 when the client would not. */
static int done_as(const char *error)
{
    if (error)
        sim_say("  (not possible: %s)", error);
    return error ? 0 : (int)sj_len(sk_acts());
}

int sim_types(const char *user, const char *channel, const char *text)
{
    json_object *arguments = sj_pack("user:s channel:s text:s", user, channel, text);
    json_object *out = json_object_new_object();
    sim_say("%s types: %s", user, text);
    int act = done_as(sk_act_command(arguments, out));
    json_object_put(arguments);
    json_object_put(out);
    return act;
}

int sim_presses(const sim_button *button)
{
    json_object *arguments = sj_pack("user:s channel:s ts:s action_id:s block_id:s", button->user, button->channel,
                                     button->ts, button->action, button->block);
    json_object *out = json_object_new_object();
    rb_bound bound;
    sim_say("%s presses %s of %s", button->user, button->action, button->request);
    bool is_ours = rb_bound_read(rb_str_of(button->value), &bound) == RB_OK;
    if (is_ours)
        sim_check_pressed(button->user, (char)bound.kind, bound.request);
    int act = done_as(sk_act_click(arguments, out));
    if (is_ours)
        heard_click(act, button->user, (char)bound.kind, bound.request);
    json_object_put(arguments);
    json_object_put(out);
    return act;
}

int sim_chooses(const sim_button *message, const char *action, const char *value)
{
    json_object *arguments = sj_pack("user:s channel:s ts:s action_id:s value:s", message->user, message->channel,
                                     message->ts, action, value);
    json_object *out = json_object_new_object();
    int act = done_as(sk_act_select(arguments, out));
    json_object_put(arguments);
    json_object_put(out);
    return act;
}

int sim_submits(const char *user, const char *view, const char *values_json)
{
    json_object *values = sj_parse(values_json, strlen(values_json));
    json_object *arguments = sj_pack("user:s view_id:s values:o", user, view, values);
    json_object *out = json_object_new_object();
    const sk_view *form = sk_view_find(view);
    rb_bound bound;
    bool is_bound = form && rb_bound_read(rb_str_of(sj_str(form->json, "private_metadata")), &bound) == RB_OK;
    sim_say("%s submits %s", user, values_json);
    int act = done_as(sk_act_submit(arguments, out));
    heard_click(act, user, is_bound ? (char)bound.kind : (char)RB_BIND_FORM, is_bound ? bound.request : "");
    json_object_put(arguments);
    json_object_put(out);
    return act;
}

int sim_looks_up(const char *user, const char *view, const char *target)
{
    json_object *values = sj_pack("target:s", target);
    json_object *arguments = sj_pack("user:s view_id:s values:o dispatch:b", user, view, values, true);
    json_object *out = json_object_new_object();
    sim_say("%s looks up %s in a form", user, target);
    int act = done_as(sk_act_fill(arguments, out));
    heard_click(act, user, (char)RB_BIND_FORM, "");
    json_object_put(arguments);
    json_object_put(out);
    return act;
}

bool sim_form_offers(const char *view, const char *device, char out_block[64])
{
    const sk_view *form = sk_view_find(view);
    json_object *blocks = form ? sj_get(form->json, "blocks") : NULL;
    for (size_t i = 0; i < sj_len(blocks); i++) {
        json_object *options = sj_path(sj_at(blocks, i), "element.options");
        for (size_t k = 0; k < sj_len(options); k++) {
            if (strcmp(sj_str(sj_at(options, k), "value"), device) != 0)
                continue;
            snprintf(out_block, 64, "%s", sj_str(sj_at(blocks, i), "block_id"));
            return true;
        }
    }
    return false;
}

sim_act_state sim_act(int id)
{
    const char *state = sj_str(sj_at(sk_acts(), (size_t)id - 1), "state");
    return !strcmp(state, "sent") ? SIM_ACT_SENT : !strcmp(state, "acked") ? SIM_ACT_ACKED : SIM_ACT_FAILED;
}
