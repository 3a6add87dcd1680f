/* request_test.c - one reset from draft to approval: every event in every state, deadlines to the millisecond, three people. */
#include "request_given.h"

/* ---- every state, every event ------------------------------------------------------------------------------------- */

/* What may come of an event, by state: where the request is then; '.' for "nothing changed". Columns are the events in
 * their order: pick send approve deny cancel time prepared go posted results restarted not-allowed allowed show owner card. */
static const struct {
    rb_state state;
    const char *
        moves; /* p pending, a approved, i intent, s sending, A accepted, C cancelled, D denied, X stale; = same state, changed */
} TABLE[] = {
    {RB_STATE_DRAFT, "=p..C.........=="},       {RB_STATE_PENDING, "..aDC......X..=="},
    {RB_STATE_APPROVED, "....C.i....X..=="},    {RB_STATE_INTENT, "....C.is...X..=="},
    {RB_STATE_SENDING, "........A.=...=="},     {RB_STATE_ACCEPTED, ".........=....=="},
    {RB_STATE_IN_PROGRESS, "..............=="}, {RB_STATE_DONE, "..............=="},
    {RB_STATE_FAILED, "..............=="},      {RB_STATE_NOT_SUPPORTED, "..............=="},
    {RB_STATE_CANCELED, "..............=="},    {RB_STATE_UNKNOWN, "..............=="},
    {RB_STATE_DENIED, "..............=="},      {RB_STATE_CANCELLED, "..............=="},
    {RB_STATE_EXPIRED, "..............=="},     {RB_STATE_LAPSED, "..............=="},
    {RB_STATE_STALE, "..............=="},       {RB_STATE_NEEDS_TENANT_APPROVAL, "..............=="},
};

static rb_state state_meant(char move, rb_state present)
{
    switch (move) {
    case 'p': return RB_STATE_PENDING;
    case 'a': return RB_STATE_APPROVED;
    case 'i': return RB_STATE_INTENT;
    case 's': return RB_STATE_SENDING;
    case 'A': return RB_STATE_ACCEPTED;
    case 'C': return RB_STATE_CANCELLED;
    case 'D': return RB_STATE_DENIED;
    case 'X': return RB_STATE_STALE;
    default: return present;
    }
}

static void check_move(rb_state state, rb_event_kind kind, char move)
{
    given(state);
    results.read_utc_ms = now.utc_ms;
    rb_request before = request;
    rb_step_result result = happens(kind);

    ck_assert_msg(request.state == state_meant(move, state), "%s, event %d: became %s", rb_state_name(state), (int)kind,
                  rb_state_name(request.state));
    ck_assert_msg((result == RB_STEP_APPLIED) == (move != '.'), "%s, event %d: result %d", rb_state_name(state),
                  (int)kind, (int)result);
    if (result != RB_STEP_APPLIED) {
        ck_assert_msg(memcmp(&before, &request, sizeof request) == 0, "%s, event %d changed it silently",
                      rb_state_name(state), (int)kind);
        ck_assert_uint_eq(effects.n, 0);
    }
}

START_TEST(every_event_in_every_state_does_what_the_table_says)
{
    ck_assert_uint_eq(sizeof TABLE / sizeof *TABLE, RB_STATES);
    ck_assert_uint_eq(strlen(TABLE[_i].moves), EVENTS);
    for (int kind = 0; kind < EVENTS; kind++)
        check_move(TABLE[_i].state, (rb_event_kind)kind, TABLE[_i].moves[kind]);
}
END_TEST

START_TEST(R2_the_POST_follows_nothing_but_GO_in_INTENT)
{
    for (int kind = 0; kind < EVENTS; kind++) {
        given(TABLE[_i].state);
        results.read_utc_ms = now.utc_ms;
        (void)happens((rb_event_kind)kind);
        bool is_go = TABLE[_i].state == RB_STATE_INTENT && kind == RB_EV_GO;
        ck_assert_uint_eq(count_effects(RB_FX_POST), is_go);
    }
}
END_TEST

START_TEST(A1_every_step_that_applies_is_recorded)
{
    for (int kind = 0; kind < EVENTS; kind++) {
        given(TABLE[_i].state);
        results.read_utc_ms = now.utc_ms;
        rb_state before = request.state;
        bool is_told = happens((rb_event_kind)kind) != RB_STEP_APPLIED || count_effects(RB_FX_RECORD) == 1;
        ck_assert_msg(is_told || before == request.state, "%s, event %d", rb_state_name(before), kind);
    }
}
END_TEST

START_TEST(final_states_stay_whatever_comes)
{
    rb_state state = TABLE[_i].state;
    given(state);
    if (!rb_state_is_final(state))
        return;
    ck_assert_int_gt(request.ended.utc_ms, 0);
    for (int round = 0; round < 200; round++) {
        for (int kind = 0; kind < EVENTS; kind++) {
            results.read_utc_ms = now.utc_ms;
            (void)happens((rb_event_kind)kind);
            ck_assert_int_eq(request.state, state);
        }
        pass(RB_HOUR_MS);
    }
    ck_assert_uint_le(request.n_lines, RB_LINES_MAX);
}
END_TEST

START_TEST(names_and_kinds_of_states)
{
    for (int state = 0; state < RB_STATES; state++) {
        ck_assert_uint_gt(strlen(rb_state_name((rb_state)state)), 0);
        bool is_open = state >= RB_STATE_PENDING && state <= RB_STATE_IN_PROGRESS;
        ck_assert(rb_state_is_open((rb_state)state) == is_open);
        ck_assert(rb_state_is_final((rb_state)state) == (state >= RB_STATE_DONE));
        for (int other = 0; other < state; other++)
            ck_assert_str_ne(rb_state_name((rb_state)state), rb_state_name((rb_state)other));
    }
    for (int note = 0; note < RB_NOTES; note++)
        for (int other = 0; other < note; other++)
            ck_assert_str_ne(rb_note_name((rb_note)note), rb_note_name((rb_note)other));
}
END_TEST

/* ---- DRAFT -------------------------------------------------------------------------------------------------------- */

START_TEST(R4_a_draft_lives_30_minutes)
{
    given_draft();
    pass(RB_DRAFT_LIFE_MS - 1);
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
    need(happens(RB_EV_SEND));
    given_draft();
    pass(RB_DRAFT_LIFE_MS + _i);
    ck_assert_int_eq(happens(RB_EV_SEND), RB_STEP_TOO_LATE);
    need(happens(RB_EV_TIME));
    EXPECT_STATE(RB_STATE_EXPIRED);
    ck_assert_uint_eq(effects.n, 1); /* its record alone: nobody else ever saw it */
}
END_TEST

static void expect_not_sent(rb_event event)
{
    ck_assert_int_eq(step(&event), RB_STEP_NOT_ALLOWED);
    EXPECT_STATE(RB_STATE_DRAFT);
}

START_TEST(S3_an_owner_does_not_ask_for_their_own_phone)
{
    given_draft();
    SET(request.requester.entra, ADELE);
    expect_not_sent(event_of(RB_EV_SEND));
    given_draft();
    SET(request.requester.entra, "");
    expect_not_sent(event_of(RB_EV_SEND));
}
END_TEST

START_TEST(the_preview_must_be_answered)
{
    given_draft();
    rb_event event = event_of(RB_EV_SEND);
    event.verified = RB_VERIFIED_UNANSWERED;
    expect_not_sent(event);
    static const rb_holds bad[] = {RB_HOLDS_UNANSWERED, RB_HOLDS_NO, RB_HOLDS_UNKNOWN};
    for (size_t i = 0; i < 3; i++) {
        event = event_of(RB_EV_SEND);
        event.holds = bad[i];
        expect_not_sent(event);
    }
    request.support = WORK;
    event = event_of(RB_EV_SEND);
    event.lock = RB_LOCK_UNANSWERED;
    expect_not_sent(event);
    event.lock = RB_LOCK_PHONE; /* the work profile's reset does not open it */
    expect_not_sent(event);
    event.lock = RB_LOCK_WORK_PROFILE;
    need(step(&event));
}
END_TEST

START_TEST(what_cannot_be_reset_or_approved_is_not_sent)
{
    given_draft();
    request.support.verdict = RB_SUPPORT_NO;
    expect_not_sent(event_of(RB_EV_SEND));
    given_draft();
    request.device.id[0] = '\0';
    expect_not_sent(event_of(RB_EV_SEND));
    given_draft();
    rb_event event = event_of(RB_EV_SEND);
    event.approvals_needed = 0;
    expect_not_sent(event);
    event.approvals_needed = RB_APPROVALS_MAX + 1;
    expect_not_sent(event);
    event.approvals_needed = RB_APPROVALS_MAX;
    need(step(&event));
}
END_TEST

START_TEST(sending_a_preview_tells_the_channel_and_the_owner)
{
    given_pending();
    ck_assert(has_effect(RB_FX_CARD, RB_NOTE_ASKED));
    ck_assert(has_effect(RB_FX_LINE, RB_NOTE_ASKED));
    ck_assert(has_effect(RB_FX_TELL_OWNER, RB_NOTE_ASKED));
    ck_assert(has_effect(RB_FX_TELL_APPROVERS, RB_NOTE_ASKED));
    ck_assert_int_eq(request.owner_told, RB_OWNER_TO_TELL);

    given_draft();
    rb_event event = event_of(RB_EV_SEND);
    event.owner_chat_user = "";
    need(step(&event));
    ck_assert_int_eq(request.owner_told, RB_OWNER_NOT_TOLD);
    ck_assert_uint_eq(count_effects(RB_FX_TELL_OWNER), 0);
}
END_TEST

START_TEST(a_pick_takes_the_device_with_its_verdict_and_history)
{
    given_draft();
    request.device.id[0] = '\0';
    request.support.verdict = RB_SUPPORT_NO;
    rb_event event = event_of(RB_EV_PICK);
    event.text = "R-0001 done 2026-03-01";
    need(step(&event));
    ck_assert_str_eq(request.device.id, PHONE);
    ck_assert_int_eq(request.support.verdict, RB_SUPPORT_YES);
    ck_assert_str_eq(request.earlier, "R-0001 done 2026-03-01");
}
END_TEST

START_TEST(a_person_picked_alone_leaves_no_device_behind)
{
    given_draft();
    rb_event event = event_of(RB_EV_PICK);
    event.device = NULL;
    event.support = NULL;
    event.target = "adele.bergman@contoso.com";
    need(step(&event));
    ck_assert_str_eq(request.target, "adele.bergman@contoso.com");
    ck_assert_str_eq(request.device.id, "");
    ck_assert_uint_eq(request.device.n_owners, 0);
    ck_assert_int_eq(request.support.verdict, RB_SUPPORT_NO);
    ck_assert_str_eq(request.earlier, "");
    rb_event send = event_of(RB_EV_SEND);
    send.verified = RB_VERIFIED_VIDEO;
    send.holds = RB_HOLDS_YES;
    send.approvals_needed = 1;
    ck_assert_int_eq(step(&send), RB_STEP_NOT_ALLOWED);
}
END_TEST

/* What the approver sees and the MAC binds is what was answered, not what it was at the preview. */
START_TEST(S4_what_was_answered_at_send_is_what_is_asked_for)
{
    given_draft();
    request.support = WORK;
    rb_event event = event_of(RB_EV_SEND);
    event.verified = RB_VERIFIED_VIDEO;
    event.approvals_needed = 2;
    event.text = "R-0001 done 2026-03-01";
    need(step(&event));
    ck_assert_int_eq(request.verified, RB_VERIFIED_VIDEO);
    ck_assert_int_eq(request.holds, RB_HOLDS_YES);
    ck_assert_int_eq(request.lock, RB_LOCK_WORK_PROFILE);
    ck_assert_uint_eq(request.approvals_needed, 2);
    ck_assert_str_eq(request.policy_version, "00000000000000a1");
    ck_assert_str_eq(request.owner_chat_user, "U0ADELE");
    ck_assert_str_eq(request.earlier, "R-0001 done 2026-03-01");
}
END_TEST

/* ---- PENDING ------------------------------------------------------------------------------------------------------ */

START_TEST(R4_an_approval_at_the_deadline_is_too_late)
{
    given_pending();
    pass(30 * RB_MINUTE_MS - 1);
    need(happens(RB_EV_APPROVE));
    given_pending();
    pass(30 * RB_MINUTE_MS + _i);
    ck_assert_int_eq(happens(RB_EV_APPROVE), RB_STEP_TOO_LATE);
    ck_assert_int_eq(happens(RB_EV_DENY), RB_STEP_TOO_LATE);
    need(happens(RB_EV_TIME));
    EXPECT_STATE(RB_STATE_EXPIRED);
    ck_assert(has_effect(RB_FX_TELL_REQUESTER, RB_NOTE_EXPIRED));
}
END_TEST

START_TEST(R4_either_clock_ends_it_and_a_reboot_leaves_utc)
{
    given_pending();
    now.utc_ms += 30 * RB_MINUTE_MS; /* the wall clock jumped */
    ck_assert_int_eq(happens(RB_EV_APPROVE), RB_STEP_TOO_LATE);
    given_pending();
    now.boot_ms += 30 * RB_MINUTE_MS; /* or was set back */
    ck_assert_int_eq(happens(RB_EV_APPROVE), RB_STEP_TOO_LATE);
    given_pending();
    reboot();
    now.boot_ms = BOOT_MS + RB_HOUR_MS;
    need(happens(RB_EV_APPROVE));
}
END_TEST

START_TEST(half_time_is_told_once)
{
    given_pending();
    pass(15 * RB_MINUTE_MS - 1);
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
    pass(1);
    need(happens(RB_EV_TIME));
    ck_assert(has_effect(RB_FX_TELL_APPROVERS, RB_NOTE_HALF_TIME));
    ck_assert_uint_eq(count_effects(RB_FX_LINE), 0);
    ck_assert_int_eq(happens(RB_EV_TIME), RB_STEP_NOTHING);
}
END_TEST

START_TEST(S3_three_different_people)
{
    static const struct {
        const char *user, *entra;
    } refused[] = {
        {"U0HANNA", HANNA}, {"U0HANNA2", HANNA}, /* by another account */
        {"U0HANNA", BERIT},                      /* by another object id */
        {"U0ADELE", ADELE}, {"U0NOBODY", ""},
    };
    given_pending();
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ck_assert_int_eq(by(RB_EV_APPROVE, refused[i].user, refused[i].entra), RB_STEP_NOT_ALLOWED);
        ck_assert_int_eq(by(RB_EV_DENY, refused[i].user, refused[i].entra), RB_STEP_NOT_ALLOWED);
    }
    EXPECT_STATE(RB_STATE_PENDING);
    request.device.n_owners = 2;
    SET(request.device.owners[1], ARVID);
    ck_assert_int_eq(by(RB_EV_APPROVE, "U0ARVID", ARVID), RB_STEP_NOT_ALLOWED);
    need(by(RB_EV_APPROVE, "U0BERIT", BERIT));
}
END_TEST

START_TEST(S3_approvals_are_distinct_entra_ids)
{
    given_draft();
    rb_event event = event_of(RB_EV_SEND);
    event.approvals_needed = 2;
    need(step(&event));
    need(by(RB_EV_APPROVE, "U0ARVID", ARVID));
    EXPECT_STATE(RB_STATE_PENDING);
    ck_assert(has_effect(RB_FX_LINE, RB_NOTE_APPROVED_PARTLY));
    ck_assert(has_effect(RB_FX_CARD, RB_NOTE_APPROVED_PARTLY)); /* R5: who is still waited for */
    ck_assert_int_eq(by(RB_EV_APPROVE, "U0ARVID2", ARVID), RB_STEP_ALREADY_DECIDED);
    need(by(RB_EV_APPROVE, "U0BERIT", BERIT));
    EXPECT_STATE(RB_STATE_APPROVED);
    ck_assert_int_eq(by(RB_EV_APPROVE, "U0CECIL", "10000000-0000-4000-8000-000000000009"), RB_STEP_ALREADY_DECIDED);
}
END_TEST

START_TEST(the_first_deny_decides)
{
    given_draft();
    rb_event event = event_of(RB_EV_SEND);
    event.approvals_needed = 2;
    need(step(&event));
    need(by(RB_EV_APPROVE, "U0ARVID", ARVID));
    rb_actor berit = actor_of("U0BERIT", BERIT);
    event = event_of(RB_EV_DENY);
    event.actor = &berit;
    event.text = "ask\nin person";
    need(step(&event));
    EXPECT_STATE(RB_STATE_DENIED);
    ck_assert_str_eq(request.closer_reason, "ask in person");
    ck_assert_int_eq(by(RB_EV_APPROVE, "U0ARVID", ARVID), RB_STEP_ALREADY_DECIDED);
}
END_TEST

START_TEST(a_new_policy_renews_or_ends_it)
{
    given_pending();
    ck_assert_int_eq(happens(RB_EV_ALLOWED), RB_STEP_NOTHING);
    rb_event event = event_of(RB_EV_ALLOWED);
    event.policy_version = "00000000000000b2";
    event.approvals_needed = 2;
    need(step(&event));
    ck_assert(has_effect(RB_FX_CARD, RB_NOTE_RENEWED));
    ck_assert_str_eq(request.policy_version, "00000000000000b2");
    ck_assert_uint_eq(request.approvals_needed, 2);
    event = event_of(RB_EV_NOT_ALLOWED);
    event.text = "your role does not allow it";
    need(step(&event));
    EXPECT_STATE(RB_STATE_STALE);
    ck_assert_str_eq(request.detail, "your role does not allow it");
}
END_TEST

/* ---- what every state takes --------------------------------------------------------------------------------------- */

START_TEST(the_owner_not_told_shows_on_the_card)
{
    given_pending();
    need(happens(RB_EV_OWNER));
    ck_assert(has_effect(RB_FX_RECORD, RB_NOTE_OWNER_TOLD)); /* A1 */
    ck_assert_uint_eq(count_effects(RB_FX_CARD), 0);
    ck_assert_int_eq(happens(RB_EV_OWNER), RB_STEP_NOTHING);
    rb_event event = event_of(RB_EV_OWNER);
    event.owner_told = RB_OWNER_NOT_TOLD;
    need(step(&event));
    ck_assert(has_effect(RB_FX_RECORD, RB_NOTE_OWNER_TOLD));
    ck_assert_uint_eq(count_effects(RB_FX_CARD), 1);
}
END_TEST

START_TEST(at_most_ten_lines_and_the_last_is_the_end)
{
    given_ended(RB_ACTION_DONE);
    given_accepted();
    request.n_lines = RB_LINES_MAX - 2;
    pass(RB_DAY_MS);
    need(happens(RB_EV_TIME));
    ck_assert_uint_eq(count_effects(RB_FX_LINE), 0); /* from line 9 on only the final one */
    shows("removeDevicePasscode", now.utc_ms, RB_ACTION_DONE);
    need(reads());
    ck_assert_uint_eq(count_effects(RB_FX_LINE), 1);
    ck_assert_uint_le(request.n_lines, RB_LINES_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("request");
    TCase *tests = tcase_create("until approval");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_event_in_every_state_does_what_the_table_says, 0, RB_STATES);
    tcase_add_loop_test(tests, R2_the_POST_follows_nothing_but_GO_in_INTENT, 0, RB_STATES);
    tcase_add_loop_test(tests, A1_every_step_that_applies_is_recorded, 0, RB_STATES);
    tcase_add_loop_test(tests, final_states_stay_whatever_comes, 0, RB_STATES);
    tcase_add_test(tests, names_and_kinds_of_states);
    tcase_add_loop_test(tests, R4_a_draft_lives_30_minutes, 0, 2);
    tcase_add_test(tests, S3_an_owner_does_not_ask_for_their_own_phone);
    tcase_add_test(tests, the_preview_must_be_answered);
    tcase_add_test(tests, what_cannot_be_reset_or_approved_is_not_sent);
    tcase_add_test(tests, sending_a_preview_tells_the_channel_and_the_owner);
    tcase_add_test(tests, a_pick_takes_the_device_with_its_verdict_and_history);
    tcase_add_test(tests, a_person_picked_alone_leaves_no_device_behind);
    tcase_add_test(tests, S4_what_was_answered_at_send_is_what_is_asked_for);
    tcase_add_loop_test(tests, R4_an_approval_at_the_deadline_is_too_late, 0, 2);
    tcase_add_test(tests, R4_either_clock_ends_it_and_a_reboot_leaves_utc);
    tcase_add_test(tests, half_time_is_told_once);
    tcase_add_test(tests, S3_three_different_people);
    tcase_add_test(tests, S3_approvals_are_distinct_entra_ids);
    tcase_add_test(tests, the_first_deny_decides);
    tcase_add_test(tests, a_new_policy_renews_or_ends_it);
    tcase_add_test(tests, the_owner_not_told_shows_on_the_card);
    tcase_add_test(tests, at_most_ten_lines_and_the_last_is_the_end);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
