/* graph_steps.h - the steps that the flows of graph_job.c share. Inside the Graph adapter only. */
#ifndef DEVICE_GRAPH_STEPS_H
#define DEVICE_GRAPH_STEPS_H

#include "device/graph_job.h"

/* The job's next request: call about subject, tries counted anew. */
void rb_graph_steps_ask(rb_graph_job *job, rb_graph_call call, const char *subject);
/* Done. detail "" for none. */
void rb_graph_steps_finish(rb_graph_job *job, rb_device_outcome outcome, const char *detail);
/* A reply that does not fit its question: done as SURPRISE, with a line in the log. */
void rb_graph_steps_surprise(rb_graph_job *job, const char *detail);

typedef enum {
    RB_GRAPH_READY, /* 200: read the body */
    RB_GRAPH_AGAIN, /* the same request goes again */
    RB_GRAPH_FAILED /* result.outcome, retry_after_ms and detail say why; not done yet, since some reads may fail */
} rb_graph_triage;

/* What the reply to a GET means before its body is read. */
rb_graph_triage rb_graph_steps_triage(rb_graph_job *job, const rb_http_reply *reply, rb_now now,
                                      const rb_random *random);

/* The outcome of the POST (domain/intune.md 2.7); the job is done. */
void rb_graph_steps_posted(rb_graph_job *job, const rb_http_reply *reply, rb_now now);

#endif
