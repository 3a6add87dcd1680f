/* sqlite_commit.h - inside the SQLite store: many changes, one transaction, each in its own savepoint. */
#ifndef RB_STORE_SQLITE_COMMIT_H
#define RB_STORE_SQLITE_COMMIT_H

#include "resetbot/store_port.h"
#include "sqlite_db.h"

/* A delivery's key and state are kept this long after it was consumed or abandoned: repeats come within minutes
 * (domain/slack.md 1.3), and a day leaves room for a platform's bad day. */
#define RB_DELIVERY_KEPT_MS RB_DAY_MS
/* Old keys removed a commit, so that no commit pays for a whole day. */
#define RB_DELIVERY_PRUNE_MAX 64
/* Pages of the write-ahead log after which a commit also moves them into the database: 4 MB, SQLite's own default. */
#define RB_WAL_PAGES_MAX 1000

/* See rb_store_port.commit. self is the rb_sqlite. A new request (version 1) whose id is taken gets RB_E_EXISTS with taken_by
 * "": another id is needed. RB_E_INTERNAL, logged: an attempt was dropped or changed, or a field is not sound. */
rb_err rb_sqlite_commit(void *self, rb_change *const *changes, size_t n, rb_errbuf *errbuf);

#endif
