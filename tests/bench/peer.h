/* peer.h - the other end of a chat client: just enough of Slack's Web API, response URLs and Socket Mode on loopback to
 * keep a client busy, and nothing that would cost more than the client does. It checks nothing and keeps nothing. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct peer peer;

typedef struct {
    void *self;
    void (*on_ack)(void *self, uint32_t number, bool has_text); /* has_text: acknowledged with a text of its own */
    void (*on_answer)(void *self, uint32_t number);             /* its response URL was posted to */
} peer_events;

/* Listens on a port of loopback that the kernel picks; ends the program when it cannot. */
peer *peer_new(peer_events events);
void peer_free(peer *server);
/* "http://127.0.0.1:PORT" */
const char *peer_url(const peer *server);
/* Live sockets. */
size_t peer_sockets(const peer *server);
/* `/passcode help`, to the live sockets in turn; there must be one. Numbers come back with ack and answer. */
void peer_send_command(peer *server, uint32_t number);
/* Sends, waits up to timeout_ms for something to read, and reads. */
void peer_turn(peer *server, int timeout_ms);

#endif
