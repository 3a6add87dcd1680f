/* commands.h - the rows of the command table, one file each. */
#ifndef RESETBOT_COMMANDS_H
#define RESETBOT_COMMANDS_H

#include "resetbot/task.h"

extern const rb_command RB_COMMAND_RESET;
extern const rb_command RB_COMMAND_DEVICES;
extern const rb_command RB_COMMAND_STATUS;
extern const rb_command RB_COMMAND_LIST;
extern const rb_command RB_COMMAND_APPROVE;
extern const rb_command RB_COMMAND_DENY;
extern const rb_command RB_COMMAND_CANCEL;
extern const rb_command RB_COMMAND_TAKE;
extern const rb_command RB_COMMAND_HELP;

/* Answers that there is no such request, with the nearest ones that this person may see. false: not yet. */
bool command_no_such_request(rb_task *task);
/* The request that the intent names; answered (and false, *out_progress RB_FINISHED) when there is none. */
bool command_need_request(rb_task *task, const rb_request **out_request, rb_progress *out_progress);

#endif
