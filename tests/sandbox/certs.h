/* certs.h - certificates made on the spot with OpenSSL: an authority, and leaves with chosen faults. */
#ifndef SANDBOX_CERTS_H
#define SANDBOX_CERTS_H

#include <stdbool.h>

typedef struct cert_authority cert_authority;

typedef struct {
    const char *names;     /* subjectAltName, e.g. "IP:127.0.0.1,DNS:localhost" */
    bool is_expired;       /* ended yesterday */
    const char *cert_file; /* written, PEM */
    const char *key_file;
} cert_order;

/* NULL when OpenSSL fails or the file cannot be written. */
cert_authority *certs_authority_new(const char *name, const char *cert_file);
bool certs_issue(const cert_authority *authority, const cert_order *order);
void certs_authority_free(cert_authority *authority);

#endif
