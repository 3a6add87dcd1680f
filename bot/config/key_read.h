/* key_read.h - from a YAML tree into a struct, by the table of keys. */
#ifndef CONFIG_KEY_READ_H
#define CONFIG_KEY_READ_H

#include "config/faults.h"
#include "config/keys.h"
#include "config/yaml_tree.h"
#include "resetbot/err.h"

/* Sets every default of the table in target, whose other bytes stay. */
void rb_keys_set_defaults(const rb_key_table *table, void *target);

/* Reads a map into target, which the table describes. Unknown keys, wrong types, values out of range and missing required
 * keys are faults, and reading goes on. A file without content (root NULL) lacks just the required keys.
 * Lists become heap arrays; rb_keys_free_lists frees them, also after an error.
 * out_places (NULL, or table->n of them, zeroed): where each key stood. RB_E_CONFIG when a fault was an error. */
rb_err rb_keys_read(const rb_key_table *table, const rb_yaml_node *root, const char *file, void *target,
                    rb_key_place *out_places, rb_faults *faults) RB_MUST_CHECK;
void rb_keys_free_lists(const rb_key_table *table, void *target);

/* Row of a name; NULL when there is none. */
const rb_key *rb_keys_find(const rb_key_table *table, rb_str name);

#endif
