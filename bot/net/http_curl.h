/* http_curl.h - one transfer's libcurl handle: made from a request, read into a reply. Only http.c includes it. */
#ifndef NET_HTTP_CURL_H
#define NET_HTTP_CURL_H

#include <curl/curl.h>

#include "net/resolver.h"
#include "net/url.h"
#include "resetbot/io.h"

/* Everything that curl holds pointers into while a transfer runs. */
typedef struct {
    CURL *easy;
    struct curl_slist *headers;
    struct curl_slist *addresses;
    char *url;
    char *request_body;
    size_t request_len;
    char *reply; /* body so far; wiped whenever it moves and at the end */
    size_t reply_len, reply_cap, reply_max;
    bool is_too_long; /* the reply hit reply_max */
    bool has_left;    /* a connection was up and curl began to send */
    char text[CURL_ERROR_SIZE];
} rb_curl;

typedef struct {
    const char *ca_file;
    const char *proxy; /* "" for none */
} rb_curl_route;

/* Copies the request and sets every option but the addresses. RB_E_SYNTAX: method or headers cannot be sent. */
rb_err rb_curl_init(rb_curl *curl, const rb_http_request *request, const rb_curl_route *route,
                    rb_errbuf *errbuf) RB_MUST_CHECK;
/* Tells curl where host:port is, so that it never asks a resolver itself. */
rb_err rb_curl_set_addresses(rb_curl *curl, const char *host, unsigned port, const rb_addrs *addrs) RB_MUST_CHECK;
/* Wipes and frees; a zeroed one is fine. Not while in a multi handle. */
void rb_curl_fini(rb_curl *curl);

/* Fills *out_reply after curl is done with `result`; the body and error point into curl and errbuf. */
void rb_curl_read_reply(const rb_curl *curl, CURLcode result, const rb_url *url, rb_http_reply *out_reply,
                        rb_errbuf *errbuf);

#endif
