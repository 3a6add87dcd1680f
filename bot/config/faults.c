/* faults.c - see faults.h. */
#include "config/faults.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/str.h"
#include "util/screen.h"

/* a path, a place and a sentence */
#define LINE_MAX_LEN 8192
#define FIRST_CAP 16

struct rb_fault {
    char *text;      /* heap, whole line */
    size_t file_len; /* of the file's name at its start */
    size_t said_at;  /* in text: behind the place and "warning: " */
    rb_fault_level level;
    uint32_t line;
    uint32_t col;
    size_t order; /* as added: keeps sorting stable */
};

static void write_place(rb_buf *out, rb_place place)
{
    rb_buf_adds(out, place.file);
    if (place.line > 0)
        rb_buf_addf(out, ":%u:%u", place.line, place.col);
    rb_buf_adds(out, ": ");
}

static rb_fault *new_slot(rb_faults *faults)
{
    if (faults->n == RB_FAULTS_MAX)
        return NULL;
    if (faults->n == faults->cap) {
        size_t cap = faults->cap ? faults->cap * 2 : FIRST_CAP;
        rb_fault *grown = realloc(faults->items, cap * sizeof *grown);
        if (!grown)
            return NULL;
        faults->items = grown;
        faults->cap = cap;
    }
    return &faults->items[faults->n];
}

void rb_faults_add(rb_faults *faults, rb_fault_level level, rb_place place, const char *format, ...)
{
    char sentence[LINE_MAX_LEN / 2];
    char *text = NULL;
    va_list args;
    rb_buf out;

    /* counted first: an error that finds no memory is still one */
    if (level == RB_FAULT_ERROR)
        faults->n_errors++;
    va_start(args, format);
    int len = vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    rb_buf_init(&out, LINE_MAX_LEN);
    write_place(&out, place);
    rb_buf_adds(&out, level == RB_FAULT_WARNING ? "warning: " : "");
    size_t said_at = out.len;
    rb_buf_adds(&out, len < 0 ? "fault that cannot be written down" : sentence);
    rb_fault *slot = new_slot(faults);
    if (!slot || rb_buf_take(&out, &text) != RB_OK) {
        rb_buf_fini(&out);
        faults->n_dropped++;
        return;
    }
    *slot = (rb_fault){.text = text,
                       .file_len = strlen(place.file),
                       .said_at = said_at,
                       .level = level,
                       .line = place.line,
                       .col = place.col,
                       .order = faults->n};
    faults->n++;
}

static int compare_files(const rb_fault *a, const rb_fault *b)
{
    size_t shorter = a->file_len < b->file_len ? a->file_len : b->file_len;
    int order = memcmp(a->text, b->text, shorter);

    return order != 0 ? order : (a->file_len > b->file_len) - (a->file_len < b->file_len);
}

static int compare_faults(const void *left, const void *right)
{
    const rb_fault *a = left;
    const rb_fault *b = right;
    int order = compare_files(a, b);

    if (order != 0)
        return order;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->col != b->col)
        return a->col < b->col ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

void rb_faults_sort(rb_faults *faults)
{
    if (faults->n > 0)
        qsort(faults->items, faults->n, sizeof *faults->items, compare_faults);
}

rb_fault_parts rb_faults_parts(const rb_faults *faults, size_t i)
{
    const rb_fault *fault = &faults->items[i];

    return (rb_fault_parts){.level = fault->level,
                            .file = {fault->text, fault->file_len},
                            .line = fault->line,
                            .col = fault->col,
                            .text = fault->text + fault->said_at};
}

void rb_faults_print(rb_faults *faults, FILE *to)
{
    rb_faults_sort(faults);
    for (size_t i = 0; i < faults->n; i++)
        rb_screen_line(to, faults->items[i].text);
    if (faults->n_dropped > 0)
        (void)fprintf(to, "and %zu more: mend these first\n", faults->n_dropped);
}

const char *rb_faults_line(const rb_faults *faults, size_t i)
{
    return i < faults->n ? faults->items[i].text : NULL;
}

void rb_faults_fini(rb_faults *faults)
{
    for (size_t i = 0; i < faults->n; i++)
        free(faults->items[i].text);
    free(faults->items);
    *faults = (rb_faults){0};
}
