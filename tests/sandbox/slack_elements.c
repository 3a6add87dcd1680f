#include "slack_elements.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_world.h"

/* How an element keeps what was entered: the key in state.values, and the key of its initial value. */
static const struct {
    const char *type;
    const char *key;
    const char *initial;
    bool has_options;
} kinds[] = {{"plain_text_input", "value", "initial_value", false},
             {"email_text_input", "value", "initial_value", false},
             {"url_text_input", "value", "initial_value", false},
             {"number_input", "value", "initial_value", false},
             {"static_select", "selected_option", "initial_option", true},
             {"radio_buttons", "selected_option", "initial_option", true},
             {"checkboxes", "selected_options", "initial_options", true},
             {"multi_static_select", "selected_options", "initial_options", true},
             {"users_select", "selected_user", "initial_user", false},
             {"conversations_select", "selected_conversation", "initial_conversation", false},
             {"channels_select", "selected_channel", "initial_channel", false},
             {"datepicker", "selected_date", "initial_date", false},
             {"timepicker", "selected_time", "initial_time", false},
             {"datetimepicker", "selected_date_time", "initial_date_time", false}};

#define N_KINDS (sizeof kinds / sizeof kinds[0])

static size_t kind_of(json_object *element)
{
    size_t kind = 0;
    while (kind < N_KINDS && strcmp(kinds[kind].type, sj_str(element, "type")) != 0)
        kind++;
    return kind;
}

void sk_elements(json_object *blocks, sk_visit visit, void *arg)
{
    for (size_t i = 0; i < sj_len(blocks); i++) {
        json_object *block = sj_at(blocks, i);
        json_object *single = sj_get(block, !strcmp(sj_str(block, "type"), "input") ? "element" : "accessory");
        if (single && visit(arg, block, single))
            return;
        if (strcmp(sj_str(block, "type"), "actions") != 0)
            continue;
        json_object *elements = sj_get(block, "elements");
        for (size_t j = 0; j < sj_len(elements); j++)
            if (visit(arg, block, sj_at(elements, j)))
                return;
    }
}

typedef struct {
    const char *action_id;
    const char *block_id;
    json_object *element;
    json_object *block;
} search;

static bool is_wanted(void *arg, json_object *block, json_object *element)
{
    search *wanted = arg;
    if (strcmp(sj_str(element, "action_id"), wanted->action_id) != 0)
        return false;
    if (*wanted->block_id && strcmp(sj_str(block, "block_id"), wanted->block_id) != 0)
        return false;
    wanted->element = element;
    wanted->block = block;
    return true;
}

json_object *sk_element_find(json_object *blocks, const char *action_id, const char *block_id, json_object **out_block)
{
    search wanted = {.action_id = action_id, .block_id = block_id};
    sk_elements(blocks, is_wanted, &wanted);
    if (out_block && wanted.element)
        *out_block = wanted.block;
    return wanted.element;
}

json_object *sk_block_find(json_object *blocks, const char *block_id)
{
    for (size_t i = 0; i < sj_len(blocks); i++)
        if (!strcmp(sj_str(sj_at(blocks, i), "block_id"), block_id))
            return sj_at(blocks, i);
    return NULL;
}

static void give_id(json_object *object, const char *key)
{
    if (*sj_str(object, key))
        return;
    char id[7];
    sk_hex(id, 6);
    json_object_object_add(object, key, sj_text(id));
}

static bool give_action_id(void *arg, json_object *block, json_object *element)
{
    (void)arg;
    (void)block;
    if (strcmp(sj_str(element, "type"), "image") != 0)
        give_id(element, "action_id");
    return false;
}

void sk_fill_ids(json_object *blocks)
{
    for (size_t i = 0; i < sj_len(blocks); i++)
        give_id(sj_at(blocks, i), "block_id");
    sk_elements(blocks, give_action_id, NULL);
}

static json_object *option_in(json_object *options, const char *wanted)
{
    for (size_t i = 0; i < sj_len(options); i++) {
        json_object *option = sj_at(options, i);
        if (!strcmp(sj_str(option, "value"), wanted) || !strcmp(sj_str(sj_get(option, "text"), "text"), wanted))
            return option;
    }
    return NULL;
}

json_object *sk_option_find(json_object *element, const char *wanted)
{
    json_object *option = option_in(sj_get(element, "options"), wanted);
    json_object *groups = sj_get(element, "option_groups");
    for (size_t i = 0; !option && i < sj_len(groups); i++)
        option = option_in(sj_get(sj_at(groups, i), "options"), wanted);
    return option;
}

static json_object *entry_with(size_t kind, json_object *take_value)
{
    json_object *entry = sj_pack("type:s", kinds[kind].type);
    json_object_object_add(entry, kinds[kind].key, take_value);
    return entry;
}

/* Checkboxes: an array of texts, or one text. */
static json_object *many_chosen(json_object *element, json_object *value)
{
    json_object *picked = json_object_new_array();
    size_t count = sj_is(value, json_type_array) ? sj_len(value) : 1;
    for (size_t i = 0; i < count; i++) {
        json_object *text = sj_is(value, json_type_array) ? sj_at(value, i) : value;
        json_object *option = sk_option_find(element, json_object_get_string(text));
        if (option)
            json_object_array_add(picked, json_object_get(option));
    }
    return picked;
}

json_object *sk_chosen(json_object *element, json_object *value, const char **out_error)
{
    size_t kind = kind_of(element);
    if (kind == N_KINDS) {
        *out_error = "that element takes no input";
        return NULL;
    }
    if (!value)
        return entry_with(kind, NULL);
    if (!kinds[kind].has_options)
        return entry_with(kind, json_object_get(value));
    if (strcmp(kinds[kind].key, "selected_options") == 0)
        return entry_with(kind, many_chosen(element, value));
    json_object *option = sk_option_find(element, json_object_get_string(value));
    if (!option) {
        *out_error = "no such option";
        return NULL;
    }
    return entry_with(kind, json_object_get(option));
}

static json_object *initial_of(size_t kind, json_object *element)
{
    json_object *initial = sj_get(element, kinds[kind].initial);
    bool is_many = !strcmp(kinds[kind].key, "selected_options");
    if (!initial && is_many)
        return entry_with(kind, json_object_new_array());
    return entry_with(kind, json_object_get(initial));
}

typedef struct {
    json_object *values;
    json_object *chosen;
} gathering;

static bool gather(void *arg, json_object *block, json_object *element)
{
    gathering *state = arg;
    size_t kind = kind_of(element);
    if (kind == N_KINDS)
        return false;
    const char *block_id = sj_str(block, "block_id");
    const char *action_id = sj_str(element, "action_id");
    json_object *entry = sj_get(sj_get(state->chosen, block_id), action_id);
    sk_choose(state->values, block_id, action_id, entry ? json_object_get(entry) : initial_of(kind, element));
    return false;
}

json_object *sk_state(json_object *blocks, json_object *chosen)
{
    gathering state = {.values = json_object_new_object(), .chosen = chosen};
    sk_elements(blocks, gather, &state);
    return state.values;
}

static bool keep_entry(void *arg, json_object *block, json_object *element)
{
    gathering *state = arg;
    const char *block_id = sj_str(block, "block_id");
    const char *action_id = sj_str(element, "action_id");
    json_object *entry = sj_get(sj_get(state->chosen, block_id), action_id);
    if (entry && !strcmp(sj_str(entry, "type"), sj_str(element, "type")))
        sk_choose(state->values, block_id, action_id, json_object_get(entry));
    return false;
}

json_object *sk_state_kept(json_object *blocks, json_object *old_values)
{
    gathering state = {.values = json_object_new_object(), .chosen = old_values};
    sk_elements(blocks, keep_entry, &state);
    return state.values;
}

void sk_choose(json_object *chosen, const char *block_id, const char *action_id, json_object *take_entry)
{
    json_object *in_block = sj_get(chosen, block_id);
    if (!in_block) {
        in_block = json_object_new_object();
        json_object_object_add(chosen, block_id, in_block);
    }
    json_object_object_add(in_block, action_id, take_entry);
}
