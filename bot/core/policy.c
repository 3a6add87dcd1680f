/* policy.c - see resetbot/policy.h. Every answer starts at "no": each rule below can only refuse, or pass on to the next. */
#include "resetbot/policy.h"

#include <assert.h>
#include <string.h>

#include "resetbot/request.h"
#include "resetbot/str.h"

/* Graph and people write GUIDs, user principal names and serial numbers in either case. "" is nobody, and equals nothing. */
static bool same(const char *a, const char *b)
{
    return a[0] != '\0' && rb_str_equal_nocase(rb_str_of(a), rb_str_of(b));
}

/* ---- the people table, roles and channels ------------------------------------------------------------------------- */

const char *rb_policy_entra(const rb_policy *policy, const rb_person *person)
{
    const char *of_own_team = NULL;

    for (size_t i = 0; i < policy->n_people; i++) {
        const rb_policy_person *entry = &policy->people[i];
        if (rb_person_equal(&entry->person, person))
            return entry->entra;
        /* an entry without team stands for the bot's own; people of other teams are refused as outsiders before */
        if (!entry->person.team[0] && person->user[0] && strcmp(entry->person.user, person->user) == 0)
            of_own_team = entry->entra;
    }
    return of_own_team;
}

bool rb_policy_lists(const rb_policy *policy, rb_role role, const char *user)
{
    const rb_policy_role *listed = &policy->roles[role];

    for (size_t i = 0; i < listed->n_users; i++)
        if (user[0] && strcmp(listed->users[i], user) == 0)
            return true;
    return false;
}

bool rb_policy_allows_channel(const rb_policy *policy, const char *channel)
{
    for (size_t i = 0; i < policy->n_channels; i++)
        if (channel[0] && strcmp(policy->channels[i], channel) == 0)
            return true;
    return false;
}

/* ---- people ------------------------------------------------------------------------------------------------------- */

rb_denial rb_policy_member(const rb_actor *actor)
{
    if (!actor->exists || !actor->person.user[0])
        return RB_NO_UNKNOWN_PERSON;
    if (actor->is_deactivated)
        return RB_NO_DEACTIVATED;
    if (actor->is_bot)
        return RB_NO_BOT;
    if (actor->is_outside)
        return RB_NO_OUTSIDE;
    if (actor->is_guest)
        return RB_NO_GUEST;
    return RB_ALLOWED;
}

/* The engine gathered actor->roles a moment ago, maybe under another policy: it counts only where this policy could have given it. */
static rb_denial has_role(const rb_policy *policy, const rb_actor *actor, rb_role role)
{
    bool has_groups = policy->roles[role].n_groups > 0;

    if (rb_policy_lists(policy, role, actor->person.user))
        return RB_ALLOWED;
    if (has_groups && actor->roles[role])
        return RB_ALLOWED;
    return has_groups && actor->group_unreadable ? RB_NO_GROUP_UNREADABLE : RB_NO_ROLE;
}

/* The actor bears an Entra id, and it is the one that this policy's people table has. */
static rb_denial is_mapped(const rb_policy *policy, const rb_actor *actor)
{
    const char *entra = rb_policy_entra(policy, &actor->person);

    return entra && same(actor->entra, entra) ? RB_ALLOWED : RB_NO_PEOPLE_ENTRY;
}

rb_denial rb_policy_role_of(const rb_policy *policy, const rb_actor *actor, rb_role role)
{
    bool needs_entry = role == RB_ROLE_HELPDESK || role == RB_ROLE_APPROVER;
    rb_denial denial = rb_policy_member(actor);

    /* the role before the entry: who has neither lacks the role, and should not ask for an entry */
    if (!denial)
        denial = has_role(policy, actor, role);
    if (!denial && needs_entry)
        denial = is_mapped(policy, actor);
    return denial;
}

/* ---- devices ------------------------------------------------------------------------------------------------------ */

static bool owns(const rb_device *device, const char *entra)
{
    if (same(device->user_id, entra))
        return true;
    for (uint32_t i = 0; i < device->n_owners; i++)
        if (same(device->owners[i], entra))
            return true;
    return false;
}

static bool is_never_user(const rb_policy *policy, const rb_device *device)
{
    for (size_t i = 0; i < policy->n_never_users; i++) {
        const char *never = policy->never_users[i];
        if (same(never, device->upn) || same(never, device->enrolled_by) || owns(device, never))
            return true;
    }
    return false;
}

static bool is_never_device(const rb_policy *policy, const rb_device *device)
{
    for (size_t i = 0; i < policy->n_never_devices; i++)
        if (same(policy->never_devices[i], device->id) || same(policy->never_devices[i], device->serial))
            return true;
    return false;
}

rb_denial rb_policy_device(const rb_policy *policy, const rb_device *device, const rb_support *support)
{
    if (is_never_user(policy, device))
        return RB_NO_NEVER_USER;
    if (is_never_device(policy, device))
        return RB_NO_NEVER_DEVICE;
    if (support->verdict == RB_SUPPORT_NO)
        return RB_NO_UNSUPPORTED;
    if (support->verdict != RB_SUPPORT_YES && !policy->allow_unconfirmed)
        return RB_NO_UNCONFIRMED;
    if (!device->are_owners_known && !policy->allow_ownerless)
        return RB_NO_OWNERS_UNKNOWN;
    if (device->n_owners == 0 && !policy->allow_ownerless)
        return RB_NO_OWNERLESS;
    return RB_ALLOWED;
}

/* ---- requests ----------------------------------------------------------------------------------------------------- */

rb_denial rb_policy_within_ceilings(const rb_policy *policy, const rb_counts *counts)
{
    if (counts->device_day >= policy->ceiling_device_day)
        return RB_NO_CEILING_DEVICE;
    if (counts->requester_hour >= policy->ceiling_requester_hour)
        return RB_NO_CEILING_REQUESTER;
    if (counts->all_hour >= policy->ceiling_all_hour)
        return RB_NO_CEILING_ALL;
    return RB_ALLOWED;
}

rb_denial rb_policy_may_request(const rb_policy *policy, const rb_actor *actor, const rb_device *device,
                                const rb_support *support, const rb_counts *counts)
{
    rb_denial denial = rb_policy_role_of(policy, actor, RB_ROLE_HELPDESK);

    if (denial)
        return denial;
    if (policy->frozen)
        return RB_NO_FROZEN;
    denial = rb_policy_device(policy, device, support);
    if (denial)
        return denial;
    if (owns(device, actor->entra))
        return RB_NO_SELF_OWNER;
    return rb_policy_within_ceilings(policy, counts);
}

/* S3, by any account: the same chat account, the Entra id stored with the request, or the one that the table has for it now. */
static bool is_requester(const rb_policy *policy, const rb_actor *actor, const rb_request *request)
{
    const char *entra = rb_policy_entra(policy, &request->requester.person);

    return rb_person_equal(&actor->person, &request->requester.person) ||
           same(actor->entra, request->requester.entra) || (entra && same(actor->entra, entra));
}

/* The same of everybody who had it before it was taken over. */
bool rb_policy_was_requester(const rb_policy *policy, const rb_actor *actor, const rb_request *request)
{
    assert(request->n_past_requesters <= RB_TAKES_MAX);
    for (uint32_t i = 0; i < request->n_past_requesters; i++) {
        const rb_decision *past = &request->past_requesters[i];
        const char *entra = rb_policy_entra(policy, &past->person);
        if (rb_person_equal(&actor->person, &past->person) || same(actor->entra, past->entra) ||
            (entra && same(actor->entra, entra)))
            return true;
    }
    return false;
}

static bool has_approved(const rb_actor *actor, const rb_request *request)
{
    assert(request->n_approvals <= RB_APPROVALS_MAX);
    for (uint32_t i = 0; i < request->n_approvals; i++)
        if (same(actor->entra, request->approvals[i].entra) ||
            rb_person_equal(&actor->person, &request->approvals[i].person))
            return true;
    return false;
}

rb_denial rb_policy_may_decide(const rb_policy *policy, const rb_actor *actor, const rb_request *request)
{
    rb_denial denial = rb_policy_role_of(policy, actor, RB_ROLE_APPROVER);

    if (denial)
        return denial;
    /* nobody can be shown to differ from a requester without an Entra id */
    if (!request->requester.entra[0])
        return RB_NO_PEOPLE_ENTRY;
    if (is_requester(policy, actor, request))
        return RB_NO_APPROVER_IS_REQUESTER;
    if (rb_policy_was_requester(policy, actor, request))
        return RB_NO_WAS_REQUESTER;
    if (owns(&request->device, actor->entra))
        return RB_NO_APPROVER_IS_OWNER;
    if (has_approved(actor, request))
        return RB_NO_APPROVED_BEFORE;
    return RB_ALLOWED;
}

rb_denial rb_policy_may_take(const rb_policy *policy, const rb_actor *actor, const rb_request *request)
{
    rb_denial denial = rb_policy_role_of(policy, actor, RB_ROLE_HELPDESK);

    if (denial)
        return denial;
    if (is_requester(policy, actor, request))
        return RB_NO_TAKER_HAS_IT;
    if (owns(&request->device, actor->entra))
        return RB_NO_SELF_OWNER;
    if (has_approved(actor, request))
        return RB_NO_TAKER_APPROVED;
    if (rb_request_is_taken_too_often(request))
        return RB_NO_TAKEN_TOO_OFTEN;
    return RB_ALLOWED;
}

rb_denial rb_policy_may_let_take(const rb_policy *policy, const rb_actor *actor, const rb_actor *taker,
                                 const rb_request *request)
{
    rb_denial denial = rb_policy_may_decide(policy, actor, request);

    if (denial && denial != RB_NO_APPROVED_BEFORE)
        return denial;
    if (rb_person_equal(&actor->person, &taker->person) || same(actor->entra, taker->entra))
        return RB_NO_TAKER_LETS;
    return RB_ALLOWED;
}

rb_denial rb_policy_may_cancel(const rb_policy *policy, const rb_actor *actor, const rb_request *request)
{
    rb_denial denial = rb_policy_member(actor);

    if (denial)
        return denial;
    /* stopping one's own request needs no role: it may just have been taken away */
    if (rb_person_equal(&actor->person, &request->requester.person))
        return RB_ALLOWED;
    denial = rb_policy_role_of(policy, actor, RB_ROLE_APPROVER);
    return denial == RB_NO_ROLE ? RB_NO_NOT_YOURS : denial;
}
