/* graph_session.c - see graph_session.h. Jobs wait in one list until they have a token, a place and their time; `pump` starts
 * what can go, `deliver` answers what is done. Nothing but `deliver` calls out to the engine. */
#include "device/graph_session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/graph_calls.h"
#include "device/graph_job.h"
#include "device/graph_token.h"
#include "device/retry.h"
#include "resetbot/log.h"

#define URL_MAX 4096
#define FORM_MAX (16 * 1024)
#define AUTHORIZATION_MAX (RB_ENTRA_TOKEN_MAX + 16)
#define ROLES_MAX 512
#define NEVER INT64_MAX

typedef struct {
    rb_graph_job *head;
    rb_graph_job *tail;
    size_t n;
} list;

struct rb_graph {
    rb_graph_config config;
    rb_entra_app app;
    char scope[RB_ERRTEXT_CAP];
    rb_io io;
    rb_clock clock;
    rb_random random;
    rb_device_events events;
    rb_graph_token token;
    uint64_t token_tag;
    uint64_t last_tag;
    list open;      /* waiting or under way, in the order they came */
    list done;      /* to be answered */
    size_t n_reads; /* under way */
    rb_bucket reads;
    rb_bucket writes;
    bool wants_token;
};

/* ---- lists ------------------------------------------------------------------------------------------------------ */

static void append(list *to, rb_graph_job *job)
{
    job->next = NULL;
    if (to->tail)
        to->tail->next = job;
    else
        to->head = job;
    to->tail = job;
    to->n++;
}

/* previous NULL: job is the head. */
static void unlink_after(list *from, rb_graph_job *previous, rb_graph_job *job)
{
    if (previous)
        previous->next = job->next;
    else
        from->head = job->next;
    if (from->tail == job)
        from->tail = previous;
    from->n--;
}

static void free_list(list *jobs)
{
    while (jobs->head) {
        rb_graph_job *job = jobs->head;
        unlink_after(jobs, NULL, job);
        rb_graph_job_free(job);
    }
}

/* ---- requests --------------------------------------------------------------------------------------------------- */

static void add_header(rb_http_request *request, const char *name, const char *value)
{
    assert(request->n_headers < RB_HTTP_HEADERS_MAX);
    request->headers[request->n_headers++] = (rb_http_header){name, value};
}

static void fetch_token(rb_graph *graph)
{
    rb_buf url;
    rb_buf form;

    rb_buf_init(&url, URL_MAX);
    rb_buf_init(&form, FORM_MAX);
    rb_entra_token_url(&graph->app, &url);
    rb_entra_token_form(&graph->app, &form);
    rb_http_request request = {.method = "POST",
                               .url = rb_buf_cstr(&url),
                               .body = rb_buf_str(&form),
                               .timeout_ms = RB_GRAPH_TOKEN_TIMEOUT_MS,
                               .reply_max = RB_ENTRA_REPLY_MAX,
                               .secret = true};
    add_header(&request, "Content-Type", "application/x-www-form-urlencoded");
    add_header(&request, "Accept", "application/json");
    add_header(&request, "User-Agent", "resetbot/" RESETBOT_VERSION);
    graph->token_tag = ++graph->last_tag;
    rb_graph_token_fetching(&graph->token);
    graph->io.http_start(graph->io.self, graph->token_tag, &request);
    rb_buf_wipe(&form);
    rb_buf_fini(&url);
}

/* false when there is no such URL: the subject cannot be asked for, or does not fit. */
static bool build_url(const rb_graph *graph, const rb_graph_job *job, rb_buf *url)
{
    if (job->link.len > 0) {
        rb_buf_add(url, rb_buf_str(&job->link));
        return !url->err;
    }
    return !rb_graph_call_url(graph->config.graph_url, job->call, rb_str_of(job->subject), url);
}

static void send(rb_graph *graph, rb_graph_job *job, const char *url)
{
    bool is_reset = job->call == RB_GRAPH_RESET;
    char request_id[RB_GUID_CAP];
    rb_buf authorization;

    rb_random_guid(&graph->random, request_id);
    rb_buf_init(&authorization, AUTHORIZATION_MAX);
    rb_buf_adds(&authorization, "Bearer ");
    rb_buf_add(&authorization, rb_secret_reveal(graph->token.value));
    rb_http_request request = {.method = rb_graph_call_method(job->call),
                               .url = url,
                               .body = RB_STR(""),
                               .timeout_ms = is_reset ? RB_GRAPH_RESET_TIMEOUT_MS : RB_GRAPH_READ_TIMEOUT_MS,
                               .reply_max = is_reset ? RB_GRAPH_POST_REPLY_MAX : RB_GRAPH_REPLY_MAX,
                               .once = is_reset,
                               .secret = true}; /* every request bears the token */
    add_header(&request, "Authorization", rb_buf_cstr(&authorization));
    add_header(&request, "Accept", "application/json");
    add_header(&request, "User-Agent", "resetbot/" RESETBOT_VERSION);
    add_header(&request, "client-request-id", is_reset ? job->client_request_id : request_id);
    /* enum members that v1.0 and beta would else hide behind unknownFutureValue (domain/intune.md 2.6) */
    if (!is_reset)
        add_header(&request, "Prefer", "include-unknown-enum-members");
    if (rb_graph_call_is_search(job->call))
        add_header(&request, "ConsistencyLevel", "eventual");
    job->http_tag = ++graph->last_tag;
    job->generation = graph->token.generation;
    job->tries++;
    graph->n_reads += !is_reset;
    graph->io.http_start(graph->io.self, job->http_tag, &request);
    rb_buf_wipe(&authorization);
}

/* ---- what can go ------------------------------------------------------------------------------------------------ */

static void fail_without_token(rb_graph *graph, rb_graph_job *job, rb_now now)
{
    static const rb_device_outcome outcomes[] = {[RB_ENTRA_TOKEN] = RB_DEVICE_UNAVAILABLE,
                                                 [RB_ENTRA_LATER] = RB_DEVICE_UNAVAILABLE,
                                                 [RB_ENTRA_REFUSED] = RB_DEVICE_REFUSED,
                                                 [RB_ENTRA_SURPRISE] = RB_DEVICE_SURPRISE};

    rb_graph_job_fail(job, outcomes[graph->token.failure], graph->token.retry_boot_ms - now.boot_ms,
                      graph->token.detail);
}

/* Sends the job's request if there is a place and its rate allows; else gives when to look again. */
static int64_t send_within_limits(rb_graph *graph, rb_graph_job *job, rb_now now)
{
    bool is_reset = job->call == RB_GRAPH_RESET;
    rb_bucket *bucket = is_reset ? &graph->writes : &graph->reads;
    rb_buf url;

    if (!is_reset && graph->n_reads >= RB_GRAPH_READS_MAX)
        return NEVER; /* a reply makes room */
    if (!rb_bucket_take(bucket, now.boot_ms))
        return rb_bucket_ready_ms(bucket);
    rb_buf_init(&url, URL_MAX);
    if (build_url(graph, job, &url))
        send(graph, job, rb_buf_cstr(&url));
    else
        rb_graph_job_fail(job, RB_DEVICE_NOT_FOUND, 0, "that cannot be looked up: it is no name, serial number or id");
    rb_buf_fini(&url);
    return NEVER;
}

/* Gives when to look at the job again; NEVER when something else will wake it. */
static int64_t advance(rb_graph *graph, rb_graph_job *job, rb_now now)
{
    int64_t give_up_ms = job->kind == RB_DEVICE_RESET ? job->asked_boot_ms + RB_GRAPH_RESET_WAIT_MS : NEVER;
    int64_t next_ms = NEVER;

    if (job->is_done || job->http_tag != 0)
        return NEVER;
    if (now.boot_ms >= give_up_ms) {
        rb_graph_job_fail(job, RB_DEVICE_UNAVAILABLE, RB_GRAPH_LATER_MS,
                          "it could not be sent in time, and was not sent");
        return NEVER;
    }
    if (job->due_boot_ms > now.boot_ms)
        return job->due_boot_ms;
    graph->wants_token = graph->wants_token || rb_graph_token_is_due(&graph->token, now.boot_ms);
    if (rb_graph_token_is_usable(&graph->token, now.boot_ms))
        next_ms = send_within_limits(graph, job, now);
    else if (rb_graph_token_is_out(&graph->token, now.boot_ms))
        fail_without_token(graph, job, now);
    if (job->is_done || job->http_tag != 0)
        return NEVER;
    return next_ms < give_up_ms ? next_ms : give_up_ms;
}

/* When the token should be looked at again. */
static int64_t advance_token(rb_graph *graph, rb_now now)
{
    if (!graph->wants_token || graph->token.is_fetching)
        return NEVER;
    if (!rb_graph_token_may_fetch(&graph->token, now.boot_ms))
        return graph->token.retry_boot_ms;
    fetch_token(graph);
    return NEVER;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void pump(rb_graph *graph, rb_now now)
{
    int64_t next_ms = NEVER;
    rb_graph_job *previous = NULL;

    graph->wants_token = false;
    for (rb_graph_job *job = graph->open.head; job;) {
        rb_graph_job *following = job->next;
        next_ms = earlier(next_ms, advance(graph, job, now));
        if (job->is_done) {
            unlink_after(&graph->open, previous, job);
            append(&graph->done, job);
        } else {
            previous = job;
        }
        job = following;
    }
    next_ms = earlier(next_ms, advance_token(graph, now));
    if (graph->done.head)
        next_ms = now.boot_ms;
    graph->io.timer_set(graph->io.self, next_ms);
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static void deliver(rb_graph *graph)
{
    while (graph->done.head) {
        rb_graph_job *job = graph->done.head;
        unlink_after(&graph->done, NULL, job);
        /* the receiver takes the code */
        rb_device_result result = job->result;
        job->result.code = NULL;
        graph->events.on_result(graph->events.self, job->tag, &result);
        rb_graph_job_free(job);
    }
}

static void pump_and_deliver(rb_graph *graph, rb_now now)
{
    pump(graph, now);
    /* an answer may bring new calls, which pump by themselves and may be done at once */
    deliver(graph);
    pump(graph, now);
}

static void tell_missing_roles(rb_graph *graph)
{
    rb_buf roles;

    rb_buf_init(&roles, ROLES_MAX);
    (void)rb_entra_missing_roles(rb_secret_reveal(graph->token.value), &roles);
    if (roles.len > 0)
        rb_log(
            RB_LOG_WARN,
            "event=graph_roles_missing roles=%s fix=\"grant them to the application as app roles, with admin consent\"",
            rb_buf_cstr(&roles));
    rb_buf_fini(&roles);
}

static void token_done(rb_graph *graph, const rb_http_reply *reply, rb_now now)
{
    rb_entra_answer answer;

    graph->token_tag = 0;
    rb_entra_read(reply, now.utc_ms, &answer);
    rb_graph_token_answered_take(&graph->token, &answer, now.boot_ms, &graph->random);
    if (answer.outcome == RB_ENTRA_TOKEN)
        tell_missing_roles(graph);
    else
        rb_log(graph->token.is_failed ? RB_LOG_ERROR : RB_LOG_WARN, "event=graph_no_token why=\"%s\"", answer.detail);
}

static rb_graph_job *job_of(const rb_graph *graph, uint64_t tag)
{
    rb_graph_job *job = graph->open.head;

    while (job && job->http_tag != tag)
        job = job->next;
    return job;
}

static void job_done(rb_graph *graph, rb_graph_job *job, const rb_http_reply *reply, rb_now now)
{
    graph->n_reads -= job->call != RB_GRAPH_RESET;
    rb_log(RB_LOG_DEBUG, "event=graph_reply call=%s status=%d request_id=%s", rb_graph_call_name(job->call),
           reply->status, reply->request_id);
    if (!reply->err && reply->status == 401)
        rb_graph_token_drop(&graph->token, job->generation);
    rb_graph_job_answered(job, graph->config.graph_url, reply, now, &graph->random);
}

/* ---- the outside ------------------------------------------------------------------------------------------------ */

void rb_graph_http_done(rb_graph *graph, uint64_t tag, const rb_http_reply *reply, rb_now now)
{
    rb_graph_job *job = NULL;

    if (tag != 0 && tag == graph->token_tag)
        token_done(graph, reply, now);
    else if (tag != 0 && (job = job_of(graph, tag)) != NULL)
        job_done(graph, job, reply, now);
    else
        return;
    pump_and_deliver(graph, now);
}

void rb_graph_timer(rb_graph *graph, rb_now now)
{
    pump_and_deliver(graph, now);
}

static void call(void *self, uint64_t tag, const rb_device_call *device_call)
{
    rb_graph *graph = self;
    rb_now now = graph->clock.now(graph->clock.self);

    rb_graph_job *job = rb_graph_job_new(tag, device_call, now.boot_ms);
    if (!job) {
        rb_log(RB_LOG_ERROR, "event=out_of_memory where=graph");
        abort();
    }
    if (!job->is_done && graph->open.n >= RB_GRAPH_JOBS_MAX)
        rb_graph_job_fail(job, RB_DEVICE_UNAVAILABLE, RB_GRAPH_LATER_MS, "too many questions wait for Microsoft Graph");
    append(&graph->open, job);
    pump(graph, now);
}

rb_device_port rb_graph_port(rb_graph *graph)
{
    return (rb_device_port){.self = graph, .call = call};
}

static rb_err check(const rb_graph *graph, rb_errbuf *errbuf)
{
    if (!rb_graph_base_is_sound(graph->config.graph_url))
        return rb_fail(
            errbuf, RB_E_CONFIG,
            "intune.graph_url is not usable: write scheme, host and port, with https unless the host is loopback");
    return rb_entra_check(&graph->app, errbuf);
}

rb_err rb_graph_new(const rb_graph_config *config, const rb_io *io, rb_clock clock, rb_random random,
                    const rb_device_events *events, rb_graph **out_graph, rb_errbuf *errbuf)
{
    int64_t boot_ms = clock.now(clock.self).boot_ms;
    rb_graph *graph = calloc(1, sizeof *graph);

    if (!graph)
        return rb_fail(errbuf, RB_E_NOMEM, "out of memory");
    graph->config = *config;
    graph->io = *io;
    graph->clock = clock;
    graph->random = random;
    graph->events = *events;
    int len = snprintf(graph->scope, sizeof graph->scope, "%s%s", config->scope ? config->scope : config->graph_url,
                       config->scope ? "" : "/.default");
    graph->app = (rb_entra_app){.login_url = config->login_url,
                                .tenant = config->tenant,
                                .client_id = config->client_id,
                                .scope = graph->scope,
                                .credential = config->credential};
    rb_bucket_init(&graph->reads, RB_GRAPH_READS_PER_S, RB_GRAPH_READS_BURST, boot_ms);
    rb_bucket_init(&graph->writes, RB_GRAPH_WRITES_PER_S, RB_GRAPH_WRITES_BURST, boot_ms);
    rb_err err = check(graph, errbuf);
    if (!err && (len < 0 || (size_t)len >= sizeof graph->scope))
        err = rb_fail(errbuf, RB_E_CONFIG, "intune.graph_url is too long");
    if (err)
        rb_graph_free(graph);
    else
        *out_graph = graph;
    return err;
}

void rb_graph_free(rb_graph *graph)
{
    if (!graph)
        return;
    free_list(&graph->open);
    free_list(&graph->done);
    rb_graph_token_fini(&graph->token);
    free(graph);
}
