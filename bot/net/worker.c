#include "net/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
    rb_job *first, *last;
} job_list;

struct rb_worker {
    rb_loop *loop;
    pthread_t thread;
    int wake_fd; /* rung once per finished job */
    /* all below under the lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    job_list waiting;
    job_list finished;
    size_t n_jobs;                /* waiting, at work, or finished and not handed back */
    bool closing;                 /* end when nothing is waiting */
    void (*discard)(rb_job *job); /* abandoned: the thread frees the worker */
};

static void append(job_list *list, rb_job *job)
{
    job->next = NULL;
    if (list->last == NULL)
        list->first = job;
    else
        list->last->next = job;
    list->last = job;
}

static rb_job *take_first(job_list *list)
{
    rb_job *job = list->first;
    if (job == NULL)
        return NULL;
    list->first = job->next;
    if (list->first == NULL)
        list->last = NULL;
    job->next = NULL;
    return job;
}

static void discard_all(job_list *list, void (*discard)(rb_job *job))
{
    for (rb_job *job = take_first(list); job != NULL; job = take_first(list))
        discard(job);
}

static void free_memory(rb_worker *worker)
{
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    if (worker->wake_fd >= 0)
        close(worker->wake_fd);
    free(worker);
}

/* ---- the worker's thread --------------------------------------------------------------------------------- */

/* The next job, or NULL when the thread is to end. The lock is held. */
static rb_job *await_job(rb_worker *worker)
{
    while (worker->waiting.first == NULL && !worker->closing)
        pthread_cond_wait(&worker->changed, &worker->lock);
    return take_first(&worker->waiting);
}

static void hand_back(rb_worker *worker, rb_job *job)
{
    append(&worker->finished, job);
    /* An eventfd refuses only near 2^64: then it is readable already. */
    uint64_t one = 1;
    ssize_t written = write(worker->wake_fd, &one, sizeof one);
    (void)written;
}

static void *serve(void *arg)
{
    rb_worker *worker = arg;
    pthread_mutex_lock(&worker->lock);
    for (rb_job *job = await_job(worker); job != NULL; job = await_job(worker)) {
        pthread_mutex_unlock(&worker->lock);
        job->work(job);
        pthread_mutex_lock(&worker->lock);
        if (worker->discard != NULL)
            worker->discard(job);
        else
            hand_back(worker, job);
    }
    bool is_abandoned = worker->discard != NULL;
    pthread_mutex_unlock(&worker->lock);
    if (is_abandoned)
        free_memory(worker);
    return NULL;
}

/* Signals are the loop's: it reads them from a signalfd, which a thread with them unblocked would undercut. */
static int start_thread(rb_worker *worker, const char *name)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&worker->thread, NULL, serve, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed == 0)
        (void)pthread_setname_np(worker->thread, name);
    return failed;
}

/* ---- the loop's side ------------------------------------------------------------------------------------- */

static void deliver(rb_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    job_list finished = worker->finished;
    worker->finished = (job_list){0};
    pthread_mutex_unlock(&worker->lock);
    for (rb_job *job = take_first(&finished); job != NULL; job = take_first(&finished)) {
        pthread_mutex_lock(&worker->lock);
        worker->n_jobs--;
        pthread_mutex_unlock(&worker->lock);
        job->done(job);
    }
}

static void on_wake(void *arg)
{
    rb_worker *worker = arg;
    uint64_t count;
    ssize_t got = read(worker->wake_fd, &count, sizeof count);
    (void)got; /* non-blocking: nothing to read means that a close has delivered already */
    deliver(worker);
}

static rb_err submit(void *self, rb_job *job)
{
    rb_worker *worker = self;
    rb_err err = RB_E_AGAIN;
    pthread_mutex_lock(&worker->lock);
    if (!worker->closing && worker->n_jobs < RB_WORKER_QUEUE_MAX) {
        worker->n_jobs++;
        append(&worker->waiting, job);
        pthread_cond_signal(&worker->changed);
        err = RB_OK;
    }
    pthread_mutex_unlock(&worker->lock);
    return err;
}

rb_executor rb_worker_executor(rb_worker *worker)
{
    return (rb_executor){.self = worker, .submit = submit};
}

rb_err rb_worker_new(rb_loop *loop, const char *name, rb_worker **out_worker, rb_errbuf *errbuf)
{
    rb_worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "worker %s cannot start: out of memory", name);
    worker->loop = loop;
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->changed, NULL);
    worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->wake_fd < 0 || rb_loop_watch(loop, worker->wake_fd, on_wake, worker) != RB_OK) {
        free_memory(worker);
        return rb_fail(errbuf, RB_E_IO, "worker %s cannot start: out of descriptors", name);
    }
    int failed = start_thread(worker, name);
    if (failed != 0) {
        rb_loop_forget(loop, worker->wake_fd);
        free_memory(worker);
        return rb_fail(errbuf, RB_E_IO, "worker %s cannot start: %s", name, strerror(failed));
    }
    *out_worker = worker;
    return RB_OK;
}

void rb_worker_close(rb_worker *worker)
{
    if (worker == NULL)
        return;
    pthread_mutex_lock(&worker->lock);
    worker->closing = true;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    rb_loop_forget(worker->loop, worker->wake_fd);
    deliver(worker);
    free_memory(worker);
}

void rb_worker_abandon(rb_worker *worker, void (*discard)(rb_job *job))
{
    if (worker == NULL)
        return;
    rb_loop_forget(worker->loop, worker->wake_fd);
    pthread_detach(worker->thread);
    pthread_mutex_lock(&worker->lock);
    job_list waiting = worker->waiting, finished = worker->finished;
    worker->waiting = worker->finished = (job_list){0};
    worker->closing = true;
    worker->discard = discard;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock); /* from here on the worker may be gone */
    discard_all(&waiting, discard);
    discard_all(&finished, discard);
}
