/* engine_kit.h - a world for the engine: a real store, fake chat and device manager that record every call and answer when
 * the test lets them, a worker that works when it is told to, and a clock that is a variable.
 *
 * Nothing ever comes back from inside a call. The messages are rendered by the real renderer, so that a test presses what a
 * person would see. Header-only, as each test is one file. */
#ifndef TESTS_ENGINE_KIT_H
#define TESTS_ENGINE_KIT_H

#include "engine_world.h"

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
    if (call->kind == RB_CHAT_PERSON) {
        person_facts(call->user, &out->person);
        KIT_TEXT(out->person.locale, w->locale_of ? w->locale_of(call->user) : "");
    }
    if (call->kind == RB_CHAT_CHANNEL)
        out->info = (rb_channel_info){.exists = true, .is_bot_member = true};
    if (call->kind == RB_CHAT_DM_CHANNEL || call->kind == RB_CHAT_DIRECT)
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

KIT void acts(world *w, seen_call *call, const char *ts)
{
    call->has_acted = true;
    KIT_TEXT(call->posted_ts, ts);
    if (call->is_device) { /* Intune queues it, and the phone is online */
        rb_action_result *item = &w->results.items[w->results.n++];
        *item = (rb_action_result){.started_utc_ms = w->now.utc_ms, .state = RB_ACTION_DONE};
        KIT_TEXT(item->type, "removeDevicePasscode");
        rb_time_iso(w->now.utc_ms, item->started);
    }
}

/* What a look into the real channel finds: posts of ours that bear the marker, and were not deleted. */
KIT void find_posts(world *w, const seen_call *find)
{
    char marker[96];

    (void)snprintf(marker, sizeof marker, "\"request\":\"%s\",\"seq\":%u}", find->marker, (unsigned)find->seq);
    w->n_found = 0;
    for (size_t i = 0; i < w->n_calls && w->n_found < 4; i++) {
        const seen_call *post = &w->calls[i];
        bool is_there = !post->is_device && post->kind == RB_CHAT_POST && post->has_acted;
        if (is_there && strcmp(post->thread, find->thread) == 0 && strstr(post->payload, marker))
            KIT_TEXT(w->found[w->n_found++], post->posted_ts);
    }
}

KIT void delete_post(world *w, const seen_call *gone)
{
    for (size_t i = 0; i < w->n_calls; i++)
        if (w->calls[i].posted_ts[0] && strcmp(w->calls[i].posted_ts, gone->ts) == 0)
            w->calls[i].has_acted = false;
}

KIT void answer_chat(world *w, seen_call *call)
{
    rb_chat_result result;
    rb_chat_events events = rb_engine_chat_events(w->engine);

    call->is_answered = true;
    if (w->is_channel_real && call->kind == RB_CHAT_FIND)
        find_posts(w, call);
    if (w->is_channel_real && call->kind == RB_CHAT_DELETE)
        delete_post(w, call);
    chat_result(w, call, &result);
    if (w->n_next[call->kind] > 0) {
        w->n_next[call->kind]--;
        result = w->next_chat[call->kind];
    }
    call->is_ok = result.outcome == RB_CHAT_OK;
    if (call->kind == RB_CHAT_POST && result.outcome == RB_CHAT_OK)
        acts(w, call, result.ts);
    events.on_result(events.self, call->tag, &result);
}

KIT void answer_device(world *w, seen_call *call)
{
    rb_device_result result = {.outcome = RB_DEVICE_OK};
    rb_device_events events = rb_engine_device_events(w->engine);
    rb_device phone = w->phone;

    if (call->kind == RB_DEVICE_READ && call->text[0])
        KIT_TEXT(phone.id, call->text); /* as many phones of a kind as are asked for */
    rb_device listed[] = {phone, w->namesake ? *w->namesake : phone};
    call->is_answered = true;
    if (call->kind == RB_DEVICE_RESET) {
        result.post = w->post;
        if (w->is_channel_real)
            acts(w, call, "");
    } else if (call->kind == RB_DEVICE_CODE) {
        result.code = rb_secret_new(RB_STR("84c1Zq"));
    } else {
        result.outcome = w->read_outcome;
        KIT_TEXT(result.detail, w->read_detail);
        bool are_two = call->kind == RB_DEVICE_FIND_BY_USER && w->namesake;
        bool is_none = call->kind == RB_DEVICE_FIND_BY_SERIAL && strcmp(call->text, w->phone.serial) != 0;
        bool is_people = call->kind == RB_DEVICE_FIND_PEOPLE;
        result.devices = listed;
        result.n_devices = w->read_outcome == RB_DEVICE_OK && !is_none && !is_people ? 1 + (size_t)are_two : 0;
        result.people = w->people;
        result.n_people = w->read_outcome == RB_DEVICE_OK && is_people ? w->n_people : 0;
        result.has_more = is_people && w->has_more_people;
        KIT_TEXT(result.upn, call->kind == RB_DEVICE_USER ? w->user_upn : "");
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

KIT bool is_killed_now(world *w)
{
    w->is_killed = w->is_killed || ++w->n_events == w->kill_at;
    return w->is_killed;
}

/* Until nothing is left to do at this moment. */
KIT void settle(world *w)
{
    int n = 0;

    while (!is_killed_now(w) && ((!w->is_worker_held && work_once(w)) || answer_once(w)))
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
    while (w->timer_boot_ms <= end && !w->is_killed) {
        ck_assert_msg(++n < 20000, "timers without end");
        at(w, w->timer_boot_ms > w->now.boot_ms ? w->timer_boot_ms : w->now.boot_ms);
        w->timer_boot_ms = INT64_MAX;
        rb_engine_timer(w->engine);
        settle(w);
    }
    if (w->is_killed)
        return;
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
                               .chat = {w, world_ack, world_chat, world_render, world_plain},
                               .device = {w, world_device},
                               .languages = w->languages.of ? w->languages : said_languages(),
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
    w->is_killed = false;
    for (size_t i = 0; i < w->n_calls; i++) {
        seen_call *call = &w->calls[i];
        bool is_act = call->kind == (call->is_device ? (int)RB_DEVICE_RESET : (int)RB_CHAT_POST);
        char ts[RB_CHAT_TS_CAP];
        (void)snprintf(ts, sizeof ts, "1772460000.%06u", w->n_posted + 1);
        if (!call->is_answered && is_act && w->acts_after_death) {
            w->n_posted++;
            acts(w, call, ts);
        }
        call->is_answered = true;
    }
}

KIT void restart(world *w)
{
    kit_reopen(&w->store);
    start(w);
}

/* ---- given -------------------------------------------------------------------------------------------------------- */

static rb_policy_person world_people[] = {
    {{TEAM, "U0HANNA"}, HANNA}, {{TEAM, "U0ARVID"}, ARVID}, {{TEAM, "U0ADELE"}, ADELE}, {{TEAM, "U0BERIT"}, BERIT}};
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
