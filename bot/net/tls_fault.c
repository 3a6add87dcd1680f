#include "net/tls_fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

static const char *words(int x509_error)
{
    switch (x509_error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_INVALID_CA:
        return "unknown authority: no trusted authority has signed it; set the CA file, or look for a proxy that "
               "intercepts";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "wrong name: it was issued for another host; check the configured address";
    case X509_V_ERR_CERT_HAS_EXPIRED: return "expired: its owner must renew it; check this machine's clock too";
    case X509_V_ERR_CERT_NOT_YET_VALID: return "not valid yet: check this machine's clock";
    default: return NULL;
    }
}

void rb_tls_fault_text(const char *host, int x509_error, rb_errbuf *out_text)
{
    const char *text = words(x509_error);
    if (text != NULL)
        (void)rb_fail(out_text, RB_E_AUTH, "the certificate of %s is not accepted: %s", host, text);
    else
        (void)rb_fail(out_text, RB_E_AUTH, "the certificate of %s is not accepted: %s (OpenSSL %d)", host,
                      X509_verify_cert_error_string(x509_error), x509_error);
}

rb_err rb_tls_check_ca_file(const char *path, rb_errbuf *errbuf)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return rb_fail(errbuf, RB_E_CONFIG, "the CA file %s cannot be read: %s", path, strerror(errno));
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    (void)fclose(file);
    if (certificate == NULL) {
        ERR_clear_error();
        return rb_fail(errbuf, RB_E_CONFIG, "the CA file %s holds no certificate in PEM form", path);
    }
    X509_free(certificate);
    return RB_OK;
}
