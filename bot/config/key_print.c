/* key_print.c - see key_print.h. */
#include "config/key_print.h"

#include <string.h>

#include "resetbot/str.h"
#include "util/screen.h"

#define WIDTH 100 /* of a file */
#define INDENT 2
#define HELP_INDENT 6
#define FACTS_MAX 512

/* ---- text ------------------------------------------------------------------------------------------------------------- */

/* Words of text, each line behind `indent` blanks and `lead`. */
static void print_wrapped(FILE *to, size_t indent, const char *lead, rb_str text)
{
    size_t col = 0;

    for (rb_str word = rb_str_word(&text); word.len > 0; word = rb_str_word(&text)) {
        if (col > 0 && col + 1 + word.len > WIDTH) {
            (void)fputc('\n', to);
            col = 0;
        }
        if (col == 0) {
            (void)fprintf(to, "%*s%s", (int)indent, "", lead);
            col = indent + strlen(lead);
        } else {
            (void)fputc(' ', to);
            col++;
        }
        (void)fprintf(to, "%.*s", (int)word.len, word.ptr);
        col += word.len;
    }
    if (col > 0)
        (void)fputc('\n', to);
}

static void add_choices(rb_buf *out, const char *choices)
{
    rb_str rest = rb_str_of(choices);
    const char *lead = "";

    for (rb_str word = rb_str_word(&rest); word.len > 0; word = rb_str_word(&rest)) {
        rb_buf_adds(out, lead);
        rb_buf_add(out, word);
        lead = " | ";
    }
}

/* "1 to 8; default 2". */
static void add_facts(rb_buf *out, const rb_key *key)
{
    switch (key->type) {
    case RB_KEY_SECTION: return;
    case RB_KEY_TEXT: rb_buf_adds(out, key->form->noun); break;
    case RB_KEY_NUMBER: rb_buf_addf(out, "%u to %u", key->min, key->max); break;
    case RB_KEY_SECONDS: rb_buf_addf(out, "%u to %u seconds", key->min, key->max); break;
    case RB_KEY_FLAG: rb_buf_adds(out, "true | false"); break;
    case RB_KEY_CHOICE: add_choices(out, key->choices); break;
    case RB_KEY_TEXTS: rb_buf_addf(out, "list of: %s", key->form->noun); break;
    case RB_KEY_PEOPLE: rb_buf_adds(out, "list of {slack, entra}"); break;
    }
    if (key->is_required)
        rb_buf_adds(out, "; required");
    else if (key->fallback)
        rb_buf_addf(out, "; default %s", key->fallback);
    else
        rb_buf_adds(out, "; optional");
}

static void print_facts(FILE *to, size_t indent, const char *lead, const rb_key *key)
{
    rb_buf facts;

    rb_buf_init(&facts, FACTS_MAX);
    add_facts(&facts, key);
    print_wrapped(to, indent, lead, rb_buf_str(&facts));
    rb_buf_fini(&facts);
}

/* ---- help ------------------------------------------------------------------------------------------------------------- */

void rb_keys_print_help(const rb_key_table *table, FILE *to)
{
    rb_buf facts;

    for (size_t i = 0; i < table->n; i++) {
        const rb_key *key = &table->keys[i];
        if (key->type == RB_KEY_SECTION)
            continue;
        (void)fprintf(to, "%*s%s\n", INDENT, "", key->name);
        rb_buf_init(&facts, FACTS_MAX);
        add_facts(&facts, key);
        rb_screen_prose(to, HELP_INDENT, rb_buf_cstr(&facts));
        rb_screen_prose(to, HELP_INDENT, key->help);
        rb_buf_fini(&facts);
    }
}

/* ---- example ---------------------------------------------------------------------------------------------------------- */

static size_t depth_of(const rb_key *key)
{
    size_t depth = 0;

    for (const char *c = key->name; *c; c++)
        depth += *c == '.';
    return depth;
}

static const char *last_part(const rb_key *key)
{
    const char *dot = strrchr(key->name, '.');

    return dot ? dot + 1 : key->name;
}

static bool is_list(const rb_key *key)
{
    return key->type == RB_KEY_TEXTS || key->type == RB_KEY_PEOPLE;
}

/* The value that stands in the file; a list's sample is a comment, for it would be somebody's rights. */
static const char *shown_value(const rb_key *key)
{
    return key->sample && !is_list(key) ? key->sample : key->fallback;
}

static void print_example_key(FILE *to, const rb_key *key, size_t indent)
{
    print_facts(to, indent, "# ", key);
    if (is_list(key) && key->sample)
        (void)fprintf(to, "%*s# for example: %s%s\n", (int)indent, "",
                      key->type == RB_KEY_PEOPLE ? "one a line, instead of []\n#   " : "", key->sample);
    (void)fprintf(to, "%*s%s%s: %s\n", (int)indent, "", key->is_active ? "" : "#", last_part(key), shown_value(key));
}

void rb_keys_print_example(const rb_key_table *table, FILE *to)
{
    print_wrapped(to, 0, "# ", rb_str_of(table->title));
    for (size_t i = 0; i < table->n; i++) {
        const rb_key *key = &table->keys[i];
        size_t indent = depth_of(key) * INDENT;
        if (indent == 0)
            (void)fputc('\n', to);
        if (key->help)
            print_wrapped(to, indent, "# ", rb_str_of(key->help));
        if (key->type == RB_KEY_SECTION)
            (void)fprintf(to, "%*s%s:\n", (int)indent, "", last_part(key));
        else
            print_example_key(to, key, indent);
    }
}
