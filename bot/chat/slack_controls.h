/* slack_controls.h - buttons, choices and inputs as Block Kit blocks. */
#ifndef RB_CHAT_SLACK_CONTROLS_H
#define RB_CHAT_SLACK_CONTROLS_H

#include "chat/slack_writer.h"
#include "resetbot/message.h"

/* Each appends one block; faults stay in the writer. */
void rb_slack_add_buttons(rb_slack_writer *to, const rb_block *block);
void rb_slack_add_choice(rb_slack_writer *to, const rb_block *block);
void rb_slack_add_input(rb_slack_writer *to, const rb_block *block);

/* Of an input's or choice's block. */
const char *rb_slack_block_id(const rb_slack_writer *to, const rb_control *control);

#endif
