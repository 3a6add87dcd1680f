/* secret_memory_test.c - timing: after an exchange, what was secret in it is nowhere in this process's memory. */
#include <check.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bench_loop.h"
#include "net/http.h"
#include "net/net_init.h"
#include "peer.h"
#include "tls_peer.h"

/* The secrets exist in clear only where the test puts them: here each byte is turned by 0x5a. */
#define SECRET_LEN 24
#define TURN 0x5a
/* Larger ones are a sanitizer's shadow of the address space, terabytes of it. */
#define MAPPING_MAX ((uint64_t)128 << 20)
typedef struct {
    unsigned char turned[SECRET_LEN];
} turned_secret;

static turned_secret reply_secret, body_secret, token_secret;

static void make_secret(turned_secret *secret, unsigned seed)
{
    for (size_t i = 0; i < SECRET_LEN; i++) {
        seed = seed * 1664525u + 1013904223u;
        secret->turned[i] = (unsigned char)(('a' + (seed >> 16) % 26) ^ TURN);
    }
}

/* Clear text into out (SECRET_LEN + 1); the caller wipes it. */
static void reveal(const turned_secret *secret, char *out)
{
    for (size_t i = 0; i < SECRET_LEN; i++)
        out[i] = (char)(secret->turned[i] ^ TURN);
    out[SECRET_LEN] = '\0';
}

static bool is_secret_at(const unsigned char *at, const turned_secret *secret)
{
    for (size_t i = 0; i < SECRET_LEN; i++)
        if ((at[i] ^ TURN) != secret->turned[i])
            return false;
    return true;
}

/* Places of a secret in one mapping, read in pieces through /proc/self/mem. */
static int count_in(int mem_fd, uint64_t from, uint64_t to, const turned_secret *secret)
{
    static unsigned char piece[1 << 16];
    int n = 0;
    for (uint64_t at = from; at < to; at += sizeof piece - SECRET_LEN) {
        uint64_t want = to - at < sizeof piece ? to - at : sizeof piece;
        bool is_own = (uintptr_t)piece < at + want && at < (uintptr_t)piece + sizeof piece;
        ssize_t got = is_own ? 0 : pread(mem_fd, piece, want, (off_t)at);
        for (ssize_t i = 0; i + SECRET_LEN <= got; i++)
            n += is_secret_at(piece + i, secret);
    }
    explicit_bzero(piece, sizeof piece);
    return n;
}

static int count_in_memory(const turned_secret *secret)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    int mem_fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    char line[512];
    int n = 0;
    ck_assert_int_ge(mem_fd, 0);
    while (fgets(line, sizeof line, maps) != NULL) {
        char *rest;
        uint64_t from = strtoull(line, &rest, 16);
        uint64_t to = strtoull(rest + 1, &rest, 16);
        if (rest[1] == 'r' && rest[2] == 'w' && to - from <= MAPPING_MAX)
            n += count_in(mem_fd, from, to, secret);
    }
    close(mem_fd);
    fclose(maps);
    return n;
}

/* ---- an exchange full of secrets ---------------------------------------------------------------------------------- */

typedef struct {
    bench_loop bench;
    rb_resolver *resolver;
    rb_http *http;
    bool saw_secret;
    int status;
} client;

static void on_done(void *arg, uint64_t tag, const rb_http_reply *reply)
{
    client *self = arg;
    (void)tag;
    self->status = reply->status;
    for (size_t i = 0; i + SECRET_LEN <= reply->body.len; i++)
        self->saw_secret |= is_secret_at((const unsigned char *)reply->body.ptr + i, &reply_secret);
    rb_loop_stop(self->bench.loop);
}

static rb_err answer_names(void *self, const char *host, rb_addrs *out_addrs, rb_errbuf *errbuf)
{
    (void)self;
    (void)host;
    (void)errbuf;
    *out_addrs = (rb_addrs){.n = 1, .text = {"127.0.0.1"}};
    return RB_OK;
}

static void init_first(void)
{
    rb_errbuf errbuf = {0};
    ck_assert_msg(rb_net_init(&errbuf) == RB_OK, "%s", errbuf.text);
    ck_assert_msg(rb_net_init(&errbuf) == RB_OK, "a second call fails");
}

static void client_open(client *self, const char *ca_file)
{
    rb_errbuf errbuf = {0};
    rb_net_config config = {.ca_file = ca_file};
    rb_resolve hook = {.resolve = answer_names};
    bench_open(&self->bench, rb_clock_system());
    ck_assert_int_eq(rb_resolver_new(self->bench.loop, &hook, &self->resolver, &errbuf), RB_OK);
    ck_assert_msg(rb_http_new(self->bench.loop, self->resolver, &config, &self->http, &errbuf) == RB_OK, "%s",
                  errbuf.text);
}

/* The client stays open afterwards, as the bot does: its warm connection may hold nothing either. */
static void exchange(client *self, const char *method, const char *url)
{
    char token[SECRET_LEN + 32] = "Bearer ", body[SECRET_LEN + 1];
    reveal(&token_secret, token + 7);
    reveal(&body_secret, body);
    bool is_post = strcmp(method, "POST") == 0;
    rb_http_request request = {.method = method, .url = url, .timeout_ms = 5000, .reply_max = 65536, .secret = true};
    request.headers[0] = (rb_http_header){"Authorization", token};
    request.n_headers = 1;
    request.body = (rb_str){body, is_post ? SECRET_LEN : 0};
    rb_http_start(self->http, 1, &request, on_done, self);
    explicit_bzero(token, sizeof token);
    explicit_bzero(body, sizeof body);
    run_until_stopped(&self->bench);
}

static void client_close(client *self)
{
    rb_http_free(self->http);
    rb_resolver_free(self->resolver);
    bench_close(&self->bench);
}

static void expect_clean(void)
{
    ck_assert_int_eq(count_in_memory(&reply_secret), 0);
    ck_assert_int_eq(count_in_memory(&body_secret), 0);
    ck_assert_int_eq(count_in_memory(&token_secret), 0);
}

/* Reads and answers without leaving anything behind in this process. The reply is long, so that buffers grow. */
static void serve_secret(peer *self, int fd, int nth)
{
    char text[4096], reply[20000];
    (void)self;
    (void)nth;
    while (peer_read_request(fd, text, sizeof text)) {
        explicit_bzero(text, sizeof text);
        memset(reply, ' ', sizeof reply);
        int len = snprintf(reply, 100, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", sizeof reply - 100);
        reveal(&reply_secret, reply + len);
        reveal(&reply_secret, reply + 15000);
        bool is_sent = peer_write(fd, reply, (size_t)len + sizeof reply - 100);
        explicit_bzero(reply, sizeof reply);
        if (!is_sent)
            return;
    }
    explicit_bzero(text, sizeof text);
}

START_TEST(a_search_of_memory_finds_what_is_there)
{
    char *clear = malloc(SECRET_LEN + 1);
    reveal(&reply_secret, clear);
    ck_assert_int_ge(count_in_memory(&reply_secret), 1);
    explicit_bzero(clear, SECRET_LEN);
    ck_assert_int_eq(count_in_memory(&reply_secret), 0);
    free(clear);
}
END_TEST

START_TEST(nothing_secret_stays_after_a_plain_exchange)
{
    init_first();
    peer *server = peer_start(serve_secret, NULL);
    client self = {0};
    client_open(&self, NULL);
    char url[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/", server->port);

    exchange(&self, "POST", url);

    ck_assert_int_eq(self.status, 200);
    ck_assert(self.saw_secret);
    expect_clean();
    client_close(&self);
    expect_clean();
    peer_stop(server);
}
END_TEST

START_TEST(nothing_secret_stays_after_a_tls_exchange)
{
    init_first();
    tls_peer server = tls_peer_start_as("-WWW", "DNS:example.test", -60, 3600);
    char ca_file[TLS_PATH_CAP * 2], path[TLS_PATH_CAP * 2], clear[SECRET_LEN + 1], url[128];
    tls_path(ca_file, server.folder, "ca.pem");
    tls_path(path, server.folder, "secret.txt");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    reveal(&reply_secret, clear);
    ck_assert_int_eq(write(fd, clear, SECRET_LEN), SECRET_LEN);
    explicit_bzero(clear, sizeof clear);
    close(fd);
    client self = {0};
    client_open(&self, ca_file);
    (void)snprintf(url, sizeof url, "https://example.test:%d/secret.txt", server.port);

    exchange(&self, "GET", url);
    unlink(path);

    ck_assert_int_eq(self.status, 200);
    ck_assert(self.saw_secret);
    expect_clean();
    client_close(&self);
    tls_peer_stop(&server);
}
END_TEST

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

int main(void)
{
    if (IS_SANITIZED) {
        puts("skipped: AddressSanitizer keeps what was freed, so memory tells nothing here");
        return 77;
    }
    make_secret(&reply_secret, 1);
    make_secret(&body_secret, 2);
    make_secret(&token_secret, 3);
    Suite *suite = suite_create("secret_memory");
    TCase *tcase = tcase_create("secret_memory");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_search_of_memory_finds_what_is_there);
    tcase_add_test(tcase, nothing_secret_stays_after_a_plain_exchange);
    tcase_add_test(tcase, nothing_secret_stays_after_a_tls_exchange);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
