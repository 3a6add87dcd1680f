/* resolver.h - names to addresses on a worker of its own, so that a hanging resolver holds up nothing else. */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

#include "resetbot/err.h"
#include "resetbot/loop.h"

#define RB_ADDRS_MAX 8
#define RB_ADDR_CAP 46 /* INET6_ADDRSTRLEN */

/* An answer is fresh for this long; the names we use have TTLs of 30 to 300 s. */
#define RB_RESOLVER_FRESH_MS (60 * RB_SECOND_MS)
/* Up to this age it is still used, at once, while a new look-up runs: TLS decides whether it is the right host. */
#define RB_RESOLVER_STALE_MS (10 * RB_MINUTE_MS)

/* Numeric addresses, in the order in which to try them. */
typedef struct {
    size_t n;
    char text[RB_ADDRS_MAX][RB_ADDR_CAP];
} rb_addrs;

/* The blocking look-up, called on the worker's thread: getaddrinfo, or a test's. errbuf says why it failed. self must
 * outlive the resolver by the longest look-up, which may still run when the resolver is freed. */
typedef struct {
    void *self;
    rb_err (*resolve)(void *self, const char *host, rb_addrs *out_addrs, rb_errbuf *errbuf);
} rb_resolve;

/* One asker, in its own memory until done or cancelled. */
typedef struct rb_lookup {
    void (*done)(struct rb_lookup *lookup, const rb_addrs *addrs, const char *error); /* addrs NULL: failed */
    void *owner;
    struct rb_lookup *next; /* the resolver's */
} rb_lookup;

typedef struct rb_resolver rb_resolver;

/* resolve NULL: the system's. */
rb_err rb_resolver_new(rb_loop *loop, const rb_resolve *resolve, rb_resolver **out_resolver,
                       rb_errbuf *errbuf) RB_MUST_CHECK;
/* Does not wait for a look-up that hangs. No done is called any more. NULL is fine. */
void rb_resolver_free(rb_resolver *resolver);

/* Without waiting: numeric hosts, "localhost" and what was asked before. */
bool rb_resolver_knows(rb_resolver *resolver, const char *host, rb_addrs *out_addrs);
/* Asks; done follows later, from the loop. Several askers of one name share a look-up. RB_E_AGAIN: too many names. */
rb_err rb_resolver_ask(rb_resolver *resolver, const char *host, rb_lookup *lookup) RB_MUST_CHECK;
void rb_resolver_cancel(rb_resolver *resolver, rb_lookup *lookup);

#endif
