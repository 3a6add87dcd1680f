/* slack_links.h - the live connections of Socket Mode: tickets, hello, pings, disconnects, closing. */
#ifndef SANDBOX_SLACK_LINKS_H
#define SANDBOX_SLACK_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "server.h"

typedef struct sk_link {
    int number;
    bool is_tls;
    bool said_hello;
    bool is_frozen;
    bool is_refreshing; /* told to go by a disconnect frame */
    bool is_closing;    /* a close frame was sent or received */
    int64_t opened_ms;
    int64_t pong_real_ms; /* last sign of life */
    sb_conn *conn;        /* NULL before the upgrade is done and after the end */
    int users;            /* timers that still point here; freed when 0 and conn is NULL */
    bool is_gone;
    struct sk_link *next;
} sk_link;

/* In the order of opening; gone ones are skipped by is_live. */
sk_link *sk_links(void);
/* Slack would send an envelope there. Frozen ones count: Slack does not know. */
bool sk_link_is_live(const sk_link *link);
/* The one to send the next envelope to, by setting deliver_to: 0 in turn, 1 newest, 2 random, 3 oldest. */
sk_link *sk_link_choose(void);
void sk_link_text(sk_link *link, const char *text);
sk_link *sk_link_numbered(int number);
int sk_link_count(void);

/* The part of sk_link_message that is about envelopes (slack_socket.c). */
void sk_take_ack(sk_link *link, const char *text, size_t len);

#endif
