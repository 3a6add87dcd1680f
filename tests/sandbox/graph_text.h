/* graph_text.h - URL forms, base64url, times and GUIDs: the small text work of the Graph and Entra halves.
 *
 * Strings that are returned as char * are heap, the caller frees. Out of memory ends the sandbox: it is a test
 * double, and a reply made without memory would be a wrong one. */
#ifndef SANDBOX_GRAPH_TEXT_H
#define SANDBOX_GRAPH_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRAPH_GUID_CAP 37
#define GRAPH_TIME_CAP 96

char *graph_text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *graph_text_copy(const char *text);

/* Undoes percent-encoding; in a query or form '+' is a space. A broken escape is kept as it is. */
char *graph_text_decode(const char *text, size_t len, bool plus_is_space);
/* Encodes everything but unreserved characters. */
char *graph_text_encode(const char *text);
/* The decoded value of the first parameter of this name (compared decoded) in a query or form; NULL when absent. */
char *graph_text_param(const char *query, const char *name);

bool graph_text_is_guid(const char *text);
/* A fresh random GUID, version 4. */
void graph_text_guid(char out_guid[GRAPH_GUID_CAP]);
/* A GUID that depends on the seed text alone. */
void graph_text_guid_of(const char *seed, char out_guid[GRAPH_GUID_CAP]);

/* "2026-01-15T10:00:00.1230000Z": digits of fraction 0 to 7; offset_min other than 0 gives local time with an offset. */
void graph_text_time(int64_t utc_ms, int digits, int offset_min, char out_text[GRAPH_TIME_CAP]);
/* RFC 3339 with 0 to 7 fractional digits and Z or an offset. */
bool graph_text_parse_time(const char *text, int64_t *out_utc_ms);

char *graph_text_to_base64url(const void *bytes, size_t len);
/* Bytes plus a NUL that is not counted; NULL when text is not base64url without padding. */
char *graph_text_from_base64url(const char *text, size_t len, size_t *out_len);

/* SHA-256. */
void graph_text_sha256(const void *bytes, size_t len, unsigned char out_digest[32]);

#endif
