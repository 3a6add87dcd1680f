#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/key_read.h"

#define KEY_PATH_CAP (RB_CONFIG_REF_CAP + 48) /* the store's path and the longest ending of a key's file */

void setup_harden(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NAME, "resetbot"); /* after bind_at_once the kernel would call it "exe" */
    signal(SIGXFSZ, SIG_IGN);       /* a file too large is a failed write, told like any other */
    umask(S_IRWXG | S_IRWXO);
}

rb_err setup_policy(const rb_config *config, rb_policy **out_policy)
{
    rb_faults faults = {0};
    rb_err err = rb_policy_load(config->policy, out_policy, &faults);
    rb_faults_print(&faults, stderr);
    rb_faults_fini(&faults);
    return err;
}

rb_err setup_load_into(const char *file, rb_config *out_config, rb_policy **out_policy, rb_faults *faults)
{
    rb_err err = rb_config_load(file, out_config, faults);
    return err == RB_OK ? rb_policy_load(out_config->policy, out_policy, faults) : err;
}

rb_err setup_load(const char *file, rb_config *out_config, rb_policy **out_policy)
{
    rb_faults faults = {0};
    rb_err err = setup_load_into(file, out_config, out_policy, &faults);
    rb_faults_print(&faults, stderr);
    rb_faults_fini(&faults);
    return err;
}

rb_err setup_secrets(const rb_config *config, rb_config_secrets *out_secrets)
{
    rb_faults faults = {0};
    rb_err err = rb_config_load_secrets(config, out_secrets, &faults);
    rb_faults_print(&faults, stderr);
    rb_faults_fini(&faults);
    return err;
}

/* ---- languages ----------------------------------------------------------------------------------------------------------- */

rb_err setup_languages_into(const rb_config *config, rb_gettext **out_languages, rb_faults *faults)
{
    char folder[RB_GETTEXT_FOLDER_CAP];
    rb_errbuf errbuf = {""};
    rb_gettext_folder(folder);
    if (config->locale_dir[0]) {
        snprintf(folder, sizeof folder, "%s", config->locale_dir);
    }
    rb_err err = rb_gettext_open(folder, config->language, out_languages, &errbuf);
    if (err != RB_OK) {
        rb_key_place at = config->places[rb_keys_find(&RB_CONFIG_KEYS, RB_STR("language")) - RB_CONFIG_KEYS.keys];
        rb_faults_add(faults, RB_FAULT_ERROR, (rb_place){config->file, at.line, at.col}, "language: %s", errbuf.text);
    }
    return err == RB_OK ? RB_OK : RB_E_CONFIG;
}

rb_err setup_languages(const rb_config *config, rb_gettext **out_languages)
{
    rb_faults faults = {0};
    rb_err err = setup_languages_into(config, out_languages, &faults);
    rb_faults_print(&faults, stderr);
    rb_faults_fini(&faults);
    return err;
}

/* ---- the key of the buttons ---------------------------------------------------------------------------------------------- */

static rb_err read_key(const char *path, rb_mac_key *out_key)
{
    uint8_t bytes[RB_MAC_KEY_LEN + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? RB_E_NOT_FOUND : RB_E_CONFIG;
    }
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    rb_err err = n == RB_MAC_KEY_LEN ? RB_OK : RB_E_CONFIG;
    if (err == RB_OK) {
        rb_mac_key_init(out_key, bytes);
    }
    rb_wipe(bytes, sizeof bytes);
    return err;
}

/* A new file with these bytes, on disk. One that a dying process left half written is replaced. */
static bool write_new(const char *path, const uint8_t *bytes, size_t len)
{
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool is_written = fd >= 0 && write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is_written;
}

static bool sync_folder_of(const char *path)
{
    char folder[KEY_PATH_CAP];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) {
        slash[slash == folder] = '\0'; /* "/" is a folder too */
    }
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is_synced;
}

/* On disk, and its name too, before a card is signed with it. It gets its name when it is whole: a bot that dies on the
 * way leaves a file that the next one replaces, never a key of no bytes with which none would start. */
static rb_err make_key(const char *path, rb_mac_key *out_key)
{
    uint8_t bytes[RB_MAC_KEY_LEN];
    char fresh[KEY_PATH_CAP];
    rb_random random = rb_random_system();
    random.fill(random.self, bytes, sizeof bytes);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    bool is_written = write_new(fresh, bytes, sizeof bytes) && rename(fresh, path) == 0 && sync_folder_of(path);
    if (is_written) {
        rb_mac_key_init(out_key, bytes);
    }
    rb_wipe(bytes, sizeof bytes);
    return is_written ? RB_OK : RB_E_CONFIG;
}

rb_err setup_keys(const rb_config *config, const rb_config_secrets *secrets, rb_mac_key out_keys[2], size_t *out_n,
                  rb_errbuf *errbuf)
{
    char path[RB_CONFIG_REF_CAP + 32];
    char previous[KEY_PATH_CAP];
    snprintf(path, sizeof path, "%s.approval-key", rb_config_store_path(config));
    snprintf(previous, sizeof previous, "%s.previous", path);
    rb_err err;
    if (secrets->approval_key) {
        uint8_t bytes[RB_MAC_KEY_LEN];
        err = rb_config_approval_key(secrets->approval_key, bytes);
        if (err == RB_OK) {
            rb_mac_key_init(&out_keys[0], bytes);
        }
        rb_wipe(bytes, sizeof bytes);
    } else {
        err = read_key(path, &out_keys[0]);
        if (err == RB_E_NOT_FOUND) {
            err = make_key(path, &out_keys[0]);
        }
    }
    if (err != RB_OK) {
        return rb_fail(errbuf, RB_E_CONFIG,
                       "the key of the buttons cannot be read or made: check %s (32 bytes, 0600) or approval.key",
                       path);
    }
    *out_n = read_key(previous, &out_keys[1]) == RB_OK ? 2 : 1;
    return RB_OK;
}
