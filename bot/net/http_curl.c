#include "net/http_curl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509_vfy.h>

#include "net/tls_fault.h"
#include "resetbot/clock.h"

/* First allocation of a reply: most of what Slack and Graph answer fits. */
#define REPLY_FIRST_BYTES 4096
/* "Name: value"; bearer tokens of Entra take about 2 kB, 4 with many claims. */
#define HEADER_LINE_CAP 16384
/* An idle connection is not trusted for longer: address translators forget silently, after 4 minutes in Azure's. */
#define WARM_MAX_S 60L
/* host:port: and RB_ADDRS_MAX addresses in brackets */
#define RESOLVE_LINE_CAP (RB_URL_HOST_CAP + 16 + RB_ADDRS_MAX * (RB_ADDR_CAP + 3))

static void wipe_free(char *ptr, size_t len)
{
    if (ptr == NULL)
        return;
    explicit_bzero(ptr, len);
    free(ptr);
}

/* ---- curl's callbacks ------------------------------------------------------------------------------------ */

static bool make_room(rb_curl *curl, size_t more)
{
    size_t need = curl->reply_len + more + 1;
    if (need <= curl->reply_cap)
        return true;
    size_t cap = curl->reply_cap == 0 ? REPLY_FIRST_BYTES : curl->reply_cap;
    while (cap < need)
        cap *= 2;
    char *grown = malloc(cap);
    if (grown == NULL)
        return false;
    if (curl->reply_len > 0)
        memcpy(grown, curl->reply, curl->reply_len);
    wipe_free(curl->reply, curl->reply_len);
    curl->reply = grown;
    curl->reply_cap = cap;
    return true;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    rb_curl *curl = arg;
    size_t len = size * n;
    if (len > curl->reply_max - curl->reply_len) {
        curl->is_too_long = true;
        return 0;
    }
    if (!make_room(curl, len))
        return 0;
    memcpy(curl->reply + curl->reply_len, bytes, len);
    curl->reply_len += len;
    curl->reply[curl->reply_len] = '\0';
    return len;
}

/* Called when a connection (and its TLS) is up, right before the first byte of the request. */
static int on_before_request(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    rb_curl *curl = arg;
    curl->has_left = true;
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    return CURL_PREREQFUNC_OK;
}

/* ---- making ---------------------------------------------------------------------------------------------- */

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

static bool append_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

static rb_err add_header(rb_curl *curl, const rb_http_header *header, rb_errbuf *errbuf)
{
    char line[HEADER_LINE_CAP];
    if (has_control(header->name) || has_control(header->value) || strchr(header->name, ':') != NULL)
        return rb_fail(errbuf, RB_E_SYNTAX, "a request header holds a character that cannot be sent");
    /* "Name:" would tell curl to leave a header out; "Name;" is its way to say: send it empty. */
    int len = header->value[0] == '\0' ? snprintf(line, sizeof line, "%s;", header->name)
                                       : snprintf(line, sizeof line, "%s: %s", header->name, header->value);
    bool is_added = len > 0 && (size_t)len < sizeof line && append_line(&curl->headers, line);
    explicit_bzero(line, sizeof line);
    return is_added ? RB_OK : rb_fail(errbuf, RB_E_LIMIT, "a request header is too long");
}

static bool gives(const rb_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->n_headers; i++)
        if (rb_str_equal_nocase(rb_str_of(request->headers[i].name), rb_str_of(name)))
            return true;
    return false;
}

static rb_err add_headers(rb_curl *curl, const rb_http_request *request, rb_errbuf *errbuf)
{
    for (size_t i = 0; i < request->n_headers; i++) {
        rb_err err = add_header(curl, &request->headers[i], errbuf);
        if (err != RB_OK)
            return err;
    }
    /* No waiting for "100 Continue"; and no form type that curl would add to a POST on its own. */
    bool is_added = append_line(&curl->headers, "Expect:");
    if (is_added && !gives(request, "Content-Type"))
        is_added = append_line(&curl->headers, "Content-Type:");
    return is_added ? RB_OK : rb_fail(errbuf, RB_E_NOMEM, "out of memory");
}

/* Accumulates: the first refusal of an option stays. */
static void check(CURLcode *result, CURLcode next)
{
    if (*result == CURLE_OK)
        *result = next;
}

#define SET(option, value) check(&result, curl_easy_setopt(curl->easy, (option), (value)))

static CURLcode set_safety(rb_curl *curl, const rb_curl_route *route)
{
    CURLcode result = CURLE_OK;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_CAINFO, route->ca_file);
    SET(CURLOPT_CAPATH, NULL);
    /* "" keeps curl from reading http_proxy and its kin from the environment. */
    SET(CURLOPT_PROXY, route->proxy);
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_MAXAGE_CONN, WARM_MAX_S);
    return result;
}

static CURLcode set_request(rb_curl *curl, const rb_http_request *request)
{
    CURLcode result = CURLE_OK;
    SET(CURLOPT_URL, curl->url);
    SET(CURLOPT_HTTPHEADER, curl->headers);
    SET(CURLOPT_USERAGENT, "resetbot/" RESETBOT_VERSION);
    if (strcmp(request->method, "POST") == 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, curl->request_body);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)curl->request_len);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
    }
    if (request->once) {
        SET(CURLOPT_FRESH_CONNECT, 1L);
        SET(CURLOPT_FORBID_REUSE, 1L);
    }
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, curl);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->reply_max);
    SET(CURLOPT_PREREQFUNCTION, on_before_request);
    SET(CURLOPT_PREREQDATA, curl);
    SET(CURLOPT_ERRORBUFFER, curl->text);
    /* The whole time is ours (http.c); curl's own would only end it elsewhere. */
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)RB_HOUR_MS);
    return result;
}

static rb_err copy_request(rb_curl *curl, const rb_http_request *request, rb_errbuf *errbuf)
{
    curl->reply_max = request->reply_max;
    curl->url = strdup(request->url);
    curl->request_len = request->body.len;
    curl->request_body = malloc(request->body.len + 1);
    if (curl->url == NULL || curl->request_body == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "out of memory");
    if (request->body.len > 0)
        memcpy(curl->request_body, request->body.ptr, request->body.len);
    curl->request_body[request->body.len] = '\0';
    return add_headers(curl, request, errbuf);
}

rb_err rb_curl_init(rb_curl *curl, const rb_http_request *request, const rb_curl_route *route, rb_errbuf *errbuf)
{
    *curl = (rb_curl){0};
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "POST") != 0)
        return rb_fail(errbuf, RB_E_SYNTAX, "only GET and POST are sent");
    curl->easy = curl_easy_init();
    if (curl->easy == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "out of memory");
    rb_err err = copy_request(curl, request, errbuf);
    if (err != RB_OK)
        return err;
    CURLcode result = set_safety(curl, route);
    check(&result, set_request(curl, request));
    if (result != CURLE_OK)
        return rb_fail(errbuf, RB_E_INTERNAL, "libcurl refuses an option: %s", curl_easy_strerror(result));
    return RB_OK;
}

rb_err rb_curl_set_addresses(rb_curl *curl, const char *host, unsigned port, const rb_addrs *addrs)
{
    char line[RESOLVE_LINE_CAP];
    int len = snprintf(line, sizeof line, "%s:%u:", host, port);
    for (size_t i = 0; i < addrs->n; i++)
        len += snprintf(line + len, sizeof line - (size_t)len, "%s[%s]", i == 0 ? "" : ",", addrs->text[i]);
    if (!append_line(&curl->addresses, line))
        return RB_E_NOMEM;
    return curl_easy_setopt(curl->easy, CURLOPT_RESOLVE, curl->addresses) == CURLE_OK ? RB_OK : RB_E_NOMEM;
}

static void wipe_list(struct curl_slist *list)
{
    for (struct curl_slist *line = list; line != NULL; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    curl_slist_free_all(list);
}

void rb_curl_fini(rb_curl *curl)
{
    curl_easy_cleanup(curl->easy);
    wipe_list(curl->headers);
    curl_slist_free_all(curl->addresses);
    wipe_free(curl->url, curl->url == NULL ? 0 : strlen(curl->url));
    wipe_free(curl->request_body, curl->request_len);
    wipe_free(curl->reply, curl->reply_len);
    *curl = (rb_curl){0};
}

/* ---- reading --------------------------------------------------------------------------------------------- */

/* A value that does not fit is left out: half a value would be read as a whole one. */
static void copy_header(const rb_curl *curl, const char *name, char *out_value, size_t cap)
{
    struct curl_header *header;
    if (curl_easy_header(curl->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return;
    if (rb_copy(out_value, cap, rb_str_of(header->value)) != RB_OK)
        out_value[0] = '\0';
}

static void read_headers(const rb_curl *curl, rb_http_reply *reply)
{
    copy_header(curl, "content-type", reply->content_type, sizeof reply->content_type);
    copy_header(curl, "retry-after", reply->retry_after, sizeof reply->retry_after);
    copy_header(curl, "date", reply->date, sizeof reply->date);
    copy_header(curl, "request-id", reply->request_id, sizeof reply->request_id);
    copy_header(curl, "client-request-id", reply->client_request_id, sizeof reply->client_request_id);
    copy_header(curl, "x-msft-approval-code", reply->approval_code, sizeof reply->approval_code);
    copy_header(curl, "x-oauth-scopes", reply->oauth_scopes, sizeof reply->oauth_scopes);
}

static rb_err explain_tls(const rb_curl *curl, const char *host, rb_errbuf *errbuf)
{
    long fault = 0;
    (void)curl_easy_getinfo(curl->easy, CURLINFO_SSL_VERIFYRESULT, &fault);
    /* curl starts with 1, and has not asked OpenSSL yet when its own comparison of names fails. */
    bool is_name = fault == X509_V_OK || fault == X509_V_ERR_UNSPECIFIED;
    rb_tls_fault_text(host, is_name ? X509_V_ERR_HOSTNAME_MISMATCH : (int)fault, errbuf);
    return RB_E_AUTH;
}

/* curl's own sentences name hosts and addresses, never paths, headers or bodies. */
static rb_err explain(const rb_curl *curl, CURLcode result, const char *host, rb_errbuf *errbuf)
{
    const char *text = curl->text[0] != '\0' ? curl->text : curl_easy_strerror(result);
    if (curl->is_too_long || result == CURLE_FILESIZE_EXCEEDED)
        return rb_fail(errbuf, RB_E_LIMIT, "the reply of %s is longer than %zu bytes", host, curl->reply_max);
    switch ((int)result) {
    case CURLE_PEER_FAILED_VERIFICATION: return explain_tls(curl, host, errbuf);
    case CURLE_SSL_CONNECT_ERROR: /* also: the peer hung up in the handshake, which a later try may mend */
        return rb_fail(errbuf, RB_E_IO, "TLS with %s fails: %s", host, text);
    case CURLE_SSL_CACERT_BADFILE: return rb_fail(errbuf, RB_E_AUTH, "the CA file cannot be used: %s", text);
    case CURLE_OUT_OF_MEMORY: return rb_fail(errbuf, RB_E_NOMEM, "out of memory");
    case CURLE_COULDNT_CONNECT: return rb_fail(errbuf, RB_E_IO, "no connection to %s: %s", host, text);
    default: return rb_fail(errbuf, RB_E_IO, "the exchange with %s broke off: %s", host, text);
    }
}

void rb_curl_read_reply(const rb_curl *curl, CURLcode result, const rb_url *url, rb_http_reply *out_reply,
                        rb_errbuf *errbuf)
{
    *out_reply = (rb_http_reply){.error = ""};
    if (result != CURLE_OK) {
        out_reply->err = explain(curl, result, url->host, errbuf);
        out_reply->never_left = !curl->has_left;
        out_reply->error = errbuf->text;
        return;
    }
    long status = 0;
    (void)curl_easy_getinfo(curl->easy, CURLINFO_RESPONSE_CODE, &status);
    out_reply->status = (int)status;
    read_headers(curl, out_reply);
    out_reply->body = (rb_str){curl->reply == NULL ? "" : curl->reply, curl->reply_len};
}
