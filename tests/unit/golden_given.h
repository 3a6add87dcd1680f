/* golden_given.h - the messages that golden_test.c keeps: one request, told in every state, to everybody. */
#ifndef TESTS_GOLDEN_GIVEN_H
#define TESTS_GOLDEN_GIVEN_H

#include "wording_given.h"

/* One message: its name is its file's. The request is as the case wants it when `make` is called. */
typedef struct {
    const char *name;
    void (*make)(void);
    bool is_titled; /* U3: the first 80 characters of its text say which request, what, which device, whose */
} golden_case;

/* ---- given -------------------------------------------------------------------------------------------------------- */

/* What the steps leave out, because only people read it. */
static inline void name_people(void)
{
    SET(request.requester.name, "Hanna Berg");
    SET(request.owner_locale, "en-US");
    SET(request.reason, "locked out after the update");
    SET(request.ticket, "INC0012345");
    SET(request.device.name, "IPHONE-AV-01");
    SET(request.device.os, "iOS");
    SET(request.device.os_version, "17.5.1");
    SET(request.device.ownership, "company");
    SET(request.device.compliance, "compliant");
    request.device.last_sync_utc_ms = UTC - 2 * RB_MINUTE_MS;
    request.lock = request.support.scope == RB_SCOPE_WORK_PROFILE ? RB_LOCK_WORK_PROFILE : RB_LOCK_UNANSWERED;
    for (uint32_t i = 0; i < request.n_approvals; i++)
        SET(request.approvals[i].name, "Arvid Lind");
    SET(request.closer.name, "Arvid Lind");
    if (request.state == RB_STATE_DENIED)
        SET(request.closer_reason, "the caller could not name the model");
    if (request.state == RB_STATE_CANCELLED) {
        SET(request.closer.name, "Hanna Berg");
        SET(request.closer.person.user, "U0HANNA");
    }
    if (request.state == RB_STATE_STALE)
        SET(request.detail, "the device's owners changed since it was approved");
    words.now = now;
}

static inline void given_named(rb_state state)
{
    given(state);
    name_people();
}

static inline void become_android(rb_support_why why, rb_scope scope)
{
    request.support = (rb_support){RB_SUPPORT_YES, why, scope, RB_WORD_RESET, true};
    SET(request.device.model, "Pixel 8");
    SET(request.device.name, "PIXEL-AV");
    SET(request.device.os, "Android");
    SET(request.device.os_version, "14");
    request.lock = scope == RB_SCOPE_WORK_PROFILE ? RB_LOCK_WORK_PROFILE : RB_LOCK_UNANSWERED;
    request.has_code = request.state == RB_STATE_DONE;
}

/* Everything that a card can warn of, at once. */
static inline void given_worst(void)
{
    given_named(RB_STATE_PENDING);
    become_android(RB_WHY_PERSONAL_WORK_PROFILE, RB_SCOPE_WORK_PROFILE);
    request.support.verdict = RB_SUPPORT_MAYBE;
    SET(request.device.ownership, "personal");
    SET(request.device.compliance, "noncompliant");
    SET(request.device.enrolled_by, "berit@contoso.com");
    SET(request.earlier, "R-5D2A done 2026-02-27 09:12:41 UTC; R-41XC expired 2026-02-26 15:03:10 UTC");
    request.device.last_sync_utc_ms = UTC - 12 * RB_DAY_MS;
    request.device.is_name_shared = true;
    request.owner_told = RB_OWNER_NOT_TOLD;
    request.approvals_needed = 3;
    request.n_approvals = 1;
    SET(request.approvals[0].name, "Arvid Lind");
}

#define LINK "https://example.slack.com/archives/C0CARDS/p1772460000000001"

/* ---- the messages ------------------------------------------------------------------------------------------------- */

static inline void make_card(void)
{
    bool is_pending = request.state == RB_STATE_PENDING;
    rb_card_buttons buttons = {.approve = is_pending ? "1.approve" : NULL, .deny = is_pending ? "1.deny" : NULL};
    rb_word_card(&words, &request, &buttons, is_pending, message);
}

static inline void tell_requester(rb_note note)
{
    bool is_over = request.state == RB_STATE_EXPIRED || request.state == RB_STATE_LAPSED;
    rb_card_buttons buttons = {.show = request.has_code ? "1.show" : NULL, .again = is_over ? "1.again" : NULL};
    rb_word_tell_requester(&words, &words, &request, note, &buttons, message);
}

static inline void make_worst_card(void)
{
    given_worst();
    make_card();
}

static inline void make_asked_line(void)
{
    given_worst();
    request.n_lines = 1;
    rb_word_line(&words, &request, RB_NOTE_ASKED, message);
}

static inline void make_approver_asked(void)
{
    given_named(RB_STATE_PENDING);
    rb_word_tell_approver(&words, &request, RB_NOTE_ASKED, LINK, message);
}

static inline void make_approver_half_time(void)
{
    given_named(RB_STATE_PENDING);
    rb_word_tell_approver(&words, &request, RB_NOTE_HALF_TIME, LINK, message);
}

static inline void make_approver_approved(void)
{
    given_named(RB_STATE_APPROVED);
    rb_word_decided(&words, &request, message);
}

static inline void make_approver_denied(void)
{
    given_named(RB_STATE_DENIED);
    rb_word_decided(&words, &request, message);
}

static inline void make_private_card(void)
{
    given_named(RB_STATE_PENDING);
    rb_card_buttons buttons = {.approve = "1.approve", .deny = "1.deny"};
    rb_word_card(&words, &request, &buttons, false, message);
}

static inline void make_preview(void)
{
    given_named(RB_STATE_DRAFT);
    rb_preview_buttons buttons = {"1.send", "1.other", "1.cancel"};
    rb_word_preview(&words, &request, &buttons, NULL, message);
}

static inline void make_preview_of_work_profile(void)
{
    given_named(RB_STATE_DRAFT);
    become_android(RB_WHY_CORPORATE_WORK_PROFILE, RB_SCOPE_WORK_PROFILE);
    SET(request.earlier, "R-5D2A done 2026-02-27 09:12:41 UTC");
    rb_preview_buttons buttons = {"1.send", NULL, "1.cancel"};
    rb_word_preview(&words, &request, &buttons,
                    "The device changed since this preview was made: look again, then send.", message);
}

/* Three devices, of which a PC cannot be reset. */
static inline size_t given_picks(rb_pick picks[3])
{
    static rb_device devices[3];

    for (size_t i = 0; i < 3; i++) {
        devices[i] = request.device;
        picks[i] = (rb_pick){.device = &devices[i], .support = request.support, .value = "1.pick"};
    }
    SET(devices[1].serial, "R58N30ABC9K");
    SET(devices[1].model, "Galaxy Tab Active4 Pro");
    SET(devices[1].os, "Android");
    SET(devices[1].os_version, "13");
    devices[1].last_sync_utc_ms = UTC - RB_DAY_MS;
    picks[1].support = (rb_support){RB_SUPPORT_YES, RB_WHY_DEDICATED, RB_SCOPE_DEVICE, RB_WORD_RESET, true};
    SET(devices[2].serial, "5CD0293XYZ");
    SET(devices[2].model, "EliteBook 840");
    SET(devices[2].os, "Windows");
    SET(devices[2].os_version, "10.0.22631");
    SET(devices[2].compliance, "noncompliant");
    devices[2].last_sync_utc_ms = 0;
    picks[2].support = (rb_support){.why = RB_WHY_WINDOWS_PC};
    picks[2].denial = RB_NO_UNSUPPORTED;
    return 3;
}

static inline void make_picks(void)
{
    rb_pick picks[3];

    given_named(RB_STATE_DRAFT);
    SET(request.target, "adele@contoso.com");
    rb_word_picks(&words, &request, picks, given_picks(picks), 0, "1.more", "1.cancel", message);
}

static inline void make_devices(void)
{
    rb_pick picks[3];

    given_named(RB_STATE_DRAFT);
    rb_word_devices(&words, "adele@contoso.com", picks, given_picks(picks), message);
}

static inline void make_done_android(void)
{
    given_named(RB_STATE_DONE);
    become_android(RB_WHY_FULLY_MANAGED, RB_SCOPE_DEVICE);
    tell_requester(RB_NOTE_DONE);
}

static inline void make_done_work_profile(void)
{
    given_named(RB_STATE_DONE);
    become_android(RB_WHY_PERSONAL_WORK_PROFILE, RB_SCOPE_WORK_PROFILE);
    tell_requester(RB_NOTE_DONE);
}

static inline void make_done_windows(void)
{
    given_named(RB_STATE_DONE);
    become_android(RB_WHY_WINDOWS_MOBILE, RB_SCOPE_DEVICE);
    request.support.word = RB_WORD_PIN;
    SET(request.device.model, "Lumia 950");
    tell_requester(RB_NOTE_DONE);
}

static inline void make_code_unopened(void)
{
    given_named(RB_STATE_DONE);
    become_android(RB_WHY_DEDICATED, RB_SCOPE_DEVICE);
    tell_requester(RB_NOTE_CODE_UNOPENED);
}

static inline void make_recovered(void)
{
    given_named(RB_STATE_SENDING);
    tell_requester(RB_NOTE_RECOVERED);
}

static inline void make_shown_line(void)
{
    given_named(RB_STATE_DONE);
    become_android(RB_WHY_DEDICATED, RB_SCOPE_DEVICE);
    request.n_shown = 1;
    rb_word_line(&words, &request, RB_NOTE_SHOWN, message);
}

static inline void make_still_queued_line(void)
{
    given_named(RB_STATE_ACCEPTED);
    rb_word_line(&words, &request, RB_NOTE_STILL_QUEUED, message);
}

static inline void make_reset_form(void)
{
    rb_reset_form form = {.private_data = "1.form"};

    rb_word_reset_form(&words, &form, message);
}

static inline void make_deny_form(void)
{
    given_named(RB_STATE_PENDING);
    rb_word_deny_form(&words, &request, "1.deny", message);
}

static inline void make_code_fetching(void)
{
    given_named(RB_STATE_DONE);
    become_android(RB_WHY_DEDICATED, RB_SCOPE_DEVICE);
    rb_word_code_fetching(&words, &request, message);
}

static inline void make_code(void)
{
    given_named(RB_STATE_DONE);
    become_android(RB_WHY_DEDICATED, RB_SCOPE_DEVICE);
    rb_word_code(&words, &request, RB_STR("k7Q2-p0O"), message);
}

/* The Home tab with one request of each sort: to decide, with a code, a draft, expired. */
static inline void put_home(const rb_request each[4], bool is_helpdesk, bool is_approver)
{
    rb_home_item items[4] = {{.request = &each[0], .link = LINK},
                             {.request = &each[1], .link = "", .show = "1.show"},
                             {.request = &each[2], .link = "", .preview = "1.preview", .cancel = "1.cancel"},
                             {.request = &each[3], .link = "", .again = "1.again"}};
    rb_home home = {.is_helpdesk = is_helpdesk, .is_approver = is_approver, .form = is_helpdesk ? "1.form" : NULL};
    home.to_decide = (rb_home_list){.items = &items[0], .n = is_approver, .n_more = is_approver ? 12 : 0};
    home.codes = (rb_home_list){.items = &items[1], .n = is_helpdesk};
    home.mine = (rb_home_list){.items = &items[2], .n = is_helpdesk};
    home.finished = (rb_home_list){.items = &items[3], .n = is_helpdesk};
    rb_word_home(&words, &home, message);
}

static inline void make_home(bool is_helpdesk, bool is_approver)
{
    static rb_request each[4];
    static const rb_state states[] = {RB_STATE_PENDING, RB_STATE_DONE, RB_STATE_DRAFT, RB_STATE_EXPIRED};

    for (size_t i = 0; i < 4; i++) {
        given_named(states[i]);
        if (states[i] == RB_STATE_DONE)
            become_android(RB_WHY_DEDICATED, RB_SCOPE_DEVICE);
        each[i] = request;
    }
    put_home(each, is_helpdesk, is_approver);
}

static inline void make_home_of_helpdesk(void)
{
    make_home(true, false);
}

static inline void make_home_of_approver(void)
{
    make_home(false, true);
}

static inline void make_home_without_role(void)
{
    make_home(false, false);
}

/* By part of a name: as for a reset, for `devices`, and nobody. */
static inline rb_people_found given_people(const char *verb, const char *draft, size_t n)
{
    static const rb_found_person people[] = {{"Adele Vance", "adele@contoso.com", "Retail", "1.vance"},
                                             {"Adele Bergman", "adele.bergman@contoso.com", "", "1.bergman"}};

    return (rb_people_found){.verb = verb,
                             .part = "adele",
                             .request = draft,
                             .cancel = draft[0] ? "1.cancel" : NULL,
                             .people = people,
                             .n = n,
                             .has_more = draft[0] != '\0',
                             .was_serial_too = true};
}

static inline void make_people(void)
{
    const rb_people_found found = given_people("reset", "R-7K3F", 2);
    rb_word_people(&words, &found, message);
}

static inline void make_people_for_devices(void)
{
    const rb_people_found found = given_people("devices", "", 1);
    rb_word_people(&words, &found, message);
}

static inline void make_nobody(void)
{
    const rb_people_found found = given_people("devices", "", 0);
    rb_word_nobody(&words, &found, message);
}

static inline void make_reset_form_opening(void)
{
    rb_word_reset_form_opening(&words, "1.form", message);
}

/* One of the devices has a work profile alone, one cannot be reset. */
static inline void make_reset_form_devices(void)
{
    rb_pick picks[3];
    rb_reset_form form = {.private_data = "1.form",
                          .picks = picks,
                          .picks_of = "adele@contoso.com",
                          .device_block = "device_1",
                          .is_reason_secret = true};

    given_named(RB_STATE_DRAFT);
    form.n_picks = given_picks(picks);
    picks[1].support =
        (rb_support){RB_SUPPORT_YES, RB_WHY_PERSONAL_WORK_PROFILE, RB_SCOPE_WORK_PROFILE, RB_WORD_RESET, true};
    rb_word_reset_form(&words, &form, message);
}

static inline void make_reset_form_people(void)
{
    const rb_people_found found = given_people("reset", "", 2);
    rb_reset_form form = {.private_data = "1.form", .people = &found, .person_block = "person_1"};

    rb_word_reset_form(&words, &form, message);
}

static inline void make_reset_form_none(void)
{
    rb_message *note = calloc(1, sizeof *note);
    rb_reset_form form = {
        .private_data = "1.form", .target = "nobody@contoso.com", .target_block = "target_1", .note = note};

    ck_assert_ptr_nonnull(note);
    rb_message_init(note);
    rb_word_lookup(&words, RB_DEVICE_NOT_FOUND, "nobody@contoso.com", true, "", note);
    rb_word_reset_form(&words, &form, message);
    free(note);
}

/* What a form had answers for is chosen already. */
static inline void make_preview_answered(void)
{
    rb_preview_buttons buttons = {"1.send", "1.other", "1.cancel"};

    given_named(RB_STATE_DRAFT);
    request.verified = RB_VERIFIED_VIDEO;
    request.holds = RB_HOLDS_YES;
    rb_word_preview(&words, &request, &buttons, NULL, message);
}

/* ---- refusals ----------------------------------------------------------------------------------------------------- */

static inline void make_refused_role(void)
{
    words.helpers = "Ada Berg, Olle Ek";
    rb_word_denial(&words, RB_NO_ROLE, NULL, NULL, NULL, message);
    words.helpers = NULL;
}

static inline void make_refused_channel(void)
{
    words.typed = "reset adele@contoso.com locked out INC0012345";
    rb_word_denial(&words, RB_NO_CHANNEL, NULL, NULL, NULL, message);
    words.typed = NULL;
}

static inline void make_refused_own_device(void)
{
    given_named(RB_STATE_DRAFT);
    rb_word_denial(&words, RB_NO_SELF_OWNER, &request.device, &request.support, NULL, message);
}

static inline void make_refused_press(void)
{
    given_named(RB_STATE_DENIED);
    rb_word_step(&words, RB_STEP_ALREADY_DECIDED, &request, message);
}

static inline void make_refused_look_up(void)
{
    rb_word_lookup(&words, RB_DEVICE_NOT_FOUND, "adele@contoso.com", true, "", message);
}

static inline void make_status_again(void)
{
    given_named(RB_STATE_EXPIRED);
    const rb_home_item item = {.request = &request, .link = LINK, .again = "1.again"};
    rb_word_status_item(&words, &item, message);
}

/* Besides what each state brings by itself (golden_test.c). */
/* ---- a request that changes hands ------------------------------------------------------------------------------------ */

#define CARD_LINK "https://example.slack.com/archives/C0CARDS/p1772460000000001"

static inline rb_actor henry(void)
{
    rb_actor actor = {.exists = true};

    SET(actor.person.user, "U0HENRY");
    SET(actor.name, "Henry Ek");
    return actor;
}

static inline void given_changed_hands(rb_state state, bool is_handed_over)
{
    given_named(state);
    rb_decision *past = &request.past_requesters[request.n_past_requesters++];
    past->person = request.requester.person;
    SET(past->name, request.requester.name);
    past->at_utc_ms = UTC;
    request.let_by = *past;
    if (!is_handed_over) {
        SET(request.let_by.person.user, "U0AGNES");
        SET(request.let_by.name, "Agnes Holm");
    }
    request.requester = henry();
}

static inline void make_take_question(void)
{
    rb_take_buttons buttons = {.hand_over = "1.hand_over", .keep = "1.keep"};
    rb_actor taker = henry();

    given_named(RB_STATE_PENDING);
    rb_word_take_question(&words, &request, &taker, CARD_LINK, &buttons, message);
}

static inline void make_take_question_to_approver(void)
{
    rb_take_buttons buttons = {.let = "1.let"};
    rb_actor taker = henry();

    given_named(RB_STATE_PENDING);
    rb_word_take_question(&words, &request, &taker, CARD_LINK, &buttons, message);
}

static inline void make_take_asked(void)
{
    given_named(RB_STATE_PENDING);
    rb_word_take_asked(&words, &request, 2, message);
}

static inline void make_take_asked_no_approver(void)
{
    given_named(RB_STATE_PENDING);
    rb_word_take_asked(&words, &request, 0, message);
}

static inline void answer_take(rb_take_answer answer)
{
    rb_actor taker = henry();

    rb_word_take_answered(&words, &request, &taker, answer, message);
}

static inline void make_take_handed_over(void)
{
    given_changed_hands(RB_STATE_PENDING, true);
    answer_take(RB_TAKE_HANDED_OVER);
}

static inline void make_take_let(void)
{
    given_changed_hands(RB_STATE_PENDING, false);
    answer_take(RB_TAKE_LET);
}

static inline void make_take_keeps(void)
{
    given_named(RB_STATE_PENDING);
    answer_take(RB_TAKE_KEPT);
}

static inline void make_take_kept(void)
{
    given_named(RB_STATE_PENDING);
    rb_word_take_kept(&words, &request, message);
}

static inline void make_taken_past(void)
{
    given_changed_hands(RB_STATE_PENDING, false);
    rb_word_tell_past(&words, &request, message);
}

static inline void make_taken_requester(void)
{
    given_changed_hands(RB_STATE_PENDING, false);
    tell_requester(RB_NOTE_TAKEN);
}

static inline void make_taken_requester_with_code(void)
{
    given_changed_hands(RB_STATE_DONE, true);
    become_android(RB_WHY_DEDICATED, RB_SCOPE_DEVICE);
    tell_requester(RB_NOTE_TAKEN);
}

static inline void make_taken_line(void)
{
    given_changed_hands(RB_STATE_PENDING, false);
    rb_word_line(&words, &request, RB_NOTE_TAKEN, message);
}

static inline void make_taken_status(void)
{
    given_changed_hands(RB_STATE_ACCEPTED, true);
    rb_word_status(&words, &request, message);
}

static inline void make_taken_since(void)
{
    given_changed_hands(RB_STATE_PENDING, true);
    rb_word_taken_since(&words, &request, message);
}

static inline void make_may_not_take(void)
{
    rb_actor taker = henry();

    given_named(RB_STATE_PENDING);
    rb_word_may_not_take(&words, &request, &taker, RB_NO_SELF_OWNER, message);
}

static const golden_case EXTRAS[] = {
    {"take-question", make_take_question, true},
    {"take-question_to_approver", make_take_question_to_approver, true},
    {"take-asked", make_take_asked, true},
    {"take-asked_no_approver", make_take_asked_no_approver, true},
    {"take-handed_over", make_take_handed_over, true},
    {"take-let", make_take_let, true},
    {"take-keeps", make_take_keeps, true},
    {"take-kept", make_take_kept, true},
    {"taken-past", make_taken_past, true},
    {"taken-requester", make_taken_requester, true},
    {"taken-requester_with_code", make_taken_requester_with_code, true},
    {"taken-line", make_taken_line, false},
    {"taken-status", make_taken_status, true},
    {"taken-since", make_taken_since, false},
    {"taken-may_not", make_may_not_take, false},
    {"draft-preview", make_preview, true},
    {"draft-preview_of_work_profile", make_preview_of_work_profile, false},
    {"draft-preview_answered", make_preview_answered, false},
    {"draft-picks", make_picks, false},
    {"draft-devices", make_devices, false},
    {"draft-people", make_people, false},
    {"draft-people_for_devices", make_people_for_devices, false},
    {"draft-people_nobody", make_nobody, false},
    {"pending-card_with_every_flag", make_worst_card, true},
    {"pending-line_with_every_flag", make_asked_line, false},
    {"pending-approver", make_approver_asked, true},
    {"pending-approver_half_time", make_approver_half_time, true},
    {"approved-approver", make_approver_approved, true},
    {"denied-approver", make_approver_denied, true},
    {"pending-private_card", make_private_card, true},
    {"sending-requester_recovered", make_recovered, true},
    {"accepted-line_still_queued", make_still_queued_line, false},
    {"done-requester_android", make_done_android, true},
    {"done-requester_work_profile", make_done_work_profile, true},
    {"done-requester_windows_mobile", make_done_windows, true},
    {"done-requester_code_unopened", make_code_unopened, true},
    {"done-line_shown", make_shown_line, false},
    {"form-reset", make_reset_form, false},
    {"form-reset_opening", make_reset_form_opening, false},
    {"form-reset_devices", make_reset_form_devices, false},
    {"form-reset_people", make_reset_form_people, false},
    {"form-reset_none", make_reset_form_none, false},
    {"form-deny", make_deny_form, false},
    {"form-code_fetching", make_code_fetching, false},
    {"form-code", make_code, false},
    {"home-helpdesk", make_home_of_helpdesk, false},
    {"home-approver", make_home_of_approver, false},
    {"home-without_role", make_home_without_role, false},
    {"refused-role", make_refused_role, false},
    {"refused-channel", make_refused_channel, false},
    {"refused-own_device", make_refused_own_device, false},
    {"refused-press", make_refused_press, false},
    {"refused-look_up", make_refused_look_up, false},
    {"expired-status_again", make_status_again, true},
};
#define N_EXTRAS (sizeof EXTRAS / sizeof *EXTRAS)

#endif
