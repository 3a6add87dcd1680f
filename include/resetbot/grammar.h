/* grammar.h - what people type after the slash command, understood. Pure. */
#ifndef RESETBOT_GRAMMAR_H
#define RESETBOT_GRAMMAR_H

#include <stdbool.h>

#include "resetbot/limits.h"
#include "resetbot/str.h"

typedef enum {
    RB_TARGET_NONE,
    RB_TARGET_MENTION,   /* value: chat user id */
    RB_TARGET_USER,      /* value: user principal name or e-mail address */
    RB_TARGET_DEVICE_ID, /* value: GUID, lower case */
    RB_TARGET_SERIAL,
    RB_TARGET_NAME,   /* part of somebody's name: letters, no digit, none of the others; several words when quoted */
    RB_TARGET_REQUEST /* value: "R-7K3F", upper case, with 'O' 'I' 'L' read as 0 1 1 */
} rb_target_kind;

typedef struct {
    char verb[RB_WORD_CAP]; /* lower case; "" when nothing was typed */
    rb_target_kind target_kind;
    char target[RB_TARGET_CAP];
    bool is_target_too_long;
    char reason[RB_REASON_CAP]; /* without the ticket; "" when none */
    bool is_reason_too_long;    /* over RB_REASON_CHARS_MAX: reason is then "" */
    bool is_reason_secret;      /* RB_SECRET_MARK was found: a passcode was left out */
    char ticket[RB_TICKET_CAP];
} rb_intent;

/* Capitals, curly quotes, non-breaking and odd spaces, other languages' letters, "<@U1>" mentions are understood. A word that
 * looks like a request id (with "R-") is RB_TARGET_REQUEST. Never fails: what is not there is empty. */
void rb_grammar_parse(rb_str text, rb_intent *out_intent);

/* The whole text as a target: for forms. */
void rb_grammar_target(rb_str text, rb_intent *out_intent);

/* A NAME of one word may also be a serial number without digits (ASCII letters, hyphens): then the serial number is looked up
 * first, and people only when no device bears it. */
bool rb_grammar_may_be_serial(const rb_intent *intent);

/* For commands that take no reason: the words behind a NAME belong to it. */
void rb_grammar_whole_name(rb_intent *intent);

/* The nearest of the names that may have been meant, or NULL. names ends with NULL. */
const char *rb_grammar_nearest(const char *word, const char *const *names);
/* How far a word is from a request id, "R-" left out or not; SIZE_MAX when that id was hardly meant. */
size_t rb_grammar_id_distance(rb_str word, const char *id);

#endif
