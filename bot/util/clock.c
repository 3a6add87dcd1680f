/* clock.c - see resetbot/clock.h. */
#include "resetbot/clock.h"

#include <assert.h>
#include <string.h>
#include <time.h>

/* 0001-01-01T00:00:00Z, 0002-01-01, 9999-01-01 and the last millisecond of 9999. */
#define YEAR_1_MS (INT64_C(-62135596800) * 1000)
#define YEAR_2_MS (INT64_C(-62104060800) * 1000)
#define YEAR_9999_MS (INT64_C(253370764800) * 1000)
#define YEAR_9999_END_MS (INT64_C(253402300800) * 1000 - 1)

static int64_t read_ms(clockid_t id)
{
    struct timespec at;
    int failed = clock_gettime(id, &at);

    assert(failed == 0);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

static rb_now system_now(void *self)
{
    (void)self;
    return (rb_now){.utc_ms = read_ms(CLOCK_REALTIME), .boot_ms = read_ms(CLOCK_BOOTTIME)};
}

rb_clock rb_clock_system(void)
{
    return (rb_clock){.self = NULL, .now = system_now};
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* Times outside the years 1 to 9999 are shown as the nearest end. */
static struct tm split(int64_t utc_ms)
{
    struct tm parts = {0};

    if (utc_ms < YEAR_1_MS)
        utc_ms = YEAR_1_MS;
    if (utc_ms > YEAR_9999_END_MS)
        utc_ms = YEAR_9999_END_MS;
    /* division rounds towards zero; seconds before 1970 must round down */
    time_t seconds = (time_t)(utc_ms >= 0 ? utc_ms / 1000 : -((999 - utc_ms) / 1000));
    struct tm *done = gmtime_r(&seconds, &parts);
    assert(done);
    return parts;
}

/* The pattern with each of Y M D h m s replaced, in order of use, by the digits of that part. */
static void write_time(int64_t utc_ms, const char *pattern, char out_text[RB_TIME_CAP])
{
    struct tm parts = split(utc_ms);
    const struct {
        char letter;
        int value;
        int divisor;
    } fields[] = {{'Y', parts.tm_year + 1900, 1000}, {'M', parts.tm_mon + 1, 10}, {'D', parts.tm_mday, 10},
                  {'h', parts.tm_hour, 10},          {'m', parts.tm_min, 10},     {'s', parts.tm_sec, 10}};
    char *to = out_text;

    for (; *pattern; pattern++) {
        size_t i = 0;
        while (i < sizeof fields / sizeof *fields && fields[i].letter != *pattern)
            i++;
        if (i == sizeof fields / sizeof *fields) {
            *to++ = *pattern;
            continue;
        }
        for (int divisor = fields[i].divisor; divisor > 0; divisor /= 10)
            *to++ = (char)('0' + fields[i].value / divisor % 10);
    }
    *to = '\0';
}

void rb_time_full(int64_t utc_ms, char out_text[RB_TIME_CAP])
{
    write_time(utc_ms, "Y-M-D h:m:s UTC", out_text);
}

void rb_time_short(int64_t utc_ms, char out_text[RB_TIME_CAP])
{
    write_time(utc_ms, "h:m UTC", out_text);
}

void rb_time_iso(int64_t utc_ms, char out_text[RB_TIME_CAP])
{
    write_time(utc_ms, "Y-M-DTh:m:sZ", out_text);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* Takes exactly `digits` decimal digits, at most max, off *text. */
static bool take_number(rb_str *text, size_t digits, int max, int *out_value)
{
    unsigned long long value = 0;

    if (text->len < digits || rb_str_to_uint((rb_str){text->ptr, digits}, (unsigned long long)max, &value))
        return false;
    *text = (rb_str){text->ptr + digits, text->len - digits};
    *out_value = (int)value;
    return true;
}

static bool take(rb_str *text, rb_str expected)
{
    if (!rb_str_starts_nocase(*text, expected))
        return false;
    *text = (rb_str){text->ptr + expected.len, text->len - expected.len};
    return true;
}

static bool take_hms(rb_str *text, struct tm *parts)
{
    /* second 60 is a leap second, and reads as the next minute's first */
    return take_number(text, 2, 23, &parts->tm_hour) && take(text, RB_STR(":")) &&
           take_number(text, 2, 59, &parts->tm_min) && take(text, RB_STR(":")) &&
           take_number(text, 2, 60, &parts->tm_sec);
}

/* ".1234567": milliseconds are kept, the rest is cut. No fraction is 0. */
static bool take_fraction(rb_str *text, int *out_ms)
{
    int ms = 0;
    size_t digits = 0;

    *out_ms = 0;
    if (!take(text, RB_STR(".")))
        return true;
    for (int digit = 0; take_number(text, 1, 9, &digit); digits++)
        if (digits < 3)
            ms = ms * 10 + digit;
    for (size_t i = digits; i < 3; i++)
        ms *= 10;
    *out_ms = ms;
    return digits >= 1 && digits <= 9;
}

/* "Z" or "+hh:mm", in seconds east of UTC. */
static bool take_offset(rb_str *text, int *out_offset_s)
{
    int hours = 0;
    int minutes = 0;

    *out_offset_s = 0;
    if (take(text, RB_STR("Z")))
        return true;
    int sign = take(text, RB_STR("-")) ? -1 : 1;
    if (sign > 0 && !take(text, RB_STR("+")))
        return false;
    if (!take_number(text, 2, 23, &hours) || !take(text, RB_STR(":")) || !take_number(text, 2, 59, &minutes))
        return false;
    *out_offset_s = sign * (hours * 60 + minutes) * 60;
    return true;
}

/* Seconds since 1970; false for days that do not exist, which timegm would move into the next month. */
static bool join(struct tm parts, int64_t *out_s)
{
    struct tm day = {.tm_year = parts.tm_year, .tm_mon = parts.tm_mon, .tm_mday = parts.tm_mday};

    (void)timegm(&day);
    if (day.tm_mday != parts.tm_mday)
        return false;
    *out_s = (int64_t)timegm(&parts);
    return true;
}

rb_err rb_time_parse_iso(rb_str text, int64_t *out_utc_ms)
{
    struct tm parts = {0};
    int year = 0;
    int month = 0;
    int ms = 0;
    int offset_s = 0;
    int64_t seconds = 0;

    bool ok = take_number(&text, 4, 9999, &year) && take(&text, RB_STR("-")) && take_number(&text, 2, 12, &month) &&
              take(&text, RB_STR("-")) && take_number(&text, 2, 31, &parts.tm_mday) && take(&text, RB_STR("T")) &&
              take_hms(&text, &parts) && take_fraction(&text, &ms) && take_offset(&text, &offset_s);
    if (!ok || text.len > 0 || year < 1 || month < 1 || parts.tm_mday < 1)
        return RB_E_SYNTAX;
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    if (!join(parts, &seconds))
        return RB_E_SYNTAX;
    *out_utc_ms = (seconds - offset_s) * 1000 + ms;
    return RB_OK;
}

/* Takes one of the three-letter names; its place in the list. RFC 9110 5.6.7: names are case-sensitive. */
static bool take_name(rb_str *text, const char *names, int *out_index)
{
    for (int i = 0; names[i * 3]; i++)
        if (rb_str_starts(*text, (rb_str){names + i * 3, 3})) {
            *text = (rb_str){text->ptr + 3, text->len - 3};
            *out_index = i;
            return true;
        }
    return false;
}

rb_err rb_time_parse_http(rb_str text, int64_t *out_utc_ms)
{
    struct tm parts = {0};
    int year = 0;
    int weekday = 0;
    int64_t seconds = 0;

    text = rb_str_trim(text);
    bool ok = take_name(&text, "MonTueWedThuFriSatSun", &weekday) && take(&text, RB_STR(", ")) &&
              take_number(&text, 2, 31, &parts.tm_mday) && take(&text, RB_STR(" ")) &&
              take_name(&text, "JanFebMarAprMayJunJulAugSepOctNovDec", &parts.tm_mon) && take(&text, RB_STR(" ")) &&
              take_number(&text, 4, 9999, &year) && take(&text, RB_STR(" ")) && take_hms(&text, &parts) &&
              take(&text, RB_STR(" GMT"));
    if (!ok || text.len > 0 || year < 1 || parts.tm_mday < 1)
        return RB_E_SYNTAX;
    parts.tm_year = year - 1900;
    if (!join(parts, &seconds))
        return RB_E_SYNTAX;
    *out_utc_ms = seconds * 1000;
    return RB_OK;
}

bool rb_time_is_sentinel(int64_t utc_ms)
{
    return utc_ms < YEAR_2_MS || utc_ms >= YEAR_9999_MS;
}
