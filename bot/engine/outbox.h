/* outbox.h - rows on their way to the chat platform: what the files outbox*.c share. */
#ifndef RESETBOT_ENGINE_OUTBOX_H
#define RESETBOT_ENGINE_OUTBOX_H

#include "engine/internal.h"

typedef enum {
    ROW_IDLE,
    ROW_MARKING, /* the time of the attempt is being saved, so that a restart knows to read back */
    ROW_BUSY,    /* a call is under way */
    ROW_ENDING   /* its deletion is being committed */
} row_state;

typedef struct row {
    rb_out *out; /* owned */
    row_state state;
    bool is_reserved; /* CARD: a newer payload is being committed under this id */
    bool is_marked;   /* attempted_utc_ms is on disk */
    bool must_find;   /* a post may have taken effect: read back before posting again */
    bool is_posted;   /* posted again after an unclear post: only the look for a duplicate is left */
    bool is_finding;
    uint32_t n_finds_refused;
    bool must_probe; /* DIRECT, ANSWER after an unclear one: repeated only once the platform answers again */
    bool is_probing;
    bool is_problem_told;
    char plain_error
        [RB_WORD_CAP]; /* CARD: why its payload is text alone, until that is told; "" when there is nothing to tell */
    bool is_looking;   /* CARD: its channel is being read before it is posted there */
    int64_t looked_boot_ms; /* when that channel was found fit; 0: not by this process */
    bool is_editing; /* the call under way is an edit and holds engine->is_editing, else it may hold a posting lane */
    bool is_away;    /* waits because the platform could not be reached */
    uint32_t n_away; /* so often, one after the other */
    int64_t added_boot_ms;
    char posted_ts[RB_CHAT_TS_CAP];
    int64_t not_before_boot_ms;
    uint32_t n_unclear;
    uint32_t road; /* ANSWER: 0 response_url, 1 in the channel, 2 direct */
    rb_engine *engine;
    struct row *next;
} row;

typedef struct lane {
    char channel[RB_CHAT_ID_CAP];
    bool is_posting;
    int64_t post_boot_ms; /* not before */
    struct lane *next;
} lane;

/* ---- for all (outbox.c) --------------------------------------------------------------------------------------------- */

lane *outbox_lane(rb_engine *engine, const char *channel);
/* Where the request's card is; "" while it is nowhere. */
const char *outbox_card_of(rb_engine *engine, const char *request);
bool outbox_is_channel_post(const row *item);
/* Commits the row's deletion, with a record when record_kind is not NULL. */
void outbox_end_row(row *item, const char *record_kind, const char *text);
/* Ends the row together with an event of its request. */
void outbox_end_with_event(row *item, rb_event_kind kind, const char *channel, const char *ts, rb_owner_told told);
void outbox_again_at(row *item, int64_t boot_ms);
/* Calls chat with the row's payload; the answer comes to outbox_channel_result or outbox_private_result. */
void outbox_call(row *item, rb_chat_call request);
/* A message of ours that stands twice: a row that deletes it, and a record. */
void outbox_delete_duplicate(rb_engine *engine, const char *request, const char *channel, const char *ts);

/* ---- trouble (outbox_trouble.c) --------------------------------------------------------------------------------------- */

/* The installation is refused, not this message. */
bool outbox_is_about_app(const char *error);
/* The platform could not be reached: again later, with growing gaps. */
void outbox_away(row *item, int64_t retry_after_ms);
/* LATER: the platform is away, or asked for a pause. */
void outbox_later(row *item, const rb_chat_result *result);
/* Was the message refused for its form? Then it goes out again as text alone, and true is given back. */
bool outbox_goes_plain(row *item, const rb_chat_result *result);
/* Its card stands now: when it does so as text alone, that is told, once. */
void outbox_plain_stands(row *item);

/* ---- cards and lines (outbox_channel.c) ------------------------------------------------------------------------------- */

/* Sends it when its lane is free; returns when to look again. */
int64_t outbox_channel_send(row *item, rb_now now);
/* Edits a message, one at a time in the whole workspace and with a gap, as chat.update wants it; returns when to look again. */
int64_t outbox_edit(row *item, const char *channel, const char *ts, rb_now now);
/* The answer to an edit is there. */
void outbox_edited(row *item, const rb_chat_result *result, rb_now now);
/* May a try have taken effect, so that it must be looked for where it was made? */
bool outbox_may_be_there(const row *item);
void outbox_channel_result(row *item, const rb_chat_result *result, rb_now now);
/* Read from the store at start: what its marks say of the last process. */
void outbox_channel_loaded(row *item, rb_now now);

/* ---- what one person sees, and deletions (outbox_private.c) ------------------------------------------------------------ */

/* Is it an edit of a direct message? Those wait until no card has to be edited (R5). */
bool outbox_is_private_edit(const row *item);
/* Returns when to look again. */
int64_t outbox_private_send(row *item, rb_now now);
void outbox_private_result(row *item, const rb_chat_result *result, rb_now now);

#endif
