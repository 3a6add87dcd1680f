#include "slack_render.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "slack_world.h"

const char *sk_name_of(const char *user)
{
    const char *name = sj_str(sk_user(user), "name");
    return *name ? name : user;
}

/* ---- mrkdwn ---------------------------------------------------------------------------------------------------- */

/* "<@U0HANNA|x>", "<!here>", "<https://x|label>": inside is what stands between < and >. */
static void render_angle(sb_bytes *out, const char *inside)
{
    const char *bar = strchr(inside, '|');
    char *target = bar ? sb_strf("%.*s", (int)(bar - inside), inside) : sb_strdup(inside);
    if (*inside == '@') {
        sb_bytes_addf(out, "@%s", sk_name_of(target + 1));
    } else if (*inside == '#') {
        const sk_channel *channel = sk_channel_find(target + 1);
        sb_bytes_addf(out, "#%s", channel ? channel->name : target + 1);
    } else if (!strncmp(inside, "!subteam^", 9)) {
        json_object *group = sj_get(sk_groups(), target + 9);
        sb_bytes_addf(out, "@%s", group ? sj_str(group, "handle") : target + 9);
    } else if (*inside == '!') {
        sb_bytes_addf(out, "%s%s", bar ? "" : "@", bar ? bar + 1 : target + 1);
    } else if (bar && strcmp(bar + 1, target) != 0 && strncmp(target, "mailto:", 7) != 0) {
        sb_bytes_addf(out, "%s (%s)", bar + 1, target);
    } else {
        sb_bytes_adds(out, bar ? bar + 1 : target);
    }
    free(target);
}

static size_t render_entity(sb_bytes *out, const char *at)
{
    static const struct {
        const char *entity;
        const char *text;
    } entities[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}};
    for (size_t i = 0; i < 3; i++)
        if (!strncmp(at, entities[i].entity, strlen(entities[i].entity))) {
            sb_bytes_adds(out, entities[i].text);
            return strlen(entities[i].entity);
        }
    sb_bytes_adds(out, "&");
    return 1;
}

void sk_render_text(sb_bytes *out, const char *text)
{
    for (const char *at = text; *at;) {
        const char *end = *at == '<' ? strchr(at, '>') : NULL;
        if (end) {
            char *inside = sb_strf("%.*s", (int)(end - at - 1), at + 1);
            render_angle(out, inside);
            free(inside);
            at = end + 1;
        } else if (*at == '&') {
            at += render_entity(out, at);
        } else {
            sb_bytes_add(out, at++, 1);
        }
    }
}

/* Adds text with indent before each line, and a line end. */
static void add_lines(sb_bytes *out, const char *text, const char *indent)
{
    for (const char *at = text;;) {
        size_t len = strcspn(at, "\n");
        sb_bytes_addf(out, "%s%.*s\n", indent, (int)len, at);
        if (!at[len])
            return;
        at += len + 1;
    }
}

static void add_text_object(sb_bytes *out, json_object *object)
{
    sk_render_text(out, sj_str(object, "text"));
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

static void add_chosen(sb_bytes *out, json_object *element, json_object *entry)
{
    json_object *options = sj_get(element, "options");
    json_object *chosen = sj_get(entry, "selected_option");
    for (size_t i = 0; i < sj_len(options); i++) {
        const char *value = sj_str(sj_at(options, i), "value");
        bool is_chosen = chosen && !strcmp(value, sj_str(chosen, "value"));
        json_object *many = sj_get(entry, "selected_options");
        for (size_t j = 0; j < sj_len(many); j++)
            is_chosen |= !strcmp(value, sj_str(sj_at(many, j), "value"));
        sb_bytes_addf(out, "%s(%s) %s", i ? "  " : "", is_chosen ? "x" : " ",
                      sj_str(sj_get(sj_at(options, i), "text"), "text"));
    }
}

static void add_select(sb_bytes *out, json_object *element, json_object *entry)
{
    json_object *chosen = sj_get(entry, "selected_option");
    const char *shown =
        chosen ? sj_str(sj_get(chosen, "text"), "text") : sj_str(sj_get(element, "placeholder"), "text");
    sb_bytes_addf(out, "{%s: ", *shown ? shown : "choose");
    json_object *options = sj_get(element, "options");
    for (size_t i = 0; i < sj_len(options); i++)
        sb_bytes_addf(out, "%s%s", i ? " | " : "", sj_str(sj_get(sj_at(options, i), "text"), "text"));
    sb_bytes_adds(out, "}");
}

static void add_element(sb_bytes *out, json_object *element, json_object *entry)
{
    const char *type = sj_str(element, "type");
    if (!strcmp(type, "button"))
        sb_bytes_addf(out, "[%s]", sj_str(sj_get(element, "text"), "text"));
    else if (!strcmp(type, "radio_buttons") || !strcmp(type, "checkboxes"))
        add_chosen(out, element, entry);
    else if (!strcmp(type, "static_select"))
        add_select(out, element, entry);
    else if (!strcmp(type, "plain_text_input"))
        sb_bytes_addf(out, "|%s|", *sj_str(entry, "value") ? sj_str(entry, "value") : "______");
    else
        sb_bytes_addf(out, "{%s}", type);
}

static json_object *entry_of(json_object *values, json_object *block, json_object *element)
{
    return sj_get(sj_get(values, sj_str(block, "block_id")), sj_str(element, "action_id"));
}

/* ---- rich text ----------------------------------------------------------------------------------------------------- */

static void add_rich(sb_bytes *out, json_object *element)
{
    const char *type = sj_str(element, "type");
    if (!strcmp(type, "user"))
        sb_bytes_addf(out, "@%s", sk_name_of(sj_str(element, "user_id")));
    else if (!strcmp(type, "usergroup"))
        sb_bytes_addf(out, "@%s", sj_str(sj_get(sk_groups(), sj_str(element, "usergroup_id")), "handle"));
    else if (!strcmp(type, "emoji"))
        sb_bytes_addf(out, ":%s:", sj_str(element, "name"));
    else if (!strcmp(type, "link"))
        sb_bytes_adds(out, *sj_str(element, "text") ? sj_str(element, "text") : sj_str(element, "url"));
    else if (!strcmp(type, "broadcast"))
        sb_bytes_addf(out, "@%s", sj_str(element, "range"));
    else if (!strcmp(type, "date"))
        sb_bytes_adds(out, sj_str(element, "fallback"));
    else
        sb_bytes_adds(out, sj_str(element, "text"));
    json_object *parts = sj_get(element, "elements");
    bool is_list = !strcmp(type, "rich_text_list");
    for (size_t i = 0; i < sj_len(parts); i++) {
        if (is_list)
            sb_bytes_addf(out, "%s- ", i ? "\n" : "");
        json_object *inner = sj_at(parts, i);
        json_object *leaves = is_list ? sj_get(inner, "elements") : NULL;
        for (size_t j = 0; j < sj_len(leaves); j++)
            add_rich(out, sj_at(leaves, j));
        if (!is_list)
            add_rich(out, inner);
    }
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

static void add_elements(sb_bytes *out, json_object *block, json_object *values)
{
    json_object *elements = sj_get(block, "elements");
    bool is_context = !strcmp(sj_str(block, "type"), "context");
    for (size_t i = 0; i < sj_len(elements); i++) {
        json_object *element = sj_at(elements, i);
        if (i)
            sb_bytes_adds(out, " ");
        if (is_context)
            add_text_object(out, element);
        else
            add_element(out, element, entry_of(values, block, element));
    }
}

static void add_section(sb_bytes *out, json_object *block, json_object *values)
{
    add_text_object(out, sj_get(block, "text"));
    json_object *fields = sj_get(block, "fields");
    for (size_t i = 0; i < sj_len(fields); i++) {
        if (out->len)
            sb_bytes_adds(out, "\n");
        add_text_object(out, sj_at(fields, i));
    }
    json_object *accessory = sj_get(block, "accessory");
    if (!accessory)
        return;
    sb_bytes_adds(out, "  ");
    add_element(out, accessory, entry_of(values, block, accessory));
}

static void add_block(sb_bytes *out, json_object *block, json_object *values)
{
    const char *type = sj_str(block, "type");
    if (!strcmp(type, "section")) {
        add_section(out, block, values);
    } else if (!strcmp(type, "header") || !strcmp(type, "markdown")) {
        json_object *text = sj_get(block, "text");
        sk_render_text(out, sj_is(text, json_type_string) ? json_object_get_string(text) : sj_str(text, "text"));
    } else if (!strcmp(type, "divider")) {
        sb_bytes_adds(out, "----");
    } else if (!strcmp(type, "input")) {
        add_text_object(out, sj_get(block, "label"));
        sb_bytes_adds(out, ": ");
        add_element(out, sj_get(block, "element"), entry_of(values, block, sj_get(block, "element")));
    } else if (!strcmp(type, "rich_text")) {
        json_object *parts = sj_get(block, "elements");
        for (size_t i = 0; i < sj_len(parts); i++) {
            if (i)
                sb_bytes_adds(out, "\n");
            add_rich(out, sj_at(parts, i));
        }
    } else {
        add_elements(out, block, values);
    }
}

void sk_render_blocks(sb_bytes *out, json_object *blocks, json_object *values, const char *indent)
{
    for (size_t i = 0; i < sj_len(blocks); i++) {
        sb_bytes line = {0};
        add_block(&line, sj_at(blocks, i), values);
        add_lines(out, sb_bytes_cstr(&line), indent);
        sb_bytes_fini(&line);
    }
}

void sk_render_message(sb_bytes *out, json_object *message, json_object *values, const char *indent)
{
    if (sj_len(sj_get(message, "blocks"))) {
        sk_render_blocks(out, sj_get(message, "blocks"), values, indent);
        return;
    }
    sb_bytes text = {0};
    sk_render_text(&text, sj_str(message, "text"));
    add_lines(out, sb_bytes_cstr(&text), indent);
    sb_bytes_fini(&text);
}
