/* slack_results.c - what comes back: the second half of slack_calls.h. */
#include "chat/slack_calls.h"

#include <stdlib.h>
#include <string.h>

#include "chat/json.h"
#include "chat/slack_method.h"
#include "chat/slack_reply.h"
#include "resetbot/text.h"

#define WHO_WAIT_MS 2000

static void refuse(rb_chat_result *out, const char *word)
{
    out->outcome = RB_CHAT_REFUSED;
    rb_copy_fit(out->error, sizeof out->error, word);
}

/* A value that the call was made for. Absent or too long: the reply is not what the method promises. */
static bool take(const rb_json *object, const char *name, char *dst, size_t cap, rb_chat_result *out)
{
    if (rb_json_copy(object, name, dst, cap) == RB_OK && dst[0] != '\0')
        return true;
    refuse(out, "unexpected_reply");
    return false;
}

/* ---- people -------------------------------------------------------------------------------------------------------- */

static bool same(const char *a, rb_str b)
{
    return a[0] != '\0' && rb_str_equal(rb_str_of(a), b);
}

/* On Grid a colleague's home may be another workspace: inside when the enterprise is ours and lists our team. */
static bool is_of_enterprise(const rb_json *user, const rb_slack_self *self)
{
    const rb_json *enterprise = rb_json_get(user, "enterprise_user");
    const rb_json *teams = rb_json_get(enterprise, "teams");

    if (!same(self->enterprise, rb_json_str(enterprise, "enterprise_id")))
        return false;
    for (size_t i = 0; i < rb_json_count(teams); i++)
        if (same(self->team, rb_json_text(rb_json_at(teams, i))))
            return true;
    return false;
}

/* Docs, user object: is_stranger false does not mean inside, is_bot is false for Slackbot, a missing team is no team. */
static void read_flags(const rb_json *user, const rb_slack_self *self, rb_actor *out)
{
    bool is_ours = same(self->team, rb_json_str(user, "team_id"));

    out->exists = true;
    out->is_deactivated = rb_json_true(user, "deleted") || rb_json_true(user, "is_invited_user");
    out->is_bot = rb_json_true(user, "is_bot") || rb_json_true(user, "is_workflow_bot") ||
                  strcmp(out->person.user, "USLACKBOT") == 0;
    out->is_guest = rb_json_true(user, "is_restricted") || rb_json_true(user, "is_ultra_restricted");
    out->is_outside = rb_json_true(user, "is_stranger") || !(is_ours || is_of_enterprise(user, self));
}

static rb_str shown_name(const rb_json *user)
{
    const rb_json *profile = rb_json_get(user, "profile");
    rb_str name = rb_json_str(profile, "real_name");

    if (name.len == 0)
        name = rb_json_str(user, "real_name");
    if (name.len == 0)
        name = rb_json_str(profile, "display_name");
    return name.len > 0 ? name : rb_json_str(user, "name");
}

static void read_user(const rb_json *user, const rb_slack_self *self, rb_chat_result *out)
{
    rb_actor *actor = &out->person;

    if (!take(user, "id", actor->person.user, sizeof actor->person.user, out))
        return;
    /* no team, no inside: read_flags sees to it */
    if (rb_json_copy(user, "team_id", actor->person.team, sizeof actor->person.team) != RB_OK)
        actor->person.team[0] = '\0';
    if (rb_json_copy(rb_json_get(user, "profile"), "email", actor->email, sizeof actor->email) != RB_OK)
        actor->email[0] = '\0';
    if (rb_json_copy(user, "locale", actor->locale, sizeof actor->locale) != RB_OK)
        actor->locale[0] = '\0';
    rb_text_clip(actor->name, sizeof actor->name, shown_name(user));
    read_flags(user, self, actor);
}

static void read_person(const rb_slack_job *job, const rb_slack_self *self, const rb_json *root, rb_chat_result *out)
{
    read_user(rb_json_get(root, "user"), self, out);
    if (out->outcome == RB_CHAT_OK && strcmp(out->person.person.user, job->user) != 0) {
        memset(&out->person, 0, sizeof out->person);
        refuse(out, "another_user");
    }
}

static void read_by_email(const rb_slack_job *job, const rb_slack_self *self, const rb_json *root, rb_chat_result *out)
{
    read_user(rb_json_get(root, "user"), self, out);
    if (out->outcome == RB_CHAT_OK && !rb_str_equal_nocase(rb_str_of(out->person.email), rb_str_of(job->email)))
        memset(&out->person, 0, sizeof out->person); /* somebody else: as good as nobody */
}

/* ---- channels ------------------------------------------------------------------------------------------------------ */

static void read_channel(const rb_json *channel, rb_chat_result *out)
{
    rb_channel_info *info = &out->info;

    if (!take(channel, "id", out->channel, sizeof out->channel, out))
        return;
    info->exists = true;
    info->is_archived = rb_json_true(channel, "is_archived");
    info->is_shared_outside = rb_json_true(channel, "is_ext_shared") ||
                              rb_json_true(channel, "is_pending_ext_shared") ||
                              rb_json_count(rb_json_get(channel, "pending_shared")) > 0 ||
                              rb_json_count(rb_json_get(channel, "pending_connected_team_ids")) > 0 ||
                              (rb_json_true(channel, "is_shared") && !rb_json_true(channel, "is_org_shared"));
    info->is_bot_member = rb_json_true(channel, "is_member") || rb_json_true(channel, "is_im");
}

/* ---- lists --------------------------------------------------------------------------------------------------------- */

static bool make_room(rb_slack_job *job)
{
    size_t cap = job->cap_items ? job->cap_items * 2 : 64;

    if (job->n_items < job->cap_items)
        return true;
    char(*grown)[RB_CHAT_ID_CAP] = realloc(job->items, cap * sizeof *grown);
    if (!grown)
        return false;
    job->items = grown;
    job->cap_items = cap;
    return true;
}

static void add_item(rb_slack_job *job, const rb_json *value, rb_chat_result *out)
{
    if (out->outcome != RB_CHAT_OK)
        return;
    if (job->n_items == RB_SLACK_ITEMS_MAX)
        refuse(out, "too_many");
    else if (!make_room(job))
        refuse(out, "out_of_memory");
    else if (rb_json_copy_text(value, job->items[job->n_items], RB_CHAT_ID_CAP) != RB_OK ||
             job->items[job->n_items][0] == '\0')
        refuse(out, "unexpected_reply");
    else
        job->n_items++;
}

static void add_ids(rb_slack_job *job, const rb_json *ids, rb_chat_result *out)
{
    if (!rb_json_is_array(ids))
        refuse(out, "unexpected_reply");
    for (size_t i = 0; i < rb_json_count(ids); i++)
        add_item(job, rb_json_at(ids, i), out);
}

/* Anybody may write a message with our metadata: only our own bot's count. */
static bool is_ours(const rb_json *message, const rb_slack_self *self)
{
    return same(self->bot_user, rb_json_str(message, "user")) || same(self->bot_id, rb_json_str(message, "bot_id"));
}

static bool bears_marker(const rb_json *message, const rb_slack_job *job)
{
    const rb_json *metadata = rb_json_get(message, "metadata");
    const rb_json *payload = rb_json_get(metadata, "event_payload");

    return rb_str_equal(rb_json_str(metadata, "event_type"), RB_STR("resetbot")) &&
           same(job->marker_request, rb_json_str(payload, "request")) &&
           rb_json_int(payload, "seq", -1) == (int64_t)job->marker_seq;
}

static void add_found(rb_slack_job *job, const rb_slack_self *self, const rb_json *messages, rb_chat_result *out)
{
    if (self->bot_user[0] == '\0' &&
        self->bot_id[0] == '\0') { /* auth.test is still to come: ours cannot be told, so absent neither */
        out->outcome = RB_CHAT_LATER;
        out->retry_after_ms = WHO_WAIT_MS;
        rb_copy_fit(out->error, sizeof out->error, "not_ready");
        return;
    }
    if (!rb_json_is_array(messages))
        refuse(out, "unexpected_reply");
    for (size_t i = 0; i < rb_json_count(messages); i++) {
        const rb_json *message = rb_json_at(messages, i);
        if (is_ours(message, self) && bears_marker(message, job))
            add_item(job, rb_json_get(message, "ts"), out);
    }
}

/* True when there is no further page. */
static bool end_page(rb_slack_job *job, const rb_json *root, rb_chat_result *out)
{
    const rb_json *metadata = rb_json_get(root, "response_metadata");
    char cursor[RB_SLACK_CURSOR_CAP];

    if (out->outcome != RB_CHAT_OK)
        return true;
    if (rb_json_copy(metadata, "next_cursor", cursor, sizeof cursor) != RB_OK) {
        refuse(out, "cursor_too_long");
        return true;
    }
    /* the same cursor again would go round for ever; so would a server that never ends */
    if (cursor[0] != '\0' && (strcmp(cursor, job->cursor) == 0 || job->pages == RB_SLACK_PAGES_MAX)) {
        refuse(out, "too_many_pages");
        return true;
    }
    rb_copy_fit(job->cursor, sizeof job->cursor, cursor);
    return cursor[0] == '\0';
}

static bool read_list(rb_slack_job *job, const rb_slack_self *self, const rb_json *root, rb_chat_result *out)
{
    job->pages++;
    if (job->kind == RB_CHAT_FIND)
        add_found(job, self, rb_json_get(root, "messages"), out);
    else
        add_ids(job, rb_json_get(root, job->kind == RB_CHAT_GROUP ? "users" : "members"), out);
    bool is_end = end_page(job, root, out);
    if (is_end && out->outcome == RB_CHAT_OK) {
        out->items = job->items;
        out->n_items = job->n_items;
    }
    return is_end;
}

/* ---- all kinds ----------------------------------------------------------------------------------------------------- */

/* A post that was answered with ok but without its ts: it is there, and has to be looked for. */
static void read_post(const rb_json *root, rb_chat_result *out)
{
    if (!take(root, "ts", out->ts, sizeof out->ts, out) ||
        !take(root, "channel", out->channel, sizeof out->channel, out))
        out->outcome = RB_CHAT_UNCLEAR;
}

static void read_view(const rb_json *root, rb_chat_result *out)
{
    if (!take(rb_json_get(root, "view"), "id", out->view_id, sizeof out->view_id, out))
        out->outcome = RB_CHAT_UNCLEAR;
}

static bool read_ok(rb_slack_job *job, const rb_slack_self *self, const rb_json *root, rb_chat_result *out)
{
    switch (job->kind) {
    case RB_CHAT_POST:
    case RB_CHAT_DIRECT: read_post(root, out); return true;
    case RB_CHAT_UPDATE:
    case RB_CHAT_DELETE:
    case RB_CHAT_PRIVATE:
    case RB_CHAT_RESPOND: return true;
    case RB_CHAT_FIND:
    case RB_CHAT_GROUP:
    case RB_CHAT_MEMBERS: return read_list(job, self, root, out);
    case RB_CHAT_PERSON: read_person(job, self, root, out); return true;
    case RB_CHAT_BY_EMAIL: read_by_email(job, self, root, out); return true;
    case RB_CHAT_CHANNEL: read_channel(rb_json_get(root, "channel"), out); return true;
    case RB_CHAT_DM_CHANNEL:
        (void)take(rb_json_get(root, "channel"), "id", out->channel, sizeof out->channel, out);
        return true;
    case RB_CHAT_FORM_OPEN:
    case RB_CHAT_FORM_UPDATE:
    case RB_CHAT_HOME: read_view(root, out); return true;
    case RB_CHAT_PERMALINK: (void)take(root, "permalink", out->url, sizeof out->url, out); return true;
    }
    return true;
}

static bool says(const rb_chat_result *out, const char *word)
{
    return strcmp(out->error, word) == 0;
}

/* Some refusals are the answer that was asked for. */
static bool is_answer(const rb_slack_job *job, rb_chat_result *out)
{
    switch ((int)job->kind) {
    case RB_CHAT_PERSON:
        rb_copy_fit(out->person.person.user, sizeof out->person.person.user, job->user);
        return says(out, "user_not_found") || says(out, "user_not_visible");
    case RB_CHAT_BY_EMAIL: return says(out, "users_not_found");
    case RB_CHAT_CHANNEL: return says(out, "channel_not_found");
    case RB_CHAT_DELETE: return says(out, "message_not_found");
    default: return false;
    }
}

/* The id of a form whose content must not be copied. */
static void peek_view(const rb_http_reply *reply, rb_chat_result *out)
{
    rb_str id = rb_json_peek(rb_json_peek(reply->body, "view"), "id");

    if (id.len < 3 || rb_copy(out->view_id, sizeof out->view_id, (rb_str){id.ptr + 1, id.len - 2}) != RB_OK) {
        refuse(out, "unexpected_reply");
        out->outcome = RB_CHAT_UNCLEAR; /* Slack said ok */
    }
}

bool rb_slack_job_reply(rb_slack_job *job, const rb_slack_self *self, const rb_http_reply *reply,
                        rb_chat_result *out_result)
{
    rb_slack_effect effect = rb_slack_method_of(job->kind)->effect;
    rb_json *root = NULL;
    bool is_end = true;
    bool is_form = job->kind == RB_CHAT_FORM_OPEN || job->kind == RB_CHAT_FORM_UPDATE;

    if (job->kind == RB_CHAT_RESPOND)
        rb_slack_reply_hook(reply, out_result);
    else if (job->is_secret)
        rb_slack_reply_peek(reply, effect, out_result);
    else
        root = rb_slack_reply_read(reply, effect, out_result);
    if (root)
        is_end = read_ok(job, self, root, out_result);
    else if (out_result->outcome == RB_CHAT_OK && is_form)
        peek_view(reply, out_result);
    else if (out_result->outcome == RB_CHAT_REFUSED && is_answer(job, out_result))
        out_result->outcome = RB_CHAT_OK;
    rb_json_free(root);
    return is_end;
}

/* ---- the session's own ---------------------------------------------------------------------------------------------- */

rb_chat_outcome rb_slack_read_auth(const rb_http_reply *reply, rb_slack_self *out_self, rb_chat_result *out_result)
{
    rb_slack_self self = {0};
    rb_json *root = rb_slack_reply_read(reply, RB_SLACK_REPEATABLE, out_result);

    if (root && take(root, "team_id", self.team, sizeof self.team, out_result) &&
        take(root, "user_id", self.bot_user, sizeof self.bot_user, out_result)) {
        /* absent off Grid, and for user tokens; an odd one only makes the comparison fail closed */
        if (rb_json_copy(root, "enterprise_id", self.enterprise, sizeof self.enterprise) != RB_OK)
            self.enterprise[0] = '\0';
        if (rb_json_copy(root, "bot_id", self.bot_id, sizeof self.bot_id) != RB_OK)
            self.bot_id[0] = '\0';
        *out_self = self;
    }
    rb_json_free(root);
    return out_result->outcome;
}

rb_chat_outcome rb_slack_read_open(const rb_http_reply *reply, char *out_url, size_t cap, rb_chat_result *out_result)
{
    rb_json *root = rb_slack_reply_read(reply, RB_SLACK_REPEATABLE, out_result);

    if (root)
        (void)take(root, "url", out_url, cap, out_result);
    rb_json_free(root);
    return out_result->outcome;
}
