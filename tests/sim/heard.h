/* heard.h - R1 as people see it: whoever typed a command that was acknowledged was shown something for it. */
#ifndef SIM_HEARD_H
#define SIM_HEARD_H

#include <json-c/json.h>

void heard_journal(const char *kind, json_object *fields);
/* An ack with words is an answer of its own. */
void heard_answer(const char *user);
/* At rest: each command is matched with an answer of its own, then or later. */
void heard_check(void);

#endif
