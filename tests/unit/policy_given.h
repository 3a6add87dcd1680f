/* policy_given.h - a policy, people, a phone and a request, for the tests of who may do what. */
#ifndef TESTS_POLICY_GIVEN_H
#define TESTS_POLICY_GIVEN_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/policy.h"
#include "resetbot/request.h"
#include "resetbot/str.h"

#define HANNA "10000000-0000-4000-8000-000000000001" /* helpdesk */
#define ARVID "10000000-0000-4000-8000-000000000002" /* approver */
#define ADELE "10000000-0000-4000-8000-000000000003" /* owns the phone */
#define BERIT "10000000-0000-4000-8000-000000000004" /* approver */
#define DEVICE "20000000-0000-4000-8000-000000000001"

/* ---- given -------------------------------------------------------------------------------------------------------- */

static rb_policy_person people[] = {
    {{"", "U0HANNA"}, HANNA}, {{"T0TEAM", "U0ARVID"}, ARVID}, {{"", "U0ADELE"}, ADELE},
    {{"", "U0BERIT"}, BERIT}, {{"", "U0HANNA2"}, HANNA},
};
static char helpdesk[][RB_CHAT_ID_CAP] = {"U0HANNA", "U0ADELE"};
static char approvers[][RB_CHAT_ID_CAP] = {"U0ARVID", "U0BERIT", "U0HANNA", "U0HANNA2", "U0ADELE", "U0NOBODY"};
static char auditors[][RB_CHAT_ID_CAP] = {"U0NOBODY"};
static char groups[][RB_CHAT_ID_CAP] = {"S0GROUP"};
static char channels[][RB_CHAT_ID_CAP] = {"C0DESK"};
static char never_users[1][RB_UPN_CAP];
static char never_devices[1][RB_SERIAL_CAP];

static rb_policy policy;
static rb_device device;
static rb_support support;
static rb_counts counts;
static rb_request request;

static inline rb_actor actor_of(const char *user, const char *entra)
{
    rb_actor actor = {.exists = true};

    rb_copy_fit(actor.person.team, sizeof actor.person.team, "T0TEAM");
    rb_copy_fit(actor.person.user, sizeof actor.person.user, user);
    rb_copy_fit(actor.entra, sizeof actor.entra, entra);
    return actor;
}

static inline rb_actor hanna(void)
{
    return actor_of("U0HANNA", HANNA);
}

static inline rb_actor arvid(void)
{
    return actor_of("U0ARVID", ARVID);
}

static inline void given_policy(void)
{
    policy = (rb_policy){.people = people,
                         .n_people = sizeof people / sizeof *people,
                         .channels = channels,
                         .n_channels = 1,
                         .approvals = 1,
                         .ceiling_device_day = 1,
                         .ceiling_requester_hour = 10,
                         .ceiling_all_hour = 30};
    policy.roles[RB_ROLE_HELPDESK] = (rb_policy_role){.users = helpdesk, .n_users = 2};
    policy.roles[RB_ROLE_APPROVER] = (rb_policy_role){.users = approvers, .n_users = 6};
    policy.roles[RB_ROLE_AUDIT] = (rb_policy_role){.users = auditors, .n_users = 1};
}

static inline void given_request(void)
{
    request = (rb_request){.state = RB_STATE_PENDING, .requester = hanna(), .device = device, .approvals_needed = 2};
}

static inline void setup(void)
{
    given_policy();
    device = (rb_device){.n_owners = 1, .are_owners_known = true};
    rb_copy_fit(device.id, sizeof device.id, DEVICE);
    rb_copy_fit(device.serial, sizeof device.serial, "C02XY4F2K");
    rb_copy_fit(device.upn, sizeof device.upn, "adele@contoso.com");
    rb_copy_fit(device.user_id, sizeof device.user_id, ADELE);
    rb_copy_fit(device.owners[0], sizeof device.owners[0], ADELE);
    support = (rb_support){.verdict = RB_SUPPORT_YES};
    counts = (rb_counts){0, 0, 0};
    given_request();
}

static inline void given_second_owner(const char *entra)
{
    device.n_owners = 2;
    rb_copy_fit(device.owners[1], sizeof device.owners[1], entra);
    request.device = device;
}

static inline void given_never_user(const char *who)
{
    rb_copy_fit(never_users[0], sizeof never_users[0], who);
    policy.never_users = never_users;
    policy.n_never_users = 1;
}

static inline void given_never_device(const char *what)
{
    rb_copy_fit(never_devices[0], sizeof never_devices[0], what);
    policy.never_devices = never_devices;
    policy.n_never_devices = 1;
}

static inline void given_approval(const char *user, const char *entra)
{
    rb_decision *decision = &request.approvals[request.n_approvals++];

    rb_copy_fit(decision->person.team, sizeof decision->person.team, "T0TEAM");
    rb_copy_fit(decision->person.user, sizeof decision->person.user, user);
    rb_copy_fit(decision->entra, sizeof decision->entra, entra);
}

/* ---- then --------------------------------------------------------------------------------------------------------- */

static inline void expect_asks(rb_actor actor, rb_denial expected)
{
    ck_assert_int_eq(rb_policy_may_request(&policy, &actor, &device, &support, &counts), expected);
}

static inline void expect_decides(rb_actor actor, rb_denial expected)
{
    ck_assert_int_eq(rb_policy_may_decide(&policy, &actor, &request), expected);
}

static inline void expect_cancels(rb_actor actor, rb_denial expected)
{
    ck_assert_int_eq(rb_policy_may_cancel(&policy, &actor, &request), expected);
}

#endif
