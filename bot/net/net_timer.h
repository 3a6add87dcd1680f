/* net_timer.h - timers of the network itself: they follow the machine's clock, also where a test moves the bot's.
 *
 * A peer does not answer sooner because a test says that an hour has passed. Kept by the loop beside its own. */
#ifndef NET_NET_TIMER_H
#define NET_NET_TIMER_H

#include "resetbot/loop.h"

/* As rb_loop_timer_set and rb_loop_now, on the system's clock. fire() gets the system's time. */
void rb_net_timer_set(rb_loop *loop, rb_timer *timer, int64_t boot_ms);
int64_t rb_net_boot_ms(void);

#endif
