/* scrub.c - see scrub.h. */
#include "device/scrub.h"

#include <string.h>

#include "device/scan.h"

/* Graph v1.0 and beta metadata (domain facts 2.4, 2.5): properties of managedDevice and of its action results that let
 * somebody into a device; and what Entra's token replies hold. */
static const rb_str secret_names[] = {{"passcode", 8},      {"unlockPin", 9},      {"activationLockBypassCode", 24},
                                      {"access_token", 12}, {"refresh_token", 13}, {"id_token", 8}};

static bool is_secret_name(rb_str key)
{
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++)
        if (rb_scan_text_is(key, secret_names[i], true))
            return true;
    return false;
}

/* base is the writable start of the text that value points into. */
static void blank(char *base, rb_str text, rb_str value)
{
    char *at = base + (value.ptr - text.ptr);
    bool is_empty = rb_str_equal(value, RB_STR("\"\"")) || rb_str_equal(value, RB_STR("null")) ||
                    rb_str_equal(value, RB_STR("false"));

    if (is_empty)
        return;
    memset(at, ' ', value.len);
    at[0] = '1';
}

/* Recursion is bounded: the document nests at most RB_SCAN_DEPTH_MAX deep. */
static void scrub_value(char *base, rb_str text, rb_str value)
{
    rb_str walk = rb_scan_inside(value);
    rb_str key;
    rb_str inner;

    if (rb_scan_is_array(value))
        while (rb_scan_next_item(&walk, &inner))
            scrub_value(base, text, inner);
    if (!rb_scan_is_object(value))
        return;
    while (rb_scan_next_member(&walk, &key, &inner))
        if (is_secret_name(key))
            blank(base, text, inner);
        else
            scrub_value(base, text, inner);
}

rb_err rb_scrub_copy(rb_str body, rb_buf *out)
{
    rb_str value = {"", 0};

    rb_err err = rb_scan_document(body, &value);
    if (err)
        return err;
    rb_buf_add(out, value);
    if (out->err)
        return out->err;
    scrub_value(out->ptr, rb_buf_str(out), rb_buf_str(out));
    return RB_OK;
}
