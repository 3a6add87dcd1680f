/* The next command, in a frame that is copied as it stands (U2). */
#include <string.h>

#include "core/wording.h"
#include "resetbot/delivery.h"

#define TYPED_CHARS_MAX 600 /* a longer command is not repeated to its typist */

static void add_command(const rb_words *words, const char *label, const char *command, rb_message *out)
{
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    rb_buf_addf(&text, "%s %s", words->root, command);
    rb_message_text(out, label);
    rb_message_text(out, " ");
    rb_message_code(out, rb_buf_cstr(&text));
    rb_buf_fini(&text);
}

/* Not at the beginning of a paragraph. */
static void new_line(rb_message *out)
{
    const rb_block *last = out->n_blocks ? &out->blocks[out->n_blocks - 1] : NULL;
    bool is_begun = last && last->n > 0 && (last->kind == RB_BLOCK_TEXT || last->kind == RB_BLOCK_SMALL);
    if (is_begun) {
        rb_message_text(out, "\n");
    }
}

/* "status" and "R-7K3F"; what may be "". */
static void add_two(const rb_words *words, const char *label, const char *verb, const char *what, rb_message *out)
{
    rb_buf command;
    rb_buf_init(&command, WORD_TEXT_MAX);
    rb_buf_addf(&command, "%s%s%s", verb, what[0] ? " " : "", what);
    add_command(words, label, rb_buf_cstr(&command), out);
    rb_buf_fini(&command);
}

void rb_word_next(const rb_words *words, rb_message *out, const char *command)
{
    new_line(out);
    add_command(words, word_tr(words, "Next:"), command, out);
}

void rb_word_next_filled(const rb_words *words, rb_message *out, const char *verb, const char *what)
{
    new_line(out);
    add_two(words, word_tr(words, "Next:"), verb, what, out);
}

void rb_word_or_next(const rb_words *words, rb_message *out, const char *verb, const char *what)
{
    add_two(words, " ·", verb, what, out);
}

void rb_word_did_you_mean(const rb_words *words, rb_message *out, const char *verb, const char *what)
{
    new_line(out);
    add_two(words, word_tr(words, "Did you mean:"), verb, what, out);
}

void word_others_type(const rb_words *words, rb_message *out, const char *command)
{
    new_line(out);
    add_command(words, word_tr(words, "They type:"), command, out);
}

void word_command(const rb_words *words, rb_message *out, const char *english, const char *verb)
{
    static const char mark[] = "{command}";
    const char *sentence = word_tr(words, english);
    const char *at = strstr(sentence, mark);
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    rb_buf_add(&text, (rb_str){sentence, at ? (size_t)(at - sentence) : strlen(sentence)});
    rb_buf_adds(&text, at ? "" : " ");
    rb_message_text(out, rb_buf_cstr(&text));
    rb_buf_clear(&text);
    rb_buf_addf(&text, "%s %s", words->root, verb);
    rb_message_code(out, rb_buf_cstr(&text));
    rb_buf_fini(&text);
    rb_message_text(out, at ? at + sizeof mark - 1 : "");
}

bool rb_word_typed(const char *text, rb_buf *out)
{
    rb_str typed = rb_str_trim(rb_str_of(text));
    const char *mark = strstr(text, RB_SECRET_MARK); /* what stood there was not kept (S7) */
    if (mark) {
        typed = rb_str_trim((rb_str){text, (size_t)(mark - text)});
    }
    if (rb_text_chars(typed) > TYPED_CHARS_MAX) {
        return false;
    }
    rb_text_clean(out, typed); /* what is copied runs as it reads */
    return !out->err;
}

void rb_word_next_again(const rb_words *words, rb_message *out)
{
    word_next_again(words, NULL, NULL, NULL, out);
}

/* By the platform's own word (design 4): all three mean the same. */
static const char *reset_verb(rb_action_word word)
{
    switch (word) {
    case RB_WORD_REMOVE: return "remove";
    case RB_WORD_PIN: return "pin";
    case RB_WORD_RESET: break;
    }
    return "reset";
}

void word_reset_command(const rb_device *device, const rb_support *support, rb_buf *out)
{
    rb_action_word word = support ? support->word : rb_support_of(device).word;
    rb_buf_addf(out, "%s %s", reset_verb(word), device->serial[0] ? device->serial : device->id);
}

void word_next_reset(const rb_words *words, const rb_device *device, const rb_support *support, rb_message *out)
{
    rb_buf command;
    rb_buf_init(&command, WORD_TEXT_MAX);
    word_reset_command(device, support, &command);
    rb_word_next(words, out, rb_buf_cstr(&command));
    rb_buf_fini(&command);
}

void word_next_again(const rb_words *words, const rb_request *request, const rb_device *device,
                     const rb_support *support, rb_message *out)
{
    rb_buf typed;
    rb_buf_init(&typed, WORD_TEXT_MAX);
    if (request) {
        rb_word_next_filled(words, out, "status", request->id);
    } else if (words->typed && rb_word_typed(words->typed, &typed) && typed.len) {
        rb_word_next(words, out, rb_buf_cstr(&typed));
    } else if (device) {
        word_next_reset(words, device, support, out);
    } else {
        rb_word_next(words, out, "help");
    }
    rb_buf_fini(&typed);
}
