#include "tls.h"

int tls_listen(const char *dir)
{
    (void)dir;
    return -1;
}

void tls_fini(void)
{
}
