/* retry.c - see retry.h. */
#include "device/retry.h"

#include "resetbot/str.h"

#define BACKOFF_FIRST_MS ((int64_t)1000)
#define BACKOFF_CAP_MS ((int64_t)60000)
#define WHOLE 1000 /* thousandths */

int64_t rb_retry_after_ms(const rb_http_reply *reply, int64_t utc_ms)
{
    rb_str text = rb_str_trim(rb_str_of(reply->retry_after));
    unsigned long long seconds = 0;
    int64_t until_ms = 0;
    int64_t from_ms = utc_ms;
    int64_t wait_ms = 0;

    rb_err err = rb_str_to_uint(text, (unsigned long long)(RB_RETRY_AFTER_MAX_MS / RB_SECOND_MS), &seconds);
    if (err == RB_E_LIMIT)
        return RB_RETRY_AFTER_MAX_MS;
    if (err == RB_OK)
        return (int64_t)seconds * RB_SECOND_MS;
    if (rb_time_parse_http(text, &until_ms))
        return -1;
    /* their clock against their clock: ours may be wrong */
    if (rb_time_parse_http(rb_str_of(reply->date), &from_ms))
        from_ms = utc_ms;
    wait_ms = until_ms - from_ms;
    return wait_ms < 0 ? 0 : wait_ms > RB_RETRY_AFTER_MAX_MS ? RB_RETRY_AFTER_MAX_MS : wait_ms;
}

int64_t rb_retry_backoff_ms(unsigned tries, const rb_random *random)
{
    int64_t full_ms = BACKOFF_FIRST_MS;

    for (unsigned i = 1; i < tries && full_ms < BACKOFF_CAP_MS; i++)
        full_ms *= 2;
    if (full_ms > BACKOFF_CAP_MS)
        full_ms = BACKOFF_CAP_MS;
    return full_ms / 2 + rb_random_below(random, (uint32_t)(full_ms / 2) + 1);
}

static int64_t content_at(const rb_bucket *bucket, int64_t boot_ms)
{
    int64_t passed_ms = boot_ms > bucket->at_boot_ms ? boot_ms - bucket->at_boot_ms : 0;
    int64_t full = bucket->burst * WHOLE;
    int64_t to_full_ms = (full - bucket->thousandths) / bucket->rate_per_s + 1;

    /* rate per second is thousandths per millisecond */
    return passed_ms >= to_full_ms ? full : bucket->thousandths + passed_ms * bucket->rate_per_s;
}

void rb_bucket_init(rb_bucket *bucket, int64_t rate_per_s, int64_t burst, int64_t boot_ms)
{
    *bucket =
        (rb_bucket){.rate_per_s = rate_per_s, .burst = burst, .thousandths = burst * WHOLE, .at_boot_ms = boot_ms};
}

bool rb_bucket_take(rb_bucket *bucket, int64_t boot_ms)
{
    bucket->thousandths = content_at(bucket, boot_ms);
    bucket->at_boot_ms = boot_ms > bucket->at_boot_ms ? boot_ms : bucket->at_boot_ms;
    if (bucket->thousandths < WHOLE)
        return false;
    bucket->thousandths -= WHOLE;
    return true;
}

int64_t rb_bucket_ready_ms(const rb_bucket *bucket)
{
    int64_t missing = WHOLE - bucket->thousandths;

    return missing <= 0 ? bucket->at_boot_ms
                        : bucket->at_boot_ms + (missing + bucket->rate_per_s - 1) / bucket->rate_per_s;
}
