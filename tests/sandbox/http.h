/* http.h - HTTP/1.1 as bytes: takes whole requests off a buffer, writes reply heads. No sockets here. */
#ifndef SANDBOX_HTTP_H
#define SANDBOX_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"
#include "world.h"

typedef enum { HTTP_MORE, HTTP_WHOLE, HTTP_BAD } http_taken;

/* One request; owns its text. */
typedef struct {
    char *text;   /* request line and headers, cut up by NULs */
    char *method; /* the rest point into text */
    char *path;
    char *query;
    struct {
        char *name; /* lower case */
        char *value;
    } headers[64];
    size_t n_headers;
    char *body;
    size_t body_len;
    bool keep_alive;
} http_request;

/* Takes one whole request (head and body, chunked or by length) off the front of in.
 * HTTP_BAD: not HTTP, a head over 64 KiB, more than 64 headers, or a body over 16 MiB. */
http_taken http_take(sb_bytes *in, http_request *out_request);
void http_fini(http_request *request);
/* "" when absent. */
const char *http_header(const http_request *request, const char *name);
bool http_wants_websocket(const http_request *request);

/* Status line, headers and body of a reply. */
void http_write(sb_bytes *out, const sb_reply *reply, bool keep_alive);

/* Decodes %XX and +; the result is the caller's. */
char *http_decode(const char *text, size_t len);
/* The decoded value of name in "a=b&c=d"; NULL when absent; the caller's. */
char *http_query(const char *query, const char *name);

#endif
