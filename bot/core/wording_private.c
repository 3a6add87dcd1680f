/* What one person sees: preview, pick list, direct messages, status. */
#include <string.h>

#include "core/wording.h"

/* ---- the preview ---------------------------------------------------------------------------------------------------------- */

static void understood(const rb_words *words, const rb_request *draft, word_to to)
{
    rb_arg args[] = {{"ticket", draft->ticket[0] ? draft->ticket : word_tr(words, "none")},
                     {"reason", draft->reason[0] ? draft->reason : word_tr(words, "none")},
                     {NULL, NULL}};
    word_put_filled(words, to, "Ticket: {ticket} · Reason: {reason}", args);
}

static void preview_facts(const rb_words *words, const rb_request *draft, word_to to)
{
    word_device_facts(words, &draft->device, to);
    word_put(to, "\n");
    word_whole_effect(words, draft, to);
    word_flags(words, draft, to);
    word_put(to, "\n");
    understood(words, draft, to);
    word_earlier(words, draft, to);
}

void rb_word_preview(const rb_words *words, const rb_request *draft, const rb_preview_buttons *buttons,
                     const char *problem, rb_message *out)
{
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    if (problem) {
        rb_message_say(out, word_tr(words, problem));
    }
    word_title(words, draft, &text);
    rb_message_para(out);
    rb_message_bold(out, rb_buf_cstr(&text));
    rb_buf_clear(&text);
    rb_buf_addf(&text, "\n%s · %s\n", draft->device.name, draft->device.serial);
    rb_message_text(out, rb_buf_cstr(&text));
    preview_facts(words, draft, word_to_message(out));
    word_questions(words, draft, out);
    rb_message_button(out, "send", word_tr(words, "Send for approval"), buttons->send, RB_BUTTON_PRIMARY);
    if (buttons->other) {
        rb_message_button(out, "other", word_tr(words, "Other device"), buttons->other, RB_BUTTON_PLAIN);
    }
    rb_message_button(out, "cancel", word_tr(words, "Cancel"), buttons->cancel, RB_BUTTON_PLAIN);
    rb_message_small(out);
    rb_message_text(out, word_tr(words, "Only you see this. Nothing is sent before you press Send for approval."));
    rb_buf_fini(&text);
}

/* ---- several devices ---------------------------------------------------------------------------------------------------------- */

static void put_pick(const rb_words *words, const rb_pick *pick, word_to to)
{
    rb_buf device;
    rb_buf_init(&device, WORD_TEXT_MAX);
    rb_word_device(words, pick->device, &device);
    word_put(to, rb_buf_cstr(&device));
    word_put(to, " · ");
    word_device_facts(words, pick->device, to);
    rb_buf_fini(&device);
}

size_t word_room_left(const rb_message *message)
{
    size_t used = 0;
    for (uint32_t i = 0; i < message->n_runs; i++) {
        const rb_run *run = &message->runs[i];
        used += rb_text_chars(rb_str_of(rb_message_at(message, run->text))) + 1;
        used += rb_text_chars(rb_str_of(rb_message_at(message, run->extra)));
    }
    return used < WORD_LIST_CHARS ? WORD_LIST_CHARS - used : 0;
}

static void add_refused(const rb_words *words, const rb_pick *pick, rb_buf *out)
{
    const char *why = pick->denial == RB_NO_UNSUPPORTED || pick->denial == RB_NO_UNCONFIRMED
                          ? rb_word_support(words, &pick->support)
                          : rb_word_denial_short(words, pick->denial);
    word_short(out, pick->device->model, WORD_MODEL_CHARS);
    rb_buf_addf(out, " (…%s): %s", rb_device_tail(pick->device), why);
}

static void add_more(const rb_words *words, rb_buf *out, const char *english, size_t n)
{
    rb_buf number;
    rb_buf_init(&number, RB_WORD_CAP);
    rb_buf_addf(&number, "%zu", n);
    word_add(words, out, english, (rb_arg[]){{"n", rb_buf_cstr(&number)}, {NULL, NULL}});
    rb_buf_fini(&number);
}

void word_refused(const rb_words *words, const rb_pick *picks, size_t n, rb_message *out)
{
    rb_buf list;
    rb_buf item;
    size_t left_out = 0;
    size_t room = word_room_left(out) < WORD_SMALL_CHARS ? word_room_left(out) : WORD_SMALL_CHARS;
    rb_buf_init(&list, WORD_TEXT_MAX);
    rb_buf_init(&item, WORD_TEXT_MAX);
    for (size_t i = 0; i < n; i++) {
        if (picks[i].denial == RB_ALLOWED) {
            continue;
        }
        rb_buf_clear(&item);
        rb_buf_adds(&item, list.len ? "; " : word_tr(words, "Not possible here: "));
        add_refused(words, &picks[i], &item);
        if (left_out || rb_text_chars(rb_buf_str(&list)) + rb_text_chars(rb_buf_str(&item)) > room) {
            left_out++;
        } else {
            rb_buf_add(&list, rb_buf_str(&item));
        }
    }
    if (left_out) {
        rb_buf_adds(&list, list.len ? "; " : word_tr(words, "Not possible here: "));
        add_more(words, &list, "and {n} more", left_out);
    }
    if (list.len) {
        rb_message_small(out);
        rb_message_text(out, rb_buf_cstr(&list));
    }
    rb_buf_fini(&list);
    rb_buf_fini(&item);
}

void rb_word_picks(const rb_words *words, const rb_request *draft, const rb_pick *picks, size_t n, size_t first,
                   const char *more_value, const char *cancel_value, rb_message *out)
{
    size_t index = 0;
    word_para(words, out, "{id}: which device of {target}? Newest check-in first.",
              (rb_arg[]){{"id", draft->id}, {"target", draft->target}, {NULL, NULL}});
    for (size_t i = 0; i < n && index < first + RB_DEVICES_PAGE; i++) {
        if (picks[i].denial != RB_ALLOWED || index++ < first) {
            continue;
        }
        rb_message_para(out);
        put_pick(words, &picks[i], word_to_message(out));
        char id[32];
        char label[RB_NAME_CAP];
        rb_buf name;
        rb_buf_init(&name, sizeof label - 1);
        rb_buf_addf(&name, "pick_%zu", index);
        rb_copy_fit(id, sizeof id, rb_buf_cstr(&name));
        rb_buf_clear(&name);
        word_add(words, &name, "Choose …{tail}", (rb_arg[]){{"tail", rb_device_tail(picks[i].device)}, {NULL, NULL}});
        rb_copy_fit(label, sizeof label, rb_buf_cstr(&name));
        rb_buf_fini(&name);
        rb_message_button(out, id, label, picks[i].value, RB_BUTTON_PLAIN);
    }
    word_refused(words, picks, n, out);
    if (more_value) {
        rb_message_button(out, "more", word_tr(words, "More"), more_value, RB_BUTTON_PLAIN);
    }
    rb_message_button(out, "cancel", word_tr(words, "Cancel"), cancel_value, RB_BUTTON_PLAIN);
}

/* One device of the list: what it is, what a reset would do there and the command for it, or why not. */
static void put_device(const rb_words *words, const rb_pick *pick, word_to to)
{
    rb_buf command;
    bool is_said_by_support = pick->denial == RB_ALLOWED || pick->denial == RB_NO_UNSUPPORTED;
    rb_arg args[] = {{"why", is_said_by_support ? rb_word_support(words, &pick->support)
                                                : rb_word_denial_short(words, pick->denial)},
                     {NULL, NULL}};
    put_pick(words, pick, to);
    word_put(to, "\n");
    word_put_filled(words, to, pick->denial == RB_ALLOWED ? RB_T("possible: {why}") : RB_T("not possible: {why}"),
                    args);
    if (pick->denial == RB_ALLOWED) {
        rb_buf_init(&command, WORD_TEXT_MAX);
        rb_buf_addf(&command, "%s ", words->root);
        word_reset_command(pick->device, &pick->support, &command);
        word_put(to, "\n");
        word_put_code(to, rb_buf_cstr(&command));
        rb_buf_fini(&command);
    }
}

void rb_word_devices(const rb_words *words, const char *owner, const rb_pick *picks, size_t n, rb_message *out)
{
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    word_para(words, out, "Devices of {owner}, newest check-in first:", (rb_arg[]){{"owner", owner}, {NULL, NULL}});
    size_t shown = 0;
    for (size_t i = 0; i < n; i++) {
        rb_buf_clear(&text);
        put_device(words, &picks[i], word_to_text(&text));
        bool is_full = shown == RB_DEVICES_PAGE && n > RB_DEVICES_PAGE + 1;
        if (is_full || rb_text_chars(rb_buf_str(&text)) > word_room_left(out)) {
            rb_buf_clear(&text);
            add_more(words, &text, "And {n} more with older check-ins: use the serial number.", n - i);
            rb_message_say(out, rb_buf_cstr(&text));
            break;
        }
        rb_message_para(out);
        put_device(words, &picks[i], word_to_message(out));
        shown++;
    }
    rb_buf_fini(&text);
}

/* ---- direct messages -------------------------------------------------------------------------------------------------------------- */

static const char *next_step(const rb_words *words, const rb_request *request)
{
    switch (request->state) {
    case RB_STATE_EXPIRED:
    case RB_STATE_LAPSED:
        return word_tr(words, "Press Ask again if it is still needed: everything is checked again, and you answer the "
                              "questions anew.");
    case RB_STATE_STALE: return word_tr(words, "Look at the device and start again if it is still needed.");
    case RB_STATE_DENIED: return word_tr(words, "Talk to the approver before you ask again.");
    case RB_STATE_DRAFT:
    case RB_STATE_PENDING:
    case RB_STATE_APPROVED:
    case RB_STATE_INTENT:
    case RB_STATE_SENDING:
    case RB_STATE_ACCEPTED:
    case RB_STATE_IN_PROGRESS:
    case RB_STATE_DONE:
    case RB_STATE_FAILED:
    case RB_STATE_NOT_SUPPORTED:
    case RB_STATE_CANCELED:
    case RB_STATE_UNKNOWN:
    case RB_STATE_CANCELLED:
    case RB_STATE_NEEDS_TENANT_APPROVAL:
    case RB_STATES: return word_advice(words, request);
    }
    return "";
}

void rb_word_tell_requester(const rb_words *words, const rb_words *owner_words, const rb_request *request, rb_note note,
                            const rb_card_buttons *buttons, rb_message *out)
{
    word_title_para(words, request, out);
    word_state(words, request, word_to_message(out));
    const char *next = next_step(words, request);
    if (next[0]) {
        rb_message_say(out, next);
    }
    if (request->state == RB_STATE_STALE) {
        word_next_reset(words, &request->device, &request->support, out);
    }
    if (note == RB_NOTE_TAKEN) {
        word_taken_over(words, request, out);
    }
    if (note == RB_NOTE_RECOVERED) {
        rb_message_say(
            out, word_tr(words,
                         "I was restarted while this was being sent to Intune. I never send it again: I ask Intune "
                         "what became of it, and tell you here. Until then do not tell the caller that it is done, do "
                         "not press reset in Intune, and do not ask again: a second reset could follow the first."));
    }
    if (buttons->show) {
        rb_message_say(
            out,
            note == RB_NOTE_CODE_UNOPENED
                ? word_tr(
                      words,
                      "The temporary passcode has not been opened yet. Press Show when you have the owner on the line.")
                : word_tr(words, "A temporary passcode waits for you: press Show when you have the owner on the line. "
                                 "It is shown to you alone, at most 4 times."));
        rb_message_button(out, "show", word_tr(words, "Show"), buttons->show, RB_BUTTON_PRIMARY);
    }
    if (buttons->again) {
        rb_message_button(out, "again", word_tr(words, "Ask again"), buttons->again, RB_BUTTON_PRIMARY);
    }
    rb_word_for_owner(words, owner_words, request, out);
}

void rb_word_tell_approver(const rb_words *words, const rb_request *request, rb_note note, const char *link,
                           rb_message *out)
{
    word_to to = word_to_message(out);
    word_title_para(words, request, out);
    word_facts(words, request, to);
    word_put(to, "\n");
    word_put(to, word_tr(words, "State: "));
    word_state(words, request, to);
    rb_message_para(out);
    if (note == RB_NOTE_HALF_TIME) {
        rb_message_text(out, word_tr(words, "Half of the time is over, and nobody has decided yet."));
        rb_message_text(out, "\n");
    }
    if (link && link[0]) {
        rb_message_link(out, link, word_tr(words, "open the card"));
        rb_message_text(out, "\n");
    }
    rb_buf verb;
    rb_buf_init(&verb, WORD_TEXT_MAX);
    rb_buf_addf(&verb, "approve %s", request->id);
    word_command(words, out, RB_T("{command} shows it to you with its buttons."), rb_buf_cstr(&verb));
    rb_buf_fini(&verb);
}

void rb_word_decided(const rb_words *words, const rb_request *request, rb_message *out)
{
    bool is_approved = rb_state_is_open(request->state) && request->state != RB_STATE_PENDING;
    word_title_para(words, request, out);
    if (is_approved) {
        word_approved_by(words, request, "", "Approved by {who}", out);
    } else {
        word_state(words, request, word_to_message(out));
    }
    rb_message_say(out,
                   word_tr(words, "Nothing is left for you to decide. The thread of its card tells what follows."));
}
