/* heard.h - R1 and U2 as people see it: whoever typed a command, pressed a button or sent a form, and was acknowledged, was shown
 * something for it, or it did what it is there for. */
#ifndef SIM_HEARD_H
#define SIM_HEARD_H

#include <json-c/json.h>

#include "resetbot/request.h"

void heard_journal(const char *kind, json_object *fields);
/* An ack with words is an answer of its own. */
void heard_answer(const char *user);
/* A button or form (kind: bind.h) was sent off; act: as of sim_act. */
void heard_click(int act, const char *user, char kind, const char *request);
/* What a click may have done to a request: sent, approved, denied. */
void heard_committed(const rb_request *before, const rb_request *after);
/* At rest: each command and click is matched with an answer or effect of its own, then or later. */
void heard_check(void);

#endif
