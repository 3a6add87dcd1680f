/* delivery.h - what came in from the chat platform: one command, click, form or shortcut, or that somebody opened the Home tab. */
#ifndef RESETBOT_DELIVERY_H
#define RESETBOT_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/limits.h"
#include "resetbot/person.h"

typedef enum {
    RB_DELIVERY_COMMAND,
    RB_DELIVERY_CLICK,    /* a button; in a form also a choice, or Enter in a text, of which the bot wants to be told */
    RB_DELIVERY_FORM,     /* a form was sent */
    RB_DELIVERY_SHORTCUT, /* picked from the menu of a message */
    /* The Home tab was opened. It stays last: it is the one kind that is acknowledged at once and never stored. It asks for a
     * picture and for nothing else; one that is lost is drawn when the tab is opened again. */
    RB_DELIVERY_HOME
} rb_delivery_kind;

typedef struct {
    char name[RB_ACTION_ID_CAP];
    char block[RB_ACTION_ID_CAP];  /* where it stands in the form: errors are shown there */
    char value[RB_FORM_VALUE_CAP]; /* cleaned of nothing but NULs; choices give their option's value */
} rb_field;

/* One command, click, form or shortcut as the authenticated payload said. Only these fields are ever stored: raw payloads are not.
 * A reason, or a text of a form, that looks like a passcode was replaced by RB_SECRET_MARK before (S7). A
 * command's text is unescaped but for mentions. A shortcut's is "<@U...>" or an address, the author's when the message names
 * nobody, "" when no person wrote it; nothing else of the message is kept. About 45 kB. */
typedef struct {
    rb_delivery_kind kind;
    char key[RB_KEY_CAP]; /* unique a delivery: repeated deliveries have the same (domain/slack.md 1.3) */
    char envelope_id[RB_ENVELOPE_ID_CAP];
    uint64_t conn; /* the connection it came in on; 0 after a restart */
    rb_person who;
    bool is_other_workspace;        /* the payload itself says the actor is of another team or enterprise */
    char user_name[RB_NAME_CAP];    /* as sent: for greeting only */
    char channel[RB_CHAT_ID_CAP];   /* "" in forms */
    char text[RB_COMMAND_TEXT_CAP]; /* COMMAND: what follows, with <@U...> mentions; SHORTCUT: whom the message names */
    char command[RB_WORD_CAP];      /* "/passcode" */
    char response_url[RB_CHAT_URL_CAP];
    char trigger_id[RB_TRIGGER_CAP];  /* not stored */
    char action_id[RB_ACTION_ID_CAP]; /* CLICK */
    char value[RB_ACTION_VALUE_CAP];  /* CLICK on a button: its value; all others are in fields */
    char message_ts[RB_CHAT_TS_CAP];  /* CLICK on a message */
    bool is_private_message;          /* ... that only the presser sees */
    bool is_home;                     /* CLICK in the Home tab, which its person alone sees; not stored */
    char view_id[RB_CHAT_ID_CAP];     /* FORM, CLICK in a form or Home tab; HOME: "" before the first was published */
    char callback[RB_ACTION_ID_CAP];  /* FORM, CLICK in a form, SHORTCUT */
    char private_data[RB_ACTION_VALUE_CAP]; /* FORM, CLICK in a form: as we set it, bound by a MAC */
    rb_field fields[RB_FORM_FIELDS_MAX];    /* values of the form; CLICK on a message: state of its choices */
    uint32_t n_fields;
    int64_t received_boot_ms; /* not stored */
    int64_t received_utc_ms;
} rb_delivery;

#define RB_SECRET_MARK "[left out: it looked like a passcode]"

const char *rb_delivery_field(const rb_delivery *delivery, const char *name); /* "" when absent */

#endif
