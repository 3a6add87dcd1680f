/* key_read.c - see key_read.h. */
#include "config/key_read.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/clock.h"
#include "resetbot/text.h"
#include "util/nearest.h"

#define SHOWN_CAP 80 /* of a name that we do not know, in a fault */

typedef struct {
    const rb_key_table *table;
    const char *file;
    void *target;
    rb_key_place *places;
    rb_faults *faults;
} reader;

static rb_place place_of(const reader *r, const rb_yaml_node *node)
{
    return (rb_place){r->file, node->line, node->col};
}

static void add_fault(const reader *r, const rb_key *key, const rb_yaml_node *node, const char *sentence)
{
    rb_faults_add(r->faults, RB_FAULT_ERROR, place_of(r, node), "%s %s", key->name, sentence);
}

const rb_key *rb_keys_find(const rb_key_table *table, rb_str name)
{
    for (size_t i = 0; i < table->n; i++)
        if (rb_str_equal(rb_str_of(table->keys[i].name), name))
            return &table->keys[i];
    return NULL;
}

/* ---- one value: text -> struct. These say what is wrong in errbuf, and know nothing of files ------------------------------ */

static char *field_of(void *target, size_t offset)
{
    return (char *)target + offset;
}

static rb_err put_text(const rb_key *key, rb_str text, void *target, rb_errbuf *errbuf)
{
    rb_err err = key->form->check(text, errbuf);

    if (err == RB_OK && rb_copy(field_of(target, key->offset), key->size, text) != RB_OK)
        return rb_fail(errbuf, RB_E_LIMIT, "is longer than %zu bytes: shorten it", key->size - 1);
    return err;
}

/* "010" would be 8 to some readers of YAML, and 10 to others. */
static rb_err parse_number(const rb_key *key, rb_str text, uint32_t *out_number, rb_errbuf *errbuf)
{
    unsigned long long number;
    bool has_zero = text.len > 1 && text.ptr[0] == '0';

    if (has_zero || rb_str_to_uint(text, key->max, &number) != RB_OK || number < key->min)
        return rb_fail(errbuf, RB_E_SYNTAX, "is not a whole number from %u to %u: write one", key->min, key->max);
    *out_number = (uint32_t)number;
    return RB_OK;
}

static rb_err put_number(const rb_key *key, rb_str text, void *target, rb_errbuf *errbuf)
{
    uint32_t number;
    rb_err err = parse_number(key, text, &number, errbuf);

    if (err == RB_OK)
        memcpy(field_of(target, key->offset), &number, sizeof number);
    return err;
}

static rb_err put_seconds(const rb_key *key, rb_str text, void *target, rb_errbuf *errbuf)
{
    uint32_t seconds;
    rb_err err = parse_number(key, text, &seconds, errbuf);

    if (err == RB_OK) {
        int64_t ms = (int64_t)seconds * RB_SECOND_MS;
        memcpy(field_of(target, key->offset), &ms, sizeof ms);
    }
    return err;
}

static rb_err put_flag(const rb_key *key, rb_str text, void *target, rb_errbuf *errbuf)
{
    bool flag = rb_str_equal(text, RB_STR("true"));

    if (!flag && !rb_str_equal(text, RB_STR("false")))
        return rb_fail(errbuf, RB_E_SYNTAX, "is neither true nor false: write one of them");
    memcpy(field_of(target, key->offset), &flag, sizeof flag);
    return RB_OK;
}

static rb_err put_choice(const rb_key *key, rb_str text, void *target, rb_errbuf *errbuf)
{
    rb_str rest = rb_str_of(key->choices);
    rb_str nearest = {"", 0};
    size_t best = SIZE_MAX;
    uint32_t place = 0;

    for (rb_str word = rb_str_word(&rest); word.len > 0; word = rb_str_word(&rest), place++) {
        if (rb_str_equal(word, text)) {
            memcpy(field_of(target, key->offset), &place, sizeof place);
            return RB_OK;
        }
        size_t distance = rb_edit_distance(word, text);
        if (distance < best && rb_is_near(distance, word)) {
            best = distance;
            nearest = word;
        }
    }
    if (nearest.len > 0)
        return rb_fail(errbuf, RB_E_SYNTAX, "is not one of: %s: did you mean %.*s?", key->choices, (int)nearest.len,
                       nearest.ptr);
    return rb_fail(errbuf, RB_E_SYNTAX, "is not one of: %s: write one of them", key->choices);
}

static rb_err put_value(const rb_key *key, rb_str text, void *target, rb_errbuf *errbuf)
{
    switch (key->type) {
    case RB_KEY_TEXT: return put_text(key, text, target, errbuf);
    case RB_KEY_NUMBER: return put_number(key, text, target, errbuf);
    case RB_KEY_SECONDS: return put_seconds(key, text, target, errbuf);
    case RB_KEY_FLAG: return put_flag(key, text, target, errbuf);
    case RB_KEY_CHOICE: return put_choice(key, text, target, errbuf);
    case RB_KEY_SECTION:
    case RB_KEY_TEXTS:
    case RB_KEY_PEOPLE: break;
    }
    return rb_fail(errbuf, RB_E_INTERNAL, "is no single value");
}

static bool is_single(const rb_key *key)
{
    return key->type != RB_KEY_SECTION && key->type != RB_KEY_TEXTS && key->type != RB_KEY_PEOPLE;
}

void rb_keys_set_defaults(const rb_key_table *table, void *target)
{
    for (size_t i = 0; i < table->n; i++) {
        const rb_key *key = &table->keys[i];
        if (!is_single(key) || !key->fallback)
            continue;
        rb_err err = put_value(key, rb_str_of(key->fallback), target, NULL);
        assert(err == RB_OK); /* the table's own defaults are good */
        (void)err;
    }
}

/* ---- nodes ------------------------------------------------------------------------------------------------------------ */

/* "3" in quotes is a text to every reader of YAML; taking it for a number here would teach a wrong habit. */
static bool is_wrongly_quoted(const rb_key *key, const rb_yaml_node *node)
{
    return node->is_quoted && (key->type == RB_KEY_NUMBER || key->type == RB_KEY_SECONDS || key->type == RB_KEY_FLAG);
}

static void read_single(const reader *r, const rb_key *key, const rb_yaml_node *node)
{
    rb_errbuf errbuf;

    if (node->kind != RB_YAML_SCALAR)
        add_fault(r, key, node,
                  node->kind == RB_YAML_LIST ? "is a list: write one value" : "has keys of its own: write one value");
    else if (rb_yaml_is_null(node))
        add_fault(r, key, node, "is empty: write a value, or remove the line");
    else if (is_wrongly_quoted(key, node))
        add_fault(r, key, node, "is text: remove the quotes");
    else if (put_value(key, node->text, r->target, &errbuf) != RB_OK)
        add_fault(r, key, node, errbuf.text);
}

/* One item into dst (key->size bytes). */
static bool read_item(const reader *r, const rb_key *key, const rb_yaml_node *node, char *dst)
{
    rb_key item = *key;
    rb_errbuf errbuf;

    item.offset = 0;
    if (node->kind != RB_YAML_SCALAR || rb_yaml_is_null(node)) {
        add_fault(r, key, node, "has an item that is no single value: write one a line");
        return false;
    }
    if (put_text(&item, node->text, dst, &errbuf) == RB_OK)
        return true;
    rb_faults_add(r->faults, RB_FAULT_ERROR, place_of(r, node), "%s has an item that %s", key->name, errbuf.text);
    return false;
}

static void warn_of_repetition(const reader *r, const rb_key *key, const rb_yaml_node *node, const char *items,
                               size_t n)
{
    const char *last = items + n * key->size;

    for (size_t i = 0; i < n; i++)
        if (strcmp(items + i * key->size, last) == 0) {
            rb_faults_add(r->faults, RB_FAULT_WARNING, place_of(r, node), "%s lists %s twice: remove one", key->name,
                          last);
            return;
        }
}

static void fill_list(const reader *r, const rb_key *key, const rb_yaml_node *node)
{
    size_t n = 0;
    char *items = calloc(node->count, key->size);

    if (!items) {
        add_fault(r, key, node, "finds no memory: shorten the list");
        return;
    }
    for (const rb_yaml_node *item = node->first; item; item = item->next)
        if (read_item(r, key, item, items + n * key->size)) {
            warn_of_repetition(r, key, item, items, n);
            n++;
        }
    /* every object pointer has one representation here, and memcpy needs no cast between them */
    memcpy(field_of(r->target, key->offset), &items, sizeof items);
    memcpy(field_of(r->target, key->count_offset), &n, sizeof n);
}

static void read_list(const reader *r, const rb_key *key, const rb_yaml_node *node)
{
    if (node->kind != RB_YAML_LIST && !rb_yaml_is_null(node))
        add_fault(r, key, node, "is not a list: write [one, another], or one a line after a dash");
    else if (node->count > key->max)
        rb_faults_add(r->faults, RB_FAULT_ERROR, place_of(r, node), "%s has %zu items, more than %u: shorten it",
                      key->name, node->count, key->max);
    else if (node->count > 0)
        fill_list(r, key, node);
}

void rb_keys_free_lists(const rb_key_table *table, void *target)
{
    for (size_t i = 0; i < table->n; i++) {
        const rb_key *key = &table->keys[i];
        void *items;
        if (key->type != RB_KEY_TEXTS)
            continue;
        memcpy(&items, field_of(target, key->offset), sizeof items);
        free(items);
        memset(field_of(target, key->offset), 0, sizeof items);
        memset(field_of(target, key->count_offset), 0, sizeof(size_t));
    }
}

/* ---- names ------------------------------------------------------------------------------------------------------------ */

static rb_str last_part(rb_str name)
{
    size_t at = name.len;

    while (at > 0 && name.ptr[at - 1] != '.')
        at--;
    return (rb_str){name.ptr + at, name.len - at};
}

/* The right word in the wrong place is nearly right: it costs one letter. */
static size_t distance_to(const rb_key *key, rb_str name)
{
    rb_str known = rb_str_of(key->name);
    size_t whole = rb_edit_distance(known, name);
    size_t last = rb_edit_distance(last_part(known), last_part(name));

    if (!rb_is_near(whole, last_part(name)))
        whole = SIZE_MAX;
    if (!rb_is_near(last, last_part(name)) || last == SIZE_MAX)
        return whole;
    return whole < last + 1 ? whole : last + 1;
}

static const char *nearest_name(const rb_key_table *table, rb_str name)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < table->n; i++) {
        size_t distance = distance_to(&table->keys[i], name);
        if (distance < best) {
            best = distance;
            nearest = table->keys[i].name;
        }
    }
    return nearest;
}

static void report_unknown(const reader *r, const rb_yaml_node *node, rb_str name)
{
    const char *nearest = nearest_name(r->table, name);
    char shown[SHOWN_CAP];

    rb_text_clip(shown, sizeof shown, name);
    if (nearest)
        rb_faults_add(r->faults, RB_FAULT_ERROR, place_of(r, node), "%s is not a known key: did you mean %s?", shown,
                      nearest);
    else
        rb_faults_add(r->faults, RB_FAULT_ERROR, place_of(r, node), "%s is not a known key: remove it", shown);
}

/* ---- maps ------------------------------------------------------------------------------------------------------------- */

static void read_map(const reader *r, const rb_yaml_node *map, const char *prefix);

static void note_place(const reader *r, const rb_key *key, const rb_yaml_node *node)
{
    if (r->places)
        r->places[key - r->table->keys] = (rb_key_place){node->key->line, node->key->col};
}

static void read_section(const reader *r, const rb_key *key, const rb_yaml_node *node)
{
    char prefix[RB_KEY_NAME_CAP + 1];

    if (node->kind == RB_YAML_MAP) {
        (void)snprintf(prefix, sizeof prefix, "%s.", key->name);
        read_map(r, node, prefix);
    } else if (!rb_yaml_is_null(node)) {
        /* a section whose keys are all behind a # is null, and fine */
        add_fault(r, key, node, "holds other keys: put them below it, indented");
    }
}

static void read_node(const reader *r, const rb_key *key, const rb_yaml_node *node)
{
    note_place(r, key, node);
    switch (key->type) {
    case RB_KEY_SECTION: read_section(r, key, node); break;
    case RB_KEY_TEXTS: read_list(r, key, node); break;
    case RB_KEY_PEOPLE: break; /* policy_file.c reads it */
    case RB_KEY_TEXT:
    case RB_KEY_NUMBER:
    case RB_KEY_SECONDS:
    case RB_KEY_FLAG:
    case RB_KEY_CHOICE: read_single(r, key, node); break;
    }
}

/* `prefix` is "", or a section's name with a dot. */
static void read_map(const reader *r, const rb_yaml_node *map, const char *prefix)
{
    rb_buf name;

    rb_buf_init(&name, RB_YAML_FILE_MAX + RB_KEY_NAME_CAP);
    for (const rb_yaml_node *node = map->first; node; node = node->next) {
        rb_buf_clear(&name);
        rb_buf_adds(&name, prefix);
        rb_buf_add(&name, node->key->text);
        const rb_key *key = rb_keys_find(r->table, rb_buf_str(&name));
        if (key)
            read_node(r, key, node);
        else
            report_unknown(r, node->key, rb_buf_str(&name));
    }
    rb_buf_fini(&name);
}

/* The value of a dotted name, NULL when absent. *out_innermost: key of the innermost section of it that exists, else root. */
static const rb_yaml_node *find_node(const rb_yaml_node *root, const char *name, const rb_yaml_node **out_innermost)
{
    rb_str rest = rb_str_of(name);
    const rb_yaml_node *node = root;
    const char *dot;

    *out_innermost = root;
    while (node && (dot = memchr(rest.ptr, '.', rest.len))) {
        size_t len = (size_t)(dot - rest.ptr);
        node = rb_yaml_get(node, (rb_str){rest.ptr, len});
        rest = (rb_str){dot + 1, rest.len - len - 1};
        if (node)
            *out_innermost = node->key;
    }
    return rb_yaml_get(node, rest);
}

static void check_required(const reader *r, const rb_key *key, const rb_yaml_node *root)
{
    const rb_yaml_node *innermost;

    if (find_node(root, key->name, &innermost))
        return;
    rb_place place = innermost ? place_of(r, innermost) : (rb_place){r->file, 1, 1};
    rb_faults_add(r->faults, RB_FAULT_ERROR, place, "%s is missing: add it (%s)", key->name, key->form->noun);
}

rb_err rb_keys_read(const rb_key_table *table, const rb_yaml_node *root, const char *file, void *target,
                    rb_key_place *out_places, rb_faults *faults)
{
    reader r = {table, file, target, out_places, faults};
    size_t n_errors_before = faults->n_errors;

    if (root && root->kind != RB_YAML_MAP && !rb_yaml_is_null(root)) {
        rb_faults_add(faults, RB_FAULT_ERROR, place_of(&r, root),
                      "keys are expected here: write KEY: VALUE, one a line");
        return RB_E_CONFIG;
    }
    if (root && root->kind == RB_YAML_MAP)
        read_map(&r, root, "");
    for (size_t i = 0; i < table->n; i++)
        if (table->keys[i].is_required)
            check_required(&r, &table->keys[i], root);
    return faults->n_errors > n_errors_before ? RB_E_CONFIG : RB_OK;
}
