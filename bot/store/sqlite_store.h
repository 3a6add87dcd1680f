/* sqlite_store.h - the store in one SQLite file: opening, closing, verifying; the rest is the port's.
 *
 * Durable means: write-ahead log, synchronous=FULL, one sync a commit. After a failed write or sync nothing is written any
 * more (RB_E_DISK): the process must end. One bot at a time: take the lock (lock.h) first. Blocking; one thread at a time. */
#ifndef RB_STORE_SQLITE_STORE_H
#define RB_STORE_SQLITE_STORE_H

#include "resetbot/clock.h"
#include "resetbot/store_port.h"

typedef struct rb_sqlite rb_sqlite;

/* The path in "sqlite:PATH", borrowed from url; NULL when it is no such URL. */
const char *rb_sqlite_path(const char *url);

/* Opens, making the file (0600, its folder must exist) and bringing its tables up to date. Rights of group and others on
 * the file are taken away, which is logged. After an end without rb_sqlite_close the log is written and synced again, so that
 * all that can be read is on the disk, and the whole file is checked.
 * RB_E_CONFIG: wrong URL, no such folder, another program's file, or written by a newer resetbot; RB_E_DISK: damaged, or the
 * disk fails. The clock stamps commits. */
rb_err rb_sqlite_open(const char *url, rb_clock clock, rb_sqlite **out_store, rb_errbuf *errbuf) RB_MUST_CHECK;

/* For `audit` and `status`, also while a bot runs: changes nothing, and its port refuses to commit. */
rb_err rb_sqlite_open_reader(const char *url, rb_clock clock, rb_sqlite **out_store, rb_errbuf *errbuf) RB_MUST_CHECK;

/* Marks a clean end, folds the log into the file and closes. NULL is fine. */
void rb_sqlite_close(rb_sqlite *store);

/* The newest commit's time (RB_QUERY_LAST_UTC) never goes back by itself: a clock that went back would otherwise be believed
 * from the second start on. An administrator who said that the clock is right makes the next commit's time the newest. */
void rb_sqlite_trust_clock(rb_sqlite *store);

/* Valid as long as the store. */
rb_store_port rb_sqlite_port(rb_sqlite *store);

/* Reads the whole file and compares its tables with their indexes. RB_E_DISK: damaged. Changes nothing; also for a reader. */
rb_err rb_sqlite_check(rb_sqlite *store, rb_errbuf *errbuf) RB_MUST_CHECK;

/* A2: walks the record's chain. *out_first_bad_seq: the first record that was changed, removed or added by other means
 * than the bot's; 0 when there is none. */
rb_err rb_sqlite_verify(rb_sqlite *store, uint64_t *out_first_bad_seq, rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
