/* worker.h - an executor on a thread of its own; results come back on the loop. */
#ifndef NET_WORKER_H
#define NET_WORKER_H

#include "resetbot/executor.h"
#include "resetbot/limits.h"
#include "resetbot/loop.h"

typedef struct rb_worker rb_worker;

/* name: at most 15 characters, shown by ps and top. */
rb_err rb_worker_new(rb_loop *loop, const char *name, rb_worker **out_worker, rb_errbuf *errbuf) RB_MUST_CHECK;

/* The table points into the worker. */
rb_executor rb_worker_executor(rb_worker *worker);

/* Waits until every job has been worked on, calls their done, and frees. What a done still submits is refused with
 * RB_E_AGAIN. NULL is fine. */
void rb_worker_close(rb_worker *worker);

/* For work that may hang (name look-ups): waits for nothing and calls no done any more. Each job not handed back goes
 * to discard, from the calling thread or, for the one at work, later from the worker's. NULL is fine. */
void rb_worker_abandon(rb_worker *worker, void (*discard)(rb_job *job));

#endif
