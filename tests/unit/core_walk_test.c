/* core_walk_test.c - the promises hold in every state that a request can reach, and in every order of a few events. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/ways.h"
#include "walk/walk.h"

#define DEPTH 6
/* What the walk found when it was written: fewer means that it no longer looks everywhere. */
#define STATES_LEAST 91000
#define TRANSITIONS_LEAST 8700000
#define INTERLEAVINGS_LEAST 5000000
#define PAGE_MAX (256 * 1024)
#define PAGE_START "<!-- from here to the end mark: resetbot-states --markdown -->\n"
#define PAGE_END "<!-- end mark -->\n"

static walk *all;

static void walk_all(void)
{
    all = walk_new();
    walk_everything(all);
    walk_interleave(all, DEPTH);
    printf("core: %zu abstract states, %zu transitions, %zu interleavings\n", all->n_states, all->n_transitions,
           all->n_interleavings);
    (void)fflush(stdout);
}

static void forget_all(void)
{
    walk_free(all);
}

START_TEST(R2_R3_R4_S3_A1_hold_in_every_state_and_order)
{
    ck_assert_msg(all->n_broken == 0, "%zu times broken:\n%s", all->n_broken, all->broken);
}
END_TEST

START_TEST(the_walk_goes_everywhere)
{
    ck_assert_uint_ge(all->n_states, STATES_LEAST);
    ck_assert_uint_ge(all->n_transitions, TRANSITIONS_LEAST);
    ck_assert_uint_ge(all->n_interleavings, INTERLEAVINGS_LEAST);
    ck_assert_uint_gt(all->n_wandered, 0); /* by chance, and nowhere where it had not been */
}
END_TEST

static size_t count_rows(rb_state from, rb_state to, rb_note note)
{
    size_t n = 0;

    for (size_t i = 0; i < all->table.n; i++) {
        const walk_row *row = &all->table.rows[i];
        n += row->result == RB_STEP_APPLIED && (from == RB_STATES || row->from == from) &&
             (to == RB_STATES || row->to == to) && (note == RB_NOTES || row->note == note);
    }
    return n;
}

START_TEST(each_state_is_entered_and_each_note_is_written)
{
    for (int state = RB_STATE_PENDING; state < RB_STATES; state++)
        ck_assert_msg(count_rows(RB_STATES, (rb_state)state, RB_NOTES) > 0, "%s is never reached",
                      rb_state_name((rb_state)state));
    for (int note = RB_NOTE_PICKED; note < RB_NOTES; note++) {
        bool is_written = count_rows(RB_STATES, RB_STATES, (rb_note)note) > 0;
        /* DRAFTED and this one are the engine's own to write */
        ck_assert_msg(is_written || note == RB_NOTE_CANCEL_TOO_LATE, "%s is never written",
                      rb_note_name((rb_note)note));
    }
}
END_TEST

/* The simulator counts how many of them its days saw, and takes any other for a breach. */
START_TEST(the_simulator_knows_each_transition)
{
    for (int from = 0; from < RB_STATES; from++) {
        for (int to = 0; to < RB_STATES; to++) {
            bool is_found = false;
            for (size_t i = 0; i < all->table.n; i++)
                is_found = is_found || (from != to && all->table.rows[i].from == (rb_state)from &&
                                        all->table.rows[i].to == (rb_state)to);
            ck_assert_msg(is_found == sim_is_way((rb_state)from, (rb_state)to), "tests/sim/ways.h: %s to %s",
                          rb_state_name((rb_state)from), rb_state_name((rb_state)to));
        }
    }
}
END_TEST

/* Five attempts that did not act, and the sixth that never is. */
START_TEST(R2_attempts_are_used_up)
{
    bool is_used_up = false;

    for (size_t i = 0; i < all->table.n; i++) {
        const walk_row *row = &all->table.rows[i];
        is_used_up =
            is_used_up || (row->kind == RB_EV_POSTED && row->to == RB_STATE_FAILED && strcmp(row->words, "429") == 0);
    }
    ck_assert(is_used_up);
}
END_TEST

static char *read_page(void)
{
    char path[4096];
    char *text = calloc(1, PAGE_MAX);

    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(getenv("RESETBOT_SOURCE"));
    (void)snprintf(path, sizeof path, "%s/bot/README.md", getenv("RESETBOT_SOURCE"));
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s cannot be read", path);
    ck_assert_uint_lt(fread(text, 1, PAGE_MAX, file), PAGE_MAX);
    (void)fclose(file);
    return text;
}

START_TEST(the_page_says_what_the_code_does)
{
    char *text = read_page();
    rb_buf page;

    rb_buf_init(&page, PAGE_MAX);
    walk_print(&all->table, WALK_MARKDOWN, &page);
    char *start = strstr(text, PAGE_START), *end = strstr(text, PAGE_END);
    ck_assert_msg(start && end && start < end, "bot/README.md lacks the marks");
    *end = '\0';
    ck_assert_msg(strcmp(start + strlen(PAGE_START), rb_buf_cstr(&page)) == 0,
                  "bot/README.md is not what resetbot-states --markdown prints: put that between its marks");
    rb_buf_fini(&page);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core_walk");
    TCase *tcase = tcase_create("core_walk");

    tcase_set_timeout(tcase, 110);
    tcase_add_unchecked_fixture(tcase, walk_all, forget_all);
    tcase_add_test(tcase, R2_R3_R4_S3_A1_hold_in_every_state_and_order);
    tcase_add_test(tcase, the_walk_goes_everywhere);
    tcase_add_test(tcase, each_state_is_entered_and_each_note_is_written);
    tcase_add_test(tcase, the_simulator_knows_each_transition);
    tcase_add_test(tcase, R2_attempts_are_used_up);
    tcase_add_test(tcase, the_page_says_what_the_code_does);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? 0 : 1;
}
