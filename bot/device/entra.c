/* entra.c - see entra.h. */
#include "device/entra.h"

#include <stdio.h>
#include <string.h>

#include "device/graph_calls.h"
#include "device/json.h"
#include "device/retry.h"
#include "device/scan.h"
#include "resetbot/catalogue.h"

/* A reply without expires_in: short, so that a wrong guess costs one more request and no failed call. */
#define LIFETIME_UNSAID_S 300
/* Longer lives (continuous access evaluation gives 28 h) gain nothing. */
#define LIFETIME_MAX_S (24 * 60 * 60)

/* ---- asking ----------------------------------------------------------------------------------------------------- */

static bool is_tenant(rb_str tenant)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.";
    size_t dots = 0;

    for (size_t i = 0; i < tenant.len; i++) {
        if (!memchr(allowed, tenant.ptr[i], sizeof allowed - 1))
            return false;
        dots += tenant.ptr[i] == '.';
    }
    /* "common" and "organizations" have no dot: client credentials need one tenant */
    return rb_str_is_guid(tenant) || (dots > 0 && tenant.ptr[0] != '.');
}

rb_err rb_entra_check(const rb_entra_app *app, rb_errbuf *errbuf)
{
    if (!rb_graph_base_is_sound(app->login_url))
        return rb_fail(
            errbuf, RB_E_CONFIG,
            "intune.login_url is not usable: write scheme, host and port, with https unless the host is loopback");
    if (!is_tenant(rb_str_of(app->tenant)))
        return rb_fail(errbuf, RB_E_CONFIG,
                       "intune.tenant names no single tenant: write its id (a GUID) or one of its domains");
    if (!rb_str_is_guid(rb_str_of(app->client_id)))
        return rb_fail(errbuf, RB_E_CONFIG,
                       "intune.client_id is not a GUID: write the application (client) id of the app registration");
    if (rb_secret_reveal(app->credential.secret).len == 0)
        return rb_fail(errbuf, RB_E_CONFIG,
                       "intune.credential is empty: write a reference to the client secret's value");
    return RB_OK;
}

void rb_entra_token_url(const rb_entra_app *app, rb_buf *out)
{
    rb_buf_addf(out, "%s/%s/oauth2/v2.0/token", app->login_url, app->tenant);
}

/* application/x-www-form-urlencoded, everything but the unreserved characters. */
static void add_field(rb_buf *out, const char *name, rb_str value)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    if (out->len > 0)
        rb_buf_adds(out, "&");
    rb_buf_adds(out, name);
    rb_buf_adds(out, "=");
    for (size_t i = 0; i < value.len; i++) {
        if (memchr(plain, value.ptr[i], sizeof plain - 1))
            rb_buf_add(out, (rb_str){value.ptr + i, 1});
        else
            rb_buf_addf(out, "%%%02X", (unsigned)(unsigned char)value.ptr[i]);
    }
}

void rb_entra_token_form(const rb_entra_app *app, rb_buf *out)
{
    add_field(out, "grant_type", RB_STR("client_credentials"));
    add_field(out, "client_id", rb_str_of(app->client_id));
    add_field(out, "scope", rb_str_of(app->scope));
    switch (app->credential.kind) {
    case RB_ENTRA_CLIENT_SECRET: add_field(out, "client_secret", rb_secret_reveal(app->credential.secret)); break;
    }
}

/* ---- a token ---------------------------------------------------------------------------------------------------- */

/* RFC 6750 2.1, b64token: anything else would be another header. */
static bool is_token(rb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7F)
            return false;
    return text.len > 0;
}

/* Taken from the body itself: json-c would keep a copy. */
static rb_secret *take_token(rb_str body)
{
    rb_str root = {"", 0};
    rb_buf text;
    rb_secret *token = NULL;

    if (rb_scan_document(body, &root))
        return NULL;
    rb_str value = rb_scan_get(root, "access_token");
    rb_buf_init(&text, RB_ENTRA_TOKEN_MAX);
    if (rb_scan_is_string(value) && !rb_scan_text(value, &text) && !text.err && is_token(rb_buf_str(&text)))
        token = rb_secret_new(rb_buf_str(&text));
    rb_buf_wipe(&text);
    return token;
}

static void read_token(const rb_http_reply *reply, rb_entra_answer *answer)
{
    struct json_object *root = NULL;

    answer->outcome = RB_ENTRA_SURPRISE;
    (void)snprintf(answer->detail, sizeof answer->detail,
                   RB_T("Entra's token endpoint answered with something that is no token. An administrator must check "
                        "intune.login_url and the proxy"));
    if (rb_djson_parse_body(reply->body, &root))
        return;
    rb_str type = rb_djson_text(root, "token_type");
    int64_t lifetime_s = rb_djson_int(root, "expires_in", LIFETIME_UNSAID_S);
    bool is_bearer = type.len == 0 || rb_str_equal_nocase(type, RB_STR("Bearer"));
    rb_djson_free(root);
    if (!is_bearer || lifetime_s <= 0)
        return;
    answer->token = take_token(reply->body);
    if (!answer->token)
        return;
    answer->outcome = RB_ENTRA_TOKEN;
    answer->lifetime_ms = (lifetime_s > LIFETIME_MAX_S ? LIFETIME_MAX_S : lifetime_s) * RB_SECOND_MS;
    answer->detail[0] = '\0';
}

/* ---- an error --------------------------------------------------------------------------------------------------- */

/* What an administrator must do. Codes and texts may change, says Microsoft: they choose a sentence and decide nothing. */
static const struct {
    int64_t code;
    const char *sentence;
} known[] = {
    {7000215, RB_T("Entra refused the client secret: it is wrong. An administrator must put the secret's value (not "
                   "its id) where "
                   "intune.credential points")},
    {7000222,
     RB_T("Entra refused the client secret: it has expired. An administrator must make a new one and put it where "
          "intune.credential points")},
    {700016,
     RB_T("Entra does not know the application in this tenant. An administrator must check intune.client_id and "
          "intune.tenant")},
    {90002, RB_T("Entra does not know the tenant. An administrator must check intune.tenant and intune.cloud")},
    {900023, RB_T("Entra does not know the tenant. An administrator must check intune.tenant and intune.cloud")},
    {700027,
     RB_T("Entra refused the certificate: it is not registered with the application, or does not fit its key. An "
          "administrator must upload it")},
    {700021, RB_T("Entra refused the signed assertion: it names another application. An administrator must check "
                  "intune.client_id")},
    {700023, RB_T("Entra refused the signed assertion: it is meant for another endpoint. An administrator must check "
                  "intune.login_url")},
    {700024, RB_T("Entra refused the signed assertion: it is outside its time. An administrator must check this "
                  "machine's clock")},
    {70011, RB_T("Entra refused the scope. An administrator must check intune.cloud and intune.graph_url")},
    {500011,
     RB_T("Entra does not know Microsoft Graph under this address. An administrator must check intune.cloud and "
          "intune.graph_url")},
    {9002313, RB_T("Entra called the token request malformed. An administrator must check intune.client_id and "
                   "intune.credential")},
    {7000112, RB_T("The application is disabled in Entra. An administrator must enable it")},
    {53003, RB_T("A Conditional Access policy blocks the application. An Entra administrator must look")},
};

static int64_t code_of(struct json_object *root)
{
    rb_str text = rb_djson_text(root, "error_description");
    const rb_str mark = RB_STR("AADSTS");
    unsigned long long code = 0;
    size_t len = 0;

    if (!rb_str_starts(text, mark))
        return 0;
    while (mark.len + len < text.len && text.ptr[mark.len + len] >= '0' && text.ptr[mark.len + len] <= '9')
        len++;
    if (rb_str_to_uint((rb_str){text.ptr + mark.len, len}, 999999999, &code))
        return 0;
    return (int64_t)code;
}

static const char *sentence_of(int64_t code)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == code)
            return known[i].sentence;
    return RB_T(
        "Entra refused to give the bot a token. An administrator must check intune.tenant, intune.client_id and "
        "intune.credential");
}

static void tell_refusal(struct json_object *root, int status, rb_entra_answer *answer)
{
    int64_t code = code_of(root);
    rb_str trace = rb_djson_text(root, "trace_id");
    char shown[RB_GUID_CAP] = "";
    char number[32] = "";

    if (rb_str_is_guid(trace))
        (void)snprintf(shown, sizeof shown, "%.*s", (int)trace.len, trace.ptr);
    if (code > 0)
        (void)snprintf(number, sizeof number, ", AADSTS%lld", (long long)code);
    (void)snprintf(answer->detail, sizeof answer->detail, "%s (status %d%s%s%s)", sentence_of(code), status, number,
                   shown[0] ? ", trace " : "", shown);
}

static void read_error(const rb_http_reply *reply, rb_entra_answer *answer)
{
    struct json_object *root = NULL;

    rb_err err = rb_djson_parse_body(reply->body, &root);
    bool is_passing = rb_str_equal(rb_djson_text(root, "error"), RB_STR("temporarily_unavailable"));
    if (reply->status == 429 || reply->status >= 500 || is_passing) {
        answer->outcome = RB_ENTRA_LATER;
        (void)snprintf(answer->detail, sizeof answer->detail, RB_T("Entra gives no token just now") " (status %d)",
                       reply->status);
    } else if (err || rb_djson_text(root, "error").len == 0) {
        answer->outcome = RB_ENTRA_SURPRISE;
        (void)snprintf(answer->detail, sizeof answer->detail,
                       RB_T("Entra's token endpoint answered without an error of Entra's. An administrator must check "
                            "intune.login_url and the proxy") " (status %d)",
                       reply->status);
    } else {
        answer->outcome = RB_ENTRA_REFUSED;
        tell_refusal(root, reply->status, answer);
    }
    rb_djson_free(root);
}

void rb_entra_read(const rb_http_reply *reply, int64_t utc_ms, rb_entra_answer *out_answer)
{
    *out_answer = (rb_entra_answer){.retry_after_ms = rb_retry_after_ms(reply, utc_ms)};
    if (reply->err) {
        out_answer->outcome = RB_ENTRA_LATER;
        (void)snprintf(out_answer->detail, sizeof out_answer->detail, RB_T("Entra could not be reached") " (%s)",
                       reply->error ? reply->error : rb_err_name(reply->err));
    } else if (reply->status == 200) {
        read_token(reply, out_answer);
    } else {
        read_error(reply, out_answer);
    }
}

/* ---- roles ------------------------------------------------------------------------------------------------------ */

static int base64url_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = memchr(digits, c, sizeof digits - 1);

    return at ? (int)(at - digits) : -1;
}

static bool decode_base64url(rb_str text, rb_buf *out)
{
    uint32_t bits = 0;
    unsigned n_bits = 0;

    for (size_t i = 0; i < text.len; i++) {
        int value = base64url_value(text.ptr[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xFFFFFF;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            char byte = (char)(bits >> n_bits & 0xFF);
            rb_buf_add(out, (rb_str){&byte, 1});
        }
    }
    return !out->err;
}

static rb_str jwt_payload(rb_str token)
{
    const char *first = token.len > 0 ? memchr(token.ptr, '.', token.len) : NULL;
    size_t left = first ? token.len - (size_t)(first + 1 - token.ptr) : 0;
    const char *second = left > 0 ? memchr(first + 1, '.', left) : NULL;

    return second ? (rb_str){first + 1, (size_t)(second - first - 1)} : (rb_str){"", 0};
}

/* The body {"roles": ["..."]} is walked in place: no copy of the token's claims is made. */
static bool has_role(rb_str roles, const char *name)
{
    rb_str walk = rb_scan_inside(roles);
    rb_str item;

    while (rb_scan_is_array(roles) && rb_scan_next_item(&walk, &item))
        if (rb_scan_is_string(item) && rb_scan_text_is(item, rb_str_of(name), false))
            return true;
    return false;
}

bool rb_entra_missing_roles(rb_str token, rb_buf *out)
{
    /* the least permission first, then the wider ones that include it (domain/intune.md 2.1) */
    static const char *const needed[][3] = {
        {"DeviceManagementManagedDevices.Read.All", "DeviceManagementManagedDevices.ReadWrite.All", NULL},
        {"DeviceManagementManagedDevices.PrivilegedOperations.All", NULL, NULL},
        {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All"},
    };
    rb_buf payload;
    rb_str claims = {"", 0};

    rb_buf_init(&payload, RB_ENTRA_TOKEN_MAX);
    bool is_read = decode_base64url(jwt_payload(token), &payload) && !rb_scan_document(rb_buf_str(&payload), &claims);
    rb_str roles = rb_scan_get(claims, "roles");
    for (size_t i = 0; i < sizeof needed / sizeof *needed && is_read; i++) {
        bool is_there = false;
        for (size_t j = 0; j < 3 && needed[i][j]; j++)
            is_there = is_there || has_role(roles, needed[i][j]);
        if (!is_there)
            rb_buf_addf(out, "%s%s", out->len > 0 ? "," : "", needed[i][0]);
    }
    rb_buf_wipe(&payload);
    return is_read;
}
