/* graph_screen.h - the lock screen of a phone, as its holder has it: typing a code, restarting, locking.
 *
 * The code of the seed's owners is forgotten: nothing that they type is right until a reset is done. */
#ifndef SANDBOX_GRAPH_SCREEN_H
#define SANDBOX_GRAPH_SCREEN_H

#include <json-c/json.h>
#include <stdbool.h>

#include "graph_world.h"

/* The last reset that is done, planted ones apart; NULL when there is none. */
const graph_action *graph_screen_last_reset(const graph_device *device);

/* A reset is done: an open screen when the passcode was removed, else a locked one that wants the new code. */
void graph_screen_reset_done(graph_device *device);

/* Types text, which replaces what was typed; is_entered: all of it. The right code opens; without
 * one, any touch does. NULL and *out_opened, or a
 * static sentence saying why it cannot be typed. */
const char *graph_screen_type(graph_device *device, const char *text, bool is_entered, bool *out_opened);
/* Locked, before first unlock; an Apple device without a carrier has no network from then on (intune.md 1.3). */
void graph_screen_restart(graph_device *device);
/* Locked and dark. */
void graph_screen_lock(graph_device *device);

/* Whether it can check in. */
bool graph_screen_is_reachable(const graph_device *device);

/* {"state","lock","other_lock","keypad","typed","wrong_tries","cannot_type","before_first_unlock","offline"}; the caller's. */
json_object *graph_screen_json(const graph_device *device);

#endif
