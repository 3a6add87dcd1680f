/* nearest.h - "did you mean": the known word that is closest to a mistyped one. */
#ifndef UTIL_NEAREST_H
#define UTIL_NEAREST_H

#include <stddef.h>

#include "resetbot/str.h"

/* Longer words are not compared: nobody mistypes that. */
#define RB_NEAREST_MAX 64

/* Letters to change, add, drop or swap with their neighbour; ASCII case does not count. SIZE_MAX when one is too long. */
size_t rb_edit_distance(rb_str a, rb_str b);
/* Close enough to be meant: about a quarter of the word, and never more than half of it. */
bool rb_is_near(size_t distance, rb_str word);

#endif
