/* net_url.c - fuzz target: a URL that we take is read the same way by curl; what may go without TLS is loopback. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "net/test_clock.h"
#include "net/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define TEXT_CAP 8192

static void require(int is_true)
{
    if (!is_true)
        abort();
}

static void same_part(CURLU *parsed, CURLUPart part, const char *ours)
{
    char *theirs = NULL;
    require(curl_url_get(parsed, part, &theirs, CURLU_DEFAULT_PORT) == CURLUE_OK);
    require(strcasecmp(theirs, ours) == 0);
    curl_free(theirs);
}

/* Another host in curl's eyes would be reached under the name, and the rules, of ours. An IPv6 number may be written in
 * several ways: there our text in brackets must be what curl makes of itself. */
static void compare_with_curl(const char *text, const rb_url *url)
{
    char port[16], authority[RB_URL_AUTHORITY_CAP];
    CURLU *parsed = curl_url();
    require(parsed != NULL);
    require(curl_url_set(parsed, CURLUPART_URL, text, CURLU_PATH_AS_IS | CURLU_DISALLOW_USER) == CURLUE_OK);
    if (strchr(url->host, ':') == NULL)
        same_part(parsed, CURLUPART_HOST, url->host);
    (void)snprintf(port, sizeof port, "%u", (unsigned)url->port);
    same_part(parsed, CURLUPART_PORT, port);
    rb_url_authority(url, authority);
    require(authority[0] != '\0' && strlen(authority) < RB_URL_AUTHORITY_CAP);
    curl_url_cleanup(parsed);
}

static void check_url(const char *text)
{
    rb_url url;
    rb_errbuf errbuf = {0};
    rb_err err = rb_url_parse(text, &url, &errbuf);
    require((err == RB_OK) == (errbuf.text[0] == '\0'));
    if (err != RB_OK)
        return;
    require(url.is_tls || url.is_loopback);
    require(url.port != 0 && url.host[0] != '\0' && url.path[0] == '/');
    if (!url.is_ws)
        compare_with_curl(text, &url);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char text[TEXT_CAP];
    int64_t offset_ms;
    if (len >= sizeof text)
        return 0;
    if (len > 0)
        memcpy(text, bytes, len);
    text[len] = '\0';
    check_url(text);
    if (rb_test_clock_parse((rb_str){(const char *)bytes, len}, &offset_ms) == RB_OK)
        require(offset_ms >= -400 * RB_DAY_MS && offset_ms <= 400 * RB_DAY_MS);
    return 0;
}
