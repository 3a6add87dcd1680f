/* When somebody else goes on with a request: who is asked, who is told what, and what the thread says. */
#include <stdio.h>

#include "core/wording.h"

/* The names that the sentences of a take need, each with its id. */
typedef struct {
    rb_buf now, past, let;
} names;

static void names_init(names *all, const rb_request *request)
{
    const rb_decision *past = rb_request_last_past(request);
    rb_buf_init(&all->now, WORD_TEXT_MAX);
    rb_buf_init(&all->past, WORD_TEXT_MAX);
    rb_buf_init(&all->let, WORD_TEXT_MAX);
    word_person(&request->requester, &all->now);
    if (past) {
        word_decision(past, &all->past);
    }
    word_decision(&request->let_by, &all->let);
}

static void names_fini(names *all)
{
    rb_buf_fini(&all->now);
    rb_buf_fini(&all->past);
    rb_buf_fini(&all->let);
}

static bool is_handed_over(const rb_request *request)
{
    const rb_decision *past = rb_request_last_past(request);
    return past && rb_person_equal(&past->person, &request->let_by.person);
}

/* ---- the channel and the record ------------------------------------------------------------------------------------------ */

void rb_word_taken(const rb_words *words, const rb_request *request, rb_buf *out)
{
    names all;
    names_init(&all, request);
    rb_arg args[] = {
        {"who", rb_buf_cstr(&all.now)}, {"past", rb_buf_cstr(&all.past)}, {"let", rb_buf_cstr(&all.let)}, {NULL, NULL}};
    word_add(words, out,
             is_handed_over(request) ? RB_T("taken over by {who} from {past}, handed over by {let}")
                                     : RB_T("taken over by {who} from {past}, allowed by {let}"),
             args);
    names_fini(&all);
}

/* ---- who is asked ---------------------------------------------------------------------------------------------------------- */

void rb_word_take_asked(const rb_words *words, const rb_request *request, size_t n_approvers, rb_message *out)
{
    char count[RB_WORD_CAP];
    names all;
    names_init(&all, request);
    snprintf(count, sizeof count, "%zu", n_approvers);
    rb_arg args[] = {{"id", request->id}, {"who", rb_buf_cstr(&all.now)}, {"n", count}, {NULL, NULL}};
    word_title_para(words, request, out);
    word_run(words, out,
             n_approvers ? RB_T("I have asked {who}, who has it, and approvers ({n}) whether you may go on with it.")
                         : RB_T("I have asked {who}, who has it, whether you may go on with it. No approver can be "
                                "asked."),
             args);
    rb_message_say(out,
                   word_tr(words, "Nothing changes until one of them presses; then I tell you. After 30 minutes, or "
                                  "when the request ends, their buttons do nothing."));
    rb_word_next_filled(words, out, "status", request->id);
    names_fini(&all);
}

/* "Hand over to henry": a label has room for a short name. */
static void named_button(const rb_words *words, const char *id, const char *english, const rb_actor *taker,
                         const char *value, rb_button_style style, rb_message *out)
{
    rb_buf name;
    rb_buf label;
    rb_buf_init(&name, WORD_TEXT_MAX);
    rb_buf_init(&label, WORD_TEXT_MAX);
    word_short(&name, taker->name, WORD_APPROVER_CHARS);
    word_add(words, &label, english, (rb_arg[]){{"who", rb_buf_cstr(&name)}, {NULL, NULL}});
    rb_message_button(out, id, rb_buf_cstr(&label), value, style);
    rb_buf_fini(&name);
    rb_buf_fini(&label);
}

void rb_word_take_question(const rb_words *words, const rb_request *request, const rb_actor *taker, const char *link,
                           const rb_take_buttons *buttons, rb_message *out)
{
    names all;
    rb_buf who;
    names_init(&all, request);
    rb_buf_init(&who, WORD_TEXT_MAX);
    word_person(taker, &who);
    rb_arg args[] = {{"who", rb_buf_cstr(&who)}, {"past", rb_buf_cstr(&all.now)}, {NULL, NULL}};
    word_title_para(words, request, out);
    word_facts(words, request, word_to_message(out));
    rb_message_text(out, "\n");
    rb_message_text(out, word_tr(words, "State: "));
    word_state(words, request, word_to_message(out));
    word_para(
        words, out,
        buttons->hand_over
            ? RB_T("{who} asks to go on with this request in your place. You would then no longer hear of it, and "
                   "only {who} could see a code.")
            : RB_T("{who} asks to go on with this request in the place of {past}. Only {who} could then see a "
                   "code, and neither of them can approve it."),
        args);
    if (link && link[0]) {
        rb_message_text(out, "\n");
        rb_message_link(out, link, word_tr(words, "open the card"));
    }
    if (buttons->hand_over) {
        named_button(words, "hand_over", RB_T("Hand over to {who}"), taker, buttons->hand_over, RB_BUTTON_PRIMARY, out);
        rb_message_button(out, "keep", word_tr(words, "Keep it"), buttons->keep, RB_BUTTON_PLAIN);
    } else {
        named_button(words, "let_take", RB_T("Let {who} take over"), taker, buttons->let, RB_BUTTON_PRIMARY, out);
    }
    rb_buf_fini(&who);
    names_fini(&all);
}

/* ---- what became of it ----------------------------------------------------------------------------------------------------- */

void rb_word_take_answered(const rb_words *words, const rb_request *request, const rb_actor *taker,
                           rb_take_answer answer, rb_message *out)
{
    static const char *const SAID[] = {
        [RB_TAKE_HANDED_OVER] = RB_T("You have handed it over to {who}, who was told."),
        [RB_TAKE_LET] = RB_T("You have let {who} go on with it in the place of {past}. Both were told."),
        [RB_TAKE_KEPT] = RB_T("You keep it. {who} was told."),
    };
    names all;
    rb_buf who;
    names_init(&all, request);
    rb_buf_init(&who, WORD_TEXT_MAX);
    word_person(taker, &who);
    word_title_para(words, request, out);
    word_run(words, out, SAID[answer],
             (rb_arg[]){{"who", rb_buf_cstr(&who)}, {"past", rb_buf_cstr(&all.past)}, {NULL, NULL}});
    rb_word_next_filled(words, out, "status", request->id);
    rb_buf_fini(&who);
    names_fini(&all);
}

void rb_word_take_kept(const rb_words *words, const rb_request *request, rb_message *out)
{
    names all;
    names_init(&all, request);
    word_title_para(words, request, out);
    word_run(
        words, out,
        "{who} keeps it. Nothing was changed. An approver may still let you go on with it; else talk to {who}, and "
        "ask again.",
        (rb_arg[]){{"who", rb_buf_cstr(&all.now)}, {NULL, NULL}});
    rb_word_next_filled(words, out, "take", request->id);
    names_fini(&all);
}

void word_taken_over(const rb_words *words, const rb_request *request, rb_message *out)
{
    names all;
    names_init(&all, request);
    rb_arg args[] = {{"past", rb_buf_cstr(&all.past)}, {"let", rb_buf_cstr(&all.let)}, {NULL, NULL}};
    word_para(
        words, out,
        is_handed_over(request)
            ? RB_T("It is yours now: {past} has handed it over to you. What follows is told to you.")
            : RB_T("It is yours now: {let} has let you go on with it in the place of {past}. What follows is told "
                   "to you."),
        args);
    names_fini(&all);
}

void rb_word_tell_past(const rb_words *words, const rb_request *request, rb_message *out)
{
    names all;
    names_init(&all, request);
    rb_arg args[] = {{"who", rb_buf_cstr(&all.now)}, {"let", rb_buf_cstr(&all.let)}, {NULL, NULL}};
    word_title_para(words, request, out);
    word_run(words, out,
             "{who} goes on with it in your place; {let} has let them. You are told nothing more about it, and a code "
             "is shown to {who} alone.",
             args);
    rb_word_next_filled(words, out, "status", request->id);
    names_fini(&all);
}

void rb_word_taken_since(const rb_words *words, const rb_request *request, rb_message *out)
{
    names all;
    names_init(&all, request);
    word_para(words, out, "{who} has taken {id} over since: this button does nothing any more. Nothing was done.",
              (rb_arg[]){{"who", rb_buf_cstr(&all.now)}, {"id", request->id}, {NULL, NULL}});
    rb_word_next_filled(words, out, "status", request->id);
    names_fini(&all);
}

void rb_word_may_not_take(const rb_words *words, const rb_request *request, const rb_actor *taker, rb_denial denial,
                          rb_message *out)
{
    rb_buf who;
    rb_buf_init(&who, WORD_TEXT_MAX);
    word_person(taker, &who);
    word_para(words, out,
              "{who} may not go on with {id} now: {why}. Another colleague of the helpdesk can ask for it. Nothing was "
              "done.",
              (rb_arg[]){{"who", rb_buf_cstr(&who)},
                         {"id", request->id},
                         {"why", rb_word_unreachable(words, denial)},
                         {NULL, NULL}});
    rb_word_next_filled(words, out, "status", request->id);
    rb_buf_fini(&who);
}

/* ---- who has it, and who had it -------------------------------------------------------------------------------------------- */

void word_holders(const rb_words *words, const rb_request *request, rb_buf *out)
{
    names all;
    rb_buf before;
    names_init(&all, request);
    rb_buf_init(&before, WORD_TEXT_MAX);
    for (uint32_t i = 0; i < request->n_past_requesters; i++) {
        rb_buf_adds(&before, i ? ", " : "");
        word_short(&before, request->past_requesters[i].name, WORD_APPROVER_CHARS);
        rb_buf_addf(&before, " (%s)", request->past_requesters[i].person.user);
    }
    rb_arg args[] = {{"who", rb_buf_cstr(&all.now)}, {"before", rb_buf_cstr(&before)}, {NULL, NULL}};
    word_add(words, out,
             request->n_past_requesters ? RB_T("It is with {who}; before: {before}") : RB_T("Asked by {who}"), args);
    rb_buf_fini(&before);
    names_fini(&all);
}
