/* slack_reply.c - see slack_reply.h. Facts: docs.slack.dev/apis/web-api (errors, rate limits; read 2026-11), domain/slack.md 3. */
#include "chat/slack_reply.h"

#include <string.h>

#include "resetbot/clock.h"

/* Without a Retry-After: a Tier 2 method has 20 calls a minute, chat.postMessage one a second. */
#define RATE_LIMIT_DEFAULT_MS (5 * RB_SECOND_MS)
#define RETRY_AFTER_MAX_S 600
/* never left, a time-out of a read, a 5xx */
#define FAULT_RETRY_MS (2 * RB_SECOND_MS)

static void set_word(rb_chat_result *out, rb_str word)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.*ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t len = word.len < sizeof out->error - 1 ? word.len : sizeof out->error - 1;

    for (size_t i = 0; i < len; i++)
        out->error[i] = memchr(allowed, word.ptr[i], sizeof allowed - 1) ? word.ptr[i] : '?';
    out->error[len] = '\0';
}

static void set_later(rb_chat_result *out, const char *word, int64_t retry_after_ms)
{
    out->outcome = RB_CHAT_LATER;
    out->retry_after_ms = retry_after_ms;
    set_word(out, rb_str_of(word));
}

static void set_refused(rb_chat_result *out, const char *word)
{
    out->outcome = RB_CHAT_REFUSED;
    set_word(out, rb_str_of(word));
}

/* It may have happened: to be cleared up where a repetition would show, to be repeated elsewhere. */
static void set_doubt(rb_chat_result *out, const char *word, rb_slack_effect effect)
{
    if (effect == RB_SLACK_REPEATABLE) {
        set_later(out, word, FAULT_RETRY_MS);
        return;
    }
    out->outcome = RB_CHAT_UNCLEAR;
    set_word(out, rb_str_of(word));
}

static int64_t retry_after_ms(const rb_http_reply *reply)
{
    unsigned long long seconds = 0;

    if (rb_str_to_uint(rb_str_trim(rb_str_of(reply->retry_after)), RETRY_AFTER_MAX_S, &seconds) == RB_OK)
        return seconds > 0 ? (int64_t)seconds * RB_SECOND_MS : RB_SECOND_MS;
    return RATE_LIMIT_DEFAULT_MS;
}

static void set_http(rb_chat_result *out, int status)
{
    char digits[4] = {(char)('0' + status / 100 % 10), (char)('0' + status / 10 % 10), (char)('0' + status % 10), '\0'};

    memcpy(out->error, "http_", 5);
    memcpy(out->error + 5, digits, sizeof digits);
}

static const char *transport_word(rb_err err)
{
    switch (err) {
    case RB_E_LIMIT: return "reply_too_large";
    case RB_E_AUTH: return "tls_failed";
    case RB_OK:
    case RB_E_NOMEM:
    case RB_E_SYNTAX:
    case RB_E_NOT_FOUND:
    case RB_E_EXISTS:
    case RB_E_CONFLICT:
    case RB_E_IO:
    case RB_E_DISK:
    case RB_E_AGAIN:
    case RB_E_REFUSED:
    case RB_E_CONFIG:
    case RB_E_INTERNAL: break;
    }
    return "no_reply";
}

/* True when there is a body worth reading: nothing of the transport decides already. */
static bool is_answered(const rb_http_reply *reply, rb_slack_effect effect, rb_chat_result *out)
{
    memset(out, 0, sizeof *out);
    if (reply->err != RB_OK && reply->never_left) {
        set_later(out, transport_word(reply->err), FAULT_RETRY_MS);
    } else if (reply->err == RB_E_LIMIT && effect == RB_SLACK_REPEATABLE) {
        set_refused(out, transport_word(reply->err)); /* the next reply would be as long */
    } else if (reply->err != RB_OK) {
        set_doubt(out, transport_word(reply->err), effect);
    } else if (reply->status == 429) {
        set_later(out, "ratelimited", retry_after_ms(reply));
    } else if (reply->status >= 500 || reply->status < 200) {
        set_doubt(out, "", effect);
        set_http(out, reply->status);
    } else {
        return true;
    }
    return false;
}

static bool is_one_of(rb_str word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rb_str_equal(word, rb_str_of(words[i])))
            return true;
    return false;
}

/* An "ok": false with its word. */
static void judge_word(rb_chat_result *out, rb_str word, const rb_http_reply *reply, rb_slack_effect effect)
{
    static const char *const limited[] = {"ratelimited", "rate_limited"};
    /* the docs of each method: "some aspect of the operation" may have "succeeded before the error was raised" */
    static const char *const doubtful[] = {"fatal_error", "internal_error", "service_unavailable"};
    /* refused before anything was done, and mended by waiting */
    static const char *const passing[] = {"request_timeout", "team_added_to_org"};

    if (is_one_of(word, limited, sizeof limited / sizeof *limited)) {
        set_later(out, "", retry_after_ms(reply));
    } else if (is_one_of(word, doubtful, sizeof doubtful / sizeof *doubtful)) {
        set_doubt(out, "", effect);
    } else if (is_one_of(word, passing, sizeof passing / sizeof *passing)) {
        set_later(out, "", FAULT_RETRY_MS);
    } else {
        set_refused(out, "");
    }
    set_word(out, word);
}

/* A body that is no Web API reply: a proxy's page, a redirect, a cut text. */
static void judge_foreign(rb_chat_result *out, int status, rb_slack_effect effect)
{
    if (status >= 400 && status != 408) {
        set_refused(out, "");
        set_http(out, status);
    } else if (status >= 300) {
        set_doubt(out, "", effect);
        set_http(out, status);
    } else {
        set_doubt(out, "no_json", effect);
    }
}

rb_json *rb_slack_reply_read(const rb_http_reply *reply, rb_slack_effect effect, rb_chat_result *out_result)
{
    if (!is_answered(reply, effect, out_result))
        return NULL;
    rb_json *root = rb_json_parse(reply->body);
    if (rb_json_true(root, "ok")) {
        out_result->outcome = RB_CHAT_OK;
        return root;
    }
    rb_str word = rb_json_str(root, "error");
    if (word.len > 0)
        judge_word(out_result, word, reply, effect);
    else
        judge_foreign(out_result, reply->status, effect);
    rb_json_free(root);
    return NULL;
}

void rb_slack_reply_peek(const rb_http_reply *reply, rb_slack_effect effect, rb_chat_result *out_result)
{
    if (!is_answered(reply, effect, out_result))
        return;
    rb_str word = rb_json_peek(reply->body, "error");
    if (rb_str_equal(rb_json_peek(reply->body, "ok"), RB_STR("true")))
        out_result->outcome = RB_CHAT_OK;
    else if (word.len > 2)
        judge_word(out_result, (rb_str){word.ptr + 1, word.len - 2}, reply, effect);
    else
        judge_foreign(out_result, reply->status, effect);
}

/* Words such as no_text or expired_url; anything else is a page. */
static bool is_bare_word(rb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.ptr[i] >= 'a' && text.ptr[i] <= 'z') || text.ptr[i] == '_'))
            return false;
    return text.len > 0 && text.len < RB_WORD_CAP;
}

void rb_slack_reply_hook(const rb_http_reply *reply, rb_chat_result *out_result)
{
    if (!is_answered(reply, RB_SLACK_ONCE_ONLY, out_result))
        return;
    rb_str body = rb_str_trim(reply->body);
    rb_json *root = rb_json_parse(body);
    rb_str word = rb_json_str(root, "error");
    bool is_ok = rb_json_true(root, "ok") || rb_str_equal(body, RB_STR("ok"));

    if (word.len > 0)
        judge_word(out_result, word, reply, RB_SLACK_ONCE_ONLY);
    else if (reply->status < 300 && (is_ok || body.len == 0))
        out_result->outcome = RB_CHAT_OK;
    else if (is_bare_word(body))
        judge_word(out_result, body, reply, RB_SLACK_ONCE_ONLY);
    else
        judge_foreign(out_result, reply->status, RB_SLACK_ONCE_ONLY);
    rb_json_free(root);
}
