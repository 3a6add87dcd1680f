/* slack_faults.h - what to do about a fault, in a sentence for the administrator's log. */
#ifndef RB_CHAT_SLACK_FAULTS_H
#define RB_CHAT_SLACK_FAULTS_H

#include <stdbool.h>

/* For a word of Slack's Web API, a disconnect reason, or a refused upgrade ("upgrade_408"). Never NULL. */
const char *rb_slack_advice(const char *word);

/* A fault that only a person can mend: trying again is right, but slowly. */
bool rb_slack_is_lasting(const char *word);

#endif
