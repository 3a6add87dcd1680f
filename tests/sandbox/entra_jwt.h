/* entra_jwt.h - a client assertion as Entra checks it (intune.md 3). */
#ifndef SANDBOX_ENTRA_JWT_H
#define SANDBOX_ENTRA_JWT_H

#include <stdint.h>

typedef struct {
    const char *client_id;
    const char *audience; /* this token endpoint, as the caller addressed it */
    const char *tenant;   /* as it stands in the path: the global cloud's own address is an audience too */
    const char *cert_pem; /* NULL: thumbprint and signature are checked for their form alone */
    int64_t now_ms;
} entra_expected;

/* 0 when the assertion is good; else the AADSTS number, and out_reason (a literal) says why. Accepted are PS256 with
 * x5t#S256 and RS256 with x5t. */
int entra_jwt_check(const char *assertion, const entra_expected *expected, const char **out_reason);

#endif
