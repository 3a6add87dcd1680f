/* graph_sim.h - what phones do: an action is pending until the device checks in, then active, then final.
 *
 * Settings: device_checkin_ms (3000; below 0: never by itself), device_active_ms (500), graph_result_lag_ms (0).
 * Apple kinds end done without a code, Android kinds done with one, a device administrator phone from Android 7 on and a
 * work profile below Android 8 notSupported (intune.md 1.2); control verbs decide otherwise. */
#ifndef SANDBOX_GRAPH_SIM_H
#define SANDBOX_GRAPH_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "graph_world.h"

/* Whether Intune answers the opaque 400 for this kind of device instead of queueing a reset. */
bool graph_sim_refuses_reset(const graph_device *device);

/* Queues an action of the given actionName and lets the device check in later. by: "app", "portal". */
graph_action *graph_sim_queue(graph_device *device, const char *name, const char *by);

/* Checks in now. result: "" as the kind or earlier wishes decide, "pending" and "active" stop there, else the final
 * state of all open actions, reached at once. */
void graph_sim_check_in(graph_device *device, const char *result);

/* Going on line again (also by cable, before the first unlock) lets the device check in after device_checkin_ms. */
void graph_sim_set_offline(graph_device *device, bool is_offline);
/* The same when it was unlocked. */
void graph_sim_is_back(const graph_device *device);

/* A finished reset that somebody did days ago, with its code (NULL: as the kind decides). */
void graph_sim_plant_done(graph_device *device, int64_t days, const char *passcode);

#endif
