/* fault_names.h - which faults there are. A fault that nobody asks for would be accepted and never bite, and its test would
 * pass for the wrong reason. */
#ifndef SANDBOX_FAULT_NAMES_H
#define SANDBOX_FAULT_NAMES_H

#include <stdbool.h>

bool fault_is_known(const char *name);
/* "no fault is called X: did you mean Y?" with the nearest known name; valid until the next call. */
const char *fault_unknown(const char *name);

#endif
