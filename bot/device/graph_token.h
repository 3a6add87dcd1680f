/* graph_token.h - one cached token: when to ask for a new one, and what callers are told meanwhile. A pure state machine;
 * the session does its HTTP. */
#ifndef DEVICE_GRAPH_TOKEN_H
#define DEVICE_GRAPH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "device/entra.h"
#include "resetbot/random.h"

/* Renewed this long before its end, or at half its life if that is less (domain/intune.md 3). */
#define RB_GRAPH_RENEW_BEFORE_MS (5 * RB_MINUTE_MS)
/* Requests in a row before callers are told that there is no token. */
#define RB_GRAPH_TOKEN_TRIES 3
/* A longer Retry-After is not waited for: callers are told at once. */
#define RB_GRAPH_TOKEN_WAIT_MAX_MS (5 * RB_SECOND_MS)
/* After that, or a refusal, nothing is asked for this long. */
#define RB_GRAPH_TOKEN_REST_MS (30 * RB_SECOND_MS)

typedef struct {
    rb_secret *value;    /* NULL: none */
    uint64_t generation; /* counts tokens: a call remembers which one it used */
    int64_t renew_boot_ms;
    int64_t end_boot_ms;
    bool is_fetching;
    unsigned tries;        /* in a row without a token */
    int64_t retry_boot_ms; /* not before */
    bool is_failed;        /* callers are told until retry_boot_ms */
    rb_entra_outcome failure;
    char detail[RB_DETAIL_CAP];
} rb_graph_token;

/* Zeroed before first use. Wipes the token. */
void rb_graph_token_fini(rb_graph_token *token);

bool rb_graph_token_is_usable(const rb_graph_token *token, int64_t boot_ms);
bool rb_graph_token_is_due(const rb_graph_token *token, int64_t boot_ms); /* none, or time to renew */
bool rb_graph_token_may_fetch(const rb_graph_token *token, int64_t boot_ms);
/* No token, and none to be expected before retry_boot_ms: failure and detail say why. */
bool rb_graph_token_is_out(const rb_graph_token *token, int64_t boot_ms);

/* A request was started. */
void rb_graph_token_fetching(rb_graph_token *token);
/* It was answered; the answer's token is taken. */
void rb_graph_token_answered_take(rb_graph_token *token, const rb_entra_answer *answer, int64_t boot_ms,
                                  const rb_random *random);
/* Graph refused the token of that generation: forgotten, unless a newer one is there. */
void rb_graph_token_drop(rb_graph_token *token, uint64_t generation);

#endif
