/* graph_world.h - the simulated tenant: its application, people and devices.
 *
 * One tenant a process: the parts of the sandbox have no context of their own (world.h), so it lives in
 * graph_world.c and is reached through graph_tenant(). */
#ifndef SANDBOX_GRAPH_WORLD_H
#define SANDBOX_GRAPH_WORLD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRAPH_TENANT_ID "11111111-1111-4111-8111-111111111111"
#define GRAPH_TENANT_DOMAIN "contoso.com"
#define GRAPH_CLIENT_ID "22222222-2222-4222-8222-222222222222"
#define GRAPH_CLIENT_SECRET "sandbox-secret"

#define GRAPH_ROLE_READ "DeviceManagementManagedDevices.Read.All"
#define GRAPH_ROLE_ACT "DeviceManagementManagedDevices.PrivilegedOperations.All"
#define GRAPH_ROLE_USERS "User.Read.All"

#define GRAPH_TYPED_CAP 128 /* with the NUL: longer than any code of a story */

/* One entry of deviceActionResults and how it came about. */
typedef struct {
    uintptr_t serial; /* unique in the process: names the action in timers */
    char name[32];    /* actionName as Graph would say it, e.g. "resetPasscode" */
    char state[16];   /* pending, active, done, failed, notSupported, canceled */
    char wish[16];    /* state it ends in; "" lets the kind of device decide */
    char by[16];      /* app, portal, planted: for the journal */
    bool is_reset;
    bool has_type; /* bears @odata.type, passcode and errorCode */
    int64_t start_ms;
    int64_t updated_ms;
    int64_t visible_ms; /* not in any reply before this time */
    char *passcode;     /* heap; NULL while there is none */
    int error_code;
} graph_action;

typedef enum { GRAPH_KEYPAD_OF_KIND, GRAPH_KEYPAD_NUMERIC, GRAPH_KEYPAD_FULL } graph_keypad;

/* What its holder has before them (graph_screen.h). */
typedef struct {
    bool is_open;
    bool is_dark;
    bool is_before_first_unlock;
    bool is_cut_off; /* restarted, without a network until it is unlocked */
    graph_keypad keypad;
    unsigned wrong_tries;
    char typed[GRAPH_TYPED_CAP];
} graph_screen;

typedef struct {
    uintptr_t serial;     /* unique in the process: names the device in timers */
    json_object *fields;  /* every property, v1.0 and beta, but deviceActionResults */
    json_object *owners;  /* array of user ids: the users navigation */
    bool is_removed;      /* deleted: answers 404, keeps its place */
    bool is_offline;      /* does not check in by itself */
    char *next_passcode;  /* heap; NULL: made up */
    char next_result[16]; /* how its next actions end; "" lets the kind decide */
    unsigned reset_count;
    graph_screen screen;
    graph_action *actions;
    size_t action_count;
} graph_device;

typedef struct {
    graph_device **devices;
    size_t device_count;
    json_object *users;    /* array of user objects */
    json_object *roles;    /* array: the app roles that new tokens carry */
    char *client_secret;   /* heap */
    char *client_cert_pem; /* heap; NULL: assertions are checked for their structure alone */
    bool is_secret_expired;
    uintptr_t last_serial;
    int64_t held_resets;     /* this many of the next resets are held before their reply; below 0: all */
    unsigned reset_count;    /* resetPasscode POSTs read so far */
    unsigned approval_count; /* tenant approval codes given out */
    int64_t window_start_ms; /* throttling: the current 20 s */
    int64_t window_calls;
    int64_t window_writes;
} graph_tenant_state;

graph_tenant_state *graph_tenant(void);
/* Empty tenant with the application of the constants above and all three roles. */
void graph_tenant_reset(void);
/* Frees everything. */
void graph_tenant_fini(void);

/* Takes the fields; gives the device an id when they have none. */
graph_device *graph_world_add(json_object *take_fields);
/* By id, any case; NULL when unknown or removed. */
graph_device *graph_world_find(const char *id);
/* For the control interface: by id, serial number or device name, also a removed one. */
graph_device *graph_world_named(const char *name);
graph_device *graph_world_by_serial(uintptr_t serial);

/* By id or user principal name, any case; borrowed, NULL when unknown. */
json_object *graph_world_user(const char *id_or_name);
/* Takes the user object; it must have an id. */
void graph_world_add_user(json_object *take_user);
bool graph_world_remove_user(const char *id_or_name);

/* Makes this user (or nobody: NULL) the device's user everywhere Intune names one but enrolledByUserPrincipalName. */
void graph_world_set_owner(graph_device *device, json_object *user);

/* A new action, pending, started now. */
graph_action *graph_world_add_action(graph_device *device, const char *name, int64_t now_ms);
graph_action *graph_world_action(uintptr_t serial, graph_device **out_device);

/* Text of a property; "" when absent, null or no text. */
const char *graph_json_text(json_object *object, const char *key);
void graph_json_set_text(json_object *object, const char *key, const char *text);

#endif
