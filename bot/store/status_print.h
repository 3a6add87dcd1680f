/* status_print.h - requests as a table, or as lines of JSON: the work of `resetbot status`. */
#ifndef RB_STORE_STATUS_PRINT_H
#define RB_STORE_STATUS_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "resetbot/store_port.h"

/* Every request that is not final: a table, or one JSON object a line with the keys id, state, since, device_id, model and
 * requester. RB_E_IO or RB_E_NOMEM with a sentence. */
rb_err rb_status_print(rb_store_port store, bool is_json, FILE *to, rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
