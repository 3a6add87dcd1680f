/* graph_fault.h - Graph's and Intune's error replies as one sentence of ours, with the ids that Microsoft's support asks for.
 *
 * Their texts are read for hints and never shown: they hold addresses and JSON inside JSON (domain/intune.md 2.7). */
#ifndef DEVICE_GRAPH_FAULT_H
#define DEVICE_GRAPH_FAULT_H

#include <stdbool.h>

#include "device/graph_calls.h"
#include "resetbot/io.h"
#include "resetbot/limits.h"

#define RB_GRAPH_ID_CAP 64
/* JSON inside a message inside a message: as deep as was seen. */
#define RB_GRAPH_FAULT_LEVELS 3

/* What a 403 was about, as far as its text tells. */
typedef enum {
    RB_GRAPH_DENIED_UNSAID,
    RB_GRAPH_DENIED_ROLE,
    RB_GRAPH_DENIED_LICENCE,
    RB_GRAPH_DENIED_ACCESS_POLICY
} rb_graph_denied;

typedef struct {
    char code[RB_WORD_CAP]; /* the innermost error code that is a word */
    char request_id[RB_GRAPH_ID_CAP];
    char client_request_id[RB_GRAPH_ID_CAP];
    char activity_id[RB_GRAPH_ID_CAP];
    char approval_code[RB_GRAPH_ID_CAP];
    rb_graph_denied denied;
    bool is_approval_required; /* Intune's own multi admin approval: the code on some level, or the header */
} rb_graph_fault;

/* Reads what there is; a body that is no JSON leaves only the headers. */
void rb_graph_fault_read(const rb_http_reply *reply, rb_graph_fault *out_fault);

/* The sentence for a status, cut at the array. */
void rb_graph_fault_tell(rb_graph_call call, int status, const rb_graph_fault *fault, char out_detail[RB_DETAIL_CAP]);

#endif
