/* bind.h - values in buttons and forms that cannot be changed, moved, replayed for something else, or used late (S4). */
#ifndef RESETBOT_BIND_H
#define RESETBOT_BIND_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/mac.h"
#include "resetbot/request.h"
#include "resetbot/str.h"

/* What a value lets its presser do. */
typedef enum {
    RB_BIND_PICK = 'p',  /* extra: device id */
    RB_BIND_MORE = 'm',  /* next page of the pick list; extra: page */
    RB_BIND_OTHER = 'o', /* back to the pick list */
    RB_BIND_SEND = 's',
    RB_BIND_CANCEL = 'x',
    RB_BIND_APPROVE = 'a',
    RB_BIND_DENY = 'd', /* opens the form that asks for the reason */
    RB_BIND_DENY_FORM = 'e',
    RB_BIND_SHOW = 'w',
    RB_BIND_AGAIN = 'g', /* ask again after EXPIRED, LAPSED */
    RB_BIND_PERSON =
        'u',            /* somebody found by part of a name; extra: Entra object id; request "": shows their devices */
    RB_BIND_FORM = 'f', /* opens the form of `reset` without arguments; request "" */
    RB_BIND_HAND_OVER = 'h', /* its requester lets somebody go on with it; extra: that user */
    RB_BIND_LET_TAKE = 't',  /* an approver does */
    RB_BIND_KEEP = 'k',      /* its requester does not */
    RB_BIND_PREVIEW = 'v'    /* brings a draft's preview or pick list back */
} rb_bind_kind;

typedef struct {
    rb_bind_kind kind;
    char request[RB_REQUEST_ID_CAP];
    int64_t expiry_utc_s;
    char person[RB_CHAT_ID_CAP]; /* only this user may use it; "" for the card that everybody sees */
    char extra[RB_GUID_CAP];
} rb_bound;

#define RB_BOUND_CAP 256

/* The value: its fields in the clear, the key's id, and the MAC over the fields and over the terms: exactly what is
 * approved. request NULL when there is none yet. */
void rb_bind(const rb_mac_key *key, const rb_bound *bound, const rb_request *request, char out_value[RB_BOUND_CAP]);

/* Reads the fields without believing them: RB_E_SYNTAX when it is none of ours. */
rb_err rb_bound_read(rb_str value, rb_bound *out_bound) RB_MUST_CHECK;

typedef enum { RB_BOUND_GOOD, RB_BOUND_FORGED, RB_BOUND_EXPIRED, RB_BOUND_NOT_YOURS } rb_bound_verdict;

/* Was it ours when somebody else had this request, who is returned? NULL: never. Nothing is done by it any more: it is answered
 * with who has it now. */
const rb_decision *rb_bound_before_take(const rb_mac_key *keys, size_t n_keys, rb_str value, const rb_request *request);

/* Is it ours, for this request as it stands, in time, and for this person? keys: the present and the previous one. */
rb_bound_verdict rb_bound_check(const rb_mac_key *keys, size_t n_keys, rb_str value, const rb_request *request,
                                const char *person, int64_t now_utc_ms);

#endif
