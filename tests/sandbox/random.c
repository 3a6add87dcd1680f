/* Where the sandbox's chance comes from; a simulator links its own, which a seed decides. */
#include <openssl/rand.h>
#include <stdlib.h>

#include "world.h"

void sb_random(void *out_bytes, size_t len)
{
    if (RAND_bytes(out_bytes, (int)len) != 1)
        abort();
}
