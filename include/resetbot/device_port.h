/* device_port.h - the device manager (Intune through Graph) as a port. */
#ifndef RESETBOT_DEVICE_PORT_H
#define RESETBOT_DEVICE_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "resetbot/device.h"
#include "resetbot/request.h"
#include "resetbot/secret.h"

typedef enum {
    RB_DEVICE_FIND_BY_USER,   /* text: user principal name (never empty) -> devices, kind not read */
    RB_DEVICE_FIND_BY_SERIAL, /* text -> devices */
    RB_DEVICE_READ,           /* id -> devices[0] whole (v1.0, users, beta, enrolling user resolved), results */
    RB_DEVICE_RESULTS,        /* id -> results; passcodes dropped while parsing */
    RB_DEVICE_RESET,          /* id, client_request_id: the POST; never repeated by the adapter */
    RB_DEVICE_CODE,           /* id, key -> code: the temporary passcode of exactly that result */
    RB_DEVICE_USER,           /* text: user principal name or object id -> user_id, user_name, upn */
    RB_DEVICE_FIND_PEOPLE     /* text: part of a name, at least RB_PEOPLE_PART_MIN characters -> people, has_more */
} rb_device_call_kind;

typedef struct {
    rb_device_call_kind kind;
    const char *text;
    const char *id;
    const char *client_request_id;
    const rb_action_key *key;
} rb_device_call;

/* Somebody of the directory, found by a part of their name: shown, and looked up again by id before anything is done. */
typedef struct {
    char id[RB_GUID_CAP];
    char name[RB_NAME_CAP];
    char upn[RB_UPN_CAP];
    char department[RB_NAME_CAP]; /* "" when the directory has none */
} rb_directory_person;

typedef struct {
    rb_device_outcome outcome;
    int64_t retry_after_ms;
    const rb_device *devices; /* borrowed for the call */
    size_t n_devices;
    const rb_action_results *results;
    rb_post_outcome post; /* RESET only; outcome is then RB_DEVICE_OK */
    char user_id[RB_GUID_CAP];
    char user_name[RB_NAME_CAP];
    char upn[RB_UPN_CAP];
    /* FIND_PEOPLE: each matches the text, nobody is disabled; borrowed for the call */
    const rb_directory_person *people;
    size_t n_people;            /* at most RB_PEOPLE_FOUND_MAX */
    bool has_more;              /* and there are more: ask for more letters */
    rb_secret *code;            /* CODE: the receiver takes it */
    char detail[RB_DETAIL_CAP]; /* our sentence, with Graph's request ids; never a body */
} rb_device_result;

typedef struct {
    void *self;
    /* Always answered, later, by the on_result given to the adapter. */
    void (*call)(void *self, uint64_t tag, const rb_device_call *call);
} rb_device_port;

typedef struct {
    void *self;
    void (*on_result)(void *self, uint64_t tag, rb_device_result *result);
} rb_device_events;

#endif
