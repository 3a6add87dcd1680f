/* doctor.h - `resetbot doctor`: everything the bot needs, looked at once, one finding a check.
 *
 * Nothing is changed and nothing posted; no websocket is opened, so a running bot keeps all its connections. One exchange at
 * a time, each with an end: what depends on something that failed is skipped. */
#ifndef RESETBOT_DOCTOR_H
#define RESETBOT_DOCTOR_H

#include "chat/slack_codec.h"
#include "net/http.h"
#include "net/resolver.h"
#include "net/url.h"
#include "resetbot/loop.h"
#include "resetbot/policy.h"
#include "setup.h"
#include "util/screen.h"

#define DOCTOR_WAIT_MS (10 * RB_SECOND_MS) /* for one answer */
/* Of the policy's people, groups and channels so many are looked at: Slack allows 20 calls a minute to some methods
 * (docs.slack.dev, rate limits, Tier 2; read 2026-11). */
#define DOCTOR_PEOPLE_MAX 25
#define DOCTOR_LISTS_MAX 10

typedef enum {
    DOCTOR_CONFIG,
    DOCTOR_POLICY,
    DOCTOR_LANGUAGES,
    DOCTOR_SECRETS,
    DOCTOR_STORE,
    DOCTOR_DISK,
    DOCTOR_NAMES,
    DOCTOR_BOT_TOKEN,
    DOCTOR_SCOPES,
    DOCTOR_APP_TOKEN,
    DOCTOR_CHANNELS,
    DOCTOR_CHAT_PEOPLE,
    DOCTOR_GRAPH_TOKEN,
    DOCTOR_ROLES,
    DOCTOR_DEVICES,
    DOCTOR_ENTRA_PEOPLE,
    DOCTOR_CLOCK,
    DOCTOR_CHECKS
} doctor_check;

typedef enum { DOCTOR_SKIPPED, DOCTOR_OK, DOCTOR_FAILED } doctor_result;

#define DOCTOR_TEXT_CAP 2048

typedef struct {
    doctor_result result;
    char found[DOCTOR_TEXT_CAP]; /* inert */
    char fix[DOCTOR_TEXT_CAP];   /* "" when found says it all */
} doctor_finding;

typedef struct {
    rb_config config;  /* when DOCTOR_CONFIG is ok */
    rb_policy *policy; /* the same for DOCTOR_POLICY */
    rb_gettext *languages;
    rb_config_secrets secrets;
    rb_loop *loop;
    rb_resolver *resolver;
    rb_http *http;
    rb_slack_self self; /* of auth.test */
    char scopes[512];   /* that the bot token has, as Slack said */
    rb_secret *graph_token;
    int64_t skew_ms; /* the largest difference of a peer's clock to ours, with its sign */
    char skew_host[RB_URL_HOST_CAP];
    bool has_date;
    rb_working progress;
    doctor_finding findings[DOCTOR_CHECKS];
} doctor;

/* ---- findings ---------------------------------------------------------------------------------------------------------- */

void doctor_ok(doctor *self, doctor_check check, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* fix: what to do, as a sentence without its full stop; "" for none. */
void doctor_failed(doctor *self, doctor_check check, const char *fix, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void doctor_skipped(doctor *self, doctor_check check, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Those from first to last, for want of another one. */
void doctor_skip_all(doctor *self, doctor_check first, doctor_check last, doctor_check needed);
bool doctor_is_ok(const doctor *self, doctor_check check);

/* Several troubles of one check: "U1 is a guest; U2 is unknown". */
void doctor_note(rb_buf *troubles, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints all of them, as a table or as one JSON object; false when one failed. */
bool doctor_tell(const doctor *self, bool is_json, int64_t utc_ms);

/* ---- exchanges --------------------------------------------------------------------------------------------------------- */

/* Sends, waits for the answer, hands it to read(arg, reply), and comes back. The difference of the clocks is noted. */
void doctor_ask(doctor *self, const rb_http_request *request, void (*read)(void *arg, const rb_http_reply *reply),
                void *arg);

/* Whether a host has an address, or goes through the proxy, which looks it up itself; else a trouble more. */
void doctor_look_up(doctor *self, const char *url, rb_buf *troubles);

/* ---- the checks, in this order ------------------------------------------------------------------------------------------- */

void doctor_look_at_files(doctor *self, const char *file);
void doctor_look_at_names(doctor *self);
void doctor_look_at_slack(doctor *self);
void doctor_look_at_graph(doctor *self);
void doctor_look_at_clock(doctor *self);

#endif
