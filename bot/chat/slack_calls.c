/* slack_calls.c - see slack_calls.h. What is sent; slack_results.c has what comes back. */
#include "chat/slack_calls.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "chat/json.h"
#include "chat/slack_method.h"

/* Slack's own answers come within a second or two; beyond this the engine had better hear of it. */
#define CALL_TIMEOUT_MS (10 * RB_SECOND_MS)
#define REPLY_MAX (1024 * 1024)
/* FIND_LIMIT messages of the largest kind: 40,000 characters of text, said twice in blocks */
#define FIND_REPLY_MAX (8 * 1024 * 1024)
#define FIND_LIMIT "50"
/* docs.slack.dev/apis/web-api/pagination: "no more than 200 results at a time" is what it recommends */
#define MEMBERS_LIMIT "200"

static const char JSON_TYPE[] = "application/json; charset=utf-8";
static const char FORM_TYPE[] = "application/x-www-form-urlencoded"; /* with a charset: warning superfluous_charset */

/* JSON only where the method's docs say json_input_supported; the rest takes forms alone. */
static const rb_slack_method METHODS[] = {
    [RB_CHAT_POST] = {"chat.postMessage", RB_SLACK_BODY_JSON, RB_SLACK_ONCE_ONLY, true},
    [RB_CHAT_UPDATE] = {"chat.update", RB_SLACK_BODY_JSON, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_DELETE] = {"chat.delete", RB_SLACK_BODY_JSON, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_PRIVATE] = {"chat.postEphemeral", RB_SLACK_BODY_JSON, RB_SLACK_ONCE_ONLY, false},
    [RB_CHAT_RESPOND] = {"", RB_SLACK_BODY_HOOK, RB_SLACK_ONCE_ONLY, false},
    [RB_CHAT_DIRECT] = {"chat.postMessage", RB_SLACK_BODY_JSON, RB_SLACK_ONCE_ONLY, true},
    [RB_CHAT_FIND] = {"conversations.history", RB_SLACK_BODY_FORM, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_PERSON] = {"users.info", RB_SLACK_BODY_FORM, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_BY_EMAIL] = {"users.lookupByEmail", RB_SLACK_BODY_FORM, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_GROUP] = {"usergroups.users.list", RB_SLACK_BODY_FORM, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_CHANNEL] = {"conversations.info", RB_SLACK_BODY_FORM, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_MEMBERS] = {"conversations.members", RB_SLACK_BODY_FORM, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_DM_CHANNEL] = {"conversations.open", RB_SLACK_BODY_JSON, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_FORM_OPEN] = {"views.open", RB_SLACK_BODY_JSON, RB_SLACK_ONCE_ONLY, false},
    [RB_CHAT_FORM_UPDATE] = {"views.update", RB_SLACK_BODY_JSON, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_HOME] = {"views.publish", RB_SLACK_BODY_JSON, RB_SLACK_REPEATABLE, false},
    [RB_CHAT_PERMALINK] = {"chat.getPermalink", RB_SLACK_BODY_FORM, RB_SLACK_REPEATABLE, false},
};

const rb_slack_method *rb_slack_method_of(rb_chat_call_kind kind)
{
    assert((size_t)kind < sizeof METHODS / sizeof *METHODS);
    return &METHODS[kind];
}

void rb_slack_request_fini(rb_slack_request *request)
{
    rb_buf_wipe(&request->body);
}

/* ---- jobs ---------------------------------------------------------------------------------------------------------- */

static rb_err keep(char *dst, size_t cap, const char *text)
{
    return rb_copy(dst, cap, rb_str_of(text));
}

rb_err rb_slack_job_init(rb_slack_job *job, const rb_chat_call *call)
{
    memset(job, 0, sizeof *job);
    job->kind = call->kind;
    job->marker_seq = call->marker_seq;
    job->since_utc_ms = call->since_utc_ms;
    job->is_secret = call->is_secret;
    if (keep(job->channel, sizeof job->channel, call->channel) != RB_OK ||
        keep(job->user, sizeof job->user, call->user) != RB_OK ||
        keep(job->group, sizeof job->group, call->group) != RB_OK ||
        keep(job->thread_ts, sizeof job->thread_ts, call->thread_ts) != RB_OK ||
        keep(job->marker_request, sizeof job->marker_request, call->marker_request) != RB_OK)
        return RB_E_LIMIT;
    return call->kind == RB_CHAT_BY_EMAIL ? keep(job->email, sizeof job->email, call->text) : RB_OK;
}

void rb_slack_job_fini(rb_slack_job *job)
{
    free(job->items);
    memset(job, 0, sizeof *job);
}

/* ---- bodies -------------------------------------------------------------------------------------------------------- */

/* RFC 3986 unreserved stays, all else is %XX: read the same by every form parser. */
static void add_encoded(rb_buf *out, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        char code[3] = {'%', digits[c >> 4], digits[c & 15]};
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                        c == '_' || c == '.' || c == '~';
        rb_buf_add(out, is_plain ? (rb_str){text, 1} : (rb_str){code, sizeof code});
    }
}

static void add_arg(rb_buf *out, const char *name, const char *value)
{
    if (out->len > 0)
        rb_buf_adds(out, "&");
    rb_buf_adds(out, name);
    rb_buf_adds(out, "=");
    add_encoded(out, value);
}

static void add_member(rb_buf *out, const char *name, const char *value)
{
    rb_buf_adds(out, out->len > 1 ? "," : "");
    rb_json_write_member(out, name, value);
}

/* The rest of an object as render made it, without its opening brace. */
static void add_payload(rb_buf *out, rb_str payload)
{
    if (payload.len < 3 || payload.ptr[0] != '{') {
        if (!out->err)
            out->err = RB_E_SYNTAX;
        return;
    }
    rb_buf_adds(out, ",");
    rb_buf_add(out, (rb_str){payload.ptr + 1, payload.len - 1});
}

/* Nothing in a message of ours is to be turned into a link, a mention or a preview (domain/slack.md, escaping). For
 * chat.update the default of parse is "client". */
static void add_inertness(rb_buf *out)
{
    rb_buf_adds(out, ",\"link_names\":false,\"parse\":\"none\"");
}

static void add_post(rb_buf *out, const rb_chat_call *call, const char *channel)
{
    add_member(out, "channel", channel);
    if (call->thread_ts && call->thread_ts[0] != '\0')
        add_member(out, "thread_ts", call->thread_ts);
    add_inertness(out);
    rb_buf_adds(out, ",\"mrkdwn\":false,\"unfurl_links\":false,\"unfurl_media\":false");
    add_payload(out, call->payload);
}

static void add_view(rb_buf *out, const char *name, const char *id, rb_str view)
{
    add_member(out, name, id);
    rb_buf_adds(out, ",\"view\":");
    rb_buf_add(out, view);
    rb_buf_adds(out, "}");
}

static void write_json(rb_buf *out, const rb_chat_call *call)
{
    rb_buf_adds(out, "{");
    switch ((int)call->kind) {
    case RB_CHAT_POST: add_post(out, call, call->channel); break;
    case RB_CHAT_DIRECT:
        add_post(out, call, call->user); /* a user id as channel: Slack opens the direct message itself */
        break;
    case RB_CHAT_UPDATE:
        add_member(out, "channel", call->channel);
        add_member(out, "ts", call->ts);
        add_inertness(out);
        add_payload(out, call->payload);
        break;
    case RB_CHAT_DELETE:
        add_member(out, "channel", call->channel);
        add_member(out, "ts", call->ts);
        rb_buf_adds(out, "}");
        break;
    case RB_CHAT_PRIVATE:
        add_member(out, "channel", call->channel);
        add_member(out, "user", call->user);
        add_inertness(out);
        add_payload(out, call->payload);
        break;
    case RB_CHAT_RESPOND:
        rb_buf_adds(out, "\"response_type\":\"ephemeral\",\"replace_original\":");
        rb_buf_adds(out, call->is_replacing ? "true" : "false");
        add_payload(out, call->payload);
        break;
    case RB_CHAT_DM_CHANNEL:
        add_member(out, "users", call->user);
        rb_buf_adds(out, "}");
        break;
    case RB_CHAT_FORM_OPEN: add_view(out, "trigger_id", call->trigger_id, call->payload); break;
    case RB_CHAT_HOME: add_view(out, "user_id", call->user, call->payload); break;
    default: add_view(out, "view_id", call->view_id, call->payload); break;
    }
}

/* "1700000000.000000": the oldest ts to look at */
static void add_oldest(rb_buf *out, const rb_slack_job *job)
{
    int64_t oldest_ms = job->since_utc_ms - RB_SLACK_FIND_MARGIN_MS;

    rb_buf_addf(out, "&oldest=%" PRId64 ".000000", oldest_ms > 0 ? oldest_ms / RB_SECOND_MS : 0);
}

static void write_find(rb_buf *out, const rb_slack_job *job)
{
    add_arg(out, "channel", job->channel);
    if (job->thread_ts[0] != '\0')
        add_arg(out, "ts", job->thread_ts);
    add_oldest(out, job);
    add_arg(out, "inclusive", "true");
    add_arg(out, "include_all_metadata", "true");
    add_arg(out, "limit", FIND_LIMIT);
}

static void write_form(rb_buf *out, const rb_slack_job *job, const rb_chat_call *call)
{
    switch ((int)job->kind) {
    case RB_CHAT_FIND: write_find(out, job); break;
    case RB_CHAT_PERSON:
        add_arg(out, "user", job->user);
        add_arg(out, "include_locale", "true");
        break;
    case RB_CHAT_BY_EMAIL: add_arg(out, "email", job->email); break;
    case RB_CHAT_GROUP: add_arg(out, "usergroup", job->group); break;
    case RB_CHAT_CHANNEL: add_arg(out, "channel", job->channel); break;
    case RB_CHAT_MEMBERS:
        add_arg(out, "channel", job->channel);
        add_arg(out, "limit", MEMBERS_LIMIT);
        break;
    default: /* PERMALINK: one page, so the call is there */
        add_arg(out, "channel", job->channel);
        add_arg(out, "message_ts", call && call->ts ? call->ts : "");
        break;
    }
    if (job->cursor[0] != '\0')
        add_arg(out, "cursor", job->cursor);
}

/* ---- requests ------------------------------------------------------------------------------------------------------ */

static rb_err set_url(rb_slack_request *out, const char *api_url, const char *method)
{
    rb_err err = rb_copy(out->url, sizeof out->url, rb_str_of(api_url));

    if (err == RB_OK) {
        size_t used = strlen(out->url);
        err = rb_copy(out->url + used, sizeof out->url - used, rb_str_of(method));
    }
    return err;
}

static void start_request(rb_slack_request *out, bool is_json)
{
    memset(out, 0, sizeof *out);
    rb_buf_init(&out->body, 2 * RB_PAYLOAD_MAX);
    out->content_type = is_json ? JSON_TYPE : FORM_TYPE;
    out->needs_token = true;
    out->timeout_ms = CALL_TIMEOUT_MS;
    out->reply_max = REPLY_MAX;
}

static rb_err end_request(rb_slack_request *out, rb_err err)
{
    if (err == RB_OK)
        err = out->body.err;
    if (err != RB_OK)
        rb_slack_request_fini(out);
    return err;
}

/* The payload said where to answer; only https, so that a private answer is not readable on the way. */
static rb_err set_hook(rb_slack_request *out, const char *url, bool allow_http)
{
    rb_str text = rb_str_of(url);

    if (!rb_str_starts(text, RB_STR("https://")) && !(allow_http && rb_str_starts(text, RB_STR("http://"))))
        return RB_E_SYNTAX;
    out->needs_token = false;
    out->content_type = JSON_TYPE;
    return rb_copy(out->url, sizeof out->url, text);
}

/* Replies are methods of their own for threads; all else follows from the kind. */
static const char *method_name(const rb_slack_job *job)
{
    bool is_thread = job->kind == RB_CHAT_FIND && job->thread_ts[0] != '\0';

    return is_thread ? "conversations.replies" : rb_slack_method_of(job->kind)->name;
}

static rb_err make_request(const rb_slack_job *job, const rb_chat_call *call, const char *api_url, bool allow_http,
                           rb_slack_request *out)
{
    const rb_slack_method *method = rb_slack_method_of(job->kind);
    bool is_form = method->body == RB_SLACK_BODY_FORM;

    start_request(out, !is_form);
    out->is_once = method->is_once;
    out->is_secret = job->is_secret;
    if (job->kind == RB_CHAT_FIND)
        out->reply_max = FIND_REPLY_MAX;
    if (job->kind == RB_CHAT_FORM_OPEN)
        out->timeout_ms = RB_TRIGGER_LIFE_MS; /* later than that Slack says expired_trigger_id anyway */
    if (is_form)
        write_form(&out->body, job, call);
    else
        write_json(&out->body, call);
    if (method->body == RB_SLACK_BODY_HOOK)
        return end_request(out, set_hook(out, call->url, allow_http));
    return end_request(out, set_url(out, api_url, method_name(job)));
}

rb_err rb_slack_job_first(const rb_slack_job *job, const rb_chat_call *call, const char *api_url, bool allow_http,
                          rb_slack_request *out_request)
{
    return make_request(job, call, api_url, allow_http, out_request);
}

rb_err rb_slack_job_next(const rb_slack_job *job, const char *api_url, rb_slack_request *out_request)
{
    assert(rb_slack_method_of(job->kind)->body == RB_SLACK_BODY_FORM);
    return make_request(job, NULL, api_url, false, out_request);
}

rb_err rb_slack_plain_request(const char *api_url, const char *method, rb_slack_request *out_request)
{
    start_request(out_request, false);
    return end_request(out_request, set_url(out_request, api_url, method));
}
