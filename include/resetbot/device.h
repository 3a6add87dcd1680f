/* device.h - a managed device as Intune describes it, and what resetting its passcode would mean. */
#ifndef RESETBOT_DEVICE_H
#define RESETBOT_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/limits.h"
#include "resetbot/random.h"
#include "resetbot/str.h"

/* All text is cleaned (text.h). Enum values stay words as Graph sent them: Graph adds members at any time. */
typedef struct {
    char id[RB_GUID_CAP];
    char serial[RB_SERIAL_CAP];
    char name[RB_NAME_CAP]; /* shown, never a key */
    char model[RB_NAME_CAP];
    char manufacturer[RB_NAME_CAP];
    char os[RB_WORD_CAP]; /* operatingSystem */
    char os_version[RB_WORD_CAP];
    char user_id[RB_GUID_CAP]; /* "" when Intune names none */
    char upn[RB_UPN_CAP];
    char user_name[RB_NAME_CAP];        /* userDisplayName */
    char ownership[RB_WORD_CAP];        /* managedDeviceOwnerType */
    char management_state[RB_WORD_CAP]; /* managementState */
    char compliance[RB_WORD_CAP];       /* complianceState */
    char threat[RB_WORD_CAP];           /* partnerReportedThreatState */
    char enrollment_profile[RB_NAME_CAP];
    char enrolled_at[RB_ISO_CAP]; /* enrolledDateTime as sent */
    int64_t last_sync_utc_ms;     /* 0: unknown or sentinel */
    /* from beta; is_beta_known false: "" and the verdict is never supported */
    bool is_beta_known;
    char enrollment[RB_WORD_CAP]; /* beta deviceEnrollmentType */
    char kind[RB_WORD_CAP];       /* beta deviceType */
    char lost_mode[RB_WORD_CAP];  /* beta lostModeState */
    char enrolled_by[RB_UPN_CAP]; /* beta enrolledByUserPrincipalName */
    /* every user whom Intune names (userId, primary users, enrolling user), as distinct Entra object ids (S3) */
    char owners[RB_OWNERS_MAX][RB_GUID_CAP];
    uint32_t n_owners;
    bool are_owners_known; /* false: a name could not be resolved, or a read failed */
    bool is_name_shared;   /* the user has another device of the same name: set at the look-up, shown, never compared */
} rb_device;

/* How a question about devices was answered. */
typedef enum {
    RB_DEVICE_OK,
    RB_DEVICE_NOT_FOUND,
    RB_DEVICE_TOO_MANY,    /* more than RB_DEVICES_MAX */
    RB_DEVICE_REFUSED,     /* credentials, permission, licence: detail says whom it needs */
    RB_DEVICE_UNAVAILABLE, /* reads: throttled, 5xx, network; retry_after_ms */
    RB_DEVICE_SURPRISE     /* a reply that does not fit the question: rows of others, off-host link, no JSON */
} rb_device_outcome;

bool rb_device_is_owned_by(const rb_device *device, const char *entra);

/* S2: what must not differ between what the approver saw and what is there just before the POST: id, serial, user_id, upn,
 * ownership, management_state, enrollment, os, enrolled_at, owners. Returns NULL when the same, else the name of the first field that differs. */
const char *rb_device_difference(const rb_device *shown, const rb_device *now);

/* Last four characters of the serial, or of the id when there is none. */
const char *rb_device_tail(const rb_device *device);

/* ---- what a reset would do (domain/intune.md 1.5) ---------------------------------------------------------------- */

typedef enum { RB_SUPPORT_NO, RB_SUPPORT_MAYBE, RB_SUPPORT_YES } rb_support_verdict;
typedef enum { RB_SCOPE_DEVICE, RB_SCOPE_WORK_PROFILE } rb_scope;
typedef enum { RB_WORD_REMOVE, RB_WORD_RESET, RB_WORD_PIN } rb_action_word; /* Apple, Android, Windows 10 Mobile */

/* Why it is, or is not, possible: wording.h has the sentence for each. */
typedef enum {
    RB_WHY_APPLE,
    RB_WHY_APPLE_PERSONAL,
    RB_WHY_APPLE_USER_ENROLLMENT,
    RB_WHY_SHARED_IPAD,
    RB_WHY_TV,
    RB_WHY_MAC,
    RB_WHY_LINUX,
    RB_WHY_CHROME_OS,
    RB_WHY_DEDICATED,
    RB_WHY_AOSP,
    RB_WHY_FULLY_MANAGED,
    RB_WHY_CORPORATE_WORK_PROFILE,
    RB_WHY_PERSONAL_WORK_PROFILE,
    RB_WHY_WORK_PROFILE_TOO_OLD,
    RB_WHY_DEVICE_ADMIN_OLD,
    RB_WHY_DEVICE_ADMIN_NEW,
    RB_WHY_ANDROID_UNKNOWN,
    RB_WHY_WINDOWS_MOBILE,
    RB_WHY_WINDOWS_PC,
    RB_WHY_UNKNOWN_PLATFORM,
    RB_WHY_KIND_UNREAD,   /* beta could not be read */
    RB_WHY_BEING_REMOVED, /* wipe, retire or delete pending or issued */
    RB_WHY_LOST_MODE
} rb_support_why;

typedef struct {
    rb_support_verdict verdict;
    rb_support_why why;
    rb_scope scope;
    rb_action_word word;
    bool gives_code; /* a temporary passcode comes back */
} rb_support;

/* Pure. Shared iPads have no flag: enrollment_profile containing "shared ipad" is taken as one. */
rb_support rb_support_of(const rb_device *device);

/* ---- deviceActionResults ----------------------------------------------------------------------------------------- */

typedef enum {
    RB_ACTION_NONE,
    RB_ACTION_PENDING,
    RB_ACTION_CANCELED,
    RB_ACTION_ACTIVE,
    RB_ACTION_DONE,
    RB_ACTION_FAILED,
    RB_ACTION_NOT_SUPPORTED,
    RB_ACTION_OTHER /* a word that we do not know: not final */
} rb_action_state;

/* One passcode entry. (type, started) is its key. The passcode itself was dropped while parsing (S6). */
typedef struct {
    char type[RB_WORD_CAP];   /* actionName, or @odata.type without '#': a type may appear only at the end */
    char started[RB_ISO_CAP]; /* startDateTime as sent */
    int64_t started_utc_ms;   /* 0: sentinel or absent */
    rb_action_state state;
    int32_t error_code;
    bool has_code;
} rb_action_result;

typedef struct {
    rb_action_result items[RB_ACTIONS_MAX];
    uint32_t n;
    int64_t read_utc_ms; /* Date header of this read: Graph's clock. 0: absent, then the read does not count */
} rb_action_results;

#endif
