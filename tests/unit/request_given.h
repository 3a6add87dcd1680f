/* request_given.h - a request in any state, and events in one line each, for the tests of the state machine. */
#ifndef TESTS_REQUEST_GIVEN_H
#define TESTS_REQUEST_GIVEN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/request.h"
#include "resetbot/str.h"

#define GIVEN static __attribute__((unused))

#define HANNA "10000000-0000-4000-8000-000000000001" /* helpdesk */
#define ARVID "10000000-0000-4000-8000-000000000002" /* approver */
#define ADELE "10000000-0000-4000-8000-000000000003" /* owns the phone */
#define BERIT "10000000-0000-4000-8000-000000000004" /* approver */
#define PHONE "20000000-0000-4000-8000-000000000001"

#define UTC INT64_C(1772460000000) /* 2026-03-02 14:00:00 UTC */
#define BOOT_MS (5 * RB_HOUR_MS)
#define BOOT 1
#define EVENTS (RB_EV_CARD + 1)

static rb_request request;
static rb_effects effects;
static rb_now now;
static uint64_t boot;
static rb_action_results results;
static rb_device read_device;
static rb_support read_support;

static const rb_support APPLE = {RB_SUPPORT_YES, RB_WHY_APPLE, RB_SCOPE_DEVICE, RB_WORD_REMOVE, false};
static const rb_support WORK = {RB_SUPPORT_YES, RB_WHY_PERSONAL_WORK_PROFILE, RB_SCOPE_WORK_PROFILE, RB_WORD_RESET,
                                true};

#define SET(field, text) rb_copy_fit((field), sizeof(field), (text))

/* ---- people ------------------------------------------------------------------------------------------------------- */

GIVEN rb_actor actor_of(const char *user, const char *entra)
{
    rb_actor actor = {.exists = true};

    SET(actor.person.team, "T1");
    SET(actor.person.user, user);
    SET(actor.name, user);
    SET(actor.entra, entra);
    return actor;
}

/* ---- time --------------------------------------------------------------------------------------------------------- */

GIVEN void pass(int64_t ms)
{
    now.utc_ms += ms;
    now.boot_ms += ms;
}

GIVEN void reboot(void)
{
    boot++;
    now.boot_ms = RB_MINUTE_MS;
}

/* ---- events ------------------------------------------------------------------------------------------------------- */

GIVEN rb_event event_of(rb_event_kind kind)
{
    static rb_actor arvid;

    arvid = actor_of("U0ARVID", ARVID);
    return (rb_event){.kind = kind,
                      .now = now,
                      .boot = boot,
                      .actor = &arvid,
                      .text = "",
                      .device = &read_device,
                      .support = &read_support,
                      .results = &results,
                      .verified = RB_VERIFIED_CALLED_BACK,
                      .holds = RB_HOLDS_YES,
                      .lock = RB_LOCK_WORK_PROFILE,
                      .approvals_needed = 1,
                      .expiry_ms = 30 * RB_MINUTE_MS,
                      .policy_version = "00000000000000a1",
                      .owner_chat_user = "U0ADELE",
                      .has_owner = true,
                      .client_request_id = "30000000-0000-4000-8000-000000000001",
                      .outcome = RB_POST_ACCEPTED,
                      .owner_told = RB_OWNER_TOLD,
                      .channel = "C0CARDS",
                      .ts = "1772460000.000001"};
}

GIVEN rb_step_result step(const rb_event *event)
{
    return rb_request_step(&request, event, &effects);
}

GIVEN rb_step_result happens(rb_event_kind kind)
{
    rb_event event = event_of(kind);

    if (kind == RB_EV_SHOW)
        event.actor = &request.requester; /* a code is shown to nobody else */
    return step(&event);
}

GIVEN rb_step_result by(rb_event_kind kind, const char *user, const char *entra)
{
    rb_actor actor = actor_of(user, entra);
    rb_event event = event_of(kind);

    event.actor = &actor;
    return step(&event);
}

GIVEN rb_step_result posted(rb_post_outcome outcome)
{
    rb_event event = event_of(RB_EV_POSTED);

    event.outcome = outcome;
    return step(&event);
}

/* One entry in what Intune shows; started 0: no date. */
GIVEN void shows(const char *type, int64_t started, rb_action_state state)
{
    rb_action_result *item = &results.items[results.n++];

    *item = (rb_action_result){.started_utc_ms = started, .state = state};
    SET(item->type, type);
    if (started)
        rb_time_iso(started, item->started);
    else
        SET(item->started, "0001-01-01T00:00:00Z");
}

GIVEN void shows_nothing(void)
{
    results = (rb_action_results){.n = 0};
}

/* Intune is asked now, by its own clock. */
GIVEN rb_step_result reads(void)
{
    results.read_utc_ms = now.utc_ms;
    return happens(RB_EV_RESULTS);
}

/* ---- states ------------------------------------------------------------------------------------------------------- */

GIVEN void need(rb_step_result result)
{
    ck_assert_int_eq(result, RB_STEP_APPLIED);
}

GIVEN void given_draft(void)
{
    now = (rb_now){UTC, BOOT_MS};
    boot = BOOT;
    shows_nothing();
    read_support = APPLE;
    read_device = (rb_device){.is_beta_known = true, .are_owners_known = true, .n_owners = 1};
    SET(read_device.id, PHONE);
    SET(read_device.serial, "F2LXK4QQ4F2K");
    SET(read_device.model, "iPhone 14");
    SET(read_device.upn, "adele@contoso.com");
    SET(read_device.user_name, "Adele Vance");
    SET(read_device.user_id, ADELE);
    SET(read_device.owners[0], ADELE);
    request = (rb_request){.version = 1, .state = RB_STATE_DRAFT, .requester = actor_of("U0HANNA", HANNA)};
    SET(request.id, "R-7K3F");
    request.device = read_device;
    request.support = APPLE;
    request.created_utc_ms = request.state_utc_ms = UTC;
    request.deadline = (rb_instant){UTC + RB_DRAFT_LIFE_MS, BOOT_MS + RB_DRAFT_LIFE_MS, BOOT};
}

GIVEN void given_pending(void)
{
    given_draft();
    pass(RB_SECOND_MS);
    need(happens(RB_EV_SEND));
}

GIVEN void given_approved(void)
{
    given_pending();
    pass(RB_MINUTE_MS);
    need(happens(RB_EV_APPROVE));
}

GIVEN void prepare_again(void)
{
    results.read_utc_ms = now.utc_ms;
    need(happens(RB_EV_PREPARED));
}

GIVEN void given_intent(void)
{
    given_approved();
    pass(RB_SECOND_MS);
    prepare_again();
}

GIVEN void given_sending(void)
{
    given_intent();
    pass(RB_SECOND_MS);
    need(happens(RB_EV_GO));
}

GIVEN void given_accepted(void)
{
    given_sending();
    pass(RB_SECOND_MS);
    need(posted(RB_POST_ACCEPTED));
}

GIVEN void given_ended(rb_action_state state)
{
    given_accepted();
    pass(5 * RB_SECOND_MS);
    shows("removeDevicePasscode", now.utc_ms, state);
    need(reads());
}

/* The request as it is in the state, reached as people reach it. */
GIVEN void given(rb_state state)
{
    switch (state) {
    case RB_STATE_DRAFT: given_draft(); return;
    case RB_STATE_PENDING: given_pending(); return;
    case RB_STATE_APPROVED: given_approved(); return;
    case RB_STATE_INTENT: given_intent(); return;
    case RB_STATE_SENDING: given_sending(); return;
    case RB_STATE_ACCEPTED: given_accepted(); return;
    case RB_STATE_IN_PROGRESS: given_ended(RB_ACTION_ACTIVE); return;
    case RB_STATE_DONE: given_ended(RB_ACTION_DONE); return;
    case RB_STATE_FAILED: given_ended(RB_ACTION_FAILED); return;
    case RB_STATE_NOT_SUPPORTED: given_ended(RB_ACTION_NOT_SUPPORTED); return;
    case RB_STATE_CANCELED: given_ended(RB_ACTION_CANCELED); return;
    case RB_STATE_UNKNOWN:
        given_accepted();
        pass(5 * RB_SECOND_MS);
        need(reads());
        pass(RB_NO_TRACE_MS);
        need(reads());
        return;
    case RB_STATE_DENIED:
        given_pending();
        need(happens(RB_EV_DENY));
        return;
    case RB_STATE_CANCELLED:
        given_pending();
        need(happens(RB_EV_CANCEL));
        return;
    case RB_STATE_EXPIRED:
        given_pending();
        pass(30 * RB_MINUTE_MS);
        need(happens(RB_EV_TIME));
        return;
    case RB_STATE_LAPSED:
        given_approved();
        pass(RB_SEND_WINDOW_MS);
        need(happens(RB_EV_TIME));
        return;
    case RB_STATE_STALE:
        given_approved();
        need(happens(RB_EV_NOT_ALLOWED));
        return;
    case RB_STATE_NEEDS_TENANT_APPROVAL:
        given_sending();
        need(posted(RB_POST_TENANT_APPROVAL));
        return;
    case RB_STATES: break;
    }
    ck_abort_msg("no such state");
}

/* ---- then --------------------------------------------------------------------------------------------------------- */

#define EXPECT_STATE(expected) ck_assert_str_eq(rb_state_name(request.state), rb_state_name(expected))

GIVEN uint32_t count_effects(rb_effect_kind kind)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < effects.n; i++)
        n += effects.items[i].kind == kind;
    return n;
}

GIVEN bool has_effect(rb_effect_kind kind, rb_note note)
{
    for (uint32_t i = 0; i < effects.n; i++)
        if (effects.items[i].kind == kind && effects.items[i].note == note)
            return true;
    return false;
}

#endif
