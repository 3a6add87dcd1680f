/* graph_people.c - see graph_people.h. */
#include "device/graph_people.h"

#include <string.h>

#include "device/json.h"
#include "resetbot/text.h"
#include "util/utf8.h"

/* ---- what may be asked ------------------------------------------------------------------------------------------ */

bool rb_graph_is_name_part(rb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return false;
    return text.len < RB_UPN_CAP && rb_str_equal(text, rb_str_trim(text)) && rb_text_chars(text) >= RB_PEOPLE_PART_MIN;
}

/* ---- is it who was meant? --------------------------------------------------------------------------------------- */

/* Latin Extended-A: capitals and small letters take turns, small after capital (Unicode chart U0100; U+0130 and U+0138 stand
 * alone, and U+0149 has no capital, which is why the turn changes there twice). */
static uint32_t lower_extended(uint32_t code)
{
    bool is_even_capital = (code >= 0x100 && code <= 0x137 && code != 0x130) || (code >= 0x14A && code <= 0x177);
    bool is_odd_capital = (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17E);

    if (code == 0x178)
        return 0xFF;
    if ((is_even_capital && code % 2 == 0) || (is_odd_capital && code % 2 == 1))
        return code + 1;
    return code;
}

static uint32_t lower(uint32_t code)
{
    bool is_32_before = (code >= 'A' && code <= 'Z') || (code >= 0xC0 && code <= 0xDE && code != 0xD7) || /* Latin-1 */
                        (code >= 0x391 && code <= 0x3A9) || (code >= 0x410 && code <= 0x42F); /* Greek, Cyrillic */

    if (is_32_before)
        return code + 32;
    return code >= 0x400 && code <= 0x40F ? code + 80 : lower_extended(code);
}

static void add_lower(rb_buf *out, rb_str text)
{
    while (text.len > 0) {
        char bytes[RB_UTF8_MAX];
        size_t len = rb_utf8_put(lower(rb_utf8_take(&text)), bytes);
        rb_buf_add(out, (rb_str){bytes, len});
    }
}

static bool contains(rb_str text, rb_str part)
{
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (memcmp(text.ptr + i, part.ptr, part.len) == 0)
            return true;
    return false;
}

bool rb_graph_bears_part(rb_str name, rb_str upn, rb_str part)
{
    rb_buf whole;
    rb_buf wanted;
    size_t n_words = 0;
    bool is_meant = true;

    /* a byte that is no UTF-8 becomes three */
    rb_buf_init(&whole, (name.len + upn.len) * 3 + 1);
    rb_buf_init(&wanted, part.len * 3);
    add_lower(&whole, name);
    rb_buf_adds(&whole, "\n"); /* no word reaches from one into the other */
    add_lower(&whole, upn);
    add_lower(&wanted, part);
    rb_str rest = rb_buf_str(&wanted);
    for (rb_str word = rb_str_word(&rest); word.len > 0 && is_meant; word = rb_str_word(&rest)) {
        is_meant = contains(rb_buf_str(&whole), word);
        n_words++;
    }
    is_meant = is_meant && n_words > 0 && !whole.err && !wanted.err;
    rb_buf_fini(&whole);
    rb_buf_fini(&wanted);
    return is_meant;
}

/* ---- the answer ------------------------------------------------------------------------------------------------- */

static rb_err read_person(struct json_object *row, rb_directory_person *out_person)
{
    rb_directory_person person = {0};

    if (rb_djson_guid(row, "id", person.id, sizeof person.id) ||
        rb_djson_copy(row, "userPrincipalName", person.upn, sizeof person.upn) || person.id[0] == '\0' ||
        person.upn[0] == '\0')
        return RB_E_SYNTAX;
    rb_djson_clip(row, "displayName", person.name, sizeof person.name);
    rb_djson_clip(row, "department", person.department, sizeof person.department);
    *out_person = person;
    return RB_OK;
}

/* The texts as sent are compared, not the cleaned ones. Asked for by name, accountEnabled is there: only true counts. */
static rb_err add_row(struct json_object *row, rb_str part, rb_graph_people *people)
{
    if (!row)
        return RB_E_SYNTAX;
    if (!rb_graph_bears_part(rb_djson_text(row, "displayName"), rb_djson_text(row, "userPrincipalName"), part)) {
        people->n_foreign++;
        return RB_OK;
    }
    if (!rb_djson_is_true(row, "accountEnabled"))
        return RB_OK;
    if (people->n == RB_PEOPLE_FOUND_MAX) {
        people->has_more = true;
        return RB_OK;
    }
    rb_err err = read_person(row, &people->items[people->n]);
    people->n += err == RB_OK;
    return err;
}

rb_err rb_graph_read_people(rb_str body, rb_str part, rb_graph_people *out_people)
{
    struct json_object *root = NULL;
    rb_graph_people people = {0};

    rb_err err = rb_djson_parse_body(body, &root);
    if (err)
        return err == RB_E_LIMIT ? RB_E_SYNTAX : err;
    struct json_object *list = rb_djson_array(root, "value");
    if (!list || !rb_djson_may_be_text(root, "@odata.nextLink"))
        err = RB_E_SYNTAX;
    people.has_more = rb_djson_has_content(root, "@odata.nextLink");
    for (size_t i = 0; i < rb_djson_len(list) && !err; i++)
        err = add_row(rb_djson_item(list, i), part, &people);
    if (!err)
        *out_people = people;
    rb_djson_free(root);
    return err;
}
