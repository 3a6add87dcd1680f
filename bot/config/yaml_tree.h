/* yaml_tree.h - a YAML file as a small tree that knows where each part stood. Strict: one document; no aliases, anchors,
 * tags, duplicate keys, tabs before text or deep nesting. The only file pair that knows libyaml. */
#ifndef CONFIG_YAML_TREE_H
#define CONFIG_YAML_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/faults.h"
#include "resetbot/err.h"
#include "resetbot/str.h"

/* 50,000 people of about 95 bytes a line, and room */
#define RB_YAML_FILE_MAX (8 * 1024 * 1024)
/* our own files need 4 */
#define RB_YAML_DEPTH_MAX 16
/* keys of one map: ours has 11 */
#define RB_YAML_KEYS_MAX 128

typedef enum { RB_YAML_SCALAR, RB_YAML_LIST, RB_YAML_MAP } rb_yaml_kind;

typedef struct rb_yaml_node rb_yaml_node;

struct rb_yaml_node {
    rb_yaml_kind kind;
    uint32_t line;             /* from 1 */
    uint32_t col;              /* from 1, in characters */
    rb_str text;               /* SCALAR: UTF-8, followed by a NUL, without one inside */
    bool is_quoted;            /* SCALAR: in quotes, or a block */
    const rb_yaml_node *key;   /* of a value in a MAP: a SCALAR; else NULL */
    const rb_yaml_node *first; /* LIST: first item; MAP: first value */
    const rb_yaml_node *next;  /* sibling */
    size_t count;              /* LIST, MAP: children */
};

typedef struct rb_yaml_tree rb_yaml_tree;

/* The tree of a file's content. Faults go to `faults` with `file` as its name; any error is RB_E_CONFIG (RB_E_NOMEM when
 * there is no memory) and no tree. A file without anything but comments is RB_OK, and its tree has no root. */
rb_err rb_yaml_parse(rb_str content, const char *file, rb_faults *faults, rb_yaml_tree **out_tree) RB_MUST_CHECK;
/* NULL for an empty file. Lives as long as the tree. */
const rb_yaml_node *rb_yaml_root(const rb_yaml_tree *tree);
void rb_yaml_free(rb_yaml_tree *tree);

/* The value of a key in a MAP; NULL when absent or not a MAP. */
const rb_yaml_node *rb_yaml_get(const rb_yaml_node *map, rb_str key);
/* Nothing was written: an unquoted "", ~ or null. */
bool rb_yaml_is_null(const rb_yaml_node *node);

/* A whole file into memory: at most RB_YAML_FILE_MAX bytes. What is wrong goes to faults. */
rb_err rb_yaml_read_file(const char *path, rb_faults *faults, rb_buf *out_content) RB_MUST_CHECK;

#endif
