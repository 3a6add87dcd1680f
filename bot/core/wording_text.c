/* What all wording files write with: translated templates, filled, into a message or into text. */
#include <stdio.h>
#include <string.h>

#include "core/wording.h"

/* ---- templates --------------------------------------------------------------------------------------------------------- */

const char *word_tr(const rb_words *words, const char *english)
{
    return words->catalogue.text(words->catalogue.self, english);
}

const char *rb_word_text(const rb_words *words, const char *english)
{
    return word_tr(words, english);
}

void word_add(const rb_words *words, rb_buf *out, const char *english, const rb_arg *args)
{
    rb_text_fill(out, word_tr(words, english), args);
}

void word_run(const rb_words *words, rb_message *out, const char *english, const rb_arg *args)
{
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    word_add(words, &text, english, args);
    rb_message_text(out, rb_buf_cstr(&text));
    rb_buf_fini(&text);
}

void word_para(const rb_words *words, rb_message *out, const char *english, const rb_arg *args)
{
    rb_message_para(out);
    word_run(words, out, english, args);
}

void rb_word_say(const rb_words *words, rb_message *out, const char *english, const rb_arg *args)
{
    word_para(words, out, english, args);
}

/* Bytes of the first n characters. */
static size_t first_chars(const char *text, size_t n)
{
    size_t at = 0;
    for (; text[at]; at++) {
        bool is_start = ((unsigned char)text[at] & 0xC0) != 0x80;
        if (is_start && n-- == 0) {
            break;
        }
    }
    return at;
}

void word_short(rb_buf *out, const char *text, size_t max_chars)
{
    if (rb_text_chars(rb_str_of(text)) <= max_chars) {
        rb_buf_adds(out, text);
        return;
    }
    rb_buf_add(out, (rb_str){text, first_chars(text, max_chars - 1)});
    rb_buf_adds(out, "…");
}

/* Where the n-th " (" from the end begins; NULL when there are fewer. */
static const char *facts_from_end(const char *text, int n)
{
    for (const char *at = text + strlen(text); at > text; at--) {
        if (at[-1] == ' ' && at[0] == '(' && --n == 0) {
            return at - 1;
        }
    }
    return NULL;
}

#define PARENTHESES_TRIED 3 /* the facts may hold some of their own */

void rb_word_stored(const rb_words *words, const char *english, rb_buf *out)
{
    char sentence[RB_DETAIL_CAP];
    const char *translated = word_tr(words, english);
    const char *facts = "";
    bool has_facts = translated == english && english[0] && english[strlen(english) - 1] == ')';
    for (int n = 1; has_facts && n <= PARENTHESES_TRIED; n++) {
        const char *at = facts_from_end(english, n);
        if (!at || rb_copy(sentence, sizeof sentence, (rb_str){english, (size_t)(at - english)}) != RB_OK) {
            break;
        }
        const char *head = word_tr(words, sentence);
        if (head != sentence) {
            translated = head;
            facts = at;
            break;
        }
    }
    rb_buf_adds(out, translated);
    rb_buf_adds(out, facts);
}

/* ---- where they go ----------------------------------------------------------------------------------------------------- */

word_to word_to_message(rb_message *message)
{
    return (word_to){.message = message};
}

word_to word_to_text(rb_buf *text)
{
    return (word_to){.text = text};
}

void word_put(word_to to, const char *text)
{
    if (to.message) {
        rb_message_text(to.message, text);
    } else {
        rb_buf_adds(to.text, text);
    }
}

void word_put_code(word_to to, const char *text)
{
    if (to.message) {
        rb_message_code(to.message, text);
    } else {
        rb_buf_adds(to.text, text);
    }
}

void word_put_time(word_to to, int64_t utc_ms, rb_time_form form)
{
    char text[RB_TIME_CAP];
    if (to.message) {
        rb_message_time(to.message, utc_ms, form);
        return;
    }
    rb_message_time_text(utc_ms, form, text);
    rb_buf_adds(to.text, text);
}

void word_put_filled(const rb_words *words, word_to to, const char *english, const rb_arg *args)
{
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    word_add(words, &text, english, args);
    word_put(to, rb_buf_cstr(&text));
    rb_buf_fini(&text);
}

static void put_part(word_to to, rb_str template, const rb_arg *args)
{
    rb_buf part;
    rb_buf text;
    rb_buf_init(&part, WORD_TEXT_MAX);
    rb_buf_init(&text, WORD_TEXT_MAX);
    rb_buf_add(&part, template);
    rb_text_fill(&text, rb_buf_cstr(&part), args);
    word_put(to, rb_buf_cstr(&text));
    rb_buf_fini(&part);
    rb_buf_fini(&text);
}

void word_put_when(const rb_words *words, word_to to, const char *english, const rb_arg *args, int64_t utc_ms,
                   rb_time_form form)
{
    static const char mark[] = "{when}";
    const char *template = word_tr(words, english);
    bool has_time = false;
    for (const char *at = strstr(template, mark); at; at = strstr(template, mark)) {
        put_part(to, (rb_str){template, (size_t)(at - template)}, args);
        word_put_time(to, utc_ms, form);
        template = at + sizeof mark - 1;
        has_time = true;
    }
    put_part(to, rb_str_of(template), args);
    if (!has_time) { /* a translation without it: the fact is not lost */
        word_put_time(to, utc_ms, form);
    }
}
