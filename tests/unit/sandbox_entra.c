/* sandbox_entra.c - tokens for a secret, tokens for a certificate's assertion, and Entra's refusals. */
#include "sandbox_fake.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define TOKEN "/" GRAPH_TENANT_ID "/oauth2/v2.0/token"
#define AUDIENCE "http://127.0.0.1:8080" TOKEN
#define SCOPE "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
#define CLIENT "client_id=" GRAPH_CLIENT_ID
#define GRANT "grant_type=client_credentials"
#define BY_SECRET CLIENT "&" SCOPE "&" GRANT "&client_secret=sandbox-secret"
#define ASSERTION_TYPE "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"

static response ask_token(const char *body)
{
    return ask(entra_handle, "POST", TOKEN, body);
}

/* 0 when a token came, else the AADSTS number of a refusal in the right shape. */
static int refusal_to(const char *target, const char *body)
{
    response reply = ask(entra_handle, "POST", target, body);
    int number = json_object_get_int(at(reply.json, "error_codes/0"));
    if (number == 0)
        ck_assert_int_eq(reply.status, 200);
    char *start = graph_text_format("AADSTS%d: ", number);
    ck_assert(number == 0 || strncmp(text_at(reply.json, "error_description"), start, strlen(start)) == 0);
    ck_assert(number == 0 || strstr(text_at(reply.json, "error_description"), "\r\nTrace ID: ") != NULL);
    free(start);
    done_with(&reply);
    return number;
}

static int refusal(const char *body)
{
    return refusal_to(TOKEN, body);
}

/* ---- secrets ---- */

START_TEST(a_secret_gives_a_token_that_graph_takes)
{
    response reply = ask_token(BY_SECRET);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(text_at(reply.json, "token_type"), "Bearer");
    ck_assert(json_object_is_type(at(reply.json, "expires_in"), json_type_int));
    ck_assert_int_eq(json_object_get_int(at(reply.json, "expires_in")), 3599);
    char *value = graph_text_format("Bearer %s", text_at(reply.json, "access_token"));
    header("authorization", value);
    ck_assert_uint_eq(rows_of(BY_UPN), 4);
    free(value);
    done_with(&reply);
}
END_TEST

START_TEST(the_lifetime_is_a_setting_and_may_be_text)
{
    set("entra_token_ttl_s", 60);
    set("entra_expires_as_string", 1);
    response reply = ask_token(BY_SECRET);
    ck_assert(json_object_is_type(at(reply.json, "expires_in"), json_type_string));
    ck_assert_str_eq(text_at(reply.json, "expires_in"), "60");
    done_with(&reply);
}
END_TEST

START_TEST(what_is_wrong_is_named_by_its_number)
{
    ck_assert_int_eq(refusal(CLIENT "&" SCOPE "&" GRANT "&client_secret=wrong"), 7000215);
    ck_assert_int_eq(refusal(CLIENT "&" SCOPE "&" GRANT), 7000216);
    ck_assert_int_eq(refusal("client_id=x&" SCOPE "&" GRANT "&client_secret=sandbox-secret"), 700016);
    ck_assert_int_eq(refusal(CLIENT "&" GRANT "&scope=User.Read&client_secret=sandbox-secret"), 70011);
    ck_assert_int_eq(refusal(CLIENT "&" GRANT "&scope=https://x/.default+openid&client_secret=sandbox-secret"), 70011);
    ck_assert_int_eq(refusal(CLIENT "&" GRANT "&scope=https://x/.default&client_secret=sandbox-secret"), 500011);
    ck_assert_int_eq(refusal(CLIENT "&" SCOPE "&client_secret=sandbox-secret"), 900144);
    ck_assert_int_eq(refusal(CLIENT "&" SCOPE "&grant_type=password&client_secret=sandbox-secret"), 70003);
    ck_assert_int_eq(refusal_to("/common/oauth2/v2.0/token", BY_SECRET), 90002);
    ck_assert_int_eq(refusal_to("/contoso.com/oauth2/v2.0/token", BY_SECRET), 0);
    control("app_entra", "{\"secret_expired\":true}");
    ck_assert_int_eq(refusal(BY_SECRET), 7000222);
}
END_TEST

START_TEST(faults_throttle_in_plain_text_and_name_any_refusal)
{
    fault("entra.429", NULL);
    response reply = ask_token(BY_SECRET);
    ck_assert_int_eq(reply.status, 429);
    ck_assert_str_eq(reply.raw.body, "Too Many Requests");
    ck_assert_ptr_nonnull(strstr(reply.raw.headers, "Retry-After: 60\r\n"));
    done_with(&reply);
    fault("entra.error", "53003");
    ck_assert_int_eq(refusal(BY_SECRET), 53003);
    fault("entra.down", NULL);
    ck_assert_int_eq(status_of(ask_token(BY_SECRET)), 503);
    ck_assert_int_eq(refusal(BY_SECRET), 0);
    ck_assert_int_eq(journaled("entra.token", NULL, NULL), 4);
}
END_TEST

/* ---- assertions ---- */

typedef struct {
    EVP_PKEY *key;
    char *cert_pem;
    char *sha256, *sha1; /* thumbprints */
} identity;

static identity new_identity(void)
{
    identity self = {.key = EVP_RSA_gen(2048)};
    X509 *cert = X509_new();
    ck_assert(self.key != NULL && cert != NULL);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    ck_assert(X509_set_pubkey(cert, self.key) == 1 && X509_sign(cert, self.key, EVP_sha256()) > 0);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    X509_digest(cert, EVP_sha256(), digest, &len);
    self.sha256 = graph_text_to_base64url(digest, len);
    X509_digest(cert, EVP_sha1(), digest, &len);
    self.sha1 = graph_text_to_base64url(digest, len);
    BIO *output = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(output, cert);
    char *pem = NULL;
    long pem_len = BIO_get_mem_data(output, &pem);
    self.cert_pem = graph_text_format("%.*s", (int)pem_len, pem);
    BIO_free(output);
    X509_free(cert);
    return self;
}

static void identity_fini(identity *self)
{
    EVP_PKEY_free(self->key);
    free(self->cert_pem);
    free(self->sha256);
    free(self->sha1);
}

static void registered(const identity *self)
{
    free(graph_tenant()->client_cert_pem);
    graph_tenant()->client_cert_pem = graph_text_copy(self->cert_pem);
}

static char *sign(const identity *self, const char *text, bool is_pss)
{
    unsigned char signature[512];
    size_t len = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context = NULL;
    ck_assert(EVP_DigestSignInit(context, &key_context, EVP_sha256(), NULL, self->key) == 1);
    if (is_pss) {
        EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, 32);
    }
    ck_assert(EVP_DigestSign(context, signature, &len, (const unsigned char *)text, strlen(text)) == 1);
    EVP_MD_CTX_free(context);
    return graph_text_to_base64url(signature, len);
}

typedef struct {
    const char *alg, *issuer, *audience;
    int64_t from_s, until_s; /* from now */
} claims;

static const claims good = {"PS256", GRAPH_CLIENT_ID, AUDIENCE, -60, 600};

/* The body of a token request with an assertion of these claims; heap. */
static char *assertion_body(const identity *self, claims wanted)
{
    bool is_pss = strcmp(wanted.alg, "PS256") == 0;
    char *head = graph_text_format("{\"alg\":\"%s\",\"typ\":\"JWT\",\"%s\":\"%s\"}", wanted.alg,
                                   is_pss ? "x5t#S256" : "x5t", is_pss ? self->sha256 : self->sha1);
    char *claim = graph_text_format("{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\",\"jti\":\"j1\",\"nbf\":%lld,"
                                    "\"exp\":%lld}",
                                    wanted.audience, wanted.issuer, wanted.issuer,
                                    (long long)(fake.now_ms / 1000 + wanted.from_s),
                                    (long long)(fake.now_ms / 1000 + wanted.until_s));
    char *head64 = graph_text_to_base64url(head, strlen(head));
    char *claim64 = graph_text_to_base64url(claim, strlen(claim));
    char *text = graph_text_format("%s.%s", head64, claim64);
    char *signature = sign(self, text, is_pss);
    char *body =
        graph_text_format("%s&client_assertion=%s.%s", CLIENT "&" SCOPE "&" GRANT "&" ASSERTION_TYPE, text, signature);
    free(head);
    free(claim);
    free(head64);
    free(claim64);
    free(text);
    free(signature);
    return body;
}

static int refusal_of(const identity *self, claims wanted)
{
    char *body = assertion_body(self, wanted);
    int number = refusal(body);
    free(body);
    return number;
}

START_TEST(an_assertion_of_the_registered_certificate_gives_a_token)
{
    identity self = new_identity();
    claims older = good;
    claims global = good;
    older.alg = "RS256";
    global.audience = "https://login.microsoftonline.com" TOKEN;
    ck_assert_int_eq(refusal_of(&self, good), 0);
    registered(&self);
    ck_assert_int_eq(refusal_of(&self, good), 0);
    ck_assert_int_eq(refusal_of(&self, older), 0);
    ck_assert_int_eq(refusal_of(&self, global), 0);
    identity_fini(&self);
}
END_TEST

START_TEST(an_assertion_that_is_not_right_is_refused_by_its_fault)
{
    identity self = new_identity();
    claims wrong = good;
    wrong.audience = "https://elsewhere.invalid" TOKEN;
    ck_assert_int_eq(refusal_of(&self, wrong), 700023);
    wrong = good;
    wrong.issuer = GRAPH_TENANT_ID;
    ck_assert_int_eq(refusal_of(&self, wrong), 700021);
    wrong = good;
    wrong.until_s = -301;
    ck_assert_int_eq(refusal_of(&self, wrong), 700024);
    wrong = good;
    wrong.from_s = 301;
    ck_assert_int_eq(refusal_of(&self, wrong), 700024);
    wrong = good;
    wrong.alg = "ES256";
    ck_assert_int_eq(refusal_of(&self, wrong), 50027);
    ck_assert_int_eq(refusal(CLIENT "&" SCOPE "&" GRANT "&" ASSERTION_TYPE "&client_assertion=a.b"), 50027);
    ck_assert_int_eq(refusal(CLIENT "&" SCOPE "&" GRANT "&client_assertion=a.b.c"), 900144);
    identity_fini(&self);
}
END_TEST

START_TEST(another_certificate_and_a_changed_assertion_are_refused)
{
    identity self = new_identity();
    identity stranger = new_identity();
    registered(&stranger);
    ck_assert_int_eq(refusal_of(&self, good), 700027);
    registered(&self);
    char *thumbprint = self.sha256;
    self.sha256 = stranger.sha256;
    ck_assert_int_eq(refusal_of(&self, good), 700027);
    self.sha256 = thumbprint;
    char *body = assertion_body(&self, good);
    char *last = body + strlen(body) - 10;
    *last = *last == 'A' ? 'B' : 'A';
    ck_assert_int_eq(refusal(body), 700027);
    free(body);
    identity_fini(&self);
    identity_fini(&stranger);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_secret_gives_a_token_that_graph_takes,
                                  the_lifetime_is_a_setting_and_may_be_text,
                                  what_is_wrong_is_named_by_its_number,
                                  faults_throttle_in_plain_text_and_name_any_refusal,
                                  an_assertion_of_the_registered_certificate_gives_a_token,
                                  an_assertion_that_is_not_right_is_refused_by_its_fault,
                                  another_certificate_and_a_changed_assertion_are_refused};
    return run_tests("sandbox_entra", tests, sizeof tests / sizeof tests[0], NULL, 0);
}
