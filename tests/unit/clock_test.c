/* clock_test.c - time as text and back, and randomness. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/clock.h"
#include "resetbot/random.h"
#include "resetbot/str.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- clock ------------------------------------------------------------------------------------------------------ */

#define MARCH ((int64_t)1772460130000) /* 2026-03-02 14:02:10 UTC */

START_TEST(times_are_written_in_three_ways)
{
    char text[RB_TIME_CAP];

    rb_time_full(MARCH + 999, text);
    ck_assert_str_eq(text, "2026-03-02 14:02:10 UTC");
    rb_time_short(MARCH, text);
    ck_assert_str_eq(text, "14:02 UTC");
    rb_time_iso(MARCH, text);
    ck_assert_str_eq(text, "2026-03-02T14:02:10Z");
    rb_time_iso(-1, text);
    ck_assert_str_eq(text, "1969-12-31T23:59:59Z");
    rb_time_iso(-1000, text);
    ck_assert_str_eq(text, "1969-12-31T23:59:59Z");
}
END_TEST

START_TEST(times_beyond_the_calendar_are_written_as_its_end)
{
    char text[RB_TIME_CAP];

    rb_time_iso(INT64_MAX, text);
    ck_assert_str_eq(text, "9999-12-31T23:59:59Z");
    rb_time_iso(INT64_MIN, text);
    ck_assert_str_eq(text, "0001-01-01T00:00:00Z");
}
END_TEST

static void expect_iso(const char *text, int64_t expected)
{
    int64_t got = 0;

    ck_assert_msg(rb_time_parse_iso(rb_str_of(text), &got) == RB_OK, "refused: %s", text);
    ck_assert_msg(got == expected, "%s: %lld instead of %lld", text, (long long)got, (long long)expected);
}

START_TEST(iso_times_have_up_to_nine_fraction_digits_and_an_offset)
{
    expect_iso("2026-03-02T14:02:10Z", MARCH);
    expect_iso("2026-03-02t14:02:10z", MARCH);
    expect_iso("2026-03-02T14:02:10.1Z", MARCH + 100);
    expect_iso("2026-03-02T14:02:10.12Z", MARCH + 120);
    expect_iso("2026-03-02T14:02:10.1234567Z", MARCH + 123);
    expect_iso("2026-03-02T14:02:10.999999999Z", MARCH + 999);
    expect_iso("2026-03-02T15:02:10+01:00", MARCH);
    expect_iso("2026-03-02T08:32:10-05:30", MARCH);
    expect_iso("2026-03-02T14:02:10.0000000+00:00", MARCH);
    expect_iso("2024-02-29T00:00:00Z", INT64_C(1709164800000));
    expect_iso("2016-12-31T23:59:60Z", INT64_C(1483228800000));
    expect_iso("1969-12-31T23:59:59Z", -1000);
    expect_iso("1970-01-01T00:00:00Z", 0);
}
END_TEST

START_TEST(iso_times_that_do_not_exist_are_refused)
{
    static const char *const wrong[] = {"",
                                        "2026-03-02",
                                        "2026-03-02T14:02:10",
                                        "2026-03-02 14:02:10Z",
                                        "2026-03-02T14:02Z",
                                        "2026-3-2T14:02:10Z",
                                        "2026-02-29T00:00:00Z",
                                        "2026-04-31T00:00:00Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-00-01T00:00:00Z",
                                        "2026-01-00T00:00:00Z",
                                        "0000-01-01T00:00:00Z",
                                        "2026-03-02T24:00:00Z",
                                        "2026-03-02T14:60:10Z",
                                        "2026-03-02T14:02:61Z",
                                        "2026-03-02T14:02:10.Z",
                                        "2026-03-02T14:02:10.1234567890Z",
                                        "2026-03-02T14:02:10+0100",
                                        "2026-03-02T14:02:10+24:00",
                                        "2026-03-02T14:02:10Zx",
                                        " 2026-03-02T14:02:10Z"};
    int64_t got = 42;

    for (size_t i = 0; i < COUNT(wrong); i++)
        ck_assert_msg(rb_time_parse_iso(rb_str_of(wrong[i]), &got) == RB_E_SYNTAX, "accepted: %s", wrong[i]);
    ck_assert_int_eq(got, 42);
}
END_TEST

START_TEST(each_day_of_four_centuries_survives_writing_and_reading)
{
    for (int64_t day = -200 * 365; day < 200 * 366; day++) {
        char text[RB_TIME_CAP];
        rb_time_iso(day * RB_DAY_MS, text);
        expect_iso(text, day * RB_DAY_MS);
    }
}
END_TEST

START_TEST(graphs_no_date_values_are_sentinels)
{
    int64_t at = 0;

    ck_assert_int_eq(rb_time_parse_iso(RB_STR("0001-01-01T00:00:00Z"), &at), RB_OK);
    ck_assert(rb_time_is_sentinel(at));
    ck_assert_int_eq(rb_time_parse_iso(RB_STR("0001-12-31T23:59:59.9999999Z"), &at), RB_OK);
    ck_assert(rb_time_is_sentinel(at));
    ck_assert(!rb_time_is_sentinel(at + 1));
    ck_assert_int_eq(rb_time_parse_iso(RB_STR("9999-12-31T23:59:59.9999999Z"), &at), RB_OK);
    ck_assert(rb_time_is_sentinel(at));
    ck_assert_int_eq(rb_time_parse_iso(RB_STR("9999-01-01T00:00:00Z"), &at), RB_OK);
    ck_assert(rb_time_is_sentinel(at));
    ck_assert(!rb_time_is_sentinel(at - 1));
    ck_assert(!rb_time_is_sentinel(MARCH));
    ck_assert(!rb_time_is_sentinel(0));
}
END_TEST

START_TEST(http_dates_have_the_fixed_form)
{
    int64_t at = 0;

    ck_assert_int_eq(rb_time_parse_http(RB_STR("Sun, 06 Nov 1994 08:49:37 GMT"), &at), RB_OK);
    ck_assert_int_eq(at, INT64_C(784111777000));
    ck_assert_int_eq(rb_time_parse_http(RB_STR(" Mon, 02 Mar 2026 14:02:10 GMT\r\n"), &at), RB_OK);
    ck_assert_int_eq(at, MARCH);
}
END_TEST

START_TEST(other_http_dates_are_refused)
{
    static const char *const wrong[] = {"",
                                        "120",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994",
                                        "Sun, 06 Nov 1994 08:49:37 UTC",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 6 Nov 1994 08:49:37 GMT",
                                        "Sun, 31 Nov 1994 08:49:37 GMT",
                                        "Xxx, 06 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 08:49:37 GMT+1"};
    int64_t at = 42;

    for (size_t i = 0; i < COUNT(wrong); i++)
        ck_assert_msg(rb_time_parse_http(rb_str_of(wrong[i]), &at) == RB_E_SYNTAX, "accepted: %s", wrong[i]);
    ck_assert_int_eq(at, 42);
}
END_TEST

START_TEST(the_system_clock_goes_forward)
{
    rb_clock clock = rb_clock_system();
    rb_now first = clock.now(clock.self);
    rb_now second = clock.now(clock.self);

    ck_assert(second.boot_ms >= first.boot_ms);
    ck_assert(first.utc_ms > INT64_C(1700000000000));
}
END_TEST

/* ---- random ----------------------------------------------------------------------------------------------------- */

/* Gives the bytes of a script, one after the other. */
typedef struct {
    const uint8_t *bytes;
    size_t len;
    size_t used;
} script;

static void script_fill(void *self, void *out_bytes, size_t len)
{
    script *from = self;

    ck_assert_uint_le(from->used + len, from->len);
    memcpy(out_bytes, from->bytes + from->used, len);
    from->used += len;
}

START_TEST(a_guid_has_version_4_and_its_variant)
{
    static const uint8_t ones[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    script from = {ones, sizeof ones, 0};
    rb_random random = {&from, script_fill};
    rb_random real = rb_random_system();
    char guid[RB_GUID_CAP];
    char other[RB_GUID_CAP];

    rb_random_guid(&random, guid);
    ck_assert_str_eq(guid, "ffffffff-ffff-4fff-bfff-ffffffffff01");
    rb_random_guid(&real, guid);
    rb_random_guid(&real, other);
    ck_assert(rb_str_is_guid(rb_str_of(guid)));
    ck_assert_str_ne(guid, other);
}
END_TEST

START_TEST(numbers_below_a_bound_are_drawn_again_where_they_would_be_uneven)
{
    const uint32_t draws[] = {0, 3, 4, 13};
    script from = {(const uint8_t *)draws, sizeof draws, 0};
    rb_random random = {&from, script_fill};

    /* 2^32 mod 7 is 4: values 0 to 3 are drawn again */
    ck_assert_uint_eq(rb_random_below(&random, 7), 4);
    ck_assert_uint_eq(rb_random_below(&random, 7), 6);
    ck_assert_uint_eq(from.used, sizeof draws);
}
END_TEST

START_TEST(numbers_below_a_bound_stay_below_it)
{
    rb_random real = rb_random_system();
    unsigned seen = 0;

    for (int i = 0; i < 500; i++) {
        uint32_t value = rb_random_below(&real, 5);
        ck_assert_uint_lt(value, 5);
        seen |= 1u << value;
    }
    ck_assert_uint_eq(seen, 0x1f);
    ck_assert_uint_eq(rb_random_below(&real, 1), 0);
}
END_TEST

/* ---- program ---------------------------------------------------------------------------------------------------- */

static TCase *clock_case(void)
{
    TCase *tcase = tcase_create("clock");

    tcase_add_test(tcase, times_are_written_in_three_ways);
    tcase_add_test(tcase, times_beyond_the_calendar_are_written_as_its_end);
    tcase_add_test(tcase, iso_times_have_up_to_nine_fraction_digits_and_an_offset);
    tcase_add_test(tcase, iso_times_that_do_not_exist_are_refused);
    tcase_add_test(tcase, each_day_of_four_centuries_survives_writing_and_reading);
    tcase_add_test(tcase, graphs_no_date_values_are_sentinels);
    tcase_add_test(tcase, http_dates_have_the_fixed_form);
    tcase_add_test(tcase, other_http_dates_are_refused);
    tcase_add_test(tcase, the_system_clock_goes_forward);
    tcase_add_test(tcase, a_guid_has_version_4_and_its_variant);
    tcase_add_test(tcase, numbers_below_a_bound_are_drawn_again_where_they_would_be_uneven);
    tcase_add_test(tcase, numbers_below_a_bound_stay_below_it);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("clock");

    suite_add_tcase(suite, clock_case());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
