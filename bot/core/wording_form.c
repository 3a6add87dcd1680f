/* Forms: reset, deny, and the one that shows a code. */
#include "core/wording.h"

#include <ctype.h>

void rb_word_reset_form(const rb_words *words, const char *private_data, rb_message *out)
{
    rb_message_form(out, RB_FORM_RESET, word_tr(words, "Reset a passcode"), word_tr(words, "Look up"),
                    word_tr(words, "Cancel"), private_data);
    rb_message_input(out, RB_FIELD_TARGET, word_tr(words, "User, serial number or device id"), "name@example.com", NULL,
                     300, false, false);
    rb_message_input(out, RB_FIELD_REASON, word_tr(words, "Reason"), word_tr(words, "never the passcode itself"), NULL,
                     RB_REASON_CHARS_MAX, true, true);
    rb_message_input(out, RB_FIELD_TICKET, word_tr(words, "Ticket"), "INC0012345", NULL, RB_TICKET_CAP - 1, false,
                     true);
}

void rb_word_deny_form(const rb_words *words, const rb_request *request, const char *private_data, rb_message *out)
{
    rb_buf title;
    rb_buf_init(&title, WORD_TEXT_MAX);
    word_title(words, request, &title);
    rb_message_form(out, RB_FORM_DENY, word_tr(words, "Deny"), word_tr(words, "Deny"), word_tr(words, "Back"),
                    private_data);
    rb_message_para(out);
    rb_message_bold(out, rb_buf_cstr(&title));
    rb_message_input(out, RB_FIELD_REASON, word_tr(words, "Why? The requester and the thread are told."), "", NULL,
                     RB_REASON_CHARS_MAX, true, false);
    rb_buf_fini(&title);
}

static void code_form(const rb_words *words, const rb_request *request, rb_message *out)
{
    rb_buf title;
    rb_buf_init(&title, WORD_TEXT_MAX);
    word_title(words, request, &title);
    rb_message_form(out, RB_FORM_CODE, word_tr(words, "Temporary passcode"), NULL, word_tr(words, "Close"), NULL);
    rb_message_say(out, rb_buf_cstr(&title));
    rb_buf_fini(&title);
}

void rb_word_code_fetching(const rb_words *words, const rb_request *request, rb_message *out)
{
    code_form(words, request, out);
    rb_message_say(out, word_tr(words, "Fetching…"));
}

void rb_word_code_gone(const rb_words *words, const rb_request *request, const char *why, rb_message *out)
{
    code_form(words, request, out);
    rb_message_say(out, word_tr(words, why));
}

/* ---- spelled out: the words of the ITU/NATO radio alphabet; digits and letters told apart -------------------------------------- */

static const char *const LETTERS[26] = {"Alfa",   "Bravo",   "Charlie", "Delta",  "Echo",   "Foxtrot", "Golf",
                                        "Hotel",  "India",   "Juliett", "Kilo",   "Lima",   "Mike",    "November",
                                        "Oscar",  "Papa",    "Quebec",  "Romeo",  "Sierra", "Tango",   "Uniform",
                                        "Victor", "Whiskey", "X-ray",   "Yankee", "Zulu"};

#define CODE_MAX 512 /* bytes; Microsoft names no length (domain/intune.md 1.3), a person could not read out more */

static void spell(const rb_words *words, const char *symbol, size_t len, rb_message *out)
{
    char text[64];
    rb_buf line;
    unsigned char c = (unsigned char)symbol[0];
    rb_buf_init(&line, sizeof text - 1);
    if (len == 1 && isdigit(c)) {
        rb_buf_addf(&line, "%c = %s %c; ", c, word_tr(words, "digit"), c);
    } else if (len == 1 && isalpha(c)) {
        const char *size = isupper(c) ? word_tr(words, "capital") : word_tr(words, "small");
        rb_buf_addf(&line, "%c = %s %s; ", c, size, LETTERS[toupper(c) - 'A']);
    } else {
        rb_buf_addf(&line, "%.*s = %s; ", (int)len, symbol, word_tr(words, "the sign itself"));
    }
    rb_message_text(out, rb_buf_cstr(&line));
    rb_buf_wipe(&line);
}

static size_t symbol_len(rb_str code, size_t at)
{
    size_t len = 1;
    while (at + len < code.len && ((unsigned char)code.ptr[at + len] & 0xC0) == 0x80) {
        len++;
    }
    return len;
}

void rb_word_code(const rb_words *words, const rb_request *request, rb_str code, rb_message *out)
{
    bool has_letters = false;
    rb_buf shown;
    code_form(words, request, out);
    rb_buf_init(&shown, CODE_MAX);
    rb_buf_add(&shown, code);
    rb_message_para(out);
    rb_message_code(out, rb_buf_cstr(&shown));
    rb_buf_wipe(&shown);
    rb_message_para(out);
    for (size_t at = 0; at < code.len && at < 128; at += symbol_len(code, at)) {
        has_letters = has_letters || isalpha((unsigned char)code.ptr[at]);
        spell(words, code.ptr + at, symbol_len(code, at), out);
    }
    rb_message_say(out, word_tr(words, "Read it aloud sign by sign and let the owner repeat it. Do not paste or "
                                       "photograph this. It disappears here after 5 minutes."));
    if (has_letters) {
        rb_message_say(
            out,
            word_tr(words, "It holds letters: if the phone shows digits only, the owner changes the keyboard first."));
    }
}
