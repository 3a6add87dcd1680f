/* url.h - the only URLs that the network code takes apart: strict, so that no library reads them differently. */
#ifndef NET_URL_H
#define NET_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

/* lws writes "Host: NAME:PORT" into 120 bytes; real names in use are below 64. */
#define RB_URL_HOST_CAP 101
/* Path and query. Socket Mode tickets take 150, Graph's nextLink with a skip token up to 2,000 or so; lws sends at most
 * 2,000 in its request line, which rb_ws_open checks. */
#define RB_URL_PATH_CAP 4097

typedef struct {
    bool is_tls;                /* https, wss */
    bool is_ws;                 /* ws, wss */
    bool is_numeric;            /* host is an IPv4 or IPv6 address */
    bool is_loopback;           /* localhost, 127.0.0.0/8 or ::1 */
    uint16_t port;              /* the scheme's own when not given */
    bool has_port;              /* given, and not the scheme's own */
    char host[RB_URL_HOST_CAP]; /* lower case, IPv6 without brackets */
    char path[RB_URL_PATH_CAP]; /* with query, begins with '/' */
} rb_url;

/* scheme "://" host [":" port] ["/" ...]: http, https, ws or wss; no user, no fragment, visible ASCII only.
 * Plain http and ws are taken only for loopback addresses (RB_E_REFUSED). The sentence never shows path or query. */
rb_err rb_url_parse(const char *text, rb_url *out_url, rb_errbuf *errbuf) RB_MUST_CHECK;
/* The same for "http://host:port" of a proxy, which may be any host: what goes through it has TLS of its own. */
rb_err rb_url_parse_proxy(const char *text, rb_url *out_url, rb_errbuf *errbuf) RB_MUST_CHECK;

/* "host", "host:port", "[v6]" or "[v6]:port", as in a Host header. out_text: RB_URL_HOST_CAP + 8 bytes. */
#define RB_URL_AUTHORITY_CAP (RB_URL_HOST_CAP + 8)
void rb_url_authority(const rb_url *url, char out_text[RB_URL_AUTHORITY_CAP]);

#endif
