/* http.h - HTTP requests on libcurl: TLS verified, no redirects, no proxy but the configured one, nothing shared.
 *
 * https to anywhere, http to loopback addresses only. HTTP/1.1. Names are looked up by the resolver's worker and never
 * by curl. A request marked `once` goes out on a connection of its own, because curl repeats a POST by itself when a
 * reused connection dies before the first byte of the reply (seen with 7.88). */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdint.h>

#include "net/net_config.h"
#include "net/resolver.h"
#include "resetbot/io.h"
#include "resetbot/loop.h"

/* Transfers under way. Sessions have a few each; more means that one of them has lost count. */
#define RB_HTTP_TRANSFERS_MAX 256
#define RB_HTTP_BODY_MAX (1024 * 1024) /* of a request: a view of 250 kB, percent-encoded */
#define RB_HTTP_TIMEOUT_MAX_MS RB_HOUR_MS

typedef struct rb_http rb_http;

/* Called once, from the loop, never from inside rb_http_start. reply is borrowed for the call. */
typedef void (*rb_http_done)(void *arg, uint64_t tag, const rb_http_reply *reply);

/* The loop and the resolver must outlive it. RB_E_CONFIG: CA file or proxy cannot be used. */
rb_err rb_http_new(rb_loop *loop, rb_resolver *resolver, const rb_net_config *config, rb_http **out_http,
                   rb_errbuf *errbuf) RB_MUST_CHECK;
/* Ends all transfers without calling done. NULL is fine. */
void rb_http_free(rb_http *http);

/* Copies all of request. What is wrong with it, like every other failure, is told by done. */
void rb_http_start(rb_http *http, uint64_t tag, const rb_http_request *request, rb_http_done done, void *arg);
/* Ends the transfers started with this arg, without calling done. */
void rb_http_forget(rb_http *http, const void *arg);

#endif
