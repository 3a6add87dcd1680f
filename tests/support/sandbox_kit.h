/* sandbox_kit.h - starts resetbot-sandbox for one test and talks to it with plain blocking sockets, so that nothing of
 * the bot or of the sandbox is used to look at the sandbox. One sandbox at a time; everything aborts on failure. */
#ifndef TEST_SANDBOX_KIT_H
#define TEST_SANDBOX_KIT_H

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <json-c/json.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KIT_ANSWER_MAX (4 * 1024 * 1024)
#define KIT_WAIT_S 10

static struct {
    pid_t pid;
    FILE *output;
    int port;
} kit;

/* ---- the process ------------------------------------------------------------------------------------------------- */

static inline void kit_read_port(void)
{
    char line[256];
    while (kit.port == 0 && fgets(line, sizeof line, kit.output))
        (void)sscanf(line, "listening http://127.0.0.1:%d", &kit.port);
    ck_assert_int_gt(kit.port, 0);
}

/* options: NULL or further arguments up to a NULL. */
static inline void kit_start_with(const char *const *options)
{
    const char *build = getenv("RESETBOT_BUILD");
    char program[4096];
    snprintf(program, sizeof program, "%s/resetbot-sandbox", build ? build : "build");
    char *arguments[16] = {program};
    for (size_t i = 0; options && options[i] && i < 14; i++)
        arguments[i + 1] = strdup(options[i]);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    kit.pid = fork();
    if (kit.pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        execv(program, arguments);
        _exit(127);
    }
    close(ends[1]);
    for (size_t i = 1; arguments[i]; i++)
        free(arguments[i]);
    kit.output = fdopen(ends[0], "r");
    kit.port = 0;
    kit_read_port();
}

static inline void kit_start(void)
{
    static const char *const fast[] = {"--fast", NULL};
    kit_start_with(fast);
}

/* Ended by SIGTERM it must leave with 0. */
static inline void kit_stop(void)
{
    int status = -1;
    kill(kit.pid, SIGTERM);
    waitpid(kit.pid, &status, 0);
    fclose(kit.output);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the sandbox ended with %d", status);
}

/* ---- HTTP ---------------------------------------------------------------------------------------------------------- */

typedef struct {
    int status;        /* 0: closed without a reply; -1: reset */
    char *text;        /* head and body */
    const char *body;  /* into text */
    json_object *json; /* NULL when the body is none */
} kit_answer;

static inline void kit_answer_free(kit_answer *answer)
{
    free(answer->text);
    json_object_put(answer->json);
    *answer = (kit_answer){0};
}

static inline int kit_connect(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)kit.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval limit = {.tv_sec = KIT_WAIT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static inline void kit_send(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        ck_assert_int_gt(sent, 0);
        at += sent;
        len -= (size_t)sent;
    }
}

/* Reads to the end of the connection. */
static inline kit_answer kit_read(int fd)
{
    kit_answer answer = {.text = calloc(1, KIT_ANSWER_MAX)};
    size_t used = 0;
    ssize_t got;
    while ((got = recv(fd, answer.text + used, KIT_ANSWER_MAX - 1 - used, 0)) > 0)
        used += (size_t)got;
    close(fd);
    (void)sscanf(answer.text, "HTTP/1.1 %d", &answer.status);
    if (!used && got < 0)
        answer.status = -1;
    answer.body = strstr(answer.text, "\r\n\r\n");
    answer.body = answer.body ? answer.body + 4 : answer.text + used;
    answer.json = json_tokener_parse(answer.body);
    return answer;
}

/* headers: whole lines with \r\n, may be "". */
static inline kit_answer kit_ask(const char *method, const char *target, const char *headers, const char *body)
{
    int fd = kit_connect();
    char *head = NULL;
    int len = asprintf(&head, "%s %s HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n",
                       method, target, strlen(body), headers);
    kit_send(fd, head, (size_t)len);
    kit_send(fd, body, strlen(body));
    free(head);
    return kit_read(fd);
}

#define KIT_FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define KIT_JSON "Content-Type: application/json; charset=utf-8\r\n"
#define KIT_BOT "Authorization: Bearer xoxb-sandbox\r\n"
#define KIT_APP "Authorization: Bearer xapp-sandbox\r\n"

/* A Web API call of the bot with a JSON body. */
static inline kit_answer kit_call(const char *method, const char *json)
{
    char target[128];
    snprintf(target, sizeof target, "/api/%s", method);
    return kit_ask("POST", target, KIT_BOT KIT_JSON, json);
}

/* The same with a form. */
static inline kit_answer kit_form(const char *method, const char *form)
{
    char target[128];
    snprintf(target, sizeof target, "/api/%s", method);
    return kit_ask("POST", target, KIT_BOT KIT_FORM, form);
}

/* ---- JSON ---------------------------------------------------------------------------------------------------------- */

/* The value at a JSON pointer; NULL when absent. */
static inline json_object *kit_at(json_object *json, const char *pointer)
{
    json_object *value = NULL;
    return json && !json_pointer_get(json, pointer, &value) ? value : NULL;
}

static inline const char *kit_text(json_object *json, const char *pointer)
{
    json_object *value = kit_at(json, pointer);
    return value ? json_object_get_string(value) : "";
}

static inline size_t kit_count(json_object *json, const char *pointer)
{
    json_object *value = kit_at(json, pointer);
    return json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
}

/* Asserts that the call answers with this error ("" for ok). */
static inline void kit_expect(kit_answer answer, const char *error)
{
    ck_assert_str_eq(kit_text(answer.json, "/error"), error);
    ck_assert_int_eq(json_object_get_boolean(kit_at(answer.json, "/ok")), !*error);
    kit_answer_free(&answer);
}

/* ---- control ------------------------------------------------------------------------------------------------------- */

static inline kit_answer kit_control(const char *verb, const char *json)
{
    char target[128];
    snprintf(target, sizeof target, "/_sandbox/%s", verb);
    return kit_ask("POST", target, KIT_JSON, json);
}

static inline void kit_do(const char *verb, const char *json)
{
    kit_expect(kit_control(verb, json), "");
}

static inline kit_answer kit_see(const char *sight)
{
    char target[256];
    snprintf(target, sizeof target, "/_sandbox/%s", sight);
    return kit_ask("GET", target, "", "");
}

/* How many journal entries of that kind there are. */
static inline size_t kit_journal(const char *kind)
{
    char sight[128];
    snprintf(sight, sizeof sight, "journal?kind=%s", kind);
    kit_answer answer = kit_see(sight);
    size_t count = kit_count(answer.json, "/entries");
    kit_answer_free(&answer);
    return count;
}

/* The journal holds an entry of that kind within KIT_WAIT_S. */
static inline void kit_await(const char *kind)
{
    char sight[128];
    snprintf(sight, sizeof sight, "journal?kind=%s&wait_ms=%d", kind, KIT_WAIT_S * 1000);
    kit_answer answer = kit_see(sight);
    ck_assert_msg(kit_count(answer.json, "/entries") > 0, "no %s in the journal", kind);
    kit_answer_free(&answer);
}

static inline bool kit_transcript_has(const char *text)
{
    kit_answer answer = kit_see("transcript");
    bool has = strstr(answer.body, text) != NULL;
    kit_answer_free(&answer);
    return has;
}

/* ---- websocket ----------------------------------------------------------------------------------------------------- */

/* Upgrades at a path; the descriptor, or -1 with *out_status. */
static inline int kit_upgrade(const char *path, int *out_status)
{
    int fd = kit_connect();
    char request[1024];
    int len = snprintf(request, sizeof request,
                       "GET %s HTTP/1.1\r\nHost: sandbox\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                       path);
    kit_send(fd, request, (size_t)len);
    char head[1024] = {0};
    size_t used = 0;
    while (used < sizeof head - 1 && !strstr(head, "\r\n\r\n") && recv(fd, head + used, 1, 0) == 1)
        used++;
    (void)sscanf(head, "HTTP/1.1 %d", out_status);
    if (*out_status != 101) {
        close(fd);
        return -1;
    }
    /* the key and answer of RFC 6455 section 1.3 */
    ck_assert_ptr_nonnull(strstr(head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    return fd;
}

static inline bool kit_recv_all(int fd, void *out, size_t len)
{
    return recv(fd, out, len, MSG_WAITALL) == (ssize_t)len;
}

/* The next frame's opcode, -1 at the end; *out_text: heap, NUL-terminated. */
static inline int kit_frame(int fd, char **out_text, bool *out_final)
{
    unsigned char head[2];
    unsigned char more[8];
    errno = 0;
    if (!kit_recv_all(fd, head, 2))
        return -1;
    size_t len = head[1] & 0x7f;
    size_t n_more = len == 126 ? 2 : len == 127 ? 8 : 0;
    if (n_more) {
        ck_assert(kit_recv_all(fd, more, n_more));
        len = 0;
        for (size_t i = 0; i < n_more; i++)
            len = len << 8 | more[i];
    }
    *out_text = calloc(1, len + 1);
    ck_assert(!len || kit_recv_all(fd, *out_text, len));
    *out_final = head[0] & 0x80;
    return head[0] & 0x0f;
}

/* The next text message as JSON (fragments joined, pings skipped); NULL at the end. */
static inline json_object *kit_message(int fd)
{
    char *whole = strdup("");
    for (;;) {
        char *text = NULL;
        bool is_final = false;
        int opcode = kit_frame(fd, &text, &is_final);
        ck_assert_msg(opcode >= 0 || errno != EAGAIN, "no message within %d s", KIT_WAIT_S);
        if (opcode < 0 || opcode == 8) {
            free(text);
            free(whole);
            return NULL;
        }
        if (opcode > 2) {
            free(text);
            continue;
        }
        char *joined = NULL;
        ck_assert_int_ge(asprintf(&joined, "%s%s", whole, text), 0);
        free(whole);
        free(text);
        whole = joined;
        if (!is_final)
            continue;
        json_object *json = json_tokener_parse(whole);
        free(whole);
        return json;
    }
}

/* A masked frame of less than 65536 bytes. */
static inline void kit_ws_send(int fd, int opcode, const char *text)
{
    size_t len = strlen(text);
    unsigned char *frame = calloc(1, len + 8);
    size_t at = 0;
    frame[at++] = (unsigned char)(0x80 | opcode);
    if (len < 126) {
        frame[at++] = (unsigned char)(0x80 | len);
    } else {
        frame[at++] = 0x80 | 126;
        frame[at++] = (unsigned char)(len >> 8);
        frame[at++] = (unsigned char)(len & 0xff);
    }
    static const unsigned char mask[4] = {1, 2, 3, 4};
    memcpy(frame + at, mask, sizeof mask);
    at += sizeof mask;
    for (size_t i = 0; i < len; i++)
        frame[at + i] = (unsigned char)((unsigned char)text[i] ^ mask[i % 4]);
    kit_send(fd, frame, at + len);
    free(frame);
}

/* The path and query of a fresh Socket Mode address; heap. */
static inline char *kit_ticket(void)
{
    kit_answer answer = kit_ask("POST", "/api/apps.connections.open", KIT_APP KIT_FORM, "");
    const char *url = kit_text(answer.json, "/url");
    ck_assert_int_eq(strncmp(url, "ws://", 5), 0);
    char *path = strdup(strchr(url + 5, '/'));
    kit_answer_free(&answer);
    return path;
}

/* A connection that has been greeted. */
static inline int kit_socket(void)
{
    char *path = kit_ticket();
    int status = 0;
    int fd = kit_upgrade(path, &status);
    free(path);
    ck_assert_int_ge(fd, 0);
    json_object *hello = kit_message(fd);
    ck_assert_str_eq(kit_text(hello, "/type"), "hello");
    json_object_put(hello);
    return fd;
}

/* Acks with a payload (JSON text) or, when NULL, without. */
static inline void kit_ack(int fd, json_object *envelope, const char *payload)
{
    char *text = NULL;
    ck_assert_int_ge(asprintf(&text, payload ? "{\"envelope_id\":\"%s\",\"payload\":%s}" : "{\"envelope_id\":\"%s\"}",
                              kit_text(envelope, "/envelope_id"), payload),
                     0);
    kit_ws_send(fd, 1, text);
    free(text);
}

#endif
