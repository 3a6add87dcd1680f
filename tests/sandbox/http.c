#include "http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define HEAD_MAX (64 * 1024)
#define BODY_MAX (16 * 1024 * 1024)

static char *find_head_end(const sb_bytes *in)
{
    return in->len ? memmem(in->ptr, in->len, "\r\n\r\n", 4) : NULL;
}

static bool split_request_line(http_request *request, char *line)
{
    request->method = line;
    char *space = strchr(line, ' ');
    if (!space)
        return false;
    *space++ = '\0';
    request->path = space;
    space = strchr(space, ' ');
    if (!space || strncmp(space + 1, "HTTP/1.", 7))
        return false;
    request->keep_alive = space[8] == '1';
    *space = '\0';
    request->query = strchr(request->path, '?');
    if (request->query)
        *request->query++ = '\0';
    else
        request->query = space; /* the NUL after the path */
    return *request->path == '/';
}

static bool add_header(http_request *request, char *line)
{
    char *colon = strchr(line, ':');
    if (!colon || request->n_headers == sizeof request->headers / sizeof request->headers[0])
        return false;
    *colon++ = '\0';
    for (char *at = line; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    colon += strspn(colon, " \t");
    request->headers[request->n_headers].name = line;
    request->headers[request->n_headers].value = colon;
    request->n_headers++;
    return true;
}

static bool split_head(http_request *request)
{
    char *line = request->text;
    bool is_first = true;
    while (*line) {
        char *end = strstr(line, "\r\n");
        if (end)
            *end = '\0';
        if (is_first ? !split_request_line(request, line) : !add_header(request, line))
            return false;
        is_first = false;
        if (!end)
            break;
        line = end + 2;
    }
    const char *connection = http_header(request, "connection");
    if (!strcasecmp(connection, "close"))
        request->keep_alive = false;
    return !is_first;
}

const char *http_header(const http_request *request, const char *name)
{
    for (size_t i = 0; i < request->n_headers; i++)
        if (!strcmp(request->headers[i].name, name))
            return request->headers[i].value;
    return "";
}

bool http_wants_websocket(const http_request *request)
{
    return !strcasecmp(http_header(request, "upgrade"), "websocket") && *http_header(request, "sec-websocket-key");
}

/* Gathers the chunks that start at from; *out_end is the first byte after them. */
static http_taken read_chunks(const sb_bytes *in, size_t from, sb_bytes *body, size_t *out_end)
{
    for (size_t at = from;;) {
        const char *line_end = memmem(in->ptr + at, in->len - at, "\r\n", 2);
        if (!line_end)
            return HTTP_MORE;
        char *digits_end = NULL;
        unsigned long size = strtoul(in->ptr + at, &digits_end, 16);
        if (digits_end == in->ptr + at || size > BODY_MAX || body->len + size > BODY_MAX)
            return HTTP_BAD;
        at = (size_t)(line_end - in->ptr) + 2;
        if (in->len - at < size + 2)
            return HTTP_MORE;
        if (memcmp(in->ptr + at + size, "\r\n", 2) != 0)
            return HTTP_BAD; /* also refuses trailers, which nobody sends us */
        sb_bytes_add(body, in->ptr + at, size);
        at += size + 2;
        *out_end = at;
        if (!size)
            return HTTP_WHOLE;
    }
}

static http_taken read_counted(const http_request *request, const sb_bytes *in, size_t from, sb_bytes *body,
                               size_t *out_end)
{
    unsigned long size = strtoul(http_header(request, "content-length"), NULL, 10);
    if (size > BODY_MAX)
        return HTTP_BAD;
    if (in->len - from < size)
        return HTTP_MORE;
    sb_bytes_add(body, in->ptr + from, size);
    *out_end = from + size;
    return HTTP_WHOLE;
}

http_taken http_take(sb_bytes *in, http_request *out_request)
{
    char *head_end = find_head_end(in);
    if (!head_end)
        return in->len > HEAD_MAX ? HTTP_BAD : HTTP_MORE;
    http_request request = {0};
    size_t head_len = (size_t)(head_end - in->ptr);
    request.text = sb_alloc(head_len + 1);
    memcpy(request.text, in->ptr, head_len);
    sb_bytes body = {0};
    size_t end = 0;
    http_taken taken = split_head(&request) ? HTTP_WHOLE : HTTP_BAD;
    if (taken == HTTP_WHOLE && !strcasecmp(http_header(&request, "transfer-encoding"), "chunked"))
        taken = read_chunks(in, head_len + 4, &body, &end);
    else if (taken == HTTP_WHOLE)
        taken = read_counted(&request, in, head_len + 4, &body, &end);
    if (taken != HTTP_WHOLE) {
        sb_bytes_fini(&body);
        http_fini(&request);
        return taken;
    }
    sb_bytes_consume(in, end);
    request.body_len = body.len;
    request.body = sb_bytes_take(&body);
    *out_request = request;
    return HTTP_WHOLE;
}

void http_fini(http_request *request)
{
    free(request->text);
    free(request->body);
    *request = (http_request){0};
}

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{101, "Switching Protocols"},
                   {200, "OK"},
                   {201, "Created"},
                   {204, "No Content"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {408, "Request Timeout"},
                   {409, "Conflict"},
                   {412, "Precondition Failed"},
                   {423, "Locked"},
                   {429, "Too Many Requests"},
                   {500, "Internal Server Error"},
                   {502, "Bad Gateway"},
                   {503, "Service Unavailable"},
                   {504, "Gateway Timeout"}};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Status";
}

void http_write(sb_bytes *out, const sb_reply *reply, bool keep_alive)
{
    char date[64];
    time_t now = (time_t)(sb_now_ms() / 1000);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    sb_bytes_addf(out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", reply->status, reason_of(reply->status), date);
    if (reply->content_type[0])
        sb_bytes_addf(out, "Content-Type: %s\r\n", reply->content_type);
    sb_bytes_adds(out, reply->headers);
    if (reply->how == SB_REPLY_STREAM)
        sb_bytes_adds(out, "Cache-Control: no-store\r\n");
    else if (reply->status != 101 && reply->status != 204)
        sb_bytes_addf(out, "Content-Length: %zu\r\n", reply->body_len);
    if (reply->status != 101)
        sb_bytes_addf(out, "Connection: %s\r\n", keep_alive ? "keep-alive" : "close");
    sb_bytes_adds(out, "\r\n");
    sb_bytes_add(out, reply->body, reply->body_len);
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    int lower = tolower((unsigned char)digit);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

char *http_decode(const char *text, size_t len)
{
    char *decoded = sb_alloc(len + 1);
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        bool is_escape = text[i] == '%' && i + 2 < len && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
        if (is_escape) {
            decoded[used++] = (char)(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            decoded[used++] = (char)(text[i] == '+' ? ' ' : text[i]);
        }
    }
    return decoded;
}

char *http_query(const char *query, const char *name)
{
    size_t name_len = strlen(name);
    for (const char *at = query; *at;) {
        size_t len = strcspn(at, "&");
        if (len > name_len && !strncmp(at, name, name_len) && at[name_len] == '=')
            return http_decode(at + name_len + 1, len - name_len - 1);
        at += len + (at[len] == '&');
    }
    return NULL;
}
