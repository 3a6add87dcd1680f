/* graph_fault.c - see graph_fault.h. */
#include "device/graph_fault.h"

#include <stdio.h>
#include <string.h>

#include "device/json.h"
#include "resetbot/catalogue.h"
#include "resetbot/str.h"

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static bool is_id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* Ids are shown to people: only letters, digits and dashes, or nothing. */
static void keep_id(char dst[RB_GRAPH_ID_CAP], rb_str text)
{
    if (text.len == 0 || text.len >= RB_GRAPH_ID_CAP || dst[0] != '\0')
        return;
    for (size_t i = 0; i < text.len; i++)
        if (!is_id_char(text.ptr[i]))
            return;
    rb_err err = rb_copy(dst, RB_GRAPH_ID_CAP, text);
    (void)err; /* measured above */
}

/* The word after a mark in a text, e.g. the GUID after "Activity ID: ". */
static void keep_id_after(char dst[RB_GRAPH_ID_CAP], rb_str text, rb_str mark)
{
    size_t at = 0;

    while (at + mark.len <= text.len && !rb_str_equal_nocase((rb_str){text.ptr + at, mark.len}, mark))
        at++;
    if (at + mark.len > text.len)
        return;
    rb_str id = {text.ptr + at + mark.len, 0};
    while (id.ptr + id.len < text.ptr + text.len && is_id_char(id.ptr[id.len]))
        id.len++;
    keep_id(dst, id);
}

/* Hints only: Microsoft says that texts may change, and the sentence then names all that it can be. */
static rb_graph_denied denied_by(rb_str message)
{
    if (rb_str_contains_nocase(message, RB_STR("licens")) || rb_str_contains_nocase(message, RB_STR("subscription")))
        return RB_GRAPH_DENIED_LICENCE;
    if (rb_str_contains_nocase(message, RB_STR("conditional access")) ||
        rb_str_contains_nocase(message, RB_STR("access policies")))
        return RB_GRAPH_DENIED_ACCESS_POLICY;
    if (rb_str_contains_nocase(message, RB_STR("scope")) || rb_str_contains_nocase(message, RB_STR("app role")) ||
        rb_str_contains_nocase(message, RB_STR("privileges")))
        return RB_GRAPH_DENIED_ROLE;
    return RB_GRAPH_DENIED_UNSAID;
}

static rb_str either(struct json_object *object, const char *first, const char *second)
{
    rb_str text = rb_djson_text(object, first);

    return text.len > 0 ? text : rb_djson_text(object, second);
}

static void read_code(rb_str code, rb_graph_fault *fault)
{
    if (rb_str_equal_nocase(code, RB_STR("ApprovalRequired")))
        fault->is_approval_required = true;
    for (size_t i = 0; i < code.len; i++)
        if (!is_id_char(code.ptr[i]))
            return;
    if (code.len == 0 || rb_copy(fault->code, sizeof fault->code, code))
        return; /* the outer level's code stays */
}

/* One level; its message is the next level's JSON, or a text. */
static rb_str read_level(struct json_object *level, rb_graph_fault *fault)
{
    rb_str message = either(level, "message", "Message");
    struct json_object *inner = rb_djson_object(level, "innerError");

    inner = inner ? inner : rb_djson_object(level, "innererror");
    read_code(either(level, "code", "ErrorCode"), fault);
    keep_id(fault->request_id, rb_djson_text(inner, "request-id"));
    keep_id(fault->client_request_id, rb_djson_text(inner, "client-request-id"));
    keep_id_after(fault->activity_id, message, RB_STR("Activity ID: "));
    keep_id_after(fault->approval_code, message, RB_STR("x-msft-approval-code: "));
    if (fault->denied == RB_GRAPH_DENIED_UNSAID)
        fault->denied = denied_by(message);
    return message;
}

static void read_body(rb_str body, rb_graph_fault *fault)
{
    struct json_object *roots[RB_GRAPH_FAULT_LEVELS] = {0};
    size_t n = 0;

    while (n < RB_GRAPH_FAULT_LEVELS && !rb_djson_parse_body(body, &roots[n])) {
        struct json_object *error = rb_djson_object(roots[n], "error");
        body = read_level(error ? error : roots[n], fault);
        n++;
    }
    while (n > 0)
        rb_djson_free(roots[--n]);
}

void rb_graph_fault_read(const rb_http_reply *reply, rb_graph_fault *out_fault)
{
    *out_fault = (rb_graph_fault){0};
    keep_id(out_fault->request_id, rb_str_of(reply->request_id));
    keep_id(out_fault->client_request_id, rb_str_of(reply->client_request_id));
    keep_id(out_fault->approval_code, rb_str_of(reply->approval_code));
    out_fault->is_approval_required = reply->approval_code[0] != '\0';
    read_body(reply->body, out_fault);
}

/* ---- telling ---------------------------------------------------------------------------------------------------- */

static const char *tell_denied(rb_graph_call call, const rb_graph_fault *fault)
{
    switch (fault->denied) {
    case RB_GRAPH_DENIED_LICENCE:
        return RB_T(
            "Microsoft Graph refused: the tenant has no active Intune licence for this. An Intune administrator "
            "must look");
    case RB_GRAPH_DENIED_ACCESS_POLICY:
        return RB_T("Microsoft Graph refused: a Conditional Access policy stops the bot's application. An Entra "
                    "administrator must look");
    case RB_GRAPH_DENIED_ROLE:
    case RB_GRAPH_DENIED_UNSAID: break;
    }
    switch (call) {
    case RB_GRAPH_RESET:
        return RB_T("Microsoft Graph refused: the bot's application lacks "
                    "DeviceManagementManagedDevices.PrivilegedOperations.All, "
                    "or the tenant an Intune licence. An administrator must grant it");
    case RB_GRAPH_USER:
    case RB_GRAPH_PEOPLE:
        return RB_T(
            "Microsoft Graph refused: the bot's application lacks User.Read.All. An administrator must grant it");
    case RB_GRAPH_LIST_BY_USER:
    case RB_GRAPH_LIST_BY_SERIAL:
    case RB_GRAPH_DEVICE:
    case RB_GRAPH_RESULTS:
    case RB_GRAPH_DEVICE_USERS:
    case RB_GRAPH_KIND:
    case RB_GRAPH_CALLS: break;
    }
    return RB_T("Microsoft Graph refused: the bot's application lacks DeviceManagementManagedDevices.Read.All, or the "
                "tenant an "
                "Intune licence. An administrator must grant it");
}

static const char *tell_conflict(int status)
{
    if (status == 423)
        return RB_T("Intune refused: the device is locked by another action. Look at it in the Intune admin center");
    return RB_T("Intune refused: the device is not in a state that allows this. Look at it in the Intune admin center");
}

static const char *tell_status(rb_graph_call call, int status, const rb_graph_fault *fault)
{
    if (status >= 500)
        return RB_T("Microsoft Graph failed");
    if (status >= 300 && status < 400)
        return RB_T(
            "Microsoft Graph answered with a redirect, which the bot never follows. An administrator must check "
            "intune.graph_url and the proxy");
    switch (status) {
    case 400:
        return call == RB_GRAPH_RESET
                   ? RB_T("Intune refused: most often this kind of device does not support the action")
                   : RB_T("Microsoft Graph did not understand the bot's question");
    case 401: return RB_T("Microsoft Graph did not accept the bot's token");
    case 403: return tell_denied(call, fault);
    case 404:
    case 410:
        return call == RB_GRAPH_USER ? RB_T("Entra knows no such user")
                                     : RB_T("Intune does not know this device any more. Look it up again");
    case 409:
    case 412:
    case 423: return tell_conflict(status);
    case 429: return RB_T("Microsoft Graph asks the bot to slow down");
    default: return RB_T("Microsoft Graph gave an answer that the bot does not expect");
    }
}

static void append_id(char out_detail[RB_DETAIL_CAP], const char *name, const char *id)
{
    size_t len = strlen(out_detail);

    if (id[0] != '\0' && len < RB_DETAIL_CAP - 1)
        (void)snprintf(out_detail + len, RB_DETAIL_CAP - len, ", %s %s", name, id);
}

void rb_graph_fault_tell(rb_graph_call call, int status, const rb_graph_fault *fault, char out_detail[RB_DETAIL_CAP])
{
    const char *sentence =
        fault->is_approval_required && (status == 403 || status == 409 || status == 412)
            ? RB_T("Intune's own multi admin approval asks for an approval of its own, which only an Intune "
                   "administrator can give")
            : tell_status(call, status, fault);

    (void)snprintf(out_detail, RB_DETAIL_CAP, "%s (status %d", sentence, status);
    append_id(out_detail, "approval code", fault->is_approval_required ? fault->approval_code : "");
    append_id(out_detail, "request-id", fault->request_id);
    append_id(out_detail, "client-request-id", fault->client_request_id);
    append_id(out_detail, "Activity ID", fault->activity_id);
    size_t len = strlen(out_detail);
    if (len < RB_DETAIL_CAP - 1)
        rb_copy_fit(out_detail + len, RB_DETAIL_CAP - len, ")");
}
