/* timely.h - what has to happen by a time: R4, each request is over by the deadline that the policy gave it; R5, a card that
 * changed is edited within 5 s. Both hold while the bot and its disk are well, R5 while Slack is. */
#ifndef SIM_TIMELY_H
#define SIM_TIMELY_H

#include "resetbot/request.h"

void timely_begin(void);
/* A request's row was committed; from: its state before. number: as of sim_check_nth. */
void timely_committed(size_t number, const rb_request *row, rb_state from);
/* What must be waited out before R5 is asked for again: Slack failed a call, the bot died or started, its disk failed. */
void timely_trouble(void);
/* The bot cannot end anything: it is dead, or its disk fails. */
void timely_unwell(void);

/* What the card of a request in that state says, and of no other. */
const char *timely_word_of(rb_state state);

#endif
