/* scrub.h - a reply's body as a copy of our own that is wiped, with its secret values blanked (S6). */
#ifndef DEVICE_SCRUB_H
#define DEVICE_SCRUB_H

#include "resetbot/err.h"
#include "resetbot/str.h"

/* Copies body into *out (an initialised buffer; end it with rb_buf_wipe) and blanks there the value of every member,
 * at any depth, that is named passcode, unlockPin, activationLockBypassCode or like a token, in any case and however
 * its name is escaped. A value with content becomes the number 1 and spaces, so that "there is one" can still be read; "",
 * null and false stay. RB_E_SYNTAX or RB_E_LIMIT for anything but one JSON value: then *out holds nothing. */
rb_err rb_scrub_copy(rb_str body, rb_buf *out) RB_MUST_CHECK;

#endif
