#include "tls.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "certs.h"
#include "server.h"

static const struct {
    const char *kind;
    const char *names;
    bool is_expired;
    bool by_other_authority;
} kinds[] = {{"https", "IP:127.0.0.1,DNS:localhost", false, false},
             {"expired", "IP:127.0.0.1,DNS:localhost", true, false},
             {"wrong-name", "DNS:elsewhere.example", false, false},
             {"unknown-authority", "IP:127.0.0.1,DNS:localhost", false, true}};

#define N_KINDS (sizeof kinds / sizeof kinds[0])

static struct {
    char *dir;
    bool is_ours;
} tls;

static char *file_in_dir(const char *name, const char *ending)
{
    return sb_strf("%s/%s%s", tls.dir, name, ending);
}

/* The port, or -1. */
static int listen_kind(size_t kind, const cert_authority *authority)
{
    char *cert_file = file_in_dir(kinds[kind].kind, ".pem");
    char *key_file = file_in_dir(kinds[kind].kind, ".key");
    int port = -1;
    bool is_up =
        certs_issue(authority, &(cert_order){.names = kinds[kind].names,
                                             .is_expired = kinds[kind].is_expired,
                                             .cert_file = cert_file,
                                             .key_file = key_file}) &&
        server_listen(&(server_listener){.label = kinds[kind].kind, .cert_file = cert_file, .key_file = key_file},
                      &port);
    if (is_up && kind)
        printf("listening-%s https://127.0.0.1:%d\n", kinds[kind].kind, port);
    free(cert_file);
    free(key_file);
    return is_up ? port : -1;
}

static int listen_all(const cert_authority *authority, const cert_authority *other)
{
    int good_port = -1;
    for (size_t kind = 0; kind < N_KINDS; kind++) {
        int port = listen_kind(kind, kinds[kind].by_other_authority ? other : authority);
        if (port < 0)
            return -1;
        if (!kind)
            good_port = port;
    }
    return good_port;
}

static bool make_dir(const char *dir)
{
    const char *parent = getenv("TMPDIR");
    tls.is_ours = !dir;
    tls.dir = dir ? sb_strdup(dir) : sb_strf("%s/resetbot-sandbox-XXXXXX", parent ? parent : P_tmpdir);
    if (!dir)
        return mkdtemp(tls.dir) != NULL;
    mkdir(tls.dir, 0700); /* may exist; writing will tell */
    return true;
}

int tls_listen(const char *dir)
{
    if (!make_dir(dir))
        return -1;
    char *ca_file = file_in_dir("ca", ".pem");
    char *other_file = file_in_dir("other-ca", ".pem");
    cert_authority *authority = certs_authority_new("resetbot sandbox authority", ca_file);
    cert_authority *other = certs_authority_new("another authority", other_file);
    int port = authority && other ? listen_all(authority, other) : -1;
    if (port > 0)
        printf("tls-dir %s\n", tls.dir);
    else
        fprintf(stderr, "resetbot-sandbox: no TLS listener: is %s writable?\n", tls.dir);
    certs_authority_free(authority);
    certs_authority_free(other);
    free(ca_file);
    free(other_file);
    return port;
}

static void remove_file(const char *name, const char *ending)
{
    char *file = file_in_dir(name, ending);
    unlink(file);
    free(file);
}

void tls_fini(void)
{
    for (size_t kind = 0; tls.is_ours && tls.dir && kind < N_KINDS; kind++) {
        remove_file(kinds[kind].kind, ".pem");
        remove_file(kinds[kind].kind, ".key");
    }
    if (tls.is_ours && tls.dir) {
        remove_file("ca", ".pem");
        remove_file("other-ca", ".pem");
        rmdir(tls.dir);
    }
    free(tls.dir);
    tls.dir = NULL;
}
