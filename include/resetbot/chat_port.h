/* chat_port.h - the chat platform as a port: deliveries in; acks and calls out. */
#ifndef RESETBOT_CHAT_PORT_H
#define RESETBOT_CHAT_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/clock.h"
#include "resetbot/delivery.h"
#include "resetbot/limits.h"
#include "resetbot/message.h"
#include "resetbot/person.h"
#include "resetbot/str.h"

/* ---- acks ---------------------------------------------------------------------------------------------------- */

typedef enum {
    RB_ACK_PLAIN,     /* nothing to show; a form closes */
    RB_ACK_TEXT,      /* COMMAND: shown privately to the typist */
    RB_ACK_FORM_ERROR /* FORM stays open: text at field (its name) */
} rb_ack_kind;

typedef struct {
    rb_ack_kind kind;
    const char *text;
    const char *field;
} rb_ack;

/* ---- calls --------------------------------------------------------------------------------------------------- */

typedef enum {
    RB_CHAT_POST,        /* channel, thread_ts or "", payload -> ts, channel */
    RB_CHAT_UPDATE,      /* channel, ts, payload */
    RB_CHAT_DELETE,      /* channel, ts */
    RB_CHAT_PRIVATE,     /* channel, user, payload: only that user sees it */
    RB_CHAT_RESPOND,     /* url, payload; is_replacing: the message it answers is replaced */
    RB_CHAT_DIRECT,      /* user, payload -> channel, ts */
    RB_CHAT_FIND,        /* channel, thread_ts or "", since_utc_ms, marker -> found (ours that bear the marker) */
    RB_CHAT_PERSON,      /* user -> actor's chat half */
    RB_CHAT_BY_EMAIL,    /* text: e-mail -> actor's chat half (person.user "" when nobody) */
    RB_CHAT_GROUP,       /* group -> members */
    RB_CHAT_CHANNEL,     /* channel -> channel_info */
    RB_CHAT_MEMBERS,     /* channel -> members */
    RB_CHAT_DM_CHANNEL,  /* user -> channel: the bot's direct message with that user */
    RB_CHAT_FORM_OPEN,   /* trigger_id, payload (a form) -> view_id */
    RB_CHAT_FORM_UPDATE, /* view_id, payload (a form); is_secret: buffers wiped */
    RB_CHAT_HOME,        /* user, payload (a Home tab): that user's Home tab, in the place of the one before */
    RB_CHAT_PERMALINK    /* channel, ts -> url */
} rb_chat_call_kind;

/* Strings are borrowed for the call. NULL counts as "". */
typedef struct {
    rb_chat_call_kind kind;
    const char *channel;
    const char *user;
    const char *thread_ts;
    const char *ts;
    const char *url;
    const char *trigger_id;
    const char *view_id;
    const char *group;
    const char *text;
    rb_str payload; /* as render made it */
    int64_t since_utc_ms;
    const char *marker_request;
    uint32_t marker_seq;
    bool is_replacing;
    bool is_secret;
} rb_chat_call;

typedef enum {
    RB_CHAT_OK,
    RB_CHAT_LATER,   /* did not happen; try again after retry_after_ms (rate limit, unreachable before sending) */
    RB_CHAT_REFUSED, /* did not happen and will not: error names why */
    RB_CHAT_UNCLEAR  /* may have happened */
} rb_chat_outcome;

typedef struct {
    bool exists;
    bool is_archived;
    bool is_shared_outside; /* shared with another organisation, or pending */
    bool is_bot_member;
} rb_channel_info;

typedef struct {
    rb_chat_outcome outcome;
    int64_t retry_after_ms;
    char error[RB_WORD_CAP]; /* the platform's word, e.g. "channel_not_found" */
    char channel[RB_CHAT_ID_CAP];
    char ts[RB_CHAT_TS_CAP];
    char view_id[RB_CHAT_ID_CAP];
    char url[RB_CHAT_URL_CAP];
    rb_actor person; /* PERSON, BY_EMAIL: exists, flags, name, email, person, locale if told; roles and entra unset */
    rb_channel_info info;
    /* GROUP, MEMBERS: user ids; FIND: ts values. Borrowed for the call. */
    char (*items)[RB_CHAT_ID_CAP];
    size_t n_items;
} rb_chat_result;

typedef struct {
    void *self;
    /* Acknowledges a delivery, on its connection or any other that is open. */
    void (*ack)(void *self, const rb_delivery *delivery, const rb_ack *ack);
    /* Always answered, later, by on_result with the tag. */
    void (*call)(void *self, uint64_t tag, const rb_chat_call *call);
    /* Pure: message -> the platform's payload. RB_E_LIMIT when it breaks the platform's limits. */
    rb_err (*render)(void *self, const rb_message *message, rb_buf *out);
    /* Pure: a rendered message as text alone, for a platform that refuses its form. RB_E_REFUSED: it is that already. */
    rb_err (*plain)(void *self, rb_str payload, rb_buf *out);
} rb_chat_port;

/* What the chat adapter tells the engine. */
typedef struct {
    void *self;
    void (*on_delivery)(void *self, const rb_delivery *delivery);
    void (*on_result)(void *self, uint64_t tag, const rb_chat_result *result);
    /* The workspace's own ids, once known (auth.test). */
    void (*on_ready)(void *self, const char *team, const char *bot_user);
    /* A time in which nothing could come in is over (R6). NULL: nobody wants to know. */
    void (*on_gap)(void *self, int64_t gap_ms);
} rb_chat_events;

#endif
