/* graph_users.h - GET /users: the directory's own way to search, which is not Intune's.
 *
 * Unlike $filter on managedDevices it does not fail open: what it cannot do is 400 Request_UnsupportedQuery. $search
 * needs the header ConsistencyLevel: eventual (learn.microsoft.com/graph/search-query-parameter). */
#ifndef SANDBOX_GRAPH_USERS_H
#define SANDBOX_GRAPH_USERS_H

#include "graph_error.h"

void graph_users_list(graph_call *call);

#endif
