/* retry.h - when to try again: what a reply asks for, our own back-off, and our own rate limits. Pure. */
#ifndef DEVICE_RETRY_H
#define DEVICE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/clock.h"
#include "resetbot/io.h"
#include "resetbot/random.h"

/* The longest Retry-After that is believed: a wrong one must not stop the bot for good. */
#define RB_RETRY_AFTER_MAX_MS RB_HOUR_MS

/* Retry-After of a reply: seconds, or an HTTP date (counted from the reply's own Date where it has one). -1 when absent or
 * unreadable; never more than RB_RETRY_AFTER_MAX_MS. */
int64_t rb_retry_after_ms(const rb_http_reply *reply, int64_t utc_ms);

/* Jittered exponential back-off before try number `tries` + 1 (tries >= 1): between half and all of 1 s, 2 s, 4 s ... 60 s
 * (domain/intune.md 2.8 has the cap). */
int64_t rb_retry_backoff_ms(unsigned tries, const rb_random *random);

/* A token bucket. */
typedef struct {
    int64_t rate_per_s;
    int64_t burst;
    int64_t thousandths; /* what is in it */
    int64_t at_boot_ms;  /* as of */
} rb_bucket;

/* Full. */
void rb_bucket_init(rb_bucket *bucket, int64_t rate_per_s, int64_t burst, int64_t boot_ms);
/* Takes one; false when there is none. */
bool rb_bucket_take(rb_bucket *bucket, int64_t boot_ms);
/* When one can be taken, at the earliest. */
int64_t rb_bucket_ready_ms(const rb_bucket *bucket);

#endif
