/* walk.h - the whole reachable state space of a request: every event, person, answer and moment, breadth first until nothing
 * new is found; and all interleavings of a few events with two approvers and one crash.
 *
 * Two rows that differ only in what no step looks at are one abstract state (key.c). After each step the promises are checked
 * (promises.c); each broken one is kept with the way that led to it. Reading order: people.c, cases.c, moments.c, key.c,
 * promises.c, ends.c, walk.c, interleave.c, table.c, page.c. */
#ifndef TESTS_WALK_WALK_H
#define TESTS_WALK_WALK_H

#include "resetbot/request.h"
#include "resetbot/str.h"

#define WALK_UTC INT64_C(1772460000000) /* 2026-03-02 14:00:00 UTC */
#define WALK_BOOT_MS (5 * RB_HOUR_MS)
#define WALK_EXPIRY_MS (30 * RB_MINUTE_MS)
#define WALK_SET(field, text) rb_copy_fit((field), sizeof(field), (text))

/* ---- people and devices (people.c) -------------------------------------------------------------------------------- */

typedef enum {
    WHO_REQUESTER,
    WHO_REQUESTER_AGAIN, /* another account with the same Entra id, written in capitals */
    WHO_APPROVER_1,
    WHO_APPROVER_1_AGAIN,
    WHO_APPROVER_2,
    WHO_OWNER,
    WHO_COLLEAGUE, /* of the helpdesk, who takes it over */
    WHO_NOBODY,    /* no Entra id is known */
    WHO_STRANGER,  /* has no role: the policy lets nothing through */
    WHO_ENGINE,    /* no person: the clock, Intune, the chat platform */
    WHO_MAX
} walk_who;

extern const char *const walk_who_words[WHO_MAX];
rb_actor walk_person(walk_who who);
const rb_policy *walk_policy(void);

typedef enum {
    PHONE_NONE,
    PHONE_APPLE,
    PHONE_WORK,
    PHONE_OWN,
    PHONE_NO,
    PHONE_MAX
} walk_phone; /* OWN: the requester's */
void walk_device(walk_phone phone, rb_device *out_device, rb_support *out_support);

/* ---- where the walk is -------------------------------------------------------------------------------------------- */

/* What happened so far and no row tells: the promises are judged by it. */
typedef struct {
    bool may_have_acted; /* a POST was handed out, and nobody said that it did not act */
    uint8_t n_posts;
    uint8_t wanted; /* approvals that the policy asked for while it was PENDING */
    rb_instant approved;
} walk_past;

typedef struct {
    rb_request request;
    rb_now now;
    uint64_t boot;
    walk_past past;
} walk_place;

void walk_start_draft(walk_phone phone, walk_who requester, uint32_t n_lines, walk_place *out_place);

/* ---- events (cases.c) --------------------------------------------------------------------------------------------- */

/* One event that may come in any state, in words. */
typedef struct {
    rb_event_kind kind;
    walk_who who;
    int variant;       /* which of the kind's own cases */
    const char *words; /* "204 accepted"; NULL: the person's words */
} walk_case;

extern const walk_case walk_cases[];
extern const size_t walk_n_cases;
const char *walk_case_words(const walk_case *one);
const char *walk_event_words(rb_event_kind kind);

/* The event and all that it points to. Valid until filled again. */
typedef struct {
    rb_event event;
    rb_actor actor, other;
    rb_device device;
    rb_support support;
    rb_action_results results;
} walk_event;

/* False: nobody hands this event to the core in this state (the policy refuses the person: checked). */
bool walk_fill(const walk_case *one, const walk_place *place, walk_event *out_event);
/* The case of that kind and variant. */
const walk_case *walk_find(rb_event_kind kind, walk_who who, int variant);

/* variants of RESULTS */
enum {
    SEEN_NO_DATE,
    SEEN_NOTHING,
    SEEN_EARLIER,
    SEEN_STATE /* + rb_action_state */,
    SEEN_DONE_CODE = SEEN_STATE + 8,
    SEEN_PENDING_CODE,
    SEEN_UNDATED,
    SEEN_UNDATED_DONE,
    SEEN_TWO,
    SEEN_OTHER_START,
    SEEN_OTHER_TYPE
};
/* variants of PREPARED */
enum {
    FOUND_NO_DATE,
    FOUND_SAME,
    FOUND_SAME_OLD_RESET,
    FOUND_OTHER_USER,
    FOUND_OTHER_OWNER,
    FOUND_NOT_SUPPORTED,
    FOUND_OTHER_SCOPE,
    FOUND_PENDING,
    FOUND_ACTIVE,
    FOUND_RESET_SINCE
};

/* ---- moments (moments.c) ------------------------------------------------------------------------------------------ */

typedef enum {
    MOMENT_DEADLINE, /* of DRAFT and PENDING */
    MOMENT_HALF,
    MOMENT_WINDOW, /* to send */
    MOMENT_RETRY,
    MOMENT_NO_TRACE,
    MOMENT_DAY,
    MOMENT_WEEK,
    MOMENT_UNOPENED,
    MOMENT_SHOWING, /* 30 minutes after the first showing */
    MOMENT_WATCH,   /* 7 days after the end */
    MOMENT_MAX
} walk_moment_id;

typedef struct {
    walk_moment_id id;
    bool is_boot; /* which clock */
    int64_t at_ms;
    int64_t or_boot_ms; /* at the latest then on the boot clock; INT64_MAX: never by it */
} walk_moment;

#define WALK_MOMENTS_MAX 12
size_t walk_moments(const rb_request *request, uint64_t boot, walk_moment out_moments[WALK_MOMENTS_MAX]);
int64_t walk_until(const walk_moment *moment, rb_now now);

/* ---- abstract states (key.c) -------------------------------------------------------------------------------------- */

typedef struct {
    uint8_t bytes[64];
} walk_key;

walk_key walk_key_of(const walk_place *place);

/* ---- promises (promises.c, ends.c) -------------------------------------------------------------------------------- */

typedef struct {
    const walk_place *before; /* with the moment of the step */
    const rb_event *event;
    const walk_case *one;
    rb_step_result result;
    const rb_effects *effects;
    const walk_place *after; /* with what is past after it */
} walk_step;

/* Brings what is past up to date: place->request is as after the step. */
void walk_remember(walk_place *place, const rb_request *before, const rb_event *event, const rb_effects *effects);
/* NULL: all kept; else the promise that this step broke. */
const char *walk_broken(const walk_step *step);
/* R4 and the timer, in this state: NULL or what is wrong. */
const char *walk_endless(const walk_place *place);

/* ---- the table (table.c) ------------------------------------------------------------------------------------------ */

/* Facts about the row before a step; a row of the table says which of them it depends on. */
typedef struct {
    rb_state from, to;
    rb_event_kind kind;
    const char *words; /* of the case: "204 accepted" */
    rb_note note;      /* RB_NOTES: nothing is recorded */
    rb_step_result result;
    uint32_t always, ever; /* facts true in all, in some of its transitions */
    uint32_t n;
} walk_row;

#define WALK_ROWS_MAX 4096
typedef struct {
    walk_row rows[WALK_ROWS_MAX];
    uint16_t slots[WALK_ROWS_MAX]; /* row + 1 by its hash */
    size_t n;
} walk_table;

void walk_table_add(walk_table *table, const walk_step *step);

/* ---- the walk ----------------------------------------------------------------------------------------------------- */

typedef struct {
    size_t n_states, n_transitions, n_interleavings, n_wandered;
    size_t n_broken;
    char broken[4096]; /* the first of them, each with the way to it */
    walk_table table;
} walk;

walk *walk_new(void);
void walk_free(walk *all);
void walk_note_broken(walk *all, const char *promise, const char *way);
/* Breadth first from every draft until no new abstract state is found. */
void walk_everything(walk *all);
/* Every sequence of up to `depth` events from each interesting start, with at most one crash. */
void walk_interleave(walk *all, int depth);

/* ---- print (page.c) ----------------------------------------------------------------------------------------------- */

typedef enum { WALK_TEXT, WALK_MARKDOWN } walk_format;
/* Appends drawing, table and answers. */
void walk_print(const walk_table *table, walk_format format, rb_buf *out);

#endif
