/* graph_bodies.h - paths and replies of Graph for graph_reads_test.c. */
#ifndef TEST_GRAPH_BODIES_H
#define TEST_GRAPH_BODIES_H

#include "unit/graph_fake.h"

#define LIST "/v1.0/deviceManagement/managedDevices"
#define ONE LIST "/" PHONE
#define USERS ONE "/users"
#define BETA "/beta/deviceManagement/managedDevices/" PHONE

#define ROW(id, upn, serial)                                                                                           \
    "{\"id\":\"" id "\",\"userPrincipalName\":\"" upn "\",\"serialNumber\":\"" serial "\",\"userId\":\"" ADELE         \
    "\",\"operatingSystem\":\"iOS\",\"lastSyncDateTime\":\"2026-03-02T13:58:00.1234567Z\",\"deviceName\":"             \
    "\"Ph\\u200bone\"}"
#define ADELES_ROW ROW(PHONE, "Adele@contoso.com", "F2LX4F2K")
#define ACTION(state, started, extra)                                                                                  \
    "{\"@odata.type\":\"#microsoft.graph.resetPasscodeActionResult\",\"actionName\":\"resetPasscode\","                \
    "\"actionState\":\"" state "\",\"startDateTime\":\"" started                                                       \
    "\",\"lastUpdatedDateTime\":\"2026-01-15T10:00:41Z\"" extra "}"
#define WHOLE(actions)                                                                                                 \
    "{\"@odata.context\":\"x\",\"id\":\"" PHONE "\",\"userId\":\"" ADELE                                               \
    "\",\"userPrincipalName\":\"adele@contoso.com\","                                                                  \
    "\"userDisplayName\":\"Adele "                                                                                     \
    "Vance\",\"serialNumber\":\"F2LX4F2K\",\"operatingSystem\":\"iOS\",\"osVersion\":\"17.5.1\","                      \
    "\"managedDeviceOwnerType\":\"company\",\"managementState\":\"managed\",\"jailBroken\":\"False\",\"imei\":null,"   \
    "\"enrolledDateTime\":\"2024-03-11T08:30:00Z\",\"lastSyncDateTime\":\"0001-01-01T00:00:00Z\","                     \
    "\"deviceActionResults\":[" actions "]}"
#define RESULTS(actions) "{\"id\":\"" PHONE "\",\"deviceActionResults\":[" actions "]}"
#define PEOPLE(rows) "{\"value\":[" rows "]}"
#define PERSON(id, upn) "{\"id\":\"" id "\",\"userPrincipalName\":\"" upn "\",\"displayName\":\"Somebody\"}"
#define KIND(by)                                                                                                       \
    "{\"id\":\"" PHONE                                                                                                 \
    "\",\"deviceType\":\"iPhone\",\"deviceEnrollmentType\":\"appleBulkWithUser\",\"lostModeState\":"                   \
    "\"disabled\",\"enrolledByUserPrincipalName\":" by "}"

static void find(const char *upn)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_FIND_BY_USER, .text = upn});
}

static void read_phone(void)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_READ, .id = PHONE});
}

static void read_results(void)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_RESULTS, .id = PHONE});
}

static void ask_code(const char *started)
{
    rb_action_key key = {.type = "resetPasscode"};

    rb_copy_fit(key.started, sizeof key.started, started);
    fake_ask((rb_device_call){.kind = RB_DEVICE_CODE, .id = PHONE, .key = &key});
}

#endif
