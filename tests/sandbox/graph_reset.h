/* graph_reset.h - the POSTs: resetPasscode with all its ways to go wrong, and the actions a reset bot never calls. */
#ifndef SANDBOX_GRAPH_RESET_H
#define SANDBOX_GRAPH_RESET_H

#include "graph_error.h"
#include "graph_world.h"

/* The name under which server.c holds replies: sb_release(GRAPH_RESET_HOLD). */
#define GRAPH_RESET_HOLD "graph.reset"

/* Journals graph.reset {attempt, device, serial, client_request_id, request_id, acted, reply} once the POST was read. */
void graph_reset(graph_call *call, graph_device *device);

/* Journals a refusal that came before the device was looked at (401, 403, 404, outage). */
void graph_reset_refused(graph_call *call, const char *device_id, const char *why);

/* wipe, retire, remoteLock, syncDevice and their like: done, and journaled as graph.forbidden {action, device}; false
 * when there is no such action. */
bool graph_other_action(graph_call *call, graph_device *device, const char *action);

/* DELETE managedDevices/{id}: the record goes. */
void graph_delete_device(graph_call *call, graph_device *device);

#endif
