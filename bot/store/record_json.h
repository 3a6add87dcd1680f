/* record_json.h - requests, deliveries and outbox rows as JSON documents, for the store.
 *
 * Every field comes back exactly as it was, but for those that are not stored: a delivery's trigger_id, conn and
 * received_boot_ms, and an outbox row's id and payload (columns of their own). Failures: see json_shape.h.
 *
 * A member added to one of these structs needs its row in record_json.c. Older documents read it as zero; a new word (enum)
 * also needs a schema step that writes it into them, since a missing word is refused. */
#ifndef RB_STORE_RECORD_JSON_H
#define RB_STORE_RECORD_JSON_H

#include "resetbot/store_port.h"

/* Bytes of the longest document: control characters take six bytes each in JSON, and a delivery has 40 kB of text. */
#define RB_DOCUMENT_MAX (512 * 1024)

rb_err rb_request_to_json(const rb_request *request, rb_buf *out) RB_MUST_CHECK;
rb_err rb_request_from_json(rb_str text, rb_request *out_request, rb_errbuf *errbuf) RB_MUST_CHECK;

rb_err rb_delivery_to_json(const rb_delivery *delivery, rb_buf *out) RB_MUST_CHECK;
rb_err rb_delivery_from_json(rb_str text, rb_delivery *out_delivery, rb_errbuf *errbuf) RB_MUST_CHECK;

rb_err rb_out_to_json(const rb_out *out_row, rb_buf *out) RB_MUST_CHECK;
rb_err rb_out_from_json(rb_str text, rb_out *out_row, rb_errbuf *errbuf) RB_MUST_CHECK;

/* "throttled", as stored in the table of attempts. */
const char *rb_attempt_outcome_name(rb_attempt_outcome outcome);

#endif
