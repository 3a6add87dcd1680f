#include "net/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/net_timer.h"
#include "net/url.h"
#include "net/worker.h"
#include "resetbot/log.h"

/* Names in use: chat API, its sockets, response URLs, Graph, login, a proxy. */
#define CACHE_ENTRIES 16

typedef struct {
    char host[RB_URL_HOST_CAP];
    rb_addrs addrs;
    int64_t asked_boot_ms;
} cached;

/* A look-up under way. While the worker has it only host, resolve and the answer may be touched there. */
typedef struct query {
    rb_job job; /* first: the worker's callbacks cast back */
    rb_resolver *resolver;
    rb_resolve resolve;
    char host[RB_URL_HOST_CAP];
    rb_addrs addrs;
    rb_err err;
    rb_errbuf errbuf;
    rb_lookup *askers;
    struct query *next;
} query;

struct rb_resolver {
    rb_worker *worker;
    rb_resolve resolve;
    query *queries;
    cached cache[CACHE_ENTRIES];
    size_t n_cached;
};

/* ---- the system's resolver ------------------------------------------------------------------------------- */

static void add_address(rb_addrs *addrs, const struct addrinfo *info)
{
    if (addrs->n == RB_ADDRS_MAX)
        return;
    const void *bytes = NULL;
    if (info->ai_family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)info->ai_addr)->sin_addr;
    else if (info->ai_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)info->ai_addr)->sin6_addr;
    if (bytes != NULL && inet_ntop(info->ai_family, bytes, addrs->text[addrs->n], RB_ADDR_CAP) != NULL)
        addrs->n++;
}

static rb_err resolve_by_system(void *self, const char *host, rb_addrs *out_addrs, rb_errbuf *errbuf)
{
    (void)self;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *infos = NULL;
    int failed = getaddrinfo(host, NULL, &hints, &infos);
    if (failed != 0)
        return rb_fail(errbuf, RB_E_IO, "%s", gai_strerror(failed));
    rb_addrs addrs = {0};
    for (const struct addrinfo *info = infos; info != NULL; info = info->ai_next)
        add_address(&addrs, info);
    freeaddrinfo(infos);
    if (addrs.n == 0)
        return rb_fail(errbuf, RB_E_IO, "no IPv4 or IPv6 address");
    *out_addrs = addrs;
    return RB_OK;
}

/* ---- what is known --------------------------------------------------------------------------------------- */

static cached *find_cached(rb_resolver *resolver, const char *host)
{
    for (size_t i = 0; i < resolver->n_cached; i++)
        if (strcmp(resolver->cache[i].host, host) == 0)
            return &resolver->cache[i];
    return NULL;
}

/* A free place, else the oldest answer's. */
static cached *place_for(rb_resolver *resolver, const char *host)
{
    cached *place = find_cached(resolver, host);
    if (place != NULL)
        return place;
    if (resolver->n_cached < CACHE_ENTRIES)
        return &resolver->cache[resolver->n_cached++];
    place = &resolver->cache[0];
    for (size_t i = 1; i < CACHE_ENTRIES; i++)
        if (resolver->cache[i].asked_boot_ms < place->asked_boot_ms)
            place = &resolver->cache[i];
    return place;
}

static void remember(rb_resolver *resolver, const query *answered)
{
    cached *place = place_for(resolver, answered->host);
    rb_copy_fit(place->host, sizeof place->host, answered->host);
    place->addrs = answered->addrs;
    place->asked_boot_ms = rb_net_boot_ms();
}

static bool is_numeric(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* ---- look-ups -------------------------------------------------------------------------------------------- */

static void work(rb_job *job)
{
    query *asked = (query *)(void *)job;
    asked->err = asked->resolve.resolve(asked->resolve.self, asked->host, &asked->addrs, &asked->errbuf);
}

static void unlink_query(rb_resolver *resolver, const query *gone)
{
    query **link = &resolver->queries;
    while (*link != gone)
        link = &(*link)->next;
    *link = gone->next;
}

static void done(rb_job *job)
{
    query *asked = (query *)(void *)job;
    unlink_query(asked->resolver, asked);
    bool is_ok = asked->err == RB_OK && asked->addrs.n > 0;
    if (is_ok)
        remember(asked->resolver, asked);
    /* Taken off one by one: an asker may cancel another. */
    while (asked->askers != NULL) {
        rb_lookup *lookup = asked->askers;
        asked->askers = lookup->next;
        lookup->done(lookup, is_ok ? &asked->addrs : NULL, is_ok ? "" : asked->errbuf.text);
    }
    free(asked);
}

static void discard(rb_job *job)
{
    free((query *)(void *)job);
}

static query *find_query(rb_resolver *resolver, const char *host)
{
    query *asked = resolver->queries;
    while (asked != NULL && strcmp(asked->host, host) != 0)
        asked = asked->next;
    return asked;
}

static rb_err start_query(rb_resolver *resolver, const char *host, query **out_query)
{
    query *asked = calloc(1, sizeof *asked);
    if (asked == NULL)
        return RB_E_NOMEM;
    asked->job = (rb_job){.work = work, .done = done};
    asked->resolver = resolver;
    asked->resolve = resolver->resolve;
    rb_err err = rb_copy(asked->host, sizeof asked->host, rb_str_of(host));
    rb_executor executor = rb_worker_executor(resolver->worker);
    if (err == RB_OK)
        err = executor.submit(executor.self, &asked->job);
    if (err != RB_OK) {
        free(asked);
        return err;
    }
    asked->next = resolver->queries;
    resolver->queries = asked;
    *out_query = asked;
    return RB_OK;
}

rb_err rb_resolver_ask(rb_resolver *resolver, const char *host, rb_lookup *lookup)
{
    query *asked = find_query(resolver, host);
    if (asked == NULL) {
        rb_err err = start_query(resolver, host, &asked);
        if (err != RB_OK)
            return err;
    }
    lookup->next = asked->askers;
    asked->askers = lookup;
    return RB_OK;
}

void rb_resolver_cancel(rb_resolver *resolver, rb_lookup *lookup)
{
    for (query *asked = resolver->queries; asked != NULL; asked = asked->next)
        for (rb_lookup **link = &asked->askers; *link != NULL; link = &(*link)->next)
            if (*link == lookup) {
                *link = lookup->next;
                return;
            }
}

bool rb_resolver_knows(rb_resolver *resolver, const char *host, rb_addrs *out_addrs)
{
    if (strcmp(host, "localhost") == 0) {
        *out_addrs = (rb_addrs){.n = 2, .text = {"127.0.0.1", "::1"}};
        return true;
    }
    if (is_numeric(host)) {
        *out_addrs = (rb_addrs){.n = 1};
        return rb_copy(out_addrs->text[0], RB_ADDR_CAP, rb_str_of(host)) == RB_OK;
    }
    const cached *place = find_cached(resolver, host);
    if (place == NULL)
        return false;
    int64_t age_ms = rb_net_boot_ms() - place->asked_boot_ms;
    if (age_ms >= RB_RESOLVER_STALE_MS)
        return false;
    *out_addrs = place->addrs;
    query *refresh;
    if (age_ms >= RB_RESOLVER_FRESH_MS && find_query(resolver, host) == NULL &&
        start_query(resolver, host, &refresh) != RB_OK)
        rb_log(RB_LOG_WARN, "event=name_refresh_refused host=%s", host);
    return true;
}

/* ---- life ------------------------------------------------------------------------------------------------ */

rb_err rb_resolver_new(rb_loop *loop, const rb_resolve *resolve, rb_resolver **out_resolver, rb_errbuf *errbuf)
{
    rb_resolver *resolver = calloc(1, sizeof *resolver);
    if (resolver == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "the name resolver cannot start: out of memory");
    resolver->resolve = resolve != NULL ? *resolve : (rb_resolve){.resolve = resolve_by_system};
    rb_err err = rb_worker_new(loop, "rb-names", &resolver->worker, errbuf);
    if (err != RB_OK) {
        free(resolver);
        return err;
    }
    *out_resolver = resolver;
    return RB_OK;
}

void rb_resolver_free(rb_resolver *resolver)
{
    if (resolver == NULL)
        return;
    rb_worker_abandon(resolver->worker, discard);
    free(resolver);
}
