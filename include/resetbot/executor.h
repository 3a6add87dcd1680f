/* executor.h - blocking work off the loop, as a port: a worker thread in the program, inline in tests. */
#ifndef RESETBOT_EXECUTOR_H
#define RESETBOT_EXECUTOR_H

#include "resetbot/err.h"

typedef struct rb_job rb_job;
struct rb_job {
    void (*work)(rb_job *job); /* runs on the worker; touches only the job */
    void (*done)(rb_job *job); /* runs on the loop's thread, once, after work */
    rb_job *next;              /* the executor's */
};

/* Jobs run in the order of their submission, one at a time. */
typedef struct {
    void *self;
    /* The job belongs to the executor until done is called, which is never from inside submit. RB_E_AGAIN: queue full (RB_WORKER_QUEUE_MAX). */
    rb_err (*submit)(void *self, rb_job *job);
} rb_executor;

#endif
