/* bot_parts.h - the store's worker of the simulated process (worker.c), as bot.c uses it. */
#ifndef SIM_BOT_PARTS_H
#define SIM_BOT_PARTS_H

#include "resetbot/executor.h"

void worker_begin(void); /* of a new process: an empty queue */
rb_executor worker_executor(void);
/* Inside the process: what was handed over is worked off and told, as rb_worker_close does. */
void worker_finish(void);

#endif
