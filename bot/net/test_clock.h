/* test_clock.h - the clock of the test programs: the machine's, moved by an offset that a sandbox tells.
 *
 * GET URL?offset_not=N&wait_ms=M is answered once the sandbox's offset is no longer N, or after M ms, with
 * {"utc_ms":..,"offset_ms":..}. Only the test program makes one; the bot itself has no way to move its clock. */
#ifndef NET_TEST_CLOCK_H
#define NET_TEST_CLOCK_H

#include "net/http.h"
#include "resetbot/clock.h"
#include "resetbot/loop.h"

typedef struct rb_test_clock rb_test_clock;

/* Offset 0, still: for rb_loop_new. NULL: out of memory. */
rb_test_clock *rb_test_clock_new(void);
/* After rb_http_free, before or after rb_loop_free. NULL is fine. */
void rb_test_clock_free(rb_test_clock *clock);
rb_clock rb_test_clock_port(rb_test_clock *clock);

/* Asks url for ever. on_first(arg) is called once, with the first answer: nothing else may start before. Every change
 * fires the loop's due timers. A sandbox that does not answer is asked again after RB_TEST_CLOCK_RETRY_MS. */
#define RB_TEST_CLOCK_RETRY_MS 200
void rb_test_clock_follow(rb_test_clock *clock, rb_loop *loop, rb_http *http, const char *url,
                          void (*on_first)(void *arg), void *arg);

/* The number behind "offset_ms" in a flat JSON object. */
rb_err rb_test_clock_parse(rb_str body, int64_t *out_offset_ms) RB_MUST_CHECK;

#endif
