/* grammar.c - fuzz target: what is typed after the slash command. The first byte chooses: a whole text, or one word of a form.
 * Seeds: corpus/grammar. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/delivery.h"
#include "resetbot/grammar.h"
#include "resetbot/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Cleaned text stays as it is when it is cleaned again: nothing invisible is left in it. */
static void check_inert(const char *text)
{
    rb_buf again;

    rb_buf_init(&again, (size_t)RB_COMMAND_TEXT_CAP * 2);
    rb_text_clean(&again, rb_str_of(text));
    assert(!again.err);
    assert(strcmp(rb_buf_cstr(&again), text) == 0);
    rb_buf_fini(&again);
}

static void check_target(const rb_intent *intent)
{
    bool has_target = intent->target[0] != '\0';

    assert(has_target || intent->is_target_too_long || intent->target_kind == RB_TARGET_NONE);
    assert(!has_target || intent->target_kind != RB_TARGET_NONE);
    if (intent->target_kind == RB_TARGET_USER && has_target)
        assert(strchr(intent->target, '@'));
    if (intent->target_kind == RB_TARGET_DEVICE_ID)
        assert(rb_str_is_guid(rb_str_of(intent->target)));
    if (intent->target_kind == RB_TARGET_REQUEST)
        assert(strncmp(intent->target, "R-", 2) == 0 && strlen(intent->target) < RB_REQUEST_ID_CAP);
    check_inert(intent->target);
}

/* A word of a target is the same target when it is typed again. */
static void check_again(const rb_intent *intent)
{
    static rb_intent again;

    if (!intent->target[0] || intent->target_kind == RB_TARGET_MENTION)
        return;
    memset(&again, 0, sizeof again);
    rb_grammar_target(rb_str_of(intent->target), &again);
    assert(again.target_kind == intent->target_kind);
    assert(strcmp(again.target, intent->target) == 0);
}

static void check_reason(const rb_intent *intent)
{
    assert(rb_text_chars(rb_str_of(intent->reason)) <= RB_REASON_CHARS_MAX);
    assert(!intent->is_reason_too_long || !intent->reason[0]);
    assert(!intent->is_reason_secret || !intent->reason[0]);
    check_inert(intent->reason);
    check_inert(intent->ticket);
    check_inert(intent->verb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static rb_intent intent;

    if (len == 0 || len > RB_COMMAND_TEXT_CAP)
        return 0;
    char *exact = malloc(len);
    assert(exact);
    memcpy(exact, data + 1, len - 1);
    rb_str text = {exact, len - 1};
    memset(&intent, 0, sizeof intent);
    if (data[0] & 1)
        rb_grammar_target(text, &intent);
    else
        rb_grammar_parse(text, &intent);
    check_target(&intent);
    check_reason(&intent);
    if (!(data[0] & 1))
        check_again(&intent);
    free(exact);
    return 0;
}
