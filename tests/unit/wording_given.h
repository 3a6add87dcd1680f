/* wording_given.h - messages as people see them: rendered for Slack, and read back as their plain text. */
#ifndef TESTS_WORDING_GIVEN_H
#define TESTS_WORDING_GIVEN_H

#include <json-c/json.h>

#include "chat/slack_render.h"
#include "request_given.h"
#include "resetbot/text.h"
#include "resetbot/wording.h"
#include "support/said_words.h"

static char approvers[][RB_CHAT_ID_CAP] = {"U0ARVID", "U0BERIT"};
static char groups[][RB_CHAT_ID_CAP] = {"S0MOBILE"};
static rb_policy policy;
static rb_words words;
static rb_message *message;
static char *shown; /* the plain text, as Slack would show it */
static rb_err rendered;

static const rb_support ANDROID = {RB_SUPPORT_YES, RB_WHY_FULLY_MANAGED, RB_SCOPE_DEVICE, RB_WORD_RESET, true};

static inline void setup(void)
{
    policy = (rb_policy){.version = "00000000000000a1", .approvals = 1};
    policy.roles[RB_ROLE_APPROVER] =
        (rb_policy_role){.users = approvers, .n_users = 2, .groups = groups, .n_groups = 1};
    given_pending();
    words = (rb_words){.catalogue = said_catalogue(), .root = "/passcode", .policy = &policy, .now = now};
    message = malloc(sizeof *message);
    ck_assert_ptr_nonnull(message);
    rb_message_init(message);
    shown = NULL;
}

static inline void teardown(void)
{
    free(message);
    free(shown);
}

/* "<" "&" and ">" as people see them. */
static inline char *unescaped(const char *text)
{
    char *out = malloc(strlen(text) + 1);
    char *to = out;

    ck_assert_ptr_nonnull(out);
    for (; *text; text++) {
        bool is_amp = strncmp(text, "&amp;", 5) == 0;
        bool is_lt = strncmp(text, "&lt;", 4) == 0;
        bool is_gt = strncmp(text, "&gt;", 4) == 0;
        *to++ = is_amp ? '&' : is_lt ? '<' : is_gt ? '>' : *text;
        text += is_amp ? 4 : is_lt || is_gt ? 3 : 0;
    }
    *to = '\0';
    return out;
}

/* All texts of a form, joined: forms have no plain text. */
static inline char *texts_of(const rb_message *form)
{
    rb_buf all;
    char *text = NULL;

    rb_buf_init(&all, RB_MESSAGE_POOL * 2);
    for (uint32_t i = 0; i < form->n_runs; i++)
        rb_buf_addf(&all, "%s ", rb_message_at(form, form->runs[i].text));
    rb_buf_addf(&all, "%s", rb_message_at(form, form->title));
    ck_assert_int_eq(rb_buf_take(&all, &text), RB_OK);
    return text;
}

/* Renders the message, keeps its plain text, and empties the message for the next one. */
static inline const char *see(void)
{
    rb_buf payload;

    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rendered = rb_slack_render(message, &payload);
    free(shown);
    shown = NULL;
    if (rendered == RB_OK && message->title) {
        shown = texts_of(message);
    } else if (rendered == RB_OK) {
        json_object *root = json_tokener_parse(rb_buf_cstr(&payload));
        ck_assert_ptr_nonnull(root);
        shown = unescaped(json_object_get_string(json_object_object_get(root, "text")));
        json_object_put(root);
    }
    rb_buf_fini(&payload);
    rb_message_init(message);
    return shown ? shown : "";
}

#define EXPECT_RENDERED() ck_assert_msg(rendered == RB_OK, "not rendered: %s", rb_err_name(rendered))

/* ---- one message of each sort ------------------------------------------------------------------------------------- */

static inline const char *see_card(void)
{
    rb_card_buttons buttons = {.approve = "1.a", .deny = "1.d"};
    rb_word_card(&words, &request, &buttons, true, message);
    return see();
}

static inline const char *see_line(rb_note note)
{
    rb_word_line(&words, &request, note, message);
    return see();
}

static inline const char *see_requester(rb_note note)
{
    rb_card_buttons buttons = {.show = request.has_code ? "1.w" : NULL};
    rb_word_tell_requester(&words, &words, &request, note, &buttons, message);
    return see();
}

static inline const char *see_owner(rb_note note)
{
    rb_word_tell_owner(&words, &request, note, message);
    return see();
}

static inline const char *see_approver(rb_note note)
{
    rb_word_tell_approver(&words, &request, note, "https://example.slack.com/archives/C0CARDS/p1", message);
    return see();
}

static inline const char *see_preview(void)
{
    rb_preview_buttons buttons = {"1.s", "1.o", "1.x"};
    rb_word_preview(&words, &request, &buttons, "An answer is missing.", message);
    return see();
}

static inline const char *see_status(void)
{
    rb_word_status(&words, &request, message);
    return see();
}

static inline const char *see_denial(rb_denial denial)
{
    rb_word_denial(&words, denial, &request.device, &request.support, &request, message);
    return see();
}

/* Every message about the request in its present state, one after the other; NULL at the end. */
static inline const char *see_each(int n)
{
    switch (n) {
    case 0: return see_card();
    case 1: return see_status();
    case 2: return see_requester(RB_NOTE_DONE);
    case 3: return see_owner(RB_NOTE_ASKED);
    case 4: return see_owner(RB_NOTE_DONE);
    case 5: return see_approver(RB_NOTE_ASKED);
    case 6: return see_approver(RB_NOTE_HALF_TIME);
    case 7: return see_preview();
    default: break;
    }
    int note = n - 8;
    bool is_possible = !(note == RB_NOTE_SENT && request.n_attempts == 0) &&
                       !(note == RB_NOTE_SHOWN && !request.support.gives_code) &&
                       !((note == RB_NOTE_APPROVED || note == RB_NOTE_APPROVED_PARTLY) && request.n_approvals == 0);
    if (note < RB_NOTES)
        return is_possible ? see_line((rb_note)note) : see_status();
    int denial = note - RB_NOTES;
    return denial < RB_DENIALS ? see_denial((rb_denial)denial) : NULL;
}

#endif
