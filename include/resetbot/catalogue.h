/* catalogue.h - readers' languages as a port: English sentences are the keys. */
#ifndef RESETBOT_CATALOGUE_H
#define RESETBOT_CATALOGUE_H

typedef struct {
    void *self;
    /* The translation of an English template (text.h), or the template itself. Lives as long as the catalogue. */
    const char *(*text)(void *self, const char *english);
} rb_catalogue;

/* English: gives each template back. */
rb_catalogue rb_catalogue_english(void);

typedef struct {
    void *self;
    /* The catalogue for a reader's locale as the chat names it: "sv-SE", "sv_SE" and "sv" find Swedish. "" and what there
     * is no catalogue for: the language of the record. */
    rb_catalogue (*of)(void *self, const char *locale);
} rb_languages;

/* Everybody reads English. */
rb_languages rb_languages_english(void);

/* Marks a sentence that stands in a table or a constant for tests/locale/update; it is translated where it is used. */
#define RB_T(english) english

#endif
