/* request.h - one reset, from draft to its final state: a plain struct and a pure step.
 *
 * (request, event) -> (request', effects). No I/O, clock, allocation or randomness inside: time and ids come with the
 * event. The engine commits request' with what the effects become, and only then carries them out. What a request is
 * waiting for is derived from its state (rb_request_next), so a restart needs nothing but the row. */
#ifndef RESETBOT_REQUEST_H
#define RESETBOT_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/clock.h"
#include "resetbot/device.h"
#include "resetbot/person.h"
#include "resetbot/policy.h"

typedef enum {
    RB_STATE_DRAFT,       /* preview or pick list, private; reserves nothing */
    RB_STATE_PENDING,     /* card posted, waiting for approvers */
    RB_STATE_APPROVED,    /* to be sent within RB_SEND_WINDOW_MS */
    RB_STATE_INTENT,      /* action results saved as a snapshot */
    RB_STATE_SENDING,     /* committed before the POST; never POSTed again from here */
    RB_STATE_ACCEPTED,    /* 204: queued by Intune */
    RB_STATE_IN_PROGRESS, /* the device is working on it */
    RB_STATE_DONE,
    RB_STATE_FAILED,
    RB_STATE_NOT_SUPPORTED,
    RB_STATE_CANCELED, /* Intune says canceled */
    RB_STATE_UNKNOWN,
    RB_STATE_DENIED,
    RB_STATE_CANCELLED, /* by requester or approver, before sending */
    RB_STATE_EXPIRED,
    RB_STATE_LAPSED,
    RB_STATE_STALE,
    RB_STATE_NEEDS_TENANT_APPROVAL,
    RB_STATES
} rb_state;

const char *rb_state_name(rb_state state); /* "pending", as stored and logged */
bool rb_state_is_final(rb_state state);
bool rb_state_is_open(rb_state state); /* PENDING .. IN_PROGRESS: reserves its device */

typedef enum { RB_VERIFIED_UNANSWERED, RB_VERIFIED_CALLED_BACK, RB_VERIFIED_VIDEO, RB_VERIFIED_IN_PERSON } rb_verified;
typedef enum { RB_HOLDS_UNANSWERED, RB_HOLDS_YES, RB_HOLDS_NO, RB_HOLDS_UNKNOWN } rb_holds;
typedef enum {
    RB_LOCK_UNANSWERED,
    RB_LOCK_WORK_PROFILE,
    RB_LOCK_PHONE
} rb_stuck_lock; /* asked for work profiles only */
typedef enum { RB_OWNER_NOBODY, RB_OWNER_TO_TELL, RB_OWNER_TOLD, RB_OWNER_NOT_TOLD } rb_owner_told;

/* A moment on both clocks. As a deadline it is past when either clock says so; across a reboot UTC alone counts. */
typedef struct {
    int64_t utc_ms; /* 0: never */
    int64_t boot_ms;
    uint64_t boot; /* which boot boot_ms belongs to */
} rb_instant;

typedef struct {
    rb_person person;
    char entra[RB_GUID_CAP];
    char name[RB_NAME_CAP];
    int64_t at_utc_ms;
} rb_decision;

typedef enum {
    RB_ATTEMPT_OPEN, /* handed to HTTP, or the process died: may have acted */
    RB_ATTEMPT_ACCEPTED,
    RB_ATTEMPT_UNAUTHORISED, /* 401: did not act */
    RB_ATTEMPT_THROTTLED,    /* 429: did not act */
    RB_ATTEMPT_NEVER_LEFT,   /* did not act */
    RB_ATTEMPT_REFUSED,
    RB_ATTEMPT_UNCLEAR /* timeout, reset, 5xx: may have acted */
} rb_attempt_outcome;

typedef struct {
    char client_request_id[RB_GUID_CAP];
    int64_t at_utc_ms;
    rb_attempt_outcome outcome;
} rb_attempt;

/* The key of an action result. */
typedef struct {
    char type[RB_WORD_CAP];
    char started[RB_ISO_CAP];
} rb_action_key;

typedef struct rb_request {
    char id[RB_REQUEST_ID_CAP];
    uint64_t version; /* compare-and-set; 0: not stored yet */
    rb_state state;
    char policy_version[17]; /* of the policy that allowed it last */

    rb_actor requester; /* who has it now; roles are read again when they matter */
    /* Who had it before it was taken over, from when they no longer have it: the first one asked. S3: none of them decides. */
    rb_decision past_requesters[RB_TAKES_MAX];
    uint32_t n_past_requesters;
    uint32_t n_takes;           /* how often it changed hands: who has it back is listed once */
    rb_decision let_by;         /* who let it be taken over last: its requester of then, or an approver */
    char target[RB_TARGET_CAP]; /* as typed, cleaned */
    char reason[RB_REASON_CAP];
    char ticket[RB_TICKET_CAP];
    char origin_channel[RB_CHAT_ID_CAP]; /* where the command was typed: private answers go there */

    rb_device device; /* id "" while picking */
    rb_support support;
    rb_verified verified;
    rb_holds holds;
    rb_stuck_lock lock;
    char earlier[RB_DETAIL_CAP]; /* earlier requests for this device or owner in 7 days, as shown on the card */

    int64_t created_utc_ms;
    int64_t state_utc_ms; /* when the present state was entered */
    rb_instant deadline;  /* of DRAFT, PENDING; APPROVED and INTENT: the sending window */
    bool is_reminded;     /* half-time */

    uint32_t approvals_needed;
    rb_decision approvals[RB_APPROVALS_MAX];
    uint32_t n_approvals;
    rb_decision closer; /* who denied or cancelled */
    char closer_reason[RB_REASON_CAP];

    rb_action_key snapshot[RB_ACTIONS_MAX];
    uint32_t n_snapshot;
    int64_t snapshot_utc_ms;    /* Graph's clock */
    int64_t not_before_boot_ms; /* next attempt, within this boot */
    rb_attempt attempts[RB_POST_ATTEMPTS_MAX];
    uint32_t n_attempts;
    rb_person sender;          /* who had it at the first attempt: it counts against their ceiling, whoever takes it */
    rb_instant posted;         /* the attempt that may have acted */
    rb_instant first_read;     /* first successful read of results after the POST */
    bool is_told_still_queued; /* the line at 24 h */

    rb_action_key ours; /* the one result that is ours; type "" while none */
    bool has_code;
    bool is_ambiguous;   /* two new results: ours can never be told, no code is ever shown */
    bool is_found_later; /* after UNKNOWN */
    rb_instant ended;    /* final state entered */
    int64_t shown_utc_ms[RB_SHOWINGS_MAX];
    rb_instant first_shown; /* the showings' window counts from here */
    uint32_t n_shown;
    bool is_code_reminded;
    char detail[RB_DETAIL_CAP]; /* why FAILED, STALE, UNKNOWN ...: our sentence plus Graph's request ids */

    char card_channel[RB_CHAT_ID_CAP];
    char card_ts[RB_CHAT_TS_CAP]; /* "" until the platform said so */
    uint32_t n_lines;             /* thread lines written */
    rb_owner_told owner_told;
    char owner_chat_user[RB_CHAT_ID_CAP]; /* "" when no account is known */
    char owner_locale[RB_LOCALE_CAP];     /* what they read; "" when not known */
} rb_request;

/* What happened, in one word: names the record, and chooses line, card and messages (wording.h). */
typedef enum {
    RB_NOTE_DRAFTED,
    RB_NOTE_PICKED,
    RB_NOTE_ASKED,
    RB_NOTE_APPROVED_PARTLY,
    RB_NOTE_APPROVED,
    RB_NOTE_DENIED,
    RB_NOTE_CANCELLED,
    RB_NOTE_CANCEL_TOO_LATE,
    RB_NOTE_EXPIRED,
    RB_NOTE_HALF_TIME,
    RB_NOTE_LAPSED,
    RB_NOTE_STALE,
    RB_NOTE_SNAPSHOT,
    RB_NOTE_SENT,
    RB_NOTE_TRY_AGAIN,
    RB_NOTE_ACCEPTED,
    RB_NOTE_UNCLEAR,
    RB_NOTE_RECOVERED,
    RB_NOTE_IN_PROGRESS,
    RB_NOTE_DONE,
    RB_NOTE_FAILED,
    RB_NOTE_NOT_SUPPORTED,
    RB_NOTE_CANCELED,
    RB_NOTE_UNKNOWN,
    RB_NOTE_TENANT_APPROVAL,
    RB_NOTE_STILL_QUEUED,
    RB_NOTE_FOUND_LATER,
    RB_NOTE_SHOWN,
    RB_NOTE_CODE_UNOPENED,
    RB_NOTE_OWNER_TOLD,
    RB_NOTE_CARD_POSTED,
    RB_NOTE_RENEWED, /* still allowed after a policy change */
    RB_NOTE_TAKEN,   /* somebody else goes on with it */
    RB_NOTES
} rb_note;

const char *rb_note_name(rb_note note); /* "approved", as recorded */

typedef enum {
    RB_EV_PICK,        /* device, support, earlier; or device NULL: its person alone, in target */
    RB_EV_SEND,        /* answers, approvals_needed, deadline, policy_version, owner chat account, earlier */
    RB_EV_APPROVE,     /* actor (policy said yes) */
    RB_EV_DENY,        /* actor, text: reason */
    RB_EV_CANCEL,      /* actor */
    RB_EV_TIME,        /* look at the deadlines */
    RB_EV_PREPARED,    /* device and results read just before the POST, rights checked */
    RB_EV_GO,          /* commit SENDING: client_request_id */
    RB_EV_POSTED,      /* outcome of the POST */
    RB_EV_RESULTS,     /* action results read after the POST */
    RB_EV_RESTARTED,   /* the process starts with this row */
    RB_EV_NOT_ALLOWED, /* rights or policy say no now: text is the rule */
    RB_EV_ALLOWED,     /* policy changed and still allows: policy_version, approvals_needed */
    RB_EV_SHOW,        /* the requester opens the code */
    RB_EV_OWNER,       /* owner_told */
    RB_EV_CARD,        /* the card is posted: channel, ts */
    RB_EV_TAKE /* actor goes on with it; other: its requester, or an approver (policy said yes), who lets them */
} rb_event_kind;

typedef enum {
    RB_POST_ACCEPTED,
    RB_POST_UNAUTHORISED,
    RB_POST_THROTTLED,
    RB_POST_NEVER_LEFT,
    RB_POST_REFUSED,         /* 400, 403, 404, 409, 412, 423 ...: did not act; text says why */
    RB_POST_TENANT_APPROVAL, /* Intune's own approval answered */
    RB_POST_UNCLEAR          /* may have acted */
} rb_post_outcome;

/* One event. Pointers are borrowed for the step; which are set is said at each kind. */
typedef struct {
    rb_event_kind kind;
    rb_now now;
    uint64_t boot;
    const rb_actor *actor;
    const rb_actor *other;
    const char *text;
    const char *target; /* PICK: the person's user principal name; NULL: stays */
    const rb_device *device;
    const rb_support *support;
    const rb_action_results *results;
    rb_verified verified;
    rb_holds holds;
    rb_stuck_lock lock;
    uint32_t approvals_needed;
    int64_t expiry_ms;
    const char *policy_version;
    const char *owner_chat_user; /* SEND: "" when not known */
    const char *owner_locale;    /* SEND: the same; may be NULL */
    bool has_owner;              /* SEND: somebody to tell */
    const char *client_request_id;
    rb_post_outcome outcome;
    int64_t retry_after_ms;
    rb_owner_told owner_told;
    const char *channel;
    const char *ts;
} rb_event;

typedef enum {
    RB_FX_RECORD,         /* into the record, with the note */
    RB_FX_CARD,           /* post or edit the card */
    RB_FX_LINE,           /* one thread line */
    RB_FX_TELL_REQUESTER, /* direct message */
    RB_FX_TELL_OWNER,
    RB_FX_TELL_PAST,      /* who had it before, by direct message */
    RB_FX_TELL_APPROVERS, /* those not in the channel (ASKED), all who may decide (HALF_TIME) */
    RB_FX_POST            /* hand the POST to Graph, after the commit, once; never derived from a row */
} rb_effect_kind;

typedef struct {
    rb_effect_kind kind;
    rb_note note;
} rb_effect;

typedef struct {
    rb_effect items[RB_EFFECTS_MAX];
    uint32_t n;
} rb_effects;

/* What the step made of the event. Anything but APPLIED leaves the request as it was and has no effects. */
typedef enum {
    RB_STEP_APPLIED,
    RB_STEP_NOTHING,         /* nothing to do (time not come, nothing new) */
    RB_STEP_ALREADY_DECIDED, /* somebody was faster, or it is over */
    RB_STEP_TOO_LATE,        /* deadline passed */
    RB_STEP_TOO_LATE_SENT,   /* cancel once the POST may have left */
    RB_STEP_NOT_ALLOWED,     /* S3 broken: refused here too, whatever the caller checked */
    RB_STEP_NO_MORE          /* showings used up, or too old */
} rb_step_result;

rb_step_result rb_request_step(rb_request *request, const rb_event *event, rb_effects *out_effects);

/* May its temporary passcode still be shown: there is one, showings are left, and their time is not over? */
bool rb_request_has_showing(const rb_request *request, rb_now now, uint64_t boot);
/* Is something left that somebody else could go on with: it is open, or its code may still be shown? */
bool rb_request_may_be_taken(const rb_request *request, rb_now now, uint64_t boot);
/* Has it changed hands as often as it can? Who had it is remembered, and each time is a line of the thread. */
bool rb_request_is_taken_too_often(const rb_request *request);
/* Who had it until the last take; NULL: nobody has taken it over. */
const rb_decision *rb_request_last_past(const rb_request *request);
/* Did this person have it before, by chat account or by Entra id? */
bool rb_request_had_it(const rb_request *request, const rb_person *person, const char *entra);

/* What the request waits for, besides people. */
typedef enum {
    RB_WORK_NONE,
    RB_WORK_PREPARE, /* read device, results and rights, then PREPARED, GO */
    RB_WORK_RESULTS  /* read action results */
} rb_work;

typedef struct {
    int64_t time_boot_ms; /* an RB_EV_TIME is due then; INT64_MAX: none */
    rb_work work;
    int64_t work_boot_ms; /* not before */
} rb_want;

rb_want rb_request_next(const rb_request *request, rb_now now, uint64_t boot);

/* Milliseconds after the POST of the next poll that comes after `since_ms`: 5, 10, 20, 40, 60 s ... to 15 min, each 15 min
 * to 24 h, hourly to 7 days; INT64_MAX after that. */
int64_t rb_poll_after(int64_t since_ms);

bool rb_instant_is_past(const rb_instant *deadline, rb_now now, uint64_t boot);
/* Milliseconds since then: by the boot clock within one boot, else by UTC; where that is before then, as long as this boot
 * lasts. Never negative. */
int64_t rb_instant_age_ms(const rb_instant *then, rb_now now, uint64_t boot);

#endif
