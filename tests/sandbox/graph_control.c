/* graph_control.c - the verbs of POST /_sandbox/VERB that belong to the tenant and its devices (table in graph.md). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_reset.h"
#include "graph_screen.h"
#include "graph_seed.h"
#include "graph_sim.h"
#include "graph_text.h"
#include "graph_view.h"
#include "graph_world.h"
#include "world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef struct {
    json_object *arguments;
    sb_reply *reply;
} control;

/* ---- arguments and answers ---- */

static json_object *argument(const control *call, const char *key)
{
    json_object *value = NULL;
    if (call->arguments != NULL)
        (void)json_object_object_get_ex(call->arguments, key, &value);
    return value;
}

static const char *text_argument(const control *call, const char *key)
{
    return graph_json_text(call->arguments, key);
}

static bool flag_argument(const control *call, const char *key, bool fallback)
{
    json_object *value = argument(call, key);
    return value == NULL ? fallback : json_object_get_boolean(value) != 0;
}

static int64_t number_argument(const control *call, const char *key, int64_t fallback)
{
    json_object *value = argument(call, key);
    return value == NULL ? fallback : json_object_get_int64(value);
}

static void refuse(const control *call, const char *what)
{
    json_object *body = json_object_new_object();
    json_object_object_add(body, "ok", json_object_new_boolean(0));
    graph_json_set_text(body, "error", what);
    sb_reply_json(call->reply, 400, body);
}

/* {"ok":true,key:value}; key NULL: ok alone. */
static void accept(const control *call, const char *key, const char *value)
{
    json_object *body = json_object_new_object();
    json_object_object_add(body, "ok", json_object_new_boolean(1));
    if (key != NULL)
        graph_json_set_text(body, key, value);
    sb_reply_json(call->reply, 200, body);
}

/* The device named by "device" or "id": its id, serial number or name. NULL, answered, when there is none. */
static graph_device *device_argument(const control *call)
{
    const char *name = text_argument(call, "device");
    if (*name == '\0')
        name = text_argument(call, "id");
    graph_device *device = graph_world_named(name);
    if (device == NULL)
        refuse(call, "no such device: name it by id, serial number or device name");
    return device;
}

/* ---- devices ---- */

static bool is_final(const char *state)
{
    static const char *const finals[] = {"done", "failed", "notSupported", "canceled", ""};
    for (size_t i = 0; i < COUNT(finals); i++) {
        if (strcmp(state, finals[i]) == 0)
            return true;
    }
    return false;
}

static bool is_result(const char *state)
{
    return is_final(state) || strcmp(state, "pending") == 0 || strcmp(state, "active") == 0;
}

/* "owner" is a person (null: nobody) and moves all that names the user; the rest are properties as Graph calls them. */
static bool apply_fields(const control *call, graph_device *device, json_object *fields)
{
    if (fields == NULL)
        return true;
    json_object_object_foreach(fields, key, value)
    {
        if (strcmp(key, "owner") == 0) {
            json_object *user = value == NULL ? NULL : graph_world_user(json_object_get_string(value));
            if (value != NULL && user == NULL) {
                refuse(call, "no such user");
                return false;
            }
            graph_world_set_owner(device, user);
        } else if (strcmp(key, "owners") == 0) {
            json_object_put(device->owners);
            device->owners = json_object_get(value);
        } else if (!graph_view_has(key, true)) {
            refuse(call, "managedDevice has no such property");
            return false;
        } else {
            json_object_object_add(device->fields, key, json_object_get(value));
        }
    }
    return true;
}

/* "keypad" of the lock screen; absent: as it is. */
static bool apply_keypad(const control *call, graph_device *device)
{
    const char *keypad = text_argument(call, "keypad");
    if (*keypad == '\0')
        return true;
    bool is_numeric = strcmp(keypad, "numeric") == 0;
    if (!is_numeric && strcmp(keypad, "full") != 0) {
        refuse(call, "keypad: numeric or full");
        return false;
    }
    device->screen.keypad = is_numeric ? GRAPH_KEYPAD_NUMERIC : GRAPH_KEYPAD_FULL;
    return true;
}

static void control_device(const control *call)
{
    graph_device *device = device_argument(call);
    if (device == NULL || !apply_fields(call, device, argument(call, "fields")) || !apply_keypad(call, device))
        return;
    const char *result = text_argument(call, "result");
    if (!is_final(result)) {
        refuse(call, "result: done, failed, notSupported, canceled or empty");
        return;
    }
    (void)snprintf(device->next_result, sizeof device->next_result, "%s", result);
    accept(call, "id", graph_json_text(device->fields, "id"));
}

static json_object *copy_of(json_object *object)
{
    json_object *copy = NULL;
    if (json_object_deep_copy(object, &copy, NULL) != 0)
        abort();
    return copy;
}

static void control_device_add(const control *call)
{
    graph_device *model = graph_world_named(text_argument(call, "like"));
    json_object *fields = model == NULL ? graph_seed_blank_device() : copy_of(model->fields);
    json_object *given = argument(call, "fields");
    const char *id = graph_json_text(given, "id");
    if (graph_world_named(id) != NULL) {
        json_object_put(fields);
        refuse(call, "a device of this id exists");
        return;
    }
    graph_json_set_text(fields, "id", id);
    graph_device *device = graph_world_add(fields);
    if (model != NULL) {
        device->screen.keypad = model->screen.keypad;
        json_object_put(device->owners);
        device->owners = copy_of(model->owners);
    }
    if (apply_fields(call, device, given)) {
        accept(call, "id", graph_json_text(device->fields, "id"));
        return;
    }
    device->is_removed = true;
}

static void control_device_remove(const control *call)
{
    graph_device *device = device_argument(call);
    if (device == NULL)
        return;
    device->is_removed = !flag_argument(call, "back", false);
    accept(call, "id", graph_json_text(device->fields, "id"));
}

static void control_checkin(const control *call)
{
    graph_device *device = device_argument(call);
    const char *result = text_argument(call, "result");
    if (device == NULL)
        return;
    if (!is_result(result)) {
        refuse(call, "result: pending, active, done, failed, notSupported, canceled or empty");
        return;
    }
    graph_sim_check_in(device, result);
    accept(call, NULL, NULL);
}

static void control_offline(const control *call)
{
    graph_device *device = device_argument(call);
    if (device == NULL)
        return;
    graph_sim_set_offline(device, flag_argument(call, "on", true));
    accept(call, NULL, NULL);
}

static void control_portal_reset(const control *call)
{
    graph_device *device = device_argument(call);
    if (device == NULL)
        return;
    (void)graph_sim_queue(device, "resetPasscode", "portal");
    accept(call, NULL, NULL);
}

static void control_stale_done(const control *call)
{
    graph_device *device = device_argument(call);
    if (device == NULL)
        return;
    bool has_text = argument(call, "passcode") != NULL;
    graph_sim_plant_done(device, number_argument(call, "days", 7), has_text ? text_argument(call, "passcode") : NULL);
    accept(call, NULL, NULL);
}

static void control_passcode(const control *call)
{
    graph_device *device = device_argument(call);
    if (device == NULL)
        return;
    free(device->next_passcode);
    device->next_passcode = argument(call, "text") == NULL ? NULL : graph_text_copy(text_argument(call, "text"));
    accept(call, NULL, NULL);
}

/* ---- lock screens ---- */

static void control_device_type(const control *call)
{
    graph_device *device = device_argument(call);
    if (device == NULL)
        return;
    bool was_reachable = graph_screen_is_reachable(device);
    bool is_opened = false;
    const char *error =
        graph_screen_type(device, text_argument(call, "text"), flag_argument(call, "enter", true), &is_opened);
    if (error != NULL) {
        refuse(call, error);
        return;
    }
    if (!was_reachable)
        graph_sim_is_back(device);
    json_object *body = json_object_new_object();
    json_object_object_add(body, "ok", json_object_new_boolean(1));
    json_object_object_add(body, "opened", json_object_new_boolean(is_opened));
    sb_reply_json(call->reply, 200, body);
}

static void control_device_restart(const control *call)
{
    graph_device *device = device_argument(call);
    if (device == NULL)
        return;
    graph_screen_restart(device);
    accept(call, NULL, NULL);
}

static void control_device_lock(const control *call)
{
    graph_device *device = device_argument(call);
    if (device == NULL)
        return;
    graph_screen_lock(device);
    accept(call, NULL, NULL);
}

/* ---- held resets ---- */

static void control_hold(const control *call)
{
    graph_tenant()->held_resets = flag_argument(call, "on", true) ? number_argument(call, "times", -1) : 0;
    accept(call, NULL, NULL);
}

/* Lets the held ones go and, unless {"keep":true}, holds no further one. */
static void control_release(const control *call)
{
    if (!flag_argument(call, "keep", false))
        graph_tenant()->held_resets = 0;
    size_t count = sb_release(GRAPH_RESET_HOLD);
    json_object *body = json_object_new_object();
    json_object_object_add(body, "ok", json_object_new_boolean(1));
    json_object_object_add(body, "released", json_object_new_int64((int64_t)count));
    sb_reply_json(call->reply, 200, body);
}

/* ---- people and the application ---- */

static void control_user_entra(const control *call)
{
    json_object *given = argument(call, "fields");
    const char *id = text_argument(call, "id");
    json_object *user = graph_world_user(id);
    if (flag_argument(call, "remove", false)) {
        if (graph_world_remove_user(id))
            accept(call, NULL, NULL);
        else
            refuse(call, "no such user");
        return;
    }
    if (user == NULL) {
        char fresh[GRAPH_GUID_CAP];
        graph_text_guid(fresh);
        user = json_object_new_object();
        graph_json_set_text(user, "id", graph_text_is_guid(id) ? id : fresh);
        graph_json_set_text(user, "userPrincipalName", id);
        json_object_object_add(user, "accountEnabled", json_object_new_boolean(1));
        graph_world_add_user(user);
    }
    if (given != NULL) {
        json_object_object_foreach(given, key, value) json_object_object_add(user, key, json_object_get(value));
    }
    accept(call, "id", graph_json_text(user, "id"));
}

static void replace_text(char **text, json_object *value)
{
    free(*text);
    *text = value == NULL ? NULL : graph_text_copy(json_object_get_string(value));
}

/* {"roles":[...],"secret":"...","secret_expired":bool,"cert_pem":"..."}: what is absent stays. */
static void control_app_entra(const control *call)
{
    graph_tenant_state *tenant = graph_tenant();
    json_object *roles = argument(call, "roles");
    if (roles != NULL && !json_object_is_type(roles, json_type_array)) {
        refuse(call, "roles: an array of app role names");
        return;
    }
    if (roles != NULL) {
        json_object_put(tenant->roles);
        tenant->roles = copy_of(roles);
    }
    if (argument(call, "secret") != NULL)
        replace_text(&tenant->client_secret, argument(call, "secret"));
    if (json_object_object_get_ex(call->arguments, "cert_pem", NULL))
        replace_text(&tenant->client_cert_pem, argument(call, "cert_pem"));
    tenant->is_secret_expired = flag_argument(call, "secret_expired", tenant->is_secret_expired);
    accept(call, NULL, NULL);
}

typedef struct {
    const char *name;
    void (*run)(const control *call);
} verb;

static const verb verbs[] = {{"device", control_device},
                             {"device_add", control_device_add},
                             {"device_remove", control_device_remove},
                             {"checkin", control_checkin},
                             {"offline", control_offline},
                             {"portal_reset", control_portal_reset},
                             {"stale_done", control_stale_done},
                             {"passcode", control_passcode},
                             {"hold", control_hold},
                             {"release", control_release},
                             {"user_entra", control_user_entra},
                             {"app_entra", control_app_entra},
                             {"device_type", control_device_type},
                             {"device_restart", control_device_restart},
                             {"device_lock", control_device_lock}};

bool graph_control(const char *name, json_object *arguments, sb_reply *reply)
{
    for (size_t i = 0; i < COUNT(verbs); i++) {
        if (strcmp(name, verbs[i].name) != 0)
            continue;
        control call = {.arguments = arguments, .reply = reply};
        verbs[i].run(&call);
        return true;
    }
    return false;
}

/* ---- the shelf of phones ---- */

/* What became of its code: "forgotten" until a reset is done, then "removed" or the temporary one. */
static void add_lock(const graph_device *device, json_object *row)
{
    const graph_action *last = graph_screen_last_reset(device);
    graph_json_set_text(row, "lock", last == NULL ? "forgotten" : last->passcode == NULL ? "removed" : "temporary");
    graph_json_set_text(row, "code", last == NULL ? NULL : last->passcode);
    json_object_object_add(row, "screen", graph_screen_json(device));
}

json_object *graph_devices(void)
{
    static const char select[] =
        "id,deviceName,manufacturer,model,serialNumber,operatingSystem,osVersion,userPrincipalName,userDisplayName,"
        "managedDeviceOwnerType,managementState,complianceState,lastSyncDateTime,enrolledDateTime,deviceEnrollmentType,"
        "deviceType,lostModeState,enrolledByUserPrincipalName,deviceActionResults";
    const graph_view view = {.is_beta = true, .knows_new_enums = true, .select = select};
    json_object *rows = json_object_new_array();
    for (size_t i = 0; i < graph_tenant()->device_count; i++) {
        const graph_device *device = graph_tenant()->devices[i];
        json_object *row = graph_view_device(device, &view);
        json_object_object_add(row, "removed", json_object_new_boolean(device->is_removed));
        json_object_object_add(row, "offline", json_object_new_boolean(!graph_screen_is_reachable(device)));
        add_lock(device, row);
        json_object_array_add(rows, row);
    }
    return rows;
}
