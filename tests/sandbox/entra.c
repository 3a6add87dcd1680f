/* entra.c - POST /{tenant}/oauth2/v2.0/token: client credentials with a secret or a certificate's assertion. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "entra_jwt.h"
#include "graph_auth.h"
#include "graph_text.h"
#include "graph_world.h"
#include "world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIFETIME_DEFAULT_S 3599 /* intune.md 3 */
#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define SLOW_DEFAULT_MS 1000

typedef struct {
    int number; /* AADSTS */
    int status;
    const char *error;
    const char *text; /* what it says when nothing more exact is known */
} refusal;

/* Numbers and meanings: intune.md 3 and the error code reference it cites; the sentences are ours. */
static const refusal refusals[] = {
    {7000215, 401, "invalid_client", "Invalid client secret provided."},
    {7000222, 401, "invalid_client", "The provided client secret keys are expired."},
    {7000216, 401, "invalid_client", "A client_assertion or client_secret is required."},
    {700016, 400, "unauthorized_client", "The application was not found in the directory."},
    {700027, 401, "invalid_client", "The certificate or signature of the client assertion is not valid."},
    {700021, 401, "invalid_client", "The client assertion does not match the application."},
    {700023, 401, "invalid_client", "The client assertion's audience does not match."},
    {700024, 401, "invalid_client", "The client assertion is not within its valid time range."},
    {50027, 400, "invalid_request", "The JWT is invalid or malformed."},
    {70011, 400, "invalid_scope", "The provided value for the input parameter 'scope' is not valid."},
    {500011, 400, "invalid_resource", "The resource principal was not found in the tenant."},
    {70003, 400, "unsupported_grant_type", "The app requested an unsupported grant type."},
    {900144, 400, "invalid_request", "The request body lacks a required parameter."},
    {90002, 400, "invalid_request", "The tenant was not found."},
    {9002313, 400, "invalid_grant", "The request is malformed or invalid."},
    {53003, 400, "invalid_grant", "Access has been blocked by conditional access policies."},
    {90033, 503, "temporarily_unavailable", "A transient error has occurred. Please try again."}};

typedef struct {
    const sb_request *request;
    sb_reply *reply;
    char *tenant; /* heap, decoded */
    const char *credential;
    int number; /* AADSTS of the answer, 0: none */
} token_call;

/* ---- answers ---- */

static void no_store(sb_reply *reply, const char *more)
{
    (void)snprintf(reply->headers, sizeof reply->headers, "Cache-Control: no-store, no-cache\r\nPragma: no-cache\r\n%s",
                   more);
}

static const refusal *refusal_of(int number)
{
    for (size_t i = 0; i < COUNT(refusals); i++) {
        if (refusals[i].number == number)
            return &refusals[i];
    }
    return NULL;
}

static json_object *error_body(const refusal *why, int number, const char *reason, const char *correlation)
{
    char trace[GRAPH_GUID_CAP];
    char now[GRAPH_TIME_CAP];
    graph_text_guid(trace);
    graph_text_time(sb_now_ms(), 0, 0, now);
    now[10] = ' '; /* "2026-01-15 10:00:00Z" */
    char *text = graph_text_format("AADSTS%d: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s", number,
                                   reason, trace, correlation, now);
    char *uri = graph_text_format("https://login.microsoftonline.com/error?code=%d", number);
    json_object *codes = json_object_new_array();
    json_object_array_add(codes, json_object_new_int(number));
    json_object *body = json_object_new_object();
    graph_json_set_text(body, "error", why->error);
    graph_json_set_text(body, "error_description", text);
    json_object_object_add(body, "error_codes", codes);
    graph_json_set_text(body, "timestamp", now);
    graph_json_set_text(body, "trace_id", trace);
    graph_json_set_text(body, "correlation_id", correlation);
    graph_json_set_text(body, "error_uri", uri);
    free(text);
    free(uri);
    return body;
}

/* reason NULL: the table's sentence. Always false, so that refusing is one line. */
static bool refuse(token_call *call, int number, const char *reason)
{
    static const refusal other = {0, 400, "invalid_request", "The request failed."};
    const refusal *why = refusal_of(number) == NULL ? &other : refusal_of(number);
    const char *given = call->request->header(call->request->self, "client-request-id");
    char correlation[GRAPH_GUID_CAP];
    graph_text_guid(correlation);
    if (graph_text_is_guid(given))
        memcpy(correlation, given, sizeof correlation);
    call->number = number;
    sb_reply_json(call->reply, why->status, error_body(why, number, reason == NULL ? why->text : reason, correlation));
    no_store(call->reply, "");
    return false;
}

static void answer_token(token_call *call, const char *audience)
{
    int64_t lifetime_s = sb_setting("entra_token_ttl_s", LIFETIME_DEFAULT_S);
    char *token = graph_auth_token(audience, sb_now_ms(), lifetime_s);
    char *text = graph_text_format("%lld", (long long)lifetime_s);
    bool as_text = sb_setting("entra_expires_as_string", 0) != 0;
    json_object *body = json_object_new_object();
    graph_json_set_text(body, "token_type", "Bearer");
    json_object_object_add(body, "expires_in",
                           as_text ? json_object_new_string(text) : json_object_new_int64(lifetime_s));
    json_object_object_add(body, "ext_expires_in",
                           as_text ? json_object_new_string(text) : json_object_new_int64(lifetime_s));
    graph_json_set_text(body, "access_token", token);
    sb_reply_json(call->reply, 200, body);
    no_store(call->reply, "");
    free(text);
    free(token);
}

/* ---- checks, in Entra's order: each answers when it says false ---- */

static bool check_tenant(token_call *call)
{
    bool is_ours = strcasecmp(call->tenant, GRAPH_TENANT_ID) == 0 || strcasecmp(call->tenant, GRAPH_TENANT_DOMAIN) == 0;
    return is_ours || refuse(call, 90002, NULL);
}

/* The parameter's value, heap; NULL, answered, when it is absent or empty. */
static char *required(token_call *call, const char *name)
{
    char *value = graph_text_param(call->request->body, name);
    if (value != NULL && *value != '\0')
        return value;
    free(value);
    char *reason = graph_text_format("The request body must contain the following parameter: '%s'.", name);
    (void)refuse(call, 900144, reason);
    free(reason);
    return NULL;
}

static bool check_value(token_call *call, const char *name, const char *expected, int number)
{
    char *value = required(call, name);
    if (value == NULL)
        return false;
    bool is_good = strcasecmp(value, expected) == 0;
    free(value);
    return is_good || refuse(call, number, NULL);
}

/* The resource of one "<resource>/.default"; heap, NULL when answered. */
static char *check_scope(token_call *call)
{
    static const char tail[] = "/.default";
    char *scope = required(call, "scope");
    if (scope == NULL)
        return NULL;
    size_t len = strlen(scope);
    bool has_tail = len > sizeof tail - 1 && strcmp(scope + len - (sizeof tail - 1), tail) == 0;
    if (!has_tail || strchr(scope, ' ') != NULL) {
        (void)refuse(call, 70011, NULL);
        free(scope);
        return NULL;
    }
    scope[len - (sizeof tail - 1)] = '\0';
    if (graph_auth_is_graph(scope))
        return scope;
    (void)refuse(call, 500011, NULL);
    free(scope);
    return NULL;
}

static bool check_secret(token_call *call, const char *secret)
{
    const graph_tenant_state *tenant = graph_tenant();
    call->credential = "secret";
    if (strcmp(secret, tenant->client_secret) != 0)
        return refuse(call, 7000215, NULL);
    return !tenant->is_secret_expired || refuse(call, 7000222, NULL);
}

static bool check_assertion(token_call *call, const char *assertion)
{
    call->credential = "assertion";
    if (!check_value(call, "client_assertion_type", ASSERTION_TYPE, 50027))
        return false;
    char *here = graph_text_format("%s://%s%s", call->request->tls ? "https" : "http",
                                   call->request->header(call->request->self, "host"), call->request->path);
    const entra_expected expected = {.client_id = GRAPH_CLIENT_ID,
                                     .audience = here,
                                     .tenant = call->tenant,
                                     .cert_pem = graph_tenant()->client_cert_pem,
                                     .now_ms = sb_now_ms()};
    const char *reason = NULL;
    int number = entra_jwt_check(assertion, &expected, &reason);
    free(here);
    return number == 0 || refuse(call, number, reason);
}

static bool check_credential(token_call *call)
{
    char *secret = graph_text_param(call->request->body, "client_secret");
    char *assertion = graph_text_param(call->request->body, "client_assertion");
    bool is_good = assertion != NULL ? check_assertion(call, assertion)
                   : secret != NULL  ? check_secret(call, secret)
                                     : refuse(call, 7000216, NULL);
    free(secret);
    free(assertion);
    return is_good;
}

static void issue(token_call *call)
{
    if (strcmp(call->request->method, "POST") != 0) {
        (void)refuse(call, 900561, "The endpoint only accepts POST requests.");
        return;
    }
    if (!check_tenant(call) || !check_value(call, "grant_type", "client_credentials", 70003) ||
        !check_value(call, "client_id", GRAPH_CLIENT_ID, 700016))
        return;
    char *resource = check_scope(call);
    if (resource != NULL && check_credential(call))
        answer_token(call, resource);
    free(resource);
}

/* ---- faults ---- */

/* intune.md 3: a throttled token endpoint does not speak JSON. */
static void answer_429(token_call *call, json_object *value)
{
    char *more = graph_text_format("Retry-After: %s\r\n", value == NULL ? "60" : json_object_get_string(value));
    sb_reply_text(call->reply, 429, "text/plain", "Too Many Requests");
    no_store(call->reply, more);
    free(more);
}

static bool answer_connection_fault(token_call *call)
{
    static const struct {
        const char *name;
        sb_reply_how how;
    } ends[] = {{"entra.close", SB_REPLY_CLOSE}, {"entra.rst", SB_REPLY_RESET}, {"entra.hang", SB_REPLY_HANG}};
    for (size_t i = 0; i < COUNT(ends); i++) {
        if (sb_fault(ends[i].name, NULL)) {
            call->reply->how = ends[i].how;
            return true;
        }
    }
    return false;
}

/* True when a fault answered. */
static bool answer_fault(token_call *call)
{
    json_object *value = NULL;
    if (sb_fault("entra.slow", &value))
        call->reply->delay_ms = value == NULL ? SLOW_DEFAULT_MS : json_object_get_int64(value);
    value = NULL;
    if (answer_connection_fault(call))
        return true;
    if (sb_fault("entra.429", &value)) {
        answer_429(call, value);
    } else if (sb_fault("entra.error", &value)) {
        (void)refuse(call, value == NULL ? 90033 : json_object_get_int(value), NULL);
    } else if (sb_fault("entra.down", NULL)) {
        sb_reply_text(call->reply, 503, "text/html", "<html><body>Service Unavailable</body></html>");
    } else if (sb_fault("entra.500", NULL)) {
        sb_reply_text(call->reply, 500, "text/html", "<html><body>Server Error</body></html>");
    } else if (sb_fault("entra.garbage", &value)) {
        const char *body = value == NULL ? "{\"token_type\":\"Bearer\"," : json_object_get_string(value);
        sb_reply_text(call->reply, 200, "application/json", body);
    } else {
        return false;
    }
    return true;
}

/* Never the secret, the assertion or the token. */
static void journal_token(const token_call *call)
{
    json_object *entry = json_object_new_object();
    graph_json_set_text(entry, "tenant", call->tenant);
    graph_json_set_text(entry, "credential", call->credential);
    json_object_object_add(entry, "status", json_object_new_int(call->reply->status));
    json_object_object_add(entry, "aadsts", json_object_new_int(call->number));
    sb_journal("entra.token", entry);
}

bool entra_handle(const sb_request *request, sb_reply *reply)
{
    static const char tail[] = "/oauth2/v2.0/token";
    const char *path = *request->path == '/' ? request->path + 1 : request->path;
    size_t tenant_len = strcspn(path, "/");
    if (tenant_len == 0 || strcmp(path + tenant_len, tail) != 0)
        return false;
    token_call call = {
        .request = request, .reply = reply, .tenant = graph_text_decode(path, tenant_len, false), .credential = "none"};
    if (!answer_fault(&call))
        issue(&call);
    journal_token(&call);
    free(call.tenant);
    return true;
}
