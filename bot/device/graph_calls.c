/* graph_calls.c - see graph_calls.h. */
#include "device/graph_calls.h"

#include <assert.h>
#include <string.h>

#include "device/graph_people.h"
#include "resetbot/limits.h"

/* Exactly what the codec reads, and what design S2 compares. */
#define LIST_FIELDS                                                                                                    \
    "id,serialNumber,deviceName,model,manufacturer,operatingSystem,osVersion,userId,userPrincipalName,"                \
    "userDisplayName,managedDeviceOwnerType,managementState,complianceState,partnerReportedThreatState,"               \
    "enrollmentProfileName,enrolledDateTime,lastSyncDateTime"

/* Rows a page: Graph's own example (domain/intune.md 2.2). */
#define LIST_QUERY "&$select=" LIST_FIELDS "&$top=50"

/* Either may begin with it (learn.microsoft.com/graph/search-query-parameter, "directory object collections"). Rows: some more
 * than are shown, since disabled accounts are among them. */
#define PEOPLE_QUERY                                                                                                   \
    "?$search=%22displayName:{}%22%20OR%20%22userPrincipalName:{}%22"                                                  \
    "&$select=id,displayName,userPrincipalName,department,accountEnabled&$top=25"

/* What a call is about. */
typedef enum { ABOUT_DEVICE, ABOUT_USER, ABOUT_UPN, ABOUT_SERIAL, ABOUT_PART } about;

/* What the subject is put into: each has its own way to say a quote. */
typedef enum { IN_PATH, IN_FILTER, IN_SEARCH } literal;

typedef struct {
    const char *name;
    const char *method;
    const char *path;  /* {} is the subject */
    const char *query; /* {} is the subject, as an OData literal; "" none */
    about subject;
    bool is_secret;
    bool is_search; /* the literal is one of $search, which Graph takes with ConsistencyLevel: eventual alone */
} row;

/* Filters: only eq, only on properties for which it works (domain/intune.md 2.3). $ stays as it is in a query: Graph's own
 * links write it so. */
static const row rows[RB_GRAPH_CALLS] = {
    [RB_GRAPH_LIST_BY_USER] = {"list_by_user", "GET", "/v1.0/deviceManagement/managedDevices",
                               "?$filter=userPrincipalName%20eq%20'{}'" LIST_QUERY, ABOUT_UPN, false, false},
    [RB_GRAPH_LIST_BY_SERIAL] = {"list_by_serial", "GET", "/v1.0/deviceManagement/managedDevices",
                                 "?$filter=serialNumber%20eq%20'{}'" LIST_QUERY, ABOUT_SERIAL, false, false},
    [RB_GRAPH_DEVICE] = {"device", "GET", "/v1.0/deviceManagement/managedDevices/{}",
                         "?$select=" LIST_FIELDS ",deviceActionResults", ABOUT_DEVICE, true, false},
    [RB_GRAPH_RESULTS] = {"results", "GET", "/v1.0/deviceManagement/managedDevices/{}",
                          "?$select=id,deviceActionResults", ABOUT_DEVICE, true, false},
    [RB_GRAPH_DEVICE_USERS] = {"device_users", "GET", "/v1.0/deviceManagement/managedDevices/{}/users",
                               "?$select=id,userPrincipalName,displayName", ABOUT_DEVICE, false, false},
    [RB_GRAPH_USER] = {"user", "GET", "/v1.0/users/{}", "?$select=id,userPrincipalName,displayName", ABOUT_USER, false,
                       false},
    [RB_GRAPH_PEOPLE] = {"people", "GET", "/v1.0/users", PEOPLE_QUERY, ABOUT_PART, false, true},
    [RB_GRAPH_KIND] = {"kind", "GET", "/beta/deviceManagement/managedDevices/{}",
                       "?$select=id,deviceType,deviceEnrollmentType,lostModeState,enrolledByUserPrincipalName",
                       ABOUT_DEVICE, false, false},
    [RB_GRAPH_RESET] = {"reset", "POST", "/v1.0/deviceManagement/managedDevices/{}/resetPasscode", "", ABOUT_DEVICE,
                        false, false},
};

static const row *row_of(rb_graph_call call)
{
    assert((unsigned)call < RB_GRAPH_CALLS);
    return &rows[call];
}

const char *rb_graph_call_name(rb_graph_call call)
{
    return row_of(call)->name;
}

const char *rb_graph_call_method(rb_graph_call call)
{
    return row_of(call)->method;
}

const char *rb_graph_call_path(rb_graph_call call)
{
    return row_of(call)->path;
}

bool rb_graph_call_is_secret(rb_graph_call call)
{
    return row_of(call)->is_secret;
}

bool rb_graph_call_is_search(rb_graph_call call)
{
    return row_of(call)->is_search;
}

/* ---- subjects --------------------------------------------------------------------------------------------------- */

static bool is_printable(rb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return false;
    return true;
}

bool rb_graph_is_upn(rb_str text)
{
    size_t ats = 0;

    if (text.len < 3 || text.len >= RB_UPN_CAP || !is_printable(text))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        ats += text.ptr[i] == '@';
        if (text.ptr[i] == ' ')
            return false;
    }
    return ats == 1 && text.ptr[0] != '@' && text.ptr[text.len - 1] != '@';
}

static bool is_serial(rb_str text)
{
    return text.len > 0 && text.len < RB_SERIAL_CAP && is_printable(text) && rb_str_equal(text, rb_str_trim(text));
}

static bool suits(about subject, rb_str text)
{
    switch (subject) {
    case ABOUT_DEVICE: return rb_str_is_guid(text);
    case ABOUT_USER: return rb_str_is_guid(text) || rb_graph_is_upn(text);
    case ABOUT_UPN: return rb_graph_is_upn(text);
    case ABOUT_SERIAL: return is_serial(text);
    case ABOUT_PART: return rb_graph_is_name_part(text);
    }
    return false;
}

/* ---- building --------------------------------------------------------------------------------------------------- */

/* RFC 3986 2.3: all but the unreserved characters. */
static void add_encoded_byte(rb_buf *out, char c)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    if (memchr(plain, c, sizeof plain - 1))
        rb_buf_add(out, (rb_str){&c, 1});
    else
        rb_buf_addf(out, "%%%02X", (unsigned)(unsigned char)c);
}

/* A quote in a filter's literal is doubled (OData 4.01 ABNF, SQUOTE-in-string); a double quote or backslash in a search has a
 * backslash before it (learn.microsoft.com/graph/search-query-parameter). */
static void add_encoded(rb_buf *out, rb_str text, literal in)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\'' && in == IN_FILTER)
            add_encoded_byte(out, '\'');
        if ((c == '"' || c == '\\') && in == IN_SEARCH)
            add_encoded_byte(out, '\\');
        add_encoded_byte(out, c);
    }
}

static void add_template(rb_buf *out, const char *format, rb_str subject, literal in)
{
    for (const char *hole = strstr(format, "{}"); hole; hole = strstr(format, "{}")) {
        rb_buf_add(out, (rb_str){format, (size_t)(hole - format)});
        add_encoded(out, subject, in);
        format = hole + 2;
    }
    rb_buf_adds(out, format);
}

rb_err rb_graph_call_url(const char *graph_url, rb_graph_call call, rb_str subject, rb_buf *out)
{
    const row *of = row_of(call);

    if (!suits(of->subject, subject))
        return RB_E_REFUSED;
    rb_buf_adds(out, graph_url);
    add_template(out, of->path, subject, IN_PATH);
    add_template(out, of->query, subject, of->is_search ? IN_SEARCH : IN_FILTER);
    return out->err;
}

/* ---- bases and links -------------------------------------------------------------------------------------------- */

typedef struct {
    rb_str scheme;
    rb_str host; /* an IPv6 address keeps its brackets */
    rb_str port; /* as written, or the scheme's */
    rb_str rest; /* from the first '/', '?' or '#' */
} parts;

static bool is_host(rb_str host)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:[]";

    for (size_t i = 0; i < host.len; i++)
        if (!memchr(allowed, host.ptr[i], sizeof allowed - 1))
            return false;
    return host.len > 0;
}

static bool split_url(rb_str url, parts *out_parts)
{
    bool is_tls = rb_str_starts_nocase(url, RB_STR("https://"));
    unsigned long long port = 0;
    size_t host_len = 0;

    if (!is_tls && !rb_str_starts_nocase(url, RB_STR("http://")))
        return false;
    out_parts->scheme = is_tls ? RB_STR("https") : RB_STR("http");
    size_t start = out_parts->scheme.len + 3;
    size_t end = start;
    while (end < url.len && !memchr("/?#", url.ptr[end], 3))
        end++;
    rb_str authority = {url.ptr + start, end - start};
    out_parts->rest = (rb_str){url.ptr + end, url.len - end};
    /* a colon inside brackets belongs to an IPv6 address */
    const char *bracket = memchr(authority.ptr, ']', authority.len);
    host_len = bracket ? (size_t)(bracket - authority.ptr) + 1 : 0;
    while (host_len < authority.len && authority.ptr[host_len] != ':')
        host_len++;
    out_parts->host = (rb_str){authority.ptr, host_len};
    out_parts->port = is_tls ? RB_STR("443") : RB_STR("80");
    if (host_len < authority.len)
        out_parts->port = (rb_str){authority.ptr + host_len + 1, authority.len - host_len - 1};
    return is_host(out_parts->host) && !rb_str_to_uint(out_parts->port, 65535, &port);
}

bool rb_graph_link_is_ours(const char *graph_url, rb_str link)
{
    const rb_str path = RB_STR("/v1.0/deviceManagement/managedDevices");
    parts base = {0};
    parts next = {0};

    if (link.len > RB_GRAPH_LINK_MAX || !is_printable(link) || memchr(link.ptr, ' ', link.len) ||
        memchr(link.ptr, '#', link.len))
        return false;
    if (!split_url(rb_str_of(graph_url), &base) || !split_url(link, &next))
        return false;
    if (!rb_str_equal(base.scheme, next.scheme) || !rb_str_equal_nocase(base.host, next.host) ||
        !rb_str_equal(base.port, next.port))
        return false;
    /* the list and nothing below it: S5 holds for links too */
    if (!rb_str_starts_nocase(next.rest, path))
        return false;
    rb_str query = {next.rest.ptr + path.len, next.rest.len - path.len};
    return rb_str_starts(query, RB_STR("?")) || rb_str_starts(query, RB_STR("/?"));
}

bool rb_graph_base_is_sound(const char *url)
{
    parts of = {0};

    if (!url || !split_url(rb_str_of(url), &of) || of.rest.len > 0)
        return false;
    return rb_str_equal(of.scheme, RB_STR("https")) || rb_str_equal(of.host, RB_STR("127.0.0.1")) ||
           rb_str_equal(of.host, RB_STR("[::1]")) || rb_str_equal_nocase(of.host, RB_STR("localhost"));
}
