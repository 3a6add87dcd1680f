/* slack_see.h - what people see: one person's screen as JSON, and everything as a transcript. */
#ifndef SANDBOX_SLACK_SEE_H
#define SANDBOX_SLACK_SEE_H

#include <json-c/json.h>
#include <stdbool.h>

/* Everything that person's device shows now: {"user","channels":[{"id","name",...,"messages":[{...,"replies":[]}],
 * "private":[]}],"views":[],"acts":[],"errors":[]}. Views: the top one last, with "errors" and "trouble". */
json_object *sk_state_of(const char *user, const char *device);

/* The channel (all when "") as text in order of time, threads indented; with_private: also what single people see and
 * do (private messages, typed commands, forms, errors), marked as such. The caller's. */
char *sk_transcript(const char *channel, bool with_private);

#endif
