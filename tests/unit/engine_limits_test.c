/* engine_limits_test.c - limits hold also when several ask at the same moment. */
#include "engine_story.h"

static world w;
static char id[RB_REQUEST_ID_CAP];

static void setup(void)
{
    given_world(&w);
}

static void teardown(void)
{
    fini_world(&w);
}

/* ---- ceilings ----------------------------------------------------------------------------------------------------- */

#define PHONES 4

static void given_cards(char ids[PHONES][RB_REQUEST_ID_CAP])
{
    for (unsigned i = 0; i < PHONES; i++) {
        (void)snprintf(w.phone.id, sizeof w.phone.id, "20000000-0000-4000-8000-0000000001%02u", i);
        asks_and_card(&w, ids[i]);
    }
}

static size_t count_state(char ids[PHONES][RB_REQUEST_ID_CAP], rb_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < PHONES; i++)
        n += state_of(&w, ids[i]) == state;
    return n;
}

START_TEST(an_hours_ceiling_holds_for_requests_approved_at_the_same_moment)
{
    const uint32_t ceiling = 1 + (uint32_t)_i / 2;
    char ids[PHONES][RB_REQUEST_ID_CAP];
    given_cards(ids);
    if (_i % 2 == 0)
        w.policy.ceiling_all_hour = ceiling;
    else
        w.policy.ceiling_requester_hour = ceiling;
    for (size_t i = 0; i < PHONES; i++) {
        char start[96];
        rb_delivery *delivery = a_delivery(&w, RB_DELIVERY_CLICK, "U0ARVID");
        rb_request *request = stored(&w, ids[i]);
        for (size_t k = 0; k < w.n_calls; k++) { /* the Approve button of this card */
            (void)snprintf(start, sizeof start, "\"1.a.%s.", ids[i]);
            const char *at = w.calls[k].payload ? strstr(w.calls[k].payload, start) : NULL;
            if (at) {
                size_t len = strcspn(at + 1, "\"");
                memcpy(delivery->value, at + 1, len);
                delivery->value[len] = '\0';
            }
        }
        ck_assert_uint_gt(strlen(delivery->value), 0);
        KIT_TEXT(delivery->channel, request->card_channel);
        KIT_TEXT(delivery->message_ts, request->card_ts);
        free(request);
        deliver(&w, delivery);
    }
    w.is_held[true][RB_DEVICE_READ] = true;
    settle(&w);
    w.is_held[true][RB_DEVICE_READ] = false;
    w.is_worker_held = true; /* all of them count at the same moment */
    settle(&w);
    w.is_worker_held = false;
    settle(&w);
    pass(&w, 11 * RB_MINUTE_MS);

    ck_assert_uint_eq(count_resets(&w), ceiling);
    ck_assert_uint_eq(count_state(ids, RB_STATE_STALE), PHONES - ceiling);
    need_said(&w, "as an hour allows");
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------------------------------- */

START_TEST(R1_commands_that_wait_for_the_disk_count_as_work)
{
    w.is_worker_held = true;
    for (size_t i = 0; i < 1500; i++)
        type_only(&w, "U0HANNA", "list");
    ck_assert_uint_eq(w.n_acks, 0);
    for (size_t i = 0; i < RB_TASKS_MAX - 1500; i++)
        type_only(&w, "U0HANNA", "list");
    ck_assert_uint_eq(w.n_acks, 0);
    type_only(&w, "U0HANNA", "list");
    ck_assert_uint_eq(w.n_acks, 1);
    ck_assert_ptr_nonnull(strstr(w.acks[0].text, "Nothing was done"));
}
END_TEST

START_TEST(so_many_wait_for_one_request_and_the_next_is_told_that_nothing_was_done)
{
    const size_t n = 1 + RB_WAITING_MAX + (size_t)_i;
    char text[96];
    size_t n_told = 0;
    asks_and_card(&w, id);
    (void)snprintf(text, sizeof text, "cancel %s", id);
    for (size_t i = 0; i < n; i++)
        type_only(&w, "U0HANNA", text);
    settle(&w);
    EXPECT_STATE(&w, id, RB_STATE_CANCELLED);
    for (size_t i = 0; i < w.n_calls; i++)
        n_told += w.calls[i].payload && strstr(w.calls[i].payload, "Too much is waiting for") != NULL;
    ck_assert_uint_eq(n_told, (size_t)_i);
}
END_TEST

/* ---- one's own request -------------------------------------------------------------------------------------------- */

START_TEST(a_requester_who_lost_the_role_may_still_cancel)
{
    char text[96];
    asks_and_card(&w, id);
    (void)snprintf(text, sizeof text, "cancel %s", id);
    w.policy.roles[RB_ROLE_HELPDESK].n_users = 0;
    type(&w, _i == 0 ? "U0HANNA" : "U0ADELE", text);
    EXPECT_STATE(&w, id, _i == 0 ? RB_STATE_CANCELLED : RB_STATE_PENDING);
    if (_i == 1)
        need_said(&w, "only its requester or an approver may do that");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_limits");
    TCase *tests = tcase_create("limits");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, an_hours_ceiling_holds_for_requests_approved_at_the_same_moment, 0, 6);
    tcase_add_test(tests, R1_commands_that_wait_for_the_disk_count_as_work);
    tcase_add_loop_test(tests, so_many_wait_for_one_request_and_the_next_is_told_that_nothing_was_done, 0, 3);
    tcase_add_loop_test(tests, a_requester_who_lost_the_role_may_still_cancel, 0, 2);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
