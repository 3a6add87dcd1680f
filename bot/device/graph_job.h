/* graph_job.h - one call of the device port on its way: what it gathered, its next request to Graph, its answer. Inside the
 * Graph adapter only. */
#ifndef DEVICE_GRAPH_JOB_H
#define DEVICE_GRAPH_JOB_H

#include "device/graph_calls.h"
#include "device/graph_codec.h"
#include "device/graph_fault.h"
#include "device/graph_people.h"
#include "resetbot/clock.h"
#include "resetbot/device_port.h"
#include "resetbot/io.h"

/* A read may wait this long in all between its tries. */
#define RB_GRAPH_WAIT_MAX_MS (10 * RB_SECOND_MS)
/* Tries of one request, the first included. */
#define RB_GRAPH_TRIES_MAX 4
/* Pages of one list: twice what RB_DEVICES_MAX rows need. */
#define RB_GRAPH_PAGES_MAX 8
/* What an answer asks callers to wait when Graph did not say. */
#define RB_GRAPH_LATER_MS (10 * RB_SECOND_MS)

/* READ and RESULTS gather this. */
typedef struct {
    rb_device device;
    rb_action_results results;
    rb_graph_user users[RB_OWNERS_MAX];
    uint32_t n_users;
} rb_graph_whole;

typedef struct rb_graph_job rb_graph_job;
struct rb_graph_job {
    rb_graph_job *next; /* the session's lists */
    /* the call */
    uint64_t tag;
    rb_device_call_kind kind;
    char text[RB_TARGET_CAP];
    char id[RB_GUID_CAP];
    char client_request_id[RB_GUID_CAP];
    rb_action_key key;
    /* the request that comes next or is under way */
    rb_graph_call call;
    char subject[RB_UPN_CAP];
    rb_buf link;           /* a further page; empty: call and subject */
    uint64_t http_tag;     /* 0: not under way */
    uint64_t generation;   /* of the token that it was sent with */
    int64_t asked_boot_ms; /* when the call came */
    int64_t due_boot_ms;   /* the request goes not before */
    unsigned tries;        /* of this request */
    int64_t waited_ms;     /* in all */
    bool is_renewed;       /* one 401 was answered by a new token */
    /* gathered */
    rb_graph_rows rows;
    size_t pages;
    rb_graph_whole *whole;
    rb_graph_people *people; /* of FIND_PEOPLE */
    /* the answer */
    bool is_done;
    rb_device_result result;
};

/* A copy of the call; NULL when out of memory. The first request is set, or the job is done (a question that cannot be asked). */
rb_graph_job *rb_graph_job_new(uint64_t tag, const rb_device_call *call, int64_t boot_ms);
/* An answer that nobody took (the code) is wiped. */
void rb_graph_job_free(rb_graph_job *job);

/* What the reply to its request means: the next request is set, the same again later, or the job is done. graph_url is
 * for further pages. */
void rb_graph_job_answered(rb_graph_job *job, const char *graph_url, const rb_http_reply *reply, rb_now now,
                           const rb_random *random);

/* Its request cannot be sent (no token, queue full): done. A RESET then never left. */
void rb_graph_job_fail(rb_graph_job *job, rb_device_outcome outcome, int64_t retry_after_ms, const char *detail);

#endif
