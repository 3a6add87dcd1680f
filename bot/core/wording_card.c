/* The channel: the card, and the thread that tells its story. */
#include <string.h>
#include <strings.h>

#include "core/wording.h"

/* ---- facts in a fixed order ---------------------------------------------------------------------------------------------- */

void word_title(const rb_words *words, const rb_request *request, rb_buf *out)
{
    rb_buf_addf(out, "%s · %s · ", request->id, rb_word_action(words, request->support.word));
    rb_word_device(words, &request->device, out);
}

void word_person(const rb_actor *actor, rb_buf *out)
{
    word_short(out, actor->name, WORD_NAME_CHARS);
    rb_buf_addf(out, " (%s)", actor->person.user);
}

static const char *verified_text(const rb_words *words, rb_verified verified)
{
    switch (verified) {
    case RB_VERIFIED_CALLED_BACK: return word_tr(words, "caller called back on the number on record");
    case RB_VERIFIED_VIDEO: return word_tr(words, "caller seen on live video with badge");
    case RB_VERIFIED_IN_PERSON: return word_tr(words, "caller present in person");
    case RB_VERIFIED_UNANSWERED: return word_tr(words, "caller not verified");
    }
    return "";
}

void word_answers(const rb_words *words, const rb_request *request, rb_buf *out)
{
    rb_buf_adds(out, verified_text(words, request->verified));
    rb_buf_adds(out, " · ");
    rb_buf_adds(out, request->holds == RB_HOLDS_YES ? word_tr(words, "owner holds the device")
                                                    : word_tr(words, "owner does not surely hold the device"));
    if (request->lock == RB_LOCK_WORK_PROFILE) {
        rb_buf_adds(out, " · ");
        rb_buf_adds(out, word_tr(words, "the work profile's lock is the stuck one"));
    }
}

void word_effect(const rb_words *words, const rb_request *request, rb_buf *out)
{
    word_add(words, out, "What happens: {effect}.",
             (rb_arg[]){{"effect", rb_word_support(words, &request->support)}, {NULL, NULL}});
    if (request->support.verdict == RB_SUPPORT_MAYBE) {
        rb_buf_adds(out, " ");
        rb_buf_adds(out, word_tr(words, "Not confirmed to work on this device; the policy allows trying."));
    }
}

static void asked_by(const rb_words *words, const rb_request *request, rb_buf *out)
{
    rb_buf who;
    rb_buf_init(&who, WORD_TEXT_MAX);
    word_person(&request->requester, &who);
    word_add(words, out, "Asked by {who}", (rb_arg[]){{"who", rb_buf_cstr(&who)}, {NULL, NULL}});
    rb_buf_fini(&who);
    rb_buf_addf(out, "%s%s", request->ticket[0] ? " · " : "", request->ticket);
    if (request->reason[0]) {
        rb_buf_addf(out, " · \"%s\"", request->reason);
    }
}

static void warnings(const rb_words *words, const rb_request *request, rb_buf *out)
{
    const rb_device *device = &request->device;
    bool is_other_enroller =
        device->enrolled_by[0] && device->upn[0] && strcasecmp(device->enrolled_by, device->upn) != 0;
    if (is_other_enroller) {
        rb_buf who;
        rb_buf_init(&who, WORD_TEXT_MAX);
        word_short(&who, device->enrolled_by, WORD_UPN_CHARS);
        rb_buf_adds(out, "\n");
        word_add(words, out, "Attention: enrolled by {who}, not by its user.",
                 (rb_arg[]){{"who", rb_buf_cstr(&who)}, {NULL, NULL}});
        rb_buf_fini(&who);
    }
    if (request->created_utc_ms - device->last_sync_utc_ms > 7 * RB_DAY_MS) {
        rb_buf_adds(out, "\n");
        rb_buf_adds(out, word_tr(words, "Attention: no check-in within 7 days before the request."));
    }
    if (request->earlier[0]) {
        rb_buf_adds(out, "\n");
        word_add(words, out, "Earlier, within 7 days: {earlier}",
                 (rb_arg[]){{"earlier", request->earlier}, {NULL, NULL}});
    }
    if (request->owner_told == RB_OWNER_NOT_TOLD) {
        rb_buf_adds(out, "\n");
        rb_buf_adds(out, word_tr(words, "Owner not told: no known chat account, or the message failed."));
    }
}

void word_facts_lines(const rb_words *words, const rb_request *request, rb_buf *out)
{
    asked_by(words, request, out);
    rb_buf_adds(out, "\n");
    word_answers(words, request, out);
    rb_buf_adds(out, "\n");
    rb_word_device_facts(words, &request->device, out);
    rb_buf_adds(out, "\n");
    word_effect(words, request, out);
    warnings(words, request, out);
}

void rb_word_facts(const rb_words *words, const rb_request *request, rb_buf *out)
{
    rb_buf lines;
    rb_buf_init(&lines, WORD_TEXT_MAX);
    word_title(words, request, &lines);
    rb_buf_adds(&lines, "\n");
    word_facts_lines(words, request, &lines);
    for (size_t i = 0; i < lines.len; i++) {
        rb_buf_add(out, lines.ptr[i] == '\n' ? RB_STR("; ") : (rb_str){lines.ptr + i, 1});
    }
    rb_buf_addf(out, "; device id %s, serial %s", request->device.id, request->device.serial);
    rb_buf_fini(&lines);
}

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

static void final_card(const rb_words *words, const rb_request *request, const char *title, rb_message *out)
{
    rb_buf outcome;
    rb_buf_init(&outcome, WORD_TEXT_MAX);
    word_outcome(words, request, &outcome);
    rb_message_para(out);
    rb_message_bold(out, title);
    rb_message_text(out, " · ");
    rb_message_text(out, rb_buf_cstr(&outcome));
    rb_buf_fini(&outcome);
}

static void approvals_line(const rb_words *words, const rb_request *request, rb_message *out)
{
    for (uint32_t i = 0; i < request->n_approvals; i++) {
        rb_buf who;
        rb_buf_init(&who, WORD_TEXT_MAX);
        word_short(&who, request->approvals[i].name, WORD_APPROVER_CHARS);
        word_run(words, out, i ? ", {who}" : "\nApproved by {who}",
                 (rb_arg[]){{"who", rb_buf_cstr(&who)}, {NULL, NULL}});
        rb_buf_fini(&who);
    }
}

void rb_word_card(const rb_words *words, const rb_request *request, const rb_card_buttons *buttons, bool is_pinging,
                  rb_message *out)
{
    rb_buf title;
    rb_buf text;
    rb_buf_init(&title, WORD_TEXT_MAX);
    rb_buf_init(&text, WORD_TEXT_MAX);
    word_title(words, request, &title);
    if (rb_state_is_final(request->state)) {
        final_card(words, request, rb_buf_cstr(&title), out);
    } else {
        rb_message_para(out);
        rb_message_bold(out, rb_buf_cstr(&title));
        rb_buf_adds(&text, "\n");
        word_facts_lines(words, request, &text);
        rb_message_text(out, rb_buf_cstr(&text));
        approvals_line(words, request, out);
        rb_buf_clear(&text);
        rb_word_state(words, request, &text);
        rb_message_para(out);
        rb_message_text(out, word_tr(words, "State: "));
        rb_message_text(out, rb_buf_cstr(&text));
        if (is_pinging) {
            mention_approvers(words, out);
        }
        card_buttons(words, request, buttons, out);
    }
    rb_buf_fini(&title);
    rb_buf_fini(&text);
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

static void asked_line(const rb_words *words, const rb_request *request, rb_buf *out)
{
    rb_buf_adds(out, word_tr(words, "asked: "));
    rb_word_facts(words, request, out);
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
    word_outcome(words, request, out);
    const char *advice = word_advice(words, request);
    if (advice[0]) {
        rb_buf_addf(out, ". %s", advice);
    }
}

static void line_text(const rb_words *words, const rb_request *request, rb_note note, rb_buf *out)
{
    rb_arg detail[] = {{"detail", request->detail}, {NULL, NULL}};
    switch (note) {
    case RB_NOTE_ASKED: asked_line(words, request, out); return;
    case RB_NOTE_APPROVED:
    case RB_NOTE_APPROVED_PARTLY: approved_by(words, request, out); return;
    case RB_NOTE_SENT: sent_line(words, request, out); return;
    case RB_NOTE_ACCEPTED: accepted_line(words, request, out); return;
    case RB_NOTE_UNCLEAR:
        word_add(words, out, "the outcome is not known yet: {detail}. It is looked up, never sent again.", detail);
        return;
    case RB_NOTE_RECOVERED:
        rb_buf_adds(out, word_tr(words, "the bot was restarted while this was being sent: whether Intune took it is "
                                        "looked up, it is never sent again."));
        return;
    case RB_NOTE_STILL_QUEUED:
        rb_buf_adds(out, word_tr(words, "still queued after 24 hours: the device has not checked in. It cannot be "
                                        "recalled; the portal can lock or wipe."));
        return;
    case RB_NOTE_FOUND_LATER: word_add(words, out, "found later: {detail}", detail); return;
    case RB_NOTE_SHOWN: shown_line(words, request, out); return;
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
    char when[RB_TIME_CAP];
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    rb_time_full(words->now.utc_ms, when);
    rb_buf_addf(&text, "%u · %s · ", (unsigned)request->n_lines, when);
    line_text(words, request, note, &text);
    rb_message_say(out, rb_buf_cstr(&text));
    rb_buf_fini(&text);
}
