#include "entra_jwt.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "graph_text.h"
#include "graph_world.h"

enum {
    MALFORMED = 50027,
    ISSUER_MISMATCH = 700021,
    AUDIENCE_MISMATCH = 700023,
    OUTSIDE_VALIDITY = 700024,
    SIGNATURE_INVALID = 700027
};

#define SKEW_S 300 /* clocks may differ this much */
#define SHA256_B64_LEN 43
#define SHA1_B64_LEN 27
#define LEAST_SIGNATURE_LEN 256 /* RSA 2048 */

typedef struct {
    json_object *header;
    json_object *claims;
    size_t signed_len; /* header.claims */
    char *signature;   /* bytes, heap */
    size_t signature_len;
} assertion;

static int fail(int number, const char *reason, const char **out_reason)
{
    *out_reason = reason;
    return number;
}

static json_object *decode_part(const char *text, size_t len)
{
    size_t json_len = 0;
    char *json = graph_text_from_base64url(text, len, &json_len);
    json_object *object = json == NULL ? NULL : json_tokener_parse(json);
    free(json);
    if (object == NULL || json_object_is_type(object, json_type_object))
        return object;
    json_object_put(object);
    return NULL;
}

static bool split(const char *text, assertion *out_parts)
{
    const char *first = strchr(text, '.');
    const char *second = first == NULL ? NULL : strchr(first + 1, '.');
    if (second == NULL || strchr(second + 1, '.') != NULL)
        return false;
    out_parts->header = decode_part(text, (size_t)(first - text));
    out_parts->claims = decode_part(first + 1, (size_t)(second - first - 1));
    out_parts->signed_len = (size_t)(second - text);
    out_parts->signature = graph_text_from_base64url(second + 1, strlen(second + 1), &out_parts->signature_len);
    return out_parts->header != NULL && out_parts->claims != NULL && out_parts->signature != NULL;
}

static void assertion_fini(assertion *parts)
{
    json_object_put(parts->header);
    json_object_put(parts->claims);
    free(parts->signature);
}

static bool is_pss(const assertion *parts)
{
    return strcmp(graph_json_text(parts->header, "alg"), "PS256") == 0;
}

static const char *thumbprint(const assertion *parts)
{
    return graph_json_text(parts->header, is_pss(parts) ? "x5t#S256" : "x5t");
}

static int check_header(const assertion *parts, const char **out_reason)
{
    const char *alg = graph_json_text(parts->header, "alg");
    if (strcmp(alg, "PS256") != 0 && strcmp(alg, "RS256") != 0)
        return fail(MALFORMED, "The assertion's algorithm is neither PS256 nor RS256.", out_reason);
    size_t wanted_len = is_pss(parts) ? SHA256_B64_LEN : SHA1_B64_LEN;
    if (strlen(thumbprint(parts)) != wanted_len)
        return fail(SIGNATURE_INVALID, "The certificate's thumbprint is missing or of the wrong length.", out_reason);
    if (parts->signature_len < LEAST_SIGNATURE_LEN)
        return fail(SIGNATURE_INVALID, "The signature is too short for an RSA key.", out_reason);
    return 0;
}

static bool is_audience(const char *audience, const entra_expected *expected)
{
    char *global = graph_text_format("https://login.microsoftonline.com/%s/oauth2/v2.0/token", expected->tenant);
    bool is_good = strcmp(audience, expected->audience) == 0 || strcmp(audience, global) == 0;
    free(global);
    return is_good;
}

static int check_claims(const assertion *parts, const entra_expected *expected, const char **out_reason)
{
    json_object *claims = parts->claims;
    json_object *value = NULL;
    int64_t now_s = expected->now_ms / 1000;
    if (strcmp(graph_json_text(claims, "iss"), expected->client_id) != 0 ||
        strcmp(graph_json_text(claims, "sub"), expected->client_id) != 0)
        return fail(ISSUER_MISMATCH, "Issuer and subject of the assertion are not the application.", out_reason);
    if (!is_audience(graph_json_text(claims, "aud"), expected))
        return fail(AUDIENCE_MISMATCH, "The assertion's audience is not this token endpoint.", out_reason);
    if (!json_object_object_get_ex(claims, "exp", &value) || json_object_get_int64(value) + SKEW_S <= now_s)
        return fail(OUTSIDE_VALIDITY, "The assertion is expired.", out_reason);
    if (json_object_object_get_ex(claims, "nbf", &value) && json_object_get_int64(value) - SKEW_S > now_s)
        return fail(OUTSIDE_VALIDITY, "The assertion is not valid yet.", out_reason);
    if (*graph_json_text(claims, "jti") == '\0')
        return fail(MALFORMED, "The assertion has no jti.", out_reason);
    return 0;
}

/* ---- the registered certificate ---- */

static X509 *read_certificate(const char *pem)
{
    BIO *input = BIO_new_mem_buf(pem, -1);
    X509 *certificate = input == NULL ? NULL : PEM_read_bio_X509(input, NULL, NULL, NULL);
    BIO_free(input);
    return certificate;
}

static bool has_thumbprint(X509 *certificate, const assertion *parts)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (X509_digest(certificate, is_pss(parts) ? EVP_sha256() : EVP_sha1(), digest, &len) != 1)
        return false;
    char *text = graph_text_to_base64url(digest, len);
    bool is_same = strcmp(text, thumbprint(parts)) == 0;
    free(text);
    return is_same;
}

static bool set_padding(EVP_PKEY_CTX *context, const assertion *parts)
{
    if (!is_pss(parts))
        return true;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
}

static bool has_signature(X509 *certificate, const char *text, const assertion *parts)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context = NULL; /* owned by context */
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    bool is_good = context != NULL && key != NULL &&
                   EVP_DigestVerifyInit(context, &key_context, EVP_sha256(), NULL, key) == 1 &&
                   set_padding(key_context, parts) &&
                   EVP_DigestVerify(context, (const unsigned char *)parts->signature, parts->signature_len,
                                    (const unsigned char *)text, parts->signed_len) == 1;
    EVP_MD_CTX_free(context);
    return is_good;
}

static int check_signature(const char *text, const assertion *parts, const char *pem, const char **out_reason)
{
    X509 *certificate = read_certificate(pem);
    int number = 0;
    if (certificate == NULL || !has_thumbprint(certificate, parts))
        number = fail(SIGNATURE_INVALID, "The certificate is not registered on the application.", out_reason);
    else if (!has_signature(certificate, text, parts))
        number = fail(SIGNATURE_INVALID, "The assertion's signature is not valid.", out_reason);
    X509_free(certificate);
    return number;
}

int entra_jwt_check(const char *text, const entra_expected *expected, const char **out_reason)
{
    assertion parts = {0};
    int number = split(text, &parts) ? 0 : fail(MALFORMED, "The assertion is no signed JWT.", out_reason);
    if (number == 0)
        number = check_header(&parts, out_reason);
    if (number == 0)
        number = check_claims(&parts, expected, out_reason);
    if (number == 0 && expected->cert_pem != NULL)
        number = check_signature(text, &parts, expected->cert_pem, out_reason);
    assertion_fini(&parts);
    return number;
}
