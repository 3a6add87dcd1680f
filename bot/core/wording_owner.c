/* What the device's owner reads: told by the bot, or sent on by the helpdesk. */
#include "core/wording.h"

/* ---- told by the bot ------------------------------------------------------------------------------------------------------- */

void rb_word_tell_owner(const rb_words *words, const rb_request *request, rb_note note, rb_message *out)
{
    rb_buf text;
    rb_buf device;
    rb_buf_init(&text, WORD_TEXT_MAX);
    rb_buf_init(&device, WORD_TEXT_MAX);
    rb_word_device(words, &request->device, &device);
    rb_arg args[] = {{"id", request->id},
                     {"action", rb_word_action(words, request->support.word)},
                     {"device", rb_buf_cstr(&device)},
                     {"who", request->n_past_requesters ? request->past_requesters[0].name : request->requester.name},
                     {NULL, NULL}};
    if (note == RB_NOTE_ASKED) {
        word_para(words, out,
                  "{id} · {action} · {device}: {who} of the helpdesk asked for this on your behalf. It waits for an "
                  "approver.",
                  args);
    } else {
        word_para(words, out, "{id} · {action} · {device}, asked for by {who} of the helpdesk:", args);
        word_outcome(words, request, WORD_WHOLE_CHARS, &text);
        rb_message_text(out, " ");
        rb_message_text(out, rb_buf_cstr(&text));
    }
    rb_message_say(
        out,
        word_tr(
            words,
            "This was not you? Call the helpdesk at once, on the number that you know, and name the request above."));
    rb_buf_fini(&text);
    rb_buf_fini(&device);
}

/* ---- sent on by the helpdesk: never with the code --------------------------------------------------------------------------- */

/* The device opens without a passcode and asks for a new one where a policy wants it; Touch ID is set up again
 * (remove-passcode.md, reset-your-passcode-cpwebsite.md: domain/intune.md 1.2, 1.3). */
static const char *const APPLE[] = {RB_T("The passcode of your {model} is removed (request {id} of the helpdesk)."),
                                    RB_T("1. Open the device: it asks for no passcode now."),
                                    RB_T("2. Set a new one at once: Settings > Face ID & Passcode, or Touch ID & "
                                         "Passcode. The device may insist on it."),
                                    RB_T("3. Set up Face ID or Touch ID again, if it asks you to."), NULL};

/* "Letters and numbers", also where the lock screen shows digits alone (reset-your-passcode-cpwebsite.md, memdocs#4405:
 * domain/intune.md 1.3, 5 no. 5). */
static const char *const ANDROID[] = {
    RB_T("The passcode of your {model} is replaced by a temporary one (request {id} of the helpdesk)."),
    RB_T("1. The helpdesk reads it to you on the phone. Keep it to yourself."),
    RB_T("2. Type it at the lock screen. It may hold letters: if you see digits only, change to the full keyboard."),
    RB_T("3. Set your own at once: in Settings, under Security, choose the screen lock."), NULL};

static const char *const WORK_PROFILE[] = {
    RB_T("The lock of the work profile on your {model} has a temporary passcode (request {id} of the helpdesk)."),
    RB_T("1. The helpdesk reads it to you on the phone. Keep it to yourself."),
    RB_T("2. Open a work app and type it there. It may hold letters: if you see digits only, change to the full "
         "keyboard."),
    RB_T("3. Set your own at once: in Settings, under Security, choose the work profile's lock. The phone's own screen "
         "lock "
         "stays as it is."),
    NULL};

static const char *const WINDOWS_MOBILE[] = {
    RB_T("Your {model} has a new PIN (request {id} of the helpdesk)."),
    RB_T("1. The helpdesk reads it to you on the phone. Keep it to yourself."),
    RB_T("2. Type it at the lock screen. It may hold letters: if you see digits only, change to the full keyboard."),
    RB_T("3. Set your own at once: Settings > Accounts > Sign-in options."), NULL};

static const char *const *lines_for(const rb_support *support)
{
    switch (support->word) {
    case RB_WORD_REMOVE: return APPLE;
    case RB_WORD_RESET: return support->scope == RB_SCOPE_WORK_PROFILE ? WORK_PROFILE : ANDROID;
    case RB_WORD_PIN: return WINDOWS_MOBILE;
    }
    return ANDROID;
}

void rb_word_for_owner(const rb_words *words, const rb_words *owner_words, const rb_request *request, rb_message *out)
{
    if (request->state != RB_STATE_DONE) {
        return;
    }
    rb_buf model;
    rb_buf_init(&model, WORD_TEXT_MAX);
    word_model(&request->device, &model);
    rb_arg args[] = {{"model", rb_buf_cstr(&model)}, {"id", request->id}, {NULL, NULL}};
    rb_message_say(out, request->owner_locale[0] ? word_tr(words, "Ready to send to the owner, in their language:")
                                                 : word_tr(words, "Ready to send to the owner:"));
    rb_message_copy(out);
    for (const char *const *line = lines_for(&request->support); *line; line++) {
        word_run(owner_words, out, *line, args);
        rb_message_text(out, "\n");
    }
    rb_message_text(out,
                    word_tr(owner_words, "This was not you? Call the helpdesk at once, on the number that you know."));
    rb_buf_fini(&model);
}
