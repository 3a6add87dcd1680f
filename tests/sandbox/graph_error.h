/* graph_error.h - one Graph call in progress, and the shapes of its refusals. */
#ifndef SANDBOX_GRAPH_ERROR_H
#define SANDBOX_GRAPH_ERROR_H

#include <stdbool.h>

#include "graph_text.h"
#include "world.h"

#define GRAPH_EXTRA_CAP 512

typedef struct {
    const sb_request *request;
    sb_reply *reply;
    bool is_beta;
    char request_id[GRAPH_GUID_CAP];
    char client_request_id[GRAPH_GUID_CAP]; /* the caller's when it is a GUID, else ours */
    char extra[GRAPH_EXTRA_CAP];            /* header lines beyond the usual ones */
} graph_call;

/* Adds "Name: value" to the reply's headers. */
void graph_call_header(graph_call *call, const char *name, const char *value);

/* {"error":{code,message,innerError}}: what directory objects and the gateway answer. */
void graph_error(graph_call *call, int status, const char *code, const char *message);

/* As Intune answers: error.message is a JSON text, graph_error_nesting (1 to 3, default 1) levels deep (intune.md 2.7;
 * level 2 and 3 bear the outer code UnknownError and carry the given code inside). */
void graph_error_intune(graph_call *call, int status, const char *code, const char *message);

/* The same with a depth of its own. */
void graph_error_nested(graph_call *call, int status, const char *code, const char *message, int depth);

#endif
