/* entra.h - asking Entra for an app-only token, and reading its answers. Pure (domain/intune.md 3). */
#ifndef DEVICE_ENTRA_H
#define DEVICE_ENTRA_H

#include <stdint.h>

#include "resetbot/clock.h"
#include "resetbot/err.h"
#include "resetbot/io.h"
#include "resetbot/limits.h"
#include "resetbot/secret.h"

/* Bytes: Entra's app-only tokens have about 2 kB. */
#define RB_ENTRA_TOKEN_MAX (16 * 1024)
#define RB_ENTRA_REPLY_MAX (64 * 1024)

/* How the application proves who it is. A signed assertion (certificate, federation) becomes another kind: it is made anew
 * for each request, which is why the form is built anew, too. */
typedef enum { RB_ENTRA_CLIENT_SECRET } rb_entra_credential_kind;

typedef struct {
    rb_entra_credential_kind kind;
    const rb_secret *secret; /* borrowed */
} rb_entra_credential;

/* All strings borrowed. */
typedef struct {
    const char *login_url; /* scheme, host and port */
    const char *tenant;    /* GUID or domain */
    const char *client_id;
    const char *scope; /* "https://graph.microsoft.com/.default" */
    rb_entra_credential credential;
} rb_entra_app;

/* RB_E_CONFIG with a sentence for an application that cannot ask: tenant "common", no GUID as client id, empty secret. */
rb_err rb_entra_check(const rb_entra_app *app, rb_errbuf *errbuf) RB_MUST_CHECK;

/* Appends the URL, and the form: the latter holds the secret, so wipe the buffer. */
void rb_entra_token_url(const rb_entra_app *app, rb_buf *out);
void rb_entra_token_form(const rb_entra_app *app, rb_buf *out);

typedef enum {
    RB_ENTRA_TOKEN,   /* token and lifetime_ms */
    RB_ENTRA_LATER,   /* throttled, failing or unreachable: retry_after_ms, -1 when not said */
    RB_ENTRA_REFUSED, /* an administrator must mend what detail names */
    RB_ENTRA_SURPRISE /* no token reply at all: a proxy's page, for example */
} rb_entra_outcome;

typedef struct {
    rb_entra_outcome outcome;
    rb_secret *token; /* the caller's */
    int64_t lifetime_ms;
    int64_t retry_after_ms;
    char detail[RB_DETAIL_CAP]; /* our sentence, with Entra's code and trace id; never its text */
} rb_entra_answer;

void rb_entra_read(const rb_http_reply *reply, int64_t utc_ms, rb_entra_answer *out_answer);

/* Appends the app roles that the token lacks, with commas between, for people to read: the token's payload is read unverified and
 * decides nothing. False, and nothing appended, for one that cannot be read: its form is
 * nobody's promise. */
bool rb_entra_missing_roles(rb_str token, rb_buf *out);

#endif
