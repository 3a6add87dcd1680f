/* core/wording.h - helpers shared by the wording files. */
#ifndef RESETBOT_CORE_WORDING_H
#define RESETBOT_CORE_WORDING_H

#include "resetbot/wording.h"

/* The reader's translation of an English template. */
const char *word_tr(const rb_words *words, const char *english);
/* The translated template, filled. args ends with {NULL, NULL}. */
void word_add(const rb_words *words, rb_buf *out, const char *english, const rb_arg *args);
/* Adds the translated, filled template as a text run to the message's present block. */
void word_run(const rb_words *words, rb_message *out, const char *english, const rb_arg *args);
/* The same as a paragraph of its own. */
void word_para(const rb_words *words, rb_message *out, const char *english, const rb_arg *args);
/* "R-7K3F · Remove passcode · iPhone 14 (…4F2K) of Adele Vance" */
void word_title(const rb_words *words, const rb_request *request, rb_buf *out);
/* "hanna (U02…)": a name for showing with the id that counts. */
void word_person(const rb_actor *actor, rb_buf *out);
/* How the caller was verified, who holds the device, which lock. */
void word_answers(const rb_words *words, const rb_request *request, rb_buf *out);
/* What happens, with the warnings that belong to it. */
void word_effect(const rb_words *words, const rb_request *request, rb_buf *out);
/* Everything after the title, one fact a line. */
void word_facts_lines(const rb_words *words, const rb_request *request, rb_buf *out);
/* Platform-specific advice for a final or waiting state; "" when there is none. */
const char *word_advice(const rb_words *words, const rb_request *request);
/* One sentence for the final state. */
void word_outcome(const rb_words *words, const rb_request *request, rb_buf *out);

/* At most so many characters of what others chose; the last one is then "…". */
void word_short(rb_buf *out, const char *text, size_t max_chars);

/* Together they keep every message below RB_MESSAGE_TEXT_MAX: a card that cannot be posted is seen by nobody. */
#define WORD_MODEL_CHARS 60
#define WORD_NAME_CHARS 80     /* Slack's own limit of a display name */
#define WORD_APPROVER_CHARS 40 /* up to RB_APPROVALS_MAX of them */
#define WORD_VERSION_CHARS 40
#define WORD_UPN_CHARS 113    /* Entra's limit (limits.h) */
#define WORD_SMALL_CHARS 2500 /* one small paragraph; Slack takes 3,000 */
#define WORD_LIST_CHARS 3600  /* lists stop here, and count what is left */

#define WORD_TEXT_MAX 6000

#endif
