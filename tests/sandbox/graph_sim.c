#include "graph_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph_screen.h"
#include "graph_text.h"
#include "world.h"

#define DAY_MS (24LL * 60 * 60 * 1000)
#define CHECKIN_DEFAULT_MS 3000
#define ACTIVE_DEFAULT_MS 500
#define CODE_LEN 8
#define INVENTED_ERROR 5 /* real error codes are not documented; any number but 0 will do */

typedef enum { ENDS_DONE, ENDS_DONE_WITH_CODE, ENDS_NOT_SUPPORTED, IS_REFUSED } kind;

static bool starts(const char *text, const char *start)
{
    return strncasecmp(text, start, strlen(start)) == 0;
}

static bool field_is(const graph_device *device, const char *key, const char *value)
{
    return strcasecmp(graph_json_text(device->fields, key), value) == 0;
}

static kind android_kind(const graph_device *device)
{
    int major = (int)strtol(graph_json_text(device->fields, "osVersion"), NULL, 10);
    if (field_is(device, "deviceType", "android") && major >= 7)
        return ENDS_NOT_SUPPORTED;
    if (field_is(device, "deviceType", "androidForWork") && major < 8)
        return ENDS_NOT_SUPPORTED;
    return ENDS_DONE_WITH_CODE;
}

/* The matrix of intune.md 1.2, from the service's side. */
static kind kind_of(const graph_device *device)
{
    const char *os = graph_json_text(device->fields, "operatingSystem");
    if (starts(os, "android"))
        return android_kind(device);
    if (starts(os, "windows"))
        return strcasestr(os, "mobile") != NULL || strcasestr(os, "phone") != NULL ? ENDS_DONE_WITH_CODE : IS_REFUSED;
    if (starts(os, "visionos"))
        return ENDS_DONE;
    if (!starts(os, "ios") && !starts(os, "ipados"))
        return IS_REFUSED;
    bool is_user_enrolled = field_is(device, "deviceEnrollmentType", "appleUserEnrollment") ||
                            field_is(device, "deviceEnrollmentType", "appleUserEnrollmentWithServiceAccount") ||
                            field_is(device, "deviceEnrollmentType", "appleAccountDrivenUserEnrollment");
    return is_user_enrolled ? IS_REFUSED : ENDS_DONE;
}

bool graph_sim_refuses_reset(const graph_device *device)
{
    return kind_of(device) == IS_REFUSED;
}

/* Letters and digits, as the documentation says of Android; the same for the same device and count, so that a story
 * told twice reads the same. */
static char *made_up_code(const graph_device *device)
{
    static const char alphabet[] = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    unsigned char digest[32];
    char *seed = graph_text_format("%s %u", graph_json_text(device->fields, "id"), device->reset_count);
    graph_text_sha256(seed, strlen(seed), digest);
    free(seed);
    char code[CODE_LEN + 1] = "";
    for (size_t i = 0; i < CODE_LEN; i++)
        code[i] = alphabet[digest[i] % (sizeof alphabet - 1)];
    return graph_text_copy(code);
}

static bool is_open(const graph_action *action)
{
    return strcmp(action->state, "pending") == 0 || strcmp(action->state, "active") == 0;
}

static void set_state(const graph_device *device, graph_action *action, const char *state)
{
    (void)snprintf(action->state, sizeof action->state, "%s", state);
    action->updated_ms = sb_now_ms();
    json_object *entry = json_object_new_object();
    graph_json_set_text(entry, "device", graph_json_text(device->fields, "id"));
    graph_json_set_text(entry, "action", action->name);
    graph_json_set_text(entry, "by", action->by);
    graph_json_set_text(entry, "state", state);
    sb_journal("graph.action", entry);
}

static const char *natural_end(const graph_device *device, const graph_action *action)
{
    if (!action->is_reset)
        return "done";
    return kind_of(device) == ENDS_NOT_SUPPORTED ? "notSupported" : "done";
}

static void finish(graph_device *device, graph_action *action)
{
    const char *end = *action->wish == '\0' ? natural_end(device, action) : action->wish;
    action->error_code = strcmp(end, "failed") == 0 ? INVENTED_ERROR : 0;
    set_state(device, action, end);
    if (action->is_reset && strcmp(end, "done") == 0)
        graph_screen_reset_done(device);
}

/* ---- timers: a serial number goes through the pointer, so that a device or action that is gone is no harm ---- */

static void fire_finish(void *argument)
{
    graph_device *device = NULL;
    graph_action *action = graph_world_action((uintptr_t)argument, &device);
    if (action != NULL && strcmp(action->state, "active") == 0)
        finish(device, action);
}

static void touch_sync(graph_device *device)
{
    char now[GRAPH_TIME_CAP];
    graph_text_time(sb_now_ms(), 7, 0, now);
    graph_json_set_text(device->fields, "lastSyncDateTime", now);
}

/* The device fetches what waits for it and works on it for a while. */
static void fetch_actions(graph_device *device)
{
    touch_sync(device);
    int64_t done_ms = sb_now_ms() + sb_setting("device_active_ms", ACTIVE_DEFAULT_MS);
    for (size_t i = 0; i < device->action_count; i++) {
        graph_action *action = &device->actions[i];
        if (strcmp(action->state, "pending") != 0)
            continue;
        set_state(device, action, "active");
        sb_at(done_ms, fire_finish, (void *)action->serial);
    }
}

static void fire_check_in(void *argument)
{
    graph_device *device = graph_world_by_serial((uintptr_t)argument);
    if (device != NULL && graph_screen_is_reachable(device) && !device->is_removed)
        fetch_actions(device);
}

static void check_in_later(const graph_device *device)
{
    int64_t wait_ms = sb_setting("device_checkin_ms", CHECKIN_DEFAULT_MS);
    if (wait_ms >= 0 && graph_screen_is_reachable(device))
        sb_at(sb_now_ms() + wait_ms, fire_check_in, (void *)device->serial);
}

/* ---- what the outside does ---- */

static void prepare_reset(graph_device *device, graph_action *action)
{
    action->is_reset = true;
    device->reset_count++;
    bool is_apple = kind_of(device) == ENDS_DONE;
    action->has_type = !is_apple;
    if (kind_of(device) != ENDS_DONE_WITH_CODE)
        return;
    action->passcode = device->next_passcode != NULL ? graph_text_copy(device->next_passcode) : made_up_code(device);
}

graph_action *graph_sim_queue(graph_device *device, const char *name, const char *by)
{
    graph_action *action = graph_world_add_action(device, name, sb_now_ms());
    (void)snprintf(action->by, sizeof action->by, "%s", by);
    action->visible_ms += sb_setting("graph_result_lag_ms", 0);
    if (strcmp(name, "resetPasscode") == 0)
        prepare_reset(device, action);
    set_state(device, action, "pending");
    check_in_later(device);
    return action;
}

void graph_sim_check_in(graph_device *device, const char *result)
{
    touch_sync(device);
    bool stops = strcmp(result, "pending") == 0 || strcmp(result, "active") == 0;
    for (size_t i = 0; i < device->action_count; i++) {
        graph_action *action = &device->actions[i];
        if (!is_open(action))
            continue;
        if (stops) {
            set_state(device, action, result);
            continue;
        }
        if (*result != '\0')
            (void)snprintf(action->wish, sizeof action->wish, "%s", result);
        finish(device, action);
    }
}

void graph_sim_set_offline(graph_device *device, bool is_offline)
{
    device->is_offline = is_offline;
    device->screen.is_cut_off = device->screen.is_cut_off && is_offline;
    check_in_later(device);
}

void graph_sim_is_back(const graph_device *device)
{
    check_in_later(device);
}

void graph_sim_plant_done(graph_device *device, int64_t days, const char *passcode)
{
    int64_t then_ms = sb_now_ms() - days * DAY_MS;
    graph_action *action = graph_world_add_action(device, "resetPasscode", then_ms);
    (void)snprintf(action->by, sizeof action->by, "planted");
    (void)snprintf(action->state, sizeof action->state, "done");
    action->updated_ms = then_ms + CHECKIN_DEFAULT_MS;
    prepare_reset(device, action);
    if (passcode == NULL)
        return;
    free(action->passcode);
    action->passcode = graph_text_copy(passcode);
    action->has_type = true;
}
