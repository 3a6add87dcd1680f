#include "net/test_clock.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/net_timer.h"
#include "resetbot/log.h"

#define WAIT_MS 10000 /* the sandbox holds a question for this long */
#define TIMEOUT_MS (3 * WAIT_MS)
#define REPLY_MAX 512
#define QUESTION_CAP 1024
#define OFFSET_MAX_MS (400 * RB_DAY_MS) /* no test looks further ahead */

struct rb_test_clock {
    int64_t offset_ms;
    rb_loop *loop;
    rb_http *http;
    char *url;
    bool has_answer;
    void (*on_first)(void *arg);
    void *arg;
    rb_timer retry;
    uint64_t tag;
};

static rb_now moved_now(void *self)
{
    const rb_test_clock *clock = self;
    rb_clock system = rb_clock_system();
    rb_now now = system.now(system.self);
    return (rb_now){.utc_ms = now.utc_ms + clock->offset_ms, .boot_ms = now.boot_ms + clock->offset_ms};
}

rb_clock rb_test_clock_port(rb_test_clock *clock)
{
    return (rb_clock){.self = clock, .now = moved_now};
}

rb_test_clock *rb_test_clock_new(void)
{
    return calloc(1, sizeof(rb_test_clock));
}

void rb_test_clock_free(rb_test_clock *clock)
{
    if (clock == NULL)
        return;
    /* The loop reads this clock and so ends before it, with all its timers unset. */
    if (clock->retry.slot != 0)
        rb_net_timer_set(clock->loop, &clock->retry, INT64_MAX);
    free(clock->url);
    free(clock);
}

rb_err rb_test_clock_parse(rb_str body, int64_t *out_offset_ms)
{
    static const char key[] = "\"offset_ms\"";
    const char *at = body.len == 0 ? NULL : memmem(body.ptr, body.len, key, sizeof key - 1);
    if (at == NULL)
        return RB_E_SYNTAX;
    at += sizeof key - 1;
    rb_str rest = rb_str_trim((rb_str){at, body.len - (size_t)(at - body.ptr)});
    if (rest.len == 0 || rest.ptr[0] != ':')
        return RB_E_SYNTAX;
    rest = rb_str_trim((rb_str){rest.ptr + 1, rest.len - 1});
    bool is_negative = rest.len > 0 && rest.ptr[0] == '-';
    rb_str digits = {rest.ptr + is_negative, 0};
    while (digits.len + is_negative < rest.len && digits.ptr[digits.len] >= '0' && digits.ptr[digits.len] <= '9')
        digits.len++;
    unsigned long long value;
    rb_err err = rb_str_to_uint(digits, (unsigned long long)OFFSET_MAX_MS, &value);
    if (err != RB_OK)
        return err;
    *out_offset_ms = is_negative ? -(int64_t)value : (int64_t)value;
    return RB_OK;
}

static void ask(rb_test_clock *clock);

static void on_retry(rb_timer *timer, rb_now now)
{
    (void)now;
    ask(timer->owner);
}

static void take_offset(rb_test_clock *clock, int64_t offset_ms)
{
    if (offset_ms != clock->offset_ms) {
        clock->offset_ms = offset_ms;
        rb_log(RB_LOG_INFO, "event=test_clock_moved offset_ms=%" PRId64, offset_ms);
        rb_loop_clock_changed(clock->loop);
    }
    if (!clock->has_answer) {
        clock->has_answer = true;
        clock->on_first(clock->arg);
    }
}

static void on_answer(void *arg, uint64_t tag, const rb_http_reply *reply)
{
    rb_test_clock *clock = arg;
    int64_t offset_ms;
    (void)tag;
    if (reply->err != RB_OK || reply->status != 200 || rb_test_clock_parse(reply->body, &offset_ms) != RB_OK) {
        rb_log(RB_LOG_WARN, "event=test_clock_unanswered status=%d error=\"%s\"", reply->status, reply->error);
        rb_net_timer_set(clock->loop, &clock->retry, rb_net_boot_ms() + RB_TEST_CLOCK_RETRY_MS);
        return;
    }
    take_offset(clock, offset_ms);
    ask(clock);
}

/* The first question is answered at once; the later ones when there is something new. */
static void ask(rb_test_clock *clock)
{
    char question[QUESTION_CAP];
    int len = clock->has_answer ? snprintf(question, sizeof question, "%s?offset_not=%" PRId64 "&wait_ms=%d",
                                           clock->url, clock->offset_ms, WAIT_MS)
                                : snprintf(question, sizeof question, "%s", clock->url);
    if (len < 0 || (size_t)len >= sizeof question)
        question[0] = '\0'; /* told by the reply */
    rb_http_request request = {.method = "GET", .url = question, .timeout_ms = TIMEOUT_MS, .reply_max = REPLY_MAX};
    rb_http_start(clock->http, ++clock->tag, &request, on_answer, clock);
}

void rb_test_clock_follow(rb_test_clock *clock, rb_loop *loop, rb_http *http, const char *url,
                          void (*on_first)(void *arg), void *arg)
{
    clock->loop = loop;
    clock->http = http;
    clock->url = strdup(url);
    if (clock->url == NULL)
        abort();
    clock->on_first = on_first;
    clock->arg = arg;
    clock->retry = (rb_timer){.fire = on_retry, .owner = clock};
    ask(clock);
}
