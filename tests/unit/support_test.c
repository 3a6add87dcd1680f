/* support_test.c - what a reset would do by platform (domain/intune.md 1.2 and 1.5), and what counts as the same device (S2). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/device.h"
#include "resetbot/str.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ADELE "00000007-0000-4000-8000-000000000007"
#define BERIT "00000008-0000-4000-8000-0000000000aB"

/* ---- given -------------------------------------------------------------------------------------------------------- */

static rb_device device_of(const char *os, const char *version, const char *enrollment, const char *kind)
{
    rb_device device = {.is_beta_known = true, .are_owners_known = true};

    rb_copy_fit(device.id, sizeof device.id, "d0000001-0000-4000-8000-000000000001");
    rb_copy_fit(device.serial, sizeof device.serial, "F2LXK4QQ4F2K");
    rb_copy_fit(device.os, sizeof device.os, os);
    rb_copy_fit(device.os_version, sizeof device.os_version, version);
    rb_copy_fit(device.enrollment, sizeof device.enrollment, enrollment);
    rb_copy_fit(device.kind, sizeof device.kind, kind);
    rb_copy_fit(device.ownership, sizeof device.ownership, "company");
    rb_copy_fit(device.management_state, sizeof device.management_state, "managed");
    rb_copy_fit(device.lost_mode, sizeof device.lost_mode, "disabled");
    rb_copy_fit(device.enrolled_at, sizeof device.enrolled_at, "2024-03-11T08:30:00Z");
    return device;
}

static rb_device iphone(void)
{
    return device_of("iOS", "17.5.1", "appleBulkWithUser", "iPhone");
}

/* ---- the matrix --------------------------------------------------------------------------------------------------- */

#define YES RB_SUPPORT_YES
#define MAYBE RB_SUPPORT_MAYBE
#define NO RB_SUPPORT_NO
#define WHOLE RB_SCOPE_DEVICE
#define WORK RB_SCOPE_WORK_PROFILE
#define REMOVE RB_WORD_REMOVE
#define RESET RB_WORD_RESET
#define PIN RB_WORD_PIN

static const struct {
    const char *os, *version, *enrollment, *kind;
    rb_support_verdict verdict;
    rb_support_why why;
    rb_scope scope;
    rb_action_word word;
    bool gives_code;
} matrix[] = {
    {"iOS", "17.5.1", "appleBulkWithUser", "iPhone", YES, RB_WHY_APPLE, WHOLE, REMOVE, false},
    {"iOS", "17.5.1", "appleBulkWithoutUser", "iPhone", YES, RB_WHY_APPLE, WHOLE, REMOVE, false},
    {"iOS", "17.5.1", "userEnrollment", "iPhone", YES, RB_WHY_APPLE, WHOLE, REMOVE, false},
    {"iPadOS", "17.4", "deviceEnrollmentManager", "iPad", YES, RB_WHY_APPLE, WHOLE, REMOVE, false},
    {"visionOS", "1.1", "appleBulkWithUser", "visionOS", YES, RB_WHY_APPLE, WHOLE, REMOVE, false},
    {"iPadOS", "17.4", "appleUserEnrollment", "iPad", NO, RB_WHY_APPLE_USER_ENROLLMENT, WHOLE, REMOVE, false},
    {"iOS", "17", "appleUserEnrollmentWithServiceAccount", "iPhone", NO, RB_WHY_APPLE_USER_ENROLLMENT, WHOLE, REMOVE,
     false},
    {"IOS", "17", "APPLEACCOUNTDRIVENUSERENROLLMENT", "iPhone", NO, RB_WHY_APPLE_USER_ENROLLMENT, WHOLE, REMOVE, false},
    {"tvOS", "17", "appleBulkWithUser", "tvOS", NO, RB_WHY_TV, WHOLE, REMOVE, false},
    {"macOS", "14.5", "appleBulkWithUser", "macMDM", NO, RB_WHY_MAC, WHOLE, REMOVE, false},
    {"Mac OS X", "10.15", "userEnrollment", "mac", NO, RB_WHY_MAC, WHOLE, REMOVE, false},
    {"AndroidEnterprise", "11", "androidEnterpriseDedicatedDevice", "androidEnterprise", YES, RB_WHY_DEDICATED, WHOLE,
     RESET, true},
    {"Android", "14", "androidEnterpriseFullyManaged", "androidEnterprise", YES, RB_WHY_FULLY_MANAGED, WHOLE, RESET,
     true},
    {"Android", "13.0", "androidEnterpriseCorporateWorkProfile", "androidEnterprise", YES,
     RB_WHY_CORPORATE_WORK_PROFILE, WORK, RESET, true},
    {"Android", "14", "userEnrollment", "androidForWork", YES, RB_WHY_PERSONAL_WORK_PROFILE, WORK, RESET, true},
    {"Android", "8", "userEnrollment", "androidForWork", YES, RB_WHY_PERSONAL_WORK_PROFILE, WORK, RESET, true},
    {"Android", "7.1.2", "userEnrollment", "androidForWork", NO, RB_WHY_WORK_PROFILE_TOO_OLD, WORK, RESET, false},
    {"Android", "", "userEnrollment", "androidForWork", MAYBE, RB_WHY_ANDROID_UNKNOWN, WORK, RESET, true},
    {"Android (AOSP)", "10", "androidAOSPUserlessDeviceEnrollment", "androidnGMS", YES, RB_WHY_AOSP, WHOLE, RESET,
     true},
    {"Android", "10", "androidAOSPUserOwnedDeviceEnrollment", "android", YES, RB_WHY_AOSP, WHOLE, RESET, true},
    {"Android", "6.0.1", "userEnrollment", "android", YES, RB_WHY_DEVICE_ADMIN_OLD, WHOLE, RESET, true},
    {"Android", "7.0", "userEnrollment", "android", NO, RB_WHY_DEVICE_ADMIN_NEW, WHOLE, RESET, false},
    {"Android", "9", "deviceEnrollmentManager", "android", NO, RB_WHY_DEVICE_ADMIN_NEW, WHOLE, RESET, false},
    {"Android", "x", "userEnrollment", "android", MAYBE, RB_WHY_ANDROID_UNKNOWN, WHOLE, RESET, true},
    {"Android", "6", "unknown", "android", MAYBE, RB_WHY_ANDROID_UNKNOWN, WHOLE, RESET, true},
    {"Android", "13", "unknown", "unknown", MAYBE, RB_WHY_ANDROID_UNKNOWN, WHOLE, RESET, true},
    {"Android", "13", "unknownFutureValue", "androidEnterprise", MAYBE, RB_WHY_ANDROID_UNKNOWN, WHOLE, RESET, true},
    {"Android", "13", "androidSomethingNew", "androidEnterprise", MAYBE, RB_WHY_ANDROID_UNKNOWN, WHOLE, RESET, true},
    {"Windows 10 Mobile", "10.0.15254", "windowsAzureADJoin", "windowsPhone", MAYBE, RB_WHY_WINDOWS_MOBILE, WHOLE, PIN,
     true},
    {"Windows Phone", "8.1", "userEnrollment", "unknown", MAYBE, RB_WHY_WINDOWS_MOBILE, WHOLE, PIN, true},
    {"Windows", "10.0.15254", "windowsAzureADJoin", "windowsPhone", MAYBE, RB_WHY_WINDOWS_MOBILE, WHOLE, PIN, true},
    {"Windows", "10.0.22631", "windowsAzureADJoin", "desktop", NO, RB_WHY_WINDOWS_PC, WHOLE, PIN, false},
    {"Windows", "10.0.22631", "windowsAutoEnrollment", "windowsRT", NO, RB_WHY_WINDOWS_PC, WHOLE, PIN, false},
    {"Linux (ubuntu)", "22.04", "userEnrollment", "linux", NO, RB_WHY_LINUX, WHOLE, RESET, false},
    {"ChromeOS", "120", "unknown", "chromeOS", NO, RB_WHY_CHROME_OS, WHOLE, RESET, false},
    {"Chrome OS", "120", "unknown", "chromeOS", NO, RB_WHY_CHROME_OS, WHOLE, RESET, false},
    {"", "", "unknown", "unknown", NO, RB_WHY_UNKNOWN_PLATFORM, WHOLE, RESET, false},
    {"Tizen", "6", "unknown", "unknown", NO, RB_WHY_UNKNOWN_PLATFORM, WHOLE, RESET, false},
};

START_TEST(each_kind_of_device_has_its_verdict)
{
    for (size_t i = 0; i < COUNT(matrix); i++) {
        rb_device device = device_of(matrix[i].os, matrix[i].version, matrix[i].enrollment, matrix[i].kind);
        rb_support support = rb_support_of(&device);
        ck_assert_msg(support.verdict == matrix[i].verdict && support.why == matrix[i].why &&
                          support.scope == matrix[i].scope && support.word == matrix[i].word &&
                          support.gives_code == matrix[i].gives_code,
                      "row %zu, %s %s %s: verdict %d, why %d, scope %d, word %d, code %d", i, matrix[i].os,
                      matrix[i].enrollment, matrix[i].kind, (int)support.verdict, (int)support.why, (int)support.scope,
                      (int)support.word, support.gives_code);
    }
}
END_TEST

START_TEST(without_beta_no_device_is_ever_supported)
{
    for (size_t i = 0; i < COUNT(matrix); i++) {
        rb_device device = device_of(matrix[i].os, matrix[i].version, "", "");
        device.is_beta_known = false;
        rb_support support = rb_support_of(&device);
        ck_assert_msg(support.verdict != RB_SUPPORT_YES, "row %zu", i);
        if (support.verdict == RB_SUPPORT_MAYBE)
            ck_assert(support.why == RB_WHY_KIND_UNREAD || support.why == RB_WHY_WINDOWS_MOBILE);
    }
}
END_TEST

START_TEST(without_beta_what_is_never_possible_is_still_said)
{
    rb_device mac = device_of("macOS", "14", "", "");
    rb_device pc = device_of("Windows", "10", "", "");

    mac.is_beta_known = false;
    pc.is_beta_known = false;
    ck_assert_int_eq(rb_support_of(&mac).why, RB_WHY_MAC);
    ck_assert_int_eq(rb_support_of(&pc).why, RB_WHY_WINDOWS_PC);
}
END_TEST

START_TEST(a_personal_iphone_is_supported_with_a_warning)
{
    rb_device device = iphone();

    rb_copy_fit(device.ownership, sizeof device.ownership, "Personal");
    ck_assert_int_eq(rb_support_of(&device).verdict, RB_SUPPORT_YES);
    ck_assert_int_eq(rb_support_of(&device).why, RB_WHY_APPLE_PERSONAL);
}
END_TEST

START_TEST(a_shared_ipad_is_known_by_its_profile)
{
    rb_device device = iphone();

    rb_copy_fit(device.enrollment_profile, sizeof device.enrollment_profile, "Ward 7 - Shared iPad (2024)");
    ck_assert_int_eq(rb_support_of(&device).verdict, RB_SUPPORT_NO);
    ck_assert_int_eq(rb_support_of(&device).why, RB_WHY_SHARED_IPAD);
}
END_TEST

START_TEST(a_device_that_is_being_removed_is_refused)
{
    static const struct {
        const char *state;
        bool is_refused;
    } states[] = {{"managed", false},
                  {"retirePending", true},
                  {"retireFailed", false},
                  {"wipePending", true},
                  {"wipeFailed", false},
                  {"unhealthy", false},
                  {"deletePending", true},
                  {"retireIssued", true},
                  {"wipeIssued", true},
                  {"wipeCanceled", false},
                  {"retireCanceled", false},
                  {"discovered", false},
                  {"unknownFutureValue", false},
                  {"WIPEPENDING", true},
                  {"deleteIssued", true},
                  {"", false}};

    for (size_t i = 0; i < COUNT(states); i++) {
        rb_device devices[] = {iphone(), device_of("Android", "14", "userEnrollment", "androidForWork"),
                               device_of("Android", "14", "unknown", "unknown")};
        for (size_t j = 0; j < COUNT(devices); j++) {
            rb_copy_fit(devices[j].management_state, sizeof devices[j].management_state, states[i].state);
            rb_support support = rb_support_of(&devices[j]);
            ck_assert_msg((support.verdict == RB_SUPPORT_NO) == states[i].is_refused, "%s", states[i].state);
            if (states[i].is_refused)
                ck_assert_int_eq(support.why, RB_WHY_BEING_REMOVED);
        }
    }
}
END_TEST

START_TEST(a_device_that_is_being_removed_is_refused_without_beta_too)
{
    rb_device device = iphone();

    device.is_beta_known = false;
    rb_copy_fit(device.management_state, sizeof device.management_state, "wipePending");
    ck_assert_int_eq(rb_support_of(&device).why, RB_WHY_BEING_REMOVED);
}
END_TEST

START_TEST(a_device_in_lost_mode_is_refused)
{
    rb_device device = iphone();

    rb_copy_fit(device.lost_mode, sizeof device.lost_mode, "enabled");
    ck_assert_int_eq(rb_support_of(&device).verdict, RB_SUPPORT_NO);
    ck_assert_int_eq(rb_support_of(&device).why, RB_WHY_LOST_MODE);
    rb_copy_fit(device.lost_mode, sizeof device.lost_mode, "");
    ck_assert_int_eq(rb_support_of(&device).verdict, RB_SUPPORT_YES);
}
END_TEST

/* ---- the same device ---------------------------------------------------------------------------------------------- */

START_TEST(S2_each_field_that_matters_is_compared)
{
    rb_device shown = iphone();
    rb_device now[] = {shown, shown, shown, shown, shown, shown, shown, shown, shown, shown, shown};
    static const char *const names[] = {"id",
                                        "serialNumber",
                                        "userId",
                                        "userPrincipalName",
                                        "managedDeviceOwnerType",
                                        "managementState",
                                        "deviceEnrollmentType",
                                        "operatingSystem",
                                        "enrolledDateTime",
                                        "owners",
                                        "owners"};

    rb_copy_fit(now[0].id, sizeof now[0].id, "d0000002-0000-4000-8000-000000000001");
    rb_copy_fit(now[1].serial, sizeof now[1].serial, "F2LXK4QQ4F2L");
    rb_copy_fit(now[2].user_id, sizeof now[2].user_id, ADELE);
    rb_copy_fit(now[3].upn, sizeof now[3].upn, "berit@contoso.com");
    rb_copy_fit(now[4].ownership, sizeof now[4].ownership, "personal");
    rb_copy_fit(now[5].management_state, sizeof now[5].management_state, "wipePending");
    rb_copy_fit(now[6].enrollment, sizeof now[6].enrollment, "appleUserEnrollment");
    rb_copy_fit(now[7].os, sizeof now[7].os, "iPadOS");
    rb_copy_fit(now[8].enrolled_at, sizeof now[8].enrolled_at, "2024-03-11T08:30:01Z");
    now[9].n_owners = 1;
    rb_copy_fit(now[9].owners[0], sizeof now[9].owners[0], ADELE);
    now[10].are_owners_known = false;

    for (size_t i = 0; i < COUNT(now); i++) {
        ck_assert_str_eq(rb_device_difference(&shown, &now[i]), names[i]);
        ck_assert_str_eq(rb_device_difference(&now[i], &shown), names[i]);
    }
}
END_TEST

START_TEST(S2_a_check_in_is_no_difference)
{
    rb_device shown = iphone();
    rb_device now = shown;

    now.last_sync_utc_ms = 1772460130000;
    rb_copy_fit(now.os_version, sizeof now.os_version, "17.6");
    rb_copy_fit(now.compliance, sizeof now.compliance, "noncompliant");
    rb_copy_fit(now.name, sizeof now.name, "Renamed");
    rb_copy_fit(now.enrolled_at, sizeof now.enrolled_at, "2024-03-11T08:30:00.0000000Z");
    rb_copy_fit(now.ownership, sizeof now.ownership, "Company");
    ck_assert_ptr_null(rb_device_difference(&shown, &now));
}
END_TEST

START_TEST(S3_owners_are_compared_as_a_set_and_without_case)
{
    rb_device shown = iphone();
    rb_device now = shown;

    shown.n_owners = now.n_owners = 2;
    rb_copy_fit(shown.owners[0], RB_GUID_CAP, ADELE);
    rb_copy_fit(shown.owners[1], RB_GUID_CAP, BERIT);
    rb_copy_fit(now.owners[0], RB_GUID_CAP, "00000008-0000-4000-8000-0000000000Ab");
    rb_copy_fit(now.owners[1], RB_GUID_CAP, ADELE);
    ck_assert_ptr_null(rb_device_difference(&shown, &now));
    rb_copy_fit(now.owners[0], RB_GUID_CAP, ADELE);
    ck_assert_str_eq(rb_device_difference(&shown, &now), "owners");
}
END_TEST

START_TEST(S3_nobody_is_no_owner)
{
    rb_device device = iphone();

    ck_assert(!rb_device_is_owned_by(&device, ""));
    ck_assert(!rb_device_is_owned_by(&device, ADELE));
    device.n_owners = 1;
    ck_assert(!rb_device_is_owned_by(&device, ""));
    rb_copy_fit(device.owners[0], RB_GUID_CAP, ADELE);
    ck_assert(rb_device_is_owned_by(&device, ADELE));
    ck_assert(!rb_device_is_owned_by(&device, BERIT));
}
END_TEST

START_TEST(the_tail_is_four_characters_of_the_serial_or_of_the_id)
{
    rb_device device = iphone();

    ck_assert_str_eq(rb_device_tail(&device), "4F2K");
    rb_copy_fit(device.serial, sizeof device.serial, "AB");
    ck_assert_str_eq(rb_device_tail(&device), "AB");
    rb_copy_fit(device.serial, sizeof device.serial, "X\xC3\xA5\xC3\xA4\xC3\xB6\xE2\x82\xAC");
    ck_assert_str_eq(rb_device_tail(&device), "\xC3\xA5\xC3\xA4\xC3\xB6\xE2\x82\xAC");
    rb_copy_fit(device.serial, sizeof device.serial, "");
    ck_assert_str_eq(rb_device_tail(&device), "0001");
}
END_TEST

/* ---- program ------------------------------------------------------------------------------------------------------ */

int main(void)
{
    Suite *suite = suite_create("support");
    TCase *cases = tcase_create("support");

    tcase_add_test(cases, each_kind_of_device_has_its_verdict);
    tcase_add_test(cases, without_beta_no_device_is_ever_supported);
    tcase_add_test(cases, without_beta_what_is_never_possible_is_still_said);
    tcase_add_test(cases, a_personal_iphone_is_supported_with_a_warning);
    tcase_add_test(cases, a_shared_ipad_is_known_by_its_profile);
    tcase_add_test(cases, a_device_that_is_being_removed_is_refused);
    tcase_add_test(cases, a_device_that_is_being_removed_is_refused_without_beta_too);
    tcase_add_test(cases, a_device_in_lost_mode_is_refused);
    tcase_add_test(cases, S2_each_field_that_matters_is_compared);
    tcase_add_test(cases, S2_a_check_in_is_no_difference);
    tcase_add_test(cases, S3_owners_are_compared_as_a_set_and_without_case);
    tcase_add_test(cases, S3_nobody_is_no_owner);
    tcase_add_test(cases, the_tail_is_four_characters_of_the_serial_or_of_the_id);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
