/* person.h - who somebody is. Identity is (team, user) from the authenticated payload, never a name (S1). */
#ifndef RESETBOT_PERSON_H
#define RESETBOT_PERSON_H

#include <stdbool.h>

#include "resetbot/limits.h"
#include "resetbot/random.h"

typedef struct {
    char team[RB_CHAT_ID_CAP];
    char user[RB_CHAT_ID_CAP];
} rb_person;

bool rb_person_equal(const rb_person *a, const rb_person *b);

typedef enum { RB_ROLE_HELPDESK, RB_ROLE_APPROVER, RB_ROLE_AUDIT, RB_ROLE_ADMIN, RB_ROLES } rb_role;

/* A person with everything the policy asks about, gathered by the engine just before the question. */
typedef struct {
    rb_person person;
    char name[RB_NAME_CAP];     /* cleaned, for showing only */
    char email[RB_UPN_CAP];     /* for showing and for telling an owner; never for rights */
    char locale[RB_LOCALE_CAP]; /* "sv-SE", as the chat platform names it; "" when not known */
    char entra[RB_GUID_CAP];    /* from the people table; "" when absent */
    bool exists;                /* the chat platform knows this user */
    bool is_deactivated;
    bool is_bot;
    bool is_guest;
    bool is_outside; /* of another team or organisation, or a stranger */
    bool roles[RB_ROLES];
    bool group_unreadable; /* a chat group that could have given a role could not be read */
} rb_actor;

#endif
