/* The engine's own work on a request: deadlines, polling for its outcome, and what follows a card. */
#include <stdio.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"
#include "resetbot/text.h"

#define APPROVERS_BATCH (RB_CHANGE_OUT_MAX - 8) /* a step's own messages need room too */

/* ---- helpers -------------------------------------------------------------------------------------------------------- */

rb_task *engine_own_task(rb_engine *engine, const char *name, rb_progress (*run)(rb_task *task), const char *request)
{
    rb_task *task = engine_task_new(engine, name, run);
    rb_copy_fit(task->subject, sizeof task->subject, request);
    return task;
}

static void work_over(rb_task *task)
{
    engine_turn_over(task);
    slot *item = engine_slot(task->engine, task->subject);
    if (item) {
        item->is_working = false;
        engine_reschedule(task->engine, item, engine_now(task->engine));
    }
}

static void time_over(rb_task *task)
{
    slot *item = engine_slot(task->engine, task->subject);
    if (item) {
        item->is_time_task = false;
        engine_reschedule(task->engine, item, engine_now(task->engine));
    }
}

/* ---- deadlines ---------------------------------------------------------------------------------------------------------- */

static bool is_in(const rb_chat_result *members, const char *user)
{
    for (size_t i = 0; i < members->n_items; i++) {
        if (strcmp(members->items[i], user) == 0) {
            return true;
        }
    }
    return false;
}

/* Direct messages to a batch of approvers, one batch a stage; skips those in `members` (may be NULL). */
static rb_progress tell_batch(rb_task *task, const rb_request *request, rb_note note, const rb_chat_result *members,
                              const char *link, const rb_actor *actors, size_t n)
{
    size_t first = (size_t)task->stage * APPROVERS_BATCH;
    for (size_t i = first; i < n && i < first + APPROVERS_BATCH; i++) {
        if (!members || !is_in(members, actors[i].person.user)) {
            rb_words words = rb_task_words_for(task, actors[i].locale);
            rb_message *message = rb_task_message(task);
            rb_word_tell_approver(&words, request, note, link, message);
            uint32_t before = task->change->n_out_put;
            rb_task_direct(task, actors[i].person.user, request->id, note, message);
            if (task->change->n_out_put > before) {
                task->outs[before]->is_asking = true;
            }
        }
    }
    return first + APPROVERS_BATCH < n ? RB_COMMIT : RB_FINISHED;
}

/* Nobody can be reminded while the chat is away: once it is back. */
static rb_progress remind_later(rb_task *task, const rb_request *request)
{
    slot *item = engine_slot(task->engine, request->id);
    if (item) {
        item->remind_boot_ms = rb_task_now(task).boot_ms + RB_MINUTE_MS;
    }
    return RB_FINISHED;
}

/* Half time: everybody who may decide, by direct message. */
static rb_progress remind_approvers(rb_task *task, const rb_request *request)
{
    const rb_actor *actors = NULL;
    size_t n = 0;
    bool is_unsure = false;
    if (!rb_need_approvers(task, request, SIZE_MAX, &actors, &n, &is_unsure)) {
        return RB_WAIT;
    }
    if (task->stage == 0 && n == 0 && task->engine->chat_away_utc_ms) {
        return remind_later(task, request);
    }
    rb_chat_call call = {.kind = RB_CHAT_PERMALINK, .channel = request->card_channel, .ts = request->card_ts};
    const rb_chat_result *link = NULL;
    if (request->card_ts[0] && !rb_need_chat(task, "permalink", &call, &link)) {
        return RB_WAIT;
    }
    rb_event event = {.kind = RB_EV_TIME};
    if (task->stage == 0 && rb_task_step(task, request, &event) != RB_STEP_APPLIED) {
        return RB_FINISHED;
    }
    const rb_request *next = rb_task_next_request(task) ? rb_task_next_request(task) : request;
    if (next->state != RB_STATE_PENDING) {
        return RB_FINISHED;
    }
    return tell_batch(task, next, RB_NOTE_HALF_TIME, NULL, link ? link->url : NULL, actors, n);
}

/* What kept people or Intune away when a deadline ends it: said on the card and to the requester; "" when nothing did. */
static void why_late(const rb_task *task, const rb_request *request, char out_why[RB_DETAIL_CAP])
{
    const rb_engine *engine = task->engine;
    const slot *item = engine_slot(task->engine, request->id);
    char since[RB_TIME_CAP];
    rb_time_short(engine->chat_away_utc_ms, since);
    if (request->state == RB_STATE_PENDING && !request->card_ts[0]) {
        snprintf(out_why, RB_DETAIL_CAP, RB_T("its card was not confirmed in the request channel"));
    } else if (request->state == RB_STATE_PENDING && engine->chat_away_utc_ms) {
        snprintf(out_why, RB_DETAIL_CAP, RB_T("the chat could not be reached from then on") " (%s)", since);
    } else if (request->state != RB_STATE_PENDING && engine->is_sending_barred) {
        snprintf(out_why, RB_DETAIL_CAP, RB_T("sending is barred: the clock of the bot's machine went back"));
    } else if (request->state != RB_STATE_PENDING && item) {
        rb_copy_fit(out_why, RB_DETAIL_CAP, item->failure_why);
    }
}

static rb_progress run_time(rb_task *task)
{
    const rb_request *request = NULL;
    if (!rb_need_request(task, task->subject, &request)) {
        return RB_WAIT;
    }
    if (!request) {
        return RB_FINISHED;
    }
    char why[RB_DETAIL_CAP] = "";
    why_late(task, request, why);
    rb_event event = {.kind = RB_EV_TIME, .text = why[0] ? why : NULL};
    (void)rb_task_step(task, request, &event);
    return RB_FINISHED;
}

static bool is_to_be_reminded(const rb_engine *engine, const rb_request *request)
{
    return request->state == RB_STATE_PENDING && !request->is_reminded &&
           !rb_instant_is_past(&request->deadline, engine_now(engine), engine->config.boot);
}

static rb_progress run_remind(rb_task *task)
{
    const rb_request *request = NULL;
    if (!rb_need_request(task, task->subject, &request)) {
        return RB_WAIT;
    }
    bool is_wanted = request && (is_to_be_reminded(task->engine, request) || task->stage > 0);
    return is_wanted ? remind_approvers(task, request) : RB_FINISHED;
}

static void remind_over(rb_task *task)
{
    slot *item = engine_slot(task->engine, task->subject);
    if (item) {
        item->is_remind_task = false;
        engine_reschedule(task->engine, item, engine_now(task->engine));
    }
}

void engine_start_time(rb_engine *engine, slot *item)
{
    bool is_reminder = is_to_be_reminded(engine, &item->request);
    rb_task *task =
        engine_own_task(engine, is_reminder ? "remind" : "time", is_reminder ? run_remind : run_time, item->request.id);
    task->on_end = is_reminder ? remind_over : time_over;
    item->is_remind_task = item->is_remind_task || is_reminder;
    item->is_time_task = item->is_time_task || !is_reminder;
    if (is_reminder) {
        engine_reschedule(engine, item, engine_now(engine));
    }
    engine_task_run(task);
}

/* ---- the outcome ------------------------------------------------------------------------------------------------------------------ */

/* Did the other one's last POST leave at or after this one's? By attempt, not by creation: a draft may be older. */
static bool is_reset_after(const rb_request *other, const rb_request *request)
{
    if (other->n_attempts == 0 || request->n_attempts == 0) {
        return false;
    }
    return other->attempts[other->n_attempts - 1].at_utc_ms >= request->attempts[request->n_attempts - 1].at_utc_ms;
}

/* An UNKNOWN request holds its device no longer: what a later one's POST brought about is not this one's (R3, S6). Asked by
 * the device alone, lest an owner's other devices fill the answer, and a draft's life before its creation: that one may have
 * been drafted first and sent afterwards. */
static bool need_later_reset(rb_task *task, const rb_request *request, bool *out_is_there)
{
    const rb_query *answer = NULL;
    rb_device device = {.n_owners = 0};
    rb_query query = {.kind = RB_QUERY_EARLIER,
                      .id = request->id, /* not itself */
                      .device = &device,
                      .since_utc_ms = request->created_utc_ms - RB_DRAFT_LIFE_MS};
    rb_copy_fit(device.id, sizeof device.id, request->device.id);
    *out_is_there = false;
    if (request->state != RB_STATE_UNKNOWN) {
        return true;
    }
    if (!rb_need_query(task, "later_reset", &query, &answer)) {
        return false;
    }
    for (size_t i = 0; i < answer->n_requests; i++) {
        *out_is_there = *out_is_there || is_reset_after(&answer->requests[i], request);
    }
    return true;
}

static rb_progress run_results(rb_task *task)
{
    const rb_request *request = NULL;
    rb_device_result *read = NULL;
    if (!rb_need_request(task, task->subject, &request)) {
        return RB_WAIT;
    }
    if (!request) {
        return RB_FINISHED;
    }
    bool is_later_reset = false;
    rb_device_call call = {.kind = RB_DEVICE_RESULTS, .id = request->device.id};
    bool is_ready = rb_need_device(task, "results", &call, &read);
    if (!is_ready || !need_later_reset(task, request, &is_later_reset)) {
        return RB_WAIT;
    }
    if (is_later_reset) {
        return RB_FINISHED;
    }
    if (read->outcome != RB_DEVICE_OK || !read->results) {
        return engine_try_later(task, read->detail);
    }
    engine_reading_works(task);
    rb_event event = {.kind = RB_EV_RESULTS, .results = read->results};
    (void)rb_task_step(task, request, &event);
    return RB_FINISHED;
}

void engine_start_work(rb_engine *engine, slot *item)
{
    bool is_prepare = item->work == RB_WORK_PREPARE;
    rb_task *task = engine_own_task(engine, is_prepare ? "prepare" : "results",
                                    is_prepare ? engine_run_prepare : run_results, item->request.id);
    task->on_end = work_over;
    item->is_working = true;
    engine_task_run(task);
}

/* ---- after the card was posted: approvers who do not see the channel --------------------------------------------------------------- */

static rb_progress run_card_posted(rb_task *task)
{
    const rb_request *request = NULL;
    const rb_actor *actors = NULL;
    const rb_chat_result *members = NULL;
    const rb_chat_result *link = NULL;
    size_t n = 0;
    bool is_unsure = false;
    if (!rb_need_request(task, task->subject, &request)) {
        return RB_WAIT;
    }
    if (!request || request->state != RB_STATE_PENDING || !request->card_ts[0]) {
        return RB_FINISHED;
    }
    rb_chat_call members_call = {.kind = RB_CHAT_MEMBERS, .channel = request->card_channel};
    rb_chat_call link_call = {.kind = RB_CHAT_PERMALINK, .channel = request->card_channel, .ts = request->card_ts};
    bool is_ready = rb_need_chat(task, "members", &members_call, &members);
    is_ready = rb_need_chat(task, "permalink", &link_call, &link) && is_ready;
    is_ready = rb_need_approvers(task, request, SIZE_MAX, &actors, &n, &is_unsure) && is_ready;
    if (!is_ready) {
        return RB_WAIT;
    }
    if (members->outcome != RB_CHAT_OK) {
        return RB_FINISHED; /* who is not in the channel cannot be told: half time reminds everybody */
    }
    return tell_batch(task, request, RB_NOTE_ASKED, members, link->url, actors, n);
}

void engine_start_card_posted(rb_engine *engine, const char *request)
{
    engine_task_run(engine_own_task(engine, "card_posted", run_card_posted, request));
}

/* ---- events of the engine's own: the card is posted, the owner told, the process restarted --------------------------------------------- */

static void own_event_over(rb_task *task)
{
    if (task->own_out_done && task->is_refused) {
        outbox_not_ended(task->engine, task->own_out_done);
    } else if (task->own_out_done) {
        outbox_end(task->engine, task->own_out_done);
    }
    if (task->own_kind == RB_EV_CARD && !task->is_refused) {
        engine_start_card_posted(task->engine, task->subject);
    }
}

static rb_progress run_own_event(rb_task *task)
{
    const rb_request *request = NULL;
    if (!rb_need_request(task, task->subject, &request)) {
        return RB_WAIT;
    }
    rb_event event = {
        .kind = task->own_kind, .channel = task->own_channel, .ts = task->own_ts, .owner_told = task->own_told};
    if (request) {
        (void)rb_task_step(task, request, &event);
    }
    if (task->own_out_done) {
        task->change->out_delete[task->change->n_out_delete++] = task->own_out_done;
    }
    return RB_FINISHED;
}

void engine_start_event(rb_engine *engine, const char *request, rb_event_kind kind, const char *channel, const char *ts,
                        rb_owner_told told, uint64_t out_done)
{
    rb_task *task = engine_own_task(engine, "event", run_own_event, request);
    task->own_kind = kind;
    task->own_told = told;
    task->own_out_done = out_done;
    rb_copy_fit(task->own_channel, sizeof task->own_channel, channel);
    rb_copy_fit(task->own_ts, sizeof task->own_ts, ts);
    task->on_end = own_event_over;
    engine_task_run(task);
}

#define CARD_NOT_POSTED                                                                                                \
    RB_T("{id}: I cannot post its card in the request channel ({error}). Approvers can type {root} approve {id} for "  \
         "it. "                                                                                                        \
         "An administrator must invite me there (/invite) or mend the channel; I keep trying until the request ends.")
#define CARD_IS_PLAIN                                                                                                  \
    RB_T("{id}: the chat refused its card as I wrote it ({error}), so it stands in the request channel as text "       \
         "without "                                                                                                    \
         "buttons. "                                                                                                   \
         "Approvers type {root} approve {id}. An administrator should report this: it is a fault of mine.")

static rb_progress run_post_problem(rb_task *task)
{
    const rb_request *request = NULL;
    bool is_ready = rb_need_request(task, task->subject, &request);
    if (!engine_need_admins(task) || !is_ready) {
        return RB_WAIT;
    }
    if (!request || (task->is_own_plain && request->state != RB_STATE_PENDING)) { /* decided: nobody has to type */
        return RB_FINISHED;
    }
    rb_arg args[] = {{"id", request->id}, {"error", task->own_text}, {"root", task->engine->config.root}, {NULL, NULL}};
    const char *problem = task->is_own_plain ? CARD_IS_PLAIN : CARD_NOT_POSTED;
    rb_words words = rb_task_words_for(task, request->requester.locale);
    rb_message *message = rb_task_message(task);
    rb_word_say(&words, message, problem, args);
    rb_task_direct(task, request->requester.person.user, request->id, RB_NOTE_ASKED, message);
    engine_tell_admins(task, request->id, problem, args, NULL);
    if (!task->is_own_plain) {
        rb_task_record(task, "card_not_posted", request->id, task->own_text);
    }
    return RB_FINISHED;
}

void engine_start_post_problem(rb_engine *engine, const char *request, const char *error, bool is_plain)
{
    rb_task *task = engine_own_task(engine, "post_problem", run_post_problem, request);
    rb_text_clip(task->own_text, sizeof task->own_text, rb_str_of(error));
    task->is_own_plain = is_plain;
    engine_task_run(task);
}

/* ---- R6: a gap is told ----------------------------------------------------------------------------------------------------- */

#define GAP_TOLD_MS (10 * RB_SECOND_MS) /* shorter ones are in the record alone */

/* Stage 0: it is on record; then those who must know are told. */
static rb_progress run_gap(rb_task *task)
{
    if (task->stage == 0) {
        rb_task_record(task, "chat_gap", "", task->own_text);
        return task->is_own_long ? RB_COMMIT : RB_FINISHED;
    }
    if (!engine_need_admins(task)) {
        return RB_WAIT;
    }
    engine_tell_admins(
        task, "",
        "For {s} seconds nothing reached me from the chat. Commands and clicks of that time were not "
        "carried out, and their senders saw an error; whoever still needs them does them again. The log says why.",
        (rb_arg[]){{"s", task->own_text}, {NULL, NULL}}, NULL);
    return RB_FINISHED;
}

void engine_on_gap(void *self, int64_t gap_ms)
{
    rb_engine *engine = self;
    if (engine->is_dead) {
        return;
    }
    rb_task *task = engine_own_task(engine, "gap", run_gap, "");
    (void)snprintf(task->own_text, sizeof task->own_text, "%lld.%03lld", (long long)(gap_ms / 1000),
                   (long long)(gap_ms % 1000));
    task->is_own_long = gap_ms >= GAP_TOLD_MS;
    engine_task_run(task);
}
