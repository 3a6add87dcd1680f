/* slack_config.c - see slack_config.h. */
#include "chat/slack_config.h"

#include <string.h>

bool rb_slack_is_loopback(rb_str url)
{
    static const char *const hosts[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        size_t len = strlen(hosts[i]);
        if (rb_str_starts(url, rb_str_of(hosts[i])) && len < url.len && (url.ptr[len] == ':' || url.ptr[len] == '/'))
            return true;
    }
    return false;
}

static rb_err check_url(const char *api_url, rb_errbuf *errbuf)
{
    rb_str url = rb_str_of(api_url);
    rb_str end = RB_STR("/api/");

    if (url.len < end.len || !rb_str_equal((rb_str){url.ptr + url.len - end.len, end.len}, end))
        return rb_fail(errbuf, RB_E_CONFIG, "chat.slack.api_url does not end in /api/: write https://slack.com/api/");
    if (url.len > RB_CHAT_URL_CAP)
        return rb_fail(errbuf, RB_E_CONFIG, "chat.slack.api_url is too long: write https://slack.com/api/");
    if (!rb_str_starts(url, RB_STR("https://")) && !rb_slack_is_loopback(url))
        return rb_fail(errbuf, RB_E_CONFIG,
                       "chat.slack.api_url is not https: plain http is for loopback addresses only");
    return RB_OK;
}

/* docs.slack.dev/authentication/tokens (read 2026-11): xapp- app level, xoxb- bot, xoxp- user, xoxe. rotating. */
static const char *token_kind(rb_str token)
{
    static const char *const kinds[][2] = {{"xapp-", "an app-level token"},
                                           {"xoxb-", "a bot token"},
                                           {"xoxe.xoxb-", "a rotating bot token"},
                                           {"xoxp-", "a user token"},
                                           {"xoxe.xoxp-", "a rotating user token"},
                                           {"xoxe-", "a refresh token"},
                                           {"xoxa-", "a legacy token"},
                                           {"xoxs-", "a session token"},
                                           {"xoxc-", "a browser's token"}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (rb_str_starts(token, rb_str_of(kinds[i][0])))
            return kinds[i][1];
    return token.len == 0 ? "empty" : "no Slack token";
}

static rb_err check_token(const char *key, const rb_secret *secret, const char *prefix, const char *fix,
                          rb_errbuf *errbuf)
{
    rb_str token = rb_secret_reveal(secret);

    if (!rb_str_starts(token, rb_str_of(prefix)))
        return rb_fail(errbuf, RB_E_CONFIG, "chat.slack.%s is %s: %s", key, token_kind(token), fix);
    if (token.len > RB_SLACK_TOKEN_MAX)
        return rb_fail(errbuf, RB_E_CONFIG, "chat.slack.%s is too long: %s", key, fix);
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] <= ' ' || token.ptr[i] >= 0x7f)
            return rb_fail(errbuf, RB_E_CONFIG, "chat.slack.%s holds a space or an odd character: %s", key, fix);
    return RB_OK;
}

rb_err rb_slack_config_check(const rb_slack_config *config, rb_errbuf *errbuf)
{
    rb_err err = check_url(config->api_url, errbuf);

    if (err == RB_OK)
        err =
            check_token("app_token", config->app_token, "xapp-",
                        "make one with the scope connections:write under Basic Information, App-Level Tokens", errbuf);
    if (err == RB_OK)
        err = check_token("bot_token", config->bot_token, "xoxb-",
                          "copy the Bot User OAuth Token from OAuth & Permissions (without token rotation)", errbuf);
    if (err == RB_OK && (config->connections < 1 || config->connections > RB_CONNECTIONS_MAX))
        err = rb_fail(errbuf, RB_E_CONFIG, "chat.slack.connections is %u: write 1 to %d", (unsigned)config->connections,
                      RB_CONNECTIONS_MAX);
    if (err == RB_OK && rb_str_of(config->command).len >= RB_WORD_CAP)
        err = rb_fail(errbuf, RB_E_CONFIG, "the command is too long: Slack allows 32 characters");
    return err;
}
