/* graph_session.h - Microsoft Graph as the device port: token, calls, rate limits and retries, without any I/O of its own.
 *
 * Reads are tried again for a short while, inside; a RESET is handed to HTTP at most once per call, whatever happens (R2). */
#ifndef DEVICE_GRAPH_SESSION_H
#define DEVICE_GRAPH_SESSION_H

#include <stdint.h>

#include "device/entra.h"
#include "resetbot/clock.h"
#include "resetbot/device_port.h"
#include "resetbot/io.h"
#include "resetbot/random.h"

/* Below half of Microsoft's limits for one application and tenant, 200 writes and 2,000 requests in 20 s (domain/intune.md
 * 2.8): in the worst 20 s 65 writes and 920 reads. A pick list of 50 devices, read one by one, is about 200. */
#define RB_GRAPH_WRITES_PER_S 3
#define RB_GRAPH_WRITES_BURST 5
#define RB_GRAPH_READS_PER_S 40
#define RB_GRAPH_READS_BURST 120
/* Reads under way at once. */
#define RB_GRAPH_READS_MAX 16
/* Calls waiting; more are answered "later". As many as the engine has tasks. */
#define RB_GRAPH_JOBS_MAX 4096
/* A RESET that could not be handed to HTTP for this long (token, rate) never left: what was checked before it grows old. */
#define RB_GRAPH_RESET_WAIT_MS (30 * RB_SECOND_MS)
/* Whole transfers. */
#define RB_GRAPH_READ_TIMEOUT_MS (15 * RB_SECOND_MS)
#define RB_GRAPH_RESET_TIMEOUT_MS (30 * RB_SECOND_MS)
#define RB_GRAPH_TOKEN_TIMEOUT_MS (10 * RB_SECOND_MS)
/* Bytes of the reply to a POST: only errors have a body. */
#define RB_GRAPH_POST_REPLY_MAX (256 * 1024)

/* All strings and the secret are borrowed for the session's whole life. */
typedef struct {
    const char *login_url; /* scheme, host and port; likewise graph_url */
    const char *graph_url;
    const char *scope; /* NULL: graph_url and "/.default" */
    const char *tenant;
    const char *client_id;
    rb_entra_credential credential;
} rb_graph_config;

typedef struct rb_graph rb_graph;

/* io, events: copied. RB_E_CONFIG with a sentence for a configuration that cannot work; nothing is asked of the world yet. */
rb_err rb_graph_new(const rb_graph_config *config, const rb_io *io, rb_clock clock, rb_random random,
                    const rb_device_events *events, rb_graph **out_graph, rb_errbuf *errbuf) RB_MUST_CHECK;
/* Calls that wait are dropped without an answer. Not from inside on_result. NULL is fine. */
void rb_graph_free(rb_graph *graph);

/* Valid as long as the session. Out of memory for a call ends the process: the store knows what was to be done. */
rb_device_port rb_graph_port(rb_graph *graph);

/* ---- what the world tells it: on_result is called from inside these two ------------------------------------------ */

/* The reply to http_start(tag). A tag that is not (any more) ours is ignored. */
void rb_graph_http_done(rb_graph *graph, uint64_t tag, const rb_http_reply *reply, rb_now now);
/* The timer set last is due; early calls do no harm. */
void rb_graph_timer(rb_graph *graph, rb_now now);

#endif
