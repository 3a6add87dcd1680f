/* policy.h - who may do what: pure answers from a loaded policy. Default deny: a zeroed policy allows nobody. */
#ifndef RESETBOT_POLICY_H
#define RESETBOT_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/device.h"
#include "resetbot/person.h"

typedef struct {
    rb_person person;
    char entra[RB_GUID_CAP];
} rb_policy_person;

typedef struct {
    char (*users)[RB_CHAT_ID_CAP]; /* U..., of the bot's own team */
    size_t n_users;
    char (*groups)[RB_CHAT_ID_CAP]; /* S... */
    size_t n_groups;
} rb_policy_role;

/* Loaded by config (which owns the arrays), read by everybody. */
typedef struct {
    char version[17]; /* hex, of the file's content: goes into each approval's MAC */
    rb_policy_person *people;
    size_t n_people;
    rb_policy_role roles[RB_ROLES];
    char (*channels)[RB_CHAT_ID_CAP]; /* channels.allowed */
    size_t n_channels;
    char request_channel[RB_CHAT_ID_CAP];
    uint32_t approvals;     /* 1..RB_APPROVALS_MAX */
    int64_t expiry_ms;      /* PENDING */
    bool allow_unconfirmed; /* verdict maybe */
    bool allow_ownerless;
    char (*never_users)[RB_UPN_CAP]; /* Entra id or user principal name */
    size_t n_never_users;
    char (*never_devices)[RB_SERIAL_CAP]; /* device id or serial number */
    size_t n_never_devices;
    bool frozen;
    uint32_t ceiling_device_day;
    uint32_t ceiling_requester_hour;
    uint32_t ceiling_all_hour;
} rb_policy;

/* Why not. RB_ALLOWED is 0; wording.h has, for each, what, why, who can help and the next command (U2). */
typedef enum {
    RB_ALLOWED = 0,
    RB_NO_UNKNOWN_PERSON,
    RB_NO_DEACTIVATED,
    RB_NO_BOT,
    RB_NO_GUEST,
    RB_NO_OUTSIDE,
    RB_NO_PEOPLE_ENTRY,
    RB_NO_ROLE,
    RB_NO_GROUP_UNREADABLE,
    RB_NO_CHANNEL,
    RB_NO_FROZEN,
    RB_NO_NEVER_USER,
    RB_NO_NEVER_DEVICE,
    RB_NO_UNSUPPORTED,
    RB_NO_UNCONFIRMED,
    RB_NO_OWNERLESS,
    RB_NO_OWNERS_UNKNOWN,
    RB_NO_SELF_OWNER, /* requester owns the device */
    RB_NO_APPROVER_IS_OWNER,
    RB_NO_APPROVER_IS_REQUESTER,
    RB_NO_APPROVED_BEFORE, /* this Entra id has approved already, by any account */
    RB_NO_CEILING_DEVICE,
    RB_NO_CEILING_REQUESTER,
    RB_NO_CEILING_ALL,
    RB_NO_TOO_FEW_APPROVERS,
    RB_NO_VERIFICATION,    /* preview: how the caller was verified is not answered */
    RB_NO_POSSESSION,      /* preview: owner does not hold the device, or unknown, or unanswered */
    RB_NO_LOCK_UNANSWERED, /* preview of a work-profile reset: which lock is stuck */
    RB_NO_WRONG_LOCK,      /* the phone's own lock is stuck: a work-profile reset does not help */
    RB_NO_NOT_YOURS,       /* neither the requester nor an approver */
    RB_NO_WAS_REQUESTER,   /* had it before somebody else took it over, by any account */
    RB_NO_TAKER_HAS_IT,    /* take: it is theirs already, by this or another account */
    RB_NO_TAKER_APPROVED,  /* take: who approved it cannot become its requester */
    RB_NO_TAKER_LETS,      /* take: nobody lets themself take a request over */
    RB_NO_TAKEN_TOO_OFTEN, /* take: as many people had it as a request can have */
    RB_DENIALS
} rb_denial;

/* Entra object id of a chat person, NULL when the people table has none. */
const char *rb_policy_entra(const rb_policy *policy, const rb_person *person);
/* Is the user listed in the role by id? (Groups are read by the engine.) */
bool rb_policy_lists(const rb_policy *policy, rb_role role, const char *user);
bool rb_policy_allows_channel(const rb_policy *policy, const char *channel);

/* S1: is this an active, internal, human member? */
rb_denial rb_policy_member(const rb_actor *actor);
/* person, people entry where the role needs one (helpdesk, approver), and the role itself. */
rb_denial rb_policy_role_of(const rb_policy *policy, const rb_actor *actor, rb_role role);

/* Requests that reached SENDING, counted in the store. */
typedef struct {
    uint32_t device_day;
    uint32_t requester_hour;
    uint32_t all_hour;
} rb_counts;

/* Is there room for one more? */
rb_denial rb_policy_within_ceilings(const rb_policy *policy, const rb_counts *counts);
/* May this helpdesk person ask for this device? (role, frozen, never, support, owners, three people, ceilings) */
rb_denial rb_policy_may_request(const rb_policy *policy, const rb_actor *actor, const rb_device *device,
                                const rb_support *support, const rb_counts *counts);
/* The part of the above that is about the device alone: for lists and pick lists. */
rb_denial rb_policy_device(const rb_policy *policy, const rb_device *device, const rb_support *support);

struct rb_request;
/* May this person approve or deny this request, by role and by S3? */
rb_denial rb_policy_may_decide(const rb_policy *policy, const rb_actor *actor, const struct rb_request *request);
/* Did they have it before it was taken over: by account, by the Entra id stored then, or by the one of the table now? */
bool rb_policy_was_requester(const rb_policy *policy, const rb_actor *actor, const struct rb_request *request);
/* May this helpdesk person go on with it in its requester's place? A frozen policy does not forbid it: nothing is sent by it. */
rb_denial rb_policy_may_take(const rb_policy *policy, const rb_actor *actor, const struct rb_request *request);
/* May this approver let the taker do so? As may_decide, but who approved it may: they only must not be the taker. */
rb_denial rb_policy_may_let_take(const rb_policy *policy, const rb_actor *actor, const rb_actor *taker,
                                 const struct rb_request *request);
/* May this person cancel it: its requester, or an approver. */
rb_denial rb_policy_may_cancel(const rb_policy *policy, const rb_actor *actor, const struct rb_request *request);

#endif
