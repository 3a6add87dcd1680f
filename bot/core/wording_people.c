/* People found by part of a name: listed with who they are, so that a person chooses one; never chosen for them. */
#include <stdio.h>

#include "core/wording.h"

#define DEPARTMENT_CHARS 60
#define PART_CHARS 60 /* of what was typed */

/* "Adele Vance · adele@contoso.com · Retail", then the command that names them. */
static void put_person(const rb_words *words, const char *verb, const rb_found_person *person, rb_message *out)
{
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    rb_message_para(out);
    word_short(&text, person->name[0] ? person->name : person->upn, WORD_NAME_CHARS);
    rb_message_bold(out, rb_buf_cstr(&text));
    rb_buf_clear(&text);
    rb_buf_adds(&text, " · ");
    word_short(&text, person->upn, WORD_UPN_CHARS);
    rb_buf_adds(&text, person->department[0] ? " · " : "");
    word_short(&text, person->department, DEPARTMENT_CHARS);
    rb_message_text(out, rb_buf_cstr(&text));
    rb_buf_clear(&text);
    /* longer than Entra allows: then the button alone */
    if (rb_text_chars(rb_str_of(person->upn)) <= WORD_UPN_CHARS) {
        rb_buf_addf(&text, "%s %s %s", words->root, verb, person->upn);
        rb_message_text(out, "\n");
        rb_message_code(out, rb_buf_cstr(&text));
    }
    rb_buf_fini(&text);
}

static void say_found(const rb_words *words, const rb_people_found *found, const char *english, rb_message *out)
{
    rb_buf part;
    rb_buf_init(&part, WORD_TEXT_MAX);
    word_short(&part, found->part, PART_CHARS);
    word_para(words, out, english, (rb_arg[]){{"id", found->request}, {"target", rb_buf_cstr(&part)}, {NULL, NULL}});
    rb_buf_fini(&part);
}

void rb_word_people(const rb_words *words, const rb_people_found *found, rb_message *out)
{
    bool is_reset = found->request[0];
    say_found(words, found,
              is_reset ? RB_T("{id}: whose device? These people have {target} in their name or user name. Nobody is "
                              "chosen yet.")
                       : RB_T("Whose devices? These people have {target} in their name or user name."),
              out);
    for (size_t i = 0; i < found->n; i++) {
        char id[32];
        put_person(words, found->verb, &found->people[i], out);
        snprintf(id, sizeof id, "person_%zu", i + 1);
        rb_message_button(out, id, is_reset ? word_tr(words, "Choose") : word_tr(words, "Show devices"),
                          found->people[i].value, RB_BUTTON_PLAIN);
    }
    if (found->has_more) {
        rb_message_say(out, word_tr(words, "There are more people than these. If the right one is missing, type more "
                                           "letters of the name, or the whole user name (name@example.com)."));
    }
    if (found->cancel) {
        rb_message_rule(out); /* it is the list's, not the last person's */
        rb_message_button(out, "cancel", word_tr(words, "Cancel"), found->cancel, RB_BUTTON_PLAIN);
    }
}

static const char *why_nobody(const rb_people_found *found)
{
    if (found->is_too_short) {
        return RB_T("One letter is too little to look for somebody. Type at least two letters of the name, or the "
                    "whole user name (name@example.com). Nothing was done.");
    }
    if (found->has_more) {
        return RB_T("{target} fits more people than I can look through. Type more letters of the name, or the whole "
                    "user name (name@example.com). Nothing was done.");
    }
    if (found->was_serial_too) {
        return RB_T("Nobody has {target} in their name or user name, and no device has it as its serial number. "
                    "Check the spelling, or use the whole user name (name@example.com) or the device's serial number. "
                    "Nothing was done.");
    }
    return RB_T("Nobody has {target} in their name or user name. Check the spelling, or use the whole user name "
                "(name@example.com) or the device's serial number. Nothing was done.");
}

void rb_word_nobody(const rb_words *words, const rb_people_found *found, rb_message *out)
{
    say_found(words, found, why_nobody(found), out);
    rb_word_next_filled(words, out, found->verb, "name@example.com");
}
