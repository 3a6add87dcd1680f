/* graph_job.c - see graph_job.h. One function a reply: which request comes next. */
#include "device/graph_job.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "device/graph_code.h"
#include "device/graph_steps.h"
#include "resetbot/catalogue.h"
#include "resetbot/log.h"

/* ---- begin and end ---------------------------------------------------------------------------------------------- */

static const char NO_FIT[] = RB_T("Microsoft Graph's answer does not fit the question: nothing was used of it");
static const char NO_MEMORY[] = RB_T("out of memory: try again");

static void finish_by_err(rb_graph_job *job, rb_err err)
{
    if (err == RB_E_NOMEM)
        rb_graph_steps_finish(job, RB_DEVICE_UNAVAILABLE, NO_MEMORY);
    else
        rb_graph_steps_surprise(job, NO_FIT);
}

static void begin_find(rb_graph_job *job, rb_graph_call call, const char *what)
{
    rb_str text = rb_str_of(job->text);
    bool is_serial = call == RB_GRAPH_LIST_BY_SERIAL;

    if (!is_serial && rb_str_is_guid(text)) {
        /* userId is no safe filter (domain/intune.md 2.3): the name first, then the devices */
        rb_graph_steps_ask(job, RB_GRAPH_USER, job->text);
        return;
    }
    if (text.len == 0 || text.len >= sizeof job->subject || (!is_serial && !rb_graph_is_upn(text))) {
        rb_graph_steps_finish(job, RB_DEVICE_NOT_FOUND, what);
        return;
    }
    rb_graph_steps_ask(job, call, job->text);
}

static void begin_device(rb_graph_job *job, rb_graph_call call)
{
    if (rb_str_is_guid(rb_str_of(job->id))) {
        rb_graph_steps_ask(job, call, job->id);
        return;
    }
    rb_graph_job_fail(job, RB_DEVICE_NOT_FOUND, 0, "that is no device id");
}

/* The id goes into a header and is what joins our record with Intune's: no GUID is our own fault, and final. */
static void begin_reset(rb_graph_job *job)
{
    begin_device(job, RB_GRAPH_RESET);
    if (!job->is_done && !rb_str_is_guid(rb_str_of(job->client_request_id)))
        rb_graph_job_fail(job, RB_DEVICE_NOT_FOUND, 0, "that is no client request id");
    if (job->is_done)
        job->result.post = RB_POST_REFUSED;
}

static void begin_user(rb_graph_job *job)
{
    rb_str text = rb_str_of(job->text);

    if (rb_str_is_guid(text) || rb_graph_is_upn(text))
        rb_graph_steps_ask(job, RB_GRAPH_USER, job->text);
    else
        rb_graph_steps_finish(job, RB_DEVICE_NOT_FOUND, RB_T("that is no user principal name and no object id"));
}

static void begin_people(rb_graph_job *job)
{
    if (rb_graph_is_name_part(rb_str_of(job->text)))
        rb_graph_steps_ask(job, RB_GRAPH_PEOPLE, job->text);
    else
        rb_graph_steps_finish(job, RB_DEVICE_NOT_FOUND, "that is no part of a name that can be looked up");
}

static void begin(rb_graph_job *job)
{
    switch (job->kind) {
    case RB_DEVICE_FIND_BY_USER: begin_find(job, RB_GRAPH_LIST_BY_USER, "that is no user principal name"); break;
    case RB_DEVICE_FIND_BY_SERIAL: begin_find(job, RB_GRAPH_LIST_BY_SERIAL, "that is no serial number"); break;
    case RB_DEVICE_READ: begin_device(job, RB_GRAPH_DEVICE); break;
    case RB_DEVICE_RESULTS: begin_device(job, RB_GRAPH_RESULTS); break;
    case RB_DEVICE_CODE: begin_device(job, RB_GRAPH_RESULTS); break;
    case RB_DEVICE_RESET: begin_reset(job); break;
    case RB_DEVICE_USER: begin_user(job); break;
    case RB_DEVICE_FIND_PEOPLE: begin_people(job); break;
    }
}

/* Copies what the call borrows; false for a text that is longer than anything we could ask for. */
static bool copy_call(rb_graph_job *job, const rb_device_call *call)
{
    const rb_str text = rb_str_trim(rb_str_of(call->text));
    const rb_str id = rb_str_of(call->id);
    const rb_str request_id = rb_str_of(call->client_request_id);

    if (call->key)
        job->key = *call->key;
    return !rb_copy(job->text, sizeof job->text, text) && !rb_copy(job->id, sizeof job->id, id) &&
           !rb_copy(job->client_request_id, sizeof job->client_request_id, request_id);
}

rb_graph_job *rb_graph_job_new(uint64_t tag, const rb_device_call *call, int64_t boot_ms)
{
    rb_graph_job *job = calloc(1, sizeof *job);

    if (!job)
        return NULL;
    job->tag = tag;
    job->kind = call->kind;
    job->asked_boot_ms = boot_ms;
    rb_buf_init(&job->link, RB_GRAPH_LINK_MAX);
    if (call->kind == RB_DEVICE_READ || call->kind == RB_DEVICE_RESULTS) {
        job->whole = calloc(1, sizeof *job->whole);
        if (!job->whole) {
            free(job);
            return NULL;
        }
    }
    if (copy_call(job, call))
        begin(job);
    else
        rb_graph_job_fail(job, RB_DEVICE_NOT_FOUND, 0, "that is longer than any name, serial number or id");
    return job;
}

void rb_graph_job_free(rb_graph_job *job)
{
    if (!job)
        return;
    rb_secret_free(job->result.code);
    rb_graph_rows_fini(&job->rows);
    rb_buf_fini(&job->link);
    free(job->whole);
    free(job->people);
    free(job);
}

void rb_graph_job_fail(rb_graph_job *job, rb_device_outcome outcome, int64_t retry_after_ms, const char *detail)
{
    job->result.retry_after_ms = retry_after_ms;
    job->result.post = RB_POST_NEVER_LEFT;
    /* the port: a RESET's own outcome is `post` */
    rb_graph_steps_finish(job, job->kind == RB_DEVICE_RESET ? RB_DEVICE_OK : outcome, detail);
}

/* ---- lists ------------------------------------------------------------------------------------------------------ */

static void finish_list(rb_graph_job *job)
{
    job->result.devices = job->rows.items;
    job->result.n_devices = job->rows.n;
    rb_graph_steps_finish(job, RB_DEVICE_OK, "");
}

static void stop_at_foreign_rows(rb_graph_job *job)
{
    rb_log(RB_LOG_ERROR, "event=graph_foreign_rows call=%s rows=%zu", rb_graph_call_name(job->call),
           job->rows.n_foreign);
    rb_graph_steps_surprise(job,
                            RB_T("Microsoft Graph listed devices that nobody asked for: none of its answer was used"));
}

static void next_page(rb_graph_job *job, const char *graph_url)
{
    if (!rb_graph_link_is_ours(graph_url, rb_buf_str(&job->link))) {
        rb_graph_steps_surprise(job, RB_T("Microsoft Graph's list goes on at another address: it was not followed"));
        return;
    }
    if (job->pages >= RB_GRAPH_PAGES_MAX) {
        rb_graph_steps_surprise(job, RB_T("Microsoft Graph's list does not end: it was left"));
        return;
    }
    job->http_tag = 0;
    job->due_boot_ms = 0;
    job->tries = 0;
}

static void read_page(rb_graph_job *job, const char *graph_url, rb_str body)
{
    bool is_serial = job->call == RB_GRAPH_LIST_BY_SERIAL;

    rb_buf_clear(&job->link);
    job->pages++;
    rb_err err = rb_graph_read_page(body, is_serial ? RB_GRAPH_MATCH_SERIAL : RB_GRAPH_MATCH_UPN,
                                    rb_str_of(job->subject), &job->rows, &job->link);
    if (job->rows.n_foreign > 0)
        stop_at_foreign_rows(job);
    else if (err == RB_E_LIMIT)
        rb_graph_steps_finish(job, RB_DEVICE_TOO_MANY,
                              RB_T("more devices than can be listed: look up the one by its serial number"));
    else if (err)
        finish_by_err(job, err);
    else if (job->link.len > 0)
        next_page(job, graph_url);
    else
        finish_list(job);
}

/* ---- people ----------------------------------------------------------------------------------------------------- */

/* The user that was asked for, and no other. */
static rb_err read_asked_user(const rb_graph_job *job, rb_str body, rb_graph_user *out_user)
{
    rb_graph_user user;

    rb_err err = rb_graph_read_user(body, &user);
    if (err)
        return err;
    rb_str asked = rb_str_of(job->subject);
    if (!rb_str_equal_nocase(asked, rb_str_of(rb_str_is_guid(asked) ? user.id : user.upn)))
        return RB_E_CONFLICT;
    *out_user = user;
    return RB_OK;
}

static void read_user(rb_graph_job *job, rb_str body)
{
    rb_graph_user user;

    rb_err err = read_asked_user(job, body, &user);
    if (err) {
        finish_by_err(job, err);
        return;
    }
    if (job->kind == RB_DEVICE_FIND_BY_USER) {
        if (rb_graph_is_upn(rb_str_of(user.upn)))
            rb_graph_steps_ask(job, RB_GRAPH_LIST_BY_USER, user.upn);
        else
            rb_graph_steps_surprise(job, NO_FIT);
        return;
    }
    rb_copy_fit(job->result.user_id, sizeof job->result.user_id, user.id);
    rb_copy_fit(job->result.user_name, sizeof job->result.user_name, user.name);
    rb_copy_fit(job->result.upn, sizeof job->result.upn, user.upn);
    rb_graph_steps_finish(job, RB_DEVICE_OK, "");
}

/* A row that was not asked for is left out: this list picks nobody, and whoever is picked from it is looked up again by id. */
static void read_people(rb_graph_job *job, rb_str body)
{
    job->people = calloc(1, sizeof *job->people);
    rb_err err = job->people ? rb_graph_read_people(body, rb_str_of(job->subject), job->people) : RB_E_NOMEM;

    if (err) {
        finish_by_err(job, err);
        return;
    }
    if (job->people->n_foreign > 0)
        rb_log(RB_LOG_WARN, "event=graph_foreign_rows call=%s rows=%zu", rb_graph_call_name(job->call),
               job->people->n_foreign);
    job->result.people = job->people->items;
    job->result.n_people = job->people->n;
    job->result.has_more = job->people->has_more;
    rb_graph_steps_finish(job, RB_DEVICE_OK, "");
}

/* ---- one device whole: v1.0, users, beta, and who enrolled it ---------------------------------------------------- */

static int64_t date_of(const rb_http_reply *reply)
{
    int64_t utc_ms = 0;

    return rb_time_parse_http(rb_str_of(reply->date), &utc_ms) ? 0 : utc_ms;
}

static void finish_device(rb_graph_job *job)
{
    job->result.devices = &job->whole->device;
    job->result.n_devices = 1;
    job->result.results = &job->whole->results;
    job->result.retry_after_ms = 0;
    rb_graph_steps_finish(job, RB_DEVICE_OK, "");
}

/* S3 needs every user whom Intune names: one that is missing makes the owners unknown, not the device. */
static void lose_owners(rb_graph_job *job, const char *why)
{
    job->whole->device.are_owners_known = false;
    rb_log(RB_LOG_WARN, "event=graph_owners_unknown device=%s call=%s why=\"%s\"", job->id,
           rb_graph_call_name(job->call), why);
}

static bool is_known_upn(const rb_graph_whole *whole, const char *upn)
{
    const rb_device *device = &whole->device;

    if (device->user_id[0] != '\0' && rb_str_equal_nocase(rb_str_of(device->upn), rb_str_of(upn)))
        return true;
    for (uint32_t i = 0; i < whole->n_users; i++)
        if (rb_str_equal_nocase(rb_str_of(whole->users[i].upn), rb_str_of(upn)))
            return true;
    return false;
}

/* The names that Intune gives without an id: the device's own user, then who enrolled it. Names resolved join the users, so that asking
 * again goes on to the next one, and then to the end. */
static void resolve_next_name(rb_graph_job *job)
{
    rb_graph_whole *whole = job->whole;
    const char *const names[] = {whole->device.upn, whole->device.enrolled_by};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i][0] == '\0' || is_known_upn(whole, names[i]))
            continue;
        if (!rb_graph_is_upn(rb_str_of(names[i])) || whole->n_users == RB_OWNERS_MAX) {
            lose_owners(job, "a name that cannot be looked up");
            break;
        }
        rb_graph_steps_ask(job, RB_GRAPH_USER, names[i]);
        return;
    }
    finish_device(job);
}

static void read_device(rb_graph_job *job, const rb_http_reply *reply)
{
    rb_graph_whole *whole = job->whole;

    rb_err err = rb_graph_read_device(reply->body, job->id, &whole->device);
    if (!err)
        err = rb_graph_read_results(reply->body, job->id, date_of(reply), &whole->results);
    if (err) {
        finish_by_err(job, err);
        return;
    }
    whole->device.are_owners_known = true;
    rb_graph_steps_ask(job, RB_GRAPH_DEVICE_USERS, job->id);
}

static void read_users(rb_graph_job *job, const rb_http_reply *reply)
{
    rb_graph_whole *whole = job->whole;
    rb_err err = RB_E_IO;

    if (reply)
        err = rb_graph_read_users(reply->body, whole->users, &whole->n_users);
    for (uint32_t i = 0; i < whole->n_users && !err; i++)
        err = rb_graph_add_owner(&whole->device, whole->users[i].id);
    if (err)
        lose_owners(job, reply ? NO_FIT : job->result.detail);
    rb_graph_steps_ask(job, RB_GRAPH_KIND, job->id);
}

static void read_kind(rb_graph_job *job, const rb_http_reply *reply)
{
    rb_err err = reply ? rb_graph_read_kind(reply->body, &job->whole->device) : RB_E_IO;

    if (err) {
        rb_log(RB_LOG_WARN, "event=graph_kind_unknown device=%s why=\"%s\"", job->id,
               reply ? NO_FIT : job->result.detail);
        /* who enrolled it is beta's to say */
        lose_owners(job, "beta could not be read");
    }
    resolve_next_name(job);
}

static void read_named_owner(rb_graph_job *job, const rb_http_reply *reply)
{
    rb_graph_whole *whole = job->whole;
    rb_graph_user *user = &whole->users[whole->n_users];

    rb_err err = reply ? read_asked_user(job, reply->body, user) : RB_E_IO;
    if (!err)
        err = rb_graph_add_owner(&whole->device, user->id);
    if (err) {
        lose_owners(job, reply ? NO_FIT : job->result.detail);
        finish_device(job);
        return;
    }
    whole->n_users++;
    resolve_next_name(job);
}

static void read_results(rb_graph_job *job, const rb_http_reply *reply)
{
    rb_err err = rb_graph_read_results(reply->body, job->id, date_of(reply), &job->whole->results);

    if (err) {
        finish_by_err(job, err);
        return;
    }
    job->result.results = &job->whole->results;
    rb_graph_steps_finish(job, RB_DEVICE_OK, "");
}

static void read_code(rb_graph_job *job, rb_str body)
{
    rb_err err = rb_graph_take_code(body, job->id, &job->key, &job->result.code);

    if (err == RB_E_NOT_FOUND)
        rb_graph_steps_finish(job, RB_DEVICE_NOT_FOUND,
                              RB_T("Intune has no temporary passcode for this reset any more"));
    else if (err)
        finish_by_err(job, err);
    else
        rb_graph_steps_finish(job, RB_DEVICE_OK, "");
}

/* ---- which reply it is ------------------------------------------------------------------------------------------ */

static void read_body(rb_graph_job *job, const char *graph_url, const rb_http_reply *reply)
{
    assert(job->call != RB_GRAPH_RESET); /* its replies end in rb_graph_steps_posted */
    switch (job->call) {
    case RB_GRAPH_LIST_BY_USER:
    case RB_GRAPH_LIST_BY_SERIAL: read_page(job, graph_url, reply->body); break;
    case RB_GRAPH_DEVICE: read_device(job, reply); break;
    case RB_GRAPH_DEVICE_USERS: read_users(job, reply); break;
    case RB_GRAPH_KIND: read_kind(job, reply); break;
    case RB_GRAPH_PEOPLE: read_people(job, reply->body); break;
    case RB_GRAPH_USER:
        if (job->kind == RB_DEVICE_READ)
            read_named_owner(job, reply);
        else
            read_user(job, reply->body);
        break;
    case RB_GRAPH_RESULTS:
        if (job->kind == RB_DEVICE_CODE)
            read_code(job, reply->body);
        else
            read_results(job, reply);
        break;
    case RB_GRAPH_RESET:
    case RB_GRAPH_CALLS: break;
    }
}

/* A GET failed for good: users, kind and the enrolling user are allowed to. */
static void go_without(rb_graph_job *job)
{
    if (job->kind == RB_DEVICE_READ && job->call == RB_GRAPH_DEVICE_USERS)
        read_users(job, NULL);
    else if (job->kind == RB_DEVICE_READ && job->call == RB_GRAPH_KIND)
        read_kind(job, NULL);
    else if (job->kind == RB_DEVICE_READ && job->call == RB_GRAPH_USER)
        read_named_owner(job, NULL);
    else
        rb_graph_steps_finish(job, job->result.outcome, job->result.detail);
}

void rb_graph_job_answered(rb_graph_job *job, const char *graph_url, const rb_http_reply *reply, rb_now now,
                           const rb_random *random)
{
    if (job->call == RB_GRAPH_RESET) {
        rb_graph_steps_posted(job, reply, now);
        return;
    }
    switch (rb_graph_steps_triage(job, reply, now, random)) {
    case RB_GRAPH_READY: read_body(job, graph_url, reply); break;
    case RB_GRAPH_AGAIN: break;
    case RB_GRAPH_FAILED: go_without(job); break;
    }
}
