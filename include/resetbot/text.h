/* text.h - making strangers' text inert before it is stored or shown (S7), and speaking in templates. */
#ifndef RESETBOT_TEXT_H
#define RESETBOT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/str.h"

/* Appends text as valid UTF-8 (bad bytes become U+FFFD) without control, bidi-control, zero-width, tag and other
 * invisible format characters; line breaks, tabs and non-breaking or odd spaces become one space each; runs of white space collapse; ends trimmed. */
void rb_text_clean(rb_buf *out, rb_str text);
/* The same into a fixed array; RB_E_LIMIT when it does not fit (dst untouched). */
rb_err rb_text_clean_copy(char *dst, size_t cap, rb_str text) RB_MUST_CHECK;
/* As clean_copy, for showing only: what does not fit ends in "…" at a character's boundary. */
void rb_text_clip(char *dst, size_t cap, rb_str text);
/* Whether rb_text_clean leaves this character as it is: no terminal obeys it, and nothing is hidden or reordered by it. */
bool rb_text_is_shown(uint32_t code);
/* Characters (code points), not bytes; invalid bytes count one each. */
size_t rb_text_chars(rb_str text);

/* Reads as a passcode, PIN or password: "pin 1234", "code: a1B2c3", "password is ...", a lone run of 4-12 digits, a lone
 * mixed run such as "a1B2c3D4". Ticket numbers (letters then digits: INC0012345, JIRA-123), phone words, dates, versions and
 * device ids do not. English and Swedish key words (kod, lösenord, pinkod). */
bool rb_text_looks_secret(rb_str text);

/* Finds a ticket number such as INC0012345, CHG0001, RITM00123, JIRA-123 as a whole word; empty when none. */
rb_str rb_text_find_ticket(rb_str text);

/* ---- templates: "Approved by {who}" -------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    const char *value; /* put in as it is: clean it first */
} rb_arg;

/* Appends the template with each {name} replaced; an unknown name is our bug and asserts. args ends with {NULL, NULL}. */
void rb_text_fill(rb_buf *out, const char *format, const rb_arg *args);

#endif
