/* wording.h - every sentence that people read, from facts: pure, into the caller's message.
 *
 * English templates are the keys of the catalogue. Names, reasons and device names are put in as inert text runs. */
#ifndef RESETBOT_WORDING_H
#define RESETBOT_WORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/catalogue.h"
#include "resetbot/delivery.h"
#include "resetbot/device.h"
#include "resetbot/message.h"
#include "resetbot/policy.h"
#include "resetbot/request.h"
#include "resetbot/text.h"

/* What sentences need besides their subject. */
typedef struct {
    rb_catalogue catalogue;
    const char *root;        /* "/passcode" */
    const rb_policy *policy; /* whom to ask: approvers, administrators */
    rb_now now;
    const char *typed;   /* the command that is answered, without the root; NULL: none was typed */
    const char *helpers; /* names of those whom a refusal says to ask, "Ada Berg, Olle Ek"; NULL: not known */
} rb_words;

/* One whole sentence or label without arguments. */
const char *rb_word_text(const rb_words *words, const char *english);

/* ---- small pieces --------------------------------------------------------------------------------------------- */

/* "Remove passcode", "Reset passcode", "Reset PIN". */
const char *rb_word_action(const rb_words *words, rb_action_word word);
/* "iPhone 14 (…4F2K) of Adele Vance", "(no user)" when there is none. */
void rb_word_device(const rb_words *words, const rb_device *device, rb_buf *out);
/* What a reset does there, in one sentence; or why it cannot, and what works instead. */
const char *rb_word_support(const rb_words *words, const rb_support *support);
/* The state in plain words with what comes next: "waiting for 1 approval until 2026-03-02 14:32 UTC". */
void rb_word_state(const rb_words *words, const rb_request *request, rb_buf *out);

/* An English sentence that is kept with a request, an answer or an event, in the reader's language. What belongs to it but
 * is no sentence stands behind it in parentheses: "Microsoft Graph failed (status 503)". Others' words stay as they are. */
void rb_word_stored(const rb_words *words, const char *english, rb_buf *out);

/* ---- the channel ------------------------------------------------------------------------------------------------- */

/* Button values as rb_bind made them; NULL: no such button. */
typedef struct {
    const char *approve;
    const char *deny;
    const char *show;
    const char *again;
    const char *cancel;
} rb_card_buttons;

/* The request's one channel message: facts while it is open, one line with the outcome when final. is_pinging: the first
 * post, that mentions the approvers. is_private: for one approver's eyes (`approve R-...`). */
void rb_word_card(const rb_words *words, const rb_request *request, const rb_card_buttons *buttons, bool is_pinging,
                  rb_message *out);
/* One thread line: "3 · 2026-03-02 14:03:55 UTC · sent to Intune (client-request-id ...)". ASKED holds every fact of the card. */
void rb_word_line(const rb_words *words, const rb_request *request, rb_note note, rb_message *out);

/* ---- private ------------------------------------------------------------------------------------------------------ */

/* Direct messages. link: the card's permalink, NULL when not known. owner_words: in the device owner's language, for what the
 * requester may send on to them. */
void rb_word_tell_requester(const rb_words *words, const rb_words *owner_words, const rb_request *request, rb_note note,
                            const rb_card_buttons *buttons, rb_message *out);
/* Added to those after DONE, and to its requester's `status`: what the helpdesk can send to the owner, by platform, framed for
 * copying. Never the code. Adds nothing before DONE. */
void rb_word_for_owner(const rb_words *words, const rb_words *owner_words, const rb_request *request, rb_message *out);
void rb_word_tell_owner(const rb_words *words, const rb_request *request, rb_note note, rb_message *out);
void rb_word_tell_approver(const rb_words *words, const rb_request *request, rb_note note, const char *link,
                           rb_message *out);

/* In the place of the above, once there is nothing left to decide: who did, and how. */
void rb_word_decided(const rb_words *words, const rb_request *request, rb_message *out);

/* When somebody else goes on with a request (wording_take.c). Button values as rb_bind made them: the first two are its
 * requester's, the last an approver's. */
typedef struct {
    const char *hand_over;
    const char *keep;
    const char *let;
} rb_take_buttons;

typedef enum { RB_TAKE_HANDED_OVER, RB_TAKE_LET, RB_TAKE_KEPT } rb_take_answer;

/* To who wants to take it: who was asked, and that nothing changes before. */
void rb_word_take_asked(const rb_words *words, const rb_request *request, size_t n_approvers, rb_message *out);
/* The question itself, with facts and link (may be NULL). */
void rb_word_take_question(const rb_words *words, const rb_request *request, const rb_actor *taker, const char *link,
                           const rb_take_buttons *buttons, rb_message *out);
/* In the place of the question, once it is answered. The request as it is after that. */
void rb_word_take_answered(const rb_words *words, const rb_request *request, const rb_actor *taker,
                           rb_take_answer answer, rb_message *out);
/* To who asked: its requester keeps it. */
void rb_word_take_kept(const rb_words *words, const rb_request *request, rb_message *out);
/* To who had it: who has it now, and who let them. */
void rb_word_tell_past(const rb_words *words, const rb_request *request, rb_message *out);
/* To who presses a button made for an earlier requester. */
void rb_word_taken_since(const rb_words *words, const rb_request *request, rb_message *out);
/* To who would let somebody take it who may not. */
void rb_word_may_not_take(const rb_words *words, const rb_request *request, const rb_actor *taker, rb_denial denial,
                          rb_message *out);
/* "taken over by henry (U…) from hanna (U…), let by arvid (U…)": for the thread and the record. */
void rb_word_taken(const rb_words *words, const rb_request *request, rb_buf *out);

typedef struct {
    const char *send;
    const char *other; /* NULL: no other device to choose */
    const char *cancel;
} rb_preview_buttons;

#define RB_FIELD_VERIFIED "verified" /* values: called_back, video, in_person */
#define RB_FIELD_HOLDS "holds"       /* yes, no, unknown */
#define RB_FIELD_LOCK "lock"         /* work_profile, phone */
#define RB_FIELD_TARGET "target"
#define RB_FIELD_DEVICE "device" /* a device id */
#define RB_FIELD_PERSON "person" /* an Entra object id */
#define RB_FIELD_REASON "reason"
#define RB_FIELD_TICKET "ticket"

/* The words of the first three as values of their fields; "" for one that is not answered. */
const char *rb_verified_value(rb_verified verified);
const char *rb_holds_value(rb_holds holds);
const char *rb_lock_value(rb_stuck_lock lock);
/* And back; what is none of them is not answered. */
rb_verified rb_verified_of(const char *value);
rb_holds rb_holds_of(const char *value);
rb_stuck_lock rb_lock_of(const char *value);

/* The preview of a draft with its questions; what the draft has answers for is chosen already. problem: a sentence above it (an answer is missing), or NULL. */
void rb_word_preview(const rb_words *words, const rb_request *draft, const rb_preview_buttons *buttons,
                     const char *problem, rb_message *out);

typedef struct {
    const rb_device *device;
    rb_support support;
    rb_denial denial;  /* RB_ALLOWED: it gets a button */
    const char *value; /* as rb_bind made it */
} rb_pick;

/* Private pick list: a section with a button each, page by page; the others folded into one line with reasons. */
void rb_word_picks(const rb_words *words, const rb_request *draft, const rb_pick *picks, size_t n, size_t first,
                   const char *more_value, const char *cancel_value, rb_message *out);
/* The answer of `devices`: each device with what a reset would do there, or why it cannot. */
void rb_word_devices(const rb_words *words, const char *owner, const rb_pick *picks, size_t n, rb_message *out);

/* Somebody of the directory who may be meant. */
typedef struct {
    const char *name;
    const char *upn;
    const char *department; /* "" when not known */
    const char *value;      /* of the button, as rb_bind made it */
} rb_found_person;

/* What a look-up by part of a name came to. */
typedef struct {
    const char *verb;    /* "devices", "reset" */
    const char *part;    /* as typed */
    const char *request; /* the draft that waits for the choice; "" for devices */
    const char *cancel;  /* button value; NULL: no such button */
    const rb_found_person *people;
    size_t n;
    bool has_more;       /* and there are others */
    bool is_too_short;   /* nobody was looked for */
    bool was_serial_too; /* and no device bears it as its serial number */
} rb_people_found;

/* Private list of people, each with a button and the command that names them: nobody is chosen, also not a single one. */
void rb_word_people(const rb_words *words, const rb_people_found *found, rb_message *out);
/* The answer when there is none to list. */
void rb_word_nobody(const rb_words *words, const rb_people_found *found, rb_message *out);

/* Why not: what, why, who can help, and the next command (U2). device and request may be NULL. */
void rb_word_denial(const rb_words *words, rb_denial denial, const rb_device *device, const rb_support *support,
                    const rb_request *request, rb_message *out);
/* Whose names belong into that: rb_words.helpers. false: nobody's. */
bool rb_word_helpers_of(rb_denial denial, rb_role *out_role);
/* One sentence of the above, for lists and records. */
const char *rb_word_denial_short(const rb_words *words, rb_denial denial);
/* Why an approver does not count for a request, in a few words to its requester. */
const char *rb_word_unreachable(const rb_words *words, rb_denial denial);
/* Too few approvers: who can be reached, who cannot and why (names, either may be ""), and what an administrator adds. */
void rb_word_too_few(const rb_words *words, const rb_request *draft, const char *reachable, const char *unreachable,
                     rb_message *out);
/* The request as it was before: it is cancelled. */
void rb_word_cancelled(const rb_words *words, const rb_request *request, rb_message *out);
/* Why a step did nothing, to the person who pressed. */
void rb_word_step(const rb_words *words, rb_step_result result, const rb_request *request, rb_message *out);
/* A look-up that found nothing or failed. target: as typed. */
void rb_word_lookup(const rb_words *words, rb_device_outcome outcome, const char *target, bool is_user,
                    const char *detail, rb_message *out);

/* ---- after a restart -------------------------------------------------------------------------------------------------- */

/* What was acknowledged and then not worked on: that nothing was done, and exactly how to do it again. */
void rb_word_restarted(const rb_words *words, const rb_delivery *delivery, rb_message *out);

/* ---- forms ---------------------------------------------------------------------------------------------------------- */

#define RB_FORM_RESET "reset"
#define RB_FORM_DENY "deny"
#define RB_FORM_CODE "code"

#define RB_ACTION_LOOK_UP "look_up" /* the button in the form of reset */

/* The form of `reset` without arguments, as far as it has come. */
typedef struct {
    const char *private_data;
    const char *target;       /* what stands in the first field at first; NULL: nothing */
    const char *target_block; /* that field's block (rb_message_block); NULL: the field's name */
    const rb_message *note;   /* said below it: why nothing was found, what to try; NULL: nothing */
    bool is_reason_secret;    /* the reason looks like a passcode, which is said below it */
    /* after a look-up: the devices, those that can be reset with a choice; a block of its own for each target */
    const rb_pick *picks;
    size_t n_picks;
    const char *picks_of;
    const char *device_block;
    /* after one by part of a name: people, none of them chosen; values are their Entra object ids */
    const rb_people_found *people; /* NULL: none */
    const char *person_block;
} rb_reset_form;

void rb_word_reset_form(const rb_words *words, const rb_reset_form *form, rb_message *out);
/* The same while the user name of whom a message names is looked up: a form must be opened within 3 s. */
void rb_word_reset_form_opening(const rb_words *words, const char *private_data, rb_message *out);
void rb_word_deny_form(const rb_words *words, const rb_request *request, const char *private_data, rb_message *out);
/* The code form: fetching, shown (spelled out), blanked, or what went wrong. */
void rb_word_code_fetching(const rb_words *words, const rb_request *request, rb_message *out);
void rb_word_code(const rb_words *words, const rb_request *request, rb_str code, rb_message *out);
void rb_word_code_gone(const rb_words *words, const rb_request *request, const char *why, rb_message *out);

/* One request in a list, in the Home tab, or looked up. Button values as rb_bind made them; NULL: no such button. link: the card's permalink, "" when not known. */
typedef struct {
    const rb_request *request;
    const char *link;
    const char *preview;
    const char *cancel;
    const char *show;
    const char *again;
} rb_home_item;

/* ---- the Home tab ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const rb_home_item *items;
    size_t n;
    size_t n_more; /* that are not among the items */
} rb_home_list;

/* Everything belongs to the reader: what they may decide, and what they asked for themselves. Never a code. */
typedef struct {
    rb_denial member;       /* not RB_ALLOWED: they are told why they see nothing */
    bool is_helpdesk;       /* by role and people table */
    bool is_approver;       /* the same */
    bool is_looking_on;     /* may read the record: audit readers, administrators */
    rb_denial hindered;     /* a role of theirs has no effect, for this reason; RB_ALLOWED: none such */
    rb_home_list to_decide; /* the next deadline first */
    rb_home_list codes;
    rb_home_list mine;
    rb_home_list finished; /* the newest of the last 7 days */
    const char *form;      /* value of the button that opens the form; NULL: no such button */
} rb_home;

void rb_word_home(const rb_words *words, const rb_home *home, rb_message *out);

/* ---- answers ---------------------------------------------------------------------------------------------------------- */

/* A template with arguments as one paragraph; args ends with {NULL, NULL}. */
void rb_word_say(const rb_words *words, rb_message *out, const char *english, const rb_arg *args);
/* The next command, to copy, on a line of its own: "Next: /passcode status R-7K3F". command: without the root. */
void rb_word_next(const rb_words *words, rb_message *out, const char *command);
/* The same of two words: "status" and "R-7K3F"; what: may be "". */
void rb_word_next_filled(const rb_words *words, rb_message *out, const char *verb, const char *what);
/* How what was typed is tried again. */
void rb_word_next_again(const rb_words *words, rb_message *out);
/* The same for a device whose serial number the person has to find. */
void rb_word_next_serial(const rb_words *words, rb_message *out);
/* One more behind it, on the same line. */
void rb_word_or_next(const rb_words *words, rb_message *out, const char *verb, const char *what);
/* What may have been meant, to copy: "Did you mean: /passcode reset ...". what: may be "". */
void rb_word_did_you_mean(const rb_words *words, rb_message *out, const char *verb, const char *what);
/* What was typed after the root, up to a passcode that was left out; false: too long to be repeated. */
bool rb_word_typed(const char *text, rb_buf *out);
/* One request with its next step and deadline; with link and buttons, or without them. */
void rb_word_status_item(const rb_words *words, const rb_home_item *item, rb_message *out);
void rb_word_status(const rb_words *words, const rb_request *request, rb_message *out);

/* Has the message room for one more status? A list that would be too long ends before, and counts what is left. */
bool rb_word_has_room(const rb_message *message);

/* The card as plain text for the record (A3). */
void rb_word_facts(const rb_words *words, const rb_request *request, rb_buf *out);

#endif
