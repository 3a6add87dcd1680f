/* sqlite_query.h - inside the SQLite store: the questions of the port. */
#ifndef RB_STORE_SQLITE_QUERY_H
#define RB_STORE_SQLITE_QUERY_H

#include "resetbot/store_port.h"
#include "sqlite_db.h"

/* RECORDS with max 0 gives this many. */
#define RB_RECORDS_DEFAULT_MAX 1000
/* EARLIER gives this many (store_port.h). */
#define RB_EARLIER_MAX 20

/* See rb_store_port.query. self is the rb_sqlite. Beyond the port's header:
 * EARLIER leaves out drafts and, when id is set, that request; a device is known by its id or its serial number;
 * since_utc_ms goes by created_utc_ms. RECORDS gives the newest `max`, oldest of them first, not older than since_utc_ms.
 * LIVE adds DONE requests with a code that ended at or after since_utc_ms, so that it can be shown.
 * COUNTS: an attempt exactly 24 h or 60 min ago does not count any more. */
rb_err rb_sqlite_query(void *self, rb_query *query, rb_errbuf *errbuf);

#endif
