/* message.h - what a person sees, free of any chat platform: blocks of runs, buttons, choices and inputs.
 *
 * Built by wording and commands into the caller's memory, rendered by the chat adapter (rb_chat_port.render). Text runs
 * are inert: the adapter must make sure that they cannot mention, link or format (S7). The plain text of a message is
 * derived from its blocks by the adapter, so that it holds every fact of them (U3). */
#ifndef RESETBOT_MESSAGE_H
#define RESETBOT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/clock.h"
#include "resetbot/err.h"
#include "resetbot/limits.h"
#include "resetbot/str.h"

#define RB_MESSAGE_POOL (24 * 1024)
#define RB_MESSAGE_RUNS_MAX 512
#define RB_MESSAGE_CONTROLS_MAX 64
#define RB_MESSAGE_OPTIONS_MAX 64

typedef enum {
    RB_RUN_TEXT,
    RB_RUN_BOLD,
    RB_RUN_CODE,
    RB_RUN_USER,    /* text is a user id: a real mention that pings */
    RB_RUN_GROUP,   /* text is a user group id: pings */
    RB_RUN_CHANNEL, /* text is a channel id */
    RB_RUN_LINK,    /* text is the label, extra the URL (ours only) */
    RB_RUN_TIME     /* a moment, shown in each reader's own time zone; text has it in UTC */
} rb_run_kind;

/* How much of a moment is said. */
typedef enum {
    RB_TIME_SECOND, /* "2026-03-02 14:02:10 UTC" */
    RB_TIME_MINUTE, /* "2026-03-02 14:02 UTC" */
    RB_TIME_DAY     /* "2026-03-02 UTC" */
} rb_time_form;

typedef struct {
    rb_run_kind kind;
    uint32_t text; /* offsets into the pool, NUL-terminated there */
    uint32_t extra;
    int64_t utc_ms; /* TIME */
    rb_time_form form;
} rb_run;

typedef enum {
    RB_BLOCK_TEXT,    /* a paragraph of runs */
    RB_BLOCK_SMALL,   /* the same, less prominent */
    RB_BLOCK_COPY,    /* text runs to be copied as they stand: a frame of its own, spaces and line breaks kept */
    RB_BLOCK_RULE,    /* a divider */
    RB_BLOCK_BUTTONS, /* controls: buttons in a row */
    RB_BLOCK_CHOICE,  /* one control with options: pick exactly one; its label is said before it */
    RB_BLOCK_INPUT    /* one control: typed text; forms only */
} rb_block_kind;

typedef struct {
    rb_block_kind kind;
    uint32_t first, n; /* runs, or controls */
} rb_block;

typedef enum { RB_BUTTON_PLAIN, RB_BUTTON_PRIMARY, RB_BUTTON_DANGER } rb_button_style;

typedef struct {
    uint32_t id;    /* action id; pool offsets throughout, 0 is "" */
    uint32_t block; /* input and choice: id of the block where that is another one; 0: the same */
    uint32_t label;
    uint32_t value; /* button value; input: initial text; choice: value of the chosen option */
    rb_button_style style;
    uint32_t confirm_title; /* 0: no confirm dialog */
    uint32_t confirm_text;
    uint32_t confirm_yes;
    uint32_t confirm_no;
    uint32_t hint; /* input and choice: placeholder */
    uint32_t first_option, n_options;
    uint32_t max_chars; /* input */
    bool is_multiline;
    bool is_optional;
    bool is_told_at_once; /* in a form: a choice, or Enter in a text, comes as a click of its own */
} rb_control;

typedef struct {
    uint32_t value;
    uint32_t label;
} rb_option;

typedef struct {
    rb_block blocks[RB_HOME_BLOCKS_MAX];
    uint32_t n_blocks;
    rb_run runs[RB_MESSAGE_RUNS_MAX];
    uint32_t n_runs;
    rb_control controls[RB_MESSAGE_CONTROLS_MAX];
    uint32_t n_controls;
    rb_option options[RB_MESSAGE_OPTIONS_MAX];
    uint32_t n_options;
    bool is_home; /* a Home tab */
    /* forms only (pool offsets, 0 unset) */
    uint32_t title, submit, close, callback, private_data;
    /* where a channel message belongs: goes into its metadata. "" and 0: none */
    char marker_request[RB_REQUEST_ID_CAP];
    uint32_t marker_seq;
    bool is_full; /* something did not fit: the adapter refuses to render it */
    uint32_t pool_len;
    char pool[RB_MESSAGE_POOL];
} rb_message;

/* Call first. About 50 kB: put it on the heap. */
void rb_message_init(rb_message *message);

/* Each starts a block; runs are then added to the latest block. */
void rb_message_para(rb_message *message);
void rb_message_small(rb_message *message);
void rb_message_copy(rb_message *message);
void rb_message_rule(rb_message *message);
void rb_message_text(rb_message *message, const char *text);
void rb_message_bold(rb_message *message, const char *text);
void rb_message_code(rb_message *message, const char *text);
void rb_message_user(rb_message *message, const char *user);
void rb_message_group(rb_message *message, const char *group);
void rb_message_channel(rb_message *message, const char *channel);
void rb_message_link(rb_message *message, const char *url, const char *label);
/* In blocks each reader's own time zone, in plain text UTC. */
void rb_message_time(rb_message *message, int64_t utc_ms, rb_time_form form);
/* The plain text of a time. */
void rb_message_time_text(int64_t utc_ms, rb_time_form form, char out_text[RB_TIME_CAP]);
/* A paragraph of one text run. */
void rb_message_say(rb_message *message, const char *text);

/* Adds a button to the present row, or starts one. The pointer (valid until the next call) is for confirm. */
rb_control *rb_message_button(rb_message *message, const char *id, const char *label, const char *value,
                              rb_button_style style);
void rb_message_confirm(rb_message *message, rb_control *button, const char *title, const char *text, const char *yes,
                        const char *no);
/* A choice; then its options; chosen: value of the option chosen at first, NULL for none. The pointer (valid until the next
 * call) is for is_optional, is_told_at_once and rb_message_block; an input's too. */
rb_control *rb_message_choice(rb_message *message, const char *id, const char *label, const char *hint,
                              const char *chosen);
void rb_message_option(rb_message *message, const char *value, const char *label);
rb_control *rb_message_input(rb_message *message, const char *id, const char *label, const char *hint,
                             const char *initial, uint32_t max_chars, bool is_multiline, bool is_optional);
/* A block of its own name. A form that is brought up to date keeps what was entered where the block stays, and takes a new
 * initial value or new options only where it does not. */
void rb_message_block(rb_message *message, rb_control *control, const char *block);
/* The texts of another message behind what there is; its buttons, choices and inputs stay behind. */
void rb_message_append(rb_message *message, const rb_message *other);
/* Makes it a form. submit NULL: nothing to submit. */
void rb_message_form(rb_message *message, const char *callback, const char *title, const char *submit,
                     const char *close, const char *private_data);

/* Makes it a Home tab: call it before the first block. */
void rb_message_home(rb_message *message);

/* The text at a pool offset. */
const char *rb_message_at(const rb_message *message, uint32_t offset);

#endif
