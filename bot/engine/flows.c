/* From what was typed to a preview: the device found, the pick list. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/internal.h"
#include "resetbot/text.h"

/* ---- from a target to devices ---------------------------------------------------------------------------------------- */

rb_progress engine_lookup_failed(rb_task *task, rb_device_outcome outcome, const rb_intent *intent, const char *detail)
{
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    bool is_user = intent->target_kind == RB_TARGET_USER || intent->target_kind == RB_TARGET_MENTION ||
                   intent->target_kind == RB_TARGET_NAME;
    rb_word_lookup(&words, outcome, intent->target, is_user, detail, message);
    rb_task_answer(task, message, false);
    bool is_alarming = outcome == RB_DEVICE_SURPRISE || outcome == RB_DEVICE_REFUSED;
    rb_task_record(task, is_alarming ? "lookup_alarm" : "lookup_failed", "", detail);
    return RB_FINISHED;
}

bool engine_need_mentioned(rb_task *task, rb_intent *intent, rb_progress *out_progress)
{
    rb_person who = {{0}, {0}};
    rb_device_result *user = NULL;
    rb_copy_fit(who.team, sizeof who.team, task->engine->team);
    rb_err err = rb_copy(who.user, sizeof who.user, rb_str_of(intent->target));
    const char *entra = err == RB_OK ? rb_policy_entra(task->engine->policy, &who) : NULL;
    if (!entra) {
        rb_words words = rb_task_words(task);
        rb_message *message = rb_task_message(task);
        rb_word_say(&words, message,
                    "That person is not in the people table of the policy, so I do not know their Intune user. Use "
                    "their user name (name@example.com) or the device's serial number. Nothing was done.",
                    (rb_arg[]){{NULL, NULL}});
        rb_word_next_serial(&words, message);
        rb_task_answer(task, message, false);
        *out_progress = RB_FINISHED;
        return false;
    }
    rb_device_call call = {.kind = RB_DEVICE_USER, .text = entra};
    *out_progress = RB_WAIT;
    if (!rb_need_device(task, "mentioned", &call, &user)) {
        return false;
    }
    if (user->outcome != RB_DEVICE_OK || !user->upn[0]) {
        *out_progress = engine_lookup_failed(task, user->outcome, intent, user->detail);
        return false;
    }
    rb_copy_fit(intent->target, sizeof intent->target, user->upn);
    intent->target_kind = RB_TARGET_USER;
    return true;
}

static bool need_list(rb_task *task, rb_intent *intent, rb_device_result **out_list, rb_progress *out_progress)
{
    if (intent->target_kind == RB_TARGET_MENTION && !engine_need_mentioned(task, intent, out_progress)) {
        return false;
    }
    rb_device_call call = {.kind = RB_DEVICE_FIND_BY_USER, .text = intent->target};
    if (intent->target_kind == RB_TARGET_SERIAL) {
        call.kind = RB_DEVICE_FIND_BY_SERIAL;
    }
    if (intent->target_kind == RB_TARGET_DEVICE_ID) {
        call = (rb_device_call){.kind = RB_DEVICE_READ, .id = intent->target};
    }
    *out_progress = RB_WAIT;
    return rb_need_device(task, "list", &call, out_list);
}

/* Nothing found: an unknown user and a user without devices are told apart. */
static rb_progress none_found(rb_task *task, const rb_intent *intent)
{
    rb_device_result *user = NULL;
    if (intent->target_kind == RB_TARGET_USER) {
        rb_device_call call = {.kind = RB_DEVICE_USER, .text = intent->target};
        if (!rb_need_device(task, "user", &call, &user)) {
            return RB_WAIT;
        }
    }
    if (user && user->outcome == RB_DEVICE_OK) {
        rb_words words = rb_task_words(task);
        rb_message *message = rb_task_message(task);
        rb_word_say(&words, message,
                    "{user} has no device in Intune under their name. It may be enrolled by somebody else or be a "
                    "shared device: look for it by serial number (on the box, or in Settings). Nothing was done.",
                    (rb_arg[]){{"user", user->user_name}, {NULL, NULL}});
        rb_word_next_serial(&words, message);
        rb_task_answer(task, message, false);
        return RB_FINISHED;
    }
    /* a user who could not be looked up is not called unknown */
    return engine_lookup_failed(task, user ? user->outcome : RB_DEVICE_NOT_FOUND, intent, user ? user->detail : "");
}

static int by_check_in(const void *a, const void *b)
{
    const rb_pick *first = a;
    const rb_pick *second = b;
    int64_t x = first->device->last_sync_utc_ms;
    int64_t y = second->device->last_sync_utc_ms;
    return x < y ? 1 : x > y ? -1 : strcmp(first->device->id, second->device->id);
}

/* The whole device, with its kind from beta: a list alone cannot tell the Android kinds apart. */
static bool need_whole(rb_task *task, const rb_device *listed, rb_device_result **out_read)
{
    char key[FACT_KEY_CAP];
    snprintf(key, sizeof key, "read:%s", listed->id);
    rb_device_call call = {.kind = RB_DEVICE_READ, .id = listed->id};
    return rb_need_device(task, key, &call, out_read);
}

static void judge(rb_task *task, const rb_actor *actor, rb_pick *pick)
{
    pick->support = rb_support_of(pick->device);
    pick->denial = rb_policy_device(task->engine->policy, pick->device, &pick->support);
    if (pick->denial == RB_ALLOWED && actor->entra[0] && rb_device_is_owned_by(pick->device, actor->entra)) {
        pick->denial = RB_NO_SELF_OWNER;
    }
}

static bool need_picks(rb_task *task, const rb_actor *actor, const rb_device_result *list, rb_progress *out_progress)
{
    bool is_ready = true;
    free(task->picks);
    task->picks = calloc(list->n_devices, sizeof *task->picks);
    assert(task->picks && "out of memory for a pick list");
    for (size_t i = 0; i < list->n_devices; i++) {
        rb_device_result *read = NULL;
        if (!need_whole(task, &list->devices[i], &read)) {
            is_ready = false;
            continue;
        }
        bool is_whole = read->outcome == RB_DEVICE_OK && read->n_devices == 1;
        task->picks[i].device = is_whole ? &read->devices[0] : &list->devices[i];
        judge(task, actor, &task->picks[i]);
    }
    *out_progress = RB_WAIT;
    return is_ready;
}

bool rb_flow_devices(rb_task *task, const rb_actor *actor, rb_intent *intent, rb_pick **out_picks, size_t *out_n,
                     rb_progress *out_progress)
{
    rb_device_result *list = NULL;
    if (!engine_need_serial_first(task, intent, out_progress)) {
        return false;
    }
    if (!need_list(task, intent, &list, out_progress)) {
        return false;
    }
    bool is_many = list->outcome == RB_DEVICE_TOO_MANY ||
                   (list->outcome == RB_DEVICE_OK && list->n_devices > RB_DEVICES_SHOWN_MAX);
    if (is_many) {
        *out_progress = engine_lookup_failed(task, RB_DEVICE_TOO_MANY, intent, "");
        return false;
    }
    bool is_none = list->outcome == RB_DEVICE_NOT_FOUND || (list->outcome == RB_DEVICE_OK && list->n_devices == 0);
    if (is_none) {
        *out_progress = none_found(task, intent);
        return false;
    }
    if (list->outcome != RB_DEVICE_OK) {
        *out_progress = engine_lookup_failed(task, list->outcome, intent, list->detail);
        return false;
    }
    if (!need_picks(task, actor, list, out_progress)) {
        return false;
    }
    qsort(task->picks, list->n_devices, sizeof *task->picks, by_check_in);
    *out_picks = task->picks;
    *out_n = list->n_devices;
    return true;
}

/* ---- the preview -------------------------------------------------------------------------------------------------------- */

rb_progress rb_flow_preview(rb_task *task, const rb_request *draft, const char *problem)
{
    char send[RB_BOUND_CAP];
    char other[RB_BOUND_CAP];
    char cancel[RB_BOUND_CAP];
    const char *user = draft->requester.person.user;
    rb_task_bind(task, RB_BIND_SEND, draft, user, NULL, send);
    rb_task_bind(task, RB_BIND_OTHER, draft, user, "0", other);
    rb_task_bind(task, RB_BIND_CANCEL, draft, user, NULL, cancel);
    rb_preview_buttons buttons = {send, other, cancel};
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_preview(&words, draft, &buttons, problem, message);
    rb_task_answer(task, message, true);
    return RB_FINISHED;
}

void engine_fill_draft(rb_task *task, rb_request *draft, const rb_actor *actor, const rb_intent *intent)
{
    draft->requester = *actor;
    rb_copy_fit(draft->target, sizeof draft->target, intent->target);
    rb_copy_fit(draft->reason, sizeof draft->reason, intent->reason);
    rb_copy_fit(draft->ticket, sizeof draft->ticket, intent->ticket);
    draft->verified = task->answers.verified;
    draft->holds = task->answers.holds;
    draft->lock = task->answers.lock;
    rb_copy_fit(draft->origin_channel, sizeof draft->origin_channel, task->delivery->channel);
    rb_task_record(task, rb_note_name(RB_NOTE_DRAFTED), draft->id, RB_T("a draft, seen by its requester alone"));
}

/* Has its user another device of the same name? Names are no keys, and an approver should not take one for one. Not asked of
 * other users' devices: nothing but the user's own list is read for it. A list that cannot be read says nothing. */
static bool need_namesakes(rb_task *task, const rb_intent *intent, const rb_device *device, bool *out_is_shared)
{
    bool is_listed = intent->target_kind == RB_TARGET_USER && strcmp(intent->target, device->upn) == 0;
    rb_device_result *list = NULL;
    *out_is_shared = false;
    if (!device->name[0] || !device->upn[0]) {
        return true;
    }
    rb_device_call call = {.kind = RB_DEVICE_FIND_BY_USER, .text = device->upn};
    if (!rb_need_device(task, is_listed ? "list" : "namesakes", &call, &list)) {
        return false;
    }
    for (size_t i = 0; list->outcome == RB_DEVICE_OK && i < list->n_devices; i++) {
        const rb_device *other = &list->devices[i];
        *out_is_shared =
            *out_is_shared || (strcmp(other->id, device->id) != 0 && strcasecmp(other->name, device->name) == 0);
    }
    return true;
}

static rb_progress one_device(rb_task *task, const rb_actor *actor, const rb_intent *intent, const rb_pick *pick,
                              const rb_request *draft)
{
    rb_counts counts;
    char earlier[RB_DETAIL_CAP];
    rb_device device = *pick->device;
    bool is_ready = rb_need_counts(task, pick->device, &actor->person, &counts);
    is_ready = need_namesakes(task, intent, pick->device, &device.is_name_shared) && is_ready;
    is_ready = rb_need_earlier(task, pick->device, draft ? draft->id : "", earlier) && is_ready;
    if (!is_ready) {
        return RB_WAIT;
    }
    rb_denial denial = rb_policy_may_request(task->engine->policy, actor, pick->device, &pick->support, &counts);
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, pick->device, &pick->support, NULL);
        return RB_FINISHED;
    }
    if (!draft) {
        rb_request *made = rb_task_new_request(task);
        engine_fill_draft(task, made, actor, intent);
        made->device = device;
        made->support = pick->support;
        rb_copy_fit(made->earlier, sizeof made->earlier, earlier);
        return rb_flow_preview(task, made, NULL);
    }
    rb_event event = {.kind = RB_EV_PICK,
                      .actor = actor,
                      .target = intent->target_kind == RB_TARGET_USER ? intent->target : NULL,
                      .device = &device,
                      .support = &pick->support,
                      .text = earlier};
    rb_step_result result = rb_task_step(task, draft, &event);
    if (result != RB_STEP_APPLIED) {
        engine_answer_step(task, RB_STEP_ALREADY_DECIDED, draft);
        return RB_FINISHED;
    }
    return rb_flow_preview(task, rb_task_next_request(task), NULL);
}

/* ---- the pick list ---------------------------------------------------------------------------------------------------------- */

static size_t count_allowed(const rb_pick *picks, size_t n)
{
    size_t allowed = 0;
    for (size_t i = 0; i < n; i++) {
        allowed += picks[i].denial == RB_ALLOWED;
    }
    return allowed;
}

static rb_progress pick_list(rb_task *task, const rb_actor *actor, const rb_intent *intent, rb_pick *picks, size_t n,
                             const rb_request *draft, size_t first)
{
    size_t allowed = count_allowed(picks, n);
    rb_words words = rb_task_words(task);
    if (allowed == 0) {
        rb_message *message = rb_task_message(task);
        rb_word_devices(&words, intent->target, picks, n, message);
        rb_task_answer(task, message, false);
        return RB_FINISHED;
    }
    if (!draft) {
        rb_request *made = rb_task_new_request(task);
        engine_fill_draft(task, made, actor, intent);
        draft = made;
    } else if (intent->target_kind == RB_TARGET_USER && strcmp(intent->target, draft->target) != 0) {
        /* a person was chosen: further pages and other devices are theirs */
        rb_event event = {.kind = RB_EV_PICK, .actor = actor, .target = intent->target};
        if (rb_task_step(task, draft, &event) != RB_STEP_APPLIED) {
            engine_answer_step(task, RB_STEP_ALREADY_DECIDED, draft);
            return RB_FINISHED;
        }
        draft = rb_task_next_request(task);
    }
    const char *user = actor->person.user;
    char(*values)[RB_BOUND_CAP] = calloc(n, sizeof *values);
    assert(values && "out of memory for a pick list");
    for (size_t i = 0; i < n; i++) {
        rb_task_bind(task, RB_BIND_PICK, draft, user, picks[i].device->id, values[i]);
        picks[i].value = values[i];
    }
    char more[RB_BOUND_CAP];
    char cancel[RB_BOUND_CAP];
    char next[RB_WORD_CAP];
    snprintf(next, sizeof next, "%zu", first + RB_DEVICES_PAGE);
    rb_task_bind(task, RB_BIND_MORE, draft, user, next, more);
    rb_task_bind(task, RB_BIND_CANCEL, draft, user, NULL, cancel);
    rb_message *message = rb_task_message(task);
    bool has_more = first + RB_DEVICES_PAGE < allowed;
    rb_word_picks(&words, draft, picks, n, first < allowed ? first : 0, has_more ? more : NULL, cancel, message);
    rb_task_answer(task, message, true);
    free(values);
    return RB_FINISHED;
}

bool engine_need_helpdesk(rb_task *task, rb_actor *actor, rb_progress *out_progress)
{
    *out_progress = RB_WAIT;
    if (!rb_need_actor(task, &task->delivery->who, actor)) {
        return false;
    }
    rb_denial denial = engine_is_outside(task) ? RB_NO_OUTSIDE : rb_policy_member(actor);
    if (denial == RB_ALLOWED) {
        denial = rb_policy_role_of(task->engine->policy, actor, RB_ROLE_HELPDESK);
    }
    if (denial == RB_ALLOWED && task->engine->policy->frozen) {
        denial = RB_NO_FROZEN;
    }
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, NULL, NULL, NULL);
        *out_progress = RB_FINISHED;
        return false;
    }
    return true;
}

/* As a form names it: among the devices that its target has at this moment, or nothing is done (S4). */
static rb_progress chosen_device(rb_task *task, const rb_actor *actor, const rb_intent *intent, const rb_pick *picks,
                                 size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(picks[i].device->id, task->answers.device) == 0) {
            return one_device(task, actor, intent, &picks[i], NULL);
        }
    }
    rb_task_record(task, "bad_value", "", RB_T("a device that its form did not offer"));
    rb_task_say_next(task, "The device you chose is not among those of {target}. Nothing was done. Look again.",
                     (rb_arg[]){{"target", intent->target}, {NULL, NULL}}, "reset", intent->target);
    return RB_FINISHED;
}

rb_progress rb_flow_find(rb_task *task, const rb_intent *intent, const rb_request *draft, size_t first)
{
    rb_actor actor;
    rb_intent named = *intent;
    rb_pick *picks = NULL;
    size_t n = 0;
    rb_progress progress;
    if (!engine_need_helpdesk(task, &actor, &progress)) {
        return progress;
    }
    if (draft && draft->state != RB_STATE_DRAFT) {
        engine_answer_step(task, RB_STEP_ALREADY_DECIDED, draft);
        return RB_FINISHED;
    }
    if (!engine_need_serial_first(task, &named, &progress)) {
        return progress;
    }
    if (named.target_kind == RB_TARGET_NAME) {
        return engine_list_people(task, &actor, &named, draft, true);
    }
    if (!rb_flow_devices(task, &actor, &named, &picks, &n, &progress)) {
        return progress;
    }
    if (task->answers.device && task->answers.device[0]) {
        return chosen_device(task, &actor, &named, picks, n);
    }
    if (n == 1) {
        return one_device(task, &actor, &named, &picks[0], draft);
    }
    return pick_list(task, &actor, &named, picks, n, draft, first);
}

rb_progress rb_flow_draft(rb_task *task, const rb_request *draft)
{
    rb_intent intent = {0};
    if (draft->state != RB_STATE_DRAFT) {
        engine_answer_step(task, RB_STEP_ALREADY_DECIDED, draft);
        return RB_FINISHED;
    }
    if (draft->device.id[0]) {
        return rb_flow_preview(task, draft, NULL);
    }
    rb_grammar_target(rb_str_of(draft->target), &intent);
    return rb_flow_find(task, &intent, draft, 0);
}

rb_progress rb_flow_again(rb_task *task, const rb_request *request)
{
    rb_intent intent = {.target_kind = RB_TARGET_DEVICE_ID};
    rb_copy_fit(intent.target, sizeof intent.target, request->device.id);
    rb_copy_fit(intent.reason, sizeof intent.reason, request->reason);
    rb_copy_fit(intent.ticket, sizeof intent.ticket, request->ticket);
    return rb_flow_find(task, &intent, NULL, 0);
}
