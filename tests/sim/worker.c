/* The store's worker in the simulator: one job at a time, in order, begun and told a little later. */
#include <stdlib.h>

#include "bot_parts.h"
#include "bytes.h"
#include "resetbot/limits.h"
#include "sim.h"

typedef struct queued_job {
    rb_job *job;
    struct queued_job *next;
} queued_job;

static struct {
    queued_job *jobs, **tail;
    size_t n_jobs;
    bool is_running;
    bool is_work_done; /* of the first job: only its done is to come */
} worker;

/* An event of the queue, for one process. */
typedef struct {
    unsigned generation;
    rb_job *job;
} job_turn;

static void fire_done(void *arg);

static void do_work(void *arg)
{
    rb_job *job = arg;
    job->work(job);
}

static void do_done(void *arg)
{
    rb_job *job = arg;
    queued_job *first = worker.jobs;
    worker.jobs = first->next;
    if (!worker.jobs)
        worker.tail = &worker.jobs;
    free(first);
    worker.n_jobs--;
    job->done(job);
}

static job_turn *turn_of(rb_job *job)
{
    job_turn *turn = sb_alloc(sizeof *turn);
    *turn = (job_turn){sim_generation(), job};
    return turn;
}

static void fire_work(void *arg)
{
    job_turn *turn = arg;
    if (turn->generation == sim_generation() && sim_in_bot(do_work, turn->job)) {
        worker.is_work_done = true;
        sim_after(sim_between(SIM_NET, 0, 3), fire_done, turn);
        return;
    }
    free(turn);
}

static void work_next(void)
{
    if (worker.is_running || !worker.jobs)
        return;
    worker.is_running = true;
    sim_after(sim_between(SIM_NET, 0, 8), fire_work, turn_of(worker.jobs->job));
}

static void fire_done(void *arg)
{
    job_turn *turn = arg;
    if (turn->generation == sim_generation()) {
        worker.is_running = worker.is_work_done = false;
        if (sim_in_bot(do_done, turn->job))
            work_next();
    }
    free(turn);
}

static rb_err submit(void *self, rb_job *job)
{
    (void)self;
    if (worker.n_jobs >= RB_WORKER_QUEUE_MAX)
        return RB_E_AGAIN;
    queued_job *last = sb_alloc(sizeof *last);
    *last = (queued_job){.job = job};
    *worker.tail = last;
    worker.tail = &last->next;
    worker.n_jobs++;
    work_next();
    return RB_OK;
}

void worker_begin(void)
{
    worker.jobs = NULL; /* a dead process's queue went with it */
    worker.tail = &worker.jobs;
    worker.n_jobs = 0;
    worker.is_running = worker.is_work_done = false;
}

rb_executor worker_executor(void)
{
    return (rb_executor){NULL, submit};
}

void worker_finish(void)
{
    while (worker.jobs) {
        queued_job *first = worker.jobs;
        worker.jobs = first->next;
        if (!worker.is_work_done)
            first->job->work(first->job);
        worker.is_work_done = false;
        first->job->done(first->job);
        free(first);
    }
    worker_begin();
}
