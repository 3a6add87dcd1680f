/* slack_plan.h - how many sockets are held, when they are opened and replaced: renewals apart from each other, pauses after
 * failures. */
#ifndef RB_CHAT_SLACK_PLAN_H
#define RB_CHAT_SLACK_PLAN_H

#include <stdbool.h>

#include "chat/slack_sockets.h"

/* Sockets that are LIVE and stay. */
uint32_t rb_slack_plan_count_good(const rb_slack_sockets *set);
/* One is to be opened, and none is on its way. */
bool rb_slack_plan_lacks_one(const rb_slack_sockets *set);
/* One more than are wanted is held at most: a replacement beside its predecessor. */
bool rb_slack_plan_has_room(const rb_slack_sockets *set);
/* When a draining socket goes (boot_ms): RB_SLACK_QUIET_MS after its last envelope when nothing is unacked, after
 * RB_SLACK_DRAIN_MS in any case; sooner when a replacement waits for its place. */
int64_t rb_slack_plan_drained(const rb_slack_sockets *set, const rb_slack_socket *socket);

/* The renewal (boot_ms) of a socket that said hello now and is to live about life_ms: at nine tenths of it, or as much
 * earlier as keeps it a fifth of life_ms away from the renewals of all other sockets (issue "Socket Mode"). Where that many
 * do not fit into one life, the distance is halved until they do. */
int64_t rb_slack_plan_renewal(const rb_slack_sockets *set, int64_t life_ms, rb_now now);

#define RB_SLACK_SPREAD_MS 1000 /* between sockets: opened at once they are refused with 409 (domain/slack.md 1.1) */

/* How long to wait after a failure, when `failures` came before it: back-off with full jitter, 1 s doubling to 30 s; for a
 * lasting fault RB_SLACK_SLOW_MS and jitter that doubles to 4 minutes. Never less than wait_ms, which the peer asked for. */
int64_t rb_slack_plan_pause(const rb_random *random, bool is_lasting, uint32_t failures, int64_t wait_ms);

/* Sockets that are sent away are replaced at once, but a peer that sends each new one away must not make us run in circles:
 * more were opened in the last minute than planned renewals explain, and apps.connections.open is rate limited. */
bool rb_slack_plan_is_hectic(const rb_slack_sockets *set, rb_now now);

#endif
