/* task.h - how a command, click or piece of the engine's own work is written: straight down, as if nothing ever waited.
 *
 * A task's run function is called again from its top whenever a fact that it waits for has come. It asks for facts with
 * rb_need_*: false means "not yet: return RB_WAIT". Facts are remembered within the task, so that a second run sees
 * the same ones and goes one step further. It changes nothing by itself: it adds answers, records and a stepped request to
 * the task's change, which starts empty in each run and is committed as one when run returns RB_FINISHED (with the delivery
 * consumed) or RB_COMMIT (then run is called again with stage + 1). */
#ifndef RESETBOT_TASK_H
#define RESETBOT_TASK_H

#include <stdbool.h>
#include <stddef.h>

#include "resetbot/bind.h"
#include "resetbot/chat_port.h"
#include "resetbot/device_port.h"
#include "resetbot/grammar.h"
#include "resetbot/request.h"
#include "resetbot/store_port.h"
#include "resetbot/wording.h"

typedef struct rb_task rb_task;

typedef enum {
    RB_WAIT,     /* a fact is on its way */
    RB_FINISHED, /* commit the change, then the task is over */
    RB_COMMIT    /* commit the change, then run again at the next stage */
} rb_progress;

/* ---- what the task is about ------------------------------------------------------------------------------------ */

const rb_intent *rb_task_intent(const rb_task *task); /* COMMAND only */
/* Words for whoever sent the delivery, in their language once rb_need_actor has read them; else as record_words. For answers,
 * forms and direct messages to them. */
rb_words rb_task_words(const rb_task *task);
/* Who sent it. */
const rb_person *rb_task_who(const rb_task *task);
/* Words for another reader, by their locale (rb_actor, rb_request); "": as record_words. */
rb_words rb_task_words_for(const rb_task *task, const char *locale);
/* Words in the workspace's language: for the channel, its threads, and the record. */
rb_words rb_task_record_words(const rb_task *task);
const rb_policy *rb_task_policy(const rb_task *task);
rb_now rb_task_now(const rb_task *task);

/* ---- facts: false is "not yet" --------------------------------------------------------------------------------- */

/* key names the fact within the task; the call is made once for each key. A rate limit is waited out a few times. */
bool rb_need_chat(rb_task *task, const char *key, const rb_chat_call *call, const rb_chat_result **out_result);
bool rb_need_device(rb_task *task, const char *key, const rb_device_call *call, rb_device_result **out_result);
/* query: a template with its questions set; all of it is copied. */
bool rb_need_query(rb_task *task, const char *key, const rb_query *query, const rb_query **out_query);

/* Everything the policy asks about a person; reads of person and groups are at most RB_RIGHTS_FRESH_MS old. */
bool rb_need_actor(rb_task *task, const rb_person *who, rb_actor *out_actor);
/* Was it done where commands are allowed: in an allowed channel, the bot's own direct message with that person, or their Home
 * tab? */
bool rb_need_place(rb_task *task, const char *channel, const char *user, bool *out_is_allowed);
/* Where a request's card is, as a link: "" when it has none yet, or the chat does not say. */
bool rb_need_card_link(rb_task *task, const rb_request *request, const char **out_link);
/* The request by id: in memory or from the store. NULL: no such request. Waits while a change of it is being committed. */
bool rb_need_request(rb_task *task, const char *id, const rb_request **out_request);
/* Users who could approve it now: in the role, active, mapped, neither requester nor owner; stops at `enough`. The array
 * is the task's. is_unsure: a group could not be read. */
bool rb_need_approvers(rb_task *task, const rb_request *request, size_t enough, const rb_actor **out_actors,
                       size_t *out_n, bool *out_is_unsure);
/* The first few people of a role, "Ada Berg, Olle Ek", without whoever sent the delivery; those that cannot be read are left
 * out. false: not yet. */
bool rb_need_names(rb_task *task, rb_role role, char out_names[RB_DETAIL_CAP]);
/* How many requests reached SENDING, and "R-… done 2026-…" for those of this device or owner in 7 days. */
bool rb_need_counts(rb_task *task, const rb_device *device, const rb_person *requester, rb_counts *out_counts);
bool rb_need_earlier(rb_task *task, const rb_device *device, const char *but_not, char out_text[RB_DETAIL_CAP]);

/* The open (not DRAFT) requests and one's own drafts in memory: next after `after` (NULL: first), NULL at the end. */
const rb_request *rb_task_each_request(const rb_task *task, const rb_request *after);

/* ---- what the task does ------------------------------------------------------------------------------------------- */

/* An empty message to fill: the engine's, valid until the next call. */
rb_message *rb_task_message(rb_task *task);
/* A private answer to whoever sent the delivery. replaces: the private message that was clicked. */
void rb_task_answer(rb_task *task, const rb_message *message, bool replaces);
/* Convenience: one sentence from a template, with the next command to copy: "status" and "R-7K3F"; what: may be "" (rb_word_next_filled). */
void rb_task_say_next(rb_task *task, const char *english, const rb_arg *args, const char *verb, const char *what);
/* A refusal: answered and recorded, once the names of those who can help are read: until then the task waits, whatever its
 * run gives back. device, support, request may be NULL. */
void rb_task_refuse(rb_task *task, rb_denial denial, const rb_device *device, const rb_support *support,
                    const rb_request *request);
/* Whoever sent the delivery is shown the open request with its buttons: once somebody else decides, they are told there. */
void rb_task_shows_card(rb_task *task, const rb_request *request);
/* A direct message. */
void rb_task_direct(rb_task *task, const char *user, const char *request, rb_note note, const rb_message *message);
/* english: a sentence as rb_word_stored takes it, marked with RB_T; the record has it in the workspace's language. */
void rb_task_record(rb_task *task, const char *kind, const char *request, const char *english);

/* Steps a copy of the request and adds what follows to the change. One step a change. */
rb_step_result rb_task_step(rb_task *task, const rb_request *request, rb_event *event);
/* A new draft with an id of its own: fill it, then hand it back to be stored with the change. */
rb_request *rb_task_new_request(rb_task *task);
/* The request as the change will leave it: after step or new_request; NULL before. */
const rb_request *rb_task_next_request(const rb_task *task);

/* A bound value for this task's person (personal) or for everybody (""). */
void rb_task_bind(rb_task *task, rb_bind_kind kind, const rb_request *request, const char *person, const char *extra,
                  char out_value[RB_BOUND_CAP]);

/* The values of an item's buttons, which live as long as the message is being made: a first and a second one at most. */
typedef struct {
    char first[RB_BOUND_CAP];
    char second[RB_BOUND_CAP];
} rb_item_values;

/* The buttons of the reader's own request, bound to them: Preview, Show or Ask again; Cancel. Others' get none. is_helpdesk:
 * by role and people table. */
void rb_task_item_values(const rb_task *task, const rb_person *reader, bool is_helpdesk, rb_home_item *item,
                         rb_item_values *values);

/* Shared flows (bot/engine/flows.c): they answer, and give the task's progress. */

/* From a target to a preview, a pick list or a reason why not. draft NULL: a new one is made of intent; else it goes on with
 * that one (another device, another page: first is the index of the page's first device). */
rb_progress rb_flow_find(rb_task *task, const rb_intent *intent, const rb_request *draft, size_t first);
/* The devices that an intent's target names, newest check-in first, with what a reset would do there; a mention becomes the
 * user name that it stands for. false: not yet, or answered with why not (then *out_progress is RB_FINISHED). The array is
 * the task's; values are not set. */
bool rb_flow_devices(rb_task *task, const rb_actor *actor, rb_intent *intent, rb_pick **out_picks, size_t *out_n,
                     rb_progress *out_progress);
/* A lost preview or pick list comes back; a request that is no draft any more is answered with what it is. */
rb_progress rb_flow_draft(rb_task *task, const rb_request *draft);
/* The answer of `devices`: the devices that the target names; for part of a name the people who bear it, and nobody's devices. */
rb_progress rb_flow_show_devices(rb_task *task, const rb_actor *actor, const rb_intent *intent);
rb_progress rb_flow_preview(rb_task *task, const rb_request *draft, const char *problem);
/* The form of `reset` without arguments; a button that opens it when its 3 s are over. */
rb_progress rb_flow_form(rb_task *task);
rb_progress rb_flow_form_sent(rb_task *task);
/* The same form, its first field filled with whom a message names (SHORTCUT). */
rb_progress rb_flow_form_named(rb_task *task);
/* Look up in that form: what there is behind its first field, shown in the form. */
rb_progress rb_flow_form_pressed(rb_task *task);
/* A new draft from one that expired or lapsed: every check again, new answers. */
rb_progress rb_flow_again(rb_task *task, const rb_request *request);

/* The requester and approvers are asked whether the taker may go on with it; nothing changes before one of them presses. */
rb_progress rb_flow_take(rb_task *task, const rb_actor *taker, const rb_request *request);

/* ---- commands ------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    const char *const *aliases; /* ends with NULL; may be NULL */
    const char *usage;          /* "<user, name, serial or device id> [reason] [ticket]" */
    const char *summary;        /* what it does, for help */
    const char *example;
    bool roles[RB_ROLES];  /* who may use it; all false: everybody the bot knows as a member */
    bool is_for_requester; /* and who asked for a request may, whatever became of their role */
    bool is_read_only;     /* may be answered again after a restart */
    rb_progress (*run)(rb_task *task, const rb_actor *actor);
} rb_command;

/* commands/table.c, in the order of help; ends with NULL. */
extern const rb_command *const RB_COMMANDS[];

#endif
