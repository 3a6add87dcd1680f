/* graph_fault.h - refusals and failures on demand: faults named graph.OPERATION.KIND (table in graph.md).
 *
 * Operations: list, get, beta, owners (managedDevices/{id}/users), user, users, reset. Kinds are statuses with variants
 * ("403_approval"), connection ends ("close", "rst", "hang") and odd bodies ("garbage", "empty", "huge"). A fault's
 * "match" is compared with the path: one device, one user. */
#ifndef SANDBOX_GRAPH_FAULT_H
#define SANDBOX_GRAPH_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "graph_error.h"

/* Kinds that graph_fault_answer knows from 0 on, then NULL. */
const char *graph_fault_kind(size_t i);

/* graph.down and graph.slow: true when the call is answered. */
bool graph_fault_outage(graph_call *call);

/* Takes the first fault that is on for graph.OPERATION.KIND+suffix and answers with it; false when there is none.
 * suffix: "", or for the reset "_before" and "_after". out_kind (cap 48) is what was taken. */
bool graph_fault_answer(graph_call *call, const char *operation, const char *suffix, char out_kind[48]);

/* Whether the plain fault graph.OPERATION.KIND is on; uses one up. The value is borrowed, NULL without one. */
bool graph_fault_taken(const graph_call *call, const char *operation, const char *kind, json_object **out_value);

/* The tenant's own limits (intune.md 2.8): false, answered with 429, when they are used up. Settings graph_write_limit
 * (200) and graph_any_limit (2000) per 20 s. */
bool graph_fault_within_limits(graph_call *call);

#endif
