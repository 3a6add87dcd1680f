/* net_io.h - the whole network as one thing, and the rb_io table that a session gets of it. */
#ifndef NET_NET_IO_H
#define NET_NET_IO_H

#include "net/http.h"
#include "net/net_config.h"
#include "net/resolver.h"
#include "net/ws.h"
#include "resetbot/io.h"
#include "resetbot/loop.h"

/* Resolver, HTTP and websockets on one loop. */
typedef struct rb_net rb_net;

/* resolve NULL: the system's resolver. RB_E_CONFIG: CA file or proxy cannot be used. Call rb_net_init (net_init.h)
 * once before. */
rb_err rb_net_new(rb_loop *loop, const rb_net_config *config, const rb_resolve *resolve, rb_net **out_net,
                  rb_errbuf *errbuf) RB_MUST_CHECK;
/* After all rb_net_io of it, before the loop. NULL is fine. */
void rb_net_free(rb_net *net);
rb_http *rb_net_http(rb_net *net);

/* What a session is told; self is the session. Called from the loop, never from inside a call of the table. */
typedef struct {
    void (*ws_up)(void *self, uint64_t conn, rb_now now);
    void (*ws_frame)(void *self, uint64_t conn, rb_str text, rb_now now);
    void (*ws_pong)(void *self, uint64_t conn, rb_str payload, rb_now now);
    void (*ws_closed)(void *self, uint64_t conn, const rb_ws_end *end, rb_now now);
    void (*http_done)(void *self, uint64_t tag, const rb_http_reply *reply, rb_now now);
    void (*timer)(void *self, rb_now now);
} rb_net_calls;

/* One session's side: its own numbers of connections and requests, its own timer. */
typedef struct rb_net_io rb_net_io;

/* calls is copied; the ws_ ones may be NULL in a session without websockets. */
rb_err rb_net_io_new(rb_net *net, const rb_net_calls *calls, void *self, rb_net_io **out_io) RB_MUST_CHECK;
/* Ends what the session has under way without telling it. NULL is fine. */
void rb_net_io_free(rb_net_io *io);
/* The table points into io. */
rb_io rb_net_io_table(rb_net_io *io);

#endif
