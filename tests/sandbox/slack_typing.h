/* slack_typing.h - a person who types the same command again and again. */
#ifndef SANDBOX_SLACK_TYPING_H
#define SANDBOX_SLACK_TYPING_H

#include <json-c/json.h>

/* The verb keep_typing: {"user","channel","text","every_ms"}; one person at a time, "every_ms" 0 ends it. NULL, or a
 * sentence saying why not. */
const char *sk_keep_typing(json_object *arguments, json_object *out);
/* How late a command was typed at worst: the sandbox was not let run, or did not keep up. */
int64_t sk_typing_latest_ms(void);
void sk_typing_fini(void);

#endif
