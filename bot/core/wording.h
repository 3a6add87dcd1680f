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
/* Where facts go: into a message, whose times each reader sees in their own time zone, or into text, where they are UTC. */
typedef struct {
    rb_message *message; /* one of the two */
    rb_buf *text;
} word_to;

word_to word_to_message(rb_message *message);
word_to word_to_text(rb_buf *text);
void word_put(word_to to, const char *text);
/* To be copied. */
void word_put_code(word_to to, const char *text);
/* The translated sentence with a command to copy in the place of {command}. verb: without the root. */
void word_command(const rb_words *words, rb_message *out, const char *english, const char *verb);
void word_put_time(word_to to, int64_t utc_ms, rb_time_form form);
/* The translated template, filled. args ends with {NULL, NULL}. */
void word_put_filled(const rb_words *words, word_to to, const char *english, const rb_arg *args);
/* The same with a time in the place of {when}, which is not among args. */
void word_put_when(const rb_words *words, word_to to, const char *english, const rb_arg *args, int64_t utc_ms,
                   rb_time_form form);

/* "R-7K3F · Remove passcode · iPhone 14 (…4F2K) of Adele Vance" */
void word_title(const rb_words *words, const rb_request *request, rb_buf *out);
/* The title in bold, as a paragraph that goes on. */
void word_title_para(const rb_words *words, const rb_request *request, rb_message *out);
/* To who goes on with it: that it is theirs now, and by whom. */
void word_taken_over(const rb_words *words, const rb_request *request, rb_message *out);
/* "It is with henry (U…); before: hanna (U…)" */
void word_holders(const rb_words *words, const rb_request *request, rb_buf *out);
/* "hanna (U02…)": a name for showing with the id that counts. */
void word_person(const rb_actor *actor, rb_buf *out);
void word_decision(const rb_decision *decision, rb_buf *out);
/* "iPhone 14"; what else there is when Intune knows no model. */
void word_model(const rb_device *device, rb_buf *out);
/* Who asked, who has it now, with which ticket, and why: at most so many characters of the reason. */
void word_asked_by(const rb_words *words, const rb_request *request, size_t max_chars, word_to to);
void word_device_facts(const rb_words *words, const rb_device *device, word_to to);
/* What happens, in one whole sentence: for the preview. The facts have a shorter one. */
void word_whole_effect(const rb_words *words, const rb_request *request, word_to to);
/* What an approver should think about, as one line of words after a line break; nothing when there is nothing. */
void word_flags(const rb_words *words, const rb_request *request, word_to to);
/* The questions about a request, as choices; what it has answers for is chosen at first. */
void word_questions(const rb_words *words, const rb_request *draft, rb_message *out);
/* The devices that cannot be reset in one small line with why; nothing when all can. */
void word_refused(const rb_words *words, const rb_pick *picks, size_t n, rb_message *out);
/* "company"; words that are not known as they are. */
const char *word_ownership(const rb_words *words, const char *owner_type);
/* Earlier requests, after a line break; nothing when there are none. */
void word_earlier(const rb_words *words, const rb_request *request, word_to to);
/* Everything after the title, one fact a line, in the order that people learn to expect: who asked, why, with which ticket;
 * how sure it is; the device; what happens; what to think about; what happened before. */
void word_facts(const rb_words *words, const rb_request *request, word_to to);
/* The state with what comes next, a final one with its outcome. */
void word_state(const rb_words *words, const rb_request *request, word_to to);
/* "Approved by Arvid, Agnes", before it what parts it from the text there; nothing when nobody did. */
void word_approved_by(const rb_words *words, const rb_request *request, const char *before, const char *english,
                      rb_message *out);
/* Platform-specific advice for a final or waiting state; "" when there is none. */
const char *word_advice(const rb_words *words, const rb_request *request);
/* One sentence for the final state. max_chars: of a reason or detail in it, which the thread has whole. */
void word_outcome(const rb_words *words, const rb_request *request, size_t max_chars, rb_buf *out);

/* Characters that the message's text still has room for. */
size_t word_room_left(const rb_message *message);
/* A paragraph that begins with it: its title, or of whom a device is being chosen. */
void word_item_title(const rb_words *words, const rb_request *request, rb_message *out);
/* What can be done with one's own request, and where its card is. */
void word_item_link(const rb_words *words, const rb_home_item *item, rb_message *out);
void word_item_buttons(const rb_words *words, const rb_home_item *item, rb_message *out);

/* "They type: /passcode approve R-7K3F": what somebody else can do. */
void word_others_type(const rb_words *words, rb_message *out, const char *command);
/* How it is tried again: by the request, as it was typed, or on the device. request, device, support may be NULL. */
void word_next_again(const rb_words *words, const rb_request *request, const rb_device *device,
                     const rb_support *support, rb_message *out);
/* "remove F2LXK4QQ4F2K": by the platform's word, and serial number or id. support NULL: as the device has it. */
void word_reset_command(const rb_device *device, const rb_support *support, rb_buf *out);
void word_next_reset(const rb_words *words, const rb_device *device, const rb_support *support, rb_message *out);

/* At most so many characters of what others chose; the last one is then "…". */
void word_short(rb_buf *out, const char *text, size_t max_chars);

/* Together they keep every message below RB_MESSAGE_TEXT_MAX: a card that cannot be posted is seen by nobody. */
#define WORD_MODEL_CHARS 60
#define WORD_NAME_CHARS 80     /* Slack's own limit of a display name */
#define WORD_APPROVER_CHARS 40 /* up to RB_APPROVALS_MAX of them */
#define WORD_VERSION_CHARS 40
#define WORD_WHOLE_CHARS RB_REASON_CAP /* of a reason or a detail: all of it */
#define WORD_FOLDED_CHARS 90           /* of the same on a card that is folded to one line */
#define WORD_UPN_CHARS 113             /* Entra's limit (limits.h) */
#define WORD_SMALL_CHARS 2500          /* one small paragraph; Slack takes 3,000 */
#define WORD_LIST_CHARS 3600           /* lists stop here, and count what is left */

#define WORD_TEXT_MAX 6000

#endif
