#include "net/net_init.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

static void wiping_free(void *ptr)
{
    if (ptr == NULL)
        return;
    explicit_bzero(ptr, malloc_usable_size(ptr));
    free(ptr);
}

/* Never in place: realloc would leave the old block as it was when it moves. */
static void *wiping_realloc(void *ptr, size_t len)
{
    if (ptr == NULL)
        return malloc(len);
    if (len == 0) {
        wiping_free(ptr);
        return NULL;
    }
    size_t had = malloc_usable_size(ptr);
    if (had >= len)
        return ptr;
    void *grown = malloc(len);
    if (grown == NULL)
        return NULL;
    memcpy(grown, ptr, had);
    wiping_free(ptr);
    return grown;
}

static char *plain_strdup(const char *text)
{
    return strdup(text);
}

static void *plain_malloc(size_t len)
{
    return malloc(len);
}

static void *plain_calloc(size_t n, size_t len)
{
    return calloc(n, len);
}

static void *ssl_malloc(size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return malloc(len);
}

static void *ssl_realloc(void *ptr, size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return wiping_realloc(ptr, len);
}

static void ssl_free(void *ptr, const char *file, int line)
{
    (void)file;
    (void)line;
    wiping_free(ptr);
}

rb_err rb_net_init(rb_errbuf *errbuf)
{
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return rb_fail(errbuf, RB_E_INTERNAL, "SIGPIPE cannot be ignored");
    CRYPTO_malloc_fn current;
    CRYPTO_get_mem_functions(&current, NULL, NULL);
    if (current == ssl_malloc)
        return RB_OK;
    /* Refused once OpenSSL has allocated anything: then somebody was earlier than main's first line. */
    if (CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free) != 1)
        return rb_fail(errbuf, RB_E_INTERNAL, "OpenSSL was used before rb_net_init: its buffers would not be wiped");
    CURLcode failed =
        curl_global_init_mem(CURL_GLOBAL_ALL, plain_malloc, wiping_free, wiping_realloc, plain_strdup, plain_calloc);
    if (failed != CURLE_OK)
        return rb_fail(errbuf, RB_E_INTERNAL, "libcurl cannot be initialised: %s", curl_easy_strerror(failed));
    return RB_OK;
}
