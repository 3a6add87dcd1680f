/* secret.c - see resetbot/secret.h. */
#include "resetbot/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* a private key with its chain is a few KiB; more is the wrong file */
#define SECRET_MAX ((size_t)64 * 1024)
#define PATH_CAP 4096

struct rb_secret {
    size_t len;
    char bytes[]; /* and a NUL */
};

/* Zeroed memory for len bytes and a NUL. */
static rb_secret *allocate(size_t len)
{
    if (len > SIZE_MAX - sizeof(rb_secret) - 1)
        return NULL;
    rb_secret *secret = calloc(1, sizeof *secret + len + 1);
    if (secret)
        secret->len = len;
    return secret;
}

rb_secret *rb_secret_new(rb_str text)
{
    rb_secret *secret = allocate(text.len);

    if (secret && text.len > 0)
        memcpy(secret->bytes, text.ptr, text.len);
    return secret;
}

void rb_secret_free(rb_secret *secret)
{
    if (!secret)
        return;
    rb_wipe(secret->bytes, secret->len);
    free(secret);
}

rb_str rb_secret_reveal(const rb_secret *secret)
{
    return secret ? (rb_str){secret->bytes, secret->len} : (rb_str){"", 0};
}

/* ---- references ------------------------------------------------------------------------------------------------- */

static void cut_newline(rb_secret *secret)
{
    if (secret->len > 0 && secret->bytes[secret->len - 1] == '\n')
        secret->bytes[--secret->len] = '\0';
}

/* Reads up to len bytes; the number read, or -1. */
static ssize_t read_all(int fd, char *to, size_t len)
{
    size_t have = 0;

    while (have < len) {
        ssize_t got = read(fd, to + have, len - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

/* The content of an open file. `is_private` demands that only its owner can get at it. */
static rb_err read_file(int fd, const char *reference, bool is_private, rb_secret **out_secret, rb_errbuf *errbuf)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return rb_fail(errbuf, RB_E_CONFIG, "%s is not a plain file: name the file that holds the secret", reference);
    if (is_private && (st.st_mode & (S_IRWXG | S_IRWXO)))
        return rb_fail(errbuf, RB_E_CONFIG, "%s can be read by others: run chmod 600 on it", reference);
    if (st.st_size > (off_t)SECRET_MAX)
        return rb_fail(errbuf, RB_E_CONFIG, "%s is larger than %zu bytes: is it the right file?", reference,
                       SECRET_MAX);
    rb_secret *secret = allocate((size_t)st.st_size);
    if (!secret)
        return rb_fail(errbuf, RB_E_NOMEM, "out of memory while reading %s", reference);
    ssize_t got = read_all(fd, secret->bytes, secret->len);
    if (got < 0) {
        rb_secret_free(secret);
        return rb_fail(errbuf, RB_E_CONFIG, "%s cannot be read: %s", reference, strerror(errno));
    }
    secret->len = (size_t)got;
    cut_newline(secret);
    if (secret->len == 0) {
        rb_secret_free(secret);
        return rb_fail(errbuf, RB_E_CONFIG, "%s is empty: put the secret into it", reference);
    }
    *out_secret = secret;
    return RB_OK;
}

static rb_err load_path(const char *path, const char *reference, bool is_private, rb_secret **out_secret,
                        rb_errbuf *errbuf)
{
    /* O_NONBLOCK: opening a FIFO by mistake must not hang the start */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return rb_fail(errbuf, RB_E_CONFIG, "%s cannot be opened: %s", reference, strerror(errno));
    rb_err err = read_file(fd, reference, is_private, out_secret, errbuf);
    (void)close(fd);
    return err;
}

static rb_err load_credential(const char *name, const char *reference, rb_secret **out_secret, rb_errbuf *errbuf)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_CAP];

    if (!folder || !*folder)
        return rb_fail(errbuf, RB_E_CONFIG,
                       "%s needs systemd (CREDENTIALS_DIRECTORY is not set): add LoadCredential= to the unit",
                       reference);
    if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return rb_fail(errbuf, RB_E_CONFIG, "%s is not the name of a credential: use a name without /", reference);
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof path)
        return rb_fail(errbuf, RB_E_CONFIG, "%s has a path that is too long", reference);
    /* systemd guards these by an access list, whose mask shows as group rights */
    return load_path(path, reference, false, out_secret, errbuf);
}

static rb_err load_env(const char *name, const char *reference, rb_secret **out_secret, rb_errbuf *errbuf)
{
    const char *value = getenv(name);

    if (!value || !*value)
        return rb_fail(errbuf, RB_E_CONFIG, "%s is not set: set it, or use file:PATH", reference);
    rb_secret *secret = rb_secret_new(rb_str_of(value));
    if (!secret)
        return rb_fail(errbuf, RB_E_NOMEM, "out of memory while reading %s", reference);
    cut_newline(secret);
    *out_secret = secret;
    return RB_OK;
}

rb_err rb_secret_load(const char *reference, rb_secret **out_secret, rb_errbuf *errbuf)
{
    const char *name = reference ? strchr(reference, ':') : NULL;

    if (name && name[1] && rb_str_starts(rb_str_of(reference), RB_STR("file:")))
        return load_path(name + 1, reference, true, out_secret, errbuf);
    if (name && name[1] && rb_str_starts(rb_str_of(reference), RB_STR("credential:")))
        return load_credential(name + 1, reference, out_secret, errbuf);
    if (name && name[1] && rb_str_starts(rb_str_of(reference), RB_STR("env:")))
        return load_env(name + 1, reference, out_secret, errbuf);
    /* not echoed: who writes no reference has often written the secret itself */
    return rb_fail(errbuf, RB_E_CONFIG, "a secret is given by reference: write file:PATH, credential:NAME or env:NAME");
}
