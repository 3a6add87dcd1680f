/* engine_deadlines_test.c - each deadline 1 ms before, at and 1 ms after it, while all is well, while Slack cannot be reached or
 * does not answer, and while Intune is away; and what is said once they are back. */
#include "engine_story.h"

typedef enum { ALL_WELL, SLACK_UNREACHABLE, SLACK_SILENT, INTUNE_AWAY, WORLDS } which_world;
static const char *const WORLD_NAMES[WORLDS] = {"all is well", "Slack cannot be reached", "Slack does not answer",
                                                "Intune is away"};

static world w;
static char id[RB_REQUEST_ID_CAP];
static which_world here;
static size_t n_before; /* of what is counted */

/* ---- worlds ------------------------------------------------------------------------------------------------------- */

static void chat_ends(rb_chat_outcome outcome, size_t n)
{
    for (int kind = 0; kind < CHAT_KINDS; kind++) {
        chat_answers(&w, (rb_chat_call_kind)kind, outcome, outcome == RB_CHAT_OK ? "" : "no_reply", n);
        w.next_chat[kind].retry_after_ms = 0;
    }
}

static void goes_away(void)
{
    if (here == SLACK_UNREACHABLE)
        chat_ends(RB_CHAT_LATER, SIZE_MAX);
    if (here == SLACK_SILENT)
        chat_ends(RB_CHAT_UNCLEAR, SIZE_MAX);
    if (here == INTUNE_AWAY)
        w.read_outcome = RB_DEVICE_UNAVAILABLE;
}

static void comes_back(void)
{
    chat_ends(RB_CHAT_OK, 0);
    w.read_outcome = RB_DEVICE_OK;
}

/* ---- given: the moment of the deadline, on the boot clock ----------------------------------------------------------- */

static int64_t its_deadline(void)
{
    rb_request *request = stored(&w, id);
    int64_t at_ms = request->deadline.boot_ms;

    free(request);
    return at_ms;
}

static int64_t draft(void)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;

    type(&w, "U0HANNA", "reset adele@contoso.com locked out INC0012345");
    button(&w, 's', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    KIT_TEXT(id, bound.request);
    return its_deadline();
}

static int64_t pending(void)
{
    asks_and_card(&w, id);
    return its_deadline();
}

/* Slack goes away before it has the card. */
static int64_t pending_unseen(void)
{
    asks(&w, id);
    return its_deadline();
}

static int64_t half_time(void)
{
    return pending() - 15 * RB_MINUTE_MS;
}

/* Frozen, so that it waits in INTENT; while Intune is away it never leaves APPROVED. */
static int64_t approved(void)
{
    asks_and_card(&w, id);
    w.policy.frozen = true;
    if (here == INTUNE_AWAY)
        goes_away();
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, here == INTUNE_AWAY ? RB_STATE_APPROVED : RB_STATE_INTENT);
    return its_deadline();
}

static int64_t accepted(void)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    EXPECT_STATE(&w, id, RB_STATE_ACCEPTED);
    return nth_call(&w, true, RB_DEVICE_RESET, 0)->at_boot_ms;
}

static int64_t unseen(void)
{
    (void)accepted();
    pass(&w, 6 * RB_SECOND_MS);
    return nth_call(&w, true, RB_DEVICE_RESULTS, 0)->at_boot_ms + RB_NO_TRACE_MS;
}

static int64_t queued_for(int64_t ms)
{
    int64_t posted = accepted();

    given_result(&w, RB_ACTION_PENDING);
    pass(&w, ms - RB_HOUR_MS); /* what goes away goes in the last hour */
    return posted + ms;
}

static int64_t a_day(void)
{
    return queued_for(RB_DAY_MS);
}

static int64_t a_week(void)
{
    return queued_for(RB_WATCH_MS);
}

/* Nothing was ever read after the POST, in any world. */
static int64_t a_week_unasked(void)
{
    int64_t posted = accepted();

    w.read_outcome = RB_DEVICE_UNAVAILABLE;
    pass(&w, RB_WATCH_MS - RB_HOUR_MS);
    return posted + RB_WATCH_MS;
}

static int64_t ended_with_code(void)
{
    (void)accepted();
    given_result(&w, RB_ACTION_DONE);
    w.results.items[0].has_code = true;
    pass(&w, RB_MINUTE_MS);
    rb_request *request = stored(&w, id);
    ck_assert_int_eq(request->state, RB_STATE_DONE);
    int64_t at_ms = request->ended.boot_ms;
    free(request);
    return at_ms;
}

static int64_t unopened(void)
{
    return ended_with_code() + RB_UNOPENED_CODE_MS;
}

static int64_t code_on_screen(void)
{
    (void)ended_with_code();
    press(&w, "U0HANNA", 'w');
    n_before = count_calls(&w, false, RB_CHAT_FORM_UPDATE);
    ck_assert_uint_eq(n_before, 1);
    return w.now.boot_ms + RB_FORM_BLANK_MS;
}

/* The step of a deadline meets another version of the row, each time that it is tried: the engine's own work on that request
 * rests for a minute (REFUSED_REST_MS in bot/engine/task.c). */
static int64_t refused_step(void)
{
    pass(&w, pending() - 1 - w.now.boot_ms);
    w.n_raced = 6;
    pass(&w, 1);
    ck_assert_uint_eq(w.n_raced, 0);
    EXPECT_STATE(&w, id, RB_STATE_PENDING);
    return w.now.boot_ms + RB_MINUTE_MS;
}

static int64_t slow_disk(void)
{
    w.is_worker_held = true;
    type(&w, "U0HANNA", "help");
    n_before = w.n_acks;
    return w.now.boot_ms + RB_ACK_LIMIT_MS;
}

static int64_t unclear_card(void)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    asks(&w, id);
    return last_call(&w, RB_CHAT_POST)->at_boot_ms + RB_UNCLEAR_WAIT_MS;
}

/* ---- is it over? ---------------------------------------------------------------------------------------------------- */

static bool is_in(rb_state state)
{
    return state_of(&w, id) == state;
}

static bool is_expired(void)
{
    return is_in(RB_STATE_EXPIRED);
}

static bool is_lapsed(void)
{
    return is_in(RB_STATE_LAPSED);
}

static bool is_unknown(void)
{
    return is_in(RB_STATE_UNKNOWN);
}

static bool is_reminded(void)
{
    return count_records(&w, "half_time") == 1;
}

static bool is_told_still_queued(void)
{
    return count_records(&w, "still_queued") == 1;
}

static bool is_told_of_code(void)
{
    return count_records(&w, "code_unopened") == 1;
}

static bool is_blanked(void)
{
    return count_calls(&w, false, RB_CHAT_FORM_UPDATE) > n_before;
}

static bool is_given_up(void)
{
    return w.n_acks > n_before;
}

/* The platform says no to a look or a post: again after a minute (REFUSED_GAP_MS in bot/engine/outbox_channel.c). */
#define REFUSED_GAP_MS RB_MINUTE_MS

static int64_t refused_look(void)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_UNCLEAR, "no_reply", 1);
    chat_answers(&w, RB_CHAT_FIND, RB_CHAT_REFUSED, "internal_error", 1);
    asks(&w, id);
    pass(&w, RB_UNCLEAR_WAIT_MS);
    n_before = count_calls(&w, false, RB_CHAT_FIND);
    ck_assert_uint_eq(n_before, 1);
    return last_call(&w, RB_CHAT_FIND)->at_boot_ms + REFUSED_GAP_MS;
}

static bool is_looked_for_again(void)
{
    return count_calls(&w, false, RB_CHAT_FIND) > n_before;
}

static int64_t refused_card(void)
{
    chat_answers(&w, RB_CHAT_POST, RB_CHAT_REFUSED, "is_archived", 1);
    asks(&w, id);
    n_before = count_calls(&w, false, RB_CHAT_POST);
    ck_assert_uint_eq(n_before, 1);
    return last_call(&w, RB_CHAT_POST)->at_boot_ms + REFUSED_GAP_MS;
}

static bool is_posted_again(void)
{
    return count_calls(&w, false, RB_CHAT_POST) > n_before;
}

static bool is_looked_for(void)

{
    return count_calls(&w, false, RB_CHAT_FIND) > 0;
}

/* ---- the table ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    int64_t (*given)(void);
    bool (*is_over)(void);
    rb_chat_call_kind kind; /* who says so once all are back, */
    const char *words;      /* in these words; NULL: nobody */
    unsigned later;         /* worlds in which it waits for what is away */
} deadline;

#define IN(world) (1u << (world))
#define SLACK_AWAY (IN(SLACK_UNREACHABLE) | IN(SLACK_SILENT))

static const deadline DEADLINES[] = {
    {"a draft", draft, is_expired, RB_CHAT_UPDATE, NULL, 0},
    {"PENDING", pending, is_expired, RB_CHAT_UPDATE, "expired", 0},
    {"PENDING, its card not yet posted", pending_unseen, is_expired, RB_CHAT_POST, "expired", 0},
    {"half time", half_time, is_reminded, RB_CHAT_DIRECT, "Half of the time is over", SLACK_AWAY},
    {"APPROVED and INTENT", approved, is_lapsed, RB_CHAT_UPDATE, "lapsed", 0},
    {"no trace", unseen, is_unknown, RB_CHAT_UPDATE, "no trace", IN(INTUNE_AWAY)},
    {"24 hours", a_day, is_told_still_queued, RB_CHAT_POST, "still queued", 0},
    {"7 days", a_week, is_unknown, RB_CHAT_UPDATE, "still queued", 0},
    {"7 days without an answer", a_week_unasked, is_unknown, RB_CHAT_UPDATE, "could not be asked", 0},
    {"an unopened code", unopened, is_told_of_code, RB_CHAT_DIRECT, "has not been opened yet", 0},
    {"a code on a screen", code_on_screen, is_blanked, RB_CHAT_FORM_UPDATE, NULL, 0},
    {"a save that takes long", slow_disk, is_given_up, RB_CHAT_RESPOND, NULL, 0},
    {"a step that the store refused", refused_step, is_expired, RB_CHAT_UPDATE, "expired", 0},
    {"an unclear post", unclear_card, is_looked_for, RB_CHAT_FIND, NULL, 0},
    {"a look that was refused", refused_look, is_looked_for_again, RB_CHAT_FIND, NULL, 0},
    {"a card that was refused", refused_card, is_posted_again, RB_CHAT_POST, NULL,
     SLACK_AWAY}, /* its channel is read first */
};
#define N_DEADLINES ((int)(sizeof DEADLINES / sizeof *DEADLINES))

static bool is_said_since(int64_t boot_ms, rb_chat_call_kind kind, const char *words)
{
    for (size_t i = 0; i < w.n_calls; i++) {
        const seen_call *call = &w.calls[i];
        if (!call->is_device && (rb_chat_call_kind)call->kind == kind && call->is_ok && call->at_boot_ms >= boot_ms &&
            strstr(call->payload, words))
            return true;
    }
    return false;
}

/* The clock is moved past everything at once, as after a suspend; then the engine looks. */
static void wake_at(int64_t boot_ms)
{
    at(&w, boot_ms);
    rb_engine_timer(w.engine);
    settle(&w);
}

static void at_instant(const deadline *one, int64_t offset)
{
    given_world(&w);
    w.is_channel_real = false;
    int64_t limit = one->given();
    goes_away();
    pass(&w, limit - 1 - w.now.boot_ms);
    if (offset >= 0)
        wake_at(limit + offset);
    bool is_due = offset >= 0 && !((one->later >> here) & 1);
    ck_assert_msg(one->is_over() == is_due, "%s, limit %+d ms, %s: %s", one->name, (int)offset, WORLD_NAMES[here],
                  is_due ? "not over" : "over");
    comes_back();
    pass(&w, RB_MINUTE_MS);
    w.is_worker_held = false;
    settle(&w);
    if (one->later && offset >= 0)
        pass(&w, RB_MINUTE_MS);
    ck_assert_msg(one->is_over(), "%s, %s: not over when all are back", one->name, WORLD_NAMES[here]);
    ck_assert_msg(!one->words || is_said_since(limit, one->kind, one->words),
                  "%s, limit %+d ms, %s: nobody says \"%s\"", one->name, (int)offset, WORLD_NAMES[here], one->words);
    fini_world(&w);
}

START_TEST(R4_each_deadline_to_the_millisecond_whatever_is_away)
{
    here = (which_world)(_i % WORLDS);
    for (int64_t offset = -1; offset <= 1; offset++)
        at_instant(&DEADLINES[_i / WORLDS], offset);
}
END_TEST

/* ---- people and reads around a deadline, before the engine's own timer has come ------------------------------------- */

/* The test's number is the world's. */
static void given_in(int i)
{
    here = (which_world)(i % WORLDS);
    given_world(&w);
    w.is_channel_real = false;
}

START_TEST(R4_a_click_at_the_deadline_is_too_late)
{
    for (int64_t offset = -1; offset <= 1; offset++) {
        given_in(_i);
        int64_t limit = pending();
        pass(&w, limit - RB_MINUTE_MS / 2 - w.now.boot_ms);
        type(&w, "U0ARVID", "help"); /* he is known from before Slack went away: the click is decided by the time */
        goes_away();
        at(&w, limit + offset);
        press_on_card(&w, "U0ARVID", 'a', id);
        pass(&w, RB_SECOND_MS);
        rb_state state = state_of(&w, id);
        bool is_counted = state == RB_STATE_APPROVED || state == RB_STATE_INTENT || state == RB_STATE_ACCEPTED;
        ck_assert_msg(is_counted ? offset < 0 : state == RB_STATE_EXPIRED && offset >= 0, "limit %+d ms, %s: %s",
                      (int)offset, WORLD_NAMES[here], rb_state_name(state));
        ck_assert_uint_eq(count_resets(&w), offset < 0 && here == ALL_WELL); /* what is away is waited for */
        comes_back();
        pass(&w, 2 * RB_MINUTE_MS);
        ck_assert_uint_eq(count_resets(&w), offset < 0);
        ck_assert(is_in(offset < 0 ? RB_STATE_ACCEPTED : RB_STATE_EXPIRED));
        fini_world(&w);
    }
}
END_TEST

/* Send reads device and people again: with one of them away nothing is sent before the deadline either, and the draft ends. */
START_TEST(R4_a_draft_sent_at_its_deadline_is_too_late)
{
    for (int64_t offset = -1; offset <= 1; offset++) {
        given_in(_i);
        int64_t limit = draft();
        pass(&w, limit - RB_MINUTE_MS / 2 - w.now.boot_ms);
        type(&w, "U0HANNA", "help");
        goes_away();
        at(&w, limit + offset);
        press(&w, "U0HANNA", 's');
        bool is_sent = offset < 0 && here == ALL_WELL;
        ck_assert_msg(is_in(is_sent       ? RB_STATE_PENDING
                            : offset >= 0 ? RB_STATE_EXPIRED
                                          : RB_STATE_DRAFT),
                      "limit %+d ms, %s: %s", (int)offset, WORLD_NAMES[here], rb_state_name(state_of(&w, id)));
        comes_back();
        pass(&w, RB_MINUTE_MS);
        ck_assert(is_in(is_sent ? RB_STATE_PENDING : RB_STATE_EXPIRED));
        fini_world(&w);
    }
}
END_TEST

START_TEST(S3_roles_are_read_again_after_60_seconds)
{
    for (int64_t offset = -1; offset <= 1; offset++) {
        given_in(_i);
        type(&w, "U0ARVID", "help");
        size_t before = count_calls(&w, false, RB_CHAT_PERSON);
        ck_assert_uint_gt(before, 0);
        goes_away();
        pass(&w, RB_RIGHTS_FRESH_MS + offset);
        type(&w, "U0ARVID", "help");
        ck_assert_msg((count_calls(&w, false, RB_CHAT_PERSON) > before) == (offset >= 0), "%+d ms, %s", (int)offset,
                      WORLD_NAMES[here]);
        fini_world(&w);
    }
}
END_TEST

/* The device is read, then the requester cannot be looked up for 25 seconds: the read would be 30 seconds old if saving the
 * attempt took the 5 that it may. With Slack away the look-up fails, so that there is no attempt on any read. */
START_TEST(S2_a_read_of_25_seconds_ago_is_too_old_for_an_attempt)
{
    for (int64_t offset = -1; offset <= 1; offset++) {
        given_in(_i);
        asks_and_card(&w, id);
        pass(&w, 2 * RB_MINUTE_MS);
        type(&w, "U0ARVID", "help"); /* he is known for a minute now */
        w.is_held[false][RB_CHAT_PERSON] = true;
        press_on_card(&w, "U0ARVID", 'a', id);
        int64_t read = w.now.boot_ms;
        goes_away();
        pass(&w, 25 * RB_SECOND_MS - 1);
        at(&w, read + 25 * RB_SECOND_MS + offset);
        w.is_held[false][RB_CHAT_PERSON] = false;
        settle(&w);
        bool is_known = here == ALL_WELL || here == INTUNE_AWAY;
        ck_assert_msg(count_resets(&w) == (is_known && offset < 0), "%+d ms, %s", (int)offset, WORLD_NAMES[here]);
        pass(&w, RB_MINUTE_MS);
        /* Intune must be read again, and cannot be */
        ck_assert_uint_eq(count_resets(&w), here == ALL_WELL || (here == INTUNE_AWAY && offset < 0));
        comes_back();
        pass(&w, 2 * RB_MINUTE_MS);
        ck_assert_uint_eq(count_resets(&w), 1);
        ck_assert(is_in(RB_STATE_ACCEPTED));
        fini_world(&w);
    }
}
END_TEST

START_TEST(a_wall_jump_counts_from_60_seconds_on)
{
    for (int64_t offset = -1; offset <= 1; offset++) {
        given_in(_i / 2);
        goes_away();
        pass(&w, RB_MINUTE_MS);
        w.now.utc_ms += _i % 2 == 0 ? RB_CLOCK_JUMP_MS + offset : -RB_CLOCK_JUMP_MS - offset;
        rb_engine_timer(w.engine);
        settle(&w);
        ck_assert_uint_eq(count_records(&w, "clock_jump"), offset >= 0);
        fini_world(&w);
    }
}
END_TEST

/* Slack need not be there for it, its people being known for less than a minute; Intune must: each attempt reads first. */
START_TEST(R2_the_next_attempt_waits_until_it_may)
{
    for (int64_t offset = -1; offset <= 1; offset++) {
        given_in(_i);
        w.post = RB_POST_THROTTLED;
        asks_and_card(&w, id);
        press_on_card(&w, "U0ARVID", 'a', id);
        ck_assert_uint_eq(count_resets(&w), 1);
        int64_t limit = w.now.boot_ms + RB_SECOND_MS;
        goes_away();
        pass(&w, limit - 1 - w.now.boot_ms);
        if (offset >= 0)
            wake_at(limit + offset);
        size_t made = offset < 0 || here == INTUNE_AWAY ? 1 : 2;
        ck_assert_msg(count_resets(&w) == made, "%+d ms, %s: %zu", (int)offset, WORLD_NAMES[here], count_resets(&w));
        w.post = RB_POST_ACCEPTED;
        comes_back();
        pass(&w, 2 * RB_MINUTE_MS);
        ck_assert_uint_eq(count_resets(&w), made + 1);
        ck_assert(is_in(RB_STATE_ACCEPTED));
        fini_world(&w);
    }
}
END_TEST

/* An answer that Slack could not take for 30 minutes: its url is used to the last millisecond, and not after. Where Slack does not
 * answer it may have been taken: it is said once more and then by another way, long before. */
START_TEST(R1_an_answers_url_is_used_for_30_minutes)
{
    for (int64_t offset = -1; offset <= 1; offset++) {
        given_in(_i);
        int64_t limit = w.now.boot_ms + RB_RESPONSE_URL_LIFE_MS;
        chat_answers(&w, RB_CHAT_RESPOND, RB_CHAT_LATER, "no_reply", SIZE_MAX);
        type(&w, "U0HANNA", "help");
        goes_away();
        pass(&w, limit - 1 - w.now.boot_ms);
        at(&w, limit + offset);
        comes_back();
        type(&w, "U0ARVID", "help"); /* Slack is there again: what waits is tried at once */
        pass(&w, 0);
        ck_assert_msg((count_calls(&w, false, RB_CHAT_PRIVATE) > 0) == (offset > 0 || here == SLACK_SILENT),
                      "%+d ms, %s", (int)offset, WORLD_NAMES[here]);
        ck_assert_uint_eq(count_rows(&w), 0);
        fini_world(&w);
    }
}
END_TEST

static void tell(void)
{
    printf("deadlines: %d × 3 instants × %d worlds, of these %d of people and reads\n", N_DEADLINES + 8, WORLDS, 8);
    (void)fflush(stdout);
}

int main(void)
{
    Suite *suite = suite_create("engine_deadlines");
    TCase *tests = tcase_create("deadlines");

    tcase_set_timeout(tests, 60);
    tcase_add_unchecked_fixture(tests, tell, NULL);
    tcase_add_loop_test(tests, R4_each_deadline_to_the_millisecond_whatever_is_away, 0, N_DEADLINES * WORLDS);
    tcase_add_loop_test(tests, R4_a_click_at_the_deadline_is_too_late, 0, WORLDS);
    tcase_add_loop_test(tests, R4_a_draft_sent_at_its_deadline_is_too_late, 0, WORLDS);
    tcase_add_loop_test(tests, S3_roles_are_read_again_after_60_seconds, 0, WORLDS);
    tcase_add_loop_test(tests, S2_a_read_of_25_seconds_ago_is_too_old_for_an_attempt, 0, WORLDS);
    tcase_add_loop_test(tests, a_wall_jump_counts_from_60_seconds_on, 0, 2 * WORLDS);
    tcase_add_loop_test(tests, R2_the_next_attempt_waits_until_it_may, 0, WORLDS);
    tcase_add_loop_test(tests, R1_an_answers_url_is_used_for_30_minutes, 0, WORLDS);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
