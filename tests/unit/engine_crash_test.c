/* engine_crash_test.c - the process dies before each single event of a whole story, in each way it can, and is started again:
 * at most one POST that may have acted, an end that is true, and one card with each line once (R1, R2, R4, U1). */
#include "engine_story.h"

static world w;
static char id[RB_REQUEST_ID_CAP];
static int n_deaths, most_deaths;

/* The ways to die: the commit under way is lost or on disk; calls under way take effect or not. */
static const struct {
    store_mode store;
    bool acts;
} WAYS[] = {{STORE_FAILS, false}, {STORE_FAILS, true}, {STORE_DIES_AFTER, false}, {STORE_DIES_AFTER, true}};

static void live_on(store_mode how)
{
    while (w.is_killed) {
        die(&w, how);
        restart(&w);
        if (++n_deaths < most_deaths) /* and again soon after: while it takes up what was open */
            w.kill_at = w.n_events + 1 + w.kill_at % 13;
        settle(&w);
    }
}

/* The request of the newest preview, "" while there is none; a request that was sent is followed to its end. */
static void find_id(void)
{
    rb_bound bound;
    char value[RB_BOUND_CAP];

    if (id[0] && state_of(&w, id) != RB_STATE_DRAFT)
        return;
    id[0] = '\0';
    if (!said(&w, "\"1.s."))
        return;
    button(&w, 's', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    rb_copy_fit(id, sizeof id, bound.request);
}

/* What the people of the story do next, as they see things. */
static void one_step(void)
{
    rb_request *request = NULL;

    find_id();
    if (id[0])
        request = stored(&w, id);
    bool is_card_there = request && request->card_ts[0];
    rb_state state = request ? request->state : RB_STATE_DRAFT;
    free(request);
    if (!id[0])
        type(&w, "U0HANNA", "reset adele@contoso.com locked out");
    else if (state == RB_STATE_DRAFT)
        press(&w, "U0HANNA", 's');
    else if (state == RB_STATE_PENDING && is_card_there)
        press_on_card(&w, "U0ARVID", 'a', id);
    if (!w.is_killed)
        pass(&w, 20 * RB_SECOND_MS);
}

static bool is_over(void)
{
    find_id();
    return id[0] && rb_state_is_final(state_of(&w, id));
}

static size_t count_acted(bool is_device, int kind)
{
    size_t n = 0;

    for (size_t i = 0; i < w.n_calls; i++)
        n += w.calls[i].is_device == is_device && w.calls[i].kind == kind && w.calls[i].has_acted;
    return n;
}

/* Posts with this number of the story's thread that are in the channel; 0 is the card. */
static size_t count_in_channel(unsigned seq)
{
    seen_call find = {0};
    size_t n = 0;
    rb_request *request = stored(&w, id);

    KIT_TEXT(find.marker, id);
    find.seq = seq;
    KIT_TEXT(find.thread, seq ? request->card_ts : "");
    find_posts(&w, &find);
    n = w.n_found;
    free(request);
    return n;
}

static void expect_all_is_well(size_t kill_at, const char *way)
{
    size_t resets = count_acted(true, RB_DEVICE_RESET);
    rb_request *request = stored(&w, id);
    bool is_true =
        (request->state == RB_STATE_DONE && resets == 1) || (request->state == RB_STATE_UNKNOWN && resets == 0);

    ck_assert_msg(count_resets(&w) <= 1, "%s, event %zu: %zu POSTs", way, kill_at, count_resets(&w));
    ck_assert_msg(is_true, "%s, event %zu: %s with %zu resets", way, kill_at, rb_state_name(request->state), resets);
    for (unsigned seq = 0; seq <= request->n_lines; seq++)
        ck_assert_msg(count_in_channel(seq) == 1, "%s, event %zu: %zu posts with number %u", way, kill_at,
                      count_in_channel(seq), seq);
    ck_assert_msg(count_rows(&w) == 0 && kit_waiting(&w.store) == 0, "%s, event %zu: left over", way, kill_at);
    free(request);
}

/* false: the story was over before its kill_at-th event. */
static bool story(size_t kill_at, int way, int deaths)
{
    char name[64];

    (void)snprintf(name, sizeof name, "commit %s, calls %s", WAYS[way].store == STORE_FAILS ? "lost" : "on disk",
                   WAYS[way].acts ? "took effect" : "lost");
    given_world(&w);
    w.is_channel_real = true;
    w.acts_after_death = WAYS[way].acts;
    w.kill_at = kill_at;
    w.n_events = 0;
    n_deaths = 0;
    id[0] = '\0';
    most_deaths = deaths;
    for (int n = 0; n < 300 && !is_over(); n++) {
        one_step();
        live_on(WAYS[way].store);
    }
    for (int n = 0; n < 8; n++) { /* what follows the end, with the deaths that are left */
        pass(&w, RB_MINUTE_MS);
        live_on(WAYS[way].store);
    }
    bool has_died = n_deaths > 0;
    ck_assert_msg(is_over(), "%s, event %zu: never over", name, kill_at);
    expect_all_is_well(kill_at, name);
    fini_world(&w);
    return has_died;
}

START_TEST(a_kill_before_any_event_loses_nothing_and_doubles_nothing)
{
    size_t kill_at = 1;

    while (story(kill_at, _i, 1))
        kill_at++;
    ck_assert_uint_gt(kill_at, 50); /* the story is not that short */
}
END_TEST

START_TEST(kills_while_it_is_taken_up_lose_nothing_and_double_nothing)
{
    for (size_t kill_at = 1; story(kill_at, _i, 4); kill_at += 3)
        ck_assert_int_ge(n_deaths, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_crash");
    TCase *tests = tcase_create("crash");

    tcase_set_timeout(tests, 110);
    tcase_add_loop_test(tests, a_kill_before_any_event_loses_nothing_and_doubles_nothing, 0,
                        sizeof WAYS / sizeof *WAYS);
    tcase_add_loop_test(tests, kills_while_it_is_taken_up_lose_nothing_and_double_nothing, 0,
                        sizeof WAYS / sizeof *WAYS);
    suite_add_tcase(suite, tests);
    return kit_run(suite);
}
