/* net_init.h - once per process, before any TLS or HTTP: makes both libraries wipe every byte they free.
 *
 * curl and OpenSSL keep requests, tokens and replies in buffers of their own and free them as they are. A temporary
 * passcode would stay in memory that nobody owns; so their allocators are ours, and overwrite on free. */
#ifndef NET_NET_INIT_H
#define NET_NET_INIT_H

#include "resetbot/err.h"

/* Call at the start of main, before threads. Repeated calls are fine. Also ignores SIGPIPE: a peer that hangs up is an
 * error of one write, not the end of the process. */
rb_err rb_net_init(rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
