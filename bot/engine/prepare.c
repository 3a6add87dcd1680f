/* The way to the POST: device and rights read again, INTENT, SENDING committed, and only then the call (R2, S2, S3). */
#include <stdio.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"
#include "resetbot/text.h"

#define BACK_OFF_FIRST_MS 2000
#define BACK_OFF_MAX_MS 60000
#define READ_FRESH_MS 30000
#define SAVING_MS 5000 /* what saving an attempt may take: what is too old by then would cost it for nothing */

/* What had to be read could not be: later again, with growing gaps. */
rb_progress engine_try_later(rb_task *task, const char *why)
{
    slot *item = engine_slot(task->engine, task->subject);
    if (item) {
        int64_t wait = item->failure_wait_ms ? item->failure_wait_ms * 2 : BACK_OFF_FIRST_MS;
        item->failure_wait_ms = wait < BACK_OFF_MAX_MS ? wait : BACK_OFF_MAX_MS;
        if (why[0]) {
            rb_text_clip(item->failure_why, sizeof item->failure_why, rb_str_of(why));
        }
    }
    rb_log(RB_LOG_WARN, "event=work_waits request=%s task=%s why=\"%s\"", task->subject, task->name, why);
    return RB_FINISHED;
}

void engine_reading_works(rb_task *task)
{
    slot *item = engine_slot(task->engine, task->subject);
    if (item) {
        item->failure_wait_ms = 0;
        item->failure_why[0] = '\0';
    }
}

/* ---- rights, just before the POST (S3) -------------------------------------------------------------------------------------- */

typedef enum { RIGHTS_WAIT, RIGHTS_GOOD, RIGHTS_LATER, RIGHTS_GONE } rights;

static rights judge(rb_denial denial)
{
    /* chat unreadable, or frozen: wait, then LAPSED (design 4, Counting) */
    if (denial == RB_NO_GROUP_UNREADABLE || denial == RB_NO_FROZEN) {
        return RIGHTS_LATER;
    }
    return denial == RB_ALLOWED ? RIGHTS_GOOD : RIGHTS_GONE;
}

static rights approver_rights(rb_task *task, const rb_request *request, const rb_decision *approval,
                              const rb_device *device, rb_denial *out_denial)
{
    rb_actor actor;
    if (!rb_need_actor(task, &approval->person, &actor)) {
        return RIGHTS_WAIT;
    }
    if (!actor.exists && actor.name[0] == '\0' && !actor.is_deactivated) {
        const rb_chat_result *person = NULL;
        char key[FACT_KEY_CAP];
        snprintf(key, sizeof key, "person:%s", approval->person.user);
        rb_chat_call call = {.kind = RB_CHAT_PERSON, .user = approval->person.user};
        if (rb_need_chat(task, key, &call, &person) && person->outcome != RB_CHAT_OK &&
            person->outcome != RB_CHAT_REFUSED) {
            return RIGHTS_LATER;
        }
    }
    *out_denial = rb_policy_role_of(task->engine->policy, &actor, RB_ROLE_APPROVER);
    if (*out_denial == RB_ALLOWED && strcmp(actor.entra, approval->entra) != 0) {
        *out_denial = RB_NO_PEOPLE_ENTRY;
    }
    if (*out_denial == RB_ALLOWED && strcmp(actor.entra, request->requester.entra) == 0) {
        *out_denial = RB_NO_APPROVER_IS_REQUESTER;
    }
    if (*out_denial == RB_ALLOWED && rb_policy_was_requester(task->engine->policy, &actor, request)) {
        *out_denial = RB_NO_WAS_REQUESTER;
    }
    if (*out_denial == RB_ALLOWED && rb_device_is_owned_by(device, actor.entra)) {
        *out_denial = RB_NO_APPROVER_IS_OWNER;
    }
    return judge(*out_denial);
}

/* Everybody's rights again: requester and each approver, policy, ceilings. */
static rights all_rights(rb_task *task, const rb_request *request, const rb_device *device, const rb_support *support,
                         rb_denial *out_denial)
{
    rb_actor requester;
    rb_counts counts;
    bool is_ready = rb_need_actor(task, &request->requester.person, &requester);
    is_ready = rb_need_counts(task, device, &request->requester.person, &counts) && is_ready;
    rights worst = is_ready ? RIGHTS_GOOD : RIGHTS_WAIT;
    for (uint32_t i = 0; i < request->n_approvals; i++) {
        rb_denial denial = RB_ALLOWED;
        rights of_one = approver_rights(task, request, &request->approvals[i], device, &denial);
        if (of_one == RIGHTS_WAIT || (of_one > worst && worst != RIGHTS_WAIT)) {
            worst = of_one;
            *out_denial = denial;
        }
    }
    if (worst != RIGHTS_GOOD) {
        return worst;
    }
    if (request->n_attempts > 0) { /* counted already, against who sent it first */
        counts = (rb_counts){0};
    }
    *out_denial = rb_policy_may_request(task->engine->policy, &requester, device, support, &counts);
    if (*out_denial == RB_ALLOWED && strcmp(requester.entra, request->requester.entra) != 0) {
        *out_denial = RB_NO_PEOPLE_ENTRY;
    }
    if (*out_denial == RB_NO_UNKNOWN_PERSON) {
        return RIGHTS_LATER; /* chat may just be unreadable */
    }
    return judge(*out_denial);
}

/* A policy that asks for more approvals than an approved request has. */
static rb_progress more_approvals_needed(rb_task *task, const rb_request *request)
{
    rb_event event = {.kind = RB_EV_NOT_ALLOWED, .text = RB_T("the policy now asks for more approvals than it has")};
    (void)rb_task_step(task, request, &event);
    return RB_FINISHED;
}

static bool has_too_few_approvals(const rb_task *task, const rb_request *request)
{
    return request->state != RB_STATE_PENDING && request->n_approvals < task->engine->policy->approvals;
}

static rb_progress not_allowed(rb_task *task, const rb_request *request, rb_denial denial)
{
    rb_event event = {.kind = RB_EV_NOT_ALLOWED, .text = engine_why_not(denial)};
    (void)rb_task_step(task, request, &event);
    return RB_FINISHED;
}

/* ---- the way to the POST -------------------------------------------------------------------------------------------------------- */

static bool need_fresh_device(rb_task *task, const rb_request *request, rb_device_result **out_read)
{
    char key[FACT_KEY_CAP];
    snprintf(key, sizeof key, "prepare:%u", (unsigned)request->n_attempts);
    rb_device_call call = {.kind = RB_DEVICE_READ, .id = request->device.id};
    return rb_need_device(task, key, &call, out_read);
}

static rb_progress device_gone(rb_task *task, const rb_request *request)
{
    rb_event event = {.kind = RB_EV_NOT_ALLOWED, .text = RB_T("the device is no longer in Intune")};
    (void)rb_task_step(task, request, &event);
    return RB_FINISHED;
}

/* Stage 0: the device is read and compared, and its action results saved as a snapshot (INTENT). */
static rb_progress prepare(rb_task *task, const rb_request *request)
{
    rb_device_result *read = NULL;
    bool is_ready = need_fresh_device(task, request, &read);
    if (!is_ready) {
        return RB_WAIT;
    }
    if (read->outcome == RB_DEVICE_NOT_FOUND) {
        return device_gone(task, request);
    }
    if (read->outcome != RB_DEVICE_OK || read->n_devices != 1 || !read->results) {
        return engine_try_later(task, read->detail);
    }
    if (!read->devices[0].is_beta_known && request->device.is_beta_known) {
        return engine_try_later(task, RB_T("the kind of device could not be read"));
    }
    if (!read->devices[0].are_owners_known && request->device.are_owners_known) {
        return engine_try_later(task, RB_T("the device's users could not be read"));
    }
    rb_support support = rb_support_of(&read->devices[0]);
    rb_denial denial = RB_ALLOWED;
    rights now = all_rights(task, request, &read->devices[0], &support, &denial);
    if (now == RIGHTS_WAIT) {
        return RB_WAIT;
    }
    rb_event event = {
        .kind = RB_EV_PREPARED, .device = &read->devices[0], .support = &support, .results = read->results};
    rb_step_result result = rb_task_step(task, request, &event);
    if (result != RB_STEP_APPLIED) {
        return engine_try_later(task,
                                result == RB_STEP_TOO_LATE ? "" : RB_T("the device's action results bear no date"));
    }
    return rb_task_next_request(task)->state == RB_STATE_INTENT ? RB_COMMIT : RB_FINISHED;
}

/* Two requests that count at the same time would both find the last place below a ceiling free: one after the other counts,
 * and commits. The next one's count is asked once that commit is back. */
static bool is_my_turn(rb_task *task)
{
    rb_engine *engine = task->engine;
    if (engine->sender && engine->sender != task) {
        task->is_waiting_for_slot = true;
        return false;
    }
    engine->sender = task;
    return true;
}

void engine_turn_over(rb_task *task)
{
    if (task->engine->sender == task) {
        task->engine->sender = NULL;
        engine_tasks_wake_waiting(task->engine);
    }
}

static rights room(rb_task *task, const rb_request *request, rb_denial *out_denial)
{
    char key[FACT_KEY_CAP];
    const rb_query *answer = NULL;
    if (request->n_attempts > 0) { /* counted already */
        return RIGHTS_GOOD;
    }
    if (!is_my_turn(task)) {
        return RIGHTS_WAIT;
    }
    snprintf(key, sizeof key, "room:%u:%s", (unsigned)task->n_conflicts, request->requester.person.user);
    rb_query query = {.kind = RB_QUERY_COUNTS,
                      .device = &request->device,
                      .person = &request->requester.person,
                      .now_utc_ms = engine_now(task->engine).utc_ms};
    if (!rb_need_query(task, key, &query, &answer)) {
        return RIGHTS_WAIT;
    }
    *out_denial = rb_policy_within_ceilings(task->engine->policy, &answer->counts);
    return *out_denial == RB_ALLOWED ? RIGHTS_GOOD : RIGHTS_GONE;
}

/* Stage 1: rights once more, then SENDING is committed, before the POST is handed out (R2). */
static rb_progress go(rb_task *task, const rb_request *request)
{
    rb_device_result *read = NULL;
    rb_denial denial = RB_ALLOWED;
    if (request->state != RB_STATE_INTENT || !need_fresh_device(task, request, &read)) {
        return RB_FINISHED;
    }
    bool is_old =
        !engine_facts_are_fresh(task, READ_FRESH_MS, SAVING_MS); /* by the boot clock: the wall one may be set */
    rb_support support = rb_support_of(&read->devices[0]);
    rights now = all_rights(task, request, &read->devices[0], &support, &denial);
    if (now == RIGHTS_WAIT) {
        return RB_WAIT;
    }
    if (now == RIGHTS_GONE) {
        return not_allowed(task, request, denial);
    }
    if (has_too_few_approvals(task, request)) {
        return more_approvals_needed(task, request);
    }
    if (now == RIGHTS_LATER || is_old || task->engine->is_sending_barred) {
        return engine_try_later(task, is_old ? RB_T("what was read is too old") : engine_why_not(denial));
    }
    rights place = room(task, request, &denial);
    if (place != RIGHTS_GOOD) {
        return place == RIGHTS_WAIT ? RB_WAIT : not_allowed(task, request, denial);
    }
    rb_random_guid(&task->engine->config.random, task->post_id);
    task->post_requester = request->requester.person;
    rb_event event = {.kind = RB_EV_GO, .client_request_id = task->post_id};
    if (rb_task_step(task, request, &event) != RB_STEP_APPLIED) {
        task->post_id[0] = '\0';
        return engine_try_later(task, "");
    }
    return RB_COMMIT;
}

/* Is the attempt that this task committed still the one whose answer is missing? After a conflict it may not be. */
static bool is_still_ours(const rb_task *task, const rb_request *request)
{
    const rb_attempt *attempt = request->n_attempts ? &request->attempts[request->n_attempts - 1] : NULL;
    return attempt && request->state == RB_STATE_SENDING && attempt->outcome == RB_ATTEMPT_OPEN &&
           strcmp(attempt->client_request_id, task->post_id) == 0;
}

/* A disk may have been slow: window and rights are those of the moment at which the POST leaves (R2, S3). */
static bool may_still_leave(const rb_task *task, const rb_request *request)
{
    const rb_engine *engine = task->engine;
    bool is_over = rb_instant_is_past(&request->deadline, engine_now(engine), engine->config.boot);
    return !is_over && engine_facts_are_fresh(task, READ_FRESH_MS, 0);
}

/* Taken over while SENDING was being saved: the rights that were read are those of somebody else (S3). A new attempt reads its
 * requester's. */
static bool is_taken_over(const rb_task *task, const rb_request *request)
{
    return !rb_person_equal(&task->post_requester, &request->requester.person);
}

/* The attempt never left: the next one is prepared anew. */
static rb_progress never_left(rb_task *task, const rb_request *request, const char *why)
{
    rb_event never = {.kind = RB_EV_POSTED, .outcome = RB_POST_NEVER_LEFT, .text = why};
    (void)rb_task_step(task, request, &never);
    return RB_FINISHED;
}

/* Stage 2: SENDING is on disk. The POST, once: the fact's key makes sure that a second run does not make a second call. */
static rb_progress post(rb_task *task, const rb_request *request)
{
    rb_device_call call = {.kind = RB_DEVICE_RESET, .id = request->device.id, .client_request_id = task->post_id};
    rb_device_result *answer = NULL;
    if (!is_still_ours(task, request)) {
        rb_log(RB_LOG_ERROR, "event=post_not_ours request=%s client_request_id=%s", request->id, task->post_id);
        return RB_FINISHED;
    }
    bool is_out = engine_has_fact(task, task->post_id);
    if (!is_out && !may_still_leave(task, request)) {
        return never_left(task, request, RB_T("saving it took too long"));
    }
    if (!is_out && is_taken_over(task, request)) {
        return never_left(task, request, RB_T("it was taken over while it was being saved"));
    }
    if (!rb_need_device(task, task->post_id, &call, &answer)) {
        return RB_WAIT;
    }
    rb_event event = {.kind = RB_EV_POSTED,
                      .outcome = answer->post,
                      .retry_after_ms = answer->retry_after_ms,
                      .text = answer->detail};
    engine_reading_works(task);
    (void)rb_task_step(task, request, &event);
    return RB_FINISHED;
}

rb_progress engine_run_prepare(rb_task *task)
{
    const rb_request *request = NULL;
    if (!rb_need_request(task, task->subject, &request)) {
        return RB_WAIT;
    }
    if (!request) {
        return RB_FINISHED;
    }
    if (task->stage == STAGE_POST) {
        engine_turn_over(task);
        return post(task, request);
    }
    if (request->state != RB_STATE_APPROVED && request->state != RB_STATE_INTENT) {
        return RB_FINISHED;
    }
    return task->stage == 0 ? prepare(task, request) : go(task, request);
}

/* ---- a new policy ---------------------------------------------------------------------------------------------------------------------- */

static rb_progress run_policy_check(rb_task *task)
{
    const rb_request *request = NULL;
    rb_denial denial = RB_ALLOWED;
    if (!rb_need_request(task, task->subject, &request)) {
        return RB_WAIT;
    }
    if (!request) {
        return RB_FINISHED;
    }
    rights now = all_rights(task, request, &request->device, &request->support, &denial);
    if (now == RIGHTS_WAIT) {
        return RB_WAIT;
    }
    if (now == RIGHTS_GONE) {
        return not_allowed(task, request, denial);
    }
    if (has_too_few_approvals(task, request)) {
        return more_approvals_needed(task, request);
    }
    rb_event event = {.kind = RB_EV_ALLOWED,
                      .policy_version = task->engine->policy->version,
                      .approvals_needed = task->engine->policy->approvals};
    (void)rb_task_step(task, request, &event);
    return RB_FINISHED;
}

void engine_start_policy_check(rb_engine *engine, const char *request)
{
    engine_task_run(engine_own_task(engine, "policy_check", run_policy_check, request));
}
