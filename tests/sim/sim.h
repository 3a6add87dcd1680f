/* sim.h - the whole bot and its whole world in one process: engine, core, sessions, codecs and SQLite as in the program; the
 * sandbox's Slack, Entra and Graph as functions; sockets, clock, worker and disk by the files beside this one. No threads, no
 * real time: one seed decides everything that happens, so a run with the same seed is the same run.
 *
 * There is one world a process (the sandbox's parts have no context of their own). Whoever needs many forks. Reading order:
 * sim.h, time.c, chance.c, net.c, net_ws.c, disk.h, bot.c, worker.c, people.c, job.c; the promises: check.c, timely.c,
 * heard.c; then what uses them: deed.c, fault.c, day.c, scenario.c, fork.c, crash.c, power.c, torture.c, same.c, main.c. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "disk.h"
#include "resetbot/clock.h"
#include "resetbot/io.h"
#include "resetbot/random.h"
#include "resetbot/request.h"
#include "resetbot/store_port.h"
#include "spoil.h"

/* Makes the world: workspace, tenant, empty disk; it is 2026-03-02 08:00:00 UTC. */
void sim_begin(uint64_t seed);
void sim_verbose(bool is_on); /* what happens, on stderr */
bool sim_is_verbose(void);
/* One line with the simulated time, when verbose. */
void sim_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- time (time.c) ---------------------------------------------------------------------------------------------------- */

int64_t sim_ms(void); /* true time since sim_begin: the sandbox's clocks go by it */
int64_t sim_utc_ms(void);
void sim_after(int64_t ms, void (*fire)(void *arg), void *arg);
/* Does what is next; false when nothing will ever happen. */
bool sim_step(void);
/* Until so much true time has passed. */
void sim_run(int64_t ms);
/* Of the machine that the bot runs on. */
rb_now sim_bot_now(void);
void sim_bot_wall_jump(int64_t ms); /* its UTC clock is set */
void sim_bot_reboot(void);          /* its boot clock begins anew; the bot must be dead */
uint64_t sim_boot(void);

/* ---- chance (chance.c) ---------------------------------------------------------------------------------------------------- */

/* Streams of their own, so that a further draw in one does not change the others. */
typedef enum { SIM_WORLD, SIM_NET, SIM_BOT, SIM_PLAN, SIM_STREAMS } sim_stream;
void sim_seed(uint64_t seed);
uint64_t sim_draw(sim_stream stream);
int64_t sim_between(sim_stream stream, int64_t least, int64_t most); /* both may come */
bool sim_chance(sim_stream stream, int percent);

/* ---- seams: where the process may die (bot.c) -------------------------------------------------------------------------------- */

typedef enum { SIM_BEFORE, SIM_HALF, SIM_AFTER } sim_phase;

/* Called at each call of the bot to the outside, e.g. "http POST /api/chat.postMessage", "disk write resetbot.db-wal", "store
 * commit", "event ws frame". It may call sim_die. */
typedef void (*sim_watcher)(void *self, const char *what, sim_phase phase);
void sim_watch(sim_watcher watcher, void *self);
void sim_seam(sim_phase phase, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The bot's process is no more, now: does not return. Only from inside a watcher. */
_Noreturn void sim_die(void);

/* ---- the bot's life (bot.c) -------------------------------------------------------------------------------------------------- */

/* Starts it on what the disk holds. false: it refused to start, and said why on stderr (verbose). */
bool sim_bot_start(void);
bool sim_bot_is_up(void);
void sim_bot_kill(void);               /* kill -9, between two of its events */
void sim_bot_stop(void);               /* SIGTERM: begins; it is down when all is quiet */
void sim_bot_policy(const char *yaml); /* the file changes, SIGHUP; at the next start it is read too */
const char *sim_policy_text(void);
/* Dead, it is started again after so many ms (as systemd would); below 0: it stays dead. 2,000. */
void sim_bot_restart_after(int64_t ms);
unsigned sim_bot_starts(void);
/* Calls fn(arg) inside the process's life: death in it is noticed. false: it died, or is dead. */
bool sim_in_bot(void (*fn)(void *arg), void *arg);
bool sim_is_inside(void);      /* the bot's own code is running */
unsigned sim_generation(void); /* of the process: what was for an older one is dropped */
/* A store of our own on the same disk, for looking. */
void sim_query(rb_query *query);
/* In the same way: the first entry of the record that does not follow from those before it (A2). 0: none. */
uint64_t sim_first_bad_record(void);

/* ---- the network (net.c) ---------------------------------------------------------------------------------------------------- */

typedef enum { SIM_SLACK, SIM_ENTRA, SIM_GRAPH, SIM_PEERS } sim_peer;
typedef enum {
    SIM_UP,
    SIM_REFUSED, /* no connection: never left */
    SIM_NO_NAME, /* its name is looked up without end: never left, after the whole timeout */
    SIM_BAD_TLS, /* RB_E_AUTH: never left */
    SIM_SILENT,  /* connected, nothing comes back: may have left */
    SIM_WEATHERS
} sim_weather;
extern const char *const SIM_PEER_WORDS[SIM_PEERS];
extern const char *const SIM_WEATHER_WORDS[SIM_WEATHERS];
void sim_net_weather(sim_peer peer, sim_weather weather);
/* The next exchange whose "METHOD path" holds `part`: its request, or its reply, is lost; or it is late by ms. */
typedef enum { SIM_LOSE_REQUEST, SIM_LOSE_REPLY, SIM_LATE } sim_loss;
void sim_net_lose(sim_loss loss, const char *part, int64_t ms);
/* The next n envelopes to the bot: dropped; sent twice; late by ms; in parts, with up to ms from the first to the last, so that
 * other things happen in between; so, and the connection ends before the last part; overtaken by the connection's next message, or
 * held back for ms when none comes. */
typedef enum {
    SIM_FRAME_DROP,
    SIM_FRAME_TWICE,
    SIM_FRAME_LATE,
    SIM_FRAME_SPLIT,
    SIM_FRAME_CUT,
    SIM_FRAME_SWAP
} sim_frame_fault;
void sim_net_frames(sim_frame_fault fault, int n, int64_t ms);
/* The next n exchanges end so (io.h names what a session may be told). */
typedef enum {
    SIM_NET_REFUSED,
    SIM_NET_NO_NAME,  /* never left, after the whole timeout */
    SIM_NET_NO_ROOM,  /* RB_E_NOMEM: never left */
    SIM_NET_BAD_TLS,  /* RB_E_AUTH: never left */
    SIM_NET_UNSENT,   /* broken off before the peer had read it */
    SIM_NET_BROKEN,   /* broken off when the peer had done it */
    SIM_NET_SILENT,   /* no answer in time, and nothing done */
    SIM_NET_LOST,     /* no answer in time, and done */
    SIM_NET_TOO_LONG, /* RB_E_LIMIT: done */
    SIM_NET_SPOILED,  /* done, and the reply spoiled (spoil.h): this and SPOIL_CUT - 1, and so on to the last */
    SIM_NET_FAULTS = SIM_NET_SPOILED + SPOILS - 1
} sim_net_fault;
void sim_net_fail(sim_net_fault fault, int n);
/* The next n calls of the bot on its websockets are not carried out: its connection is at an end, or hangs from then on. */
typedef enum { SIM_WS_BROKEN, SIM_WS_HANGS, SIM_WS_FAULTS } sim_ws_fault;
void sim_net_ws_fail(sim_ws_fault fault, int n);
void sim_net_heal(void);
void sim_net_bot_died(void);
rb_io sim_net_slack(void);
rb_io sim_net_graph(void);
/* What the sessions are fed by. */
void sim_bot_http(bool is_slack, uint64_t tag, const rb_http_reply *reply);
void sim_bot_ws_up(uint64_t conn);
void sim_bot_ws_frame(uint64_t conn, rb_str text);
/* The next n frames to the bot come spoiled. */
void sim_bot_spoil_frames(spoil how, int n);
void sim_bot_ws_pong(uint64_t conn);
void sim_bot_ws_closed(uint64_t conn, int code, int http_status);
void sim_bot_timer(bool is_slack, int64_t boot_ms);

/* ---- people (people.c) ------------------------------------------------------------------------------------------------------- */

/* A control verb of the sandbox with JSON (tests/sandbox/README.md); aborts when it is refused. */
void sim_verb(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

typedef struct {
    char user[16], channel[16], ts[24], view[16];
    char action[80], block[80];
    char value[256];
    char request[RB_REQUEST_ID_CAP];
} sim_button;

/* The newest button of that kind (bind.h: 's' send, 'a' approve ...) which that person sees; request "": any. */
bool sim_sees_button(const char *user, char kind, const char *request, sim_button *out);
/* The same in the form that is open. */
bool sim_sees_form(const char *user, const char *callback_start, char out_view[16]);
/* Whether that person sees a message that holds the text. */
bool sim_sees(const char *user, const char *text);
/* What people do: the act's id, for sim_act_state. 0: their client would not. */
int sim_types(const char *user, const char *channel, const char *text);
int sim_presses(const sim_button *button);
int sim_chooses(const sim_button *message, const char *action, const char *value);
int sim_submits(const char *user, const char *view, const char *values_json);
/* Types into the first field of the form of `reset`, and presses Enter. */
int sim_looks_up(const char *user, const char *view, const char *target);
/* Does the form offer that device? Then in which block. */
bool sim_form_offers(const char *view, const char *device, char out_block[64]);
typedef enum { SIM_ACT_SENT, SIM_ACT_ACKED, SIM_ACT_FAILED } sim_act_state;
sim_act_state sim_act(int id);

/* ---- one reset that people want (job.c) ---------------------------------------------------------------------------------------- */

typedef enum { WANT_APPROVAL, WANT_DENIAL, WANT_CANCEL, WANT_LATE_CANCEL, WANT_NO_DRAFT, WANT_NOTHING } sim_want;

typedef struct {
    const char *requester;    /* U0HANNA */
    const char *approvers[3]; /* who presses, in this order */
    const char *text;         /* what is typed after the command */
    const char *device;       /* the sandbox's device id; picked from the list when the text names a person */
    bool by_form;             /* through the form of `reset` alone */
    bool by_look_up;          /* ... where the device is looked up and chosen */
    bool has_code;            /* Android: the code is opened at the end */
    sim_want want;
    bool both_press_at_once; /* two approvers, or one twice, in the same moment */
    const char *taker;       /* a colleague who goes on with it; NULL: nobody */
    rb_state taken_in;       /* as soon as it is in that state */
    const char *let_by;      /* who lets them: the requester, or an approver */
    bool asks_again;         /* presses Ask again after EXPIRED or LAPSED, once */
    int64_t decide_after_ms; /* thinking time of the approvers */
    int64_t lazy_ms;         /* between looks */
} sim_wish;

typedef struct sim_job sim_job;
/* Begins now; people look every lazy_ms (2 s), do what there is to do, and do it again when it had no effect. */
sim_job *sim_job_new(const sim_wish *wish);
/* "" before it has one. */
const char *sim_job_request(const sim_job *job);
rb_state sim_job_state(const sim_job *job);    /* as committed; DRAFT while there is none */
bool sim_job_is_over(const sim_job *job);      /* final, or refused, or people gave up */
const char *sim_job_story(const sim_job *job); /* what was done, for a failure's report */

/* ---- promises (check.c) ---------------------------------------------------------------------------------------------------------- */

/* The bot's commits and posts, as they happen; everything is compared with what people did and what Intune did. */
void sim_check_begin(void);
void sim_check_committed(const rb_change *change);
void sim_check_restarted(void);
void sim_check_journal(const char *kind, json_object *fields);
void sim_check_post_leaves(const char *device, const char *client_request_id);
void sim_check_pressed(const char *user, char kind, const char *request); /* somebody pressed a button that they saw */
/* Every request that the store ever had, by id; NULL when unknown. */
const rb_request *sim_check_request(const char *id);
const rb_request *sim_check_nth(size_t n);
/* R5: the card of each request that is over says so now. */
void sim_check_settled(void);
/* At rest, with everything healed: everything ended, the channel tells it, nothing is left over. */
void sim_check_end(void);
/* The first broken promise, "R2: ..."; NULL while all are kept. */
const char *sim_check_broken(void);
void sim_check_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Something that a fault brings about did happen, as "frame split", "fault graph.reset.429", "reset d0000001-...": whoever planned
 * such a fault learns that it hit (fault.c). */
void sim_happened(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What was seen, summed up over a run. */
typedef struct {
    uint64_t requests, ended[RB_STATES], posts, acted, taken, refreshes, deaths, faults, envelopes, unacked,
        undeliverable;
    uint64_t asked; /* commands and clicks that did nothing by themselves, and were answered (R1, U2) */
    uint64_t cards; /* changes of a card that were seen in time (R5) */
    uint64_t transitions[RB_STATES][RB_STATES];
} sim_counts;
sim_counts *sim_counted(void);

#endif
