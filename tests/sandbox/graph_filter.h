/* graph_filter.h - $filter on managedDevices as it behaves live: it fails OPEN (intune.md 2.3).
 *
 * Works: eq on the properties of graph_filter.c, lt and gt on the two dates. Ignored, so that every device matches: an
 * empty literal, userId, id, deviceEnrollmentType, skuFamily, any other property or operator. startswith finds the text
 * anywhere, and a second such arm after "or" is dropped. Arms are taken from left to right, parentheses do not group. */
#ifndef SANDBOX_GRAPH_FILTER_H
#define SANDBOX_GRAPH_FILTER_H

#include <stdbool.h>

#include "graph_world.h"

typedef struct graph_filter graph_filter;

/* text is decoded; NULL when it is no filter at all (the service answers 400). */
graph_filter *graph_filter_new(const char *text);
void graph_filter_free(graph_filter *filter);

bool graph_filter_matches(const graph_filter *filter, const graph_device *device);

/* Whether some arm is ignored: for the journal. */
bool graph_filter_is_open(const graph_filter *filter);

#endif
