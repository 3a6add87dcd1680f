/* ws.h - websocket connections to a server, on libwebsockets: whole text messages in and out, pings, the close.
 *
 * wss to anywhere, ws to loopback addresses only; TLS verified; no compression, no redirects, no proxy but the
 * configured one. A connection is named by (arg, id): its owner and the owner's number, which it never uses twice. */
#ifndef NET_WS_H
#define NET_WS_H

#include <stdint.h>

#include "net/net_config.h"
#include "net/resolver.h"
#include "resetbot/err.h"
#include "resetbot/loop.h"
#include "resetbot/str.h"

/* From rb_ws_open to the upgrade. The session counts on to its hello. */
#define RB_WS_OPEN_MS (10 * RB_SECOND_MS)
/* For one address while there are others to try: less than a third of the whole. */
#define RB_WS_ADDRESS_MS (3 * RB_SECOND_MS)
#define RB_WS_PING_MAX 125
/* Connections at once: 8, their replacements, and those being closed. */
#define RB_WS_CONNECTIONS_MAX 32

typedef struct {
    int code;           /* of the peer's close frame; 1006 when there was none (1012 to 1014 are seen as 1002: lws) */
    int http_status;    /* when the upgrade was answered by something else than 101, else 0 */
    const char *reason; /* a sentence of ours, or the peer's own words behind "closed by HOST: " */
} rb_ws_end;

/* Called from the loop, never from inside a function of this header. After closed the connection is gone. */
typedef struct {
    void (*up)(void *arg, uint64_t conn);
    void (*frame)(void *arg, uint64_t conn, rb_str text); /* whole text messages, up to RB_FRAME_MAX; borrowed */
    void (*pong)(void *arg, uint64_t conn, rb_str payload);
    void (*closed)(void *arg, uint64_t conn, const rb_ws_end *end);
} rb_ws_calls;

typedef struct rb_ws rb_ws;

/* One a loop. The loop and the resolver must outlive it. RB_E_CONFIG: CA file or proxy cannot be used. */
rb_err rb_ws_new(rb_loop *loop, rb_resolver *resolver, const rb_net_config *config, rb_ws **out_ws,
                 rb_errbuf *errbuf) RB_MUST_CHECK;
/* Drops all connections without calling closed. NULL is fine. */
void rb_ws_free(rb_ws *ws);

/* calls must live as long as the connection. What goes wrong is told by closed. */
void rb_ws_open(rb_ws *ws, const rb_ws_calls *calls, void *arg, uint64_t id, const char *url);
/* Queued, copied; nothing happens on a connection that is not up or has been closed by us. */
void rb_ws_send(rb_ws *ws, const void *arg, uint64_t id, rb_str text);
void rb_ws_ping(rb_ws *ws, const void *arg, uint64_t id, rb_str payload);
/* A close frame behind what is queued. Frames of the peer are passed on until it closes, or rb_ws_drop. */
void rb_ws_close(rb_ws *ws, const void *arg, uint64_t id, int code);
/* TCP away at once; closed is not called any more. */
void rb_ws_drop(rb_ws *ws, const void *arg, uint64_t id);
/* Drops all connections of this owner. */
void rb_ws_forget(rb_ws *ws, const void *arg);

#endif
