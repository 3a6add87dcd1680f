/* ws.h - RFC 6455 as bytes, the server's side: handshake key, frames out, frames in. No sockets here. */
#ifndef SANDBOX_WS_H
#define SANDBOX_WS_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"

enum { WS_CONTINUATION = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

#define WS_ACCEPT_CAP 32

/* Sec-WebSocket-Accept for a Sec-WebSocket-Key. */
void ws_accept_key(const char *key, char out_accept[WS_ACCEPT_CAP]);

/* One unmasked frame. */
void ws_write(sb_bytes *out, int opcode, bool is_final, const void *payload, size_t len);

typedef enum { WS_MORE, WS_FRAME, WS_BAD } ws_taken;

typedef struct {
    int opcode;
    bool is_final;
    const char *payload; /* into the buffer, unmasked; valid until the buffer changes */
    size_t len;
    size_t frame_len; /* consume this much when done */
} ws_frame;

/* Reads the frame at the front of in. WS_BAD: unmasked, reserved bits, or over 16 MiB. */
ws_taken ws_read(sb_bytes *in, ws_frame *out_frame);

#endif
