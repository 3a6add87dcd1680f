#include "resetbot/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <libwebsockets.h>
#include <openssl/x509_vfy.h>

#include "net/loop_lws.h"
#include "net/net_timer.h"
#include "net/timers.h"
#include "resetbot/log.h"

/* One epoll descriptor holds every watched fd, and lws polls that one: a handful of fds is all there ever is (signals,
 * two workers, curl). */
#define WATCHES_MAX 32
#define EVENTS_PER_TURN 16
/* lws sleeps on CLOCK_MONOTONIC, which stands still during suspend; looking again this often bounds the lateness of
 * timers after a resume, since they count CLOCK_BOOTTIME. */
#define SLEEP_MAX_MS (10 * RB_SECOND_MS)
/* Websockets (8 and their replacements) and our own epoll descriptor, with room. */
#define LWS_FDS_MAX 64
/* lws's own patience with a handshake, 5 s by default: above ours (ws.h), so that ours decides and is told. */
#define LWS_HANDSHAKE_S 20
/* Read size of websockets; a frame of the largest known envelope (67 kB) takes two reads. */
#define LWS_READ_BYTES 65536

/* A set of timers that follow one clock, and the lws timer that stands for the earliest. */
typedef struct {
    lws_sorted_usec_list_t sul; /* first: its callback casts back */
    rb_loop *loop;
    rb_clock clock;
    rb_timers timers;
} alarm_set;

typedef struct {
    int fd; /* -1: free */
    void (*ready)(void *arg);
    void *arg;
} watch;

struct rb_loop {
    struct lws_context *lws;
    struct lws_vhost *vhost;
    int epoll_fd;
    int signal_fd; /* -1: none */
    bool stopping;
    alarm_set session; /* the clock port */
    alarm_set network; /* the machine's clock */
    watch watches[WATCHES_MAX];
    void (*on_signal)(void *arg, int signo);
    void *signal_arg;
    void (*on_tls_fault)(void *opaque_user_data, int x509_error);
};

/* ---- timers ---------------------------------------------------------------------------------------------- */

static void alarm_arm(alarm_set *set);

static void alarm_fire(lws_sorted_usec_list_t *sul)
{
    alarm_set *set = (alarm_set *)(void *)sul;
    rb_timers_fire(&set->timers, set->clock.now(set->clock.self));
    alarm_arm(set);
}

static void alarm_arm(alarm_set *set)
{
    int64_t next = rb_timers_next(&set->timers);
    if (next == INT64_MAX) {
        lws_sul_cancel(&set->sul);
        return;
    }
    int64_t now = set->clock.now(set->clock.self).boot_ms;
    int64_t wait_ms = 0;
    if (next > now)
        wait_ms = next - now < SLEEP_MAX_MS ? next - now : SLEEP_MAX_MS;
    /* Never 0: lws would run it within this very pass, and the next turn is what is promised. */
    lws_usec_t wait_us = wait_ms == 0 ? 1 : wait_ms * LWS_US_PER_MS;
    lws_sul_schedule(set->loop->lws, 0, &set->sul, alarm_fire, wait_us);
}

static void alarm_set_timer(alarm_set *set, rb_timer *timer, int64_t boot_ms)
{
    int64_t before = rb_timers_next(&set->timers);
    rb_timers_set(&set->timers, timer, boot_ms);
    if (rb_timers_next(&set->timers) != before)
        alarm_arm(set);
}

void rb_loop_timer_set(rb_loop *loop, rb_timer *timer, int64_t boot_ms)
{
    alarm_set_timer(&loop->session, timer, boot_ms);
}

void rb_net_timer_set(rb_loop *loop, rb_timer *timer, int64_t boot_ms)
{
    alarm_set_timer(&loop->network, timer, boot_ms);
}

int64_t rb_net_boot_ms(void)
{
    rb_clock clock = rb_clock_system();
    return clock.now(clock.self).boot_ms;
}

void rb_loop_clock_changed(rb_loop *loop)
{
    alarm_arm(&loop->session);
}

rb_now rb_loop_now(const rb_loop *loop)
{
    return loop->session.clock.now(loop->session.clock.self);
}

/* ---- watched descriptors --------------------------------------------------------------------------------- */

static watch *find_watch(rb_loop *loop, int fd)
{
    for (size_t i = 0; i < WATCHES_MAX; i++)
        if (loop->watches[i].fd == fd)
            return &loop->watches[i];
    return NULL;
}

rb_err rb_loop_watch(rb_loop *loop, int fd, void (*ready)(void *arg), void *arg)
{
    assert(fd >= 0 && find_watch(loop, fd) == NULL);
    watch *place = find_watch(loop, -1);
    if (place == NULL)
        return RB_E_LIMIT;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        return RB_E_IO;
    *place = (watch){.fd = fd, .ready = ready, .arg = arg};
    return RB_OK;
}

void rb_loop_forget(rb_loop *loop, int fd)
{
    watch *place = fd < 0 ? NULL : find_watch(loop, fd);
    if (place == NULL)
        return;
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    *place = (watch){.fd = -1};
}

static void serve_watches(rb_loop *loop)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int n = epoll_wait(loop->epoll_fd, events, EVENTS_PER_TURN, 0);
    for (int i = 0; i < n; i++) {
        /* Looked up again each time: an earlier one may have been told to forget this one. */
        const watch *place = find_watch(loop, events[i].data.fd);
        if (place != NULL)
            place->ready(place->arg);
    }
}

/* ---- signals --------------------------------------------------------------------------------------------- */

static void read_signals(void *arg)
{
    rb_loop *loop = arg;
    struct signalfd_siginfo info;
    while (read(loop->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        loop->on_signal(loop->signal_arg, (int)info.ssi_signo);
}

rb_err rb_loop_signals(rb_loop *loop, const int *signals, int n, void (*on_signal)(void *arg, int signo), void *arg)
{
    assert(loop->signal_fd < 0);
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < n; i++)
        sigaddset(&set, signals[i]);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return RB_E_IO;
    loop->signal_fd = fd;
    loop->on_signal = on_signal;
    loop->signal_arg = arg;
    rb_err err = rb_loop_watch(loop, fd, read_signals, loop);
    if (err == RB_OK && pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        err = RB_E_IO;
    return err;
}

/* ---- lws ------------------------------------------------------------------------------------------------- */

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    switch ((int)reason) {
    case LWS_CALLBACK_RAW_RX_FILE: serve_watches(lws_context_user(lws_get_context(wsi))); break;
    case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION: {
        rb_loop *loop = lws_context_user(lws_get_context(wsi));
        void *opaque = lws_get_opaque_user_data(wsi);
        bool is_good = len != 0; /* lws: len carries OpenSSL's own verdict, which stands whatever we return */
        if (!is_good && opaque != NULL && loop->on_tls_fault != NULL)
            loop->on_tls_fault(opaque, X509_STORE_CTX_get_error(user));
        break;
    }
    default: break;
    }
    (void)in;
    return 0;
}

static const struct lws_protocols protocols[] = {
    {.name = "resetbot-loop", .callback = on_lws},
    {.name = NULL},
};

static void log_lws(int level, const char *line)
{
    (void)level;
    size_t len = strcspn(line, "\n");
    rb_log(RB_LOG_DEBUG, "event=lws text=\"%.*s\"", (int)len, line);
}

static rb_err open_lws(rb_loop *loop, rb_errbuf *errbuf)
{
    lws_set_log_level(LLL_ERR, log_lws);
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .protocols = protocols,
        .user = loop,
        .fd_limit_per_thread = LWS_FDS_MAX,
        .pt_serv_buf_size = LWS_READ_BYTES,
        .timeout_secs = LWS_HANDSHAKE_S,
        .vhost_name = "resetbot-loop",
        /* Else lws takes http_proxy from the environment; port 0 means none. */
        .http_proxy_address = "none:0",
    };
    loop->lws = lws_create_context(&info);
    if (loop->lws == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "the event loop cannot be made: out of memory or descriptors");
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS; /* this one speaks no TLS and needs no authorities */
    loop->vhost = lws_create_vhost(loop->lws, &info);
    if (loop->vhost == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "the event loop cannot be made: lws refuses its first vhost");
    /* lws closes what it adopts: it gets a descriptor of its own. */
    lws_sock_file_fd_type fd = {.filefd = dup(loop->epoll_fd)};
    if (fd.filefd < 0 ||
        lws_adopt_descriptor_vhost(loop->vhost, LWS_ADOPT_RAW_FILE_DESC, fd, protocols[0].name, NULL) == NULL)
        return rb_fail(errbuf, RB_E_IO, "the event loop cannot be made: lws does not adopt its descriptor");
    return RB_OK;
}

struct lws_context *rb_loop_lws_context(rb_loop *loop)
{
    return loop->lws;
}

void rb_loop_lws_on_tls_fault(rb_loop *loop, void (*on_fault)(void *opaque_user_data, int x509_error))
{
    loop->on_tls_fault = on_fault;
}

/* ---- life ------------------------------------------------------------------------------------------------ */

static rb_err open_parts(rb_loop *loop, rb_errbuf *errbuf)
{
    if (rb_timers_init(&loop->session.timers) != RB_OK || rb_timers_init(&loop->network.timers) != RB_OK)
        return rb_fail(errbuf, RB_E_NOMEM, "the event loop cannot be made: out of memory");
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0)
        return rb_fail(errbuf, RB_E_IO, "the event loop cannot be made: epoll: %s", strerror(errno));
    return open_lws(loop, errbuf);
}

rb_err rb_loop_new(rb_clock clock, rb_loop **out_loop, rb_errbuf *errbuf)
{
    rb_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "the event loop cannot be made: out of memory");
    loop->epoll_fd = -1;
    loop->signal_fd = -1;
    for (size_t i = 0; i < WATCHES_MAX; i++)
        loop->watches[i].fd = -1;
    loop->session = (alarm_set){.loop = loop, .clock = clock};
    loop->network = (alarm_set){.loop = loop, .clock = rb_clock_system()};
    rb_err err = open_parts(loop, errbuf);
    if (err != RB_OK) {
        rb_loop_free(loop);
        return err;
    }
    *out_loop = loop;
    return RB_OK;
}

void rb_loop_free(rb_loop *loop)
{
    if (loop == NULL)
        return;
    if (loop->signal_fd >= 0) {
        rb_loop_forget(loop, loop->signal_fd);
        close(loop->signal_fd);
    }
    if (loop->lws != NULL) {
        lws_sul_cancel(&loop->session.sul);
        lws_sul_cancel(&loop->network.sul);
        lws_context_destroy(loop->lws);
    }
    rb_timers_fini(&loop->session.timers);
    rb_timers_fini(&loop->network.timers);
    if (loop->epoll_fd >= 0)
        close(loop->epoll_fd);
    free(loop);
}

void rb_loop_run(rb_loop *loop)
{
    while (!loop->stopping)
        if (lws_service(loop->lws, 0) < 0)
            break;
    loop->stopping = false;
}

void rb_loop_stop(rb_loop *loop)
{
    loop->stopping = true;
    lws_cancel_service(loop->lws);
}
