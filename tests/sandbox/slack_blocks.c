#include "slack_blocks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_rules.h"

/* Where a check is and what it found. */
typedef struct {
    json_object *messages;
    size_t n_faults;
    sb_bytes pointer;
} checking;

static void fault(checking *check, const char *what)
{
    char *sentence = sb_strf("[ERROR] %s [json-pointer:%s]", what, sb_bytes_cstr(&check->pointer));
    sj_add_text(check->messages, sentence);
    free(sentence);
    check->n_faults++;
}

static void faultf(checking *check, const char *format, const char *detail, long limit)
{
    sb_bytes text = {0};
    for (const char *at = format; *at; at++) {
        if (*at == '@')
            sb_bytes_adds(&text, detail);
        else if (*at == '#')
            sb_bytes_addf(&text, "%ld", limit);
        else
            sb_bytes_add(&text, at, 1);
    }
    fault(check, sb_bytes_cstr(&text));
    sb_bytes_fini(&text);
}

static size_t enter(checking *check, const char *key)
{
    size_t before = check->pointer.len;
    sb_bytes_addf(&check->pointer, "/%s", key);
    return before;
}

static size_t enter_place(checking *check, size_t place)
{
    size_t before = check->pointer.len;
    sb_bytes_addf(&check->pointer, "/%zu", place);
    return before;
}

static void leave(checking *check, size_t before)
{
    check->pointer.len = before;
    check->pointer.ptr[before] = '\0';
}

/* Characters, not bytes: Slack counts those. */
static long count_characters(const char *text)
{
    long count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void check_string(checking *check, json_object *value, long min, long max)
{
    if (!sj_is(value, json_type_string)) {
        fault(check, "must be a string");
        return;
    }
    long count = count_characters(json_object_get_string(value));
    if (count < min)
        faultf(check, "must be more than @# characters", "", min - 1);
    if (max && count > max)
        faultf(check, "must be less than @# characters", "", max + 1);
}

static void check_object(checking *check, json_object *object, const char *kind);

/* A text object: plain_text alone, or plain_text and mrkdwn. */
static void check_text(checking *check, json_object *value, bool only_plain, long max)
{
    if (!sj_is(value, json_type_object)) {
        fault(check, "should be an object");
        return;
    }
    const char *type = sj_str(value, "type");
    bool is_mrkdwn = !strcmp(type, "mrkdwn");
    if (strcmp(type, "plain_text") != 0 && (only_plain || !is_mrkdwn))
        faultf(check, "unsupported type: @", type, 0);
    check_object(check, value, is_mrkdwn ? "mrkdwn" : "plain_text");
    size_t before = enter(check, "text");
    if (sj_get(value, "text"))
        check_string(check, sj_get(value, "text"), 1, max);
    leave(check, before);
}

bool sk_is_allowed(const char *type, const char *allowed)
{
    size_t len = strlen(type);
    for (const char *at = strstr(allowed, type); at && len; at = strstr(at + 1, type)) {
        bool starts = at == allowed || at[-1] == ' ';
        if (starts && (at[len] == ' ' || !at[len]))
            return true;
    }
    return false;
}

static void check_typed(checking *check, json_object *value, const char *allowed)
{
    const char *type = sj_str(value, "type");
    if (!sk_is_allowed(type, allowed)) {
        faultf(check, "unsupported type: @", type, 0);
        return;
    }
    check_object(check, value, type);
}

static void check_word(checking *check, const sk_rule *rule, json_object *value)
{
    if (!sj_is(value, json_type_string) || !sk_is_allowed(json_object_get_string(value), rule->allowed))
        faultf(check, "must be one of: @", rule->allowed, 0);
}

static void check_item(checking *check, const sk_rule *rule, json_object *item)
{
    if (rule->kind == SK_WORDS)
        check_word(check, rule, item);
    else if (rule->kind == SK_TEXTS)
        check_text(check, item, false, rule->item_max);
    else if (rule->kind == SK_OPTIONS)
        check_object(check, item, rule->allowed);
    else
        check_typed(check, item, rule->allowed);
}

static void check_array(checking *check, const sk_rule *rule, json_object *value)
{
    if (!sj_is(value, json_type_array)) {
        fault(check, "must be an array");
        return;
    }
    long count = (long)sj_len(value);
    if (count < rule->min)
        faultf(check, "no fewer than # items allowed@", "", rule->min);
    if (rule->max && count > rule->max)
        faultf(check, "no more than # items allowed [@]", rule->field, rule->max);
    for (size_t i = 0; i < sj_len(value); i++) {
        size_t before = enter_place(check, i);
        check_item(check, rule, sj_at(value, i));
        leave(check, before);
    }
}

static void check_field(checking *check, const sk_rule *rule, json_object *value)
{
    switch (rule->kind) {
    case SK_PLAIN:
    case SK_TEXT: check_text(check, value, rule->kind == SK_PLAIN, rule->max); return;
    case SK_STRING: check_string(check, value, rule->min, rule->max); return;
    case SK_WORD: check_word(check, rule, value); return;
    case SK_BOOL:
        if (!sj_is(value, json_type_boolean))
            fault(check, "must be a boolean");
        return;
    case SK_NUMBER:
        if (!sj_is(value, json_type_int))
            fault(check, "must be an integer");
        return;
    case SK_ONE: check_object(check, value, rule->allowed); return;
    case SK_TYPED: check_typed(check, value, rule->allowed); return;
    case SK_WORDS:
    case SK_TEXTS:
    case SK_OPTIONS:
    case SK_TYPES: check_array(check, rule, value); return;
    case SK_ANY: return;
    }
}

/* Every known field of a kind of object by its rule; unknown and missing ones are faults. */
static void check_object(checking *check, json_object *object, const char *kind)
{
    if (!sj_is(object, json_type_object)) {
        fault(check, "should be an object");
        return;
    }
    size_t n_rules = 0;
    const sk_rule *rules = sk_rules(kind, &n_rules);
    for (size_t i = 0; i < n_rules; i++)
        if (rules[i].is_required && !sj_get(object, rules[i].field))
            faultf(check, "missing required field: @", rules[i].field, 0);
    json_object_object_foreach(object, key, value)
    {
        const sk_rule *rule = NULL;
        for (size_t i = 0; i < n_rules && !rule; i++)
            rule = strcmp(rules[i].field, key) ? NULL : &rules[i];
        if (!rule && strcmp(key, "type") != 0) {
            faultf(check, "invalid additional property: @", key, 0);
        } else if (rule && value) {
            size_t before = enter(check, key);
            check_field(check, rule, value);
            leave(check, before);
        }
    }
}

/* ---- what no field's rule can say ---------------------------------------------------------------------------- */

static void check_unique(checking *check, json_object *array, const char *key)
{
    json_object *seen = json_object_new_object();
    for (size_t i = 0; i < sj_len(array); i++) {
        const char *id = sj_str(sj_at(array, i), key);
        size_t before = enter_place(check, i);
        if (*id && sj_get(seen, id))
            faultf(check, strcmp(key, "block_id") ? "`action_id` already exists: @" : "`block_id` already exists: @",
                   id, 0);
        leave(check, before);
        if (*id)
            json_object_object_add(seen, id, json_object_new_boolean(true));
    }
    json_object_put(seen);
}

static void check_block_sense(checking *check, json_object *block)
{
    const char *type = sj_str(block, "type");
    if (!strcmp(type, "section") && !sj_get(block, "text") && !sj_get(block, "fields"))
        fault(check, "missing required field: text or fields");
    if (!strcmp(type, "actions")) {
        size_t before = enter(check, "elements");
        check_unique(check, sj_get(block, "elements"), "action_id");
        leave(check, before);
    }
}

static void check_block_list(checking *check, json_object *blocks, sk_surface surface)
{
    size_t before = enter(check, "blocks");
    long max = surface == SK_SURFACE_MESSAGE ? 50 : 100;
    if (!sj_is(blocks, json_type_array))
        fault(check, "must be an array");
    if ((long)sj_len(blocks) > max)
        faultf(check, "no more than # items allowed [@]", "blocks", max);
    const char *allowed = surface == SK_SURFACE_MESSAGE ? SK_MESSAGE_BLOCKS : SK_VIEW_BLOCKS;
    for (size_t i = 0; i < sj_len(blocks); i++) {
        size_t outer = enter_place(check, i);
        check_typed(check, sj_at(blocks, i), allowed);
        check_block_sense(check, sj_at(blocks, i));
        leave(check, outer);
    }
    check_unique(check, blocks, "block_id");
    leave(check, before);
}

size_t sk_check_blocks(json_object *blocks, sk_surface surface, json_object *messages)
{
    checking check = {.messages = messages};
    sb_bytes_adds(&check.pointer, "");
    check_block_list(&check, blocks, surface);
    sb_bytes_fini(&check.pointer);
    return check.n_faults;
}

static bool has_input(json_object *blocks)
{
    for (size_t i = 0; i < sj_len(blocks); i++)
        if (!strcmp(sj_str(sj_at(blocks, i), "type"), "input"))
            return true;
    return false;
}

size_t sk_check_view(json_object *view, json_object *messages)
{
    checking check = {.messages = messages};
    sb_bytes_adds(&check.pointer, "/view");
    bool is_home = !strcmp(sj_str(view, "type"), "home");
    check_typed(&check, view, "modal home");
    json_object *blocks = sj_get(view, "blocks");
    if (blocks)
        check_block_list(&check, blocks, is_home ? SK_SURFACE_HOME : SK_SURFACE_MODAL);
    if (!is_home && has_input(blocks) && !sj_get(view, "submit"))
        fault(&check, "missing required field: submit (a view with input blocks needs it)");
    sb_bytes_fini(&check.pointer);
    return check.n_faults;
}
