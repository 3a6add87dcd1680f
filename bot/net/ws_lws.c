#include "net/ws_lws.h"

#include <assert.h>
#include <stdio.h>

#include <openssl/ssl.h>

#include "net/loop_lws.h"
#include "net/resolver.h"
#include "net/ws.h"

/* lws's number for a close frame (LWS_WRITE_CLOSE of its private header). Its public way, lws_close_reason, stops
 * passing on what the peer still sends, and those envelopes must be read. */
#define WRITE_CLOSE ((enum lws_write_protocol)4)

static_assert(RB_WS_FRAME_HEADROOM >= LWS_PRE, "lws needs more room in front of a payload");

struct lws_vhost *rb_ws_lws_open_vhost(rb_loop *loop, const char *name, const char *ca_file,
                                       const struct lws_protocols *protocols)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
        .protocols = protocols,
        .vhost_name = name,
        .timeout_secs_ah_idle = 2 * (int)(RB_WS_OPEN_MS / RB_SECOND_MS), /* ours comes first, and is told */
        .client_ssl_ca_filepath = ca_file,
        .ssl_client_options_set = (long)(SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1),
        .http_proxy_address = "none:0", /* else lws takes http_proxy from the environment; port 0 means none */
    };
    return lws_create_vhost(rb_loop_lws_context(loop), &info);
}

/* lws keeps the proxy in the vhost, so it is set anew before each connect, as the number that was looked up: given a
 * name, lws would look it up itself and hold the loop. */
static void set_proxy(struct lws_vhost *vhost, const char *ip, uint16_t port)
{
    char address[RB_ADDR_CAP + 16];
    (void)snprintf(address, sizeof address, "[%s]:%u", ip, (unsigned)port);
    (void)lws_set_proxy(vhost, address);
}

struct lws *rb_ws_lws_connect(rb_loop *loop, struct lws_vhost *vhost, const rb_url *url, const char *ip,
                              uint16_t proxy_port, void *opaque)
{
    static const lws_retry_bo_t no_pings_of_its_own = {.secs_since_valid_ping = 0, .secs_since_valid_hangup = 0};
    char host[RB_URL_AUTHORITY_CAP];
    rb_url_authority(url, host);
    if (proxy_port != 0)
        set_proxy(vhost, ip, proxy_port);
    struct lws_client_connect_info info = {
        .context = rb_loop_lws_context(loop),
        .vhost = vhost,
        .address = proxy_port != 0 ? url->host : ip, /* what lws asks a proxy to connect to is this */
        .port = url->port,
        .path = url->path,
        .host = host, /* for SNI and the certificate */
        .alpn = "http/1.1",
        .ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (url->is_tls ? LCCSCF_USE_SSL : 0),
        .retry_and_idle_policy = &no_pings_of_its_own,
        .opaque_user_data = opaque,
    };
    return lws_client_connect_via_info(&info);
}

void rb_ws_lws_give_up(struct lws *wsi)
{
    if (wsi == NULL)
        return;
    lws_set_opaque_user_data(wsi, NULL);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

int rb_ws_lws_add_user_agent(char **at, size_t room)
{
    int len = snprintf(*at, room, "User-Agent: resetbot/%s\r\n", RESETBOT_VERSION);
    if (len < 0 || (size_t)len >= room)
        return -1;
    *at += len;
    return 0;
}

int rb_ws_lws_write(struct lws *wsi, rb_ws_out *out)
{
    static const enum lws_write_protocol as[] = {
        [RB_WS_TEXT] = LWS_WRITE_TEXT, [RB_WS_PING] = LWS_WRITE_PING, [RB_WS_CLOSE] = WRITE_CLOSE};
    int written = lws_write(wsi, out->bytes + RB_WS_FRAME_HEADROOM, out->len, as[out->kind]);
    /* lws keeps what the kernel does not take yet; what it counts for control frames includes their header. */
    bool is_lost = written < 0 || (out->kind == RB_WS_TEXT && (size_t)written < out->len);
    return is_lost ? -1 : 0;
}
