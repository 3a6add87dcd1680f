/* Forms: reset, deny, and the one that shows a code. */
#include "core/wording.h"

#include <ctype.h>
#include <string.h>

/* ---- the form of reset ------------------------------------------------------------------------------------------------- */

/* Of an option's text; Slack shows 75 characters. */
#define OPTION_CHARS 75
#define OPTION_MODEL_CHARS 26
#define OPTION_PLATFORM_CHARS 20

/* "iPhone 14 (…4F2K) · iOS 17.5.1 · company" */
static void put_option(const rb_words *words, const rb_device *device, rb_message *out)
{
    rb_buf whole;
    rb_buf part;
    rb_buf label;
    rb_buf_init(&whole, WORD_TEXT_MAX);
    rb_buf_init(&part, WORD_TEXT_MAX);
    rb_buf_init(&label, WORD_TEXT_MAX);
    word_model(device, &part);
    word_short(&whole, rb_buf_cstr(&part), OPTION_MODEL_CHARS);
    rb_buf_addf(&whole, " (…%s) · ", rb_device_tail(device));
    rb_buf_clear(&part);
    rb_buf_addf(&part, "%s%s%s", device->os[0] ? device->os : word_tr(words, "platform unknown"),
                device->os_version[0] ? " " : "", device->os_version);
    word_short(&whole, rb_buf_cstr(&part), OPTION_PLATFORM_CHARS);
    rb_buf_addf(&whole, "%s%s", device->ownership[0] ? " · " : "", word_ownership(words, device->ownership));
    word_short(&label, rb_buf_cstr(&whole), OPTION_CHARS);
    rb_message_option(out, device->id, rb_buf_cstr(&label));
    rb_buf_fini(&whole);
    rb_buf_fini(&part);
    rb_buf_fini(&label);
}

/* The only one that can be reset is chosen already. */
static const char *only_one(const rb_pick *picks, size_t n)
{
    const char *only = NULL;
    for (size_t i = 0; i < n; i++) {
        if (picks[i].denial == RB_ALLOWED) {
            if (only) {
                return NULL;
            }
            only = picks[i].device->id;
        }
    }
    return only;
}

static bool can_any(const rb_pick *picks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (picks[i].denial == RB_ALLOWED) {
            return true;
        }
    }
    return false;
}

static void add_devices(const rb_words *words, const rb_reset_form *form, rb_message *out)
{
    rb_buf label;
    rb_buf_init(&label, WORD_TEXT_MAX);
    if (can_any(form->picks, form->n_picks)) {
        word_add(words, &label,
                 "Devices of {owner}, newest check-in first:", (rb_arg[]){{"owner", form->picks_of}, {NULL, NULL}});
        rb_control *choice = rb_message_choice(out, RB_FIELD_DEVICE, rb_buf_cstr(&label), word_tr(words, "Choose"),
                                               only_one(form->picks, form->n_picks));
        rb_message_block(out, choice, form->device_block);
        for (size_t i = 0; i < form->n_picks; i++) {
            if (form->picks[i].denial == RB_ALLOWED) {
                put_option(words, form->picks[i].device, out);
            }
        }
    } else {
        word_para(words, out, "No device of {owner} can be reset here.",
                  (rb_arg[]){{"owner", form->picks_of}, {NULL, NULL}});
    }
    word_refused(words, form->picks, form->n_picks, out);
    rb_buf_fini(&label);
}

#define OPTION_NAME_CHARS 24
#define OPTION_UPN_CHARS 47

/* "Adele Vance · adele@contoso.com · Retail" */
static void put_person(const rb_found_person *person, rb_message *out)
{
    rb_buf whole;
    rb_buf label;
    rb_buf_init(&whole, WORD_TEXT_MAX);
    rb_buf_init(&label, WORD_TEXT_MAX);
    word_short(&whole, person->name[0] ? person->name : person->upn, OPTION_NAME_CHARS);
    rb_buf_adds(&whole, " · ");
    word_short(&whole, person->upn, OPTION_UPN_CHARS);
    rb_buf_addf(&whole, "%s%s", person->department[0] ? " · " : "", person->department);
    word_short(&label, rb_buf_cstr(&whole), OPTION_CHARS);
    rb_message_option(out, person->value, rb_buf_cstr(&label));
    rb_buf_fini(&whole);
    rb_buf_fini(&label);
}

/* Choosing one looks that person's devices up; nobody is chosen before, also not the only one. */
static void add_people(const rb_words *words, const rb_reset_form *form, rb_message *out)
{
    rb_buf label;
    rb_buf_init(&label, WORD_TEXT_MAX);
    word_add(words, &label, "Who? These people have {target} in their name or user name.",
             (rb_arg[]){{"target", form->people->part}, {NULL, NULL}});
    rb_control *choice = rb_message_choice(out, RB_FIELD_PERSON, rb_buf_cstr(&label), word_tr(words, "Choose"), NULL);
    choice->is_told_at_once = true;
    choice->is_optional = true;
    rb_message_block(out, choice, form->person_block);
    for (size_t i = 0; i < form->people->n; i++) {
        put_person(&form->people->people[i], out);
    }
    if (form->people->has_more) {
        rb_message_say(out, word_tr(words, "There are more people than these. If the right one is missing, type more "
                                           "letters of the name, or the whole user name (name@example.com)."));
    }
    rb_buf_fini(&label);
}

/* Which lock is stuck is asked where one of the devices has a work profile alone. */
static rb_scope scope_of(const rb_pick *picks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (picks[i].denial == RB_ALLOWED && picks[i].support.scope == RB_SCOPE_WORK_PROFILE) {
            return RB_SCOPE_WORK_PROFILE;
        }
    }
    return RB_SCOPE_DEVICE;
}

static void start_form(const rb_words *words, const char *private_data, bool is_sent, rb_message *out)
{
    rb_message_form(out, RB_FORM_RESET, word_tr(words, "Reset a passcode"), is_sent ? word_tr(words, "Preview") : NULL,
                    word_tr(words, "Cancel"), private_data);
}

void rb_word_reset_form(const rb_words *words, const rb_reset_form *form, rb_message *out)
{
    rb_request unanswered = {.support = {.scope = scope_of(form->picks, form->n_picks)}};
    start_form(words, form->private_data, true, out);
    rb_control *target = rb_message_input(out, RB_FIELD_TARGET, word_tr(words, "User, serial number or device id"),
                                          "name@example.com", form->target, RB_FORM_TARGET_CHARS, false, false);
    target->is_told_at_once = true;
    rb_message_block(out, target, form->target_block);
    rb_message_button(out, RB_ACTION_LOOK_UP, word_tr(words, "Look up"), NULL, RB_BUTTON_PLAIN);
    if (form->note) {
        rb_message_append(out, form->note);
    }
    if (form->people) {
        add_people(words, form, out);
    }
    if (form->n_picks) {
        add_devices(words, form, out);
    }
    rb_message_input(out, RB_FIELD_REASON, word_tr(words, "Reason"), word_tr(words, "never the passcode itself"), NULL,
                     RB_REASON_CHARS_MAX, true, true);
    if (form->is_reason_secret) {
        rb_message_say(out,
                       word_tr(words, "This looks like a passcode or password: leave it out, nobody needs it here."));
    }
    rb_message_input(out, RB_FIELD_TICKET, word_tr(words, "Ticket"), "INC0012345", NULL, RB_TICKET_CAP - 1, false,
                     true);
    word_questions(words, &unanswered, out);
    rb_message_small(out);
    rb_message_text(out, word_tr(words, "Nothing is sent from here: a private preview comes next."));
}

void rb_word_reset_form_opening(const rb_words *words, const char *private_data, rb_message *out)
{
    start_form(words, private_data, false, out);
    rb_message_say(out, word_tr(words, "Looking for the user name of whom the message names…"));
}

/* ---- deny, and the code ------------------------------------------------------------------------------------------------ */

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
