/* said_words.h - English for the tests, and a look at what they make the bot say: with RESETBOT_UNTRANSLATED naming a file,
 * each sentence that has no Swedish translation is appended to it, one a line. tests/unit/locale_test.sh said runs them so.
 * It finds what tests/locale/update cannot: sentences of tables that were never marked. */
#ifndef TESTS_SAID_WORDS_H
#define TESTS_SAID_WORDS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "locale/gettext.h"
#include "resetbot/catalogue.h"

#define SAID static __attribute__((unused))

SAID rb_catalogue said_swedish(void)
{
    static rb_gettext *languages; /* for the life of the test */
    char folder[4096];
    rb_errbuf errbuf = {""};
    const char *build = getenv("RESETBOT_BUILD");

    (void)snprintf(folder, sizeof folder, "%s/locale", build ? build : "build");
    if (!languages && rb_gettext_open(folder, "sv", &languages, &errbuf) != RB_OK) {
        fprintf(stderr, "%s\n", errbuf.text);
        exit(2);
    }
    rb_languages port = rb_gettext_port(languages);
    return port.of(port.self, "sv");
}

SAID bool said_is_translated(const char *english)
{
    rb_catalogue swedish = said_swedish();

    return swedish.text(swedish.self, english) != english;
}

/* "sentence (facts)", as rb_word_stored takes it. */
SAID bool said_has_translated_head(const char *english)
{
    char head[512];
    bool is_found = false;

    for (const char *at = strstr(english, " ("); at && !is_found; at = strstr(at + 1, " (")) {
        (void)snprintf(head, sizeof head, "%.*s", (int)(at - english), english);
        is_found = said_is_translated(head);
    }
    return is_found && english[strlen(english) - 1] == ')';
}

/* English at another address: what is not translated is known by its own. */
SAID const char *said_copy(const char *english)
{
    static char *copies[1024];
    size_t i = 0;

    while (i < sizeof copies / sizeof *copies - 1 && copies[i] && strcmp(copies[i], english) != 0)
        i++;
    if (!copies[i])
        copies[i] = strdup(english);
    return copies[i];
}

/* What has no blank is no sentence: vendors' words and names of errors are shown as they come. */
SAID const char *said_text(void *self, const char *english)
{
    if (said_is_translated(english))
        return said_copy(english);
    FILE *to = strchr(english, ' ') && !said_has_translated_head(english) ? fopen(self, "a") : NULL;
    if (to) {
        fprintf(to, "%s\n", english);
        fclose(to);
    }
    return english;
}

SAID rb_catalogue said_catalogue(void)
{
    char *file = getenv("RESETBOT_UNTRANSLATED");

    return file && file[0] ? (rb_catalogue){file, said_text} : rb_catalogue_english();
}

SAID rb_catalogue said_of(void *self, const char *locale)
{
    (void)self;
    (void)locale;
    return said_catalogue();
}

SAID rb_languages said_languages(void)
{
    return (rb_languages){NULL, said_of};
}

#endif
