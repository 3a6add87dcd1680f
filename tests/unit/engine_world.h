/* engine_world.h - the ports of the tests' engine: they record what they are asked, and answer nothing by themselves. */
#ifndef TESTS_ENGINE_WORLD_H
#define TESTS_ENGINE_WORLD_H

#include "chat/slack_plain.h"
#include "chat/slack_render.h"
#include "resetbot/engine.h"
#include "resetbot/log.h"
#include "support/said_words.h"
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

#define CALLS_MAX 32768
#define JOBS_MAX 2048
#define CHAT_KINDS (RB_CHAT_PERMALINK + 1)
#define DEVICE_KINDS (RB_DEVICE_FIND_PEOPLE + 1)

typedef struct {
    uint64_t tag;
    bool is_device;
    int kind;
    char channel[RB_CHAT_ID_CAP], user[RB_CHAT_ID_CAP], thread[RB_CHAT_TS_CAP], ts[RB_CHAT_TS_CAP];
    char url[RB_CHAT_URL_CAP], text[RB_UPN_CAP], marker[RB_REQUEST_ID_CAP], guid[RB_GUID_CAP];
    uint32_t seq;
    int64_t since_utc_ms;
    bool is_replacing, is_secret;
    char *payload; /* heap */
    int64_t at_boot_ms;
    size_t commits;
    bool is_answered;
    bool is_ok;     /* ... well */
    bool has_acted; /* POST to the channel, RESET: it took effect, answered or not */
    char posted_ts[RB_CHAT_TS_CAP];
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
    size_t n_commits;    /* transactions that reached the disk */
    size_t n_changes;    /* in them */
    size_t n_unrendered; /* so many next messages do not fit */
    size_t n_raced;      /* before so many next changes of a request, somebody else stores a version of it */
    rb_err refusal;      /* each next change that saves a delivery is refused so; RB_OK: none */
    rb_now now;
    uint64_t boot;
    rb_policy policy;
    rb_languages languages;                     /* of NULL: English for all (said_words.h) */
    const char *(*locale_of)(const char *user); /* NULL: nobody's is known */
    rb_engine *engine;
    rb_job *jobs[JOBS_MAX];
    size_t n_jobs;
    bool is_worker_bounded; /* as the real one: RB_WORKER_QUEUE_MAX jobs */
    seen_call *calls;
    size_t n_calls;
    seen_ack acks[2048];
    size_t n_acks;
    bool is_held[2][DEVICE_KINDS > CHAT_KINDS ? DEVICE_KINDS : CHAT_KINDS]; /* [is_device][kind]: not answered */
    rb_chat_result next_chat[CHAT_KINDS];                                   /* for the next n_next calls of that kind */
    size_t n_next[CHAT_KINDS];
    char found[4][RB_CHAT_ID_CAP]; /* what FIND finds */
    size_t n_found;
    bool is_channel_real;     /* FIND finds what was posted and not deleted */
    size_t n_events, kill_at; /* the world stops before its kill_at-th event; 0: never */
    bool is_killed;
    bool acts_after_death;           /* calls under way at a kill take effect */
    char members[4][RB_CHAT_ID_CAP]; /* of the request channel */
    size_t n_members;
    rb_device phone;
    const rb_directory_person *people; /* whom a search for part of a name finds */
    size_t n_people;
    bool has_more_people;
    char user_upn[RB_UPN_CAP]; /* what USER answers */
    const rb_device *namesake; /* listed beside it; NULL: nothing is */
    rb_device_outcome read_outcome;
    char read_detail[RB_DETAIL_CAP];
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

/* Another hand: the request's row gets a version that the engine has not seen. */
KIT void race(world *w, const rb_change *change)
{
    rb_request *stored = change->request ? kit_load(&w->store, change->request->id) : NULL;

    if (!stored || w->n_raced == 0) {
        free(stored);
        return;
    }
    w->n_raced--;
    stored->version++;
    rb_change other = {.request = stored};
    rb_change *const one = &other;
    rb_errbuf errbuf;
    ck_assert_int_eq(w->store.port.commit(w->store.port.self, &one, 1, &errbuf), RB_OK);
    ck_assert_int_eq(other.result, RB_OK);
    free(stored);
}

KIT rb_err world_commit(void *self, rb_change *const *changes, size_t n, rb_errbuf *errbuf)
{
    world *w = self;

    if (w->mode == STORE_FAILS)
        return rb_fail(errbuf, RB_E_DISK, "the disk is full: make room and restart");
    for (size_t i = 0; i < n; i++)
        race(w, changes[i]);
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
    *seen = (seen_call){
        .tag = tag, .is_device = is_device, .kind = kind, .at_boot_ms = w->now.boot_ms, .commits = w->n_commits};
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
    seen->is_secret = call->is_secret;
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

KIT rb_err world_plain(void *self, rb_str payload, rb_buf *out)
{
    (void)self;
    return rb_slack_plain(payload, out);
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

#endif
