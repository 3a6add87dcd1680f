/* json_line.h - one JSON object on a line of its own, for `status` and `audit`: no memory is noticed, and a terminal obeys nothing
 * of it. */
#ifndef RB_STORE_JSON_LINE_H
#define RB_STORE_JSON_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json_object;

/* Begun by rb_json_line_start, ended by rb_json_line_print. */
typedef struct {
    struct json_object *object; /* NULL: there was no memory for it */
    bool is_out_of_memory;
} rb_json_line;

rb_json_line rb_json_line_start(void);
void rb_json_line_text(rb_json_line *line, const char *key, const char *text);
void rb_json_line_number(rb_json_line *line, const char *key, int64_t number);
void rb_json_line_flag(rb_json_line *line, const char *key, bool flag);
/* Frees the line. False, and nothing printed: there was no memory for all of it. */
bool rb_json_line_print(rb_json_line *line, FILE *to);

#endif
