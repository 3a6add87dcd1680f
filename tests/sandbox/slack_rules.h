/* slack_rules.h - the table behind slack_blocks.c: each field of each kind of Block Kit object. */
#ifndef SANDBOX_SLACK_RULES_H
#define SANDBOX_SLACK_RULES_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    SK_PLAIN,  /* plain_text object, 1..max characters */
    SK_TEXT,   /* plain_text or mrkdwn object, 1..max characters */
    SK_STRING, /* min..max characters */
    SK_WORD,   /* one of the words of allowed */
    SK_WORDS,  /* min..max of them */
    SK_BOOL,
    SK_NUMBER,
    SK_ONE,     /* an object of the kind named in allowed */
    SK_TYPED,   /* an object whose type is one of allowed */
    SK_TEXTS,   /* min..max text objects of item_max characters */
    SK_OPTIONS, /* min..max objects of the kind named in allowed */
    SK_TYPES,   /* min..max objects whose type is one of allowed */
    SK_ANY
} sk_rule_kind;

typedef struct {
    const char *object; /* kind of object */
    const char *field;
    sk_rule_kind kind;
    bool is_required;
    long min;
    long max; /* 0: none */
    const char *allowed;
    long item_max;
} sk_rule;

#define SK_MESSAGE_BLOCKS "section rich_text header context divider actions input image markdown"
#define SK_VIEW_BLOCKS "section rich_text header context divider actions input image"

/* The rules of one kind; none for an unknown kind. */
const sk_rule *sk_rules(const char *object, size_t *out_count);

#endif
