/* graph_auth.h - the bearer token: made by entra.c, asked for by every Graph call. */
#ifndef SANDBOX_GRAPH_AUTH_H
#define SANDBOX_GRAPH_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "graph_error.h"

/* Whether this names Graph: one of the clouds (intune.md 2.10), Graph's application id, or an address on loopback. */
bool graph_auth_is_graph(const char *resource);

/* An unsigned token in the shape of a JWT with the tenant's current app roles; heap. */
char *graph_auth_token(const char *audience, int64_t now_ms, int64_t lifetime_s);

/* Checks the token's form, audience, tenant and lifetime: false, answered with 401. out_roles (put it) on success. */
bool graph_auth_check(graph_call *call, json_object **out_roles);

/* Whether the roles have one; false, answered with 403 in the manner of Intune or of directory objects. */
bool graph_auth_require(graph_call *call, json_object *roles, const char *role);

#endif
