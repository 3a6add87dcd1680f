/* loop_lws.h - the loop's inside, for the websocket client and for network deadlines; nobody else includes it. */
#ifndef NET_LOOP_LWS_H
#define NET_LOOP_LWS_H

#include <libwebsockets.h>

#include "resetbot/loop.h"

struct lws_context *rb_loop_lws_context(rb_loop *loop);

/* OpenSSL asks the first vhost of a context about every certificate, whichever vhost connects: the loop's own. It
 * passes on faults (an X509_V_ERR_ number) together with the connection's opaque user data. */
void rb_loop_lws_on_tls_fault(rb_loop *loop, void (*on_fault)(void *opaque_user_data, int x509_error));

#endif
