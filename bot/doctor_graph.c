/* doctor_graph.c - a token of Entra's, what it allows, one look for a device that nobody has, and the policy's people. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

#include "device/entra.h"
#include "device/graph_calls.h"
#include "device/graph_codec.h"
#include "device/graph_fault.h"

#define URL_MAX 8192
#define AUTHORIZATION_MAX (RB_ENTRA_TOKEN_MAX + 16)
/* no device has it, and if one had, nothing would be done to it */
#define NO_SERIAL "RESETBOT-DOCTOR"

/* ---- token and roles ----------------------------------------------------------------------------------------------------- */

static void read_token(void *arg, const rb_http_reply *reply)
{
    rb_entra_answer *answer = arg;
    rb_entra_read(reply, rb_clock_system().now(NULL).utc_ms, answer);
}

static void ask_for_token(doctor *self, const rb_entra_app *app, rb_entra_answer *out_answer)
{
    rb_buf url;
    rb_buf form;
    rb_buf_init(&url, URL_MAX);
    rb_buf_init(&form, RB_ENTRA_REPLY_MAX);
    rb_entra_token_url(app, &url);
    rb_entra_token_form(app, &form);
    rb_http_request request = {.method = "POST",
                               .url = rb_buf_cstr(&url),
                               .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                               .n_headers = 1,
                               .body = rb_buf_str(&form),
                               .timeout_ms = DOCTOR_WAIT_MS,
                               .reply_max = RB_ENTRA_REPLY_MAX,
                               .secret = true};
    doctor_ask(self, &request, read_token, out_answer);
    rb_buf_fini(&url);
    rb_buf_wipe(&form);
}

static void look_at_token(doctor *self)
{
    rb_entra_app app = {.login_url = self->config.intune.login_url,
                        .tenant = self->config.intune.tenant,
                        .client_id = self->config.intune.client_id,
                        .scope = self->config.intune.scope,
                        .credential = {RB_ENTRA_CLIENT_SECRET, self->secrets.credential}};
    rb_entra_answer answer = {0};
    rb_errbuf errbuf = {""};
    rb_working_say(&self->progress, "asking Entra for a token");
    if (rb_entra_check(&app, &errbuf) != RB_OK) {
        doctor_failed(self, DOCTOR_GRAPH_TOKEN, "", "%s", errbuf.text);
        return;
    }
    ask_for_token(self, &app, &answer);
    self->graph_token = answer.token;
    if (answer.outcome == RB_ENTRA_TOKEN) {
        doctor_ok(self, DOCTOR_GRAPH_TOKEN, "tenant %s gives one, for %lld minutes", self->config.intune.tenant,
                  (long long)(answer.lifetime_ms / RB_MINUTE_MS));
    } else {
        doctor_failed(self, DOCTOR_GRAPH_TOKEN,
                      answer.outcome == RB_ENTRA_LATER
                          ? "try again; else check intune.login_url, the network, net.proxy and net.ca_file"
                          : "",
                      "%s", answer.detail);
    }
}

static void look_at_roles(doctor *self)
{
    rb_buf missing;
    rb_buf_init(&missing, DOCTOR_TEXT_CAP);
    if (!rb_entra_missing_roles(rb_secret_reveal(self->graph_token), &missing)) {
        doctor_skipped(self, DOCTOR_ROLES, "the token does not say what it allows");
    } else if (missing.len > 0) {
        doctor_failed(self, DOCTOR_ROLES,
                      "add them as application permissions of Microsoft Graph, and grant admin consent",
                      "the token lacks: %s", rb_buf_cstr(&missing));
    } else {
        doctor_ok(self, DOCTOR_ROLES, "all that the bot needs");
    }
    rb_buf_fini(&missing);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    rb_graph_call call;
    const char *subject;
    bool is_ok;
    bool is_absent;              /* 404: no such user */
    char trouble[RB_DETAIL_CAP]; /* unless ok */
} reading;

static rb_err read_body(const reading *asked, rb_str body)
{
    if (asked->call == RB_GRAPH_USER) {
        rb_graph_user user;
        return rb_graph_read_user(body, &user);
    }
    rb_graph_rows rows = {0};
    rb_buf link;
    rb_buf_init(&link, RB_GRAPH_LINK_MAX);
    rb_err err = rb_graph_read_page(body, RB_GRAPH_MATCH_SERIAL, rb_str_of(asked->subject), &rows, &link);
    rb_graph_rows_fini(&rows);
    rb_buf_fini(&link);
    return err;
}

static void read_graph(void *arg, const rb_http_reply *reply)
{
    reading *asked = arg;
    rb_graph_fault fault;
    if (reply->err != RB_OK) {
        snprintf(asked->trouble, sizeof asked->trouble, "%s", reply->error);
        return;
    }
    if (reply->status == 200) {
        asked->is_ok = read_body(asked, reply->body) == RB_OK;
        snprintf(asked->trouble, sizeof asked->trouble,
                 "Microsoft Graph's answer is not of the kind that was asked for");
        return;
    }
    asked->is_absent = reply->status == 404;
    rb_graph_fault_read(reply, &fault);
    rb_graph_fault_tell(asked->call, reply->status, &fault, asked->trouble);
}

static void ask(doctor *self, reading *asked)
{
    rb_buf url;
    rb_buf authorization;
    rb_buf_init(&url, URL_MAX);
    rb_buf_init(&authorization, AUTHORIZATION_MAX);
    rb_buf_adds(&authorization, "Bearer ");
    rb_buf_add(&authorization, rb_secret_reveal(self->graph_token));
    if (rb_graph_call_url(self->config.intune.graph_url, asked->call, rb_str_of(asked->subject), &url) != RB_OK ||
        url.err || authorization.err) {
        snprintf(asked->trouble, sizeof asked->trouble, "this cannot be asked for");
    } else {
        rb_http_request request = {
            .method = rb_graph_call_method(asked->call),
            .url = rb_buf_cstr(&url),
            .headers = {{"Authorization", rb_buf_cstr(&authorization)}, {"Accept", "application/json"}},
            .n_headers = 2,
            .timeout_ms = DOCTOR_WAIT_MS,
            .reply_max = RB_GRAPH_REPLY_MAX,
            .secret = true};
        doctor_ask(self, &request, read_graph, asked);
    }
    rb_buf_wipe(&authorization);
    rb_buf_fini(&url);
}

static void look_at_devices(doctor *self)
{
    reading asked = {.call = RB_GRAPH_LIST_BY_SERIAL, .subject = NO_SERIAL};
    rb_working_say(&self->progress, "asking Intune about devices");
    ask(self, &asked);
    if (asked.is_ok) {
        doctor_ok(self, DOCTOR_DEVICES, "can be looked up; nothing was sent to any");
    } else {
        doctor_failed(self, DOCTOR_DEVICES, "", "%s", asked.trouble);
    }
}

/* One person's account; false when there is no sense in asking for more. */
static bool look_at_person(doctor *self, const rb_policy_person *person, rb_buf *troubles)
{
    reading asked = {.call = RB_GRAPH_USER, .subject = person->entra};
    ask(self, &asked);
    if (asked.is_absent) {
        doctor_note(troubles, "%s (Slack %s) is nobody in Entra", person->entra, person->person.user);
    } else if (!asked.is_ok) {
        doctor_note(troubles, "%s", asked.trouble);
    }
    return asked.is_ok || asked.is_absent;
}

static void look_at_people(doctor *self)
{
    const rb_policy *policy = self->policy;
    size_t n = policy->n_people < DOCTOR_PEOPLE_MAX ? policy->n_people : DOCTOR_PEOPLE_MAX;
    const char *more = n < policy->n_people ? "; there are more, which were not looked at" : "";
    rb_buf troubles;
    bool goes_on = true;
    rb_buf_init(&troubles, DOCTOR_TEXT_CAP);
    for (size_t i = 0; i < n && goes_on; i++) {
        rb_working_say(&self->progress, "asking Entra about people: %zu of %zu", i + 1, n);
        goes_on = look_at_person(self, &policy->people[i], &troubles);
    }
    if (troubles.len > 0) {
        doctor_failed(self, DOCTOR_ENTRA_PEOPLE, goes_on ? "mend people in the policy" : "", "%s%s",
                      rb_buf_cstr(&troubles), more);
    } else {
        doctor_ok(self, DOCTOR_ENTRA_PEOPLE, "%zu people of the policy are known%s", n, more);
    }
    rb_buf_fini(&troubles);
}

void doctor_look_at_graph(doctor *self)
{
    doctor_skip_all(self, DOCTOR_ROLES, DOCTOR_ENTRA_PEOPLE, DOCTOR_GRAPH_TOKEN);
    look_at_token(self);
    if (!self->graph_token) {
        return;
    }
    look_at_roles(self);
    look_at_devices(self);
    if (self->policy) {
        look_at_people(self);
    } else {
        doctor_skip_all(self, DOCTOR_ENTRA_PEOPLE, DOCTOR_ENTRA_PEOPLE, DOCTOR_POLICY);
    }
}
