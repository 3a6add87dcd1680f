/* slack_faults.c - see slack_faults.h. Causes: method-docs of auth.test and apps.connections.open; domain/slack.md 1.1, 1.6. */
#include "chat/slack_faults.h"

#include <stddef.h>
#include <string.h>

typedef struct {
    const char *word;
    bool is_lasting;
    const char *advice;
} fault;

static const fault FAULTS[] = {
    {"invalid_auth", true,
     "the token is wrong or was replaced: make a new one in the app settings and put it in place"},
    {"not_authed", true, "no token reached Slack: see whether a proxy drops the Authorization header"},
    {"not_allowed_token_type", true, "the two tokens are swapped: app_token is xapp-..., bot_token is xoxb-..."},
    {"account_inactive", true, "the app was removed from the workspace or its bot deactivated: install it again"},
    {"user_removed_from_team", true, "the app was removed from the workspace: install it again"},
    {"team_disabled", true, "the workspace is disabled: ask its owner"},
    {"token_revoked", true, "the token was revoked: install the app again and put the new token in place"},
    {"token_expired", true, "the token expired: turn token rotation off for this app, or put a new token in place"},
    {"missing_scope", true, "a scope is missing: compare the app with config/slack-manifest and install it again"},
    {"forbidden_team", true, "this app may not connect from this workspace: see its distribution settings"},
    {"org_login_required", true, "the workspace is moving to an organisation: wait until Slack has finished"},
    {"access_denied", true, "the workspace's rules keep this app out: ask a workspace administrator"},
    {"link_disabled", true, "Socket Mode was switched off: switch it on in the app settings"},
    {"too_many_websockets", true,
     "the app has more than 10 connections: stop other programs that use its app token, or wait until dead ones are "
     "gone"},
    {"extra_connections", false,
     "somebody else is connected with this app token and receives part of the commands: stop it or replace the token"},
    {"ratelimited", false, "connections are opened too often: look for other programs with the same app token"},
    {"tls_failed", true, "the certificate does not fit: see the CA file and whether a proxy opens TLS"},
    {"no_json", true, "something other than Slack answered: see api_url and the proxy"},
    {"upgrade_200", true, "a proxy answered the websocket upgrade itself: let wss to Slack through"},
    {"upgrade_401", false, "the connection's ticket was refused; a new one is fetched"},
    {"upgrade_403", true, "the websocket upgrade is forbidden: see the proxy and the workspace's IP rules"},
    {"upgrade_404", false, "the connection's address is unknown; a new one is fetched"},
    {"upgrade_407", true, "the proxy wants a password: put it into the configuration"},
    {"upgrade_408", false, "the connection's ticket was too old or used; a new one is fetched"},
    {"upgrade_409", false, "several connections were opened at once; tried again after a random pause"},
};

static const fault *find(const char *word)
{
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++)
        if (strcmp(FAULTS[i].word, word) == 0)
            return &FAULTS[i];
    return NULL;
}

const char *rb_slack_advice(const char *word)
{
    const fault *found = find(word);

    return found ? found->advice : "tried again after a pause";
}

bool rb_slack_is_lasting(const char *word)
{
    const fault *found = find(word);

    return found && found->is_lasting;
}
