/* tls.h - a throwaway authority, made at start, and listeners with a good and three bad certificates. */
#ifndef SANDBOX_TLS_H
#define SANDBOX_TLS_H

/* Writes ca.pem, other-ca.pem and the certificates into dir (NULL: a new temporary folder), starts the listeners and
 * prints "tls-dir DIR" and "listening-KIND https://127.0.0.1:PORT" for expired, wrong-name and unknown-authority.
 * Returns the good one's port, -1 on failure. */
int tls_listen(const char *dir);
/* Removes what was written into a folder of our own. */
void tls_fini(void);

#endif
