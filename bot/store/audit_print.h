/* audit_print.h - the record for people and for tools, with what verifies it (A2): the work of `resetbot audit`. */
#ifndef RB_STORE_AUDIT_PRINT_H
#define RB_STORE_AUDIT_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "sqlite_store.h"
#include "util/screen.h"

typedef enum {
    RB_AUDIT_TEXT, /* a table: one line a record, but on a terminal, where long texts are wrapped; made inert */
    RB_AUDIT_JSON  /* one JSON object a line; its text is exactly as stored */
} rb_audit_form;

/* Prints the records of one request, oldest first ("" or NULL: all records), and last a line on the whole record's chain: how
 * many records, whether it is unbroken or where it breaks first, and the newest hash. Who keeps that hash elsewhere can tell
 * later that nothing before it was rewritten. *out_is_unbroken as that line says. progress (NULL: none) tells how far it is.
 * RB_E_IO: store or `to` fails. */
rb_err rb_audit_print(rb_sqlite *store, const char *request, rb_audit_form form, FILE *to, rb_working *progress,
                      bool *out_is_unbroken, rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
