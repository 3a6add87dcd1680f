/* doctor_files.c - configuration, policy, languages, secrets, store and disk: what needs no network. */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "resetbot/clock.h"
#include "store/lock.h"
#include "store/sqlite_store.h"

#define DISK_LEAST_MB 100 /* ours: some ten thousand requests, and the log while it is folded in */
#define MB ((unsigned long long)1024 * 1024)
#define STATE_FOLDER "/var/lib/resetbot" /* StateDirectory= of config/resetbot.service */
#define PATH_ROOM (RB_CONFIG_REF_CAP + 32)

/* ---- configuration ------------------------------------------------------------------------------------------------------ */

/* The first error, which says what to do, and where the others are named. */
static void tell_faults(doctor *self, doctor_check check, rb_faults *faults)
{
    size_t i = 0;
    rb_faults_sort(faults);
    while (i < faults->n && rb_faults_parts(faults, i).level != RB_FAULT_ERROR) {
        i++;
    }
    if (i == faults->n) {
        doctor_failed(self, check, "", "out of memory");
    } else if (faults->n_errors == 1) {
        doctor_failed(self, check, "", "%s", rb_faults_line(faults, i));
    } else {
        doctor_failed(self, check, "", "%s (resetbot check-config%s names all %zu faults)", rb_faults_line(faults, i),
                      check == DOCTOR_SECRETS ? " --secrets" : "", faults->n_errors);
    }
}

static void add_warnings(rb_buf *out, const rb_faults *faults)
{
    if (faults->n > 0) {
        rb_buf_addf(out, "; warnings: %zu, which resetbot check-config names", faults->n);
    }
}

/* Who writes these files decides who may do what. */
static bool is_writable_by_others(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && (st.st_mode & (S_IWGRP | S_IWOTH));
}

static void tell_file(doctor *self, doctor_check check, const char *path, const char *version, const rb_faults *faults)
{
    rb_buf warnings;
    rb_buf_init(&warnings, 256);
    add_warnings(&warnings, faults);
    if (is_writable_by_others(path)) {
        doctor_failed(self, check, "let only its owner write to it (chmod go-w)", "%s can be changed by others", path);
    } else {
        doctor_ok(self, check, "%s%s%s%s", path, version[0] ? ", version " : "", version, rb_buf_cstr(&warnings));
    }
    rb_buf_fini(&warnings);
}

static void look_at_config(doctor *self, const char *file)
{
    rb_faults faults = {0};
    if (rb_config_load(file, &self->config, &faults) == RB_OK) {
        tell_file(self, DOCTOR_CONFIG, file, "", &faults);
    } else {
        tell_faults(self, DOCTOR_CONFIG, &faults);
    }
    rb_faults_fini(&faults);
}

static void look_at_policy(doctor *self)
{
    rb_faults faults = {0};
    if (rb_policy_load(self->config.policy, &self->policy, &faults) == RB_OK) {
        tell_file(self, DOCTOR_POLICY, self->config.policy, self->policy->version, &faults);
    } else {
        tell_faults(self, DOCTOR_POLICY, &faults);
    }
    rb_faults_fini(&faults);
}

static void look_at_languages(doctor *self)
{
    rb_faults faults = {0};
    if (setup_languages_into(&self->config, &self->languages, &faults) == RB_OK) {
        doctor_ok(self, DOCTOR_LANGUAGES, "the record is written in: %s", self->config.language);
    } else {
        tell_faults(self, DOCTOR_LANGUAGES, &faults);
    }
    rb_faults_fini(&faults);
}

/* systemd guards its own folder by an access list, whose mask shows as group rights; any other, which stands in for it, is
 * guarded by its modes alone. */
static bool is_systemds(const char *folder)
{
    char real[PATH_MAX];
    return realpath(folder, real) && rb_str_starts(rb_str_of(real), RB_STR("/run/credentials/"));
}

static bool is_open(const char *path, mode_t *out_mode)
{
    struct stat st;
    bool is_there = stat(path, &st) == 0;
    *out_mode = is_there ? st.st_mode & 07777 : 0;
    return is_there && (st.st_mode & (S_IRWXG | S_IRWXO));
}

/* Of the secrets that are credentials: their folder, and each file. */
static void note_open_credentials(const rb_config *config, rb_buf *troubles)
{
    const char *const references[] = {config->slack.app_token, config->slack.bot_token, config->intune.credential,
                                      config->approval_key};
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    const rb_str prefix = RB_STR("credential:");
    size_t n = 0;
    mode_t mode = 0;
    if (!folder || is_systemds(folder)) {
        return;
    }
    for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
        char file[PATH_MAX];
        if (!rb_str_starts(rb_str_of(references[i]), prefix)) {
            continue;
        }
        if (n++ == 0 && is_open(folder, &mode)) {
            doctor_note(troubles, "the folder %s is open to others (mode %03o): run chmod 700 on it", folder,
                        (unsigned)mode);
        }
        snprintf(file, sizeof file, "%s/%s", folder, references[i] + prefix.len);
        if (is_open(file, &mode)) {
            doctor_note(troubles, "%s can be read by others (mode %03o): run chmod 600 on it", file, (unsigned)mode);
        }
    }
}

static void look_at_secrets(doctor *self)
{
    rb_faults faults = {0};
    rb_buf troubles;
    rb_buf_init(&troubles, DOCTOR_TEXT_CAP);
    note_open_credentials(&self->config, &troubles);
    if (rb_config_load_secrets(&self->config, &self->secrets, &faults) != RB_OK) {
        tell_faults(self, DOCTOR_SECRETS, &faults);
    } else if (troubles.len > 0) {
        doctor_failed(self, DOCTOR_SECRETS, "", "%s", rb_buf_cstr(&troubles));
    } else {
        doctor_ok(self, DOCTOR_SECRETS, "all can be read, and each is of its kind");
    }
    rb_buf_fini(&troubles);
    rb_faults_fini(&faults);
}

/* ---- store ------------------------------------------------------------------------------------------------------------ */

static void folder_of(const char *path, char out_folder[PATH_ROOM])
{
    snprintf(out_folder, PATH_ROOM, "%s", path);
    char *slash = strrchr(out_folder, '/');
    if (!slash) {
        snprintf(out_folder, PATH_ROOM, ".");
    } else {
        slash[slash == out_folder] = '\0'; /* "/" is a folder too */
    }
}

static bool may_write(const char *path)
{
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

/* Root may write everywhere, the service only as its folder's user: what another user made in it stops it. */
static bool is_anothers(uid_t owner, uid_t folder_owner)
{
    return geteuid() == 0 && owner != folder_owner;
}

/* One of the files of a store in a folder of that owner. False: told. */
static bool is_file_sound(doctor *self, const char *file, uid_t folder_owner)
{
    struct stat st;
    if (lstat(file, &st) != 0) {
        return true;
    }
    if (!S_ISREG(st.st_mode)) {
        doctor_failed(self, DOCTOR_STORE, "name another path in store.url", "%s is no plain file", file);
    } else if (st.st_mode & (S_IRWXG | S_IRWXO)) {
        doctor_failed(self, DOCTOR_STORE, "run chmod 600 on it", "%s can be read by others (mode %03o)", file,
                      st.st_mode & 0777U);
    } else if (is_anothers(st.st_uid, folder_owner)) {
        doctor_failed(self, DOCTOR_STORE, "give it to that user (chown), or the bot cannot open it",
                      "%s belongs to user %lu, but its folder to user %lu", file, (unsigned long)st.st_uid,
                      (unsigned long)folder_owner);
    } else if (!may_write(file)) {
        doctor_failed(self, DOCTOR_STORE, "make it belong to the bot's user, and run doctor as that user or as root",
                      "%s cannot be written to: %s", file, strerror(errno));
    } else {
        return true;
    }
    return false;
}

/* The store, and what lies beside it. False: told. */
static bool are_rights_sound(doctor *self, const char *path, uid_t folder_owner)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".lock", ".approval-key", ".approval-key.previous"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char file[PATH_ROOM + 32];
        snprintf(file, sizeof file, "%s%s", path, ends[i]);
        if (!is_file_sound(self, file, folder_owner)) {
            return false;
        }
    }
    return true;
}

/* Made at the first start, where the configuration names none; the bot does not start with half of one. */
static bool is_key_sound(doctor *self, const char *path)
{
    char file[PATH_ROOM + 32];
    struct stat st;
    snprintf(file, sizeof file, "%s.approval-key", path);
    if (self->config.approval_key[0] || stat(file, &st) != 0 || st.st_size == RB_MAC_KEY_LEN) {
        return true;
    }
    doctor_failed(self, DOCTOR_STORE,
                  "restore it from a backup, or remove it: the buttons of open cards then do nothing",
                  "%s is no key of %d bytes", file, RB_MAC_KEY_LEN);
    return false;
}

static void look_inside(doctor *self, const char *path)
{
    rb_sqlite *store = NULL;
    rb_errbuf errbuf = {""};
    long pid = 0;
    rb_err err = rb_sqlite_open_reader(self->config.store_url, rb_clock_system(), &store, &errbuf);
    if (err == RB_OK) {
        err = rb_sqlite_check(store, &errbuf);
    }
    rb_sqlite_close(store);
    if (err != RB_OK) {
        doctor_failed(self, DOCTOR_STORE, "", "%s", errbuf.text);
    } else if (rb_lock_is_held(path, &pid)) {
        doctor_ok(self, DOCTOR_STORE, "%s is whole; a bot is running on it (pid %ld)", path, pid);
    } else {
        doctor_ok(self, DOCTOR_STORE, "%s is whole; no bot is running on it", path);
    }
}

static void look_at_store(doctor *self)
{
    const char *path = rb_config_store_path(&self->config);
    char folder[PATH_ROOM];
    struct stat st;
    folder_of(path, folder);
    if (stat(folder, &st) != 0 && strcmp(folder, STATE_FOLDER) == 0) {
        doctor_skipped(self, DOCTOR_STORE, "%s is not there yet: the systemd unit makes it at the first start", folder);
    } else if (stat(folder, &st) != 0) {
        doctor_failed(self, DOCTOR_STORE, "make the folder for the bot's user alone, or mend store.url", "%s: %s",
                      folder, strerror(errno));
    } else if (!may_write(folder)) {
        doctor_failed(self, DOCTOR_STORE, "make it belong to the bot's user, and run doctor as that user or as root",
                      "%s cannot be written to: %s", folder, strerror(errno));
    } else if (are_rights_sound(self, path, st.st_uid) && is_key_sound(self, path)) {
        if (stat(path, &st) == 0) {
            look_inside(self, path);
        } else {
            doctor_ok(self, DOCTOR_STORE, "%s is not there yet: the first run makes it", path);
        }
    }
}

static void look_at_disk(doctor *self)
{
    char folder[PATH_ROOM];
    struct statvfs disk;
    folder_of(rb_config_store_path(&self->config), folder);
    if (statvfs(folder, &disk) != 0) {
        doctor_skipped(self, DOCTOR_DISK, "%s: %s", folder, strerror(errno));
        return;
    }
    unsigned long long free_mb = (unsigned long long)disk.f_bavail * disk.f_frsize / MB;
    if (free_mb < DISK_LEAST_MB) {
        doctor_failed(self, DOCTOR_DISK, "free some: a bot that cannot save stops", "%s has %llu MB left", folder,
                      free_mb);
    } else {
        doctor_ok(self, DOCTOR_DISK, "%s has %llu MB left", folder, free_mb);
    }
}

void doctor_look_at_files(doctor *self, const char *file)
{
    look_at_config(self, file);
    if (!self->config.file[0]) {
        return;
    }
    look_at_policy(self);
    look_at_languages(self);
    look_at_secrets(self);
    look_at_store(self);
    look_at_disk(self);
}
