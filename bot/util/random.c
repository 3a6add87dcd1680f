/* random.c - see resetbot/random.h. */
#include "resetbot/random.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>

static void system_fill(void *self, void *out_bytes, size_t len)
{
    uint8_t *bytes = out_bytes;

    (void)self;
    while (len > 0) {
        ssize_t got = getrandom(bytes, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        /* going on with guessable ids would be worse than stopping */
        if (got <= 0)
            abort();
        bytes += got;
        len -= (size_t)got;
    }
}

rb_random rb_random_system(void)
{
    return (rb_random){.self = NULL, .fill = system_fill};
}

void rb_random_guid(const rb_random *random, char out_guid[RB_GUID_CAP])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[16];
    char *to = out_guid;

    random->fill(random->self, bytes, sizeof bytes);
    /* RFC 9562 5.4: version 4, variant 10 */
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = digits[bytes[i] >> 4];
        *to++ = digits[bytes[i] & 0x0f];
    }
    *to = '\0';
}

uint32_t rb_random_below(const rb_random *random, uint32_t bound)
{
    uint32_t value = 0;

    assert(bound > 0);
    /* 2^32 mod bound values at the low end would come up once too often: draw again */
    uint32_t uneven = (uint32_t)(-bound) % bound;
    do {
        random->fill(random->self, &value, sizeof value);
    } while (value < uneven);
    return value % bound;
}
