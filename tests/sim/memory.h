/* memory.h - the process's memory as the torture sees it: who asks for some while the bot's code runs, and what is left. */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* False under AddressSanitizer, which has a malloc of its own: nothing is told then. */
bool memory_is_ours(void);
/* Asked at each allocation by the bot's code or its libraries; true makes it fail. caller: where it returns to. NULL: none fails. Not
 * asked from inside. */
void memory_gate(bool (*fails)(const void *caller));
/* How many allocations by the bot's code are not freed. */
size_t memory_held(void);

#endif
