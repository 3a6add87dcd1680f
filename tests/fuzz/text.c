/* text.c - fuzz: strangers' text through everything that judges or cleans it, and as times and numbers. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/clock.h"
#include "resetbot/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cleaning once is enough, and clipping gives the same or a shorter text. */
static void clean_and_clip(rb_str text)
{
    rb_buf once;
    rb_buf twice;
    char clipped[32];

    rb_buf_init(&once, text.len * 4);
    rb_buf_init(&twice, text.len * 4);
    rb_text_clean(&once, text);
    rb_text_clean(&twice, rb_buf_str(&once));
    assert(!once.err && !twice.err);
    assert(rb_str_equal(rb_buf_str(&once), rb_buf_str(&twice)));
    assert(rb_text_chars(rb_buf_str(&once)) <= rb_text_chars(text));
    for (size_t i = 0; i < once.len; i++)
        assert((unsigned char)once.ptr[i] >= ' ' && once.ptr[i] != 0x7f);
    rb_text_clip(clipped, sizeof clipped, text);
    assert(strlen(clipped) < sizeof clipped);
    assert(once.len >= sizeof clipped || strcmp(clipped, rb_buf_cstr(&once)) == 0);
    rb_buf_fini(&once);
    rb_buf_fini(&twice);
}

/* What reads as a time is written and read as the same second. */
static void times(rb_str text)
{
    int64_t at = 0;
    int64_t again = 0;
    char iso[RB_TIME_CAP];

    (void)!rb_time_parse_http(text, &again);
    if (rb_time_parse_iso(text, &at) != RB_OK || rb_time_is_sentinel(at))
        return;
    rb_time_iso(at, iso);
    rb_err err = rb_time_parse_iso(rb_str_of(iso), &again);
    assert(err == RB_OK && again <= at && at - again < RB_SECOND_MS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rb_str text = {(const char *)data, size};
    unsigned long long number = 0;

    clean_and_clip(text);
    times(text);
    (void)!rb_str_to_uint(text, UINT32_MAX, &number);
    assert(number <= UINT32_MAX);
    rb_str ticket = rb_text_find_ticket(text);
    assert(ticket.len <= size);
    /* the judgement is about what people see: cleaning changes nothing in it */
    rb_buf cleaned;
    rb_buf_init(&cleaned, size * 4);
    rb_text_clean(&cleaned, text);
    assert(rb_text_looks_secret(text) == rb_text_looks_secret(rb_buf_str(&cleaned)));
    rb_buf_fini(&cleaned);
    return 0;
}
