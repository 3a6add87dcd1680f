#include "net/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    rb_str prefix;
    bool is_tls, is_ws;
    uint16_t port;
} scheme;

static const scheme schemes[] = {
    {{"https://", 8}, true, false, 443},
    {{"http://", 7}, false, false, 80},
    {{"wss://", 6}, true, true, 443},
    {{"ws://", 5}, false, true, 80},
};

static const scheme *scheme_of(rb_str text)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (rb_str_starts_nocase(text, schemes[i].prefix))
            return &schemes[i];
    return NULL;
}

static rb_str skip(rb_str text, size_t n)
{
    return (rb_str){text.ptr + n, text.len - n};
}

static bool is_visible_ascii(rb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    return true;
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/* Copies in lower case; false when a character does not belong or it does not fit. */
static bool take_name(rb_str name, rb_url *url)
{
    if (name.len == 0 || name.len >= sizeof url->host)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (!is_host_char(c))
            return false;
        url->host[i] = c;
    }
    url->host[name.len] = '\0';
    return true;
}

static bool take_ipv6(rb_str text, rb_url *url)
{
    struct in6_addr address;
    if (rb_copy(url->host, sizeof url->host, text) != RB_OK)
        return false;
    return inet_pton(AF_INET6, url->host, &address) == 1;
}

/* The authority up to its port; *rest is what follows. */
static bool take_host(rb_str authority, rb_url *url, rb_str *rest)
{
    if (authority.len > 0 && authority.ptr[0] == '[') {
        const char *end = memchr(authority.ptr, ']', authority.len);
        if (end == NULL)
            return false;
        size_t len = (size_t)(end - authority.ptr) - 1;
        *rest = skip(authority, len + 2);
        return take_ipv6((rb_str){authority.ptr + 1, len}, url);
    }
    const char *colon = memchr(authority.ptr, ':', authority.len);
    size_t len = colon == NULL ? authority.len : (size_t)(colon - authority.ptr);
    *rest = skip(authority, len);
    return take_name((rb_str){authority.ptr, len}, url);
}

static bool take_port(rb_str rest, uint16_t own, rb_url *url)
{
    unsigned long long port = own;
    if (rest.len > 0 && (rest.ptr[0] != ':' || rb_str_to_uint(skip(rest, 1), UINT16_MAX, &port) != RB_OK || port == 0))
        return false;
    url->port = (uint16_t)port;
    url->has_port = url->port != own;
    return true;
}

/* The last label decides whether a resolver would take a name for an IPv4 address ("127.1", "0x7f.1"): only the full
 * dotted form is taken as one, the others are refused. */
static bool classify(rb_url *url)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET6, url->host, &v6) == 1) {
        url->is_numeric = true;
        url->is_loopback = IN6_IS_ADDR_LOOPBACK(&v6);
        return true;
    }
    if (inet_pton(AF_INET, url->host, &v4) == 1) {
        url->is_numeric = true;
        url->is_loopback = (ntohl(v4.s_addr) >> 24) == 127;
        return true;
    }
    url->is_loopback = strcmp(url->host, "localhost") == 0;
    const char *dot = strrchr(url->host, '.');
    const char *label = dot == NULL ? url->host : dot + 1;
    return !(label[0] >= '0' && label[0] <= '9');
}

static bool take_path(rb_str path, rb_url *url)
{
    if (path.len == 0)
        path = RB_STR("/");
    return path.ptr[0] == '/' && memchr(path.ptr, '#', path.len) == NULL &&
           rb_copy(url->path, sizeof url->path, path) == RB_OK;
}

static rb_err parse(const char *text, rb_url *out_url, rb_errbuf *errbuf)
{
    rb_str all = rb_str_of(text);
    const scheme *found = scheme_of(all);
    if (found == NULL || !is_visible_ascii(all))
        return rb_fail(errbuf, RB_E_SYNTAX, "an address is not a http, https, ws or wss URL: check the configuration");
    rb_url url = {.is_tls = found->is_tls, .is_ws = found->is_ws};
    rb_str after = skip(all, found->prefix.len);
    size_t len = 0;
    while (len < after.len && after.ptr[len] != '/' && after.ptr[len] != '?')
        len++;
    rb_str rest;
    if (!take_host((rb_str){after.ptr, len}, &url, &rest) || !take_port(rest, found->port, &url) || !classify(&url))
        return rb_fail(errbuf, RB_E_SYNTAX,
                       "an address has a host or port that cannot be used: write scheme://host:port");
    if (!take_path(skip(after, len), &url))
        return rb_fail(errbuf, RB_E_SYNTAX, "an address at %s has a path that is too long or not allowed", url.host);
    *out_url = url;
    return RB_OK;
}

rb_err rb_url_parse(const char *text, rb_url *out_url, rb_errbuf *errbuf)
{
    rb_url url;
    rb_err err = parse(text, &url, errbuf);
    if (err != RB_OK)
        return err;
    if (!url.is_tls && !url.is_loopback)
        return rb_fail(errbuf, RB_E_REFUSED, "plain %s to %s is refused: only loopback addresses may go without TLS",
                       url.is_ws ? "ws" : "http", url.host);
    *out_url = url;
    return RB_OK;
}

rb_err rb_url_parse_proxy(const char *text, rb_url *out_url, rb_errbuf *errbuf)
{
    rb_url url;
    if (parse(text, &url, NULL) != RB_OK || url.is_tls || url.is_ws || strcmp(url.path, "/") != 0)
        return rb_fail(errbuf, RB_E_CONFIG, "the proxy must be given as http://host:port");
    *out_url = url;
    return RB_OK;
}

void rb_url_authority(const rb_url *url, char out_text[RB_URL_AUTHORITY_CAP])
{
    bool is_v6 = strchr(url->host, ':') != NULL;
    const char *open = is_v6 ? "[" : "", *close = is_v6 ? "]" : "";
    if (url->has_port)
        (void)snprintf(out_text, RB_URL_AUTHORITY_CAP, "%s%s%s:%u", open, url->host, close, (unsigned)url->port);
    else
        (void)snprintf(out_text, RB_URL_AUTHORITY_CAP, "%s%s%s", open, url->host, close);
}
