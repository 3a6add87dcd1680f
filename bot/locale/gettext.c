/* gettext.c - see gettext.h. */
#include "locale/gettext.h"

#include <dirent.h>
#include <libintl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resetbot/limits.h"
#include "resetbot/str.h"

#define LOCALE "C.UTF-8"
#define WITHIN "/" LOCALE "/LC_MESSAGES"
#define PREFIX "resetbot-"
#define SUFFIX ".mo"
#define LANGUAGES_MAX 64 /* ours; Slack itself has fewer */

typedef struct {
    char name[RB_LOCALE_CAP]; /* "sv", "pt_BR" */
    char domain[sizeof PREFIX + RB_LOCALE_CAP];
} language;

struct rb_gettext {
    language languages[LANGUAGES_MAX];
    size_t n;
    rb_catalogue record;
};

/* ---- which there are ------------------------------------------------------------------------------------------------ */

/* The language of a file's name; empty when it is none. */
static rb_str language_of(const char *file)
{
    rb_str name = rb_str_of(file);
    size_t around = sizeof PREFIX - 1 + sizeof SUFFIX - 1;
    bool is_catalogue = name.len > around && name.len - around < RB_LOCALE_CAP && rb_str_starts(name, RB_STR(PREFIX)) &&
                        strcmp(file + name.len - (sizeof SUFFIX - 1), SUFFIX) == 0;
    return is_catalogue ? (rb_str){file + sizeof PREFIX - 1, name.len - around} : (rb_str){"", 0};
}

static void add_language(rb_gettext *self, const char *folder, rb_str name)
{
    if (name.len == 0 || self->n == LANGUAGES_MAX) {
        return;
    }
    language *added = &self->languages[self->n++];
    memcpy(added->name, name.ptr, name.len); /* as long as language_of lets it be; the rest is zeroed */
    memcpy(added->domain, PREFIX, sizeof PREFIX - 1);
    memcpy(added->domain + sizeof PREFIX - 1, name.ptr, name.len);
    (void)bindtextdomain(added->domain, folder);
    (void)bind_textdomain_codeset(added->domain, "UTF-8");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const language *)a)->name, ((const language *)b)->name);
}

static void find_languages(rb_gettext *self, const char *folder)
{
    char within[RB_GETTEXT_FOLDER_CAP + sizeof WITHIN];
    (void)snprintf(within, sizeof within, "%s" WITHIN, folder);
    DIR *files = opendir(within);
    for (const struct dirent *file = files ? readdir(files) : NULL; file; file = readdir(files)) {
        add_language(self, folder, language_of(file->d_name));
    }
    if (files) {
        closedir(files);
    }
    qsort(self->languages, self->n, sizeof *self->languages, by_name);
}

/* ---- a reader's ----------------------------------------------------------------------------------------------------- */

/* Does the English sentence have the {name} that begins here? */
static bool has_name(const char *english, const char *name)
{
    size_t len = strcspn(name, "}") + 1;
    for (const char *at = strchr(english, '{'); at; at = strchr(at + 1, '{')) {
        if (strncmp(at, name, len) == 0) {
            return true;
        }
    }
    return false;
}

/* A catalogue may be older than the program, or somebody's own: filling in a {name} that nobody gives would end the bot. */
static bool is_fillable(const char *english, const char *translation)
{
    for (const char *name = strchr(translation, '{'); name; name = strchr(name + 1, '{')) {
        if (!has_name(english, name)) {
            return false;
        }
    }
    return true;
}

static const char *translated(void *self, const char *english)
{
    if (!english[0]) { /* its translation is the file's header */
        return english;
    }
    const char *translation = dgettext(((const language *)self)->domain, english);
    return translation == english || is_fillable(english, translation) ? translation : english;
}

static bool is_english(const char *locale)
{
    return strncmp(locale, "en", 2) == 0 && (locale[2] == '\0' || locale[2] == '-' || locale[2] == '_');
}

/* "sv-SE" is "sv_SE"; how many characters are compared. */
static bool is_same(const char *name, const char *locale, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char wanted = locale[i] == '-' ? '_' : locale[i];
        if (name[i] != wanted) {
            return false;
        }
    }
    return name[len] == '\0';
}

static language *find(rb_gettext *self, const char *locale, size_t len)
{
    for (size_t i = 0; i < self->n; i++) {
        if (is_same(self->languages[i].name, locale, len)) {
            return &self->languages[i];
        }
    }
    return NULL;
}

/* The locale itself, else its language in general: "pt-BR" may have a file of its own beside "pt". */
static rb_catalogue catalogue_of(void *self, const char *locale)
{
    rb_gettext *all = self;
    language *found = locale[0] ? find(all, locale, strlen(locale)) : NULL;
    if (!found && locale[0]) {
        found = find(all, locale, strcspn(locale, "-_"));
    }
    if (found) {
        return (rb_catalogue){found, translated};
    }
    return is_english(locale) ? rb_catalogue_english() : all->record;
}

/* ---- life ----------------------------------------------------------------------------------------------------------- */

static rb_err no_language(const rb_gettext *self, const char *folder, const char *wanted, rb_errbuf *errbuf)
{
    rb_buf names;
    rb_buf_init(&names, sizeof errbuf->text);
    rb_buf_adds(&names, "en");
    for (size_t i = 0; i < self->n; i++) {
        rb_buf_addf(&names, " %s", self->languages[i].name);
    }
    rb_err err = rb_fail(errbuf, RB_E_CONFIG, "there is no language %s in %s: write one of: %s", wanted, folder,
                         rb_buf_cstr(&names));
    rb_buf_fini(&names);
    return err;
}

rb_err rb_gettext_open(const char *folder, const char *record, rb_gettext **out_languages, rb_errbuf *errbuf)
{
    rb_gettext *self = calloc(1, sizeof *self);
    if (!self) {
        return rb_fail(errbuf, RB_E_NOMEM, "out of memory for languages");
    }
    (void)unsetenv("LANGUAGE"); /* it would go before what is asked for here (gettext(3)) */
    if (!setlocale(LC_MESSAGES, LOCALE)) {
        free(self);
        return rb_fail(errbuf, RB_E_CONFIG, "the system's locale " LOCALE " is missing: install libc-bin");
    }
    find_languages(self, folder);
    self->record = rb_catalogue_english();
    language *found = find(self, record, strlen(record));
    if (found) {
        self->record = (rb_catalogue){found, translated};
    } else if (!is_english(record)) {
        rb_err err = no_language(self, folder, record, errbuf);
        free(self);
        return err;
    }
    *out_languages = self;
    return RB_OK;
}

rb_languages rb_gettext_port(rb_gettext *languages)
{
    return (rb_languages){languages, catalogue_of};
}

void rb_gettext_close(rb_gettext *languages)
{
    free(languages);
}

void rb_gettext_folder(char out_folder[RB_GETTEXT_FOLDER_CAP])
{
    char program[RB_GETTEXT_FOLDER_CAP - sizeof "/locale"];
    char within[RB_GETTEXT_FOLDER_CAP + sizeof WITHIN] = "";
    struct stat found;
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    program[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash) {
        *slash = '\0';
        (void)snprintf(out_folder, RB_GETTEXT_FOLDER_CAP, "%s/locale", program);
        (void)snprintf(within, sizeof within, "%s" WITHIN, out_folder); /* /usr/bin/locale is a program of libc-bin's */
    }
    if (stat(within, &found) != 0) {
        (void)snprintf(out_folder, RB_GETTEXT_FOLDER_CAP, "%s", RESETBOT_LOCALE_FOLDER);
    }
}

void rb_gettext_characters(void)
{
    (void)setlocale(LC_CTYPE, LOCALE);
}
