/* What a person reads whose command or click was acknowledged, and then lost its process. */
#include <string.h>

#include "core/wording.h"
#include "resetbot/bind.h"

#define AGAIN_CHARS_MAX 600 /* a longer command is not repeated to its typist */

static void type_again(const rb_words *words, const char *typed, rb_message *out)
{
    rb_message_say(out,
                   word_tr(words, "I was restarted while working on that: nothing was done. To do it again, type:"));
    rb_message_text(out, "\n");
    rb_message_code(out, typed);
}

static void do_again(const rb_words *words, rb_message *out)
{
    rb_message_say(out, word_tr(words, "I was restarted while working on that: nothing was done. Please do it again."));
}

static void command(const rb_words *words, const rb_delivery *delivery, rb_message *out)
{
    rb_buf typed;
    rb_buf_init(&typed, sizeof delivery->text + RB_WORD_CAP);
    rb_buf_addf(&typed, "%s ", words->root);
    if (rb_word_typed(delivery->text, &typed) && !typed.err) {
        type_again(words, rb_buf_cstr(&typed), out);
    } else {
        do_again(words, out);
    }
    rb_buf_fini(&typed);
}

static void type_about(const rb_words *words, const char *verb, const char *request, rb_message *out)
{
    rb_buf typed;
    rb_buf_init(&typed, RB_DETAIL_CAP);
    rb_buf_addf(&typed, "%s %s%s%s", words->root, verb, request[0] ? " " : "", request);
    type_again(words, rb_buf_cstr(&typed), out);
    rb_buf_fini(&typed);
}

static void reset_form(const rb_words *words, const rb_delivery *delivery, rb_message *out)
{
    rb_buf typed;
    rb_buf clean;
    const char *reason = rb_delivery_field(delivery, RB_FIELD_REASON);
    bool is_kept = !strstr(reason, RB_SECRET_MARK);
    rb_buf_init(&typed, RB_FORM_VALUE_CAP * 3);
    rb_buf_init(&clean, RB_FORM_VALUE_CAP * 3);
    rb_buf_addf(&typed, "%s reset %s %s %s", words->root, rb_delivery_field(delivery, RB_FIELD_TARGET),
                is_kept ? reason : "", rb_delivery_field(delivery, RB_FIELD_TICKET));
    rb_text_clean(&clean, rb_buf_str(&typed));
    if (typed.err || clean.err || rb_text_chars(rb_buf_str(&clean)) > AGAIN_CHARS_MAX) {
        type_about(words, "reset", "", out);
    } else {
        type_again(words, rb_buf_cstr(&clean), out);
    }
    rb_buf_fini(&clean);
    rb_buf_fini(&typed);
}

/* Who asked for it would have to ask anew; the buttons still do. */
static void press_again(const rb_words *words, const char *request, rb_message *out)
{
    word_para(words, out,
              "I was restarted while working on that: nothing was done. Please press the button about {id} once more.",
              (rb_arg[]){{"id", request}, {NULL, NULL}});
}

static void click(const rb_words *words, const char *value, rb_message *out)
{
    rb_bound bound;
    if (rb_bound_read(rb_str_of(value), &bound) != RB_OK) {
        do_again(words, out);
        return;
    }
    switch (bound.kind) {
    case RB_BIND_SEND:
    case RB_BIND_CANCEL:
    case RB_BIND_PICK:
    case RB_BIND_MORE:
    case RB_BIND_OTHER:
    case RB_BIND_PREVIEW: type_about(words, "status", bound.request, out); return;
    case RB_BIND_APPROVE: type_about(words, "approve", bound.request, out); return;
    case RB_BIND_DENY:
    case RB_BIND_DENY_FORM: type_about(words, "deny", bound.request, out); return;
    case RB_BIND_PERSON:
        if (bound.request[0]) {
            type_about(words, "status", bound.request, out);
        } else {
            do_again(words, out);
        }
        return;
    case RB_BIND_HAND_OVER:
    case RB_BIND_LET_TAKE:
    case RB_BIND_KEEP: press_again(words, bound.request, out); return;
    case RB_BIND_FORM: type_about(words, "reset", "", out); return;
    case RB_BIND_AGAIN:
        rb_message_say(
            out, word_tr(words,
                         "I was restarted while working on that: nothing was done. Please press Ask again once more."));
        return;
    case RB_BIND_SHOW: /* the showing is saved before the code is read: "nothing was done" might be untrue */
        word_para(words, out,
                  "I was restarted while opening the code of {id}. Press Show again: the showing may have counted, the "
                  "code was not kept.",
                  (rb_arg[]){{"id", bound.request}, {NULL, NULL}});
        return;
    }
}

void rb_word_restarted(const rb_words *words, const rb_delivery *delivery, rb_message *out)
{
    switch (delivery->kind) {
    case RB_DELIVERY_COMMAND: command(words, delivery, out); return;
    case RB_DELIVERY_CLICK: click(words, delivery->value, out); return;
    case RB_DELIVERY_SHORTCUT:
        type_about(words, "reset", strchr(delivery->text, '<') ? "" : delivery->text, out);
        return;
    case RB_DELIVERY_FORM:
        if (strcmp(delivery->callback, RB_FORM_RESET) == 0) {
            reset_form(words, delivery, out);
        } else {
            click(words, delivery->private_data, out);
        }
        return;
    case RB_DELIVERY_HOME: /* never stored */ return;
    }
}
