/* status_print.h - requests as lines: the work of `resetbot status`. */
#ifndef RB_STORE_STATUS_PRINT_H
#define RB_STORE_STATUS_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "resetbot/store_port.h"

/* Every request that is not final: aligned text, or one JSON object a line. RB_E_IO with a sentence. */
rb_err rb_status_print(rb_store_port store, bool is_json, FILE *to, rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
