/* slack_sockets.h - the set of Socket Mode connections: which are open, when the next is opened, when an old one goes.
 *
 * Sans-I/O. The session tells it what happened, asks it for the connection to answer on, and opens an address for it
 * whenever rb_slack_sockets_wants_url says so. Life of one socket:
 *
 *   OPENING --hello--> LIVE --(replaced)--> DRAINING --(quiet)--> CLOSING --> gone
 *
 * OPENING: from ws_open until hello, at most 10 s. LIVE: read, acked on, pinged every 5 s. A LIVE socket that was told to
 * go, or is old, is `leaving`: it stays LIVE until another has said hello. DRAINING: still read and acked on, until 2 s
 * without an envelope and nothing unacked, at most 10 s; sooner when its place is needed. CLOSING: a close frame was sent;
 * what still arrives is read, but answered elsewhere; dropped after 1 s. One socket is OPENING at a time, and one more than
 * are wanted is held at most. */
#ifndef RB_CHAT_SLACK_SOCKETS_H
#define RB_CHAT_SLACK_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "chat/slack_codec.h"
#include "chat/slack_plan.h"

void rb_slack_sockets_init(rb_slack_sockets *set, const rb_io *io, const rb_random *random, uint32_t wanted);
/* From now on sockets are wanted. */
void rb_slack_sockets_start(rb_slack_sockets *set, rb_now now);
/* Close frames everywhere; nothing is opened any more. */
void rb_slack_sockets_stop(rb_slack_sockets *set, rb_now now);

/* Lets time pass: pings, deadlines, renewals. Call it after every input and at the time it returns (boot_ms). */
int64_t rb_slack_sockets_run(rb_slack_sockets *set, rb_now now);

/* True when an address is to be fetched now; it then counts as asked for until _opened or _refused is called. */
bool rb_slack_sockets_wants_url(rb_slack_sockets *set, rb_now now);
void rb_slack_sockets_opened(rb_slack_sockets *set, const char *url, rb_now now);
/* word: why there is no address. At least wait_ms pass before the next try. */
void rb_slack_sockets_refused(rb_slack_sockets *set, const char *word, int64_t wait_ms, rb_now now);

/* Any frame, ping or pong of a connection: false when it is not ours (any more). */
bool rb_slack_sockets_heard(rb_slack_sockets *set, uint64_t conn, rb_now now);
void rb_slack_sockets_hello(rb_slack_sockets *set, uint64_t conn, const rb_slack_frame *hello, rb_now now);
void rb_slack_sockets_bye(rb_slack_sockets *set, uint64_t conn, const rb_slack_frame *bye, rb_now now);
/* The peer closed, or the upgrade was refused with http_status. */
void rb_slack_sockets_closed(rb_slack_sockets *set, uint64_t conn, int code, int http_status, const char *reason,
                             rb_now now);

/* An envelope arrived that is to be acked; it was acked. */
void rb_slack_sockets_received(rb_slack_sockets *set, uint64_t conn, rb_now now);
void rb_slack_sockets_acked(rb_slack_sockets *set, uint64_t conn);
/* The connection to answer on: the preferred one if it is open, else another; 0 when none is. */
uint64_t rb_slack_sockets_best(const rb_slack_sockets *set, uint64_t preferred);

#endif
