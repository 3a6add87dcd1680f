/* graph_steps.c - see graph_steps.h. */
#include "device/graph_steps.h"

#include <stdio.h>

#include "device/retry.h"
#include "resetbot/catalogue.h"
#include "resetbot/log.h"

void rb_graph_steps_ask(rb_graph_job *job, rb_graph_call call, const char *subject)
{
    job->call = call;
    rb_copy_fit(job->subject, sizeof job->subject, subject);
    rb_buf_clear(&job->link);
    job->http_tag = 0;
    job->due_boot_ms = 0;
    job->tries = 0;
}

void rb_graph_steps_finish(rb_graph_job *job, rb_device_outcome outcome, const char *detail)
{
    job->is_done = true;
    job->result.outcome = outcome;
    if (detail != job->result.detail)
        rb_copy_fit(job->result.detail, sizeof job->result.detail, detail);
}

void rb_graph_steps_surprise(rb_graph_job *job, const char *detail)
{
    rb_log(RB_LOG_ERROR, "event=graph_surprise call=%s what=\"%s\"", rb_graph_call_name(job->call), detail);
    rb_graph_steps_finish(job, RB_DEVICE_SURPRISE, detail);
}

/* ---- replies to a GET ------------------------------------------------------------------------------------------- */

static rb_graph_triage failed(rb_graph_job *job, rb_device_outcome outcome)
{
    job->result.outcome = outcome;
    return RB_GRAPH_FAILED;
}

static bool is_passing(const rb_http_reply *reply)
{
    if (reply->err)
        return reply->err == RB_E_IO || reply->err == RB_E_AGAIN;
    return reply->status == 429 || reply->status >= 500;
}

static void tell(rb_graph_job *job, const rb_http_reply *reply)
{
    rb_graph_fault fault;

    if (reply->err) {
        (void)snprintf(job->result.detail, sizeof job->result.detail,
                       RB_T("Microsoft Graph could not be reached") " (%s)",
                       reply->error ? reply->error : rb_err_name(reply->err));
        return;
    }
    rb_graph_fault_read(reply, &fault);
    rb_graph_fault_tell(job->call, reply->status, &fault, job->result.detail);
}

/* The same request later, while tries and patience last. A link or a subject stays as it is. */
static rb_graph_triage again_later(rb_graph_job *job, const rb_http_reply *reply, rb_now now, const rb_random *random)
{
    int64_t asked_ms = rb_retry_after_ms(reply, now.utc_ms);
    int64_t wait_ms = asked_ms >= 0 ? asked_ms : rb_retry_backoff_ms(job->tries, random);

    if (job->tries >= RB_GRAPH_TRIES_MAX || job->waited_ms + wait_ms > RB_GRAPH_WAIT_MAX_MS) {
        job->result.retry_after_ms = asked_ms >= 0 ? asked_ms : RB_GRAPH_LATER_MS;
        return failed(job, RB_DEVICE_UNAVAILABLE);
    }
    job->waited_ms += wait_ms;
    job->due_boot_ms = now.boot_ms + wait_ms;
    job->http_tag = 0;
    return RB_GRAPH_AGAIN;
}

static rb_graph_triage by_status(rb_graph_job *job, int status)
{
    switch (status) {
    case 401:
    case 402:
    case 403: return failed(job, RB_DEVICE_REFUSED);
    case 404:
    case 410: return failed(job, RB_DEVICE_NOT_FOUND);
    default: return failed(job, RB_DEVICE_SURPRISE);
    }
}

rb_graph_triage rb_graph_steps_triage(rb_graph_job *job, const rb_http_reply *reply, rb_now now,
                                      const rb_random *random)
{
    if (!reply->err && reply->status == 200)
        return RB_GRAPH_READY;
    if (!reply->err && reply->status == 401 && !job->is_renewed) {
        /* the session has dropped the token: a new one is fetched before the request goes again */
        job->is_renewed = true;
        job->http_tag = 0;
        return RB_GRAPH_AGAIN;
    }
    tell(job, reply);
    if (is_passing(reply))
        return again_later(job, reply, now, random);
    job->result.retry_after_ms = RB_GRAPH_LATER_MS;
    if (reply->err)
        return failed(job, reply->err == RB_E_LIMIT ? RB_DEVICE_SURPRISE : RB_DEVICE_UNAVAILABLE);
    return by_status(job, reply->status);
}

/* ---- the reply to the POST -------------------------------------------------------------------------------------- */

static bool is_tenant_approval(const rb_http_reply *reply, const rb_graph_fault *fault)
{
    return fault->is_approval_required && (reply->status == 403 || reply->status == 409 || reply->status == 412);
}

static rb_post_outcome outcome_of(const rb_http_reply *reply, const rb_graph_fault *fault)
{
    if (reply->err)
        return reply->never_left ? RB_POST_NEVER_LEFT : RB_POST_UNCLEAR;
    if (reply->status == 204)
        return RB_POST_ACCEPTED;
    if (is_tenant_approval(reply, fault))
        return RB_POST_TENANT_APPROVAL;
    switch (reply->status) {
    case 401: return RB_POST_UNAUTHORISED;
    case 429: return RB_POST_THROTTLED;
    /* a gateway that lost patience, or a client that went: the request may have gone on to Intune */
    case 408:
    case 499: return RB_POST_UNCLEAR;
    default: return reply->status >= 300 && reply->status < 500 ? RB_POST_REFUSED : RB_POST_UNCLEAR;
    }
}

void rb_graph_steps_posted(rb_graph_job *job, const rb_http_reply *reply, rb_now now)
{
    rb_graph_fault fault;
    int64_t asked_ms = rb_retry_after_ms(reply, now.utc_ms);

    rb_graph_fault_read(reply, &fault);
    job->result.post = outcome_of(reply, &fault);
    if (reply->err)
        tell(job, reply);
    else if (job->result.post != RB_POST_ACCEPTED)
        rb_graph_fault_tell(job->call, reply->status, &fault, job->result.detail);
    if (job->result.post == RB_POST_THROTTLED)
        job->result.retry_after_ms = asked_ms >= 0 ? asked_ms : RB_GRAPH_LATER_MS;
    rb_log(RB_LOG_INFO, "event=graph_reset device=%s status=%d request_id=%s client_request_id=%s", job->id,
           reply->status, fault.request_id, job->client_request_id);
    rb_graph_steps_finish(job, RB_DEVICE_OK, job->result.detail);
}
