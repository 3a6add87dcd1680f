/* When the chat platform is away, or refuses a message for its form or the whole app. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/outbox.h"
#include "resetbot/log.h"

/* ---- the platform is away ----------------------------------------------------------------------------------------- */

#define AWAY_MAX_MS RB_MINUTE_MS
#define PROBE_MAX_MS (5 * RB_SECOND_MS) /* R5: a card is edited within 5 s of the platform being there again */

static bool is_first_away(const row *item)
{
    for (const row *other = item->engine->rows; other != item; other = other->next) {
        if (other->is_away) {
            return false;
        }
    }
    return true;
}

/* The first of them finds out that the platform is there again; the others do not hammer it. */
void outbox_away(row *item, int64_t retry_after_ms)
{
    rb_engine *engine = item->engine;
    rb_now now = engine_now(engine);
    int64_t most = is_first_away(item) ? PROBE_MAX_MS : AWAY_MAX_MS;
    int64_t wait = RB_SECOND_MS << (item->n_away < 6 ? item->n_away : 6);
    wait = wait < most ? wait : most;
    item->n_away++;
    item->is_away = true;
    engine->chat_away_utc_ms = engine->chat_away_utc_ms ? engine->chat_away_utc_ms : now.utc_ms;
    outbox_again_at(item, now.boot_ms + (wait > retry_after_ms ? wait : retry_after_ms));
}

static bool is_limited(const char *error)
{
    return strcmp(error, "ratelimited") == 0 || strcmp(error, "rate_limited") == 0;
}

void outbox_later(row *item, const rb_chat_result *result)
{
    if (is_limited(result->error)) {
        int64_t wait = result->retry_after_ms > 0 ? result->retry_after_ms : RB_SECOND_MS;
        outbox_chat_is_there(item->engine);
        outbox_again_at(item, engine_now(item->engine).boot_ms + wait);
    } else {
        outbox_away(item, result->retry_after_ms);
    }
}

void outbox_chat_said(rb_engine *engine, const rb_chat_result *result)
{
    bool is_away =
        result->outcome == RB_CHAT_UNCLEAR || (result->outcome == RB_CHAT_LATER && !is_limited(result->error));
    if (result->outcome == RB_CHAT_OK) {
        outbox_chat_is_there(engine);
    } else if (is_away && !engine->chat_away_utc_ms) {
        engine->chat_away_utc_ms = engine_now(engine).utc_ms;
    }
}

void outbox_chat_is_there(rb_engine *engine)
{
    int64_t now = engine_now(engine).boot_ms;
    if (!engine->chat_away_utc_ms) {
        return;
    }
    engine->chat_away_utc_ms = 0;
    for (row *item = engine->rows; item; item = item->next) {
        if (item->is_away && item->state == ROW_IDLE) {
            item->not_before_boot_ms = now;
        }
        item->is_away = false;
        item->n_away = 0;
    }
}

/* The installation is refused, not this message: an administrator mends that, and nothing is lost until then. */
bool outbox_is_about_app(const char *error)
{
    static const char *const WORDS[] = {"invalid_auth",  "not_authed",    "account_inactive",  "token_revoked",
                                        "token_expired", "team_disabled", "org_login_required"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (strcmp(error, WORDS[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- refused for its form ------------------------------------------------------------------------------------------ */

static bool is_about_form(const char *error)
{
    static const char *const WORDS[] = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long",
                                        "msg_too_long",   "invalid_arguments",     "no_text"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (strcmp(error, WORDS[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void plain_saved(rb_engine *engine, void *context, rb_change *change)
{
    (void)change;
    outbox_again_at(context, engine_now(engine).boot_ms);
}

bool outbox_goes_plain(row *item, const rb_chat_result *result)
{
    rb_engine *engine = item->engine;
    rb_buf payload;
    char *plain = NULL;
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    bool is_made =
        is_about_form(result->error) &&
        engine->config.chat.plain(engine->config.chat.self, rb_str_of(item->out->payload), &payload) == RB_OK &&
        rb_buf_take(&payload, &plain) == RB_OK;
    rb_buf_fini(&payload);
    if (!is_made) {
        return false;
    }
    rb_log(RB_LOG_ERROR, "event=sent_as_text request=%s error=%s", item->out->request, result->error);
    rb_change *change = engine_change_new();
    assert(change && "out of memory for a change");
    free(item->out->payload);
    item->out->payload = plain;
    item->state = ROW_MARKING;
    change->out_put[change->n_out_put++] = item->out;
    engine_record(engine, change, "sent_as_text", item->out->request, NULL, "", result->error);
    engine_commit_take(engine, change, plain_saved, item);
    if (item->out->kind == RB_OUT_CARD) {
        rb_copy_fit(item->plain_error, sizeof item->plain_error, result->error);
    }
    return true;
}

void outbox_plain_stands(row *item)
{
    if (item->plain_error[0]) {
        engine_start_post_problem(item->engine, item->out->request, item->plain_error, true);
        item->plain_error[0] = '\0';
    }
}
