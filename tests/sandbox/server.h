/* server.h - the loop and its sockets, on libwebsockets: accepts, frames requests and websocket messages, sends
 * replies as told (late, never, with a reset). It decides nothing. lws does the sockets, TLS and time; HTTP and
 * websocket framing are http.c and ws.c, because a stand-in must be able to break their rules. */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "world.h"

typedef struct sb_conn sb_conn;

/* What the server calls. */
typedef struct {
    /* Fills the reply to a whole request. */
    void (*handle)(const sb_request *request, sb_reply *reply);
    /* A websocket upgrade: returns the link (not NULL) to accept it; NULL refuses with reply. */
    void *(*link_upgrade)(const sb_request *request, sb_reply *reply);
    void (*link_up)(void *link, sb_conn *conn);
    /* A whole text or binary message, or a control frame (opcodes of ws.h). */
    void (*link_message)(void *link, int opcode, const char *data, size_t len);
    /* TCP is gone, whoever ended it: conn is no more. */
    void (*link_gone)(void *link);
} server_calls;

typedef struct {
    const char *label; /* "http", "https", or the kind of bad certificate */
    int port;          /* 0: any */
    const char *cert_file;
    const char *key_file; /* NULL: plain */
} server_listener;

bool server_start(const server_calls *calls);
/* Listens on 127.0.0.1; false when the port is taken or the certificate cannot be read. */
bool server_listen(const server_listener *listener, int *out_port);
/* Until server_stop, which a signal handler may call. */
void server_run(void);
void server_stop(void);
void server_end(void);

/* Something changed: timers, journal or clock are looked at in the next turn. */
void server_wake(void);

/* Queue a frame; fragment_bytes > 0 cuts a text into frames of that size. */
void server_ws_send(sb_conn *conn, int opcode, const char *data, size_t len, size_t fragment_bytes);
/* Away with the TCP connection, by FIN or RST; link_gone follows. */
void server_ws_drop(sb_conn *conn, bool with_reset);
/* Half-open: nothing is read or written any more, TCP stays. */
void server_ws_freeze(sb_conn *conn);

#endif
