#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "slack_api.h"

/* A token bucket in sandbox time. */
typedef struct rate_bucket {
    char *key;
    int64_t full_at_ms; /* when it will be full again */
    struct rate_bucket *next;
} rate_bucket;

static rate_bucket *buckets;

static rate_bucket *bucket_of(const char *key)
{
    for (rate_bucket *each = buckets; each; each = each->next)
        if (!strcmp(each->key, key))
            return each;
    rate_bucket *fresh = sb_alloc(sizeof *fresh);
    fresh->key = sb_strdup(key);
    fresh->next = buckets;
    buckets = fresh;
    return fresh;
}

int sk_limit(const char *key, int64_t burst, int64_t interval_ms)
{
    if (interval_ms <= 0)
        return 0;
    rate_bucket *bucket = bucket_of(key);
    int64_t now_ms = sb_now_ms();
    int64_t start_ms = bucket->full_at_ms > now_ms ? bucket->full_at_ms : now_ms;
    int64_t over_ms = start_ms + interval_ms - now_ms - burst * interval_ms;
    if (over_ms > 0)
        return (int)((over_ms + 999) / 1000);
    bucket->full_at_ms = start_ms + interval_ms;
    return 0;
}

void sk_limits_fini(void)
{
    while (buckets) {
        rate_bucket *next = buckets->next;
        free(buckets->key);
        free(buckets);
        buckets = next;
    }
}
