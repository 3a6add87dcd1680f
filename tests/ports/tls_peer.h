/* tls_peer.h - certificates made for one test, and an `openssl s_server` that shows them. */
#ifndef TEST_TLS_PEER_H
#define TEST_TLS_PEER_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "peer.h"

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
    int fd;                    /* its standard input and output */
    char folder[TLS_PATH_CAP]; /* ca.pem signed the server; other.pem signed nothing here */
} tls_peer;

/* In the child: becomes the server, with both its standard ends on fd. */
static inline _Noreturn void tls_become_server(const tls_peer *self, const char *accept, const char *mode, int fd)
{
    int null_fd = open("/dev/null", O_WRONLY);
    bool is_ready = chdir(self->folder) == 0 && dup2(fd, STDIN_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0 &&
                    dup2(null_fd, STDERR_FILENO) >= 0; /* it complains about every client that refuses it */
    if (is_ready)
        execlp("openssl", "openssl", "s_server", "-accept", accept, "-cert", "cert.pem", "-key", "key.pem", mode,
               (char *)NULL);
    _exit(127);
}

static inline void tls_run_server(tls_peer *self, const char *accept, const char *mode)
{
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    self->pid = fork();
    ck_assert_int_ge(self->pid, 0);
    if (self->pid == 0) {
        close(ends[0]);
        tls_become_server(self, accept, mode, ends[1]);
    }
    close(ends[1]);
    self->fd = ends[0];
}

static inline void tls_read_port(tls_peer *self)
{
    FILE *output = fdopen(dup(self->fd), "re");
    char line[256];
    while (self->port == 0 && fgets(line, sizeof line, output) != NULL)
        if (sscanf(line, "ACCEPT 127.0.0.1:%d", &self->port) != 1)
            self->port = 0;
    fclose(output);
    ck_assert_msg(self->port != 0, "openssl s_server does not start");
}

/* names as in tls_identity_new, valid from now + from_s to now + to_s. */
static inline tls_peer tls_peer_prepare(const char *names, long from_s, long to_s)
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
    return self;
}

/* mode "-www": answers each GET with 200 and a page; "-WWW": with a file of the folder. */
static inline tls_peer tls_peer_start_as(const char *mode, const char *names, long from_s, long to_s)
{
    tls_peer self = tls_peer_prepare(names, from_s, to_s);
    tls_run_server(&self, "127.0.0.1:0", mode);
    tls_read_port(&self);
    return self;
}

static inline tls_peer tls_peer_start(const char *names, long from_s, long to_s)
{
    return tls_peer_start_as("-www", names, from_s, to_s);
}

/* Asks the kernel: a try to connect would be taken for the one client. */
static inline bool tls_is_listening(int port)
{
    FILE *table = fopen("/proc/net/tcp", "re");
    char line[256];
    bool is_found = false;
    while (!is_found && fgets(line, sizeof line, table) != NULL) {
        unsigned local_port, state;
        is_found = sscanf(line, " %*d: %*x:%x %*x:%*x %x", &local_port, &state) == 2 && state == 0x0a &&
                   local_port == (unsigned)port;
    }
    fclose(table);
    return is_found;
}

/* A server of one connection, whose bytes in clear go in and out at self.fd. It does not tell its port in this mode:
 * one is chosen that was free a moment ago. */
static inline tls_peer tls_peer_start_clear(const char *names)
{
    tls_peer self = tls_peer_prepare(names, -60, 3600);
    char accept_text[32];
    close(peer_listen(&self.port));
    (void)snprintf(accept_text, sizeof accept_text, "127.0.0.1:%d", self.port);
    tls_run_server(&self, accept_text, "-quiet");
    for (int i = 0; i < 500 && !tls_is_listening(self.port); i++)
        peer_sleep_ms(10);
    return self;
}

static inline void tls_peer_stop(tls_peer *self)
{
    kill(self->pid, SIGKILL);
    waitpid(self->pid, NULL, 0);
    close(self->fd);
    tls_folder_remove(self->folder);
}

#endif
