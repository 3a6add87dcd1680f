/* graph_read.h - the GETs: lists with paging, one device, its users, a user. */
#ifndef SANDBOX_GRAPH_READ_H
#define SANDBOX_GRAPH_READ_H

#include "graph_error.h"
#include "graph_world.h"

/* managedDevices; user NULL, or the one whose devices are asked for. */
void graph_read_list(graph_call *call, json_object *user);
/* managedDevices/{id}; operation is "get" or "beta", as in the names of faults. */
void graph_read_device(graph_call *call, graph_device *device, const char *operation);
void graph_read_owners(graph_call *call, graph_device *device);
void graph_read_user(graph_call *call, json_object *user);

#endif
