/* core_deadlines_test.c - each deadline of a request 1 ms before, at and 1 ms after it, by each clock: a wall clock that stands
 * still, one that is set, and both as they go. */
#include "request_given.h"

#define TYPE "removeDevicePasscode"

typedef enum { BOTH_CLOCKS, BOOT_ALONE, WALL_ALONE, CLOCKS } which_clock;
#define COUNTS_BOOT 1u
#define COUNTS_WALL 2u

/* `given` leaves the request so that the deadline is `limit` ms away; `is_over` asks, and may change it. */
typedef struct {
    const char *name;
    void (*given)(void);
    int64_t limit;
    bool (*is_over)(void);
    unsigned counts; /* which clock alone ends it */
} deadline;

/* ---- given -------------------------------------------------------------------------------------------------------- */

static void pending_reminded(void)
{
    given_pending();
    request.is_reminded = true;
}

static void throttled(void)
{
    given_sending();
    rb_event event = event_of(RB_EV_POSTED);
    event.outcome = RB_POST_THROTTLED;
    event.retry_after_ms = 20 * RB_SECOND_MS;
    need(step(&event));
}

static void just_sent(void)
{
    given_sending();
    need(posted(RB_POST_ACCEPTED));
}

static void queued(void)
{
    just_sent();
    shows(TYPE, now.utc_ms, RB_ACTION_PENDING);
    need(reads());
}

static void queued_for_a_day(void)
{
    queued();
    request.is_told_still_queued = true;
}

static void read_once(void)
{
    just_sent();
    need(reads());
}

static void given_code(void)
{
    just_sent();
    shows(TYPE, now.utc_ms, RB_ACTION_DONE);
    results.items[0].has_code = true;
    need(reads());
}

static void given_code_shown(void)
{
    given_code();
    need(happens(RB_EV_SHOW));
}

/* UNKNOWN after 15 minutes without a trace: watched until 7 days after the POST. */
static void watched(void)
{
    given(RB_STATE_UNKNOWN);
    now.utc_ms = request.posted.utc_ms;
    now.boot_ms = request.posted.boot_ms;
}

/* ---- asked -------------------------------------------------------------------------------------------------------- */

static bool is_result(rb_step_result result, rb_step_result before, rb_step_result over)
{
    ck_assert_msg(result == before || result == over, "answered %d", (int)result);
    return result == over;
}

static bool send_is_late(void)
{
    return is_result(happens(RB_EV_SEND), RB_STEP_APPLIED, RB_STEP_TOO_LATE);
}

static bool approval_is_late(void)
{
    return is_result(happens(RB_EV_APPROVE), RB_STEP_APPLIED, RB_STEP_TOO_LATE);
}

static bool denial_is_late(void)
{
    return is_result(happens(RB_EV_DENY), RB_STEP_APPLIED, RB_STEP_TOO_LATE);
}

static bool go_is_late(void)
{
    return is_result(happens(RB_EV_GO), RB_STEP_APPLIED, RB_STEP_TOO_LATE);
}

static bool snapshot_is_late(void)
{
    results.read_utc_ms = now.utc_ms;
    return is_result(happens(RB_EV_PREPARED), RB_STEP_APPLIED, RB_STEP_TOO_LATE);
}

static bool go_may_again(void)
{
    return is_result(happens(RB_EV_GO), RB_STEP_NOTHING, RB_STEP_APPLIED);
}

static bool showing_is_refused(void)
{
    return is_result(happens(RB_EV_SHOW), RB_STEP_APPLIED, RB_STEP_NO_MORE);
}

static bool time_does(rb_state state, rb_note note)
{
    bool is_over = is_result(happens(RB_EV_TIME), RB_STEP_NOTHING, RB_STEP_APPLIED);

    if (is_over) {
        EXPECT_STATE(state);
        ck_assert(has_effect(RB_FX_RECORD, note));
    }
    return is_over;
}

static bool expires(void)
{
    return time_does(RB_STATE_EXPIRED, RB_NOTE_EXPIRED);
}

static bool reminds(void)
{
    return time_does(RB_STATE_PENDING, RB_NOTE_HALF_TIME);
}

static bool lapses(void)
{
    return time_does(RB_STATE_LAPSED, RB_NOTE_LAPSED);
}

static bool says_still_queued(void)
{
    return time_does(RB_STATE_ACCEPTED, RB_NOTE_STILL_QUEUED);
}

static bool gives_up(void)
{
    return time_does(RB_STATE_UNKNOWN, RB_NOTE_UNKNOWN);
}

static bool reminds_of_code(void)
{
    return time_does(RB_STATE_DONE, RB_NOTE_CODE_UNOPENED);
}

static bool has_no_trace(void)
{
    return is_result(reads(), RB_STEP_NOTHING, RB_STEP_APPLIED);
}

static bool is_no_longer_watched(void)
{
    return rb_request_next(&request, now, boot).work == RB_WORK_NONE;
}

/* ---- the table ---------------------------------------------------------------------------------------------------- */

/* Every time of limits.h and design 3 and 4 that the core keeps. */
static const deadline DEADLINES[] = {
    {"a draft can be sent for 30 minutes", given_draft, RB_DRAFT_LIFE_MS, send_is_late, COUNTS_BOOT | COUNTS_WALL},
    {"a draft ends after 30 minutes", given_draft, RB_DRAFT_LIFE_MS, expires, COUNTS_BOOT | COUNTS_WALL},
    {"approve until it expires", given_pending, 30 * RB_MINUTE_MS, approval_is_late, COUNTS_BOOT | COUNTS_WALL},
    {"deny until it expires", given_pending, 30 * RB_MINUTE_MS, denial_is_late, COUNTS_BOOT | COUNTS_WALL},
    {"it expires", pending_reminded, 30 * RB_MINUTE_MS, expires, COUNTS_BOOT | COUNTS_WALL},
    {"approvers are reminded at half time", given_pending, 15 * RB_MINUTE_MS, reminds, COUNTS_BOOT},
    {"APPROVED lapses after 10 minutes", given_approved, RB_SEND_WINDOW_MS, lapses, COUNTS_BOOT},
    {"a snapshot within 10 minutes", given_approved, RB_SEND_WINDOW_MS, snapshot_is_late, COUNTS_BOOT},
    {"INTENT lapses after 10 minutes", given_intent, RB_SEND_WINDOW_MS - RB_SECOND_MS, lapses, COUNTS_BOOT},
    {"SENDING within 10 minutes", given_intent, RB_SEND_WINDOW_MS - RB_SECOND_MS, go_is_late,
     COUNTS_BOOT | COUNTS_WALL},
    {"Retry-After", throttled, 20 * RB_SECOND_MS, go_may_again, COUNTS_BOOT},
    {"no trace after 15 minutes", read_once, RB_NO_TRACE_MS, has_no_trace, COUNTS_BOOT},
    {"the line after 24 hours", queued, RB_DAY_MS, says_still_queued, COUNTS_BOOT},
    {"UNKNOWN after 7 days", queued_for_a_day, RB_WATCH_MS, gives_up, COUNTS_BOOT},
    {"the watch of UNKNOWN ends after 7 days", watched, RB_WATCH_MS, is_no_longer_watched, COUNTS_BOOT},
    {"an unopened code after 15 minutes", given_code, RB_UNOPENED_CODE_MS, reminds_of_code, COUNTS_BOOT},
    {"a code can be shown for 7 days", given_code, RB_WATCH_MS, showing_is_refused, COUNTS_BOOT},
    {"and for 30 minutes after the first time", given_code_shown, RB_SHOW_WINDOW_MS, showing_is_refused, COUNTS_BOOT},
};
#define N_DEADLINES ((int)(sizeof DEADLINES / sizeof *DEADLINES))

static bool is_due(const deadline *one, which_clock clock, int64_t offset)
{
    bool counts = clock == BOTH_CLOCKS || (clock == BOOT_ALONE && (one->counts & COUNTS_BOOT)) ||
                  (clock == WALL_ALONE && (one->counts & COUNTS_WALL));

    return counts && offset >= 0;
}

START_TEST(R4_each_deadline_to_the_millisecond_by_the_clock_that_counts)
{
    const deadline *one = &DEADLINES[_i];

    for (int clock = BOTH_CLOCKS; clock < CLOCKS; clock++)
        for (int64_t offset = -1; offset <= 1; offset++) {
            one->given();
            now.boot_ms += clock == WALL_ALONE ? 0 : one->limit + offset;
            now.utc_ms += clock == BOOT_ALONE ? 0 : one->limit + offset;
            ck_assert_msg(one->is_over() == is_due(one, (which_clock)clock, offset), "%s: clock %d, limit %+d ms",
                          one->name, clock, (int)offset);
        }
}
END_TEST

/* The sending window is the boot clock's alone and ends with it; every other deadline goes on by the wall clock. */
START_TEST(R4_each_deadline_over_a_reboot)
{
    const deadline *one = &DEADLINES[_i];
    bool is_window = strstr(one->name, "10 minutes") != NULL;

    if (one->given == throttled) /* the window is over: there is no other attempt */
        return;
    for (int64_t offset = -1; offset <= 1; offset++) {
        one->given();
        now.utc_ms += one->limit + offset;
        reboot();
        ck_assert_msg(one->is_over() == (is_window || offset >= 0), "%s: rebooted, limit %+d ms", one->name,
                      (int)offset);
    }
}
END_TEST

static bool is_age(const deadline *one)
{
    return one->is_over == has_no_trace || one->is_over == says_still_queued || one->is_over == gives_up ||
           one->is_over == is_no_longer_watched || one->is_over == reminds_of_code ||
           one->is_over == showing_is_refused;
}

/* What is of an earlier boot is at least as old as this one: ages do not wait until the wall clock has caught up. */
START_TEST(R4_each_age_over_a_reboot_with_the_clock_set_back)
{
    const deadline *one = &DEADLINES[_i];

    for (int64_t offset = -1; is_age(one) && offset <= 1; offset++) {
        one->given();
        reboot();
        now.utc_ms -= RB_DAY_MS;
        now.boot_ms = one->limit + offset;
        ck_assert_msg(one->is_over() == (offset >= 0), "%s: rebooted, a day back, limit %+d ms", one->name,
                      (int)offset);
    }
}
END_TEST

/* Another machine takes over the store: its own uptime says nothing of how old a request is. */
START_TEST(R3_no_age_is_over_on_a_machine_that_was_up_before)
{
    const deadline *one = &DEADLINES[_i];

    if (!is_age(one))
        return;
    one->given();
    reboot();
    now.utc_ms += 2 * RB_MINUTE_MS;
    now.boot_ms = 30 * RB_DAY_MS;
    ck_assert_msg(!one->is_over(), "%s: taken over after 2 minutes", one->name);
}
END_TEST

START_TEST(R4_polls_grow_rarer_after_a_reboot_with_the_clock_set_back)
{
    const int64_t gaps[][2] = {{0, 5 * RB_SECOND_MS},
                               {RB_MINUTE_MS + 15 * RB_SECOND_MS, RB_MINUTE_MS},
                               {15 * RB_MINUTE_MS, 15 * RB_MINUTE_MS},
                               {RB_DAY_MS, RB_HOUR_MS}};

    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        queued();
        reboot();
        now.utc_ms -= RB_DAY_MS;
        now.boot_ms = gaps[i][0];
        rb_want want = rb_request_next(&request, now, boot);
        ck_assert_int_eq(want.work, RB_WORK_RESULTS);
        ck_assert_int_eq(want.work_boot_ms - now.boot_ms, gaps[i][1]);
    }
    queued();
    reboot();
    now.utc_ms -= RB_DAY_MS;
    now.boot_ms = RB_WATCH_MS;
    ck_assert_int_eq(rb_request_next(&request, now, boot).work, RB_WORK_NONE);
}
END_TEST

static void tell(void)
{
    printf("deadlines in the core: %d × 3 instants × 3 clocks, and over a reboot\n", N_DEADLINES);
    (void)fflush(stdout);
}

int main(void)
{
    Suite *suite = suite_create("core_deadlines");
    TCase *tests = tcase_create("deadlines");

    tcase_add_unchecked_fixture(tests, tell, NULL);
    tcase_add_loop_test(tests, R4_each_deadline_to_the_millisecond_by_the_clock_that_counts, 0, N_DEADLINES);
    tcase_add_loop_test(tests, R4_each_deadline_over_a_reboot, 0, N_DEADLINES);
    tcase_add_loop_test(tests, R4_each_age_over_a_reboot_with_the_clock_set_back, 0, N_DEADLINES);
    tcase_add_loop_test(tests, R3_no_age_is_over_on_a_machine_that_was_up_before, 0, N_DEADLINES);
    tcase_add_test(tests, R4_polls_grow_rarer_after_a_reboot_with_the_clock_set_back);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
