#include "graph_error.h"

#include <stdlib.h>
#include <string.h>

#include "graph_world.h"

#define DEEPEST 3 /* intune.md 2.7: a reader decodes at most three levels */

void graph_call_header(graph_call *call, const char *name, const char *value)
{
    size_t used = strlen(call->extra);
    char *line = graph_text_format("%s: %s\r\n", name, value);
    size_t len = strlen(line);
    if (used + len < sizeof call->extra)
        memcpy(call->extra + used, line, len + 1);
    free(line);
}

static json_object *inner_error(const graph_call *call)
{
    char now[GRAPH_TIME_CAP];
    graph_text_time(sb_now_ms(), 0, 0, now);
    now[strcspn(now, "Z")] = '\0'; /* the service leaves the zone out here */
    json_object *inner = json_object_new_object();
    graph_json_set_text(inner, "date", now);
    graph_json_set_text(inner, "request-id", call->request_id);
    graph_json_set_text(inner, "client-request-id", call->client_request_id);
    return inner;
}

void graph_error(graph_call *call, int status, const char *code, const char *message)
{
    json_object *error = json_object_new_object();
    graph_json_set_text(error, "code", code);
    graph_json_set_text(error, "message", message);
    bool is_lower = sb_setting("graph_innererror_lower", 0) != 0;
    json_object_object_add(error, is_lower ? "innererror" : "innerError", inner_error(call));
    json_object *body = json_object_new_object();
    json_object_object_add(body, "error", error);
    sb_reply_json(call->reply, status, body);
}

/* What Intune's own service says, as the text that ends up inside error.message. */
static char *intune_text(const graph_call *call, const char *message)
{
    char *sentence = graph_text_format(
        "%s - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - Activity ID: %s - Url: "
        "https://fef.sandbox.invalid/DeviceFE/StatelessDeviceFEService%s?api-version=2018-05-24",
        message, call->request_id, call->request->path);
    json_object *blob = json_object_new_object();
    json_object_object_add(blob, "_version", json_object_new_int(3));
    graph_json_set_text(blob, "Message", sentence);
    graph_json_set_text(blob, "CustomApiErrorPhrase", "");
    graph_json_set_text(blob, "RetryAfter", NULL);
    graph_json_set_text(blob, "ErrorSourceService", "");
    graph_json_set_text(blob, "HttpHeaders", "{}");
    char *text = graph_text_copy(json_object_to_json_string_ext(blob, JSON_C_TO_STRING_PRETTY));
    json_object_put(blob);
    free(sentence);
    return text;
}

static char *wrap(const char *code, char *take_text)
{
    json_object *outer = json_object_new_object();
    graph_json_set_text(outer, "ErrorCode", code);
    graph_json_set_text(outer, "Message", take_text);
    char *text = graph_text_copy(json_object_to_json_string_ext(outer, JSON_C_TO_STRING_PLAIN));
    json_object_put(outer);
    free(take_text);
    return text;
}

void graph_error_nested(graph_call *call, int status, const char *code, const char *message, int depth)
{
    char *text = intune_text(call, message);
    for (int level = 2; level <= depth && level <= DEEPEST; level++)
        text = wrap(code, text);
    graph_error(call, status, depth > 1 ? "UnknownError" : code, text);
    free(text);
}

void graph_error_intune(graph_call *call, int status, const char *code, const char *message)
{
    graph_error_nested(call, status, code, message, (int)sb_setting("graph_error_nesting", 1));
}
