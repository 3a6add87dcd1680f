/* mac.c - see resetbot/mac.h. The one file that knows OpenSSL's hashes. */
#include "resetbot/mac.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

_Static_assert(RB_MAC_LEN == SHA256_DIGEST_LENGTH, "the MAC is a whole SHA-256");

/* A digest of memory fails only when OpenSSL itself is broken or out of memory: no answer is safer than a wrong one. */
static void digest(rb_str data, uint8_t out_bytes[SHA256_DIGEST_LENGTH])
{
    if (!SHA256((const unsigned char *)data.ptr, data.len, out_bytes))
        abort();
}

static void to_hex(const uint8_t *bytes, size_t len, char *out_hex)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out_hex[2 * i] = digits[bytes[i] >> 4];
        out_hex[2 * i + 1] = digits[bytes[i] & 0x0f];
    }
    out_hex[2 * len] = '\0';
}

void rb_mac_key_init(rb_mac_key *key, const uint8_t bytes[RB_MAC_KEY_LEN])
{
    uint8_t hash[SHA256_DIGEST_LENGTH];

    memcpy(key->bytes, bytes, RB_MAC_KEY_LEN);
    digest((rb_str){(const char *)bytes, RB_MAC_KEY_LEN}, hash);
    to_hex(hash, (sizeof key->id - 1) / 2, key->id);
}

void rb_mac(const rb_mac_key *key, rb_str data, char out_text[RB_MAC_TEXT_CAP])
{
    uint8_t mac[RB_MAC_LEN];
    unsigned char base64[RB_MAC_TEXT_CAP + 1]; /* 43 characters, one '=', NUL */
    unsigned int len = sizeof mac;

    if (!HMAC(EVP_sha256(), key->bytes, RB_MAC_KEY_LEN, (const unsigned char *)data.ptr, data.len, mac, &len))
        abort();
    (void)EVP_EncodeBlock(base64, mac, (int)sizeof mac);
    for (size_t i = 0; i < RB_MAC_TEXT_CAP - 1; i++) {
        char c = (char)base64[i];
        out_text[i] = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    out_text[RB_MAC_TEXT_CAP - 1] = '\0';
}

bool rb_mac_equal(const char *a, const char *b)
{
    size_t len = strlen(a);

    /* the length of a MAC is no secret */
    return len == strlen(b) && CRYPTO_memcmp(a, b, len) == 0;
}

void rb_sha256_hex(rb_str data, char out_hex[65])
{
    uint8_t hash[SHA256_DIGEST_LENGTH];

    digest(data, hash);
    to_hex(hash, sizeof hash, out_hex);
}
