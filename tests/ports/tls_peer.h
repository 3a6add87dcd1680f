/* tls_peer.h - certificates made for one test, and an `openssl s_server` that shows them. */
#ifndef TEST_TLS_PEER_H
#define TEST_TLS_PEER_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define TLS_PATH_CAP 256

typedef struct {
    EVP_PKEY *key;
    X509 *cert;
} tls_identity;

static inline void tls_add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    ck_assert_ptr_nonnull(extension);
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
}

/* A certificate for subject_alt ("DNS:name"; NULL: an authority) valid from now + from_s to now + to_s, signed by
 * issuer, or by itself when NULL. */
static inline tls_identity tls_identity_new(const tls_identity *issuer, const char *subject_alt, long from_s, long to_s)
{
    static long serial = 1;
    tls_identity made = {.key = EVP_EC_gen("P-256"), .cert = X509_new()};
    X509_set_version(made.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.cert), serial++);
    X509_gmtime_adj(X509_getm_notBefore(made.cert), from_s);
    X509_gmtime_adj(X509_getm_notAfter(made.cert), to_s);
    X509_set_pubkey(made.cert, made.key);
    char name[32];
    (void)snprintf(name, sizeof name, "%s %ld", subject_alt == NULL ? "authority" : "server", serial);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.cert), "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
                               -1, 0);
    X509 *issuer_cert = issuer == NULL ? made.cert : issuer->cert;
    X509_set_issuer_name(made.cert, X509_get_subject_name(issuer_cert));
    if (subject_alt == NULL)
        tls_add_extension(made.cert, issuer_cert, NID_basic_constraints, "critical,CA:TRUE");
    else
        tls_add_extension(made.cert, issuer_cert, NID_subject_alt_name, subject_alt);
    ck_assert_int_gt(X509_sign(made.cert, issuer == NULL ? made.key : issuer->key, EVP_sha256()), 0);
    return made;
}

static inline void tls_identity_fini(tls_identity *identity)
{
    X509_free(identity->cert);
    EVP_PKEY_free(identity->key);
}

/* A new folder of its own; the caller removes it with tls_folder_remove. */
static inline void tls_folder_make(char out_path[TLS_PATH_CAP])
{
    const char *base = getenv("TMPDIR");
    (void)snprintf(out_path, TLS_PATH_CAP, "%s/resetbot-tls-XXXXXX", base != NULL ? base : P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(out_path));
}

static inline void tls_path(char out_path[TLS_PATH_CAP * 2], const char *folder, const char *name)
{
    (void)snprintf(out_path, TLS_PATH_CAP * 2, "%s/%s", folder, name);
}

static inline void tls_write_cert(const char *folder, const char *name, X509 *cert)
{
    char path[TLS_PATH_CAP * 2];
    tls_path(path, folder, name);
    FILE *file = fopen(path, "we");
    ck_assert_int_eq(PEM_write_X509(file, cert), 1);
    fclose(file);
}

static inline void tls_write_key(const char *folder, const char *name, EVP_PKEY *key)
{
    char path[TLS_PATH_CAP * 2];
    tls_path(path, folder, name);
    FILE *file = fopen(path, "we");
    ck_assert_int_eq(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
}

static inline void tls_folder_remove(const char *folder)
{
    static const char *const names[] = {"ca.pem", "other.pem", "cert.pem", "key.pem"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[TLS_PATH_CAP * 2];
        tls_path(path, folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* An `openssl s_server`. */
typedef struct {
    pid_t pid;
    int port;
    FILE *output;
    char folder[TLS_PATH_CAP]; /* ca.pem signed the server; other.pem signed nothing here */
} tls_peer;

static inline void tls_run_server(tls_peer *self, const char *mode)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    self->pid = fork();
    ck_assert_int_ge(self->pid, 0);
    if (self->pid == 0) {
        int silent = chdir(self->folder);
        (void)silent;
        dup2(ends[1], STDOUT_FILENO);
        ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr)); /* it complains about every client that refuses it */
        close(ends[0]);
        execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem", mode,
               (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    self->output = fdopen(ends[0], "re");
    char line[256];
    while (self->port == 0 && fgets(line, sizeof line, self->output) != NULL)
        if (sscanf(line, "ACCEPT 127.0.0.1:%d", &self->port) != 1)
            self->port = 0;
    ck_assert_msg(self->port != 0, "openssl s_server does not start");
}

/* mode "-www": answers each GET with 200 and a page; "-WWW": with a file of the folder.
 * names as in tls_identity_new, valid from now + from_s to now + to_s. */
static inline tls_peer tls_peer_start_as(const char *mode, const char *names, long from_s, long to_s)
{
    tls_peer self = {0};
    tls_folder_make(self.folder);
    tls_identity authority = tls_identity_new(NULL, NULL, -3600, 3600);
    tls_identity stranger = tls_identity_new(NULL, NULL, -3600, 3600);
    tls_identity server = tls_identity_new(&authority, names, from_s, to_s);
    tls_write_cert(self.folder, "ca.pem", authority.cert);
    tls_write_cert(self.folder, "other.pem", stranger.cert);
    tls_write_cert(self.folder, "cert.pem", server.cert);
    tls_write_key(self.folder, "key.pem", server.key);
    tls_identity_fini(&authority);
    tls_identity_fini(&stranger);
    tls_identity_fini(&server);
    tls_run_server(&self, mode);
    return self;
}

static inline tls_peer tls_peer_start(const char *names, long from_s, long to_s)
{
    return tls_peer_start_as("-www", names, from_s, to_s);
}

static inline void tls_peer_stop(tls_peer *self)
{
    kill(self->pid, SIGKILL);
    waitpid(self->pid, NULL, 0);
    fclose(self->output);
    tls_folder_remove(self->folder);
}

#endif
