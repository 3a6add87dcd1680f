/* doctor_findings.c - see doctor.h: what the checks found, how they ask, and how it is told. */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/json.h"
#include "net/url.h"
#include "resetbot/text.h"
#include "util/table.h"

#define JSON_MAX ((size_t)1024 * 1024)
#define SECRET_PART ((size_t)16) /* so much of a secret in a row is never shown */

/* name is for tools, and stays. */
static const struct {
    const char *name;
    const char *title;
} CHECKS[DOCTOR_CHECKS] = {
    [DOCTOR_CONFIG] = {"config", "configuration"},
    [DOCTOR_POLICY] = {"policy", "policy"},
    [DOCTOR_LANGUAGES] = {"languages", "languages"},
    [DOCTOR_SECRETS] = {"secrets", "secrets"},
    [DOCTOR_STORE] = {"store", "store"},
    [DOCTOR_DISK] = {"disk", "free disk"},
    [DOCTOR_NAMES] = {"names", "names resolve"},
    [DOCTOR_BOT_TOKEN] = {"slack_bot_token", "Slack bot token"},
    [DOCTOR_SCOPES] = {"slack_scopes", "Slack scopes"},
    [DOCTOR_APP_TOKEN] = {"slack_app_token", "Slack app token"},
    [DOCTOR_CHANNELS] = {"slack_channels", "Slack channels"},
    [DOCTOR_CHAT_PEOPLE] = {"slack_people", "people in Slack"},
    [DOCTOR_GRAPH_TOKEN] = {"entra_token", "Entra token"},
    [DOCTOR_ROLES] = {"graph_roles", "Graph permissions"},
    [DOCTOR_DEVICES] = {"graph_devices", "Intune devices"},
    [DOCTOR_ENTRA_PEOPLE] = {"entra_people", "people in Entra"},
    [DOCTOR_CLOCK] = {"clock", "clock"},
};

static const char *result_name(doctor_result result)
{
    static const char *const names[] = {[DOCTOR_SKIPPED] = "skipped", [DOCTOR_OK] = "ok", [DOCTOR_FAILED] = "failed"};
    return names[result];
}

/* ---- findings ---------------------------------------------------------------------------------------------------------- */

/* Whole, when it is short; else any part of it: what a server sends back is clipped on its way here. */
static bool holds_part_of(const char *text, rb_str secret)
{
    size_t part = secret.len < SECRET_PART ? secret.len : SECRET_PART;
    for (size_t i = 0; part > 0 && i + part <= secret.len; i++) {
        if (memmem(text, strlen(text), secret.ptr + i, part)) {
            return true;
        }
    }
    return false;
}

/* A wrong server may send back what it was sent. */
static bool holds_secret(const doctor *self, const char *text)
{
    const rb_secret *all[] = {self->secrets.app_token, self->secrets.bot_token, self->secrets.credential,
                              self->secrets.approval_key, self->graph_token};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (holds_part_of(text, rb_secret_reveal(all[i]))) {
            return true;
        }
    }
    return false;
}

__attribute__((format(printf, 5, 0))) static void keep(doctor *self, doctor_check check, doctor_result result,
                                                       const char *fix, const char *format, va_list args)
{
    doctor_finding *finding = &self->findings[check];
    char found[DOCTOR_TEXT_CAP];
    int len = vsnprintf(found, sizeof found, format, args);
    bool is_told = len >= 0 && !holds_secret(self, found);
    finding->result = result;
    rb_text_clip(finding->found, sizeof finding->found,
                 rb_str_of(is_told ? found : "an answer that holds a secret, and is not shown"));
    rb_text_clip(finding->fix, sizeof finding->fix, rb_str_of(fix));
}

void doctor_ok(doctor *self, doctor_check check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(self, check, DOCTOR_OK, "", format, args);
    va_end(args);
}

void doctor_failed(doctor *self, doctor_check check, const char *fix, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(self, check, DOCTOR_FAILED, fix, format, args);
    va_end(args);
}

void doctor_skipped(doctor *self, doctor_check check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(self, check, DOCTOR_SKIPPED, "", format, args);
    va_end(args);
}

void doctor_skip_all(doctor *self, doctor_check first, doctor_check last, doctor_check needed)
{
    for (doctor_check check = first; check <= last; check++) {
        doctor_skipped(self, check, "needs: %s", CHECKS[needed].title);
    }
}

bool doctor_is_ok(const doctor *self, doctor_check check)
{
    return self->findings[check].result == DOCTOR_OK;
}

void doctor_note(rb_buf *troubles, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    rb_buf_adds(troubles, troubles->len > 0 ? "; " : "");
    rb_buf_adds(troubles, len < 0 ? "?" : text);
}

/* ---- exchanges --------------------------------------------------------------------------------------------------------- */

typedef struct {
    doctor *self;
    const char *url;
    void (*read)(void *arg, const rb_http_reply *reply);
    void *arg;
} exchange;

static int64_t size_of(int64_t ms)
{
    return ms < 0 ? -ms : ms;
}

static void note_date(doctor *self, const char *url, const char *date)
{
    int64_t theirs_utc_ms = 0;
    rb_url peer;
    if (rb_time_parse_http(rb_str_of(date), &theirs_utc_ms) != RB_OK || rb_url_parse(url, &peer, NULL) != RB_OK) {
        return;
    }
    int64_t skew_ms = theirs_utc_ms - rb_loop_now(self->loop).utc_ms;
    if (!self->has_date || size_of(skew_ms) > size_of(self->skew_ms)) {
        self->has_date = true;
        self->skew_ms = skew_ms;
        rb_copy_fit(self->skew_host, sizeof self->skew_host, peer.host);
    }
}

static void on_reply(void *arg, uint64_t tag, const rb_http_reply *reply)
{
    exchange *asked = arg;
    (void)tag;
    note_date(asked->self, asked->url, reply->date);
    asked->read(asked->arg, reply);
    rb_loop_stop(asked->self->loop);
}

void doctor_ask(doctor *self, const rb_http_request *request, void (*read)(void *arg, const rb_http_reply *reply),
                void *arg)
{
    exchange asked = {.self = self, .url = request->url, .read = read, .arg = arg};
    rb_http_start(self->http, 1, request, on_reply, &asked);
    rb_loop_run(self->loop);
}

void doctor_look_at_clock(doctor *self)
{
    long long skew_s = (long long)(self->skew_ms / RB_SECOND_MS);
    if (!self->has_date) {
        doctor_skipped(self, DOCTOR_CLOCK, "nobody answered, so there is nothing to compare with");
    } else if (size_of(self->skew_ms) > RB_CLOCK_JUMP_MS) {
        doctor_failed(self, DOCTOR_CLOCK, "set the clock, and keep it by NTP (timedatectl set-ntp true)",
                      "this machine's clock is %lld s %s that of %s", skew_s < 0 ? -skew_s : skew_s,
                      skew_s < 0 ? "ahead of" : "behind", self->skew_host);
    } else {
        doctor_ok(self, DOCTOR_CLOCK, "within %lld s of the others' clocks",
                  (long long)(size_of(self->skew_ms) / RB_SECOND_MS) + 1);
    }
}

/* ---- telling ----------------------------------------------------------------------------------------------------------- */

static rb_paint paint_of(doctor_result result)
{
    static const rb_paint paints[] = {
        [DOCTOR_SKIPPED] = RB_PAINT_QUIET, [DOCTOR_OK] = RB_PAINT_GOOD, [DOCTOR_FAILED] = RB_PAINT_BAD};
    return paints[result];
}

static void count(const doctor *self, size_t out_n[3])
{
    for (size_t i = 0; i < DOCTOR_CHECKS; i++) {
        out_n[self->findings[i].result]++;
    }
}

static void print_table(const doctor *self)
{
    static const char *const titles[] = {"RESULT", "CHECK", "FOUND"};
    rb_screen screen = rb_screen_of(stdout);
    rb_table *table = rb_table_new(&screen, titles, 3, true);
    size_t n[3] = {0};
    for (size_t i = 0; i < DOCTOR_CHECKS; i++) {
        const doctor_finding *finding = &self->findings[i];
        char text[2 * DOCTOR_TEXT_CAP + 8];
        snprintf(text, sizeof text, "%s%s%s", finding->found, finding->fix[0] ? ": " : "", finding->fix);
        rb_table_add(table, paint_of(finding->result), result_name(finding->result));
        rb_table_add(table, RB_PAINT_PLAIN, CHECKS[i].title);
        rb_table_add(table, finding->result == DOCTOR_SKIPPED ? RB_PAINT_QUIET : RB_PAINT_PLAIN, text);
    }
    rb_table_print(table);
    rb_table_free(table);
    count(self, n);
    printf("%zu ok, %zu failed, %zu skipped\n", n[DOCTOR_OK], n[DOCTOR_FAILED], n[DOCTOR_SKIPPED]);
}

static void print_json(const doctor *self, bool is_well, int64_t utc_ms)
{
    char at[RB_TIME_CAP];
    rb_buf out;
    rb_time_iso(utc_ms, at);
    rb_buf_init(&out, JSON_MAX);
    rb_buf_addf(&out, "{\"ok\":%s,\"at\":\"%s\",\"checks\":[", is_well ? "true" : "false", at);
    for (size_t i = 0; i < DOCTOR_CHECKS; i++) {
        const doctor_finding *finding = &self->findings[i];
        rb_buf_addf(&out, "%s{\"name\":\"%s\",\"result\":\"%s\",", i > 0 ? "," : "", CHECKS[i].name,
                    result_name(finding->result));
        rb_json_write_member(&out, "found", finding->found);
        if (finding->fix[0]) {
            rb_buf_adds(&out, ",");
            rb_json_write_member(&out, "fix", finding->fix);
        } else {
            rb_buf_adds(&out, ",\"fix\":null");
        }
        rb_buf_adds(&out, "}");
    }
    rb_buf_adds(&out, "]}");
    rb_screen_json(stdout, rb_buf_str(&out));
    rb_buf_fini(&out);
}

bool doctor_tell(const doctor *self, bool is_json, int64_t utc_ms)
{
    size_t n[3] = {0};
    count(self, n);
    bool is_well = n[DOCTOR_FAILED] == 0;
    if (is_json) {
        print_json(self, is_well, utc_ms);
    } else {
        print_table(self);
    }
    return is_well;
}
