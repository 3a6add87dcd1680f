/* clock.h - time as a port: what the core is told, never what it asks. */
#ifndef RESETBOT_CLOCK_H
#define RESETBOT_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

/* One reading of both clocks. Deadlines keep both; back-off and pings use boot_ms alone (a wall clock may jump). */
typedef struct {
    int64_t utc_ms;  /* since 1970-01-01 UTC */
    int64_t boot_ms; /* CLOCK_BOOTTIME: runs on during suspend, restarts at boot */
} rb_now;

typedef struct {
    void *self;
    rb_now (*now)(void *self);
} rb_clock;

rb_clock rb_clock_system(void);

#define RB_SECOND_MS ((int64_t)1000)
#define RB_MINUTE_MS (60 * RB_SECOND_MS)
#define RB_HOUR_MS (60 * RB_MINUTE_MS)
#define RB_DAY_MS (24 * RB_HOUR_MS)

#define RB_TIME_CAP 32

/* "2026-03-02 14:02:10 UTC", "14:32 UTC" and "2026-03-02T14:02:10Z". */
void rb_time_full(int64_t utc_ms, char out_text[RB_TIME_CAP]);
void rb_time_short(int64_t utc_ms, char out_text[RB_TIME_CAP]);
void rb_time_iso(int64_t utc_ms, char out_text[RB_TIME_CAP]);
/* ISO 8601 with 0-9 fraction digits and Z or an offset (Graph sends 0-7: domain/intune.md 2.4). */
rb_err rb_time_parse_iso(rb_str text, int64_t *out_utc_ms) RB_MUST_CHECK;
/* RFC 9110 IMF-fixdate, as in Date and Retry-After. */
rb_err rb_time_parse_http(rb_str text, int64_t *out_utc_ms) RB_MUST_CHECK;
/* Graph's "no date" values: years 0001 and 9999. */
bool rb_time_is_sentinel(int64_t utc_ms);

#endif
