#include "ws.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FRAME_MAX (16 * 1024 * 1024)

void ws_accept_key(const char *key, char out_accept[WS_ACCEPT_CAP])
{
    /* RFC 6455 section 1.3 */
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[256];
    int len = snprintf(text, sizeof text, "%s%s", key, guid);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_len = 0;
    if (len > 0 && (size_t)len < sizeof text)
        EVP_Digest(text, (size_t)len, digest, &digest_len, EVP_sha1(), NULL);
    EVP_EncodeBlock((unsigned char *)out_accept, digest, (int)digest_len);
}

void ws_write(sb_bytes *out, int opcode, bool is_final, const void *payload, size_t len)
{
    unsigned char head[10];
    size_t head_len = 2;
    head[0] = (unsigned char)((is_final ? 0x80 : 0) | opcode);
    if (len < 126) {
        head[1] = (unsigned char)len;
    } else if (len <= UINT16_MAX) {
        head[1] = 126;
        head[2] = (unsigned char)(len >> 8);
        head[3] = (unsigned char)(len & 0xff);
        head_len = 4;
    } else {
        head[1] = 127;
        for (size_t i = 0; i < 8; i++)
            head[2 + i] = (unsigned char)((uint64_t)len >> (8 * (7 - i)));
        head_len = 10;
    }
    sb_bytes_add(out, head, head_len);
    sb_bytes_add(out, payload, len);
}

/* Length of the head with its mask, or 0 when more bytes are needed; *out_len: of the payload. */
static size_t read_lengths(const unsigned char *at, size_t have, uint64_t *out_len)
{
    if (have < 2)
        return 0;
    size_t n_more = (at[1] & 0x7f) == 126 ? 2 : (at[1] & 0x7f) == 127 ? 8 : 0;
    if (have < 2 + n_more + 4)
        return 0;
    uint64_t len = n_more ? 0 : at[1] & 0x7f;
    for (size_t i = 0; i < n_more; i++)
        len = len << 8 | at[2 + i];
    *out_len = len;
    return 2 + n_more + 4;
}

ws_taken ws_read(sb_bytes *in, ws_frame *out_frame)
{
    unsigned char *at = (unsigned char *)in->ptr;
    uint64_t len = 0;
    size_t head_len = read_lengths(at, in->len, &len);
    if (in->len >= 2 && (!(at[1] & 0x80) || (at[0] & 0x70)))
        return WS_BAD;
    if (!head_len)
        return WS_MORE;
    if (len > FRAME_MAX)
        return WS_BAD;
    if (in->len - head_len < len)
        return WS_MORE;
    for (size_t i = 0; i < len; i++)
        at[head_len + i] ^= at[head_len - 4 + i % 4];
    *out_frame = (ws_frame){.opcode = at[0] & 0x0f,
                            .is_final = at[0] & 0x80,
                            .payload = in->ptr + head_len,
                            .len = (size_t)len,
                            .frame_len = head_len + (size_t)len};
    return WS_FRAME;
}
