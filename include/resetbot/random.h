/* random.h - randomness as a port. */
#ifndef RESETBOT_RANDOM_H
#define RESETBOT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    void *self;
    void (*fill)(void *self, void *out_bytes,
                 size_t len); /* cannot fail: aborts the process when the kernel has none */
} rb_random;

/* getrandom(2). */
rb_random rb_random_system(void);

#define RB_GUID_CAP 37
/* A random GUID (version 4), lower case. */
void rb_random_guid(const rb_random *random, char out_guid[RB_GUID_CAP]);
/* Uniform in [0, bound), bound > 0. */
uint32_t rb_random_below(const rb_random *random, uint32_t bound);

#endif
