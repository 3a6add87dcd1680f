/* slack_elements.h - the interactive elements inside blocks: finding them, what a person chose in them. */
#ifndef SANDBOX_SLACK_ELEMENTS_H
#define SANDBOX_SLACK_ELEMENTS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/* Calls visit for each element of actions, input and section blocks, in order, until it returns true. */
typedef bool (*sk_visit)(void *arg, json_object *block, json_object *element);
void sk_elements(json_object *blocks, sk_visit visit, void *arg);

/* The element with that action_id (and block_id unless ""); NULL when absent. */
json_object *sk_element_find(json_object *blocks, const char *action_id, const char *block_id, json_object **out_block);
json_object *sk_block_find(json_object *blocks, const char *block_id);

/* Gives each block without block_id and each element without action_id one, as Slack does. */
void sk_fill_ids(json_object *blocks);

/* The option of a select, radio or checkbox element whose value or text this is; NULL else. */
json_object *sk_option_find(json_object *element, const char *wanted);

/* What state.values holds for that element when the person entered value (text, or array of texts for checkboxes);
 * NULL with *out_error (static text) when the element has no such option or takes no input. */
json_object *sk_chosen(json_object *element, json_object *value, const char **out_error);

/* state.values of blocks: chosen (block_id -> action_id -> entry, may be NULL), else initial values, else null. */
json_object *sk_state(json_object *blocks, json_object *chosen);
/* Those entries of a state that still have an element of their type in blocks: a chosen object, the caller's. */
json_object *sk_state_kept(json_object *blocks, json_object *old_values);
/* Stores an entry in such a chosen object. */
void sk_choose(json_object *chosen, const char *block_id, const char *action_id, json_object *take_entry);

#endif
