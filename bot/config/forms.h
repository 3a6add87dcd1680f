/* forms.h - what a single value must look like: ids, URLs, secret references. Pure. No sentence shows the value itself:
 * a secret is easily put on the wrong line. */
#ifndef CONFIG_FORMS_H
#define CONFIG_FORMS_H

#include <stdbool.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

/* A form says what it wants (for --help) and judges: RB_OK, or RB_E_SYNTAX with "is ...: fix" in errbuf. */
typedef struct {
    const char *noun;
    rb_err (*check)(rb_str text, rb_errbuf *errbuf);
} rb_form;

extern const rb_form RB_FORM_SECRET;    /* file:PATH, credential:NAME, env:NAME */
extern const rb_form RB_FORM_API_URL;   /* ends in /api/ */
extern const rb_form RB_FORM_BASE_URL;  /* scheme, host and port alone */
extern const rb_form RB_FORM_PROXY_URL; /* http://HOST:PORT; plain http may go to any host */
extern const rb_form RB_FORM_STORE_URL; /* sqlite:PATH */
extern const rb_form RB_FORM_PATH;
extern const rb_form RB_FORM_COMMAND;  /* /word */
extern const rb_form RB_FORM_LANGUAGE; /* en, sv, pt_BR */
extern const rb_form RB_FORM_TENANT;   /* GUID or domain, of one tenant */
extern const rb_form RB_FORM_GUID;
extern const rb_form RB_FORM_CHAT_USER;   /* U..., W... */
extern const rb_form RB_FORM_CHAT_GROUP;  /* S... */
extern const rb_form RB_FORM_CHANNEL;     /* C..., G... */
extern const rb_form RB_FORM_CHAT_PERSON; /* a user, or TEAM/USER */
extern const rb_form RB_FORM_ENTRA_USER;  /* GUID or user principal name */
extern const rb_form RB_FORM_DEVICE;      /* GUID or serial number */

/* Plain http is for loopback addresses: localhost, 127.0.0.0/8 and [::1], by that very spelling. False for what is no URL. */
bool rb_url_is_local(rb_str url);

#endif
