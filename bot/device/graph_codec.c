/* graph_codec.c - see graph_codec.h. */
#include "device/graph_codec.h"

#include <stdlib.h>

#include "device/graph_calls.h"
#include "device/json.h"
#include "resetbot/clock.h"
#include "resetbot/limits.h"
#include "resetbot/text.h"

/* ---- fields ----------------------------------------------------------------------------------------------------- */

/* What a refused value means to the caller: a text that does not fit is as unusable as one that is no text. */
static rb_err first_of(const rb_err *errs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (errs[i])
            return errs[i];
    return RB_OK;
}

/* 0 for absent, unreadable and sentinel dates alike. */
static int64_t time_or_zero(struct json_object *object, const char *name)
{
    int64_t utc_ms = 0;

    if (rb_time_parse_iso(rb_djson_text(object, name), &utc_ms) || rb_time_is_sentinel(utc_ms))
        return 0;
    return utc_ms;
}

static rb_err read_entity(struct json_object *entity, rb_device *out_device)
{
    rb_device device = {0};
    const rb_err errs[] = {
        rb_djson_guid(entity, "id", device.id, sizeof device.id),
        rb_djson_copy(entity, "serialNumber", device.serial, sizeof device.serial),
        rb_djson_guid(entity, "userId", device.user_id, sizeof device.user_id),
        rb_djson_copy(entity, "userPrincipalName", device.upn, sizeof device.upn),
        rb_djson_copy(entity, "operatingSystem", device.os, sizeof device.os),
        rb_djson_copy(entity, "osVersion", device.os_version, sizeof device.os_version),
        rb_djson_copy(entity, "managedDeviceOwnerType", device.ownership, sizeof device.ownership),
        rb_djson_copy(entity, "managementState", device.management_state, sizeof device.management_state),
        rb_djson_copy(entity, "complianceState", device.compliance, sizeof device.compliance),
        rb_djson_copy(entity, "partnerReportedThreatState", device.threat, sizeof device.threat),
        rb_djson_copy(entity, "enrolledDateTime", device.enrolled_at, sizeof device.enrolled_at),
    };
    rb_err err = first_of(errs, sizeof errs / sizeof *errs);
    if (err)
        return err;
    if (device.id[0] == '\0')
        return RB_E_SYNTAX;
    rb_djson_clip(entity, "deviceName", device.name, sizeof device.name);
    rb_djson_clip(entity, "model", device.model, sizeof device.model);
    rb_djson_clip(entity, "manufacturer", device.manufacturer, sizeof device.manufacturer);
    rb_djson_clip(entity, "userDisplayName", device.user_name, sizeof device.user_name);
    rb_djson_clip(entity, "enrollmentProfileName", device.enrollment_profile, sizeof device.enrollment_profile);
    device.last_sync_utc_ms = time_or_zero(entity, "lastSyncDateTime");
    if (device.user_id[0] != '\0' && (err = rb_graph_add_owner(&device, device.user_id)) != RB_OK)
        return err;
    *out_device = device;
    return RB_OK;
}

/* Microsoft's own sample of GET by id wraps the entity in "value"; the service does not (domain/intune.md 2.4). */
static struct json_object *unwrap(struct json_object *root)
{
    struct json_object *inner = rb_djson_object(root, "value");

    return inner ? inner : root;
}

static bool is_device(struct json_object *entity, const char *id)
{
    return rb_str_equal_nocase(rb_djson_text(entity, "id"), rb_str_of(id));
}

/* The entity of that id; free *out_root in any case. */
static rb_err open_entity(rb_str body, const char *id, struct json_object **out_root, struct json_object **out_entity)
{
    rb_err err = rb_djson_parse_body(body, out_root);

    if (err)
        return err;
    *out_entity = unwrap(*out_root);
    if (rb_djson_text(*out_entity, "id").len == 0)
        return RB_E_SYNTAX;
    return is_device(*out_entity, id) ? RB_OK : RB_E_CONFLICT;
}

rb_err rb_graph_read_device(rb_str body, const char *id, rb_device *out_device)
{
    struct json_object *root = NULL;
    struct json_object *entity = NULL;

    rb_err err = open_entity(body, id, &root, &entity);
    if (!err)
        err = read_entity(entity, out_device);
    rb_djson_free(root);
    return err;
}

rb_err rb_graph_read_kind(rb_str body, rb_device *device)
{
    struct json_object *root = NULL;
    struct json_object *entity = NULL;
    rb_device read = *device;

    rb_err err = open_entity(body, device->id, &root, &entity);
    if (!err) {
        const rb_err errs[] = {
            rb_djson_copy(entity, "deviceType", read.kind, sizeof read.kind),
            rb_djson_copy(entity, "deviceEnrollmentType", read.enrollment, sizeof read.enrollment),
            rb_djson_copy(entity, "lostModeState", read.lost_mode, sizeof read.lost_mode),
            rb_djson_copy(entity, "enrolledByUserPrincipalName", read.enrolled_by, sizeof read.enrolled_by),
        };
        err = first_of(errs, sizeof errs / sizeof *errs);
    }
    if (!err && read.enrollment[0] == '\0')
        err = RB_E_SYNTAX;
    if (!err) {
        read.is_beta_known = true;
        *device = read;
    }
    rb_djson_free(root);
    return err;
}

/* ---- lists ------------------------------------------------------------------------------------------------------ */

void rb_graph_rows_fini(rb_graph_rows *rows)
{
    free(rows->items);
    *rows = (rb_graph_rows){0};
}

static bool has_row(const rb_graph_rows *rows, const char *id)
{
    for (size_t i = 0; i < rows->n; i++)
        if (rb_str_equal_nocase(rb_str_of(rows->items[i].id), rb_str_of(id)))
            return true;
    return false;
}

static rb_err add_row(rb_graph_rows *rows, const rb_device *device)
{
    if (has_row(rows, device->id))
        return RB_OK;
    if (rows->n == RB_DEVICES_MAX)
        return RB_E_LIMIT;
    if (rows->n == rows->cap) {
        size_t cap = rows->cap ? rows->cap * 2 : 8;
        rb_device *items = realloc(rows->items, cap * sizeof *items);
        if (!items)
            return RB_E_NOMEM;
        rows->items = items;
        rows->cap = cap;
    }
    rows->items[rows->n++] = *device;
    return RB_OK;
}

/* The text as sent is compared, not the cleaned one: two spellings must not become the same by cleaning. */
static bool is_match(struct json_object *entity, rb_graph_match match, rb_str wanted)
{
    const char *field = match == RB_GRAPH_MATCH_UPN ? "userPrincipalName" : "serialNumber";

    return wanted.len > 0 && rb_str_equal_nocase(rb_str_trim(rb_djson_text(entity, field)), wanted);
}

static rb_err read_row(struct json_object *entity, rb_graph_match match, rb_str wanted, rb_graph_rows *rows)
{
    rb_device device;

    if (!entity)
        return RB_E_SYNTAX;
    if (!is_match(entity, match, wanted)) {
        rows->n_foreign++;
        return RB_OK;
    }
    rb_err err = read_entity(entity, &device);
    return err == RB_E_LIMIT ? RB_E_SYNTAX : err ? err : add_row(rows, &device);
}

rb_err rb_graph_read_page(rb_str body, rb_graph_match match, rb_str wanted, rb_graph_rows *rows, rb_buf *out_link)
{
    struct json_object *root = NULL;

    rb_err err = rb_djson_parse_body(body, &root);
    if (err)
        return err == RB_E_LIMIT ? RB_E_SYNTAX : err;
    struct json_object *list = rb_djson_array(root, "value");
    if (!list || !rb_djson_may_be_text(root, "@odata.nextLink"))
        err = RB_E_SYNTAX;
    for (size_t i = 0; i < rb_djson_len(list) && !err; i++)
        err = read_row(rb_djson_item(list, i), match, wanted, rows);
    if (!err) {
        rb_buf_add(out_link, rb_djson_text(root, "@odata.nextLink"));
        err = out_link->err == RB_E_LIMIT ? RB_E_SYNTAX : out_link->err;
    }
    rb_djson_free(root);
    return err;
}

/* ---- action results --------------------------------------------------------------------------------------------- */

static rb_action_state state_of(rb_str word)
{
    static const char *const words[] = {[RB_ACTION_NONE] = "none",
                                        [RB_ACTION_PENDING] = "pending",
                                        [RB_ACTION_CANCELED] = "canceled",
                                        [RB_ACTION_ACTIVE] = "active",
                                        [RB_ACTION_DONE] = "done",
                                        [RB_ACTION_FAILED] = "failed",
                                        [RB_ACTION_NOT_SUPPORTED] = "notSupported"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (rb_str_equal_nocase(word, rb_str_of(words[i])))
            return (rb_action_state)i;
    return RB_ACTION_OTHER;
}

static rb_str without_hash(rb_str type)
{
    return rb_str_starts(type, RB_STR("#")) ? (rb_str){type.ptr + 1, type.len - 1} : type;
}

static bool is_reset_type(rb_str type)
{
    const rb_str end = RB_STR("resetPasscodeActionResult");

    return type.len >= end.len && rb_str_equal_nocase((rb_str){type.ptr + type.len - end.len, end.len}, end);
}

bool rb_graph_is_passcode_entry(rb_str odata_type, rb_str action_name)
{
    return is_reset_type(odata_type) || rb_str_contains_nocase(action_name, RB_STR("passcode"));
}

rb_err rb_graph_key_of(rb_str odata_type, rb_str action_name, rb_str started, rb_action_key *out_key)
{
    rb_action_key key = {0};

    if (rb_text_clean_copy(key.type, sizeof key.type, action_name) ||
        rb_text_clean_copy(key.started, sizeof key.started, started))
        return RB_E_LIMIT;
    /* the name first: an entry may get its type only once it is final, and its key must not change on the way */
    if (key.type[0] == '\0' && rb_text_clean_copy(key.type, sizeof key.type, without_hash(odata_type)))
        return RB_E_LIMIT;
    *out_key = key;
    return RB_OK;
}

static rb_err read_result(struct json_object *entry, rb_action_result *out_result)
{
    rb_action_result result = {0};
    rb_action_key key = {0};

    if (!rb_djson_may_be_text(entry, "startDateTime") || !rb_djson_may_be_text(entry, "actionState"))
        return RB_E_SYNTAX;
    rb_err err = rb_graph_key_of(rb_djson_text(entry, "@odata.type"), rb_djson_text(entry, "actionName"),
                                 rb_djson_text(entry, "startDateTime"), &key);
    if (err)
        return err;
    rb_copy_fit(result.type, sizeof result.type, key.type);
    rb_copy_fit(result.started, sizeof result.started, key.started);
    result.started_utc_ms = time_or_zero(entry, "startDateTime");
    result.state = state_of(rb_djson_text(entry, "actionState"));
    int64_t code = rb_djson_int(entry, "errorCode", 0);
    result.error_code = code > INT32_MAX ? INT32_MAX : code < INT32_MIN ? INT32_MIN : (int32_t)code;
    result.has_code = rb_djson_has_content(entry, "passcode");
    *out_result = result;
    return RB_OK;
}

static bool is_about_passcodes(struct json_object *entry)
{
    return rb_graph_is_passcode_entry(rb_djson_text(entry, "@odata.type"), rb_djson_text(entry, "actionName"));
}

static rb_err add_results(struct json_object *list, rb_action_results *results)
{
    rb_err err = RB_OK;

    for (size_t i = 0; i < rb_djson_len(list) && !err; i++) {
        struct json_object *entry = rb_djson_item(list, i);
        if (entry && !is_about_passcodes(entry))
            continue;
        if (results->n == RB_ACTIONS_MAX)
            return RB_E_LIMIT;
        err = entry ? read_result(entry, &results->items[results->n++]) : RB_E_SYNTAX;
    }
    return err;
}

rb_err rb_graph_read_results(rb_str body, const char *id, int64_t read_utc_ms, rb_action_results *out_results)
{
    struct json_object *root = NULL;
    struct json_object *entity = NULL;
    rb_action_results results = {.read_utc_ms = read_utc_ms};

    rb_err err = open_entity(body, id, &root, &entity);
    if (!err) {
        struct json_object *list = rb_djson_array(entity, "deviceActionResults");
        /* asked for by name: a reply without the list cannot show that there was no reset */
        bool is_answered = list || rb_djson_is_null(entity, "deviceActionResults");
        err = is_answered ? add_results(list, &results) : RB_E_SYNTAX;
    }
    if (!err)
        *out_results = results;
    rb_djson_free(root);
    return err;
}

/* ---- people ----------------------------------------------------------------------------------------------------- */

static rb_err read_user(struct json_object *entity, rb_graph_user *out_user)
{
    rb_graph_user user = {0};
    const rb_err errs[] = {
        rb_djson_guid(entity, "id", user.id, sizeof user.id),
        rb_djson_copy(entity, "userPrincipalName", user.upn, sizeof user.upn),
    };

    rb_err err = first_of(errs, sizeof errs / sizeof *errs);
    if (err)
        return err;
    if (user.id[0] == '\0' || user.upn[0] == '\0')
        return RB_E_SYNTAX;
    rb_djson_clip(entity, "displayName", user.name, sizeof user.name);
    *out_user = user;
    return RB_OK;
}

rb_err rb_graph_read_user(rb_str body, rb_graph_user *out_user)
{
    struct json_object *root = NULL;

    rb_err err = rb_djson_parse_body(body, &root);
    if (!err)
        err = read_user(unwrap(root), out_user);
    rb_djson_free(root);
    return err;
}

rb_err rb_graph_read_users(rb_str body, rb_graph_user out_users[RB_OWNERS_MAX], uint32_t *out_n)
{
    struct json_object *root = NULL;
    uint32_t n = 0;

    rb_err err = rb_djson_parse_body(body, &root);
    struct json_object *list = err ? NULL : rb_djson_array(root, "value");
    if (!err && !list)
        err = RB_E_SYNTAX;
    if (!err && (rb_djson_len(list) > RB_OWNERS_MAX || rb_djson_has(root, "@odata.nextLink")))
        err = RB_E_LIMIT;
    for (size_t i = 0; i < rb_djson_len(list) && !err; i++)
        err = read_user(rb_djson_item(list, i), &out_users[n++]);
    if (!err)
        *out_n = n;
    rb_djson_free(root);
    return err;
}

rb_err rb_graph_add_owner(rb_device *device, const char *entra)
{
    if (rb_device_is_owned_by(device, entra))
        return RB_OK;
    if (device->n_owners == RB_OWNERS_MAX)
        return RB_E_LIMIT;
    rb_copy_fit(device->owners[device->n_owners++], RB_GUID_CAP, entra);
    return RB_OK;
}
