#include "net/http.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "net/http_curl.h"
#include "net/net_timer.h"
#include "net/tls_fault.h"

#define EVENTS_PER_TURN 16

typedef enum {
    STEP_FAILED,  /* before it began: the timer tells the caller */
    STEP_NAME,    /* waiting for the resolver */
    STEP_RUNNING, /* in the multi handle */
} transfer_step;

typedef struct transfer {
    rb_http *http;
    struct transfer *next;
    uint64_t tag;
    rb_http_done done;
    void *arg;
    transfer_step step;
    rb_err err; /* STEP_FAILED */
    rb_errbuf errbuf;
    int64_t timeout_ms;
    rb_timer timer; /* the whole time; with STEP_FAILED: at once */
    rb_lookup lookup;
    rb_url url;
    const rb_url *peer; /* who is connected to: url or the proxy */
    rb_curl curl;
} transfer;

struct rb_http {
    rb_loop *loop;
    rb_resolver *resolver;
    CURLM *multi;
    int epoll_fd;
    rb_timer curl_timer;
    char *ca_file;
    char *proxy; /* "" for none */
    rb_url proxy_url;
    bool loopback_only;
    transfer *transfers;
    size_t n_transfers;
};

/* ---- transfers ----------------------------------------------------------------------------------------- */

/* Out of every list and timer; the memory stays. */
static void detach(transfer *gone)
{
    rb_http *http = gone->http;
    transfer **link = &http->transfers;
    while (*link != gone)
        link = &(*link)->next;
    *link = gone->next;
    http->n_transfers--;
    rb_net_timer_set(http->loop, &gone->timer, INT64_MAX);
    if (gone->step == STEP_NAME)
        rb_resolver_cancel(http->resolver, &gone->lookup);
    if (gone->step == STEP_RUNNING)
        (void)curl_multi_remove_handle(http->multi, gone->curl.easy);
}

static void free_transfer(transfer *gone)
{
    rb_curl_fini(&gone->curl);
    free(gone);
}

static void finish(transfer *ended, const rb_http_reply *reply)
{
    detach(ended);
    ended->done(ended->arg, ended->tag, reply);
    free_transfer(ended);
}

/* Tells the caller in the next turn of the loop. */
static void fail_later(transfer *failed, rb_err err)
{
    failed->step = STEP_FAILED;
    failed->err = err;
    rb_net_timer_set(failed->http->loop, &failed->timer, 0);
}

static rb_err time_out(transfer *late)
{
    const char *waited_for = "its address";
    if (late->step == STEP_RUNNING)
        waited_for = late->curl.has_left ? "its reply" : "a connection";
    return rb_fail(&late->errbuf, RB_E_IO, "no answer from %s within %lld ms: waited for %s", late->url.host,
                   (long long)late->timeout_ms, waited_for);
}

static void on_timer(rb_timer *timer, rb_now now)
{
    transfer *ended = timer->owner;
    (void)now;
    rb_err err = ended->step == STEP_FAILED ? ended->err : time_out(ended);
    rb_http_reply reply = {.err = err, .never_left = !ended->curl.has_left, .error = ended->errbuf.text};
    finish(ended, &reply);
}

static void run(transfer *started, const rb_addrs *addrs)
{
    started->step = STEP_RUNNING;
    rb_err err = rb_curl_set_addresses(&started->curl, started->peer->host, started->peer->port, addrs);
    if (err == RB_OK && (curl_easy_setopt(started->curl.easy, CURLOPT_PRIVATE, started) != CURLE_OK ||
                         curl_multi_add_handle(started->http->multi, started->curl.easy) != CURLM_OK))
        err = RB_E_NOMEM;
    if (err != RB_OK)
        fail_later(started, rb_fail(&started->errbuf, err, "libcurl refuses the request: out of memory"));
}

static void on_address(rb_lookup *lookup, const rb_addrs *addrs, const char *error)
{
    transfer *waiting = lookup->owner;
    if (addrs != NULL) {
        run(waiting, addrs);
        return;
    }
    fail_later(waiting, rb_fail(&waiting->errbuf, RB_E_IO, "no address found for %s: %s", waiting->peer->host, error));
}

static void find_address(transfer *started)
{
    rb_addrs addrs;
    rb_resolver *resolver = started->http->resolver;
    if (rb_resolver_knows(resolver, started->peer->host, &addrs)) {
        run(started, &addrs);
        return;
    }
    started->step = STEP_NAME;
    started->lookup = (rb_lookup){.done = on_address, .owner = started};
    rb_err err = rb_resolver_ask(resolver, started->peer->host, &started->lookup);
    if (err != RB_OK)
        fail_later(started, rb_fail(&started->errbuf, err, "too many names are being looked up: try again later"));
}

static rb_err take_request(transfer *started, const rb_http_request *request)
{
    rb_http *http = started->http;
    rb_errbuf *errbuf = &started->errbuf;
    if (request->n_headers > RB_HTTP_HEADERS_MAX || request->body.len > RB_HTTP_BODY_MAX || request->timeout_ms <= 0 ||
        request->timeout_ms > RB_HTTP_TIMEOUT_MAX_MS || request->reply_max == 0)
        return rb_fail(errbuf, RB_E_LIMIT, "a request goes beyond the limits of http.h");
    rb_err err = rb_url_parse(request->url, &started->url, errbuf);
    if (err != RB_OK)
        return err;
    if (started->url.is_ws || (http->loopback_only && !started->url.is_loopback))
        return rb_fail(errbuf, RB_E_REFUSED, "a request to %s is refused: not for this client", started->url.host);
    bool is_proxied = http->proxy[0] != '\0' && !started->url.is_loopback;
    started->peer = is_proxied ? &http->proxy_url : &started->url;
    rb_curl_route route = {.ca_file = http->ca_file, .proxy = is_proxied ? http->proxy : ""};
    return rb_curl_init(&started->curl, request, &route, errbuf);
}

void rb_http_start(rb_http *http, uint64_t tag, const rb_http_request *request, rb_http_done done, void *arg)
{
    transfer *started = calloc(1, sizeof *started);
    /* Nothing is left to tell the caller with: a session that never hears again would be deaf, so this ends it all. */
    if (started == NULL)
        abort();
    *started = (transfer){.http = http, .next = http->transfers, .tag = tag, .done = done, .arg = arg};
    started->timer = (rb_timer){.fire = on_timer, .owner = started};
    started->timeout_ms = request->timeout_ms;
    http->transfers = started;
    http->n_transfers++;
    rb_err err = RB_OK;
    if (http->n_transfers > RB_HTTP_TRANSFERS_MAX)
        err = rb_fail(&started->errbuf, RB_E_AGAIN, "too many HTTP requests at once: try again later");
    else
        err = take_request(started, request);
    if (err != RB_OK) {
        fail_later(started, err);
        return;
    }
    rb_net_timer_set(http->loop, &started->timer, rb_net_boot_ms() + started->timeout_ms);
    find_address(started);
}

void rb_http_forget(rb_http *http, const void *arg)
{
    transfer *next;
    for (transfer *each = http->transfers; each != NULL; each = next) {
        next = each->next;
        if (each->arg != arg)
            continue;
        detach(each);
        free_transfer(each);
    }
}

/* ---- curl and the loop --------------------------------------------------------------------------------- */

static void take_results(rb_http *http)
{
    int left;
    for (CURLMsg *message = curl_multi_info_read(http->multi, &left); message != NULL;
         message = curl_multi_info_read(http->multi, &left)) {
        transfer *ended = NULL;
        CURLcode result = message->data.result;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ended);
        rb_http_reply reply;
        rb_curl_read_reply(&ended->curl, result, &ended->url, &reply, &ended->errbuf);
        finish(ended, &reply);
    }
}

static void on_ready(void *arg)
{
    rb_http *http = arg;
    struct epoll_event events[EVENTS_PER_TURN];
    int n = epoll_wait(http->epoll_fd, events, EVENTS_PER_TURN, 0);
    for (int i = 0; i < n; i++) {
        int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        int running;
        (void)curl_multi_socket_action(http->multi, events[i].data.fd, what, &running);
    }
    take_results(http);
}

static void on_curl_timer(rb_timer *timer, rb_now now)
{
    rb_http *http = timer->owner;
    int running;
    (void)now;
    (void)curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_results(http);
}

static int set_curl_timer(CURLM *multi, long wait_ms, void *arg)
{
    rb_http *http = arg;
    (void)multi;
    rb_net_timer_set(http->loop, &http->curl_timer, wait_ms < 0 ? INT64_MAX : rb_net_boot_ms() + wait_ms);
    return 0;
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    rb_http *http = arg;
    (void)easy;
    (void)socket_arg;
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(http->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    struct epoll_event event = {.data.fd = fd};
    event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    if (epoll_ctl(http->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0)
        return 0;
    return epoll_ctl(http->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* ---- life ---------------------------------------------------------------------------------------------- */

static rb_err take_config(rb_http *http, const rb_net_config *config, rb_errbuf *errbuf)
{
    bool has_ca = config->ca_file != NULL && config->ca_file[0] != '\0';
    http->ca_file = strdup(has_ca ? config->ca_file : RB_NET_SYSTEM_CA);
    http->proxy = strdup(config->proxy_url == NULL ? "" : config->proxy_url);
    http->loopback_only = config->loopback_only;
    if (http->ca_file == NULL || http->proxy == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "HTTP cannot start: out of memory");
    if (http->proxy[0] != '\0') {
        rb_err err = rb_url_parse_proxy(http->proxy, &http->proxy_url, errbuf);
        if (err != RB_OK)
            return err;
    }
    return rb_tls_check_ca_file(http->ca_file, errbuf);
}

static rb_err open_curl(rb_http *http, rb_errbuf *errbuf)
{
    http->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    http->multi = curl_multi_init();
    if (http->epoll_fd < 0 || http->multi == NULL ||
        curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, watch_socket) != CURLM_OK ||
        curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http) != CURLM_OK ||
        curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_curl_timer) != CURLM_OK ||
        curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http) != CURLM_OK ||
        rb_loop_watch(http->loop, http->epoll_fd, on_ready, http) != RB_OK)
        return rb_fail(errbuf, RB_E_NOMEM, "HTTP cannot start: out of memory or descriptors");
    return RB_OK;
}

rb_err rb_http_new(rb_loop *loop, rb_resolver *resolver, const rb_net_config *config, rb_http **out_http,
                   rb_errbuf *errbuf)
{
    rb_http *http = calloc(1, sizeof *http);
    if (http == NULL)
        return rb_fail(errbuf, RB_E_NOMEM, "HTTP cannot start: out of memory");
    http->loop = loop;
    http->resolver = resolver;
    http->epoll_fd = -1;
    http->curl_timer = (rb_timer){.fire = on_curl_timer, .owner = http};
    rb_err err = take_config(http, config, errbuf);
    if (err == RB_OK)
        err = open_curl(http, errbuf);
    if (err != RB_OK) {
        rb_http_free(http);
        return err;
    }
    *out_http = http;
    return RB_OK;
}

void rb_http_free(rb_http *http)
{
    if (http == NULL)
        return;
    while (http->transfers != NULL) {
        transfer *gone = http->transfers;
        detach(gone);
        free_transfer(gone);
    }
    if (http->multi != NULL)
        (void)curl_multi_cleanup(http->multi);
    rb_net_timer_set(http->loop, &http->curl_timer, INT64_MAX);
    rb_loop_forget(http->loop, http->epoll_fd);
    if (http->epoll_fd >= 0)
        close(http->epoll_fd);
    free(http->ca_file);
    free(http->proxy);
    free(http);
}
