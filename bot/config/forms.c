/* forms.c - see forms.h. */
#include "config/forms.h"

#include <arpa/inet.h>
#include <string.h>

#include "resetbot/limits.h"

#define IPV4_TEXT_CAP 16 /* "255.255.255.255" */
#define IPV6_TEXT_CAP 46 /* RFC 4291, with an IPv4 tail */
#define HOST_MAX 253     /* RFC 1035 */
#define PORT_MAX 65535

/* Slack: a command begins with / and has 2 to 32 characters (app manifest schema) */
#define COMMAND_MAX 32

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Visible ASCII: no white space, no control characters, nothing that looks like something else. */
static bool is_visible(rb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    return text.len > 0;
}

static rb_err wrong(rb_errbuf *errbuf, const char *sentence)
{
    return rb_fail(errbuf, RB_E_SYNTAX, "%s", sentence);
}

/* ---- URLs ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    bool is_tls;
    rb_str host;
    rb_str rest; /* from the first / on; empty when there is none */
} url;

static bool is_host_name(rb_str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        if (!is_digit(c) && !is_upper(c) && !is_lower(c) && c != '-' && c != '.')
            return false;
    }
    return host.len > 0 && host.len <= HOST_MAX && host.ptr[0] != '.' && host.ptr[0] != '-';
}

static bool is_ipv6(rb_str host)
{
    char text[IPV6_TEXT_CAP];
    struct in6_addr address;

    if (host.len < 3 || host.ptr[0] != '[' || host.ptr[host.len - 1] != ']')
        return false;
    return rb_copy(text, sizeof text, (rb_str){host.ptr + 1, host.len - 2}) == RB_OK &&
           inet_pton(AF_INET6, text, &address) == 1;
}

static bool is_port(rb_str text)
{
    unsigned long long port;

    return rb_str_to_uint(text, PORT_MAX, &port) == RB_OK && port > 0;
}

/* Splits "host[:port]"; a user, which could hide the real host, fails as no host name does hold an @. */
static bool parse_authority(rb_str authority, url *out_url)
{
    size_t host_len = authority.len;

    for (size_t i = authority.len; i > 0 && authority.ptr[i - 1] != ']'; i--)
        if (authority.ptr[i - 1] == ':')
            host_len = i - 1;
    rb_str host = {authority.ptr, host_len};
    if (!is_host_name(host) && !is_ipv6(host))
        return false;
    out_url->host = host;
    return host_len == authority.len || is_port((rb_str){authority.ptr + host_len + 1, authority.len - host_len - 1});
}

static bool parse_url(rb_str text, url *out_url)
{
    size_t len = 0;
    url parsed = {.is_tls = rb_str_starts(text, RB_STR("https://"))};

    if (!is_visible(text) || (!parsed.is_tls && !rb_str_starts(text, RB_STR("http://"))))
        return false;
    size_t scheme_len = parsed.is_tls ? strlen("https://") : strlen("http://");
    rb_str rest = {text.ptr + scheme_len, text.len - scheme_len};
    while (len < rest.len && rest.ptr[len] != '/')
        len++;
    if (!parse_authority((rb_str){rest.ptr, len}, &parsed))
        return false;
    parsed.rest = (rb_str){rest.ptr + len, rest.len - len};
    *out_url = parsed;
    return true;
}

static bool is_loopback(rb_str host)
{
    char text[IPV4_TEXT_CAP];
    struct in_addr address;

    if (rb_str_equal_nocase(host, RB_STR("localhost")) || rb_str_equal(host, RB_STR("[::1]")))
        return true;
    /* parsed, not compared by prefix: 127.0.0.1.example.com is somebody's server */
    return rb_copy(text, sizeof text, host) == RB_OK && inet_pton(AF_INET, text, &address) == 1 &&
           (ntohl(address.s_addr) >> 24) == 127;
}

bool rb_url_is_local(rb_str text)
{
    url parsed;

    return parse_url(text, &parsed) && is_loopback(parsed.host);
}

static rb_err check_url(rb_str text, url *out_url, rb_errbuf *errbuf)
{
    if (!parse_url(text, out_url))
        return wrong(errbuf,
                     "is not a URL of the form https://HOST or https://HOST:PORT: mend it (no user, no blanks)");
    if (!out_url->is_tls && !is_loopback(out_url->host))
        return wrong(errbuf, "is plain http to another machine, which anybody on the way can read: use https");
    return RB_OK;
}

static rb_err check_base_url(rb_str text, rb_errbuf *errbuf)
{
    url parsed;
    rb_err err = check_url(text, &parsed, errbuf);

    if (err == RB_OK && parsed.rest.len > 0)
        return wrong(errbuf, "has a path: leave scheme, host and port alone (no / at the end)");
    return err;
}

static bool ends_in_api(rb_str rest)
{
    static const char tail[] = "/api/";
    size_t len = sizeof tail - 1;

    if (rest.len < len || memchr(rest.ptr, '?', rest.len) || memchr(rest.ptr, '#', rest.len))
        return false;
    return rb_str_equal((rb_str){rest.ptr + rest.len - len, len}, RB_STR(tail));
}

static rb_err check_api_url(rb_str text, rb_errbuf *errbuf)
{
    url parsed;
    rb_err err = check_url(text, &parsed, errbuf);

    if (err == RB_OK && !ends_in_api(parsed.rest))
        return wrong(errbuf, "does not end in /api/: add it (https://slack.com/api/)");
    return err;
}

/* What goes through a proxy is TLS from end to end, so the way to the proxy may be plain. */
static rb_err check_proxy_url(rb_str text, rb_errbuf *errbuf)
{
    url parsed;

    if (!parse_url(text, &parsed) || parsed.is_tls || parsed.rest.len > 0)
        return wrong(errbuf, "is not a proxy of the form http://HOST:PORT: mend it (no user, no path)");
    return RB_OK;
}

const rb_form RB_FORM_BASE_URL = {"URL: scheme, host and port alone", check_base_url};
const rb_form RB_FORM_API_URL = {"URL that ends in /api/", check_api_url};
const rb_form RB_FORM_PROXY_URL = {"http://HOST:PORT", check_proxy_url};

/* ---- references and paths --------------------------------------------------------------------------------------------- */

static bool is_path(rb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7F)
            return false;
    return text.len > 0;
}

static rb_err check_path(rb_str text, rb_errbuf *errbuf)
{
    return is_path(text) ? RB_OK : wrong(errbuf, "is not a path: write the name of a file");
}

/* Without "prefix", in *out_rest; false when text begins otherwise. */
static bool cut_prefix(rb_str text, const char *prefix, rb_str *out_rest)
{
    if (!rb_str_starts(text, rb_str_of(prefix)))
        return false;
    *out_rest = (rb_str){text.ptr + strlen(prefix), text.len - strlen(prefix)};
    return true;
}

static bool is_name(rb_str text)
{
    return is_visible(text) && !memchr(text.ptr, '/', text.len) && !memchr(text.ptr, '=', text.len);
}

static rb_err check_secret(rb_str text, rb_errbuf *errbuf)
{
    rb_str rest;

    if (cut_prefix(text, "file:", &rest) && is_path(rest))
        return RB_OK;
    if (cut_prefix(text, "credential:", &rest) && is_name(rest))
        return RB_OK;
    if (cut_prefix(text, "env:", &rest) && is_name(rest))
        return RB_OK;
    return wrong(errbuf,
                 "is not a secret reference: write file:PATH, credential:NAME or env:NAME, never the secret itself");
}

static rb_err check_store_url(rb_str text, rb_errbuf *errbuf)
{
    rb_str rest;

    if (cut_prefix(text, "sqlite:", &rest) && is_path(rest))
        return RB_OK;
    return wrong(errbuf, "is not a store: write sqlite:PATH");
}

const rb_form RB_FORM_PATH = {"file", check_path};
const rb_form RB_FORM_SECRET = {"secret reference: file:PATH, credential:NAME or env:NAME", check_secret};
const rb_form RB_FORM_STORE_URL = {"sqlite:PATH", check_store_url};

/* ---- Slack ------------------------------------------------------------------------------------------------------------ */

static rb_err check_command(rb_str text, rb_errbuf *errbuf)
{
    bool is_good = text.len >= 2 && text.len <= COMMAND_MAX && text.ptr[0] == '/';

    for (size_t i = 1; i < text.len && is_good; i++) {
        char c = text.ptr[i];
        is_good = is_lower(c) || is_digit(c) || c == '-' || c == '_';
    }
    return is_good ? RB_OK : wrong(errbuf, "is not a slash command: write / and 1 to 31 of a-z, 0-9, - and _");
}

/* As catalogues are named: ISO 639 letters, and where it matters the country's of ISO 3166 (gettext manual, Locale Names). */
static rb_err check_language(rb_str text, rb_errbuf *errbuf)
{
    size_t n = 0;

    while (n < text.len && is_lower(text.ptr[n]))
        n++;
    bool is_alone = text.len == n;
    bool has_country =
        text.len == n + 3 && text.ptr[n] == '_' && is_upper(text.ptr[n + 1]) && is_upper(text.ptr[n + 2]);
    if ((n == 2 || n == 3) && (is_alone || has_country))
        return RB_OK;
    return wrong(errbuf, "is not a language: write two or three small letters, such as en or sv");
}

/* One of `firsts`, then capitals and digits. Slack's ids are opaque; these letters are what the chat page shows. */
static bool is_chat_id(rb_str text, const char *firsts)
{
    if (text.len < 2 || text.len >= RB_CHAT_ID_CAP || !strchr(firsts, text.ptr[0]) || !text.ptr[0])
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (!is_upper(text.ptr[i]) && !is_digit(text.ptr[i]))
            return false;
    return true;
}

static rb_err check_chat_user(rb_str text, rb_errbuf *errbuf)
{
    return is_chat_id(text, "UW")
               ? RB_OK
               : wrong(errbuf, "is not a Slack user id: write U0123456789 (profile, More, Copy member ID)");
}

static rb_err check_chat_group(rb_str text, rb_errbuf *errbuf)
{
    return is_chat_id(text, "S")
               ? RB_OK
               : wrong(errbuf, "is not a Slack user group id: write S0123456789 (the group's page, Copy group ID)");
}

static rb_err check_channel(rb_str text, rb_errbuf *errbuf)
{
    return is_chat_id(text, "CG")
               ? RB_OK
               : wrong(errbuf, "is not a Slack channel id: write C0123456789 (channel details, at the bottom)");
}

static rb_err check_chat_person(rb_str text, rb_errbuf *errbuf)
{
    const char *slash = text.len > 0 ? memchr(text.ptr, '/', text.len) : NULL;
    size_t team_len = slash ? (size_t)(slash - text.ptr) : 0;
    rb_str user = slash ? (rb_str){slash + 1, text.len - team_len - 1} : text;

    if (is_chat_id(user, "UW") && (!slash || is_chat_id((rb_str){text.ptr, team_len}, "T")))
        return RB_OK;
    return wrong(errbuf, "is not a Slack person: write U0123456789, or T0123456789/U0123456789 with the team");
}

const rb_form RB_FORM_COMMAND = {"slash command", check_command};
const rb_form RB_FORM_LANGUAGE = {"language", check_language};
const rb_form RB_FORM_CHAT_USER = {"Slack user id (U..., W...)", check_chat_user};
const rb_form RB_FORM_CHAT_GROUP = {"Slack user group id (S...)", check_chat_group};
const rb_form RB_FORM_CHANNEL = {"Slack channel id (C..., G...)", check_channel};
const rb_form RB_FORM_CHAT_PERSON = {"Slack user id, or TEAM/USER", check_chat_person};

/* ---- Microsoft -------------------------------------------------------------------------------------------------------- */

static rb_err check_guid(rb_str text, rb_errbuf *errbuf)
{
    return rb_str_is_guid(text)
               ? RB_OK
               : wrong(errbuf, "is not an id of the form 00000000-0000-0000-0000-000000000000: copy it again");
}

/* App-only tokens are of one tenant: the shared endpoints give none (domain/intune.md 3). A name without dot is one of those. */
static rb_err check_tenant(rb_str text, rb_errbuf *errbuf)
{
    bool is_domain = is_host_name(text) && memchr(text.ptr, '.', text.len);

    if (rb_str_is_guid(text) || is_domain)
        return RB_OK;
    return wrong(errbuf, "does not name one tenant: write its id, or a domain such as contoso.onmicrosoft.com");
}

static bool is_upn(rb_str text)
{
    const char *at = text.len > 0 ? memchr(text.ptr, '@', text.len) : NULL;
    size_t user_len = at ? (size_t)(at - text.ptr) : 0;

    return at && user_len > 0 && text.len < RB_UPN_CAP && is_visible(text) &&
           is_host_name((rb_str){at + 1, text.len - user_len - 1});
}

static rb_err check_entra_user(rb_str text, rb_errbuf *errbuf)
{
    if (rb_str_is_guid(text) || is_upn(text))
        return RB_OK;
    return wrong(errbuf, "is neither an Entra object id nor a user principal name: write adele@contoso.com or the id");
}

/* A serial number has no form of its own; what has blanks or strange characters would match no device. */
static rb_err check_device(rb_str text, rb_errbuf *errbuf)
{
    if (text.len < RB_SERIAL_CAP && is_visible(text))
        return RB_OK;
    return wrong(errbuf, "is neither a device id nor a serial number: copy it again");
}

const rb_form RB_FORM_GUID = {"id (GUID)", check_guid};
const rb_form RB_FORM_TENANT = {"tenant id or domain", check_tenant};
const rb_form RB_FORM_ENTRA_USER = {"Entra object id or user principal name", check_entra_user};
const rb_form RB_FORM_DEVICE = {"Intune device id or serial number", check_device};
