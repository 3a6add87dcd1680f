/* ws_peer.h - the server's side of a websocket by hand, so that a test can break each rule (RFC 6455). */
#ifndef TEST_WS_PEER_H
#define TEST_WS_PEER_H

#include <stdint.h>

#include <openssl/evp.h>

#include "peer.h"

enum { WS_CONT = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };
#define WS_FIN 0x80

typedef struct {
    int opcode; /* -1: the connection ended */
    bool is_final, is_masked;
    size_t len;
    char payload[65536];
} ws_in;

static inline bool ws_read_exactly(int fd, void *bytes, size_t len)
{
    char *to = bytes;
    while (len > 0) {
        ssize_t n = recv(fd, to, len, 0);
        if (n <= 0)
            return false;
        to += n;
        len -= (size_t)n;
    }
    return true;
}

/* Reads the upgrade and answers 101. The request stays in self->last_request. */
static inline bool ws_accept(peer *self, int fd)
{
    char text[4096], reply[256];
    if (!peer_read_request(fd, text, sizeof text))
        return false;
    pthread_mutex_lock(&self->lock);
    (void)snprintf(self->last_request, PEER_REQUEST_CAP, "%s", text);
    pthread_mutex_unlock(&self->lock);
    const char *found = strcasestr(text, "\r\nSec-WebSocket-Key: ");
    ck_assert_ptr_nonnull(found);
    char key[128];
    unsigned char hash[EVP_MAX_MD_SIZE], base64[64];
    unsigned hash_len = 0;
    (void)snprintf(key, sizeof key, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", found + 21);
    EVP_Digest(key, strlen(key), hash, &hash_len, EVP_sha1(), NULL);
    EVP_EncodeBlock(base64, hash, (int)hash_len);
    (void)snprintf(reply, sizeof reply,
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: %s\r\n\r\n",
                   (const char *)base64);
    return peer_write_text(fd, reply);
}

static inline bool ws_write(int fd, int first_byte, const void *payload, size_t len)
{
    unsigned char head[10] = {(unsigned char)first_byte};
    size_t head_len = 2;
    if (len < 126) {
        head[1] = (unsigned char)len;
    } else if (len < 65536) {
        head[1] = 126;
        head[2] = (unsigned char)(len >> 8);
        head[3] = (unsigned char)len;
        head_len = 4;
    } else {
        head[1] = 127;
        for (int i = 0; i < 8; i++)
            head[2 + i] = (unsigned char)((uint64_t)len >> (56 - 8 * i));
        head_len = 10;
    }
    return peer_write(fd, head, head_len) && peer_write(fd, payload, len);
}

static inline bool ws_write_text(int fd, const char *text)
{
    return ws_write(fd, WS_FIN | WS_TEXT, text, strlen(text));
}

static inline bool ws_write_close(int fd, int code, const char *reason)
{
    char payload[128] = {(char)(code >> 8), (char)code};
    size_t len = strlen(reason);
    memcpy(payload + 2, reason, len);
    return ws_write(fd, WS_FIN | WS_CLOSE, payload, 2 + len);
}

/* The next frame; payloads above the buffer end the test. */
static inline bool ws_read(int fd, ws_in *in)
{
    unsigned char head[2], more[8], mask[4] = {0};
    in->opcode = -1;
    if (!ws_read_exactly(fd, head, 2))
        return false;
    in->is_final = (head[0] & 0x80) != 0;
    in->is_masked = (head[1] & 0x80) != 0;
    in->len = head[1] & 0x7f;
    int n_more = in->len == 126 ? 2 : in->len == 127 ? 8 : 0;
    if (!ws_read_exactly(fd, more, (size_t)n_more))
        return false;
    if (n_more > 0)
        in->len = 0;
    for (int i = 0; i < n_more; i++)
        in->len = in->len << 8 | more[i];
    ck_assert_uint_lt(in->len, sizeof in->payload);
    if ((in->is_masked && !ws_read_exactly(fd, mask, 4)) || !ws_read_exactly(fd, in->payload, in->len))
        return false;
    for (size_t i = 0; i < in->len; i++)
        in->payload[i] = (char)(in->payload[i] ^ mask[i & 3]);
    in->payload[in->len] = '\0';
    in->opcode = head[0] & 0x0f;
    return true;
}

#endif
