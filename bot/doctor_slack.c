/* doctor_slack.c - the two tokens, scopes, channels, and the policy's people and groups, by calls that only read. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

#include "chat/slack_calls.h"
#include "chat/slack_config.h"

/* Those of config/slack-manifest.yaml, which says what each is for. */
static const char *const SCOPES[] = {"commands",        "chat:write",    "users:read",  "users:read.email",
                                     "usergroups:read", "channels:read", "groups:read", "channels:history",
                                     "groups:history",  "im:write"};

/* What came back to the call under way. */
typedef struct {
    doctor *self;
    rb_slack_job job;
    rb_chat_result result;
    bool is_end;
    bool is_away;                          /* no answer at all: the next one would take as long */
    char trouble[512];                     /* "" when Slack said ok */
    char socket_url[RB_URL_HOST_CAP + 16]; /* of apps.connections.open: scheme, host and port */
} answer;

/* ---- one call ----------------------------------------------------------------------------------------------------------- */

static void set_trouble(answer *out, const rb_http_reply *reply)
{
    out->is_away = reply->err != RB_OK && reply->err != RB_E_LIMIT;
    if (out->result.outcome == RB_CHAT_OK) {
        out->trouble[0] = '\0';
    } else if (reply->err != RB_OK) {
        snprintf(out->trouble, sizeof out->trouble, "%s", reply->error);
    } else {
        snprintf(out->trouble, sizeof out->trouble, "Slack answered %s", out->result.error);
    }
}

/* Takes the request. */
static void send(doctor *self, rb_slack_request *request, const rb_secret *token,
                 void (*read)(void *arg, const rb_http_reply *reply), answer *out)
{
    char bearer[sizeof "Bearer " + RB_SLACK_TOKEN_MAX];
    rb_str text = rb_secret_reveal(token);
    rb_http_request http = {.method = "POST",
                            .url = request->url,
                            .headers = {{"Content-Type", request->content_type}, {"Authorization", bearer}},
                            .n_headers = 2,
                            .body = rb_buf_str(&request->body),
                            .timeout_ms = DOCTOR_WAIT_MS,
                            .reply_max = request->reply_max,
                            .secret = true};
    /* it fits: rb_slack_config_check */
    (void)snprintf(bearer, sizeof bearer, "Bearer %.*s", (int)text.len, text.ptr);
    doctor_ask(self, &http, read, out);
    rb_wipe(bearer, sizeof bearer);
    rb_slack_request_fini(request);
}

static void read_call(void *arg, const rb_http_reply *reply)
{
    answer *out = arg;
    out->is_end = rb_slack_job_reply(&out->job, &out->self->self, reply, &out->result);
    set_trouble(out, reply);
}

/* Asks all pages. The result's items are gone afterwards. */
static void ask(doctor *self, const rb_chat_call *call, answer *out)
{
    rb_slack_request request;
    *out = (answer){.self = self, .result = {.outcome = RB_CHAT_REFUSED}, .trouble = "the id is too long"};
    if (rb_slack_job_init(&out->job, call) != RB_OK) {
        return;
    }
    rb_err err = rb_slack_job_first(&out->job, call, self->config.slack.api_url, false, &request);
    while (err == RB_OK && !out->is_end) {
        send(self, &request, self->secrets.bot_token, read_call, out);
        if (!out->is_end) {
            err = rb_slack_job_next(&out->job, self->config.slack.api_url, &request);
        }
    }
    rb_slack_job_fini(&out->job);
    out->result.items = NULL;
}

/* ---- tokens and scopes --------------------------------------------------------------------------------------------------- */

static void read_auth(void *arg, const rb_http_reply *reply)
{
    answer *out = arg;
    (void)rb_slack_read_auth(reply, &out->self->self, &out->result);
    set_trouble(out, reply);
    rb_copy_fit(out->self->scopes, sizeof out->self->scopes, reply->oauth_scopes);
}

/* The address leads elsewhere than api_url. Its path holds a ticket, which is not kept and lapses unused. */
static void read_open(void *arg, const rb_http_reply *reply)
{
    char url[RB_SLACK_URL_CAP];
    answer *out = arg;
    rb_chat_outcome outcome = rb_slack_read_open(reply, url, sizeof url, &out->result);
    set_trouble(out, reply);
    if (outcome == RB_CHAT_OK) {
        size_t host_end = strlen(url) > 6 ? strcspn(url + 6, "/?") + 6 : 0; /* behind "wss://" */
        if (rb_copy(out->socket_url, sizeof out->socket_url, (rb_str){url, host_end}) != RB_OK) {
            out->socket_url[0] = '\0';
        }
    }
    rb_wipe(url, sizeof url);
}

static bool is_word(const answer *out, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(out->result.error, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

#define FIX_NETWORK "check chat.slack.api_url, the network, net.proxy and net.ca_file"

static const char *fix_of(const answer *out, const char *for_token)
{
    static const char *const passing[] = {"ratelimited", "rate_limited", "fatal_error", "internal_error",
                                          "service_unavailable"};
    static const char *const foreign[] = {"no_json", "not_found", "unknown_method", "unexpected_reply"};
    if (is_word(out, passing, sizeof passing / sizeof *passing)) {
        return "try again in a minute";
    }
    bool is_slacks = out->result.outcome == RB_CHAT_REFUSED && strncmp(out->result.error, "http_", 5) != 0 &&
                     !is_word(out, foreign, sizeof foreign / sizeof *foreign);
    return is_slacks ? for_token : FIX_NETWORK;
}

static void plain_call(doctor *self, const char *method, const rb_secret *token,
                       void (*read)(void *arg, const rb_http_reply *reply), answer *out)
{
    rb_slack_request request;
    *out = (answer){.self = self, .result = {.outcome = RB_CHAT_REFUSED}, .trouble = "chat.slack.api_url is too long"};
    if (rb_slack_plain_request(self->config.slack.api_url, method, &request) == RB_OK) {
        send(self, &request, token, read, out);
    }
}

static void look_at_bot_token(doctor *self)
{
    answer out;
    rb_working_say(&self->progress, "asking Slack about the bot token");
    plain_call(self, "auth.test", self->secrets.bot_token, read_auth, &out);
    if (out.trouble[0]) {
        doctor_failed(self, DOCTOR_BOT_TOKEN,
                      fix_of(&out, "put the Bot User OAuth Token of the installed app (OAuth & Permissions) where "
                                   "chat.slack.bot_token points"),
                      "%s", out.trouble);
    } else {
        doctor_ok(self, DOCTOR_BOT_TOKEN, "workspace %s, bot user %s", self->self.team, self->self.bot_user);
    }
}

static void look_at_app_token(doctor *self)
{
    answer out;
    rb_buf troubles;
    rb_working_say(&self->progress, "asking Slack about the app token");
    plain_call(self, "apps.connections.open", self->secrets.app_token, read_open, &out);
    if (out.trouble[0]) {
        doctor_failed(self, DOCTOR_APP_TOKEN,
                      fix_of(&out, "switch Socket Mode on, and put an app-level token with connections:write (Basic "
                                   "Information) where chat.slack.app_token points"),
                      "%s", out.trouble);
        return;
    }
    rb_buf_init(&troubles, DOCTOR_TEXT_CAP);
    doctor_look_up(self, out.socket_url, &troubles);
    if (troubles.len > 0) {
        doctor_failed(self, DOCTOR_APP_TOKEN, "let this machine reach it",
                      "Slack gave an address for a connection, but %s", rb_buf_cstr(&troubles));
    } else {
        doctor_ok(self, DOCTOR_APP_TOKEN, "Slack gave an address for a connection; none was opened");
    }
    rb_buf_fini(&troubles);
}

/* One whole word of a list with commas, and perhaps blanks. */
static bool has_scope(const char *list, const char *wanted)
{
    size_t len = strlen(wanted);
    for (const char *at = list; *at;) {
        at += strspn(at, ", ");
        size_t word = strcspn(at, ", ");
        if (word == len && strncmp(at, wanted, len) == 0) {
            return true;
        }
        at += word;
    }
    return false;
}

static void look_at_scopes(doctor *self)
{
    rb_buf missing;
    if (self->scopes[0] == '\0') {
        doctor_skipped(self, DOCTOR_SCOPES, "Slack did not say which scopes the token has");
        return;
    }
    rb_buf_init(&missing, DOCTOR_TEXT_CAP);
    for (size_t i = 0; i < sizeof SCOPES / sizeof *SCOPES; i++) {
        if (!has_scope(self->scopes, SCOPES[i])) {
            rb_buf_addf(&missing, "%s%s", missing.len > 0 ? ", " : "", SCOPES[i]);
        }
    }
    if (missing.len > 0) {
        doctor_failed(self, DOCTOR_SCOPES, "add them (OAuth & Permissions, or the manifest), and install the app again",
                      "the bot token lacks: %s", rb_buf_cstr(&missing));
    } else {
        doctor_ok(self, DOCTOR_SCOPES, "all %zu are there", sizeof SCOPES / sizeof *SCOPES);
    }
    rb_buf_fini(&missing);
}

/* ---- channels ----------------------------------------------------------------------------------------------------------- */

/* False when Slack cannot be reached, and there is no sense in asking for more. */
static bool look_at_channel(doctor *self, const char *id, bool is_request, rb_buf *troubles)
{
    answer out;
    rb_chat_call call = {.kind = RB_CHAT_CHANNEL, .channel = id};
    ask(self, &call, &out);
    const rb_channel_info *info = &out.result.info;
    if (out.trouble[0]) {
        doctor_note(troubles, "%s: %s", id, out.trouble);
    } else if (!info->exists) {
        doctor_note(troubles, "%s is not there, or a private channel without the bot", id);
    } else if (info->is_archived) {
        doctor_note(troubles, "%s is archived", id);
    } else if (is_request && info->is_shared_outside) {
        doctor_note(troubles, "%s, for the cards, is shared with another organisation", id);
    } else if (is_request && !info->is_bot_member) {
        doctor_note(troubles, "the bot is not in %s, where the cards go (/invite it)", id);
    }
    return !out.is_away;
}

/* As above. */
static bool look_at_channels(doctor *self)
{
    const rb_policy *policy = self->policy;
    size_t n = policy->n_channels < DOCTOR_LISTS_MAX ? policy->n_channels : DOCTOR_LISTS_MAX;
    rb_buf troubles;
    bool goes_on = true;
    rb_working_say(&self->progress, "asking Slack about channels");
    rb_buf_init(&troubles, DOCTOR_TEXT_CAP);
    if (policy->request_channel[0] == '\0') {
        doctor_note(&troubles, "the policy names no channel for the cards");
    } else {
        goes_on = look_at_channel(self, policy->request_channel, true, &troubles);
    }
    for (size_t i = 0; i < n && goes_on; i++) {
        if (strcmp(policy->channels[i], policy->request_channel) != 0) {
            goes_on = look_at_channel(self, policy->channels[i], false, &troubles);
        }
    }
    if (troubles.len > 0) {
        doctor_failed(self, DOCTOR_CHANNELS,
                      goes_on ? "mend the channel, or channels.request and channels.allowed in the policy"
                              : FIX_NETWORK,
                      "%s", rb_buf_cstr(&troubles));
    } else if (n < policy->n_channels) {
        doctor_ok(self, DOCTOR_CHANNELS,
                  "cards go to %s, and the bot is in it; commands work in %zu, %zu of them looked at",
                  policy->request_channel, policy->n_channels, n);
    } else {
        doctor_ok(self, DOCTOR_CHANNELS, "cards go to %s, and the bot is in it; the %zu where commands work are there",
                  policy->request_channel, n);
    }
    rb_buf_fini(&troubles);
    return goes_on;
}

/* ---- people and groups --------------------------------------------------------------------------------------------------- */

typedef struct {
    doctor *self;
    rb_buf troubles;
    const char *seen[DOCTOR_PEOPLE_MAX];
    size_t n_seen;
    size_t n_groups;
    bool is_cut;  /* there are more */
    bool is_away; /* Slack cannot be reached: nobody else is asked for */
} crowd;

static const char *what_is_wrong(rb_denial denial)
{
    switch ((int)denial) {
    case RB_ALLOWED: return NULL;
    case RB_NO_UNKNOWN_PERSON: return "is not in this workspace";
    case RB_NO_DEACTIVATED: return "is deactivated";
    case RB_NO_BOT: return "is a bot";
    case RB_NO_GUEST: return "is a guest";
    case RB_NO_OUTSIDE: return "is of another organisation";
    default: return "is refused";
    }
}

static void look_at_person(crowd *all, const char *user)
{
    answer out;
    rb_chat_call call = {.kind = RB_CHAT_PERSON, .user = user};
    for (size_t i = 0; i < all->n_seen; i++) {
        if (strcmp(all->seen[i], user) == 0) {
            return;
        }
    }
    if (all->n_seen == DOCTOR_PEOPLE_MAX || all->is_away) {
        all->is_cut = true;
        return;
    }
    all->seen[all->n_seen++] = user;
    rb_working_say(&all->self->progress, "asking Slack about people: %zu", all->n_seen);
    ask(all->self, &call, &out);
    all->is_away = out.is_away;
    const char *wrong = out.trouble[0] ? out.trouble : what_is_wrong(rb_policy_member(&out.result.person));
    if (wrong) {
        doctor_note(&all->troubles, "%s %s", user, wrong);
    }
}

static void look_at_group(crowd *all, const char *group)
{
    answer out;
    rb_chat_call call = {.kind = RB_CHAT_GROUP, .group = group};
    if (all->n_groups == DOCTOR_LISTS_MAX || all->is_away) {
        all->is_cut = true;
        return;
    }
    all->n_groups++;
    rb_working_say(&all->self->progress, "asking Slack about groups: %zu", all->n_groups);
    ask(all->self, &call, &out);
    all->is_away = out.is_away;
    if (out.trouble[0]) {
        doctor_note(&all->troubles, "group %s: %s", group, out.trouble);
    } else if (out.result.n_items == 0) {
        doctor_note(&all->troubles, "group %s is empty", group);
    }
}

static void look_at_people(doctor *self)
{
    const rb_policy *policy = self->policy;
    crowd all = {.self = self};
    rb_buf_init(&all.troubles, DOCTOR_TEXT_CAP);
    for (size_t role = 0; role < RB_ROLES; role++) {
        for (size_t i = 0; i < policy->roles[role].n_groups; i++) {
            look_at_group(&all, policy->roles[role].groups[i]);
        }
        for (size_t i = 0; i < policy->roles[role].n_users; i++) {
            look_at_person(&all, policy->roles[role].users[i]);
        }
    }
    for (size_t i = 0; i < policy->n_people; i++) {
        look_at_person(&all, policy->people[i].person.user);
    }
    const char *more = all.is_cut ? "; there are more, which were not looked at" : "";
    if (all.troubles.len > 0) {
        doctor_failed(self, DOCTOR_CHAT_PEOPLE, all.is_away ? FIX_NETWORK : "mend people and roles in the policy",
                      "%s%s", rb_buf_cstr(&all.troubles), more);
    } else {
        doctor_ok(self, DOCTOR_CHAT_PEOPLE, "%zu people and %zu groups of the policy are known%s", all.n_seen,
                  all.n_groups, more);
    }
    rb_buf_fini(&all.troubles);
}

/* ---- all of it ---------------------------------------------------------------------------------------------------------- */

void doctor_look_at_slack(doctor *self)
{
    rb_errbuf errbuf = {""};
    rb_slack_config config = {.api_url = self->config.slack.api_url,
                              .app_token = self->secrets.app_token,
                              .bot_token = self->secrets.bot_token,
                              .connections = self->config.slack.connections,
                              .command = self->config.slack.command};
    if (rb_slack_config_check(&config, &errbuf) != RB_OK) {
        bool is_app_token = rb_str_starts(rb_str_of(errbuf.text), RB_STR("chat.slack.app_token"));
        doctor_check check = is_app_token ? DOCTOR_APP_TOKEN : DOCTOR_BOT_TOKEN;
        doctor_skip_all(self, DOCTOR_BOT_TOKEN, DOCTOR_CHAT_PEOPLE, check);
        doctor_failed(self, check, "", "%s", errbuf.text);
        return;
    }
    look_at_bot_token(self);
    doctor_skip_all(self, DOCTOR_SCOPES, DOCTOR_SCOPES, DOCTOR_BOT_TOKEN);
    doctor_skip_all(self, DOCTOR_CHANNELS, DOCTOR_CHAT_PEOPLE, DOCTOR_BOT_TOKEN);
    look_at_app_token(self);
    if (!doctor_is_ok(self, DOCTOR_BOT_TOKEN)) {
        return;
    }
    look_at_scopes(self);
    if (!self->policy) {
        doctor_skip_all(self, DOCTOR_CHANNELS, DOCTOR_CHAT_PEOPLE, DOCTOR_POLICY);
    } else if (look_at_channels(self)) {
        look_at_people(self);
    } else {
        doctor_skip_all(self, DOCTOR_CHAT_PEOPLE, DOCTOR_CHAT_PEOPLE, DOCTOR_CHANNELS);
    }
}
