/* json_shape.h - plain structs to JSON text and back, driven by tables of offsets.
 *
 * A shape is one object a struct. Empty texts, zero numbers, false and empty arrays are left out and read back as zero;
 * words (enums) are always written. Reading is strict: a key, a word or a type that the shape does not know, a text that
 * does not fit or a number out of range is RB_E_SYNTAX with a sentence, since guessing would change what was decided. */
#ifndef RB_STORE_JSON_SHAPE_H
#define RB_STORE_JSON_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include "resetbot/err.h"
#include "resetbot/str.h"

typedef enum {
    RB_SHAPE_TEXT, /* char[size], NUL-terminated; any bytes but NUL come back the same */
    RB_SHAPE_BOOL,
    RB_SHAPE_I32,
    RB_SHAPE_U32,
    RB_SHAPE_I64,
    RB_SHAPE_U64,
    RB_SHAPE_WORD,  /* an enum, as the word that words gives it */
    RB_SHAPE_SET,   /* bool[words->n], as the list of the words that are true */
    RB_SHAPE_OBJECT /* a struct by a shape of its own */
} rb_shape_kind;

/* The words of the enum values 0 .. n-1. */
typedef struct {
    const char *(*word)(unsigned value);
    unsigned n;
} rb_shape_words;

typedef struct rb_shape rb_shape;

typedef struct {
    const char *name;
    rb_shape_kind kind;
    size_t offset;
    size_t size;                 /* of one element */
    size_t max;                  /* 0: no array; else its elements */
    size_t count_offset;         /* array: the uint32_t that says how many elements count */
    const rb_shape *shape;       /* OBJECT */
    const rb_shape_words *words; /* WORD, SET */
} rb_shape_field;

struct rb_shape {
    const rb_shape_field *fields;
    size_t n_fields;
    size_t size; /* of the struct */
};

/* Appends the JSON of *from. RB_E_NOMEM; RB_E_LIMIT when out is full; RB_E_INTERNAL when the struct is not sound (a text
 * without its NUL, an enum or a count out of range). */
rb_err rb_shape_write(const rb_shape *shape, const void *from, rb_buf *out) RB_MUST_CHECK;

/* Fills *out_to (shape->size bytes, zeroed first; unspecified on failure) from one JSON object. errbuf names the field. */
rb_err rb_shape_read(const rb_shape *shape, rb_str text, void *out_to, rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
