#include "graph_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/evp.h>

#include "world.h"

static void *need(void *pointer)
{
    if (pointer == NULL) {
        fputs("resetbot-sandbox: out of memory\n", stderr);
        abort();
    }
    return pointer;
}

char *graph_text_format(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    return need(len < 0 ? NULL : text);
}

char *graph_text_copy(const char *text)
{
    return need(strdup(text));
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

char *graph_text_decode(const char *text, size_t len, bool plus_is_space)
{
    char *out = need(malloc(len + 1));
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        char byte = text[i];
        if (byte == '%' && i + 2 < len && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
            byte = (char)(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else if (byte == '+' && plus_is_space) {
            byte = ' ';
        }
        out[used++] = byte;
    }
    out[used] = '\0';
    return out;
}

static bool is_unreserved(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("-._~", byte) != NULL);
}

char *graph_text_encode(const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = need(malloc(3 * strlen(text) + 1));
    size_t used = 0;
    for (; *text != '\0'; text++) {
        if (is_unreserved(*text)) {
            out[used++] = *text;
            continue;
        }
        unsigned char byte = (unsigned char)*text;
        out[used++] = '%';
        out[used++] = digits[byte >> 4];
        out[used++] = digits[byte & 15];
    }
    out[used] = '\0';
    return out;
}

char *graph_text_param(const char *query, const char *name)
{
    while (*query != '\0') {
        size_t pair_len = strcspn(query, "&");
        size_t name_len = strcspn(query, "=&");
        char *found = graph_text_decode(query, name_len, true);
        bool is_it = strcmp(found, name) == 0;
        free(found);
        if (is_it && name_len < pair_len)
            return graph_text_decode(query + name_len + 1, pair_len - name_len - 1, true);
        if (is_it)
            return graph_text_copy("");
        query += pair_len;
        query += *query == '&';
    }
    return NULL;
}

bool graph_text_is_guid(const char *text)
{
    if (strlen(text) != GRAPH_GUID_CAP - 1)
        return false;
    for (size_t i = 0; i < GRAPH_GUID_CAP - 1; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : hex_value(text[i]) < 0)
            return false;
    }
    return true;
}

static void guid_from_bytes(const unsigned char bytes[16], char out_guid[GRAPH_GUID_CAP])
{
    size_t used = 0;
    for (size_t i = 0; i < 16; i++) {
        unsigned value = bytes[i];
        if (i == 6)
            value = (value & 0x0fU) | 0x40U;
        if (i == 8)
            value = (value & 0x3fU) | 0x80U;
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out_guid[used++] = '-';
        (void)snprintf(out_guid + used, GRAPH_GUID_CAP - used, "%02x", value);
        used += 2;
    }
}

void graph_text_guid(char out_guid[GRAPH_GUID_CAP])
{
    unsigned char bytes[16];
    sb_random(bytes, sizeof bytes);
    guid_from_bytes(bytes, out_guid);
}

void graph_text_sha256(const void *bytes, size_t len, unsigned char out_digest[32])
{
    if (EVP_Digest(bytes, len, out_digest, NULL, EVP_sha256(), NULL) != 1)
        abort();
}

void graph_text_guid_of(const char *seed, char out_guid[GRAPH_GUID_CAP])
{
    unsigned char digest[32];
    graph_text_sha256(seed, strlen(seed), digest);
    guid_from_bytes(digest, out_guid);
}

/* ---- time ---- */

static struct tm broken_down(int64_t utc_ms)
{
    int64_t seconds = utc_ms / 1000 - (utc_ms % 1000 < 0);
    time_t when = (time_t)seconds;
    struct tm tm;
    (void)gmtime_r(&when, &tm);
    return tm;
}

void graph_text_time(int64_t utc_ms, int digits, int offset_min, char out_text[GRAPH_TIME_CAP])
{
    int64_t local_ms = utc_ms + (int64_t)offset_min * 60000;
    struct tm tm = broken_down(local_ms);
    int milli = (int)(((local_ms % 1000) + 1000) % 1000);
    char fraction[16] = "";
    if (digits > 0) {
        (void)snprintf(fraction, sizeof fraction, ".%03d0000", milli);
        fraction[1 + (digits > 7 ? 7 : digits)] = '\0';
    }
    char zone[16] = "Z";
    int away = offset_min < 0 ? -offset_min : offset_min;
    if (offset_min != 0)
        (void)snprintf(zone, sizeof zone, "%c%02d:%02d", offset_min < 0 ? '-' : '+', away / 60 % 24, away % 60);
    (void)snprintf(out_text, GRAPH_TIME_CAP, "%04d-%02d-%02dT%02d:%02d:%02d%s%s", (tm.tm_year + 1900) % 10000,
                   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction, zone);
}

static bool parse_zone(const char *zone, int *out_offset_min)
{
    int hours = 0;
    int minutes = 0;
    if (strcmp(zone, "Z") == 0) {
        *out_offset_min = 0;
        return true;
    }
    if ((*zone != '+' && *zone != '-') || sscanf(zone + 1, "%2d:%2d", &hours, &minutes) != 2)
        return false;
    *out_offset_min = (*zone == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

bool graph_text_parse_time(const char *text, int64_t *out_utc_ms)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (rest == NULL)
        return false;
    int milli = 0;
    if (*rest == '.') {
        int weight = 100;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++) {
            milli += weight * (*rest - '0');
            weight /= 10;
        }
    }
    int offset_min = 0;
    if (!parse_zone(rest, &offset_min))
        return false;
    *out_utc_ms = ((int64_t)timegm(&tm) - (int64_t)offset_min * 60) * 1000 + milli;
    return true;
}

/* ---- base64url (RFC 4648 5, without padding) ---- */

char *graph_text_to_base64url(const void *bytes, size_t len)
{
    unsigned char *out = need(malloc(4 * (len / 3 + 1) + 1));
    int used = EVP_EncodeBlock(out, bytes, (int)len);
    char *text = (char *)out;
    while (used > 0 && text[used - 1] == '=')
        used--;
    text[used] = '\0';
    for (char *at = text; *at != '\0'; at++) {
        if (*at == '+')
            *at = '-';
        else if (*at == '/')
            *at = '_';
    }
    return text;
}

char *graph_text_from_base64url(const char *text, size_t len, size_t *out_len)
{
    size_t padded_len = (len + 3) / 4 * 4;
    char *padded = need(malloc(padded_len + 1));
    for (size_t i = 0; i < padded_len; i++)
        padded[i] = i >= len ? '=' : text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    padded[padded_len] = '\0';
    unsigned char *out = need(malloc(padded_len + 1));
    bool has_padding = memchr(text, '=', len) != NULL;
    int used = has_padding || len % 4 == 1 ? -1 : EVP_DecodeBlock(out, (unsigned char *)padded, (int)padded_len);
    free(padded);
    if (used < 0) {
        free(out);
        return NULL;
    }
    *out_len = (size_t)used - (padded_len - len);
    out[*out_len] = '\0';
    return (char *)out;
}
