#include "graph_seed.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_text.h"
#include "graph_world.h"
#include "world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MINUTE_MS 60000LL

typedef struct {
    unsigned number;  /* 0000000N-0000-4000-8000-00000000000N */
    const char *name; /* before the @ */
    const char *given, *surname, *title, *department;
    bool is_disabled;
} person;

static const person people[] = {
    {0x01, "hanna", "Hanna", "Berg", "Helpdesk", "IT", false},
    {0x02, "henry", "Henry", "Ek", "Helpdesk", "IT", false},
    {0x03, "arvid", "Arvid", "Lind", "Mobility lead", "IT", false},
    {0x04, "agnes", "Agnes", "Holm", "Mobility lead", "IT", false},
    {0x05, "audra", "Audra", "Sand", "Auditor", "Internal audit", false},
    {0x06, "ada", "Ada", "Norén", "Administrator", "IT", false},
    {0x07, "adele", "Adele", "Vance", "Retail manager", "Retail", false},
    {0x08, "many", "Manfred", "Many", "Test laboratory", "Laboratory", false},
    {0x09, "none", "Nona", "None", "Accountant", "Finance", false},
    {0x0a, "o'brien", "Niamh", "O'Brien", "Sales", "Sales", false},
    {0x0b, "lena", "Lena", "Sjöberg", "Nurse", "Ward 7", false},
    {0x0c, "enroller", "Device", "Enroller", "Device enrolment manager", "IT", false},
    {0x0d, "gone", "Gordon", "Gone", "Former employee", "Sales", true},
    {0x0e, "adele.bergman", "Adele", "Bergman", "Physiotherapist", "Rehabilitation", false},
};

typedef struct {
    unsigned number;         /* d000000N-0000-4000-8000-00000000000N */
    const char *owner;       /* person, NULL: nobody */
    const char *enrolled_by; /* person, NULL: the owner */
    const char *name, *manufacturer, *model, *serial;
    const char *os, *os_version;
    const char *owned;      /* managedDeviceOwnerType */
    const char *enrollment; /* deviceEnrollmentType as beta says it */
    const char *type;       /* beta deviceType */
    const char *state;      /* managementState, NULL: managed */
    bool is_lost;
    int synced_min; /* minutes before the start */
} phone;

static const phone phones[] = {
    {0x01, "adele", NULL, "ADELE-IPHONE", "Apple", "iPhone 14", "F2LXK4QQ4F2K", "iOS", "17.5.1", "company",
     "appleBulkWithUser", "iPhone", NULL, false, 4},
    {0x02, "adele", NULL, "adele_AndroidForWork_3/2/2026_8:11 AM", "Google", "Pixel 7", "29051FDH2003QP", "Android",
     "14", "personal", "userEnrollment", "androidForWork", NULL, false, 11},
    {0x03, "adele", NULL, "Adele's iPad", "Apple", "iPad Air (5th generation)", "DMPJ2A7QX3", "iPadOS", "17.4",
     "personal", "appleUserEnrollment", "iPad", NULL, false, 95},
    {0x04, "adele", NULL, "LAPTOP-ADELE", "LENOVO", "ThinkPad X1 Carbon Gen 11", "PF4ABC12", "Windows",
     "10.0.22631.3593", "company", "windowsAzureADJoin", "desktop", NULL, false, 2},
    {0x05, "henry", NULL, "HENRY-S23", "samsung", "SM-S911B", "R5CW30ABCDE", "Android", "14", "company",
     "androidEnterpriseFullyManaged", "androidEnterprise", NULL, false, 20},
    {0x06, NULL, NULL, "KIOSK-GATE-4", "Zebra Technologies", "TC52X", "21034523026789", "AndroidEnterprise", "11",
     "company", "androidEnterpriseDedicatedDevice", "androidEnterprise", NULL, false, 7},
    {0x07, "lena", NULL, "LENA-A54", "samsung", "SM-A546B", "R5CT90XYZAB", "AndroidEnterprise", "13.0", "company",
     "androidEnterpriseCorporateWorkProfile", "androidEnterprise", NULL, false, 33},
    {0x08, NULL, NULL, "ROOM-PANEL-12", "Yealink", "RoomPanel Plus", "803148F120001234", "Android (AOSP)", "10",
     "company", "androidAOSPUserlessDeviceEnrollment", "androidnGMS", NULL, false, 51},
    {0x09, "lena", NULL, "lena_Android_5/9/2019_1:02 PM", "HUAWEI", "P20 lite", "9WV4C18A23004567", "Android", "9",
     "personal", "userEnrollment", "android", NULL, false, 60 * 24 * 40},
    {0x0a, "agnes", NULL, "AGNES-MBP", "Apple", "MacBook Pro", "C02XK0AAJGH5", "macOS", "14.5 (23F79)", "company",
     "appleBulkWithUser", "macMDM", NULL, false, 15},
    {0x0b, "lena", NULL, "LENA-OLD-IPHONE", "Apple", "iPhone 11", "DNPZQ1ABN72J", "iOS", "16.7", "company",
     "appleBulkWithUser", "iPhone", "wipePending", false, 60 * 30},
    {0x0c, "lena", NULL, "LENA-LOST", "Apple", "iPhone SE (3rd generation)", "H7KLM2NPQR", "iOS", "17.5", "company",
     "appleBulkWithUser", "iPhone", NULL, true, 300},
    {0x0d, "audra", NULL, "Windows Phone", "Microsoft", "Lumia 950", "352345076543210", "Windows 10 Mobile",
     "10.0.15254.603", "company", "windowsAzureADJoin", "windowsPhone", NULL, false, 60 * 24 * 9},
    {0x0e, "agnes", NULL, "agnes_Android", "Fairphone", "FP5", "FP5S1234567", "Android", "13", "personal", "unknown",
     "unknown", NULL, false, 44},
    {0x0f, "arvid", NULL, "ARVID-IPHONE", "Apple", "iPhone 15 Pro", "G6TZ9QWERT", "iOS", "17.5.1", "company",
     "appleBulkWithUser", "iPhone", NULL, false, 3},
    {0x10, "o'brien", NULL, "NIAMH-IPHONE", "Apple", "iPhone 13", "F17HX4OBRN", "iOS", "17.4.1", "company",
     "appleBulkWithUser", "iPhone", NULL, false, 18},
    {0x11, "lena", "arvid", "WARD-7-IPHONE", "Apple", "iPhone 12", "DX3F70WARD7", "iOS", "17.3", "company",
     "appleBulkWithUser", "iPhone", NULL, false, 26},
    {0x12, "hanna", "enroller", "HANNA-XR", "Apple", "iPhone XR", "F4GXHANNAXR", "iOS", "17.5.1", "company",
     "deviceEnrollmentManager", "iPhone", NULL, false, 70},
};

static const char first_enrolled[] = "2024-03-11T08:30:00Z";
static const char never_date[] = "0001-01-01T00:00:00Z";
static const char far_date[] = "9999-12-31T23:59:59Z";

static void seed_person(const person *who)
{
    json_object *user = json_object_new_object();
    char *id = graph_text_format("%08x-0000-4000-8000-%012x", who->number, who->number);
    char *name = graph_text_format("%s@contoso.com", who->name);
    char *display = graph_text_format("%s %s", who->given, who->surname);
    graph_json_set_text(user, "id", id);
    graph_json_set_text(user, "userPrincipalName", name);
    graph_json_set_text(user, "displayName", display);
    graph_json_set_text(user, "mail", name);
    graph_json_set_text(user, "givenName", who->given);
    graph_json_set_text(user, "surname", who->surname);
    graph_json_set_text(user, "jobTitle", who->title);
    graph_json_set_text(user, "department", who->department);
    json_object_object_add(user, "accountEnabled", json_object_new_boolean(!who->is_disabled));
    graph_json_set_text(user, "userType", "Member");
    graph_world_add_user(user);
    free(id);
    free(name);
    free(display);
}

static void blank_texts(json_object *fields)
{
    static const char *const empty[] = {"deviceName",
                                        "managedDeviceName",
                                        "serialNumber",
                                        "imei",
                                        "meid",
                                        "phoneNumber",
                                        "manufacturer",
                                        "model",
                                        "operatingSystem",
                                        "osVersion",
                                        "userId",
                                        "userPrincipalName",
                                        "userDisplayName",
                                        "emailAddress",
                                        "enrollmentProfileName",
                                        "androidSecurityPatchLevel",
                                        "subscriberCarrier",
                                        "wiFiMacAddress",
                                        "easDeviceId",
                                        "remoteAssistanceSessionUrl",
                                        "iccid",
                                        "udid",
                                        "ethernetMacAddress",
                                        "enrolledByUserPrincipalName"};
    for (size_t i = 0; i < COUNT(empty); i++)
        graph_json_set_text(fields, empty[i], "");
    graph_json_set_text(fields, "azureADDeviceId", "00000000-0000-0000-0000-000000000000");
    graph_json_set_text(fields, "jailBroken", "Unknown");
    graph_json_set_text(fields, "deviceCategoryDisplayName", "Unknown");
    graph_json_set_text(fields, "activationLockBypassCode", NULL);
    graph_json_set_text(fields, "notes", NULL);
    graph_json_set_text(fields, "remoteAssistanceSessionErrorDetails", NULL);
}

static void blank_enums(json_object *fields)
{
    static const char *const pairs[][2] = {{"managedDeviceOwnerType", "unknown"},
                                           {"complianceState", "unknown"},
                                           {"managementAgent", "mdm"},
                                           {"deviceEnrollmentType", "unknown"},
                                           {"deviceRegistrationState", "notRegistered"},
                                           {"exchangeAccessState", "none"},
                                           {"exchangeAccessStateReason", "none"},
                                           {"managementState", "managed"},
                                           {"partnerReportedThreatState", "unknown"},
                                           {"deviceType", "unknown"},
                                           {"joinType", "unknown"},
                                           {"ownerType", "unknown"},
                                           {"lostModeState", "disabled"},
                                           {"chassisType", "unknown"}};
    for (size_t i = 0; i < COUNT(pairs); i++)
        graph_json_set_text(fields, pairs[i][0], pairs[i][1]);
}

static void blank_dates(json_object *fields)
{
    static const char *const never[] = {"enrolledDateTime", "lastSyncDateTime", "easActivationDateTime",
                                        "exchangeLastSuccessfulSyncDateTime", "retireAfterDateTime"};
    static const char *const far[] = {"complianceGracePeriodExpirationDateTime", "managementCertificateExpirationDate"};
    for (size_t i = 0; i < COUNT(never); i++)
        graph_json_set_text(fields, never[i], never_date);
    for (size_t i = 0; i < COUNT(far); i++)
        graph_json_set_text(fields, far[i], far_date);
}

json_object *graph_seed_blank_device(void)
{
    json_object *fields = json_object_new_object();
    graph_json_set_text(fields, "id", "");
    blank_texts(fields);
    blank_enums(fields);
    blank_dates(fields);
    static const char *const off[] = {"easActivated", "isSupervised", "isEncrypted", "autopilotEnrolled"};
    for (size_t i = 0; i < COUNT(off); i++)
        json_object_object_add(fields, off[i], json_object_new_boolean(0));
    json_object_object_add(fields, "azureADRegistered", NULL);
    json_object_object_add(fields, "requireUserEnrollmentApproval", NULL);
    json_object_object_add(fields, "totalStorageSpaceInBytes", json_object_new_int64(0));
    json_object_object_add(fields, "freeStorageSpaceInBytes", json_object_new_int64(0));
    json_object_object_add(fields, "physicalMemoryInBytes", json_object_new_int64(0));
    json_object_object_add(fields, "skuFamily", json_object_new_string(""));
    json_object_object_add(fields, "roleScopeTagIds", json_object_new_array());
    json_object_object_add(fields, "usersLoggedOn", json_object_new_array());
    return fields;
}

static void seed_identity(json_object *fields, const phone *row)
{
    char *id = graph_text_format("d%07x-0000-4000-8000-%012x", row->number, row->number);
    char *entra_id = graph_text_format("e%07x-0000-4000-8000-%012x", row->number, row->number);
    char *long_name = graph_text_format("%s_%s", row->owner == NULL ? "userless" : row->owner, row->name);
    graph_json_set_text(fields, "id", id);
    graph_json_set_text(fields, "azureADDeviceId", entra_id);
    graph_json_set_text(fields, "deviceName", row->name);
    graph_json_set_text(fields, "managedDeviceName", long_name);
    graph_json_set_text(fields, "manufacturer", row->manufacturer);
    graph_json_set_text(fields, "model", row->model);
    graph_json_set_text(fields, "serialNumber", row->serial);
    free(id);
    free(entra_id);
    free(long_name);
}

static void seed_condition(json_object *fields, const phone *row)
{
    bool is_apple = strcmp(row->manufacturer, "Apple") == 0;
    bool is_bulk = strcmp(row->enrollment, "appleBulkWithUser") == 0;
    graph_json_set_text(fields, "operatingSystem", row->os);
    graph_json_set_text(fields, "osVersion", row->os_version);
    graph_json_set_text(fields, "managedDeviceOwnerType", row->owned);
    graph_json_set_text(fields, "ownerType", row->owned);
    graph_json_set_text(fields, "deviceEnrollmentType", row->enrollment);
    graph_json_set_text(fields, "deviceType", row->type);
    graph_json_set_text(fields, "managementState", row->state == NULL ? "managed" : row->state);
    graph_json_set_text(fields, "lostModeState", row->is_lost ? "enabled" : "disabled");
    graph_json_set_text(fields, "complianceState", "compliant");
    graph_json_set_text(fields, "deviceRegistrationState", "registered");
    graph_json_set_text(fields, "jailBroken", "False");
    /* seen live on phones that Intune has not read the number of yet */
    graph_json_set_text(fields, "imei", is_apple ? "" : "Provisioning:pending");
    if (strncmp(row->os, "Android", 7) == 0)
        graph_json_set_text(fields, "managementAgent", "googleCloudDevicePolicyController");
    json_object_object_add(fields, "isSupervised", json_object_new_boolean(is_bulk));
    json_object_object_add(fields, "isEncrypted", json_object_new_boolean(1));
    char synced[GRAPH_TIME_CAP];
    graph_text_time(sb_now_ms() - row->synced_min * MINUTE_MS, row->number % 8, 0, synced);
    graph_json_set_text(fields, "lastSyncDateTime", synced);
    graph_json_set_text(fields, "enrolledDateTime", first_enrolled);
}

static void seed_phone(const phone *row)
{
    json_object *fields = graph_seed_blank_device();
    seed_identity(fields, row);
    seed_condition(fields, row);
    graph_device *device = graph_world_add(fields);
    if (row->owner == NULL)
        return;
    char *owner = graph_text_format("%s@contoso.com", row->owner);
    char *enrolled_by = graph_text_format("%s@contoso.com", row->enrolled_by == NULL ? row->owner : row->enrolled_by);
    graph_world_set_owner(device, graph_world_user(owner));
    graph_json_set_text(fields, "enrolledByUserPrincipalName", enrolled_by);
    free(owner);
    free(enrolled_by);
}

static void seed_many(unsigned number)
{
    char *name = graph_text_format("LAB-%02u", number + 1);
    char *serial = graph_text_format("LABSERIAL%03u", number + 1);
    phone row = phones[0];
    row.number = 0x100 + number;
    row.owner = "many";
    row.name = name;
    row.serial = serial;
    row.model = number % 2 == 0 ? "iPhone 12" : "iPhone 13";
    row.synced_min = (int)number * 60 + 5;
    seed_phone(&row);
    free(name);
    free(serial);
}

void graph_seed(void)
{
    for (size_t i = 0; i < COUNT(people); i++)
        seed_person(&people[i]);
    for (size_t i = 0; i < COUNT(phones); i++)
        seed_phone(&phones[i]);
    /* whose owners had a code of digits: the temporary one has letters all the same */
    graph_world_named("R5CW30ABCDE")->screen.keypad = GRAPH_KEYPAD_NUMERIC;
    graph_world_named("R5CT90XYZAB")->screen.keypad = GRAPH_KEYPAD_NUMERIC;
    for (unsigned i = 0; i < GRAPH_MANY_COUNT; i++)
        seed_many(i);
}
