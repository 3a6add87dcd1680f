/* faults.h - what is wrong with a file, all of it in one run: FILE:LINE:COL: what: fix. */
#ifndef CONFIG_FAULTS_H
#define CONFIG_FAULTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "resetbot/str.h"

typedef enum {
    RB_FAULT_ERROR,  /* the file cannot be used */
    RB_FAULT_WARNING /* it can, and probably does not do what was meant */
} rb_fault_level;

/* Where: line and column count from 1; line 0 is the file as a whole. file is borrowed for the call. */
typedef struct {
    const char *file;
    uint32_t line;
    uint32_t col;
} rb_place;

typedef struct rb_fault rb_fault;

/* More than this are counted, and not kept: nobody mends two hundred before the next try. */
#define RB_FAULTS_MAX 200

/* Zeroed is empty. */
typedef struct {
    rb_fault *items; /* heap */
    size_t n;
    size_t cap;
    size_t n_errors;  /* all of them, also those not kept */
    size_t n_dropped; /* not kept */
} rb_faults;

/* The text says what is wrong and, after a colon, how to mend it. It never holds a value that could be a secret. */
void rb_faults_add(rb_faults *faults, rb_fault_level level, rb_place place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Sorts by file, line and column, and prints one line each, made inert; warnings say so. */
void rb_faults_print(rb_faults *faults, FILE *to);
/* The order in which they are printed. */
void rb_faults_sort(rb_faults *faults);
/* The i-th one in parts; everything is borrowed. */
typedef struct {
    rb_fault_level level;
    rb_str file;
    uint32_t line;
    uint32_t col;
    const char *text;
} rb_fault_parts;
rb_fault_parts rb_faults_parts(const rb_faults *faults, size_t i);
/* The i-th line as printed, without line break; NULL past the end. */
const char *rb_faults_line(const rb_faults *faults, size_t i);
void rb_faults_fini(rb_faults *faults);

#endif
