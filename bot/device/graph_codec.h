/* graph_codec.h - Graph's replies as the vocabulary of the bot: pure, JSON in, structs out.
 *
 * Bodies are borrowed, copied into a buffer that is wiped, and scrubbed of secrets before json-c sees them (scrub.h).
 * Errors, for all: RB_E_SYNTAX for what is not JSON or does not fit its kind, RB_E_LIMIT for more or longer than limits.h
 * allows, RB_E_NOMEM. Outputs are untouched then, where not said otherwise. */
#ifndef DEVICE_GRAPH_CODEC_H
#define DEVICE_GRAPH_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resetbot/device.h"
#include "resetbot/err.h"
#include "resetbot/request.h"
#include "resetbot/str.h"

/* ---- lists ------------------------------------------------------------------------------------------------------ */

/* What every row must match, without case (Graph's filters fail open: domain/intune.md 2.3). */
typedef enum { RB_GRAPH_MATCH_UPN, RB_GRAPH_MATCH_SERIAL } rb_graph_match;

/* Devices gathered over pages. Zeroed before use; ended with fini. */
typedef struct {
    rb_device *items; /* heap */
    size_t n;
    size_t cap;
    size_t n_foreign; /* rows that did not match: dropped */
} rb_graph_rows;

void rb_graph_rows_fini(rb_graph_rows *rows);

/* Adds one page's rows: a row that is there already by its id is skipped, a foreign one counted. The page's nextLink is
 * appended to out_link. RB_E_LIMIT above RB_DEVICES_MAX rows; rows may hold part of the page after an error. */
rb_err rb_graph_read_page(rb_str body, rb_graph_match match, rb_str wanted, rb_graph_rows *rows,
                          rb_buf *out_link) RB_MUST_CHECK;

/* ---- one device ------------------------------------------------------------------------------------------------- */

/* The v1.0 entity, bare or as {"value": entity}. owners holds user_id alone; nothing of beta is known yet. id: as asked
 * for; another in the reply is RB_E_CONFLICT. */
rb_err rb_graph_read_device(rb_str body, const char *id, rb_device *out_device) RB_MUST_CHECK;

/* deviceActionResults of the v1.0 entity: the passcode entries alone, without passcodes. read_utc_ms is put in as given.
 * More than RB_ACTIONS_MAX entries: RB_E_LIMIT. Another id: RB_E_CONFLICT. */
rb_err rb_graph_read_results(rb_str body, const char *id, int64_t read_utc_ms,
                             rb_action_results *out_results) RB_MUST_CHECK;

/* What only beta knows, into the device: kind, enrollment, lost_mode, enrolled_by, is_beta_known. Another id than the
 * device's: RB_E_CONFLICT. A reply without deviceEnrollmentType is RB_E_SYNTAX: the verdict hangs on it. */
rb_err rb_graph_read_kind(rb_str body, rb_device *device) RB_MUST_CHECK;

/* ---- people ----------------------------------------------------------------------------------------------------- */

typedef struct {
    char id[RB_GUID_CAP];
    char upn[RB_UPN_CAP];
    char name[RB_NAME_CAP];
} rb_graph_user;

/* RB_E_SYNTAX for a user without id or user principal name. */
rb_err rb_graph_read_user(rb_str body, rb_graph_user *out_user) RB_MUST_CHECK;
/* The users of a device. More than RB_OWNERS_MAX, or a further page: RB_E_LIMIT. */
rb_err rb_graph_read_users(rb_str body, rb_graph_user out_users[RB_OWNERS_MAX], uint32_t *out_n) RB_MUST_CHECK;
/* Adds an Entra object id to the device's owners unless it is there; RB_E_LIMIT when there is no room. */
rb_err rb_graph_add_owner(rb_device *device, const char *entra) RB_MUST_CHECK;

/* ---- keys ------------------------------------------------------------------------------------------------------- */

/* Whether an entry of deviceActionResults is about a passcode, and its key, from the texts as sent. RB_E_LIMIT when a text
 * does not fit. */
bool rb_graph_is_passcode_entry(rb_str odata_type, rb_str action_name);
rb_err rb_graph_key_of(rb_str odata_type, rb_str action_name, rb_str started, rb_action_key *out_key) RB_MUST_CHECK;

#endif
