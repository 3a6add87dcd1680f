/* engine_kit.h - a world for the engine: a real store, fake chat and device manager that record every call and answer when
 * the test lets them, a worker that works when it is told to, and a clock that is a variable.
 *
 * Nothing ever comes back from inside a call. The messages are rendered by the real renderer, so that a test presses what a
 * person would see. Header-only, as each test is one file. */
#ifndef TESTS_ENGINE_KIT_H
#define TESTS_ENGINE_KIT_H

#include "chat/slack_render.h"
#include "resetbot/engine.h"
#include "resetbot/log.h"
#include "support/store_kit.h"

#define TEAM "T1"
#define CARDS "C0CARDS"
#define DESK "C0DESK"
#define URL "https://hooks.example.com/1"
#define HANNA "10000000-0000-4000-8000-000000000001" /* helpdesk */
#define ARVID "10000000-0000-4000-8000-000000000002" /* approver */
#define ADELE "10000000-0000-4000-8000-000000000003" /* owns the phone */
#define BERIT "10000000-0000-4000-8000-000000000004" /* approver */
#define PHONE "20000000-0000-4000-8000-000000000001"

#define CALLS_MAX 8192
#define JOBS_MAX 2048
#define CHAT_KINDS (RB_CHAT_PERMALINK + 1)
#define DEVICE_KINDS (RB_DEVICE_USER + 1)

typedef struct {
    uint64_t tag;
    bool is_device;
    int kind;
    char channel[RB_CHAT_ID_CAP], user[RB_CHAT_ID_CAP], thread[RB_CHAT_TS_CAP], ts[RB_CHAT_TS_CAP];
    char url[RB_CHAT_URL_CAP], text[RB_UPN_CAP], marker[RB_REQUEST_ID_CAP], guid[RB_GUID_CAP];
    uint32_t seq;
    int64_t since_utc_ms;
    bool is_replacing;
    char *payload; /* heap */
    int64_t at_boot_ms;
    size_t commits;
    bool is_answered;
} seen_call;

typedef struct {
    char key[RB_KEY_CAP];
    rb_ack_kind kind;
    char text[512];
    char field[RB_ACTION_ID_CAP];
    size_t commits;
} seen_ack;

typedef enum { STORE_WORKS, STORE_FAILS, STORE_DIES_AFTER } store_mode;

typedef struct {
    kit store;
    store_mode mode;
    bool is_worker_held;
    size_t n_commits;  /* transactions that reached the disk */
    size_t n_changes;  /* in them */
    size_t n_unrendered; /* so many next messages do not fit */
    rb_err refusal;    /* each next change that saves a delivery is refused so; RB_OK: none */
    rb_now now;
    uint64_t boot;
    rb_policy policy;
    rb_engine *engine;
    rb_job *jobs[JOBS_MAX];
    size_t n_jobs;
    bool is_worker_bounded; /* as the real one: RB_WORKER_QUEUE_MAX jobs */
    seen_call *calls;
    size_t n_calls;
    seen_ack acks[2048];
    size_t n_acks;
    bool is_held[2][DEVICE_KINDS > CHAT_KINDS ? DEVICE_KINDS : CHAT_KINDS]; /* [is_device][kind]: not answered */
    rb_chat_result next_chat[CHAT_KINDS]; /* for the next n_next calls of that kind */
    size_t n_next[CHAT_KINDS];
    char found[4][RB_CHAT_ID_CAP]; /* what FIND finds */
    size_t n_found;
    char members[4][RB_CHAT_ID_CAP]; /* of the request channel */
    size_t n_members;
    rb_device phone;
    rb_device_outcome read_outcome;
    rb_action_results results;
    rb_post_outcome post;
    int64_t timer_boot_ms;
    int n_fatal;
    unsigned n_posted;
    unsigned n_deliveries;
    uint32_t random;
} world;

/* ---- ports -------------------------------------------------------------------------------------------------------- */

KIT rb_now world_now(void *self)
{
    return ((world *)self)->now;
}

KIT void world_random(void *self, void *out_bytes, size_t len)
{
    world *w = self;

    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out_bytes)[i] = (uint8_t)((w->random = w->random * 1664525u + 1013904223u) >> 24);
}

KIT rb_err world_submit(void *self, rb_job *job)
{
    world *w = self;

    ck_assert_uint_lt(w->n_jobs, JOBS_MAX);
    if (w->is_worker_bounded && w->n_jobs >= RB_WORKER_QUEUE_MAX)
        return RB_E_AGAIN;
    w->jobs[w->n_jobs++] = job;
    return RB_OK;
}

KIT rb_err world_commit(void *self, rb_change *const *changes, size_t n, rb_errbuf *errbuf)
{
    world *w = self;

    if (w->mode == STORE_FAILS)
        return rb_fail(errbuf, RB_E_DISK, "the disk is full: make room and restart");
    rb_err err = w->store.port.commit(w->store.port.self, changes, n, errbuf);
    w->n_commits++;
    w->n_changes += n;
    for (size_t i = 0; i < n && w->refusal != RB_OK; i++)
        if (changes[i]->delivery_op == RB_DELIVERY_OP_RECEIVE)
            changes[i]->result = w->refusal;
    return w->mode == STORE_DIES_AFTER ? rb_fail(errbuf, RB_E_DISK, "killed") : err;
}

KIT rb_err world_query(void *self, rb_query *query, rb_errbuf *errbuf)
{
    world *w = self;

    if (w->mode != STORE_WORKS)
        return rb_fail(errbuf, RB_E_IO, "killed");
    return w->store.port.query(w->store.port.self, query, errbuf);
}

KIT void world_ack(void *self, const rb_delivery *delivery, const rb_ack *ack)
{
    world *w = self;
    seen_ack *seen = &w->acks[w->n_acks++];

    ck_assert_uint_lt(w->n_acks, sizeof w->acks / sizeof *w->acks);
    KIT_TEXT(seen->key, delivery->key);
    seen->kind = ack->kind;
    rb_text_clip(seen->text, sizeof seen->text, rb_str_of(ack->text));
    KIT_TEXT(seen->field, ack->field ? ack->field : "");
    seen->commits = w->n_commits;
}

KIT seen_call *world_saw(world *w, uint64_t tag, bool is_device, int kind)
{
    ck_assert_uint_lt(w->n_calls, CALLS_MAX);
    seen_call *seen = &w->calls[w->n_calls++];
    *seen = (seen_call){.tag = tag,
                        .is_device = is_device,
                        .kind = kind,
                        .at_boot_ms = w->now.boot_ms,
                        .commits = w->n_commits};
    return seen;
}

#define KEEP(to, from) KIT_TEXT(to, (from) ? (from) : "")

KIT void world_chat(void *self, uint64_t tag, const rb_chat_call *call)
{
    seen_call *seen = world_saw(self, tag, false, (int)call->kind);

    KEEP(seen->channel, call->channel);
    KEEP(seen->user, call->user);
    KEEP(seen->thread, call->thread_ts);
    KEEP(seen->ts, call->ts);
    KEEP(seen->url, call->url);
    KEEP(seen->text, call->text ? call->text : call->group ? call->group : call->view_id);
    KEEP(seen->marker, call->marker_request);
    seen->seq = call->marker_seq;
    seen->since_utc_ms = call->since_utc_ms;
    seen->is_replacing = call->is_replacing;
    seen->payload = strndup(call->payload.ptr ? call->payload.ptr : "", call->payload.len);
}

KIT void world_device(void *self, uint64_t tag, const rb_device_call *call)
{
    seen_call *seen = world_saw(self, tag, true, (int)call->kind);

    KEEP(seen->text, call->id ? call->id : call->text);
    KEEP(seen->guid, call->client_request_id);
}

KIT rb_err world_render(void *self, const rb_message *message, rb_buf *out)
{
    world *w = self;

    if (w->n_unrendered > 0) {
        w->n_unrendered--;
        return RB_E_LIMIT;
    }
    return rb_slack_render(message, out);
}

KIT void world_timer(void *host, int64_t boot_ms)
{
    ((world *)host)->timer_boot_ms = boot_ms;
}

KIT void world_fatal(void *host, rb_err err, const char *sentence)
{
    ck_assert_int_ne(err, RB_OK);
    ck_assert_uint_gt(strlen(sentence), 0);
    ((world *)host)->n_fatal++;
}

/* ---- answers ------------------------------------------------------------------------------------------------------ */

KIT void person_facts(const char *user, rb_actor *out)
{
    KIT_TEXT(out->person.team, TEAM);
    KIT_TEXT(out->person.user, user);
    rb_text_clip(out->name, sizeof out->name, rb_str_of(user + 2));
    out->exists = true;
}

KIT void chat_result(world *w, const seen_call *call, rb_chat_result *out)
{
    *out = (rb_chat_result){.outcome = RB_CHAT_OK};
    KIT_TEXT(out->channel, call->channel);
    if (call->kind == RB_CHAT_POST || call->kind == RB_CHAT_DIRECT)
        (void)snprintf(out->ts, sizeof out->ts, "1772460000.%06u", ++w->n_posted);
    if (call->kind == RB_CHAT_PERSON)
        person_facts(call->user, &out->person);
    if (call->kind == RB_CHAT_CHANNEL)
        out->info = (rb_channel_info){.exists = true, .is_bot_member = true};
    if (call->kind == RB_CHAT_DM_CHANNEL)
        KIT_TEXT(out->channel, "D1");
    if (call->kind == RB_CHAT_FORM_OPEN)
        KIT_TEXT(out->view_id, "V1");
    if (call->kind == RB_CHAT_PERMALINK)
        KIT_TEXT(out->url, "https://example.slack.com/archives/C0CARDS/p1");
    if (call->kind == RB_CHAT_MEMBERS) {
        out->items = w->members;
        out->n_items = w->n_members;
    }
    if (call->kind == RB_CHAT_FIND) {
        out->items = w->found;
        out->n_items = w->n_found;
    }
}

KIT void answer_chat(world *w, seen_call *call)
{
    rb_chat_result result;
    rb_chat_events events = rb_engine_chat_events(w->engine);

    call->is_answered = true;
    chat_result(w, call, &result);
    if (w->n_next[call->kind] > 0) {
        w->n_next[call->kind]--;
        result = w->next_chat[call->kind];
    }
    events.on_result(events.self, call->tag, &result);
}

KIT void answer_device(world *w, seen_call *call)
{
    rb_device_result result = {.outcome = RB_DEVICE_OK};
    rb_device_events events = rb_engine_device_events(w->engine);

    call->is_answered = true;
    if (call->kind == RB_DEVICE_RESET) {
        result.post = w->post;
    } else if (call->kind == RB_DEVICE_CODE) {
        result.code = rb_secret_new(RB_STR("84c1"));
    } else {
        result.outcome = w->read_outcome;
        result.devices = &w->phone;
        result.n_devices = w->read_outcome == RB_DEVICE_OK;
        w->results.read_utc_ms = w->now.utc_ms;
        result.results = &w->results;
    }
    events.on_result(events.self, call->tag, &result);
}

/* ---- running ------------------------------------------------------------------------------------------------------ */

KIT bool work_once(world *w)
{
    if (w->n_jobs == 0)
        return false;
    rb_job *job = w->jobs[0];
    memmove(w->jobs, w->jobs + 1, --w->n_jobs * sizeof *w->jobs);
    job->work(job);
    job->done(job);
    return true;
}

KIT bool answer_once(world *w)
{
    for (size_t i = 0; i < w->n_calls; i++) {
        seen_call *call = &w->calls[i];
        if (call->is_answered || w->is_held[call->is_device][call->kind])
            continue;
        if (call->is_device)
            answer_device(w, call);
        else
            answer_chat(w, call);
        return true;
    }
    return false;
}

/* Until nothing is left to do at this moment. */
KIT void settle(world *w)
{
    int n = 0;

    while ((!w->is_worker_held && work_once(w)) || answer_once(w))
        ck_assert_msg(++n < 20000, "the engine never rests");
}

KIT void at(world *w, int64_t boot_ms)
{
    w->now.utc_ms += boot_ms - w->now.boot_ms;
    w->now.boot_ms = boot_ms;
    w->store.utc_ms = w->now.utc_ms;
}

/* Time passes, timer by timer. */
KIT void pass(world *w, int64_t ms)
{
    int64_t end = w->now.boot_ms + ms;
    int n = 0;

    settle(w);
    while (w->timer_boot_ms <= end) {
        ck_assert_msg(++n < 20000, "timers without end");
        at(w, w->timer_boot_ms > w->now.boot_ms ? w->timer_boot_ms : w->now.boot_ms);
        w->timer_boot_ms = INT64_MAX;
        rb_engine_timer(w->engine);
        settle(w);
    }
    at(w, end);
    rb_engine_timer(w->engine);
    settle(w);
}

KIT void start(world *w)
{
    static const uint8_t key[RB_MAC_KEY_LEN] = {7};
    rb_engine_config config = {.clock = {w, world_now},
                               .random = {w, world_random},
                               .store = {w, world_commit, world_query},
                               .store_executor = {w, world_submit},
                               .chat = {w, world_ack, world_chat, world_render},
                               .device = {w, world_device},
                               .catalogue = rb_catalogue_english(),
                               .root = "/passcode",
                               .commands = RB_COMMANDS,
                               .n_keys = 1,
                               .boot = w->boot,
                               .host = w,
                               .timer_set = world_timer,
                               .fatal = world_fatal};
    rb_errbuf errbuf;

    rb_mac_key_init(&config.keys[0], key);
    w->timer_boot_ms = INT64_MAX;
    ck_assert_int_eq(rb_engine_new(&config, &w->policy, &w->engine), RB_OK);
    ck_assert_msg(rb_engine_load(w->engine, &errbuf) == RB_OK, "load");
    rb_chat_events events = rb_engine_chat_events(w->engine);
    events.on_ready(events.self, TEAM, "U0BOT");
    rb_engine_timer(w->engine);
}

/* The process dies now: what was being committed is lost, or was on disk already and nobody learnt it. */
KIT void die(world *w, store_mode how)
{
    w->mode = how;
    while (work_once(w)) {
    }
    rb_engine_free(w->engine);
    w->engine = NULL;
    w->mode = STORE_WORKS;
    for (size_t i = 0; i < w->n_calls; i++)
        w->calls[i].is_answered = true;
}

KIT void restart(world *w)
{
    kit_reopen(&w->store);
    start(w);
}

/* ---- given -------------------------------------------------------------------------------------------------------- */

static rb_policy_person world_people[] = {{{TEAM, "U0HANNA"}, HANNA},
                                          {{TEAM, "U0ARVID"}, ARVID},
                                          {{TEAM, "U0ADELE"}, ADELE},
                                          {{TEAM, "U0BERIT"}, BERIT}};
static char world_helpdesk[][RB_CHAT_ID_CAP] = {"U0HANNA"};
static char world_approvers[][RB_CHAT_ID_CAP] = {"U0ARVID", "U0BERIT"};
static char world_channels[][RB_CHAT_ID_CAP] = {DESK};

KIT void given_policy(world *w)
{
    w->policy = (rb_policy){.version = "00000000000000a1",
                            .people = world_people,
                            .n_people = 4,
                            .channels = world_channels,
                            .n_channels = 1,
                            .request_channel = CARDS,
                            .approvals = 1,
                            .expiry_ms = 30 * RB_MINUTE_MS,
                            .ceiling_device_day = 100,
                            .ceiling_requester_hour = 100,
                            .ceiling_all_hour = 100};
    w->policy.roles[RB_ROLE_HELPDESK] = (rb_policy_role){.users = world_helpdesk, .n_users = 1};
    w->policy.roles[RB_ROLE_APPROVER] = (rb_policy_role){.users = world_approvers, .n_users = 2};
}

KIT void given_phone(world *w)
{
    rb_device *phone = &w->phone;

    *phone = (rb_device){.is_beta_known = true, .are_owners_known = true, .n_owners = 1};
    phone->last_sync_utc_ms = KIT_NOW - RB_MINUTE_MS;
    KIT_TEXT(phone->id, PHONE);
    KIT_TEXT(phone->serial, "F2LXK4QQ4F2K");
    KIT_TEXT(phone->model, "iPhone 14");
    KIT_TEXT(phone->os, "iOS");
    KIT_TEXT(phone->os_version, "17.5.1");
    KIT_TEXT(phone->user_id, ADELE);
    KIT_TEXT(phone->upn, "adele@contoso.com");
    KIT_TEXT(phone->user_name, "Adele Vance");
    KIT_TEXT(phone->ownership, "company");
    KIT_TEXT(phone->management_state, "managed");
    KIT_TEXT(phone->compliance, "compliant");
    KIT_TEXT(phone->enrolled_at, "2024-03-11T08:30:00Z");
    KIT_TEXT(phone->enrollment, "appleBulkWithUser");
    KIT_TEXT(phone->kind, "iPhone");
    KIT_TEXT(phone->lost_mode, "disabled");
    KIT_TEXT(phone->owners[0], ADELE);
}

KIT void given_world(world *w)
{
    rb_log_set_level(RB_LOG_ERROR);
    *w = (world){.boot = 1, .now = {KIT_NOW, 5 * RB_HOUR_MS}, .post = RB_POST_ACCEPTED};
    w->calls = calloc(CALLS_MAX, sizeof *w->calls);
    ck_assert_ptr_nonnull(w->calls);
    kit_init(&w->store);
    kit_open(&w->store);
    given_policy(w);
    given_phone(w);
    KIT_TEXT(w->members[0], "U0ARVID");
    KIT_TEXT(w->members[1], "U0BERIT");
    w->n_members = 2;
    start(w);
}

KIT void fini_world(world *w)
{
    die(w, STORE_FAILS);
    for (size_t i = 0; i < w->n_calls; i++)
        free(w->calls[i].payload);
    free(w->calls);
    kit_fini(&w->store);
}

/* The next n calls of the kind end so. */
KIT void chat_answers(world *w, rb_chat_call_kind kind, rb_chat_outcome outcome, const char *error, size_t n)
{
    w->next_chat[kind] = (rb_chat_result){.outcome = outcome};
    KIT_TEXT(w->next_chat[kind].error, error);
    w->n_next[kind] = n;
}

#endif
