/* secret.h - a value that has no printer and is wiped on free. */
#ifndef RESETBOT_SECRET_H
#define RESETBOT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

typedef struct rb_secret rb_secret;

/* Copies text into memory of its own. NULL when out of memory. */
rb_secret *rb_secret_new(rb_str text);
/* Wipes and frees; NULL is fine. */
void rb_secret_free(rb_secret *secret);
/* Borrowed view for handing to a library; do not copy into anything that lives on. Empty for NULL. */
rb_str rb_secret_reveal(const rb_secret *secret);

/* Reads a reference: file:PATH (not readable by group or others), credential:NAME ($CREDENTIALS_DIRECTORY), env:NAME.
 * One trailing newline is cut. RB_E_CONFIG with a sentence that names the reference, never the value. */
rb_err rb_secret_load(const char *reference, rb_secret **out_secret, rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
