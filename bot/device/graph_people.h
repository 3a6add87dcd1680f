/* graph_people.h - people found by part of a name: which rows of Graph's answer are really meant. Pure. */
#ifndef DEVICE_GRAPH_PEOPLE_H
#define DEVICE_GRAPH_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "resetbot/device_port.h"
#include "resetbot/err.h"
#include "resetbot/limits.h"
#include "resetbot/str.h"

typedef struct {
    rb_directory_person items[RB_PEOPLE_FOUND_MAX];
    size_t n;
    size_t n_foreign; /* rows that do not bear the part: dropped, since nobody is picked by this list */
    bool has_more;    /* more rows than fit, or a further page, which is never read */
} rb_graph_people;

/* At least RB_PEOPLE_PART_MIN characters, none of them control characters, and not too long to ask for. */
bool rb_graph_is_name_part(rb_str text);

/* Does every word of the part stand in the name or in the user principal name? Letters compare without case, also those of
 * Latin-1, Latin Extended-A, Greek and Cyrillic; accents count. */
bool rb_graph_bears_part(rb_str name, rb_str upn, rb_str part);

/* The page of users that a search for part gave. Disabled accounts are left out. RB_E_SYNTAX, RB_E_NOMEM; the output is
 * untouched then. */
rb_err rb_graph_read_people(rb_str body, rb_str part, rb_graph_people *out_people) RB_MUST_CHECK;

#endif
