/* graph_view.h - how a device or user looks through v1.0 or beta: which properties, which values. */
#ifndef SANDBOX_GRAPH_VIEW_H
#define SANDBOX_GRAPH_VIEW_H

#include <json-c/json.h>
#include <stdbool.h>

#include "graph_world.h"

typedef struct {
    bool is_beta;
    bool is_list;         /* a row of a list: no deviceActionResults unless selected */
    bool knows_new_enums; /* the caller sent Prefer: include-unknown-enum-members */
    const char *select;   /* decoded value of $select; NULL when absent */
} graph_view;

/* The first name in select that managedDevice (or user) does not have in this version; heap, NULL when all are known. */
char *graph_view_unknown_device(const graph_view *view);
char *graph_view_unknown_user(const graph_view *view);

/* Whether v1.0 or beta knows this property of managedDevice. */
bool graph_view_has(const char *property, bool is_beta);

/* Fresh objects. */
json_object *graph_view_device(const graph_device *device, const graph_view *view);
json_object *graph_view_user(json_object *user, const graph_view *view);
/* deviceActionResults as they are visible now; the passcode is only there when a reset is done. */
json_object *graph_view_results(const graph_device *device);

#endif
