/* Why not: what, why, who can help, and the next command (U2). */
#include "core/wording.h"

#include <stdio.h>

/* What is typed next, and by whom. */
typedef enum {
    NEXT_AGAIN,   /* the same once more: it may go through */
    NEXT_HELP,    /* what else this person may do */
    NEXT_STATUS,  /* brings the preview back, or shows what came of it */
    NEXT_CANCEL,  /* the draft leads nowhere */
    NEXT_DEVICES, /* another device of the same user */
    THEY_RESET,   /* somebody else asks for it */
    THEY_APPROVE, /* somebody else decides */
    THEY_CANCEL,  /* somebody else takes it back */
    THEY_TAKE,    /* somebody else goes on with it */
} next_step;

/* Whose names are said, when they are known. */
typedef enum { NAMES_OF_NOBODY, NAMES_OF_ADMINS, NAMES_OF_APPROVERS } named;

typedef struct {
    const char *why;  /* one sentence, without a full stop */
    const char *help; /* who can help */
    next_step next;
    named names;
} refusal;

#define EXAMPLE_USER "name@example.com"
#define ADMIN RB_T("An administrator of resetbot can change that in the policy file.")
#define SOON RB_T("Try again in a few minutes.")
#define OTHER_APPROVER RB_T("Ask another approver.")

static const refusal REFUSALS[RB_DENIALS] = {
    [RB_ALLOWED] = {RB_T("allowed"), "", NEXT_AGAIN, NAMES_OF_NOBODY},
    [RB_NO_UNKNOWN_PERSON] = {RB_T("I could not read your account in the chat"),
                              RB_T("Try again in a minute; if it stays so, ask an administrator of the workspace."),
                              NEXT_AGAIN, NAMES_OF_NOBODY},
    [RB_NO_DEACTIVATED] = {RB_T("this account is deactivated"), RB_T("Use your active account."), NEXT_AGAIN,
                           NAMES_OF_NOBODY},
    [RB_NO_BOT] = {RB_T("bots and workflows may not do this"), RB_T("A person must do it."), THEY_RESET,
                   NAMES_OF_NOBODY},
    [RB_NO_GUEST] = {RB_T("guests of the workspace may not do this"), RB_T("Ask a member of the helpdesk."), THEY_RESET,
                     NAMES_OF_NOBODY},
    [RB_NO_OUTSIDE] = {RB_T("your account belongs to another organisation"),
                       RB_T("Ask a member of the helpdesk of this organisation."), THEY_RESET, NAMES_OF_NOBODY},
    [RB_NO_PEOPLE_ENTRY] = {RB_T("your chat account is not in the people table, so I cannot tell who you are in Entra"),
                            ADMIN, NEXT_HELP, NAMES_OF_ADMINS},
    [RB_NO_ROLE] = {RB_T("your role does not allow it"), ADMIN, NEXT_HELP, NAMES_OF_ADMINS},
    [RB_NO_GROUP_UNREADABLE] = {RB_T("a chat group that gives this right could not be read just now, and what cannot "
                                     "be read never allows"),
                                SOON, NEXT_AGAIN, NAMES_OF_NOBODY},
    [RB_NO_CHANNEL] = {RB_T("commands are not allowed in this channel"),
                       RB_T("Use them in a helpdesk channel or in a direct message to me. An administrator of resetbot "
                            "can change that in the policy file."),
                       NEXT_AGAIN, NAMES_OF_NOBODY},
    [RB_NO_FROZEN] = {RB_T("all sending is frozen by the policy"),
                      RB_T("Ask an administrator of resetbot why, and when it ends."), NEXT_AGAIN, NAMES_OF_ADMINS},
    [RB_NO_NEVER_USER] = {RB_T("the policy never allows a reset for this user"),
                          RB_T("Ask an administrator of resetbot; the portal stays open to them."), NEXT_HELP,
                          NAMES_OF_ADMINS},
    [RB_NO_NEVER_DEVICE] = {RB_T("the policy never allows a reset of this device"),
                            RB_T("Ask an administrator of resetbot; the portal stays open to them."), NEXT_DEVICES,
                            NAMES_OF_ADMINS},
    [RB_NO_UNSUPPORTED] = {RB_T("it is not possible on this device"), "", NEXT_DEVICES, NAMES_OF_NOBODY},
    [RB_NO_UNCONFIRMED] =
        {RB_T("it is not confirmed to work on this kind of device, and the policy does not allow trying"), ADMIN,
         NEXT_DEVICES, NAMES_OF_ADMINS},
    [RB_NO_OWNERLESS] = {RB_T("no user is named for this device in Intune, and the policy does not allow that"), ADMIN,
                         NEXT_AGAIN, NAMES_OF_ADMINS},
    [RB_NO_OWNERS_UNKNOWN] =
        {RB_T("not every user that Intune names for this device could be resolved, so nobody can be sure whose it is"),
         RB_T("Try again in a few minutes. An administrator of resetbot can change that in the policy file."),
         NEXT_AGAIN, NAMES_OF_ADMINS},
    [RB_NO_SELF_OWNER] =
        {RB_T("this is your own device, and three different people are needed: who asks, who approves, who owns it"),
         RB_T("Ask a colleague of the helpdesk to ask for it."), THEY_RESET, NAMES_OF_NOBODY},
    [RB_NO_APPROVER_IS_OWNER] = {RB_T("this is your own device, so another approver must decide"), OTHER_APPROVER,
                                 THEY_APPROVE, NAMES_OF_APPROVERS},
    [RB_NO_APPROVER_IS_REQUESTER] =
        {RB_T("you asked for it, by this or another account, so another approver must decide"), OTHER_APPROVER,
         THEY_APPROVE, NAMES_OF_APPROVERS},
    [RB_NO_APPROVED_BEFORE] = {RB_T("you have approved it already, by this or another account"),
                               RB_T("Another approver must decide too."), THEY_APPROVE, NAMES_OF_APPROVERS},
    [RB_NO_CEILING_DEVICE] = {RB_T("this device was reset as often as a day allows"),
                              RB_T("Wait until tomorrow, or ask an administrator."), NEXT_AGAIN, NAMES_OF_ADMINS},
    [RB_NO_CEILING_REQUESTER] = {RB_T("you have sent as many resets as an hour allows"),
                                 RB_T("Wait, or ask a colleague."), NEXT_AGAIN, NAMES_OF_NOBODY},
    [RB_NO_CEILING_ALL] = {RB_T("as many resets were sent as an hour allows for everybody"),
                           RB_T("Wait, and tell an administrator if this surprises you."), NEXT_AGAIN, NAMES_OF_ADMINS},
    [RB_NO_TOO_FEW_APPROVERS] =
        {RB_T("fewer approvers can be reached than the policy needs (active, in the people table, neither you nor the "
              "owner)"),
         RB_T("An administrator of resetbot must add approvers to roles.approvers and to people in the policy file."),
         NEXT_STATUS, NAMES_OF_ADMINS},
    [RB_NO_VERIFICATION] = {RB_T("how the caller was verified is not answered"),
                            RB_T("Answer it above, then press Send again. Knowledge questions do not count."),
                            NEXT_STATUS, NAMES_OF_NOBODY},
    [RB_NO_POSSESSION] = {RB_T("the owner must hold the device: otherwise whoever has it could open it"),
                          RB_T("If it is lost or stolen, an Intune administrator can lock or wipe it in the portal."),
                          NEXT_CANCEL, NAMES_OF_NOBODY},
    [RB_NO_LOCK_UNANSWERED] = {RB_T("which lock is stuck is not answered"),
                               RB_T("Answer it above, then press Send again."), NEXT_STATUS, NAMES_OF_NOBODY},
    [RB_NO_WRONG_LOCK] =
        {RB_T("only the work profile's lock can be reset on this phone, and the phone's own lock is the stuck one"),
         RB_T(
             "The owner opens the phone with its own means (Google account, Find My Device), or it is reset to factory "
             "settings."),
         NEXT_CANCEL, NAMES_OF_NOBODY},
    [RB_NO_WAS_REQUESTER] =
        {RB_T("it was yours before somebody took it over, by this or another account, so another approver must decide"),
         OTHER_APPROVER, THEY_APPROVE, NAMES_OF_APPROVERS},
    [RB_NO_TAKER_HAS_IT] = {RB_T("it is yours already, by this or another account"), "", NEXT_STATUS, NAMES_OF_NOBODY},
    [RB_NO_TAKER_APPROVED] =
        {RB_T("you have approved it, by this or another account, so you cannot be its requester too"),
         RB_T("Ask another colleague of the helpdesk."), THEY_TAKE, NAMES_OF_NOBODY},
    [RB_NO_TAKER_LETS] = {RB_T("nobody lets themself go on with a request"), OTHER_APPROVER, NEXT_STATUS,
                          NAMES_OF_APPROVERS},
    [RB_NO_TAKEN_TOO_OFTEN] = {RB_T("it has changed hands as often as a request can"),
                               RB_T("Ask who has it now to go on with it. Before it is sent they can cancel it, and "
                                    "the reset can be asked for anew."),
                               NEXT_STATUS, NAMES_OF_NOBODY},
    [RB_NO_NOT_YOURS] = {RB_T("only its requester or an approver may do that"), RB_T("Ask one of them."), THEY_CANCEL,
                         NAMES_OF_APPROVERS},
};

const char *rb_word_denial_short(const rb_words *words, rb_denial denial)
{
    return word_tr(words, REFUSALS[denial].why);
}

bool rb_word_helpers_of(rb_denial denial, rb_role *out_role)
{
    named names = REFUSALS[denial].names;
    if (names != NAMES_OF_NOBODY) {
        *out_role = names == NAMES_OF_ADMINS ? RB_ROLE_ADMIN : RB_ROLE_APPROVER;
    }
    return names != NAMES_OF_NOBODY;
}

static void add_helpers(const rb_words *words, rb_denial denial, rb_message *out)
{
    rb_role role = RB_ROLE_ADMIN;
    if (rb_word_helpers_of(denial, &role) && words->helpers && words->helpers[0]) {
        word_run(words, out, role == RB_ROLE_ADMIN ? RB_T("Administrators: {names}.") : RB_T("Approvers: {names}."),
                 (rb_arg[]){{"names", words->helpers}, {NULL, NULL}});
        rb_message_text(out, " ");
    }
}

static void others_type(const rb_words *words, const char *verb, const char *what, rb_message *out)
{
    rb_buf command;
    rb_buf_init(&command, WORD_TEXT_MAX);
    rb_buf_addf(&command, "%s %s", verb, what);
    word_others_type(words, out, rb_buf_cstr(&command));
    rb_buf_fini(&command);
}

static void they_reset(const rb_words *words, const rb_device *device, const rb_support *support, rb_message *out)
{
    rb_buf command;
    rb_buf_init(&command, WORD_TEXT_MAX);
    if (device) {
        word_reset_command(device, support, &command);
    } else {
        rb_buf_adds(&command, "reset " EXAMPLE_USER);
    }
    word_others_type(words, out, rb_buf_cstr(&command));
    rb_buf_fini(&command);
}

static const char *others_verb(next_step next)
{
    return next == THEY_APPROVE ? "approve" : next == THEY_TAKE ? "take" : "cancel";
}

static void add_next(const rb_words *words, rb_denial denial, const rb_device *device, const rb_support *support,
                     const rb_request *request, rb_message *out)
{
    const char *id = request ? request->id : NULL;
    switch (REFUSALS[denial].next) {
    case NEXT_HELP: rb_word_next(words, out, "help"); return;
    case NEXT_CANCEL:
        if (id) {
            rb_word_next_filled(words, out, "cancel", id);
            return;
        }
        break;
    case NEXT_DEVICES:
        if (device && device->upn[0]) {
            rb_word_next_filled(words, out, "devices", device->upn);
            return;
        }
        break;
    case THEY_RESET:
        if (request && request->state != RB_STATE_DRAFT) {
            others_type(words, "take", request->id, out);
        } else {
            they_reset(words, device, support, out);
        }
        return;
    case THEY_APPROVE:
    case THEY_CANCEL:
    case THEY_TAKE:
        if (id) {
            others_type(words, others_verb(REFUSALS[denial].next), id, out);
            return;
        }
        break;
    case NEXT_AGAIN:
    case NEXT_STATUS: break;
    }
    word_next_again(words, request, device, support, out);
}

static void say_denial(const rb_words *words, rb_denial denial, const rb_device *device, const rb_support *support,
                       const rb_request *request, rb_message *out)
{
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    if (request) {
        rb_buf_addf(&text, "%s · ", request->id);
    }
    if (device) {
        rb_word_device(words, device, &text);
        rb_buf_adds(&text, ": ");
    }
    rb_buf_adds(&text, word_tr(words, "not possible, "));
    rb_buf_adds(&text, rb_word_denial_short(words, denial));
    bool is_about_support = support && (denial == RB_NO_UNSUPPORTED || denial == RB_NO_UNCONFIRMED);
    if (is_about_support) {
        rb_buf_addf(&text, ": %s", rb_word_support(words, support));
    }
    rb_buf_adds(&text, ". ");
    rb_message_say(out, rb_buf_cstr(&text));
    if (REFUSALS[denial].help[0]) {
        rb_message_text(out, word_tr(words, REFUSALS[denial].help));
        rb_message_text(out, " ");
    }
    add_helpers(words, denial, out);
    rb_message_text(out, word_tr(words, "Nothing was done."));
    rb_buf_fini(&text);
}

void rb_word_denial(const rb_words *words, rb_denial denial, const rb_device *device, const rb_support *support,
                    const rb_request *request, rb_message *out)
{
    say_denial(words, denial, device, support, request, out);
    add_next(words, denial, device, support, request, out);
}

const char *rb_word_unreachable(const rb_words *words, rb_denial denial)
{
    static const char *const WHY[RB_DENIALS] = {
        [RB_NO_UNKNOWN_PERSON] = RB_T("unknown to the chat, or not readable just now"),
        [RB_NO_DEACTIVATED] = RB_T("deactivated"),
        [RB_NO_BOT] = RB_T("a bot"),
        [RB_NO_GUEST] = RB_T("a guest"),
        [RB_NO_OUTSIDE] = RB_T("of another organisation"),
        [RB_NO_PEOPLE_ENTRY] = RB_T("not in the people table"),
        [RB_NO_APPROVER_IS_OWNER] = RB_T("owns the device"),
        [RB_NO_APPROVER_IS_REQUESTER] = RB_T("asked for it"),
        [RB_NO_WAS_REQUESTER] = RB_T("had it before"),
        [RB_NO_SELF_OWNER] = RB_T("owns the device"),
        [RB_NO_TAKER_HAS_IT] = RB_T("has it already"),
        [RB_NO_TAKER_APPROVED] = RB_T("has approved it"),
        [RB_NO_TAKEN_TOO_OFTEN] = RB_T("it has changed hands too often"),
        [RB_NO_TOO_FEW_APPROVERS] = RB_T("too few others could then approve it"),
        [RB_NO_CEILING_REQUESTER] = RB_T("has sent as many resets as an hour allows"),
        [RB_NO_GROUP_UNREADABLE] = RB_T("in a group that could not be read just now"),
    };
    return word_tr(words, WHY[denial] ? WHY[denial] : RB_T("without the role"));
}

void rb_word_too_few(const rb_words *words, const rb_request *draft, const char *reachable, const char *unreachable,
                     rb_message *out)
{
    char needed[16];
    snprintf(needed, sizeof needed, "%u", (unsigned)words->policy->approvals);
    say_denial(words, RB_NO_TOO_FEW_APPROVERS, &draft->device, &draft->support, draft, out);
    rb_arg args[] = {{"n", needed},
                     {"reachable", reachable[0] ? reachable : word_tr(words, "nobody")},
                     {"unreachable", unreachable[0] ? unreachable : word_tr(words, "nobody else has the role")},
                     {NULL, NULL}};
    word_para(words, out, "Approvals needed: {n}. Can be reached: {reachable}. Cannot: {unreachable}.", args);
    add_next(words, RB_NO_TOO_FEW_APPROVERS, &draft->device, &draft->support, draft, out);
}

/* After a step there is always something to look at; a code that is used up takes another reset. */
static void next_after_step(const rb_words *words, rb_step_result result, const rb_request *request, rb_message *out)
{
    if (result == RB_STEP_NO_MORE) {
        word_next_reset(words, &request->device, &request->support, out);
    } else {
        rb_word_next_filled(words, out, "status", request->id);
    }
}

void rb_word_step(const rb_words *words, rb_step_result result, const rb_request *request, rb_message *out)
{
    rb_buf state;
    rb_buf_init(&state, WORD_TEXT_MAX);
    rb_word_state(words, request, &state);
    rb_arg args[] = {{"id", request->id}, {"state", rb_buf_cstr(&state)}, {NULL, NULL}};
    switch (result) {
    case RB_STEP_ALREADY_DECIDED:
    case RB_STEP_NOTHING:
        word_para(words, out, "{id} is already decided, so nothing was done. It is: {state}.", args);
        break;
    case RB_STEP_TOO_LATE:
        word_para(words, out, "Too late for {id}, nothing was done. It is: {state}. Its requester can ask again.",
                  args);
        break;
    case RB_STEP_TOO_LATE_SENT:
        word_para(words, out,
                  "Too late: {id} may have left for Intune already, which does it at the device's next check-in. An "
                  "Intune administrator can lock or wipe the device in the portal. It is: {state}.",
                  args);
        break;
    case RB_STEP_NOT_ALLOWED:
        word_para(words, out,
                  "{id}: not allowed, nothing was done: who asks, who approves and who owns the device must be three "
                  "different people.",
                  args);
        break;
    case RB_STEP_NO_MORE:
        word_para(
            words, out,
            "{id}: the code can no longer be shown. An administrator can read it in the Intune portal for 7 days; "
            "or ask for another reset. Nothing was done.",
            args);
        break;
    case RB_STEP_APPLIED: word_para(words, out, "{id}: {state}.", args); break;
    }
    next_after_step(words, result, request, out);
    rb_buf_fini(&state);
}

static void lookup(const rb_words *words, rb_device_outcome outcome, bool is_user, const rb_arg *args, rb_message *out)
{
    switch (outcome) {
    case RB_DEVICE_NOT_FOUND:
        word_para(words, out,
                  is_user
                      ? RB_T("Intune and Entra know no user {target}. Check the spelling (name@example.com), or use "
                             "the device's serial number. Nothing was done.")
                      : RB_T("Intune has no device {target}. Check the serial number or device id, or name its "
                             "user. Nothing was done."),
                  args);
        return;
    case RB_DEVICE_TOO_MANY:
        word_para(words, out, "{target} has too many devices to choose from. Use the serial number. Nothing was done.",
                  args);
        return;
    case RB_DEVICE_REFUSED:
        word_para(words, out,
                  "Intune refused to answer: {detail}. An administrator of resetbot must mend that. Nothing was done.",
                  args);
        return;
    case RB_DEVICE_UNAVAILABLE:
        word_para(words, out,
                  "Intune could not be asked just now: {detail}. Try again in a few minutes. Nothing was done.", args);
        return;
    case RB_DEVICE_SURPRISE:
        word_para(words, out,
                  "Intune's answer did not fit the question, so I stopped: {detail}. Use the device id or serial "
                  "number, and tell an administrator. Nothing was done.",
                  args);
        return;
    case RB_DEVICE_OK: word_para(words, out, "Nothing was found for {target}. Nothing was done.", args); return;
    }
}

/* Whoever typed `devices` goes on with `devices`. */
static const char *verb_of(const rb_words *words)
{
    bool is_devices = words->typed && rb_str_starts_nocase(rb_str_trim(rb_str_of(words->typed)), RB_STR("devices"));
    return is_devices ? "devices" : "reset";
}

void rb_word_next_serial(const rb_words *words, rb_message *out)
{
    rb_word_next_filled(words, out, verb_of(words), word_tr(words, "<serial number>"));
}

static void next_after_lookup(const rb_words *words, rb_device_outcome outcome, bool is_user, rb_message *out)
{
    switch (outcome) {
    case RB_DEVICE_NOT_FOUND:
    case RB_DEVICE_OK:
        if (is_user) {
            rb_word_next_serial(words, out);
        } else {
            rb_word_next_filled(words, out, verb_of(words), EXAMPLE_USER);
        }
        return;
    case RB_DEVICE_TOO_MANY:
    case RB_DEVICE_SURPRISE: rb_word_next_serial(words, out); return;
    case RB_DEVICE_REFUSED:
    case RB_DEVICE_UNAVAILABLE: word_next_again(words, NULL, NULL, NULL, out); return;
    }
}

void rb_word_lookup(const rb_words *words, rb_device_outcome outcome, const char *target, bool is_user,
                    const char *detail, rb_message *out)
{
    rb_buf why;
    rb_buf_init(&why, WORD_TEXT_MAX);
    rb_word_stored(words, detail, &why);
    lookup(words, outcome, is_user, (rb_arg[]){{"target", target}, {"detail", rb_buf_cstr(&why)}, {NULL, NULL}}, out);
    next_after_lookup(words, outcome, is_user, out);
    rb_buf_fini(&why);
}
