/* options.h - the words after a subcommand: each takes its own options alone, and a mistyped one is told the nearest. */
#ifndef RESETBOT_OPTIONS_H
#define RESETBOT_OPTIONS_H

#include <stdio.h>

#include "cli.h"

/* Bits of what a subcommand takes; --help all of them. */
typedef enum { OPTION_CONFIG = 1, OPTION_JSON = 2, OPTION_SECRETS = 4, OPTION_CLOCK_IS_RIGHT = 8 } options_bit;

/* Fills *out_options, whose defaults are set before. argument: the name of a free word, NULL when none is taken.
 * -1: go on; 0: --help was asked for; 2: told on stderr what is wrong. */
int options_read(int argc, char **argv, unsigned bits, const char *argument, cli_options *out_options);

/* " [--config FILE] [--json]", and a line for each with what it does. */
void options_print_usage(FILE *to, unsigned bits);
void options_print_help(FILE *to, unsigned bits);

/* ": did you mean NEAREST?", else the words of otherwise, behind a sentence on stderr about a word that is none of the n. */
void options_say_unknown(const char *what, const char *word, const char *const *known, size_t n, const char *otherwise);

#endif
