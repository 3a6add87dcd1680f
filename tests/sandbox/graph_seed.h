/* graph_seed.h - the people and devices that every sandbox starts with (listed in graph.md). */
#ifndef SANDBOX_GRAPH_SEED_H
#define SANDBOX_GRAPH_SEED_H

#include <json-c/json.h>

#define GRAPH_MANY_COUNT 60 /* devices of many@contoso.com: more than one page of 50 */

/* Fills the tenant, which must be empty. */
void graph_seed(void);

/* All properties of a managed device with the values Intune uses for "nothing": sentinel dates, null booleans, empty
 * texts. New devices of tests start from it. */
json_object *graph_seed_blank_device(void);

#endif
