#include "certs.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define DAY_S (24L * 3600)

struct cert_authority {
    X509 *cert;
    EVP_PKEY *key;
};

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool is_added = extension && X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return is_added;
}

/* A certificate with everything but extensions and signature. */
static X509 *blank_cert(const char *name, EVP_PKEY *key, bool is_expired)
{
    X509 *cert = X509_new();
    unsigned char serial[8];
    if (!cert || RAND_bytes(serial, sizeof serial) != 1)
        return cert;
    serial[0] = (serial[0] & 0x7f) | 1;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    X509_set_version(cert, 2);
    X509_gmtime_adj(X509_getm_notBefore(cert), is_expired ? -30 * DAY_S : -DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(cert), is_expired ? -DAY_S : 30 * DAY_S);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                               0);
    return cert;
}

static bool write_cert(const X509 *cert, const char *file)
{
    FILE *out = fopen(file, "w");
    bool is_written = out && PEM_write_X509(out, cert);
    return out && !fclose(out) && is_written;
}

static bool write_key(const EVP_PKEY *key, const char *file)
{
    FILE *out = fopen(file, "w");
    bool is_written = out && PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
    return out && !fclose(out) && is_written;
}

cert_authority *certs_authority_new(const char *name, const char *cert_file)
{
    cert_authority *authority = sb_alloc(sizeof *authority);
    authority->key = EVP_EC_gen("P-256");
    authority->cert = authority->key ? blank_cert(name, authority->key, false) : NULL;
    X509 *cert = authority->cert;
    bool is_made = cert && X509_set_issuer_name(cert, X509_get_subject_name(cert)) &&
                   add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE") &&
                   add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                   add_extension(cert, cert, NID_subject_key_identifier, "hash") &&
                   X509_sign(cert, authority->key, EVP_sha256()) && write_cert(cert, cert_file);
    if (is_made)
        return authority;
    certs_authority_free(authority);
    return NULL;
}

bool certs_issue(const cert_authority *authority, const cert_order *order)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key ? blank_cert("resetbot sandbox", key, order->is_expired) : NULL;
    bool is_made = cert && X509_set_issuer_name(cert, X509_get_subject_name(authority->cert)) &&
                   add_extension(cert, authority->cert, NID_basic_constraints, "critical,CA:FALSE") &&
                   add_extension(cert, authority->cert, NID_key_usage, "critical,digitalSignature") &&
                   add_extension(cert, authority->cert, NID_ext_key_usage, "serverAuth") &&
                   add_extension(cert, authority->cert, NID_subject_alt_name, order->names) &&
                   add_extension(cert, authority->cert, NID_authority_key_identifier, "keyid") &&
                   X509_sign(cert, authority->key, EVP_sha256()) && write_cert(cert, order->cert_file) &&
                   write_key(key, order->key_file);
    X509_free(cert);
    EVP_PKEY_free(key);
    return is_made;
}

void certs_authority_free(cert_authority *authority)
{
    if (!authority)
        return;
    X509_free(authority->cert);
    EVP_PKEY_free(authority->key);
    free(authority);
}
