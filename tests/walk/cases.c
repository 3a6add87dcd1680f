/* Every event that may come, with each answer, person and circumstance that a step may look at. */
#include <stdlib.h>

#include "walk/walk.h"

#define OLD_DONE "2026-02-01T08:00:00Z"
#define TYPE "removeDevicePasscode"
#define OTHER_TYPE "resetPasscode"

enum {
    SEND_ONE,
    SEND_TWO,
    SEND_EIGHT,
    SEND_NINE,
    SEND_NONE,
    SEND_UNVERIFIED,
    SEND_NOT_HELD,
    SEND_OTHER_LOCK,
    SEND_NO_OWNER,
    SEND_NO_CHAT
};
enum { ALLOWED_SAME, ALLOWED_ONE, ALLOWED_TWO };
enum {
    POSTED_LATER = 100
}; /* outcome + POSTED_LATER: with a Retry-After of 20 s; + twice that: longer than the window */

#define OF_PEOPLE(kind)                                                                                                \
    {kind, WHO_REQUESTER, 0, NULL}, {kind, WHO_REQUESTER_AGAIN, 0, NULL}, {kind, WHO_APPROVER_1, 0, NULL},             \
        {kind, WHO_APPROVER_1_AGAIN, 0, NULL}, {kind, WHO_APPROVER_2, 0, NULL}, {kind, WHO_OWNER, 0, NULL},            \
        {kind, WHO_COLLEAGUE, 0, NULL}, {kind, WHO_NOBODY, 0, NULL},                                                   \
    {                                                                                                                  \
        kind, WHO_STRANGER, 0, NULL                                                                                    \
    }

const walk_case walk_cases[] = {
    {RB_EV_PICK, WHO_REQUESTER, PHONE_APPLE, "a phone"},
    {RB_EV_PICK, WHO_REQUESTER, PHONE_WORK, "a work profile"},
    {RB_EV_PICK, WHO_REQUESTER, PHONE_OWN, "the requester's own phone"},
    {RB_EV_PICK, WHO_REQUESTER, PHONE_NO, "a PC"},
    {RB_EV_SEND, WHO_REQUESTER, SEND_ONE, "complete"},
    {RB_EV_SEND, WHO_REQUESTER, SEND_TWO, "complete"},
    {RB_EV_SEND, WHO_REQUESTER, SEND_EIGHT, "complete"},
    {RB_EV_SEND, WHO_REQUESTER, SEND_NO_OWNER, "complete"},
    {RB_EV_SEND, WHO_REQUESTER, SEND_NO_CHAT, "complete"},
    {RB_EV_SEND, WHO_REQUESTER, SEND_NINE, "more approvals than can be kept"},
    {RB_EV_SEND, WHO_REQUESTER, SEND_NONE, "no approvals asked for"},
    {RB_EV_SEND, WHO_REQUESTER, SEND_UNVERIFIED, "caller not verified"},
    {RB_EV_SEND, WHO_REQUESTER, SEND_NOT_HELD, "owner does not hold it"},
    {RB_EV_SEND, WHO_REQUESTER, SEND_OTHER_LOCK, "the phone's own lock is stuck"},
    OF_PEOPLE(RB_EV_APPROVE),
    OF_PEOPLE(RB_EV_DENY),
    OF_PEOPLE(RB_EV_CANCEL),
    {RB_EV_TIME, WHO_ENGINE, 0, ""},
    {RB_EV_PREPARED, WHO_ENGINE, FOUND_NO_DATE, "an answer without Graph's clock"},
    {RB_EV_PREPARED, WHO_ENGINE, FOUND_SAME, "as approved"},
    {RB_EV_PREPARED, WHO_ENGINE, FOUND_SAME_OLD_RESET, "as approved"},
    {RB_EV_PREPARED, WHO_ENGINE, FOUND_OTHER_USER, "device changed"},
    {RB_EV_PREPARED, WHO_ENGINE, FOUND_OTHER_OWNER, "device changed"},
    {RB_EV_PREPARED, WHO_ENGINE, FOUND_NOT_SUPPORTED, "no longer possible"},
    {RB_EV_PREPARED, WHO_ENGINE, FOUND_OTHER_SCOPE, "no longer possible"},
    {RB_EV_PREPARED, WHO_ENGINE, FOUND_PENDING, "somebody else's reset"},
    {RB_EV_PREPARED, WHO_ENGINE, FOUND_ACTIVE, "somebody else's reset"},
    {RB_EV_PREPARED, WHO_ENGINE, FOUND_RESET_SINCE, "somebody else's reset"},
    {RB_EV_GO, WHO_ENGINE, 0, ""},
    {RB_EV_POSTED, WHO_ENGINE, RB_POST_ACCEPTED, "204 accepted"},
    {RB_EV_POSTED, WHO_ENGINE, RB_POST_UNAUTHORISED, "401"},
    {RB_EV_POSTED, WHO_ENGINE, RB_POST_THROTTLED, "429"},
    {RB_EV_POSTED, WHO_ENGINE, RB_POST_THROTTLED + POSTED_LATER, "429"},
    {RB_EV_POSTED, WHO_ENGINE, RB_POST_THROTTLED + 2 * POSTED_LATER, "429"},
    {RB_EV_POSTED, WHO_ENGINE, RB_POST_NEVER_LEFT, "it never left"},
    {RB_EV_POSTED, WHO_ENGINE, RB_POST_REFUSED, "refused"},
    {RB_EV_POSTED, WHO_ENGINE, RB_POST_TENANT_APPROVAL, "Intune asks for its own approval"},
    {RB_EV_POSTED, WHO_ENGINE, RB_POST_UNCLEAR, "unclear"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_NO_DATE, "an answer without Graph's clock"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_NOTHING, "nothing new"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_EARLIER, "nothing new"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_STATE + RB_ACTION_NONE, "queued"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_STATE + RB_ACTION_PENDING, "queued"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_STATE + RB_ACTION_OTHER, "queued"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_STATE + RB_ACTION_ACTIVE, "active"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_STATE + RB_ACTION_DONE, "done"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_STATE + RB_ACTION_FAILED, "failed"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_STATE + RB_ACTION_NOT_SUPPORTED, "not supported"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_STATE + RB_ACTION_CANCELED, "canceled"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_DONE_CODE, "done"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_PENDING_CODE, "queued"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_UNDATED, "queued"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_UNDATED_DONE, "done"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_TWO, "two new ones"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_OTHER_START, "one with a later start"},
    {RB_EV_RESULTS, WHO_ENGINE, SEEN_OTHER_TYPE, "done"},
    {RB_EV_RESTARTED, WHO_ENGINE, 0, ""},
    {RB_EV_NOT_ALLOWED, WHO_ENGINE, 0, ""},
    {RB_EV_ALLOWED, WHO_ENGINE, ALLOWED_SAME, "the same policy"},
    {RB_EV_ALLOWED, WHO_ENGINE, ALLOWED_ONE, "another policy"},
    {RB_EV_ALLOWED, WHO_ENGINE, ALLOWED_TWO, "another policy"},
    {RB_EV_SHOW, WHO_REQUESTER, 0, "its first requester"},
    {RB_EV_SHOW, WHO_COLLEAGUE, 0, "a colleague"},
    {RB_EV_OWNER, WHO_ENGINE, RB_OWNER_TOLD, "told"},
    {RB_EV_OWNER, WHO_ENGINE, RB_OWNER_NOT_TOLD, "not told"},
    {RB_EV_CARD, WHO_ENGINE, 0, ""},
    {RB_EV_TAKE, WHO_COLLEAGUE, WHO_REQUESTER, "a colleague, let by its first requester"},
    {RB_EV_TAKE, WHO_COLLEAGUE, WHO_APPROVER_2, "a colleague, let by an approver"},
    {RB_EV_TAKE, WHO_COLLEAGUE, WHO_COLLEAGUE, "a colleague, let by themself"},
    {RB_EV_TAKE, WHO_COLLEAGUE, WHO_OWNER, "a colleague, let by the device's owner"},
    {RB_EV_TAKE, WHO_OWNER, WHO_APPROVER_2, "the device's owner"},
    {RB_EV_TAKE, WHO_NOBODY, WHO_APPROVER_2, "somebody without an Entra id"},
    {RB_EV_TAKE, WHO_APPROVER_1_AGAIN, WHO_APPROVER_2, "who approved it, by another account"},
    {RB_EV_TAKE, WHO_REQUESTER, WHO_COLLEAGUE, "its first requester, let by a colleague"},
    {RB_EV_TAKE, WHO_REQUESTER_AGAIN, WHO_APPROVER_2, "its first requester's other account, let by an approver"},
};
const size_t walk_n_cases = sizeof walk_cases / sizeof *walk_cases;

const char *walk_case_words(const walk_case *one)
{
    return one->words ? one->words : walk_who_words[one->who];
}

const char *walk_event_words(rb_event_kind kind)
{
    static const char *const words[] = {
        [RB_EV_PICK] = "pick",
        [RB_EV_SEND] = "send",
        [RB_EV_APPROVE] = "approve",
        [RB_EV_DENY] = "deny",
        [RB_EV_CANCEL] = "cancel",
        [RB_EV_TIME] = "time",
        [RB_EV_PREPARED] = "device and results read",
        [RB_EV_GO] = "go",
        [RB_EV_POSTED] = "POST answered",
        [RB_EV_RESULTS] = "results read",
        [RB_EV_RESTARTED] = "restart",
        [RB_EV_NOT_ALLOWED] = "rights or policy say no",
        [RB_EV_ALLOWED] = "policy still says yes",
        [RB_EV_SHOW] = "show the code",
        [RB_EV_OWNER] = "owner",
        [RB_EV_CARD] = "card posted",
        [RB_EV_TAKE] = "take",
    };

    return words[kind];
}

const walk_case *walk_find(rb_event_kind kind, walk_who who, int variant)
{
    for (size_t i = 0; i < walk_n_cases; i++)
        if (walk_cases[i].kind == kind && walk_cases[i].who == who && walk_cases[i].variant == variant)
            return &walk_cases[i];
    abort(); /* the table above lacks it */
}

/* ---- what Intune shows -------------------------------------------------------------------------------------------- */

static rb_action_result *add(rb_action_results *results, const char *type, int64_t started, rb_action_state state)
{
    rb_action_result *item = &results->items[results->n++];

    *item = (rb_action_result){.started_utc_ms = started, .state = state};
    item->error_code = state == RB_ACTION_FAILED ? -2016330908 : 0;
    WALK_SET(item->type, type);
    if (started)
        rb_time_iso(started, item->started);
    else
        WALK_SET(item->started, "0001-01-01T00:00:00Z");
    return item;
}

static void add_old(rb_action_results *results)
{
    int64_t started = 0;

    if (rb_time_parse_iso(RB_STR(OLD_DONE), &started) == RB_OK)
        (void)add(results, TYPE, started, RB_ACTION_DONE);
}

/* Entries that the snapshot has are still there; ours starts at the very moment of the snapshot. */
static void see(const walk_place *place, int variant, rb_action_results *results)
{
    int64_t snapshot = place->request.snapshot_utc_ms ? place->request.snapshot_utc_ms : place->now.utc_ms;

    results->n = 0;
    results->read_utc_ms = variant == SEEN_NO_DATE ? 0 : place->now.utc_ms;
    if (place->request.n_snapshot)
        add_old(results);
    if (variant >= SEEN_STATE && variant <= SEEN_STATE + RB_ACTION_OTHER)
        (void)add(results, TYPE, snapshot, (rb_action_state)(variant - SEEN_STATE));
    switch (variant) {
    case SEEN_NO_DATE: (void)add(results, TYPE, snapshot, RB_ACTION_DONE); return;
    case SEEN_EARLIER: (void)add(results, TYPE, snapshot - RB_SECOND_MS, RB_ACTION_DONE); return;
    case SEEN_DONE_CODE: add(results, TYPE, snapshot, RB_ACTION_DONE)->has_code = true; return;
    case SEEN_PENDING_CODE: add(results, TYPE, snapshot, RB_ACTION_PENDING)->has_code = true; return;
    case SEEN_UNDATED: (void)add(results, TYPE, 0, RB_ACTION_PENDING); return;
    case SEEN_UNDATED_DONE: (void)add(results, TYPE, 0, RB_ACTION_DONE); return;
    case SEEN_TWO:
        (void)add(results, TYPE, snapshot, RB_ACTION_DONE);
        add(results, TYPE, snapshot + RB_SECOND_MS, RB_ACTION_DONE)->has_code = true;
        return;
    case SEEN_OTHER_START: (void)add(results, TYPE, snapshot + RB_SECOND_MS, RB_ACTION_DONE); return;
    case SEEN_OTHER_TYPE: (void)add(results, OTHER_TYPE, snapshot, RB_ACTION_DONE); return;
    default: return;
    }
}

static void find_before(const walk_place *place, int variant, walk_event *out)
{
    out->results.n = 0;
    out->results.read_utc_ms = variant == FOUND_NO_DATE ? 0 : place->now.utc_ms;
    out->device = place->request.device;
    out->support = place->request.support;
    switch (variant) {
    case FOUND_SAME_OLD_RESET: add_old(&out->results); return;
    case FOUND_OTHER_USER: WALK_SET(out->device.upn, "berit@contoso.com"); return;
    case FOUND_OTHER_OWNER:
        out->device.n_owners = 2;
        WALK_SET(out->device.owners[1], "f0000000-0000-4000-8000-00000000000f");
        return;
    case FOUND_NOT_SUPPORTED: out->support.verdict = RB_SUPPORT_NO; return;
    case FOUND_OTHER_SCOPE:
        out->support.scope = out->support.scope == RB_SCOPE_DEVICE ? RB_SCOPE_WORK_PROFILE : RB_SCOPE_DEVICE;
        return;
    case FOUND_PENDING:
        (void)add(&out->results, TYPE, place->request.created_utc_ms - RB_HOUR_MS, RB_ACTION_PENDING);
        return;
    case FOUND_ACTIVE:
        (void)add(&out->results, TYPE, place->request.created_utc_ms - RB_HOUR_MS, RB_ACTION_ACTIVE);
        return;
    case FOUND_RESET_SINCE: (void)add(&out->results, TYPE, place->request.created_utc_ms, RB_ACTION_DONE); return;
    default: return;
    }
}

/* ---- events ------------------------------------------------------------------------------------------------------- */

static void fill_send(int variant, rb_event *event)
{
    static const uint32_t approvals[] = {1, 2, RB_APPROVALS_MAX, RB_APPROVALS_MAX + 1, 0, 1, 1, 1, 1, 1};

    event->approvals_needed = approvals[variant];
    event->verified = variant == SEND_UNVERIFIED ? RB_VERIFIED_UNANSWERED : RB_VERIFIED_CALLED_BACK;
    event->holds = variant == SEND_NOT_HELD ? RB_HOLDS_UNKNOWN : RB_HOLDS_YES;
    event->lock = variant == SEND_OTHER_LOCK ? RB_LOCK_PHONE : RB_LOCK_WORK_PROFILE;
    event->has_owner = variant != SEND_NO_OWNER;
    event->owner_chat_user = variant == SEND_NO_OWNER || variant == SEND_NO_CHAT ? "" : "U0ADELE";
    event->policy_version = "00000000000000a1";
}

static void fill_posted(int variant, rb_event *event)
{
    static const int64_t waits[] = {0, 20 * RB_SECOND_MS, 2 * RB_SEND_WINDOW_MS};

    event->outcome = (rb_post_outcome)(variant % POSTED_LATER);
    event->retry_after_ms = waits[variant / POSTED_LATER];
}

/* Whom the policy refuses, the engine does not let in; whom the core refuses, the policy must refuse too (checked in promises.c). */
static bool is_let_in(const walk_case *one, const walk_place *place, const rb_actor *actor)
{
    if (one->kind == RB_EV_CANCEL)
        return rb_policy_may_cancel(walk_policy(), actor, &place->request) == RB_ALLOWED;
    return one->who != WHO_STRANGER || rb_policy_may_decide(walk_policy(), actor, &place->request) == RB_ALLOWED;
}

/* So that the walk closes soon. Only a request without an owner to tell changes hands; an approver tries to take it only after
 * approving it; its first requester gets it back once, and before it is decided; the colleague decides only about what was or is
 * theirs. taken_test.c tries the others. */
static bool is_tried(const walk_case *one, const walk_place *place, const rb_actor *actor)
{
    const rb_request *request = &place->request;
    bool is_first = request->n_past_requesters == 0;

    if (one->kind == RB_EV_OWNER)
        return is_first;
    if (one->kind == RB_EV_TAKE && request->owner_told != RB_OWNER_NOBODY)
        return false;
    if (one->kind != RB_EV_TAKE)
        return one->who != WHO_COLLEAGUE || !is_first;
    if (one->who == WHO_APPROVER_1_AGAIN)
        return rb_policy_may_decide(walk_policy(), actor, request) == RB_NO_APPROVED_BEFORE;
    if (one->who == WHO_REQUESTER)
        return is_first || (request->state == RB_STATE_PENDING && request->n_past_requesters == 1);
    return is_first;
}

bool walk_fill(const walk_case *one, const walk_place *place, walk_event *out)
{
    rb_event *event = &out->event;

    *event = (rb_event){.kind = one->kind, .now = place->now, .boot = place->boot, .text = ""};
    event->device = &out->device;
    event->support = &out->support;
    event->results = &out->results;
    if (one->who != WHO_ENGINE) {
        out->actor = walk_person(one->who);
        event->actor = &out->actor;
    }
    if (!is_tried(one, place, &out->actor))
        return false;
    if (one->words == NULL && !is_let_in(one, place, &out->actor))
        return false;
    if (one->kind == RB_EV_TAKE) {
        out->other = walk_person((walk_who)one->variant);
        event->other = &out->other;
    }
    if (one->kind == RB_EV_PICK)
        walk_device((walk_phone)one->variant, &out->device, &out->support);
    if (one->kind == RB_EV_SEND)
        fill_send(one->variant, event);
    if (one->kind == RB_EV_PREPARED)
        find_before(place, one->variant, out);
    if (one->kind == RB_EV_POSTED)
        fill_posted(one->variant, event);
    if (one->kind == RB_EV_RESULTS)
        see(place, one->variant, &out->results);
    event->expiry_ms = WALK_EXPIRY_MS;
    event->client_request_id = "30000000-0000-4000-8000-000000000001";
    event->owner_told = (rb_owner_told)one->variant;
    event->channel = "C0CARDS";
    event->ts = "1772460000.000001";
    if (one->kind == RB_EV_ALLOWED) {
        event->policy_version = one->variant == ALLOWED_SAME  ? place->request.policy_version
                                : one->variant == ALLOWED_ONE ? "00000000000000b1"
                                                              : "00000000000000b2";
        event->approvals_needed = one->variant == ALLOWED_TWO ? 2 : 1;
    }
    return true;
}
