/* slack_sockets.c - see slack_sockets.h. */
#include "chat/slack_sockets.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chat/slack_faults.h"
#include "chat/slack_plan.h"
#include "resetbot/log.h"

#define PROVEN_MS 60000       /* a socket that lived so long ends a row of failures */
#define GONE_COUNTS_MS 120000 /* how long Slack may count a socket that is gone [our guess: no number is documented] */
#define REASON_CAP 256
#define STALL_MS 2500 /* a timer so late means that we did not read, not that the peers are silent */

/* ---- the set ------------------------------------------------------------------------------------------------------- */

void rb_slack_sockets_init(rb_slack_sockets *set, const rb_io *io, const rb_random *random, uint32_t wanted)
{
    memset(set, 0, sizeof *set);
    set->io = io;
    set->random = random;
    set->wanted = wanted;
    set->due_ms = INT64_MAX;
}

static rb_slack_socket *find(rb_slack_sockets *set, uint64_t conn)
{
    for (size_t i = 0; conn != 0 && i < RB_SLACK_SOCKETS_MAX; i++)
        if (set->items[i].state != RB_SLACK_SOCKET_NONE && set->items[i].conn == conn)
            return &set->items[i];
    return NULL;
}

static bool is_good(const rb_slack_socket *socket)
{
    return socket->state == RB_SLACK_SOCKET_LIVE && !socket->is_leaving;
}

static bool is_open(const rb_slack_socket *socket)
{
    return socket->state == RB_SLACK_SOCKET_LIVE || socket->state == RB_SLACK_SOCKET_DRAINING;
}

/* R6: a time without an open socket is measured, logged and told. */
static void note_coverage(rb_slack_sockets *set, rb_now now)
{
    bool is_deaf = set->had_hello && rb_slack_sockets_best(set, 0) == 0;

    if (is_deaf == set->is_deaf)
        return;
    set->is_deaf = is_deaf;
    if (is_deaf) {
        set->deaf_ms = set->read_ms;
        set->gaps++;
        rb_log(RB_LOG_WARN, "event=slack_no_socket");
    } else {
        set->last_gap_ms = now.boot_ms - set->deaf_ms;
        rb_log(RB_LOG_WARN, "event=slack_gap_over gap_ms=%" PRId64, set->last_gap_ms);
    }
}

/* An open socket goes: until when was it surely read? A dead one until its last sign of life, not until we noticed. */
static void note_read(rb_slack_sockets *set, const rb_slack_socket *socket, rb_now now)
{
    int64_t read_ms = now.boot_ms - socket->heard_ms >= RB_SLACK_DEAD_MS ? socket->heard_ms : now.boot_ms;

    if (is_open(socket) && set->read_ms < read_ms)
        set->read_ms = read_ms;
}

static void release(rb_slack_sockets *set, rb_slack_socket *socket, rb_now now)
{
    note_read(set, socket, now);
    set->gone_ms[set->n_gone++ % RB_SLACK_SOCKETS_MAX] = now.boot_ms;
    *socket = (rb_slack_socket){.state = RB_SLACK_SOCKET_NONE};
    note_coverage(set, now);
}

static void enter(rb_slack_sockets *set, rb_slack_socket *socket, rb_slack_socket_state state, rb_now now)
{
    socket->state = state;
    socket->since_ms = now.boot_ms;
    note_coverage(set, now);
}

static void close_socket(rb_slack_sockets *set, rb_slack_socket *socket, int code, rb_now now)
{
    set->io->ws_close(set->io->self, socket->conn, code);
    note_read(set, socket, now);
    enter(set, socket, RB_SLACK_SOCKET_CLOSING, now);
}

/* ---- when to try again --------------------------------------------------------------------------------------------- */

static void back_off(rb_slack_sockets *set, const char *word, int64_t wait_ms, rb_now now)
{
    int64_t pause_ms = rb_slack_plan_pause(set->random, rb_slack_is_lasting(word), set->failures++, wait_ms);

    if (set->ask_at_ms < now.boot_ms + pause_ms)
        set->ask_at_ms = now.boot_ms + pause_ms;
    rb_log(rb_slack_is_lasting(word) ? RB_LOG_ERROR : RB_LOG_WARN,
           "event=slack_connect_failed why=%s failures=%u retry_in_ms=%" PRId64 " advice=\"%s\"", word,
           (unsigned)set->failures, pause_ms, rb_slack_advice(word));
}

void rb_slack_sockets_start(rb_slack_sockets *set, rb_now now)
{
    set->is_started = true;
    set->ask_at_ms = now.boot_ms;
}

static uint32_t count_held(const rb_slack_sockets *set)
{
    return RB_SLACK_SOCKETS_MAX - rb_slack_plan_count(set, RB_SLACK_SOCKET_NONE);
}

static bool may_open(const rb_slack_sockets *set)
{
    return rb_slack_plan_lacks_one(set) && rb_slack_plan_has_room(set);
}

bool rb_slack_sockets_wants_url(rb_slack_sockets *set, rb_now now)
{
    if (!may_open(set) || now.boot_ms < set->ask_at_ms)
        return false;
    set->is_asking = true;
    return true;
}

void rb_slack_sockets_refused(rb_slack_sockets *set, const char *word, int64_t wait_ms, rb_now now)
{
    set->is_asking = false;
    back_off(set, word, wait_ms, now);
}

void rb_slack_sockets_opened(rb_slack_sockets *set, const char *url, rb_now now)
{
    set->is_asking = false;
    for (size_t i = 0; set->is_started && i < RB_SLACK_SOCKETS_MAX; i++) {
        rb_slack_socket *socket = &set->items[i];
        if (socket->state != RB_SLACK_SOCKET_NONE)
            continue;
        *socket = (rb_slack_socket){.conn = ++set->last_conn, .heard_ms = now.boot_ms};
        set->tried_ms[set->n_tried++ % RB_SLACK_TRIES_KEPT] = now.boot_ms;
        enter(set, socket, RB_SLACK_SOCKET_OPENING, now);
        set->io->ws_open(set->io->self, socket->conn, url);
        return;
    }
}

/* ---- what happens to a socket ------------------------------------------------------------------------------------- */

bool rb_slack_sockets_heard(rb_slack_sockets *set, uint64_t conn, rb_now now)
{
    rb_slack_socket *socket = find(set, conn);

    if (!socket)
        return false;
    socket->heard_ms = now.boot_ms;
    return true;
}

/* Slack counts every connection of the app. More than we hold or have just let go: another program, or ghosts. */
static void check_count(rb_slack_sockets *set, uint32_t num_connections, rb_now now)
{
    uint32_t known = count_held(set);

    set->num_connections = num_connections;
    for (size_t i = 0; i < RB_SLACK_SOCKETS_MAX && i < set->n_gone; i++)
        known += now.boot_ms - set->gone_ms[i] < GONE_COUNTS_MS;
    set->extra_connections = num_connections > known ? num_connections - known : 0;
    if (set->extra_connections > 0)
        rb_log(RB_LOG_ERROR, "event=slack_extra_connections slack_counts=%u ours=%u advice=\"%s\"",
               (unsigned)num_connections, (unsigned)known, rb_slack_advice("extra_connections"));
}

static void drain(rb_slack_sockets *set, rb_slack_socket *socket, rb_now now)
{
    rb_log(RB_LOG_INFO, "event=slack_socket_draining conn=%" PRIu64 " unacked=%u", socket->conn,
           (unsigned)socket->unacked);
    enter(set, socket, RB_SLACK_SOCKET_DRAINING, now);
}

static rb_slack_socket *oldest_leaving(rb_slack_sockets *set)
{
    rb_slack_socket *oldest = NULL;

    for (size_t i = 0; i < RB_SLACK_SOCKETS_MAX; i++) {
        rb_slack_socket *socket = &set->items[i];
        if (socket->state == RB_SLACK_SOCKET_LIVE && socket->is_leaving && (!oldest || socket->conn < oldest->conn))
            oldest = socket;
    }
    return oldest;
}

/* Whoever leaves may go as soon as there are enough without them. */
static void let_go(rb_slack_sockets *set, rb_now now)
{
    while (rb_slack_plan_count(set, RB_SLACK_SOCKET_LIVE) > set->wanted && oldest_leaving(set))
        drain(set, oldest_leaving(set), now);
}

void rb_slack_sockets_hello(rb_slack_sockets *set, uint64_t conn, const rb_slack_frame *hello, rb_now now)
{
    rb_slack_socket *socket = find(set, conn);

    if (!socket || socket->state != RB_SLACK_SOCKET_OPENING)
        return;
    socket->hello_ms = now.boot_ms;
    socket->pinged_ms = now.boot_ms;
    socket->renew_ms = rb_slack_plan_renewal(set, hello->life_ms ? hello->life_ms : RB_SLACK_LIFE_MS, now);
    set->had_hello = true;
    set->opened++;
    set->proving = conn;
    enter(set, socket, RB_SLACK_SOCKET_LIVE, now);
    rb_log(RB_LOG_INFO,
           "event=slack_socket_live conn=%" PRIu64 " slack_counts=%u life_ms=%" PRId64 " renew_in_ms=%" PRId64, conn,
           (unsigned)hello->num_connections, hello->life_ms, socket->renew_ms - now.boot_ms);
    check_count(set, hello->num_connections, now);
    let_go(set, now);
    if (set->ask_at_ms <= now.boot_ms)
        set->ask_at_ms = now.boot_ms + rb_random_below(set->random, RB_SLACK_SPREAD_MS);
}

static const char *bye_word(rb_slack_bye bye)
{
    switch (bye) {
    case RB_SLACK_BYE_LINK_DISABLED: return "link_disabled";
    case RB_SLACK_BYE_TOO_MANY: return "too_many_websockets";
    case RB_SLACK_BYE_WARNING:
    case RB_SLACK_BYE_REFRESH:
    case RB_SLACK_BYE_OTHER: break;
    }
    return "sent_away";
}

void rb_slack_sockets_bye(rb_slack_sockets *set, uint64_t conn, const rb_slack_frame *bye, rb_now now)
{
    rb_slack_socket *socket = find(set, conn);
    const char *word = bye_word(bye->bye);
    bool is_planned = !rb_slack_is_lasting(word);

    if (!socket)
        return;
    rb_log(RB_LOG_INFO, "event=slack_disconnect conn=%" PRIu64 " reason=%s", conn, bye->what);
    if (bye->num_connections > 0)
        set->num_connections = bye->num_connections;
    if (socket->state == RB_SLACK_SOCKET_OPENING) {
        back_off(set, word, 0, now);
        close_socket(set, socket, 1000, now);
        return;
    }
    if (socket->state != RB_SLACK_SOCKET_LIVE || (socket->is_leaving && is_planned))
        return;
    if (!is_planned || rb_slack_plan_is_hectic(set, now))
        back_off(set, word, 0, now);
    socket->is_leaving = true;
    let_go(set, now);
    /* one connection too many: it goes at once, unless it is the only one that is read */
    if (bye->bye == RB_SLACK_BYE_TOO_MANY && socket->state == RB_SLACK_SOCKET_LIVE && rb_slack_plan_count_good(set) > 0)
        drain(set, socket, now);
}

/* A socket that was LIVE and is not any more, unasked. One that had not lived long counts as a failure. */
static void note_loss(rb_slack_sockets *set, const rb_slack_socket *socket, const char *word, rb_now now)
{
    if (!socket->is_leaving && now.boot_ms - socket->hello_ms < PROVEN_MS)
        back_off(set, word, 0, now);
}

/* "upgrade_408", or "connect_failed" when no HTTP reply came. */
static void upgrade_word(char out_word[RB_WORD_CAP], int http_status)
{
    if (http_status > 0)
        (void)snprintf(out_word, RB_WORD_CAP, "upgrade_%d", http_status);
    else
        (void)snprintf(out_word, RB_WORD_CAP, "%s", "connect_failed");
}

/* The peer's words, so that they cannot end the quotes of a log line. */
static void copy_reason(char out_said[REASON_CAP], const char *reason)
{
    (void)snprintf(out_said, REASON_CAP, "%s", reason ? reason : "");
    for (char *at = strchr(out_said, '"'); at; at = strchr(at, '"'))
        *at = '\'';
}

void rb_slack_sockets_closed(rb_slack_sockets *set, uint64_t conn, int code, int http_status, const char *reason,
                             rb_now now)
{
    rb_slack_socket *socket = find(set, conn);
    char word[RB_WORD_CAP];
    char said[REASON_CAP];

    if (!socket)
        return;
    copy_reason(said, reason);
    rb_log(socket->state == RB_SLACK_SOCKET_OPENING ? RB_LOG_WARN : RB_LOG_INFO,
           "event=slack_socket_closed conn=%" PRIu64 " code=%d http=%d unacked=%u reason=\"%s\"", conn, code,
           http_status, (unsigned)socket->unacked, said);
    if (socket->state == RB_SLACK_SOCKET_OPENING) {
        upgrade_word(word, http_status);
        back_off(set, word, 0, now);
    }
    if (socket->state == RB_SLACK_SOCKET_LIVE)
        note_loss(set, socket, "closed_early", now);
    release(set, socket, now);
}

void rb_slack_sockets_received(rb_slack_sockets *set, uint64_t conn, rb_now now)
{
    rb_slack_socket *socket = find(set, conn);

    if (!socket)
        return;
    socket->unacked++;
    socket->envelope_ms = now.boot_ms;
}

void rb_slack_sockets_acked(rb_slack_sockets *set, uint64_t conn)
{
    rb_slack_socket *socket = find(set, conn);

    if (socket && socket->unacked > 0)
        socket->unacked--;
}

uint64_t rb_slack_sockets_best(const rb_slack_sockets *set, uint64_t preferred)
{
    const rb_slack_socket *best = NULL;

    for (size_t i = 0; i < RB_SLACK_SOCKETS_MAX; i++) {
        const rb_slack_socket *socket = &set->items[i];
        if (!is_open(socket))
            continue;
        if (socket->conn == preferred)
            return preferred;
        /* the one heard last is the least likely to be dead; one that stays rather than one that goes */
        if (!best || is_good(socket) > is_good(best) ||
            (is_good(socket) == is_good(best) && socket->heard_ms > best->heard_ms))
            best = socket;
    }
    return best ? best->conn : 0;
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void ping(rb_slack_sockets *set, rb_slack_socket *socket, rb_now now)
{
    char payload[32];
    int len = snprintf(payload, sizeof payload, "resetbot %" PRIu64, socket->conn);

    set->io->ws_ping(set->io->self, socket->conn, (rb_str){payload, (size_t)len});
    socket->pinged_ms = now.boot_ms;
}

static void give_up_opening(rb_slack_sockets *set, rb_slack_socket *socket, rb_now now)
{
    set->io->ws_drop(set->io->self, socket->conn);
    back_off(set, "no_hello", 0, now);
    release(set, socket, now);
}

static void give_up_dead(rb_slack_sockets *set, rb_slack_socket *socket, rb_now now)
{
    rb_log(RB_LOG_WARN, "event=slack_socket_dead conn=%" PRIu64 " silent_ms=%" PRId64 " unacked=%u", socket->conn,
           now.boot_ms - socket->heard_ms, (unsigned)socket->unacked);
    if (socket->state == RB_SLACK_SOCKET_LIVE)
        note_loss(set, socket, "dead_early", now);
    close_socket(set, socket, 1001, now); /* should it be half alive, Slack need not keep a ghost */
}

static int64_t run_open(rb_slack_sockets *set, rb_slack_socket *socket, rb_now now)
{
    if (now.boot_ms - socket->heard_ms >= RB_SLACK_DEAD_MS) {
        give_up_dead(set, socket, now);
        return now.boot_ms + RB_SLACK_CLOSE_MS;
    }
    if (now.boot_ms - socket->pinged_ms >= RB_SLACK_PING_MS)
        ping(set, socket, now);
    return earlier(socket->heard_ms + RB_SLACK_DEAD_MS, socket->pinged_ms + RB_SLACK_PING_MS);
}

static int64_t run_live(rb_slack_sockets *set, rb_slack_socket *socket, rb_now now)
{
    if (!socket->is_leaving && now.boot_ms >= socket->renew_ms) {
        rb_log(RB_LOG_INFO, "event=slack_renewal conn=%" PRIu64, socket->conn);
        socket->is_leaving = true;
    }
    int64_t due_ms = run_open(set, socket, now);
    return socket->is_leaving ? due_ms : earlier(due_ms, socket->renew_ms);
}

static int64_t run_draining(rb_slack_sockets *set, rb_slack_socket *socket, rb_now now)
{
    int64_t end_ms = rb_slack_plan_drained(set, socket);

    if (now.boot_ms >= end_ms) {
        close_socket(set, socket, 1000, now);
        return now.boot_ms + RB_SLACK_CLOSE_MS;
    }
    return earlier(run_open(set, socket, now), end_ms);
}

static int64_t run_socket(rb_slack_sockets *set, rb_slack_socket *socket, rb_now now)
{
    int64_t since_ms = socket->since_ms;

    switch (socket->state) {
    case RB_SLACK_SOCKET_NONE: break;
    case RB_SLACK_SOCKET_OPENING:
        if (now.boot_ms - since_ms < RB_SLACK_HELLO_MS)
            return since_ms + RB_SLACK_HELLO_MS;
        give_up_opening(set, socket, now);
        break;
    case RB_SLACK_SOCKET_LIVE: return run_live(set, socket, now);
    case RB_SLACK_SOCKET_DRAINING: return run_draining(set, socket, now);
    case RB_SLACK_SOCKET_CLOSING:
        if (now.boot_ms - since_ms < RB_SLACK_CLOSE_MS)
            return since_ms + RB_SLACK_CLOSE_MS;
        set->io->ws_drop(set->io->self, socket->conn);
        release(set, socket, now);
        break;
    }
    return INT64_MAX;
}

/* A loop that stood still read nothing meanwhile: each peer gets the time for one more answer. */
static void forgive_stall(rb_slack_sockets *set, rb_now now)
{
    int64_t least_ms = now.boot_ms - RB_SLACK_DEAD_MS + STALL_MS;

    if (set->due_ms == INT64_MAX || now.boot_ms - set->due_ms < STALL_MS)
        return;
    rb_log(RB_LOG_WARN, "event=slack_loop_late late_ms=%" PRId64, now.boot_ms - set->due_ms);
    for (size_t i = 0; i < RB_SLACK_SOCKETS_MAX; i++)
        if (set->items[i].heard_ms < least_ms)
            set->items[i].heard_ms = least_ms;
}

static void end_failures(rb_slack_sockets *set, rb_now now)
{
    const rb_slack_socket *youngest = find(set, set->proving);

    if (youngest && is_good(youngest) && now.boot_ms - youngest->hello_ms >= PROVEN_MS)
        set->failures = 0;
}

int64_t rb_slack_sockets_run(rb_slack_sockets *set, rb_now now)
{
    int64_t due_ms = INT64_MAX;

    forgive_stall(set, now);
    end_failures(set, now);
    for (size_t i = 0; i < RB_SLACK_SOCKETS_MAX; i++)
        due_ms = earlier(due_ms, run_socket(set, &set->items[i], now));
    let_go(set, now);
    if (may_open(set)) /* what was due long ago is due now: it is not the loop that is late */
        due_ms = earlier(due_ms, set->ask_at_ms > now.boot_ms ? set->ask_at_ms : now.boot_ms);
    set->due_ms = due_ms;
    return due_ms;
}

void rb_slack_sockets_stop(rb_slack_sockets *set, rb_now now)
{
    set->is_started = false;
    for (size_t i = 0; i < RB_SLACK_SOCKETS_MAX; i++) {
        rb_slack_socket *socket = &set->items[i];
        if (socket->state == RB_SLACK_SOCKET_OPENING) {
            set->io->ws_drop(set->io->self, socket->conn);
            release(set, socket, now);
        } else if (is_open(socket)) {
            close_socket(set, socket, 1000, now);
        }
    }
}
