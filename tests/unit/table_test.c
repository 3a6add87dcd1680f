/* table_test.c - what a terminal is given: widths in cells, cuts, colour, progress; and that a pipe gets none of that. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "locale/gettext.h"
#include "util/screen.h"
#include "util/table.h"

#define OUT_CAP 65536

static char out[OUT_CAP];
static FILE *to;
static int other_end;

/* A terminal of this size, whose other end is read by printed(). */
static void open_terminal(unsigned short columns)
{
    struct winsize window = {.ws_row = 24, .ws_col = columns};
    struct termios raw;

    other_end = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(other_end, 0);
    ck_assert_int_eq(grantpt(other_end), 0);
    ck_assert_int_eq(unlockpt(other_end), 0);
    int fd = open(ptsname(other_end), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ioctl(fd, TIOCSWINSZ, &window), 0);
    ck_assert_int_eq(tcgetattr(fd, &raw), 0);
    raw.c_oflag &= ~(tcflag_t)OPOST; /* a line break stays one */
    ck_assert_int_eq(tcsetattr(fd, TCSANOW, &raw), 0);
    to = fdopen(fd, "w");
    ck_assert_ptr_nonnull(to);
}

static void open_pipe(void)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    other_end = ends[0];
    to = fdopen(ends[1], "w");
    ck_assert_ptr_nonnull(to);
}

/* All that was written; small enough to wait in the kernel. */
static const char *printed(void)
{
    size_t len = 0;

    ck_assert_int_eq(fflush(to), 0);
    ck_assert_int_eq(fcntl(other_end, F_SETFL, O_NONBLOCK), 0);
    for (ssize_t got = 1; got > 0; len += got > 0 ? (size_t)got : 0)
        got = read(other_end, out + len, OUT_CAP - 1 - len);
    out[len] = '\0';
    return out;
}

static void set_up(void)
{
    rb_gettext_characters();
    ck_assert_int_eq(setenv("TERM", "xterm", 1), 0);
    ck_assert_int_eq(unsetenv("NO_COLOR"), 0);
    to = NULL;
}

static void tear_down(void)
{
    if (to) {
        (void)fclose(to);
        (void)close(other_end);
    }
}

static size_t width(const char *text)
{
    return rb_screen_width(rb_str_of(text));
}

static const char *const TITLES[] = {"ID", "NAME", "TEXT"};

static void print_one(const char *id, const char *name, const char *text, bool is_prose)
{
    rb_screen screen = rb_screen_of(to);
    rb_table *table = rb_table_new(&screen, TITLES, 3, is_prose);

    rb_table_add(table, RB_PAINT_PLAIN, id);
    rb_table_add(table, RB_PAINT_GOOD, name);
    rb_table_add(table, RB_PAINT_PLAIN, text);
    rb_table_print(table);
    rb_table_free(table);
}

/* ---- width ------------------------------------------------------------------------------------------------------------ */

START_TEST(wide_characters_take_two_cells_and_combining_ones_none)
{
    ck_assert_uint_eq(width("abc"), 3);
    ck_assert_uint_eq(width("\xc3\xa5\xc3\xa4\xc3\xb6"), 3);             /* åäö */
    ck_assert_uint_eq(width("e\xcc\x81"), 1);                            /* e and a combining acute */
    ck_assert_uint_eq(width("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"), 6); /* three ideographs */
    ck_assert_uint_eq(width("\xf0\x9f\x94\x92"), 2);                     /* a lock */
    ck_assert_uint_eq(width("\xff\xc3"), 2);                             /* no UTF-8: a replacement each */
}
END_TEST

START_TEST(a_cut_never_splits_a_character_or_leaves_its_mark)
{
    const char *text = "\xe6\x97\xa5\xe6\x9c\xac"
                       "e\xcc\x81x";

    ck_assert_uint_eq(rb_screen_fit(rb_str_of(text), 0), 0);
    ck_assert_uint_eq(rb_screen_fit(rb_str_of(text), 1), 0);
    ck_assert_uint_eq(rb_screen_fit(rb_str_of(text), 2), 3);
    ck_assert_uint_eq(rb_screen_fit(rb_str_of(text), 3), 3);
    ck_assert_uint_eq(rb_screen_fit(rb_str_of(text), 5), 9);
    ck_assert_uint_eq(rb_screen_fit(rb_str_of(text), 99), 10);
}
END_TEST

START_TEST(columns_are_aligned_by_cells)
{
    rb_screen screen;
    rb_table *table;

    open_pipe();
    screen = rb_screen_of(to);
    table = rb_table_new(&screen, TITLES, 3, false);
    for (size_t i = 0; i < 3; i++) {
        /* \x takes as many digits as follow */
        static const char *const names[] = {"\xe6\x97\xa5\xe6\x9c\xac", "e\xcc\x81", "\xf0\x9f\x94\222ab"};
        rb_table_add(table, RB_PAINT_PLAIN, "1");
        rb_table_add(table, RB_PAINT_PLAIN, names[i]);
        rb_table_add(table, RB_PAINT_PLAIN, "x");
    }
    rb_table_print(table);
    rb_table_free(table);
    ck_assert_str_eq(printed(), "ID  NAME  TEXT\n"
                                "1   \xe6\x97\xa5\xe6\x9c\xac  x\n"
                                "1   e\xcc\x81     x\n"
                                "1   \xf0\x9f\x94\x92"
                                "ab  x\n");
}
END_TEST

/* ---- a pipe and a terminal ---------------------------------------------------------------------------------------------- */

START_TEST(a_pipe_gets_every_text_whole_and_plain)
{
    char text[1001];

    memset(text, 'x', 1000);
    text[1000] = '\0';
    open_pipe();
    print_one("R-1", "name", text, true);
    ck_assert_ptr_nonnull(strstr(printed(), text));
    ck_assert_ptr_null(strchr(out, 27));
    ck_assert_ptr_null(strstr(out, "\xe2\x80\xa6"));
}
END_TEST

START_TEST(a_terminal_gets_no_line_longer_than_it_is)
{
    open_terminal(40);
    ck_assert_int_eq(setenv("NO_COLOR", "1", 1), 0);
    print_one("R-1", "a name that is far too long for forty",
              "and \xe6\x97\xa5\xe6\x9c\xac a text that is too long too", false);
    char *rest = NULL;
    size_t n = 0;
    (void)printed();
    for (char *line = strtok_r(out, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), n++)
        ck_assert_msg(width(line) <= 40, "%zu cells: %s", width(line), line);
    ck_assert_uint_eq(n, 2);
    rest = NULL;
    ck_assert_ptr_nonnull(strstr(out + strlen(out) + 1, "\xe2\x80\xa6"));
}
END_TEST

START_TEST(sentences_are_wrapped_beside_the_others_and_lose_nothing)
{
    open_terminal(60);
    ck_assert_int_eq(setenv("NO_COLOR", "1", 1), 0);
    print_one("R-1", "name", "one two three four five six seven eight nine ten eleven twelve", true);
    ck_assert_str_eq(printed(), "ID   NAME  TEXT\n"
                                "R-1  name  one two three four five six seven eight nine ten\n"
                                "           eleven twelve\n");
}
END_TEST

START_TEST(sentences_go_below_where_beside_is_too_little_room)
{
    open_terminal(44);
    ck_assert_int_eq(setenv("NO_COLOR", "1", 1), 0);
    print_one("R-1", "somebody", "one two three four five six seven eight nine ten", true);
    ck_assert_str_eq(printed(), "ID   NAME\n"
                                "R-1  somebody\n"
                                "    one two three four five six seven eight\n"
                                "    nine ten\n");
}
END_TEST

START_TEST(colour_is_for_terminals_that_want_it)
{
    open_terminal(80);
    ck_assert(rb_screen_of(to).has_colour);
    print_one("1", "good", "text", false);
    ck_assert_ptr_nonnull(strstr(printed(), "\033[32mgood\033[0m"));
    ck_assert_int_eq(setenv("NO_COLOR", "1", 1), 0);
    ck_assert(!rb_screen_of(to).has_colour);
    print_one("1", "good", "text", false);
    ck_assert_ptr_null(strchr(printed(), 27));
    ck_assert_int_eq(unsetenv("NO_COLOR"), 0);
    ck_assert_int_eq(setenv("TERM", "dumb", 1), 0);
    ck_assert(!rb_screen_of(to).has_colour && !rb_screen_of(to).has_cursor);
    ck_assert_uint_eq(rb_screen_of(to).columns, 80);
}
END_TEST

START_TEST(a_stream_in_memory_is_no_terminal)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);

    ck_assert_ptr_nonnull(memory);
    ck_assert_uint_eq(rb_screen_of(memory).columns, 0);
    (void)fclose(memory);
    free(text);
}
END_TEST

/* ---- many rows -------------------------------------------------------------------------------------------------------- */

START_TEST(more_rows_than_are_kept_are_all_printed_with_one_head)
{
    rb_screen screen;
    rb_table *table;
    size_t n = 0;

    open_pipe();
    screen = rb_screen_of(to);
    table = rb_table_new(&screen, TITLES, 3, false);
    for (size_t i = 0; i < 3 * (RB_TABLE_ROWS_MAX + 1); i++)
        rb_table_add(table, RB_PAINT_PLAIN, "x");
    rb_table_print(table);
    rb_table_free(table);
    for (const char *at = printed(); *at; at++)
        n += *at == '\n';
    ck_assert_uint_eq(n, RB_TABLE_ROWS_MAX + 2);
}
END_TEST

/* ---- inert ------------------------------------------------------------------------------------------------------------ */

START_TEST(S7_no_cell_can_drive_a_terminal)
{
    open_terminal(200);
    ck_assert_int_eq(setenv("NO_COLOR", "1", 1), 0);
    print_one("\033]0;title\a", "a\r\nb\tc",
              "\xc2\x9b"
              "2J\xe2\x80\xae"
              "evil\xe2\x80\x8b\x7f",
              false);
    ck_assert_str_eq(printed(), "ID        NAME   TEXT\n]0;title  a b c  2Jevil\n");
}
END_TEST

START_TEST(S7_a_line_on_stderr_is_one_inert_line)
{
    open_pipe();
    rb_screen_say(to, "resetbot: %s: do this", "a\033[2Jb\nc\xff");
    ck_assert_str_eq(printed(), "resetbot: a[2Jb c\xef\xbf\xbd: do this\n");
}
END_TEST

/* The value is the same, and nothing in it is obeyed. */
START_TEST(S7_json_is_escaped_where_a_terminal_would_obey)
{
    open_pipe();
    rb_screen_json(to, RB_STR("{\"a\":\"\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\x81 \xc3\xa5\xff\"}"));
    ck_assert_str_eq(printed(), "{\"a\":\"\\u009b\\u202e\\udb40\\udc41 \xc3\xa5\\ufffd\"}\n");
}
END_TEST

/* ---- progress --------------------------------------------------------------------------------------------------------- */

START_TEST(progress_is_drawn_on_one_line_and_taken_away)
{
    open_terminal(20);
    rb_working progress = rb_working_on(to);
    rb_working_say(&progress, "checking %d of many, many", 7);
    rb_working_clear(&progress);
    rb_working_clear(&progress);
    ck_assert_str_eq(printed(), "\r\033[Kchecking 7 of many,\r\033[K");
}
END_TEST

START_TEST(a_pipe_and_a_dumb_terminal_get_no_progress)
{
    open_pipe();
    rb_working progress = rb_working_on(to);
    rb_working_say(&progress, "checking");
    rb_working_clear(&progress);
    ck_assert_str_eq(printed(), "");
    tear_down();
    ck_assert_int_eq(setenv("TERM", "dumb", 1), 0);
    open_terminal(80);
    progress = rb_working_on(to);
    rb_working_say(&progress, "checking");
    ck_assert_str_eq(printed(), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table");
    TCase *one = tcase_create("table");

    tcase_add_checked_fixture(one, set_up, tear_down);
    tcase_add_test(one, wide_characters_take_two_cells_and_combining_ones_none);
    tcase_add_test(one, a_cut_never_splits_a_character_or_leaves_its_mark);
    tcase_add_test(one, columns_are_aligned_by_cells);
    tcase_add_test(one, a_pipe_gets_every_text_whole_and_plain);
    tcase_add_test(one, a_terminal_gets_no_line_longer_than_it_is);
    tcase_add_test(one, sentences_are_wrapped_beside_the_others_and_lose_nothing);
    tcase_add_test(one, sentences_go_below_where_beside_is_too_little_room);
    tcase_add_test(one, colour_is_for_terminals_that_want_it);
    tcase_add_test(one, a_stream_in_memory_is_no_terminal);
    tcase_add_test(one, more_rows_than_are_kept_are_all_printed_with_one_head);
    tcase_add_test(one, S7_no_cell_can_drive_a_terminal);
    tcase_add_test(one, S7_a_line_on_stderr_is_one_inert_line);
    tcase_add_test(one, S7_json_is_escaped_where_a_terminal_would_obey);
    tcase_add_test(one, progress_is_drawn_on_one_line_and_taken_away);
    tcase_add_test(one, a_pipe_and_a_dumb_terminal_get_no_progress);
    suite_add_tcase(suite, one);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
