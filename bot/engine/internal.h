/* internal.h - what the files of the engine share. Reading order: engine.c (life, time), arrivals.c (deliveries), committer.c
 * (group commit), slots.c (requests in memory), calls.c and needs.c (facts), words.c (whose language), task.c (a task's
 * runs), change.c (what it puts into its change), effects.c (what a step becomes), prepare.c (the way to the POST), work.c
 * (deadlines, polls), dispatch.c, unknown.c, flows.c, people.c, form.c, send.c, clicks.c, take.c, code.c, outbox.c (rows and
 * turns), outbox_channel.c, outbox_private.c, outbox_trouble.c, asked.c (who was asked directly sees who decided), home.c with
 * home_content.c (Home tabs), recovery.c. */
#ifndef RESETBOT_ENGINE_INTERNAL_H
#define RESETBOT_ENGINE_INTERNAL_H

#include "resetbot/engine.h"

/* ---- facts (calls.c) ------------------------------------------------------------------------------------------------ */

#define FACT_KEY_CAP 384

typedef enum { FACT_CHAT, FACT_DEVICE, FACT_QUERY } fact_kind;

/* Something that was asked for, and its answer once ready. Owns deep copies. */
typedef struct fact {
    fact_kind kind;
    char key[FACT_KEY_CAP];
    bool is_ready;
    uint64_t tag; /* of the call under way; 0: none */
    uint32_t tries;
    int64_t retry_boot_ms; /* INT64_MAX: no retry waits */
    int64_t at_boot_ms;    /* when chat or the device was read, also when it comes from the cache */
    rb_chat_call call;     /* for a retry: strings point into strings[] */
    char strings[6][RB_CHAT_URL_CAP];
    rb_chat_result chat;
    rb_device_result device;
    rb_query query; /* its questions point to the copies below: the store's worker reads them later */
    rb_device *asked_device;
    rb_person asked_person;
    char asked_id[RB_REQUEST_ID_CAP];
    struct rb_task *task;
    struct fact *next;
} fact;

/* People and groups as read lately, shared by tasks. */
typedef struct cached {
    char key[FACT_KEY_CAP];
    int64_t at_boot_ms;
    rb_chat_result chat;
    struct cached *next;
} cached;

/* ---- requests in memory ------------------------------------------------------------------------------------------------ */

/* A direct message that asks somebody to decide: where it is. In memory alone: after a restart it stays as it is, and its link
 * leads to the card, which is edited. */
typedef struct {
    char user[RB_CHAT_ID_CAP];
    char channel[RB_CHAT_ID_CAP];
    char ts[RB_CHAT_TS_CAP];
} asking;

/* The card's permalink, once somebody needed it. */
typedef struct {
    char ts[RB_CHAT_TS_CAP]; /* of the card that it leads to */
    char url[RB_CHAT_URL_CAP];
} card_link;

/* Who looked at the request privately with buttons (`approve R-...`), to be told there when somebody else decides. Their message
 * cannot be replaced: Slack edits no ephemeral message but through a press on it, and the response_url of a slash command
 * adds messages and replaces none (github.com/slackapi/bolt-python/issues/1268, read 2026-11). In memory alone. */
typedef struct {
    char user[RB_CHAT_ID_CAP];
    char channel[RB_CHAT_ID_CAP];
    char response_url[RB_CHAT_URL_CAP];
    int64_t at_boot_ms;
} looking;

/* Who asked lately to take it over: until then a repeat asks nobody again. */
typedef struct {
    char user[RB_CHAT_ID_CAP];
    int64_t until_boot_ms;
} taking;

#define TAKING_MAX 4  /* of a request, the latest */
#define LOOKING_MAX 4 /* of a request, the newest; a stale button answers by itself */
#define ASKING_MAX 24 /* of a request; one change has room for them */

typedef struct slot {
    rb_request request;
    card_link link;
    asking asked[ASKING_MAX];
    uint32_t n_asked;
    looking lookers[LOOKING_MAX];
    uint32_t n_lookers;
    bool is_telling_lookers;
    uint32_t n_told_over; /* the first so many of them are being told that it is decided */
    bool is_busy;         /* a change of it is being committed */
    bool is_working;      /* a task of the engine's own works on it */
    bool is_time_task;
    bool is_remind_task;    /* of half time: apart, so that a chat that is away holds up no deadline (R4) */
    int64_t remind_boot_ms; /* not before */
    int64_t time_boot_ms;
    rb_work work;
    int64_t work_boot_ms;
    int64_t failure_wait_ms;         /* back-off of work that could not read */
    char failure_why[RB_DETAIL_CAP]; /* what it said last; "" when it could */
    taking takers[TAKING_MAX];
    int64_t rest_boot_ms; /* the store refused the engine's own work on it: not before */
    struct slot *next;
} slot;

/* ---- tasks --------------------------------------------------------------------------------------------------------------- */

/* What a form of `reset` brings besides its target. */
typedef struct {
    const char *device; /* the chosen one's id, of the delivery; NULL or "": none */
    rb_verified verified;
    rb_holds holds;
    rb_stuck_lock lock;
} form_answers;

struct rb_task {
    rb_engine *engine;
    const char *name;
    rb_progress (*run)(rb_task *task);
    rb_delivery *delivery;      /* owned; NULL for the engine's own work */
    char locale[RB_LOCALE_CAP]; /* of who sent it, once read */
    rb_intent intent;
    const rb_command *command;
    char subject[RB_REQUEST_ID_CAP]; /* the request of the engine's own work */
    rb_person reader;                /* ... or whose Home tab it draws */
    bool is_own_list; /* pressed in a preview or pick list that came as a direct message: replaced like a private one */
    int stage;
    fact *facts;
    bool is_committing;
    bool is_waiting_for_slot;          /* some request is busy: run again when a commit is back */
    char waits_for[RB_REQUEST_ID_CAP]; /* that request; "" when it waits for something else */
    bool is_waiting_for_names;         /* a refusal reads who can help: this run counts for nothing */
    bool is_woken;                     /* to be run in this round of waking */
    bool is_running;
    bool is_code_shown; /* the code left for the form: its copy here is gone */
    bool is_ended;      /* over, but a call is still under way: freed when it is back */
    rb_change *change;
    rb_out *outs[RB_CHANGE_OUT_MAX]; /* owned until committed */
    rb_request next_request;
    bool has_next;
    bool is_draft_new;
    char taken_by[RB_REQUEST_ID_CAP];
    uint32_t id_tries;
    uint32_t n_conflicts;           /* versions of its request that the store held and memory did not */
    char reload[RB_REQUEST_ID_CAP]; /* that request, to be read before the next run; "": none */
    bool is_refused;                /* the store refused its change */
    char post_id[RB_GUID_CAP];      /* client-request-id of the attempt that this task has committed */
    rb_person post_requester;       /* and whose rights were read for it */
    rb_actor *approvers;            /* of rb_need_approvers */
    size_t n_approvers;
    rb_pick *picks; /* of rb_flow_devices */
    form_answers answers;
    rb_message *note; /* owned: what is answered while is_noting, for the form */
    bool is_noting;
    rb_progress progress;
    /* an event of the engine's own */
    rb_event_kind own_kind;
    char own_channel[RB_CHAT_ID_CAP];
    char own_text[RB_DETAIL_CAP];
    bool is_own_plain;
    bool is_own_long; /* a gap that administrators are told */
    char own_ts[RB_CHAT_TS_CAP];
    rb_owner_told own_told;
    uint64_t own_out_done; /* outbox row that ends with it; 0: none */
    void (*on_end)(rb_task *task);
    rb_task *next;
};

/* ---- commits (committer.c) -------------------------------------------------------------------------------------------------- */

typedef struct commit_item {
    rb_change *change; /* owned */
    void (*done)(rb_engine *engine, void *context, rb_change *change);
    void *context;
    rb_out *out; /* owned until it is in the outbox; NULL: none */
    struct commit_item *next;
} commit_item;

/* takes ownership of change; done is called once, unless the process ends before. */
void engine_commit_take(rb_engine *engine, rb_change *change,
                        void (*done)(rb_engine *engine, void *context, rb_change *change), void *context);
rb_change *engine_change_new(void);
/* The same for a change with one new row, which enters the outbox once it is saved. */
void engine_commit_out_take(rb_engine *engine, rb_change *change, rb_out *out);
void engine_commit_item_free(commit_item *item);
/* Nothing more is acknowledged or sent; the host ends the process, saying why. */
void engine_die(rb_engine *engine, rb_err err, const char *sentence);

/* ---- calls ------------------------------------------------------------------------------------------------------------------- */

typedef struct {
    uint64_t tag;
    void *context;
    void (*on_chat)(rb_engine *engine, void *context, const rb_chat_result *result);
    void (*on_device)(rb_engine *engine, void *context, rb_device_result *result);
} outstanding;

uint64_t engine_call_chat(rb_engine *engine, const rb_chat_call *call,
                          void (*on_chat)(rb_engine *engine, void *context, const rb_chat_result *result),
                          void *context);
uint64_t engine_call_device(rb_engine *engine, const rb_device_call *call,
                            void (*on_device)(rb_engine *engine, void *context, rb_device_result *result),
                            void *context);
void engine_calls_fini(rb_engine *engine);
/* Earliest retry of any fact, and retries that are due. */
int64_t engine_facts_due(rb_engine *engine, rb_now now);
void fact_free(fact *item);
/* Was it asked for already? */
bool engine_has_fact(rb_task *task, const char *key);
/* The task forgets a fact, which must not be under way; absent: nothing. */
void engine_fact_drop(rb_task *task, const char *key);
/* Are people and groups, as this task knows them, read within RB_RIGHTS_FRESH_MS (S3), and devices within read_ms (S2),
 * also margin_ms from now? */
bool engine_facts_are_fresh(const rb_task *task, int64_t read_ms, int64_t margin_ms);

/* ---- outbox (outbox.c) --------------------------------------------------------------------------------------------------------- */

/* A committed row enters the outbox (takes ownership). A CARD row with a known id replaces that row's payload. */
void outbox_add_take(rb_engine *engine, rb_out *out);
/* Gives a new CARD row the id of the request's newest one, if that is idle; it waits until add_take or release. */
void outbox_reserve_card(rb_engine *engine, rb_out *out);
void outbox_release_card(rb_engine *engine, const rb_out *out);
/* As read from the store at start. */
void outbox_load_take(rb_engine *engine, rb_out *out);
/* The row's deletion was committed with a request's event. */
void outbox_end(rb_engine *engine, uint64_t id);
/* That event was refused by the store: a post is looked for again later; what one person saw is not sent twice. */
void outbox_not_ended(rb_engine *engine, uint64_t id);
bool outbox_has_rows(const rb_engine *engine, const char *request);
/* Any call's answer says whether the platform is there. */
void outbox_chat_said(rb_engine *engine, const rb_chat_result *result);
/* The platform was heard of: rows that wait because it was away go on at once. */
void outbox_chat_is_there(rb_engine *engine);
/* Is any card to be posted or edited? */
bool outbox_has_cards(const rb_engine *engine);
/* Is the request's card on its way to this channel, or being looked for there? */
bool outbox_is_card_on_its_way(const rb_engine *engine, const char *request, const char *channel);
/* Sends what may be sent; returns when to look again. */
int64_t outbox_pump(rb_engine *engine, rb_now now);
void outbox_fini(rb_engine *engine);
/* ---- the engine ------------------------------------------------------------------------------------------------------------------ */

/* words.c: what the chat said lately of a user's locale, or what a request in memory says of its requester; "" when neither
 * does. */
const char *engine_locale_of(const rb_engine *engine, const char *user);
/* Words for a reader by that, and by locale. */
rb_words engine_words_of(const rb_engine *engine, const char *user);
rb_words engine_words(const rb_engine *engine, const char *locale);
/* What the chat knows of a user; the fact that rb_need_actor asks for too. */
bool engine_need_person(rb_task *task, const char *user, const rb_chat_result **out_result);
/* After rb_need_approvers found too few: who has the role, and can or cannot be reached. Names, with why not. */
void engine_name_approvers(rb_task *task, const rb_request *request, rb_buf *out_reachable, rb_buf *out_unreachable);
/* A form that shows a code. */
typedef struct blank {
    char request[RB_REQUEST_ID_CAP];
    char view[RB_CHAT_ID_CAP];
    rb_person reader;
    int64_t at_boot_ms;
    bool is_taken; /* somebody else has the request since: blanked at once */
    bool is_under_way;
    uint32_t tries;
    struct blank *next;
} blank;

/* The Home tab of somebody who opened it lately. In memory alone: after a restart it is drawn again when it is opened. */
typedef struct home_tab {
    rb_person who;
    char key[RB_KEY_CAP]; /* of the newest opening */
    char shown[65];       /* SHA-256 of what stands there; "" when that is not known */
    bool is_opened;       /* ... and not drawn since */
    bool is_stale;        /* something changed that they may see there */
    bool may_decide;      /* as last drawn; true before */
    int64_t opened_boot_ms;
    int64_t stale_boot_ms;
    int64_t end_boot_ms; /* something in it ends then, by the clock alone */
    int64_t not_before_boot_ms;
    struct home_tab *next;
} home_tab;

typedef struct {
    home_tab *items; /* newest opening first */
    size_t n;
    bool is_drawing; /* one at a time: nothing waits for them, and they take little from everything else */
    rb_person drawn; /* that one's */
    char drawn_as[65];
    int64_t not_before_boot_ms; /* of those that nobody has just opened */
    int64_t pause_boot_ms;      /* of all: drawing was in vain */
    bool is_pause_asked;        /* ... and the platform said for how long */
    uint32_t n_failed;
} home_tabs;

/* What the drawing of one found out. */
typedef struct {
    bool is_known;  /* the chat said who they are, and the message is made */
    bool is_unsure; /* a group could not be read */
    bool may_decide;
    int64_t end_boot_ms;
} home_seen;

/* A delivery between its RECEIVE and its ack. */
typedef struct arriving {
    rb_engine *engine;
    rb_delivery *delivery;
    bool is_read_only;
    bool is_abandoned; /* acknowledged as "nothing was done" */
    int64_t give_up_boot_ms;
    struct arriving *next;
} arriving;

struct rb_engine {
    rb_engine_config config;
    const rb_policy *policy;
    slot *slots;
    rb_task *tasks;
    size_t n_tasks;
    arriving *arriving;
    size_t n_arriving;
    commit_item *commits, **commits_tail;
    size_t n_waiting_commits;
    size_t n_queries; /* that the store's worker has */
    bool is_committing;
    outstanding *calls;
    size_t n_calls, calls_cap;
    uint64_t last_tag;
    uint64_t last_out_id;
    cached *cache;
    struct row *rows; /* outbox.h */
    struct lane *lanes;
    bool is_editing;      /* one chat.update at a time: its limit is the workspace's (domain/slack.md 3) */
    int64_t edit_boot_ms; /* no edit before */
    blank *blanks;
    home_tabs homes;
    rb_message *message; /* scratch */
    char team[RB_CHAT_ID_CAP];
    char bot_user[RB_CHAT_ID_CAP];
    rb_query left_over;       /* deliveries that the last process never consumed; kept for the engine's life */
    int64_t chat_away_utc_ms; /* since when the chat platform cannot be reached; 0: it can */
    bool is_taken_up;
    bool is_stopping;
    bool is_dead;           /* a commit failed: nothing more is acknowledged or sent */
    rb_task *sender;        /* counts against the ceilings just now; one at a time (prepare.c) */
    bool is_sending_barred; /* the wall clock went back over a reboot */
    rb_now last_now;        /* for clock jumps */
    int64_t armed_boot_ms;
    bool is_in_timer;
};

/* arrivals.c */
void engine_on_delivery(void *self, const rb_delivery *delivery);
/* Gives up saves that are late; returns when to look again. */
int64_t engine_arrivals_due(rb_engine *engine, rb_now now);
void engine_arrivals_fini(rb_engine *engine);
void engine_start_delivery_take(rb_engine *engine, rb_delivery *delivery);
void engine_on_ready(void *self, const char *team, const char *bot_user);
void engine_on_gap(void *self, int64_t gap_ms);
/* asked.c: a direct message that asks for a decision has arrived; and once it is decided, they are edited. */
void engine_asked(rb_engine *engine, const rb_out *out, const rb_chat_result *result);
void engine_tell_decided(rb_engine *engine, slot *item);
/* home.c: somebody opened their Home tab; and what it shows may have changed (before: NULL for a new request). */
void engine_home_opened(rb_engine *engine, const rb_delivery *delivery);
void engine_homes_changed(rb_engine *engine, const rb_request *before, const rb_request *after);
void engine_homes_all_changed(rb_engine *engine);
/* Draws what is to be drawn; returns when to look again. */
int64_t engine_homes_due(rb_engine *engine, rb_now now);
void engine_homes_fini(rb_engine *engine);
/* home_content.c: what the task's reader sees in their Home tab, into the scratch message. false: not yet. */
bool engine_need_home(rb_task *task, home_seen *out_seen);
/* slots.c */
slot *engine_slot(rb_engine *engine, const char *request);
/* Takes the request into memory, or its new version; schedules it; forgets it when nothing is left to do. */
slot *engine_put(rb_engine *engine, const rb_request *request);
void engine_reschedule(rb_engine *engine, slot *item, rb_now now);
void engine_slots_forget(rb_engine *engine, rb_now now);
void engine_slots_fini(rb_engine *engine);
/* Looks at what is due and arms the host's timer. */
void engine_wake(rb_engine *engine);
rb_now engine_now(const rb_engine *engine);

/* ---- tasks (task.c) ------------------------------------------------------------------------------------------------------------------ */

rb_task *engine_task_new(rb_engine *engine, const char *name, rb_progress (*run)(rb_task *task));
void engine_task_run(rb_task *task);
void engine_tasks_wake_waiting(rb_engine *engine);
void engine_task_free(rb_task *task);
void engine_task_add_out_take(rb_task *task, rb_out *out);
rb_out *engine_out_new(rb_engine *engine, rb_out_kind kind, const char *request);
/* Renders the scratch message into the row; false (logged) when it cannot be. */
bool engine_render(rb_engine *engine, const rb_message *message, rb_out *out);
void engine_record(rb_engine *engine, rb_change *change, const char *kind, const char *request, const rb_person *who,
                   const char *who_name, const char *text);

/* A refusal's short sentence as it is kept: in English, for rb_word_stored. */
const char *engine_why_not(rb_denial denial);
/* The same for an English sentence (rb_word_stored), said in the record's language. */
void engine_record_sentence(rb_engine *engine, rb_change *change, const char *kind, const char *request,
                            const rb_person *who, const char *who_name, const char *english);

/* ---- look-ups (flows.c, people.c) ------------------------------------------------------------------------------------ */

/* Says why, and records it. */
rb_progress engine_lookup_failed(rb_task *task, rb_device_outcome outcome, const rb_intent *intent, const char *detail);
void engine_fill_draft(rb_task *task, rb_request *draft, const rb_actor *actor, const rb_intent *intent);
/* A NAME that is a device's serial number becomes that, so that these still work. false: not yet. */
bool engine_need_serial_first(rb_task *task, rb_intent *intent, rb_progress *out_progress);
/* Those whose name has the intent's NAME in it; false: not yet, or answered that there is nobody, or why not. */
bool engine_need_people(rb_task *task, const rb_intent *intent, rb_people_found *found, rb_device_result **out_result,
                        rb_progress *out_progress);
/* Who was listed is looked up again by their id: the user name of this moment counts, not the one that was shown. false: not
 * yet, or answered with why not. */
bool engine_need_user_name(rb_task *task, const char *entra, const rb_request *draft, rb_intent *out_intent,
                           rb_progress *out_progress);
/* The people whose name has the intent's NAME in it, for a draft (NULL: a new one) or, not is_reset, to see devices. */
rb_progress engine_list_people(rb_task *task, const rb_actor *actor, const rb_intent *intent, const rb_request *draft,
                               bool is_reset);
/* A person of such a list was pressed. draft NULL: their devices are shown. */
rb_progress engine_person_chosen(rb_task *task, const char *entra, const rb_request *draft);

/* ---- the engine's own work ------------------------------------------------------------------------------------------------------------ */

/* Adds rows and records of the effects to the task's change. */
void effects_apply(rb_task *task, const rb_request *request, const rb_effects *effects, const rb_actor *actor);
/* Once the workspace is known: deliveries that the last process never consumed. */
void engine_take_up(rb_engine *engine);
/* A task of the engine's own on a request. */
rb_task *engine_own_task(rb_engine *engine, const char *name, rb_progress (*run)(rb_task *task), const char *request);
#define STAGE_POST 2 /* of engine_run_prepare: SENDING is on disk, the POST may be on its way */
rb_progress engine_run_prepare(rb_task *task);
void engine_turn_over(rb_task *task);
/* What had to be read could not be: later again, with growing gaps; and the end of these gaps. */
rb_progress engine_try_later(rb_task *task, const char *why);
void engine_reading_works(rb_task *task);
void engine_start_work(rb_engine *engine, slot *item);
void engine_start_time(rb_engine *engine, slot *item);
/* After the card was posted: approvers who are not in the channel are told directly. */
void engine_start_card_posted(rb_engine *engine, const char *request);
/* Steps one event of the engine's own (CARD, OWNER, RESTARTED, ALLOWED ...) through a task. */
void engine_start_event(rb_engine *engine, const char *request, rb_event_kind kind, const char *channel, const char *ts,
                        rb_owner_told told, uint64_t out_done);
/* Requester and administrators are told: the card cannot be posted, or (is_plain) stands there as text without buttons. */
void engine_start_post_problem(rb_engine *engine, const char *request, const char *error, bool is_plain);
/* The request channel is read before each card (design 4, Where). NULL: fine; else what is wrong. */
const char *engine_channel_fault(const rb_chat_result *channel);
void engine_start_policy_check(rb_engine *engine, const char *request);
rb_progress engine_run_command(rb_task *task);
bool engine_is_outside(const rb_task *task);
rb_progress engine_send(rb_task *task, const rb_request *draft);
rb_progress engine_show(rb_task *task, const rb_request *request);
/* Those that tell_admins tells are read, so that each reads their own language; who cannot be read reads the record's. */
bool engine_need_admins(rb_task *task);
/* A direct message to the first administrators of the policy. fault: in place of args, a sentence that each reads in their
 * own language as {fault}; NULL: none. */
void engine_tell_admins(rb_task *task, const char *request, const char *english, const rb_arg *args, const char *fault);
void engine_answer_step(rb_task *task, rb_step_result result, const rb_request *request);
/* take.c: a press on one of its buttons; on any button made for an earlier requester; on one that is too old. */
rb_progress engine_take_pressed(rb_task *task, const rb_bound *bound, const rb_request *request);
rb_progress engine_taken_since(rb_task *task, const rb_request *request);
rb_progress engine_take_too_old(rb_task *task, const rb_request *request);
/* Approvers who could let the taker go on with it, at most so many; as rb_need_approvers. */
bool engine_need_letters(rb_task *task, const rb_request *request, const rb_actor *taker, size_t enough,
                         const rb_actor **out_actors, size_t *out_n, bool *out_is_unsure);
/* code.c: the form that waits for a code says why there is none. */
rb_progress engine_show_taken(rb_task *task, const rb_request *request);
/* The code's form is blanked after RB_FORM_BLANK_MS; at once when the bot ends, or somebody else has the request by now. */
void engine_blank_later(rb_engine *engine, const rb_request *request, const char *view, const rb_person *reader);
/* Somebody else has the request now: forms of who had it are blanked at once. */
void engine_blank_taken(rb_engine *engine, const rb_request *request);
int64_t engine_blanks_due(rb_engine *engine, rb_now now);
/* Is a code on a screen, or on its way there? */
bool engine_is_code_in_view(const rb_engine *engine);
bool engine_has_blank(const rb_engine *engine, const char *request);
rb_progress engine_run_click(rb_task *task);
rb_progress engine_run_form(rb_task *task);
rb_progress engine_run_shortcut(rb_task *task);
/* Every check of a person who asks for a reset, at this moment; answers and records a refusal. */
bool engine_need_helpdesk(rb_task *task, rb_actor *actor, rb_progress *out_progress);
/* A mentioned colleague: by the people table to an Entra object id, and from there to the user principal name, which takes the
 * mention's place. false: not yet, or answered with why not. */
bool engine_need_mentioned(rb_task *task, rb_intent *intent, rb_progress *out_progress);
/* A press in the form of `reset`: it changes nothing, and may be done again after a restart. */
bool engine_is_look_up(const rb_delivery *delivery);
/* Pure check before a form is saved: a field error goes out in the ack. NULL: fine. */
const char *engine_form_fault(const rb_delivery *delivery, const char **out_field);
const rb_command *engine_find_command(const rb_engine *engine, const char *verb);
/* The first role of the command that the person has; else why they have none. */
rb_denial engine_may_use(const rb_policy *policy, const rb_actor *actor, const rb_command *command);
/* unknown.c: "did you mean", as a whole command to copy; nothing is done by itself. */
rb_progress engine_unknown_command(rb_task *task, const rb_actor *actor);

#endif
