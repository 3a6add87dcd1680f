/* record_json.c - see record_json.h: one table a struct, one list of words an enum. */
#include "record_json.h"

#include <stddef.h>

#include "json_shape.h"

/* ---- words ------------------------------------------------------------------------------------------------------ */

/* The words of an enum, in its order. */
#define WORDS(name, count, ...)                                                                                        \
    static const char *name##_word(unsigned value)                                                                     \
    {                                                                                                                  \
        static const char *const words[] = {__VA_ARGS__};                                                              \
        _Static_assert(sizeof words / sizeof *words == (count), "one word a value of " #name);                         \
        return words[value];                                                                                           \
    }                                                                                                                  \
    static const rb_shape_words name##_words = {name##_word, (count)}

WORDS(verified, RB_VERIFIED_IN_PERSON + 1, "unanswered", "called_back", "video", "in_person");
WORDS(holds, RB_HOLDS_UNKNOWN + 1, "unanswered", "yes", "no", "unknown");
WORDS(lock, RB_LOCK_PHONE + 1, "unanswered", "work_profile", "phone");
WORDS(owner_told, RB_OWNER_NOT_TOLD + 1, "nobody", "to_tell", "told", "not_told");
WORDS(outcome, RB_ATTEMPT_UNCLEAR + 1, "open", "accepted", "unauthorised", "throttled", "never_left", "refused",
      "unclear");
WORDS(role, RB_ROLES, "helpdesk", "approver", "audit", "admin");
WORDS(verdict, RB_SUPPORT_YES + 1, "no", "maybe", "yes");
WORDS(scope, RB_SCOPE_WORK_PROFILE + 1, "device", "work_profile");
WORDS(action, RB_WORD_PIN + 1, "remove", "reset", "pin");
WORDS(why, RB_WHY_LOST_MODE + 1, "apple", "apple_personal", "apple_user_enrollment", "shared_ipad", "tv", "mac",
      "linux", "chrome_os", "dedicated", "aosp", "fully_managed", "corporate_work_profile", "personal_work_profile",
      "work_profile_too_old", "device_admin_old", "device_admin_new", "android_unknown", "windows_mobile", "windows_pc",
      "unknown_platform", "kind_unread", "being_removed", "lost_mode");
WORDS(delivery_kind, RB_DELIVERY_SHORTCUT + 1, "command", "click", "form", "shortcut");
WORDS(out_kind, RB_OUT_DELETE + 1, "card", "line", "direct", "answer", "delete");

static const char *state_word(unsigned value)
{
    return rb_state_name((rb_state)value);
}

static const char *note_word(unsigned value)
{
    return rb_note_name((rb_note)value);
}

static const rb_shape_words state_words = {state_word, RB_STATES};
static const rb_shape_words note_words = {note_word, RB_NOTES};

const char *rb_attempt_outcome_name(rb_attempt_outcome outcome)
{
    return outcome_word((unsigned)outcome);
}

/* ---- fields ----------------------------------------------------------------------------------------------------- */

#define SIZE(type, member) sizeof(((type *)0)->member)
#define PLAIN(of_kind, type, member)                                                                                   \
    {                                                                                                                  \
        .name = #member, .kind = (of_kind), .offset = offsetof(type, member), .size = SIZE(type, member)               \
    }
#define TEXT(type, member) PLAIN(RB_SHAPE_TEXT, type, member)
#define BOOL(type, member) PLAIN(RB_SHAPE_BOOL, type, member)
#define U32(type, member) PLAIN(RB_SHAPE_U32, type, member)
#define I64(type, member) PLAIN(RB_SHAPE_I64, type, member)
#define U64(type, member) PLAIN(RB_SHAPE_U64, type, member)
#define WORD(type, member, by)                                                                                         \
    {                                                                                                                  \
        .name = #member, .kind = RB_SHAPE_WORD, .offset = offsetof(type, member), .size = SIZE(type, member),          \
        .words = &(by)                                                                                                 \
    }
#define SET(type, member, by)                                                                                          \
    {                                                                                                                  \
        .name = #member, .kind = RB_SHAPE_SET, .offset = offsetof(type, member), .size = SIZE(type, member),           \
        .words = &(by)                                                                                                 \
    }
#define OBJECT(type, member, by)                                                                                       \
    {                                                                                                                  \
        .name = #member, .kind = RB_SHAPE_OBJECT, .offset = offsetof(type, member), .size = SIZE(type, member),        \
        .shape = &(by)                                                                                                 \
    }
/* An array whose first `count` elements count. */
#define MANY(of_kind, type, member, count, by)                                                                         \
    {                                                                                                                  \
        .name = #member, .kind = (of_kind), .offset = offsetof(type, member), .size = SIZE(type, member[0]),           \
        .max = SIZE(type, member) / SIZE(type, member[0]), .count_offset = offsetof(type, count), .shape = (by)        \
    }
#define SHAPE(name, type, fields)                                                                                      \
    static const rb_shape name = {(fields), sizeof(fields) / sizeof *(fields), sizeof(type)}

static const rb_shape_field person_fields[] = {
    TEXT(rb_person, team),
    TEXT(rb_person, user),
};
SHAPE(person_shape, rb_person, person_fields);

static const rb_shape_field actor_fields[] = {
    OBJECT(rb_actor, person, person_shape),
    TEXT(rb_actor, name),
    TEXT(rb_actor, email),
    TEXT(rb_actor, locale),
    TEXT(rb_actor, entra),
    BOOL(rb_actor, exists),
    BOOL(rb_actor, is_deactivated),
    BOOL(rb_actor, is_bot),
    BOOL(rb_actor, is_guest),
    BOOL(rb_actor, is_outside),
    SET(rb_actor, roles, role_words),
    BOOL(rb_actor, group_unreadable),
};
SHAPE(actor_shape, rb_actor, actor_fields);

static const rb_shape_field device_fields[] = {
    TEXT(rb_device, id),
    TEXT(rb_device, serial),
    TEXT(rb_device, name),
    TEXT(rb_device, model),
    TEXT(rb_device, manufacturer),
    TEXT(rb_device, os),
    TEXT(rb_device, os_version),
    TEXT(rb_device, user_id),
    TEXT(rb_device, upn),
    TEXT(rb_device, user_name),
    TEXT(rb_device, ownership),
    TEXT(rb_device, management_state),
    TEXT(rb_device, compliance),
    TEXT(rb_device, threat),
    TEXT(rb_device, enrollment_profile),
    TEXT(rb_device, enrolled_at),
    I64(rb_device, last_sync_utc_ms),
    BOOL(rb_device, is_beta_known),
    TEXT(rb_device, enrollment),
    TEXT(rb_device, kind),
    TEXT(rb_device, lost_mode),
    TEXT(rb_device, enrolled_by),
    MANY(RB_SHAPE_TEXT, rb_device, owners, n_owners, NULL),
    BOOL(rb_device, are_owners_known),
    BOOL(rb_device, is_name_shared),
};
SHAPE(device_shape, rb_device, device_fields);

static const rb_shape_field support_fields[] = {
    WORD(rb_support, verdict, verdict_words), WORD(rb_support, why, why_words), WORD(rb_support, scope, scope_words),
    WORD(rb_support, word, action_words),     BOOL(rb_support, gives_code),
};
SHAPE(support_shape, rb_support, support_fields);

static const rb_shape_field instant_fields[] = {
    I64(rb_instant, utc_ms),
    I64(rb_instant, boot_ms),
    U64(rb_instant, boot),
};
SHAPE(instant_shape, rb_instant, instant_fields);

static const rb_shape_field decision_fields[] = {
    OBJECT(rb_decision, person, person_shape),
    TEXT(rb_decision, entra),
    TEXT(rb_decision, name),
    I64(rb_decision, at_utc_ms),
};
SHAPE(decision_shape, rb_decision, decision_fields);

static const rb_shape_field attempt_fields[] = {
    TEXT(rb_attempt, client_request_id),
    I64(rb_attempt, at_utc_ms),
    WORD(rb_attempt, outcome, outcome_words),
};
SHAPE(attempt_shape, rb_attempt, attempt_fields);

static const rb_shape_field key_fields[] = {
    TEXT(rb_action_key, type),
    TEXT(rb_action_key, started),
};
SHAPE(key_shape, rb_action_key, key_fields);

static const rb_shape_field request_fields[] = {
    TEXT(rb_request, id),
    U64(rb_request, version),
    WORD(rb_request, state, state_words),
    TEXT(rb_request, policy_version),
    OBJECT(rb_request, requester, actor_shape),
    MANY(RB_SHAPE_OBJECT, rb_request, past_requesters, n_past_requesters, &decision_shape),
    U32(rb_request, n_takes),
    OBJECT(rb_request, let_by, decision_shape),
    TEXT(rb_request, target),
    TEXT(rb_request, reason),
    TEXT(rb_request, ticket),
    TEXT(rb_request, origin_channel),
    OBJECT(rb_request, device, device_shape),
    OBJECT(rb_request, support, support_shape),
    WORD(rb_request, verified, verified_words),
    WORD(rb_request, holds, holds_words),
    WORD(rb_request, lock, lock_words),
    TEXT(rb_request, earlier),
    I64(rb_request, created_utc_ms),
    I64(rb_request, state_utc_ms),
    OBJECT(rb_request, deadline, instant_shape),
    BOOL(rb_request, is_reminded),
    U32(rb_request, approvals_needed),
    MANY(RB_SHAPE_OBJECT, rb_request, approvals, n_approvals, &decision_shape),
    OBJECT(rb_request, closer, decision_shape),
    TEXT(rb_request, closer_reason),
    MANY(RB_SHAPE_OBJECT, rb_request, snapshot, n_snapshot, &key_shape),
    I64(rb_request, snapshot_utc_ms),
    I64(rb_request, not_before_boot_ms),
    MANY(RB_SHAPE_OBJECT, rb_request, attempts, n_attempts, &attempt_shape),
    OBJECT(rb_request, sender, person_shape),
    OBJECT(rb_request, posted, instant_shape),
    OBJECT(rb_request, first_read, instant_shape),
    BOOL(rb_request, is_told_still_queued),
    OBJECT(rb_request, ours, key_shape),
    BOOL(rb_request, is_ambiguous),
    BOOL(rb_request, has_code),
    BOOL(rb_request, is_found_later),
    OBJECT(rb_request, ended, instant_shape),
    MANY(RB_SHAPE_I64, rb_request, shown_utc_ms, n_shown, NULL),
    OBJECT(rb_request, first_shown, instant_shape),
    BOOL(rb_request, is_code_reminded),
    TEXT(rb_request, detail),
    TEXT(rb_request, card_channel),
    TEXT(rb_request, card_ts),
    U32(rb_request, n_lines),
    WORD(rb_request, owner_told, owner_told_words),
    TEXT(rb_request, owner_chat_user),
    TEXT(rb_request, owner_locale),
};
SHAPE(request_shape, rb_request, request_fields);

static const rb_shape_field form_field_fields[] = {
    TEXT(rb_field, name),
    TEXT(rb_field, block),
    TEXT(rb_field, value),
};
SHAPE(form_field_shape, rb_field, form_field_fields);

/* trigger_id, conn and received_boot_ms mean nothing after a restart */
static const rb_shape_field delivery_fields[] = {
    WORD(rb_delivery, kind, delivery_kind_words),
    TEXT(rb_delivery, key),
    TEXT(rb_delivery, envelope_id),
    OBJECT(rb_delivery, who, person_shape),
    BOOL(rb_delivery, is_other_workspace),
    TEXT(rb_delivery, user_name),
    TEXT(rb_delivery, channel),
    TEXT(rb_delivery, text),
    TEXT(rb_delivery, command),
    TEXT(rb_delivery, response_url),
    TEXT(rb_delivery, action_id),
    TEXT(rb_delivery, value),
    TEXT(rb_delivery, message_ts),
    BOOL(rb_delivery, is_private_message),
    TEXT(rb_delivery, view_id),
    TEXT(rb_delivery, callback),
    TEXT(rb_delivery, private_data),
    MANY(RB_SHAPE_OBJECT, rb_delivery, fields, n_fields, &form_field_shape),
    I64(rb_delivery, received_utc_ms),
};
SHAPE(delivery_shape, rb_delivery, delivery_fields);

static const rb_shape_field out_fields[] = {
    WORD(rb_out, kind, out_kind_words),
    TEXT(rb_out, request),
    U32(rb_out, seq),
    WORD(rb_out, note, note_words),
    BOOL(rb_out, is_owner),
    BOOL(rb_out, is_asking),
    TEXT(rb_out, channel),
    TEXT(rb_out, user),
    TEXT(rb_out, ts),
    TEXT(rb_out, response_url),
    BOOL(rb_out, is_replacing),
    I64(rb_out, created_utc_ms),
    I64(rb_out, attempted_utc_ms),
    U32(rb_out, attempts),
};
SHAPE(out_shape, rb_out, out_fields);

/* ---- the contract ----------------------------------------------------------------------------------------------- */

rb_err rb_request_to_json(const rb_request *request, rb_buf *out)
{
    return rb_shape_write(&request_shape, request, out);
}

rb_err rb_request_from_json(rb_str text, rb_request *out_request, rb_errbuf *errbuf)
{
    return rb_shape_read(&request_shape, text, out_request, errbuf);
}

rb_err rb_delivery_to_json(const rb_delivery *delivery, rb_buf *out)
{
    return rb_shape_write(&delivery_shape, delivery, out);
}

rb_err rb_delivery_from_json(rb_str text, rb_delivery *out_delivery, rb_errbuf *errbuf)
{
    return rb_shape_read(&delivery_shape, text, out_delivery, errbuf);
}

rb_err rb_out_to_json(const rb_out *out_row, rb_buf *out)
{
    return rb_shape_write(&out_shape, out_row, out);
}

rb_err rb_out_from_json(rb_str text, rb_out *out_row, rb_errbuf *errbuf)
{
    return rb_shape_read(&out_shape, text, out_row, errbuf);
}
