/* scan.h - a strict JSON reader over borrowed bytes that copies nothing.
 *
 * json-c keeps copies of every string it reads and frees them unwiped. Temporary passcodes and tokens are therefore found
 * and taken out with this reader, and blanked (scrub.h), before json-c sees a reply (S6). */
#ifndef DEVICE_SCAN_H
#define DEVICE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

/* Nesting of one document: ours; Graph's replies have 4. */
#define RB_SCAN_DEPTH_MAX 32

/* Checks that text is exactly one JSON value (RFC 8259) and gives the value without the space around it. RB_E_SYNTAX;
 * RB_E_LIMIT when it nests deeper than RB_SCAN_DEPTH_MAX. Bytes above 0x7F are not checked to be UTF-8. */
rb_err rb_scan_document(rb_str text, rb_str *out_value) RB_MUST_CHECK;

/* ---- below, values and strings must come from a document that was checked ---------------------------------------- */

bool rb_scan_is_object(rb_str value);
bool rb_scan_is_array(rb_str value);
bool rb_scan_is_string(rb_str value);

/* What is between the brackets of an object, array or string: where a walk begins. */
rb_str rb_scan_inside(rb_str value);
/* Takes the next member or item off the walk; false at its end. The key keeps its quotes. */
bool rb_scan_next_member(rb_str *walk, rb_str *out_key, rb_str *out_value);
bool rb_scan_next_item(rb_str *walk, rb_str *out_value);

/* The member of that name (exactly); empty when absent. The last one counts, as in json-c. */
rb_str rb_scan_get(rb_str object, const char *name);

/* The string, escapes resolved, appended to out (whose err says when it did not fit). RB_E_SYNTAX for a surrogate without its other half. */
rb_err rb_scan_text(rb_str string, rb_buf *out) RB_MUST_CHECK;
/* Compares the string, escapes resolved, with expected (ASCII letters without case when nocase). */
bool rb_scan_text_is(rb_str string, rb_str expected, bool nocase);

#endif
