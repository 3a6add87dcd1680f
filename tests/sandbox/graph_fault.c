#include "graph_fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WINDOW_MS 20000 /* intune.md 2.8 */
#define NAME_CAP 96
#define SLOW_DEFAULT_MS 1000
#define HUGE_LEN (3U * 1024 * 1024) /* above any limit a careful client has */

typedef struct {
    const char *kind;
    void (*answer)(graph_call *call, json_object *value);
} fault;

/* ---- plain statuses ---- */

static const char opaque[] = "An error has occurred";

static void answer_400(graph_call *call, json_object *value)
{
    (void)value;
    graph_error_intune(call, 400, "BadRequest", opaque);
}

static void answer_401(graph_call *call, json_object *value)
{
    (void)value;
    graph_call_header(call, "WWW-Authenticate", "Bearer realm=\"\", error=\"invalid_token\"");
    graph_error(call, 401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.");
}

/* Continuous access evaluation: the token was revoked and a new one must carry these claims. */
static void answer_401_claims(graph_call *call, json_object *value)
{
    (void)value;
    graph_call_header(call, "WWW-Authenticate",
                      "Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"");
    graph_error(call, 401, "InvalidAuthenticationToken",
                "Continuous access evaluation resulted in challenge with result: InteractionRequired.");
}

static void answer_403_role(graph_call *call, json_object *value)
{
    (void)value;
    graph_error_intune(call, 403, "Forbidden",
                       "Application is not authorized to perform this operation. Application must have one of the "
                       "following scopes: " GRAPH_ROLE_ACT);
}

static void answer_403_nested(graph_call *call, json_object *value)
{
    (void)value;
    graph_error_nested(call, 403, "Forbidden", opaque, 2);
}

static void answer_403_deep(graph_call *call, json_object *value)
{
    (void)value;
    graph_error_nested(call, 403, "Forbidden", opaque, 3);
}

static void answer_403_conditional(graph_call *call, json_object *value)
{
    (void)value;
    graph_error(call, 403, "AccessDenied", "Access has been blocked by conditional access policies.");
}

static void answer_403_licence(graph_call *call, json_object *value)
{
    (void)value;
    graph_error_intune(call, 403, "Forbidden", "The tenant has no active Intune licence.");
}

static void answer_404(graph_call *call, json_object *value)
{
    (void)value;
    graph_error_intune(call, 404, "ResourceNotFound", opaque);
}

static void answer_409(graph_call *call, json_object *value)
{
    (void)value;
    graph_error_intune(call, 409, "Conflict", "Another operation is in progress for this device.");
}

static void answer_412(graph_call *call, json_object *value)
{
    (void)value;
    graph_error_intune(call, 412, "PreconditionFailed", "The precondition given in the request is not met.");
}

static void answer_423(graph_call *call, json_object *value)
{
    (void)value;
    graph_error_intune(call, 423, "Locked", "The resource is locked.");
}

/* Tenant approval: documented as 403, reported as 409 and 412 too (intune.md 4.1). */
static void answer_approval(graph_call *call, int status)
{
    char code[GRAPH_GUID_CAP];
    char *seed = graph_text_format("approval %u", ++graph_tenant()->approval_count);
    graph_text_guid_of(seed, code);
    free(seed);
    char *message = graph_text_format("Approval Required. The request ID is in the x-msft-approval-code response "
                                      "header. x-msft-approval-code: %s",
                                      code);
    graph_call_header(call, "x-msft-approval-code", code);
    graph_error(call, status, "ApprovalRequired", message);
    free(message);
}

static void answer_403_approval(graph_call *call, json_object *value)
{
    (void)value;
    answer_approval(call, 403);
}

static void answer_409_approval(graph_call *call, json_object *value)
{
    (void)value;
    answer_approval(call, 409);
}

static void answer_412_approval(graph_call *call, json_object *value)
{
    (void)value;
    answer_approval(call, 412);
}

static void answer_423_approval(graph_call *call, json_object *value)
{
    (void)value;
    answer_approval(call, 423);
}

/* ---- throttling and servers in trouble ---- */

/* A number of seconds or a text (an HTTP date) as value; without one there is no header, as some resources do. */
static void retry_after(graph_call *call, json_object *value)
{
    if (value == NULL)
        return;
    if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_string))
        graph_call_header(call, "Retry-After", json_object_get_string(value));
}

static void answer_429(graph_call *call, json_object *value)
{
    retry_after(call, value);
    graph_error(call, 429, "TooManyRequests", "Too many requests. Retry after some time.");
}

static void answer_500(graph_call *call, json_object *value)
{
    (void)value;
    graph_error_intune(call, 500, "InternalServerError", opaque);
}

static void answer_502(graph_call *call, json_object *value)
{
    (void)value;
    /* a gateway in between speaks no JSON */
    sb_reply_text(call->reply, 502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>");
}

static void answer_503(graph_call *call, json_object *value)
{
    retry_after(call, value);
    graph_error(call, 503, "ServiceUnavailable", "The service is temporarily unavailable.");
}

static void answer_504(graph_call *call, json_object *value)
{
    (void)value;
    graph_error(call, 504, "GatewayTimeout", "The gateway did not get an answer in time.");
}

/* ---- connections and bodies ---- */

static void answer_close(graph_call *call, json_object *value)
{
    (void)value;
    call->reply->how = SB_REPLY_CLOSE;
}

static void answer_rst(graph_call *call, json_object *value)
{
    (void)value;
    call->reply->how = SB_REPLY_RESET;
}

static void answer_hang(graph_call *call, json_object *value)
{
    (void)value;
    call->reply->how = SB_REPLY_HANG;
}

static void answer_garbage(graph_call *call, json_object *value)
{
    const char *body = value == NULL ? "{\"id\": \"d0000001-" : json_object_get_string(value);
    sb_reply_text(call->reply, 200, "application/json", body);
}

static void answer_empty(graph_call *call, json_object *value)
{
    (void)value;
    sb_reply_json(call->reply, 200, json_object_new_object());
}

static void answer_huge(graph_call *call, json_object *value)
{
    (void)value;
    char *padding = malloc(HUGE_LEN + 1);
    if (padding == NULL)
        abort();
    memset(padding, 'x', HUGE_LEN);
    padding[HUGE_LEN] = '\0';
    json_object *body = json_object_new_object();
    graph_json_set_text(body, "deviceName", padding);
    free(padding);
    sb_reply_json(call->reply, 200, body);
}

static void answer_redirect(graph_call *call, json_object *value)
{
    graph_call_header(call, "Location", value == NULL ? "https://elsewhere.invalid/" : json_object_get_string(value));
    sb_reply_text(call->reply, 307, "text/plain", "");
}

static const fault faults[] = {{"400", answer_400},
                               {"401", answer_401},
                               {"401_claims", answer_401_claims},
                               {"403_role", answer_403_role},
                               {"403_nested", answer_403_nested},
                               {"403_deep", answer_403_deep},
                               {"403_conditional", answer_403_conditional},
                               {"403_licence", answer_403_licence},
                               {"403_approval", answer_403_approval},
                               {"404", answer_404},
                               {"409", answer_409},
                               {"409_approval", answer_409_approval},
                               {"412", answer_412},
                               {"412_approval", answer_412_approval},
                               {"423", answer_423},
                               {"423_approval", answer_423_approval},
                               {"429", answer_429},
                               {"500", answer_500},
                               {"502", answer_502},
                               {"503", answer_503},
                               {"504", answer_504},
                               {"close", answer_close},
                               {"rst", answer_rst},
                               {"hang", answer_hang},
                               {"garbage", answer_garbage},
                               {"empty", answer_empty},
                               {"huge", answer_huge},
                               {"redirect", answer_redirect}};

const char *graph_fault_kind(size_t i)
{
    return i < COUNT(faults) ? faults[i].kind : NULL;
}

/* ---- asking ---- */

bool graph_fault_taken(const graph_call *call, const char *operation, const char *kind, json_object **out_value)
{
    char name[NAME_CAP];
    (void)snprintf(name, sizeof name, "graph.%s.%s", operation, kind);
    *out_value = NULL;
    return sb_fault_in(name, call->request->path, out_value);
}

bool graph_fault_answer(graph_call *call, const char *operation, const char *suffix, char out_kind[48])
{
    for (size_t i = 0; i < COUNT(faults); i++) {
        char kind[48];
        json_object *value = NULL;
        (void)snprintf(kind, sizeof kind, "%s%s", faults[i].kind, suffix);
        if (!graph_fault_taken(call, operation, kind, &value))
            continue;
        memcpy(out_kind, kind, sizeof kind);
        faults[i].answer(call, value);
        return true;
    }
    return false;
}

bool graph_fault_outage(graph_call *call)
{
    json_object *value = NULL;
    if (sb_fault_in("graph.slow", call->request->path, &value))
        call->reply->delay_ms = value == NULL ? SLOW_DEFAULT_MS : json_object_get_int64(value);
    value = NULL;
    if (!sb_fault_in("graph.down", call->request->path, &value))
        return false;
    answer_503(call, value);
    return true;
}

bool graph_fault_within_limits(graph_call *call)
{
    graph_tenant_state *tenant = graph_tenant();
    int64_t now_ms = sb_now_ms();
    if (now_ms - tenant->window_start_ms >= WINDOW_MS || now_ms < tenant->window_start_ms) {
        tenant->window_start_ms = now_ms;
        tenant->window_calls = 0;
        tenant->window_writes = 0;
    }
    tenant->window_calls++;
    tenant->window_writes += strcmp(call->request->method, "GET") != 0;
    bool is_within = tenant->window_calls <= sb_setting("graph_any_limit", 2000) &&
                     tenant->window_writes <= sb_setting("graph_write_limit", 200);
    if (is_within)
        return true;
    json_object *left_s = json_object_new_int64((WINDOW_MS - (now_ms - tenant->window_start_ms) + 999) / 1000);
    answer_429(call, left_s);
    json_object_put(left_s);
    return false;
}
