/* json_line.c - see json_line.h. */
#include "json_line.h"

#include <json-c/json.h>

#include "util/screen.h"

rb_json_line rb_json_line_start(void)
{
    struct json_object *object = json_object_new_object();

    return (rb_json_line){.object = object, .is_out_of_memory = !object};
}

/* Takes value, which may be NULL for want of memory. */
static void add_take(rb_json_line *line, const char *key, struct json_object *value)
{
    if (value && line->object && json_object_object_add(line->object, key, value) == 0)
        return;
    json_object_put(value);
    line->is_out_of_memory = true;
}

void rb_json_line_text(rb_json_line *line, const char *key, const char *text)
{
    add_take(line, key, json_object_new_string(text));
}

void rb_json_line_number(rb_json_line *line, const char *key, int64_t number)
{
    add_take(line, key, json_object_new_int64(number));
}

void rb_json_line_flag(rb_json_line *line, const char *key, bool flag)
{
    add_take(line, key, json_object_new_boolean(flag));
}

bool rb_json_line_print(rb_json_line *line, FILE *to)
{
    size_t len = 0;
    const char *text = line->is_out_of_memory
                           ? NULL
                           : json_object_to_json_string_length(
                                 line->object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

    if (text)
        rb_screen_json(to, (rb_str){text, len});
    json_object_put(line->object);
    line->object = NULL;
    return text != NULL;
}
