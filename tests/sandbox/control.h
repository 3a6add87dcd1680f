/* control.h - everything below /_sandbox/: acting as people, moving time, breaking things, looking on (README.md has the table). */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include <stdbool.h>

#include "world.h"

bool control_handle(const sb_request *request, sb_reply *reply);

#endif
