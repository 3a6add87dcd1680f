/* slack_blocks.h - Block Kit as Slack checks it: structure, required and unknown fields, lengths, unique ids. */
#ifndef SANDBOX_SLACK_BLOCKS_H
#define SANDBOX_SLACK_BLOCKS_H

#include <json-c/json.h>
#include <stdbool.h>

typedef enum { SK_SURFACE_MESSAGE, SK_SURFACE_MODAL, SK_SURFACE_HOME } sk_surface;

/* Whether type is one of the words of allowed, which are parted by blanks. */
bool sk_is_allowed(const char *type, const char *allowed);
/* Adds a sentence with a json-pointer for each fault to messages; returns their number. */
size_t sk_check_blocks(json_object *blocks, sk_surface surface, json_object *messages);
/* The same for a whole view (type, title, submit, blocks, private_metadata ...). */
size_t sk_check_view(json_object *view, json_object *messages);

#endif
