/* graph_api.c - /v1.0 and /beta: from a path to the part that answers it, with the headers and journal of every call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph_auth.h"
#include "graph_error.h"
#include "graph_fault.h"
#include "graph_read.h"
#include "graph_reset.h"
#include "graph_seed.h"
#include "graph_users.h"
#include "graph_view.h"
#include "graph_world.h"
#include "world.h"

#define SEGMENTS_MAX 8
#define GRAPH_CONTENT_TYPE "application/json;odata.metadata=minimal;charset=utf-8"

typedef struct {
    char *segments[SEGMENTS_MAX]; /* decoded, heap */
    size_t count;
    bool is_too_long;
} route;

/* What a call is: its name in faults and journal, the role it needs, whether resetbot may make it. */
typedef struct {
    const char *operation;
    const char *role;
    bool is_allowed;
    bool is_reset; /* POST resetPasscode */
} call_kind;

/* ---- paths ---- */

static void add_segment(route *way, const char *text, size_t len)
{
    if (way->count == SEGMENTS_MAX)
        way->is_too_long = true;
    else
        way->segments[way->count++] = graph_text_decode(text, len, false);
}

/* name('key') is the same as name/key; a quote inside the key is doubled. */
static void split_key(route *way)
{
    char *segment = way->segments[way->count - 1];
    size_t len = strlen(segment);
    char *open = strstr(segment, "('");
    if (open == NULL || len < 4 || strcmp(segment + len - 2, "')") != 0)
        return;
    segment[len - 2] = '\0';
    char *key = graph_text_copy(open + 2);
    *open = '\0';
    size_t used = 0;
    for (size_t i = 0; key[i] != '\0'; i++) {
        i += key[i] == '\'' && key[i + 1] == '\'';
        key[used++] = key[i];
    }
    key[used] = '\0';
    if (way->count == SEGMENTS_MAX) {
        way->is_too_long = true;
        free(key);
    } else {
        way->segments[way->count++] = key;
    }
}

static route route_of(const char *path)
{
    route way = {0};
    while (*path != '\0' && !way.is_too_long) {
        path += strspn(path, "/");
        size_t len = strcspn(path, "/");
        if (len == 0)
            break;
        size_t before = way.count;
        add_segment(&way, path, len);
        if (way.count > before)
            split_key(&way);
        path += len;
    }
    return way;
}

static void route_fini(route *way)
{
    for (size_t i = 0; i < way->count; i++)
        free(way->segments[i]);
}

static bool segment_is(const route *way, size_t index, const char *name)
{
    return index < way->count && strcasecmp(way->segments[index], name) == 0;
}

static bool is_devices(const route *way)
{
    return !way->is_too_long && segment_is(way, 0, "deviceManagement") && segment_is(way, 1, "managedDevices");
}

/* Both forms of an action's name: resetPasscode and microsoft.graph.resetPasscode. */
static const char *action_of(const route *way)
{
    static const char namespace[] = "microsoft.graph.";
    const char *name = way->segments[way->count - 1];
    return strncasecmp(name, namespace, sizeof namespace - 1) == 0 ? name + sizeof namespace - 1 : name;
}

static call_kind device_kind(const graph_call *call, const route *way)
{
    bool is_get = strcmp(call->request->method, "GET") == 0;
    bool is_v1 = !call->is_beta;
    if (way->count == 2)
        return (call_kind){"list", GRAPH_ROLE_READ, is_get && is_v1, false};
    if (way->count == 3)
        return (call_kind){call->is_beta ? "beta" : "get", is_get ? GRAPH_ROLE_READ : GRAPH_ROLE_ACT, is_get, false};
    if (is_get)
        return (call_kind){"owners", GRAPH_ROLE_READ, is_v1 && way->count == 4 && segment_is(way, 3, "users"), false};
    if (strcmp(call->request->method, "POST") == 0 && strcasecmp(action_of(way), "resetPasscode") == 0)
        return (call_kind){"reset", GRAPH_ROLE_ACT, is_v1, true};
    return (call_kind){"action", GRAPH_ROLE_ACT, false, false};
}

static call_kind kind_of(const graph_call *call, const route *way)
{
    bool is_get = strcmp(call->request->method, "GET") == 0;
    if (is_devices(way))
        return device_kind(call, way);
    if (segment_is(way, 0, "users") && way->count == 1)
        return (call_kind){"users", GRAPH_ROLE_USERS, is_get && !call->is_beta, false};
    if (segment_is(way, 0, "users") && way->count == 2)
        return (call_kind){"user", GRAPH_ROLE_USERS, is_get && !call->is_beta, false};
    if (segment_is(way, 0, "users") && way->count == 3 && segment_is(way, 2, "managedDevices"))
        return (call_kind){"list", GRAPH_ROLE_READ, false, false};
    return (call_kind){"unknown", NULL, false, false};
}

/* ---- answers ---- */

static void refuse_segment(graph_call *call, const route *way)
{
    char *message = graph_text_format("Resource not found for the segment '%s'.",
                                      way->count == 0 ? "" : way->segments[way->count - 1]);
    graph_error(call, 400, "BadRequest", message);
    free(message);
}

static void refuse_method(graph_call *call)
{
    graph_error(call, 405, "MethodNotAllowed", "The HTTP method is not supported for this resource.");
}

static void refuse_device(graph_call *call, const char *id, bool is_reset)
{
    bool is_guid = graph_text_is_guid(id);
    if (is_reset)
        graph_reset_refused(call, id, is_guid ? "404" : "400");
    graph_error_intune(call, is_guid ? 404 : 400, is_guid ? "ResourceNotFound" : "BadRequest", "An error has occurred");
}

static void answer_action(graph_call *call, const route *way, graph_device *device)
{
    if (strcmp(call->request->method, "POST") != 0)
        refuse_method(call);
    else if (strcasecmp(action_of(way), "resetPasscode") == 0)
        graph_reset(call, device);
    else if (!graph_other_action(call, device, action_of(way)))
        refuse_segment(call, way);
}

static void answer_device(graph_call *call, const route *way, const call_kind *kind)
{
    bool is_get = strcmp(call->request->method, "GET") == 0;
    graph_device *device = graph_world_find(way->segments[2]);
    if (device == NULL)
        refuse_device(call, way->segments[2], kind->is_reset);
    else if (way->count > 4)
        refuse_segment(call, way);
    else if (way->count == 4 && !is_get)
        answer_action(call, way, device);
    else if (way->count == 4 && segment_is(way, 3, "users"))
        graph_read_owners(call, device);
    else if (way->count == 4)
        refuse_segment(call, way);
    else if (is_get)
        graph_read_device(call, device, kind->operation);
    else if (strcmp(call->request->method, "DELETE") == 0)
        graph_delete_device(call, device);
    else
        refuse_method(call);
}

static void answer_user(graph_call *call, const route *way)
{
    json_object *user = graph_world_user(way->segments[1]);
    if (strcmp(call->request->method, "GET") != 0) {
        refuse_method(call);
    } else if (user == NULL) {
        char *message = graph_text_format("Resource '%s' does not exist or one of its queried reference-property "
                                          "objects are not present.",
                                          way->segments[1]);
        graph_error(call, 404, "Request_ResourceNotFound", message);
        free(message);
    } else if (way->count == 2) {
        graph_read_user(call, user);
    } else {
        graph_read_list(call, user);
    }
}

static void answer(graph_call *call, const route *way, const call_kind *kind)
{
    bool is_users =
        segment_is(way, 0, "users") && (way->count == 2 || (way->count == 3 && segment_is(way, 2, "managedDevices")));
    bool is_get = strcmp(call->request->method, "GET") == 0;
    if (is_users)
        answer_user(call, way);
    else if (segment_is(way, 0, "users") && way->count == 1 && is_get)
        graph_users_list(call);
    else if (!is_devices(way))
        refuse_segment(call, way);
    else if (way->count > 2)
        answer_device(call, way, kind);
    else if (strcmp(call->request->method, "GET") == 0)
        graph_read_list(call, NULL);
    else
        refuse_method(call);
}

/* ---- one call ---- */

static bool is_let_in(graph_call *call, const call_kind *kind)
{
    json_object *roles = NULL;
    if (!graph_auth_check(call, &roles))
        return false;
    bool may = graph_auth_require(call, roles, kind->role);
    json_object_put(roles);
    return may;
}

static void slow_down(graph_call *call, const call_kind *kind)
{
    json_object *value = NULL;
    if (graph_fault_taken(call, kind->operation, "slow", &value))
        call->reply->delay_ms = value == NULL ? 1000 : json_object_get_int64(value);
}

/* Faults graph.OPERATION.first and .then, value {"verb":...,"arguments":{...}}: a control verb runs just before or just
 * after this very call is carried out, such as a portal reset between the bot's last look and its POST. */
static void meanwhile(const graph_call *call, const call_kind *kind, const char *when)
{
    json_object *value = NULL;
    if (!graph_fault_taken(call, kind->operation, when, &value))
        return;
    json_object *arguments = NULL;
    sb_reply ignored = {.status = 0};
    (void)json_object_object_get_ex(value, "arguments", &arguments);
    bool is_done = graph_control(graph_json_text(value, "verb"), arguments, &ignored) && ignored.status == 200;
    free(ignored.body);
    json_object *entry = json_object_new_object();
    graph_json_set_text(entry, "verb", graph_json_text(value, "verb"));
    json_object_object_add(entry, "done", json_object_new_boolean(is_done));
    sb_journal("graph.meanwhile", entry);
}

static void serve(graph_call *call, const route *way, const call_kind *kind)
{
    char taken[48] = "";
    slow_down(call, kind);
    bool is_refused = graph_fault_outage(call) || !graph_fault_within_limits(call) || !is_let_in(call, kind);
    if (is_refused && kind->is_reset) {
        char *why = graph_text_format("%d", call->reply->status);
        graph_reset_refused(call, way->count > 2 ? way->segments[2] : "", why);
        free(why);
    }
    /* a reset asks for its faults itself: before or after it acts */
    if (is_refused || (!kind->is_reset && graph_fault_answer(call, kind->operation, "", taken)))
        return;
    answer(call, way, kind);
}

static const char *how_text(const sb_reply *reply)
{
    if (*reply->hold != '\0')
        return "held";
    if (reply->how == SB_REPLY_CLOSE)
        return "close";
    if (reply->how == SB_REPLY_RESET)
        return "rst";
    return reply->how == SB_REPLY_HANG ? "hang" : "normal";
}

/* What a caller may get wrong besides the address; of a token only that one was there. */
static json_object *sent_with(const graph_call *call)
{
    static const char *const names[] = {"accept", "consistencylevel", "content-type", "content-length", "prefer"};
    json_object *headers = json_object_new_object();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = call->request->header(call->request->self, names[i]);
        if (*value != '\0')
            graph_json_set_text(headers, names[i], value);
    }
    const char *authorization = call->request->header(call->request->self, "authorization");
    if (*authorization != '\0')
        graph_json_set_text(headers, "authorization", strncmp(authorization, "Bearer ", 7) == 0 ? "Bearer" : "other");
    return headers;
}

static void journal_call(const graph_call *call, const call_kind *kind)
{
    json_object *entry = json_object_new_object();
    graph_json_set_text(entry, "method", call->request->method);
    graph_json_set_text(entry, "path", call->request->path);
    graph_json_set_text(entry, "query", call->request->query);
    json_object_object_add(entry, "status", json_object_new_int(call->reply->status));
    graph_json_set_text(entry, "how", how_text(call->reply));
    graph_json_set_text(entry, "operation", kind->operation);
    json_object_object_add(entry, "allowed", json_object_new_boolean(kind->is_allowed));
    graph_json_set_text(entry, "client_request_id", call->request->header(call->request->self, "client-request-id"));
    json_object_object_add(entry, "headers", sent_with(call));
    graph_json_set_text(entry, "body", call->request->body == NULL ? "" : call->request->body);
    sb_journal("graph.call", entry);
}

/* The headers that Graph puts on every reply (intune.md 2.9); Date, in sandbox time, is the server's work. */
static void add_headers(const graph_call *call)
{
    sb_reply *reply = call->reply;
    (void)snprintf(
        reply->headers, sizeof reply->headers,
        "request-id: %s\r\nclient-request-id: %s\r\nx-ms-ags-diagnostic: {\"ServerInfo\":{\"DataCenter\":"
        "\"Sandbox\",\"Slice\":\"E\",\"Ring\":\"1\",\"ScaleUnit\":\"000\",\"RoleInstance\":\"SANDBOX\"}}\r\n%s",
        call->request_id, call->client_request_id, call->extra);
    bool is_json = strncmp(reply->content_type, "application/json", 16) == 0;
    if (is_json && reply->status == 200)
        (void)snprintf(reply->content_type, sizeof reply->content_type, "%s", GRAPH_CONTENT_TYPE);
}

static void name_call(graph_call *call)
{
    const char *given = call->request->header(call->request->self, "client-request-id");
    graph_text_guid(call->request_id);
    (void)snprintf(call->client_request_id, sizeof call->client_request_id, "%s",
                   graph_text_is_guid(given) ? given : call->request_id);
}

bool graph_handle(const sb_request *request, sb_reply *reply)
{
    bool is_beta = strncmp(request->path, "/beta/", 6) == 0;
    if (!is_beta && strncmp(request->path, "/v1.0/", 6) != 0)
        return false;
    graph_call call = {.request = request, .reply = reply, .is_beta = is_beta};
    name_call(&call);
    route way = route_of(request->path + 6);
    call_kind kind = kind_of(&call, &way);
    meanwhile(&call, &kind, "first");
    serve(&call, &way, &kind);
    meanwhile(&call, &kind, "then");
    add_headers(&call);
    journal_call(&call, &kind);
    route_fini(&way);
    return true;
}

void graph_init(void)
{
    graph_tenant_reset();
    graph_seed();
}
