/* graph_calls.h - the only calls that this program can make to Graph, and the only place where their URLs are built (S5).
 *
 * The permission that resetPasscode needs would also allow wipe, retire and delete: what the bot may do is this table. */
#ifndef DEVICE_GRAPH_CALLS_H
#define DEVICE_GRAPH_CALLS_H

#include <stdbool.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

/* Bytes of a nextLink: ours; skip tokens seen have a few hundred. */
#define RB_GRAPH_LINK_MAX 4096

typedef enum {
    RB_GRAPH_LIST_BY_USER,   /* GET v1.0 managedDevices, filtered by userPrincipalName */
    RB_GRAPH_LIST_BY_SERIAL, /* GET v1.0 managedDevices, filtered by serialNumber */
    RB_GRAPH_DEVICE,         /* GET v1.0 managedDevices/{id}, whole */
    RB_GRAPH_RESULTS,        /* GET v1.0 managedDevices/{id}, deviceActionResults alone */
    RB_GRAPH_DEVICE_USERS,   /* GET v1.0 managedDevices/{id}/users */
    RB_GRAPH_USER,           /* GET v1.0 users/{id or user principal name} */
    RB_GRAPH_PEOPLE,         /* GET v1.0 users, searched by part of a name */
    RB_GRAPH_KIND,           /* GET beta managedDevices/{id}: what only beta knows */
    RB_GRAPH_RESET,          /* POST v1.0 managedDevices/{id}/resetPasscode */
    RB_GRAPH_CALLS
} rb_graph_call;

const char *rb_graph_call_name(rb_graph_call call);   /* for the log */
const char *rb_graph_call_method(rb_graph_call call); /* "GET" or "POST" */
const char *rb_graph_call_path(rb_graph_call call);   /* "/v1.0/users/{}" */
/* Whether a reply to it may hold a temporary passcode. */
bool rb_graph_call_is_secret(rb_graph_call call);
/* Whether it is a $search: it goes with the header ConsistencyLevel: eventual. */
bool rb_graph_call_is_search(rb_graph_call call);

/* Appends the URL of a call to out (whose err says when it did not fit). graph_url: scheme, host and port. subject: the
 * device's id, the user, or what to look for. RB_E_REFUSED for a subject that is not of the kind the call takes: ids must
 * be GUIDs, a filter's literal is never empty, and nothing has control characters. */
rb_err rb_graph_call_url(const char *graph_url, rb_graph_call call, rb_str subject, rb_buf *out) RB_MUST_CHECK;

/* Something with one @ and without spaces: may be asked for as a user principal name. */
bool rb_graph_is_upn(rb_str text);

/* Whether a nextLink leads to the list of managed devices on the configured scheme, host and port. */
bool rb_graph_link_is_ours(const char *graph_url, rb_str link);

/* Scheme, host and port of a base URL are usable: https, or http to a loopback address; no path. */
bool rb_graph_base_is_sound(const char *url);

#endif
