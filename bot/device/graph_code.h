/* graph_code.h - taking one temporary passcode out of a reply, past every library that would copy it (S6). */
#ifndef DEVICE_GRAPH_CODE_H
#define DEVICE_GRAPH_CODE_H

#include "resetbot/err.h"
#include "resetbot/request.h"
#include "resetbot/secret.h"
#include "resetbot/str.h"

/* The passcode of exactly the entry with that key in a GET of the device's deviceActionResults. RB_E_NOT_FOUND when no
 * entry has the key, or it has no passcode; RB_E_CONFLICT for another device's id, or two entries with the key;
 * RB_E_SYNTAX for anything that does not fit. Intermediate copies are wiped. */
rb_err rb_graph_take_code(rb_str body, const char *id, const rb_action_key *key, rb_secret **out_code) RB_MUST_CHECK;

#endif
