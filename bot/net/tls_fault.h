/* tls_fault.h - what is wrong with a certificate, in the same words for HTTP and websockets. */
#ifndef NET_TLS_FAULT_H
#define NET_TLS_FAULT_H

#include "resetbot/err.h"

/* x509_error is an X509_V_ERR_ number. Writes the sentence: unknown authority, wrong name, expired ... */
void rb_tls_fault_text(const char *host, int x509_error, rb_errbuf *out_text);

/* RB_E_CONFIG when the file cannot be read or holds no certificate: both libraries would only log that. */
rb_err rb_tls_check_ca_file(const char *path, rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
