/* slack_config.h - whether a Slack configuration can work, before anything is tried. */
#ifndef RB_CHAT_SLACK_CONFIG_H
#define RB_CHAT_SLACK_CONFIG_H

#include <stdbool.h>

#include "chat/slack_session.h"
#include "resetbot/err.h"
#include "resetbot/str.h"

#define RB_SLACK_TOKEN_MAX 500 /* ours; tokens have some 60 to 150 characters today */

/* RB_E_CONFIG with a sentence that names the key and the fix, never a value: address, kind of each token, connections. */
rb_err rb_slack_config_check(const rb_slack_config *config, rb_errbuf *errbuf) RB_MUST_CHECK;

/* An http URL of this very machine. */
bool rb_slack_is_loopback(rb_str url);

#endif
