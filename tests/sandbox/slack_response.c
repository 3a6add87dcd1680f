#include "slack_response.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_blocks.h"
#include "slack_elements.h"
#include "slack_socket.h"

/* docs.slack.dev, handling user interaction: a trigger lives 3 s; a response URL 30 min and 5 uses */
#define TRIGGER_MS 3000
#define RESPONSE_MS (30 * 60 * 1000)
#define RESPONSE_USES 5

typedef struct trigger_entry {
    char *id;
    char *user;
    char *view_id;
    int64_t until_ms;
    bool is_used;
    struct trigger_entry *next;
} trigger_entry;

typedef struct response_entry {
    char *path;
    char *user;
    sk_channel *channel;
    sk_message *message;
    int64_t until_ms;
    int64_t uses;
    bool is_command;
    bool is_answered; /* a person saw something come of it */
    struct response_entry *next;
} response_entry;

static trigger_entry *triggers;
static response_entry *responses;

char *sk_trigger_new(const char *user, const char *view_id)
{
    trigger_entry *fresh = sb_alloc(sizeof *fresh);
    char tail[33];
    sk_hex(tail, 32);
    fresh->id = sb_strf("%lld.%d.%s", (long long)(sb_now_ms() / 1000), 26768298, tail);
    fresh->user = sb_strdup(user);
    fresh->view_id = sb_strdup(view_id);
    fresh->until_ms = sb_now_ms() + sb_setting("trigger_ms", TRIGGER_MS);
    fresh->next = triggers;
    triggers = fresh;
    return sb_strdup(fresh->id);
}

const char *sk_trigger_use(const char *id, const char **out_user, const char **out_view_id)
{
    for (trigger_entry *each = triggers; each; each = each->next) {
        if (strcmp(each->id, id) != 0)
            continue;
        if (each->is_used)
            return "exchanged_trigger_id";
        if (each->until_ms < sb_now_ms())
            return "expired_trigger_id";
        each->is_used = true;
        *out_user = each->user;
        *out_view_id = each->view_id;
        return NULL;
    }
    return "invalid_trigger_id";
}

char *sk_response_url_new(const char *kind, const char *user, sk_channel *channel, sk_message *message)
{
    response_entry *fresh = sb_alloc(sizeof *fresh);
    char tail[25];
    sk_hex(tail, 24);
    fresh->path = sb_strf("/response/%s/%s/%s", kind, SK_TEAM, tail);
    fresh->is_command = !strcmp(kind, "commands");
    fresh->user = sb_strdup(user);
    fresh->channel = channel;
    fresh->message = message;
    fresh->until_ms = sb_now_ms() + sb_setting("response_url_ms", RESPONSE_MS);
    fresh->next = responses;
    responses = fresh;
    return sb_strf("%s%s", sk_base_url(), fresh->path);
}

/* ---- what a response does ------------------------------------------------------------------------------------ */

static json_object *content_of(json_object *body)
{
    json_object *content = sj_pack("text:s user:s bot_id:s app_id:s team:s", sj_str(body, "text"), SK_BOT_USER,
                                   SK_BOT_ID, SK_APP, SK_TEAM);
    json_object *blocks = sj_clone(sj_get(body, "blocks"));
    if (blocks)
        sk_fill_ids(blocks);
    if (blocks)
        json_object_object_add(content, "blocks", blocks);
    return content;
}

static const char *check_body(json_object *body, json_object *messages)
{
    if (!sj_is(body, json_type_object))
        return "invalid_payload";
    bool has_blocks = sj_len(sj_get(body, "blocks")) > 0;
    if (!has_blocks && !*sj_str(body, "text") && !sj_bool(body, "delete_original"))
        return "no_text";
    json_object *sentences = messages ? json_object_get(messages) : json_object_new_array();
    size_t n_faults = has_blocks ? sk_check_blocks(sj_get(body, "blocks"), SK_SURFACE_MESSAGE, sentences) : 0;
    json_object_put(sentences);
    return n_faults ? "invalid_blocks" : NULL;
}

const char *sk_respond(const char *user, sk_channel *channel, sk_message *origin, json_object *body,
                       json_object *messages)
{
    const char *error = check_body(body, messages);
    if (error)
        return error;
    if (origin && sj_bool(body, "delete_original")) {
        sk_message_delete(origin);
        return NULL;
    }
    json_object *content = content_of(body);
    if (origin && sj_bool(body, "replace_original")) {
        if (!sj_get(content, "blocks"))
            json_object_object_add(content, "blocks", NULL);
        sk_message_edit(origin, content);
        return NULL;
    }
    const char *thread_ts = sj_str(body, "thread_ts");
    if (!strcmp(sj_str(body, "response_type"), "in_channel"))
        sk_message_add(channel, content, thread_ts, 0);
    else
        sk_private_add(channel, user, content, thread_ts);
    return NULL;
}

/* ---- the URL --------------------------------------------------------------------------------------------------- */

static bool bitten_before(sb_reply *reply)
{
    if (sb_fault("slack.down", NULL) || sb_fault("slack.response_url.500_before", NULL)) {
        sb_reply_text(reply, 500, "text/plain", "server_error");
        return true;
    }
    if (sb_fault("slack.response_url.reset_before", NULL)) {
        reply->how = SB_REPLY_RESET;
        return true;
    }
    return false;
}

static void refuse(sb_reply *reply, int status, const char *error, json_object *messages)
{
    json_object *body = sj_pack("ok:b error:s", false, error);
    if (sj_len(messages))
        json_object_object_add(body, "response_metadata", sj_pack("messages:r", messages));
    sb_reply_json(reply, status, body);
}

/* The sources name no body for a used or expired URL; 404 with these names is what bot authors report. */
static const char *dead_reason(const response_entry *response)
{
    if (response->until_ms < sb_now_ms())
        return "expired_url";
    return response->uses >= sb_setting("response_url_uses", RESPONSE_USES) ? "used_url" : NULL;
}

static void use(response_entry *response, const sb_request *request, sb_reply *reply)
{
    const char *dead = dead_reason(response);
    if (dead) {
        sb_journal("response_url", sj_pack("user:s error:s", response->user, dead));
        refuse(reply, 404, dead, NULL);
        return;
    }
    json_object *body = sj_parse(request->body, request->body_len);
    json_object *messages = json_object_new_array();
    const char *error = sk_respond(response->user, response->channel, response->message, body, messages);
    response->uses++;
    response->is_answered |= error == NULL;
    sb_journal("response_url",
               sj_pack("user:s channel:s error:s body:o", response->user, response->channel->id, error, body));
    if (error)
        refuse(reply, 400, error, messages);
    else
        sb_reply_text(reply, 200, "text/html; charset=utf-8", "ok");
    json_object_put(messages);
    if (sb_fault("slack.response_url.500_after", NULL))
        sb_reply_text(reply, 500, "text/plain", "server_error");
    if (sb_fault("slack.response_url.reset_after", NULL))
        reply->how = SB_REPLY_RESET;
    if (sb_fault("slack.response_url.hang", NULL))
        reply->how = SB_REPLY_HANG;
}

bool sk_response_handle(const sb_request *request, sb_reply *reply)
{
    if (strncmp(request->path, "/response/", 10) != 0)
        return false;
    response_entry *found = responses;
    while (found && strcmp(found->path, request->path) != 0)
        found = found->next;
    if (!found || strcmp(request->method, "POST") != 0)
        refuse(reply, 404, "no_such_url", NULL);
    else if (!bitten_before(reply))
        use(found, request, reply);
    return true;
}

int64_t sk_commands_answered(void)
{
    int64_t count = 0;
    for (const response_entry *each = responses; each; each = each->next)
        count += each->is_answered && each->is_command;
    return count;
}

void sk_response_fini(void)
{
    while (triggers) {
        trigger_entry *next = triggers->next;
        free(triggers->id);
        free(triggers->user);
        free(triggers->view_id);
        free(triggers);
        triggers = next;
    }
    while (responses) {
        response_entry *next = responses->next;
        free(responses->path);
        free(responses->user);
        free(responses);
        responses = next;
    }
}
