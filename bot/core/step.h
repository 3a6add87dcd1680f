/* step.h - what the files of the state machine share; nobody else includes it. */
#ifndef RESETBOT_CORE_STEP_H
#define RESETBOT_CORE_STEP_H

#include "resetbot/request.h"

/* One step's working set. Only rb_step_enter writes request->state. */
typedef struct {
    rb_request *request;
    const rb_event *event;
    rb_effects *effects;
} rb_step;

void rb_step_emit(rb_step *step, rb_effect_kind kind, rb_note note);
/* The record, and a thread line as far as the limit of lines lets it. */
void rb_step_tell_thread(rb_step *step, rb_note note);
/* Enters the state; a final one ends the request. */
void rb_step_enter(rb_step *step, rb_state state);
/* Enters a final state: record, line, card, and direct messages to requester and owner. */
void rb_step_end(rb_step *step, rb_state state, rb_note note, const char *detail);
void rb_step_set_detail(rb_request *request, const char *detail);
rb_instant rb_step_now(const rb_event *event);

rb_instant rb_step_after(const rb_event *event, int64_t ms);
rb_decision rb_step_decision(const rb_event *event);

/* Half of the time to the deadline of PENDING, on the boot clock of the deadline's own boot. */
int64_t rb_step_half_time(const rb_request *request);

/* The same in each state before the POST. */
rb_step_result rb_step_cancel(rb_step *step);
rb_step_result rb_step_not_allowed(rb_step *step);
rb_step_result rb_step_still_allowed(rb_step *step);

rb_step_result rb_step_take(rb_step *step);  /* in every state: taken.c */
rb_step_result rb_step_draft(rb_step *step); /* asked.c */
rb_step_result rb_step_pending(rb_step *step);
rb_step_result rb_step_approved(rb_step *step); /* APPROVED, INTENT: approved.c */
/* States from SENDING on: bot/core/outcome.c. */
rb_step_result rb_step_sending(rb_step *step);
rb_step_result rb_step_waiting(rb_step *step); /* ACCEPTED, IN_PROGRESS */
rb_step_result rb_step_unknown(rb_step *step);
rb_step_result rb_step_done(rb_step *step);

#endif
