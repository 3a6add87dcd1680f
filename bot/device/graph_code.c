/* graph_code.c - see graph_code.h. */
#include "device/graph_code.h"

#include "device/graph_codec.h"
#include "device/scan.h"
#include "resetbot/limits.h"

/* Bytes of a passcode: its length is not documented (domain/intune.md 1.3), so this only bounds memory. */
#define CODE_MAX 1024
/* Bytes of a text that is compared: longer ones are no key of ours. */
#define TEXT_MAX 256

/* A string's text, escapes resolved, into a buffer; "" when it is no string, or not a readable one. */
static rb_str text_of(rb_str value, rb_buf *buf)
{
    rb_buf_init(buf, TEXT_MAX);
    if (rb_scan_is_string(value) && rb_scan_text(value, buf))
        rb_buf_clear(buf);
    return buf->err ? (rb_str){"", 0} : rb_buf_str(buf);
}

static bool has_key(rb_str entry, const rb_action_key *key)
{
    rb_buf type;
    rb_buf name;
    rb_buf started;
    rb_action_key found = {0};

    rb_str type_text = text_of(rb_scan_get(entry, "@odata.type"), &type);
    rb_str name_text = text_of(rb_scan_get(entry, "actionName"), &name);
    rb_str started_text = text_of(rb_scan_get(entry, "startDateTime"), &started);
    bool is_it = rb_graph_is_passcode_entry(type_text, name_text) &&
                 rb_graph_key_of(type_text, name_text, started_text, &found) == RB_OK &&
                 rb_str_equal(rb_str_of(found.type), rb_str_of(key->type)) &&
                 rb_str_equal(rb_str_of(found.started), rb_str_of(key->started));
    rb_buf_fini(&type);
    rb_buf_fini(&name);
    rb_buf_fini(&started);
    return is_it;
}

static rb_err find_entry(rb_str list, const rb_action_key *key, rb_str *out_entry)
{
    rb_str walk = rb_scan_inside(list);
    rb_str entry = {"", 0};
    rb_str item;

    if (!rb_scan_is_array(list))
        return RB_E_SYNTAX;
    while (rb_scan_next_item(&walk, &item)) {
        if (!has_key(item, key))
            continue;
        if (entry.len > 0)
            return RB_E_CONFLICT;
        entry = item;
    }
    *out_entry = entry;
    return entry.len > 0 ? RB_OK : RB_E_NOT_FOUND;
}

static rb_err take_passcode(rb_str value, rb_secret **out_code)
{
    rb_buf code;

    if (value.len == 0 || rb_str_equal(value, RB_STR("null")))
        return RB_E_NOT_FOUND;
    if (!rb_scan_is_string(value))
        return RB_E_SYNTAX;
    rb_buf_init(&code, CODE_MAX);
    rb_err err = rb_scan_text(value, &code);
    if (!err)
        err = code.err;
    if (!err && code.len == 0)
        err = RB_E_NOT_FOUND;
    if (!err) {
        rb_secret *secret = rb_secret_new(rb_buf_str(&code));
        if (secret)
            *out_code = secret;
        else
            err = RB_E_NOMEM;
    }
    rb_buf_wipe(&code);
    return err;
}

rb_err rb_graph_take_code(rb_str body, const char *id, const rb_action_key *key, rb_secret **out_code)
{
    rb_str root = {"", 0};
    rb_str entry = {"", 0};

    if (rb_scan_document(body, &root) || !rb_scan_is_object(root))
        return RB_E_SYNTAX;
    rb_str wrapped = rb_scan_get(root, "value");
    rb_str entity = rb_scan_is_object(wrapped) ? wrapped : root;
    rb_str found_id = rb_scan_get(entity, "id");
    if (!rb_scan_is_string(found_id))
        return RB_E_SYNTAX;
    if (!rb_scan_text_is(found_id, rb_str_of(id), true))
        return RB_E_CONFLICT;
    rb_err err = find_entry(rb_scan_get(entity, "deviceActionResults"), key, &entry);
    return err ? err : take_passcode(rb_scan_get(entry, "passcode"), out_code);
}
