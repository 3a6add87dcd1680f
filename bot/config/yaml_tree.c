/* yaml_tree.c - see yaml_tree.h. */
#include "config/yaml_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#define READ_STEP ((size_t)64 * 1024)

struct rb_yaml_tree {
    yaml_document_t document; /* holds the text of the nodes */
    bool has_document;
    rb_yaml_node *nodes; /* one for each of the document's, in its order */
    size_t n_nodes;
};

/* What one parse carries along. */
typedef struct {
    rb_str content;
    const char *file;
    rb_faults *faults;
    size_t n_errors_before;
} parse;

static rb_place place_of(const parse *p, yaml_mark_t mark)
{
    return (rb_place){p->file, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static void add_error(const parse *p, yaml_mark_t mark, const char *text)
{
    rb_faults_add(p->faults, RB_FAULT_ERROR, place_of(p, mark), "%s", text);
}

static rb_err verdict(const parse *p)
{
    return p->faults->n_errors > p->n_errors_before ? RB_E_CONFIG : RB_OK;
}

/* ---- before libyaml: what it would call by names that help nobody --------------------------------------------------- */

static void find_tabs(const parse *p)
{
    uint32_t line = 1;
    bool is_indent = true;
    uint32_t col = 1;

    for (size_t i = 0; i < p->content.len; i++, col++) {
        char c = p->content.ptr[i];
        if (c == '\t' && is_indent) {
            rb_faults_add(p->faults, RB_FAULT_ERROR, (rb_place){p->file, line, col},
                          "a tab stands before the text: indent with spaces");
            is_indent = false; /* one a line */
        }
        if (c == '\n') {
            line++;
            col = 0;
        }
        is_indent = c == '\n' || (is_indent && c == ' ');
    }
}

static void report_parser_fault(const parse *p, const yaml_parser_t *parser)
{
    const char *problem = parser->problem ? parser->problem : "cannot be read";
    yaml_mark_t mark = parser->error == YAML_READER_ERROR ? parser->mark : parser->problem_mark;

    if (parser->error == YAML_MEMORY_ERROR)
        rb_faults_add(p->faults, RB_FAULT_ERROR, (rb_place){p->file, 0, 0}, "out of memory: make the file smaller");
    else if (parser->error == YAML_READER_ERROR)
        rb_faults_add(p->faults, RB_FAULT_ERROR, place_of(p, mark),
                      "not UTF-8 text at or after this place (%s): save the file as UTF-8", problem);
    else
        rb_faults_add(p->faults, RB_FAULT_ERROR, place_of(p, mark),
                      "not YAML (%s): look at the indentation, colons and quotes here and above", problem);
}

/* ---- first pass, over events: what the tree no longer shows ---------------------------------------------------------- */

typedef struct {
    size_t depth;
    size_t n_documents;
    bool is_over;
} scan;

static void check_anchor_and_tag(const parse *p, yaml_mark_t mark, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        add_error(p, mark, "anchors (&name) are not used here: write the value itself");
    if (tag)
        add_error(p, mark, "tags (!name) are not used here: write the value alone");
}

static void enter(const parse *p, scan *s, yaml_mark_t mark)
{
    if (++s->depth <= RB_YAML_DEPTH_MAX)
        return;
    add_error(p, mark, "nested too deeply: look at the example file");
    s->is_over = true;
}

static void see_event(const parse *p, scan *s, const yaml_event_t *event)
{
    yaml_mark_t mark = event->start_mark;

    switch ((int)event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++s->n_documents == 2)
            add_error(p, mark, "a second document begins: remove the line --- and what follows");
        s->is_over = s->n_documents > 1;
        break;
    case YAML_ALIAS_EVENT: add_error(p, mark, "aliases (*name) are not used here: write the value itself"); break;
    case YAML_SCALAR_EVENT:
        check_anchor_and_tag(p, mark, event->data.scalar.anchor, event->data.scalar.tag);
        if (memchr(event->data.scalar.value, '\0', event->data.scalar.length))
            add_error(p, mark, "a NUL character is in the text: remove it");
        break;
    case YAML_SEQUENCE_START_EVENT:
        check_anchor_and_tag(p, mark, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        enter(p, s, mark);
        break;
    case YAML_MAPPING_START_EVENT:
        check_anchor_and_tag(p, mark, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        enter(p, s, mark);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: s->depth--; break;
    case YAML_STREAM_END_EVENT: s->is_over = true; break;
    default: break;
    }
}

static void start_parser(yaml_parser_t *parser, rb_str content)
{
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)content.ptr, content.len);
}

static rb_err scan_events(const parse *p)
{
    yaml_parser_t parser;
    yaml_event_t event;
    scan s = {0, 0, false};

    if (!yaml_parser_initialize(&parser))
        return RB_E_NOMEM;
    start_parser(&parser, p->content);
    while (!s.is_over) {
        if (!yaml_parser_parse(&parser, &event)) {
            report_parser_fault(p, &parser);
            break;
        }
        see_event(p, &s, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return verdict(p);
}

/* ---- second pass: the document as our nodes ------------------------------------------------------------------------- */

static rb_yaml_node *node_at(const rb_yaml_tree *tree, int index)
{
    return &tree->nodes[index - 1]; /* libyaml counts from 1 */
}

static void fill_scalar(rb_yaml_node *node, const yaml_node_t *from)
{
    yaml_scalar_style_t style = from->data.scalar.style;

    node->kind = RB_YAML_SCALAR;
    node->text = (rb_str){(const char *)from->data.scalar.value, from->data.scalar.length};
    node->is_quoted = style != YAML_PLAIN_SCALAR_STYLE && style != YAML_ANY_SCALAR_STYLE;
}

static void fill_list(const rb_yaml_tree *tree, rb_yaml_node *node, const yaml_node_t *from)
{
    const rb_yaml_node **link = &node->first;

    node->kind = RB_YAML_LIST;
    for (yaml_node_item_t *item = from->data.sequence.items.start; item < from->data.sequence.items.top; item++) {
        rb_yaml_node *child = node_at(tree, *item);
        *link = child;
        link = &child->next;
        node->count++;
    }
}

static void fill_map(const rb_yaml_tree *tree, rb_yaml_node *node, const yaml_node_t *from)
{
    const rb_yaml_node **link = &node->first;

    node->kind = RB_YAML_MAP;
    for (yaml_node_pair_t *pair = from->data.mapping.pairs.start; pair < from->data.mapping.pairs.top; pair++) {
        rb_yaml_node *child = node_at(tree, pair->value);
        child->key = node_at(tree, pair->key);
        *link = child;
        link = &child->next;
        node->count++;
    }
}

static void fill_node(const rb_yaml_tree *tree, rb_yaml_node *node, const yaml_node_t *from)
{
    node->line = (uint32_t)from->start_mark.line + 1;
    node->col = (uint32_t)from->start_mark.column + 1;
    switch ((int)from->type) {
    case YAML_SCALAR_NODE: fill_scalar(node, from); break;
    case YAML_SEQUENCE_NODE: fill_list(tree, node, from); break;
    case YAML_MAPPING_NODE: fill_map(tree, node, from); break;
    default: break;
    }
}

static bool is_first_of_its_name(const rb_yaml_node *map, const rb_yaml_node *value, const rb_yaml_node **out_other)
{
    for (const rb_yaml_node *other = map->first; other != value; other = other->next)
        if (other->key->kind == RB_YAML_SCALAR && rb_str_equal(other->key->text, value->key->text)) {
            *out_other = other;
            return false;
        }
    return true;
}

static void check_keys(const parse *p, const rb_yaml_node *map)
{
    const rb_yaml_node *other = NULL;

    if (map->count > RB_YAML_KEYS_MAX) {
        rb_faults_add(p->faults, RB_FAULT_ERROR, (rb_place){p->file, map->line, map->col},
                      "%zu keys stand here: is it the right file?", map->count);
        return;
    }
    for (const rb_yaml_node *value = map->first; value; value = value->next) {
        rb_place place = {p->file, value->key->line, value->key->col};
        if (value->key->kind != RB_YAML_SCALAR)
            rb_faults_add(p->faults, RB_FAULT_ERROR, place, "a key is not a word: write KEY: VALUE");
        else if (!is_first_of_its_name(map, value, &other))
            rb_faults_add(p->faults, RB_FAULT_ERROR, place,
                          "this key stands here twice, first in line %u: remove one of them", other->key->line);
    }
}

static rb_err build(const parse *p, rb_yaml_tree *tree)
{
    const yaml_node_t *from = tree->document.nodes.start;

    tree->n_nodes = (size_t)(tree->document.nodes.top - tree->document.nodes.start);
    if (tree->n_nodes == 0)
        return RB_OK;
    tree->nodes = calloc(tree->n_nodes, sizeof *tree->nodes);
    if (!tree->nodes)
        return RB_E_NOMEM;
    for (size_t i = 0; i < tree->n_nodes; i++)
        fill_node(tree, &tree->nodes[i], &from[i]);
    for (size_t i = 0; i < tree->n_nodes; i++)
        if (tree->nodes[i].kind == RB_YAML_MAP)
            check_keys(p, &tree->nodes[i]);
    return verdict(p);
}

static rb_err load(const parse *p, rb_yaml_tree *tree)
{
    yaml_parser_t parser;

    if (!yaml_parser_initialize(&parser))
        return RB_E_NOMEM;
    start_parser(&parser, p->content);
    tree->has_document = yaml_parser_load(&parser, &tree->document);
    if (!tree->has_document)
        report_parser_fault(p, &parser);
    yaml_parser_delete(&parser);
    return tree->has_document ? build(p, tree) : RB_E_CONFIG;
}

/* ---- the module ----------------------------------------------------------------------------------------------------- */

rb_err rb_yaml_parse(rb_str content, const char *file, rb_faults *faults, rb_yaml_tree **out_tree)
{
    parse p = {content, file, faults, faults->n_errors};

    find_tabs(&p);
    rb_err err = verdict(&p);
    if (err == RB_OK)
        err = scan_events(&p);
    rb_yaml_tree *tree = err == RB_OK ? calloc(1, sizeof *tree) : NULL;
    if (err == RB_OK)
        err = tree ? load(&p, tree) : RB_E_NOMEM;
    if (err == RB_E_NOMEM)
        rb_faults_add(faults, RB_FAULT_ERROR, (rb_place){file, 0, 0}, "out of memory: make the file smaller");
    if (err != RB_OK) {
        rb_yaml_free(tree);
        return err;
    }
    *out_tree = tree;
    return RB_OK;
}

const rb_yaml_node *rb_yaml_root(const rb_yaml_tree *tree)
{
    return tree->n_nodes > 0 ? tree->nodes : NULL;
}

void rb_yaml_free(rb_yaml_tree *tree)
{
    if (!tree)
        return;
    if (tree->has_document)
        yaml_document_delete(&tree->document);
    free(tree->nodes);
    free(tree);
}

const rb_yaml_node *rb_yaml_get(const rb_yaml_node *map, rb_str key)
{
    if (!map || map->kind != RB_YAML_MAP)
        return NULL;
    for (const rb_yaml_node *value = map->first; value; value = value->next)
        if (rb_str_equal(value->key->text, key))
            return value;
    return NULL;
}

bool rb_yaml_is_null(const rb_yaml_node *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

    if (node->kind != RB_YAML_SCALAR || node->is_quoted)
        return false;
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        if (rb_str_equal(node->text, rb_str_of(nulls[i])))
            return true;
    return false;
}

rb_err rb_yaml_read_file(const char *path, rb_faults *faults, rb_buf *out_content)
{
    rb_place place = {path, 0, 0};
    char chunk[READ_STEP];
    size_t got;

    FILE *file = fopen(path, "rbe");
    if (!file) {
        rb_faults_add(faults, RB_FAULT_ERROR, place,
                      "cannot be opened (%s): name the right file, or let this user read it", strerror(errno));
        return RB_E_CONFIG;
    }
    rb_buf_init(out_content, RB_YAML_FILE_MAX);
    while (out_content->err == RB_OK && (got = fread(chunk, 1, sizeof chunk, file)) > 0)
        rb_buf_add(out_content, (rb_str){chunk, got});
    bool has_failed = ferror(file) != 0;
    (void)fclose(file);
    if (has_failed)
        rb_faults_add(faults, RB_FAULT_ERROR, place, "cannot be read: is it a plain file?");
    else if (out_content->err == RB_E_LIMIT)
        rb_faults_add(faults, RB_FAULT_ERROR, place, "larger than %d bytes: is it the right file?", RB_YAML_FILE_MAX);
    else if (out_content->err != RB_OK)
        rb_faults_add(faults, RB_FAULT_ERROR, place, "out of memory: make the file smaller");
    else
        return RB_OK;
    rb_buf_fini(out_content);
    return RB_E_CONFIG;
}
