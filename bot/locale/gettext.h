/* gettext.h - readers' languages from the catalogues of GNU gettext: one file, and one text domain, a language.
 *
 * FOLDER/C.UTF-8/LC_MESSAGES/resetbot-sv.mo is Swedish: what is there is what can be read, so that a new language is a new
 * file. All of them are looked up under the locale C.UTF-8, which every Debian has: no system locale has to be made, and
 * two readers may have two languages in one process. */
#ifndef LOCALE_GETTEXT_H
#define LOCALE_GETTEXT_H

#include "resetbot/catalogue.h"
#include "resetbot/err.h"

typedef struct rb_gettext rb_gettext;

/* folder: as above; one that is not there holds no language. record: the language of the record, "en" or one that is in
 * the folder. RB_E_CONFIG: errbuf says which there are. Readers of another language read the record's. */
rb_err rb_gettext_open(const char *folder, const char *record, rb_gettext **out_languages,
                       rb_errbuf *errbuf) RB_MUST_CHECK;
/* Lives until close. */
rb_languages rb_gettext_port(rb_gettext *languages);
void rb_gettext_close(rb_gettext *languages);

/* Where the catalogues of this program are: beside it in the build tree, else where they are installed. */
#define RB_GETTEXT_FOLDER_CAP 4096
void rb_gettext_folder(char out_folder[RB_GETTEXT_FOLDER_CAP]);

/* Characters are those of UTF-8 and have widths (util/screen.h), whatever the environment says; without the system's C.UTF-8
 * each counts as one cell. */
void rb_gettext_characters(void);

#endif
