/* spoil.h - what comes from outside and should be JSON, spoiled: what a proxy, a broken peer or an attacker would make of it. */
#ifndef SIM_SPOIL_H
#define SIM_SPOIL_H

#include <stddef.h>

#include "resetbot/str.h"

typedef enum {
    SPOIL_NOT,
    SPOIL_CUT,   /* its first half */
    SPOIL_WORDS, /* a proxy's page */
    SPOIL_EMPTY,
    SPOIL_TYPES, /* each value of another type */
    SPOIL_VALUE, /* one value, drawn by chance, of another type */
    SPOIL_DEEP,  /* one value, drawn by chance, as lists in lists */
    SPOILS
} spoil;
const char *spoil_word(spoil how);

/* In memory that is good until the next call; at most `most` bytes long. */
rb_str spoil_text(spoil how, rb_str text, size_t most);

#endif
