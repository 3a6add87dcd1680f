/* mac.h - HMAC-SHA-256 and SHA-256, for bound buttons (S4) and the record's chain (A2). */
#ifndef RESETBOT_MAC_H
#define RESETBOT_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

#define RB_MAC_KEY_LEN 32
#define RB_MAC_LEN 32
#define RB_MAC_TEXT_CAP 44 /* base64url of 32 bytes, and NUL */

typedef struct {
    char id[9]; /* first 8 hex digits of SHA-256(key): names the key in a value */
    uint8_t bytes[RB_MAC_KEY_LEN];
} rb_mac_key;

void rb_mac_key_init(rb_mac_key *key, const uint8_t bytes[RB_MAC_KEY_LEN]);
/* base64url without padding. */
void rb_mac(const rb_mac_key *key, rb_str data, char out_text[RB_MAC_TEXT_CAP]);
/* In constant time. */
bool rb_mac_equal(const char *a, const char *b);
/* Lower-case hex. */
void rb_sha256_hex(rb_str data, char out_hex[65]);

#endif
