/* Devices, actions, states and outcomes in words. Facts: domain/intune.md 1.2, 1.3, 2.7, 5. */
#include <stdio.h>
#include <string.h>

#include "core/wording.h"

/* ---- devices ------------------------------------------------------------------------------------------------------------ */

const char *rb_word_action(const rb_words *words, rb_action_word word)
{
    switch (word) {
    case RB_WORD_REMOVE: return word_tr(words, "Remove passcode");
    case RB_WORD_RESET: return word_tr(words, "Reset passcode");
    case RB_WORD_PIN: return word_tr(words, "Reset PIN");
    }
    return "";
}

static const char *model_of(const rb_device *device)
{
    return device->model[0] ? device->model : device->os[0] ? device->os : device->name;
}

static const char *owner_of(const rb_device *device)
{
    return device->user_name[0] ? device->user_name : device->upn;
}

void word_model(const rb_device *device, rb_buf *out)
{
    word_short(out, model_of(device), WORD_MODEL_CHARS);
}

void rb_word_device(const rb_words *words, const rb_device *device, rb_buf *out)
{
    rb_buf model;
    rb_buf owner;
    rb_buf_init(&model, WORD_TEXT_MAX);
    rb_buf_init(&owner, WORD_TEXT_MAX);
    word_model(device, &model);
    word_short(&owner, owner_of(device), WORD_NAME_CHARS);
    rb_arg args[] = {
        {"model", rb_buf_cstr(&model)}, {"tail", rb_device_tail(device)}, {"owner", rb_buf_cstr(&owner)}, {NULL, NULL}};
    word_add(words, out, owner.len ? RB_T("{model} (…{tail}) of {owner}") : RB_T("{model} (…{tail}), no user"), args);
    rb_buf_fini(&model);
    rb_buf_fini(&owner);
}

const char *rb_word_support(const rb_words *words, const rb_support *support)
{
    switch (support->why) {
    case RB_WHY_APPLE:
        return word_tr(
            words,
            "the passcode is cleared, nothing is generated; the device asks for a new one if policy requires it");
    case RB_WHY_APPLE_PERSONAL:
        return word_tr(words, "the passcode of this personal device is cleared, nothing is generated; the device asks "
                              "for a new one if policy requires it");
    case RB_WHY_APPLE_USER_ENROLLMENT:
        return word_tr(words, "a device under User Enrollment cannot be reset: Apple forbids it. The owner resets it "
                              "with their Apple Account or through recovery mode");
    case RB_WHY_SHARED_IPAD:
        return word_tr(words, "a Shared iPad has no device passcode to remove: sign the user out or remove the user in "
                              "the portal instead");
    case RB_WHY_TV: return word_tr(words, "an Apple TV has no passcode that Intune can remove");
    case RB_WHY_MAC:
        return word_tr(words,
                       "a Mac cannot be reset this way: use its FileVault recovery key or Recovery Lock in the portal");
    case RB_WHY_LINUX:
        return word_tr(words, "a Linux computer cannot be reset by Intune: reset the local account's password on it");
    case RB_WHY_CHROME_OS:
        return word_tr(words, "a ChromeOS device cannot be reset by Intune: use the Google Admin console");
    case RB_WHY_DEDICATED:
    case RB_WHY_AOSP: return word_tr(words, "the device's passcode is replaced by a temporary one");
    case RB_WHY_FULLY_MANAGED:
        return word_tr(words, "the device's passcode is replaced by a temporary one (Microsoft's present table calls "
                              "it work-profile level)");
    case RB_WHY_CORPORATE_WORK_PROFILE:
    case RB_WHY_PERSONAL_WORK_PROFILE:
        return word_tr(words,
                       "only the work profile's lock gets a temporary passcode; the phone's own screen lock stays");
    case RB_WHY_WORK_PROFILE_TOO_OLD:
        return word_tr(words, "a work profile can be reset from Android 8.0 on; this one is older: the owner removes "
                              "and enrols it again");
    case RB_WHY_DEVICE_ADMIN_OLD:
        return word_tr(
            words, "the device's passcode is replaced by a temporary one (device administrator, Android 6 or older)");
    case RB_WHY_DEVICE_ADMIN_NEW:
        return word_tr(words, "under device administrator Google removed this from Android 7.0 on: enrol the device "
                              "again with Android Enterprise");
    case RB_WHY_ANDROID_UNKNOWN:
        return word_tr(words, "Intune does not say which kind of Android enrolment this is, so a reset may be refused "
                              "or reach only the work profile");
    case RB_WHY_WINDOWS_MOBILE:
        return word_tr(words, "a new PIN is generated, where Intune still accepts it for Windows 10 Mobile");
    case RB_WHY_WINDOWS_PC:
        return word_tr(words, "a Windows PC cannot be reset from here: at the lock screen the owner chooses \"I forgot "
                              "my PIN\" and signs in");
    case RB_WHY_UNKNOWN_PLATFORM: return word_tr(words, "I do not know this platform, so I do not touch it");
    case RB_WHY_KIND_UNREAD:
        return word_tr(words, "the kind of enrolment could not be read just now: try again in a few minutes");
    case RB_WHY_BEING_REMOVED: return word_tr(words, "a wipe, retire or delete is under way for this device");
    case RB_WHY_LOST_MODE:
        return word_tr(words, "this device is in lost mode: an administrator ends lost mode first, once it is found");
    }
    return "";
}

/* ---- states ---------------------------------------------------------------------------------------------------------------- */

static void waiting_for_approval(const rb_words *words, const rb_request *request, word_to to)
{
    char left[16];
    uint32_t n = request->approvals_needed - request->n_approvals;
    snprintf(left, sizeof left, "%u", (unsigned)n);
    word_put_when(words, to,
                  n == 1 ? RB_T("waiting for 1 approval until {when}") : RB_T("waiting for {n} approvals until {when}"),
                  (rb_arg[]){{"n", left}, {NULL, NULL}}, request->deadline.utc_ms, RB_TIME_MINUTE);
}

static void until(const rb_words *words, const rb_request *request, const char *english, word_to to)
{
    word_put_when(words, to, english, (rb_arg[]){{NULL, NULL}}, request->deadline.utc_ms, RB_TIME_MINUTE);
}

static void ended(const rb_words *words, const rb_request *request, word_to to)
{
    rb_buf outcome;
    rb_buf_init(&outcome, WORD_TEXT_MAX);
    word_outcome(words, request, WORD_WHOLE_CHARS, &outcome);
    word_put(to, rb_buf_cstr(&outcome));
    rb_buf_fini(&outcome);
}

void word_state(const rb_words *words, const rb_request *request, word_to to)
{
    switch (request->state) {
    case RB_STATE_DRAFT: until(words, request, RB_T("draft, not sent; kept until {when}"), to); return;
    case RB_STATE_PENDING: waiting_for_approval(words, request, to); return;
    case RB_STATE_APPROVED:
    case RB_STATE_INTENT:
        until(words, request, RB_T("approved, about to be sent to Intune (at the latest {when})"), to);
        return;
    case RB_STATE_SENDING:
        word_put(to, request->attempts[request->n_attempts - 1].outcome == RB_ATTEMPT_OPEN
                         ? word_tr(words, "being sent to Intune")
                         : word_tr(words, "sent, but the answer is missing: looking up what became of it"));
        return;
    case RB_STATE_ACCEPTED:
        word_put(to, word_tr(words, "queued by Intune, not done yet: waiting for the device to check in"));
        return;
    case RB_STATE_IN_PROGRESS: word_put(to, word_tr(words, "the device is working on it, not done yet")); return;
    case RB_STATE_DONE:
    case RB_STATE_FAILED:
    case RB_STATE_NOT_SUPPORTED:
    case RB_STATE_CANCELED:
    case RB_STATE_UNKNOWN:
    case RB_STATE_DENIED:
    case RB_STATE_CANCELLED:
    case RB_STATE_EXPIRED:
    case RB_STATE_LAPSED:
    case RB_STATE_STALE:
    case RB_STATE_NEEDS_TENANT_APPROVAL: ended(words, request, to); return;
    case RB_STATES: return;
    }
}

void rb_word_state(const rb_words *words, const rb_request *request, rb_buf *out)
{
    word_state(words, request, word_to_text(out));
}

/* ---- outcomes ---------------------------------------------------------------------------------------------------------------- */

static const char *done_text(const rb_words *words, const rb_request *request)
{
    if (request->support.word == RB_WORD_REMOVE) {
        return word_tr(words, "done: Intune reports the passcode removed");
    }
    if (request->support.scope == RB_SCOPE_WORK_PROFILE) {
        return word_tr(words, "done: Intune reports the work profile's passcode reset; only the work profile's lock, "
                              "the phone's own screen lock stays");
    }
    return word_tr(words, "done: Intune reports the passcode reset");
}

static void with_closer(const rb_words *words, const rb_request *request, size_t max_chars, const char *english,
                        rb_buf *out)
{
    rb_buf who;
    rb_buf reason;
    rb_buf_init(&who, WORD_TEXT_MAX);
    rb_buf_init(&reason, WORD_TEXT_MAX);
    word_short(&who, request->closer.name, WORD_NAME_CHARS);
    rb_buf_addf(&who, " (%s)", request->closer.person.user);
    word_short(&reason, request->closer_reason, max_chars);
    word_add(words, out, english,
             (rb_arg[]){{"who", rb_buf_cstr(&who)}, {"reason", rb_buf_cstr(&reason)}, {NULL, NULL}});
    rb_buf_fini(&who);
    rb_buf_fini(&reason);
}

/* After attempts that surely did not act, "nothing was sent" would be untrue. */
static const char *lapsed_text(const rb_request *request)
{
    if (request->n_attempts > 0) {
        return RB_T(
            "lapsed: approved, but Intune did not take it in time; nothing was changed on the device ({detail})");
    }
    return request->detail[0]
               ? RB_T("lapsed: approved, but it could not be sent in time; nothing was sent to Intune ({detail})")
               : RB_T("lapsed: approved, but it could not be sent in time; nothing was sent to Intune");
}

static const char *cancelled_text(const rb_request *request)
{
    return request->n_attempts > 0 ? RB_T("cancelled by {who}; Intune took none of the attempts to send it")
                                   : RB_T("cancelled by {who}; nothing was sent to Intune");
}

static const char *stale_text(const rb_request *request)
{
    return request->n_attempts > 0 ? RB_T("stale: {detail}; Intune took none of the attempts to send it")
                                   : RB_T("stale: {detail}; nothing was sent to Intune");
}

/* The outcomes that are told with a detail. */
static const char *detailed_text(const rb_request *request)
{
    bool has_detail = request->detail[0];
    switch (request->state) {
    case RB_STATE_FAILED:
        return has_detail ? RB_T("failed: {detail}") : RB_T("failed: Intune reports that the device could not do it");
    case RB_STATE_UNKNOWN:
        return request->is_found_later ? RB_T("outcome unknown in time; found later: {detail}")
                                       : RB_T("outcome unknown: {detail}");
    case RB_STATE_EXPIRED:
        return has_detail ? RB_T("expired: nobody decided in time; nothing was sent to Intune ({detail})")
                          : RB_T("expired: nobody decided in time; nothing was sent to Intune");
    case RB_STATE_LAPSED: return lapsed_text(request);
    case RB_STATE_STALE: return stale_text(request);
    case RB_STATE_NEEDS_TENANT_APPROVAL:
        return has_detail ? RB_T("Intune asks for an approval of its own (multi admin approval): an Intune "
                                 "administrator must decide in the portal, or exempt this app ({detail})")
                          : RB_T("Intune asks for an approval of its own (multi admin approval): an Intune "
                                 "administrator must decide in the portal, or exempt this app");
    case RB_STATE_DRAFT:
    case RB_STATE_PENDING:
    case RB_STATE_APPROVED:
    case RB_STATE_INTENT:
    case RB_STATE_SENDING:
    case RB_STATE_ACCEPTED:
    case RB_STATE_IN_PROGRESS:
    case RB_STATE_DONE:
    case RB_STATE_NOT_SUPPORTED:
    case RB_STATE_CANCELED:
    case RB_STATE_DENIED:
    case RB_STATE_CANCELLED:
    case RB_STATES: break;
    }
    return "{detail}";
}

/* Too long for its place: the facts in parentheses go first, and whole; the thread has them. */
static void leave_out_facts(rb_buf *detail, size_t max_chars)
{
    char *facts = detail->len ? strstr(detail->ptr, " (") : NULL;
    if (facts && rb_text_chars(rb_buf_str(detail)) > max_chars) {
        *facts = '\0';
        detail->len = (size_t)(facts - detail->ptr);
    }
}

static void with_detail(const rb_words *words, const rb_request *request, size_t max_chars, rb_buf *out)
{
    rb_buf whole;
    rb_buf detail;
    rb_buf_init(&whole, WORD_TEXT_MAX);
    rb_buf_init(&detail, WORD_TEXT_MAX);
    rb_word_stored(words, request->detail, &whole);
    leave_out_facts(&whole, max_chars);
    word_short(&detail, rb_buf_cstr(&whole), max_chars);
    word_add(words, out, detailed_text(request), (rb_arg[]){{"detail", rb_buf_cstr(&detail)}, {NULL, NULL}});
    rb_buf_fini(&detail);
    rb_buf_fini(&whole);
}

void word_outcome(const rb_words *words, const rb_request *request, size_t max_chars, rb_buf *out)
{
    switch (request->state) {
    case RB_STATE_DONE: rb_buf_adds(out, done_text(words, request)); return;
    case RB_STATE_NOT_SUPPORTED:
        rb_buf_adds(out, word_tr(words, "not supported: Intune reports that this device cannot do it"));
        return;
    case RB_STATE_CANCELED: rb_buf_adds(out, word_tr(words, "canceled in Intune by somebody else")); return;
    case RB_STATE_DENIED: with_closer(words, request, max_chars, RB_T("denied by {who}: {reason}"), out); return;
    case RB_STATE_CANCELLED: with_closer(words, request, max_chars, cancelled_text(request), out); return;
    case RB_STATE_FAILED:
    case RB_STATE_UNKNOWN:
    case RB_STATE_EXPIRED:
    case RB_STATE_LAPSED:
    case RB_STATE_STALE:
    case RB_STATE_NEEDS_TENANT_APPROVAL: with_detail(words, request, max_chars, out); return;
    case RB_STATE_DRAFT:
    case RB_STATE_PENDING:
    case RB_STATE_APPROVED:
    case RB_STATE_INTENT:
    case RB_STATE_SENDING:
    case RB_STATE_ACCEPTED:
    case RB_STATE_IN_PROGRESS:
    case RB_STATES: rb_word_state(words, request, out); return;
    }
}

static const char *advice_failed(const rb_words *words, const rb_request *request)
{
    if (request->support.word == RB_WORD_REMOVE) {
        return word_tr(words, "On Apple devices this most often means that Intune holds a wrong unlock token; then "
                              "only a wipe in the portal helps, which this bot never does.");
    }
    return word_tr(words, "On Android this most often means that no passcode is required by a configuration policy for "
                          "the device: an Intune administrator can check its configuration.");
}

const char *word_advice(const rb_words *words, const rb_request *request)
{
    bool is_apple = request->support.word == RB_WORD_REMOVE;
    switch (request->state) {
    case RB_STATE_ACCEPTED:
    case RB_STATE_IN_PROGRESS:
        return is_apple
                   ? word_tr(
                         words,
                         "The device must be online to receive it. Do not switch it off: a locked Apple device that "
                         "starts up joins no Wi-Fi before its first unlock; mobile data or a tethered Mac still works.")
                   : word_tr(words, "The device must be online to receive it: leave it on, with Wi-Fi or mobile data.");
    case RB_STATE_DONE:
        return is_apple ? word_tr(words, "The owner opens the device without a passcode and sets a new one in "
                                         "Settings; Touch ID must be set up again.")
                        : word_tr(words,
                                  "The owner unlocks with the temporary passcode and then sets a new one in Settings.");
    case RB_STATE_FAILED: return request->posted.utc_ms ? advice_failed(words, request) : "";
    case RB_STATE_NOT_SUPPORTED:
        return is_apple
                   ? word_tr(words, "An Intune administrator can look at the device in the portal.")
                   : word_tr(words, "Most often the reset token was never activated: a work-profile passcode must be "
                                    "required, set by the owner, and the second prompt accepted. That cannot be mended "
                                    "while it is locked: the owner removes and enrols the work profile again.");
    case RB_STATE_UNKNOWN:
        /* where Intune shows device actions: the page of the device, and the monitor of all (domain/intune.md 4.2) */
        return request->is_found_later
                   ? word_tr(words, "Look at the device in the Intune admin center before you do anything else: "
                                    "Devices > the device > Device action status.")
                   : word_tr(
                         words,
                         "It may or may not have happened. Look in the Intune admin center: Devices > the device > "
                         "Device action status, or Devices > Monitor > Device actions. Until that is clear, do not "
                         "tell the caller that it is done, do not press reset in Intune, and do not ask again here.");
    case RB_STATE_DRAFT:
    case RB_STATE_PENDING:
    case RB_STATE_APPROVED:
    case RB_STATE_INTENT:
    case RB_STATE_SENDING:
    case RB_STATE_CANCELED:
    case RB_STATE_DENIED:
    case RB_STATE_CANCELLED:
    case RB_STATE_EXPIRED:
    case RB_STATE_LAPSED:
    case RB_STATE_STALE:
    case RB_STATE_NEEDS_TENANT_APPROVAL:
    case RB_STATES: return "";
    }
    return "";
}
