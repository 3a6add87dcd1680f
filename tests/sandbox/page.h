/* page.h - the workspace page at "/", from the folder web/ of the source tree. */
#ifndef SANDBOX_PAGE_H
#define SANDBOX_PAGE_H

#include <stdbool.h>

#include "world.h"

bool page_handle(const sb_request *request, sb_reply *reply);

#endif
