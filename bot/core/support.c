/* support.c - see resetbot/device.h: what a reset would do, and whether a device is still the one that was shown. */
#include <string.h>

#include "resetbot/clock.h"
#include "resetbot/device.h"

static rb_str word_of(const char *text)
{
    return rb_str_of(text);
}

static bool is_word(const char *text, const char *expected)
{
    return rb_str_equal_nocase(word_of(text), word_of(expected));
}

static bool starts(const char *text, const char *prefix)
{
    return rb_str_starts_nocase(word_of(text), word_of(prefix));
}

static bool contains(const char *text, const char *part)
{
    return rb_str_contains_nocase(word_of(text), word_of(part));
}

static bool ends(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);

    return len >= end_len && is_word(text + len - end_len, end);
}

/* "13.0" is 13; -1 when the version does not begin with a number. */
static int major_of(const char *version)
{
    unsigned long long major = 0;
    size_t digits = strspn(version, "0123456789");

    if (rb_str_to_uint((rb_str){version, digits}, 1000, &major))
        return -1;
    return (int)major;
}

/* ---- verdicts by platform (domain/intune.md 1.2 and 1.5) ---------------------------------------------------------- */

static rb_support verdict(rb_support_verdict is_possible, rb_support_why why, rb_action_word word)
{
    return (rb_support){.verdict = is_possible, .why = why, .word = word, .gives_code = word != RB_WORD_REMOVE};
}

static rb_support refused(rb_support_why why, rb_action_word word)
{
    return (rb_support){.verdict = RB_SUPPORT_NO, .why = why, .word = word};
}

static rb_support apple(const rb_device *device)
{
    bool is_user_enrollment = starts(device->enrollment, "appleUserEnrollment") ||
                              starts(device->enrollment, "appleAccountDrivenUserEnrollment");

    if (is_user_enrollment)
        return refused(RB_WHY_APPLE_USER_ENROLLMENT, RB_WORD_REMOVE);
    if (contains(device->enrollment_profile, "shared ipad"))
        return refused(RB_WHY_SHARED_IPAD, RB_WORD_REMOVE);
    return verdict(RB_SUPPORT_YES, is_word(device->ownership, "personal") ? RB_WHY_APPLE_PERSONAL : RB_WHY_APPLE,
                   RB_WORD_REMOVE);
}

static rb_support work_profile(rb_support_verdict is_possible, rb_support_why why)
{
    rb_support support = verdict(is_possible, why, RB_WORD_RESET);

    support.scope = RB_SCOPE_WORK_PROFILE;
    support.gives_code = is_possible != RB_SUPPORT_NO;
    return support;
}

static rb_support personal_work_profile(int major)
{
    if (major < 0)
        return work_profile(RB_SUPPORT_MAYBE, RB_WHY_ANDROID_UNKNOWN);
    return major >= 8 ? work_profile(RB_SUPPORT_YES, RB_WHY_PERSONAL_WORK_PROFILE)
                      : work_profile(RB_SUPPORT_NO, RB_WHY_WORK_PROFILE_TOO_OLD);
}

static rb_support device_admin(int major)
{
    if (major < 0)
        return verdict(RB_SUPPORT_MAYBE, RB_WHY_ANDROID_UNKNOWN, RB_WORD_RESET);
    return major >= 7 ? refused(RB_WHY_DEVICE_ADMIN_NEW, RB_WORD_RESET)
                      : verdict(RB_SUPPORT_YES, RB_WHY_DEVICE_ADMIN_OLD, RB_WORD_RESET);
}

static rb_support android(const rb_device *device)
{
    const char *enrollment = device->enrollment;
    /* beta's "android" is only the device administrator's when a person enrolled it: the other kinds have words of their own */
    bool is_by_person = is_word(enrollment, "userEnrollment") || is_word(enrollment, "deviceEnrollmentManager");

    if (is_word(enrollment, "androidEnterpriseDedicatedDevice"))
        return verdict(RB_SUPPORT_YES, RB_WHY_DEDICATED, RB_WORD_RESET);
    if (starts(enrollment, "androidAOSP"))
        return verdict(RB_SUPPORT_YES, RB_WHY_AOSP, RB_WORD_RESET);
    if (is_word(enrollment, "androidEnterpriseFullyManaged"))
        return verdict(RB_SUPPORT_YES, RB_WHY_FULLY_MANAGED, RB_WORD_RESET);
    if (is_word(enrollment, "androidEnterpriseCorporateWorkProfile"))
        return work_profile(RB_SUPPORT_YES, RB_WHY_CORPORATE_WORK_PROFILE);
    if (is_word(device->kind, "androidForWork"))
        return personal_work_profile(major_of(device->os_version));
    if (is_word(device->kind, "android") && is_by_person)
        return device_admin(major_of(device->os_version));
    return verdict(RB_SUPPORT_MAYBE, RB_WHY_ANDROID_UNKNOWN, RB_WORD_RESET);
}

static rb_support windows(const rb_device *device)
{
    bool is_phone = contains(device->os, "phone") || contains(device->os, "mobile") ||
                    is_word(device->kind, "windowsPhone") || is_word(device->kind, "winMO6") ||
                    is_word(device->kind, "nokia");

    return is_phone ? verdict(RB_SUPPORT_MAYBE, RB_WHY_WINDOWS_MOBILE, RB_WORD_PIN)
                    : refused(RB_WHY_WINDOWS_PC, RB_WORD_PIN);
}

static rb_support by_platform(const rb_device *device)
{
    const char *os = device->os;

    if (starts(os, "ios") || starts(os, "ipados") || starts(os, "visionos"))
        return apple(device);
    if (starts(os, "android"))
        return android(device);
    if (starts(os, "windows"))
        return windows(device);
    if (starts(os, "mac"))
        return refused(RB_WHY_MAC, RB_WORD_REMOVE);
    if (starts(os, "tvos"))
        return refused(RB_WHY_TV, RB_WORD_REMOVE);
    if (starts(os, "linux"))
        return refused(RB_WHY_LINUX, RB_WORD_RESET);
    if (starts(os, "chrome"))
        return refused(RB_WHY_CHROME_OS, RB_WORD_RESET);
    return refused(RB_WHY_UNKNOWN_PLATFORM, RB_WORD_RESET);
}

/* ---- what stands in the way --------------------------------------------------------------------------------------- */

/* "wipePending", "retireIssued" ...: any word of the three that does not say that it came to nothing, so that a word
 * added later errs on the safe side. */
static bool is_being_removed(const rb_device *device)
{
    const char *state = device->management_state;

    if (!starts(state, "wipe") && !starts(state, "retire") && !starts(state, "delete"))
        return false;
    return !ends(state, "Failed") && !ends(state, "Canceled") && !ends(state, "Cancelled");
}

static bool is_lost(const rb_device *device)
{
    const char *lost = device->lost_mode;

    return lost[0] != '\0' && !is_word(lost, "disabled") && !starts(lost, "unknown");
}

rb_support rb_support_of(const rb_device *device)
{
    rb_support support = by_platform(device);

    if (support.verdict == RB_SUPPORT_NO)
        return support;
    if (is_being_removed(device) || is_lost(device)) {
        support.verdict = RB_SUPPORT_NO;
        support.why = is_lost(device) ? RB_WHY_LOST_MODE : RB_WHY_BEING_REMOVED;
        return support;
    }
    /* without beta an iPhone may be a User Enrollment and an Android anything: never "supported" */
    if (!device->is_beta_known && support.why != RB_WHY_WINDOWS_MOBILE) {
        support.verdict = RB_SUPPORT_MAYBE;
        support.why = RB_WHY_KIND_UNREAD;
    }
    return support;
}

/* ---- the same device ---------------------------------------------------------------------------------------------- */

bool rb_device_is_owned_by(const rb_device *device, const char *entra)
{
    if (entra[0] == '\0')
        return false;
    for (uint32_t i = 0; i < device->n_owners; i++)
        if (is_word(device->owners[i], entra))
            return true;
    return false;
}

static bool are_owners_within(const rb_device *few, const rb_device *many)
{
    for (uint32_t i = 0; i < few->n_owners; i++)
        if (!rb_device_is_owned_by(many, few->owners[i]))
            return false;
    return true;
}

static bool are_owners_same(const rb_device *a, const rb_device *b)
{
    return a->are_owners_known == b->are_owners_known && are_owners_within(a, b) && are_owners_within(b, a);
}

/* One moment may be written with more or fewer fraction digits. */
static bool is_same_time(const char *a, const char *b)
{
    int64_t a_ms = 0;
    int64_t b_ms = 0;

    if (rb_time_parse_iso(word_of(a), &a_ms) || rb_time_parse_iso(word_of(b), &b_ms))
        return strcmp(a, b) == 0;
    return a_ms == b_ms;
}

const char *rb_device_difference(const rb_device *shown, const rb_device *now)
{
    const struct {
        const char *name;
        const char *shown;
        const char *now;
    } fields[] = {
        {"id", shown->id, now->id},
        {"serialNumber", shown->serial, now->serial},
        {"userId", shown->user_id, now->user_id},
        {"userPrincipalName", shown->upn, now->upn},
        {"managedDeviceOwnerType", shown->ownership, now->ownership},
        {"managementState", shown->management_state, now->management_state},
        {"deviceEnrollmentType", shown->enrollment, now->enrollment},
        {"operatingSystem", shown->os, now->os},
    };

    /* case carries no meaning in any of them, and Graph is not constant in it */
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!is_word(fields[i].shown, fields[i].now))
            return fields[i].name;
    if (!is_same_time(shown->enrolled_at, now->enrolled_at))
        return "enrolledDateTime";
    return are_owners_same(shown, now) ? NULL : "owners";
}

const char *rb_device_tail(const rb_device *device)
{
    const char *text = device->serial[0] != '\0' ? device->serial : device->id;
    const char *tail = text + strlen(text);

    /* four characters, not bytes: a continuation byte belongs to the character before it */
    for (int chars = 0; chars < 4 && tail > text;) {
        tail--;
        chars += ((unsigned char)*tail & 0xC0) != 0x80;
    }
    return tail;
}
