#include "graph_screen.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "world.h"

#define DIGITS "0123456789"

static bool starts(const graph_device *device, const char *key, const char *start)
{
    return strncasecmp(graph_json_text(device->fields, key), start, strlen(start)) == 0;
}

static bool is_apple_mobile(const graph_device *device)
{
    return starts(device, "operatingSystem", "iOS") || starts(device, "operatingSystem", "iPadOS") ||
           starts(device, "operatingSystem", "visionOS");
}

/* Personal and corporate work profiles: a reset concerns the profile's lock, the phone has one of its own beside it. */
static bool has_work_profile(const graph_device *device)
{
    return starts(device, "deviceType", "androidForWork") ||
           starts(device, "deviceEnrollmentType", "androidEnterpriseCorporateWorkProfile");
}

static bool has_numeric_keypad(const graph_device *device)
{
    if (device->screen.keypad == GRAPH_KEYPAD_OF_KIND)
        return is_apple_mobile(device);
    return device->screen.keypad == GRAPH_KEYPAD_NUMERIC;
}

const graph_action *graph_screen_last_reset(const graph_device *device)
{
    const graph_action *last = NULL;
    for (size_t i = 0; i < device->action_count; i++) {
        const graph_action *action = &device->actions[i];
        bool is_done = action->is_reset && strcmp(action->state, "done") == 0 && strcmp(action->by, "planted") != 0;
        last = is_done ? action : last;
    }
    return last;
}

bool graph_screen_is_reachable(const graph_device *device)
{
    return !device->is_offline && !device->screen.is_cut_off;
}

/* ---- what happens to it ---- */

/* what: never the text that was typed. */
static void note(const graph_device *device, const char *what)
{
    json_object *entry = json_object_new_object();
    graph_json_set_text(entry, "device", graph_json_text(device->fields, "id"));
    graph_json_set_text(entry, "what", what);
    sb_journal("graph.screen", entry);
}

static void open_screen(graph_device *device)
{
    graph_keypad keypad = device->screen.keypad;
    device->screen = (graph_screen){.is_open = true, .keypad = keypad};
    note(device, "opened");
}

void graph_screen_reset_done(graph_device *device)
{
    const graph_action *last = graph_screen_last_reset(device);
    if (last == NULL || last->passcode == NULL) {
        open_screen(device);
        return;
    }
    device->screen.is_open = false;
    device->screen.is_dark = false;
    device->screen.wrong_tries = 0;
    device->screen.typed[0] = '\0';
}

const char *graph_screen_type(graph_device *device, const char *text, bool is_entered, bool *out_opened)
{
    graph_screen *screen = &device->screen;
    if (has_numeric_keypad(device) && text[strspn(text, DIGITS)] != '\0')
        return "that lock screen shows digits alone: it cannot type this";
    if (strlen(text) >= sizeof screen->typed)
        return "too long for that lock screen";
    screen->is_dark = false;
    *out_opened = screen->is_open;
    if (screen->is_open)
        return NULL;
    const graph_action *last = graph_screen_last_reset(device);
    bool is_free = last != NULL && last->passcode == NULL;
    bool is_right = is_entered && last != NULL && last->passcode != NULL && strcmp(last->passcode, text) == 0;
    if (is_free || is_right) {
        open_screen(device);
        *out_opened = true;
        return NULL;
    }
    (void)snprintf(screen->typed, sizeof screen->typed, "%s", text);
    screen->wrong_tries += is_entered;
    note(device, is_entered ? "refused" : "typing");
    return NULL;
}

static void lock_screen(graph_device *device)
{
    device->screen.is_open = false;
    device->screen.wrong_tries = 0;
    device->screen.typed[0] = '\0';
}

void graph_screen_restart(graph_device *device)
{
    lock_screen(device);
    device->screen.is_dark = false;
    device->screen.is_before_first_unlock = true;
    device->screen.is_cut_off =
        is_apple_mobile(device) && *graph_json_text(device->fields, "subscriberCarrier") == '\0';
    note(device, "restarted");
}

void graph_screen_lock(graph_device *device)
{
    lock_screen(device);
    device->screen.is_dark = true;
    note(device, "locked");
}

/* ---- what is seen of it ---- */

/* The letters of the code that its keypad does not show (intune.md 5, no. 5: "I'm stuck"); NULL when there are none. */
static json_object *cannot_type(const graph_device *device)
{
    const graph_action *last = graph_screen_last_reset(device);
    if (last == NULL || last->passcode == NULL || device->screen.is_open || !has_numeric_keypad(device))
        return NULL;
    char missing[GRAPH_TYPED_CAP] = "";
    size_t len = 0;
    for (const char *at = last->passcode; *at != '\0' && len + 1 < sizeof missing; at++) {
        if (strchr(DIGITS, *at) == NULL && strchr(missing, *at) == NULL)
            missing[len++] = *at;
    }
    return len == 0 ? NULL : json_object_new_string(missing);
}

json_object *graph_screen_json(const graph_device *device)
{
    const graph_screen *screen = &device->screen;
    bool is_profile = has_work_profile(device);
    json_object *seen = json_object_new_object();
    graph_json_set_text(seen, "state", screen->is_open ? "open" : screen->is_dark ? "dark" : "locked");
    graph_json_set_text(seen, "lock", is_profile ? "work_profile" : "phone");
    graph_json_set_text(seen, "other_lock", is_profile ? "set" : NULL);
    graph_json_set_text(seen, "keypad", has_numeric_keypad(device) ? "numeric" : "full");
    graph_json_set_text(seen, "typed", screen->typed);
    json_object_object_add(seen, "wrong_tries", json_object_new_int64(screen->wrong_tries));
    json_object_object_add(seen, "cannot_type", cannot_type(device));
    json_object_object_add(seen, "before_first_unlock", json_object_new_boolean(screen->is_before_first_unlock));
    json_object_object_add(seen, "offline", json_object_new_boolean(!graph_screen_is_reachable(device)));
    return seen;
}
