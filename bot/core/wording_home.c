/* The Home tab: what waits for its reader, what is theirs, what became of it. */
#include "core/wording.h"

#include <stdio.h>
#include <string.h>

#define REASON_CHARS 80 /* of a reason: the card has it whole */
#define PEOPLE_SHOWN 4

/* A view may have 250 kB and a rendered one RB_PAYLOAD_MAX: at its worst each character becomes two, and each item has some
 * hundred bytes around its text. What does not fit is counted. */
#define ROOM_POOL (17 * 1024)

static bool has_room(const rb_message *out)
{
    return out->pool_len < ROOM_POOL && out->n_blocks + 8 < RB_HOME_BLOCKS_MAX &&
           out->n_controls + 4 < RB_MESSAGE_CONTROLS_MAX && out->n_runs + 32 < RB_MESSAGE_RUNS_MAX;
}

/* ---- pieces -------------------------------------------------------------------------------------------------------- */

static void heading(const rb_words *words, const char *english, rb_message *out)
{
    rb_message_para(out);
    rb_message_bold(out, word_tr(words, english));
}

/* ---- one request of each list ------------------------------------------------------------------------------------------ */

static void to_decide(const rb_words *words, const rb_home_item *item, rb_message *out)
{
    word_item_title(words, item->request, out);
    word_asked_by(words, item->request, REASON_CHARS, word_to_message(out));
    rb_message_text(out, "\n");
    word_state(words, item->request, word_to_message(out));
    if (item->link[0]) {
        word_item_link(words, item, out);
    } else { /* its card is on its way, or cannot be linked */
        char verb[RB_WORD_CAP];
        snprintf(verb, sizeof verb, "approve %s", item->request->id);
        rb_message_text(out, "\n");
        word_command(words, out, RB_T("{command} shows it to you with its buttons."), verb);
    }
}

static void code(const rb_words *words, const rb_home_item *item, rb_message *out)
{
    word_item_title(words, item->request, out);
    rb_message_text(out, word_tr(words, "A temporary passcode waits for you: press Show when you have the owner on the "
                                        "line. It is shown to you alone, at most 4 times."));
    if (item->show) {
        rb_message_button(out, "show", word_tr(words, "Show"), item->show, RB_BUTTON_PRIMARY);
    }
}

static void mine(const rb_words *words, const rb_home_item *item, rb_message *out)
{
    word_item_title(words, item->request, out);
    word_state(words, item->request, word_to_message(out));
    word_item_link(words, item, out);
    word_item_buttons(words, item, out);
}

static void finished(const rb_words *words, const rb_home_item *item, rb_message *out)
{
    rb_home_item others = *item;
    rb_buf outcome;
    others.show = NULL; /* that waits for its reader further up */
    rb_buf_init(&outcome, WORD_TEXT_MAX);
    word_outcome(words, item->request, WORD_FOLDED_CHARS, &outcome);
    word_item_title(words, item->request, out);
    rb_message_text(out, rb_buf_cstr(&outcome));
    rb_message_text(out, " · ");
    rb_message_time(out, item->request->state_utc_ms, RB_TIME_MINUTE);
    word_item_buttons(words, &others, out);
    rb_buf_fini(&outcome);
}

/* ---- lists ------------------------------------------------------------------------------------------------------------- */

typedef void (*item_fn)(const rb_words *words, const rb_home_item *item, rb_message *out);

/* Nothing is cut silently: what is left over is counted, with what shows it. */
static void more(const rb_words *words, size_t n, const char *english, const char *verb, rb_message *out)
{
    char count[RB_WORD_CAP];
    rb_buf text;
    if (n == 0) {
        return;
    }
    snprintf(count, sizeof count, "%zu", n);
    rb_buf_init(&text, WORD_TEXT_MAX);
    word_add(words, &text, "And {n} more.", (rb_arg[]){{"n", count}, {NULL, NULL}});
    rb_buf_adds(&text, " ");
    rb_message_say(out, rb_buf_cstr(&text));
    rb_buf_fini(&text);
    word_command(words, out, english, verb);
}

static size_t list(const rb_words *words, const rb_home_list *items, item_fn add, rb_message *out)
{
    size_t n = 0;
    while (n < items->n && has_room(out)) {
        add(words, &items->items[n], out);
        n++;
    }
    return items->n - n + items->n_more;
}

/* The same for what no command lists: the first that is left over, by its id. */
static void more_by_id(const rb_words *words, const rb_home_list *items, item_fn add, rb_message *out)
{
    char verb[RB_WORD_CAP] = "list";
    size_t n_left = list(words, items, add, out);
    size_t shown = items->n + items->n_more - n_left;
    if (shown < items->n) {
        snprintf(verb, sizeof verb, "status %s", items->items[shown].request->id);
    }
    more(words, n_left, RB_T("{command} shows the next."), verb, out);
}

static bool is_empty(const rb_home_list *items)
{
    return items->n + items->n_more == 0;
}

static void waiting(const rb_words *words, const rb_home *home, rb_message *out)
{
    heading(words, RB_T("Waiting for you"), out);
    if (is_empty(&home->to_decide) && is_empty(&home->codes)) {
        rb_message_say(out, word_tr(words, "Nothing waits for you."));
    }
    more_by_id(words, &home->codes, code, out);
    more(words, list(words, &home->to_decide, to_decide, out), RB_T("{command} shows them."), "list", out);
}

/* ---- who may do nothing here --------------------------------------------------------------------------------------------- */

/* Whom to ask, if there is anybody. Nobody is told by a mention in a Home tab (docs.slack.dev/surfaces/app-home): it is a name
 * that can be pressed. */
static void ask(const rb_words *words, const char *english, rb_role role, rb_message *out)
{
    const rb_policy_role *members = &words->policy->roles[role];
    size_t n = 0;
    if (members->n_groups + members->n_users == 0) {
        return;
    }
    rb_message_say(out, word_tr(words, english));
    for (size_t i = 0; i < members->n_groups && n < PEOPLE_SHOWN; i++, n++) {
        rb_message_text(out, " ");
        rb_message_group(out, members->groups[i]);
    }
    for (size_t i = 0; i < members->n_users && n < PEOPLE_SHOWN; i++, n++) {
        rb_message_text(out, " ");
        rb_message_user(out, members->users[i]);
    }
}

static void without_role(const rb_words *words, rb_message *out)
{
    rb_message_say(out, word_tr(words, "You have no role here, so nothing waits for you."));
    ask(words, RB_T("Locked out of your phone? Ask the helpdesk, who can ask for a reset:"), RB_ROLE_HELPDESK, out);
    ask(words, RB_T("Should you have a role? An administrator of resetbot can give you one:"), RB_ROLE_ADMIN, out);
}

static void stranger(const rb_words *words, rb_denial denial, rb_message *out)
{
    word_para(words, out, "Nothing is shown here: {why}. Ask a member of the helpdesk of this organisation.",
              (rb_arg[]){{"why", rb_word_denial_short(words, denial)}, {NULL, NULL}});
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------ */

static void how_to(const rb_words *words, const rb_home *home, rb_message *out)
{
    if (home->form) {
        rb_message_button(out, "form", word_tr(words, "Reset a passcode"), home->form, RB_BUTTON_PRIMARY);
    }
    if (home->form) { /* while nothing can be sent there is neither */
        rb_message_para(out);
        word_command(
            words, out,
            RB_T("Or type {command} in a helpdesk channel or in a direct message to me: nothing is sent before "
                 "you have seen a preview and somebody else has approved."),
            "reset name@example.com");
    }
    if (home->is_approver) {
        rb_message_say(out, word_tr(words, "You decide on a request's card, where all of its facts are."));
    }
    if (home->is_looking_on && words->policy->request_channel[0]) {
        rb_message_say(out, word_tr(words, "What was asked, decided and done is told in the threads of this channel:"));
        rb_message_text(out, " ");
        rb_message_channel(out, words->policy->request_channel);
    }
}

static void hindrances(const rb_words *words, const rb_home *home, rb_message *out)
{
    if (home->hindered == RB_NO_GROUP_UNREADABLE) {
        word_para(words, out, "Something may be missing here: {why}. Open this tab again in a few minutes.",
                  (rb_arg[]){{"why", rb_word_denial_short(words, home->hindered)}, {NULL, NULL}});
    } else if (home->hindered != RB_ALLOWED) {
        word_para(words, out,
                  "Your role has no effect yet: {why}. An administrator of resetbot can change that in the policy "
                  "file.",
                  (rb_arg[]){{"why", rb_word_denial_short(words, home->hindered)}, {NULL, NULL}});
    }
    if (words->policy->frozen && (home->is_helpdesk || home->is_approver)) {
        rb_message_say(out, word_tr(words, "All sending is frozen by the policy: no reset is sent at present. Ask an "
                                           "administrator of resetbot why, and when it ends."));
    }
}

void rb_word_home(const rb_words *words, const rb_home *home, rb_message *out)
{
    bool has_role = home->is_helpdesk || home->is_approver || home->is_looking_on || home->hindered != RB_ALLOWED;
    bool has_any = !is_empty(&home->to_decide) || !is_empty(&home->codes) || !is_empty(&home->mine);
    rb_message_home(out);
    if (home->member != RB_ALLOWED) {
        stranger(words, home->member, out);
        return;
    }
    if (!has_role) {
        without_role(words, out);
    }
    how_to(words, home, out);
    hindrances(words, home, out);
    if (home->is_helpdesk || home->is_approver || has_any) {
        rb_message_rule(out);
        waiting(words, home, out);
    }
    if (home->is_helpdesk || !is_empty(&home->mine)) {
        rb_message_rule(out);
        heading(words, RB_T("Your drafts and open requests"), out);
        if (is_empty(&home->mine)) {
            rb_message_say(out, word_tr(words, "Nothing of yours is open."));
        }
        more(words, list(words, &home->mine, mine, out), RB_T("{command} shows them."), "list", out);
    }
    if (!is_empty(&home->finished)) {
        rb_message_rule(out);
        heading(words, RB_T("Recently finished: the newest 10 of the last 7 days"), out);
        more_by_id(words, &home->finished, finished, out);
    }
}
