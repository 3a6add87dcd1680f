/* Somebody else of the helpdesk goes on with a request: its requester and the approvers are asked, and what they press is checked
 * as if nothing had been checked before (S3). */
#include <stdio.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/text.h"

#define ASK_AGAIN_MS (5 * RB_MINUTE_MS) /* who asks twice within it pings nobody twice */

/* ---- asking ----------------------------------------------------------------------------------------------------------------- */

static void ask_requester(rb_task *task, const rb_request *request, const rb_actor *taker, const char *link)
{
    const char *user = request->requester.person.user;
    char hand_over[RB_BOUND_CAP];
    char keep[RB_BOUND_CAP];
    rb_task_bind(task, RB_BIND_HAND_OVER, request, user, taker->person.user, hand_over);
    rb_task_bind(task, RB_BIND_KEEP, request, user, taker->person.user, keep);
    rb_take_buttons buttons = {.hand_over = hand_over, .keep = keep};
    rb_words words = rb_task_words_for(task, request->requester.locale);
    rb_message *message = rb_task_message(task);
    rb_word_take_question(&words, request, taker, link, &buttons, message);
    rb_task_direct(task, user, request->id, RB_NOTE_TAKEN, message);
}

static void ask_approver(rb_task *task, const rb_request *request, const rb_actor *taker, const rb_actor *approver,
                         const char *link)
{
    char let[RB_BOUND_CAP];
    rb_task_bind(task, RB_BIND_LET_TAKE, request, approver->person.user, taker->person.user, let);
    rb_take_buttons buttons = {.let = let};
    rb_words words = rb_task_words_for(task, approver->locale);
    rb_message *message = rb_task_message(task);
    rb_word_take_question(&words, request, taker, link, &buttons, message);
    rb_task_direct(task, approver->person.user, request->id, RB_NOTE_TAKEN, message);
}

static taking *taking_of(slot *item, const char *user)
{
    for (size_t i = 0; item && i < TAKING_MAX; i++) {
        if (strcmp(item->takers[i].user, user) == 0) {
            return &item->takers[i];
        }
    }
    return NULL;
}

/* The same person has just asked: their question still waits where it was put. In memory alone: a restart may ask once more. */
static bool has_just_asked(rb_task *task, const rb_request *request, const rb_actor *taker)
{
    const taking *last = taking_of(engine_slot(task->engine, request->id), taker->person.user);
    return last && rb_task_now(task).boot_ms < last->until_boot_ms;
}

/* Saved, so that they were asked: it takes the place of this person's last one, else of whoever asked first. */
static void ask_over(rb_task *task)
{
    slot *item = engine_slot(task->engine, task->subject);
    taking *place = taking_of(item, task->delivery->who.user);
    if (!item || task->is_refused) {
        return;
    }
    taking *oldest = &item->takers[0];
    for (size_t i = 0; !place && i < TAKING_MAX; i++) {
        oldest = item->takers[i].until_boot_ms < oldest->until_boot_ms ? &item->takers[i] : oldest;
    }
    place = place ? place : oldest;
    rb_copy_fit(place->user, sizeof place->user, task->delivery->who.user);
    place->until_boot_ms = rb_task_now(task).boot_ms + ASK_AGAIN_MS;
}

static rb_progress ask(rb_task *task, const rb_actor *taker, const rb_request *request, const char *link,
                       const rb_actor *approvers, size_t n)
{
    if (has_just_asked(task, request, taker)) {
        rb_task_say_next(task,
                         "You asked for {id} less than 5 minutes ago, and nobody has let you yet. Nothing was done.",
                         (rb_arg[]){{"id", request->id}, {NULL, NULL}}, "status", request->id);
        rb_task_record(task, "refused", request->id, RB_T("asked to go on with it less than 5 minutes ago"));
        return RB_FINISHED;
    }
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_take_asked(&words, request, n, message);
    rb_task_answer(task, message, false);
    ask_requester(task, request, taker, link);
    for (size_t i = 0; i < n; i++) {
        ask_approver(task, request, taker, &approvers[i], link);
    }
    rb_task_record(task, "take_asked", request->id, RB_T("asked to go on with it; nothing is changed yet"));
    rb_copy_fit(task->subject, sizeof task->subject, request->id);
    task->on_end = ask_over;
    return RB_FINISHED;
}

static bool is_takeable(const rb_task *task, const rb_request *request)
{
    return rb_request_may_be_taken(request, rb_task_now(task), task->engine->config.boot);
}

rb_progress rb_flow_take(rb_task *task, const rb_actor *taker, const rb_request *request)
{
    const rb_actor *approvers = NULL;
    const rb_chat_result *link = NULL;
    size_t n = 0;
    bool is_unsure = false;
    rb_denial denial = rb_policy_may_take(task->engine->policy, taker, request);
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, &request->device, &request->support, request);
        return RB_FINISHED;
    }
    if (!is_takeable(task, request)) {
        rb_task_say_next(task, "{id} is over, and nothing of it is left to go on with. Nothing was done.",
                         (rb_arg[]){{"id", request->id}, {NULL, NULL}}, "status", request->id);
        rb_task_record(task, "refused", request->id, RB_T("nothing of it is left to go on with"));
        return RB_FINISHED;
    }
    rb_chat_call call = {.kind = RB_CHAT_PERMALINK, .channel = request->card_channel, .ts = request->card_ts};
    bool is_ready = !request->card_ts[0] || rb_need_chat(task, "permalink", &call, &link);
    is_ready = engine_need_letters(task, request, taker, RB_TAKE_ASKED, &approvers, &n, &is_unsure) && is_ready;
    if (is_ready && n == 0 && is_unsure) { /* not "no approver can be asked": nobody knows */
        rb_task_refuse(task, RB_NO_GROUP_UNREADABLE, &request->device, &request->support, request);
        return RB_FINISHED;
    }
    return is_ready ? ask(task, taker, request, link ? link->url : NULL, approvers, n) : RB_WAIT;
}

/* ---- pressing ----------------------------------------------------------------------------------------------------------------- */

/* The question becomes what was answered, so that its buttons go. */
static void answer_in_place(rb_task *task, const rb_request *request, const rb_actor *taker, rb_take_answer answer)
{
    const rb_delivery *delivery = task->delivery;
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_take_answered(&words, request, taker, answer, message);
    uint32_t before = task->change->n_out_put;
    rb_task_direct(task, delivery->who.user, request->id, RB_NOTE_TAKEN, message);
    if (task->change->n_out_put > before && !delivery->is_private_message) {
        rb_copy_fit(task->outs[before]->channel, sizeof task->outs[before]->channel, delivery->channel);
        rb_copy_fit(task->outs[before]->ts, sizeof task->outs[before]->ts, delivery->message_ts);
    }
}

static rb_progress keep(rb_task *task, const rb_request *request, const rb_actor *taker)
{
    rb_words words = rb_task_words_for(task, taker->locale);
    taking *asked = taking_of(engine_slot(task->engine, request->id), taker->person.user);
    if (asked) { /* they are told to ask again */
        *asked = (taking){0};
    }
    answer_in_place(task, request, taker, RB_TAKE_KEPT);
    rb_message *message = rb_task_message(task);
    rb_word_take_kept(&words, request, message);
    rb_task_direct(task, taker->person.user, request->id, RB_NOTE_TAKEN, message);
    rb_task_record(task, "take_refused", request->id, RB_T("its requester keeps it"));
    return RB_FINISHED;
}

/* The presser's own right: it is their request, or they are an approver and somebody else than the taker. */
static rb_denial may_let(const rb_task *task, rb_bind_kind kind, const rb_actor *presser, const rb_actor *taker,
                         const rb_request *request)
{
    if (kind == RB_BIND_LET_TAKE) {
        return rb_policy_may_let_take(task->engine->policy, presser, taker, request);
    }
    return rb_person_equal(&presser->person, &request->requester.person) ? RB_ALLOWED : RB_NO_NOT_YOURS;
}

static rb_progress taker_may_not(rb_task *task, const rb_request *request, const rb_actor *taker, rb_denial denial)
{
    char text[RB_RECORD_TEXT_CAP];
    rb_words english = {.catalogue = rb_catalogue_english()};
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_may_not_take(&words, request, taker, denial, message);
    rb_task_answer(task, message, false);
    rb_words theirs = rb_task_words_for(task, taker->locale);
    message = rb_task_message(task); /* who asked was told that they would hear */
    rb_word_may_not_take(&theirs, request, taker, denial, message);
    rb_task_direct(task, taker->person.user, request->id, RB_NOTE_TAKEN, message);
    snprintf(text, sizeof text, RB_T("they may not go on with it") " (%s, %s)", taker->person.user,
             rb_word_unreachable(&english, denial));
    rb_task_record(task, "refused", request->id, text);
    return RB_FINISHED;
}

/* Approved, it would end as STALE with somebody who has sent as many as an hour allows; once sent, it counted. */
static bool need_ceiling(rb_task *task, const rb_request *request, const rb_actor *taker, rb_denial *out_denial)
{
    rb_counts counts;
    if (request->n_attempts > 0) {
        return true;
    }
    if (!rb_need_counts(task, &request->device, &taker->person, &counts)) {
        return false;
    }
    if (counts.requester_hour >= task->engine->policy->ceiling_requester_hour) {
        *out_denial = RB_NO_CEILING_REQUESTER;
    }
    return true;
}

/* Neither who takes it nor who gives it away approves it: enough others must be left. */
static bool need_others(rb_task *task, const rb_request *request, rb_event *event, rb_denial *out_denial)
{
    rb_request after = *request;
    rb_effects effects;
    const rb_actor *approvers = NULL;
    size_t n = 0;
    bool is_unsure = false;
    event->now = rb_task_now(task);
    event->boot = task->engine->config.boot;
    if (request->state != RB_STATE_PENDING || rb_request_step(&after, event, &effects) != RB_STEP_APPLIED) {
        return true;
    }
    size_t missing = after.approvals_needed - after.n_approvals;
    if (!rb_need_approvers(task, &after, missing, &approvers, &n, &is_unsure)) {
        return false;
    }
    if (n < missing) {
        *out_denial = is_unsure ? RB_NO_GROUP_UNREADABLE : RB_NO_TOO_FEW_APPROVERS;
    }
    return true;
}

static rb_progress let_take(rb_task *task, const rb_request *request, const rb_actor *presser, const rb_actor *taker)
{
    bool is_own = rb_person_equal(&presser->person, &request->requester.person);
    rb_event event = {.kind = RB_EV_TAKE, .actor = taker, .other = presser};
    rb_denial denial = RB_ALLOWED;
    bool is_ready = need_ceiling(task, request, taker, &denial);
    if (!need_others(task, request, &event, &denial) || !is_ready) {
        return RB_WAIT;
    }
    if (denial != RB_ALLOWED) {
        return taker_may_not(task, request, taker, denial);
    }
    rb_step_result result = rb_task_step(task, request, &event);
    if (result != RB_STEP_APPLIED) {
        engine_answer_step(task, result, request);
        return RB_FINISHED;
    }
    answer_in_place(task, rb_task_next_request(task), taker, is_own ? RB_TAKE_HANDED_OVER : RB_TAKE_LET);
    return RB_FINISHED;
}

rb_progress engine_take_pressed(rb_task *task, const rb_bound *bound, const rb_request *request)
{
    rb_actor presser;
    rb_actor taker;
    rb_person who = {{0}, {0}};
    rb_copy_fit(who.team, sizeof who.team, task->engine->team);
    rb_copy_fit(who.user, sizeof who.user, bound->extra);
    bool is_ready = rb_need_actor(task, &task->delivery->who, &presser);
    if (!rb_need_actor(task, &who, &taker) || !is_ready) {
        return RB_WAIT;
    }
    rb_denial denial = may_let(task, bound->kind, &presser, &taker, request);
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, &request->device, &request->support, request);
        return RB_FINISHED;
    }
    if (bound->kind == RB_BIND_KEEP) {
        return keep(task, request, &taker);
    }
    if (!is_takeable(task, request)) {
        engine_answer_step(task, RB_STEP_ALREADY_DECIDED, request);
        return RB_FINISHED;
    }
    denial = rb_policy_may_take(task->engine->policy, &taker, request);
    return denial == RB_ALLOWED ? let_take(task, request, &presser, &taker)
                                : taker_may_not(task, request, &taker, denial);
}

/* ---- buttons from before ------------------------------------------------------------------------------------------------------ */

rb_progress engine_taken_since(rb_task *task, const rb_request *request)
{
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_taken_since(&words, request, message);
    rb_task_answer(task, message, false);
    rb_task_record(task, "click_without_effect", request->id, RB_T("somebody else has taken it over since"));
    return RB_FINISHED;
}

rb_progress engine_take_too_old(rb_task *task, const rb_request *request)
{
    rb_task_say_next(
        task,
        "This question about {id} is older than 30 minutes: who wants to go on with it asks again. Nothing "
        "was done.",
        (rb_arg[]){{"id", request->id}, {NULL, NULL}}, "status", request->id);
    rb_task_record(task, "click_without_effect", request->id, RB_T("expired"));
    return RB_FINISHED;
}
