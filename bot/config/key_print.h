/* key_print.h - the table of keys for people: --help, and the commented example files. */
#ifndef CONFIG_KEY_PRINT_H
#define CONFIG_KEY_PRINT_H

#include <stdio.h>

#include "config/keys.h"

void rb_keys_print_help(const rb_key_table *table, FILE *to);
/* A file that can be read as it is. */
void rb_keys_print_example(const rb_key_table *table, FILE *to);

#endif
