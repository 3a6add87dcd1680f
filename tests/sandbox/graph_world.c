#include "graph_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph_text.h"

/* The sandbox's parts are plain functions (world.h), hence this one piece of state. */
static graph_tenant_state tenant;

graph_tenant_state *graph_tenant(void)
{
    return &tenant;
}

const char *graph_json_text(json_object *object, const char *key)
{
    json_object *value = NULL;
    if (object == NULL || !json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_string))
        return "";
    return json_object_get_string(value);
}

void graph_json_set_text(json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, text == NULL ? NULL : json_object_new_string(text));
}

static void *grow(void *array, size_t count, size_t item_size)
{
    void *larger = reallocarray(array, count, item_size);
    if (larger == NULL)
        abort();
    return larger;
}

static void free_device(graph_device *device)
{
    for (size_t i = 0; i < device->action_count; i++)
        free(device->actions[i].passcode);
    free(device->actions);
    free(device->next_passcode);
    json_object_put(device->fields);
    json_object_put(device->owners);
    free(device);
}

void graph_tenant_fini(void)
{
    for (size_t i = 0; i < tenant.device_count; i++)
        free_device(tenant.devices[i]);
    free(tenant.devices);
    json_object_put(tenant.users);
    json_object_put(tenant.roles);
    free(tenant.client_secret);
    free(tenant.client_cert_pem);
    uintptr_t last_serial = tenant.last_serial;
    tenant = (graph_tenant_state){0};
    /* timers of the former tenant may still fire: their serials must not be given out again */
    tenant.last_serial = last_serial;
}

void graph_tenant_reset(void)
{
    graph_tenant_fini();
    tenant.users = json_object_new_array();
    tenant.roles = json_object_new_array();
    json_object_array_add(tenant.roles, json_object_new_string(GRAPH_ROLE_READ));
    json_object_array_add(tenant.roles, json_object_new_string(GRAPH_ROLE_ACT));
    json_object_array_add(tenant.roles, json_object_new_string(GRAPH_ROLE_USERS));
    tenant.client_secret = graph_text_copy(GRAPH_CLIENT_SECRET);
}

/* ---- devices ---- */

graph_device *graph_world_add(json_object *take_fields)
{
    graph_device *device = calloc(1, sizeof *device);
    if (device == NULL)
        abort();
    device->serial = ++tenant.last_serial;
    device->fields = take_fields;
    device->owners = json_object_new_array();
    if (*graph_json_text(take_fields, "id") == '\0') {
        char id[GRAPH_GUID_CAP];
        graph_text_guid(id);
        graph_json_set_text(take_fields, "id", id);
    }
    tenant.devices = grow(tenant.devices, tenant.device_count + 1, sizeof(graph_device *));
    tenant.devices[tenant.device_count++] = device;
    return device;
}

static graph_device *find_by(const char *key, const char *value)
{
    for (size_t i = 0; i < tenant.device_count; i++) {
        if (strcasecmp(graph_json_text(tenant.devices[i]->fields, key), value) == 0)
            return tenant.devices[i];
    }
    return NULL;
}

graph_device *graph_world_find(const char *id)
{
    graph_device *device = *id == '\0' ? NULL : find_by("id", id);
    return device == NULL || device->is_removed ? NULL : device;
}

graph_device *graph_world_named(const char *name)
{
    static const char *const keys[] = {"id", "serialNumber", "deviceName"};
    graph_device *device = NULL;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && device == NULL && *name != '\0'; i++)
        device = find_by(keys[i], name);
    return device;
}

graph_device *graph_world_by_serial(uintptr_t serial)
{
    for (size_t i = 0; i < tenant.device_count; i++) {
        if (tenant.devices[i]->serial == serial)
            return tenant.devices[i];
    }
    return NULL;
}

/* ---- users ---- */

static size_t user_index(const char *id_or_name)
{
    size_t count = json_object_array_length(tenant.users);
    for (size_t i = 0; i < count && *id_or_name != '\0'; i++) {
        json_object *user = json_object_array_get_idx(tenant.users, i);
        if (strcasecmp(graph_json_text(user, "id"), id_or_name) == 0 ||
            strcasecmp(graph_json_text(user, "userPrincipalName"), id_or_name) == 0)
            return i;
    }
    return count;
}

json_object *graph_world_user(const char *id_or_name)
{
    return json_object_array_get_idx(tenant.users, user_index(id_or_name));
}

void graph_world_add_user(json_object *take_user)
{
    json_object_array_add(tenant.users, take_user);
}

bool graph_world_remove_user(const char *id_or_name)
{
    return json_object_array_del_idx(tenant.users, user_index(id_or_name), 1) == 0;
}

void graph_world_set_owner(graph_device *device, json_object *user)
{
    graph_json_set_text(device->fields, "userId", graph_json_text(user, "id"));
    graph_json_set_text(device->fields, "userPrincipalName", graph_json_text(user, "userPrincipalName"));
    graph_json_set_text(device->fields, "userDisplayName", graph_json_text(user, "displayName"));
    graph_json_set_text(device->fields, "emailAddress", graph_json_text(user, "mail"));
    json_object_put(device->owners);
    device->owners = json_object_new_array();
    if (user != NULL)
        json_object_array_add(device->owners, json_object_new_string(graph_json_text(user, "id")));
}

/* ---- actions ---- */

graph_action *graph_world_add_action(graph_device *device, const char *name, int64_t now_ms)
{
    device->actions = grow(device->actions, device->action_count + 1, sizeof(graph_action));
    graph_action *action = &device->actions[device->action_count++];
    *action =
        (graph_action){.serial = ++tenant.last_serial, .start_ms = now_ms, .updated_ms = now_ms, .visible_ms = now_ms};
    (void)snprintf(action->name, sizeof action->name, "%s", name);
    (void)snprintf(action->state, sizeof action->state, "pending");
    (void)snprintf(action->wish, sizeof action->wish, "%s", device->next_result);
    (void)snprintf(action->by, sizeof action->by, "app");
    return action;
}

graph_action *graph_world_action(uintptr_t serial, graph_device **out_device)
{
    for (size_t i = 0; i < tenant.device_count; i++) {
        graph_device *device = tenant.devices[i];
        for (size_t j = 0; j < device->action_count; j++) {
            if (device->actions[j].serial != serial)
                continue;
            *out_device = device;
            return &device->actions[j];
        }
    }
    return NULL;
}
