/* Send: the answers of the preview, then every check again, then PENDING. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engine/internal.h"
#include "resetbot/log.h"
#include "resetbot/text.h"

#define NAMES_MAX 1500 /* bytes; two such lists and what is said of them fit into one message */

/* ---- answers of a preview ------------------------------------------------------------------------------------------------ */

typedef struct {
    rb_verified verified;
    rb_holds holds;
    rb_stuck_lock lock;
} send_answers;

/* As chosen on the preview; what was not touched there is what it showed at first, the draft's. */
static send_answers read_answers(const rb_delivery *delivery, const rb_request *draft)
{
    send_answers answers = {rb_verified_of(rb_delivery_field(delivery, RB_FIELD_VERIFIED)),
                            rb_holds_of(rb_delivery_field(delivery, RB_FIELD_HOLDS)),
                            rb_lock_of(rb_delivery_field(delivery, RB_FIELD_LOCK))};
    if (answers.verified == RB_VERIFIED_UNANSWERED) {
        answers.verified = draft->verified;
    }
    if (answers.holds == RB_HOLDS_UNANSWERED) {
        answers.holds = draft->holds;
    }
    if (answers.lock == RB_LOCK_UNANSWERED) {
        answers.lock = draft->lock;
    }
    if (draft->support.scope != RB_SCOPE_WORK_PROFILE) {
        answers.lock = RB_LOCK_UNANSWERED; /* a form asks before it is known which device */
    }
    return answers;
}

static rb_denial missing_answer(const rb_request *draft, send_answers answers)
{
    bool asks_lock = draft->support.scope == RB_SCOPE_WORK_PROFILE;
    if (answers.verified == RB_VERIFIED_UNANSWERED) {
        return RB_NO_VERIFICATION;
    }
    if (answers.holds != RB_HOLDS_YES) {
        return RB_NO_POSSESSION;
    }
    if (asks_lock && answers.lock == RB_LOCK_UNANSWERED) {
        return RB_NO_LOCK_UNANSWERED;
    }
    return asks_lock && answers.lock == RB_LOCK_PHONE ? RB_NO_WRONG_LOCK : RB_ALLOWED;
}

/* ---- send: everything is checked again ------------------------------------------------------------------------------------- */

const char *engine_channel_fault(const rb_chat_result *channel)
{
    if (channel->outcome == RB_CHAT_REFUSED || (channel->outcome == RB_CHAT_OK && !channel->info.exists)) {
        return RB_T("I cannot see the request channel");
    }
    if (channel->outcome != RB_CHAT_OK) {
        return RB_T("the request channel could not be read");
    }
    if (channel->info.is_archived) {
        return RB_T("the request channel is archived");
    }
    if (channel->info.is_shared_outside) {
        return RB_T("the request channel is shared with another organisation");
    }
    return channel->info.is_bot_member ? NULL : RB_T("I am not a member of the request channel");
}

static rb_progress bad_channel(rb_task *task, const rb_request *draft, const char *fault)
{
    rb_words words = rb_task_words(task);
    if (!engine_need_admins(task)) {
        return RB_WAIT;
    }
    rb_task_say_next(
        task,
        "Not sent: {fault}, and approvers decide only there. An administrator must mend it (invite me, unarchive it, "
        "or name another channel in the policy). Then bring the preview back and press Send again. Nothing was done.",
        (rb_arg[]){{"fault", rb_word_text(&words, fault)}, {NULL, NULL}}, "status", draft->id);
    rb_task_record(task, "refused", draft->id, fault);
    engine_tell_admins(
        task, draft->id,
        "A reset request could not be sent: {fault}. Please mend it: invite me, unarchive the channel, or name "
        "another request channel in the policy.",
        NULL, fault);
    return RB_FINISHED;
}

static const char *listed_owner(const rb_policy *policy, const rb_device *device)
{
    for (size_t i = 0; i < policy->n_people; i++) {
        if (device->user_id[0] && strcasecmp(policy->people[i].entra, device->user_id) == 0) {
            return policy->people[i].person.user;
        }
    }
    return NULL;
}

/* The owner's chat account: by the people table, else by e-mail; only for telling, never for rights. */
static bool need_owner_account(rb_task *task, const rb_device *device, char out_user[RB_CHAT_ID_CAP])
{
    const char *listed = listed_owner(task->engine->policy, device);
    rb_copy_fit(out_user, RB_CHAT_ID_CAP, listed ? listed : "");
    if (listed || !device->upn[0]) {
        return true;
    }
    rb_chat_call call = {.kind = RB_CHAT_BY_EMAIL, .text = device->upn};
    const rb_chat_result *found = NULL;
    if (!rb_need_chat(task, "owner", &call, &found)) {
        return false;
    }
    const rb_actor *who = &found->person;
    bool is_good = found->outcome == RB_CHAT_OK && who->exists && !who->is_outside && !who->is_bot &&
                   !who->is_deactivated && !who->is_guest;
    rb_copy_fit(out_user, RB_CHAT_ID_CAP, is_good ? who->person.user : "");
    return true;
}

/* What they read. A look-up by e-mail does not tell; whoever cannot be read reads the record's language. */
static bool need_owner_locale(rb_task *task, const char *user, char out_locale[RB_LOCALE_CAP])
{
    const rb_chat_result *person = NULL;
    out_locale[0] = '\0';
    if (!user[0]) {
        return true;
    }
    if (!engine_need_person(task, user, &person)) {
        return false;
    }
    rb_copy_fit(out_locale, RB_LOCALE_CAP, person->outcome == RB_CHAT_OK ? person->person.locale : "");
    return true;
}

/* Refused before anything is posted, naming whom to add (issue: Who may). */
static rb_progress too_few(rb_task *task, const rb_request *draft, bool is_unsure)
{
    if (is_unsure) {
        rb_task_refuse(task, RB_NO_GROUP_UNREADABLE, &draft->device, &draft->support, draft);
        return RB_FINISHED;
    }
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_buf reachable;
    rb_buf unreachable;
    rb_buf_init(&reachable, NAMES_MAX);
    rb_buf_init(&unreachable, NAMES_MAX);
    engine_name_approvers(task, draft, &reachable, &unreachable);
    rb_word_too_few(&words, draft, rb_buf_cstr(&reachable), rb_buf_cstr(&unreachable), message);
    rb_task_answer(task, message, false);
    rb_task_record(task, "refused", draft->id, engine_why_not(RB_NO_TOO_FEW_APPROVERS));
    rb_buf_fini(&reachable);
    rb_buf_fini(&unreachable);
    return RB_FINISHED;
}

typedef struct {
    rb_actor requester;
    rb_device_result *read;
    rb_support support;
    rb_counts counts;
    const rb_chat_result *channel;
    char owner[RB_CHAT_ID_CAP];
    char owner_locale[RB_LOCALE_CAP];
    char earlier[RB_DETAIL_CAP];
} send_facts;

static bool need_send_facts(rb_task *task, const rb_request *draft, send_facts *facts)
{
    rb_device_call read = {.kind = RB_DEVICE_READ, .id = draft->device.id};
    rb_chat_call channel = {.kind = RB_CHAT_CHANNEL, .channel = task->engine->policy->request_channel};
    bool is_ready = rb_need_actor(task, &draft->requester.person, &facts->requester);
    is_ready = rb_need_device(task, "read", &read, &facts->read) && is_ready;
    is_ready = rb_need_counts(task, &draft->device, &draft->requester.person, &facts->counts) && is_ready;
    is_ready = rb_need_chat(task, "request_channel", &channel, &facts->channel) && is_ready;
    is_ready = rb_need_earlier(task, &draft->device, draft->id, facts->earlier) && is_ready;
    return need_owner_account(task, &draft->device, facts->owner) &&
           need_owner_locale(task, facts->owner, facts->owner_locale) && is_ready;
}

static rb_progress device_changed(rb_task *task, const rb_request *draft, const send_facts *facts)
{
    rb_device device = facts->read->devices[0];
    device.is_name_shared = draft->device.is_name_shared;
    rb_event event = {.kind = RB_EV_PICK, .device = &device, .support = &facts->support, .text = facts->earlier};
    (void)rb_task_step(task, draft, &event);
    return rb_flow_preview(task, rb_task_next_request(task),
                           RB_T("The device changed since this preview was made: look again, then send."));
}

static rb_progress send_checked(rb_task *task, const rb_request *draft, send_facts *facts)
{
    const rb_actor *approvers = NULL;
    size_t n = 0;
    bool is_unsure = false;
    const rb_policy *policy = task->engine->policy;
    if (!rb_need_approvers(task, draft, policy->approvals, &approvers, &n, &is_unsure)) {
        return RB_WAIT;
    }
    if (n < policy->approvals) {
        return too_few(task, draft, is_unsure);
    }
    const send_answers answers = read_answers(task->delivery, draft);
    rb_event event = {.kind = RB_EV_SEND,
                      .actor = &facts->requester,
                      .verified = answers.verified,
                      .holds = answers.holds,
                      .lock = answers.lock,
                      .approvals_needed = policy->approvals,
                      .expiry_ms = policy->expiry_ms,
                      .policy_version = policy->version,
                      .owner_chat_user = facts->owner,
                      .owner_locale = facts->owner_locale,
                      .has_owner = draft->device.user_id[0] != '\0' || draft->device.upn[0] != '\0',
                      .text = facts->earlier};
    rb_step_result result = rb_task_step(task, draft, &event);
    rb_words words = rb_task_words(task);
    if (result != RB_STEP_APPLIED) {
        rb_message *message = rb_task_message(task);
        rb_word_step(&words, result, draft, message);
        rb_task_answer(task, message, false);
        return RB_FINISHED;
    }
    rb_message *message = rb_task_message(task);
    rb_word_say(&words, message,
                "{id} is sent for approval: follow it in its thread. You can cancel it as long as it is not sent to "
                "Intune.",
                (rb_arg[]){{"id", draft->id}, {NULL, NULL}});
    rb_word_next_filled(&words, message, "status", draft->id);
    rb_word_or_next(&words, message, "cancel", draft->id);
    rb_task_answer(task, message, true);
    return RB_FINISHED;
}

static rb_progress device_taken(rb_task *task, const rb_request *draft)
{
    const rb_request *first = NULL;
    const rb_chat_result *link = NULL;
    if (!rb_need_request(task, task->taken_by, &first)) {
        return RB_WAIT;
    }
    rb_message *message = rb_task_message(task);
    if (first && first->card_ts[0]) {
        rb_chat_call call = {.kind = RB_CHAT_PERMALINK, .channel = first->card_channel, .ts = first->card_ts};
        if (!rb_need_chat(task, "first_link", &call, &link)) {
            return RB_WAIT;
        }
    }
    rb_words words = rb_task_words(task);
    rb_word_say(&words, message,
                "Not sent: {first} is already open for this device, and one at a time is allowed. Follow that one. "
                "Nothing was done.",
                (rb_arg[]){{"first", task->taken_by}, {NULL, NULL}});
    if (link && link->outcome == RB_CHAT_OK && link->url[0]) {
        rb_message_text(message, " ");
        rb_message_link(message, link->url, task->taken_by);
    }
    rb_word_next_filled(&words, message, "status", task->taken_by);
    rb_task_answer(task, message, false);
    rb_task_record(task, "refused", draft->id, RB_T("the device has an open request"));
    return RB_FINISHED;
}

rb_progress engine_send(rb_task *task, const rb_request *draft)
{
    rb_denial denial = missing_answer(draft, read_answers(task->delivery, draft));
    if (draft->state != RB_STATE_DRAFT) {
        rb_event event = {.kind = RB_EV_SEND, .actor = &draft->requester};
        rb_words words = rb_task_words(task);
        rb_message *message = rb_task_message(task);
        rb_word_step(&words, rb_task_step(task, draft, &event), draft, message);
        rb_task_answer(task, message, false);
        return RB_FINISHED;
    }
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, &draft->device, &draft->support, draft);
        return RB_FINISHED;
    }
    if (task->taken_by[0]) {
        return device_taken(task, draft);
    }
    send_facts facts = {0};
    if (!need_send_facts(task, draft, &facts)) {
        return RB_WAIT;
    }
    if (facts.read->outcome != RB_DEVICE_OK || facts.read->n_devices != 1) {
        char again[RB_WORD_CAP];
        rb_words words = rb_task_words(task);
        rb_message *message = rb_task_message(task);
        snprintf(again, sizeof again, "status %s", draft->id); /* the preview, to send again */
        words.typed = again;
        rb_word_lookup(&words, facts.read->outcome, draft->device.name, false, facts.read->detail, message);
        rb_task_answer(task, message, false);
        return RB_FINISHED;
    }
    facts.support = rb_support_of(&facts.read->devices[0]);
    denial = rb_policy_may_request(task->engine->policy, &facts.requester, &facts.read->devices[0], &facts.support,
                                   &facts.counts);
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, &draft->device, &facts.support, draft);
        return RB_FINISHED;
    }
    if (rb_device_difference(&draft->device, &facts.read->devices[0])) {
        return device_changed(task, draft, &facts);
    }
    const char *fault = engine_channel_fault(facts.channel);
    return fault ? bad_channel(task, draft, fault) : send_checked(task, draft, &facts);
}
