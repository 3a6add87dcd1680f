/* ws_lws.h - how a websocket is asked of libwebsockets: its vhosts and its connect. Only ws.c includes it. */
#ifndef NET_WS_LWS_H
#define NET_WS_LWS_H

#include <libwebsockets.h>

#include "net/url.h"
#include "net/ws_queue.h"
#include "resetbot/loop.h"

/* A vhost that only connects, with callback as its one protocol, trusting ca_file and nothing else. NULL: failed. It
 * ends with the loop. */
struct lws_vhost *rb_ws_lws_open_vhost(rb_loop *loop, const char *name, const char *ca_file,
                                       const struct lws_protocols *protocols);

/* Connects to url at the address ip; over the proxy at ip:proxy_port when proxy_port is not 0. NULL: failed at once,
 * without a callback. Else callbacks follow, with opaque in the wsi. */
struct lws *rb_ws_lws_connect(rb_loop *loop, struct lws_vhost *vhost, const rb_url *url, const char *ip,
                              uint16_t proxy_port, void *opaque);

/* No callback about this wsi reaches its opaque any more; its TCP connection ends in the loop's next turn. */
void rb_ws_lws_give_up(struct lws *wsi);

/* For LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: lws writes no User-Agent, and some proxies refuse a request without
 * one. */
int rb_ws_lws_add_user_agent(char **at, size_t room);

/* Writes one frame, whose payload is masked in place. Non-zero: the connection is lost, for the callback to return. */
int rb_ws_lws_write(struct lws *wsi, rb_ws_out *out);

#endif
