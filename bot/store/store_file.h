/* store_file.h - inside the SQLite store: its file, before SQLite opens it. */
#ifndef RB_STORE_STORE_FILE_H
#define RB_STORE_STORE_FILE_H

#include "resetbot/err.h"

/* Makes the file when it is not there (0600), takes the rights of group and others away from one that has them (logged), and
 * syncs its folder. RB_E_CONFIG: no such folder, no plain file, or not ours to open; RB_E_DISK: the folder cannot be synced.
 * The simulator's disk (tests/sim) brings its own. */
rb_err rb_store_file_prepare(const char *path, rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
