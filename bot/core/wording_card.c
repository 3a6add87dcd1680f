/* The channel: the card, and the thread that tells its story. */
#include "core/wording.h"

/* ---- the card ---------------------------------------------------------------------------------------------------------------- */

#define GROUPS_MENTIONED 10
#define USERS_MENTIONED 20

static void mention_approvers(const rb_words *words, rb_message *out)
{
    const rb_policy_role *role = &words->policy->roles[RB_ROLE_APPROVER];
    for (size_t i = 0; i < role->n_groups && i < GROUPS_MENTIONED; i++) {
        rb_message_text(out, " ");
        rb_message_group(out, role->groups[i]);
    }
    for (size_t i = 0; i < role->n_users && i < USERS_MENTIONED; i++) {
        rb_message_text(out, " ");
        rb_message_user(out, role->users[i]);
    }
}

/* Dialog text has at most 300 characters: model, serial tail, owner, effect. */
static void confirm(const rb_words *words, const rb_request *request, rb_message *out, rb_control *button)
{
    char text[1024];
    char clipped[300];
    rb_buf whole;
    rb_buf_init(&whole, sizeof text - 1);
    rb_word_device(words, &request->device, &whole);
    rb_buf_addf(&whole, ": %s.", rb_word_support(words, &request->support));
    rb_text_clip(clipped, sizeof clipped, rb_buf_str(&whole));
    rb_buf_fini(&whole);
    rb_message_confirm(out, button, rb_word_action(words, request->support.word), clipped, word_tr(words, "Approve"),
                       word_tr(words, "Not now"));
}

static void card_buttons(const rb_words *words, const rb_request *request, const rb_card_buttons *buttons,
                         rb_message *out)
{
    if (buttons->approve) {
        rb_control *button =
            rb_message_button(out, "approve", word_tr(words, "Approve"), buttons->approve, RB_BUTTON_PRIMARY);
        confirm(words, request, out, button);
    }
    if (buttons->deny) {
        rb_message_button(out, "deny", word_tr(words, "Deny"), buttons->deny, RB_BUTTON_DANGER);
    }
}

static void approvers(const rb_request *request, rb_buf *out)
{
    for (uint32_t i = 0; i < request->n_approvals; i++) {
        rb_buf_adds(out, i ? ", " : "");
        word_short(out, request->approvals[i].name, WORD_APPROVER_CHARS);
    }
}

void word_approved_by(const rb_words *words, const rb_request *request, const char *before, const char *english,
                      rb_message *out)
{
    if (request->n_approvals == 0) {
        return;
    }
    rb_buf who;
    rb_buf_init(&who, WORD_TEXT_MAX);
    approvers(request, &who);
    rb_message_text(out, before);
    word_run(words, out, english, (rb_arg[]){{"who", rb_buf_cstr(&who)}, {NULL, NULL}});
    rb_buf_fini(&who);
}

/* Nothing is left to be decided: one line. The thread has every fact, from its first line on. */
static void final_card(const rb_words *words, const rb_request *request, rb_message *out)
{
    rb_buf outcome;
    rb_buf_init(&outcome, WORD_TEXT_MAX);
    word_outcome(words, request, WORD_FOLDED_CHARS, &outcome);
    rb_message_text(out, " · ");
    rb_message_text(out, rb_buf_cstr(&outcome));
    word_approved_by(words, request, " · ", "approved by {who}", out);
    rb_message_text(out, " · ");
    rb_message_time(out, request->ended.utc_ms, RB_TIME_MINUTE);
    rb_buf_fini(&outcome);
}

/* At most nine short lines, so that a phone shows all of it: title, asked by, how sure, device, what happens, attention,
 * earlier, approved by, state. */
static void open_card(const rb_words *words, const rb_request *request, const rb_card_buttons *buttons, bool is_pinging,
                      rb_message *out)
{
    rb_message_text(out, "\n");
    word_facts(words, request, word_to_message(out));
    word_approved_by(words, request, "\n", "Approved by {who}", out);
    rb_message_para(out);
    rb_message_text(out, word_tr(words, "State: "));
    word_state(words, request, word_to_message(out));
    if (is_pinging) {
        mention_approvers(words, out);
    }
    card_buttons(words, request, buttons, out);
}

void rb_word_card(const rb_words *words, const rb_request *request, const rb_card_buttons *buttons, bool is_pinging,
                  rb_message *out)
{
    rb_buf title;
    rb_buf_init(&title, WORD_TEXT_MAX);
    word_title(words, request, &title);
    rb_message_para(out);
    rb_message_bold(out, rb_buf_cstr(&title));
    if (rb_state_is_final(request->state)) {
        final_card(words, request, out);
    } else {
        open_card(words, request, buttons, is_pinging, out);
    }
    rb_buf_fini(&title);
}

/* ---- thread lines ------------------------------------------------------------------------------------------------------------- */

static void approved_by(const rb_words *words, const rb_request *request, rb_buf *out)
{
    const rb_decision *last = &request->approvals[request->n_approvals - 1];
    rb_buf who;
    rb_buf_init(&who, WORD_TEXT_MAX);
    word_short(&who, last->name, WORD_NAME_CHARS);
    rb_buf_addf(&who, " (%s)", last->person.user);
    word_add(words, out, "approved by {who}", (rb_arg[]){{"who", rb_buf_cstr(&who)}, {NULL, NULL}});
    rb_buf_fini(&who);
    if (request->state == RB_STATE_PENDING) {
        rb_buf_addf(out, " (%u/%u)", (unsigned)request->n_approvals, (unsigned)request->approvals_needed);
    }
}

/* Every fact of the card, also where the card is folded later. */
static void asked_line(const rb_words *words, const rb_request *request, rb_message *out)
{
    rb_buf title;
    rb_buf_init(&title, WORD_TEXT_MAX);
    word_title(words, request, &title);
    rb_buf_adds(&title, "\n");
    rb_message_text(out, word_tr(words, "asked: "));
    rb_message_text(out, rb_buf_cstr(&title));
    word_facts(words, request, word_to_message(out));
    rb_message_text(out, "\n");
    word_run(words, out, "Device id {id} · serial number {serial}",
             (rb_arg[]){{"id", request->device.id}, {"serial", request->device.serial}, {NULL, NULL}});
    rb_buf_fini(&title);
}

static void accepted_line(const rb_words *words, const rb_request *request, rb_buf *out)
{
    rb_buf_adds(out, word_tr(words, "accepted by Intune: queued, not done yet. "));
    rb_buf_adds(out, word_advice(words, request));
}

static void shown_line(const rb_words *words, const rb_request *request, rb_buf *out)
{
    word_add(words, out, "the temporary passcode was shown to {who}",
             (rb_arg[]){{"who", request->requester.name}, {NULL, NULL}});
    rb_buf_addf(out, " (%u/%d)", (unsigned)request->n_shown, RB_SHOWINGS_MAX);
}

static void sent_line(const rb_words *words, const rb_request *request, rb_buf *out)
{
    word_add(words, out, "sent to Intune (client-request-id {id})",
             (rb_arg[]){{"id", request->attempts[request->n_attempts - 1].client_request_id}, {NULL, NULL}});
}

static void final_line(const rb_words *words, const rb_request *request, rb_buf *out)
{
    word_outcome(words, request, WORD_WHOLE_CHARS, out);
    const char *advice = word_advice(words, request);
    if (advice[0]) {
        rb_buf_addf(out, ". %s", advice);
    }
}

static void detailed(const rb_words *words, const rb_request *request, const char *english, rb_buf *out)
{
    rb_buf detail;
    rb_buf_init(&detail, WORD_TEXT_MAX);
    rb_word_stored(words, request->detail, &detail);
    word_add(words, out, english, (rb_arg[]){{"detail", rb_buf_cstr(&detail)}, {NULL, NULL}});
    rb_buf_fini(&detail);
}

static void line_text(const rb_words *words, const rb_request *request, rb_note note, rb_buf *out)
{
    switch (note) {
    case RB_NOTE_APPROVED:
    case RB_NOTE_APPROVED_PARTLY: approved_by(words, request, out); return;
    case RB_NOTE_SENT: sent_line(words, request, out); return;
    case RB_NOTE_ACCEPTED: accepted_line(words, request, out); return;
    case RB_NOTE_UNCLEAR:
        detailed(words, request, "the outcome is not known yet: {detail}. It is looked up, never sent again.", out);
        return;
    case RB_NOTE_RECOVERED:
        rb_buf_adds(out, word_tr(words, "the bot was restarted while this was being sent: whether Intune took it is "
                                        "looked up, it is never sent again."));
        return;
    case RB_NOTE_STILL_QUEUED:
        rb_buf_adds(out, word_tr(words, "still queued after 24 hours: the device has not checked in. It cannot be "
                                        "recalled; the portal can lock or wipe."));
        return;
    case RB_NOTE_FOUND_LATER: detailed(words, request, "found later: {detail}", out); return;
    case RB_NOTE_SHOWN: shown_line(words, request, out); return;
    case RB_NOTE_TAKEN: rb_word_taken(words, request, out); return;
    case RB_NOTE_DENIED:
    case RB_NOTE_CANCELLED:
    case RB_NOTE_EXPIRED:
    case RB_NOTE_LAPSED:
    case RB_NOTE_STALE:
    case RB_NOTE_DONE:
    case RB_NOTE_FAILED:
    case RB_NOTE_NOT_SUPPORTED:
    case RB_NOTE_CANCELED:
    case RB_NOTE_UNKNOWN:
    case RB_NOTE_TENANT_APPROVAL:
    case RB_NOTE_IN_PROGRESS: final_line(words, request, out); return;
    case RB_NOTE_DRAFTED:
    case RB_NOTE_PICKED:
    case RB_NOTE_ASKED: /* asked_line */
    case RB_NOTE_CANCEL_TOO_LATE:
    case RB_NOTE_HALF_TIME:
    case RB_NOTE_SNAPSHOT:
    case RB_NOTE_TRY_AGAIN:
    case RB_NOTE_CODE_UNOPENED:
    case RB_NOTE_OWNER_TOLD:
    case RB_NOTE_CARD_POSTED:
    case RB_NOTE_RENEWED:
    case RB_NOTES: rb_buf_adds(out, rb_note_name(note)); return;
    }
}

void rb_word_line(const rb_words *words, const rb_request *request, rb_note note, rb_message *out)
{
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    rb_buf_addf(&text, "%u · ", (unsigned)request->n_lines);
    rb_message_say(out, rb_buf_cstr(&text));
    rb_message_time(out, words->now.utc_ms, RB_TIME_SECOND);
    rb_message_text(out, " · ");
    rb_buf_clear(&text);
    if (note == RB_NOTE_ASKED) {
        asked_line(words, request, out);
    } else {
        line_text(words, request, note, &text);
        rb_message_text(out, rb_buf_cstr(&text));
    }
    rb_buf_fini(&text);
}
