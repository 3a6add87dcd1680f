#include "resetbot/person.h"

#include <string.h>

bool rb_person_equal(const rb_person *a, const rb_person *b)
{
    /* two unknown people are not one person */
    return a->user[0] != '\0' && strcmp(a->user, b->user) == 0 && strcmp(a->team, b->team) == 0;
}
