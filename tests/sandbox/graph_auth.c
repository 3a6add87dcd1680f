#include "graph_auth.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph_world.h"

static const char bearer[] = "Bearer ";
static const char token_tail[] = "sandbox"; /* where a signature would be: tokens of ours are told by it */

char *graph_auth_token(const char *audience, int64_t now_ms, int64_t lifetime_s)
{
    char unique[GRAPH_GUID_CAP];
    graph_text_guid(unique);
    json_object *claims = json_object_new_object();
    graph_json_set_text(claims, "aud", audience);
    graph_json_set_text(claims, "iss", "https://sts.windows.net/" GRAPH_TENANT_ID "/");
    json_object_object_add(claims, "iat", json_object_new_int64(now_ms / 1000));
    json_object_object_add(claims, "nbf", json_object_new_int64(now_ms / 1000));
    json_object_object_add(claims, "exp", json_object_new_int64(now_ms / 1000 + lifetime_s));
    graph_json_set_text(claims, "appid", GRAPH_CLIENT_ID);
    graph_json_set_text(claims, "idtyp", "app");
    graph_json_set_text(claims, "tid", GRAPH_TENANT_ID);
    /* without consent the claim is not there at all (intune.md 3) */
    if (json_object_array_length(graph_tenant()->roles) > 0)
        json_object_object_add(claims, "roles", json_object_get(graph_tenant()->roles));
    graph_json_set_text(claims, "uti", unique);
    const char *text = json_object_to_json_string_ext(claims, JSON_C_TO_STRING_PLAIN);
    char *payload = graph_text_to_base64url(text, strlen(text));
    char *header = graph_text_to_base64url("{\"typ\":\"JWT\",\"alg\":\"none\"}", 26);
    char *token = graph_text_format("%s.%s.%s", header, payload, token_tail);
    free(header);
    free(payload);
    json_object_put(claims);
    return token;
}

/* The claims of a token of ours; NULL for anything else. */
static json_object *claims_of(const char *token)
{
    const char *payload = strchr(token, '.');
    const char *tail = payload == NULL ? NULL : strchr(payload + 1, '.');
    if (tail == NULL || strcmp(tail + 1, token_tail) != 0)
        return NULL;
    size_t len = 0;
    char *text = graph_text_from_base64url(payload + 1, (size_t)(tail - payload - 1), &len);
    json_object *claims = text == NULL ? NULL : json_tokener_parse(text);
    free(text);
    return claims;
}

bool graph_auth_is_graph(const char *resource)
{
    static const char *const known[] = {"https://graph.microsoft.com", "https://graph.microsoft.us",
                                        "https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn",
                                        "00000003-0000-0000-c000-000000000000"};
    static const char *const loopback[] = {
        "http://127.0.0.1:", "https://127.0.0.1:", "http://localhost:", "https://localhost:"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcasecmp(resource, known[i]) == 0)
            return true;
    }
    for (size_t i = 0; i < sizeof loopback / sizeof loopback[0]; i++) {
        if (strncasecmp(resource, loopback[i], strlen(loopback[i])) == 0)
            return true;
    }
    return false;
}

static bool refuse(graph_call *call, const char *message)
{
    graph_call_header(
        call, "WWW-Authenticate",
        "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"");
    graph_error(call, 401, "InvalidAuthenticationToken", message);
    return false;
}

static bool check_claims(graph_call *call, json_object *claims)
{
    if (claims == NULL)
        return refuse(call, "IDX14100: JWT is not well formed, there are no dots (.) or no claims.");
    if (!graph_auth_is_graph(graph_json_text(claims, "aud")))
        return refuse(call, "Access token validation failure. Invalid audience.");
    if (strcmp(graph_json_text(claims, "tid"), GRAPH_TENANT_ID) != 0)
        return refuse(call, "Access token validation failure. Unknown tenant.");
    json_object *expires = NULL;
    if (!json_object_object_get_ex(claims, "exp", &expires) || json_object_get_int64(expires) * 1000 <= sb_now_ms())
        return refuse(call, "Lifetime validation failed, the token is expired.");
    return true;
}

bool graph_auth_check(graph_call *call, json_object **out_roles)
{
    const char *given = call->request->header(call->request->self, "authorization");
    if (strncasecmp(given, bearer, strlen(bearer)) != 0)
        return refuse(call, "Access token is empty.");
    json_object *claims = claims_of(given + strlen(bearer));
    json_object *roles = NULL;
    bool is_valid = check_claims(call, claims);
    if (is_valid) {
        (void)json_object_object_get_ex(claims, "roles", &roles);
        *out_roles = json_object_get(roles);
    }
    json_object_put(claims);
    return is_valid;
}

static bool has_role(json_object *roles, const char *role)
{
    size_t count = roles == NULL ? 0 : json_object_array_length(roles);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(json_object_get_string(json_object_array_get_idx(roles, i)), role) == 0)
            return true;
    }
    return false;
}

bool graph_auth_require(graph_call *call, json_object *roles, const char *role)
{
    if (role == NULL || has_role(roles, role))
        return true;
    if (strcmp(role, GRAPH_ROLE_USERS) == 0) {
        graph_error(call, 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        return false;
    }
    char *message = graph_text_format("Application is not authorized to perform this operation. Application must have "
                                      "one of the following scopes: %s",
                                      role);
    graph_error_intune(call, 403, "Forbidden", message);
    free(message);
    return false;
}
