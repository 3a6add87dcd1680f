/* sqlite_schema.h - inside the SQLite store: the tables, and how an older store becomes a newer one. */
#ifndef RB_STORE_SQLITE_SCHEMA_H
#define RB_STORE_SQLITE_SCHEMA_H

#include <stddef.h>

#include "resetbot/err.h"

struct sqlite3;

/* steps[n] makes version n + 1 out of version n; version 0 is an empty file. */
extern const char *const rb_schema_steps[];
extern const size_t rb_schema_n_steps;

/* Brings the file to version n_steps, each step in a transaction of its own. RB_E_CONFIG: a newer resetbot wrote it, or it
 * is another program's database; RB_E_DISK: a step failed (the file is as before that step). */
rb_err rb_schema_apply(struct sqlite3 *db, const char *const *steps, size_t n_steps, rb_errbuf *errbuf) RB_MUST_CHECK;

/* The same refusals without a write. */
rb_err rb_schema_refuse(struct sqlite3 *db, size_t n_steps, rb_errbuf *errbuf) RB_MUST_CHECK;

/* As refuse, but for a reader: anything but exactly n_steps is RB_E_CONFIG. */
rb_err rb_schema_check(struct sqlite3 *db, size_t n_steps, rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
