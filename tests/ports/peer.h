/* peer.h - a server of a few lines for the network tests: each connection runs a script on a thread of its own. */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#define PEER_CONNS_MAX 64
#define PEER_REQUEST_CAP (256 * 1024)

typedef struct peer peer;
/* fd is closed after the script. nth counts from 0. */
typedef void (*peer_script)(peer *self, int fd, int nth);

struct peer {
    int listen_fd;
    int port;
    peer_script script;
    void *arg;
    pthread_t acceptor;
    atomic_int n_conns;
    atomic_int n_requests; /* counted by the scripts */
    atomic_bool is_stopping;
    struct peer_conn {
        peer *owner;
        int fd, nth;
        pthread_t thread;
    } conns[PEER_CONNS_MAX];
    pthread_mutex_t lock; /* of last_request */
    char last_request[PEER_REQUEST_CAP];
};

static inline void *peer_run(void *arg)
{
    struct peer_conn *conn = arg;
    conn->owner->script(conn->owner, conn->fd, conn->nth);
    shutdown(conn->fd, SHUT_RDWR);
    close(conn->fd);
    return NULL;
}

static inline void *peer_accept(void *arg)
{
    peer *self = arg;
    for (;;) {
        int fd = accept(self->listen_fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        int nth = self->n_conns;
        if (self->is_stopping || nth == PEER_CONNS_MAX) {
            close(fd);
            return NULL;
        }
        struct peer_conn *conn = &self->conns[nth];
        *conn = (struct peer_conn){.owner = self, .fd = fd, .nth = nth};
        ck_assert_int_eq(pthread_create(&conn->thread, NULL, peer_run, conn), 0);
        self->n_conns++;
    }
}

static inline int peer_listen(int *out_port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(fd, 64), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *out_port = ntohs(address.sin_port);
    return fd;
}

static inline peer *peer_start(peer_script script, void *arg)
{
    peer *self = calloc(1, sizeof *self);
    self->listen_fd = peer_listen(&self->port);
    self->script = script;
    self->arg = arg;
    pthread_mutex_init(&self->lock, NULL);
    ck_assert_int_eq(pthread_create(&self->acceptor, NULL, peer_accept, self), 0);
    return self;
}

static inline void peer_stop(peer *self)
{
    self->is_stopping = true;
    shutdown(self->listen_fd, SHUT_RDWR);
    close(self->listen_fd);
    pthread_join(self->acceptor, NULL);
    for (int i = 0; i < self->n_conns; i++) {
        shutdown(self->conns[i].fd, SHUT_RDWR);
        pthread_join(self->conns[i].thread, NULL);
    }
    free(self);
}

static inline void peer_sleep_ms(int ms)
{
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&wait, NULL);
}

/* Nothing but silence, until the client goes away or the peer is stopped. */
static inline void peer_stay_silent(int fd)
{
    char bytes[4096];
    while (recv(fd, bytes, sizeof bytes, 0) > 0)
        ;
}

static inline bool peer_write(int fd, const void *bytes, size_t len)
{
    const char *from = bytes;
    while (len > 0) {
        ssize_t n = send(fd, from, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        from += n;
        len -= (size_t)n;
    }
    return true;
}

static inline bool peer_write_text(int fd, const char *text)
{
    return peer_write(fd, text, strlen(text));
}

/* One HTTP request with its body into text (NUL-terminated). false: the connection ended before. */
static inline bool peer_read_request(int fd, char *text, size_t cap)
{
    size_t len = 0;
    for (;;) {
        ssize_t n = recv(fd, text + len, cap - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        text[len] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        if (end == NULL)
            continue;
        const char *field = strcasestr(text, "\r\ncontent-length:");
        size_t body_len = field == NULL || field > end ? 0 : strtoul(field + 17, NULL, 10);
        if (len >= (size_t)(end + 4 - text) + body_len)
            return true;
    }
}

/* Reads a request, counts it, and keeps a copy as last_request. */
static inline bool peer_take_request(peer *self, int fd)
{
    char *text = malloc(PEER_REQUEST_CAP);
    bool is_read = peer_read_request(fd, text, PEER_REQUEST_CAP);
    if (is_read) {
        pthread_mutex_lock(&self->lock);
        (void)snprintf(self->last_request, PEER_REQUEST_CAP, "%s", text);
        self->n_requests++;
        pthread_mutex_unlock(&self->lock);
    }
    free(text);
    return is_read;
}

#endif
