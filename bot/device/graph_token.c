/* graph_token.c - see graph_token.h. */
#include "device/graph_token.h"

#include "device/retry.h"

/* A token that ends within this is not sent any more: the call takes time to arrive. Short-lived tokens: a tenth. */
#define MARGIN_MS (30 * RB_SECOND_MS)

void rb_graph_token_fini(rb_graph_token *token)
{
    rb_secret_free(token->value);
    *token = (rb_graph_token){0};
}

bool rb_graph_token_is_usable(const rb_graph_token *token, int64_t boot_ms)
{
    return token->value && boot_ms < token->end_boot_ms;
}

bool rb_graph_token_is_due(const rb_graph_token *token, int64_t boot_ms)
{
    return !token->value || boot_ms >= token->renew_boot_ms;
}

bool rb_graph_token_may_fetch(const rb_graph_token *token, int64_t boot_ms)
{
    return !token->is_fetching && boot_ms >= token->retry_boot_ms;
}

bool rb_graph_token_is_out(const rb_graph_token *token, int64_t boot_ms)
{
    return !rb_graph_token_is_usable(token, boot_ms) && !token->is_fetching && token->is_failed &&
           boot_ms < token->retry_boot_ms;
}

void rb_graph_token_fetching(rb_graph_token *token)
{
    token->is_fetching = true;
    token->is_failed = false;
}

static void keep(rb_graph_token *token, const rb_entra_answer *answer, int64_t boot_ms)
{
    int64_t life_ms = answer->lifetime_ms;
    int64_t margin_ms = life_ms / 10 < MARGIN_MS ? life_ms / 10 : MARGIN_MS;
    bool is_short = life_ms / 2 < RB_GRAPH_RENEW_BEFORE_MS;

    rb_secret_free(token->value);
    token->value = answer->token;
    token->generation++;
    token->end_boot_ms = boot_ms + life_ms - margin_ms;
    token->renew_boot_ms = boot_ms + (is_short ? life_ms / 2 : life_ms - RB_GRAPH_RENEW_BEFORE_MS);
    token->retry_boot_ms = 0;
    token->tries = 0;
}

void rb_graph_token_answered_take(rb_graph_token *token, const rb_entra_answer *answer, int64_t boot_ms,
                                  const rb_random *random)
{
    token->is_fetching = false;
    if (answer->outcome == RB_ENTRA_TOKEN) {
        keep(token, answer, boot_ms);
        return;
    }
    token->tries++;
    int64_t wait_ms = answer->retry_after_ms >= 0 ? answer->retry_after_ms : rb_retry_backoff_ms(token->tries, random);
    bool is_passing = answer->outcome == RB_ENTRA_LATER && token->tries < RB_GRAPH_TOKEN_TRIES;
    token->is_failed = !is_passing || wait_ms > RB_GRAPH_TOKEN_WAIT_MAX_MS;
    if (token->is_failed) {
        token->tries = 0;
        wait_ms = wait_ms > RB_GRAPH_TOKEN_REST_MS ? wait_ms : RB_GRAPH_TOKEN_REST_MS;
    }
    token->retry_boot_ms = boot_ms + wait_ms;
    token->failure = answer->outcome;
    rb_copy_fit(token->detail, sizeof token->detail, answer->detail);
}

void rb_graph_token_drop(rb_graph_token *token, uint64_t generation)
{
    if (token->generation != generation)
        return;
    rb_secret_free(token->value);
    token->value = NULL;
}
