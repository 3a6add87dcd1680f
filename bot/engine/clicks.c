/* Clicks and forms: is the value ours, for this person, in time; then what it asks for. */
#include <stdio.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"
#include "resetbot/text.h"

/* ---- decisions ------------------------------------------------------------------------------------------------------------------ */

/* What decided shows on the card; a private card is replaced by what became of it, so that its buttons go too. */
static void answer_decision(rb_task *task, rb_step_result result, const rb_request *request)
{
    if (result != RB_STEP_APPLIED) {
        engine_answer_step(task, result, request);
        return;
    }
    if (task->delivery->is_private_message) {
        rb_words words = rb_task_words(task);
        rb_message *message = rb_task_message(task);
        rb_word_step(&words, result, rb_task_next_request(task), message);
        rb_task_answer(task, message, true);
    }
}

/* An approver's rights at this click; answers and records a refusal. */
static bool need_decider(rb_task *task, const rb_request *request, rb_actor *actor, rb_progress *out_progress)
{
    *out_progress = RB_WAIT;
    if (!rb_need_actor(task, &task->delivery->who, actor)) {
        return false;
    }
    rb_denial denial = rb_policy_may_decide(task->engine->policy, actor, request);
    if (denial != RB_ALLOWED && request->state == RB_STATE_PENDING) {
        rb_task_refuse(task, denial, &request->device, &request->support, request);
        *out_progress = RB_FINISHED;
        return false;
    }
    return true;
}

static rb_progress approve(rb_task *task, const rb_request *request)
{
    rb_actor actor;
    rb_progress progress;
    if (!need_decider(task, request, &actor, &progress)) {
        return progress;
    }
    rb_event event = {.kind = RB_EV_APPROVE, .actor = &actor};
    answer_decision(task, rb_task_step(task, request, &event), request);
    return RB_FINISHED;
}

static rb_progress open_deny_form(rb_task *task, const rb_request *request)
{
    rb_buf payload;
    const rb_chat_result *opened = NULL;
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_err err = task->engine->config.chat.render(task->engine->config.chat.self, task->engine->message, &payload);
    rb_chat_call call = {
        .kind = RB_CHAT_FORM_OPEN, .trigger_id = task->delivery->trigger_id, .payload = rb_buf_str(&payload)};
    bool is_ready = err != RB_OK || rb_need_chat(task, "deny_form", &call, &opened);
    rb_buf_fini(&payload);
    if (!is_ready) {
        return RB_WAIT;
    }
    if (err != RB_OK || opened->outcome != RB_CHAT_OK) {
        rb_task_say_next(task, "The form could not be opened in time. Press the button again. Nothing was done.",
                         (rb_arg[]){{NULL, NULL}}, "deny", request->id);
    }
    return RB_FINISHED;
}

static rb_progress deny(rb_task *task, const rb_request *request)
{
    rb_actor actor;
    rb_progress progress;
    if (!need_decider(task, request, &actor, &progress)) {
        return progress;
    }
    if (request->state != RB_STATE_PENDING) {
        engine_answer_step(task, RB_STEP_ALREADY_DECIDED, request);
        return RB_FINISHED;
    }
    char value[RB_BOUND_CAP];
    rb_task_bind(task, RB_BIND_DENY_FORM, request, task->delivery->who.user, NULL, value);
    rb_words words = rb_task_words(task);
    rb_word_deny_form(&words, request, value, rb_task_message(task));
    return open_deny_form(task, request);
}

static rb_progress denied(rb_task *task, const rb_request *request)
{
    rb_actor actor;
    rb_progress progress;
    char reason[RB_REASON_CAP];
    if (!need_decider(task, request, &actor, &progress)) {
        return progress;
    }
    rb_text_clip(reason, sizeof reason, rb_str_of(rb_delivery_field(task->delivery, RB_FIELD_REASON)));
    rb_event event = {.kind = RB_EV_DENY, .actor = &actor, .text = reason};
    answer_decision(task, rb_task_step(task, request, &event), request);
    return RB_FINISHED;
}

/* The value names its person; what they may do is asked anew at each click (S3). */
static bool need_helpdesk(rb_task *task, const rb_request *request, rb_progress *out_progress)
{
    rb_actor actor;
    *out_progress = RB_WAIT;
    if (!rb_need_actor(task, &task->delivery->who, &actor)) {
        return false;
    }
    rb_denial denial = rb_policy_role_of(task->engine->policy, &actor, RB_ROLE_HELPDESK);
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, &request->device, &request->support, request);
        *out_progress = RB_FINISHED;
        return false;
    }
    return true;
}

static rb_progress show(rb_task *task, const rb_request *request)
{
    rb_progress progress;
    return need_helpdesk(task, request, &progress) ? engine_show(task, request) : progress;
}

static rb_progress preview(rb_task *task, const rb_request *draft)
{
    rb_progress progress;
    return need_helpdesk(task, draft, &progress) ? rb_flow_draft(task, draft) : progress;
}

/* By its requester: a draft, or what was sent for approval and has not left for Intune. */
static rb_progress cancel_own(rb_task *task, const rb_request *request)
{
    rb_event event = {.kind = RB_EV_CANCEL, .actor = &request->requester};
    rb_step_result result = rb_task_step(task, request, &event);
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    if (result == RB_STEP_APPLIED) {
        rb_word_cancelled(&words, request, message);
    } else {
        rb_word_step(&words, result, request, message);
        rb_task_record(task, rb_note_name(RB_NOTE_CANCEL_TOO_LATE), request->id, rb_state_name(request->state));
    }
    rb_task_answer(task, message, true);
    return RB_FINISHED;
}

/* ---- one click ----------------------------------------------------------------------------------------------------------------------- */

/* Only the stored card, or a private card made for this person, decides (S4). */
static bool is_from_card(const rb_delivery *delivery, const rb_request *request, const rb_bound *bound)
{
    bool is_personal = bound->person[0] && strcmp(bound->person, delivery->who.user) == 0;
    bool is_card = !bound->person[0] && !delivery->is_private_message && request->card_ts[0] &&
                   strcmp(delivery->channel, request->card_channel) == 0 &&
                   strcmp(delivery->message_ts, request->card_ts) == 0;
    return is_personal || is_card;
}

/* People see the card before the bot knows where it stands: its post's answer is on its way, or being looked for. */
static bool is_card_still_unknown(const rb_task *task, const rb_request *request)
{
    const rb_delivery *delivery = task->delivery;
    return request->state == RB_STATE_PENDING && !request->card_ts[0] && !delivery->is_private_message &&
           outbox_is_card_on_its_way(task->engine, request->id, delivery->channel);
}

static rb_progress not_ours(rb_task *task, const char *request, const char *why)
{
    rb_log(RB_LOG_WARN, "event=bad_value request=%s user=%s why=\"%s\"", request, task->delivery->who.user, why);
    rb_task_record(task, "bad_value", request, why);
    rb_task_say_next(task, "That is not in my records. Nothing was done. The list has what is open.",
                     (rb_arg[]){{NULL, NULL}}, "list", "");
    return RB_FINISHED;
}

static rb_progress by_kind(rb_task *task, const rb_bound *bound, const rb_request *request)
{
    rb_intent intent = {0};
    switch (bound->kind) {
    case RB_BIND_APPROVE: return approve(task, request);
    case RB_BIND_DENY: return deny(task, request);
    case RB_BIND_DENY_FORM: return denied(task, request);
    case RB_BIND_SEND: return engine_send(task, request);
    case RB_BIND_CANCEL: return cancel_own(task, request);
    case RB_BIND_SHOW: return show(task, request);
    case RB_BIND_PICK:
        intent.target_kind = RB_TARGET_DEVICE_ID;
        rb_copy_fit(intent.target, sizeof intent.target, bound->extra);
        return rb_flow_find(task, &intent, request, 0);
    case RB_BIND_MORE:
    case RB_BIND_OTHER: {
        unsigned long long first = 0;
        if (rb_str_to_uint(rb_str_of(bound->extra), RB_DEVICES_MAX, &first) != RB_OK) {
            first = 0;
        }
        rb_grammar_target(rb_str_of(request->target), &intent);
        return rb_flow_find(task, &intent, request, (size_t)first);
    }
    case RB_BIND_PERSON: return engine_person_chosen(task, bound->extra, request);
    case RB_BIND_AGAIN: return rb_flow_again(task, request);
    case RB_BIND_HAND_OVER:
    case RB_BIND_LET_TAKE:
    case RB_BIND_KEEP: return engine_take_pressed(task, bound, request);
    case RB_BIND_FORM: return rb_flow_form(task);
    case RB_BIND_PREVIEW: return preview(task, request);
    }
    return RB_FINISHED;
}

/* Forged; or made for who had the request before somebody else took it over, which its presser is told (U2). */
static rb_progress not_as_it_stands(rb_task *task, const rb_bound *bound, const char *value, const rb_request *request)
{
    const rb_engine *engine = task->engine;
    bool is_theirs = !bound->person[0] || strcmp(bound->person, task->delivery->who.user) == 0;
    if (!is_theirs || !rb_bound_before_take(engine->config.keys, engine->config.n_keys, rb_str_of(value), request)) {
        return not_ours(task, bound->request, RB_T("changed, or of an older policy"));
    }
    return bound->kind == RB_BIND_SHOW ? engine_show_taken(task, request) : engine_taken_since(task, request);
}

static rb_progress expired(rb_task *task, const rb_bound *bound, const rb_request *request)
{
    bool is_take = bound->kind == RB_BIND_HAND_OVER || bound->kind == RB_BIND_LET_TAKE || bound->kind == RB_BIND_KEEP;
    if (!request) {
        bool is_person = bound->kind == RB_BIND_PERSON;
        rb_task_say_next(task, "That button is too old. Nothing was done. Start again.", (rb_arg[]){{NULL, NULL}},
                         is_person ? "devices" : "reset", "name@example.com");
        rb_task_record(task, "click_without_effect", "", RB_T("expired"));
        return RB_FINISHED;
    }
    if (is_take) {
        return engine_take_too_old(task, request);
    }
    engine_answer_step(task, RB_STEP_TOO_LATE, request);
    return RB_FINISHED;
}

/* What only previews and lists have, which one person alone has: as a direct message too, after a press in the Home tab. */
static bool is_on_own_list(const rb_delivery *delivery, const rb_bound *bound)
{
    static const char kinds[] = {RB_BIND_SEND, RB_BIND_CANCEL, RB_BIND_PICK, RB_BIND_MORE, RB_BIND_OTHER, '\0'};
    return bound->person[0] && delivery->message_ts[0] && strchr(kinds, (int)bound->kind);
}

static rb_progress checked_click(rb_task *task, const char *value)
{
    rb_engine *engine = task->engine;
    const rb_delivery *delivery = task->delivery;
    rb_bound bound;
    const rb_request *request = NULL;
    if (rb_bound_read(rb_str_of(value), &bound) != RB_OK) {
        return not_ours(task, "", RB_T("not one of my values"));
    }
    if (bound.request[0] && !rb_need_request(task, bound.request, &request)) {
        return RB_WAIT;
    }
    if (bound.request[0] && !request) {
        return not_ours(task, "", RB_T("unknown request"));
    }
    rb_bound_verdict verdict = rb_bound_check(engine->config.keys, engine->config.n_keys, rb_str_of(value), request,
                                              delivery->who.user, engine_now(engine).utc_ms);
    bool is_decision = bound.kind == RB_BIND_APPROVE || bound.kind == RB_BIND_DENY;
    switch (verdict) {
    case RB_BOUND_FORGED: return not_as_it_stands(task, &bound, value, request);
    case RB_BOUND_NOT_YOURS: return not_ours(task, bound.request, RB_T("made for somebody else"));
    case RB_BOUND_EXPIRED: return expired(task, &bound, request);
    case RB_BOUND_GOOD: break;
    }
    if (is_decision && !bound.person[0] && is_card_still_unknown(task, request)) {
        task->is_waiting_for_slot = true; /* the commit that saves the card's place wakes it */
        return RB_WAIT;
    }
    if (is_decision && !is_from_card(delivery, request, &bound)) {
        return not_ours(task, bound.request, RB_T("moved: pressed on another message than the card"));
    }
    task->is_own_list = is_on_own_list(delivery, &bound);
    return by_kind(task, &bound, request);
}

/* The code left for its form: it is blanked, whatever became of the button or of its presser's rights since (S6). */
static rb_progress show_on(rb_task *task, const char *value)
{
    rb_bound bound;
    const rb_request *request = NULL;
    if (rb_bound_read(rb_str_of(value), &bound) != RB_OK) {
        return RB_FINISHED; /* never: a value of ours opened the form */
    }
    if (!rb_need_request(task, bound.request, &request)) {
        return RB_WAIT;
    }
    return engine_show(task, request);
}

/* Strangers get no further than here: an active member of our own workspace, whatever is pressed. */
static rb_progress member_click(rb_task *task, const char *value)
{
    rb_actor actor;
    if (task->is_code_shown) {
        return show_on(task, value);
    }
    if (engine_is_outside(task)) {
        rb_task_refuse(task, RB_NO_OUTSIDE, NULL, NULL, NULL);
        return RB_FINISHED;
    }
    if (!rb_need_actor(task, &task->delivery->who, &actor)) {
        return RB_WAIT;
    }
    rb_denial denial = rb_policy_member(&actor);
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, NULL, NULL, NULL);
        return RB_FINISHED;
    }
    return checked_click(task, value);
}

rb_progress engine_run_click(rb_task *task)
{
    if (engine_is_look_up(task->delivery)) {
        return rb_flow_form_pressed(task);
    }
    return member_click(task, task->delivery->value);
}

rb_progress engine_run_form(rb_task *task)
{
    if (strcmp(task->delivery->callback, RB_FORM_RESET) == 0) {
        return rb_flow_form_sent(task);
    }
    return member_click(task, task->delivery->private_data);
}
