/* graph_read.h - the GETs: lists with paging, one device, its users, a user. */
#ifndef SANDBOX_GRAPH_READ_H
#define SANDBOX_GRAPH_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph_error.h"
#include "graph_world.h"

/* managedDevices; user NULL, or the one whose devices are asked for. */
void graph_read_list(graph_call *call, json_object *user);
/* managedDevices/{id}; operation is "get" or "beta", as in the names of faults. */
void graph_read_device(graph_call *call, graph_device *device, const char *operation);
void graph_read_owners(graph_call *call, graph_device *device);
void graph_read_user(graph_call *call, json_object *user);

/* ---- for other lists ---- */
/* OData: an option that begins with $ and that the service does not know is an error. False, answered with 400. */
bool graph_read_knows_options(graph_call *call, const char *const *allowed, size_t count);
/* $skiptoken is opaque to callers: base64url of "at " and the row to go on with. False, answered with 400. */
bool graph_read_skip_token(graph_call *call, int64_t *out_skip);
/* take_name: what graph_view_unknown_* found, NULL for nothing. True, answered with 400. */
bool graph_read_refuse_unknown(graph_call *call, char *take_name, const char *type);
/* The same request again with another $skiptoken: absolute, at the address the caller used. Heap. */
char *graph_read_next_link(const graph_call *call, int64_t skip);
/* The value of @odata.context; heap. */
char *graph_read_context(const graph_call *call, const char *what);

#endif
