#include "graph_view.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph_text.h"
#include "world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RESULTS "deviceActionResults"

typedef enum {
    ALWAYS,   /* in every reply */
    SELECTED, /* filled only when read by id with $select, null or empty else (intune.md 2.4) */
    BETA      /* beta alone */
} shown;

typedef struct {
    const char *name;
    shown when;
} property;

/* The properties of managedDevice in the v1.0 description and the beta-only ones of intune.md 2.6. */
static const property properties[] = {
    {"id", ALWAYS},
    {"userId", ALWAYS},
    {"deviceName", ALWAYS},
    {"managedDeviceOwnerType", ALWAYS},
    {"enrolledDateTime", ALWAYS},
    {"lastSyncDateTime", ALWAYS},
    {"operatingSystem", ALWAYS},
    {"complianceState", ALWAYS},
    {"jailBroken", ALWAYS},
    {"managementAgent", ALWAYS},
    {"osVersion", ALWAYS},
    {"easActivated", ALWAYS},
    {"easDeviceId", ALWAYS},
    {"easActivationDateTime", ALWAYS},
    {"azureADRegistered", ALWAYS},
    {"deviceEnrollmentType", ALWAYS},
    {"activationLockBypassCode", SELECTED},
    {"emailAddress", ALWAYS},
    {"azureADDeviceId", ALWAYS},
    {"deviceRegistrationState", ALWAYS},
    {"deviceCategoryDisplayName", ALWAYS},
    {"isSupervised", ALWAYS},
    {"exchangeLastSuccessfulSyncDateTime", ALWAYS},
    {"exchangeAccessState", ALWAYS},
    {"exchangeAccessStateReason", ALWAYS},
    {"remoteAssistanceSessionUrl", SELECTED},
    {"remoteAssistanceSessionErrorDetails", ALWAYS},
    {"isEncrypted", ALWAYS},
    {"userPrincipalName", ALWAYS},
    {"model", ALWAYS},
    {"manufacturer", ALWAYS},
    {"imei", ALWAYS},
    {"complianceGracePeriodExpirationDateTime", ALWAYS},
    {"serialNumber", ALWAYS},
    {"phoneNumber", ALWAYS},
    {"androidSecurityPatchLevel", ALWAYS},
    {"userDisplayName", ALWAYS},
    {"wiFiMacAddress", ALWAYS},
    {"subscriberCarrier", ALWAYS},
    {"meid", ALWAYS},
    {"totalStorageSpaceInBytes", ALWAYS},
    {"freeStorageSpaceInBytes", ALWAYS},
    {"managedDeviceName", ALWAYS},
    {"partnerReportedThreatState", ALWAYS},
    {"requireUserEnrollmentApproval", ALWAYS},
    {"managementCertificateExpirationDate", ALWAYS},
    {"iccid", SELECTED},
    {"udid", SELECTED},
    {"notes", SELECTED},
    {"ethernetMacAddress", SELECTED},
    {"physicalMemoryInBytes", SELECTED},
    {"enrollmentProfileName", ALWAYS},
    {"managementState", ALWAYS},
    /* null unless Configuration Manager or device health attestation filled them: never, for phones */
    {"configurationManagerClientEnabledFeatures", ALWAYS},
    {"deviceHealthAttestationState", ALWAYS},
    {"deviceType", BETA},
    {"joinType", BETA},
    {"ownerType", BETA},
    {"enrolledByUserPrincipalName", BETA},
    {"usersLoggedOn", BETA},
    {"lostModeState", BETA},
    {"chassisType", BETA},
    {"roleScopeTagIds", BETA},
    {"autopilotEnrolled", BETA},
    {"retireAfterDateTime", BETA},
    {"skuFamily", BETA}};

/* Values that only a caller who asked for them, or only beta, gets to see (intune.md 2.6). */
static const char *const new_enrollments[] = {
    "androidEnterpriseDedicatedDevice",      "androidEnterpriseFullyManaged",
    "androidEnterpriseCorporateWorkProfile", "androidAOSPUserOwnedDeviceEnrollment",
    "androidAOSPUserlessDeviceEnrollment",   "appleAccountDrivenUserEnrollment",
    "azureAdJoinUsingAzureVmExtension"};

static const char *const enum_properties[] = {"managedDeviceOwnerType",
                                              "complianceState",
                                              "managementAgent",
                                              "deviceEnrollmentType",
                                              "deviceRegistrationState",
                                              "managementState",
                                              "partnerReportedThreatState",
                                              "deviceType",
                                              "ownerType",
                                              "lostModeState",
                                              "joinType"};

static const char *const user_defaults[] = {
    "businessPhones", "displayName",       "givenName", "jobTitle",          "mail", "mobilePhone",
    "officeLocation", "preferredLanguage", "surname",   "userPrincipalName", "id"};
static const char *const user_others[] = {"accountEnabled", "userType", "department", "companyName", "employeeId"};

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(text, list[i]) == 0)
            return true;
    }
    return false;
}

/* The next name of a $select list, heap; NULL at its end. */
static char *next_name(const char **rest)
{
    while (**rest == ',' || **rest == ' ')
        (*rest)++;
    size_t len = strcspn(*rest, ", ");
    if (len == 0)
        return NULL;
    char *name = graph_text_decode(*rest, len, false);
    *rest += len;
    return name;
}

static bool is_selected(const char *select, const char *name)
{
    const char *rest = select;
    bool found = false;
    for (char *wanted = next_name(&rest); wanted != NULL; wanted = next_name(&rest)) {
        found = found || strcasecmp(wanted, name) == 0;
        free(wanted);
    }
    return found;
}

bool graph_view_has(const char *name, bool is_beta)
{
    for (size_t i = 0; i < COUNT(properties); i++) {
        if (strcasecmp(name, properties[i].name) == 0)
            return is_beta || properties[i].when != BETA;
    }
    return strcasecmp(name, RESULTS) == 0;
}

static bool user_has(const char *name, bool is_beta)
{
    (void)is_beta;
    return is_one_of(name, user_defaults, COUNT(user_defaults)) || is_one_of(name, user_others, COUNT(user_others));
}

static char *first_unknown(const graph_view *view, bool (*has)(const char *name, bool is_beta))
{
    const char *rest = view->select == NULL ? "" : view->select;
    for (char *name = next_name(&rest); name != NULL; name = next_name(&rest)) {
        if (!has(name, view->is_beta))
            return name;
        free(name);
    }
    return NULL;
}

char *graph_view_unknown_device(const graph_view *view)
{
    return first_unknown(view, graph_view_has);
}

char *graph_view_unknown_user(const graph_view *view)
{
    return first_unknown(view, user_has);
}

/* ---- values ---- */

/* Other spellings of the same enum value: setting graph_enum_case 1 gives "Company", 2 gives "COMPANY". */
static json_object *enum_value(const char *text)
{
    char *copy = graph_text_copy(text);
    int64_t how = sb_setting("graph_enum_case", 0);
    for (size_t i = 0; copy[i] != '\0' && how != 0; i++) {
        if (i == 0 || how == 2)
            copy[i] = (char)toupper((unsigned char)copy[i]);
    }
    json_object *value = json_object_new_string(copy);
    free(copy);
    return value;
}

/* The Android Enterprise kinds are members of the beta enum alone: v1.0 never says them, beta only when asked (setting
 * graph_beta_needs_prefer, default 1; graph_v1_android 1 lets v1.0 say "unknown", 2 the value itself). */
static const char *enrollment(const char *value, const graph_view *view)
{
    if (!is_one_of(value, new_enrollments, COUNT(new_enrollments)))
        return value;
    if (view->is_beta)
        return view->knows_new_enums || sb_setting("graph_beta_needs_prefer", 1) == 0 ? value : "unknownFutureValue";
    int64_t how = sb_setting("graph_v1_android", 0);
    return how == 2 ? value : how == 1 ? "unknown" : "unknownFutureValue";
}

static json_object *value_of(const graph_device *device, const char *name, const graph_view *view)
{
    if (strcmp(name, "deviceEnrollmentType") == 0)
        return enum_value(enrollment(graph_json_text(device->fields, name), view));
    if (is_one_of(name, enum_properties, COUNT(enum_properties)))
        return enum_value(graph_json_text(device->fields, name));
    json_object *value = NULL;
    (void)json_object_object_get_ex(device->fields, name, &value);
    return json_object_get(value);
}

/* What stands there when a property that must be selected was not. */
static json_object *hidden_value(const char *name)
{
    if (strcmp(name, "physicalMemoryInBytes") == 0)
        return json_object_new_int64(0);
    bool is_null = strcmp(name, "notes") == 0 || strcmp(name, "activationLockBypassCode") == 0 ||
                   strcmp(name, "ethernetMacAddress") == 0;
    return is_null ? NULL : json_object_new_string("");
}

json_object *graph_view_device(const graph_device *device, const graph_view *view)
{
    json_object *row = json_object_new_object();
    for (size_t i = 0; i < COUNT(properties); i++) {
        const property *one = &properties[i];
        if (one->when == BETA && !view->is_beta)
            continue;
        if (view->select != NULL && !is_selected(view->select, one->name))
            continue;
        bool is_filled = one->when != SELECTED || (view->select != NULL && !view->is_list);
        json_object_object_add(row, one->name, is_filled ? value_of(device, one->name, view) : hidden_value(one->name));
    }
    bool wants_results = view->select != NULL ? is_selected(view->select, RESULTS) : !view->is_list;
    if (wants_results)
        json_object_object_add(row, RESULTS, graph_view_results(device));
    return row;
}

json_object *graph_view_user(json_object *user, const graph_view *view)
{
    json_object *row = json_object_new_object();
    for (size_t i = 0; i < COUNT(user_defaults) + COUNT(user_others); i++) {
        bool is_default = i < COUNT(user_defaults);
        const char *name = is_default ? user_defaults[i] : user_others[i - COUNT(user_defaults)];
        if (view->select == NULL ? !is_default : !is_selected(view->select, name))
            continue;
        json_object *value = NULL;
        (void)json_object_object_get_ex(user, name, &value);
        if (value == NULL && strcmp(name, "businessPhones") == 0)
            value = json_object_new_array();
        else
            value = json_object_get(value);
        json_object_object_add(row, name, value);
    }
    return row;
}

/* ---- action results ---- */

static void add_time(json_object *result, const char *key, int64_t utc_ms)
{
    char text[GRAPH_TIME_CAP];
    graph_text_time(utc_ms, (int)sb_setting("graph_fraction_digits", 7), (int)sb_setting("graph_offset_min", 0), text);
    graph_json_set_text(result, key, text);
}

/* Setting graph_action_sentinel_start: 1 the start is never told, 2 only once the device has checked in. */
static bool hides_start(const graph_action *action)
{
    int64_t how = sb_setting("graph_action_sentinel_start", 0);
    return how == 1 || (how == 2 && strcmp(action->state, "pending") == 0);
}

static const char *action_name(const graph_action *action)
{
    if (!action->is_reset)
        return action->name;
    int64_t how = sb_setting("graph_action_name", 0);
    return how == 1 ? "PasscodeReset" : how == 2 ? "" : action->name;
}

static json_object *result_of(const graph_action *action)
{
    json_object *result = json_object_new_object();
    bool has_type = action->has_type || sb_setting("graph_action_name", 0) == 2;
    bool is_open = strcmp(action->state, "pending") == 0 || strcmp(action->state, "active") == 0;
    if (is_open && sb_setting("graph_type_late", 0) != 0)
        has_type = false;
    if (has_type && action->is_reset)
        graph_json_set_text(result, "@odata.type", "#microsoft.graph.resetPasscodeActionResult");
    graph_json_set_text(result, "actionName", action_name(action));
    json_object_object_add(result, "actionState", enum_value(action->state));
    if (hides_start(action))
        graph_json_set_text(result, "startDateTime", "0001-01-01T00:00:00Z");
    else
        add_time(result, "startDateTime", action->start_ms);
    add_time(result, "lastUpdatedDateTime", action->updated_ms);
    if (!has_type || !action->is_reset)
        return result;
    json_object_object_add(result, "errorCode", json_object_new_int(action->error_code));
    bool is_shown = strcmp(action->state, "done") == 0 || sb_setting("graph_passcode_early", 0) != 0;
    graph_json_set_text(result, "passcode", is_shown ? action->passcode : NULL);
    return result;
}

/* Whether a later entry of the same name stands for this one too (setting graph_results_replace). */
static bool is_replaced(const graph_device *device, size_t index)
{
    if (sb_setting("graph_results_replace", 0) == 0)
        return false;
    for (size_t i = index + 1; i < device->action_count; i++) {
        if (strcmp(device->actions[i].name, device->actions[index].name) == 0)
            return true;
    }
    return false;
}

json_object *graph_view_results(const graph_device *device)
{
    json_object *results = json_object_new_array();
    for (size_t i = 0; i < device->action_count; i++) {
        if (device->actions[i].visible_ms <= sb_now_ms() && !is_replaced(device, i))
            json_object_array_add(results, result_of(&device->actions[i]));
    }
    return results;
}
