/* keys.h - the one table of keys: what may stand in our files, what it must look like, and what it means.
 * Reading, checking, --help and the example files all come from it. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/forms.h"

typedef enum {
    RB_KEY_SECTION, /* a map of other keys */
    RB_KEY_TEXT,    /* char[size] */
    RB_KEY_NUMBER,  /* uint32_t */
    RB_KEY_SECONDS, /* written in seconds, kept as int64_t milliseconds */
    RB_KEY_FLAG,    /* bool: true or false */
    RB_KEY_CHOICE,  /* an enum: the place of the word in `choices` */
    RB_KEY_TEXTS,   /* a list: pointer to char[size] items (heap) at offset, size_t at count_offset */
    RB_KEY_PEOPLE   /* policy's people table; read by policy_file.c */
} rb_key_type;

typedef struct {
    const char *name; /* with dots: "chat.slack.app_token" */
    rb_key_type type;
    const rb_form *form; /* TEXT; TEXTS: of each item */
    const char *choices; /* CHOICE: words split by one blank, in the enum's order */
    uint32_t min;        /* NUMBER, SECONDS; TEXTS: max items */
    uint32_t max;
    bool is_required;
    bool is_active;          /* in the example: as it is, else behind a # */
    const char *path_prefix; /* what follows it is a path, relative to the file's folder. NULL: not a path */
    const char *fallback;    /* the default as one would write it. NULL: none */
    const char *sample;      /* in the example, instead of the default */
    const char *help;        /* sentences for the example and --help */
    size_t offset;           /* in the struct that the table fills */
    size_t size;
    size_t count_offset;
} rb_key;

typedef struct {
    const char *title; /* first comment of the example */
    const rb_key *keys;
    size_t n;
} rb_key_table;

/* rows of the largest table, and room */
#define RB_KEYS_MAX 32
/* the longest name with its dots, and room */
#define RB_KEY_NAME_CAP 64

extern const rb_key_table RB_CONFIG_KEYS; /* fills rb_config */
extern const rb_key_table RB_POLICY_KEYS; /* fills rb_policy */
extern const rb_key_table RB_PERSON_KEYS; /* fills rb_person_entry */

/* Line 0: the key is not in the file. */
typedef struct {
    uint32_t line;
    uint32_t col;
} rb_key_place;

/* One item of the people table as written. */
typedef struct {
    char slack[64]; /* two ids of RB_CHAT_ID_CAP, and the slash */
    char entra[37];
} rb_person_entry;

/* What at most may stand in one list and in the people table: helpdesks and phones of a very large company. */
#define RB_LIST_MAX 4096
#define RB_PEOPLE_MAX 50000

#endif
